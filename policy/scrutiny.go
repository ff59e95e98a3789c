package policy

import (
	"fmt"
	"sort"
)

// Scrutiny is how closely cases with a destination are looked at. It says
// nothing about a state, and nothing about the outcome of a case.
type Scrutiny string

// The levels, lowest first. ScrutinyUnknown is not below ordinary: it is a
// question.
const (
	ScrutinyUnknown  Scrutiny = "unknown"
	ScrutinyOrdinary Scrutiny = "ordinary"
	ScrutinyRaised   Scrutiny = "raised"
	ScrutinyHigh     Scrutiny = "high"
)

func (s Scrutiny) rank() int {
	switch s {
	case ScrutinyOrdinary:
		return 0
	case ScrutinyRaised:
		return 1
	case ScrutinyHigh:
		return 2
	default:
		return -1
	}
}

// Indicator is one published figure about a country and a year.
type Indicator struct {
	Name   string  `json:"name" yaml:"name"`
	Year   int     `json:"year" yaml:"year"`
	Value  float64 `json:"value" yaml:"value"`
	Source string  `json:"source,omitempty" yaml:"source,omitempty"`
}

// ScrutinyReason is one row of the table that applied.
type ScrutinyReason struct {
	Indicator Indicator `json:"indicator"`
	Level     Scrutiny  `json:"level"`
	Text      string    `json:"text"`
	Age       int       `json:"age_years"` // years between the figure and the day asked about
}

// leastFigures is how many indicators of the table must have a value before
// their silence means anything.
const leastFigures = 3

// ScrutinyOf reads the table: the highest level of any row that applies to the
// latest value of each indicator. Ordinary is said only where at least three
// indicators of the table have a value; with fewer the level is unknown, never
// the lowest. Several figures that say the same are one reason each and never
// add up.
func ScrutinyOf(p *Pack, on Date, indicators []Indicator) (Scrutiny, []ScrutinyReason) {
	year := 0
	if on.Valid() {
		_, _ = fmt.Sscanf(string(on), "%4d", &year)
	}
	latest := map[string]Indicator{}
	for _, ind := range indicators {
		if year != 0 && ind.Year > year {
			continue
		}
		if had, ok := latest[ind.Name]; !ok || ind.Year > had.Year || ind.Year == had.Year && ind.Value < had.Value {
			latest[ind.Name] = ind
		}
	}
	level := ScrutinyUnknown
	figures := map[string]bool{}
	var reasons []ScrutinyReason // one for each indicator: its highest row
	at := map[string]int{}
	for _, row := range p.doc.Scrutiny {
		ind, ok := latest[row.Indicator]
		if !ok {
			continue
		}
		figures[row.Indicator] = true
		if level == ScrutinyUnknown && len(figures) >= leastFigures {
			level = ScrutinyOrdinary
		}
		if row.AtMost != nil && ind.Value > *row.AtMost || row.AtLeast != nil && ind.Value < *row.AtLeast {
			continue
		}
		r := ScrutinyReason{Indicator: ind, Level: row.Level, Text: row.Text, Age: max(0, year-ind.Year)}
		if i, had := at[row.Indicator]; !had {
			at[row.Indicator] = len(reasons)
			reasons = append(reasons, r)
		} else if row.Level.rank() > reasons[i].Level.rank() {
			reasons[i] = r
		}
		if row.Level.rank() > level.rank() {
			level = row.Level
		}
	}
	sort.SliceStable(reasons, func(i, j int) bool { return reasons[i].Level.rank() > reasons[j].Level.rank() })
	return level, reasons
}
