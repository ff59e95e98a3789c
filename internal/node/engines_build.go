package node

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/controls"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/rulebook"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/policy"
	"github.com/comity-project/comity/screening"
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
	e, err := buildEngines(ctx, parts, filepath.Join(a.cfg.Dir, "cache"))
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
	return ListInUse{ID: id, Title: d.Title, Kind: d.Kind, Format: keptFormat(d.Format), LegalBasis: d.LegalBasis, Publisher: d.Publisher}
}

// buildEngines makes engines of lists on record, and of what ships where no
// version of a shipped list was imported. cache is a folder for the compiled
// index, "" for none.
func buildEngines(ctx context.Context, parts []part, cache string) (*Engines, error) {
	base, err := shippedBase()
	if err != nil {
		return nil, err
	}
	means, err := meanings()
	if err != nil {
		return nil, err
	}
	e := *base
	e.Lists = map[string]assessment.ListInfo{}
	var used []part
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
	if err := e.indexParties(used, means, cache); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := e.readTables(used); err != nil {
		return nil, err
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
		b, err := fs.ReadFile(content.FS, s.Files[0].Content)
		if err != nil {
			return nil, err
		}
		r, err := listfile.Read(listfile.Format(s.Format), listfile.DefaultLimits, listfile.File{Name: s.Files[0].Name, Reader: bytes.NewReader(b)})
		if err != nil {
			return nil, fmt.Errorf("node: list %s: %w", s.ID, err)
		}
		var doc bytes.Buffer
		if err := listfile.WriteEntities(&doc, s.Title, r.Published, r.Entities); err != nil {
			return nil, err
		}
		p := part{ListInUse: listInUse(s.ID, s.Definition()), open: func() ([]byte, error) { return doc.Bytes(), nil }}
		p.Shipped, p.Published, p.Document, p.Entries = true, r.Published, lists.Hash(doc.Bytes()), len(r.Entities)
		out = append(out, p)
	}
	return out, nil
}

// indexParties builds the screening index, or reads the compiled one of the same
// lists, and says what it means to stand on each.
func (e *Engines) indexParties(used []part, means map[string]meaning, cache string) error {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", screening.EngineVersion)
	for _, p := range used {
		if p.Parties() {
			fmt.Fprintf(h, "%s %s %v\n", p.ID, p.Document, means[p.ID].Rename)
			e.WatchLists = append(e.WatchLists, p.ID+" "+p.Document)
		}
	}
	name := filepath.Join(cache, "screening-"+hex.EncodeToString(h.Sum(nil)[:16]))
	names := map[string][]string{} // short names by list
	var err error
	if e.Index, err = readCompiled(name, names); err != nil {
		if e.Index, err = buildIndex(used, means, names); err != nil {
			return err
		}
		if cache != "" {
			if err := writeCompiled(cache, name, e.Index, names); err != nil {
				return fmt.Errorf("node: compiled index: %w", err)
			}
		}
	}
	for i := range used {
		used[i].Names = names[used[i].ID]
		for _, n := range used[i].Names {
			e.Lists[n] = assessment.ListInfo{Kind: means[used[i].ID].of(n), Date: policy.Date(used[i].Published), Version: used[i].Document}
		}
	}
	return nil
}

func buildIndex(used []part, means map[string]meaning, names map[string][]string) (*screening.Index, error) {
	var entities []screening.Entity
	for _, p := range used {
		if !p.Parties() {
			continue
		}
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
		entities = append(entities, of...)
	}
	return screening.Build(entities, screening.Options{})
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
