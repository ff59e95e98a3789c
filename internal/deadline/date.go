package deadline

import (
	"fmt"
	"time"
)

// Date is a civil day, "2026-11-23", without zone. Dates compare with < and >.
// The empty Date means "none".
type Date string

// ParseDate reads an ISO day and refuses one that is not in the calendar, such
// as 2026-02-30, and years outside 1900 to 2200.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return "", fmt.Errorf("deadline: %q is not a date of the form 2026-11-23", s)
	}
	if t.Year() < 1900 || t.Year() > 2200 {
		return "", fmt.Errorf("deadline: year %d is out of bounds", t.Year())
	}
	return Date(s), nil
}

// DateOf is the civil day of an instant in a zone; nil means UTC.
func DateOf(t time.Time, zone *time.Location) Date {
	if zone == nil {
		zone = time.UTC
	}
	return Date(t.In(zone).Format(time.DateOnly))
}

// Valid tells whether d is a day that ParseDate would take.
func (d Date) Valid() bool {
	_, err := ParseDate(string(d))
	return err == nil
}

// Add is the day n days later, or earlier where n is negative. An invalid date
// stays what it is.
func (d Date) Add(n int) Date {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return d
	}
	return Date(t.AddDate(0, 0, n).Format(time.DateOnly))
}

// Until is how many days later another day is; 0 where one of them is invalid.
func (d Date) Until(other Date) int {
	a, errA := time.Parse(time.DateOnly, string(d))
	b, errB := time.Parse(time.DateOnly, string(other))
	if errA != nil || errB != nil {
		return 0
	}
	return int(b.Sub(a).Hours() / 24)
}

// AddMonths is the day so many months later, the last of that month where it has
// no such day; an invalid day stays as it is.
func (d Date) AddMonths(n int) Date {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return d
	}
	first := time.Date(t.Year(), t.Month()+time.Month(n), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return DateOf(first.AddDate(0, 0, min(t.Day(), last)-1), nil)
}

// weekday is 0 for Sunday.
func (d Date) weekday() time.Weekday {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Sunday
	}
	return t.Weekday()
}
