package screening

import (
	"math"
	"slices"
)

const (
	defaultLimit = 20
	topLimit     = 100
	maxAliases   = 8

	enoughVerified = 12 // names aligned before the unlikely are passed over
)

// found is an entity in the making of an answer.
type found struct {
	ent   uint32
	name  uint32
	score float64
	byID  bool
}

// Search finds the listed parties a query is like, strongest first. It never
// fails: a name that can't be read gives no hits and Searched.Unread.
func (x *Index) Search(q Query, opt SearchOptions) Answer {
	opt = opt.normal()
	s := x.pool.Get().(*scratch)
	defer x.pool.Put(s)
	fs, cut, read := x.find20(s, q, opt)
	return x.answer(s, q, opt, fs, cut, read)
}

// answer dresses what was found.
func (x *Index) answer(s *scratch, q Query, opt SearchOptions, fs []found, cut, read bool) Answer {
	a := Answer{Hits: make([]Hit, 0, len(fs)), Searched: x.searched(opt)}
	a.Searched.Truncated = cut
	a.Searched.Unread = !read && len(fs) == 0
	for _, f := range fs {
		if f.score >= opt.MinScore && f.score > 0 {
			a.Hits = append(a.Hits, x.hit(s, q, opt, f))
		}
	}
	return a
}

func (o SearchOptions) normal() SearchOptions {
	if o.Fields != FieldsName {
		o.Fields = FieldsAll
	}
	if o.Limit <= 0 {
		o.Limit = defaultLimit
	}
	o.Limit = min(o.Limit, topLimit)
	if !(o.MinScore >= 0) { // NaN too
		o.MinScore = 0
	}
	return o
}

func (x *Index) searched(opt SearchOptions) Searched {
	return Searched{IndexHash: x.hash, Engine: EngineVersion, Rules: lexiconSum(), Rates: x.cal.index, Options: opt, Entities: x.ents.size(), Names: len(x.nameEnt), Lists: x.lists}
}

// find20 is the search proper: entities in order of strength.
func (x *Index) find20(s *scratch, q Query, opt SearchOptions) (fs []found, cut, read bool) {
	s.fs = s.fs[:0]
	s.query++
	for i := range 1 + min(len(q.Aliases), maxAliases) {
		name := q.Name
		if i > 0 {
			name = q.Aliases[i-1]
		}
		vs, c := readName(name)
		cut = cut || c
		for _, v := range vs {
			read = true
			x.searchVariant(s, v)
		}
	}
	fs = s.fs
	if opt.Fields == FieldsAll {
		fs = x.qualify(s, q, fs, opt.Limit)
	}
	slices.SortFunc(fs, byStrength)
	if len(fs) > opt.Limit {
		fs = fs[:opt.Limit]
	}
	compete(fs)
	slices.SortFunc(fs, byStrength)
	out := make([]found, len(fs))
	for i, f := range fs {
		f.score = math.Round(f.score*1e9) / 1e9
		out[i] = f
	}
	return out, cut, read
}

func byStrength(a, b found) int {
	switch {
	case a.score > b.score:
		return -1
	case a.score < b.score:
		return 1
	}
	return int(a.ent) - int(b.ent)
}

// compete lowers hits that another entity of the answer outdoes: where one
// listed party explains the name well, a worse likeness to another says little.
func compete(fs []found) {
	if len(fs) == 0 {
		return
	}
	top := fs[0]
	for i := range fs {
		if fs[i].byID || top.score <= 0 || top.name == noName || fs[i].name == noName {
			continue
		}
		fs[i].score *= math.Pow(fs[i].score/top.score, tune.compete)
	}
}

// searchVariant scores every listed name that one reading of the query may be.
func (x *Index) searchVariant(s *scratch, v variant) {
	x.searchWords(s, v, 1)
	if ws := x.respaced(s, v.words); ws != nil {
		v.words = ws
		x.searchWords(s, v, tune.respaced)
	}
}

// take keeps the best score of an entity.
func (s *scratch) take(f found) {
	if s.entEpoch[f.ent] != s.query {
		s.entEpoch[f.ent], s.entAt[f.ent] = s.query, int32(len(s.fs))
		s.fs = append(s.fs, f)
		return
	}
	if b := &s.fs[s.entAt[f.ent]]; f.score > b.score || f.score == b.score && f.name < b.name {
		*b = f
	}
}

func (x *Index) searchWords(s *scratch, v variant, rate float64) {
	x.gather(s, v.words)
	var a alignment
	cands := x.candidates(s)
	enough := enoughVerified
	for i := range s.qwords {
		if s.qwords[i].key[0] == '~' { // estimates are rough where vowels are unwritten
			enough = maxVerified
		}
	}
	for i, c := range cands {
		if i >= enough && c.est < .5*cands[0].est {
			break // the rest can't come near what stands first
		}
		x.align(s, s.qwords, c.name, &a)
		score := a.score
		if v.part {
			score *= partOf(&a)
		}
		score *= rate
		if score > .02 {
			s.take(found{ent: x.nameEnt[c.name], name: c.name, score: math.Min(score, 1)})
		}
	}
}

// partOf lowers what only a part of the query found, most where that part is
// one short word: acronyms in brackets meet by chance.
func partOf(a *alignment) float64 {
	if a.agree < tune.shortAgree {
		return tune.shortPart
	}
	return tune.part
}

// gather expands the query's words and adds up, for each listed name that has
// any of them, what they would agree on.
func (x *Index) gather(s *scratch, ws []word) {
	s.epoch++
	s.matches = s.matches[:0]
	s.touched = s.touched[:0]
	s.work = 0
	s.spelt = spelling(ws)
	qs := x.prepare(s, ws)
	var order [maxWords]int
	for i := range qs {
		order[i] = i
	}
	slices.SortStableFunc(order[:len(qs)], func(a, b int) int {
		switch {
		case qs[a].weight > qs[b].weight:
			return -1
		case qs[a].weight < qs[b].weight:
			return 1
		}
		return 0
	})
	budget := maxPostings
	for rank, qi := range order[:len(qs)] {
		fs := x.expand(s, qi)
		if qs[qi].id < 0 && len(fs) > 0 && fs[0].how == howSimilar && fs[0].cost <= 130 {
			// A misspelt word of little weight is a word of little weight.
			if c := x.vocab.class[fs[0].id]; c >= classTrade && c != classPatronymic {
				qs[qi].weight = math.Min(qs[qi].weight, 1.5*float64(x.vocab.weight[fs[0].id])+1)
			}
		}
		s.unit++
		light := qs[qi].class >= classTitle && rank > 0
		for _, m := range fs {
			if s.headEpoch[m.id] != s.epoch {
				s.headEpoch[m.id], s.head[m.id] = s.epoch, -1
			}
			m.next = s.head[m.id]
			s.head[m.id] = int32(len(s.matches))
			s.matches = append(s.matches, m)
			names := x.post[x.postAt[m.id]:x.postAt[m.id+1]]
			if light || m.gain <= 0 || len(names) > budget {
				continue
			}
			budget -= len(names)
			s.work += len(names)
			for _, n := range names {
				switch s.accUnit[n] {
				case s.unit:
					continue
				default:
					if s.accUnit[n] < s.unit-uint32(rank) {
						s.acc[n] = 0
						s.touched = append(s.touched, n)
					}
				}
				s.acc[n] += m.gain
				s.accUnit[n] = s.unit
			}
		}
	}
}

// candidates picks the names worth aligning.
func (x *Index) candidates(s *scratch) []candidate {
	var sum float32
	for i := range s.qwords {
		sum += float32(s.qwords[i].weight)
	}
	top := float32(0)
	for _, n := range s.touched {
		top = max(top, s.acc[n])
	}
	h := s.cands[:0] // a heap, the least of the kept on top
	for _, n := range s.touched {
		a := s.acc[n]
		if a < .3*top {
			continue
		}
		over, left := max(0, sum-a), max(0, x.nameSum[n]-a)
		c := candidate{name: n, est: a * a / (a + .6*over + .4*left)}
		if len(h) < maxVerified {
			h = append(h, c)
			for i := len(h) - 1; i > 0; {
				p := (i - 1) / 2
				if !less(h[i], h[p]) {
					break
				}
				h[i], h[p] = h[p], h[i]
				i = p
			}
		} else if less(h[0], c) {
			h[0] = c
			for i := 0; ; {
				m := i
				for _, k := range [2]int{2*i + 1, 2*i + 2} {
					if k < len(h) && less(h[k], h[m]) {
						m = k
					}
				}
				if m == i {
					break
				}
				h[i], h[m] = h[m], h[i]
				i = m
			}
		}
	}
	slices.SortFunc(h, func(a, b candidate) int {
		if less(a, b) {
			return 1
		}
		return -1
	})
	s.cands = h
	return h
}

// less orders candidates from the least promising.
func less(a, b candidate) bool {
	return a.est < b.est || a.est == b.est && a.name > b.name
}

// hit dresses a found entity for the answer.
func (x *Index) hit(s *scratch, q Query, opt SearchOptions, f found) Hit {
	h := Hit{Score: f.score, ByID: f.byID}
	h.EntityID, h.List, h.Type, h.Shown = x.ents.shown(int(f.ent))
	if f.name != noName {
		h.Matched = x.ents.name(int(f.ent), int(x.nameSrc[f.name])).Text
	}
	h.AlertRate = x.cal.rate(f.score)
	h.Band = bandOf(h.AlertRate, h.Score)
	x.ents.facts(int(f.ent), &s.facts)
	s.quals = s.quals[:0]
	if opt.Fields == FieldsAll {
		s.quals = qualifiers(s.quals, q, &s.facts)
	}
	if len(s.quals) > 0 {
		h.Qualifies = make([]string, len(s.quals))
		for i, qu := range s.quals {
			h.Qualifies[i] = qu.effect()
		}
	}
	h.Ambiguous, h.AskFor = x.ambiguity(q, opt, f, &s.facts, s.quals)
	if h.Ambiguous && h.Band == Strong {
		h.Band = Possible // strong would read as settled
	}
	return h
}

// possibleScore is the least score of a hit that somebody must look at.
const possibleScore = .25

// bandOf puts a hit into a band. On a short list hardly any ordinary name is
// like anything, so a band also asks for a likeness that is one.
func bandOf(rate, score float64) Band {
	switch {
	case rate <= .001 && score >= .5:
		return Strong
	case rate <= .02 && score >= possibleScore:
		return Possible
	}
	return Weakly
}
