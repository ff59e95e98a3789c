package exchange

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/comity-project/comity/statement/envelope"
)

// Who can't reach a state asks the others for what that state said. One that has
// it asks the originator for a grant, at that moment, and hands both over; where
// the originator says no, or can't be reached either, it hands over nothing.
// Recalls and receipts are between two states and go by no third hand.

// Wanted is a version that is to be handed on.
type Wanted struct {
	ID      string        `json:"id"`
	Version int64         `json:"version"`
	Payload envelope.Hash `json:"payload"`
}

// Passing is what a node may hand on once it has a grant.
type Passing struct {
	Item
	Wanted
	Grant []byte // in force; nil where it must be asked for
}

// maxRelayed bounds the versions of one request.
const maxRelayed = 100

type relayWanted struct {
	Of    string `json:"of"`
	After string `json:"after"`
}

type grantsWanted struct {
	To       string   `json:"to"`
	Versions []Wanted `json:"versions"`
}

// grantsGiven are in the order of what was asked; empty where there is none.
type grantsGiven struct {
	Grants [][]byte `json:"grants"`
}

// relayed is one way round: what of one state's another gets through a third.
type relayed struct{ of, with string }

// passed is how far a relay has looked for a state: up to a number from a place
// on there was nothing for it; and until when the originator is not asked again.
type passed struct {
	from, to int64
	rest     time.Time
}

// relaying is what a node remembers of ways round while it runs.
type relaying struct {
	mu     sync.Mutex
	places map[relayed]string // of ours in what a relay has of a state's
	passed map[relayed]passed // of others in what we have
}

// detour asks the other states for what one that can't be reached has for us.
func (p *Peers) detour(ctx context.Context, of string) {
	others := p.others()
	rand.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
	for _, relay := range others {
		peer, err := p.inside.Peer(ctx, relay)
		if err != nil || relay == of || peer.Why != "" {
			continue
		}
		for more := true; more && ctx.Err() == nil; {
			if more, err = p.through(ctx, relay, of); err != nil {
				p.log.Debug("nothing came through another", "of", of, "through", relay, "err", err)
				break
			}
		}
	}
}

// through takes one page of what a state said from a relay.
func (p *Peers) through(ctx context.Context, relay, of string) (more bool, err error) {
	way := relayed{of, relay}
	p.relays.mu.Lock()
	after := p.relays.places[way]
	p.relays.mu.Unlock()
	body, err := json.Marshal(relayWanted{of, after})
	if err != nil {
		return false, err
	}
	if body, err = p.ask(ctx, relay, http.MethodPost, pathRelay, mediaJSON, body); err != nil {
		return false, err
	}
	got, err := readPage(body)
	if err != nil || len(got.Items) == 0 {
		return false, err
	}
	if got.Next == after {
		return false, errStuck
	}
	taken, err := p.take(ctx, relay, got)
	if err != nil {
		return false, err
	}
	if taken.Later {
		return false, errLater
	}
	if taken.New > 0 {
		p.log.Info("a state that can't be reached was read through another", "of", of, "through", relay, "new", taken.New)
	}
	p.relays.mu.Lock()
	defer p.relays.mu.Unlock()
	p.relays.places[way] = got.Next
	return got.More, nil
}

func (p *Peers) serveRelay(ctx context.Context, from string, _ *http.Request, body []byte) (answer, error) {
	var q relayWanted
	if err := json.Unmarshal(body, &q, json.RejectUnknownMembers(true)); err != nil || !slices.Contains(p.others(), q.Of) || q.Of == from {
		return text(http.StatusBadRequest, "of which other state?"), nil
	}
	// The place is for this state and this originator alone; where nothing is for
	// it the place stays as it was, as in an outbox.
	owner := q.Of + " to " + from
	after, err := p.number(owner, q.After, 0)
	if err != nil {
		return text(http.StatusBadRequest, "%v", err), nil
	}
	l := p.member.List()
	if err := l.Live(p.o.Now()); err != nil {
		return text(http.StatusServiceUnavailable, "%v: nothing is handed on", err), nil
	}
	held, err := p.granted(ctx, q.Of, from, after)
	if err != nil {
		p.log.Debug("nothing is handed on", "of", q.Of, "to", from, "err", err)
		return text(http.StatusServiceUnavailable, "not now"), nil
	}
	out := page{Items: []wireItem{}, Next: p.cursor(owner, after, 0), Trust: l.Version}
	size := 0
	for _, v := range held {
		if size += len(v.Envelope) + len(v.Grant); size > maxPage && len(out.Items) > 0 {
			break
		}
		out.Items = append(out.Items, wireItem{Envelope: v.Grant}, wireItem{Envelope: v.Envelope})
		out.Next, out.More = p.cursor(owner, v.Seq, 0), true
	}
	b, err := json.Marshal(out)
	return answer{http.StatusOK, mediaJSON, b}, err
}

// granted gives what may be handed on now, each with a grant in force: those that
// are missing are asked for.
func (p *Peers) granted(ctx context.Context, of, to string, after int64) ([]Passing, error) {
	way := relayed{of, to}
	p.relays.mu.Lock()
	seen := p.relays.passed[way]
	p.relays.mu.Unlock()
	if after < seen.from || after > seen.to {
		seen.from, seen.to = after, after
	}
	defer func() {
		p.relays.mu.Lock()
		defer p.relays.mu.Unlock()
		p.relays.passed[way] = seen
	}()
	for at := seen.to; ; {
		held, next, err := p.inside.Passable(ctx, of, to, at, maxRelayed)
		if err != nil {
			return nil, err
		}
		if len(held) == 0 {
			if next <= at {
				return nil, nil
			}
			if seen.to == at { // nothing at all was for it up to there
				seen.to = next
			}
			at = next
			continue
		}
		var missing []Wanted
		first := len(held)
		for i, v := range held {
			if v.Grant == nil {
				first, missing = min(first, i), append(missing, v.Wanted)
			}
		}
		if len(missing) > 0 && time.Now().Before(seen.rest) {
			return held[:first], nil
		}
		if len(missing) > 0 {
			n, err := p.askGrants(ctx, of, to, missing)
			if n < len(missing) {
				// What was refused, or a state that is away, is not asked about at
				// everybody's word.
				seen.rest = time.Now().Add(p.o.Times.Pull)
			}
			if err != nil {
				return nil, err
			}
			if held, _, err = p.inside.Passable(ctx, of, to, at, maxRelayed); err != nil {
				return nil, err
			}
		}
		if held = slices.DeleteFunc(held, func(v Passing) bool { return v.Grant == nil }); len(held) > 0 {
			return held, nil
		}
		at = next
	}
}

// askGrants asks an originator whether versions of its may be handed to a state,
// and takes its grants in.
func (p *Peers) askGrants(ctx context.Context, of, to string, versions []Wanted) (n int, err error) {
	body, err := json.Marshal(grantsWanted{to, versions})
	if err != nil {
		return 0, err
	}
	if body, err = p.ask(ctx, of, http.MethodPost, pathGrants, mediaJSON, body); err != nil {
		return 0, err
	}
	var got grantsGiven
	if err := json.Unmarshal(body, &got, json.RejectUnknownMembers(true)); err != nil || len(got.Grants) != len(versions) {
		return 0, errors.New("exchange: not one grant for each version that was asked")
	}
	var items []Item
	for _, g := range got.Grants {
		if len(g) > 0 {
			items = append(items, Item{Envelope: g})
		}
	}
	if len(items) == 0 {
		return 0, nil
	}
	if _, err := p.inside.Receive(ctx, of, items); err != nil {
		return 0, fmt.Errorf("grants of %s were not taken: %w", of, err)
	}
	return len(items), nil
}

func (p *Peers) serveGrants(ctx context.Context, from string, _ *http.Request, body []byte) (answer, error) {
	var q grantsWanted
	if err := json.Unmarshal(body, &q, json.RejectUnknownMembers(true)); err != nil || len(q.Versions) > maxRelayed {
		return text(http.StatusBadRequest, "at most %d versions", maxRelayed), nil
	}
	if err := p.live(); err != nil {
		return text(http.StatusServiceUnavailable, "%v: nothing is granted", err), nil
	}
	grants, err := p.inside.Grant(ctx, from, q.To, q.Versions)
	if err != nil {
		return answer{}, err
	}
	b, err := json.Marshal(grantsGiven{grants})
	return answer{http.StatusOK, mediaJSON, b}, err
}
