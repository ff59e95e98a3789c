package node

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/controls"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/policy"
	"github.com/comity-project/comity/screening"
	"github.com/comity-project/comity/screening/listfile"
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
}

// Assess gives the engines in the form in which an assessment takes them.
func (e *Engines) Assess() assessment.Engines {
	return assessment.Engines{
		Pack: e.Pack, Classifier: assessment.WithControls(e.Controls),
		Screener: assessment.WithScreening(e.Index, e.Lists, e.NotSearched), Destinations: e.Destinations,
	}
}

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
	go func() {
		defer close(l.done)
		if l.engines, l.err = shippedEngines(); l.err != nil {
			a.log.Error("lists and packs could not be loaded", "error", l.err)
		}
	}()
}

// Engines gives the engines in use; while they are being loaded it waits.
func (a *App) Engines(ctx context.Context) (*Engines, error) {
	l := a.engines.Load()
	select {
	case <-l.done:
		return l.engines, l.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// shippedEngines are made of content/ alone: what a fresh clone works with.
func shippedEngines() (*Engines, error) {
	var e Engines
	base, err := fs.Sub(content.FS, "policy/base")
	if err != nil {
		return nil, err
	}
	if e.Pack, err = policy.Load(base); err != nil {
		return nil, fmt.Errorf("node: base pack: %w", err)
	}
	entries, err := controls.LoadContent(content.FS)
	if err != nil {
		return nil, fmt.Errorf("node: control entries: %w", err)
	}
	if e.Controls, err = controls.NewClassifier(controls.Options{Content: entries}); err != nil {
		return nil, fmt.Errorf("node: classifier: %w", err)
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
	if b, err = fs.ReadFile(content.FS, "calendars/norland.toml"); err != nil {
		return nil, err
	}
	if e.Calendar, err = deadline.Parse(b); err != nil {
		return nil, err
	}
	return &e, e.shippedLists()
}

func (e *Engines) shippedLists() error {
	var entities []screening.Entity
	e.Lists = map[string]assessment.ListInfo{}
	for _, l := range []struct {
		name string
		kind assessment.ListKind
	}{{"alvania-denials", assessment.Denials}, {"comity-demo-un", assessment.Sanctions}} {
		b, err := fs.ReadFile(content.FS, "lists/"+l.name+".yaml")
		if err != nil {
			return err
		}
		r, err := listfile.Read(listfile.YAML, listfile.DefaultLimits, listfile.File{Name: l.name + ".yaml", Reader: bytes.NewReader(b)})
		if err != nil {
			return fmt.Errorf("node: list %s: %w", l.name, err)
		}
		sum := sha256.Sum256(b)
		e.Lists[r.Entities[0].List] = assessment.ListInfo{Kind: l.kind, Date: policy.Date(r.Published), Version: hex.EncodeToString(sum[:])}
		e.WatchLists = append(e.WatchLists, l.name+" "+hex.EncodeToString(sum[:]))
		entities = append(entities, r.Entities...)
	}
	index, err := screening.Build(entities, screening.Options{})
	e.Index = index
	return err
}

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
