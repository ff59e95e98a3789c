package screening

import (
	"math"
	"slices"
	"strings"
)

// vocabulary holds every different word of the indexed names once, with its
// weight and what is needed to find words like it.
type vocabulary struct {
	blob    string   // all keys, one after another
	at      []uint32 // key v: blob[at[v]:at[v+1]]
	df      []uint32 // entities that have it
	weight  []float32
	class   []class
	concept []uint16
	n       int  // entities that rarity is reckoned against
	short   bool // the list is too short to tell which trade words are common

	table    []uint32 // open addressing, v+1, by hash of key
	mask     uint32
	gramAt   []uint32 // words with a pair of letters
	gram     []uint32
	bones    []boneEntry        // skeletons, sorted by hash then word
	longer   [maxKey + 6]uint32 // first word of at least so many letters
	concAt   []uint32           // words of a concept
	concept2 []uint32
}

type boneEntry struct {
	hash uint32
	word uint32
}

const gramLetters = 38 // begin and end, a to z, 0 to 9, other

var gramCode = func() (t [256]uint8) {
	for i := range t {
		t[i] = 37
	}
	for c := byte('a'); c <= 'z'; c++ {
		t[c] = c - 'a' + 1
	}
	for c := byte('0'); c <= '9'; c++ {
		t[c] = c - '0' + 27
	}
	return t
}()

func hashKey(k string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(k); i++ {
		h = (h ^ uint32(k[i])) * 16777619
	}
	return h ^ h>>15
}

type vocabBuilder struct {
	ids  map[string]uint32
	keys []string
	df   []uint32
}

func newVocabBuilder() *vocabBuilder { return &vocabBuilder{ids: map[string]uint32{}} }

func (b *vocabBuilder) id(k string) uint32 {
	if v, ok := b.ids[k]; ok {
		return v
	}
	v := uint32(len(b.keys))
	b.ids[k] = v
	b.keys = append(b.keys, k)
	return v
}

// byLength numbers the words anew, short ones first, so that those of about one
// length lie together. It returns the new number of each.
func (b *vocabBuilder) byLength() []uint32 {
	order := make([]uint32, len(b.keys))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(p, q uint32) int {
		if d := len(b.keys[p]) - len(b.keys[q]); d != 0 {
			return d
		}
		return strings.Compare(b.keys[p], b.keys[q])
	})
	to := make([]uint32, len(order))
	keys, df := make([]string, len(order)), make([]uint32, len(order))
	for i, p := range order {
		to[p], keys[i], df[i] = uint32(i), b.keys[p], b.df[p]
	}
	b.keys, b.df, b.ids = keys, df, nil
	return to
}

// lengths notes where the words of each length begin.
func (v *vocabulary) lengths() {
	w := 0
	for l := range v.longer {
		for w < v.size() && int(v.at[w+1]-v.at[w]) < l {
			w++
		}
		v.longer[l] = uint32(w)
	}
}

func (v *vocabulary) size() int { return len(v.df) }

func (v *vocabulary) key(i uint32) string { return v.blob[v.at[i]:v.at[i+1]] }

// find gives the word of a key.
func (v *vocabulary) find(k string) (uint32, bool) {
	if len(v.table) == 0 {
		return 0, false
	}
	for i := hashKey(k) & v.mask; v.table[i] != 0; i = (i + 1) & v.mask {
		if w := v.table[i] - 1; v.key(w) == k {
			return w, true
		}
	}
	return 0, false
}

func (v *vocabulary) finish(b *vocabBuilder, entities int) {
	v.short = entities < shortList
	entities = max(entities, fewestEntities)
	v.n, v.df = entities, b.df
	var blob strings.Builder
	v.at = make([]uint32, len(b.keys)+1)
	size := 1
	for size < 2*len(b.keys)+2 {
		size *= 2
	}
	v.table, v.mask = make([]uint32, size), uint32(size-1)
	v.weight = make([]float32, len(b.keys))
	v.class = make([]class, len(b.keys))
	v.concept = make([]uint16, len(b.keys))
	for i, k := range b.keys {
		blob.WriteString(k)
		v.at[i+1] = uint32(blob.Len())
		h := hashKey(k) & v.mask
		for v.table[h] != 0 {
			h = (h + 1) & v.mask
		}
		v.table[h] = uint32(i) + 1
		m := lex().meaningOf(k)
		v.class[i], v.concept[i] = m.class, m.concept
		v.weight[i] = float32(weigh(m.class, v.df[i], entities, v.short))
	}
	v.blob = blob.String()
	v.index()
}

// index builds the ways to find words: pairs of letters, skeletons, concepts.
func (v *vocabulary) index() {
	n := v.size()
	v.gramAt = make([]uint32, gramLetters*gramLetters+1)
	v.grams(func(g int, _ uint32) { v.gramAt[g+1]++ })
	for g := 0; g < gramLetters*gramLetters; g++ {
		v.gramAt[g+1] += v.gramAt[g]
	}
	v.gram = make([]uint32, v.gramAt[gramLetters*gramLetters])
	next := slices.Clone(v.gramAt)
	v.grams(func(g int, w uint32) {
		v.gram[next[g]] = w
		next[g]++
	})
	v.bones = v.bones[:0]
	top := uint16(0)
	for w := range uint32(n) {
		k := v.key(w)
		top = max(top, v.concept[w])
		if k == "" || k[0] == '=' || isNumber(k) || len(k) < 2 {
			continue
		}
		skeletons(k, func(s string) { v.bones = append(v.bones, boneEntry{hashKey(s), w}) })
	}
	slices.SortFunc(v.bones, func(a, b boneEntry) int {
		if a.hash != b.hash {
			if a.hash < b.hash {
				return -1
			}
			return 1
		}
		return int(a.word) - int(b.word)
	})
	v.bones = slices.Compact(v.bones)
	v.concAt = make([]uint32, len(lex().concepts)+1)
	for w := range n {
		if c := v.concept[w]; c != 0 {
			v.concAt[c]++
		}
	}
	sum := uint32(0)
	for c := range v.concAt {
		sum, v.concAt[c] = sum+v.concAt[c], sum
	}
	v.concept2 = make([]uint32, sum)
	nextC := slices.Clone(v.concAt)
	for w := range n {
		if c := v.concept[w]; c != 0 {
			v.concept2[nextC[c]] = uint32(w)
			nextC[c]++
		}
	}
}

// grams calls f for each pair of letters of each word that is found by them.
func (v *vocabulary) grams(f func(g int, w uint32)) {
	for w := range uint32(v.size()) {
		k := v.key(w)
		if len(k) < 4 || k[0] == '~' || k[0] == '=' || isNumber(k) {
			continue
		}
		forGrams(k, func(g int) { f(g, w) })
	}
}

// forGrams calls f once for each pair of letters, ends included.
func forGrams(k string, f func(g int)) {
	prev := 0
	for i := 0; i < len(k); i++ {
		c := int(gramCode[k[i]])
		f(prev*gramLetters + c)
		prev = c
	}
	f(prev * gramLetters)
}

// skeletons calls f with the consonants of a key and, for semitic keys, with
// the other readings of letters that romanisations write in two ways.
func skeletons(k string, f func(string)) {
	s := skeleton(k)
	if s != "" {
		f(s)
	}
	if k[0] != '~' {
		return
	}
	for _, p := range [...][2]string{{"sh", "x"}, {"zh", "j"}} {
		if i := strings.Index(k, p[0]); i > 0 {
			f(skeleton(k[:i] + p[1] + k[i+2:]))
		}
	}
	t := skeleton(strings.ReplaceAll(k, "f", "v"))
	if t != "" && t != s {
		f(t)
	}
	if u := skeleton(slavic.Replace(k)); u != "" && u != s && u != t {
		f(u)
	}
	for _, alt := range [...][2]string{{"TDZ", "s"}, {"K", "g"}, {"j", "x"}, {"H", "t"}} {
		if i := strings.IndexAny(k, alt[0]); i > 0 {
			if t := skeleton(k[:i] + alt[1] + k[i+1:]); t != "" && t != s {
				f(t)
			}
		}
	}
}

// fewestEntities is the size of list that a word's rarity is reckoned against
// at least: a short list cannot tell which words are rare in the world, and its
// scores should mean what they mean on a long one.
const fewestEntities = 20_000

// shortList is the number of entities below which words known to be common are
// weighed as common, however rare they are on the list.
const shortList = 5_000

// weigh gives the weight of a word in nats: how surprising it is to meet it.
func weigh(c class, df uint32, entities int, short bool) float64 {
	w := math.Min(10.5, math.Log(float64(entities+1)/float64(df+1)))
	w = math.Max(w, 0.2)
	switch c {
	case classLegal:
		return tune.legal * math.Min(w, 4)
	case classParticle:
		return tune.particle * math.Min(w, 4)
	case classTitle:
		return tune.title * math.Min(w, 6)
	case classTrade:
		if short {
			w = math.Min(w, 4)
		}
		return tune.trade * w
	case classCommon:
		if short {
			w = math.Min(w, 6)
		}
		return tune.common * w
	case classGiven:
		return math.Min(w, tune.given)
	case classPatronymic: // a common given name lies in it
		return math.Min(w, tune.son)
	case classInitial:
		return 1.5
	case classNumber:
		return math.Min(w, 7)
	}
	return w
}
