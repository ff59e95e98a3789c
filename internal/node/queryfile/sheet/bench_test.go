package sheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/xuri/excelize/v2"
)

// table is a file of parties, as people send them.
func table(tb testing.TB, rows int) []byte {
	tb.Helper()
	f := excelize.NewFile()
	defer f.Close()
	date, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		tb.Fatal(err)
	}
	for i := range rows {
		row := []any{fmt.Sprintf("Party %d of %d", i, rows), 22408 + i, "Norland", 9123456 + i, "a note that many share", 1.5}
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			tb.Fatal(err)
		}
	}
	if err := f.SetCellStyle("Sheet1", "B1", fmt.Sprintf("B%d", rows), date); err != nil {
		tb.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// BenchmarkRead compares with the library that the tests read with, which needs
// a second pass for what the cells hold.
func BenchmarkRead(b *testing.B) {
	const rows = 20_000
	book := table(b, rows)
	b.Run("here", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if got, err := read(book, limits); err != nil || len(got) != rows {
				b.Fatal(len(got), err)
			}
		}
		b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("library", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f, err := excelize.OpenReader(bytes.NewReader(book))
			if err != nil {
				b.Fatal(err)
			}
			shown, err := f.Rows("Sheet1")
			if err != nil {
				b.Fatal(err)
			}
			held, err := f.Rows("Sheet1")
			if err != nil {
				b.Fatal(err)
			}
			for shown.Next() && held.Next() {
				if _, err := shown.Columns(); err != nil {
					b.Fatal(err)
				}
				if _, err := held.Columns(excelize.Options{RawCellValue: true}); err != nil {
					b.Fatal(err)
				}
			}
			f.Close()
		}
		b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}

// BenchmarkWrite compares with the same library's stream.
func BenchmarkWrite(b *testing.B) {
	const rows = 20_000
	cells := []string{"Party of the second part", "1961-05-07", "Norland", "9123456", "none close", ""}
	b.Run("here", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			w, err := Create(io.Discard, "a", cells)
			for range rows {
				err = errors.Join(err, w.Write(cells))
			}
			if err := errors.Join(err, w.Close()); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	b.Run("library", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f := excelize.NewFile()
			w, err := f.NewStreamWriter("Sheet1")
			if err != nil {
				b.Fatal(err)
			}
			for i := range rows {
				values := make([]any, len(cells))
				for i, c := range cells {
					values[i] = c
				}
				if err := w.SetRow(fmt.Sprintf("A%d", i+1), values); err != nil {
					b.Fatal(err)
				}
			}
			if err := errors.Join(w.Flush(), f.Write(io.Discard)); err != nil {
				b.Fatal(err)
			}
			f.Close()
		}
		b.ReportMetric(float64(rows*b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}
