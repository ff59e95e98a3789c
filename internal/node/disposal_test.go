package node_test

import (
	"bytes"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/statement/envelope"
)

// scrubPostgres is what docs/operator/README.md has an operator run after a
// disposal that shall leave nothing in the server's own files. The server runs
// with wal_recycle = off, as it says there.
var scrubPostgres = []string{"VACUUM (FULL) seal_key", "VACUUM (FULL) envelope", "SELECT pg_switch_wal()", "CHECKPOINT"}

// The words of a statement never stand in PostgreSQL's files. Once it was
// recalled and the operator has run what the guide says, neither the key nor the
// encrypted words do, in tables or in the log of writes; before that they do.
func TestDisposalLeavesPostgreSQL(t *testing.T) {
	clock := nodetest.NewClock()
	// The originator goes on having the words, elsewhere.
	a, b := sit(t, store.SQLite, clock, "XA"), sit(t, store.Postgres, clock, "XB")
	nodetest.Trust(t, clock.Now(), a.App, b.App)
	const canary = "Canary of the quiet lens"
	w := nodetest.Said(clock.Now(), canary, "Interior Ministry Unit 4", "XB")
	a.Issue(w)
	b.From(a)
	secrets := map[string][]byte{}
	held := func() (all []store.Envelope) {
		if err := b.App.Store().View(t.Context(), func(tx *store.Tx) (err error) {
			all, err = tx.ListEnvelopes(store.EnvelopeList{Purpose: string(envelope.ForStatement), States: []store.EnvelopeState{store.Current}, Limit: 100})
			for _, e := range all {
				_, wrapped, _, err := tx.SealKey(node.StatementStream(e.ID))
				if err != nil {
					return err
				}
				// Short enough to lie whole on a page of the log of writes.
				secrets["the content of "+e.ID], secrets["the key of "+e.ID] = e.Sealed[len(e.Sealed)-24:], wrapped[len(wrapped)-24:]
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return all
	}
	if n := len(held()); n != 3 {
		t.Fatalf("%d statements", n)
	}

	db, err := sql.Open("pgx", b.App.Config().DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	do := func(statements ...string) {
		t.Helper()
		for _, s := range statements {
			if _, err := db.ExecContext(t.Context(), s); err != nil {
				t.Fatalf("%s: %v", s, err)
			}
		}
	}
	var dir string
	if err := db.QueryRowContext(t.Context(), "SHOW data_directory").Scan(&dir); err != nil {
		t.Fatal(err)
	}
	do("CHECKPOINT")
	for name, secret := range secrets {
		for _, where := range []string{"base", "pg_wal"} {
			if len(holding(t, filepath.Join(dir, where), secret)) == 0 {
				t.Errorf("%s is not in %s while it is held: the test looks in the wrong place", name, where)
			}
		}
	}

	a.Do(a.Contact, dispatch.Recall{OnPaper: w.OnPaper, From: []string{"XB"}, Disposal: "erase", Why: "The source withdrew."})
	b.From(a)
	if n := len(held()); n != 0 {
		t.Fatalf("%d statements are left", n)
	}
	do(scrubPostgres...)
	for name, secret := range secrets {
		if at := holding(t, dir, secret); len(at) > 0 {
			t.Errorf("%s is in %v", name, at)
		}
	}
	if at := holding(t, dir, []byte(canary)); len(at) > 0 {
		t.Errorf("the words are in %v", at)
	}
}

func sit(t *testing.T, engine store.Engine, clock *nodetest.Clock, state string) *nodetest.Seat {
	cfg := nodetest.Config(t, engine, clock)
	cfg.State, cfg.Name = state, state+".example"
	s := &nodetest.Seat{T: t, App: nodetest.OpenAt(t, cfg)}
	s.People()
	return s
}

// holding are the files under a folder that hold some bytes. The server takes
// files away while we look.
func holding(t *testing.T, dir string, what []byte) (names []string) {
	t.Helper()
	if err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, what) {
			names = append(names, path)
		}
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return names
}
