package controls

import (
	"fmt"
	"slices"
	"strings"
)

// conduct is the compiled form of Conduct: classes of words as bits.
type conduct struct {
	src                   Conduct
	acts, objects, enough uint64
	not                   []int
}

// mention is a word or phrase of a class where it stands in the text.
type mention struct {
	id       int
	at, last int32 // words
	sentence int32
	bits     uint64
	guarded  bool // what the thing guards against
	aside    bool // said to the reader
	served   bool // whom the thing is for: "for journalists"
}

// The contexts every conduct is read with.
const (
	byForce    = "force"
	byRuler    = "ruler"
	onAtRisk   = "at_risk"
	unknowing  = "unknowing"
	thereafter = "follows"
	many       = "many"
	harmless   = "harmless"
	people     = "people"
)

const (
	actReach  = 9 // words between an act and its object
	actClose  = 4 // so near that the act is surely done to the object
	nearby    = 2 // sentences around a conduct in which its circumstances may stand
	serveSpan = 4 // words after "for" within which people are served, not acted upon
)

// compileConducts makes bits of the classes that conducts use.
func (c *Classifier) compileConducts() error {
	bits := map[string]uint64{}
	class := func(list []string) (uint64, error) {
		var out uint64
		for _, name := range list {
			bit, ok := bits[name]
			if !ok {
				if len(bits) == 64 {
					return 0, fmt.Errorf("more than 64 classes of words")
				}
				bit = 1 << len(bits)
				bits[name] = bit
				expanded, err := c.expand([]string{name})
				if err != nil {
					return 0, err
				}
				ids, err := c.match.addList(expanded)
				if err != nil {
					return 0, err
				}
				for _, id := range ids {
					c.match.classes[id] |= bit
				}
			}
			out |= bit
		}
		return out, nil
	}
	if len(c.content.Conducts) == 0 {
		return nil
	}
	for _, x := range []struct {
		name string
		into *uint64
	}{{byForce, &c.force}, {byRuler, &c.ruler}, {onAtRisk, &c.atRisk}, {unknowing, &c.unknowing}, {thereafter, &c.follows}, {many, &c.many}, {harmless, &c.harmless}, {people, &c.people}} {
		var err error
		if *x.into, err = class([]string{"@" + x.name}); err != nil {
			return err
		}
	}
	for i := range c.protective {
		p := &c.protective[i]
		var err error
		if p.acts, err = class(p.src.Acts); err != nil {
			return fmt.Errorf("protective use %s: %w", p.src.ID, err)
		}
		if p.objects, err = class(p.src.Objects); err != nil {
			return fmt.Errorf("protective use %s: %w", p.src.ID, err)
		}
	}
	for _, p := range c.content.Conducts {
		out := conduct{src: p}
		var err error
		for _, x := range []struct {
			list []string
			into *uint64
		}{{p.Acts, &out.acts}, {p.Objects, &out.objects}, {p.Enough, &out.enough}} {
			if *x.into, err = class(x.list); err != nil {
				return fmt.Errorf("conduct %s: %w", p.ID, err)
			}
		}
		expanded, err := c.expand(p.Not)
		if err != nil {
			return fmt.Errorf("conduct %s: %w", p.ID, err)
		}
		if out.not, err = c.match.addList(expanded); err != nil {
			return fmt.Errorf("conduct %s: %w", p.ID, err)
		}
		c.conducts = append(c.conducts, out)
		c.acts |= out.acts
	}
	return nil
}

// conductsFound reads a text for acts upon people and what surrounds them. An
// act alone, a service alone or people alone give nothing: a finding is an act
// beside its object, with at least one circumstance that leads to harm, and two
// where something in the sentence speaks for a use of no concern or the item
// protects people.
func (c *Classifier) conductsFound(in *input, s *scan, uses []ProtectiveFinding) []PathFinding {
	var out []PathFinding
	c.readRoles(in, s, len(uses) > 0)
	serves := slices.ContainsFunc(s.mentions, func(m mention) bool { return m.served && !m.guarded })
	for i := range c.conducts {
		p := &c.conducts[i]
		if occurs(p.not, s.hits, true) {
			continue
		}
		best, found := PathFinding{}, 0
		for k := range s.mentions {
			act := &s.mentions[k]
			if act.bits&p.acts == 0 || act.guarded {
				continue
			}
			for j := range s.mentions {
				object := &s.mentions[j]
				if object.bits&p.objects == 0 || object.sentence != act.sentence || apart(act, object) < 0 || apart(act, object) > actReach {
					continue
				}
				// Unless what protects is what it is done to.
				protects := len(uses) > 0 && object.bits&p.enough == 0
				words, kinds := c.circumstances(p, s, act.sentence, protects)
				need := 1
				if protects || serves || c.speaks(s, c.harmless, act.sentence) {
					need = 2
				}
				if kinds < need || kinds <= found {
					continue
				}
				found = kinds
				best = PathFinding{ID: p.src.ID, Category: p.src.Category, Level: "maybe", Harm: p.src.Harm, Ask: p.src.Ask}
				if kinds > need || apart(act, object) <= actClose {
					best.Level = "yes"
				}
				best.Words = appendNew([]string{c.match.texts[act.id], c.match.texts[object.id]}, words...)
			}
		}
		if found == 0 {
			continue
		}
		best.Level = answered(in, best)
		out = append(out, best)
	}
	return out
}

// answered is the level of a path after what was answered to its question.
func answered(in *input, p PathFinding) string {
	if a := in.answers[pathQuestion+p.ID]; a == "yes" || a == "no" {
		return a
	}
	return p.Level
}

// circumstances counts what surrounds a conduct, by kind, and names it. Of a thing
// that protects, people at risk alone say nothing: they are whom it is for.
func (c *Classifier) circumstances(p *conduct, s *scan, sentence int32, protects bool) (words []string, kinds int) {
	var have uint64
	for i := range s.mentions {
		m := &s.mentions[i]
		if m.guarded || m.sentence < sentence-nearby || m.sentence > sentence+nearby {
			continue
		}
		bits := m.bits & (c.force | c.ruler | c.unknowing | c.follows | c.many | p.enough)
		if !m.served {
			bits |= m.bits & c.atRisk
		}
		if bits != 0 {
			have |= bits
			if len(words) < 6 {
				words = appendNew(words, c.match.texts[m.id])
			}
		}
	}
	for _, bit := range []uint64{c.force, c.atRisk, c.unknowing, c.follows} {
		if have&bit != 0 {
			kinds++
		}
	}
	if protects {
		if have&(c.force|c.follows) == 0 {
			kinds = 0
		}
		return words, kinds
	}
	if have&p.enough != 0 || have&c.ruler != 0 && have&c.many != 0 {
		kinds++
	}
	return words, kinds
}

// speaks reports whether a word of the class stands in the sentence.
func (c *Classifier) speaks(s *scan, class uint64, sentence int32) bool {
	return slices.ContainsFunc(s.mentions, func(m mention) bool { return m.sentence == sentence && m.bits&class != 0 && !m.guarded })
}

// apart counts the words between two mentions, -1 where they overlap.
func apart(a, b *mention) int32 {
	switch {
	case a.last < b.at:
		return b.at - a.last - 1
	case b.last < a.at:
		return a.at - b.last - 1
	}
	return -1
}

// readRoles tells what is done by the thing from what is suffered by those it
// protects ("a site blocked by the government"), and people who are served by a thing ("for journalists", "used by
// activists") from people it is turned on ("the browsing of journalists").
func (c *Classifier) readRoles(in *input, s *scan, protects bool) {
	acts := map[int]bool{}
	for i := range s.mentions {
		if s.mentions[i].bits&c.acts != 0 {
			acts[int(s.mentions[i].at)] = true
		}
	}
	for i := range s.mentions {
		m := &s.mentions[i]
		if protects && (m.bits&c.acts != 0 && c.sufferedFrom(in, s, m) || m.bits&c.force != 0 && passed(in.words, m)) {
			m.guarded = true
		}
		if next := int(m.last) + 1; m.bits&c.force != 0 && next < len(in.words) && wrongs[in.words[next].text] {
			m.guarded = true // "police violence" is told of, not served
		}
		if m.bits&(c.atRisk|c.people) == 0 || c.holds(s, m) {
			continue
		}
		for k := int(m.at) - 1; k >= 0 && k >= int(m.at)-serveSpan && in.words[k].sentence == int(m.sentence); k-- {
			w := in.words[k].text
			if serving[w] && (m.bits&c.atRisk != 0 || w == "for") && !(w == "for" && searched(in.words, k)) {
				m.served = true
			}
			if m.served || w == "of" || acts[k] || len(w) > 5 && strings.HasSuffix(w, "ing") {
				break // "to report pupils": what is done to them, not for them
			}
		}
	}
}

// sufferedFrom reports whether "by" a state or its services follows an act.
func (c *Classifier) sufferedFrom(in *input, s *scan, act *mention) bool {
	next := act.last + 1
	if int(next) >= len(in.words) || in.words[next].text != "by" {
		return false
	}
	return slices.ContainsFunc(s.mentions, func(m mention) bool {
		return m.bits&(c.force|c.ruler) != 0 && m.at > next && m.at <= next+serveSpan
	})
}

// searched reports whether the words before "for" search for what follows: "scans
// photos for symbols" serves nobody.
func searched(ws []word, at int) bool {
	for k := at - 1; k >= 0 && ws[k].sentence == ws[at].sentence; k-- {
		switch ws[k].text {
		case "scan", "scanning", "scanner", "search", "searching", "searche", "filter", "filtering", "screen", "screening", "crawler", "crawling", "look", "looking", "mining":
			return true
		}
	}
	return false
}

// passed reports whether people go by a service of force ("before crossing a
// checkpoint").
func passed(ws []word, m *mention) bool {
	for k := int(m.at) - 1; k >= 0 && k >= int(m.at)-3 && ws[k].sentence == int(m.sentence); k-- {
		switch ws[k].text {
		case "crossing", "before", "near", "past":
			return true
		}
	}
	return false
}

// serving are words that stand before those whom a thing is for.
var serving = map[string]bool{"for": true, "to": true, "by": true, "help": true, "helps": true, "protect": true, "protects": true, "let": true, "lets": true, "train": true, "among": true}

// holds reports whether the same words name a service of force or a state: those
// use a thing, they are not served by it.
func (c *Classifier) holds(s *scan, m *mention) bool {
	return slices.ContainsFunc(s.mentions, func(o mention) bool {
		return o.bits&(c.force|c.ruler) != 0 && o.at <= m.last && m.at <= o.last+1
	})
}

// wrongs are words after which a service of force is what a thing tells of.
var wrongs = map[string]bool{"violence": true, "brutality": true, "abuse": true, "misconduct": true, "harassment": true, "raid": true, "hacker": true, "impunity": true}
