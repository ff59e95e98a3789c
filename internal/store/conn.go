package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// conn is one connection with its prepared statements. It belongs to one
// goroutine at a time: the writer, or whoever took it from the readers.
type conn struct {
	pool     *sql.DB
	postgres bool
	c        *sql.Conn
	stmts    map[string]*sql.Stmt
}

func (c *conn) open(ctx context.Context) error {
	if c.c != nil {
		return nil
	}
	sc, err := c.pool.Conn(ctx)
	if err != nil {
		return fault.New(fault.Unavailable, "fault.database_unreachable").Because(err)
	}
	c.c, c.stmts = sc, map[string]*sql.Stmt{}
	return nil
}

// close gives the connection up, for good or because it broke.
func (c *conn) close() {
	if c.c != nil {
		for _, s := range c.stmts {
			_ = s.Close()
		}
		_ = c.c.Close()
	}
	c.c, c.stmts = nil, nil
}

// drop closes a connection that is no longer known to be sound, so that the
// pool does not hand it out again in the middle of a transaction.
func (c *conn) drop() {
	if c.c != nil {
		// Statements go first: the driver must not be asked to close one of a
		// connection that is gone.
		for _, s := range c.stmts {
			_ = s.Close()
		}
		c.stmts = nil
		_ = c.c.Raw(func(any) error { return driver.ErrBadConn })
	}
	c.close()
}

// maxStatements bounds the prepared statements of a connection. Texts are
// fixed in the program but for lists of placeholders, so this is rarely met.
const maxStatements = 512

func (c *conn) prepare(ctx context.Context, query string) (*sql.Stmt, error) {
	if s, ok := c.stmts[query]; ok {
		return s, nil
	}
	if len(c.stmts) >= maxStatements {
		for q, s := range c.stmts {
			_ = s.Close()
			delete(c.stmts, q)
		}
	}
	s, err := c.c.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("%w in: %s", err, query)
	}
	c.stmts[query] = s
	return s, nil
}

// raw reaches the PostgreSQL connection beneath.
func (c *conn) raw(f func(*pgconn.PgConn) error) error {
	return c.c.Raw(func(d any) error { return f(d.(*stdlib.Conn).Conn().PgConn()) })
}

// control runs statements without parameters that steer the transaction: one
// round trip on PostgreSQL, prepared ones on SQLite.
func (c *conn) control(ctx context.Context, statements ...string) error {
	if c.postgres {
		return c.raw(func(pg *pgconn.PgConn) error {
			_, err := pg.Exec(ctx, strings.Join(statements, "; ")).ReadAll()
			return err
		})
	}
	for _, q := range statements {
		if strings.HasPrefix(q, "UPDATE") { // its text differs each time
			if _, err := c.c.ExecContext(ctx, q); err != nil {
				return err
			}
			continue
		}
		s, err := c.prepare(ctx, q)
		if err != nil {
			return err
		}
		if _, err := s.ExecContext(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Tx is a transaction: reading in View, reading and writing in Update. Its
// methods are the store's vocabulary; nothing outside this package sees SQL.
type Tx struct {
	ctx   context.Context
	conn  *conn
	db    *DB
	now   time.Time
	write bool
	head  Head // the ledger's end as this transaction sees and moves it
	queue []queued
	keys  map[event.Stream]sealKey // keys that came with their streams, or were fetched
	gone  Erasures                 // erasures that were fetched
	// failed is the first error of a method that has no way to tell of it; the
	// transaction ends with it.
	failed  error
	refused error // what flushAndCommit met

	// Statements counts what was run, for the tests that keep pages cheap.
	Statements int
}

// Now is the transaction's time: the clock, or the time of the ledger's last
// event where that is later. UTC, whole microseconds.
func (t *Tx) Now() time.Time { return t.now }

// MoveOn moves the transaction's time forward, never back: for one that makes
// years of work.
func (t *Tx) MoveOn(now time.Time) {
	if now = now.UTC().Truncate(time.Microsecond); now.After(t.now) {
		t.now = now
	}
}

// Context is the caller's.
func (t *Tx) Context() context.Context { return t.ctx }

// exec writes. On PostgreSQL writes wait in a queue until the next reading or
// the command's end, and then go in one round trip; what names the work in an
// error. So exec may answer nil for a write that flush will find refused.
func (t *Tx) exec(query string, args ...any) error {
	t.Statements++
	if t.conn.postgres && t.write {
		t.queue = append(t.queue, queued{query, args})
		if len(t.queue) >= maxQueue {
			return t.flush()
		}
		return nil
	}
	s, err := t.conn.prepare(t.ctx, query)
	if err != nil {
		return err
	}
	if _, err = s.ExecContext(t.ctx, args...); err != nil {
		return explain(err, query)
	}
	return nil
}

type queued struct {
	query string
	args  []any
}

// maxQueue bounds the writes that wait: enough for a case of 100 lines, small
// enough that neither side's buffers fill up.
const maxQueue = 256

// flush sends the waiting writes.
func (t *Tx) flush() error {
	if len(t.queue) == 0 {
		return nil
	}
	writes := t.queue
	t.queue = t.queue[:0]
	return t.conn.c.Raw(func(d any) error {
		var batch pgx.Batch
		for _, w := range writes {
			batch.Queue(w.query, w.args...)
		}
		results := d.(*stdlib.Conn).Conn().SendBatch(t.ctx, &batch)
		for _, w := range writes {
			if _, err := results.Exec(); err != nil {
				_ = results.Close()
				return explain(err, w.query)
			}
		}
		return results.Close()
	})
}

const moveHead = `UPDATE ledger_head SET seq = $1, time = $2, hash = $3, generation = $4 WHERE one = 1`

// flushAndCommit sends the waiting writes, the head where it moved, and the
// commit in one round trip. Where a write is refused nothing is committed, the
// reason is in t.refused and the transaction goes on from its savepoint; lost is
// an error after which nobody knows.
func (t *Tx) flushAndCommit(start, head Head) (committed bool, lost error) {
	writes := t.queue
	t.queue = t.queue[:0]
	if head != start {
		writes = append(writes, queued{moveHead, []any{head.Seq, head.Time, head.Hash[:], head.Generation}})
	}
	lost = t.conn.c.Raw(func(d any) error {
		var batch pgx.Batch
		for _, w := range writes {
			batch.Queue(w.query, w.args...)
		}
		batch.Queue("COMMIT")
		results := d.(*stdlib.Conn).Conn().SendBatch(t.ctx, &batch)
		for _, w := range writes {
			if _, err := results.Exec(); err != nil {
				_ = results.Close()
				var answer *pgconn.PgError
				if !errors.As(err, &answer) {
					return err
				}
				t.refused = explain(err, w.query)
				return nil
			}
		}
		if _, err := results.Exec(); err != nil {
			_ = results.Close()
			return err
		}
		return results.Close()
	})
	return lost == nil && t.refused == nil, lost
}

// searching is in a statement that PostgreSQL plans each time for the words that
// are asked for: one plan for all words reads every case with a common one,
// where a walk from the latest would soon be done.
const searching = "to_tsquery("

func (t *Tx) query(query string, args ...any) (*sql.Rows, error) {
	if err := t.flush(); err != nil {
		return nil, err
	}
	t.Statements++
	if told, ok := t.ctx.Value(tellKey{}).(func(string, []any)); ok {
		told(query, args)
	}
	if t.conn.postgres && strings.Contains(query, searching) {
		return t.conn.c.QueryContext(t.ctx, query, append([]any{pgx.QueryExecModeDescribeExec}, args...)...)
	}
	s, err := t.conn.prepare(t.ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(t.ctx, args...)
}

// row runs a query for at most one row and scans it; found says whether there
// was one.
func (t *Tx) row(query string, args []any, dest ...any) (found bool, err error) {
	rows, err := t.query(query, args...)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	if !rows.Next() {
		return false, rows.Err()
	}
	if err := rows.Scan(dest...); err != nil {
		return false, err
	}
	return true, rows.Close()
}

// each runs a query and calls f for each row.
func (t *Tx) each(query string, args []any, f func(scan func(...any) error) error) error {
	rows, err := t.query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

// View runs f on a consistent snapshot. It never waits for the writer.
func (db *DB) View(ctx context.Context, f func(*Tx) error) (err error) {
	var c *conn
	select {
	case c = <-db.readers:
	case <-ctx.Done():
		return fault.New(fault.Unavailable, "fault.busy").Because(ctx.Err())
	}
	defer func() { db.readers <- c }()
	if err := c.open(ctx); err != nil {
		return err
	}
	begin := "BEGIN"
	if c.postgres {
		begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
	}
	if err := c.control(ctx, begin); err != nil {
		// A connection that sat idle may have been closed by the server.
		c.drop()
		if err = c.open(ctx); err == nil {
			err = c.control(ctx, begin)
		}
		if err != nil {
			c.drop()
			return fault.New(fault.Unavailable, "fault.database_unreachable").Because(err)
		}
	}
	done := false
	defer func() {
		// A snapshot has nothing to commit; a panic in f must not leave it open.
		if e := c.control(context.WithoutCancel(ctx), "ROLLBACK"); e != nil {
			c.drop()
			if err == nil && done {
				err = e
			}
		}
	}()
	t := &Tx{ctx: ctx, conn: c, db: db, now: db.Now()}
	if err = f(t); err == nil {
		err = t.failed
	}
	if count, ok := ctx.Value(countKey{}).(*int); ok {
		*count += t.Statements
	}
	done = true
	return err
}

type countKey struct{}

type tellKey struct{}

// TellStatements returns a context in which f is told each reading statement, and
// what is asked with it, before it is run.
func TellStatements(ctx context.Context, f func(query string, args []any)) context.Context {
	return context.WithValue(ctx, tellKey{}, f)
}

// CountStatements returns a context in which View and Update add the number of
// statements they ran to n.
func CountStatements(ctx context.Context, n *int) context.Context {
	return context.WithValue(ctx, countKey{}, n)
}

var errStopped = errors.New("store: the database is being closed")
