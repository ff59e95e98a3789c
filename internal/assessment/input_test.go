package assessment_test

import (
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/policy"
)

func TestParseInputRefuses(t *testing.T) {
	const head = "lines: [{id: a, description: d}]\nparties: [{id: u, roles: [end_user], names: [N]}]\n"
	if _, err := assessment.ParseInput([]byte(head)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, text, says string }{
		{"no line", "parties: [{id: u, names: [N]}]", "lines"},
		{"no party", "lines: [{id: a}]", "parties"},
		{"an unknown key", head + "colour: red", "colour"},
		{"an unknown key of a line", "lines: [{id: a, colour: red}]\nparties: [{id: u, names: [N]}]", "colour"},
		{"a line twice", "lines: [{id: a}, {id: a}]\nparties: [{id: u, names: [N]}]", "twice"},
		{"a party without a name", "lines: [{id: a}]\nparties: [{id: u}]", "name"},
		{"a user that is not there", "lines: [{id: a, user: x}]\nparties: [{id: u, names: [N]}]", "no party"},
		{"an answer twice", head + "answers: [{fact: user.mandate, value: true}, {fact: user.mandate, value: false}]", "given twice"},
		{"an answer about a line that is not there", head + "answers: [{fact: user.mandate, value: true, line: z}]", "no line"},
		{"an answer that is a list", head + "answers: [{fact: user.mandate, value: [true]}]", "single value"},
		{"a fraction", head + "answers: [{fact: user.mandate, value: 1.5}]", "whole number"},
		{"a day that is none", head + "day: 2026-02-30", "no day"},
		{"a hit on nobody", head + "hits: [{party: z, list: L, entry: e}]", "no party"},
		{"two cases", head + "---\n" + head, "one case"},
		{"no YAML", "lines: [", "yaml"},
		{"numbers for keys", "1: 2", "keys"},
	} {
		if _, err := assessment.ParseInput([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.says)
		}
	}
	if _, err := assessment.ParseInput(make([]byte, assessment.MaxInputBytes+1)); err == nil {
		t.Error("a file beyond the bound was read")
	}
}

// A misspelt fact is an error, never a silent unknown.
func TestCheckAgainst(t *testing.T) {
	p := basePack(t)
	for _, name := range names(t) {
		if err := example(t, name).CheckAgainst(p); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for says, spoil := range map[string]func(*assessment.Input){
		"user.mandat":   func(in *assessment.Input) { in.Answers[0].Fact = "user.mandat" },
		"follows from":  func(in *assessment.Input) { in.Answers[0].Fact = "party.sanctioned" },
		"can't be":      func(in *assessment.Input) { in.Answers[0].Value = policy.Text("perhaps") },
		"kind of item":  func(in *assessment.Input) { in.Lines[0].Confirmed.Category = "zebra" },
		"no assurance":  func(in *assessment.Input) { in.Assurances[0].Kind = "not_painted" },
		"not in force":  func(in *assessment.Input) { in.Day = "2020-01-01" },
		"kinds of bodi": func(in *assessment.Input) { in.Parties[0].Body = "circus" },
	} {
		in := example(t, "01-imsi-catcher-interior-ministry")
		spoil(in)
		if err := in.CheckAgainst(p); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want %q", err, says)
		}
	}
}

// Where nobody has confirmed what an item is, that is asked first, and the line
// is undecided whatever else is known.
func TestUnconfirmedItem(t *testing.T) {
	in := searched(example(t, "12-encryption-for-newspaper"))
	in.Lines[0].Confirmed = nil
	l := assessment.Assess(in, plain(t)).Lines[0]
	if l.Outcome.Standing != policy.Undecided || len(l.Questions) == 0 || l.Questions[0].Fact != policy.FactCategory || l.Options[0].Open {
		t.Errorf("%+v", l)
	}
}

// A party that only other lines go to has no hand in a line.
func TestChain(t *testing.T) {
	e := plain(t)
	in := searched(example(t, "11-private-intelligence-firm"))
	for i := range in.Hits {
		in.Hits[i].Outcome = assessment.SameParty // the firm's owner is the listed holding
	}
	for _, l := range assessment.Assess(in, e).Lines {
		sanctioned := l.Facts.Value("party.sanctioned").True()
		if sanctioned != (l.Line != "research") {
			t.Errorf("line %s: sanctioned %v", l.Line, sanctioned)
		}
	}
	in.Hits[0].Party = "partner" // a third party of every line
	for _, l := range assessment.Assess(in, e).Lines {
		if !l.Facts.Value("party.sanctioned").True() {
			t.Errorf("line %s does not see a listed third party", l.Line)
		}
	}
}
