package licensing_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
)

func TestC1_4NoDecisionWithoutACompleteAssessment(t *testing.T) {
	missing := []fault.Item{{Key: "assessment.rule.unanswered", Args: map[string]any{"rule": "COC-R"}, Where: "assessment#rule-COC-R"}, {Key: "assessment.group.unanswered", Where: "assessment#groups"}}
	for _, cmd := range []licensing.DecideCase{decide(licensing.Issue), decide(licensing.RefuseLine)} {
		w := newWorld(t)
		countersigned(w)
		if cmd.Licence == nil {
			w = newWorld(t)
			intended(w)
			w.later(20)
		}
		_, err := w.try(officer, cmd, func(f *licensing.Facts) { f.Decision.Complete, f.Decision.Missing = false, missing })
		if !fault.Is(err, fault.Blocked) {
			t.Fatalf("got %v", err)
		}
		for _, m := range missing {
			if !says(err, m.Key) {
				t.Errorf("the missing part %q is not named: %v", m.Key, err)
			}
		}
	}
}

func TestC1_6WhatChangedMakesStaleUntilConfirmed(t *testing.T) {
	w := newWorld(t)
	countersigned(w)
	if _, err := w.try(officer, decide(licensing.Issue)); err != nil {
		t.Fatalf("before anything changed: %v", err)
	}
	assessed := w.c.Basis
	amended := application()
	amended.Parties = append(amended.Parties, party.Party{ID: "party-4", Roles: []party.Role{party.Forwarder}, Kind: party.Organisation, Country: "NO", Names: []party.Name{{Text: "Fjord Freight"}}})
	w.do(exporter, licensing.Amend{On: on, Application: amended})                                   // a new party
	w.do(node, licensing.ChangeBasis{On: on, What: licensing.BasisHit, Ref: "hit/9"})               // a hit
	w.do(node, licensing.ChangeBasis{On: on, What: licensing.BasisIncident, Ref: "incident/3"})     // an incident
	w.do(node, licensing.ChangeBasis{On: on, What: licensing.BasisListEntry, Ref: "list/demo/17"})  // a list entry
	w.do(node, licensing.ChangeBasis{On: on, What: licensing.BasisDocument, Ref: "document/doc-9"}) // a document

	still := func(f *licensing.Facts) { f.Decision.Basis = assessed }
	_, err := w.try(officer, decide(licensing.Issue), still)
	for _, part := range []string{"assessment", "advice", "countersignature"} {
		if !says(err, "licensing.stale."+part) {
			t.Errorf("%s is not named as stale: %v", part, err)
		}
	}
	if stale := w.c.Stale(assessed); len(stale) != 3 || len(stale[0].Since) != 5 || stale[0].Since[0].What != licensing.BasisParty {
		t.Errorf("stale parts: %+v", stale)
	}
	for i, confirm := range []func(){
		func() { still = func(*licensing.Facts) {} }, // the assessment is confirmed in its own stream
		func() { w.do(adviser, licensing.ConfirmAdvice{On: on, Advice: "adv-1", Note: "It changes nothing."}) },
		func() { w.do(second, licensing.Countersign{On: on, Agree: true}) },
	} {
		if _, err := w.try(officer, decide(licensing.Issue), still); !says(err, "licensing.stale") {
			t.Fatalf("after %d confirmations: %v", i, err)
		}
		confirm()
	}
	w.do(officer, decide(licensing.Issue))
}

func TestC1_7AgainstTheAdviserNeedsASeniorOfficersReasons(t *testing.T) {
	w := newWorld(t)
	verified(w)
	w.do(adviser, advise("adv-1", licensing.Refuse)).do(officer, recommend(licensing.Issue)).do(second, licensing.Countersign{On: on, Agree: true})
	cmd := decide(licensing.Issue)
	_, err := w.try(officer, cmd)
	for _, key := range []string{"licensing.adviser.senior", "licensing.adviser.author", "licensing.adviser.reasons"} {
		if !says(err, key) {
			t.Errorf("%s is not said: %v", key, err)
		}
	}
	cmd.AgainstAdviser = []licensing.GroundReason{{Advice: "adv-1", Ground: "G1", Reason: "A warrant law came into force."}, {Advice: "adv-1", Ground: "G2", Reason: "Another unit did that."}}
	if _, err := w.try(senior, cmd, func(f *licensing.Facts) { f.Decision.Author = "senior" }); !says(err, "licensing.adviser.author") {
		t.Errorf("the assessment's author may decide: %v", err)
	}
	w.do(senior, cmd)
	if w.c.Advice[0].Text.Views[0].Grounds[0].Text != "No warrant in law." || w.c.Decision.Text.AgainstAdviser[0].Reason != "A warrant law came into force." {
		t.Error("not both texts stayed")
	}
	if got := column(t, w.c.Rows(), "case_row", "against_adviser"); got != true {
		t.Errorf("it is not counted: %v", got)
	}
}

func TestC4_5AuthorityNotOnRecordIsUnverified(t *testing.T) {
	w := newWorld(t)
	sought(w)
	cmd := reply(licensing.Given)
	cmd.Signatory.Authority = ""
	w.do(officer, cmd)
	w.do(officer, verify(licensing.Verified))
	for _, s := range w.c.Standings("2026-11-23", nil) {
		if s.Counts || s.Why != licensing.WhyAuthority {
			t.Errorf("%+v", s)
		}
	}
	if w.c.Safeguarded("line-1", licensing.NoMisuse, "2026-11-23", nil) {
		t.Error("it counts as a safeguard")
	}
}

func TestStandingsCountOnlyWhatHolds(t *testing.T) {
	for name, row := range map[string]struct {
		record func(*licensing.RecordAssurance)
		check  licensing.CheckResult
		day    string
		why    string
	}{
		"verified":              {check: licensing.Verified, day: "2026-12-01"},
		"not checked yet":       {day: "2026-12-01", why: licensing.WhyUnverified},
		"the check was unclear": {check: licensing.Inconclusive, day: "2026-12-01", why: licensing.WhyUnverified},
		"broken":                {check: licensing.Broken, day: "2026-12-01", why: licensing.WhyBroken},
		"no check agreed":       {record: func(r *licensing.RecordAssurance) { r.Check = "" }, day: "2026-12-01", why: licensing.WhyNoCheck},
		"expired":               {check: licensing.Verified, day: "2031-01-01", why: licensing.WhyExpired},
		"last day":              {check: licensing.Verified, day: "2030-12-31"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			sought(w)
			cmd := reply(licensing.Given)
			if row.record != nil {
				row.record(&cmd)
			}
			w.do(officer, cmd)
			if row.check != "" {
				w.do(officer, verify(row.check))
			}
			for _, s := range w.c.Standings(deadline.Date(row.day), nil) {
				if s.Why != row.why || s.Counts != (row.why == "") {
					t.Errorf("%+v", s)
				}
			}
		})
	}
	t.Run("a check from before the answer changed", func(t *testing.T) {
		w := newWorld(t)
		verified(w)
		w.later(1)
		again := reply(licensing.Changed)
		w.do(officer, again)
		if s := w.c.Standings("2026-12-01", nil)[0]; s.Counts || s.Why != licensing.WhyUnverified {
			t.Errorf("%+v", s)
		}
	})
}

func TestC4_6WhatIsMissingIsNamedParagraphByParagraph(t *testing.T) {
	a := application()
	a.Documents = a.Documents[:1]
	missing := licensing.Check(&a, interception())
	if len(missing) != 1 || missing[0].Paragraph != "INT-2" || missing[0].Title != "Legal mandate of the end user" {
		t.Fatalf("missing: %+v", missing)
	}
	w := newWorld(t)
	_, err := w.try(exporter, licensing.Submit{On: on, Application: a})
	b, _ := json.Marshal(err)
	if !fault.Is(err, fault.Blocked) || !strings.Contains(string(b), "INT-2") || !strings.Contains(string(b), "paragraph-INT-2") {
		t.Errorf("the paragraph is not named: %s", b)
	}
}

// Nothing passes unasked: a line of which nobody says what it is has paragraphs
// of its own, which saying it takes away.
func TestUnstatedItemsAreAsked(t *testing.T) {
	profile := licensing.Profile{Paragraphs: []licensing.Paragraph{{
		ID: "UNS-1", When: licensing.When{Unstated: true, Categories: []string{"other"}, LineKinds: []licensing.LineKind{licensing.Goods}}, Need: licensing.Need{Each: licensing.EachLine, Field: "line.sheet"},
	}}}
	for _, c := range []struct {
		name  string
		line  licensing.Line
		asked bool
	}{
		{"neither code nor category", licensing.Line{Kind: licensing.Goods}, true},
		{"the category that says nothing", licensing.Line{Kind: licensing.Goods, Categories: []string{"other"}}, true},
		{"a code", licensing.Line{Kind: licensing.Goods, ClaimedCode: "5A001.f"}, false},
		{"a category", licensing.Line{Kind: licensing.Goods, Categories: []string{"dna"}}, false},
		{"a service", licensing.Line{Kind: licensing.Service}, false},
		{"with its sheet", licensing.Line{Kind: licensing.Goods, Sheet: "doc-1"}, false},
	} {
		c.line.ID = "line-1"
		got := slices.ContainsFunc(licensing.Check(&licensing.Application{Lines: []licensing.Line{c.line}}, profile), func(m licensing.Missing) bool { return m.Paragraph == "UNS-1" && m.Line == "line-1" })
		if got != c.asked {
			t.Errorf("%s: asked %v", c.name, got)
		}
	}
}

func TestC4_7SeverityNeedsAnAssuranceSoughtAndADeclineIsAFinding(t *testing.T) {
	for severity, sought := range map[int]bool{5: true, 4: true, 3: false, 0: true} {
		w := newWorld(t)
		assigned(w)
		w.do(adviser, advise("adv-1", licensing.Approve)).do(officer, recommend(licensing.Issue)).do(second, licensing.Countersign{On: on, Agree: true})
		_, err := w.try(officer, decide(licensing.Issue), func(f *licensing.Facts) { f.Decision.Lines[0].Severity = severity })
		if says(err, "licensing.assurance.not_sought") != sought {
			t.Errorf("severity %d: %v", severity, err)
		}
	}
	w := newWorld(t)
	sought(w)
	cmd := reply(licensing.Given)
	cmd.Replies[1].Reply = licensing.Declined
	w.do(officer, cmd)
	found := false
	for _, f := range w.c.Findings("2026-11-23", nil) {
		found = found || f.Key == "licensing.finding.declined" && f.Clause == licensing.NoReexport && f.From == "party-1"
	}
	if !found {
		t.Errorf("the declined clause is not named: %+v", w.c.Findings("2026-11-23", nil))
	}
}

func TestC4_8ABrokenAssuranceElsewhereLowersNoRisk(t *testing.T) {
	w := newWorld(t)
	verified(w)
	if !w.c.Safeguarded("line-1", licensing.NoMisuse, "2026-11-24", nil) {
		t.Fatal("a verified assurance does not count")
	}
	broken := []licensing.BrokenElsewhere{{Party: "party-1", Case: "NO/2024/0000003", Day: "2025-02-01"}}
	if w.c.Safeguarded("line-1", licensing.NoMisuse, "2026-11-24", broken) {
		t.Error("it lowers the risk")
	}
	if s := w.c.Standings("2026-11-24", broken)[0]; s.Why != licensing.WhyBrokenElsewhere || s.Other != "NO/2024/0000003" {
		t.Errorf("%+v", s)
	}
}

func TestC4_9ANonStateEndUserIsAskedForItsOwners(t *testing.T) {
	a := application()
	for _, tie := range []party.Tie{party.NonState, party.TieUnknown, ""} {
		a.Parties[0].Tie = tie
		missing := licensing.Check(&a, interception())
		if len(missing) != 2 || missing[0].Paragraph != "NST-1" || missing[1].Paragraph != "NST-2" || missing[0].Party != "party-1" {
			t.Errorf("tie %q: %+v", tie, missing)
		}
	}
	a.Parties[0].Ownership.Knowledge = party.Hidden // an answer, and a finding for the assessment
	a.Answers = append(a.Answers, licensing.Answer{Paragraph: "NST-2", Party: "party-1", Text: "A mining company."})
	if missing := licensing.Check(&a, interception()); len(missing) != 0 {
		t.Errorf("%+v", missing)
	}
}

// A holding reply leaves the clock standing; two requests have to be answered
// before it runs.
func TestTheClockStandsWhileAnyRequestIsOpen(t *testing.T) {
	w := newWorld(t)
	assigned(w)
	due := w.c.Clock.Due
	w.later(2)
	w.do(officer, licensing.AskInformation{On: on, RFI: "r1", Questions: []licensing.Question{{ID: "a", Text: "Which unit?"}}})
	if w.c.Stage != licensing.Waiting || !w.c.Clock.Stopped() || !w.c.Clock.Due.IsZero() || w.c.Clock.Remaining != 19 {
		t.Fatalf("after the first request: %s %+v", w.c.Stage, w.c.Clock)
	}
	w.do(officer, licensing.AskInformation{On: on, RFI: "r2", Questions: []licensing.Question{{ID: "a", Text: "Where?"}}})
	w.later(7)
	w.do(exporter, licensing.AnswerInformation{On: on, RFI: "r1", Holding: true, Text: "Next week."})
	w.do(exporter, licensing.AnswerInformation{On: on, RFI: "r1", Text: "Department 26."})
	if w.c.Stage != licensing.Waiting || !w.c.Clock.Stopped() {
		t.Fatalf("one is still open: %s", w.c.Stage)
	}
	w.do(officer, licensing.CloseInformation{On: on, RFI: "r2", Why: "Answered with the first."})
	if w.c.Stage != licensing.Assessment || !w.c.Clock.Running() {
		t.Fatalf("all are closed: %s", w.c.Stage)
	}
	if want := due.AddDate(0, 0, 9); !w.c.Clock.Due.Equal(want) { // Wed to Tue stood still: five working days; then the weekend of Christmas
		t.Errorf("due %s, was %s", w.c.Clock.Due, due)
	}
	if stops := w.c.Clock.Stops; len(stops) != 2 || stops[0].Why != "rfi/r1" || stops[1].Why != "rfi/r2" || stops[1].From != stops[1].Until {
		t.Errorf("stops: %+v", stops)
	}
}

func TestVersionsAreImmutable(t *testing.T) {
	w := newWorld(t)
	submitted(w)
	a := application()
	a.Lines[0].Description = "Another unit"
	w.do(exporter, licensing.Amend{On: on, Application: a, Why: "New model."})
	if len(w.c.Versions) != 2 || w.c.Versions[0].App.Lines[0].Description != "IMSI catcher, vehicle unit" || w.c.Current().Number != 2 {
		t.Errorf("versions: %+v", w.c.Versions)
	}
	if w.c.Basis != 2 || w.c.Changes[0].What != licensing.BasisLine {
		t.Errorf("basis %d, %+v", w.c.Basis, w.c.Changes)
	}
	a.Contact.Phone = "+47 2"
	w.do(exporter, licensing.Amend{On: on, Application: a})
	if w.c.Basis != 2 || len(w.c.Versions) != 3 {
		t.Errorf("a new telephone number is no material change: basis %d", w.c.Basis)
	}
}

func TestALinkSurvivesAnAmendment(t *testing.T) {
	w := newWorld(t)
	assigned(w)
	w.do(officer, licensing.LinkParty{On: on, Party: "party-1", Register: "moi-karsovia"})
	a := application()
	a.Parties[0].Register = "somebody-else" // the exporter has no say in this
	a.Lines[0].Quantity = 4000
	w.do(exporter, licensing.Amend{On: on, Application: a})
	if p, _ := w.c.App().Party("party-1"); p.Register != "moi-karsovia" {
		t.Errorf("register %q", p.Register)
	}
	if got := column(t, w.c.Rows(), "case_row", "end_user_register"); got != "moi-karsovia" {
		t.Errorf("row: %v", got)
	}
}

func TestAdviceIsNotSeenAheadOfAnOwnView(t *testing.T) {
	w := newWorld(t)
	verified(w)
	foreign := advise("adv-2", licensing.Approve)
	foreign.Department, foreign.Role = "foreign", "advising_ministry"
	w.do(ministry, foreign)
	for _, row := range []struct {
		name   string
		viewer licensing.Actor
		own    bool
		want   int
	}{
		{"adviser before", adviser, false, 0},
		{"adviser after", adviser, true, 1},
		{"the ministry itself", ministry, false, 1},
		{"another ministry before", who("trade", "advising_ministry"), false, 0},
		{"the officer", officer, false, 1},
	} {
		if got := len(w.c.VisibleAdvice(row.viewer, row.own)); got != row.want {
			t.Errorf("%s sees %d", row.name, got)
		}
	}
}

func TestSplitDecisionLetsGoOnlyWhatIsIssued(t *testing.T) {
	w := newWorld(t)
	verified(w)
	out := outcomes(licensing.Issue)
	out[2] = licensing.LineOutcome{Line: "line-3", Outcome: licensing.RefuseLine, Grounds: []string{"CP2-a"}}
	rec := recommend(licensing.Issue, condition())
	rec.Outcomes = out
	told := intend()
	told.Lines = []string{"line-3"}
	w.do(adviser, advise("adv-1", licensing.ApproveWithCondition)).do(officer, rec).do(second, licensing.Countersign{On: on, Agree: true}).do(officer, told)
	w.do(exporter, licensing.ApplicantReplies{On: on, Text: "Training is needed."})
	w.do(officer, licensing.WeighReply{On: on, Text: "It can be given by others."})
	cmd := weighed(decide(licensing.RefuseLine, condition()))
	cmd.Outcomes = []licensing.LineOutcome{out[2], out[0], out[1]} // the order does not matter
	cmd.Licence = decide(licensing.Issue).Licence
	// Line 2 has no condition of its own, and the adviser asked for one.
	_, err := w.try(senior, cmd)
	if !says(err, "licensing.adviser.reasons") {
		t.Fatalf("got %v", err)
	}
	cmd.AgainstAdviser = []licensing.GroundReason{{Advice: "adv-1", Ground: "condition", Reason: "The software is nothing without the units."}}
	w.do(senior, cmd)
	if w.c.Decision.Outcome != licensing.OutcomeSplit || len(w.l.Lines) != 2 {
		t.Fatalf("%s with %d lines", w.c.Decision.Outcome, len(w.l.Lines))
	}
	if l := w.l.Lines[0]; l.Quantity != 2000 || l.Value != 93_333_333 || l.Description != "IMSI catcher, vehicle unit" {
		t.Errorf("two of six units: %+v", l)
	}
}

// What the applicant is shown holds none of the authority's own words.
func TestNothingConfidentialReachesTheApplicant(t *testing.T) {
	const canary = "CANARY-7731"
	w := newWorld(t)
	assigned(w)
	s := seek()
	s.Text = canary
	r := reply(licensing.Declined)
	r.Text, r.Check = canary, canary
	a := advise("adv-1", licensing.Refuse)
	a.Text, a.Views[0].Grounds[0].Text = canary, canary
	rec := recommend(licensing.RefuseLine)
	rec.Reasons, rec.Outcomes[0].Grounds = canary, []string{"CP2-a", "SECRET-" + canary}
	w.do(officer, s).do(officer, r).do(adviser, a).do(officer, rec).do(second, licensing.Countersign{On: on, Agree: true, Reasons: canary})
	w.do(node, licensing.ChangeBasis{On: on, What: licensing.BasisHit, Ref: canary, Note: canary})
	w.do(officer, licensing.LinkParty{On: on, Party: "party-1", Register: canary})
	w.do(adviser, licensing.ConfirmAdvice{On: on, Advice: "adv-1", Note: canary}).do(second, licensing.Countersign{On: on, Agree: true})
	in := intend()
	in.Withheld = []licensing.Withheld{{Basis: "Secrecy Act, section 7"}}
	w.do(officer, in).do(exporter, licensing.ApplicantReplies{On: on, Text: "We disagree."}).do(officer, licensing.WeighReply{On: on, Text: canary})
	d := weighed(decide(licensing.RefuseLine))
	d.Reasons, d.Outcomes, d.Withheld = canary, rec.Outcomes, in.Withheld
	w.do(officer, d)
	b, err := json.Marshal(w.c.ForApplicant())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(b), canary) {
		t.Errorf("the applicant sees %s", b)
	}
	if !strings.Contains(string(b), "Nothing on record shows it.") {
		t.Errorf("the applicant is not told how the reply was weighed: %s", b)
	}
	if !strings.Contains(string(b), "clear risk of repression") || !strings.Contains(string(b), "Secrecy Act") {
		t.Errorf("the applicant is not told what may be told: %s", b)
	}
}

// column finds the value of a column in the only row of a table, or its first.
func column(t *testing.T, rows []event.Row, table, name string) any {
	t.Helper()
	for _, r := range rows {
		if r.Table != table {
			continue
		}
		for _, c := range r.Columns {
			if c.Name == name {
				return c.Value
			}
		}
	}
	t.Fatalf("no column %s.%s", table, name)
	return nil
}
