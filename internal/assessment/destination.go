package assessment

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sort"

	"gopkg.in/yaml.v3"

	"github.com/comity-project/comity/policy"
)

// Destination is what is known of a country as a destination: published
// figures, its law on surveillance, and circumstances that rules ask about. It
// grades no state: the figures set a level of scrutiny of cases, the rest are
// named facts with a source each.
type Destination struct {
	Code       string                 `json:"code" yaml:"code"` // ISO 3166-1 alpha-2
	Name       string                 `json:"name" yaml:"name"`
	MadeUp     bool                   `json:"made_up,omitempty" yaml:"made_up,omitempty"` // a state of the demonstration
	Indicators []policy.Indicator     `json:"indicators,omitempty" yaml:"indicators,omitempty"`
	Law        []Safeguard            `json:"law,omitempty" yaml:"law,omitempty"`
	Facts      map[string]policy.Fact `json:"facts,omitempty" yaml:"facts,omitempty"` // facts of scope dest
}

// Safeguard is one part of the law on surveillance: what the text says, and
// what is known of practice, kept apart.
type Safeguard struct {
	Fact     string       `json:"fact" yaml:"fact"` // "dest.law_prior_authorisation", ...
	Paper    policy.Value `json:"paper" yaml:"paper"`
	Practice policy.Value `json:"practice" yaml:"practice"`
	Text     string       `json:"text" yaml:"text"` // what it says, in our own words
	Source   string       `json:"source" yaml:"source"`
	Date     policy.Date  `json:"date" yaml:"date"`
}

// Holds is the fact a rule reads: yes only where the law has the safeguard and
// practice keeps to it. Without a law the answer is no; with a law whose
// practice nobody has looked at it is unknown.
func (s Safeguard) Holds() policy.Value {
	switch {
	case s.Paper.False(), s.Practice.False():
		return policy.Bool(false)
	case s.Paper.True() && s.Practice.True():
		return policy.Bool(true)
	}
	return policy.Value{}
}

// Destinations are looked up by country code.
type Destinations map[string]Destination

// ParseDestinations reads profiles of destinations from YAML: a list under the
// key destinations.
func ParseDestinations(b []byte) (Destinations, error) {
	var doc struct {
		Note         string        `yaml:"note"`
		Destinations []Destination `yaml:"destinations"`
	}
	if len(b) > MaxInputBytes {
		return nil, fmt.Errorf("assessment: more than %d bytes", MaxInputBytes)
	}
	dec := yaml.NewDecoder(bytes.NewReader(b))
	dec.KnownFields(true)
	if err := dec.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("assessment: destinations: %w", err)
	}
	out := Destinations{}
	for _, d := range doc.Destinations {
		if len(d.Code) != 2 || d.Name == "" {
			return nil, fmt.Errorf("assessment: destination %q lacks code or name", d.Code)
		}
		if _, twice := out[d.Code]; twice {
			return nil, fmt.Errorf("assessment: destination %s stands twice", d.Code)
		}
		out[d.Code] = d
	}
	return out, nil
}

// With returns a copy to which the figures of one country are added.
func (d Destinations) With(code, name string, indicators []policy.Indicator) Destinations {
	out := maps.Clone(d)
	if out == nil {
		out = Destinations{}
	}
	x := out[code]
	x.Code = code
	if x.Name == "" {
		x.Name = name
	}
	x.Indicators = append(slices.Clone(x.Indicators), indicators...)
	out[code] = x
	return out
}

// DestinationReport is the part of a Report about one destination.
type DestinationReport struct {
	Code     string                  `json:"code"`
	Name     string                  `json:"name,omitempty"`
	MadeUp   bool                    `json:"made_up,omitempty"`
	Scrutiny policy.Scrutiny         `json:"scrutiny"`
	Reasons  []policy.ScrutinyReason `json:"reasons,omitempty"`
	Law      []Safeguard             `json:"law,omitempty"`
	Facts    []policy.NamedFact      `json:"facts,omitempty"`
	Series   []Series                `json:"series,omitempty"`
}

// Series is one indicator over the years.
type Series struct {
	Name   string             `json:"name"`
	Latest policy.Indicator   `json:"latest"`
	Age    int                `json:"age_years"`          // of the latest figure on the day asked about
	Trend  *float64           `json:"trend_5y,omitempty"` // latest less the figure five years before it; nil where there is none
	Values []policy.Indicator `json:"values,omitempty"`   // at most the last ten years, oldest first
}

// Report lays a destination out. A country nobody has a profile of is unknown.
func (d Destinations) Report(p *policy.Pack, code string, on policy.Date) DestinationReport {
	x, ok := d[code]
	if !ok {
		return DestinationReport{Code: code, Scrutiny: policy.ScrutinyUnknown}
	}
	r := DestinationReport{Code: code, Name: x.Name, MadeUp: x.MadeUp, Law: x.Law, Series: seriesOf(x.Indicators, on)}
	r.Scrutiny, r.Reasons = policy.ScrutinyOf(p, on, x.Indicators)
	for _, name := range slices.Sorted(maps.Keys(x.Facts)) {
		r.Facts = append(r.Facts, policy.NamedFact{Name: name, Fact: x.Facts[name]})
	}
	return r
}

func seriesOf(all []policy.Indicator, on policy.Date) []Series {
	year := 9999
	if on.Valid() {
		_, _ = fmt.Sscanf(string(on), "%4d", &year)
	}
	byName := map[string][]policy.Indicator{}
	for _, i := range all {
		if i.Year <= year {
			byName[i.Name] = append(byName[i.Name], i)
		}
	}
	var out []Series
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		values := byName[name]
		sort.SliceStable(values, func(i, j int) bool { return values[i].Year < values[j].Year })
		s := Series{Name: name, Latest: values[len(values)-1]}
		if year != 9999 {
			s.Age = year - s.Latest.Year
		}
		for _, v := range values {
			if v.Year == s.Latest.Year-5 {
				d := s.Latest.Value - v.Value
				s.Trend = &d
			}
		}
		for _, v := range values {
			if v.Year > s.Latest.Year-10 {
				s.Values = append(s.Values, v)
			}
		}
		out = append(out, s)
	}
	return out
}
