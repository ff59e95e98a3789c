package controls

import (
	"maps"
	"slices"
	"strings"
)

// compileSources builds one index for each list and, for a legal order without
// a list, one of the entries in our own words.
func (c *Classifier) compileSources() {
	thesaurus := c.thesaurus()
	have := map[string]bool{}
	for _, l := range c.lists {
		regime := l.Regime()
		have[regime] = true
		c.sources = append(c.sources, source{regime: regime, list: l, rank: indexList(l, thesaurus[regime])})
	}
	for _, regime := range []string{"EU", "US"} {
		if have[regime] || len(c.lists) > 0 && regime != c.primary {
			continue
		}
		r := newRanker()
		for _, head := range slices.Sorted(maps.Keys(thesaurus[regime])) {
			r.document(head, thesaurus[regime][head])
		}
		r.finish()
		c.sources = append(c.sources, source{regime: regime, rank: r, only: true})
	}
}

// thesaurus gathers, for each legal order and entry, the words people use for
// what the entry means: our own summaries and the cues of product families.
func (c *Classifier) thesaurus() map[string]map[string]map[string]float64 {
	out := map[string]map[string]map[string]float64{"EU": {}, "US": {}}
	add := func(regime, code, text string, weight float64) {
		if regime == "TORT" {
			regime = "EU"
		}
		if out[regime] == nil || code == "EAR99" {
			return
		}
		h := Head(code)
		if out[regime][h] == nil {
			out[regime][h] = map[string]float64{}
		}
		out[regime][h][text] += weight
	}
	for _, s := range c.content.Summaries {
		code := s.Code
		if s.List == "TORT" {
			code = Head(code)
		}
		add(s.List, code, s.Title+". "+s.Summary+". "+strings.Join(s.Cues, ". "), 2)
	}
	for _, k := range c.content.Kinds {
		text := k.Name + ". " + strings.NewReplacer("*", "", "..", "", "|", ". ").Replace(strings.Join(append(append([]string{}, k.Cues...), k.And...), ". "))
		for i, code := range k.EU {
			if i < 2 {
				add("EU", code, text, 1)
			}
		}
		for i, code := range k.US {
			if i < 2 {
				add("US", code, text, 1)
			}
		}
	}
	return out
}

// indexList makes one document of each entry of a list, all its paragraphs and
// notes together, with our own words for it.
func indexList(l *List, own map[string]map[string]float64) *ranker {
	r := newRanker()
	texts := map[string]map[string]float64{}
	var order []string
	for _, e := range l.Entries {
		if e.Reserved || !isEntry(e.Code) {
			continue
		}
		h := Head(e.Code)
		if texts[h] == nil {
			texts[h] = map[string]float64{}
			order = append(order, h)
		}
		weight := 1.0
		if e.Code == h {
			weight = 2
		}
		texts[h][e.Text] += weight
		r.paragraph(h, e.Code, e.Text)
		for _, n := range e.Notes {
			if !n.Release {
				texts[h][n.Text] += 0.3
			}
		}
	}
	for _, h := range slices.Sorted(maps.Keys(own)) {
		if texts[h] == nil {
			if !strings.HasPrefix(h, "TORT-") {
				continue
			}
			texts[h] = map[string]float64{}
			order = append(order, h)
		}
		for t, w := range own[h] {
			texts[h][t] += w
		}
	}
	for _, h := range order {
		r.document(h, texts[h])
	}
	r.finish()
	return r
}

// isEntry tells entries from headings ("5", "5A").
func isEntry(code string) bool {
	return headPattern.MatchString(code) || strings.ContainsAny(code, "(-:") || strings.HasPrefix(code, "EAR99")
}
