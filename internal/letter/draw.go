package letter

import (
	"strconv"
	"strings"

	"github.com/go-text/typesetting/font"

	"github.com/comity-project/comity/internal/letter/pdf"
)

// The page is A4; lengths are points.
const (
	pageWidth  = 595.28
	pageHeight = 841.89
	marginSide = 62.0
	marginTop  = 56.0
	marginFoot = 66.0
	bodyWidth  = pageWidth - 2*marginSide

	sizeBody  = 10.5
	sizeSmall = 9.0
	sizeTitle = 16.0
	leading   = 1.5 // room for the marks of vowelled Arabic
	gap       = 7.0 // between blocks
)

// PDF draws a document as a tagged PDF with its fonts inside. The same document
// gives the same bytes. The file names the title, the authority and the date of
// the document and nothing else about its making. It fails only where a font in
// the binary is broken.
func PDF(doc Document) ([]byte, error) {
	all, err := sources()
	if err != nil {
		return nil, err
	}
	d := &drawer{doc: doc, dir: LTR}
	if doc.rtl() {
		d.dir = RTL
	}
	d.file = pdf.New(pdf.Info{
		Title: clean(doc.Title), Author: clean(doc.Authority.Name),
		Date: strings.ReplaceAll(string(doc.Date), "-", ""), Language: doc.Language, RTL: doc.rtl(),
	})
	d.set = &setter{labels: doc.Labels}
	for _, s := range all {
		f, err := d.file.Font(s.name, s.data)
		if err != nil {
			return nil, err
		}
		d.set.faces = append(d.set.faces, face{source: s, shape: font.NewFace(s.parsed), file: f})
	}
	d.newPage()
	d.head()
	for i, b := range doc.Blocks {
		d.block(b, i+1 < len(doc.Blocks))
	}
	d.foot()
	return d.file.Bytes()
}

// drawer holds the place on the page while a document is drawn.
type drawer struct {
	doc  Document
	dir  Direction
	file *pdf.File
	set  *setter
	page *pdf.Page
	y    float64 // upper edge of what comes next
}

func (d *drawer) newPage() {
	d.page = d.file.AddPage(pageWidth, pageHeight)
	d.y = pageHeight - marginTop
}

// room starts a new page where less than h is left on this one.
func (d *drawer) room(h float64) {
	if d.y-h < marginFoot {
		d.newPage()
	}
}

// column is a part of the width, measured from the side where reading starts.
type column struct{ from, width float64 }

var whole = column{0, bodyWidth}

// left is the x of the column's left edge.
func (d *drawer) left(c column) float64 {
	if d.dir == RTL {
		return pageWidth - marginSide - c.from - c.width
	}
	return marginSide + c.from
}

// start is the x of the edge where reading starts, offset inwards by in.
func (d *drawer) start(c column, in float64) float64 {
	if d.dir == RTL {
		return d.left(c) + c.width - in
	}
	return d.left(c) + in
}

// style is how a text is set.
type style struct {
	size  float64
	bold  bool
	atEnd bool // aligned to the side where reading ends
}

var body = style{size: sizeBody}

func (s style) height() float64 { return s.size * leading }

func (d *drawer) lines(runs []Run, s style, width float64) []line {
	return d.set.lines(runs, s.size, s.bold, d.dir, width)
}

// put draws one line in a column; top is its upper edge. The caller has opened
// the marked content.
func (d *drawer) put(l line, s style, c column, top float64) {
	full, _ := measure(l.pieces)
	x := d.left(c)
	toRight := d.dir == RTL
	if s.atEnd {
		toRight = !toRight
	}
	if toRight {
		x += c.width - l.width
		if d.dir == RTL {
			x -= full - l.width // white space at the end stands on the left
		}
	} else if d.dir == RTL {
		x -= full - l.width
	}
	base := top - s.size*(1+(leading-1)*0.4)
	at := make([]float64, len(l.pieces))
	for _, i := range l.visual() {
		at[i] = x
		x += l.pieces[i].width
	}
	for i, p := range l.pieces { // in the order they are read
		d.page.Text(d.set.faces[p.face].file, p.size, at[i], base, p.lang, p.clusters)
	}
}

// flow draws lines one below another, over pages where it must.
func (d *drawer) flow(e *pdf.Elem, ls []line, s style, c column) {
	for i, l := range ls {
		if i == 0 && len(ls) > 1 {
			d.room(2 * s.height()) // no single first line at the foot of a page
		}
		d.room(s.height())
		d.page.Begin(e)
		d.put(l, s, c, d.y)
		d.page.End()
		d.y -= s.height()
	}
}

// para draws runs as an element of that kind.
func (d *drawer) para(parent *pdf.Elem, kind string, runs []Run, s style, c column) {
	d.flow(parent.Child(kind), d.lines(runs, s, c.width), s, c)
}

// head draws what every letter begins with: who writes, to whom, about what.
func (d *drawer) head() {
	root, small := d.file.Root(), style{size: sizeSmall}
	d.para(root, "P", Text(d.doc.Authority.Name), style{size: 13, bold: true}, whole)
	for _, l := range d.doc.Authority.Lines {
		d.para(root, "P", []Run{{Text: l, Isolate: true}}, small, whole)
	}
	d.y -= 5
	d.rule(0.8, 0.3)
	d.y -= 14

	top := d.y
	to, facts := column{0, bodyWidth * 0.55}, column{bodyWidth * 0.6, bodyWidth * 0.4}
	name := d.doc.To.Name
	name.Strong = true
	if name.Text != "" {
		d.para(root, "P", []Run{name}, body, to)
	}
	for _, l := range d.doc.To.Lines {
		d.para(root, "P", []Run{l}, body, to)
	}
	low := d.y
	d.y = top
	for _, f := range [][2]string{{d.doc.Labels.Reference, d.doc.Reference}, {d.doc.Labels.Date, d.doc.DateText}} {
		if f[1] == "" {
			continue
		}
		d.para(root, "P", []Run{{Text: f[0] + " "}, {Text: f[1], Strong: true, Isolate: true}}, body, facts)
	}
	d.y = min(d.y, low) - 18
	d.para(root, "H1", Text(d.doc.Title), style{size: sizeTitle, bold: true}, whole)
	d.y -= gap
}

func (d *drawer) rule(width, gray float64) {
	d.page.BeginArtifact()
	d.page.Rule(marginSide, d.y, pageWidth-marginSide, d.y, width, gray)
	d.page.End()
}

// foot writes reference and page number on every page, now that the number of
// pages is known.
func (d *drawer) foot() {
	n, s := d.file.Pages(), style{size: 8}
	end := style{size: 8, atEnd: true}
	for i := range n {
		d.page = d.file.PageAt(i)
		label := strings.NewReplacer("{page}", strconv.Itoa(i+1), "{pages}", strconv.Itoa(n)).Replace(d.doc.Labels.Page)
		d.page.BeginArtifact()
		y := marginFoot - 16
		d.page.Rule(marginSide, y+4, pageWidth-marginSide, y+4, 0.4, 0.6)
		for _, l := range firstLine(d.lines([]Run{{Text: d.doc.Reference, Isolate: true}}, s, bodyWidth*0.7)) {
			d.put(l, s, column{0, bodyWidth * 0.7}, y)
		}
		for _, l := range firstLine(d.lines(Text(label), s, bodyWidth*0.3)) {
			d.put(l, end, column{bodyWidth * 0.7, bodyWidth * 0.3}, y)
		}
		d.page.End()
	}
}

func firstLine(ls []line) []line { return ls[:min(1, len(ls))] }
