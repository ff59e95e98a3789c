package letter

import (
	"strconv"

	"github.com/comity-project/comity/internal/letter/pdf"
)

// block draws one block; more says that another follows.
func (d *drawer) block(b Block, more bool) {
	root := d.file.Root()
	switch b := b.(type) {
	case Heading:
		d.heading(b, more)
	case Paragraph:
		d.para(root, "P", b.Runs, body, whole)
	case List:
		d.list(b)
	case Definitions:
		d.definitions(b)
	case Table:
		d.table(b)
	case Checkbox:
		d.checkbox(b)
	case Signature:
		d.signature(b)
	case Check:
		d.check(b)
	case Notice:
		d.notice(b)
	}
	d.y -= gap
}

func (d *drawer) heading(b Heading, more bool) {
	s, kind := style{size: 12.5, bold: true}, "H2"
	if b.Level >= 3 {
		s.size, kind = 11, "H3"
	}
	if b.NewPage && d.y < pageHeight-marginTop {
		d.newPage()
	}
	if d.y < pageHeight-marginTop {
		d.y -= gap
	}
	ls := d.lines(Text(b.Text), s, bodyWidth)
	need := float64(len(ls)) * s.height()
	if more {
		need += 3 * body.height() // a heading stays with what it heads
	}
	d.room(need)
	d.flow(d.file.Root().Child(kind), ls, s, whole)
	d.y += gap - 3
}

func (d *drawer) list(b List) {
	list := d.file.Root().Child("L")
	const indent = 20.0
	for i, item := range b.Items {
		mark := "\u2022"
		if b.Numbered {
			mark = strconv.Itoa(i+1) + "."
		}
		li := list.Child("LI")
		d.labelled(li, Text(mark), item, body, column{0, indent}, column{indent, bodyWidth - indent}, false)
		d.y -= 2
	}
}

func (d *drawer) definitions(b Definitions) {
	list := d.file.Root().Child("L")
	const part = 0.32
	terms, texts := column{0, bodyWidth*part - 10}, column{bodyWidth * part, bodyWidth * (1 - part)}
	height := 0.0
	for _, item := range b.Items {
		height += float64(len(d.lines(item.Runs, body, texts.width)))*body.height() + 2
	}
	if height < pageHeight/4 {
		d.room(height) // a short list of facts is read at one glance
	}
	for _, item := range b.Items {
		li := list.Child("LI")
		d.labelled(li, Text(item.Term), item.Runs, body, terms, texts, true)
		d.y -= 2
	}
}

// labelled draws a label and beside it a text.
func (d *drawer) labelled(li *pdf.Elem, label, runs []Run, s style, lc, tc column, bold bool) {
	ls := s
	ls.bold = bold
	marks, text := d.lines(label, ls, lc.width), d.lines(runs, s, tc.width)
	d.room(float64(min(2, max(len(marks), len(text)))) * s.height())
	if len(marks) > 1 {
		d.room(float64(len(marks)) * s.height())
	}
	top, page := d.y, d.page
	d.flow(li.Child("Lbl"), marks, ls, lc)
	low := d.y
	d.y = top
	d.flow(li.Child("LBody"), text, s, tc)
	if d.page == page {
		d.y = min(d.y, low)
	}
}

func (d *drawer) checkbox(b Checkbox) {
	const side, indent = 9.0, 20.0
	c := column{indent, bodyWidth - indent}
	ls := d.lines(b.Runs, body, c.width)
	d.room(float64(min(2, len(ls))) * body.height())
	div := d.file.Root().Child("Div")
	fig := div.Child("Figure")
	fig.SetAlt(d.doc.Labels.Unchecked)
	if b.Checked {
		fig.SetAlt(d.doc.Labels.Checked)
	}
	x, y := d.left(column{1, side}), d.y-sizeBody*1.2
	d.page.Begin(fig)
	d.page.Box(x, y, side, side, 0.8, 0)
	if b.Checked {
		d.page.Rule(x+1.8, y+1.8, x+side-1.8, y+side-1.8, 1.2, 0)
		d.page.Rule(x+1.8, y+side-1.8, x+side-1.8, y+1.8, 1.2, 0)
	}
	d.page.End()
	d.flow(div.Child("P"), ls, body, c)
}

func (d *drawer) signature(b Signature) {
	d.room(6 * body.height())
	root := d.file.Root()
	d.y -= gap
	if b.Closing != "" {
		d.para(root, "P", Text(b.Closing), body, whole)
	}
	d.y -= 2.2 * body.height()
	d.page.BeginArtifact()
	x, end := d.start(whole, 0), d.start(whole, 200)
	d.page.Rule(x, d.y, end, d.y, 0.5, 0.3)
	d.page.End()
	d.y -= 3
	d.para(root, "P", []Run{{Text: b.Name, Strong: true, Isolate: true}}, body, whole)
	if b.Role != "" {
		d.para(root, "P", Text(b.Role), body, whole)
	}
}

// check draws its box on one page: a code cut in two by a page end is copied
// wrongly.
func (d *drawer) check(b Check) {
	const pad = 10.0
	inner := column{pad, bodyWidth - 2*pad}
	if b.Mark != "" {
		inner.width -= squareSide + 2*pad
	}
	type item struct {
		runs []Run
		s    style
	}
	items := []item{
		{Text(b.Title), style{size: 11.5, bold: true}},
		{[]Run{{Text: b.AddressLabel + " "}, {Text: b.Address, Strong: true, Direction: LTR}}, body},
		{[]Run{{Text: b.CodeLabel + " "}, {Text: b.Code, Strong: true, Direction: LTR}}, style{size: 13}},
		{Text(b.Text), style{size: 9.5}},
	}
	height := 2 * pad
	for _, it := range items {
		height += float64(len(d.lines(it.runs, it.s, inner.width)))*it.s.height() + 2
	}
	if b.Mark != "" {
		height = max(height, squareSide+4*pad)
	}
	d.room(height)
	d.page.BeginArtifact()
	d.page.Box(marginSide, d.y-height, bodyWidth, height, 0.9, 0.2)
	d.page.End()
	bottom := d.y - height
	d.y -= pad
	div, top := d.file.Root().Child("Div"), d.y
	for _, it := range items {
		d.para(div, "P", it.runs, it.s, inner)
		d.y -= 2
	}
	if b.Mark != "" {
		d.square(div, b, d.left(column{bodyWidth - squareSide - 2*pad, squareSide}), top-pad)
	}
	d.y = bottom
}

// notice draws a bar along its lines, page by page.
func (d *drawer) notice(b Notice) {
	const indent = 12.0
	c := column{indent, bodyWidth - indent}
	div := d.file.Root().Child("Div")
	d.barred(div, Text(b.Title), style{size: sizeBody, bold: true}, c)
	d.barred(div, b.Runs, body, c)
}

func (d *drawer) barred(div *pdf.Elem, runs []Run, s style, c column) {
	ls := d.lines(runs, s, c.width)
	d.room(float64(min(2, len(ls))) * s.height())
	e := div.Child("P")
	for _, l := range ls {
		d.room(s.height())
		x := d.start(whole, 2)
		d.page.BeginArtifact()
		d.page.Rule(x, d.y, x, d.y-s.height(), 2.5, 0.35)
		d.page.End()
		d.flow(e, []line{l}, s, c)
	}
}
