package uitest

import (
	"maps"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// Sound fails on what no page may have, whatever it is about: a style or script
// in the page itself (the policy would refuse it), ids that are not unique,
// labels, descriptions and fragments that lead nowhere, inputs without a label,
// a page without language, direction, title or exactly one main heading, and
// messages whose key has no sentence.
func (d *Doc) Sound() *Doc {
	d.t.Helper()
	ids := map[string]int{}
	labelled := map[string]bool{}
	for n := range d.root.Descendants() {
		if id, ok := Attr(n, "id"); ok {
			ids[id]++
			if id == "" {
				d.t.Errorf("%s has an empty id", n.Data)
			}
		}
		if n.Data == "label" {
			if to, ok := Attr(n, "for"); ok {
				labelled[to] = true
			}
		}
	}
	twice := map[string]bool{}
	for id, n := range ids {
		if n > 1 {
			twice[id] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(twice)) {
		d.t.Errorf("the id %q is there %d times", id, ids[id])
	}
	for n := range d.root.Descendants() {
		switch n.Type {
		case html.ElementNode:
			d.element(n, ids, labelled)
		case html.TextNode:
			if i := strings.Index(n.Data, "["); i >= 0 && looksLikeKey(n.Data[i+1:]) {
				d.t.Errorf("a message has no sentence: %s", strings.TrimSpace(n.Data))
			}
		}
	}
	root := d.One("html")
	for _, a := range []string{"lang", "dir"} {
		if v, _ := Attr(root, a); v == "" {
			d.t.Errorf("the page has no %s", a)
		}
	}
	if Text(d.One("head title")) == "" {
		d.t.Error("the page has no title")
	}
	if n := len(d.All("h1")); n != 1 {
		d.t.Errorf("the page has %d main headings", n)
	}
	d.One("main")
	return d
}

func (d *Doc) element(n *html.Node, ids map[string]int, labelled map[string]bool) {
	d.t.Helper()
	for _, a := range n.Attr {
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") {
			d.t.Errorf("%s has the attribute %s, which the policy refuses", n.Data, a.Key)
		}
		if strings.HasPrefix(a.Val, "javascript:") || strings.HasPrefix(a.Val, "js:") {
			d.t.Errorf("%s runs a script in %s", n.Data, a.Key)
		}
		switch a.Key {
		case "aria-describedby", "aria-labelledby", "aria-controls", "for", "popovertarget":
			for _, id := range strings.Fields(a.Val) {
				if ids[id] == 0 {
					d.t.Errorf("%s of %s names %q, which is not there", a.Key, n.Data, id)
				}
			}
		case "href":
			if id, ok := strings.CutPrefix(a.Val, "#"); ok && id != "" && ids[id] == 0 {
				d.t.Errorf("a link leads to %q, which is not there", a.Val)
			}
		}
	}
	switch n.Data {
	case "style":
		d.t.Error("the page has a style of its own")
	case "script":
		if src, _ := Attr(n, "src"); !strings.HasPrefix(src, "/") || n.FirstChild != nil {
			d.t.Error("the page has a script of its own, or from elsewhere")
		}
	case "img":
		if _, ok := Attr(n, "alt"); !ok {
			d.t.Error("an image has no words")
		}
	case "input", "select", "textarea":
		id, _ := Attr(n, "id")
		kind, _ := Attr(n, "type")
		_, named := Attr(n, "aria-label")
		if kind != "hidden" && kind != "submit" && !labelled[id] && !named {
			name, _ := Attr(n, "name")
			d.t.Errorf("%s %q has no label", n.Data, name)
		}
	case "table":
		heads := false
		for c := range n.Descendants() {
			heads = heads || c.Data == "th"
		}
		if !heads {
			d.t.Error("a table has no headings")
		}
	}
}

// looksLikeKey tells "ui.date.day]" from a bracket that a person wrote.
func looksLikeKey(s string) bool {
	key, _, closed := strings.Cut(s, "]")
	return closed && strings.Contains(key, ".") && !strings.ContainsAny(key, " ,;…") && key == strings.ToLower(key) && key[0] >= 'a' && key[0] <= 'z'
}
