package exporter

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// contest is what an appeal is about: the decision in force, or a measure on its
// licence.
type contest struct {
	Measure int64 // number in the ledger; 0: the decision
	At      time.Time
	Until   time.Time
}

// appealPath is where an appeal is written.
func appealPath(id string, measure int64, rest ...string) string {
	path := casePath(id, append([]string{"appeal"}, rest...)...)
	if measure != 0 {
		path += "?measure=" + strconv.FormatInt(measure, 10)
	}
	return path
}

// contests are what can be contested still, of a case and its licence.
func (p pages) contests(ctx context.Context, v licensing.ApplicantView, held *licensing.Licence) ([]contest, error) {
	if v.Decision == nil || v.Standing != "decided" {
		return nil, nil
	}
	until, err := p.App.AppealPeriod(ctx)
	if err != nil {
		return nil, err
	}
	done := map[contest]bool{}
	for _, a := range v.Appeals {
		done[contest{Measure: a.Measure, At: v.Decision.At}] = a.Decision == v.Decision.Number
	}
	var out []contest
	now := p.App.Now()
	add := func(c contest, already bool) {
		if !already && now.Before(c.Until) {
			out = append(out, c)
		}
	}
	c := contest{At: v.Decision.At, Until: v.Decision.Contest}
	if c.Until.IsZero() {
		c.Until = until(c.At)
	}
	add(c, done[contest{At: c.At}])
	if held != nil && held.ID == v.Decision.Licence {
		for _, m := range held.Contestable() {
			add(contest{Measure: m.Seq, At: m.At, Until: until(m.At)}, done[contest{Measure: m.Seq, At: v.Decision.At}])
		}
	}
	return out, nil
}

// appealPage finds what is contested; what can't be any more is not found.
func (p pages) appealPage(w http.ResponseWriter, r *http.Request) (casePage, bool) {
	page, ok := p.view(w, r)
	if !ok {
		return page, false
	}
	measure, _ := strconv.ParseInt(r.URL.Query().Get("measure"), 10, 64)
	var held *licensing.Licence
	var err error
	if measure != 0 && page.view.Decision != nil && page.view.Decision.Licence != "" {
		held, _, err = p.App.HeldLicence(r.Context(), door.Actor(r.Context()), page.view.Decision.Licence)
	}
	if err == nil {
		page.contests, err = p.contests(r.Context(), page.view, held)
	}
	if err != nil {
		p.Fail(w, r, err)
		return page, false
	}
	for _, c := range page.contests {
		if c.Measure == measure {
			page.contest = c
			return page, true
		}
	}
	p.Fail(w, r, notFound())
	return page, false
}

func draftOfAppeal(page casePage) string {
	return "appeal-" + page.view.ID + "-" + strconv.FormatInt(page.contest.Measure, 10) + "-" + strconv.Itoa(page.view.Decision.Number)
}

func (p pages) appeal(w http.ResponseWriter, r *http.Request) {
	page, ok := p.appealPage(w, r)
	if !ok {
		return
	}
	kept, _, err := p.answerDraft(r.Context(), door.Actor(r.Context()), draftOfAppeal(page))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	page.files = kept.Documents
	p.drawAppeal(w, r, http.StatusOK, page, ui.NewForm(kept.Values, nil))
}

func (p pages) drawAppeal(w http.ResponseWriter, r *http.Request, status int, page casePage, form ui.Form) {
	page.form = form
	p.caseFrame(w, r, &page, door.T(r, "exporter.appeal.title"))
	page.frame.Narrow = true
	ui.Render(w, r, status, appealView(page))
}

func (p pages) lodgeAppeal(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	page, ok := p.appealPage(w, r)
	if !ok {
		return
	}
	p.sendAnswer(w, r, page, draftOfAppeal(page), []string{"text"}, "exporter.appeal.sent", func(kept answerDraft) any {
		return licensing.LodgeAppeal{On: licensing.On{Case: page.view.ID}, Appeal: page.once, Measure: page.contest.Measure, Text: kept.Values.Get("text"), Documents: kept.Documents}
	}, p.drawAppeal)
}

func (p pages) uploadToAppeal(w http.ResponseWriter, r *http.Request) {
	page, ok := p.appealPage(w, r)
	if !ok {
		return
	}
	p.uploadTo(w, r, page, draftOfAppeal(page), appealPath(page.view.ID, page.contest.Measure), "appeal", p.drawAppeal)
}

// withdrawAppeal answers the form on the page of the case.
func (p pages) withdrawAppeal(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	page, ok := p.view(w, r)
	if !ok {
		return
	}
	cmd := licensing.WithdrawAppeal{On: licensing.On{Case: page.view.ID}, Appeal: r.PostForm.Get("appeal"), Why: strings.TrimSpace(r.PostForm.Get("why"))}
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), cmd, onceOf(r)...); err != nil {
		p.blockedHere(w, r, err, func(status int, form ui.Form) { p.drawStanding(w, r, status, page, form) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "exporter.appeal.withdraw_done"})
	seeOther(w, r, casePath(page.view.ID))
}
