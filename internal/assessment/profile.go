package assessment

import (
	"slices"
	"strings"

	"github.com/comity-project/comity/policy"
)

// Profile is a destination's figures sorted for a reader: those the pack looks
// at, the others, and the treaties. It holds no sum and no rank.
type Profile struct {
	Figures  []Figure
	Others   []Figure
	Treaties []Treaty
	Spread   []SourceTrend
}

// Figure is one indicator with its band of uncertainty where the source gives one.
type Figure struct {
	Series
	Low, High map[int]float64 // by year
}

// Treaty is a treaty and since when the destination is a party: 0 for never.
type Treaty struct {
	Name   string // "cat", "iccpr_op1"
	Since  int
	AsOf   int // year of the list
	Source string
}

// SourceTrend is how one source's figures moved over five years, so that a
// reader sees whether sources agree. Four figures of one source are one signal.
type SourceTrend struct {
	Source                string
	Higher, Lower, Steady int
	Unknown               int // figures without one of five years before
}

// steady is how far a figure moves without anybody calling it a change.
const steady = 0.02

// Profile sorts the report's series. A band that the source publishes as two
// series of its own is joined to the one it belongs to.
func (r DestinationReport) Profile(p *policy.Pack) Profile {
	read := map[string]bool{}
	for _, row := range p.Document().Scrutiny {
		read[row.Indicator] = true
	}
	by := map[string]Series{}
	for _, s := range r.Series {
		by[s.Name] = s
	}
	var out Profile
	for _, s := range r.Series {
		name, treaty := strings.CutPrefix(s.Name, "treaty_")
		if treaty {
			out.Treaties = append(out.Treaties, Treaty{strings.TrimSuffix(name, "_party_since"), int(s.Latest.Value), s.Latest.Year, s.Latest.Source})
			continue
		}
		if base, ok := strings.CutSuffix(s.Name, "_codelow"); ok && by[base].Name != "" {
			continue
		}
		if base, ok := strings.CutSuffix(s.Name, "_codehigh"); ok && by[base].Name != "" {
			continue
		}
		f := Figure{Series: s, Low: years(by[s.Name+"_codelow"]), High: years(by[s.Name+"_codehigh"])}
		if !read[s.Name] {
			out.Others = append(out.Others, f)
			continue
		}
		out.Figures = append(out.Figures, f)
		out.Spread = counted(out.Spread, s)
	}
	return out
}

// Elsewhere is how the figures of other sources moved over five years beside one
// figure: as many the same way, the other way, and neither or not known. none
// tells that no other source is read.
func (p Profile) Elsewhere(f Figure) (same, other, rest int, none bool) {
	none = true
	for _, s := range p.Spread {
		if source, _, _ := strings.Cut(f.Latest.Source, ","); source == s.Source {
			continue
		}
		none = false
		with, against := 0, s.Higher+s.Lower
		switch {
		case f.Trend == nil:
		case *f.Trend > steady:
			with, against = s.Higher, s.Lower
		case *f.Trend < -steady:
			with, against = s.Lower, s.Higher
		default:
			with = s.Steady
		}
		if f.Trend == nil {
			against = 0
		}
		same, other = same+with, other+against
		rest += s.Higher + s.Lower + s.Steady + s.Unknown - with - against
	}
	return same, other, rest, none
}

func years(s Series) map[int]float64 {
	if s.Name == "" {
		return nil
	}
	out := map[int]float64{}
	for _, v := range s.Values {
		out[v.Year] = v.Value
	}
	return out
}

func counted(all []SourceTrend, s Series) []SourceTrend {
	source, _, _ := strings.Cut(s.Latest.Source, ",")
	i := slices.IndexFunc(all, func(t SourceTrend) bool { return t.Source == source })
	if i < 0 {
		all = append(all, SourceTrend{Source: source})
		i = len(all) - 1
	}
	switch t := &all[i]; {
	case s.Trend == nil:
		t.Unknown++
	case *s.Trend > steady:
		t.Higher++
	case *s.Trend < -steady:
		t.Lower++
	default:
		t.Steady++
	}
	return all
}
