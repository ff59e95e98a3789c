package screening

import "strings"

// countryCode reads an ISO alpha-2 code, or an English name or adjective of a
// country, as a code; "" where it can't tell.
func countryCode(s string) string {
	s = strings.TrimSpace(s)
	if len(s) == 2 {
		return strings.ToUpper(s)
	}
	return countryNames[strings.ToLower(s)]
}

var countryNames = func() map[string]string {
	m := map[string]string{}
	for line := range strings.Lines(countryList) {
		code, names, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		for n := range strings.SplitSeq(names, ",") {
			m[strings.TrimSpace(n)] = code
		}
	}
	return m
}()

// countryList holds names and adjectives in lower case.
const countryList = `AF afghanistan, afghan
AL albania, albanian
DZ algeria, algerian
AO angola, angolan
AR argentina, argentinian, argentine
AM armenia, armenian
AU australia, australian
AT austria, austrian
AZ azerbaijan, azerbaijani
BH bahrain, bahraini
BD bangladesh, bangladeshi
BY belarus, belarusian
BE belgium, belgian
BA bosnia and herzegovina, bosnian, bosnia
BR brazil, brazilian
BG bulgaria, bulgarian
MM myanmar, burma, burmese, myanmar/burma
KH cambodia, cambodian
CM cameroon, cameroonian
CA canada, canadian
CF central african republic, central african
TD chad, chadian
CN china, chinese, people's republic of china
CO colombia, colombian
CD democratic republic of the congo, congolese, drc
HR croatia, croatian
CU cuba, cuban
CY cyprus, cypriot
CZ czechia, czech republic, czech
DK denmark, danish
EG egypt, egyptian
ER eritrea, eritrean
EE estonia, estonian
ET ethiopia, ethiopian
FI finland, finnish
FR france, french
GE georgia, georgian
DE germany, german
GR greece, greek
HT haiti, haitian
HK hong kong
HU hungary, hungarian
IN india, indian
ID indonesia, indonesian
IR iran, iranian, islamic republic of iran
IQ iraq, iraqi
IE ireland, irish
IL israel, israeli
IT italy, italian
JP japan, japanese
JO jordan, jordanian
KZ kazakhstan, kazakh, kazakhstani
KE kenya, kenyan
KP dprk, north korea, north korean, democratic people's republic of korea
KR south korea, south korean, republic of korea
XK kosovo, kosovar
KW kuwait, kuwaiti
KG kyrgyzstan, kyrgyz
LV latvia, latvian
LB lebanon, lebanese
LY libya, libyan
LT lithuania, lithuanian
MY malaysia, malaysian
ML mali, malian
MT malta, maltese
MR mauritania, mauritanian
MX mexico, mexican
MD moldova, moldovan
ME montenegro, montenegrin
MA morocco, moroccan
NL netherlands, dutch, the netherlands
NI nicaragua, nicaraguan
NG nigeria, nigerian
NO norway, norwegian
OM oman, omani
PK pakistan, pakistani
PS palestine, palestinian
PA panama, panamanian
PH philippines, filipino, philippine
PL poland, polish
PT portugal, portuguese
QA qatar, qatari
RO romania, romanian
RU russia, russian, russian federation
RW rwanda, rwandan
SA saudi arabia, saudi, saudi arabian
RS serbia, serbian
SG singapore, singaporean
SK slovakia, slovak
SI slovenia, slovenian
SO somalia, somali
ZA south africa, south african
SS south sudan, south sudanese
ES spain, spanish
LK sri lanka, sri lankan
SD sudan, sudanese
SE sweden, swedish
CH switzerland, swiss
SY syria, syrian, syrian arab republic
TW taiwan, taiwanese
TJ tajikistan, tajik
TH thailand, thai
TN tunisia, tunisian
TR turkey, turkish, turkiye
TM turkmenistan, turkmen
UG uganda, ugandan
UA ukraine, ukrainian
AE united arab emirates, emirati, uae
GB united kingdom, british, uk, great britain
US united states, american, united states of america, usa
UZ uzbekistan, uzbek
VE venezuela, venezuelan
VN vietnam, vietnamese
YE yemen, yemeni
ZW zimbabwe, zimbabwean
`
