package letter

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"sync"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"

	"github.com/comity-project/comity/internal/letter/pdf"
)

// The fonts are Noto, under the SIL Open Font License (fonts/OFL.txt), packed to
// half (gzip -9n) and unpacked for the first letter.
//
//go:embed fonts/*.ttf.gz
var fontFiles embed.FS

// source is one font as read from the binary; it is shared and never changes.
type source struct {
	name   string
	data   []byte
	parsed *font.Font
	scale  float64 // Naskh is drawn small in its square; this evens it with the Latin
}

// The order is bold*2 + arabic.
const (
	fontArabic = 1
	fontBold   = 2
)

var sources = sync.OnceValues(func() ([]*source, error) {
	all := []*source{
		{name: "NotoSans-Regular", scale: 1},
		{name: "NotoNaskhArabic-Regular", scale: 1.15},
		{name: "NotoSans-Bold", scale: 1},
		{name: "NotoNaskhArabic-Bold", scale: 1.15},
	}
	for _, s := range all {
		data, err := unpack("fonts/" + s.name + ".ttf.gz")
		if err != nil {
			return nil, err
		}
		face, err := font.ParseTTF(bytes.NewReader(data))
		if err != nil {
			return nil, err
		}
		s.data, s.parsed = data, face.Font
	}
	return all, nil
})

func unpack(name string) ([]byte, error) {
	f, err := fontFiles.Open(name)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

// face is a font in use by one document.
type face struct {
	source *source
	shape  *font.Face
	file   *pdf.Font
}

// holds says whether a font of the binary draws this character.
func holds(all []*source, r rune) bool {
	_, latin := all[0].parsed.NominalGlyph(r)
	_, arabic := all[fontArabic].parsed.NominalGlyph(r)
	return latin || arabic
}

// choose picks the font for a character: the Arabic one for Arabic letters and
// for what stands between them, the other for all else.
func choose(all []*source, r rune, script language.Script) int {
	first, second := 0, fontArabic
	if script == language.Arabic {
		first, second = second, first
	}
	if _, ok := all[first].parsed.NominalGlyph(r); ok {
		return first
	}
	if _, ok := all[second].parsed.NominalGlyph(r); ok {
		return second
	}
	return first
}
