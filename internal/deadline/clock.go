package deadline

import (
	"errors"
	"fmt"
	"time"
)

// Stop is an interval in which a clock stood still.
type Stop struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until,omitzero"` // zero while it still stands
	Why   string    `json:"why,omitempty"`  // what it waits for, "rfi/3"
}

// Clock is a count of working days with the instants that made it. Due and
// Remaining are what Reckon said when the last of them was recorded; the zero
// Clock has not been started.
type Clock struct {
	Days      int       `json:"days,omitempty"`      // target in working days
	Calendar  string    `json:"calendar,omitempty"`  // id and version of the calendar used
	Started   time.Time `json:"started,omitzero"`    //
	Stops     []Stop    `json:"stops,omitempty"`     // in order, never overlapping
	Ended     time.Time `json:"ended,omitzero"`      // the decision, or the withdrawal
	Due       time.Time `json:"due,omitzero"`        // last second of the last day; zero while stopped in time
	Remaining int       `json:"remaining,omitempty"` // working days left when it stopped or ended; negative when late
}

// Mark is what follows from a clock at an instant: what events record.
type Mark struct {
	Due       time.Time `json:"due,omitzero"` // zero where the clock stands and was not late
	Remaining int       `json:"remaining"`    // working days left at that instant; 0 on the last day's end, negative when late
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

// Stop is the clock standing still from an instant. A clock that does not run
// stays as it is. The Stops of the receiver are not touched.
func (k Clock) Stop(at time.Time, why string) Clock {
	if !k.Running() {
		return k
	}
	k.Stops = append(k.Stops[:len(k.Stops):len(k.Stops)], Stop{From: at.UTC(), Why: why})
	return k
}

// Run is the clock running again from an instant. A clock that is not stopped
// stays as it is.
func (k Clock) Run(at time.Time) Clock {
	if !k.Stopped() {
		return k
	}
	stops := append([]Stop(nil), k.Stops...)
	stops[len(stops)-1].Until = at.UTC()
	k.Stops = stops
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
	for _, s := range k.Stops {
		if !t.Before(s.From) && (s.Until.IsZero() || t.Before(s.Until)) {
			return false
		}
	}
	return true
}

// Reckon says what follows from the intervals of a clock at an instant. It
// fails with ErrBeyond where the count leaves the years the calendar covers.
func (c *Calendar) Reckon(k Clock, at time.Time) (Mark, error) {
	if k.Started.IsZero() {
		return Mark{}, errors.New("deadline: the clock was never started")
	}
	if k.Days < 1 || k.Days > maxDays {
		return Mark{}, fmt.Errorf("deadline: a target of %d working days", k.Days)
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
		working, err := c.Working(d)
		if err != nil {
			return Mark{}, err
		}
		if !working || !k.runningAt(end) {
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
