package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/store/pgtest"
)

// What the rest of the program relies on, held on both engines.

var ctx = context.Background()

// two opens one database twice, as two processes do.
func two(t *testing.T, engine store.Engine) (a, b *store.DB, dsn string) {
	t.Helper()
	dsn = filepath.Join(t.TempDir(), "two.db")
	if engine == store.Postgres {
		dsn = pgtest.DSN(t)
	}
	var dbs [2]*store.DB
	for i := range dbs {
		db, err := store.Open(ctx, store.Config{Engine: engine, DSN: dsn, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		dbs[i] = db
	}
	if _, err := dbs[0].Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	return dbs[0], dbs[1], dsn
}

func both(t *testing.T, f func(t *testing.T, engine store.Engine)) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		t.Run(string(engine), func(t *testing.T) { f(t, engine) })
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// panicked tells whether an error is what became of a panic.
func panicked(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Code == fault.Internal && f.Cause != nil && strings.HasPrefix(f.Cause.Error(), "panic: ")
}

// entry is the next event of a stream.
func entry(stream event.Stream, version int64) []ledger.Entry {
	return []ledger.Entry{{Stream: stream, Version: version, Type: "test.happened", Actor: "system", Command: "c", Salt: make([]byte, 16), Kept: []byte(`{}`)}}
}

// count is a counter's value without raising it for good.
func count(t *testing.T, db *store.DB, counter string) (n int64) {
	t.Helper()
	err := db.Update(ctx, func(tx *store.Tx) error {
		var err error
		if n, err = tx.Next(counter); err != nil {
			return err
		}
		return errors.New("undone")
	})
	if err == nil || err.Error() != "undone" {
		t.Fatal(err)
	}
	return n - 1
}

// whole checks the ledger from its first entry and gives its length.
func whole(t *testing.T, db *store.DB) int64 {
	t.Helper()
	v := ledger.NewVerifier(nil, nil)
	must(t, db.View(ctx, func(tx *store.Tx) error {
		for e, err := range tx.Entries(0) {
			if err != nil {
				return err
			}
			if err := v.Next(&e); err != nil {
				return err
			}
		}
		head, err := tx.Head()
		if err == nil && (head.Seq != v.Size() || head.Hash != v.Head()) {
			err = fmt.Errorf("the head says %d, there are %d", head.Seq, v.Size())
		}
		return err
	}))
	return v.Size()
}

// Commands that come together share a commit; those that fail or panic are
// undone alone, and the others never know.
func TestGroupsAreIsolated(t *testing.T) {
	both(t, func(t *testing.T, engine store.Engine) {
		db, other, _ := two(t, engine)
		const n = 120
		errs := make([]error, n)
		var wg sync.WaitGroup
		for i := range n {
			wg.Add(1)
			go func() {
				defer wg.Done()
				on := db
				if i%2 == 1 {
					on = other
				}
				errs[i] = on.Update(ctx, func(tx *store.Tx) error {
					if _, err := tx.Next("x"); err != nil {
						return err
					}
					if err := tx.Append(entry(event.Stream(fmt.Sprintf("thing/%d", i)), 1)); err != nil {
						return err
					}
					switch i % 6 {
					case 2:
						return errors.New("refused")
					case 4:
						panic("a mistake")
					}
					return nil
				})
			}()
		}
		wg.Wait()
		good := int64(0)
		for i, err := range errs {
			switch {
			case i%6 == 2 && (err == nil || err.Error() != "refused"), i%6 == 4 && !panicked(err), i%6 != 2 && i%6 != 4 && err != nil:
				t.Errorf("command %d: %v", i, err)
			case err == nil:
				good++
			}
		}
		if got := count(t, db, "x"); got != good {
			t.Errorf("counter at %d after %d commands", got, good)
		}
		if got := whole(t, db); got != good {
			t.Errorf("%d entries after %d commands", got, good)
		}
	})
}

// A statement that the database refuses undoes its command, whether it came
// alone or with others.
func TestRefusedWriteUndoesItsCommand(t *testing.T) {
	both(t, func(t *testing.T, engine store.Engine) {
		db, _, _ := two(t, engine)
		twice := func(tx *store.Tx) error {
			if _, err := tx.Next("y"); err != nil {
				return err
			}
			if err := tx.RememberAnswer("key", "a", []byte("1")); err != nil {
				return err
			}
			return tx.RememberAnswer("key", "a", []byte("2"))
		}
		if err := db.Update(ctx, twice); err == nil {
			t.Fatal("an answer was remembered twice")
		}
		if err := db.UpdateAlone(ctx, twice); err == nil {
			t.Fatal("an answer was remembered twice")
		}
		if got := count(t, db, "y"); got != 0 {
			t.Errorf("the counter kept %d", got)
		}
		must(t, db.Update(ctx, func(tx *store.Tx) error { return tx.RememberAnswer("key", "a", []byte("1")) }))
		must(t, db.View(ctx, func(tx *store.Tx) error {
			answer, found, err := tx.Answered("key", "a")
			if !found || !bytes.Equal(answer, []byte("1")) {
				t.Errorf("the stored answer is %q, %v", answer, found)
			}
			if _, found, _ := tx.Answered("key", "b"); found {
				t.Error("somebody else's answer was given")
			}
			return err
		}))
	})
}

// Two processes that saw the same version: the second is told.
func TestVersionConflict(t *testing.T) {
	both(t, func(t *testing.T, engine store.Engine) {
		a, b, _ := two(t, engine)
		must(t, a.Update(ctx, func(tx *store.Tx) error { return tx.Append(entry("thing/1", 1)) }))
		must(t, b.Update(ctx, func(tx *store.Tx) error { return tx.Append(entry("thing/1", 2)) }))
		if err := a.Update(ctx, func(tx *store.Tx) error { return tx.Append(entry("thing/1", 2)) }); !fault.Is(err, fault.Conflict) {
			t.Errorf("the same version twice: %v", err)
		}
		must(t, a.UpdateAlone(ctx, func(tx *store.Tx) error { return tx.Append(entry("thing/1", 3)) }))
		if n := whole(t, b); n != 3 {
			t.Errorf("%d entries", n)
		}
	})
}

// A reader sees one moment, whatever is written meanwhile.
func TestReaderSnapshot(t *testing.T) {
	both(t, func(t *testing.T, engine store.Engine) {
		db, _, _ := two(t, engine)
		must(t, db.Update(ctx, func(tx *store.Tx) error { return tx.Append(entry("thing/1", 1)) }))
		must(t, db.View(ctx, func(tx *store.Tx) error {
			before, err := tx.Head()
			if err != nil {
				return err
			}
			if err := db.Update(ctx, func(tx *store.Tx) error { return tx.Append(entry("thing/1", 2)) }); err != nil {
				return err
			}
			after, err := tx.Head()
			if err != nil {
				return err
			}
			if before != after {
				t.Errorf("the head moved from %d to %d within one view", before.Seq, after.Seq)
			}
			entries, err := tx.StreamEntries("thing/1", 0)
			if len(entries) != 1 {
				t.Errorf("%d entries in the snapshot, want 1", len(entries))
			}
			return err
		}))
		if n := whole(t, db); n != 2 {
			t.Errorf("%d entries afterwards", n)
		}
	})
}

// A view writes nothing.
func TestViewDoesNotWrite(t *testing.T) {
	both(t, func(t *testing.T, engine store.Engine) {
		db, _, _ := two(t, engine)
		_ = db.View(ctx, func(tx *store.Tx) error {
			_, err := tx.Next("z")
			return err
		})
		if n := count(t, db, "z"); n != 0 {
			t.Errorf("a view raised a counter to %d", n)
		}
	})
}

// Events never run back in time, even when the clock does.
func TestTimeNeverRunsBack(t *testing.T) {
	both(t, func(t *testing.T, engine store.Engine) {
		db, _, _ := two(t, engine)
		must(t, db.Update(ctx, func(tx *store.Tx) error {
			tx.MoveOn(tx.Now().AddDate(1, 0, 0)) // a clock that was a year ahead
			return tx.Append(entry("thing/1", 1))
		}))
		must(t, db.Update(ctx, func(tx *store.Tx) error { return tx.Append(entry("thing/1", 2)) }))
		whole(t, db)
	})
}

// The server throws everybody out: what comes next goes through, on new
// connections.
func TestLostConnections(t *testing.T) {
	db, _, dsn := two(t, store.Postgres)
	must(t, db.Update(ctx, func(tx *store.Tx) error { return tx.Append(entry("thing/1", 1)) }))
	whole(t, db)
	admin, err := sql.Open("pgx", dsn)
	must(t, err)
	defer admin.Close()
	cut := func() {
		_, err := admin.Exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
		must(t, err)
	}
	cut()
	must(t, db.Update(ctx, func(tx *store.Tx) error { return tx.Append(entry("thing/1", 2)) }))
	cut()
	if n := whole(t, db); n != 2 {
		t.Errorf("%d entries", n)
	}
	// In the middle of a command: it is told, and nothing of it stays.
	err = db.Update(ctx, func(tx *store.Tx) error {
		if _, err := tx.Next("cut"); err != nil {
			return err
		}
		cut()
		return tx.Append(entry("thing/1", 3))
	})
	if err == nil {
		t.Error("a command whose connection was cut was said to have happened")
	}
	if n := count(t, db, "cut"); n != 0 {
		t.Errorf("half a command stayed: %d", n)
	}
	if n := whole(t, db); n != 2 {
		t.Errorf("%d entries", n)
	}
}

// A table goes from either engine to either engine.
func TestDumpAndLoad(t *testing.T) {
	for _, from := range []store.Engine{store.SQLite, store.Postgres} {
		for _, to := range []store.Engine{store.SQLite, store.Postgres} {
			t.Run(string(from)+" to "+string(to), func(t *testing.T) {
				a, b := open(t, from), open(t, to)
				rows := []event.Row{{Table: "case_party", ID: "1/p", Columns: []event.Column{
					event.C("case_id", "1"), event.C("party", "p"), event.C("roles", "end_user"), event.C("kind", "person"), event.C("tie", ""), event.C("country", "XA"),
					event.C("name", "Міра \"x\"\n"), event.C("latin", ""), event.C("register", ""), event.C("natural", true), event.C("retain_until", "2031-01-01"), event.C("erased", false),
				}}}
				must(t, a.Update(ctx, func(tx *store.Tx) error {
					if err := tx.PutSealKey("party/p", "e1", []byte{0, 1, 0xff}); err != nil {
						return err
					}
					return tx.Save("case/1", 1, rowState(rows), nil)
				}))
				for _, table := range []string{"stream", "case_party", "seal_key"} {
					var dump, again bytes.Buffer
					must(t, a.View(ctx, func(tx *store.Tx) error { _, err := tx.Dump(table, &dump); return err }))
					must(t, b.Update(ctx, func(tx *store.Tx) error { _, err := tx.LoadTable(table, bytes.NewReader(dump.Bytes())); return err }))
					must(t, b.View(ctx, func(tx *store.Tx) error { _, err := tx.Dump(table, &again); return err }))
					if !bytes.Equal(dump.Bytes(), again.Bytes()) {
						t.Errorf("%s:\n%s\nbecame\n%s", table, dump.Bytes(), again.Bytes())
					}
				}
			})
		}
	}
}

// What a search finds comes in the order of the ledger, after a refold too,
// which goes by ids; and a backup keeps it.
func TestSearchKeepsTheOrderOfTheLedger(t *testing.T) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			db := open(t, engine)
			save := func(tx *store.Tx, id string) error {
				return tx.Save(event.Stream(id), 1, rowState{{Table: "search", ID: id, Columns: []event.Column{
					event.C("kind", "case"), event.C("org", "o"), event.C("compartment", ""), event.C("title", id), event.C("text", "pump"),
				}}}, nil)
			}
			must(t, db.Update(ctx, func(tx *store.Tx) error {
				for _, id := range []string{"case/z", "case/m", "case/a"} {
					if err := tx.Append(entry(event.Stream(id), 1)); err != nil {
						return err
					}
					if err := save(tx, id); err != nil {
						return err
					}
				}
				return nil
			}))
			was := dumped(t, db, "search")
			must(t, db.Update(ctx, func(tx *store.Tx) error {
				if err := tx.ClearRows(); err != nil {
					return err
				}
				for _, id := range []string{"case/a", "case/m", "case/z"} {
					if err := save(tx, id); err != nil {
						return err
					}
				}
				return nil
			}))
			if is := dumped(t, db, "search"); !slices.Equal(is, was) || len(is) != 4 || !strings.HasPrefix(is[1], `[1,"case/z"`) {
				t.Errorf("the numbers were\n%s\nand are\n%s", was, is)
			}
			again := open(t, engine)
			must(t, again.Update(ctx, func(tx *store.Tx) error {
				_, err := tx.LoadTable("search", strings.NewReader(strings.Join(was, "\n")))
				return err
			}))
			if is := dumped(t, again, "search"); !slices.Equal(is, was) {
				t.Errorf("restored as %s", is)
			}
		})
	}
}

// dumped are the lines of a table's dump, in order.
func dumped(t *testing.T, db *store.DB, table string) []string {
	t.Helper()
	var b bytes.Buffer
	must(t, db.View(ctx, func(tx *store.Tx) error { _, err := tx.Dump(table, &b); return err }))
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	slices.Sort(lines[1:])
	return lines
}

// rowState is a state that is nothing but rows.
type rowState []event.Row

func (rowState) Apply(event.Recorded) error { return nil }
func (s rowState) Rows() []event.Row        { return s }

// Whatever a damaged or hostile dump holds, it is refused or read, and never
// reaches another table.
func FuzzLoadTable(f *testing.F) {
	db, err := store.Open(ctx, store.Config{Engine: store.SQLite, DSN: filepath.Join(f.TempDir(), "fuzz.db")})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = db.Close() })
	if _, err := db.Migrate(ctx); err != nil {
		f.Fatal(err)
	}
	for _, s := range []string{
		"[\"name\",\"value\"]\n[\"case 2026\",7]\n", "[\"name\"]\n[null]\n", "[\"name\",\"value\"]\n[{\"b\":\"AA==\"},1]\n",
		"[\"name); DROP TABLE counter; --\"]\n", "[]\n", "", "[\"name\",\"value\"]\n[\"x\"]\n", "[\"name\",\"value\"]\n[\"x\",1e9]\n", "{}\n",
	} {
		f.Add([]byte(s))
	}
	undo := errors.New("undone")
	f.Fuzz(func(t *testing.T, dump []byte) {
		err := db.Update(ctx, func(tx *store.Tx) error {
			if _, err := tx.LoadTable("counter", bytes.NewReader(dump)); err != nil {
				return err
			}
			return undo
		})
		if err == nil {
			t.Fatal("no error came back")
		}
		if panicked(err) {
			t.Fatalf("a panic: %v", err)
		}
	})
}
