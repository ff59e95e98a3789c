package instruments

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
)

// Matrix is the elements against the instruments, as at a day: the versions in
// force on it, and the answers given by its end.
type Matrix struct {
	Day         deadline.Date
	At          time.Time     // end of the day, or now where that is sooner
	Instruments []*Instrument // in force on the day, by kind and title
	Rows        []Row
}

// Row is one element of a matrix.
type Row struct {
	Question
	Element  *Element // never nil
	Together Judged
	Cells    []Cell // one for each instrument, in their order
	Gaps     []OpenGap
}

// Cell is one instrument under one element. One that is not said to cover the
// element has no answer, which is another thing than unknown.
type Cell struct {
	Covers bool
	Judged
}

// Draw makes the matrix as at an instant.
func Draw(list Elements, all []*Instrument, elements map[string]*Element, at time.Time) Matrix {
	m := Matrix{Day: deadline.DateOf(at, time.UTC), At: at}
	for _, i := range all {
		if i.On(m.Day) != nil {
			m.Instruments = append(m.Instruments, i)
		}
	}
	slices.SortFunc(m.Instruments, func(a, b *Instrument) int {
		return cmp.Or(cmp.Compare(slices.Index(Kinds, a.Kind), slices.Index(Kinds, b.Kind)), strings.Compare(a.On(m.Day).Words.Title, b.On(m.Day).Words.Title), strings.Compare(a.ID, b.ID))
	})
	for _, q := range list.List {
		e := elements[q.ID]
		if e == nil {
			e = &Element{ID: q.ID}
		}
		r := Row{Question: q, Element: e, Together: e.At(Together, at)}
		for _, i := range m.Instruments {
			c := Cell{Covers: slices.Contains(i.On(m.Day).Covers, q.ID)}
			if c.Covers {
				c.Judged = e.At(i.ID, at)
			}
			r.Cells = append(r.Cells, c)
		}
		for _, g := range e.Gaps(at) {
			// What an instrument lacked that is no longer in force is no gap of today.
			if g.Instrument == Together || slices.ContainsFunc(m.Instruments, func(i *Instrument) bool { return i.ID == g.Instrument }) {
				r.Gaps = append(r.Gaps, g)
			}
		}
		m.Rows = append(m.Rows, r)
	}
	return m
}

// Instrument finds an instrument of the matrix; nil where there is none.
func (m Matrix) Instrument(id string) *Instrument {
	for _, i := range m.Instruments {
		if i.ID == id {
			return i
		}
	}
	return nil
}
