package policy_test

import (
	"encoding/csv"
	"io"
	"os"
	"strconv"
	"testing"

	"github.com/comity-project/comity/policy"
	"github.com/comity-project/comity/repotest"
)

// TestScrutinyOfRealIndicators reads the published figures of all countries: the
// table must tell them apart, and a country without figures must stay unknown.
func TestScrutinyOfRealIndicators(t *testing.T) {
	f, err := os.Open(repotest.Data(t, "destinations", "indicators.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	if _, err := r.Read(); err != nil {
		t.Fatal(err)
	}
	byCountry := map[string][]policy.Indicator{}
	for {
		row, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		year, err1 := strconv.Atoi(row[2])
		value, err2 := strconv.ParseFloat(row[4], 64)
		if err1 != nil || err2 != nil {
			t.Fatal(row)
		}
		byCountry[row[0]] = append(byCountry[row[0]], policy.Indicator{Name: row[3], Year: year, Value: value, Source: row[5]})
	}
	p := basePack(t)
	count := map[policy.Scrutiny]int{}
	for country, figures := range byCountry {
		level, why := policy.ScrutinyOf(p, "2026-11-22", figures)
		count[level]++
		if (level == policy.ScrutinyRaised || level == policy.ScrutinyHigh) != (len(why) > 0) {
			t.Errorf("%s: %s for %d reasons", country, level, len(why))
		}
	}
	t.Logf("%v of %d countries", count, len(byCountry))
	for _, level := range []policy.Scrutiny{policy.ScrutinyOrdinary, policy.ScrutinyRaised, policy.ScrutinyHigh} {
		if share := float64(count[level]) / float64(len(byCountry)); share < 0.1 || share > 0.7 {
			t.Errorf("%s: %.0f %% of countries: the table tells little apart", level, 100*share)
		}
	}
}
