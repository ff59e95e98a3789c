// Package web puts the doors together into one site: each audience has its own
// mux and protections, and all share the door's sessions, headers and limits.
package web

import (
	"net/http"
	"time"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/web/authority"
	"github.com/comity-project/comity/internal/web/customs"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/evidence"
	"github.com/comity-project/comity/internal/web/exchange"
	"github.com/comity-project/comity/internal/web/exporter"
	"github.com/comity-project/comity/internal/web/followup"
	"github.com/comity-project/comity/internal/web/instruments"
	"github.com/comity-project/comity/internal/web/listing"
	"github.com/comity-project/comity/internal/web/public"
	"github.com/comity-project/comity/internal/web/rules"
	"github.com/comity-project/comity/internal/web/staff"
	"github.com/comity-project/comity/internal/web/statistics"
	"github.com/comity-project/comity/internal/web/ui"
)

// Options say how the site is served.
type Options struct {
	Catalogue *lang.Catalogue
	Zone      *time.Location
	Origins   []string // trusted besides our own, of a proxy in front
}

// Site is the handler of everything a browser sees.
func Site(d *door.Door, o Options) (http.Handler, error) {
	mux := http.NewServeMux()
	mux.Handle("GET /static/", ui.Static())
	d.Routes(mux)
	public.Routes(mux, d)
	exporter.Routes(mux, d)
	staff.Routes(mux, d)
	listing.Routes(mux, d)
	authority.Routes(mux, d)
	customs.Routes(mux, d)
	followup.Routes(mux, d)
	rules.Routes(mux, d)
	evidence.Routes(mux, d)
	exchange.Routes(mux, d)
	statistics.Routes(mux, d)
	instruments.Routes(mux, d)
	mux.HandleFunc("GET /home", func(w http.ResponseWriter, r *http.Request) {
		ui.SeeOther(w, r, door.HomeOf(door.Actor(r.Context())))
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		d.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
	})
	guarded, err := ui.SameOrigin(mux, d.Fail, o.Origins...)
	if err != nil {
		return nil, err
	}
	return ui.SecurityHeaders(ui.Localise(d.Recognise(guarded), o.Catalogue, o.Zone, d.States)), nil
}
