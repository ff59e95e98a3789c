package node

import (
	"context"
	"slices"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/sharing"
)

// SaidRow is a statement of another state as lists show it.
type SaidRow struct {
	store.Envelope
	Title string
	Reply *dispatch.ReplyTo // of a reply
	Due   string            // of a request
	Shut  bool              // TLP:RED, and the reader is not one of those it was meant for
}

// named tells whether somebody is one of those TLP:RED is meant for: between
// states that is the point of contact.
func named(actor access.Actor) bool { return actor.System || actor.Has(access.PointOfContact) }

// row reads what a list shows of a statement.
func (a *App) row(t *store.Tx, actor access.Actor, e store.Envelope) (r SaidRow, err error) {
	r = SaidRow{Envelope: e, Shut: e.TLP == "red" && !named(actor)}
	if e.Sealed == nil || r.Shut || e.State == store.Withheld {
		return r, nil
	}
	v, err := a.said(t, e)
	if err != nil {
		return r, err
	}
	c := dispatch.ReadReport(v.Object)
	r.Title, r.Reply, r.Due = c.Title, c.Reply, c.Due
	return r, nil
}

func (a *App) rows(t *store.Tx, actor access.Actor, all []store.Envelope) (out []SaidRow, err error) {
	if err := t.FetchKeys(statementStreams(all)); err != nil {
		return nil, err
	}
	for _, e := range all {
		r, err := a.row(t, actor, e)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

// Inbox is what other states said, the latest first, and what waits.
type Inbox struct {
	Rows   []SaidRow
	Next   int64 // number to go on before; 0: that is all
	Alarms []store.Alarm
	Open   int // answers to recalls that are missing
	// Silent says that nothing was shared for dispatch.SilenceAfter days, since
	// Last; Last is zero where nothing ever was.
	Silent bool
	Last   time.Time
	Member bool // the node belongs to a community
}

// Inbox reads a page of what other states said, of the kinds that stand by
// themselves: what they are about is on their pages.
func (a *App) Inbox(ctx context.Context, actor access.Actor, before int64, limit int) (in Inbox, err error) {
	if !access.Can(actor, access.ExchangeRead, access.Thing{}) {
		return in, fault.New(fault.NotFound, "fault.not_found")
	}
	in.Member = a.Trust() != nil
	err = a.db.View(ctx, func(t *store.Tx) error {
		all, err := t.ListEnvelopes(store.EnvelopeList{
			Purpose: string(envelope.ForStatement), States: []store.EnvelopeState{store.Current}, Kinds: standing, Before: before, Limit: limit + 1,
		})
		if err != nil {
			return err
		}
		if len(all) > limit {
			all = all[:limit]
			in.Next = all[limit-1].Seq
		}
		if in.Rows, err = a.rows(t, actor, all); err != nil {
			return err
		}
		if in.Alarms, err = t.Alarms(alarmsShown); err != nil {
			return err
		}
		open, err := t.OpenRecalls(maxOpenRecalls)
		if err != nil {
			return err
		}
		in.Open = len(open)
		if in.Last, err = t.LastSaid(); err != nil {
			return err
		}
		var s dispatch.Sharing
		if _, err := t.Load(sharingStream, &s); err != nil {
			return err
		}
		if s.Nothing.At.After(in.Last) {
			in.Last = s.Nothing.At
		}
		in.Silent = in.Member && a.Now().Sub(in.Last) >= dispatch.SilenceAfter*24*time.Hour
		return nil
	})
	return in, fault.Wrap(err, "node: inbox")
}

// alarmsShown bounds the alarms on a page.
const alarmsShown = 20

// standing are the kinds of objects that stand by themselves in a list.
var standing = []string{"report", "course-of-action", "note", "opinion", "sighting", "indicator", "grouping", "incident", "campaign", "threat-actor", "malware", "x-comity-denial"}

// SaidPage is one statement of another state, or of ours, as its page shows it.
type SaidPage struct {
	store.Envelope
	Version  *sharing.Version // nil where it may not be shown: recalled, erased, or for named people
	Shut     bool
	Content  dispatch.Content
	Parts    []SaidPart // what it is about, as far as it is here
	Replies  []SaidRow  // what states said about it
	Alert    *dispatch.Alert
	Rules    *dispatch.Rules // of the procedure it is shared under
	Accepted []string        // of a procedure: who has accepted it
	Uses     []dispatch.Use
	Names    map[string]string
	Overdue  bool
}

// SaidPart is an object that a statement is about.
type SaidPart struct {
	Leaf, ID, Kind, Name string
	Named                *dispatch.Named
	Harms                []string
}

// Statement reads one statement. What may not be shown is not in the answer.
func (a *App) Statement(ctx context.Context, actor access.Actor, leaf string) (p SaidPage, err error) {
	notFound := fault.New(fault.NotFound, "fault.not_found")
	if !access.Can(actor, access.ExchangeRead, access.Thing{}) {
		return p, notFound
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		e, found, err := t.Envelope(leaf)
		if err != nil {
			return err
		}
		if !found || e.Purpose != string(envelope.ForStatement) {
			return notFound
		}
		p.Envelope = e
		if p.Shut = e.TLP == "red" && !named(actor); p.Shut || e.Sealed == nil || e.State == store.Withheld {
			return nil
		}
		if p.Version, err = a.said(t, e); err != nil {
			return err
		}
		p.Content = dispatch.ReadReport(p.Version.Object)
		p.Overdue = sharing.Overdue(p.Version, a.Now())
		if p.Rules, _, err = a.procedure(t, procedureOf(p.Version.Object)); err != nil {
			return err
		}
		if r := p.Content.Procedure; r != nil {
			p.Overdue = r.ReviewBy < deadline.DateOf(a.Now(), time.UTC)
			if _, p.Accepted, err = a.procedure(t, e.Object); err != nil {
				return err
			}
		}
		if p.Parts, err = a.parts(t, p.Version); err != nil {
			return err
		}
		about, err := t.EnvelopesOn(e.Object, repliesShown)
		if err != nil {
			return err
		}
		if p.Replies, err = a.rows(t, actor, about); err != nil {
			return err
		}
		var taken dispatch.Taken
		alert := &dispatch.Alert{}
		if err := t.LoadEach([]event.Stream{StatementStream(leaf), event.StreamOf(dispatch.KindAlert, leaf)}, func(s event.Stream) event.State {
			if s.Kind() == dispatch.KindAlert {
				p.Alert = alert
				return alert
			}
			return &taken
		}); err != nil {
			return err
		}
		p.Uses = taken.Uses
		if p.Alert != nil {
			shownTo(actor, p.Alert)
		}
		return nil
	})
	return p, fault.Wrap(err, "node: statement")
}

// shownTo leaves of an alert what touches cases that the reader may know of.
func shownTo(actor access.Actor, alert *dispatch.Alert) {
	hidden := func(x dispatch.Touch) bool {
		return x.Compartment != "" && !access.Can(actor, access.CaseRead, access.Thing{Compartment: x.Compartment})
	}
	alert.Open = slices.DeleteFunc(alert.Open, hidden)
	alert.Done = slices.DeleteFunc(alert.Done, func(l dispatch.Look) bool { return hidden(l.Touch) })
}

// Said reads what a statement says and what it is about, for whoever passes it
// on; what may not be shown is not there.
func (a *App) Said(ctx context.Context, actor access.Actor, leaf string) (p SaidPage, err error) {
	notFound := fault.New(fault.NotFound, "fault.not_found")
	if !access.Can(actor, access.ExchangeRead, access.Thing{}) {
		return p, notFound
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		e, found, err := t.Envelope(leaf)
		if err != nil {
			return err
		}
		if !found || e.Purpose != string(envelope.ForStatement) || e.Sealed == nil || e.State == store.Withheld || e.TLP == "red" && !named(actor) {
			return notFound
		}
		p.Envelope = e
		if p.Version, err = a.said(t, e); err != nil {
			return err
		}
		p.Content = dispatch.ReadReport(p.Version.Object)
		p.Parts, err = a.parts(t, p.Version)
		return err
	})
	return p, fault.Wrap(err, "node: statement")
}

// repliesShown bounds what a page shows of what states said about a statement.
const repliesShown = 100

// parts are the objects that a statement is about.
func (a *App) parts(t *store.Tx, v *sharing.Version) (out []SaidPart, err error) {
	refs, ok := v.Object.Root.Get("object_refs")
	if !ok {
		return nil, nil
	}
	var ids []string
	for _, r := range refs.Items {
		if r.Text != v.Object.ID() && len(ids) < gatherAtOnce {
			ids = append(ids, r.Text)
		}
	}
	rows, err := t.CurrentStatements(ids)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	if err := t.FetchKeys(statementStreams(rows)); err != nil {
		return nil, err
	}
	for _, e := range rows {
		if e.Sealed == nil {
			continue
		}
		x, err := a.said(t, e)
		if err != nil {
			return nil, err
		}
		part := SaidPart{Leaf: e.ID, ID: e.Object, Kind: e.Kind, Name: dispatch.ReadReport(x.Object).Title}
		part.Named, part.Harms = dispatch.ReadNamed(x.Object)
		out = append(out, part)
	}
	return out, nil
}

// PaperPage is a paper as its page shows it.
type PaperPage struct {
	*dispatch.Paper
	Version  int64
	Plan     *dispatch.Plan  // what issuing the draft would do; nil where it can't be done
	Refused  error           // why not
	Hops     []sharing.Reach // who would have it, and through whom where this node can't be reached
	LeftOut  []string        // members that would not have it
	Members  []string        // other members
	Answers  []SaidRow       // what states said about what was issued
	Kept     []KeptThere     // what states said that they keep, and why
	Receipts map[string]bool // states whose receipts for the last recall are missing: false; there: true
	Names    map[string]string
	Rules    *dispatch.Rules
	Accepted []string
}

// Paper reads one.
func (a *App) Paper(ctx context.Context, actor access.Actor, id string) (p PaperPage, err error) {
	if !access.Can(actor, access.ExchangeRead, access.Thing{}) {
		return p, fault.New(fault.NotFound, "fault.not_found")
	}
	p.Paper = &dispatch.Paper{}
	err = a.db.View(ctx, func(st *store.Tx) error {
		t := &Tx{Tx: st, app: a, Actor: actor, loaded: map[event.Stream]*loaded{}, call: &run{}}
		var err error
		if p.Version, err = st.Load(PaperStream(id), p.Paper); err != nil {
			return err
		}
		if p.Version == 0 {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		people := append([]string{p.Writer.Account}, p.Writers...)
		if p.Check != nil {
			people = append(people, p.Check.By.Account)
		}
		if p.Reader != nil {
			people = append(people, p.Reader.Account)
		}
		for _, r := range p.Releases {
			people = append(people, r.By.Account)
		}
		for _, r := range p.Takings {
			people = append(people, r.By.Account)
		}
		if p.Names, err = st.Names(people); err != nil {
			return err
		}
		l := a.Trust()
		if l == nil {
			p.Refused = fault.New(fault.Blocked, "dispatch.no_trust")
			return nil
		}
		f, err := t.issuingFacts(p.Paper, l)
		if err != nil {
			p.Refused = err
			return nil //nolint:nilerr // the page says why
		}
		p.Members, p.Rules, p.Accepted = f.Members, f.Procedure, f.Accepted
		issue := dispatch.Issue{OnPaper: dispatch.OnPaper{Paper: id}}
		if _, p.Refused = dispatch.PlanIssue(p.Paper, issue, f); p.Refused != nil {
			f.Dry = true
		}
		p.Plan, _ = dispatch.PlanIssue(p.Paper, issue, f)
		audience := p.Handling.Audience
		if p.Plan != nil {
			audience = p.Plan.Handling.Audience
			p.Hops = hops(p.Plan.Handling, p.Rules, p.Accepted)
		}
		p.LeftOut = sharing.LeftOut(audience, f.Members, a.cfg.State)
		if len(p.Releases) > 0 {
			main := dispatch.MainID(p.Paper)
			about, err := st.EnvelopesOn(main, repliesShown)
			if err != nil {
				return err
			}
			if p.Answers, err = a.rows(st, actor, about); err != nil {
				return err
			}
			if p.Receipts, err = st.Receipts(string(PaperStream(id))); err != nil {
				return err
			}
			if len(p.Receipts) > 0 {
				p.Kept, err = a.keptThere(st, PaperStream(id))
				return err
			}
		}
		return nil
	})
	return p, fault.Wrap(err, "node: paper")
}

// KeptThere is what a state said in a receipt that it keeps.
type KeptThere struct {
	State string
	envelope.Kept
}

// keptThere reads from receipts what states keep of what a stream issued.
func (a *App) keptThere(t *store.Tx, s event.Stream) (out []KeptThere, err error) {
	rows, err := t.ReceiptsOn(string(s), gatherAtOnce)
	if err != nil {
		return nil, err
	}
	if err := t.FetchKeys(statementStreams(rows)); err != nil {
		return nil, err
	}
	for _, e := range rows {
		if e.Sealed == nil {
			continue
		}
		sealed, err := a.unseal(t, e)
		if err != nil {
			return nil, err
		}
		r, err := sealed.Receipted()
		if err != nil {
			return nil, fault.Wrap(err, "node: receipt %s", e.ID)
		}
		for _, k := range r.Kept {
			if x := (KeptThere{e.Issuer, k}); !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
	}
	return out, nil
}

// Papers lists what we write and have issued, the latest changed first.
func (a *App) Papers(ctx context.Context, actor access.Actor, at int64, after string, limit int) (rows []store.PaperRow, more bool, err error) {
	if !access.Can(actor, access.ExchangeRead, access.Thing{}) {
		return nil, false, fault.New(fault.NotFound, "fault.not_found")
	}
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		rows, err = t.ListPapers(at, after, limit+1)
		return err
	})
	if len(rows) > limit {
		rows, more = rows[:limit], true
	}
	return rows, more, fault.Wrap(err, "node: papers")
}

// Procedures are those that are here, ours and others', with their rules, as far
// as they have not ended.
func (a *App) Procedures(ctx context.Context, actor access.Actor) (out map[string]*dispatch.Rules, err error) {
	if !access.Can(actor, access.ExchangeRead, access.Thing{}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	out = map[string]*dispatch.Rules{}
	err = a.db.View(ctx, func(t *store.Tx) error {
		all, err := t.StatementsOfKind("course-of-action", maxProcedures)
		if err != nil {
			return err
		}
		if err := t.FetchKeys(statementStreams(all)); err != nil {
			return err
		}
		for _, e := range all {
			v, err := a.said(t, e)
			if err != nil {
				return err
			}
			if r := dispatch.ReadReport(v.Object).Procedure; r != nil && r.Status != "ended" {
				out[e.Object] = r
			}
		}
		return nil
	})
	return out, fault.Wrap(err, "node: procedures")
}

// maxProcedures bounds the procedures and practices that are looked through.
const maxProcedures = 200
