package exporter

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// dutyRoutes are the pages on which the holder reports on a condition.
func (p pages) dutyRoutes(in *http.ServeMux) {
	for _, of := range []string{"licences", "undertakings"} {
		duty := "/exporter/" + of + "/{licence}/duties/{condition}"
		in.HandleFunc("GET "+duty, p.dutyForm)
		in.HandleFunc("POST "+duty, p.reportDuty)
		in.HandleFunc("POST "+duty+"/files", p.uploadToDuty)
	}
	in.HandleFunc("GET /exporter/undertakings/{licence}", p.undertaking)
}

// dutyPage is the report on a duty that is being written. Its files go into the
// vault of the case that the licence came of.
func (p pages) dutyPage(w http.ResponseWriter, r *http.Request) (held heldPage, page casePage, draw drawCase, ok bool) {
	if held, ok = p.held(w, r); !ok {
		return held, page, nil, false
	}
	page = casePage{once: held.once, max: p.limit(), home: ownPath(held.licence)}
	page.view.ID = held.licence.Case
	return held, page, func(w http.ResponseWriter, r *http.Request, status int, page casePage, form ui.Form) {
		held.files, held.max = page.files, page.max
		p.drawHeld(w, r, status, heldView{title: "exporter.duties.report", draw: dutyReportView}, held, form)
	}, true
}

func draftOfDuty(held heldPage) string {
	return "duty-" + held.licence.ID + "-" + held.duty.Condition.ID + "-" + strconv.Itoa(held.duty.Number)
}

func (p pages) dutyForm(w http.ResponseWriter, r *http.Request) {
	held, page, draw, ok := p.dutyPage(w, r)
	if !ok {
		return
	}
	kept, _, err := p.answerDraft(r.Context(), door.Actor(r.Context()), draftOfDuty(held))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	page.files = kept.Documents
	draw(w, r, http.StatusOK, page, ui.NewForm(kept.Values, nil))
}

func (p pages) reportDuty(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	held, page, draw, ok := p.dutyPage(w, r)
	if !ok {
		return
	}
	number, _ := strconv.Atoi(r.PostForm.Get("number")) // the one that was shown, which may be sent already
	p.sendAnswer(w, r, page, draftOfDuty(held), []string{"text"}, "exporter.duties.reported", func(kept answerDraft) any {
		return licensing.ReportDuty{
			OnLicence: licensing.OnLicence{Licence: held.licence.ID, Undertaking: held.licence.Kind == licensing.KindUndertaking},
			Condition: held.duty.Condition.ID, Number: number, Said: strings.TrimSpace(kept.Values.Get("text")), Documents: kept.Documents,
		}
	}, draw)
}

func (p pages) uploadToDuty(w http.ResponseWriter, r *http.Request) {
	if held, page, draw, ok := p.dutyPage(w, r); ok {
		p.uploadTo(w, r, page, draftOfDuty(held), ownPath(held.licence, "duties", held.duty.Condition.ID), "duty", draw)
	}
}

// undertaking is what the company undertook in a case, and what it owes by it.
func (p pages) undertaking(w http.ResponseWriter, r *http.Request) {
	page, ok := p.held(w, r)
	if !ok {
		return
	}
	e, err := p.App.Engines(r.Context())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	p.heldFrame(w, r, &page, door.T(r, "exporter.undertaking.title"))
	ui.Render(w, r, http.StatusOK, undertakingView(page, string(e.Calendar.Day(p.App.Now()))))
}

// undertook tells whether a decision lets something go under an undertaking.
func undertook(d *licensing.Told) bool {
	return slices.ContainsFunc(d.Lines, func(l licensing.LineOutcome) bool { return l.Outcome == licensing.Undertaken })
}
