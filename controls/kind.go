package controls

import (
	"fmt"
	"slices"
	"strings"
)

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
	cues      []string
	near      uint64 // sentences its words stand in
	direct    bool   // its words say more than what the thing is for
	soft      bool   // an excluding word stands in the sentence, though not beside: counts only against a clearance
	byDefault bool   // no rule decided: the kind's usual outcome stands
}

// purposeWeight is what a phrase counts that says what a thing is for and not
// what it is: "a logic device for motor drives" is no motor drive.
const (
	purposeWeight = 0.4
	besideWeight  = 0.7 // what it carries, or does, and not what it is
)

// matched sums the weight of the phrases that occur.
func matched(m *matcher, ids []int, hits []hit, plainOnly bool) (score float64, cues []string) {
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
		}
	}
	return score, cues
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
	score, cues := matched(m, k.cues, hits, clearing)
	if score > 0 && (k.ordinary() && !heads(k.cues, hits) || k.src.Anywhere && k.src.Else == NotListed && !mains(k.cues, hits)) {
		return finding{}, false
	}
	near := sentences(k.cues, hits)
	if score == 0 {
		return finding{}, false
	}
	soft := false
	if sentences(k.not, hits)&near != 0 && occurs(k.not, hits, true) {
		// "Paper jam" is no jam. But where the excluding word stands elsewhere in
		// the sentence it may be said of something else.
		if k.src.Else == NotListed || m.touch(k.cues, k.not, hits) {
			return finding{}, false
		}
		soft = true
	}
	f := finding{kind: k, cues: cues, eu: k.src.EU, us: k.src.US, near: near, direct: directly(k.cues, hits), soft: soft}
	if score > 6 {
		score = 6
	}
	for _, group := range k.and {
		s, c := matched(m, group, hits, clearing)
		if s == 0 {
			return finding{}, false
		}
		score += min(s, 2.5)
		f.cues = append(f.cues, c...)
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

// directly reports whether a phrase is said of more than what the thing is for.
func directly(ids []int, hits []hit) bool {
	for _, id := range ids {
		if hits[id].any() && !hits[id].purpose {
			return true
		}
	}
	return false
}

// sensitive tells families that bear on people.
func (k *kind) sensitive() bool {
	for _, c := range k.src.Categories {
		switch c {
		case "encryption", "drones", "thermal_night", "ai_compute":
		default:
			return true
		}
	}
	return false
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
			q := r.question(k)
			if q.Parameter == "" || !slices.ContainsFunc(questions, func(o Question) bool { return o.Parameter == q.Parameter }) {
				questions = append(questions, q)
			}
			continue
		}
		f.status = r.src.Then
		f.reasons = append(f.reasons, r.src.Why)
		if why != "" {
			f.reasons = append(f.reasons, "Number compared: "+why+".")
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
