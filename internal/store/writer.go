package store

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/ledger"
)

// Head is the end of the ledger. It lives in one row, which every writing
// transaction locks first: so commands are serial on both engines, whatever
// the number of processes.
type Head struct {
	Seq        int64
	Time       int64 // UTC, microseconds
	Hash       ledger.Hash
	Generation int64 // raised when packs, lists or roles change: others reload
}

type write struct {
	ctx  context.Context
	f    func(*Tx) error
	err  error
	done chan struct{}
}

// maxGroup bounds how many waiting commands share one commit.
const maxGroup = 512

// Update runs f in the one writer. Under load several are committed together,
// each in a savepoint of its own: one that fails or panics is undone alone.
// When Update returns nil, what f wrote is on disk.
func (db *DB) Update(ctx context.Context, f func(*Tx) error) error {
	w := &write{ctx: ctx, f: f, done: make(chan struct{})}
	select {
	case db.writes <- w:
	case <-ctx.Done():
		return fault.New(fault.Unavailable, "fault.busy").Because(ctx.Err())
	case <-db.stop:
		return errStopped
	}
	// From here the writer owns w: its answer comes even if the caller gave
	// up, because only the answer tells whether it happened.
	select {
	case <-w.done:
		return w.err
	case <-db.stopped:
		select {
		case <-w.done:
			return w.err
		default:
			return errStopped
		}
	}
}

func (db *DB) writer() {
	defer close(db.stopped)
	c := &conn{pool: db.pool}
	defer c.close()
	for {
		var first *write
		select {
		case first = <-db.writes:
		case <-db.stop:
			// What was accepted before the stop is still done.
			select {
			case first = <-db.writes:
			default:
				return
			}
		}
		group := db.group(c, first)
		for _, w := range group {
			close(w.done)
		}
	}
}

// group runs first and what else is waiting in one transaction.
func (db *DB) group(c *conn, first *write) []*write {
	ctx := context.Background()
	group := []*write{first}
	fail := func(err error) []*write {
		c.drop()
		for _, w := range group {
			if w.err == nil {
				w.err = err
			}
		}
		return group
	}
	head, err := db.begin(ctx, c)
	if err != nil {
		return fail(err)
	}
	start := head
	for i := 0; i < len(group); i++ {
		// A waiting command joins before this one runs, so that the last of a
		// group never needs to be run alone.
		for len(group) < maxGroup {
			select {
			case w := <-db.writes:
				group = append(group, w)
				continue
			default:
			}
			break
		}
		if group[i].err = db.one(c, group[i], &head); group[i].err != nil && c.c == nil {
			return fail(fault.New(fault.Unavailable, "fault.database_unreachable").Because(group[i].err))
		}
	}
	if head != start {
		t := &Tx{ctx: ctx, conn: c, db: db}
		if _, err := t.exec(`UPDATE ledger_head SET seq = $1, time = $2, hash = $3, generation = $4 WHERE one = 1`,
			head.Seq, head.Time, head.Hash[:], head.Generation); err != nil {
			return fail(fmt.Errorf("store: move the head: %w", err))
		}
	}
	if _, err := c.c.ExecContext(ctx, "COMMIT"); err != nil {
		return fail(fault.New(fault.Unavailable, "fault.not_saved").Because(err))
	}
	return group
}

func (db *DB) begin(ctx context.Context, c *conn) (Head, error) {
	if err := c.open(ctx); err != nil {
		return Head{}, err
	}
	begin, lock := "BEGIN IMMEDIATE", ""
	if db.engine == Postgres {
		begin, lock = "BEGIN", " FOR UPDATE"
	}
	if _, err := c.c.ExecContext(ctx, begin); err != nil {
		// A connection that sat idle may have been closed by the server.
		c.drop()
		if err := c.open(ctx); err != nil {
			return Head{}, err
		}
		if _, err := c.c.ExecContext(ctx, begin); err != nil {
			return Head{}, fault.New(fault.Unavailable, "fault.database_unreachable").Because(err)
		}
	}
	t := &Tx{ctx: ctx, conn: c, db: db}
	head, err := t.readHead(lock)
	if err != nil {
		return Head{}, fmt.Errorf("store: lock the head: %w", err)
	}
	return head, nil
}

func (t *Tx) readHead(lock string) (Head, error) {
	var h Head
	var hash []byte
	found, err := t.row(`SELECT seq, time, hash, generation FROM ledger_head WHERE one = 1`+lock, nil, &h.Seq, &h.Time, &hash, &h.Generation)
	if err != nil {
		return Head{}, err
	}
	if !found || len(hash) != ledger.HashSize {
		return Head{}, fmt.Errorf("store: the ledger has no head: was the schema migrated?")
	}
	h.Hash = ledger.Hash(hash)
	return h, nil
}

// one runs a command in a savepoint. When the connection itself is lost it is
// dropped (c.c becomes nil) and the whole group fails.
func (db *DB) one(c *conn, w *write, head *Head) error {
	if err := w.ctx.Err(); err != nil {
		return fault.New(fault.Unavailable, "fault.busy").Because(err)
	}
	ctx := context.WithoutCancel(w.ctx)
	if _, err := c.stmtExec(ctx, "SAVEPOINT command"); err != nil {
		c.drop()
		return err
	}
	now := db.Now()
	if last := time.UnixMicro(head.Time).UTC(); now.Before(last) {
		now = last
	}
	t := &Tx{ctx: ctx, conn: c, db: db, now: now, write: true, head: *head}
	err := guarded(t, w.f)
	if count, ok := ctx.Value(countKey{}).(*int); ok {
		*count += t.Statements
	}
	if err != nil {
		if _, e := c.stmtExec(ctx, "ROLLBACK TO SAVEPOINT command"); e != nil {
			c.drop()
			return err
		}
	}
	if _, e := c.stmtExec(ctx, "RELEASE SAVEPOINT command"); e != nil {
		c.drop()
		return e
	}
	if err == nil {
		*head = t.head
	}
	return err
}

func (c *conn) stmtExec(ctx context.Context, query string) (any, error) {
	s, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx)
}

func guarded(t *Tx, f func(*Tx) error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			t.db.log.Error("panic in a command", "panic", p, "stack", string(debug.Stack()))
			err = fault.New(fault.Internal, "fault.internal").Because(fmt.Errorf("panic: %v", p))
		}
	}()
	return f(t)
}

// Head is the ledger's end as this transaction sees it.
func (t *Tx) Head() (Head, error) {
	if t.write {
		return t.head, nil
	}
	return t.readHead("")
}

// RaiseGeneration tells every process to reload packs, lists and roles.
func (t *Tx) RaiseGeneration() { t.head.Generation++ }
