package cases

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/ledger"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

// stretch is a time in which a clock ran, or stood still for something.
type stretch struct {
	from, until time.Time
	why, by     string
}

// entries are what the ledger holds of a case.
func (s *stage) entries(id string) (out []ledger.Entry) {
	s.T.Helper()
	if err := s.App.Store().View(s.T.Context(), func(t *store.Tx) (err error) {
		out, err = t.StreamEntries(node.CaseStream(id), 0)
		return err
	}); err != nil {
		s.T.Fatal(err)
	}
	return out
}

// retold counts a clock off the causes in the ledger: what begins and ends it, and
// the requests that were open. What events say of clocks is not read.
func retold(entries []ledger.Entry, starts, ends []string, stands bool) (clocks [][]stretch) {
	var open, now []stretch
	for _, e := range entries {
		at := time.UnixMicro(e.Time).UTC()
		var of struct {
			RFI     string `json:"rfi"`
			Holding bool   `json:"holding"`
		}
		if json.Unmarshal(e.Kept, &of) != nil {
			panic(e.Type)
		}
		ref := "rfi/" + of.RFI
		switch {
		case e.Type == "case.information_asked":
			open = append(open, stretch{why: ref, by: e.Actor})
		case e.Type == "case.information_closed", e.Type == "case.information_answered" && !of.Holding:
			open = slices.DeleteFunc(open, func(x stretch) bool { return x.why == ref })
		}
		next := stretch{from: at}
		if len(open) > 0 && stands {
			next.why, next.by = open[0].why, open[0].by
		}
		n := len(now)
		switch {
		case n > 0 && slices.Contains(ends, e.Type):
			now[n-1].until = at
			clocks, now = append(clocks, now), nil
		case n > 0 && now[n-1].why != next.why:
			now[n-1].until = at
			now = append(now, next)
		}
		if now == nil && slices.Contains(starts, e.Type) {
			now = []stretch{next}
		}
	}
	if now != nil {
		clocks = append(clocks, now)
	}
	return clocks
}

// addsUp holds every clock of a case against the ledger and the calendar.
func (s *stage) addsUp(id string) (stops int) {
	s.T.Helper()
	c, entries := s.File(s.Auditor, id).Case, s.entries(id)
	engines, err := s.App.Engines(s.T.Context())
	if err != nil {
		s.T.Fatal(err)
	}
	page := s.page(s.Auditor, "/cases/"+id)
	taken := map[string]int{}
	for _, p := range c.Clocks() {
		starts, ends, stands := p.Rule.Starts, p.Rule.Ends, slices.Contains(p.Rule.Stops, licensing.WaitInformation)
		cal := engines.Calendars[p.Rule.Calendar]
		if p.Rule.ID == "" {
			starts, ends, stands, cal = []string{"case.submitted", "case.reopened", "case.appeal_lodged"}, []string{"case.decided", "case.withdrawn", "case.appeal_withdrawn", "case.appeal_decided"}, true, engines.Calendar
		}
		all := retold(entries, starts, ends, stands)
		if taken[p.Rule.ID] >= len(all) {
			s.T.Fatalf("%q is not in the ledger", p.Rule.ID)
		}
		told := all[taken[p.Rule.ID]]
		taken[p.Rule.ID]++
		k, now := p.Clock, s.clock.Now()
		if !k.Ended.IsZero() {
			now = k.Ended
		}
		var ran, stood time.Duration
		var stopped []deadline.Stop
		for _, x := range told {
			until := x.until
			if until.IsZero() {
				until = now
			}
			if x.why == "" {
				ran += until.Sub(x.from)
				continue
			}
			stood += until.Sub(x.from)
			if x.until.IsZero() {
				until = time.Time{}
			}
			stopped = append(stopped, deadline.Stop{From: x.from, Until: until, Why: x.why, By: x.by})
		}
		if !k.Started.Equal(told[0].from) || !k.Ended.Equal(told[len(told)-1].until) || !slices.Equal(stopped, k.Stops) {
			s.T.Errorf("%q: recorded %+v, the ledger tells %+v", p.Rule.ID, k, told)
		}
		for _, x := range k.Stops {
			if x.By == "" || c.RFI(x.Why[len("rfi/"):]) == nil {
				s.T.Errorf("%q stood without who or why: %+v", p.Rule.ID, x)
			}
		}
		if ran+stood != now.Sub(k.Started) {
			s.T.Errorf("%q ran %s and stood %s of %s", p.Rule.ID, ran, stood, now.Sub(k.Started))
		}
		days, err := cal.Tally(k, now)
		if err != nil {
			s.T.Fatal(err)
		}
		still := 0
		for _, d := range days.Stood {
			still += d
		}
		mark, err := cal.Reckon(k, now)
		if err != nil || days.Ran+still+days.Free != days.Days || days.Days != cal.Day(k.Started).Until(cal.Day(now.Add(time.Second)))-1 && days.Days != cal.Day(k.Started).Until(cal.Day(now)) || mark.Remaining != k.Days-days.Ran {
			s.T.Errorf("%q: %+v does not add up to the calendar, %+v (%v)", p.Rule.ID, days, mark, err)
		}
		page.HasText("#clocks", fmt.Sprintf("%d ran, %d stood, %d free: %d in all", days.Ran, still, days.Free, days.Days))
		stops += len(k.Stops)
	}
	if len(taken) < 2 {
		s.T.Errorf("%d kinds of clocks", len(taken))
	}
	return stops
}

// asks has an officer ask the applicant; the request is given back.
func (s *stage) asks(id, question string) string {
	s.T.Helper()
	s.fill(s.Officer, "/cases/"+id, "/cases/"+id+"/questions", fields{"questions": question})
	q := s.File(s.Officer, id).Case.RFIs
	return q[len(q)-1].ID
}

// writes has the applicant answer a request, or say that an answer is coming.
func (s *stage) writes(id, rfi, how string) {
	s.T.Helper()
	page := "/exporter/cases/" + id + "/requests/" + rfi
	s.fill(s.Applicant, page, page, fields{"text": "The second department.", "how": how})
}

// Check 7.12 (2): every clock is derivable from events; stops are attributed;
// totals equal the calendar. Cases are carried through the doors: one let go after
// an answer, one refused after two requests at once and a hearing, one withdrawn
// in the summer while it waits.
func TestCheck7_12_2ClocksAreDerivable(t *testing.T) {
	play(t, func(t *testing.T, s *stage) {
		in := nodetest.Example(t, "12")
		line := in.Lines[0].ID
		open := s.assessed(in, nil)
		issued := s.assessed(in, nil)
		s.wait(2)
		first := s.asks(issued, "Which newsroom?")
		s.wait(5)
		s.writes(issued, first, "answer")
		s.wait(1)
		s.Complete(issued, in)
		s.carry(issued, "", map[string]licensing.Outcome{line: licensing.Issue}, nil)

		dark := nodetest.Example(t, "01")
		refused := s.apply("individual", dark, nil)
		one := s.asks(refused, "Which unit?")
		s.wait(3)
		other := s.asks(refused, "By which warrant?")
		s.wait(2)
		s.writes(refused, one, "holding")
		s.fill(s.Officer, "/cases/"+refused, "/cases/"+refused+"/questions/"+one+"/extend", fields{"until." + one: s.today().Add(60), "extend." + one: "The ministry is closed."})
		if q := s.File(s.Officer, refused).Case.RFI(one); deadline.DateOf(q.Due, time.UTC) != s.today().Add(60) || len(q.Extended) != 1 {
			t.Errorf("more time: %+v", q)
		}
		s.page(s.Applicant, "/exporter/cases/"+refused+"/requests/"+one).HasText("main", "January 2027")
		s.wait(2)
		s.writes(refused, one, "answer")
		s.wait(4)
		s.writes(refused, other, "answer")
		if n := s.addsUp(refused); n != 4 { // two for the target and two for the law's
			t.Errorf("%d stops while it is open", n)
		}
		s.Settle(refused, dark)
		lines := []string{"1", "2", "3"}
		s.Complete(refused, dark, lines...)
		s.carry(refused, "CP2-a", map[string]licensing.Outcome{"1": licensing.RefuseLine, "2": licensing.RefuseLine, "3": licensing.RefuseLine}, nil)
		if c := s.File(s.Auditor, refused).Case; len(c.Periods) != 2 || c.Periods[1].Rule.ID != "after_hearing" || c.Periods[1].Clock.Ended.IsZero() {
			t.Errorf("periods of the refusal: %+v", c.Periods)
		}

		withdrawn := s.apply("individual", in, nil)
		s.wait(20)
		s.asks(withdrawn, "Which newsroom?")
		s.wait(140) // the clocks go forward meanwhile
		home := "/exporter/cases/" + withdrawn
		s.page(s.Officer, "/cases/"+withdrawn).HasText("#clocks", "Stopped: waiting for")
		s.fill(s.Applicant, home+"/withdraw", home+"/withdraw", fields{"why": "The contract was cancelled."})
		for id, want := range map[string]int{open: 0, issued: 2, refused: 4, withdrawn: 2} {
			if n := s.addsUp(id); n != want {
				t.Errorf("%s: %d stops, want %d", s.File(s.Auditor, id).Case.Reference, n, want)
			}
		}
		s.page(s.Officer, "/cases/"+open).HasText("#clocks", "overdue").HasText("#clocks", "not verified")
	})
}
