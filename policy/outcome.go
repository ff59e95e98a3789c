package policy

// Severity is how bad harm would be, in three parts of 1 to 5; 0 is "not given".
// It is their maximum, never an average: harm that can't be undone is grave
// however few it meets.
type Severity struct {
	Scale           int `json:"scale" yaml:"scale"`                     // how grave
	Scope           int `json:"scope" yaml:"scope"`                     // how many
	Irremediability int `json:"irremediability" yaml:"irremediability"` // how far it can't be put right
}

// Max is the severity, 0 where no part is given.
func (s Severity) Max() int { return max(s.Scale, s.Scope, s.Irremediability) }

// Complete tells whether each part is given and within 1 to 5.
func (s Severity) Complete() bool {
	for _, n := range []int{s.Scale, s.Scope, s.Irremediability} {
		if n < 1 || n > 5 {
			return false
		}
	}
	return true
}

// Grave is the severity from which an unknown refusal test leaves a line
// undecided and the human-rights adviser must be heard.
const Grave = 4

// Standing is where a line stands after its findings: the hit policy
// prohibit > refuse_if > undecided > open > weigh > clear.
type Standing string

// The standings. Only Open, Weigh and Clear leave an approval possible, and
// Open only with a written reason for each unknown.
const (
	Prohibited Standing = "prohibited" // a prohibition is met
	Refuse     Standing = "refuse"     // a refusal test is met
	Undecided  Standing = "undecided"  // a refusal test is unknown and the stakes are high, or the kind of item is not known
	Open       Standing = "open"       // a refusal test is unknown, below that severity
	Weighing   Standing = "weigh"      // no refusal test is met or unknown; something must be weighed, or is not known
	Clear      Standing = "clear"      // nothing is met or unknown that would have to be weighed
)

// Rank orders standings: the higher, the further from release.
func (s Standing) Rank() int {
	switch s {
	case Clear:
		return 0
	case Weighing:
		return 1
	case Open:
		return 2
	case Undecided:
		return 3
	case Refuse:
		return 4
	default:
		return 5
	}
}

// Releasable tells whether approval is possible at all.
func (s Standing) Releasable() bool { return s.Rank() <= Open.Rank() }

// Outcome is where a line stands and on which rules.
type Outcome struct {
	Standing Standing `json:"standing"`
	Severity int      `json:"severity"`           // 1 to 5; 0 where not known, which counts as grave
	Because  []string `json:"because,omitempty"`  // rules that put it there, in the order of the pack
	Unknown  []string `json:"unknown,omitempty"`  // binding rules that are unknown
	Weigh    []string `json:"weigh,omitempty"`    // weigh rules that are met
	Unread   []string `json:"unread,omitempty"`   // weigh rules that are unknown
	Due      []string `json:"due,omitempty"`      // procedure, due diligence and notice rules that are met: still to do
	Category string   `json:"category,omitempty"` // empty where not known
}

// Resolve applies the hit policy to the findings of one line. The facts give the
// item's category and severity; where either is not known the line is undecided
// as long as any binding rule is unknown.
func Resolve(p *Pack, findings []Finding, facts Facts) Outcome {
	severity, category := p.stakes(facts)
	return p.resolve(findings, severity, category)
}

func (p *Pack) resolve(findings []Finding, severity int, category string) Outcome {
	o := Outcome{Severity: severity, Category: category}
	var prohibited, refused []string
	for _, f := range findings {
		switch {
		case f.Status == Met && f.Force == Prohibit:
			prohibited = append(prohibited, f.Rule)
		case f.Status == Met && f.Force == RefuseIf:
			refused = append(refused, f.Rule)
		case f.Status == Met && f.Force == Weigh:
			o.Weigh = append(o.Weigh, f.Rule)
		case f.Status == Unknown && f.Force == Weigh:
			o.Unread = append(o.Unread, f.Rule)
		case f.Status == Met:
			o.Due = append(o.Due, f.Rule)
		case f.Status == Unknown && f.Force.Binding():
			o.Unknown = append(o.Unknown, f.Rule)
		}
	}
	switch {
	case len(prohibited) > 0:
		o.Standing, o.Because = Prohibited, prohibited
	case len(refused) > 0:
		o.Standing, o.Because = Refuse, refused
	case category == "", severity == 0:
		o.Standing, o.Because = Undecided, o.Unknown
	case len(o.Unknown) > 0 && severity >= Grave:
		o.Standing, o.Because = Undecided, o.Unknown
	case len(o.Unknown) > 0:
		o.Standing, o.Because = Open, o.Unknown
	case len(o.Weigh)+len(o.Unread) > 0:
		o.Standing, o.Because = Weighing, o.Weigh
	default:
		o.Standing = Clear
	}
	return o
}

// stakes are the severity and category of a line as the facts give them, 0 and
// "" where they are not known or not in the pack.
func (p *Pack) stakes(facts Facts) (int, string) {
	severity := 0
	if n, ok := facts.Value(FactSeverity).Number(); ok && n >= 1 && n <= 5 {
		severity = int(n)
	}
	category := facts.Value(FactCategory).Word()
	c, ok := p.Category(category)
	if !ok {
		return severity, ""
	}
	if severity == 0 {
		return 0, category // nobody says how grave: as grave as can be
	}
	return max(severity, c.Severity), category
}
