package node

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
)

// customsCodes are the document codes that ship, read once.
var customsCodes = sync.OnceValues(func() (*licensing.DocumentCodes, error) {
	raw, err := content.FS.ReadFile("customs/eu.toml")
	if err != nil {
		return nil, err
	}
	return licensing.ParseDocumentCodes(raw)
})

// CustomsCodes are the document codes of declarations.
func (a *App) CustomsCodes() (*licensing.DocumentCodes, error) { return customsCodes() }

// registerCustoms files the commands of what happens after issue.
func (a *App) registerCustoms() {
	handlePrepared(a, ready, onLicence[licensing.DrawDown])
	handlePrepared(a, ready, onLicence[licensing.CancelUse])
	handlePrepared(a, ready, onLicence[licensing.Surrender])
	handlePrepared(a, ready, onLicence[licensing.ReportDelivery])
	handlePrepared(a, ready, onLicence[licensing.VerifyDelivery])
	handlePrepared(a, ready, onLicence[licensing.ReportDuty])
	handlePrepared(a, ready, onLicence[licensing.ReviewDuty])
	handlePrepared(a, ready, onLicence[licensing.FindBreach])
	handlePrepared(a, ready, onLicence[licensing.Instruct])
	handlePrepared(a, ready, takeMessage)

	handlePrepared(a, ready, onStop[licensing.Hold])
	handlePrepared(a, ready, onStop[licensing.AnswerStop])
	handlePrepared(a, ready, onStop[licensing.EndStop])
	handlePrepared(a, ready, onStop[licensing.RaiseGap])
	handle(a, recordLookUp)
}

// TakeMessage takes in one customs message. Its answer is a
// licensing.MessageAnswer: the same for the same message, however often and
// whenever it comes.
type TakeMessage struct{ licensing.CustomsMessage }

func takeMessage(t *Tx, c TakeMessage, e *Engines) error {
	if err := t.Must("", access.CustomsUse, access.Thing{Kind: kindLicence}); err != nil {
		return err
	}
	m, err := c.Message()
	if err != nil {
		return err
	}
	sender, _, err := load[*licensing.CustomsSender](t, event.StreamOf(licensing.KindCustoms, m.Sender))
	if err != nil {
		return err
	}
	known, found, err := t.CustomsMessage(m.Sender, m.Number)
	if err != nil {
		return fault.Wrap(err, "node: customs message")
	}
	if found && known.Hash != m.Hash {
		return fault.New(fault.Conflict, "licensing.message.other", "number", m.Number)
	}
	id := known.Licence
	if !found {
		if id, err = t.licenceFor(c.Licence, access.CustomsUse); err != nil {
			return err
		}
	}
	if id == "" {
		return t.unplaced(sender, m, c.Licence)
	}
	l, _, err := load[*licensing.Licence](t, event.StreamOf(kindLicence, id))
	if err != nil {
		return err
	}
	if !found {
		if err := t.place(c.CustomsMessage, m, l, e); err != nil {
			return err
		}
		events, err := sender.Received(m, c.Licence, true)
		if err != nil {
			return err
		}
		if err := t.Append(events); err != nil {
			return err
		}
	}
	answer := l.Answer(m)
	answer.Repeated, answer.Missing = found, sender.Missing()
	t.Answer(answer)
	return nil
}

// place gives the command that a message comes to.
func (t *Tx) place(c licensing.CustomsMessage, m licensing.Message, l *licensing.Licence, e *Engines) error {
	on := licensing.OnLicence{Licence: l.ID}
	if c.Kind == licensing.CancelMessage {
		of, found, err := t.CustomsMessage(c.Sender, c.Of)
		if err != nil {
			return fault.Wrap(err, "node: customs message")
		}
		if !found || of.Licence != l.ID {
			return fault.New(fault.Conflict, "licensing.message.of", "number", c.Of)
		}
		return onLicence(t, licensing.CancelUse{OnLicence: on, Use: of.Use, Message: &m, Why: c.Why}, e)
	}
	codes, err := customsCodes()
	if err != nil {
		return err
	}
	cmd, err := c.Use(on, NewID(), codes)
	if err != nil {
		return err
	}
	return onLicence(t, cmd, e)
}

// unplaced answers a message that names no licence that the sender may use.
func (t *Tx) unplaced(sender *licensing.CustomsSender, m licensing.Message, licence string) error {
	events, err := sender.Received(m, licence, false)
	if err != nil {
		return err
	}
	if err := t.Append(events); err != nil {
		return err
	}
	t.Answer(licensing.MessageAnswer{
		Sender: m.Sender, Number: m.Number, Licence: licence, Outcome: licensing.MessageRefused, Why: "licensing.message.unknown", Missing: sender.Missing(),
	})
	return nil
}

// licenceFor is the id of the licence with a reference, where the actor may do
// an act to it; empty where there is none.
func (t *Tx) licenceFor(reference string, act access.Act) (string, error) {
	r, found, err := t.LicenceReferenced(reference)
	if err != nil {
		return "", fault.Wrap(err, "node: licence")
	}
	if !found || !access.Can(t.Actor, act, access.Thing{Kind: kindLicence, Org: r.Org, Compartment: r.Compartment}) {
		return "", nil
	}
	return r.ID, nil
}

// Notices are what customs are told of licences after a number, in order.
func (a *App) Notices(ctx context.Context, actor access.Actor, after int64, limit int) ([]licensing.Notice, error) {
	scope := access.ScopeOf(actor, access.CustomsUse)
	if scope.Empty() {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	codes, err := customsCodes()
	if err != nil {
		return nil, err
	}
	var out []licensing.Notice
	err = a.db.View(ctx, func(t *store.Tx) error {
		rows, previous, err := t.Notices(scope, after, limit)
		if err != nil {
			return err
		}
		for _, r := range rows {
			var l licensing.Licence
			if err := json.Unmarshal(r.State, &l); err != nil {
				return fmt.Errorf("node: notice %d: %w", r.Number, err)
			}
			n := l.Notice(r.Position, codes)
			n.Previous, n.Holder, n.Registry = previous, r.Holder, r.Registry
			previous = n.Number
			out = append(out, n)
		}
		return nil
	})
	return out, fault.Wrap(err, "node: notices")
}

// HeldLicence is all that its holder may see of a licence, and the version of
// its stream.
func (a *App) HeldLicence(ctx context.Context, actor access.Actor, id string) (*licensing.Licence, int64, error) {
	return a.held(ctx, actor, event.StreamOf(kindLicence, id))
}

// HeldUndertaking is the same of what was undertaken in a case.
func (a *App) HeldUndertaking(ctx context.Context, actor access.Actor, id string) (*licensing.Licence, int64, error) {
	return a.held(ctx, actor, licensing.OnUndertaking(id).Stream())
}

func (a *App) held(ctx context.Context, actor access.Actor, s event.Stream) (*licensing.Licence, int64, error) {
	var l licensing.Licence
	var version int64
	err := a.db.View(ctx, func(t *store.Tx) (err error) {
		version, err = t.Load(s, &l)
		return err
	})
	if err != nil {
		return nil, 0, fault.Wrap(err, "node: held licence")
	}
	if version == 0 || !access.Can(actor, access.LicenceReadOwn, access.Thing{Kind: kindLicence, Org: l.Org, Compartment: l.Compartment}) {
		return nil, 0, fault.New(fault.NotFound, "fault.not_found")
	}
	return l.ForHolder(), version, nil
}
