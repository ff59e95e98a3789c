package node_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/store/pgtest"
)

// Rounds of BenchmarkCommand, and how long each half of one takes.
const (
	rounds    = 5
	roundTime = 600 * time.Millisecond
)

// BenchmarkCommand runs one-event commands through Do, one caller and 64,
// between rounds of its yardstick: a loop that inserts one 200-byte row and
// commits, on the same kind of database and the same file system, with the same
// care for the disk. It reports the median of each and their ratio.
func BenchmarkCommand(b *testing.B) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		for _, callers := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/callers=%d", engine, callers), func(b *testing.B) {
				run, yard := commands(b, engine, callers), yardstick(b, engine)
				for b.Loop() {
					var commands, rows []float64
					for range rounds {
						rows = append(rows, rate(yard))
						commands = append(commands, rate(run))
					}
					slices.Sort(commands)
					slices.Sort(rows)
					b.ReportMetric(commands[rounds/2], "commands/s")
					b.ReportMetric(rows[rounds/2], "yardstick-rows/s")
					b.ReportMetric(100*commands[rounds/2]/rows[rounds/2], "%-of-yardstick")
				}
			})
		}
	}
}

// rate is how many a second f does, which goes on until its time is over.
func rate(f func(until time.Time) int64) float64 {
	began := time.Now()
	n := f(began.Add(roundTime))
	return float64(n) / time.Since(began).Seconds()
}

func benchConfig(b *testing.B, engine store.Engine) node.Config {
	cfg := nodetest.Config(b, store.SQLite, nil)
	if cfg.Engine = engine; engine == store.Postgres {
		cfg.DSN = pgtest.DurableDSN(b)
	}
	return cfg
}

func commands(b *testing.B, engine store.Engine, callers int) func(time.Time) int64 {
	app := nodetest.OpenAt(b, benchConfig(b, engine))
	org := nodetest.Org(b, app, account.Authority, "Licensing authority")
	admin := nodetest.Person(b, app, org, "admin", access.Administrator)
	var ids []string
	for i := range callers {
		ids = append(ids, nodetest.Person(b, app, org, fmt.Sprint("p", i), access.Auditor).Account)
	}
	return func(until time.Time) int64 {
		var n atomic.Int64
		var wg sync.WaitGroup
		for c := range callers {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for time.Now().Before(until) {
					err := app.Do(context.Background(), admin, account.ChangeRoles{ID: ids[c], Roles: []access.Role{access.Auditor}, Reason: "cover for a colleague on leave until Monday"})
					if err != nil {
						b.Error(err)
						return
					}
					n.Add(1)
				}
			}()
		}
		wg.Wait()
		return n.Load()
	}
}

func yardstick(b *testing.B, engine store.Engine) func(time.Time) int64 {
	var db *sql.DB
	var err error
	if engine == store.Postgres {
		db, err = sql.Open("pgx", pgtest.DurableDSN(b))
	} else {
		db, err = sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "y.db")+"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	}
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	if _, err := db.Exec(`CREATE TABLE y (n bigint PRIMARY KEY, row text NOT NULL)`); err != nil {
		b.Fatal(err)
	}
	row := fmt.Sprintf("%0200d", 1)
	stmt, err := db.Prepare(`INSERT INTO y (n, row) VALUES ($1, $2)`)
	if err != nil {
		b.Fatal(err)
	}
	var last int64
	return func(until time.Time) (n int64) {
		for ; time.Now().Before(until); n++ {
			tx, err := db.Begin()
			if err != nil {
				b.Fatal(err)
			}
			last++
			if _, err := tx.Stmt(stmt).Exec(last, row); err != nil {
				b.Fatal(err)
			}
			if err := tx.Commit(); err != nil {
				b.Fatal(err)
			}
		}
		return n
	}
}

// BenchmarkVerify checks a ledger, with and without refolding it. Of events a
// second of processor time other work on the machine takes less away.
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
			used := nodetest.ProcessorTime(b)
			for range b.N {
				v, err := app.Verify(context.Background(), refold, nil)
				if err != nil {
					b.Fatal(err)
				}
				events += v.Entries
			}
			used = nodetest.ProcessorTime(b) - used
			b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(events)/used.Seconds(), "events/core-s")
		})
	}
}
