package misp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/comity-project/comity/statement/stix"
)

// object is a STIX object being written: Go's JSON sorts the names.
type object map[string]any

// Converted is what a conversion gave and what it could not carry.
type Converted struct {
	Bytes []byte
	// Left names each thing that has no place in the other form.
	Left []string
}

// ToSTIX writes events as a STIX bundle: an event becomes a report by its
// organisation, an attribute meant for detection an indicator, another one
// observed data, an object a grouping. What STIX has no words for becomes an
// x-misp-attribute, as MISP itself writes it. Times come from the event, so the
// same event gives the same bytes.
func ToSTIX(events []Event) (Converted, error) {
	w := &writer{seen: map[string]bool{}}
	for i := range events {
		w.event(&events[i])
	}
	var names []string
	for _, o := range w.objects {
		names = append(names, o["id"].(string))
	}
	bundle := object{"type": "bundle", "id": stix.NamedID("bundle", names...), "objects": w.objects}
	b, err := json.Marshal(bundle, json.Deterministic(true), jsontext.WithIndent(" "))
	return Converted{append(b, '\n'), w.left}, err
}

type writer struct {
	objects []object
	seen    map[string]bool
	left    []string
	author  string
	marks   []string
}

func (w *writer) add(o object) string {
	id := o["id"].(string)
	if !w.seen[id] {
		w.seen[id] = true
		w.objects = append(w.objects, o)
	}
	return id
}

func (w *writer) leave(what string, names []string) {
	for _, n := range names {
		w.left = append(w.left, what+": "+n)
	}
}

// id is type and UUID where MISP gave one, or else follows from words.
func id(typ, uuid string, words ...string) string {
	if whole := typ + "--" + strings.ToLower(uuid); uuid != "" && stix.ValidID(whole) {
		return whole
	}
	return stix.NamedID(typ, append([]string{"misp", uuid}, words...)...)
}

func stamp(seconds Number, date string) string {
	t := time.Unix(int64(seconds), 0).UTC()
	if d, err := time.Parse("2006-01-02", date); seconds == 0 && err == nil {
		t = d
	}
	if t.Year() < 1970 || t.Year() > 9999 {
		t = time.Unix(0, 0).UTC()
	}
	return stix.FormatTime(t)
}

func (w *writer) event(e *Event) {
	at := stamp(e.Timestamp, e.Date)
	w.author = ""
	if e.Orgc != nil && e.Orgc.Name != "" {
		w.author = w.add(object{
			"type": "identity", "spec_version": "2.1", "id": id("identity", e.Orgc.UUID, e.Orgc.Name), "name": e.Orgc.Name,
			"identity_class": "organization", "created": stamp(0, "1970-01-01"), "modified": stamp(0, "1970-01-01"),
		})
	}
	refs, labels := marks(e.Tags)
	w.marks = refs
	var about []string
	for i := range e.Attributes {
		about = append(about, w.attribute(&e.Attributes[i], at)...)
	}
	for i := range e.Objects {
		about = append(about, w.group(&e.Objects[i], at)...)
	}
	label := "event " + e.Info
	w.leave(label, left(e.Rest))
	for _, f := range []struct {
		name string
		n    Number
	}{{"distribution", e.Distribution}, {"analysis", e.Analysis}, {"threat_level_id", e.ThreatLevel}} {
		if f.n != 0 {
			labels = append(labels, fmt.Sprintf(`misp:%s="%d"`, f.name, f.n))
		}
	}
	if len(about) == 0 {
		if w.author == "" {
			w.leave(label, []string{"the event, which is about nothing"})
			return
		}
		about = []string{w.author}
	}
	name := e.Info
	if name == "" {
		name = "MISP attributes"
	}
	report := w.common("report", e.UUID, at, labels, about[0], name)
	report["name"], report["published"], report["object_refs"] = name, published(e, at), slices.Compact(slices.Sorted(slices.Values(about)))
	w.add(report)
}

func published(e *Event, at string) string {
	if e.PublishedAt > 0 {
		return stamp(e.PublishedAt, "")
	}
	return at
}

// common is what every domain object of an event has.
func (w *writer) common(typ, uuid, at string, labels []string, words ...string) object {
	o := object{"type": typ, "spec_version": "2.1", "id": id(typ, uuid, words...), "created": at, "modified": at}
	if w.author != "" {
		o["created_by_ref"] = w.author
	}
	if len(labels) > 0 {
		o["labels"] = labels
	}
	if len(w.marks) > 0 {
		o["object_marking_refs"] = w.marks
	}
	return o
}

// marks reads TLP and PAP from tags; the other tags stay labels.
func marks(tags []Tag) (refs, labels []string) {
	for _, t := range tags {
		space, _, _ := strings.Cut(t.Name, ":")
		switch strings.ToLower(space) {
		case "tlp":
			if l, ok := stix.ParseTLP(t.Name); ok {
				refs = append(refs, l.ID())
				continue
			}
		case "pap":
			if l, ok := stix.ParsePAP(t.Name); ok {
				refs = append(refs, l.ID())
				continue
			}
		}
		labels = append(labels, t.Name)
	}
	slices.Sort(refs)
	return slices.Compact(refs), labels
}

func (w *writer) attribute(a *Attribute, at string) []string {
	what := "attribute " + a.Type + " " + a.UUID
	if a.Deleted {
		w.leave(what, []string{"it is deleted"})
		return nil
	}
	w.leave(what, left(a.Rest))
	if a.Timestamp > 0 {
		at = stamp(a.Timestamp, "")
	}
	before := w.marks
	defer func() { w.marks = before }()
	refs, labels := marks(a.Tags)
	if len(refs) > 0 {
		w.marks = refs // its own marks count, not the event's
	}
	labels = append(labels, `misp:type="`+a.Type+`"`)
	if a.Category != "" {
		labels = append(labels, `misp:category="`+a.Category+`"`)
	}
	if a.Relation != "" {
		labels = append(labels, `misp:relation="`+a.Relation+`"`)
	}
	switch {
	case a.ToIDs && a.rule() != "":
		return []string{w.indicator(a, at, labels, a.Value, a.rule())}
	case a.ToIDs && a.fields() != nil && validPattern(pattern(a.fields())):
		return []string{w.indicator(a, at, labels, pattern(a.fields()), "stix")}
	case !a.ToIDs && a.observable() != nil:
		return w.observed(a, at, labels)
	case a.Type == "vulnerability" && !a.ToIDs:
		o := w.common("vulnerability", a.UUID, at, labels, a.Value)
		o["name"] = a.Value
		w.described(o, a)
		return []string{w.add(o)}
	}
	o := w.common("x-misp-attribute", a.UUID, at, labels, a.Type, a.Value)
	o["x_misp_type"], o["x_misp_value"], o["x_misp_to_ids"] = a.Type, a.Value, a.ToIDs
	for name, v := range map[string]string{"x_misp_category": a.Category, "x_misp_comment": a.Comment} {
		if v != "" {
			o[name] = v
		}
	}
	return []string{w.add(o)}
}

// rule is the kind of pattern that the value itself is.
func (a *Attribute) rule() string {
	switch a.Type {
	case "yara", "sigma", "snort", "suricata":
		return a.Type
	case "stix2-pattern":
		if validPattern(a.Value) {
			return "stix"
		}
	}
	return ""
}

func validPattern(s string) bool {
	p, err := stix.ParsePattern(s)
	return err == nil && len(p.Errors()) == 0
}

func (w *writer) described(o object, a *Attribute) {
	if a.Comment != "" {
		o["description"] = a.Comment
	}
}

func (w *writer) indicator(a *Attribute, at string, labels []string, text, kind string) string {
	o := w.common("indicator", a.UUID, at, labels, a.Type, a.Value)
	o["pattern"], o["pattern_type"], o["valid_from"] = text, kind, at
	if t, err := time.Parse(time.RFC3339Nano, a.FirstSeen); err == nil {
		o["valid_from"] = stix.FormatTime(t)
	}
	w.described(o, a)
	return w.add(o)
}

// observable is the attribute as one observable of STIX, where it is one.
func (a *Attribute) observable() object {
	fields := a.fields()
	if len(fields) != 1 {
		return nil
	}
	typ, path, _ := strings.Cut(fields[0].path, ":")
	if strings.Contains(path, "hashes.") {
		name := strings.Trim(strings.TrimPrefix(path, "hashes."), "'")
		return sized(object{"type": typ, "hashes": map[string]string{name: fields[0].value}})
	}
	if strings.ContainsAny(path, ".[") || typ == "network-traffic" || typ == "email-message" || path == "size" {
		return nil
	}
	o := object{"type": typ, path: fields[0].value}
	if path == "number" {
		n, err := strconv.Atoi(fields[0].value)
		if err != nil {
			return nil
		}
		o[path] = n
	}
	return sized(o)
}

// sized gives an observable its id, or nil where it would not be valid.
func sized(o object) object {
	o["spec_version"], o["id"] = "2.1", "x"
	b, err := json.Marshal(map[string]any(o))
	if err != nil {
		return nil
	}
	d, err := stix.Read(b, stix.Limits{})
	if err != nil {
		return nil
	}
	o["id"] = stix.ObservableID(&d.Objects[0].Root)
	if b, err = json.Marshal(map[string]any(o)); err != nil {
		return nil
	}
	if d, err = stix.Read(b, stix.Limits{}); err != nil || !stix.Valid(stix.Check(&d.Objects[0])) {
		return nil
	}
	return o
}

func (w *writer) observed(a *Attribute, at string, labels []string) []string {
	seen := w.add(a.observable())
	o := w.common("observed-data", a.UUID, at, labels, a.Type, a.Value)
	first, last := at, at
	if t, err := time.Parse(time.RFC3339Nano, a.FirstSeen); err == nil {
		first = stix.FormatTime(t)
		last = max(first, last)
	}
	if t, err := time.Parse(time.RFC3339Nano, a.LastSeen); err == nil {
		last = max(first, stix.FormatTime(t))
	}
	o["first_observed"], o["last_observed"], o["number_observed"], o["object_refs"] = first, last, 1, []string{seen}
	if a.Comment != "" {
		o["x_misp_comment"] = a.Comment
	}
	return []string{w.add(o), seen}
}

// group writes an object of MISP as a grouping of its attributes.
func (w *writer) group(g *Object, at string) []string {
	what := "object " + g.Name + " " + g.UUID
	if g.Deleted {
		w.leave(what, []string{"it is deleted"})
		return nil
	}
	w.leave(what, left(g.Rest))
	if g.Timestamp > 0 {
		at = stamp(g.Timestamp, "")
	}
	var about []string
	for i := range g.Attributes {
		about = append(about, w.attribute(&g.Attributes[i], at)...)
	}
	if len(about) == 0 {
		w.leave(what, []string{"the object, which holds nothing"})
		return nil
	}
	labels := []string{`misp:name="` + g.Name + `"`}
	if g.Category != "" {
		labels = append(labels, `misp:meta-category="`+g.Category+`"`)
	}
	o := w.common("grouping", g.UUID, at, labels, about...)
	o["name"], o["context"], o["object_refs"] = g.Name, "misp-object", slices.Compact(slices.Sorted(slices.Values(about)))
	if text := strings.TrimSpace(g.Comment + "\n" + g.About); text != "" {
		o["description"] = text
	}
	return append(about, w.add(o))
}
