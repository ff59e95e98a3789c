package ui

import (
	"net/url"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
)

func TestParseDate(t *testing.T) {
	for _, c := range []struct {
		day, month, year string
		want             time.Time
		field, key       string
	}{
		{"", "", "", time.Time{}, "", ""},
		{" 3", "4 ", "2027", time.Date(2027, 4, 3, 0, 0, 0, 0, time.UTC), "", ""},
		{"29", "2", "2028", time.Date(2028, 2, 29, 0, 0, 0, 0, time.UTC), "", ""},
		{"29", "2", "2027", time.Time{}, "d.day", "ui.date.day"},
		{"0", "2", "2027", time.Time{}, "d.day", "ui.date.day"},
		{"x", "2", "2027", time.Time{}, "d.day", "ui.date.day"},
		{"1", "13", "2027", time.Time{}, "d.month", "ui.date.month"},
		{"1", "1", "27", time.Time{}, "d.year", "ui.date.year"},
		{"", "1", "2027", time.Time{}, "d.day", "ui.date.missing.day"},
		{"1", "", "2027", time.Time{}, "d.month", "ui.date.missing.month"},
		{"1", "1", "", time.Time{}, "d.year", "ui.date.missing.year"},
	} {
		bad := fault.New(fault.Invalid, "fault.bad_request")
		got, ok := ParseDate(url.Values{"d.day": {c.day}, "d.month": {c.month}, "d.year": {c.year}}, "d", bad)
		if !got.Equal(c.want) || ok != (c.key == "") {
			t.Errorf("%q %q %q: %v, %v", c.day, c.month, c.year, got, ok)
		}
		if c.key != "" && (len(bad.Fields) != 1 || bad.Fields[0].Name != c.field || bad.Fields[0].Key != c.key) {
			t.Errorf("%q %q %q: %+v", c.day, c.month, c.year, bad.Fields)
		}
	}
	v := url.Values{}
	DateValues(v, "d", time.Date(2027, 4, 3, 0, 0, 0, 0, time.UTC))
	if v.Encode() != "d.day=3&d.month=4&d.year=2027" {
		t.Error(v.Encode())
	}
}

func TestParseMoney(t *testing.T) {
	for _, c := range []struct {
		amount, currency string
		want             int64
		key              string
	}{
		{"", "", 0, ""},
		{"3100000", "EUR", 310000000, ""},
		{"3,100,000.5", "EUR", 310000050, ""},
		{"3 100 000", "EUR", 310000000, ""},
		{"52000000", "JPY", 52000000, ""},
		{"1.234", "KWD", 1234, ""},
		{"0", "EUR", 0, ""},
		{"1,50", "EUR", 0, "ui.money.comma"},
		{"1.500,00", "EUR", 0, "ui.money.decimals"},
		{"1.5", "JPY", 0, "ui.money.decimals"},
		{"12", "", 0, "ui.money.currency"},
		{"-5", "EUR", 0, "ui.money.amount"},
		{"+5", "EUR", 0, "ui.money.amount"},
		{"five", "EUR", 0, "ui.money.amount"},
		{"99999999999999999999", "EUR", 0, "ui.money.amount"},
		{"9999999999999999", "EUR", 0, "ui.money.amount"},
	} {
		bad := fault.New(fault.Invalid, "fault.bad_request")
		got, ok := ParseMoney(url.Values{"v.amount": {c.amount}, "v.currency": {c.currency}}, "v", bad)
		if ok != (c.key == "") || got.Minor != c.want {
			t.Errorf("%q %q: %v, %v", c.amount, c.currency, got, ok)
		}
		if c.key != "" && (len(bad.Fields) != 1 || bad.Fields[0].Key != c.key) {
			t.Errorf("%q %q: %+v", c.amount, c.currency, bad.Fields)
		}
	}
}

func FuzzParseMoney(f *testing.F) {
	for _, s := range []string{"3,100,000.50", "1.5", "-0", "9999999999999999", ",", ".", "1..2", "\u00a01"} {
		f.Add(s, "EUR")
	}
	f.Fuzz(func(t *testing.T, amount, currency string) {
		bad := fault.New(fault.Invalid, "fault.bad_request")
		got, ok := ParseMoney(url.Values{"v.amount": {amount}, "v.currency": {currency}}, "v", bad)
		if got.Minor < 0 || got.Minor > maxMinor || ok != (bad.Or() == nil) {
			t.Errorf("%q %q: %v, %v, %v", amount, currency, got, ok, bad)
		}
	})
}

func TestFormErrors(t *testing.T) {
	f := NewForm(url.Values{"a": {"1", "2"}}, &lang.Problem{Fields: []lang.FieldProblem{{Name: "d.month", Message: "m"}, {Name: "v", Message: "w"}}})
	if f.Error("d") != "m" || !f.partError("d", "month") || f.partError("d", "day") || !f.partError("v", "amount") {
		t.Error("errors of parts")
	}
	if !f.Chosen("a", "2") || f.Chosen("a", "3") || (Form{}).Chosen("a", "") || (Form{}).Error("a") != "" || (Form{}).Failed() {
		t.Error("values")
	}
	if ID("lines.2.quantity") != "f-lines-2-quantity" {
		t.Error(ID("lines.2.quantity"))
	}
}

func TestStates(t *testing.T) {
	states := States(lang.Printer{}, map[string]string{"XA": "Karsovia"})
	seen := map[string]bool{}
	for _, s := range states {
		if len(s.Code) != 2 || seen[s.Code] || s.Name == "" {
			t.Errorf("%+v", s)
		}
		seen[s.Code] = true
	}
	if len(states) != 249+1+1 || !seen["XA"] || !seen["ZW"] || !seen["AD"] {
		t.Errorf("%d states", len(states))
	}
}
