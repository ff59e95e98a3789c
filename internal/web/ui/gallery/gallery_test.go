package gallery

import (
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/lang"
)

func serve(t *testing.T) *httptest.Server {
	t.Helper()
	// A language from right to left with no sentences of its own yet shows what
	// the direction alone does.
	raw, err := content.FS.ReadFile("lang/en/ui.toml")
	if err != nil {
		t.Fatal(err)
	}
	shapes, err := content.FS.ReadFile("lang/en/lang.toml")
	if err != nil {
		t.Fatal(err)
	}
	faults, err := content.FS.ReadFile("lang/en/fault.toml")
	if err != nil {
		t.Fatal(err)
	}
	cat, err := lang.Load(fstest.MapFS{
		"lang/en/ui.toml":    {Data: raw},
		"lang/en/lang.toml":  {Data: shapes},
		"lang/en/fault.toml": {Data: faults},
		"lang/ar/ui.toml":    {Data: []byte(`"ui.skip" = "انتقل إلى المحتوى الرئيسي"` + "\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	h, err := Handler(cat)
	if err != nil {
		t.Fatal(err)
	}
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

// TestPagesInBrowser looks at each page of the gallery in light and dark, on a
// desk and on a small phone, from left to right and from right to left.
func TestPagesInBrowser(t *testing.T) {
	s := serve(t)
	b := browser.Start(t)
	pictures := browser.Pictures(t)
	for _, page := range []string{"case", "parts", "list", "form", "done", "nowhere"} {
		for _, look := range []struct {
			name          string
			width, height int
			dark          bool
		}{
			{"light", 1280, 900, false}, {"dark", 1280, 900, true}, {"phone", 360, 740, false},
		} {
			t.Run(page+"-"+look.name, func(t *testing.T) {
				v := b.Visitor(t)
				v.Size(look.width, look.height)
				v.Dark(look.dark)
				v.Open(s.URL + "/" + page)
				v.Screenshot(filepath.Join(pictures, page+"-"+look.name+".png"))
				v.NoSidewaysScroll()
				v.Accessible()
			})
		}
	}
}

func TestRightToLeftAndOnPaper(t *testing.T) {
	s := serve(t)
	v := browser.Start(t).Visitor(t)
	pictures := browser.Pictures(t)
	v.Open(s.URL + "/parts")
	v.Cookie(s.URL, "lang", "ar")
	for _, page := range []string{"case", "form", "list"} {
		v.Open(s.URL + "/" + page)
		v.Screenshot(filepath.Join(pictures, page+"-rtl.png"))
		v.NoSidewaysScroll()
		v.Accessible()
	}
	v.Paper(true)
	v.Cookie(s.URL, "lang", "en")
	v.Open(s.URL + "/case")
	v.Screenshot(filepath.Join(pictures, "case-paper.png"))
	v.Paper(false)
	v.Cookie(s.URL, "lang", "ar")
	v.Size(360, 740)
	v.Open(s.URL + "/case")
	v.NoSidewaysScroll()
	v.Screenshot(filepath.Join(pictures, "case-rtl-phone.png"))
}

// TestNothingTypedIsLost sends a form with mistakes, with scripts and without,
// and finds everything where it was left.
func TestNothingTypedIsLost(t *testing.T) {
	s := serve(t)
	b := browser.Start(t)
	pictures := browser.Pictures(t)
	for _, scripts := range []bool{true, false} {
		v := b.Visitor(t)
		v.Scripts(scripts)
		v.Open(s.URL + "/form")
		v.Fill("Name of the end user", "Министерство «Икс» <b>")
		v.Select("Where it is established", "Karsovia")
		v.Choose("Training")
		v.FillDate("When is it needed?", 31, 2, 2027)
		v.Fill("Amount", "1,50")
		v.Fill("What will they do with it?", "\nLine one\nline two")
		v.Press("Save and go on")
		v.Sees("There is a problem", "There is no such day in that month", "Choose the currency")
		if got := v.Title(); !strings.HasPrefix(got, "Error:") {
			t.Errorf("title %q", got)
		}
		for label, want := range map[string]string{
			"Name of the end user": "Министерство «Икс» <b>", "Day": "31", "Amount": "1,50", "What will they do with it?": "\nLine one\nline two",
		} {
			if got := v.Value(label); got != want {
				t.Errorf("scripts %v: %s is %q, want %q", scripts, label, got, want)
			}
		}
		if scripts {
			v.Screenshot(filepath.Join(pictures, "form-errors.png"))
			v.Accessible()
		}
		v.Choose("A public body")
		v.Fill("Which unit of it?", "Special Department")
		v.FillDate("When is it needed?", 28, 2, 2027)
		v.Select("Currency", "Euro (EUR)")
		v.Fill("Amount", "1,500.50")
		v.Press("Save and go on")
		v.Sees("Done in time", "Parts of pages")
	}
}

// TestWorkListWithoutReload narrows the list: with scripts only the rows are
// replaced, without them the page is.
func TestWorkListWithoutReload(t *testing.T) {
	s := serve(t)
	b := browser.Start(t)
	v := b.Visitor(t)
	v.Open(s.URL + "/list")
	v.Type("j")
	v.Select("Stage", "With partners")
	v.Click("Show")
	v.Sees("Nothing waits here")
	if !strings.Contains(v.URL(), "stage=nothing") {
		t.Errorf("the address %s does not name the filter", v.URL())
	}
	plain := b.Visitor(t)
	plain.Scripts(false)
	plain.Open(s.URL + "/list")
	plain.Select("Stage", "With partners")
	plain.Press("Show")
	plain.Sees("Nothing waits here")
}
