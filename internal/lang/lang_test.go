package lang_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/lang/langtest"
	"github.com/comity-project/comity/repotest"
)

func load(t testing.TB, files map[string]string) *lang.Catalogue {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	cat, err := lang.Load(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func shipped(t testing.TB) *lang.Catalogue {
	t.Helper()
	cat, err := lang.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func TestSentences(t *testing.T) {
	cat := load(t, map[string]string{
		"lang/en/case.toml": `"case.closed" = "Closed on {date}."
"case.plain" = "Nothing to fill in."
"case.place" = "{who} in {where:country}"
"case.other" = "Only in English, {n}"
["case.days"]
one = "{count} day"
other = "{count} days"
["case.lines"]
by = "n"
one = "{n} line"
other = "{n} lines"`,
		"lang/ar/case.toml": `"case.plain" = "لا شيء"
["case.days"]
zero = "صفر"
one = "يوم واحد"
two = "يومان"
few = "{count} أيام"
many = "{count} يومًا"
other = "{count} يوم"`,
		"lang/fr/case.toml": `["case.days"]
one = "{count} jour"
other = "{count} jours"`,
	})
	en := cat.Printer("en", nil).WithStates(map[string]string{"XA": "Karsovia"})
	ar, fr := cat.Printer("ar", nil), cat.Printer("fr", nil)
	for _, c := range []struct{ got, want string }{
		{en.T("case.plain"), "Nothing to fill in."},
		{en.T("case.days", "count", 1), "1 day"},
		{en.T("case.days", "count", 0), "0 days"},
		{en.T("case.days", "count", int64(12345)), "12,345 days"},
		{en.T("case.lines", "n", 1), "1 line"},
		{en.T("case.place", "who", "Delta", "where", "XA"), "Delta in Karsovia"},
		{en.T("case.place", "who", "Delta", "where", "NL"), "Delta in Netherlands"},
		{en.T("case.place", "who", "Delta"), "Delta in {where}"},
		{en.T("case.none"), "[case.none]"},
		{ar.T("case.days", "count", 0), "صفر"},
		{ar.T("case.days", "count", 2), "يومان"},
		{ar.T("case.days", "count", 5), "٥ أيام"},
		{ar.T("case.days", "count", 11), "١١ يومًا"},
		{ar.T("case.days", "count", 100), "١٠٠ يوم"},
		{ar.T("case.other", "n", 5), "Only in English, 5"},
		{fr.T("case.days", "count", 0), "0 jour"},
		{fr.T("case.days", "count", "1.5"), "1.5 jour"},
		{lang.Printer{}.T("case.plain"), "[case.plain]"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
	if n := cat.Missing()["case.none"]; n != 1 {
		t.Errorf("the missing key was counted %d times", n)
	}
	if got := cat.Match("fr-CA, en;q=0.5"); got != "fr" {
		t.Errorf("matched %q", got)
	}
	if got := cat.Match("", "xx;;q=9"); got != "en" {
		t.Errorf("matched %q", got)
	}
	if ar.Dir() != "rtl" || en.Dir() != "ltr" || lang.Direction("az-Arab") != "rtl" || lang.Direction("fa") != "rtl" {
		t.Error("directions")
	}
}

func TestShapes(t *testing.T) {
	riga, err := time.LoadLocation("Europe/Riga")
	if err != nil {
		t.Fatal(err)
	}
	p := shipped(t).Printer("en", riga)
	at := time.Date(2026, 11, 22, 23, 30, 5, 0, time.UTC)
	for _, c := range []struct{ got, want string }{
		{p.Date(at), "23 November 2026"},
		{p.DateTime(at), "23 November 2026, 01:30"},
		{p.UTC(at), "2026-11-22 23:30:05 UTC"},
		{p.Date(time.Time{}), ""},
		{p.Day(1958, time.March, 3), "3 March 1958"},
		{p.Int(26024), "26,024"},
		{p.Int(-5), "-5"},
		{p.Number(0.5236, 2), "0.52"},
		{p.Percent(0.125), "12.5%"},
		{p.Money(310000000, "EUR"), "EUR\u00a03,100,000.00"},
		{p.Money(52000000, "JPY"), "JPY\u00a052,000,000"},
		{p.Money(1234, "KWD"), "KWD\u00a01.234"},
		{p.MoneyShort(310000000, "EUR"), "EUR\u00a03.1 m"},
		{p.MoneyShort(99900, "EUR"), "EUR\u00a0999.00"},
		{p.Bytes(1), "1 byte"},
		{p.Bytes(999), "999 bytes"},
		{p.Bytes(88200), "88 kB"},
		{p.Bytes(1843200), "1.8 MB"},
		{p.List([]string{"a", "b", "c"}), "a, b and c"},
		{p.List([]string{"a"}), "a"},
		{p.Country("DE"), "Germany"},
		{p.Country("XA"), "XA"},
		{p.Country("TR"), "Türkiye"},
		{lang.Printer{}.Country("TR"), "TR"},
		{p.Country("not a code"), "not a code"},
		{p.Language("ru"), "Russian"},
		{p.Value(lang.Amount{Minor: 150, Currency: "EUR"}, ""), "EUR\u00a01.50"},
		{p.Value(at, "time"), "01:30"},
		{p.Value(lang.Key("ui.choose"), ""), "Choose one"},
		{p.Value(uint8(7), ""), "7"},
		{p.Value(2026, "plain"), "2026"},
		{p.Value(nil, ""), ""},
	} {
		if c.got != c.want && strings.ReplaceAll(c.got, "−", "-") != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"no room":         `"plain" = "x"`,
		"nested":          `[case]` + "\n" + `closed = "x"`,
		"number":          `"case.n" = 3`,
		"unknown form":    "[\"case.n\"]\nsingle = \"x\"\nother = \"y\"",
		"no other":        "[\"case.n\"]\none = \"x\"",
		"open":            `"case.n" = "a {b"`,
		"no name":         `"case.n" = "a {} b"`,
		"not TOML":        `case.n = `,
		"form not a text": "[\"case.n\"]\nother = 3",
	} {
		_, err := lang.Load(fstest.MapFS{"lang/en/case.toml": {Data: []byte(text)}})
		if err == nil {
			t.Errorf("%s: taken", name)
		} else if !strings.Contains(err.Error(), "lang/en/case.toml") {
			t.Errorf("%s: the error does not name the file: %v", name, err)
		}
	}
	if _, err := lang.Load(fstest.MapFS{"lang/fr/case.toml": {Data: []byte(`"case.n" = "x"`)}}); err == nil {
		t.Error("taken without the fallback language")
	}
	if _, err := lang.Load(fstest.MapFS{
		"lang/en/a.toml": {Data: []byte(`"case.n" = "x"`)}, "lang/en/b.toml": {Data: []byte(`"case.n" = "y"`)},
	}); err == nil {
		t.Error("a key given twice was taken")
	}
}

func TestFault(t *testing.T) {
	p := shipped(t).Printer("en", nil)
	err := fault.New(fault.TooLarge, "fault.too_large", "limit", int64(20_000_000)).
		Field("needed.day", "ui.date.day").
		Item("assessment#f2", "ui.money.decimals", "currency", "JPY", "count", 0).
		Because(errors.New("secret"))
	got := lang.Fault(p, err)
	if got.Message != "This is larger than 20 MB, the most that can be sent." || got.Status != 413 {
		t.Errorf("%+v", got)
	}
	if got.Field("needed.day") != "There is no such day in that month." || got.Field("other") != "" {
		t.Errorf("%+v", got.Fields)
	}
	if len(got.Items) != 1 || got.Items[0].Message != "JPY has 0 decimals at most." || got.Items[0].Where != "assessment#f2" {
		t.Errorf("%+v", got.Items)
	}
	ours := lang.Fault(p, errors.New("sql: secret"))
	if strings.Contains(ours.Message, "secret") || ours.Status != 500 || !strings.Contains(ours.Message, "our side") {
		t.Errorf("%+v", ours)
	}
	if lang.Fault(p, nil) != nil || (*lang.Problem)(nil).Field("x") != "" {
		t.Error("nothing wrong is a problem")
	}
}

// TestEveryKeyHasASentence reads all sources of the program: what they ask for
// is in the catalogue, with values for its placeholders, and what is in the
// catalogue is asked for.
func TestEveryKeyHasASentence(t *testing.T) {
	report, err := langtest.Scan(repotest.Root(t), shipped(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range report.Missing {
		t.Errorf("no sentence: %s", line)
	}
	for _, line := range report.Empty {
		t.Errorf("no value: %s", line)
	}
	for _, key := range report.Unused {
		t.Errorf("nothing asks for %s", key)
	}
}

func BenchmarkT(b *testing.B) {
	p := shipped(b).Printer("en", nil)
	at := time.Date(2026, 11, 22, 23, 30, 5, 0, time.UTC)
	b.ReportAllocs()
	for b.Loop() {
		_ = p.T("ui.clock.stopped", "for", "applicant", "since", at)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("\"a.b\" = \"x {y:date}\"")
	f.Add("[\"a.b\"]\none = \"{count}\"\nother = \"{count}\"")
	f.Add("\"a.b\" = \"{\"")
	f.Fuzz(func(t *testing.T, text string) {
		cat, err := lang.Load(fstest.MapFS{"lang/en/a.toml": {Data: []byte(text)}})
		if err != nil {
			return
		}
		p := cat.Printer("en", nil)
		for _, key := range cat.Keys("en") {
			p.T(key, "count", 3, "y", "z")
			cat.Placeholders(key)
		}
	})
}
