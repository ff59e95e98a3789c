package node

import (
	"cmp"
	"errors"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/policy"
)

// AssessmentStream is the stream of a case's assessment, for Expect.
func AssessmentStream(id string) event.Stream { return event.StreamOf(kindAssessment, id) }

// assessActs says which act access is asked about for each command on an
// assessment.
func assessAct(cmd assessment.Command) (id string, act access.Act) {
	switch c := cmd.(type) {
	case assessment.Classify:
		return c.Case, access.CaseClassify
	case assessment.JudgeSeverity:
		return c.Case, access.CaseAssess
	case assessment.RecordScreening:
		return c.Case, access.CaseAssess
	case assessment.ResolveHit:
		return c.Case, access.CaseResolve
	case assessment.ReopenHits:
		return c.Case, access.CaseResolve
	case assessment.RecordFact:
		return c.Case, access.CaseAssess
	case assessment.WithdrawFact:
		return c.Case, access.CaseAssess
	case assessment.LoseSource:
		return c.Case, access.CaseAssess
	case assessment.NoteLaw:
		return c.Case, access.CaseAssess
	case assessment.MakeFindings:
		return c.Case, access.CaseAssess
	case assessment.StateGroups:
		return c.Case, access.CaseAssess
	case assessment.RecordView:
		return c.Case, access.CaseRights
	case assessment.StateMitigation:
		return c.Case, access.CaseAssess
	case assessment.BearUnknown:
		return c.Case, access.CaseRecommend
	case assessment.Complete:
		return c.Case, access.CaseAssess
	case assessment.ConfirmSentences:
		return c.Case, access.CaseAssess
	case assessment.RecordDissent:
		return c.Case, access.CaseAdvise
	case assessment.SignText:
		return c.Case, access.CaseAssess
	}
	return "", ""
}

// onAssessment is the way of every command on an assessment. What it changes
// may move the basis of the case, in the same transaction: advice and
// countersignature then rest on something that no longer is.
func onAssessment[C assessment.Command](t *Tx, cmd C, e *Engines) error {
	id, act := assessAct(cmd)
	if act == "" {
		return errors.New("node: no act is named for this command on an assessment")
	}
	c, _, err := load[*licensing.Case](t, CaseStream(id))
	if err != nil {
		return err
	}
	if c.ID == "" {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if err := t.Must(access.CaseRead, act, thingOf(c)); err != nil {
		return err
	}
	if err := c.KeptOut(t.person()); err != nil {
		return err
	}
	if c.AtRest() || c.Stage == licensing.WithdrawnStage {
		return fault.New(fault.Blocked, "licensing.stage."+string(c.Stage), "command", "assessment")
	}
	s, _, err := load[*assessment.State](t, AssessmentStream(id))
	if err != nil {
		return err
	}
	wasComplete := s.Completion != nil
	wasOpen := s.OpenHits()
	broken, err := brokenElsewhere(t.Tx, c)
	if err != nil {
		return err
	}
	events, err := assessment.Decide(s, cmd, assessFacts(t, c, e, broken))
	if err != nil {
		return err
	}
	if err := t.Append(events); err != nil {
		return err
	}
	if what, ref, moved := moves(cmd, events, wasComplete && s.Completion == nil, s.OpenHits() > wasOpen); moved {
		return t.moveBasis(c, what, ref, e)
	}
	if _, ok := any(cmd).(assessment.Complete); ok {
		return t.noteAssessment(c, s, e)
	}
	return nil
}

// moves tells whether what was done changes what the case rests on: a resolved
// hit, a new hit, or anything that ended a completed assessment.
func moves(cmd assessment.Command, events []event.New, ended, found bool) (licensing.BasisKind, string, bool) {
	if len(events) == 0 {
		return "", "", false
	}
	switch c := cmd.(type) {
	case assessment.ResolveHit:
		return licensing.BasisHit, c.Hit, true
	case assessment.ReopenHits:
		return licensing.BasisListEntry, cmp.Or(c.Entry, c.Party, c.Hit), true
	case assessment.RecordScreening:
		return licensing.BasisListEntry, cmp.Or(c.Index, kindAssessment), found
	case assessment.Classify:
		return licensing.BasisLine, c.Line, ended
	case assessment.JudgeSeverity:
		return licensing.BasisLine, c.Line, ended
	case assessment.RecordFact:
		return licensing.BasisIncident, c.ID, ended
	case assessment.WithdrawFact:
		return licensing.BasisIncident, c.ID, ended
	case assessment.LoseSource:
		return licensing.BasisIncident, evidence.KindItem + "/" + c.Item, ended
	case assessment.NoteLaw:
		return licensing.BasisIncident, evidence.KindBrief + "/" + c.Brief, ended
	}
	return licensing.BasisIncident, kindAssessment, ended
}

func (t *Tx) moveBasis(c *licensing.Case, what licensing.BasisKind, ref string, e *Engines) error {
	return t.onto(c, licensing.ChangeBasis{On: licensing.On{Case: c.ID}, What: what, Ref: ref}, e)
}

// noteAssessment carries severity and completion to the case's list row.
func (t *Tx) noteAssessment(c *licensing.Case, s *assessment.State, e *Engines) error {
	severity := 0
	for _, l := range s.Completion.Lines {
		severity = max(severity, l.Severity)
	}
	return t.onto(c, licensing.NoteAssessment{On: licensing.On{Case: c.ID}, Severity: severity, Complete: true, Basis: s.Completion.Basis}, e)
}

// onto carries to the case what was done on its assessment. Unlike decideCase it
// starts nothing: what the assessment found is no reason to screen again.
func (t *Tx) onto(c *licensing.Case, cmd licensing.Command, e *Engines) error {
	facts, err := t.caseFacts(c, cmd, e)
	if err != nil {
		return err
	}
	events, err := licensing.Decide(c, cmd, facts)
	if err != nil {
		return err
	}
	return t.Append(events)
}

func assessFacts(t *Tx, c *licensing.Case, e *Engines, broken []licensing.BrokenElsewhere) assessment.Facts {
	return assessment.Facts{
		Now: t.Now(), Actor: assessment.Actor{Account: t.Actor.Account, Person: t.Actor.Account},
		Case: CaseInput(c, policy.DateOf(t.Now()), broken), Basis: c.Basis, Pack: e.Pack, Destinations: e.Destinations,
	}
}

// brokenElsewhere are the assurances that this case's parties broke in other
// cases, by the register of parties.
func brokenElsewhere(t *store.Tx, c *licensing.Case) ([]licensing.BrokenElsewhere, error) {
	var registers []string
	for _, p := range c.App().Parties {
		if p.Register != "" && !slices.Contains(registers, p.Register) {
			registers = append(registers, p.Register)
		}
	}
	refs, err := t.BrokenAssurances(registers, c.ID)
	if err != nil {
		return nil, fault.Wrap(err, "node: broken assurances")
	}
	var out []licensing.BrokenElsewhere
	for _, p := range c.App().Parties {
		for _, ref := range refs[p.Register] {
			out = append(out, licensing.BrokenElsewhere{Party: p.ID, Case: ref})
		}
	}
	return out, nil
}

// CaseInput is a case as the rules see it on a day: what the applicant gave, and
// how its assurances stand, with those that its end users broke elsewhere. What
// people settled in the assessment is joined by assessment.State.Input.
func CaseInput(c *licensing.Case, day policy.Date, broken []licensing.BrokenElsewhere) assessment.Input {
	a := c.App()
	if a == nil {
		return assessment.Input{}
	}
	in := assessment.Input{
		Case: c.Reference, Title: a.Title, Day: day, Kind: a.Kind, Exporter: a.Org, Destination: a.EndUse.Country,
		EndUse: assessment.EndUse{Purpose: a.EndUse.Purpose, OnWhom: a.EndUse.OnWhom, Place: a.EndUse.Place},
	}
	for _, l := range a.Lines {
		line := assessment.Line{ID: l.ID, Kind: string(l.Kind), PartNumber: l.PartNumber, Description: l.Description, ClaimedCode: l.ClaimedCode, User: l.User}
		if l.Service != nil {
			line.Service = string(l.Service.Kind)
		}
		in.Lines = append(in.Lines, line)
	}
	for _, p := range a.Parties {
		in.Parties = append(in.Parties, assessParty(p))
	}
	for _, s := range c.Standings(deadline.Date(day), broken) {
		in.Assurances = append(in.Assurances, promise(c, s))
	}
	for _, b := range broken {
		in.Answers = append(in.Answers, assessment.Answer{
			Fact: "user.broke_assurance", Value: policy.Bool(true), Party: b.Party, Source: "register of assurances: " + b.Case, Date: policy.Date(b.Day),
		})
	}
	for _, x := range a.Answers {
		in.Notes = append(in.Notes, strings.TrimSpace(x.Paragraph+": "+x.Choice+" "+x.Text))
	}
	return in
}

// promise is one clause of one assurance as the rules see it.
func promise(c *licensing.Case, s licensing.Standing) assessment.Assurance {
	a := c.Assurance(s.Assurance)
	out := assessment.Assurance{Party: s.From, Lines: a.Lines, Assurance: policy.Assurance{
		Kind: string(s.Clause), Sought: true, Given: s.Reply == licensing.Given || s.Reply == licensing.Changed, Declined: s.Reply == licensing.Declined,
		Verified: s.Counts, Broken: s.Why == licensing.WhyBroken || s.Why == licensing.WhyBrokenElsewhere,
	}}
	if a.Answer != nil {
		out.Check, out.Text = a.Answer.Text.Check, a.Answer.Text.Text
		if out.Check == "" && a.Answer.HasCheck {
			out.Check = "on record"
		}
	}
	return out
}

func assessParty(p party.Party) assessment.Party {
	out := assessment.Party{
		ID: p.ID, Kind: string(p.Kind), Tie: string(p.Tie), Body: p.Body, Country: p.Country,
		Hidden: p.Ownership.Knowledge == party.Hidden,
	}
	for _, r := range p.Roles {
		out.Roles = append(out.Roles, string(r))
	}
	for _, n := range p.Names {
		out.Names = append(out.Names, n.Text)
		if n.Latin != "" {
			out.Names = append(out.Names, n.Latin)
		}
	}
	if len(p.Addresses) > 0 {
		a := p.Addresses[0]
		out.Address = strings.TrimSpace(strings.Join(a.Lines, ", ") + " " + a.City)
	}
	for _, id := range p.Identifiers {
		out.IDs = append(out.IDs, assessment.Ident{Kind: id.Kind, Value: id.Value, Country: id.Country})
	}
	for _, u := range p.Tree {
		for _, n := range u.Names {
			out.Units = append(out.Units, n.Text)
		}
	}
	for _, o := range p.Ownership.Owners {
		out.Owners = append(out.Owners, party.PrimaryName(o.Names))
	}
	return out
}
