package deadline

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Stop is an interval in which a clock stood still.
type Stop struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until,omitzero"` // zero while it still stands
	Why   string    `json:"why,omitempty"`  // what it waits for, "rfi/3"
	By    string    `json:"by,omitempty"`   // who had it stand
}

// Clock is a count of days with the instants that made it. Due and Remaining are
// what Reckon said when the last of them was recorded; the zero Clock has not
// been started.
type Clock struct {
	Days      int       `json:"days,omitempty"`      // the target
	Unit      Unit      `json:"unit,omitempty"`      // that it is counted in; empty: working days
	Calendar  string    `json:"calendar,omitempty"`  // id and version of the calendar used
	Started   time.Time `json:"started,omitzero"`    //
	Stops     []Stop    `json:"stops,omitempty"`     // in order, never overlapping
	Also      []Stop    `json:"also,omitempty"`      // what else it waits for, in the order in which that began
	Ended     time.Time `json:"ended,omitzero"`      // the decision, or the withdrawal
	Due       time.Time `json:"due,omitzero"`        // last second of the last day; zero while stopped in time
	Remaining int       `json:"remaining,omitempty"` // days left when it stopped or ended; negative when late
}

// Mark is what follows from a clock at an instant: what events record.
type Mark struct {
	Due       time.Time `json:"due,omitzero"` // zero where the clock stands and was not late
	Remaining int       `json:"remaining"`    // days left at that instant; 0 on the last day's end, negative when late
}

// Start is a clock of so many working days, running from an instant.
func Start(days int, at time.Time) Clock { return Clock{Days: days, Started: at.UTC()} }

// Running tells whether time is being counted.
func (k Clock) Running() bool {
	return !k.Started.IsZero() && k.Ended.IsZero() && !k.Stopped()
}

// Stopped tells whether the clock stands still, waiting for someone.
func (k Clock) Stopped() bool {
	return k.Ended.IsZero() && len(k.Stops) > 0 && k.Stops[len(k.Stops)-1].Until.IsZero()
}

// StartFor is a clock of a period, running from an instant.
func StartFor(p Period, at time.Time) Clock {
	k := Start(p.Days, at)
	if p.Unit == CalendarDays {
		k.Unit = CalendarDays
	}
	return k
}

// Stop is the clock standing still from an instant. One that stands already goes
// on standing, and waits for this too. The Stops of the receiver are not touched.
func (k Clock) Stop(at time.Time, why, by string) Clock {
	s := Stop{From: at.UTC(), Why: why, By: by}
	switch {
	case k.Running():
		k.Stops = append(k.Stops[:len(k.Stops):len(k.Stops)], s)
	case k.Stopped():
		k.Also = append(k.Also[:len(k.Also):len(k.Also)], s)
	}
	return k
}

// Release is the clock after one of the things that it waits for came. While it
// waits for another it stands for that one from now on; else it runs.
func (k Clock) Release(at time.Time, why string) Clock {
	if !k.Stopped() {
		return k
	}
	if k.Stops[len(k.Stops)-1].Why != why {
		k.Also = slices.DeleteFunc(slices.Clone(k.Also), func(s Stop) bool { return s.Why == why })
		return k
	}
	next := k.Also
	if k = k.Run(at); len(next) > 0 {
		k.Stops = append(k.Stops, Stop{From: at.UTC(), Why: next[0].Why, By: next[0].By})
		k.Also = next[1:]
	}
	return k
}

// Run is the clock running again from an instant, whatever it waited for. A
// clock that is not stopped stays as it is.
func (k Clock) Run(at time.Time) Clock {
	if !k.Stopped() {
		return k
	}
	stops := slices.Clone(k.Stops)
	stops[len(stops)-1].Until = at.UTC()
	k.Stops, k.Also = stops, nil
	return k
}

// End is the clock ended for good: nothing is due any more.
func (k Clock) End(at time.Time) Clock {
	if k.Started.IsZero() || !k.Ended.IsZero() {
		return k
	}
	k = k.Run(at)
	k.Ended = at.UTC()
	return k
}

// With is the clock carrying a mark that was recorded.
func (k Clock) With(m Mark) Clock {
	k.Due, k.Remaining = m.Due, m.Remaining
	return k
}

// runningAt tells whether the clock counts at an instant; an open end of time
// counts as running for ever.
func (k Clock) runningAt(t time.Time) bool {
	if t.Before(k.Started) || (!k.Ended.IsZero() && t.After(k.Ended)) {
		return false
	}
	return k.stopAt(t) < 0
}

// Reckon says what follows from the intervals of a clock at an instant. It
// fails with ErrBeyond where the count leaves the years the calendar covers.
func (c *Calendar) Reckon(k Clock, at time.Time) (Mark, error) {
	if k.Started.IsZero() {
		return Mark{}, errors.New("deadline: the clock was never started")
	}
	if k.Days < 1 || k.Days > maxDays {
		return Mark{}, fmt.Errorf("deadline: a target of %d days", k.Days)
	}
	var m Mark
	used, counted := 0, 0
	never := k.Stopped() || !k.Ended.IsZero() // no day after now will count
	for d, n := c.received(k.Started).Add(1), 0; ; d, n = d.Add(1), n+1 {
		if n > maxDays {
			return Mark{}, fmt.Errorf("%w: more than %d days", ErrBeyond, maxDays)
		}
		end := c.EndOf(d)
		past := !end.After(at)
		if !past && (counted >= k.Days || never) {
			break
		}
		counts, err := c.counts(k, d)
		if err != nil {
			return Mark{}, err
		}
		if !counts || !k.runningAt(end) {
			continue
		}
		counted++
		if counted == k.Days {
			m.Due = end
		}
		if past {
			used++
		}
	}
	m.Remaining = k.Days - used
	return m, nil
}

// counts tells whether a day is one of those that a clock is counted in.
func (c *Calendar) counts(k Clock, d Date) (bool, error) {
	if k.Unit == CalendarDays {
		return true, nil
	}
	return c.Working(d)
}

// Stood is how long a clock stood still up to an instant. Between its start and
// that instant, or its end, it ran for the rest.
func (k Clock) Stood(at time.Time) (d time.Duration) {
	for _, s := range k.Stops {
		if s.Until.IsZero() {
			s.Until = at
		}
		d += s.Until.Sub(s.From)
	}
	return d
}

// Tally is what became of every whole calendar day of a clock up to an instant:
// Ran + Free + the sum of Stood = Days, always.
type Tally struct {
	Days  int   // that went by since the day on which it began
	Ran   int   // that were counted
	Free  int   // on which it ran, and which do not count: no working days
	Stood []int // of each stop
}

// Tally says where the days of a clock went. A day belongs to what the clock did
// at its end.
func (c *Calendar) Tally(k Clock, at time.Time) (Tally, error) {
	t := Tally{Stood: make([]int, len(k.Stops))}
	if k.Started.IsZero() {
		return t, errors.New("deadline: the clock was never started")
	}
	if !k.Ended.IsZero() && k.Ended.Before(at) {
		at = k.Ended
	}
	for d := c.received(k.Started).Add(1); ; d = d.Add(1) {
		end := c.EndOf(d)
		if end.After(at) {
			return t, nil
		}
		if t.Days++; t.Days > maxDays {
			return t, fmt.Errorf("%w: more than %d days", ErrBeyond, maxDays)
		}
		if i := k.stopAt(end); i >= 0 {
			t.Stood[i]++
			continue
		}
		counts, err := c.counts(k, d)
		if err != nil {
			return t, err
		}
		if counts {
			t.Ran++
		} else {
			t.Free++
		}
	}
}

// stopAt is the place of the stop in which an instant lies; -1 where the clock
// ran, or was not there yet.
func (k Clock) stopAt(t time.Time) int {
	for i, s := range k.Stops {
		if !t.Before(s.From) && (s.Until.IsZero() || t.Before(s.Until)) {
			return i
		}
	}
	return -1
}
