// Package statistics is the door to statistics: a year's exact figures for those
// who may read the cases behind them, and the published reports for everybody,
// as pages, as PDF and as CSV.
package statistics

import (
	"net/http"
	"strconv"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/letter"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/statistics"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

type pages struct{ *door.Door }

// Routes adds the pages.
func Routes(mux *http.ServeMux, d *door.Door) {
	p := pages{d}
	staff := func(pattern string, f http.HandlerFunc) {
		mux.Handle(pattern, d.Require(p.readers(f), access.Roles()...))
	}
	staff("GET /statistics", p.own)
	staff("POST /statistics/count", p.count)
	staff("GET /statistics/publish", p.preview)
	staff("POST /statistics/publish", p.publish)

	mux.HandleFunc("GET /reports", p.reports)
	mux.HandleFunc("GET /reports/{year}", p.report)
	mux.HandleFunc("GET /reports/{year}/{file}", p.file)
}

// readers lets in who may read figures.
func (p pages) readers(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !access.Can(door.Actor(r.Context()), access.StatisticsRead, access.Thing{}) {
			p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
			return
		}
		next(w, r)
	})
}

func (p pages) staffFrame(w http.ResponseWriter, r *http.Request, title string, crumbs ...ui.Link) ui.Frame {
	f := p.Frame(w, r, ui.Authority, title)
	f.Nav, f.Current = door.Nav(door.Actor(r.Context())), "statistics"
	if len(crumbs) > 0 {
		f.Crumbs = append(crumbs, ui.Link{Text: title})
	}
	return f
}

// ownView is the reader's latest count of a year.
type ownView struct {
	Year, This int
	Run        *node.YearCount
	Report     *statistics.Report // of the run; nil while it runs
	Publisher  bool
	Once       string
}

func (v ownView) running() bool { return v.Run != nil && v.Run.Ended.IsZero() }
func (v ownView) failed() bool  { return v.Run != nil && v.Run.Problem != "" }

// yearOf is the year that a request is about: this one where it names none.
func (p pages) yearOf(r *http.Request, text string) (year, this int) {
	this = p.App.Now().In(ui.P(r.Context()).Zone()).Year()
	year, err := strconv.Atoi(text)
	if err != nil || year < this-100 || year > this+1 {
		return this, this
	}
	return year, this
}

func (p pages) own(w http.ResponseWriter, r *http.Request) {
	v := ownView{Once: node.NewID(), Publisher: access.Can(door.Actor(r.Context()), access.StatisticsPublish, access.Thing{})}
	v.Year, v.This = p.yearOf(r, r.URL.Query().Get("year"))
	var err error
	if v.Run, err = p.App.YearCountOf(r.Context(), door.Actor(r.Context()), v.Year, false); err != nil {
		p.Fail(w, r, err)
		return
	}
	if v.Run != nil && v.Run.Figures != nil {
		v.Report = v.Run.Figures.Exact()
	}
	frame := p.staffFrame(w, r, door.T(r, "statistics.title"))
	ui.Render(w, r, http.StatusOK, ownPage(frame, v))
}

// count has a year counted and goes back to where it was asked for.
func (p pages) count(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	year, _ := p.yearOf(r, r.PostForm.Get("year"))
	public := r.PostForm.Get("public") == "yes"
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), node.CountYear{ID: node.NewID(), Year: year, Public: public}, node.Once(r.PostForm.Get("once"))); err != nil {
		p.Fail(w, r, err)
		return
	}
	to := "/statistics?year="
	if public {
		to = "/statistics/publish?year="
	}
	ui.SetFlash(w, r, ui.Flash{Tone: ui.Info, Key: "statistics.counting"})
	ui.SeeOther(w, r, to+strconv.Itoa(year))
}

// publishView is what would be told of a year, and what was.
type publishView struct {
	Year, This  int
	Run         *node.YearCount
	Editions    int // published before
	Form        ui.Form
	Once, Again string
}

func (v publishView) running() bool { return v.Run != nil && v.Run.Ended.IsZero() }

func (p pages) preview(w http.ResponseWriter, r *http.Request) {
	year, _ := p.yearOf(r, r.URL.Query().Get("year"))
	p.drawPreview(w, r, http.StatusOK, year, ui.FormOf())
}

func (p pages) drawPreview(w http.ResponseWriter, r *http.Request, status, year int, form ui.Form) {
	actor := door.Actor(r.Context())
	if !access.Can(actor, access.StatisticsPublish, access.Thing{}) {
		p.Fail(w, r, fault.New(fault.Denied, "fault.denied"))
		return
	}
	v := publishView{Year: year, Form: form, Once: node.NewID(), Again: node.NewID()}
	_, v.This = p.yearOf(r, "")
	var err error
	if v.Run, err = p.App.YearCountOf(r.Context(), actor, year, true); err != nil {
		p.Fail(w, r, err)
		return
	}
	e, err := p.App.PublishedReport(r.Context(), year, 0)
	switch {
	case err == nil:
		v.Editions = e.Number
	case !fault.Is(err, fault.NotFound):
		p.Fail(w, r, err)
		return
	}
	frame := p.staffFrame(w, r, door.T(r, "statistics.publish.title", "year", strconv.Itoa(year)), ui.Link{Text: door.T(r, "statistics.title"), Href: "/statistics?year=" + strconv.Itoa(year)})
	frame.Form = &form
	ui.Render(w, r, status, publishPage(frame, v))
}

func (p pages) publish(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	year, _ := p.yearOf(r, r.PostForm.Get("year"))
	cmd := node.PublishStatistics{Run: r.PostForm.Get("run"), Year: year, Note: r.PostForm.Get("note")}
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), cmd, node.Once(r.PostForm.Get("once"))); err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawPreview(w, r, status, year, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Tone: ui.Info, Key: "statistics.published"})
	ui.SeeOther(w, r, "/reports/"+strconv.Itoa(year))
}

func (p pages) publicFrame(w http.ResponseWriter, r *http.Request, title string) ui.Frame {
	f := p.Frame(w, r, ui.Public, title)
	f.Nav, f.Current = door.PublicNav(), "statistics"
	return f
}

// reports lists the years of which a report was published.
func (p pages) reports(w http.ResponseWriter, r *http.Request) {
	years, err := p.App.PublishedYears(r.Context())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	ui.Render(w, r, http.StatusOK, reportsPage(p.publicFrame(w, r, door.T(r, "statistics.reports")), years))
}

// edition finds the report that a request names; it answers itself where there
// is none.
func (p pages) edition(w http.ResponseWriter, r *http.Request) *statistics.Edition {
	year, err := strconv.Atoi(r.PathValue("year"))
	number := 0
	if q := r.URL.Query().Get("edition"); err == nil && q != "" {
		if number, err = strconv.Atoi(q); number < 1 {
			err = strconv.ErrRange
		}
	}
	if err != nil || year < 1 || year > 9999 {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return nil
	}
	e, err := p.App.PublishedReport(r.Context(), year, number)
	if err != nil {
		p.Fail(w, r, err)
		return nil
	}
	return e
}

func (p pages) report(w http.ResponseWriter, r *http.Request) {
	e := p.edition(w, r)
	if e == nil {
		return
	}
	frame := p.publicFrame(w, r, door.T(r, "statistics.report", "year", strconv.Itoa(e.Report.Year)))
	frame.Crumbs = []ui.Link{{Text: door.T(r, "statistics.reports"), Href: "/reports"}, {Text: strconv.Itoa(e.Report.Year)}}
	ui.Render(w, r, http.StatusOK, reportPage(frame, e))
}

// file gives a report as a file.
func (p pages) file(w http.ResponseWriter, r *http.Request) {
	e := p.edition(w, r)
	if e == nil {
		return
	}
	var body []byte
	var media string
	var err error
	switch r.PathValue("file") {
	case "report.csv":
		media, body = "text/csv; charset=utf-8", table(ui.P(r.Context()), &e.Report)
	case "report.pdf":
		media = "application/pdf"
		body, err = letter.PDF(document(ui.P(r.Context()), p.App.Config(), e))
	default:
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", media)
	w.Header().Set("Content-Disposition", `attachment; filename="`+strconv.Itoa(e.Report.Year)+"-"+r.PathValue("file")+`"`)
	_, _ = w.Write(body)
}

// yearRow is a year in the list of reports.
func yearRow(y store.StatYear) string { return "/reports/" + y.Year }
