package policy

import "sort"

// Names of facts that this package itself reads. A pack that uses outcomes has
// them in its catalogue.
const (
	FactCategory = "item.category" // text: the kind of item, as an officer confirmed it
	FactSeverity = "item.severity" // int, 1 to 5: how bad the typical misuse is
	FactScrutiny = "dest.scrutiny" // text: level of scrutiny; no test may read it
)

// Status is the three-valued answer of a rule.
type Status string

// The answers. Unknown is never fine.
const (
	Met     Status = "met"
	NotMet  Status = "not_met"
	Unknown Status = "unknown"
)

// Aside says why a rule was not put to the test; empty where it was.
type Aside string

// The reasons to leave a rule aside. Its status is then NotMet, but Unknown where
// the whole pack is not in force on that day.
const (
	NotInForce Aside = "not_in_force"   // not on that day
	OtherLaw   Aside = "other_law"      // belongs to a body of law that this state does not apply
	NotForThis Aside = "does_not_apply" // to this kind of item, user or destination
)

// Finding is what one rule says about one set of facts.
type Finding struct {
	Rule    string   `json:"rule"`
	Force   Force    `json:"force"`
	Status  Status   `json:"status"`
	Aside   Aside    `json:"aside,omitempty"`
	Missing []string `json:"missing,omitempty"` // unknown facts that would still matter, sorted; where Status is Unknown
}

// Evaluate puts every rule of the pack to the facts as of that day. The findings
// come in the order of the pack. It reads nothing else, so the same arguments
// give the same findings, always.
func Evaluate(p *Pack, on Date, facts Facts) []Finding {
	out := make([]Finding, len(p.rules))
	p.evaluate(on, p.bind(facts), out, true)
	return out
}

// evaluate writes the findings to out. Which facts are missing is named only
// where it is asked: that costs more than the answer.
func (p *Pack) evaluate(on Date, vars *bindings, out []Finding, missing bool) {
	for i := range p.rules {
		out[i] = p.finding(i, on, vars, missing)
	}
}

// EvaluateReading is Evaluate for those rules alone that read the named fact: all
// that another answer to it can change.
func EvaluateReading(p *Pack, on Date, facts Facts, name string) []Finding {
	vars := p.bind(facts)
	out := make([]Finding, len(p.readers[name]))
	for k, i := range p.readers[name] {
		out[k] = p.finding(i, on, vars, true)
	}
	return out
}

// finding puts the rule in that place to the facts.
func (p *Pack) finding(i int, on Date, vars *bindings, missing bool) Finding {
	r := &p.rules[i]
	f := Finding{Rule: r.ID, Force: r.Force, Status: NotMet}
	switch {
	case !p.InForce(on):
		// The pack has nothing to say about that day, which is no clearance.
		f.Status, f.Aside = Unknown, NotInForce
	case r.From != "" && on < r.From, r.To != "" && on > r.To:
		f.Aside = NotInForce
	case !p.laws[r.Law]:
		f.Aside = OtherLaw
	default:
		f.Status, f.Aside, f.Missing = p.put(r, vars, missing)
	}
	return f
}

// put answers one rule regardless of day and body of law.
func (p *Pack) put(r *rule, vars *bindings, missing bool) (Status, Aside, []string) {
	test := r.both
	switch r.applies.answer(vars) {
	case no:
		return NotMet, NotForThis, nil
	case yes:
		test = r.when
	}
	got := test.answer(vars)
	if got != unknown || !missing {
		return p.status(got, nil)
	}
	return p.status(test.eval(vars))
}

func (p *Pack) status(a answer, slots []int) (Status, Aside, []string) {
	switch a {
	case yes:
		return Met, "", nil
	case no:
		return NotMet, "", nil
	}
	if len(slots) == 0 {
		return Unknown, "", nil
	}
	names := make([]string, len(slots))
	for i, s := range slots {
		names[i] = p.doc.Facts[s].Name
	}
	sort.Strings(names)
	return Unknown, "", names
}

// Reason is one finding opened up for a reader.
type Reason struct {
	Finding
	Source     string      `json:"source"`
	Threshold  string      `json:"threshold,omitempty"`
	Question   string      `json:"question"`
	Text       string      `json:"text,omitempty"`     // what a met test says
	Facts      []NamedFact `json:"facts,omitempty"`    // the known facts that the rule read, by name
	Residual   string      `json:"residual,omitempty"` // what remains of the condition, in CEL, where unknown
	Unverified bool        `json:"verify,omitempty"`
}

// NamedFact is a fact with its name.
type NamedFact struct {
	Name string `json:"name"`
	Fact
}

// Explain opens a finding up: the provision, the facts it rests on with source
// and date, and for an unknown what remains of its condition.
func Explain(p *Pack, facts Facts, f Finding) Reason {
	out := Reason{Finding: f}
	i, ok := p.byID[f.Rule]
	if !ok {
		return out
	}
	r := &p.rules[i]
	out.Source, out.Threshold, out.Question, out.Unverified = r.Source, r.Threshold, r.Question, r.Unverified
	if f.Status == Met {
		out.Text = r.Rule.Finding
	}
	for _, name := range r.facts {
		if fact := facts[name]; fact.Value.Known() {
			out.Facts = append(out.Facts, NamedFact{name, fact})
		}
	}
	if f.Status == Unknown {
		// A residual that can't be written down is no loss: Missing says the same.
		out.Residual, _ = r.both.residual(p.bind(facts))
	}
	return out
}

// Question is one thing to ask next.
type Question struct {
	Fact    string   `json:"fact"`
	Text    string   `json:"text"`
	Help    string   `json:"help,omitempty"`
	Scope   string   `json:"scope"` // whom or what it is about: "item", "user", ...
	Rules   []string `json:"rules"` // the rules that wait for it, in the order of the pack
	Binding bool     `json:"binding"`
}

// Questions are the unknown facts that still matter, each once. Those that a
// prohibition or refusal waits for come first, then those that more rules wait
// for, then by name.
func Questions(p *Pack, findings []Finding) []Question {
	at := map[string]int{}
	var out []Question
	for _, f := range findings {
		if f.Status != Unknown {
			continue
		}
		for _, name := range f.Missing {
			i, ok := at[name]
			if !ok {
				def, _ := p.Fact(name)
				i = len(out)
				at[name] = i
				out = append(out, Question{Fact: name, Text: def.Question, Help: def.Help, Scope: def.Scope()})
			}
			out[i].Rules = append(out[i].Rules, f.Rule)
			out[i].Binding = out[i].Binding || f.Force.Binding()
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if a.Binding != b.Binding {
			return a.Binding
		}
		if len(a.Rules) != len(b.Rules) {
			return len(a.Rules) > len(b.Rules)
		}
		return a.Fact < b.Fact
	})
	return out
}
