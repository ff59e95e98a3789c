package node

import (
	"context"
	"slices"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/sharing"
	"github.com/comity-project/comity/statement/stix"
)

// jobAlert looks which cases the statements of a batch touch.
const jobAlert = "exchange.alert"

type alertJob struct {
	Batch string `json:"batch"`
}

// jobPublished looks which cases the objects touch that came into a collection.
const jobPublished = "exchange.published"

type publishedJob struct {
	Import string `json:"import"`
	After  int64  `json:"after"` // place in the import
	Count  int64  `json:"count"`
}

// Reply says one word on another state's statement, to that state alone: it is
// written and issued at once, since a word without a text can harm nobody.
type Reply struct {
	Paper string // a fresh id
	Leaf  string // of the statement
	Word  string
}

// replyWord says a word. A procedure's acceptance is told to its issuer too.
func replyWord(t *Tx, c Reply) error {
	e, found, err := t.Envelope(c.Leaf)
	if err != nil {
		return err
	}
	if err := t.Must(access.ExchangeRead, access.ExchangeIssue, access.Thing{Kind: dispatch.KindPaper}); err != nil {
		return err
	}
	if !found || e.Own || e.Purpose != string(envelope.ForStatement) {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if e.Sealed == nil || e.State == store.Withheld {
		return fault.New(fault.Blocked, "dispatch.recalled")
	}
	about := e.Object
	if (e.Word == dispatch.WordConsentAsked || e.Word == dispatch.WordTellAsked) && e.About != "" {
		about = e.About // consent is given for what was asked about
	}
	on := dispatch.OnPaper{Paper: c.Paper}
	tlp := e.TLP
	if tlp == "red" {
		tlp = "amber+strict" // the word says nothing of what it answers
	}
	w := dispatch.Write{
		OnPaper: on, Kind: dispatch.Reply, Content: dispatch.Content{Reply: &dispatch.ReplyTo{Object: about, Leaf: c.Leaf, Word: c.Word}},
		Handling: dispatch.Handling{TLP: tlp, Audience: []string{e.Issuer}},
	}
	if !w.Content.Bare() {
		return fault.New(fault.Invalid, "dispatch.invalid").Field("word", "dispatch.choose")
	}
	if err := onPaper(t, w); err != nil {
		return err
	}
	return issuePaper(t, dispatch.Issue{OnPaper: on})
}

// raiseAlerts looks which live licences and open cases name whom the statements
// of a batch name, and gives each a task for the same day.
func (a *App) raiseAlerts(ctx context.Context, j jobs.Job) error {
	var body alertJob
	if err := j.Decode(&body); err != nil {
		return err
	}
	found := alerts{app: a}
	if err := a.db.View(ctx, func(t *store.Tx) error {
		rows, err := t.EnvelopesOf(event.StreamOf(dispatch.KindBatch, body.Batch), false)
		if err != nil {
			return err
		}
		rows = slices.DeleteFunc(rows, func(e store.Envelope) bool {
			return e.Purpose != string(envelope.ForStatement) || e.Sealed == nil || e.State != store.Current
		})
		return found.statements(t, rows, "")
	}); err != nil {
		return fault.Wrap(err, "node: cases that a batch touches")
	}
	return a.raise(ctx, found.all)
}

// raisePublished does the same for objects that came into a collection: a
// partner's alert or denial may come as a file. The import is the alert.
func (a *App) raisePublished(ctx context.Context, j jobs.Job) error {
	var body publishedJob
	if err := j.Decode(&body); err != nil {
		return err
	}
	found := alerts{app: a}
	if err := a.db.View(ctx, func(t *store.Tx) error {
		var m dispatch.Import
		if _, err := t.Load(ImportStream(body.Import), &m); err != nil {
			return err
		}
		rows, err := t.ImportedBy(m.Number, body.After, false, int(body.Count))
		if err != nil {
			return err
		}
		var objects []*stix.Object
		seal := vault.NewSealer(a.keys, t)
		for _, o := range rows {
			if o.State != store.ImportLive || !somebody(o.Kind) && !something(o.Kind) && o.Kind != "report" {
				continue
			}
			raw, _, err := seal.Open(ImportStream(m.ID), o.Sealed)
			if err != nil {
				return err
			}
			d, err := stix.Read(raw, stix.Limits{})
			if err != nil || len(d.Objects) != 1 {
				continue
			}
			objects = append(objects, &d.Objects[0])
		}
		for _, o := range objects {
			if err := found.of(m.ID, "", o.ID()).touch(t, o, objects, ""); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return fault.Wrap(err, "node: cases that an import touches")
	}
	return a.raise(ctx, found.all)
}

// reportOn is the statement of the batch that says what there is to say of an
// object: a report that names it, or the object itself.
func reportOn(object string, versions []*sharing.Version, from []store.Envelope, itself store.Envelope) store.Envelope {
	for i, v := range versions {
		if refers(v.Object, object) {
			return from[i]
		}
	}
	return itself
}

func raiseAlert(t *Tx, c dispatch.RaiseAlert) error {
	if err := t.Must("", access.ExchangeCarry, access.Thing{}); err != nil {
		return err
	}
	s, _, err := load[*dispatch.Alert](t, c.Stream())
	if err != nil {
		return err
	}
	return t.Append(dispatch.DecideRaise(s, c))
}

// considerAlert notes that a case was looked at. With the last one the node tells
// the issuer "considered", and not what came of it.
func considerAlert(t *Tx, c dispatch.ConsiderAlert) error {
	s, _, err := load[*dispatch.Alert](t, c.Stream())
	if err != nil {
		return err
	}
	i := slices.IndexFunc(s.Open, func(x dispatch.Touch) bool { return x.Case == c.Case })
	thing := access.Thing{Kind: dispatch.KindAlert}
	if i >= 0 {
		thing.Compartment = s.Open[i].Compartment
	}
	if err := t.Must(access.ExchangeRead, access.ExchangeWrite, thing); err != nil {
		return err
	}
	events, last, err := dispatch.DecideConsider(s, c)
	if err != nil {
		return err
	}
	if err := t.Append(events); err != nil || !last || s.Imported() {
		return err
	}
	return t.enqueue(jobConsidered, jobConsidered+"/"+c.Leaf, alertJob{Batch: c.Leaf})
}

// jobConsidered tells the issuer of an alert that it was considered.
const jobConsidered = "exchange.considered"

func (a *App) tellConsidered(ctx context.Context, j jobs.Job) error {
	var body alertJob
	if err := j.Decode(&body); err != nil {
		return err
	}
	err := a.Do(ctx, access.System(), Reply{Paper: NewID(), Leaf: body.Batch, Word: dispatch.WordConsidered}, Once(jobConsidered+"/"+body.Batch))
	if fault.Is(err, fault.Blocked) {
		return nil // recalled meanwhile, or the trust list ran out: nobody waits for the word
	}
	return err
}

func reportNothing(t *Tx, _ dispatch.ReportNothing) error {
	if err := t.Must(access.ExchangeRead, access.ExchangeIssue, access.Thing{Kind: dispatch.KindSharing}); err != nil {
		return err
	}
	return t.Append([]event.New{{Stream: sharingStream, Event: dispatch.NothingToReport{}}})
}

// sharingStream is the one stream of whether we share.
const sharingStream event.Stream = dispatch.KindSharing + "/own"
