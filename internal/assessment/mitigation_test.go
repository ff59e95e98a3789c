package assessment_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/policy"
)

// fields are the inputs that a refusal names, each with its key.
func fields(err error) (out []string) {
	var f *fault.Error
	if errors.As(err, &f) {
		for _, x := range f.Fields {
			out = append(out, x.Name+"="+x.Key)
		}
	}
	return out
}

// A residual rests on conditions that suit the line or on assurances that count;
// an unverified one changes nothing, a broken one takes the residual back, and no
// residual changes where a line stands.
func TestMitigation(t *testing.T) {
	in := example(t, "02-lawful-interception-mediation")
	line := in.Lines[0].ID
	d := newDesk(t, in)
	d.facts.Case.Assurances = slices.Clone(in.Assurances)
	d.work(in)
	d.find()
	standing := func() policy.Standing {
		for _, l := range d.state.LineViews(d.facts) {
			if l.Line == line {
				return l.Standing
			}
		}
		return ""
	}
	before := standing()
	state := func(residual assessment.Likelihood, measures ...assessment.Measure) assessment.StateMitigation {
		return assessment.StateMitigation{Case: caseID, Line: line, Likelihood: assessment.Likely, Measures: measures, Residual: residual, Reason: "The log shows each measure."}
	}
	condition := assessment.Measure{Condition: "audit-log"}
	assurance := assessment.Measure{Assurance: "not_misused"}
	refused := func(c assessment.StateMitigation, field, key string) {
		t.Helper()
		_, err := d.try(c)
		for _, f := range fields(err) {
			if f == field+"="+key {
				return
			}
		}
		t.Errorf("%+v: %v, want %s", c, err, key)
	}
	verify := func(change func(*assessment.Assurance)) {
		for i := range d.facts.Case.Assurances {
			change(&d.facts.Case.Assurances[i])
		}
	}
	verify(func(a *assessment.Assurance) { a.Verified = false })
	refused(state(assessment.Possible), "measures", "assessment.mitigation.measures")
	refused(state(assessment.AlmostCertain, condition), "residual", "assessment.mitigation.higher")
	refused(state(assessment.Possible, assurance), "measures", "assessment.mitigation.unverified")
	refused(state(assessment.Possible, condition, assurance), "measures", "assessment.mitigation.unverified")
	refused(state(assessment.Possible, assessment.Measure{Condition: "no-such"}), "measures", "assessment.mitigation.unverified")
	silent := state(assessment.Possible, condition)
	silent.Reason = " "
	refused(silent, "reason", "assessment.reason.missing")
	other := state(assessment.Possible, condition)
	other.Line = "no-such"
	refused(other, "line", "assessment.line.unknown")

	d.do(state(assessment.Possible, condition))
	if r := d.state.Residuals(d.facts); len(r) != 1 || r[0].Now != assessment.Possible {
		t.Errorf("on a condition: %+v", r)
	}
	verify(func(a *assessment.Assurance) {
		a.Sought, a.Given, a.Verified, a.Declined, a.Broken, a.Check = true, true, true, false, false, "audit of the log"
	})
	d.do(state(assessment.Remote, condition, assurance, condition))
	r := d.state.Residuals(d.facts)
	if len(r) != 1 || r[0].Now != assessment.Remote || len(r[0].Measures) != 2 {
		t.Errorf("on a verified assurance: %+v", r)
	}
	if got := draftKeys(d, line); !strings.Contains(got, "risk.likely measure measure residual.remote") {
		t.Errorf("the draft says %s", got)
	}
	verify(func(a *assessment.Assurance) { a.Broken = true })
	if r := d.state.Residuals(d.facts); r[0].Now != assessment.Likely {
		t.Errorf("after a broken assurance: %+v", r)
	}
	if got := draftKeys(d, line); !strings.Contains(got, "measure_gone") || !strings.Contains(got, "residual.likely") {
		t.Errorf("the draft says %s", got)
	}
	verify(func(a *assessment.Assurance) { a.Broken, a.Verified = false, false })
	if r := d.state.Residuals(d.facts); r[0].Now != assessment.Likely {
		t.Errorf("after a verification was taken back: %+v", r)
	}
	if got := standing(); got != before {
		t.Errorf("the line stands at %s and stood at %s", got, before)
	}
}

// draftKeys are the sentences on risk in the draft of a line.
func draftKeys(d *desk, line string) string {
	var out []string
	for _, s := range d.state.Draft(d.facts) {
		if s.Line == line {
			out = append(out, strings.TrimPrefix(s.Key, "assessment.draft."))
		}
	}
	return strings.Join(out, " ")
}

// The tab names what the text names: the smallest sets of facts that a refusal
// hangs on, each of which lifts it.
func TestWhatARefusalHangsOn(t *testing.T) {
	in := example(t, "05-phone-forensics-prosecutor")
	d := newDesk(t, in)
	d.work(in)
	if sets, refused := d.state.TurnsOf(d.facts, in.Lines[0].ID); refused || sets != nil {
		t.Errorf("a line that is not refused hangs on %v", sets)
	}
	in = example(t, "09-dna-sequencers")
	d = newDesk(t, in)
	d.work(in)
	found := false
	for _, l := range in.Lines {
		sets, refused := d.state.TurnsOf(d.facts, l.ID)
		text := draftKeys(d, l.ID)
		if refused != strings.Contains(text, "standing.refuse") || len(sets) != strings.Count(text+" ", " turn ") {
			t.Errorf("line %s: %d sets, refused %v, and the text says %s", l.ID, len(sets), refused, text)
		}
		found = found || refused
	}
	if !found {
		t.Error("no line of the bureau is refused")
	}
}
