package exporter

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/web/ui"
)

var (
	partyKinds = []party.Kind{party.Organisation, party.Agency, party.Person}
	partyTies  = []party.Tie{party.State, party.StateOwned, party.NonState, party.TieUnknown}
	knowledge  = []party.Knowledge{party.Known, party.Partly, party.Hidden, party.Unknown}
	nameKinds  = []party.NameKind{party.Primary, party.Alias, party.Former, party.Short}
	levels     = []party.Level{party.Ministry, party.Directorate, party.UnitLevel, party.Site}
	idKinds    = []string{"registration", "tax", "lei", "passport", "national", "other"}
)

// bodyFact is the fact of the pack whose values say what kind of body an end
// user is.
const bodyFact = "user.kind"

func (b *builder) bodies() []ui.Option {
	for _, f := range b.pack.Facts {
		if f.Name == bodyFact {
			return options(b.p, "exporter.body.", f.Values...)
		}
	}
	return nil
}

// ties are the options for how a party stands to a state; "unknown" has words
// of its own in the vocabulary.
func (b *builder) ties() []ui.Option {
	out := options(b.p, "exporter.tie.", partyTies...)
	return out
}

func (b *builder) party(id string) (p party.Party, at int) {
	for i, have := range b.app.Parties {
		if have.ID == id {
			return have, i
		}
	}
	return party.Party{ID: id}, len(b.app.Parties)
}

func (b *builder) putParty(p party.Party) {
	for i := range b.app.Parties {
		if b.app.Parties[i].ID == p.ID {
			b.app.Parties[i] = p
			return
		}
	}
	b.app.Parties = append(b.app.Parties, p)
}

// partySteps are the pages of a party, in their order.
func partySteps(p party.Party) []string {
	steps := []string{"who", "names", "where"}
	if p.Kind == party.Person {
		return append(steps, "record")
	}
	if p.Kind != party.Agency {
		steps = append(steps, "ownership")
	}
	if p.Uses() {
		steps = append(steps, "units")
	}
	return steps
}

func (b *builder) partySheet(id string, rest []string) *sheet {
	q, at := b.party(id)
	s := &sheet{about: q.Name(), values: url.Values{}, prefix: "parties." + strconv.Itoa(at) + ".", fresh: at == len(b.app.Parties), back: []string{"parties"}}
	if s.fresh && rest[0] != "who" {
		return nil
	}
	switch {
	case len(rest) == 1 && rest[0] == "who":
		b.partyWho(s, q)
	case len(rest) == 1 && rest[0] == "names":
		b.partyNames(s, q)
	case len(rest) == 1 && rest[0] == "where":
		b.partyWhere(s, q)
	case len(rest) == 1 && rest[0] == "record":
		b.partyRecord(s, q)
	case len(rest) == 1 && rest[0] == "ownership":
		b.partyOwnership(s, q)
	case len(rest) == 1 && rest[0] == "units":
		b.partyUnits(s, q)
	case len(rest) == 2 && rest[0] == "owners" && validID(rest[1]):
		b.owner(s, q, rest[1])
		return s
	case len(rest) == 2 && rest[0] == "units" && validID(rest[1]):
		b.unit(s, q, rest[1])
		return s
	default:
		return nil
	}
	if s.next == nil {
		s.next = after(partySteps(q), rest[0], "parties", id)
	}
	return s
}

func (b *builder) partyWho(s *sheet, q party.Party) {
	kinds := options(b.p, "party.kind.", partyKinds...)
	roles := options(b.p, "party.role.", party.Roles...)
	for i, r := range party.Roles {
		roles[i].Hint = b.p.T("exporter.role_hint." + string(r))
	}
	ties, bodies := b.ties(), b.bodies()
	s.title, s.lead = "exporter.party.who.title", "exporter.party.who.lead"
	s.fields = []field{
		{name: "name", label: "exporter.party.name", hint: "exporter.party.name_hint", dir: "auto", must: true},
		{name: "latin", label: "exporter.party.latin", hint: "exporter.party.latin_hint"},
		{name: "roles", label: "exporter.party.roles", hint: "exporter.party.roles_hint", control: anyOf, options: roles, must: true},
		{name: "kind", label: "exporter.party.kind", control: oneOf, options: kinds, must: true},
		{name: "tie", label: "exporter.party.tie", hint: "exporter.party.tie_hint", control: oneOf, options: ties, must: true},
		{name: "body", label: "exporter.party.body", hint: "exporter.party.body_hint", control: oneOfMany, options: bodies},
		{name: "country", label: "exporter.party.country", hint: "exporter.party.country_hint", control: aCountry, must: true},
	}
	if len(q.Names) > 0 {
		put(s.values, "name", q.Names[0].Text)
		put(s.values, "latin", q.Names[0].Latin)
	}
	for _, r := range q.Roles {
		s.values.Add("roles", string(r))
	}
	put(s.values, "kind", string(q.Kind))
	put(s.values, "tie", string(q.Tie))
	put(s.values, "body", q.Body)
	put(s.values, "country", q.Country)
	s.write = func(in *input) {
		var first party.Name
		if len(q.Names) > 0 {
			first = q.Names[0]
		}
		in.text("name", &first.Text, party.MaxText)
		in.text("latin", &first.Latin, party.MaxText)
		var more []party.Name
		if len(q.Names) > 1 {
			more = q.Names[1:]
		}
		q.Names = nil
		if first.Text != "" {
			first.Kind = party.Primary
			q.Names = append(q.Names, first)
		} else if first.Latin != "" {
			in.fault.Field("name", "exporter.party.latin_alone")
		}
		q.Names = append(q.Names, more...)
		q.Roles = nil
		for _, r := range in.several("roles", roles) {
			q.Roles = append(q.Roles, party.Role(r))
		}
		choose(in, "kind", kinds, &q.Kind)
		choose(in, "tie", ties, &q.Tie)
		choose(in, "body", bodies, &q.Body)
		in.country("country", &q.Country)
		if q.Kind == party.Person && q.Record == nil {
			q.Record = &party.Record{}
		}
		b.putParty(q)
		s.next = after(partySteps(q), "who", "parties", q.ID)
	}
}

// spareNames is how many empty names a page offers.
const spareNames = 2

func (b *builder) partyNames(s *sheet, q party.Party) {
	kinds := options(b.p, "exporter.name_kind.", nameKinds...)
	s.title, s.lead = "exporter.party.names.title", "exporter.party.names.lead"
	n := min(len(q.Names)+spareNames, party.MaxNames)
	at := func(i int, part string) string { return "names." + strconv.Itoa(i) + "." + part }
	for i := range n {
		group := b.p.T("exporter.party.name_number", "number", i+1)
		s.fields = append(s.fields,
			field{name: at(i, "text"), label: "exporter.party.name", dir: "auto", group: group},
			field{name: at(i, "latin"), label: "exporter.party.latin", group: group},
			field{name: at(i, "kind"), label: "exporter.party.name_kind", control: oneOfMany, options: kinds, group: group})
	}
	for i, x := range q.Names {
		put(s.values, at(i, "text"), x.Text)
		put(s.values, at(i, "latin"), x.Latin)
		kind := x.Kind
		if kind == "" {
			kind = party.Primary
		}
		put(s.values, at(i, "kind"), string(kind))
	}
	s.write = func(in *input) {
		var names []party.Name
		for i := range n {
			var x party.Name
			if i < len(q.Names) {
				x = q.Names[i]
			}
			in.text(at(i, "text"), &x.Text, party.MaxText)
			in.text(at(i, "latin"), &x.Latin, party.MaxText)
			choose(in, at(i, "kind"), kinds, &x.Kind)
			switch {
			case x.Text != "":
				names = append(names, x)
			case x.Latin != "":
				in.fault.Field(at(i, "text"), "exporter.party.latin_alone")
			}
		}
		q.Names = names
		b.putParty(q)
	}
}

const spareIDs = 2

func (b *builder) partyWhere(s *sheet, q party.Party) {
	kinds := options(b.p, "exporter.id_kind.", idKinds...)
	s.title, s.lead = "exporter.party.where.title", "exporter.party.where.lead"
	s.fields = append(addressFields("address."), field{name: "website", label: "exporter.party.website"})
	n := min(len(q.Identifiers)+spareIDs, party.MaxIdents)
	at := func(i int, part string) string { return "identifiers." + strconv.Itoa(i) + "." + part }
	for i := range n {
		group := b.p.T("exporter.party.id_number", "number", i+1)
		s.fields = append(s.fields,
			field{name: at(i, "kind"), label: "exporter.party.id_kind", control: oneOfMany, options: kinds, group: group},
			field{name: at(i, "value"), label: "exporter.party.id_value", width: 20, group: group},
			field{name: at(i, "country"), label: "exporter.party.id_country", control: aCountry, group: group})
	}
	if len(q.Addresses) > 0 {
		putAddress(s.values, "address.", q.Addresses[0])
	}
	put(s.values, "website", q.Website)
	for i, x := range q.Identifiers {
		put(s.values, at(i, "kind"), x.Kind)
		put(s.values, at(i, "value"), x.Value)
		put(s.values, at(i, "country"), x.Country)
	}
	s.write = func(in *input) {
		var first party.Address
		var more []party.Address
		if len(q.Addresses) > 0 {
			first, more = q.Addresses[0], q.Addresses[1:]
		}
		in.address("address.", &first)
		q.Addresses = nil
		if len(first.Lines) > 0 || first.City+first.Postcode+first.Country != "" {
			q.Addresses = append(q.Addresses, first)
		}
		q.Addresses = append(q.Addresses, more...)
		in.text("website", &q.Website, party.MaxText)
		var ids []party.Identifier
		for i := range n {
			var x party.Identifier
			choose(in, at(i, "kind"), kinds, &x.Kind)
			in.text(at(i, "value"), &x.Value, party.MaxText)
			in.country(at(i, "country"), &x.Country)
			switch {
			case x.Kind != "" && x.Value != "":
				ids = append(ids, x)
			case x != (party.Identifier{}):
				in.fault.Field(at(i, "value"), "party.identifier")
			}
		}
		q.Identifiers = ids
		b.putParty(q)
	}
}

func addressFields(prefix string) []field {
	return []field{
		{name: prefix + "lines", label: "exporter.address.lines", hint: "exporter.address.lines_hint", control: manyLines, dir: "auto"},
		{name: prefix + "city", label: "exporter.address.city", dir: "auto", width: 30},
		{name: prefix + "postcode", label: "exporter.address.postcode", width: 10},
		{name: prefix + "country", label: "exporter.address.country", control: aCountry},
	}
}

func putAddress(v url.Values, prefix string, a party.Address) {
	put(v, prefix+"lines", strings.Join(a.Lines, "\n"))
	put(v, prefix+"city", a.City)
	put(v, prefix+"postcode", a.Postcode)
	put(v, prefix+"country", a.Country)
}

func (in *input) address(prefix string, to *party.Address) {
	lines := strings.Join(to.Lines, "\n")
	in.text(prefix+"lines", &lines, party.MaxText)
	var out []string
	for _, l := range strings.Split(lines, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	if len(out) > 10 {
		in.fault.Field(prefix+"lines", "exporter.address.too_many")
	} else {
		to.Lines = out
	}
	in.text(prefix+"city", &to.City, party.MaxText)
	in.text(prefix+"postcode", &to.Postcode, party.MaxText)
	in.country(prefix+"country", &to.Country)
}

func recordFields(prefix string) []field {
	return []field{
		{name: prefix + "function", label: "exporter.record.function", hint: "exporter.record.function_hint", must: true},
		{name: prefix + "source", label: "exporter.record.source", hint: "exporter.record.source_hint", must: true},
		{name: prefix + "purpose", label: "exporter.record.purpose", hint: "exporter.record.purpose_hint", must: true},
		{name: prefix + "retain_until", label: "exporter.record.retain", hint: "exporter.record.retain_hint", control: aDay, must: true},
	}
}

func putRecord(v url.Values, prefix string, r *party.Record) {
	if r == nil {
		return
	}
	put(v, prefix+"function", r.Function)
	put(v, prefix+"source", r.Source)
	put(v, prefix+"purpose", r.Purpose)
	putDay(v, prefix+"retain_until", r.RetainUntil)
}

func (in *input) record(prefix string, r *party.Record) {
	in.text(prefix+"function", &r.Function, party.MaxText)
	in.text(prefix+"source", &r.Source, party.MaxText)
	in.text(prefix+"purpose", &r.Purpose, party.MaxText)
	in.iso(prefix+"retain_until", &r.RetainUntil)
}

func (b *builder) partyRecord(s *sheet, q party.Party) {
	s.title, s.lead = "exporter.record.title", "exporter.record.lead"
	s.fields = recordFields("record.")
	putRecord(s.values, "record.", q.Record)
	s.write = func(in *input) {
		r := party.Record{}
		if q.Record != nil {
			r = *q.Record
		}
		in.record("record.", &r)
		q.Record = &r
		b.putParty(q)
	}
}
