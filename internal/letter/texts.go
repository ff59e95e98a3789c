package letter

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/comity-project/comity/internal/deadline"
)

// Texts gives the sentences of a letter in its language. Keys begin with
// "letter."; args are name, value pairs for the placeholders of the sentence.
type Texts interface {
	T(key string, args ...any) string
}

// days is what a catalogue may offer to write a civil day as its language does.
type days interface {
	Day(year int, month time.Month, day int) string
}

// Releasable is a sentence that somebody has cleared for the person written to.
// Builders take reasons in this type alone, so that passing an internal note
// needs a conversion that a reviewer can see.
type Releasable string

// Given is text that someone else wrote: a name, a description of goods. It may
// be in any script and is kept from turning the text around it.
type Given struct {
	Text     string
	Language string // BCP 47, where known
}

// Name is a Given of unknown language.
func Name(s string) Given { return Given{Text: s} }

// run guards a given text: isolated, with the script named where the language is
// not, so that a screen reader changes its voice.
func (g Given) run() Run {
	r := Run{Text: g.Text, Language: g.Language, Isolate: true}
	letters := map[string]int{}
	for _, c := range g.Text {
		if unicode.IsLetter(c) && !unicode.Is(unicode.Latin, c) {
			letters[scriptOf(c)]++
		}
	}
	code, most := "", 0
	for _, s := range scripts {
		if letters[s.code] > most {
			code, most = s.code, letters[s.code]
		}
	}
	if code == "" {
		return r
	}
	if code == "Arab" || code == "Hebr" || code == "Syrc" || code == "Thaa" {
		r.Direction = RTL
	}
	if r.Language == "" {
		r.Language = "und-" + code
	}
	return r
}

// day writes a date in words; empty for none.
func day(t Texts, d deadline.Date) string {
	at, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	if p, ok := t.(days); ok {
		return p.Day(at.Date())
	}
	return t.T("lang.date", "day", strconv.Itoa(at.Day()), "month",
		t.T("lang.month."+strconv.Itoa(int(at.Month()))), "year", strconv.Itoa(at.Year()))
}

func labels(t Texts) Labels {
	l := Labels{
		Reference: t.T("letter.label.reference"), Date: t.T("letter.label.date"),
		To: t.T("letter.label.to"), From: t.T("letter.label.from"),
		Page:           t.T("letter.label.page", "page", "{page}", "pages", "{pages}"),
		Transliterated: t.T("letter.label.transliterated", "script", "{script}"),
		OtherScript:    t.T("letter.script.other"),
		Checked:        t.T("letter.label.checked"), Unchecked: t.T("letter.label.unchecked"),
		Scripts: map[string]string{"Jpan": t.T("letter.script.Jpan")},
	}
	for _, s := range scripts {
		l.Scripts[s.code] = t.T("letter.script." + s.code)
	}
	return l
}

// Head is what every letter begins and ends with.
type Head struct {
	Reference string
	Date      deadline.Date
	Language  string // BCP 47
	Direction Direction
	Authority Office
	To        Recipient
	Signatory Signatory
}

// Recipient is the organisation or person written to.
type Recipient struct {
	Name  Given
	Lines []Given // for the attention of, address
}

// Signatory is who answers for the letter. A name is given where the law asks for
// one; the role alone where officers are not named.
type Signatory struct {
	Name string
	Role string
}

// builder collects the blocks of one letter.
type builder struct {
	t   Texts
	doc Document
}

func begin(t Texts, kind Kind, h Head, titleArgs ...any) *builder {
	b := &builder{t: t, doc: Document{
		Kind: kind, Reference: h.Reference, Date: h.Date, DateText: day(t, h.Date),
		Language: h.Language, Direction: h.Direction, Authority: h.Authority,
		To:     Addressee{Name: h.To.Name.run()},
		Title:  t.T("letter."+string(kind)+".title", titleArgs...),
		Labels: labels(t),
	}}
	for _, l := range h.To.Lines {
		b.doc.To.Lines = append(b.doc.To.Lines, l.run())
	}
	return b
}

func (b *builder) add(blocks ...Block) { b.doc.Blocks = append(b.doc.Blocks, blocks...) }

// key is a sentence of this kind of letter.
func (b *builder) key(name string, args ...any) string {
	return b.t.T("letter."+string(b.doc.Kind)+"."+name, args...)
}

func (b *builder) heading(name string) {
	b.add(Heading{Level: 2, Text: b.key(name)})
}

func (b *builder) say(name string, args ...any) {
	b.add(Paragraph{Runs: Text(b.key(name, args...))})
}

func (b *builder) reasons(rs []Releasable) {
	for _, r := range rs {
		b.add(Paragraph{Runs: cleared(r)})
	}
}

func (b *builder) sign(s Signatory) Document {
	name, role := s.Name, s.Role
	if name == "" {
		name, role = role, ""
	}
	b.add(Signature{Closing: b.t.T("letter.label.closing", "authority", b.doc.Authority.Name), Name: name, Role: role})
	return b.doc
}

// cleared is a releasable sentence as a run. It may hold names in any script, so
// it is fenced like other text that is not ours.
func cleared(r Releasable) []Run { return []Run{{Text: string(r), Isolate: true}} }

func points(rs []Releasable) [][]Run {
	out := make([][]Run, len(rs))
	for i, r := range rs {
		out[i] = cleared(r)
	}
	return out
}

func numbers(ns []int) string {
	words := make([]string, len(ns))
	for i, n := range ns {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, ", ")
}
