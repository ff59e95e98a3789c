package lists

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/comity-project/comity/screening"
)

func party(id string, names ...string) screening.Entity {
	e := screening.Entity{ID: id, List: "T"}
	for i, n := range names {
		kind := screening.Alias
		if i == 0 {
			kind = screening.Primary
		}
		e.Names = append(e.Names, screening.Name{Text: n, Kind: kind})
	}
	return e
}

func TestDiff(t *testing.T) {
	b2 := party("b", "B", "B2", "B3")
	b2.IDs = []screening.Ident{{Kind: "tax", Value: "7", Country: "XN"}}
	moved := party("c", "C")
	moved.Addresses = []string{"new", "old"}
	was := party("c", "C")
	was.Addresses = []string{"old", "new"}
	got := Diff(
		[]screening.Entity{party("a", "A"), party("b", "B", "B1", "B2"), was},
		[]screening.Entity{moved, party("d", "D"), b2})
	want := Delta{
		Added: []string{"d"}, Removed: []string{"a"}, Kept: 1,
		Changed: []Change{{"b", []FieldChange{{"ids.tax", nil, []string{"7 (XN)"}}, {"names.alias", []string{"B1"}, []string{"B3"}}}}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}

func TestDiffCountsEveryEntryOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.SliceOfDistinct(rapid.StringMatching(`[a-f]`), rapid.ID[string])
		make := func(ids []string) (es []screening.Entity) {
			for _, id := range ids {
				es = append(es, party(id, rapid.StringMatching(`[XY]`).Draw(t, "name")))
			}
			return es
		}
		old, new := make(gen.Draw(t, "old")), make(gen.Draw(t, "new"))
		there, back := Diff(old, new), Diff(new, old)
		if len(there.Added)+len(there.Changed)+there.Kept != len(new) || len(there.Removed)+len(there.Changed)+there.Kept != len(old) {
			t.Fatalf("%+v", there)
		}
		if len(there.Added) != len(back.Removed) || len(there.Changed) != len(back.Changed) {
			t.Fatalf("%+v and back %+v", there, back)
		}
		if same := Diff(old, old); len(same.Added)+len(same.Removed)+len(same.Changed) != 0 {
			t.Fatalf("%+v", same)
		}
	})
}
