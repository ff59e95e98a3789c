package screening

import (
	"fmt"
	"math"
	"slices"
)

// mostAlignments bounds the alignments of one explanation.
const mostAlignments = 5

// Explain says why a listed party was or was not found for a query, word by
// word, with positions in both texts. It uses all of the query; ExplainWith
// takes the options of the search that is to be explained.
func (x *Index) Explain(q Query, entityID string) Explanation {
	return x.ExplainWith(q, entityID, SearchOptions{})
}

// ExplainWith is Explain under the options of a search.
func (x *Index) ExplainWith(q Query, entityID string, opt SearchOptions) Explanation {
	opt = opt.normal()
	e, ok := x.ents.find(entityID)
	if !ok {
		return Explanation{
			EntityID: entityID, Searched: x.searched(opt), Alignments: []Alignment{}, Qualifiers: []Qualifier{},
			Notes: []string{"This index holds no entity of that id."}, Band: Weakly, AlertRate: 1,
		}
	}
	s := x.pool.Get().(*scratch)
	defer x.pool.Put(s)
	fs, cut, read := x.find20(s, q, opt)
	if len(fs) == opt.Limit && !slices.ContainsFunc(fs, func(f found) bool { return f.ent == uint32(e) }) {
		wide := opt // it may have been cut off
		wide.Limit = topLimit
		fs, cut, read = x.find20(s, q, wide)
	}
	return x.explain(s, q, opt, []int{e}, fs, cut, read)[0]
}

// Explained is Search with the reasons for the hits that which picks, all of
// them where it is nil. The reasons for a hit stand at its place; those of a hit
// that was not picked have no EntityID.
func (x *Index) Explained(q Query, opt SearchOptions, which func(Hit) bool) (Answer, []Explanation) {
	opt = opt.normal()
	s := x.pool.Get().(*scratch)
	defer x.pool.Put(s)
	fs, cut, read := x.find20(s, q, opt)
	a := x.answer(s, q, opt, fs, cut, read)
	var at, ents []int
	for i, h := range a.Hits {
		if which == nil || which(h) {
			e, _ := x.ents.find(h.EntityID)
			at, ents = append(at, i), append(ents, e)
		}
	}
	whys := make([]Explanation, len(a.Hits))
	if len(at) == 0 {
		return a, whys
	}
	for i, why := range x.explain(s, q, opt, ents, fs, cut, read) {
		whys[at[i]] = why
	}
	return a, whys
}

// explain gives the reasons for some entities, of what was found.
func (x *Index) explain(s *scratch, q Query, opt SearchOptions, ents []int, fs []found, cut, read bool) []Explanation {
	out := make([]Explanation, len(ents))
	searched := x.searched(opt)
	searched.Truncated, searched.Unread = cut, !read
	for i, e := range ents {
		out[i] = Explanation{
			EntityID: x.ents.id(e), Found: true, Searched: searched, Alignments: []Alignment{}, Qualifiers: []Qualifier{}, AlertRate: 1, Band: Weakly,
		}
	}
	names := append([]string{q.Name}, q.Aliases[:min(len(q.Aliases), maxAliases)]...)
	for _, text := range names {
		vs, _ := readName(text)
		for _, v := range vs {
			rate := 1.0
			for ws := v.words; ws != nil; { // as written, then with other spaces
				x.gather(s, ws)
				for i, e := range ents {
					out[i].Alignments = x.alignAll(s, text, v.part, rate, e, out[i].Alignments)
				}
				if rate < 1 {
					break
				}
				ws, rate = x.respaced(s, ws), tune.respaced
			}
		}
	}
	for i, e := range ents {
		x.conclude(s, &out[i], q, opt, e, fs)
	}
	return out
}

// alignAll lays one reading of the query beside each name of an entity and keeps
// the best, best first.
func (x *Index) alignAll(s *scratch, text string, part bool, rate float64, e int, best []Alignment) []Alignment {
	var a alignment
	lay := func(n uint32) float64 {
		x.align(s, s.qwords, n, &a)
		a.score *= rate
		if part {
			a.score *= partOf(&a)
		}
		return round6(a.score)
	}
	// Laying out costs much more than aligning: only what stays is laid out.
	var kept [mostAlignments]struct {
		name  uint32
		score float64
	}
	n := 0
	for name := x.entName[e]; name < x.entName[e+1]; name++ {
		score := lay(name)
		i := n
		for i > 0 && kept[i-1].score < score {
			if i < len(kept) {
				kept[i] = kept[i-1]
			}
			i--
		}
		if i < len(kept) {
			kept[i].name, kept[i].score = name, score
			n = min(n+1, len(kept))
		}
	}
	for _, k := range kept[:n] {
		i := len(best)
		for i > 0 && best[i-1].Score < k.score {
			i--
		}
		if i == mostAlignments {
			break
		}
		lay(k.name)
		best = slices.Insert(best, i, x.layOut(s, text, k.name, &a))
		best = best[:min(len(best), mostAlignments)]
	}
	return best
}

// conclude says what the search made of an entity.
func (x *Index) conclude(s *scratch, ex *Explanation, q Query, opt SearchOptions, e int, fs []found) {
	if opt.Fields == FieldsAll {
		x.ents.facts(e, &s.facts)
		ex.Qualifiers = qualifiers(ex.Qualifiers, q, &s.facts)
	}
	for i, f := range fs {
		if f.ent != uint32(e) {
			continue
		}
		h := x.hit(s, q, opt, f)
		ex.Score, ex.AlertRate, ex.Band, ex.Ambiguous, ex.AskFor = h.Score, h.AlertRate, h.Band, h.Ambiguous, h.AskFor
		if f.byID {
			ex.Notes = append(ex.Notes, "An identifying number agrees; that alone is enough to find the party.")
		} else if i > 0 {
			ex.Notes = append(ex.Notes, fmt.Sprintf("%d listed parties are at least as like; that lowers this one.", i))
		}
	}
	if ex.Score == 0 {
		ex.Notes = append(ex.Notes, "The search does not give this party: too little agrees.")
	}
	if ex.Ambiguous {
		ex.Notes = append(ex.Notes, "Many people bear such a name. The name alone cannot tell; it may not block or refuse.")
	}
}

var classNames = [...]string{"plain", "common", "trade", "given", "patronymic", "number", "initial", "title", "particle", "legal"}

// layOut turns an alignment into words and positions.
func (x *Index) layOut(s *scratch, text string, n uint32, a *alignment) Alignment {
	listed := x.ents.name(int(x.nameEnt[n]), int(x.nameSrc[n]))
	out := Alignment{
		QueryText: text, ListedText: listed.Text, ListedKind: listed.Kind,
		Score: round6(a.score), Agreement: round6(a.agree),
		Matches: []WordMatch{}, QueryOver: []Leftover{}, ListedOver: []Leftover{},
	}
	lw := x.wordsOfName(n, listed.Text)
	pick := func(bits uint64, ws func(i int) word, count int) ([]Span, string) {
		var sp []Span
		t := ""
		for i := range count {
			if bits>>i&1 != 0 {
				w := ws(i)
				sp = append(sp, Span{w.start, w.end})
				if t != "" {
					t += " "
				}
				t += w.text
			}
		}
		return sp, t
	}
	qAt := func(i int) word { return s.qwords[i].word }
	nAt := func(i int) word { return lw[i] }
	fuzzy := false
	for _, p := range a.pairs[:a.np] {
		qs, qt := pick(p.q, qAt, len(s.qwords))
		ls, lt := pick(p.n, nAt, len(lw))
		m := WordMatch{Query: qs, Listed: ls, How: howNames[p.how], Gain: round6(p.gain), Weight: round6(p.weight), As: qt + " = " + lt}
		fuzzy = fuzzy || m.How == Similar
		out.Matches = append(out.Matches, m)
	}
	slices.SortStableFunc(out.Matches, func(p, q WordMatch) int { return p.Query[0].Start - q.Query[0].Start })
	for i := range s.qwords {
		if q := &s.qwords[i]; a.qUsed>>i&1 == 0 {
			out.QueryOver = append(out.QueryOver, Leftover{Span: Span{q.start, q.end}, Word: q.text, Weight: round6(math.Min(tune.leftCap, q.weight)), Kind: classNames[q.class], Else: a.qElse>>i&1 != 0})
		}
	}
	ids := x.nameWord[x.nameAt[n]:x.nameAt[n+1]]
	for j, w := range lw {
		if a.nUsed>>j&1 == 0 {
			out.ListedOver = append(out.ListedOver, Leftover{Span: Span{w.start, w.end}, Word: w.text, Weight: round6(math.Min(tune.leftCap, float64(x.vocab.weight[ids[j]]))), Kind: classNames[x.vocab.class[ids[j]]]})
		}
	}
	note := func(cond bool, t string) {
		if cond {
			out.Notes = append(out.Notes, t)
		}
	}
	note(a.np == 0, "No word agrees.")
	note(a.np > 0 && a.agree < 8, "What agrees is common; ordinary names agree as much by chance.")
	note(fuzzy && a.exactStrong == 0, "No distinctive word agrees exactly; one similar word carries the likeness.")
	note(a.doubted < .95, "Only common names agree, or one word beside words of trade; another party may have the same.")
	note(a.qOver >= 3, "The query has words of weight that this name lacks.")
	note(a.nOver >= 3, "The listed name has words of weight that the query lacks.")
	note(x.nameKind[n]&kindWeak != 0, "The source calls this alias weak.")
	note(x.nameKind[n]&kindPart != 0, "Only a part of the listed text was compared.")
	return out
}

// wordsOfName reads a listed name again to have its words' positions.
func (x *Index) wordsOfName(n uint32, text string) []word {
	ids := x.nameWord[x.nameAt[n]:x.nameAt[n+1]]
	vs, _ := readName(text)
	for _, v := range vs {
		if len(v.words) != len(ids) {
			continue
		}
		same := true
		for i, w := range v.words {
			if w.key != x.vocab.key(ids[i]) {
				same = false
				break
			}
		}
		if same {
			return v.words
		}
	}
	out := make([]word, len(ids)) // the text was read by other rules: words without positions
	for i, id := range ids {
		out[i].text = x.vocab.key(id)
	}
	return out
}

func round6(f float64) float64 { return math.Round(f*1e6) / 1e6 }
