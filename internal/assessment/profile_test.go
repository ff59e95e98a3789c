package assessment_test

import (
	"reflect"
	"testing"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/policy"
)

func TestProfile(t *testing.T) {
	p := basePack(t)
	v := func(name string, year int, value float64, source string) policy.Indicator {
		return policy.Indicator{Name: name, Year: year, Value: value, Source: source}
	}
	d := assessment.Destinations{}.With("XR", "Karsovia", []policy.Indicator{
		v("v2x_libdem", 2019, 0.5, "V-Dem v15, via a mirror"), v("v2x_libdem", 2024, 0.3, "V-Dem v15, via a mirror"),
		v("v2x_libdem_codelow", 2024, 0.28, "V-Dem v15"), v("v2x_libdem_codehigh", 2024, 0.33, "V-Dem v15"),
		v("v2cltort", 2024, -1.1, "V-Dem v15"), v("wgi_voice_accountability", 2018, 0.1, "World Bank"), v("wgi_voice_accountability", 2023, 0.11, "World Bank"),
		v("v2x_regime", 2024, 1, "V-Dem v15"), v("treaty_cat_party_since", 2022, 1990, "UN"), v("treaty_opcat_party_since", 2022, 0, "UN"),
	})
	got := d.Report(p, "XR", "2026-11-22").Profile(p)
	if len(got.Figures) != 3 || len(got.Others) != 1 || got.Others[0].Name != "v2x_regime" {
		t.Fatalf("%d figures, others %+v", len(got.Figures), got.Others)
	}
	libdem := got.Figures[1]
	if libdem.Name != "v2x_libdem" || libdem.Low[2024] != 0.28 || libdem.High[2024] != 0.33 || libdem.Age != 2 {
		t.Errorf("%+v", libdem)
	}
	if want := []assessment.Treaty{{Name: "cat", Since: 1990, AsOf: 2022, Source: "UN"}, {Name: "opcat", AsOf: 2022, Source: "UN"}}; !reflect.DeepEqual(got.Treaties, want) {
		t.Errorf("%+v", got.Treaties)
	}
	if want := []assessment.SourceTrend{{Source: "V-Dem v15", Lower: 1, Unknown: 1}, {Source: "World Bank", Steady: 1}}; !reflect.DeepEqual(got.Spread, want) {
		t.Errorf("%+v", got.Spread)
	}
	for _, c := range []struct {
		figure            int
		same, other, rest int
		none              bool
	}{{1, 0, 0, 1, false}, {2, 0, 1, 1, false}} {
		same, other, rest, none := got.Elsewhere(got.Figures[c.figure])
		if same != c.same || other != c.other || rest != c.rest || none != c.none {
			t.Errorf("beside %s: %d the same way, %d the other, %d neither, none %v", got.Figures[c.figure].Name, same, other, rest, none)
		}
	}
	if none := d.Report(p, "XQ", "2026-11-22").Profile(p); len(none.Figures)+len(none.Treaties) != 0 {
		t.Errorf("of a country nobody has figures of: %+v", none)
	}
}
