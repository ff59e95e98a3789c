package door

import (
	"net/http"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/web/ui"
)

// changeCalendar gives a person an address for their calendar program, or ends it.
// The address is shown once: the node keeps a hash of it.
func (d *Door) changeCalendar(w http.ResponseWriter, r *http.Request) {
	actor := Actor(r.Context())
	if actor.Account == "" {
		d.askToSignIn(w, r)
		return
	}
	if !d.ReadForm(w, r) {
		return
	}
	if r.PostForm.Get("end") != "" {
		if err := d.App.CloseCalendar(r.Context(), actor); err != nil {
			d.Fail(w, r, err)
			return
		}
		ui.SetFlash(w, r, ui.Flash{Key: "door.calendar.ended"})
		ui.SeeOther(w, r, "/account")
		return
	}
	token, err := d.App.OpenCalendar(r.Context(), actor)
	if err != nil {
		d.Fail(w, r, err)
		return
	}
	d.drawAccount(w, r, http.StatusOK, ui.FormOf("calendar", d.App.Config().URL+"/calendar/"+token+".ics"))
}

// calendar answers a calendar program: all-day entries with references and no
// word of what or whom a case is about.
func (d *Door) calendar(w http.ResponseWriter, r *http.Request) {
	token, named := strings.CutSuffix(r.PathValue("token"), ".ics")
	if !named {
		d.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	days, err := d.App.Calendar(r.Context(), token)
	if err != nil {
		d.Fail(w, r, err)
		return
	}
	p, now, cfg := lang.From(r.Context()), d.App.Now(), d.App.Config()
	c := ics.NewCalendarFor("Comity")
	c.SetMethod(ics.MethodPublish)
	c.SetXWRCalName(d.Node)
	c.SetRefreshInterval("PT6H")
	for _, x := range days {
		day, err := time.Parse(time.DateOnly, string(x.Day))
		if err != nil {
			continue
		}
		e := c.AddEvent(x.ID + "@" + cfg.Name)
		e.SetDtStampTime(now)
		e.SetAllDayStartAt(day)
		e.SetSummary(strings.TrimSpace(p.T("door.calendar."+x.Kind, "reference", x.What)))
		e.SetURL(cfg.URL + x.Href)
		e.SetTimeTransparency(ics.TransparencyTransparent)
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Cache-Control", "private, no-store")
	_ = c.SerializeTo(w)
}
