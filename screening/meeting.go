package screening

import (
	"encoding/binary"
	"slices"
)

// wordbook holds every different word of many names once: as it is spelt and as
// it is compared.
type wordbook struct {
	blob  []byte
	at    []uint32 // word w: blob[at[w]:at[w+1]]
	table []uint32 // open addressing, w+1, by hash
}

func (b *wordbook) size() int { return max(0, len(b.at)-1) }

func (b *wordbook) bytes() int { return cap(b.blob) + 4*(cap(b.at)+cap(b.table)) }

func (b *wordbook) clone() wordbook {
	return wordbook{slices.Clone(b.blob), slices.Clone(b.at), slices.Clone(b.table)}
}

// word gives the text and the key of a word.
func (b *wordbook) word(w uint32) (text, key string) {
	d := decoder{s: string(b.blob[b.at[w]:b.at[w+1]])}
	return d.text(), d.text()
}

// add gives the number of a word, a new one if need be.
func (b *wordbook) add(text, key string) uint32 {
	if len(b.at) == 0 {
		b.at = []uint32{0}
	}
	if 2*(b.size()+1) > len(b.table) {
		b.grow()
	}
	var buf [4*maxKey + 2*binary.MaxVarintLen64]byte
	raw := appendText(appendText(buf[:0], text), key)
	i := b.place(raw)
	if b.table[i] == 0 {
		b.blob = append(b.blob, raw...)
		b.at = append(b.at, uint32(len(b.blob)))
		b.table[i] = uint32(b.size())
	}
	return b.table[i] - 1
}

// place is where in the table a word stands or belongs.
func (b *wordbook) place(raw []byte) uint32 {
	mask := uint32(len(b.table) - 1)
	i := hashKey(string(raw)) & mask
	for b.table[i] != 0 {
		w := b.table[i] - 1
		if string(b.blob[b.at[w]:b.at[w+1]]) == string(raw) {
			break
		}
		i = (i + 1) & mask
	}
	return i
}

func (b *wordbook) grow() {
	b.table = make([]uint32, max(64, 2*len(b.table)))
	for w := range b.size() {
		b.table[b.place(b.blob[b.at[w]:b.at[w+1]])] = uint32(w + 1)
	}
}

// meeting says which words of a collection of parties meet a word of an index.
// Where none of a party's words does, no search of the index gives anything, so
// that most parties need not be searched for at all.
type meeting struct {
	x     *Index
	p     *Parties
	text  string // of the collection's words
	words []meetingWord
	ids   []bool // by party: one of its numbers is in the index; nil: none is
}

type meetingWord struct {
	weight float64
	meets  bool // some word of the index agrees with it
	light  bool // a title or a legal form: it finds names only where nothing weighs more
	falls  bool // it falls into two words of the index
}

func (x *Index) meeting(p *Parties) *meeting {
	m := &meeting{x: x, p: p, text: string(p.words.blob), words: make([]meetingWord, p.words.size())}
	parallel(len(m.words), x.opt.Workers, func(i int) {
		s := x.pool.Get().(*scratch)
		defer x.pool.Put(s)
		w := m.word(uint32(i))
		q := &x.prepare(s, []word{w})[0]
		out := &m.words[i]
		out.weight, out.light = q.weight, q.class >= classTitle
		out.meets = slices.ContainsFunc(x.expandAnew(s, 0), func(f wordMatch) bool { return f.gain > 0 })
		if q.id < 0 {
			_, _, out.falls = x.split(w)
		}
	})
	for _, id := range p.ids {
		if _, ok := slices.BinarySearchFunc(x.ids, id.hash, func(e idEntry, h uint64) int {
			switch {
			case e.hash < h:
				return -1
			case e.hash > h:
				return 1
			}
			return 0
		}); ok {
			if m.ids == nil {
				m.ids = make([]bool, p.Len())
			}
			m.ids[id.ent] = true
		}
	}
	return m
}

// word gives a word of the collection, as if a space followed it.
func (m *meeting) word(w uint32) word {
	d := decoder{s: m.text[m.p.words.at[w]:m.p.words.at[w+1]]}
	return word{text: d.text(), key: d.text(), after: ' '}
}

// party tells whether a search for a party may give something.
func (m *meeting) party(i int) bool {
	if m.ids != nil && m.ids[i] {
		return true
	}
	ws := m.p.read[m.p.first[i]:m.p.first[i+1]]
	for len(ws) > 0 {
		n := slices.Index(ws, 0)
		if m.reading(ws[:n]) {
			return true
		}
		ws = ws[n+1:]
	}
	return false
}

func (m *meeting) reading(ws []uint32) bool {
	heaviest := 0
	for i, n := range ws {
		w := &m.words[n-1]
		if w.meets && !w.light || w.falls {
			return true
		}
		if w.weight > m.words[ws[heaviest]-1].weight {
			heaviest = i
		}
	}
	if len(ws) > 0 && m.words[ws[heaviest]-1].meets {
		return true
	}
	for i := 0; i+1 < len(ws); i++ { // two words that the index holds as one
		if _, ok := m.x.joined(m.word(ws[i]-1), m.word(ws[i+1]-1)); ok {
			return true
		}
	}
	return false
}
