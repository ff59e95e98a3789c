package public_test

import (
	"bytes"
	"context"
	"encoding/json"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/lists/register"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/public"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

var ctx = context.Background()

const password = "correct horse battery"

func handler(t testing.TB, app *node.App) http.Handler {
	t.Helper()
	cat, err := lang.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	d := door.New(app)
	d.Node, d.States = "Norland Export Control Authority", map[string]string{"XN": "Norland"}
	mux := http.NewServeMux()
	mux.Handle(ui.StaticPath, ui.Static())
	d.Routes(mux)
	public.Routes(mux, d)
	guarded, err := ui.SameOrigin(mux, d.Fail)
	if err != nil {
		t.Fatal(err)
	}
	return ui.SecurityHeaders(ui.Localise(d.Recognise(guarded), cat, time.UTC, d.States))
}

// get asks for a page and counts what it costs.
func get(t testing.TB, h http.Handler, path string, cookies ...*http.Cookie) *uitest.Answer {
	t.Helper()
	n := 0
	r := httptest.NewRequest(http.MethodGet, path, nil)
	a := uitest.Ask(t, h, r.WithContext(store.CountStatements(r.Context(), &n)), cookies...)
	if n > 10 {
		t.Errorf("%s costs %d statements", path, n)
	}
	if strings.Contains(a.Body, "[public.") || strings.Contains(a.Body, "[register.") {
		t.Errorf("%s has a key without a sentence", path)
	}
	return a
}

func signIn(t testing.TB, app *node.App, h http.Handler, role access.Role) *http.Cookie {
	t.Helper()
	org := nodetest.Org(t, app, account.Authority, "Licensing authority")
	who := nodetest.Person(t, app, org, "keeper", role)
	if err := app.Do(ctx, access.System(), node.SetPassword{Account: who.Account, New: password}); err != nil {
		t.Fatal(err)
	}
	form := uitest.Get(t, h, "/sign-in").Form("/sign-in")
	form.Set("name", "keeper")
	form.Set("password", password)
	for _, c := range uitest.Post(t, h, form).Cookies {
		if c.Name == "comity" {
			return c
		}
	}
	t.Fatal("the keeper can't sign in")
	return nil
}

// TestRegister: a company comes in by itself, with a mistake on every page, and
// loses nothing of what was typed.
func TestRegister(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := handler(t, app)
		taken := nodetest.Org(t, app, account.Exporter, "First")
		nodetest.Person(t, app, taken, "tron", access.ExporterUser)

		form := get(t, h, "/register").Status(200).Sound().Form("/register")
		page := uitest.Post(t, h, form).Status(422)
		page.HasText("#f-company-error", "name").HasText("#f-country-error", "country").HasText("#f-registry-error", "register")
		form = page.Form("/register")
		form.Set("company", "Тронмарк ООД")
		form.Set("country", "XN")
		form.Set("registry", "R-"+taken) // on record already
		page = uitest.Post(t, h, form).Status(200)
		form = page.HasText("h1", "Who are you?").Form("/register")
		form.Set("name", "Amira Testova")
		form.Set("email", "no address")
		page = uitest.Post(t, h, form).Status(422)
		page.HasText("#f-email-error", "address")
		form = page.Form("/register")
		form.Set("email", "amira@example.org")
		page = uitest.Post(t, h, form).Status(200)
		page.HasText("h1", "sign in").HasText("dl dd", "Тронмарк ООД")
		form = page.Form("/register")
		form.Set("sign", "Tron")
		form.Set("password", "short")
		page = uitest.Post(t, h, form).Status(422)
		page.HasText("#f-password-error", "12")

		// The number is on record: back to the first page, with everything kept.
		form = page.Form("/register")
		form.Set("password", password)
		page = uitest.Post(t, h, form).Status(409)
		page.HasText("h1", "Which company").HasText("#f-registry-error", "on record already")
		page.LacksText(password)
		form = page.Form("/register")
		form.Set("registry", "R-77")
		form = uitest.Post(t, h, form).Status(200).Form("/register")
		if form.Values.Get("name") != "Amira Testova" || form.Values.Get("email") != "amira@example.org" {
			t.Fatalf("lost what was typed: %v", form.Values)
		}
		form = uitest.Post(t, h, form).Status(200).Form("/register")
		if form.Values.Get("sign") != "Tron" {
			t.Fatalf("lost the sign-in name: %v", form.Values)
		}
		form.Set("password", password)
		page = uitest.Post(t, h, form).Status(409)
		page.HasText("#f-sign-error", "taken") // Tron is tron
		form = page.Form("/register")

		back := form
		back.Set("back", "yes")
		if got := uitest.Post(t, h, back).Status(200).Form("/register").Values.Get("company"); got != "Тронмарк ООД" {
			t.Errorf("going back lost the company: %q", got)
		}
		form.Values.Del("back")
		form.Set("sign", "amira")
		form.Set("password", password)
		uitest.Post(t, h, form).Redirects("/register/done")
		uitest.Post(t, h, form).Redirects("/register/done") // sent twice, done once
		get(t, h, "/register/done").Status(200).Sound()

		token, err := app.SignIn(ctx, "amira", password, "")
		if err != nil {
			t.Fatal(err)
		}
		who, err := app.Who(ctx, token)
		if err != nil || !who.Actor.Has(access.ExporterUser) {
			t.Fatalf("%+v, %v", who, err)
		}
		org, err := app.Org(ctx, who.Actor, who.Account.Org)
		if err != nil || org.Org.Status != account.Pending || org.Org.Name != "Тронмарк ООД" {
			t.Fatalf("%+v, %v", org.Org, err)
		}
		if org.Events[0].Actor != who.Actor.Account {
			t.Errorf("the company was registered by %q", org.Events[0].Actor)
		}
	})
}

func TestRegisterIsLimited(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nil)
	h := handler(t, app)
	form := uitest.Get(t, h, "/register").Form("/register")
	for range 30 {
		uitest.Post(t, h, form).Status(422)
	}
	uitest.Post(t, h, form).Status(429)
}

func TestStates(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := handler(t, app)
		a := get(t, h, "/states").Status(200).Sound()
		a.Count("#states tbody tr", 25).HasText("main", "no state is graded")
		get(t, h, "/states?show=&q=").Status(200).HasText("#states caption", "states")
		get(t, h, "/states?show=&q=KOSO").Count("#states tbody tr", 1)
		get(t, h, "/states?in=wassenaar").HasText("#states tbody td", "Wassenaar")
		for _, name := range get(t, h, "/states?show=&in=none").Texts("#states tbody td") {
			if strings.Contains(name, "Wassenaar") {
				t.Errorf("none on record, and yet %q", name)
			}
		}
		page := get(t, h, "/states/FR").Status(200).Sound()
		page.HasText("#memberships th", "Wassenaar").HasText("#memberships", "To be checked with the source").HasText("#memberships", "Date not known")
		get(t, h, "/states/QQ").Status(404)
		get(t, h, "/states/import").Redirects("/sign-in?next=%2Fstates%2Fimport")
		auditor := signIn(t, app, h, access.Auditor)
		get(t, h, "/states/import", auditor).Status(404)
	})
}

// send uploads a register and gives the page with what differs.
func send(t *testing.T, h http.Handler, keeper *http.Cookie, name string, body []byte) *uitest.Answer {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	f, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write(body)
	_ = w.WriteField("note", "Letter of the ministry, 3 November 2026")
	_ = w.Close()
	r := httptest.NewRequest(http.MethodPost, "/states/import", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return uitest.Ask(t, h, r, keeper)
}

func exported(t *testing.T, h http.Handler, path string, cookies ...*http.Cookie) []byte {
	t.Helper()
	return []byte(get(t, h, path, cookies...).Status(200).Body)
}

func parsed(t *testing.T, raw []byte) register.Register {
	t.Helper()
	r, err := register.ImportJSON(raw)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func written(t *testing.T, r register.Register) []byte {
	t.Helper()
	b, err := r.ExportJSON()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestN1EcuadorIsRecordedWithoutAnyRegime: a state in none of the four regimes
// subscribes with date and document, is in the register, names a contact, and
// no input asks for a regime.
func TestN1EcuadorIsRecordedWithoutAnyRegime(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := handler(t, app)
		keeper := signIn(t, app, h, access.ListKeeper)
		r := parsed(t, exported(t, h, "/states.json", keeper))
		for i, s := range r.States {
			if s.Code == "EC" {
				r.States[i].Subscriptions = nil
			}
		}
		adopt := func(r register.Register) *uitest.Answer {
			page := send(t, h, keeper, "states.json", written(t, r)).Status(200)
			page.HasText("main", "Ecuador")
			uitest.Post(t, h, page.Form("/states/adopt"), keeper).Redirects("/states")
			return page
		}
		adopt(r)
		get(t, h, "/states/EC").Status(200).HasText("#subscriptions", "No subscription is on record")
		get(t, h, "/states?q=Ecuador").Count("#states tbody tr", 0)

		r, err := r.Subscribe("EC", "Ecuador", register.Subscription{From: "2023-03-30", Document: "press release of 30 March 2023"})
		if err != nil {
			t.Fatal(err)
		}
		if r, err = r.Designate("EC", register.Contact{Office: "Ministry of Foreign Affairs", Person: "Rosa Ejemplo", Email: "poc@example.org", From: "2024-01-01"}); err != nil {
			t.Fatal(err)
		}
		page := adopt(r)
		for _, input := range page.All("input") {
			if name, _ := uitest.Attr(input, "name"); strings.Contains(name, "regime") || strings.Contains(name, "membership") {
				t.Errorf("the input %s asks for a regime", name)
			}
		}
		state := get(t, h, "/states/EC").Status(200).Sound()
		state.HasText("#subscriptions", "press release of 30 March 2023").HasText("#memberships", "None is needed to subscribe").HasText("#contacts", "Ministry of Foreign Affairs")
		state.LacksText("Rosa Ejemplo").LacksText("poc@example.org") // an office for the public
		get(t, h, "/states/EC", keeper).HasText("#contacts", "Rosa Ejemplo")
		get(t, h, "/states?q=Ecuador").Count("#states tbody tr", 1)
		get(t, h, "/states").HasText("#meetings", "Plenary")
		// She asks to be forgotten: the office stays, in every version of the register.
		inUse, err := app.States(ctx)
		if err != nil || len(inUse.Owners) != 1 {
			t.Fatalf("%v, %v", inUse.Owners, err)
		}
		for _, owner := range inUse.Owners {
			if err := app.Do(ctx, access.System(), node.Erase{What: event.Stream(owner), Rule: "Request of the person"}); err != nil {
				t.Fatal(err)
			}
		}
		get(t, h, "/states/EC", keeper).HasText("#contacts", "Ministry of Foreign Affairs").LacksText("Rosa Ejemplo")
		if raw := exported(t, h, "/states.csv"); bytes.Contains(raw, []byte("Rosa")) {
			t.Error("the public file names a person")
		}
	})
}

// TestN2KosovoComesBackUnchanged: the register leaves as JSON and as CSV and
// comes back; Kosovo, whose code XK is in no list of ISO, is unchanged.
func TestN2KosovoComesBackUnchanged(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := handler(t, app)
		keeper := signIn(t, app, h, access.ListKeeper)
		first := exported(t, h, "/states.json")
		before, ok := parsed(t, first).State("XK")
		if !ok || before.Name != "Kosovo" {
			t.Fatalf("Kosovo in the shipped register: %+v", before)
		}
		for _, kind := range []string{"json", "csv"} {
			raw := exported(t, h, "/states."+kind)
			send(t, h, keeper, "states."+kind, raw).Status(200).HasText("main", "Nothing differs")
		}
		// A register with one other change goes in as CSV; XK is in nothing that differs.
		changed := parsed(t, first)
		changed.AsOf = "2026-11-23"
		asCSV, err := changed.ExportCSV()
		if err != nil {
			t.Fatal(err)
		}
		page := send(t, h, keeper, "states.csv", asCSV).Status(200).LacksText("Kosovo")
		form := page.Form("/states/adopt")
		uitest.Post(t, h, form, keeper).Redirects("/states")
		if !bytes.Equal(exported(t, h, "/states.json"), written(t, changed)) {
			t.Error("what comes out is not what went in")
		}
		after, _ := parsed(t, exported(t, h, "/states.json")).State("XK")
		x, _ := json.Marshal(before)
		y, _ := json.Marshal(after)
		if !bytes.Equal(x, y) {
			t.Errorf("Kosovo was\n%s\nand is\n%s", x, y)
		}
		get(t, h, "/states/XK").Status(200).HasText("h1", "Kosovo")
		// The page that somebody else overtook changes nothing.
		uitest.Post(t, h, form, keeper).Status(409)
		for name, bad := range map[string]string{"nothing": "", "no register": "{}", "half": string(first[:len(first)/2]), "text": "a,b,c\n"} {
			if a := send(t, h, keeper, "x", []byte(bad)); a.Code != 422 || len(a.All("#f-file-error")) != 1 {
				t.Errorf("%s: status %d", name, a.Code)
			}
		}
	})
}
