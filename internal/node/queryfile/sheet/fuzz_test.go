package sheet

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

func FuzzOpen(f *testing.F) {
	f.Add(simple(`<row><c t="s"><v>1</v></c></row>`).zip(f))
	f.Add(oleFile)
	f.Fuzz(func(t *testing.T, b []byte) { _, _ = read(b, Limits{Unpacked: 1 << 20, Width: 20}) })
}

func FuzzSheet(f *testing.F) {
	f.Add(`<row r="2"><c r="B2" t="s" s="1"><v>1</v></c><c t="inlineStr"><is><t>x</t></is></c></row>`, `<sst><si><r><t>a</t></r></si><si/></sst>`, "yyyy-mm")
	f.Add(`<row><c s="1"><f>A1</f><v>1.5</v></c></row><row/>`, `<sst/>`, `[h]:mm;"x"0.0#%`)
	f.Add(`<row/><!-- --></sheetData><x/>`, ``, `\`)
	f.Fuzz(func(t *testing.T, rows, shared, code string) {
		book := simple(rows).with("xl/texts.xml", shared).
			with("xl/styles.xml", `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="`+escape(code)+`"/></numFmts><cellXfs><xf/><xf numFmtId="164"/></cellXfs></styleSheet>`)
		r, err := Open(bytes.NewReader(book.zip(t)), Limits{Unpacked: 1 << 20, Width: 20})
		if err != nil {
			return
		}
		defer r.Close()
		for line := 0; ; {
			row, err := r.Next()
			if err != nil {
				return
			}
			if row.Line <= line || len(row.Cells) > 20 {
				t.Fatalf("row %d of %d cells after row %d", row.Line, len(row.Cells), line)
			}
			line = row.Line
		}
	})
}

func FuzzWrite(f *testing.F) {
	f.Add("=1+1", "a\r\n_x000D_\x00")
	f.Add("", "_x0000\x00")
	f.Add("", "𠀋\ufffe\xff")
	f.Fuzz(func(t *testing.T, a, b string) {
		var book bytes.Buffer
		w, err := Create(&book, a, []string{a, b})
		if err == nil {
			err = errors.Join(w.Write([]string{b, a}), w.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		r, err := Open(bytes.NewReader(book.Bytes()), limits)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		for _, want := range [][]string{{a, b}, {b, a}} {
			row, err := r.Next()
			if err != nil {
				t.Fatal(err)
			}
			for i, w := range want {
				w = strings.ToValidUTF8(w, "\ufffd")
				if got := append(row.Cells, Cell{}, Cell{})[i].Shown; got != w && len(w) < maxCell && len([]rune(w)) == len([]rune(want[i])) {
					t.Fatalf("%q came back as %q", w, got)
				}
			}
		}
	})
}
