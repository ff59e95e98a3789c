// Package sheet reads the first sheet of an OOXML workbook (.xlsx), row by row,
// and writes a workbook of one sheet, row by row. It reads what a table of
// parties may hold: texts, numbers, dates, yes and no. It works out no formula,
// only what the last program left as its result, and opens nothing that a
// workbook names outside itself.
//
// A workbook may come from anybody. Everything that its maker could make large
// is bounded: bytes unpacked, parts, depth, one text, rows, columns. What breaks
// the form is an error and not a guess.
package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"strconv"
	"strings"
)

// What a workbook can be refused for; everything else is a form that is broken.
var (
	ErrNone     = errors.New("sheet: no workbook")
	ErrLocked   = errors.New("sheet: an old workbook or one locked with a password")
	ErrTooLarge = errors.New("sheet: unpacks to too much")
	ErrTooWide  = errors.New("sheet: a row has too many cells")
)

// Limits bound a workbook.
type Limits struct {
	Unpacked int64 // most bytes that the parts which are read may unpack to
	Width    int   // most cells of a row
}

// The bounds that the form itself has, or that no program goes near.
const (
	maxRows    = 1 << 20
	maxColumns = 1 << 14
	maxParts   = 10_000
	maxSheets  = 1_000
	maxFormats = 1 << 16
	maxTexts   = 1 << 24
)

// Row is a row that stands in the file, maybe with nothing in its cells.
type Row struct {
	Line  int // from 1, as a person sees it beside the row
	Cells []Cell
}

// Cell is a cell. The zero cell is an empty one.
type Cell struct {
	Shown string // as a person reads it; a date as 2006-01-02, whatever the country
	Held  string // as the file holds it: a date is a count of days
}

// Reader reads a sheet.
type Reader struct {
	Name string // of the sheet

	limits  Limits
	parts   map[string]*zip.File
	left    int64 // bytes that may still be unpacked
	give    int64 // bytes of shared texts that may still be given: a short row can name long ones
	epoch   epoch
	texts   texts
	formats []*format // of the styles that cells name
	walk    *walker
	line    int
}

// oleFile is how .xls files begin, and workbooks that are locked with a password.
var oleFile = []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")

// Open begins to read a workbook. Where r can be read anywhere, as a file can,
// it is never held in memory.
func Open(r io.Reader, limits Limits) (*Reader, error) {
	at, size, err := anywhere(r, limits.Unpacked)
	if err != nil {
		return nil, err
	}
	head := make([]byte, len(oleFile))
	if n, _ := at.ReadAt(head, 0); bytes.Equal(head[:n], oleFile) {
		return nil, ErrLocked
	}
	list := &counted{at, maxList}
	z, err := zip.NewReader(list, size)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNone, err)
	}
	list.left = math.MaxInt64 // its parts are counted as they unpack
	out := &Reader{limits: limits, left: limits.Unpacked, give: limits.Unpacked, parts: make(map[string]*zip.File, len(z.File))}
	if len(z.File) > maxParts {
		return nil, ErrTooLarge
	}
	for _, f := range z.File {
		name := strings.ToLower(f.Name)
		if out.parts[name] != nil {
			return nil, fmt.Errorf("%w: two parts are called %q", ErrNone, f.Name)
		}
		if f.Flags&1 != 0 {
			return nil, ErrLocked
		}
		out.parts[name] = f
	}
	return out, out.open()
}

// maxList is the most bytes that are read for the list of parts.
const maxList = 2 << 20

// counted reads so many bytes and no more.
type counted struct {
	io.ReaderAt
	left int64
}

// ReadAt implements io.ReaderAt.
func (c *counted) ReadAt(p []byte, at int64) (int, error) {
	if c.left -= int64(len(p)); c.left < 0 {
		return 0, ErrTooLarge
	}
	return c.ReaderAt.ReadAt(p, at)
}

// anywhere makes a stream one that can be read anywhere.
func anywhere(r io.Reader, limit int64) (io.ReaderAt, int64, error) {
	if f, ok := r.(interface {
		io.ReaderAt
		io.Seeker
	}); ok {
		if size, err := f.Seek(0, io.SeekEnd); err == nil {
			return f, size, nil
		}
	}
	b, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = ErrTooLarge
	}
	return bytes.NewReader(b), int64(len(b)), err
}

// open reads everything but the sheet: which part it is, the texts that cells
// share, the forms in which numbers are shown.
func (r *Reader) open() error {
	root, err := r.relations("")
	if err != nil {
		return err
	}
	book := root.ofKind("officeDocument")
	if book == "" {
		return fmt.Errorf("%w: no workbook is named", ErrNone)
	}
	near, err := r.relations(book)
	if err != nil {
		return err
	}
	part, err := r.first(book, near)
	if err != nil {
		return err
	}
	if name := near.ofKind("sharedStrings"); name != "" {
		if err := r.readTexts(name); err != nil {
			return err
		}
	}
	if name := near.ofKind("styles"); name != "" {
		if err := r.readFormats(name); err != nil {
			return err
		}
	}
	r.walk, err = r.part(part)
	return err
}

// relation is a line of a .rels part.
type relation struct{ id, kind, target string }

type relations []relation

// ofKind gives the first part of a kind: the last word of its kind's address,
// which is the same in both forms of the standard.
func (rs relations) ofKind(kind string) string {
	for _, x := range rs {
		if path.Base(x.kind) == kind {
			return x.target
		}
	}
	return ""
}

// relations reads what a part is related to; "" is the whole file.
func (r *Reader) relations(of string) (out relations, err error) {
	dir, base := path.Split(of)
	w, err := r.part(dir + "_rels/" + base + ".rels")
	if err != nil {
		return nil, err
	}
	defer w.close()
	err = w.each(func(e xml.StartElement) error {
		if !w.at("Relationships", "Relationship") || attr(e, "TargetMode") == "External" {
			return nil
		}
		target := attr(e, "Target")
		if !strings.HasPrefix(target, "/") {
			target = "/" + dir + target
		}
		if len(out) == maxParts {
			return ErrTooLarge
		}
		out = append(out, relation{attr(e, "Id"), attr(e, "Type"), strings.TrimPrefix(path.Clean(target), "/")})
		return nil
	})
	return out, err
}

// first finds the first sheet that is a table, in the order a person sees.
func (r *Reader) first(book string, near relations) (part string, err error) {
	w, err := r.part(book)
	if err != nil {
		return "", err
	}
	defer w.close()
	sheets := 0
	err = w.each(func(e xml.StartElement) error {
		switch {
		case w.at("workbook", "workbookPr"):
			if v := attr(e, "date1904"); v == "1" || v == "true" {
				r.epoch = since1904
			}
		case part == "" && w.at("workbook", "sheets", "sheet"):
			if sheets++; sheets > maxSheets {
				return ErrTooLarge
			}
			for _, x := range near {
				if x.id == attr(e, "id") && path.Base(x.kind) == "worksheet" {
					r.Name, part = attr(e, "name"), x.target
				}
			}
		}
		return nil
	})
	if err == nil && part == "" {
		err = fmt.Errorf("%w: it has no sheet", ErrNone)
	}
	return part, err
}

// Next gives the next row that stands in the file, io.EOF after the last. With
// an error, Line says where it is.
func (r *Reader) Next() (Row, error) {
	for {
		t, err := r.walk.next()
		if errors.Is(err, io.EOF) {
			return Row{}, err
		}
		if err == nil {
			e, ok := t.(xml.StartElement)
			if !ok || !r.walk.at("worksheet", "sheetData", "row") {
				continue
			}
			var cells []Cell
			if r.line, err = lineOf(e, r.line); err == nil {
				if cells, err = r.row(); err == nil {
					return Row{r.line, cells}, nil
				}
			}
		}
		return Row{Line: max(r.line, 1)}, err
	}
}

func lineOf(e xml.StartElement, last int) (int, error) {
	line := last + 1
	if s := attr(e, "r"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n <= last {
			return last + 1, fmt.Errorf("sheet: row %q after row %d", s, last)
		}
		line = n
	}
	if line > maxRows {
		return last + 1, fmt.Errorf("sheet: row %d", line)
	}
	return line, nil
}

// row reads a row to its end.
func (r *Reader) row() (cells []Cell, err error) {
	for {
		t, err := r.walk.next()
		if err != nil {
			return nil, err
		}
		switch e := t.(type) {
		case xml.EndElement:
			if r.walk.at("worksheet", "sheetData") {
				return cells, nil
			}
		case xml.StartElement:
			if !r.walk.at("worksheet", "sheetData", "row", "c") {
				continue
			}
			column := len(cells)
			if ref := attr(e, "r"); ref != "" {
				if column = columnOf(ref); column < len(cells) {
					return nil, fmt.Errorf("sheet: cell %q after %d others", ref, len(cells))
				}
			}
			if column >= min(r.limits.Width, maxColumns) {
				return nil, ErrTooWide
			}
			cell, err := r.cell(e)
			if err != nil {
				return nil, err
			}
			for len(cells) < column {
				cells = append(cells, Cell{})
			}
			cells = append(cells, cell)
		}
	}
}

// columnOf reads the letters of a reference, "AB12" is 27; -1 where there is none.
func columnOf(ref string) int {
	n := 0
	for _, c := range ref {
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c < 'A' || c > 'Z' {
			break
		}
		if n = n*26 + int(c-'A') + 1; n > maxColumns {
			break
		}
	}
	return n - 1
}

// cell reads a cell to its end.
func (r *Reader) cell(e xml.StartElement) (Cell, error) {
	kind, style := attr(e, "t"), attr(e, "s")
	var value []byte
	for {
		t, err := r.walk.next()
		if err != nil {
			return Cell{}, err
		}
		switch t := t.(type) {
		case xml.EndElement:
			if r.walk.at("worksheet", "sheetData", "row") {
				return r.read(kind, style, string(value))
			}
		case xml.CharData:
			if kind != "inlineStr" && r.walk.at("worksheet", "sheetData", "row", "c", "v") {
				if value = append(value, t...); len(value) > maxToken {
					return Cell{}, ErrTooLarge
				}
			}
		case xml.StartElement:
			if t.Name.Local == "is" && kind == "inlineStr" {
				if value, err = r.walk.text(nil); err != nil {
					return Cell{}, err
				}
			}
		}
	}
}

// read says what a cell's value is.
func (r *Reader) read(kind, style, value string) (Cell, error) {
	switch kind {
	case "s":
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || n < 0 || n >= r.texts.len() {
			return Cell{}, fmt.Errorf("sheet: text %q of %d", value, r.texts.len())
		}
		s := r.texts.at(n)
		if r.give -= int64(len(s)); r.give < 0 {
			return Cell{}, ErrTooLarge
		}
		return Cell{s, s}, nil
	case "inlineStr":
		return Cell{value, value}, nil
	case "b":
		s := "FALSE"
		if strings.TrimSpace(value) == "1" || strings.TrimSpace(value) == "true" {
			s = "TRUE"
		}
		return Cell{s, s}, nil
	case "", "n":
		return r.number(strings.TrimSpace(value), style)
	case "d":
		s := strings.TrimSuffix(strings.TrimSpace(value), "T00:00:00")
		return Cell{s, s}, nil
	}
	s := unescape(value)
	return Cell{s, s}, nil
}

func (r *Reader) number(value, style string) (Cell, error) {
	x, err := strconv.ParseFloat(value, 64)
	if err != nil || x-x != 0 { // no number, or none that ends
		return Cell{value, value}, nil
	}
	var f *format
	if style != "" {
		n, err := strconv.Atoi(style)
		if err != nil || n < 0 {
			return Cell{}, fmt.Errorf("sheet: style %q", style)
		}
		if n < len(r.formats) {
			f = r.formats[n]
		}
	}
	return Cell{f.show(x, r.epoch), value}, nil
}

// Date reads a number as a date of this workbook, 2006-01-02; false where it is
// none.
func (r *Reader) Date(days float64) (string, bool) {
	t, ok := r.epoch.time(days)
	return t.Format("2006-01-02"), ok
}

// Close lets go of the workbook.
func (r *Reader) Close() error {
	if r.walk == nil {
		return nil
	}
	return r.walk.close()
}
