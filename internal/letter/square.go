package letter

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/boombuler/barcode/qr"

	"github.com/comity-project/comity/internal/letter/pdf"
)

// quiet is the empty border that readers of square codes need, in modules.
const quiet = 4

// dark gives the stretches of dark modules of a text's square code, row by row,
// and how many modules it is wide. A text that no square code holds gives none:
// the code in letters stands beside it.
func dark(text string) (stretches []stretch, size int) {
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return nil, 0
	}
	size = code.Bounds().Dx()
	black := func(x, y int) bool { return x < size && code.At(x, y) == color.Black }
	for y := range size {
		for x := 0; x < size; x++ {
			from := x
			for black(x, y) {
				x++
			}
			if x > from {
				stretches = append(stretches, stretch{from, y, x - from})
			}
		}
	}
	return stretches, size
}

type stretch struct{ x, y, width int }

// square draws the square code of a licence.
func (w *markup) square(b Check) {
	stretches, size := dark(b.Mark)
	if b.Mark == "" || size == 0 {
		return
	}
	var path strings.Builder
	for _, s := range stretches {
		fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", s.x, s.y, s.width, s.width)
	}
	w.raw("<svg role=\"img\"")
	w.attr("class", w.class+"-square")
	w.attr("aria-label", b.MarkLabel)
	w.attr("viewBox", fmt.Sprintf("-%d -%d %d %d", quiet, quiet, size+2*quiet, size+2*quiet))
	w.raw(" width=\"180\" height=\"180\" shape-rendering=\"crispEdges\"><path fill=\"#fff\"")
	w.attr("d", fmt.Sprintf("M-%d -%dh%dv%dh-%dz", quiet, quiet, size+2*quiet, size+2*quiet, size+2*quiet))
	w.raw("/><path fill=\"#000\"")
	w.attr("d", path.String())
	w.raw("/></svg>\n")
	w.open("p", "mark") // to be copied where nothing reads the square
	w.raw("<code><bdi dir=\"ltr\">")
	w.text(b.Mark)
	w.raw("</bdi></code>")
	w.close("p")
}

// squareSide is the side of a square code on paper, in points: at 53 modules each
// is half a millimetre wide, which a telephone reads.
const squareSide = 92.0

func (d *drawer) square(div *pdf.Elem, b Check, x, top float64) {
	stretches, size := dark(b.Mark)
	if size == 0 {
		return
	}
	fig := div.Child("Figure")
	fig.SetAlt(b.MarkLabel + " " + b.Mark)
	d.page.Begin(fig)
	module := squareSide / float64(size)
	for _, s := range stretches {
		d.page.Fill(x+float64(s.x)*module, top-float64(s.y+1)*module, float64(s.width)*module, module, 0)
	}
	d.page.End()
}
