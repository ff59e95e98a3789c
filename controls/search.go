package controls

import "strings"

// Found is one hit of a search in a list.
type Found struct {
	Entry Entry    `json:"entry"` // the paragraph nearest to the words
	Score float64  `json:"score"` // comparable within one search only
	Words []string `json:"words"`
}

// Searcher finds entries of one list by words or by code. Build it once for a
// list version; it is safe for concurrent use.
type Searcher struct {
	list *List
	rank *ranker
}

// NewSearcher indexes a list. content may be nil; with it, words of the trade
// find entries too ("IMSI catcher").
func NewSearcher(l *List, content *Content) *Searcher {
	var own map[string]map[string]float64
	if content != nil {
		c := &Classifier{content: content}
		own = c.thesaurus()[l.Regime()]
	}
	return &Searcher{list: l, rank: indexList(l, own)}
}

// Search returns at most limit entries, best first. A code finds that entry and
// what lies below it.
func (s *Searcher) Search(query string, limit int) []Found {
	var out []Found
	if code := strings.TrimSuffix(strings.TrimSpace(query), "."); code != "" {
		if _, ok := s.list.Find(code); ok {
			for _, e := range s.list.Under(code) {
				if len(out) == limit {
					return out
				}
				out = append(out, Found{Entry: e, Score: 1, Words: []string{code}})
			}
			return out
		}
	}
	if len(query) > MaxText {
		query = strings.ToValidUTF8(query[:MaxText], "")
	}
	terms := s.rank.query(words(query))
	for _, r := range s.rank.search(terms, limit) {
		head := s.rank.heads[r.doc]
		e, ok := s.list.Find(s.rank.nearest(head, terms))
		if !ok {
			continue
		}
		out = append(out, Found{Entry: e, Score: r.score, Words: s.rank.matchedWords(r.doc, terms, 8)})
	}
	return out
}
