package screening

import (
	"encoding/binary"
	"sort"
)

// store holds the entities of an index in one string, so that a million of
// them cost the garbage collector nothing and a snapshot is read as it is.
// An entity is a run of texts, each after its length; counts stand before
// lists.
type store struct {
	blob string
	at   []uint32 // entity i: blob[at[i]:at[i+1]]
}

func (s *store) size() int { return max(0, len(s.at)-1) }

func (s *store) raw(i int) string { return s.blob[s.at[i]:s.at[i+1]] }

// id gives the ID of an entity without decoding the rest.
func (s *store) id(i int) string {
	d := decoder{s: s.raw(i)}
	return d.text()
}

func (s *store) find(id string) (int, bool) {
	n := s.size()
	i := sort.Search(n, func(i int) bool { return s.id(i) >= id })
	return i, i < n && s.id(i) == id
}

// head is what a hit shows of an entity.
type head struct {
	id, list string
	typ      Type
	names    []Name
}

// head decodes the beginning of an entity.
func (s *store) head(i int) head {
	d := decoder{s: s.raw(i)}
	return d.head()
}

// entity decodes a whole entity. Its texts share the store's memory.
func (s *store) entity(i int) Entity {
	d := decoder{s: s.raw(i)}
	h := d.head()
	e := Entity{ID: h.id, List: h.list, Type: h.typ, Names: h.names}
	e.Births, e.Countries = d.texts(), d.texts()
	if n := d.count(); n > 0 {
		e.IDs = make([]Ident, n)
		for k := range e.IDs {
			e.IDs[k] = Ident{Kind: d.text(), Value: d.text(), Country: d.text()}
		}
	}
	e.Addresses = d.texts()
	e.Program, e.Listed, e.Remarks, e.URL = d.text(), d.text(), d.text(), d.text()
	if d.i < len(d.s) {
		e.Refused = d.texts()
	}
	return e
}

// facts decodes what stands beside the names of an entity, but for remarks, into
// e, whose room it uses again. The names are passed over.
func (s *store) facts(i int, e *Entity) {
	d := decoder{s: s.raw(i)}
	d.skip(2)
	e.Type = Type(d.text())
	d.skip(2 * d.count())
	e.Births, e.Countries = d.into(e.Births[:0]), d.into(e.Countries[:0])
	e.IDs = e.IDs[:0]
	for range d.count() {
		e.IDs = append(e.IDs, Ident{Kind: d.text(), Value: d.text(), Country: d.text()})
	}
	e.Addresses = d.into(e.Addresses[:0])
}

// name gives one name of an entity.
func (s *store) name(i, n int) Name {
	d := decoder{s: s.raw(i)}
	d.skip(3)
	if n >= d.count() {
		return Name{}
	}
	d.skip(2 * n)
	return Name{Text: d.text(), Kind: NameKind(d.text())}
}

// shown gives what a hit shows of an entity: its id, list, type and first primary
// name.
func (s *store) shown(i int) (id, list string, typ Type, name string) {
	d := decoder{s: s.raw(i)}
	id, list, typ = d.text(), d.text(), Type(d.text())
	for n := range d.count() {
		text, kind := d.text(), NameKind(d.text())
		if n == 0 {
			name = text
		}
		if kind == Primary {
			return id, list, typ, text
		}
	}
	return id, list, typ, name
}

func appendText(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendTexts(b []byte, ts []string) []byte {
	b = binary.AppendUvarint(b, uint64(len(ts)))
	for _, t := range ts {
		b = appendText(b, t)
	}
	return b
}

// appendEntity encodes an entity as store.entity reads it.
func appendEntity(b []byte, e *Entity) []byte {
	b = appendText(appendText(appendText(b, e.ID), e.List), string(e.Type))
	b = binary.AppendUvarint(b, uint64(len(e.Names)))
	for _, n := range e.Names {
		b = appendText(appendText(b, n.Text), string(n.Kind))
	}
	b = appendTexts(appendTexts(b, e.Births), e.Countries)
	b = binary.AppendUvarint(b, uint64(len(e.IDs)))
	for _, id := range e.IDs {
		b = appendText(appendText(appendText(b, id.Kind), id.Value), id.Country)
	}
	b = appendTexts(b, e.Addresses)
	b = appendText(appendText(appendText(appendText(b, e.Program), e.Listed), e.Remarks), e.URL)
	if len(e.Refused) > 0 { // few have any, and those without are as they ever were
		b = appendTexts(b, e.Refused)
	}
	return b
}

// decoder reads an encoded entity. Damaged text gives empty fields, never a
// panic: a snapshot is checked by its sum, not trusted.
type decoder struct {
	s string
	i int
}

func (d *decoder) count() int {
	var v uint64
	for shift := 0; d.i < len(d.s) && shift < 64; shift += 7 {
		c := d.s[d.i]
		d.i++
		v |= uint64(c&0x7F) << shift
		if c < 0x80 {
			break
		}
	}
	if v > uint64(len(d.s)-d.i) {
		d.i = len(d.s)
		return 0
	}
	return int(v)
}

func (d *decoder) text() string {
	n := d.count()
	t := d.s[d.i : d.i+n]
	d.i += n
	return t
}

// skip passes over some texts.
func (d *decoder) skip(n int) {
	for range n {
		n := d.count()
		d.i += n
	}
}

// into appends a list of texts.
func (d *decoder) into(to []string) []string {
	for range d.count() {
		to = append(to, d.text())
	}
	return to
}

func (d *decoder) texts() []string {
	n := d.count()
	if n == 0 {
		return nil
	}
	out := make([]string, n)
	for i := range out {
		out[i] = d.text()
	}
	return out
}

func (d *decoder) head() head {
	h := head{id: d.text(), list: d.text(), typ: Type(d.text())}
	h.names = make([]Name, d.count())
	for i := range h.names {
		h.names[i] = Name{Text: d.text(), Kind: NameKind(d.text())}
	}
	return h
}
