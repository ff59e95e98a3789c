package node

import (
	"context"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/letter"
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

// WrittenDocument is the written assessment as it was signed. Before anybody
// signed it there is no document: what nobody confirmed enters none.
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
	facts := letter.AssessmentFacts{
		Head: letter.Head{
			Reference: f.Case.Reference, Date: deadline.DateOf(s.Signed.By.At, time.UTC), Language: words.Lang(),
			Authority: letter.Office{Name: a.cfg.Title, Lines: a.cfg.Address}, To: letter.Recipient{Name: letter.Name(words.T("letter.assessment.to"))},
			Signatory: letter.Signatory{Name: f.Name(s.Signed.By.Account), Role: words.T("letter.assessment.role")},
		},
		Title: f.Case.App().Title, Stale: s.Signed.Basis != f.Case.Basis || s.Completion == nil,
	}
	at := map[string]int{}
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
		x := letter.SourcedSentence{Text: textOf(words, said.Text)}
		for _, name := range said.Facts {
			if source := w.Sources[said.Line][name]; source != "" {
				x.Sources = append(x.Sources, source)
			}
		}
		facts.Lines[i].Sentences = append(facts.Lines[i].Sentences, x)
	}
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
