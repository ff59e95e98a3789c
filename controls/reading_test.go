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

// Each eighth of the examples is classified by what the other seven teach: so the
// flag is measured on wording that it has not seen, contrived sets and all. A harmful
// thing that is listed instead is found as well.
func TestWordingNotSeen(t *testing.T) {
	const folds = 8
	content := load(t)
	class := func(e Example) int {
		switch {
		case e.Harm:
			return 0
		case e.Everyday:
			return 2
		}
		return 1
	}
	var count, flagged, seen [3]int
	for _, e := range content.Examples {
		count[class(e)]++
	}
	fold := make([]int, len(content.Examples)) // in runs: one set is never in two
	for i, e := range content.Examples {
		k := class(e)
		fold[i] = seen[k] * folds / count[k]
		seen[k]++
	}
	for f := range folds {
		part := *content
		part.hash, part.Examples = "", nil
		for i, e := range content.Examples {
			if fold[i] != f {
				part.Examples = append(part.Examples, e)
			}
		}
		c, err := NewClassifier(Options{Content: &part})
		if err != nil {
			t.Fatal(err)
		}
		for i, e := range content.Examples {
			if fold[i] != f {
				continue
			}
			if got := c.Classify(Item{Description: e.Text}); got.CatchAll.Answer != "no" || e.Harm && got.Status == Listed {
				flagged[class(e)]++
			}
		}
	}
	share := func(a, b int) float64 { return 100 * float64(a) / float64(b) }
	harm, protective, everyday := share(flagged[0], count[0]), share(flagged[1], count[1]), share(flagged[2], count[2])
	t.Logf("flagged: harmful %.1f %% of %d, protective %.1f %% of %d, everyday %.1f %% of %d", harm, count[0], protective, count[1], everyday, count[2])
	if harm < 85 || protective > 5 || everyday > 10 {
		t.Error("the flag reads new wording worse than it must")
	}
}
