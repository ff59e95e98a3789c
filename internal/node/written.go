package node

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/letter"
	"github.com/comity-project/comity/internal/store"
)

// Words are the sentences of a message catalogue in one language; lang.Printer
// is one.
type Words interface {
	letter.Texts
	Lang() string
}

// Written is the written assessment of a case as a reader sees it.
type Written struct {
	File      *CaseFile
	Facts     assessment.Facts
	Sentences []assessment.Sentence
	Sources   map[string]map[string]string // by line and fact: where it comes from
	Held      bool                         // no draft is shown: the adviser, or this adviser, has not spoken yet
	items     map[string]store.EvidenceRow // of the library, that facts of the case rest on and the reader may read
}

// Under says what a sentence on a line, resting on facts, rests on in the library:
// the strictest marking of it, and whether some of it is beyond the reader.
func (w *Written) Under(line string, facts []string) (strictest evidence.Marking, beyond bool) {
	strictest = evidence.Clear
	for _, x := range w.File.Assessment.Facts {
		if x.Item == "" || x.Line != "" && x.Line != line || !slices.Contains(facts, x.Fact) {
			continue
		}
		row, ok := w.items[x.Item]
		if beyond = beyond || !ok; !ok {
			continue
		}
		if m := evidence.Marking(row.Marking); m.Stricter(strictest) {
			strictest = m
		}
	}
	return strictest, beyond
}

// Beyond tells whether a sentence rests on a source that the reader may not read.
func (w *Written) Beyond(s assessment.Sentence) bool {
	_, beyond := w.Under(s.Line, s.Facts)
	return beyond
}

// Unconfirmed counts the sentences that nobody stands by yet.
func (w *Written) Unconfirmed() int {
	n := 0
	for _, s := range w.Sentences {
		if _, ok := w.File.Assessment.Said[s.ID]; !ok {
			n++
		}
	}
	return n
}

// Written reads the written assessment. Until the adviser's own view is on
// record there is none to see; an adviser sees it after recording their own.
func (a *App) Written(ctx context.Context, actor access.Actor, f *CaseFile) (*Written, error) {
	w := &Written{File: f, Sources: map[string]map[string]string{}}
	var err error
	if w.Facts, err = a.AssessFacts(ctx, actor, f); err != nil {
		return nil, err
	}
	w.Held = len(f.Assessment.Views) == 0 || actor.Has(access.RightsAdviser) && !f.OwnView
	if w.Held {
		return w, nil
	}
	w.Sentences = f.Assessment.Draft(w.Facts)
	if w.items, err = a.itemsUnder(ctx, actor, f.Assessment); err != nil {
		return nil, err
	}
	in := a.Input(f)
	for _, l := range in.Lines {
		sources := map[string]string{}
		for name, x := range assessment.FactsOf(w.Facts.Pack, &in, l.ID, w.Facts.Destinations) {
			if x.Source != "" {
				sources[name] = strings.TrimSpace(x.Source + " " + string(x.Date))
			}
		}
		w.Sources[l.ID] = sources
	}
	return w, nil
}

// itemsUnder reads the items of the library that facts of a case rest on, as far as
// the actor may read them.
func (a *App) itemsUnder(ctx context.Context, actor access.Actor, s *assessment.State) (map[string]store.EvidenceRow, error) {
	var ids []string
	for _, x := range s.Facts {
		if x.Item != "" && !slices.Contains(ids, x.Item) {
			ids = append(ids, x.Item)
		}
	}
	out := map[string]store.EvidenceRow{}
	if len(ids) == 0 {
		return out, nil
	}
	err := a.db.View(ctx, func(t *store.Tx) error {
		rows, err := t.ListEvidence(store.Evidence{Scope: access.ScopeOf(actor, access.EvidenceRead), IDs: ids, Limit: len(ids)})
		for _, r := range rows {
			out[r.ID] = r
		}
		return err
	})
	return out, fault.Wrap(err, "node: sources of a written assessment")
}

// WrittenDocument is the written assessment as it was signed. Before anybody
// signed it there is no document: what nobody confirmed enters none. It bears the
// strictest marking of what it rests on. A copy is made to be passed on, so what
// rests on a source marked red, or beyond the reader, is left out of it, and it says so.
func (a *App) WrittenDocument(ctx context.Context, actor access.Actor, id string, words Words) (letter.Document, error) {
	f, err := a.CaseFile(ctx, actor, id)
	if err != nil {
		return letter.Document{}, err
	}
	w, err := a.Written(ctx, actor, f)
	if err != nil {
		return letter.Document{}, err
	}
	s := f.Assessment
	switch {
	case w.Held:
		return letter.Document{}, fault.New(fault.Blocked, "assessment.draft.held")
	case s.Signed == nil:
		return letter.Document{}, fault.New(fault.Blocked, "assessment.draft.unsigned")
	}
	if err := a.noteSaved(ctx, f); err != nil {
		return letter.Document{}, err
	}
	facts := letter.AssessmentFacts{
		Head: letter.Head{
			Reference: f.Case.Reference, Date: deadline.DateOf(s.Signed.By.At, time.UTC), Language: words.Lang(),
			Authority: letter.Office{Name: a.cfg.Title, Lines: a.cfg.Address}, To: letter.Recipient{Name: letter.Name(words.T("letter.assessment.to"))},
			Signatory: letter.Signatory{Name: f.Name(s.Signed.By.Account), Role: words.T("letter.assessment.role")},
		},
		Title: f.Case.App().Title, Stale: s.Signed.Basis != f.Case.Basis || s.Completion == nil,
	}
	at, marking := map[string]int{}, evidence.Amber
	if f.Case.Compartment != "" {
		marking = evidence.AmberStrict
	}
	for _, id := range s.Signed.Sentences {
		said, ok := s.Said[id]
		if !ok {
			continue
		}
		i, ok := at[said.Line]
		if !ok {
			i = len(facts.Lines)
			at[said.Line] = i
			title := said.Line
			if l, ok := f.Case.App().Line(said.Line); ok {
				title = l.Description
			}
			facts.Lines = append(facts.Lines, letter.AssessedLine{Title: words.T("letter.assessment.line", "line", said.Line, "item", title)})
		}
		under, beyond := w.Under(said.Line, said.Facts)
		if beyond || under == evidence.Red {
			facts.Withheld++
			facts.Lines[i].Sentences = append(facts.Lines[i].Sentences, letter.SourcedSentence{Text: words.T("letter.assessment.withheld.sentence")})
			continue
		}
		if under.Stricter(marking) {
			marking = under
		}
		x := letter.SourcedSentence{Text: textOf(words, said.Text)}
		for _, name := range said.Facts {
			if source := w.Sources[said.Line][name]; source != "" {
				x.Sources = append(x.Sources, source)
			}
		}
		facts.Lines[i].Sentences = append(facts.Lines[i].Sentences, x)
	}
	facts.Marking = "TLP:" + strings.ToUpper(string(marking))
	for _, v := range s.Views {
		facts.Views = append(facts.Views, letter.Words{By: f.Name(v.Person), Text: words.T("letter.assessment.view",
			"likelihood", words.T("assessing.likelihood."+string(v.Likelihood)), "severity", v.Severity, "worry", textOf(words, v.Worry))})
	}
	for _, d := range s.Dissents {
		facts.Dissents = append(facts.Dissents, letter.Words{By: f.Name(d.By.Account), Text: textOf(words, d.Text)})
	}
	return letter.Assessment(words, facts), nil
}

// textOf is a person's text, or where it went.
func textOf(words Words, t assessment.Text) string {
	if t.Erased != nil {
		return words.T("ui.erased", "date", t.Erased.Time, "rule", t.Erased.Rule)
	}
	return t.Value
}
