package node_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

// hasKey tells whether a refusal holds a message.
func hasKey(err error, key string) bool {
	var f *fault.Error
	if !errors.As(err, &f) {
		return false
	}
	return f.Key == key || slices.ContainsFunc(f.Fields, func(x fault.Field) bool { return x.Key == key }) || slices.ContainsFunc(f.Items, func(x fault.Item) bool { return x.Key == key })
}

// Every kind of case goes from the application to each result that its manifest
// allows, and to no other.
func TestEveryKindFromApplicationToResult(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := nodetest.Staff(t, app)
		all, err := app.Kinds()
		if err != nil {
			t.Fatal(err)
		}
		in := nodetest.Example(t, "12")
		for _, k := range all.For(true) {
			for _, o := range k.Outcomes {
				if o == licensing.RefuseLine {
					continue // goes the long way, by an intention to refuse, which is no matter of kinds
				}
				t.Run(k.ID+"/"+string(o), func(t *testing.T) {
					h := *h
					h.T = t
					endKind(&h, k, in, o)
				})
			}
		}
	})
}

func endKind(h *nodetest.House, k licensing.Kind, in assessment.Input, o licensing.Outcome) {
	t, ctx := h.T, context.Background()
	a := h.ApplicationOf(k.ID, in)
	id := h.Submit(a)
	f := h.File(h.Officer, id)
	if f.Case.Kind != k.ID || f.Case.Manifest != k.Version || f.Case.Clock.Days < 1 {
		t.Fatalf("kind %q, manifest %q, %d days", f.Case.Kind, f.Case.Manifest, f.Case.Clock.Days)
	}
	if o.LetsGo() {
		h.Settle(id, in)
		h.Complete(id, in)
	}
	on, line := licensing.On{Case: id}, a.Lines[0].ID
	outcomes := []licensing.LineOutcome{{Line: line, Outcome: o}}
	var conditions []licensing.Condition
	switch o {
	case licensing.Issue:
		conditions = k.Required(&a, []string{line})
		if len(conditions) > 0 {
			err := h.App.Do(ctx, h.Officer, licensing.Recommend{On: on, Outcomes: outcomes, Reasons: "Without its conditions."})
			if !hasKey(err, "licensing.condition.required") {
				t.Fatalf("recommended without the conditions of its kind: %v", err)
			}
		}
	case licensing.Undertaken:
		conditions = []licensing.Condition{{ID: "u", Type: licensing.AtSite, Who: "licensee", What: "Used at the newsroom alone.", Verify: "visit", Consequence: "A licence is needed."}}
	}
	for _, other := range licensing.LineOutcomes {
		if k.Gives(other) {
			continue
		}
		err := h.App.Do(ctx, h.Officer, licensing.Recommend{On: on, Outcomes: []licensing.LineOutcome{{Line: line, Outcome: other}}, Conditions: conditions, Reasons: "x"})
		if !hasKey(err, "licensing.outcome.kind") {
			t.Errorf("recommended %s: %v", other, err)
		}
	}
	h.Do(h.Officer, licensing.Recommend{On: on, Outcomes: outcomes, Conditions: conditions, Reasons: "It protects those who use it."})
	h.Do(h.Senior, licensing.Countersign{On: on, Agree: true})
	from := deadline.DateOf(h.App.Now(), nil)
	cmd := licensing.DecideCase{
		On: on, Outcomes: outcomes, Conditions: conditions, Reasons: "As recommended.", Redress: "2026-11-22",
		ToApplicant: []licensing.ReleasedReason{{Ground: "answer", Text: "It protects those who use it."}},
	}
	if o == licensing.Issue {
		l := node.NewID()
		cmd.Licence = &licensing.NewLicence{ID: l, Code: "0123456789ABCDEF" + l[len(l)-8:], From: from, Until: from.AddMonths(k.Months).Add(1)}
		if err := h.App.Do(ctx, h.Officer, cmd); !hasKey(err, "licensing.licence.long") {
			t.Fatalf("issued for longer than %d months: %v", k.Months, err)
		}
		cmd.Licence.Until = from.AddMonths(k.Months)
		if len(k.Conditions) > 0 && k.Conditions[0].Type == licensing.Returned {
			cmd.Licence.Until = from.AddMonths(3)
		}
	}
	h.Do(h.Officer, cmd)
	c := h.File(h.Officer, id).Case
	if c.Stage != licensing.DecidedStage || c.Decision.Lines[0].Outcome != o {
		t.Fatalf("stage %s, outcome %s", c.Stage, c.Decision.Lines[0].Outcome)
	}
	if (c.Decision.Licence != "") != (o == licensing.Issue) {
		t.Fatalf("licence %q", c.Decision.Licence)
	}
	if o != licensing.Issue {
		return
	}
	l := h.Issued(c.Decision.Licence)
	if l.Kind != k.ID || len(l.Conditions) != len(k.Conditions) {
		t.Fatalf("licence of kind %q under %d conditions", l.Kind, len(l.Conditions))
	}
	for i, want := range k.Conditions {
		duty, open := l.Open(&l.Conditions[i])
		if due := want.EveryDays > 0 || want.Until != ""; open != due {
			t.Errorf("condition %s: open %v, want %v", want.Type, open, due)
		}
		if want.Type == licensing.Returned && duty.Due != l.Conditions[i].Until {
			t.Errorf("back by %s, want %s", duty.Due, l.Conditions[i].Until)
		}
	}
}

// An application that leaves out what its manifest asks for is told so, line by
// line and paragraph by paragraph; one of another kind is not.
func TestManifestsAskForWhatTheySay(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nodetest.NewClock())
	h := nodetest.Staff(t, app)
	all, _ := app.Kinds()
	in := nodetest.Example(t, "12")
	for _, k := range all.For(true) {
		a := h.ApplicationOf(k.ID, in)
		a.Answers = slices.DeleteFunc(slices.Clone(a.Answers), func(w licensing.Answer) bool {
			return slices.ContainsFunc(k.Asks, func(g licensing.Paragraph) bool { return g.ID == w.Paragraph })
		})
		err := app.Do(context.Background(), h.Applicant, licensing.Submit{On: licensing.On{Case: a.ID}, Application: a})
		if len(k.Asks) > 0 && !hasKey(err, "licensing.missing.paragraph") || len(k.Asks) == 0 && err != nil {
			t.Errorf("%s: %v", k.ID, err)
		}
	}
	a := h.Application(in)
	a.Kind = "wish"
	if err := app.Do(context.Background(), h.Applicant, licensing.Submit{On: licensing.On{Case: a.ID}, Application: a}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a kind that there is none of: %v", err)
	}
}
