package pdf

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"sort"
	"strings"
)

// ErrFont means that the bytes are not a TrueType font this package can embed.
var ErrFont = errors.New("pdf: not a TrueType font with outlines")

// Font is a TrueType font as one file uses it. Only the outlines of the glyphs
// that were drawn go into the file.
type Font struct {
	index int
	name  string // PostScript name
	table map[string][]byte
	upem  int
	hm    int // number of long metrics
	count int // number of glyphs
	used  map[uint16]bool
	words map[uint16]string // what a glyph stands for wherever it stands alone
}

// Font adds a font to the file. name is its PostScript name, without spaces.
func (f *File) Font(name string, ttf []byte) (*Font, error) {
	t, err := tables(ttf)
	if err != nil {
		return nil, err
	}
	for tag, size := range map[string]int{"head": 54, "hhea": 36, "maxp": 6, "hmtx": 4, "loca": 4, "glyf": 0} {
		if d, ok := t[tag]; !ok || len(d) < size {
			return nil, ErrFont
		}
	}
	font := &Font{
		index: len(f.fonts), name: name, table: t,
		upem:  int(binary.BigEndian.Uint16(t["head"][18:])),
		hm:    int(binary.BigEndian.Uint16(t["hhea"][34:])),
		count: int(binary.BigEndian.Uint16(t["maxp"][4:])),
		used:  map[uint16]bool{0: true},
		words: map[uint16]string{},
	}
	if font.upem == 0 || font.hm == 0 || len(t["hmtx"]) < 4*font.hm {
		return nil, ErrFont
	}
	f.fonts = append(f.fonts, font)
	return font, nil
}

// width is the advance of a glyph in thousandths of the font size, as the file
// declares it.
func (f *Font) width(g uint16) int {
	i := min(int(g), f.hm-1)
	return (int(binary.BigEndian.Uint16(f.table["hmtx"][4*i:]))*1000 + f.upem/2) / f.upem
}

// mapText records what a glyph stands for. It answers false where the glyphs of
// a cluster cannot say it: a letter with its marks, or a shape that stood for
// another letter before. The caller then writes the text beside the glyphs.
func (f *Font) mapText(c Cluster) bool {
	if len(c.Glyphs) != 1 || c.Text == "" || c.Glyphs[0].ID == 0 {
		return false
	}
	id := c.Glyphs[0].ID
	known, ok := f.words[id]
	if !ok {
		f.words[id] = c.Text
	}
	return !ok || known == c.Text
}

// writeFont adds the font's objects and returns the number of the font itself.
func (f *File) writeFont(font *Font) (int, error) {
	data, err := font.subset()
	if err != nil {
		return 0, err
	}
	ids := make([]int, 0, len(font.used))
	for id := range font.used {
		ids = append(ids, int(id))
	}
	sort.Ints(ids)
	widths, sum := &strings.Builder{}, sha256.New()
	for _, id := range ids {
		fmt.Fprintf(widths, "%d[%d]", id, font.width(uint16(id)))
		fmt.Fprintf(sum, "%d ", id)
	}
	prefix := make([]byte, 6)
	for i, b := range sum.Sum(nil)[:6] {
		prefix[i] = 'A' + b%26
	}
	name := string(prefix) + "+" + font.name
	file := f.stream(fmt.Sprintf("/Length1 %d", len(data)), data)
	head, hhea := font.table["head"], font.table["hhea"]
	scale := func(b []byte) int { return int(int16(binary.BigEndian.Uint16(b))) * 1000 / font.upem }
	ascent, descent := scale(hhea[4:]), scale(hhea[6:])
	capHeight := ascent
	if os2 := font.table["OS/2"]; len(os2) >= 90 && binary.BigEndian.Uint16(os2) >= 2 {
		capHeight = scale(os2[88:])
	}
	descriptor := f.alloc()
	f.put(descriptor, fmt.Sprintf("<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[%d %d %d %d]/ItalicAngle 0/Ascent %d/Descent %d/CapHeight %d/StemV 80/FontFile2 %d 0 R>>",
		name, scale(head[36:]), scale(head[38:]), scale(head[40:]), scale(head[42:]), ascent, descent, capHeight, file))
	cid := f.alloc()
	f.put(cid, fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/CIDToGIDMap/Identity/W[%s]>>",
		name, descriptor, widths))
	unicode := f.stream("", font.toUnicode())
	n := f.alloc()
	f.put(n, fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>", name, cid, unicode))
	return n, nil
}

// toUnicode is the map from glyph to text that search and copy read.
func (f *Font) toUnicode() []byte {
	ids := make([]int, 0, len(f.words))
	for id := range f.words {
		ids = append(ids, int(id))
	}
	sort.Ints(ids)
	b := &strings.Builder{}
	b.WriteString("/CIDInit/ProcSet findresource begin 12 dict begin begincmap\n/CIDSystemInfo<</Registry(Adobe)/Ordering(UCS)/Supplement 0>>def\n/CMapName/Adobe-Identity-UCS def/CMapType 2 def\n1 begincodespacerange<0000><FFFF>endcodespacerange\n")
	for len(ids) > 0 {
		part := ids[:min(100, len(ids))]
		ids = ids[len(part):]
		fmt.Fprintf(b, "%d beginbfchar\n", len(part))
		for _, id := range part {
			fmt.Fprintf(b, "<%04X><%s>\n", id, hex16(f.words[uint16(id)]))
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap CMapName currentdict/CMap defineresource pop end end\n")
	return []byte(b.String())
}
