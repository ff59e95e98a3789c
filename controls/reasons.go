package controls

import (
	"fmt"
	"strings"
)

// maxQuestions keeps an interview short: what matters most comes first.
const maxQuestions = 6

// openQuestions gathers what would still change the answer: first the questions
// of the product families in play, then of the leading entries, then of paths
// to harm whose level is open.
func openQuestions(findings []finding, res Result) []Question {
	var out []Question
	seen := map[string]bool{}
	add := func(q Question) {
		if q.Text != "" && !seen[q.Text] && !seen[q.Key] && len(out) < maxQuestions {
			seen[q.Text], seen[q.Key] = true, true
			out = append(out, q)
		}
	}
	if res.Status == NeedsExpert {
		for _, f := range findings {
			for _, q := range f.questions {
				add(q)
			}
		}
		if len(out) == 0 {
			for i, cand := range res.Candidates {
				if i < 3 {
					add(Question{Key: "entry." + cand.Code, Text: cand.Question, Codes: []string{cand.Code}})
				}
			}
		}
	}
	if res.Status != Listed {
		for _, p := range res.CatchAll.Paths {
			if p.Level == "maybe" {
				add(Question{Key: pathQuestion + p.ID, Text: p.Ask})
			}
		}
	}
	return out
}

// reasons writes the finding as plain sentences, the deciding one first.
func (c *Classifier) reasons(in *input, it Item, findings []finding, res Result) []string {
	var out []string
	switch res.Status {
	case Listed:
		out = append(out, fmt.Sprintf("Listed: the description is that of %s.", codesAndNames(findings, c.primary)))
	case NotListed:
		out = append(out, fmt.Sprintf("Not listed in the %s list, as far as the description goes. Not listed is not the same as no concern: end user and end use are looked at apart from this.", c.primary))
	default:
		if len(findings) == 0 {
			out = append(out, "For an expert: no product family we know fits the description. The entries nearest in wording are named; none of them was found to apply or not to apply.")
		} else {
			out = append(out, "For an expert: what decides is not in the description.")
		}
	}
	for _, f := range findings {
		for _, r := range f.reasons {
			out = appendNew(out, f.kind.src.Name+": "+r)
		}
	}
	for _, r := range res.Regimes {
		if r.Regime != c.primary && len(r.Codes) > 0 {
			out = append(out, fmt.Sprintf("%s list: %s (%s).", r.Regime, strings.ReplaceAll(string(r.Status), "_", " "), strings.Join(r.Codes, ", ")))
		}
	}
	if it.ClaimedCode != "" {
		out = append(out, c.claim(it.ClaimedCode, res))
	}
	if in.asides {
		out = append(out, "The description contains sentences that speak to the reader or state a classification. They were not taken as facts about the product.")
	}
	if in.cut {
		out = append(out, fmt.Sprintf("Only the first %d bytes of the description were read.", MaxText))
	}
	for _, p := range res.Protective {
		out = append(out, "Protective use ("+p.Name+"): "+p.Why)
	}
	out = append(out, res.CatchAll.Why)
	return out
}

func codesAndNames(findings []finding, regime string) string {
	var parts []string
	for _, f := range findings {
		s, codes := f.status, f.eu
		if regime != "EU" {
			s, codes = f.statusUS()
		}
		if s == Listed {
			parts = append(parts, fmt.Sprintf("%s (%s)", f.kind.src.Name, strings.Join(codes, ", ")))
		}
	}
	return strings.Join(parts, "; ")
}

// claim compares the applicant's code with the finding.
func (c *Classifier) claim(code string, res Result) string {
	h := Head(code)
	for i, cand := range res.Candidates {
		if cand.Head == h && i < 5 {
			return fmt.Sprintf("The code claimed (%s) is among the entries nearest to the description.", code)
		}
	}
	return fmt.Sprintf("The code claimed (%s) is not among the five entries nearest to the description: ask why it was chosen.", code)
}
