package store_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/comity-project/comity/internal/store"
)

// A destroyed key is not left lying in the file: what SQLite frees it also
// overwrites.
func TestDestroyedKeyLeavesTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gone.db")
	db, err := store.Open(ctx, store.Config{Engine: store.SQLite, DSN: path})
	must(t, err)
	if _, err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	secret := []byte("wrapped-key-0123456789-0123456789")
	must(t, db.Update(ctx, func(tx *store.Tx) error {
		if err := tx.PutSealKey("party/2", "e", []byte("another owner's key stays where it is")); err != nil {
			return err
		}
		return tx.PutSealKey("party/1", "e", secret)
	}))
	must(t, db.Update(ctx, func(tx *store.Tx) error { return tx.DestroySealKey("party/1", "R", 1) }))
	must(t, db.Close()) // the last to close carries the log over into the file
	raw, err := os.ReadFile(path)
	must(t, err)
	if bytes.Contains(raw, secret) {
		t.Error("the destroyed key is still in the file")
	}
	if !bytes.Contains(raw, []byte("another owner's key")) {
		t.Error("the test looks in the wrong place")
	}
	if log, err := os.ReadFile(path + "-wal"); err == nil && bytes.Contains(log, secret) {
		t.Error("the destroyed key is still in the log")
	}
}
