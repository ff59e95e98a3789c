package licensing_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/licensing"
)

// laws are three periods on one case: days of three kinds and zones, which stand
// still for one thing, for another, and for nothing.
var laws = []licensing.PeriodRule{
	{ID: "national", Text: "Decision.", Source: "a statute", Period: deadline.Period{Days: 60, Unit: deadline.WorkingDays}, Calendar: "norland", Starts: []string{"case.submitted", "case.reopened"}, Stops: []licensing.Wait{licensing.WaitInformation}, Ends: []string{"case.decided", "case.withdrawn"}},
	{ID: "overseas", Law: "us", Text: "Resolution.", Source: "a rule", Unverified: true, Period: deadline.Period{Days: 90, Unit: deadline.CalendarDays}, Calendar: "us-federal", Starts: []string{"case.assigned"}, Stops: []licensing.Wait{licensing.WaitCommittee, licensing.WaitInformation}, Ends: []string{"case.decided", "case.withdrawn"}},
	{ID: "committee", Law: "uk", Text: "Minutes.", Source: "a rule", Period: deadline.Period{Days: 14, Unit: deadline.CalendarDays}, Calendar: "england-and-wales", Starts: []string{"case.escalated"}, Ends: []string{"case.minuted", "case.decided"}},
}

var calendars = sync.OnceValue(func() map[string]*deadline.Calendar {
	out := map[string]*deadline.Calendar{}
	for _, id := range []string{"norland", "us-federal", "england-and-wales"} {
		b, err := os.ReadFile("../../content/calendars/" + id + ".toml")
		if err != nil {
			panic(err)
		}
		if out[id], err = deadline.Parse(b); err != nil {
			panic(err)
		}
	}
	return out
})

// under puts a world under periods of laws.
func (w *world) under(rules ...licensing.PeriodRule) *world {
	w.rules = rules
	return w
}

func TestPeriodsOfSeveralLaws(t *testing.T) {
	w := newWorld(t).under(laws...)
	submitted(w)
	w.do(coordinator, licensing.Assign{On: on, Officer: "officer"})
	if n := len(w.c.Periods); n != 2 || w.c.Periods[0].Rule.ID != "national" || w.c.Periods[1].Clock.Calendar != "us-federal@2026-11-22" {
		t.Fatalf("%d periods began: %+v", n, w.c.Periods)
	}
	ask := func(id string) licensing.AskInformation {
		return licensing.AskInformation{On: on, RFI: id, Questions: []licensing.Question{{ID: "a", Text: "Which unit?"}}}
	}
	w.later(2).do(officer, ask("r1"))
	w.later(2).do(second, ask("r2"))
	w.later(3).do(exporter, licensing.AnswerInformation{On: on, RFI: "r1", Text: "The first."})
	for _, p := range w.c.Periods {
		s := p.Clock.Stops
		if len(s) != 2 || s[0].Why != "rfi/r1" || s[0].By != "officer" || s[1].Why != "rfi/r2" || s[1].By != "second" || !s[0].Until.Equal(s[1].From) {
			t.Errorf("%s stood %+v", p.Rule.ID, s)
		}
	}
	if s := w.c.Clock.Stops; len(s) != 2 || s[1].Why != "rfi/r2" || !w.c.Clock.Stopped() {
		t.Errorf("the target stood %+v", s)
	}
	if got := column(t, w.c.Rows(), "case_row", "due"); got != nil {
		t.Errorf("due at %v while all stand", got)
	}
	w.later(1).do(exporter, licensing.AnswerInformation{On: on, RFI: "r2", Text: "The second."})
	w.do(officer, licensing.Escalate{On: on, Escalation: "e-1", Question: "They differ."})
	if p := w.c.Periods[1].Clock; !p.Stopped() || p.Stops[2].Why != "committee/e-1" {
		t.Errorf("before the committee: %+v", p)
	}
	near := w.c.Nearest()
	if near.Rule.ID != "committee" || column(t, w.c.Rows(), "case_row", "due") != near.Clock.Due {
		t.Errorf("the nearest is %q, due %s", near.Rule.ID, near.Clock.Due)
	}
	w.later(3).do(senior, minute(licensing.VoteFor, licensing.VoteFor))
	if p := w.c.Periods[2].Clock; p.Ended.IsZero() || p.Remaining != 12 {
		t.Errorf("after the minutes: %+v", p)
	}

	// A later pack does not change what began under an earlier one, until the clock
	// is counted anew; what it no longer names goes on.
	changed := laws[0]
	changed.Period.Days = 30
	w.under(changed)
	before := w.c.Periods[0].Clock.Due
	w.do(officer, ask("r3"))
	w.do(exporter, licensing.AnswerInformation{On: on, RFI: "r3", Text: "The third."})
	if p := w.c.Periods[0].Clock; !p.Due.Equal(before) || p.Days != 60 {
		t.Errorf("the pack's change moved what had begun: %+v", p)
	}
	w.do(node, licensing.MoveClock{On: on, Why: "The statute was changed."})
	if p := w.c.Periods; p[0].Clock.Days != 30 || !p[0].Clock.Due.Before(before) || p[1].Clock.Days != 90 {
		t.Errorf("counted anew: %+v", p)
	}
}

func TestPeriodRulesAreChecked(t *testing.T) {
	for name, change := range map[string]func(*licensing.PeriodRule){
		"an event there is not": func(p *licensing.PeriodRule) { p.Starts = []string{"case.opened_wide"} },
		"a wait there is not":   func(p *licensing.PeriodRule) { p.Stops = []licensing.Wait{"lunch"} },
		"no end":                func(p *licensing.PeriodRule) { p.Ends = nil },
	} {
		p := laws[0]
		if p.Check() != nil {
			t.Fatal("a sound one is refused")
		}
		if change(&p); p.Check() == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

// told is one stretch of a period as the causes alone tell it.
type told struct {
	from, until time.Time
	why         string // what it stood for; "": it ran
}

// retold reads a period off the events that cause something, without what was
// recorded of clocks.
func retold(w *world, rule licensing.PeriodRule) (out [][]told) {
	var waits []string // that are open, in their order
	var now []told
	stands := func(ref string) bool {
		return slices.Contains(rule.Stops, map[bool]licensing.Wait{true: licensing.WaitInformation, false: licensing.WaitCommittee}[strings.HasPrefix(ref, "rfi/")])
	}
	for _, r := range w.history {
		typ := r.Event.EventType()
		if now != nil && slices.Contains(rule.Ends, typ) {
			now[len(now)-1].until = r.Time
			out, now = append(out, now), nil
		}
		begins := now == nil && slices.Contains(rule.Starts, typ)
		gone := ""
		switch e := r.Event.(type) {
		case licensing.InformationAsked:
			waits = append(waits, "rfi/"+e.RFI)
		case licensing.Escalated:
			waits = append(waits, "committee/"+e.Escalation)
		case licensing.InformationAnswered:
			if !e.Holding {
				gone = "rfi/" + e.RFI
			}
		case licensing.InformationClosed:
			gone = "rfi/" + e.RFI
		case licensing.Minuted:
			gone = "committee/" + e.Escalation
		}
		waits = slices.DeleteFunc(waits, func(x string) bool { return x == gone })
		why := ""
		if i := slices.IndexFunc(waits, stands); i >= 0 {
			why = waits[i]
		}
		switch n := len(now); {
		case begins:
			now = []told{{from: r.Time, why: why}}
		case n > 0 && now[n-1].why != why:
			now[n-1].until = r.Time
			now = append(now, told{from: r.Time, why: why})
		}
	}
	if now != nil {
		out = append(out, now)
	}
	return out
}

// Whatever happens in whatever order, over changes of summer time, in three
// zones: what is recorded of a period is what its causes tell; every stop says
// what for and by whom; and what ran and what stood make up the calendar, to the
// second and to the day.
func TestPeriodsAreDerivableAndAddUp(t *testing.T) {
	cals := calendars()
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t).under(laws...)
		w.now = newNow.Add(time.Duration(rapid.IntRange(0, 400*24*60).Draw(r, "start")) * time.Minute)
		for range rapid.IntRange(3, 40).Draw(r, "steps") {
			n++
			id := fmt.Sprintf("id-%d", n)
			cmds := []licensing.Command{
				submit(),
				licensing.Assign{On: on, Officer: "officer"},
				licensing.Assign{On: on, Officer: "second"},
				licensing.AskInformation{On: on, RFI: id, Questions: []licensing.Question{{ID: "a", Text: "x"}}},
				licensing.Escalate{On: on, Escalation: id, Question: "x"},
				licensing.MoveClock{On: on, Why: "x"},
				licensing.ChangeBasis{On: on, What: licensing.BasisHit, Ref: "x"},
			}
			for _, q := range w.c.RFIs {
				cmds = append(cmds, licensing.AnswerInformation{On: on, RFI: q.ID, Text: "x", Holding: rapid.Bool().Draw(r, "holding")}, licensing.CloseInformation{On: on, RFI: q.ID, Why: "x"})
			}
			if x := w.c.BeforeCommittee(); x != nil {
				m := minute(licensing.VoteFor, licensing.VoteFor)
				m.Escalation = x.ID
				cmds = append(cmds, m)
			}
			if rapid.IntRange(0, 20).Draw(r, "end") == 0 {
				cmds = append(cmds, licensing.Withdraw{On: on, Why: "x"})
			}
			w.now = w.now.Add(time.Duration(rapid.IntRange(0, 6*24*60).Draw(r, "minutes")) * time.Minute)
			actor := rapid.SampledFrom([]licensing.Actor{exporter, officer, second, senior, node}).Draw(r, "actor")
			if events, err := w.try(actor, rapid.SampledFrom(cmds).Draw(r, "command")); err == nil {
				w.store(actor, events)
			}
		}
		for _, rule := range laws {
			var have []licensing.CasePeriod
			for _, p := range w.c.Periods {
				if p.Rule.ID == rule.ID {
					have = append(have, p)
				}
			}
			want := retold(w, rule)
			if len(have) != len(want) {
				r.Fatalf("%s: %d recorded, %d told", rule.ID, len(have), len(want))
			}
			for i, p := range have {
				k, now := p.Clock, w.now
				if !k.Ended.IsZero() {
					now = k.Ended
				}
				var ran, stood time.Duration
				stops := 0
				for _, x := range want[i] {
					until := x.until
					if until.IsZero() {
						until = now
					}
					if x.why == "" {
						ran += until.Sub(x.from)
						continue
					}
					stood += until.Sub(x.from)
					if s := k.Stops[stops]; s.Why != x.why || s.By == "" || !s.From.Equal(x.from) || !s.Until.Equal(x.until) && k.Ended.IsZero() {
						r.Fatalf("%s: stood %+v, told %+v", rule.ID, s, x)
					}
					stops++
				}
				if stops != len(k.Stops) || ran+stood != now.Sub(k.Started) || stood != k.Stood(now) {
					r.Fatalf("%s: %s and %s of %s in %d stops: %+v", rule.ID, ran, stood, now.Sub(k.Started), stops, k)
				}
				tally, err := cals[rule.Calendar].Tally(k, now)
				if err != nil {
					r.Fatal(err)
				}
				sum := tally.Ran + tally.Free
				for _, d := range tally.Stood {
					sum += d
				}
				mark, err := cals[rule.Calendar].Reckon(k, now)
				if err != nil || sum != tally.Days || mark.Remaining != k.Days-tally.Ran {
					r.Fatalf("%s: %+v, %+v (%v)", rule.ID, tally, mark, err)
				}
			}
		}
	})
}
