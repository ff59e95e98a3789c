package letter

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"
)

// DOCX writes a document for word processors: for drafts that people edit and for
// readers who need to change how a text looks. What is issued is the HTML and the
// PDF. Scripts stay as they are, since word processors bring fonts. The same
// document gives the same bytes.
func DOCX(doc Document) ([]byte, error) {
	w := &wordML{doc: doc}
	w.document()
	created := ""
	if doc.Date != "" {
		created = `<dcterms:created xsi:type="dcterms:W3CDTF">` + string(doc.Date) + `T00:00:00Z</dcterms:created>`
	}
	files := []struct{ name, body string }{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
			override("/word/document.xml", "document.main") + override("/word/styles.xml", "styles") + override("/word/numbering.xml", "numbering") + override("/word/footer1.xml", "footer") +
			`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`},
		{"_rels/.rels", relations(
			"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument", "word/document.xml",
			"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties", "docProps/core.xml")},
		{"docProps/core.xml", `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>` +
			escape(doc.Title) + `</dc:title><dc:creator>` + escape(doc.Authority.Name) + `</dc:creator>` + created + `</cp:coreProperties>`},
		{"word/_rels/document.xml.rels", relations(
			officeRel+"styles", "styles.xml", officeRel+"numbering", "numbering.xml", officeRel+"footer", "footer1.xml")},
		{"word/document.xml", `<w:document ` + wordNS + ` xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><w:body>` + w.b.String() +
			`<w:sectPr><w:footerReference w:type="default" r:id="r3"/><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1240" w:bottom="1134" w:left="1240" w:header="567" w:footer="567" w:gutter="0"/>` + w.flag("bidi") + `</w:sectPr></w:body></w:document>`},
		{"word/styles.xml", w.styles()},
		{"word/numbering.xml", w.numbering()},
		{"word/footer1.xml", w.footer()},
	}
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, f := range files {
		part, err := z.CreateHeader(&zip.FileHeader{Name: f.name, Method: zip.Deflate, Modified: time.Time{}})
		if err != nil {
			return nil, err
		}
		if _, err := part.Write([]byte(`<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n" + f.body)); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

const (
	wordNS    = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`
	officeRel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)

func override(part, kind string) string {
	return `<Override PartName="` + part + `" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.` + kind + `+xml"/>`
}

// relations lists kind, target pairs as r1, r2 ...
func relations(pairs ...string) string {
	b := `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`
	for i := 0; i+1 < len(pairs); i += 2 {
		b += `<Relationship Id="r` + strconv.Itoa(i/2+1) + `" Type="` + pairs[i] + `" Target="` + pairs[i+1] + `"/>`
	}
	return b + `</Relationships>`
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(norm.NFC.String(clean(s)))) // a builder does not fail
	return b.String()
}

// wordML writes the body of the document.
type wordML struct {
	doc   Document
	b     strings.Builder
	lists int // numbered lists so far: each counts from one
}

// flag is an on switch that right-to-left documents need.
func (w *wordML) flag(name string) string {
	if w.doc.rtl() {
		return "<w:" + name + "/>"
	}
	return ""
}

func (w *wordML) run(r Run) string {
	props := ""
	if r.Strong {
		props += "<w:b/><w:bCs/>"
	}
	rtl := r.Direction == RTL || r.Direction == Auto && w.doc.rtl()
	if r.Direction == Auto && r.Isolate {
		rtl = startsRTL(r.Text, rtl)
	}
	if rtl {
		props += "<w:rtl/>"
	}
	if r.Language != "" && !strings.HasPrefix(r.Language, "und") {
		name := "val"
		if rtl {
			name = "bidi"
		}
		props += `<w:lang w:` + name + `="` + escape(r.Language) + `"/>`
	}
	if props != "" {
		props = "<w:rPr>" + props + "</w:rPr>"
	}
	return "<w:r>" + props + `<w:t xml:space="preserve">` + escape(r.Text) + "</w:t></w:r>"
}

// startsRTL says whether the first letter of a text runs from right to left.
func startsRTL(s string, otherwise bool) bool {
	for i, level := range levels([]rune(string(rune(isolateAuto))+s+string(rune(isolateEnd))), 0) {
		if i == 1 {
			return level%2 == 1
		}
	}
	return otherwise
}

func (w *wordML) para(style, extra string, runs []Run) {
	w.b.WriteString("<w:p><w:pPr>")
	if style != "" {
		w.b.WriteString(`<w:pStyle w:val="` + style + `"/>`)
	}
	w.b.WriteString(extra + w.flag("bidi") + "</w:pPr>")
	for _, r := range runs {
		w.b.WriteString(w.run(r))
	}
	w.b.WriteString("</w:p>")
}

func (w *wordML) document() {
	d := w.doc
	w.para("", "", []Run{{Text: d.Authority.Name, Strong: true}})
	for _, l := range d.Authority.Lines {
		w.para("Small", "", []Run{{Text: l, Isolate: true}})
	}
	w.para("", "", nil)
	name := d.To.Name
	name.Strong = true
	w.para("", "", []Run{name})
	for _, l := range d.To.Lines {
		w.para("", "", []Run{l})
	}
	w.para("", "", []Run{{Text: d.Labels.Reference + " "}, {Text: d.Reference, Strong: true, Isolate: true}})
	w.para("", "", []Run{{Text: d.Labels.Date + " "}, {Text: d.DateText, Strong: true}})
	w.para("Title", "", Text(d.Title))
	for _, b := range d.Blocks {
		w.block(b)
	}
}

func (w *wordML) block(b Block) {
	switch b := b.(type) {
	case Heading:
		extra := ""
		if b.NewPage {
			extra = "<w:pageBreakBefore/>"
		}
		w.para("Heading"+strconv.Itoa(min(max(b.Level, 2), 3)-1), extra, Text(b.Text))
	case Paragraph:
		w.para("", "", b.Runs)
	case List:
		id := 1
		if b.Numbered {
			w.lists++
			id = 1 + w.lists
		}
		for _, item := range b.Items {
			w.para("", `<w:numPr><w:ilvl w:val="0"/><w:numId w:val="`+strconv.Itoa(id)+`"/></w:numPr>`, item)
		}
	case Definitions:
		rows := make([][]Cell, len(b.Items))
		for i, item := range b.Items {
			rows[i] = []Cell{{{Text: item.Term, Strong: true}}, item.Runs}
		}
		w.table([]Column{{Weight: 3}, {Weight: 6}}, rows, false)
	case Table:
		if b.Caption != "" {
			w.para("Caption", "", Text(b.Caption))
		}
		w.table(b.Columns, b.Rows, true)
	case Checkbox:
		mark := "\u2610 "
		if b.Checked {
			mark = "\u2612 "
		}
		w.para("", "", append([]Run{{Text: mark}}, b.Runs...))
	case Signature:
		w.para("", "", Text(b.Closing))
		w.para("", "", nil)
		w.para("", "", []Run{{Text: b.Name, Strong: true, Isolate: true}})
		w.para("", "", Text(b.Role))
	case Check:
		w.para("Heading2", "", Text(b.Title))
		w.para("Notice", "", []Run{{Text: b.AddressLabel + " "}, {Text: b.Address, Strong: true, Direction: LTR}})
		w.para("Notice", "", []Run{{Text: b.CodeLabel + " "}, {Text: b.Code, Strong: true, Direction: LTR}})
		w.para("Notice", "", Text(b.Text))
		if b.Mark != "" {
			w.para("Small", "", []Run{{Text: b.MarkLabel + " "}, {Text: b.Mark, Direction: LTR}})
		}
	case Notice:
		w.para("Notice", "<w:keepNext/>", []Run{{Text: b.Title, Strong: true}})
		w.para("Notice", "", b.Runs)
	}
}

func (w *wordML) table(cols []Column, rows [][]Cell, header bool) {
	const width = 9400 // twentieths of a point
	total := 0
	for _, c := range cols {
		total += max(1, c.Weight)
	}
	border := "none"
	if header {
		border = "single"
	}
	w.b.WriteString(`<w:tbl><w:tblPr>` + w.flag("bidiVisual") + `<w:tblW w:w="` + strconv.Itoa(width) + `" w:type="dxa"/><w:tblBorders><w:bottom w:val="` + border + `" w:sz="4"/><w:insideH w:val="` + border + `" w:sz="4"/></w:tblBorders><w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>`)
	for _, c := range cols {
		w.b.WriteString(`<w:gridCol w:w="` + strconv.Itoa(width*max(1, c.Weight)/max(1, total)) + `"/>`)
	}
	w.b.WriteString("</w:tblGrid>")
	if header {
		cells := make([]Cell, len(cols))
		for i, c := range cols {
			cells[i] = Cell{{Text: c.Header, Strong: true}}
		}
		w.row(cols, cells, "<w:cantSplit/><w:tblHeader/>")
	}
	for _, row := range rows {
		w.row(cols, row, "")
	}
	w.b.WriteString("</w:tbl>")
	w.para("Small", "", nil) // two tables that touch would melt together
}

func (w *wordML) row(cols []Column, cells []Cell, props string) {
	w.b.WriteString("<w:tr>")
	if props != "" {
		w.b.WriteString("<w:trPr>" + props + "</w:trPr>")
	}
	for i, c := range cols {
		w.b.WriteString(`<w:tc>`)
		extra := ""
		if c.Figure {
			extra = `<w:jc w:val="right"/>`
		}
		var runs []Run
		if i < len(cells) {
			runs = cells[i]
		}
		w.cell(extra, runs)
		w.b.WriteString("</w:tc>")
	}
	w.b.WriteString("</w:tr>")
}
