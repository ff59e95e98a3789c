package controls

import (
	"reflect"
	"testing"
)

// An interview asks what is open, one thing after the other, and takes an answer
// only to what it asked.
func TestInterviewStepByStep(t *testing.T) {
	c := own(t)
	it := Item{Description: "Jammer for mobile phones."}
	res, told := c.Interview(it)
	if len(told) != 0 || len(res.Questions) == 0 || res.Status != NeedsExpert {
		t.Fatalf("%s, told %v, asks %v", res.Status, told, res.Questions)
	}
	for answer, want := range map[string]Status{"yes": Listed, "no": NotListed, "unknown": NeedsExpert} {
		it.Answers = map[string]string{}
		for step := 0; step < maxAsked; step++ {
			res, told = c.Interview(it)
			if len(told) != len(it.Answers) {
				t.Fatalf("%s: %d answers counted of %d", answer, len(told), len(it.Answers))
			}
			if len(res.Questions) == 0 {
				break
			}
			it.Answers[res.Questions[0].Key] = answer
		}
		if res.Status != want || len(res.Questions) != 0 {
			t.Errorf("%s: %s with %d questions left, want %s and none", answer, res.Status, len(res.Questions), want)
		}
	}
	plain, _ := c.Interview(Item{Description: "Office chair."})
	it = Item{Description: "Office chair.", Answers: map[string]string{"kind.jammer": "yes", "path.intrusion": "yes", "": "yes"}}
	if got, told := c.Interview(it); len(told) != 0 || !reflect.DeepEqual(got, plain) {
		t.Errorf("answers to what was never asked counted: %v, %s", told, got.Status)
	}
}
