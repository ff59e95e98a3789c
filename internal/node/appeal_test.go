package node_test

import (
	"context"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
)

// An exporter contests the suspension of a licence and is answered by others;
// then the case is opened again and decided anew. Both decisions count, and the
// figures agree with the ledger.
func TestAppealAndDecisionAnew(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		h := nodetest.Staff(t, app)
		ctx := context.Background()
		l := h.Licence()
		on, line := licensing.On{Case: l.Case}, l.Lines[0].Line
		h.Do(h.Senior, licensing.Suspend{OnLicence: licensing.OnLicence{Licence: l.ID}, Ground: "incident", Why: "A report."})
		measure := h.Issued(l.ID).Contestable()[0].Seq
		lodge := licensing.LodgeAppeal{On: on, Appeal: node.NewID(), Measure: measure, Text: "The report names another firm."}
		if err := app.Do(ctx, h.Officer, lodge); !fault.Is(err, fault.Denied) && !fault.Is(err, fault.NotFound) {
			t.Errorf("an officer appeals: %v", err)
		}
		h.Do(h.Applicant, lodge)
		reviewers := func(who access.Actor) licensing.AssignReview {
			return licensing.AssignReview{On: on, Appeal: lodge.Appeal, Reviewers: []string{who.Account}}
		}
		if err := app.Do(ctx, h.Coordinator, reviewers(h.Senior)); !hasKey(err, "licensing.appeal.took_part") {
			t.Errorf("who took the measure reviews it: %v", err)
		}
		h.Do(h.Coordinator, reviewers(h.Second))
		word := licensing.DecideAppeal{On: on, Appeal: lodge.Appeal, Result: licensing.Annulled, Reasons: "Another firm is meant.", Told: "The report was looked at again."}
		if err := app.Do(ctx, h.Officer, word); !hasKey(err, "licensing.appeal.reviewer") {
			t.Errorf("another officer gives the word: %v", err)
		}
		h.Do(h.Second, word)
		if got := h.Issued(l.ID).Now(); got != licensing.Valid {
			t.Errorf("the licence is %s", got)
		}
		if err := app.Do(ctx, h.Officer, licensing.Reopen{On: on, Ground: "new_facts", Why: "x", Told: "x"}); !fault.Is(err, fault.Denied) {
			t.Errorf("an officer opens it again: %v", err)
		}
		h.Do(h.Senior, licensing.Reopen{On: on, Ground: "new_facts", Why: "The product changed.", Told: "The product has changed."})
		h.Do(h.Coordinator, licensing.Assign{On: on, Officer: h.Officer.Account})
		in := nodetest.Example(t, "12")
		h.Screen(l.Case, in)
		h.Complete(l.Case, in)
		outcomes := []licensing.LineOutcome{{Line: line, Outcome: licensing.LineNotNeeded}}
		h.Do(h.Officer, licensing.Recommend{On: on, Outcomes: outcomes, Reasons: "It is on no list any more."})
		h.Do(h.Senior, licensing.Countersign{On: on, Agree: true})
		h.Do(h.Officer, licensing.DecideCase{On: on, Outcomes: outcomes, Reasons: "As recommended.", Redress: "2026-11-22"})
		c := h.File(h.Officer, l.Case).Case
		if len(c.Decisions()) != 2 || c.First().Outcome != licensing.OutcomeIssued || c.Decision.Outcome != licensing.OutcomeNone || c.Decision.Way != licensing.OnReopening {
			t.Fatalf("decisions %+v", c.Decisions())
		}
		if got := h.Issued(l.ID).Now(); got != licensing.Revoked {
			t.Errorf("the earlier licence is %s", got)
		}
		f, differences, err := app.CheckYear(ctx, access.System(), app.Now().Year())
		if err != nil || len(differences) != 0 {
			t.Fatalf("the year differs by %v (%v)", differences, err)
		}
		if f.Ended != 1 || f.Table("later").Rows[1].Counts[3] != 1 || f.Table("appeals").Rows[2].Counts[0] != 1 {
			t.Errorf("counted %d ended, %+v, %+v", f.Ended, f.Table("later"), f.Table("appeals"))
		}
		clock.Move(time.Minute)
		v, _, err := app.Application(ctx, h.Applicant, l.Case)
		if err != nil || v.Standing != "decided" || len(v.Former) != 1 || v.Appeals[0].Words.Told == "" || v.Appeals[0].Words.Reasons != "" {
			t.Errorf("the applicant reads %+v (%v)", v, err)
		}
		kinds := map[licensing.LetterKind]bool{}
		app.Runner().Drain(ctx)
		for _, l := range h.File(h.Officer, l.Case).Case.Letters {
			kinds[l.Kind] = true
		}
		for _, k := range []licensing.LetterKind{licensing.LetterAppeal, licensing.LetterAppealDecision, licensing.LetterReopened} {
			if !kinds[k] {
				t.Errorf("no letter %q was written", k)
			}
		}
	})
}
