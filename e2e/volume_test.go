package e2e

import (
	"context"
	"database/sql"
	"fmt"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/demo"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/store/pgtest"
)

// A large state, made by the program, which is killed on its way and run again:
// it is whole, of the shape that is asked for, and none of its pages takes more
// statements than ten.
func TestLargeState(t *testing.T) {
	start(t)
	t.Run("sqlite", func(t *testing.T) { largeState(t, store.SQLite, 20_000) })
	t.Run("postgres", func(t *testing.T) { largeState(t, store.Postgres, 3_000) })
}

func largeState(t *testing.T, engine store.Engine, cases int) {
	dir := t.TempDir()
	cfg := node.Config{
		Name: "norland.example", Title: demo.Authority, State: "XN", States: demo.States,
		Dir: filepath.Join(dir, "data"), Keys: filepath.Join(dir, "keys"), Engine: engine,
	}
	args := []string{"demo", "generate", "--cases", fmt.Sprint(cases), "--dir", dir, "--engine", string(engine)}
	if engine == store.Postgres {
		cfg.DSN = pgtest.DSN(t)
		args = append(args, "--dsn", cfg.DSN)
	}
	killed := exec.CommandContext(t.Context(), program.bin, args...)
	if err := killed.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- killed.Wait() }()
	for written(cfg) < int64(4*cases) { // about a third of its events
		select {
		case err := <-ended:
			t.Fatalf("the generator ended before it was killed: %v", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ended
	out, err := exec.CommandContext(t.Context(), program.bin, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var before, made int
	if _, err := fmt.Sscanf(string(out), "%d cases were there; %d cases", &before, &made); err != nil || before < 1000 || before+made != cases {
		t.Fatalf("%d were there, %d were added, %v; want a part of %d and the rest:\n%s", before, made, err, cases, out)
	}

	ctx := t.Context()
	app, err := node.Open(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer app.Close()
	v, err := app.Verify(ctx, true, nil)
	if err != nil {
		t.Fatal(err)
	}
	shape(t, app, cases, v.Entries)
	if _, err := app.Engines(ctx); err != nil {
		t.Fatal(err)
	}
	statements := &counter{}
	server := httptest.NewServer(statements.count(site(t, app)))
	defer server.Close()
	for _, sign := range []string{"liv", "carl"} {
		v := newReader(t, server.URL)
		v.signIn(t, sign)
		for _, page := range v.pages(t, app, sign, cases) {
			v.get(t, page.urls[0])
			statements.take()
			for _, u := range page.urls {
				v.get(t, u)
			}
			if n := statements.take(); n == 0 || n > maxStatements {
				t.Errorf("%s: %s takes %d statements, want at most %d", sign, page.name, n, maxStatements)
			}
		}
	}
}

// written is how many events there are; 0 as long as nobody can tell.
func written(cfg node.Config) (seq int64) {
	driver, dsn := "pgx", cfg.DSN
	if cfg.Engine == store.SQLite {
		driver, dsn = "sqlite", "file:"+filepath.Join(cfg.Dir, "comity.db")+"?mode=ro&_pragma=busy_timeout(1000)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		return 0
	}
	defer db.Close()
	if err := db.QueryRow(`SELECT seq FROM ledger_head`).Scan(&seq); err != nil {
		return 0
	}
	return seq
}

// shape checks how many lines and parties the cases have, and that they stand
// at every stage and go to every destination.
func shape(t *testing.T, app *node.App, cases int, events int64) {
	t.Helper()
	var lines, parties, large, n int
	stages, destinations := map[string]bool{}, map[string]bool{}
	err := app.Store().View(context.Background(), func(tx *store.Tx) error {
		q := store.Cases{Scope: access.Scope{Everything: true}, List: store.AllCases, Limit: 200}
		for {
			rows, err := tx.ListCases(q)
			if err != nil {
				return err
			}
			for _, r := range rows {
				n, lines, parties = n+1, lines+r.Lines, parties+r.Parties
				stages[r.Stage], destinations[r.Destination] = true, true
				if r.Lines == 40 {
					large++
				}
			}
			if len(rows) < q.Limit {
				return nil
			}
			q.At = rows[len(rows)-1].Place()
		}
	})
	if err != nil || n != cases {
		t.Fatalf("the list has %d cases, %v; want %d", n, err, cases)
	}
	for _, c := range []struct {
		what  string
		n     int64
		least float64
	}{{"events", events, 12}, {"lines", int64(lines), 2}, {"parties", int64(parties), 3.5}} {
		if per := float64(c.n) / float64(cases); per < c.least {
			t.Errorf("%.2f %s a case, want %v", per, c.what, c.least)
		}
	}
	if share := 100 * float64(large) / float64(cases); share < 4 || share > 6 {
		t.Errorf("%.1f %% of the cases have 40 lines, want 5 %%", share)
	}
	for _, stage := range []string{"submitted", "assessment", "waiting", "advice", "recommendation", "countersignature", "intention", "decided", "withdrawn"} {
		if !stages[stage] {
			t.Errorf("no case is at the stage %s", stage)
		}
	}
	missing := slices.DeleteFunc(party.Countries(), func(c string) bool { return destinations[c] })
	if len(missing) > 0 {
		t.Errorf("no case goes to %v", missing)
	}
}
