package node

import (
	"context"
	"fmt"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/enforcement"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/store"
)

// registerEnforcement files the commands on enforcement files.
func (a *App) registerEnforcement() {
	handlePrepared(a, ready, onMatter[enforcement.Open])
	handlePrepared(a, ready, onMatter[enforcement.Disclose])
	handlePrepared(a, ready, onMatter[enforcement.Note])
	handlePrepared(a, ready, onMatter[enforcement.Ask])
	handlePrepared(a, ready, onMatter[enforcement.Reply])
	handlePrepared(a, ready, onMatter[enforcement.Propose])
	handlePrepared(a, ready, onMatter[enforcement.Confirm])
	handlePrepared(a, ready, onMatter[enforcement.Return])
	handlePrepared(a, ready, onMatter[enforcement.Object])
	handlePrepared(a, ready, onMatter[enforcement.Rule])
	handlePrepared(a, ready, onMatter[enforcement.RaiseGap])
	handlePrepared(a, ready, onMatter[enforcement.Close])
}

// MatterStream is the stream of an enforcement file, for Expect.
func MatterStream(id string) event.Stream { return event.StreamOf(enforcement.KindMatter, id) }

// matterThing is an enforcement file as access sees it.
func matterThing(org string) access.Thing {
	return access.Thing{Kind: enforcement.KindMatter, Org: org, Compartment: enforcement.Compartment}
}

// onMatter is the way of every command on an enforcement file. An exporter knows
// of one that it began, was asked about, or was told of, and of no other.
func onMatter[C enforcement.Command](t *Tx, cmd C, e *Engines) error {
	m, _, err := load[*enforcement.Matter](t, cmd.Stream())
	if err != nil {
		return err
	}
	org, see := m.Org, access.MatterRead
	switch c := any(cmd).(type) {
	case enforcement.Open:
		org, see = c.Org, ""
	case enforcement.Disclose:
		org, see = c.Org, ""
	}
	act := enforcement.Acts[cmd.Name()]
	if act == access.MatterOwn {
		see = ""
		if m.ID != "" && !m.Shows() {
			return fault.New(fault.NotFound, "fault.not_found")
		}
	}
	if err := t.Must(see, act, matterThing(org)); err != nil {
		return err
	}
	if err := t.inOwnWords(toExporter(cmd)...); err != nil {
		return err
	}
	f := enforcement.Facts{Now: t.Now(), Zone: e.Calendar.Location(), Person: t.person().Account}
	switch c := any(cmd).(type) {
	case enforcement.Open:
		var o *account.OrgState
		if o, _, err = load[*account.OrgState](t, event.StreamOf(account.KindOrg, c.Org)); err == nil {
			f.Exporter = o.ID != "" && o.Kind == account.Exporter
			f.Reference, err = t.matterReference(e)
		}
	case enforcement.Disclose:
		f.Reference, err = t.matterReference(e)
	case enforcement.Confirm:
		f.Until, err = e.Calendar.After(t.Now(), periodOf(e.Pack, "appeal_period"))
	case enforcement.RaiseGap:
		list, bad := elements()
		_, f.Element = list.Element(c.Element)
		err = bad
	}
	if err != nil {
		return err
	}
	events, err := enforcement.Decide(m, cmd, f)
	if err != nil {
		return err
	}
	return t.Append(events)
}

func (t *Tx) matterReference(e *Engines) (string, error) {
	year := t.Now().In(e.Calendar.Location()).Year()
	n, err := t.Next(fmt.Sprintf("matter %d", year))
	return fmt.Sprintf("%s-E-%d-%04d", t.app.cfg.prefix(), year, n), fault.Wrap(err, "node: reference")
}

// MatterFile is an enforcement file as its page shows it.
type MatterFile struct {
	enforcement.Matter
	Version int64
	names   map[string]string
}

// Name is a person's or organisation's name by id; the id where nobody knows it.
func (f *MatterFile) Name(id string) string {
	if n := f.names[id]; n != "" {
		return n
	}
	return id
}

// MatterFile reads an enforcement file for those inside.
func (a *App) MatterFile(ctx context.Context, actor access.Actor, id string) (*MatterFile, error) {
	f := &MatterFile{}
	err := a.db.View(ctx, func(t *store.Tx) (err error) {
		if f.Version, err = t.Load(MatterStream(id), &f.Matter); err != nil {
			return err
		}
		if f.Version == 0 || !access.Can(actor, access.MatterRead, matterThing(f.Org)) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		people := []string{f.Org, f.Matter.Opened.Account, f.EndedBy.Account}
		for _, n := range f.Notes {
			people = append(people, n.By.Account)
		}
		for _, q := range f.Questions {
			people = append(people, q.Asked.By.Account)
		}
		for _, d := range f.Decisions {
			people = append(people, d.By.Account, d.Confirmed.Account, d.Returned.Account)
		}
		if f.Appeal != nil {
			people = append(people, f.Appeal.Ruled.Account)
		}
		f.names, err = t.Names(distinct(people))
		return err
	})
	return f, fault.Wrap(err, "node: enforcement file")
}

// OwnMatter is an enforcement file as its exporter may see it, and its version.
func (a *App) OwnMatter(ctx context.Context, actor access.Actor, id string) (enforcement.Matter, int64, error) {
	var m enforcement.Matter
	var version int64
	err := a.db.View(ctx, func(t *store.Tx) (err error) {
		version, err = t.Load(MatterStream(id), &m)
		return err
	})
	if err == nil && (version == 0 || !m.Shows() || !access.Can(actor, access.MatterOwn, matterThing(m.Org))) {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	return m.Told(), version, fault.Wrap(err, "node: own matter")
}

// OwnMatters are the enforcement files that an exporter knows of, the latest
// first.
func (a *App) OwnMatters(ctx context.Context, actor access.Actor) (out []enforcement.Matter, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		rows, err := t.ListMatters(store.Matters{Scope: access.ScopeOf(actor, access.MatterOwn), Any: true, Limit: 100})
		if err != nil {
			return err
		}
		streams := make([]event.Stream, len(rows))
		all := map[string]*enforcement.Matter{}
		for i, r := range rows {
			streams[i] = MatterStream(r.ID)
		}
		if err := t.LoadEach(streams, func(s event.Stream) event.State {
			all[s.ID()] = &enforcement.Matter{}
			return all[s.ID()]
		}); err != nil {
			return err
		}
		for _, r := range rows {
			if m := all[r.ID]; m != nil && m.Shows() {
				out = append(out, m.Told())
			}
		}
		return nil
	})
	return out, fault.Wrap(err, "node: own matters")
}

// ExporterRecord is what is final about an exporter, for those who work on its
// cases: no reasons, and nothing of a matter that is open.
func (a *App) ExporterRecord(ctx context.Context, actor access.Actor, org string) (*enforcement.Record, error) {
	r := &enforcement.Record{}
	if !access.Can(actor, access.OrgRead, access.Thing{Kind: account.KindOrg, Org: org}) {
		return r, nil
	}
	err := a.db.View(ctx, func(t *store.Tx) error {
		_, err := t.Load(enforcement.RecordStream(org), r)
		return err
	})
	return r, fault.Wrap(err, "node: exporter's record")
}
