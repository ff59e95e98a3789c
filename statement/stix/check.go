package stix

import (
	"slices"
	"strings"
)

// check is the work on one object.
type check struct {
	object   *Object
	findings []Finding
	table    *tables
	local    bool // references are keys within observed data
}

// Check says what is wrong with one object. Nothing of weight
// (Finding.Warning false) means that the object is valid STIX 2.1.
func Check(o *Object) []Finding {
	c := &check{object: o, table: standard()}
	c.root()
	return c.findings
}

// Valid tells whether findings hold no error.
func Valid(findings []Finding) bool {
	return !slices.ContainsFunc(findings, func(f Finding) bool { return !f.Warning })
}

// CheckBundle says what is wrong with what stands around the objects. An
// envelope of TAXII and a bare list have nothing to check.
func CheckBundle(d *Document) []Finding {
	if d.Bundle == nil {
		return nil
	}
	if _, typed := d.Bundle.Get("type"); !typed {
		if _, id := d.Bundle.Get("id"); !id {
			return nil
		}
	}
	c := &check{object: &Object{Index: -1, Root: *d.Bundle}, table: standard()}
	if t := d.Bundle.text("type"); t != "bundle" {
		c.fail((*trail)(nil).in("type"), "value", `write "type": "bundle"`, "a list under \"objects\" belongs in a bundle, and the type is %q", shorten(t))
	}
	if id := d.Bundle.text("id"); !strings.HasPrefix(id, "bundle--") || !validID(id) {
		c.fail((*trail)(nil).in("id"), "id", "write bundle-- and a UUID", "%q is not the id of a bundle", shorten(id))
	}
	for _, m := range d.Bundle.Members {
		if m.Name != "type" && m.Name != "id" && m.Name != "extensions" {
			c.warn((*trail)(nil).in(m.Name), "custom", "move it into an object", "a bundle has no property of this name")
		}
	}
	type version struct{ id, modified string }
	seen := make(map[version]int, len(d.Objects))
	for i := range d.Objects {
		o := &d.Objects[i]
		v := version{o.ID(), o.Root.text("modified")}
		if v.id == "" {
			continue
		}
		if before, twice := seen[v]; twice && string(d.Objects[before].Raw) != string(o.Raw) {
			c.warn((*trail)(nil).in("objects").at(i), "twice", "raise modified for a new version", "%s stands at %d and %d with different content and one version", shorten(v.id), before, i)
		}
		seen[v] = i
	}
	return c.findings
}

func (c *check) root() {
	v := &c.object.Root
	typ := v.text("type")
	if typ == "" {
		c.fail((*trail)(nil).in("type"), "required", "name the type, such as \"report\"", "the object has no type")
		return
	}
	s := c.table.objects[typ]
	if s == nil {
		c.custom(typ)
		return
	}
	if id := v.text("id"); id != "" && !strings.HasPrefix(id, typ+"--") {
		c.fail((*trail)(nil).in("id"), "id", "an id begins with the type of its object", "%q is not the id of an object of type %s", shorten(id), typ)
	}
	c.shape(v, nil, s)
	c.special(typ)
	c.markings()
	c.extensions(s)
}

// custom checks an object of a type that the standard does not know: what all
// objects share.
func (c *check) custom(typ string) {
	v := &c.object.Root
	if typ == "bundle" {
		c.fail((*trail)(nil).in("type"), "type", "put its objects into the outer bundle", "a bundle can't stand in a bundle")
		return
	}
	if !validTypeName(typ) || typ == "action" {
		c.fail((*trail)(nil).in("type"), "type", "3 to 250 of a-z, 0-9 and single hyphens, a letter first", "%q is not the name of a type", shorten(typ))
	}
	if id := v.text("id"); id != "" && !strings.HasPrefix(id, typ+"--") {
		c.fail((*trail)(nil).in("id"), "id", "an id begins with the type of its object", "%q is not the id of an object of type %s", shorten(id), shorten(typ))
	}
	// An observable has no created; whatever has one is held to what domain
	// objects share.
	like := c.table.objects["mutex"]
	_, created := v.Get("created")
	_, modified := v.Get("modified")
	if created || modified || v.extensionTypes()["new-sdo"] || v.extensionTypes()["new-sro"] {
		like = c.table.objects["vulnerability"]
	}
	plain := &shape{group: like.group, name: typ, rules: like.rules, byName: map[string]*property{}}
	for _, p := range like.properties {
		if p.name != "name" && p.name != "description" {
			plain.properties = append(plain.properties, p)
		}
	}
	for i := range plain.properties {
		plain.byName[plain.properties[i].name] = &plain.properties[i]
	}
	c.shape(v, nil, plain)
	if len(v.extensionTypes()) == 0 {
		c.warn((*trail)(nil).in("type"), "custom", "define the type in an extension-definition and name that under extensions", "%s is not a type of the standard", shorten(typ))
	}
	c.markings()
	c.extensions(plain)
}

// shape holds a map against its shape.
func (c *check) shape(v *Value, at *trail, s *shape) {
	for i := range s.properties {
		p := &s.properties[i]
		if p.required {
			if _, ok := v.Get(p.name); !ok {
				c.fail(at.in(p.name), "required", "add it", "a %s must have %s", s.name, p.name)
			}
		}
	}
	extends := at == nil && (s.group == "domain" || s.group == "observable" || s.group == "object") && v.extensionTypes()["toplevel-property-extension"]
	known := at != nil || c.table.objects[s.name] != nil // not a type of someone's own
	for i := range v.Members {
		m := &v.Members[i]
		where := at.in(m.Name)
		p := s.byName[m.Name]
		if p == nil {
			if !validPropertyName(m.Name) {
				c.fail(where, "name", "3 to 250 of a-z, 0-9 and _", "%q is not the name of a property", shorten(m.Name))
			}
			if at == nil && slices.Contains([]string{"severity", "action", "username", "phone_numbers"}, m.Name) {
				c.fail(where, "name", "choose another name", "the standard keeps the name %s for itself", m.Name)
			}
			c.plain(&m.Value, where)
			if known && !extends {
				c.warn(where, "custom", "carry it in an extension", "a %s has no property %s", s.name, shorten(m.Name))
			}
			continue
		}
		if !p.list {
			c.kind(&m.Value, where, p)
			continue
		}
		if m.Value.Kind != List {
			c.fail(where, "kind", "put it in [ ]", "want a list, not %s", m.Value.Kind)
			continue
		}
		if len(m.Value.Items) == 0 {
			c.fail(where, "empty", "leave the property out", "a list can't be empty")
		}
		for i := range m.Value.Items {
			c.kind(&m.Value.Items[i], where.at(i), p)
		}
	}
	for _, r := range s.rules {
		c.rule(v, at, r)
	}
}

func (c *check) rule(v *Value, at *trail, r rule) {
	has := func(name string) bool { _, ok := v.Get(name); return ok }
	count := 0
	for _, name := range r.names {
		if has(name) {
			count++
		}
	}
	names := strings.Join(r.names, ", ")
	switch r.word {
	case "one":
		if count == 0 {
			c.fail(at.in(r.names[0]), "required", "add one of them", "at least one of %s must be there", names)
		}
	case "together":
		if count > 0 && count < len(r.names) {
			c.fail(at.in(r.names[0]), "required", "add the other or leave both out", "%s go together", names)
		}
	case "either":
		if count > 1 {
			c.fail(at.in(r.names[0]), "both", "keep one", "%s exclude each other", names)
		}
	case "needs":
		if has(r.names[0]) && !has(r.names[1]) {
			c.fail(at.in(r.names[1]), "required", "add it", "%s needs %s", r.names[0], r.names[1])
		}
	case "order", "ahead":
		first, ok1 := ParseTime(v.text(r.names[0]))
		second, ok2 := ParseTime(v.text(r.names[1]))
		if ok1 && ok2 && (second.Before(first) || r.word == "ahead" && second.Equal(first)) {
			c.fail(at.in(r.names[1]), "order", "correct one of the two", "%s (%s) must be later than %s (%s)", r.names[1], v.text(r.names[1]), r.names[0], v.text(r.names[0]))
		}
	}
}

// plain holds what nobody defines to what every value must be: no null, no
// empty list.
func (c *check) plain(v *Value, at *trail) {
	switch v.Kind {
	case Null:
		c.fail(at, "null", "leave the property out", "null is not a value in STIX")
	case Number:
		c.number(v, at)
	case List:
		if len(v.Items) == 0 {
			c.fail(at, "empty", "leave the property out", "a list can't be empty")
		}
		for i := range v.Items {
			c.plain(&v.Items[i], at.at(i))
		}
	case Map:
		for i := range v.Members {
			c.plain(&v.Members[i].Value, at.in(v.Members[i].Name))
		}
	case Boolean, String:
	}
}
