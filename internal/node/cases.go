package node

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/incidents"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/policy"
)

// Kinds of streams of casework.
const (
	kindCase       = "case"
	kindLicence    = "licence"
	kindAssessment = "assessment"
)

// CaseStream is the stream of a case, for Expect.
func CaseStream(id string) event.Stream { return event.StreamOf(kindCase, id) }

// mayOn asks access for a command on a case, by the act that the case's table
// names for it. Who may not even see the case gets "not found".
func (t *Tx) mayOn(c *licensing.Case, command string) error {
	for _, row := range licensing.Table {
		if row.Command != command {
			continue
		}
		see := access.CaseRead
		if strings.HasPrefix(string(row.Act), "application.") {
			see = access.ApplicationRead
		}
		return t.Must(see, row.Act, thingOf(c)) // a row without an act is the node's own
	}
	return fmt.Errorf("node: the table of cases has no row for %s", command)
}

// thingOf is a case as access sees it.
func thingOf(c *licensing.Case) access.Thing {
	return access.Thing{Kind: kindCase, Org: c.Org, Compartment: c.Compartment}
}

// registerCasework files the commands of casework.
func (a *App) registerCasework() {
	handlePrepared(a, ready, submit)
	handlePrepared(a, ready, onCase[licensing.Recuse])
	handlePrepared(a, ready, onCase[licensing.LiftRecusal])
	handlePrepared(a, ready, onCase[licensing.Direct])
	handlePrepared(a, ready, onCase[licensing.LodgeDissent])
	handlePrepared(a, ready, onCase[licensing.CloseDissent])
	handlePrepared(a, ready, onCase[licensing.Escalate])
	handlePrepared(a, ready, onCase[licensing.Minute])
	handlePrepared(a, ready, lodgeAppeal)
	handlePrepared(a, ready, onCase[licensing.WithdrawAppeal])
	handlePrepared(a, ready, onCase[licensing.AssignReview])
	handlePrepared(a, ready, onCase[licensing.DecideAppeal])
	handlePrepared(a, ready, onCase[licensing.Reopen])
	handlePrepared(a, ready, openCase)
	handlePrepared(a, ready, inform)
	handlePrepared(a, ready, onCase[licensing.LiftInformed])
	handlePrepared(a, ready, amend)
	handlePrepared(a, ready, onCase[licensing.Withdraw])
	handlePrepared(a, ready, onCase[licensing.Assign])
	handlePrepared(a, ready, onCase[licensing.Unassign])
	handlePrepared(a, ready, onCase[licensing.AskInformation])
	handlePrepared(a, ready, answerInformation)
	handlePrepared(a, ready, onCase[licensing.ExtendInformation])
	handlePrepared(a, ready, onCase[licensing.CloseInformation])
	handlePrepared(a, ready, onCase[licensing.SeekAssurance])
	handlePrepared(a, ready, onCase[licensing.RecordAssurance])
	handlePrepared(a, ready, onCase[licensing.VerifyAssurance])
	handlePrepared(a, ready, onCase[licensing.AskAdvice])
	handlePrepared(a, ready, onCase[licensing.GiveAdvice])
	handlePrepared(a, ready, onCase[licensing.ConfirmAdvice])
	handlePrepared(a, ready, onCase[licensing.Recommend])
	handlePrepared(a, ready, onCase[licensing.Countersign])
	handlePrepared(a, ready, onCase[licensing.IntendToRefuse])
	handlePrepared(a, ready, reply)
	handlePrepared(a, ready, onCase[licensing.WeighReply])
	handlePrepared(a, restOn, decide)
	handlePrepared(a, ready, onCase[licensing.ChangeBasis])
	handlePrepared(a, ready, onCase[licensing.LinkParty])
	handlePrepared(a, ready, onCase[licensing.NoteAssessment])
	handlePrepared(a, ready, onCase[licensing.RecordLetter])
	handlePrepared(a, ready, writeNote)
	handlePrepared(a, ready, onCase[licensing.ReadNotes])
	handlePrepared(a, ready, onCase[licensing.MoveClock])
	handlePrepared(a, ready, onCase[licensing.MoveCompartment])

	handlePrepared(a, ready, onLicence[licensing.RecordDocument])
	handlePrepared(a, ready, onLicence[licensing.Suspend])
	handlePrepared(a, ready, onLicence[licensing.Reinstate])
	handlePrepared(a, ready, onLicence[licensing.Revoke])
	handlePrepared(a, ready, onLicence[licensing.Expire])
	handlePrepared(a, ready, onLicence[licensing.Release])
	handlePrepared(a, ready, varying[licensing.ProposeVariation])
	handlePrepared(a, ready, varying[licensing.AnswerVariation])
	handlePrepared(a, ready, onLicence[licensing.RecordVariationSearch])

	handlePrepared(a, ready, onAssessment[assessment.Classify])
	handlePrepared(a, ready, onAssessment[assessment.JudgeSeverity])
	handlePrepared(a, ready, onAssessment[assessment.RecordScreening])
	handlePrepared(a, ready, onAssessment[assessment.ResolveHit])
	handlePrepared(a, ready, onAssessment[assessment.ReopenHits])
	handlePrepared(a, ready, recordFact)
	handlePrepared(a, ready, onAssessment[assessment.WithdrawFact])
	handlePrepared(a, ready, onAssessment[assessment.LoseSource])
	handlePrepared(a, ready, onAssessment[assessment.NoteLaw])
	handlePrepared(a, ready, onAssessment[assessment.MakeFindings])
	handlePrepared(a, ready, onAssessment[assessment.StateGroups])
	handlePrepared(a, ready, onAssessment[assessment.RecordView])
	handlePrepared(a, ready, onAssessment[assessment.BearUnknown])
	handlePrepared(a, ready, onAssessment[assessment.StateMitigation])
	handlePrepared(a, ready, onAssessment[assessment.Complete])
	handlePrepared(a, ready, onAssessment[assessment.ConfirmSentences])
	handlePrepared(a, ready, onAssessment[assessment.RecordDissent])
	handlePrepared(a, ready, onAssessment[assessment.SignText])

	handle(a, onParty[party.Register])
	handle(a, onParty[party.Rename])
	handle(a, onParty[party.LinkUnit])
	handle(a, onParty[party.Reorganise])
	handle(a, onParty[party.Correct])
	handle(a, onParty[party.Object])
	handle(a, onParty[party.AnswerObjection])
}

// ready waits for the engines before the transaction: facts from packs and
// calendars come from them.
func ready[C any](ctx context.Context, a *App, _ access.Actor, _ C) (*Engines, error) {
	return a.Engines(ctx)
}

// onCase is the way of every command on a case but the submission and the
// decision, which need more: load, ask access, gather, decide, append, and see
// to what follows.
func onCase[C licensing.Command](t *Tx, cmd C, e *Engines) error {
	c, _, err := load[*licensing.Case](t, cmd.Stream())
	if err != nil {
		return err
	}
	if err := t.mayOn(c, cmd.Name()); err != nil {
		return err
	}
	facts, err := t.caseFacts(c, cmd, e)
	if err != nil {
		return err
	}
	if err := t.decideCase(c, cmd, facts); err != nil {
		return err
	}
	if v, ok := any(cmd).(licensing.VerifyAssurance); ok && v.Result == licensing.Broken {
		return t.breachOpens(incidents.Link{Kind: incidents.ToCase, Ref: c.ID}, c, c.Reference, v.Evidence, e)
	}
	return nil
}

// person is who a command is from, as licensing sees it.
func (t *Tx) person() licensing.Actor {
	actor := t.Actor
	if actor.System {
		actor.Roles = append(slices.Clone(actor.Roles), licensing.System)
	}
	return licensing.Actor{Actor: actor}
}

// caseFacts gathers what commands on a case may need. All of it is at hand:
// the pack and the calendar in memory, the assessment one row.
func (t *Tx) caseFacts(c *licensing.Case, cmd licensing.Command, e *Engines) (licensing.Facts, error) {
	f := licensing.Facts{Now: t.Now(), Actor: t.person(), Calendar: e.Calendar, Calendars: e.Calendars, Periods: PeriodRules(e.Pack, e.Calendar), Profile: profileOf(e.Pack)}
	kind := c.Kind
	switch cmd := cmd.(type) {
	case licensing.Submit:
		kind = cmd.Application.Kind
	case licensing.Open:
		kind = cmd.Application.Kind
	}
	var err error
	if f.Kind, err = t.app.KindOf(kind); err != nil {
		return f, err
	}
	target := targetOf(e.Pack, f.Kind)
	f.TargetDays, f.TargetUnit = target.Days, target.Unit
	f.RFIPeriod = periodOf(e.Pack, "rfi_limit")
	if f.RFIExtension = periodOf(e.Pack, "rfi_extension"); f.RFIExtension.Days == 0 {
		f.RFIExtension = f.RFIPeriod
	}
	f.ReplyPeriod = periodOf(e.Pack, "reply_period")
	if f.CommitteePeriod = periodOf(e.Pack, "committee"); f.CommitteePeriod.Days == 0 {
		f.CommitteePeriod = deadline.Period{Days: committeeDays, Unit: deadline.WorkingDays}
	}
	if _, ends := cmd.(licensing.DecideCase); ends && c.Proposal != nil && c.Proposal.Grant != "" {
		if f.Granted, err = t.app.KindOf(c.Proposal.Grant); err != nil {
			return f, err
		}
	}
	if err := t.contestFacts(c, &f, e); err != nil {
		return f, err
	}
	switch cmd.(type) {
	case licensing.GiveAdvice:
		var s *assessment.State
		if s, _, err = load[*assessment.State](t, event.StreamOf(kindAssessment, c.ID)); err != nil {
			return f, err
		}
		f.OwnView = s.OwnView(t.Actor.Account)
	case licensing.IntendToRefuse:
		f.Decision, err = t.decisionFacts(c, e, licensing.Rests{}, nil)
	}
	return f, err
}

// committeeDays are the working days until a committee's minutes, where the pack
// has no period "committee".
const committeeDays = 10

func periodOf(p *policy.Pack, id string) deadline.Period {
	x, _ := p.Period(id)
	if x.Working {
		return deadline.Period{Days: x.Days, Unit: deadline.WorkingDays}
	}
	return deadline.Period{Days: x.Days, Unit: deadline.CalendarDays}
}

// profileOf is every completeness profile of a pack as one: its paragraphs say
// themselves whom they ask.
func profileOf(p *policy.Pack) licensing.Profile {
	out := licensing.Profile{ID: p.ID(), Version: p.Version(), Title: p.Title()}
	for _, x := range p.Document().Profiles {
		for _, g := range x.Paragraphs {
			out.Paragraphs = append(out.Paragraphs, licensing.Paragraph{
				ID: g.ID, Title: g.Title, Text: g.Text, Source: g.Source, Choices: g.Choices,
				When: licensing.When{
					Unstated: g.When.Unstated, Kinds: g.When.Kinds, Codes: g.When.Codes, Categories: g.When.Categories,
					LineKinds: words[licensing.LineKind](g.When.LineKinds), Services: words[licensing.ServiceKind](g.When.Services),
					Ties: words[party.Tie](g.When.Ties), PartyKinds: words[party.Kind](g.When.PartyKinds), Roles: words[party.Role](g.When.Roles),
				},
				Need: licensing.Need{Each: licensing.Each(g.Need.Each), Answer: g.Need.Answer, Document: g.Need.Document, Field: g.Need.Field},
			})
		}
	}
	return out
}

func words[T ~string](in []string) []T {
	var out []T
	for _, s := range in {
		out = append(out, T(s))
	}
	return out
}

// submit makes a case of an application: a reference from the counter, the
// parties in the register, the documents in the case's hands.
func submit(t *Tx, cmd licensing.Submit, e *Engines) error {
	c, version, err := load[*licensing.Case](t, cmd.Stream())
	if err != nil {
		return err
	}
	if version > 0 {
		return fault.New(fault.Conflict, "licensing.stage."+string(c.Stage), "command", cmd.Name())
	}
	if err := t.Must("", access.ApplicationSubmit, access.Thing{Kind: kindCase, Org: cmd.Application.Org}); err != nil {
		return err
	}
	org, _, err := load[*account.OrgState](t, event.StreamOf(account.KindOrg, cmd.Application.Org))
	if err != nil {
		return err
	}
	if org.Status != account.Active {
		return fault.New(fault.Blocked, "node.org_not_active")
	}
	facts, err := t.caseFacts(c, cmd, e)
	if err != nil {
		return err
	}
	if facts.Reference, err = t.reference(e, "case", ""); err != nil {
		return err
	}
	if err := t.decideCase(c, cmd, facts); err != nil {
		return err
	}
	if err := t.takeDocuments(c, cmd.Application); err != nil {
		return err
	}
	t.Answer(Submitted{c.ID, c.Reference})
	return t.EndDraft(cmd.Case)
}

// reference is the next human reference of a kind of thing: state, a letter
// where it is no case, year, number.
func (t *Tx) reference(e *Engines, kind, letter string) (string, error) {
	year := t.Now().In(e.Calendar.Location()).Year()
	n, err := t.Next(fmt.Sprintf("%s %d", kind, year))
	return fmt.Sprintf("%s-%s%d-%04d", t.app.cfg.prefix(), letter, year, n), fault.Wrap(err, "node: reference")
}

// Submitted is the answer to a submission.
type Submitted struct {
	Case      string `json:"case"`
	Reference string `json:"reference"`
}

func amend(t *Tx, cmd licensing.Amend, e *Engines) error {
	if err := onCase(t, cmd, e); err != nil {
		return err
	}
	c, _, err := load[*licensing.Case](t, cmd.Stream())
	if err != nil {
		return err
	}
	if err := t.takeDocuments(c, cmd.Application); err != nil {
		return err
	}
	return t.EndDraft("amend-" + cmd.Case)
}

// answerInformation and reply take the documents that came with them.
func answerInformation(t *Tx, cmd licensing.AnswerInformation, e *Engines) error {
	return t.withDocuments(cmd, cmd.Documents, func() error { return onCase(t, cmd, e) })
}

func reply(t *Tx, cmd licensing.ApplicantReplies, e *Engines) error {
	return t.withDocuments(cmd, cmd.Documents, func() error { return onCase(t, cmd, e) })
}

func (t *Tx) withDocuments(cmd licensing.Command, docs []licensing.Document, do func() error) error {
	if err := do(); err != nil {
		return err
	}
	c, _, err := load[*licensing.Case](t, cmd.Stream())
	if err != nil {
		return err
	}
	for _, d := range docs {
		if err := t.take(c, d.ID); err != nil {
			return err
		}
	}
	return nil
}

// takeDocuments makes the case the owner of its documents, so that erasing the
// case erases them. Only documents of the applicant's own are taken.
func (t *Tx) takeDocuments(c *licensing.Case, a licensing.Application) error {
	for _, d := range a.Documents {
		if err := t.take(c, d.ID); err != nil {
			return err
		}
	}
	return nil
}

func (t *Tx) take(c *licensing.Case, document string) error {
	row, found, err := t.Document(document)
	if err != nil {
		return fault.Wrap(err, "node: document")
	}
	own := row.Owner == event.StreamOf(account.KindOrg, c.Org) || row.Owner == CaseStream(c.ID)
	if !found || !own || len(row.Wrapped) == 0 {
		return fault.New(fault.Invalid, "node.document_unknown", "document", document)
	}
	return fault.Wrap(t.GiveObject(document, CaseStream(c.ID)), "node: document")
}

// follow starts what must follow an event: letters, notices, the register of
// end users, screening.
func (t *Tx) follow(c *licensing.Case, cmd licensing.Command, events []event.New) error {
	code := ""
	if d, ok := cmd.(licensing.DecideCase); ok && d.Licence != nil {
		code = d.Licence.Code
	}
	for _, n := range events {
		if err := t.caseNews(c, n.Event); err != nil {
			return err
		}
		switch ev := n.Event.(type) {
		case licensing.InformationExtended: // the request stands as it was written; its new day stands in the case
			if err := t.tell(c); err != nil {
				return err
			}
		case licensing.Submitted, licensing.InformationAsked, licensing.RefusalIntended, licensing.Decided, licensing.CaseInformed, licensing.AppealLodged, licensing.AppealDecided, licensing.Reopened:
			if c.Org == "" {
				continue // nobody to write to
			}
			job := letterJob{Case: c.ID, Kind: letterKind(ev), Seq: t.seq(), Code: code}
			if err := t.tell(c); err != nil {
				return err
			}
			if err := t.enqueue(jobLetter, fmt.Sprintf("%s/%s/%d", jobLetter, c.ID, job.Seq), job); err != nil {
				return err
			}
		}
	}
	return nil
}

func letterKind(ev event.Event) licensing.LetterKind {
	switch ev.(type) {
	case licensing.CaseInformed:
		return licensing.LetterInformed
	case licensing.InformationAsked:
		return licensing.LetterRFI
	case licensing.RefusalIntended:
		return licensing.LetterIntention
	case licensing.Decided:
		return licensing.LetterDecision
	case licensing.AppealLodged:
		return licensing.LetterAppeal
	case licensing.AppealDecided:
		return licensing.LetterAppealDecision
	case licensing.Reopened:
		return licensing.LetterReopened
	}
	return licensing.LetterReceipt
}

// seq is the number of the last entry of this transaction.
func (t *Tx) seq() int64 {
	head, _ := t.Head() // in a writing transaction it is in memory
	return head.Seq
}

// mayOnLicence asks access for a command on a licence, by the act that the
// licence's table names for it.
func (t *Tx) mayOnLicence(l *licensing.Licence, command string) error {
	thing := access.Thing{Kind: kindLicence, Org: l.Org, Compartment: l.Compartment}
	for _, row := range licensing.LicenceTable {
		if row.Command == command {
			return t.Must(seeLicence[row.Act], row.Act, thing)
		}
	}
	return fmt.Errorf("node: the table of licences has no row for %s", command)
}

// seeLicence is the act by which those who may do an act to a licence see it; an
// act without one is the node's own.
var seeLicence = map[access.Act]access.Act{
	access.LicenceChange: access.LicenceRead, access.LicenceVerify: access.LicenceRead,
	access.LicenceUseOwn: access.LicenceReadOwn, access.CustomsUse: access.CustomsLook,
}

// onLicence is the way of every command on a licence.
func onLicence[C licensing.LicenceCommand](t *Tx, cmd C, e *Engines) error {
	l, _, err := load[*licensing.Licence](t, cmd.Stream())
	if err != nil {
		return err
	}
	if err := t.mayOnLicence(l, cmd.Name()); err != nil {
		return err
	}
	events, err := licensing.DecideLicence(l, cmd, licensing.Facts{Now: t.Now(), Actor: t.person(), Calendar: e.Calendar})
	if err != nil {
		return err
	}
	if err := t.Append(events); err != nil {
		return err
	}
	if err := t.licenceNews(l, events); err != nil {
		return err
	}
	return t.breaches(l, events, e)
}

// onParty is the way of every command on the register of parties.
func onParty[C party.Command](t *Tx, cmd C) error {
	entry, _, err := load[*party.Entry](t, cmd.Stream())
	if err != nil {
		return err
	}
	if err := t.Must(access.PartyRead, access.PartyCorrect, access.Thing{Kind: party.StreamKind}); err != nil {
		return err
	}
	events, err := party.Decide(entry, cmd)
	if err != nil {
		return err
	}
	return t.Append(events)
}
