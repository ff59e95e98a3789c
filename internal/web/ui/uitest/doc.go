// Package uitest looks at pages by their structure, for tests of handlers: what
// is where, not which string came out.
//
//	page := uitest.Get(t, handler, "/cases/1")
//	page.Status(200).Sound()
//	page.HasText("h1", "IMSI catchers")
//	form := page.Form("/cases/1/resolve")
//	form.Set("reason", "another person")
//	uitest.Post(t, handler, form).Redirects("/cases/1")
//
// Elements are named as in CSS: "table.t tbody tr", "#main a[href]",
// "input[name=party.country]". A test fails at once when a thing is not there.
package uitest

import (
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// Doc is a parsed page.
type Doc struct {
	t    testing.TB
	root *html.Node
}

// Parse reads a page.
func Parse(t testing.TB, body string) *Doc {
	t.Helper()
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatalf("not HTML: %v", err)
	}
	return &Doc{t, root}
}

// compound is one step of a selector: a tag with ids, classes and attributes.
type compound struct {
	tag   string
	attrs [][2]string // name, value; "\x00" is any value, class is one of its words
}

func parseSelector(t testing.TB, sel string) []compound {
	t.Helper()
	var out []compound
	for _, part := range strings.Fields(sel) {
		var c compound
		i := strings.IndexAny(part, "#.[")
		if i < 0 {
			i = len(part)
		}
		c.tag, part = part[:i], part[i:]
		for part != "" {
			if part[0] == '[' {
				end := strings.IndexByte(part, ']')
				if end < 0 {
					t.Fatalf("selector %q: [ is not closed", sel)
				}
				name, value, given := strings.Cut(part[1:end], "=")
				if !given {
					value = "\x00"
				}
				c.attrs, part = append(c.attrs, [2]string{name, strings.Trim(value, `"'`)}), part[end+1:]
				continue
			}
			kind := part[0]
			end := strings.IndexAny(part[1:], "#.[")
			if end < 0 {
				end = len(part) - 1
			}
			name := "id"
			if kind == '.' {
				name = "class"
			}
			c.attrs, part = append(c.attrs, [2]string{name, part[1 : end+1]}), part[end+1:]
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		t.Fatal("an empty selector")
	}
	return out
}

func (c compound) fits(n *html.Node) bool {
	if n.Type != html.ElementNode || c.tag != "" && c.tag != "*" && c.tag != n.Data {
		return false
	}
	for _, want := range c.attrs {
		got, ok := Attr(n, want[0])
		switch {
		case !ok:
			return false
		case want[1] == "\x00":
		case want[0] == "class":
			found := false
			for _, w := range strings.Fields(got) {
				found = found || w == want[1]
			}
			if !found {
				return false
			}
		case got != want[1]:
			return false
		}
	}
	return true
}

func fits(n *html.Node, steps []compound) bool {
	if !steps[len(steps)-1].fits(n) {
		return false
	}
	rest := steps[:len(steps)-1]
	for up := n.Parent; up != nil && len(rest) > 0; up = up.Parent {
		if rest[len(rest)-1].fits(up) {
			rest = rest[:len(rest)-1]
		}
	}
	return len(rest) == 0
}

// Attr is the value of an attribute, and whether it is there.
func Attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// Text is what an element says, with runs of white space as one space.
func Text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode && d.Parent.Data != "script" && d.Parent.Data != "style" {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// All is every element that fits the selector, in the order of the page.
func (d *Doc) All(sel string) []*html.Node {
	d.t.Helper()
	steps := parseSelector(d.t, sel)
	var out []*html.Node
	for n := range d.root.Descendants() {
		if fits(n, steps) {
			out = append(out, n)
		}
	}
	return out
}

// One is the only element that fits; none or several fail the test.
func (d *Doc) One(sel string) *html.Node {
	d.t.Helper()
	all := d.All(sel)
	if len(all) != 1 {
		d.t.Fatalf("%d elements are %q, want one", len(all), sel)
	}
	return all[0]
}

// Count fails unless exactly n elements fit.
func (d *Doc) Count(sel string, n int) *Doc {
	d.t.Helper()
	if got := len(d.All(sel)); got != n {
		d.t.Errorf("%d elements are %q, want %d", got, sel, n)
	}
	return d
}

// Texts is what each element that fits says.
func (d *Doc) Texts(sel string) []string {
	d.t.Helper()
	var out []string
	for _, n := range d.All(sel) {
		out = append(out, Text(n))
	}
	return out
}

// HasText fails unless an element that fits says the text, among other things.
func (d *Doc) HasText(sel, text string) *Doc {
	d.t.Helper()
	texts := d.Texts(sel)
	for _, s := range texts {
		if strings.Contains(s, text) {
			return d
		}
	}
	d.t.Errorf("no %q says %q; they say %q", sel, text, texts)
	return d
}

// LacksText fails when the page says the text anywhere, attributes included:
// for canaries.
func (d *Doc) LacksText(text string) *Doc {
	d.t.Helper()
	for n := range d.root.Descendants() {
		if n.Type == html.TextNode && strings.Contains(n.Data, text) {
			d.t.Errorf("the page says %q", text)
		}
		for _, a := range n.Attr {
			if strings.Contains(a.Val, text) {
				d.t.Errorf("the page holds %q in %s of %s", text, a.Key, n.Data)
			}
		}
	}
	return d
}

// Link is where the link with that text leads; its hidden words count too.
func (d *Doc) Link(text string) string {
	d.t.Helper()
	for _, a := range d.All("a[href]") {
		if Text(a) == text || strings.HasPrefix(Text(a), text+" ") {
			href, _ := Attr(a, "href")
			return href
		}
	}
	d.t.Fatalf("no link says %q", text)
	return ""
}

// Form is a form ready to be sent: where to, how, and what is in it.
type Form struct {
	Action string
	Method string
	url.Values
}

// Form reads the form with that action as a browser would send it, without the
// value of any button.
func (d *Doc) Form(action string) Form {
	d.t.Helper()
	for _, n := range d.All("form") {
		if got, _ := Attr(n, "action"); got != action {
			continue
		}
		method, _ := Attr(n, "method")
		return Form{action, strings.ToUpper(method), valuesOf(n)}
	}
	d.t.Fatalf("no form goes to %q", action)
	return Form{}
}

func valuesOf(form *html.Node) url.Values {
	v := url.Values{}
	for n := range form.Descendants() {
		name, named := Attr(n, "name")
		if _, off := Attr(n, "disabled"); !named || off {
			continue
		}
		switch n.Data {
		case "textarea":
			var b strings.Builder
			for c := range n.Descendants() {
				b.WriteString(c.Data)
			}
			v.Add(name, b.String())
		case "select":
			chosen, first, any := "", "", false
			for o := range n.Descendants() {
				if o.Data != "option" {
					continue
				}
				value, _ := Attr(o, "value")
				if !any {
					first, any = value, true
				}
				if _, ok := Attr(o, "selected"); ok {
					chosen = value
				}
			}
			if chosen == "" {
				chosen = first
			}
			v.Add(name, chosen)
		case "input":
			kind, _ := Attr(n, "type")
			value, _ := Attr(n, "value")
			_, checked := Attr(n, "checked")
			switch {
			case kind == "submit", kind == "file", (kind == "radio" || kind == "checkbox") && !checked:
			default:
				v.Add(name, value)
			}
		}
	}
	return v
}

// NothingChosen fails when a radio, a checkbox or an option other than the empty
// one is chosen ahead among the inputs of that name.
func (d *Doc) NothingChosen(names ...string) *Doc {
	d.t.Helper()
	for _, name := range names {
		inputs := append(d.All("input[name="+name+"]"), d.All("select[name="+name+"] option")...)
		if len(inputs) == 0 {
			d.t.Errorf("nothing is called %q", name)
		}
		for _, n := range inputs {
			value, _ := Attr(n, "value")
			_, checked := Attr(n, "checked")
			_, selected := Attr(n, "selected")
			if checked || selected && value != "" {
				d.t.Errorf("%s %q is chosen ahead", name, value)
			}
		}
	}
	return d
}
