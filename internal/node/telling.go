package node

import (
	"context"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/enforcement"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/stix"
)

// Resting is a fact of another state on a case, with what goes for it in what is
// told outside the authority.
type Resting struct {
	dispatch.Fact
	Title   string
	TLP     string // of a statement
	Leaf    string // of a statement
	Object  string // of a statement: what consent is asked for
	Item    string // of a source in the library: its id
	Import  string // of what came into a collection: the import's id; Issuer is then its source
	Asked   bool   // consent was asked through the exchange
	Refused bool   // and the last word is no
	Settled dispatch.Settlement
}

// told bounds the facts of other states that are held against what is told.
const told = 100

// resting are the facts of other states on a case: what they reported about whom
// and what it names, the sources in the library that its assessment cites and that
// came from them, and what collections hold about the same.
func (a *App) resting(t *store.Tx, c *licensing.Case, s *assessment.State) (out []Resting, err error) {
	all, err := a.reportsAbout(t, c.App(), told)
	if err != nil {
		return nil, err
	}
	items, err := cited(t, s)
	if err != nil {
		return nil, err
	}
	for _, i := range items {
		if slices.ContainsFunc(all, func(e store.Envelope) bool { return e.ID == i.Leaf }) {
			continue
		}
		if i.Leaf != "" {
			e, found, err := t.Envelope(i.Leaf)
			if err != nil {
				return nil, err
			}
			if found && e.Sealed != nil && e.State != store.Withheld {
				all = append(all, e)
				continue
			}
		}
		out = append(out, Resting{Fact: dispatch.Fact{Ref: ItemStream(i.ID), Issuer: i.Partner, Words: i.Details.Title + "\n" + i.Details.Says}, Title: i.Citation(), Item: i.ID})
	}
	if err := t.FetchKeys(statementStreams(all)); err != nil {
		return nil, err
	}
	published, err := a.restingImports(t, c)
	if err != nil {
		return nil, err
	}
	out = append(out, published...)
	var objects []string
	for _, e := range all {
		if e.Sealed == nil {
			continue
		}
		v, err := a.said(t, e)
		if err != nil {
			return nil, err
		}
		said := dispatch.ReadReport(v.Object)
		objects = append(objects, e.Object)
		out = append(out, Resting{
			Fact:  dispatch.Fact{Ref: StatementStream(e.ID), Issuer: e.Issuer, Words: said.Title + "\n" + said.Text, Shut: e.TLP == "red"},
			Title: said.Title, TLP: e.TLP, Leaf: e.ID, Object: e.Object,
		})
	}
	words, err := t.WordsOn(objects, []string{dispatch.WordTellAsked, dispatch.WordTellGiven, dispatch.WordTellRefused})
	if err != nil {
		return nil, err
	}
	for i := range out {
		for _, w := range words {
			switch r := &out[i]; {
			case r.Object == "" || w.Object != r.Object:
			case w.Word == dispatch.WordTellAsked && w.Issuer == a.cfg.State:
				r.Asked = true
			case w.Issuer == r.Issuer && w.Word != dispatch.WordTellAsked:
				r.Consent, r.Refused = w.Word == dispatch.WordTellGiven, w.Word == dispatch.WordTellRefused
			}
		}
	}
	return out, nil
}

// restingImports are the imports that name whom or what a case names, each with
// all that it says of them. All are kept to ourselves as AMBER+STRICT, whatever
// their publisher allows: consent is its publisher's, or the licence's.
func (a *App) restingImports(t *store.Tx, c *licensing.Case) (out []Resting, err error) {
	marks := a.marksIn(c.App())
	if len(marks) == 0 {
		return nil, nil
	}
	objects, err := t.ImportsMarked(marks, told)
	if err != nil {
		return nil, err
	}
	read, err := a.openMarked(t, objects)
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, x := range objects {
		if read[i] == nil {
			continue
		}
		n, there := at[x.Import]
		if !there {
			n, at[x.Import] = len(out), len(out)
			out = append(out, Resting{
				Fact:  dispatch.Fact{Ref: ImportStream(x.Import), Issuer: x.Source},
				Title: x.Source, TLP: "amber+strict", Import: x.Import,
			})
		}
		said, r := dispatch.ReadReport(read[i]), &out[n]
		r.Words += said.Text + "\n" // the name alone is the case's own too
		if read[i].Strictest().TLP == stix.Red {
			r.Shut, r.TLP = true, "red"
		}
	}
	return out, nil
}

// cited are the sources that came from other states and that facts of an
// assessment rest on.
func cited(t *store.Tx, s *assessment.State) (out []*evidence.Item, err error) {
	var streams []event.Stream
	for _, f := range s.Facts {
		if ref := ItemStream(f.Item); f.Item != "" && f.Stands() && !slices.Contains(streams, ref) {
			streams = append(streams, ref)
		}
	}
	var all []*evidence.Item
	err = t.LoadEach(streams, func(event.Stream) event.State {
		all = append(all, &evidence.Item{})
		return all[len(all)-1]
	})
	return slices.DeleteFunc(all, func(i *evidence.Item) bool { return i.Kind != evidence.Statement }), err
}

// Resting reads the facts of other states on a case with what goes for each.
// Whoever may not read one learns no more than that it is there.
func (a *App) Resting(ctx context.Context, actor access.Actor, f *CaseFile) (out []Resting, err error) {
	if !access.Can(actor, access.ExchangeRead, access.Thing{}) {
		return nil, nil
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		var s dispatch.Telling
		if _, err := t.Load(event.StreamOf(dispatch.KindTelling, f.Case.ID), &s); err != nil {
			return err
		}
		if out, err = a.resting(t, f.Case, f.Assessment); err != nil {
			return err
		}
		for i := range out {
			r := &out[i]
			r.Settled, r.Words = s.Facts[string(r.Ref)], ""
			if r.Shut && !named(actor) {
				r.Title = ""
			}
		}
		return nil
	})
	return out, fault.Wrap(err, "node: what other states told")
}

// restingOn gathers in a command what Resting shows.
func (t *Tx) restingOn(c *licensing.Case) (facts []dispatch.Fact, err error) {
	s, _, err := load[*assessment.State](t, AssessmentStream(c.ID))
	if err != nil {
		return nil, err
	}
	all, err := t.app.resting(t.Tx, c, s)
	for _, r := range all {
		facts = append(facts, r.Fact)
	}
	return facts, err
}

// settle says what goes for another state's fact in what is told of a case.
func settle(t *Tx, cmd dispatch.Settle) error {
	c, version, err := load[*licensing.Case](t, CaseStream(cmd.Case))
	if err != nil {
		return err
	}
	if version == 0 {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	if err := t.Must(access.CaseRead, access.ExchangeWrite, thingOf(c)); err != nil {
		return err
	}
	facts, err := t.restingOn(c)
	if err != nil {
		return err
	}
	events, err := dispatch.DecideSettle(cmd, facts, CaseStream(c.ID))
	if err != nil {
		return err
	}
	return t.Append(events)
}

// mayTell holds what a command says outside the authority against what other
// states told us: see dispatch.Telling.
func (t *Tx) mayTell(c *licensing.Case, cmd interface{ Name() string }) error {
	texts, reasons := licensing.Tells(cmd)
	if !reasons && strings.TrimSpace(strings.Join(texts, "")) == "" {
		return nil
	}
	facts, err := t.restingOn(c)
	if err != nil || len(facts) == 0 {
		return err
	}
	s, _, err := load[*dispatch.Telling](t, event.StreamOf(dispatch.KindTelling, c.ID))
	if err != nil {
		return err
	}
	if err := s.MayTell(facts, texts, reasons); err != nil || !reasons {
		return err
	}
	for _, f := range facts {
		if x := s.Facts[string(f.Ref)].Standing; f.Ref.Kind() == dispatch.KindStatement && (x == dispatch.Rests || x == dispatch.Consented) {
			if err := t.use(dispatch.NoteUse{Leaf: f.Ref.ID(), What: "decision", Ref: c.ID, Why: dispatch.WhyTold}); err != nil {
				return err
			}
		}
	}
	return nil
}

// inOwnWords refuses texts that leave the authority about no case, such as an
// enforcement file's and a published note's, where they repeat what other states
// told us, the latest of it. Consent is recorded on cases alone: here the words
// have to be our own.
func (t *Tx) inOwnWords(texts ...string) error {
	if strings.TrimSpace(strings.Join(texts, "")) == "" || t.many != nil {
		return nil
	}
	all, err := t.ListEnvelopes(store.EnvelopeList{Purpose: string(envelope.ForStatement), States: []store.EnvelopeState{store.Current, store.Replaced, store.Withheld}, Limit: told})
	if err != nil {
		return err
	}
	if err := t.FetchKeys(statementStreams(all)); err != nil {
		return err
	}
	for _, e := range all {
		if e.Sealed == nil {
			continue
		}
		v, err := t.app.said(t.Tx, e)
		if err != nil {
			return err
		}
		said := dispatch.ReadReport(v.Object)
		for _, text := range texts {
			if dispatch.Repeats(text, said.Title+"\n"+said.Text) {
				return fault.New(fault.Blocked, "dispatch.telling.others_words") // whose they are is not for everybody who writes here
			}
		}
	}
	return nil
}

// toExporter are the texts of a command on a matter that its exporter is told.
func toExporter(cmd enforcement.Command) []string {
	switch c := cmd.(type) {
	case enforcement.Ask:
		return []string{c.Text}
	case enforcement.Propose:
		return []string{c.Told}
	case enforcement.Rule:
		return []string{c.Told}
	}
	return nil
}

// noteSaved notes that statements which a case's assessment cites went into a file
// that somebody saved.
func (a *App) noteSaved(ctx context.Context, f *CaseFile) error {
	var items []*evidence.Item
	if err := a.db.View(ctx, func(t *store.Tx) (err error) {
		items, err = cited(t, f.Assessment)
		return err
	}); err != nil {
		return fault.Wrap(err, "node: what a file rests on")
	}
	for _, i := range items {
		if i.Leaf == "" {
			continue
		}
		err := a.Do(ctx, access.System(), dispatch.NoteUse{Leaf: i.Leaf, What: "download", Ref: f.Case.ID, Why: dispatch.WhyDownload})
		if err != nil && !fault.Is(err, fault.Blocked) { // recalled already, and told of as kept then
			return err
		}
	}
	return nil
}
