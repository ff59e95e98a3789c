package api

import (
	"net/http"
	"strconv"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/statistics"
)

// tableWords tell programs what a published table is.
type tableWords struct {
	Name    string `json:"name"`
	About   string `json:"about"`
	Key     string `json:"key"`
	Counts  string `json:"counts"`
	RowSums bool   `json:"row_sums"`    // a row has its total
	Sums    bool   `json:"column_sums"` // the table has its columns' totals
}

// published are the tables of a year's report, as programs find them.
var published = []tableWords{
	{statistics.ByMonth, "Applications, by the month in which they were received and in which they ended", "month, 01 to 12", "applications", false, true},
	{statistics.ByDestination, "Applications that ended, by the country in which the items would be used", "ISO 3166-1 alpha-2 code; other: all others together", "applications", true, true},
	{statistics.ByKind, "Applications that ended, by kind of case", "id of the kind; other: all others together", "applications", true, true},
	{statistics.ByItem, "Lines that were decided, by control list entry", "entry of the control list, as 5A001; empty: on no list; other: all others together", "lines", true, true},
	{statistics.ByGround, "Lines that were refused, by ground; a line with two grounds counts under both", "rule of the policy pack", "lines", false, false},
	{statistics.ByLater, "Decisions that took the place of an earlier one, by what they came of; all other tables count an application once, by its first decision", "appeal or reopening", "decisions", true, true},
	{statistics.ByAppeal, "Appeals that came to a word, by what it was", "upheld, varied or annulled", "appeals", false, true},
	{statistics.ByOutcome, "What came after licences were given: suspensions, revocations, findings of checks, stops at the border, ends of enforcement files", "what it was", "measures", false, false},
	{statistics.ByTime, "Applications decided, by calendar days from receipt to decision", "days, from and to", "applications", false, true},
}

type yearWords struct {
	Year     int `json:"year"`
	Editions int `json:"editions"`
}

// statisticsIndex lists the years and describes the tables. Anybody may read
// what was published.
func (d *Door) statisticsIndex(w http.ResponseWriter, r *http.Request) {
	years, err := d.App.PublishedYears(r.Context())
	if err != nil {
		d.fail(w, r, err)
		return
	}
	out := struct {
		Years  []yearWords  `json:"years"`
		Tables []tableWords `json:"tables"`
		Hidden string       `json:"hidden"`
	}{Years: []yearWords{}, Tables: published, Hidden: "A count that is null is hidden, so that nobody is given away. It is not nought."}
	for _, y := range years {
		n, _ := strconv.Atoi(y.Year)
		out.Years = append(out.Years, yearWords{n, int(y.Editions)})
	}
	send(w, http.StatusOK, "application/json", out)
}

// Bounds of a page of rows.
const (
	statisticsRows = 100
	statisticsMost = 1000
)

// statisticsTable gives the rows of one table of one year, after a key, some at
// a time. An edition never changes, so the way through it never does.
func (d *Door) statisticsTable(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	year, err := strconv.Atoi(r.PathValue("year"))
	if err != nil || year < 1 || year > 9999 {
		d.fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	edition, ok1 := count(q.Get("edition"), 0, 1<<20)
	limit, ok2 := count(q.Get("limit"), statisticsRows, statisticsMost)
	if !ok1 || !ok2 || limit == 0 {
		d.fail(w, r, fault.New(fault.Invalid, "api.page", "max", statisticsMost))
		return
	}
	e, err := d.App.PublishedReport(r.Context(), year, edition)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	t := e.Report.Table(r.PathValue("table"))
	if t == nil {
		d.fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	rows := t.Rows
	if q.Has("after") {
		at := 0
		for at < len(rows) && rows[at].Key != q.Get("after") {
			at++
		}
		if at == len(rows) {
			d.fail(w, r, fault.New(fault.Invalid, "api.after"))
			return
		}
		rows = rows[at+1:]
	}
	out := struct {
		Year     int                       `json:"year"`
		Edition  int                       `json:"edition"`
		Table    string                    `json:"table"`
		Columns  []string                  `json:"columns"`
		Rows     []statistics.PublishedRow `json:"rows"`
		Totals   []int64                   `json:"totals,omitempty"`
		Withheld bool                      `json:"withheld,omitempty"`
		Next     *string                   `json:"next,omitempty"` // give it back as "after"
	}{e.Report.Year, e.Number, t.Name, t.Columns, rows, t.Totals, t.Withheld, nil}
	if len(rows) > limit {
		out.Rows, out.Next = rows[:limit], &rows[limit-1].Key
	}
	if out.Rows == nil {
		out.Rows = []statistics.PublishedRow{}
	}
	send(w, http.StatusOK, "application/json", out)
}

// count reads a number from 0 to most; one that is not given is the usual.
func count(text string, usual, most int) (n int, ok bool) {
	if text == "" {
		return usual, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0 && n <= most
}
