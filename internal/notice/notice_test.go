package notice_test

import (
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/notice"
)

func shipped(t testing.TB) notice.Rules {
	raw, err := fs.ReadFile(content.FS, "notices.toml")
	if err != nil {
		t.Fatal(err)
	}
	r, err := notice.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The rules that ship: every thing has its reminders, and a duty that no rule
// names is told without a word of what it is.
func TestRulesThatShip(t *testing.T) {
	r := shipped(t)
	for _, of := range []string{notice.OfReport, notice.OfAnswer, notice.OfLicence, notice.OfAssurance, notice.OfCase, notice.OfDuty} {
		found := false
		for _, x := range r.Reminders {
			found = found || x.Of == of
		}
		if !found {
			t.Errorf("nobody is reminded of %q", of)
		}
	}
	for _, duty := range []string{"brief_end_user", "evidence", "question", "act", "emergency", "outcome", "gap", "alert", "one that does not exist yet"} {
		x, ok := r.OfDuty(duty)
		k, _ := r.Kind(x.Kind)
		if !ok || !k.Guarded {
			t.Errorf("mail tells of the duty %q", duty)
		}
	}
	if x, _ := r.OfDuty("check"); x.Kind != "due" {
		t.Errorf("a check is of kind %q", x.Kind)
	}
}

func TestRulesAreReadStrictly(t *testing.T) {
	good := "[[kind]]\nid='a'\nside='both'\nway='daily'\n"
	for name, raw := range map[string]string{
		"unknown key":    good + "colour='red'\n",
		"two kinds":      good + good,
		"no way":         "[[kind]]\nid='a'\nside='both'\nway='sometimes'\n",
		"never and must": "[[kind]]\nid='a'\nside='both'\nway='never'\nmust=true\n",
		"no side":        "[[kind]]\nid='a'\nway='daily'\n",
		"unknown thing":  good + "[[reminder]]\nof='moon'\nkind='a'\nstages=[{days=0,to=['officer']}]\n",
		"unknown kind":   good + "[[reminder]]\nof='case'\nkind='b'\nstages=[{days=0,to=['officer']}]\n",
		"no stages":      good + "[[reminder]]\nof='case'\nkind='a'\n",
		"stages back":    good + "[[reminder]]\nof='case'\nkind='a'\nstages=[{days=0,to=['officer']},{days=-1,to=['officer']}]\n",
		"nobody":         good + "[[reminder]]\nof='case'\nkind='a'\nstages=[{days=0,to=['king']}]\n",
		"all exporters":  good + "[[reminder]]\nof='case'\nkind='a'\nstages=[{days=0,to=['exporter_user']}]\n",
		"two rules":      good + strings.Repeat("[[reminder]]\nof='case'\nkind='a'\nstages=[{days=0,to=['officer']}]\n", 2),
		"duties of none": good + "[[reminder]]\nof='case'\nduties=['x']\nkind='a'\nstages=[{days=0,to=['officer']}]\n",
	} {
		if _, err := notice.Parse([]byte(raw)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := notice.Parse([]byte(good)); err != nil {
		t.Error(err)
	}
}

func TestWays(t *testing.T) {
	r := shipped(t)
	news, _ := r.Kind("news")
	work, _ := r.Kind("work")
	s := notice.Settings{Ways: map[string]notice.Way{"news": notice.Never, "work": notice.Never}}
	if s.Way(news) != notice.Daily || s.Way(work) != notice.Never || notice.Unset().Way(work) != notice.AtOnce {
		t.Errorf("news %s, work %s", s.Way(news), s.Way(work))
	}
	if err := s.Check(r, []string{"en"}, func(string) bool { return true }); err == nil {
		t.Error("what has to be told may be turned off")
	}
	s.Gather(r)
	if s.Way(news) != notice.Daily || s.Way(work) != notice.Never {
		t.Error("gathering turned something on or left something at once")
	}
	s.Least(r)
	if err := s.Check(r, []string{"en"}, func(string) bool { return true }); err != nil || s.Way(news) != notice.Daily || s.Way(work) != notice.Never {
		t.Errorf("least: %v", err)
	}
	bad := notice.Settings{QuietFrom: 24, QuietTo: -1, Hour: 99, Language: "xx", Zone: "Mars/Base", Ways: map[string]notice.Way{"moon": notice.Daily}}
	if err := bad.Check(r, []string{"en"}, func(string) bool { return false }); err == nil {
		t.Error("nonsense is taken")
	}
}

func TestQuietHoursAndTheDailyMail(t *testing.T) {
	oslo, err := time.LoadLocation("Europe/Oslo")
	if err != nil {
		t.Fatal(err)
	}
	night := notice.Settings{QuietFrom: 20, QuietTo: 7, Hour: 7}
	noon := notice.Settings{QuietFrom: 12, QuietTo: 13}
	at := func(s string) time.Time {
		x, err := time.ParseInLocation("2006-01-02 15:04", s, oslo)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for _, c := range []struct {
		s           notice.Settings
		ready, want string
	}{
		{night, "2026-11-23 10:00", "2026-11-23 10:00"},
		{night, "2026-11-23 20:00", "2026-11-24 07:00"},
		{night, "2026-11-23 02:30", "2026-11-23 07:00"},
		{night, "2026-10-24 23:00", "2026-10-25 07:00"}, // the clocks go back that night
		{noon, "2026-11-23 12:59", "2026-11-23 13:00"},
		{noon, "2026-11-23 13:00", "2026-11-23 13:00"},
		{notice.Unset(), "2026-11-23 03:00", "2026-11-23 03:00"},
	} {
		if got := c.s.SendAt(at(c.ready), oslo); !got.Equal(at(c.want)) {
			t.Errorf("ready %s: sent %s, want %s", c.ready, got, c.want)
		}
	}
	if _, due := night.DailyDue(at("2026-11-23 06:59"), oslo, ""); due {
		t.Error("due before its hour")
	}
	day, due := night.DailyDue(at("2026-11-23 07:00"), oslo, "2026-11-22")
	if _, again := night.DailyDue(at("2026-11-23 23:00"), oslo, day); !due || again {
		t.Error("not due at its hour, or twice")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("[[kind]]\nid='a'\nside='both'\nway='daily'\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := notice.Parse(raw)
		if err != nil {
			return
		}
		for _, x := range r.Reminders {
			if _, ok := r.Kind(x.Kind); !ok {
				t.Error("a reminder of no kind")
			}
		}
	})
}
