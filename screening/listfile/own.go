package listfile

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/comity-project/comity/screening"
)

// The two schemas of the project's own form. Parties is a list that an
// authority keeps itself: every natural person on it has a Ground. Entities is
// how a version of any list is stored: what was read, nothing added.
const (
	PartiesSchema  = "comity.parties/v1"
	EntitiesSchema = "comity.entities/v1"
)

// ownHeader is the first line of the JSON lines form, and the head of the YAML.
type ownHeader struct {
	Schema    string `json:"schema" yaml:"schema"`
	List      string `json:"list,omitempty" yaml:"list"`
	Title     string `json:"title,omitempty" yaml:"title"`
	Published string `json:"published,omitempty" yaml:"published"`
	Notice    string `json:"notice,omitempty" yaml:"notice"`
}

// ownParty is one party in either form.
type ownParty struct {
	ID        string     `json:"id" yaml:"id"`
	List      string     `json:"list,omitempty" yaml:"list"`
	Type      string     `json:"type,omitempty" yaml:"type"`
	Names     []ownName  `json:"names" yaml:"names"`
	Births    []string   `json:"births,omitempty" yaml:"births"`
	Countries []string   `json:"countries,omitempty" yaml:"countries"`
	IDs       []ownIdent `json:"ids,omitempty" yaml:"ids"`
	Addresses []string   `json:"addresses,omitempty" yaml:"addresses"`
	Program   string     `json:"program,omitempty" yaml:"program"`
	Listed    string     `json:"listed,omitempty" yaml:"listed"`
	Remarks   string     `json:"remarks,omitempty" yaml:"remarks"`
	URL       string     `json:"url,omitempty" yaml:"url"`
	Refused   []string   `json:"refused,omitempty" yaml:"refused"`
	Ground    *ownGround `json:"ground,omitempty" yaml:"ground"`
}

type ownName struct {
	Text string `json:"text" yaml:"text"`
	Kind string `json:"kind" yaml:"kind"`
}

type ownIdent struct {
	Kind    string `json:"kind" yaml:"kind"`
	Value   string `json:"value" yaml:"value"`
	Country string `json:"country,omitempty" yaml:"country"`
}

type ownGround struct {
	Role        string `json:"role" yaml:"role"`
	Source      string `json:"source" yaml:"source"`
	Purpose     string `json:"purpose" yaml:"purpose"`
	RetainUntil string `json:"retain_until" yaml:"retain_until"`
}

// ReadJSONL reads the project's own form as JSON lines: a header, then one
// party in each line.
func ReadJSONL(f File, lim Limits) (Result, error) {
	j, err := openJSON(f, lim)
	if err != nil {
		return Result{}, err
	}
	var h ownHeader
	if err := j.strict(&h); err == io.EOF {
		return Result{}, j.in.fault(Structure, 1, 1, "the file is empty", "see the description of the form")
	} else if err != nil {
		return Result{}, err
	}
	b := newBuilder()
	if problem := b.header(h); problem != "" {
		return Result{}, j.in.fault(Structure, 1, 1, problem, "see the description of the form")
	}
	for {
		var p ownParty
		err := j.strict(&p)
		if errors.Is(err, io.EOF) {
			return b.finish(), nil
		}
		if err != nil {
			return Result{}, err
		}
		if err := j.row(); err != nil {
			return Result{}, err
		}
		if problem := b.addOwn(h, p); problem != "" {
			return Result{}, j.fault(Value, problem, "correct the entry")
		}
	}
}

// strict reads a value whose every member must be known; io.EOF at the end.
func (j *jsonReader) strict(v any) error {
	if j.d.PeekKind() == 0 {
		if _, err := j.d.ReadToken(); err == io.EOF {
			return io.EOF
		}
	}
	raw, err := j.d.ReadValue()
	if err != nil {
		return j.broken(err, 0)
	}
	if deep(raw) > j.in.lim.Depth {
		return j.fault(TooLarge, fmt.Sprintf("values are nested deeper than %d", j.in.lim.Depth), "correct the entry")
	}
	if err := json.Unmarshal(raw, v, json.RejectUnknownMembers(true)); err != nil {
		return j.broken(err, j.d.InputOffset()-int64(len(raw)))
	}
	return nil
}

func (b *builder) header(h ownHeader) (problem string) {
	switch {
	case h.Schema != PartiesSchema && h.Schema != EntitiesSchema:
		return fmt.Sprintf("the schema is %q, expected %q", h.Schema, PartiesSchema)
	case h.Schema == PartiesSchema && (h.List == "" || h.Title == ""):
		return "the header needs list and title"
	case h.Published != "" && !isDay(h.Published):
		return fmt.Sprintf("published: %q is no date of the form 2026-01-31", h.Published)
	}
	b.res.Title, b.res.Notice, b.res.Published = h.Title, h.Notice, h.Published
	return ""
}

var (
	birthForm   = regexp.MustCompile(`^\d{4}(-\d{2}(-\d{2})?)?$`)
	countryForm = regexp.MustCompile(`^[A-Z]{2}$`)
	kindForm    = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	identKinds  = []string{"passport", "tax", "registration", "national", "lei", "imo", "mmsi", "swift", "other"}
	nameKinds   = []screening.NameKind{screening.Primary, screening.Alias, screening.Former, screening.Weak}
	types       = []screening.Type{screening.Unknown, screening.Person, screening.Organisation, screening.Vessel, screening.Aircraft}
)

// addOwn checks a party and adds it; the answer is what is wrong with it.
func (b *builder) addOwn(h ownHeader, p ownParty) (problem string) {
	e := screening.Entity{
		ID: p.ID, List: p.List, Type: screening.Type(p.Type), Births: p.Births, Countries: p.Countries,
		Addresses: p.Addresses, Program: p.Program, Listed: p.Listed, Remarks: p.Remarks, URL: p.URL, Refused: p.Refused,
	}
	if e.List == "" {
		e.List = h.List
	}
	for _, n := range p.Names {
		e.Names = append(e.Names, screening.Name{Text: n.Text, Kind: screening.NameKind(n.Kind)})
	}
	for _, i := range p.IDs {
		e.IDs = append(e.IDs, screening.Ident{Kind: i.Kind, Value: i.Value, Country: i.Country})
	}
	if problem := Check(e); problem != "" {
		return problem
	}
	if b.get(e.ID) != nil {
		return fmt.Sprintf("the id %s stands twice", e.ID)
	}
	switch {
	case p.Ground != nil:
		g := p.Ground
		if g.Role == "" || g.Source == "" || g.Purpose == "" || !isDay(g.RetainUntil) {
			return fmt.Sprintf("%s: the ground needs role, source, purpose and retain_until (a date)", e.ID)
		}
		b.res.Grounds = append(b.res.Grounds, Ground{Entity: e.ID, Role: g.Role, Source: g.Source, Purpose: g.Purpose, RetainUntil: g.RetainUntil})
	case h.Schema == PartiesSchema && e.Type == screening.Person:
		return fmt.Sprintf("%s is a natural person and has no ground: role, source, purpose and retain_until", e.ID)
	}
	b.res.Counts.Rows++
	b.add(e)
	return ""
}

// Check says what is wrong with an entity as a list of the project's own form
// must have it, or "".
func Check(e screening.Entity) string {
	if e.ID == "" || strings.ContainsAny(e.ID, " \t\n/") {
		return fmt.Sprintf("%q is no id: letters, digits, colon and hyphen, no spaces", e.ID)
	}
	if e.List == "" {
		return e.ID + ": there is no list"
	}
	if !slices.Contains(types, e.Type) {
		return fmt.Sprintf("%s: %q is no known type", e.ID, e.Type)
	}
	if len(e.Names) == 0 {
		return e.ID + ": there is no name"
	}
	for _, n := range e.Names {
		if strings.TrimSpace(n.Text) == "" || !slices.Contains(nameKinds, n.Kind) {
			return fmt.Sprintf("%s: the name %q of kind %q is empty or of no known kind", e.ID, n.Text, n.Kind)
		}
	}
	if !slices.ContainsFunc(e.Names, func(n screening.Name) bool { return n.Kind == screening.Primary }) {
		return e.ID + ": no name is primary"
	}
	for _, d := range e.Births {
		if !birthForm.MatchString(d) {
			return fmt.Sprintf("%s: the birth %q is not of the form 1961, 1961-05 or 1961-05-07", e.ID, d)
		}
	}
	for _, c := range e.Countries {
		if !countryForm.MatchString(c) {
			return fmt.Sprintf("%s: %q is no country code of two letters", e.ID, c)
		}
	}
	for _, i := range e.IDs {
		if !slices.Contains(identKinds, i.Kind) || strings.TrimSpace(i.Value) == "" {
			return fmt.Sprintf("%s: the identifier %q of kind %q is empty or of no known kind", e.ID, i.Value, i.Kind)
		}
	}
	for _, k := range e.Refused {
		if !kindForm.MatchString(k) {
			return fmt.Sprintf("%s: refused: %q is no kind of item such as imsi_catcher", e.ID, k)
		}
	}
	if e.Listed != "" && !birthForm.MatchString(e.Listed) {
		return fmt.Sprintf("%s: listed: %q is no date", e.ID, e.Listed)
	}
	return ""
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// WriteEntities writes a list in the stored form: a header, then one entity in
// each line, sorted by id. The same entities give the same bytes, so that the
// document can be named by its hash; ReadJSONL gives the entities back.
func WriteEntities(w io.Writer, title, published string, entities []screening.Entity) error {
	enc := jsontext.NewEncoder(w)
	if err := json.MarshalEncode(enc, ownHeader{Schema: EntitiesSchema, Title: title, Published: published}, json.Deterministic(true)); err != nil {
		return err
	}
	sorted := slices.SortedFunc(slices.Values(entities), func(a, b screening.Entity) int { return strings.Compare(a.ID, b.ID) })
	for i, e := range sorted {
		if i > 0 && sorted[i-1].ID == e.ID {
			return fmt.Errorf("listfile: two entities have the id %s", e.ID)
		}
		if problem := Check(e); problem != "" {
			return errors.New("listfile: " + problem)
		}
		if err := json.MarshalEncode(enc, e, json.Deterministic(true)); err != nil {
			return err
		}
	}
	return nil
}
