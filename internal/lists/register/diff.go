package register

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
)

// Record is one record of a register in the words of its columns: a membership,
// a meeting, a source.
type Record struct {
	Kind  string // "state", "subscription", "membership", "invitation", "authority", "contact", "meeting", "source", "source_where", "register"
	Code  string // of the state, meeting or source
	Cells []Cell // what it says, in the order of the columns; empty ones left out
}

// Cell is one thing that a record says.
type Cell struct{ Column, Value string }

// Difference is what an import would change about one state, or, where Code is
// empty, about the register itself, its meetings and its sources.
type Difference struct {
	Code string
	Name string
	Came bool // the state was not in the register before
	Went bool // the state is no longer in it
	Less []Record
	More []Record
}

// Compare gives what differs between two registers, record by record: the
// register itself first, then by code of state. Nothing differs: nothing comes.
func Compare(before, after Register) ([]Difference, error) {
	old, err := before.records()
	if err != nil {
		return nil, err
	}
	fresh, err := after.records()
	if err != nil {
		return nil, err
	}
	by := map[string]*Difference{}
	at := func(code string) *Difference {
		d, ok := by[code]
		if !ok {
			d = &Difference{Code: code}
			s, there := after.State(code)
			was, thereBefore := before.State(code)
			if !there {
				s = was
			}
			d.Name, d.Came, d.Went = s.Name, code != "" && !thereBefore, code != "" && !there
			by[code] = d
		}
		return d
	}
	left := map[string]int{}
	for _, r := range fresh {
		left[r.key()]++
	}
	for _, r := range old {
		if left[r.key()] > 0 {
			left[r.key()]--
			continue
		}
		d := at(r.state())
		d.Less = append(d.Less, r)
	}
	had := map[string]int{}
	for _, r := range old {
		had[r.key()]++
	}
	for _, r := range fresh {
		if had[r.key()] > 0 {
			had[r.key()]--
			continue
		}
		d := at(r.state())
		d.More = append(d.More, r)
	}
	out := make([]Difference, 0, len(by))
	for _, d := range by {
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b Difference) int { return strings.Compare(a.Code, b.Code) })
	return out, nil
}

func (r Record) key() string {
	var b strings.Builder
	b.WriteString(r.Kind + "\x1f" + r.Code)
	for _, c := range r.Cells {
		b.WriteString("\x1f" + c.Column + "\x1e" + c.Value)
	}
	return b.String()
}

// state is the code of the state that a record is about, "" where it is about
// none.
func (r Record) state() string {
	switch r.Kind {
	case "register", "source", "source_where", "meeting":
		return ""
	}
	return r.Code
}

// records reads the register's own CSV, so that nothing that it carries can be
// left out of a comparison.
func (r Register) records() ([]Record, error) {
	raw, err := r.ExportCSV()
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(bytes.NewReader(raw)).ReadAll()
	if err != nil {
		return nil, err
	}
	out := make([]Record, 0, len(rows)-1)
	for _, row := range rows[1:] {
		rec := Record{Kind: row[0], Code: row[1]}
		for i, v := range row[2:] {
			if v != "" {
				rec.Cells = append(rec.Cells, Cell{columns[i+2], v})
			}
		}
		out = append(out, rec)
	}
	return out, nil
}
