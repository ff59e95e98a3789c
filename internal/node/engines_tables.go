package node

import (
	"maps"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/policy"
	"github.com/comity-project/comity/screening/listfile"
	"github.com/comity-project/comity/screening/listfile/country"
)

// addIndicators adds published figures to destinations. A row whose country has
// no code of two letters is left out: it can't be a case's destination.
func addIndicators(dest assessment.Destinations, rows []listfile.Indicator) {
	of := map[string][]policy.Indicator{}
	for _, r := range rows {
		if r.Country != "" {
			of[r.Country] = append(of[r.Country], policy.Indicator{Name: r.Code, Year: r.Year, Value: r.Value, Source: r.Source})
		}
	}
	for _, code := range slices.Sorted(maps.Keys(of)) {
		d := destination(dest, code)
		d.Indicators = append(slices.Clone(d.Indicators), of[code]...)
		slices.SortStableFunc(d.Indicators, func(a, b policy.Indicator) int {
			if c := strings.Compare(a.Name, b.Name); c != 0 {
				return c
			}
			return a.Year - b.Year
		})
		dest[code] = d
	}
}

// factCrimeControl is the fact of the policy pack that the United States country
// chart answers.
const factCrimeControl = "dest.crime_control_marked"

// addChart answers the chart's question for each destination that has marks. A
// destination without a row or without any mark stays unknown: other rules
// govern it, and an empty cell is never "free".
func addChart(dest assessment.Destinations, rows []listfile.ChartRow, from ListInUse) {
	for _, r := range rows {
		if r.Country == "" || len(r.Reasons) == 0 {
			continue
		}
		marked := slices.ContainsFunc(r.Reasons, func(s string) bool { return strings.HasPrefix(s, "CC") })
		d := destination(dest, r.Country)
		d.Facts = maps.Clone(d.Facts)
		if d.Facts == nil {
			d.Facts = map[string]policy.Fact{}
		}
		d.Facts[factCrimeControl] = policy.Fact{Value: policy.Bool(marked), Source: from.Title, Date: policy.Date(r.Version), Version: from.Document}
		dest[r.Country] = d
	}
}

func destination(dest assessment.Destinations, code string) assessment.Destination {
	d := dest[code]
	d.Code = code
	if d.Name == "" {
		d.Name = country.Name(code)
	}
	return d
}
