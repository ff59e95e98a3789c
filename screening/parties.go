package screening

import (
	"context"
	"errors"
	"math"
	"slices"
)

// Parties holds parties of one's own, customers or those of licences and cases,
// in little memory, to be asked again when a list changes. It is not safe for
// concurrent changes; Affected may be called by several at once.
type Parties struct {
	blob  []byte
	at    []uint32 // party i: blob[at[i]:at[i+1]]
	words wordbook
	read  []uint32  // the words of each reading of a party's names, a zero after each reading
	first []uint32  // those of party i: read[first[i]:first[i+1]]
	ids   []idEntry // identifying numbers and the parties that have them
}

// NewParties makes an empty collection.
func NewParties() *Parties { return &Parties{at: []uint32{0}, first: []uint32{0}} }

// errParties is the bound of one collection.
var errParties = errors.New("screening: the parties hold more than 4 GB of text")

// Add puts a party in under a key of the caller's: several may share one, as the
// parties of a case do.
func (p *Parties) Add(key string, q Query) error {
	b := appendText(p.blob, key)
	b = appendTexts(b, append([]string{q.Name}, q.Aliases...))
	b = appendText(appendText(b, string(q.Type)), q.Country)
	b = appendText(b, q.Birth)
	ids := make([]string, 0, 2*len(q.IDs))
	for _, id := range q.IDs {
		ids = append(ids, id.Kind, id.Value)
	}
	b = appendTexts(b, ids)
	if len(b) > math.MaxUint32 {
		return errParties
	}
	i := uint32(p.Len())
	p.blob = b
	p.at = append(p.at, uint32(len(b)))
	for n := range 1 + min(len(q.Aliases), maxAliases) {
		name := q.Name
		if n > 0 {
			name = q.Aliases[n-1]
		}
		vs, _ := readName(name)
		for _, v := range vs {
			for _, w := range v.words {
				p.read = append(p.read, p.words.add(w.text, w.key)+1)
			}
			p.read = append(p.read, 0)
		}
	}
	p.first = append(p.first, uint32(len(p.read)))
	for _, id := range q.IDs {
		if n := normalID(id.Value); n != "" {
			p.ids = append(p.ids, idEntry{hash64(n), i})
		}
	}
	return nil
}

// Join takes in the parties of another collection.
func (p *Parties) Join(other *Parties) error {
	if len(p.blob)+len(other.blob) > math.MaxUint32 {
		return errParties
	}
	to := make([]uint32, other.words.size())
	for w := range to {
		to[w] = p.words.add(other.words.word(uint32(w)))
	}
	for i := range other.Len() {
		p.take(other, i, to)
	}
	base := uint32(p.Len() - other.Len())
	for _, id := range other.ids {
		p.ids = append(p.ids, idEntry{id.hash, base + id.ent})
	}
	return nil
}

// take copies a party of another collection, whose words have other numbers here,
// but for its identifying numbers.
func (p *Parties) take(from *Parties, i int, to []uint32) {
	p.blob = append(p.blob, from.blob[from.at[i]:from.at[i+1]]...)
	p.at = append(p.at, uint32(len(p.blob)))
	for _, w := range from.read[from.first[i]:from.first[i+1]] {
		if w > 0 && to != nil {
			w = to[w-1] + 1
		}
		p.read = append(p.read, w)
	}
	p.first = append(p.first, uint32(len(p.read)))
}

// Len is the number of parties.
func (p *Parties) Len() int { return len(p.at) - 1 }

// Bytes is the memory that the parties take.
func (p *Parties) Bytes() int {
	return cap(p.blob) + 4*(cap(p.at)+cap(p.read)+cap(p.first)) + 16*cap(p.ids) + p.words.bytes()
}

// party reads one party.
func (p *Parties) party(i int) (key string, q Query) {
	d := decoder{s: string(p.blob[p.at[i]:p.at[i+1]])}
	key = d.text()
	if names := d.texts(); len(names) > 0 {
		q.Name, q.Aliases = names[0], names[1:]
	}
	q.Type, q.Country, q.Birth = Type(d.text()), d.text(), d.text()
	for ids := d.texts(); len(ids) >= 2; ids = ids[2:] {
		q.IDs = append(q.IDs, Ident{Kind: ids[0], Value: ids[1]})
	}
	return key, q
}

// Without is the collection without the parties of some keys.
func (p *Parties) Without(keys map[string]bool) *Parties {
	out := NewParties()
	out.words = p.words.clone()
	place := make([]uint32, p.Len())
	for i := range p.Len() {
		d := decoder{s: string(p.blob[p.at[i]:p.at[i+1]])}
		if keys[d.text()] {
			place[i] = noName
			continue
		}
		place[i] = uint32(out.Len())
		out.take(p, i, nil)
	}
	for _, id := range p.ids {
		if place[id.ent] != noName {
			out.ids = append(out.ids, idEntry{id.hash, place[id.ent]})
		}
	}
	return out
}

// Affected gives the keys of the parties for which the answer may be another
// after a change than before: those that are like, well enough to be looked at,
// an entity that went, came or changed. It compares every party with every such
// entity, by the weights of the whole lists. The keys are sorted, each once.
//
// The words of all parties are held against the words of those entities once;
// only parties with a word that meets one are screened against them.
func (p *Parties) Affected(ctx context.Context, before, after *Index) ([]string, error) {
	x := changes(before, after)
	if x.ents.size() == 0 {
		return nil, ctx.Err()
	}
	meets := x.meeting(p)
	return p.affected(ctx, x, func(i int) bool { return meets.party(i) })
}

// affected screens the parties that may be like an entity of an index.
func (p *Parties) affected(ctx context.Context, x *Index, may func(i int) bool) ([]string, error) {
	like := make([]bool, p.Len())
	parallel(p.Len(), x.opt.Workers, func(i int) {
		if ctx.Err() != nil || !may(i) {
			return
		}
		_, q := p.party(i)
		fs := x.strengths(q, SearchOptions{Limit: 1})
		like[i] = len(fs) > 0 && (fs[0].byID || fs[0].score >= possibleScore)
	})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var keys []string
	for i, is := range like {
		if is {
			key, _ := p.party(i)
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys), nil
}
