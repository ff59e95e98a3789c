package letter

import (
	"testing"

	"github.com/go-text/typesetting/bidi"
	"pgregory.net/rapid"
)

// The library knows the direction of each stretch (an odd or even level); ours
// must agree with it on any text.
func TestLevelsAgreeWithLibraryOnDirection(t *testing.T) {
	alphabet := []rune("ab 12,.:-+%()[]{}/گ چبו٣٤۵\u064b\u200c\u0301№€")
	rapid.Check(t, func(t *rapid.T) {
		gen := rapid.SliceOfN(rapid.SampledFrom(alphabet), 0, 12)
		var text []rune
		for range rapid.IntRange(1, 3).Draw(t, "passages") {
			text = append(text, gen.Draw(t, "outer")...)
			text = append(text, rapid.SampledFrom([]rune{isolateLTR, isolateRTL, isolateAuto}).Draw(t, "fence"))
			text = append(text, gen.Draw(t, "inner")...)
			text = append(text, isolateEnd)
		}
		text = append(text, 'x') // white space at the end is the business of lines
		base, def := 0, bidi.LeftToRight
		if rapid.Bool().Draw(t, "rtl") {
			base, def = 1, bidi.RightToLeft
		}
		got := levels(text, base)
		var p bidi.Paragraph
		runs := p.Segment(text, def)
		for i := range runs.NumRuns() {
			r := runs.Run(i)
			for j := r.Start; j < r.End; j++ {
				if text[j] == '\u200c' {
					continue // the level of a joiner is free (rule X9)
				}
				if got[j]%2 != int(r.Level)%2 {
					t.Fatalf("%q: character %d (%q) has level %d, the library %d", string(text), j, text[j], got[j], r.Level)
				}
			}
		}
	})
}

func TestLevels(t *testing.T) {
	for _, c := range []struct {
		text string
		base int
		want string
	}{
		{"a אב 12 b", 0, "001112200"},
		{"P \u2067گچ ۱۲۳\u2069 and", 0, "000111222" + "00000"},
		{"א ab 12 ב", 1, "112222211"},
		{"א \u2068N (2)\u2069 ב", 1, "111222221" + "11"},
	} {
		got := ""
		for _, l := range levels([]rune(c.text), c.base) {
			got += string(rune('0' + l))
		}
		if got != c.want {
			t.Errorf("%q: levels %s, want %s", c.text, got, c.want)
		}
	}
}
