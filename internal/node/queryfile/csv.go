package queryfile

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/comity-project/comity/internal/fault"
)

var bom = []byte("\xef\xbb\xbf")

type csvReader struct {
	heading
	csv    *csv.Reader
	marked bool // the file began with a byte order mark
	limits Limits
	rows   int
}

func openCSV(r io.Reader, limits Limits) (*csvReader, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	out := &csvReader{limits: limits}
	if head, _ := in.Peek(len(bom)); bytes.Equal(head, bom) {
		out.marked = true
		_, _ = in.Discard(len(bom))
	}
	first, _ := in.Peek(4096)
	first, _, _ = bytes.Cut(first, []byte("\n"))
	out.csv = csv.NewReader(in)
	switch {
	case bytes.ContainsRune(first, '\t'):
		out.csv.Comma = '\t'
	case bytes.ContainsRune(first, ';') && !bytes.ContainsRune(first, ','):
		out.csv.Comma = ';'
	}
	cells, err := out.record()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = fault.New(fault.Invalid, "screen.file.wrong").Field("file", "screen.file.empty")
		}
		return nil, err
	}
	out.heading, err = readHeading(cells)
	return out, err
}

func (r *csvReader) record() ([]string, error) {
	cells, err := r.csv.Read()
	line, _ := 1, 0
	if bad := (*csv.ParseError)(nil); errors.As(err, &bad) {
		return nil, broken(bad.Line, err)
	} else if err != nil {
		return nil, err
	}
	line, _ = r.csv.FieldPos(0)
	for _, c := range cells {
		if !utf8.ValidString(c) || strings.ContainsRune(c, 0) {
			return nil, fault.New(fault.Invalid, "screen.file.wrong").Field("file", "screen.file.utf8", "line", line)
		}
	}
	return cells, nil
}

// Next implements Reader.
func (r *csvReader) Next() (Row, error) {
	for {
		cells, err := r.record()
		if err != nil {
			return Row{}, err
		}
		if blank(cells) {
			continue
		}
		if r.rows++; r.rows > r.limits.Rows {
			return Row{}, tooMany(r.limits.Rows)
		}
		line, _ := r.csv.FieldPos(0)
		q, problem := r.query(cells)
		return Row{Line: line, Cells: cells, Query: q, Problem: problem}, nil
	}
}

// Close implements Reader.
func (r *csvReader) Close() error { return nil }

type csvWriter struct {
	csv   *csv.Writer
	width int
}

func createCSV(in *csvReader, w io.Writer) (*csvWriter, error) {
	if in.marked {
		if _, err := w.Write(bom); err != nil {
			return nil, err
		}
	}
	out := &csvWriter{csv: csv.NewWriter(w), width: len(in.cells)}
	out.csv.Comma = in.csv.Comma
	return out, out.csv.Write(slices.Concat(in.cells, Added))
}

// Write implements Writer. A listed name that a spreadsheet would take for a
// formula gets an apostrophe before it.
func (w *csvWriter) Write(row Row, r Result) error {
	cells := padded(row.Cells, w.width)
	for _, c := range added(r) {
		if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
			c = "'" + c
		}
		cells = append(cells, c)
	}
	return w.csv.Write(cells)
}

// Close implements Writer.
func (w *csvWriter) Close() error {
	w.csv.Flush()
	return w.csv.Error()
}
