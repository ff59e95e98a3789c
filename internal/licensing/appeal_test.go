package licensing_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/licensing"
)

var (
	reviewer = who("reviewer", access.SeniorOfficer)
	third    = who("third", access.LicensingOfficer)
	fourth   = who("fourth", access.LicensingOfficer)
)

func appeal() licensing.LodgeAppeal {
	return licensing.LodgeAppeal{On: on, Appeal: "appeal-1", Text: "The unit was dissolved."}
}

func review(who ...string) licensing.AssignReview {
	return licensing.AssignReview{On: on, Appeal: "appeal-1", Reviewers: who}
}

func rule(result licensing.AppealResult) licensing.DecideAppeal {
	d := licensing.DecideAppeal{On: on, Appeal: "appeal-1", Result: result, Reasons: "Because the extract shows it.", Told: "The extract from the register was looked at."}
	if result == licensing.Varied {
		d.Outcomes = outcomes(licensing.RefuseLine)
		d.Outcomes[2] = licensing.LineOutcome{Line: "line-3", Outcome: licensing.Issue}
	}
	return d
}

func reopen() licensing.Reopen {
	return licensing.Reopen{On: on, Ground: "new_facts", Why: "Because a report names the unit.", Told: "New facts have come to be known."}
}

func appealed(w *world) {
	refused(w)
	w.later(10).do(exporter, appeal())
}

func assignedForReview(w *world) {
	appealed(w)
	w.do(coordinator, review("reviewer", "third"))
}

func suspended(w *world) {
	issued(w)
	w.later(3).licence(senior, licensing.Suspend{OnLicence: onLicence, Ground: "incident", Why: "A report."})
}

// measureOf is an appeal against the last measure on the licence.
func measureOf(w *world) licensing.LodgeAppeal {
	a := appeal()
	a.Measure = w.l.Contestable()[0].Seq
	return a
}

// Round carries a case that is decided anew to its decision, by others.
func round(w *world, o licensing.Outcome) {
	w.do(coordinator, licensing.Assign{On: on, Officer: "third"})
	if len(w.c.Advice) > 0 {
		for _, a := range w.c.Advice {
			if !a.Superseded {
				w.do(adviser, licensing.ConfirmAdvice{On: on, Advice: a.ID})
			}
		}
	}
	w.do(third, recommend(o)).do(fourth, licensing.Countersign{On: on, Agree: true})
}

func annulled(w *world) {
	assignedForReview(w)
	w.do(reviewer, rule(licensing.Annulled))
}

// decidedAnew is a refusal that an appeal turned into a licence.
func decidedAnew(w *world) {
	annulled(w)
	round(w, licensing.Issue)
	d := against(decide(licensing.Issue))
	d.Licence.Until = "2029-01-01"
	d.Licence.From = "2027-03-01"
	w.do(reviewer, d)
}

// against answers the adviser's grounds.
func against(d licensing.DecideCase) licensing.DecideCase {
	for _, g := range []string{"G1", "G2"} {
		d.AgainstAdviser = append(d.AgainstAdviser, licensing.GroundReason{Advice: "adv-1", Ground: g, Reason: "It was dissolved."})
	}
	return d
}

func appealRows() []row {
	but := func(change func(*licensing.LodgeAppeal)) licensing.LodgeAppeal {
		a := appeal()
		change(&a)
		return a
	}
	late := func(w *world) { refused(w); w.later(29) }
	upheld := func(w *world) { assignedForReview(w); w.do(reviewer, rule(licensing.Upheld)) }
	broken := rule(licensing.Varied)
	broken.Outcomes = broken.Outcomes[:1]
	lines := rule(licensing.Varied)
	lines.Lines = []string{"line-9"}
	lines.Outcomes = nil
	contested := func(w *world) {
		suspended(w)
		w.do(exporter, measureOf(w)).do(coordinator, review("reviewer"))
	}
	bound := func(w *world) {
		assignedForReview(w)
		w.do(reviewer, rule(licensing.Varied))
		round(w, licensing.RefuseLine)
	}
	return []row{
		{name: "within the period", given: refused, actor: exporter, when: appeal(), event: "case.appeal_lodged"},
		{name: "without an id", given: refused, actor: exporter, when: but(func(a *licensing.LodgeAppeal) { a.Appeal = "" }), refused: "licensing.id"},
		{name: "without grounds", given: refused, actor: exporter, when: but(func(a *licensing.LodgeAppeal) { a.Text = " " }), refused: "licensing.reason.missing"},
		{name: "with a paper of no hash", given: refused, actor: exporter, when: but(func(a *licensing.LodgeAppeal) { a.Documents = []licensing.Document{{ID: "d"}} }), refused: "licensing.document.hash"},
		{name: "too late", given: late, actor: exporter, when: appeal(), refused: "licensing.appeal.late"},
		{name: "again", given: upheld, actor: exporter, when: but(func(a *licensing.LodgeAppeal) { a.Appeal = "appeal-2" }), refused: "licensing.appeal.twice"},
		{name: "against no measure", given: issued, actor: exporter, when: but(func(a *licensing.LodgeAppeal) { a.Measure = 3 }), refused: "licensing.appeal.none"},
		{name: "at will", given: appealed, actor: exporter, when: licensing.WithdrawAppeal{On: on, Appeal: "appeal-1", Why: "We shall apply anew."}, event: "case.appeal_withdrawn"},
		{name: "of another", given: appealed, actor: exporter, when: licensing.WithdrawAppeal{On: on, Appeal: "appeal-9", Why: "x"}, refused: "licensing.appeal.unknown"},
		{name: "without words", given: appealed, actor: exporter, when: licensing.WithdrawAppeal{On: on, Appeal: "appeal-1"}, refused: "licensing.reason.missing"},
		{name: "to a panel", given: appealed, actor: coordinator, when: review("reviewer", "third"), event: "case.review_assigned"},
		{name: "to nobody", given: appealed, actor: coordinator, when: review(), refused: "licensing.appeal.reviewers"},
		{name: "of another", given: appealed, actor: coordinator, when: licensing.AssignReview{On: on, Appeal: "x", Reviewers: []string{"reviewer"}}, refused: "licensing.appeal.unknown"},
		{name: "to who decided", given: appealed, actor: coordinator, when: review("officer"), refused: "licensing.appeal.took_part"},
		{name: "to who signed", given: appealed, actor: coordinator, when: review("reviewer", "second"), refused: "licensing.appeal.took_part"},
		{name: "to the same", given: assignedForReview, actor: coordinator, when: review("reviewer", "third"), refused: "licensing.officer.same"},
		{name: "who took the measure", given: func(w *world) { suspended(w); w.do(exporter, measureOf(w)) }, actor: coordinator, when: review("senior"), refused: "licensing.appeal.took_part"},
		{name: "upheld", given: assignedForReview, actor: reviewer, when: rule(licensing.Upheld), event: "case.appeal_decided"},
		{name: "annulled", given: assignedForReview, actor: third, when: rule(licensing.Annulled), event: "case.appeal_decided"},
		{name: "varied", given: assignedForReview, actor: reviewer, when: rule(licensing.Varied), event: "case.appeal_decided"},
		{name: "of another", given: appealed, actor: reviewer, when: licensing.DecideAppeal{On: on, Appeal: "x", Result: licensing.Upheld}, refused: "licensing.appeal.unknown"},
		{name: "by who does not review it", given: assignedForReview, actor: officer, when: rule(licensing.Upheld), refused: "licensing.appeal.reviewer"},
		{name: "with no result", given: assignedForReview, actor: reviewer, when: rule("maybe"), refused: "licensing.appeal.result"},
		{name: "without words", given: assignedForReview, actor: reviewer, when: licensing.DecideAppeal{On: on, Appeal: "appeal-1", Result: licensing.Upheld, Reasons: "x"}, refused: "licensing.reason.missing"},
		{name: "varied, not every line", given: assignedForReview, actor: reviewer, when: broken, refused: "licensing.outcome.lines"},
		{name: "a measure, in lines it has not", given: contested, actor: reviewer, when: lines, refused: "licensing.line.unknown"},
		{name: "on new facts", given: refused, actor: senior, when: reopen(), event: "case.reopened"},
		{name: "on no ground", given: refused, actor: senior, when: licensing.Reopen{On: on, Ground: "mood", Why: "x", Told: "x"}, refused: "licensing.reopen.ground"},
		{name: "without words", given: refused, actor: senior, when: licensing.Reopen{On: on, Ground: "law", Why: "x"}, refused: "licensing.reason.missing"},
		{name: "after a decision", given: annulled, actor: exporter, when: licensing.Withdraw{On: on, Why: "x"}, refused: "licensing.again.withdraw"},
		{name: "on appeal, by who decided", given: func(w *world) { annulled(w); round(w, licensing.RefuseLine) }, actor: officer, when: decide(licensing.RefuseLine), refused: "licensing.appeal.took_part"},
		{name: "other than the reviewers said", given: bound, actor: reviewer, when: decide(licensing.RefuseLine), refused: "licensing.appeal.bound"},
	}
}

// A refusal that an appeal annuls is decided afresh by others, under its own
// number; the first one stays, with its grounds and who took it.
func TestADecisionAnewStandsBesideTheFirst(t *testing.T) {
	w := newWorld(t)
	decidedAnew(w)
	c := w.c
	all := c.Decisions()
	if len(all) != 2 || all[0].Outcome != licensing.OutcomeRefused || all[0].Lines[0].Grounds[0] != "CP2-a" || all[0].Person != "officer" || c.Decision.Number != 2 || c.Decision.Way != licensing.OnAppeal || c.Decision.Outcome != licensing.OutcomeIssued {
		t.Fatalf("decisions %+v", all)
	}
	if a := c.Appeals[0]; a.Result != licensing.Annulled || len(a.Reviewers) != 2 || a.Ended.IsZero() {
		t.Errorf("appeal %+v", a)
	}
	if len(c.Heard) != 1 || len(c.Earlier) != 1 || c.Again() != nil || c.Stage != licensing.DecidedStage {
		t.Errorf("heard %d, proposals %d, again %v", len(c.Heard), len(c.Earlier), c.Again())
	}
	if got := column(t, c.Rows(), "case_row", "outcome"); got != "issued" {
		t.Errorf("in force: %v", got)
	}
	if got := column(t, c.Rows(), "case_row", "first_outcome"); got != "refused" {
		t.Errorf("first: %v", got)
	}
	v := c.ForApplicant()
	if v.Standing != "decided" || len(v.Former) != 1 || v.Former[0].Outcome != licensing.OutcomeRefused || v.Appeals[0].Words.Told == "" || v.Appeals[0].Words.Reasons != "" || v.Appeals[0].Reviewers != nil {
		t.Errorf("the applicant reads %+v", v)
	}
}

// The reviewers' own word, line by line: what they leave refused needs no second
// hearing, and nobody decides otherwise.
func TestReviewersMayVary(t *testing.T) {
	w := newWorld(t)
	assignedForReview(w)
	w.do(reviewer, rule(licensing.Varied))
	w.do(coordinator, licensing.Assign{On: on, Officer: "third"})
	w.do(adviser, licensing.ConfirmAdvice{On: on, Advice: "adv-1"})
	rec, d := recommend(licensing.RefuseLine), against(decide(licensing.RefuseLine))
	for i := range rec.Outcomes {
		if rec.Outcomes[i].Line == "line-3" {
			rec.Outcomes[i] = licensing.LineOutcome{Line: "line-3", Outcome: licensing.Issue}
			d.Outcomes[i] = rec.Outcomes[i]
		}
	}
	d.Licence = &licensing.NewLicence{ID: "licence-1", Code: checkCode, From: "2027-03-01", Until: "2028-11-23"}
	w.do(third, rec).do(fourth, licensing.Countersign{On: on, Agree: true}).do(reviewer, d)
	if w.c.Decision.Outcome != licensing.OutcomeSplit || len(w.l.Lines) != 1 {
		t.Errorf("decided %+v, licence %+v", w.c.Decision, w.l.Lines)
	}
}

// Reopened on new facts, a licence becomes a refusal: the new decision ends it,
// and what left counts against what a new licence would let go.
func TestReopeningGivesASecondDecision(t *testing.T) {
	w := newWorld(t)
	issued(w)
	w.later(20).do(senior, reopen())
	if w.c.Stage != licensing.Assessment || w.l.Now() != licensing.Valid || w.c.Again().Way != licensing.OnReopening {
		t.Fatalf("at %s, licence %s", w.c.Stage, w.l.Now())
	}
	if stale := w.c.Stale(1); len(stale) == 0 {
		t.Error("what the first decision rested on holds still")
	}
	if got := column(t, w.c.Rows(), "case_row", "ended"); got != w.c.Decision.At {
		t.Errorf("the case ended at %v", got)
	}
	round(w, licensing.Issue)
	next := decide(licensing.Issue)
	next.Licence = &licensing.NewLicence{ID: "licence-2", Code: checkCode, From: "2027-01-01", Until: "2028-11-23"}
	facts := func(f *licensing.Facts) {
		l := *w.l
		l.Drawn = map[string]licensing.Quantity{"line-1": 2000}
		f.Licence = &l
	}
	events, err := w.try(senior, next, facts)
	if err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, n := range events {
		types = append(types, n.Event.EventType())
		if e, ok := n.Event.(licensing.LicenceIssued); ok && (e.Lines[0].Quantity != 4000 || e.Lines[0].Value != 186_666_666) {
			t.Errorf("the new licence lets go %+v", e.Lines[0])
		}
	}
	if !slices.Equal(types, []string{"case.decided", "licence.revoked", "licence.issued"}) {
		t.Errorf("events %v", types)
	}
}

// A measure on a licence is contested and lifted, or held in part.
func TestAMeasureIsContested(t *testing.T) {
	for result, want := range map[licensing.AppealResult]licensing.LicenceStatus{licensing.Upheld: licensing.Suspended, licensing.Varied: licensing.Restricted, licensing.Annulled: licensing.Valid} {
		w := newWorld(t)
		suspended(w)
		w.later(5).do(exporter, measureOf(w)).do(coordinator, review("reviewer"))
		r := rule(result)
		r.Outcomes = nil
		if result == licensing.Varied {
			r.Lines = []string{"line-2"}
		}
		w.do(reviewer, r)
		if w.l.Now() != want || w.c.Stage != licensing.DecidedStage || len(w.c.Decisions()) != 1 {
			t.Errorf("%s: the licence is %s, the case at %s", result, w.l.Now(), w.c.Stage)
		}
	}
	w := newWorld(t)
	issued(w)
	w.licence(senior, licensing.Revoke{OnLicence: onLicence, Ground: "breach", Why: "Re-exported.", Reach: reach})
	w.do(exporter, measureOf(w)).do(coordinator, review("reviewer")).do(reviewer, rule(licensing.Annulled))
	if w.l.Now() != licensing.Valid || len(w.l.Reach) != 0 || len(w.l.History) != 3 {
		t.Errorf("the licence is %s after %+v", w.l.Now(), w.l.History)
	}
}

// Check 7.12 (5): whatever is edited, countersigned, appealed or decided anew,
// every ground on which a line was ever refused is on record, in the state, in
// the rows, and in what the applicant was told.
func TestCheck7_12_5GroundsNeverVanish(t *testing.T) {
	hold := func(t *testing.T, w *world, after string, decisions int) {
		t.Helper()
		for _, line := range []string{"line-1", "line-2", "line-3"} {
			found := false
			for _, d := range w.c.Decisions() {
				for _, l := range d.Lines {
					found = found || l.Line == line && slices.Contains(l.Grounds, "CP2-a")
				}
			}
			row := slices.ContainsFunc(w.c.Rows(), func(r event.Row) bool {
				return r.Table == "case_ground" && r.ID == "case-1/"+line+"/CP2-a"
			})
			if decisions > 0 && (!found || !row) {
				t.Errorf("after %s: the ground of %s: decision %v, row %v", after, line, found, row)
			}
		}
		proposed := w.c.Earlier
		if w.c.Proposal != nil {
			proposed = append(slices.Clone(proposed), *w.c.Proposal)
		}
		if !slices.ContainsFunc(proposed, func(p licensing.Proposal) bool {
			return p.Outcomes[0].Outcome == licensing.RefuseLine && p.Outcomes[0].Grounds[0] == "CP2-a"
		}) {
			t.Errorf("after %s: the proposal to refuse is gone", after)
		}
		heard := w.c.Heard
		if w.c.Intended != nil {
			heard = append(slices.Clone(heard), *w.c.Intended)
		}
		if !slices.ContainsFunc(heard, func(n licensing.IntendedRefusal) bool { return slices.Contains(n.Grounds, "CP2-a") }) {
			t.Errorf("after %s: what the applicant was told is gone", after)
		}
		if n := len(w.c.Decisions()); n != decisions {
			t.Errorf("after %s: %d decisions", after, n)
		}
	}
	w := newWorld(t)
	intended(w)
	hold(t, w, "intention", 0)
	edited := application()
	edited.Title = "Five vehicle units"
	w.do(exporter, licensing.Amend{On: on, Application: edited, Why: "One less."})
	hold(t, w, "an edit", 0)
	w.do(adviser, licensing.ConfirmAdvice{On: on, Advice: "adv-1"})
	w.do(officer, recommend(licensing.Issue))
	hold(t, w, "another proposal", 0)
	w.do(officer, recommend(licensing.RefuseLine)).do(second, licensing.Countersign{On: on, Agree: true})
	hold(t, w, "a countersignature", 0)
	w.later(60).do(officer, decide(licensing.RefuseLine))
	hold(t, w, "the decision", 1)
	w.do(exporter, appeal())
	hold(t, w, "the appeal", 1)
	w.do(coordinator, review("reviewer")).do(reviewer, rule(licensing.Annulled))
	hold(t, w, "its annulment", 1)
	round(w, licensing.Issue)
	hold(t, w, "a proposal to issue", 1)
	d := against(decide(licensing.Issue))
	d.Licence.From = "2027-03-01"
	w.do(reviewer, d)
	hold(t, w, "a licence", 2)
	w.do(senior, reopen())
	round(w, licensing.RefuseLine)
	w.do(third, intend()).later(30).do(reviewer, decide(licensing.RefuseLine))
	hold(t, w, "a second refusal", 3)
	n := 0
	for _, r := range w.c.Rows() {
		if r.Table == "case_ground" {
			n++
		}
	}
	if n != 6 {
		t.Errorf("%d grounds of two refusals of three lines", n)
	}
	if got := fmt.Sprint(w.c.ForApplicant().Former[0].Lines[0].Grounds); got != "[CP2-a]" {
		t.Errorf("the applicant reads %s of the first", got)
	}
}
