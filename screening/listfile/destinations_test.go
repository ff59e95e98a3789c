package listfile

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestRealIndicators(t *testing.T) {
	figures, counts, err := ReadIndicators(openReal(t, "destinations", "indicators.csv"), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	codes, years := map[string]int{}, map[int]bool{}
	for _, f := range figures {
		codes[f.Code]++
		years[f.Year] = true
	}
	if len(figures) != 52991 || counts.Rows != 52991 || counts.Countries != 214 || len(codes) != 40 || codes["v2x_libdem"] != 2639 || !years[2010] || !years[2024] {
		t.Errorf("%d figures, %+v, %d indicators", len(figures), counts, len(codes))
	}
	if len(counts.UnknownCountries) > 0 {
		t.Errorf("countries without a code: %v", counts.UnknownCountries)
	}
	if !slices.ContainsFunc(figures, func(f Indicator) bool { return f.Country == "XK" && f.Alpha3 == "XKX" }) {
		t.Error("nothing about Kosovo")
	}
}

func TestRealCountryChart(t *testing.T) {
	chart, counts, err := ReadChart(openReal(t, "destinations", "us-country-chart.csv"), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if len(chart) != 196 || len(counts.UnknownCountries) > 0 {
		t.Errorf("%d destinations, %+v", len(chart), counts)
	}
	i := slices.IndexFunc(chart, func(r ChartRow) bool { return r.Country == "AL" })
	if i < 0 || !slices.Contains(chart[i].Reasons, "NS 2") || slices.Contains(chart[i].Reasons, "CC 1") || !slices.Equal(chart[i].Footnotes, []int{2, 3}) || chart[i].Version != "2026-07-23" {
		t.Errorf("Albania: %+v", chart[i])
	}
}

func TestRealCountryGroups(t *testing.T) {
	members, counts, err := ReadGroups(openReal(t, "destinations", "us-country-groups.csv"), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	groups := map[string]int{}
	for _, m := range members {
		groups[m.Group]++
	}
	if len(members) != 497 || len(groups) != 14 || groups["B"] != 173 || len(counts.UnknownCountries) > 0 {
		t.Errorf("%d members, %v, %+v", len(members), groups, counts)
	}
}

func TestBadTables(t *testing.T) {
	head := strings.Join(indicatorColumns, ",") + "\n"
	for in, says := range map[string]string{
		"":                            "t.csv:1:1: the file is empty",
		"country,year\n":              `t.csv:1:1: the column "country_name" is missing`,
		head + "FRA,F,x,i,1,s\n":      `t.csv:2:7: "x" is no year`,
		head + "FRA,F,2020,i,NaN,s\n": `t.csv:2:14: "NaN" is no figure`,
		head + ",F,2020,i,1,s\n":      "t.csv:2:1: the row names no country",
		head + "FRA,F,2020,i,1\n":     "t.csv:2:1: the row has 5 cells, expected 6",
	} {
		_, _, err := ReadIndicators(text("t.csv", in), DefaultLimits)
		var e *Error
		if !errors.As(err, &e) || !strings.HasPrefix(err.Error(), says) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func FuzzTables(f *testing.F) {
	f.Add(strings.Join(indicatorColumns, ",") + "\nFRA,France,2020,i,1.5,s\n")
	f.Add("country,group,label,version\nFrance,A:1,x,2026-01-02\n")
	f.Add("country," + strings.Join(chartReasons, ",") + ",note,version\nFrance,X" + strings.Repeat(",", 15) + ",,2026-01-02\n")
	f.Fuzz(func(t *testing.T, s string) {
		_, _, err1 := ReadIndicators(text("t", s), fuzzLimits)
		_, _, err2 := ReadChart(text("t", s), fuzzLimits)
		_, _, err3 := ReadGroups(text("t", s), fuzzLimits)
		for _, err := range []error{err1, err2, err3} {
			var e *Error
			if err != nil && !errors.As(err, &e) {
				t.Fatal(err)
			}
		}
	})
}
