package node

import (
	"context"
	"os"

	"github.com/comity-project/comity/internal/store"
)

// Migrated says what an upgrade did.
type Migrated struct {
	Applied int // migrations
	Streams int // folded again, where rows were made by an older schema
}

// Migrate brings the schema forward. Where the node has a history, its states
// and rows are then made anew of their events: a schema says where rows lie, and
// only the events what is in them. What breaks off goes on the next time.
func Migrate(ctx context.Context, cfg Config, progress Progress) (Migrated, error) {
	var out Migrated
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return out, err
	}
	behind, err := bringForward(ctx, cfg, &out)
	if err != nil || !behind {
		return out, err
	}
	app, err := openUnverified(ctx, cfg)
	if err != nil {
		return out, err
	}
	defer app.Close()
	out.Streams, err = app.Refold(ctx, progress)
	return out, err
}

// bringForward applies the migrations and tells whether rows are to be made anew.
func bringForward(ctx context.Context, cfg Config, out *Migrated) (behind bool, err error) {
	db, err := OpenStore(ctx, cfg)
	if err != nil {
		return false, err
	}
	defer db.Close()
	if out.Applied, err = db.Migrate(ctx); err != nil {
		return false, err
	}
	schema, err := db.SchemaVersion(ctx)
	if err != nil {
		return false, err
	}
	err = db.Update(ctx, func(t *store.Tx) error {
		empty, err := t.Empty()
		if err != nil {
			return err
		}
		if empty {
			return t.SetRowsMade(schema)
		}
		made, err := t.RowsMade()
		behind = made < schema
		return err
	})
	return behind, err
}

// rowsBehind tells whether rows were last made under an older schema.
func (a *App) rowsBehind(ctx context.Context) (behind bool, err error) {
	schema, err := a.db.SchemaVersion(ctx)
	if err != nil {
		return false, err
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		made, err := t.RowsMade()
		behind = made < schema
		return err
	})
	return behind, err
}

// Pending tells how many migrations a node's schema lacks.
func Pending(ctx context.Context, cfg Config) (int, error) {
	db, err := OpenStore(ctx, cfg)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	return db.Pending(ctx)
}
