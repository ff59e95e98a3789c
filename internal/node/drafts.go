package node

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
)

// Draft is an application before it is submitted, as doors see it. It is sealed
// under its organisation's key where it lies.
type Draft struct {
	ID      string // of a new application: the id of the case that it will become
	Org     string // set from the actor
	Case    string // of an amendment: the case
	Kind    string // "application" or "amendment"
	Title   string
	Body    []byte // JSON of a licensing.Application
	Version int64  // the version its author saw; 0 for a new draft
	Changed time.Time
}

const maxDraft = 8 << 20 // bytes: 500 lines and 60 parties stay far below it

// SaveDraft saves a draft over the version that its author saw and returns the
// new version. Somebody else's saving in between is a conflict.
func (a *App) SaveDraft(ctx context.Context, actor access.Actor, d Draft) (version int64, err error) {
	if !access.Can(actor, access.ApplicationEdit, access.Thing{Org: actor.Org}) {
		return 0, fault.New(fault.NotFound, "fault.not_found")
	}
	if len(d.Body) > maxDraft {
		return 0, fault.New(fault.TooLarge, "fault.too_large", "limit", int64(maxDraft))
	}
	err = a.db.Update(ctx, func(t *store.Tx) error {
		owner := event.StreamOf(account.KindOrg, actor.Org)
		sealed, _, err := vault.NewSealer(a.keys, t).Seal(owner, d.Body)
		if err != nil {
			return fault.Wrap(err, "node: seal a draft")
		}
		version, err = t.PutDraft(store.Draft{
			ID: d.ID, Org: actor.Org, Account: actor.Account, Case: d.Case, Kind: d.Kind, Title: d.Title, Body: sealed, Version: d.Version,
		})
		return err
	})
	return version, err
}

// Draft reads a draft of the actor's organisation.
func (a *App) Draft(ctx context.Context, actor access.Actor, id string) (d Draft, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		row, found, err := t.Draft(id)
		if err != nil {
			return fault.Wrap(err, "node: draft")
		}
		if !found || !access.Can(actor, access.ApplicationEdit, access.Thing{Org: row.Org}) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		d = draftOf(row)
		d.Body, _, err = vault.NewSealer(a.keys, t).Open(event.StreamOf(account.KindOrg, row.Org), row.Body)
		return fault.Wrap(err, "node: open a draft")
	})
	return d, err
}

func draftOf(row store.Draft) Draft {
	return Draft{ID: row.ID, Org: row.Org, Case: row.Case, Kind: row.Kind, Title: row.Title, Version: row.Version, Changed: row.Changed}
}

// maxDrafts bounds the drafts that a list shows.
const maxDrafts = 200

// Drafts lists the drafts of the actor's organisation, the latest first,
// without their bodies.
func (a *App) Drafts(ctx context.Context, actor access.Actor) (out []Draft, err error) {
	if !access.Can(actor, access.ApplicationEdit, access.Thing{Org: actor.Org}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		rows, err := t.Drafts(actor.Org, maxDrafts)
		for _, r := range rows {
			out = append(out, draftOf(r))
		}
		return fault.Wrap(err, "node: drafts")
	})
	return out, err
}

// DropDraft gives a draft up. Its documents are swept with it.
func (a *App) DropDraft(ctx context.Context, actor access.Actor, id string) error {
	if _, err := a.Draft(ctx, actor, id); err != nil {
		return err
	}
	return a.db.Update(ctx, func(t *store.Tx) error { return t.EndDraft(id) })
}

// Upload says what is known of a document before its bytes come.
type Upload struct {
	Case  string // id; empty: it belongs to the actor's organisation until a submission takes it
	Kind  string // "technical_sheet", "contract", ...
	Title string
	Name  string // of the file, as typed
	Size  int64  // as declared; 0 where not
}

// Upload takes a document in. It belongs to the applicant until a command cites
// it; what no command and no draft cites is not shown anywhere.
func (a *App) Upload(ctx context.Context, actor access.Actor, up Upload, r io.Reader) (licensing.Document, error) {
	none := licensing.Document{}
	owner := event.StreamOf(account.KindOrg, actor.Org)
	act, thing := access.ApplicationEdit, access.Thing{Org: actor.Org}
	if up.Case != "" {
		var c licensing.Case
		if err := a.db.View(ctx, func(t *store.Tx) error {
			_, err := t.Load(CaseStream(up.Case), &c)
			return fault.Wrap(err, "node: case")
		}); err != nil {
			return none, err
		}
		owner, act, thing = CaseStream(up.Case), access.CaseAssurance, thingOf(&c)
		if access.Can(actor, access.ApplicationAnswer, thing) {
			act = access.ApplicationAnswer
		}
		if c.ID == "" {
			return none, fault.New(fault.NotFound, "fault.not_found")
		}
	}
	if !access.Can(actor, act, thing) {
		return none, fault.New(fault.NotFound, "fault.not_found")
	}
	if up.Title == "" {
		up.Title = up.Name
	}
	if !party.Bounded(up.Title, party.MaxText) {
		return none, fault.New(fault.Invalid, "node.document_title").Field("title", "node.document_title")
	}
	obj, err := a.objects.Put(ctx, vault.Upload{Owner: owner, Name: up.Name, Size: up.Size}, r)
	if err != nil {
		return none, err
	}
	if err := a.db.Update(ctx, func(t *store.Tx) error { return t.PutObject(obj) }); err != nil {
		return none, err
	}
	return licensing.Document{ID: obj.ID, Kind: up.Kind, Title: up.Title, Hash: obj.Commitment.String(), Size: obj.Size, Type: obj.MediaType}, nil
}

// OpenDocument opens a document: the actor's organisation's own, or one of a
// case. For the authority it must be of the case; for an applicant it must also
// be one that the applicant gave or was sent.
func (a *App) OpenDocument(ctx context.Context, actor access.Actor, caseID, document string) (store.Document, io.ReadCloser, error) {
	var d store.Document
	err := a.db.View(ctx, func(t *store.Tx) error {
		row, found, err := t.Document(document)
		if err != nil {
			return fault.Wrap(err, "node: document")
		}
		missing := fault.New(fault.NotFound, "fault.not_found")
		if !found {
			return missing
		}
		d = row
		if caseID == "" {
			if row.Owner != event.StreamOf(account.KindOrg, actor.Org) || !access.Can(actor, access.ApplicationRead, access.Thing{Org: actor.Org}) {
				return missing
			}
			return nil
		}
		var c licensing.Case
		if _, err := t.Load(CaseStream(caseID), &c); err != nil {
			return fault.Wrap(err, "node: case")
		}
		if c.ID == "" || row.Owner != CaseStream(caseID) {
			return missing
		}
		if access.Can(actor, access.CaseRead, thingOf(&c)) {
			return nil
		}
		if !access.Can(actor, access.ApplicationRead, thingOf(&c)) {
			return missing
		}
		if applicants(&c, document) {
			return nil
		}
		if sent, err := reported(t, &c, document); err != nil || sent {
			return err
		}
		return missing
	})
	if err != nil {
		return d, nil, err
	}
	if len(d.Wrapped) == 0 {
		return d, nil, fault.New(fault.NotFound, "node.document_erased")
	}
	r, err := a.objects.Open(d.Object)
	return d, r, fault.Wrap(err, "node: open a document")
}

// reported tells whether a document came with a report on a condition, of the
// case's licences or of what was undertaken in it.
func reported(t *store.Tx, c *licensing.Case, id string) (bool, error) {
	on := []licensing.OnLicence{licensing.OnUndertaking(c.ID)}
	for _, d := range c.Decisions() {
		if d.Licence != "" {
			on = append(on, licensing.OnLicence{Licence: d.Licence})
		}
	}
	for _, x := range on {
		var l licensing.Licence
		if _, err := t.Load(x.Stream(), &l); err != nil {
			return false, fault.Wrap(err, "node: licence")
		}
		for _, r := range l.Reports {
			if slices.ContainsFunc(r.Documents, func(d licensing.DocumentFact) bool { return d.ID == id }) {
				return true, nil
			}
		}
	}
	return false, nil
}

// applicants tells whether a document is one that the applicant gave or was
// sent: of a version, an answer, a reply, or a letter.
func applicants(c *licensing.Case, id string) bool {
	v := c.ForApplicant()
	for _, ver := range v.Versions {
		for _, d := range ver.Documents {
			if d.ID == id {
				return true
			}
		}
	}
	for _, q := range v.RFIs {
		for _, x := range q.Answers {
			for _, d := range x.Documents {
				if d.ID == id {
					return true
				}
			}
		}
	}
	intentions := v.Heard
	if v.Intention != nil {
		intentions = append(slices.Clone(intentions), *v.Intention)
	}
	for _, n := range intentions {
		for _, x := range n.Replies {
			for _, d := range x.Documents {
				if d.ID == id {
					return true
				}
			}
		}
	}
	for _, a := range v.Appeals {
		for _, d := range a.Documents {
			if d.ID == id {
				return true
			}
		}
	}
	for _, l := range v.Letters {
		if l.Document == id {
			return true
		}
	}
	return false
}
