// Package public is the door without a lock: what anybody may see.
package public

import (
	"net/http"

	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

type pages struct{ *door.Door }

// Routes adds the public pages.
func Routes(mux *http.ServeMux, d *door.Door) {
	p := pages{d}
	mux.HandleFunc("GET /{$}", p.front)
}

func (p pages) frame(w http.ResponseWriter, r *http.Request, key string) ui.Frame {
	return p.Frame(w, r, ui.Public, lang.From(r.Context()).T(key))
}

func (p pages) front(w http.ResponseWriter, r *http.Request) {
	ui.Render(w, r, http.StatusOK, frontView(p.frame(w, r, "public.front.title"), p.Node))
}
