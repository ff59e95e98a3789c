package screening

import (
	"math"
	"slices"
)

// queryWord is a word of the query with what the index knows of it.
type queryWord struct {
	word
	class   class
	concept uint16
	id      int32   // in the vocabulary, or -1
	weight  float64 // nats it takes away when nothing meets it
}

// wordMatch says that a query word agrees with a word of the vocabulary.
type wordMatch struct {
	gain float32
	cost int16
	how  uint8
	q    uint8
	next int32 // next match of the same vocabulary word, or -1
	id   uint32
}

const (
	howSame uint8 = iota
	howSimilar
	howTranslated
	howInitial
	howJoined
	howSoft // so near that neither is left over, too far to count
)

var howNames = [...]How{Same, Similar, Translated, Initial, Joined, Similar}

// Bounds on the work of one query.
const (
	maxBucket   = 600    // words of one skeleton that are compared
	maxCompared = 400    // words compared by pairs of letters
	maxMatches  = 48     // kept for one query word
	maxPostings = 60_000 // names touched
	maxVerified = 72     // names aligned
)

// scratch is what one search needs; taken from a pool.
type scratch struct {
	acc       []float32 // by name
	accUnit   []uint32
	touched   []uint32
	head      []int32 // by vocabulary word: first match
	headEpoch []uint32
	matches   []wordMatch
	epoch     uint32
	unit      uint32
	gramCount []uint8
	gramSeen  []uint32
	found     []wordMatch
	cands     []candidate
	opts      []option
	entEpoch  []uint32 // by entity: the query that found it last
	entAt     []int32  // and where in fs it stands
	query     uint32
	fs        []found
	facts     Entity // what stands beside the names of the entity at hand
	quals     []Qualifier
	qwords    []queryWord
	spelt     uint32 // spelling of the query reading at hand
	work      int    // comparisons and names touched, for the test of bounds
}

func (x *Index) newScratch() *scratch {
	nv, nn := x.vocab.size(), len(x.nameEnt)
	return &scratch{
		acc: make([]float32, nn), accUnit: make([]uint32, nn),
		head: make([]int32, nv), headEpoch: make([]uint32, nv), gramCount: make([]uint8, nv),
		entEpoch: make([]uint32, x.ents.size()), entAt: make([]int32, x.ents.size()),
	}
}

// prepare looks a query's words up.
func (x *Index) prepare(s *scratch, ws []word) []queryWord {
	s.qwords = s.qwords[:0]
	for _, w := range ws {
		q := queryWord{word: w, id: -1}
		if v, ok := x.vocab.find(w.key); ok {
			q.id, q.class, q.concept, q.weight = int32(v), x.vocab.class[v], x.vocab.concept[v], float64(x.vocab.weight[v])
		} else {
			m := lex().meaningOf(w.key)
			q.class, q.concept, q.weight = m.class, m.concept, weigh(m.class, 0, x.vocab.n, x.vocab.short)
		}
		s.qwords = append(s.qwords, q)
	}
	return s.qwords
}

// fuzzyBudget is the most an agreement of L letters may cost, in hundredths.
func fuzzyBudget(l int) int {
	if l < 4 {
		return 0
	}
	return min(tune.budget*l, 320)
}

// agreement is the gain in nats of two words that agree but for a cost.
func agreement(weight float64, l, cost int) float64 {
	c, n := float64(cost)/100, float64(l)
	g := tune.letter*n - c*(tune.edit+math.Log(n/8))
	return math.Min(weight, g) - tune.editMore*c
}

// expand finds the vocabulary words a query word agrees with, best first. For
// a word of the vocabulary itself that depends on nothing else, so it is found
// once and kept.
func (x *Index) expand(s *scratch, qi int) []wordMatch {
	id := s.qwords[qi].id
	if id >= 0 {
		if p := x.near[id].Load(); p != nil {
			s.found = append(s.found[:0], *p...)
			for i := range s.found {
				s.found[i].q = uint8(qi)
			}
			return s.found
		}
	}
	found := x.expandAnew(s, qi)
	if id >= 0 {
		kept := slices.Clone(found)
		x.near[id].Store(&kept)
	}
	return found
}

func (x *Index) expandAnew(s *scratch, qi int) []wordMatch {
	q := &s.qwords[qi]
	v := &x.vocab
	s.found = s.found[:0]
	add := func(id uint32, gain float64, cost int, how uint8) {
		if gain < 0 {
			gain = 0
		}
		s.found = append(s.found, wordMatch{gain: float32(gain), cost: int16(cost), how: how, q: uint8(qi), id: id})
	}
	l := len(q.key)
	semitic := l > 1 && q.key[0] == '~'
	if q.id >= 0 {
		n := l
		if q.key[0] == '=' {
			n = 9
		}
		add(uint32(q.id), math.Min(q.weight, tune.letter*float64(n)), 0, howSame)
	}
	switch q.class {
	case classLegal, classParticle, classNumber, classInitial:
		return s.found
	}
	if c := q.concept; c != 0 && int(c)+1 < len(v.concAt) {
		same := tune.translated
		if q.class == classGiven {
			same = tune.namesake
		}
		for _, id := range v.concept2[v.concAt[c]:v.concAt[c+1]] {
			if int32(id) != q.id {
				add(id, same*math.Min(float64(v.weight[id]), q.weight), 0, howTranslated)
			}
		}
	}
	if q.key[0] == '=' || l < 4 && !semitic {
		return s.best()
	}
	tame := 1.0
	if q.id >= 0 && v.df[q.id] > 15 {
		tame = tune.tame
	}
	if semitic || len(skeleton(q.key)) >= 2 {
		skeletons(q.key, func(b string) { x.byBones(s, q, b, tame, add) })
	}
	if !semitic {
		x.byGrams(s, q, tame, add)
	}
	return s.best()
}

// best sorts the found matches by gain and keeps one a word, at most maxMatches.
func (s *scratch) best() []wordMatch {
	slices.SortFunc(s.found, func(a, b wordMatch) int {
		switch {
		case a.gain > b.gain:
			return -1
		case a.gain < b.gain:
			return 1
		case a.cost != b.cost:
			return int(a.cost) - int(b.cost)
		}
		return int(a.id) - int(b.id)
	})
	if len(s.found) > maxMatches {
		s.found = s.found[:maxMatches]
	}
	return s.found
}

// byBones compares a query word with the words of its skeleton.
func (x *Index) byBones(s *scratch, q *queryWord, bones string, tame float64, add func(uint32, float64, int, uint8)) {
	v := &x.vocab
	h := hashKey(bones)
	at, _ := slices.BinarySearchFunc(v.bones, h, func(b boneEntry, h uint32) int {
		if b.hash < h {
			return -1
		}
		if b.hash > h {
			return 1
		}
		return 0
	})
	semitic := q.key[0] == '~'
	for n := 0; at < len(v.bones) && v.bones[at].hash == h && n < maxBucket; at, n = at+1, n+1 {
		id := v.bones[at].word
		if int32(id) == q.id {
			continue
		}
		k := v.key(id)
		s.work++
		if semitic == (k[0] == '~') {
			if semitic || 4*len(k) >= 5*len(q.key)+4 || 4*len(q.key) >= 5*len(k)+4 {
				if semitic {
					x.considerLike(q, id, k, 1, tame, add)
				}
				continue
			}
			x.considerLike(q, id, k, 0, tame, add)
			continue
		}
		sem, lat := q.key, k
		if !semitic {
			sem, lat = k, q.key
		}
		l := len(sem) - 1
		if l < 2 {
			continue
		}
		if c := semiticEdit(sem, lat, 24*l+10); c < farApart {
			g := agreement(float64(v.weight[id]), l, c)
			how := howSimilar
			if c <= 40 {
				how = howSame
			}
			add(id, g, c, how)
		}
	}
}

// considerLike compares two words of one kind; skip is the length of a mark
// before the letters.
func (x *Index) considerLike(q *queryWord, id uint32, k string, skip int, tame float64, add func(uint32, float64, int, uint8)) {
	a, b := q.key[skip:], k[skip:]
	l := min(len(a), len(b))
	budget := fuzzyBudget(l)
	c := editCost(a, b, max(budget, 105))
	if c >= farApart || l < 3 && c > 60 {
		return
	}
	w := float64(x.vocab.weight[id])
	if c > budget || l < 5 && c > 60 {
		add(id, 0, c, howSoft)
		return
	}
	g := agreement(w, l, c)
	if tame < 1 {
		g *= tame
	}
	if a[0] != b[0] && substitution[a[0]&127][b[0]&127] >= 60 {
		g *= tune.onset
	}
	if g <= 0 {
		if c <= 120 {
			add(id, 0, c, howSoft)
		}
		return
	}
	add(id, g, c, howSimilar)
}

// byGrams compares a query word with words that share enough pairs of letters.
func (x *Index) byGrams(s *scratch, q *queryWord, tame float64, add func(uint32, float64, int, uint8)) {
	v := &x.vocab
	s.gramSeen = s.gramSeen[:0]
	l := len(q.key)
	budget := max(fuzzyBudget(l), 105)
	need := max(l+1-2*((budget+99)/100), (l+1)*4/10, 2)
	// Only words of about its length: they are numbered by length.
	far := 2
	if l >= 9 {
		far = 3
	}
	from, to := v.longer[max(0, l-far)], v.longer[min(l+far+1, len(v.longer)-1)]
	forGrams(q.key, func(g int) {
		ids := v.gram[v.gramAt[g]:v.gramAt[g+1]]
		lo, _ := slices.BinarySearch(ids, from)
		for _, id := range ids[lo:] {
			if id >= to {
				break
			}
			if s.gramCount[id] == 0 {
				s.gramSeen = append(s.gramSeen, id)
			}
			s.gramCount[id]++
		}
	})
	// Those that share most letters first, since the number compared is bounded.
	var by [maxKey + 2]int
	for _, id := range s.gramSeen {
		by[min(int(s.gramCount[id]), maxKey+1)]++
	}
	for left := maxCompared; need <= maxKey+1; need++ {
		n := 0
		for _, c := range by[need:] {
			n += c
		}
		if n <= left {
			break
		}
	}
	for _, id := range s.gramSeen {
		n := int(s.gramCount[id])
		s.gramCount[id] = 0
		if n < need || int32(id) == q.id {
			continue
		}
		k := v.key(id)
		if d := len(k) - l; d*costH > budget || -d*costH > budget {
			continue
		}
		s.work++
		x.considerLike(q, id, k, 0, tame, add)
	}
}
