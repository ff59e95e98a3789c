package screening

import (
	"math"
	"math/bits"
	"slices"
)

// candidate is a listed name that may be the query's.
type candidate struct {
	name uint32
	est  float32
}

// pair is an agreement of words in one alignment.
type pair struct {
	q, n   uint64 // bits of the words on either side
	gain   float64
	weight float64
	cost   int
	how    uint8
}

// alignment is one query reading laid beside one listed name.
type alignment struct {
	pairs        [maxWords]pair
	np           int
	qUsed, nUsed uint64
	agree, lost  float64
	qOver, nOver float64
	score        float64
	qElse        uint64 // leftover query words that another name of the entity holds
	identical    bool
	fuzzyPairs   int
	exactStrong  int
	anchored     bool // a word that is more than trade or office agrees
	doubted      float64
}

// option is an agreement of two words that an alignment may use.
type option struct {
	m    int32 // in scratch.matches
	j    int   // word of the name
	gain float32
}

const maxOptions = 192

// reset empties an alignment for another name.
func (a *alignment) reset() {
	a.np, a.qUsed, a.nUsed, a.qElse = 0, 0, 0, 0
	a.agree, a.lost, a.qOver, a.nOver, a.score, a.doubted = 0, 0, 0, 0, 0, 1
	a.identical, a.fuzzyPairs, a.exactStrong, a.anchored = false, 0, 0, false
}

// align lays the query's words beside those of name n.
func (x *Index) align(s *scratch, qs []queryWord, n uint32, a *alignment) {
	a.reset()
	ws := x.nameWord[x.nameAt[n]:x.nameAt[n+1]]
	if len(ws) > maxWords {
		ws = ws[:maxWords]
	}
	v := &x.vocab
	// All agreements of single words, taken greedily, the greatest first.
	opts := s.opts[:0]
	for j, id := range ws {
		if s.headEpoch[id] != s.epoch {
			continue
		}
		for m := s.head[id]; m >= 0 && len(opts) < maxOptions; m = s.matches[m].next {
			g := s.matches[m].gain - float32(s.matches[m].cost)*1e-5
			i := len(opts)
			opts = append(opts, option{})
			for i > 0 && opts[i-1].gain < g {
				opts[i] = opts[i-1]
				i--
			}
			opts[i] = option{m, j, g}
		}
	}
	s.opts = opts
	for _, o := range opts {
		m := &s.matches[o.m]
		qb, nb := uint64(1)<<m.q, uint64(1)<<o.j
		if a.qUsed&qb != 0 || a.nUsed&nb != 0 {
			continue
		}
		qp, np := qs[m.q].class == classPatronymic, v.class[ws[o.j]] == classPatronymic
		if qp != np && m.how != howSame {
			continue
		}
		a.add(pair{qb, nb, float64(m.gain), float64(v.weight[ws[o.j]]), int(m.cost), m.how})
	}
	a.initials(x, qs, ws)
	a.joins(x, qs, ws)
	a.sum(x, s, qs, ws, n)
}

func (a *alignment) add(p pair) {
	if a.np == len(a.pairs) {
		return
	}
	a.pairs[a.np] = p
	a.np++
	a.qUsed |= p.q
	a.nUsed |= p.n
}

// initials lets a single letter stand for a word that begins with it.
// Only beside a whole word that agrees: by itself an initial fits anything. Not
// in the name of a company, where a letter is a word of its own.
func (a *alignment) initials(x *Index, qs []queryWord, ws []uint32) {
	whole := false
	for i := range a.pairs[:a.np] {
		p := &a.pairs[i]
		whole = whole || p.gain > 2 && x.anchors(p.n, ws)
	}
	if !whole || slices.ContainsFunc(qs, func(q queryWord) bool { return q.class == classLegal }) ||
		slices.ContainsFunc(ws, func(id uint32) bool { return x.vocab.class[id] == classLegal }) {
		return
	}
	fits := func(letter, word string) bool {
		return len(word) > 1 && (letter[0] == word[0] || letter == "k" && word[0] == 'h' || letter == "i" && word[0] == 'e' || letter == "j" && word[0] == 'i' || letter == "s" && word[0] == 'x' || letter == "g" && word[0] == 'j' || letter == "k" && word[0] == 'c')
	}
	for i := range qs {
		if a.qUsed>>i&1 != 0 {
			continue
		}
		qc := qs[i].class
		for j, id := range ws {
			if a.nUsed>>j&1 != 0 {
				continue
			}
			nc := x.vocab.class[id]
			if (qc == classInitial) == (nc == classInitial) || qc == classLegal || nc == classLegal || qc == classParticle || nc == classParticle || qc == classNumber || nc == classNumber {
				continue
			}
			k := x.vocab.key(id)
			if qc == classInitial && fits(qs[i].key, k) || nc == classInitial && fits(k, qs[i].key) {
				a.add(pair{1 << i, 1 << j, tune.initial, 1.5, 0, howInitial})
				break
			}
		}
	}
}

// joins meets words written together on one side and apart on the other.
func (a *alignment) joins(x *Index, qs []queryWord, ws []uint32) {
	var buf [2*maxKey + 4]byte
	// Several query words to one listed word.
	for j, id := range ws {
		if a.nUsed>>j&1 != 0 {
			continue
		}
		k := x.vocab.key(id)
		if len(k) < 5 {
			continue
		}
		for i := 0; i+1 < len(qs); i++ {
			b := buf[:0]
			var bits uint64
			for n := i; n < min(i+3, len(qs)); n++ {
				if a.qUsed>>n&1 != 0 || len(b)+len(qs[n].key) > len(k)+2 {
					break
				}
				b = appendJoined(b, qs[n].key)
				bits |= 1 << n
				if n == i || len(b) < len(k)-2 && (b[0] != '~' || len(b) < len(k)/2) {
					continue
				}
				if a.tryJoin(string(b), k, bits, 1<<j, float64(x.vocab.weight[id])) {
					break
				}
			}
			if a.nUsed>>j&1 != 0 {
				break
			}
		}
	}
	// One query word to several listed words.
	for i := range qs {
		k := qs[i].key
		if a.qUsed>>i&1 != 0 || len(k) < 5 {
			continue
		}
		for j := 0; j+1 < len(ws); j++ {
			b := buf[:0]
			var bits uint64
			var sum float64
			for n := j; n < min(j+3, len(ws)); n++ {
				nk := x.vocab.key(ws[n])
				if a.nUsed>>n&1 != 0 || len(b)+len(nk) > len(k)+2 && (k[0] != '~' || len(b)+len(nk) > 2*len(k)) {
					break
				}
				b = appendJoined(b, nk)
				bits |= 1 << n
				sum += float64(x.vocab.weight[ws[n]])
				if n == j || len(b) < len(k)-2 {
					continue
				}
				if a.tryJoin(k, string(b), 1<<i, bits, math.Min(sum, 10.5)) {
					break
				}
			}
			if a.qUsed>>i&1 != 0 {
				break
			}
		}
	}
}

// appendJoined appends a key, one letter for two where the words meet.
func appendJoined(b []byte, k string) []byte {
	if len(k) > 0 && k[0] == '=' {
		k = k[1:]
	}
	if len(b) > 0 && len(k) > 0 && k[0] == '~' {
		k = k[1:]
	}
	if len(b) > 0 && len(k) > 0 && b[len(b)-1] == k[0] {
		k = k[1:]
	}
	return append(b, k...)
}

func (a *alignment) tryJoin(q, n string, qb, nb uint64, weight float64) bool {
	l := min(len(q), len(n))
	c := farApart
	switch {
	case q[0] == '~' && n[0] != '~':
		l = len(q) - 1
		c = semiticEdit(q, n, 20*l)
	case q[0] != '~' && n[0] == '~':
		l = len(n) - 1
		c = semiticEdit(n, q, 20*l)
	default:
		c = editCost(q, n, min(fuzzyBudget(l), 160))
	}
	if c >= farApart {
		return false
	}
	g := agreement(weight, l, c)
	if g <= 0 {
		return false
	}
	a.add(pair{qb, nb, g, weight, c, howJoined})
	return true
}

// sum weighs the alignment.
func (a *alignment) sum(x *Index, s *scratch, qs []queryWord, ws []uint32, n uint32) {
	a.identical = true
	best := 0.0
	for i := range a.pairs[:a.np] {
		p := &a.pairs[i]
		a.agree += p.gain
		best = math.Max(best, p.gain)
		if p.how == howSoft {
			share := tune.soft
			if p.cost > costSwap { // most often in a short word, where an edit may be another name
				share = tune.softFar
			}
			w := share * math.Min(tune.leftCap, p.weight)
			a.qOver += w
			a.nOver += w
		}
		if p.gain > 3 && (p.how == howSame || p.how == howSimilar || p.how == howJoined) && x.anchors(p.n, ws) {
			a.anchored = true
		}
		if p.how == howSame && p.cost == 0 {
			if p.gain > 3 {
				a.exactStrong++
			}
		} else {
			a.identical = false
			if p.how == howSimilar || p.how == howJoined {
				a.lost += math.Max(0, p.weight-p.gain)
				a.fuzzyPairs++
			}
		}
	}
	qPat, nPat := false, false
	qRare, nRare := 0.0, 0.0 // the rarest leftover words
	for i := range a.pairs[:a.np] {
		if p := &a.pairs[i]; p.how == howInitial { // the word that it stands for may be another's
			q, id := &qs[bits.TrailingZeros64(p.q)], ws[bits.TrailingZeros64(p.n)]
			if q.class == classPlain {
				qRare = math.Min(tune.leftCap, q.weight)
			}
			if x.vocab.class[id] == classPlain {
				nRare = math.Min(tune.leftCap, float64(x.vocab.weight[id]))
			}
		}
	}
	for i := range qs {
		if a.qUsed>>i&1 != 0 {
			continue
		}
		q := &qs[i]
		if q.class > classInitial {
			a.qOver += math.Min(q.weight, .6)
			continue
		}
		a.identical = false
		w := math.Min(tune.leftCap, q.weight)
		if q.class == classPatronymic {
			qPat = true
			w *= tune.patronymic
		}
		if x.elsewhere(s, uint8(i), n) {
			a.qElse |= 1 << i
			w *= tune.elsewhere
		}
		qRare = math.Max(qRare, w)
		a.qOver += w
	}
	for j, id := range ws {
		if a.nUsed>>j&1 != 0 {
			continue
		}
		w := math.Min(tune.leftCap, float64(x.vocab.weight[id]))
		switch c := x.vocab.class[id]; {
		case c > classInitial:
			w = math.Min(w, .6)
		case c == classPatronymic:
			nPat = true
			w *= tune.patronymic
			a.identical = false
		default:
			nRare = math.Max(nRare, w)
			a.identical = false
		}
		a.nOver += w
	}
	if qPat && !nPat { // does another name of the entity give another father?
		nPat = x.otherFather(s, n)
	}
	if qPat && nPat { // the fathers differ
		a.qOver += tune.father
		a.nOver += tune.father
	}
	agree := a.agree
	if a.identical {
		if s.spelt == x.nameText[n] {
			agree += tune.identical
		} else {
			agree += tune.alike
		}
	}
	if a.fuzzyPairs > 0 && a.exactStrong == 0 && a.np-a.fuzzyPairs >= 0 { // one fuzzy word carries all
		agree -= tune.lone * best
	}
	if agree <= 0 {
		return
	}
	r := agree / (agree + tune.lost*a.lost + tune.qOver*a.qOver + tune.nOver*a.nOver + tune.both*math.Min(a.qOver, a.nOver))
	a.score = r / (1 + math.Exp(-(agree-tune.mid)/tune.span))
	a.score *= 1 - tune.clash*math.Min(1, math.Min(qRare, nRare)/tune.leftCap)
	if !a.anchored && !a.identical {
		a.score *= tune.adrift
	}
	a.doubted = a.doubt(x, qs, ws)
	a.score *= a.doubted
	k := x.nameKind[n]
	if k&kindWeak != 0 {
		a.score *= tune.weak
	}
	if k&kindPart != 0 {
		a.score *= tune.listedPart
	}
}

// doubt is the share of the score that is left where another party may well
// have in common with the listed one what agrees: its given names, the one word
// in its name that is no word of trade.
func (a *alignment) doubt(x *Index, qs []queryWord, ws []uint32) float64 {
	var names, others, near, missed float64
	weighty, hides := 0, false
	for i := range a.pairs[:a.np] {
		p := &a.pairs[i]
		if p.gain > 3 {
			weighty++
		}
		switch {
		case p.how == howSimilar || p.how == howSoft || p.how == howJoined:
			near += p.weight
			missed += math.Max(0, p.weight-p.gain)
		case p.how == howInitial:
			hides = hides || qs[bits.TrailingZeros64(p.q)].class == classPlain
		case x.given(p.n, ws):
			names += p.gain
		default:
			others += p.gain
		}
	}
	own := 0.0
	trade, name := false, hides
	for i := range qs {
		if a.qUsed>>i&1 != 0 {
			continue
		}
		switch qs[i].class {
		case classPlain:
			own = math.Max(own, math.Min(tune.leftCap, qs[i].weight))
			name = true
		case classTrade, classCommon:
			trade = true
		case classGiven:
			name = true
		}
	}
	f := 1.0
	if !a.anchored {
		f *= 1 - tune.strayed*own/tune.leftCap
	}
	if weighty == 1 && trade {
		f *= 1 - tune.bare
	}
	if names > 2 && others < 3 {
		if near > 0 {
			f *= 1 - tune.misheard*missed/near
		}
		if name {
			f *= 1 - tune.another
		}
	}
	return f
}

// given says whether the words are common names, patronymics, titles and the
// like alone.
func (x *Index) given(set uint64, ws []uint32) bool {
	for j, id := range ws {
		if c := x.vocab.class[id]; set>>j&1 != 0 && c != classGiven && c != classPatronymic && c < classNumber {
			return false
		}
	}
	return true
}

// anchors says whether any of the words is more than trade or office.
func (x *Index) anchors(bits uint64, ws []uint32) bool {
	for j, id := range ws {
		if bits>>j&1 != 0 {
			switch x.vocab.class[id] {
			case classPlain, classCommon, classGiven, classPatronymic:
				return true
			}
		}
	}
	return false
}

// otherFather says whether any name of the entity has a patronymic that the
// query does not meet.
func (x *Index) otherFather(s *scratch, n uint32) bool {
	e := x.nameEnt[n]
	other := false
	for m := x.entName[e]; m < x.entName[e+1]; m++ {
		for _, id := range x.nameWord[x.nameAt[m]:x.nameAt[m+1]] {
			if x.vocab.class[id] == classPatronymic {
				if s.headEpoch[id] == s.epoch {
					return false
				}
				other = true
			}
		}
	}
	return other
}

// elsewhere says whether another name of the entity holds the query word.
func (x *Index) elsewhere(s *scratch, q uint8, n uint32) bool {
	e := x.nameEnt[n]
	for m := x.entName[e]; m < x.entName[e+1]; m++ {
		if m == n {
			continue
		}
		for _, id := range x.nameWord[x.nameAt[m]:x.nameAt[m+1]] {
			if s.headEpoch[id] != s.epoch {
				continue
			}
			for h := s.head[id]; h >= 0; h = s.matches[h].next {
				if s.matches[h].q == q && s.matches[h].how <= howSimilar {
					return true
				}
			}
		}
	}
	return false
}
