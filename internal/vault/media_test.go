package vault

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/comity-project/comity/internal/fault"
)

type entry struct{ name, content string }

// archive makes a zip archive; an entry named "mimetype" is stored unpacked.
func archive(tb testing.TB, entries ...entry) string {
	tb.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, e := range entries {
		method := zip.Deflate
		if e.name == "mimetype" {
			method = zip.Store
		}
		w := must(z.CreateHeader(&zip.FileHeader{Name: e.name, Method: method}))(tb)
		must(io.WriteString(w, e.content))(tb)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

var (
	types    = entry{"[Content_Types].xml", "<Types/>"}
	wordText = entry{"word/document.xml", "<document/>"}
)

func workbook(tb testing.TB, rows int) string {
	tb.Helper()
	f := excelize.NewFile()
	w := must(f.NewStreamWriter("Sheet1"))(tb)
	for i := range rows {
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), []any{0, 0, "", 0}); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		tb.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

func TestMediaTypes(t *testing.T) {
	o := newObjects(t, 0)
	for name, c := range map[string]struct{ file, content, want string }{
		"PDF":              {"a.exe", "%PDF-1.4\n...", PDF},
		"PNG":              {"a.txt", "\x89PNG\r\n\x1a\n....", PNG},
		"JPEG":             {"a", "\xff\xd8\xff\xe0..", JPEG},
		"text":             {"note.txt", "Schrödinger\r\n\tund Katze", Text},
		"text in Arabic":   {"", "وزارة الداخلية", Text},
		"text with a mark": {"", "\ufefftext", Text},
		"table as text":    {"List.CSV", "a;b\n1;2\n", CSV},
		"text of 5 MB":     {"", strings.Repeat("ключ\n", 1<<20), Text},
		"DOCX":             {"a.docx", archive(t, types, wordText), DOCX},
		"XLSX":             {"a.xlsx", workbook(t, 10), XLSX},
		"a long XLSX":      {"a.xlsx", workbook(t, 100_000), XLSX},
		"ODT":              {"a.odt", archive(t, entry{"mimetype", ODT}, entry{"content.xml", "<x/>"}), ODT},
	} {
		obj, err := o.Put(t.Context(), Upload{Name: c.file}, strings.NewReader(c.content))
		if err != nil || obj.MediaType != c.want {
			t.Errorf("%s: %q, %v", name, obj.MediaType, err)
		}
	}
}

func TestRefusedDocuments(t *testing.T) {
	ods := "application/vnd.oasis.opendocument.spreadsheet"
	zeros := strings.Repeat("\x00", 20<<20)
	o := newObjects(t, 0)
	for name, c := range map[string]struct{ file, content, key string }{
		"empty":                  {"", "", "vault.empty"},
		"program":                {"a.pdf", "\x7fELF\x02\x01\x01\x00\x00\x00", "vault.media_refused"},
		"page":                   {"a.txt", "<!DOCTYPE html><script>alert(1)</script>", "vault.media_refused"},
		"page after blanks":      {"a.txt", "\n\n  <html>", "vault.media_refused"},
		"picture that scripts":   {"a.svg", `<?xml version="1.0"?><svg/>`, "vault.media_refused"},
		"old office file":        {"a.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "vault.media_refused"},
		"GIF":                    {"a.gif", "GIF89a\x01\x00", "vault.media_refused"},
		"gzip":                   {"a.gz", "\x1f\x8b\x08\x00\x00", "vault.media_refused"},
		"old encoding":           {"a.txt", "one\ntwo caf\xe9 three", "vault.not_utf8"},
		"two-byte encoding":      {"a.txt", "\xff\xfea\x00b\x00", "vault.not_utf8"},
		"cut inside a character": {"a.txt", "caf\xc3", "vault.not_utf8"},
		"control character":      {"a.txt", strings.Repeat("x", 5000) + "\x00", "vault.not_utf8"},
		"plain archive":          {"a.docx", archive(t, entry{"a.txt", "x"}), "vault.media_refused"},
		"another open document":  {"a.odt", archive(t, entry{"mimetype", ods}), "vault.media_refused"},
		"broken archive":         {"a.docx", "PK\x03\x04 and then nothing", "vault.office_broken"},
		"cut archive":            {"a.docx", archive(t, types, wordText)[:60], "vault.office_broken"},
		"macros":                 {"a.docx", archive(t, types, wordText, entry{"word/VBAPROJECT.bin", "x"}), "vault.macros"},
		"two of one name":        {"a.docx", archive(t, types, wordText, wordText), "vault.office_broken"},
		"bomb by ratio":          {"a.docx", archive(t, types, wordText, entry{"word/media/a.png", zeros}), "vault.unpacks_too_large"},
		"bomb in small pieces":   {"a.docx", archive(t, pieces(zeros)...), "vault.unpacks_too_large"},
		"bomb that lies":         {"a.docx", lying(archive(t, types, wordText, entry{"word/media/a.png", zeros}), "word/media/a.png", 10), "vault.office_broken"},
		"declared beyond bound":  {"a.docx", lying(archive(t, types, wordText), "word/document.xml", 600<<20), "vault.unpacks_too_large"},
		"wrong sum":              {"a.docx", strings.Replace(archive(t, types, entry{"mimetype", "stored"}, wordText), "stored", "stared", 1), "vault.office_broken"},
		"password":               {"a.docx", flagged(archive(t, types, wordText), "word/document.xml"), "vault.office_locked"},
		"endless list":           {"a.docx", manyEntries(t, 60_000), "vault.unpacks_too_large"},
	} {
		_, err := o.Put(t.Context(), Upload{Name: c.file}, strings.NewReader(c.content))
		var f *fault.Error
		if !errors.As(err, &f) || f.Key != c.key {
			t.Errorf("%s: %v, want %s", name, err, c.key)
		}
	}
	if left := files(t, o); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func pieces(content string) []entry {
	all := []entry{types, wordText}
	for i := range 60 {
		all = append(all, entry{fmt.Sprintf("word/media/%d.png", i), content[:7<<20]})
	}
	return all
}

func manyEntries(tb testing.TB, n int) string {
	tb.Helper()
	all := []entry{types, wordText}
	for i := range n {
		all = append(all, entry{fmt.Sprintf("word/%d", i), ""})
	}
	return archive(tb, all...)
}

// central finds an entry's place in the list at the end of an archive.
func central(z, name string) int {
	for at := strings.Index(z, "PK\x01\x02"); ; at += 4 + strings.Index(z[at+4:], "PK\x01\x02") {
		if strings.HasPrefix(z[at+46:], name) {
			return at
		}
	}
}

// lying declares another size for an entry than it has.
func lying(z, name string, size uint32) string {
	b := []byte(z)
	binary.LittleEndian.PutUint32(b[central(z, name)+24:], size)
	return string(b)
}

// flagged marks an entry as encrypted.
func flagged(z, name string) string {
	b := []byte(z)
	b[central(z, name)+8] |= 1
	return string(b)
}

func TestBadEncodingNamesThePlace(t *testing.T) {
	o := newObjects(t, 0)
	for _, c := range []struct {
		content      string
		line, column int
	}{
		{"one\ntwo café caf\xe9", 2, 13},
		{"\xe9", 1, 1},
		{strings.Repeat("é\n", 40_000) + "ab\x80", 40_001, 3},
		{strings.Repeat("x", 100_000) + "\xe2\x82", 1, 100_001},
	} {
		_, err := o.Put(t.Context(), Upload{}, strings.NewReader(c.content))
		var f *fault.Error
		if !errors.As(err, &f) || f.Args["line"] != c.line || f.Args["column"] != c.column {
			t.Errorf("%v, want line %d, column %d", err, c.line, c.column)
		}
	}
}

func FuzzTextCheck(f *testing.F) {
	f.Add([]byte("Schrödinger\n"), 3)
	f.Add([]byte("caf\xe9"), 1)
	f.Add([]byte("\xe2\x82\xac\x00"), 2)
	f.Fuzz(func(t *testing.T, text []byte, at int) {
		c := newTextCheck()
		if at < 0 || at > len(text) {
			at = len(text)
		}
		_, err := c.Write(text[:at])
		if err == nil {
			_, err = c.Write(text[at:])
		}
		if err == nil {
			err = c.Close()
		}
		good := utf8.Valid(text) && bytes.IndexFunc(text, func(r rune) bool { return r < ' ' && !strings.ContainsRune("\t\n\r\f", r) }) < 0
		if good != (err == nil) {
			t.Errorf("%q cut at %d: %v", text, at, err)
		}
	})
}

func FuzzInspectOffice(f *testing.F) {
	for _, seed := range []string{
		archive(f, types, wordText), archive(f, entry{"mimetype", ODT}), workbook(f, 2),
		lying(archive(f, types, wordText), "word/document.xml", 1), "PK\x03\x04", "PK\x05\x06" + strings.Repeat("\x00", 18),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		kind, err := inspectOffice(bytes.NewReader(b), int64(len(b)))
		if err == nil && kind != DOCX && kind != XLSX && kind != ODT {
			t.Errorf("took a %q", kind)
		}
		if err != nil && fault.CodeOf(err) == fault.Internal {
			t.Errorf("a damaged file is not our mistake: %v", err)
		}
	})
}

func TestSaveName(t *testing.T) {
	for _, c := range []struct{ typed, media, want string }{
		{"Technical sheet.PDF", PDF, "Technical sheet.pdf"},
		{"photo.jpeg", JPEG, "photo.jpeg"},
		{"invoice.pdf.exe", PDF, "invoice.pdf.exe.pdf"},
		{`C:\Users\ada\list.csv`, CSV, "list.csv"},
		{"../../etc/passwd", Text, "passwd.txt"},
		{"", PDF, "document.pdf"},
		{"...", PDF, "document.pdf"},
		{".pdf", PDF, "document.pdf"},
		{"/", PNG, "_.png"},
		{"gpj\u202egnp.exe", PNG, "gpjgnp.exe.png"},
		{"a\r\nSet-Cookie: x.txt", Text, "a  Set-Cookie_ x.txt"},
		{"договор №5.docx", DOCX, "договор №5.docx"},
		{"bad\xff.odt", ODT, "bad_.odt"},
		{strings.Repeat("ш", 200) + ".xlsx", XLSX, strings.Repeat("ш", 72) + ".xlsx"},
	} {
		if got := SaveName(c.typed, c.media); got != c.want {
			t.Errorf("%q: %q, want %q", c.typed, got, c.want)
		}
	}
}

func FuzzSaveName(f *testing.F) {
	f.Add("a/b\\c.pdf")
	f.Add("\u202e.\x00..")
	f.Fuzz(func(t *testing.T, typed string) {
		got := SaveName(typed, PDF)
		if len(got) > maxName || !utf8.ValidString(got) || strings.ContainsAny(got, "/\\\x00\r\n\"") || !strings.HasSuffix(got, ".pdf") || got[0] == '.' {
			t.Errorf("%q: %q", typed, got)
		}
	})
}
