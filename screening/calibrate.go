package screening

import (
	"maps"
	"math"
	"slices"
	"sort"
	"sync"
)

// calibration turns a score into the share of ordinary names that score as
// high against this index: the background names are screened when the index
// is built, and their best scores are kept.
type calibration struct {
	raw   []float32 // best scores of the background names, in their order
	tops  []float32 // the same, ascending
	index string    // hash of the index that was asked
}

var backgroundNames = sync.OnceValue(background)

// calibrate screens the background. It is the last step of Build.
func (x *Index) calibrate() {
	names := backgroundNames()
	tops := make([]float32, len(names))
	if x.ents.size() > 0 {
		parallel(len(names), x.opt.Workers, func(i int) {
			if fs := x.strengths(Query{Name: names[i].name}, SearchOptions{Fields: FieldsName, Limit: 1}); len(fs) > 0 {
				tops[i] = float32(fs[0].score)
			}
		})
	}
	x.cal = calibration{raw: tops, tops: slices.Sorted(slices.Values(tops)), index: x.hash}
}

// GroupRate is the share of one kind of ordinary names that would alert.
type GroupRate struct {
	Group string  `json:"group"`
	Names int     `json:"names"` // background names of the kind
	Rate  float64 `json:"rate"`
	Above bool    `json:"above"` // more than twice the overall share: to be told to whoever reads alerts
}

// Fairness says, for the score at which the given share of all ordinary names
// would alert, what share of each kind does. Kinds are scripts and persons or
// companies; sorted by name.
func (x *Index) Fairness(share float64) []GroupRate {
	n := len(x.cal.tops)
	if n == 0 {
		return nil
	}
	at := float64(x.cal.tops[n-1-min(n-1, max(0, int(share*float64(n))))])
	by := map[string]*GroupRate{}
	for i, o := range backgroundNames() {
		g := by[o.group]
		if g == nil {
			g = &GroupRate{Group: o.group}
			by[o.group] = g
		}
		g.Names++
		if i < len(x.cal.raw) && float64(x.cal.raw[i]) > at {
			g.Rate++
		}
	}
	out := make([]GroupRate, 0, len(by))
	for _, k := range slices.Sorted(maps.Keys(by)) {
		g := *by[k]
		g.Rate = round9(g.Rate / float64(g.Names))
		g.Above = g.Rate > 2*share
		out = append(out, g)
	}
	return out
}

// tailShare is where counting ends and an exponential tail begins: beyond it
// a few chance homonyms among the background would decide.
const tailShare = .02

// rate estimates the share of ordinary names whose best score reaches s. It
// falls strictly with s.
func (c *calibration) rate(s float64) float64 {
	n := len(c.tops)
	if n == 0 {
		return 1
	}
	k := max(1, int(tailShare*float64(n))) // names in the tail
	from := float64(c.tops[n-k])
	if s >= from {
		// Half of an exponential tail lies within slope * ln 2 of its beginning.
		// The middle is taken, not the mean: chance homonyms among the
		// background would pull a mean far up.
		slope := math.Max(.05, (float64(c.tops[n-1-k/2])-from)/math.Ln2)
		return round9(float64(k) / float64(n) * math.Exp(-(s-from)/slope))
	}
	i := sort.Search(n, func(i int) bool { return float64(c.tops[i]) > s }) // tops[i-1] <= s < tops[i]
	lo, at := 0.0, 0.0
	if i > 0 {
		lo, at = float64(c.tops[i-1]), float64(i-1)
	}
	if hi := float64(c.tops[i]); hi > lo {
		at += (s - lo) / (hi - lo)
	}
	return round9(math.Min(1, (float64(n)-at)/float64(n)))
}

func round9(f float64) float64 { return math.Round(f*1e9) / 1e9 }
