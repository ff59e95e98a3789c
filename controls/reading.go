package controls

import (
	"fmt"
	"math"
	"sort"
	"strings"
	"sync"
)

// reading weighs a description by examples: short texts in our own words of things
// that lead to harm, that protect, or that are of everyday use. It learns, always
// alike, how much each word, each mark (Content.Marks) and each pair of marks in
// reach of one another speaks for harm or against it. It states no harm by itself:
// without a way from capability to harm nothing is flagged (see catchAll).
type reading struct {
	marks   *matcher
	tags    map[int][]int32 // the marks a phrase carries
	names   []string        // of marks
	stems   numbers
	stubs   numbers
	ids     map[uint64]int32 // of what is weighed
	telling []float64        // how differently things occur in texts of harm and in others
	weight  []float64
	bias    float64
}

// What is weighed: a word, its beginning (whatever its ending), two words in a row, two
// words near one another, a mark, a mark said not to be ("without storing a face"), one
// that is guarded against ("warns of cameras"), a mark after a small word ("for", "by"),
// a mark after another, and the mark that comes first: who or what acts.
const (
	keyWord = iota + 1
	keyStub
	keyWords
	keyNear
	keyMark
	keyNot
	keyGuarded
	keyAfter
	keyMarks
	keyFirst
)

const (
	markReach = 9 // words within which marks are read together
	markTrail = 3 // places back that a mark is read with
	pairValue = 0.7
	nearReach = 4 // words within which two words are read together
	nearValue = 0.5
	stubSize  = 5  // letters of the beginning of a word
	lengthen  = 10 // keeps a few words from speaking as loudly as many
)

// feature is one thing weighed, with the word where it stands.
type feature struct {
	id, at int32
	value  float64
}

// numbers gives words a number each.
type numbers map[string]int32

func (n numbers) of(word string, learning bool) (int32, bool) {
	id, ok := n[word]
	if !ok && learning {
		id, ok = int32(len(n)), true
		n[word] = id
	}
	return id, ok
}

func key(kind, a, b int32) uint64 {
	return uint64(kind)<<56 | uint64(uint32(a))<<28 | uint64(uint32(b))
}

// linking are small words that tell how a mark stands to what is before it; idle
// ones tell nothing.
var (
	linking = func() map[string]int32 {
		out := map[string]int32{}
		for i, w := range strings.Fields("for of by against from without with to who no not on in when whose so that never about even if while and or between") {
			out[w] = int32(i)
		}
		return out
	}()
	nothing = map[string]bool{"nothing": true, "nobody": true, "none": true}
	idle    = func() map[string]bool {
		out := map[string]bool{}
		for _, w := range strings.Fields("the a an is are it its be this as at s his her their any all each") {
			out[w] = true
		}
		return out
	}()
)

// readings keeps what was learnt, by the hash of the content it was learnt from:
// it is the same for all who load the same.
var readings sync.Map

// readingOf gives the reading of a content.
func readingOf(content *Content) (*reading, error) {
	if known, ok := readings.Load(content.hash); ok && content.hash != "" {
		return known.(*reading), nil
	}
	r, err := newReading(content)
	if err == nil && content.hash != "" {
		readings.Store(content.hash, r)
	}
	return r, err
}

func newReading(content *Content) (*reading, error) {
	r := &reading{marks: newMatcher(), tags: map[int][]int32{}, stems: numbers{}, stubs: numbers{}, ids: map[uint64]int32{}}
	for name := range content.Marks {
		r.names = append(r.names, name)
	}
	sort.Strings(r.names)
	for i, name := range r.names {
		ids, err := r.marks.addAll(content.Marks[name])
		if err != nil {
			return nil, fmt.Errorf("mark %s: %w", name, err)
		}
		for _, id := range ids {
			r.tags[id] = append(r.tags[id], int32(i))
		}
	}
	texts := make([][]feature, len(content.Examples))
	for i, e := range content.Examples {
		ws := words(e.Text)
		texts[i] = r.features(ws, r.place(ws), true)
	}
	r.tell(texts, content.Examples)
	r.learn(texts, content.Examples)
	return r, nil
}

// tell measures how much each thing tells harm from protection by how often it occurs
// in either, and turns it up accordingly: what occurs in both alike is kept low. The
// everyday is told from harm with ease and has no say here.
func (r *reading) tell(texts [][]feature, examples []Example) {
	const half, least, most = 0.5, 0.25, 2
	in, out := make([]float64, len(r.ids)), make([]float64, len(r.ids))
	var nIn, nOut float64
	for i, fs := range texts {
		count, of := out, &nOut
		switch {
		case examples[i].Everyday:
			continue
		case examples[i].Harm:
			count, of = in, &nIn
		}
		*of++
		for _, f := range fs {
			count[f.id]++
		}
	}
	r.telling = make([]float64, len(r.ids))
	for id := range r.telling {
		ratio := math.Log((in[id] + half) / (nIn + 1) * (nOut + 1) / (out[id] + half))
		r.telling[id] = min(most, least+math.Abs(ratio))
	}
	for _, fs := range texts {
		for i := range fs {
			fs[i].value *= r.telling[fs[i].id]
		}
	}
}

// placed is a mark where it stands.
type placed struct {
	tag, at, sentence int32
}

// place finds the marks of a text, in order.
func (r *reading) place(ws []word) []placed {
	var out []placed
	try := func(i, id int) {
		if _, ok := follows(r.marks.phrases[id], ws, i); !ok {
			return
		}
		for _, t := range r.tags[id] {
			known := false
			for k := len(out) - 1; k >= 0 && out[k].at == int32(i); k-- {
				known = known || out[k].tag == t
			}
			if !known {
				out = append(out, placed{t, int32(i), int32(ws[i].sentence)})
			}
		}
	}
	for i := range ws {
		for _, id := range r.marks.first[ws[i].text] {
			try(i, id)
		}
		if len(ws[i].text) >= 3 {
			for _, id := range r.marks.stub[ws[i].text[:3]] {
				try(i, id)
			}
		}
	}
	return out
}

// features lists what is weighed in words; learning adds what is not known yet.
func (r *reading) features(ws []word, marks []placed, learning bool) []feature {
	out := make([]feature, 0, 3*len(ws)+4*len(marks))
	seen := make(map[int32]bool, 3*len(ws)+4*len(marks))
	put := func(k uint64, at int32, value float64) {
		id, ok := r.ids[k]
		if !ok && learning {
			id, ok = int32(len(r.ids)), true
			r.ids[k] = id
		}
		if ok && !seen[id] {
			seen[id] = true
			if !learning {
				value *= r.telling[id]
			}
			out = append(out, feature{id, at, value})
		}
	}
	ids := make([]int32, len(ws))
	for i := range ws {
		if w := ws[i].text; len(w) > stubSize {
			if id, ok := r.stubs.of(w[:stubSize], learning); ok {
				put(key(keyStub, id, 0), int32(i), pairValue)
			}
		}
		id, ok := r.stems.of(ws[i].stem, learning)
		if !ok {
			ids[i] = -1
			continue
		}
		ids[i] = id
		still := idle[ws[i].text]
		if !still {
			put(key(keyWord, id, 0), int32(i), 1)
		}
		for k := i - 1; k >= 0 && k >= i-nearReach && ws[k].sentence == ws[i].sentence; k-- {
			switch {
			case ids[k] < 0:
			case k == i-1:
				put(key(keyWords, ids[k], id), int32(i), pairValue)
			case !still && !idle[ws[k].text]:
				put(key(keyNear, ids[k], id), int32(i), nearValue)
			}
		}
	}
	for i, m := range marks {
		if m.at == marks[0].at {
			put(key(keyFirst, m.tag, 0), m.at, pairValue)
		}
		kind := int32(keyMark)
		if ws[m.at].guarded {
			kind = keyGuarded
		}
		if ws[m.at].negated || int(m.at)+1 < len(ws) && nothing[ws[m.at+1].text] {
			kind = keyNot
		}
		put(key(kind, m.tag, 0), m.at, 1)
		if l, ok := r.linked(ws, m); ok {
			put(key(keyAfter, l, m.tag), m.at, 1)
		}
		places, last := 0, m.at
		for j := i - 1; j >= 0 && marks[j].sentence == m.sentence && m.at-marks[j].at <= markReach; j-- {
			if marks[j].at == m.at {
				continue
			}
			if marks[j].at != last {
				last = marks[j].at
				places++
			}
			if places > markTrail {
				break
			}
			put(key(keyMarks, marks[j].tag, m.tag), m.at, pairValue)
		}
	}
	return out
}

// linked is the small word before a mark, past an idle one.
func (r *reading) linked(ws []word, m placed) (int32, bool) {
	k := int(m.at) - 1
	if k > 0 && idle[ws[k].text] {
		k--
	}
	if k < 0 || ws[k].sentence != int(m.sentence) {
		return 0, false
	}
	l, ok := linking[ws[k].text]
	return l, ok
}

// norm makes long and short texts comparable.
func norm(fs []feature) float64 {
	sum := float64(lengthen)
	for _, f := range fs {
		sum += float64(f.value * f.value)
	}
	return 1 / math.Sqrt(sum)
}

// score is what speaks for harm less what speaks against it.
func (r *reading) score(fs []feature, norm float64) float64 {
	z := 0.0
	for _, f := range fs {
		z += float64(r.weight[f.id] * f.value)
	}
	return r.bias + float64(z*norm)
}

// learn fits the weights to the examples: logistic regression by gradient steps,
// in an order that is always the same, averaged over the later rounds. Products
// are rounded one by one (float64) so that every machine gives the same weights.
func (r *reading) learn(texts [][]feature, examples []Example) {
	const (
		rounds = 20
		step   = 0.3
		shrink = 0.01
		calmly = 0.5 // how much an everyday text counts: what protects is the harder to tell
	)
	w, grown, sum := make([]float64, len(r.ids)), make([]float64, len(r.ids)), make([]float64, len(r.ids))
	for i := range grown {
		grown[i] = 1e-3
	}
	order, norms := make([]int, len(texts)), make([]float64, len(texts))
	for i := range texts {
		order[i], norms[i] = i, norm(texts[i])
	}
	r.weight = w
	seed, grownBias, sumBias := uint64(1), 1e-3, 0.0
	for round := range rounds {
		for i := len(order) - 1; i > 0; i-- {
			seed = seed*6364136223846793005 + 1442695040888963407
			j := int(seed >> 33 % uint64(i+1))
			order[i], order[j] = order[j], order[i]
		}
		for _, i := range order {
			g := 1 / (1 + math.Exp(-r.score(texts[i], norms[i])))
			switch {
			case examples[i].Harm:
				g--
			case examples[i].Everyday:
				g *= calmly
			}
			grownBias += float64(g * g)
			r.bias -= float64(step*g) / math.Sqrt(grownBias)
			for _, f := range texts[i] {
				d := float64(float64(g*f.value)*norms[i]) + float64(shrink*w[f.id])
				grown[f.id] += float64(d * d)
				w[f.id] -= float64(step*d) / math.Sqrt(grown[f.id])
			}
		}
		if round >= rounds/2 {
			for i := range w {
				sum[i] += w[i]
			}
			sumBias += r.bias
		}
	}
	for i := range sum {
		sum[i] /= rounds - rounds/2
	}
	r.weight, r.bias = sum, sumBias/(rounds-rounds/2)
}

// passage is a part of a text as it was read.
type passage struct {
	score      float64
	harm, calm []string // the words that speak for harm and against it, loudest first
	marks      map[string]bool
}

// read weighs a text: sentences in threes, so that a long sheet of harmless matter
// hides nothing. The passage that speaks most for harm counts. Sentences that speak
// to the reader are read apart from the rest, so that they take nothing back, and
// only where asides is set: where phrases say that there is something in them.
func (r *reading) read(ws []word, asides bool) passage {
	const together = 3
	best := passage{score: math.Inf(-1)}
	for _, part := range passages(ws, together, asides) {
		marks := r.place(part)
		fs := r.features(part, marks, false)
		n := norm(fs)
		if z := r.score(fs, n); z > best.score {
			best = passage{score: z, marks: map[string]bool{}}
			for _, m := range marks {
				best.marks[r.names[m.tag]] = true
			}
			best.harm, best.calm = r.loudest(part, fs, n)
		}
	}
	return best
}

// passages cuts words into runs of sentences that overlap.
func passages(ws []word, together int, asides bool) [][]word {
	var plain, aside []word
	for _, w := range ws {
		switch {
		case !w.aside:
			plain = append(plain, w)
		case asides:
			aside = append(aside, w)
		}
	}
	var out [][]word
	for _, part := range [][]word{plain, aside} {
		var starts []int
		for i := range part {
			if i == 0 || part[i].sentence != part[i-1].sentence {
				starts = append(starts, i)
			}
		}
		for k := 0; k < len(starts) && (k == 0 || k+together <= len(starts)); k++ {
			end := len(part)
			if k+together < len(starts) {
				end = starts[k+together]
			}
			out = append(out, part[starts[k]:end])
		}
	}
	return out
}

// loudest names the words that speak for harm and those that speak against it.
func (r *reading) loudest(ws []word, fs []feature, norm float64) (harm, calm []string) {
	const few, audible = 6, 0.1
	by := make([]float64, len(ws))
	for _, f := range fs {
		by[f.at] += r.weight[f.id] * f.value * norm
	}
	order := make([]int, len(ws))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(i, j int) bool { return math.Abs(by[order[i]]) > math.Abs(by[order[j]]) })
	for _, i := range order {
		switch w := ws[i].text; {
		case idle[w] || len(w) < 3:
		case by[i] > audible && len(harm) < few:
			harm = appendNew(harm, w)
		case by[i] < -audible && len(calm) < few:
			calm = appendNew(calm, w)
		}
	}
	return harm, calm
}
