package licensing

import (
	"slices"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// LicenceCommand is something to be done to a licence.
type LicenceCommand interface {
	Name() string         // "licence.suspend"
	Stream() event.Stream // the licence
}

// OnLicence names the licence that a command is for.
type OnLicence struct {
	Licence     string `json:"licence"`
	Undertaking bool   `json:"undertaking,omitempty"` // it is the undertaking of the case with that id
}

// Stream is the licence's stream, or the undertaking's.
func (o OnLicence) Stream() event.Stream {
	if o.Undertaking {
		return event.StreamOf(KindUndertaking, o.Licence)
	}
	return event.StreamOf(KindLicence, o.Licence)
}

// RecordDocument says which document is the licence; once only.
type RecordDocument struct {
	OnLicence
	Document string // vault id
	Hash     string
	Version  int // of the licence that it is the paper of; 0 is the first
}

// Suspend stops the use of the licence, or of some of its lines.
type Suspend struct {
	OnLicence
	Lines  []string // none: all
	Ground string   // code of the reason
	Why    string
	Quiet  bool // the holder is told later, by Instruct
}

// Reinstate lets a suspended licence be used again.
type Reinstate struct {
	OnLicence
	Why string
}

// Revoke ends the licence.
type Revoke struct {
	OnLicence
	Ground string
	Why    string
	Reach  []ReachSaid // of every lever
}

// Expire notes that the last day is over; a job gives it.
type Expire struct{ OnLicence }

// Name is "licence.record_document".
func (RecordDocument) Name() string { return "licence.record_document" }

// Name is "licence.suspend".
func (Suspend) Name() string { return "licence.suspend" }

// Name is "licence.reinstate".
func (Reinstate) Name() string { return "licence.reinstate" }

// Name is "licence.revoke".
func (Revoke) Name() string { return "licence.revoke" }

// Name is "licence.expire".
func (Expire) Name() string { return "licence.expire" }

// LicenceTransition is one row of the table of a licence's life.
type LicenceTransition struct {
	From    []LicenceStatus
	Command string
	Event   string
	Guards  []string
	To      []LicenceStatus // none: as it was
	Act     access.Act      // empty: the node itself
}

// LicenceTable is everything that can happen to a licence.
var LicenceTable = []LicenceTransition{
	{From: anyStatus, Command: "licence.record_document", Event: "licence.documented", Guards: []string{"licensing.document.hash", "licensing.licence.documented", "licensing.licence.version"}},
	{From: []LicenceStatus{Valid, Restricted, Exhausted}, Command: "licence.suspend", Event: "licence.suspended", Guards: []string{"licensing.licence.ground", "licensing.reason.missing", "licensing.line.unknown"}, To: []LicenceStatus{Suspended, Restricted}, Act: access.LicenceChange},
	{From: []LicenceStatus{Suspended, Restricted}, Command: "licence.reinstate", Event: "licence.reinstated", Guards: []string{"licensing.reason.missing"}, To: []LicenceStatus{Valid, Exhausted}, Act: access.LicenceChange},
	{From: []LicenceStatus{Valid, Suspended, Restricted, Exhausted}, Command: "licence.revoke", Event: "licence.revoked", Guards: []string{"licensing.licence.ground", "licensing.reason.missing", "licensing.reach.missing"}, To: []LicenceStatus{Revoked}, Act: access.LicenceChange},
	{From: []LicenceStatus{Valid, Suspended, Restricted, Exhausted}, Command: "licence.expire", Event: "licence.expired", Guards: []string{"licensing.licence.running"}, To: []LicenceStatus{Expired}},
	{From: []LicenceStatus{Valid, Suspended, Restricted}, Command: "licence.surrender", Event: "licence.surrendered", Guards: []string{"licensing.reason.missing"}, To: []LicenceStatus{Surrendered}, Act: access.LicenceUseOwn},
	{From: []LicenceStatus{Valid, Suspended, Restricted, Exhausted}, Command: "licence.propose_variation", Event: "licence.variation_proposed", Guards: []string{"licensing.vary.waiting", "licensing.vary.nothing", "licensing.licence.ground", "licensing.reason.missing", "licensing.licence.validity", "licensing.licence.long", "licensing.duty.unknown", "licensing.condition.untestable", "licensing.line.unknown", "licensing.use.quantity", "licensing.vary.used", "licensing.vary.beyond", "licensing.vary.limit", "licensing.vary.address", "licensing.vary.presumed"}, Act: access.LicenceChange},
	{From: []LicenceStatus{Valid, Suspended, Restricted, Exhausted}, Command: "licence.record_variation_search", Event: "licence.variation_searched", Guards: []string{"licensing.vary.none"}},
	{From: []LicenceStatus{Valid, Suspended, Restricted, Exhausted}, Command: "licence.answer_variation", Event: "licence.varied", Guards: []string{"licensing.vary.none", "licensing.vary.self", "licensing.vary.role", "licensing.reason.missing", "licensing.vary.presumed", "licensing.vary.erased", "licensing.vary.unsearched", "licensing.vary.alike", "licensing.vary.used"}, Act: access.LicenceChange},
	{From: anyStatus, Command: "licence.draw_down", Event: "licence.used", Guards: []string{"licensing.use.invalid"}, To: []LicenceStatus{Exhausted}, Act: access.CustomsUse},
	{From: anyStatus, Command: "licence.return", Event: "licence.used", Guards: []string{"licensing.use.invalid", WhyUseLine, WhyUseUnit, WhyUseTooMuch, WhyUseTwice, WhyUseNoSerials, WhyUseSerial, WhyUseStatus + string(Suspended)}, To: []LicenceStatus{Exhausted}, Act: access.LicenceUseOwn},
	{From: anyStatus, Command: "licence.cancel_use", Event: "licence.use_cancelled", Guards: []string{"licensing.use.not_counted", "licensing.reason.missing"}, To: []LicenceStatus{Valid, Restricted}, Act: access.CustomsUse},
	{From: anyStatus, Command: "licence.report_delivery", Event: "licence.delivery_reported", Guards: []string{"licensing.use.not_counted", "licensing.date", "licensing.reason.missing"}, Act: access.LicenceUseOwn},
	{From: anyStatus, Command: "licence.verify_delivery", Event: "licence.delivery_verified", Guards: []string{"licensing.use.not_counted", "licensing.delivery.result"}, Act: access.LicenceVerify},
	{From: owing, Command: "licence.report_duty", Event: "licence.duty_reported", Guards: []string{"licensing.duty.unknown", "licensing.duty.not_open", "licensing.duty.said_missing", "licensing.document.hash"}, Act: access.LicenceUseOwn},
	{From: owing, Command: "licence.review_duty", Event: "licence.duty_reviewed", Guards: []string{"licensing.duty.not_waiting", "licensing.duty.result", "licensing.reason.missing"}, Act: access.LicenceVerify},
	{From: []LicenceStatus{Undertook}, Command: "undertaking.release", Event: "undertaking.released", Guards: []string{"licensing.reason.missing"}, To: []LicenceStatus{Released}, Act: access.LicenceChange},
	{From: anyStatus, Command: "licence.instruct", Event: "licence.instructed", Guards: []string{"licensing.instruct.duty", "licensing.reason.missing"}, Act: access.LicenceChange},
	{From: owing, Command: "licence.find_breach", Event: "licence.breach_found", Guards: []string{"licensing.duty.unknown", "licensing.reason.missing"}, Act: access.LicenceVerify},
}

// anyStatus stands for what can be done whatever the licence is worth: goods
// that left while it was valid are counted and followed after it has ended.
var anyStatus = []LicenceStatus{Valid, Suspended, Restricted, Exhausted, Revoked, Expired, Surrendered}

// owing are the statuses under which something can be owed.
var owing = append(slices.Clone(anyStatus), Undertook, Released)

// Who are the roles that may give the command.
func (t LicenceTransition) Who() []access.Role { return whoMay(t.Act) }

// DecideLicence answers a command to a licence with events or a fault.
func DecideLicence(l *Licence, cmd LicenceCommand, f Facts) ([]event.New, error) {
	if f.Now.IsZero() {
		return nil, missingFact("Now")
	}
	if l.ID == "" {
		return nil, fault.New(fault.NotFound, "licensing.licence.unknown")
	}
	allowed := false
	for _, t := range LicenceTable {
		for _, s := range t.From {
			allowed = allowed || (t.Command == cmd.Name() && s == l.Now())
		}
	}
	if !allowed {
		return nil, fault.New(fault.Blocked, "licensing.licence.status."+string(l.Now()), "command", cmd.Name())
	}
	stream := cmd.Stream()
	reason := func(s string) (event.Private[string], error) {
		return event.P(stream, s), text("why", s, true)
	}
	var e event.Event
	var more []event.Event
	var err error
	switch cmd := cmd.(type) {
	case RecordDocument:
		switch {
		case cmd.Document == "" || !isHash(cmd.Hash):
			return nil, fault.New(fault.Invalid, "licensing.document.hash")
		case l.Hash != "":
			return nil, fault.New(fault.Conflict, "licensing.licence.documented")
		case max(cmd.Version, 1) != l.Version():
			return nil, fault.New(fault.Blocked, "licensing.licence.version", "version", l.Version())
		}
		e = LicenceDocumented{Document: cmd.Document, Hash: cmd.Hash}
	case Suspend:
		s := LicenceSuspended{Quiet: cmd.Quiet, Lines: cmd.Lines, Person: f.Actor.person(), Ground: cmd.Ground}
		if !ground(cmd.Ground) {
			return nil, fault.New(fault.Invalid, "licensing.licence.ground").Field("ground", "licensing.licence.ground")
		}
		for i, id := range cmd.Lines {
			if !l.has(id) || i >= MaxLines {
				return nil, fault.New(fault.Invalid, "licensing.line.unknown").Field("lines", "licensing.line.unknown")
			}
		}
		s.Why, err = reason(cmd.Why)
		e = s
	case Reinstate:
		s := LicenceReinstated{Person: f.Actor.person()}
		s.Why, err = reason(cmd.Why)
		e = s
		if l.usedUp() {
			more = []event.Event{LicenceExhausted{}}
		}
	case Revoke:
		if !ground(cmd.Ground) {
			return nil, fault.New(fault.Invalid, "licensing.licence.ground").Field("ground", "licensing.licence.ground")
		}
		s := LicenceRevoked{Person: f.Actor.person(), Ground: cmd.Ground}
		if s.Why, err = reason(cmd.Why); err == nil {
			s.Reach, err = reachOf(stream, cmd.Reach)
		}
		e = s
	case Expire:
		if deadline.DateOf(f.Now, f.zone()) <= l.Until {
			return nil, fault.New(fault.Conflict, "licensing.licence.running", "until", string(l.Until))
		}
		e = LicenceExpired{Until: l.Until}
	case Instruct:
		e, err = instruct(cmd, f)
	case Surrender:
		s := LicenceSurrendered{Person: f.Actor.person()}
		s.Why, err = reason(cmd.Why)
		e = s
	case DrawDown:
		more, err = l.drawDown(cmd, f)
	case CancelUse:
		more, err = l.cancelUse(cmd)
	case ReportDelivery:
		err = l.delivery(cmd.Use, cmd.Day, cmd.Evidence, f)
		e = DeliveryReported{Use: cmd.Use, Day: cmd.Day, Evidence: event.P(stream, cmd.Evidence)}
	case VerifyDelivery:
		if err = l.delivery(cmd.Use, cmd.Day, cmd.Evidence, f); err == nil && cmd.Result != Arrived && cmd.Result != NotArrived && cmd.Result != NotClear {
			err = fault.New(fault.Invalid, "licensing.delivery.result").Field("result", "licensing.delivery.result")
		}
		e = DeliveryVerified{Use: cmd.Use, Day: cmd.Day, Result: cmd.Result, Evidence: event.P(stream, cmd.Evidence)}
	case Release:
		e = UndertakingReleased{Day: deadline.DateOf(f.Now, f.zone()), Why: event.P(stream, cmd.Why)}
		err = text("why", cmd.Why, true)
	case ProposeVariation:
		more, err = l.proposeVariation(cmd, f)
	case RecordVariationSearch:
		e, err = l.recordSearch(cmd)
	case AnswerVariation:
		more, err = l.answerVariation(cmd, f)
	case ReportDuty:
		e, err = l.reportDuty(stream, cmd, f)
	case ReviewDuty:
		more, err = l.reviewDuty(stream, cmd, f)
	case FindBreach:
		e, err = l.findBreach(stream, cmd, f)
	}
	if err != nil {
		return nil, err
	}
	if e != nil {
		more = append([]event.Event{e}, more...)
	}
	out := make([]event.New, len(more))
	for i, e := range more {
		out[i] = event.New{Stream: stream, Event: e}
	}
	return out, nil
}

func (l *Licence) has(line string) bool { return l.Line(line) != nil }

func ground(s string) bool { return s != "" && party.Bounded(s, 100) }
