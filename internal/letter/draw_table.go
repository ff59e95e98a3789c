package letter

import "github.com/comity-project/comity/internal/letter/pdf"

const (
	cellPad   = 4.0
	sizeTable = 9.0
)

// table draws rows over as many pages as they need; the header row stands at the
// top of each.
func (d *drawer) table(t Table) {
	if t.Caption != "" {
		d.room(4 * body.height())
	}
	table := d.file.Root().Child("Table")
	if t.Caption != "" {
		d.para(table, "Caption", Text(t.Caption), style{size: sizeTable, bold: true}, whole)
	}
	cols := tableColumns(t)
	plain := style{size: sizeTable}
	header := make([][]line, len(cols))
	for i, c := range t.Columns {
		header[i] = d.lines(Text(c.Header), style{size: sizeTable, bold: true}, cols[i].width-2*cellPad)
	}
	d.room(rowHeight(header) + 3*plain.height())
	d.header(t, table, cols, header, false)
	for _, row := range t.Rows {
		cells := make([][]line, len(cols))
		for i := range cols {
			if i < len(row) {
				cells[i] = d.lines(row[i], plain, cols[i].width-2*cellPad)
			}
		}
		d.row(t, table, cols, header, cells)
	}
}

func tableColumns(t Table) []column {
	total := 0
	for _, c := range t.Columns {
		total += max(1, c.Weight)
	}
	cols := make([]column, len(t.Columns))
	from := 0.0
	for i, c := range t.Columns {
		w := bodyWidth * float64(max(1, c.Weight)) / float64(max(1, total))
		cols[i] = column{from, w}
		from += w
	}
	return cols
}

func rowHeight(cells [][]line) float64 {
	n := 1
	for _, c := range cells {
		n = max(n, len(c))
	}
	return float64(n)*style{size: sizeTable}.height() + 2*cellPad
}

// header draws the header row; on the pages after the first it is an artifact,
// since a reader by ear has heard it.
func (d *drawer) header(t Table, table *pdf.Elem, cols []column, cells [][]line, again bool) {
	h, s := rowHeight(cells), style{size: sizeTable, bold: true}
	d.page.BeginArtifact()
	d.page.Fill(marginSide, d.y-h, bodyWidth, h, 0.92)
	d.page.Rule(marginSide, d.y-h, marginSide+bodyWidth, d.y-h, 0.8, 0.2)
	d.page.End()
	var tr *pdf.Elem
	if !again {
		tr = table.Child("TR")
	}
	for i, ls := range cells {
		s.atEnd = t.Columns[i].Figure
		if again {
			d.page.BeginArtifact()
		} else {
			th := tr.Child("TH")
			th.SetScope("Column")
			d.page.Begin(th)
		}
		for n, l := range ls {
			d.put(l, s, inner(cols[i]), d.y-cellPad-float64(n)*s.height())
		}
		d.page.End()
	}
	d.y -= h
}

func inner(c column) column { return column{c.from + cellPad, c.width - 2*cellPad} }

// row draws one row, cut where it is longer than a page.
func (d *drawer) row(t Table, table *pdf.Elem, cols []column, header, cells [][]line) {
	s := style{size: sizeTable}
	fresh := pageHeight - marginTop - marginFoot - rowHeight(header)
	repeat := fresh > pageHeight/2 // a header that fills the page would leave no room for rows
	if !repeat {
		fresh += rowHeight(header)
	}
	next := func() {
		d.newPage()
		if repeat {
			d.header(t, table, cols, header, true)
		}
	}
	if h := rowHeight(cells); d.y-h < marginFoot && (h <= fresh || d.y-4*s.height() < marginFoot) {
		next()
	}
	tr := table.Child("TR")
	elems := make([]*pdf.Elem, len(cols))
	for i := range cols {
		if i == 0 {
			elems[i] = tr.Child("TH")
			elems[i].SetScope("Row")
		} else {
			elems[i] = tr.Child("TD")
		}
	}
	for {
		fit := max(1, int((d.y-marginFoot-2*cellPad)/s.height()))
		part, rest, more := make([][]line, len(cols)), make([][]line, len(cols)), false
		for i, ls := range cells {
			n := min(fit, len(ls))
			part[i], rest[i] = ls[:n], ls[n:]
			more = more || len(rest[i]) > 0
		}
		for i, ls := range part {
			s.atEnd = t.Columns[i].Figure
			d.page.Begin(elems[i])
			for n, l := range ls {
				d.put(l, s, inner(cols[i]), d.y-cellPad-float64(n)*s.height())
			}
			d.page.End()
		}
		d.y -= rowHeight(part)
		d.page.BeginArtifact()
		d.page.Rule(marginSide, d.y, marginSide+bodyWidth, d.y, 0.4, 0.7)
		d.page.End()
		if !more {
			return
		}
		cells = rest
		next()
	}
}
