package sheet

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Writer writes a workbook of one sheet, straight into the archive: nothing is
// laid aside. Every cell is a text and stays one when somebody edits it: nothing
// in it is a formula.
type Writer struct {
	zip  *zip.Writer
	out  *bufio.Writer
	line int
	cell []byte
}

const (
	declared = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	main     = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	linked   = `xmlns="http://schemas.openxmlformats.org/package/2006/relationships"`
	kinds    = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	media    = `application/vnd.openxmlformats-officedocument.spreadsheetml.`
)

// Styles by number: 1 is text, 2 is text in bold letters.
var fixed = []struct{ name, text string }{
	{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
		`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
		`<Override PartName="/xl/workbook.xml" ContentType="` + media + `sheet.main+xml"/>` +
		`<Override PartName="/xl/styles.xml" ContentType="` + media + `styles+xml"/>` +
		`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="` + media + `worksheet+xml"/></Types>`},
	{"_rels/.rels", `<Relationships ` + linked + `><Relationship Id="rId1" Type="` + kinds + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
	{"xl/_rels/workbook.xml.rels", `<Relationships ` + linked + `><Relationship Id="rId1" Type="` + kinds + `/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="` + kinds + `/styles" Target="styles.xml"/></Relationships>`},
	{"xl/styles.xml", `<styleSheet ` + main + `><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>` +
		`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
		`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
		`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
		`<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
		`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
		`<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/></cellXfs>` +
		`<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`},
}

// Create begins a workbook with the heading of its table, which stays in sight
// while one scrolls.
func Create(w io.Writer, name string, heading []string) (*Writer, error) {
	out := &Writer{zip: zip.NewWriter(w)}
	book := `<workbook ` + main + ` xmlns:r="` + kinds + `"><sheets><sheet name="` + escape(sheetName(name)) + `" sheetId="1" r:id="rId1"/></sheets></workbook>`
	for _, p := range append(fixed, struct{ name, text string }{"xl/workbook.xml", book}) {
		part, err := out.zip.Create(p.name)
		if err == nil {
			_, err = io.WriteString(part, declared+p.text)
		}
		if err != nil {
			return nil, err
		}
	}
	part, err := out.zip.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return nil, err
	}
	out.out = bufio.NewWriterSize(part, 64<<10)
	fmt.Fprintf(out.out, `%s<worksheet %s><sheetViews><sheetView tabSelected="1" workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`+
		`<cols><col min="1" max="%d" width="18" customWidth="1"/></cols><sheetData>`, declared, main, max(len(heading), 1))
	return out, out.row(heading, 2)
}

// Write adds a row.
func (w *Writer) Write(cells []string) error { return w.row(cells, 1) }

func (w *Writer) row(cells []string, style int) error {
	if w.line++; w.line > maxRows || len(cells) > maxColumns {
		return fmt.Errorf("sheet: row %d of %d cells is more than a sheet holds", w.line, len(cells))
	}
	b := strconv.AppendInt(append(w.cell[:0], `<row r="`...), int64(w.line), 10)
	b = append(b, `">`...)
	for i, c := range cells {
		if c == "" {
			continue
		}
		b = append(appendColumn(append(b, `<c r="`...), i), strconv.Itoa(w.line)...)
		b = strconv.AppendInt(append(b, `" s="`...), int64(style), 10)
		b = append(b, `" t="inlineStr"><is><t xml:space="preserve">`...)
		b = append(appendText(b, c), `</t></is></c>`...)
	}
	w.cell = append(b, `</row>`...)
	_, err := w.out.Write(w.cell)
	return err
}

// appendColumn writes the letters of a column, counted from 0.
func appendColumn(b []byte, column int) []byte {
	if column >= 26 {
		b = appendColumn(b, column/26-1)
	}
	return append(b, byte('A'+column%26))
}

// maxCell is how many UTF-16 units a cell may hold; other programs refuse a
// workbook with more.
const maxCell = 32_767

// appendText writes a text so that it is read as it was.
func appendText(b []byte, s string) []byte {
	units := 0
	for i, c := range s {
		if units++; c > 0xffff {
			units++
		}
		if units > maxCell {
			break
		}
		switch {
		case c == '&':
			b = append(b, "&amp;"...)
		case c == '<':
			b = append(b, "&lt;"...)
		case c == '>':
			b = append(b, "&gt;"...)
		case c == '"':
			b = append(b, "&quot;"...)
		case c == '_' && likeEscape(s[i:]): // the next may be written as an escape
			b = append(b, "_x005F_"...)
		case c < ' ' && c != '\t' && c != '\n', c == 0xfffe, c == 0xffff:
			b = fmt.Appendf(b, "_x%04X_", c)
		default:
			b = utf8.AppendRune(b, c)
		}
	}
	return b
}

// sheetName keeps a name that a sheet may have.
func sheetName(name string) string {
	if name == "" || utf8.RuneCountInString(name) > 31 || strings.ContainsAny(name, `[]:*?/\`) || name[0] == '\'' || name[len(name)-1] == '\'' {
		return "Sheet1"
	}
	return name
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a builder takes all
	return b.String()
}

// Close ends the workbook.
func (w *Writer) Close() error {
	if _, err := w.out.WriteString(`</sheetData></worksheet>`); err != nil {
		return err
	}
	if err := w.out.Flush(); err != nil {
		return err
	}
	return w.zip.Close()
}
