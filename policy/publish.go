package policy

import (
	"errors"
	"fmt"
)

// Publishable tells whether the pack may be put in force: every rule has tests
// that come out as they say, at least one that meets it and one that does not,
// and a binding rule also one that leaves it unknown; every table has one row
// for each state of its inputs, and tests of each row. The error names
// everything that falls short.
func (p *Pack) Publishable() error {
	if faults := p.Shortfalls(); len(faults) > 0 {
		return fmt.Errorf("policy: pack %q can't be published: %w", p.doc.ID, errors.Join(faults...))
	}
	return nil
}

// Shortfalls is everything that keeps the pack from being published.
func (p *Pack) Shortfalls() []error {
	var faults []error
	if len(p.rules) == 0 {
		faults = append(faults, errors.New("the pack has no rules"))
	}
	for i := range p.tables {
		faults = append(faults, p.check(&p.tables[i])...)
		faults = append(faults, p.runRows(&p.tables[i])...)
	}
	for i := range p.doc.Rules { // rows of tables have the tests of their table
		r := &p.rules[i]
		seen := map[Status]bool{}
		for _, t := range r.Tests {
			got, err := p.run(r, t)
			if err != nil {
				faults = append(faults, err)
				continue
			}
			if got != t.Want {
				faults = append(faults, fmt.Errorf("rule %s, test %q: got %s, want %s", r.ID, t.Name, got, t.Want))
			}
			seen[t.Want] = true
		}
		if !seen[Met] || !seen[NotMet] {
			faults = append(faults, fmt.Errorf("rule %s needs a test that meets it and one that does not", r.ID))
		}
		if r.Force.Binding() && !seen[Unknown] {
			faults = append(faults, fmt.Errorf("rule %s refuses, so it needs a test that leaves it unknown", r.ID))
		}
	}
	return faults
}

// run puts one test to its rule, whatever its day and body of law.
func (p *Pack) run(r *rule, t Case) (Status, error) {
	facts := make(Facts, len(t.Facts))
	for name, v := range t.Facts {
		def := p.doc.Facts[p.index[name]]
		if v.Known() && !def.Accepts(v) {
			return "", fmt.Errorf("rule %s, test %q: %s can't be %s", r.ID, t.Name, name, v)
		}
		facts[name] = Fact{Value: v}
	}
	got, _, _ := p.put(r, p.bind(facts), false)
	return got, nil
}
