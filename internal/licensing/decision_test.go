package licensing_test

import (
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/licensing"
)

// lineFacts changes what the assessment says of line-1.
func lineFacts(f func(*licensing.LineFacts)) func(*licensing.Facts) {
	return func(facts *licensing.Facts) { f(&facts.Decision.Lines[0]) }
}

func decisionRows() []row {
	d := func(o licensing.Outcome, f func(*licensing.DecideCase)) licensing.DecideCase {
		c := decide(o)
		f(&c)
		return c
	}
	same := func(*licensing.DecideCase) {}
	rule := []licensing.Rule{{ID: "CP2-a", Title: "Clear risk of repression"}}
	over := func(w *world) { intended(w); w.later(20) }
	heard := func(w *world) {
		intended(w)
		w.do(exporter, licensing.ApplicantReplies{On: on, Text: "Others can be trusted."}).do(officer, licensing.WeighReply{On: on, Text: "It changes nothing."})
	}
	// The adviser would refuse, the officer recommends to issue.
	opposed := func(w *world) {
		verified(w)
		w.do(adviser, advise("adv-1", licensing.Refuse)).do(officer, recommend(licensing.Issue)).do(second, licensing.Countersign{On: on, Agree: true})
	}
	answered := func(c *licensing.DecideCase) {
		c.AgainstAdviser = []licensing.GroundReason{{Advice: "adv-1", Ground: "G1", Reason: "A warrant law came into force."}, {Advice: "adv-1", Ground: "G2", Reason: "Another unit did that."}}
	}
	r := func(name string, given func(*world), actor licensing.Actor, when licensing.DecideCase, facts func(*licensing.Facts), event, refused string) row {
		return row{name: name, given: given, actor: actor, when: when, facts: facts, event: event, refused: refused}
	}
	issue, refuse := d(licensing.Issue, same), d(licensing.RefuseLine, same)
	return []row{
		r("to issue", countersigned, officer, issue, nil, "case.decided", ""),
		r("to refuse when nobody replied in time", over, officer, refuse, nil, "case.decided", ""),
		r("against the adviser, by a senior officer with reasons", opposed, senior, d(licensing.Issue, answered), nil, "case.decided", ""),

		r("without assessment", countersigned, officer, issue, func(f *licensing.Facts) { f.Decision.Complete = false }, "", "licensing.assessment.incomplete"),
		r("on a stale assessment", countersigned, officer, issue, func(f *licensing.Facts) { f.Decision.Basis-- }, "", "licensing.stale"),
		r("without the facts", countersigned, officer, issue, func(f *licensing.Facts) { f.Decision = nil }, "", "licensing.facts.missing"),
		r("two of three lines", countersigned, officer, d(licensing.Issue, func(c *licensing.DecideCase) { c.Outcomes = c.Outcomes[1:] }), nil, "", "licensing.outcome.lines"),
		r("a refusal without ground", over, officer, d(licensing.RefuseLine, func(c *licensing.DecideCase) { c.Outcomes[0].Grounds = nil }), nil, "", "licensing.outcome.grounds"),
		r("a condition nobody can check", countersigned, officer, d(licensing.Issue, func(c *licensing.DecideCase) { c.Conditions = []licensing.Condition{{ID: "K1"}} }), nil, "", "licensing.condition.untestable"),
		r("an undecided line", countersigned, officer, issue, lineFacts(func(l *licensing.LineFacts) { l.Undecided = rule }), "", "licensing.line.undecided"),
		r("a rule that binds to refuse", countersigned, officer, issue, lineFacts(func(l *licensing.LineFacts) { l.Met = rule }), "", "licensing.line.rule_met"),
		r("what a state refused, without consulting it", countersigned, officer, issue, lineFacts(func(l *licensing.LineFacts) { l.Undercuts = true }), "", "licensing.line.undercuts"),
		r("to refuse it again", over, officer, refuse, lineFacts(func(l *licensing.LineFacts) { l.Undercuts = true }), "case.decided", ""),
		r("an unknown without reason", countersigned, officer, issue, lineFacts(func(l *licensing.LineFacts) { l.Unknowns = []licensing.Unknown{{Rule: rule[0]}} }), "", "licensing.line.unknown_open"),
		r("an unknown with a reason", countersigned, officer, issue, lineFacts(func(l *licensing.LineFacts) {
			l.Unknowns = []licensing.Unknown{{Rule: rule[0], Reason: "The item can't reach people."}}
		}), "case.decided", ""),
		r("no assurance sought at severity 4", func(w *world) {
			assigned(w)
			w.do(adviser, advise("adv-1", licensing.Approve)).do(officer, recommend(licensing.Issue)).do(second, licensing.Countersign{On: on, Agree: true})
		}, officer, issue, nil, "", "licensing.assurance.not_sought"),
		r("no adviser at severity 4", func(w *world) {
			verified(w)
			w.do(officer, recommend(licensing.Issue)).do(second, licensing.Countersign{On: on, Agree: true})
		}, officer, issue, nil, "", "licensing.adviser.missing"),
		r("against the adviser, by an officer", opposed, officer, d(licensing.Issue, answered), func(f *licensing.Facts) { f.Decision.Author = "someone" }, "", "licensing.adviser.senior"),
		r("against the adviser, by the assessment's author", opposed, senior, d(licensing.Issue, answered), func(f *licensing.Facts) { f.Decision.Author = "senior" }, "", "licensing.adviser.author"),
		r("against the adviser, one ground unanswered", opposed, senior, d(licensing.Issue, func(c *licensing.DecideCase) {
			answered(c)
			c.AgainstAdviser[1].Reason = " "
		}), nil, "", "licensing.adviser.reasons"),
		r("against the adviser's view in the assessment", func(w *world) {
			verified(w)
			w.do(officer, recommend(licensing.Issue)).do(second, licensing.Countersign{On: on, Agree: true})
		}, senior, issue, func(f *licensing.Facts) {
			f.Decision.Adviser = &licensing.AdviserView{Person: "adviser", Refuse: []string{"line-1"}, Grounds: []licensing.Ground{{ID: "G1", Text: "No warrant."}}}
		}, "", "licensing.adviser.reasons"),
		r("against the adviser's word on a party", func(w *world) {
			verified(w)
			a := advise("adv-1", licensing.Approve)
			a.Views = append(a.Views, licensing.View{Party: "party-2", Advice: licensing.Refuse, Grounds: []licensing.Ground{{ID: "P1", Text: "It resells."}}})
			w.do(adviser, a).do(officer, recommend(licensing.Issue)).do(second, licensing.Countersign{On: on, Agree: true})
		}, senior, issue, nil, "", "licensing.adviser.reasons"),
		r("without the condition the adviser asked for", func(w *world) {
			verified(w)
			w.do(adviser, advise("adv-1", licensing.ApproveWithCondition)).do(officer, recommend(licensing.Issue)).do(second, licensing.Countersign{On: on, Agree: true})
		}, senior, issue, nil, "", "licensing.adviser.reasons"),
		r("before the second person", recommended, officer, issue, nil, "", "licensing.countersign.missing"),
		r("without a second person where the pack asks for none", recommended, officer, issue, func(f *licensing.Facts) { f.Decision.Second = &licensing.Second{} }, "case.decided", ""),
		r("countersigned in another role than the pack asks for", countersigned, officer, issue, func(f *licensing.Facts) {
			f.Decision.Second = &licensing.Second{By: []access.Role{access.SeniorOfficer}}
		}, "", "licensing.countersign.missing"),
		r("countersigned by a senior officer for an officer", func(w *world) {
			recommended(w)
			w.do(senior, licensing.Countersign{On: on, Agree: true})
		}, officer, issue, func(f *licensing.Facts) {
			f.Decision.Second = &licensing.Second{By: []access.Role{access.LicensingOfficer}}
		}, "case.decided", ""),
		r("another outcome than countersigned", countersigned, officer, refuse, nil, "", "licensing.countersign.void"),
		r("another condition than countersigned", countersigned, officer, decide(licensing.Issue, condition()), nil, "", "licensing.countersign.void"),
		r("after the recommendation changed", func(w *world) { countersigned(w); w.do(officer, recommend(licensing.Issue, condition())) }, officer, decide(licensing.Issue, condition()), nil, "", "licensing.countersign.missing"),
		r("a refusal nobody was told of", toRefuse, officer, refuse, nil, "", "licensing.intention.missing"),
		r("while the applicant may still reply", intended, officer, refuse, nil, "", "licensing.intention.running"),
		r("over a reply that nobody weighed", func(w *world) { intended(w); w.do(exporter, licensing.ApplicantReplies{On: on, Text: "We disagree."}) }, officer, refuse, nil, "", "licensing.reply.unweighed"),
		r("over a reply that the applicant is not answered", heard, officer, refuse, nil, "", "licensing.reply.untold"),
		r("over a reply, with what became of it", heard, officer, weighed(refuse), nil, "case.decided", ""),
		r("over a reply, with half an answer", heard, officer, d(licensing.RefuseLine, func(c *licensing.DecideCase) {
			c.Weighed = []licensing.WeighedPoint{{Point: "We disagree."}}
		}), nil, "", "licensing.reason.missing"),
		r("with an answer to a reply that never came", over, officer, weighed(refuse), nil, "", "licensing.reply.none"),
		r("without reasons", countersigned, officer, d(licensing.Issue, func(c *licensing.DecideCase) { c.Reasons = "" }), nil, "", "licensing.reason.missing"),
		r("a ground that the applicant is not told", over, officer, d(licensing.RefuseLine, func(c *licensing.DecideCase) { c.ToApplicant = nil }), nil, "", "licensing.reason.untold"),
		r("a ground that can't be disclosed, with its basis", over, officer, d(licensing.RefuseLine, func(c *licensing.DecideCase) {
			c.ToApplicant, c.Withheld = nil, []licensing.Withheld{{Basis: "Secrecy Act, section 7"}}
		}), nil, "case.decided", ""),
		r("a reason drawn from a secret", over, officer, d(licensing.RefuseLine, func(c *licensing.DecideCase) { c.ToApplicant[0].Rests = []string{"secret-7"} }), nil, "", "licensing.reason.not_releasable"),
		r("withholding without a basis", over, officer, d(licensing.RefuseLine, func(c *licensing.DecideCase) { c.Withheld = []licensing.Withheld{{Basis: " "}} }), nil, "", "licensing.reason.withheld"),
		r("a refusal without redress", over, officer, d(licensing.RefuseLine, func(c *licensing.DecideCase) { c.Redress = "" }), nil, "", "licensing.redress.missing"),
		r("without a licence", countersigned, officer, d(licensing.Issue, func(c *licensing.DecideCase) { c.Licence = nil }), nil, "", "licensing.licence.missing"),
		r("with a short code", countersigned, officer, d(licensing.Issue, func(c *licensing.DecideCase) { c.Licence.Code = "7KQ2-M9XR" }), nil, "", "licensing.licence.code"),
		r("with a licence of last year", countersigned, officer, d(licensing.Issue, func(c *licensing.DecideCase) { c.Licence.From, c.Licence.Until = "2025-01-01", "2025-12-31" }), nil, "", "licensing.licence.validity"),
		r("on nothing that is on record", countersigned, officer, issue, func(f *licensing.Facts) { f.Decision.Rests.PolicyPack = "" }, "", "licensing.rests.missing"),
	}
}
