package queryfile

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/screening"
)

func index(tb testing.TB) *screening.Index {
	tb.Helper()
	x, err := screening.Build([]screening.Entity{
		{ID: "d:1", List: "demo", Type: screening.Person, Names: []screening.Name{{Text: "VOLKHONTSEV, Arkady Timofeyevich", Kind: screening.Primary}}, Births: []string{"1961-05-07"}},
		{ID: "d:2", List: "demo", Type: screening.Vessel, Names: []screening.Name{{Text: "=KRASNAYA ZARYA", Kind: screening.Primary}}, IDs: []screening.Ident{{Kind: "imo", Value: "9123456"}}},
	}, screening.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return x
}

func run(tb testing.TB, x *screening.Index, format Format, in []byte, limits Limits) ([]byte, Summary, error) {
	tb.Helper()
	r, err := Open(format, bytes.NewReader(in), limits)
	if err != nil {
		return nil, Summary{}, err
	}
	defer r.Close()
	var out bytes.Buffer
	w, err := Create(r, &out)
	if err != nil {
		tb.Fatal(err)
	}
	sum, err := Run(context.Background(), r, 0, func(q screening.Query) Result {
		return Of(x.Search(q, screening.SearchOptions{}), nil, nil)
	}, w.Write, nil)
	err = errors.Join(err, w.Close())
	return out.Bytes(), sum, err
}

func TestCSV(t *testing.T) {
	in := "\xef\xbb\xbfCustomer no;Name;Date of birth;IMO number\r\n7;Аркадий Тимофеевич Волхонцев;1961-05-07;\r\n\r\n8;;;IMO 9123456\n9;Qwertop Nobody;;\n10;;;\n11;" + strings.Repeat("x", 600) + ";;\n12;...;;\n"
	x := index(t)
	r, err := Open(CSV, strings.NewReader(in), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	out, sum, err := run(t, x, CSV, []byte(in), DefaultLimits)
	if err != nil || sum != (Summary{Rows: 6, WithHits: 2, Problems: 2}) {
		t.Fatalf("%+v, %v", sum, err)
	}
	if !bytes.HasPrefix(out, bom) {
		t.Error("the mark at the beginning is gone")
	}
	read := csv.NewReader(bytes.NewReader(out[len(bom):]))
	read.Comma = ';'
	rows, err := read.ReadAll()
	if err != nil || len(rows) != 7 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if got := strings.Join(rows[0], ";"); got != "Customer no;Name;Date of birth;IMO number;"+strings.Join(Added, ";") {
		t.Errorf("heading %s", got)
	}
	for i, want := range []struct{ no, outcome, closest string }{
		{"7", "strong", "VOLKHONTSEV, Arkady Timofeyevich"},
		{"8", "strong", "'=KRASNAYA ZARYA"},
		{"9", "none close", ""},
		{"10", "no name", ""},
		{"11", "too long", ""},
		{"12", "unread", ""},
	} {
		if r := rows[i+1]; r[0] != want.no || r[4] != want.outcome || r[6] != want.closest {
			t.Errorf("row %d: %q, want %+v", i+1, r, want)
		}
	}
}

func workbook(tb testing.TB, rows ...[]any) []byte {
	tb.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			tb.Fatal(err)
		}
	}
	style, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		tb.Fatal(err)
	}
	if err := f.SetColStyle("Sheet1", "B", style); err != nil {
		tb.Fatal(err)
	}
	for i := range rows {
		cell := fmt.Sprintf("B%d", i+1)
		if err := f.SetCellStyle("Sheet1", cell, cell, style); err != nil {
			tb.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestXLSX(t *testing.T) {
	in := workbook(t,
		[]any{"name", "birth", "Our note"},
		[]any{"Arkady Volkhontsev", 22408, "=1+1"}, // 7 May 1961
		[]any{},
		[]any{"Arkady Volkhontsev", "1955-03-04"},
		[]any{"Nobody Such"})
	out, sum, err := run(t, index(t), XLSX, in, DefaultLimits)
	if err != nil || sum.Rows != 3 || sum.WithHits < 1 {
		t.Fatalf("%+v, %v", sum, err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Sheet1")
	if err != nil || len(rows) != 4 {
		t.Fatalf("%q, %v", rows, err)
	}
	if rows[0][3] != "result" || rows[1][2] != "=1+1" || rows[1][3] != "strong" || rows[1][7] != "demo" || rows[3][3] != "none close" {
		t.Errorf("%q", rows)
	}
	if formula, err := f.GetCellFormula("Sheet1", "C2"); err != nil || formula != "" {
		t.Errorf("a cell became the formula %q", formula)
	}
	if rows[1][1] != "1961-05-07" {
		t.Errorf("a date came back as %q", rows[1][1])
	}
	if rows[1][3] == rows[2][3] && rows[1][9] == rows[2][9] {
		t.Error("a birth date that agrees and one that contradicts make no difference")
	}
}

func TestJSONL(t *testing.T) {
	out, sum, err := run(t, index(t), JSONL, []byte("{\"qid\":\"a\",\"name\":\"Arkady Volkhontsev\"}\n\n{broken\n{\"qid\":\"c\"}\n"), DefaultLimits)
	if err != nil || sum != (Summary{Rows: 3, WithHits: 1, Problems: 2}) {
		t.Fatalf("%+v, %v", sum, err)
	}
	want := []string{`{"qid":"a","line":1,"result":`, `{"line":3,"result":"not a row"`, `{"qid":"c","line":4,"result":"no name"`}
	for i, line := range strings.Split(strings.TrimSuffix(string(out), "\n"), "\n") {
		if !strings.HasPrefix(line, want[i]) {
			t.Errorf("%s, want %s", line, want[i])
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	few := Limits{Rows: 2, Unpacked: 1 << 20}
	var wide []any
	for range 300 {
		wide = append(wide, "name")
	}
	bomb := workbook(t, []any{"name", "birth", "x"}, []any{strings.Repeat("a ", 15000), "", strings.Repeat("b ", 15000)})
	for name, c := range map[string]struct {
		format Format
		in     []byte
		key    string
	}{
		"nothing":           {CSV, nil, "screen.file.empty"},
		"no known column":   {CSV, []byte("a,b\n1,2\n"), "screen.file.columns"},
		"a column twice":    {CSV, []byte("name,company\n1,2\n"), "screen.file.twice"},
		"open quotation":    {CSV, []byte("name\n\"a\n"), "screen.file.broken"},
		"too few cells":     {CSV, []byte("name,x\na\n"), "screen.file.broken"},
		"Latin-1":           {CSV, []byte("name\nM\xfcller\n"), "screen.file.utf8"},
		"too many rows":     {CSV, []byte("name\na\nb\nc\n"), "screen.file.rows"},
		"too many lines":    {JSONL, []byte("{}\n{}\n{}\n"), "screen.file.rows"},
		"an endless line":   {JSONL, bytes.Repeat([]byte("x"), maxLine+2), "screen.file.broken"},
		"no workbook":       {XLSX, []byte("PK\x03\x04nonsense"), "screen.file.workbook"},
		"old or locked":     {XLSX, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "screen.file.locked"},
		"unpacks too large": {XLSX, bomb, "screen.file.workbook"},
		"a wide row":        {XLSX, workbook(t, wide), "screen.file.wide"},
		"another kind":      {"pdf", nil, "screen.file.format"},
	} {
		limits := few
		if name == "unpacks too large" {
			limits.Unpacked = 20 << 10
		}
		_, _, err := run(t, index(t), c.format, c.in, limits)
		var f *fault.Error
		if !errors.As(err, &f) || f.Key != c.key && (len(f.Fields) == 0 || f.Fields[0].Key != c.key) {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
}

func TestRunGoesOn(t *testing.T) {
	var in strings.Builder
	in.WriteString("name\n")
	for i := range 2 * chunk {
		fmt.Fprintf(&in, "Party %d\n", i)
	}
	for _, skip := range []int{0, 1, chunk, 2*chunk - 1, 2 * chunk} {
		r, err := Open(CSV, strings.NewReader(in.String()), DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		next, last := skip, 0
		_, err = Run(context.Background(), r, skip, func(q screening.Query) Result { return Result{Name: q.Name} }, func(_ Row, r Result) error {
			if r.Name != fmt.Sprintf("Party %d", next) {
				t.Fatalf("%s in the place of party %d", r.Name, next)
			}
			next++
			return nil
		}, func(done int) { last = done })
		if err != nil || next != 2*chunk || last != 2*chunk {
			t.Errorf("after %d: ends at %d, told %d, %v", skip, next, last, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	r, err := Open(CSV, strings.NewReader(in.String()), DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(ctx, r, 0, func(screening.Query) Result { return Result{} }, func(Row, Result) error { return nil }, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte("\xef\xbb\xbfname;birth\nA;1961\n"))
	f.Add([]byte("name,imo\n\"a\nb\",9123456\n,,\n"))
	x := index(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		out, sum, err := run(t, x, CSV, in, Limits{Rows: 100})
		var fe *fault.Error
		if err != nil {
			if !errors.As(err, &fe) {
				t.Fatalf("an error without words: %v", err)
			}
			return
		}
		if sum.Rows > 100 || len(out) == 0 {
			t.Fatalf("%+v", sum)
		}
	})
}

func FuzzXLSX(f *testing.F) {
	f.Add(workbook(f, []any{"name", "birth"}, []any{"Arkady", 22408}, []any{"b", "x"}))
	x := index(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) > 1<<20 {
			return
		}
		_, sum, err := run(t, x, XLSX, in, Limits{Rows: 100, Unpacked: 4 << 20})
		if err == nil && sum.Rows > 100 {
			t.Fatalf("%+v", sum)
		}
	})
}

func FuzzJSONL(f *testing.F) {
	f.Add([]byte("{\"qid\":\"a\",\"name\":\"Nuri\"}\n[]\n"))
	x := index(f)
	f.Fuzz(func(t *testing.T, in []byte) {
		out, sum, err := run(t, x, JSONL, in, Limits{Rows: 100})
		if err == nil && bytes.Count(out, []byte("\n")) != sum.Rows {
			t.Fatalf("%d lines for %+v", bytes.Count(out, []byte("\n")), sum)
		}
	})
}
