package store_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/store/pgtest"
)

// No schema has been released yet, so there are no states of released programs
// to bring forward. What holds from now on: from every version there is, with
// an event in it, the way to the newest is open, and going it twice does
// nothing.
func TestMigrationsFromEveryVersion(t *testing.T) {
	both(t, func(t *testing.T, engine store.Engine) {
		newest, err := open(t, engine).SchemaVersion(ctx)
		must(t, err)
		for from := int64(1); from <= newest; from++ {
			t.Run(fmt.Sprint(from), func(t *testing.T) {
				cfg := store.Config{Engine: engine, DSN: filepath.Join(t.TempDir(), "old.db")}
				if engine == store.Postgres {
					cfg.DSN = pgtest.DSN(t)
				}
				db, err := store.Open(ctx, cfg)
				must(t, err)
				t.Cleanup(func() { _ = db.Close() })
				must(t, db.MigrateTo(ctx, from))
				must(t, db.Update(ctx, func(tx *store.Tx) error { return tx.Append(entry("thing/1", 1)) }))
				pending, err := db.Pending(ctx)
				must(t, err)
				if int64(pending) != newest-from {
					t.Errorf("%d migrations are pending, want %d", pending, newest-from)
				}
				for want := range []int{pending, 0} {
					applied, err := db.Migrate(ctx)
					must(t, err)
					if want == 1 && applied != 0 {
						t.Errorf("the second time applied %d", applied)
					}
				}
				must(t, db.Update(ctx, func(tx *store.Tx) error { return tx.Append(entry("thing/1", 2)) }))
				if n := whole(t, db); n != 2 {
					t.Errorf("%d entries", n)
				}
			})
		}
	})
}
