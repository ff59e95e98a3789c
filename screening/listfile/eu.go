package listfile

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/comity-project/comity/screening"
	"github.com/comity-project/comity/screening/listfile/country"
)

// euColumns are the columns that both kinds of files share.
var euColumns = strings.Split("recordId,programKey,annex,measure,startDate,reason,schema,name,alias,weakAlias,previousName,"+
	"country,nationality,jurisdiction,birthDate,birthPlace,position,passportNumber,gender,appearance,ethnicity,fatherName,"+
	"motherName,incorporationDate,legalForm,sector,registrationNumber,taxNumber,idNumber,innCode,ogrnCode,kppCode,okpoCode,"+
	"leiCode,swiftBic,ticker,imoNumber,mmsi,flag,address,phone,email,website,notes", ",")

// euIDs map columns to kinds of identifiers.
var euIDs = []struct{ column, kind string }{
	{"passportNumber", "passport"},
	{"idNumber", "national"},
	{"registrationNumber", "registration"},
	{"taxNumber", "tax"},
	{"innCode", "tax"},
	{"ogrnCode", "registration"},
	{"kppCode", "registration"},
	{"okpoCode", "registration"},
	{"leiCode", "lei"},
	{"swiftBic", "swift"},
	{"imoNumber", "imo"},
	{"mmsi", "mmsi"},
}

// ReadEU reads annexes of acts of the European Union, transcribed to CSV: any
// number of consolidated files and of amendments. A row is one party in one
// legal context; rows of one party under one act become one entity, whose
// Program names all measures. An amendment adds to the act that it amends.
//
// The columns on a person's looks, ethnicity, gender and parents are never
// read: they are no ground for a match.
func ReadEU(files []File, lim Limits) (Result, error) {
	b := newBuilder()
	if len(files) == 0 {
		return Result{}, &Error{Kind: Structure, File: "list", Problem: "there is no file", Todo: "give at least one"}
	}
	for _, f := range files {
		if err := b.readEUFile(f, lim); err != nil {
			return Result{}, err
		}
	}
	return b.finish(), nil
}

func (b *builder) readEUFile(f File, lim Limits) error {
	c, err := openCSV(f, lim, 0)
	if err != nil {
		return err
	}
	unknown, err := c.readHeader(euColumns, true)
	if err != nil {
		return err
	}
	act := ""
	for _, u := range unknown {
		switch u {
		case "celex", "amendedCelex":
			act = u
		case "amendmentCelex":
		default:
			return c.in.fault(Structure, 1, c.columnOf(u), fmt.Sprintf("the column %q is not known", u), "its form has changed: tell the keeper of the list")
		}
	}
	if act == "" {
		return c.in.fault(Structure, 1, 1, "there is neither a column celex nor amendedCelex", "this is another kind of file")
	}
	for {
		if _, err := c.next(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		b.res.Counts.Rows++
		if err := b.addEU(c, c.get(act)); err != nil {
			return err
		}
	}
}

func (b *builder) addEU(c *rows, act string) error {
	name, schema := c.get("name"), c.get("schema")
	if name == "" || act == "" {
		return c.fault(Value, 0, "the row has no name or no act", fetchAgain)
	}
	id := "eu:" + idPart(act) + ":" + digest(schema, c.get("recordId"), name)
	e := b.get(id)
	if e == nil {
		fresh := screening.Entity{ID: id, List: "EU"}
		switch schema {
		case "Person":
			fresh.Type = screening.Person
		case "LegalEntity", "Organization", "Company":
			fresh.Type = screening.Organisation
		case "Vessel":
			fresh.Type = screening.Vessel
		case "Asset":
		default:
			return c.fault(Value, c.header["schema"], fmt.Sprintf("%q is no known kind of party", schema), "its form has changed: tell the keeper of the list")
		}
		addName(&fresh, name, screening.Primary)
		fresh.Listed = day(c.get("startDate"))
		e = b.add(fresh)
	}
	program := oneLine(c.get("programKey") + ": " + c.get("measure"))
	if !strings.Contains("; "+e.Program+"; ", "; "+program+"; ") {
		e.Program = strings.TrimPrefix(e.Program+"; "+program, "; ")
	}
	cells := map[string][]string{}
	for _, column := range euColumns[8:] {
		values, err := list(c.get(column))
		if err != nil {
			return c.fault(Syntax, c.header[column], fmt.Sprintf("the cell %q can't be split at its semicolons", column), fetchAgain)
		}
		cells[column] = values
	}
	for _, n := range []struct {
		column string
		kind   screening.NameKind
	}{{"alias", screening.Alias}, {"weakAlias", screening.Weak}, {"previousName", screening.Former}} {
		for _, text := range cells[n.column] {
			addName(e, text, n.kind)
		}
	}
	for _, text := range cells["birthDate"] {
		addText(&e.Births, births(text)...)
	}
	for _, column := range []string{"nationality", "jurisdiction", "flag", "country"} {
		for _, text := range cells[column] {
			b.addCountry(e, text)
		}
	}
	for _, i := range euIDs {
		for _, text := range cells[i.column] {
			value, issuer := issued(text)
			addID(e, screening.Ident{Kind: i.kind, Value: value, Country: issuer})
		}
	}
	addText(&e.Addresses, cells["address"]...)
	if r := sentences("", strings.Join(cells["position"], "; "), "", c.get("reason"), "", strings.Join(cells["notes"], "; ")); r != "" && !strings.Contains(e.Remarks, r) {
		e.Remarks = strings.TrimPrefix(e.Remarks+" | "+r, " | ")
	}
	return nil
}

// issued takes the words in brackets from the end of a number: "123456
// (Ruritania)", "9144... (USCC)". Where they hold a country, it is the issuer.
func issued(text string) (value, issuer string) {
	i := strings.LastIndexByte(text, '(')
	if i <= 0 || !strings.HasSuffix(text, ")") {
		return text, ""
	}
	return strings.TrimSpace(text[:i]), country.Code(text[i+1 : len(text)-1])
}

// list splits a cell at semicolons; a value that holds one is quoted.
func list(cell string) ([]string, error) {
	if cell == "" {
		return nil, nil
	}
	if !strings.Contains(cell, `"`) {
		var out []string
		for v := range strings.SplitSeq(cell, ";") {
			if v = strings.TrimSpace(v); v != "" {
				out = append(out, v)
			}
		}
		return out, nil
	}
	r := csv.NewReader(strings.NewReader(cell))
	r.Comma, r.TrimLeadingSpace = ';', true
	r.LazyQuotes = false
	return r.Read()
}
