// Package listing is the door to lists: lists of parties with their versions and
// differences, control lists to read and compare, searching the lists outside a
// case, and what was searched. Officers, list keepers and administrators share
// its pages; exporters have the search alone.
package listing

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

type pages struct{ *door.Door }

// pageSize is how many rows a page shows at once.
const pageSize = 50

// Routes adds the pages.
func Routes(mux *http.ServeMux, d *door.Door) {
	p := pages{d}
	page := func(pattern string, act access.Act, f http.HandlerFunc) {
		mux.Handle(pattern, d.Require(p.may(act, f), access.Roles()...))
	}
	page("GET /lists", access.ListRead, p.lists)
	page("GET /lists/{list}", access.ListRead, p.list)
	page("POST /lists/{list}/review", access.ListReview, p.review)
	page("POST /lists/{list}/objections", access.ListCorrect, p.object)
	page("POST /lists/{list}/objections/{id}", access.ListCorrect, p.answer)
	page("GET /lists/{list}/{version}", access.ListRead, p.version)
	page("POST /lists/{list}/{version}", access.ListRead, p.settle)

	page("GET /controls", access.ListRead, p.controls)
	page("GET /controls/classify", access.ListRead, p.classifyForm)
	page("POST /controls/classify", access.ListRead, p.classify)
	page("GET /controls/{list}", access.ListRead, p.entry)
	page("GET /controls/{list}/changes", access.ListRead, p.changes)
	page("GET /controls/{list}/touched", access.ListRead, p.touched)

	page("GET /screen", access.ScreenRun, p.screenForm)
	page("POST /screen", access.ScreenRun, p.screen)
	page("GET /screen/files", access.ScreenRun, p.files)
	page("POST /screen/files", access.ScreenRun, p.sendFile)
	page("GET /screen/files/template.csv", access.ScreenRun, p.template)
	page("GET /screen/files/{file}", access.ScreenRun, p.file)
	page("GET /screen/files/{file}/results", access.ScreenRun, p.results)
	page("POST /screen/files/{file}/remove", access.ScreenRun, p.removeFile)
	page("GET /watch", access.CaseRead, p.watches)
	page("GET /watch/{case}", access.CaseRead, p.watch)
	page("POST /watch/{case}", access.CaseResolve, p.settleWatch)
	page("GET /screenings", access.ScreenAudit, p.screenings)
}

// may lets in who may do the act; what they may do to the one thing of the page,
// the node asks again.
func (p pages) may(act access.Act, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !access.Can(door.Actor(r.Context()), act, access.Thing{}) {
			p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
			return
		}
		next(w, r)
	})
}

func (p pages) frame(w http.ResponseWriter, r *http.Request, current, title string) ui.Frame {
	actor := door.Actor(r.Context())
	if actor.Has(access.ExporterUser) {
		f := p.Frame(w, r, ui.Exporter, title)
		f.Nav, f.Current = door.ExporterNav(), current
		return f
	}
	f := p.Frame(w, r, ui.Authority, title)
	f.Nav, f.Current = door.Nav(actor), current
	return f
}

// engines gives the engines in use. A page asks for them while they are being
// loaded waits a moment, then says so.
func (p pages) engines(r *http.Request) (*node.Engines, error) {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	e, err := p.App.Engines(ctx)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "listing.loading").Because(err)
	}
	return e, nil
}

func listHref(list string, rest ...string) string {
	out := "/lists/" + url.PathEscape(list)
	for _, s := range rest {
		out += "/" + url.PathEscape(s)
	}
	return out
}

// published is a date as a source gave it, in the reader's words.
func published(ctx context.Context, iso string) string {
	d, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return ui.T(ctx, "listing.no_date")
	}
	return ui.P(ctx).Day(d.Year(), d.Month(), d.Day())
}

// age is how many days lie between a date and now; "" where there is no date.
func age(ctx context.Context, iso string, now time.Time) string {
	d, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return ""
	}
	return ui.T(ctx, "listing.days", "count", max(0, int(now.Sub(d).Hours()/24)))
}

// window cuts a page out of a document that does not change: rows are counted.
func window[T any](all []T, r *http.Request, href string) ([]T, ui.Pages) {
	from, _ := strconv.Atoi(r.URL.Query().Get("after"))
	from = max(0, min(from, len(all)))
	to := min(len(all), from+pageSize)
	pg := ui.Pages{Shown: to - from, Total: lang.From(r.Context()).Int(int64(len(all)))}
	if to < len(all) {
		pg.Next = href + "&after=" + strconv.Itoa(to)
	}
	if from > 0 {
		pg.Prev = href
		if from > pageSize {
			pg.Prev += "&after=" + strconv.Itoa(from-pageSize)
		}
	}
	return all[from:to], pg
}
