package store_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/jobs/jobstest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/store/pgtest"
)

// open gives an empty, migrated database of an engine.
func open(t *testing.T, engine store.Engine) *store.DB {
	t.Helper()
	cfg := store.Config{Engine: engine, DSN: filepath.Join(t.TempDir(), "test.db")}
	if engine == store.Postgres {
		cfg.DSN = pgtest.DSN(t)
	}
	db, err := store.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := db.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return db
}

func TestJobs(t *testing.T) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			jobstest.Contract(t, func(t *testing.T) jobs.Store { return open(t, engine).Jobs() })
		})
	}
}
