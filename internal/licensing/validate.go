package licensing

import (
	"fmt"
	"strings"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// Bounds of an application. An application of 100 lines and 60 parties is
// normal; these are where a mistake or an attack begins.
const (
	MaxLines     = 500
	MaxParties   = 200
	MaxDocuments = 500
	MaxAnswers   = 2000
	MaxLegs      = 50
	MaxShort     = 300    // characters of a title, a code, a name
	MaxLong      = 20_000 // characters of a text
	maxValue     = int64(1) << 50
)

// Validate tells what is malformed: unknown kinds, codes that are none, text
// over its bound, ids that point nowhere. It does not ask for completeness;
// Check does. It returns nil or a *fault.Error with one field for each finding.
func (a *Application) Validate() error {
	f := fault.New(fault.Invalid, "licensing.application.invalid")
	v := &validator{f: f}
	v.text("title", a.Title, MaxShort)
	v.text("kind", a.Kind, MaxShort)
	v.text("contract", a.Contract, MaxShort)
	v.text("notes", a.Notes, MaxLong)
	v.text("contact", a.Contact.Name, MaxShort)
	v.text("contact", a.Contact.Account, 64)
	v.text("contact", a.Contact.Email, MaxShort)
	v.text("contact", a.Contact.Phone, MaxShort)
	v.text("declaration", a.Declaration.Name, MaxShort)
	v.text("end_use.purpose", a.EndUse.Purpose, MaxLong)
	v.text("end_use.on_whom", a.EndUse.OnWhom, MaxLong)
	v.text("end_use.place", a.EndUse.Place, MaxLong)
	v.text("end_use.region", a.EndUse.Region, MaxShort)
	v.country("end_use.country", a.EndUse.Country)
	if v.count("lines", len(a.Lines), MaxLines) {
		v.lines(a)
	}
	if v.count("parties", len(a.Parties), MaxParties) {
		v.parties(a)
	}
	if v.count("route", len(a.Route), MaxLegs) {
		for i, l := range a.Route {
			name := fmt.Sprintf("route.%d", i)
			v.country(name, l.Country)
			v.text(name, l.Place, MaxShort)
			v.text(name, l.Carrier, MaxShort)
		}
	}
	if v.count("documents", len(a.Documents), MaxDocuments) {
		seen := map[string]bool{}
		for i, d := range a.Documents {
			name := fmt.Sprintf("documents.%d", i)
			v.id(name, d.ID, seen)
			v.text(name, d.Title, MaxShort)
			v.text(name, d.Kind, MaxShort)
			v.text(name, d.Type, MaxShort)
			if !isHash(d.Hash) || d.Size < 0 {
				f.Field(name, "licensing.document.hash")
			}
		}
	}
	if v.count("answers", len(a.Answers), MaxAnswers) {
		for i, w := range a.Answers {
			name := fmt.Sprintf("answers.%d", i)
			v.text(name, w.Text, MaxLong)
			v.text(name, w.Choice, MaxShort)
			v.text(name, w.Paragraph, MaxShort)
			v.text(name, w.Line, 64)
			v.text(name, w.Party, 64)
			v.count(name, len(w.Documents), MaxDocuments)
			for _, d := range w.Documents {
				if _, ok := a.Document(d); !ok {
					f.Field(name, "licensing.document.unknown")
				}
			}
		}
	}
	return f.Or()
}

type validator struct{ f *fault.Error }

func (v *validator) text(name, s string, bound int) {
	if !party.Bounded(s, bound) {
		v.f.Field(name, "licensing.text.bound", "max", bound)
	}
}

func (v *validator) count(name string, n, bound int) bool {
	if n > bound {
		v.f.Field(name, "licensing.count.bound", "max", bound)
		return false
	}
	return true
}

func (v *validator) country(name, code string) {
	if code != "" && !party.ValidCountry(code) {
		v.f.Field(name, "party.country.unknown", "code", code)
	}
}

func (v *validator) date(name string, d deadline.Date) {
	if d != "" && !d.Valid() {
		v.f.Field(name, "licensing.date")
	}
}

func (v *validator) id(name, id string, seen map[string]bool) {
	if id == "" || len(id) > 64 || seen[id] {
		v.f.Field(name, "licensing.id")
	}
	seen[id] = true
}

func (v *validator) lines(a *Application) {
	seen := map[string]bool{}
	currency := ""
	for i, l := range a.Lines {
		name := fmt.Sprintf("lines.%d", i)
		v.id(name, l.ID, seen)
		switch l.Kind {
		case Goods, Software, Technology, Service:
		default:
			v.f.Field(name+".kind", "licensing.line.kind")
		}
		v.text(name+".part_number", l.PartNumber, MaxShort)
		v.text(name+".description", l.Description, MaxLong)
		v.text(name+".claimed_code", l.ClaimedCode, 40)
		v.text(name+".claimed_list", l.ClaimedList, 40)
		v.text(name+".tariff", l.Tariff, 40)
		v.date(name+".tariff_as_of", l.TariffAsOf)
		v.country(name+".origin", l.Origin)
		v.country(name+".dispatch", l.Dispatch)
		if l.Quantity < 0 || int64(l.Quantity) > maxValue {
			v.f.Field(name+".quantity", "licensing.line.quantity")
		}
		if l.Unit != "" && !contains(Units, l.Unit) {
			v.f.Field(name+".unit", "licensing.line.unit")
		}
		if l.Value < 0 || l.Value > maxValue {
			v.f.Field(name+".value", "licensing.line.value")
		}
		if l.Currency != "" && !isCurrency(l.Currency) {
			v.f.Field(name+".currency", "licensing.line.currency")
		}
		if l.Currency != "" && currency != "" && l.Currency != currency {
			v.f.Field(name+".currency", "licensing.line.currencies")
		}
		if l.Currency != "" {
			currency = l.Currency
		}
		if l.Sheet != "" {
			if _, ok := a.Document(l.Sheet); !ok {
				v.f.Field(name+".sheet", "licensing.document.unknown")
			}
		}
		v.count(name+".categories", len(l.Categories), 20)
		for _, c := range l.Categories {
			v.text(name+".categories", c, 100)
		}
		if s := l.Service; s != nil {
			switch s.Kind {
			case Updates, Training, RemoteSupport, Repair, OtherService:
			default:
				v.f.Field(name+".service", "licensing.line.service")
			}
			v.date(name+".service.from", s.From)
			v.date(name+".service.until", s.Until)
			v.text(name+".service.how", s.How, MaxLong)
			if s.For != "" {
				if _, ok := a.Line(s.For); !ok {
					v.f.Field(name+".service.for", "licensing.line.unknown")
				}
			}
		}
	}
}

func (v *validator) parties(a *Application) {
	seen := map[string]bool{}
	for i, p := range a.Parties {
		name := fmt.Sprintf("parties.%d", i)
		v.id(name, p.ID, seen)
		p.Validate(v.f, name)
		for _, o := range p.Ownership.Owners {
			if o.Kind == party.Person {
				v.id(name+".ownership", o.ID, seen)
			}
		}
	}
}

func contains(list []string, s string) bool {
	for _, have := range list {
		if have == s {
			return true
		}
	}
	return false
}

// isCurrency tells whether s has the form of an ISO 4217 code.
func isCurrency(s string) bool {
	return len(s) == 3 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// isHash tells whether s is a hash in lower-case hexadecimal, 32 to 64 bytes.
func isHash(s string) bool {
	return len(s) >= 64 && len(s) <= 128 && len(s)%2 == 0 && strings.Trim(s, "0123456789abcdef") == ""
}
