package node

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/statement/envelope"
)

// registerEvidence files the commands on the library and on briefs.
func (a *App) registerEvidence() {
	handle(a, addItem)
	handle(a, onItem[evidence.Regrade])
	handle(a, onItem[evidence.Prolong])
	handle(a, onItem[evidence.Translate])
	handle(a, withdrawItem)
	handle(a, askQuestion)
	handle(a, onQuestion[evidence.Hold])
	handle(a, onQuestion[evidence.Chase])
	handle(a, takeAnswer)
	handle(a, onQuestion[evidence.GiveUp])
	handle(a, openBrief)
	handle(a, onBrief[evidence.Write])
	handle(a, setLaw)
	handle(a, onBrief[evidence.ReviewBrief])
}

// ItemStream is the stream of an item of the library, for Expect.
func ItemStream(id string) event.Stream { return event.StreamOf(evidence.KindItem, id) }

func itemThing(i *evidence.Item) access.Thing {
	return access.Thing{Kind: evidence.KindItem, Compartment: i.Compartment}
}

// addItem puts a source into the library. Its copy must be one that was uploaded
// for it, and whom it is about must be on the register.
func addItem(t *Tx, cmd evidence.Add) error {
	if cmd.Kind == evidence.Reply {
		return fault.New(fault.Invalid, "evidence.invalid").Field("kind", "evidence.kind.reply") // it comes as the answer to a question
	}
	return putItem(t, cmd)
}

// putItem adds an item, by itself or as the answer to a question.
func putItem(t *Tx, cmd evidence.Add) error {
	item, _, err := load[*evidence.Item](t, cmd.Stream())
	if err != nil {
		return err
	}
	if err := t.Must("", access.EvidenceKeep, access.Thing{Kind: evidence.KindItem, Compartment: cmd.Compartment}); err != nil {
		return err
	}
	bad := fault.New(fault.Invalid, "evidence.invalid")
	if cmd.Leaf != "" {
		e, found, err := t.Envelope(cmd.Leaf)
		if err != nil {
			return err
		}
		if !found || e.Own || e.Purpose != string(envelope.ForStatement) || e.Sealed == nil || e.State == store.Withheld || e.TLP == "red" && !named(t.Actor) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		cmd.Kind, cmd.Partner = evidence.Statement, e.Issuer
	}
	if cmd.Party != "" {
		known, err := t.knowsParty(cmd.Party)
		if err != nil {
			return err
		}
		if !known {
			bad.Field("party", "evidence.party.unknown")
		}
	}
	if cmd.Copy != nil {
		row, found, err := t.Document(cmd.Copy.Document)
		if err != nil {
			return fault.Wrap(err, "node: archived copy")
		}
		if !found || row.Owner != cmd.Stream() || row.Commitment.String() != cmd.Copy.Hash {
			bad.Field("copy", "evidence.copy.unknown")
		}
	}
	if err := bad.Or(); err != nil {
		return err
	}
	events, err := evidence.DecideItem(item, cmd, t.Now())
	if err != nil {
		return err
	}
	if err := t.Append(events); err != nil || cmd.Leaf == "" {
		return err
	}
	return t.use(dispatch.NoteUse{Leaf: cmd.Leaf, What: "export", Ref: cmd.Item, Why: dispatch.WhyLibrary})
}

func (t *Tx) knowsParty(id string) (bool, error) {
	if !access.Can(t.Actor, access.PartyRead, access.Thing{Kind: party.StreamKind}) {
		return false, nil
	}
	entry, _, err := load[*party.Entry](t, event.StreamOf(party.StreamKind, id))
	return err == nil && entry.ID != "", err
}

// onItem is the way of every other command on an item.
func onItem[C evidence.ItemCommand](t *Tx, cmd C) error {
	item, _, err := load[*evidence.Item](t, cmd.Stream())
	if err != nil {
		return err
	}
	if err := t.Must(access.EvidenceRead, access.EvidenceKeep, itemThing(item)); err != nil {
		return err
	}
	events, err := evidence.DecideItem(item, cmd, t.Now())
	if err != nil {
		return err
	}
	return t.Append(events)
}

// withdrawItem withdraws a source, and has every open case that rests on it
// opened again.
func withdrawItem(t *Tx, cmd evidence.Withdraw) error {
	if err := onItem(t, cmd); err != nil {
		return err
	}
	return t.enqueue(jobReopen, jobReopen+"/"+cmd.Item, reopenJob{Item: cmd.Item})
}

// jobReopen takes to open cases what changed in the library under them.
const jobReopen = "evidence.reopen"

// reopenJob says what changed: a source that was withdrawn, or the law of a
// destination in its brief.
type reopenJob struct {
	Item    string `json:"item,omitempty"`
	Country string `json:"country,omitempty"`
	Brief   string `json:"brief,omitempty"`
}

// reopenPage bounds the cases that are read at once.
const reopenPage = 200

// reopenCases goes through the open cases one by one, each a command in turn: an
// assessment that was complete is stale from then on. Decided cases are left
// alone; the page of the source lists them.
func (a *App) reopenCases(ctx context.Context, j jobs.Job) error {
	var b reopenJob
	if err := j.Decode(&b); err != nil {
		return err
	}
	if err := a.ReloadEngines(ctx); err != nil {
		return err
	}
	for after := ""; ; {
		var ids []string
		if err := a.db.View(ctx, func(t *store.Tx) (err error) {
			if b.Item != "" {
				ids, err = t.OpenCasesOn(b.Item, after, reopenPage)
			} else {
				ids, err = t.OpenCasesTo(b.Country, after, reopenPage)
			}
			return err
		}); err != nil {
			return fault.Wrap(err, "node: cases to open again")
		}
		for _, id := range ids {
			var cmd any = assessment.LoseSource{Case: id, Item: b.Item}
			if b.Item == "" {
				cmd = assessment.NoteLaw{Case: id, Country: b.Country, Brief: b.Brief}
			}
			if err := a.Do(ctx, access.System(), cmd); err != nil && !fault.Is(err, fault.Blocked) {
				return err // blocked: it was decided meanwhile
			}
		}
		if len(ids) < reopenPage {
			return nil
		}
		after = ids[len(ids)-1]
	}
}

// recordFact records a fact; one that rests on an item of the library takes the
// item's words and grade, and must lie where the item may be read.
func recordFact(t *Tx, cmd assessment.RecordFact, e *Engines) error {
	leaf := "" // of another state's statement that the source is
	if cmd.Item != "" {
		c, _, err := load[*licensing.Case](t, CaseStream(cmd.Case))
		if err != nil {
			return err
		}
		item, _, err := load[*evidence.Item](t, ItemStream(cmd.Item))
		if err != nil {
			return err
		}
		if !access.Can(t.Actor, access.EvidenceRead, itemThing(item)) {
			item = nil
		}
		if bad := evidence.MayRest(item, c.Compartment, deadline.DateOf(t.Now(), time.UTC)); bad != nil {
			return fault.New(fault.Invalid, "assessment.invalid").Field("item", bad.Key)
		}
		cmd.Cited, cmd.Grade = item.Citation(), item.Grade.Source()
		if leaf = item.Leaf; leaf != "" {
			e, _, err := t.Envelope(leaf)
			if err != nil {
				return err
			}
			if e.State == store.Withheld || e.State == store.Disposed {
				return fault.New(fault.Invalid, "assessment.invalid").Field("item", "dispatch.recalled")
			}
		}
	}
	if err := t.unanswered(cmd); err != nil {
		return err
	}
	if err := onAssessment(t, cmd, e); err != nil || leaf == "" {
		return err
	}
	return t.use(dispatch.NoteUse{Leaf: leaf, What: "decision", Ref: cmd.Case, Why: dispatch.WhyCited})
}

// ArchiveCopy takes in the copy of a source that is about to be added under an
// id. It is the item's own: erased with it.
func (a *App) ArchiveCopy(ctx context.Context, actor access.Actor, item, name string, r io.Reader) (*evidence.Copy, error) {
	if !access.Can(actor, access.EvidenceKeep, access.Thing{Kind: evidence.KindItem}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	if !party.Bounded(name, party.MaxText) {
		return nil, fault.New(fault.Invalid, "node.document_title").Field("file", "node.document_title")
	}
	var there evidence.Item
	if err := a.db.View(ctx, func(t *store.Tx) error {
		_, err := t.Load(ItemStream(item), &there)
		return err
	}); err != nil {
		return nil, fault.Wrap(err, "node: archive a copy")
	}
	if there.ID != "" {
		return nil, fault.New(fault.Conflict, "evidence.exists")
	}
	obj, err := a.objects.Put(ctx, vault.Upload{Owner: ItemStream(item), Name: name}, r)
	if err != nil {
		return nil, err
	}
	if err := a.db.Update(ctx, func(t *store.Tx) error { return t.PutObject(obj) }); err != nil {
		return nil, fault.Wrap(err, "node: archive a copy")
	}
	return &evidence.Copy{Document: obj.ID, Hash: obj.Commitment.String(), Title: name}, nil
}

// ItemFile is an item as its page shows it, with what the reader may see of what
// rests on it.
type ItemFile struct {
	*evidence.Item
	Version int64
	On      *party.Entry // whom it is about; nil where nobody, or where the reader may not see them
	Briefs  []store.BriefRow
	Resting []store.Resting
	More    bool // there is more that rests on it
	Names   map[string]string
}

// restingShown is how much of what rests on an item a page shows.
const restingShown = 100

// EvidenceItem reads an item. What may not be seen does not exist, neither the
// item nor what rests on it.
func (a *App) EvidenceItem(ctx context.Context, actor access.Actor, id, after string) (*ItemFile, error) {
	f := &ItemFile{Item: &evidence.Item{}}
	err := a.db.View(ctx, func(t *store.Tx) (err error) {
		if f.Version, err = t.Load(ItemStream(id), f.Item); err != nil {
			return err
		}
		if f.Version == 0 || !access.Can(actor, access.EvidenceRead, itemThing(f.Item)) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		if f.Party != "" && access.Can(actor, access.PartyRead, access.Thing{Kind: party.StreamKind}) {
			f.On = &party.Entry{}
			if _, err = t.Load(event.StreamOf(party.StreamKind, f.Party), f.On); err != nil {
				return err
			}
		}
		if f.Briefs, err = t.ListBriefs(store.Briefs{Scope: access.ScopeOf(actor, access.EvidenceRead), Item: id, Limit: restingShown}); err != nil {
			return err
		}
		if f.Resting, err = t.RestingOn(id, access.ScopeOf(actor, access.CaseRead), after, restingShown+1); err != nil {
			return err
		}
		people := []string{f.Added.Account}
		for _, p := range f.Past {
			people = append(people, p.By.Account)
		}
		if f.Translation != nil {
			people = append(people, f.Translation.By.Account)
		}
		if f.Withdrawn != nil {
			people = append(people, f.Withdrawn.By.Account)
		}
		f.Names, err = t.Names(people)
		return err
	})
	if len(f.Resting) > restingShown {
		f.Resting, f.More = f.Resting[:restingShown], true
	}
	return f, fault.Wrap(err, "node: item of the library")
}

// OpenCopy opens the archived copy of an item.
func (a *App) OpenCopy(ctx context.Context, actor access.Actor, id string) (store.Document, io.ReadCloser, error) {
	var d store.Document
	err := a.db.View(ctx, func(t *store.Tx) error {
		var item evidence.Item
		if _, err := t.Load(ItemStream(id), &item); err != nil {
			return err
		}
		if item.ID == "" || item.Copy == nil || !access.Can(actor, access.EvidenceRead, itemThing(&item)) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		var found bool
		var err error
		if d, found, err = t.Document(item.Copy.Document); err != nil {
			return err
		}
		if !found || d.Owner != ItemStream(id) {
			return fmt.Errorf("node: the copy of %s is not its own", id)
		}
		return nil
	})
	if err != nil {
		return d, nil, fault.Wrap(err, "node: open a copy")
	}
	if len(d.Wrapped) == 0 {
		return d, nil, fault.New(fault.NotFound, "node.document_erased")
	}
	r, err := a.objects.Open(d.Object)
	return d, r, fault.Wrap(err, "node: open a copy")
}
