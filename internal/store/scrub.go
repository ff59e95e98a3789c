package store

import (
	"context"
	"errors"

	"github.com/comity-project/comity/internal/fault"
)

// Scrub has SQLite write its log of changes into the database and cut it to
// nothing, so that what was deleted does not go on lying there: the pages
// themselves are overwritten when they are written (secure_delete). PostgreSQL
// gives no such order; there a wrapped key lives on in its own log until that is
// used again.
func (db *DB) Scrub(ctx context.Context) error {
	if db.engine != SQLite {
		return nil
	}
	var busy, frames, moved int64
	if err := db.pool.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved); err != nil {
		return fault.Wrap(err, "store: scrub")
	}
	if busy != 0 {
		return errors.New("store: scrub: somebody reads what is to be cut off")
	}
	return nil
}
