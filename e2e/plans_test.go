package e2e

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/demo"
	"github.com/comity-project/comity/internal/demo/volume"
	"github.com/comity-project/comity/internal/incidents"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
)

// officePage is a page that people of the authority, customs and exporters work
// with, besides the work lists and cases.
type officePage struct{ sign, name, path string }

// officePages are those pages; of an incident about ten destinations, the first
// two pages of what it touches.
func officePages(t testing.TB, app *node.App) []officePage {
	t.Helper()
	ctx := context.Background()
	siri, _, err := app.ActorNamed(ctx, "siri")
	if err != nil {
		t.Fatal(err)
	}
	id := node.NewID()
	var groups []incidents.On
	for _, g := range incidents.Groups {
		groups = append(groups, incidents.On{Group: g, Effect: incidents.Effects[0]})
	}
	var links []incidents.Link
	for _, c := range party.Countries()[:10] {
		links = append(links, incidents.Link{Kind: incidents.Destination, Ref: c})
	}
	if err := app.Do(ctx, siri, incidents.Open{
		OnIncident: incidents.OnIncident{Incident: id}, Kind: incidents.Report, Origin: incidents.Press, Urgency: incidents.Days, Received: deadline.DateOf(app.Now(), nil),
		Groups: groups, Links: links,
		Words: incidents.Words{Title: "A report", What: "What a newspaper wrote.", StateCan: "Look at what is open."},
	}); err != nil {
		t.Fatal(err)
	}
	pages := []officePage{
		{"siri", "incident, first page", "/incidents/" + id},
		{"liv", "work", "/work"},
		{"liv", "licences", "/licences"},
		{"liv", "reports that wait", "/licences/duties"},
		{"liv", "reports overdue", "/licences/duties?show=overdue"},
		{"liv", "own interests", "/interests"},
		{"siri", "all interests", "/interests"},
		{"liv", "register of parties", "/parties"},
		{"liv", "finding", "/find?q=ministry"},
		{"liv", "came to light", "/watch"},
		{"liv", "notices", "/notices"},
		{"siri", "incidents", "/incidents"},
		{"vidar", "verification", "/verification"},
		{"vidar", "plans", "/verification/plans"},
		{"liv", "evidence", "/evidence"},
		{"liv", "questions", "/questions"},
		{"tollef", "customs", "/customs"},
		{"tollef", "notices to customs", "/customs/notices"},
		{"tollef", "stops", "/stops"},
		{"pola", "exchange", "/exchange"},
		{"audun", "record", "/record"},
		{"exporter00", "exporter's home", "/exporter"},
		{"exporter00", "exporter's applications", "/exporter/applications"},
		{"exporter00", "exporter's licences", "/exporter/licences"},
	}
	file, err := app.IncidentFile(ctx, siri, id, node.TouchedAt{})
	if err != nil {
		t.Fatal(err)
	}
	if at := file.Next; at != (node.TouchedAt{}) {
		pages = append(pages, officePage{"siri", "incident, second page", "/incidents/" + id + "?licences=" + at.Licence + "&cases=" + at.Case})
	}
	licences, refused, err := concluded(ctx, app)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range licences {
		pages = append(pages, officePage{"liv", "licence", "/licences/" + l}, officePage{"liv", "varying", "/licences/" + l + "/vary"})
	}
	for _, c := range refused {
		pages = append(pages, officePage{"liv", "denial", "/cases/" + c + "/denial"}, officePage{"liv", "side by side", "/cases/" + c + "/beside"})
	}
	return pages
}

// concluded are one licence and one refused case.
func concluded(ctx context.Context, app *node.App) (licences, refused []string, err error) {
	err = app.Store().View(ctx, func(tx *store.Tx) error {
		rows, err := tx.ListLicences(store.Licences{Scope: access.Scope{Everything: true}, Limit: 1})
		if err != nil {
			return err
		}
		for _, r := range rows {
			licences = append(licences, r.ID)
		}
		cases, err := tx.ListCases(store.Cases{Scope: access.Scope{Everything: true}, List: store.ClosedList, Limit: 200})
		for _, c := range cases {
			if c.Outcome == "refused" && len(refused) == 0 {
				refused = append(refused, c.ID)
			}
		}
		return err
	})
	return licences, refused, err
}

// told are the statements of requests, each once.
type told struct {
	mu   sync.Mutex
	seen map[string]bool
	list []asked
}

type asked struct {
	page, query string
	args        []any
}

func (x *told) record(page, query string, args []any) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.seen[query] {
		x.seen[query] = true
		x.list = append(x.list, asked{page, query, slices.Clone(args)})
	}
}

// large are the tables that grow with the cases; a state has few rows of others.
var large = []string{
	"case_row", "case_line", "case_party", "case_user_name", "case_user_mark", "case_rfi", "case_assurance", "case_document", "case_advice", "case_ground", "case_appeal", "case_again",
	"case_person", "licence_row", "licence_line", "licence_duty", "licence_use", "licence_code", "assessments", "assessment_code", "assessment_hits", "decided_facts", "notice", "mail", "duty_row",
	"party_row", "party_name", "party_link", "party_unit", "ledger_event", "stream", "vault_object", "search", "search_words", "customs_message", "licence_notice", "incident_link", "watch_row", "check_row", "evidence_row", "outcome_row", "draft",
}

// No page, and no job that looks for what falls due, reads a whole table of those
// that grow with the cases.
func TestPagesReadIndexes(t *testing.T) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			ctx := context.Background()
			cfg := nodetest.Config(t, engine, nil)
			cfg.State, cfg.States, cfg.Title = "XN", demo.States, demo.Authority
			app := nodetest.OpenAt(t, cfg)
			if _, err := volume.Make(ctx, app, volume.Options{Cases: 1500, Seed: largeGenerator, Password: demo.Password}); err != nil {
				t.Fatal(err)
			}
			heard := &told{seen: map[string]bool{}}
			inner := site(t, app)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				inner.ServeHTTP(w, r.WithContext(store.TellStatements(r.Context(), func(q string, args []any) { heard.record(r.URL.Path, q, args) })))
			}))
			defer server.Close()
			readers := map[string]*reader{}
			for _, p := range officePages(t, app) {
				if readers[p.sign] == nil {
					readers[p.sign] = newReader(t, server.URL)
					readers[p.sign].signIn(t, p.sign)
				}
				readers[p.sign].get(t, p.path)
			}
			app.Runner().Drain(store.TellStatements(ctx, func(q string, args []any) { heard.record("a job", q, args) }))
			db := plans(t, app, cfg)
			for _, a := range heard.list {
				for _, line := range scans(t, db, engine, a) {
					t.Errorf("%s reads a whole table: %s\n%s", a.page, line, a.query)
				}
			}
		})
	}
}

// plans opens the database beside the node, to ask how it would answer.
func plans(t *testing.T, app *node.App, cfg node.Config) *sql.DB {
	t.Helper()
	driver, dsn := "pgx", cfg.DSN
	if cfg.Engine == store.SQLite {
		driver, dsn = "sqlite", "file:"+filepath.Join(cfg.Dir, "comity.db")+"?mode=ro&_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	if cfg.Engine == store.Postgres { // small tables are read whole where they may be: what is left can only be read so
		if _, err := db.Exec("SET enable_seqscan = off"); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

// scans are the lines of a plan that read a large table from one end to the other.
func scans(t *testing.T, db *sql.DB, engine store.Engine, a asked) (bad []string) {
	t.Helper()
	prefix := "EXPLAIN QUERY PLAN "
	if engine == store.Postgres {
		prefix = "EXPLAIN "
	}
	rows, err := db.Query(prefix+a.query, a.args...)
	if err != nil {
		t.Fatalf("%s: %v\n%s", a.page, err, a.query)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		var skip any
		if engine == store.Postgres {
			err = rows.Scan(&line)
		} else {
			err = rows.Scan(&skip, &skip, &skip, &line)
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range large {
			whole := strings.Contains(line, "Seq Scan on "+table+" ") || strings.HasPrefix(line, "SCAN "+table+" USING COVERING INDEX")
			if of, is := strings.CutPrefix(line, "SCAN "); is && (of == table || !strings.Contains(of, " ") && strings.Contains(a.query, table+" AS "+of)) {
				whole = true
			}
			if whole {
				bad = append(bad, fmt.Sprint(strings.TrimSpace(line)))
			}
		}
	}
	return bad
}
