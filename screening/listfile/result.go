package listfile

import (
	"io"
	"slices"
	"strings"

	"github.com/comity-project/comity/screening"
)

// File is one file of a list. Name is for messages, and tells the four OFAC
// files apart; it may carry a path.
type File struct {
	Name   string
	Reader io.Reader
}

// Limits bound what a reader accepts. A zero field means its default.
type Limits struct {
	Bytes int64 // length of one file in bytes
	Rows  int   // rows, elements or lines of one file
	Cell  int   // length of one cell or text in bytes
	Depth int   // nesting of JSON, XML or YAML
}

// DefaultLimits leave every known list ten times the room it needs.
var DefaultLimits = Limits{Bytes: 256 << 20, Rows: 2_000_000, Cell: 1 << 20, Depth: 32}

func (l Limits) orDefault() Limits {
	d := DefaultLimits
	if l.Bytes > 0 {
		d.Bytes = l.Bytes
	}
	if l.Rows > 0 {
		d.Rows = l.Rows
	}
	if l.Cell > 0 {
		d.Cell = l.Cell
	}
	if l.Depth > 0 {
		d.Depth = l.Depth
	}
	return d
}

// Result is what a list says. Entities are in the order of the file, with
// unique ids that stay the same in the next version of the list.
type Result struct {
	Entities  []screening.Entity
	Aside     []AsideRow // rows without their entity, in the order of the files
	Published string     // ISO date that the file gives itself; "" where it gives none
	Title     string     // of a list in the project's own form
	Notice    string     // what the list's maker says about it, own form only
	Grounds   []Ground   // own form only: why each natural person is held
	Counts    Counts
}

// AsideRow is a row that names an entity that is not in the list, as happens
// when the files of a list are not of one date. It is kept and shown.
type AsideRow struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Kind   string `json:"kind"`   // "alias", "address" or "remarks"
	Entity string `json:"entity"` // the source's id of the missing entity
	Text   string `json:"text"`   // the row's own words
}

// Ground says why a natural person is on a list of an authority's own: required
// there, because such a list must be able to answer the person.
type Ground struct {
	Entity      string `json:"entity"`       // id of the entity
	Role        string `json:"role"`         // what the person is in trade: director, agent, owner
	Source      string `json:"source"`       // where the authority has it from
	Purpose     string `json:"purpose"`      // what the entry is for
	RetainUntil string `json:"retain_until"` // ISO date at which it is erased or reviewed
}

// Counts are figures about what was read. They are recorded with the version
// of the list and shown to the person who activates it.
type Counts struct {
	Rows             int            `json:"rows"` // records in all files, those aside included
	Entities         int            `json:"entities"`
	Names            int            `json:"names"`
	Births           int            `json:"births"`
	IDs              int            `json:"ids"`
	Addresses        int            `json:"addresses"`
	ByList           map[string]int `json:"by_list,omitempty"`           // entities by short name of the list
	ByType           map[string]int `json:"by_type,omitempty"`           // entities by type, "unknown" for none
	Aside            map[string]int `json:"aside,omitempty"`             // rows kept aside, by kind
	UnknownCountries map[string]int `json:"unknown_countries,omitempty"` // written forms without a code
	UnreadFields     map[string]int `json:"unread_fields,omitempty"`     // fields that this program does not know
}

// builder gathers entities and counts while a file is read.
type builder struct {
	res   Result
	index map[string]int // entity id -> place in res.Entities
}

func newBuilder() *builder {
	return &builder{
		index: map[string]int{},
		res: Result{Counts: Counts{
			ByList: map[string]int{}, ByType: map[string]int{}, Aside: map[string]int{},
			UnknownCountries: map[string]int{}, UnreadFields: map[string]int{},
		}},
	}
}

// add takes an entity; an id that is there already is the caller's mistake.
func (b *builder) add(e screening.Entity) *screening.Entity {
	b.index[e.ID] = len(b.res.Entities)
	b.res.Entities = append(b.res.Entities, e)
	return &b.res.Entities[len(b.res.Entities)-1]
}

func (b *builder) get(id string) *screening.Entity {
	i, ok := b.index[id]
	if !ok {
		return nil
	}
	return &b.res.Entities[i]
}

func (b *builder) aside(r AsideRow) {
	b.res.Aside = append(b.res.Aside, r)
	b.res.Counts.Aside[r.Kind]++
}

// finish counts and sorts nothing: the order is the source's.
func (b *builder) finish() Result {
	c := &b.res.Counts
	for i := range b.res.Entities {
		e := &b.res.Entities[i]
		c.Names += len(e.Names)
		c.Births += len(e.Births)
		c.IDs += len(e.IDs)
		c.Addresses += len(e.Addresses)
		c.ByList[e.List]++
		t := string(e.Type)
		if t == "" {
			t = "unknown"
		}
		c.ByType[t]++
	}
	c.Entities = len(b.res.Entities)
	return b.res
}

// addName adds a name once; the same text again, of whatever kind, adds nothing.
func addName(e *screening.Entity, text string, kind screening.NameKind) {
	text = oneLine(text)
	if text == "" || slices.ContainsFunc(e.Names, func(n screening.Name) bool { return n.Text == text }) {
		return
	}
	e.Names = append(e.Names, screening.Name{Text: text, Kind: kind})
}

func addID(e *screening.Entity, id screening.Ident) {
	id.Value = oneLine(id.Value)
	if id.Value == "" || slices.Contains(e.IDs, id) {
		return
	}
	e.IDs = append(e.IDs, id)
}

func addText(list *[]string, values ...string) {
	for _, v := range values {
		v = oneLine(v)
		if v != "" && !slices.Contains(*list, v) {
			*list = append(*list, v)
		}
	}
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
