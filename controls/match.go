package controls

import (
	"fmt"
	"strings"
)

// Cue phrases are written as people write: "side-scan sonar". A star ends a
// prefix ("intercept*"), two dots allow up to four words between ("extracts ..
// messages"), a bar separates alternatives.

// phraseWord is one step of a compiled phrase.
type phraseWord struct {
	text   string
	prefix bool
	gap    bool // up to maxGap words may lie before this one
}

const maxGap = 4

// hit says where a phrase occurs and in what light.
type hit struct {
	in      uint64 // sentences it occurs in, one bit each, the last bit for all beyond
	word    int32
	open    bool // at least once not as something the product guards against
	head    bool // stated of the thing itself, not of what it acts on
	plain   bool // stated about the product
	purpose bool // every plain occurrence lies in what the product is for
	aside   bool // stated only in a sentence that addresses the reader
	main    bool // stated plainly in a sentence about the thing and not about what comes along
}

// any reports an occurrence that counts towards control.
func (h hit) any() bool { return h.plain || h.aside }

// matcher finds all phrases of the knowledge base in one pass over a text.
type matcher struct {
	phrases [][]phraseWord
	texts   []string // the phrases as a reader may see them
	ids     map[string]int
	first   map[string][]int // phrases by first word
	stub    map[string][]int // phrases whose first word is a prefix, by its first three bytes
	classes map[int]uint64   // phrases of the classes that conducts are made of
}

// scan is what one pass over a text finds.
type scan struct {
	hits     []hit // by phrase
	mentions []mention
}

func newMatcher() *matcher {
	return &matcher{ids: map[string]int{}, first: map[string][]int{}, stub: map[string][]int{}, classes: map[int]uint64{}}
}

// add compiles one phrase (without bars) and returns its number.
func (m *matcher) add(phrase string) (int, error) {
	key := strings.ToLower(strings.TrimSpace(phrase))
	if id, ok := m.ids[key]; ok {
		return id, nil
	}
	var out []phraseWord
	gap := false
	for _, part := range strings.Fields(key) {
		if part == ".." {
			gap = true
			continue
		}
		star := strings.HasSuffix(part, "*")
		toks := tokens(strings.TrimSuffix(part, "*"))
		for i, t := range toks {
			w := phraseWord{text: foldWord(t.raw), gap: gap}
			if star && i == len(toks)-1 {
				w.text, w.prefix = t.raw, true
			}
			out = append(out, w)
			gap = false
		}
	}
	if len(out) == 0 || out[0].prefix && len(out[0].text) < 3 {
		return 0, fmt.Errorf("cue %q: nothing to match, or a prefix shorter than three letters", phrase)
	}
	id := len(m.phrases)
	m.phrases, m.texts = append(m.phrases, out), append(m.texts, shown.Replace(key))
	m.ids[key] = id
	if out[0].prefix {
		m.stub[out[0].text[:3]] = append(m.stub[out[0].text[:3]], id)
	} else {
		m.first[out[0].text] = append(m.first[out[0].text], id)
	}
	return id, nil
}

// shown takes the signs of a pattern out of a phrase.
var shown = strings.NewReplacer("*", "", " .. ", " … ", "-", " ")

// addAll compiles alternatives ("a|b") and returns their numbers.
func (m *matcher) addAll(alternatives string) ([]int, error) {
	var out []int
	for _, p := range strings.Split(alternatives, "|") {
		id, err := m.add(p)
		if err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, nil
}

func (m *matcher) addList(list []string) ([]int, error) {
	var out []int
	for _, p := range list {
		ids, err := m.addAll(p)
		if err != nil {
			return nil, err
		}
		out = append(out, ids...)
	}
	return out, nil
}

func (m *matcher) addGroups(list []string) ([][]int, error) {
	var out [][]int
	for _, p := range list {
		ids, err := m.addAll(p)
		if err != nil {
			return nil, err
		}
		out = append(out, ids)
	}
	return out, nil
}

// run finds every phrase in the text.
func (m *matcher) run(ws []word, into *scan) {
	if len(into.hits) < len(m.phrases) {
		into.hits = make([]hit, len(m.phrases))
	}
	clear(into.hits)
	into.mentions = into.mentions[:0]
	for i := range ws {
		for _, id := range m.first[ws[i].text] {
			m.try(into, ws, i, id)
		}
		if len(ws[i].text) >= 3 {
			for _, id := range m.stub[ws[i].text[:3]] {
				m.try(into, ws, i, id)
			}
		}
	}
}

func (m *matcher) try(s *scan, ws []word, i, id int) {
	if ws[i].negated {
		return
	}
	last, ok := follows(m.phrases[id], ws, i)
	if !ok {
		return
	}
	if bits := m.classes[id]; bits != 0 {
		s.mentions = append(s.mentions, mention{id: id, at: int32(i), last: int32(last), sentence: int32(ws[i].sentence), bits: bits, guarded: ws[i].guarded, aside: ws[i].aside})
	}
	h := &s.hits[id]
	h.in |= 1 << min(ws[i].sentence, 63)
	h.open = h.open || !ws[i].guarded
	if ws[i].aside {
		if !h.aside {
			h.aside, h.word = true, int32(i)
		}
		return
	}
	if !h.plain || h.purpose && !ws[i].purpose {
		h.word, h.purpose = int32(i), ws[i].purpose
	}
	h.main = h.main || !ws[i].extra
	h.plain, h.head = true, h.head || ws[i].head
}

// follows reports whether the phrase stands at word i, within one sentence, and
// where it ends.
func follows(p []phraseWord, ws []word, i int) (last int, ok bool) {
	at := i
	for k, w := range p {
		reach := 0
		if w.gap {
			reach = maxGap
		}
		found := false
		for j := at; j <= at+reach && j < len(ws); j++ {
			if ws[j].sentence != ws[i].sentence {
				break
			}
			if w.matches(ws[j].text) {
				at, found = j+1, true
				break
			}
			if k == 0 {
				break
			}
		}
		if !found {
			return 0, false
		}
	}
	return at - 1, true
}

func (w phraseWord) matches(s string) bool {
	if w.prefix {
		return strings.HasPrefix(s, w.text)
	}
	return s == w.text
}

// touch reports whether a phrase of b stands on or beside one of a.
func (m *matcher) touch(a, b []int, hits []hit) bool {
	const beside = 2
	for _, x := range a {
		if !hits[x].any() {
			continue
		}
		for _, y := range b {
			if !hits[y].plain {
				continue
			}
			if int(hits[y].word) <= int(hits[x].word)+len(m.phrases[x])-1+beside && int(hits[x].word) <= int(hits[y].word)+len(m.phrases[y])-1+beside {
				return true
			}
		}
	}
	return false
}

// weigh values a phrase: longer phrases say more.
func (m *matcher) weigh(id int) float64 {
	switch n := len(m.phrases[id]); n {
	case 1:
		return 1
	case 2:
		return 1.8
	default:
		return 2.5
	}
}
