package letter

// KindStatistics is a year's published figures.
const KindStatistics Kind = "statistics"

// StatisticsFacts are what a report on a year's figures holds, in words and
// figures as they are to be read.
type StatisticsFacts struct {
	Head
	Year    string
	About   []string // what the figures are, and what is not told
	Totals  []Definition
	Tables  []FigureTable
	Remarks string // by the authority
}

// FigureTable is one table of figures. The first column names the rows.
type FigureTable struct {
	Title   string
	About   string
	Columns []string
	Rows    [][]string
}

// Statistics draws a report up.
func Statistics(t Texts, f StatisticsFacts) Document {
	b := begin(t, KindStatistics, f.Head, "year", f.Year)
	for _, s := range f.About {
		b.add(Paragraph{Runs: Text(s)})
	}
	if f.Remarks != "" {
		b.heading("remarks")
		b.add(Paragraph{Runs: []Run{{Text: f.Remarks, Isolate: true}}})
	}
	b.add(Definitions{Items: f.Totals})
	for _, x := range f.Tables {
		b.add(Heading{Level: 2, Text: x.Title})
		if x.About != "" {
			b.add(Paragraph{Runs: Text(x.About)})
		}
		if len(x.Rows) == 0 {
			continue
		}
		table := Table{Caption: x.Title, Columns: []Column{{Header: x.Columns[0], Weight: 3}}}
		for _, c := range x.Columns[1:] {
			table.Columns = append(table.Columns, Column{Header: c, Weight: 2, Figure: true})
		}
		for _, row := range x.Rows {
			cells := make([]Cell, len(row))
			for i, s := range row {
				cells[i] = Text(s)
			}
			table.Rows = append(table.Rows, cells)
		}
		b.add(table)
	}
	return b.doc
}
