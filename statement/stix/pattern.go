package stix

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Pattern is a parsed pattern of the STIX patterning language.
type Pattern struct {
	Root *Observation
	// Comparisons is every comparison in it, in the order of the text.
	Comparisons []*Comparison

	repeated []string // qualifiers that stand twice on one observation
	mixed    []string // brackets that ask two kinds of object to be one
}

// Observation is a bracket [ ], or several joined by AND, OR or FOLLOWEDBY.
type Observation struct {
	Op         string // "", AND, OR, FOLLOWEDBY
	Parts      []*Observation
	Inside     *Condition // where Op is ""
	Qualifiers []Qualifier
	grouped    bool
}

// Condition is what stands in a bracket: a comparison or several joined.
type Condition struct {
	Op         string // "", AND, OR
	Parts      []*Condition
	Comparison *Comparison
}

// Comparison holds a property against values.
type Comparison struct {
	Type   string // of the object
	Path   []Step
	Op     string // = != < <= > >= IN LIKE MATCHES ISSUBSET ISSUPERSET EXISTS
	Not    bool
	Values []Literal
}

// Step is one step of the path to a property.
type Step struct {
	Name  string
	Index string // "", a number or *
}

// Literal is a value of a pattern.
type Literal struct {
	Kind string // string, integer, float, boolean, timestamp, hex, binary
	Text string
}

// Qualifier limits an observation in time or number.
type Qualifier struct {
	Kind        string // WITHIN, REPEATS, STARTSTOP
	Value       string // seconds, or times
	Start, Stop string
}

const (
	maxPattern      = 64 << 10
	maxPatternDepth = 50
)

// patternParser reads words by the grammar of the standard.
type patternParser struct {
	words   []token
	at      int
	depth   int
	pattern *Pattern
}

// ParsePattern reads a pattern by the grammar of STIX 2.1. Errors then tells
// what the grammar allows and the standard does not.
func ParsePattern(s string) (*Pattern, error) {
	if len(s) > maxPattern {
		return nil, fmt.Errorf("%w: a pattern of %d bytes, at most %d", ErrTooLarge, len(s), maxPattern)
	}
	words, err := patternWords(s)
	if err != nil {
		return nil, err
	}
	p := &patternParser{words: words, pattern: &Pattern{}}
	if first := p.peek(); first.text != "[" && first.text != "(" {
		return nil, patternError(first.at, "a pattern begins with [")
	}
	root, err := p.joined([]string{"FOLLOWEDBY", "OR", "AND"})
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokEnd {
		return nil, patternError(t.at, "want AND, OR, FOLLOWEDBY, a qualifier or the end, not %s", t)
	}
	p.pattern.Root = root
	return p.pattern, nil
}

func (p *patternParser) peek() token { return p.words[p.at] }

func (p *patternParser) next() token {
	t := p.words[p.at]
	if t.kind != tokEnd {
		p.at++
	}
	return t
}

// take takes a keyword or a sign if it comes next.
func (p *patternParser) take(text string) bool {
	if t := p.peek(); (t.kind == tokKeyword || t.kind == tokSign) && t.text == text {
		p.at++
		return true
	}
	return false
}

func (p *patternParser) must(text string) error {
	if p.take(text) {
		return nil
	}
	return patternError(p.peek().at, "want %s, not %s", text, p.peek())
}

func (p *patternParser) deeper() error {
	if p.depth++; p.depth > maxPatternDepth {
		return patternError(p.peek().at, "nested deeper than %d brackets", maxPatternDepth)
	}
	return nil
}

// joined reads observations joined by the weakest of ops, which binds the
// parts joined by the stronger ones.
func (p *patternParser) joined(ops []string) (*Observation, error) {
	if len(ops) == 0 {
		return p.observation()
	}
	first, err := p.joined(ops[1:])
	if err != nil {
		return nil, err
	}
	all := &Observation{Op: ops[0], Parts: []*Observation{first}}
	for p.take(ops[0]) {
		part, err := p.joined(ops[1:])
		if err != nil {
			return nil, err
		}
		all.Parts = append(all.Parts, part)
	}
	if len(all.Parts) == 1 {
		return first, nil
	}
	return all, nil
}

func (p *patternParser) observation() (*Observation, error) {
	var o *Observation
	switch t := p.peek(); {
	case p.take("["):
		before := len(p.pattern.Comparisons)
		inside, err := p.condition([]string{"OR", "AND"})
		if err != nil {
			return nil, err
		}
		if err := p.must("]"); err != nil {
			return nil, err
		}
		p.mixed(inside, p.pattern.Comparisons[before:])
		o = &Observation{Inside: inside}
	case p.take("("):
		if err := p.deeper(); err != nil {
			return nil, err
		}
		inside, err := p.joined([]string{"FOLLOWEDBY", "OR", "AND"})
		if err != nil {
			return nil, err
		}
		if err := p.must(")"); err != nil {
			return nil, err
		}
		p.depth--
		o = &Observation{Op: "AND", Parts: []*Observation{inside}, grouped: true}
	default:
		return nil, patternError(t.at, "want [ or (, not %s", t)
	}
	return o, p.qualifiers(o)
}

// mixed notes a bracket that asks one object to be of two types at once.
func (p *patternParser) mixed(c *Condition, in []*Comparison) {
	if c.Op != "AND" {
		return
	}
	for _, part := range c.Parts {
		if part.Comparison != nil && part.Comparison.Type != in[0].Type {
			p.pattern.mixed = append(p.pattern.mixed, in[0].Type+" and "+part.Comparison.Type)
			return
		}
	}
}

func (p *patternParser) qualifiers(o *Observation) error {
	for {
		var q Qualifier
		switch {
		case p.take("WITHIN"):
			t := p.next()
			if t.kind != tokInt && t.kind != tokFloat || t.text[0] == '-' {
				return patternError(t.at, "want a number of seconds, not %s", t)
			}
			q = Qualifier{Kind: "WITHIN", Value: t.text}
			if err := p.must("SECONDS"); err != nil {
				return err
			}
		case p.take("REPEATS"):
			t := p.next()
			if t.kind != tokInt || t.text[0] == '-' {
				return patternError(t.at, "want how many times, not %s", t)
			}
			q = Qualifier{Kind: "REPEATS", Value: t.text}
			if err := p.must("TIMES"); err != nil {
				return err
			}
		case p.take("START"):
			start := p.next()
			if err := p.must("STOP"); err != nil {
				return err
			}
			stop := p.next()
			if start.kind != tokTime || stop.kind != tokTime {
				return patternError(start.at, "START and STOP want timestamps, t'…'")
			}
			q = Qualifier{Kind: "STARTSTOP", Start: start.text, Stop: stop.text}
		default:
			return nil
		}
		if !o.grouped && slices.ContainsFunc(o.Qualifiers, func(x Qualifier) bool { return x.Kind == q.Kind }) {
			p.pattern.repeated = append(p.pattern.repeated, q.Kind)
		}
		o.Qualifiers = append(o.Qualifiers, q)
	}
}

func (p *patternParser) condition(ops []string) (*Condition, error) {
	if len(ops) == 0 {
		return p.test()
	}
	first, err := p.condition(ops[1:])
	if err != nil {
		return nil, err
	}
	all := &Condition{Op: ops[0], Parts: []*Condition{first}}
	for p.take(ops[0]) {
		part, err := p.condition(ops[1:])
		if err != nil {
			return nil, err
		}
		all.Parts = append(all.Parts, part)
	}
	if len(all.Parts) == 1 {
		return first, nil
	}
	return all, nil
}

func (p *patternParser) test() (*Condition, error) {
	if p.take("(") {
		if err := p.deeper(); err != nil {
			return nil, err
		}
		c, err := p.condition([]string{"OR", "AND"})
		if err != nil {
			return nil, err
		}
		p.depth--
		return c, p.must(")")
	}
	c := &Comparison{}
	c.Not = p.take("NOT")
	if p.take("EXISTS") {
		c.Op = "EXISTS"
	} else if c.Not {
		return nil, patternError(p.peek().at, "want EXISTS after NOT, not %s", p.peek())
	}
	if err := p.path(c); err != nil {
		return nil, err
	}
	if c.Op == "" {
		if err := p.compared(c); err != nil {
			return nil, err
		}
	}
	p.pattern.Comparisons = append(p.pattern.Comparisons, c)
	return &Condition{Comparison: c}, nil
}

func (p *patternParser) path(c *Comparison) error {
	t := p.next()
	if t.kind != tokName && t.kind != tokHyphenName {
		return patternError(t.at, "want the type of an object, not %s", t)
	}
	c.Type = t.text
	if err := p.must(":"); err != nil {
		return err
	}
	for {
		t := p.next()
		if t.kind != tokName && t.kind != tokString {
			return patternError(t.at, "want the name of a property (in ' ' where it has a hyphen), not %s", t)
		}
		c.Path = append(c.Path, Step{Name: t.text})
		for p.take("[") {
			t := p.next()
			if t.kind != tokInt && t.text != "*" || t.kind == tokString {
				return patternError(t.at, "want a number or * in [ ], not %s", t)
			}
			c.Path = append(c.Path, Step{Index: t.text})
			if err := p.must("]"); err != nil {
				return err
			}
		}
		if !p.take(".") {
			return nil
		}
	}
}

func (p *patternParser) compared(c *Comparison) error {
	c.Not = p.take("NOT")
	t := p.next()
	c.Op = t.text
	switch {
	case t.kind == tokKeyword && t.text == "IN":
		return p.set(c)
	case t.kind == tokKeyword && slices.Contains([]string{"LIKE", "MATCHES", "ISSUBSET", "ISSUPERSET"}, t.text):
		v := p.next()
		if v.kind != tokString {
			return patternError(v.at, "%s wants a string in ' ', not %s", t.text, v)
		}
		c.Values = []Literal{{"string", v.text}}
		return nil
	case t.kind == tokSign && slices.Contains([]string{"=", "==", "!=", "<>", "<", "<=", ">", ">="}, t.text):
		c.Op = strings.NewReplacer("==", "=", "<>", "!=").Replace(t.text)
		v, err := p.literal(c.Op == "=" || c.Op == "!=")
		c.Values = []Literal{v}
		return err
	}
	return patternError(t.at, "want an operator, not %s", t)
}

func (p *patternParser) set(c *Comparison) error {
	if err := p.must("("); err != nil {
		return err
	}
	if p.take(")") {
		return nil
	}
	for {
		v, err := p.literal(true)
		if err != nil {
			return err
		}
		c.Values = append(c.Values, v)
		if !p.take(",") {
			return p.must(")")
		}
	}
}

var literalKinds = map[tokenKind]string{
	tokString: "string", tokInt: "integer", tokFloat: "float", tokBool: "boolean", tokTime: "timestamp", tokHex: "hex", tokBinary: "binary",
}

func (p *patternParser) literal(booleans bool) (Literal, error) {
	t := p.next()
	kind, ok := literalKinds[t.kind]
	if !ok || t.kind == tokBool && !booleans {
		return Literal{}, patternError(t.at, "want a value (a string stands in ' '), not %s", t)
	}
	return Literal{kind, t.text}, nil
}

// Field is the comparison's type and path as a pattern writes them.
func (c *Comparison) Field() string {
	var b strings.Builder
	b.WriteString(c.Type + ":")
	for i, s := range c.Path {
		switch {
		case s.Index != "":
			b.WriteString("[" + s.Index + "]")
			continue
		case i > 0:
			b.WriteByte('.')
		}
		if plain := s.Name != "" && isLetter(s.Name[0]) && strings.Trim(strings.ToLower(s.Name), "abcdefghijklmnopqrstuvwxyz0123456789_") == ""; plain {
			b.WriteString(s.Name)
		} else {
			b.WriteString(QuotePattern(s.Name))
		}
	}
	return b.String()
}

// QuotePattern writes a string as a pattern has it.
func QuotePattern(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(s) + "'"
}

// Errors is what the grammar allows and readers of STIX refuse: names that no
// observable can have, hashes that are none, a qualifier twice.
func (p *Pattern) Errors() (all []string) {
	for _, q := range p.repeated {
		all = append(all, "the qualifier "+q+" stands twice on one observation")
	}
	said := map[string]bool{}
	for _, c := range p.Comparisons {
		if !said[c.Type] && standard().objects[c.Type] == nil && !patternType(c.Type) {
			said[c.Type] = true
			all = append(all, fmt.Sprintf("%q is not the name of an observable type: 3 to 250 of a-z, 0-9 and single hyphens", shorten(c.Type)))
		}
		if name := c.Path[0].Name; !observableProperty(c.Type, name) && !(len(name) >= 3 && len(name) <= 250 && lowerWord(name)) && !said[c.Type+":"+name] {
			said[c.Type+":"+name] = true
			all = append(all, fmt.Sprintf("%q is not the name of a property of %s: 3 to 250 of a-z, 0-9 and _", shorten(name), shorten(c.Type)))
		}
		all = append(all, c.badHashes()...)
	}
	return all
}

// patternType is what an observable's name may be: the standard's validator
// lets it begin with a digit.
func patternType(s string) bool {
	return validTypeName(strings.ReplaceAll("a"+s, "_", "!")) && len(s) >= 3
}

func observableProperty(typ, name string) bool {
	s := standard().objects[typ]
	return s != nil && s.group == "observable" && s.byName[name] != nil
}

// patternHashes is how long each hash is, in digits, by its name without hyphens.
var patternHashes = map[string]int{
	"MD5": 32, "RIPEMD160": 40, "SHA1": 40, "SHA224": 56, "SHA256": 64, "SHA384": 96, "SHA512": 128,
	"SHA3224": 56, "SHA3256": 64, "SHA3384": 96, "SHA3512": 128, "WHIRLPOOL": 128,
}

func (c *Comparison) badHashes() (all []string) {
	if !slices.ContainsFunc(c.Path, func(s Step) bool { return s.Name == "hashes" }) {
		return nil
	}
	if c.Op != "=" && c.Op != "!=" && c.Op != "IN" {
		return nil // a part of a hash may be looked for
	}
	name := c.Path[len(c.Path)-1].Name
	want, known := patternHashes[strings.ReplaceAll(strings.ToUpper(name), "-", "")]
	for _, v := range c.Values {
		if known && (len(v.Text) != want || strings.Trim(strings.ToLower(v.Text), "0123456789abcdef") != "") {
			all = append(all, fmt.Sprintf("%q is not a %s hash: that has %s hexadecimal digits", shorten(v.Text), name, strconv.Itoa(want)))
		}
	}
	return all
}

// Warnings is what readers take and will not find: types and properties the
// standard does not know, and brackets that can never be true.
func (p *Pattern) Warnings() (all []string) {
	for _, m := range p.mixed {
		all = append(all, "one object can't be "+m+" at once: put each in brackets of its own")
	}
	said := map[string]bool{}
	for _, c := range p.Comparisons {
		s := standard().objects[c.Type]
		field := c.Type + ":" + c.Path[0].Name
		switch {
		case said[field]:
		case s == nil || s.group != "observable":
			all = append(all, fmt.Sprintf("%s is not an observable of the standard", shorten(c.Type)))
		case s.byName[c.Path[0].Name] == nil:
			all = append(all, fmt.Sprintf("a %s has no property %s", c.Type, shorten(c.Path[0].Name)))
		}
		said[field] = true
	}
	return all
}
