package incidents

import (
	"bytes"
	"fmt"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/comity-project/comity/internal/deadline"
)

// Rules say when an emergency is confirmed, when an act takes effect and when
// holders are told. They hold for every incident alike, so that no time of day
// points to whoever raised one.
type Rules struct {
	Version string `yaml:"version"`
	Source  string `yaml:"source"`
	// Confirm is how many working days a second senior officer has.
	Confirm int `yaml:"confirm_working_days"`
	// Telling is when the holder is told of an emergency suspension.
	Telling struct {
		Hour  int `yaml:"hour"`        // of a working day
		After int `yaml:"after_hours"` // at least, since the suspension
	} `yaml:"telling"`
	// Acts is when an act on what somebody outside raised takes effect.
	Acts struct {
		Hour  int `yaml:"hour"`
		After int `yaml:"after_days"` // since it was received
	} `yaml:"acts"`
}

// ParseRules reads them, strictly.
func ParseRules(raw []byte) (Rules, error) {
	var r Rules
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&r); err != nil {
		return Rules{}, fmt.Errorf("incidents: rules: %w", err)
	}
	in := func(n, least, most int) bool { return least <= n && n <= most }
	if r.Version == "" || r.Source == "" || !in(r.Confirm, 1, 30) || !in(r.Telling.Hour, 0, 23) || !in(r.Telling.After, 1, 24*14) || !in(r.Acts.Hour, 0, 23) || !in(r.Acts.After, 1, 30) {
		return Rules{}, fmt.Errorf("incidents: rules without version or source, or with a figure out of bounds")
	}
	return r, nil
}

// Lapses is when an emergency of now lapses.
func (r Rules) Lapses(now time.Time, c *deadline.Calendar) (time.Time, error) {
	return c.After(now, deadline.Period{Days: r.Confirm, Unit: deadline.WorkingDays})
}

// Tells is when the holder is told of an emergency suspension of now.
func (r Rules) Tells(now time.Time, c *deadline.Calendar) (time.Time, error) {
	return window(now.Add(time.Duration(r.Telling.After)*time.Hour), r.Telling.Hour, c)
}

// Effect is when an act that is confirmed now takes effect: at once, but for what
// somebody outside raised.
func (r Rules) Effect(i *Incident, now time.Time, c *deadline.Calendar) (time.Time, error) {
	if i.Origin != Outside {
		return now, nil
	}
	day := max(i.Received, deadline.DateOf(i.Opened.At, c.Location())).Add(r.Acts.After)
	first, err := time.ParseInLocation(time.DateOnly, string(day), c.Location())
	if err != nil {
		return time.Time{}, fmt.Errorf("incidents: %w", err)
	}
	if now.After(first) {
		first = now
	}
	return window(first, r.Acts.Hour, c)
}

// window is the first instant from a time on that is an hour of a working day.
func window(from time.Time, hour int, c *deadline.Calendar) (time.Time, error) {
	from = from.In(c.Location())
	for n := 0; ; n++ {
		at := time.Date(from.Year(), from.Month(), from.Day()+n, hour, 0, 0, 0, c.Location())
		if at.Before(from) {
			continue
		}
		working, err := c.Working(deadline.DateOf(at, c.Location()))
		if err != nil {
			return time.Time{}, err
		}
		if working {
			return at, nil
		}
	}
}
