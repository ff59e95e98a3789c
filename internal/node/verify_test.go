package node_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

// Whatever somebody changes behind the program's back is found and named, and a
// refold mends what can be computed again.
func TestVerifyFindsWhatWasChanged(t *testing.T) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			cfg := nodetest.Config(t, engine, nil)
			app := nodetest.OpenAt(t, cfg)
			org := nodetest.Org(t, app, account.Authority, "Licensing authority")
			admin := nodetest.Person(t, app, org, "admin", access.Administrator)
			for i := range 300 { // more streams than are compared at a time
				nodetest.Person(t, app, org, fmt.Sprint("p", i), access.Auditor)
			}
			last := nodetest.Person(t, app, org, "last", access.Auditor)
			if err := app.Do(ctx, admin, account.ChangeRoles{ID: last.Account, Roles: []access.Role{access.SeniorOfficer}, Reason: "cover"}); err != nil {
				t.Fatal(err)
			}
			back := behind(t, cfg)
			stream := string(event.StreamOf(account.KindAccount, last.Account))
			body := func(query string, args ...any) (b []byte) {
				if err := back.QueryRow(query, args...).Scan(&b); err != nil {
					t.Fatal(err)
				}
				return b
			}
			state := body(`SELECT state FROM stream WHERE id = $1`, stream)
			record := body(`SELECT record FROM ledger_event WHERE seq = 3`)
			broken := append([]byte{}, record...)
			broken[len(broken)/2] ^= 1
			const extra = `INSERT INTO search (n, id, stream, kind, org, compartment, title, text) VALUES (9999, $1, $2, 'k', '', '', '', '')`

			for _, c := range []struct {
				what, query string
				args        []any
				want        string
				undo        string // of what a refold cannot mend
				undoArgs    []any
			}{
				{"a column", `UPDATE account_row SET roles = 'administrator' WHERE id = $1`, []any{last.Account}, "column roles of row " + last.Account, "", nil},
				{"a row is gone", `DELETE FROM account_row WHERE id = $1`, []any{last.Account}, "row " + last.Account + " of account_row is missing", "", nil},
				{"a row under another's stream", `UPDATE account_row SET stream = $1 WHERE id = $2`, []any{"account/" + admin.Account, last.Account}, "of account_row is", "", nil},
				{"a row more in a table that its stream has none in", extra, []any{"x", stream}, "row x of search is not in the events", "", nil},
				{"a row of no stream, at the end", extra, []any{"x", "zz/none"}, "row x of search is not in the events", "", nil},
				{"a row of no stream, at the beginning", extra, []any{"x", ""}, "row x of search is not in the events", "", nil},
				{"a state", `UPDATE stream SET state = $1 WHERE id = $2`, []any{append(state, ' '), stream}, "the state of " + stream, "", nil},
				{"a version", `UPDATE stream SET version = 9 WHERE id = $1`, []any{stream}, stream + " is stored at version 9, its events make 2", "", nil},
				{"a stream is gone", `DELETE FROM stream WHERE id = $1`, []any{stream}, "the events go on with " + stream, "", nil},
				{"the last stream is gone", `DELETE FROM stream WHERE id = (SELECT max(id) FROM stream)`, nil, "the events go on with", "", nil},
				{"a stream more", `INSERT INTO stream (id, kind, version, state) VALUES ('zz/none', 'zz', 1, $1)`, []any{state}, "zz/none is stored but has no events", "", nil},
				{"an entry", `UPDATE ledger_event SET record = $1 WHERE seq = 3`, []any{broken}, "3", `UPDATE ledger_event SET record = $1 WHERE seq = 3`, []any{record}},
				{"an entry filed elsewhere", `UPDATE ledger_event SET version = 7 WHERE stream = $1 AND version = 2`, []any{stream}, "filed as version 7", `UPDATE ledger_event SET version = 2 WHERE stream = $1 AND version = 7`, []any{stream}},
			} {
				if _, err := back.Exec(c.query, c.args...); err != nil {
					t.Fatalf("%s: %v", c.what, err)
				}
				if _, err := app.Verify(ctx, true, nil); err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("%s: verify says %v, want %q", c.what, err, c.want)
				}
				if c.undo != "" {
					if _, err := back.Exec(c.undo, c.undoArgs...); err != nil {
						t.Fatal(err)
					}
				} else if n, err := app.Refold(ctx, nil); err != nil || n != 303 {
					t.Fatalf("%s: refold gives %d streams, %v", c.what, n, err)
				}
				if v, err := app.Verify(ctx, true, nil); err != nil || v.Streams != 303 || v.Entries != 304 {
					t.Fatalf("%s, mended: %+v, %v", c.what, v, err)
				}
			}
		})
	}
}

// behind opens the database of a node past the program.
func behind(t *testing.T, cfg node.Config) *sql.DB {
	t.Helper()
	driver, dsn := "pgx", cfg.DSN
	if cfg.Engine == store.SQLite {
		driver, dsn = "sqlite", "file:"+filepath.Join(cfg.Dir, "comity.db")+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// However many streams there are, folding them again holds one state: each is
// made only after the one before was given away.
func TestStreamsAreFoldedOneByOne(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		org := nodetest.Org(t, app, account.Authority, "Licensing authority")
		admin := nodetest.Person(t, app, org, "admin", access.Administrator)
		for i := range 20 {
			p := nodetest.Person(t, app, org, fmt.Sprint("p", i), access.Auditor)
			if err := app.Do(ctx, admin, account.ChangeRoles{ID: p.Account, Roles: []access.Role{access.SeniorOfficer}, Reason: "cover"}); err != nil {
				t.Fatal(err)
			}
		}
		made, given := 0, 0
		err := app.Store().View(ctx, func(tx *store.Tx) error {
			for _, err := range app.FoldStreams(tx, func(s event.Stream) {
				if made++; made != given+1 {
					t.Errorf("%s is folded while %d streams are held", s, made-given-1)
				}
			}) {
				if err != nil {
					return err
				}
				given++
			}
			return nil
		})
		if err != nil || made != 22 || given != 22 {
			t.Fatalf("%d made, %d given, %v; want 22", made, given, err)
		}
	})
}
