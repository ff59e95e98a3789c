package licensing_test

import (
	"slices"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/licensing"
)

var (
	auditor     = who("auditor", access.Auditor)
	coordinator = who("coordinator", access.CaseCoordinator)
)

func direct(o licensing.Outcome) licensing.Direct {
	return licensing.Direct{On: on, Direction: "direction-1", Office: "cabinet", Who: "The cabinet, by its secretary", Day: "2026-11-23", Outcomes: outcomes(o), Text: "The cabinet directs that this be so."}
}

func minute(votes ...licensing.Vote) licensing.Minute {
	m := licensing.Minute{On: on, Escalation: "e-1", Outcomes: outcomes(licensing.RefuseLine), Text: "The majority would refuse."}
	for i, v := range votes {
		p := licensing.Position{Name: string(rune('A' + i)), Vote: v}
		if v == licensing.VoteAgainst {
			p.Dissent = "Trade would issue."
		}
		m.Positions = append(m.Positions, p)
	}
	return m
}

func recused(w *world) {
	assigned(w)
	w.do(officer, licensing.Recuse{On: on, Person: "officer", Ground: "family", Why: "My brother works there."})
}

func escalated(w *world) {
	advised(w)
	w.do(ministry, licensing.Escalate{On: on, Escalation: "e-1", Question: "Trade and foreign affairs differ."})
}

func directed(w *world) { countersigned(w); w.do(senior, direct(licensing.RefuseLine)) }

func dissenting(w *world) {
	countersigned(w)
	w.do(adviser, licensing.LodgeDissent{On: on, Dissent: "d-1", Text: "The record speaks against it."})
}

func procedureRows() []row {
	recuse := func(person string, ground licensing.RecusalGround) licensing.Recuse {
		return licensing.Recuse{On: on, Person: person, Ground: ground, Why: "My brother works there."}
	}
	but := func(change func(*licensing.Direct)) licensing.Direct {
		c := direct(licensing.Issue)
		change(&c)
		return c
	}
	return []row{
		{name: "oneself", given: assigned, actor: officer, when: recuse("officer", "family"), event: "case.recused"},
		{name: "another, as coordinator", given: assigned, actor: coordinator, when: recuse("second", "money"), event: "case.recused"},
		{name: "another, as officer", given: assigned, actor: officer, when: recuse("second", "money"), refused: "licensing.recusal.other"},
		{name: "nobody", given: assigned, actor: coordinator, when: recuse("", "money"), refused: "licensing.recusal.person"},
		{name: "without ground", given: assigned, actor: officer, when: recuse("officer", "weather"), refused: "licensing.recusal.ground"},
		{name: "without words", given: assigned, actor: officer, when: licensing.Recuse{On: on, Person: "officer", Ground: "family"}, refused: "licensing.reason.missing"},
		{name: "again", given: recused, actor: coordinator, when: recuse("officer", "family"), refused: "licensing.recusal.stands"},
		{name: "by a coordinator", given: recused, actor: coordinator, when: licensing.LiftRecusal{On: on, Person: "officer", Why: "A namesake."}, event: "case.recusal_lifted"},
		{name: "where none stands", given: assigned, actor: coordinator, when: licensing.LiftRecusal{On: on, Person: "officer", Why: "x"}, refused: "licensing.recusal.none"},
		{name: "by an officer", given: recused, actor: second, when: licensing.LiftRecusal{On: on, Person: "officer", Why: "x"}, refused: "licensing.recusal.self"},
		{name: "without words", given: recused, actor: coordinator, when: licensing.LiftRecusal{On: on, Person: "officer"}, refused: "licensing.reason.missing"},
		{name: "by the cabinet", given: countersigned, actor: senior, when: direct(licensing.RefuseLine), event: "case.directed"},
		{name: "by nobody", given: countersigned, actor: senior, when: but(func(c *licensing.Direct) { c.Who = "" }), refused: "licensing.direction.who"},
		{name: "tomorrow", given: countersigned, actor: senior, when: but(func(c *licensing.Direct) { c.Day = "2030-01-01" }), refused: "licensing.direction.day"},
		{name: "without its words", given: countersigned, actor: senior, when: but(func(c *licensing.Direct) { c.Text = "" }), refused: "licensing.direction.text"},
		{name: "without an id", given: countersigned, actor: senior, when: but(func(c *licensing.Direct) { c.Direction = "" }), refused: "licensing.id"},
		{name: "not every line", given: countersigned, actor: senior, when: but(func(c *licensing.Direct) { c.Outcomes = c.Outcomes[:1] }), refused: "licensing.outcome.lines"},
		{name: "of the adviser", given: countersigned, actor: adviser, when: licensing.LodgeDissent{On: on, Dissent: "d-1", Text: "The record speaks against it."}, event: "case.dissent_lodged"},
		{name: "without an id", given: countersigned, actor: adviser, when: licensing.LodgeDissent{On: on, Text: "x"}, refused: "licensing.id"},
		{name: "without words", given: countersigned, actor: adviser, when: licensing.LodgeDissent{On: on, Dissent: "d-1"}, refused: "licensing.reason.missing"},
		{name: "by the auditor", given: dissenting, actor: auditor, when: licensing.CloseDissent{On: on, Dissent: "d-1", Why: "Both texts are on record."}, event: "case.dissent_closed"},
		{name: "of which there is none", given: countersigned, actor: auditor, when: licensing.CloseDissent{On: on, Dissent: "d-1", Why: "x"}, refused: "licensing.dissent.none"},
		{name: "without words", given: dissenting, actor: auditor, when: licensing.CloseDissent{On: on, Dissent: "d-1"}, refused: "licensing.reason.missing"},
		{name: "advice differs", given: advised, actor: ministry, when: licensing.Escalate{On: on, Escalation: "e-1", Question: "They differ."}, event: "case.escalated"},
		{name: "without an id", given: advised, actor: ministry, when: licensing.Escalate{On: on, Question: "x"}, refused: "licensing.id"},
		{name: "without a question", given: advised, actor: ministry, when: licensing.Escalate{On: on, Escalation: "e-1"}, refused: "licensing.reason.missing"},
		{name: "twice at once", given: escalated, actor: ministry, when: licensing.Escalate{On: on, Escalation: "e-2", Question: "x"}, refused: "licensing.committee.waits"},
		{name: "with a dissent", given: escalated, actor: senior, when: minute(licensing.VoteFor, licensing.VoteAgainst, licensing.VoteAbstain), event: "case.minuted"},
		{name: "of no question", given: advised, actor: senior, when: minute(licensing.VoteFor, licensing.VoteFor), refused: "licensing.committee.none"},
		{name: "of one member", given: escalated, actor: senior, when: minute(licensing.VoteFor), refused: "licensing.committee.positions"},
		{name: "a dissent without words", given: escalated, actor: senior, when: func() licensing.Minute {
			m := minute(licensing.VoteFor, licensing.VoteAgainst)
			m.Positions[1].Dissent = ""
			return m
		}(), refused: "licensing.committee.dissent"},
		{name: "without words", given: escalated, actor: senior, when: licensing.Minute{On: on, Escalation: "e-1"}, refused: "licensing.reason.missing"},
		{name: "not every line", given: escalated, actor: senior, when: func() licensing.Minute {
			m := minute(licensing.VoteFor, licensing.VoteFor)
			m.Outcomes = nil
			return m
		}(), refused: "licensing.outcome.lines"},
	}
}

// A recused person does nothing in the case, loses it where it was theirs, and
// can't be given it again.
func TestARecusedPersonActsNoMore(t *testing.T) {
	w := newWorld(t)
	recused(w)
	if w.c.Officer != "" {
		t.Errorf("the case is still with %q", w.c.Officer)
	}
	for _, cmd := range []licensing.Command{recommend(licensing.Issue), licensing.AskInformation{On: on, RFI: "r", Questions: []licensing.Question{{ID: "a", Text: "x"}}}, licensing.ChangeBasis{On: on, What: licensing.BasisHit, Ref: "x"}} {
		if _, err := w.try(officer, cmd); !says(err, "licensing.recused") {
			t.Errorf("%s: %v", cmd.Name(), err)
		}
	}
	if _, err := w.try(coordinator, licensing.Assign{On: on, Officer: "officer"}); !says(err, "licensing.recusal.officer") {
		t.Errorf("given back: %v", err)
	}
	w.do(coordinator, licensing.LiftRecusal{On: on, Person: "officer", Why: "A namesake."}).do(coordinator, licensing.Assign{On: on, Officer: "officer"})
	if _, err := w.try(officer, licensing.ChangeBasis{On: on, What: licensing.BasisHit, Ref: "x"}); err != nil {
		t.Errorf("after the recusal was lifted: %v", err)
	}
}

// A direction names what it goes against, is carried out by another person than
// recorded it, skips nothing of the assessment, and never becomes the officer's
// recommendation.
func TestADirectedDecision(t *testing.T) {
	w := newWorld(t)
	directed(w)
	x := w.c.Direction()
	if !slices.Contains(x.Against, "recommendation") || len(x.Against) < 2 {
		t.Fatalf("it goes against %v", x.Against)
	}
	if w.c.Proposal.Outcomes[0].Outcome != licensing.Issue || w.c.Proposal.Person != "officer" {
		t.Fatalf("the recommendation reads %+v", w.c.Proposal)
	}
	intention := intend()
	w.do(second, intention).later(40)
	d := decide(licensing.RefuseLine)
	d.Direction = "direction-1"
	if _, err := w.try(senior, d); !says(err, "licensing.direction.same_person") {
		t.Errorf("carried out by who recorded it: %v", err)
	}
	other := decide(licensing.Issue)
	other.Direction = "direction-1"
	if _, err := w.try(second, other); !says(err, "licensing.direction.differs") {
		t.Errorf("carried out otherwise: %v", err)
	}
	if _, err := w.try(second, d, func(f *licensing.Facts) { f.Decision.Complete = false }); !says(err, "licensing.assessment.incomplete") {
		t.Errorf("without an assessment: %v", err)
	}
	w.do(second, d)
	if c := w.c.Decision; c.Direction != "direction-1" || c.Recommender != "officer" || c.Person != "second" {
		t.Errorf("decided %+v", c)
	}
}

// No decision is taken while the committee has not minuted.
func TestTheCommitteeIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	countersigned(w)
	w.do(ministry, licensing.Escalate{On: on, Escalation: "e-1", Question: "They differ."})
	if _, err := w.try(second, decide(licensing.Issue)); !says(err, "licensing.committee.open") {
		t.Fatalf("decided before the minutes: %v", err)
	}
	w.later(30).do(senior, minute(licensing.VoteFor, licensing.VoteAgainst))
	x := w.c.Escalations[0]
	if !x.Late || x.Votes[licensing.VoteAgainst] != 1 || x.Minutes.Positions[1].Dissent == "" {
		t.Errorf("minutes %+v", x)
	}
}
