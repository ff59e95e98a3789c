package assessment

import (
	"fmt"
	"strings"

	"github.com/comity-project/comity/policy"
)

// FactsOf are the facts of one line: what follows from its confirmed
// classification, its end user, the hits on all parties, the destination, the
// assurances, and the answers that people gave. A specific answer goes before a
// general one: of the line, of its user, of the case. A fact that the program
// derives can't be answered over.
func FactsOf(p *policy.Pack, in *Input, line string, dest Destinations) policy.Facts {
	l := in.line(line)
	if l == nil {
		return policy.Facts{}
	}
	g := gathering{pack: p, in: in, line: l, user: in.userOf(l), facts: policy.Facts{}}
	g.fromApplication()
	g.fromCategory()
	g.fromDestination(dest)
	g.fromAnswers()
	g.fromClassification()
	g.fromUser()
	g.fromHits()
	g.fromAssurances()
	// Who authorises surveillance by a state body is first of all a matter of
	// its law; an answer about this very use goes before it.
	if _, given := g.facts[factAuthorisation]; !given && g.facts.Value("user.state").True() {
		if law := g.facts[factLaw]; law.Value.Known() {
			g.facts[factAuthorisation] = law
		}
	}
	return g.facts
}

// The one fact about the use that a law of the destination may stand in for.
const (
	factAuthorisation = "use.prior_authorisation"
	factLaw           = "dest.law_prior_authorisation"
)

// gathering is one call of FactsOf.
type gathering struct {
	pack  *policy.Pack
	in    *Input
	line  *Line
	user  *Party // nil where the case names nobody who uses the line
	facts policy.Facts
}

func (g *gathering) set(name string, v policy.Value, source string, date policy.Date, version string) {
	g.facts[name] = policy.Fact{Value: v, Source: source, Date: date, Version: version}
}

func (in *Input) line(id string) *Line {
	for i := range in.Lines {
		if in.Lines[i].ID == id {
			return &in.Lines[i]
		}
	}
	return nil
}

// DestinationOf is the country where a line is used, "" where the case does not say.
func (in *Input) DestinationOf(line string) string {
	l := in.line(line)
	if l == nil {
		return ""
	}
	return in.destinationOf(l)
}

// fromApplication takes what the form itself says; answers may go over it.
func (g *gathering) fromApplication() {
	if g.in.Kind != "" {
		g.set("case.global", policy.Bool(g.in.Kind == "global"), "application", g.in.Day, "")
		// Who applies for a licence claims no exception from it.
		g.set("item.licence_exception", policy.Bool(false), "application", g.in.Day, "")
	}
	if g.line.Kind != "" {
		g.set("item.service", policy.Bool(g.line.Kind == "service"), "application", g.in.Day, "")
	}
}

// fromCategory lays down what follows from the kind of item alone; answers may
// go over it.
func (g *gathering) fromCategory() {
	if g.line.Confirmed == nil {
		return
	}
	c, ok := g.pack.Category(g.line.Confirmed.Category)
	if !ok {
		return
	}
	for name, v := range c.Facts {
		g.set(name, v, "kind of item: "+c.Name, g.line.Confirmed.Date, g.pack.Version())
	}
}

func (g *gathering) fromDestination(dest Destinations) {
	code := g.in.destinationOf(g.line)
	d, ok := dest[code]
	if !ok {
		return
	}
	for name, f := range d.Facts {
		if strings.HasPrefix(name, "dest.") {
			g.facts[name] = f
		}
	}
	for _, s := range d.Law {
		g.set(s.Fact, s.Holds(), s.Source, s.Date, "")
	}
	if level, _ := policy.ScrutinyOf(g.pack, g.in.Day, d.Indicators); level != policy.ScrutinyUnknown {
		g.set(policy.FactScrutiny, policy.Text(string(level)), "indicators of the destination, table of the pack", "", g.pack.Version())
	}
}

// fromAnswers takes the most specific answer to each fact: of the line before
// that of its user before that of the case.
func (g *gathering) fromAnswers() {
	rank := map[string]int{}
	for _, a := range g.in.Answers {
		def, ok := g.pack.Fact(a.Fact)
		if !ok || def.Derived || !g.about(a) {
			continue
		}
		r := 1
		if a.Party != "" {
			r = 2
		}
		if a.Line != "" {
			r += 2
		}
		if r < rank[a.Fact] {
			continue
		}
		if had, twice := g.facts[a.Fact]; twice && r == rank[a.Fact] && had.Value != a.Value {
			// What the register of the authority says and what was answered differ:
			// until one of them is put right nobody knows.
			g.set(a.Fact, policy.Value{}, "sources disagree: "+had.Source+"; "+a.Source, max(had.Date, a.Date), "")
			continue
		}
		rank[a.Fact] = r
		source := a.Source
		if a.Searched != "" {
			source = strings.TrimPrefix(source+"; searched: "+a.Searched, "; ")
		}
		g.set(a.Fact, a.Value, source, a.Date, "")
	}
}

func (g *gathering) about(a Answer) bool {
	if a.Line != "" && a.Line != g.line.ID {
		return false
	}
	return a.Party == "" || g.user != nil && a.Party == g.user.ID
}

// fromClassification sets what an officer's confirmation fixes. The severity is
// the highest of the typical misuse and the officer's three parts.
func (g *gathering) fromClassification() {
	c := g.line.Confirmed
	if c == nil {
		return
	}
	source := "classification confirmed"
	if c.By != "" {
		source += " by " + c.By
	}
	if c.Listed != nil {
		s := source
		if len(c.Codes) > 0 {
			s += ": " + strings.Join(c.Codes, ", ")
		}
		g.set("item.listed", policy.Bool(*c.Listed), s, c.Date, c.List)
	}
	cat, ok := g.pack.Category(c.Category)
	if !ok {
		return
	}
	g.set(policy.FactCategory, policy.Text(c.Category), source, c.Date, g.pack.Version())
	severity := max(cat.Severity, min(g.line.Severity.Max(), 5))
	why := fmt.Sprintf("typical misuse %d", cat.Severity)
	if s := g.line.Severity; s.Max() > 0 {
		why += fmt.Sprintf("; as judged: scale %d, scope %d, irremediability %d", s.Scale, s.Scope, s.Irremediability)
	}
	g.set(policy.FactSeverity, policy.Int(int64(severity)), why, c.Date, g.pack.Version())
	if cat.Harm != "" {
		g.set("item.path_to_harm", policy.Bool(true), cat.Harm, c.Date, g.pack.Version())
	}
}

func (g *gathering) fromUser() {
	if g.user == nil {
		return
	}
	switch g.user.Tie {
	case "state", "state_owned":
		g.set("user.state", policy.Bool(true), "application: "+g.user.Name(), g.in.Day, "")
	case "non_state":
		g.set("user.state", policy.Bool(false), "application: "+g.user.Name(), g.in.Day, "")
	}
	if g.user.Body != "" {
		g.set("user.kind", policy.Text(g.user.Body), "application: "+g.user.Name(), g.in.Day, "")
	}
	if g.user.Hidden {
		// Who hides the owners has not answered the question, whatever else was said.
		g.set("user.owner_concern", policy.Value{}, "the owners are hidden", g.in.Day, "")
	}
}

// fromHits answers for all parties of the chain, since an item reaches its user
// through each of them. Without a search of any list of a kind the answer is
// unknown, and so it is while a hit is not resolved. A faint likeness, such as
// many ordinary names have, is shown and leaves nothing open by itself.
func (g *gathering) fromHits() {
	chain := map[string]bool{} // of the parties with hits: few of many have any
	for i := range g.in.Hits {
		chain[g.in.Hits[i].Party] = false
	}
	for i := range g.in.Parties {
		p := &g.in.Parties[i]
		if _, hit := chain[p.ID]; hit {
			chain[p.ID] = g.in.chain(p, g.line, g.user)
		}
	}
	for kind, fact := range map[ListKind]string{Sanctions: "party.sanctioned", Restricted: "party.entity_listed", Denials: "party.denied"} {
		var lists []string
		date := policy.Date("")
		for _, s := range g.in.Screened {
			if s.Kind == kind {
				name := s.List
				if s.Date != "" {
					name += " of " + string(s.Date)
				}
				lists = append(lists, name)
				date = max(date, s.Date)
			}
		}
		open, same := "", ""
		for _, h := range g.in.Hits {
			if h.Kind != kind || !chain[h.Party] {
				continue
			}
			switch h.Outcome {
			case SameParty:
				same = h.List + " " + h.Entry + " (" + h.Shown + ")"
			case Different:
			case "":
				if !h.Faint {
					open = h.List + " " + h.Entry + " (" + h.Shown + ")"
				}
			default:
				open = h.List + " " + h.Entry + " (" + h.Shown + ")"
			}
		}
		switch {
		case same != "":
			g.set(fact, policy.Bool(true), "resolved as the same party: "+same, date, "")
		case open != "":
			g.set(fact, policy.Value{}, "not resolved: "+open, date, "")
		case len(lists) > 0:
			g.set(fact, policy.Bool(false), "nothing like the parties in "+strings.Join(lists, ", "), date, "")
		default:
			g.set(fact, policy.Value{}, "no list of this kind was searched", "", "")
		}
	}
}

// fromAssurances sets whether what must be sought was sought, and whether it
// counts. One broken assurance of the same giver makes the others count as
// absent.
func (g *gathering) fromAssurances() {
	sought, count := true, true
	broken := g.facts.Value("user.broke_assurance").True()
	for _, kind := range g.pack.Document().Assurances {
		a, ok := g.in.assurance(kind.ID, g.line.ID, g.user)
		sought = sought && ok && (a.Sought || a.Given || a.Declined)
		a.Broken = a.Broken || broken
		count = count && ok && a.Counts()
	}
	g.set("case.assurances_sought", policy.Bool(sought), "register of assurances", g.in.Day, "")
	g.set("case.assurances_count", policy.Bool(count), "register of assurances", g.in.Day, "")
}

// assurance finds the assurance of that kind for a line. Where there are several
// the one that counts goes first: a promise taken up again after a check.
func (in *Input) assurance(kind, line string, user *Party) (policy.Assurance, bool) {
	var found policy.Assurance
	ok := false
	for _, a := range in.Assurances {
		if a.Kind != kind || a.Party != "" && (user == nil || a.Party != user.ID) || len(a.Lines) > 0 && !contains(a.Lines, line) {
			continue
		}
		if !ok || a.Counts() && !found.Counts() {
			found, ok = a.Assurance, true
		}
	}
	return found, ok
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
