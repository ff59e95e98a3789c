package letter

import (
	"math"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/segmenter"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"

	"github.com/comity-project/comity/internal/letter/pdf"
)

// piece is a stretch of shaped text with one font, one level, one language.
type piece struct {
	face     int // index of the font
	size     float64
	lang     string
	level    int
	space    bool // white space only: it does not count at the end of a line
	width    float64
	clusters []pdf.Cluster // from left to right
}

// line is the pieces of one line in the order they are read.
type line struct {
	pieces []piece
	width  float64 // without the white space at its end
}

// setter turns runs into lines. It belongs to one document.
type setter struct {
	faces  []face
	shaper shaping.HarfbuzzShaper
	breaks segmenter.Segmenter
	labels Labels
}

// Characters that fence a passage, so that neither side reorders the other.
const (
	isolateLTR  = '\u2066'
	isolateRTL  = '\u2067'
	isolateAuto = '\u2068'
	isolateEnd  = '\u2069'
)

// clean drops what a given string must not bring into a letter: control
// characters, and the marks that reorder text, which could make a name read as
// another one. Line ends become spaces.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r' || r == '\u2028' || r == '\u2029' || r == '\u0085':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == unicode.ReplacementChar, r == '\uFEFF', r == '\u00AD':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

// runeInfo is what is known of each character of a paragraph before shaping.
type runeInfo struct {
	lang   string
	bold   bool
	level  int
	script language.Script
	font   int
}

// lines sets runs in a column of that width, in points.
func (s *setter) lines(runs []Run, size float64, bold bool, dir Direction, width float64) []line {
	text, info := s.flatten(runs, bold)
	if len(text) == 0 {
		return nil
	}
	base := 0
	if dir == RTL {
		base = 1
	}
	for i, level := range levels(text, base) {
		info[i].level = level
	}
	s.scripts(text, info)
	var out []line
	var now line
	var full float64 // width of now with its white space
	push := func() {
		out = append(out, now.finish(base))
		now, full = line{}, 0
	}
	s.breaks.Init(text)
	for it := s.breaks.LineIterator(); it.Next(); {
		seg := it.Line()
		from, to := seg.Offset, seg.Offset+len(seg.Text)
		ps := s.pieces(text, info, from, to, size)
		w, ink := measure(ps)
		if full+ink > width && len(now.pieces) > 0 {
			push()
		}
		if ink > width { // one word wider than the column: break it where it must
			for i := from; i < to; i++ {
				ps := s.pieces(text, info, i, i+1, size)
				w, ink := measure(ps)
				if full+ink > width && len(now.pieces) > 0 {
					push()
				}
				now.pieces = append(now.pieces, ps...)
				full += w
			}
			continue
		}
		now.pieces = append(now.pieces, ps...)
		full += w
	}
	if len(now.pieces) > 0 {
		push()
	}
	return out
}

// measure is the width of pieces with, and without, the white space at the end.
func measure(ps []piece) (all, ink float64) {
	for _, p := range ps {
		all += p.width
		if !p.space {
			ink = all
		}
	}
	return all, ink
}

// finish gives white space at the end of a line the direction of the paragraph,
// as the bidirectional algorithm asks (rule L1).
func (l line) finish(base int) line {
	for i := len(l.pieces) - 1; i >= 0 && l.pieces[i].space; i-- {
		l.pieces[i].level = base
	}
	_, l.width = measure(l.pieces)
	return l
}

// visual is the order in which pieces stand from left to right (rule L2).
func (l line) visual() []int {
	order := make([]int, len(l.pieces))
	top, low := 0, math.MaxInt
	for i, p := range l.pieces {
		order[i] = i
		top = max(top, p.level)
		if p.level%2 == 1 {
			low = min(low, p.level)
		}
	}
	for level := top; level >= low && level > 0; level-- {
		for i := 0; i < len(order); i++ {
			j := i
			for j < len(order) && l.pieces[order[j]].level >= level {
				j++
			}
			for a, b := i, j-1; a < b; a, b = a+1, b-1 {
				order[a], order[b] = order[b], order[a]
			}
			i = max(i, j)
		}
	}
	return order
}

// flatten joins runs into one text, with fences around foreign passages and
// with transliteration where no font can print.
func (s *setter) flatten(runs []Run, bold bool) ([]rune, []runeInfo) {
	var text []rune
	var info []runeInfo
	add := func(str string, r Run) {
		for _, c := range str {
			text = append(text, c)
			info = append(info, runeInfo{lang: r.Language, bold: bold || r.Strong})
		}
	}
	for _, r := range runs {
		printed, mark := printable(r, s.labels)
		fence := rune(0)
		switch {
		case mark != "":
			fence, printed.Language = isolateAuto, "" // now in Latin letters
		case r.Direction == LTR:
			fence = isolateLTR
		case r.Direction == RTL:
			fence = isolateRTL
		case r.Isolate:
			fence = isolateAuto
		}
		if fence != 0 {
			add(string(fence), Run{Strong: r.Strong})
		}
		add(printed.Text, printed)
		if fence != 0 {
			add(string(isolateEnd), Run{Strong: r.Strong})
		}
		if mark != "" {
			add(" ("+mark+")", Run{Strong: r.Strong})
		}
	}
	return text, info
}

// scripts finds script and font of each character. What belongs to no script
// (space, comma) goes with the letter before it.
func (s *setter) scripts(text []rune, info []runeInfo) {
	all := make([]*source, len(s.faces))
	for i, f := range s.faces {
		all[i] = f.source
	}
	last := language.Latin
	for _, r := range text {
		if sc := language.LookupScript(r); sc != language.Common && sc != language.Inherited && sc != language.Unknown {
			last = sc
			break
		}
	}
	for i, r := range text {
		sc := language.LookupScript(r)
		if sc == language.Common || sc == language.Inherited || sc == language.Unknown {
			sc = last
		}
		if info[i].level%2 == 0 && sc == language.Arabic && language.LookupScript(r) == language.Common {
			sc = language.Latin // a comma or figure between left-to-right words
		}
		last = sc
		info[i].script = sc
		info[i].font = choose(all, r, sc)
		if i > 0 && unicode.Is(unicode.Mn, r) {
			// A mark stands with its base, where that font has it.
			base := info[i-1].font &^ fontBold
			if _, ok := all[base].parsed.NominalGlyph(r); ok {
				info[i].font = base
			}
		}
		if info[i].bold {
			info[i].font |= fontBold
		}
	}
}

func isFence(r rune) bool { return r >= isolateLTR && r <= isolateEnd }

// pieces shapes text[from:to], cut where font, level, language or kind changes.
func (s *setter) pieces(text []rune, info []runeInfo, from, to int, size float64) []piece {
	var out []piece
	for i := from; i < to; {
		if isFence(text[i]) {
			i++
			continue
		}
		j, space := i+1, unicode.IsSpace(text[i])
		for j < to && !isFence(text[j]) && info[j] == info[i] && unicode.IsSpace(text[j]) == space {
			j++
		}
		out = append(out, s.shape(text, info[i], i, j, size, space))
		i = j
	}
	return out
}

func (s *setter) shape(text []rune, in runeInfo, from, to int, size float64, space bool) piece {
	f := s.faces[in.font]
	dir := di.DirectionLTR
	if in.level%2 == 1 {
		dir = di.DirectionRTL
	}
	// Shaped at 1000 units to the em, which is what the file counts in.
	o := s.shaper.Shape(shaping.Input{
		Text: text, RunStart: from, RunEnd: to, Direction: dir, Face: f.shape,
		Size: fixed.I(1000), Script: in.script, Language: language.NewLanguage(in.lang),
	})
	p := piece{face: in.font, size: size * f.source.scale, lang: in.lang, level: in.level, space: space}
	for i := 0; i < len(o.Glyphs); {
		start, n := o.Glyphs[i].TextIndex(), o.Glyphs[i].RunesCount()
		c := pdf.Cluster{Text: string(text[start : start+n])}
		for ; i < len(o.Glyphs) && o.Glyphs[i].TextIndex() == start; i++ {
			g := o.Glyphs[i]
			c.Glyphs = append(c.Glyphs, pdf.Glyph{
				ID: uint16(g.GlyphID), Advance: units(g.Advance), X: units(g.XOffset), Y: units(g.YOffset),
			})
			p.width += units(g.Advance) * p.size / 1000
		}
		p.clusters = append(p.clusters, c)
	}
	return p
}

func units(v fixed.Int26_6) float64 { return math.Round(float64(v) / 64) }
