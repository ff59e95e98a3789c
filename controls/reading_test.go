package controls

import (
	"strings"
	"testing"
)

// A long sheet of harmless matter hides nothing, wherever the sentence stands that
// says what the thing does to people.
func TestHarmlessMatterHidesNoWay(t *testing.T) {
	c := own(t)
	filler := strings.Fields("housing steel display keyboard battery cable fan manual bag warranty colour weight")
	var sheet []string
	for _, w := range filler {
		sheet = append(sheet, "The "+w+" is of good quality and easy to clean.")
	}
	for _, harm := range []string{
		"It secretly records what guests say in the room and sends it to the security bureau.",
		"It scores citizens for loyalty and lists those to be arrested.",
	} {
		for _, at := range []int{0, 5, len(sheet)} {
			text := strings.Join(sheet[:at], " ") + " " + harm + " " + strings.Join(sheet[at:], " ")
			if got := c.Classify(Item{Description: text}).CatchAll; got.Answer == "no" {
				t.Errorf("hidden at %d: %q: %s", at, harm, got.Why)
			}
		}
	}
	if got := c.Classify(Item{Description: strings.Join(sheet, " ")}).CatchAll; got.Answer != "no" {
		t.Errorf("harmless matter is flagged: %v", got.Paths)
	}
}

// What is learnt is always the same, and a flag of the reading names words and way.
func TestReadingIsTheSameAndStatesItsWay(t *testing.T) {
	content := load(t)
	a, err := newReading(content)
	if err != nil {
		t.Fatal(err)
	}
	b, err := newReading(content)
	if err != nil {
		t.Fatal(err)
	}
	if a.bias != b.bias || len(a.weight) != len(b.weight) {
		t.Fatal("two readings of one content differ")
	}
	for i := range a.weight {
		if a.weight[i] != b.weight[i] {
			t.Fatalf("weight %d differs", i)
		}
	}
	got := own(t).Classify(Item{Description: "Our desk tells prefects which households will shelter runaway conscripts."}).CatchAll
	if got.Answer == "no" || len(got.Paths) == 0 || got.Paths[0].Harm == "" || len(got.Paths[0].Words) == 0 {
		t.Errorf("%+v", got)
	}
}
