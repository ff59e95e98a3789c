package assessment

import (
	"errors"
	"fmt"

	"github.com/comity-project/comity/policy"
)

// CheckAgainst finds what a pack would pass over in silence: answers to
// questions that it does not ask or that the program derives, answers of
// another kind, kinds of items and of assurances that it does not have. Whoever
// reads a file calls it, so that a misspelt fact is an error and not an unknown.
func (in *Input) CheckAgainst(p *policy.Pack) error {
	var faults []error
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf("assessment: "+format, args...)) }
	if in.Day != "" && !p.InForce(in.Day) {
		bad("the pack %s is not in force on %s", p.ID(), in.Day)
	}
	for _, a := range in.Answers {
		def, ok := p.Fact(a.Fact)
		switch {
		case !ok:
			bad("the pack %s has no fact %q", p.ID(), a.Fact)
		case def.Derived:
			bad("%s follows from the case; it can't be answered", a.Fact)
		case a.Value.Known() && !def.Accepts(a.Value):
			bad("%s can't be %q: it is %s", a.Fact, a.Value, def.Kind)
		}
	}
	for _, l := range in.Lines {
		if l.Confirmed == nil {
			continue
		}
		if _, ok := p.Category(l.Confirmed.Category); !ok {
			bad("line %s: the pack %s has no kind of item %q", l.ID, p.ID(), l.Confirmed.Category)
		}
	}
	kinds := map[string]bool{}
	for _, k := range p.Document().Assurances {
		kinds[k.ID] = true
	}
	for _, a := range in.Assurances {
		if !kinds[a.Kind] {
			bad("the pack %s has no assurance %q", p.ID(), a.Kind)
		}
	}
	if def, ok := p.Fact("user.kind"); ok {
		for _, q := range in.Parties {
			if q.Body != "" && !def.Accepts(policy.Text(q.Body)) {
				bad("party %s: %q is none of the kinds of bodies %v", q.ID, q.Body, def.Values)
			}
		}
	}
	return errors.Join(faults...)
}

// askCategory puts the question that everything else waits for first: what the
// item is, where nobody has confirmed it.
func askCategory(p *policy.Pack, o policy.Outcome, qs []policy.Question) []policy.Question {
	def, ok := p.Fact(policy.FactCategory)
	if o.Category != "" || !ok {
		return qs
	}
	first := policy.Question{Fact: def.Name, Text: def.Question, Help: def.Help, Scope: def.Scope(), Rules: o.Unknown, Binding: true}
	out := []policy.Question{first}
	for _, q := range qs {
		if q.Fact != first.Fact {
			out = append(out, q)
		}
	}
	return out
}
