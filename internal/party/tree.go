package party

import "github.com/comity-project/comity/internal/fault"

// Level is how high a unit stands.
type Level string

// The levels, highest first. They name what a unit is; a tree may leave some out.
const (
	Ministry    Level = "ministry"
	Directorate Level = "directorate"
	UnitLevel   Level = "unit"
	Site        Level = "site"
)

// Unit is one part of an end user, for the time in which it was so.
type Unit struct {
	ID      string  `json:"id"`
	Parent  string  `json:"parent,omitempty"` // id of the unit above; empty at the top
	Level   Level   `json:"level"`
	Names   []Name  `json:"names"`
	Country string  `json:"country,omitempty"`
	Site    Address `json:"site,omitzero"`   // where the item will be, for a site
	From    string  `json:"from,omitempty"`  // ISO date; empty: not known, read as always
	Until   string  `json:"until,omitempty"` // ISO date, the last day; empty: still
	Source  string  `json:"source,omitempty"`
	Uses    bool    `json:"uses,omitempty"` // this unit is said to operate the item
}

// On tells whether the unit was there on a day (ISO date).
func (u Unit) On(day string) bool {
	return (u.From == "" || u.From <= day) && (u.Until == "" || day <= u.Until)
}

// Tree is an end user from ministry to site, dated: units come and go, are
// renamed and moved, and an old application still shows what was so then.
type Tree []Unit

// Bounds of a tree.
const (
	MaxUnits = 400
	maxDepth = 12
)

// On is the tree as it was on a day. A unit whose parent was not there stands
// at the top.
func (t Tree) On(day string) Tree {
	var out Tree
	there := map[string]bool{}
	for _, u := range t {
		if u.On(day) {
			there[u.ID] = true
		}
	}
	for _, u := range t {
		if !there[u.ID] || !u.On(day) {
			continue
		}
		if !there[u.Parent] {
			u.Parent = ""
		}
		out = append(out, u)
	}
	return out
}

// Path is the units from the top down to the one named; nil where it is not in
// the tree.
func (t Tree) Path(id string) []Unit {
	var up []Unit
	for n := 0; id != "" && n <= maxDepth; n++ {
		u, ok := t.Unit(id)
		if !ok {
			break
		}
		up = append(up, u)
		id = u.Parent
	}
	for i, j := 0, len(up)-1; i < j; i, j = i+1, j-1 {
		up[i], up[j] = up[j], up[i]
	}
	return up
}

// Unit finds a unit by its id.
func (t Tree) Unit(id string) (Unit, bool) {
	for _, u := range t {
		if u.ID == id {
			return u, true
		}
	}
	return Unit{}, false
}

func (t Tree) validate(f *fault.Error, prefix string) {
	if len(t) > MaxUnits {
		f.Field(prefix, "party.too_many", "max", MaxUnits)
		return
	}
	parent := make(map[string]string, len(t))
	for _, u := range t {
		if _, twice := parent[u.ID]; twice || u.ID == "" || len(u.ID) > 64 {
			f.Field(prefix, "party.id")
			return
		}
		parent[u.ID] = u.Parent
		switch u.Level {
		case Ministry, Directorate, UnitLevel, Site:
		default:
			f.Field(prefix, "party.level.unknown", "level", string(u.Level))
		}
		validateNames(f, prefix, u.Names)
		if len(u.Names) == 0 {
			f.Field(prefix, "party.name.empty")
		}
		if (u.Country != "" && !ValidCountry(u.Country)) || (u.Site.Country != "" && !ValidCountry(u.Site.Country)) {
			f.Field(prefix, "party.country.unknown", "code", u.Country)
		}
		if tooLong(append([]string{u.Source, u.Site.City, u.Site.Postcode}, u.Site.Lines...)...) {
			f.Field(prefix, "party.too_long", "max", MaxText)
		}
		if !ValidSpan(u.From, u.Until) {
			f.Field(prefix, "party.span")
		}
	}
	for id := range parent {
		n := 0
		for at := id; at != ""; at = parent[at] {
			if _, ok := parent[at]; !ok {
				f.Field(prefix, "party.tree.parent", "unit", at)
				return
			}
			if n++; n > maxDepth {
				f.Field(prefix, "party.tree.loop", "unit", id)
				return
			}
		}
	}
}
