package authority

import (
	"testing"

	"github.com/comity-project/comity/internal/party"
)

func called(name string) []party.Name { return []party.Name{{Text: name}} }

func held(id, name string, knows party.Knowledge, owners ...string) party.Party {
	p := party.Party{ID: id, Kind: party.Organisation, Names: called(name), Ownership: party.Ownership{Knowledge: knows}}
	for _, o := range owners {
		p.Ownership.Owners = append(p.Ownership.Owners, party.Owner{Kind: party.Organisation, Names: called(o)})
	}
	return p
}

// Who stands behind whom is drawn as a chain where one owner is another's party,
// once where one stands behind two, with what is not known beside it, and without
// end where two hold one another.
func TestHolders(t *testing.T) {
	for _, tc := range []struct {
		name    string
		parties []party.Party
		columns map[string]int // by name; "" is what is not known
		shares  int
	}{
		{name: "nobody is named", parties: []party.Party{held("a", "Lab", party.Hidden)}},
		{
			name:    "a chain through a party of the case",
			parties: []party.Party{held("a", "Offensive Labs", party.Known, "Middle Ltd"), held("b", "MIDDLE LTD ", party.Known, "Belmar Holding")},
			columns: map[string]int{"Belmar Holding": 0, "Middle Ltd": 1, "Offensive Labs": 2}, shares: 2,
		},
		{
			name:    "one behind two, and more that are not named",
			parties: []party.Party{held("a", "One", party.Known, "Top"), held("b", "Two", party.Partly, "Top")},
			columns: map[string]int{"Top": 0, "One": 1, "Two": 1, "": 0}, shares: 3,
		},
		{
			name:    "two that hold one another",
			parties: []party.Party{held("a", "One", party.Known, "Two"), held("b", "Two", party.Known, "One")},
			columns: map[string]int{"One": 7, "Two": 8}, shares: 2,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			g := holdersOf(tc.parties)
			if len(g.Boxes) != len(tc.columns) || len(g.Shares) != tc.shares {
				t.Fatalf("%d boxes, %d shares: %+v", len(g.Boxes), len(g.Shares), g)
			}
			places := map[[2]int]bool{}
			for _, b := range g.Boxes {
				name := party.PrimaryName(b.Names)
				if want, ok := tc.columns[name]; !ok || len(tc.columns) > 0 && tc.name != "two that hold one another" && b.Column != want {
					t.Errorf("%q stands in column %d, not %d", name, b.Column, want)
				}
				if at := [2]int{b.Column, b.Place}; places[at] {
					t.Errorf("two boxes at %v", at)
				} else {
					places[at] = true
				}
			}
		})
	}
	var many []party.Party
	for i := range 200 {
		many = append(many, held(string(rune('a'+i)), string(rune('a'+i)), party.Known, "x"+string(rune('a'+i))))
	}
	if n := len(holdersOf(many).Boxes); n > maxHolders+1 {
		t.Errorf("%d boxes are drawn", n)
	}
}
