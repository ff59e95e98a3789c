package listfile

import (
	"regexp"
	"strings"

	"github.com/comity-project/comity/screening"
	"github.com/comity-project/comity/screening/listfile/country"
)

// The remarks of the OFAC list are clauses with semicolons between them:
//
//	DOB 07 Oct 1954; alt. DOB 1955; POB ...; nationality Egypt; Passport A123 (Egypt) issued 1999; a.k.a. 'X'.
//
// Each clause that says a birth date, a country, a weak alias or a number is
// read; every other one is for people. The whole text is kept.

// labels map the words before a number to the kind of identifier, longest
// first where one begins another. A label that is absent here is no identifier
// of a party (telephone numbers, wallets of digital currency, articles of law).
var labels = []struct{ words, kind string }{
	{"Vessel Registration Identification IMO", "imo"},
	{"Identification Number IMO", "imo"},
	{"Company Number IMO", "imo"},
	{"International Maritime Organization No.", "imo"},
	{"IMO", "imo"},
	{"MMSI", "mmsi"},
	{"Maritime Mobile Service Identity", "mmsi"},
	{"SWIFT/BIC", "swift"},
	{"Legal Entity Number", "lei"},
	{"LE Number", "lei"},
	{"Diplomatic Passport", "passport"},
	{"British National Overseas Passport", "passport"},
	{"Stateless Person Passport", "passport"},
	{"Passport", "passport"},
	{"Travel Document Number", "passport"},
	{"Tax ID No.", "tax"},
	{"NIT #", "tax"},
	{"RUC #", "tax"},
	{"RIF #", "tax"},
	{"R.F.C. #", "tax"},
	{"R.F.C.", "tax"},
	{"RFC", "tax"},
	{"V.A.T. Number", "tax"},
	{"Italian Fiscal Code", "tax"},
	{"Fiscal Code", "tax"},
	{"C.U.I.T.", "tax"},
	{"RTN", "tax"},
	{"C.I.F.", "tax"},
	{"National ID No.", "national"},
	{"National Foreign ID Number", "national"},
	{"Cedula No.", "national"},
	{"Personal ID Card", "national"},
	{"C.U.R.P. #", "national"},
	{"C.U.R.P.", "national"},
	{"D.N.I.", "national"},
	{"Citizen's Card Number", "national"},
	{"SSN", "national"},
	{"Turkish Identification Number", "national"},
	{"Kenyan ID No.", "national"},
	{"Residency Number", "national"},
	{"Identification Number", "national"},
	{"Tazkira National ID Card", "national"},
	{"Bosnian Personal ID No.", "national"},
	{"Stateless Person ID Card", "national"},
	{"Refugee ID Card", "national"},
	{"Birth Certificate Number", "national"},
	{"Electoral Registry No.", "national"},
	{"Driver's License No.", "national"},
	{"Business Registration Document #", "registration"},
	{"Business Registration Number", "registration"},
	{"Business Number", "registration"},
	{"Registration Number", "registration"},
	{"Registration ID", "registration"},
	{"Government Gazette Number", "registration"},
	{"Folio Mercantil No.", "registration"},
	{"Commercial Registry Number", "registration"},
	{"Public Registration Number", "registration"},
	{"UK Company Number", "registration"},
	{"Company Number", "registration"},
	{"C.R. No.", "registration"},
	{"Trade License No.", "registration"},
	{"Chamber of Commerce Number", "registration"},
	{"Istanbul Chamber of Comm. No.", "registration"},
	{"Dubai Chamber of Commerce Membership No.", "registration"},
	{"Central Registration System Number", "registration"},
	{"D-U-N-S Number", "registration"},
	{"Enterprise Number", "registration"},
	{"Chinese Commercial Code", "registration"},
	{"Unified Social Credit Code (USCC)", "registration"},
	{"Unified Social Credit Code", "registration"},
	{"Economic Register Number (CBLS)", "registration"},
	{"Certificate of Incorporation Number", "registration"},
	{"Organization Code", "registration"},
	{"Branch Unit Number", "registration"},
	{"Registered Charity No.", "registration"},
	{"Matricula Mercantil No", "registration"},
	{"Previous Aircraft Tail Number", "other"},
	{"Aircraft Tail Number", "other"},
	{"Aircraft Mode S Transponder Code", "other"},
	{"Aircraft Manufacturer's Serial Number (MSN)", "other"},
	{"Aircraft Construction Number (also called L/N or S/N or F/N)", "other"},
	{"License", "other"},
	{"Permit Number", "other"},
	{"File Number", "other"},
	{"VisaNumberID", "other"},
}

var (
	number   = regexp.MustCompile(`^[:#]? ?([A-Z0-9][^\s;]*(?: [0-9][^\s;()]*)*)(?: ?\(([^)]*)\))?`)
	quoted   = regexp.MustCompile(`^'([^']*(?:'[^';,. ][^']*)*)'`)
	listedOn = regexp.MustCompile(`^Listing Date[^:]*: (.+)$`)
)

// readRemarks takes what can be compared out of the prose.
func readRemarks(b *builder, e *screening.Entity, text string) {
	e.Remarks = oneLine(text)
	before, after, isTorn := strings.Cut(text, torn)
	parts := strings.Split(before, ";")
	if isTorn {
		// The clause that begins behind the tear has lost its first words.
		if _, rest, ok := strings.Cut(after, ";"); ok {
			parts = append(parts, strings.Split(rest, ";")...)
		}
	}
	for _, clause := range parts {
		clause = strings.TrimSuffix(strings.TrimSpace(clause), ".")
		clause = strings.TrimPrefix(strings.TrimPrefix(clause, "("), "alt. ")
		readClause(b, e, clause)
	}
}

func readClause(b *builder, e *screening.Entity, clause string) {
	switch {
	case clause == "":
	case strings.HasPrefix(clause, "DOB "):
		addText(&e.Births, births(clause)...)
	case strings.HasPrefix(clause, "nationality "):
		b.addCountry(e, strings.TrimPrefix(clause, "nationality "))
	case strings.HasPrefix(clause, "citizen "):
		b.addCountry(e, strings.TrimPrefix(clause, "citizen "))
	case strings.HasPrefix(clause, "a.k.a. "):
		if m := quoted.FindStringSubmatch(strings.TrimPrefix(clause, "a.k.a. ")); m != nil {
			addName(e, m[1], screening.Weak)
		}
	case strings.HasPrefix(clause, "f.k.a. "):
		if m := quoted.FindStringSubmatch(strings.TrimPrefix(clause, "f.k.a. ")); m != nil {
			addName(e, m[1], screening.Former)
		}
	case strings.HasPrefix(clause, "Listing Date"):
		if m := listedOn.FindStringSubmatch(clause); m != nil && e.Listed == "" {
			e.Listed = day(m[1])
		}
	default:
		readNumber(e, clause)
	}
}

// withoutWords takes words from before a number: "Booklet A5250088", "Russian
// foreign travel passport number 620169661". Text without a digit stays.
func withoutWords(text string) string {
	words := strings.Fields(text)
	for i, w := range words {
		if strings.ContainsAny(w, "0123456789") || len(w) < 3 {
			return strings.Join(words[i:], " ")
		}
	}
	return strings.Join(words, " ")
}

// readNumber reads "Label NUMBER (Country) issued ...". The country is the
// issuer's only where the brackets hold one.
func readNumber(e *screening.Entity, clause string) {
	for _, l := range labels {
		rest, ok := strings.CutPrefix(clause, l.words)
		if !ok || rest == "" || (rest[0] != ' ' && rest[0] != ':' && l.words[len(l.words)-1] != '#') {
			continue
		}
		m := number.FindStringSubmatch(withoutWords(rest))
		if m == nil {
			continue
		}
		value := strings.Trim(m[1], ",.")
		if l.kind == "imo" {
			value = strings.TrimSpace(strings.TrimPrefix(value, "IMO"))
		}
		if !strings.ContainsAny(value, "0123456789") && l.kind != "swift" {
			return // words, and no number
		}
		addID(e, screening.Ident{Kind: l.kind, Value: value, Country: country.Code(m[2])})
		return
	}
}
