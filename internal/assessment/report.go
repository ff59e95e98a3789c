package assessment

import (
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/comity-project/comity/policy"
)

// Report is everything that can be said about a case before a person decides:
// what the items may be, whom the parties are like, which rules are met, not
// met or unknown, and what to ask next. It holds no recommendation and no score.
type Report struct {
	Case         string              `json:"case,omitempty"`
	Title        string              `json:"title,omitempty"`
	Day          policy.Date         `json:"day"`
	Pack         PackRef             `json:"pack"`
	Items        []ItemReport        `json:"items"`
	Parties      []PartyReport       `json:"parties"`
	Searched     []Searched          `json:"searched"`
	NotSearched  []string            `json:"not_searched,omitempty"`
	Destinations []DestinationReport `json:"destinations"`
	Lines        []LineReport        `json:"lines"`
	Assurances   []AssuranceReport   `json:"assurances,omitempty"`
	Groups       []GroupReport       `json:"groups,omitempty"` // where a line is grave
	Paragraphs   []policy.Paragraph  `json:"paragraphs,omitempty"`
	Questions    []CaseQuestion      `json:"questions,omitempty"` // over all lines, those that a refusal waits for first
	Notes        []string            `json:"notes,omitempty"`
}

// PackRef names the pack that spoke.
type PackRef struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	Hash    string `json:"hash"`
	Title   string `json:"title"`
}

// ItemReport is what one line's item may be, and what it was confirmed to be.
type ItemReport struct {
	Line        string          `json:"line"`
	Description string          `json:"description"`
	Confirmed   *Classification `json:"confirmed,omitempty"`
	Suggested   *Suggestions    `json:"suggested,omitempty"`
}

// PartyReport is whom one party is like.
type PartyReport struct {
	Party string   `json:"party"`
	Name  string   `json:"name"`
	Roles []string `json:"roles"`
	Units []string `json:"units,omitempty"`
	Hits  []Hit    `json:"hits"` // empty is "nothing like this in the lists searched", never "no concern"
}

// LineReport is where one line stands, and why.
type LineReport struct {
	Line        string                    `json:"line"`
	Description string                    `json:"description"`
	User        string                    `json:"user,omitempty"`
	UserName    string                    `json:"user_name,omitempty"`
	Destination string                    `json:"destination,omitempty"`
	Category    string                    `json:"category,omitempty"` // id, empty where nobody has confirmed one
	Kind        string                    `json:"kind,omitempty"`     // the category's name
	Harm        string                    `json:"harm,omitempty"`     // the path from what it can do to harm
	Rights      []string                  `json:"rights,omitempty"`
	Protects    string                    `json:"protects,omitempty"` // what the item protects
	Refusing    string                    `json:"refusing,omitempty"` // what refusing would harm
	Severity    policy.Severity           `json:"severity_parts,omitzero"`
	Outcome     policy.Outcome            `json:"outcome"`
	Options     []Option                  `json:"options"` // approve, approve with conditions, refuse: what is open and what bars the rest
	Reasons     []policy.Reason           `json:"reasons"` // rules that were put to the line, those that decide first
	Aside       map[policy.Aside][]string `json:"aside,omitempty"`
	Questions   []policy.Question         `json:"questions,omitempty"`
	Advice      []policy.Advice           `json:"advice,omitempty"`
	Sign        []policy.Countersignature `json:"countersignatures,omitempty"` // for an approval
	Conditions  []policy.Condition        `json:"conditions,omitempty"`
	Country     CountryRole               `json:"country_role"`
	Findings    []policy.Finding          `json:"findings"` // all rules, in the order of the pack
	Facts       policy.Facts              `json:"facts"`
	Like        string                    `json:"-"` // the first line of the case with the same facts
}

// Option is one way to decide a line.
type Option struct {
	Outcome string   `json:"outcome"` // "approve", "approve_with_conditions", "refuse"
	Open    bool     `json:"open"`
	Bars    []Bar    `json:"bars,omitempty"`  // what stands against it
	Needs   []Bar    `json:"needs,omitempty"` // what it would need, where it is open
	Rules   []string `json:"rules,omitempty"` // what it would rest on
}

// Bar is one thing that stands against an option, or that it needs.
type Bar struct {
	Key  string `json:"key"`            // message key under "assessment.bar"
	Rule string `json:"rule,omitempty"` // the rule, assurance, advice or signature meant
	Text string `json:"text,omitempty"` // in the pack's words
}

// CountryRole says what part the destination plays for a line: which of the
// rules that apply read anything about it, and whether any of them decides.
type CountryRole struct {
	Scrutiny policy.Scrutiny `json:"scrutiny"`
	Read     []string        `json:"read,omitempty"`    // rules that applied and read a fact about the destination
	Decides  []string        `json:"decides,omitempty"` // those of them that are met or unknown
	Decided  bool            `json:"decided"`           // a binding rule that reads the destination is met or unknown
	WhyNot   string          `json:"why_not,omitempty"` // message key: why the destination did not decide
}

// AssuranceReport is one assurance, line by line, with whether it counts.
type AssuranceReport struct {
	Line   string           `json:"line"`
	Kind   string           `json:"kind"`
	Text   string           `json:"text"`
	State  policy.Assurance `json:"state"`
	Counts bool             `json:"counts"`
	Why    string           `json:"why"` // message key: counts, not sought, declined, unverified, no check, broken
}

// GroupReport is the answer for one group.
type GroupReport struct {
	Group    Group    `json:"group"`
	Affected Affected `json:"affected"` // unknown where nobody has answered
}

// CaseQuestion is a question with the lines it is open for.
type CaseQuestion struct {
	policy.Question
	Lines []string `json:"lines"`
}

// Assess puts a case to the engines. It is pure: the same input and engines give
// the same report, and nothing in it was decided.
func Assess(in *Input, e Engines) *Report {
	c := *in
	if e.Screener != nil {
		c.Screened = slices.Clone(in.Screened)
		for _, s := range e.Screener.Lists() {
			if !slices.ContainsFunc(c.Screened, func(x Searched) bool { return x.List == s.List }) {
				c.Screened = append(c.Screened, s)
			}
		}
		c.Unsearched = slices.Clone(in.Unsearched)
		for _, n := range e.Screener.NotSearched() {
			if !contains(c.Unsearched, n) {
				c.Unsearched = append(c.Unsearched, n)
			}
		}
		c.Hits = screen(in, e.Screener)
	}
	r := &Report{
		Case: c.Case, Title: c.Title, Day: c.Day, Notes: c.Notes, Searched: c.Screened, NotSearched: c.Unsearched,
		Pack: PackRef{e.Pack.ID(), e.Pack.Version(), e.Pack.Hash(), e.Pack.Title()},
	}
	if r.Searched == nil {
		r.Searched = []Searched{}
	}
	for _, p := range c.Parties {
		pr := PartyReport{Party: p.ID, Name: p.Name(), Roles: p.Roles, Units: p.Units, Hits: []Hit{}}
		for _, h := range c.Hits {
			if h.Party == p.ID {
				pr.Hits = append(pr.Hits, h)
			}
		}
		r.Parties = append(r.Parties, pr)
	}
	grave := false
	seen, said := map[string]bool{}, &ruling{catalogue(e.Pack), alike[LineReport]{}, alike[policy.Reason]{}}
	for i := range c.Lines {
		l := &c.Lines[i]
		r.Items = append(r.Items, item(l, e.Classifier))
		lr := assessLine(&c, l, e, said)
		grave = grave || lr.Outcome.Severity >= policy.Grave || lr.Outcome.Severity == 0
		r.Lines = append(r.Lines, lr)
		r.Assurances = append(r.Assurances, assurances(&c, l, e.Pack, lr.Facts)...)
		if code := c.destinationOf(l); code != "" && !seen[code] {
			seen[code] = true
			r.Destinations = append(r.Destinations, e.Destinations.Report(e.Pack, code, c.Day))
		}
	}
	if grave {
		for _, g := range Groups {
			a := c.Groups[g]
			if a == "" {
				a = AffectedUnknown
			}
			r.Groups = append(r.Groups, GroupReport{g, a})
		}
	}
	r.Paragraphs = paragraphs(&c, e.Pack)
	r.Questions = caseQuestions(r.Lines)
	return r
}

// screen asks for every name of every party and owner, and keeps what people
// said about the hits. A resolved hit that the lists no longer give stays: it
// was a finding.
func screen(in *Input, s Screener) []Hit {
	type key struct{ party, list, entry string }
	told := map[key]Hit{}
	for _, h := range in.Hits {
		told[key{h.Party, h.List, h.Entry}] = h
	}
	var out []Hit
	at := map[key]int{}
	for _, p := range in.Parties {
		subjects := []Subject{}
		if len(p.Names) > 0 {
			subjects = append(subjects, Subject{Party: p.ID, Name: p.Names[0], Aliases: p.Names[1:], Person: p.Kind == "person", Country: p.Country, Address: p.Address, IDs: p.IDs})
		}
		for _, u := range p.Units {
			subjects = append(subjects, Subject{Party: p.ID, Name: u, Country: p.Country})
		}
		for _, o := range p.Owners {
			subjects = append(subjects, Subject{Party: p.ID, Name: o})
		}
		for _, sub := range subjects {
			for _, h := range s.Screen(sub) {
				h.Party, h.Asked = p.ID, sub.Name
				k := key{p.ID, h.List, h.Entry}
				if i, twice := at[k]; twice {
					if out[i].Score < h.Score {
						h.Outcome, h.By, h.Reason = out[i].Outcome, out[i].By, out[i].Reason
						out[i] = h
					}
					continue
				}
				if t, ok := told[k]; ok {
					h.Outcome, h.By, h.Reason = t.Outcome, t.By, t.Reason
				}
				at[k] = len(out)
				out = append(out, h)
			}
		}
	}
	for _, h := range in.Hits {
		if _, found := at[key{h.Party, h.List, h.Entry}]; !found {
			out = append(out, h)
		}
	}
	return out
}

func item(l *Line, c Classifier) ItemReport {
	r := ItemReport{Line: l.ID, Description: l.Description, Confirmed: l.Confirmed}
	if c != nil {
		s := c.Classify(Item{PartNumber: l.PartNumber, Description: l.Description, Sheet: l.Sheet, ClaimedCode: l.ClaimedCode})
		r.Suggested = &s
	}
	return r
}

// ruling is what the rules said to the lines of a case so far.
type ruling struct {
	names   []string // of all facts
	lines   alike[LineReport]
	reasons alike[policy.Reason]
}

func assessLine(c *Input, l *Line, e Engines, said *ruling) LineReport {
	facts := FactsOf(e.Pack, c, l.ID, e.Destinations)
	out := said.lines.of(factsKey(facts, said.names), func() LineReport { return said.rulesOn(l.ID, facts, c.Day, e.Pack) })
	out.Line, out.Description, out.Destination, out.Severity = l.ID, l.Description, c.destinationOf(l), l.Severity
	if u := c.userOf(l); u != nil {
		out.User, out.UserName = u.ID, u.Name()
	}
	out.Options = options(c, l, e.Pack, out)
	return out
}

// rulesOn is what the rules say to facts, for the first line that has them and
// all others.
func (said *ruling) rulesOn(first string, facts policy.Facts, on policy.Date, p *policy.Pack) LineReport {
	findings := policy.Evaluate(p, on, facts)
	out := LineReport{
		Like: first, Outcome: policy.Resolve(p, findings, facts), Findings: findings, Facts: facts,
		Advice: policy.AdviceFor(p, facts), Sign: policy.CountersignaturesFor(p, facts, "approve"), Conditions: policy.ConditionsFor(p, facts),
	}
	out.Questions = askCategory(p, out.Outcome, policy.Questions(p, findings))
	if cat, ok := p.Category(out.Outcome.Category); ok {
		out.Category, out.Kind, out.Harm, out.Rights, out.Protects, out.Refusing = cat.ID, cat.Name, cat.Harm, cat.Rights, cat.Protects, cat.Refusing
	}
	out.Reasons, out.Aside = said.opened(p, facts, findings)
	out.Country = countryRole(p, on, facts, findings)
	return out
}

// opened opens up the rules that were put to the line: prohibitions and
// refusals that are met, then unknown, then what weighs, then what is due, then
// the rest. Rules that were left aside are only named, by why.
func (said *ruling) opened(p *policy.Pack, facts policy.Facts, findings []policy.Finding) ([]policy.Reason, map[policy.Aside][]string) {
	var out []policy.Reason
	aside := map[policy.Aside][]string{}
	for _, f := range findings {
		if f.Aside != "" {
			aside[f.Aside] = append(aside[f.Aside], f.Rule)
			continue
		}
		key := f.Rule + " " + factsKey(facts, p.RuleFacts(f.Rule))
		out = append(out, said.reasons.of(key, func() policy.Reason { return policy.Explain(p, facts, f) }))
	}
	rank := func(r policy.Reason) int {
		switch {
		case r.Status == policy.Met && r.Force == policy.Prohibit:
			return 0
		case r.Status == policy.Met && r.Force == policy.RefuseIf:
			return 1
		case r.Status == policy.Unknown && r.Force.Binding():
			return 2
		case r.Status == policy.Met && r.Force == policy.Weigh:
			return 3
		case r.Status == policy.Met:
			return 4
		case r.Status == policy.Unknown:
			return 5
		case r.Force.Binding():
			return 6
		}
		return 7
	}
	sort.SliceStable(out, func(i, j int) bool { return rank(out[i]) < rank(out[j]) })
	return out, aside
}

// countryRole finds the rules that read the destination, and those of them whose
// answer turns on it: they wait for a fact about it, or would come out
// differently if one such fact were the other way round.
func countryRole(p *policy.Pack, on policy.Date, facts policy.Facts, findings []policy.Finding) CountryRole {
	c := CountryRole{Scrutiny: policy.ScrutinyUnknown}
	if s := facts.Value(policy.FactScrutiny).Word(); s != "" {
		c.Scrutiny = policy.Scrutiny(s)
	}
	read, was := map[string]bool{}, map[string]policy.Status{} // read by a rule that is met
	for _, f := range findings {
		was[f.Rule] = f.Status
		if f.Status == policy.Met {
			for _, n := range p.RuleFacts(f.Rule) {
				read[n] = true
			}
		}
	}
	turns, other := map[string]bool{}, maps.Clone(facts)
	for name, f := range facts {
		if !read[name] || !aboutDestination(facts, name) || f.Value.Kind() != policy.KindBool {
			continue
		}
		turned := f
		turned.Value = policy.Bool(!f.Value.True())
		other[name] = turned
		for _, g := range policy.EvaluateReading(p, on, other, name) {
			if g.Status != was[g.Rule] {
				turns[g.Rule] = true
			}
		}
		other[name] = f
	}
	for _, f := range findings {
		if f.Aside != "" || !slices.ContainsFunc(p.RuleFacts(f.Rule), func(n string) bool { return aboutDestination(facts, n) }) {
			continue
		}
		c.Read = append(c.Read, f.Rule)
		waits := slices.ContainsFunc(f.Missing, func(n string) bool { return aboutDestination(facts, n) })
		if waits || f.Status == policy.Met && turns[f.Rule] {
			c.Decides = append(c.Decides, f.Rule)
			c.Decided = c.Decided || f.Force.Binding()
		}
	}
	switch {
	case c.Decided:
	case facts.Value("item.path_to_harm").False():
		c.WhyNot = "assessment.country.no_path"
	default:
		c.WhyNot = "assessment.country.others"
	}
	return c
}

// aboutDestination tells whether a fact is one about the destination, or taken
// over from its law.
func aboutDestination(facts policy.Facts, name string) bool {
	return strings.HasPrefix(name, "dest.") || name == factAuthorisation && facts[name].Value.Known() && facts[name] == facts[factLaw]
}

func paragraphs(c *Input, p *policy.Pack) []policy.Paragraph {
	var lines []policy.LineAsked
	for _, l := range c.Lines {
		a := policy.LineAsked{Kind: l.Kind, Code: l.ClaimedCode, Service: l.Service}
		if l.Confirmed != nil {
			a.Category = l.Confirmed.Category
			if len(l.Confirmed.Codes) > 0 {
				a.Code = l.Confirmed.Codes[0]
			}
		}
		lines = append(lines, a)
	}
	var parties []policy.PartyAsked
	for _, q := range c.Parties {
		parties = append(parties, policy.PartyAsked{Kind: q.Kind, Tie: q.Tie, Roles: q.Roles})
	}
	return policy.Paragraphs(p, c.Kind, lines, parties)
}

func caseQuestions(lines []LineReport) []CaseQuestion {
	byFact := map[string]*CaseQuestion{}
	for _, l := range lines {
		for _, q := range l.Questions {
			have, ok := byFact[q.Fact]
			if !ok {
				have = &CaseQuestion{Question: q}
				have.Rules = slices.Clone(q.Rules)
				byFact[q.Fact] = have
			}
			have.Lines = append(have.Lines, l.Line)
			have.Binding = have.Binding || q.Binding
			for _, r := range q.Rules {
				if !contains(have.Rules, r) {
					have.Rules = append(have.Rules, r)
				}
			}
		}
	}
	var out []CaseQuestion
	for _, name := range slices.Sorted(maps.Keys(byFact)) {
		out = append(out, *byFact[name])
	}
	sort.SliceStable(out, func(i, j int) bool {
		if out[i].Binding != out[j].Binding {
			return out[i].Binding
		}
		return len(out[i].Rules)*len(out[i].Lines) > len(out[j].Rules)*len(out[j].Lines)
	})
	return out
}
