package letter

import (
	"bytes"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func walk(n *html.Node, visit func(*html.Node)) {
	visit(n)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walk(c, visit)
	}
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func words(n *html.Node) string {
	b := &strings.Builder{}
	walk(n, func(n *html.Node) {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	})
	return b.String()
}

func TestPagesAreStructured(t *testing.T) {
	for kind, doc := range samples(t) {
		page := HTML(doc, Style{Sheet: "/assets/letter.css"})
		root, err := html.Parse(bytes.NewReader(page))
		if err != nil {
			t.Fatal(err)
		}
		count, last := map[string]int{}, 0
		walk(root, func(n *html.Node) {
			if n.Type != html.ElementNode {
				return
			}
			count[n.Data]++
			if attr(n, "style") != "" || strings.HasPrefix(n.Data, "script") {
				t.Errorf("%s: <%s> brings a style or a script", kind, n.Data)
			}
			switch n.Data {
			case "html", "article":
				if attr(n, "lang") != "en" || attr(n, "dir") != "ltr" {
					t.Errorf("%s: <%s> lacks language or direction", kind, n.Data)
				}
			case "h1", "h2", "h3", "h4":
				level := int(n.Data[1] - '0')
				if level > last+1 {
					t.Errorf("%s: <%s> %q skips a level", kind, n.Data, words(n))
				}
				last = level
			case "th":
				if s := attr(n, "scope"); s != "col" && s != "row" {
					t.Errorf("%s: a header cell without scope", kind)
				}
			}
			for _, a := range n.Attr {
				if strings.HasPrefix(a.Key, "on") {
					t.Errorf("%s: handler %s", kind, a.Key)
				}
			}
		})
		if count["h1"] != 1 || count["main"] != 1 || count["article"] != 1 || count["title"] != 1 || count["style"] != 0 {
			t.Errorf("%s: elements %v", kind, count)
		}
	}
}

func TestForeignPassagesNameLanguageAndDirection(t *testing.T) {
	page := string(HTML(samples(t)[KindRefusal], Style{}))
	if want := `<bdi lang="ar" dir="rtl">وزارة الداخلية لجمهورية كارسوفيا</bdi>`; !strings.Contains(page, want) {
		t.Errorf("no %s in\n%s", want, page)
	}
	page = string(HTML(samples(t)[KindNoLicence], Style{}))
	if want := `<bdi lang="und-Cyrl">Газета «Свободное слово»</bdi>`; !strings.Contains(page, want) {
		t.Errorf("no %s in\n%s", want, page)
	}
}

// A browser brings its own fonts: the page shows the original.
func TestPageKeepsTheOriginalScript(t *testing.T) {
	f := NoLicenceFacts{Head: sampleHead(), EndUser: Given{Text: "北京天地", Language: "zh"}}
	page := string(HTML(NoLicenceRequired(english(t), f), Style{}))
	if !strings.Contains(page, `<bdi lang="zh">北京天地</bdi>`) || strings.Contains(page, "Bei Jing") {
		t.Error(page)
	}
}

func TestGivenTextIsEscaped(t *testing.T) {
	f := NoLicenceFacts{Head: sampleHead(), EndUser: Given{Text: `<script>alert(1)</script>&"'`, Language: `x" onload="y`}}
	page := string(HTML(NoLicenceRequired(english(t), f), Style{Sheet: `"><script>`, Class: `a" b="`}))
	if strings.Contains(page, "<script") || strings.Contains(page, `onload="y"`) || strings.Contains(page, ` b="`) {
		t.Error(page)
	}
}

func TestFragmentStandsUnderTheHeadingOfItsPage(t *testing.T) {
	page := string(Fragment(samples(t)[KindLicence], Style{Class: "doc"}, 2))
	for _, want := range []string{`<article class="doc doc-licence"`, "<h2>Export licence", "<h3>Conditions"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in\n%s", want, page)
		}
	}
	if strings.Contains(page, "<h1") || strings.Contains(page, "<html") {
		t.Error("a fragment is no page")
	}
}

// Each condition says who must keep it, until when, how it is verified and what
// follows a breach; so does the PDF, and the name of a party in another script.
func TestConditionsAreWhole(t *testing.T) {
	doc := samples(t)[KindLicence]
	pdf, err := PDF(doc)
	if err != nil {
		t.Fatal(err)
	}
	page, printed := string(HTML(doc, Style{})), extract(t, pdf)
	for _, want := range []string{
		"Who must keep it", "at most 500 targets", "As long as the licence runs", "31 March 2027", "every quarter",
		"How it is verified", "hash of the installed configuration", "What follows a breach", "reminder, then suspension", "Министерство связи",
	} {
		if !strings.Contains(page, want) || !strings.Contains(printed, want) {
			t.Errorf("%q: on the page %v, printed %v", want, strings.Contains(page, want), strings.Contains(printed, want))
		}
	}
}

// The sheet has no word of left and right.
func TestSheetIsLogical(t *testing.T) {
	s := string(Sheet())
	for _, word := range []string{"left", "right", "url(", "@import"} {
		if strings.Contains(s[strings.Index(s, "*/"):], word) {
			t.Errorf("the sheet says %q", word)
		}
	}
	for _, class := range []string{"from", "facts", "terms", "table", "figure", "notice", "check", "signature"} {
		if !strings.Contains(s, ".letter-"+class) {
			t.Errorf("no look for %s", class)
		}
	}
}

func BenchmarkPDFRefusal(b *testing.B) {
	doc := samples(b)[KindRefusal]
	for b.Loop() {
		if _, err := PDF(doc); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPDFLicenceOfHundredLines(b *testing.B) {
	doc := Licence(english(b), sampleLicence(100))
	for b.Loop() {
		if _, err := PDF(doc); err != nil {
			b.Fatal(err)
		}
	}
}
