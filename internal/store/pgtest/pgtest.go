// Package pgtest gives tests a PostgreSQL of their own: started from Debian's
// binaries in a temporary folder, reached over a unix socket in that folder and
// nothing else, and gone when the test binary ends, however it ends.
//
//	func TestSomething(t *testing.T) {
//		db, err := sql.Open("pgx", pgtest.DSN(t)) // a fresh, empty database
//		...
//	}
//
// The first call in a test binary starts the server (about a second); later
// calls only create a database. No TestMain is needed.
package pgtest

import (
	"context"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// one holds the server of this test binary for one way of running it.
type one struct {
	once   sync.Once
	server *Server
	err    error
}

var relaxed, durable one

// DSN is the address of a fresh, empty database, dropped when the test ends.
// The server behind it doesn't wait for the disk: what these tests look for
// does not depend on a power cut, and they are many times faster so.
func DSN(tb testing.TB) string {
	tb.Helper()
	return relaxed.dsn(tb, Options{})
}

// DurableDSN is like DSN on a second server that has fsync and
// synchronous_commit on and memory to work with. Benchmarks use it: figures
// without the disk would be about another program.
func DurableDSN(tb testing.TB) string {
	tb.Helper()
	return durable.dsn(tb, Options{Durable: true})
}

func (o *one) dsn(tb testing.TB, opts Options) string {
	tb.Helper()
	o.once.Do(func() { o.server, o.err = Start(opts) })
	if o.err != nil {
		tb.Fatalf("this test needs PostgreSQL: %v", o.err)
	}
	dsn, err := o.server.Create()
	if err != nil {
		tb.Fatalf("pgtest: %v", err)
	}
	tb.Cleanup(func() {
		// Cleanups run last in first out: the test has closed its own
		// connections by now, and what it forgot is cut off.
		if err := o.server.Drop(dsn); err != nil {
			tb.Errorf("pgtest: %v", err)
		}
	})
	return dsn
}

// Create makes an empty database on the server and returns its address, a
// postgres:// URL that pgx understands.
func (s *Server) Create() (string, error) {
	name := fmt.Sprintf("t%d", s.databases.Add(1))
	if err := s.exec("CREATE DATABASE " + name); err != nil {
		return "", err
	}
	return s.address(name), nil
}

// Drop removes a database that Create made and cuts whoever is still connected.
func (s *Server) Drop(dsn string) error {
	u, err := url.Parse(dsn)
	if err != nil {
		return err
	}
	name := pgx.Identifier{u.Path[1:]}.Sanitize()
	return s.exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)")
}

func (s *Server) exec(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.address("postgres"))
	if err != nil {
		return fmt.Errorf("connecting to the private server: %w", err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

func (s *Server) address(database string) string {
	q := url.Values{"host": {s.dir}, "user": {superuser}, "sslmode": {"disable"}}
	return "postgres:///" + database + "?" + q.Encode()
}

// counter numbers the databases of a server.
type counter = atomic.Int64
