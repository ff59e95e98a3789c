package letter

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/lang"
)

func TestDOCX(t *testing.T) {
	docs := samples(t)
	rtl := docs[KindRefusal]
	rtl.Direction, rtl.Language = RTL, "ar"
	docs["rtl"] = rtl
	for kind, doc := range docs {
		file, err := DOCX(doc)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := DOCX(doc)
		if !bytes.Equal(file, again) {
			t.Errorf("%s: two files differ", kind)
		}
		z, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		for _, f := range z.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			d := xml.NewDecoder(r)
			for {
				tok, err := d.Token()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("%s: %s: %v", kind, f.Name, err)
				}
				if c, ok := tok.(xml.CharData); ok && f.Name == "word/document.xml" {
					text.Write(c)
					text.WriteByte(' ')
				}
			}
		}
		all := flat(text.String())
		for _, s := range given(doc) {
			if s = flat(s); s != doc.Labels.Page && !strings.Contains(all, s) {
				t.Errorf("%s: the file lacks %q", kind, s)
			}
		}
	}
}

// The catalogue that the program loads gives every letter its words.
func TestLettersInTheLoadedCatalogue(t *testing.T) {
	c, err := lang.Load(os.DirFS("../../content"))
	if err != nil {
		t.Fatal(err)
	}
	p := c.Printer("en", nil)
	doc := Licence(p, sampleLicence(100))
	page := string(HTML(doc, Style{}))
	for _, want := range []string{"22 November 2026", "31 March 2027", "The 100 licensed lines"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	if strings.Contains(page, "[letter.") {
		t.Error("a sentence is missing")
	}
	if doc.Labels.Page != "Page {page} of {pages}" {
		t.Error(doc.Labels.Page)
	}
}
