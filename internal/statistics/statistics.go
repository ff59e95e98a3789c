// Package statistics is what a state tells about its decisions: how many
// applications came, how each ended, where to, over what, on which grounds and
// how long it took. The figures are counted from the ledger's rows, checked
// against the ledger's events, and are made fit for the public before they leave:
// small counts are hidden so well that no sum gives them back (see Publishable).
//
// Start reading at Figures, then at Publishable, then at Decide.
package statistics

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// Names of tables. Each is one way to cut the same decisions.
const (
	ByMonth       = "months"       // applications received and ended, by month; the columns add up
	ByDestination = "destinations" // applications ended, by country of use; rows and columns add up
	ByKind        = "kinds"        // applications ended, by kind of case; rows and columns add up
	ByItem        = "items"        // lines decided, by control list entry; rows and columns add up
	ByGround      = "grounds"      // lines refused, by ground; a line with two grounds counts under both, so nothing adds up
	ByLater       = "later"        // decisions after the first, by what they came of; rows and columns add up
	ByAppeal      = "appeals"      // appeals that came to a word, by what it was; the column adds up
	ByOutcome     = "outcomes"     // what came after licences were given, by what it was; each is another thing, so nothing adds up
	ByTime        = "times"        // applications decided, by calendar days from receipt to decision; the column adds up
)

// Columns: how an application ended, and for months what came.
const (
	Received    = "received"
	Issued      = "issued"
	Split       = "split"
	Refused     = "refused"
	NotRequired = "not_required"
	Answered    = "answered" // a question: with advice, or with the word to apply
	Withdrawn   = "withdrawn"
	Decided     = "decided"
	Measures    = "measures"
)

// Outcomes are what can come after a licence was given, in the order of the rows:
// what became of licences, of checks, of stops at the border and of enforcement
// files. Each group is as many as the ledger's events of one type.
var Outcomes = []string{
	"suspended", "restricted", "varied", "revoked", "favourable", "partial", "unsatisfactory", "released", "detained", "in_order", "warning", "penalty", "referral",
}

// outcomeEvents say which of them an event of a type comes to.
var outcomeEvents = map[string][]string{
	"licence.suspended": {"suspended", "restricted"},
	"licence.varied":    {"varied"},
	"licence.revoked":   {"revoked"},
	"check.concluded":   {"favourable", "partial", "unsatisfactory"},
	"stop.ended":        {"released", "detained"},
	"record.entered":    {"in_order", "warning", "penalty", "referral"},
}

// OutcomeEvents are the types of events behind the table of outcomes.
func OutcomeEvents() []string { return slices.Sorted(maps.Keys(outcomeEvents)) }

// endings are how an application can end, in the order of the columns.
var endings = []string{Issued, Split, Refused, NotRequired, Answered, Withdrawn}

// TimeBands are the upper ends, in calendar days, of the bands of ByTime; the
// last band has none.
var TimeBands = []int{10, 20, 40, 60, 90}

// Rest is the key of the row that holds what is not shown apart: small
// destinations, and cases that are kept from most of the authority.
const Rest = "other"

// Table is counts by a key and a column.
type Table struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
	Rows    []Row    `json:"rows"`
}

// Row is the counts of one key, in the order of the table's columns.
type Row struct {
	Key    string  `json:"key"`
	Counts []int64 `json:"counts"`
}

func (r Row) total() (n int64) {
	for _, c := range r.Counts {
		n += c
	}
	return n
}

// Value is what the licences issued to one destination are worth in one
// currency: currencies are never converted.
type Value struct {
	Destination string `json:"destination"` // country code, or Rest
	Currency    string `json:"currency"`
	Amount      int64  `json:"amount"`     // minor units
	Applicants  int64  `json:"applicants"` // organisations that stand behind it
}

// Figures are the exact counts of one year. They are for those who may read the
// cases behind them.
type Figures struct {
	Year     int       `json:"year"`
	At       time.Time `json:"at"`       // when they were counted
	Complete bool      `json:"complete"` // the year was over
	Entry    int64     `json:"entry"`    // the ledger's last entry at that moment

	OpenBefore int64 `json:"open_before"` // applications open as the year began
	Received   int64 `json:"received"`
	Ended      int64 `json:"ended"` // decided or withdrawn
	OpenAfter  int64 `json:"open_after"`
	Against    int64 `json:"against"`  // decided against the human-rights adviser
	Directed   int64 `json:"directed"` // directions of a minister or the cabinet

	Tables []Table `json:"tables"`
	Values []Value `json:"values,omitempty"`
	Median int     `json:"median"` // calendar days from receipt to decision; 0 where nothing was decided
	Most   int     `json:"most"`   // days within which four of five were decided
}

// Table finds a table by its name; nil where there is none.
func (f *Figures) Table(name string) *Table {
	for i := range f.Tables {
		if f.Tables[i].Name == name {
			return &f.Tables[i]
		}
	}
	return nil
}

// Count is one group of cases or lines as the store counts them.
type Count struct {
	Key    string // month "1".."12", country, control list entry, ground or days, as the table wants
	Column string // how they ended; "received"
	Apart  bool   // of cases in a compartment
	N      int64
}

// Counted is everything that is counted for a year.
type Counted struct {
	Year                  int
	At                    time.Time
	Complete              bool
	Entry                 int64
	OpenBefore, OpenAfter int64
	Against, Directed     int64
	Months                []Count
	Destinations          []Count
	Kinds                 []Count // Key: kind of case
	Items                 []Count // Column: outcome of the line
	Grounds               []Count
	Days                  []Count // Key: whole days
	Later                 []Count // Key: what the decision came of
	Appeals               []Count // Key: what was said
	Outcomes              []Count // Key: one of Outcomes
	Sales                 []Sale
}

// Sale is what one organisation was licensed to send to one destination.
type Sale struct {
	Destination, Currency, Org string
	Apart                      bool // of cases in a compartment
	Amount                     int64
}

// Compile makes the tables of what was counted.
func Compile(c Counted) *Figures {
	f := &Figures{Year: c.Year, At: c.At, Complete: c.Complete, Entry: c.Entry, OpenBefore: c.OpenBefore, OpenAfter: c.OpenAfter, Against: c.Against, Directed: c.Directed, Values: valuesOf(c.Sales)}
	months := table(ByMonth, append([]string{Received}, endings...), c.Months)
	months.fill(monthKeys())
	destinations := table(ByDestination, endings, c.Destinations)
	kinds := table(ByKind, endings, c.Kinds)
	items := table(ByItem, []string{Issued, Refused, NotRequired, Answered}, c.Items)
	grounds := table(ByGround, []string{Refused}, c.Grounds)
	times, median, most := timeTable(c.Days)
	later := table(ByLater, endings[:5], c.Later)
	later.fill([]string{"appeal", "reopening"})
	appeals := table(ByAppeal, []string{Decided}, c.Appeals)
	appeals.fill([]string{"upheld", "varied", "annulled"})
	outcomes := table(ByOutcome, []string{Measures}, c.Outcomes)
	outcomes.fill(Outcomes)
	f.Tables = []Table{months, destinations, kinds, items, grounds, times, later, appeals, outcomes}
	f.Median, f.Most = median, most
	for _, r := range months.Rows {
		f.Received += r.Counts[0]
		f.Ended += r.total() - r.Counts[0]
	}
	return f
}

// table puts counts into rows, the largest first.
func table(name string, columns []string, counts []Count) Table {
	t := Table{Name: name, Columns: columns}
	at := map[string]int{}
	for _, c := range counts {
		column := slices.Index(columns, c.Column)
		if column < 0 {
			continue
		}
		key := c.Key
		if c.Apart && name != ByMonth && name != ByTime && name != ByLater && name != ByAppeal && name != ByOutcome {
			key = Rest
		}
		i, ok := at[key]
		if !ok {
			i = len(t.Rows)
			at[key] = i
			t.Rows = append(t.Rows, Row{Key: key, Counts: make([]int64, len(columns))})
		}
		t.Rows[i].Counts[column] += c.N
	}
	slices.SortFunc(t.Rows, func(a, b Row) int {
		if a.Key == Rest || b.Key == Rest {
			return cmp.Compare(btoi(a.Key == Rest), btoi(b.Key == Rest))
		}
		return cmp.Or(cmp.Compare(b.total(), a.total()), strings.Compare(a.Key, b.Key))
	})
	return t
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// fill brings the rows into the order of keys, with rows of nothing where there
// is none: in a fixed set of keys nothing is a figure too.
func (t *Table) fill(keys []string) {
	rows := make([]Row, len(keys))
	for i, k := range keys {
		rows[i] = Row{Key: k, Counts: make([]int64, len(t.Columns))}
		for _, r := range t.Rows {
			if r.Key == k {
				rows[i] = r
			}
		}
	}
	t.Rows = rows
}

func monthKeys() []string {
	return []string{"01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"}
}

// timeTable bands the days, and gives the median and the days within which four
// of five were decided.
func timeTable(days []Count) (t Table, median, most int) {
	t = Table{Name: ByTime, Columns: []string{Decided}}
	for _, k := range bandKeys() {
		t.Rows = append(t.Rows, Row{Key: k, Counts: []int64{0}})
	}
	type day struct {
		days int
		n    int64
	}
	var all []day
	total := int64(0)
	for _, c := range days {
		d := number(c.Key)
		all = append(all, day{d, c.N})
		total += c.N
		t.Rows[bandOf(d)].Counts[0] += c.N
	}
	slices.SortFunc(all, func(a, b day) int { return cmp.Compare(a.days, b.days) })
	seen := int64(0)
	for _, d := range all {
		if before := seen * 2; before < total && (seen+d.n)*2 >= total {
			median = d.days
		}
		if before := seen * 5; before < total*4 && (seen+d.n)*5 >= total*4 {
			most = d.days
		}
		seen += d.n
	}
	return t, median, most
}

func bandOf(days int) int {
	for i, upper := range TimeBands {
		if days <= upper {
			return i
		}
	}
	return len(TimeBands)
}
