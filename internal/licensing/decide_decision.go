package licensing

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// sorted are the outcomes in the order of their lines' ids, so that two
// proposals with the same content are the same bytes.
func sorted(outcomes []LineOutcome) []LineOutcome {
	out := append([]LineOutcome(nil), outcomes...)
	sort.Slice(out, func(i, j int) bool { return out[i].Line < out[j].Line })
	return out
}

// outcomes checks that every line has one outcome that the kind of case allows,
// every refusal a ground, every condition all that makes it testable, and that
// the conditions are there that the kind asks for.
func (d *decider) outcomes(outcomes []LineOutcome, conditions []Condition) error {
	c := d.c
	if err := d.lineOutcomes(outcomes); err != nil {
		return err
	}
	f := fault.New(fault.Invalid, "licensing.outcome.lines")
	for i, o := range outcomes {
		if o.Outcome == Undertaken && !conditioned(o.Line, conditions) {
			f.Field(fmt.Sprintf("outcomes.%d", i), "licensing.outcome.undertaking")
		}
	}
	if len(conditions) > 200 {
		f.Field("conditions", "licensing.count.bound", "max", 200)
		return f
	}
	ids := map[string]bool{}
	for i, k := range conditions {
		if ids[k.ID] || !k.testable(c.hasParty, c.hasLine) {
			f.Field(fmt.Sprintf("conditions.%d", i), "licensing.condition.untestable")
		}
		ids[k.ID] = true
	}
	d.required(f, outcomes, conditions)
	if len(f.Fields) > 0 {
		f.Key, f.Args = f.Fields[0].Key, f.Fields[0].Args
	}
	return f.Or()
}

// lineOutcomes checks that every line has one outcome that the kind of case
// allows, and every refusal a ground.
func (d *decider) lineOutcomes(outcomes []LineOutcome) error {
	c := d.c
	if d.f.Kind.ID != c.Kind {
		return missingFact("Kind")
	}
	f := fault.New(fault.Invalid, "licensing.outcome.lines")
	seen := map[string]bool{}
	for i, o := range outcomes {
		name := fmt.Sprintf("outcomes.%d", i)
		_, known := c.App().Line(o.Line)
		if !known || seen[o.Line] {
			f.Field(name, "licensing.outcome.lines")
		}
		seen[o.Line] = true
		switch {
		case !d.f.Kind.Gives(o.Outcome):
			f.Field(name, "licensing.outcome.kind", "kind", d.f.Kind.Title)
		case o.Outcome == RefuseLine && (len(o.Grounds) == 0 || !codes(o.Grounds)):
			f.Field(name, "licensing.outcome.grounds")
		}
	}
	for _, l := range c.App().Lines {
		if !seen[l.ID] {
			f.Field("outcomes", "licensing.outcome.lines", "line", l.ID)
		}
	}
	if len(f.Fields) > 0 {
		f.Key, f.Args = f.Fields[0].Key, f.Fields[0].Args
	}
	return f.Or()
}

// required asks for the conditions that the kind of case puts on every issued
// line: at least as often and as soon as it says.
func (d *decider) required(f *fault.Error, outcomes []LineOutcome, conditions []Condition) {
	var issued []string
	for _, o := range outcomes {
		if o.Outcome == Issue {
			issued = append(issued, o.Line)
		}
	}
	for _, want := range d.f.Kind.Required(d.c.App(), issued) {
		for _, line := range issued {
			if !slices.ContainsFunc(conditions, func(k Condition) bool {
				return k.Type == want.Type && (len(k.Lines) == 0 || contains(k.Lines, line)) && (want.EveryDays == 0 || k.EveryDays <= want.EveryDays) &&
					(want.Until == "" || k.Until != "" && k.Until <= want.Until)
			}) {
				f.Field("conditions", "licensing.condition.required", "type", string(want.Type), "what", want.What)
				break
			}
		}
	}
}

// codes tells whether these are ids that may be kept for ever: few and short.
func codes(ids []string) bool {
	for _, id := range ids {
		if id == "" || !party.Bounded(id, 100) {
			return false
		}
	}
	return len(ids) <= 100
}

// testable tells whether a condition says who must do what, how anyone can tell
// and what follows if not.
func (k Condition) testable(hasParty, hasLine func(string) bool) bool {
	known := false
	for _, t := range ConditionTypes {
		known = known || t == k.Type
	}
	if !party.Bounded(k.Unit, 40) || len(k.Lines) > MaxLines {
		return false
	}
	for _, s := range []string{k.What, k.Verify, k.Consequence} {
		if strings.TrimSpace(s) == "" || !party.Bounded(s, MaxLong) {
			return false
		}
	}
	if k.Who != "licensee" && !hasParty(k.Who) {
		return false
	}
	for _, l := range k.Lines {
		if !hasLine(l) {
			return false
		}
	}
	switch k.Type {
	case Returned:
		known = known && k.Until != ""
	case MaxQuantity, Retention:
		known = known && k.Number > 0 && k.Unit != ""
	case Reports, Logs:
		known = known && k.EveryDays > 0 && k.EveryDays <= 3650
	}
	return known && k.ID != "" && len(k.ID) <= 64 && (k.Until == "" || k.Until.Valid())
}

// assessed adds what is missing from the assessment, and what is stale.
func (d *decider) assessed(f *fault.Error) {
	if !d.f.Decision.Complete {
		f.Item("assessment", "licensing.assessment.incomplete")
		f.Items = append(f.Items, d.f.Decision.Missing...) // in the assessment's own words
	}
	for _, s := range d.c.Stale(d.f.Decision.Basis) {
		f.Item(s.Part, "licensing.stale."+s.Part, "department", s.Department, "advice", s.Advice, "changes", len(s.Since))
	}
}

// released checks the texts that leave the authority.
func (d *decider) released(reasons []ReleasedReason, withheld []Withheld) error {
	f := fault.New(fault.Invalid, "licensing.reason.missing")
	if len(reasons) > MaxLines || len(withheld) > 50 {
		f.Field("reasons", "licensing.count.bound", "max", MaxLines)
		return f
	}
	for _, w := range withheld {
		if strings.TrimSpace(w.Basis) == "" || !party.Bounded(w.Basis, MaxShort) {
			f.Field("withheld", "licensing.reason.withheld")
		}
	}
	for i, r := range reasons {
		name := fmt.Sprintf("reasons.%d", i)
		if !codes([]string{r.Ground}) || strings.TrimSpace(r.Text) == "" || !party.Bounded(r.Text, MaxLong) {
			f.Field(name, "licensing.reason.missing")
		}
		for _, id := range r.Rests {
			if !contains(d.f.Decision.Release, id) {
				f.Field(name, "licensing.reason.not_releasable", "fact", id)
			}
		}
	}
	if len(f.Fields) > 0 {
		f.Key, f.Args = f.Fields[0].Key, f.Fields[0].Args
	}
	return f.Or()
}

func (d *decider) intendToRefuse(cmd IntendToRefuse) error {
	if d.f.Decision == nil {
		return missingFact("Decision")
	}
	refused := map[string][]string{}
	if d.c.Proposal != nil {
		for _, o := range d.c.Proposal.Outcomes {
			if o.Outcome == RefuseLine {
				refused[o.Line] = o.Grounds
			}
		}
	}
	if x := d.c.Direction(); x != nil {
		for _, o := range x.Outcomes {
			if o.Outcome == RefuseLine {
				refused[o.Line] = o.Grounds
			}
		}
	}
	grounds := map[string]bool{}
	for _, l := range cmd.Lines {
		g, ok := refused[l]
		if !ok {
			return fault.New(fault.Invalid, "licensing.intention.lines").Field("lines", "licensing.intention.lines")
		}
		for _, id := range g {
			grounds[id] = true
		}
	}
	if len(cmd.Lines) == 0 || len(cmd.Lines) > MaxLines {
		return fault.New(fault.Invalid, "licensing.intention.lines").Field("lines", "licensing.intention.lines")
	}
	if len(cmd.Reasons) == 0 {
		return fault.New(fault.Invalid, "licensing.reason.missing").Field("reasons", "licensing.reason.missing")
	}
	if err := d.released(cmd.Reasons, cmd.Withheld); err != nil {
		return err
	}
	f := fault.New(fault.Blocked, "licensing.intention.blocked")
	d.assessed(f)
	if d.c.Direction() == nil {
		d.second(f)
	}
	if err := f.Or(); err != nil {
		return err
	}
	due, err := d.due("", d.f.ReplyPeriod)
	if err != nil {
		return err
	}
	return d.emit(RefusalIntended{
		To: Intention, Lines: cmd.Lines, Grounds: keys(grounds), Withheld: cmd.Withheld, Due: due,
		Released: event.P(d.stream, ReleasedText{Reasons: cmd.Reasons}),
	})
}

func keys(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	sort.Strings(out)
	return out
}

func (d *decider) reply(cmd ApplicantReplies) error {
	if d.c.Intended == nil {
		return fault.New(fault.Blocked, "licensing.intention.missing")
	}
	if strings.TrimSpace(cmd.Text) == "" && len(cmd.Documents) == 0 {
		return fault.New(fault.Invalid, "licensing.reply.empty").Field("text", "licensing.reply.empty")
	}
	if err := text("text", cmd.Text, false); err != nil {
		return err
	}
	if err := documents(cmd.Documents); err != nil {
		return err
	}
	e := ApplicantReplied{
		Basis: d.c.Basis, Late: d.f.Now.After(d.c.Intended.Due), Documents: factsOf(cmd.Documents),
		Text: event.P(d.stream, AnswerText{Text: cmd.Text, Titles: titlesOf(cmd.Documents)}),
	}
	if len(cmd.Documents) > 0 {
		e.Basis++ // a document that assessment and advice have not seen
	}
	return d.emit(e)
}

func (d *decider) weighReply(cmd WeighReply) error {
	if !d.c.unweighed() {
		return fault.New(fault.Conflict, "licensing.reply.none")
	}
	if err := text("text", cmd.Text, true); err != nil {
		return err
	}
	e := ReplyWeighed{NewFacts: cmd.NewFacts, Basis: d.c.Basis, Text: d.private(cmd.Text)}
	if cmd.NewFacts {
		e.Basis++
	}
	return d.emit(e)
}

// unweighed tells whether a reply waits to be weighed.
func (c *Case) unweighed() bool {
	if c.Intended == nil {
		return false
	}
	for _, r := range c.Intended.Replies {
		if !r.Weighed {
			return true
		}
	}
	return false
}

func (c *Case) hasParty(id string) bool {
	_, ok := c.App().Party(id)
	return ok
}

func (c *Case) hasLine(id string) bool {
	_, ok := c.App().Line(id)
	return ok
}
