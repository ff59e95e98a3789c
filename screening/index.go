package screening

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"sort"
	"sync"
	"sync/atomic"
)

// Options tune an index. The zero value is what the targets are measured with.
type Options struct {
	// Workers bounds the goroutines that build; 0 means the number of CPUs.
	Workers int
}

// Index finds listed parties. It is immutable and safe for concurrent use.
type Index struct {
	opt   Options
	ents  store // sorted by ID
	hash  string
	lists []string

	vocab    vocabulary
	nameEnt  []uint32 // entity of each name; names of an entity are adjacent
	nameSrc  []uint16 // which of the entity's names it was read from
	nameKind []uint8  // bit 0: weak, bit 1: a part of the text
	nameSum  []float32
	nameText []uint32 // hash of its words as spelt, whatever their order
	nameAt   []uint32 // words of name n: nameWord[nameAt[n]:nameAt[n+1]]
	nameWord []uint32
	entName  []uint32 // names of entity e: entName[e] to entName[e+1]
	postAt   []uint32 // names with word v: post[postAt[v]:postAt[v+1]]
	post     []uint32
	ids      []idEntry // sorted by hash
	cal      calibration
	near     []atomic.Pointer[[]wordMatch] // by word: what it agrees with, found at need

	pool sync.Pool // *scratch
}

const (
	kindWeak = 1
	kindPart = 2
)

// Build makes an index of the entities. Every entity needs an ID, unique among
// them, and at least one name; the first that lacks them is named in the error.
func Build(entities []Entity, opt Options) (*Index, error) {
	ents := make([]Entity, len(entities))
	copy(ents, entities)
	sort.Slice(ents, func(i, j int) bool { return ents[i].ID < ents[j].ID })
	for i, e := range ents {
		if e.ID == "" {
			return nil, errors.New("screening: an entity has no ID")
		}
		if i > 0 && ents[i-1].ID == e.ID {
			return nil, fmt.Errorf("screening: entity ID %q stands twice", e.ID)
		}
		if len(e.Names) == 0 {
			return nil, fmt.Errorf("screening: entity %q has no name", e.ID)
		}
	}
	var st store
	var b []byte
	st.at = append(make([]uint32, 0, len(ents)+1), 0)
	for i := range ents {
		b = appendEntity(b, &ents[i])
		st.at = append(st.at, uint32(len(b)))
	}
	if len(b) > math.MaxUint32 {
		return nil, errors.New("screening: the entities hold more than 4 GB of text")
	}
	st.blob = string(b)
	x := assemble(st, readEntities(ents, opt.Workers), opt)
	x.calibrate()
	return x, nil
}

// With makes a new index in which the changed entities replace those of the
// same ID or are added, and the removed ones are gone. The old index stays
// usable. The result equals what Build makes of the same entities, but for the
// calibration of alert rates, which is kept: Searched names the index it was
// made with, and Recalibrated makes it anew.
func (x *Index) With(changed []Entity, removed []string) (*Index, error) {
	gone := make(map[string]bool, len(removed)+len(changed))
	for _, id := range removed {
		gone[id] = true
	}
	for _, e := range changed {
		gone[e.ID] = true
	}
	fresh := make([]Entity, len(changed))
	copy(fresh, changed)
	sort.Slice(fresh, func(i, j int) bool { return fresh[i].ID < fresh[j].ID })
	for i, e := range fresh {
		if e.ID == "" || len(e.Names) == 0 {
			return nil, fmt.Errorf("screening: changed entity %q has no ID or no name", e.ID)
		}
		if i > 0 && fresh[i-1].ID == e.ID {
			return nil, fmt.Errorf("screening: entity ID %q stands twice", e.ID)
		}
	}
	read := readEntities(fresh, x.opt.Workers)
	n := x.ents.size()
	var st store
	b := make([]byte, 0, len(x.ents.blob)+1024*len(fresh))
	st.at = append(make([]uint32, 0, n+len(fresh)+1), 0)
	names := make([]readEntity, 0, n+len(fresh))
	put := func(j int) {
		b = appendEntity(b, &fresh[j])
		st.at = append(st.at, uint32(len(b)))
		names = append(names, read[j])
	}
	j := 0
	for i := range n {
		id := x.ents.id(i)
		for j < len(fresh) && fresh[j].ID < id {
			put(j)
			j++
		}
		if !gone[id] {
			b = append(b, x.ents.raw(i)...)
			st.at = append(st.at, uint32(len(b)))
			names = append(names, x.reread(i))
		}
	}
	for ; j < len(fresh); j++ {
		put(j)
	}
	if len(b) > math.MaxUint32 {
		return nil, errors.New("screening: the entities hold more than 4 GB of text")
	}
	st.blob = string(b)
	y := assemble(st, names, x.opt)
	y.cal = x.cal
	return y, nil
}

// Replaced makes a new index in which what stands on some lists, named as the
// entities name them, is exactly what is given. The result equals what Build makes
// of all its entities, alert rates included, and costs much less where little
// differs; where nothing does, it is this index.
func (x *Index) Replaced(lists []string, entities []Entity) (*Index, error) {
	fresh := make(map[string]*Entity, len(entities))
	for i := range entities {
		e := &entities[i]
		if fresh[e.ID] != nil {
			return nil, fmt.Errorf("screening: entity ID %q stands twice", e.ID)
		}
		fresh[e.ID] = e
	}
	var removed []string
	var b []byte
	for i := range x.ents.size() {
		id, list, _, _ := x.ents.shown(i)
		e := fresh[id]
		switch {
		case !slices.Contains(lists, list):
			if e != nil {
				return nil, fmt.Errorf("screening: entity ID %q stands twice", id)
			}
		case e == nil:
			removed = append(removed, id)
		default:
			if b = appendEntity(b[:0], e); string(b) == x.ents.raw(i) {
				delete(fresh, id)
			}
		}
	}
	if len(removed)+len(fresh) == 0 {
		return x, nil
	}
	changed := make([]Entity, 0, len(fresh))
	for _, e := range fresh {
		changed = append(changed, *e)
	}
	y, err := x.With(changed, removed) // which sorts them
	if err != nil {
		return nil, err
	}
	y.calibrate()
	return y, nil
}

// Recalibrated is this index with its alert rates estimated anew, which takes
// some tenths of a second: for use after many changes.
func (x *Index) Recalibrated() *Index {
	y := &Index{
		opt: x.opt, ents: x.ents, hash: x.hash, lists: x.lists, vocab: x.vocab,
		nameEnt: x.nameEnt, nameSrc: x.nameSrc, nameKind: x.nameKind, nameSum: x.nameSum, nameText: x.nameText,
		nameAt: x.nameAt, nameWord: x.nameWord, entName: x.entName, postAt: x.postAt, post: x.post, ids: x.ids,
	}
	y.ready()
	y.calibrate()
	return y
}

// readEntity holds the names of an entity as keys.
type readEntity struct {
	names []readListed
}

type readListed struct {
	keys []string
	src  uint16
	kind uint8
	text uint32
}

// reread gives the names of an entity of this index as they were read.
func (x *Index) reread(e int) readEntity {
	var r readEntity
	for n := x.entName[e]; n < x.entName[e+1]; n++ {
		ws := x.nameWord[x.nameAt[n]:x.nameAt[n+1]]
		l := readListed{keys: make([]string, len(ws)), src: x.nameSrc[n], kind: x.nameKind[n], text: x.nameText[n]}
		for i, v := range ws {
			l.keys[i] = x.vocab.key(v)
		}
		r.names = append(r.names, l)
	}
	return r
}

func readEntities(ents []Entity, workers int) []readEntity {
	out := make([]readEntity, len(ents))
	parallel(len(ents), workers, func(i int) {
		e := &ents[i]
		seen := map[string]bool{}
		var id []byte
		for s, n := range e.Names {
			vs, _ := readName(n.Text)
			for _, v := range vs {
				l := readListed{src: uint16(min(s, math.MaxUint16)), keys: make([]string, len(v.words)), text: spelling(v.words)}
				id = id[:0]
				for k, w := range v.words {
					l.keys[k] = w.key
					id = append(append(id, w.key...), ' ')
				}
				if n.Kind == Weak {
					l.kind |= kindWeak
				}
				if v.part {
					l.kind |= kindPart
				}
				if len(l.keys) == 0 || seen[string(id)] {
					continue
				}
				seen[string(id)] = true
				out[i].names = append(out[i].names, l)
			}
		}
	})
	return out
}

// spelling hashes the words of a name as they are spelt, in any order, legal
// forms aside: two names of one spelling are the same name.
func spelling(ws []word) uint32 {
	h := uint32(0)
	for _, w := range ws {
		if w.key[0] != '=' {
			h += hashKey(w.text) * 2654435761
		}
	}
	return h
}

// assemble lays out the arrays of an index.
func assemble(ents store, read []readEntity, opt Options) *Index {
	x := &Index{opt: opt, ents: ents}
	sum := sha256.Sum256([]byte(ents.blob))
	x.hash = hex.EncodeToString(sum[:])
	listed := map[string]bool{}
	for i := range ents.size() {
		d := decoder{s: ents.raw(i)}
		d.text()
		listed[d.text()] = true
	}
	x.lists = slices.Sorted(maps.Keys(listed))
	vb := newVocabBuilder()
	x.entName = make([]uint32, ents.size()+1)
	var last []int32 // entity that last had the word, for counting entities
	x.nameAt = append(x.nameAt, 0)
	for e := range read {
		for _, n := range read[e].names {
			for _, k := range n.keys {
				v := vb.id(k)
				if int(v) == len(last) {
					last = append(last, -1)
					vb.df = append(vb.df, 0)
				}
				if last[v] != int32(e) {
					last[v] = int32(e)
					vb.df[v]++
				}
				x.nameWord = append(x.nameWord, v)
			}
			x.nameAt = append(x.nameAt, uint32(len(x.nameWord)))
			x.nameEnt = append(x.nameEnt, uint32(e))
			x.nameSrc = append(x.nameSrc, n.src)
			x.nameKind = append(x.nameKind, n.kind)
			x.nameText = append(x.nameText, n.text)
		}
		x.entName[e+1] = uint32(len(x.nameEnt))
	}
	to := vb.byLength()
	for i, w := range x.nameWord {
		x.nameWord[i] = to[w]
	}
	x.vocab.finish(vb, ents.size())
	x.nameSum = make([]float32, len(x.nameEnt))
	for n := range x.nameEnt {
		var s float32
		for _, v := range x.nameWord[x.nameAt[n]:x.nameAt[n+1]] {
			s += x.vocab.weight[v]
		}
		x.nameSum[n] = s
	}
	x.buildPostings()
	x.buildIDs()
	x.ready()
	return x
}

// ready makes what is not kept in a snapshot.
func (x *Index) ready() {
	x.vocab.lengths()
	x.near = make([]atomic.Pointer[[]wordMatch], x.vocab.size())
	x.pool.New = func() any { return x.newScratch() }
}

func (x *Index) buildPostings() {
	nv := x.vocab.size()
	x.postAt = make([]uint32, nv+1)
	last := make([]int32, nv)
	for i := range last {
		last[i] = -1
	}
	each := func(f func(v uint32, n int)) {
		for i := range last {
			last[i] = -1
		}
		for n := range x.nameEnt {
			for _, v := range x.nameWord[x.nameAt[n]:x.nameAt[n+1]] {
				if last[v] != int32(n) {
					last[v] = int32(n)
					f(v, n)
				}
			}
		}
	}
	each(func(v uint32, _ int) { x.postAt[v+1]++ })
	for v := 0; v < nv; v++ {
		x.postAt[v+1] += x.postAt[v]
	}
	x.post = make([]uint32, x.postAt[nv])
	next := make([]uint32, nv)
	copy(next, x.postAt)
	each(func(v uint32, n int) {
		x.post[next[v]] = uint32(n)
		next[v]++
	})
}

// Stats are the counts of an index.
type Stats struct {
	Entities int    `json:"entities"`
	Names    int    `json:"names"` // readings of listed names, repeats within an entity left out
	Words    int    `json:"words"` // different words
	IDs      int    `json:"ids"`
	Hash     string `json:"hash"`
}

// Stats counts what is indexed.
func (x *Index) Stats() Stats {
	return Stats{Entities: x.ents.size(), Names: len(x.nameEnt), Words: x.vocab.size(), IDs: len(x.ids), Hash: x.hash}
}

// Hash identifies the indexed entities: the same for the same entities,
// whatever their order.
func (x *Index) Hash() string { return x.hash }

// Entity gives the indexed entity of an ID.
func (x *Index) Entity(id string) (Entity, bool) {
	i, ok := x.ents.find(id)
	if !ok {
		return Entity{}, false
	}
	return x.ents.entity(i), true
}

// Entities calls f for every indexed entity in order of ID, until f says no.
func (x *Index) Entities(f func(Entity) bool) {
	for i := range x.ents.size() {
		if !f(x.ents.entity(i)) {
			return
		}
	}
}
