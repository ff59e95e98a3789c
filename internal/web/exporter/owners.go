package exporter

import (
	"strings"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/web/ui"
)

func (b *builder) partyOwnership(s *sheet, q party.Party) {
	known := options(b.p, "exporter.knowledge.", knowledge...)
	s.title, s.lead = "exporter.ownership.title", "exporter.ownership.lead"
	s.fields = []field{
		{name: "ownership.knowledge", label: "exporter.ownership.knowledge", control: oneOf, options: known},
		{name: "ownership.source", label: "exporter.ownership.source", hint: "exporter.ownership.source_hint"},
	}
	s.extra = []extra{ownersList}
	put(s.values, "ownership.knowledge", string(q.Ownership.Knowledge))
	put(s.values, "ownership.source", q.Ownership.Source)
	s.write = func(in *input) {
		choose(in, "ownership.knowledge", known, &q.Ownership.Knowledge)
		in.text("ownership.source", &q.Ownership.Source, party.MaxText)
		b.putParty(q)
	}
}

func (b *builder) owner(s *sheet, q party.Party, id string) {
	kinds := options(b.p, "party.kind.", partyKinds...)
	yes := []ui.Option{{Value: "controls", Text: b.p.T("exporter.owner.controls")}, {Value: "beneficial", Text: b.p.T("exporter.owner.beneficial")}}
	o := party.Owner{ID: id}
	found := false
	for _, have := range q.Ownership.Owners {
		if have.ID == id {
			o, found = have, true
		}
	}
	s.fresh = !found
	s.title, s.lead = "exporter.owner.title", "exporter.owner.lead"
	s.next, s.back = []string{"parties", q.ID, "ownership"}, []string{"parties", q.ID, "ownership"}
	s.prefix = ""
	s.fields = []field{
		{name: "name", label: "exporter.party.name", hint: "exporter.party.name_hint", dir: "auto", must: true},
		{name: "latin", label: "exporter.party.latin", hint: "exporter.party.latin_hint"},
		{name: "kind", label: "exporter.party.kind", control: oneOf, options: kinds, must: true},
		{name: "country", label: "exporter.party.country", control: aCountry},
		{name: "share", label: "exporter.owner.share", hint: "exporter.owner.share_hint", width: 5},
		{name: "holds", label: "exporter.owner.holds", control: anyOf, options: yes},
		{name: "from", label: "exporter.owner.from", control: aDay},
		{name: "until", label: "exporter.owner.until", control: aDay},
	}
	s.fields = append(s.fields, grouped(recordFields("record."), b.p.T("exporter.owner.person"))...)
	if len(o.Names) > 0 {
		put(s.values, "name", o.Names[0].Text)
		put(s.values, "latin", o.Names[0].Latin)
	}
	put(s.values, "kind", string(o.Kind))
	put(s.values, "country", o.Country)
	if o.ShareBP > 0 {
		s.values.Set("share", licensing.Quantity(int64(o.ShareBP)*10).String())
	}
	if o.Controls {
		s.values.Add("holds", "controls")
	}
	if o.Beneficial {
		s.values.Add("holds", "beneficial")
	}
	putDay(s.values, "from", o.From)
	putDay(s.values, "until", o.Until)
	putRecord(s.values, "record.", o.Record)
	s.write = func(in *input) {
		o.Names = in.oneName(o.Names)
		choose(in, "kind", kinds, &o.Kind)
		in.country("country", &o.Country)
		in.share("share", &o.ShareBP)
		o.Controls, o.Beneficial = false, false
		for _, h := range in.several("holds", yes) {
			o.Controls = o.Controls || h == "controls"
			o.Beneficial = o.Beneficial || h == "beneficial"
		}
		in.iso("from", &o.From)
		in.iso("until", &o.Until)
		in.span("until", o.From, o.Until)
		r := party.Record{}
		if o.Record != nil {
			r = *o.Record
		}
		in.record("record.", &r)
		o.Record = nil
		if o.Kind == party.Person || r != (party.Record{}) {
			o.Record = &r
		}
		if o.Kind == party.Person && !r.Valid() {
			in.fault.Field("record.function", "exporter.record.incomplete")
		}
		if o.Kind == "" {
			in.fault.Field("kind", "party.kind.unknown", "kind", "")
		}
		owners := append([]party.Owner(nil), q.Ownership.Owners...)
		if found {
			for i := range owners {
				if owners[i].ID == id {
					owners[i] = o
				}
			}
		} else {
			owners = append(owners, o)
		}
		q.Ownership.Owners = owners
		b.putParty(q)
	}
}

// grouped puts fields together under a legend.
func grouped(fields []field, legend string) []field {
	for i := range fields {
		fields[i].group = legend
	}
	return fields
}

// oneName reads the inputs name and latin into the first of some names.
func (in *input) oneName(names []party.Name) []party.Name {
	var first party.Name
	var more []party.Name
	if len(names) > 0 {
		first, more = names[0], names[1:]
	}
	in.text("name", &first.Text, party.MaxText)
	in.text("latin", &first.Latin, party.MaxText)
	if first.Text == "" {
		in.fault.Field("name", "party.name.empty")
		return more
	}
	first.Kind = party.Primary
	return append([]party.Name{first}, more...)
}

func (in *input) share(name string, to *int) {
	s := strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(in.Get(name)), "%"))
	if s == "" {
		*to = 0
		return
	}
	q, err := licensing.ParseQuantity(s)
	if err != nil || q < 0 || q > 100_000 || q%10 != 0 {
		in.fault.Field(name, "party.share")
		return
	}
	*to = int(q / 10)
}

func (in *input) span(name, from, until string) {
	if !party.ValidSpan(from, until) {
		in.fault.Field(name, "exporter.span")
	}
}

func (b *builder) partyUnits(s *sheet, q party.Party) {
	s.title, s.lead = "exporter.units.title", "exporter.units.lead"
	s.extra = []extra{unitsList}
	s.write = func(*input) {}
}

func (b *builder) unit(s *sheet, q party.Party, id string) {
	lv := options(b.p, "party.level.", levels...)
	yes := []ui.Option{{Value: "yes", Text: b.p.T("exporter.unit_form.uses_yes")}}
	u, found := q.Tree.Unit(id)
	u.ID = id
	var above []ui.Option
	for _, x := range q.Tree {
		if x.ID != id {
			above = append(above, ui.Option{Value: x.ID, Text: party.PrimaryName(x.Names)})
		}
	}
	s.fresh = !found
	s.title, s.lead = "exporter.unit_form.title", "exporter.unit_form.lead"
	s.next, s.back = []string{"parties", q.ID, "units"}, []string{"parties", q.ID, "units"}
	s.prefix = ""
	s.fields = []field{
		{name: "name", label: "exporter.party.name", hint: "exporter.party.name_hint", dir: "auto", must: true},
		{name: "latin", label: "exporter.party.latin", hint: "exporter.party.latin_hint"},
		{name: "level", label: "exporter.unit_form.level", control: oneOf, options: lv, must: true},
	}
	if len(above) > 0 {
		s.fields = append(s.fields, field{name: "parent", label: "exporter.unit_form.parent", hint: "exporter.unit_form.parent_hint", control: oneOfMany, options: above})
	}
	s.fields = append(s.fields,
		field{name: "uses", label: "exporter.unit_form.uses", control: anyOf, options: yes},
		field{name: "from", label: "exporter.unit_form.from", hint: "exporter.unit_form.from_hint", control: aDay},
		field{name: "until", label: "exporter.unit_form.until", control: aDay},
		field{name: "source", label: "exporter.unit_form.source", hint: "exporter.unit_form.source_hint"})
	s.fields = append(s.fields, grouped(addressFields("site."), b.p.T("exporter.unit_form.site"))...)
	if len(u.Names) > 0 {
		put(s.values, "name", u.Names[0].Text)
		put(s.values, "latin", u.Names[0].Latin)
	}
	put(s.values, "level", string(u.Level))
	put(s.values, "parent", u.Parent)
	if u.Uses {
		s.values.Set("uses", "yes")
	}
	putDay(s.values, "from", u.From)
	putDay(s.values, "until", u.Until)
	put(s.values, "source", u.Source)
	putAddress(s.values, "site.", u.Site)
	s.write = func(in *input) {
		u.Names = in.oneName(u.Names)
		choose(in, "level", lv, &u.Level)
		if u.Level == "" {
			in.fault.Field("level", "party.level.unknown", "level", "")
		}
		choose(in, "parent", above, &u.Parent)
		u.Uses = len(in.several("uses", yes)) > 0
		in.iso("from", &u.From)
		in.iso("until", &u.Until)
		in.span("until", u.From, u.Until)
		in.text("source", &u.Source, party.MaxText)
		in.address("site.", &u.Site)
		tree := append(party.Tree(nil), q.Tree...)
		if found {
			for i := range tree {
				if tree[i].ID == id {
					tree[i] = u
				}
			}
		} else {
			tree = append(tree, u)
		}
		if loops(tree) {
			in.fault.Field("parent", "party.tree.loop", "unit", id)
			return
		}
		q.Tree = tree
		b.putParty(q)
	}
}

// loops tells whether units stand above one another in a circle: a tree like
// that could not be drawn, so it is not kept.
func loops(t party.Tree) bool {
	f := fault.New(fault.Invalid, "party.tree.loop")
	party.Party{ID: "x", Roles: []party.Role{party.EndUser}, Kind: party.Agency, Tree: t}.Validate(f, "")
	for _, x := range f.Fields {
		if x.Key == "party.tree.loop" || x.Key == "party.tree.parent" {
			return true
		}
	}
	return false
}
