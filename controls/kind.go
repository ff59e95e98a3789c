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

// rule and kind are the compiled forms of Rule and Kind.
type rule struct {
	src  Rule
	key  string
	ifs  []comparison
	any  []int
	and  [][]int
	not  []int
	ends bool // not_listed: facts in sentences addressed to the reader do not count
}

type kind struct {
	src   Kind
	cues  []int
	and   [][]int
	not   []int
	rules []rule
	over  map[string]bool
}

func compileKind(m *matcher, k Kind) (*kind, error) {
	out := &kind{src: k, over: map[string]bool{}}
	if out.src.Weight == 0 {
		out.src.Weight = 1
	}
	for _, o := range k.Over {
		out.over[o] = true
	}
	fail := func(err error) (*kind, error) { return nil, fmt.Errorf("kind %s: %w", k.ID, err) }
	var err error
	if out.cues, err = m.addList(k.Cues); err != nil {
		return fail(err)
	}
	if out.and, err = m.addGroups(k.And); err != nil {
		return fail(err)
	}
	if out.not, err = m.addList(k.Not); err != nil {
		return fail(err)
	}
	for i, r := range k.Rules {
		c := rule{src: r, key: fmt.Sprintf("%s.%d", k.ID, i+1), ends: r.Then == NotListed}
		for _, s := range r.If {
			t, err := parseComparison(s)
			if err != nil {
				return fail(err)
			}
			c.ifs = append(c.ifs, t)
		}
		if c.any, err = m.addList(r.Any); err != nil {
			return fail(err)
		}
		if c.and, err = m.addGroups(r.And); err != nil {
			return fail(err)
		}
		if c.not, err = m.addList(r.Not); err != nil {
			return fail(err)
		}
		out.rules = append(out.rules, c)
	}
	return out, nil
}

// finding is what one kind says of the item.
type finding struct {
	kind      *kind
	score     float64
	status    Status
	eu, us    []string
	reasons   []string
	questions []Question
	releases  []string
	cues      []string
	words     map[int]bool
	near      uint64 // sentences its words stand in
	named     bool   // its words name the thing itself
	byDefault bool   // no rule decided: the kind's usual outcome stands
}

// purposeWeight is what a phrase counts that says what a thing is for and not
// what it is: "a logic device for motor drives" is no motor drive.
const (
	purposeWeight = 0.4
	besideWeight  = 0.7 // what it carries, or does, and not what it is
)

// matched sums the weight of the phrases that occur.
func matched(m *matcher, ids []int, hits []hit, plainOnly bool) (score float64, cues []string, at []int) {
	for _, id := range ids {
		h := hits[id]
		if h.plain || h.any() && !plainOnly {
			w := m.weigh(id)
			switch {
			case h.purpose:
				w *= purposeWeight
			case !h.head:
				w *= besideWeight
			}
			score += w
			cues = append(cues, m.texts[id])
			at = append(at, h.word)
		}
	}
	return score, cues, at
}

func occurs(ids []int, hits []hit, plainOnly bool) bool {
	for _, id := range ids {
		if hits[id].plain || hits[id].aside && !plainOnly {
			return true
		}
	}
	return false
}

// apply evaluates a kind. ok is false where the kind is not in play.
func (k *kind) apply(m *matcher, in *input, hits []hit) (finding, bool) {
	clearing := k.src.Else == NotListed && len(k.rules) == 0
	score, cues, at := matched(m, k.cues, hits, clearing)
	if score > 0 && (k.ordinary() && !heads(k.cues, hits) || k.src.Anywhere && k.src.Else == NotListed && !mains(k.cues, hits)) {
		return finding{}, false
	}
	near := sentences(k.cues, hits)
	if score == 0 || sentences(k.not, hits)&near != 0 && occurs(k.not, hits, true) {
		return finding{}, false
	}
	f := finding{kind: k, cues: cues, words: map[int]bool{}, eu: k.src.EU, us: k.src.US, near: near, named: heads(k.cues, hits)}
	for _, w := range at {
		f.words[w] = true
	}
	if score > 6 {
		score = 6
	}
	for _, group := range k.and {
		s, c, w := matched(m, group, hits, clearing)
		if s == 0 {
			return finding{}, false
		}
		score += min(s, 2.5)
		f.cues = append(f.cues, c...)
		for _, i := range w {
			f.words[i] = true
		}
	}
	f.score = score * k.src.Weight
	k.decide(m, in, hits, &f)
	return f, true
}

// ordinary tells families that are cleared whatever they are: for those the
// words must name the thing itself.
func (k *kind) ordinary() bool {
	return !k.src.Anywhere && k.src.Else == NotListed && len(k.rules) == 0 && len(k.src.And) == 0 &&
		(len(k.src.Categories) == 0 || len(k.src.Categories) == 1 && k.src.Categories[0] == "encryption")
}

// everyday tells families of no concern to people, whose usual outcome is to be
// cleared.
func (k *kind) everyday() bool {
	return !k.src.Anywhere && k.src.Else == NotListed &&
		(len(k.src.Categories) == 0 || len(k.src.Categories) == 1 && k.src.Categories[0] == "encryption")
}

func mains(ids []int, hits []hit) bool {
	for _, id := range ids {
		if hits[id].main {
			return true
		}
	}
	return false
}

func heads(ids []int, hits []hit) bool {
	for _, id := range ids {
		if hits[id].plain && hits[id].head {
			return true
		}
	}
	return false
}

// decide reads the decision table.
func (k *kind) decide(m *matcher, in *input, hits []hit, f *finding) {
	open := map[Status]bool{}
	var questions []Question
	for i := range k.rules {
		r := &k.rules[i]
		t, why := r.test(m, in, hits)
		if t == yes && r.ends && !r.beside(hits, f.near) {
			t = unknown // the release is told of in another breath: perhaps of another thing
		}
		switch in.answers[r.key] {
		case "yes":
			t = yes
		case "no":
			t = no
		}
		if t == no {
			continue
		}
		if t == unknown {
			open[r.src.Then] = true
			questions = append(questions, r.question(k))
			continue
		}
		f.status = r.src.Then
		f.reasons = append(f.reasons, r.src.Why)
		if why != "" {
			f.reasons = append(f.reasons, "Number compared: "+why+".")
		}
		if r.src.Then == NotListed {
			f.releases = append(f.releases, r.src.Why)
		}
		if r.src.EU != nil {
			f.eu = r.src.EU
		}
		if r.src.US != nil {
			f.us = r.src.US
		}
		break
	}
	if f.status == "" {
		f.status, f.byDefault = k.src.Else, true
		why := k.src.Why
		switch answer := in.answers[k.src.ID]; {
		case answer == "yes" && k.src.Yes.valid():
			f.status = k.src.Yes
		case answer == "no" && k.src.No.valid():
			f.status = k.src.No
		case k.src.Ask != "" && f.status == NeedsExpert:
			questions = append(questions, Question{Key: k.src.ID, Text: k.src.Ask, Codes: k.src.EU, Kind: k.src.Name})
		}
		f.reasons = append(f.reasons, why)
	}
	open[f.status] = true
	if len(open) > 1 {
		f.status = NeedsExpert
		f.reasons = append(f.reasons, "The description leaves open what decides: "+questions[0].Text)
	}
	if f.status == NeedsExpert || len(open) > 1 {
		f.questions = questions
	}
}

func (r *rule) question(k *kind) Question {
	q := Question{Key: r.key, Text: r.src.Ask, Codes: k.src.EU, Kind: k.src.Name}
	if q.Text == "" {
		q.Text = "Does this hold: " + strings.TrimSuffix(r.src.Why, ".") + "?"
	}
	for _, c := range r.ifs {
		q.Parameter = c.kind
	}
	return q
}

// sentences joins the sentences in which any of the phrases occurs.
func sentences(ids []int, hits []hit) uint64 {
	var out uint64
	for _, id := range ids {
		if hits[id].any() {
			out |= hits[id].in
		}
	}
	return out
}

// beside reports whether the words of a releasing rule stand in a sentence that
// speaks of the item.
func (r *rule) beside(hits []hit, near uint64) bool {
	if len(r.any) > 0 && sentences(r.any, hits)&near == 0 {
		return false
	}
	for _, g := range r.and {
		if sentences(g, hits)&near == 0 {
			return false
		}
	}
	return true
}

// test says whether a rule is met, not met or cannot be told.
func (r *rule) test(m *matcher, in *input, hits []hit) (truth, string) {
	if len(r.any) > 0 && !occurs(r.any, hits, r.ends) {
		return no, ""
	}
	for _, g := range r.and {
		if !occurs(g, hits, r.ends) {
			return no, ""
		}
	}
	if occurs(r.not, hits, !r.ends) {
		return no, ""
	}
	result, shown := yes, ""
	for _, c := range r.ifs {
		t, s := c.test(in, r.ends)
		if t == unknown && r.src.Silent == "no" {
			t = no
		}
		if t == no {
			return no, ""
		}
		if t == unknown {
			result = unknown
		}
		if s != "" {
			if shown != "" {
				shown += "; "
			}
			shown += s
		}
	}
	return result, shown
}
