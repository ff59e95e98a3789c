package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

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
	return db.update(ctx, db.writes, f)
}

// UpdateAlone is like Update for a function that writes very much: it shares its
// transaction with nobody, so nothing has to be remembered to undo it alone.
func (db *DB) UpdateAlone(ctx context.Context, f func(*Tx) error) error {
	return db.update(ctx, db.alone, f)
}

func (db *DB) update(ctx context.Context, to chan *write, f func(*Tx) error) error {
	w := &write{ctx: ctx, f: f, done: make(chan struct{})}
	select {
	case to <- w:
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
	c := &conn{pool: db.pool, postgres: db.engine == Postgres}
	defer c.close()
	for {
		var first *write
		select {
		case first = <-db.writes:
		case w := <-db.alone:
			w.err = db.runAlone(c, w)
			close(w.done)
			continue
		case <-db.stop:
			// What was accepted before the stop is still done.
			select {
			case first = <-db.writes:
			default:
				return
			}
		}
		group := db.group(c, []*write{first})
		for _, w := range group {
			close(w.done)
		}
	}
}

// group runs writes, and what else is waiting, in one transaction. Between
// commands it talks to the database as little as it can: on PostgreSQL each
// word is a round trip, and most commands come alone. So the first has no
// savepoint; where it is refused, the others begin anew.
func (db *DB) group(c *conn, group []*write) []*write {
	ctx := context.Background()
	fail := func(err error) []*write {
		c.drop()
		for _, w := range group {
			if w.err == nil {
				w.err = err
			}
		}
		return group
	}
	unreachable := func(err error) []*write {
		return fail(fault.New(fault.Unavailable, "fault.database_unreachable").Because(err))
	}
	head, err := db.begin(ctx, c)
	if err != nil {
		return fail(err)
	}
	start := head
	for i := 0; i < len(group); i++ {
		switch {
		case i == 1:
			err = c.control(ctx, "SAVEPOINT command")
		case i > 1:
			err = c.control(ctx, "RELEASE SAVEPOINT command", "SAVEPOINT command")
		}
		if err != nil {
			return unreachable(err)
		}
		before := head
		last, err := db.one(c, group[i], &head)
		// What arrived meanwhile joins.
		for len(group) < maxGroup {
			select {
			case w := <-db.writes:
				group = append(group, w)
				continue
			default:
			}
			break
		}
		if err == nil && c.postgres && i == len(group)-1 {
			// Nobody waits: what the command wrote, the head and the commit go
			// in one round trip.
			switch committed, lost := last.flushAndCommit(start, head); {
			case committed:
				return group
			case lost != nil:
				return fail(fault.New(fault.Unavailable, "fault.not_saved").Because(lost))
			default:
				err = last.refused
			}
		} else if err == nil {
			err = last.flush()
		}
		group[i].err = err
		switch {
		case err == nil:
		case i == 0:
			if err := c.control(ctx, "ROLLBACK"); err != nil {
				return unreachable(err)
			}
			if len(group) > 1 {
				return append(group[:1:1], db.group(c, group[1:])...)
			}
			return group
		default:
			head = before
			if err := c.control(ctx, "ROLLBACK TO SAVEPOINT command"); err != nil {
				return unreachable(err)
			}
		}
	}
	if err := c.control(ctx, db.ending(start, head)...); err != nil {
		return fail(fault.New(fault.Unavailable, "fault.not_saved").Because(err))
	}
	return group
}

// ending is what ends a transaction in which the ledger's end moved, or not.
func (db *DB) ending(start, head Head) []string {
	if head == start {
		return []string{"COMMIT"}
	}
	return []string{fmt.Sprintf(`UPDATE ledger_head SET seq = %d, time = %d, hash = %s, generation = %d WHERE one = 1`,
		head.Seq, head.Time, db.bytesLiteral(head.Hash[:]), head.Generation), "COMMIT"}
}

// runAlone runs one write as a transaction of its own, without a savepoint:
// while there is one, SQLite keeps the old form of every page touched, which for
// a large write costs more than the write.
func (db *DB) runAlone(c *conn, w *write) error {
	ctx := context.Background()
	start, err := db.begin(ctx, c)
	if err != nil {
		c.drop()
		return err
	}
	head := start
	t, err := db.one(c, w, &head)
	if err == nil {
		err = t.flush()
	}
	if err != nil {
		if e := c.control(ctx, "ROLLBACK"); e != nil {
			c.drop()
		}
		return err
	}
	if err := c.control(ctx, db.ending(start, head)...); err != nil {
		c.drop()
		return fault.New(fault.Unavailable, "fault.not_saved").Because(err)
	}
	return nil
}

func (db *DB) bytesLiteral(b []byte) string {
	if db.engine == Postgres {
		return fmt.Sprintf(`'\x%x'`, b)
	}
	return fmt.Sprintf(`x'%x'`, b)
}

// begin opens the transaction, locks and reads the head.
func (db *DB) begin(ctx context.Context, c *conn) (Head, error) {
	if err := c.open(ctx); err != nil {
		return Head{}, err
	}
	if db.engine == Postgres {
		head, err := c.beginPostgres(ctx)
		if err == nil {
			return head, nil
		}
		// A connection that sat idle may have been closed by the server.
		c.drop()
		if err := c.open(ctx); err != nil {
			return Head{}, err
		}
		if head, err = c.beginPostgres(ctx); err != nil {
			return Head{}, fault.New(fault.Unavailable, "fault.database_unreachable").Because(err)
		}
		return head, nil
	}
	if err := c.control(ctx, "BEGIN IMMEDIATE"); err != nil {
		return Head{}, fault.New(fault.Unavailable, "fault.database_unreachable").Because(err)
	}
	t := &Tx{ctx: ctx, conn: c, db: db}
	head, err := t.Head()
	if err != nil {
		return Head{}, fmt.Errorf("store: lock the head: %w", err)
	}
	return head, nil
}

// beginPostgres sends both statements in one round trip.
func (c *conn) beginPostgres(ctx context.Context) (h Head, err error) {
	err = c.c.Raw(func(d any) error {
		var batch pgx.Batch
		batch.Queue("BEGIN")
		batch.Queue(`SELECT seq, time, hash, generation FROM ledger_head WHERE one = 1 FOR UPDATE`)
		results := d.(*stdlib.Conn).Conn().SendBatch(ctx, &batch)
		if _, err := results.Exec(); err != nil {
			_ = results.Close()
			return err
		}
		var hash []byte
		if err := results.QueryRow().Scan(&h.Seq, &h.Time, &hash, &h.Generation); err != nil {
			_ = results.Close()
			if errors.Is(err, pgx.ErrNoRows) {
				return errNoHead
			}
			return err
		}
		if len(hash) != ledger.HashSize {
			_ = results.Close()
			return errNoHead
		}
		h.Hash = ledger.Hash(hash)
		return results.Close()
	})
	return h, err
}

var errNoHead = errors.New("store: the ledger has no head: was the schema migrated?")

// one runs a command in the savepoint that was set for it. What it wrote may
// still wait to be sent.
func (db *DB) one(c *conn, w *write, head *Head) (*Tx, error) {
	if err := w.ctx.Err(); err != nil {
		return nil, fault.New(fault.Unavailable, "fault.busy").Because(err)
	}
	ctx := context.WithoutCancel(w.ctx)
	now := db.Now()
	if last := time.UnixMicro(head.Time).UTC(); now.Before(last) {
		now = last
	}
	t := &Tx{ctx: ctx, conn: c, db: db, now: now, write: true, head: *head}
	err := guarded(t, w.f)
	if err == nil {
		err = t.failed
	}
	if count, ok := ctx.Value(countKey{}).(*int); ok {
		*count += t.Statements
	}
	if err == nil {
		*head = t.head
	}
	return t, err
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
	var h Head
	var hash []byte
	found, err := t.row(`SELECT seq, time, hash, generation FROM ledger_head WHERE one = 1`, nil, &h.Seq, &h.Time, &hash, &h.Generation)
	if err != nil {
		return Head{}, err
	}
	if !found || len(hash) != ledger.HashSize {
		return Head{}, errNoHead
	}
	h.Hash = ledger.Hash(hash)
	return h, nil
}

// RaiseGeneration tells every process to reload packs, lists and roles.
func (t *Tx) RaiseGeneration() { t.head.Generation++ }
