package node_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

// A backup goes into an empty place of either engine, and what was erased after
// it was made stays erased.
func TestBackupAndRestore(t *testing.T) {
	engines := []store.Engine{store.SQLite, store.Postgres}
	for _, from := range engines {
		for _, to := range engines {
			t.Run(string(from)+" to "+string(to), func(t *testing.T) {
				clock := nodetest.NewClock()
				cfg := nodetest.Config(t, from, clock)
				app := nodetest.OpenAt(t, cfg)
				org := nodetest.Org(t, app, account.Authority, "Licensing authority")
				leaver := nodetest.Person(t, app, org, "leaver", access.Auditor)
				nodetest.Person(t, app, org, "stayer", access.Auditor)
				custodian := nodetest.Person(t, app, org, "custodian", access.Custodian)
				if _, err := app.Checkpoint(ctx); err != nil {
					t.Fatal(err)
				}
				var file bytes.Buffer
				m, err := app.Backup(ctx, &file, nil)
				if err != nil {
					t.Fatal(err)
				}
				if m.Entries != 4 {
					t.Fatalf("got %+v", m)
				}
				gone := event.StreamOf(account.KindAccount, leaver.Account)
				if err := app.Do(ctx, custodian, node.Erase{What: gone, Rule: "staff records"}); err != nil {
					t.Fatal(err)
				}

				place := nodetest.Config(t, to, clock)
				place.Keys = cfg.Keys
				if _, err := node.Restore(ctx, place, bytes.NewReader(file.Bytes()), nil); err != nil {
					t.Fatal(err)
				}
				back, err := node.Open(ctx, place)
				if err != nil {
					t.Fatal(err)
				}
				defer back.Close()
				if _, err := back.Verify(ctx, true, nil); err != nil {
					t.Error(err)
				}
				err = back.Store().View(ctx, func(tx *store.Tx) error {
					rows, err := tx.Accounts("", "", 10)
					if err != nil {
						return err
					}
					if len(rows) != 3 {
						t.Errorf("%d accounts came back", len(rows))
					}
					if _, erased := tx.Erased(gone); !erased {
						t.Error("the erasure after the backup was undone by it")
					}
					return nil
				})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := node.Restore(ctx, place, bytes.NewReader(file.Bytes()), nil); err == nil {
					t.Error("a place in use takes a backup")
				}
			})
		}
	}
}

func TestARestoredNodeServesOnlyVerified(t *testing.T) {
	cfg := nodetest.Config(t, store.SQLite, nodetest.NewClock())
	app := nodetest.OpenAt(t, cfg)
	nodetest.Org(t, app, account.Authority, "Licensing authority")
	var file bytes.Buffer
	if _, err := app.Backup(ctx, &file, nil); err != nil {
		t.Fatal(err)
	}
	// One letter of one event is changed in the backup.
	broken := bytes.Replace(file.Bytes(), []byte(`Licensing authority`), []byte(`Licensing Authority`), -1)
	place := nodetest.Config(t, store.SQLite, nil)
	place.Keys = cfg.Keys
	if _, err := node.Restore(ctx, place, bytes.NewReader(broken), nil); err == nil {
		t.Fatal("a changed backup is restored")
	}
	if _, err := os.Stat(filepath.Join(place.Dir, "UNVERIFIED")); err != nil {
		t.Fatal(err)
	}
	if _, err := node.Open(ctx, place); err == nil {
		t.Fatal("an unverified node opens")
	}
}

func TestExportAndImport(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		org := nodetest.Org(t, app, account.Authority, "Licensing authority")
		leaver := nodetest.Person(t, app, org, "leaver", access.Auditor)
		custodian := nodetest.Person(t, app, org, "custodian", access.Custodian)
		if err := app.Do(ctx, custodian, node.Erase{What: event.StreamOf(account.KindAccount, leaver.Account), Rule: "staff records"}); err != nil {
			t.Fatal(err)
		}
		if _, err := app.Checkpoint(ctx); err != nil {
			t.Fatal(err)
		}
		var file bytes.Buffer
		if err := app.ExportLedger(ctx, &file, true); err != nil {
			t.Fatal(err)
		}
		cfg := app.Config()
		place := nodetest.Config(t, store.SQLite, clock)
		place.Keys = cfg.Keys
		if _, err := node.Migrate(ctx, place, nil); err != nil {
			t.Fatal(err)
		}
		pub, err := os.ReadFile(filepath.Join(cfg.Dir, "checkpoint.pub"))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(place.Dir, "checkpoint.pub"), pub, 0o600); err != nil {
			t.Fatal(err)
		}
		copied, err := node.Open(ctx, place)
		if err != nil {
			t.Fatal(err)
		}
		defer copied.Close()
		n, err := copied.ImportLedger(ctx, &file)
		if err != nil || n != 4 {
			t.Fatalf("got %d, %v", n, err)
		}
		if _, err := copied.Verify(ctx, true, nil); err != nil {
			t.Error(err)
		}
	})
}
