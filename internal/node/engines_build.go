package node

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/controls"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/lists/sources"
	"github.com/comity-project/comity/internal/rulebook"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/policy"
	"github.com/comity-project/comity/screening/listfile"
)

// part is one list on record as engines are built from it.
type part struct {
	ListInUse
	retired bool                   // on record, and no longer used
	open    func() ([]byte, error) // the stored document
}

// storedEngines builds engines from the versions that are in use on this node.
func (a *App) storedEngines(ctx context.Context) (*Engines, error) {
	var states []*lists.State
	var key string
	var rules *rulebook.Version
	var laws map[string][]assessment.Safeguard
	if err := a.db.View(ctx, func(t *store.Tx) (err error) {
		if key, err = a.enginesKey(t); err != nil {
			return err
		}
		if laws, err = readLaws(t); err != nil {
			return err
		}
		if rules, err = a.inForce(t); err != nil {
			return err
		}
		states, err = readListStates(t)
		return err
	}); err != nil {
		return nil, err
	}
	var parts []part
	for _, s := range states {
		parts = append(parts, a.partOf(ctx, s))
	}
	e, err := buildEngines(ctx, parts, &a.indexes)
	if err != nil {
		return nil, err
	}
	e.addLaws(laws)
	e.key = key
	if rules != nil {
		e.Rules = rules
		if _, e.Pack, err = a.packText(ctx, rules); err != nil {
			return nil, err
		}
	}
	return e, nil
}

func (a *App) partOf(ctx context.Context, s *lists.State) part {
	p := part{ListInUse: listInUse(s.ID, s.Definition), retired: s.Retired}
	if v := s.ActiveVersion(); v != nil {
		p.Version, p.Number, p.Published, p.Document, p.Entries = v.ID, v.Number, v.Published, v.Document, v.Figures.Entries
		object, hash := v.Object, v.Document
		p.open = func() ([]byte, error) { return a.listDocument(ctx, object, hash) }
	}
	return p
}

func listInUse(id string, d lists.Definition) ListInUse {
	return ListInUse{ID: id, Title: d.Title, Kind: d.Kind, Format: keptFormat(d.Format), Means: assessment.ListKind(d.Means), LegalBasis: d.LegalBasis, Publisher: d.Publisher}
}

// buildEngines makes engines of lists on record, and of what ships where no
// version of a shipped list was imported. from has the indexes that were compiled
// before.
func buildEngines(ctx context.Context, parts []part, from *indexes) (*Engines, error) {
	base, err := shippedBase()
	if err != nil {
		return nil, err
	}
	means, err := meanings()
	if err != nil {
		return nil, err
	}
	means = withOwn(means, parts)
	e := *base
	e.Lists = map[string]assessment.ListInfo{}
	used, err := usedParts(parts, means)
	if err != nil {
		return nil, err
	}
	if err := e.indexParties(used, means, from); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !e.sameTables(used, from.engines()) {
		if err := e.readTables(used); err != nil {
			return nil, err
		}
		e.figures = e.Destinations
	}
	e.named = map[string]*ListInUse{}
	for _, p := range used {
		e.InUse = append(e.InUse, p.ListInUse)
		for _, n := range p.Names {
			if e.named[n] == nil {
				e.named[n] = &p.ListInUse
			}
		}
		if p.Parties() {
			e.held[1] = append(e.held[1], p.ListInUse)
			if p.Public {
				e.held[0] = append(e.held[0], p.ListInUse)
			}
		}
	}
	return &e, e.missing(parts, means)
}

// usedParts are the lists that engines are made of, sorted by id: those in use and
// those that ship.
func usedParts(parts []part, means map[string]meaning) (used []part, err error) {
	onRecord := map[string]bool{}
	for _, p := range parts {
		onRecord[p.ID] = p.open != nil || p.retired
		if p.open != nil && !p.retired {
			used = append(used, p)
		}
	}
	shipped, err := shippedParts(onRecord)
	if err != nil {
		return nil, err
	}
	used = append(used, shipped...)
	slices.SortFunc(used, func(a, b part) int { return strings.Compare(a.ID, b.ID) })
	for i := range used {
		m := means[used[i].ID]
		used[i].Means, used[i].Public = m.of(""), m.Public
	}
	return used, nil
}

// shippedParts are the lists of parties in content/ that are not on record.
func shippedParts(onRecord map[string]bool) ([]part, error) {
	all, err := Sources()
	if err != nil {
		return nil, err
	}
	var out []part
	for _, s := range all {
		if !s.Shipped() || onRecord[s.ID] || s.Kind != lists.Parties {
			continue
		}
		p, err := shippedPart(s)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// shippedOnce holds the parts that were read: content/ does not change.
var shippedOnce sync.Map

func shippedPart(s sources.Source) (part, error) {
	if p, ok := shippedOnce.Load(s.ID); ok {
		return p.(part), nil
	}
	b, err := fs.ReadFile(content.FS, s.Files[0].Content)
	if err != nil {
		return part{}, err
	}
	r, err := listfile.Read(listfile.Format(s.Format), listfile.DefaultLimits, listfile.File{Name: s.Files[0].Name, Reader: bytes.NewReader(b)})
	if err != nil {
		return part{}, fmt.Errorf("node: list %s: %w", s.ID, err)
	}
	var doc bytes.Buffer
	if err := listfile.WriteEntities(&doc, s.Title, r.Published, r.Entities); err != nil {
		return part{}, err
	}
	p := part{ListInUse: listInUse(s.ID, s.Definition()), open: func() ([]byte, error) { return doc.Bytes(), nil }}
	p.Shipped, p.Published, p.Document, p.Entries = true, r.Published, lists.Hash(doc.Bytes()), len(r.Entities)
	shippedOnce.Store(s.ID, p)
	return p, nil
}

// indexParties takes the screening index of the lists of parties, and says what it
// means to stand on each.
func (e *Engines) indexParties(used []part, means map[string]meaning, from *indexes) error {
	var err error
	if e.compiled, err = from.get(used, means); err != nil {
		return err
	}
	e.Index = e.compiled.index
	for i := range used {
		if used[i].Parties() {
			e.WatchLists = append(e.WatchLists, used[i].ID+" "+used[i].Document)
		}
		used[i].Names = e.compiled.names[used[i].ID]
		for _, n := range used[i].Names {
			e.Lists[n] = assessment.ListInfo{Kind: means[used[i].ID].of(n), Date: policy.Date(used[i].Published), Version: used[i].Document}
		}
	}
	return nil
}

// sameTables takes control lists, indicators and charts from earlier engines, where
// they are the same: a change of a list of parties does not read them again.
func (e *Engines) sameTables(used []part, old *Engines) bool {
	for _, p := range used {
		if !p.Parties() && p.Kind != lists.Pack {
			e.tables += p.ID + " " + p.Document + "\n"
		}
	}
	if old == nil || old.tables != e.tables {
		return false
	}
	e.Texts, e.Words, e.Controls, e.ControlLists = old.Texts, old.Words, old.Controls, old.ControlLists
	e.Destinations, e.Indicators, e.figures = old.figures, old.Indicators, old.figures
	return true
}

// readTables takes up control lists, indicators and charts.
func (e *Engines) readTables(used []part) error {
	entries, err := controlEntries()
	if err != nil {
		return fmt.Errorf("node: control entries: %w", err)
	}
	dest := maps.Clone(e.Destinations)
	marks := []string{e.ControlLists}
	figures := []string{e.Indicators}
	for _, p := range used {
		if p.Parties() || p.Kind == lists.Pack {
			continue
		}
		doc, err := p.open()
		if err != nil {
			return fmt.Errorf("node: list %s: %w", p.ID, err)
		}
		f := listfile.File{Name: p.ID, Reader: bytes.NewReader(doc)}
		switch p.Format {
		case FormatControls:
			l, err := controls.ParseJSONL(f.Reader)
			if err != nil {
				return fmt.Errorf("node: list %s: %w", p.ID, err)
			}
			e.Texts, marks = append(e.Texts, l), append(marks, p.ID+" "+p.Document)
		case FormatIndicators:
			rows, _, err := listfile.ReadIndicators(f, listfile.DefaultLimits)
			if err != nil {
				return fmt.Errorf("node: list %s: %w", p.ID, err)
			}
			addIndicators(dest, rows)
			figures = append(figures, p.ID+" "+p.Document)
		case FormatChart:
			rows, _, err := listfile.ReadChart(f, listfile.DefaultLimits)
			if err != nil {
				return fmt.Errorf("node: list %s: %w", p.ID, err)
			}
			addChart(dest, rows, p.ListInUse)
			figures = append(figures, p.ID+" "+p.Document)
		}
	}
	e.Destinations, e.Words = dest, entries
	if len(marks) > 1 {
		e.ControlLists = lists.Hash([]byte(strings.Join(marks, "\n")))
	}
	if len(figures) > 1 {
		e.Indicators = lists.Hash([]byte(strings.Join(figures, "\n")))
	}
	if e.Controls, err = controls.NewClassifier(controls.Options{Content: entries, Lists: e.Texts}); err != nil {
		return fmt.Errorf("node: classifier: %w", err)
	}
	return nil
}

// missing names the lists that ought to be searched and are not: those that the
// program knows or the authority put on record, without a version in use.
func (e *Engines) missing(parts []part, means map[string]meaning) error {
	all, err := Sources()
	if err != nil {
		return err
	}
	used, retired := map[string]bool{}, map[string]bool{}
	for _, l := range e.InUse {
		used[l.ID] = true
	}
	want := map[string]string{} // title by id
	for _, s := range all {
		if s.Kind == lists.Parties && !s.Shipped() {
			want[s.ID] = s.Title
		}
	}
	for _, p := range parts {
		retired[p.ID] = p.retired
		if p.Parties() {
			want[p.ID] = p.Title
		}
	}
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if within := means[id].Within; used[id] || retired[id] || within != "" && used[within] {
			continue
		}
		e.NotSearched = append(e.NotSearched, want[id])
	}
	return nil
}
