package lists

import (
	"slices"
	"strings"

	"github.com/comity-project/comity/screening"
)

// Delta is what differs between two versions of a list, sorted by id.
type Delta struct {
	Added   []string `json:"added"`
	Removed []string `json:"removed"`
	Changed []Change `json:"changed"`
	Kept    int      `json:"kept"` // entries that are the same in both
}

// Change is an entry that is in both versions and differs.
type Change struct {
	ID     string        `json:"id"`
	Fields []FieldChange `json:"fields"` // sorted by name
}

// FieldChange is one field's values that went and came.
type FieldChange struct {
	Field string   `json:"field"`
	Gone  []string `json:"gone,omitempty"`
	New   []string `json:"new,omitempty"`
}

// Record is an entry of any kind of list, as far as a difference looks at it:
// fields with their values. Order of values means nothing.
type Record struct {
	ID     string
	Fields map[string][]string
}

// Diff says what differs between two versions of a list of parties.
func Diff(old, new []screening.Entity) Delta {
	return DiffRecords(records(old), records(new))
}

// DiffRecords says what differs between two versions of any list. An id that
// stands twice in one version counts once, with the later entry.
func DiffRecords(old, new []Record) Delta {
	var d Delta
	before := make(map[string]Record, len(old))
	for _, r := range old {
		before[r.ID] = r
	}
	after := make(map[string]bool, len(new))
	for _, r := range new {
		if after[r.ID] {
			continue
		}
		after[r.ID] = true
		was, ok := before[r.ID]
		if !ok {
			d.Added = append(d.Added, r.ID)
			continue
		}
		if fields := changed(was.Fields, r.Fields); len(fields) > 0 {
			d.Changed = append(d.Changed, Change{r.ID, fields})
		} else {
			d.Kept++
		}
	}
	for id := range before {
		if !after[id] {
			d.Removed = append(d.Removed, id)
		}
	}
	slices.Sort(d.Added)
	slices.Sort(d.Removed)
	slices.SortFunc(d.Changed, func(a, b Change) int { return strings.Compare(a.ID, b.ID) })
	return d
}

func changed(old, new map[string][]string) []FieldChange {
	var out []FieldChange
	for name, was := range old {
		if c := (FieldChange{name, without(was, new[name]), without(new[name], was)}); len(c.Gone)+len(c.New) > 0 {
			out = append(out, c)
		}
	}
	for name, is := range new {
		if _, ok := old[name]; !ok && len(is) > 0 {
			out = append(out, FieldChange{Field: name, New: without(is, nil)})
		}
	}
	slices.SortFunc(out, func(a, b FieldChange) int { return strings.Compare(a.Field, b.Field) })
	return out
}

// without are the values of a that are not in b, in order and each once.
func without(a, b []string) []string {
	var out []string
	for _, v := range a {
		if v != "" && !slices.Contains(b, v) && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

func records(entities []screening.Entity) []Record {
	out := make([]Record, len(entities))
	for i, e := range entities {
		f := map[string][]string{
			"list": {e.List}, "type": {string(e.Type)}, "births": e.Births, "countries": e.Countries, "addresses": e.Addresses,
			"program": {e.Program}, "listed": {e.Listed}, "remarks": {e.Remarks}, "url": {e.URL}, "refused": e.Refused,
		}
		for _, n := range e.Names {
			name := "names." + string(n.Kind)
			f[name] = append(f[name], n.Text)
		}
		for _, id := range e.IDs {
			text := id.Value
			if id.Country != "" {
				text += " (" + id.Country + ")"
			}
			f["ids."+id.Kind] = append(f["ids."+id.Kind], text)
		}
		out[i] = Record{e.ID, f}
	}
	return out
}
