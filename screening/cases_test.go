package screening_test

import (
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
