package assessment

import (
	"slices"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/policy"
)

// Complete tells whether the assessment is complete on that basis of the case.
// Where it is not, the items say what kind of step is missing; Missing names
// every part.
func (s *State) Complete(basis int) (bool, []fault.Item) {
	switch {
	case s.Completion == nil && len(s.Earlier) == 0:
		return false, []fault.Item{{Key: "assessment.missing.completion", Where: "assessment#complete"}}
	case s.Completion == nil:
		last := s.Earlier[len(s.Earlier)-1]
		return false, []fault.Item{{Key: "assessment.missing.changed", Args: map[string]any{"what": last.Ended}, Where: "assessment#complete"}}
	case s.Completion.Basis != basis:
		return false, []fault.Item{{Key: "assessment.missing.stale", Args: map[string]any{"basis": s.Completion.Basis, "now": basis}, Where: "assessment#complete"}}
	}
	return true, nil
}

// Missing names everything that keeps the assessment from being completed, line
// by line, with where it is solved. It needs the facts because a test that does
// not apply asks for nothing.
func (s *State) Missing(f Facts) []fault.Item {
	var out []fault.Item
	add := func(where, key string, args ...any) {
		out = append(out, fault.New(fault.Blocked, key).Item(where, key, args...).Items...)
	}
	if !f.Pack.InForce(f.day()) {
		add("assessment#pack", "assessment.missing.pack", "pack", f.Pack.ID(), "day", string(f.day()))
	}
	for _, p := range f.Case.Parties {
		if _, ok := s.Screened[p.ID]; !ok {
			add("parties#party-"+p.ID, "assessment.missing.screening", "party", p.Name())
		}
	}
	for _, h := range s.Hits {
		if h.Open() {
			add("parties#hit-"+h.ID, "assessment.missing.hit", "list", h.List, "entry", h.Entry)
		}
	}
	grave := false
	for _, l := range s.compute(f) {
		if l.outcome.Category == "" {
			add("items#line-"+l.line.ID, "assessment.missing.category", "line", l.line.ID)
		}
		if isGrave(l) {
			grave = true
			if !l.line.Severity.Complete() {
				add("assessment#severity-"+l.line.ID, "assessment.missing.severity", "line", l.line.ID)
			}
		}
		for _, c := range l.findings {
			if !c.Force.Binding() || c.Aside != "" {
				continue
			}
			made, ok := s.Findings[l.line.ID][c.Rule]
			where := "assessment#rule-" + l.line.ID + "-" + c.Rule
			switch {
			case !ok:
				add(where, "assessment.missing.finding", "line", l.line.ID, "rule", c.Rule)
			case made.Computed != c.Status:
				add(where, "assessment.missing.finding_changed", "line", l.line.ID, "rule", c.Rule)
			}
		}
	}
	if grave {
		if s.Groups == nil {
			add("assessment#groups", "assessment.missing.groups")
		}
		if len(s.Views) == 0 {
			add("assessment#view", "assessment.missing.view")
		}
	}
	return out
}

// isGrave tells whether the stakes of a line are those of severity 4 and 5: an
// item whose kind or severity nobody knows is taken for one.
func isGrave(l computedLine) bool {
	return l.outcome.Category == "" || l.outcome.Severity == 0 || l.outcome.Severity >= policy.Grave
}

// status is the stricter of what the facts give and what a person found.
func (s *State) status(line string, c policy.Finding) policy.Status {
	made, ok := s.Findings[line][c.Rule]
	switch {
	case c.Status == policy.Met, ok && made.Status == policy.Met && c.Aside == "":
		return policy.Met
	case c.Status == policy.Unknown, ok && made.Status == policy.Unknown && c.Aside == "":
		return policy.Unknown
	}
	return policy.NotMet
}

// met are the binding rules that are met for a line; unknowns those that are
// unknown.
func (s *State) met(l computedLine) []string      { return s.binding(l, policy.Met) }
func (s *State) unknowns(l computedLine) []string { return s.binding(l, policy.Unknown) }

func (s *State) binding(l computedLine, want policy.Status) []string {
	var out []string
	for _, c := range l.findings {
		if c.Force.Binding() && s.status(l.line.ID, c) == want {
			out = append(out, c.Rule)
		}
	}
	return out
}

// standing is where a line stands with what people found.
func (s *State) standing(l computedLine) policy.Standing {
	findings := slices.Clone(l.findings)
	for i := range findings {
		findings[i].Status = s.status(l.line.ID, findings[i])
	}
	return policy.Standing(resolveWith(l, findings))
}

// resolveWith applies the hit policy to findings that a person made stricter.
func resolveWith(l computedLine, findings []policy.Finding) policy.Standing {
	standing := l.outcome.Standing
	for _, f := range findings {
		var s policy.Standing
		switch {
		case f.Status == policy.Met && f.Force == policy.Prohibit:
			s = policy.Prohibited
		case f.Status == policy.Met && f.Force == policy.RefuseIf:
			s = policy.Refuse
		case f.Status == policy.Unknown && f.Force.Binding() && isGrave(l):
			s = policy.Undecided
		case f.Status == policy.Unknown && f.Force.Binding():
			s = policy.Open
		default:
			continue
		}
		if s.Rank() > standing.Rank() {
			standing = s
		}
	}
	return standing
}

// LineView is what the assessment says about one line, for whoever decides.
type LineView struct {
	Line      string
	Category  string // empty: nobody has confirmed one
	Codes     []string
	Severity  int // 1 to 5; 0 not known
	Standing  policy.Standing
	Met       []RuleView // prohibitions and refusals that are met
	Undecided []RuleView // unknown at severity 4-5 or for an item not known: the line can't be approved
	Unknowns  []RuleView // unknown below that: each with the officer's reason, where there is one
	Weigh     []RuleView // weigh rules that are met
	Due       []RuleView // steps that are due and not done
}

// RuleView is one rule with its words, and the reason why an unknown is bearable.
type RuleView struct {
	ID     string
	Title  string // the finding's sentence where met, else the question
	Reason string
}

// LineViews are the lines of the case as the assessment has them today.
func (s *State) LineViews(f Facts) []LineView {
	var out []LineView
	for _, l := range s.compute(f) {
		v := LineView{
			Line: l.line.ID, Category: l.outcome.Category, Severity: l.outcome.Severity, Standing: s.standing(l),
			Met: rules(f.Pack, s.met(l), true), Weigh: rules(f.Pack, l.outcome.Weigh, true), Due: rules(f.Pack, l.outcome.Due, true),
		}
		if k, ok := s.Classified[l.line.ID]; ok {
			v.Codes = k.Codes
		}
		open := rules(f.Pack, s.unknowns(l), false)
		if isGrave(l) {
			v.Undecided = open
		} else {
			for i := range open {
				open[i].Reason = s.Borne[l.line.ID][open[i].ID].Reason.Value
			}
			v.Unknowns = open
		}
		out = append(out, v)
	}
	return out
}

func rules(p *policy.Pack, ids []string, met bool) []RuleView {
	var out []RuleView
	for _, id := range ids {
		r, _ := p.Rule(id)
		v := RuleView{ID: id, Title: r.Question}
		if met {
			v.Title = r.Finding
		}
		out = append(out, v)
	}
	return out
}
