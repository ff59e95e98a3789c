package api_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/api"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/screening"
)

var ctx = context.Background()

const password = "correct horse battery"

// house is a node behind its door for programs.
type house struct {
	t      testing.TB
	app    *node.App
	h      http.Handler
	tokens map[string]string
}

func newHouse(t testing.TB, app *node.App) *house {
	t.Helper()
	cat, err := lang.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, app: app, h: api.New(app, cat, slog.New(slog.DiscardHandler)).Handler(), tokens: map[string]string{}}
	authority := nodetest.Org(t, app, account.Authority, "Licensing authority")
	for sign, role := range map[string]access.Role{"officer": access.LicensingOfficer, "customs": access.CustomsOfficer, "auditor": access.Auditor} {
		h.person(authority, sign, role)
	}
	h.person(nodetest.Org(t, app, account.Exporter, "Tronmark"), "exporter", access.ExporterUser)
	return h
}

func (h *house) person(org, sign string, role access.Role) {
	h.t.Helper()
	p := nodetest.Person(h.t, h.app, org, sign, role)
	if err := h.app.Do(ctx, access.System(), node.SetPassword{Account: p.Account, New: password}); err != nil {
		h.t.Fatal(err)
	}
	token, err := h.app.SignIn(ctx, sign, password, "")
	if err != nil {
		h.t.Fatal(err)
	}
	h.tokens[sign] = base64.RawURLEncoding.EncodeToString(token[:])
}

func (h *house) post(sign, path, kind, body string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", kind)
	if sign != "" {
		r.Header.Set("Authorization", "Bearer "+h.tokens[sign])
	}
	w := httptest.NewRecorder()
	h.h.ServeHTTP(w, r)
	return w
}

func (h *house) ask(sign, body string) *httptest.ResponseRecorder {
	h.t.Helper()
	return h.post(sign, "/api/v1/screen", "application/json", body)
}

const duty = `"purpose":"duty","about":"Export control act, section 4"`

// TestTheAnswerIsTheLibrarys: what a program gets is what the library says of the
// same index, reasons included.
func TestTheAnswerIsTheLibrarys(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := newHouse(t, app)
		e, err := app.Engines(ctx)
		if err != nil {
			t.Fatal(err)
		}
		q := screening.Query{Name: "Особый отдел Министерства внутренних дел Карсовии", Country: "XR"}
		w := h.ask("customs", `{"name":"Особый отдел Министерства внутренних дел Карсовии","country":"XR","explain":true,`+duty+`}`)
		var got struct {
			Hits []struct {
				screening.Hit
				MustLook bool                   `json:"must_look"`
				Why      *screening.Explanation `json:"why"`
			} `json:"hits"`
			Searched    screening.Searched `json:"searched"`
			NotSearched []string           `json:"not_searched"`
		}
		if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%d %s %v", w.Code, w.Body, err)
		}
		want := e.Index.Search(q, screening.SearchOptions{})
		if !reflect.DeepEqual(got.Searched, want.Searched) || len(got.Hits) == 0 || len(got.Hits) != len(want.Hits) || len(got.NotSearched) == 0 {
			t.Fatalf("%+v, want %+v", got, want)
		}
		if !got.Hits[0].MustLook {
			t.Fatalf("the first hit need not be looked at: %+v", got.Hits[0])
		}
		for i, hit := range got.Hits {
			if !reflect.DeepEqual(hit.Hit, want.Hits[i]) {
				t.Errorf("hit %d is %+v, the library says %+v", i, hit.Hit, want.Hits[i])
			}
			if hit.MustLook != (hit.Why != nil) {
				t.Errorf("hit %d must be looked at: %v; is explained: %v", i, hit.MustLook, hit.Why != nil)
			}
			if hit.Why != nil {
				why, _ := json.Marshal(e.Index.Explain(q, hit.EntityID))
				told, _ := json.Marshal(hit.Why)
				if !bytes.Equal(why, told) {
					t.Errorf("the reasons are %s, the library says %s", told, why)
				}
			}
		}
		// The same words again give the same bytes.
		again := h.ask("customs", `{"name":"Особый отдел Министерства внутренних дел Карсовии","country":"XR","explain":true,`+duty+`}`)
		if !bytes.Equal(w.Body.Bytes(), again.Body.Bytes()) {
			t.Error("the same question got another answer")
		}
		lines := h.post("officer", "/api/v1/screen/lines?purpose=duty&about=Act&explain=true", "application/x-ndjson",
			"{\"qid\":\"a\",\"name\":\"Особый отдел Министерства внутренних дел Карсовии\",\"country\":\"XR\"}\nnonsense\n{\"qid\":\"c\"}\n{\"qid\":\"d\",\"name\":\"Qwertop Nobody\"}\n")
		out := strings.Split(strings.TrimSuffix(lines.Body.String(), "\n"), "\n")
		hits, _ := json.Marshal(got.Hits[0].Hit)
		if lines.Code != http.StatusOK || len(out) != 4 || !strings.HasPrefix(out[0], `{"qid":"a","hits":[`+strings.TrimSuffix(string(hits), "}")) ||
			!strings.Contains(out[1], `"error":`) || !strings.HasPrefix(out[2], `{"qid":"c","error":`) || !strings.HasPrefix(out[3], `{"qid":"d","hits":[],"index":`) {
			t.Errorf("%d %q", lines.Code, out)
		}
		// Five parties in three requests are on record, by purpose, without names.
		var auditor access.Actor
		auditor.Account, auditor.Roles = "x", []access.Role{access.Auditor}
		v, err := app.ScreeningVolumes(ctx, auditor, "")
		if err != nil {
			t.Fatal(err)
		}
		queries := int64(0)
		for _, x := range v {
			queries += x.Queries
			if x.Purpose != "duty" {
				t.Errorf("%+v", x)
			}
		}
		if queries != 4 {
			t.Errorf("%d queries are on record, want 4", queries)
		}
	})
}

func TestWhatIsRefusedToPrograms(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nodetest.NewClock())
	h := newHouse(t, app)
	for name, c := range map[string]struct {
		sign, path, kind, body string
		code                   int
	}{
		"nobody":              {"", "/api/v1/screen", "application/json", `{"name":"a",` + duty + `}`, 401},
		"no right to search":  {"auditor", "/api/v1/screen", "application/json", `{"name":"a",` + duty + `}`, 404},
		"no purpose":          {"officer", "/api/v1/screen", "application/json", `{"name":"a"}`, 422},
		"a duty without law":  {"officer", "/api/v1/screen", "application/json", `{"name":"a","purpose":"duty"}`, 422},
		"a case that is none": {"officer", "/api/v1/screen", "application/json", `{"name":"a","purpose":"case","about":"NO/2026/1"}`, 422},
		"another's purpose":   {"exporter", "/api/v1/screen", "application/json", `{"name":"a",` + duty + `}`, 422},
		"no name":             {"officer", "/api/v1/screen", "application/json", `{` + duty + `}`, 422},
		"an endless name":     {"officer", "/api/v1/screen", "application/json", `{"name":"` + strings.Repeat("a", 600) + `",` + duty + `}`, 422},
		"a large request":     {"officer", "/api/v1/screen", "application/json", `{"name":"` + strings.Repeat("a", 70_000) + `",` + duty + `}`, 413},
		"an unknown field":    {"officer", "/api/v1/screen", "application/json", `{"nmae":"a",` + duty + `}`, 422},
		"two values":          {"officer", "/api/v1/screen", "application/json", `{"name":"a",` + duty + `}{}`, 422},
		"a form":              {"officer", "/api/v1/screen", "application/x-www-form-urlencoded", "name=a", 422},
		"no such path":        {"officer", "/api/v1/nowhere", "application/json", `{}`, 404},
		"lines for nothing":   {"officer", "/api/v1/screen/lines", "application/x-ndjson", `{"name":"a"}`, 422},
		"too many lines":      {"officer", "/api/v1/screen/lines?purpose=duty&about=x", "application/x-ndjson", strings.Repeat("{}\n", 1001), 413},
		"lines of an auditor": {"auditor", "/api/v1/screen/lines?purpose=duty&about=x", "application/x-ndjson", `{"name":"a"}`, 404},
	} {
		w := h.post(c.sign, c.path, c.kind, c.body)
		if w.Code != c.code || w.Header().Get("Content-Type") != "application/problem+json" || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: %d %s %s, want %d", name, w.Code, w.Header().Get("Content-Type"), w.Body, c.code)
		}
	}
	if w := h.ask("exporter", `{"name":"Особый отдел Министерства внутренних дел Карсовии","purpose":"customers"}`); w.Code != 200 || strings.Contains(w.Body.String(), "alvania") {
		t.Errorf("an exporter is told of a list that is not public: %d %s", w.Code, w.Body)
	}
	// A page of another site cannot use a browser's session.
	r := httptest.NewRequest(http.MethodPost, "/api/v1/screen", strings.NewReader(`{"name":"a",`+duty+`}`))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.AddCookie(&http.Cookie{Name: "comity", Value: h.tokens["officer"]})
	w := httptest.NewRecorder()
	if h.h.ServeHTTP(w, r); w.Code != http.StatusForbidden {
		t.Errorf("another site's page got %d", w.Code)
	}
}

func TestCallsAreLimited(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nodetest.NewClock())
	h := newHouse(t, app)
	line := `{"name":"..."}` + "\n"
	for range 2 { // the clock of the test stands still, so nothing recovers
		h.post("exporter", "/api/v1/screen/lines?purpose=customers", "application/x-ndjson", strings.Repeat(line, 250))
	}
	if w := h.ask("exporter", `{"name":"a","purpose":"customers"}`); w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" {
		t.Errorf("over the rate: %d", w.Code)
	}
	if w := h.ask("officer", `{"name":"a",`+duty+`}`); w.Code != http.StatusOK {
		t.Errorf("another account: %d %s", w.Code, w.Body)
	}
}

func TestTheDescriptionIsJSON(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nodetest.NewClock())
	h := newHouse(t, app)
	w := httptest.NewRecorder()
	h.h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/openapi.json", nil))
	var doc struct {
		Paths map[string]any `json:"paths"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	want := []string{"/customs/messages", "/customs/notices", "/screen", "/screen/lines", "/statistics", "/statistics/{year}/{table}"}
	if got := slices.Sorted(maps.Keys(doc.Paths)); !slices.Equal(got, want) {
		t.Errorf("it describes %v, want %v", got, want)
	}
}

// TestPrograms: a program calls with a token that was shown once, for the purpose
// of its account and within its role, until it is revoked or its day is past.
func TestPrograms(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		h := newHouse(t, app)
		admin := nodetest.Person(t, app, nodetest.Org(t, app, account.Authority, "Customs"), "admin", access.Administrator)
		company := nodetest.Org(t, app, account.Exporter, "Zarvanik")
		trader := nodetest.Person(t, app, company, "trader", access.ExporterUser)
		today := clock.Now().Format(time.DateOnly)
		open := func(actor access.Actor, org string, role access.Role, sign string) string {
			t.Helper()
			var made node.NewProgram
			if err := app.Do(ctx, actor, account.OpenProgram{ID: node.NewID(), Org: org, Name: sign, Role: role, About: "Act, section 4", Expires: today}, node.Into(&made)); err != nil {
				t.Fatal(err)
			}
			h.tokens[sign] = made.Token
			return made.ID
		}
		declarations := open(admin, admin.Org, access.CustomsOfficer, "declarations")
		orders := open(trader, company, access.ExporterUser, "orders")
		if err := app.Do(ctx, trader, account.OpenProgram{ID: node.NewID(), Org: admin.Org, Name: "x", Role: access.CustomsOfficer, About: "x", Expires: today}); !fault.Is(err, fault.NotFound) {
			t.Errorf("an exporter lets a program into the authority: %v", err)
		}
		for name, c := range map[string]struct {
			sign, path, body string
			code             int
		}{
			"its purpose need not be said": {"declarations", "/api/v1/screen", `{"name":"Nobody Here"}`, 200},
			"it may be said":               {"declarations", "/api/v1/screen", `{"name":"Nobody Here","purpose":"duty","about":"Act, section 4"}`, 200},
			"another law":                  {"declarations", "/api/v1/screen", `{"name":"Nobody Here","purpose":"duty","about":"Act, section 5"}`, 422},
			"another purpose":              {"declarations", "/api/v1/screen", `{"name":"Nobody Here","purpose":"case","about":"NO/2026/1"}`, 422},
			"its own customers":            {"orders", "/api/v1/screen", `{"name":"Nobody Here"}`, 200},
			"a duty is not a company's":    {"orders", "/api/v1/screen", `{"name":"Nobody Here","purpose":"duty","about":"Act, section 4"}`, 422},
			"messages of no customs":       {"orders", "/api/v1/customs/messages", `{}`, 200},
		} {
			if w := h.post(c.sign, c.path, "application/json", c.body); w.Code != c.code {
				t.Errorf("%s: %d %s, want %d", name, w.Code, w.Body, c.code)
			}
		}
		if w := h.post("declarations", "/api/v1/screen/lines", "application/x-ndjson", `{"name":"Nobody Here"}`); w.Code != 200 {
			t.Errorf("lines: %d %s", w.Code, w.Body)
		}
		if w := h.post("orders", "/api/v1/customs/messages", "application/x-ndjson", `{"sender":"xn","number":1,"kind":"use","licence":"X","line":1,"quantity":"1","declaration":"D"}`); !strings.Contains(w.Body.String(), `"error"`) {
			t.Errorf("an exporter's program sends customs messages: %d %s", w.Code, w.Body)
		}
		if w := h.get("declarations", "/api/v1/customs/notices"); w.Code != 200 {
			t.Errorf("notices: %d %s", w.Code, w.Body)
		}
		if w := h.get("orders", "/api/v1/customs/notices"); w.Code != 404 {
			t.Errorf("notices for an exporter: %d %s", w.Code, w.Body)
		}
		v, err := app.ScreeningVolumes(ctx, access.Actor{Account: "x", Roles: []access.Role{access.Auditor}}, "")
		if err != nil || len(v) != 2 {
			t.Fatalf("on record are %+v, %v", v, err)
		}
		for _, x := range v {
			if want := map[string]int64{"customs_officer": 3, "exporter_user": 1}[x.Role]; x.Queries != want {
				t.Errorf("%s screened %d, want %d", x.Role, x.Queries, want)
			}
		}
		// Who keeps them sees the day of the last call, and nobody the token.
		rows, _, err := app.Programs(ctx, trader, "", 10)
		if err != nil || len(rows) != 1 || rows[0].ID != orders || rows[0].Used != today || !rows[0].Token {
			t.Errorf("an exporter sees %+v, %v", rows, err)
		}
		if rows, _, err = app.Programs(ctx, admin, "", 10); err != nil || len(rows) != 2 {
			t.Errorf("an administrator sees %+v, %v", rows, err)
		}
		if _, err := app.Program(ctx, trader, declarations); !fault.Is(err, fault.NotFound) {
			t.Errorf("an exporter sees the authority's program: %v", err)
		}
		if err := app.Do(ctx, trader, node.EndProgram{ID: declarations, Reason: "x"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("an exporter ends the authority's program: %v", err)
		}
		if err := app.Do(ctx, trader, node.EndProgram{ID: orders, Reason: "lost"}); err != nil {
			t.Fatal(err)
		}
		if w := h.ask("orders", `{"name":"Nobody Here"}`); w.Code != 401 {
			t.Errorf("a token that was revoked: %d %s", w.Code, w.Body)
		}
		clock.Move(24 * time.Hour)
		if w := h.ask("declarations", `{"name":"Nobody Here"}`); w.Code != 401 {
			t.Errorf("a token that expired: %d %s", w.Code, w.Body)
		}
		h.tokens["made up"] = "comity_" + strings.Repeat("A", 43)
		if w := h.ask("made up", `{"name":"Nobody Here"}`); w.Code != 401 {
			t.Errorf("a token that was never made: %d %s", w.Code, w.Body)
		}
		var out strings.Builder
		if err := app.ExportLedger(ctx, &out, false); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), strings.TrimPrefix(h.tokens["declarations"], "comity_")) {
			t.Error("the ledger holds a token")
		}
	})
}

func (h *house) get(sign, path string) *httptest.ResponseRecorder {
	h.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Authorization", "Bearer "+h.tokens[sign])
	w := httptest.NewRecorder()
	h.h.ServeHTTP(w, r)
	return w
}
