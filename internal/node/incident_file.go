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
	More     bool // it touches more than is listed
	Origin   bool // the reader may know who raised it
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

// IncidentFile reads an incident for an actor. What may not be seen does not
// exist.
func (a *App) IncidentFile(ctx context.Context, actor access.Actor, id string) (*IncidentFile, error) {
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
		if f.Licences, err = t.TouchedLicences(touching(&f.Incident, access.ScopeOf(actor, access.LicenceRead))); err != nil {
			return err
		}
		if f.Cases, err = t.TouchedCases(touching(&f.Incident, access.ScopeOf(actor, access.CaseRead))); err != nil {
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
	if len(f.Licences) > touchedLimit || len(f.Cases) > touchedLimit {
		f.More = true
		f.Licences, f.Cases = f.Licences[:min(len(f.Licences), touchedLimit)], f.Cases[:min(len(f.Cases), touchedLimit)]
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
