// Package node is one state's node at work: it opens the plumbing, runs
// commands, schedules jobs and closes. Doors call Do to change something and
// the read methods to show something; both ask access before they answer.
package node

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/statistics"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/statement/trust"
)

// Config says where a node lives.
type Config struct {
	Name    string            // name of the ledger, "norland": on checkpoints, for ever
	State   string            // country code of the state: references begin with it
	Dir     string            // data folder: documents and the SQLite file
	Keys    string            // folder of keys, apart from the data and its backups
	Engine  store.Engine      // sqlite unless said otherwise
	DSN     string            // PostgreSQL connection string
	Title   string            // the authority's name, on letters and pages
	Address []string          // of the authority, on letters: one line each
	Contact string            // whom an applicant may ask
	URL     string            // where the node is reached, without a slash at its end
	Redress []Redress         // how decisions are contested; none: an appeal to the authority
	Mail    Mail              // how notices are sent
	Limits  statistics.Limits // of what published figures tell; zero: statistics.DefaultLimits
	Feeds   FeedReader        // reads feeds that were subscribed; nil: there are none
	States  map[string]string // invented states of a demonstration, by code
	// DocumentLimit is the most bytes of one document; 0 means the vault's default.
	DocumentLimit int64
	Now           func() time.Time // clock; nil means time.Now
	Log           *slog.Logger     // nil means slog.Default
}

// App is an open node.
type App struct {
	cfg       Config
	db        *store.DB
	keys      *vault.Folder
	objects   *vault.Objects
	engines   atomic.Pointer[loading]
	log       *slog.Logger
	suggested suggestions
	registry  *event.Registry
	kinds     map[string]kind
	handlers  map[string]handler
	signer    note.Signer
	verifier  note.Verifier
	publicKey string
	saying    saying
	trust     atomic.Pointer[trust.List]

	indexes   indexes
	watched   watched
	records   records
	callers   recent[Token, session]
	programs  recent[[sha256.Size]byte, program] // by the hash of what they prove themselves with
	disputed  recent[struct{}, disputes]
	moved     atomic.Uint64 // commands done, but for screenings on record
	opening   sync.Mutex    // held while a file of parties is opened that somebody sent
	reloading sync.Mutex    // held while lists and packs are taken up anew
	life      context.Context
	end       context.CancelFunc // ends what is done beside
	aside     sync.WaitGroup
}

// Open opens a node whose schema is up to date.
func Open(ctx context.Context, cfg Config) (*App, error) {
	if _, err := os.Stat(filepath.Join(cfg.Dir, unverified)); err == nil {
		return nil, errors.New("node: this node was restored and has not passed its verification: restore again into an empty place")
	}
	a, err := openUnverified(ctx, cfg)
	if err != nil {
		return nil, err
	}
	behind, err := a.rowsBehind(ctx)
	if err == nil && behind {
		err = errors.New("node: open: the rows were made under an older schema: run comity migrate")
	}
	if err != nil {
		_ = a.Close()
		return nil, err
	}
	return a, nil
}

func openUnverified(ctx context.Context, cfg Config) (_ *App, err error) {
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	a := &App{cfg: cfg, log: cfg.Log, indexes: indexes{dir: filepath.Join(cfg.Dir, "cache")}}
	a.life, a.end = context.WithCancel(context.Background())
	a.register()
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("node: data folder: %w", err)
	}
	if a.db, err = OpenStore(ctx, cfg); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = fmt.Errorf("node: open: %w", err)
			_ = a.db.Close()
		}
	}()
	if pending, err := a.db.Pending(ctx); err != nil {
		return nil, err
	} else if pending > 0 {
		return nil, fmt.Errorf("the schema lacks %d migrations: run comity migrate", pending)
	}
	if err := a.openKeys(); err != nil {
		return nil, err
	}
	if err := a.openSaying(); err != nil {
		return nil, err
	}
	if a.objects, err = vault.OpenObjects(filepath.Join(cfg.Dir, "documents"), a.keys, cfg.DocumentLimit); err != nil {
		return nil, err
	}
	a.loadEngines()
	return a, nil
}

// OpenStore opens the node's database alone, for migrations and backups.
func OpenStore(ctx context.Context, cfg Config) (*store.DB, error) {
	dsn := cfg.DSN
	if cfg.Engine == store.SQLite {
		dsn = filepath.Join(cfg.Dir, "comity.db")
	}
	return store.Open(ctx, store.Config{Engine: cfg.Engine, DSN: dsn, Now: cfg.Now, Log: cfg.Log})
}

// Close finishes what is being written and closes.
func (a *App) Close() error {
	a.end()
	a.aside.Wait()
	return a.db.Close()
}

// beside does something while the node does other things, until it is done or
// the node closes.
func (a *App) beside(f func(context.Context)) {
	if a.life.Err() != nil {
		return
	}
	a.aside.Go(func() { f(a.life) })
}

// Config is what the node was opened with.
func (a *App) Config() Config { return a.cfg }

// Store is the node's database, for doors that read.
func (a *App) Store() *store.DB { return a.db }

// Objects is the node's folder of documents.
func (a *App) Objects() *vault.Objects { return a.objects }

// Now is the node's clock.
func (a *App) Now() time.Time { return a.db.Now() }

// Registry knows every event type of the program.
func (a *App) Registry() *event.Registry { return a.registry }

// prefix is what references begin with.
func (c Config) prefix() string {
	if c.State == "" {
		return "XX"
	}
	return c.State
}
