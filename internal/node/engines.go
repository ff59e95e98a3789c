package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/controls"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/rulebook"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/policy"
	"github.com/comity-project/comity/screening"
)

// Engines are the engines with the lists and packs in use. They are immutable:
// a changed list or pack makes new ones, and whoever began with the old ones
// ends with them.
type Engines struct {
	Pack         *policy.Pack
	Controls     *controls.Classifier
	ControlLists string // hash over the control lists in use
	Index        *screening.Index
	WatchLists   []string // name and hash of each list in the index, sorted
	Lists        map[string]assessment.ListInfo
	NotSearched  []string // lists that ought to be searched and are not loaded
	Destinations assessment.Destinations
	Indicators   string // hash over the indicators in use
	Calendar     *deadline.Calendar
	Calendars    map[string]*deadline.Calendar // all that ship, by id

	tables   string                  // which control lists, indicators and charts these are
	figures  assessment.Destinations // with the indicators, before the laws on record
	compiled *compiled               // the index and what it was made of
	named    map[string]*ListInUse   // by short name of its parties
	held     [2][]ListInUse          // lists of parties: those that exporters are told of, and all
	InUse    []ListInUse             // every list in use, of any kind, by id; shipped ones included
	Texts    []*controls.List        // control lists with their own text; none where none was imported
	Words    *controls.Content       // control entries in our own words
	Rules    *rulebook.Version       // the version whose pack this is; nil: the pack that ships
	key      string                  // which versions these were built from
}

// Assess gives the engines in the form in which an assessment takes them.
func (e *Engines) Assess() assessment.Engines {
	return assessment.Engines{
		Pack: e.Pack, Classifier: assessment.WithControls(e.Controls),
		Screener: assessment.WithScreening(e.Index, e.Lists, e.NotSearched), Destinations: e.Destinations,
	}
}

// ListInUse is a list as it is used now.
type ListInUse struct {
	ID, Title  string
	Kind       lists.Kind
	Format     string
	Means      assessment.ListKind // of a list of parties
	Public     bool                // of a list of parties: an exporter may be told of its entries
	Shipped    bool                // comes with the program; no version was imported
	Version    string              // id of the version; "" of a shipped list
	Number     int
	Published  string // ISO date; "" where the source gives none
	Document   string // hash of what it says
	Entries    int
	Names      []string // short names under which its parties are indexed, sorted
	LegalBasis string
	Publisher  string
}

// Parties tells whether it is a list of parties.
func (l ListInUse) Parties() bool { return l.Kind == lists.Parties }

// loading is engines on their way: done is closed when they or the error are
// there.
type loading struct {
	done    chan struct{}
	engines *Engines
	err     error
}

// loadEngines starts loading beside whatever else the node does.
func (a *App) loadEngines() {
	l := &loading{done: make(chan struct{})}
	a.engines.Store(l)
	a.beside(func(ctx context.Context) {
		l.engines, l.err = a.storedEngines(ctx)
		if l.err == nil {
			a.indexes.hold(l.engines)
		}
		close(l.done)
		if l.err == nil {
			a.keepIndex(l.engines.compiled)
		} else if ctx.Err() == nil {
			a.log.Error("lists and packs could not be loaded", "error", l.err)
		}
	})
}

// Engines gives the engines in use; while the first are being loaded it waits.
func (a *App) Engines(ctx context.Context) (*Engines, error) {
	l := a.engines.Load()
	select {
	case <-l.done:
		return l.engines, l.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// EnginesReady gives the engines in use, or nil while they are being loaded: for
// pages that can say so instead of waiting.
func (a *App) EnginesReady() *Engines {
	l := a.engines.Load()
	select {
	case <-l.done:
		return l.engines
	default:
		return nil
	}
}

// ReloadEngines takes up the versions in use now. Those who began with the old
// engines end with them; where nothing changed it costs one small query. What
// cannot be loaded leaves the old engines in use.
func (a *App) ReloadEngines(ctx context.Context) error {
	a.reloading.Lock()
	defer a.reloading.Unlock()
	old, oldErr := a.Engines(ctx)
	var key string
	if err := a.db.View(ctx, func(t *store.Tx) (err error) {
		key, err = a.enginesKey(t)
		return err
	}); err != nil {
		return err
	}
	if oldErr == nil && old.key == key {
		return nil
	}
	fresh, err := a.storedEngines(ctx)
	if err != nil {
		return err
	}
	l := &loading{done: make(chan struct{}), engines: fresh}
	close(l.done)
	a.engines.Store(l)
	a.indexes.hold(fresh)
	a.keepIndex(fresh.compiled)
	return nil
}

// refreshEngines reloads beside whatever else the node does.
func (a *App) refreshEngines() {
	a.beside(func(ctx context.Context) {
		if err := a.ReloadEngines(ctx); err != nil && ctx.Err() == nil {
			a.log.Error("lists could not be loaded anew; those in use before stay in use", "error", err)
		}
	})
}

// FollowLists takes up, until the context ends, what other processes activate:
// for programs that run no jobs and search for long.
func (a *App) FollowLists(ctx context.Context) {
	a.beside(func(life context.Context) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		defer context.AfterFunc(life, stop)()
		a.watchEngines(ctx)
	})
}

// watchPause is how often a process looks whether another one changed a list.
const watchPause = 3 * time.Second

// watchEngines takes up what other processes activate, until the context ends.
func (a *App) watchEngines(ctx context.Context) {
	tick := time.NewTicker(watchPause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := a.ReloadEngines(ctx); err != nil && ctx.Err() == nil {
				a.log.Error("lists could not be loaded anew; those in use before stay in use", "error", err)
			}
		}
	}
}

// shippedBase is what comes with the program and no list changes: it is made
// once in a process.
var shippedBase = sync.OnceValues(func() (*Engines, error) {
	var e Engines
	rules, err := fs.Sub(content.FS, "policy/code-of-conduct")
	if err != nil {
		return nil, err
	}
	if e.Pack, err = policy.Load(rules); err != nil {
		return nil, fmt.Errorf("node: policy pack: %w", err)
	}
	if e.ControlLists, err = contentHash("controls", "taxonomy.yaml"); err != nil {
		return nil, err
	}
	if e.Indicators, err = contentHash("policy/demo-destinations.yaml"); err != nil {
		return nil, err
	}
	b, err := fs.ReadFile(content.FS, "policy/demo-destinations.yaml")
	if err != nil {
		return nil, err
	}
	if e.Destinations, err = assessment.ParseDestinations(b); err != nil {
		return nil, err
	}
	if e.Calendars, err = calendars(); err != nil {
		return nil, err
	}
	e.Calendar = e.Calendars["norland"]
	return &e, checkPeriods(e.Pack, &e)
})

// controlEntries are the entries in our own words.
var controlEntries = sync.OnceValues(func() (*controls.Content, error) { return controls.LoadContent(content.FS) })

// ShippedEngines are made of content/ alone: what a fresh clone works with.
var ShippedEngines = sync.OnceValues(func() (*Engines, error) {
	return buildEngines(context.Background(), nil, &indexes{})
})

// contentHash is over the names and bytes of files and folders of content/.
func contentHash(paths ...string) (string, error) {
	h := sha256.New()
	for _, p := range paths {
		if err := fs.WalkDir(content.FS, p, func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := fs.ReadFile(content.FS, name)
			if err != nil {
				return err
			}
			fmt.Fprintf(h, "%s %d\n", name, len(b))
			_, err = h.Write(b)
			return err
		}); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
