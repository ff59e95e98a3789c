package policy

// Route is one part of a pack that can ask for somebody: advice, a second
// signature, an assurance, or telling someone. It says whether it does for a
// line, and why or why not.
type Route struct {
	Part     string      `json:"part"` // "advice", "countersignature", "assurance", "sharing"
	ID       string      `json:"id"`
	Who      string      `json:"who,omitempty"`     // role, or with whom it is shared
	Outcome  string      `json:"outcome,omitempty"` // "approve", "refuse" or "any": of a signature or of sharing
	Text     string      `json:"text"`              // the reason that the pack gives, or what is promised or told
	Asks     bool        `json:"asks"`
	Status   Status      `json:"status"` // of its condition
	When     string      `json:"when,omitempty"`
	Facts    []NamedFact `json:"facts,omitempty"`    // the known facts that the condition reads, by name
	Missing  []string    `json:"missing,omitempty"`  // unknown facts that would settle it
	Residual string      `json:"residual,omitempty"` // what remains of the condition, where unknown
}

// Routing is every route of the pack for a line, in its order. While a condition
// is unknown, whoever it names is asked; nothing is told.
func Routing(p *Pack, facts Facts) []Route {
	vars := p.bind(facts)
	var out []Route
	add := func(r Route, c *condition, unless Status) {
		r.When = c.text
		r.Status, _, r.Missing = p.status(c.eval(vars))
		r.Asks = r.Status == Met || r.Status == Unknown && unless != Unknown
		for _, name := range c.facts {
			if f := facts[name]; f.Value.Known() {
				r.Facts = append(r.Facts, NamedFact{name, f})
			}
		}
		if r.Status == Unknown {
			r.Residual, _ = c.residual(vars)
		}
		out = append(out, r)
	}
	for i, x := range p.doc.Advice {
		add(Route{Part: "advice", ID: x.ID, Who: x.From, Text: x.Reason}, p.advice[i], "")
	}
	for i, x := range p.doc.Countersignatures {
		add(Route{Part: "countersignature", ID: x.ID, Who: x.By, Outcome: x.Outcome, Text: x.Reason}, p.counter[i], "")
	}
	for i, x := range p.doc.Assurances {
		add(Route{Part: "assurance", ID: x.ID, Text: x.Text}, p.assurances[i], "")
	}
	for i, x := range p.doc.Sharing {
		add(Route{Part: "sharing", ID: x.ID, Who: x.With, Outcome: x.Outcome, Text: x.What + ". " + x.Reason}, p.sharing[i], Unknown)
	}
	return out
}
