package policy

import (
	"fmt"
)

// compileProcess compiles the conditions of everything in a pack that is not a test.
func (p *Pack) compileProcess(comp *compiler) []error {
	var faults []error
	ids := map[string]bool{}
	one := func(kind, id, when string) *condition {
		if id == "" || ids[kind+id] {
			faults = append(faults, fmt.Errorf("%s %q stands twice or has no id", kind, id))
		}
		ids[kind+id] = true
		c, err := comp.compile(when)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s %s: %w", kind, id, err))
		}
		return c
	}
	faults = append(faults, p.checkProfiles()...)
	for _, x := range p.doc.Advice {
		p.advice = append(p.advice, one("advice", x.ID, x.When))
	}
	for _, x := range p.doc.Countersignatures {
		p.counter = append(p.counter, one("countersignature", x.ID, x.When))
	}
	for _, x := range p.doc.Sharing {
		p.sharing = append(p.sharing, one("sharing", x.ID, x.When))
		if x.With == "" || x.What == "" || x.Source == "" {
			faults = append(faults, fmt.Errorf("sharing %s needs with whom, what and a source", x.ID))
		}
	}
	for _, x := range p.doc.Assurances {
		p.assurances = append(p.assurances, one("assurance", x.ID, x.When))
		if len(x.Checks) == 0 {
			faults = append(faults, fmt.Errorf("assurance %s names no check that would verify it", x.ID))
		}
	}
	for _, x := range p.doc.Conditions {
		p.conditions = append(p.conditions, one("condition", x.ID, x.When))
	}
	for _, x := range p.doc.Periods {
		one("period", x.ID, "")
		if x.Days < 1 || x.Days > 3660 || x.Source == "" {
			faults = append(faults, fmt.Errorf("period %s needs days and a source", x.ID))
		}
		if len(x.Starts) == 0 && len(x.Stops)+len(x.Ends)+len(x.Kinds) > 0 || len(x.Starts) > 0 && len(x.Ends) == 0 {
			faults = append(faults, fmt.Errorf("period %s needs what begins and what ends it, or neither", x.ID))
		}
		if x.AsOf != "" && !x.AsOf.Valid() {
			faults = append(faults, fmt.Errorf("period %s: %q is no day", x.ID, x.AsOf))
		}
	}
	for i, x := range p.doc.Scrutiny {
		if x.Indicator == "" || (x.AtMost == nil) == (x.AtLeast == nil) || x.Level.rank() < 1 {
			faults = append(faults, fmt.Errorf("scrutiny row %d needs an indicator, one bound and a level above ordinary", i+1))
		}
	}
	return faults
}

// AdviceFor is whose advice a line with these facts needs. Where a condition is
// unknown the advice is needed.
func AdviceFor(p *Pack, facts Facts) []Advice {
	vars := p.bind(facts)
	var out []Advice
	for i, x := range p.doc.Advice {
		if got := p.advice[i].answer(vars); got != no {
			out = append(out, x)
		}
	}
	return out
}

// CountersignaturesFor is who else must sign a decision on a line with these
// facts; outcome is "approve" or "refuse". Where a condition is unknown the
// signature is needed.
func CountersignaturesFor(p *Pack, facts Facts, outcome string) []Countersignature {
	vars := p.bind(facts)
	var out []Countersignature
	for i, x := range p.doc.Countersignatures {
		if x.Outcome != "any" && x.Outcome != outcome {
			continue
		}
		if got := p.counter[i].answer(vars); got != no {
			out = append(out, x)
		}
	}
	return out
}

// SharingFor is who is told what of a decision on a line with these facts;
// outcome is "approve" or "refuse". Nothing is told while a condition is unknown:
// what was told can't be taken back.
func SharingFor(p *Pack, facts Facts, outcome string) []Sharing {
	vars := p.bind(facts)
	var out []Sharing
	for i, x := range p.doc.Sharing {
		if (x.Outcome == "any" || x.Outcome == outcome) && p.sharing[i].answer(vars) == yes {
			out = append(out, x)
		}
	}
	return out
}

// AssurancesFor are the assurances that must have been sought for a line with
// these facts before it may be approved. Where a condition is unknown the
// assurance must be sought.
func AssurancesFor(p *Pack, facts Facts) []AssuranceKind {
	vars := p.bind(facts)
	var out []AssuranceKind
	for i, x := range p.doc.Assurances {
		if got := p.assurances[i].answer(vars); got != no {
			out = append(out, x)
		}
	}
	return out
}

// ConditionsFor are the licence conditions of the library that suit a line with
// these facts, those that narrow the licence itself first.
func ConditionsFor(p *Pack, facts Facts) []Condition {
	vars := p.bind(facts)
	var narrow, rest []Condition
	for i, x := range p.doc.Conditions {
		if got := p.conditions[i].answer(vars); got != yes {
			continue
		}
		if x.Narrow {
			narrow = append(narrow, x)
		} else {
			rest = append(rest, x)
		}
	}
	return append(narrow, rest...)
}

// Period finds a clock of the pack by its id.
func (p *Pack) Period(id string) (Period, bool) {
	for _, x := range p.doc.Periods {
		if x.ID == id {
			return x, true
		}
	}
	return Period{}, false
}

// Assurance is what is known of one promise by a recipient.
type Assurance struct {
	Kind     string `json:"kind" yaml:"kind"` // id of an AssuranceKind
	Sought   bool   `json:"sought" yaml:"sought"`
	Given    bool   `json:"given" yaml:"given"`
	Declined bool   `json:"declined,omitempty" yaml:"declined,omitempty"`
	Verified bool   `json:"verified,omitempty" yaml:"verified,omitempty"` // the signatory's authority is on record and the check named below was done
	Check    string `json:"check,omitempty" yaml:"check,omitempty"`       // what verifies it
	Broken   bool   `json:"broken,omitempty" yaml:"broken,omitempty"`     // this one, or an earlier one of the same giver
	Text     string `json:"text,omitempty" yaml:"text,omitempty"`
}

// Counts tells whether the assurance is a safeguard. One that is unverified,
// broken, or that nothing checks, counts as absent.
func (a Assurance) Counts() bool {
	return a.Given && !a.Declined && a.Verified && a.Check != "" && !a.Broken
}
