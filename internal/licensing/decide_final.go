package licensing

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// decide ends the case. What is malformed is told first, by field; then
// everything that stands in the way is named at once, each with where it is
// solved, so that nobody has to find the obstacles one by one.
func (d *decider) decide(cmd DecideCase) error {
	facts := d.f.Decision
	if facts == nil {
		return missingFact("Decision")
	}
	if err := d.outcomes(cmd.Outcomes, cmd.Conditions); err != nil {
		return err
	}
	if err := text("reasons", cmd.Reasons, true); err != nil {
		return err
	}
	if err := d.released(cmd.ToApplicant, cmd.Withheld); err != nil {
		return err
	}
	if err := d.points(cmd.Weighed); err != nil {
		return err
	}
	for _, r := range cmd.AgainstAdviser {
		if err := text("against_adviser", r.Reason, false); err != nil {
			return err
		}
	}
	f := fault.New(fault.Blocked, "licensing.decision.blocked")
	if !answersAlone(cmd.Outcomes) {
		d.assessed(f)
	}
	for _, o := range cmd.Outcomes {
		d.line(f, o)
	}
	d.complete(f, cmd.Outcomes)
	direction := d.directed(f, cmd)
	answered := d.adviser(f, cmd)
	if direction == nil {
		d.signed(f, cmd)
	}
	d.bound(f, cmd)
	if d.c.BeforeCommittee() != nil {
		f.Item("decision#committee", "licensing.committee.open")
	}
	d.heard(f, cmd)
	d.told(f, cmd)
	if r := facts.Rests; r.PolicyPack == "" || r.ControlList == "" || r.Facts == "" || r.Document == "" {
		f.Item("assessment", "licensing.rests.missing")
	}
	licence, err := d.licence(f, cmd)
	if err != nil {
		return err
	}
	if err := f.Or(); err != nil {
		return err
	}
	clock, err := d.mark(Ends, d.c.Clock.End(d.f.Now))
	if err != nil {
		return err
	}
	e := Decided{
		To: DecidedStage, Outcome: whole(cmd.Outcomes), Conditions: wordless(cmd.Conditions), Person: d.f.Actor.person(),
		Recommender: d.c.Proposal.Person, AgainstAdviser: answered, Withheld: cmd.Withheld,
		Redress: cmd.Redress, Basis: d.c.Basis, Rests: facts.Rests, Clock: clock,
		Text: event.P(d.stream, DecisionText{Reasons: cmd.Reasons, AgainstAdviser: cmd.AgainstAdviser, Conditions: cmd.Conditions}),
	}
	if s := d.c.Signature(); s != nil {
		e.Countersigner = s.Person
	}
	if len(cmd.ToApplicant)+len(cmd.Weighed) > 0 {
		e.Released = event.P(d.stream, ReleasedText{Reasons: cmd.ToApplicant, Weighed: cmd.Weighed})
	}
	for _, o := range sorted(cmd.Outcomes) {
		lf := facts.line(o.Line)
		ld := LineDecision{Line: o.Line, Outcome: o.Outcome, Grounds: o.Grounds, Code: lf.Code, Category: lf.Category, Severity: lf.Severity}
		for _, u := range lf.Unknowns {
			ld.Unknowns = append(ld.Unknowns, u.Rule.ID)
		}
		e.Lines = append(e.Lines, ld)
	}
	if licence != nil {
		e.Licence = cmd.Licence.ID
	}
	if direction != nil {
		e.Direction = direction.ID
	}
	if d.f.AppealPeriod.Days > 0 {
		e.Contest = AppealUntil(d.f.Now, d.f.Calendar, d.f.AppealPeriod)
	}
	if a := d.c.Again(); a != nil {
		e.Number, e.Way = a.Number, a.Way
	}
	if err := d.emit(e); err != nil {
		return err
	}
	if e.Number > 0 {
		d.events = append(d.events, d.replaced(cmd.Reasons)...)
	}
	if licence != nil {
		d.events = append(d.events, *licence)
	}
	d.undertake(cmd)
	return d.unneeded(cmd.Outcomes, cmd.Reasons)
}

// whole is the outcome of a case by those of its lines.
func whole(outcomes []LineOutcome) Outcome {
	n := map[Outcome]int{}
	for _, o := range outcomes {
		n[o.Outcome]++
	}
	switch {
	case n[RefuseLine] == len(outcomes):
		return OutcomeRefused
	case n[RefuseLine] > 0:
		return OutcomeSplit
	case n[Issue] > 0:
		return OutcomeIssued
	case n[LineNotNeeded]+n[Undertaken] > 0:
		return OutcomeNone
	case n[LicenceNeeded] > 0:
		return LicenceNeeded
	}
	return Advised
}

// complete asks that what is to be issued was applied for as fully as every
// licence is: a case may have begun with a notice or a question.
func (d *decider) complete(f *fault.Error, outcomes []LineOutcome) {
	if d.f.Kind.Pack || !slices.ContainsFunc(outcomes, func(o LineOutcome) bool { return o.Outcome == Issue }) {
		return
	}
	for _, m := range Check(d.c.App(), d.f.Kind.ToIssue(d.f.Profile)) {
		f.Item("overview", m.Key, "paragraph", m.Paragraph, "title", m.Title, "text", m.Text)
	}
}

// line adds what forbids this outcome for one line. To say "not required" is to
// let the item go, and is held to the same tests as to issue.
func (d *decider) line(f *fault.Error, o LineOutcome) {
	lf := d.f.Decision.line(o.Line)
	if !o.Outcome.LetsGo() {
		return
	}
	if from := d.f.Decision.Presumed; from != "" {
		f.Item("overview", "licensing.line.presumed", "line", o.Line, "from", string(from))
	}
	for _, r := range lf.Undecided {
		f.Item("assessment#rule-"+r.ID, "licensing.line.undecided", "line", o.Line, "rule", r.ID, "title", r.Title)
	}
	for _, r := range lf.Met {
		f.Item("assessment#rule-"+r.ID, "licensing.line.rule_met", "line", o.Line, "rule", r.ID, "title", r.Title)
	}
	if lf.Undercuts {
		f.Item("parties", "licensing.line.undercuts", "line", o.Line)
	}
	for _, u := range lf.Unknowns {
		if strings.TrimSpace(u.Reason) == "" {
			f.Item("assessment#rule-"+u.Rule.ID, "licensing.line.unknown_open", "line", o.Line, "rule", u.Rule.ID, "title", u.Rule.Title)
		}
	}
	if o.Outcome == Issue && lf.severity() >= 4 && !d.c.Sought(o.Line) {
		f.Item("assurances", "licensing.assurance.not_sought", "line", o.Line, "severity", lf.Severity)
	}
}

// adviser holds a decision to the human-rights adviser's word: at severity 4-5
// there must be one, and to go against it takes a senior officer who did not
// write the assessment and who answers each ground.
func (d *decider) adviser(f *fault.Error, cmd DecideCase) []AnsweredGround {
	facts := d.f.Decision
	var own *Advice
	for i := range d.c.Advice {
		if a := &d.c.Advice[i]; a.Role == access.RightsAdviser && !a.Superseded {
			own = a
		}
	}
	for _, o := range cmd.Outcomes {
		if (o.Outcome.LetsGo() || o.Outcome == RefuseLine) && facts.line(o.Line).severity() >= 4 && own == nil && facts.Adviser == nil {
			f.Item("advice", "licensing.adviser.missing", "line", o.Line)
		}
	}
	grounds := d.against(own, cmd)
	if len(grounds) == 0 {
		return nil
	}
	if !d.f.Actor.Has(access.SeniorOfficer) {
		f.Item("decision", "licensing.adviser.senior")
	}
	if d.f.Actor.person() == facts.Author {
		f.Item("decision", "licensing.adviser.author")
	}
	for _, g := range grounds {
		met := cmd.Direction != "" // answered by whoever directed it: both texts stay
		for _, r := range cmd.AgainstAdviser {
			met = met || (r.Advice == g.Advice && r.Ground == g.Ground && strings.TrimSpace(r.Reason) != "")
		}
		if !met {
			f.Item("decision#ground-"+g.Ground, "licensing.adviser.reasons", "ground", g.Ground)
		}
	}
	return grounds
}

// against are the adviser's grounds that a decision goes against, each once.
func (d *decider) against(own *Advice, cmd DecideCase) []AnsweredGround {
	var out []AnsweredGround
	add := func(advice, ground string) {
		for _, have := range out {
			if have.Advice == advice && have.Ground == ground {
				return
			}
		}
		out = append(out, AnsweredGround{Advice: advice, Ground: ground})
	}
	for _, o := range cmd.Outcomes {
		if !o.Outcome.LetsGo() {
			continue
		}
		if own == nil {
			if v := d.f.Decision.Adviser; v != nil && contains(v.Refuse, o.Line) {
				for _, g := range v.Grounds {
					add("", g.ID)
				}
				if len(v.Grounds) == 0 {
					add("", "view")
				}
			}
			continue
		}
		for _, v := range own.Facts {
			if v.Line != "" && v.Line != o.Line {
				continue
			}
			switch {
			case v.Advice == Refuse:
				for _, g := range v.Grounds {
					add(own.ID, g)
				}
			case v.Advice == ApproveWithCondition && o.Outcome == Issue && !conditioned(o.Line, cmd.Conditions):
				add(own.ID, "condition")
			}
		}
	}
	return out
}

func conditioned(line string, conditions []Condition) bool {
	for _, k := range conditions {
		if len(k.Lines) == 0 || contains(k.Lines, line) {
			return true
		}
	}
	return false
}

// signed asks for a countersignature under this very outcome.
func (d *decider) signed(f *fault.Error, cmd DecideCase) {
	p := d.c.Proposal
	d.second(f)
	switch {
	case p == nil:
	case !same(p.Outcomes, sorted(cmd.Outcomes)) || !p.same(cmd.Conditions):
		f.Item("countersignature", "licensing.countersign.void")
	}
}

// second asks for the second person, in the role that the pack names.
func (d *decider) second(f *fault.Error) {
	s, want := d.c.Signature(), d.f.Decision.Second
	switch {
	case d.c.Proposal == nil || (s == nil && want == nil):
		f.Item("countersignature", "licensing.countersign.missing")
	case want != nil:
		for _, role := range want.By {
			if s == nil || !s.as(role) {
				f.Item("countersignature", "licensing.countersign.missing", "role", string(role))
			}
		}
	}
}

// as tells whether a signature counts as one of that role.
func (s *CaseSignature) as(role access.Role) bool {
	for _, r := range s.Roles {
		if r == role || (r == access.SeniorOfficer && role == access.LicensingOfficer) {
			return true
		}
	}
	return false
}

// same tells whether conditions are those proposed, to the word; where the words
// were erased, to the kind and figure.
func (p *Proposal) same(conditions []Condition) bool {
	if len(p.Conditions) == 0 && len(conditions) == 0 {
		return true
	}
	if p.Erased != nil {
		return same(wordless(p.Conditions), wordless(conditions))
	}
	return same(p.Conditions, conditions)
}

// heard asks that the applicant was told of a refusal and had their say.
func (d *decider) heard(f *fault.Error, cmd DecideCase) {
	n := d.c.Intended
	refusal := false
	for _, o := range cmd.Outcomes {
		if o.Outcome == RefuseLine && d.c.heardOnAppeal(o.Line) {
			continue
		}
		refusal = refusal || o.Outcome == RefuseLine
		if o.Outcome == RefuseLine && (n == nil || !contains(n.Lines, o.Line)) {
			f.Item("intention", "licensing.intention.missing", "line", o.Line)
		}
	}
	if n == nil {
		return
	}
	if d.c.unweighed() {
		f.Item("intention", "licensing.reply.unweighed")
	}
	if refusal && len(n.Replies) > 0 && len(cmd.Weighed) == 0 {
		f.Item("decision/decide#weighed", "licensing.reply.untold")
	}
	if refusal && len(n.Replies) == 0 && !d.f.Now.After(n.Due) {
		f.Item("intention", "licensing.intention.running", "due", n.Due)
	}
}

// maxPoints bounds the points of a reply that the applicant is answered.
const maxPoints = 50

// points checks what the applicant is told of their reply. There must be one.
func (d *decider) points(points []WeighedPoint) error {
	if len(points) > 0 && (d.c.Intended == nil || len(d.c.Intended.Replies) == 0) {
		return fault.New(fault.Invalid, "licensing.reply.none").Field("weighed.1.point", "licensing.reply.none")
	}
	if len(points) > maxPoints {
		return fault.New(fault.Invalid, "licensing.count.bound", "max", maxPoints).Field("weighed.1.point", "licensing.count.bound", "max", maxPoints)
	}
	for i, p := range points {
		at := fmt.Sprintf("weighed.%d.", i+1)
		if err := text(at+"point", p.Point, true); err != nil {
			return err
		}
		if err := text(at+"answer", p.Answer, true); err != nil {
			return err
		}
	}
	return nil
}

// told asks that every ground of a refusal is given, or named as withheld, and
// that the way to challenge it is stated.
func (d *decider) told(f *fault.Error, cmd DecideCase) {
	refusal := false
	for _, o := range cmd.Outcomes {
		if o.Outcome == Advised && len(cmd.ToApplicant) == 0 {
			f.Item("decision/decide#told.answer", "licensing.answer.missing", "line", o.Line)
		}
		if o.Outcome != RefuseLine {
			continue
		}
		refusal = true
		for _, g := range o.Grounds {
			given := len(cmd.Withheld) > 0
			for _, r := range cmd.ToApplicant {
				given = given || r.Ground == g
			}
			if !given {
				f.Item("decision", "licensing.reason.untold", "ground", g)
			}
		}
	}
	if refusal && !codes([]string{cmd.Redress}) {
		f.Item("decision", "licensing.redress.missing")
	}
}

// licence makes the licence's first event where a line is issued.
func (d *decider) licence(f *fault.Error, cmd DecideCase) (*event.New, error) {
	issued := map[string]bool{}
	for _, o := range cmd.Outcomes {
		if o.Outcome == Issue {
			issued[o.Line] = true
		}
	}
	if len(issued) == 0 {
		return nil, nil
	}
	n := cmd.Licence
	if n == nil || n.ID == "" || len(n.ID) > 64 {
		f.Item("decision", "licensing.licence.missing")
		return nil, nil
	}
	if d.f.LicenceReference == "" {
		return nil, missingFact("LicenceReference")
	}
	code, ok := NormalCode(n.Code)
	if !ok {
		f.Item("decision", "licensing.licence.code")
	}
	granted := d.f.Kind
	if id := d.c.Proposal.granted(); id != "" {
		if granted = d.f.Granted; granted.ID != id {
			return nil, missingFact("Granted")
		}
	}
	switch {
	case !n.From.Valid() || !n.Until.Valid() || n.Until < n.From || n.Until < deadline.DateOf(d.f.Now, d.f.zone()):
		f.Item("decision", "licensing.licence.validity")
	case n.Until > n.From.AddMonths(granted.Months):
		f.Item("decision", "licensing.licence.long", "months", granted.Months)
	}
	app := d.c.App()
	stream := event.StreamOf("licence", n.ID)
	e := LicenceIssued{
		Reference: d.f.LicenceReference, Case: d.c.ID, CaseRef: d.c.Reference, Kind: granted.ID, Org: d.c.Org, Compartment: d.c.Compartment,
		Destination: app.EndUse.Country, Conditions: wordless(cmd.Conditions), From: n.From, Until: n.Until, CodeHash: CodeHash(code),
	}
	if v := d.c.Current(); v != nil {
		e.Parties = append([]PartyFact(nil), v.Parties...)
	}
	words := LicenceText{Title: app.Title, Conditions: cmd.Conditions}
	for _, l := range app.Lines {
		if !issued[l.ID] {
			continue
		}
		ll, some := d.left(allowed(l, d.f.Decision.line(l.ID).Code, cmd.Conditions))
		if !some {
			f.Item("decision", "licensing.again.used_up", "line", l.ID)
		}
		words.Lines = append(words.Lines, ll)
		ll.Description, ll.PartNumber = "", ""
		e.Lines = append(e.Lines, ll)
	}
	e.Text = event.P(stream, words)
	return &event.New{Stream: stream, Event: e}, nil
}

// granted is the narrower kind that is proposed; empty where it is the kind that
// was applied for, or nothing is proposed.
func (p *Proposal) granted() string {
	if p == nil {
		return ""
	}
	return p.Grant
}

// share is value * part / all, rounded down.
func share(value int64, part, all Quantity) int64 {
	n := new(big.Int).Mul(big.NewInt(value), big.NewInt(int64(part)))
	return n.Quo(n, big.NewInt(int64(all))).Int64()
}

// allowed is what a licence lets go of a line: what was asked for, or less where
// a condition on quantity says so; the value goes down with it.
func allowed(l Line, code string, conditions []Condition) LicenceLine {
	out := LicenceLine{
		Line: l.ID, Kind: l.Kind, Code: code, Tariff: l.Tariff, Quantity: l.Quantity, Unit: l.Unit, Value: l.Value, Currency: l.Currency,
		Description: l.Description, PartNumber: l.PartNumber,
	}
	for _, k := range conditions {
		if k.Type == MaxQuantity && contains(k.Lines, l.ID) && k.Unit == l.Unit && Quantity(k.Number) < out.Quantity {
			out.Quantity = Quantity(k.Number)
			out.Value = share(l.Value, out.Quantity, l.Quantity)
		}
	}
	return out
}
