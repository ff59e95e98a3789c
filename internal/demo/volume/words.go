package volume

import "github.com/comity-project/comity/internal/party"

// Made-up words, and the countries that party knows.
var (
	countries  = party.Countries()
	firstNames = []string{"Brannvik", "Solheim", "Ostergaard", "Halvari", "Lindmark", "Tormod", "Viken", "Askeland", "Fjellnes", "Mortvedt", "Karsov", "Delmar", "Oriel", "Tembe", "Vash", "Narwin", "Quell", "Sorrin", "Ulvik", "Zarem"}
	trades     = []string{"Logistics", "Optics", "Radio", "Systems", "Software", "Works", "Forwarding", "Security", "Networks", "Instruments"}
	bodies     = []string{"Ministry of Interior", "State Police", "Border Guard", "Prosecutor General", "Telecom Authority", "National University", "City Hospital", "Broadcasting House"}
	given      = []string{"Mira", "Orest", "Ada", "Tomas", "Leila", "Ivo", "Noor", "Petra", "Samir", "Hana", "Yusuf", "Elin"}
	scripts    = []struct{ text, script, latin string }{
		{"Міністерство внутрішніх справ", "Cyrl", "Ministerstvo vnutrishnikh sprav"},
		{"وزارة الداخلية", "Arab", "Wizarat al-dakhiliya"},
		{"内务部", "Hani", "Neiwu bu"},
	}
)

// product is something that is applied for.
type product struct {
	category, words, code string
	grave                 bool // misuse of severity 4 and more
}

var products = []product{
	{"encryption", "Gateway that encrypts the traffic between two sites", "5A002.a", false},
	{"security_research", "Tool that finds holes in one's own programs", "", false},
	{"thermal_night", "Uncooled thermal camera core with lens", "6A003.b.4", false},
	{"data_retention", "Store for call records with search", "", false},
	{"ai_compute", "Board with accelerators for computing centres", "4A003.b", false},
	{"imsi_catcher", "Vehicle unit that identifies mobile phones", "5A001.f.2", true},
	{"lawful_interception", "Gateway for measures ordered by a court", "5D001.e", true},
	{"forensics", "Station that reads out seized phones", "5A004.b", true},
}
