package node_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/interests"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

// saidTo are what a person was told, the earliest first.
func saidTo(t *testing.T, app *node.App, who access.Actor) (out []string) {
	t.Helper()
	list, _, err := app.NoticesOf(context.Background(), who, "", false, 200)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range slices.Backward(list) {
		out = append(out, n.Said)
	}
	return out
}

func times(list []string, what string) (n int) {
	for _, x := range list {
		if x == what {
			n++
		}
	}
	return n
}

// More time for an answer: whoever applied is told, and whoever gave it is not.
func TestMoreTimeIsTold(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := nodetest.Staff(t, app)
		in := nodetest.Example(t, "01")
		id := h.Submit(h.Application(in))
		h.Screen(id, in)
		h.Do(h.Officer, licensing.AskInformation{On: licensing.On{Case: id}, RFI: "rfi-1", Questions: []licensing.Question{{ID: "a", Text: "Which department?"}}})
		q := h.File(h.Officer, id).Case.RFIs[0]
		before, officers := saidTo(t, app, h.Applicant), saidTo(t, app, h.Officer)
		h.Do(h.Officer, licensing.ExtendInformation{On: licensing.On{Case: id}, RFI: "rfi-1", Due: deadline.Date(q.Due.AddDate(0, 0, 7).Format(time.DateOnly)), Why: "The ministry is closed."})
		if due := h.File(h.Officer, id).Case.RFIs[0].Due; !due.After(q.Due) {
			t.Fatalf("still due %v", due)
		}
		if after := saidTo(t, app, h.Applicant); times(after, "news") != times(before, "news")+1 || len(after) != len(before)+1 {
			t.Errorf("the applicant was told %v, before it %v", after, before)
		}
		if after := saidTo(t, app, h.Officer); len(after) != len(officers) {
			t.Errorf("the officer was told %v, before it %v", after, officers)
		}
	})
}

// A request for information: its holder is reminded before its end, on the day
// and after it, the officer once it is late; each stage once, however often the
// node looks, and when it was down for days, only of the last.
func TestRemindersOfARequest(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		h := nodetest.Staff(t, app)
		in := nodetest.Example(t, "01")
		id := h.Submit(h.Application(in))
		h.Screen(id, in)
		h.Do(h.Officer, licensing.AskInformation{On: licensing.On{Case: id}, RFI: "rfi-1", Questions: []licensing.Question{{ID: "a", Text: "Which department?"}}})
		f := h.File(h.Officer, id)
		officer := h.Officer
		if f.Case.Officer != officer.Account {
			t.Fatalf("the case is %q's", f.Case.Officer)
		}
		due := f.Case.RFIs[0].Due
		runner := app.Runner()
		until := func(day time.Time) {
			for clock.Now().Before(day) {
				clock.Move(6 * time.Hour)
				runner.Drain(context.Background())
			}
		}
		check := func(when string, before, today, late, officers int) {
			t.Helper()
			got, theirs := saidTo(t, app, h.Applicant), saidTo(t, app, officer)
			if times(got, "answer.before") != before || times(got, "answer.today") != today || times(got, "answer.late") != late || times(theirs, "answer.late") != officers {
				t.Fatalf("%s: the applicant was told %v, the officer %v", when, got, theirs)
			}
		}
		until(due.AddDate(0, 0, -7))
		check("a week before", 0, 0, 0, 0)
		until(due.AddDate(0, 0, -3))
		check("three days before", 1, 0, 0, 0)
		until(due.Add(-18 * time.Hour))
		check("on the day", 1, 1, 0, 0)
		until(due.AddDate(0, 0, 4))
		check("four days late", 1, 1, 1, 1)

		// A second one, while the node is down: of the stages missed, the last.
		h.Do(h.Applicant, licensing.AnswerInformation{On: licensing.On{Case: id}, RFI: "rfi-1", Answers: []licensing.QuestionAnswer{{Question: "a", Text: "The special department."}}})
		h.Do(officer, licensing.AskInformation{On: licensing.On{Case: id}, RFI: "rfi-2", Questions: []licensing.Question{{ID: "a", Text: "Since when?"}}})
		last := h.File(officer, id).Case.RFIs[1].Due
		clock.Move(last.AddDate(0, 0, 3).Sub(clock.Now()))
		app.Runner().Drain(context.Background())
		check("after the node was down", 1, 1, 2, 2)

		// Whoever's case it no longer names keeps no reference.
		if err := app.Store().View(t.Context(), func(tx *store.Tx) error {
			list, err := tx.ListNotices(h.Applicant.Account, "", false, 100)
			for _, n := range list {
				if n.About != f.Case.Reference || n.Compartment != "" {
					t.Errorf("%+v", n)
				}
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		h.Do(h.Coordinator, licensing.MoveCompartment{On: licensing.On{Case: id}, Compartment: "sources", Why: "A witness is named."})
		list, _, err := app.NoticesOf(t.Context(), officer, "", false, 100)
		if err != nil || len(list) == 0 {
			t.Fatal(err)
		}
		for _, n := range list {
			if n.About != "" {
				t.Errorf("%s still names the case", n.Said)
			}
		}
	})
}

// A report under a licence: its holder is reminded before and on the day, the
// officer when it is late, a senior officer when it is very late; with the report
// the reminders end. The licence's own end is told as well.
func TestRemindersUnderALicence(t *testing.T) {
	for _, engine := range []store.Engine{store.SQLite, store.Postgres} {
		t.Run(string(engine), func(t *testing.T) {
			clock := nodetest.NewClock()
			app := nodetest.Open(t, engine, clock)
			h := nodetest.Staff(t, app)
			l := h.Licence(licensing.Condition{
				ID: "logs", Type: licensing.Reports, Who: "licensee", What: "A summary of the log goes to the authority each month.", EveryDays: 30, Verify: "Comparison with the log", Consequence: "Suspension",
			})
			d := l.Duties()[0]
			due, err := time.Parse(time.DateOnly, string(d.Due))
			if err != nil {
				t.Fatal(err)
			}
			at := func(days int) {
				if day := due.AddDate(0, 0, days).Add(8 * time.Hour); day.After(clock.Now()) {
					clock.Move(day.Sub(clock.Now()))
				}
				app.Runner().Drain(context.Background())
			}
			at(-14)
			at(-3)
			at(0)
			if got := saidTo(t, app, h.Applicant); times(got, "report.before") != 2 || times(got, "report.today") != 1 {
				t.Fatalf("the holder was told %v", got)
			}
			if got := saidTo(t, app, h.Senior); times(got, "report.late") != 0 {
				t.Fatalf("the senior officer was told %v", got)
			}
			at(3)
			at(14)
			at(15)
			if got := saidTo(t, app, h.Senior); times(got, "report.late") != 1 {
				t.Errorf("the senior officer was told %v", got)
			}
			if got := saidTo(t, app, h.Applicant); times(got, "report.late") != 2 {
				t.Errorf("the holder was told %v", got)
			}
			h.Do(h.Applicant, licensing.ReportDuty{OnLicence: licensing.OnLicence{Licence: l.ID}, Condition: "logs", Number: 1, Said: "Here it is."})
			before := times(saidTo(t, app, h.Applicant), "report.late")
			at(16)
			if n := times(saidTo(t, app, h.Applicant), "report.late"); n != before {
				t.Error("reminded of what was sent")
			}
			end, err := time.Parse(time.DateOnly, string(l.Until))
			if err != nil {
				t.Fatal(err)
			}
			clock.Move(end.AddDate(0, 0, -14).Add(8 * time.Hour).Sub(clock.Now()))
			app.Runner().Drain(context.Background())
			if n := times(saidTo(t, app, h.Applicant), "licence.before"); n != 1 {
				t.Errorf("told %d times that the licence ends", n)
			}
		})
	}
}

// Who never opened their register of interests is reminded of it again and again,
// and who did is not: an empty one is opened by confirming it.
func TestRemindersOfARegisterNeverOpened(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		h := nodetest.Staff(t, app)
		h.Do(h.Adviser, interests.Confirm{Account: h.Adviser.Account})
		runner := app.Runner()
		told := func(who access.Actor) int { t.Helper(); return times(saidTo(t, app, who), "interests") }
		runner.Drain(t.Context())
		if n := told(h.Officer); n != 1 {
			t.Fatalf("the officer is reminded %d times at first", n)
		}
		for range 3 {
			clock.Move(14 * 24 * time.Hour)
			runner.Drain(t.Context())
			runner.Drain(t.Context())
		}
		if n := told(h.Officer); n != 4 {
			t.Errorf("the officer is reminded %d times in six weeks", n)
		}
		h.Do(h.Officer, interests.Confirm{Account: h.Officer.Account})
		clock.Move(14 * 24 * time.Hour)
		runner.Drain(t.Context())
		if n := told(h.Officer); n != 4 || told(h.Adviser) != 0 || told(h.Applicant) != 0 {
			t.Errorf("reminded who declared, or who has nothing to declare: %d, %d, %d", n, told(h.Adviser), told(h.Applicant))
		}
	})
}
