package listfile

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/comity-project/comity/repotest"
	"github.com/comity-project/comity/screening"
)

// counted are the figures of a Result that a test holds exactly.
type counted struct{ rows, entities, names, births, ids, addresses int }

func holdCounts(t *testing.T, res Result, want counted) {
	t.Helper()
	c := res.Counts
	got := counted{c.Rows, c.Entities, c.Names, c.Births, c.IDs, c.Addresses}
	if got != want {
		t.Errorf("counts %+v, want %+v", got, want)
	}
	if len(c.UnreadFields) > 0 {
		t.Errorf("fields not read: %v", c.UnreadFields)
	}
	seen := map[string]bool{}
	for _, e := range res.Entities {
		if problem := Check(e); problem != "" {
			t.Error(problem)
		}
		if seen[e.ID] {
			t.Errorf("two entities %s", e.ID)
		}
		seen[e.ID] = true
	}
	holdRoundTrip(t, res)
}

// holdRoundTrip writes the stored form twice and reads it back.
func holdRoundTrip(t *testing.T, res Result) {
	t.Helper()
	var once, twice bytes.Buffer
	if err := WriteEntities(&once, "t", res.Published, res.Entities); err != nil {
		t.Fatal(err)
	}
	back, err := ReadJSONL(File{Name: "stored", Reader: bytes.NewReader(once.Bytes())}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(back.Entities)
	if err := WriteEntities(&twice, "t", back.Published, back.Entities); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(once.Bytes(), twice.Bytes()) {
		t.Error("the stored form is not the same after reading it back")
	}
}

func entity(t *testing.T, res Result, id string) screening.Entity {
	t.Helper()
	for _, e := range res.Entities {
		if e.ID == id {
			return e
		}
	}
	t.Fatalf("no entity %s", id)
	return screening.Entity{}
}

func TestRealUnitedNations(t *testing.T) {
	for _, c := range []struct {
		date      string
		want      counted
		people    int
		published string
	}{
		{"2025-11-18", counted{1000, 1000, 4120, 980, 448, 741}, 727, "2025-11-18"},
		{"2026-02-27", counted{1003, 1003, 4121, 980, 448, 740}, 730, "2026-02-27"},
	} {
		t.Run(c.date, func(t *testing.T) {
			res, err := Read(UN, DefaultLimits, openReal(t, "lists", "un", "consolidated_"+c.date+".xml"))
			if err != nil {
				t.Fatal(err)
			}
			holdCounts(t, res, c.want)
			if res.Published != c.published || res.Counts.ByType["person"] != c.people || len(res.Counts.UnknownCountries) > 0 {
				t.Errorf("published %s, %v, unknown countries %v", res.Published, res.Counts.ByType, res.Counts.UnknownCountries)
			}
			weak, arabic := 0, 0
			for _, e := range res.Entities {
				for _, n := range e.Names {
					if n.Kind == screening.Weak {
						weak++
					}
					if strings.ContainsAny(n.Text, "ابتحدرسعمنهي") {
						arabic++
					}
				}
			}
			if weak < 500 || arabic < 300 {
				t.Errorf("%d weak names, %d in Arabic script", weak, arabic)
			}
		})
	}
}

func ofacFiles(t testing.TB) []File {
	return []File{
		openReal(t, "lists", "us", "sdn_2024-05-03.csv"), openReal(t, "lists", "us", "alt_2025-12-24.csv"),
		openReal(t, "lists", "us", "add_2025-12-24.csv"), openReal(t, "lists", "us", "sdn_comments_2025-12-24.csv"),
	}
}

func TestRealOFAC(t *testing.T) {
	res, err := Read(OFAC, DefaultLimits, ofacFiles(t)...)
	if err != nil {
		t.Fatal(err)
	}
	holdCounts(t, res, counted{59344, 14965, 36285, 7728, 15472, 16795})
	if want := map[string]int{"alias": 2460, "address": 4893, "remarks": 6}; !maps.Equal(res.Counts.Aside, want) {
		t.Errorf("aside %v, want %v", res.Counts.Aside, want)
	}
	if len(res.Aside) != 2460+4893+6 {
		t.Errorf("%d rows aside", len(res.Aside))
	}
	if a := res.Aside[0]; a.Line == 0 || a.Entity == "" || a.Text == "" || a.File != "alt_2025-12-24.csv" {
		t.Errorf("first row aside: %+v", a)
	}
	kinds := map[string]int{}
	for _, e := range res.Entities {
		for _, i := range e.IDs {
			kinds[i.Kind]++
		}
	}
	want := map[string]int{"imo": 983, "lei": 89, "mmsi": 154, "national": 2476, "other": 925, "passport": 2153, "registration": 4702, "swift": 162, "tax": 3828}
	if !maps.Equal(kinds, want) {
		t.Errorf("identifiers %v, want %v", kinds, want)
	}
}

func TestRealConsolidated(t *testing.T) {
	res, err := Read(USConsolidated, DefaultLimits, openReal(t, "lists", "us", "consolidated-screening-list_2026-07-31.json"))
	if err != nil {
		t.Fatal(err)
	}
	holdCounts(t, res, counted{25921, 25921, 57157, 0, 0, 0})
	want := map[string]int{"CAP": 1, "CMIC": 68, "DPL": 1596, "DTC": 787, "EL": 3420, "ISN": 161, "MEU": 70, "NS-MBS": 51, "PLC": 78, "SDN": 19181, "SSI": 286, "UVL": 222}
	if !maps.Equal(res.Counts.ByList, want) || res.Published != "2026-07-31" {
		t.Errorf("lists %v, published %s", res.Counts.ByList, res.Published)
	}
	if e := entity(t, res, "csl:CMIC:30902"); e.Names[0].Text != "Aero Engine Corporation of China" || e.Type != screening.Organisation || !slices.Contains(e.Countries, "CN") {
		t.Errorf("%+v", e)
	}
}

// euRows are the data rows of each file.
var euRows = map[string]int{
	"32026R1720": 9, "32026R1817": 2, "32026R1843": 216, "32026R1846": 4, "32026R1848": 157, "32026R1880": 3, "32026R1883": 2,
	"32026R1895": 10, "32026R1940": 5, "32026R1941": 2, "32026R1960": 7,
	"32001R2580": 36, "32002R0881": 350, "32003R1210": 75, "32004R0314": 0, "32005R1183": 86, "32006R0305": 0, "32006R0765": 408,
	"32009R1284": 5, "32010D0573": 0, "32010R0356": 24, "32011D0173": 0, "32011R0101": 27, "32011R0359": 321, "32011R0753": 140,
	"32012R0036": 368, "32012R0267": 339, "32012R0377": 0, "32013R0401": 127, "32014R0208": 3, "32014R0224": 15, "32014R0269": 2802,
	"32014R0747": 13, "32014R0833": 1746, "32014R1352": 11, "32015R0735": 9, "32015R1755": 0, "32016R0044": 51, "32016R1686": 23,
	"32017R1509": 326, "32017R1770": 4, "32017R2063": 69, "32018R1542": 37, "32019R0796": 38, "32019R1716": 24, "32019R1890": 0,
	"32020R1998": 177, "32022R2309": 21, "32023R0888": 34, "32023R1529": 49, "32023R2147": 21, "32023R2406": 0, "32024R0287": 9,
	"32024R0386": 24, "32024R1485": 105, "32024R2642": 100,
}

func TestRealEuropeanUnion(t *testing.T) {
	paths, err := filepath.Glob(repotest.Data(t, "lists", "eu", "*", "*.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) != len(euRows) {
		t.Fatalf("%d files, %d known", len(paths), len(euRows))
	}
	var all []File
	for _, p := range paths {
		raw, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Base(p)
		one, err := Read(EU, DefaultLimits, File{Name: name, Reader: bytes.NewReader(raw)})
		if err != nil {
			t.Fatal(err)
		}
		if want := euRows[strings.TrimSuffix(name, ".csv")]; one.Counts.Rows != want {
			t.Errorf("%s: %d rows, want %d", name, one.Counts.Rows, want)
		}
		all = append(all, File{Name: name, Reader: bytes.NewReader(raw)})
	}
	res, err := Read(EU, DefaultLimits, all...)
	if err != nil {
		t.Fatal(err)
	}
	holdCounts(t, res, counted{8434, 8415, 21889, 4297, 4966, 4929})
	for _, e := range res.Entities {
		if strings.Contains(e.Remarks, "ethnic background") {
			t.Errorf("%s holds a column that is never read", e.ID)
		}
	}
}

func TestRealEntityList(t *testing.T) {
	rows, res, err := ReadEntityList(openReal(t, "destinations", "us-entity-list.jsonl"), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	tagged, dated := 0, 0
	for _, r := range rows {
		if len(r.HumanRights) > 0 {
			tagged++
		}
		if r.Start != "" {
			dated++
		}
	}
	if len(rows) != 3420 || tagged != 84 || res.Published != "2026-07-31" {
		t.Errorf("%d rows, %d tagged, published %s", len(rows), tagged, res.Published)
	}
	if dated != 5 { // the others give no date, and none is guessed
		t.Errorf("%d rows with a date of listing", dated)
	}
	if res.Counts.Entities != 3420 {
		t.Errorf("%+v", res.Counts)
	}
	holdRoundTrip(t, res)
}

func BenchmarkOFAC(b *testing.B) {
	for b.Loop() {
		if _, err := Read(OFAC, DefaultLimits, ofacFiles(b)...); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkConsolidated(b *testing.B) {
	for b.Loop() {
		if _, err := Read(USConsolidated, DefaultLimits, openReal(b, "lists", "us", "consolidated-screening-list_2026-07-31.json")); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUnitedNations(b *testing.B) {
	for b.Loop() {
		if _, err := Read(UN, DefaultLimits, openReal(b, "lists", "un", "consolidated_2026-02-27.xml")); err != nil {
			b.Fatal(err)
		}
	}
}
