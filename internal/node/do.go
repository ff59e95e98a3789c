package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"github.com/google/uuid"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
)

// Option changes how a command is run.
type Option func(*run)

type run struct {
	key    string
	expect map[event.Stream]int64
	answer any
	after  []func() // what is done once the command is on disk
	scrubs bool     // a key was destroyed
}

// Once runs the command at most once for this key and actor: sent again, it is
// not run, and the stored answer comes back.
func Once(key string) Option { return func(r *run) { r.key = key } }

// Expect refuses the command when the stream has moved past the version that
// the person saw. The fault's args name the stream and that version, so that
// the page can show what others did meanwhile. A state may tell by MovedAt that
// what came since has nothing to do with the command, as a letter that the node
// filed: nobody is stopped for that.
func Expect(s event.Stream, version int64) Option {
	return func(r *run) {
		if r.expect == nil {
			r.expect = map[event.Stream]int64{}
		}
		r.expect[s] = version
	}
}

// Into asks for the command's answer, for instance a new case's reference.
func Into(answer any) Option { return func(r *run) { r.answer = answer } }

// NewID makes an id: UUIDv7, so that ids sort by time of making.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// Do runs one command in one transaction: it loads, asks access, decides,
// appends the events, writes the rows, enqueues what must follow, and commits.
// When it returns nil, it happened and is on disk.
func (a *App) Do(ctx context.Context, actor access.Actor, cmd any, opts ...Option) error {
	name := reflect.TypeOf(cmd).String()
	h, ok := a.handlers[name]
	if !ok {
		return fmt.Errorf("node: no handler for the command %s", name)
	}
	var r run
	for _, o := range opts {
		o(&r)
	}
	for attempt := 1; ; attempt++ {
		var prepared any
		if h.prepare != nil {
			var err error
			if prepared, err = h.prepare(ctx, a, actor, cmd); err != nil {
				return err
			}
		}
		err := a.db.Update(ctx, func(st *store.Tx) error { return a.run(st, actor, h, cmd, prepared, &r) })
		if err == nil {
			if _, ok := cmd.(recordedScreening); !ok {
				a.moved.Add(1)
			}
			for _, f := range r.after {
				f()
			}
		}
		if !errors.Is(err, errMoved) {
			return err
		}
		if attempt == maxAttempts {
			return fault.New(fault.Conflict, "fault.changed_meanwhile").Because(err)
		}
	}
}

// maxAttempts bounds how often a command prepares again.
const maxAttempts = 3

func (a *App) run(st *store.Tx, actor access.Actor, h handler, cmd, prepared any, r *run) error {
	if r.key != "" {
		stored, found, err := st.Answered(r.key, actor.Account)
		if err != nil {
			return fault.Wrap(err, "node: stored answer")
		}
		if found {
			return giveAnswer(stored, r.answer)
		}
	}
	t := &Tx{Tx: st, app: a, Actor: actor, command: NewID(), loaded: map[event.Stream]*loaded{}, call: r}
	r.after, r.scrubs = nil, false
	for s, want := range r.expect {
		l, err := t.load(s)
		if err != nil {
			return err
		}
		if moved(l, cmd) > want || l.version < want {
			return fault.New(fault.Conflict, "fault.changed_meanwhile", "stream", string(s), "seen", want)
		}
	}
	if err := h.run(t, cmd, prepared); err != nil {
		return err
	}
	body, err := json.Marshal(t.answer)
	if err != nil {
		return fmt.Errorf("node: answer of %T: %w", cmd, err)
	}
	if r.key != "" {
		if err := st.RememberAnswer(r.key, actor.Account, body); err != nil {
			return err
		}
	}
	return giveAnswer(body, r.answer)
}

// moved is the version of the last event after which a page may be too old for a
// command; where the state does not tell, each event counts.
func moved(l *loaded, cmd any) int64 {
	if s, ok := l.state.(interface{ MovedAt(cmd any) int64 }); ok {
		return s.MovedAt(cmd)
	}
	return l.version
}

func giveAnswer(body []byte, into any) error {
	if into == nil {
		return nil
	}
	return json.Unmarshal(body, into)
}

// Tx is a command's transaction as its handler sees it.
type Tx struct {
	*store.Tx
	Actor   access.Actor
	app     *App
	command string
	loaded  map[event.Stream]*loaded
	answer  any
	call    *run
	many    *Many // the transaction of many commands that this one is part of; nil: it is alone
}

type loaded struct {
	state   event.State
	version int64
	before  []event.Row // rows as stored, taken before the first new event
}

// Must answers nil when the actor may do the act to the thing. Whoever may not
// even see it gets "not found", the answer for what does not exist.
func (t *Tx) Must(see, act access.Act, thing access.Thing) error {
	if access.Can(t.Actor, act, thing) {
		return nil
	}
	if see != "" && access.Can(t.Actor, see, thing) {
		return fault.New(fault.Denied, "fault.denied")
	}
	return fault.New(fault.NotFound, "fault.not_found")
}

func (t *Tx) load(s event.Stream) (*loaded, error) {
	if l, ok := t.loaded[s]; ok {
		return l, nil
	}
	state, err := t.app.stateOf(s)
	if err != nil {
		return nil, err
	}
	l := &loaded{state: state}
	if t.many == nil || !t.many.rows.fresh[s] {
		if l.version, err = t.Tx.Load(s, state); err != nil {
			return nil, fault.Wrap(err, "node: load %s", s)
		}
	}
	t.loaded[s] = l
	return l, nil
}

// load gives the state of a stream in its own type; version 0 says that it has
// no events yet.
func load[S event.State](t *Tx, s event.Stream) (S, int64, error) {
	var none S
	l, err := t.load(s)
	if err != nil {
		return none, 0, err
	}
	state, ok := l.state.(S)
	if !ok {
		return none, 0, fmt.Errorf("node: %s holds a %T", s, l.state)
	}
	return state, l.version, nil
}

// Append takes what Decide returned: seals, chains and writes the events, folds
// them in and writes the rows.
func (t *Tx) Append(events []event.New) error {
	if len(events) == 0 {
		return nil
	}
	entries := make([]ledger.Entry, 0, len(events))
	seal := &handingBack{Sealer: t.sealer()}
	var touched []event.Stream
	for _, n := range events {
		l, err := t.load(n.Stream)
		if err != nil {
			return err
		}
		if l.before == nil {
			if l.version > 0 {
				l.before = l.state.Rows()
			}
			if l.before == nil {
				l.before = []event.Row{}
			}
			touched = append(touched, n.Stream)
		}
		e, err := ledger.Encode(n, t.Actor.Account, t.command, seal)
		if err != nil {
			return fault.Wrap(err, "node: encode")
		}
		l.version++
		e.Version = l.version
		entries = append(entries, e)
		if err := t.noteOwners(e); err != nil {
			return err
		}
	}
	if err := t.Tx.Append(entries); err != nil {
		return err
	}
	for i, n := range events {
		l := t.loaded[n.Stream]
		// The event is folded as the ledger gives it back, so that a refold
		// later cannot differ: what JSON drops now is dropped now.
		r, err := ledger.Decode(entries[i], t.app.registry, seal, nil)
		if err != nil {
			return err
		}
		if err := l.state.Apply(r); err != nil {
			return fault.Wrap(err, "node: fold %s", entries[i].Type)
		}
	}
	if t.many != nil {
		t.many.order = append(t.many.order, touched...)
		return nil
	}
	for _, s := range touched {
		l := t.loaded[s]
		if err := t.Save(s, l.version, l.state, l.before); err != nil {
			return err
		}
		l.before = nil
	}
	return nil
}

// noteOwners remembers in which streams an owner's parts lie besides its own,
// so that an erasure finds them.
func (t *Tx) noteOwners(e ledger.Entry) error {
	for _, p := range e.Parts {
		if p.Owner != e.Stream {
			if err := t.SealedIn(p.Owner, e.Stream); err != nil {
				return fault.Wrap(err, "node: note an owner")
			}
		}
	}
	return nil
}

// AfterCommit asks for something to be done once the command is on disk, in the
// process that ran it. What must not be lost is a job instead.
func (t *Tx) AfterCommit(f func()) { t.call.after = append(t.call.after, f) }

// Answer sets what Into gives back.
func (t *Tx) Answer(v any) { t.answer = v }

// sealer seals for this command, or for all of the transaction it is part of.
func (t *Tx) sealer() ledger.Sealer {
	if t.many != nil {
		return t.many.seal
	}
	return vault.NewSealer(t.app.keys, t.Tx)
}

// handingBack seals, and hands the plaintexts back in the same order: an event
// is folded as the ledger will give it back, without opening what was sealed a
// moment ago.
type handingBack struct {
	ledger.Sealer
	plain [][]byte
}

// Seal implements ledger.Sealer.
func (r *handingBack) Seal(owner event.Stream, plaintext []byte) ([]byte, ledger.Hash, error) {
	r.plain = append(r.plain, plaintext)
	return r.Sealer.Seal(owner, plaintext)
}

// Open implements ledger.Sealer.
func (r *handingBack) Open(event.Stream, []byte) ([]byte, ledger.Hash, error) {
	if len(r.plain) == 0 {
		return nil, ledger.Hash{}, errors.New("node: more parts are opened than were sealed")
	}
	next := r.plain[0]
	r.plain = r.plain[1:]
	return next, ledger.Hash{}, nil
}
