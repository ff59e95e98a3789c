package pdf

import (
	"bytes"
	"fmt"
	"math"
)

// Page is one page. The origin is the lower left corner, lengths are points.
type Page struct {
	file          *File
	index         int
	width, height float64
	out           bytes.Buffer
}

// Begin opens marked content that belongs to an element of the structure tree.
// End closes it; they do not nest.
func (p *Page) Begin(e *Elem) {
	owners := p.file.parents[p.index]
	fmt.Fprintf(&p.out, "/%s<</MCID %d>>BDC\n", e.kind, len(owners))
	e.kids = append(e.kids, kid{page: p.index, mcid: len(owners)})
	p.file.parents[p.index] = append(owners, e)
}

// BeginArtifact opens content that a screen reader should pass over: rules, page
// numbers, repeated table headers.
func (p *Page) BeginArtifact() { p.out.WriteString("/Artifact BMC\n") }

// End closes what Begin or BeginArtifact opened.
func (p *Page) End() { p.out.WriteString("EMC\n") }

// Rule draws a line of that width; gray is 0 (black) to 1 (white).
func (p *Page) Rule(x1, y1, x2, y2, width, gray float64) {
	fmt.Fprintf(&p.out, "%s w %s G %s %s m %s %s l S\n", num(width), num(gray), num(x1), num(y1), num(x2), num(y2))
}

// Box draws the outline of a rectangle whose lower left corner is x, y.
func (p *Page) Box(x, y, w, h, width, gray float64) {
	fmt.Fprintf(&p.out, "%s w %s G %s %s %s %s re S\n", num(width), num(gray), num(x), num(y), num(w), num(h))
}

// Fill paints a rectangle whose lower left corner is x, y.
func (p *Page) Fill(x, y, w, h, gray float64) {
	fmt.Fprintf(&p.out, "%s g %s %s %s %s re f 0 g\n", num(gray), num(x), num(y), num(w), num(h))
}

// Glyph is one shaped glyph. Lengths are thousandths of the font size.
type Glyph struct {
	ID      uint16
	Advance float64 // to the next glyph, as shaped
	X, Y    float64 // offset of this glyph from its place
}

// Cluster is the glyphs that together stand for some text.
type Cluster struct {
	Glyphs []Glyph
	Text   string
}

// Text draws clusters from left to right, starting at x on the baseline y. lang,
// where not empty, names the language of a foreign passage.
func (p *Page) Text(f *Font, size, x, y float64, lang string, clusters []Cluster) {
	if lang != "" {
		fmt.Fprintf(&p.out, "/Span<</Lang%s>>BDC\n", text(lang))
	}
	fmt.Fprintf(&p.out, "BT /F%d %s Tf\n", f.index, num(size))
	w := &run{page: p, font: f, size: size, x: x, y: y}
	for _, c := range clusters {
		w.cluster(c)
	}
	w.flush()
	p.out.WriteString("ET\n")
	if lang != "" {
		p.out.WriteString("EMC\n")
	}
}

// run collects glyphs that stand on one baseline into one show operator, and
// starts a new one where a glyph is raised.
type run struct {
	page  *Page
	font  *Font
	size  float64
	x, y  float64 // where the next cluster starts
	drift float64 // how far the viewer's position is ahead of ours, in thousandths
	open  bool
	yoff  float64
}

// cluster draws glyphs that stand for some text. Where the glyphs cannot say it
// one by one (a letter with its marks, a shape that two letters share), the text
// is written beside the glyph that moves the pen, and the others are silent:
// readers measure a replacement text by the glyphs it covers, and marks would
// make it look as if a space followed.
func (r *run) cluster(c Cluster) {
	if r.font.mapText(c) {
		r.glyph(c.Glyphs[0])
		return
	}
	speaker := 0
	for i, g := range c.Glyphs {
		if g.Advance > c.Glyphs[speaker].Advance {
			speaker = i
		}
	}
	for i, g := range c.Glyphs {
		words := ""
		if i == speaker {
			words = c.Text
		}
		r.flush()
		fmt.Fprintf(&r.page.out, "/Span<</ActualText%s>>BDC\n", text(words))
		r.glyph(g)
		r.flush()
		r.page.out.WriteString("EMC\n")
	}
}

func (r *run) glyph(g Glyph) {
	r.font.used[g.ID] = true
	if r.open && g.Y != r.yoff {
		r.flush()
	}
	if !r.open {
		fmt.Fprintf(&r.page.out, "1 0 0 1 %s %s Tm [", num(r.x), num(r.y+g.Y*r.size/1000))
		r.open, r.yoff, r.drift = true, g.Y, 0
	}
	if d := math.Round(r.drift - g.X); d != 0 {
		fmt.Fprintf(&r.page.out, "%s", num(d))
		r.drift -= d
	}
	fmt.Fprintf(&r.page.out, "<%04X>", g.ID)
	r.drift += float64(r.font.width(g.ID)) - g.Advance
	r.x += g.Advance * r.size / 1000
}

func (r *run) flush() {
	if r.open {
		r.page.out.WriteString("]TJ\n")
		r.open = false
	}
}
