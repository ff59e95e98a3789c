package exchange

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"time"

	"github.com/go-json-experiment/json"
)

// follow pulls from a state: when it calls, now and then without a call, and
// after a failure at growing distances.
func (p *Peers) follow(ctx context.Context, state string) {
	word := p.hint(state)
	for failures := 0; ; {
		err := p.Pull(ctx, state)
		if err == nil {
			err = p.prove(ctx, state)
		}
		if ctx.Err() != nil {
			return
		}
		p.note(ctx, state, err)
		wait := p.o.Times.Pull
		if err == nil {
			failures = 0
		} else {
			if wait = min(p.o.Times.First<<min(failures, 20), p.o.Times.Most); failures > 0 {
				p.detour(ctx, state)
			}
			failures++
		}
		// Nodes that start together shall not ask together for ever.
		wait = wait*3/4 + rand.N(wait/2+1) //nolint:gosec // no secret
		if failures > 0 {
			// A peer that calls has come back: but one that calls and fails, again
			// and again, is not given more than an attempt each time of the first.
			if !pause(ctx, min(wait, p.o.Times.First), nil) {
				return
			}
		}
		if !pause(ctx, wait, word) {
			return
		}
	}
}

// note remembers how it went.
func (p *Peers) note(ctx context.Context, state string, failure error) {
	peer, err := p.inside.Peer(ctx, state)
	if err != nil {
		p.log.Error("what is known of a peer can't be read", "state", state, "err", err)
		return
	}
	c := p.client(state)
	c.mu.Lock()
	skew := c.skew
	c.mu.Unlock()
	now := p.o.Now().Truncate(time.Second)
	before := peer
	switch {
	case failure == nil:
		// Once a minute is enough to say that all is well.
		if now.Sub(peer.Reached) >= time.Minute || peer.Why != "" {
			peer.Reached, peer.Failed, peer.Why = now, time.Time{}, ""
		}
	case peer.Why == "":
		peer.Failed, peer.Why = now, failure.Error()
		p.log.Warn("a peer can't be read", "state", state, "err", failure)
	default:
		peer.Why = failure.Error()
	}
	if (skew - peer.Skew).Abs() > 10*time.Second {
		peer.Skew = skew
	}
	if peer != before {
		if err := p.inside.KeepPeer(ctx, peer); err != nil && ctx.Err() == nil {
			p.log.Error("what is known of a peer can't be written", "state", state, "err", err)
		}
	}
}

// Pull reads what a state has for us until there is no more.
func (p *Peers) Pull(ctx context.Context, state string) error {
	for {
		more, err := p.pullPage(ctx, state)
		if err != nil || !more {
			return err
		}
	}
}

// errStuck is given where a peer says that there is more and gives nothing.
var errStuck = errors.New("exchange: the peer says that there is more, and gives nothing")

func (p *Peers) pullPage(ctx context.Context, state string) (more bool, err error) {
	peer, err := p.inside.Peer(ctx, state)
	if err != nil {
		return false, err
	}
	body, err := p.ask(ctx, state, http.MethodGet, pathOutbox+"?after="+url.QueryEscape(peer.Cursor), mediaJSON, nil)
	if err != nil {
		return false, err
	}
	got, err := readPage(body)
	if err != nil {
		return false, err
	}
	if l := p.member.List(); got.Trust > l.Version {
		// What follows may be signed by a key that only the newer list knows.
		if err := p.renew(ctx, state); err != nil {
			return false, fmt.Errorf("exchange: %s holds number %d of the trust list, and here is number %d; theirs was not taken: %w; get it from the roots and run comity exchange trust install", state, got.Trust, l.Version, err)
		}
	}
	if len(got.Items) == 0 {
		if got.More {
			return false, errStuck
		}
		return false, nil
	}
	if got.Next == peer.Cursor {
		return false, errStuck
	}
	taken, err := p.take(ctx, state, got)
	if err != nil {
		return false, err
	}
	if taken.Later {
		return false, errLater
	}
	if peer, err = p.inside.Peer(ctx, state); err != nil {
		return false, err
	}
	peer.Cursor = got.Next
	return got.More, p.inside.KeepPeer(ctx, peer)
}

// take hands in what a state gave, and remembers what of it was refused.
func (p *Peers) take(ctx context.Context, state string, got page) (taken Taken, err error) {
	items := make([]Item, len(got.Items))
	for i, on := range got.Items {
		items[i] = Item{Envelope: on.Envelope, Proof: on.Proof}
		if on.Age != nil {
			items[i].Secret = true
			if items[i].Envelope, err = p.member.Decrypt(on.Age, maxEnvelope); err != nil {
				// It is refused as any other that is no envelope.
				p.log.Warn("an item can't be decrypted", "state", state, "err", err)
			}
		}
	}
	if taken, err = p.inside.Receive(ctx, state, items); err != nil {
		return taken, fmt.Errorf("what %s handed over was not taken: %w", state, err)
	}
	if taken.New > 0 {
		p.Wake() // receipts may be among what it made
	}
	n := len(taken.Refused)
	if n == 0 {
		return taken, nil
	}
	peer, err := p.inside.Peer(ctx, state)
	if err != nil {
		return taken, err
	}
	peer.Refused += int64(n)
	peer.Refusal = taken.Refused[n-1]
	p.log.Warn("some of what a peer handed over was refused", "state", state, "count", n, "last", peer.Refusal)
	return taken, p.inside.KeepPeer(ctx, peer)
}

var errLater = errors.New("exchange: some of it is dated in the future by our clock: it is asked for again")

// readPage reads a page strictly.
func readPage(b []byte) (page, error) {
	var out page
	if err := json.Unmarshal(b, &out, json.RejectUnknownMembers(true)); err != nil {
		return page{}, fmt.Errorf("exchange: a page: %w", err)
	}
	if len(out.Items) > maxItems || len(out.Next) == 0 || len(out.Next) > 200 {
		return page{}, fmt.Errorf("exchange: a page of %d items, or without its end", len(out.Items))
	}
	for _, item := range out.Items {
		if (item.Envelope == nil) == (item.Age == nil) || len(item.Envelope) > maxEnvelope {
			return page{}, errors.New("exchange: an item is an envelope, open or encrypted, of at most 2 MiB")
		}
	}
	return out, nil
}

// renew takes a newer trust list from a peer.
func (p *Peers) renew(ctx context.Context, state string) error {
	b, err := p.ask(ctx, state, http.MethodGet, pathTrust, mediaJSON, nil)
	if err != nil {
		return err
	}
	l, err := p.member.Install(b, "", p.o.Now())
	if err != nil {
		return err
	}
	p.inside.UseTrust(l)
	p.log.Info("a new trust list was taken", "version", l.Version, "from", state)
	return nil
}
