package stix

import (
	"regexp"
	"strconv"
	"strings"
)

// special is what the standard asks of single types beyond kinds and presence.
func (c *check) special(typ string) {
	v := &c.object.Root
	switch typ {
	case "indicator":
		c.indicator(v)
	case "malware":
		if family, ok := v.Get("is_family"); ok && family.True {
			if _, named := v.Get("name"); !named {
				c.fail((*trail)(nil).in("name"), "required", "name the family", "a family of malware must have a name")
			}
		}
	case "observed-data":
		c.observed(v)
	case "email-message":
		_, body := v.Get("body")
		_, parts := v.Get("body_multipart")
		if multi, ok := v.Get("is_multipart"); ok && (multi.True && body || !multi.True && parts) {
			c.fail((*trail)(nil).in("is_multipart"), "both", "use body for one part, body_multipart for several", "is_multipart does not fit the body")
		}
	case "network-traffic":
		_, end := v.Get("end")
		if active, ok := v.Get("is_active"); ok && active.True && end {
			c.fail((*trail)(nil).in("end"), "both", "leave it out while the traffic goes on", "traffic that is active has no end")
		}
	case "windows-registry-key":
		if hive, _, _ := strings.Cut(v.text("key"), `\`); shortHive.MatchString(hive) {
			c.fail((*trail)(nil).in("key"), "value", "write the hive in full, such as HKEY_LOCAL_MACHINE", "%q is a short form", hive)
		}
	case "extension-definition":
		c.extensionDefinition(v)
	case "marking-definition":
		c.markingDefinition(v)
	}
}

var shortHive = regexp.MustCompile(`(?i)^(HKLM|HKCC|HKCR|HKCU|HKU)$`)

func (c *check) indicator(v *Value) {
	if v.text("pattern_type") != "stix" {
		return
	}
	p, ok := v.Get("pattern")
	if !ok || p.Kind != String {
		return
	}
	at := (*trail)(nil).in("pattern")
	tree, err := ParsePattern(p.Text)
	if err != nil {
		c.fail(at, "pattern", "see the patterning language of STIX 2.1, chapter 9", "%v", err)
		return
	}
	for _, e := range tree.Errors() {
		c.fail(at, "pattern", "tools that read STIX will not use this pattern; keep the object aside until its author corrects it", "%s", e)
	}
	for _, w := range tree.Warnings() {
		c.warn(at, "pattern", "use the names of STIX 2.1", "%s", w)
	}
}

// observed checks the objects within observed data, a form that the standard
// calls deprecated and that is still met: each is an observable, and they name
// each other by the key they stand under.
func (c *check) observed(v *Value) {
	at := (*trail)(nil).in("objects")
	inside, ok := v.Get("objects")
	if !ok {
		return
	}
	if _, both := v.Get("object_refs"); both {
		c.fail(at, "both", "keep object_refs", "objects and object_refs exclude each other")
	}
	c.local = true
	for i := range inside.Members {
		m := &inside.Members[i]
		where := at.in(m.Name)
		if m.Value.Kind != Map {
			continue // said already
		}
		s := c.table.objects[m.Value.text("type")]
		switch {
		case m.Value.text("type") == "":
			c.fail(where.in("type"), "required", "name its type", "an observable without a type")
		case s != nil && s.group != "observable":
			c.fail(where.in("type"), "type", "name it in object_refs", "a %s is no observable", s.name)
		case s != nil:
			c.shape(&m.Value, where, s)
		}
	}
	c.local = false
	c.warn(at, "deprecated", "give each observable an id and name them in object_refs", "objects within observed data are deprecated")
}

func (c *check) extensionDefinition(v *Value) {
	_, listed := v.Get("extension_properties")
	top := false
	for _, t := range v.texts("extension_types") {
		top = top || t == "toplevel-property-extension"
	}
	if listed && !top {
		c.fail((*trail)(nil).in("extension_properties"), "both", "leave it out or add toplevel-property-extension", "only an extension of top-level properties lists them")
	}
	if v.text("created_by_ref") == "" {
		c.fail((*trail)(nil).in("created_by_ref"), "required", "name the identity that answers for it", "an extension-definition must have created_by_ref")
	}
}

func (c *check) markingDefinition(v *Value) {
	d, ok := v.Get("definition")
	switch typ := v.text("definition_type"); {
	case typ == "statement" && ok:
		if d.text("statement") == "" {
			c.fail((*trail)(nil).in("definition").in("statement"), "required", "write what applies", "a statement marking has no statement")
		}
	case typ == "tlp" && ok:
		level := d.text("tlp")
		fixed, known := tlp1[level]
		if !known || v.text("id") != fixed {
			c.fail((*trail)(nil).in("id"), "value", "use one of the standard's own TLP objects, or TLP 2.0", "the TLP objects of STIX are fixed, and this is none of them")
		}
	}
	if m, ok := markOf[v.text("id")]; ok && m.scheme == "tlp2" {
		e, _ := v.Get("extensions")
		level := ""
		if e != nil {
			if x, ok := e.Get(tlp2Extension); ok {
				level = x.text("tlp_2_0")
			}
		}
		if level != m.word {
			c.fail((*trail)(nil).in("extensions"), "value", "use the object as FIRST and OASIS publish it", "the id is that of TLP:%s and the content is not", strings.ToUpper(m.word))
		}
	}
	for i, ref := range v.texts("object_marking_refs") {
		if ref == v.text("id") {
			c.fail((*trail)(nil).in("object_marking_refs").at(i), "reference", "remove it", "a marking can't mark itself")
		}
	}
}

// markings checks that granular markings point at what is there.
func (c *check) markings() {
	list, ok := c.object.Root.Get("granular_markings")
	if !ok || list.Kind != List {
		return
	}
	for i := range list.Items {
		g := &list.Items[i]
		at := (*trail)(nil).in("granular_markings").at(i)
		_, lang := g.Get("lang")
		ref := g.text("marking_ref")
		if lang && ref != "" {
			c.fail(at, "both", "make two markings of it", "lang and marking_ref exclude each other")
		}
		if ref != "" && ref == c.object.ID() {
			c.fail(at.in("marking_ref"), "reference", "remove it", "a marking can't mark itself")
		}
		for j, selector := range g.texts("selectors") {
			if _, err := c.object.Root.selected(selector); err != "" {
				c.fail(at.in("selectors").at(j), "selector", "name a property that is there, as in labels.[0]", "%q %s", shorten(selector), err)
			}
		}
	}
}

// selected gives the value a selector points at, or why it points at none.
func (v *Value) selected(selector string) (*Value, string) {
	now := v
	for step := range strings.SplitSeq(selector, ".") {
		if strings.HasPrefix(step, "[") && strings.HasSuffix(step, "]") {
			n, err := strconv.Atoi(step[1 : len(step)-1])
			if err != nil || n < 0 {
				return nil, "has an index that is not a number"
			}
			if now.Kind != List {
				return nil, "has an index where there is no list"
			}
			if n >= len(now.Items) {
				return nil, "points beyond the end of a list"
			}
			now = &now.Items[n]
			continue
		}
		next, ok := now.Get(step)
		if !ok {
			return nil, "points at nothing in this object"
		}
		now = next
	}
	return now, ""
}
