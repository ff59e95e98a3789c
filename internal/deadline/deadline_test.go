package deadline_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/comity-project/comity/internal/deadline"
)

func calendar(t testing.TB, id string) *deadline.Calendar {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "content", "calendars", id+".toml"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := deadline.Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func TestShippedCalendarsRead(t *testing.T) {
	files, err := filepath.Glob("../../content/calendars/*.toml")
	if err != nil || len(files) < 4 {
		t.Fatalf("calendars: %v, %v", files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		c, err := deadline.Parse(b)
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		if c.ID+".toml" != filepath.Base(f) {
			t.Errorf("%s calls itself %q", f, c.ID)
		}
		for _, h := range c.Holidays {
			if w, err := c.Working(h.Date); err != nil || w {
				t.Errorf("%s: %s is a working day (%v)", f, h.Date, err)
			}
		}
	}
}

func TestAfter(t *testing.T) {
	for _, row := range []struct {
		name, calendar, from string
		period               deadline.Period
		want                 string
	}{
		{"twenty working days over Christmas", "norland", "2026-11-23T09:00:00Z", deadline.Period{Days: 20, Unit: deadline.WorkingDays}, "2026-12-21T22:59:59Z"},
		{"one working day from Friday is Monday", "norland", "2026-11-20T09:00:00Z", deadline.Period{Days: 1, Unit: deadline.WorkingDays}, "2026-11-23T22:59:59Z"},
		{"what comes after the cutoff is received the day after", "norland", "2026-11-23T17:30:00Z", deadline.Period{Days: 1, Unit: deadline.WorkingDays}, "2026-11-25T22:59:59Z"},
		{"Saturday counts from Monday", "norland", "2026-11-21T09:00:00Z", deadline.Period{Days: 1, Unit: deadline.WorkingDays}, "2026-11-23T22:59:59Z"},
		{"calendar days end on a Sunday too", "norland", "2026-11-23T09:00:00Z", deadline.Period{Days: 6, Unit: deadline.CalendarDays}, "2026-11-29T22:59:59Z"},
		{"another weekend", "sunday-to-thursday", "2026-11-19T09:00:00Z", deadline.Period{Days: 1, Unit: deadline.WorkingDays}, "2026-11-22T23:59:59Z"},
		{"over the end of summer time", "norland", "2026-10-23T09:00:00Z", deadline.Period{Days: 1, Unit: deadline.WorkingDays}, "2026-10-26T22:59:59Z"},
		{"before the end of summer time", "norland", "2026-10-21T09:00:00Z", deadline.Period{Days: 1, Unit: deadline.WorkingDays}, "2026-10-22T21:59:59Z"},
		{"Christmas", "norland", "2026-12-23T09:00:00Z", deadline.Period{Days: 1, Unit: deadline.WorkingDays}, "2026-12-28T22:59:59Z"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := calendar(t, row.calendar).After(at(row.from), row.period)
			if err != nil || !got.Equal(at(row.want)) {
				t.Errorf("got %s, %v; want %s", got.Format(time.RFC3339), err, row.want)
			}
		})
	}
}

func TestClockStopsAndRunsAgain(t *testing.T) {
	c := calendar(t, "norland")
	k := deadline.Start(5, at("2026-11-23T09:00:00Z")) // Monday
	reckon := func(k deadline.Clock, now string) deadline.Mark {
		t.Helper()
		m, err := c.Reckon(k, at(now))
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	if m := reckon(k, "2026-11-23T09:00:00Z"); !m.Due.Equal(at("2026-11-30T22:59:59Z")) || m.Remaining != 5 {
		t.Fatalf("at the start: %+v", m)
	}
	k = k.Stop(at("2026-11-25T10:00:00Z"), "rfi/1", "officer") // Wednesday: only Tuesday is over
	m := reckon(k, "2026-11-25T10:00:00Z")
	if !m.Due.IsZero() || m.Remaining != 4 || !k.Stopped() {
		t.Fatalf("stopped: %+v", m)
	}
	if m := reckon(k, "2027-02-01T10:00:00Z"); m.Remaining != 4 || !m.Due.IsZero() {
		t.Fatalf("time passed while it stood: %+v", m)
	}
	k = k.Run(at("2026-12-01T15:00:00Z")) // Tuesday after: Wed, Thu, Fri, Mon did not count
	if m := reckon(k, "2026-12-01T15:00:00Z"); !m.Due.Equal(at("2026-12-04T22:59:59Z")) || m.Remaining != 4 {
		t.Fatalf("running again: %+v", m)
	}
	if m := reckon(k, "2026-12-09T15:00:00Z"); m.Remaining != -2 || !m.Due.Equal(at("2026-12-04T22:59:59Z")) {
		t.Fatalf("late: %+v", m)
	}
	k = k.End(at("2026-12-03T15:00:00Z"))
	if m := reckon(k, "2027-12-03T15:00:00Z"); m.Remaining != 2 {
		t.Fatalf("ended with two days left: %+v", m)
	}
}

func TestBeyondTheCalendarIsAnError(t *testing.T) {
	_, err := calendar(t, "norland").After(at("2032-12-20T09:00:00Z"), deadline.Period{Days: 30, Unit: deadline.WorkingDays})
	if !errors.Is(err, deadline.ErrBeyond) {
		t.Errorf("got %v", err)
	}
	if _, err := calendar(t, "norland").After(at("2026-12-20T09:00:00Z"), deadline.Period{Days: 30, Unit: "weeks"}); err == nil {
		t.Error("an unknown unit was taken")
	}
}

func TestParseRefuses(t *testing.T) {
	good := "id = \"x\"\nversion = \"1\"\nname = \"X\"\nzone = \"UTC\"\nweekend = [\"sunday\"]\nfrom = \"2026-01-01\"\nuntil = \"2027-01-01\"\n"
	if _, err := deadline.Parse([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"unknown key":          good + "colour = \"red\"\n",
		"unknown zone":         "id = \"x\"\nversion = \"1\"\nname = \"X\"\nzone = \"Mars/Olympus\"\nfrom = \"2026-01-01\"\nuntil = \"2027-01-01\"\n",
		"no working day":       "id = \"x\"\nversion = \"1\"\nname = \"X\"\nzone = \"UTC\"\nweekend = [\"monday\",\"tuesday\",\"wednesday\",\"thursday\",\"friday\",\"saturday\",\"sunday\"]\nfrom = \"2026-01-01\"\nuntil = \"2027-01-01\"\n",
		"holiday twice":        good + "[[holiday]]\ndate = \"2026-05-01\"\nname = \"a\"\n[[holiday]]\ndate = \"2026-05-01\"\nname = \"b\"\n",
		"holiday outside":      good + "[[holiday]]\ndate = \"2028-05-01\"\nname = \"a\"\n",
		"no such day":          good + "[[holiday]]\ndate = \"2026-02-30\"\nname = \"a\"\n",
		"not TOML":             "id = ",
		"the machine's zone":   "id = \"x\"\nversion = \"1\"\nname = \"X\"\nzone = \"Local\"\nfrom = \"2026-01-01\"\nuntil = \"2027-01-01\"\n",
		"end before beginning": "id = \"x\"\nversion = \"1\"\nname = \"X\"\nzone = \"UTC\"\nfrom = \"2027-01-01\"\nuntil = \"2026-01-01\"\n",
	} {
		if _, err := deadline.Parse([]byte(text)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// A clock is intervals: whatever the stops, the due instant moves by exactly the
// working days at whose end it stood still.
func TestDueMovesByTheDaysItStoodStill(t *testing.T) {
	c := calendar(t, "norland")
	base := at("2026-01-05T00:00:00Z")
	rapid.Check(t, func(r *rapid.T) {
		start := base.Add(time.Duration(rapid.Int64Range(0, 200*24*60).Draw(r, "start")) * time.Minute)
		days := rapid.IntRange(1, 60).Draw(r, "days")
		k := deadline.Start(days, start)
		now := start
		plain, err := c.Reckon(k, now)
		if err != nil {
			r.Fatal(err)
		}
		for range rapid.IntRange(0, 6).Draw(r, "stops") {
			now = now.Add(time.Duration(rapid.Int64Range(0, 10*24*60).Draw(r, "run")) * time.Minute)
			k = k.Stop(now, "rfi", "officer")
			stopped, err := c.Reckon(k, now)
			if err != nil {
				r.Fatal(err)
			}
			later, err := c.Reckon(k, now.AddDate(0, 1, 0))
			if err != nil || later.Remaining != stopped.Remaining {
				r.Fatalf("a stopped clock ran: %d, then %d (%v)", stopped.Remaining, later.Remaining, err)
			}
			now = now.Add(time.Duration(rapid.Int64Range(0, 15*24*60).Draw(r, "stop")) * time.Minute)
			k = k.Run(now)
		}
		got, err := c.Reckon(k, now)
		if err != nil {
			r.Fatal(err)
		}
		// Count by hand, a day at a time.
		left, d, want := days, c.Day(start), time.Time{}
		if local := start.In(c.Location()); local.Hour() >= 18 {
			d = d.Add(1)
		}
		for left > 0 {
			d = d.Add(1)
			w, err := c.Working(d)
			if err != nil {
				r.Fatal(err)
			}
			if w && running(k, c.EndOf(d)) {
				left, want = left-1, c.EndOf(d)
			}
		}
		if !got.Due.Equal(want) {
			r.Fatalf("due %s, want %s", got.Due, want)
		}
		if got.Due.Before(plain.Due) {
			r.Fatalf("stops brought the due instant forward: %s, was %s", got.Due, plain.Due)
		}
		if w, _ := c.Working(c.Day(got.Due)); !w {
			r.Fatalf("due on %s, which is no working day", c.Day(got.Due))
		}
	})
}

func running(k deadline.Clock, t time.Time) bool {
	for _, s := range k.Stops {
		if !t.Before(s.From) && t.Before(s.Until) {
			return false
		}
	}
	return true
}

// A stop and a restart on one day, or at one instant, cost nothing.
func TestStopWithinADayCostsNothing(t *testing.T) {
	c := calendar(t, "norland")
	rapid.Check(t, func(r *rapid.T) {
		start := at("2026-03-02T09:00:00Z")
		k := deadline.Start(rapid.IntRange(2, 40).Draw(r, "days"), start)
		before, err := c.Reckon(k, start)
		if err != nil {
			r.Fatal(err)
		}
		day := c.Day(start.AddDate(0, 0, rapid.IntRange(0, 30).Draw(r, "day")))
		from := c.EndOf(day).Add(-time.Duration(rapid.IntRange(1, 80_000).Draw(r, "from")) * time.Second)
		if from.Before(start) {
			from = start
		}
		until := from.Add(time.Duration(rapid.Int64Range(0, int64(c.EndOf(day).Sub(from)/time.Second)).Draw(r, "for")) * time.Second)
		k = k.Stop(from, "rfi", "officer").Run(until)
		after, err := c.Reckon(k, until)
		if err != nil || !after.Due.Equal(before.Due) {
			r.Fatalf("due %s, was %s (%v)", after.Due, before.Due, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("id = \"x\"\nversion = \"1\"\nname = \"X\"\nzone = \"UTC\"\nfrom = \"2026-01-01\"\nuntil = \"2027-01-01\"\n[[holiday]]\ndate = \"2026-05-01\"\nname = \"a\"\n"))
	f.Add([]byte("= = ="))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := deadline.Parse(b)
		if err != nil {
			return
		}
		if _, err := c.After(c.EndOf(c.From), deadline.Period{Days: 3, Unit: deadline.WorkingDays}); err != nil && !errors.Is(err, deadline.ErrBeyond) {
			t.Errorf("a calendar that was read can't count: %v", err)
		}
	})
}
