package statistics

import (
	"bytes"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/letter"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/statistics"
)

// keyName is a row's key in the reader's words.
func keyName(p lang.Printer, table, key string) string {
	switch {
	case key == statistics.Rest:
		return p.T("statistics.rest")
	case table == statistics.ByMonth:
		month, _ := strconv.Atoi(key)
		return p.Month(time.Month(month))
	case table == statistics.ByDestination && key == "":
		return p.T("statistics.nowhere")
	case table == statistics.ByDestination:
		return p.Country(key)
	case table == statistics.ByItem && key == "":
		return p.T("statistics.unlisted")
	case table == statistics.ByLater && key == "appeal":
		return p.T("statistics.later.appeal")
	case table == statistics.ByLater:
		return p.T("statistics.later.reopening")
	case table == statistics.ByAppeal && key == "upheld":
		return p.T("statistics.appeals.upheld")
	case table == statistics.ByAppeal && key == "varied":
		return p.T("statistics.appeals.varied")
	case table == statistics.ByAppeal:
		return p.T("statistics.appeals.annulled")
	case table == statistics.ByOutcome:
		return p.T("statistics.outcome." + key)
	case table == statistics.ByTime && strings.HasSuffix(key, "-"):
		return p.T("statistics.days.more", "days", strings.TrimSuffix(key, "-"))
	case table == statistics.ByTime:
		return p.T("statistics.days", "days", key)
	}
	return key
}

// columnName is a column in the reader's words.
func columnName(p lang.Printer, column string) string {
	switch column {
	case statistics.Received:
		return p.T("statistics.column.received")
	case statistics.Issued:
		return p.T("statistics.column.issued")
	case statistics.Split:
		return p.T("statistics.column.split")
	case statistics.Refused:
		return p.T("statistics.column.refused")
	case statistics.NotRequired:
		return p.T("statistics.column.not_required")
	case statistics.Answered:
		return p.T("statistics.column.answered")
	case statistics.Withdrawn:
		return p.T("statistics.column.withdrawn")
	case statistics.OtherEnding:
		return p.T("statistics.column.other_ending")
	}
	if column == statistics.Measures {
		return p.T("statistics.column.measures")
	}
	return p.T("statistics.column.decided")
}

// tableWords are a table's title, its first column and what to know about it.
func tableWords(p lang.Printer, name string) (title, first, about string) {
	switch name {
	case statistics.ByMonth:
		return p.T("statistics.months"), p.T("statistics.first.month"), p.T("statistics.months.about")
	case statistics.ByDestination:
		return p.T("statistics.destinations"), p.T("statistics.first.destination"), p.T("statistics.destinations.about")
	case statistics.ByKind:
		return p.T("statistics.kinds"), p.T("statistics.first.kind"), p.T("statistics.kinds.about")
	case statistics.ByItem:
		return p.T("statistics.items"), p.T("statistics.first.entry"), p.T("statistics.items.about")
	case statistics.ByLater:
		return p.T("statistics.later"), p.T("statistics.first.way"), p.T("statistics.later.about")
	case statistics.ByAppeal:
		return p.T("statistics.appeals"), p.T("statistics.first.word"), p.T("statistics.appeals.about")
	case statistics.ByGround:
		return p.T("statistics.grounds"), p.T("statistics.first.ground"), p.T("statistics.grounds.about")
	}
	if name == statistics.ByOutcome {
		return p.T("statistics.outcomes"), p.T("statistics.first.outcome"), p.T("statistics.outcomes.about")
	}
	return p.T("statistics.times"), p.T("statistics.first.days"), p.T("statistics.times.about")
}

func figure(p lang.Printer, f statistics.Figure) string {
	if f.Hidden {
		return p.T("statistics.hidden")
	}
	return p.Int(f.N)
}

// words are what a reader must know before the figures.
func words(p lang.Printer, r *statistics.Report) []string {
	out := []string{p.T("statistics.about", "year", strconv.Itoa(r.Year), "date", p.Date(r.At), "entry", r.Entry)}
	if r.Limits.Least > 0 {
		out = append(out, p.T("statistics.about.hidden", "least", r.Limits.Least, "applicants", r.Limits.Applicants))
	}
	return out
}

// total is one of the year's totals.
type total struct{ Name, Text string }

func totals(p lang.Printer, r *statistics.Report) []total {
	out := []total{
		{p.T("statistics.open_before"), p.Int(r.OpenBefore)},
		{p.T("statistics.received"), p.Int(r.Received)},
		{p.T("statistics.ended"), p.Int(r.Ended)},
		{p.T("statistics.open_after"), p.Int(r.OpenAfter)},
	}
	if r.Directed > 0 {
		out = append(out, total{p.T("statistics.directed"), p.Int(r.Directed)})
	}
	if r.Most > 0 || r.Median > 0 {
		out = append(out, total{p.T("statistics.median"), p.T("statistics.median.days", "count", r.Median, "most", r.Most)})
	}
	return out
}

// document is a report as PDF draws it.
func document(p lang.Printer, cfg node.Config, e *statistics.Edition) letter.Document {
	r := &e.Report
	day := e.At.In(p.Zone())
	f := letter.StatisticsFacts{
		Head: letter.Head{
			Reference: p.T("statistics.reference", "year", strconv.Itoa(r.Year), "edition", e.Number), Date: deadline.Date(day.Format(time.DateOnly)),
			Language: p.Lang(), Authority: letter.Office{Name: cfg.Title, Lines: cfg.Address},
		},
		Year: strconv.Itoa(r.Year), About: words(p, r), Remarks: e.Note,
	}
	for _, t := range totals(p, r) {
		f.Totals = append(f.Totals, letter.Definition{Term: t.Name, Runs: letter.Text(t.Text)})
	}
	for i := range r.Tables {
		t := &r.Tables[i]
		title, first, about := tableWords(p, t.Name)
		x := letter.FigureTable{Title: title, About: about, Columns: []string{first}}
		if t.Withheld {
			x.About = p.T("statistics.withheld")
		}
		for _, c := range t.Columns {
			x.Columns = append(x.Columns, columnName(p, c))
		}
		sums := len(t.Rows) > 0 && t.Rows[0].Total != nil
		if sums {
			x.Columns = append(x.Columns, p.T("statistics.total"))
		}
		for _, row := range t.Rows {
			cells := []string{keyName(p, t.Name, row.Key)}
			for _, n := range row.Figures {
				cells = append(cells, figure(p, n))
			}
			if row.Total != nil {
				cells = append(cells, p.Int(*row.Total))
			}
			x.Rows = append(x.Rows, cells)
		}
		if len(t.Totals) > 0 {
			cells, all := []string{p.T("statistics.total")}, int64(0)
			for _, n := range t.Totals {
				cells = append(cells, p.Int(n))
				all += n
			}
			if sums {
				cells = append(cells, p.Int(all))
			}
			x.Rows = append(x.Rows, cells)
		}
		f.Tables = append(f.Tables, x)
	}
	if len(r.Values) > 0 {
		x := letter.FigureTable{Title: p.T("statistics.values"), About: p.T("statistics.values.about"), Columns: []string{p.T("statistics.first.destination"), p.T("statistics.amount"), p.T("statistics.applicants")}}
		for _, v := range r.Values {
			x.Rows = append(x.Rows, []string{keyName(p, statistics.ByDestination, v.Destination), p.Money(v.Amount, v.Currency), p.Int(v.Applicants)})
		}
		f.Tables = append(f.Tables, x)
	}
	return letter.Statistics(p, f)
}

// table is a report as CSV, one figure a line: a hidden one has no count and says
// so. Its words are the same in every language, for programs.
func table(p lang.Printer, r *statistics.Report) []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff") // so that spreadsheets read it as UTF-8
	w := csv.NewWriter(&b)
	year := strconv.Itoa(r.Year)
	write := func(cells ...string) { _ = w.Write(cells) } // into memory: it can't fail
	write("year", "table", "key", "name", "column", "count", "hidden")
	count := func(n int64) string { return strconv.FormatInt(n, 10) }
	for _, t := range []struct {
		key string
		n   int64
	}{{"open_before", r.OpenBefore}, {"received", r.Received}, {"ended", r.Ended}, {"open_after", r.OpenAfter}} {
		write(year, "totals", t.key, "", "", count(t.n), "no")
	}
	for _, t := range r.Tables {
		for _, row := range t.Rows {
			for j, f := range row.Figures {
				n, hidden := count(f.N), "no"
				if f.Hidden {
					n, hidden = "", "yes"
				}
				write(year, t.Name, row.Key, keyName(p, t.Name, row.Key), t.Columns[j], n, hidden)
			}
		}
		if t.Withheld {
			write(year, t.Name, "", "", "", "", "yes")
		}
	}
	for _, v := range r.Values {
		write(year, "values", v.Destination, keyName(p, statistics.ByDestination, v.Destination), v.Currency, count(v.Amount), "no")
	}
	for _, c := range r.Withheld {
		write(year, "values", "", "", c, "", "yes")
	}
	w.Flush()
	return b.Bytes()
}
