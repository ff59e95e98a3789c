package screening_test

import (
	"strings"
	"testing"

	"github.com/comity-project/comity/screening"
)

// TestVariantsOfTheTenCasesInOtherScriptsAreFound lists the parties of the ten
// worked cases as one side writes them and asks for them as another does.
func TestVariantsOfTheTenCasesInOtherScriptsAreFound(t *testing.T) {
	var entities []screening.Entity
	cases := []struct {
		id, listed string
		asked      []string
	}{
		{"1 ministry", "Особый отдел Министерства внутренних дел Карсовии", []string{"Osobyi otdel Ministerstva vnutrennikh del Karsovii", "Special Department, Ministry of Internal Affairs of Karsovia", "Особий відділ Міністерства внутрішніх справ Карсовії"}},
		{"1 trader", "Delta Secure Trading FZC", []string{"ديلتا سيكيور للتجارة", "Дельта Секьюр Трейдинг"}},
		{"2 service", "جهاز الأمن الوطني في بلمار", []string{"Jihaz al-Amn al-Watani fi Belmar", "Джихаз аль-Амн аль-Ватани фи Бельмар"}},
		{"2 operator", "BelmarTel", []string{"БелмарТел", "بلمارتل", "Μπελμαρτέλ"}},
		{"3 provider", "Tembuka Telecom National", []string{"Тембука Телеком Насьональ", "تمبوكا تيليكوم", "Télécom national de Tembuka"}},
		{"4 police", "Αστυνομία της πόλης της Οστρίας", []string{"Astynomia tis polis tis Ostrias", "Астиномия тис полис тис Остриас"}},
		{"5 prosecutor", "Prosecutor General of Belmar", []string{"Генеральный прокурор Бельмара"}},
		{"6 gendarmerie", "Gendarmerie de Tembuka", []string{"Жандармерия Тембуки", "Жандармери де Тембука"}},
		{"7 ministry", "Министерство юстиции Карсовии", []string{"Ministry of Justice of Karsovia", "Ministerstvo yustitsii Karsovii"}},
		{"8 guard", "Συνοριακή Φρουρά Οστρίας", []string{"Synoriaki Froura Ostrias"}},
		{"9 institute", "上桑达法医研究所", []string{"上桑達法醫研究所", "上桑达 法医研究所"}},
		{"9 front", "Sanda Bio-Fournitures SARL", []string{"Санда Био-Фурнитюр", "ساندا بيو فورنيتور"}},
		{"10 person", "Верислав Кельдров", []string{"Verislav Keldrov", "Wierislaw Kieldrow"}},
	}
	for _, c := range cases {
		entities = append(entities, screening.Entity{ID: c.id, List: "cases", Names: []screening.Name{{Text: c.listed, Kind: screening.Primary}}})
	}
	x, err := screening.Build(entities, screening.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		for _, name := range c.asked {
			hits := x.Search(screening.Query{Name: name}, screening.SearchOptions{}).Hits
			if len(hits) == 0 || hits[0].EntityID != c.id || hits[0].Band == screening.Weakly {
				t.Errorf("%s: %s is not found as %s: %+v", c.id, name, c.listed, hits)
			}
		}
	}
}

// TestNamesWrittenOtherwise asks for parties as other hands write them: Mandarin
// syllables apart or together, a Slavic v in Arabic letters, a name in kanji
// that the list has as well.
func TestNamesWrittenOtherwise(t *testing.T) {
	listed := map[string][]string{
		"a": {"WANG Xueliang"},
		"b": {"Xi'an Hengtong Instruments Co., Ltd."},
		"c": {"Hua Rui Precision"},
		"d": {"Verkhovtsev, Vyacheslav"},
		"e": {"Tsukishiro Heavy Industries", "月城重工業株式会社"},
		"f": {"Xue Ying"}, // with g, each syllable of a is known
		"g": {"Liang Tao"},
	}
	var entities []screening.Entity
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		e := screening.Entity{ID: id, List: "demo"}
		for _, n := range listed[id] {
			e.Names = append(e.Names, screening.Name{Text: n, Kind: screening.Alias})
		}
		entities = append(entities, e)
	}
	x, err := screening.Build(entities, screening.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, want string }{
		{"Wang Xue Liang", "a"},
		{"Wang Xue-Liang", "a"},
		{"Wang Xueliang", "a"},
		{"王雪亮", "a"},
		{"Xian Hengtong Instruments", "b"},
		{"Xi An Heng Tong Instruments", "b"},
		{"Xi’an Hengtong", "b"},
		{"Huarui Precision", "c"},
		{"Hua-Rui Precision", "c"},
		{"فياتشيسلاف فيرخوفتسيف", "d"},
		{"ڤياتشيسلاڤ ڤيرخوڤتسيف", "d"},
		{"وياتشسلاو ورخوتسف", "d"},
		{"月城重工業", "e"},
		{"月城重工業(株)", "e"},
	} {
		hits := x.Search(screening.Query{Name: c.name}, screening.SearchOptions{}).Hits
		if len(hits) == 0 || hits[0].EntityID != c.want || hits[0].Band == screening.Weakly {
			t.Errorf("%s: %+v, want %s", c.name, hits, c.want)
			continue
		}
		if e := x.Explain(screening.Query{Name: c.name}, c.want); len(e.Alignments) == 0 || len(e.Alignments[0].Matches) == 0 {
			t.Errorf("%s: found, and no word is said to agree: %+v", c.name, e.Alignments)
		}
	}
	// The name of one person is not that of others who share a part of it.
	for _, name := range []string{"Wang Xue", "Wang Xuemei"} {
		for _, h := range x.Search(screening.Query{Name: name}, screening.SearchOptions{}).Hits {
			if h.Band == screening.Strong {
				t.Errorf("%s: %+v", name, h)
			}
		}
	}
}

// A name that the source itself calls weak counts for less than the same name
// given without doubt, and the explanation says why.
func TestAWeakAliasCountsForLess(t *testing.T) {
	of := func(kind screening.NameKind) screening.Hit {
		x, err := screening.Build([]screening.Entity{
			{ID: "a", List: "demo", Names: []screening.Name{{Text: "Oleksandr Hryhorenko", Kind: screening.Primary}, {Text: "Zorvathian Beltrovic", Kind: kind}}},
			{ID: "b", List: "demo", Names: []screening.Name{{Text: "Mirela Kostandine", Kind: screening.Primary}}},
		}, screening.Options{})
		if err != nil {
			t.Fatal(err)
		}
		q := screening.Query{Name: "Zorvathian Beltrovic"}
		hits := x.Search(q, screening.SearchOptions{}).Hits
		if len(hits) != 1 || hits[0].EntityID != "a" {
			t.Fatalf("%s: %+v", kind, hits)
		}
		notes := strings.Join(x.Explain(q, "a").Notes, " ")
		for _, a := range x.Explain(q, "a").Alignments {
			notes += strings.Join(a.Notes, " ")
		}
		if said := strings.Contains(notes, "calls this alias weak"); said != (kind == screening.Weak) {
			t.Errorf("%s: %q", kind, notes)
		}
		return hits[0]
	}
	if weak, sure := of(screening.Weak), of(screening.Alias); weak.Score >= sure.Score {
		t.Errorf("a weak alias scores %v, a sure one %v", weak.Score, sure.Score)
	}
}
