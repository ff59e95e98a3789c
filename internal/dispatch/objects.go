package dispatch

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/statement/stix"
)

// Object is one STIX object of a version.
type Object struct {
	ID  string
	Raw []byte // without created_by_ref, which the signer adds
}

// fields are the properties of an object on its way to JSON.
type fields map[string]any

// Objects turns content into STIX: the paper's own object last, after what it is
// about. The ids follow from the paper's id, so that each version is one of the
// same objects.
func Objects(p *Paper, c *Content, plan *Plan) []Object {
	b := &builder{paper: p, plan: plan}
	switch p.Kind {
	case Report:
		b.report(c)
	case Practice:
		b.put("course-of-action", "", fields{"name": c.Title, "description": c.Text}, stix.ExtensionPractice, fields{"theme": c.Theme, "status": "offered"})
	case Procedure:
		b.procedure(c)
	case Request:
		b.put("note", "", fields{"abstract": c.Title, "content": c.Text, "object_refs": []string{b.id("note", "")}}, stix.ExtensionReply, fields{"word": WordRequest, "due": c.Due})
	case Reply:
		b.reply(c)
	}
	b.gone()
	return b.out
}

type builder struct {
	paper *Paper
	plan  *Plan
	out   []Object
}

func (b *builder) id(typ, part string) string { return stix.NamedID(typ, "paper", b.paper.ID, part) }

// put adds an object; the extension of its own may be none.
func (b *builder) put(typ, part string, o fields, extension string, own fields) string {
	h := b.plan.Handling
	id := b.id(typ, part)
	tlp, _ := stix.ParseTLP(h.TLP)
	marks := []string{tlp.ID()}
	if pap, ok := stix.ParsePAP(h.PAP); ok {
		marks = append(marks, pap.ID())
	}
	extensions := fields{}
	if own != nil {
		own["extension_type"] = "property-extension"
		extensions[extension] = own
	}
	if b.paper.Kind != Reply && part == "" {
		handling := fields{"extension_type": "property-extension", "review_by": string(h.ReviewBy), "purpose": h.Purposes, "origin": h.Origin}
		if c := b.paper.Check; c != nil {
			handling["consent"] = c.Answers.Consent
		}
		if h.Procedure != "" {
			handling["procedure"] = h.Procedure
		}
		extensions[stix.ExtensionHandling] = handling
	}
	o["type"], o["spec_version"], o["id"] = typ, "2.1", id
	o["created"], o["modified"] = stix.FormatTime(b.plan.Created), stix.FormatTime(b.plan.Modified)
	o["object_marking_refs"] = marks
	if len(extensions) > 0 {
		o["extensions"] = extensions
	}
	if b.plan.Revoked {
		o["revoked"] = true
	}
	raw, err := json.Marshal(o)
	if err != nil {
		panic("dispatch: " + err.Error()) // texts and lists alone
	}
	b.out = append(b.out, Object{id, raw})
	return id
}

func (b *builder) report(c *Content) {
	r := c.Report
	own := fields{"kind": r.Kind, "abuses": r.Abuses, "evidence": r.Evidence, "admiralty": r.Admiralty, "likelihood": r.Likelihood}
	var refs, vendors, users, capabilities []string
	for i, n := range r.Named {
		o := fields{"name": n.Name, "identity_class": "organization"}
		if n.Person {
			o["identity_class"] = "individual"
		}
		part := partOf(n.Role, n.Part, i)
		var id string
		if n.Role == "vendor" {
			own := fields{"roles": []string{n.Kind}}
			optional(own, "jurisdiction", n.Country)
			optional(own, "registration", n.Registration)
			id = b.put("identity", part, o, stix.ExtensionVendor, own)
			vendors = append(vendors, id)
		} else {
			own := fields{"kind": n.Kind}
			optional(own, "state", n.Country)
			if n.Person {
				own["category"], own["evidence"], own["expires"] = n.Category, n.Grade, string(n.Expires)
			}
			id = b.put("identity", part, o, stix.ExtensionEndUser, own)
			users = append(users, id)
		}
		refs = append(refs, id)
	}
	for i, k := range r.Capabilities {
		id := b.put("tool", partOf("capability", k.Part, i), fields{"name": k.Name}, stix.ExtensionCapability, fields{"harms": k.Harms})
		capabilities, refs = append(capabilities, id), append(refs, id)
	}
	for name, list := range map[string][]string{"vendors": vendors, "end_users": users, "capabilities": capabilities, "places": r.Places, "basis": r.Basis} {
		if len(list) > 0 {
			own[name] = list
		}
	}
	b.put("report", "", fields{"name": c.Title, "description": c.Text, "published": stix.FormatTime(b.plan.Modified), "report_types": []string{"threat-report"}, "object_refs": refs}, stix.ExtensionReport, own)
}

// partOf names a part of a report within it: by its number, or where it has none
// by its place.
func partOf(role string, part, place int) string {
	if part > 0 {
		return role + "-" + strconv.Itoa(part)
	}
	return role + strconv.Itoa(place)
}

func optional(o fields, name, value string) {
	if value != "" {
		o[name] = value
	}
}

func (b *builder) procedure(c *Content) {
	r := c.Procedure
	var paragraphs []fields
	for _, p := range r.Paragraphs {
		o := fields{"number": p.Number, "text": p.Text}
		optional(o, "rule", p.Rule)
		paragraphs = append(paragraphs, o)
	}
	own := fields{"number": r.Number, "status": r.Status, "onward": r.Onward, "lowest_tlp": r.LowestTLP, "purpose": r.Purposes, "review_by": string(r.ReviewBy), "paragraphs": paragraphs}
	if r.Retention > 0 {
		own["retention_days"] = r.Retention
	}
	b.put("course-of-action", "", fields{"name": c.Title, "description": c.Text}, stix.ExtensionProcedure, own)
}

func (b *builder) reply(c *Content) {
	r := c.Reply
	refs := []string{r.Object}
	text := strings.TrimSpace(c.Text)
	switch {
	case r.Opinion != "":
		o := fields{"opinion": r.Opinion, "object_refs": refs}
		optional(o, "explanation", text)
		b.put("opinion", "", o, "", nil)
	case r.Seen:
		o := fields{"sighting_of_ref": r.Object, "count": max(r.Count, 1)}
		optional(o, "description", text)
		for name, day := range map[string]deadline.Date{"first_seen": r.First, "last_seen": r.Until} {
			if day != "" {
				o[name] = string(day) + "T00:00:00.000Z"
			}
		}
		b.put("sighting", "", o, "", nil)
	case r.Note:
		b.put("note", "", fields{"content": text, "object_refs": refs}, "", nil)
	default:
		if text == "" {
			text = r.Word // a note must have content; a word needs no reason
		}
		b.put("note", "", fields{"content": text, "object_refs": refs}, stix.ExtensionReply, fields{"word": r.Word})
	}
}

// gone revokes what the version before was about and this one is not.
func (b *builder) gone() {
	if b.plan.Replaces.Report == nil || b.paper.Kind != Report || b.plan.Revoked {
		return
	}
	there := map[string]bool{}
	for _, o := range b.out {
		there[o.ID] = true
	}
	before := &builder{paper: b.paper, plan: &Plan{Issued: b.plan.Issued}}
	before.plan.Revoked = true
	replaced := b.plan.Replaces
	before.report(&replaced)
	for _, o := range before.out[:len(before.out)-1] {
		if !there[o.ID] {
			b.out = append(b.out, o)
		}
	}
}

// ReadReport reads what a statement says back into content, for pages and for
// what a paper is compared with. It reads what objects writes, and of other
// tools' objects what there is.
func ReadReport(o *stix.Object) (c Content) {
	text := func(v *stix.Value, name string) string {
		if m, ok := v.Get(name); ok && m.Kind == stix.String {
			return m.Text
		}
		return ""
	}
	texts := func(v *stix.Value, name string) (out []string) {
		if m, ok := v.Get(name); ok {
			for _, i := range m.Items {
				out = append(out, i.Text)
			}
		}
		return out
	}
	day := func(v *stix.Value, name string) deadline.Date {
		t := text(v, name)
		return deadline.Date(t[:min(len(t), len(time.DateOnly))])
	}
	c.Title, c.Text = text(&o.Root, "name"), text(&o.Root, "description")
	if c.Title == "" {
		c.Title = text(&o.Root, "abstract")
	}
	for _, name := range []string{"content", "explanation"} {
		if c.Text == "" {
			c.Text = text(&o.Root, name)
		}
	}
	all, ok := o.Root.Get("extensions")
	if !ok {
		all = &stix.Value{}
	}
	if x, ok := all.Get(stix.ExtensionReport); ok {
		c.Report = &Reporting{
			Kind: text(x, "kind"), Abuses: texts(x, "abuses"), Places: texts(x, "places"), Evidence: text(x, "evidence"), Admiralty: text(x, "admiralty"),
			Likelihood: text(x, "likelihood"), Basis: texts(x, "basis"),
		}
	}
	if x, ok := all.Get(stix.ExtensionPractice); ok {
		c.Theme = text(x, "theme")
	}
	if x, ok := all.Get(stix.ExtensionProcedure); ok {
		c.Procedure = ReadRules(x)
	}
	refs := append(texts(&o.Root, "object_refs"), text(&o.Root, "sighting_of_ref"))
	if x, ok := all.Get(stix.ExtensionReply); ok && text(x, "word") == WordRequest {
		c.Due = text(x, "due")
	} else if ok {
		c.Reply = &ReplyTo{Object: refs[0], Word: text(x, "word")}
	}
	switch o.Type() {
	case "opinion":
		c.Reply = &ReplyTo{Object: refs[0], Opinion: text(&o.Root, "opinion")}
	case "sighting":
		c.Reply = &ReplyTo{Object: refs[len(refs)-1], Seen: true, First: day(&o.Root, "first_seen"), Until: day(&o.Root, "last_seen")}
		if m, ok := o.Root.Get("count"); ok {
			c.Reply.Count, _ = strconv.ParseInt(m.Text, 10, 64)
		}
	case "note":
		if c.Reply == nil && c.Due == "" && refs[0] != "" && refs[0] != o.ID() {
			c.Reply = &ReplyTo{Object: refs[0], Note: true}
		}
	}
	return c
}

// ReadRules reads the rules of a procedure from its extension.
func ReadRules(x *stix.Value) *Rules {
	get := func(v *stix.Value, name string) string {
		if m, ok := v.Get(name); ok {
			return m.Text
		}
		return ""
	}
	r := &Rules{Number: get(x, "number"), Status: get(x, "status"), Onward: get(x, "onward"), LowestTLP: get(x, "lowest_tlp")}
	r.ReviewBy = deadline.Date(get(x, "review_by"))
	r.Retention, _ = strconv.Atoi(get(x, "retention_days"))
	if m, ok := x.Get("purpose"); ok {
		for _, i := range m.Items {
			r.Purposes = append(r.Purposes, i.Text)
		}
	}
	if m, ok := x.Get("paragraphs"); ok {
		for i := range m.Items {
			p := &m.Items[i]
			r.Paragraphs = append(r.Paragraphs, Paragraph{get(p, "number"), get(p, "text"), get(p, "rule")})
		}
	}
	return r
}

// MainID is the STIX id of what a paper says itself, apart from what it is about.
func MainID(p *Paper) string {
	typ := map[Kind]string{Report: "report", Practice: "course-of-action", Procedure: "course-of-action", Request: "note"}[p.Kind]
	if p.Kind == Reply {
		typ = "note"
		if r := p.Content.Reply; r != nil && r.Opinion != "" {
			typ = "opinion"
		} else if r != nil && r.Seen {
			typ = "sighting"
		}
	}
	return stix.NamedID(typ, "paper", p.ID, "")
}

// ReadNamed reads who a vendor or an end user is, and what a capability does.
func ReadNamed(o *stix.Object) (n *Named, harms []string) {
	get := func(v *stix.Value, name string) string {
		if m, ok := v.Get(name); ok {
			return m.Text
		}
		return ""
	}
	all, ok := o.Root.Get("extensions")
	if !ok {
		return nil, nil
	}
	person := get(&o.Root, "identity_class") == "individual"
	if x, ok := all.Get(stix.ExtensionVendor); ok {
		n = &Named{Role: "vendor", Name: get(&o.Root, "name"), Country: get(x, "jurisdiction"), Registration: get(x, "registration"), Person: person}
		if roles, ok := x.Get("roles"); ok && len(roles.Items) > 0 {
			n.Kind = roles.Items[0].Text
		}
	}
	if x, ok := all.Get(stix.ExtensionEndUser); ok {
		n = &Named{
			Role: "end-user", Name: get(&o.Root, "name"), Country: get(x, "state"), Kind: get(x, "kind"), Person: person,
			Category: get(x, "category"), Grade: get(x, "evidence"), Expires: deadline.Date(get(x, "expires")),
		}
	}
	if x, ok := all.Get(stix.ExtensionCapability); ok {
		if list, ok := x.Get("harms"); ok {
			for _, h := range list.Items {
				harms = append(harms, h.Text)
			}
		}
	}
	return n, harms
}

// ReadHandling reads what a statement may be used for, where it comes from at the
// coarsest level that serves, and what those at risk said.
func ReadHandling(o *stix.Object) (h Handling, consent string) {
	all, ok := o.Root.Get("extensions")
	if !ok {
		return h, ""
	}
	x, ok := all.Get(stix.ExtensionHandling)
	if !ok {
		return h, ""
	}
	text := func(name string) string {
		if m, ok := x.Get(name); ok {
			return m.Text
		}
		return ""
	}
	if list, ok := x.Get("purpose"); ok {
		for _, p := range list.Items {
			h.Purposes = append(h.Purposes, p.Text)
		}
	}
	h.Origin, h.Procedure, h.ReviewBy = text("origin"), text("procedure"), deadline.Date(text("review_by"))
	return h, text("consent")
}
