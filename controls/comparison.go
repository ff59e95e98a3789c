package controls

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// comparison is one number test of a rule: "frequency[frame,fps] <= 9 Hz".
type comparison struct {
	kind  string
	near  []phraseWord
	op    string
	limit float64 // base unit
	text  string
}

var comparisonPattern = regexp.MustCompile(`^([a-z]+)(?:\[([^\]]*)\])?\s*(<=|>=|<|>|==)\s*(-?[0-9.]+)\s*(\S+)?$`)

func parseComparison(s string) (comparison, error) {
	m := comparisonPattern.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return comparison{}, fmt.Errorf("comparison %q: want kind[near words] <= number unit", s)
	}
	v, err := strconv.ParseFloat(m[4], 64)
	if err != nil {
		return comparison{}, fmt.Errorf("comparison %q: %w", s, err)
	}
	c := comparison{kind: m[1], op: m[3], limit: v, text: m[3] + " " + m[4]}
	if m[5] != "" {
		kind, base, ok := ToBase(v, m[5])
		if !ok || kind != c.kind {
			return c, fmt.Errorf("comparison %q: %s is no unit of %s", s, m[5], c.kind)
		}
		c.limit, c.text = base, c.text+" "+m[5]
	}
	for _, w := range strings.Split(m[2], ",") {
		w = strings.ToLower(strings.TrimSpace(w))
		if w == "" {
			continue
		}
		star := strings.HasSuffix(w, "*")
		pw := phraseWord{text: strings.TrimSuffix(w, "*"), prefix: star}
		if !star {
			pw.text = foldWord(pw.text)
		}
		c.near = append(c.near, pw)
	}
	return c, nil
}

func (c comparison) holds(v float64) bool {
	const slack = 1e-9
	switch c.op {
	case "<=":
		return v <= c.limit*(1+slack)
	case ">=":
		return v >= c.limit*(1-slack)
	case "<":
		return v < c.limit*(1-slack)
	case ">":
		return v > c.limit*(1+slack)
	}
	return math.Abs(v-c.limit) <= math.Abs(c.limit)*slack
}

// truth is three-valued: an unknown is never taken for a no.
type truth int8

const (
	unknown truth = iota
	no
	yes
)

// nearWords is how far from a number the words naming it may stand.
const nearWords = 6

// test compares the quantities of the item. release demands that every number
// found holds; otherwise one is enough.
func (c comparison) test(in *input, release bool) (truth, string) {
	result, shown := unknown, ""
	for i := range in.quantities {
		q := &in.quantities[i]
		if q.Kind != c.kind || release && q.aside || !c.named(in, q) {
			continue
		}
		holds := c.holds(q.Value)
		switch {
		case holds && (!release || result != no):
			result, shown = yes, q.Text
		case !holds && release:
			result, shown = no, q.Text
		case !holds && result == unknown:
			result, shown = no, q.Text
		}
	}
	if shown != "" {
		shown = fmt.Sprintf("%s compared with %s", shown, c.text)
	}
	return result, shown
}

func (c comparison) named(in *input, q *Quantity) bool {
	if len(c.near) == 0 {
		return true
	}
	if q.word < 0 { // a parameter: its name is in the text of the quantity
		for _, w := range words(q.Text) {
			for _, n := range c.near {
				if n.matches(w.text) {
					return true
				}
			}
		}
		return false
	}
	from, to := q.word-nearWords, q.word+nearWords+2
	for i := max(from, 0); i < to && i < len(in.words); i++ {
		if in.words[i].sentence != q.sentence {
			continue
		}
		for _, n := range c.near {
			if n.matches(in.words[i].text) {
				return true
			}
		}
	}
	return false
}
