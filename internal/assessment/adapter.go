package assessment

import (
	"sort"
	"strings"

	"github.com/comity-project/comity/controls"
	"github.com/comity-project/comity/policy"
	"github.com/comity-project/comity/screening"
)

// FaintBand is the band of hits that are no more alike than many ordinary names.
const FaintBand = string(screening.Weakly)

// WithControls makes a Classifier of the controls engine.
func WithControls(c *controls.Classifier) Classifier { return classifier{c} }

type classifier struct{ engine *controls.Classifier }

func (c classifier) Classify(it Item) Suggestions {
	text := it.Description
	if it.Sheet != "" {
		text += "\n" + it.Sheet
	}
	r := c.engine.Classify(controls.Item{Name: it.PartNumber, Description: text, ClaimedCode: it.ClaimedCode})
	s := Suggestions{Status: string(r.Status), CatchAll: r.CatchAll.Answer, Reasons: r.Reasons, Candidates: []Candidate{}}
	for _, k := range r.Candidates {
		out := Candidate{List: strings.TrimSpace(k.List + " " + k.Version), Code: k.Code, Score: k.Score, Text: k.Text, Question: k.Question}
		if out.Text == "" {
			out.Text = k.Summary
		}
		for _, n := range k.Releases {
			out.Releases = append(out.Releases, n.Text)
		}
		s.Candidates = append(s.Candidates, out)
	}
	for _, k := range r.Categories {
		s.Categories = append(s.Categories, k.ID)
	}
	for _, p := range r.CatchAll.Paths {
		s.Reasons = append(s.Reasons, p.Harm)
	}
	for _, p := range r.Protective {
		s.Protective = append(s.Protective, p.Name+": "+p.Why)
	}
	for _, q := range r.Questions {
		s.Questions = append(s.Questions, q.Text)
	}
	for _, l := range r.Lists {
		s.Lists = append(s.Lists, strings.TrimSpace(l.ID+" "+l.Version))
	}
	return s
}

// ListInfo is what the register of lists says of one list in a screening index.
type ListInfo struct {
	Kind    ListKind
	Date    policy.Date
	Version string // hash
}

// WithScreening makes a Screener of a screening index. lists says what it means
// to be on each of the index's lists, by short name; a list it does not name is
// a watch list. notSearched are the lists that should have been searched.
func WithScreening(x *screening.Index, lists map[string]ListInfo, notSearched []string) Screener {
	return screener{x, lists, notSearched}
}

type screener struct {
	index       *screening.Index
	info        map[string]ListInfo
	notSearched []string
}

// maxHitsShown bounds the hits of one name.
const maxHitsShown = 10

func (s screener) Screen(sub Subject) []Hit {
	q := screening.Query{Name: sub.Name, Aliases: sub.Aliases, Country: sub.Country, Address: sub.Address, Type: screening.Organisation}
	if sub.Person {
		q.Type = screening.Person
	}
	for _, id := range sub.IDs {
		q.IDs = append(q.IDs, screening.Ident{Kind: id.Kind, Value: id.Value, Country: id.Country})
	}
	var out []Hit
	for _, h := range s.index.Search(q, screening.SearchOptions{Limit: maxHitsShown}).Hits {
		out = append(out, Hit{
			List: h.List, Kind: s.kind(h.List), Entry: h.EntityID, Shown: h.Shown, Matched: h.Matched, Score: h.Score, Band: string(h.Band),
			Faint: string(h.Band) == FaintBand && !h.ByID, Evidence: h.Qualifies, AskFor: h.AskFor,
		})
	}
	return out
}

func (s screener) kind(list string) ListKind {
	if i, ok := s.info[list]; ok {
		return i.Kind
	}
	return Watch
}

func (s screener) Lists() []Searched {
	seen := map[string]bool{}
	var out []Searched
	for _, name := range s.index.Search(screening.Query{}, screening.SearchOptions{Limit: 1}).Searched.Lists {
		if !seen[name] {
			seen[name] = true
			i := s.info[name]
			out = append(out, Searched{List: name, Kind: s.kind(name), Date: i.Date, Version: i.Version})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].List < out[j].List })
	return out
}

func (s screener) NotSearched() []string { return s.notSearched }
