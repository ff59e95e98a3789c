package exchange

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/comity-project/comity/statement/tlog"
	"github.com/comity-project/comity/statement/trust"
)

// Log is the node's own log.
type Log interface {
	// AdvanceLog adds what was said since, fills the bucket and signs the head. It
	// does nothing where nothing is due.
	AdvanceLog(ctx context.Context) error
	// LogHead is the last signed head with its cosignatures; nil where there is
	// none.
	LogHead(ctx context.Context) ([]byte, error)
	// LogRoot is the root of the first size leaves.
	LogRoot(ctx context.Context, size int64) (tlog.Hash, error)
	// LogConsistency proves that the log of size was the beginning of that of
	// later.
	LogConsistency(ctx context.Context, size, later int64) ([]tlog.Hash, error)
	// LogTile reads a piece of the tree.
	LogTile(ctx context.Context, t tlog.Tile) ([]byte, error)
	// Cosigned keeps the head with more cosignatures.
	Cosigned(ctx context.Context, head []byte) error
	// BeginEpoch begins the log anew under the number of an epoch: lost says what
	// the one before had that this node has not.
	BeginEpoch(ctx context.Context, epoch int64, lost string) error
}

// gather keeps the log going: first it asks the witnesses whether it is the log
// that they know, then it signs a head at fixed times and has it cosigned.
func (p *Peers) gather(ctx context.Context) {
	w := &p.witness
	w.sizes, w.next, w.failed = map[string]int64{}, map[string]time.Time{}, map[string]int{}
	for !p.known(ctx) {
		if !pause(ctx, p.o.Times.First, nil) {
			return
		}
	}
	due := p.o.Now()
	for {
		if now := p.o.Now(); !now.Before(due) {
			due = now.Truncate(p.o.Times.Head).Add(p.o.Times.Head)
			if err := p.live(); err == nil {
				if err := p.inside.AdvanceLog(ctx); err != nil && ctx.Err() == nil {
					p.log.Error("the log does not go on", "err", err)
				}
			}
		}
		if err := p.Cosign(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("the log was not given to its witnesses", "err", err)
		}
		if !pause(ctx, min(p.o.Times.Head, p.o.Times.First), nil) {
			return
		}
	}
}

func (p *Peers) live() error {
	l := p.member.List()
	if l == nil {
		return errors.New("exchange: no trust list is installed")
	}
	return l.Live(p.o.Now())
}

// ourLog is what the trust list says of our log, and who witnesses it.
func (p *Peers) ourLog() (*trust.State, []*tlog.Witness, []string, error) {
	l := p.member.List()
	if l == nil {
		return nil, nil, nil, errors.New("exchange: no trust list is installed")
	}
	us, ok := l.State(p.member.State())
	if !ok || us.Log == "" {
		return nil, nil, nil, errGone
	}
	var all []*tlog.Witness
	var states []string
	for _, s := range l.States {
		if s.ID == us.ID || s.Witness == "" {
			continue
		}
		w, err := tlog.ParseWitness(s.Witness)
		if err != nil {
			return nil, nil, nil, err
		}
		all, states = append(all, w), append(states, s.ID)
	}
	return us, all, states, nil
}

// enough is how many witnesses must have answered before the log goes on after
// a start, so that with those who hide what they know one is among them that
// cosigned the last head a quorum cosigned.
func enough(n int) int {
	if n == 0 {
		return 0
	}
	f := (n - 1) / 3
	return n - trust.Quorum(n) + 1 + f
}

// known asks the witnesses for the last head that they cosigned of our log. If
// our own is older, or another, this node was restored from an older backup: it
// goes on in a new epoch that names the loss. It tells whether enough answered.
func (p *Peers) known(ctx context.Context) bool {
	us, witnesses, states, err := p.ourLog()
	if err != nil {
		p.log.Warn("the log waits", "err", err)
		return false
	}
	type told struct {
		checkpoint tlog.Checkpoint
		answered   bool
	}
	answers := make([]told, len(states))
	var all sync.WaitGroup
	for i, state := range states {
		all.Go(func() {
			b, err := p.ask(ctx, state, http.MethodGet, pathHeld, mediaText, nil)
			var no *statusError
			if errors.As(err, &no) && no.status == http.StatusNotFound {
				answers[i].answered = true
			}
			if err != nil {
				return
			}
			key, err := us.LogOf(b)
			if err != nil {
				return
			}
			o, err := tlog.Open(b, key, witnesses[i])
			if err != nil || len(o.Witnessed) == 0 {
				p.log.Warn("a witness shows what is no head of our log", "state", state, "err", err)
				return
			}
			answers[i] = told{o.Checkpoint, true}
		})
	}
	all.Wait()
	n := 0
	var last tlog.Checkpoint
	epoch := int64(0)
	for _, a := range answers {
		if a.answered {
			n++
		}
		if a.checkpoint.Origin == "" {
			continue
		}
		_, e, err := trust.EpochOf(a.checkpoint.Origin)
		if err == nil && (e > epoch || e == epoch && a.checkpoint.Size > last.Size) {
			last, epoch = a.checkpoint, e
		}
	}
	if n < enough(len(states)) {
		return false
	}
	lost, err := p.lost(ctx, us, last, epoch)
	if err == nil && lost != "" {
		p.log.Error("this node was restored from before its last witnessed head: its log begins anew", "lost", lost, "epoch", epoch+1)
		err = p.inside.BeginEpoch(ctx, epoch+1, lost)
	}
	if err != nil {
		if ctx.Err() == nil {
			p.log.Error("the log waits", "err", err)
		}
		return false
	}
	return true
}

// lost says what a witnessed head has that our log has not; "" where it has all.
func (p *Peers) lost(ctx context.Context, us *trust.State, seen tlog.Checkpoint, epoch int64) (string, error) {
	if seen.Origin == "" {
		return "", nil
	}
	head, err := p.inside.LogHead(ctx)
	if err != nil {
		return "", err
	}
	var ours tlog.Checkpoint
	ourEpoch := int64(1)
	if head != nil {
		key, err := us.LogOf(head)
		if err != nil {
			return "", err
		}
		o, err := tlog.Open(head, key)
		if err != nil {
			return "", err
		}
		ours = o.Checkpoint
		if _, ourEpoch, err = trust.EpochOf(ours.Origin); err != nil {
			return "", err
		}
	}
	say := func(what string) string {
		return fmt.Sprintf("witnesses hold %s of size %d with root %s; this node %s", seen.Origin, seen.Size, seen.Root, what)
	}
	switch {
	case ourEpoch > epoch:
		return "", nil
	case ourEpoch < epoch:
		return say(fmt.Sprintf("is in epoch %d", ourEpoch)), nil
	case ours.Size < seen.Size:
		return say(fmt.Sprintf("has size %d", ours.Size)), nil
	}
	root, err := p.inside.LogRoot(ctx, seen.Size)
	if err != nil {
		return "", err
	}
	if root != seen.Root {
		return say("has another root of that size"), nil
	}
	return "", nil
}

// Cosign has the last head cosigned by every witness that has not done so.
func (p *Peers) Cosign(ctx context.Context) error {
	l := p.member.List()
	head, err := p.inside.LogHead(ctx)
	if err != nil || head == nil || p.witness.complete(head, l) {
		return err
	}
	us, witnesses, states, err := p.ourLog()
	if err != nil {
		return err
	}
	key, err := us.LogOf(head)
	if err != nil {
		return err
	}
	o, err := tlog.Open(head, key, witnesses...)
	if err != nil {
		return err
	}
	if len(o.Witnessed) == len(witnesses) {
		p.witness.mu.Lock()
		defer p.witness.mu.Unlock()
		p.witness.whole, p.witness.under = head, l
		return nil
	}
	lines := make([][]byte, len(states))
	var all sync.WaitGroup
	for i, w := range witnesses {
		if _, done := o.Witnessed[w.Name()]; !done && p.mayAsk(states[i]) {
			all.Go(func() {
				line, err := p.add(ctx, states[i], head, key, w, o.Checkpoint)
				p.asked(states[i], err)
				lines[i] = line
			})
		}
	}
	all.Wait()
	more := bytes.Join(lines, nil)
	if len(more) == 0 {
		return nil
	}
	return p.inside.Cosigned(ctx, append(bytes.Clone(head), more...))
}

// complete says whether a head was seen to have every cosignature that it can
// have, so that they are not checked again with every look.
func (w *witnessing) complete(head []byte, l *trust.List) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.under == l && bytes.Equal(head, w.whole)
}

func (p *Peers) mayAsk(state string) bool {
	p.witness.mu.Lock()
	defer p.witness.mu.Unlock()
	return !time.Now().Before(p.witness.next[state])
}

// asked remembers how it went: a witness that fails is asked again at growing
// distances.
func (p *Peers) asked(state string, err error) {
	w := &p.witness
	w.mu.Lock()
	defer w.mu.Unlock()
	if err == nil {
		w.failed[state], w.next[state] = 0, time.Time{}
		return
	}
	w.next[state] = time.Now().Add(min(p.o.Times.First<<min(w.failed[state], 20), p.o.Times.Most))
	w.failed[state]++
	p.log.Debug("a witness did not cosign", "state", state, "err", err)
}

// add gives a head to a witness and checks its cosignature.
func (p *Peers) add(ctx context.Context, state string, head []byte, key note.Verifier, w *tlog.Witness, c tlog.Checkpoint) ([]byte, error) {
	at := state + " " + c.Origin
	p.witness.mu.Lock()
	old := p.witness.sizes[at]
	p.witness.mu.Unlock()
	for attempt := 0; ; attempt++ {
		proof, err := p.inside.LogConsistency(ctx, old, c.Size)
		if err != nil {
			return nil, err
		}
		line, err := p.ask(ctx, state, http.MethodPost, pathAdd, mediaText, addBody(old, proof, withoutCosignatures(head)))
		var no *statusError
		if errors.As(err, &no) && no.status == http.StatusConflict && attempt == 0 {
			// It says what it has; after a start we do not know.
			if size, convErr := strconv.ParseInt(strings.TrimSpace(no.text), 10, 64); convErr == nil && size >= 0 && size <= c.Size {
				old = size
				continue
			}
		}
		if err != nil {
			return nil, err
		}
		if bytes.Count(line, []byte("\n")) != 1 {
			return nil, errors.New("exchange: a witness answers with one line")
		}
		o, err := tlog.Open(append(bytes.Clone(head), line...), key, w)
		if err != nil {
			return nil, err
		}
		if _, ok := o.Witnessed[w.Name()]; !ok {
			return nil, errors.New("exchange: a witness answers with another's signature")
		}
		p.witness.mu.Lock()
		p.witness.sizes[at] = c.Size
		p.witness.mu.Unlock()
		return line, nil
	}
}

// withoutCosignatures is the head as the log signed it: its text and its first
// signature.
func withoutCosignatures(head []byte) []byte {
	text, sigs, ok := bytes.Cut(head, []byte("\n\n"))
	first, _, _ := bytes.Cut(sigs, []byte("\n"))
	if !ok {
		return head
	}
	return slices.Concat(text, []byte("\n\n"), first, []byte("\n"))
}
