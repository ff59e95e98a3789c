package licensing

import (
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/party"
)

// partsOf takes an application apart: codes that are kept for ever, words
// sealed under the case's key, natural persons under their own.
func partsOf(number int, caseStream event.Stream, a Application) VersionPart {
	a = a.clone()
	v := VersionPart{Number: number, Kind: a.Kind, Org: a.Org, Country: a.EndUse.Country, Profile: a.Profile}
	for _, l := range a.Lines {
		v.Lines = append(v.Lines, l.codes())
	}
	for _, d := range a.Documents {
		v.Documents = append(v.Documents, d.fact())
	}
	for i := range a.Parties {
		p := &a.Parties[i]
		v.Parties = append(v.Parties, factOf(*p))
		for j := range p.Ownership.Owners {
			o := &p.Ownership.Owners[j]
			if o.Kind == party.Person {
				v.People = append(v.People, PersonPart{Ref: o.ID, Details: event.P(event.StreamOf("party", o.ID), party.Details{Names: o.Names}), Retain: retained(o.Record)})
				o.Names = nil
			}
		}
		if p.Kind == party.Person {
			bare, details := p.Apart()
			v.People = append(v.People, PersonPart{Ref: p.ID, Details: event.P(p.Owner(), details), Retain: retained(p.Record)})
			*p = bare
		}
	}
	if owner := a.Contact.Owner; owner != "" && owner != caseStream {
		v.People = append(v.People, PersonPart{Ref: "contact", Details: event.P(owner, party.Details{
			Names: []party.Name{{Text: a.Contact.Name}}, Email: a.Contact.Email, Phone: a.Contact.Phone,
		})})
		a.Contact.Name, a.Contact.Email, a.Contact.Phone = "", "", ""
		if name := a.Declaration.Name; name != "" { // the one who signs is on the contact's side of the counter
			v.People = append(v.People, PersonPart{Ref: "declaration", Details: event.P(owner, party.Details{Names: []party.Name{{Text: name}}})})
			a.Declaration.Name = ""
		}
	}
	v.Content = event.P(caseStream, a)
	return v
}

// join puts a natural person's details back where they came from.
func (a *Application) join(ref string, d party.Details) {
	switch ref {
	case "contact":
		a.Contact.Name, a.Contact.Email, a.Contact.Phone = party.PrimaryName(d.Names), d.Email, d.Phone
		return
	case "declaration":
		a.Declaration.Name = party.PrimaryName(d.Names)
		return
	}
	for i := range a.Parties {
		if a.Parties[i].ID == ref {
			a.Parties[i] = a.Parties[i].Joined(d)
			return
		}
		for j := range a.Parties[i].Ownership.Owners {
			if a.Parties[i].Ownership.Owners[j].ID == ref {
				a.Parties[i].Ownership.Owners[j].Names = d.Names
				return
			}
		}
	}
}

// clone copies as deep as partsOf and join write.
func (a Application) clone() Application {
	a.Lines = append([]Line(nil), a.Lines...)
	a.Parties = append([]party.Party(nil), a.Parties...)
	for i := range a.Parties {
		a.Parties[i].Ownership.Owners = append([]party.Owner(nil), a.Parties[i].Ownership.Owners...)
	}
	return a
}

// codes is the line without words.
func (l Line) codes() Line {
	l.Description, l.PartNumber = "", ""
	if l.Service != nil {
		s := *l.Service
		s.How = ""
		l.Service = &s
	}
	return l
}

func (d Document) fact() DocumentFact {
	return DocumentFact{ID: d.ID, Kind: d.Kind, Hash: d.Hash, Size: d.Size}
}

func factsOf(docs []Document) []DocumentFact {
	var out []DocumentFact
	for _, d := range docs {
		out = append(out, d.fact())
	}
	return out
}

func titlesOf(docs []Document) []string {
	var out []string
	for _, d := range docs {
		out = append(out, d.Title)
	}
	return out
}

func factOf(p party.Party) PartyFact {
	f := PartyFact{ID: p.ID, Register: p.Register, Roles: p.Roles, Kind: p.Kind, Tie: p.Tie, Country: p.Country}
	f.Retain = retained(p.Record)
	return f
}

func retained(r *party.Record) string {
	if r == nil {
		return ""
	}
	return r.RetainUntil
}

// wordless are conditions without their words: what is kept for ever.
func wordless(conditions []Condition) []Condition {
	var out []Condition
	for _, c := range conditions {
		c.What, c.Verify, c.Consequence = "", "", ""
		out = append(out, c)
	}
	return out
}
