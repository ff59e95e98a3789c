package node

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/evidence"
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
var erasable = map[string]bool{account.KindAccount: true, "person": true, "party": true, "case": true, "list": true, "org": true, evidence.KindItem: true, evidence.KindBrief: true, evidence.KindQuestion: true, "assessment": true, "objection": true, dispatch.KindStatement: true, dispatch.KindPaper: true}

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
	return t.destroy(c.What, rule)
}

// destroy does what an erasure is: the event, the end of the key, and what is
// left of the owner folded again without it.
func (t *Tx) destroy(what event.Stream, rule string) error {
	if err := t.Append([]event.New{{Stream: event.StreamOf(kindErasure, NewID()), Event: Erased{what, rule}}}); err != nil {
		return err
	}
	head, err := t.Head()
	if err != nil {
		return err
	}
	if err := t.DestroySealKey(what, rule, head.Seq); err != nil {
		return fault.Wrap(err, "node: destroy the key of %s", what)
	}
	// Ended by a stop or kept from it by a long reading, it is done when the hour
	// is full.
	if !t.call.scrubs {
		t.call.scrubs = true
		t.AfterCommit(func() { t.app.beside(t.app.scrub) })
	}
	if err := t.DestroyObjects(what); err != nil {
		return fault.Wrap(err, "node: destroy the documents of %s", what)
	}
	if what.Kind() == account.KindAccount {
		if err := t.RemoveCredential(what.ID()); err != nil {
			return fault.Wrap(err, "node: remove a credential")
		}
		if err := t.ForgetPerson(what.ID()); err != nil {
			return fault.Wrap(err, "node: forget what a person was told")
		}
	}
	if what.Kind() == kindCase {
		if err := t.ForgetFacts(what.ID()); err != nil {
			return fault.Wrap(err, "node: forget facts")
		}
	}
	streams, err := t.StreamsWith(what)
	if err != nil {
		return err
	}
	for _, s := range append([]event.Stream{what}, streams...) {
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

// Erasing is what an erasure would do, before it is done.
type Erasing struct {
	What      event.Stream
	Name      string // so that the custodian knows whom they erase; "" where none is known
	Streams   int    // histories of other things that hold parts of it
	Documents int64
	Signs     bool // an account: its sign-in goes too
	Gone      vault.Gone
}

// ErasureOf finds what a custodian means by a sign-in name, a reference or an
// id, and says what erasing it would do. What cannot be found, or has no
// private part any more, is a fault on the input "which".
func (a *App) ErasureOf(ctx context.Context, actor access.Actor, kind, which string) (out Erasing, err error) {
	if !access.Can(actor, access.Erase, access.Thing{}) {
		return out, fault.New(fault.NotFound, "fault.not_found")
	}
	if !erasable[kind] {
		return out, fault.New(fault.Invalid, "node.erase_invalid").Field("kind", "node.erase_what")
	}
	which = strings.TrimSpace(which)
	none := fault.New(fault.Invalid, "node.erase_invalid").Field("which", "node.erase_none")
	err = a.db.View(ctx, func(t *store.Tx) error {
		id, err := erasureID(t, kind, which)
		if err != nil {
			return err
		}
		out.What = event.StreamOf(kind, id)
		if _, gone := t.Erased(out.What); gone {
			return fault.New(fault.Conflict, "node.erased_already").Field("which", "node.erased_already")
		}
		if _, _, found, err := t.SealKey(out.What); err != nil {
			return err
		} else if !found {
			return none
		}
		streams, err := t.StreamsWith(out.What)
		if err != nil {
			return err
		}
		out.Streams = len(streams)
		if out.Documents, err = t.DocumentsOf(out.What); err != nil {
			return err
		}
		if kind == account.KindAccount {
			names, err := t.Names([]string{id})
			if err != nil {
				return err
			}
			out.Name, out.Signs = names[id], true
		}
		return nil
	})
	if err != nil {
		return out, fault.Wrap(err, "node: what an erasure would do")
	}
	out.Gone = vault.Rotation{Keys: a.keys}.Gone(a.Now())
	return out, nil
}

// erasureID turns what a custodian typed into an id.
func erasureID(t *store.Tx, kind, which string) (string, error) {
	if _, err := uuid.Parse(which); err == nil {
		return strings.ToLower(which), nil
	}
	var id string
	var found bool
	var err error
	switch kind {
	case account.KindAccount:
		id, found, err = t.SignInName(which)
	case "case":
		id, found, err = t.CaseByReference(which)
	}
	if err == nil && !found {
		err = fault.New(fault.Invalid, "node.erase_invalid").Field("which", "node.erase_none")
	}
	return id, err
}

// GoneFromBackups is when what was erased at a time is gone from every backup.
func (a *App) GoneFromBackups(erased time.Time) time.Time {
	return vault.Rotation{Keys: a.keys}.Gone(erased).Backups
}

// Erasures lists what was erased, the latest first, before an entry's number.
func (a *App) Erasures(ctx context.Context, actor access.Actor, before int64, limit int) (rows []store.ErasedRow, err error) {
	if !access.Can(actor, access.Erase, access.Thing{}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		rows, err = t.ListErased(before, limit)
		return err
	})
	return rows, fault.Wrap(err, "node: erasures")
}

// Overdue lists natural persons whose details were to be kept until a day that is
// past, the longest overdue first, after a place; none but whoever erases may ask.
func (a *App) Overdue(ctx context.Context, actor access.Actor, until, place string, limit int) (rows []store.OverdueRow, err error) {
	if !access.Can(actor, access.Erase, access.Thing{}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	e, err := a.Engines(ctx)
	if err != nil {
		return nil, err
	}
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		rows, err = t.ListOverdue(string(e.Calendar.Day(a.Now())), until, place, limit)
		return err
	})
	return rows, fault.Wrap(err, "node: overdue")
}
