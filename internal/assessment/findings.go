package assessment

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/policy"
)

// computedLine is what the rules say about one line today.
type computedLine struct {
	line     Line
	facts    policy.Facts
	findings []policy.Finding
	outcome  policy.Outcome
}

func (c computedLine) finding(rule string) (policy.Finding, bool) {
	for _, f := range c.findings {
		if f.Rule == rule {
			return f, true
		}
	}
	return policy.Finding{}, false
}

// compute puts the case, joined with what people settled, to the pack.
func (s *State) compute(f Facts) []computedLine {
	in := s.Input(f.Case)
	in.Day = f.day()
	out, names, ruled := make([]computedLine, len(in.Lines)), catalogue(f.Pack), alike[computedLine]{}
	for i, l := range in.Lines {
		facts := FactsOf(f.Pack, &in, l.ID, f.Destinations)
		out[i] = ruled.of(factsKey(facts, names), func() computedLine {
			findings := policy.Evaluate(f.Pack, in.Day, facts)
			return computedLine{facts: facts, findings: findings, outcome: policy.Resolve(f.Pack, findings, facts)}
		})
		out[i].line = l
	}
	return out
}

// findings checks each finding against the facts. A person may be stricter than
// the facts, with a reason; nobody may find a test not met that the facts meet
// or leave open. Who thinks so records the fact that says so, with its source.
func (d decision) findings(c MakeFindings) ([]event.New, error) {
	if len(c.Findings) == 0 || len(c.Findings) > maxFindings {
		return nil, invalid().Field("findings", "assessment.finding.count", "max", maxFindings)
	}
	lines := map[string]computedLine{}
	for _, l := range d.s.compute(d.f) {
		lines[l.line.ID] = l
	}
	e := invalid()
	out := FindingsMade{Pack: d.f.Pack.Hash()}
	seen := map[[2]string]bool{}
	for _, in := range c.Findings {
		field := "findings." + in.Line + "." + in.Rule
		l, ok := lines[in.Line]
		if !ok {
			e.Field(field, "assessment.line.unknown")
			continue
		}
		computed, ok := l.finding(in.Rule)
		if !ok || seen[[2]string{in.Line, in.Rule}] {
			e.Field(field, "assessment.rule.unknown")
			continue
		}
		seen[[2]string{in.Line, in.Rule}] = true
		d.checkFinding(e, field, in, l, computed)
		made := MadeFinding{
			Line: in.Line, Rule: in.Rule, Status: in.Status, Computed: computed.Status, Facts: slices.Clone(in.Facts),
			Search: d.text(in.Search), Reason: d.text(in.Reason),
		}
		slices.Sort(made.Facts)
		out.Findings = append(out.Findings, made)
	}
	if err := e.Or(); err != nil {
		return nil, err
	}
	return d.one(out)
}

func (d decision) checkFinding(e *fault.Error, field string, in FindingInput, l computedLine, computed policy.Finding) {
	switch {
	case in.Status != policy.Met && in.Status != policy.NotMet && in.Status != policy.Unknown:
		e.Field(field, "assessment.finding.status")
	case computed.Status == policy.Met && in.Status != policy.Met:
		e.Field(field, "assessment.finding.facts_meet")
	case computed.Status == policy.Unknown && in.Status == policy.NotMet:
		for _, name := range computed.Missing {
			def, _ := d.f.Pack.Fact(name)
			e.Field(field, "assessment.finding.fact_missing", "fact", name, "question", def.Question)
		}
	case in.Status != computed.Status && strings.TrimSpace(in.Reason) == "":
		e.Field(field, "assessment.finding.stricter")
	}
	if len(in.Reason)+len(in.Search) > maxReason {
		e.Field(field, "assessment.reason.long", "max", maxReason)
	}
	dated := false
	for _, name := range in.Facts {
		f, ok := l.facts[name]
		switch {
		case !ok || !f.Value.Known():
			e.Field(field, "assessment.finding.fact_unknown", "fact", name)
		case f.Date != "":
			dated = true
		}
	}
	if !dated && strings.TrimSpace(in.Search) == "" {
		e.Field(field, "assessment.finding.ground")
	}
}

func (d decision) bear(c BearUnknown) ([]event.New, error) {
	e := invalid()
	lines := d.lines(c.Line, c.Also, e)
	reasonWanted(e, "reason", c.Reason)
	if err := e.Or(); err != nil {
		return nil, err
	}
	for _, l := range d.s.compute(d.f) {
		switch {
		case !slices.Contains(lines, l.line.ID):
		case l.outcome.Standing == policy.Undecided:
			return nil, fault.New(fault.Blocked, "assessment.bear.grave", "line", l.line.ID)
		case !slices.Contains(d.s.unknowns(l), c.Rule):
			return nil, fault.New(fault.Conflict, "assessment.bear.known", "line", l.line.ID)
		}
	}
	return d.each(lines, func(line string) event.Event { return UnknownBorne{line, c.Rule, d.text(c.Reason)} }), nil
}

func (d decision) complete() ([]event.New, error) {
	if missing := d.s.Missing(d.f); len(missing) > 0 {
		e := fault.New(fault.Blocked, "assessment.incomplete")
		e.Items = missing
		return nil, e
	}
	if d.s.Completion != nil && d.s.Completion.Basis == d.f.Basis {
		return nil, fault.New(fault.Conflict, "assessment.complete.already")
	}
	lines := d.s.compute(d.f)
	out := Completed{
		Basis: d.f.Basis, Person: d.f.Actor.Person, Pack: d.f.Pack.Hash(), Facts: factsHash(lines),
		Again: d.s.Completion != nil || len(d.s.Earlier) > 0,
	}
	for _, l := range lines {
		out.Lines = append(out.Lines, LineSummary{
			Line: l.line.ID, Category: l.outcome.Category, Severity: l.outcome.Severity, Standing: d.s.standing(l),
			Met: d.s.met(l), Unknown: d.s.unknowns(l),
		})
	}
	return d.one(out)
}

// factsHash binds a completion to the facts of all lines.
func factsHash(lines []computedLine) string {
	h := sha256.New()
	enc := json.NewEncoder(h)
	for _, l := range lines {
		_ = enc.Encode(l.line.ID) // writing to a hash does not fail
		_ = enc.Encode(l.facts)
	}
	return hex.EncodeToString(h.Sum(nil))
}
