package queryfile

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/screening"
)

// Columns are the columns that are searched with, in the order of the template;
// a table needs "name" or one of numbers. Others are carried along.
var Columns = []string{"name", "aliases", "type", "country", "birth", "address", "passport", "national", "tax", "registration", "lei", "imo", "mmsi", "swift"}

// firstNumber is where the columns of Columns that hold identifying numbers
// begin; each is called as its kind is.
const firstNumber = 6

// otherWords are what people call columns as well.
var otherWords = map[string]string{
	"full name": "name", "party": "name", "company": "name", "customer": "name", "organisation": "name", "organization": "name",
	"aka": "aliases", "alias": "aliases", "other names": "aliases", "kind": "type",
	"dob": "birth", "birthdate": "birth", "date of birth": "birth", "year of birth": "birth", "birth date": "birth",
	"tax number": "tax", "tax id": "tax", "registration number": "registration", "imo number": "imo", "passport number": "passport",
}

// Added are the columns that are written beside what came.
var Added = []string{"result", "hits", "closest", "matched", "list", "entry", "score", "alert_rate", "ambiguous", "ask_for"}

// heading finds the columns that are searched with.
type heading struct {
	cells []string
	at    map[string]int // column of Columns to its place
}

func readHeading(cells []string) (heading, error) {
	h := heading{cells: cells, at: map[string]int{}}
	for i, c := range cells {
		name := strings.ToLower(strings.Join(strings.Fields(strings.ReplaceAll(c, "_", " ")), " "))
		if other, ok := otherWords[name]; ok {
			name = other
		}
		if !slices.Contains(Columns, name) {
			continue
		}
		if _, twice := h.at[name]; twice {
			return h, fault.New(fault.Invalid, "screen.file.wrong").Field("file", "screen.file.twice", "name", name)
		}
		h.at[name] = i
	}
	for _, needed := range append([]string{"name"}, Columns[firstNumber:]...) {
		if _, ok := h.at[needed]; ok {
			return h, nil
		}
	}
	return h, fault.New(fault.Invalid, "screen.file.wrong").Field("file", "screen.file.columns", "known", strings.Join(Columns, ", "))
}

// query reads a row. A row that is shorter than the heading lacks the rest.
func (h heading) query(cells []string) (screening.Query, Outcome) {
	cell := func(name string) string {
		if i, ok := h.at[name]; ok && i < len(cells) {
			return strings.TrimSpace(cells[i])
		}
		return ""
	}
	q := screening.Query{
		Name: cell("name"), Type: screening.ParseType(cell("type")), Country: cell("country"), Birth: cell("birth"), Address: cell("address"),
	}
	for a := range strings.SplitSeq(cell("aliases"), ";") {
		if a = strings.TrimSpace(a); a != "" {
			q.Aliases = append(q.Aliases, a)
		}
	}
	for _, kind := range Columns[firstNumber:] {
		if v := cell(kind); v != "" {
			q.IDs = append(q.IDs, screening.Ident{Kind: kind, Value: v})
		}
	}
	return q, check(&q)
}

// blank tells whether a row holds nothing: such rows are passed over.
func blank(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) != "" })
}

// added are the cells of a result.
func added(r Result) []string {
	out := []string{string(r.Outcome), strconv.Itoa(r.Hits), r.Name, r.Matched, r.List, r.Entry, "", "", "", strings.Join(r.AskFor, "; ")}
	if r.Hits > 0 {
		out[6] = strconv.FormatFloat(r.Score, 'f', 4, 64)
		out[7] = fmt.Sprintf("%.2g", r.AlertRate)
		out[8] = "no"
		if r.Ambiguous {
			out[8] = "yes"
		}
	}
	return out
}

// padded fills a short row, so that results stand under their headings.
func padded(cells []string, width int) []string {
	return append(slices.Clone(cells), make([]string, max(0, width-len(cells)))...)
}

// broken is the fault of a file that cannot be read on, with the place.
func broken(line int, err error) error {
	return fault.New(fault.Invalid, "screen.file.wrong").Field("file", "screen.file.broken", "line", line).Because(err)
}

func tooMany(limit int) error {
	return fault.New(fault.TooLarge, "screen.file.wrong").Field("file", "screen.file.rows", "max", limit)
}
