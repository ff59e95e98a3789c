package statistics

import (
	"cmp"
	"encoding/json"
	"iter"
	"slices"
)

// Figure is a count that may be told, or the word that it may not. In JSON a
// hidden one is null.
type Figure struct {
	N      int64
	Hidden bool
}

// MarshalJSON writes the number, or null.
func (f Figure) MarshalJSON() ([]byte, error) {
	if f.Hidden {
		return []byte("null"), nil
	}
	return json.Marshal(f.N)
}

// UnmarshalJSON reads a number or null.
func (f *Figure) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*f = Figure{Hidden: true}
		return nil
	}
	f.Hidden = false
	return json.Unmarshal(b, &f.N)
}

// Published is a table as the public may read it.
type Published struct {
	Name    string         `json:"name"`
	Columns []string       `json:"columns"`
	Rows    []PublishedRow `json:"rows"`
	Totals  []int64        `json:"totals,omitempty"` // of the columns; none where they don't add up
	// Withheld tells that the whole table is kept back: it counts so little that
	// no part of it can be told without telling all.
	Withheld bool `json:"withheld,omitempty"`
}

// PublishedRow is one row.
type PublishedRow struct {
	Key     string   `json:"key"`
	Figures []Figure `json:"figures"`
	Total   *int64   `json:"total,omitempty"` // where rows add up
}

// sums says which totals of a table are told besides: whoever can add up must
// not get a hidden count back from them.
var sums = map[string]struct{ rows, columns bool }{
	ByMonth:       {columns: true},
	ByDestination: {rows: true, columns: true},
	ByKind:        {rows: true, columns: true},
	ByItem:        {rows: true, columns: true},
	ByTime:        {columns: true},
	ByLater:       {rows: true, columns: true},
	ByAppeal:      {columns: true},
	ByGround:      {},
	ByOutcome:     {},
}

// publish hides every count from 1 to least-1, and as many others as it takes
// that a hidden one can't be worked out from the totals to within less than
// least values. A nought is told: that nothing was refused is no person's secret.
// Where countries or entries are the keys, rows that count less than least in
// all go into the row of the rest.
func publish(t Table, least int64) Published {
	if sums[t.Name].rows {
		t = foldSmall(t, least)
	}
	m := open(t)
	for i, r := range t.Rows {
		for j, n := range r.Counts {
			m.hidden[i][j] = small(n, least)
		}
	}
	if !m.protect(least) {
		return Published{Name: t.Name, Columns: t.Columns, Withheld: true}
	}
	return m.told()
}

// told is the table as far as it is not hidden, with the sums that are told.
func (m *masked) told() Published {
	out := Published{Name: m.t.Name, Columns: m.t.Columns}
	for i, r := range m.t.Rows {
		p := PublishedRow{Key: r.Key, Figures: make([]Figure, len(r.Counts))}
		for j, n := range r.Counts {
			if p.Figures[j].Hidden = m.hidden[i][j]; !p.Figures[j].Hidden {
				p.Figures[j].N = n
			}
		}
		if m.rows {
			n := r.total()
			p.Total = &n
		}
		out.Rows = append(out.Rows, p)
	}
	if m.columns {
		out.Totals = make([]int64, len(m.t.Columns))
		for _, r := range m.t.Rows {
			for j, n := range r.Counts {
				out.Totals[j] += n
			}
		}
	}
	return out
}

func small(n, least int64) bool { return n > 0 && n < least }

// foldSmall puts rows that count less than least into the row of the rest, and
// the next smallest with them until the rest itself counts enough.
func foldSmall(t Table, least int64) Table {
	rest := Row{Key: Rest, Counts: make([]int64, len(t.Columns))}
	var kept []Row
	take := func(r Row) {
		for j, n := range r.Counts {
			rest.Counts[j] += n
		}
	}
	for _, r := range t.Rows {
		if r.Key == Rest || small(r.total(), least) {
			take(r)
		} else if r.total() > 0 {
			kept = append(kept, r)
		}
	}
	slices.SortStableFunc(kept, func(a, b Row) int { return cmp.Compare(b.total(), a.total()) })
	for small(rest.total(), least) && len(kept) > 0 {
		take(kept[len(kept)-1])
		kept = kept[:len(kept)-1]
	}
	if rest.total() > 0 {
		kept = append(kept, rest)
	}
	t.Rows = kept
	return t
}

// masked is a table with what is hidden of it, and which sums are told.
type masked struct {
	t             Table
	rows, columns bool
	hidden        [][]bool
}

// open is a table of which nothing is hidden.
func open(t Table) *masked {
	m := &masked{t: t, rows: sums[t.Name].rows, columns: sums[t.Name].columns, hidden: make([][]bool, len(t.Rows))}
	for i, r := range t.Rows {
		m.hidden[i] = make([]bool, len(r.Counts))
	}
	return m
}

// protect hides more until every small count is safe; false where even hiding
// everything would not do.
func (m *masked) protect(least int64) bool {
	for {
		i, j, width, found := m.weakest(least)
		if !found {
			return true
		}
		if !m.hideFor(i, j, width, least) {
			return false
		}
	}
}

// weakest finds a small count that the sums give away, and how far they leave it
// open.
func (m *masked) weakest(least int64) (i, j int, width int64, found bool) {
	for i, r := range m.t.Rows {
		for j, n := range r.Counts {
			if !small(n, least) {
				continue
			}
			up, down := m.slack(i, j, least)
			if up+down < least-1 {
				return i, j, up + down, true
			}
		}
	}
	return 0, 0, 0, false
}

// hideFor hides the cheapest further counts that open the interval of (i, j): a
// loop of cells through its row and its column, or a single one where only the
// one or the other adds up. False where nothing is left that helps.
func (m *masked) hideFor(i, j int, width, least int64) bool {
	type choice struct {
		cells [][2]int
		cost  int64 // counts that would be hidden
	}
	var choices []choice
	offer := func(cells ...[2]int) {
		c := choice{cells: cells}
		for _, x := range cells {
			if !m.hidden[x[0]][x[1]] {
				c.cost += m.t.Rows[x[0]].Counts[x[1]] + 1
			}
		}
		if c.cost > 0 {
			choices = append(choices, c)
		}
	}
	for a := range m.t.Rows {
		for b := range m.t.Columns {
			switch {
			case m.rows && m.columns:
				if a != i && b != j {
					offer([2]int{i, b}, [2]int{a, j}, [2]int{a, b})
				}
			case m.columns && a != i && b == j, m.rows && a == i && b != j:
				offer([2]int{a, b})
			}
		}
	}
	slices.SortStableFunc(choices, func(a, b choice) int { return cmp.Compare(a.cost, b.cost) })
	var best *choice
	for k := range choices {
		undo := m.hide(choices[k].cells)
		up, down := m.slack(i, j, least)
		undo()
		if open := up + down; open > width {
			best, width = &choices[k], open
		}
		if width >= least-1 {
			break // the cheapest that will do
		}
	}
	if best == nil {
		return false
	}
	m.hide(best.cells)
	return true
}

func (m *masked) hide(cells [][2]int) (undo func()) {
	var fresh [][2]int
	for _, x := range cells {
		if !m.hidden[x[0]][x[1]] {
			m.hidden[x[0]][x[1]] = true
			fresh = append(fresh, x)
		}
	}
	return func() {
		for _, x := range fresh {
			m.hidden[x[0]][x[1]] = false
		}
	}
}

// slack is how far the hidden count (i, j) could be higher and lower while every
// told figure and sum stays the same, each counted to least at most.
//
// Rows and columns that add up are nodes; all that don't are one. A hidden cell
// is a way from its row to its column without bound (its count may be higher) and
// back as far as its count reaches (it can't be below nought). What one cell
// rises, others must give back: how far is the greatest flow the other way round.
func (m *masked) slack(i, j int, least int64) (up, down int64) {
	n := m.t.Rows[i].Counts[j]
	r, c := m.node(i, j)
	if r == c {
		return least, min(n, least) // no sum speaks of it
	}
	up = m.flow(c, r, i, j, least)
	down = min(n, m.flow(r, c, i, j, least))
	return up, down
}

// node names the nodes of a cell: 0 is for all that does not add up.
func (m *masked) node(i, j int) (row, column int) {
	if m.rows {
		row = 1 + i
	}
	if m.columns {
		column = 1 + len(m.t.Rows) + j
	}
	return row, column
}

// flow pushes at most limit from one node to another along the hidden cells but
// (i, j).
func (m *masked) flow(from, to, i, j int, limit int64) (total int64) {
	moved := make([][]int64, len(m.t.Rows)) // how much each cell is higher by now
	for a := range moved {
		moved[a] = make([]int64, len(m.t.Columns))
	}
	type step struct {
		from int
		cell [2]int
		room int64
		rise bool
	}
	for total < limit {
		came := map[int]step{from: {}}
		queue := []int{from}
		for len(queue) > 0 && !has(came, to) {
			at := queue[0]
			queue = queue[1:]
			for a, b := range m.at(at) {
				if !m.hidden[a][b] || a == i && b == j {
					continue
				}
				r, c := m.node(a, b)
				if r == at && !has(came, c) {
					came[c] = step{from: at, cell: [2]int{a, b}, room: limit, rise: true}
					queue = append(queue, c)
				}
				if left := m.t.Rows[a].Counts[b] + moved[a][b]; c == at && left > 0 && !has(came, r) {
					came[r] = step{from: at, cell: [2]int{a, b}, room: left}
					queue = append(queue, r)
				}
			}
		}
		if !has(came, to) {
			return total
		}
		push := limit - total
		for at := to; at != from; at = came[at].from {
			push = min(push, came[at].room)
		}
		for at := to; at != from; at = came[at].from {
			s := came[at]
			if s.rise {
				moved[s.cell[0]][s.cell[1]] += push
			} else {
				moved[s.cell[0]][s.cell[1]] -= push
			}
		}
		total += push
	}
	return total
}

// at gives the cells that touch a node.
func (m *masked) at(node int) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		rows, columns := len(m.t.Rows), len(m.t.Columns)
		switch {
		case node == 0:
			for a := range rows {
				for b := range columns {
					if !yield(a, b) {
						return
					}
				}
			}
		case node <= rows:
			for b := range columns {
				if !yield(node-1, b) {
					return
				}
			}
		default:
			for a := range rows {
				if !yield(a, node-1-rows) {
					return
				}
			}
		}
	}
}

func has[V any](m map[int]V, k int) bool {
	_, ok := m[k]
	return ok
}
