package policy

import (
	"slices"
	"sort"
)

// Support is one fact and the rules that it carries.
type Support struct {
	NamedFact
	Rules []string `json:"rules"` // in the order of the pack, binding ones first
}

// Supports are the facts that speak against a line and those that speak for it,
// strongest first: those that carry more binding rules, then more rules.
//
// A fact speaks against the line where it alone, beside what is derived from the
// case and what the item is, meets a rule that is met. It speaks for the line
// where without it a binding rule that is not met would be unknown. The findings
// are those of Evaluate on the same facts, so only rules that read a fact are
// put to the test again.
func Supports(p *Pack, on Date, facts Facts, findings []Finding) (against, in []Support) {
	bare := Facts{}
	var answers []string
	for name, f := range facts {
		def, ok := p.Fact(name)
		switch {
		case !ok || !f.Value.Known():
		case def.Derived || def.Scope() == "item":
			bare[name] = f
		default:
			answers = append(answers, name)
		}
	}
	slices.Sort(answers)
	few, all := p.bind(bare), p.bind(facts)
	for _, name := range answers {
		var meets, clears []string
		slot := p.index[name]
		known, open := all.values[slot], p.unknowns[slot]
		for _, i := range p.readers[name] {
			f := findings[i]
			switch {
			case f.Status == Met && (f.Force.Binding() || f.Force == Weigh):
				if p.finding(i, on, few, false).Status != Met && p.finding(i, on, few.with(slot, known), false).Status == Met {
					meets = append(meets, f.Rule)
				}
			case f.Status == NotMet && f.Force.Binding():
				if p.finding(i, on, all.with(slot, open), false).Status == Unknown {
					clears = append(clears, f.Rule)
				}
			}
			few.values[slot], all.values[slot] = open, known
		}
		if len(meets) > 0 {
			against = append(against, Support{NamedFact{name, facts[name]}, p.bindingFirst(meets)})
		}
		if len(clears) > 0 {
			in = append(in, Support{NamedFact{name, facts[name]}, clears})
		}
	}
	p.strongest(against)
	p.strongest(in)
	return against, in
}

func (p *Pack) bindingFirst(rules []string) []string {
	sort.SliceStable(rules, func(i, j int) bool { return p.binds(rules[i]) && !p.binds(rules[j]) })
	return rules
}

func (p *Pack) binds(rule string) bool { return p.rules[p.byID[rule]].Force.Binding() }

func (p *Pack) strongest(s []Support) {
	weight := func(x Support) (binding, all int) {
		for _, r := range x.Rules {
			if p.binds(r) {
				binding++
			}
		}
		return binding, len(x.Rules)
	}
	sort.SliceStable(s, func(i, j int) bool {
		bi, ai := weight(s[i])
		bj, aj := weight(s[j])
		if bi != bj {
			return bi > bj
		}
		return ai > aj
	})
}

// maxTurn is how many facts Turns looks at together.
const maxTurn = 4

// Turns finds the smallest sets of answers that, the other way round, would
// leave no prohibition or refusal met: what would have to be different for the
// line not to be refused. It looks at sets of up to four yes-or-no answers; nil
// where the line is not refused, or where more would have to be different.
func Turns(p *Pack, on Date, facts Facts) [][]string {
	refused := func(f Facts) bool {
		return slices.ContainsFunc(Evaluate(p, on, f), func(g Finding) bool { return g.Status == Met && g.Force.Binding() })
	}
	if !refused(facts) {
		return nil
	}
	seen := map[string]bool{}
	var names []string
	for _, g := range Evaluate(p, on, facts) {
		if g.Status != Met || !g.Force.Binding() {
			continue
		}
		for _, n := range p.RuleFacts(g.Rule) {
			def, _ := p.Fact(n)
			if !seen[n] && !def.Derived && def.Scope() != "item" && facts[n].Value.Kind() == KindBool {
				seen[n] = true
				names = append(names, n)
			}
		}
	}
	slices.Sort(names)
	var out [][]string
	for size := 1; size <= maxTurn && out == nil; size++ {
		subsets(names, size, func(set []string) {
			f := facts
			for _, n := range set {
				x := f[n]
				x.Value = Bool(!x.Value.True())
				f = f.With(n, x)
			}
			if !refused(f) {
				out = append(out, slices.Clone(set))
			}
		})
	}
	return out
}

// subsets gives every subset of that size, in order.
func subsets(names []string, size int, take func([]string)) {
	set := make([]string, 0, size)
	var walk func(from int)
	walk = func(from int) {
		if len(set) == size {
			take(set)
			return
		}
		for i := from; i <= len(names)-(size-len(set)); i++ {
			set = append(set, names[i])
			walk(i + 1)
			set = set[:len(set)-1]
		}
	}
	walk(0)
}
