package authority

import (
	"context"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui"
)

// library is what the library holds for one line of a case, as far as the reader
// may see it: the briefs on its destination and end user, and the sources that a
// fact may rest on.
type library struct {
	Briefs    []store.BriefRow
	Questions []store.QuestionRow          // put to embassies and departments for the case
	Items     map[string]store.EvidenceRow // that facts of the case rest on
	Citing    []store.EvidenceRow          // that a new fact may rest on
}

// askHref is the form by which an embassy or a department is asked for a fact of
// the case, "" where the reader may not.
func (a *assessed) askHref(fact, question string) string {
	if !a.open() || !access.Can(a.Reader, access.EvidenceKeep, access.Thing{Compartment: a.Case.Compartment}) {
		return ""
	}
	return "/questions/new?" + query("case", a.ID(), "fact", fact, "text", question, "country", a.Report.Destination, "compartment", a.Case.Compartment)
}

// silent are the questions on a fact that nobody has answered.
func (a *assessed) silent(fact string) (out []store.QuestionRow) {
	for _, q := range a.Library.Questions {
		if q.Fact == fact && q.State != "answered" {
			out = append(out, q)
		}
	}
	return out
}

// maxCiting bounds the sources that a form offers.
const maxCiting = 60

// readLibrary reads it, in four statements at most.
func (p *pages) readLibrary(ctx context.Context, a *assessed, citing bool) (l library, err error) {
	scope := access.ScopeOf(a.Reader, access.EvidenceRead)
	register := ""
	for _, x := range a.Case.App().Parties {
		if x.ID == a.Report.User {
			register = x.Register
		}
	}
	subjects := []string{}
	for _, s := range []string{a.Report.Destination, register} {
		if s != "" {
			subjects = append(subjects, s)
		}
	}
	var rests []string
	for _, f := range a.Assessment.Facts {
		if f.Item != "" {
			rests = append(rests, f.Item)
		}
	}
	l.Items = map[string]store.EvidenceRow{}
	err = p.App.Store().View(ctx, func(t *store.Tx) (err error) {
		if l.Questions, err = t.ListQuestions(store.Questions{Scope: scope, Case: a.ID(), Limit: maxCiting}); err != nil {
			return err
		}
		if l.Briefs, err = t.ListBriefs(store.Briefs{Scope: scope, Subjects: subjects, Limit: 10}); err != nil {
			return err
		}
		if len(rests) > 0 {
			rows, err := t.ListEvidence(store.Evidence{Scope: scope, IDs: rests, Limit: maxCiting})
			if err != nil {
				return err
			}
			for _, r := range rows {
				l.Items[r.ID] = r
			}
		}
		if citing {
			l.Citing, err = t.ListEvidence(store.Evidence{Scope: scope, Country: a.Report.Destination, State: "standing", Today: string(a.today()), Limit: maxCiting})
		}
		return err
	})
	return l, fault.Wrap(err, "authority: library")
}

// today is the day as of which sources are looked at.
func (a *assessed) today() deadline.Date { return deadline.DateOf(a.Now, a.Calendar.Location()) }

// citable are the sources that a new fact of the case may rest on, as options.
func (a *assessed) citable(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, r := range a.Library.Citing {
		if r.Compartment == "" || r.Compartment == a.Case.Compartment {
			out = append(out, ui.Option{Value: r.ID, Text: strings.Join([]string{r.Title, r.Source, ui.P(ctx).DayOf(r.Published), r.Grade}, " · ")})
		}
	}
	return out
}

// briefName is what a brief is called: its country or party.
func briefName(ctx context.Context, b store.BriefRow) string {
	if b.About == string(evidence.Destination) {
		return ui.T(ctx, "evidence.brief.of.destination", "name", ui.P(ctx).Country(b.Subject))
	}
	return ui.T(ctx, "evidence.brief.of.end_user", "name", b.Name)
}
