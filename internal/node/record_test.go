package node

import (
	"encoding/json"
	"testing"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
)

// TestPlacedReadsTheStatesOfCasework: what an entry says is withheld by what the
// states of casework say of their place, so their names for it must stay.
func TestPlacedReadsTheStatesOfCasework(t *testing.T) {
	for name, c := range map[string]struct {
		state any
		want  placed
	}{
		"case":           {licensing.Case{ID: "c", Compartment: "delta"}, placed{Compartment: "delta"}},
		"case in none":   {licensing.Case{ID: "c"}, placed{}},
		"assessment":     {assessment.State{Case: "c"}, placed{Case: "c"}},
		"licence":        {licensing.Licence{Case: "c"}, placed{Case: "c"}},
		"another shape":  {map[string]any{"case": []int{1}, "compartment": 7}, placed{}},
		"nothing at all": {struct{}{}, placed{}},
	} {
		t.Run(name, func(t *testing.T) {
			body, err := json.Marshal(c.state)
			if err != nil {
				t.Fatal(err)
			}
			var got placed
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("read %+v, want %+v", got, c.want)
			}
		})
	}
}
