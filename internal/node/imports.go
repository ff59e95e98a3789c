package node

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/statement/stix"
)

// Collections of what others publish. An import is a file, or what one account
// posts in a day; its objects lie in rows of their own, sealed under its key, and
// its events chain their commitments, so that verify holds the rows against the
// ledger without an event for each.

func (a *App) registerImports() {
	handle(a, openCollection)
	handle(a, onCollection[dispatch.Allow])
	handle(a, onCollection[dispatch.CloseCollection])
	handle(a, bring)
	handle(a, removeImported)
}

// CollectionStream is the stream of a collection, for Expect.
func CollectionStream(id string) event.Stream { return event.StreamOf(dispatch.KindCollection, id) }

// ImportStream is the stream of an import; its objects lie under its key.
func ImportStream(id string) event.Stream { return event.StreamOf(dispatch.KindImport, id) }

func openCollection(t *Tx, c dispatch.OpenCollection) (err error) {
	if c.Number, err = t.Next("collection"); err != nil {
		return fault.Wrap(err, "node: number of a collection")
	}
	return onCollection(t, c)
}

func onCollection[C dispatch.CollectionCommand](t *Tx, c C) error {
	s, _, err := load[*dispatch.Collection](t, c.Stream())
	if err != nil {
		return err
	}
	if err := t.Must(access.ExchangeRead, access.ExchangeTake, access.Thing{Kind: dispatch.KindCollection}); err != nil {
		return err
	}
	if allow, ok := any(c).(dispatch.Allow); ok {
		row, found, err := t.Program(allow.Account)
		if err != nil {
			return err
		}
		if !found || row.Role != string(access.PointOfContact) {
			return fault.New(fault.Invalid, "dispatch.invalid").Field("account", "dispatch.collection.account")
		}
	}
	events, err := dispatch.DecideCollection(s, c)
	if err != nil {
		return err
	}
	return t.Append(events)
}

// arriving is an object that was read and judged, before the transaction.
type arriving struct {
	object, kind string
	version      time.Time // zero: when it is added
	raw          []byte
	state        store.ImportState
	why          string // for the one who sent it
	code         string // for the row: "invalid", "twice", or what it waits for
	marks        []string
}

// Brought is what became of one object that came.
type Brought struct {
	Refused string // why it is not among what is given out
	Had     bool   // it was here already
	Version time.Time
}

// bringing brings objects into a collection, in one transaction.
type bringing struct {
	collection string
	way        string
	id         string // of the import, where it is a file
	from       dispatch.Origin
	document   *vault.Object // the file; nil once the import has begun
	digest     string
	total      int64
	objects    []arriving
	out        *[]Brought
	also       func(*store.Tx, []Brought) error // written with it
}

// maxVersions bounds the versions of one object in a collection.
const maxVersions = 1000

// maxBring bounds the objects of one transaction: nobody waits long for it.
const maxBring = 1000

// bounded cuts what a row names a broken object by.
func bounded(s string) string {
	if len(s) > 200 {
		s = strings.ToValidUTF8(s[:200], "")
	}
	return s
}

// readied reads what the rows need of an object, and judges it unless that was
// done.
func (a *App) readied(o *stix.Object) arriving {
	v := stix.VersionOf(o)
	r := arriving{object: bounded(o.ID()), kind: bounded(o.Type()), version: v.Modified, raw: o.Raw}
	if r.version.IsZero() {
		r.version = v.Created
	}
	r.marks = a.marksOf(o)
	return r
}

// held sets an object aside because it is not valid.
func (r *arriving) held(findings []stix.Finding) {
	r.state, r.code, r.marks = store.ImportHeld, "invalid", nil
	for _, f := range findings {
		if !f.Warning {
			r.why = f.String()
			break
		}
	}
}

// entry is a version of an object as a batch sees it: stored, or about to be.
type entry struct {
	store.ImportObject
	raw     []byte // of one about to be stored
	pending int    // its place among those about to be stored; -1: it is stored
}

// shelving is a batch on its way into a collection.
type shelving struct {
	*Tx
	c       bringing
	m       *dispatch.Import
	stream  event.Stream
	about   map[string][]*entry
	owners  map[int64]store.ImportRow
	put     []*entry
	marks   []([]string)
	moved   []*entry // stored ones whose ends changed
	next, n int64
	head    [32]byte
	event   dispatch.ImportBrought
	seal    ledger.Sealer
}

// bring takes objects in: each by the rules of its collection, all as one event.
func bring(t *Tx, c bringing) error {
	col, _, err := load[*dispatch.Collection](t, CollectionStream(c.collection))
	if err != nil {
		return err
	}
	notFound := fault.New(fault.NotFound, "fault.not_found")
	id, by := c.id, "source "+c.from.Source
	if c.way == dispatch.ByTAXII {
		allowed := col.Of(t.Actor.Account)
		if !access.Can(t.Actor, access.ExchangeShelf, access.Thing{}) || !allowed.Write {
			return notFound
		}
		c.from = dispatch.Origin{Provenance: allowed.From, Name: t.Actor.Name}
		id, by = fmt.Sprintf("%s-%d-%s", t.Actor.Account, col.Number, t.Now().Format(time.DateOnly)), t.Actor.Account
	} else if err := t.Must(access.ExchangeRead, access.ExchangeTake, access.Thing{Kind: dispatch.KindImport}); err != nil {
		return err
	}
	if col.ID == "" {
		return notFound
	}
	if col.Closed != nil {
		return fault.New(fault.Conflict, "dispatch.collection.closed")
	}
	s := &shelving{Tx: t, c: c, stream: ImportStream(id), seal: t.sealer()}
	if s.m, _, err = load[*dispatch.Import](t, s.stream); err != nil {
		return err
	}
	if s.m.ID == "" {
		if err := s.begin(id, by); err != nil {
			return err
		}
	} else if s.m.By != by || s.m.Collection != col.ID {
		return fault.New(fault.Conflict, "dispatch.import.other")
	}
	if err := s.gather(col.Number); err != nil {
		return err
	}
	if s.m.Head != "" {
		if b, err := hex.DecodeString(s.m.Head); err == nil {
			copy(s.head[:], b)
		}
	}
	s.n = s.m.Count
	*c.out = make([]Brought, len(c.objects))
	for i := range c.objects {
		if (*c.out)[i], err = s.one(&c.objects[i]); err != nil {
			return err
		}
	}
	return s.write()
}

func (s *shelving) begin(id, by string) error {
	number, err := s.Next("import")
	if err != nil {
		return fault.Wrap(err, "node: number of an import")
	}
	e := dispatch.ImportBegan{Number: number, Collection: s.c.collection, Way: s.c.way, By: by, Digest: s.c.digest, Total: s.c.total, From: event.P(s.stream, s.c.from)}
	if s.c.document != nil {
		e.Document = s.c.document.ID
		if err := s.PutObject(*s.c.document); err != nil {
			return fault.Wrap(err, "node: file of an import")
		}
	}
	return s.Append([]event.New{{Stream: s.stream, Event: e}})
}

// gather reads what the collection holds of these objects, and who brought it.
func (s *shelving) gather(collection int64) error {
	ids := make([]string, 0, len(s.c.objects))
	for i := range s.c.objects {
		if id := s.c.objects[i].object; id != "" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	stored, err := s.ImportVersions(collection, slices.Compact(ids))
	if err != nil {
		return fault.Wrap(err, "node: what a collection holds")
	}
	s.about = map[string][]*entry{}
	var imports []int64
	for object, rows := range stored {
		for _, r := range rows {
			s.about[object] = append(s.about[object], &entry{ImportObject: r, pending: -1})
			if !slices.Contains(imports, r.Import) {
				imports = append(imports, r.Import)
			}
		}
	}
	if s.owners, err = s.ImportsNumbered(imports); err != nil {
		return err
	}
	s.owners[s.m.Number] = store.ImportRow{ID: s.m.ID, Owner: s.m.By}
	s.next, err = s.LastImported(collection)
	s.next++
	return err
}

// same tells whether an entry holds these very bytes.
func (s *shelving) same(e *entry, raw []byte) (bool, error) {
	if e.pending >= 0 {
		return bytes.Equal(e.raw, raw), nil
	}
	b, _, err := s.seal.Open(ImportStream(s.owners[e.Import].ID), e.Sealed)
	return bytes.Equal(b, raw), err
}

// one decides about one object.
func (s *shelving) one(r *arriving) (out Brought, err error) {
	if r.version.IsZero() {
		r.version = s.Now()
		for _, e := range s.about[r.object] { // without a version of its own it is what it was
			if same, err := s.same(e, r.raw); err != nil || same {
				r.version = e.Version
				break
			}
		}
	}
	out = Brought{Version: r.version, Refused: r.why}
	if len(s.about[r.object]) >= maxVersions {
		out.Refused = fmt.Sprintf("an object has at most %d versions here", maxVersions)
		s.event.Refused++
		return out, nil
	}
	aside := func(code, why string) {
		r.state, r.code, r.marks, out.Refused = store.ImportHeld, code, nil, why
	}
	for _, e := range s.about[r.object] {
		live, mine := e.State == store.ImportLive, s.owners[e.Import].Owner == s.m.By
		if e.Version.Equal(r.version.Truncate(time.Microsecond)) && (live || mine) {
			same, err := s.same(e, r.raw)
			if err != nil {
				return out, err
			}
			if same {
				out.Had = true
				s.event.Had++
				return out, nil
			}
			if live && r.state == store.ImportLive {
				aside("twice", "this version is here with other content")
			}
		}
		if live && !mine && r.state == store.ImportLive {
			aside("other", "only its originator revises an object")
		}
	}
	if s.c.way == dispatch.ByTAXII && out.Refused != "" && r.code != "invalid" {
		s.event.Refused++ // the sender still has it, and was told
		return out, nil
	}
	e := &entry{raw: r.raw, pending: len(s.put), ImportObject: store.ImportObject{
		Seq: s.next, Import: s.m.Number, N: s.n, Object: r.object, Kind: r.kind, Version: r.version.Truncate(time.Microsecond), Added: s.Now(), State: r.state, Why: r.code,
	}}
	var commitment ledger.Hash
	if e.Sealed, commitment, err = s.seal.Seal(s.stream, r.raw); err != nil {
		return out, fault.Wrap(err, "node: seal an object")
	}
	s.chain(commitment)
	if r.state == store.ImportLive {
		s.ends(e)
	}
	if r.object != "" {
		s.about[r.object] = append(s.about[r.object], e)
	}
	s.put, s.marks = append(s.put, e), append(s.marks, r.marks)
	s.next++
	s.n++
	s.event.Count++
	switch r.state {
	case store.ImportHeld:
		s.event.Held++
	case store.ImportWaiting:
		s.event.Waiting++
	}
	return out, nil
}

// chain takes a commitment into the chain that the ledger holds.
func (s *shelving) chain(c ledger.Hash) { s.head = chained(s.head, c) }

func chained(head [32]byte, c ledger.Hash) [32]byte {
	return sha256.Sum256(append(append(make([]byte, 0, 64), head[:]...), c[:]...))
}

// ends says which versions of an object are its first and its last, now that one
// comes in.
func (s *shelving) ends(e *entry) {
	e.First, e.Last = true, true
	for _, x := range s.about[e.Object] {
		switch {
		case x.State != store.ImportLive:
			continue
		case x.Version.Before(e.Version):
			e.First = false
			if !x.Last {
				continue
			}
			x.Last = false
		default:
			e.Last = false
			if !x.First {
				continue
			}
			x.First = false
		}
		if x.pending < 0 {
			s.moved = append(s.moved, x)
		}
	}
}

func (s *shelving) write() error {
	rows := make([]store.ImportObject, len(s.put))
	for i, e := range s.put {
		rows[i] = e.ImportObject
	}
	if err := s.PutImportObjects(rows); err != nil {
		return fault.Wrap(err, "node: keep objects")
	}
	for i, marks := range s.marks {
		for _, m := range marks {
			if err := s.PutImportMark(m, rows[i].Seq); err != nil {
				return err
			}
		}
	}
	if slices.ContainsFunc(rows, func(o store.ImportObject) bool {
		return o.State == store.ImportLive && (somebody(o.Kind) || something(o.Kind))
	}) {
		job := publishedJob{Import: s.m.ID, After: rows[0].N - 1, Count: int64(len(rows))}
		if err := s.enqueue(jobPublished, fmt.Sprintf("%s/%s/%d", jobPublished, job.Import, job.After), job); err != nil {
			return err
		}
	}
	for _, e := range s.moved {
		if err := s.SetImportEnds(e.Seq, e.First, e.Last); err != nil {
			return err
		}
	}
	if s.event.Count+s.event.Refused > 0 || s.event.Had > 0 && s.c.way != dispatch.ByTAXII {
		s.event.Head = hex.EncodeToString(s.head[:])
		if err := s.Append([]event.New{{Stream: s.stream, Event: s.event}}); err != nil {
			return err
		}
	}
	if s.c.also != nil {
		return s.c.also(s.Tx.Tx, *s.c.out)
	}
	return nil
}

// AddObjects brings objects that an account posts; also is written in the same
// transaction.
func (a *App) AddObjects(ctx context.Context, actor access.Actor, collection string, objects []stix.Object, also func(*store.Tx, []Brought) error) (out []Brought, err error) {
	if len(objects) > maxPost {
		return nil, fault.New(fault.TooLarge, "dispatch.import.many", "max", maxPost)
	}
	all := make([]arriving, len(objects))
	for i := range objects {
		all[i] = a.readied(&objects[i])
		if findings := stix.Check(&objects[i]); !stix.Valid(findings) {
			all[i].held(findings)
		}
	}
	err = a.Do(ctx, actor, bringing{collection: collection, way: dispatch.ByTAXII, objects: all, out: &out, also: also})
	return out, err
}

// maxPost bounds the objects of one post.
const maxPost = 20_000
