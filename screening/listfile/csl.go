package listfile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/comity-project/comity/screening"
)

// ReadConsolidated reads the consolidated screening list of the United States
// from JSON. Two forms are known: the publisher's own, with all entries under
// "results", and a compact one with "entries" and tables of repeated texts.
//
// Entries of the Treasury have a number, on which their id rests; those of
// Commerce and State have none, and their id rests on list and name.
func ReadConsolidated(f File, lim Limits) (Result, error) {
	j, err := openJSON(f, lim)
	if err != nil {
		return Result{}, err
	}
	b, tables, found := newBuilder(), cslTables{}, false
	err = j.members(func(name string) error {
		switch name {
		case "tables":
			return j.value(&tables)
		case "entries":
			found = true
			return j.each(func() error { return b.compactEntry(j, tables) })
		case "results":
			found = true
			return j.each(func() error { return b.fullEntry(j) })
		case "sourceGeneratedAt":
			var at string
			if err := j.value(&at); err != nil {
				return err
			}
			b.res.Published = day(strings.SplitN(at, "T", 2)[0])
			return nil
		}
		return j.skip()
	})
	if err != nil {
		return Result{}, err
	}
	if err := j.end(); err != nil {
		return Result{}, err
	}
	if !found {
		return Result{}, j.in.fault(Structure, 1, 1, `the file has neither "results" nor "entries"`, "this is another kind of file, or its form has changed: tell the keeper of the list")
	}
	return b.finish(), nil
}

// cslTables are the repeated texts of the compact form.
type cslTables struct {
	Sources      []string `json:"sources"`
	Requirements []string `json:"licenceRequirements"`
	Policies     []string `json:"licencePolicies"`
	Programmes   []string `json:"programmes"`
	URLs         []string `json:"urls"`
}

type compactRow struct {
	Name        string                    `json:"n"`
	Aliases     []string                  `json:"a"`
	Source      int                       `json:"s"`
	Type        string                    `json:"t"`
	Countries   []string                  `json:"c"`
	Number      string                    `json:"e"`
	Requirement *int                      `json:"lr"`
	Policy      *int                      `json:"lp"`
	Programme   *int                      `json:"pg"`
	Notice      string                    `json:"fr"`
	URL         *int                      `json:"u"`
	Others      map[string]jsontext.Value `json:",inline"`
}

func (b *builder) compactEntry(j *jsonReader, t cslTables) error {
	if err := j.row(); err != nil {
		return err
	}
	var r compactRow
	if err := j.value(&r); err != nil {
		return err
	}
	var bad error
	at := func(list []string, i *int, what string) string {
		if i == nil {
			return ""
		}
		if *i < 0 || *i >= len(list) {
			bad = j.fault(Value, fmt.Sprintf("%q points to %s %d of %d", r.Name, what, *i, len(list)), fetchAgain)
			return ""
		}
		return list[*i]
	}
	full := fullRow{
		Source: at(t.Sources, &r.Source, "source"), Number: r.Number, Type: r.Type, Name: r.Name, Aliases: r.Aliases,
		Requirement: at(t.Requirements, r.Requirement, "licence requirement"), Policy: at(t.Policies, r.Policy, "licence policy"),
		Notice: r.Notice, Page: at(t.URLs, r.URL, "address"), Others: r.Others,
	}
	if p := at(t.Programmes, r.Programme, "programme"); p != "" {
		full.Programs = []string{p}
	}
	for _, c := range r.Countries {
		full.Addresses = append(full.Addresses, cslAddress{Country: c})
	}
	if bad != nil {
		return bad
	}
	return b.addCSL(j, full)
}

// fullRow is an entry in the publisher's form.
type fullRow struct {
	ID            string                    `json:"id"`
	Source        string                    `json:"source"`
	Number        string                    `json:"entity_number"`
	Type          string                    `json:"type"`
	Programs      []string                  `json:"programs"`
	Name          string                    `json:"name"`
	Title         string                    `json:"title"`
	Addresses     []cslAddress              `json:"addresses"`
	Notice        string                    `json:"federal_register_notice"`
	Start         string                    `json:"start_date"`
	End           string                    `json:"end_date"`
	Requirement   string                    `json:"license_requirement"`
	Policy        string                    `json:"license_policy"`
	CallSign      string                    `json:"call_sign"`
	Flag          string                    `json:"vessel_flag"`
	Remarks       string                    `json:"remarks"`
	Page          string                    `json:"source_list_url"`
	Information   string                    `json:"source_information_url"`
	Aliases       []string                  `json:"alt_names"`
	Citizenships  []string                  `json:"citizenships"`
	Nationalities []string                  `json:"nationalities"`
	Births        []string                  `json:"dates_of_birth"`
	IDs           []cslIdent                `json:"ids"`
	Others        map[string]jsontext.Value `json:",inline"`
}

type cslAddress struct {
	Address string `json:"address"`
	City    string `json:"city"`
	State   string `json:"state"`
	Postal  string `json:"postal_code"`
	Country string `json:"country"`
}

type cslIdent struct {
	Type    string `json:"type"`
	Number  string `json:"number"`
	Country string `json:"country"`
}

// known fields of the publisher that screening has no use for.
var cslUnneeded = map[string]bool{
	"places_of_birth": true, "standard_order": true, "gross_registered_tonnage": true, "gross_tonnage": true,
	"vessel_owner": true, "vessel_type": true, "country": true,
}

func (b *builder) fullEntry(j *jsonReader) error {
	if err := j.row(); err != nil {
		return err
	}
	var r fullRow
	if err := j.value(&r); err != nil {
		return err
	}
	return b.addCSL(j, r)
}

var listCode = regexp.MustCompile(`\(([A-Za-z-]+)(?: List)?\)`)

func (b *builder) addCSL(j *jsonReader, r fullRow) error {
	if oneLine(r.Name) == "" {
		return j.fault(Value, "an entry has no name", fetchAgain)
	}
	code := oneLine(r.Source)
	if m := listCode.FindStringSubmatch(r.Source); m != nil {
		code = strings.ToUpper(m[1])
	}
	if code == "" {
		return j.fault(Value, fmt.Sprintf("%q names no list", r.Name), fetchAgain)
	}
	code = idPart(code)
	key := idPart(r.Number)
	if key == "" {
		key = digest(r.Name)
	}
	e := screening.Entity{
		ID: b.free("csl:" + code + ":" + key), List: code, Program: strings.Join(r.Programs, "; "),
		Listed: day(r.Start), URL: r.Information,
	}
	if e.URL == "" {
		e.URL = r.Page
	}
	switch strings.ToLower(r.Type) {
	case "individual":
		e.Type = screening.Person
	case "entity":
		e.Type = screening.Organisation
	case "vessel":
		e.Type = screening.Vessel
	case "aircraft":
		e.Type = screening.Aircraft
	case "":
	default:
		return j.fault(Value, fmt.Sprintf("%q is no known type", r.Type), "its form has changed: tell the keeper of the list")
	}
	addName(&e, r.Name, screening.Primary)
	for _, a := range r.Aliases {
		addName(&e, a, screening.Alias)
	}
	for _, d := range r.Births {
		addText(&e.Births, births(d)...)
	}
	for _, c := range append(append(r.Nationalities, r.Citizenships...), r.Flag) {
		b.addCountry(&e, c)
	}
	for _, a := range r.Addresses {
		b.addCountry(&e, a.Country)
		if text := joined(a.Address, a.City, a.State, a.Postal); text != "" {
			addText(&e.Addresses, joined(text, a.Country))
		}
	}
	for _, id := range r.IDs {
		b.addTyped(&e, id)
	}
	if r.CallSign != "" {
		addID(&e, screening.Ident{Kind: "other", Value: r.CallSign})
	}
	e.Remarks = sentences(
		"", r.Title, "", r.Remarks, "Licence requirement: ", r.Requirement, "Licence policy: ", r.Policy,
		"Notice: ", r.Notice, "Ends: ", r.End)
	for _, name := range slices.Sorted(maps.Keys(r.Others)) {
		if !cslUnneeded[name] {
			b.res.Counts.UnreadFields[name]++
		}
	}
	b.res.Counts.Rows++
	b.add(e)
	return nil
}

// addTyped reads an identifier whose kind is told in words, as in the remarks.
func (b *builder) addTyped(e *screening.Entity, id cslIdent) {
	before := len(e.IDs)
	readNumber(e, strings.TrimSpace(id.Type)+" "+id.Number+" ("+id.Country+")")
	if len(e.IDs) == before && !notIdentifying(id.Type) {
		var codes []string
		if id.Country != "" {
			var holder screening.Entity
			b.addCountry(&holder, id.Country)
			codes = holder.Countries
		}
		addID(e, screening.Ident{Kind: "other", Value: id.Number, Country: strings.Join(codes[:min(1, len(codes))], "")})
	}
}

// notIdentifying tells the rows that a publisher keeps among identifiers though
// they identify nobody.
func notIdentifying(kind string) bool {
	kind = strings.ToLower(kind)
	for _, word := range []string{"gender", "sanctions", "executive order", "website", "email", "phone", "fax", "target type", "organization type", "established", "currency"} {
		if strings.Contains(kind, word) {
			return true
		}
	}
	return false
}

// sentences joins labelled texts: label, text, label, text ...
func sentences(pairs ...string) string {
	var out []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if text := oneLine(pairs[i+1]); text != "" {
			out = append(out, pairs[i]+text)
		}
	}
	return strings.Join(out, " | ")
}

// digest is a short, stable stand-in for a number that the source does not give.
func digest(parts ...string) string {
	for i, p := range parts {
		parts[i] = strings.ToLower(oneLine(p))
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:6])
}

// idPart keeps what may stand in an id and turns the rest into hyphens.
func idPart(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return '-'
	}, oneLine(s))
}

// free makes an id unique in the list: the second of one name becomes "...-2".
func (b *builder) free(id string) string {
	if b.get(id) == nil {
		return id
	}
	for n := 2; ; n++ {
		next := fmt.Sprintf("%s-%d", id, n)
		if b.get(next) == nil {
			return next
		}
	}
}
