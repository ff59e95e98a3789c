package exporter

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/web/ui"
)

// unknownChoice is the choice that says "we do not know". It is an answer, and
// the assessment never reads it as harmless.
const unknownChoice = "unknown"

// paragraph finds a paragraph of the profile.
func paragraph(p licensing.Profile, id string) (licensing.Paragraph, bool) {
	for _, g := range p.Paragraphs {
		if g.ID == id {
			return g, true
		}
	}
	return licensing.Paragraph{}, false
}

// asked is every paragraph that wants an answer or a document from this
// application, met or not: what the check would name if nothing were answered.
func asked(a *licensing.Application, p licensing.Profile) []licensing.Missing {
	bare := *a
	bare.Answers, bare.Documents = nil, nil
	var out []licensing.Missing
	for _, m := range licensing.Check(&bare, p) {
		if g, ok := paragraph(p, m.Paragraph); ok && (g.Need.Answer || g.Need.Document != "") {
			out = append(out, m)
		}
	}
	return out
}

func sameQuestion(a, b licensing.Missing) bool {
	return a.Paragraph == b.Paragraph && a.Line == b.Line && a.Party == b.Party
}

// questionPath is the page on which a paragraph is answered.
func questionPath(m licensing.Missing) []string {
	switch {
	case m.Line != "":
		return []string{"questions", m.Paragraph, "line", m.Line}
	case m.Party != "":
		return []string{"questions", m.Paragraph, "party", m.Party}
	}
	return []string{"questions", m.Paragraph}
}

// question is the page for one paragraph, for the application or for one of its
// lines or parties.
func (b *builder) question(path []string) *sheet {
	want := licensing.Missing{Paragraph: path[0]}
	if len(path) == 3 {
		switch path[1] {
		case "line":
			want.Line = path[2]
		case "party":
			want.Party = path[2]
		default:
			return nil
		}
	}
	g, ok := paragraph(b.profile, path[0])
	if !ok {
		return nil
	}
	ok = false
	for _, m := range asked(b.app, b.profile) {
		ok = ok || sameQuestion(m, want)
	}
	at := -1
	for i, w := range b.app.Answers {
		if w.Paragraph == want.Paragraph && w.Line == want.Line && w.Party == want.Party {
			at = i
		}
	}
	if !ok && at < 0 {
		return nil
	}
	w := licensing.Answer{Paragraph: want.Paragraph, Line: want.Line, Party: want.Party}
	if at >= 0 {
		w = b.app.Answers[at]
	}
	s := &sheet{about: b.nameOf(want), values: url.Values{}, back: []string{"missing"}, next: []string{"missing"}, extra: []extra{answerFiles}}
	s.title, s.plainTitle, s.plainLead, s.source = "", g.Title, g.Text, g.ID+" · "+g.Source
	var choices []ui.Option
	for _, c := range g.Choices {
		text := c
		if c == unknownChoice {
			text = b.p.T("exporter.question.unknown")
		}
		choices = append(choices, ui.Option{Value: c, Text: text})
	}
	if len(choices) > 0 {
		s.fields = append(s.fields, field{name: "choice", label: "exporter.question.choice", control: oneOf, options: choices, must: true})
	}
	switch {
	case g.Need.As == licensing.AsDay:
		s.fields = append(s.fields, field{name: "text", label: "exporter.question.day", control: aDay, must: true})
	case g.Need.As == licensing.AsLicence:
		s.fields = append(s.fields, field{name: "text", label: "exporter.question.licence", hint: "exporter.question.licence_hint", width: 20, must: true})
	case g.Need.Document != "":
		s.extra = []extra{filesFirst}
		s.fields = append(s.fields, field{name: "text", label: "exporter.question.remark", control: manyLines, max: licensing.MaxLong})
	default:
		s.fields = append(s.fields, field{name: "text", label: "exporter.question.text", hint: "exporter.question.text_hint", control: manyLines, max: licensing.MaxLong, must: len(choices) == 0})
	}
	put(s.values, "choice", w.Choice)
	if g.Need.As == licensing.AsDay {
		putDay(s.values, "text", w.Text)
	} else {
		put(s.values, "text", w.Text)
	}
	s.write = func(in *input) {
		if len(choices) > 0 {
			choose(in, "choice", choices, &w.Choice)
		}
		switch g.Need.As {
		case licensing.AsDay:
			in.iso("text", &w.Text)
		case licensing.AsLicence:
			in.short("text", &w.Text)
		default:
			in.long("text", &w.Text)
		}
		b.putAnswer(w)
	}
	return s
}

func (b *builder) putAnswer(w licensing.Answer) {
	answers := append([]licensing.Answer(nil), b.app.Answers...)
	empty := w.Text == "" && w.Choice == "" && len(w.Documents) == 0
	for i, have := range answers {
		if have.Paragraph == w.Paragraph && have.Line == w.Line && have.Party == w.Party {
			if empty {
				b.app.Answers = append(answers[:i], answers[i+1:]...)
				return
			}
			answers[i] = w
			b.app.Answers = answers
			return
		}
	}
	if !empty {
		b.app.Answers = append(answers, w)
	}
}

// nameOf is the line or party that a paragraph is about, in the applicant's
// words.
func (b *builder) nameOf(m licensing.Missing) string { return nameIn(b.p, b.app, m.Line, m.Party) }

func nameIn(p lang.Printer, a *licensing.Application, line, partyID string) string {
	for i, l := range a.Lines {
		if l.ID == line && line != "" {
			return lineName(p, i, l)
		}
	}
	for i, q := range a.Parties {
		if q.ID == partyID && partyID != "" {
			if n := q.Name(); n != "" {
				return n
			}
			return p.T("exporter.party.unnamed", "number", i+1)
		}
	}
	return ""
}

func lineName(p lang.Printer, i int, l licensing.Line) string {
	if l.Description == "" {
		return p.T("exporter.line.unnamed", "number", i+1)
	}
	return p.T("exporter.line.named", "number", i+1, "what", brief(l.Description))
}

// gap is one thing that stands between the applicant and submission, with the
// page that solves it.
type gap struct {
	paragraph string // id, "" for what every application needs
	title     string
	text      string
	source    string
	about     string // the line or party
	path      []string
	asks      licensing.Missing
}

// gaps are all of them: what Check misses, what Validate refuses and what was
// typed and can't be read.
func (b *builder) gaps() []gap {
	var out []gap
	for _, m := range licensing.Check(b.app, b.profile) {
		if m.Paragraph == "base" && m.Field == "declaration" {
			continue // comes last, and has a page of its own
		}
		g := gap{about: b.nameOf(m), path: b.solvedAt(m), asks: m}
		if m.Paragraph == "base" {
			g.text = b.p.T(m.Key)
		} else {
			g.paragraph, g.title, g.text, g.source = m.Paragraph, m.Title, m.Text, m.Source
		}
		out = append(out, g)
	}
	var f *fault.Error
	if err := b.app.Validate(); errors.As(err, &f) {
		for _, x := range f.Fields {
			g := gap{text: b.p.Text(x.Key, x.Args), path: b.heldAt(x.Name)}
			out = append(out, g)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.d.typed)) {
		path := strings.Split(name, "/")
		if s := b.sheet(path); s != nil {
			out = append(out, gap{text: b.p.T("exporter.missing.unread", "page", s.heading(b.p)), about: s.about, path: path})
		}
	}
	return out
}

// solvedAt is the page that solves something that is missing.
func (b *builder) solvedAt(m licensing.Missing) []string {
	if g, ok := paragraph(b.profile, m.Paragraph); ok && g.Need.Field == "" {
		return questionPath(m)
	}
	line := func(step string) []string {
		if m.Line == "" {
			return []string{"items"}
		}
		return []string{"items", m.Line, step}
	}
	who := func(step string) []string {
		if m.Party == "" {
			return []string{"parties"}
		}
		return []string{"parties", m.Party, step}
	}
	switch m.Field {
	case "lines", "line.kind", "line.description", "line.part_number":
		return line("what")
	case "line.quantity", "line.value", "line.dispatch", "line.origin", "line.tariff", "line.tariff_as_of":
		return line("amount")
	case "line.service", "line.service.how":
		return line("service")
	case "line.claimed_code", "line.categories":
		return line("does")
	case "line.sheet":
		return line("sheet")
	case "end_user", "party.name", "party.country", "party.tie":
		return who("who")
	case "party.latin":
		return who("names")
	case "party.address", "party.identifier":
		return who("where")
	case "party.ownership":
		return who("ownership")
	case "party.tree", "party.site", "party.operating_unit":
		return who("units")
	case "end_use", "place_of_use", "end_use.purpose", "end_use.on_whom", "end_use.place", "end_use.country":
		return []string{"use"}
	case "route":
		return []string{"route"}
	case "declaration":
		return []string{"declaration"}
	}
	return []string{"about"}
}

// heldAt is the page on which a field stands that Validate names.
func (b *builder) heldAt(name string) []string {
	parts := strings.Split(name, ".")
	index := func() int {
		n := 0
		if len(parts) < 2 {
			return -1
		}
		for _, r := range parts[1] {
			if r < '0' || r > '9' || n > 1000 {
				return -1
			}
			n = n*10 + int(r-'0')
		}
		return n
	}
	switch parts[0] {
	case "lines":
		i := index()
		if i < 0 || i >= len(b.app.Lines) {
			return []string{"items"}
		}
		step := "what"
		if len(parts) > 2 {
			switch parts[2] {
			case "quantity", "unit", "value", "currency", "origin", "dispatch", "tariff", "tariff_as_of":
				step = "amount"
			case "claimed_code", "claimed_list", "categories":
				step = "does"
			case "service":
				step = "service"
			case "sheet":
				step = "sheet"
			}
		}
		return []string{"items", b.app.Lines[i].ID, step}
	case "parties":
		i := index()
		if i < 0 || i >= len(b.app.Parties) {
			return []string{"parties"}
		}
		step := "who"
		if len(parts) > 2 {
			switch parts[2] {
			case "names":
				step = "names"
			case "addresses", "identifiers", "website":
				step = "where"
			case "record":
				step = "record"
			case "ownership":
				step = "ownership"
			case "tree":
				step = "units"
			}
		}
		return []string{"parties", b.app.Parties[i].ID, step}
	case "end_use":
		return []string{"use"}
	case "route":
		return []string{"route"}
	case "documents":
		return []string{"documents"}
	case "answers":
		return []string{"missing"}
	case "declaration":
		return []string{"declaration"}
	}
	return []string{"about"}
}

// heading is a page's title in the reader's language; a paragraph brings its own.
func (s *sheet) heading(p lang.Printer) string {
	if s.plainTitle != "" {
		return s.plainTitle
	}
	return p.T(s.title)
}

// leadText is the sentence beneath it.
func (s *sheet) leadText(ctx context.Context) string {
	if s.plainLead != "" || s.lead == "" {
		return s.plainLead
	}
	return lang.From(ctx).T(s.lead)
}

// answerDocuments are the documents given with the answer on a page.
func (b *builder) answerDocuments(path []string) []licensing.Document {
	var out []licensing.Document
	for _, w := range b.app.Answers {
		m := licensing.Missing{Paragraph: w.Paragraph, Line: w.Line, Party: w.Party}
		if strings.Join(questionPath(m), "/") != strings.Join(path, "/") {
			continue
		}
		for _, id := range w.Documents {
			if doc, ok := b.app.Document(id); ok {
				out = append(out, doc)
			}
		}
	}
	return out
}
