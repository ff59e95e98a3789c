package queryfile

import (
	"errors"
	"io"
	"os"
	"slices"
	"strconv"

	"github.com/xuri/excelize/v2"

	"github.com/comity-project/comity/internal/fault"
)

// xlsxReader reads the first sheet of a workbook. Cells are carried along as
// they are shown; a birth date is read from what the cell holds, since what it
// shows depends on the reader's country.
type xlsxReader struct {
	heading
	file   *excelize.File
	sheet  string
	shown  *excelize.Rows
	held   *excelize.Rows // the same rows, as the cells hold them
	limits Limits
	line   int
	rows   int
}

func openXLSX(r io.Reader, limits Limits) (_ *xlsxReader, err error) {
	f, err := excelize.OpenReader(r, excelize.Options{UnzipSizeLimit: limits.Unpacked, UnzipXMLSizeLimit: limits.Unpacked})
	if err != nil {
		return nil, fault.New(fault.Invalid, "screen.file.wrong").Field("file", "screen.file.workbook").Because(err)
	}
	out := &xlsxReader{file: f, limits: limits}
	defer func() {
		if err != nil {
			out.Close()
		}
	}()
	if sheets := f.GetSheetList(); len(sheets) > 0 {
		out.sheet = sheets[0]
	}
	if out.shown, err = f.Rows(out.sheet); err != nil {
		return nil, broken(1, err)
	}
	if out.held, err = f.Rows(out.sheet); err != nil {
		return nil, broken(1, err)
	}
	cells, _, err := out.next()
	if err != nil {
		if errors.Is(err, io.EOF) {
			err = fault.New(fault.Invalid, "screen.file.wrong").Field("file", "screen.file.empty")
		}
		return nil, err
	}
	out.heading, err = readHeading(cells)
	return out, err
}

// maxWidth bounds the cells of a row: a workbook can name a cell far to the
// right, and everything before it would be made.
const maxWidth = 200

// next gives the next row that holds something.
func (r *xlsxReader) next() (shown, held []string, err error) {
	for r.shown.Next() && r.held.Next() {
		r.line++
		if shown, err = r.shown.Columns(); err == nil {
			held, err = r.held.Columns(excelize.Options{RawCellValue: true})
		}
		if err != nil {
			return nil, nil, broken(r.line, err)
		}
		if len(shown) > maxWidth {
			return nil, nil, fault.New(fault.TooLarge, "screen.file.wrong").Field("file", "screen.file.wide", "line", r.line, "max", maxWidth)
		}
		if !blank(shown) {
			return shown, held, nil
		}
	}
	if err := errors.Join(r.shown.Error(), r.held.Error()); err != nil {
		return nil, nil, broken(r.line+1, err)
	}
	return nil, nil, io.EOF
}

// Next implements Reader.
func (r *xlsxReader) Next() (Row, error) {
	shown, held, err := r.next()
	if err != nil {
		return Row{}, err
	}
	if r.rows++; r.rows > r.limits.Rows {
		return Row{}, tooMany(r.limits.Rows)
	}
	asked := shown
	if i, ok := r.at["birth"]; ok && i < len(shown) && i < len(held) {
		asked = slices.Clone(shown)
		asked[i] = birthOf(held[i])
	}
	q, problem := r.query(asked)
	return Row{Line: r.line, Cells: shown, Query: q, Problem: problem}, nil
}

// birthOf reads a cell: a spreadsheet counts days, a person writes a date.
func birthOf(held string) string {
	days, err := strconv.ParseFloat(held, 64)
	if err != nil || days < 3000 && days > 1800 || days < 0 {
		return held // text, or a year
	}
	t, err := excelize.ExcelDateToTime(days, false)
	if err != nil {
		return held
	}
	return t.Format("2006-01-02")
}

// Close implements Reader.
func (r *xlsxReader) Close() error {
	var errs []error
	for _, rows := range []*excelize.Rows{r.shown, r.held} {
		if rows != nil {
			errs = append(errs, rows.Close())
		}
	}
	return errors.Join(append(errs, r.file.Close())...)
}

type xlsxWriter struct {
	to    io.Writer
	file  *excelize.File
	sheet *excelize.StreamWriter
	width int
	line  int
	aside string // folder for what the library does not hold in memory
}

// memory is where Linux keeps files that never reach a disk.
const memory = "/dev/shm"

// privateFolder makes a folder that this process alone may open, in memory where
// the system has such files: the library puts there what is larger than 16 MB, and
// the rows hold names that somebody screened.
func privateFolder() (string, error) {
	if dir, err := os.MkdirTemp(memory, "comity-"); err == nil {
		return dir, nil
	}
	return os.MkdirTemp("", "comity-")
}

func createXLSX(in *xlsxReader, w io.Writer) (_ *xlsxWriter, err error) {
	aside, err := privateFolder()
	if err != nil {
		return nil, err
	}
	out := &xlsxWriter{to: w, file: excelize.NewFile(excelize.Options{TmpDir: aside}), width: len(in.cells), aside: aside}
	defer func() {
		if err != nil {
			_ = out.discard()
		}
	}()
	sheet := out.file.GetSheetList()[0]
	if in.sheet != sheet {
		if err := out.file.SetSheetName(sheet, in.sheet); err != nil {
			return nil, err
		}
	}
	if out.sheet, err = out.file.NewStreamWriter(in.sheet); err != nil {
		return nil, err
	}
	bold, err := out.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, err
	}
	return out, errors.Join(
		out.sheet.SetColWidth(1, out.width+len(Added), 18),
		out.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}),
		out.row(slices.Concat(in.cells, Added), excelize.RowOpts{StyleID: bold}))
}

func (w *xlsxWriter) row(cells []string, opts ...excelize.RowOpts) error {
	w.line++
	values := make([]any, len(cells))
	for i, c := range cells {
		values[i] = c
	}
	return w.sheet.SetRow("A"+strconv.Itoa(w.line), values, opts...)
}

// Write implements Writer. Every cell is text: nothing in it is a formula.
func (w *xlsxWriter) Write(row Row, r Result) error {
	return w.row(append(padded(row.Cells, w.width), added(r)...))
}

// Close implements Writer.
func (w *xlsxWriter) Close() error {
	if err := w.sheet.Flush(); err != nil {
		return errors.Join(err, w.discard())
	}
	return errors.Join(w.file.Write(w.to), w.discard())
}

// discard lets go of the workbook and of what lay aside.
func (w *xlsxWriter) discard() error { return errors.Join(w.file.Close(), os.RemoveAll(w.aside)) }
