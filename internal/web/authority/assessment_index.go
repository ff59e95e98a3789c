package authority

import (
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/policy"
)

// section is the tests of a line that stand alike: those that wait for a person
// first.
type section struct {
	Name  string // "open", "unknown", "met", "not_met": part of the message keys
	Tests []test
}

// sections parts the tests: those without a finding or with one that the facts
// have left behind, then met, unknown and not met. Empty ones are left out.
func (a *assessed) sections() []section {
	all := []section{{Name: "open"}, {Name: "met"}, {Name: "unknown"}, {Name: "not_met"}}
	for _, t := range a.Tests {
		at := 0
		switch {
		case !a.Held && (t.Made == nil || t.Moved):
		case t.Now == policy.Met:
			at = 1
		case t.Now == policy.Unknown:
			at = 2
		default:
			at = 3
		}
		all[at].Tests = append(all[at].Tests, t)
	}
	var out []section
	for _, s := range all {
		if len(s.Tests) > 0 {
			out = append(out, s)
		}
	}
	return out
}

// tally is how the tests of a line stand.
type tally struct{ Met, Unknown, Open int }

// tallies count by line: what is met and unknown with what people found, and the
// findings that are missing or that the facts have left behind.
func (a *assessed) tallies() map[string]tally {
	out := map[string]tally{}
	for _, v := range a.Views {
		out[v.Line] = tally{Met: len(v.Met), Unknown: len(v.Undecided) + len(v.Unknowns)}
	}
	for _, i := range a.Missing {
		if strings.HasPrefix(i.Key, "assessment.missing.finding") {
			line, _ := i.Args["line"].(string)
			t := out[line]
			t.Open++
			out[line] = t
		}
	}
	return out
}

// unknown is a fact that tests of the line wait for.
type unknown struct {
	Fact  string
	Tests []test
}

// unknowns are the facts that tests wait for: those of most tests first, and of
// tests that can refuse before those that weigh.
func (a *assessed) unknowns() []unknown {
	var out []unknown
	at := map[string]int{}
	for _, t := range slices.Concat(a.Tests, a.Others) {
		if t.Now != policy.Unknown {
			continue
		}
		for _, name := range t.Finding.Missing {
			i, known := at[name]
			if !known {
				i = len(out)
				at[name], out = i, append(out, unknown{Fact: name})
			}
			out[i].Tests = append(out[i].Tests, t)
		}
	}
	slices.SortStableFunc(out, func(x, y unknown) int { return len(y.Tests) - len(x.Tests) })
	return out
}

// hitFacts are the facts that matches with lists of a kind answer.
var hitFacts = map[string]assessment.ListKind{
	"party.sanctioned": assessment.Sanctions, "party.entity_listed": assessment.Restricted, "party.denied": assessment.Denials,
}

// matchesShown bounds the matches beside one test; the rest stands with the parties.
const matchesShown = 5

// matches are the hits that a test rests on or waits for, those to be answered
// first; more is how many are not among them.
func (a *assessed) matches(t test) (shown []assessment.HitState, more int) {
	kinds := map[assessment.ListKind]bool{}
	for _, f := range t.Facts {
		kinds[hitFacts[f.Name]] = true
	}
	for _, name := range t.Finding.Missing {
		kinds[hitFacts[name]] = true
	}
	delete(kinds, "")
	var open, rest []assessment.HitState
	for _, h := range a.Assessment.Hits {
		switch {
		case !kinds[h.Kind] || h.Gone || h.Band == assessment.FaintBand && h.Outcome == "":
		case h.Outcome == assessment.Different:
			rest = append(rest, h)
		default:
			open = append(open, h)
		}
	}
	all := append(open, rest...)
	return all[:min(len(all), matchesShown)], max(0, len(all)-matchesShown)
}
