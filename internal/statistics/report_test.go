package statistics_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/statistics"
)

var at = time.Date(2027, 1, 9, 12, 0, 0, 0, time.UTC)

func counted() statistics.Counted {
	n := func(key, column string, n int64) statistics.Count {
		return statistics.Count{Key: key, Column: column, N: n}
	}
	apart := n("XB", statistics.Refused, 6)
	apart.Apart = true
	return statistics.Counted{
		Year: 2026, At: at, Complete: true, Entry: 900, OpenBefore: 10, OpenAfter: 22, Against: 1,
		Months: []statistics.Count{
			n("01", statistics.Received, 40), n("12", statistics.Received, 33),
			n("01", statistics.Issued, 25), n("12", statistics.Issued, 15), n("12", statistics.Refused, 18), n("12", statistics.Withdrawn, 2), n("01", statistics.Split, 1),
		},
		Destinations: []statistics.Count{
			n("XA", statistics.Issued, 30), n("XB", statistics.Issued, 10), n("XA", statistics.Refused, 12), apart,
			n("XC", statistics.Withdrawn, 2), n("XC", statistics.Split, 1),
		},
		Kinds:   []statistics.Count{n("individual", statistics.Issued, 40), n("individual", statistics.Refused, 18), n("individual", statistics.Withdrawn, 2), n("individual", statistics.Split, 1)},
		Items:   []statistics.Count{n("5A001", statistics.Issued, 40), n("5A001", statistics.Refused, 18), n("", statistics.NotRequired, 7)},
		Grounds: []statistics.Count{n("C2", statistics.Refused, 17), n("C7", statistics.Refused, 3)},
		Days:    []statistics.Count{n("8", statistics.Decided, 30), n("33", statistics.Decided, 20), n("120", statistics.Decided, 9)},
		Sales: []statistics.Sale{
			{Destination: "XA", Currency: "EUR", Org: "a", Amount: 100},
			{Destination: "XA", Currency: "EUR", Org: "b", Amount: 200},
			{Destination: "XA", Currency: "EUR", Org: "c", Amount: 300},
			{Destination: "XB", Currency: "EUR", Org: "a", Amount: 900},
			{Destination: "XA", Currency: "USD", Org: "a", Amount: 5},
		},
	}
}

// What is counted once comes up once in each cut of it, and the ledger bears it
// out; where it does not, the difference has a name.
func TestReconcile(t *testing.T) {
	f := statistics.Compile(counted())
	if f.Received != 73 || f.Ended != 61 || f.Median != 8 || f.Most != 33 {
		t.Errorf("received %d, ended %d, median %d, four of five within %d", f.Received, f.Ended, f.Median, f.Most)
	}
	for _, c := range []struct {
		name                                   string
		submitted, decided, withdrawn, appeals int64
		want                                   []statistics.Difference
	}{
		{"as it was", 73, 59, 2, 0, nil},
		{"an application the tables don't know", 74, 59, 2, 0, []statistics.Difference{{What: statistics.Received, Counted: 73, Event: 74}}},
		{"an appeal the tables don't know", 73, 59, 2, 1, []statistics.Difference{{What: statistics.ByAppeal, Counted: 0, Event: 1}}},
		{"a decision too many in the tables", 73, 58, 2, 0, []statistics.Difference{{What: statistics.Decided, Counted: 59, Event: 58}, {What: statistics.ByTime, Counted: 59, Event: 58}}},
	} {
		if got := f.Reconcile(c.submitted, c.decided, c.withdrawn, c.appeals); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// A count of what came after that the ledger does not bear out has a name.
func TestReconcileOutcomes(t *testing.T) {
	c := counted()
	for kind, n := range map[string]int64{"suspended": 3, "restricted": 1, "unsatisfactory": 1, "warning": 2} {
		c.Outcomes = append(c.Outcomes, statistics.Count{Key: kind, Column: statistics.Measures, N: n, Apart: kind == "warning"})
	}
	f := statistics.Compile(c)
	events := map[string]int64{"licence.suspended": 4, "check.concluded": 1, "record.entered": 2}
	if got := f.ReconcileOutcomes(events); got != nil {
		t.Errorf("as it was: %+v", got)
	}
	events["record.entered"], events["licence.revoked"] = 3, 1
	want := []statistics.Difference{{What: "licence.revoked", Counted: 0, Event: 1}, {What: "record.entered", Counted: 2, Event: 3}}
	if got := f.ReconcileOutcomes(events); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
	for _, r := range statistics.Publishable(c, statistics.DefaultLimits).Table(statistics.ByOutcome).Rows {
		if small := slices.Contains([]string{"suspended", "restricted", "unsatisfactory", "warning"}, r.Key); r.Figures[0].Hidden != small {
			t.Errorf("%s: %+v", r.Key, r.Figures)
		}
	}
}

func TestPublishable(t *testing.T) {
	r := statistics.Publishable(counted(), statistics.DefaultLimits)
	months := r.Table(statistics.ByMonth)
	if !reflect.DeepEqual(months.Columns, []string{statistics.Received, statistics.Refused, statistics.NotRequired, statistics.Answered, statistics.OtherEnding}) {
		t.Errorf("endings that were seldom stand apart: %v", months.Columns)
	}
	destinations := r.Table(statistics.ByDestination)
	if !reflect.DeepEqual(destinations.Columns, append([]string(nil), months.Columns[1:]...)) {
		t.Errorf("the endings differ from table to table: %v and %v", destinations.Columns, months.Columns)
	}
	for _, row := range destinations.Rows {
		if row.Key == "XC" {
			t.Error("a destination of three cases stands apart")
		}
	}
	if got := r.Table(statistics.ByGround).Rows[1]; got.Key != "C7" || !got.Figures[0].Hidden {
		t.Errorf("three lines refused on one ground: %+v", got)
	}
	if len(r.Values) != 1 || r.Values[0].Destination != statistics.Rest || r.Values[0].Amount != 1500 || !reflect.DeepEqual(r.Withheld, []string{"USD"}) {
		t.Errorf("amounts %+v, withheld %v", r.Values, r.Withheld)
	}
	exact := statistics.Compile(counted()).Exact()
	if got := exact.Table(statistics.ByGround).Rows[1]; got.Figures[0] != (statistics.Figure{N: 3}) {
		t.Errorf("exact: %+v", got)
	}
}

func TestDecide(t *testing.T) {
	report := statistics.Publishable(counted(), statistics.DefaultLimits)
	early, later := *report, *report
	early.Complete, later.Entry = false, 901
	published := func(t *testing.T, s *statistics.State, c statistics.Publish) {
		t.Helper()
		events, err := statistics.Decide(s, c, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events {
			if err := s.Apply(event.Recorded{Stream: e.Stream, Version: 1, Time: at, Actor: "senior", Event: e.Event}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		name    string
		given   *statistics.Publish
		when    statistics.Publish
		differs []statistics.Difference
		key     string // of the refusal; "" for none
	}{
		{"a year that is over", nil, statistics.Publish{Report: report}, nil, ""},
		{"a year that goes on", nil, statistics.Publish{Report: &early}, nil, "statistics.not_over"},
		{"figures that the ledger does not bear out", nil, statistics.Publish{Report: report}, []statistics.Difference{{What: statistics.Received, Counted: 1, Event: 2}}, "statistics.differs"},
		{"the same again", &statistics.Publish{Report: report}, statistics.Publish{Report: report, Note: "Again."}, nil, "statistics.same"},
		{"again, without a word", &statistics.Publish{Report: report}, statistics.Publish{Report: &later}, nil, "statistics.invalid"},
		{"again, corrected", &statistics.Publish{Report: report}, statistics.Publish{Report: &later, Note: "A case was decided again."}, nil, ""},
	} {
		s := &statistics.State{}
		if c.given != nil {
			published(t, s, *c.given)
		}
		events, err := statistics.Decide(s, c.when, c.differs)
		var f *fault.Error
		switch {
		case c.key == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.key != "" && (!errors.As(err, &f) || f.Key != c.key):
			t.Errorf("%s: %v, want %s", c.name, err, c.key)
		case c.key == "" && (len(events) != 1 || events[0].Event.(statistics.ReportPublished).Number != len(s.Editions)+1):
			t.Errorf("%s: %+v", c.name, events)
		}
	}
}
