package licensing

import (
	"maps"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/event"
)

// HeldPerson is a natural person of a version: a party, or an owner of one.
type HeldPerson struct {
	Ref    string `json:"ref"`    // the party's or owner's id
	Owner  string `json:"owner"`  // id of the stream under whose key the details are sealed
	Retain string `json:"retain"` // ISO date
}

// personRows are all natural persons in the case, under the streams that own
// their details: those of every version, for an earlier one holds them too, and
// those who signed an assurance.
func (c *Case) personRows() []event.Row {
	type person struct {
		roles  []string
		until  string // the latest of the dates given
		erased bool
	}
	held := map[string]*person{}
	add := func(owner, until string, erased bool, roles ...string) {
		p := held[owner]
		if p == nil {
			p = &person{}
			held[owner] = p
		}
		p.until, p.erased = max(p.until, until), p.erased || erased // one key: erased once, erased everywhere
		for _, r := range roles {
			if !slices.Contains(p.roles, r) {
				p.roles = append(p.roles, r)
			}
		}
	}
	for i := range c.Versions {
		v := &c.Versions[i]
		for _, h := range v.Held {
			gone := slices.ContainsFunc(v.People, func(e ErasedPerson) bool { return e.Ref == h.Ref })
			add(h.Owner, h.Retain, gone, v.rolesOf(h.Ref)...)
		}
	}
	for _, a := range c.Assurances {
		for _, r := range a.replies() {
			if r.Person != "" {
				add(r.Person, r.Retain, r.SignatoryErased != nil, "signatory")
			}
		}
	}
	rows := make([]event.Row, 0, len(held))
	for _, id := range slices.Sorted(maps.Keys(held)) {
		p := held[id]
		rows = append(rows, event.Row{Table: "case_person", ID: c.ID + "/" + id, Columns: []event.Column{
			event.C("case_id", c.ID), event.C("owner", id), event.C("roles", strings.Join(p.roles, ",")), event.C("retain_until", p.until), event.C("erased", p.erased),
		}})
	}
	return rows
}

// rolesOf is what a natural person does in a version; who is no party owns one.
func (v *Version) rolesOf(ref string) []string {
	for _, p := range v.Parties {
		if p.ID == ref {
			out := make([]string, 0, len(p.Roles))
			for _, r := range p.Roles {
				out = append(out, string(r))
			}
			return out
		}
	}
	return []string{"owner"}
}

// replies are what was answered at any time, the last one last.
func (a Assurance) replies() []AssuranceReply {
	if a.Answer == nil {
		return a.Earlier
	}
	return append(slices.Clone(a.Earlier), *a.Answer)
}
