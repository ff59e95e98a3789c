package licensing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
)

// row is one given, when, then. Exactly one of event and refused is set.
type row struct {
	name    string
	given   func(*world)
	actor   licensing.Actor
	when    licensing.Command
	facts   func(*licensing.Facts)
	event   string // type of the event
	refused string // message key
}

func draft(*world) {}

func rows() []row {
	var all []row
	for _, part := range [][]row{intakeRows(), informationRows(), assuranceRows(), adviceRows(), outcomeRows(), keepingRows(), noteRows(), informedRows(), procedureRows(), appealRows()} {
		all = append(all, part...)
	}
	return append(all, decisionRows()...)
}

func TestDecide(t *testing.T) {
	for _, r := range rows() {
		t.Run(r.when.Name()+"/"+r.name, func(t *testing.T) {
			w := newWorld(t)
			r.given(w)
			change := r.facts
			if change == nil {
				change = func(*licensing.Facts) {}
			}
			events, err := w.try(r.actor, r.when, change)
			if r.refused != "" {
				if !says(err, r.refused) {
					t.Fatalf("want a refusal that says %q, got %v", r.refused, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := events[0].Event.EventType(); got != r.event {
				t.Fatalf("got %q, want %q", got, r.event)
			}
			w.store(r.actor, events)
		})
	}
}

// Every guard that the table names is met by a failing row, and every command
// by one that succeeds.
func TestEveryGuardHasAFailingRow(t *testing.T) {
	failing, passing := map[string]bool{}, map[string]bool{}
	for _, r := range rows() {
		if r.refused != "" {
			failing[r.when.Name()+" "+r.refused] = true
		} else {
			passing[r.when.Name()] = true
		}
	}
	for _, tr := range licensing.Table {
		if !passing[tr.Command] {
			t.Errorf("%s: no row succeeds", tr.Command)
		}
		for _, g := range tr.Guards {
			found := false
			for k := range failing {
				command, key, _ := strings.Cut(k, " ")
				found = found || (command == tr.Command && (key == g || strings.HasPrefix(key, g+".")))
			}
			if !found {
				t.Errorf("%s: no row fails at %s", tr.Command, g)
			}
		}
	}
}

// The table and the events agree on what leads where and what the clock does.
func TestTheTableIsWhatHappens(t *testing.T) {
	for _, r := range rows() {
		if r.refused != "" {
			continue
		}
		w := newWorld(t)
		r.given(w)
		from := w.c.Stage
		if from == "" {
			from = licensing.Draft
		}
		events, err := w.try(r.actor, r.when, func(f *licensing.Facts) {
			if r.facts != nil {
				r.facts(f)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		w.store(r.actor, events)
		for _, tr := range licensing.Table {
			if tr.Command != r.when.Name() {
				continue
			}
			if tr.Event != events[0].Event.EventType() {
				t.Errorf("%s gives %s, the table says %s", tr.Command, events[0].Event.EventType(), tr.Event)
			}
			ok := w.c.Stage == from
			for _, to := range tr.To {
				ok = ok || to == w.c.Stage
			}
			if !ok {
				t.Errorf("%s leads from %s to %s, the table says %v", tr.Command, from, w.c.Stage, tr.To)
			}
		}
	}
}

// A command that the table does not take in a stage is refused with a sentence
// about that stage, whatever the command.
func TestNoCommandOutsideItsStages(t *testing.T) {
	stages := map[licensing.Stage]func(*world){
		licensing.Draft: draft, licensing.SubmittedStage: submitted, licensing.Assessment: assigned, licensing.Waiting: asked,
		licensing.Countersignature: countersigned, licensing.Intention: intended, licensing.DecidedStage: issued, licensing.AppealStage: appealed,
	}
	for stage, reach := range stages {
		w := newWorld(t)
		reach(w)
		for _, r := range rows() {
			allowed := w.c.May(r.when.Name())
			for _, tr := range licensing.Table {
				if tr.Command == r.when.Name() && allowed != contains(tr.From, stage) {
					t.Errorf("%s at %s: May says %v", tr.Command, stage, allowed)
				}
			}
			if allowed {
				continue
			}
			if _, err := w.try(r.actor, r.when); !says(err, "licensing.stage."+string(stage)) || !fault.Is(err, fault.Blocked) {
				t.Errorf("%s at %s: %v", r.when.Name(), stage, err)
			}
		}
	}
}

func contains(list []licensing.Stage, s licensing.Stage) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}

// change makes a submit command from the application with one thing changed.
func change(f func(*licensing.Application)) licensing.Application {
	a := application()
	f(&a)
	return a
}

func intakeRows() []row {
	sub := func(f func(*licensing.Application)) licensing.Submit {
		return licensing.Submit{On: on, Application: change(f)}
	}
	amend := func(f func(*licensing.Application)) licensing.Amend {
		return licensing.Amend{On: on, Application: change(f), Why: "Sent the wrong figure."}
	}
	return []row{
		{name: "a complete application", given: draft, actor: exporter, when: submit(), event: "case.submitted"},
		{name: "a code that is none", given: draft, actor: exporter, when: sub(func(a *licensing.Application) { a.Lines[0].Origin = "Q9" }), refused: "licensing.application.invalid"},
		{name: "two currencies", given: draft, actor: exporter, when: sub(func(a *licensing.Application) { a.Lines[1].Currency = "USD" }), refused: "licensing.line.currencies"},
		{name: "no mandate", given: draft, actor: exporter, when: sub(func(a *licensing.Application) { a.Documents = a.Documents[:1] }), refused: "licensing.application.incomplete"},
		{name: "no reference", given: draft, actor: exporter, when: submit(), facts: func(f *licensing.Facts) { f.Reference = "" }, refused: "licensing.facts.missing"},
		{name: "no target", given: draft, actor: exporter, when: submit(), facts: func(f *licensing.Facts) { f.TargetDays = 0 }, refused: "licensing.facts.missing"},
		{name: "no calendar", given: draft, actor: exporter, when: submit(), facts: func(f *licensing.Facts) { f.Calendar = nil }, refused: "licensing.facts.missing"},
		{name: "no time", given: draft, actor: exporter, when: submit(), facts: func(f *licensing.Facts) { f.Now = time.Time{} }, refused: "licensing.facts.missing"},
		{name: "a year the calendar does not know", given: draft, actor: exporter, when: submit(), facts: func(f *licensing.Facts) { f.Now = time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC) }, refused: "licensing.calendar.beyond"},
		{name: "a new quantity", given: asked, actor: exporter, when: amend(func(a *licensing.Application) { a.Lines[0].Quantity = 5000 }), event: "case.amended"},
		{name: "a new contact", given: submitted, actor: exporter, when: amend(func(a *licensing.Application) { a.Contact.Phone = "+47 1" }), event: "case.amended"},
		{name: "malformed", given: submitted, actor: exporter, when: amend(func(a *licensing.Application) { a.Lines[0].Quantity = -1 }), refused: "licensing.application.invalid"},
		{name: "incomplete", given: submitted, actor: exporter, when: amend(func(a *licensing.Application) { a.Lines = nil }), refused: "licensing.application.incomplete"},
		{name: "another exporter", given: submitted, actor: exporter, when: amend(func(a *licensing.Application) { a.Org = "org-2" }), refused: "licensing.amend.other"},
		{name: "the same again", given: submitted, actor: exporter, when: amend(func(*licensing.Application) {}), refused: "licensing.amend.same"},
		{name: "while waiting", given: asked, actor: exporter, when: licensing.Withdraw{On: on, Why: "The buyer went elsewhere."}, event: "case.withdrawn"},
		{name: "without reason", given: asked, actor: exporter, when: licensing.Withdraw{On: on, Why: "  "}, refused: "licensing.reason.missing"},
		{name: "the first officer", given: submitted, actor: officer, when: licensing.Assign{On: on, Officer: "officer"}, event: "case.assigned"},
		{name: "nobody", given: submitted, actor: officer, when: licensing.Assign{On: on}, refused: "licensing.officer.missing"},
		{name: "the same", given: assigned, actor: officer, when: licensing.Assign{On: on, Officer: "officer"}, refused: "licensing.officer.same"},
		{name: "with reason", given: assigned, actor: officer, when: licensing.Unassign{On: on, Why: "On leave."}, event: "case.unassigned"},
		{name: "twice", given: func(w *world) { assigned(w); w.do(officer, licensing.Unassign{On: on, Why: "On leave."}) }, actor: officer, when: licensing.Unassign{On: on, Why: "Again."}, refused: "licensing.officer.none"},
		{name: "without reason", given: assigned, actor: officer, when: licensing.Unassign{On: on}, refused: "licensing.reason.missing"},
	}
}

func informationRows() []row {
	ask := func(id string, due deadline.Date, texts ...string) licensing.AskInformation {
		a := licensing.AskInformation{On: on, RFI: id, Due: due}
		for i, s := range texts {
			a.Questions = append(a.Questions, licensing.Question{ID: string(rune('a' + i)), Text: s})
		}
		return a
	}
	answer := licensing.AnswerInformation{On: on, RFI: "rfi-1", Text: "Department 26."}
	holding := licensing.AnswerInformation{On: on, RFI: "rfi-1", Text: "We are asking them.", Holding: true}
	closed := func(w *world) {
		asked(w)
		w.do(officer, ask("rfi-2", "", "And where?")).do(exporter, answer)
	}
	return []row{
		{name: "by the pack's period", given: assigned, actor: officer, when: ask("rfi-1", "", "Which unit?"), event: "case.information_asked"},
		{name: "by a chosen day", given: submitted, actor: officer, when: ask("rfi-1", "2026-12-18", "Which unit?"), event: "case.information_asked"},
		{name: "twice the same id", given: asked, actor: officer, when: ask("rfi-1", "", "Which unit?"), refused: "licensing.id"},
		{name: "no question", given: assigned, actor: officer, when: ask("rfi-1", ""), refused: "licensing.rfi.questions"},
		{name: "a blank question", given: assigned, actor: officer, when: ask("rfi-1", "", " "), refused: "licensing.rfi.questions"},
		{name: "yesterday", given: assigned, actor: officer, when: ask("rfi-1", "2026-11-22", "Which unit?"), refused: "licensing.rfi.due"},
		{name: "in words", given: asked, actor: exporter, when: answer, event: "case.information_answered"},
		{name: "holding", given: asked, actor: exporter, when: holding, event: "case.information_answered"},
		{name: "unknown", given: asked, actor: exporter, when: licensing.AnswerInformation{On: on, RFI: "rfi-9", Text: "x"}, refused: "licensing.rfi.unknown"},
		{name: "late, after it was closed", given: closed, actor: exporter, when: answer, refused: "licensing.rfi.closed"},
		{name: "empty", given: asked, actor: exporter, when: licensing.AnswerInformation{On: on, RFI: "rfi-1", Text: " "}, refused: "licensing.rfi.empty"},
		{name: "a document that is not stored", given: asked, actor: exporter, when: licensing.AnswerInformation{On: on, RFI: "rfi-1", Documents: []licensing.Document{{ID: "d"}}}, refused: "licensing.document.hash"},
		{name: "more time", given: saidLater, actor: officer, when: licensing.ExtendInformation{On: on, RFI: "rfi-1", Why: "The ministry is closed."}, event: "case.information_extended"},
		{name: "no more than there is", given: asked, actor: officer, when: licensing.ExtendInformation{On: on, RFI: "rfi-1", Due: "2026-11-25", Why: "x"}, refused: "licensing.rfi.no_later"},
		{name: "more time until yesterday", given: asked, actor: officer, when: licensing.ExtendInformation{On: on, RFI: "rfi-1", Due: "2026-11-01", Why: "x"}, refused: "licensing.rfi.due"},
		{name: "more time after its end", given: closed, actor: officer, when: licensing.ExtendInformation{On: on, RFI: "rfi-1", Why: "x"}, refused: "licensing.rfi.closed"},
		{name: "more time without reason", given: asked, actor: officer, when: licensing.ExtendInformation{On: on, RFI: "rfi-1"}, refused: "licensing.reason.missing"},
		{name: "of another", given: asked, actor: officer, when: licensing.ExtendInformation{On: on, RFI: "rfi-9", Why: "x"}, refused: "licensing.rfi.unknown"},
		{name: "not answered before its time", given: asked, actor: officer, when: licensing.CloseInformation{On: on, RFI: "rfi-1", Unanswered: true, Why: "x"}, refused: "licensing.rfi.still"},
		{name: "with reason", given: asked, actor: officer, when: licensing.CloseInformation{On: on, RFI: "rfi-1", Why: "No answer came."}, event: "case.information_closed"},
		{name: "not answered", given: silent, actor: officer, when: licensing.CloseInformation{On: on, RFI: "rfi-1", Unanswered: true, Why: "No word came."}, event: "case.information_closed"},
		{name: "unknown", given: asked, actor: officer, when: licensing.CloseInformation{On: on, RFI: "rfi-9", Why: "x"}, refused: "licensing.rfi.unknown"},
		{name: "twice", given: closed, actor: officer, when: licensing.CloseInformation{On: on, RFI: "rfi-1", Why: "x"}, refused: "licensing.rfi.closed"},
		{name: "without reason", given: asked, actor: officer, when: licensing.CloseInformation{On: on, RFI: "rfi-1"}, refused: "licensing.reason.missing"},
	}
}

func assuranceRows() []row {
	s := func(f func(*licensing.SeekAssurance)) licensing.SeekAssurance { c := seek(); f(&c); return c }
	r := func(f func(*licensing.RecordAssurance)) licensing.RecordAssurance {
		c := reply(licensing.Given)
		f(&c)
		return c
	}
	v := func(f func(*licensing.VerifyAssurance)) licensing.VerifyAssurance {
		c := verify(licensing.Verified)
		f(&c)
		return c
	}
	return []row{
		{name: "of all three", given: assigned, actor: officer, when: seek(), event: "case.assurance_sought"},
		{name: "the same id", given: sought, actor: officer, when: seek(), refused: "licensing.id"},
		{name: "of nothing", given: assigned, actor: officer, when: s(func(c *licensing.SeekAssurance) { c.Clauses = nil }), refused: "licensing.assurance.clauses"},
		{name: "of something else", given: assigned, actor: officer, when: s(func(c *licensing.SeekAssurance) { c.Clauses = []licensing.Clause{"be_nice"} }), refused: "licensing.assurance.clauses"},
		{name: "from a stranger", given: assigned, actor: officer, when: s(func(c *licensing.SeekAssurance) { c.From = "party-9" }), refused: "licensing.party.unknown"},
		{name: "for no line", given: assigned, actor: officer, when: s(func(c *licensing.SeekAssurance) { c.Lines = []string{"line-9"} }), refused: "licensing.line.unknown"},
		{name: "nobody knows how", given: assigned, actor: officer, when: s(func(c *licensing.SeekAssurance) { c.How = "" }), refused: "licensing.assurance.how"},
		{name: "given", given: sought, actor: officer, when: reply(licensing.Given), event: "case.assurance_recorded"},
		{name: "declined, by nobody in particular", given: sought, actor: officer, when: func() licensing.RecordAssurance {
			c := reply(licensing.Declined)
			c.Signatory, c.Text, c.Document = nil, "", nil
			return c
		}(), event: "case.assurance_recorded"},
		{name: "unknown", given: sought, actor: officer, when: r(func(c *licensing.RecordAssurance) { c.Assurance = "as-9" }), refused: "licensing.assurance.unknown"},
		{name: "a clause twice", given: sought, actor: officer, when: r(func(c *licensing.RecordAssurance) { c.Replies = append(c.Replies, c.Replies[0]) }), refused: "licensing.assurance.clauses"},
		{name: "given by nobody", given: sought, actor: officer, when: r(func(c *licensing.RecordAssurance) { c.Signatory = nil }), refused: "licensing.assurance.signatory"},
		{name: "a signatory without retention", given: sought, actor: officer, when: r(func(c *licensing.RecordAssurance) { c.Signatory.Record.RetainUntil = "" }), refused: "licensing.assurance.signatory"},
		{name: "without words", given: sought, actor: officer, when: r(func(c *licensing.RecordAssurance) { c.Text = "" }), refused: "licensing.assurance.text"},
		{name: "without paper", given: sought, actor: officer, when: r(func(c *licensing.RecordAssurance) { c.Document.Hash = "x" }), refused: "licensing.document.hash"},
		{name: "verified", given: given, actor: officer, when: verify(licensing.Verified), event: "case.assurance_verified"},
		{name: "broken, after the decision", given: issued, actor: officer, when: verify(licensing.Broken), event: "case.assurance_verified"},
		{name: "unknown", given: given, actor: officer, when: v(func(c *licensing.VerifyAssurance) { c.Assurance = "as-9" }), refused: "licensing.assurance.unknown"},
		{name: "what was declined", given: func(w *world) { sought(w); w.do(officer, reply(licensing.Declined)) }, actor: officer, when: verify(licensing.Verified), refused: "licensing.assurance.not_given"},
		{name: "without a check", given: func(w *world) {
			sought(w)
			w.do(officer, r(func(c *licensing.RecordAssurance) { c.Check = " " }))
		}, actor: officer, when: verify(licensing.Verified), refused: "licensing.assurance.no_check"},
		{name: "without evidence", given: given, actor: officer, when: v(func(c *licensing.VerifyAssurance) { c.Evidence = "" }), refused: "licensing.assurance.evidence"},
		{name: "next year", given: given, actor: officer, when: v(func(c *licensing.VerifyAssurance) { c.Day = "2027-11-23" }), refused: "licensing.assurance.evidence"},
	}
}

func adviceRows() []row {
	a := func(f func(*licensing.GiveAdvice)) licensing.GiveAdvice {
		c := advise("adv-9", licensing.Refuse)
		f(&c)
		return c
	}
	stale := func(w *world) {
		advised(w)
		w.do(officer, licensing.ChangeBasis{On: on, What: licensing.BasisHit, Ref: "hit/1"})
	}
	return []row{
		{name: "of two", given: assigned, actor: officer, when: licensing.AskAdvice{On: on, Departments: []string{"foreign", "human_rights"}}, event: "case.advice_asked"},
		{name: "of nobody", given: assigned, actor: officer, when: licensing.AskAdvice{On: on}, refused: "licensing.advice.departments"},
		{name: "of one twice", given: assigned, actor: officer, when: licensing.AskAdvice{On: on, Departments: []string{"foreign", "foreign"}}, refused: "licensing.advice.departments"},
		{name: "to refuse", given: assigned, actor: adviser, when: advise("adv-1", licensing.Refuse), event: "case.advice_given"},
		{name: "with a condition", given: countersigned, actor: adviser, when: advise("adv-2", licensing.ApproveWithCondition), event: "case.advice_given"},
		{name: "the same id", given: advised, actor: adviser, when: advise("adv-1", licensing.Refuse), refused: "licensing.id"},
		{name: "ahead of an own view", given: assigned, actor: adviser, when: advise("adv-1", licensing.Refuse), facts: func(f *licensing.Facts) { f.OwnView = false }, refused: "licensing.advice.own_view"},
		{name: "on nothing", given: assigned, actor: adviser, when: a(func(c *licensing.GiveAdvice) { c.Views = nil }), refused: "licensing.advice.views"},
		{name: "on a line twice", given: assigned, actor: adviser, when: a(func(c *licensing.GiveAdvice) { c.Views = append(c.Views, c.Views[0]) }), refused: "licensing.advice.views"},
		{name: "on line and party at once", given: assigned, actor: adviser, when: a(func(c *licensing.GiveAdvice) { c.Views[0].Party = "party-1" }), refused: "licensing.advice.views"},
		{name: "on no line", given: assigned, actor: adviser, when: a(func(c *licensing.GiveAdvice) { c.Views[0].Line = "line-9" }), refused: "licensing.line.unknown"},
		{name: "on no party", given: assigned, actor: adviser, when: a(func(c *licensing.GiveAdvice) { c.Views[0].Line, c.Views[0].Party = "", "party-9" }), refused: "licensing.party.unknown"},
		{name: "without grounds", given: assigned, actor: adviser, when: a(func(c *licensing.GiveAdvice) { c.Views[1].Grounds = nil }), refused: "licensing.advice.grounds"},
		{name: "with an empty condition", given: assigned, actor: adviser, when: a(func(c *licensing.GiveAdvice) {
			c.Views[0] = licensing.View{Line: "line-1", Advice: licensing.ApproveWithCondition}
		}), refused: "licensing.advice.condition"},
		{name: "by the adviser", given: stale, actor: adviser, when: licensing.ConfirmAdvice{On: on, Advice: "adv-1"}, event: "case.advice_confirmed"},
		{name: "unknown", given: stale, actor: adviser, when: licensing.ConfirmAdvice{On: on, Advice: "adv-9"}, refused: "licensing.advice.unknown"},
		{name: "by another", given: stale, actor: ministry, when: licensing.ConfirmAdvice{On: on, Advice: "adv-1"}, refused: "licensing.advice.other"},
		{name: "when nothing changed", given: advised, actor: adviser, when: licensing.ConfirmAdvice{On: on, Advice: "adv-1"}, refused: "licensing.advice.current"},
	}
}

func outcomeRows() []row {
	bad := condition()
	bad.Verify = ""
	rec := recommend(licensing.RefuseLine)
	rec.Outcomes[0].Grounds = nil
	short := recommend(licensing.Issue)
	short.Outcomes = short.Outcomes[:2]
	silent := recommend(licensing.Issue)
	silent.Reasons = ""
	waiting := func(w *world) {
		verified(w)
		w.do(officer, licensing.AskAdvice{On: on, Departments: []string{"foreign"}})
	}
	other := recommend(licensing.Issue)
	other.Grant = "open"
	goOn := recommend(licensing.Issue)
	goOn.WithoutAdvice = "The ministry let the period pass."
	in := func(f func(*licensing.IntendToRefuse)) licensing.IntendToRefuse { c := intend(); f(&c); return c }
	replied := func(w *world) { intended(w); w.do(exporter, licensing.ApplicantReplies{On: on, Text: "We disagree."}) }
	return []row{
		{name: "to issue", given: advised, actor: officer, when: recommend(licensing.Issue, condition()), event: "case.recommended"},
		{name: "without those who did not answer", given: waiting, actor: officer, when: goOn, event: "case.recommended"},
		{name: "two of three lines", given: advised, actor: officer, when: short, refused: "licensing.outcome.lines"},
		{name: "to refuse without a ground", given: advised, actor: officer, when: rec, refused: "licensing.outcome.grounds"},
		{name: "a condition nobody can check", given: advised, actor: officer, when: recommend(licensing.Issue, bad), refused: "licensing.condition.untestable"},
		{name: "as a kind that is not narrower", given: advised, actor: officer, when: other, refused: "licensing.grant.kind"},
		{name: "ahead of advice", given: waiting, actor: officer, when: recommend(licensing.Issue), refused: "licensing.advice.outstanding"},
		{name: "without reasons", given: advised, actor: officer, when: silent, refused: "licensing.reason.missing"},
		{name: "by a second person", given: recommended, actor: second, when: licensing.Countersign{On: on, Agree: true}, event: "case.countersigned"},
		{name: "against", given: recommended, actor: second, when: licensing.Countersign{On: on, Reasons: "Line 2 is controlled."}, event: "case.countersigned"},
		{name: "by the same person", given: recommended, actor: officer, when: licensing.Countersign{On: on, Agree: true}, refused: "licensing.countersign.same_person"},
		{name: "by the same person with another account", given: recommended, actor: func() licensing.Actor {
			a := second
			a.Person = "officer"
			return a
		}(), when: licensing.Countersign{On: on, Agree: true}, refused: "licensing.countersign.same_person"},
		{name: "against, without reasons", given: recommended, actor: second, when: licensing.Countersign{On: on}, refused: "licensing.reason.missing"},
		{name: "nothing", given: func(w *world) { recommended(w); w.c.Proposal = nil }, actor: second, when: licensing.Countersign{On: on, Agree: true}, refused: "licensing.recommendation.missing"},
		{name: "all lines", given: toRefuse, actor: officer, when: intend(), event: "case.refusal_intended"},
		{name: "without assessment", given: toRefuse, actor: officer, when: intend(), facts: func(f *licensing.Facts) { f.Decision.Complete = false }, refused: "licensing.assessment.incomplete"},
		{name: "on a stale assessment", given: toRefuse, actor: officer, when: intend(), facts: func(f *licensing.Facts) { f.Decision.Basis-- }, refused: "licensing.stale.assessment"},
		{name: "before the second person", given: func(w *world) { toRefuse(w); w.do(officer, recommend(licensing.RefuseLine)) }, actor: officer, when: intend(), refused: "licensing.countersign.missing"},
		{name: "a line that is to be issued", given: countersigned, actor: officer, when: intend(), refused: "licensing.intention.lines"},
		{name: "without reasons", given: toRefuse, actor: officer, when: in(func(c *licensing.IntendToRefuse) { c.Reasons = nil }), refused: "licensing.reason.missing"},
		{name: "with a secret", given: toRefuse, actor: officer, when: in(func(c *licensing.IntendToRefuse) { c.Reasons[0].Rests = []string{"finding-1", "secret-7"} }), refused: "licensing.reason.not_releasable"},
		{name: "withholding without a basis", given: toRefuse, actor: officer, when: in(func(c *licensing.IntendToRefuse) { c.Withheld = []licensing.Withheld{{}} }), refused: "licensing.reason.withheld"},
		{name: "in words", given: intended, actor: exporter, when: licensing.ApplicantReplies{On: on, Text: "We disagree."}, event: "case.applicant_replied"},
		{name: "when nothing was intended", given: countersigned, actor: exporter, when: licensing.ApplicantReplies{On: on, Text: "x"}, refused: "licensing.intention.missing"},
		{name: "empty", given: intended, actor: exporter, when: licensing.ApplicantReplies{On: on}, refused: "licensing.reply.empty"},
		{name: "with a lost document", given: intended, actor: exporter, when: licensing.ApplicantReplies{On: on, Documents: []licensing.Document{{ID: "d"}}}, refused: "licensing.document.hash"},
		{name: "in words", given: replied, actor: officer, when: licensing.WeighReply{On: on, Text: "It changes nothing."}, event: "case.reply_weighed"},
		{name: "none", given: intended, actor: officer, when: licensing.WeighReply{On: on, Text: "x"}, refused: "licensing.reply.none"},
		{name: "without words", given: replied, actor: officer, when: licensing.WeighReply{On: on}, refused: "licensing.reason.missing"},
	}
}

func keepingRows() []row {
	return []row{
		{name: "a hit", given: assigned, actor: node, when: licensing.ChangeBasis{On: on, What: licensing.BasisHit, Ref: "hit/1"}, event: "case.basis_changed"},
		{name: "something", given: assigned, actor: node, when: licensing.ChangeBasis{On: on, What: "mood", Ref: "x"}, refused: "licensing.basis.what"},
		{name: "to the register", given: assigned, actor: officer, when: licensing.LinkParty{On: on, Party: "party-1", Register: "moi"}, event: "case.party_linked"},
		{name: "a stranger", given: assigned, actor: officer, when: licensing.LinkParty{On: on, Party: "party-9", Register: "moi"}, refused: "licensing.party.unknown"},
		{name: "twice", given: func(w *world) {
			assigned(w)
			w.do(officer, licensing.LinkParty{On: on, Party: "party-1", Register: "moi"})
		}, actor: officer, when: licensing.LinkParty{On: on, Party: "party-1", Register: "moi"}, refused: "licensing.party.linked"},
		{name: "complete", given: assigned, actor: node, when: licensing.NoteAssessment{On: on, Severity: 4, Complete: true, Basis: 1}, event: "case.assessment_noted"},
		{name: "ahead of the case", given: assigned, actor: node, when: licensing.NoteAssessment{On: on, Severity: 4, Basis: 7}, refused: "licensing.assessment.note"},
		{name: "of the decision", given: issued, actor: node, when: licensing.RecordLetter{On: on, Kind: licensing.LetterDecision, Document: "doc-l", Hash: hash}, event: "case.letter_recorded"},
		{name: "of love", given: issued, actor: node, when: licensing.RecordLetter{On: on, Kind: "love", Document: "doc-l", Hash: hash}, refused: "licensing.letter.kind"},
		{name: "unstored", given: issued, actor: node, when: licensing.RecordLetter{On: on, Kind: licensing.LetterDecision, Document: "doc-l"}, refused: "licensing.document.hash"},
		{name: "in", given: assigned, actor: officer, when: licensing.MoveCompartment{On: on, Compartment: "north", Why: "A protected source."}, event: "case.compartment_moved"},
		{name: "with its licence", given: issued, actor: officer, when: licensing.MoveCompartment{On: on, Compartment: "north", Why: "A protected source."}, event: "case.compartment_moved"},
		{name: "where it lies", given: assigned, actor: officer, when: licensing.MoveCompartment{On: on, Why: "x"}, refused: "licensing.compartment.same"},
		{name: "without reason", given: assigned, actor: officer, when: licensing.MoveCompartment{On: on, Compartment: "north"}, refused: "licensing.reason.missing"},
		{name: "to another target", given: assigned, actor: node, when: licensing.MoveClock{On: on, Why: "The calendar of 2027 was published."}, facts: func(f *licensing.Facts) { f.TargetDays = 30 }, event: "case.clock_moved"},
		{name: "without reason", given: assigned, actor: node, when: licensing.MoveClock{On: on}, refused: "licensing.reason.missing"},
	}
}
