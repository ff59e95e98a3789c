package controls

import (
	"math"
	"sort"
	"strings"
)

// slot gathers what speaks for one entry of one list.
type slot struct {
	source     *source
	look       *look
	head, code string
	kind       string
	score      float64
	words      []string
	doc        int // place in the ranker, -1 where only a family leads here
}

// look is a text as one source knows it, and the entries nearest to it.
type look struct {
	query  []queryTerm
	ranked []scored
}

func (c *Classifier) look(in *input) []look {
	out := make([]look, len(c.sources))
	for i := range c.sources {
		r := c.sources[i].rank
		out[i].query = r.query(in.words)
		out[i].ranked = r.search(out[i].query, rankedEntries)
	}
	return out
}

// candidates ranks the entries: what a product family leads to first, then what
// the words of the lists are nearest to.
func (c *Classifier) candidates(looks []look, findings []finding, claimed string) []Candidate {
	var all []*slot
	for i := range c.sources {
		all = append(all, c.slots(&c.sources[i], &looks[i], findings, claimed)...)
	}
	sort.SliceStable(all, func(i, j int) bool {
		if all[i].score != all[j].score {
			return all[i].score > all[j].score
		}
		return all[i].head < all[j].head
	})
	if len(all) > maxCandidates {
		all = all[:maxCandidates]
	}
	out := make([]Candidate, 0, len(all))
	for _, sl := range all {
		r := sl.source.rank
		if sl.code == "" {
			sl.code = r.nearest(sl.head, sl.look.query)
		}
		if sl.doc >= 0 {
			sl.words = appendNew(sl.words, r.matchedWords(sl.doc, sl.look.query, 6)...)
		}
		cand := c.describe(sl.source, sl.code)
		cand.Score, cand.Kind, cand.Words = math.Round(sl.score*1000)/1000, sl.kind, sl.words
		out = append(out, cand)
	}
	return out
}

// Weights of what leads to an entry. A family is worth ten for each point of its
// score, its further codes less and less; the best match of words is worth ten.
const (
	familyWorth   = 10
	wordsWorth    = 10
	furtherCodes  = 0.6
	clearedWorth  = 0.6
	softWorth     = 0.3
	claimedWorth  = 0.5
	rankedEntries = 40
)

func (c *Classifier) slots(s *source, lk *look, findings []finding, claimed string) []*slot {
	byHead := map[string]*slot{}
	var order []*slot
	put := func(head string, score float64) *slot {
		sl := byHead[head]
		if sl == nil {
			sl = &slot{source: s, look: lk, head: head, doc: -1}
			byHead[head] = sl
			order = append(order, sl)
		}
		sl.score += score
		return sl
	}
	for _, f := range findings {
		var codes []string
		switch s.regime {
		case "EU":
			codes = f.eu
		case "US":
			codes = f.us
		case "DE":
			codes = f.kind.src.DE
		}
		weight := familyWorth * f.score
		switch {
		case f.soft:
			weight *= softWorth
		case f.status == NotListed:
			weight *= clearedWorth
		}
		counted := map[string]bool{}
		for i, code := range codes {
			head := Head(code)
			if counted[head] || code == "EAR99" && i > 0 {
				continue
			}
			counted[head] = true
			sl := put(head, weight*math.Pow(furtherCodes, float64(i)))
			if sl.kind == "" {
				sl.kind, sl.code = f.kind.src.Name, code
			}
			sl.words = appendNew(sl.words, f.cues...)
		}
	}
	for _, r := range lk.ranked {
		put(s.rank.heads[r.doc], wordsWorth*r.score/lk.ranked[0].score).doc = r.doc
	}
	if claimed != "" && s.regime == c.primary {
		if sl := put(Head(claimed), claimedWorth); sl.code == "" {
			sl.code = claimed
		}
	}
	return order
}

// describe fills a candidate from the list and from our own words.
func (c *Classifier) describe(s *source, code string) Candidate {
	cand := Candidate{Code: code, Head: Head(code), List: s.regime}
	regime := s.regime
	if strings.HasPrefix(code, "TORT-") {
		regime = "TORT"
	}
	if s.list != nil {
		cand.List, cand.Version = s.list.ID, s.list.Version
		if e, ok := s.list.Nearest(code); ok && regime != "TORT" {
			cand.Text, cand.Verified, cand.Places = e.Text, true, e.Destinations
			cand.Releases = append(cand.Releases, s.list.Releases(code)...)
		}
	}
	if sum, ok := c.summary(regime, code); ok {
		cand.Title, cand.Summary, cand.Question = sum.Title, sum.Summary, sum.Question
		if regime == "TORT" {
			cand.List, cand.Version = "eu-anti-torture", sum.Source
		}
		if !cand.Verified {
			cand.Verified = sum.Verified
		}
		if len(cand.Releases) == 0 {
			for _, r := range sum.Releases {
				cand.Releases = append(cand.Releases, Note{Kind: "in our own words", Text: r, Release: true})
			}
		}
	}
	return cand
}

// summary finds our own words for a code or the nearest code above it.
func (c *Classifier) summary(regime, code string) (Summary, bool) {
	for code != "" {
		if i, ok := c.summaries[regime+":"+code]; ok {
			return c.content.Summaries[i], true
		}
		i := strings.LastIndexByte(code, '.')
		if i < 0 {
			break
		}
		code = code[:i]
	}
	return Summary{}, false
}
