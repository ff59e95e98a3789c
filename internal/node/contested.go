package node

import (
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/letter"
	"github.com/comity-project/comity/internal/licensing"
)

// reviewDays are the working days until the word on an appeal, where the pack has
// no period "appeal_review".
const reviewDays = 20

// contestFacts are the periods of an appeal, and the licence of the decision in
// force.
func (t *Tx) contestFacts(c *licensing.Case, f *licensing.Facts, e *Engines) (err error) {
	f.AppealPeriod, f.ReviewDays = periodOf(e.Pack, "appeal_period"), reviewDays
	if x, ok := e.Pack.Period("appeal_review"); ok {
		f.ReviewDays = x.Days
	}
	if d := c.Decision; d != nil && d.Licence != "" {
		f.Licence, _, err = load[*licensing.Licence](t, event.StreamOf(kindLicence, d.Licence))
	}
	return err
}

// lodgeAppeal takes the documents that came with an appeal.
func lodgeAppeal(t *Tx, cmd licensing.LodgeAppeal, e *Engines) error {
	return t.withDocuments(cmd, cmd.Documents, func() error { return onCase(t, cmd, e) })
}

// contested are the letters about appeals, and about a decision that is taken
// anew.
func (w *letterWriter) contested(v licensing.ApplicantView, kind licensing.LetterKind) []written {
	f := letter.ContestFacts{Contact: w.a.cfg.Contact}
	if kind == licensing.LetterReopened {
		n := len(w.c.Rounds)
		if n == 0 {
			return nil
		}
		x := w.c.Rounds[n-1] // of which the applicant reads what was written for them alone
		f.Kind, f.Head, f.Told, f.Anew = letter.KindReopened, w.head(x.At, ""), letter.Releasable(x.Words.Told), true
		return []written{{kind: kind, doc: letter.Contest(w.p, f)}}
	}
	if len(v.Appeals) == 0 {
		return nil
	}
	a := v.Appeals[len(v.Appeals)-1]
	f.Measure = a.Measure != 0
	if kind == licensing.LetterAppeal {
		f.Kind, f.Head, f.On, f.By = letter.KindAppeal, w.head(a.At, ""), w.day(a.At), w.day(v.Due)
		return []written{{kind: kind, doc: letter.Contest(w.p, f)}}
	}
	if a.Result == "" {
		return nil
	}
	f.Kind, f.Head, f.On, f.Result, f.Told = letter.KindAppealDecision, w.head(a.Ended, ""), w.day(a.At), string(a.Result), letter.Releasable(a.Words.Told)
	f.Anew = a.Measure == 0 && a.Result != licensing.Upheld
	return []written{{kind: kind, doc: letter.Contest(w.p, f)}}
}
