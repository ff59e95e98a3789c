package assessment_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/fault"
)

func refusal(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Key
	}
	return ""
}

// The written assessment comes of the findings, waits for the adviser, and can't
// be signed while a sentence is nobody's. A fact that changes what a sentence
// says puts another in its place, which waits again.
func TestWrittenAssessment(t *testing.T) {
	in := example(t, "01-imsi-catcher-interior-ministry")
	d := newDesk(t, in)
	d.work(in)
	d.find()
	say := func(sentences []assessment.Sentence) assessment.ConfirmSentences {
		c := assessment.ConfirmSentences{Case: caseID}
		for _, s := range sentences {
			c.Sentences = append(c.Sentences, assessment.SentenceSaid{ID: s.ID, Text: "In words: " + s.Key, Rewritten: true})
		}
		return c
	}
	draft := d.state.Draft(d.facts)
	if _, err := d.try(say(draft)); refusal(err) != "assessment.draft.held" {
		t.Fatalf("before the adviser spoke: %v", err)
	}
	d.view()
	d.do(assessment.Complete{Case: caseID})
	draft = d.state.Draft(d.facts)
	ids := map[string]bool{}
	refuses := false
	for _, s := range draft {
		if ids[s.ID] {
			t.Errorf("the id of %s stands twice", s.Key)
		}
		ids[s.ID] = true
		refuses = refuses || s.Key == "assessment.draft.standing.refuse" && s.Line == "1"
		if strings.HasPrefix(s.Key, "assessment.draft.met.") && len(s.Facts) == 0 {
			t.Errorf("%v rests on no fact", s.Args["rule"])
		}
	}
	if !refuses {
		t.Error("the draft does not refuse line 1")
	}
	if _, err := d.try(assessment.SignText{Case: caseID}); refusal(err) != "assessment.draft.unconfirmed" {
		t.Errorf("signed with sentences that nobody said: %v", err)
	}
	d.do(say(draft[1:]))
	if _, err := d.try(assessment.SignText{Case: caseID}); refusal(err) != "assessment.draft.unconfirmed" {
		t.Errorf("signed with one sentence that nobody said: %v", err)
	}
	d.do(say(draft[:1]))
	if out := d.do(say(draft)); len(out) != 0 {
		t.Errorf("said again: %v", out)
	}
	d.do(assessment.RecordDissent{Case: caseID, Text: "The second report is older than it looks."})
	d.do(assessment.SignText{Case: caseID})
	if d.state.Completion == nil || d.state.Signed == nil || len(d.state.Signed.Sentences) != len(draft) || len(d.state.Dissents) != 1 {
		t.Fatalf("%+v", d.state.Signed)
	}
	if _, err := d.try(assessment.ConfirmSentences{Case: caseID, Sentences: []assessment.SentenceSaid{{ID: "none", Text: "x"}}}); refusal(err) != "assessment.invalid" {
		t.Errorf("a sentence that is not in the draft: %v", err)
	}
	// Another finding is another sentence.
	i := slices.IndexFunc(d.state.Facts, func(f assessment.FactState) bool { return f.Fact == "user.abuse_record" && f.Stands() })
	d.do(assessment.WithdrawFact{Case: caseID, ID: d.state.Facts[i].ID, Reason: "The report was taken back."})
	fresh := 0
	for _, s := range d.state.Draft(d.facts) {
		if !ids[s.ID] {
			fresh++
		}
	}
	if fresh == 0 {
		t.Error("a fact that no longer stands changed no sentence")
	}
	if _, err := d.try(assessment.SignText{Case: caseID}); refusal(err) != "assessment.draft.incomplete" {
		t.Errorf("signed on an assessment that is open: %v", err)
	}
}

// Every refusal of the ten cases names the smallest sets of facts that would
// change it, or says that more than a handful would have to be otherwise.
func TestEachRefusalNamesWhatWouldChangeIt(t *testing.T) {
	named := 0
	for _, name := range []string{"01-imsi-catcher-interior-ministry", "02-lawful-interception-mediation", "04-face-recognition-city-police", "06-water-cannon-gendarmerie", "09-dna-sequencers", "11-private-intelligence-firm"} {
		in := example(t, name)
		d := newDesk(t, in)
		d.work(in)
		lines := map[string][]string{}
		for _, s := range d.state.Draft(d.facts) {
			lines[s.Line] = append(lines[s.Line], strings.TrimPrefix(s.Key, "assessment.draft."))
			if s.Key == "assessment.draft.turn" {
				named++
				if len(s.Facts) == 0 || len(s.Facts) > 4 || s.Args["questions"] == "" {
					t.Errorf("%s line %s: %+v", name, s.Line, s)
				}
			}
		}
		for line, keys := range lines {
			refused := slices.Contains(keys, "standing.refuse") || slices.Contains(keys, "standing.prohibited")
			says := slices.Contains(keys, "turn") || slices.Contains(keys, "turn_many")
			if refused != says {
				t.Errorf("%s line %s: refused %v, says what would change it %v", name, line, refused, says)
			}
		}
	}
	if named == 0 {
		t.Error("no refusal names a set")
	}
}
