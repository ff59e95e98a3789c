package authority

import (
	"net/http"

	"github.com/comity-project/comity/internal/web/ui"
)

// caseRoutes are the tabs of a case and what is done on them.
func (p *pages) caseRoutes(on on) {
	on("GET /cases/{case}", p.overviewTab)
	on("GET /cases/{case}/documents", p.documentsTab)
	on("GET /cases/{case}/documents/{document}", p.download)
}

func (p *pages) overviewTab(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.open(w, r); ok {
		p.drawOverview(w, r, http.StatusOK, v, ui.FormOf())
	}
}

func (p *pages) drawOverview(w http.ResponseWriter, r *http.Request, status int, v *caseView, form ui.Form) {
	p.draw(w, r, status, v, tabOverview, form, documentsView(v, nil))
}
