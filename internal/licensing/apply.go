package licensing

import (
	"fmt"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/party"
)

// Apply folds one more event in. It takes what the event says (next stage, due
// instant, basis) and works out nothing that a pack could change.
func (c *Case) Apply(r event.Recorded) error {
	if s, ok := r.Event.(Submitted); ok {
		c.submitted(r, s)
	} else if c.Stage == "" {
		return fmt.Errorf("licensing: %q before the case was submitted", r.Event.EventType())
	}
	c.Changed, c.LastActor = r.Time, r.Actor
	if !quiet(r) {
		c.Moved = r.Version
	}
	switch r.Event.(type) {
	case Submitted, Assigned, Unassigned, Withdrawn, Decided, CompartmentMoved, CaseInformed, AppealLodged, AppealDecided, AppealWithdrawn, Reopened:
		c.Handed = r.Version
	}
	switch e := r.Event.(type) {
	case Submitted:
	case Amended:
		c.addVersion(r, e.Version, event.TextOf(e.Why))
		for _, what := range e.Changed { // several kinds of change make one basis
			c.Changes = append(c.Changes, BasisChange{Basis: e.Basis, What: what, Ref: fmt.Sprintf("version/%d", e.Version.Number), At: r.Time, By: r.Actor})
		}
		c.Basis = e.Basis
	case Withdrawn:
		why := event.TextOf(e.Why)
		c.Withdrawal, c.Withdrawn = &why, r.Time
		c.move(e.To, "")
		c.tick(r.Time, e.Clock, "", "")
	case Assigned:
		c.Officer = e.Officer
		c.move(e.To, "")
		if e.Before != "" {
			c.Before = e.Before
		}
	case Unassigned:
		c.Officer = ""
	case CaseInformed, CaseLifted:
		c.applyInformed(r)
	case InformationAsked, InformationAnswered, InformationClosed, InformationExtended:
		return c.applyInformation(r)
	case AssuranceSought, AssuranceRecorded, AssuranceVerified:
		return c.applyAssurance(r)
	case AdviceAsked:
		for _, d := range e.Departments {
			c.Asked = append(c.Asked, AskedAdvice{Department: d, At: r.Time, By: r.Actor})
		}
		c.move(e.To, "")
	case AdviceGiven:
		c.applyAdvice(r, e)
	case AdviceConfirmed:
		if a := c.AdviceByID(e.Advice); a != nil {
			a.Basis = e.Basis
			a.Notes = append(a.Notes, event.TextOf(e.Note))
		}
	case Recommended:
		c.applyProposal(r, e)
	case Countersigned:
		c.Signatures = append(c.Signatures, CaseSignature{Person: e.Person, Roles: e.Roles, At: r.Time, Agree: e.Agree, Basis: e.Basis, Reasons: event.TextOf(e.Reasons)})
		c.move(e.To, "")
	case RefusalIntended:
		c.Intended = &IntendedRefusal{At: r.Time, Lines: e.Lines, Grounds: e.Grounds, Released: e.Released.Value, Withheld: e.Withheld, Due: e.Due, Erased: e.Released.Erased}
		c.move(e.To, "")
	case ApplicantReplied, ReplyWeighed:
		return c.applyReply(r)
	case Decided:
		c.applyDecision(r, e)
	case BasisChanged:
		c.changed(r, e.Basis, e.What, e.Ref, event.TextOf(e.Note))
	case PartyLinked:
		c.applyLink(e)
		c.changed(r, e.Basis, BasisParty, e.Party, Text{})
	case AssessmentNoted:
		c.Assessed = Assessed(e)
	case LetterRecorded:
		c.Letters = append(c.Letters, Letter{Kind: e.Kind, Form: e.Form, Document: e.Document, Hash: e.Hash, At: r.Time})
	case NoteWritten, NotesRead:
		return c.applyNote(r)
	case CompartmentMoved:
		c.Compartment = e.Compartment
	case ClockMoved:
		c.tick(r.Time, e.Clock, "", "")
	case PeriodsTicked:
		for _, t := range e.Ticks {
			c.Periods = ticked(c.Periods, t, r.Time, r.Actor)
		}
	default:
		if c.applyProcedure(r) || c.applyAppeal(r) {
			return nil
		}
		return fmt.Errorf("licensing: a case does not know %q", r.Event.EventType())
	}
	return nil
}

// MovedAt is the version of the last event after which an open page is too old
// for a command. Who works on a case does not rest on what was found about it:
// only another hand-over, or the case's end, is in the way of one.
func (c *Case) MovedAt(cmd any) int64 {
	switch cmd.(type) {
	case Assign, Unassign:
		return c.Handed
	case WriteNote, ReadNotes:
		return 0 // whatever happened, a note can be written and read
	}
	return c.Moved
}

// quiet tells what the node does by itself after a person's act, that no page
// must be read again for: it files a letter, or carries a search's outcome to the
// lists. What such an outcome forbids is refused by the rules themselves. Nothing
// rests on a note.
func quiet(r event.Recorded) bool {
	switch r.Event.(type) {
	case LetterRecorded, NoteWritten, NotesRead, PeriodsTicked:
		return true
	case AssessmentNoted:
		return r.Actor == access.System().Account
	}
	return false
}

// move changes the stage; before is where an open request returns to.
func (c *Case) move(to, before Stage) {
	if to == "" {
		return
	}
	c.Stage, c.Before = to, before
	if to != Waiting {
		c.Before = ""
	}
}

// tick takes the clock as the event gives it; why and by are of a stop.
func (c *Case) tick(at time.Time, m ClockMark, why, by string) {
	switch m.Effect {
	case Starts:
		if !c.Clock.Started.IsZero() {
			c.Ticked = append(c.Ticked, c.Clock.End(at))
		}
		c.Clock = deadline.StartFor(deadline.Period{Days: m.Days, Unit: m.Unit}, at)
	case Stops:
		c.Clock = c.Clock.Stop(at, why, by)
	case Runs:
		c.Clock = c.Clock.Run(at)
	case Moves:
		c.Clock.Days, c.Clock.Unit = m.Days, m.Unit
	case Ends:
		c.Clock = c.Clock.End(at)
	default:
		return
	}
	c.Clock = c.Clock.With(m.Mark)
	if m.Calendar != "" {
		c.Clock.Calendar = m.Calendar
	}
}

// wait has the clock stand for one thing more; where it stands already the event
// gives no mark.
func (c *Case) wait(r event.Recorded, m ClockMark, why string) {
	if m.Effect == NoEffect {
		c.Clock = c.Clock.Stop(r.Time, why, r.Actor)
	}
	c.tick(r.Time, m, why, r.Actor)
}

// release has it stand for one thing less.
func (c *Case) release(r event.Recorded, m ClockMark, why string) {
	if m.Effect == NoEffect {
		c.Clock = c.Clock.Release(r.Time, why)
	}
	c.tick(r.Time, m, "", "")
}

// changed notes a material change where the basis really moved.
func (c *Case) changed(r event.Recorded, basis int, what BasisKind, ref string, note Text) {
	if basis == c.Basis {
		return // a holding reply, a weighing without new facts
	}
	c.Changes = append(c.Changes, BasisChange{Basis: basis, What: what, Ref: ref, Note: note, At: r.Time, By: r.Actor})
	c.Basis = basis
}

func (c *Case) submitted(r event.Recorded, e Submitted) {
	*c = Case{
		ID: r.Stream.ID(), Reference: e.Reference, Kind: e.Version.Kind, Manifest: e.Manifest, Opened: e.Opened, Learned: event.TextOf(e.Why), Org: e.Version.Org, Compartment: e.Compartment,
		Stage: e.To, Basis: e.Basis, Submitted: r.Time,
	}
	c.addVersion(r, e.Version, Text{})
	c.tick(r.Time, e.Clock, "", "")
}

// addVersion puts a version together again from its parts.
func (c *Case) addVersion(r event.Recorded, v VersionPart, why Text) {
	out := Version{
		Number: v.Number, At: r.Time, By: r.Actor, Profile: v.Profile, Why: why,
		Documents: v.Documents, Parties: append([]PartyFact(nil), v.Parties...), Erased: v.Content.Erased,
	}
	if v.Content.Erased != nil {
		out.App = v.bare()
	} else {
		out.App = v.Content.Value.clone()
	}
	for _, p := range v.People {
		if p.Retain != "" {
			out.Held = append(out.Held, HeldPerson{Ref: p.Ref, Owner: p.Details.Owner.ID(), Retain: p.Retain})
		}
		if p.Details.Erased != nil {
			out.People = append(out.People, ErasedPerson{Ref: p.Ref, Erased: *p.Details.Erased})
			continue
		}
		out.App.join(p.Ref, p.Details.Value)
	}
	c.Versions = append(c.Versions, out)
}

// bare is what can be said of a version whose content was erased.
func (v VersionPart) bare() Application {
	a := Application{Kind: v.Kind, Org: v.Org, Profile: v.Profile, EndUse: EndUse{Country: v.Country}, Lines: append([]Line(nil), v.Lines...)}
	for _, d := range v.Documents {
		a.Documents = append(a.Documents, Document{ID: d.ID, Kind: d.Kind, Hash: d.Hash, Size: d.Size})
	}
	for _, p := range v.Parties {
		a.Parties = append(a.Parties, party.Party{ID: p.ID, Register: p.Register, Roles: p.Roles, Kind: p.Kind, Tie: p.Tie, Country: p.Country})
	}
	return a
}

// applyLink ties the party in the latest version; earlier ones stay as they
// were submitted.
func (c *Case) applyLink(e PartyLinked) {
	v := c.Current()
	for i := range v.App.Parties {
		if v.App.Parties[i].ID == e.Party {
			v.App.Parties[i].Register = e.Register
		}
	}
	for i := range v.Parties {
		if v.Parties[i].ID == e.Party {
			v.Parties[i].Register = e.Register
		}
	}
}

func (c *Case) applyInformation(r event.Recorded) error {
	switch e := r.Event.(type) {
	case InformationAsked:
		c.RFIs = append(c.RFIs, RFI{
			ID: e.RFI, Number: e.Number, Questions: e.Questions.Value, Erased: e.Questions.Erased,
			AskedBy: r.Actor, AskedAt: r.Time, Due: e.Due,
		})
		c.move(e.To, e.Before)
		c.wait(r, e.Clock, "rfi/"+e.RFI)
	case InformationAnswered:
		q := c.RFI(e.RFI)
		if q == nil {
			return fmt.Errorf("licensing: an answer to the unknown request %q", e.RFI)
		}
		q.Answers = append(q.Answers, RFIAnswer{At: r.Time, By: r.Actor, Holding: e.Holding, Answer: e.Answer.Value, Documents: e.Documents, Erased: e.Answer.Erased})
		if !e.Holding {
			q.Closed, q.How = r.Time, RFIAnswered
		}
		c.changed(r, e.Basis, BasisDocument, "rfi/"+e.RFI, Text{})
		c.move(e.To, c.Before)
		if !e.Holding {
			c.release(r, e.Clock, "rfi/"+e.RFI)
		}
	case InformationExtended:
		q := c.RFI(e.RFI)
		if q == nil {
			return fmt.Errorf("licensing: more time for the unknown request %q", e.RFI)
		}
		q.Due, q.Extended = e.Due, append(q.Extended, Extension{At: r.Time, By: r.Actor, Due: e.Due, Why: event.TextOf(e.Why)})
	case InformationClosed:
		q := c.RFI(e.RFI)
		if q == nil {
			return fmt.Errorf("licensing: the end of the unknown request %q", e.RFI)
		}
		q.Closed, q.How, q.Why = r.Time, RFIClosed, event.TextOf(e.Why)
		if e.Unanswered {
			q.How = RFIUnanswered
		}
		c.move(e.To, c.Before)
		c.release(r, e.Clock, "rfi/"+e.RFI)
	}
	return nil
}

func (c *Case) applyAssurance(r event.Recorded) error {
	switch e := r.Event.(type) {
	case AssuranceSought:
		c.Assurances = append(c.Assurances, Assurance{
			ID: e.Assurance, From: e.From, Clauses: e.Clauses, Lines: e.Lines, SoughtAt: r.Time, SoughtBy: r.Actor,
			Sought: e.Text.Value, Erased: e.Text.Erased,
		})
	case AssuranceRecorded:
		a := c.Assurance(e.Assurance)
		if a == nil {
			return fmt.Errorf("licensing: a reply about the unknown assurance %q", e.Assurance)
		}
		if a.Answer != nil {
			a.Earlier = append(a.Earlier, *a.Answer)
		}
		a.Answer = &AssuranceReply{
			At: r.Time, By: r.Actor, Replies: e.Replies, Authority: e.Authority, HasCheck: e.HasCheck, Expires: e.Expires,
			Text: e.Text.Value, Erased: e.Text.Erased, Document: e.Document, Signatory: e.Signatory.Value, SignatoryErased: e.Signatory.Erased,
			Person: e.Signatory.Owner.ID(), Retain: e.Retain,
		}
		c.changed(r, e.Basis, BasisAssurance, e.Assurance, Text{})
	case AssuranceVerified:
		a := c.Assurance(e.Assurance)
		if a == nil {
			return fmt.Errorf("licensing: a check of the unknown assurance %q", e.Assurance)
		}
		a.Checks = append(a.Checks, AssuranceCheck{At: r.Time, By: r.Actor, Day: e.Day, Clauses: e.Clauses, Result: e.Result, Documents: e.Documents, Evidence: event.TextOf(e.Evidence)})
		c.changed(r, e.Basis, BasisAssurance, e.Assurance, Text{})
	}
	return nil
}

func (c *Case) applyAdvice(r event.Recorded, e AdviceGiven) {
	for i := range c.Advice {
		if c.Advice[i].Department == e.Department {
			c.Advice[i].Superseded = true
		}
	}
	c.Advice = append(c.Advice, Advice{
		ID: e.Advice, Department: e.Department, Role: e.Role, Person: e.Person, At: r.Time, Basis: e.Basis,
		Facts: e.Views, Text: e.Text.Value, Erased: e.Text.Erased,
	})
	c.move(e.To, "")
}

func (c *Case) applyProposal(r event.Recorded, e Recommended) {
	if c.Proposal != nil {
		c.Earlier = append(c.Earlier, *c.Proposal)
	}
	p := &Proposal{Person: e.Person, At: r.Time, Basis: e.Basis, Outcomes: e.Outcomes, Conditions: e.Conditions, Grant: e.Grant, Without: e.Without, Text: e.Text.Value, Erased: e.Text.Erased}
	if e.Text.Erased == nil {
		p.Conditions, p.Text.Conditions = e.Text.Value.Conditions, nil
	}
	c.Proposal = p
	if e.Voids {
		for i := range c.Signatures {
			c.Signatures[i].Void = true
		}
	}
	c.move(e.To, "")
}

func (c *Case) applyReply(r event.Recorded) error {
	if c.Intended == nil {
		return fmt.Errorf("licensing: %q before a refusal was intended", r.Event.EventType())
	}
	switch e := r.Event.(type) {
	case ApplicantReplied:
		c.Intended.Replies = append(c.Intended.Replies, CaseReply{At: r.Time, By: r.Actor, Late: e.Late, Text: e.Text.Value, Documents: e.Documents, Erased: e.Text.Erased})
		c.changed(r, e.Basis, BasisReply, "reply", Text{})
	case ReplyWeighed:
		for i := range c.Intended.Replies {
			if w := &c.Intended.Replies[i]; !w.Weighed {
				w.Weighed, w.WeighedBy, w.Weighing = true, r.Actor, event.TextOf(e.Text)
			}
		}
		c.changed(r, e.Basis, BasisReply, "reply", Text{})
	}
	return nil
}

func (c *Case) applyDecision(r event.Recorded, e Decided) {
	if c.Decision != nil {
		c.Former = append(c.Former, *c.Decision)
	}
	d := &Decision{
		Number: e.Number, Way: e.Way, Contest: e.Contest,
		At: r.Time, Person: e.Person, Outcome: e.Outcome, Lines: e.Lines, Conditions: e.Conditions, Text: e.Text.Value, Released: e.Released.Value,
		Withheld: e.Withheld, Redress: e.Redress, AgainstAdviser: e.AgainstAdviser, Recommender: e.Recommender, Countersigner: e.Countersigner,
		Licence: e.Licence, Direction: e.Direction, Basis: e.Basis, Rests: e.Rests, Erased: e.Text.Erased,
	}
	if e.Text.Erased == nil {
		d.Conditions, d.Text.Conditions = e.Text.Value.Conditions, nil
	}
	c.Decision = d
	c.move(e.To, "")
	c.tick(r.Time, e.Clock, "", "")
}
