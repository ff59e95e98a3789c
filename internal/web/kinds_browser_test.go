package web_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web"
	"github.com/comity-project/comity/internal/web/door"
)

// walk is a house with its whole site and a browser before it.
type walk struct {
	*nodetest.House
	t    *testing.T
	base string
	b    *browser.Browser
	pics string
}

func newWalk(t *testing.T) *walk {
	t.Helper()
	h := nodetest.Staff(t, nodetest.Open(t, store.SQLite, nodetest.NewClock()))
	cat, err := lang.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	d := door.New(h.App)
	d.States = map[string]string{"XR": "Karsovia", "XA": "Toren", "XB": "Alvania", "XN": "Norland"}
	site, err := web.Site(d, web.Options{Catalogue: cat, Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	return &walk{House: h, t: t, base: server.URL, b: browser.Start(t), pics: browser.Pictures(t)}
}

// as is a person before the browser, signed in.
func (w *walk) as(who access.Actor) *browser.Visitor {
	w.t.Helper()
	v := w.b.Visitor(w.t)
	c := w.SignIn(who)
	v.Open(w.base + "/sign-in")
	v.Cookie(w.base, c.Name, c.Value)
	return v
}

// looks checks a page for its shape and with axe-core, and takes its picture.
func (w *walk) looks(v *browser.Visitor, name string) {
	w.t.Helper()
	v.Accessible()
	v.Screenshot(filepath.Join(w.pics, "kinds-"+name+".png"))
	v.Size(360, 740)
	v.NoSidewaysScroll()
	v.Screenshot(filepath.Join(w.pics, "kinds-"+name+"-small.png"))
	v.Size(1280, 900)
}

// begin has the exporter choose a kind, and fills in what every application
// holds; what the kind itself asks is left to the browser.
func (w *walk) begin(v *browser.Visitor, kind, title string) string {
	w.t.Helper()
	v.Open(w.base + "/exporter")
	v.Press("Start an application")
	v.Press(title)
	v.Sees(title)
	id := v.URL()[strings.LastIndex(v.URL(), "/")+1:]
	k, err := w.App.KindOf(kind)
	if err != nil {
		w.t.Fatal(err)
	}
	a := w.ApplicationOf(kind, nodetest.Example(w.t, "12"))
	a.ID, a.Declaration = id, licensing.Declaration{}
	a.Answers = slices.DeleteFunc(a.Answers, func(x licensing.Answer) bool {
		return slices.ContainsFunc(k.Asks, func(g licensing.Paragraph) bool { return g.ID == x.Paragraph })
	})
	ctx := context.Background()
	d, err := w.App.Draft(ctx, w.Applicant, id)
	if err == nil {
		d.Body, err = json.Marshal(a)
	}
	if err == nil {
		_, err = w.App.SaveDraft(ctx, w.Applicant, d)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	v.Reload()
	return id
}

func (w *walk) submit(v *browser.Visitor, id string) {
	w.t.Helper()
	v.Open(w.base + "/exporter/drafts/" + id + "/declaration")
	v.Choose("I make this declaration")
	v.Fill("Your full name", "Ada Quill")
	v.Press("Submit the application")
	v.Sees("XX-2026-")
	w.Do(w.Coordinator, licensing.Assign{On: licensing.On{Case: id}, Officer: w.Officer.Account})
}

// decide carries a case through recommendation and decision by the pages.
func (w *walk) decide(id, outcome, answer string, dates bool) *browser.Visitor {
	w.t.Helper()
	officer := w.as(w.Officer)
	officer.Open(w.base + "/cases/" + id + "/decision/recommend")
	officer.Choose(outcome)
	officer.Fill("Reasons", "It protects those who use it.")
	w.looks(officer, "recommend-"+outcome[:5])
	officer.Press("Recommend this")
	senior := w.as(w.Senior)
	senior.Open(w.base + "/cases/" + id + "/decision/countersign")
	senior.Choose("I agree")
	senior.Press("Sign")
	officer.Open(w.base + "/cases/" + id + "/decision/decide")
	officer.Choose(outcome)
	officer.Fill("Reasons", "As recommended.")
	if answer != "" {
		officer.Fill("Answer to the applicant", answer)
	}
	if dates {
		officer.FillDate("First day of validity", 9, 11, 2026)
		officer.FillDate("Last day of validity", 9, 3, 2027)
	}
	officer.Press("Decide")
	officer.Sees("Decided")
	return officer
}

// A temporary export, a consent to re-export, a question and an informed letter,
// each from the choice of its kind to its result, by the pages alone where the
// kinds differ.
func TestKindsInBrowser(t *testing.T) {
	w := newWalk(t)
	in := nodetest.Example(t, "12")
	ada := w.as(w.Applicant)

	// What leaves and comes back.
	ada.Open(w.base + "/exporter/begin")
	w.looks(ada, "begin")
	id := w.begin(ada, "temporary", "Temporary export")
	ada.Press("Day of return")
	ada.FillDate("Day", 9, 3, 2027)
	w.looks(ada, "day")
	ada.Press("Save and continue")
	ada.Open(w.base + "/exporter/drafts/" + id)
	ada.Press("Who keeps control abroad")
	ada.Fill("Answer in words", "Two engineers of ours, in a locked room.")
	ada.Press("Save and continue")
	w.submit(ada, id)
	w.Settle(id, in)
	w.Complete(id, in)
	olav := w.as(w.Officer)
	olav.Open(w.base + "/cases/" + id)
	olav.Sees("Temporary export", "Day of return", "9 March 2027", "Two engineers of ours")
	w.looks(olav, "case")
	olav.Open(w.base + "/cases?kind=temporary")
	olav.Sees("Kind of case: Temporary export")
	w.decide(id, "issue", "", true)
	ada.Open(w.base + "/exporter/cases/" + id)
	ada.Sees("Every item is back in this country by the day of return")
	licence := w.File(w.Officer, id).Case.Decision.Licence
	ada.Open(w.base + "/exporter/licences/" + licence)
	ada.Sees("9 March 2027")
	reference := w.Issued(licence).Reference

	// The consent cites that licence, and the officer is led to it.
	id = w.begin(ada, "reexport", "Consent to re-export")
	ada.Press("Licence under which the items left")
	ada.Fill("Number of the licence", reference)
	ada.Press("Save and continue")
	ada.Open(w.base + "/exporter/drafts/" + id)
	ada.Press("Who asks")
	ada.Choose("recipient")
	ada.Press("Save and continue")
	ada.Open(w.base + "/exporter/drafts/" + id)
	ada.Press("Who has the items now")
	ada.Fill("Answer in words", "The newsroom in Veden; it moves.")
	ada.Press("Save and continue")
	w.submit(ada, id)
	w.Settle(id, in)
	w.Complete(id, in)
	olav.Open(w.base + "/cases/" + id)
	olav.Sees("Consent to re-export", "recipient")
	olav.Press(reference)
	olav.Sees(reference, "6")
	w.decide(id, "issue", "", true)
	if l := w.Issued(w.File(w.Officer, id).Case.Decision.Licence); l.Kind != "reexport" || l.Conditions[0].Type != licensing.WithoutReexport {
		t.Errorf("the consent is a %q under %+v", l.Kind, l.Conditions)
	}

	// A question is answered without an assessment where nothing may leave by it.
	id = w.begin(ada, "enquiry", "Is a licence needed?")
	ada.Misses("Route")
	ada.Press("What you are not sure of")
	ada.Fill("Answer in words", "Whether the note on mass-market products covers it.")
	ada.Press("Save and continue")
	w.submit(ada, id)
	w.decide(id, "a licence is needed", "The note does not cover it: apply for a licence.", false)
	ada.Open(w.base + "/exporter/cases/" + id)
	ada.Sees("a licence is needed", "The note does not cover it: apply for a licence.")
	w.looks(ada, "answer")

	// The authority's own case, the letter, and whom it reaches.
	olav.Open(w.base + "/cases")
	olav.Press("Open a case of our own")
	w.looks(olav, "open")
	olav.Press("Open the case")
	olav.Sees("There is a problem")
	olav.Fill("What to call it", "Traffic probes for an internet provider")
	olav.Fill("Items", "Probes that read traffic, 40 Gb/s")
	olav.Fill("Tariff code", "8517.62")
	olav.Fill("End user", "Tembuka Telecom")
	olav.Select("Country of use", "Toren")
	olav.Fill("What the authority has learned", "A report of civil society names the model.")
	olav.Press("Open the case")
	olav.Sees("The case is open", "A report of civil society names the model.")
	ada.Open(w.base + "/exporter")
	ada.Misses("Traffic probes")
	olav.Press("Send an informed letter")
	olav.Choose("One exporter")
	olav.Fill("Exporter", "Norland Radio Systems")
	olav.Fill("Legal basis", "Export Control Act, section 9 (made up)")
	olav.Fill("Why, as far as exporters may be told", "Reports say that the same model was used to throttle speech before an election.")
	w.looks(olav, "inform")
	olav.Press("Send the letter")
	olav.Sees("The letter is sent", "in force")
	w.looks(olav, "informed")
	ada.Open(w.base + "/exporter")
	ada.Sees("A licence is needed for", "Probes that read traffic")
	w.looks(ada, "told")
	ada.Press("Traffic probes for an internet provider")
	ada.Misses("civil society")
	cecil := w.as(w.Customs)
	cecil.Open(w.base + "/customs")
	cecil.Choose("Tariff code")
	cecil.Fill("What to look up", "8517 6200")
	cecil.Choose("A declaration before me")
	cecil.Fill("Which one?", "26XN0001")
	cecil.Press("Look up")
	cecil.Sees("a licence is needed", "Tembuka Telecom", "nothing of it may leave")
	w.looks(cecil, "customs")
}
