package controls

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// Bounds of an XML list file.
const (
	MaxXML      = 256 << 20 // bytes read
	maxXMLDepth = 80
	maxBlock    = 64 << 10 // bytes of one paragraph
)

// block is one run of text of an XML list: a heading, a paragraph, an item's
// number with its text, or a note.
type block struct {
	line   int
	number string // number of the item, "" for plain text
	text   string
	note   bool  // inside an element that marks notes
	depth  int   // how deep items are nested around it
	lists  []int // the lists around it, outermost first, by their order in the file
}

// blocks reads an XML file as a flat run of text blocks. item, number and text
// are the names of elements that wrap an item, carry its number, and carry text;
// note marks notes. The error is a *ParseError.
type blocks struct {
	item, number, text, note, list map[string]bool
}

func (b blocks) read(r io.Reader) ([]block, error) {
	limited := &io.LimitedReader{R: r, N: MaxXML + 1}
	dec := xml.NewDecoder(limited)
	dec.Strict = true
	var out []block
	var stack []string
	var current strings.Builder
	var number string
	items, notes, lists, started := 0, 0, 0, false
	var around []int
	line := func() int { l, _ := dec.InputPos(); return l }
	fail := func(why string) error { return &ParseError{Line: line(), Why: why} }
	flush := func() {
		text := strings.Join(strings.Fields(current.String()), " ")
		current.Reset()
		if text == "" {
			return
		}
		out = append(out, block{line: line(), number: number, text: text, note: notes > 0, depth: items, lists: append([]int(nil), around...)})
		number = ""
	}
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fail(err.Error())
		}
		if limited.N <= 0 {
			return nil, fail(fmt.Sprintf("the file is larger than %d bytes", MaxXML))
		}
		switch t := tok.(type) {
		case xml.StartElement:
			started = true
			name := t.Name.Local
			if len(stack) >= maxXMLDepth {
				return nil, fail("elements are nested too deep")
			}
			stack = append(stack, name)
			if b.item[name] || b.number[name] || b.text[name] {
				flush()
			}
			if b.item[name] {
				items++
			}
			if b.note[name] {
				notes++
			}
			if b.list[name] {
				lists++
				around = append(around, lists)
			}
		case xml.EndElement:
			name := t.Name.Local
			switch {
			case b.number[name]:
				number = strings.Join(strings.Fields(current.String()), "")
				current.Reset()
			case b.text[name] || b.item[name]:
				flush()
			}
			if b.item[name] {
				items--
				number = ""
			}
			if b.note[name] {
				flush()
				notes--
			}
			if b.list[name] {
				flush()
				around = around[:len(around)-1]
			}
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(t)+current.Len() > maxBlock {
				return nil, fail("a paragraph is too long")
			}
			if current.Len() > 0 {
				// Inline marks (bold, superscript) must not glue words together
				// that a space or a line end kept apart.
				current.Write(t)
			} else {
				current.WriteString(strings.TrimLeft(string(t), " \t\r\n"))
			}
		case xml.Directive:
			if strings.Contains(strings.ToUpper(string(t)), "ENTITY") {
				return nil, fail("the file declares entities of its own")
			}
		}
		if len(out) > MaxEntries {
			return nil, fail(fmt.Sprintf("more than %d paragraphs", MaxEntries))
		}
	}
	if !started {
		return nil, &ParseError{Line: 1, Why: "the file holds no element"}
	}
	flush()
	return out, nil
}

func names(list ...string) map[string]bool {
	out := map[string]bool{}
	for _, n := range list {
		out[n] = true
	}
	return out
}

// builder puts entries together from blocks.
type builder struct {
	list *List
	at   map[string]int
	code string // where notes go
}

func newBuilder(id, version string) *builder {
	l := &List{ID: id, Version: version, Unverified: true, Lang: "en"}
	l.describe()
	return &builder{list: l, at: map[string]int{}}
}

// add appends an entry, or the text to the entry that already has the code.
func (b *builder) add(code, text string) {
	b.code = code
	text = strings.TrimSpace(text)
	if i, ok := b.at[code]; ok {
		b.list.merge(i, Entry{Code: code, Text: text})
		return
	}
	b.at[code] = len(b.list.Entries)
	e := Entry{List: b.list.ID, Version: b.list.Version, Code: code, Parent: parentOf(code), Depth: strings.Count(code, ".") + 2, Text: text, Lang: b.list.Lang, Reserved: reservedText.MatchString(text)}
	b.list.Entries = append(b.list.Entries, e)
}

// more appends a paragraph to the entry at hand.
func (b *builder) more(text string) {
	if i, ok := b.at[b.code]; ok {
		b.list.Entries[i].Text += " " + text
	}
}

func (b *builder) note(kind, text string) {
	i, ok := b.at[b.code]
	if !ok || len(b.list.Entries[i].Notes) >= MaxNotes {
		return
	}
	b.list.Entries[i].Notes = append(b.list.Entries[i].Notes, Note{Kind: kind, Text: text, Release: IsRelease(text)})
}

// lastNote continues the note last begun (its lettered items follow it).
func (b *builder) lastNote(text string) {
	i, ok := b.at[b.code]
	if !ok || len(b.list.Entries[i].Notes) == 0 {
		return
	}
	n := &b.list.Entries[i].Notes[len(b.list.Entries[i].Notes)-1]
	n.Text = strings.TrimSpace(n.Text + " " + text)
	n.Release = n.Release || IsRelease(n.Text)
}

func (b *builder) finish() (*List, error) {
	if len(b.list.Entries) == 0 {
		return nil, &ParseError{Line: 1, Why: "no control entry was found"}
	}
	if err := b.list.index(); err != nil {
		return nil, &ParseError{Line: 1, Why: err.Error()}
	}
	return b.list, nil
}

var (
	reservedText = regexp.MustCompile(`(?i)^\[?(?:not used|reserved)\]?[.;]?$`)
	noteStart    = regexp.MustCompile(`(?i)^(technical notes?|notes?|n\.? ?b\.?)((?: ?[0-9]+)?(?: to [^:]{1,60})?)\s*[:.]\s*`)
)

// parentOf is the code above: 5A001.f.2 gives 5A001.f, 5A001 gives 5A.
func parentOf(code string) string {
	if i := strings.LastIndexByte(code, '.'); i > 0 {
		return code[:i]
	}
	if headPattern.MatchString(code) {
		return code[:2]
	}
	return ""
}
