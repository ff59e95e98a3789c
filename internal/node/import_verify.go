package node

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/statement/stix"
)

// RemoveImported removes versions of an object from a collection: an account what
// it brought itself.
type RemoveImported struct {
	Collection string
	Object     string
	Want       func(store.ImportObject) bool
	Removed    *int
}

func removeImported(t *Tx, c RemoveImported) error {
	col, _, err := load[*dispatch.Collection](t, CollectionStream(c.Collection))
	if err != nil {
		return err
	}
	allowed := col.Of(t.Actor.Account)
	if !access.Can(t.Actor, access.ExchangeShelf, access.Thing{}) || !allowed.Read || !allowed.Write {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	versions, err := t.ImportVersions(col.Number, []string{c.Object})
	if err != nil {
		return err
	}
	var imports []int64
	var left, gone []store.ImportObject
	for _, o := range versions[c.Object] {
		switch {
		case o.State != store.ImportLive:
		case c.Want(o):
			gone, imports = append(gone, o), append(imports, o.Import)
		default:
			left = append(left, o)
		}
	}
	owners, err := t.ImportsNumbered(imports)
	if err != nil {
		return err
	}
	places := map[string][]int64{}
	seal := t.sealer()
	for _, o := range gone {
		owner := owners[o.Import]
		if owner.Owner != t.Actor.Account {
			return fault.New(fault.Denied, "dispatch.import.not_yours")
		}
		_, commitment, err := seal.Open(ImportStream(owner.ID), o.Sealed)
		if err != nil {
			return fault.Wrap(err, "node: remove an object")
		}
		if err := t.RemoveImportObject(o.Seq, commitment[:]); err != nil {
			return err
		}
		places[owner.ID] = append(places[owner.ID], o.N)
	}
	slices.SortFunc(left, func(a, b store.ImportObject) int { return a.Version.Compare(b.Version) })
	for i, o := range left {
		if first, last := i == 0, i == len(left)-1; o.First != first || o.Last != last {
			if err := t.SetImportEnds(o.Seq, first, last); err != nil {
				return err
			}
		}
	}
	*c.Removed = len(gone)
	var events []event.New
	for _, id := range slices.Sorted(maps.Keys(places)) {
		events = append(events, event.New{Stream: ImportStream(id), Event: dispatch.ImportRemoved{Object: c.Object, Places: places[id]}})
	}
	return t.Append(events)
}

// verifyImport holds the objects of an import against what its events say.
func (a *App) verifyImport(t *store.Tx, f folding) error {
	m, ok := f.state.(*dispatch.Import)
	if !ok {
		return nil
	}
	seal := vault.NewSealer(a.keys, t)
	var head [32]byte
	var count, removed int64
	for {
		rows, err := t.ImportedBy(m.Number, count-1, false, maxBring)
		if err != nil || len(rows) == 0 {
			if want := hex.EncodeToString(head[:]); err == nil && (count != m.Count || removed != m.Removed || count > 0 && want != m.Head) {
				err = fmt.Errorf("node: verify: the objects of %s are not those that came", f.stream)
			}
			return err
		}
		for _, o := range rows {
			c, err := commitmentOf(seal, f.stream, o)
			if err != nil || o.N != count {
				return fmt.Errorf("node: verify: object %d of %s: not in its place, or not what came: %w", o.N, f.stream, err)
			}
			if o.State == store.ImportRemoved {
				removed++
			}
			head = chained(head, c)
			count++
		}
	}
}

func commitmentOf(seal ledger.Sealer, owner event.Stream, o store.ImportObject) (c ledger.Hash, err error) {
	if o.State == store.ImportRemoved {
		if len(o.Sealed) != len(c) {
			return c, fmt.Errorf("no commitment")
		}
		return ledger.Hash(o.Sealed), nil
	}
	raw, c, err := seal.Open(owner, o.Sealed)
	if err != nil {
		return c, err
	}
	if o.State != store.ImportLive || bytes.Contains(raw, []byte(strconv.Quote(o.Object))) {
		return c, nil
	}
	if d, err := stix.Read(raw, stix.Limits{}); err != nil || len(d.Objects) != 1 || d.Objects[0].ID() != o.Object {
		return c, fmt.Errorf("the row is not that of its object")
	}
	return c, nil
}
