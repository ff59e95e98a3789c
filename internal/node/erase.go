package node

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
)

const kindErasure = "erasure"

// Erased is the event that a person's, a party's or a case's private parts were
// destroyed. Chain, kept parts and this event stay.
type Erased struct {
	What event.Stream `json:"what"` // the owner whose key was destroyed
	Rule string       `json:"rule"` // retention rule or request
}

// EventType implements event.Event.
func (Erased) EventType() string { return "node.erased" }

// Erase destroys the private parts of an owner in every stream, and its
// documents.
type Erase struct {
	What event.Stream
	Rule string
}

// noted writes the erasure to the list of destroyed keys before it happens:
// a list that names too much erases nothing that is not asked for again, one
// that names too little would let a backup bring it back.
func noted(ctx context.Context, a *App, actor access.Actor, c Erase) (struct{}, error) {
	if !access.Can(actor, access.Erase, access.Thing{}) {
		return struct{}{}, fault.New(fault.NotFound, "fault.not_found")
	}
	if err := c.Check(); err != nil {
		return struct{}{}, err
	}
	var there bool
	err := a.db.View(ctx, func(t *store.Tx) (err error) {
		_, _, there, err = t.SealKey(c.What)
		return err
	})
	if err != nil || !there {
		return struct{}{}, fault.Wrap(err, "node: key of %s", c.What)
	}
	return struct{}{}, fault.Wrap(a.noteDestroyed(destroyed{c.What, strings.TrimSpace(c.Rule)}), "node: list of destroyed keys")
}

// Check says what is wrong with the command before anything is looked up.
func (c Erase) Check() error {
	bad := fault.New(fault.Invalid, "node.erase_invalid")
	if !erasable[c.What.Kind()] || c.What.ID() == "" {
		bad.Field("what", "node.erase_what")
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(c.Rule)); n == 0 || n > 500 {
		bad.Field("rule", "node.erase_rule")
	}
	return bad.Or()
}

// erasable are the kinds of streams that own private parts.
var erasable = map[string]bool{account.KindAccount: true, "person": true, "party": true, "case": true, "list": true, "org": true, "assessment": true, "objection": true}

func erase(t *Tx, c Erase, _ struct{}) error {
	if err := t.Must("", access.Erase, access.Thing{}); err != nil {
		return err
	}
	rule := strings.TrimSpace(c.Rule)
	if _, gone := t.Erased(c.What); gone {
		return fault.New(fault.Conflict, "node.erased_already")
	}
	if _, _, found, err := t.SealKey(c.What); err != nil {
		return fault.Wrap(err, "node: key of %s", c.What)
	} else if !found {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if err := t.Append([]event.New{{Stream: event.StreamOf(kindErasure, t.command), Event: Erased{c.What, rule}}}); err != nil {
		return err
	}
	head, err := t.Head()
	if err != nil {
		return err
	}
	if err := t.DestroySealKey(c.What, rule, head.Seq); err != nil {
		return fault.Wrap(err, "node: destroy the key of %s", c.What)
	}
	if err := t.DestroyObjects(c.What); err != nil {
		return fault.Wrap(err, "node: destroy the documents of %s", c.What)
	}
	if c.What.Kind() == account.KindAccount {
		if err := t.RemoveCredential(c.What.ID()); err != nil {
			return fault.Wrap(err, "node: remove a credential")
		}
	}
	streams, err := t.StreamsWith(c.What)
	if err != nil {
		return err
	}
	for _, s := range append([]event.Stream{c.What}, streams...) {
		if err := t.refold(s); err != nil {
			return err
		}
	}
	return nil
}

// refold folds a stream again from its events and writes what differs: after an
// erasure the row and its search text say nothing more than the events do.
func (t *Tx) refold(s event.Stream) error {
	if _, known := t.app.kinds[s.Kind()]; !known {
		return nil // an owner of parts that has no history of its own, as a person named by a register
	}
	old, err := t.app.stateOf(s)
	if err != nil {
		return err
	}
	version, err := t.Tx.Load(s, old)
	if err != nil || version == 0 {
		return err
	}
	state, folded, err := t.app.fold(t.Tx, s, vault.NewSealer(t.app.keys, t.Tx))
	if err != nil {
		return err
	}
	if folded != version {
		return fmt.Errorf("node: %s is at version %d but has %d events", s, version, folded)
	}
	delete(t.loaded, s)
	return t.Save(s, version, state, old.Rows())
}

// erasureState is the stream of one erasure: nothing but the fact.
type erasureState struct {
	What event.Stream `json:"what"`
	Rule string       `json:"rule"`
}

// Apply implements event.State.
func (s *erasureState) Apply(r event.Recorded) error {
	e, ok := r.Event.(Erased)
	if !ok {
		return fmt.Errorf("node: %T in the stream of an erasure", r.Event)
	}
	s.What, s.Rule = e.What, e.Rule
	return nil
}

// Rows implements event.State.
func (s *erasureState) Rows() []event.Row { return nil }
