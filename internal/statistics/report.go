package statistics

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// OtherEnding is the column of the ways to end that were so seldom in a year that
// each for itself would be a small count.
const OtherEnding = "other_ending"

// Limits are what keeps people and companies from being found in figures.
type Limits struct {
	Least      int64 `json:"least"`      // the smallest count from 1 that is told
	Applicants int   `json:"applicants"` // organisations that must stand behind an amount
}

// DefaultLimits are used where a node sets none: five cases, three companies.
var DefaultLimits = Limits{Least: 5, Applicants: 3}

// Report is a year's figures as the public may read them.
type Report struct {
	Year     int       `json:"year"`
	At       time.Time `json:"at"`
	Complete bool      `json:"complete"`
	Entry    int64     `json:"entry"`
	Limits   Limits    `json:"limits"`

	OpenBefore int64 `json:"open_before"`
	Received   int64 `json:"received"`
	Ended      int64 `json:"ended"`
	OpenAfter  int64 `json:"open_after"`
	Directed   int64 `json:"directed,omitempty"` // directions of a minister or the cabinet: what an office did is no person's secret
	Median     int   `json:"median"`             // calendar days; 0 where too few were decided
	Most       int   `json:"most"`

	Tables   []Published `json:"tables"`
	Values   []Value     `json:"values,omitempty"`
	Withheld []string    `json:"withheld,omitempty"` // currencies of which no amount can be told
}

// Table finds a table by its name; nil where there is none.
func (r *Report) Table(name string) *Published {
	for i := range r.Tables {
		if r.Tables[i].Name == name {
			return &r.Tables[i]
		}
	}
	return nil
}

// Publishable makes of what was counted what may be told. Totals of a whole year
// are told; all else under the limits.
func Publishable(c Counted, l Limits) *Report {
	f := Compile(c)
	r := &Report{
		Year: f.Year, At: f.At, Complete: f.Complete, Entry: f.Entry, Limits: l,
		OpenBefore: f.OpenBefore, Received: f.Received, Ended: f.Ended, OpenAfter: f.OpenAfter, Directed: f.Directed,
	}
	decided := f.Table(ByTime).total()
	if decided >= l.Least {
		r.Median, r.Most = f.Median, f.Most
	}
	seldom := seldomOf(*f.Table(ByDestination), l.Least)
	for _, t := range f.Tables {
		switch t.Name {
		case ByMonth, ByDestination, ByKind:
			t = foldColumns(t, seldom)
		case ByItem:
			t = foldColumns(t, seldomOf(t, l.Least))
		}
		r.Tables = append(r.Tables, publish(t, l.Least))
	}
	r.Values, r.Withheld = publishValues(c.Sales, l.Applicants)
	return r
}

// seldomOf are the columns that must stand together because one of them counts
// too little in the whole year. What was refused is what the public asks first:
// it goes with others only where nothing else is left.
func seldomOf(t Table, least int64) []string {
	type column struct {
		name string
		n    int64
	}
	var of []column
	for j, name := range t.Columns {
		c := column{name: name}
		for _, r := range t.Rows {
			c.n += r.Counts[j]
		}
		if c.n > 0 {
			of = append(of, c)
		}
	}
	slices.SortStableFunc(of, func(a, b column) int {
		late := func(c column) int { return btoi(c.name == Refused && !small(c.n, least)) }
		return cmp.Or(cmp.Compare(late(a), late(b)), cmp.Compare(a.n, b.n))
	})
	var out []string
	sum := int64(0)
	for _, c := range of {
		if small(c.n, least) || small(sum, least) {
			out = append(out, c.name)
			sum += c.n
		}
	}
	return out
}

// foldColumns puts columns together at the end, as OtherEnding.
func foldColumns(t Table, names []string) Table {
	if len(names) < 2 {
		return t
	}
	out := Table{Name: t.Name}
	for _, name := range t.Columns {
		if !slices.Contains(names, name) {
			out.Columns = append(out.Columns, name)
		}
	}
	out.Columns = append(out.Columns, OtherEnding)
	for _, r := range t.Rows {
		row := Row{Key: r.Key}
		var other int64
		for j, n := range r.Counts {
			if slices.Contains(names, t.Columns[j]) {
				other += n
			} else {
				row.Counts = append(row.Counts, n)
			}
		}
		row.Counts = append(row.Counts, other)
		out.Rows = append(out.Rows, row)
	}
	return out
}

// Kind is the kind of the streams: each year has one.
const Kind = "statistics"

// Stream is where the reports of a year are told.
func Stream(year int) event.Stream { return event.StreamOf(Kind, fmt.Sprintf("%04d", year)) }

// Publish tells the public a year's figures. Published again, they stand beside
// the earlier ones, with what is different and why.
type Publish struct {
	Report *Report
	Note   string // for the public: what to bear in mind, what is different now
}

// ReportPublished is a report as it went to the public. All of it is fit for
// everybody, so none of it is sealed.
type ReportPublished struct {
	Number int    `json:"number"` // from 1, within the year
	Report Report `json:"report"`
	Note   string `json:"note,omitempty"`
}

// EventType implements event.Event.
func (ReportPublished) EventType() string { return "statistics.published" }

// Events are one zero value of each event, for the registry.
func Events() []event.Event { return []event.Event{ReportPublished{}} }

// Edition is one published report.
type Edition struct {
	ReportPublished
	At time.Time `json:"at"`
	By string    `json:"by"`
}

// State is what a year's stream adds up to, the latest edition last.
type State struct {
	Year     int       `json:"year"`
	Editions []Edition `json:"editions,omitempty"`
}

// Latest is the last edition; nil where none was published.
func (s *State) Latest() *Edition {
	if len(s.Editions) == 0 {
		return nil
	}
	return &s.Editions[len(s.Editions)-1]
}

// Apply implements event.State.
func (s *State) Apply(r event.Recorded) error {
	e, ok := r.Event.(ReportPublished)
	if !ok {
		return fmt.Errorf("statistics: unknown event %T", r.Event)
	}
	s.Year = e.Report.Year
	s.Editions = append(s.Editions, Edition{ReportPublished: e, At: r.Time, By: r.Actor})
	return nil
}

// Rows implements event.State: one row tells which years there are.
func (s *State) Rows() []event.Row {
	e := s.Latest()
	if e == nil {
		return nil
	}
	return []event.Row{{Table: "statistics_row", ID: fmt.Sprintf("%04d", s.Year), Columns: []event.Column{
		event.C("editions", int64(len(s.Editions))), event.C("published", e.At), event.C("complete", e.Report.Complete),
	}}}
}

// maxNote bounds the note, in letters.
const maxNote = 4000

// Decide decides a publication. A year that is not over, or of which the figures
// did not agree with the ledger, is not published: the caller says which.
func Decide(s *State, c Publish, differences []Difference) ([]event.New, error) {
	note := strings.TrimSpace(c.Note)
	bad := fault.New(fault.Invalid, "statistics.invalid")
	if utf8.RuneCountInString(note) > maxNote {
		bad.Field("note", "statistics.note.long", "max", maxNote)
	}
	if len(s.Editions) > 0 && note == "" {
		bad.Field("note", "statistics.note.again")
	}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	switch {
	case len(differences) > 0:
		return nil, fault.New(fault.Blocked, "statistics.differs")
	case !c.Report.Complete:
		return nil, fault.New(fault.Blocked, "statistics.not_over", "year", strconv.Itoa(c.Report.Year))
	}
	if e := s.Latest(); e != nil && e.Report.Entry == c.Report.Entry {
		return nil, fault.New(fault.Conflict, "statistics.same")
	}
	return []event.New{{Stream: Stream(c.Report.Year), Event: ReportPublished{Number: len(s.Editions) + 1, Report: *c.Report, Note: note}}}, nil
}

// Exact draws exact figures up as a report: nothing is hidden, and the limits are
// nought. It is for those who may read the cases behind it.
func (f *Figures) Exact() *Report {
	r := &Report{
		Year: f.Year, At: f.At, Complete: f.Complete, Entry: f.Entry, OpenBefore: f.OpenBefore, Received: f.Received, Ended: f.Ended, OpenAfter: f.OpenAfter,
		Median: f.Median, Most: f.Most, Values: f.Values,
	}
	for _, t := range f.Tables {
		r.Tables = append(r.Tables, open(t).told())
	}
	return r
}
