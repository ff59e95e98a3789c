package listfile

import (
	"fmt"
	"io"
	"path"
	"strings"

	"github.com/comity-project/comity/screening"
	"github.com/comity-project/comity/screening/listfile/country"
)

// OFACFiles are the four files of the OFAC list. SDN is needed; the others may
// be absent, for instance when only one of them could be fetched.
type OFACFiles struct {
	SDN      File // SDN.CSV: one row for each entity
	ALT      File // ALT.CSV: aliases
	ADD      File // ADD.CSV: addresses
	Comments File // SDN_COMMENTS.CSV: what did not fit into the remarks
}

// ReadOFAC reads the OFAC list. None of its files has a header; "-0-" is an
// empty cell. Birth dates, nationalities, identifiers and weak aliases stand as
// prose in the remarks and are taken from there; the remarks are kept as well.
//
// The files need not be of one date. A row of ALT, ADD or Comments whose entity
// is not in SDN is kept aside.
func ReadOFAC(files OFACFiles, lim Limits) (Result, error) {
	b := newBuilder()
	remarks := map[string]string{}
	if err := readSDN(b, files.SDN, lim, remarks); err != nil {
		return Result{}, err
	}
	for _, f := range []struct {
		file File
		read func(*builder, File, Limits) error
	}{{files.ALT, readALT}, {files.ADD, readADD}} {
		if f.file.Reader == nil {
			continue
		}
		if err := f.read(b, f.file, lim); err != nil {
			return Result{}, err
		}
	}
	if files.Comments.Reader != nil {
		if err := readComments(b, files.Comments, lim, remarks); err != nil {
			return Result{}, err
		}
	}
	for i := range b.res.Entities {
		e := &b.res.Entities[i]
		readRemarks(b, e, remarks[e.ID])
	}
	return b.finish(), nil
}

// ofacByName tells the four files apart by their names.
func ofacByName(files []File) (OFACFiles, error) {
	var o OFACFiles
	for _, f := range files {
		base := strings.ToLower(path.Base(strings.ReplaceAll(f.Name, `\`, "/")))
		slot := &o.SDN
		switch {
		case strings.Contains(base, "comment"):
			slot = &o.Comments
		case strings.HasPrefix(base, "alt"):
			slot = &o.ALT
		case strings.HasPrefix(base, "add"):
			slot = &o.ADD
		case !strings.HasPrefix(base, "sdn"):
			return o, &Error{Kind: Structure, File: f.Name, Problem: "which of the OFAC files this is can't be told from its name", Todo: "name them SDN.CSV, ALT.CSV, ADD.CSV and SDN_COMMENTS.CSV"}
		}
		if slot.Reader != nil {
			return o, &Error{Kind: Structure, File: f.Name, Problem: "there are two files of this kind", Todo: "give each of the OFAC files once"}
		}
		*slot = f
	}
	return o, nil
}

func ofacID(number string) string { return "ofac:" + number }

func readSDN(b *builder, f File, lim Limits, remarks map[string]string) error {
	c, err := openCSV(f, lim, 12)
	if err != nil {
		return err
	}
	for {
		row, err := c.next()
		if err == io.EOF {
			if c.n == 0 {
				return c.in.fault(Structure, 1, 1, "the file has no rows", fetchAgain)
			}
			return nil
		}
		if err != nil {
			return err
		}
		number := empty0(row[0])
		if !isNumber(number) {
			return c.fault(Value, 0, fmt.Sprintf("%q is no entity number", number), fetchAgain)
		}
		id := ofacID(number)
		if b.get(id) != nil {
			return c.fault(Value, 0, fmt.Sprintf("entity %s stands twice", number), fetchAgain)
		}
		if empty0(row[1]) == "" {
			return c.fault(Value, 1, fmt.Sprintf("entity %s has no name", number), fetchAgain)
		}
		e := screening.Entity{ID: id, List: "SDN", Program: strings.ReplaceAll(empty0(row[3]), "] [", "; ")}
		switch kind := empty0(row[2]); kind {
		case "individual":
			e.Type = screening.Person
		case "vessel":
			e.Type = screening.Vessel
		case "aircraft":
			e.Type = screening.Aircraft
		case "", "entity":
			e.Type = screening.Organisation
		default:
			return c.fault(Value, 2, fmt.Sprintf("%q is no known type", kind), "its form has changed: tell the keeper of the list")
		}
		addName(&e, empty0(row[1]), screening.Primary)
		if call := empty0(row[5]); call != "" {
			addID(&e, screening.Ident{Kind: "other", Value: call})
		}
		b.addCountry(&e, empty0(row[9]))
		remarks[id] = empty0(row[11])
		b.res.Counts.Rows++
		b.add(e)
	}
}

func readALT(b *builder, f File, lim Limits) error {
	return eachOFAC(b, f, lim, 5, "alias", func(c *rows, e *screening.Entity, row []string) error {
		kind := screening.Alias
		switch word := strings.ToLower(empty0(row[2])); word {
		case "aka", "nka", "":
		case "fka":
			kind = screening.Former
		default:
			return c.fault(Value, 2, fmt.Sprintf("%q is no known kind of alias", word), "its form has changed: tell the keeper of the list")
		}
		addName(e, empty0(row[3]), kind)
		return nil
	})
}

func readADD(b *builder, f File, lim Limits) error {
	return eachOFAC(b, f, lim, 6, "address", func(_ *rows, e *screening.Entity, row []string) error {
		where := empty0(row[4])
		b.addCountry(e, where)
		addText(&e.Addresses, joined(empty0(row[2]), empty0(row[3]), where))
		return nil
	})
}

// readComments continues remarks. A remark that fills its cell was cut and goes
// on in the comment; where the files are of different dates the seam may lie
// elsewhere, and then the torn words at the seam are kept in the remarks but
// never read for identifiers.
func readComments(b *builder, f File, lim Limits, remarks map[string]string) error {
	const fullCell = 1000
	return eachOFAC(b, f, lim, 2, "remarks", func(_ *rows, e *screening.Entity, row []string) error {
		more := empty0(row[1])
		before := remarks[e.ID]
		if len([]rune(before)) < fullCell {
			before += torn
		}
		remarks[e.ID] = before + more
		return nil
	})
}

// torn marks a seam where words are missing.
const torn = " [...] "

// eachOFAC reads the rows that belong to an entity by its number.
func eachOFAC(b *builder, f File, lim Limits, fields int, kind string, take func(*rows, *screening.Entity, []string) error) error {
	c, err := openCSV(f, lim, fields)
	if err != nil {
		return err
	}
	for {
		row, err := c.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		number := empty0(row[0])
		if !isNumber(number) {
			return c.fault(Value, 0, fmt.Sprintf("%q is no entity number", number), fetchAgain)
		}
		b.res.Counts.Rows++
		e := b.get(ofacID(number))
		if e == nil {
			var cells []string
			for _, cell := range row[1:] {
				cells = append(cells, empty0(cell))
			}
			b.aside(AsideRow{File: c.in.name, Line: c.line(), Kind: kind, Entity: number, Text: joined(cells...)})
			continue
		}
		if err := take(c, e, row); err != nil {
			return err
		}
	}
}

// empty0 trims a cell; "-0-" is OFAC's word for empty.
func empty0(cell string) string {
	cell = strings.TrimSpace(cell)
	if cell == "-0-" {
		return ""
	}
	return cell
}

func isNumber(s string) bool {
	if s == "" || len(s) > 12 {
		return false
	}
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

func joined(parts ...string) string {
	var full []string
	for _, p := range parts {
		if p = oneLine(p); p != "" {
			full = append(full, p)
		}
	}
	return strings.Join(full, ", ")
}

// addCountry adds the codes of the countries in a cell; forms without a code
// are counted and stay readable in addresses and remarks.
func (b *builder) addCountry(e *screening.Entity, written string) {
	if written = oneLine(written); written == "" {
		return
	}
	codes, unknown := country.Codes(written)
	addText(&e.Countries, codes...)
	for _, u := range unknown {
		if len(u) > 60 {
			u = string([]rune(u)[:min(60, len([]rune(u)))])
		}
		b.res.Counts.UnknownCountries[u]++
	}
}
