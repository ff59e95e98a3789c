package node

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sync"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/statement/field"
	"github.com/comity-project/comity/statement/stix"
)

// ImportPage is one import, with what is held aside.
type ImportPage struct {
	dispatch.Import
	Version    int64
	Collection string // title
	Aside      []AsideObject
	Next       int64 // to go on after; 0: that is all
	Objects    []ImportedObject
	Alert      dispatch.Alert // cases of ours that it touches
}

// AsideObject is an object that is held, with every reason.
type AsideObject struct {
	Place    int64
	Object   string
	Kind     string
	State    store.ImportState
	Code     string
	Findings []stix.Finding
	Raw      string // its beginning
}

// ImportedObject is an object that came in, as a page shows it.
type ImportedObject struct {
	Import, Object, Kind, Name string
	Place                      int64
	Source                     string
	Admiralty                  string
}

const (
	asideShown = 100
	rawShown   = 600 // bytes of a held object
)

// Import reads one import: what is held aside after a place, with the reasons.
func (a *App) Import(ctx context.Context, actor access.Actor, id string, after int64) (p ImportPage, err error) {
	notFound := fault.New(fault.NotFound, "fault.not_found")
	if !access.Can(actor, access.ExchangeRead, access.Thing{}) {
		return p, notFound
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		version, err := t.Load(ImportStream(id), &p.Import)
		if err != nil {
			return err
		}
		if p.Import.ID == "" {
			return notFound
		}
		p.Version = version
		var col dispatch.Collection
		if _, err := t.Load(CollectionStream(p.Import.Collection), &col); err != nil {
			return err
		}
		p.Collection = col.Title
		if _, err := t.Load(event.StreamOf(dispatch.KindAlert, id), &p.Alert); err != nil {
			return err
		}
		shownTo(actor, &p.Alert)
		rows, err := t.ImportedBy(p.Number, after, true, asideShown+1)
		if err != nil {
			return err
		}
		if len(rows) > asideShown {
			rows = rows[:asideShown]
			p.Next = rows[asideShown-1].N
		}
		seal := vault.NewSealer(a.keys, t)
		for _, o := range rows {
			raw, _, err := seal.Open(ImportStream(id), o.Sealed)
			if err != nil {
				return err
			}
			x := AsideObject{Place: o.N, Object: o.Object, Kind: o.Kind, State: o.State, Code: o.Why, Raw: string(raw[:min(len(raw), rawShown)])}
			if d, err := stix.Read(raw, stix.Limits{}); err == nil && len(d.Objects) == 1 {
				for _, f := range stix.Check(&d.Objects[0]) {
					if !f.Warning {
						x.Findings = append(x.Findings, f)
					}
				}
			}
			p.Aside = append(p.Aside, x)
		}
		first, err := t.ImportedBy(p.Number, -1, false, namedShown)
		if err != nil {
			return err
		}
		for _, o := range first {
			if o.State != store.ImportLive {
				continue
			}
			raw, _, err := seal.Open(ImportStream(id), o.Sealed)
			if err != nil {
				return err
			}
			p.Objects = append(p.Objects, importedObject(&p.Import, o, raw))
		}
		return nil
	})
	return p, fault.Wrap(err, "node: import")
}

// namedShown bounds the objects of an import that its page shows.
const namedShown = 50

func importedObject(m *dispatch.Import, o store.ImportObject, raw []byte) ImportedObject {
	x := ImportedObject{Import: m.ID, Object: o.Object, Kind: o.Kind, Place: o.N, Source: m.From.Source, Admiralty: m.From.Admiralty}
	d, err := stix.Read(raw, stix.Limits{})
	if err != nil || len(d.Objects) != 1 {
		return x
	}
	for _, property := range []string{"name", "value", "pattern", "relationship_type"} {
		if v, ok := d.Objects[0].Root.Get(property); ok && v.Text != "" {
			x.Name = v.Text
			break
		}
	}
	return x
}

// OpenImport opens the file of an import as it came.
func (a *App) OpenImport(ctx context.Context, actor access.Actor, id string) (name string, r io.ReadCloser, err error) {
	notFound := fault.New(fault.NotFound, "fault.not_found")
	if !access.Can(actor, access.ExchangeRead, access.Thing{}) {
		return "", nil, notFound
	}
	var m dispatch.Import
	var d store.Document
	err = a.db.View(ctx, func(t *store.Tx) error {
		if _, err := t.Load(ImportStream(id), &m); err != nil {
			return err
		}
		row, found, err := t.Document(m.Document)
		if err == nil && (!found || len(row.Wrapped) == 0) {
			err = notFound
		}
		d = row
		return err
	})
	if err != nil {
		return "", nil, fault.Wrap(err, "node: file of an import")
	}
	r, err = a.objects.Open(d.Object)
	return m.From.Name, r, fault.Wrap(err, "node: file of an import")
}

// Collections lists the collections, and a page of what came into one or all of
// them, the latest first.
func (a *App) Collections(ctx context.Context, actor access.Actor, collection string, before int64, limit int) (all []store.CollectionRow, imports []store.ImportRow, more bool, err error) {
	if !access.Can(actor, access.ExchangeRead, access.Thing{}) {
		return nil, nil, false, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		if all, err = t.Collections(""); err != nil {
			return err
		}
		imports, err = t.ListImports(collection, before, limit+1)
		return err
	})
	if len(imports) > limit {
		imports, more = imports[:limit], true
	}
	return all, imports, more, fault.Wrap(err, "node: collections")
}

// Collection reads one, with the names of the accounts that may use it.
func (a *App) Collection(ctx context.Context, actor access.Actor, id string) (c dispatch.Collection, version int64, programs []store.ProgramRow, err error) {
	if !access.Can(actor, access.ExchangeRead, access.Thing{}) {
		return c, 0, nil, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		if version, err = t.Load(CollectionStream(id), &c); err != nil {
			return err
		}
		if c.ID == "" {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		all, err := t.ListPrograms(store.People{Scope: access.Scope{Everything: true}, Limit: maxPrograms})
		for _, p := range all {
			if p.Role == string(access.PointOfContact) {
				programs = append(programs, p)
			}
		}
		return err
	})
	return c, version, programs, fault.Wrap(err, "node: collection")
}

// maxPrograms bounds the accounts that a collection's page offers.
const maxPrograms = 200

// Imported gives what a collection holds, marked TLP:AMBER+STRICT and with its
// provenance, in its order, until yield says that it is enough.
func (a *App) Imported(ctx context.Context, actor access.Actor, collection string, yield func(marked []byte) error) error {
	if !access.Can(actor, access.ExchangeRead, access.Thing{}) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	var col dispatch.Collection
	if err := a.db.View(ctx, func(t *store.Tx) error {
		_, err := t.Load(CollectionStream(collection), &col)
		return err
	}); err != nil {
		return fault.Wrap(err, "node: collection")
	}
	if col.ID == "" {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	for after := int64(0); ; {
		page, err := a.Shelved(ctx, store.ImportPage{Collection: col.Number, Begin: after, Limit: maxBring})
		if err != nil || len(page) == 0 {
			return err
		}
		for _, o := range page {
			if err := yield(o.Sealed); err != nil {
				return err
			}
		}
		after = page[len(page)-1].Seq
	}
}

// Shelved reads objects of a collection as they are given out: in Sealed are the
// bytes, marked TLP:AMBER+STRICT, with the provenance that was forced on them.
// Whoever calls has asked access.
func (a *App) Shelved(ctx context.Context, q store.ImportPage) (rows []store.ImportObject, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		if rows, err = t.ListImported(q); err != nil || len(rows) == 0 {
			return err
		}
		return a.openShelved(t, rows)
	})
	return rows, fault.Wrap(err, "node: read a collection")
}

// shelf is what opening the objects of one import takes.
type shelf struct {
	row    store.ImportRow
	marker *field.Marker
	opener vault.Opener
}

func (a *App) openShelved(t *store.Tx, rows []store.ImportObject) error {
	shelves := map[int64]*shelf{}
	var numbers []int64
	for _, o := range rows {
		if shelves[o.Import] == nil {
			shelves[o.Import] = &shelf{}
			numbers = append(numbers, o.Import)
		}
	}
	found, err := t.ImportsNumbered(numbers)
	if err != nil {
		return err
	}
	for n, row := range found {
		var m dispatch.Import
		if _, err := t.Load(ImportStream(row.ID), &m); err != nil {
			return err
		}
		p := field.Provenance{Source: m.From.Source, URL: m.From.URL, Licence: m.From.Licence, Admiralty: m.From.Admiralty, Retrieved: m.Began.At}
		shelves[n] = &shelf{row: row, marker: p.Marker(m.Digest)}
	}
	seal := vault.NewSealer(a.keys, t)
	for n, s := range shelves {
		if s.marker == nil {
			return fmt.Errorf("node: import %d is not there", n)
		}
		if s.opener, err = seal.Opener(ImportStream(s.row.ID)); err != nil {
			return err
		}
	}
	// A page of a thousand is opened on all processors: half of its time is this.
	errs := make([]error, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for w := range errs {
		wg.Go(func() {
			var room []byte
			for i := w; i < len(rows) && errs[w] == nil; i += len(errs) {
				s := shelves[rows[i].Import]
				room, errs[w] = s.opener.Read(room, rows[i].Sealed, func(raw []byte) (err error) {
					rows[i].Sealed, err = s.marker.Mark(raw)
					return err
				})
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// Shelves are the collections that an account may use.
func (a *App) Shelves(ctx context.Context, actor access.Actor) (out []dispatch.Collection, err error) {
	if !access.Can(actor, access.ExchangeShelf, access.Thing{}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		rows, err := t.Collections(actor.Account)
		if err != nil {
			return err
		}
		for _, r := range rows {
			var c dispatch.Collection
			if _, err := t.Load(CollectionStream(r.ID), &c); err != nil {
				return err
			}
			out = append(out, c)
		}
		return nil
	})
	return out, fault.Wrap(err, "node: shelves")
}

// Shelf reads a page of a collection that an account may read, by what Shelves
// said; more says that others follow.
func (a *App) Shelf(ctx context.Context, collection string, q store.ImportPage) (rows []store.ImportObject, more bool, err error) {
	limit := q.Limit
	q.Limit++
	err = a.db.View(ctx, func(t *store.Tx) error {
		var c dispatch.Collection
		if _, err := t.Load(CollectionStream(collection), &c); err != nil || c.ID == "" {
			return err
		}
		q.Collection = c.Number
		if rows, err = t.ListImported(q); err != nil {
			return err
		}
		if more = len(rows) > limit; more {
			rows = rows[:limit]
		}
		if q.Heads {
			return nil
		}
		return a.openShelved(t, rows)
	})
	return rows, more, fault.Wrap(err, "node: shelf")
}

// ShelfStatus is what became of a request that an account made.
func (a *App) ShelfStatus(ctx context.Context, actor access.Actor, id string) (body []byte, found bool, err error) {
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		body, found, err = t.ImportStatus(id, actor.Account)
		return err
	})
	return body, found, err
}
