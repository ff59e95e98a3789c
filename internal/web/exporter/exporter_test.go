package exporter_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/exporter"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// firm is a house with its site and the exporter's person signed in.
type firm struct {
	*nodetest.House
	site http.Handler
	ada  *http.Cookie
}

func newFirm(t *testing.T, app *node.App) firm {
	t.Helper()
	f := firm{House: nodetest.Staff(t, app), site: siteOf(t, app)}
	f.ada = f.SignIn(f.Applicant)
	return f
}

func siteOf(t testing.TB, app *node.App) http.Handler {
	t.Helper()
	cat, err := lang.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	d := door.New(app)
	d.States = map[string]string{"XR": "Karsovia", "XN": "Norland", "XB": "Belmar"}
	// The site of this door alone: what all doors share, and nothing of others.
	mux := http.NewServeMux()
	mux.Handle("GET /static/", ui.Static())
	d.Routes(mux)
	exporter.Routes(mux, d)
	guarded, err := ui.SameOrigin(mux, d.Fail)
	if err != nil {
		t.Fatal(err)
	}
	return ui.SecurityHeaders(ui.Localise(d.Recognise(guarded), cat, nil, d.States))
}

// maxStatements is how many SQL statements a page may cost, session included.
const maxStatements = 10

// page asks for a page, and holds it to be sound, fully worded and cheap.
func (f firm) page(path string) *uitest.Answer {
	f.T.Helper()
	statements := 0
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r = r.WithContext(store.CountStatements(r.Context(), &statements))
	a := uitest.Ask(f.T, f.site, r, f.ada).Status(http.StatusOK)
	a.Sound()
	if statements > maxStatements {
		f.T.Errorf("%s costs %d statements", path, statements)
	}
	if i := strings.Index(a.Body, ">["); i >= 0 {
		f.T.Errorf("%s says a key: %q", path, a.Body[i:min(i+80, len(a.Body))])
	}
	if dir := os.Getenv("COMITY_PAGES"); dir != "" {
		name := strings.NewReplacer("/", "_", "?", "_", "#", "_", "=", "_", "&", "_").Replace(path) + ".html"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(a.Body), 0o600); err != nil {
			f.T.Fatal(err)
		}
	}
	return a
}

// fill opens a page, types into its form and sends it; pairs are name, value.
// An empty value takes a choice back.
func (f firm) fill(path string, pairs ...string) *uitest.Answer {
	f.T.Helper()
	return f.send(f.page(path).Form(path), pairs...)
}

func (f firm) send(form uitest.Form, pairs ...string) *uitest.Answer {
	f.T.Helper()
	first := map[string]bool{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if !first[pairs[i]] {
			form.Del(pairs[i])
			first[pairs[i]] = true
		}
		if pairs[i+1] != "" {
			form.Add(pairs[i], pairs[i+1])
		}
	}
	return uitest.Post(f.T, f.site, form, f.ada)
}

// upload sends a file with a form.
func (f firm) upload(path, name, body string, pairs ...string) *uitest.Answer {
	f.T.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := w.WriteField(pairs[i], pairs[i+1]); err != nil {
			f.T.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		f.T.Fatal(err)
	}
	if _, err := part.Write([]byte(body)); err != nil {
		f.T.Fatal(err)
	}
	if err := w.Close(); err != nil {
		f.T.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return uitest.Ask(f.T, f.site, r, f.ada)
}

// begin starts an application and gives the path of its draft.
func (f firm) begin() string {
	f.T.Helper()
	a := uitest.Post(f.T, f.site, uitest.Form{Action: "/exporter/applications", Values: url.Values{"kind": {"individual"}}}, f.ada).Status(http.StatusSeeOther)
	return a.Header.Get("Location")
}

// goes is where an answer sends the browser.
func goes(t testing.TB, a *uitest.Answer) string {
	t.Helper()
	return a.Status(http.StatusSeeOther).Header.Get("Location")
}

// interception drafts the IMSI catchers for the ministry through the pages,
// complete but for the legal mandate.
func (f firm) interception() string {
	f.T.Helper()
	d := f.begin()
	f.fill(d+"/about", "title", "IMSI catchers for the Ministry of Interior of Karsovia", "contract", "K-2026-77").Redirects(d)
	item := f.page(d + "/items").Link("Add an item")
	next := goes(f.T, f.fill(item, "kind", "goods", "description", "Vehicle-mounted IMSI catcher, 2G to 5G", "part_number", "NRS-400V"))
	next = goes(f.T, f.fill(next, "categories", "imsi_catcher", "claimed_code", "5A001.f", "claimed_list", "EU"))
	next = goes(f.T, f.fill(next, "quantity", "6", "unit", "items", "value.currency", "EUR", "value.amount", "3,100,000", "origin", "XN", "dispatch", "XN", "tariff", "8517.62", "tariff_as_of.day", "1", "tariff_as_of.month", "11", "tariff_as_of.year", "2026"))
	f.upload(next, "sheet.txt", "Collects IMSI and IMEI.\n", "title", "Technical sheet NRS-400V").Redirects(d + "/items")

	item = f.page(d + "/items").Link("Add an item")
	next = goes(f.T, f.fill(item, "kind", "service", "description", "Training of operators, ten days"))
	next = goes(f.T, f.fill(next, "service.kind", "training", "service.how", "On site by two trainers, no access afterwards", "service.from.day", "1", "service.from.month", "3", "service.from.year", "2027"))
	next = goes(f.T, f.fill(next))
	f.fill(next, "quantity", "10", "unit", "days", "value.currency", "EUR", "value.amount", "40000").Status(http.StatusSeeOther)

	who := f.page(d + "/parties").Link("Add a party")
	next = goes(f.T, f.fill(who, "name", "Министерство внутренних дел Карсовии", "latin", "Ministry of Interior of Karsovia", "roles", "end_user", "kind", "agency", "tie", "state", "body", "interior", "country", "XR"))
	next = goes(f.T, f.fill(next, "names.1.text", "МВД", "names.1.latin", "MVD", "names.1.kind", "short"))
	next = goes(f.T, f.fill(next, "address.lines", "1 Square of May", "address.city", "Veden", "address.country", "XR"))
	if !strings.HasSuffix(next, "/units") {
		f.T.Fatalf("after the address comes %s", next)
	}
	units := next
	top := f.page(units).Link("Add a unit or site")
	f.fill(top, "name", "МВД", "level", "ministry").Redirects(units)
	beneath := f.page(units).Link("Add a unit or site")
	f.fill(beneath, "name", "Особый отдел", "latin", "Special Department", "level", "unit", "parent", top[strings.LastIndex(top, "/")+1:], "uses", "yes", "from.day", "1", "from.month", "1", "from.year", "2019").Redirects(units)

	who = f.page(d + "/parties").Link("Add a party")
	next = goes(f.T, f.fill(who, "name", "Delta Secure FZE", "roles", "integrator", "kind", "organisation", "tie", "non_state", "country", "XB"))
	next = goes(f.T, f.fill(next))
	next = goes(f.T, f.fill(next, "identifiers.0.kind", "registration", "identifiers.0.value", "FZ-7781", "identifiers.0.country", "XB"))
	f.fill(next, "ownership.knowledge", "hidden").Status(http.StatusSeeOther)

	f.fill(d+"/use", "purpose", "Locating suspects", "on_whom", "Mobile telephones near the vehicle", "country", "XR", "place", "Veden and other towns").Redirects(d)
	f.fill(d+"/route", "route.0.country", "XN", "route.0.place", "Nordhaven", "route.1.country", "XB").Redirects(d)
	f.fill(d+"/questions/INT-3", "text", "The head of the department signs each use. No court is asked.").Redirects(d + "/missing")
	return d
}

// newspaper drafts an encryption product for a newspaper of the same state.
func (f firm) newspaper() string {
	f.T.Helper()
	d := f.begin()
	f.fill(d+"/about", "title", "Encryption for the newspaper Vedensky Listok")
	item := f.page(d + "/items").Link("Add an item")
	next := goes(f.T, f.fill(item, "kind", "software", "description", "End-to-end encryption for mail and files", "part_number", "NC-MAIL"))
	next = goes(f.T, f.fill(next, "categories", "encryption", "claimed_code", "5D002", "claimed_list", "EU"))
	f.fill(next, "quantity", "40", "unit", "licences", "value.currency", "EUR", "value.amount", "12000").Status(http.StatusSeeOther)
	who := f.page(d + "/parties").Link("Add a party")
	f.fill(who, "name", "Веденский листок", "latin", "Vedensky Listok", "roles", "end_user", "kind", "organisation", "tie", "non_state", "body", "media", "country", "XR").Status(http.StatusSeeOther)
	f.fill(d+"/use", "purpose", "Protecting sources and correspondence", "country", "XR", "place", "Editorial office, Veden").Redirects(d)
	return d
}

var caseOf = regexp.MustCompile(`^/exporter/cases/([^/]+)/submitted$`)

// declare signs and submits a draft.
func (f firm) declare(draft string) *uitest.Answer {
	f.T.Helper()
	return f.fill(draft+"/declaration", "accepted", "yes", "name", "Ada Quill")
}

func (f firm) submitted(draft string) string {
	f.T.Helper()
	to := goes(f.T, f.declare(draft))
	m := caseOf.FindStringSubmatch(to)
	if m == nil {
		f.T.Fatalf("a submission leads to %s", to)
	}
	return m[1]
}

// The acceptance scenario C4-6: an interception system without the end user's
// legal mandate can't be submitted, and the paragraph is named; an encryption
// product for a newspaper of the same state is submitted without any extra.
func TestC4_6_CompletenessByItemAndEndUser(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		f := newFirm(t, app)
		d := f.interception()
		tasks := f.page(d)
		tasks.HasText(".govuk-task-list__item", "Legal mandate of the end user")
		tasks.HasText(".govuk-task-list__item", "First everything that is missing has to be there.")
		missing := f.page(d+"/missing").Count("section.finding", 1)
		missing.HasText("section.finding", "INT-2")
		missing.HasText("section.finding h3", "Legal mandate of the end user")
		missing.HasText("section.finding", "ICCPR Art. 17")

		refused := f.declare(d).Status(http.StatusConflict).Sound()
		refused.HasText(".govuk-error-summary", "1 thing is missing")
		refused.HasText("section.finding", "INT-2")
		question := refused.Link("Go to the page")
		f.page(question).HasText("main", "gives the end user the power to intercept")
		f.upload("/exporter/drafts/"+d[strings.LastIndex(d, "/")+1:]+"/files/questions/INT-2", "law.txt", "Security Bodies Act, s. 9\n", "title", "Security Bodies Act", "text", "See section 9.").Redirects(question)
		f.page(question).HasText("#files", "Security Bodies Act").HasText("textarea", "See section 9.")
		f.page(d+"/missing").HasText("main", "Nothing is missing")
		f.page(d+"/check").HasText("main", "No court is asked.")
		id := f.submitted(d)
		f.page("/exporter/cases/"+id+"/submitted").HasText("main", "2026")
		f.page("/exporter/cases/"+id).HasText("main", "Being reviewed")

		paper := f.newspaper()
		if questions := f.page(paper).Texts(".tasks h2"); len(questions) != 2 {
			t.Errorf("the newspaper is asked more: %q", questions)
		}
		f.page(paper+"/missing").HasText("main", "Nothing is missing")
		f.submitted(paper)
	})
}

// An item of which the applicant says neither code nor kind is asked what it is.
func TestUnstatedItemsAreAskedWhatTheyAre(t *testing.T) {
	f := newFirm(t, nodetest.Open(t, store.SQLite, nodetest.NewClock()))
	d := f.begin()
	item := f.page(d + "/items").Link("Add an item")
	f.fill(goes(t, f.fill(item, "kind", "goods", "description", "Box with an antenna")))
	missing := f.page(d + "/missing")
	for _, paragraph := range []string{"UNS-1", "UNS-2", "UNS-3"} {
		missing.HasText("section.finding", paragraph)
	}
	f.page(d).HasText(".govuk-task-list__item", "What it could do to people")
}

// An applicant sees the public entries that read like an item, what decides and the
// questions, and nothing of what the authority is told besides.
func TestSuggestionsForAnApplicant(t *testing.T) {
	f := newFirm(t, nodetest.Open(t, store.SQLite, nodetest.NewClock()))
	d := f.begin()
	item := f.page(d + "/items").Link("Add an item")
	does := goes(t, f.fill(item, "kind", "goods", "description", "Jammer for mobile phones, used against demonstrators"))
	page := f.page(does)
	page.HasText("#entries", "5A001").HasText("#entries", "What decides").HasText("#entries", "Questions that still matter")
	for _, secret := range []string{"atch-all", "misuse", "everity", "demonstration", "Words that lead"} {
		if strings.Contains(strings.Join(page.Texts("#entries"), " "), secret) {
			t.Errorf("an applicant reads %q", secret)
		}
	}
	asked := page.All("#entries input[type=radio]")
	name, _ := uitest.Attr(asked[0], "name")
	f.page(does+"?"+url.Values{name: {"yes"}}.Encode()).HasText("#entries", "What was answered")
}

// Nothing typed is lost: what can't be read is kept and shown again, and two
// windows on one page are told what differs.
func TestNothingTypedIsLost(t *testing.T) {
	f := newFirm(t, nodetest.Open(t, store.SQLite, nodetest.NewClock()))
	d := f.begin()
	item := f.page(d + "/items").Link("Add an item")
	next := goes(t, f.fill(item, "kind", "goods", "description", "Radio"))
	next = goes(t, f.fill(next, "categories", "other"))
	again := f.fill(next, "quantity", "many", "unit", "items", "value.amount", "12", "tariff_as_of.day", "31", "tariff_as_of.month", "2", "tariff_as_of.year", "2026", "origin.typed", "Atlantis").Status(http.StatusUnprocessableEntity).Sound()
	again.HasText(".govuk-error-summary a[href=#f-quantity]", "quantity")
	again.HasText(".govuk-error-summary a[href=#f-value-currency]", "currency")
	again.HasText(".govuk-error-summary a[href=#f-origin]", "Atlantis")
	again.HasText("main", "saved as it is")
	later := f.page(next).Form(next)
	for name, want := range map[string]string{"quantity": "many", "unit": "items", "value.amount": "12", "tariff_as_of.day": "31"} {
		if got := later.Get(name); got != want {
			t.Errorf("%s came back as %q, want %q", name, got, want)
		}
	}
	f.page(d+"/missing").HasText("section.finding", "can't be read")
	f.send(later, "quantity", "2.5", "value.currency", "EUR", "tariff_as_of.day", "28", "origin", "XN").Status(http.StatusSeeOther)

	one, two := f.page(d+"/use").Form(d+"/use"), f.page(d+"/use").Form(d+"/use")
	f.send(one, "purpose", "Sea rescue", "country", "XB").Redirects(d)
	clash := f.send(two, "purpose", "Border watch", "country", "XB").Status(http.StatusConflict).Sound()
	clash.HasText(".banner td", "Sea rescue").HasText(".banner td", "Border watch").Count(".banner tbody tr", 1)
	if got := clash.Form(d + "/use").Get("purpose"); got != "Border watch" {
		t.Errorf("typed in the second window: %q", got)
	}
	f.page(d+"/use").HasText("textarea", "Sea rescue")
	f.send(clash.Form(d + "/use")).Redirects(d)
	f.page(d+"/use").HasText("textarea", "Border watch")
	// Another page of the same draft is no clash.
	about := f.page(d + "/about").Form(d + "/about")
	f.fill(d+"/use", "place", "Harbour").Redirects(d)
	f.send(about, "title", "Radios").Redirects(d)

	// A session that ended: the form comes back after signing in.
	form := f.page(d + "/use").Form(d + "/use")
	form.Set("place", "Harbour and coast")
	out := uitest.Post(t, f.site, form).Status(http.StatusUnauthorized)
	in := out.Form("/sign-in")
	in.Set("name", "ada")
	in.Set("password", nodetest.Password)
	back := uitest.Post(t, f.site, in).Status(http.StatusOK)
	uitest.Post(t, f.site, back.Form(d+"/use"), back.Cookies[0]).Redirects(d)
	f.page(d+"/use").HasText("textarea", "Harbour and coast")
}

// A submission that is sent twice makes one case, and goes to it both times.
func TestSubmittedOnce(t *testing.T) {
	f := newFirm(t, nodetest.Open(t, store.SQLite, nodetest.NewClock()))
	d := f.newspaper()
	form := f.page(d + "/declaration").Form(d + "/declaration")
	first := goes(t, f.send(form, "accepted", "yes", "name", "Ada Quill"))
	f.send(form, "accepted", "yes", "name", "Ada Quill").Redirects(first)
	f.page("/exporter/applications").Count("#submitted tbody tr", 1).Count("#drafts", 0)
}

// What belongs to another company does not exist.
func TestOthersSeeNothing(t *testing.T) {
	f := newFirm(t, nodetest.Open(t, store.SQLite, nodetest.NewClock()))
	d := f.interception()
	paper := f.submitted(f.newspaper())
	other := nodetest.Person(t, f.App, nodetest.Org(t, f.App, "exporter", "Norland Cipher"), "bo", "exporter_user")
	bo := f.SignIn(other)
	officer := f.SignIn(f.Officer)
	for _, path := range []string{d, d + "/use", d + "/items", d + "/check", "/exporter/cases/" + paper, "/exporter/cases/" + paper + "/versions/1", "/exporter/cases/" + paper + "/withdraw"} {
		for who, cookie := range map[string]*http.Cookie{"another company": bo, "an officer": officer} {
			if a := uitest.Get(t, f.site, path, cookie); a.Code != http.StatusNotFound {
				t.Errorf("%s gets %d for %s", who, a.Code, path)
			}
		}
	}
	uitest.Get(t, f.site, "/exporter/applications", bo).Status(200).LacksText("Vedensky")
	uitest.Get(t, f.site, "/exporter").Redirects("/sign-in?next=%2Fexporter")
	if _, err := f.App.Engines(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// Natural persons are held only with a function, a source, a purpose and a day
// until which; owners and units can be changed and taken out; hidden owners are
// an answer.
func TestPeopleOwnersAndUnits(t *testing.T) {
	f := newFirm(t, nodetest.Open(t, store.SQLite, nodetest.NewClock()))
	d := f.newspaper()
	who := f.page(d + "/parties").Link("Add a party")
	next := goes(t, f.fill(who, "name", "Orest Vydran", "roles", "agent", "kind", "person", "tie", "non_state", "country", "XR"))
	for range 2 {
		next = goes(t, f.fill(next))
	}
	if !strings.HasSuffix(next, "/record") {
		t.Fatalf("a person's last page is %s", next)
	}
	f.page(next).HasText("main", "When that day has come, the person's details are erased")
	f.page(d+"/missing").HasText("section.finding", "For a natural person")
	f.fill(next, "record.function", "agent").Status(http.StatusUnprocessableEntity)
	f.fill(next, "record.source", "the contract", "record.purpose", "signs for the buyer", "record.retain_until.day", "31", "record.retain_until.month", "12", "record.retain_until.year", "2030").Status(http.StatusSeeOther)
	f.page(d+"/missing").HasText("main", "Nothing is missing")

	var newspaper string
	for _, link := range f.page(d + "/parties").All("tbody th a") {
		if href, _ := uitest.Attr(link, "href"); uitest.Text(link) == "Веденский листок" {
			newspaper = strings.TrimSuffix(href, "/who")
		}
	}
	ownership := newspaper + "/ownership"
	add := f.page(ownership).NothingChosen("ownership.knowledge").Link("Add an owner")
	f.fill(add, "name", "Mira Sell", "kind", "person", "share", "60").Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary", "For a natural person")
	f.fill(add, "record.function", "owner", "record.source", "register", "record.purpose", "ownership", "record.retain_until.day", "31", "record.retain_until.month", "12", "record.retain_until.year", "2030").Redirects(ownership)
	add = f.page(ownership).Link("Add an owner")
	f.fill(add, "name", "Holding 7", "kind", "organisation", "share", "40.01", "holds", "controls").Redirects(ownership)
	f.fill(ownership, "ownership.knowledge", "partly").Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary", "more than 100 per cent")
	f.fill(add, "share", "40").Redirects(ownership)
	f.fill(ownership).Status(http.StatusSeeOther)
	f.page(d+"/check").HasText("dd", "Mira Sell · 60 %").HasText("dd", "Holding 7 · 40 %")

	units := newspaper + "/units"
	top := f.page(units).Link("Add a unit or site")
	f.fill(top, "name", "Desk", "level", "unit", "from.day", "2", "from.month", "1", "from.year", "2020", "until.day", "1", "until.month", "1", "until.year", "2020").Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary", "after the last")
	f.fill(top, "until.year", "2021").Redirects(units)
	site := f.page(units).Link("Add a unit or site")
	id := top[strings.LastIndex(top, "/")+1:]
	f.fill(site, "name", "House", "level", "site", "parent", id, "site.city", "Veden").Redirects(units)
	f.page(units).HasText("li li", "House").HasText(".meta", "until 1 January 2021")
	below := site[strings.LastIndex(site, "/")+1:]
	f.fill(top, "parent", below).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary", "circle")
	f.fill(top, "parent", "").Redirects(units)
	party := newspaper[strings.LastIndex(newspaper, "/")+1:]
	uitest.Post(t, f.site, uitest.Form{Action: d + "/remove/unit/" + party + "/" + id}, f.ada).Redirects(units)
	f.page(units).Count("#units li", 1).HasText("#units li", "House")
	f.submitted(d)
}
