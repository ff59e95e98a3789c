// Package lists is the domain of dated versions: lists of parties, control
// lists, indicators of countries, charts, and packs. Each is a stream
// "list/ID"; each import is a version with a date, the hash of the source's
// bytes, figures, and what differs from the version before. Nothing is ever
// overwritten: a decision of last year is replayed on the version of last year.
//
// What a list says (its entities, its entries) is no event. It is a document
// named by its hash, which lies in the vault; the event names the hash, the
// figures and the first ids that came, went or changed.
//
// A version that lost more of its predecessor than the list's own limit allows
// is suspicious: it waits until an administrator forces it with a reason, or
// somebody rejects it. The version in use stays in use meanwhile.
package lists

import (
	"time"

	"github.com/comity-project/comity/internal/event"
)

// KindList is the kind of the streams of this domain.
const KindList = "list"

// Kind says what a list is made of.
type Kind string

// The kinds of lists.
const (
	Parties    Kind = "parties"    // listed parties: screened against
	Controls   Kind = "controls"   // entries of a control list: classified against
	Indicators Kind = "indicators" // figures about countries, by year and source
	Chart      Kind = "chart"      // which reason of control applies to which destination
	Pack       Kind = "pack"       // rules, questionnaires, profiles
)

// Kinds are all kinds, in the order in which pages show them.
func Kinds() []Kind { return []Kind{Parties, Controls, Indicators, Chart, Pack} }

// Meanings are what it can mean to stand on a list of parties: no dealing with
// them, no export to them, an export refused before, an indication alone.
func Meanings() []string { return []string{"sanctions", "restricted", "denials", "watch"} }

// DefaultGoneLimit is the share of the predecessor's entries, in thousandths,
// above which a version is suspicious when the list has no figure of its own.
const DefaultGoneLimit = 100

// Definition is what is on record about a list as such.
type Definition struct {
	Title      string `json:"title"`
	Kind       Kind   `json:"kind"`
	Format     string `json:"format"`      // form of its files, "un-xml"; for the reader of the files
	LegalBasis string `json:"legal_basis"` // why the authority may hold and use it
	Publisher  string `json:"publisher"`
	Scope      string `json:"scope"`           // what it is used for, and what it must not be used for
	GoneLimit  int    `json:"gone_limit"`      // thousandths; more gone than that is suspicious
	Means      string `json:"means,omitempty"` // of a list of parties of one's own: what standing on it means; "" for an indication
	Unattended bool   `json:"unattended"`      // a version that is not suspicious becomes active without a person
	ReviewBy   string `json:"review_by"`       // ISO date by which somebody looks whether the list is still needed
}

// Status of a version.
type Status string

// The statuses of a version.
const (
	Waiting    Status = "waiting"    // imported; somebody has to activate it
	Suspicious Status = "suspicious" // imported; only an administrator can force it
	Active     Status = "active"     // in use
	Superseded Status = "superseded" // was in use
	Rejected   Status = "rejected"   // will not be used
)

// Suspicion is a reason to doubt a version.
type Suspicion string

// The reasons.
const (
	TooManyGone Suspicion = "too_many_gone" // more of the predecessor's entries are gone than the limit allows
	Older       Suspicion = "older"         // it is of an earlier date than the one in use
	Empty       Suspicion = "empty"         // it has no entries though its predecessor had some
)

// Figures are what was counted at an import.
type Figures struct {
	Entries int `json:"entries"`
	Aside   int `json:"aside"`   // rows without their entry, kept aside
	Added   int `json:"added"`   // against Base
	Removed int `json:"removed"` //
	Changed int `json:"changed"` //
	Gone    int `json:"gone"`    // share of Base's entries that is removed, thousandths, rounded up
}

// Version is one import of a list.
type Version struct {
	ID         string      `json:"id"`        // UUIDv7
	Number     int         `json:"number"`    // 1, 2, 3 ... within the list
	Published  string      `json:"published"` // ISO date of the source; "" where it gives none
	Imported   time.Time   `json:"imported"`
	Source     string      `json:"source"`         // hash of the source's bytes, "sha256:..."
	Document   string      `json:"document"`       // hash of the stored entries, "sha256:..."
	Object     string      `json:"object"`         // where the vault keeps them
	Report     string      `json:"report"`         // hash of the stored Report: counts, rows aside, the whole difference
	ReportAt   string      `json:"report_at"`      // where the vault keeps it
	Base       string      `json:"base,omitempty"` // version that the difference was made against
	Figures    Figures     `json:"figures"`
	Status     Status      `json:"status"`
	Suspicions []Suspicion `json:"suspicions,omitempty"`
	Reason     string      `json:"reason,omitempty"` // why it was forced, rejected or taken up again
}

// Span is a time during which a version was in use. Until is zero while it is.
type Span struct {
	Version string    `json:"version"`
	From    time.Time `json:"from"`
	Until   time.Time `json:"until"`
}

// Check is the last look at the source.
type Check struct {
	Time    time.Time `json:"time"`
	Outcome Outcome   `json:"outcome"`
	Problem string    `json:"problem,omitempty"` // what failed, for the keeper of the list
}

// Outcome of a look at the source.
type Outcome string

// The outcomes of a look at the source.
const (
	Unchanged   Outcome = "unchanged"   // the source is as it was at the last import
	Unreachable Outcome = "unreachable" // offline, moved, or refused: the version in use stays
	Unreadable  Outcome = "unreadable"  // fetched, and not what it should be: the version in use stays
)

// Review is one look at whether the list is still needed.
type Review struct {
	Time    time.Time `json:"time"`
	Actor   string    `json:"actor"`
	Keep    bool      `json:"keep"` // false retires the list: it is no longer used for anything new
	Note    string    `json:"note"`
	NextBy  string    `json:"next_by,omitempty"`
	Version string    `json:"version,omitempty"` // version in use at that time
}

// Objection is a person's or firm's correction of, or objection to, an entry.
// Who they are and what they write is private and can be erased; that there was
// one about this entry, and its outcome, stays.
type Objection struct {
	ID       string           `json:"id"`
	Entry    string           `json:"entry"` // id of the entity in the list
	Kind     ObjectionKind    `json:"kind"`
	Received string           `json:"received"` // ISO date
	Outcome  ObjectionOutcome `json:"outcome,omitempty"`
	Decided  time.Time        `json:"decided"`
	Erased   *event.Erasure   `json:"erased,omitempty"`
	Text     ObjectionText    `json:"text"`
	Answer   string           `json:"answer,omitempty"`
}

// ObjectionText is the private part of an objection.
type ObjectionText struct {
	From    string `json:"from"`    // who objects, and for whom
	Contact string `json:"contact"` // where the answer goes
	Text    string `json:"text"`    // what they say
}

// ObjectionKind says what is asked for.
type ObjectionKind string

// The kinds of objections.
const (
	Correction ObjectionKind = "correction" // a fact of the entry is wrong
	Protest    ObjectionKind = "protest"    // the entry should not be there at all
)

// ObjectionOutcome is the authority's answer.
type ObjectionOutcome string

// The outcomes. A list of somebody else's can't be changed here: the objection
// is sent on to its publisher, and the entry is shown as disputed meanwhile.
const (
	Upheld    ObjectionOutcome = "upheld"    // the next version follows it
	Partly    ObjectionOutcome = "partly"    //
	Declined  ObjectionOutcome = "declined"  // with reasons
	Forwarded ObjectionOutcome = "forwarded" // to the publisher of the list
)
