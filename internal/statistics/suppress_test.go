package statistics

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// Whoever knows all that is told, and that no count is below nought, can list
// every table that it could be. A hidden small count must take enough values
// among them. Brute force over small tables, against what the flows say.
func TestNoSumGivesAHiddenCountBack(t *testing.T) {
	const least = 4
	r := rand.New(rand.NewPCG(1, 2))
	hiddenTables, withheld := 0, 0
	for n := range 1500 {
		name := []string{ByDestination, ByMonth, ByItem}[n%3]
		rows, columns := 2+r.IntN(2), 2
		if name == ByMonth {
			columns = 1
			rows++
		}
		in := Table{Name: name, Columns: make([]string, columns)}
		for i := range rows {
			row := Row{Key: fmt.Sprint(i), Counts: make([]int64, columns)}
			for j := range row.Counts {
				row.Counts[j] = int64(r.IntN(8))
			}
			in.Rows = append(in.Rows, row)
		}
		out := publish(in, least)
		if out.Withheld {
			withheld++
			continue
		}
		seen := possible(out)
		for i, row := range out.Rows {
			for j, f := range row.Figures {
				if !f.Hidden {
					continue
				}
				hiddenTables++
				values := seen[[2]int{i, j}]
				if truth := truthOf(in, row.Key, j, least); truth >= 0 && small(truth, least) && len(values) < least {
					t.Fatalf("table %d %+v: published %+v: the hidden count %d of %s can only be %v", n, in, out, truth, row.Key, values)
				}
			}
		}
		for _, row := range out.Rows {
			for _, f := range row.Figures {
				if !f.Hidden && small(f.N, least) {
					t.Fatalf("table %d: a small count is told: %+v", n, out)
				}
			}
		}
	}
	if hiddenTables == 0 || withheld == 0 {
		t.Errorf("%d hidden counts, %d tables withheld: the test tests nothing", hiddenTables, withheld)
	}
}

// truthOf is the count behind a figure; -1 for the row of the rest, which is not
// in the table as it came.
func truthOf(in Table, key string, column int, least int64) int64 {
	for _, r := range foldSmall(in, least).Rows {
		if sums[in.Name].rows && r.Key == key {
			return r.Counts[column]
		}
	}
	for _, r := range in.Rows {
		if r.Key == key {
			return r.Counts[column]
		}
	}
	return -1
}

// possible lists, for each hidden figure, the values that it takes in some table
// of counts with the told figures and sums.
func possible(p Published) map[[2]int]map[int64]bool {
	var cells [][2]int
	rowLeft := make([]int64, len(p.Rows))
	columnLeft := append([]int64(nil), p.Totals...)
	for i, r := range p.Rows {
		if r.Total != nil {
			rowLeft[i] = *r.Total
		}
		for j, f := range r.Figures {
			if f.Hidden {
				cells = append(cells, [2]int{i, j})
				continue
			}
			rowLeft[i] -= f.N
			columnLeft[j] -= f.N
		}
	}
	out := map[[2]int]map[int64]bool{}
	for _, c := range cells {
		out[c] = map[int64]bool{}
	}
	now := make([]int64, len(cells))
	var walk func(k int)
	walk = func(k int) {
		if k == len(cells) {
			for i, r := range p.Rows {
				if r.Total != nil && rowLeft[i] != 0 {
					return
				}
			}
			for _, n := range columnLeft {
				if n != 0 {
					return
				}
			}
			for x, c := range cells {
				out[c][now[x]] = true
			}
			return
		}
		i, j := cells[k][0], cells[k][1]
		room := columnLeft[j]
		if p.Rows[i].Total != nil {
			room = min(room, rowLeft[i])
		}
		for v := int64(0); v <= room; v++ {
			now[k] = v
			rowLeft[i] -= v
			columnLeft[j] -= v
			walk(k + 1)
			rowLeft[i] += v
			columnLeft[j] += v
		}
	}
	walk(0)
	return out
}

func TestPublish(t *testing.T) {
	table := func(name string, rows ...Row) Table {
		columns := make([]string, len(rows[0].Counts))
		return Table{Name: name, Columns: columns, Rows: rows}
	}
	for _, c := range []struct {
		name string
		in   Table
		want string
	}{
		{"nothing is small", table(ByDestination, Row{"XA", []int64{10, 20}}, Row{"XB", []int64{5, 0}}), "XA 10 20 =30, XB 5 0 =5, totals [15 20]"},
		{"small destinations stand together", table(ByDestination, Row{"XA", []int64{50, 20}}, Row{"XB", []int64{3, 0}}, Row{"XC", []int64{4, 0}}), "XA 50 20 =70, other 7 0 =7, totals [57 20]"},
		{"the rest takes the next smallest along", table(ByDestination, Row{"XA", []int64{50, 20}}, Row{"XB", []int64{6, 0}}, Row{"XC", []int64{2, 0}}), "XA 50 20 =70, other 8 0 =8, totals [58 20]"},
		{"one small count takes three with it", table(ByDestination, Row{"XA", []int64{50, 30}}, Row{"XB", []int64{9, 2}}, Row{"XC", []int64{8, 7}}), "XA 50 30 =80, XC - - =15, XB - - =11, totals [67 39]"},
		{"a month alone would be the total less the rest", table(ByMonth, Row{"01", []int64{3}}, Row{"02", []int64{9}}, Row{"03", []int64{20}}), "01 -, 02 -, 03 20, totals [32]"},
		{"grounds add up to nothing", table(ByGround, Row{"C2", []int64{3}}, Row{"C7", []int64{9}}), "C2 -, C7 9, totals []"},
		{"too little for any table", table(ByMonth, Row{"01", []int64{2}}, Row{"02", []int64{0}}), "withheld"},
		{"nothing at all", table(ByMonth, Row{"01", []int64{0}}), "01 0, totals [0]"},
	} {
		if got := words(publish(c.in, 5)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func words(p Published) (s string) {
	if p.Withheld {
		return "withheld"
	}
	for _, r := range p.Rows {
		s += r.Key
		for _, f := range r.Figures {
			if f.Hidden {
				s += " -"
			} else {
				s += fmt.Sprint(" ", f.N)
			}
		}
		if r.Total != nil {
			s += fmt.Sprint(" =", *r.Total)
		}
		s += ", "
	}
	return s + fmt.Sprint("totals ", p.Totals)
}

// The world's destinations, five endings, many small: against nothing but the
// clock of one run.
func BenchmarkPublishTheWorld(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 4))
	in := Table{Name: ByDestination, Columns: make([]string, 5)}
	for i := range 200 {
		row := Row{Key: fmt.Sprint(i), Counts: make([]int64, 5)}
		for j := range row.Counts {
			if r.IntN(3) > 0 {
				row.Counts[j] = int64(r.ExpFloat64() * 20)
			}
		}
		in.Rows = append(in.Rows, row)
	}
	hidden := 0
	for b.Loop() {
		hidden = 0
		for _, row := range publish(in, 5).Rows {
			for _, f := range row.Figures {
				if f.Hidden {
					hidden++
				}
			}
		}
	}
	b.ReportMetric(float64(hidden), "hidden")
}
