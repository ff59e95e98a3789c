package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/incidents"
	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
)

// registerIncidents files the commands on incidents and presumptions.
func (a *App) registerIncidents() {
	handlePrepared(a, ready, onIncident[incidents.Open])
	handlePrepared(a, ready, onIncident[incidents.Tie])
	handlePrepared(a, ready, onIncident[incidents.Weigh])
	handlePrepared(a, ready, onIncident[incidents.Propose])
	handlePrepared(a, ready, onIncident[incidents.Confirm])
	handlePrepared(a, ready, onIncident[incidents.Return])
	handlePrepared(a, ready, onIncident[incidents.Carry])
	handlePrepared(a, ready, onIncident[incidents.Halt])
	handlePrepared(a, ready, onIncident[incidents.Tell])
	handlePrepared(a, ready, onIncident[incidents.Uphold])
	handlePrepared(a, ready, onIncident[incidents.Lapse])
	handlePrepared(a, ready, onIncident[incidents.Answer])
	handlePrepared(a, ready, onIncident[incidents.Close])
	handle(a, liftPresumption)
	handle(a, exemptCase)
}

// IncidentStream is the stream of an incident, for Expect.
func IncidentStream(id string) event.Stream { return event.StreamOf(incidents.KindIncident, id) }

func incidentThing(i *incidents.Incident) access.Thing {
	return access.Thing{Kind: incidents.KindIncident, Account: i.Opened.Account, Compartment: i.Compartment}
}

// Kinds of jobs of incidents.
const (
	jobCarry = "incident.carry"
	jobTell  = "incident.tell"
	jobLapse = "incident.lapse"
)

// incidentJob asks for an act of an incident to take effect, or to lapse.
type incidentJob struct{ Incident, Act string }

// later adds a job that is due at an instant.
func (t *Tx) later(kind, key string, body any, at time.Time) error {
	j, err := jobs.New(kind, key, body, t.Now())
	if err != nil {
		return err
	}
	j.RunAt = at.UTC().Truncate(time.Microsecond)
	return fault.Wrap(t.Enqueue(j), "node: enqueue %s", kind)
}

// incidentRules are those that ship with the program, read once.
var incidentRules = sync.OnceValues(func() (incidents.Rules, error) {
	raw, err := content.FS.ReadFile("incidents/rules.yaml")
	if err != nil {
		return incidents.Rules{}, err
	}
	return incidents.ParseRules(raw)
})

// onIncident is the way of every command on an incident.
func onIncident[C incidents.Command](t *Tx, cmd C, e *Engines) error {
	i, version, err := load[*incidents.Incident](t, cmd.Stream())
	if err != nil {
		return err
	}
	thing, see := incidentThing(i), access.IncidentRead
	if open, ok := any(cmd).(incidents.Open); ok && version == 0 {
		thing, see = access.Thing{Kind: incidents.KindIncident, Compartment: open.Compartment}, ""
	}
	if err := t.Must(see, incidents.Acts[cmd.Name()], thing); err != nil {
		return err
	}
	f := incidents.Facts{Now: t.Now(), Zone: e.Calendar.Location(), Person: t.person().Account}
	if err := t.incidentFacts(i, cmd, &f, e); err != nil {
		return err
	}
	events, err := incidents.Decide(i, cmd, f)
	if err != nil {
		return err
	}
	if len(events) == 0 {
		return nil
	}
	switch c := any(cmd).(type) {
	case incidents.Carry:
		failed, err := t.carry(i, i.Act(c.ID), e)
		if err != nil {
			return err
		}
		f.Failed = failed
		if events, err = incidents.Decide(i, cmd, f); err != nil {
			return err
		}
	case incidents.Halt:
		a := incidents.Act{Emergency: true, Ground: "emergency", Told: incidents.Text{Value: c.Told}, Person: f.Person}
		for _, l := range c.Licences {
			if err := t.step(&a, incidents.Step{Licence: l, Do: incidents.Suspend}, i, e); err != nil {
				return err
			}
		}
	case incidents.Tell:
		if err := t.announce(i.Act(c.ID), e); err != nil {
			return err
		}
	case incidents.Lapse:
		if err := t.lapse(i, i.Act(c.ID), e); err != nil {
			return err
		}
	}
	if err := t.Append(events); err != nil {
		return err
	}
	switch x := events[0].Event.(type) {
	case incidents.ActConfirmed:
		if !x.Effect.After(t.Now()) {
			failed, err := t.carry(i, i.Act(x.ID), e)
			if err != nil {
				return err
			}
			return t.Append([]event.New{{Stream: cmd.Stream(), Event: incidents.ActDone{ID: x.ID, Failed: failed}}})
		}
		return t.later(jobCarry, jobCarry+"/"+x.ID, incidentJob{i.ID, x.ID}, x.Effect)
	case incidents.EmergencySuspended:
		if err := t.later(jobTell, jobTell+"/"+x.ID, incidentJob{i.ID, x.ID}, x.Tells); err != nil {
			return err
		}
		return t.later(jobLapse, jobLapse+"/"+x.ID, incidentJob{i.ID, x.ID}, x.Lapses)
	}
	return nil
}

// incidentFacts gathers what single commands need.
func (t *Tx) incidentFacts(i *incidents.Incident, cmd incidents.Command, f *incidents.Facts, e *Engines) (err error) {
	for _, l := range licensing.Levers {
		f.Levers = append(f.Levers, string(l))
	}
	rules, err := incidentRules()
	if err != nil {
		return err
	}
	switch c := cmd.(type) {
	case incidents.Open:
		if f.Unknown, err = t.unknownLinks(c.Links); err != nil {
			return err
		}
		f.Reference, err = t.incidentReference(e)
	case incidents.Tie:
		f.Unknown, err = t.unknownLinks(c.Links)
	case incidents.Propose:
		f.Outside, err = t.outside(i, c.Steps)
	case incidents.Confirm:
		f.Effect, err = rules.Effect(i, t.Now(), e.Calendar)
	case incidents.Halt:
		steps := make([]incidents.Step, len(c.Licences))
		for n, l := range c.Licences {
			steps[n] = incidents.Step{Licence: l, Do: incidents.Suspend}
		}
		if f.Outside, err = t.outside(i, steps); err != nil {
			return err
		}
		if f.Tells, err = rules.Tells(t.Now(), e.Calendar); err == nil {
			f.Lapses, err = rules.Lapses(t.Now(), e.Calendar)
		}
	}
	return err
}

// unknownLinks are those that lead nowhere the actor may see.
func (t *Tx) unknownLinks(links []incidents.Link) (out []incidents.Link, err error) {
	for _, l := range links {
		known := true
		switch l.Kind {
		case incidents.User:
			known, err = t.knowsParty(l.Ref)
		case incidents.ToLicence:
			var x *licensing.Licence
			if x, _, err = load[*licensing.Licence](t, event.StreamOf(kindLicence, l.Ref)); err == nil {
				known = x.ID != "" && access.Can(t.Actor, access.LicenceRead, licenceThing(x))
			}
		case incidents.ToCase:
			var x *licensing.Case
			if x, _, err = load[*licensing.Case](t, CaseStream(l.Ref)); err == nil {
				known = x.ID != "" && access.Can(t.Actor, access.CaseRead, thingOf(x))
			}
		case incidents.Item, incidents.Destination:
		default:
			known = false
		}
		if err != nil {
			return nil, err
		}
		if !known {
			out = append(out, l)
		}
	}
	return out, nil
}

// touchedLimit is how much of what an incident touches a page lists: as much as
// one act may take. touchedCount bounds what is counted.
const (
	touchedLimit = incidents.MaxSteps
	touchedCount = 10_000
)

func touching(i *incidents.Incident, scope access.Scope) store.Touching {
	return store.Touching{
		Scope: scope, Users: i.Of(incidents.User), Items: i.Of(incidents.Item), Destinations: i.Of(incidents.Destination),
		Licences: i.Of(incidents.ToLicence), Cases: i.Of(incidents.ToCase), Limit: touchedLimit + 1,
	}
}

// outside are the steps on what the incident does not touch, as far as the actor
// may see.
func (t *Tx) outside(i *incidents.Incident, steps []incidents.Step) (out []incidents.Step, err error) {
	ofLicences, ofCases := touching(i, access.ScopeOf(t.Actor, access.LicenceRead)), touching(i, access.ScopeOf(t.Actor, access.CaseRead))
	for n, s := range steps {
		switch {
		case n >= incidents.MaxSteps: // too many, whatever they are: the incident says so
		case s.Licence != "":
			ofLicences.Only = append(ofLicences.Only, s.Licence)
		case s.Case != "":
			ofCases.Only = append(ofCases.Only, s.Case)
		}
	}
	var licences []store.LicenceRow
	if len(ofLicences.Only) > 0 {
		if licences, err = t.TouchedLicences(ofLicences); err != nil {
			return nil, err
		}
	}
	var cases []store.TouchedCase
	if len(ofCases.Only) > 0 {
		if cases, err = t.TouchedCases(ofCases); err != nil {
			return nil, err
		}
	}
	for _, s := range steps {
		if !slices.ContainsFunc(licences, func(l store.LicenceRow) bool { return s.Licence != "" && l.ID == s.Licence }) &&
			!slices.ContainsFunc(cases, func(c store.TouchedCase) bool { return s.Case != "" && c.ID == s.Case }) {
			out = append(out, s)
		}
	}
	return out, nil
}

// carry takes the steps of an act, in the name of who proposed it. What cannot
// be done any more, because a licence has moved on meanwhile, is given back.
func (t *Tx) carry(i *incidents.Incident, a *incidents.Act, e *Engines) (failed []incidents.Step, err error) {
	for _, s := range a.Steps {
		err := t.step(a, s, i, e)
		var f *fault.Error
		if errors.As(err, &f) && (f.Code == fault.Blocked || f.Code == fault.Conflict || f.Code == fault.Invalid) {
			failed = append(failed, s)
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	for _, country := range a.Presume {
		s := incidents.PresumptionStream(country)
		if err := t.Append([]event.New{{Stream: s, Event: incidents.PresumptionSet{Incident: i.ID, From: a.From, Person: a.Person, Why: event.P(s, a.Told.Value)}}}); err != nil {
			return nil, err
		}
	}
	return failed, nil
}

// step does one thing about one licence or case. The licensee reads what all are
// told, and nothing of the incident.
func (t *Tx) step(a *incidents.Act, s incidents.Step, i *incidents.Incident, e *Engines) error {
	if s.Case != "" {
		if s.Do != incidents.Reopen {
			return nil
		}
		c, _, err := load[*licensing.Case](t, CaseStream(s.Case))
		if err != nil {
			return err
		}
		return t.onto(c, licensing.ChangeBasis{On: licensing.On{Case: s.Case}, What: licensing.BasisIncident, Ref: i.ID}, e)
	}
	l, _, err := load[*licensing.Licence](t, event.StreamOf(kindLicence, s.Licence))
	if err != nil {
		return err
	}
	on := licensing.OnLicence{Licence: l.ID}
	var cmd licensing.LicenceCommand
	switch s.Do {
	case incidents.Suspend:
		cmd = licensing.Suspend{OnLicence: on, Ground: a.Ground, Why: a.Told.Value, Quiet: a.Emergency}
	case incidents.Vary:
		v := licensing.Suspend{OnLicence: on, Ground: a.Ground, Why: a.Told.Value}
		for _, n := range l.Lines {
			if slices.ContainsFunc(i.Of(incidents.Item), func(code string) bool { return strings.HasPrefix(n.Code, code) }) {
				v.Lines = append(v.Lines, n.Line)
			}
		}
		if len(v.Lines) == 0 {
			return fault.New(fault.Blocked, "licensing.line.unknown")
		}
		cmd = v
	case incidents.Revoke:
		v := licensing.Revoke{OnLicence: on, Ground: a.Ground, Why: a.Told.Value}
		for _, r := range a.Reach {
			v.Reach = append(v.Reach, licensing.ReachSaid{Lever: licensing.Lever(r.Lever), State: licensing.ReachState(r.State), How: r.How})
		}
		cmd = v
	default:
		return nil // a check or a watch is for people
	}
	facts := licensing.Facts{Now: t.Now(), Actor: licensing.Actor{Actor: access.Actor{Account: a.Person}}, Calendar: e.Calendar}
	events, err := licensing.DecideLicence(l, cmd, facts)
	if err != nil {
		return err
	}
	if err := t.Append(events); err != nil || a.Emergency {
		return err
	}
	return t.instruct(l, a, e)
}

// announce tells the holders of an emergency suspension that still stands.
func (t *Tx) announce(a *incidents.Act, e *Engines) error {
	for _, s := range a.Steps {
		l, _, err := load[*licensing.Licence](t, event.StreamOf(kindLicence, s.Licence))
		if err != nil {
			return err
		}
		if l.Shown() == l.Now() {
			continue // told meanwhile, by an act
		}
		if err := t.instruct(l, a, e); err != nil {
			return err
		}
	}
	return nil
}

// instruct tells a holder what all holders of an act are told.
func (t *Tx) instruct(l *licensing.Licence, a *incidents.Act, e *Engines) error {
	told := licensing.Instruct{OnLicence: licensing.OnLicence{Licence: l.ID}, Text: a.Told.Value}
	for _, d := range a.Duties {
		told.Duties = append(told.Duties, string(d))
	}
	events, err := licensing.DecideLicence(l, told, licensing.Facts{Now: t.Now(), Actor: licensing.Actor{Actor: access.Actor{Account: a.Person}}, Calendar: e.Calendar})
	if err != nil {
		return err
	}
	if err := t.Append(events); err != nil {
		return err
	}
	c, _, err := load[*licensing.Case](t, CaseStream(l.Case))
	if err != nil {
		return err
	}
	return t.tell(c)
}

// lapse gives licences back that an emergency suspended and nobody confirmed,
// unless something else was decided about them since.
func (t *Tx) lapse(i *incidents.Incident, a *incidents.Act, e *Engines) error {
	for _, s := range a.Steps {
		l, _, err := load[*licensing.Licence](t, event.StreamOf(kindLicence, s.Licence))
		if err != nil {
			return err
		}
		if last := l.History[len(l.History)-1]; last.Status != licensing.Suspended || last.Ground != "emergency" || !last.At.Equal(a.By.At) {
			continue
		}
		if err := onLicence(t, licensing.Reinstate{OnLicence: licensing.OnLicence{Licence: l.ID}, Why: i.Reference}, e); err != nil {
			return err
		}
	}
	return nil
}

func (a *App) carryIncident(ctx context.Context, j jobs.Job) error {
	var job incidentJob
	if err := j.Decode(&job); err != nil {
		return err
	}
	return a.Do(ctx, access.System(), incidents.Carry{OnIncident: incidents.OnIncident{Incident: job.Incident}, ID: job.Act})
}

func (a *App) tellIncident(ctx context.Context, j jobs.Job) error {
	var job incidentJob
	if err := j.Decode(&job); err != nil {
		return err
	}
	return a.Do(ctx, access.System(), incidents.Tell{OnIncident: incidents.OnIncident{Incident: job.Incident}, ID: job.Act})
}

func (a *App) lapseIncident(ctx context.Context, j jobs.Job) error {
	var job incidentJob
	if err := j.Decode(&job); err != nil {
		return err
	}
	return a.Do(ctx, access.System(), incidents.Lapse{OnIncident: incidents.OnIncident{Incident: job.Incident}, ID: job.Act})
}

// breachOpens opens an incident for what was found broken under a licence, or in
// its case, unless one is open on it.
func (t *Tx) breachOpens(on incidents.Link, c *licensing.Case, reference, why string, e *Engines) error {
	if t.many != nil {
		return nil
	}
	if _, found, err := t.IncidentOn(string(on.Kind), on.Ref); err != nil || found {
		return err
	}
	o := incidents.Opened{Kind: incidents.Breach, Origin: incidents.Own, Urgency: incidents.Days, Received: e.Calendar.Day(t.Now()), Compartment: c.Compartment, Links: []incidents.Link{on}}
	if on.Kind != incidents.ToCase {
		o.Links = append(o.Links, incidents.Link{Kind: incidents.ToCase, Ref: c.ID})
	}
	for _, u := range usersOf(c) {
		o.Links = append(o.Links, incidents.Link{Kind: incidents.User, Ref: u})
	}
	for _, g := range incidents.Groups {
		o.Groups = append(o.Groups, incidents.On{Group: g, Effect: incidents.Unknown})
	}
	var err error
	if o.Reference, err = t.incidentReference(e); err != nil {
		return err
	}
	s := IncidentStream(NewID())
	o.Words, o.Raised = event.P(s, incidents.Words{Title: reference, What: why}), event.P(s, "")
	return t.Append([]event.New{{Stream: s, Event: o}})
}

func (t *Tx) incidentReference(e *Engines) (string, error) {
	year := t.Now().In(e.Calendar.Location()).Year()
	n, err := t.Next(fmt.Sprintf("incident %d", year))
	return fmt.Sprintf("%s-I-%d-%04d", t.app.cfg.prefix(), year, n), fault.Wrap(err, "node: reference")
}

// breaches opens incidents for what events on a licence found broken.
func (t *Tx) breaches(l *licensing.Licence, events []event.New, e *Engines) error {
	for _, n := range events {
		if x, ok := n.Event.(licensing.BreachFound); ok {
			c, _, err := load[*licensing.Case](t, CaseStream(l.Case))
			if err != nil {
				return err
			}
			on := incidents.Link{Kind: incidents.ToLicence, Ref: l.ID}
			if l.Kind == licensing.KindUndertaking {
				on = incidents.Link{Kind: incidents.ToCase, Ref: c.ID}
			}
			if err := t.breachOpens(on, c, l.Reference, x.Why.Value, e); err != nil {
				return err
			}
		}
	}
	return nil
}

// usersOf are the entries of the register that the end users of a case are.
func usersOf(c *licensing.Case) (out []string) {
	for _, p := range c.App().Parties {
		if p.Uses() && p.Register != "" && !slices.Contains(out, p.Register) {
			out = append(out, p.Register)
		}
	}
	return out
}
