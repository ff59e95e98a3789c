package ui

import (
	"maps"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
)

// Form is what a person typed and what is wrong with it. Every input takes its
// value from here, so a form that is refused comes back as it was sent.
type Form struct {
	values  url.Values
	problem *lang.Problem
}

// NewForm makes a form of the values sent, or of the values saved before, and
// of the problem that was found, nil when there is none.
func NewForm(values url.Values, problem *lang.Problem) Form {
	return Form{values: values, problem: problem}
}

// FormOf makes a form of name, value pairs; an empty value is an empty input.
func FormOf(pairs ...string) Form {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return Form{values: v}
}

// Value is what is in an input.
func (f Form) Value(name string) string { return f.values.Get(name) }

// Values is all that is chosen under a name.
func (f Form) Values(name string) []string { return f.values[name] }

// Chosen tells whether an option is chosen. Nothing is chosen unless a person
// chose it.
func (f Form) Chosen(name, value string) bool {
	for _, v := range f.values[name] {
		if v == value {
			return true
		}
	}
	return false
}

// Error is what is wrong with an input, "" when nothing is. A part of an input,
// such as the month of a date, also answers for the whole.
func (f Form) Error(name string) string {
	if msg := f.problem.Field(name); msg != "" || f.problem == nil {
		return msg
	}
	for _, part := range []string{".day", ".month", ".year", ".amount", ".currency"} {
		if msg := f.problem.Field(name + part); msg != "" {
			return msg
		}
	}
	return ""
}

// partError tells whether a part of an input is marked: when it is named, or
// when the whole is and no part is.
func (f Form) partError(name, part string) bool {
	if f.problem.Field(name+"."+part) != "" {
		return true
	}
	return f.problem.Field(name) != ""
}

// With is the form with further values, which take the place of those of the
// same names.
func (f Form) With(values url.Values) Form {
	all := maps.Clone(f.values)
	maps.Copy(all, values)
	return Form{values: all, problem: f.problem}
}

// Problem is what was found wrong, nil when nothing was.
func (f Form) Problem() *lang.Problem { return f.problem }

// Failed tells whether something was found wrong.
func (f Form) Failed() bool { return f.problem != nil }

// ID is the id of the input of that name: what the error summary links to.
func ID(name string) string {
	return "f-" + strings.Map(func(r rune) rune {
		if r == '.' || r == ' ' || r == '[' || r == ']' {
			return '-'
		}
		return r
	}, name)
}

func optionID(name string, i int) string {
	if i == 0 {
		return ID(name)
	}
	return ID(name) + "-" + strconv.Itoa(i+1)
}

// describedBy lists the ids of hint and error for an input.
func describedBy(name, hint, failure string, more ...string) string {
	ids := append([]string(nil), more...)
	if hint != "" {
		ids = append(ids, ID(name)+"-hint")
	}
	if failure != "" {
		ids = append(ids, ID(name)+"-error")
	}
	return strings.Join(ids, " ")
}

// ParseDay reads a calendar day as ParseDate does; nothing typed, and what is no
// day, give "".
func ParseDay(v url.Values, name string, collect *fault.Error) deadline.Date {
	t, ok := ParseDate(v, name, collect)
	if !ok || t.IsZero() {
		return ""
	}
	return deadline.DateOf(t, time.UTC)
}

// ParseDate reads the three inputs of DateInput. Nothing typed gives the zero
// time and no fault; a date that is not in the calendar gives a fault field on
// the first part that is wrong, added to collect, and false.
func ParseDate(v url.Values, name string, collect *fault.Error) (time.Time, bool) {
	part := func(p string) string { return strings.TrimSpace(v.Get(name + "." + p)) }
	day, month, year := part("day"), part("month"), part("year")
	if day == "" && month == "" && year == "" {
		return time.Time{}, true
	}
	for _, p := range []string{"day", "month", "year"} {
		if part(p) == "" {
			collect.Field(name+"."+p, "ui.date.missing."+p)
			return time.Time{}, false
		}
	}
	d, errD := strconv.Atoi(day)
	m, errM := strconv.Atoi(month)
	y, errY := strconv.Atoi(year)
	switch {
	case errY != nil || len(year) != 4 || y < 1800:
		collect.Field(name+".year", "ui.date.year")
		return time.Time{}, false
	case errM != nil || m < 1 || m > 12:
		collect.Field(name+".month", "ui.date.month")
		return time.Time{}, false
	}
	t := time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)
	if errD != nil || t.Day() != d || t.Month() != time.Month(m) {
		collect.Field(name+".day", "ui.date.day")
		return time.Time{}, false
	}
	return t, true
}

// DateValues are the three inputs of a date, for a form that shows it again.
func DateValues(v url.Values, name string, t time.Time) {
	if t.IsZero() {
		return
	}
	v.Set(name+".day", strconv.Itoa(t.Day()))
	v.Set(name+".month", strconv.Itoa(int(t.Month())))
	v.Set(name+".year", strconv.Itoa(t.Year()))
}

// maxMinor keeps amounts far from overflow: ten million millions.
const maxMinor = int64(1e15)

// ParseMoney reads the two inputs of MoneyInput into minor units. Nothing typed
// gives a zero amount and no fault. Spaces and commas may group digits; the
// point is the only decimal sign, because "1,500" is read differently from one
// country to the next and an amount must not be guessed.
func ParseMoney(v url.Values, name string, collect *fault.Error) (lang.Amount, bool) {
	text, code := strings.TrimSpace(v.Get(name+".amount")), v.Get(name+".currency")
	if text == "" {
		return lang.Amount{Currency: code}, true
	}
	if code == "" {
		collect.Field(name+".currency", "ui.money.currency")
		return lang.Amount{}, false
	}
	digits := lang.CurrencyDigits(code)
	whole, frac, _ := strings.Cut(strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "").Replace(text), ".")
	if groups := strings.Split(whole, ","); len(groups) > 1 {
		for _, g := range groups[1:] {
			if len(g) != 3 {
				collect.Field(name+".amount", "ui.money.comma")
				return lang.Amount{}, false
			}
		}
		whole = strings.Join(groups, "")
	}
	if len(frac) > digits {
		collect.Field(name+".amount", "ui.money.decimals", "currency", code, "count", digits)
		return lang.Amount{}, false
	}
	frac += strings.Repeat("0", digits-len(frac))
	n, err := strconv.ParseInt(whole+frac, 10, 64)
	if err != nil || n < 0 || n > maxMinor || strings.HasPrefix(whole, "+") || strings.HasPrefix(whole, "-") {
		collect.Field(name+".amount", "ui.money.amount")
		return lang.Amount{}, false
	}
	return lang.Amount{Minor: n, Currency: code}, true
}
