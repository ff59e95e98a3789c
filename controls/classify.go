package controls

import (
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"
)

// Options are what a Classifier is built of.
type Options struct {
	Content *Content // required
	Lists   []*List  // may be empty: the entries in our own words then stand alone
	// Primary is the legal order Result.Status speaks of: "EU", "US". Empty: the
	// order of the first list, or EU.
	Primary string
}

// Classifier says what items are. It is safe for concurrent use.
type Classifier struct {
	content *Content
	lists   []*List
	used    []ListUsed
	primary string

	match      *matcher
	kinds      []*kind
	paths      []way
	protective []protective
	categories []categoryCues
	grave, own []int // words that make, or unmake, a way to harm of an unlisted family
	guarded    []int // words with which nothing is cleared as an everyday thing
	sources    []source
	summaries  map[string]int // "EU:5A001.f.2"
	buffers    sync.Pool      // of *scan

	conducts []conduct
	reading  *reading
	// The classes of words that conducts are read with, as bits of mentions.
	force, ruler, atRisk, unknowing, follows, many, harmless, people, acts uint64
}

// source is one body of entries to search: a list, or our own words for a legal
// order no list was given for.
type source struct {
	regime string
	list   *List
	rank   *ranker
	only   bool // our own words alone
}

// maxCandidates bounds the entries a result names.
const maxCandidates = 20

// NewClassifier compiles content and lists. It fails on content whose cues or
// comparisons cannot be read.
func NewClassifier(o Options) (*Classifier, error) {
	if o.Content == nil {
		return nil, errors.New("controls: a classifier needs content")
	}
	c := &Classifier{content: o.Content, lists: o.Lists, primary: o.Primary, match: newMatcher(), summaries: map[string]int{}}
	for i, s := range o.Content.Summaries {
		c.summaries[s.List+":"+s.Code] = i
	}
	for _, l := range o.Lists {
		if l.byCode == nil {
			if err := l.index(); err != nil {
				return nil, fmt.Errorf("list %s: %w", l.ID, err)
			}
		}
		c.used = append(c.used, ListUsed{l.ID, l.Version, l.Hash()})
		if c.primary == "" {
			c.primary = l.Regime()
		}
	}
	if c.primary == "" {
		c.primary = "EU"
	}
	for _, k := range o.Content.Kinds {
		compiled, err := compileKind(c.match, k)
		if err != nil {
			return nil, err
		}
		c.kinds = append(c.kinds, compiled)
	}
	if err := c.compileHarm(); err != nil {
		return nil, err
	}
	var err error
	if c.reading, err = readingOf(o.Content); err != nil {
		return nil, err
	}
	group, err := c.expand([]string{"@never_ordinary"})
	if err != nil {
		return nil, err
	}
	if c.guarded, err = c.match.addList(group); err != nil {
		return nil, err
	}
	c.compileSources()
	return c, nil
}

// input is an item made ready for matching.
type input struct {
	words      []word
	quantities []Quantity
	answers    map[string]string
	cut        bool
	asides     bool
}

func newInput(it Item) *input {
	text := strings.TrimSpace(it.Name)
	if d := strings.TrimSpace(it.Description); d != "" {
		if text != "" {
			d = d + "\n" + text
		}
		text = d
	}
	in := &input{answers: it.Answers}
	if len(text) > MaxText {
		text, in.cut = strings.ToValidUTF8(text[:MaxText], ""), true
	}
	toks := tokens(text)
	in.words = words(text)
	in.quantities = quantities(text, toks, in.words)
	for _, w := range in.words {
		in.asides = in.asides || w.aside
	}
	for _, p := range it.Parameters {
		if kind, v, ok := ToBase(p.Value, p.Unit); ok {
			in.quantities = append(in.quantities, Quantity{Kind: kind, Value: v, Text: fmt.Sprintf("%s %g %s", p.Name, p.Value, p.Unit), word: -1})
		}
	}
	return in
}

// Classify says what an item may be. It never fails: what cannot be told is
// NeedsExpert with the questions that would tell.
func (c *Classifier) Classify(it Item) Result {
	in := newInput(it)
	found, _ := c.buffers.Get().(*scan)
	if found == nil {
		found = new(scan)
	}
	defer c.buffers.Put(found)
	c.match.run(in.words, found)
	hits := found.hits
	res := Result{Lists: c.used, Content: c.content.Hash()}

	looks := c.look(in)
	findings := c.findings(in, hits, looks)
	decisive := weighty(findings)
	for _, regime := range c.regimes() {
		status, codes := statusFor(regime, decisive)
		res.Regimes = append(res.Regimes, RegimeFinding{regime, status, codes})
		if regime == c.primary {
			res.Status = status
		}
	}
	res.Candidates = c.candidates(looks, findings, it.ClaimedCode)
	res.Protective = c.protectiveUses(found)
	res.CatchAll = c.catchAll(in, found, decisive, res.Status, res.Protective)
	res.Categories = c.categoryFindings(hits, decisive, res.CatchAll)
	res.Questions = openQuestions(decisive, res)
	res.Reasons = c.reasons(in, it, decisive, res)
	return res
}

// findings evaluates every kind and drops those that a more particular one
// displaces, strongest first.
func (c *Classifier) findings(in *input, hits []hit, looks []look) []finding {
	var all []finding
	for _, k := range c.kinds {
		if f, ok := k.apply(c.match, in, hits); ok {
			all = append(all, f)
		}
	}
	c.doubt(looks, hits, all)
	var out []finding
	for i := range all {
		if !displaced(&all[i], all) {
			out = append(out, all[i])
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		if out[i].soft != out[j].soft {
			return out[j].soft
		}
		return out[i].score > out[j].score
	})
	return out
}

// displaced reports whether a more particular kind takes this one's place. A
// kind that clears does so only where it speaks in every sentence of the other:
// a wheelchair in the same parcel does not release the thumb-cuffs.
func displaced(f *finding, all []finding) bool {
	for i := range all {
		by := &all[i]
		if by.kind.over[f.kind.src.ID] && (by.status == Listed || f.near&^by.near == 0) {
			return true
		}
	}
	return false
}

// doubt turns a clearance as an everyday thing into a question for an expert
// where the description carries words that no everyday thing has, or reads like
// a provision of the list itself.
func (c *Classifier) doubt(looks []look, hits []hit, all []finding) {
	echo, asked := "", false
	for i := range all {
		f := &all[i]
		if f.status != NotListed || !f.byDefault {
			continue
		}
		if !asked {
			echo, asked = c.echoes(looks), true
		}
		why := ""
		if f.kind.everyday() && occurs(c.guarded, hits, false) {
			why = "It carries words that an everyday thing of this kind does not have (" + strings.Join(c.named(c.guarded, hits), ", ") + ")."
		} else if echo != "" {
			why = "The description reads like " + echo + " of the list."
		}
		if why != "" {
			f.status = NeedsExpert
			f.reasons = append(f.reasons, why)
		}
	}
}

// echoes names a provision that holds nearly all the words of the text.
func (c *Classifier) echoes(looks []look) string {
	const near = 10
	for i := range c.sources {
		s := &c.sources[i]
		if s.list == nil || s.regime != c.primary {
			continue
		}
		for k, r := range looks[i].ranked {
			if k == near {
				break
			}
			if code := s.rank.covers(s.rank.heads[r.doc], looks[i].query); code != "" {
				return code
			}
		}
	}
	return ""
}

// weighty keeps the findings that count beside the strongest one. A kind found
// by one passing word does not decide against one found by many; but where all
// the strong ones clear, a weaker one that speaks of a controlled thing leaves
// the matter to an expert.
func weighty(all []finding) []finding {
	const share = 0.45
	top, direct := 0.0, false
	for _, f := range all {
		if !f.soft {
			top, direct = max(top, f.score), direct || f.direct
		}
	}
	// What a thing is for says little of what it is, unless it is people.
	aside := func(f finding) bool { return direct && !f.direct && !f.kind.sensitive() }
	var out []finding
	cleared, near := true, uint64(0)
	for _, f := range all {
		if !f.soft && f.score >= share*top && !aside(f) {
			out = append(out, f)
			cleared = cleared && f.status == NotListed
			near |= f.near
		}
	}
	if !cleared || len(out) == 0 {
		return out
	}
	for _, f := range all {
		if (f.soft || f.score < share*top) && f.status != NotListed && (!aside(f) || f.near&^near != 0) {
			f.status = NeedsExpert
			f.reasons = append(f.reasons, "The description also speaks of this, beside something that is not listed.")
			out = append(out, f)
		}
	}
	return out
}

func (c *Classifier) regimes() []string {
	out := []string{c.primary}
	for _, r := range []string{"EU", "US"} {
		if r != c.primary {
			out = append(out, r)
		}
	}
	return out
}

// statusFor reads the findings for one legal order: controlled beats open, open
// beats released, and no finding at all is open.
func statusFor(regime string, findings []finding) (Status, []string) {
	status, codes := NeedsExpert, []string(nil)
	if len(findings) == 0 {
		return status, nil
	}
	rank := map[Status]int{NotListed: 0, NeedsExpert: 1, Listed: 2}
	best := -1
	for _, f := range findings {
		s, cs := f.status, f.eu
		if regime != "EU" {
			s, cs = f.statusUS()
		}
		if rank[s] > best {
			best, status, codes = rank[s], s, nil
		}
		if rank[s] == best && s != NotListed {
			codes = appendNew(codes, cs...)
		}
	}
	return status, codes
}

// statusUS reads a kind for the United States list, where much that the EU does
// not list has an entry of its own.
func (f finding) statusUS() (Status, []string) {
	if len(f.us) == 0 {
		return NeedsExpert, nil
	}
	if f.us[0] == "EAR99" {
		if f.status == NotListed {
			return NotListed, nil
		}
		return NeedsExpert, nil
	}
	if f.status == NeedsExpert && len(f.eu) > 0 {
		return NeedsExpert, f.us
	}
	if f.status == NotListed && len(f.eu) > 0 && Head(f.eu[0]) == Head(f.us[0]) {
		return NotListed, nil
	}
	return Listed, f.us
}

func appendNew(list []string, more ...string) []string {
	for _, m := range more {
		found := false
		for _, l := range list {
			found = found || l == m
		}
		if !found {
			list = append(list, m)
		}
	}
	return list
}
