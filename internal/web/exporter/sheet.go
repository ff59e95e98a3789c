package exporter

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/comity-project/comity/controls"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/policy"
)

// sheet is one short page of an application: what it asks, what the draft holds
// there, and how what was typed gets into the draft.
type sheet struct {
	path                  []string // after /exporter/drafts/ID: also the page's name in draft.typed
	title                 string   // key
	plainTitle, plainLead string   // words of the pack, instead of keys
	about                 string   // the thing it is about, in the applicant's words: "IMSI catcher"
	lead                  string
	source                string // of a paragraph: its legal or policy basis
	fields                []field
	values                url.Values // what the draft holds
	write                 func(in *input)
	// next is where saving leads, back where its link back does. Both are paths
	// after the draft's own; none is the task list.
	next, back []string
	prefix     string // of the names that Validate gives to what stands here, "lines.2."
	extra      []extra
	fresh      bool // it is about something that the draft does not hold yet
}

// extra is what a page holds besides its form.
type extra string

const (
	ownersList  extra = "owners"
	unitsList   extra = "units"
	answerFiles extra = "files"
	filesFirst  extra = "files first" // where a document is what is asked for
	entriesList extra = "entries"     // of control lists that read like the item
)

func (s *sheet) name() string { return strings.Join(s.path, "/") }

func (s *sheet) has(x extra) bool {
	for _, e := range s.extra {
		if e == x {
			return true
		}
	}
	return false
}

// builder makes the sheets of one application in one language.
type builder struct {
	p       lang.Printer
	items   *controls.Classifier
	pack    policy.Document
	kind    licensing.Kind
	profile licensing.Profile // of the application's kind
	d       *draft
	app     *licensing.Application
}

func (p pages) builder(ctx context.Context, d *draft) (*builder, error) {
	e, err := p.App.Engines(ctx)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "fault.unavailable").Because(err)
	}
	profile, err := p.App.Profile(ctx, d.app.Kind)
	if err != nil {
		return nil, err
	}
	kind, err := p.App.KindOf(d.app.Kind)
	if err != nil {
		return nil, err
	}
	return &builder{p: lang.From(ctx), kind: kind, items: e.Controls, pack: e.Pack.Document(), profile: profile, d: d, app: &d.app}, nil
}

// must tells whether the kind of application can't do without a field.
func (b *builder) must(field string) bool { return slices.Contains(b.kind.Must, field) }

// options are choices whose words are the keys prefix + value.
func options[T ~string](p lang.Printer, prefix string, values ...T) []ui.Option {
	out := make([]ui.Option, 0, len(values))
	for _, v := range values {
		out = append(out, ui.Option{Value: string(v), Text: upperFirst(p.T(prefix + string(v)))})
	}
	return out
}

// upperFirst begins a label with a capital; the vocabularies' words are written
// for the middle of sentences.
func upperFirst(s string) string {
	for i, r := range s {
		return strings.ToUpper(string(r)) + s[i+len(string(r)):]
	}
	return s
}

// sheet finds the page with that path; nil where there is none.
func (b *builder) sheet(path []string) *sheet {
	var s *sheet
	switch {
	case len(path) == 1:
		switch path[0] {
		case "about":
			s = b.about()
		case "use":
			s = b.use()
		case "route":
			s = b.route()
		case "declaration":
			s = b.declaration()
		}
	case path[0] == "items" && len(path) == 3 && validID(path[1]):
		s = b.lineSheet(path[1], path[2])
	case path[0] == "parties" && len(path) >= 3 && validID(path[1]):
		s = b.partySheet(path[1], path[2:])
	case path[0] == "questions" && (len(path) == 2 || len(path) == 4):
		s = b.question(path[1:])
	}
	if s != nil {
		s.path = path
	}
	return s
}

// asks tells whether the profile wants a field of this application: what the
// check would say if it were empty.
func (b *builder) asks(name string, without func(*licensing.Application)) bool {
	bare := *b.app
	without(&bare)
	for _, m := range licensing.Check(&bare, b.profile) {
		if m.Paragraph != "base" && m.Field == name {
			return true
		}
	}
	return false
}

func accountStream(id string) event.Stream { return event.StreamOf("account", id) }

func (b *builder) about() *sheet {
	a := b.app
	s := &sheet{title: "exporter.about.title", lead: "exporter.about.lead", values: url.Values{}, fields: []field{
		{name: "title", label: "exporter.about.name", hint: "exporter.about.name_hint", must: true, dir: "auto"},
		{name: "contract", label: "exporter.about.contract", hint: "exporter.about.contract_hint", must: b.asks("contract", func(a *licensing.Application) { a.Contract = "" })},
		{name: "contact", label: "exporter.about.contact", must: true, dir: "auto"},
		{name: "email", label: "exporter.about.email", width: 30},
		{name: "phone", label: "exporter.about.phone", width: 20},
		{name: "notes", label: "exporter.about.notes", hint: "exporter.about.notes_hint", control: manyLines, max: licensing.MaxLong},
	}}
	put(s.values, "title", a.Title)
	put(s.values, "contract", a.Contract)
	put(s.values, "contact", a.Contact.Name)
	put(s.values, "email", a.Contact.Email)
	put(s.values, "phone", a.Contact.Phone)
	put(s.values, "notes", a.Notes)
	s.write = func(in *input) {
		in.short("title", &a.Title)
		in.short("contract", &a.Contract)
		in.short("contact", &a.Contact.Name)
		in.short("email", &a.Contact.Email)
		in.short("phone", &a.Contact.Phone)
		in.long("notes", &a.Notes)
	}
	return s
}

func (b *builder) use() *sheet {
	u := &b.app.EndUse
	s := &sheet{title: "exporter.use.title", lead: "exporter.use.lead", values: url.Values{}, prefix: "end_use.", fields: []field{
		{name: "purpose", label: "exporter.use.purpose", hint: "exporter.use.purpose_hint", control: manyLines, max: licensing.MaxLong, must: b.must("end_use")},
		{name: "on_whom", label: "exporter.use.on_whom", hint: "exporter.use.on_whom_hint", control: manyLines, max: licensing.MaxLong, must: b.asks("end_use.on_whom", func(a *licensing.Application) { a.EndUse.OnWhom = "" })},
		{name: "country", label: "exporter.use.country", control: aCountry, must: b.must("place_of_use")},
		{name: "region", label: "exporter.use.region", dir: "auto"},
		{name: "place", label: "exporter.use.place", hint: "exporter.use.place_hint", control: manyLines, max: licensing.MaxLong, must: b.must("place_of_use")},
	}}
	put(s.values, "purpose", u.Purpose)
	put(s.values, "on_whom", u.OnWhom)
	put(s.values, "country", u.Country)
	put(s.values, "region", u.Region)
	put(s.values, "place", u.Place)
	s.write = func(in *input) {
		in.long("purpose", &u.Purpose)
		in.long("on_whom", &u.OnWhom)
		in.country("country", &u.Country)
		in.short("region", &u.Region)
		in.long("place", &u.Place)
	}
	return s
}

// spareLegs is how many empty steps of the route a page offers.
const spareLegs = 3

func (b *builder) route() *sheet {
	a := b.app
	s := &sheet{title: "exporter.route.title", lead: "exporter.route.lead", values: url.Values{}, prefix: "route."}
	n := min(len(a.Route)+spareLegs, licensing.MaxLegs)
	if typed := b.d.typed["route"]; typed != nil {
		for typed.Get(leg(n-1, "country"))+typed.Get(leg(n-1, "place"))+typed.Get(leg(n-1, "carrier"))+typed.Get(leg(n-1, "country.typed")) != "" && n < licensing.MaxLegs {
			n++
		}
	}
	for i := range n {
		step := b.p.T("exporter.route.step", "number", i+1)
		s.fields = append(s.fields,
			field{name: leg(i, "country"), label: "exporter.route.country", control: aCountry, group: step},
			field{name: leg(i, "place"), label: "exporter.route.place", dir: "auto", group: step},
			field{name: leg(i, "carrier"), label: "exporter.route.carrier", hint: "exporter.route.carrier_hint", group: step})
	}
	for i, l := range a.Route {
		put(s.values, leg(i, "country"), l.Country)
		put(s.values, leg(i, "place"), l.Place)
		put(s.values, leg(i, "carrier"), l.Carrier)
	}
	s.write = func(in *input) {
		var route []licensing.Leg
		for i := range n {
			var l licensing.Leg
			in.country(leg(i, "country"), &l.Country)
			in.short(leg(i, "place"), &l.Place)
			in.short(leg(i, "carrier"), &l.Carrier)
			if l != (licensing.Leg{}) {
				route = append(route, l)
			}
		}
		a.Route = route
	}
	return s
}

func leg(i int, part string) string { return "route." + strconv.Itoa(i) + "." + part }

// declarationText is the version of the declaration's wording; the wording is
// the key exporter.declaration.text and must change together with it.
const declarationText = "declaration/2026-11-22"

func (b *builder) declaration() *sheet {
	a := b.app
	yes := []ui.Option{{Value: "yes", Text: b.p.T("exporter.declaration.accept")}}
	s := &sheet{title: "exporter.declaration.title", values: url.Values{}, fields: []field{
		{name: "accepted", label: "exporter.declaration.question", control: anyOf, options: yes, must: true},
		{name: "name", label: "exporter.declaration.name", hint: "exporter.declaration.name_hint", must: true, dir: "auto"},
	}}
	if b.d.Case != "" {
		s.fields = append([]field{{name: "why", label: "exporter.amend.why", hint: "exporter.amend.why_hint", control: manyLines, max: licensing.MaxLong, must: true}}, s.fields...)
		put(s.values, "why", b.d.why)
	}
	if a.Declaration.Accepted {
		s.values.Set("accepted", "yes")
	}
	put(s.values, "name", a.Declaration.Name)
	s.write = func(in *input) {
		in.short("name", &a.Declaration.Name)
		a.Declaration.Accepted = len(in.several("accepted", yes)) > 0
		a.Declaration.Text = ""
		if a.Declaration.Accepted {
			a.Declaration.Text = declarationText
		}
		if b.d.Case != "" {
			in.long("why", &b.d.why)
		}
	}
	return s
}

// complaints are what Validate finds on this page, under the names of its
// inputs.
func (s *sheet) complaints(a *licensing.Application) []fault.Field {
	if s.prefix == "" {
		return nil
	}
	var f *fault.Error
	if err := a.Validate(); err == nil || !errors.As(err, &f) {
		return nil
	}
	var out []fault.Field
	for _, x := range f.Fields {
		part, ok := strings.CutPrefix(x.Name, s.prefix)
		if !ok {
			continue
		}
		for _, have := range s.fields {
			if have.name == part || have.name == x.Name || strings.HasPrefix(part, have.name+".") || strings.HasPrefix(have.name, part+".") ||
				part == "ownership.owners" && have.name == "ownership.knowledge" || part == "currency" && have.name == "value" || part == "service" && have.name == "service.kind" {
				x.Name = have.name
				out = append(out, x)
				break
			}
		}
	}
	return out
}
