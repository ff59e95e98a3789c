package queryfile

import (
	"errors"
	"io"
	"slices"
	"strconv"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node/queryfile/sheet"
)

// xlsxReader reads the first sheet of a workbook. Cells are carried along as
// they are shown.
type xlsxReader struct {
	heading
	book   *sheet.Reader
	limits Limits
	rows   int
}

// maxWidth bounds the cells of a row: a workbook can name a cell far to the
// right, and everything before it would be made.
const maxWidth = 200

func openXLSX(r io.Reader, limits Limits) (_ *xlsxReader, err error) {
	book, err := sheet.Open(r, sheet.Limits{Unpacked: limits.Unpacked, Width: maxWidth})
	if err != nil {
		return nil, unreadable(1, err)
	}
	out := &xlsxReader{book: book, limits: limits}
	defer func() {
		if err != nil {
			out.Close()
		}
	}()
	_, cells, _, err := out.next()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = fault.New(fault.Invalid, "screen.file.wrong").Field("file", "screen.file.empty")
		}
		return nil, err
	}
	out.heading, err = readHeading(cells)
	return out, err
}

// next gives the next row that holds something, and its cells as they are shown.
func (r *xlsxReader) next() (line int, shown []string, held []sheet.Cell, err error) {
	for {
		row, err := r.book.Next()
		if errors.Is(err, io.EOF) {
			return 0, nil, nil, err
		}
		if err != nil {
			return 0, nil, nil, unreadable(row.Line, err)
		}
		shown = make([]string, len(row.Cells))
		for i, c := range row.Cells {
			shown[i] = c.Shown
		}
		if !blank(shown) {
			return row.Line, shown, row.Cells, nil
		}
	}
}

// unreadable says why a workbook cannot be read, or where.
func unreadable(line int, err error) error {
	switch {
	case errors.Is(err, sheet.ErrLocked):
		return fault.New(fault.Invalid, "screen.file.wrong").Field("file", "screen.file.locked").Because(err)
	case errors.Is(err, sheet.ErrNone), errors.Is(err, sheet.ErrTooLarge):
		return fault.New(fault.Invalid, "screen.file.wrong").Field("file", "screen.file.workbook").Because(err)
	case errors.Is(err, sheet.ErrTooWide):
		return fault.New(fault.TooLarge, "screen.file.wrong").Field("file", "screen.file.wide", "line", line, "max", maxWidth).Because(err)
	}
	return broken(line, err)
}

// Next implements Reader.
func (r *xlsxReader) Next() (Row, error) {
	line, shown, held, err := r.next()
	if err != nil {
		return Row{}, err
	}
	if r.rows++; r.rows > r.limits.Rows {
		return Row{}, tooMany(r.limits.Rows)
	}
	asked := shown
	if i, ok := r.at["birth"]; ok && i < len(shown) {
		asked = slices.Clone(shown)
		asked[i] = r.birth(held[i])
	}
	q, problem := r.query(asked)
	return Row{Line: line, Cells: shown, Query: q, Problem: problem}, nil
}

// birth reads a cell in which a spreadsheet counts days and a person writes a
// date, or a year alone, whatever the cell was to show.
func (r *xlsxReader) birth(c sheet.Cell) string {
	days, err := strconv.ParseFloat(c.Held, 64)
	if err != nil || days > 1800 && days < 3000 {
		return c.Held
	}
	if n, err := strconv.ParseFloat(c.Shown, 64); err != nil || n != days {
		return c.Shown // as a date already
	}
	if date, ok := r.book.Date(days); ok {
		return date
	}
	return c.Held
}

// Close implements Reader.
func (r *xlsxReader) Close() error { return r.book.Close() }

type xlsxWriter struct {
	sheet *sheet.Writer
	width int
}

func createXLSX(in *xlsxReader, w io.Writer) (*xlsxWriter, error) {
	out, err := sheet.Create(w, in.book.Name, slices.Concat(in.cells, Added))
	return &xlsxWriter{out, len(in.cells)}, err
}

// Write implements Writer.
func (w *xlsxWriter) Write(row Row, r Result) error {
	return w.sheet.Write(append(padded(row.Cells, w.width), added(r)...))
}

// Close implements Writer.
func (w *xlsxWriter) Close() error { return w.sheet.Close() }
