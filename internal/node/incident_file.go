package node

import (
	"context"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/incidents"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
)

// IncidentFile is an incident as its page shows it, with what it touches as far
// as the reader may see.
type IncidentFile struct {
	incidents.Incident
	Version  int64
	Licences []store.LicenceRow
	Cases    []store.TouchedCase
	Next     TouchedAt  // where the next page of them begins; zero where none does
	Touches  [2]Counted // how many live licences and open cases it touches
	Origin   bool       // the reader may know who raised it
	Users    map[string]string
	Presumed map[string]*incidents.Presumption // by destination
	Tells    time.Time                         // when holders are told of an emergency of now
	Effect   time.Time                         // when an act confirmed now takes effect
	names    map[string]string
}

// Name is a person's name by account; the id where nobody knows it.
func (f *IncidentFile) Name(id string) string {
	if n := f.names[id]; n != "" {
		return n
	}
	return id
}

// TouchedAt is a place in the lists of what an incident touches: the last licence
// and the last case that were seen.
type TouchedAt struct{ Licence, Case string }

// Counted is a number of things, of which more were not counted.
type Counted struct {
	Number int
	More   bool
}

// IncidentFile reads an incident for an actor, with what it touches from a place
// on. What may not be seen does not exist.
func (a *App) IncidentFile(ctx context.Context, actor access.Actor, id string, at TouchedAt) (*IncidentFile, error) {
	f := &IncidentFile{Users: map[string]string{}, Presumed: map[string]*incidents.Presumption{}}
	rules, err := incidentRules()
	if err != nil {
		return nil, fault.Wrap(err, "node: incident")
	}
	e, err := a.Engines(ctx)
	if err != nil {
		return nil, err
	}
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		if f.Version, err = t.Load(IncidentStream(id), &f.Incident); err != nil {
			return err
		}
		if f.Version == 0 || !access.Can(actor, access.IncidentRead, incidentThing(&f.Incident)) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		if err := f.touches(t, actor, at); err != nil {
			return err
		}
		var streams []event.Stream
		for _, u := range f.Of(incidents.User) {
			streams = append(streams, event.StreamOf(party.StreamKind, u))
		}
		for _, c := range f.Of(incidents.Destination) {
			streams = append(streams, incidents.PresumptionStream(c))
		}
		entries := map[string]*party.Entry{}
		if err := t.LoadEach(streams, func(s event.Stream) event.State {
			if s.Kind() == incidents.KindPresumption {
				f.Presumed[s.ID()] = &incidents.Presumption{}
				return f.Presumed[s.ID()]
			}
			entries[s.ID()] = &party.Entry{}
			return entries[s.ID()]
		}); err != nil {
			return err
		}
		for id, x := range entries {
			f.Users[id] = party.PrimaryName(x.Details.Names)
		}
		people := []string{f.Opened.Account, f.EndedBy.Account}
		for _, x := range f.Acts {
			people = append(people, x.By.Account, x.Confirmed.Account, x.Returned.Account)
		}
		for _, x := range f.Answers {
			people = append(people, x.By.Account)
		}
		f.names, err = t.Names(distinct(people))
		return err
	})
	if err != nil {
		return nil, fault.Wrap(err, "node: incident")
	}
	if f.Origin = access.Can(actor, access.IncidentOrigin, incidentThing(&f.Incident)); !f.Origin {
		f.Raised = incidents.Text{}
		f.Answers = nil
	}
	if f.Tells, err = rules.Tells(a.Now(), e.Calendar); err == nil {
		f.Effect, err = rules.Effect(&f.Incident, a.Now(), e.Calendar)
	}
	return f, fault.Wrap(err, "node: incident")
}

// touches reads a page of what the incident touches, and how much it is.
func (f *IncidentFile) touches(t *store.Tx, actor access.Actor, at TouchedAt) (err error) {
	licences, cases := touching(&f.Incident, access.ScopeOf(actor, access.LicenceRead)), touching(&f.Incident, access.ScopeOf(actor, access.CaseRead))
	licences.After, cases.After = at.Licence, at.Case
	if f.Licences, err = t.TouchedLicences(licences); err != nil {
		return err
	}
	if f.Cases, err = t.TouchedCases(cases); err != nil {
		return err
	}
	more := len(f.Licences) > touchedLimit || len(f.Cases) > touchedLimit
	f.Licences, f.Cases = f.Licences[:min(len(f.Licences), touchedLimit)], f.Cases[:min(len(f.Cases), touchedLimit)]
	f.Touches = [2]Counted{{Number: len(f.Licences)}, {Number: len(f.Cases)}}
	if !more && at == (TouchedAt{}) {
		return nil
	}
	for i, q := range []store.Touching{licences, cases} {
		q.After, q.Limit = "", touchedCount+1
		n, err := t.CountTouched(q, i == 0)
		if err != nil {
			return err
		}
		f.Touches[i] = Counted{min(n, touchedCount), n > touchedCount}
	}
	if more {
		f.Next = at
		if n := len(f.Licences); n > 0 {
			f.Next.Licence = f.Licences[n-1].ID
		}
		if n := len(f.Cases); n > 0 {
			f.Next.Case = f.Cases[n-1].ID
		}
	}
	return nil
}
