package misp

import (
	"slices"
	"strings"

	"github.com/comity-project/comity/statement/stix"
)

// FromSTIX writes the objects of a document as one MISP event. Indicators,
// observed data and MISP's own objects become attributes, groupings of them
// objects; the first report names the event. Objects that MISP has no place for
// are named in left.
func FromSTIX(d *stix.Document) (Event, []string) {
	r := &reader{byID: map[string]*stix.Object{}, done: map[string]bool{}}
	for i := range d.Objects {
		r.byID[d.Objects[i].ID()] = &d.Objects[i]
	}
	e := Event{Info: "Objects of STIX"}
	for i := range d.Objects {
		o := &d.Objects[i]
		if o.Type() == "report" && !r.done["report"] {
			r.done["report"], r.done[o.ID()] = true, true
			r.report(&e, o)
		}
	}
	for i := range d.Objects {
		if o := &d.Objects[i]; o.Type() == "grouping" && text(o, "context") == "misp-object" {
			e.Objects = append(e.Objects, r.object(o))
		}
	}
	var left []string
	for i := range d.Objects {
		o := &d.Objects[i]
		if r.done[o.ID()] || o.Type() == "marking-definition" {
			continue
		}
		a, ok := r.attribute(o)
		if !ok {
			if _, used := r.used[o.ID()]; !used {
				left = append(left, o.Type()+" "+o.ID())
			}
			continue
		}
		e.Attributes = append(e.Attributes, a)
	}
	left = slices.DeleteFunc(left, func(s string) bool { _, id, _ := strings.Cut(s, " "); return r.used[id] })
	return e, left
}

type reader struct {
	byID map[string]*stix.Object
	done map[string]bool // written already, or to be left alone
	used map[string]bool // carried by another object
}

func text(o *stix.Object, name string) string {
	if v, ok := o.Root.Get(name); ok && v.Kind == stix.String {
		return v.Text
	}
	return ""
}

func texts(o *stix.Object, name string) (out []string) {
	if v, ok := o.Root.Get(name); ok {
		for _, item := range v.Items {
			out = append(out, item.Text)
		}
	}
	return out
}

func uuid(id string) string {
	_, u, _ := strings.Cut(id, "--")
	return u
}

func seconds(s string) Number {
	t, ok := stix.ParseTime(s)
	if !ok {
		return 0
	}
	return Number(t.Unix())
}

func (r *reader) use(id string) {
	if r.used == nil {
		r.used = map[string]bool{}
	}
	r.used[id] = true
}

func (r *reader) report(e *Event, o *stix.Object) {
	e.UUID, e.Info = uuid(o.ID()), text(o, "name")
	e.Timestamp, e.PublishedAt = seconds(text(o, "modified")), seconds(text(o, "published"))
	if at := text(o, "created"); len(at) >= 10 {
		e.Date = at[:10]
	}
	_, _, e.Tags = r.tags(o)
	if by := r.byID[o.CreatedBy()]; by != nil {
		e.Orgc = &Organisation{UUID: uuid(by.ID()), Name: text(by, "name")}
		r.use(by.ID())
	}
}

// tags reads the labels back: what MISP said of type and category, and tags.
func (r *reader) tags(o *stix.Object) (typ, category string, tags []Tag) {
	h := o.Handling()
	if h.TLP != stix.Unmarked {
		tags = append(tags, Tag{Name: strings.ToLower(h.TLP.String())})
	}
	if h.PAP != stix.NoPAP {
		tags = append(tags, Tag{Name: h.PAP.String()})
	}
	for _, l := range texts(o, "labels") {
		name, value, ok := strings.Cut(strings.TrimPrefix(l, "misp:"), `="`)
		value = strings.TrimSuffix(value, `"`)
		switch {
		case !strings.HasPrefix(l, "misp:") || !ok:
			tags = append(tags, Tag{Name: l})
		case name == "type":
			typ = value
		case name == "category":
			category = value
		}
	}
	return typ, category, tags
}

func (r *reader) object(o *stix.Object) Object {
	r.done[o.ID()] = true
	g := Object{UUID: uuid(o.ID()), Name: text(o, "name"), About: text(o, "description"), Timestamp: seconds(text(o, "modified"))}
	for _, l := range texts(o, "labels") {
		if v, ok := strings.CutPrefix(l, `misp:meta-category="`); ok {
			g.Category = strings.TrimSuffix(v, `"`)
		}
	}
	for _, ref := range texts(o, "object_refs") {
		if in := r.byID[ref]; in != nil && !r.done[ref] {
			if a, ok := r.attribute(in); ok {
				r.done[ref] = true
				g.Attributes = append(g.Attributes, a)
			}
		}
	}
	return g
}

func (r *reader) attribute(o *stix.Object) (Attribute, bool) {
	typ, category, tags := r.tags(o)
	a := Attribute{UUID: uuid(o.ID()), Category: category, Tags: tags, Timestamp: seconds(text(o, "modified")), Comment: text(o, "description")}
	for _, l := range texts(o, "labels") {
		if v, ok := strings.CutPrefix(l, `misp:relation="`); ok {
			a.Relation = strings.TrimSuffix(v, `"`)
		}
	}
	switch o.Type() {
	case "indicator":
		a.ToIDs = true
		if kind := text(o, "pattern_type"); kind != "stix" {
			a.Type, a.Value = kind, text(o, "pattern")
			return a, slices.Contains([]string{"yara", "sigma", "snort", "suricata"}, kind)
		}
		a.Type, a.Value = "stix2-pattern", text(o, "pattern")
		if fields, simple := unpattern(a.Value); simple && typ != "stix2-pattern" {
			if t, v := attributeOf(fields, typ); t != "" {
				a.Type, a.Value = t, v
			}
		}
		return a, true
	case "observed-data":
		refs := texts(o, "object_refs")
		if len(refs) != 1 || r.byID[refs[0]] == nil {
			return a, false
		}
		a.Comment = text(o, "x_misp_comment")
		var ok bool
		if a.Type, a.Value, ok = observed(r.byID[refs[0]], typ); ok {
			r.use(refs[0])
		}
		return a, ok
	case "vulnerability":
		a.Type, a.Value = "vulnerability", text(o, "name")
		return a, true
	case "x-misp-attribute":
		a.Type, a.Value, a.Comment = text(o, "x_misp_type"), text(o, "x_misp_value"), text(o, "x_misp_comment")
		if v, ok := o.Root.Get("x_misp_to_ids"); ok {
			a.ToIDs = v.True
		}
		return a, a.Type != ""
	}
	return a, false
}

// observed is an observable as an attribute.
func observed(o *stix.Object, typ string) (string, string, bool) {
	for _, name := range []string{"value", "name", "key", "number"} {
		v, ok := o.Root.Get(name)
		if !ok || o.Type() == "user-account" {
			continue
		}
		t, value := attributeOf([]field{{o.Type() + ":" + name, v.Text}}, typ)
		return t, value, t != ""
	}
	if h, ok := o.Root.Get("hashes"); ok && len(h.Members) == 1 {
		path := strings.Replace(hashField(h.Members[0].Name), "file:", o.Type()+":", 1)
		t, value := attributeOf([]field{{path, h.Members[0].Value.Text}}, typ)
		return t, value, t != ""
	}
	return "", "", false
}
