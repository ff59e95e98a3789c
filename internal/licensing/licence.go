package licensing

import (
	"fmt"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
)

// LicenceLine is what one line allows.
type LicenceLine struct {
	Line        string   `json:"line"` // id in the application
	Kind        LineKind `json:"kind"`
	Code        string   `json:"code,omitempty"` // as the authority determined it
	Tariff      string   `json:"tariff,omitempty"`
	Quantity    Quantity `json:"quantity"`
	Unit        string   `json:"unit"`
	Value       int64    `json:"value"`
	Currency    string   `json:"currency"`
	Description string   `json:"description,omitempty"` // in the private part only
	PartNumber  string   `json:"part_number,omitempty"` // in the private part only
}

// LicenceText is the private part of a licence.
type LicenceText struct {
	Title      string        `json:"title"`
	Lines      []LicenceLine `json:"lines"`      // with their words
	Conditions []Condition   `json:"conditions"` // with their words
}

// LicenceIssued opens the licence's stream, in the transaction of the decision.
type LicenceIssued struct {
	Reference   string                     `json:"reference"`
	Case        string                     `json:"case"` // id of the case
	CaseRef     string                     `json:"case_ref"`
	Kind        string                     `json:"kind,omitempty"` // of the application: "individual"
	Org         string                     `json:"org"`
	Compartment string                     `json:"compartment,omitempty"`
	Destination string                     `json:"destination"`
	Parties     []PartyFact                `json:"parties"`
	Lines       []LicenceLine              `json:"lines"`      // without words
	Conditions  []Condition                `json:"conditions"` // without words
	From        deadline.Date              `json:"from"`
	Until       deadline.Date              `json:"until"`
	CodeHash    string                     `json:"code_hash"` // of the check code, hex; the code itself is nowhere
	Text        event.Private[LicenceText] `json:"text"`
}

// LicenceDocumented says which document is the licence.
type LicenceDocumented struct {
	Document string `json:"document"`
	Hash     string `json:"hash"`
}

// LicenceSuspended stops the use of all lines, or of some. Quiet holds for customs
// at once, and for the holder and the public from when the holder is told.
type LicenceSuspended struct {
	Quiet  bool                  `json:"quiet,omitempty"`
	Lines  []string              `json:"lines,omitempty"`
	Person string                `json:"person"`
	Ground string                `json:"ground"` // code of the reason
	Why    event.Private[string] `json:"why"`
}

// LicenceReinstated lets it be used again.
type LicenceReinstated struct {
	Person string                `json:"person"`
	Why    event.Private[string] `json:"why"`
}

// LicenceRevoked ends it.
type LicenceRevoked struct {
	Person string                `json:"person"`
	Ground string                `json:"ground"`
	Why    event.Private[string] `json:"why"`
	Reach  []Reach               `json:"reach,omitempty"` // what can still be stopped, and what can't
}

// LicenceExpired notes that its last day is over.
type LicenceExpired struct {
	Until deadline.Date `json:"until"`
}

// LicenceMoved follows its case into a compartment, or out of it.
type LicenceMoved struct {
	Compartment string `json:"compartment,omitempty"`
}

// LicenceStatus is what a licence is worth on a day.
type LicenceStatus string

// The statuses.
const (
	NotYetValid LicenceStatus = "not_yet_valid"
	Valid       LicenceStatus = "valid"
	Suspended   LicenceStatus = "suspended"  // all of its lines
	Restricted  LicenceStatus = "restricted" // some of its lines are suspended
	Revoked     LicenceStatus = "revoked"
	Expired     LicenceStatus = "expired"
)

// Licence is what the events of one "licence/ID" add up to.
type Licence struct {
	ID          string        `json:"id"`
	Reference   string        `json:"reference"`
	Case        string        `json:"case"`
	CaseRef     string        `json:"case_ref"`
	Kind        string        `json:"kind,omitempty"`
	Org         string        `json:"org"`
	Compartment string        `json:"compartment,omitempty"`
	Destination string        `json:"destination"`
	Parties     []PartyFact   `json:"parties"`
	Lines       []LicenceLine `json:"lines"`
	Bound
	Title      string              `json:"title,omitempty"`
	Erased     *event.Erasure      `json:"erased,omitempty"`
	CodeHash   string              `json:"code_hash"`
	Document   string              `json:"document,omitempty"`
	Hash       string              `json:"hash,omitempty"`
	History    []LicenceChange     `json:"history"`
	Uses       []Use               `json:"uses,omitempty"`  // in the order in which they were recorded
	Drawn      map[string]Quantity `json:"drawn,omitempty"` // what the uses that count took, by line
	Reach      []Reached           `json:"reach,omitempty"` // once it is revoked
	Told       []Instruction       `json:"told,omitempty"`
	Addresses  []PartyAddress      `json:"addresses,omitempty"` // of parties that have moved
	Earlier    []LicenceVersion    `json:"earlier,omitempty"`   // versions before this one, the first one first
	Variations []Variation         `json:"variations,omitempty"`
	Issued     time.Time           `json:"issued"`
	Changed    time.Time           `json:"changed"`
	Moved      int64               `json:"moved,omitempty"` // version of the last event that makes an open page out of date
}

// LicenceChange is one change of status.
type LicenceChange struct {
	At     time.Time     `json:"at"`
	Seq    int64         `json:"seq"` // number in the ledger: customs are told of changes in its order
	By     string        `json:"by"`
	Status LicenceStatus `json:"status"`
	Lines  []string      `json:"lines,omitempty"`  // for a suspension in part
	Number int           `json:"number,omitempty"` // of the version in force then; 0: the first
	Varied bool          `json:"varied,omitempty"` // the status is as before: the terms have changed
	Ground string        `json:"ground,omitempty"`
	Why    Text          `json:"why,omitzero"`
	Quiet  bool          `json:"quiet,omitempty"` // the holder was not told yet
}

// StatusAt is the status at an instant; the zone says which day it is then.
// Revocation and surrender outlast expiry, expiry outlasts the rest.
func (l *Licence) StatusAt(at time.Time, zone *time.Location) LicenceStatus {
	if l.Kind == KindUndertaking {
		return l.Now()
	}
	status := Valid
	for _, h := range l.History {
		if h.At.After(at) {
			break
		}
		status = h.Status
	}
	day := deadline.DateOf(at, zone)
	switch {
	case status == Revoked || status == Surrendered:
		return status
	case day > l.Until:
		return Expired
	case status == Expired:
		return Expired
	case day < l.From && status == Valid:
		return NotYetValid
	}
	return status
}

// Now is the status by the events alone, as lists show it; a licence whose last
// day has passed becomes Expired by its event.
func (l *Licence) Now() LicenceStatus {
	if n := len(l.History); n > 0 {
		return l.History[n-1].Status
	}
	return Valid
}

// Shown is the status as the holder and the public know it: without what the
// holder was not told yet.
func (l *Licence) Shown() LicenceStatus {
	for i := len(l.History) - 1; i >= 0; i-- {
		if !l.History[i].Quiet {
			return l.History[i].Status
		}
	}
	return Valid
}

// Untold tells whether the last change is one that the holder was not told.
func (l *Licence) Untold() bool {
	n := len(l.History)
	return n > 0 && l.History[n-1].Quiet
}

// announce makes a suspension known to the holder. One that ended before is never
// told.
func (l *Licence) announce() {
	for i := len(l.History) - 1; i >= 0 && l.History[i].Quiet && l.History[i].Status != Valid; i-- {
		l.History[i].Quiet = false
	}
}

// SuspendedLine tells whether a line may not be used now.
func (l *Licence) SuspendedLine(line string) bool {
	n := len(l.History)
	if n == 0 {
		return false
	}
	h := l.History[n-1]
	return h.Status == Suspended || (h.Status == Restricted && contains(h.Lines, line))
}

// PublicAnswer is all that the public check may say of a code.
type PublicAnswer struct {
	Genuine bool          `json:"genuine"`
	Status  LicenceStatus `json:"status,omitempty"`
	Hash    string        `json:"hash,omitempty"` // of the document
}

// PublicCheck is the public check's answer about a licence found by its code's hash;
// nil, not found, reads "not genuine" and nothing else. A code of an earlier
// version is genuine, and replaced.
func PublicCheck(l *Licence, code string, at time.Time, zone *time.Location) PublicAnswer {
	if l == nil || l.CodeHash == "" {
		return PublicAnswer{}
	}
	for _, v := range l.Earlier {
		if v.CodeHash == code {
			return PublicAnswer{Genuine: true, Status: Replaced, Hash: v.Hash}
		}
	}
	return PublicAnswer{Genuine: true, Status: l.ForHolder().StatusAt(at, zone), Hash: l.Hash}
}

// MovedAt is the version of the last event that makes an open page out of date:
// that the node filed the document it wrote is none.
func (l *Licence) MovedAt(any) int64 { return l.Moved }

// Apply folds one more event in.
func (l *Licence) Apply(r event.Recorded) error {
	l.Changed = r.Time
	_, filed := r.Event.(LicenceDocumented)
	if s, ok := r.Event.(LicenceSuspended); !filed && !(ok && s.Quiet) {
		defer func() { l.Moved = r.Version }() // at the end: the first event makes the whole licence
	}
	change := func(s LicenceStatus, lines []string, ground string, why Text) {
		l.History = append(l.History, LicenceChange{At: r.Time, Seq: r.Seq, By: r.Actor, Status: s, Lines: lines, Ground: ground, Why: why, Number: len(l.Earlier) + 1})
	}
	switch e := r.Event.(type) {
	case LicenceIssued:
		*l = Licence{
			ID: r.Stream.ID(), Reference: e.Reference, Case: e.Case, CaseRef: e.CaseRef, Kind: e.Kind, Org: e.Org, Compartment: e.Compartment,
			Destination: e.Destination, Parties: e.Parties, Lines: e.Lines, Bound: Bound{From: e.From, Until: e.Until, Conditions: e.Conditions},
			CodeHash: e.CodeHash, Issued: r.Time, Changed: r.Time, Erased: e.Text.Erased,
		}
		if e.Text.Erased == nil {
			l.Title, l.Lines, l.Conditions = e.Text.Value.Title, e.Text.Value.Lines, e.Text.Value.Conditions
		}
		change(Valid, nil, "", Text{})
	case LicenceMoved:
		l.Compartment = e.Compartment
	case LicenceDocumented:
		l.Document, l.Hash = e.Document, e.Hash
	case LicenceSuspended:
		status := Suspended
		if len(e.Lines) > 0 {
			status = Restricted
		}
		change(status, e.Lines, e.Ground, event.TextOf(e.Why))
		l.History[len(l.History)-1].Quiet = e.Quiet
	case LicenceReinstated:
		l.Reach = nil // of a revocation that was annulled
		quiet := l.Untold()
		change(Valid, nil, "", event.TextOf(e.Why))
		l.History[len(l.History)-1].Quiet = quiet
	case LicenceRevoked:
		l.Reach = reached(e.Reach)
		change(Revoked, nil, e.Ground, event.TextOf(e.Why))
	case LicenceExpired:
		change(Expired, nil, "", Text{})
	case LicenceInstructed:
		l.Told = append(l.Told, Instruction{e.Duties, event.TextOf(e.Text), r.Time})
		l.announce()
	case LicenceSurrendered:
		change(Surrendered, nil, "", event.TextOf(e.Why))
	case LicenceExhausted:
		change(Exhausted, nil, "", Text{})
	case LicenceReplenished:
		before := l.beforeExhausted()
		change(before.Status, before.Lines, before.Ground, Text{})
	default:
		if e, varied := r.Event.(LicenceVaried); varied {
			before := l.History[len(l.History)-1]
			l.applyVary(r)
			change(before.Status, before.Lines, before.Ground, e.why())
			last := &l.History[len(l.History)-1]
			last.Varied, last.Quiet = true, before.Quiet
			return nil
		}
		if l.applyUse(r) || l.applyDuty(r) || l.applyVary(r) || l.applyUndertaking(r) {
			return nil
		}
		return fmt.Errorf("licensing: a licence does not know %q", r.Event.EventType())
	}
	return nil
}
