package listfile

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/comity-project/comity/screening"
)

func TestBirths(t *testing.T) {
	for in, want := range map[string]string{
		"DOB 20 Apr 1961": "1961-04-20", "DOB Apr 1961": "1961-04", "circa 1952": "1952", "Approximately 1952": "1952",
		"1960 to 1963": "1960 1961 1962 1963", "01 Jan 1974 to 31 Dec 1976": "1974 1975 1976", "1941 to 1989": "",
		"19.11.1956": "1956-11-19", "(a) 4.1.1970, (b) 1971": "1970-01-04 1971", "1959 or 1960": "1959 1960",
		"1958-02-22": "1958-02-22", "1958-02": "1958-02", "4 Apr. 1944": "1944-04-04", "30.2.1950": "1950", "1963/1964": "1963 1964",
		"between 1956 and 1957": "1956 1957", "26 Feb. 2011": "2011-02-26", "nothing": "",
	} {
		if got := strings.Join(births(in), " "); got != want {
			t.Errorf("births(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestRemarks(t *testing.T) {
	b := newBuilder()
	e := screening.Entity{ID: "x"}
	readRemarks(b, &e, "DOB 07 Oct 1954; alt. DOB 1955; POB Town; nationality Egypt; Diplomatic Passport A 123 (Korea, North) issued 5 May 1999; "+
		"alt. Passport B7; Tax ID No. 7744001497 (Russia); Vessel Registration Identification IMO 9187629; MMSI 422026400; SWIFT/BIC ABCDEFGH; "+
		"Registration Number 55-1/2 (Jalisco); Phone Number 123; Digital Currency Address - XBT 1abc; a.k.a. 'THE NAME'; f.k.a. 'O'NEIL CO'; License 12 A.")
	if want := []string{"1954-10-07", "1955"}; !slices.Equal(e.Births, want) {
		t.Errorf("births %v", e.Births)
	}
	want := []screening.Ident{
		{Kind: "passport", Value: "A 123", Country: "KP"},
		{Kind: "passport", Value: "B7"},
		{Kind: "tax", Value: "7744001497", Country: "RU"},
		{Kind: "imo", Value: "9187629"},
		{Kind: "mmsi", Value: "422026400"},
		{Kind: "swift", Value: "ABCDEFGH"},
		{Kind: "registration", Value: "55-1/2"},
		{Kind: "other", Value: "12"},
	}
	if !slices.Equal(e.IDs, want) {
		t.Errorf("identifiers %+v", e.IDs)
	}
	if want := []screening.Name{{Text: "THE NAME", Kind: screening.Weak}, {Text: "O'NEIL CO", Kind: screening.Former}}; !slices.Equal(e.Names, want) {
		t.Errorf("names %+v", e.Names)
	}
	if !slices.Equal(e.Countries, []string{"EG"}) || !strings.Contains(e.Remarks, "POB Town") {
		t.Errorf("%v %q", e.Countries, e.Remarks)
	}
}

func TestPublishersFormOfTheConsolidatedList(t *testing.T) {
	in := `{"sources_used":[{"source":"x"}],"results":[
	{"id":"1","source":"Denied Persons List (DPL) - Bureau of Industry and Security","name":"Example Trading","alt_names":["Example Two"],
	 "addresses":[{"address":"1 Road","city":"Town","state":null,"postal_code":"9","country":"XN"}],"start_date":"2021-03-04","end_date":"2031-03-04",
	 "ids":[{"type":"Passport","number":"P1","country":"FR","issue_date":null,"expiration_date":null},{"type":"Gender","number":"Male","country":null},{"type":"Strange Number","number":"S9","country":"DE"}],
	 "dates_of_birth":["1961-05-07","circa 1962"],"nationalities":["FR"],"citizenships":null,"new_field":1},
	{"source":"Denied Persons List (DPL) - Bureau of Industry and Security","name":"EXAMPLE  Trading","type":null,"addresses":null}]}`
	res, err := ReadConsolidated(text("c.json", in), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	a, b := res.Entities[0], res.Entities[1]
	if b.ID != a.ID+"-2" || a.List != "DPL" || a.Listed != "2021-03-04" || a.Addresses[0] != "1 Road, Town, 9, XN" {
		t.Errorf("%+v\n%+v", a, b)
	}
	want := []screening.Ident{{Kind: "passport", Value: "P1", Country: "FR"}, {Kind: "other", Value: "S9", Country: "DE"}}
	if !slices.Equal(a.IDs, want) || !slices.Equal(a.Births, []string{"1961-05-07", "1962"}) || !slices.Equal(a.Countries, []string{"FR"}) {
		t.Errorf("%+v", a)
	}
	if res.Counts.UnreadFields["new_field"] != 1 || res.Counts.UnknownCountries["XN"] != 1 {
		t.Errorf("%+v", res.Counts)
	}
}

func TestOwnForm(t *testing.T) {
	in := ownHead + `- id: t:1
  type: person
  names:
    - {text: Пример Имя, kind: primary}
    - {text: Primer Imya, kind: weak}
  births: ["1961-05"]
  countries: [XR]
  ids: [{kind: passport, value: P1, country: XR}]
  ground: {role: director, source: a register, purpose: a test, retain_until: "2030-01-01"}
`
	res, err := ReadYAML(text("t.yaml", in), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if res.Title != "A test" || len(res.Grounds) != 1 || res.Grounds[0].RetainUntil != "2030-01-01" || res.Entities[0].List != "T" {
		t.Errorf("%+v", res)
	}
	lines := `{"schema":"comity.parties/v1","list":"T","title":"A test"}
{"id":"t:1","type":"person","names":[{"text":"Пример Имя","kind":"primary"},{"text":"Primer Imya","kind":"weak"}],"births":["1961-05"],"countries":["XR"],"ids":[{"kind":"passport","value":"P1","country":"XR"}],"ground":{"role":"director","source":"a register","purpose":"a test","retain_until":"2030-01-01"}}
`
	same, err := ReadJSONL(text("t.jsonl", lines), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(same.Grounds, res.Grounds) || same.Entities[0].Names[0] != res.Entities[0].Names[0] {
		t.Errorf("%+v", same)
	}
}

func TestNoticeDay(t *testing.T) {
	for in, want := range map[string]string{
		"81 FR 14958, 3/21/16": "2016-03-21", "58 F.R. 42719 8/11/93": "1993-08-11", "81 FR 1, 3/21/16. 80 FR 2, 1/2/15.": "2015-01-02", "76 FR 71867": "", "": "",
	} {
		if got := noticeDay(in); got != want {
			t.Errorf("noticeDay(%q) = %q, want %q", in, got, want)
		}
	}
}

// entityFor is a smallest entity.
func entityFor(testing.TB) screening.Entity {
	return screening.Entity{ID: "t:1", List: "T", Names: []screening.Name{{Text: "A", Kind: screening.Primary}}}
}

// What a partner refused comes with its entry, through the stored form and the
// index, and a misspelt kind is refused.
func TestWhatWasRefused(t *testing.T) {
	const head = "schema: comity.parties/v1\nlist: XA\ntitle: Refusals\nparties:\n- {id: 'xa:1', type: organisation, names: [{text: Special Department, kind: primary}], refused: "
	res, err := Read("comity-yaml", DefaultLimits, File{Name: "xa.yaml", Reader: strings.NewReader(head + "[imsi_catcher, forensics]}\n")})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := WriteEntities(&b, res.Title, res.Published, res.Entities); err != nil {
		t.Fatal(err)
	}
	kept, err := ReadJSONL(File{Name: "xa.jsonl", Reader: &b}, DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	index, err := screening.Build(kept.Entities, screening.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if e, _ := index.Entity("xa:1"); !slices.Equal(e.Refused, []string{"imsi_catcher", "forensics"}) {
		t.Errorf("refused %v", e.Refused)
	}
	if _, err := Read("comity-yaml", DefaultLimits, File{Name: "xa.yaml", Reader: strings.NewReader(head + "['IMSI catcher']}\n")}); err == nil {
		t.Error("a kind that is none is read")
	}
}
