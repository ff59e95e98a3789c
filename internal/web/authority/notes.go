package authority

import (
	"net/http"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui"
)

// notesTab is what people who work on a case tell one another, the latest first.
func (p *pages) notesTab(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.open(w, r); ok {
		p.drawNotes(w, r, http.StatusOK, v, ui.FormOf())
	}
}

func (p *pages) drawNotes(w http.ResponseWriter, r *http.Request, status int, v *caseView, form ui.Form) {
	var people []ui.Option
	if v.takes(access.CaseNote, "case.write_note") {
		err := p.App.Store().View(r.Context(), func(t *store.Tx) error {
			staff, err := t.Officers(access.RolesThat(access.CaseRead)...)
			for _, who := range staff {
				if who.ID != v.Reader.Account {
					people = append(people, ui.Option{Value: who.ID, Text: who.Display})
				}
			}
			return err
		})
		if err != nil {
			p.Fail(w, r, fault.Wrap(err, "authority: notes"))
			return
		}
	}
	p.draw(w, r, status, v, tabNotes, form, notesView(v, form, people))
}

func (p *pages) againNotes(w http.ResponseWriter, r *http.Request) func(int, *caseView, ui.Form) {
	return func(status int, v *caseView, form ui.Form) { p.drawNotes(w, r, status, v, form) }
}

func (p *pages) writeNote(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.answering(w, r); ok {
		cmd := licensing.WriteNote{On: licensing.On{Case: v.ID()}, Text: strings.TrimSpace(r.PostForm.Get("text")), Tell: r.PostForm["tell"]}
		p.send(w, r, v, cmd, "authority.notes.written", "notes", p.againNotes(w, r))
	}
}

func (p *pages) readNotes(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.answering(w, r); ok {
		p.send(w, r, v, licensing.ReadNotes{On: licensing.On{Case: v.ID()}}, "authority.notes.read", "notes", p.againNotes(w, r))
	}
}
