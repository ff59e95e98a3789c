package instruments

import (
	"fmt"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
)

// KindInstrument is the kind of the streams of instruments: "instrument/ID".
const KindInstrument = "instrument"

// Kind is what sort of tool an instrument is.
type Kind string

// The kinds.
const (
	Law        Kind = "law"
	Regulation Kind = "regulation"
	Guideline  Kind = "guideline"
	List       Kind = "list"
	Procedure  Kind = "procedure"
)

// Kinds in their order.
var Kinds = []Kind{Law, Regulation, Guideline, List, Procedure}

// Use is an end use that a catch-all clause names.
type Use string

// The end uses.
const (
	HumanRights Use = "human_rights"
	Military    Use = "military"
	Mass        Use = "mass_destruction"
	Terrorism   Use = "terrorism"
)

// Uses in their order.
var Uses = []Use{HumanRights, Military, Mass, Terrorism}

// Words are what an instrument is called, where it is found, and what it covers.
type Words struct {
	Title    string `json:"title"`
	Citation string `json:"citation"`
	Agency   string `json:"agency,omitempty"` // who applies it
	Source   string `json:"source"`           // where its text is
	Scope    string `json:"scope,omitempty"`  // items and end uses that it covers
}

// Version is an instrument as it is in force from a day on, until its last day
// or until the next version.
type Version struct {
	From       deadline.Date `json:"from"`
	To         deadline.Date `json:"to,omitempty"` // last day, "" for none
	SourceDate deadline.Date `json:"source_date"`  // the day as of which the text was read
	CatchAll   []Use         `json:"catch_all,omitempty"`
	Covers     []string      `json:"covers,omitempty"` // elements that it is said to cover
	Words      Words         `json:"words"`
	By         By            `json:"by"`
}

// By is who did something, and when.
type By = event.By

// Review is one look at an instrument, and when to look again.
type Review struct {
	Note string        `json:"note"`
	Next deadline.Date `json:"next"`
	By   By            `json:"by"`
}

// Instrument is one tool of the state.
type Instrument struct {
	ID       string        `json:"id"`
	Kind     Kind          `json:"kind"`
	Owner    string        `json:"owner"` // account
	ReviewBy deadline.Date `json:"review_by"`
	Versions []Version     `json:"versions"` // as they were entered
	Reviews  []Review      `json:"reviews,omitempty"`
	Noticed  time.Time     `json:"noticed,omitzero"` // when its owner and the contacts were told that the review is overdue
	Ended    string        `json:"ended,omitempty"`  // why it ends, in words
	Changed  By            `json:"changed"`
}

// begun is the version that began last by a day; nil where none had. Of two from
// one day the one entered later counts: it corrects the other.
func (i *Instrument) begun(by deadline.Date) *Version {
	var best *Version
	for n := range i.Versions {
		if v := &i.Versions[n]; v.From <= by && (best == nil || v.From >= best.From) {
			best = v
		}
	}
	return best
}

// On is the version in force on a day; nil where none is.
func (i *Instrument) On(day deadline.Date) *Version {
	v := i.begun(day)
	if v != nil && v.To != "" && v.To < day {
		return nil
	}
	return v
}

// Latest is the version with the latest first day: in force, to come, or ended.
func (i *Instrument) Latest() *Version { return i.begun("9999-12-31") }

// Overdue tells whether somebody should have read the instrument by a day.
func (i *Instrument) Overdue(on deadline.Date) bool { return i.ID != "" && i.ReviewBy < on }

// Events.
type (
	// Entered puts an instrument on the register with its first version.
	Entered struct {
		Kind     Kind          `json:"kind"`
		Owner    string        `json:"owner"`
		ReviewBy deadline.Date `json:"review_by"`
		Version  Dated         `json:"version"`
	}
	// Amended adds a version that is in force from its own day on.
	Amended struct {
		Version Dated `json:"version"`
	}
	// Ended says until which day the latest version is in force.
	Ended struct {
		To     deadline.Date         `json:"to"`
		Reason event.Private[string] `json:"reason"`
	}
	// Reviewed says that somebody read the instrument.
	Reviewed struct {
		Next deadline.Date         `json:"next"`
		Note event.Private[string] `json:"note"`
	}
	// HandedOver gives the instrument another owner.
	HandedOver struct {
		Owner string `json:"owner"`
	}
	// OverdueNoticed says that owner and contacts were told of an overdue review.
	OverdueNoticed struct {
		ReviewBy deadline.Date `json:"review_by"`
	}
)

// Dated is a version as events hold it.
type Dated struct {
	From       deadline.Date        `json:"from"`
	To         deadline.Date        `json:"to,omitempty"`
	SourceDate deadline.Date        `json:"source_date"`
	CatchAll   []Use                `json:"catch_all,omitempty"`
	Covers     []string             `json:"covers,omitempty"`
	Words      event.Private[Words] `json:"words"`
}

// EventType implements event.Event.
func (Entered) EventType() string { return "instrument.entered" }

// EventType implements event.Event.
func (Amended) EventType() string { return "instrument.amended" }

// EventType implements event.Event.
func (Ended) EventType() string { return "instrument.ended" }

// EventType implements event.Event.
func (Reviewed) EventType() string { return "instrument.reviewed" }

// EventType implements event.Event.
func (HandedOver) EventType() string { return "instrument.handed_over" }

// EventType implements event.Event.
func (OverdueNoticed) EventType() string { return "instrument.overdue_noticed" }

// Events are one zero value of each event of this package, for the registry.
func Events() []event.Event {
	return []event.Event{
		Entered{},
		Amended{},
		Ended{},
		Reviewed{},
		HandedOver{},
		OverdueNoticed{},
		Answered{},
		ActionPlanned{},
		ActionClosed{},
		NoActionStated{},
		Published{},
		PeerTaken{},
	}
}

func (d Dated) version(by By) Version {
	return Version{From: d.From, To: d.To, SourceDate: d.SourceDate, CatchAll: d.CatchAll, Covers: d.Covers, Words: d.Words.Value, By: by}
}

// Apply implements event.State.
func (i *Instrument) Apply(r event.Recorded) error {
	by := event.ByOf(r)
	switch e := r.Event.(type) {
	case Entered:
		*i = Instrument{ID: r.Stream.ID(), Kind: e.Kind, Owner: e.Owner, ReviewBy: e.ReviewBy, Versions: []Version{e.Version.version(by)}}
	case Amended:
		i.Versions = append(i.Versions, e.Version.version(by))
	case Ended:
		i.Latest().To, i.Ended = e.To, e.Reason.Value
	case Reviewed:
		i.Reviews = append(i.Reviews, Review{e.Note.Value, e.Next, by})
		i.ReviewBy, i.Noticed = e.Next, time.Time{}
	case HandedOver:
		i.Owner = e.Owner
	case OverdueNoticed:
		i.Noticed = r.Time
		return nil
	default:
		return fmt.Errorf("instruments: an instrument does not know %q", r.Event.EventType())
	}
	i.Changed = by
	return nil
}

// Rows implements event.State: what somebody has to do by a day, beside cases.
//
//	duty_row  id = "review/INSTRUMENT", and "notice/INSTRUMENT" once the contacts were told
//	  account text, role text (who has to: one of the two), kind text, title text, href text, compartment text, due text
func (i *Instrument) Rows() []event.Row {
	if i.ID == "" || i.Latest().To != "" {
		return nil
	}
	duty := func(kind, account, role string) event.Row {
		return event.Row{Table: "duty_row", ID: kind + "/" + i.ID, Columns: []event.Column{
			event.C("account", account), event.C("role", role), event.C("kind", kind), event.C("title", i.Latest().Words.Title),
			event.C("href", "/instruments/"+i.ID), event.C("compartment", ""), event.C("due", string(i.ReviewBy)),
		}}
	}
	rows := []event.Row{duty("review", i.Owner, "")}
	if !i.Noticed.IsZero() {
		rows = append(rows, duty("notice", "", "point_of_contact"))
	}
	return rows
}
