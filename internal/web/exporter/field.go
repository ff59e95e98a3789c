package exporter

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/web/ui"
)

// control says how something is asked for.
type control int

const (
	oneLine control = iota
	manyLines
	oneOf     // radios
	oneOfMany // a drop-down list
	anyOf     // checkboxes
	aCountry
	aDay
	anAmount // of money
)

// field is one thing that a page asks. The same list of fields draws the form,
// says what differs between two windows, and makes the answers to check.
type field struct {
	name    string // of the input
	label   string // key
	hint    string // key, "" for none
	control control
	options []ui.Option
	max     int // characters
	width   int
	dir     string // "auto" where any script may come
	group   string // legend of the fields that belong together, in words
	must    bool   // not marked as optional: it stands between the applicant and submission
}

// names are the inputs that a field sends.
func (f field) names() []string {
	switch f.control {
	case aDay:
		return []string{f.name + ".day", f.name + ".month", f.name + ".year"}
	case anAmount:
		return []string{f.name + ".currency", f.name + ".amount"}
	case aCountry:
		return []string{f.name, f.name + ".typed"}
	}
	return []string{f.name}
}

// kept is the part of what was sent that these fields ask for.
func kept(fields []field, sent url.Values) url.Values {
	out := url.Values{}
	for _, f := range fields {
		for _, n := range f.names() {
			for _, v := range sent[n] {
				if v != "" {
					out.Add(n, v)
				}
			}
		}
		if f.control == aCountry && out.Get(f.name) != "" {
			out.Del(f.name + ".typed")
		}
	}
	return out
}

// said is a field's answer in words: what check-your-answers shows.
func (f field) said(ctx context.Context, v url.Values) string {
	p := lang.From(ctx)
	switch f.control {
	case aDay:
		if day, ok := ui.ParseDate(v, f.name, fault.New(fault.Invalid, "fault.bad_request")); ok {
			if day.IsZero() {
				return ""
			}
			return p.Day(day.Year(), day.Month(), day.Day())
		}
		return strings.TrimSpace(strings.Join([]string{v.Get(f.name + ".day"), v.Get(f.name + ".month"), v.Get(f.name + ".year")}, " "))
	case anAmount:
		if v.Get(f.name+".amount") == "" {
			return ""
		}
		if a, ok := ui.ParseMoney(v, f.name, fault.New(fault.Invalid, "fault.bad_request")); ok && a.Currency != "" {
			return p.Money(a.Minor, a.Currency)
		}
		return strings.TrimSpace(v.Get(f.name+".amount") + " " + v.Get(f.name+".currency"))
	case aCountry:
		if code := v.Get(f.name); code != "" {
			return p.Country(code)
		}
		return v.Get(f.name + ".typed")
	case oneOf, oneOfMany, anyOf:
		var words []string
		for _, chosen := range v[f.name] {
			for _, o := range f.options {
				if o.Value == chosen && chosen != "" {
					words = append(words, o.Text)
				}
			}
		}
		return strings.Join(words, "; ")
	}
	return v.Get(f.name)
}

// input reads what was typed into a draft. What can't be read is named, and the
// draft keeps what it had there; the words themselves are kept by the caller.
type input struct {
	url.Values
	fault *fault.Error
}

func newInput(v url.Values) *input {
	return &input{v, fault.New(fault.Invalid, "exporter.form.wrong")}
}

func (in *input) text(name string, to *string, limit int) {
	s := strings.TrimSpace(strings.ReplaceAll(in.Get(name), "\r\n", "\n"))
	if !party.Bounded(s, limit) {
		in.fault.Field(name, "licensing.text.bound", "max", limit)
		return
	}
	*to = s
}

func (in *input) short(name string, to *string) { in.text(name, to, licensing.MaxShort) }
func (in *input) long(name string, to *string)  { in.text(name, to, licensing.MaxLong) }

func (in *input) country(name string, to *string) {
	code := in.Get(name)
	if typed := in.Get(name + ".typed"); code == "" && strings.TrimSpace(typed) != "" {
		in.fault.Field(name, "exporter.country.unknown", "typed", typed)
		return
	}
	if code != "" && !party.ValidCountry(code) {
		in.fault.Field(name, "party.country.unknown", "code", code)
		return
	}
	*to = code
}

// one reads a choice; what is not among the options was not offered.
func (in *input) one(name string, options []ui.Option) (string, bool) {
	v := in.Get(name)
	if v == "" {
		return "", true
	}
	for _, o := range options {
		if o.Value == v {
			return v, true
		}
	}
	in.fault.Field(name, "exporter.choice.unknown")
	return "", false
}

func choose[T ~string](in *input, name string, options []ui.Option, to *T) {
	if v, ok := in.one(name, options); ok {
		*to = T(v)
	}
}

func (in *input) several(name string, options []ui.Option) []string {
	var out []string
	for _, o := range options {
		for _, v := range in.Values[name] {
			if v == o.Value {
				out = append(out, v)
				break
			}
		}
	}
	return out
}

func (in *input) day(name string, to *deadline.Date) {
	t, ok := ui.ParseDate(in.Values, name, in.fault)
	switch {
	case !ok:
	case t.IsZero():
		*to = ""
	case t.Year() < 1900 || t.Year() > 2200:
		in.fault.Field(name+".year", "ui.date.year")
	default:
		*to = deadline.DateOf(t, nil)
	}
}

// iso reads a day into a plain ISO date, as parties keep it.
func (in *input) iso(name string, to *string) {
	d := deadline.Date(*to)
	in.day(name, &d)
	*to = string(d)
}

func (in *input) quantity(name string, to *licensing.Quantity) {
	s := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "").Replace(in.Get(name))
	if s == "" {
		*to = 0
		return
	}
	q, err := licensing.ParseQuantity(s)
	if err != nil || q < 0 {
		in.fault.Field(name, "licensing.line.quantity")
		return
	}
	*to = q
}

func (in *input) money(name string, minor *int64, currency *string) {
	a, ok := ui.ParseMoney(in.Values, name, in.fault)
	if !ok {
		return
	}
	*currency = a.Currency
	*minor = a.Minor
	if in.Get(name+".amount") == "" {
		// A currency alone would read as "worth nothing": zero has to be typed.
		*currency = ""
	}
}

// put fills an input where there is something to put.
func put(v url.Values, name, s string) {
	if s != "" {
		v.Set(name, s)
	}
}

func putDay(v url.Values, name, iso string) {
	if t, err := time.Parse(time.DateOnly, iso); err == nil {
		ui.DateValues(v, name, t)
	}
}

func putMoney(v url.Values, name string, minor int64, currency string) {
	if currency == "" {
		return
	}
	v.Set(name+".currency", currency)
	v.Set(name+".amount", plainAmount(minor, lang.CurrencyDigits(currency)))
}

// plainAmount writes an amount as ParseMoney reads it.
func plainAmount(minor int64, digits int) string {
	s := decimal(minor)
	if digits == 0 {
		return s
	}
	for len(s) <= digits {
		s = "0" + s
	}
	whole, frac := s[:len(s)-digits], s[len(s)-digits:]
	if strings.Trim(frac, "0") == "" {
		return whole
	}
	return whole + "." + frac
}
