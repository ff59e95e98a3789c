package node

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/instruments"
	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/store"
)

// registerInstruments files the commands on the state's own tools.
func (a *App) registerInstruments() {
	handlePrepared(a, ready[instruments.Enter], onInstrument[instruments.Enter])
	handlePrepared(a, ready[instruments.Amend], onInstrument[instruments.Amend])
	handlePrepared(a, ready[instruments.End], onInstrument[instruments.End])
	handlePrepared(a, ready[instruments.ReviewInstrument], onInstrument[instruments.ReviewInstrument])
	handlePrepared(a, ready[instruments.HandOver], onInstrument[instruments.HandOver])
	handlePrepared(a, ready[instruments.NoticeOverdue], onInstrument[instruments.NoticeOverdue])
	handle(a, onElement[instruments.Judge])
	handle(a, onElement[instruments.Plan])
	handle(a, onElement[instruments.CloseAction])
	handle(a, onElement[instruments.LeaveGap])
	handle(a, onElement[instruments.Publish])
	handle(a, takePeer)
}

// elements are the questions that ship with the program, read once.
var elements = sync.OnceValues(func() (instruments.Elements, error) {
	raw, err := content.FS.ReadFile("instruments/elements.yaml")
	if err != nil {
		return instruments.Elements{}, err
	}
	return instruments.ParseElements(raw)
})

// InstrumentStream is the stream of an instrument, for Expect.
func InstrumentStream(id string) event.Stream {
	return event.StreamOf(instruments.KindInstrument, id)
}

// ElementStream is the stream of an element, for Expect.
func ElementStream(id string) event.Stream { return event.StreamOf(instruments.KindElement, id) }

// A state has tens of instruments; pages read them all.
const maxInstruments = 500

// reviewEvery is within how many days an instrument is read again where the
// rules in use do not say.
const reviewEvery = 365

func onInstrument[C instruments.InstrumentCommand](t *Tx, cmd C, e *Engines) error {
	i, _, err := load[*instruments.Instrument](t, cmd.Stream())
	if err != nil {
		return err
	}
	act := access.InstrumentKeep
	if _, reviews := any(cmd).(instruments.ReviewInstrument); reviews && i.Owner == t.Actor.Account {
		act = access.InstrumentRead // its owner reviews it, whoever keeps the register
	}
	if err := t.Must(access.InstrumentRead, act, access.Thing{Kind: instruments.KindInstrument}); err != nil {
		return err
	}
	f := instruments.InstrumentFacts{Now: t.Now(), Every: reviewEvery}
	if p, ok := e.Pack.Period("instrument_review"); ok {
		f.Every = p.Days
	}
	if f.Elements, err = elements(); err != nil {
		return err
	}
	owner := ""
	switch c := any(cmd).(type) {
	case instruments.Enter:
		owner = c.Owner
		n, err := t.CountStreams(instruments.KindInstrument)
		if err != nil {
			return err
		}
		if n >= maxInstruments {
			return fault.New(fault.Blocked, "instruments.many", "max", maxInstruments)
		}
	case instruments.HandOver:
		owner = c.Owner
	}
	if f.Owner, err = t.ownsInstruments(owner); err != nil {
		return err
	}
	events, err := instruments.DecideInstrument(i, cmd, f)
	if err != nil {
		return err
	}
	return t.Append(events)
}

// ownsInstruments tells whether an account may be made responsible: it is active
// and reads the register.
func (t *Tx) ownsInstruments(id string) (bool, error) {
	if id == "" {
		return false, nil
	}
	acc, _, err := load[*account.State](t, event.StreamOf(account.KindAccount, id))
	if err != nil || acc.ID == "" || acc.Status != account.Active {
		return false, err
	}
	return access.Can(access.Actor{Account: acc.ID, Roles: acc.Roles}, access.InstrumentRead, access.Thing{}), nil
}

func onElement[C instruments.ElementCommand](t *Tx, cmd C) error {
	s, _, err := load[*instruments.Element](t, cmd.Stream())
	if err != nil {
		return err
	}
	list, err := elements()
	if err != nil {
		return err
	}
	f := instruments.ElementFacts{Now: t.Now(), Wording: list.Version}
	f.Question, _ = list.Element(cmd.Stream().ID())
	act, given := access.InstrumentKeep, instruments.ElementCommand(cmd)
	switch c := any(cmd).(type) {
	case instruments.Judge:
		if err := t.judgeFacts(&c, &f); err != nil {
			return err
		}
		given = c
	case instruments.Plan:
		if f.Owner, err = t.ownsInstruments(c.Owner); err != nil {
			return err
		}
	case instruments.CloseAction:
		if slices.ContainsFunc(s.Actions, func(a instruments.Action) bool { return a.ID == c.ID && a.Owner == t.Actor.Account }) {
			act = access.InstrumentRead // who has to do it says what was done
		}
	}
	if err := t.Must(access.InstrumentRead, act, access.Thing{Kind: instruments.KindElement}); err != nil {
		return err
	}
	events, err := instruments.DecideElement(s, given, f)
	if err != nil {
		return err
	}
	return t.Append(events)
}

// judgeFacts gathers what an answer rests on. The case comes by its reference and
// goes on by its id; it and the sources must be such as every reader of the
// register may be told of.
func (t *Tx) judgeFacts(c *instruments.Judge, f *instruments.ElementFacts) error {
	if c.Instrument != instruments.Together {
		i, _, err := load[*instruments.Instrument](t, InstrumentStream(c.Instrument))
		if err != nil {
			return err
		}
		if i.ID != "" {
			f.Instrument = i
		}
	}
	if c.Case = strings.TrimSpace(c.Case); c.Case != "" {
		id, compartment, group, err := t.CaseNamed(c.Case)
		if err != nil {
			return err
		}
		f.Case = id != "" && compartment == "" && group == "closed" && access.Can(t.Actor, access.InstrumentKeep, access.Thing{})
		if f.Case {
			c.Case = id
		}
	}
	for _, id := range c.Items {
		item, _, err := load[*evidence.Item](t, ItemStream(id))
		if err != nil {
			return err
		}
		if evidence.MayRest(item, "", deadline.DateOf(t.Now(), time.UTC)) != nil {
			f.Items = append(f.Items, id)
		}
	}
	return nil
}

func takePeer(t *Tx, cmd instruments.TakePeer) error {
	if err := t.Must(access.InstrumentRead, access.InstrumentKeep, access.Thing{Kind: instruments.KindPeer}); err != nil {
		return err
	}
	p, _, err := load[*instruments.Peer](t, cmd.Stream())
	if err != nil {
		return err
	}
	events, err := instruments.DecidePeer(p, cmd, t.app.cfg.State)
	if err != nil {
		return err
	}
	return t.Append(events)
}

// jobRemind tells owners and contacts of reviews that are overdue, once each.
const jobRemind = "instruments.remind"

func (a *App) remind(ctx context.Context, _ jobs.Job) error {
	const page = 200
	for after := ""; ; {
		var ids []string
		var streams []event.Stream
		if err := a.db.View(ctx, func(t *store.Tx) (err error) {
			ids, streams, err = t.DutiesBefore("review", string(deadline.DateOf(a.Now(), time.UTC)), after, page)
			return err
		}); err != nil {
			return fault.Wrap(err, "node: overdue reviews")
		}
		for _, s := range streams {
			if err := a.Do(ctx, access.System(), instruments.NoticeOverdue{OnInstrument: instruments.OnInstrument{Instrument: s.ID()}}); err != nil {
				return err
			}
		}
		if len(ids) < page {
			return nil
		}
		after = ids[len(ids)-1]
	}
}

// Tools are a state's own tools as at an instant, with what pages need beside.
type Tools struct {
	instruments.Matrix
	Questions instruments.Elements
	All       []*instruments.Instrument // also those not in force
	Names     map[string]string         // of people, by account
	Sources   map[string]store.EvidenceRow
	Cases     map[string]string // references of those that the reader may see, by id
}

// Tools reads the register and the answers as at an instant.
func (a *App) Tools(ctx context.Context, actor access.Actor, at time.Time) (*Tools, error) {
	if !access.Can(actor, access.InstrumentRead, access.Thing{}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	f := &Tools{}
	err := a.db.View(ctx, func(t *store.Tx) error {
		said, err := f.read(t, at)
		if err != nil {
			return err
		}
		people, items, cases := mentioned(f.All, said)
		if f.Names, err = t.Names(people); err != nil {
			return err
		}
		if f.Sources, err = sourcesOf(t, access.ScopeOf(actor, access.EvidenceRead), items); err != nil {
			return err
		}
		f.Cases, err = t.References(cases, access.ScopeOf(actor, access.CaseRead))
		return err
	})
	return f, fault.Wrap(err, "node: instruments")
}

// read reads all instruments and elements in two statements.
func (f *Tools) read(t *store.Tx, at time.Time) (said map[string]*instruments.Element, err error) {
	if f.Questions, err = elements(); err != nil {
		return nil, err
	}
	if err := t.LoadKind(instruments.KindInstrument, maxInstruments, func(event.Stream) event.State {
		i := &instruments.Instrument{}
		f.All = append(f.All, i)
		return i
	}); err != nil {
		return nil, err
	}
	said = map[string]*instruments.Element{}
	if err := t.LoadKind(instruments.KindElement, maxInstruments, func(s event.Stream) event.State {
		e := &instruments.Element{}
		said[s.ID()] = e
		return e
	}); err != nil {
		return nil, err
	}
	f.Matrix = instruments.Draw(f.Questions, f.All, said, at)
	return said, nil
}

// mentioned are the people, sources and cases that instruments and elements name.
func mentioned(all []*instruments.Instrument, said map[string]*instruments.Element) (people, items, cases []string) {
	for _, i := range all {
		people = append(people, i.Owner, i.Changed.Account)
		for _, v := range i.Versions {
			people = append(people, v.By.Account)
		}
		for _, r := range i.Reviews {
			people = append(people, r.By.Account)
		}
	}
	for _, e := range said {
		for _, j := range e.Judged {
			people, items = append(people, j.By.Account), append(items, j.Items...)
			if j.Case != "" {
				cases = append(cases, j.Case)
			}
		}
		for _, x := range e.Actions {
			people = append(people, x.Owner, x.By.Account, x.Closed.Account)
		}
		for _, x := range e.Left {
			people = append(people, x.By.Account)
		}
		for _, x := range e.Shown {
			people = append(people, x.By.Account)
		}
	}
	return distinct(people), distinct(items), distinct(cases)
}

func distinct(ids []string) []string {
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(s string) bool { return s == "" })
}

// sourcesOf are those of the sources that are in scope, by id.
func sourcesOf(t *store.Tx, scope access.Scope, ids []string) (map[string]store.EvidenceRow, error) {
	out := map[string]store.EvidenceRow{}
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := t.ListEvidence(store.Evidence{Scope: scope, IDs: ids, Limit: len(ids)})
	for _, r := range rows {
		out[r.ID] = r
	}
	return out, err
}

// PublicTools is what everybody may see: the answers that were published, with
// the sources that may be named to everybody, and what other states published.
func (a *App) PublicTools(ctx context.Context) (own instruments.Sheet, peers []instruments.Peer, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		var f Tools
		said, err := f.read(t, a.Now())
		if err != nil {
			return err
		}
		_, items, _ := mentioned(nil, said)
		refer, err := openReferences(t, items)
		if err != nil {
			return err
		}
		own = f.Sheet(a.cfg.State, f.Questions.Version, refer)
		return t.LoadKind(instruments.KindPeer, maxInstruments, func(event.Stream) event.State {
			peers = append(peers, instruments.Peer{})
			return &peers[len(peers)-1]
		})
	})
	return own, peers, fault.Wrap(err, "node: published self-assessment")
}

// openReferences reads those of the sources that anybody may be told of.
func openReferences(t *store.Tx, ids []string) (func([]string) []instruments.Reference, error) {
	open := map[string]instruments.Reference{}
	streams := make([]event.Stream, len(ids))
	for n, id := range ids {
		streams[n] = ItemStream(id)
	}
	items := make([]*evidence.Item, 0, len(ids))
	if err := t.LoadEach(streams, func(event.Stream) event.State {
		i := &evidence.Item{}
		items = append(items, i)
		return i
	}); err != nil {
		return nil, err
	}
	for _, i := range items {
		if i.Marking == evidence.Clear && i.Compartment == "" && i.Withdrawn == nil && i.Erased == nil {
			open[i.ID] = instruments.Reference{Title: i.Details.Title, Address: i.Details.Address}
		}
	}
	return func(ids []string) (out []instruments.Reference) {
		for _, id := range ids {
			if r, ok := open[id]; ok {
				out = append(out, r)
			}
		}
		return out
	}, nil
}
