// Package public is the door without a lock: what anybody may see.
package public

import (
	"net/http"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/lists/register"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

type pages struct{ *door.Door }

// Routes adds the public pages.
func Routes(mux *http.ServeMux, d *door.Door) {
	p := pages{d}
	mux.HandleFunc("GET /{$}", p.front)
	p.checkRoutes(mux)
	p.signRoutes(mux)

	limited := http.HandlerFunc(p.register)
	mux.HandleFunc("GET /register", p.registerPage)
	mux.Handle("POST /register", door.Limit(limited, registerEvery, registerBurst, p.tooMany))
	mux.HandleFunc("GET /register/done", p.registered)

	mux.HandleFunc("GET /states", p.states)
	mux.HandleFunc("GET /states/{code}", p.state)
	mux.HandleFunc("GET /states.json", p.export("json", "application/json", register.Register.ExportJSON))
	mux.HandleFunc("GET /states.csv", p.export("csv", "text/csv; charset=utf-8", register.Register.ExportCSV))
	keeper := func(pattern string, f http.HandlerFunc) {
		mux.Handle(pattern, d.Require(p.mayImport(f), access.Roles()...))
	}
	keeper("GET /states/import", p.importPage)
	keeper("POST /states/import", p.preview)
	keeper("POST /states/adopt", p.adopt)
}

// mayImport lets in who may take in lists.
func (p pages) mayImport(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !keeps(r) {
			p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
			return
		}
		next(w, r)
	})
}

func (p pages) frame(w http.ResponseWriter, r *http.Request, key string) ui.Frame {
	f := p.Frame(w, r, ui.Public, lang.From(r.Context()).T(key))
	f.Nav = door.PublicNav()
	return f
}

func (p pages) front(w http.ResponseWriter, r *http.Request) {
	ui.Render(w, r, http.StatusOK, frontView(p.frame(w, r, "public.front.title"), p.Node))
}
