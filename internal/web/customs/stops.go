package customs

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/instruments"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// stopsShown is how many stops one page of the list holds.
const stopsShown = 25

// stopsPage is the list of stops: those that are open, or those that ended.
type stopsPage struct {
	Rows  []store.StopRow
	Ended bool
	Holds bool // the reader may stop goods
	Pages ui.Pages
	Clock func(store.StopRow) ui.Clock
}

func (p pages) stops(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	page := stopsPage{Ended: q.Get("ended") != "", Holds: access.Can(door.Actor(r.Context()), access.CustomsStop, access.Thing{})}
	err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		page.Rows, err = t.ListStops(!page.Ended, q.Get("after"), stopsShown+1)
		return err
	})
	e, engines := p.App.Engines(r.Context())
	if err == nil {
		err = engines
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	here := "/stops?"
	if page.Ended {
		here += "ended=1&"
	}
	if len(page.Rows) > stopsShown {
		page.Rows = page.Rows[:stopsShown]
		page.Pages.Next = here + "after=" + page.Rows[stopsShown-1].ID
	}
	if q.Get("after") != "" {
		page.Pages.Prev = strings.TrimRight(here, "?&")
	}
	page.Pages.Shown = len(page.Rows)
	page.Clock = func(s store.StopRow) ui.Clock {
		return clockOf(e.Calendar, p.App.Now(), s.Due, licensing.StopStatus(s.Status) == licensing.StopAnswered)
	}
	ui.Render(w, r, http.StatusOK, stopsView(p.frame(w, r, "stops", door.T(r, "customs.stops.title"), nil), page))
}

// clockOf is how the time to answer stands: in working days.
func clockOf(c *deadline.Calendar, now, due time.Time, done bool) ui.Clock {
	clock := ui.Clock{Due: due, Done: done}
	day, last, step := c.Day(now), c.Day(due), 1
	if now.After(due) {
		clock.DaysLeft = -1
		day, last, step = last, day, -1
	}
	for d := day.Add(1); d <= last; d = d.Add(1) {
		if working, err := c.Working(d); err == nil && working {
			clock.DaysLeft += step
		}
	}
	return clock
}

func (p pages) holdForm(w http.ResponseWriter, r *http.Request) {
	p.drawHold(w, r, http.StatusOK, ui.FormOf())
}

func (p pages) drawHold(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	frame := p.frame(w, r, "stops", door.T(r, "customs.hold.title"), &form)
	frame.Crumbs = []ui.Link{{Text: door.T(r, "customs.stops.title"), Href: "/stops"}, {Text: frame.Title}}
	ui.Render(w, r, status, holdView(frame, form, node.NewID(), ui.States(ui.P(r.Context()), p.States)))
}

func (p pages) hold(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	f := r.PostForm
	get := func(name string) string { return strings.TrimSpace(f.Get(name)) }
	id := get("once")
	if len(id) != len(node.NewID()) {
		p.Fail(w, r, fault.New(fault.Invalid, "fault.bad_request"))
		return
	}
	cmd := licensing.Hold{
		OnStop: licensing.OnStop{Stop: id}, Declaration: get("declaration"), Office: get("office"), Tariff: get("tariff"), Licence: get("licence"), Destination: get("destination"),
		Text: licensing.StopText{Goods: get("goods"), Exporter: get("exporter"), Consignee: get("consignee"), Question: get("question")},
	}
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), cmd, node.Once(id)); err != nil {
		p.Again(w, r, err, func(status int, form ui.Form) { p.drawHold(w, r, status, form) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "customs.hold.done"})
	ui.SeeOther(w, r, "/stops/"+id)
}

// stopPage is one stop with what its reader may do about it.
type stopPage struct {
	*node.StopFile
	Reader access.Actor
	Clock  ui.Clock
	Form   ui.Form
	Once   string
}

// takes tells whether the reader may give a command and the stop takes it.
func (v stopPage) takes(act string) bool {
	for _, t := range licensing.StopTable {
		if t.Command == "stop."+act {
			return slices.Contains(t.From, v.Status) && access.Can(v.Reader, t.Act, access.Thing{Kind: licensing.KindStop})
		}
	}
	return false
}

// entries are the instruments of the register in which this stop revealed a gap.
func (v stopPage) entries() []*instruments.Instrument {
	var out []*instruments.Instrument
	for _, i := range v.Instruments {
		if slices.ContainsFunc(v.Gaps, func(g licensing.Gap) bool { return g.Entry == i.ID }) {
			out = append(out, i)
		}
	}
	return out
}

func (p pages) stop(w http.ResponseWriter, r *http.Request) {
	p.drawStop(w, r, http.StatusOK, ui.FormOf())
}

func (p pages) drawStop(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	actor := door.Actor(r.Context())
	file, err := p.App.StopFile(r.Context(), actor, r.PathValue("stop"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	e, err := p.App.Engines(r.Context())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	page := stopPage{StopFile: file, Reader: actor, Form: form, Once: node.NewID()}
	page.Clock = clockOf(e.Calendar, p.App.Now(), file.Due, file.Answer() != nil || file.Ended != nil)
	frame := p.frame(w, r, "stops", file.Reference, &form)
	frame.Crumbs = []ui.Link{{Text: door.T(r, "customs.stops.title"), Href: "/stops"}, {Text: file.Reference}}
	ui.Render(w, r, status, stopView(frame, page))
}

// change answers the forms of a stop's page: licensing's answer, the end, a gap.
func (p pages) change(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	f, on := r.PostForm, licensing.OnStop{Stop: r.PathValue("stop")}
	get := func(name string) string { return strings.TrimSpace(f.Get(name)) }
	var cmd licensing.StopCommand
	switch r.PathValue("act") {
	case "answer":
		cmd = licensing.AnswerStop{OnStop: on, Reply: licensing.StopReply(get("reply")), Why: get("why")}
	case "end":
		cmd = licensing.EndStop{OnStop: on, Outcome: licensing.StopStatus(get("outcome")), Why: get("reason")}
	case "raise_gap":
		cmd = licensing.RaiseGap{OnStop: on, Instrument: get("instrument"), Entry: get("entry"), What: get("what")}
	default:
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	seen, err := strconv.ParseInt(get("seen"), 10, 64)
	once := get("once")
	if err != nil || once == "" || len(once) > 64 {
		p.Fail(w, r, fault.New(fault.Invalid, "fault.bad_request"))
		return
	}
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), cmd, node.Expect(event.StreamOf(licensing.KindStop, on.Stop), seen), node.Once(once)); err != nil {
		if r.PathValue("act") == "end" {
			err = door.Renamed(err, "why", "reason")
		}
		p.Again(w, r, err, func(status int, form ui.Form) { p.drawStop(w, r, status, form) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "customs.done." + r.PathValue("act")})
	ui.SeeOther(w, r, "/stops/"+on.Stop)
}
