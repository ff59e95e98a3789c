// Package nodetest opens real nodes for tests: on SQLite and on a private
// PostgreSQL. When a test ends, its node is verified and refolded, so that every
// test of anything is also a test that rows are what events add up to.
package nodetest

import (
	"context"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/store/pgtest"
)

// Clock is a clock that tests move. It may be read from many goroutines.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// Now is the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Move moves the clock on.
func (c *Clock) Move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// NewClock makes a clock at Start.
func NewClock() *Clock { return &Clock{now: Start} }

// Start is the time at which test clocks begin: Monday, 9 November 2026, 08:00 UTC.
var Start = time.Date(2026, 11, 9, 8, 0, 0, 0, time.UTC)

// Both runs a test on each engine.
func Both(t *testing.T, f func(t *testing.T, app *node.App, clock *Clock)) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			clock := NewClock()
			f(t, Open(t, engine, clock), clock)
		})
	}
}

// Config makes the configuration of a fresh place for a node.
func Config(t testing.TB, engine store.Engine, clock *Clock) node.Config {
	dir := t.TempDir()
	cfg := node.Config{Name: "norland.example", Dir: filepath.Join(dir, "data"), Keys: filepath.Join(dir, "keys"), Engine: engine}
	if clock != nil {
		cfg.Now = clock.Now
	}
	if engine == store.Postgres {
		cfg.DSN = pgtest.DSN(t)
	}
	return cfg
}

// Open makes and opens a new node; the end of the test verifies and closes it.
func Open(t testing.TB, engine store.Engine, clock *Clock) *node.App {
	t.Helper()
	return OpenAt(t, Config(t, engine, clock))
}

// OpenAt makes and opens a new node in a given place.
func OpenAt(t testing.TB, cfg node.Config) *node.App {
	t.Helper()
	ctx := context.Background()
	if err := node.Init(ctx, cfg); err != nil {
		t.Fatal(err)
	}
	app, err := node.Open(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := app.Checkpoint(ctx); err != nil {
			t.Errorf("checkpoint at the end: %v", err)
		}
		if _, err := app.Verify(ctx, true, nil); err != nil {
			t.Errorf("verify at the end: %v", err)
		}
		if err := app.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return app
}

// Person opens an account with roles in a fresh or given organisation and
// returns it as an actor. Side is the organisation's kind.
func Person(t testing.TB, app *node.App, org string, sign string, roles ...access.Role) access.Actor {
	t.Helper()
	id := node.NewID()
	if err := app.Do(context.Background(), access.System(), account.Open{
		ID: id, Org: org, Profile: account.Profile{Name: "Person " + sign, Sign: sign}, Roles: roles,
	}); err != nil {
		t.Fatal(err)
	}
	return access.Actor{Account: id, Name: "Person " + sign, Org: org, Roles: roles}
}

// Org registers an organisation and returns its id.
func Org(t testing.TB, app *node.App, kind account.OrgKind, name string) string {
	t.Helper()
	id := node.NewID()
	if err := app.Do(context.Background(), access.System(), account.RegisterOrg{ID: id, Kind: kind, Name: name, Country: "XN", Registry: "R-" + id}); err != nil {
		t.Fatal(err)
	}
	return id
}
