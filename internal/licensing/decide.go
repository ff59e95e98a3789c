package licensing

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// Decide answers a command with the events that follow from it, or with a
// *fault.Error. It takes a command only in the stages that Table names; the
// guards of that row may refuse it. It changes nothing, reads no clock, and
// leaves the question whether the actor may do such a thing to package access;
// what it asks of persons are the two-person rules and the senior officer's
// override.
func Decide(c *Case, cmd Command, f Facts) ([]event.New, error) {
	if _, ok := rowOf(cmd.Name()); !ok {
		return nil, fault.New(fault.Internal, "fault.internal").Because(errUnknownCommand(cmd.Name()))
	}
	if f.Now.IsZero() {
		return nil, missingFact("Now")
	}
	if !c.May(cmd.Name()) {
		return nil, fault.New(fault.Blocked, "licensing.stage."+string(c.stage()), "command", cmd.Name())
	}
	if err := c.KeptOut(f.Actor); err != nil {
		return nil, err
	}
	d := decider{c: c, f: f, stream: cmd.Stream()}
	var err error
	switch cmd := cmd.(type) {
	case Submit:
		err = d.submit(cmd)
	case Open:
		err = d.open(cmd)
	case Recuse:
		err = d.recuse(cmd)
	case LiftRecusal:
		err = d.liftRecusal(cmd)
	case Direct:
		err = d.direct(cmd)
	case LodgeDissent:
		err = d.lodgeDissent(cmd)
	case CloseDissent:
		err = d.closeDissent(cmd)
	case Escalate:
		err = d.escalate(cmd)
	case Minute:
		err = d.minute(cmd)
	case Inform:
		err = d.inform(cmd)
	case LiftInformed:
		err = d.liftInformed(cmd)
	case LodgeAppeal:
		err = d.lodgeAppeal(cmd)
	case WithdrawAppeal:
		err = d.withdrawAppeal(cmd)
	case AssignReview:
		err = d.assignReview(cmd)
	case DecideAppeal:
		err = d.decideAppeal(cmd)
	case Reopen:
		err = d.reopen(cmd)
	case Amend:
		err = d.amend(cmd)
	case Withdraw:
		err = d.withdraw(cmd)
	case Assign:
		err = d.assign(cmd)
	case Unassign:
		err = d.unassign(cmd)
	case AskInformation:
		err = d.askInformation(cmd)
	case AnswerInformation:
		err = d.answerInformation(cmd)
	case ExtendInformation:
		err = d.extendInformation(cmd)
	case CloseInformation:
		err = d.closeInformation(cmd)
	case SeekAssurance:
		err = d.seekAssurance(cmd)
	case RecordAssurance:
		err = d.recordAssurance(cmd)
	case VerifyAssurance:
		err = d.verifyAssurance(cmd)
	case AskAdvice:
		err = d.askAdvice(cmd)
	case GiveAdvice:
		err = d.giveAdvice(cmd)
	case ConfirmAdvice:
		err = d.confirmAdvice(cmd)
	case Recommend:
		err = d.recommend(cmd)
	case Countersign:
		err = d.countersign(cmd)
	case IntendToRefuse:
		err = d.intendToRefuse(cmd)
	case ApplicantReplies:
		err = d.reply(cmd)
	case WeighReply:
		err = d.weighReply(cmd)
	case DecideCase:
		err = d.decide(cmd)
	case WriteNote:
		err = d.writeNote(cmd)
	case ReadNotes:
		err = d.readNotes()
	default:
		err = d.keep(cmd)
	}
	if err == nil {
		err = d.periods()
	}
	if err != nil {
		return nil, err
	}
	return d.events, nil
}

// decider is one command on its way: what it may read, and the events so far.
type decider struct {
	c      *Case
	f      Facts
	stream event.Stream
	events []event.New
}

// emit adds an event of the case's stream.
func (d *decider) emit(e event.Event) error {
	d.events = append(d.events, event.New{Stream: d.stream, Event: e})
	return nil
}

type errUnknownCommand string

func (e errUnknownCommand) Error() string { return "licensing: no row in Table for " + string(e) }

type errMissingFact string

func (e errMissingFact) Error() string { return "licensing: the caller gathered no " + string(e) }

// missingFact is the caller's mistake, not the user's.
func missingFact(name string) *fault.Error {
	return fault.New(fault.Internal, "licensing.facts.missing", "fact", name).Because(errMissingFact(name))
}

// private seals a text under the case's key; an empty one needs no key.
func (d *decider) private(s string) event.Private[string] {
	if s == "" {
		return event.Private[string]{}
	}
	return event.P(d.stream, s)
}

// text refuses what is over its bound and, where it is required, what is blank.
func text(field, s string, required bool) error {
	if required && strings.TrimSpace(s) == "" {
		return fault.New(fault.Invalid, "licensing.reason.missing").Field(field, "licensing.reason.missing")
	}
	if !party.Bounded(s, MaxLong) {
		return fault.New(fault.Invalid, "licensing.text.bound", "max", MaxLong).Field(field, "licensing.text.bound", "max", MaxLong)
	}
	return nil
}

// newID refuses an id that is empty, too long or taken.
func newID(field, id string, taken bool) error {
	if id == "" || len(id) > 64 || taken {
		return fault.New(fault.Invalid, "licensing.id").Field(field, "licensing.id")
	}
	return nil
}

func documents(docs []Document) error {
	if len(docs) > MaxDocuments {
		return fault.New(fault.TooLarge, "licensing.count.bound", "max", MaxDocuments)
	}
	for _, d := range docs {
		if d.ID == "" || len(d.ID) > 128 || !isHash(d.Hash) || d.Size < 0 || !party.Bounded(d.Title, MaxShort) || !party.Bounded(d.Kind, MaxShort) {
			return fault.New(fault.Invalid, "licensing.document.hash").Field("documents", "licensing.document.hash")
		}
	}
	return nil
}

// mark reckons a clock and writes down what an event has to say of it.
func (d *decider) mark(effect Effect, k deadline.Clock) (ClockMark, error) {
	if d.f.Calendar == nil {
		return ClockMark{}, missingFact("Calendar")
	}
	m, err := d.f.Calendar.Reckon(k, d.f.Now)
	if err != nil {
		return ClockMark{}, fault.New(fault.Unavailable, "licensing.calendar.beyond", "calendar", d.f.Calendar.ID).Because(err)
	}
	cm := ClockMark{Effect: effect, Mark: m, Calendar: d.f.Calendar.ID + "@" + d.f.Calendar.Version}
	if effect == Starts || effect == Moves {
		cm.Days, cm.Unit = k.Days, k.Unit
	}
	return cm, nil
}

// due is the end of a period that begins now, or of the day that was chosen.
func (d *decider) due(chosen deadline.Date, p deadline.Period) (time.Time, error) {
	if d.f.Calendar == nil {
		return time.Time{}, missingFact("Calendar")
	}
	if chosen != "" {
		if !chosen.Valid() || chosen <= d.f.Calendar.Day(d.f.Now) || chosen > d.f.Calendar.Until {
			return time.Time{}, fault.New(fault.Invalid, "licensing.rfi.due").Field("due", "licensing.rfi.due")
		}
		return d.f.Calendar.EndOf(chosen), nil
	}
	due, err := d.f.Calendar.After(d.f.Now, p)
	if err != nil {
		return time.Time{}, fault.New(fault.Unavailable, "licensing.calendar.beyond", "calendar", d.f.Calendar.ID).Because(err)
	}
	return due, nil
}

// same tells whether two values read the same when stored.
func same(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
