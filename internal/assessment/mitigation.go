package assessment

import (
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/policy"
)

// Measure is one thing that makes harm less likely, and what it rests on: a
// condition of the licence or an assurance, by its id in the pack.
type Measure struct {
	Condition string `json:"condition,omitempty"`
	Assurance string `json:"assurance,omitempty"`
}

// StateMitigation says how likely harm is for a line as it stands, what would be
// done about it, and how likely it would be then. It changes no test: a refusal
// that is met stays met whatever is written here.
type StateMitigation struct {
	Case       string
	Line       string
	Likelihood Likelihood // as things are
	Measures   []Measure
	Residual   Likelihood // with the measures
	Reason     string
}

func (c StateMitigation) caseID() string { return c.Case }

// MitigationStated says what would be done about the risk of a line.
type MitigationStated struct {
	Line       string     `json:"line"`
	Likelihood Likelihood `json:"likelihood"`
	Measures   []Measure  `json:"measures,omitempty"`
	Residual   Likelihood `json:"residual"`
	Reason     Reason     `json:"reason"`
}

// EventType names the shape.
func (MitigationStated) EventType() string { return "assessment.mitigation_stated" }

// Mitigation is what a person stated about the risk of a line.
type Mitigation struct {
	Likelihood Likelihood `json:"likelihood"`
	Measures   []Measure  `json:"measures,omitempty"`
	Residual   Likelihood `json:"residual"`
	Reason     Text       `json:"reason"`
	By         By         `json:"by"`
}

// likelihoods in their order.
var likelihoods = []Likelihood{Remote, Possible, Likely, AlmostCertain}

// less tells whether a likelihood is below another.
func (l Likelihood) less(than Likelihood) bool {
	return slices.Index(likelihoods, l) < slices.Index(likelihoods, than)
}

// mitigation checks what each measure rests on: a condition of the pack that
// suits the line, or an assurance that counts. One that is unverified changes
// nothing, so nothing can be stated to rest on it.
func (d decision) mitigation(c StateMitigation) ([]event.New, error) {
	e := invalid()
	var line *computedLine
	for _, l := range d.s.compute(d.f) {
		if l.line.ID == c.Line {
			line = &l
		}
	}
	if line == nil {
		return nil, e.Field("line", "assessment.line.unknown")
	}
	if !c.Likelihood.valid() {
		e.Field("likelihood", "assessment.view.likelihood")
	}
	if !c.Residual.valid() {
		e.Field("residual", "assessment.mitigation.residual")
	} else if c.Likelihood.less(c.Residual) {
		e.Field("residual", "assessment.mitigation.higher")
	} else if c.Residual.less(c.Likelihood) && len(c.Measures) == 0 {
		e.Field("measures", "assessment.mitigation.measures")
	}
	for _, m := range c.Measures {
		if !d.f.holds(m, *line) {
			e.Field("measures", "assessment.mitigation.unverified")
		}
	}
	reasonWanted(e, "reason", c.Reason)
	if err := e.Or(); err != nil {
		return nil, err
	}
	measures := slices.Clone(c.Measures)
	slices.SortFunc(measures, func(a, b Measure) int {
		return strings.Compare(a.Condition+"/"+a.Assurance, b.Condition+"/"+b.Assurance)
	})
	return d.one(MitigationStated{c.Line, c.Likelihood, slices.Compact(measures), c.Residual, d.text(c.Reason)})
}

// holds tells whether what a measure rests on is there today.
func (f Facts) holds(m Measure, l computedLine) bool {
	switch {
	case (m.Condition == "") == (m.Assurance == ""):
		return false
	case m.Condition != "":
		return slices.ContainsFunc(policy.ConditionsFor(f.Pack, l.facts), func(c policy.Condition) bool { return c.ID == m.Condition })
	}
	a, ok := f.Case.assurance(m.Assurance, l.line.ID, f.Case.userOf(&l.line))
	return ok && a.Counts() && !l.facts.Value("user.broke_assurance").True()
}

// Residual is the risk of a line as it is after mitigation, today.
type Residual struct {
	Mitigation
	Line  string
	Holds []bool     // measure by measure: what it rests on is there today
	Now   Likelihood // the residual stated while all of it is there, else the likelihood as things are
}

// Residuals are what was stated of each line, as it counts today. A residual
// rests on all of its measures: once an assurance is broken or no longer
// verified, or a condition no longer suits, the risk is what it was.
func (s *State) Residuals(f Facts) []Residual {
	var out []Residual
	for _, l := range s.compute(f) {
		if r, ok := s.residual(f, l); ok {
			out = append(out, r)
		}
	}
	return out
}

func (s *State) residual(f Facts, l computedLine) (Residual, bool) {
	m, ok := s.Mitigations[l.line.ID]
	if !ok {
		return Residual{}, false
	}
	r := Residual{Mitigation: m, Line: l.line.ID, Now: m.Residual}
	for _, x := range m.Measures {
		holds := f.holds(x, l)
		if r.Holds = append(r.Holds, holds); !holds {
			r.Now = m.Likelihood
		}
	}
	return r, true
}

// MeasuresFor are the measures that a line's mitigation can rest on today, with
// their words.
func (s *State) MeasuresFor(f Facts, line string) (measures []Measure, words []string) {
	for _, l := range s.compute(f) {
		if l.line.ID != line {
			continue
		}
		for _, c := range policy.ConditionsFor(f.Pack, l.facts) {
			measures = append(measures, Measure{Condition: c.ID})
		}
		for _, k := range f.Pack.Document().Assurances {
			if m := (Measure{Assurance: k.ID}); f.holds(m, l) {
				measures = append(measures, m)
			}
		}
	}
	for _, m := range measures {
		words = append(words, m.Words(f.Pack))
	}
	return measures, words
}

// Words are what a measure rests on, in the pack's words.
func (m Measure) Words(p *policy.Pack) string {
	for _, c := range p.Document().Conditions {
		if c.ID == m.Condition {
			return c.Text
		}
	}
	for _, k := range p.Document().Assurances {
		if k.ID == m.Assurance {
			return k.Text
		}
	}
	return m.Condition + m.Assurance
}

// TurnsOf are the smallest sets of facts of a line that, the other way round,
// would leave no refusal met; none where the line is not refused or where more
// than a few would have to be otherwise. refused tells which of the two.
func (s *State) TurnsOf(f Facts, line string) (sets [][]string, refused bool) {
	for _, l := range s.compute(f) {
		if l.line.ID == line {
			return policy.Turns(f.Pack, f.day(), l.facts), s.standing(l).Rank() >= policy.Refuse.Rank()
		}
	}
	return nil, false
}

// residual says in the draft what was stated of a line's risk and what it counts
// for today.
func (d *drafting) residual(p *policy.Pack, r Residual) {
	d.add("risk."+string(r.Likelihood), nil)
	for i, m := range r.Measures {
		if r.Holds[i] {
			d.add("measure", nil, "measure", m.Words(p))
		} else {
			d.add("measure_gone", nil, "measure", m.Words(p))
		}
	}
	d.add("residual."+string(r.Now), nil)
}
