package assessment

import (
	"fmt"
	"maps"
	"slices"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/policy"
)

// Apply folds one more event in.
func (s *State) Apply(r event.Recorded) error {
	if s.Case == "" {
		s.Case = r.Stream.ID()
	}
	by := event.ByOf(r)
	s.Changed = r.Time
	screened, again := r.Event.(Screened)
	if again && !s.screened(screened, by) {
		return nil // the same answer as before moves nothing on any page
	}
	s.Moved = r.Version
	if s.applyText(r.Event, by) {
		return nil // words about the assessment change nothing that it found
	}
	if _, done := r.Event.(Completed); !done {
		s.end(r.Event)
	}
	switch e := r.Event.(type) {
	case Screened: // taken in above
	case Classified:
		if s.Classified == nil {
			s.Classified = map[string]ClassifiedLine{}
		}
		s.Classified[e.Line] = ClassifiedLine{
			Classification: Classification{Category: e.Category, Listed: e.Listed, Codes: e.Codes, List: e.List, By: r.Actor, Date: policy.DateOf(r.Time)},
			By:             by, Reason: event.TextOf(e.Reason),
		}
	case SeverityJudged:
		if s.Severity == nil {
			s.Severity = map[string]JudgedLine{}
		}
		s.Severity[e.Line] = JudgedLine{e.Severity, by, event.TextOf(e.Reason)}
	case HitResolved:
		for i := range s.Hits {
			if h := &s.Hits[i]; h.ID == e.Hit {
				h.Outcome, h.By, h.Reason, h.Reopened = e.Outcome, by, event.TextOf(e.Reason), ""
			}
		}
	case HitsReopened:
		for i := range s.Hits {
			if slices.Contains(e.Hits, s.Hits[i].ID) {
				s.Hits[i].reopen(e.Why)
			}
		}
	case FactRecorded:
		for i := range s.Facts {
			if s.Facts[i].ID == e.Replaces && e.Replaces != "" {
				s.Facts[i].Replaced = e.ID
			}
		}
		s.Facts = append(s.Facts, FactState{
			ID: e.ID, Fact: e.Fact, Value: e.Value, Line: e.Line, Party: e.Party, Date: e.Date, Document: e.Document,
			Grade: e.Grade, Origin: e.Origin.Value, Erased: e.Origin.Erased, Item: e.Item, Cited: event.TextOf(e.Cited), By: by,
		})
	case SourceLost:
		for i := range s.Facts {
			if slices.Contains(e.Facts, s.Facts[i].ID) {
				s.Facts[i].Lost = r.Time
			}
		}
	case FactWithdrawn:
		for i := range s.Facts {
			if s.Facts[i].ID == e.ID {
				s.Facts[i].Withdrawn, s.Facts[i].Reason = true, event.TextOf(e.Reason)
			}
		}
	case LawChanged: // ends a completion, as every event does
	case FindingsMade:
		for _, f := range e.Findings {
			put(&s.Findings, f.Line, f.Rule, FindingMade{f.Status, f.Computed, f.Facts, event.TextOf(f.Search), event.TextOf(f.Reason), by, e.Pack})
		}
	case GroupsStated:
		s.Groups = &GroupsAnswer{maps.Clone(e.Groups), event.TextOf(e.Reason), by}
	case ViewRecorded:
		v := View{Person: e.Person, Likelihood: e.Likelihood, Severity: e.Severity, Refuse: e.Refuse, Worry: event.TextOf(e.Worry), By: by}
		for _, g := range e.Grounds {
			v.Grounds = append(v.Grounds, g.Value)
		}
		s.Views = append(s.Views, v)
	case MitigationStated:
		if s.Mitigations == nil {
			s.Mitigations = map[string]Mitigation{}
		}
		s.Mitigations[e.Line] = Mitigation{e.Likelihood, e.Measures, e.Residual, event.TextOf(e.Reason), by}
	case UnknownBorne:
		put(&s.Borne, e.Line, e.Rule, Bearing{event.TextOf(e.Reason), by})
	case Completed:
		if s.Completion != nil {
			s.Completion.Ended = "confirmed again"
			s.Earlier = append(s.Earlier, *s.Completion)
		}
		s.Completion = &Completion{Basis: e.Basis, Person: e.Person, Pack: e.Pack, Facts: e.Facts, Lines: e.Lines, Again: e.Again, By: by}
	default:
		return fmt.Errorf("assessment: unknown event %T", r.Event)
	}
	return nil
}

// end takes a completion back: what it was said of has changed. A reason for an
// unknown changes nothing of it.
func (s *State) end(e event.Event) {
	if _, bearing := e.(UnknownBorne); bearing || s.Completion == nil {
		return
	}
	s.Completion.Ended = e.EventType()
	s.Earlier = append(s.Earlier, *s.Completion)
	s.Completion = nil
}

// screened takes in new hits, and tells whether the answer is another than
// before. A resolution stands while party and entry are the same as when it was
// given; a hit that is no longer found is marked so.
func (s *State) screened(e Screened, by By) (moved bool) {
	if s.Screened == nil {
		s.Screened = map[string]int{}
	}
	s.Screenings = append(s.Screenings, Screening{e.Purpose, e.Index, e.Lists, e.NotSearched, by.At})
	for _, p := range e.Parties {
		if at, before := s.Screened[p]; !before || !slices.Equal(s.Screenings[at].NotSearched, e.NotSearched) {
			moved = true // never searched for, or other lists could not be searched
		}
		s.Screened[p] = len(s.Screenings) - 1
	}
	s.forgetScreenings()
	found := map[string]FoundHit{}
	for _, h := range e.Hits {
		found[h.ID] = h
	}
	known := map[string]bool{}
	for i := range s.Hits {
		h := &s.Hits[i]
		f, again := found[h.ID]
		known[h.ID] = true
		if !again {
			if slices.Contains(e.Parties, h.Party) && !h.Gone {
				h.Gone, moved = true, true
			}
			continue
		}
		if h.Gone || h.PartyHash != f.PartyHash || h.EntryHash != f.EntryHash || h.Band != f.Band {
			moved = true
		}
		h.Gone = false
		if h.PartyHash != f.PartyHash {
			h.reopen("party_changed")
		} else if h.EntryHash != f.EntryHash {
			h.reopen("listing_changed")
		}
		h.PartyHash, h.EntryHash, h.Score, h.Band, h.Details, h.Erased = f.PartyHash, f.EntryHash, f.Score, f.Band, f.Details.Value, f.Details.Erased
	}
	for _, f := range e.Hits {
		if !known[f.ID] {
			known[f.ID], moved = true, true
			s.Hits = append(s.Hits, HitState{
				ID: f.ID, Party: f.Party, List: f.List, Kind: f.Kind, Entry: f.Entry, Score: f.Score, Band: f.Band,
				PartyHash: f.PartyHash, EntryHash: f.EntryHash, Details: f.Details.Value, Erased: f.Details.Erased, FoundAt: by.At,
			})
		}
	}
	return moved
}

// MovedAt is the version of the last event that changed what a page shows. A
// page from then on is not out of date.
func (s *State) MovedAt(any) int64 { return s.Moved }

// forgetScreenings drops those that are no party's last one any more.
func (s *State) forgetScreenings() {
	used := map[int]bool{}
	for _, at := range s.Screened {
		used[at] = true
	}
	place := map[int]int{}
	var kept []Screening
	for i, x := range s.Screenings {
		if used[i] {
			place[i] = len(kept)
			kept = append(kept, x)
		}
	}
	for p, at := range s.Screened {
		s.Screened[p] = place[at]
	}
	s.Screenings = kept
}

func (h *HitState) reopen(why string) {
	if h.Outcome != "" {
		h.Outcome, h.By, h.Reason, h.Reopened = "", By{}, Text{}, why
	}
}

func put[T any](m *map[string]map[string]T, line, rule string, v T) {
	if *m == nil {
		*m = map[string]map[string]T{}
	}
	if (*m)[line] == nil {
		(*m)[line] = map[string]T{}
	}
	(*m)[line][rule] = v
}

// Rows are one row in assessments; one in assessment_hits for each hit, by which
// cases are found again when a party or an entry changes; and one in
// assessment_source for each fact that rests on an item of the library, and of
// assessment_code for each code of each line that was classified.
func (s *State) Rows() []event.Row {
	if s.Case == "" {
		return nil
	}
	basis, severity, undecided := int64(0), int64(0), int64(0)
	if c := s.Completion; c != nil {
		basis = int64(c.Basis)
		for _, l := range c.Lines {
			severity = max(severity, int64(l.Severity))
			if l.Standing == policy.Undecided {
				undecided++
			}
		}
	}
	rows := []event.Row{{Table: "assessments", ID: s.Case, Columns: []event.Column{
		event.C("complete", s.Completion != nil), event.C("basis", basis),
		event.C("severity", severity), event.C("undecided", undecided), event.C("open_hits", int64(s.OpenHits())),
		event.C("changed", s.Changed),
	}}}
	for _, h := range s.Hits {
		rows = append(rows, event.Row{Table: "assessment_hits", ID: s.Case + "/" + h.ID, Columns: []event.Column{
			event.C("case_id", s.Case), event.C("party", h.Party), event.C("list", h.List),
			event.C("entry", h.Entry), event.C("outcome", string(h.Outcome)), event.C("gone", h.Gone),
		}})
	}
	for _, f := range s.Facts {
		if f.Item != "" {
			rows = append(rows, event.Row{Table: "assessment_source", ID: s.Case + "/" + f.ID, Columns: []event.Column{
				event.C("case_id", s.Case), event.C("fact", f.ID), event.C("name", f.Fact), event.C("item", f.Item), event.C("stands", f.Stands()),
			}})
		}
	}
	for _, line := range slices.Sorted(maps.Keys(s.Classified)) {
		for _, code := range slices.Compact(slices.Sorted(slices.Values(s.Classified[line].Codes))) {
			rows = append(rows, event.Row{Table: "assessment_code", ID: s.Case + "/" + line + "/" + code, Columns: []event.Column{
				event.C("case_id", s.Case), event.C("line", line), event.C("code", code),
			}})
		}
	}
	return rows
}
