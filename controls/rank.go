package controls

import (
	"math"
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
	postings map[string][]posting
	rows     map[string][]row // paragraphs of each head, to name the nearest one
	idf      map[string]float64
}

type posting struct {
	doc int
	tf  float64
}

type row struct {
	code  string
	stems map[string]bool
}

type scored struct {
	doc   int
	score float64
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
	return &ranker{postings: map[string][]posting{}, rows: map[string][]row{}, idf: map[string]float64{}}
}

// document adds one entry with its weighted texts.
func (r *ranker) document(head string, texts map[string]float64) {
	tf := map[string]float64{}
	total := 0.0
	keys := make([]string, 0, len(texts))
	for t := range texts {
		keys = append(keys, t)
	}
	sort.Strings(keys)
	for _, t := range keys {
		for _, tok := range tokens(t) {
			s := stemOf(foldWord(strings.ToLower(tok.raw)))
			if len(s) < 2 || stopWords[s] {
				continue
			}
			tf[s] += texts[t]
			total += texts[t]
		}
	}
	doc := len(r.heads)
	r.heads = append(r.heads, head)
	r.length = append(r.length, total)
	terms := make([]string, 0, len(tf))
	for s := range tf {
		terms = append(terms, s)
	}
	sort.Strings(terms)
	for _, s := range terms {
		r.postings[s] = append(r.postings[s], posting{doc, tf[s]})
	}
}

func (r *ranker) finish() {
	sum := 0.0
	for _, l := range r.length {
		sum += l
	}
	n := float64(len(r.heads))
	if n == 0 {
		return
	}
	r.average = sum / n
	for s, p := range r.postings {
		df := float64(len(p))
		r.idf[s] = math.Log(1 + (n-df+0.5)/(df+0.5))
	}
}

// search scores the heads for the words of a text, best first.
func (r *ranker) search(ws []word, limit int) []scored {
	const k1, b = 1.2, 0.6
	scores := make([]float64, len(r.heads))
	seen := make(map[string]bool, len(ws))
	for _, w := range ws {
		if w.aside || stopWords[w.stem] || seen[w.stem] {
			continue
		}
		seen[w.stem] = true
		weight := r.idf[w.stem]
		if w.negated {
			weight *= 0.2
		}
		for _, p := range r.postings[w.stem] {
			norm := k1 * (1 - b + b*r.length[p.doc]/r.average)
			scores[p.doc] += weight * p.tf * (k1 + 1) / (p.tf + norm)
		}
	}
	var out []scored
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
func (r *ranker) nearest(head string, ws []word) string {
	best, at := 0.0, head
	for _, row := range r.rows[head] {
		s := 0.0
		for _, w := range ws {
			if !w.aside && !w.negated && row.stems[w.stem] {
				s += r.idf[w.stem]
			}
		}
		s /= 1 + math.Log1p(float64(len(row.stems)))/4
		if s > best+1e-9 {
			best, at = s, row.code
		}
	}
	return at
}

// matchedWords lists the words of the text that an entry shares, most telling first.
func (r *ranker) matchedWords(doc int, ws []word, limit int) []string {
	type item struct {
		text string
		idf  float64
	}
	var items []item
	seen := map[string]bool{}
	for _, w := range ws {
		if w.aside || w.negated || stopWords[w.stem] || seen[w.stem] {
			continue
		}
		seen[w.stem] = true
		p := r.postings[w.stem]
		i := sort.Search(len(p), func(i int) bool { return p[i].doc >= doc })
		if i < len(p) && p[i].doc == doc {
			items = append(items, item{w.text, r.idf[w.stem]})
		}
	}
	sort.SliceStable(items, func(i, j int) bool { return items[i].idf > items[j].idf })
	var out []string
	for i, it := range items {
		if i == limit {
			break
		}
		out = append(out, it.text)
	}
	return out
}
