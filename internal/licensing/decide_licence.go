package licensing

import (
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
	Licence string `json:"licence"`
}

// Stream is the licence's stream.
func (o OnLicence) Stream() event.Stream { return event.StreamOf("licence", o.Licence) }

// RecordDocument says which document is the licence; once only.
type RecordDocument struct {
	OnLicence
	Document string // vault id
	Hash     string
}

// Suspend stops the use of the licence, or of some of its lines.
type Suspend struct {
	OnLicence
	Lines  []string // none: all
	Ground string   // code of the reason
	Why    string
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
	{From: []LicenceStatus{Valid, Suspended, Restricted, Revoked, Expired}, Command: "licence.record_document", Event: "licence.documented", Guards: []string{"licensing.document.hash", "licensing.licence.documented"}},
	{From: []LicenceStatus{Valid, Restricted}, Command: "licence.suspend", Event: "licence.suspended", Guards: []string{"licensing.licence.ground", "licensing.reason.missing", "licensing.line.unknown"}, To: []LicenceStatus{Suspended, Restricted}, Act: access.LicenceChange},
	{From: []LicenceStatus{Suspended, Restricted}, Command: "licence.reinstate", Event: "licence.reinstated", Guards: []string{"licensing.reason.missing"}, To: []LicenceStatus{Valid}, Act: access.LicenceChange},
	{From: []LicenceStatus{Valid, Suspended, Restricted}, Command: "licence.revoke", Event: "licence.revoked", Guards: []string{"licensing.licence.ground", "licensing.reason.missing"}, To: []LicenceStatus{Revoked}, Act: access.LicenceChange},
	{From: []LicenceStatus{Valid, Suspended, Restricted}, Command: "licence.expire", Event: "licence.expired", Guards: []string{"licensing.licence.running"}, To: []LicenceStatus{Expired}},
}

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
	var err error
	switch cmd := cmd.(type) {
	case RecordDocument:
		switch {
		case cmd.Document == "" || !isHash(cmd.Hash):
			return nil, fault.New(fault.Invalid, "licensing.document.hash")
		case l.Hash != "":
			return nil, fault.New(fault.Conflict, "licensing.licence.documented")
		}
		e = LicenceDocumented{Document: cmd.Document, Hash: cmd.Hash}
	case Suspend:
		s := LicenceSuspended{Lines: cmd.Lines, Person: f.Actor.person(), Ground: cmd.Ground}
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
	case Revoke:
		if !ground(cmd.Ground) {
			return nil, fault.New(fault.Invalid, "licensing.licence.ground").Field("ground", "licensing.licence.ground")
		}
		s := LicenceRevoked{Person: f.Actor.person(), Ground: cmd.Ground}
		s.Why, err = reason(cmd.Why)
		e = s
	case Expire:
		if deadline.DateOf(f.Now, f.zone()) <= l.Until {
			return nil, fault.New(fault.Conflict, "licensing.licence.running", "until", string(l.Until))
		}
		e = LicenceExpired{Until: l.Until}
	}
	if err != nil {
		return nil, err
	}
	return []event.New{{Stream: stream, Event: e}}, nil
}

func (l *Licence) has(line string) bool {
	for _, have := range l.Lines {
		if have.Line == line {
			return true
		}
	}
	return false
}

func ground(s string) bool { return s != "" && party.Bounded(s, 100) }
