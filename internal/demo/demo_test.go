package demo_test

import (
	"context"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/demo"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
)

var ctx = context.Background()

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func setUp(t *testing.T, app *node.App) *demo.State {
	t.Helper()
	s, err := demo.SetUp(ctx, app, "")
	must(t, err)
	return s
}

// The case of the IMSI catchers goes from application to refusal, and the
// decision can be replayed.
func TestIMSICatchersToRefusal(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		s := setUp(t, app)
		in, err := demo.Example(demo.IMSICatchers)
		must(t, err)
		id, err := s.Apply(ctx, s.Actors["kari"], in)
		must(t, err)
		must(t, s.Take(ctx, id, s.Actors["liv"]))

		f, err := app.CaseFile(ctx, s.Actors["amira"], id)
		must(t, err)
		met := false
		for _, h := range f.Assessment.Hits {
			met = met || h.Entry == "alvania-denials:0001" && h.Party == "ministry"
		}
		if !met {
			t.Fatalf("the partner's denial, in another script, is not among the hits: %+v", f.Assessment.Hits)
		}
		must(t, s.Classify(ctx, id, in))
		must(t, s.Resolve(ctx, id, in))
		must(t, s.Facts(ctx, id, in))
		must(t, s.View(ctx, id, assessment.Likely, 5, "Whole crowds can be identified; nobody authorises it beforehand.", "1", "2", "3"))
		must(t, s.Complete(ctx, id))
		must(t, s.Assure(ctx, id, "ministry", "The ministry will obey the law of Karsovia.", false))
		must(t, s.Advise(ctx, id, map[string]licensing.AdviceKind{"1": licensing.Refuse, "2": licensing.Refuse, "3": licensing.Refuse}, "Clear risk of internal repression."))
		refuse := []licensing.LineOutcome{}
		for _, l := range []string{"1", "2", "3"} {
			refuse = append(refuse, licensing.LineOutcome{Line: l, Outcome: licensing.RefuseLine, Grounds: []string{"CP2-a", "COC-R"}})
		}
		must(t, s.Complete(ctx, id)) // the assurance moved the basis
		must(t, app.Do(ctx, s.Actors["amira"], confirm(t, app, s, id, "human_rights")))
		must(t, app.Do(ctx, s.Actors["fatou"], confirm(t, app, s, id, "foreign")))
		must(t, s.Recommend(ctx, id, refuse, nil, "The unit has a record, and no court authorises the use.", "siri"))
		told := []licensing.ReleasedReason{{Ground: "CP2-a", Text: "There is a clear risk that the items might be used for internal repression.", Rests: []string{"CP2-a"}}}

		decision := licensing.DecideCase{
			Outcomes: refuse, Reasons: "As recommended.", ToApplicant: told, Withheld: []licensing.Withheld{{Basis: "Norland Export Control Act s. 21"}}, Redress: "2026-11-22",
		}
		if err := s.Decide(ctx, id, s.Actors["siri"], decision); !fault.Is(err, fault.Blocked) {
			t.Fatalf("no refusal before the applicant was heard: got %v", err)
		}
		must(t, s.Intend(ctx, id, []string{"1", "2", "3"}, told, decision.Withheld))
		clock.Move(4 * 24 * time.Hour)
		must(t, s.Reply(ctx, id, s.Actors["kari"], "The ministry has promised to obey the law.", "A promise to obey a law that asks for no warrant changes nothing."))
		must(t, s.Complete(ctx, id))
		must(t, app.Do(ctx, s.Actors["amira"], confirm(t, app, s, id, "human_rights")))
		must(t, app.Do(ctx, s.Actors["fatou"], confirm(t, app, s, id, "foreign")))
		must(t, app.Do(ctx, s.Actors["siri"], licensing.Countersign{On: licensing.On{Case: id}, Agree: true}))
		decision.Weighed = []licensing.WeighedPoint{{Point: "The ministry has promised to obey the law.", Answer: "The law asks for no order of a court."}}
		must(t, s.Decide(ctx, id, s.Actors["liv"], decision))

		r, err := app.Replay(ctx, s.Actors["audun"], id)
		must(t, err)
		if !r.Same || len(r.Lines) != 3 {
			t.Fatalf("replay: %+v", r)
		}
		if n := app.Runner().Drain(ctx); n == 0 {
			t.Fatal("no letters were waiting")
		}
		v, _, err := app.Application(ctx, s.Actors["kari"], id)
		must(t, err)
		kinds := map[licensing.LetterKind]int{}
		for _, l := range v.Letters {
			kinds[l.Kind]++
		}
		if kinds[licensing.LetterReceipt] != 3 || kinds[licensing.LetterIntention] != 3 || kinds[licensing.LetterDecision] != 3 {
			t.Fatalf("letters in all forms: got %v", kinds)
		}
	})
}

func confirm(t *testing.T, app *node.App, s *demo.State, id, department string) licensing.ConfirmAdvice {
	t.Helper()
	f, err := app.CaseFile(ctx, s.Actors["audun"], id)
	must(t, err)
	for _, a := range f.Case.Advice {
		if a.Department == department && !a.Superseded {
			return licensing.ConfirmAdvice{On: licensing.On{Case: id}, Advice: a.ID, Note: "Read again; it stands."}
		}
	}
	t.Fatalf("no advice of %s", department)
	return licensing.ConfirmAdvice{}
}

// The whole demonstration is made by commands, on both engines, and holds
// together.
func TestBuild(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		s := setUp(t, app)
		must(t, s.Build(ctx, clock, nil))
		rulesChange(t, app, clock)
		pastUnderOtherPacks(t, app, s)
	})
}
