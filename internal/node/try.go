package node

import (
	"context"
	"errors"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
)

// Tried is what would come of a command on a case.
type Tried struct {
	Case *licensing.Case
	Seen int64 // the version up to which the case counts for this command, for Expect
	Err  error // why it would be refused; nil: it would be done
}

// Try tells what would come of a command on each of several cases now, in the
// order asked; nothing is changed. Cases that the actor may not see are left out,
// like those that do not exist.
func (a *App) Try(ctx context.Context, actor access.Actor, cmds []licensing.Command) ([]Tried, error) {
	e, err := a.Engines(ctx)
	if err != nil {
		return nil, err
	}
	var out []Tried
	err = a.db.View(ctx, func(st *store.Tx) error {
		st.MoveOn(a.Now())
		t := &Tx{Tx: st, app: a, Actor: actor, loaded: map[event.Stream]*loaded{}, call: &run{}}
		var cases, licences []event.Stream
		for _, cmd := range cmds {
			cases = append(cases, cmd.Stream())
		}
		if err := t.loadEach(cases); err != nil {
			return err
		}
		for _, s := range cases {
			if l := t.loaded[s]; l != nil {
				if d := l.state.(*licensing.Case).Decision; d != nil && d.Licence != "" {
					licences = append(licences, event.StreamOf(kindLicence, d.Licence))
				}
			}
		}
		if err := t.loadEach(licences); err != nil {
			return err
		}
		for _, cmd := range cmds {
			l := t.loaded[cmd.Stream()]
			if l == nil || !access.Can(actor, access.CaseRead, thingOf(l.state.(*licensing.Case))) {
				continue
			}
			x := Tried{Case: l.state.(*licensing.Case)}
			x.Seen, x.Err = x.Case.MovedAt(cmd), t.try(x.Case, cmd, e)
			if f := (*fault.Error)(nil); x.Err != nil && !errors.As(x.Err, &f) {
				return x.Err
			}
			out = append(out, x)
		}
		return nil
	})
	return out, fault.Wrap(err, "node: try")
}

// try is the way of onCase up to where something would be appended.
func (t *Tx) try(c *licensing.Case, cmd licensing.Command, e *Engines) error {
	if err := t.mayOn(c, cmd.Name()); err != nil {
		return err
	}
	facts, err := t.caseFacts(c, cmd, e)
	if err != nil {
		return err
	}
	_, err = t.decide(c, cmd, facts)
	return err
}

// loadEach reads several streams in one statement; what is not there stays out.
func (t *Tx) loadEach(streams []event.Stream) error {
	return t.LoadEach(streams, func(s event.Stream) event.State {
		state, err := t.app.stateOf(s)
		if err != nil {
			return nil // a stream of no kind holds nothing
		}
		t.loaded[s] = &loaded{state: state}
		return state
	})
}
