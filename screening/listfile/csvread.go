package listfile

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// rows reads CSV one row at a time, with places and bounds.
type rows struct {
	in     *input
	r      *csv.Reader
	n      int
	header map[string]int
	row    []string
}

func openCSV(f File, lim Limits, fields int) (*rows, error) {
	in, err := open(f, lim)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(in)
	r.FieldsPerRecord = fields
	r.ReuseRecord = true
	return &rows{in: in, r: r}, nil
}

// next reads a row; io.EOF ends. The slice is valid until the next call.
func (c *rows) next() ([]string, error) {
	row, err := c.r.Read()
	if err != nil {
		if err == io.EOF {
			return nil, io.EOF
		}
		if e, ok := own(err); ok {
			return nil, e
		}
		var p *csv.ParseError
		if errors.As(err, &p) {
			if len(row) == 1 && strings.Trim(row[0], "\x1a \t") == "" {
				return nil, io.EOF // the DOS end of file mark that OFAC writes
			}
			return nil, c.broken(p, row)
		}
		return nil, c.in.reading(err)
	}
	if len(row) == 1 && strings.Trim(row[0], "\x1a \t") == "" {
		return nil, io.EOF
	}
	c.n++
	if c.n > c.in.lim.Rows {
		return nil, c.fault(TooLarge, 0, fmt.Sprintf("there are more than %d rows", c.in.lim.Rows), "look at what was fetched, or raise the limit")
	}
	for i, cell := range row {
		if len(cell) > c.in.lim.Cell {
			return nil, c.fault(TooLarge, i, fmt.Sprintf("a cell is longer than %d bytes", c.in.lim.Cell), "a quotation mark may be missing near here: "+fetchAgain)
		}
	}
	c.row = row
	return row, nil
}

func (c *rows) broken(p *csv.ParseError, row []string) error {
	problem := "the row is broken"
	switch {
	case errors.Is(p.Err, csv.ErrFieldCount):
		problem = fmt.Sprintf("the row has %d cells, expected %d", len(row), c.r.FieldsPerRecord)
	case errors.Is(p.Err, csv.ErrBareQuote):
		problem = "a quotation mark stands inside an unquoted cell"
	case errors.Is(p.Err, csv.ErrQuote):
		problem = fmt.Sprintf("a quoted cell is not closed as it should be; the row begins in line %d", p.StartLine)
	}
	return &Error{Kind: Syntax, File: c.in.name, Line: p.Line, Column: p.Column, Problem: problem, Todo: fetchAgain, Cause: p}
}

// fault makes an error at a cell of the row read last.
func (c *rows) fault(k Kind, cell int, problem, todo string) error {
	line, column := c.r.FieldPos(cell)
	return c.in.fault(k, line, column, problem, todo)
}

func (c *rows) line() int {
	line, _ := c.r.FieldPos(0)
	return line
}

// readHeader reads the first row and holds it to the columns wanted; others are
// allowed where extra is true, and then counted by the caller.
func (c *rows) readHeader(want []string, extra bool) ([]string, error) {
	row, err := c.next()
	if err == io.EOF {
		return nil, c.in.fault(Structure, 1, 1, "there is no header row", fetchAgain)
	}
	if err != nil {
		return nil, err
	}
	c.header = map[string]int{}
	var others []string
	for i, name := range row {
		name = strings.TrimSpace(name)
		if _, twice := c.header[name]; twice {
			return nil, c.fault(Structure, i, fmt.Sprintf("the column %q stands twice", name), fetchAgain)
		}
		c.header[name] = i
		others = append(others, name)
	}
	known := map[string]bool{}
	for _, name := range want {
		known[name] = true
		if _, ok := c.header[name]; !ok {
			return nil, c.in.fault(Structure, 1, 1, fmt.Sprintf("the column %q is missing", name), "this is another kind of file, or its form has changed: tell the keeper of the list")
		}
	}
	var unknown []string
	for _, name := range others {
		if !known[name] {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 && !extra {
		return nil, c.in.fault(Structure, 1, c.columnOf(unknown[0]), fmt.Sprintf("the column %q is not known", unknown[0]), "its form has changed: tell the keeper of the list")
	}
	c.n = 0
	return unknown, nil
}

func (c *rows) columnOf(name string) int {
	_, column := c.r.FieldPos(c.header[name])
	return column
}

// get is the trimmed cell of a named column in the row read last.
func (c *rows) get(name string) string {
	if i, ok := c.header[name]; ok && i < len(c.row) {
		return strings.TrimSpace(c.row[i])
	}
	return ""
}
