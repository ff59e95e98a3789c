package screening

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// listed is a small list of made-up parties in several scripts.
func listed() []Entity {
	name := func(ns ...string) []Name {
		out := []Name{{ns[0], Primary}}
		for _, n := range ns[1:] {
			out = append(out, Name{n, Alias})
		}
		return out
	}
	return []Entity{
		{ID: "d:1", List: "demo", Type: Person, Names: name("VOLKHONTSEV, Arkady Timofeyevich", "Arkadii Volhontsev"), Births: []string{"1961-05-07"}, Countries: []string{"RU"}, IDs: []Ident{{"passport", "75 1234567", "RU"}}},
		{ID: "d:2", List: "demo", Type: Person, Names: name("Muhammad Qasim al-Zubaydi", "محمد قاسم الزبيدي"), Births: []string{"1970"}, Countries: []string{"IQ"}},
		{ID: "d:3", List: "demo", Type: Organisation, Names: name("Joint Stock Company Zvezdograd Instrument Plant", "AO Zvezdogradskiy Priborostroitelnyi Zavod"), Countries: []string{"RU"}, IDs: []Ident{{"tax", "7700112233", "RU"}}},
		{ID: "d:4", List: "demo", Type: Vessel, Names: name("KRASNAYA ZARYA"), IDs: []Ident{{"imo", "9123456", ""}}},
		{ID: "d:5", List: "demo", Type: Organisation, Names: name("Shenzhen Haoyuntong Technology Co., Ltd."), Countries: []string{"CN"}, Addresses: []string{"Room 1204, Futian Plaza, Shenzhen"}},
		{ID: "d:6", List: "demo", Type: Person, Names: name("KIM, Su Kwang"), Births: []string{"1976-08-18"}},
		{ID: "d:7", List: "other", Type: Person, Names: name("Ivan Petrov"), Births: []string{"1980-01-02"}, Countries: []string{"BG"}},
		{ID: "d:8", List: "other", Type: Organisation, Names: name("Nuri Industries LLC")},
		{ID: "d:9", List: "other", Type: Person, Names: name("Παναγιώτης Δρακόπουλος")},
		{ID: "d:10", List: "other", Type: Person, Names: name("Giorgi Mchedlidzauri")},
		{ID: "d:11", List: "other", Type: Person, Names: name("Somchai Phanthongkul")},
		{ID: "d:12", List: "other", Type: Organisation, Names: name("Sakurahoshi Electronics")},
	}
}

func smallIndex(tb testing.TB) *Index {
	tb.Helper()
	x, err := Build(listed(), Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return x
}

func TestFinds(t *testing.T) {
	x := smallIndex(t)
	for _, c := range []struct{ name, want string }{
		{"Arkady Timofeyevich Volkhontsev", "d:1"},
		{"Аркадий Тимофеевич Волхонцев", "d:1"},
		{"Волхонцев А. Т.", "d:1"},
		{"volhonzev arkadij", "d:1"},
		{"Arkady Volkhontesv", "d:1"},
		{"Mr Arkady VOLKHONTSEV (a.k.a. Arkasha)", "d:1"},
		{"محمد قاسم الزبيدي", "d:2"},
		{"Mohamed Kasem ALZUBAIDI", "d:2"},
		{"AO «Звездоградский приборостроительный завод»", "d:3"},
		{"Zvezdograd Instrument Works JSC", "d:3"},
		{"Красная Заря", "d:4"},
		{"深圳好运通科技有限公司", "d:5"},
		{"김수광", "d:6"},
		{"NURIINDUSTRIES", "d:8"},
		{"Nu ri Industries", "d:8"},
		{"Panagiotis Drakopoulos", "d:9"},
		{"გიორგი მჭედლიძაური", "d:10"},
		{"Սոմ Giorgi Mchedlidzauri", "d:10"},
		{"Sakurahosi Electronics", "d:12"},
		{"V\u200eolkh\u00adontsev, \u202bArkady\u202c", "d:1"},
		{"Vоlkhоntsev Arkady", "d:1"}, // Cyrillic о
	} {
		a := x.Search(Query{Name: c.name}, SearchOptions{Fields: FieldsName})
		if len(a.Hits) == 0 || a.Hits[0].EntityID != c.want {
			t.Errorf("%s: got %+v, want %s first", c.name, a.Hits, c.want)
		}
	}
}

func TestQualifiers(t *testing.T) {
	x := smallIndex(t)
	score := func(q Query) Hit {
		a := x.Search(q, SearchOptions{})
		for _, h := range a.Hits {
			if h.EntityID == "d:7" {
				return h
			}
		}
		return Hit{}
	}
	plain := score(Query{Name: "Ivan Petrov"})
	agrees := score(Query{Name: "Ivan Petrov", Birth: "1980-01-02"})
	contradicts := score(Query{Name: "Ivan Petrov", Birth: "1955-03-04"})
	if !(contradicts.Score < plain.Score && plain.Score < agrees.Score) {
		t.Errorf("birth: contradicts %v, nothing %v, agrees %v: want them rising", contradicts.Score, plain.Score, agrees.Score)
	}
	if !plain.Ambiguous || !slices.Contains(plain.AskFor, "birth") {
		t.Errorf("two common names alone: %+v, want ambiguous and to ask for the birth date", plain)
	}
	if agrees.Ambiguous {
		t.Error("with the birth date it is no longer ambiguous")
	}
	for _, q := range []Query{
		{Name: "SOME OTHER SHIP", IDs: []Ident{{Kind: "imo", Value: "IMO 9123456"}}},
		{IDs: []Ident{{Kind: "imo", Value: "9123456"}}},
	} {
		a := x.Search(q, SearchOptions{})
		if len(a.Hits) == 0 || a.Hits[0].EntityID != "d:4" || !a.Hits[0].ByID {
			t.Errorf("%+v: got %+v, want the vessel by its number", q, a.Hits)
		}
		if n := x.Search(q, SearchOptions{Fields: FieldsName}); len(n.Hits) > 0 && n.Hits[0].ByID {
			t.Error("by name only, numbers are not used")
		}
	}
}

func TestOddInput(t *testing.T) {
	x := smallIndex(t)
	for _, n := range []string{"", " ", "a", ".", "\x00\x01\x02", "\xff\xfe", "((((", "12345", "٣٤٥", strings.Repeat("a", 10_000), strings.Repeat("Ivan ", 5000), strings.Repeat("د", 9000), "\u202e\u202e\u202e", "😀 😀", strings.Repeat("(", 3000), strings.Repeat("x (y) ", 200)} {
		a := x.Search(Query{Name: n}, SearchOptions{})
		for _, h := range a.Hits {
			if !(h.Score > 0 && h.Score <= 1) || math.IsNaN(h.AlertRate) || h.AlertRate < 0 || h.AlertRate > 1 {
				t.Errorf("%.20q: %+v", n, h)
			}
		}
		x.Explain(Query{Name: n}, "d:1")
	}
	if a := x.Search(Query{Name: "..."}, SearchOptions{}); !a.Searched.Unread {
		t.Error("a name without a letter is unread, which is not the same as no match")
	}
	if a := x.Search(Query{Name: strings.Repeat("Arkady ", 400)}, SearchOptions{}); !a.Searched.Truncated {
		t.Error("a name that is cut must say so")
	}
}

// TestBoundedWork counts comparisons and touched names for hostile queries.
func TestBoundedWork(t *testing.T) {
	x := smallIndex(t)
	if testing.Short() {
		t.Log("small index")
	} else if s, err := corpusIndex(); err == nil {
		x = s
	}
	s := x.newScratch()
	const most = maxWords*(2*maxBucket+maxCompared+maxKey) + maxPostings
	for _, n := range []string{
		strings.Repeat("muhammad ali hasan ", 40), strings.Repeat("company trading limited ", 40), "a b c d e f g h i j k l m n o p q r s t u v w x y z",
		strings.Repeat("محمد علی ", 60), strings.Repeat("aleksandrovich sergeyevna ", 30), strings.Repeat("mohamadaliaa ahmadhasanee ", 30),
	} {
		vs, _ := readName(n)
		for _, v := range vs {
			x.gather(s, v.words)
			if s.work > most {
				t.Errorf("%.30q: %d units of work, bound %d", n, s.work, most)
			}
			if c := len(x.candidates(s)); c > maxVerified {
				t.Errorf("%.30q: %d names aligned", n, c)
			}
		}
	}
}

func TestDeterministic(t *testing.T) {
	es := listed()
	x := smallIndex(t)
	slices.Reverse(es)
	y, err := Build(es, Options{Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	q := Query{Name: "Arkady Volkhontsev", Country: "RU", Type: Person}
	for range 3 {
		a, _ := json.Marshal(x.Search(q, SearchOptions{}))
		b, _ := json.Marshal(y.Search(q, SearchOptions{}))
		if !bytes.Equal(a, b) {
			t.Fatalf("answers differ:\n%s\n%s", a, b)
		}
		a, _ = json.Marshal(x.Explain(q, "d:1"))
		b, _ = json.Marshal(y.Explain(q, "d:1"))
		if !bytes.Equal(a, b) {
			t.Fatalf("explanations differ:\n%s\n%s", a, b)
		}
	}
}

func TestWithEqualsBuild(t *testing.T) {
	es := listed()
	x, err := Build(es[:9], Options{})
	if err != nil {
		t.Fatal(err)
	}
	changed := es[8]
	changed.Names = append([]Name{{"Panos Drakopoulos", Alias}}, changed.Names...)
	y, err := x.With([]Entity{changed, es[9], es[10], es[11]}, []string{"d:2", "unknown"})
	if err != nil {
		t.Fatal(err)
	}
	want, err := Build([]Entity{es[0], es[2], es[3], es[4], es[5], es[6], es[7], changed, es[9], es[10], es[11]}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if y.Hash() != want.Hash() || y.Stats() != want.Stats() {
		t.Fatalf("With gives %+v, Build %+v", y.Stats(), want.Stats())
	}
	y = y.Recalibrated()
	for _, n := range []string{"Panos Drakopoulos", "Giorgi Mchedlidzauri", "Muhammad Qasim", "Ivan Petrov"} {
		a, b := y.Search(Query{Name: n}, SearchOptions{}), want.Search(Query{Name: n}, SearchOptions{})
		if !reflect.DeepEqual(a, b) {
			t.Errorf("%s: With gives %+v, Build %+v", n, a, b)
		}
	}
	if _, ok := x.Entity("d:2"); !ok {
		t.Error("the old index lost what only the new one lost")
	}
}

func TestBuildErrors(t *testing.T) {
	for _, es := range [][]Entity{
		{{ID: "", Names: []Name{{Text: "x"}}}},
		{{ID: "a"}},
		{{ID: "a", Names: []Name{{Text: "x"}}}, {ID: "a", Names: []Name{{Text: "y"}}}},
	} {
		if _, err := Build(es, Options{}); err == nil {
			t.Errorf("Build(%+v) says nothing", es)
		}
	}
	x, err := Build(nil, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if a := x.Search(Query{Name: "Ivan Petrov"}, SearchOptions{}); len(a.Hits) != 0 {
		t.Error("an empty index finds nothing")
	}
}

// TestExplanationCoversAnswer holds the explanation to the answer: the same
// score, and spans that lie in their texts on letter boundaries.
func TestExplanationCoversAnswer(t *testing.T) {
	x := smallIndex(t)
	for _, n := range []string{"Аркадий Тимофеевич Волхонцев", "محمد قاسم الزبيدي", "深圳好运通科技有限公司", "AO «Звездоградский приборостроительный завод» (ZPZ)", "Nu ri Industries", "김수광", "Mr Abdul-Rahman Volhontsev"} {
		q := Query{Name: n}
		answer, whys := x.Explained(q, SearchOptions{}, nil)
		if !reflect.DeepEqual(answer, x.Search(q, SearchOptions{})) {
			t.Errorf("%s: the answer with reasons is another", n)
		}
		for i, h := range answer.Hits {
			ex := x.Explain(q, h.EntityID)
			if !reflect.DeepEqual(ex, whys[i]) {
				t.Errorf("%s: the reasons differ:\n%+v\n%+v", n, ex, whys[i])
			}
			if ex.Score != h.Score || ex.Band != h.Band {
				t.Errorf("%s: explained %v %s, answered %v %s", n, ex.Score, ex.Band, h.Score, h.Band)
			}
			for _, al := range ex.Alignments {
				check := func(text string, s Span) {
					if s.Start < 0 || s.End > len(text) || s.Start > s.End || !utf8.ValidString(text[s.Start:s.End]) {
						t.Errorf("%s: span %+v does not lie in %q", n, s, text)
					}
				}
				for _, m := range al.Matches {
					for _, s := range m.Query {
						check(al.QueryText, s)
					}
					for _, s := range m.Listed {
						check(al.ListedText, s)
					}
				}
				for _, l := range al.QueryOver {
					check(al.QueryText, l.Span)
				}
				for _, l := range al.ListedOver {
					check(al.ListedText, l.Span)
				}
			}
		}
	}
}

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"Müller & Söhne":    "muller and sohne",
		"Щербаков О'Брайен": "shcherbakov obrayen",
		"北京大学":              "北京 京大 大学",
		"Tōkyō":             "tokyo",
		"علي":               "aly",
		"":                  "",
	} {
		if got := strings.Join(Fold(in), " "); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestNoSaturation: stronger agreement never gets the same score.
func TestNoSaturation(t *testing.T) {
	x := smallIndex(t)
	var last float64
	for _, n := range []string{"Volkhontzef", "Volkhontsev", "Arkady Volkhontsev", "Arkady Timofeyevich Volkhontsev"} {
		a := x.Search(Query{Name: n}, SearchOptions{Fields: FieldsName})
		if len(a.Hits) == 0 || a.Hits[0].EntityID != "d:1" || a.Hits[0].Score <= last {
			t.Fatalf("%s: %+v does not stand above %v", n, a.Hits, last)
		}
		last = a.Hits[0].Score
	}
}

func Example() {
	x, err := Build([]Entity{
		{
			ID: "demo:1", List: "demo", Type: Person, Births: []string{"1961-05-07"},
			Names: []Name{{Text: "VOLKHONTSEV, Arkady Timofeyevich", Kind: Primary}},
		},
		{
			ID: "demo:2", List: "demo", Type: Organisation,
			Names: []Name{{Text: "Zvezdograd Instrument Plant JSC", Kind: Primary}},
		},
	}, Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	q := Query{Name: "Аркадий Волхонцев", Birth: "1961"}
	for _, h := range x.Search(q, SearchOptions{}).Hits {
		fmt.Println(h.EntityID, h.Shown, h.Qualifies)
		for _, m := range x.Explain(q, h.EntityID).Alignments[0].Matches {
			fmt.Println(" ", m.How, m.As)
		}
	}
	// Output:
	// demo:1 VOLKHONTSEV, Arkady Timofeyevich [birth:agrees]
	//   same arkadiy = arkady
	//   same volkhontsev = volkhontsev
}
