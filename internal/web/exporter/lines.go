package exporter

import (
	"net/url"
	"strconv"

	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/web/ui"
)

// lineKinds and serviceKinds in the order in which they are offered.
var (
	lineKinds    = []licensing.LineKind{licensing.Goods, licensing.Software, licensing.Technology, licensing.Service}
	serviceKinds = []licensing.ServiceKind{licensing.Updates, licensing.Training, licensing.RemoteSupport, licensing.Repair, licensing.OtherService}
)

// claimLists are the lists that a code may be said to be of.
var claimLists = []string{"EU", "US", "WA", "national"}

// currencies are those that the forms offer; a file of lines may name others.
var currencies = []string{"EUR", "USD", "GBP", "CHF", "JPY", "CNY", "SEK", "NOK", "DKK", "PLN", "CZK", "CAD", "AUD", "KRW", "INR", "BRL", "ZAR", "TRY", "ILS", "AED"}

func currencyOptions() []ui.Option {
	out := make([]ui.Option, len(currencies))
	for i, c := range currencies {
		out[i] = ui.Option{Value: c, Text: c}
	}
	return out
}

// nextLine is the number of a new line. Lines are called by numbers that stay
// with them between versions: people speak of "line 3", and so do letters.
func nextLine(a *licensing.Application) int {
	highest := 0
	for _, l := range a.Lines {
		if n, err := strconv.Atoi(l.ID); err == nil {
			highest = max(highest, n)
		}
	}
	return highest + 1
}

// line gives the line with that id, or an empty one, and its place.
func (b *builder) line(id string) (l licensing.Line, at int) {
	for i, have := range b.app.Lines {
		if have.ID == id {
			return have, i
		}
	}
	return licensing.Line{ID: id}, len(b.app.Lines)
}

func (b *builder) putLine(l licensing.Line) {
	for i := range b.app.Lines {
		if b.app.Lines[i].ID == l.ID {
			b.app.Lines[i] = l
			return
		}
	}
	b.app.Lines = append(b.app.Lines, l)
}

// lineSteps are the pages of a line, in their order.
func lineSteps(kind licensing.LineKind) []string {
	if kind == licensing.Service {
		return []string{"what", "service", "does", "amount", "sheet"}
	}
	return []string{"what", "does", "amount", "sheet"}
}

// after is the page that follows a step: the next one, or the list.
func after(steps []string, step string, list ...string) []string {
	for i, s := range steps {
		if s == step && i+1 < len(steps) {
			return append(append([]string(nil), list...), steps[i+1])
		}
	}
	return list[:1]
}

func (b *builder) lineSheet(id, step string) *sheet {
	l, at := b.line(id)
	s := &sheet{about: l.Description, values: url.Values{}, prefix: "lines." + decimal(int64(at)) + ".", fresh: at == len(b.app.Lines), back: []string{"items"}}
	switch step {
	case "what":
		b.lineWhat(s, l)
	case "does":
		b.lineDoes(s, l)
	case "amount":
		b.lineAmount(s, l)
	case "service":
		b.lineService(s, l)
	default:
		return nil
	}
	if s.fresh && step != "what" {
		return nil
	}
	s.next = after(lineSteps(l.Kind), step, "items", id)
	return s
}

func (b *builder) lineWhat(s *sheet, l licensing.Line) {
	offered := lineKinds
	if len(b.kind.Lines) > 0 {
		offered = b.kind.Lines
	}
	kinds := options(b.p, "exporter.line_kind.", offered...)
	for i, k := range offered {
		kinds[i].Hint = b.p.T("exporter.line_kind_hint." + string(k))
	}
	s.title, s.lead = "exporter.line.what.title", "exporter.line.what.lead"
	s.fields = []field{
		{name: "kind", label: "exporter.line.kind", control: oneOf, options: kinds, must: true},
		{name: "description", label: "exporter.line.description", hint: "exporter.line.description_hint", control: manyLines, max: licensing.MaxLong, must: true},
		{name: "part_number", label: "exporter.line.part_number", width: 20},
	}
	put(s.values, "kind", string(l.Kind))
	put(s.values, "description", l.Description)
	put(s.values, "part_number", l.PartNumber)
	s.write = func(in *input) {
		choose(in, "kind", kinds, &l.Kind)
		in.long("description", &l.Description)
		in.short("part_number", &l.PartNumber)
		switch {
		case l.Kind != licensing.Service:
			l.Service = nil
		case l.Service == nil:
			l.Service = &licensing.ServiceDetail{}
		}
		b.putLine(l)
		s.next = after(lineSteps(l.Kind), "what", "items", l.ID)
	}
}

func (b *builder) lineDoes(s *sheet, l licensing.Line) {
	cats := make([]ui.Option, 0, len(b.pack.Categories))
	for _, c := range b.pack.Categories {
		cats = append(cats, ui.Option{Value: c.ID, Text: c.Name})
	}
	lists := options(b.p, "exporter.claim_list.", claimLists...)
	s.title, s.lead = "exporter.line.does.title", "exporter.line.does.lead"
	if l.Description != "" {
		s.extra = []extra{entriesList}
	}
	s.fields = []field{
		{name: "categories", label: "exporter.line.categories", hint: "exporter.line.categories_hint", control: anyOf, options: cats},
		{name: "claimed_code", label: "exporter.line.claimed_code", hint: "exporter.line.claimed_code_hint", width: 20},
		{name: "claimed_list", label: "exporter.line.claimed_list", control: oneOf, options: lists},
	}
	for _, c := range l.Categories {
		s.values.Add("categories", c)
	}
	put(s.values, "claimed_code", l.ClaimedCode)
	put(s.values, "claimed_list", l.ClaimedList)
	s.write = func(in *input) {
		l.Categories = in.several("categories", cats)
		in.text("claimed_code", &l.ClaimedCode, 40)
		choose(in, "claimed_list", lists, &l.ClaimedList)
		b.putLine(l)
	}
}

func (b *builder) lineAmount(s *sheet, l licensing.Line) {
	units := options(b.p, "unit.", licensing.Units...)
	s.title, s.lead = "exporter.line.amount.title", "exporter.line.amount.lead"
	s.fields = []field{
		{name: "quantity", label: "exporter.line.quantity", width: 10, must: b.must("line.quantity")},
		{name: "unit", label: "exporter.line.unit", control: oneOfMany, options: units, must: b.must("line.quantity")},
		{name: "value", label: "exporter.line.value", hint: "exporter.line.value_hint", control: anAmount, options: currencyOptions(), must: b.must("line.value")},
		{name: "origin", label: "exporter.line.origin", control: aCountry},
		{name: "dispatch", label: "exporter.line.dispatch", hint: "exporter.line.dispatch_hint", control: aCountry, must: l.Kind == licensing.Goods && b.must("line.dispatch")},
		{name: "tariff", label: "exporter.line.tariff", width: 20},
		{name: "tariff_as_of", label: "exporter.line.tariff_as_of", hint: "exporter.line.tariff_as_of_hint", control: aDay},
	}
	if l.Quantity > 0 {
		s.values.Set("quantity", l.Quantity.String())
	}
	put(s.values, "unit", l.Unit)
	putMoney(s.values, "value", l.Value, l.Currency)
	put(s.values, "origin", l.Origin)
	put(s.values, "dispatch", l.Dispatch)
	put(s.values, "tariff", l.Tariff)
	putDay(s.values, "tariff_as_of", string(l.TariffAsOf))
	s.write = func(in *input) {
		in.quantity("quantity", &l.Quantity)
		choose(in, "unit", units, &l.Unit)
		in.money("value", &l.Value, &l.Currency)
		in.country("origin", &l.Origin)
		in.country("dispatch", &l.Dispatch)
		in.text("tariff", &l.Tariff, 40)
		in.day("tariff_as_of", &l.TariffAsOf)
		b.putLine(l)
	}
}

func (b *builder) lineService(s *sheet, l licensing.Line) {
	kinds := options(b.p, "exporter.service_kind.", serviceKinds...)
	var lines []ui.Option
	for _, x := range b.app.Lines {
		if x.ID != l.ID && x.Kind != licensing.Service && x.Description != "" {
			lines = append(lines, ui.Option{Value: x.ID, Text: brief(x.Description)})
		}
	}
	s.title, s.lead = "exporter.line.service.title", "exporter.line.service.lead"
	s.fields = []field{{name: "service.kind", label: "exporter.line.service.kind", control: oneOf, options: kinds, must: true}}
	if len(lines) > 0 {
		s.fields = append(s.fields, field{name: "service.for", label: "exporter.line.service.for", control: oneOfMany, options: lines})
	}
	s.fields = append(s.fields,
		field{name: "service.from", label: "exporter.line.service.from", control: aDay},
		field{name: "service.until", label: "exporter.line.service.until", control: aDay},
		field{name: "service.how", label: "exporter.line.service.how", hint: "exporter.line.service.how_hint", control: manyLines, max: licensing.MaxLong, must: true})
	var d licensing.ServiceDetail
	if l.Service != nil {
		d = *l.Service
	}
	put(s.values, "service.kind", string(d.Kind))
	put(s.values, "service.for", d.For)
	putDay(s.values, "service.from", string(d.From))
	putDay(s.values, "service.until", string(d.Until))
	put(s.values, "service.how", d.How)
	s.write = func(in *input) {
		choose(in, "service.kind", kinds, &d.Kind)
		choose(in, "service.for", lines, &d.For)
		in.day("service.from", &d.From)
		in.day("service.until", &d.Until)
		in.long("service.how", &d.How)
		l.Service = &d
		b.putLine(l)
	}
}

// brief is the beginning of a text, for tables and choices.
func brief(s string) string {
	const most = 80
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
