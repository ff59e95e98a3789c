package staff_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/staff"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

var ctx = context.Background()

const password = "correct horse battery"

// house is a node with people of several roles and its pages.
type house struct {
	t       *testing.T
	app     *node.App
	h       http.Handler
	org     string
	people  map[string]access.Actor
	cookies map[string]*http.Cookie
}

func catalogue(t testing.TB) *lang.Catalogue {
	t.Helper()
	cat, err := lang.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func handler(t testing.TB, app *node.App) http.Handler {
	t.Helper()
	d := door.New(app)
	d.Node, d.States = "Norland Export Control Authority", map[string]string{"XN": "Norland"}
	mux := http.NewServeMux()
	mux.Handle(ui.StaticPath, ui.Static())
	d.Routes(mux)
	staff.Routes(mux, d)
	guarded, err := ui.SameOrigin(mux, d.Fail)
	if err != nil {
		t.Fatal(err)
	}
	return ui.SecurityHeaders(ui.Localise(d.Recognise(guarded), catalogue(t), time.UTC, d.States))
}

func newHouse(t *testing.T, app *node.App) *house {
	t.Helper()
	h := &house{t: t, app: app, h: handler(t, app), people: map[string]access.Actor{}, cookies: map[string]*http.Cookie{}}
	h.org = nodetest.Org(t, app, account.Authority, "Licensing authority")
	for sign, role := range map[string]access.Role{
		"admin": access.Administrator, "auditor": access.Auditor, "custodian": access.Custodian,
		"coordinator": access.CaseCoordinator, "officer": access.LicensingOfficer,
	} {
		h.person(h.org, sign, role)
	}
	return h
}

func (h *house) person(org, sign string, role access.Role) access.Actor {
	h.t.Helper()
	a := nodetest.Person(h.t, h.app, org, sign, role)
	if err := h.app.Do(ctx, access.System(), node.SetPassword{Account: a.Account, New: password}); err != nil {
		h.t.Fatal(err)
	}
	h.people[sign] = a
	return a
}

// as is the cookie of somebody who signed in.
func (h *house) as(sign string) *http.Cookie {
	h.t.Helper()
	if c, ok := h.cookies[sign]; ok {
		return c
	}
	r := httptest.NewRequest(http.MethodGet, "/sign-in", nil)
	r.RemoteAddr = "192.0.2." + string(rune('1'+len(h.cookies))) + ":1"
	form := uitest.Ask(h.t, h.h, r).Form("/sign-in")
	form.Set("name", sign)
	form.Set("password", password)
	a := uitest.Post(h.t, h.h, form)
	for _, c := range a.Cookies {
		if c.Name == "comity" {
			h.cookies[sign] = c
			return c
		}
	}
	h.t.Fatalf("%s can't sign in: status %d", sign, a.Code)
	return nil
}

// maxStatements is what a page may cost, with who is signed in.
const maxStatements = 10

// get asks for a page and counts what it costs.
func (h *house) get(sign, path string) *uitest.Answer {
	h.t.Helper()
	n := 0
	r := httptest.NewRequest(http.MethodGet, path, nil)
	cookie := h.as(sign)
	a := uitest.Ask(h.t, h.h, r.WithContext(store.CountStatements(r.Context(), &n)), cookie)
	if n > maxStatements {
		h.t.Errorf("%s costs %d statements, at most %d", path, n, maxStatements)
	}
	if strings.Contains(a.Body, "[staff.") || strings.Contains(a.Body, "[account.") {
		h.t.Errorf("%s has a key without a sentence", path)
	}
	return a
}

func (h *house) post(sign string, f uitest.Form) *uitest.Answer {
	h.t.Helper()
	return uitest.Post(h.t, h.h, f, h.as(sign))
}

func TestWhoMaySeeWhat(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := newHouse(t, app)
		exporter := nodetest.Org(t, app, account.Exporter, "Tronmark")
		h.person(exporter, "exporter", access.ExporterUser)
		everybody := []string{"admin", "auditor", "custodian", "coordinator", "officer", "exporter"}
		for path, who := range map[string][]string{
			"/people": {"admin", "auditor"}, "/people/new": {"admin"}, "/people/" + h.people["officer"].Account: {"admin", "auditor"},
			"/people/orgs": {"admin", "auditor", "coordinator", "officer"}, "/people/orgs/" + exporter: {"admin", "auditor", "coordinator", "officer"},
			"/people/orgs/new": {"admin"}, "/exporter/people": {"exporter"},
			"/people/programs": {"admin", "auditor"}, "/exporter/programs": {"exporter"}, "/people/programs/" + node.NewID(): {}, "/exporter/programs/" + node.NewID(): {},
			"/record": {"admin", "auditor"}, "/record/1": {"admin", "auditor"}, "/record/999999": {}, "/record/x": {},
			"/erase": {"custodian"}, "/erase/new": {"custodian"}, "/erase/due": {"custodian"}, "/erase/done?what=account/nobody": {},
			"/people/" + node.NewID(): {}, "/people/orgs/" + node.NewID(): {},
		} {
			for _, sign := range everybody {
				want := http.StatusNotFound
				for _, w := range who {
					if w == sign {
						want = http.StatusOK
					}
				}
				a := h.get(sign, path)
				if a.Code != want {
					t.Errorf("%s asks for %s: status %d, want %d", sign, path, a.Code, want)
				}
				if a.Code == http.StatusOK {
					a.Sound()
				}
			}
			if a := uitest.Get(t, h.h, path); a.Code != http.StatusSeeOther {
				t.Errorf("nobody asks for %s: status %d, want to be sent to sign in", path, a.Code)
			}
		}
		uitest.Get(t, h.h, "/record/key").Status(200)
	})
}

func TestPeople(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := newHouse(t, app)
		form := h.get("admin", "/people/new").Status(200).NothingChosen("roles", "org").Form("/people/new")
		form.Set("org", h.org)
		form.Set("name", "Élodie Ŕivière")
		form.Set("sign", "officer") // taken
		form.Set("roles", "rights_adviser")
		form.Set("password", "too short")
		again := h.post("admin", form).Status(422)
		again.HasText("#f-password-error", "12")
		form.Set("password", password)
		again = h.post("admin", form).Status(409)
		again.HasText("#f-sign-error", "taken")
		kept := again.Form("/people/new")
		if kept.Values.Get("name") != "Élodie Ŕivière" || kept.Values.Get("org") != h.org || kept.Values.Get("roles") != "rights_adviser" {
			t.Errorf("lost what was typed: %v", kept.Values)
		}
		again.LacksText(password)
		kept.Set("sign", "elodie")
		kept.Set("password", password)
		a := h.post("admin", kept).Status(303)
		page := a.Header.Get("Location")
		// Sent once more, the same form opens nothing else.
		if h.post("admin", kept).Status(303).Header.Get("Location") != page {
			t.Error("the same form went elsewhere")
		}
		h.cookies["elodie"] = nil
		delete(h.cookies, "elodie")
		h.as("elodie")

		list := h.get("admin", "/people?q=riviere").Status(200)
		list.Count("tbody tr", 1)
		h.get("admin", "/people?q=RIVI%C3%88RE&status=active&org="+h.org).Count("tbody tr", 1)
		h.get("admin", "/people?q=nobody").Count("tbody tr", 0)
		h.get("admin", "/people?q=%25").Count("tbody tr", 0)

		roles := h.get("admin", page).Status(200).Form(page + "/roles")
		roles.Set("roles", "exporter_user")
		roles.Set("reason", "Moves to another unit")
		h.post("admin", roles).Status(422).HasText("#f-roles-error", "exporter")
		roles.Values["roles"] = []string{"rights_adviser", "auditor"}
		roles.Set("compartments", "karsovia, delta")
		h.post("admin", roles).Redirects(page)
		history := h.get("auditor", page).Status(200)
		history.HasText("ol.tl li", "Moves to another unit").HasText("ol.tl li", "delta and karsovia").HasText("ol.tl li", "Person admin")
		history.Count("form[action="+page+"/roles]", 0) // an auditor changes nothing
		h.get("auditor", history.Link("proof")).Status(200)

		status := h.get("admin", page).Form(page + "/status")
		h.post("admin", status).Status(422).HasText("#f-why-error", "Say why")
		status.Set("why", "Left the service")
		h.post("admin", status).Redirects(page)
		if got := uitest.Get(t, h.h, "/people", h.cookies["elodie"]); got.Code != http.StatusSeeOther {
			t.Errorf("a disabled account still sees pages: %d", got.Code)
		}
		if own := h.get("admin", "/people/"+h.people["admin"].Account).Status(200); len(own.All("input[name=roles]")) > 0 {
			t.Error("an administrator is offered to change their own roles")
		}
	})
}

func TestPagesOfPeople(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := newHouse(t, app)
		for i := range 40 {
			nodetest.Person(t, app, h.org, "clerk"+string(rune('a'+i%26))+string(rune('a'+i/26)), access.CustomsOfficer)
		}
		seen := map[string]bool{}
		path := "/people?org=" + h.org
		for range 4 {
			a := h.get("admin", path).Status(200)
			for _, name := range a.Texts("tbody tr th a") {
				if seen[name] {
					t.Errorf("%s is shown twice", name)
				}
				seen[name] = true
			}
			if len(a.All("a[rel=next]")) == 0 {
				break
			}
			path, _ = uitest.Attr(a.One("a[rel=next]"), "href")
		}
		if len(seen) != 45 {
			t.Errorf("%d people on all pages, want 45", len(seen))
		}
	})
}

func TestColleagues(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := newHouse(t, app)
		org := nodetest.Org(t, app, account.Exporter, "Tronmark")
		other := nodetest.Org(t, app, account.Exporter, "Other")
		h.person(org, "exporter", access.ExporterUser)
		h.person(other, "stranger", access.ExporterUser)
		form := h.get("exporter", "/exporter/people").Status(200).LacksText("Person stranger").Form("/exporter/people")
		form.Set("name", "Colleague")
		form.Set("sign", "colleague")
		form.Set("password", password)
		form.Set("org", other) // not asked for, and not listened to
		h.post("exporter", form).Redirects("/exporter/people")
		h.get("exporter", "/exporter/people").HasText("tbody th", "Colleague")
		h.get("stranger", "/exporter/people").LacksText("Colleague")
		h.as("colleague")
	})
}

func TestRecord(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		h := newHouse(t, app)
		h.get("auditor", "/record").Status(200).HasText("#verification", "not been checked yet").HasText("#checkpoints", "None yet")
		h.get("auditor", "/record/2/proof.json").Status(409)
		ask := h.get("auditor", "/record").Form("/record/verify")
		h.post("auditor", ask).Redirects("/record")
		h.post("officer", ask).Status(404)
		if _, err := app.Checkpoint(ctx); err != nil {
			t.Fatal(err)
		}
		if n := app.Runner().Drain(ctx); n == 0 {
			t.Fatal("no job was run")
		}
		a := h.get("auditor", "/record").Status(200).HasText("#verification", "Everything holds").HasText("#entries", "An account was opened")
		a.Count("#entries tbody tr", 11) // the organisation, and five people with passwords
		clock.Move(time.Hour)
		entry := h.get("auditor", "/record/2").Status(200).HasText("#kept", "A sealed part belongs to").HasText("#proof", "comity ledger check")
		for _, sign := range []string{"admin", "custodian", "coordinator", "officer"} {
			entry.LacksText("Person " + sign) // sealed, and not opened here
		}
		for _, path := range []string{"/record/2/proof.json", "/record/2/proof.json?disclose=yes"} {
			body := h.get("auditor", path).Status(200).Body
			p, cp, err := ledger.CheckProof([]byte(body), app.Verifier())
			if err != nil || p.Seq != 2 || cp.Size < 11 || strings.HasSuffix(path, "yes") != (len(p.Kept) > 0) {
				t.Errorf("%s: %+v, %v", path, cp, err)
			}
		}
		key := uitest.Get(t, h.h, "/record/key").Status(200)
		if strings.TrimSpace(key.Body) != app.PublicKey() {
			t.Errorf("the key is %q", key.Body)
		}
	})
}

func TestErasure(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := newHouse(t, app)
		leaver := h.person(h.org, "leaver", access.LicensingOfficer)
		form := h.get("custodian", "/erase/new").Status(200).NothingChosen("kind").Form("/erase/new")
		form.Set("kind", "account")
		form.Set("which", "nobody")
		form.Set("rule", "Staff records, two years after leaving")
		again := h.post("custodian", form).Status(422).HasText("#f-which-error", "Nothing with private parts")
		form = again.Form("/erase/new")
		form.Set("which", "leaver")
		form.Set("rule", "")
		form = h.post("custodian", form).Status(422).HasText("#f-rule-error", "retention rule").Form("/erase/new")
		form.Set("rule", "Staff records, two years after leaving")
		confirm := h.post("custodian", form).Status(200).HasText("main", "Person leaver").HasText("main", "can no longer sign in").HasText("main", "Backups made until now")
		back := confirm.Form("/erase/new")
		back.Set("back", "yes")
		if got := h.post("custodian", back).Status(200).Form("/erase/new").Values.Get("which"); got != "leaver" {
			t.Errorf("going back lost what was typed: %q", got)
		}
		done := h.post("custodian", confirm.Form("/erase/confirm")).Status(303)
		page := h.get("custodian", done.Header.Get("Location")).Status(200).HasText("h1", "Erased")
		page.LacksText("Person leaver")
		h.get("custodian", "/erase").Status(200).HasText("tbody td", "Staff records")
		h.get("admin", "/people/"+leaver.Account).Status(200).HasText("h1", "erased").LacksText("Person leaver")
		h.post("custodian", confirm.Form("/erase/confirm")).Status(409)
		h.get("custodian", "/erase").Count("tbody tr", 1)
	})
}

// TestSettle: a company that came in by itself is looked at by a coordinator.
func TestSettle(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := newHouse(t, app)
		company := func(name, sign string) string {
			cmd := node.Register{Register: account.Register{
				Org: node.NewID(), Name: name, Country: "XN", Registry: "R-" + sign, Account: node.NewID(), Profile: account.Profile{Name: "Founder of " + name, Sign: sign},
			}, Password: password}
			if err := app.Do(ctx, access.Nobody(), cmd); err != nil {
				t.Fatal(err)
			}
			return cmd.Org
		}
		good, bad := company("Tronmark", "tronmark"), company("Letterbox", "letterbox")
		h.as("tronmark")
		h.as("letterbox")
		h.get("tronmark", "/exporter/people").Status(200).HasText("main", "not looked at your company yet")
		h.get("admin", "/people").HasText("main", "2 companies wait")
		h.get("coordinator", "/people/orgs?status=pending").Status(200).Count("tbody tr", 2)
		page := "/people/orgs/" + good
		h.get("officer", page).Status(200).Count("form[action="+page+"/settle]", 0)
		form := h.get("coordinator", page).Status(200).NothingChosen("status").HasText("#people", "Founder of Tronmark").Form(page + "/settle")
		h.post("coordinator", form).Status(422)
		form.Set("status", "active")
		form.Set("note", "Extract of 2 November compared")
		h.post("officer", form).Status(404)
		h.post("coordinator", form).Redirects(page)
		h.get("coordinator", page).HasText("ol.tl li", "Extract of 2 November compared")
		h.post("coordinator", form).Status(409)
		h.get("tronmark", "/exporter/people").Status(200)

		form = h.get("coordinator", "/people/orgs/"+bad).Form("/people/orgs/" + bad + "/settle")
		form.Set("status", "disabled")
		form.Set("note", "No such number in the register")
		h.post("coordinator", form).Status(303)
		if a := uitest.Get(t, h.h, "/exporter/people", h.cookies["letterbox"]); a.Code != http.StatusSeeOther {
			t.Errorf("the people of a company turned away still see pages: %d", a.Code)
		}
		if _, err := app.SignIn(ctx, "letterbox", password, ""); err == nil {
			t.Error("the people of a company turned away sign in again")
		}
	})
}

// A natural person of a case is listed from the day after the retention date,
// without a name, and is gone from the list once erased from there.
func TestPersonsPastTheirRetentionDateAreListed(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		staffed := nodetest.Staff(t, app)
		h := &house{t: t, app: app, h: handler(t, app), people: map[string]access.Actor{}, cookies: map[string]*http.Cookie{}}
		h.person(nodetest.Org(t, app, account.Authority, "Archive of the authority"), "keeper", access.Custodian)
		a := staffed.Application(nodetest.Example(t, "01"))
		ids := map[string]string{"2026-12-01": node.NewID(), "2027-12-01": node.NewID()}
		owner, signatory := node.NewID(), node.NewID()
		a.Parties[0].Ownership = party.Ownership{Knowledge: party.Known, Source: "register of Karsovia", Owners: []party.Owner{{
			ID: owner, Kind: party.Person, Names: []party.Name{{Text: "Darko Vetrov"}}, Country: "XR",
			Record: &party.Record{Function: "owner", Source: "register of Karsovia", Purpose: "licence", RetainUntil: "2026-12-02"},
		}}}
		for until, id := range ids {
			a.Parties = append(a.Parties, party.Party{
				ID: id, Kind: party.Person, Tie: party.NonState, Roles: []party.Role{party.Broker}, Country: "XR", Names: []party.Name{{Text: "Ilja Vetrov"}},
				Record: &party.Record{Function: "broker", Source: "application", Purpose: "licence", RetainUntil: until},
			})
		}
		id, assurance := staffed.Submit(a), node.NewID()
		staffed.Do(staffed.Officer, licensing.SeekAssurance{On: licensing.On{Case: id}, Assurance: assurance, From: a.Parties[0].ID, Clauses: []licensing.Clause{licensing.NoMisuse}, How: "letter", Text: "We ask."})
		staffed.Do(staffed.Officer, licensing.RecordAssurance{
			On: licensing.On{Case: id}, Assurance: assurance, Replies: []licensing.ClauseReply{{Clause: licensing.NoMisuse, Reply: licensing.Given}}, Text: "Given.", Check: "visit",
			Signatory: &licensing.Signatory{ID: signatory, Names: []party.Name{{Text: "Orest Vetrov"}}, Record: &party.Record{Function: "minister", Source: "the paper", Purpose: "assurance", RetainUntil: "2026-12-03"}},
		})
		h.get("keeper", "/erase/due").Status(200).HasText(".empty", "Nobody is overdue")
		clock.Move(30 * 24 * time.Hour)
		h.cookies = map[string]*http.Cookie{}
		page := h.get("keeper", "/erase/due").Status(200)
		page.Count("tbody tr", 3).HasText("tbody td", "1 December 2026").HasText("tbody td", "owner of a party").HasText("tbody td", "signed an assurance").LacksText("Vetrov")
		if got := page.Texts("tbody th"); !slices.Equal(got, []string{ids["2026-12-01"], owner, signatory}) {
			t.Errorf("the list names %v", got)
		}
		for range 3 {
			form := h.get("keeper", page.Link("Erase private parts")).Status(200).Form("/erase/new")
			confirm := h.post("keeper", form).Status(200)
			h.post("keeper", confirm.Form("/erase/confirm")).Status(303)
			page = h.get("keeper", "/erase/due").Status(200)
		}
		h.get("keeper", "/erase/due").Status(200).HasText(".empty", "Nobody is overdue")
	})
}

// TestPrograms: a token is shown on the page that answers the form and nowhere
// else; a revoked one says so.
func TestPrograms(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := newHouse(t, app)
		company := nodetest.Org(t, app, account.Exporter, "Tronmark")
		h.person(company, "exporter", access.ExporterUser)
		form := h.get("admin", "/people/programs").Status(200).Form("/people/programs")
		h.post("admin", form).Status(422).Sound()
		form.Set("name", "Declarations")
		form.Set("org", h.org)
		form.Set("role", "customs_officer")
		form.Set("about", "Customs act, section 4")
		made := h.post("admin", form).Status(200)
		made.Sound()
		if !strings.Contains(made.Body, "comity_") || made.Header.Get("Cache-Control") != "no-store" {
			t.Fatal("the token is not shown, or may be kept")
		}
		id := form.Get("id")
		for _, path := range []string{"/people/programs", "/people/programs/" + id} {
			if a := h.get("admin", path).Status(200); strings.Contains(a.Body, "comity_") || !strings.Contains(a.Body, "Customs act, section 4") {
				t.Errorf("%s shows a token again, or not what it is for", path)
			}
		}
		h.get("admin", "/people").Status(200).LacksText("Declarations")
		if a := h.get("admin", "/people/"+id); a.Code != http.StatusSeeOther {
			t.Errorf("the page of a person is shown for a program: %d", a.Code)
		}
		h.get("exporter", "/exporter/programs").Status(200).LacksText("Declarations")
		h.get("exporter", "/exporter/programs/"+id).Status(404)
		own := h.get("exporter", "/exporter/programs").Form("/exporter/programs")
		own.Set("name", "Orders")
		own.Set("about", "New customers")
		h.post("exporter", own).Status(200).Sound()
		end := h.get("exporter", "/exporter/programs/"+own.Get("id")).Status(200).Form("/exporter/programs/" + own.Get("id") + "/end")
		h.post("exporter", end).Status(422)
		end.Set("reason", "The system was sold")
		h.post("exporter", end).Status(303)
		if a := h.get("exporter", "/exporter/programs/"+own.Get("id")).Status(200); !strings.Contains(a.Body, "Revoked") {
			t.Error("the page does not say that the token was revoked")
		}
	})
}
