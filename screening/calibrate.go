package screening

import (
	"math"
	"sort"
)

// calibration turns a score into the share of ordinary names that score as
// high against this index.
type calibration struct {
	tops []float32 // best scores of the background names, ascending
}

// rate estimates the share of ordinary names whose best score reaches s.
func (c *calibration) rate(s float64) float64 {
	n := len(c.tops)
	if n == 0 {
		return math.Max(1e-6, math.Min(1, math.Exp(-9*s)))
	}
	i := sort.Search(n, func(i int) bool { return float64(c.tops[i]) >= s })
	return math.Max(float64(n-i), .5*math.Exp(-20*(s-float64(c.tops[n-1])))) / float64(n)
}

func (x *Index) calibrate() {}
