package assessment

import "github.com/comity-project/comity/policy"

// options says which outcomes are open for a line, and what bars the rest. It
// prefers none.
func options(c *Input, l *Line, p *policy.Pack, r LineReport) []Option {
	approve := Option{Outcome: "approve", Open: r.Outcome.Standing.Releasable()}
	for _, id := range r.Outcome.Because {
		rule, _ := p.Rule(id)
		switch r.Outcome.Standing {
		case policy.Prohibited:
			approve.Bars = append(approve.Bars, Bar{"assessment.bar.prohibited", id, rule.Finding})
		case policy.Refuse:
			approve.Bars = append(approve.Bars, Bar{"assessment.bar.refuse", id, rule.Finding})
		case policy.Undecided:
			approve.Bars = append(approve.Bars, Bar{"assessment.bar.unknown", id, rule.Question})
		case policy.Open:
			approve.Needs = append(approve.Needs, Bar{"assessment.bar.bearable", id, rule.Question})
		}
	}
	if r.Outcome.Category == "" {
		approve.Bars = append(approve.Bars, Bar{Key: "assessment.bar.category"})
		approve.Open = false
	}
	for _, kind := range policy.AssurancesFor(p, r.Facts) {
		a, ok := c.assurance(kind.ID, l.ID, c.userOf(l))
		switch {
		case ok && a.Declined:
			approve.Needs = append(approve.Needs, Bar{"assessment.bar.declined", kind.ID, kind.Text})
		case !ok || !a.Sought && !a.Given:
			approve.Bars = append(approve.Bars, Bar{"assessment.bar.not_sought", kind.ID, kind.Text})
			approve.Open = false
		}
	}
	for _, a := range r.Advice {
		approve.Needs = append(approve.Needs, Bar{"assessment.bar.advice", a.ID, a.Reason})
	}
	for _, s := range r.Sign {
		approve.Needs = append(approve.Needs, Bar{"assessment.bar.sign", s.ID, s.Reason})
	}
	for _, id := range r.Outcome.Due {
		rule, _ := p.Rule(id)
		approve.Needs = append(approve.Needs, Bar{"assessment.bar.due", id, rule.Finding})
	}
	with := approve
	with.Outcome = "approve_with_conditions"
	if !with.Open {
		with.Needs = nil
		approve.Needs = nil
	}
	refuse := Option{Outcome: "refuse", Open: true}
	for _, f := range r.Findings {
		if f.Status == policy.Met && (f.Force.Binding() || f.Force == policy.Weigh) {
			refuse.Rules = append(refuse.Rules, f.Rule)
		}
	}
	if len(refuse.Rules) == 0 {
		refuse.Open = false
		refuse.Bars = []Bar{{Key: "assessment.bar.no_ground"}}
	}
	return []Option{approve, with, refuse}
}

// assurances lays out each assurance that must be sought for a line, with
// whether it counts and why.
func assurances(c *Input, l *Line, p *policy.Pack, facts policy.Facts) []AssuranceReport {
	var out []AssuranceReport
	broken := facts.Value("user.broke_assurance").True()
	for _, kind := range policy.AssurancesFor(p, facts) {
		a, ok := c.assurance(kind.ID, l.ID, c.userOf(l))
		a.Kind = kind.ID
		a.Broken = a.Broken || ok && broken
		r := AssuranceReport{Line: l.ID, Kind: kind.ID, Text: kind.Text, State: a, Counts: ok && a.Counts()}
		switch {
		case r.Counts:
			r.Why = "assessment.assurance.counts"
		case !ok || !a.Sought && !a.Given && !a.Declined:
			r.Why = "assessment.assurance.not_sought"
		case a.Declined:
			r.Why = "assessment.assurance.declined"
		case a.Broken:
			r.Why = "assessment.assurance.broken"
		case !a.Given:
			r.Why = "assessment.assurance.unanswered"
		case a.Check == "":
			r.Why = "assessment.assurance.no_check"
		default:
			r.Why = "assessment.assurance.unverified"
		}
		out = append(out, r)
	}
	return out
}
