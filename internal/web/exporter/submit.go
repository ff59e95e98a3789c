package exporter

import (
	"net/http"
	"strings"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// submit sends an application, or a new version of one, when nothing is missing.
// What is missing is named, paragraph by paragraph.
func (p pages) submit(w http.ResponseWriter, r *http.Request, d *draft, b *builder) {
	ctx, actor := r.Context(), door.Actor(r.Context())
	if gaps := b.gaps(); len(gaps) > 0 {
		p.drawMissing(w, r, http.StatusConflict, d, b, ui.NewForm(nil, &lang.Problem{Message: door.T(r, "exporter.submit.missing", "count", len(gaps))}))
		return
	}
	app := d.app
	app.Declaration.At = p.App.Now()
	id, to := d.ID, "submitted"
	var cmd any = licensing.Submit{On: licensing.On{Case: d.ID}, Application: app}
	if d.Case != "" {
		id, to = d.Case, ""
		cmd = licensing.Amend{On: licensing.On{Case: d.Case}, Application: app, Why: d.why}
	}
	if err := p.App.Do(ctx, actor, cmd, onceOf(r)...); err != nil {
		p.Again(w, r, err, func(status int, form ui.Form) {
			s := b.sheet([]string{"declaration"})
			problem := *form.Problem()
			problem.Fields = nil // they name places in the application, not inputs of this page
			for i := range problem.Items {
				problem.Items[i].Where = draftPath(d.ID, "missing")
			}
			p.drawSheet(w, r, status, sheetPage{d: d, s: s, b: b, seen: digest(s.values), form: ui.NewForm(s.values, &problem)})
		})
		return
	}
	if to == "" {
		ui.SetFlash(w, r, ui.Flash{Key: "exporter.amend.done"})
		seeOther(w, r, casePath(id))
		return
	}
	seeOther(w, r, casePath(id, to))
}

// onceOf makes a command run once for one page, however often it is sent.
func onceOf(r *http.Request) []node.Option {
	if key := r.PostForm.Get("once"); key != "" && len(key) <= 64 {
		return []node.Option{node.Once(key)}
	}
	return nil
}

// perhapsSubmitted answers a declaration whose draft is gone: it was sent twice,
// or the browser went back.
func (p pages) perhapsSubmitted(w http.ResponseWriter, r *http.Request, id string, err error) {
	id, amended := strings.CutPrefix(id, amendPrefix)
	if _, _, failed := p.App.Application(r.Context(), door.Actor(r.Context()), id); failed != nil {
		p.Fail(w, r, err)
		return
	}
	if amended {
		seeOther(w, r, casePath(id))
		return
	}
	seeOther(w, r, casePath(id, "submitted"))
}

func (p pages) confirmed(w http.ResponseWriter, r *http.Request) {
	view, _, err := p.App.Application(r.Context(), door.Actor(r.Context()), r.PathValue("case"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	frame := p.frame(w, r, door.T(r, "exporter.submitted.title"), "applications")
	frame.Narrow = true
	ui.Render(w, r, http.StatusOK, confirmedView(frame, view))
}

// blockedHere turns a refused command about a submitted case into a form again,
// or into the failure page.
func (p pages) blockedHere(w http.ResponseWriter, r *http.Request, err error, draw func(status int, form ui.Form)) {
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Denied) {
		p.Fail(w, r, err)
		return
	}
	p.Again(w, r, err, draw)
}
