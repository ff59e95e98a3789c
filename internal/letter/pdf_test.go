package letter

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// one letter of each script that an end user's name can come in.
var scriptCases = []struct {
	name, given, want string
	marked            string // name of the script, where it is transliterated
}{
	{"latin", "Şirketi Łódź Đà Nẵng Ōsaka ħ", "Şirketi Łódź Đà Nẵng Ōsaka ħ", ""},
	{"greek", "Υπουργείο Εσωτερικών ἐξουσία", "Υπουργείο Εσωτερικών ἐξουσία", ""},
	{"cyrillic", "Министерство внутренних дел, Ґалаґан, Қазақстан", "Министерство внутренних дел, Ґалаґан, Қазақстан", ""},
	{"arabic", "وزارة الداخلية", "وزارة الداخلية", ""},
	{"arabic ligature", "الأمن والسلامة", "الأمن والسلامة", ""},
	{"persian", "پژوهشگاه گچساران", "پژوهشگاه گچساران", ""},
	{"urdu", "ٹیکنالوجی ڈویژن", "ٹیکنالوجی ڈویژن", ""},
	{"chinese", "北京天地科技有限公司", "Bei Jing Tian Di Ke Ji You Xian Gong Si", "Chinese"},
	{"japanese", "トーキョー しゃしん", "Tookyoo Shashin", "Japanese (characters by their Chinese reading)"},
	{"korean", "서울 전자", "Seoul Jeonja", "Korean"},
	{"hebrew", "משרד הפנים", "Mshrd Hpnym", "Hebrew"},
	{"thai", "กรุงเทพ", "Krungtheph", "Thai"},
	{"georgian", "საქართველო", "Sakartvelo", "Georgian"},
	{"armenian", "Հայաստան", "Hayastan", "Armenian"},
	{"devanagari", "भारत लिमिटेड", "Bhaarat Limited", "Devanagari"},
	{"tamil", "தமிழ்நாடு", "Tamilnaatu", "Tamil"},
	{"ethiopic", "ምኒልክ", "Menileke", "Ethiopic"},
	{"khmer", "ក្រុង", "Krung", "Khmer"},
	{"full-width", "ＡＢＣ", "ABC", ""},
	{"signs", "Radio ✓ 😀", "Radio [U+2713] [U+1F600]", ""},
	{"mixed", "Delta 三角洲 FZE", "Delta San Jiao Zhou FZE", "Chinese"},
}

func TestEachScriptPrintsOrIsTransliterated(t *testing.T) {
	for _, c := range scriptCases {
		t.Run(c.name, func(t *testing.T) {
			f := NoLicenceFacts{Head: sampleHead(), EndUser: Name(c.given), AsOf: "2026-11-20", Destination: "Karsovia"}
			file, err := PDF(NoLicenceRequired(english(t), f))
			if err != nil {
				t.Fatal(err)
			}
			keep(t, "script-"+c.name, file)
			noBoxes(t, file)
			text := extract(t, file)
			want := c.want
			if c.marked != "" {
				want += " (transliterated from " + c.marked + " script)"
			}
			if !strings.Contains(text, "End user "+want) {
				t.Errorf("want %q in\n%s", want, text)
			}
			if c.marked == "" && strings.Contains(text, "transliterated") {
				t.Error("marked as transliterated without need")
			}
		})
	}
}

// In a right-to-left letter Latin names and figures keep their own order.
func TestRightToLeftLetter(t *testing.T) {
	d := samples(t)[KindRequest]
	d.Language, d.Direction, d.Title = "ar", RTL, "طلب معلومات"
	d.Authority.Name = "هيئة مراقبة الصادرات"
	d.Blocks = []Block{
		Paragraph{Runs: []Run{
			{Text: "نطلب منكم معلومات عن "},
			{Text: "Delta Secure (2026) FZE", Isolate: true},
			{Text: " قبل يوم 12 ديسمبر، وعن الرمز "},
			{Text: "5A001.f.2", Direction: LTR},
			{Text: " في القائمة."},
		}},
		List{Numbered: true, Items: [][]Run{Text("السؤال الأول"), Text("السؤال الثاني")}},
		Table{Caption: "الأصناف", Columns: []Column{{Header: "الرقم", Figure: true}, {Header: "الصنف", Weight: 4}}, Rows: [][]Cell{{Text("1"), Text("جهاز")}}},
		Notice{Title: "تنبيه", Runs: Text("لم يُتخذ أي قرار بعد.")},
		Signature{Closing: "عن الهيئة", Name: "م. علي"},
	}
	file, err := PDF(d)
	if err != nil {
		t.Fatal(err)
	}
	keep(t, "rtl", file)
	keepPage(t, "rtl", HTML(d, Style{Sheet: "letter.css"}))
	noBoxes(t, file)
	text := extract(t, file)
	for _, want := range []string{"طلب معلومات", "Delta Secure (2026) FZE", "5A001.f.2", "السؤال الأول", "هيئة مراقبة الصادرات"} {
		if !strings.Contains(text, want) {
			t.Errorf("want %q in\n%s", want, text)
		}
	}
}

func TestSameDocumentSameBytes(t *testing.T) {
	for kind, doc := range samples(t) {
		a, err := PDF(doc)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := PDF(samples(t)[kind])
		if !bytes.Equal(a, b) {
			t.Errorf("%s: two drawings differ", kind)
		}
		if !bytes.Equal(HTML(doc, Style{}), HTML(samples(t)[kind], Style{})) {
			t.Errorf("%s: two pages differ", kind)
		}
		keep(t, string(kind), a)
		keepPage(t, string(kind), HTML(doc, Style{Sheet: "letter.css"}))
	}
}

// Letters are drawn by several jobs at a time; they share the fonts.
func TestDrawingAtTheSameTime(t *testing.T) {
	docs := samples(t)
	want := map[Kind][]byte{}
	for kind, doc := range docs {
		want[kind], _ = PDF(doc)
	}
	var all sync.WaitGroup
	for kind, doc := range docs {
		all.Go(func() {
			got, err := PDF(doc)
			if err != nil || !bytes.Equal(got, want[kind]) {
				t.Errorf("%s: drawn beside others it differs: %v", kind, err)
			}
		})
	}
	all.Wait()
}

// The file says its title, its author and its date. Anything else it said about
// itself could be a leak: of a machine, a version, a colleague, a clock.
func TestNothingButTheDocumentInMetadata(t *testing.T) {
	for kind, doc := range samples(t) {
		file, err := PDF(doc)
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf("<</Title%s/Author%s/CreationDate(D:20261122000000Z)>>", utf16hex(doc.Title), utf16hex(doc.Authority.Name))
		if !bytes.Contains(file, []byte(want)) {
			t.Errorf("%s: the information dictionary is not what it should be", kind)
		}
		for _, s := range []string{"Producer", "Creator", "/Metadata", "/Keywords", "/Subject", "ModDate", "/EmbeddedFile", "/JavaScript", "/URI", "/Annots", "fpdf", "golang"} {
			if bytes.Contains(bytes.ReplaceAll(file, []byte("CreationDate"), nil), []byte(s)) {
				t.Errorf("%s: the file holds %q", kind, s)
			}
		}
		info := poppler(t, file, "pdfinfo", "FILE")
		for _, want := range []string{"Tagged: yes", "Custom Metadata: no", "Metadata Stream: no", "JavaScript: no"} {
			if !strings.Contains(flat(info), want) {
				t.Errorf("%s: pdfinfo does not say %q:\n%s", kind, want, info)
			}
		}
	}
}

// What a letter is not given, it cannot say: no kind of refusal letter prints
// anything beyond the sentences it was handed and those of the catalogue.
func TestRefusalSaysOnlyWhatItWasGiven(t *testing.T) {
	d := samples(t)[KindRefusal]
	file, err := PDF(d)
	if err != nil {
		t.Fatal(err)
	}
	allowed := flat(strings.Join(given(d), " "))
	for _, word := range strings.Fields(extract(t, file)) {
		if !strings.Contains(allowed, word) && !regexp.MustCompile(`^\d+\.?$|^•$`).MatchString(word) {
			t.Errorf("the letter prints %q, which nobody gave it", word)
		}
	}
	if strings.Contains(extract(t, file), "Check this") {
		t.Error("a refusal cannot be checked in public")
	}
}

func TestHundredLinesBreakOverPagesUnderTheirHeader(t *testing.T) {
	file, err := PDF(Licence(english(t), sampleLicence(100)))
	if err != nil {
		t.Fatal(err)
	}
	keep(t, "licence-100", file)
	pages := strings.Split(strings.TrimSuffix(poppler(t, file, "pdftotext", "-layout", "FILE", "-"), "\f"), "\f")
	text := flat(strings.Join(pages, " "))
	for i := range 100 {
		if want := fmt.Sprintf("MG-%03d", i+1); strings.Count(text, want) != 1 {
			t.Errorf("line %d is printed %d times", i+1, strings.Count(text, want))
		}
	}
	for i, p := range pages {
		p = flat(p)
		if want := fmt.Sprintf("NOR-2026-000123 Page %d of %d", i+1, len(pages)); !strings.HasSuffix(p, want) {
			t.Errorf("page %d does not end with %q", i+1, want)
		}
		if strings.Contains(p, "MG-") && !strings.Contains(p, "Line Item List code Quantity Value") {
			t.Errorf("page %d has lines without their header:\n%s", i+1, p)
		}
	}
	if !strings.Contains(text, "The 100 licensed lines stand in the annex") || !strings.Contains(text, "7QMX-K2RD-93TV-HW4P") {
		t.Error("no word of the annex, or no code")
	}
	if len(file) > 400_000 {
		t.Errorf("the file has %d bytes", len(file))
	}
}

// A row longer than a page goes on over the next pages, whole.
func TestRowLongerThanAPage(t *testing.T) {
	var long strings.Builder
	for i := range 1500 {
		fmt.Fprintf(&long, "word%04d ", i)
	}
	d := samples(t)[KindRefusal]
	d.Blocks = []Block{Table{
		Columns: []Column{{Header: "Line", Figure: true}, {Header: "Item", Weight: 5}},
		Rows:    [][]Cell{{Text("1"), Text("first")}, {Text("2"), Text(long.String())}, {Text("3"), Text("last")}},
	}}
	file, err := PDF(d)
	if err != nil {
		t.Fatal(err)
	}
	text := extract(t, file)
	for i := range 1500 {
		if w := fmt.Sprintf("word%04d", i); strings.Count(text, w) != 1 {
			t.Fatalf("%s is printed %d times", w, strings.Count(text, w))
		}
	}
	if n := strings.Count(text, "Line Item"); n < 3 || !strings.Contains(text, "3 last") {
		t.Errorf("%d headers, or no last row", n)
	}
}

// The structure tree lets a reader by ear follow headings, lists and tables.
func TestStructureTree(t *testing.T) {
	file, err := PDF(samples(t)[KindLicence])
	if err != nil {
		t.Fatal(err)
	}
	tree := poppler(t, file, "pdfinfo", "-struct-text", "FILE")
	for _, want := range []string{"H1", "H2", "Table", "TR", "TH", "TD", "LI", "LBody", `"Export licence NOR-L-2026-0042"`} {
		if !strings.Contains(tree, want) {
			t.Errorf("the tree lacks %s:\n%s", want, tree)
		}
	}
}

// Given text cannot reorder what stands around it, nor hide in it.
func TestMarksThatReorderTextAreDropped(t *testing.T) {
	f := NoLicenceFacts{Head: sampleHead(), EndUser: Name("Acme \u202eZEF\u202c\x00 Ltd\nX\u2067")}
	doc := NoLicenceRequired(english(t), f)
	file, err := PDF(doc)
	if err != nil {
		t.Fatal(err)
	}
	if text := extract(t, file); !strings.Contains(text, "Acme ZEF Ltd X") {
		t.Error(text)
	}
	if page := string(HTML(doc, Style{})); !strings.Contains(page, "Acme ZEF Ltd X") || strings.ContainsAny(page, "\u202e\u2067\x00") {
		t.Error(page)
	}
}

func FuzzDraw(f *testing.F) {
	for _, c := range scriptCases {
		f.Add(c.given, c.want, true)
	}
	f.Add("a\u0301\u0301\u200d\u200c", strings.Repeat("x", 400), false)
	f.Fuzz(func(t *testing.T, a, b string, rtl bool) {
		if len(a)+len(b) > 600 {
			return
		}
		d := Document{Title: a, Blocks: []Block{
			Heading{Level: 2, Text: b},
			Paragraph{Runs: []Run{{Text: a}, {Text: b, Isolate: true}}},
			Table{Columns: []Column{{Header: a}, {Header: b, Weight: 3}}, Rows: [][]Cell{{Text(b)}, {Text(a), Text(b)}}},
			Definitions{Items: []Definition{{a, Text(b)}}},
			Notice{a, Text(b)},
			Check{Title: a, Text: b},
			Signature{Name: a},
		}}
		if rtl {
			d.Direction = RTL
		}
		file, err := PDF(d)
		if err != nil {
			t.Fatal(err)
		}
		noBoxes(t, file)
		HTML(d, Style{})
	})
}

// keep writes letters into the folder that LETTERS names, for people to look at.
func keep(t testing.TB, name string, file []byte) { write(t, name+".pdf", file) }

func keepPage(t testing.TB, name string, page []byte) {
	write(t, name+".html", page)
	write(t, "letter.css", Sheet())
}

func write(t testing.TB, name string, file []byte) {
	if dir := os.Getenv("LETTERS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, " ", "-")), file, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

var streamStart = regexp.MustCompile(`/Length (\d+)/Filter/FlateDecode>>stream\n`)

// noBoxes fails where a page draws glyph 0, the empty box.
func noBoxes(t testing.TB, file []byte) {
	t.Helper()
	for _, m := range streamStart.FindAllSubmatchIndex(file, -1) {
		z, err := zlib.NewReader(bytes.NewReader(file[m[1]:]))
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte(" Tf\n")) && bytes.Contains(data, []byte("<0000>")) {
			t.Fatal("an empty box is drawn")
		}
	}
}

func utf16hex(s string) string {
	b := &strings.Builder{}
	b.WriteString("<FEFF")
	for _, r := range s {
		fmt.Fprintf(b, "%04X", r)
	}
	return b.String() + ">"
}

// given is every string of a document.
func given(d Document) []string {
	out := []string{d.Reference, d.DateText, d.Title, d.Authority.Name, d.To.Name.Text, d.Labels.Reference, d.Labels.Date, d.Labels.Page}
	out = append(out, d.Authority.Lines...)
	runs := func(rs []Run) {
		for _, r := range rs {
			out = append(out, r.Text)
		}
	}
	runs(d.To.Lines)
	for _, b := range d.Blocks {
		switch b := b.(type) {
		case Heading:
			out = append(out, b.Text)
		case Paragraph:
			runs(b.Runs)
		case List:
			for _, i := range b.Items {
				runs(i)
			}
		case Definitions:
			for _, i := range b.Items {
				out = append(out, i.Term)
				runs(i.Runs)
			}
		case Table:
			out = append(out, b.Caption)
			for _, c := range b.Columns {
				out = append(out, c.Header)
			}
			for _, r := range b.Rows {
				for _, c := range r {
					runs(c)
				}
			}
		case Signature:
			out = append(out, b.Closing, b.Name, b.Role)
		case Notice:
			out = append(out, b.Title)
			runs(b.Runs)
		}
	}
	return out
}
