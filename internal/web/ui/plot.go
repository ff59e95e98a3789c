package ui

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Point is one value of a plot. A value that is missing is a gap in the line and
// "no value" in the table: it is never drawn as zero.
type Point struct {
	Label   string // "2024"
	Value   float64
	Low     float64 // band of uncertainty; both zero for none
	High    float64
	Missing bool
	Marked  bool // a bar that is meant
}

// Plot is a picture with its words: what it shows, what it is not for, and the
// same figures in a table beneath.
type Plot struct {
	ID       string // unique on the page
	Title    string
	Desc     string // the picture in a sentence, for those who don't see it
	Unit     string // heading of the values in the table
	First    string // heading of the labels: "Year"
	Points   []Point
	Min, Max float64 // the axis; both zero: from the data, bars always from zero
	Decimals int
	Note     string // "Sets the level of scrutiny; decides nothing by itself."
}

// The canvas, in units of the viewBox.
const (
	plotWidth, plotHeight = 340.0, 150.0
	plotLeft, plotRight   = 34.0, 10.0
	plotTop, plotBottom   = 12.0, 24.0
)

// tick is a line of the grid with its figure.
type tick struct {
	Y    float64
	Text string
}

// axis chooses rounded ends and a step for the values.
func (p Plot) axis(zero bool) (lo, hi, step float64) {
	lo, hi = p.Min, p.Max
	if lo == 0 && hi == 0 {
		lo, hi = math.Inf(1), math.Inf(-1)
		for _, pt := range p.Points {
			if pt.Missing {
				continue
			}
			for _, v := range []float64{pt.Value, pt.Low, pt.High} {
				if (v == pt.Low || v == pt.High) && v != pt.Value && !pt.band() {
					continue
				}
				lo, hi = math.Min(lo, v), math.Max(hi, v)
			}
		}
		if lo > hi {
			lo, hi = 0, 1
		}
	}
	if zero {
		lo, hi = math.Min(lo, 0), math.Max(hi, 0)
	}
	if hi == lo {
		hi = lo + 1
	}
	raw := (hi - lo) / 4
	mag := math.Pow(10, math.Floor(math.Log10(raw)))
	step = 10 * mag
	for _, m := range []float64{1, 2, 2.5, 5} {
		if raw <= m*mag {
			step = m * mag
			break
		}
	}
	return math.Floor(lo/step+1e-9) * step, math.Ceil(hi/step-1e-9) * step, step
}

func (pt Point) band() bool { return pt.Low != 0 || pt.High != 0 }

func scaleY(v, lo, hi float64) float64 {
	return plotTop + (hi-v)/(hi-lo)*(plotHeight-plotTop-plotBottom)
}

func (p Plot) ticks(zero bool, number func(float64, int) string) []tick {
	lo, hi, step := p.axis(zero)
	decimals := max(0, int(math.Ceil(-math.Log10(step)-1e-9)))
	if r := step * math.Pow10(decimals); math.Abs(r-math.Round(r)) > 1e-6 {
		decimals++ // steps of 2.5
	}
	var out []tick
	for i := 0; ; i++ {
		v := lo + float64(i)*step
		if v > hi+step/2 {
			return out
		}
		out = append(out, tick{scaleY(v, lo, hi), number(v, decimals)})
	}
}

func (p Plot) x(i int) float64 {
	if len(p.Points) < 2 {
		return (plotLeft + plotWidth - plotRight) / 2
	}
	return plotLeft + 8 + float64(i)*(plotWidth-plotRight-plotLeft-16)/float64(len(p.Points)-1)
}

// xy writes a number for SVG: short, and the same on every machine.
// XY is a length or place in a picture, in units of its viewBox.
func XY(f float64) string { return xy(f) }

func xy(f float64) string {
	return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64)
}

// linePath joins the values that are there; a missing one lifts the pen.
func (p Plot) linePath() string {
	lo, hi, _ := p.axis(false)
	var b strings.Builder
	pen := false
	for i, pt := range p.Points {
		if pt.Missing {
			pen = false
			continue
		}
		c := "L"
		if !pen {
			c, pen = "M", true
		}
		fmt.Fprintf(&b, "%s%s %s", c, xy(p.x(i)), xy(scaleY(pt.Value, lo, hi)))
	}
	return b.String()
}

// bandPaths are the bands of uncertainty, one for each unbroken run.
func (p Plot) bandPaths() []string {
	lo, hi, _ := p.axis(false)
	var out []string
	for i := 0; i < len(p.Points); i++ {
		start := i
		for i < len(p.Points) && !p.Points[i].Missing && p.Points[i].band() {
			i++
		}
		if i-start < 2 {
			continue
		}
		var b strings.Builder
		for j := start; j < i; j++ {
			c := "L"
			if j == start {
				c = "M"
			}
			fmt.Fprintf(&b, "%s%s %s", c, xy(p.x(j)), xy(scaleY(p.Points[j].High, lo, hi)))
		}
		for j := i - 1; j >= start; j-- {
			fmt.Fprintf(&b, "L%s %s", xy(p.x(j)), xy(scaleY(p.Points[j].Low, lo, hi)))
		}
		out = append(out, b.String()+"Z")
	}
	return out
}

// gaps are the stretches without values, from the last seen to the next.
func (p Plot) gaps() []string {
	lo, hi, _ := p.axis(false)
	var out []string
	last := -1
	for i, pt := range p.Points {
		if pt.Missing {
			continue
		}
		if last >= 0 && i-last > 1 {
			out = append(out, fmt.Sprintf("M%s %sL%s %s",
				xy(p.x(last)), xy(scaleY(p.Points[last].Value, lo, hi)), xy(p.x(i)), xy(scaleY(pt.Value, lo, hi))))
		}
		last = i
	}
	return out
}

// lastIndex is the last value that is there, -1 for none.
func (p Plot) lastIndex() int {
	for i := len(p.Points) - 1; i >= 0; i-- {
		if !p.Points[i].Missing {
			return i
		}
	}
	return -1
}

// spot is where the last value stands; its figure goes above it, or below where
// the line comes from above.
func (p Plot) spot() (x, y, textY float64) {
	i := p.lastIndex()
	lo, hi, _ := p.axis(false)
	x, y = p.x(i), scaleY(p.Points[i].Value, lo, hi)
	textY = y - 9
	if p.Points[i].band() {
		textY = scaleY(p.Points[i].High, lo, hi) - 6
	}
	if textY < plotTop {
		textY = y + 18
	}
	return x, y, textY
}

// named tells whether a label beneath the axis is written: all when there are
// few, else first, last and evenly between.
func (p Plot) named(i int) bool {
	n := len(p.Points)
	if n <= 9 {
		return true
	}
	step := (n + 7) / 8
	return i == n-1 || (i%step == 0 && n-1-i >= step)
}

// bar is one bar, laid on its side: words need the room.
type bar struct {
	Y, Width float64
	Point    Point
}

const (
	barHeight = 26.0
	barLabel  = 112.0
	barValue  = 62.0
)

func (p Plot) bars() []bar {
	_, hi, _ := p.axis(true)
	out := make([]bar, len(p.Points))
	for i, pt := range p.Points {
		w := 0.0
		if !pt.Missing && pt.Value > 0 {
			w = math.Max(1, pt.Value/hi*(plotWidth-barLabel-barValue))
		}
		out[i] = bar{float64(i) * barHeight, w, pt}
	}
	return out
}

func (p Plot) barsHeight() string { return xy(float64(len(p.Points)) * barHeight) }
