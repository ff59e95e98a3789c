package licensing

import (
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/party"
)

// Profile is what an authority requires an applicant to tell, paragraph by
// paragraph. It is a part of the policy pack; the caller fills it from there.
type Profile struct {
	ID         string      `json:"id"`
	Version    string      `json:"version"`
	Title      string      `json:"title"`
	Paragraphs []Paragraph `json:"paragraphs"`
	Kind       *Kind       `json:"-"` // of the application; nil: what every licence is held to
}

// Paragraph is one requirement in the pack's own words.
type Paragraph struct {
	ID      string   `json:"id" toml:"id"`         // cited to the applicant, "INT-3"
	Title   string   `json:"title" toml:"title"`   // "Legal mandate of the end user"
	Text    string   `json:"text" toml:"text"`     // what is asked, in plain words
	Source  string   `json:"source" toml:"source"` // legal or policy basis
	When    When     `json:"when" toml:"when"`     // empty: always
	Need    Need     `json:"need" toml:"need"`
	Choices []string `json:"choices,omitempty" toml:"choices"` // for an answer: what may be chosen; "unknown" may be one of them
}

// When says whom a paragraph asks. Each list that is not empty must be met by
// one of its values; an empty one asks everybody.
type When struct {
	Kinds      []string      `json:"kinds,omitempty" toml:"kinds"`           // kinds of application
	LineKinds  []LineKind    `json:"line_kinds,omitempty" toml:"line_kinds"` //
	Codes      []string      `json:"codes,omitempty" toml:"codes"`           // claimed codes begin with one of these, "5A001.f"
	Categories []string      `json:"categories,omitempty" toml:"categories"` // ids of the item taxonomy
	Services   []ServiceKind `json:"services,omitempty" toml:"services"`
	Unstated   bool          `json:"unstated,omitempty" toml:"unstated"` // or nobody said what the line is: no code, no category
	Ties       []party.Tie   `json:"ties,omitempty" toml:"ties"`         // of a party; a tie that nobody stated counts as unknown
	PartyKinds []party.Kind  `json:"party_kinds,omitempty" toml:"party_kinds"`
	Roles      []party.Role  `json:"roles,omitempty" toml:"roles"`
}

// Each says for what a paragraph must be met.
type Each string

// A paragraph is met once for the application, or for each line or party that
// it asks.
const (
	EachApplication Each = ""
	EachLine        Each = "line"
	EachParty       Each = "party"
)

// Need is what meets a paragraph: exactly one of its three is set.
type Need struct {
	Each     Each   `json:"each,omitempty" toml:"each"`
	Answer   bool   `json:"answer,omitempty" toml:"answer"`     // an Answer to this paragraph: text, choice or document
	Document string `json:"document,omitempty" toml:"document"` // a document of this kind
	Field    string `json:"field,omitempty" toml:"field"`       // a field of the application, see Fields
	As       As     `json:"as,omitempty" toml:"as"`             // how an answer's text is read; empty: as words
}

// As says how the text of an answer is read.
type As string

// An answer is words, a day (ISO) or the number of a licence.
const (
	AsDay     As = "day"
	AsLicence As = "licence"
)

// Missing is one thing that stands between the applicant and submission.
type Missing struct {
	Paragraph string `json:"paragraph"` // id of the paragraph, or "base" for what every application needs
	Title     string `json:"title,omitempty"`
	Text      string `json:"text,omitempty"`
	Source    string `json:"source,omitempty"`
	Field     string `json:"field,omitempty" toml:"field"` // the field, document kind or "answer" that would meet it
	Line      string `json:"line,omitempty"`               // ids of the line or party it is missing for
	Party     string `json:"party,omitempty"`
	Key       string `json:"key"` // message: what to do
}

// Check names everything that is missing, in the order of the application and
// then of the profile. An empty answer means that the application may be
// submitted. "Unknown" is an answer: it is carried to the assessment, where it
// is never read as harmless.
func Check(a *Application, p Profile) []Missing {
	missing := checkBase(a, p.Kind)
	for _, g := range p.Paragraphs {
		missing = append(missing, g.check(a)...)
	}
	return missing
}

// checkBase asks for what no application can do without, and for what its kind
// wants of it.
func checkBase(a *Application, kind *Kind) []Missing {
	k := Kind{Must: KindMust}
	if kind != nil {
		k = *kind
	}
	must := func(field string) bool { return contains(k.Must, field) }
	var m []Missing
	need := func(ok bool, field, line, party string) {
		if !ok {
			m = append(m, Missing{Paragraph: "base", Field: field, Line: line, Party: party, Key: "licensing.missing." + field})
		}
	}
	need(a.Kind != "", "kind", "", "")
	need(strings.TrimSpace(a.Title) != "", "title", "", "")
	own := a.Org == "" && contains(k.Starts, byAuthority) // opened by the authority itself
	need(a.Org != "" || own, "org", "", "")
	need(a.Contact.Account != "" || strings.TrimSpace(a.Contact.Name) != "" || own, "contact", "", "")
	need(len(a.Lines) > 0 || !must("lines"), "lines", "", "")
	for _, l := range a.Lines {
		need(l.Kind != "", "line.kind", l.ID, "")
		need(l.Kind == "" || len(k.Lines) == 0 || slices.Contains(k.Lines, l.Kind), "line.not_taken", l.ID, "")
		need(strings.TrimSpace(l.Description) != "", "line.description", l.ID, "")
		need(l.Quantity > 0 && l.Unit != "" || !must("line.quantity"), "line.quantity", l.ID, "")
		need(l.Currency != "" || !must("line.value"), "line.value", l.ID, "")
		need(l.Kind != Service || l.Service != nil, "line.service", l.ID, "")
		need(l.Kind != Goods || l.Dispatch != "" || !must("line.dispatch"), "line.dispatch", l.ID, "")
		need(l.Tariff == "" || l.TariffAsOf != "", "line.tariff_as_of", l.ID, "")
	}
	_, user := a.EndUser()
	need(user || !must("end_user"), "end_user", "", "")
	for _, role := range k.Roles {
		need(slices.ContainsFunc(a.Parties, func(p party.Party) bool { return p.Is(role) }), "role."+string(role), "", "")
	}
	for _, p := range a.Parties {
		need(p.Name() != "", "party.name", "", p.ID)
		need(p.Country != "", "party.country", "", p.ID)
	}
	need(strings.TrimSpace(a.EndUse.Purpose) != "" || !must("end_use"), "end_use", "", "")
	need(a.EndUse.Country != "" && strings.TrimSpace(a.EndUse.Place) != "" || !must("place_of_use"), "place_of_use", "", "")
	need(a.Declaration.Accepted && strings.TrimSpace(a.Declaration.Name) != "" || own, "declaration", "", "")
	return m
}

func (g Paragraph) check(a *Application) []Missing {
	if len(g.When.Kinds) > 0 && !contains(g.When.Kinds, a.Kind) {
		return nil
	}
	lines, parties := g.asked(a)
	if len(lines) == 0 && g.When.asksLines() || len(parties) == 0 && g.When.asksParties() {
		return nil
	}
	var m []Missing
	lack := func(line, partyID string) {
		m = append(m, Missing{
			Paragraph: g.ID, Title: g.Title, Text: g.Text, Source: g.Source, Field: g.Need.name(),
			Line: line, Party: partyID, Key: "licensing.missing.paragraph",
		})
	}
	switch g.Need.Each {
	case EachLine:
		for _, l := range lines {
			if !g.met(a, l.ID, "", g.Need.lineField(l)) {
				lack(l.ID, "")
			}
		}
	case EachParty:
		for _, p := range parties {
			if !g.met(a, "", p.ID, g.Need.partyField(p)) {
				lack("", p.ID)
			}
		}
	default:
		if !g.met(a, "", "", g.Need.applicationField(a)) {
			lack("", "")
		}
	}
	return m
}

// asked are the lines and parties that the paragraph speaks of.
func (g Paragraph) asked(a *Application) (lines []Line, parties []party.Party) {
	for _, l := range a.Lines {
		if g.When.line(l) {
			lines = append(lines, l)
		}
	}
	for _, p := range a.Parties {
		if g.When.party(p) {
			parties = append(parties, p)
		}
	}
	return lines, parties
}

func (w When) asksLines() bool {
	return w.Unstated || len(w.LineKinds)+len(w.Codes)+len(w.Categories)+len(w.Services) > 0
}

func (w When) asksParties() bool { return len(w.Ties)+len(w.PartyKinds)+len(w.Roles) > 0 }

func (w When) line(l Line) bool {
	ok := func(n int, met bool) bool { return n == 0 || met }
	kind, service := false, false
	for _, k := range w.LineKinds {
		kind = kind || k == l.Kind
	}
	for _, s := range w.Services {
		service = service || (l.Service != nil && l.Service.Kind == s)
	}
	// Code and category are two ways to say what an item is: either will do, and
	// so does to say neither, where that is asked for.
	item := w.Unstated && l.ClaimedCode == "" && len(l.Categories) == 0
	for _, c := range w.Codes {
		item = item || strings.HasPrefix(strings.ToUpper(l.ClaimedCode), strings.ToUpper(c))
	}
	for _, c := range w.Categories {
		item = item || contains(l.Categories, c)
	}
	return ok(len(w.LineKinds), kind) && ok(len(w.Services), service) && (!w.Unstated && len(w.Codes)+len(w.Categories) == 0 || item)
}

func (w When) party(p party.Party) bool {
	tie, kind, role := len(w.Ties) == 0, len(w.PartyKinds) == 0, len(w.Roles) == 0
	has := p.Tie
	if has == "" {
		has = party.TieUnknown
	}
	for _, t := range w.Ties {
		tie = tie || t == has
	}
	for _, k := range w.PartyKinds {
		kind = kind || k == p.Kind
	}
	for _, r := range w.Roles {
		role = role || p.Is(r)
	}
	return tie && kind && role
}

// met tells whether an answer, a document or the field is there.
func (g Paragraph) met(a *Application, line, partyID string, field bool) bool {
	if g.Need.Field != "" {
		return field
	}
	for _, w := range a.Answers {
		if w.Paragraph != g.ID || (line != "" && w.Line != line) || (partyID != "" && w.Party != partyID) {
			continue
		}
		if g.Need.Document != "" {
			for _, id := range w.Documents {
				if d, ok := a.Document(id); ok && d.Kind == g.Need.Document {
					return true
				}
			}
			continue
		}
		switch {
		case len(g.Choices) > 0:
			return contains(g.Choices, w.Choice)
		case g.Need.As == AsDay:
			return deadline.Date(w.Text).Valid()
		case strings.TrimSpace(w.Text) != "" || len(w.Documents) > 0 && g.Need.As == "":
			return true
		}
	}
	if g.Need.Document != "" && g.Need.Each == EachApplication {
		for _, d := range a.Documents {
			if d.Kind == g.Need.Document {
				return true
			}
		}
	}
	return false
}

func (n Need) name() string {
	switch {
	case n.Document != "":
		return n.Document
	case n.Field != "":
		return n.Field
	}
	return "answer"
}
