// Package deadline counts time as administrations do: in working days, by a
// calendar that somebody published, in the time zone of the authority, with
// clocks that stop while someone else has to act.
//
// Nothing here reads a clock. A Clock holds the instants at which it was
// started, stopped and run again, and Calendar.Reckon says what follows from
// them: the due instant, or what remains while it is stopped. There are no
// counters that a missed night could spoil.
//
// The counting rule, in one sentence: a working day counts when the clock was
// running at its end, and the day of receipt does not count. So a stop and a
// restart on one day cost nothing, and a stop moves the due instant by exactly
// the working days at whose end the clock stood still.
package deadline

import (
	"bytes"
	"errors"
	"fmt"
	"time"
	_ "time/tzdata" // a due instant must not depend on what the machine has installed

	"github.com/BurntSushi/toml"
)

// Bounds of a calendar file.
const (
	maxCalendarBytes = 256 << 10
	maxHolidays      = 4000
	maxDays          = 20000 // longest count, in days, that Reckon walks: 54 years
)

// ErrBeyond says that a count leaves the years for which a calendar knows its
// holidays. An unknown holiday is not a working day and not a free one: the
// calendar has to be extended first.
var ErrBeyond = errors.New("deadline: the calendar does not cover this day")

// Holiday is a day on which the authority does not work.
type Holiday struct {
	Date Date   `toml:"date" json:"date"`
	Name string `toml:"name" json:"name"`
}

// Calendar says which days are working days, where and from when until when.
type Calendar struct {
	ID       string    `toml:"id"`       // short name that events cite, "norland"
	Version  string    `toml:"version"`  // date of this text
	Name     string    `toml:"name"`     // for people
	Zone     string    `toml:"zone"`     // IANA name, "Europe/London"
	Weekend  []string  `toml:"weekend"`  // "saturday", "sunday"; may be empty
	Cutoff   string    `toml:"cutoff"`   // "18:00": what comes later is received the day after; empty: midnight
	From     Date      `toml:"from"`     // first day covered
	Until    Date      `toml:"until"`    // last day covered
	Source   string    `toml:"source"`   // where the holidays are published
	Verified bool      `toml:"verified"` // somebody compared them with the source
	Holidays []Holiday `toml:"holiday"`

	zone    *time.Location
	weekend [7]bool
	free    map[Date]string
	cutoff  time.Duration
}

// Parse reads a calendar file (TOML) strictly: unknown keys, holidays outside
// the covered years, doubled days and unknown zones are errors.
func Parse(b []byte) (*Calendar, error) {
	if len(b) > maxCalendarBytes {
		return nil, fmt.Errorf("deadline: calendar file of %d bytes; at most %d", len(b), maxCalendarBytes)
	}
	c := &Calendar{}
	meta, err := toml.NewDecoder(bytes.NewReader(b)).Decode(c)
	if err != nil {
		return nil, fmt.Errorf("deadline: %w", err)
	}
	if un := meta.Undecoded(); len(un) > 0 {
		return nil, fmt.Errorf("deadline: unknown key %q", un[0].String())
	}
	if err := c.prepare(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Calendar) prepare() error {
	if c.ID == "" || c.Name == "" || c.Version == "" {
		return errors.New("deadline: a calendar needs id, version and name")
	}
	if c.Zone == "" || c.Zone == "Local" {
		return errors.New("deadline: a calendar needs an IANA zone")
	}
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return fmt.Errorf("deadline: %w", err)
	}
	c.zone = zone
	if !c.From.Valid() || !c.Until.Valid() || c.From >= c.Until {
		return errors.New("deadline: from and until must be days, in that order")
	}
	names := map[string]time.Weekday{}
	for d := time.Sunday; d <= time.Saturday; d++ {
		names[lower(d.String())] = d
	}
	c.weekend = [7]bool{}
	for _, w := range c.Weekend {
		d, ok := names[w]
		if !ok {
			return fmt.Errorf("deadline: %q is no day of the week", w)
		}
		c.weekend[d] = true
	}
	if c.weekend == [7]bool{true, true, true, true, true, true, true} {
		return errors.New("deadline: a calendar needs at least one working day a week")
	}
	c.cutoff = 0
	if c.Cutoff != "" {
		t, err := time.Parse("15:04", c.Cutoff)
		if err != nil {
			return fmt.Errorf("deadline: cutoff %q is not of the form 18:00", c.Cutoff)
		}
		c.cutoff = time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	}
	if len(c.Holidays) > maxHolidays {
		return fmt.Errorf("deadline: %d holidays; at most %d", len(c.Holidays), maxHolidays)
	}
	c.free = make(map[Date]string, len(c.Holidays))
	for _, h := range c.Holidays {
		if !h.Date.Valid() || h.Date < c.From || h.Date > c.Until {
			return fmt.Errorf("deadline: holiday %q is outside %s to %s", h.Date, c.From, c.Until)
		}
		if _, twice := c.free[h.Date]; twice {
			return fmt.Errorf("deadline: holiday %s is given twice", h.Date)
		}
		c.free[h.Date] = h.Name
	}
	return nil
}

func lower(s string) string { return string(bytes.ToLower([]byte(s))) }

// Location is the calendar's time zone.
func (c *Calendar) Location() *time.Location { return c.zone }

// Day is the civil day of an instant at the authority's place.
func (c *Calendar) Day(t time.Time) Date { return DateOf(t, c.zone) }

// EndOf is the last second of a day at the authority's place, in UTC. It is the
// instant that due dates are stored as.
func (c *Calendar) EndOf(d Date) time.Time {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	return time.Date(t.Year(), t.Month(), t.Day()+1, 0, 0, 0, 0, c.zone).Add(-time.Second).UTC()
}

// Working tells whether a day is a working day; outside the covered years it
// answers ErrBeyond.
func (c *Calendar) Working(d Date) (bool, error) {
	if d < c.From || d > c.Until {
		return false, fmt.Errorf("%w: %s lies outside %s to %s of %q", ErrBeyond, d, c.From, c.Until, c.ID)
	}
	if c.weekend[d.weekday()] {
		return false, nil
	}
	_, free := c.free[d]
	return !free, nil
}

// Free is the name of the holiday on d, empty where there is none.
func (c *Calendar) Free(d Date) string { return c.free[d] }

// received is the day on which what came in at an instant counts as received.
func (c *Calendar) received(t time.Time) Date {
	local := t.In(c.zone)
	d := Date(local.Format(time.DateOnly))
	sinceMidnight := time.Duration(local.Hour())*time.Hour + time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second
	if c.cutoff > 0 && sinceMidnight >= c.cutoff {
		d = d.Add(1)
	}
	return d
}

// Unit says what a period is counted in.
type Unit string

// The units of a period.
const (
	WorkingDays  Unit = "working_days"
	CalendarDays Unit = "calendar_days"
)

// Period is a length of time as a law or a pack states it.
type Period struct {
	Days int  `json:"days"`
	Unit Unit `json:"unit"`
}

// After is the due instant of a period that begins at an instant: the end of
// its last day. The day of receipt does not count. Calendar days end on the day
// they end, working or not.
func (c *Calendar) After(at time.Time, p Period) (time.Time, error) {
	if p.Days < 1 || p.Days > maxDays {
		return time.Time{}, fmt.Errorf("deadline: a period of %d days", p.Days)
	}
	if p.Unit != CalendarDays && p.Unit != WorkingDays {
		return time.Time{}, fmt.Errorf("deadline: unknown unit %q", p.Unit)
	}
	m, err := c.Reckon(StartFor(p, at), at)
	return m.Due, err
}
