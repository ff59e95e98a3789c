package lists

import (
	"fmt"
	"time"

	"github.com/comity-project/comity/internal/event"
)

// State is the stream "list/ID".
type State struct {
	ID string `json:"id"`
	Definition
	Retired    bool        `json:"retired,omitempty"`
	Versions   []Version   `json:"versions,omitempty"` // oldest first
	InUse      []Span      `json:"in_use,omitempty"`   // oldest first; the last is open
	LastCheck  *Check      `json:"last_check,omitempty"`
	Reviews    []Review    `json:"reviews,omitempty"`
	Objections []Objection `json:"objections,omitempty"`
}

// ActiveVersion is the version in use, or nil.
func (s *State) ActiveVersion() *Version {
	if len(s.InUse) == 0 {
		return nil
	}
	return s.version(s.InUse[len(s.InUse)-1].Version)
}

// VersionAt is the version that was in use at a time, or nil: what a replay of
// an old decision has to be told.
func (s *State) VersionAt(at time.Time) *Version {
	for i := len(s.InUse) - 1; i >= 0; i-- {
		if u := s.InUse[i]; !at.Before(u.From) && (u.Until.IsZero() || at.Before(u.Until)) {
			return s.version(u.Version)
		}
	}
	return nil
}

func (s *State) version(id string) *Version {
	for i := range s.Versions {
		if s.Versions[i].ID == id {
			return &s.Versions[i]
		}
	}
	return nil
}

func (s *State) objection(id string) *Objection {
	for i := range s.Objections {
		if s.Objections[i].ID == id {
			return &s.Objections[i]
		}
	}
	return nil
}

// Apply implements event.State.
func (s *State) Apply(r event.Recorded) error {
	switch e := r.Event.(type) {
	case Defined:
		s.ID, s.Definition = r.Stream.ID(), e.Definition
	case VersionImported:
		v := Version{
			ID: e.ID, Number: len(s.Versions) + 1, Published: e.Published, Imported: r.Time, Source: e.Source, Document: e.Document,
			Object: e.Object, Report: e.Report, ReportAt: e.ReportAt, Base: e.Base, Figures: e.Figures, Status: Waiting, Suspicions: e.Suspicions,
		}
		if len(e.Suspicions) > 0 {
			v.Status = Suspicious
		}
		s.Versions = append(s.Versions, v)
		s.LastCheck = nil
	case VersionActivated:
		if old := s.ActiveVersion(); old != nil {
			old.Status = Superseded
			s.InUse[len(s.InUse)-1].Until = r.Time
		}
		if v := s.version(e.ID); v != nil {
			v.Status, v.Reason = Active, e.Reason
		}
		s.InUse = append(s.InUse, Span{Version: e.ID, From: r.Time})
	case VersionRejected:
		if v := s.version(e.ID); v != nil {
			v.Status, v.Reason = Rejected, e.Reason
		}
	case Checked:
		s.LastCheck = &Check{r.Time, e.Outcome, e.Problem}
	case Reviewed:
		rev := Review{Time: r.Time, Actor: r.Actor, Keep: e.Keep, Note: e.Note, NextBy: e.NextBy}
		if v := s.ActiveVersion(); v != nil {
			rev.Version = v.ID
		}
		s.Reviews = append(s.Reviews, rev)
		s.Retired = !e.Keep
		if e.Keep {
			s.ReviewBy = e.NextBy
		}
	case ObjectionReceived:
		s.Objections = append(s.Objections, Objection{ID: e.ID, Entry: e.Entry, Kind: e.Kind, Received: e.Received, Text: e.Text.Value, Erased: e.Text.Erased})
	case ObjectionDecided:
		if o := s.objection(e.ID); o != nil {
			o.Outcome, o.Decided, o.Answer = e.Outcome, r.Time, e.Answer.Value
		}
	default:
		return fmt.Errorf("lists: %T in the stream of a list", e)
	}
	return nil
}

// Tables of this domain's rows.
const (
	TableList      = "list_row"           // one for each list
	TableVersion   = "list_version_row"   // one for each version
	TableObjection = "list_objection_row" // one for each correction or objection
)

// Rows implements event.State.
func (s *State) Rows() []event.Row {
	if s.ID == "" {
		return nil
	}
	active, published, entries := "", "", int64(0)
	var since time.Time
	if v := s.ActiveVersion(); v != nil {
		active, published, entries = v.ID, v.Published, int64(v.Figures.Entries)
		since = s.InUse[len(s.InUse)-1].From
	}
	status, waiting, open := "in_use", int64(0), int64(0)
	switch {
	case s.Retired:
		status = "retired"
	case active == "":
		status = "empty"
	}
	for _, v := range s.Versions {
		if v.Status == Waiting || v.Status == Suspicious {
			waiting++
		}
	}
	for _, o := range s.Objections {
		if o.Outcome == "" {
			open++
		}
	}
	rows := []event.Row{{Table: TableList, ID: s.ID, Columns: []event.Column{
		event.C("title", s.Title), event.C("kind", string(s.Kind)), event.C("publisher", s.Publisher), event.C("status", status),
		event.C("active", active), event.C("published", published), event.C("entries", entries), event.C("active_since", since),
		event.C("waiting", waiting), event.C("objections", open), event.C("review_by", s.ReviewBy),
	}}}
	for _, v := range s.Versions {
		rows = append(rows, event.Row{Table: TableVersion, ID: v.ID, Columns: []event.Column{
			event.C("list", s.ID), event.C("number", int64(v.Number)), event.C("published", v.Published), event.C("imported", v.Imported),
			event.C("status", string(v.Status)), event.C("document", v.Document), event.C("object", v.Object),
			event.C("entries", int64(v.Figures.Entries)), event.C("aside", int64(v.Figures.Aside)),
			event.C("added", int64(v.Figures.Added)), event.C("removed", int64(v.Figures.Removed)), event.C("changed", int64(v.Figures.Changed)),
		}})
	}
	for _, o := range s.Objections {
		outcome := string(o.Outcome)
		if outcome == "" {
			outcome = "open"
		}
		rows = append(rows, event.Row{Table: TableObjection, ID: o.ID, Columns: []event.Column{
			event.C("list", s.ID), event.C("entry", o.Entry), event.C("kind", string(o.Kind)), event.C("received", midnight(o.Received)),
			event.C("outcome", outcome), event.C("decided", o.Decided),
		}})
	}
	return rows
}

// midnight is the begin of an ISO date, UTC; the zero time for none.
func midnight(day string) time.Time {
	t, _ := time.Parse(time.DateOnly, day) // dates are checked when they come in
	return t
}
