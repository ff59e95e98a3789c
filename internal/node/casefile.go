package node

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/incidents"
	"github.com/comity-project/comity/internal/interests"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/policy"
)

// CaseFile is a case as the authority's people see it.
type CaseFile struct {
	Case              *licensing.Case
	Version           int64 // of the case's stream, for Expect
	Assessment        *assessment.State
	AssessmentVersion int64
	Broken            []licensing.BrokenElsewhere // assurances broken in other cases
	Presumed          *incidents.Presumption      // of denial, for the destination
	OwnView           bool                        // the reader has recorded a view of their own
	Advice            []licensing.Advice          // what this reader may see of the advice
	// Touching are interests of the reader and the officer that agree with somebody
	// in the case, by account; of others than the reader without what agrees.
	Touching map[string][]interests.Agreement

	names map[string]string
}

// Name is a person's name by account id; the id where nobody knows it.
func (f *CaseFile) Name(id string) string {
	if n, ok := f.names[id]; ok && n != "" {
		return n
	}
	return id
}

// CaseFile reads a case for an actor. What may not be seen does not exist.
func (a *App) CaseFile(ctx context.Context, actor access.Actor, id string) (*CaseFile, error) {
	f := &CaseFile{Case: &licensing.Case{}, Assessment: &assessment.State{}, Presumed: &incidents.Presumption{}}
	e, err := a.Engines(ctx)
	if err != nil {
		return nil, err
	}
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		if f.Version, err = t.Load(CaseStream(id), f.Case); err != nil {
			return err
		}
		if f.Version == 0 || !access.Can(actor, access.CaseRead, thingOf(f.Case)) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		closed := f.Case.Stage.Group() == "closed"
		into := map[event.Stream]event.State{AssessmentStream(id): f.Assessment}
		var declared registers
		if !closed { // both are about decisions to come
			into[incidents.PresumptionStream(f.Case.App().EndUse.Country)] = f.Presumed
			declared = registersOf(f.Case, []string{actor.Account, f.Case.Officer}, into)
		}
		versions, err := t.LoadMany(into)
		if err != nil {
			return err
		}
		f.AssessmentVersion = versions[AssessmentStream(id)]
		if !closed {
			if f.Touching, err = declared.touching(f.Case, e.Calendar.Day(a.Now())); err != nil {
				return err
			}
		}
		if f.Broken, err = brokenElsewhere(t, f.Case); err != nil {
			return err
		}
		f.names, err = t.Names(people(f))
		return err
	})
	if err != nil {
		return nil, fault.Wrap(err, "node: case file")
	}
	f.Touching = interestsShown(actor, f.Touching)
	f.OwnView = f.Assessment.OwnView(actor.Account)
	f.Advice = f.Case.VisibleAdvice(licensing.Actor{Actor: actor}, f.OwnView)
	return f, nil
}

// people are the accounts and organisations whose names a case file shows.
func people(f *CaseFile) []string {
	seen := map[string]bool{}
	var ids []string
	add := func(more ...string) {
		for _, id := range more {
			if id != "" && !seen[id] {
				seen[id] = true
				ids = append(ids, id)
			}
		}
	}
	c, s := f.Case, f.Assessment
	add(c.Org, c.Officer, c.LastActor)
	for _, x := range c.Recusals {
		add(x.Person)
	}
	for _, x := range c.Directions {
		add(x.Person)
	}
	for _, x := range c.Dissents {
		add(x.Person, x.ClosedBy)
	}
	for _, s := range c.Informed {
		add(s.Org, s.By)
	}
	for _, v := range c.Versions {
		add(v.By)
	}
	for _, q := range c.RFIs {
		add(q.AskedBy)
		for _, x := range q.Answers {
			add(x.By)
		}
	}
	for _, x := range c.Assurances {
		add(x.SoughtBy)
		if x.Answer != nil {
			add(x.Answer.By)
		}
		for _, k := range x.Checks {
			add(k.By)
		}
	}
	for _, x := range c.Advice {
		add(x.Person)
	}
	for _, x := range c.Asked {
		add(x.By)
	}
	if c.Proposal != nil {
		add(c.Proposal.Person)
	}
	for _, x := range c.Signatures {
		add(x.Person)
	}
	for _, n := range c.Intentions() {
		for _, r := range n.Replies {
			add(r.By, r.WeighedBy)
		}
	}
	if c.Decision != nil {
		add(c.Decision.Person)
	}
	for _, x := range c.Former {
		add(x.Person, x.Recommender, x.Countersigner)
	}
	for _, x := range c.Appeals {
		add(append(x.Reviewers, x.Person)...)
	}
	for _, x := range c.Rounds {
		add(x.By)
	}
	for _, x := range c.Changes {
		add(x.By)
	}
	for _, x := range c.Notes {
		add(x.By)
		for _, told := range x.Told {
			add(told.Account)
		}
	}
	for _, x := range s.Classified {
		add(x.By.Account)
	}
	for _, x := range s.Severity {
		add(x.By.Account)
	}
	for _, h := range s.Hits {
		add(h.By.Account)
	}
	for _, x := range s.Facts {
		add(x.By.Account)
	}
	for _, rules := range s.Findings {
		for _, x := range rules {
			add(x.By.Account)
		}
	}
	for _, v := range s.Views {
		add(v.Person, v.By.Account)
	}
	if s.Completion != nil {
		add(s.Completion.Person)
	}
	return ids
}

// Input is a case file as the rules see it today.
func (a *App) Input(f *CaseFile) assessment.Input {
	return f.Assessment.Input(CaseInput(f.Case, policy.DateOf(a.Now()), f.Broken))
}

// AssessFacts is what commands and questions about a case file's assessment
// rest on.
func (a *App) AssessFacts(ctx context.Context, actor access.Actor, f *CaseFile) (assessment.Facts, error) {
	e, err := a.Engines(ctx)
	if err != nil {
		return assessment.Facts{}, err
	}
	now := a.Now()
	return assessment.Facts{
		Now: now, Actor: assessment.Actor{Account: actor.Account, Person: actor.Account}, Case: CaseInput(f.Case, policy.DateOf(now), f.Broken),
		Basis: f.Case.Basis, Pack: e.Pack, Destinations: e.Destinations,
	}, nil
}

// Report is what the engines say today of a case, joined with what people
// settled.
func (a *App) Report(ctx context.Context, f *CaseFile) (*assessment.Report, error) {
	e, err := a.Engines(ctx)
	if err != nil {
		return nil, err
	}
	engines := e.Assess()
	engines.Classifier = a.suggested.with(e.Controls)
	if len(f.Assessment.Screenings) > 0 {
		engines.Screener = nil // the screening on record says what was found; pages do not search again
	}
	in := a.Input(f)
	return assessment.Assess(&in, engines), nil
}

// Application is all that an applicant may see of a case.
func (a *App) Application(ctx context.Context, actor access.Actor, id string) (licensing.ApplicantView, int64, error) {
	var c licensing.Case
	var version int64
	err := a.db.View(ctx, func(t *store.Tx) (err error) {
		version, err = t.Load(CaseStream(id), &c)
		return err
	})
	if err != nil {
		return licensing.ApplicantView{}, 0, fault.Wrap(err, "node: application")
	}
	if version == 0 || !access.Can(actor, access.ApplicationRead, thingOf(&c)) {
		return licensing.ApplicantView{}, 0, fault.New(fault.NotFound, "fault.not_found")
	}
	return c.ForApplicant(), version, nil
}

// Moment is one event of a case's history in plain words.
type Moment struct {
	Seq    int64
	Time   time.Time
	Actor  string // name, or "system"
	Stream event.Stream
	Type   string
	Key    string         // message
	Args   map[string]any // its values
}

// Timeline is the history of a case and its assessment, oldest first.
func (a *App) Timeline(ctx context.Context, actor access.Actor, id string) (out []Moment, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		var c licensing.Case
		if v, err := t.Load(CaseStream(id), &c); err != nil {
			return err
		} else if v == 0 || !access.Can(actor, access.CaseRead, thingOf(&c)) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		entries, err := t.StreamEntries(CaseStream(id), 0)
		if err != nil {
			return err
		}
		more, err := t.StreamEntries(AssessmentStream(id), 0)
		if err != nil {
			return err
		}
		entries = merge(entries, more)
		ids := map[string]bool{}
		for _, e := range entries {
			ids[e.Actor] = true
		}
		names, err := t.Names(slices.Sorted(maps.Keys(ids)))
		if err != nil {
			return err
		}
		if err := t.FetchKeys(ownersOf(entries)); err != nil {
			return err
		}
		seal := vault.NewSealer(a.keys, t)
		for _, e := range entries {
			m, err := a.moment(t, seal, e)
			if err != nil {
				return err
			}
			if n := names[e.Actor]; n != "" {
				m.Actor = n
			}
			out = append(out, m)
		}
		return nil
	})
	return out, fault.Wrap(err, "node: timeline")
}

// ownersOf are the owners of the parts of entries, each once.
func ownersOf(entries []ledger.Entry) []event.Stream {
	seen := map[event.Stream]bool{}
	var out []event.Stream
	for _, e := range entries {
		for _, p := range e.Parts {
			if !seen[p.Owner] {
				seen[p.Owner] = true
				out = append(out, p.Owner)
			}
		}
	}
	return out
}

func (a *App) moment(t *store.Tx, seal ledger.Sealer, e ledger.Entry) (Moment, error) {
	m := Moment{Seq: e.Seq, Time: time.UnixMicro(e.Time).UTC(), Actor: e.Actor, Stream: e.Stream, Type: e.Type, Key: "timeline." + e.Type}
	if e.Stream.Kind() != kindCase {
		return m, nil
	}
	r, err := ledger.Decode(e, a.registry, seal, t)
	if err != nil {
		return m, err
	}
	m.Key, m.Args = licensing.Sentence(r)
	return m, nil
}

// merge joins two histories, each in order of the ledger.
func merge(a, b []ledger.Entry) []ledger.Entry {
	out := make([]ledger.Entry, 0, len(a)+len(b))
	for len(a) > 0 || len(b) > 0 {
		if len(b) == 0 || len(a) > 0 && a[0].Seq < b[0].Seq {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return out
}
