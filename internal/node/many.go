package node

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"reflect"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/policy"
)

// Many is one transaction that carries many commands, for making large states.
// Each goes the way that Do sends it: access is asked, the domain decides, the
// events are sealed, chained and folded. What differs: facts come from engines
// that the caller made; states and rows are written once, at the end; nothing
// is enqueued, so there are no letters and no screenings; and a command that is
// refused undoes all.
type Many struct {
	app     *App
	st      *store.Tx
	engines *Engines
	loaded  map[event.Stream]*loaded
	order   []event.Stream // streams with new events, in the order of their first
	seal    *vault.Sealer
	rows    freshRows
}

// Many runs f in one transaction. Engines give the pack, the calendar and the
// destinations that commands on cases rest on.
func (a *App) Many(ctx context.Context, engines *Engines, f func(*Many) error) error {
	return a.db.UpdateAlone(ctx, func(st *store.Tx) error {
		m := &Many{app: a, st: st, engines: engines, loaded: map[event.Stream]*loaded{}, rows: freshRows{st, map[event.Stream]bool{}}}
		m.seal = vault.NewSealer(a.keys, m.rows)
		if err := f(m); err != nil {
			return err
		}
		return m.save()
	})
}

// At moves the transaction's time on; an earlier time than the last changes
// nothing.
func (m *Many) At(now time.Time) { m.st.MoveOn(now) }

// Now is the transaction's time.
func (m *Many) Now() time.Time { return m.st.Now() }

// Fresh says that streams and owners of keys are new, so that nobody has to
// look for them. The database refuses the second first event of a stream.
func (m *Many) Fresh(streams ...event.Stream) {
	for _, s := range streams {
		m.rows.fresh[s] = true
	}
}

// Do gives a command.
func (m *Many) Do(actor access.Actor, cmd any) error {
	name := reflect.TypeOf(cmd).String()
	h, ok := m.app.handlers[name]
	if !ok {
		return fmt.Errorf("node: no handler for the command %s", name)
	}
	t := &Tx{Tx: m.st, app: m.app, Actor: actor, command: NewID(), loaded: m.loaded, call: &run{}, many: m}
	var prepared any = m.engines
	if d, ok := cmd.(licensing.DecideCase); ok {
		r, err := m.rest(t, d)
		if err != nil {
			return err
		}
		prepared = r
	}
	return h.run(t, cmd, prepared)
}

// rest is what a decision rests on without documents in the vault: the pack by
// its hash, the facts in their small form alone, and hashes that name the case.
func (m *Many) rest(t *Tx, d licensing.DecideCase) (*rested, error) {
	c, err := t.load(d.Stream())
	if err != nil {
		return nil, err
	}
	s, err := t.load(AssessmentStream(d.Case))
	if err != nil {
		return nil, err
	}
	day := policy.DateOf(m.Now())
	in := s.state.(*assessment.State).Input(CaseInput(c.state.(*licensing.Case), day, nil))
	sum := sha256.Sum256([]byte(d.Case))
	hash := hex.EncodeToString(sum[:])
	return &rested{engines: m.engines, caseAt: c.version, assessedAt: s.version, kept: keptOf(m.engines.Pack, day, &in, linesOf(m.engines, day, &in)), rests: licensing.Rests{
		PolicyPack: m.engines.Pack.Hash(), ControlList: hash, Indicators: hash, Facts: hash, Document: "generated-" + d.Case,
		NotSearched: m.engines.NotSearched,
	}}, nil
}

// Case is a case as it stands in this transaction.
func (m *Many) Case(id string) (*licensing.Case, error) {
	l, err := (&Tx{Tx: m.st, app: m.app, loaded: m.loaded, many: m}).load(CaseStream(id))
	if err != nil {
		return nil, err
	}
	return l.state.(*licensing.Case), nil
}

// save writes what the events added up to.
func (m *Many) save() error {
	for _, s := range m.order {
		l := m.loaded[s]
		if err := m.st.Save(s, l.version, l.state, l.before); err != nil {
			return fault.Wrap(err, "node: save %s", s)
		}
	}
	return nil
}

// freshRows are the keys of a transaction in which some owners are known to be
// new.
type freshRows struct {
	*store.Tx
	fresh map[event.Stream]bool
}

// SealKey implements vault.KeyRows.
func (r freshRows) SealKey(owner event.Stream) (string, []byte, bool, error) {
	if r.fresh[owner] {
		return "", nil, false, nil
	}
	return r.Tx.SealKey(owner)
}

// PutSealKey implements vault.KeyRows.
func (r freshRows) PutSealKey(owner event.Stream, epoch string, wrapped []byte) error {
	delete(r.fresh, owner)
	return r.Tx.PutSealKey(owner, epoch, wrapped)
}

// Erased implements vault.KeyRows.
func (r freshRows) Erased(owner event.Stream) (event.Erasure, bool) {
	if r.fresh[owner] {
		return event.Erasure{}, false
	}
	return r.Tx.Erased(owner)
}

// CountStreams tells how many streams of a kind there are, and the time of the
// ledger's last event: where a large state that is being made goes on.
func (a *App) CountStreams(ctx context.Context, kind string) (n int64, head store.Head, err error) {
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		if n, err = t.CountStreams(kind); err != nil {
			return err
		}
		head, err = t.Head()
		return err
	})
	return n, head, fault.Wrap(err, "node: count")
}
