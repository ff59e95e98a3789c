package authority

import (
	"net/http"
	"slices"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// toldRoutes are the page on which it is said what of other states' facts stands
// behind what is told outside the authority.
func (p *pages) toldRoutes(on on) {
	on("GET /cases/{case}/told", p.toldPage)
	on("POST /cases/{case}/told", p.settleTold)
}

func (p *pages) toldPage(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.open(w, r); ok {
		p.drawTold(w, r, http.StatusOK, v, ui.FormOf())
	}
}

func (p *pages) drawTold(w http.ResponseWriter, r *http.Request, status int, v *caseView, form ui.Form) {
	facts, err := p.App.Resting(r.Context(), v.Reader, v.CaseFile)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	p.draw(w, r, status, v, tabOverview, form, toldView(v, form, facts))
}

func (p *pages) settleTold(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.answering(w, r); ok {
		fact := r.PostForm.Get("fact")
		cmd := dispatch.Settle{Case: v.ID(), Fact: event.Stream(fact), Standing: r.PostForm.Get("standing." + fact), How: r.PostForm.Get("how." + fact)}
		opts, err := seenBy(r.PostForm, v.ID(), cmd)
		if err == nil {
			err = p.App.Do(r.Context(), v.Reader, cmd, opts...)
		}
		if err != nil {
			err = door.Renamed(door.Renamed(err, "standing", "standing."+fact), "how", "how."+fact)
			p.refuse(w, r, v, err, func(status int, v *caseView, form ui.Form) { p.drawTold(w, r, status, v, form) })
			return
		}
		ui.SetFlash(w, r, ui.Flash{Key: "exchange.told.done"})
		ui.SeeOther(w, r, v.href("told"))
	}
}

// cites tells whether a fact of the assessment rests on a source of the library:
// it may be another state's.
func (v *caseView) cites() bool {
	return slices.ContainsFunc(v.Assessment.Facts, func(f assessment.FactState) bool { return f.Item != "" && f.Stands() })
}

// standing is where a fact stands: unsettled, or what was said, with how far
// consent has come.
func standing(r node.Resting) (key string, tone ui.Tone) {
	switch {
	case r.Settled.Standing == "" && r.Shut:
		return "exchange.told.shut", ui.Plain
	case r.Settled.Standing == "":
		return "exchange.told.unsettled", ui.Needs
	case r.Settled.Standing == dispatch.LeftOut:
		return "exchange.told.left_out", ui.Plain
	case r.Settled.Standing == dispatch.Consented, r.Consent:
		return "exchange.told.consented", ui.Verified
	case r.Refused:
		return "exchange.told.refused", ui.Bad
	case r.Asked:
		return "exchange.told.asked", ui.Needs
	}
	return "exchange.told.unasked", ui.Needs
}
