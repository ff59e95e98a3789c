package letter

import (
	_ "embed"
	"html"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Style is how the caller's pages look. A letter brings no style of its own,
// since the pages it stands in forbid styles that are not from a sheet.
type Style struct {
	Sheet string // address of the style sheet, for HTML; empty for none
	Class string // prefix of every class name; empty means "letter"
}

//go:embed letter.css
var sheet []byte

// Sheet is a style sheet for letters whose class prefix is "letter", for a door
// to serve. A caller with another prefix brings its own.
func Sheet() []byte { return append([]byte(nil), sheet...) }

// HTML is the whole letter as a page that stands alone: one article, headings in
// order, foreign passages with language and direction.
func HTML(doc Document, style Style) []byte {
	w := &markup{class: style.class()}
	w.raw("<!DOCTYPE html>\n<html")
	w.attr("lang", doc.Language)
	w.attr("dir", string(direction(doc)))
	w.raw(">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
	w.text(doc.Title)
	w.raw("</title>\n")
	if style.Sheet != "" {
		w.raw("<link rel=\"stylesheet\"")
		w.attr("href", style.Sheet)
		w.raw(">\n")
	}
	w.raw("</head>\n<body>\n<main>\n")
	w.article(doc, 1)
	w.raw("</main>\n</body>\n</html>\n")
	return []byte(w.b.String())
}

// Fragment is the letter as one article, to stand in a page that has a heading of
// its own: the title is a heading of that level (1 to 4).
func Fragment(doc Document, style Style, level int) []byte {
	w := &markup{class: style.class()}
	w.article(doc, min(max(level, 1), 4))
	return []byte(w.b.String())
}

func (s Style) class() string {
	if s.Class == "" {
		return "letter"
	}
	return s.Class
}

func direction(doc Document) Direction {
	if doc.rtl() {
		return RTL
	}
	return LTR
}

// markup writes elements; everything given passes through text or attr.
type markup struct {
	b     strings.Builder
	class string
	base  int // level of the title
}

func (w *markup) raw(s string)  { w.b.WriteString(s) }
func (w *markup) text(s string) { w.b.WriteString(html.EscapeString(norm.NFC.String(clean(s)))) }

func (w *markup) attr(name, value string) {
	if value != "" {
		w.raw(" " + name + `="` + html.EscapeString(clean(value)) + `"`)
	}
}

// open starts an element whose class is the prefix and a part: "letter-head".
func (w *markup) open(tag, part string) {
	w.raw("<" + tag)
	w.attr("class", w.class+"-"+part)
	w.raw(">")
}

func (w *markup) close(tag string) { w.raw("</" + tag + ">\n") }

func (w *markup) run(r Run) {
	if r.Strong {
		w.raw("<strong>")
	}
	if r.Language != "" || r.Direction != Auto || r.Isolate {
		w.raw("<bdi")
		w.attr("lang", r.Language)
		w.attr("dir", string(r.Direction))
		w.raw(">")
		w.text(r.Text)
		w.raw("</bdi>")
	} else {
		w.text(r.Text)
	}
	if r.Strong {
		w.raw("</strong>")
	}
}

func (w *markup) runs(rs []Run) {
	for _, r := range rs {
		w.run(r)
	}
}

// para is one paragraph; part may be empty.
func (w *markup) para(part string, rs []Run) {
	if part == "" {
		w.raw("<p>")
	} else {
		w.open("p", part)
	}
	w.runs(rs)
	w.close("p")
}

func (w *markup) heading(level int, s string) {
	tag := "h" + strconv.Itoa(min(level, 6))
	w.raw("<" + tag + ">")
	w.text(s)
	w.close(tag)
}

func (w *markup) article(doc Document, level int) {
	w.base = level
	w.raw("<article")
	w.attr("class", w.class+" "+w.class+"-"+string(doc.Kind))
	w.attr("lang", doc.Language)
	w.attr("dir", string(direction(doc)))
	w.raw(">\n")
	w.open("header", "head")
	w.raw("\n")
	w.address("from", doc.Labels.From)
	w.raw("<strong>")
	w.text(doc.Authority.Name)
	w.raw("</strong>")
	for _, l := range doc.Authority.Lines {
		w.raw("<br>")
		w.run(Run{Text: l, Isolate: true})
	}
	w.close("address")
	if doc.To.Name.Text != "" {
		w.address("to", doc.Labels.To)
		name := doc.To.Name
		name.Strong = true
		w.run(name)
		for _, l := range doc.To.Lines {
			w.raw("<br>")
			w.run(l)
		}
		w.close("address")
	}
	w.open("dl", "facts")
	w.raw("\n")
	if doc.Reference != "" {
		w.raw("<dt>")
		w.text(doc.Labels.Reference)
		w.raw("</dt><dd>")
		w.run(Run{Text: doc.Reference, Isolate: true})
		w.raw("</dd>\n")
	}
	if doc.DateText != "" {
		w.raw("<dt>")
		w.text(doc.Labels.Date)
		w.raw("</dt><dd><time")
		w.attr("datetime", string(doc.Date))
		w.raw(">")
		w.text(doc.DateText)
		w.raw("</time></dd>\n")
	}
	w.close("dl")
	w.heading(level, doc.Title)
	w.close("header")
	for _, b := range doc.Blocks {
		w.block(b, doc.Labels)
	}
	w.close("article")
}

func (w *markup) block(b Block, labels Labels) {
	switch b := b.(type) {
	case Heading:
		w.heading(w.base+max(b.Level, 2)-1, b.Text)
	case Paragraph:
		w.para("", b.Runs)
	case List:
		tag := "ul"
		if b.Numbered {
			tag = "ol"
		}
		w.raw("<" + tag + ">\n")
		for _, item := range b.Items {
			w.raw("<li>")
			w.runs(item)
			w.close("li")
		}
		w.close(tag)
	case Definitions:
		w.open("dl", "terms")
		w.raw("\n")
		for _, item := range b.Items {
			w.raw("<dt>")
			w.text(item.Term)
			w.raw("</dt><dd>")
			w.runs(item.Runs)
			w.close("dd")
		}
		w.close("dl")
	case Table:
		w.table(b)
	case Checkbox:
		mark, word := "\u2610", labels.Unchecked // a drawn box for the eye, a word for the ear
		if b.Checked {
			mark, word = "\u2612", labels.Checked
		}
		w.open("p", "box")
		w.raw("<span role=\"img\"")
		w.attr("aria-label", word)
		w.raw(">" + mark + "</span> ")
		w.runs(b.Runs)
		w.close("p")
	case Signature:
		w.open("div", "signature")
		w.raw("\n")
		if b.Closing != "" {
			w.para("", Text(b.Closing))
		}
		w.para("", []Run{{Text: b.Name, Strong: true, Isolate: true}})
		if b.Role != "" {
			w.para("", Text(b.Role))
		}
		w.close("div")
	case Check:
		w.open("section", "check")
		w.raw("\n")
		w.heading(w.base+1, b.Title)
		w.raw("<dl>\n<dt>")
		w.text(b.AddressLabel)
		w.raw("</dt><dd>")
		w.run(Run{Text: b.Address, Direction: LTR})
		w.raw("</dd>\n<dt>")
		w.text(b.CodeLabel)
		w.raw("</dt><dd><code><bdi dir=\"ltr\">")
		w.text(b.Code)
		w.raw("</bdi></code></dd>\n</dl>\n")
		w.para("", Text(b.Text))
		w.square(b)
		w.close("section")
	case Notice:
		w.open("section", "notice")
		w.raw("\n")
		w.heading(w.base+1, b.Title)
		w.para("", b.Runs)
		w.close("section")
	}
}

func (w *markup) table(b Table) {
	w.open("div", "table")
	w.raw("<table>\n")
	if b.Caption != "" {
		w.raw("<caption>")
		w.text(b.Caption)
		w.close("caption")
	}
	w.raw("<thead><tr>")
	for _, c := range b.Columns {
		w.raw("<th scope=\"col\"")
		if c.Figure {
			w.attr("class", w.class+"-figure")
		}
		w.raw(">")
		w.text(c.Header)
		w.raw("</th>")
	}
	w.raw("</tr></thead>\n<tbody>\n")
	for _, row := range b.Rows {
		w.raw("<tr>")
		for i := range b.Columns {
			tag := "td"
			w.raw("<")
			if i == 0 {
				tag = "th"
				w.raw("th scope=\"row\"")
			} else {
				w.raw("td")
			}
			if b.Columns[i].Figure {
				w.attr("class", w.class+"-figure")
			}
			w.raw(">")
			if i < len(row) {
				w.runs(row[i])
			}
			w.raw("</" + tag + ">")
		}
		w.raw("</tr>\n")
	}
	w.raw("</tbody>\n</table>")
	w.close("div")
}

func (w *markup) address(part, label string) {
	w.raw("<address")
	w.attr("class", w.class+"-"+part)
	w.attr("aria-label", label)
	w.raw(">")
}
