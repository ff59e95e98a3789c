package controls

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// way, protective and categoryCues are the compiled forms of HarmPath,
// ProtectiveUse and Category.
type way struct {
	src                    HarmPath
	cues, not, raise, calm []int
	and                    [][]int
}

type protective struct {
	src           ProtectiveUse
	cues, not     []int
	and           [][]int
	acts, objects uint64
}

type categoryCues struct {
	src       Category
	cues, not []int
}

// expand replaces "@name" by the cues of that context, which may name others.
func (c *Classifier) expand(list []string) ([]string, error) { return c.expandFrom(list, maxNesting) }

// maxNesting bounds how deep contexts may name one another.
const maxNesting = 4

func (c *Classifier) expandFrom(list []string, depth int) ([]string, error) {
	var out []string
	for _, s := range list {
		var parts []string
		for _, p := range strings.Split(s, "|") {
			if !strings.HasPrefix(p, "@") {
				parts = append(parts, p)
				continue
			}
			group, ok := c.content.Contexts[p[1:]]
			if !ok || depth == 0 {
				return nil, fmt.Errorf("no context %q, or one that names itself", p)
			}
			group, err := c.expandFrom(group, depth-1)
			if err != nil {
				return nil, err
			}
			parts = append(parts, group...)
		}
		out = append(out, strings.Join(parts, "|"))
	}
	return out, nil
}

func (c *Classifier) compileHarm() error {
	lists := func(where string, into []*[]int, from ...[]string) error {
		for i, list := range from {
			expanded, err := c.expand(list)
			if err != nil {
				return fmt.Errorf("%s: %w", where, err)
			}
			if *into[i], err = c.match.addList(expanded); err != nil {
				return fmt.Errorf("%s: %w", where, err)
			}
		}
		return nil
	}
	groups := func(where string, from []string) ([][]int, error) {
		expanded, err := c.expand(from)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", where, err)
		}
		return c.match.addGroups(expanded)
	}
	var err error
	for _, p := range c.content.Paths {
		out := way{src: p}
		if err = lists("path "+p.ID, []*[]int{&out.cues, &out.not, &out.raise, &out.calm}, p.Cues, p.Not, p.Raise, p.Lower); err != nil {
			return err
		}
		if out.and, err = groups("path "+p.ID, p.And); err != nil {
			return err
		}
		c.paths = append(c.paths, out)
	}
	for _, p := range c.content.Protective {
		out := protective{src: p}
		if err = lists("protective use "+p.ID, []*[]int{&out.cues, &out.not}, p.Cues, p.Not); err != nil {
			return err
		}
		if out.and, err = groups("protective use "+p.ID, p.And); err != nil {
			return err
		}
		c.protective = append(c.protective, out)
	}
	if _, ok := c.content.Contexts["security"]; ok {
		err = lists("contexts", []*[]int{&c.grave, &c.own}, []string{"@security", "@covert", "@people_at_risk"}, []string{"@own"})
		if err != nil {
			return err
		}
	}
	for _, k := range c.content.Categories {
		out := categoryCues{src: k}
		if err = lists("category "+k.ID, []*[]int{&out.cues, &out.not}, k.Cues, k.Not); err != nil {
			return err
		}
		c.categories = append(c.categories, out)
	}
	return c.compileConducts()
}

// capable lists the phrases that say what the item does, leaving out what it
// guards against.
func (c *Classifier) capable(ids []int, hits []hit) []string {
	var out []string
	for _, id := range ids {
		if hits[id].any() && hits[id].open {
			out = appendNew(out, c.match.texts[id])
		}
	}
	return out
}

// named lists the phrases that occur, for show.
func (c *Classifier) named(ids []int, hits []hit) []string {
	var out []string
	for _, id := range ids {
		if hits[id].any() {
			out = appendNew(out, c.match.texts[id])
		}
	}
	return out
}

// all reports whether every group has a phrase that occurs, and which.
func (c *Classifier) all(groups [][]int, hits []hit) ([]string, bool) {
	var out []string
	for _, g := range groups {
		found := c.named(g, hits)
		if len(found) == 0 {
			return nil, false
		}
		out = appendNew(out, found...)
	}
	return out, true
}

// catchAll looks for ways from what the item can do to harm done to people. A
// word alone never raises it: each path names capability and harm.
func (c *Classifier) catchAll(in *input, s *scan, findings []finding, status Status, uses []ProtectiveFinding) CatchAll {
	out, hits := CatchAll{Answer: "no"}, s.hits
	level := map[string]int{"no": 0, "maybe": 1, "yes": 2}
	for _, p := range c.paths {
		cues := c.capable(p.cues, hits)
		more, ok := c.all(p.and, hits)
		if len(cues) == 0 || !ok || occurs(p.not, hits, true) {
			continue
		}
		raised, calm := c.named(p.raise, hits), occurs(p.calm, hits, true)
		answer := p.src.Level
		switch {
		case len(raised) == 1 && calm && answer != "yes":
			answer = "maybe"
		case len(raised) > 0:
			answer = "yes"
		case calm:
			answer = "no"
		}
		path := PathFinding{ID: p.src.ID, Category: p.src.Category, Level: answer, Words: appendNew(appendNew(cues, more...), raised...), Harm: p.src.Harm, Ask: p.src.Ask}
		path.Level = answered(in, path)
		out.Paths = append(out.Paths, path)
	}
	out.Paths = append(out.Paths, c.conductsFound(in, s, uses)...)
	out.Paths = append(out.Paths, c.usualWays(hits, findings, out.Paths, uses)...)
	calm := c.weigh(in, &out)
	sort.SliceStable(out.Paths, func(i, j int) bool { return level[out.Paths[i].Level] > level[out.Paths[j].Level] })
	if len(out.Paths) > 0 {
		out.Answer = out.Paths[0].Level
	}
	switch {
	case status == Listed:
		out.Answer = "no"
		out.Why = "The item is listed, so a licence is needed in any case and the catch-all for unlisted items is not called upon."
	case out.Answer == "yes":
		out.Why = "Unlisted does not mean free: " + out.Paths[0].Harm
	case out.Answer == "maybe":
		out.Why = "The catch-all may apply, depending on user and use: " + out.Paths[0].Harm
	case len(out.Paths) > 0 && len(calm) > 0:
		out.Why = "It has a capability that can harm people, but what is said with it (" + strings.Join(calm, ", ") + ") does not lead there. This must be looked at again if the user or the use changes."
	case len(uses) > 0:
		out.Why = "No way from this item to harm was found, and it serves protection (" + uses[0].Name + ")."
	case len(out.Paths) > 0:
		out.Why = "The item has a capability that can harm people, but what is said of its use does not lead there. This must be looked at again if the user or the use changes."
	default:
		out.Why = "No way from what the description says to harm done by surveillance was found. That is a statement about this text, not about the end user."
	}
	return out
}

// How the reading of a description counts: from raised on the flag stands, from
// sure on it is no longer "maybe". A way that the content states by its phrases
// speaks for harm beside it.
const (
	raised     = -0.25
	sure       = 1.0
	stated     = 0.4
	statedOpen = 0.2
	read       = "reading"
)

// weigh holds the ways found by phrases against the reading of the whole: where
// it speaks against harm they do not flag, where it speaks for harm and no phrase
// says how, the way is stated from its marks. It returns what speaks against.
func (c *Classifier) weigh(in *input, out *CatchAll) (calm []string) {
	support, open := 0.0, false
	for _, f := range out.Paths {
		switch f.Level {
		case "yes":
			support, open = stated, true
		case "maybe":
			support, open = max(support, statedOpen), true
		}
	}
	p := c.reading.read(in.words, open)
	z := p.score + support
	if z < raised {
		for i := range out.Paths {
			out.Paths[i].Level = "no"
			out.Paths[i].Level = answered(in, out.Paths[i])
		}
		return p.calm
	}
	if f, ok := c.way(p); ok && !open {
		if f.Level = "maybe"; z >= sure {
			f.Level = "yes"
		}
		f.Level = answered(in, f)
		out.Paths = append(out.Paths, f)
	}
	return nil
}

// way states from the marks of a passage what is done to people: the conduct of
// whose groups of marks the passage has the greatest share. Without any mark of a
// conduct there is no way, whatever the words weigh.
func (c *Classifier) way(p passage) (PathFinding, bool) {
	var best *conduct
	most := 0.0
	for i := range c.conducts {
		d, shown := &c.conducts[i], 0.0
		for _, group := range d.src.Marks {
			if slices.ContainsFunc(strings.Split(group, "|"), func(m string) bool { return p.marks[m] }) {
				shown++
			}
		}
		if share := shown / float64(max(1, len(d.src.Marks))); share > most {
			best, most = d, share
		}
	}
	if best == nil || len(p.harm) == 0 {
		return PathFinding{}, false
	}
	return PathFinding{ID: read + "." + best.src.ID, Category: best.src.Category, Words: p.harm, Harm: best.src.Harm, Ask: best.src.Ask}, true
}

// catchAllBasis marks the categories of the taxonomy that the catch-all on
// cyber-surveillance reaches.
const catchAllBasis = "EU-Art5"

// usualWays covers what no written path does: an unlisted item of a family whose
// typical misuse the taxonomy knows, said together with a service of force,
// covertness or people at risk.
func (c *Classifier) usualWays(hits []hit, findings []finding, have []PathFinding, uses []ProtectiveFinding) []PathFinding {
	if len(uses) > 0 || occurs(c.own, hits, true) {
		return nil
	}
	context := c.named(c.grave, hits)
	if len(context) == 0 {
		return nil
	}
	done := map[string]bool{}
	for _, p := range have {
		done[p.Category] = done[p.Category] || p.Level != "no"
	}
	var out []PathFinding
	for _, f := range findings {
		if len(c.capable(f.kind.cues, hits)) == 0 {
			continue
		}
		for _, id := range f.kind.src.Categories {
			k, ok := c.content.Category(id)
			if !ok || done[id] || f.status == Listed || len(k.Abuse) == 0 || !slices.Contains(k.Codes["catch_all"], catchAllBasis) {
				continue
			}
			done[id] = true
			out = append(out, PathFinding{
				ID: "usual." + id, Category: id, Level: "yes", Words: appendNew(append([]string{}, f.cues...), context...),
				Harm: "an item of the kind \"" + k.Name + "\", with the user or use named, has led to this: " + strings.Join(k.Abuse, "; ") + ".",
				Ask:  "Who uses it, on whom, and do they know?",
			})
		}
	}
	return out
}

func (c *Classifier) protectiveUses(s *scan) []ProtectiveFinding {
	var out []ProtectiveFinding
	for i := range c.protective {
		p := &c.protective[i]
		cues := c.protects(p, s)
		more, ok := c.all(p.and, s.hits)
		if len(cues) == 0 || !ok || occurs(p.not, s.hits, false) {
			continue
		}
		words := appendNew(cues, more...)
		if k := slices.IndexFunc(out, func(f ProtectiveFinding) bool { return f.ID == p.src.ID }); k >= 0 {
			out[k].Words = appendNew(out[k].Words, words...)
			continue
		}
		name, why := c.content.protectiveWords(p.src.ID)
		out = append(out, ProtectiveFinding{ID: p.src.ID, Name: name, Why: why, Words: words})
	}
	return out
}

// protects names what shows the use: its cues, or an act beside what it is done
// to or against.
func (c *Classifier) protects(p *protective, s *scan) []string {
	const reach = 6
	var out []string
	for _, id := range p.cues {
		if s.hits[id].plain {
			out = appendNew(out, c.match.texts[id])
		}
	}
	for i := range s.mentions {
		act := &s.mentions[i]
		if act.bits&p.acts == 0 || act.guarded || act.aside {
			continue
		}
		for k := range s.mentions {
			object := &s.mentions[k]
			if object.bits&p.objects != 0 && !object.aside && object.sentence == act.sentence && apart(act, object) >= 0 && apart(act, object) <= reach {
				out = appendNew(out, c.match.texts[act.id], c.match.texts[object.id])
			}
		}
	}
	return out
}

// categoryFindings says which capabilities of the taxonomy the item shows,
// gravest first.
func (c *Classifier) categoryFindings(hits []hit, findings []finding, catch CatchAll) []CategoryFinding {
	why := map[string][]string{}
	for _, f := range findings {
		for _, id := range f.kind.src.Categories {
			why[id] = appendNew(why[id], f.cues...)
		}
	}
	for _, p := range catch.Paths {
		if p.Level != "no" {
			why[p.Category] = appendNew(why[p.Category], p.Words...)
		}
	}
	for _, k := range c.categories {
		if words := c.named(k.cues, hits); len(words) > 0 && !occurs(k.not, hits, true) {
			why[k.src.ID] = appendNew(why[k.src.ID], words...)
		}
	}
	var out []CategoryFinding
	for _, k := range c.categories {
		words, ok := why[k.src.ID]
		if !ok || occurs(k.not, hits, true) {
			continue
		}
		out = append(out, CategoryFinding{ID: k.src.ID, Name: k.src.Name, Listed: k.src.Listed, Severity: k.src.Severity, Rights: k.src.Rights, Abuse: k.src.Abuse, Words: words})
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].Severity > out[j].Severity })
	return out
}
