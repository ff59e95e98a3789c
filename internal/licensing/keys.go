package licensing

import (
	"fmt"
	"slices"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/party"
)

// keyRows are what the case is found by when another state or a publisher names
// somebody or something: every party's names and numbers, and what goes where.
func (c *Case) keyRows(v *Version) []event.Row {
	type key struct{ what, role, text string }
	var keys []key
	add := func(what, role, text string) {
		if k := (key{what, role, text}); text != "" && !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
	}
	for _, p := range v.App.Parties {
		roles := rolesOf(p)
		for _, n := range p.Names {
			add("name", roles, n.Text)
			add("name", roles, n.Latin)
		}
		if p.Kind == party.Person {
			continue
		}
		for _, i := range p.Identifiers {
			add("number", roles, i.Number(p.Country))
		}
	}
	for _, l := range v.App.Lines {
		add("item", v.App.EndUse.Country, l.Description)
		add("item", v.App.EndUse.Country, l.PartNumber)
	}
	rows := make([]event.Row, len(keys))
	for i, k := range keys {
		rows[i] = event.Row{Table: "case_key", ID: fmt.Sprintf("%s/%d", c.ID, i+1), Columns: []event.Column{
			event.C("case_id", c.ID), event.C("what", k.what), event.C("role", k.role), event.C("name_search", k.text),
		}}
	}
	return rows
}
