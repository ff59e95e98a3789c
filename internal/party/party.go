// Package party is the shared vocabulary of who takes part in a trade: natural
// persons, companies and other legal persons, and organs of a state, with their
// names in the script they are written in, their addresses, identifiers and
// owners, and the end user as a dated tree of units.
//
// It holds parties to trade and nobody else. There is no role for a victim, a
// witness or a source, and nothing here may ever be filled from a safe report.
//
// The register of end users lives here too: the stream "party/ID" of each entry
// (see Entry, Decide and the events), so that one can ask for everything that
// was ever asked for one ministry.
package party

import (
	"cmp"
	"strings"
	"unicode"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// Kind says what sort of party it is.
type Kind string

// The kinds of parties.
const (
	Person       Kind = "person"       // a natural person
	Organisation Kind = "organisation" // company, foundation, university: a legal person
	Agency       Kind = "agency"       // an organ of a state: ministry, force, court
)

// Tie says how a party stands to a state. It decides which questions are asked,
// never what the answer is.
type Tie string

// The ties.
const (
	TieUnknown Tie = "unknown"     // nobody has found out: asked as if non-state
	State      Tie = "state"       // an organ of the state
	StateOwned Tie = "state_owned" // a company a state owns or directs
	NonState   Tie = "non_state"   // private: ownership, clients, licensing of its trade and resale are asked
)

// Role is what a party does in one transaction.
type Role string

// The roles. Victims, witnesses and sources have none: they are never parties.
const (
	Consignee             Role = "consignee"
	IntermediateConsignee Role = "intermediate_consignee"
	EndUser               Role = "end_user"
	UltimateEndUser       Role = "ultimate_end_user"
	Broker                Role = "broker"
	Agent                 Role = "agent"
	Integrator            Role = "integrator"
	Forwarder             Role = "forwarder"
	Financier             Role = "financier"
	ThirdParty            Role = "third_party"
)

// Roles are all roles in the order in which they are shown.
var Roles = []Role{EndUser, UltimateEndUser, Consignee, IntermediateConsignee, Integrator, Broker, Agent, Forwarder, Financier, ThirdParty}

// Uses tells whether the role is one of those who use the item in the end.
func (r Role) Uses() bool { return r == EndUser || r == UltimateEndUser }

// NameKind says what a name is to its bearer.
type NameKind string

// The kinds of names.
const (
	Primary NameKind = "primary"
	Alias   NameKind = "alias"
	Former  NameKind = "former"
	Short   NameKind = "short"
)

// Name is one name, as it is written, in whatever script.
type Name struct {
	Text     string   `json:"text"`               // as typed, never normalised
	Kind     NameKind `json:"kind,omitempty"`     // empty means primary
	Language string   `json:"language,omitempty"` // BCP 47, "uk"
	Script   string   `json:"script,omitempty"`   // ISO 15924, "Cyrl"
	Latin    string   `json:"latin,omitempty"`    // latin form, where the text is in another script
}

// Address is where a party is.
type Address struct {
	Lines    []string `json:"lines,omitempty"` // street, district: as written on an envelope
	City     string   `json:"city,omitempty"`
	Postcode string   `json:"postcode,omitempty"`
	Country  string   `json:"country"` // see ValidCountry
}

// Identifier is a number under which somebody registered the party.
type Identifier struct {
	Kind    string `json:"kind"` // "registration", "tax", "lei", "passport", "national", "other"
	Value   string `json:"value"`
	Country string `json:"country,omitempty"`
}

// Key is the same for the same identifier, however it is spaced and parted. An
// identifier counts where it was given out: country is that of its bearer, for
// one that names none.
func (i Identifier) Key(country string) string {
	value := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToUpper(r)
		}
		return -1
	}, i.Value)
	if value == "" {
		return ""
	}
	return i.Kind + "/" + cmp.Or(i.Country, country) + "/" + value
}

// Number is Key for whoever does not know of what kind a number is: others tell
// the number and where it was given out. An LEI is one everywhere.
func (i Identifier) Number(country string) string {
	if i.Kind == "lei" {
		return Identifier{Kind: i.Kind, Value: i.Value, Country: "-"}.Key("")
	}
	at := cmp.Or(i.Country, country)
	if at == "" || i.Kind == "passport" || i.Kind == "national" {
		return ""
	}
	return Identifier{Kind: "number", Value: i.Value}.Key(at)
}

// Knowledge says how much is known of a party's ownership. Hidden and unknown
// are findings of their own and never read as "nothing to worry about".
type Knowledge string

// What may be known.
const (
	Unstated Knowledge = ""        // nobody has answered
	Known    Knowledge = "known"   // the owners given are all of those who matter
	Partly   Knowledge = "partly"  // some are given, some are missing
	Hidden   Knowledge = "hidden"  // asked and not told
	Unknown  Knowledge = "unknown" // asked and not found
)

// Ownership is who stands behind a legal person.
type Ownership struct {
	Knowledge Knowledge `json:"knowledge,omitempty"`
	Source    string    `json:"source,omitempty"` // register extract, date
	Owners    []Owner   `json:"owners,omitempty"`
}

// Owner is one owner or controller. A natural person needs the same record of
// source, purpose and retention as any other.
type Owner struct {
	ID         string  `json:"id"` // stays between versions
	Kind       Kind    `json:"kind"`
	Names      []Name  `json:"names,omitempty"`
	Country    string  `json:"country,omitempty"`
	ShareBP    int     `json:"share_bp,omitempty"`   // share in basis points, 10000 is all; 0 unknown
	Controls   bool    `json:"controls,omitempty"`   // decides without holding the share
	Beneficial bool    `json:"beneficial,omitempty"` // benefits in the end
	From       string  `json:"from,omitempty"`       // ISO date
	Until      string  `json:"until,omitempty"`      // ISO date
	Record     *Record `json:"record,omitempty"`     // for natural persons: why we hold this
}

// Record is why a natural person is held: required for each of them.
type Record struct {
	Function    string `json:"function"`     // "director", "signatory", "contact": what they do here
	Source      string `json:"source"`       // who told us, or which register
	Purpose     string `json:"purpose"`      // what it is held for, "licence application"
	RetainUntil string `json:"retain_until"` // ISO date after which it is erased
}

// Party is one party to a transaction, as the applicant gave it.
type Party struct {
	ID          string       `json:"id"`                 // stays between versions of an application
	Register    string       `json:"register,omitempty"` // id of the entry in the register, once linked
	Roles       []Role       `json:"roles"`              // at least one
	Kind        Kind         `json:"kind"`
	Tie         Tie          `json:"tie,omitempty"`
	Body        string       `json:"body,omitempty"` // what kind of body it is, a value of the fact user.kind: "interior", "media"
	Country     string       `json:"country"`        // where it is established or, for an agency, of which state
	Names       []Name       `json:"names,omitempty"`
	Addresses   []Address    `json:"addresses,omitempty"`
	Identifiers []Identifier `json:"identifiers,omitempty"`
	Website     string       `json:"website,omitempty"`
	Ownership   Ownership    `json:"ownership,omitzero"`
	Tree        Tree         `json:"tree,omitempty"` // for an end user: which unit, at which site
	Record      *Record      `json:"record,omitempty"`
}

// Owner is the stream under whose key a natural person's details are sealed:
// the entry in the register, or a stream of its own id until it is linked.
func (p Party) Owner() event.Stream {
	if p.Register != "" {
		return event.StreamOf("party", p.Register)
	}
	return event.StreamOf("party", p.ID)
}

// Is tells whether the party has a role.
func (p Party) Is(r Role) bool {
	for _, have := range p.Roles {
		if have == r {
			return true
		}
	}
	return false
}

// Uses tells whether the party uses the item in the end.
func (p Party) Uses() bool { return p.Is(EndUser) || p.Is(UltimateEndUser) }

// Name is the primary name as written; empty where it was erased or not given.
func (p Party) Name() string { return PrimaryName(p.Names) }

// PrimaryName is the text of the first primary name, or of the first name.
func PrimaryName(names []Name) string {
	for _, n := range names {
		if n.Kind == Primary || n.Kind == "" {
			return n.Text
		}
	}
	if len(names) > 0 {
		return names[0].Text
	}
	return ""
}

// NameText is every form of every name, for search.
func NameText(names []Name) string {
	var b strings.Builder
	for _, n := range names {
		for _, s := range []string{n.Text, n.Latin} {
			if s == "" {
				continue
			}
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(s)
		}
	}
	return b.String()
}

// Details are what is private about a natural person: the part that is sealed
// under the person's own key and goes when the person is erased.
type Details struct {
	Names       []Name       `json:"names,omitempty"`
	Addresses   []Address    `json:"addresses,omitempty"`
	Identifiers []Identifier `json:"identifiers,omitempty"`
	Website     string       `json:"website,omitempty"`
	Email       string       `json:"email,omitempty"`
	Phone       string       `json:"phone,omitempty"`
}

// Apart takes a natural person's details out of the party, to be sealed apart.
func (p Party) Apart() (Party, Details) {
	d := Details{Names: p.Names, Addresses: p.Addresses, Identifiers: p.Identifiers, Website: p.Website}
	p.Names, p.Addresses, p.Identifiers, p.Website = nil, nil, nil, ""
	return p, d
}

// Joined is the reverse of Apart.
func (p Party) Joined(d Details) Party {
	p.Names, p.Addresses, p.Identifiers, p.Website = d.Names, d.Addresses, d.Identifiers, d.Website
	return p
}

// Bounds of one party.
const (
	MaxText    = 2000 // characters in one line of text
	MaxNames   = 40
	MaxOwners  = 60
	MaxIdents  = 40
	MaxAddress = 20
)

// Validate collects what is wrong with a party into f, with field names under
// prefix ("parties.2"). It judges form, not completeness: an empty address is a
// matter of the profile.
func (p Party) Validate(f *fault.Error, prefix string) {
	if p.ID == "" || len(p.ID) > 64 {
		f.Field(prefix+".id", "party.id")
	}
	if len(p.Roles) == 0 {
		f.Field(prefix+".roles", "party.role.missing")
	}
	for _, r := range p.Roles {
		if !knownRole(r) {
			f.Field(prefix+".roles", "party.role.unknown", "role", string(r))
		}
	}
	switch p.Kind {
	case Person, Organisation, Agency:
	default:
		f.Field(prefix+".kind", "party.kind.unknown", "kind", string(p.Kind))
	}
	switch p.Tie {
	case "", TieUnknown, State, StateOwned, NonState:
	default:
		f.Field(prefix+".tie", "party.tie.unknown", "tie", string(p.Tie))
	}
	if p.Country != "" && !ValidCountry(p.Country) {
		f.Field(prefix+".country", "party.country.unknown", "code", p.Country)
	}
	validateNames(f, prefix+".names", p.Names)
	if len(p.Addresses) > MaxAddress {
		f.Field(prefix+".addresses", "party.too_many", "max", MaxAddress)
	}
	for _, a := range p.Addresses {
		if a.Country != "" && !ValidCountry(a.Country) {
			f.Field(prefix+".addresses", "party.country.unknown", "code", a.Country)
		}
		if len(a.Lines) > 10 || tooLong(append([]string{a.City, a.Postcode}, a.Lines...)...) {
			f.Field(prefix+".addresses", "party.too_long", "max", MaxText)
		}
	}
	if len(p.Identifiers) > MaxIdents {
		f.Field(prefix+".identifiers", "party.too_many", "max", MaxIdents)
	}
	for _, i := range p.Identifiers {
		if i.Kind == "" || i.Value == "" || tooLong(i.Kind, i.Value) || (i.Country != "" && !ValidCountry(i.Country)) {
			f.Field(prefix+".identifiers", "party.identifier")
		}
	}
	if tooLong(p.Website) {
		f.Field(prefix+".website", "party.too_long", "max", MaxText)
	}
	p.Ownership.validate(f, prefix+".ownership")
	p.Tree.validate(f, prefix+".tree")
	if p.Kind == Person {
		p.Record.validate(f, prefix+".record")
	}
}

func (o Ownership) validate(f *fault.Error, prefix string) {
	switch o.Knowledge {
	case Unstated, Known, Partly, Hidden, Unknown:
	default:
		f.Field(prefix+".knowledge", "party.ownership.unknown")
	}
	if len(o.Owners) > MaxOwners {
		f.Field(prefix+".owners", "party.too_many", "max", MaxOwners)
	}
	if tooLong(o.Source) {
		f.Field(prefix+".source", "party.too_long", "max", MaxText)
	}
	sum := 0
	ids := map[string]bool{}
	for _, w := range o.Owners {
		if w.ID == "" || ids[w.ID] {
			f.Field(prefix+".owners", "party.id")
		}
		ids[w.ID] = true
		validateNames(f, prefix+".owners", w.Names)
		if w.Country != "" && !ValidCountry(w.Country) {
			f.Field(prefix+".owners", "party.country.unknown", "code", w.Country)
		}
		if w.ShareBP < 0 || w.ShareBP > 10000 {
			f.Field(prefix+".owners", "party.share")
		} else if !w.Beneficial {
			sum += w.ShareBP
		}
		if !ValidSpan(w.From, w.Until) {
			f.Field(prefix+".owners", "party.span")
		}
		if w.Kind == Person {
			w.Record.validate(f, prefix+".owners")
		}
	}
	if sum > 10000 && !dated(o.Owners) {
		f.Field(prefix+".owners", "party.share.sum")
	}
}

// dated owners may follow one another, so their shares need not add up.
func dated(owners []Owner) bool {
	for _, o := range owners {
		if o.Until != "" {
			return true
		}
	}
	return false
}

func (r *Record) validate(f *fault.Error, prefix string) {
	if r == nil || r.Function == "" || r.Source == "" || r.Purpose == "" || tooLong(r.Function, r.Source, r.Purpose) {
		f.Field(prefix, "party.record.missing")
		return
	}
	if !validDate(r.RetainUntil) {
		f.Field(prefix+".retain_until", "party.record.retention")
	}
}

func validateNames(f *fault.Error, prefix string, names []Name) {
	if len(names) > MaxNames {
		f.Field(prefix, "party.too_many", "max", MaxNames)
	}
	for _, n := range names {
		if strings.TrimSpace(n.Text) == "" {
			f.Field(prefix, "party.name.empty")
		}
		switch n.Kind {
		case "", Primary, Alias, Former, Short:
		default:
			f.Field(prefix, "party.name.kind")
		}
		if tooLong(n.Text, n.Latin, n.Language, n.Script) {
			f.Field(prefix, "party.too_long", "max", MaxText)
		}
	}
}

func knownRole(r Role) bool {
	for _, k := range Roles {
		if k == r {
			return true
		}
	}
	return false
}

// tooLong tells whether any text is over the bound or holds what is no text.
func tooLong(texts ...string) bool {
	for _, s := range texts {
		if !Bounded(s, MaxText) {
			return true
		}
	}
	return false
}

// Valid tells whether a record says all it has to say.
func (r *Record) Valid() bool {
	f := fault.New(fault.Invalid, "party.record.missing")
	r.validate(f, "record")
	return f.Or() == nil
}
