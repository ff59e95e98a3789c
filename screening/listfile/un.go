package listfile

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/comity-project/comity/screening"
	"github.com/comity-project/comity/screening/listfile/country"
)

// unRecord is an INDIVIDUAL or an ENTITY of the United Nations list.
type unRecord struct {
	DataID    string      `xml:"DATAID"`
	Reference string      `xml:"REFERENCE_NUMBER"`
	First     string      `xml:"FIRST_NAME"`
	Second    string      `xml:"SECOND_NAME"`
	Third     string      `xml:"THIRD_NAME"`
	Fourth    string      `xml:"FOURTH_NAME"`
	Original  string      `xml:"NAME_ORIGINAL_SCRIPT"`
	ListType  string      `xml:"UN_LIST_TYPE"`
	ListedOn  string      `xml:"LISTED_ON"`
	Comments  string      `xml:"COMMENTS1"`
	Titles    []string    `xml:"TITLE>VALUE"`
	Posts     []string    `xml:"DESIGNATION>VALUE"`
	Countries []string    `xml:"NATIONALITY>VALUE"`
	PersonAKA []unAlias   `xml:"INDIVIDUAL_ALIAS"`
	EntityAKA []unAlias   `xml:"ENTITY_ALIAS"`
	PersonAt  []unAddress `xml:"INDIVIDUAL_ADDRESS"`
	EntityAt  []unAddress `xml:"ENTITY_ADDRESS"`
	Births    []unBirth   `xml:"INDIVIDUAL_DATE_OF_BIRTH"`
	Papers    []unPaper   `xml:"INDIVIDUAL_DOCUMENT"`
	Others    []unOther   `xml:",any"`

	// Fields that are known and not needed for screening.
	Version    string   `xml:"VERSIONNUM"`
	Gender     string   `xml:"GENDER"`
	Updated    []string `xml:"LAST_DAY_UPDATED>VALUE"`
	Lists      []string `xml:"LIST_TYPE>VALUE"`
	Birthplace []unAny  `xml:"INDIVIDUAL_PLACE_OF_BIRTH"`
	SortKey    string   `xml:"SORT_KEY"`
	SortMod    string   `xml:"SORT_KEY_LAST_MOD"`
}

type unAlias struct {
	Quality string `xml:"QUALITY"`
	Name    string `xml:"ALIAS_NAME"`
	Birth   string `xml:"DATE_OF_BIRTH"`
}

type unAddress struct {
	Street  string `xml:"STREET"`
	City    string `xml:"CITY"`
	State   string `xml:"STATE_PROVINCE"`
	Zip     string `xml:"ZIP_CODE"`
	Country string `xml:"COUNTRY"`
}

type unBirth struct {
	Date string `xml:"DATE"`
	Year string `xml:"YEAR"`
	From string `xml:"FROM_YEAR"`
	To   string `xml:"TO_YEAR"`
}

type unPaper struct {
	Kind   string `xml:"TYPE_OF_DOCUMENT"`
	Number string `xml:"NUMBER"`
	Issuer string `xml:"ISSUING_COUNTRY"`
	Place  string `xml:"COUNTRY_OF_ISSUE"`
}

type unAny struct{}

type unOther struct{ XMLName xml.Name }

// ReadUN reads the consolidated list of the United Nations Security Council.
// Aliases of low quality become weak names; a name in its original script is
// an alias like any other; a birth "between" two years becomes those years.
// Ids rest on the list's permanent reference number.
func ReadUN(f File, lim Limits) (Result, error) {
	in, err := open(f, lim)
	if err != nil {
		return Result{}, err
	}
	d := xml.NewDecoder(in)
	d.CharsetReader = func(label string, _ io.Reader) (io.Reader, error) {
		line, column := d.InputPos()
		return nil, in.fault(Encoding, line, column, fmt.Sprintf("the file says that it is written in %q", label), "save it as UTF-8")
	}
	b := newBuilder()
	depth, rootSeen := 0, false
	for {
		line, column := d.InputPos()
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return Result{}, xmlFault(in, d, err)
		}
		switch t := tok.(type) {
		case xml.Directive:
			return Result{}, in.fault(Structure, line, column, "the file declares a document type", "the list has none: "+fetchAgain)
		case xml.EndElement:
			depth--
		case xml.StartElement:
			name := t.Name.Local
			switch {
			case depth == 0 && name != "CONSOLIDATED_LIST":
				return Result{}, in.fault(Structure, line, column, fmt.Sprintf("the outermost element is %q, expected CONSOLIDATED_LIST", name), "this is another kind of file, or its form has changed: tell the keeper of the list")
			case depth == 0:
				rootSeen = true
				for _, a := range t.Attr {
					if a.Name.Local == "dateGenerated" {
						b.res.Published = day(strings.SplitN(a.Value, "T", 2)[0])
					}
				}
				depth++
			case name == "INDIVIDUAL" || name == "ENTITY":
				if b.res.Counts.Rows++; b.res.Counts.Rows > in.lim.Rows {
					return Result{}, in.fault(TooLarge, line, column, fmt.Sprintf("there are more than %d entries", in.lim.Rows), "look at what was fetched, or raise the limit")
				}
				var r unRecord
				if err := decodeBounded(in, d, &t, &r); err != nil {
					return Result{}, err
				}
				if err := b.addUN(in, r, name == "INDIVIDUAL", line, column); err != nil {
					return Result{}, err
				}
			case name == "INDIVIDUALS" || name == "ENTITIES":
				depth++
			default:
				b.res.Counts.UnreadFields[name]++
				if err := d.Skip(); err != nil {
					return Result{}, xmlFault(in, d, err)
				}
			}
		}
	}
	if !rootSeen {
		return Result{}, in.fault(Structure, 1, 1, "the file holds no list", fetchAgain)
	}
	return b.finish(), nil
}

// decodeBounded fills a record; nesting beyond the limit is an error.
func decodeBounded(in *input, d *xml.Decoder, start *xml.StartElement, r *unRecord) error {
	line, column := d.InputPos()
	inner := &depthReader{d: d, depth: 1, limit: in.lim.Depth, first: start.Copy()}
	if err := xml.NewTokenDecoder(inner).Decode(r); err != nil {
		if errors.Is(err, errTooDeep) {
			return in.fault(TooLarge, line, column, fmt.Sprintf("elements are nested deeper than %d", in.lim.Depth), fetchAgain)
		}
		return xmlFault(in, d, err)
	}
	return nil
}

var errTooDeep = errors.New("too deep")

// depthReader gives the tokens of one element and counts its depth.
type depthReader struct {
	d     *xml.Decoder
	first xml.StartElement
	begun bool
	depth int
	limit int
}

func (r *depthReader) Token() (xml.Token, error) {
	if !r.begun {
		r.begun = true
		return r.first, nil
	}
	if r.depth == 0 {
		return nil, io.EOF
	}
	t, err := r.d.Token()
	switch t.(type) {
	case xml.StartElement:
		if r.depth++; r.depth > r.limit {
			return nil, errTooDeep
		}
	case xml.EndElement:
		r.depth--
	}
	return t, err
}

func xmlFault(in *input, d *xml.Decoder, err error) error {
	if e, ok := own(err); ok {
		return e
	}
	line, column := d.InputPos()
	problem := err.Error()
	var s *xml.SyntaxError
	switch {
	case errors.As(err, &s):
		problem = "the XML is broken: " + s.Msg
	case errors.Is(err, io.ErrUnexpectedEOF):
		problem = "the XML ends in the middle"
	}
	e := in.fault(Syntax, line, column, problem, fetchAgain)
	e.Cause = err
	return e
}

func (b *builder) addUN(in *input, r unRecord, person bool, line, column int) error {
	ref := oneLine(r.Reference)
	if ref == "" {
		return in.fault(Value, line, column, "an entry has no REFERENCE_NUMBER", fetchAgain)
	}
	e := screening.Entity{
		ID: "un:" + idPart(ref), List: "UN", Type: screening.Organisation,
		Program: oneLine(r.ListType), Listed: day(r.ListedOn),
	}
	if person {
		e.Type = screening.Person
	}
	if b.get(e.ID) != nil {
		return in.fault(Value, line, column, fmt.Sprintf("entry %s stands twice", ref), fetchAgain)
	}
	addName(&e, strings.Join([]string{r.First, r.Second, r.Third, r.Fourth}, " "), screening.Primary)
	if len(e.Names) == 0 {
		return in.fault(Value, line, column, fmt.Sprintf("entry %s has no name", ref), fetchAgain)
	}
	addName(&e, r.Original, screening.Alias)
	for _, a := range append(r.PersonAKA, r.EntityAKA...) {
		addName(&e, a.Name, aliasKind(a.Quality))
		addText(&e.Births, births(a.Birth)...)
	}
	for _, x := range r.Births {
		switch {
		case x.Date != "":
			addText(&e.Births, births(x.Date)...)
		case x.From != "" || x.To != "":
			addText(&e.Births, births(x.From+" to "+x.To)...)
		default:
			addText(&e.Births, births(x.Year)...)
		}
	}
	for _, c := range r.Countries {
		b.addCountry(&e, c)
	}
	for _, a := range append(r.PersonAt, r.EntityAt...) {
		b.addCountry(&e, a.Country)
		addText(&e.Addresses, joined(a.Street, a.City, a.State, a.Zip, a.Country))
	}
	for _, p := range r.Papers {
		kind := "other"
		switch low := strings.ToLower(p.Kind); {
		case strings.Contains(low, "pass") || strings.Contains(low, "pasaporte"):
			kind = "passport"
		case strings.Contains(low, "national"):
			kind = "national"
		}
		issuer := country.Code(p.Issuer)
		if issuer == "" {
			issuer = country.Code(p.Place)
		}
		value, said := issued(withoutWords(p.Number))
		if v, place, ok := strings.Cut(value, ", "); ok && country.Code(place) != "" {
			value, said = v, country.Code(place)
		}
		if issuer == "" {
			issuer = said
		}
		addID(&e, screening.Ident{Kind: kind, Value: value, Country: issuer})
	}
	e.Remarks = unRemarks(r)
	for _, o := range r.Others {
		b.res.Counts.UnreadFields[o.XMLName.Local]++
	}
	b.add(e)
	return nil
}

func aliasKind(quality string) screening.NameKind {
	switch strings.ToLower(oneLine(quality)) {
	case "low":
		return screening.Weak
	case "f.k.a.":
		return screening.Former
	}
	return screening.Alias
}

func unRemarks(r unRecord) string {
	var parts []string
	for _, p := range append(r.Titles, r.Posts...) {
		if p = oneLine(p); p != "" {
			parts = append(parts, p)
		}
	}
	if c := oneLine(r.Comments); c != "" {
		parts = append(parts, c)
	}
	return strings.Join(parts, "; ")
}
