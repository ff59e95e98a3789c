package licensing

import (
	"fmt"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

func (d *decider) askAdvice(cmd AskAdvice) error {
	seen := map[string]bool{}
	for _, name := range cmd.Departments {
		if name == "" || len(name) > 100 || seen[name] {
			return fault.New(fault.Invalid, "licensing.advice.departments").Field("departments", "licensing.advice.departments")
		}
		seen[name] = true
	}
	if len(cmd.Departments) == 0 || len(cmd.Departments) > 50 {
		return fault.New(fault.Invalid, "licensing.advice.departments").Field("departments", "licensing.advice.departments")
	}
	to := AdviceStage
	if waits := func() bool {
		for _, name := range cmd.Departments {
			if !d.c.answered(name) {
				return true
			}
		}
		return false
	}(); !waits {
		to = ""
	}
	return d.emit(AdviceAsked{To: to, Departments: cmd.Departments})
}

func (d *decider) giveAdvice(cmd GiveAdvice) error {
	if err := newID("advice", cmd.Advice, d.c.AdviceByID(cmd.Advice) != nil); err != nil {
		return err
	}
	if cmd.Department == "" || cmd.Role == "" || len(cmd.Department) > 100 || len(cmd.Role) > 100 {
		return fault.New(fault.Invalid, "licensing.advice.departments").Field("department", "licensing.advice.departments")
	}
	if cmd.Role == access.RightsAdviser && !d.f.OwnView {
		return fault.New(fault.Blocked, "licensing.advice.own_view").Item("assessment#adviser", "licensing.advice.own_view")
	}
	if err := text("text", cmd.Text, true); err != nil {
		return err
	}
	facts, err := d.views(cmd.Views)
	if err != nil {
		return err
	}
	e := AdviceGiven{
		Advice: cmd.Advice, Department: cmd.Department, Role: cmd.Role, Person: d.f.Actor.person(), Basis: d.c.Basis, Views: facts,
		Text: event.P(d.stream, AdviceText{Text: cmd.Text, Views: cmd.Views}),
	}
	if d.c.Stage == AdviceStage {
		if left := d.c.Outstanding(); len(left) == 0 || (len(left) == 1 && left[0] == cmd.Department) {
			e.To = RecommendStage
		}
	}
	return d.emit(e)
}

// views checks a department's views and says what is kept of them.
func (d *decider) views(views []View) ([]ViewFact, error) {
	f := fault.New(fault.Invalid, "licensing.advice.views")
	if len(views) == 0 || len(views) > MaxLines+MaxParties {
		f.Field("views", "licensing.advice.views")
	}
	var facts []ViewFact
	seen := map[string]bool{}
	for i, v := range views {
		name := fmt.Sprintf("views.%d", i)
		if (v.Line == "") == (v.Party == "") || seen[v.Line+"/"+v.Party] {
			f.Field(name, "licensing.advice.views")
			continue
		}
		seen[v.Line+"/"+v.Party] = true
		if _, ok := d.c.App().Line(v.Line); v.Line != "" && !ok {
			f.Field(name, "licensing.line.unknown")
		}
		if _, ok := d.c.App().Party(v.Party); v.Party != "" && !ok {
			f.Field(name, "licensing.party.unknown")
		}
		switch v.Advice {
		case Approve, NotRequired, Refuse:
		case ApproveWithCondition:
			if strings.TrimSpace(v.Condition) == "" {
				f.Field(name, "licensing.advice.condition")
			}
		default:
			f.Field(name, "licensing.advice.views")
		}
		fact := ViewFact{Line: v.Line, Party: v.Party, Advice: v.Advice}
		ids := map[string]bool{}
		for _, g := range v.Grounds {
			if g.ID == "" || len(g.ID) > 64 || ids[g.ID] || strings.TrimSpace(g.Text) == "" || !party.Bounded(g.Text, MaxLong) {
				f.Field(name, "licensing.advice.grounds")
			}
			ids[g.ID] = true
			fact.Grounds = append(fact.Grounds, g.ID)
		}
		if v.Advice == Refuse && len(v.Grounds) == 0 {
			f.Field(name, "licensing.advice.grounds")
		}
		if !party.Bounded(v.Condition, MaxLong) {
			f.Field(name, "licensing.text.bound", "max", MaxLong)
		}
		facts = append(facts, fact)
	}
	if len(f.Fields) > 0 {
		f.Key, f.Args = f.Fields[0].Key, f.Fields[0].Args
	}
	return facts, f.Or()
}

func (d *decider) confirmAdvice(cmd ConfirmAdvice) error {
	a := d.c.AdviceByID(cmd.Advice)
	switch {
	case a == nil || a.Superseded:
		return fault.New(fault.NotFound, "licensing.advice.unknown")
	case a.Person != d.f.Actor.person() && !d.f.Actor.Has(a.Role):
		return fault.New(fault.Denied, "licensing.advice.other", "department", a.Department)
	case a.Basis == d.c.Basis:
		return fault.New(fault.Conflict, "licensing.advice.current")
	}
	if err := text("note", cmd.Note, false); err != nil {
		return err
	}
	return d.emit(AdviceConfirmed{Advice: a.ID, Person: d.f.Actor.person(), Basis: d.c.Basis, Note: d.private(cmd.Note)})
}

// VisibleAdvice is the advice that a person may see. Someone who advises sees
// that of others only after a view of their own: the human-rights adviser when
// likelihood, severity and main worry stand in the assessment (ownView), others
// when their department has advised. Those who process the case see all.
func (c *Case) VisibleAdvice(viewer Actor, ownView bool) []Advice {
	processes := viewer.Has(access.LicensingOfficer) || viewer.Has(access.SeniorOfficer) || viewer.Has(access.CaseCoordinator)
	advises := viewer.Has(access.RightsAdviser) || viewer.Has(access.AdvisingMinistry) || viewer.Has(access.TechnicalAssessor) || viewer.Has(access.EnforcementOfficer)
	gave := false
	for _, a := range c.Advice {
		gave = gave || a.Person == viewer.person()
	}
	all := gave
	switch {
	case viewer.Has(access.RightsAdviser):
		all = ownView
	case processes || !advises:
		all = true
	}
	var out []Advice
	for _, a := range c.Advice {
		if all || a.Person == viewer.person() {
			out = append(out, a)
		}
	}
	return out
}

// StalePart is one part of a case that rests on an earlier basis.
type StalePart struct {
	Part       string        `json:"part"` // "assessment", "advice" or "countersignature"
	Advice     string        `json:"advice,omitempty"`
	Department string        `json:"department,omitempty"`
	Basis      int           `json:"basis"`           // on which it rests
	Since      []BasisChange `json:"since,omitempty"` // what changed since
}

// Stale names every part that has to be confirmed again before anyone may
// decide: the assessment, each department's latest advice, and the
// countersignature. assessment is the basis on which the assessment was last
// confirmed.
func (c *Case) Stale(assessment int) []StalePart {
	var out []StalePart
	add := func(p StalePart) {
		if p.Basis >= c.Basis {
			return
		}
		for _, ch := range c.Changes {
			if ch.Basis > p.Basis {
				p.Since = append(p.Since, ch)
			}
		}
		out = append(out, p)
	}
	add(StalePart{Part: "assessment", Basis: assessment})
	for _, a := range c.Advice {
		if !a.Superseded {
			add(StalePart{Part: "advice", Advice: a.ID, Department: a.Department, Basis: a.Basis})
		}
	}
	if s := c.Signature(); s != nil {
		add(StalePart{Part: "countersignature", Basis: s.Basis})
	}
	return out
}

func (d *decider) recommend(cmd Recommend) error {
	if err := d.outcomes(cmd.Outcomes, cmd.Conditions); err != nil {
		return err
	}
	if cmd.Grant != "" && !contains(d.f.Kind.Narrower, cmd.Grant) {
		return fault.New(fault.Invalid, "licensing.grant.kind", "kind", d.f.Kind.Title).Field("grant", "licensing.grant.kind", "kind", d.f.Kind.Title)
	}
	if err := text("reasons", cmd.Reasons, true); err != nil {
		return err
	}
	without := d.c.Outstanding()
	if len(without) > 0 && strings.TrimSpace(cmd.WithoutAdvice) == "" {
		f := fault.New(fault.Blocked, "licensing.recommendation.blocked")
		for _, name := range without {
			f.Item("advice", "licensing.advice.outstanding", "department", name)
		}
		return f
	}
	if err := text("without_advice", cmd.WithoutAdvice, false); err != nil {
		return err
	}
	e := Recommended{
		To: Countersignature, Person: d.f.Actor.person(), Basis: d.c.Basis, Outcomes: sorted(cmd.Outcomes), Conditions: wordless(cmd.Conditions), Grant: cmd.Grant, Without: without,
		Text: event.P(d.stream, ProposalText{Reasons: cmd.Reasons, WithoutAdvice: cmd.WithoutAdvice, Conditions: cmd.Conditions}),
	}
	e.Voids = d.c.Signature() != nil
	return d.emit(e)
}

func (d *decider) countersign(cmd Countersign) error {
	p := d.c.Proposal
	switch {
	case p == nil:
		return fault.New(fault.Blocked, "licensing.recommendation.missing")
	case p.Person == d.f.Actor.person():
		return fault.New(fault.Denied, "licensing.countersign.same_person")
	}
	if err := text("reasons", cmd.Reasons, !cmd.Agree); err != nil {
		return err
	}
	e := Countersigned{Person: d.f.Actor.person(), Roles: d.f.Actor.Roles, Agree: cmd.Agree, Basis: d.c.Basis, Reasons: d.private(cmd.Reasons)}
	if !cmd.Agree {
		e.To = RecommendStage
	}
	return d.emit(e)
}
