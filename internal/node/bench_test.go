package node_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/store/pgtest"
)

// BenchmarkCommand runs one-event commands through Do, one caller and 64, with
// the yardstick beside it: a loop that inserts one 200-byte row and commits.
func BenchmarkCommand(b *testing.B) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		b.Run(string(engine)+"/yardstick", func(b *testing.B) { yardstick(b, engine) })
		for _, callers := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/callers=%d", engine, callers), func(b *testing.B) { commands(b, engine, callers) })
		}
	}
}

func commands(b *testing.B, engine store.Engine, callers int) {
	app := nodetest.Open(b, engine, nil)
	org := nodetest.Org(b, app, account.Authority, "Licensing authority")
	admin := nodetest.Person(b, app, org, "admin", access.Administrator)
	var ids []string
	for i := range 64 {
		ids = append(ids, nodetest.Person(b, app, org, fmt.Sprint("p", i), access.Auditor).Account)
	}
	var n atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for c := range callers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for n.Add(1) <= int64(b.N) {
				err := app.Do(context.Background(), admin, account.ChangeRoles{ID: ids[c], Roles: []access.Role{access.Auditor}, Reason: "cover for a colleague on leave until Monday"})
				if err != nil {
					b.Error(err)
					return
				}
			}
		}()
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commands/s")
}

func yardstick(b *testing.B, engine store.Engine) {
	var db *sql.DB
	var err error
	if engine == store.Postgres {
		db, err = sql.Open("pgx", pgtest.DSN(b))
	} else {
		db, err = sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "y.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	}
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE y (n bigint PRIMARY KEY, row text NOT NULL)`); err != nil {
		b.Fatal(err)
	}
	row := fmt.Sprintf("%0200d", 1)
	stmt, err := db.Prepare(`INSERT INTO y (n, row) VALUES ($1, $2)`)
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for i := range b.N {
		tx, err := db.Begin()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := tx.Stmt(stmt).Exec(int64(i), row); err != nil {
			b.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commands/s")
}

// BenchmarkVerify checks a ledger, with and without refolding it.
func BenchmarkVerify(b *testing.B) {
	for _, refold := range []bool{false, true} {
		b.Run(fmt.Sprintf("refold=%v", refold), func(b *testing.B) {
			app := nodetest.Open(b, store.SQLite, nil)
			org := nodetest.Org(b, app, account.Authority, "Licensing authority")
			admin := nodetest.Person(b, app, org, "admin", access.Administrator)
			var wg sync.WaitGroup
			for c := range 64 {
				id := nodetest.Person(b, app, org, fmt.Sprint("p", c), access.Auditor).Account
				wg.Add(1)
				go func() {
					defer wg.Done()
					for range 500 {
						if err := app.Do(context.Background(), admin, account.ChangeRoles{ID: id, Roles: []access.Role{access.Auditor}, Reason: "cover"}); err != nil {
							b.Error(err)
						}
					}
				}()
			}
			wg.Wait()
			b.ResetTimer()
			var events int64
			for range b.N {
				v, err := app.Verify(context.Background(), refold, nil)
				if err != nil {
					b.Fatal(err)
				}
				events += v.Entries
			}
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
		})
	}
}
