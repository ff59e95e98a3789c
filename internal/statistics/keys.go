package statistics

import (
	"slices"
	"strconv"
	"strings"
)

// bandKeys are the keys of the bands of time: "0-10", "11-20" ... "91-".
func bandKeys() []string {
	keys := make([]string, 0, len(TimeBands)+1)
	from := 0
	for _, upper := range TimeBands {
		keys = append(keys, strconv.Itoa(from)+"-"+strconv.Itoa(upper))
		from = upper + 1
	}
	return append(keys, strconv.Itoa(from)+"-")
}

// number reads a count of days; what is none counts as none.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// Entry is the part of a control code that statistics speak of: "5A001.f.1.b"
// is 5A001. A line without a code is on no list: "".
func Entry(code string) string {
	code, _, _ = strings.Cut(strings.TrimSpace(code), ".")
	return code
}

// Difference is a total that the ledger's events do not bear out.
type Difference struct {
	What           string `json:"what"` // received, decided or withdrawn
	Counted, Event int64
}

// ReconcileOutcomes compares what came after licences were given with the ledger's
// own events of the year, by their types. Nil where they agree.
func (f *Figures) ReconcileOutcomes(events map[string]int64) (out []Difference) {
	t := f.Table(ByOutcome)
	for _, kind := range OutcomeEvents() {
		counted := int64(0)
		for _, r := range t.Rows {
			if slices.Contains(outcomeEvents[kind], r.Key) {
				counted += r.total()
			}
		}
		if counted != events[kind] {
			out = append(out, Difference{kind, counted, events[kind]})
		}
	}
	return out
}

// Reconcile compares the figures with the ledger's own events of the year: how
// many applications were submitted, decided (first and later) and withdrawn, and
// how many appeals came to a word. Nil where they agree.
func (f *Figures) Reconcile(submitted, decided, withdrawn, appeals int64) []Difference {
	if t := f.Table(ByLater); t != nil {
		decided -= t.total() // each stands in its own table
	}
	var gone int64
	if t := f.Table(ByMonth); t != nil {
		for _, r := range t.Rows {
			gone += r.Counts[len(r.Counts)-1]
		}
	}
	var out []Difference
	for _, d := range []Difference{
		{Received, f.Received, submitted}, {Decided, f.Ended - gone, decided}, {Withdrawn, gone, withdrawn},
	} {
		if d.Counted != d.Event {
			out = append(out, d)
		}
	}
	if t := f.Table(ByAppeal); t != nil {
		if n := t.total(); n != appeals {
			out = append(out, Difference{ByAppeal, n, appeals})
		}
	}
	for _, name := range []string{ByDestination, ByKind} {
		if t := f.Table(name); t != nil {
			if n := t.total(); n != f.Ended {
				out = append(out, Difference{name, n, f.Ended})
			}
		}
	}
	if t := f.Table(ByTime); t != nil {
		if n := t.total(); n != decided {
			out = append(out, Difference{ByTime, n, decided})
		}
	}
	return out
}

func (t *Table) total() (n int64) {
	for _, r := range t.Rows {
		n += r.total()
	}
	return n
}
