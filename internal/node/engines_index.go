package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/screening"
)

// compiled is a screening index with what it was made of.
type compiled struct {
	key   string // over the lists and what they say
	index *screening.Index
	names map[string][]string // short names by list, sorted
	says  map[string]string   // by list: hash of its document and how its names are read
	kept  bool                // it lies in the folder already
}

// indexes are the screening index in use and the one that is to come. A version of
// a list that is imported or about to be activated has its index made beforehand,
// of the one in use and what differs, so that it answers as soon as the command is
// on disk.
type indexes struct {
	dir string // where the index in use is kept for the next start; "" for nowhere

	mu     sync.Mutex
	inUse  *Engines  // guarded by mu
	coming *compiled // guarded by mu
}

// said is what makes the index of a list another one.
func said(p part, means map[string]meaning) string {
	return fmt.Sprintf("%s %v", p.Document, means[p.ID].Rename)
}

// get gives the index of some lists: one that is there, or is kept, or made of the
// one in use, or anew.
func (x *indexes) get(used []part, means map[string]meaning) (*compiled, error) {
	c := &compiled{says: map[string]string{}, names: map[string][]string{}}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", screening.EngineVersion)
	for _, p := range used {
		if p.Parties() {
			c.says[p.ID] = said(p, means)
			fmt.Fprintf(h, "%s %s\n", p.ID, c.says[p.ID])
		}
	}
	c.key = hex.EncodeToString(h.Sum(nil)[:16])
	var old *compiled
	if e := x.engines(); e != nil {
		old = e.compiled
	}
	x.mu.Lock()
	coming := x.coming
	x.mu.Unlock()
	for _, there := range []*compiled{old, coming} {
		if there != nil && there.key == c.key {
			return there, nil
		}
	}
	var err error
	if x.dir != "" {
		if c.index, err = readCompiled(x.file(c), c.names); err == nil {
			c.kept = true
			return c, nil
		}
		clear(c.names)
	}
	if old != nil {
		if derived, err := c.derive(old, used, means); derived || err != nil {
			return c, err
		}
	}
	clear(c.names)
	c.index, err = buildIndex(used, means, c.names)
	return c, err
}

// derive makes the index of an older one and of the lists that say something else
// now. It answers no where lists share a short name, so that what stands on one
// cannot be told from what stands on another.
func (c *compiled) derive(old *compiled, used []part, means map[string]meaning) (bool, error) {
	var replaced []string // short names of lists that changed or went
	var fresh []screening.Entity
	of := map[string]string{} // list of a short name
	for id, names := range old.names {
		if c.says[id] != old.says[id] {
			replaced = append(replaced, names...)
		}
	}
	for _, p := range used {
		if !p.Parties() {
			continue
		}
		c.names[p.ID] = old.names[p.ID]
		if c.says[p.ID] != old.says[p.ID] {
			es, err := entitiesOf(p, means, c.names)
			if err != nil {
				return false, err
			}
			fresh = append(fresh, es...)
		}
		for _, n := range c.names[p.ID] {
			if of[n] != "" {
				return false, nil
			}
			of[n] = p.ID
		}
	}
	for id, names := range old.names {
		for _, n := range names {
			if of[n] != "" && of[n] != id {
				return false, nil
			}
		}
	}
	slices.Sort(replaced)
	var err error
	c.index, err = old.index.Replaced(replaced, fresh)
	return true, err
}

// engines are those in use, nil before the first.
func (x *indexes) engines() *Engines {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.inUse
}

// hold says that engines are those in use.
func (x *indexes) hold(e *Engines) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.inUse = e
	if x.coming != nil && x.coming.key == e.compiled.key {
		x.coming = nil
	}
}

// keepIndex keeps the index in use for the next start, which works without it too.
func (a *App) keepIndex(c *compiled) {
	if c.kept {
		return
	}
	c.kept = true
	if err := writeCompiled(a.indexes.dir, a.indexes.file(c), c.index, c.names); err != nil {
		a.log.Warn("the compiled index was not kept", "error", err)
	}
}

func (x *indexes) file(c *compiled) string { return filepath.Join(x.dir, "screening-"+c.key) }

// prepareIndex makes the index as it will be when a list says what a document says,
// beside the one in use. Where it cannot, the index is made when it is needed.
func (a *App) prepareIndex(ctx context.Context, list, document string, open func() ([]byte, error)) {
	if err := a.tryPrepareIndex(ctx, list, document, open); err != nil && ctx.Err() == nil {
		a.log.Warn("the index of a list's version was not made beforehand", "list", list, "error", err)
	}
}

func (a *App) tryPrepareIndex(ctx context.Context, list, document string, open func() ([]byte, error)) error {
	if _, err := a.Engines(ctx); err != nil {
		return err
	}
	var states []*lists.State
	if err := a.db.View(ctx, func(t *store.Tx) (err error) {
		states, err = readListStates(t)
		return err
	}); err != nil {
		return err
	}
	means, err := meanings()
	if err != nil {
		return err
	}
	var parts []part
	for _, s := range states {
		p := a.partOf(ctx, s)
		if s.ID == list {
			p.Document, p.open, p.retired = document, open, false
		}
		parts = append(parts, p)
	}
	used, err := usedParts(parts, means)
	if err != nil {
		return err
	}
	c, err := a.indexes.get(used, means)
	if err != nil {
		return err
	}
	a.indexes.mu.Lock()
	defer a.indexes.mu.Unlock()
	if c != a.indexes.inUse.compiled {
		a.indexes.coming = c
	}
	return nil
}

// prepareActivation makes the index beforehand.
func prepareActivation(ctx context.Context, a *App, actor access.Actor, c lists.ActivateVersion) (struct{}, error) {
	if !access.Can(actor, access.ListActivate, access.Thing{}) {
		return struct{}{}, nil // the command itself says so
	}
	s, err := a.listState(ctx, c.List)
	if err != nil {
		return struct{}{}, err
	}
	if v := versionOf(s, c.ID); v != nil && s.Kind == lists.Parties {
		a.prepareIndex(ctx, c.List, v.Document, func() ([]byte, error) { return a.listDocument(ctx, v.Object, v.Document) })
	}
	return struct{}{}, nil
}

func buildIndex(used []part, means map[string]meaning, names map[string][]string) (*screening.Index, error) {
	var entities []screening.Entity
	for _, p := range used {
		if !p.Parties() {
			continue
		}
		of, err := entitiesOf(p, means, names)
		if err != nil {
			return nil, err
		}
		entities = append(entities, of...)
	}
	return screening.Build(entities, screening.Options{})
}

// entitiesOf reads what stands on a list, and notes under which short names.
func entitiesOf(p part, means map[string]meaning, names map[string][]string) ([]screening.Entity, error) {
	doc, err := p.open()
	if err != nil {
		return nil, fmt.Errorf("node: list %s: %w", p.ID, err)
	}
	of, err := storedEntities(doc)
	if err != nil {
		return nil, fmt.Errorf("node: list %s: %w", p.ID, err)
	}
	seen := map[string]bool{}
	for i := range of {
		if to, ok := means[p.ID].Rename[of[i].List]; ok {
			of[i].List = to
		}
		seen[of[i].List] = true
	}
	names[p.ID] = slices.Sorted(maps.Keys(seen))
	return of, nil
}

func readCompiled(name string, names map[string][]string) (*screening.Index, error) {
	b, err := os.ReadFile(name + ".json")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &names); err != nil {
		return nil, err
	}
	f, err := os.Open(name + ".index")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return screening.ReadSnapshot(f, screening.Options{})
}

// writeCompiled keeps an index for the next start and removes those of other
// lists. Several processes may do so at once: each file is written whole.
func writeCompiled(cache, name string, x *screening.Index, names map[string][]string) error {
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return err
	}
	out, err := os.CreateTemp(cache, "part-*")
	if err != nil {
		return err
	}
	defer os.Remove(out.Name())
	if err := errors.Join(x.WriteSnapshot(out), out.Close()); err != nil {
		return err
	}
	if err := os.Rename(out.Name(), name+".index"); err != nil {
		return err
	}
	b, err := json.Marshal(names)
	if err != nil {
		return err
	}
	side, err := os.CreateTemp(cache, "part-*")
	if err != nil {
		return err
	}
	defer os.Remove(side.Name())
	_, err = side.Write(b)
	if err := errors.Join(err, side.Close()); err != nil {
		return err
	}
	if err := os.Rename(side.Name(), name+".json"); err != nil {
		return err
	}
	old, err := filepath.Glob(filepath.Join(cache, "screening-*"))
	if err != nil {
		return err
	}
	for _, f := range old {
		if !strings.HasPrefix(f, name) {
			_ = os.Remove(f)
		}
	}
	return nil
}
