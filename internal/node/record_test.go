package node

import (
	"encoding/json"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/enforcement"
	"github.com/comity-project/comity/internal/event"
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

// Each kind of stream says how access is asked for what it is about; one that is
// forgotten is read by nobody. What lies in a compartment of its own is read by
// nobody outside it, whoever keeps the record.
func TestEveryKindSaysWhoReadsIt(t *testing.T) {
	var a App
	a.register()
	for kind := range a.kinds {
		if _, named := readings[kind]; !named && kind != account.KindAccount && kind != account.KindOrg {
			t.Errorf("nobody reads %s: name it in readings", kind)
		}
	}
	for kind := range readings {
		if a.kinds[kind] == nil {
			t.Errorf("%s is no kind of stream", kind)
		}
	}
	everything := access.Actor{Account: "a", Org: "o", Roles: access.Roles()}
	for _, kind := range []string{enforcement.KindMatter, enforcement.KindRecord} {
		may, err := a.mayReadStream(nil, everything, event.StreamOf(kind, "x"))
		if may || err != nil {
			t.Errorf("%s is read from outside its compartment: %v, %v", kind, may, err)
		}
	}
	everything.Compartments = []string{enforcement.Compartment}
	if may, err := a.mayReadStream(nil, everything, event.StreamOf(enforcement.KindMatter, "x")); !may || err != nil {
		t.Errorf("who is admitted: %v, %v", may, err)
	}
}
