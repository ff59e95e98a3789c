package authority

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/web/ui"
)

// clockRow is one clock of a case, counted for the page.
type clockRow struct {
	licensing.CasePeriod
	Calendar *deadline.Calendar
	Tally    deadline.Tally
	Counted  bool // false: its days lie beyond the calendar
	Chip     ui.Clock
}

// clocks are every clock of the case, the first first.
func (v *caseView) clocks(ctx context.Context) []clockRow {
	var out []clockRow
	for _, p := range v.Case.Clocks() {
		r := clockRow{CasePeriod: p, Calendar: v.calendarOf(p)}
		var err error
		r.Tally, err = r.Calendar.Tally(p.Clock, v.Now)
		r.Counted = err == nil
		r.Chip = clockOf(p.Clock, r.Calendar, v.Now, v.standsFor(ctx, p.Clock))
		out = append(out, r)
	}
	return out
}

// calendarOf is the calendar that a clock is counted by.
func (v *caseView) calendarOf(p licensing.CasePeriod) *deadline.Calendar {
	if c := v.Calendars[p.Rule.Calendar]; c != nil {
		return c
	}
	return v.Calendar
}

// standsFor is whom a clock that stands waits for.
func (v *caseView) standsFor(ctx context.Context, k deadline.Clock) string {
	if k.Stopped() && strings.HasPrefix(k.Stops[len(k.Stops)-1].Why, "committee/") {
		return ui.T(ctx, "authority.clocks.committee")
	}
	return ui.T(ctx, "licensing.name.turn.applicant")
}

// lawName is whose period a clock is: a law's, or the authority's own target.
func (r clockRow) lawName(ctx context.Context) string {
	if r.Rule.Law == "" {
		return ui.T(ctx, "authority.clocks.target")
	}
	return ui.T(ctx, "policy.law."+r.Rule.Law)
}

// length is a clock's period in words.
func (r clockRow) length(ctx context.Context) string {
	if r.Clock.Unit == deadline.CalendarDays {
		return ui.T(ctx, "authority.clocks.calendar_days", "count", r.Clock.Days)
	}
	return ui.T(ctx, "authority.days", "count", r.Clock.Days)
}

// stood says what a clock stood still for, on whose word, and how long.
func (v *caseView) stood(ctx context.Context, s deadline.Stop, days int) string {
	what, id, _ := strings.Cut(s.Why, "/")
	why := ui.T(ctx, "authority.clocks.committee")
	if q := v.Case.RFI(id); what == "rfi" && q != nil {
		why = ui.T(ctx, "authority.rfi.number", "number", q.Number)
	}
	until := ui.T(ctx, "authority.dates.still")
	if !s.Until.IsZero() {
		until = ui.P(ctx).Date(s.Until)
	}
	if s.By != "" {
		why += ", " + v.Name(s.By)
	}
	return ui.T(ctx, "authority.clocks.stop", "why", why, "from", s.From, "until", until, "count", days)
}

// tallied is where a clock's days went, and their sum.
func (r clockRow) tallied(ctx context.Context) string {
	if !r.Counted {
		return ui.T(ctx, "authority.clocks.beyond", "calendar", r.Calendar.Name)
	}
	stood := 0
	for _, d := range r.Tally.Stood {
		stood += d
	}
	return ui.T(ctx, "authority.clocks.sum", "ran", r.Tally.Ran, "stood", stood, "free", r.Tally.Free, "days", r.Tally.Days)
}

// The canvas of the timeline, in units of its viewBox.
const (
	laneWidth  = 340.0
	laneHeight = 30.0
)

// lanes place the clocks of a case under each other on one line of time.
type lanes struct {
	rows     []clockRow
	from, to time.Time
	now      time.Time
}

func lanesOf(rows []clockRow, now time.Time) lanes {
	l := lanes{rows: rows, from: now, to: now, now: now}
	for _, r := range rows {
		if r.Clock.Started.Before(l.from) {
			l.from = r.Clock.Started
		}
		if r.Clock.Due.After(l.to) {
			l.to = r.Clock.Due
		}
	}
	return l
}

func (l lanes) height() string { return ui.XY(laneHeight*float64(len(l.rows)) + 16) }

// x is where an instant lies; what did not come yet lies at now.
func (l lanes) x(t time.Time) float64 {
	if t.IsZero() {
		t = l.now
	}
	span := l.to.Sub(l.from)
	if span <= 0 {
		return 0
	}
	return float64(t.Sub(l.from)) / float64(span) * laneWidth
}

// bar is a stretch of time on a lane.
func (l lanes) bar(i int, from, until time.Time) string {
	return fmt.Sprintf("M%s %sH%s", ui.XY(l.x(from)), ui.XY(l.y(i)+8), ui.XY(l.x(until)))
}

func (l lanes) y(i int) float64 { return laneHeight*float64(i) + 14 }

// ran are the stretches in which a clock ran.
func (l lanes) ran(i int) []string {
	k := l.rows[i].Clock
	from, until := k.Started, k.Ended
	var out []string
	for _, s := range k.Stops {
		out = append(out, l.bar(i, from, s.From))
		if from = s.Until; from.IsZero() {
			return out
		}
	}
	return append(out, l.bar(i, from, until))
}

// described is the picture in a sentence.
func (l lanes) described(ctx context.Context) string {
	return ui.T(ctx, "authority.clocks.described", "count", strconv.Itoa(len(l.rows)), "from", l.from, "to", l.to)
}
