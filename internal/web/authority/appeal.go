package authority

import (
	"net/http"
	"slices"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
)

// appealRoutes are what follows a decision: an appeal and its review, and to open
// a decided case again.
func (p *pages) appealRoutes(on on) {
	p.caseForms(on, []caseForm{
		{name: "decision/review", tab: tabDecision, act: access.CaseAssign, command: "case.assign_review", view: reviewForm, cmd: reviewCommand, done: "deciding.review.done", where: "decision#appeals"},
		{name: "decision/appeal", tab: tabDecision, act: access.CaseDecide, command: "case.decide_appeal", view: appealForm, cmd: appealCommand, done: "deciding.appeal.done", where: "decision#appeals"},
		{name: "decision/reopen", tab: tabDecision, act: access.CaseReopen, command: "case.reopen", view: reopenForm, cmd: reopenCommand, done: "deciding.reopen.done", where: "decision"},
	})
}

// loadReviewers finds who may be asked to review the appeal: all who decide, but
// those who had a part in what is contested or keep out.
func (p *pages) loadReviewers(s *sheet, r *http.Request) error {
	if s.Case.Stage != licensing.AppealStage {
		return nil
	}
	return p.App.Store().View(r.Context(), func(t *store.Tx) error {
		l := &licensing.Licence{}
		if d := s.Case.Decision; d.Licence != "" {
			if _, err := t.Load(licensing.OnLicence{Licence: d.Licence}.Stream(), l); err != nil {
				return err
			}
		}
		officers, err := t.Officers(access.RolesThat(access.CaseDecide)...)
		s.Reviewers = slices.DeleteFunc(officers, func(a store.AccountRow) bool { return s.Case.TookPart(a.ID, l) || s.Case.RecusalOf(a.ID) != nil })
		s.Contested = l
		return err
	})
}

func reviewCommand(_ *pages, s *sheet, r *http.Request) (any, error) {
	c := licensing.AssignReview{On: licensing.On{Case: s.ID()}, Reviewers: r.PostForm["reviewers"]}
	if a := s.Case.Appeal(); a != nil {
		c.Appeal = a.ID
	}
	return c, nil
}

func appealCommand(_ *pages, s *sheet, r *http.Request) (any, error) {
	c := licensing.DecideAppeal{On: licensing.On{Case: s.ID()}, Result: licensing.AppealResult(field(r, "result")), Reasons: field(r, "reasons"), Told: field(r, "told")}
	a := s.Case.Appeal()
	if a == nil {
		return c, nil
	}
	c.Appeal = a.ID
	bad := fault.New(fault.Invalid, "assessment.invalid")
	if c.Result == licensing.Varied {
		if a.Measure != 0 {
			c.Lines = r.PostForm["lines"]
		} else {
			c.Outcomes = outcomesIn(s, r, bad)
		}
	}
	return c, bad.Or()
}

func reopenCommand(_ *pages, s *sheet, r *http.Request) (any, error) {
	return licensing.Reopen{On: licensing.On{Case: s.ID()}, Ground: licensing.ReopenGround(field(r, "ground")), Why: field(r, "why"), Told: field(r, "told")}, nil
}

// reviews tells whether the reader was asked to review the appeal.
func (v *caseView) reviews() bool {
	a := v.Case.Appeal()
	return a != nil && slices.Contains(a.Reviewers, v.Reader.Account)
}

// formerDecisions are the decisions beside the one that is shown as in force, the
// last first.
func (v *caseView) formerDecisions() []licensing.Decision {
	out := v.Case.Decisions()
	if v.Case.Again() == nil && len(out) > 0 {
		out = out[:len(out)-1]
	}
	slices.Reverse(out)
	return out
}
