package lang

import (
	"context"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/currency"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
	xmessage "golang.org/x/text/message"
	"golang.org/x/text/number"
)

// Printer writes for one reader. It is a value to pass around; the zero value
// has no catalogue and answers every key in brackets.
type Printer struct {
	cat    *Catalogue
	code   string
	tag    language.Tag
	zone   *time.Location
	shaper *xmessage.Printer
	states map[string]string
}

// Printer gives a printer for a language code (see Match) and a time zone; nil
// is UTC.
func (c *Catalogue) Printer(code string, zone *time.Location) Printer {
	if zone == nil {
		zone = time.UTC
	}
	if c.langs[code] == nil {
		code = Fallback
	}
	tag := language.Make(code)
	if code == Fallback {
		// British forms of numbers and dates, as the Code's own text has them.
		tag = language.BritishEnglish
	}
	return Printer{cat: c, code: code, tag: tag, zone: zone, shaper: xmessage.NewPrinter(tag)}
}

// WithStates adds names for user-assigned country codes (AA, QM to QZ, XA to
// XZ, ZZ), as a demonstration state has them. It returns a new printer.
func (p Printer) WithStates(names map[string]string) Printer {
	p.states = names
	return p
}

// Lang is the language of what the printer writes, as BCP 47: "en".
func (p Printer) Lang() string { return p.code }

// Tag is the language for collation and display names.
func (p Printer) Tag() language.Tag { return p.tag }

// Zone is the time zone in which the printer writes times.
func (p Printer) Zone() *time.Location {
	if p.zone == nil {
		return time.UTC
	}
	return p.zone
}

// Dir is the direction of the language: "ltr" or "rtl".
func (p Printer) Dir() string { return Direction(p.code) }

// Direction is "rtl" for a language written from right to left, else "ltr".
func Direction(code string) string {
	script, _ := language.Make(code).Script()
	switch script.String() {
	case "Arab", "Hebr", "Thaa", "Syrc", "Nkoo", "Adlm", "Mand", "Samr", "Rohg":
		return "rtl"
	}
	return "ltr"
}

// T is the sentence for a key, with name, value pairs for its placeholders:
//
//	p.T("case.days.left", "count", 3)
//
// Values are written by Value. A key that is nowhere comes back as "[key]" and
// is counted; a placeholder without a value stays visible as "{name}".
func (p Printer) T(key string, args ...any) string {
	var values map[string]any
	if len(args) > 0 {
		values = make(map[string]any, len(args)/2)
		for i := 0; i+1 < len(args); i += 2 {
			if name, ok := args[i].(string); ok {
				values[name] = args[i+1]
			}
		}
	}
	return p.Text(key, values)
}

// Text is T with the values in a map, as a fault carries them.
func (p Printer) Text(key string, values map[string]any) string {
	if p.cat == nil {
		return "[" + key + "]"
	}
	m, code, ok := p.cat.find(p.code, key)
	if !ok {
		return "[" + key + "]"
	}
	pieces := m.forms[plural.Other]
	if m.by != "" {
		if f, ok := m.forms[pluralForm(language.Make(code), values[m.by])]; ok {
			pieces = f
		}
	}
	if len(pieces) == 1 && pieces[0].name == "" {
		return pieces[0].text
	}
	var b strings.Builder
	for _, piece := range pieces {
		if piece.name == "" {
			b.WriteString(piece.text)
			continue
		}
		v, ok := values[piece.name]
		if !ok {
			b.WriteString("{" + piece.name + "}")
			continue
		}
		shape := p
		if code != p.code {
			// A sentence of another language keeps that language's numbers.
			shape = p.cat.Printer(code, p.zone).WithStates(p.states)
		}
		b.WriteString(shape.Value(v, piece.format))
	}
	return b.String()
}

func pluralForm(tag language.Tag, v any) plural.Form {
	s := fmt.Sprint(v)
	if rv := reflect.ValueOf(v); rv.IsValid() && rv.CanInt() {
		s = strconv.FormatInt(rv.Int(), 10)
	}
	whole, frac, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	i, err := strconv.Atoi(whole)
	if err != nil {
		return plural.Other
	}
	trimmed := strings.TrimRight(frac, "0")
	f, _ := strconv.Atoi(frac)
	t, _ := strconv.Atoi(trimmed)
	// CLDR looks at the last digits only; more would overflow its tables.
	return plural.Cardinal.MatchPlural(tag, i%10000000, len(frac), len(trimmed), f, t)
}

// Amount is money: minor units of a currency, by its ISO 4217 code.
type Amount struct {
	Minor    int64
	Currency string
}

// Key is a value that is itself a message: it is written as its sentence.
type Key string

// Value writes a value in the reader's shape: whole and fractional numbers with
// the language's separators, times as dates, Amount as money, Key as its
// sentence, lists joined with "and". The format, from {name:format}, is "date",
// "datetime", "time", "percent", "bytes", "plain" or "country".
func (p Printer) Value(v any, format string) string {
	switch v := v.(type) {
	case nil:
		return ""
	case time.Time:
		switch format {
		case "datetime":
			return p.DateTime(v)
		case "time":
			return p.Clock(v)
		}
		return p.Date(v)
	case Amount:
		return p.Money(v.Minor, v.Currency)
	case Key:
		return p.T(string(v))
	case string:
		if format == "country" {
			return p.Country(v)
		}
		return v
	case []string:
		return p.List(v)
	case error:
		return Fault(p, v).Message
	case fmt.Stringer:
		return v.String()
	}
	rv := reflect.ValueOf(v)
	switch {
	case rv.CanInt():
		switch format {
		case "plain":
			return strconv.FormatInt(rv.Int(), 10)
		case "bytes":
			return p.Bytes(rv.Int())
		}
		return p.Int(rv.Int())
	case rv.CanUint():
		return p.Int(int64(min(rv.Uint(), math.MaxInt64)))
	case rv.CanFloat():
		if format == "percent" {
			return p.Percent(rv.Float())
		}
		return p.Number(rv.Float(), 2)
	}
	return fmt.Sprint(v)
}

// Int writes a whole number with the language's separators: "26,024".
func (p Printer) Int(n int64) string {
	if p.shaper == nil {
		return strconv.FormatInt(n, 10)
	}
	return p.shaper.Sprint(number.Decimal(n))
}

// Number writes a number with at most so many decimals: "0.52".
func (p Printer) Number(f float64, decimals int) string {
	if p.shaper == nil {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return p.shaper.Sprint(number.Decimal(f, number.MaxFractionDigits(decimals)))
}

// Percent writes a share of one as a percentage: 0.125 is "12.5%".
func (p Printer) Percent(f float64) string {
	if p.shaper == nil {
		return strconv.FormatFloat(f*100, 'f', 1, 64) + "%"
	}
	return p.shaper.Sprint(number.Percent(f, number.MaxFractionDigits(1)))
}

// Bytes writes a size in kB or MB (thousands), as people read them on files.
func (p Printer) Bytes(n int64) string {
	switch {
	case n < 1000:
		return p.T("lang.size.bytes", "count", n)
	case n < 1000*1000:
		return p.T("lang.size.kb", "size", p.Int((n+500)/1000))
	}
	return p.T("lang.size.mb", "size", p.Number(float64(n)/1e6, 1))
}

// Money writes minor units with the currency's code before them and its own
// number of decimals: "EUR 3,100,000.00". Codes, because "$" is not one money.
func (p Printer) Money(minor int64, code string) string {
	digits := CurrencyDigits(code)
	f := float64(minor) / math.Pow10(digits)
	s := strconv.FormatFloat(f, 'f', digits, 64)
	if p.shaper != nil {
		s = p.shaper.Sprint(number.Decimal(f, number.MinFractionDigits(digits), number.MaxFractionDigits(digits)))
	}
	return code + "\u00a0" + s
}

// MoneyShort writes an amount for a narrow place: "EUR 3.1 m".
func (p Printer) MoneyShort(minor int64, code string) string {
	f := float64(minor) / math.Pow10(CurrencyDigits(code))
	switch {
	case math.Abs(f) >= 1e9:
		return code + "\u00a0" + p.T("lang.billions", "n", p.Number(f/1e9, 2))
	case math.Abs(f) >= 1e6:
		return code + "\u00a0" + p.T("lang.millions", "n", p.Number(f/1e6, 2))
	}
	return p.Money(minor, code)
}

// CurrencyDigits is how many decimals a currency has; 2 when it is not known.
func CurrencyDigits(code string) int {
	u, err := currency.ParseISO(code)
	if err != nil {
		return 2
	}
	scale, _ := currency.Standard.Rounding(u)
	return scale
}

// Date writes "22 November 2026" in the reader's zone; the zero time is "".
func (p Printer) Date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(p.Zone())
	return p.T("lang.date", "day", p.digits(t.Day()), "month", p.Month(t.Month()), "year", p.digits(t.Year()))
}

// Day writes a calendar day that has no zone, such as a date of birth.
func (p Printer) Day(year int, month time.Month, day int) string {
	return p.T("lang.date", "day", p.digits(day), "month", p.Month(month), "year", p.digits(year))
}

// DayOf writes a calendar day that is given as ISO has it, "2026-11-22"; what is
// none stays as it is.
func (p Printer) DayOf(iso string) string {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return iso
	}
	return p.Day(t.Year(), t.Month(), t.Day())
}

// Month is a month's name.
func (p Printer) Month(m time.Month) string { return p.T("lang.month." + strconv.Itoa(int(m))) }

// Clock writes the hour and minute in the reader's zone: "16:40".
func (p Printer) Clock(t time.Time) string { return t.In(p.Zone()).Format("15:04") }

// DateTime writes "22 November 2026, 16:40" in the reader's zone.
func (p Printer) DateTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return p.T("lang.datetime", "date", p.Date(t), "time", p.Clock(t))
}

// UTC writes the instant for the title of a time: "2026-11-22 15:40:00 UTC".
func (p Printer) UTC(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }

// digits writes a number without separators in the language's digits.
func (p Printer) digits(n int) string {
	if p.shaper == nil {
		return strconv.Itoa(n)
	}
	return p.shaper.Sprint(number.Decimal(n, number.NoSeparator()))
}

// List joins names: "a, b and c".
func (p Printer) List(items []string) string {
	switch len(items) {
	case 0:
		return ""
	case 1:
		return items[0]
	}
	last := len(items) - 1
	return p.T("lang.list", "first", strings.Join(items[:last], p.T("lang.list.comma")), "last", items[last])
}

// Country is a state's or territory's name by its ISO 3166 code; an unknown
// code comes back as it is.
func (p Printer) Country(code string) string {
	if name, ok := p.states[code]; ok {
		return name
	}
	if p.cat == nil {
		return code
	}
	// Names that changed, or that the library's older data lacks.
	if key := "lang.country." + code; p.cat.langs[p.code][key].forms != nil {
		return p.T(key)
	}
	r, err := language.ParseRegion(code)
	if err != nil || r.IsPrivateUse() {
		return code
	}
	if name := display.Regions(p.tag).Name(r); name != "" {
		return name
	}
	return code
}

// Language is a language's name, for "in Russian".
func (p Printer) Language(code string) string {
	tag, err := language.Parse(code)
	if err != nil {
		return code
	}
	if name := display.Languages(p.tag).Name(tag); name != "" {
		return name
	}
	return code
}

type contextKey struct{}

// With puts a printer into a context, where components find it.
func With(ctx context.Context, p Printer) context.Context {
	return context.WithValue(ctx, contextKey{}, p)
}

// From is the printer of a context; without one, keys come back in brackets.
func From(ctx context.Context) Printer {
	p, ok := ctx.Value(contextKey{}).(Printer)
	if !ok {
		return Printer{zone: time.UTC, code: Fallback}
	}
	return p
}
