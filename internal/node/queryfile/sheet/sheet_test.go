package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

var limits = Limits{Unpacked: 64 << 20, Width: 200}

// parts are what a workbook is made of, by name.
type parts map[string]string

// simple is a workbook as small as one can be, with this in its sheet.
func simple(rows string) parts {
	return parts{
		"_rels/.rels":                `<Relationships><Relationship Id="a" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook><workbookPr/><sheets><sheet name="Parties" sheetId="1" r:id="b"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="b" Type="http://x/worksheet" Target="worksheets/one.xml"/><Relationship Id="c" Type="http://x/sharedStrings" Target="/xl/texts.xml"/><Relationship Id="d" Type="http://x/styles" Target="../xl/styles.xml"/></Relationships>`,
		"xl/texts.xml":               `<sst><si><t>one</t></si><si><r><t>t</t></r><r><rPr><b/></rPr><t xml:space="preserve">wo </t></r><rPh sb="0" eb="1"><t>SPOKEN</t></rPh></si></sst>`,
		"xl/styles.xml":              `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;-&quot;mm"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs></styleSheet>`,
		"xl/worksheets/one.xml":      `<worksheet><sheetData>` + rows + `</sheetData></worksheet>`,
	}
}

func (p parts) with(name, text string) parts {
	p[name] = text
	return p
}

func (p parts) zip(tb testing.TB) []byte {
	tb.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range p {
		w, err := z.Create(name)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// read gives all rows as "line: cell | cell".
func read(book []byte, l Limits) (rows []string, err error) {
	r, err := Open(bytes.NewReader(book), l)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, fmt.Errorf("row %d: %w", row.Line, err)
		}
		var cells []string
		for _, c := range row.Cells {
			cells = append(cells, c.Shown)
		}
		rows = append(rows, fmt.Sprintf("%d: %s", row.Line, strings.Join(cells, " | ")))
	}
}

func TestCells(t *testing.T) {
	for rows, want := range map[string]string{
		`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>`:                                "1: one | two ",
		`<row><c t="s"><v>0</v></c><c><v>7</v></c></row><row/><row><c><v>8</v></c></row>`:                          "1: one | 7; 2: ; 3: 8",
		`<row r="5"><c r="C5"><v>1.5</v></c><c><v>2</v></c></row>`:                                                 "5:  |  | 1.5 | 2",
		`<row><c t="inlineStr"><is><r><t>a</t></r><r><t>_x000D_&amp;_x005F_x000D_</t></r></is></c></row>`:          "1: a\r&_x000D_",
		`<row><c t="b"><v>1</v></c><c t="b"><v>0</v></c><c t="e"><v>#N/A</v></c></row>`:                            "1: TRUE | FALSE | #N/A",
		`<row><c t="str"><f>A1&amp;"x"</f><v>gave x</v></c><c><f>1+1</f></c><c t="d"><v>1961-05-07</v></c></row>`:  "1: gave x |  | 1961-05-07",
		`<row><c s="1"><v>22408</v></c><c s="2"><v>22408</v></c><c s="9"><v>22408</v></c></row>`:                   "1: 1961-05-07 | 1961-05 | 22408",
		`<row><c><v>9.123456E6</v></c><c><v>0.1</v></c><c><v>0.30000000000000004</v></c><c><v>1E+20</v></c></row>`: "1: 9123456 | 0.1 | 0.3 | 100000000000000000000",
		`<row><c><v>NaN</v></c><c><v>12a</v></c><c><v><![CDATA[4]]>2</v></c></row>`:                                "1: NaN | 12a | 42",
		`<x:row><x:c><x:v>7</x:v></x:c></x:row>`:                                                                   "1: 7",
		``:                                                                                                         "",
	} {
		got, err := read(simple(rows).zip(t), limits)
		if err != nil || strings.Join(got, "; ") != want {
			t.Errorf("%s\n gives %q, %v, want %q", rows, got, err, want)
		}
	}
}

func TestTheFirstTable(t *testing.T) {
	chart := simple(`<row><c><v>1</v></c></row>`).
		with("xl/workbook.xml", `<workbook><workbookPr date1904="1"/><sheets><sheet name="Chart" id="z"/><sheet name="Table" id="b"/></sheets></workbook>`)
	r, err := Open(bytes.NewReader(chart.zip(t)), limits)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if date, ok := r.Date(20946); r.Name != "Table" || !ok || date != "1961-05-07" {
		t.Errorf("%q, %s", r.Name, date)
	}
}

func TestRefused(t *testing.T) {
	row := `<row><c><v>1</v></c></row>`
	deep := strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100)
	few := Limits{Unpacked: 4 << 10, Width: 3}
	for name, c := range map[string]struct {
		book []byte
		want error // nil for a form that is broken
	}{
		"nothing":                 {nil, ErrNone},
		"no archive":              {[]byte("PK\x03\x04nonsense"), ErrNone},
		"an archive":              {parts{"a": "b"}.zip(t), ErrNone},
		"old or locked":           {append(slices.Clone(oleFile), make([]byte, 600)...), ErrLocked},
		"no sheet":                {simple(row).with("xl/workbook.xml", `<workbook/>`).zip(t), ErrNone},
		"a sheet elsewhere":       {simple(row).with("xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="b" Type="x/worksheet" TargetMode="External" Target="http://x/"/></Relationships>`).zip(t), ErrNone},
		"two parts of a name":     {simple(row).with("XL/Workbook.xml", "<workbook/>").zip(t), ErrNone},
		"a document type":         {simple(row).with("xl/workbook.xml", `<!DOCTYPE a [<!ENTITY b "c">]><workbook/>`).zip(t), ErrNone},
		"a type in the sheet":     {simple(`<!DOCTYPE a>` + row).zip(t), nil},
		"an entity":               {simple(`<row><c t="str"><v>&b;</v></c></row>`).zip(t), nil},
		"deep":                    {simple(deep).zip(t), nil},
		"crossed":                 {simple(`<row><c></row></c>`).zip(t), nil},
		"cut off":                 {simple("").with("xl/worksheets/one.xml", `<worksheet><sheetData><row><c><v>1</v>`).zip(t), nil},
		"text of no number":       {simple(`<row><c t="s"><v>2</v></c></row>`).zip(t), nil},
		"text before the first":   {simple(`<row><c t="s"><v>-1</v></c></row>`).zip(t), nil},
		"text without number":     {simple(`<row><c t="s"/></row>`).zip(t), nil},
		"a style of no number":    {simple(`<row><c s="-1"><v>1</v></c></row>`).zip(t), nil},
		"rows backwards":          {simple(`<row r="2"/><row r="1"/>`).zip(t), nil},
		"row beyond all":          {simple(`<row r="99999999"/>`).zip(t), nil},
		"row of no number":        {simple(`<row r="1e3"/>`).zip(t), nil},
		"cells backwards":         {simple(`<row><c r="B1"/><c r="A1"/></row>`).zip(t), nil},
		"a cell twice":            {simple(`<row><c r="A1"/><c r="A1"/></row>`).zip(t), nil},
		"a cell without column":   {simple(`<row><c r="7"/></row>`).zip(t), nil},
		"a cell far away":         {simple(`<row><c r="ZZZZZZZZZZZZZZZZ1"/></row>`).zip(t), ErrTooWide},
		"a wide row":              {simple(`<row><c/><c/><c/><c/></row>`).zip(t), ErrTooWide},
		"unpacks too large":       {simple(strings.Repeat(" ", 5<<10) + row).zip(t), ErrTooLarge},
		"short row of long texts": {simple(strings.Repeat(`<row><c t="s"><v>0</v></c></row>`, 10)).with("xl/texts.xml", "<sst><si><t>"+strings.Repeat("x", 1000)+"</t></si></sst>").zip(t), ErrTooLarge},
		"not UTF-8":               {simple("<row><c t=\"str\"><v>M\xfcller</v></c></row>").zip(t), nil},
		"another encoding":        {simple("").with("xl/worksheets/one.xml", `<?xml version="1.0" encoding="latin1"?><worksheet/>`).zip(t), nil},
	} {
		rows, err := read(c.book, few)
		if err == nil {
			t.Errorf("%s: taken, %q", name, rows)
			continue
		}
		for _, kind := range []error{ErrNone, ErrLocked, ErrTooLarge, ErrTooWide} {
			if errors.Is(err, kind) != (c.want == kind) {
				t.Errorf("%s: %v, want %v", name, err, c.want)
			}
		}
	}
	// What lies about its size, and a text or a comment that never ends.
	lies := simple(strings.Repeat(" ", 5<<10)).zip(t)
	at := bytes.LastIndex(lies, []byte("xl/worksheets/one.xml")) - 46
	copy(lies[at+24:], []byte{10, 0, 0, 0})
	if rows, err := read(lies, few); err == nil {
		t.Errorf("a part that lies about its size: %q", rows)
	}
	long := simple("<!--" + strings.Repeat("x", 2<<20) + "-->").zip(t)
	if _, err := read(long, limits); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a long comment: %v", err)
	}
	many := simple("")
	for i := range 60_000 {
		many[fmt.Sprint(i)] = ""
	}
	if _, err := read(many.zip(t), limits); !errors.Is(err, ErrTooLarge) {
		t.Errorf("many parts: %v", err)
	}
	pieces := simple(`<row><c t="str"><v>` + strings.Repeat("<![CDATA[xxxxxxxxxxxx]]>", 1<<17) + `</v></c></row>`).zip(t)
	if _, err := read(pieces, limits); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a text in many pieces: %v", err)
	}
}

// unseekable is a stream and nothing more.
type unseekable struct{ io.Reader }

func TestStream(t *testing.T) {
	book := simple(`<row><c><v>1</v></c></row>`).zip(t)
	r, err := Open(unseekable{bytes.NewReader(book)}, limits)
	if err != nil {
		t.Fatal(err)
	}
	if row, err := r.Next(); err != nil || row.Cells[0].Shown != "1" {
		t.Errorf("%v, %v", row, err)
	}
	if _, err := Open(unseekable{bytes.NewReader(book)}, Limits{Unpacked: 100, Width: 3}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a stream beyond the bound: %v", err)
	}
}

func TestFormats(t *testing.T) {
	for _, c := range []struct {
		code string
		x    float64
		want string
	}{
		{"General", 1234.5, "1234.5"},
		{"0", 9123456, "9123456"},
		{"00000000", 123456, "00123456"},
		{"000-00-0000", 12345678, "012-34-5678"},
		{"00-0000000", 123456789, "12-3456789"},
		{`"IMO "0000000`, 9123456, "IMO 9123456"},
		{"#,##0", 1234567, "1234567"},
		{"#,##0.00", 1234.5, "1234.50"},
		{"0.0##", 1.25, "1.25"},
		{"#", 0, "0"},
		{"0%", 0.125, "12%"},
		{"0.00%", 0.125, "12.50%"},
		{"[$€-407] #,##0.00", 12, "€ 12.00"},
		{`#,##0_);[Red](#,##0)`, -12, "(12)"},
		{"0;", -12, "-12"},
		{"0.00E+00", 12, "12"},
		{"# ?/?", 1.5, "1.5"},
		{`;;;`, 12, "12"},
		{"@", 12, "12"},
		{`"hidden"`, 12, "12"},
		{`0.0 "days"`, 2, "2.0 days"},
		{"0,", 1200, "1200"},
		{"0", 1e300, "1E+300"},
		{strings.Repeat("0", 300), 1, "1"},

		{"m/d/yyyy", 22408, "1961-05-07"},
		{"dd.mm.yyyy", 22408, "1961-05-07"},
		{"[$-409]d-mmm-yy;@", 22408, "1961-05-07"},
		{`yyyy"年"m"月"d"日"`, 22408, "1961-05-07"},
		{"[$-411]ge.m.d;@", 22408, "1961-05-07"},
		{"mmm yyyy", 22408, "1961-05"},
		{"yyyy", 22408, "1961"},
		{"d mmm", 22408, "1961-05-07"},
		{"d/m/yy h:mm", 22408.75, "1961-05-07 18:00"},
		{"yyyy-mm-dd hh:mm:ss", 22408.5, "1961-05-07 12:00:00"},
		{"h:mm AM/PM", 0.75, "18:00"},
		{"mm:ss", 0.5, "12:00:00"},
		{"[h]:mm", 1.5, "36:00:00"},
		{"yyyy-mm-dd", 1, "1900-01-01"},
		{"yyyy-mm-dd", 61, "1900-03-01"},
		{"yyyy-mm-dd", 2958465, "9999-12-31"},
		{"yyyy-mm-dd", 2958466, "2958466"},
		{"yyyy-mm-dd", -1, "-1"},
		{`0 "days"`, 3, "3 days"},
		{`0\d`, 3, "3d"},
		{`[Blue]0`, 3, "3"},
	} {
		if got := parseFormat(c.code).show(c.x, since1900); !strings.EqualFold(got, c.want) {
			t.Errorf("%q of %v: %q, want %q", c.code, c.x, got, c.want)
		}
	}
	if got := parseFormat("yyyy-mm-dd").show(20946, since1904); got != "1961-05-07" {
		t.Error(got)
	}
}

// TestReadsWhatOthersWrite reads what another library writes.
func TestReadsWhatOthersWrite(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	style := func(s excelize.Style) int {
		id, err := f.NewStyle(&s)
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	own := `dd" of "mmmm\, yyyy`
	set := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	set(f.SetSheetName("Sheet1", "Потребители & co"))
	s := "Потребители & co"
	set(f.SetSheetRow(s, "A1", &[]any{"name", "birth", "n", "when"}))
	set(f.SetCellRichText(s, "A3", []excelize.RichTextRun{{Text: "Аркадий "}, {Text: "Волхонцев", Font: &excelize.Font{Bold: true}}}))
	for cell, id := range map[string]int{"B3": 14, "C3": 17, "D3": 22, "E3": 27, "F3": 46, "G3": 3, "H3": 10} {
		set(f.SetCellValue(s, cell, 22408.25))
		set(f.SetCellStyle(s, cell, cell, style(excelize.Style{NumFmt: id})))
	}
	set(f.SetCellValue(s, "B4", 22408))
	set(f.SetCellStyle(s, "B4", "B4", style(excelize.Style{CustomNumFmt: &own})))
	set(f.SetCellBool(s, "C4", true))
	set(f.SetCellStr(s, "A4", " line\nand\ttab <&> \x01 𠀋 "))
	set(f.SetCellFormula(s, "D4", "1+1"))
	set(f.SetCellValue(s, "J9", "far"))
	var b bytes.Buffer
	set(f.Write(&b))

	got, err := read(b.Bytes(), limits)
	want := []string{
		"1: name | birth | n | when",
		"3: Аркадий Волхонцев | 1961-05-07 | 1961-05 | 1961-05-07 06:00 | 1961-05-07 | 537798:00:00 | 22408 | 2240825.00%",
		"4:  line\nand\ttab <&> \ufffd 𠀋  | 1961-05-07 | TRUE | ",
		"9:  |  |  |  |  |  |  |  |  | far",
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%v\n%q\n%q", err, got, want)
	}
}

// TestOthersReadWhatWeWrite reads with another library what is written here.
func TestOthersReadWhatWeWrite(t *testing.T) {
	table := [][]string{
		{"name", "birth", "our note"},
		{"Волхонцев <&> \"quoted\"", "1961-05-07", "=1+1"},
		{"", "  spaces  ", "_x000D_ 𠀋 \r\n\x01"},
		{strings.Repeat("long ", 8000), "+1", "@SUM(A1)"},
	}
	var b bytes.Buffer
	w, err := Create(&b, "Потребители & co", table[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range table[1:] {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows("Потребители & co")
	table[3][0] = table[3][0][:maxCell]
	if err != nil || len(rows) != len(table) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i := range table {
		if !slices.Equal(rows[i], table[i]) {
			t.Errorf("row %d: %q, want %q", i+1, rows[i], table[i])
		}
	}
	for _, cell := range []string{"C2", "C4", "B4"} {
		if formula, err := f.GetCellFormula(f.GetSheetName(0), cell); err != nil || formula != "" {
			t.Errorf("%s became the formula %q", cell, formula)
		}
	}
	panes, err := f.GetPanes(f.GetSheetName(0))
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("%+v, %v", panes, err)
	}
	bold, err := f.GetCellStyle(f.GetSheetName(0), "B1")
	if err != nil {
		t.Fatal(err)
	}
	if style, err := f.GetStyle(bold); err != nil || style.Font == nil || !style.Font.Bold || style.NumFmt != 49 {
		t.Errorf("%+v, %v", style, err)
	}
	if width, err := f.GetColWidth(f.GetSheetName(0), "C"); err != nil || width != 18 {
		t.Errorf("width %v, %v", width, err)
	}
	ours, err := read(b.Bytes(), limits)
	if err != nil || ours[1] != "2: "+strings.Join(table[1], " | ") || ours[2] != "3: "+strings.Join(table[2], " | ") {
		t.Errorf("%q, %v", ours, err)
	}
}

func TestWriterBounds(t *testing.T) {
	w, err := Create(io.Discard, "a:b", nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(make([]string, maxColumns+1)); err == nil {
		t.Error("more columns than a sheet holds")
	}
	w.line = maxRows
	if err := w.Write([]string{"x"}); err == nil {
		t.Error("more rows than a sheet holds")
	}
	for name, want := range map[string]string{"": "Sheet1", "a/b": "Sheet1", "'a": "Sheet1", strings.Repeat("x", 32): "Sheet1", "Ünï 1": "Ünï 1"} {
		if got := sheetName(name); got != want {
			t.Errorf("%q: %q", name, got)
		}
	}
}
