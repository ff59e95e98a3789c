package incidents

import (
	"os"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/deadline"
)

func shipped(t testing.TB) (Rules, []byte) {
	t.Helper()
	raw, err := os.ReadFile("../../content/incidents/rules.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r, err := ParseRules(raw)
	if err != nil {
		t.Fatal(err)
	}
	return r, raw
}

func calendar(t *testing.T, name string) *deadline.Calendar {
	t.Helper()
	raw, err := os.ReadFile("../../content/calendars/" + name + ".toml")
	if err != nil {
		t.Fatal(err)
	}
	c, err := deadline.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Holders are told at one hour of a working day, whatever the minute of the
// suspension was, over weekends, holidays and the days on which clocks change.
func TestWhenHoldersAreTold(t *testing.T) {
	r, _ := shipped(t)
	for _, x := range []struct{ calendar, now, want string }{
		{"weekdays", "2026-11-23T09:00:00Z", "2026-11-24T10:00:00Z"},
		{"weekdays", "2026-11-23T21:59:59Z", "2026-11-24T10:00:00Z"},
		{"weekdays", "2026-11-23T22:00:00Z", "2026-11-24T10:00:00Z"},
		{"weekdays", "2026-11-23T22:00:01Z", "2026-11-25T10:00:00Z"},
		{"weekdays", "2026-11-27T09:00:00Z", "2026-11-30T10:00:00Z"},           // Friday to Monday
		{"sunday-to-thursday", "2026-11-26T06:00:00Z", "2026-11-29T10:00:00Z"}, // Thursday to Sunday
		{"norland", "2026-03-27T08:00:00Z", "2026-03-30T10:00:00+02:00"},       // over the night of summer time
		{"norland", "2026-10-23T08:00:00Z", "2026-10-26T10:00:00+01:00"},       // and of its end
		{"norland", "2026-12-24T08:00:00Z", "2026-12-28T10:00:00+01:00"},       // Christmas, a weekend
	} {
		c := calendar(t, x.calendar)
		now, err := time.Parse(time.RFC3339, x.now)
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.Tells(now, c)
		if err != nil {
			t.Errorf("%s, %s: %v", x.calendar, x.now, err)
			continue
		}
		want, err := time.Parse(time.RFC3339, x.want)
		if err != nil {
			t.Fatal(err)
		}
		if x.calendar == "sunday-to-thursday" { // in its own zone
			want = time.Date(want.Year(), want.Month(), want.Day(), 10, 0, 0, 0, c.Location())
		}
		if !got.Equal(want) {
			t.Errorf("%s, %s: told %s, want %s", x.calendar, x.now, got, want)
		}
	}
}

// What somebody outside raised takes effect at the hour of a later day; what
// nobody outside raised, at once.
func TestWhenAnActTakesEffect(t *testing.T) {
	r, _ := shipped(t)
	c := calendar(t, "weekdays")
	i := &Incident{ID: "i1", Origin: Outside, Received: "2026-11-23", Opened: By{At: now}}
	for at, want := range map[time.Time]string{now.Add(time.Minute): "2026-11-25T10:00:00Z", now.Add(10 * 24 * time.Hour): "2026-12-03T10:00:00Z"} {
		if got, err := r.Effect(i, at, c); err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("confirmed %s: %s, %v, want %s", at, got, err, want)
		}
	}
	i.Origin = Own
	if got, err := r.Effect(i, now, c); err != nil || !got.Equal(now) {
		t.Errorf("own: %s, %v", got, err)
	}
}

func FuzzParseRules(f *testing.F) {
	_, raw := shipped(f)
	f.Add(raw)
	f.Add([]byte("version: x\nsource: y\nconfirm_working_days: 0"))
	f.Add([]byte("telling: {hour: 24}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if r, err := ParseRules(raw); err == nil && (r.Confirm < 1 || r.Telling.After < 1 || r.Telling.Hour > 23 || r.Acts.Hour > 23) {
			t.Errorf("%+v", r)
		}
	})
}
