// Package store is the only place with SQL. One text serves SQLite and
// PostgreSQL: plain statements with $1 placeholders, bigint, text and bytes.
//
// Commands go through Update, whose writer takes them one after another and
// commits them in groups; pages go through View, a consistent snapshot. What
// each table holds is said in schema/; which tables are recomputed from events
// and which are working state is said in tables.go.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/url"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the PostgreSQL driver, "pgx"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"
	_ "modernc.org/sqlite" // the SQLite driver, "sqlite"

	"github.com/comity-project/comity/internal/fault"
)

// Engine is which database keeps the rows.
type Engine string

// The engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

//go:embed schema
var schema embed.FS

// Config says where the rows are and how to reach them.
type Config struct {
	Engine  Engine
	DSN     string           // SQLite: path of the file; PostgreSQL: connection string
	Readers int              // connections for reading; 0 means 8
	Now     func() time.Time // clock; nil means time.Now
	Log     *slog.Logger     // nil means slog.Default
}

// DB is one database: the node's, or a space of its own.
type DB struct {
	engine  Engine
	now     func() time.Time
	log     *slog.Logger
	pool    *sql.DB // writer's pool; on PostgreSQL also the readers'
	reads   *sql.DB
	readers chan *conn
	writes  chan *write
	alone   chan *write // those that want a transaction of their own
	stop    chan struct{}
	stopped chan struct{}
}

// Open connects. It creates nothing but an empty SQLite file: see Migrate.
func Open(ctx context.Context, cfg Config) (_ *DB, err error) {
	if cfg.Readers <= 0 {
		cfg.Readers = 8
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	db := &DB{
		engine: cfg.Engine, now: cfg.Now, log: cfg.Log,
		readers: make(chan *conn, cfg.Readers), writes: make(chan *write, 256), alone: make(chan *write),
		stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	defer func() {
		if err != nil {
			db.closePools()
		}
	}()
	switch cfg.Engine {
	case SQLite:
		// busy_timeout comes first: the pragmas after it may have to wait.
		if db.pool, err = sql.Open("sqlite", sqliteDSN(cfg.DSN, "busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)",
			"foreign_keys(ON)", "secure_delete(FAST)", "cache_size(-64000)", "temp_store(MEMORY)")); err != nil {
			return nil, err
		}
		if db.reads, err = sql.Open("sqlite", sqliteDSN(cfg.DSN, "busy_timeout(10000)", "query_only(ON)", "cache_size(-16000)",
			"mmap_size(1073741824)", "temp_store(MEMORY)")); err != nil {
			return nil, err
		}
	case Postgres:
		if db.pool, err = sql.Open("pgx", cfg.DSN); err != nil {
			return nil, err
		}
		db.reads = db.pool
	default:
		return nil, fmt.Errorf("store: unknown engine %q: use sqlite or postgres", cfg.Engine)
	}
	db.pool.SetMaxIdleConns(cfg.Readers + 2)
	db.reads.SetMaxIdleConns(cfg.Readers + 2)
	if err = db.pool.PingContext(ctx); err != nil {
		return nil, fault.New(fault.Unavailable, "fault.database_unreachable").Because(err)
	}
	for range cfg.Readers {
		db.readers <- &conn{pool: db.reads, postgres: cfg.Engine == Postgres}
	}
	go db.writer()
	return db, nil
}

func sqliteDSN(path string, pragmas ...string) string {
	q := url.Values{"_pragma": pragmas}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// Engine says which database this is.
func (db *DB) Engine() Engine { return db.engine }

// Now is the store's clock, in UTC and whole microseconds as rows keep it.
func (db *DB) Now() time.Time { return db.now().UTC().Truncate(time.Microsecond) }

// Close waits for what is being written and closes the connections.
func (db *DB) Close() error {
	close(db.stop)
	<-db.stopped
	for range cap(db.readers) {
		c := <-db.readers
		c.close()
	}
	return db.closePools()
}

func (db *DB) closePools() error {
	var errs []error
	if db.reads != nil && db.reads != db.pool {
		errs = append(errs, db.reads.Close())
	}
	if db.pool != nil {
		errs = append(errs, db.pool.Close())
	}
	return errors.Join(errs...)
}

func (db *DB) provider() (*goose.Provider, error) {
	dialect := map[Engine]database.Dialect{SQLite: database.DialectSQLite3, Postgres: database.DialectPostgres}[db.engine]
	dir, err := fs.Sub(schema, "schema/"+string(db.engine))
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(dialect, db.pool, dir)
}

// Migrate brings the schema forward. There is no way back: restore a backup.
func (db *DB) Migrate(ctx context.Context) (applied int, err error) {
	p, err := db.provider()
	if err != nil {
		return 0, fmt.Errorf("store: migrations: %w", err)
	}
	done, err := p.Up(ctx)
	if err != nil {
		return len(done), fmt.Errorf("store: migrate: %w", err)
	}
	return len(done), nil
}

// Pending tells how many migrations have not been applied.
func (db *DB) Pending(ctx context.Context) (int, error) {
	p, err := db.provider()
	if err != nil {
		return 0, fmt.Errorf("store: migrations: %w", err)
	}
	have, want, err := p.GetVersions(ctx)
	if err != nil {
		return 0, fmt.Errorf("store: schema version: %w", err)
	}
	return int(want - have), nil
}
