package screening

import (
	"context"
	"errors"
	"math"
	"slices"
)

// changes is an index of the entities that went, came or changed between two
// indexes, in the form they had and in the form they have. It weighs every word
// as the whole lists do: a name scores against them what it scores there, before
// rivals that are left out lower it. Entities may stand in it twice, so it serves
// to search and not to look an entity up.
func changes(before, after *Index) *Index {
	gone, came := Difference(before, after)
	var st store
	var b []byte
	var names []readEntity
	st.at = append(st.at, 0)
	take := func(x *Index, ids []string) {
		for _, id := range ids {
			i, _ := x.ents.find(id)
			b = append(b, x.ents.raw(i)...)
			st.at = append(st.at, uint32(len(b)))
			names = append(names, x.reread(i))
		}
	}
	take(before, gone)
	take(after, came)
	st.blob = string(b)
	y := assemble(st, names, after.opt)
	y.vocab.n, y.vocab.short = after.vocab.n, after.vocab.short
	for v := range uint32(y.vocab.size()) {
		from := &after.vocab
		w, ok := from.find(y.vocab.key(v))
		if !ok {
			from = &before.vocab
			w, _ = from.find(y.vocab.key(v))
		}
		y.vocab.df[v], y.vocab.weight[v] = from.df[w], from.weight[w]
	}
	for n := range y.nameEnt {
		y.nameSum[n] = 0
		for _, v := range y.nameWord[y.nameAt[n]:y.nameAt[n+1]] {
			y.nameSum[n] += y.vocab.weight[v]
		}
	}
	return y
}

// Difference names the entities that are in one index and not, or not the same,
// in another: those of before that went or changed, those of after that came or
// changed. Both are sorted.
func Difference(before, after *Index) (gone, came []string) {
	i, j := 0, 0
	for i < before.ents.size() || j < after.ents.size() {
		switch {
		case j == after.ents.size() || i < before.ents.size() && before.ents.id(i) < after.ents.id(j):
			gone = append(gone, before.ents.id(i))
			i++
		case i == before.ents.size() || before.ents.id(i) > after.ents.id(j):
			came = append(came, after.ents.id(j))
			j++
		default:
			if before.ents.raw(i) != after.ents.raw(j) {
				gone, came = append(gone, before.ents.id(i)), append(came, after.ents.id(j))
			}
			i++
			j++
		}
	}
	return gone, came
}

// Parties holds parties of one's own, customers or those of licences and cases,
// in little memory, to be asked again when a list changes. It is not safe for
// concurrent changes; Affected may be called by several at once.
type Parties struct {
	blob []byte
	at   []uint32 // party i: blob[at[i]:at[i+1]]
}

// NewParties makes an empty collection.
func NewParties() *Parties { return &Parties{at: []uint32{0}} }

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
	p.blob = b
	p.at = append(p.at, uint32(len(b)))
	return nil
}

// Join takes in the parties of another collection.
func (p *Parties) Join(other *Parties) error {
	if len(p.blob)+len(other.blob) > math.MaxUint32 {
		return errParties
	}
	base := uint32(len(p.blob))
	p.blob = append(p.blob, other.blob...)
	for _, at := range other.at[1:] {
		p.at = append(p.at, base+at)
	}
	return nil
}

// Len is the number of parties.
func (p *Parties) Len() int { return len(p.at) - 1 }

// Bytes is the memory that the parties take.
func (p *Parties) Bytes() int { return cap(p.blob) + 4*cap(p.at) }

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
	for i := range p.Len() {
		raw := p.blob[p.at[i]:p.at[i+1]]
		d := decoder{s: string(raw)}
		if !keys[d.text()] {
			out.blob = append(out.blob, raw...)
			out.at = append(out.at, uint32(len(out.blob)))
		}
	}
	return out
}

// Affected gives the keys of the parties for which the answer may be another
// after a change than before: those that are like, well enough to be looked at,
// an entity that went, came or changed. It compares every party with every such
// entity, by the weights of the whole lists. The keys are sorted, each once.
func (p *Parties) Affected(ctx context.Context, before, after *Index) ([]string, error) {
	x := changes(before, after)
	like := make([]bool, p.Len())
	if x.ents.size() > 0 {
		parallel(p.Len(), x.opt.Workers, func(i int) {
			if ctx.Err() != nil {
				return
			}
			_, q := p.party(i)
			fs := x.strengths(q, SearchOptions{Limit: 1})
			like[i] = len(fs) > 0 && (fs[0].byID || fs[0].score >= possibleScore)
		})
	}
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
