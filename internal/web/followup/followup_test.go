package followup_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// desk is a house with its site.
type desk struct {
	*nodetest.House
	site http.Handler
}

func newDesk(t testing.TB, app *node.App) desk {
	t.Helper()
	cat, err := lang.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	d := door.New(app)
	d.States = map[string]string{"XR": "Karsovia", "XA": "Alvania", "XN": "Norland"}
	site, err := web.Site(d, web.Options{Catalogue: cat})
	if err != nil {
		t.Fatal(err)
	}
	return desk{nodetest.Staff(t, app), site}
}

// page asks for a page: sound, fully worded, and within its statements.
func (d desk) page(path string, who access.Actor) *uitest.Answer {
	d.T.Helper()
	n := 0
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r = r.WithContext(store.CountStatements(r.Context(), &n))
	a := uitest.Ask(d.T, d.site, r, d.SignIn(who)).Status(http.StatusOK)
	a.Sound()
	if n > 10 {
		d.T.Errorf("%s takes %d statements", path, n)
	}
	return a
}

func (d desk) gone(path string, who access.Actor) {
	d.T.Helper()
	uitest.Get(d.T, d.site, path, d.SignIn(who)).Status(http.StatusNotFound)
}

func (d desk) post(f uitest.Form, who access.Actor) *uitest.Answer {
	d.T.Helper()
	return uitest.Post(d.T, d.site, f, d.SignIn(who))
}

func date(f uitest.Form, name string, at time.Time) {
	f.Set(name+".day", fmt.Sprint(at.Day()))
	f.Set(name+".month", fmt.Sprint(int(at.Month())))
	f.Set(name+".year", fmt.Sprint(at.Year()))
}

// day is today.
func (d desk) day() deadline.Date { return deadline.DateOf(d.App.Now(), time.UTC) }

// left has goods with serial numbers leave under a licence.
func (d desk) left(l *licensing.Licence, number int64, serials ...string) {
	d.T.Helper()
	d.Do(d.Customs, node.TakeMessage{CustomsMessage: licensing.CustomsMessage{
		Sender: "xn-customs", Number: number, Kind: licensing.UsageMessage, Licence: l.Reference, Declaration: fmt.Sprintf("26XN%06d", number), Office: "XN000100", Document: "X060", At: d.App.Now(),
		Lines: []licensing.MessageLine{{Line: l.Lines[0].Line, Quantity: fmt.Sprint(len(serials)), Unit: l.Lines[0].Unit, Serials: serials}},
	}})
}

// upload sends a form with a file.
func (d desk) upload(f uitest.Form, field, name string, body []byte, who access.Actor) *uitest.Answer {
	d.T.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, values := range f.Values {
		for _, v := range values {
			_ = w.WriteField(k, v)
		}
	}
	part, err := w.CreateFormFile(field, name)
	if err != nil {
		d.T.Fatal(err)
	}
	_, _ = part.Write(body)
	w.Close()
	r := httptest.NewRequest(http.MethodPost, f.Action, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return uitest.Ask(d.T, d.site, r, d.SignIn(who))
}

// A draw is made, shown with its seed and what weighed, and comes out the same
// again; the licence picked is checked on a phone abroad, and the finding is on
// the pages of the licence and the case.
func TestADrawAndACheckAbroad(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		l := d.Licence(licensing.Condition{ID: "c1", Type: licensing.Serials, Who: "licensee", What: "The numbers stay at the named site.", Verify: "Count on site", Consequence: "Revocation"})
		clock.Move(time.Hour)
		d.page("/verification", d.Verifier).HasText("h2", "No check here")
		d.page("/verification/plans", d.Auditor).HasText("h2", "No draw yet").LacksText("Draw licences to check")

		f := d.page("/verification/plans/new", d.Verifier).HasText("#factors", "No weight can rest on a country").Form("/verification/plans/draw")
		d.post(f, d.Verifier).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Say what the draw is for.").HasText(".govuk-error-summary a", "Draw at least 1")
		f.Set("draw.purpose", "Sample of the year")
		f.Set("draw.wanted", "3")
		date(f, "draw.from", clock.Now().AddDate(-1, 0, 0))
		date(f, "draw.to", clock.Now())
		d.post(f, d.Verifier).HasText(".govuk-error-summary", "Nothing left under any licence")
		d.left(l, 1, "K-1", "K-2", "K-3")
		plan := "/verification/plans/" + f.Get("draw.id")
		d.post(f, d.Verifier).Redirects(plan)
		shown := d.page(plan, d.Verifier).HasText("#picks th", l.Reference).HasText("#picks td", "Nobody has checked anything").HasText("#draw dd", "The same picks come out")
		d.gone(plan, d.Applicant)

		fresh := shown.Link("Plan a check")
		f = d.page(fresh, d.Verifier).NothingChosen("prepare.checklist", "prepare.officer").Form("/verification/checks/prepare")
		if f.Get("prepare.reason") != "drawn" {
			t.Error("the reason is not the draw")
		}
		f.Set("prepare.why", "Drawn for the yearly sample.")
		f.Set("prepare.checklist", "serials")
		f.Set("prepare.place", "Veden, 1 Main Street")
		f.Set("prepare.officer", d.Verifier.Account)
		date(f, "prepare.due", clock.Now().AddDate(0, 1, 0))
		check := "/verification/checks/" + f.Get("prepare.id")
		d.post(f, d.Verifier).Redirects(check)
		d.post(f, d.Verifier).Redirects(check) // sent twice, planned once
		d.page("/verification", d.Verifier).HasText("tbody th", "XX-V-").Count("tbody tr", 1)
		d.page("/work", d.Verifier).LacksText("Check XX-V-") // due in a month: not yet
		d.page(plan, d.Verifier).HasText("#picks td", "XX-V-")

		d.page(check, d.Verifier).HasText("#task dd", "3 to be found, of 3 that left").HasText("#look", "once consent is recorded").HasText("main", "ask those who are visited")
		f = d.page(check, d.Verifier).Form(check + "/consent")
		f.Set("consent.answer", "given")
		f.Set("consent.said", "Clause 4 of the certificate")
		date(f, "consent.day", clock.Now())
		d.post(f, d.Verifier).Redirects(check)
		f = d.page(check, d.Verifier).Form(check + "/arrange")
		f.Set("arrange.where", "Gate 2, ask for the registrar")
		date(f, "arrange.day", clock.Now().AddDate(0, 0, 3))
		d.post(f, d.Verifier).Redirects(check)
		d.page("/work", d.Verifier).HasText("a", "Check XX-V-")

		f = d.page(check, d.Verifier).NothingChosen("look.answer.seal").Form(check + "/look")
		for _, item := range []string{"seal", "place", "spare"} {
			f.Set("look.answer."+item, "yes")
		}
		f.Set("look.serials", "K-1\nK-2, K-9")
		d.post(f, d.Verifier).Redirects(check)
		f = d.page(check, d.Verifier).Form(check + "/conclude")
		f.Set("conclude.result", "favourable")
		f.Set("conclude.why", "All is well.")
		d.post(f, d.Verifier).HasText(".govuk-error-summary", "Serial numbers not found: 1").HasText(".govuk-error-summary", "did not leave under this licence: 1")
		f = d.page(check, d.Verifier).Form(check + "/evidence")
		d.post(f, d.Verifier).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Choose a file.")
		png := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\rIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa7\x9a\xa0\xa0\x00\x00\x00\x00IEND\xaeB`\x82")
		d.upload(f, "evidence.file", "shelf.png", png, d.Verifier).Redirects(check)
		paper := d.page(check, d.Verifier).Link("shelf.png")
		uitest.Get(t, d.site, paper, d.SignIn(d.Auditor)).Status(http.StatusOK)
		d.gone(paper, d.Applicant)

		f = d.page(check, d.Verifier).Form(check + "/conclude")
		f.Set("conclude.result", "unsatisfactory")
		f.Set("conclude.why", "K-3 is not there; K-9 is nobody's.")
		f.Values["conclude.conditions"] = []string{"c1"}
		d.post(f, d.Verifier).Redirects(check)
		d.page(check, d.Auditor).HasText("#finding", "Unsatisfactory").HasText("#finding dd", "K-3").HasText("#finding dd", "The numbers stay").Count("form[action='"+check+"/close']", 0)
		d.page("/licences/"+l.ID, d.Officer).HasText("#checks li", "Unsatisfactory").HasText("#conditions", "found broken: 1")
		d.page("/cases/"+l.Case+"/decision", d.Officer).HasText("#decided li", "Unsatisfactory")

		f = d.page(check, d.Verifier).Form(check + "/close")
		f.Set("close.why", "x")
		d.post(f, d.Verifier).HasText(".govuk-error-summary", "Say first what follows")
		f = d.page(check, d.Verifier).Form(check + "/follow_up")
		f.Set("follow_up.what", "Ask the licensee where K-3 is.")
		f.Set("follow_up.officer", d.Officer.Account)
		date(f, "follow_up.due", clock.Now().AddDate(0, 0, 10))
		d.post(f, d.Verifier).Redirects(check)
		d.page("/work", d.Officer).HasText("a", "Follow up on XX-V-")
		f = d.page(check, d.Officer).Form(check + "/done")
		f.Set("done.id", f.Get("done.id"))
		for _, o := range d.page(check, d.Officer).All("input[name='done.id']") {
			v, _ := uitest.Attr(o, "value")
			f.Set("done.id", v)
		}
		f.Set("done.done", "It was scrapped; papers seen.")
		d.post(f, d.Officer).Redirects(check)
		f = d.page(check, d.Officer).Form(check + "/close")
		f.Set("close.why", "Accounted for.")
		d.post(f, d.Officer).Redirects(check)
		d.page("/verification?show=ended", d.Officer).HasText("tbody td", "Unsatisfactory")

		// The next draw weighs what was found.
		clock.Move(24 * time.Hour)
		again := d.Again()
		next := desk{again, d.site}
		f = next.page("/verification/plans/new", d.Verifier).Form("/verification/plans/draw")
		f.Set("draw.purpose", "After a finding")
		f.Set("draw.wanted", "1")
		date(f, "draw.from", clock.Now().AddDate(-1, 0, 0))
		date(f, "draw.to", clock.Now())
		next.post(f, d.Verifier).Redirects("/verification/plans/" + f.Get("draw.id"))
		next.page("/verification/plans/"+f.Get("draw.id"), d.Verifier).HasText("#picks td", "A condition of the licence was found broken; The last check was less than favourable")
	})
}

// Who may not see the licence sees neither its checks nor its place in a draw.
func TestACheckIsSeenWithItsLicence(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		l := d.Licence()
		clock.Move(time.Hour)
		d.left(l, 1, "K-1")
		id := node.NewID()
		f := d.page("/verification/checks/new?"+url.Values{"licence": {l.ID}}.Encode(), d.Verifier).Form("/verification/checks/prepare")
		for name, value := range map[string]string{"reason": "officer", "why": "New technique", "checklist": "papers", "place": "Veden", "officer": d.Verifier.Account, "id": id} {
			f.Set("prepare."+name, value)
		}
		date(f, "prepare.due", clock.Now().AddDate(0, 0, 2))
		d.post(f, d.Verifier).Redirects("/verification/checks/" + id)
		d.Do(d.Senior, licensing.MoveCompartment{On: licensing.On{Case: l.Case}, Compartment: "delta", Why: "Source at risk"})
		d.gone("/verification/checks/"+id, d.Officer)
		d.gone("/verification/checks/new?licence="+l.ID, d.Verifier)
		d.page("/verification", d.Officer).LacksText("XX-V-")
		d.page("/verification", d.Verifier).LacksText("XX-V-")
	})
}
