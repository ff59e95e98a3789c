package node_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

// Rows that an older schema made are made anew before the node opens, whether
// that schema is a running node's or a backup's.
func TestMigrateMakesRowsAnew(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		org := nodetest.Org(t, app, account.Authority, "Licensing authority")
		nodetest.Person(t, app, org, "auditor", access.Auditor)
		cfg := app.Config()
		// What an older schema leaves behind: other rows, and word of itself.
		older := func(statement string) {
			t.Helper()
			driver, dsn := "pgx", cfg.DSN
			if cfg.Engine == store.SQLite {
				driver, dsn = "sqlite", filepath.Join(cfg.Dir, "comity.db")
			}
			db, err := sql.Open(driver, dsn)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec(statement); err != nil {
				t.Fatal(err)
			}
		}
		older(`UPDATE counter SET value = 1 WHERE name = 'rows made'`)
		older(`DELETE FROM org_row`)
		if _, err := node.Open(ctx, cfg); err == nil || !strings.Contains(err.Error(), "comity migrate") {
			t.Fatalf("a node with rows of an older schema: %v", err)
		}
		var backup strings.Builder
		if _, err := app.Backup(ctx, &backup, nil); err != nil {
			t.Fatal(err)
		}

		done, err := node.Migrate(ctx, cfg, nil)
		if err != nil || done.Applied != 0 || done.Streams != 2 {
			t.Fatalf("migrate: %+v, %v", done, err)
		}
		again, err := node.Open(ctx, cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer again.Close()
		if done, err := node.Migrate(ctx, cfg, nil); err != nil || done.Streams != 0 {
			t.Errorf("a second time: %+v, %v", done, err)
		}

		place := nodetest.Config(t, cfg.Engine, clock)
		place.Keys = cfg.Keys
		if _, err := node.Restore(ctx, place, strings.NewReader(backup.String()), nil); err != nil {
			t.Fatal(err)
		}
		restored, err := node.Open(ctx, place)
		if err != nil {
			t.Fatal(err)
		}
		restored.Close()
	})
}
