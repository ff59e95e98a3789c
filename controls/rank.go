package controls

import (
	"maps"
	"math"
	"slices"
	"sort"
	"strings"
)

// ranker finds the entries of one list that speak of the same things as a text
// (BM25 over whole entries: text and notes of all paragraphs, and our own words
// where we have any).
type ranker struct {
	heads    []string
	length   []float64
	average  float64
	terms    map[string]int // stem to its number
	postings [][]posting    // by number of the stem
	idf      []float64
	rows     map[string][]row // paragraphs of each head, to name the nearest one
}

type posting struct {
	doc int
	tf  float64
}

// row is one paragraph: the numbers of its stems, sorted.
type row struct {
	code  string
	stems []int
}

func (r row) has(term int) bool {
	i := sort.SearchInts(r.stems, term)
	return i < len(r.stems) && r.stems[i] == term
}

type scored struct {
	doc   int
	score float64
}

// queryTerm is one telling word of a text as a list knows it.
type queryTerm struct {
	text    string
	term    int // -1: the list does not know the word
	weight  float64
	negated bool
}

var stopWords = func() map[string]bool {
	out := map[string]bool{}
	for _, w := range tokens("a an and any all as at be been being by can for from has have having in into is it its more most no not of on or other such than that the their them then there these they this to used using use was were which who will with without within when where per each both following specified specially designed modified therefor control controlled equipment system item device product made sold via up over under one two our we you i our customer new high small large several also only very purpose") {
		f := foldWord(w.raw)
		out[f], out[stemOf(f)] = true, true
	}
	return out
}()

func newRanker() *ranker {
	return &ranker{terms: map[string]int{}, rows: map[string][]row{}}
}

// number gives a stem its number.
func (r *ranker) number(stem string) int {
	n, ok := r.terms[stem]
	if !ok {
		n = len(r.postings)
		r.terms[stem] = n
		r.postings = append(r.postings, nil)
	}
	return n
}

// stems lists the telling stems of a text.
func stems(text string) []string {
	var out []string
	for _, tok := range tokens(text) {
		if s := stemOf(foldWord(strings.ToLower(tok.raw))); len(s) > 1 && !stopWords[s] {
			out = append(out, s)
		}
	}
	return out
}

// document adds one entry with its weighted texts.
func (r *ranker) document(head string, texts map[string]float64) {
	tf := map[string]float64{}
	total := 0.0
	for _, t := range slices.Sorted(maps.Keys(texts)) {
		for _, s := range stems(t) {
			tf[s] += texts[t]
			total += texts[t]
		}
	}
	doc := len(r.heads)
	r.heads = append(r.heads, head)
	r.length = append(r.length, total)
	for _, s := range slices.Sorted(maps.Keys(tf)) {
		n := r.number(s)
		r.postings[n] = append(r.postings[n], posting{doc, tf[s]})
	}
}

// paragraph adds one row of an entry.
func (r *ranker) paragraph(head, code, text string) {
	seen := map[int]bool{}
	out := row{code: code}
	for _, s := range stems(text) {
		if n := r.number(s); !seen[n] {
			seen[n] = true
			out.stems = append(out.stems, n)
		}
	}
	sort.Ints(out.stems)
	r.rows[head] = append(r.rows[head], out)
}

func (r *ranker) finish() {
	sum := 0.0
	for _, l := range r.length {
		sum += l
	}
	n := float64(len(r.heads))
	r.idf = make([]float64, len(r.postings))
	if n == 0 {
		return
	}
	r.average = sum / n
	for i, p := range r.postings {
		df := float64(len(p))
		r.idf[i] = math.Log(1 + (n-df+0.5)/(df+0.5))
	}
}

// query reads a text in the terms of the list.
func (r *ranker) query(ws []word) []queryTerm {
	out := make([]queryTerm, 0, len(ws))
	seen := make(map[string]bool, len(ws))
	for _, w := range ws {
		if w.aside || stopWords[w.stem] || len(w.stem) < 2 || seen[w.stem] {
			continue
		}
		seen[w.stem] = true
		q := queryTerm{text: w.text, term: -1, negated: w.negated}
		if n, ok := r.terms[w.stem]; ok {
			q.term, q.weight = n, r.idf[n]
		}
		out = append(out, q)
	}
	return out
}

// search scores the heads for a text, best first.
func (r *ranker) search(query []queryTerm, limit int) []scored {
	const k1, b, whenNegated = 1.2, 0.6, 0.2
	scores := make([]float64, len(r.heads))
	for _, q := range query {
		if q.term < 0 {
			continue
		}
		weight := q.weight
		if q.negated {
			weight *= whenNegated
		}
		for _, p := range r.postings[q.term] {
			norm := k1 * (1 - b + b*r.length[p.doc]/r.average)
			scores[p.doc] += weight * p.tf * (k1 + 1) / (p.tf + norm)
		}
	}
	out := make([]scored, 0, len(scores))
	for doc, s := range scores {
		if s > 0 {
			out = append(out, scored{doc, s})
		}
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].score != out[j].score {
			return out[i].score > out[j].score
		}
		return r.heads[out[i].doc] < r.heads[out[j].doc]
	})
	if len(out) > limit {
		out = out[:limit]
	}
	return out
}

// nearest names the paragraph of an entry that shares most with the text.
func (r *ranker) nearest(head string, query []queryTerm) string {
	best, at := 0.0, head
	for _, row := range r.rows[head] {
		s := 0.0
		for _, q := range query {
			if q.term >= 0 && !q.negated && row.has(q.term) {
				s += q.weight
			}
		}
		if s == 0 {
			continue
		}
		s /= 1 + math.Log1p(float64(len(row.stems)))/4
		if s > best+1e-9 {
			best, at = s, row.code
		}
	}
	return at
}

// covers names a paragraph of an entry that holds nearly all telling words of a
// text of some length.
func (r *ranker) covers(head string, query []queryTerm) string {
	const enough, share, unknownWeight = 4, 0.8, 4
	all := 0.0
	for _, q := range query {
		if q.weight == 0 { // a word the list does not know speaks against an echo
			all += unknownWeight
		}
		all += q.weight
	}
	for _, row := range r.rows[head] {
		in, n := 0.0, 0
		for _, q := range query {
			if q.term >= 0 && row.has(q.term) {
				in += q.weight
				n++
			}
		}
		if n >= enough && in >= share*all {
			return row.code
		}
	}
	return ""
}

// matchedWords lists the words of the text that an entry shares, most telling first.
func (r *ranker) matchedWords(doc int, query []queryTerm, limit int) []string {
	var items []queryTerm
	for _, q := range query {
		if q.term < 0 || q.negated {
			continue
		}
		p := r.postings[q.term]
		i := sort.Search(len(p), func(i int) bool { return p[i].doc >= doc })
		if i < len(p) && p[i].doc == doc {
			items = append(items, q)
		}
	}
	sort.SliceStable(items, func(i, j int) bool { return items[i].weight > items[j].weight })
	var out []string
	for i, it := range items {
		if i == limit {
			break
		}
		out = append(out, it.text)
	}
	return out
}
