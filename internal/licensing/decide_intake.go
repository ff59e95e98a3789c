package licensing

import (
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// incomplete turns what is missing into a fault that names each paragraph.
func incomplete(missing []Missing) error {
	if len(missing) == 0 {
		return nil
	}
	f := fault.New(fault.Blocked, "licensing.application.incomplete", "count", len(missing))
	for _, m := range missing {
		f.Item("paragraph-"+m.Paragraph, m.Key, "paragraph", m.Paragraph, "title", m.Title, "text", m.Text, "field", m.Field, "line", m.Line, "party", m.Party)
	}
	return f
}

// admissible checks form, then completeness, and names the profile used.
func (d *decider) admissible(a *Application) error {
	if err := a.Validate(); err != nil {
		return err
	}
	profile, err := d.asks(a.Kind)
	if err != nil {
		return err
	}
	if err := incomplete(Check(a, profile)); err != nil {
		return err
	}
	a.Profile = d.f.Profile.ID + "@" + d.f.Profile.Version
	return nil
}

// asks is what an application of a kind has to tell.
func (d *decider) asks(kind string) (Profile, error) {
	if d.f.Kind.ID == "" || d.f.Kind.ID != kind {
		return Profile{}, missingFact("Kind")
	}
	return d.f.Kind.Profile(d.f.Profile), nil
}

func (d *decider) submit(cmd Submit) error {
	a := cmd.Application.clone()
	for i := range a.Parties {
		a.Parties[i].Register = "" // who a party is in the register is the authority's word
	}
	if err := d.admissible(&a); err != nil {
		return err
	}
	switch {
	case d.f.Reference == "":
		return missingFact("Reference")
	case d.f.TargetDays < 1:
		return missingFact("TargetDays")
	}
	clock, err := d.mark(Starts, startClock(d.f))
	if err != nil {
		return err
	}
	return d.emit(Submitted{
		Reference: d.f.Reference, Compartment: d.f.Compartment, Manifest: d.f.Kind.Version, To: SubmittedStage, Basis: 1, Clock: clock,
		Version: partsOf(1, d.stream, a),
	})
}

// open is a submission by the authority itself: for no exporter yet.
func (d *decider) open(cmd Open) error {
	if !contains(d.f.Kind.Starts, byAuthority) {
		return fault.New(fault.Invalid, "licensing.kind.unknown").Field("kind", "licensing.kind.unknown")
	}
	if err := text("why", cmd.Why, true); err != nil {
		return err
	}
	a := cmd.Application
	a.Org, a.Contact, a.Declaration = "", Contact{}, Declaration{}
	if err := d.submit(Submit{On: cmd.On, Application: a}); err != nil {
		return err
	}
	e := d.events[0].Event.(Submitted)
	e.Opened, e.Why = true, d.private(cmd.Why)
	d.events[0].Event = e
	return nil
}

func (d *decider) amend(cmd Amend) error {
	a, old := cmd.Application.clone(), d.c.App()
	if a.Kind != old.Kind || a.Org != old.Org {
		return fault.New(fault.Invalid, "licensing.amend.other")
	}
	for i, p := range a.Parties {
		was, _ := old.Party(p.ID)
		a.Parties[i].Register = was.Register
	}
	if err := d.admissible(&a); err != nil {
		return err
	}
	if err := text("why", cmd.Why, false); err != nil {
		return err
	}
	kinds, any := changes(*old, a)
	if !any {
		return fault.New(fault.Conflict, "licensing.amend.same")
	}
	basis := d.c.Basis
	if len(kinds) > 0 {
		basis++
	}
	return d.emit(Amended{Basis: basis, Changed: kinds, Version: partsOf(d.c.Current().Number+1, d.stream, a), Why: d.private(cmd.Why)})
}

// changes names what differs between two versions; a new contact, declaration
// or profile makes a version without changing what the case rests on.
func changes(a, b Application) (kinds []BasisKind, any bool) {
	add := func(kind BasisKind, differs bool) {
		if differs {
			kinds = append(kinds, kind)
		}
	}
	add(BasisLine, !same(a.Lines, b.Lines))
	add(BasisParty, !same(a.Parties, b.Parties))
	add(BasisEndUse, !same(a.EndUse, b.EndUse) || !same(a.Route, b.Route) || a.Title != b.Title || a.Notes != b.Notes || a.Contract != b.Contract)
	add(BasisDocument, !same(a.Documents, b.Documents))
	add(BasisAnswer, !same(a.Answers, b.Answers))
	a.ID, a.Profile = b.ID, b.Profile
	return kinds, len(kinds) > 0 || !same(a, b)
}

func (d *decider) withdraw(cmd Withdraw) error {
	if d.c.Again() != nil {
		return fault.New(fault.Blocked, "licensing.again.withdraw")
	}
	if err := text("why", cmd.Why, true); err != nil {
		return err
	}
	clock, err := d.mark(Ends, d.c.Clock.End(d.f.Now))
	if err != nil {
		return err
	}
	return d.emit(Withdrawn{To: WithdrawnStage, Clock: clock, Why: d.private(cmd.Why)})
}

func (d *decider) assign(cmd Assign) error {
	switch {
	case cmd.Officer == "" || len(cmd.Officer) > 64:
		return fault.New(fault.Invalid, "licensing.officer.missing").Field("officer", "licensing.officer.missing")
	case d.c.RecusalOf(cmd.Officer) != nil:
		return fault.New(fault.Blocked, "licensing.recusal.officer")
	case cmd.Officer == d.c.Officer:
		return fault.New(fault.Conflict, "licensing.officer.same")
	}
	e := Assigned{Officer: cmd.Officer}
	switch {
	case d.c.Stage == SubmittedStage:
		e.To = Assessment
	case d.c.Stage == Waiting && d.c.Before == SubmittedStage:
		e.Before = Assessment
	}
	return d.emit(e)
}

func (d *decider) unassign(cmd Unassign) error {
	if d.c.Officer == "" {
		return fault.New(fault.Conflict, "licensing.officer.none")
	}
	if err := text("why", cmd.Why, true); err != nil {
		return err
	}
	return d.emit(Unassigned{Officer: d.c.Officer, Why: d.private(cmd.Why)})
}

// moveCompartment moves the case, and the licence that came of it.
func (d *decider) moveCompartment(cmd MoveCompartment) error {
	if cmd.Compartment == d.c.Compartment || !party.Bounded(cmd.Compartment, 64) {
		return fault.New(fault.Conflict, "licensing.compartment.same")
	}
	if err := text("why", cmd.Why, true); err != nil {
		return err
	}
	if err := d.emit(CompartmentMoved{Compartment: cmd.Compartment, Why: d.private(cmd.Why)}); err != nil {
		return err
	}
	if d.c.Undertook() {
		d.events = append(d.events, event.New{Stream: OnUndertaking(d.c.ID).Stream(), Event: LicenceMoved{Compartment: cmd.Compartment}})
	}
	if d.c.Decision != nil && d.c.Decision.Licence != "" {
		d.events = append(d.events, event.New{Stream: event.StreamOf(KindLicence, d.c.Decision.Licence), Event: LicenceMoved{Compartment: cmd.Compartment}})
	}
	return nil
}

// keep takes the commands that keep the record in step with what lies around
// the case.
func (d *decider) keep(cmd Command) error {
	switch cmd := cmd.(type) {
	case ChangeBasis:
		known := false
		for _, k := range BasisKinds {
			known = known || k == cmd.What
		}
		if !known || cmd.Ref == "" || !party.Bounded(cmd.Ref, MaxShort) {
			return fault.New(fault.Invalid, "licensing.basis.what").Field("what", "licensing.basis.what")
		}
		if err := text("note", cmd.Note, false); err != nil {
			return err
		}
		return d.emit(BasisChanged{What: cmd.What, Ref: cmd.Ref, Basis: d.c.Basis + 1, Note: d.private(cmd.Note)})
	case LinkParty:
		p, ok := d.c.App().Party(cmd.Party)
		if !ok || cmd.Register == "" || len(cmd.Register) > 64 {
			return fault.New(fault.Invalid, "licensing.party.unknown").Field("party", "licensing.party.unknown")
		}
		if p.Register == cmd.Register {
			return fault.New(fault.Conflict, "licensing.party.linked")
		}
		return d.emit(PartyLinked{Party: cmd.Party, Register: cmd.Register, Basis: d.c.Basis + 1})
	case NoteAssessment:
		if cmd.Severity < 0 || cmd.Severity > 5 || cmd.Basis < 0 || cmd.Basis > d.c.Basis {
			return fault.New(fault.Invalid, "licensing.assessment.note")
		}
		return d.emit(AssessmentNoted{Severity: cmd.Severity, Complete: cmd.Complete, Basis: cmd.Basis})
	case RecordLetter:
		switch cmd.Kind {
		case LetterReceipt, LetterRFI, LetterIntention, LetterDecision, LetterLicence, LetterInformed, LetterAppeal, LetterAppealDecision, LetterReopened, LetterVariation:
		default:
			return fault.New(fault.Invalid, "licensing.letter.kind")
		}
		if cmd.Document == "" || !isHash(cmd.Hash) {
			return fault.New(fault.Invalid, "licensing.document.hash")
		}
		if cmd.Form != "" && cmd.Form != FormDOCX {
			return fault.New(fault.Invalid, "licensing.letter.kind")
		}
		return d.emit(LetterRecorded{Kind: cmd.Kind, Form: cmd.Form, Document: cmd.Document, Hash: cmd.Hash})
	case MoveCompartment:
		return d.moveCompartment(cmd)
	case MoveClock:
		if err := text("why", cmd.Why, true); err != nil {
			return err
		}
		if d.f.TargetDays < 1 {
			return missingFact("TargetDays")
		}
		k := d.c.Clock
		k.Days, k.Unit = d.f.TargetDays, startClock(d.f).Unit
		clock, err := d.mark(Moves, k)
		if err != nil {
			return err
		}
		return d.emit(ClockMoved{Clock: clock, Why: d.private(cmd.Why)})
	}
	return fault.New(fault.Internal, "fault.internal").Because(errUnknownCommand(cmd.Name()))
}
