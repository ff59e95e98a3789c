package node

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/exchange"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/sharing"
)

// GrantPassing lets a state hand versions of ours on to another. Answer: the
// signed grants in the order of what was wanted, nil where there is none. Only
// the node itself gives it, for a peer that the transport has proved to be Relay.
type GrantPassing struct {
	Batch     string // a fresh id
	Relay, To string
	Wanted    []exchange.Wanted
}

// grantPassing decides for each version by the audience and the procedure as
// they are now. Who asks again soon is given the same grant again.
func grantPassing(t *Tx, c GrantPassing) error {
	if err := t.Must("", access.ExchangeCarry, access.Thing{}); err != nil {
		return err
	}
	if _, _, err := t.app.speaker(t.Now()); err != nil {
		return err
	}
	stream := event.StreamOf(dispatch.KindBatch, c.Batch)
	made := dispatch.Granted{Relay: c.Relay, To: c.To}
	out := make([][]byte, len(c.Wanted))
	for i, w := range c.Wanted {
		leaf, err := t.mayRelay(w, c.Relay, c.To)
		if err != nil {
			return err
		}
		if leaf == "" {
			continue
		}
		if out[i], err = t.grantAgain(w, c.Relay, c.To); err != nil {
			return err
		}
		if out[i] != nil {
			continue
		}
		g := envelope.Grant{ID: w.ID, Version: w.Version, Payload: w.Payload, Relay: c.Relay, Recipients: []string{c.To}, Issued: stixTime(t.Now())}
		e, err := t.issue(stream, int64(len(made.Leaves)), nil, store.Envelope{Purpose: string(envelope.ForGrant), Object: w.ID, Version: w.Version},
			func(h envelope.Header) any { g.Header = h; return g })
		if err != nil {
			return err
		}
		s, err := t.app.unseal(t.Tx, e)
		if err != nil {
			return err
		}
		out[i] = s.Bytes
		made.Versions, made.Leaves = append(made.Versions, leaf), append(made.Leaves, e.ID)
	}
	t.Answer(out)
	if len(made.Leaves) == 0 {
		return nil // a refusal says nothing, and leaves no trace
	}
	return t.Append([]event.New{{Stream: stream, Event: made}})
}

// mayRelay gives the leaf of a version of ours that relay may hand to a state
// now; "" where it may not.
func (t *Tx) mayRelay(w exchange.Wanted, relay, to string) (leaf string, err error) {
	e, found, err := t.LatestOwnStatement(w.ID)
	if err != nil || !found || e.Sealed == nil || e.Version != w.Version || !bytes.Equal(e.Payload, w.Payload[:]) {
		return "", err
	}
	v, err := t.app.said(t.Tx, e)
	if err != nil {
		return "", err
	}
	held := sharing.Held{Latest: v}
	for _, state := range []string{relay, to} {
		recalled, err := t.RecalledFrom(state, []string{w.ID})
		if err != nil {
			return "", err
		}
		held.Recalled = max(held.Recalled, recalled[w.ID])
	}
	l := t.app.Trust()
	if sharing.MayGrant(v, held, relay, []string{to}, sharing.Context{List: l, Self: t.app.cfg.State, Now: t.Now()}) != nil {
		return "", nil
	}
	p, _, err := load[*dispatch.Paper](t, e.Stream)
	if err != nil {
		return "", err
	}
	last, issued := p.Last()
	if !issued {
		return "", nil
	}
	rules, accepted, err := t.app.procedure(t.Tx, last.Handling.Procedure)
	if err != nil {
		return "", err
	}
	consent, err := t.SaidTo(relay, dispatch.MainID(p), dispatch.WordConsentGiven)
	if err != nil || !dispatch.MayRelay(last.Handling, rules, accepted, consent, relay, to) {
		return "", err
	}
	return e.ID, nil
}

// hops says who would have a paper, and through whom: each may have it from any
// other of the audience that it may be handed on by.
func hops(h dispatch.Handling, r *dispatch.Rules, accepted []string) []sharing.Reach {
	serves := map[string][]string{}
	for _, relay := range h.Audience {
		for _, to := range h.Audience {
			if dispatch.MayRelay(h, r, accepted, false, relay, to) {
				serves[relay] = append(serves[relay], to)
			}
		}
	}
	return sharing.DryRun(h.Audience, serves)
}

// grantAgain is a grant that we made lately and that has half of its time left.
func (t *Tx) grantAgain(w exchange.Wanted, relay, to string) ([]byte, error) {
	rows, err := t.GrantsAbout(true, w.ID, t.Now().Add(-sharing.Lease/2))
	if err != nil {
		return nil, err
	}
	for _, e := range rows {
		s, err := t.app.unseal(t.Tx, e)
		if err != nil {
			return nil, err
		}
		if g, err := s.Granted(); err == nil && g.Payload == w.Payload && g.Relay == relay && slices.Equal(g.Recipients, []string{to}) {
			return s.Bytes, nil
		}
	}
	return nil, nil
}

// heldGrants are grants about an object that may still be in force.
func (a *App) heldGrants(t *store.Tx, object string, now time.Time) (out []*sharing.Granted, err error) {
	rows, err := t.GrantsAbout(false, object, now.Add(-sharing.Lease-2*sharing.Skew))
	if err != nil {
		return nil, err
	}
	for _, e := range rows {
		s, err := a.unseal(t, e)
		if err != nil {
			return nil, err
		}
		g, err := s.Granted()
		if err != nil {
			return nil, err
		}
		out = append(out, &sharing.Granted{Grant: g, Signed: s.Bytes})
	}
	return out, nil
}

// Passable implements exchange.Inside.
func (c carried) Passable(ctx context.Context, of, to string, after int64, limit int) (out []exchange.Passing, next int64, err error) {
	next = after
	l := c.Trust()
	if l == nil {
		return nil, next, fault.New(fault.Blocked, "dispatch.no_trust")
	}
	err = c.db.View(ctx, func(t *store.Tx) error {
		rows, err := t.StatementsBy(of, after, limit)
		if err != nil {
			return err
		}
		if err := t.FetchKeys(statementStreams(rows)); err != nil {
			return err
		}
		now := sharing.Context{List: l, Self: c.cfg.State, Now: c.Now()}
		for _, e := range rows {
			next = e.Seq
			v, err := c.said(t, e)
			if err != nil {
				return err
			}
			if !slices.Contains(v.Statement.Handling.Audience, to) || e.TLP == "red" {
				continue
			}
			grants, err := c.heldGrants(t, e.Object, now.Now)
			if err != nil {
				return err
			}
			p := exchange.Passing{
				Item:   exchange.Item{Seq: e.Seq, Envelope: v.Sealed.Bytes},
				Wanted: exchange.Wanted{ID: e.Object, Version: e.Version, Payload: v.Payload},
			}
			err = sharing.Pass(v, sharing.Held{Latest: v}, to, nil, now)
			for _, g := range grants {
				if err = sharing.Pass(v, sharing.Held{Latest: v}, to, []*sharing.Granted{g}, now); err == nil {
					p.Grant = g.Signed
					break
				}
			}
			if err == nil || errors.Is(err, sharing.NoGrant) {
				out = append(out, p)
			}
		}
		return nil
	})
	return out, next, fault.Wrap(err, "node: what may be handed on")
}

// Grant implements exchange.Inside.
func (c carried) Grant(ctx context.Context, relay, to string, wanted []exchange.Wanted) (grants [][]byte, err error) {
	err = c.Do(ctx, access.System(), GrantPassing{Batch: NewID(), Relay: relay, To: to, Wanted: wanted}, Into(&grants))
	return grants, err
}
