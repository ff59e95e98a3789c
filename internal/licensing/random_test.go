package licensing_test

import (
	"fmt"
	"testing"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"pgregory.net/rapid"
)

// Whatever is done in whatever order: what was decided was countersigned by a
// second person on the basis it was decided on, and the clock's stops never
// overlap.
func TestAnyOrderOfCommandsKeepsTheRules(t *testing.T) {
	n := 0
	rapid.Check(t, func(r *rapid.T) {
		w := newWorld(t)
		actors := []licensing.Actor{exporter, officer, second, senior, adviser}
		for range rapid.IntRange(5, 60).Draw(r, "steps") {
			n++
			id := fmt.Sprintf("id-%d", n)
			cmds := []licensing.Command{
				submit(),
				licensing.Assign{On: on, Officer: "officer"},
				recommend(licensing.Issue), recommend(licensing.RefuseLine),
				licensing.Countersign{On: on, Agree: true},
				licensing.Countersign{On: on, Agree: true},
				licensing.Countersign{On: on, Agree: true},
				decide(licensing.Issue), decide(licensing.RefuseLine), weighed(decide(licensing.RefuseLine)), decide(licensing.Issue), intend(), seek(), reply(licensing.Given),
				advise(id, licensing.Approve),
				licensing.ApplicantReplies{On: on, Text: "x"},
				licensing.WeighReply{On: on, Text: "x"},
				licensing.ChangeBasis{On: on, What: licensing.BasisHit, Ref: "x"},
				licensing.AskInformation{On: on, RFI: id, Questions: []licensing.Question{{ID: "a", Text: "x"}}},
			}
			for _, q := range w.c.RFIs {
				cmds = append(cmds, licensing.AnswerInformation{On: on, RFI: q.ID, Text: "x"}, licensing.AnswerInformation{On: on, RFI: q.ID, Text: "x"})
			}
			for _, a := range w.c.Advice {
				cmds = append(cmds, licensing.ConfirmAdvice{On: on, Advice: a.ID})
			}
			w.later(rapid.IntRange(0, 4).Draw(r, "days"))
			cmd := rapid.SampledFrom(cmds).Draw(r, "command")
			actor := rapid.SampledFrom(actors).Draw(r, "actor")
			before := w.c.Basis
			events, err := w.try(actor, cmd)
			if err != nil {
				continue
			}
			w.store(actor, events)
			if w.c.Basis < before || len(w.c.Changes) > w.c.Basis {
				r.Fatalf("basis %d after %d", w.c.Basis, before)
			}
			for i, s := range w.c.Clock.Stops {
				if i > 0 && s.From.Before(w.c.Clock.Stops[i-1].Until) {
					r.Fatalf("stops overlap: %+v", w.c.Clock.Stops)
				}
			}
			if w.c.Clock.Stopped() != (w.c.OpenRFIs() > 0 && w.c.Stage == licensing.Waiting) {
				r.Fatalf("clock %+v with %d open requests at %s", w.c.Clock, w.c.OpenRFIs(), w.c.Stage)
			}
			if d := w.c.Decision; d != nil {
				s := w.c.Signature()
				if s == nil || s.Basis != d.Basis || d.Recommender == d.Countersigner || len(w.c.Stale(d.Basis)) > 0 {
					r.Fatalf("decided on %+v", s)
				}
			}
		}
	})
}

// large is the application that the bounds call normal: 100 lines, 60 parties.
func large() licensing.Application {
	a := application()
	for i := range 97 {
		l := a.Lines[0]
		l.ID, l.Description = fmt.Sprintf("more-%d", i), fmt.Sprintf("Part %d of the vehicle unit", i)
		a.Lines = append(a.Lines, l)
	}
	for i := range 57 {
		a.Parties = append(a.Parties, party.Party{ID: fmt.Sprintf("p-%d", i), Roles: []party.Role{party.ThirdParty}, Kind: party.Organisation, Country: "XB", Names: []party.Name{{Text: fmt.Sprintf("Company %d", i)}}})
	}
	return a
}

func TestAHundredLinesAndSixtyPartiesAreNormal(t *testing.T) {
	w := newWorld(t)
	w.do(exporter, licensing.Submit{On: on, Application: large()})
	if got := column(t, w.c.Rows(), "case_row", "lines"); got != int64(100) {
		t.Errorf("%v lines", got)
	}
	a := large()
	for i := range licensing.MaxLines {
		l := a.Lines[0]
		l.ID = fmt.Sprintf("over-%d", i)
		a.Lines = append(a.Lines, l)
	}
	if _, err := w.try(exporter, licensing.Amend{On: on, Application: a}); !says(err, "licensing.count.bound") {
		t.Errorf("over the bound: %v", err)
	}
}

func BenchmarkSubmit(b *testing.B) {
	for name, a := range map[string]licensing.Application{"3 lines": application(), "100 lines, 60 parties": large()} {
		b.Run(name, func(b *testing.B) {
			cal := calendar(b)
			for b.Loop() {
				f := (&world{c: &licensing.Case{}, cal: cal, profile: interception(), now: newNow}).facts(exporter)
				events, err := licensing.Decide(&licensing.Case{}, licensing.Submit{On: on, Application: a}, f)
				if err != nil {
					b.Fatal(err)
				}
				var c licensing.Case
				if err := c.Apply(event.Recorded{Stream: on.Stream(), Time: newNow, Event: events[0].Event}); err != nil {
					b.Fatal(err)
				}
				c.Rows()
			}
		})
	}
}

func FuzzParseQuantity(f *testing.F) {
	for _, s := range []string{"6", "1.5", "0.125", "1.2345", "-1", "", ".", "1e9", "9223372036854775807"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := licensing.ParseQuantity(s)
		if err != nil {
			return
		}
		if again, err := licensing.ParseQuantity(q.String()); err != nil || again != q || q < 0 {
			t.Errorf("%q reads %d, writes %q, reads %d (%v)", s, q, q.String(), again, err)
		}
	})
}
