package policy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"sort"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"gopkg.in/yaml.v3"
)

// Bounds of a pack.
const (
	maxFileBytes = 1 << 20
	maxFiles     = 64
	maxRules     = 1000
	maxFacts     = 1000
	maxTests     = 200 // of one rule
)

// Pack is a loaded set of rules: checked, compiled and immutable, so that it can
// be used by many goroutines at once.
type Pack struct {
	doc       Document
	canonical []byte
	hash      string

	index    map[string]int // fact name -> place in doc.Facts
	unknowns []ref.Val      // for each fact, the mark that it is not known
	rules    []rule
	byID     map[string]int   // rule id -> place in rules
	readers  map[string][]int // fact name -> places of the rules that read it
	category map[string]int
	tables   []table
	laid     [][]laidFact // for each category, what follows from it alone
	laws     map[string]bool

	advice     []*condition
	counter    []*condition
	assurances []*condition
	conditions []*condition
	sharing    []*condition
}

type rule struct {
	Rule
	applies, when, both *condition
	facts               []string // all names that the rule reads, sorted
}

// Load reads the pack that lies in a folder: every *.yaml file of its top level,
// in the order of their names, joined into one Document.
func Load(fsys fs.FS) (*Pack, error) {
	doc, err := read(fsys)
	if err != nil {
		return nil, err
	}
	return New(doc)
}

// read joins the files of a folder.
func read(fsys fs.FS) (doc Document, err error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return doc, fmt.Errorf("policy: %w", err)
	}
	if len(names) == 0 {
		return doc, errors.New("policy: the folder holds no *.yaml file")
	}
	if len(names) > maxFiles {
		return doc, fmt.Errorf("policy: %d files, more than %d", len(names), maxFiles)
	}
	sort.Strings(names)
	for _, name := range names {
		f, err := fsys.Open(name)
		if err != nil {
			return doc, fmt.Errorf("policy: %w", err)
		}
		b, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
		_ = f.Close()
		if err != nil {
			return doc, fmt.Errorf("policy: %s: %w", name, err)
		}
		part, err := decode(b)
		if err != nil {
			return doc, fmt.Errorf("policy: %s: %w", path.Base(name), err)
		}
		if err := doc.join(part); err != nil {
			return doc, fmt.Errorf("policy: %s: %w", path.Base(name), err)
		}
	}
	return doc, nil
}

// Parse reads a pack from one text: YAML, or the JSON of Pack.Canonical.
func Parse(b []byte) (*Pack, error) {
	doc, err := decode(b)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	return New(doc)
}

func decode(b []byte) (Document, error) {
	var doc Document
	if len(b) > maxFileBytes {
		return doc, fmt.Errorf("more than %d bytes", maxFileBytes)
	}
	dec := yaml.NewDecoder(bytes.NewReader(b))
	dec.KnownFields(true)
	if err := dec.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return doc, err
	}
	var more any
	if err := dec.Decode(&more); !errors.Is(err, io.EOF) {
		return doc, errors.New("one document a file, please")
	}
	return doc, nil
}

// join adds another file's part. The header may stand in one file only.
func (d *Document) join(o Document) error {
	if o.ID != "" {
		if d.ID != "" {
			return errors.New("the pack's id, version and dates already stand in another file")
		}
		d.ID, d.Version, d.Title, d.Extends, d.From, d.To, d.Laws = o.ID, o.Version, o.Title, o.Extends, o.From, o.To, o.Laws
	}
	d.Facts = append(d.Facts, o.Facts...)
	d.Categories = append(d.Categories, o.Categories...)
	d.Rules = append(d.Rules, o.Rules...)
	d.Tables = append(d.Tables, o.Tables...)
	d.Sharing = append(d.Sharing, o.Sharing...)
	d.Profiles = append(d.Profiles, o.Profiles...)
	d.Advice = append(d.Advice, o.Advice...)
	d.Countersignatures = append(d.Countersignatures, o.Countersignatures...)
	d.Periods = append(d.Periods, o.Periods...)
	d.Assurances = append(d.Assurances, o.Assurances...)
	d.Conditions = append(d.Conditions, o.Conditions...)
	d.Scrutiny = append(d.Scrutiny, o.Scrutiny...)
	return nil
}

var (
	factName = regexp.MustCompile(`^(item|user|party|use|dest|case)\.[a-z][a-z0-9_]*$`)
	someID   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
)

// New checks and compiles a pack. Its error names every fault that it found.
func New(doc Document) (*Pack, error) {
	p := &Pack{
		doc: doc, index: map[string]int{}, byID: map[string]int{}, readers: map[string][]int{}, category: map[string]int{}, laws: map[string]bool{},
	}
	var faults []error
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if !someID.MatchString(doc.ID) || doc.Version == "" {
		bad("a pack needs an id and a version")
	}
	if doc.Extends != "" {
		bad("it is written over %q: load it with that pack", doc.Extends)
	}
	if !doc.From.Valid() || doc.To != "" && (!doc.To.Valid() || doc.To < doc.From) {
		bad("a pack needs a first day, and a last day may not come before it")
	}
	if len(doc.Rules) > maxRules || len(doc.Facts) > maxFacts {
		return nil, fmt.Errorf("policy: more than %d rules or %d facts", maxRules, maxFacts)
	}
	for _, l := range doc.Laws {
		p.laws[l] = true
	}
	faults = append(faults, p.checkFacts()...)
	faults = append(faults, doc.discriminates()...)
	if len(faults) > 0 {
		return nil, fmt.Errorf("policy: pack %q: %w", doc.ID, errors.Join(faults...))
	}
	x, err := newCompiler(doc.Facts, p.index)
	if err != nil {
		return nil, fmt.Errorf("policy: pack %q: %w", doc.ID, err)
	}
	faults = append(faults, p.compileRules(x)...)
	faults = append(faults, p.checkCategories()...)
	faults = append(faults, p.compileProcess(x)...)
	if len(faults) > 0 {
		return nil, fmt.Errorf("policy: pack %q: %w", doc.ID, errors.Join(faults...))
	}
	p.layCategories()
	if p.canonical, err = json.Marshal(p.doc); err != nil {
		return nil, fmt.Errorf("policy: pack %q: %w", doc.ID, err)
	}
	if len(p.canonical) > maxFileBytes {
		return nil, fmt.Errorf("policy: pack %q: more than %d bytes", doc.ID, maxFileBytes)
	}
	sum := sha256.Sum256(p.canonical)
	p.hash = hex.EncodeToString(sum[:])
	return p, nil
}

func (p *Pack) checkFacts() []error {
	var faults []error
	for i, d := range p.doc.Facts {
		if !factName.MatchString(d.Name) {
			faults = append(faults, fmt.Errorf("fact %q: a name is scope.word, the scope one of item, user, party, use, dest, case", d.Name))
		}
		if _, twice := p.index[d.Name]; twice {
			faults = append(faults, fmt.Errorf("fact %q stands twice", d.Name))
		}
		switch d.Kind {
		case KindBool, KindInt, KindText, KindDay:
		default:
			faults = append(faults, fmt.Errorf("fact %q: kind is bool, int, text or day, not %q", d.Name, d.Kind))
		}
		if d.Question == "" {
			faults = append(faults, fmt.Errorf("fact %q has no question", d.Name))
		}
		p.index[d.Name] = i
		p.unknowns = append(p.unknowns, types.NewUnknown(unknownBase+int64(i), types.NewAttributeTrail(d.Name)))
	}
	return faults
}

func (p *Pack) compileRules(x *compiler) []error {
	rows, faults := p.compileTables(x)
	for _, r := range slices.Concat(p.doc.Rules, rows) {
		bad := func(format string, args ...any) {
			faults = append(faults, fmt.Errorf("rule %s: %w", r.ID, fmt.Errorf(format, args...)))
		}
		if !someID.MatchString(r.ID) {
			bad("%q is no id", r.ID)
		}
		if _, twice := p.byID[r.ID]; twice {
			bad("the id stands twice")
		}
		if !r.Force.valid() {
			bad("unknown force %q", r.Force)
		}
		if r.Source == "" || r.Question == "" || r.Finding == "" || r.When == "" || r.Law == "" {
			bad("source, law, question, condition and finding are all needed")
		}
		for _, d := range []Date{r.From, r.To} {
			if d != "" && !d.Valid() {
				bad("%q is no day", d)
			}
		}
		if len(r.Tests) > maxTests {
			bad("more than %d tests", maxTests)
		}
		c := rule{Rule: r}
		var err error
		if c.applies, err = x.compile(r.Applies); err != nil {
			bad("applies: %w", err)
			continue
		}
		if c.when, err = x.compile(r.When); err != nil {
			bad("when: %w", err)
			continue
		}
		c.both = c.when
		if r.Applies != "" {
			if c.both, err = x.compile("(" + r.Applies + ") && (" + r.When + ")"); err != nil {
				bad("%w", err)
				continue
			}
		}
		c.facts = c.both.facts
		if readsScrutiny(c.facts) {
			bad("the level of scrutiny comes from country indicators: it may ask for advice, it may not decide a test")
		}
		for _, t := range r.Tests {
			for name := range t.Facts {
				if _, ok := p.index[name]; !ok {
					bad("test %q: no fact %q in the catalogue", t.Name, name)
				}
			}
		}
		p.byID[r.ID] = len(p.rules)
		for _, name := range c.facts {
			p.readers[name] = append(p.readers[name], len(p.rules))
		}
		p.rules = append(p.rules, c)
	}
	return faults
}

func readsScrutiny(names []string) bool {
	for _, n := range names {
		if n == FactScrutiny {
			return true
		}
	}
	return false
}

func (p *Pack) checkCategories() []error {
	var faults []error
	for i, c := range p.doc.Categories {
		if _, twice := p.category[c.ID]; twice || c.ID == "" {
			faults = append(faults, fmt.Errorf("category %q stands twice or has no id", c.ID))
		}
		if c.Severity < 1 || c.Severity > 5 {
			faults = append(faults, fmt.Errorf("category %s: severity is 1 to 5, not %d", c.ID, c.Severity))
		}
		for name, v := range c.Facts {
			j, ok := p.index[name]
			if !ok || scopeOf(name) != "item" {
				faults = append(faults, fmt.Errorf("category %s: no item fact %q in the catalogue", c.ID, name))
			} else if v.Known() && !p.doc.Facts[j].Accepts(v) {
				faults = append(faults, fmt.Errorf("category %s: %s can't be %s", c.ID, name, v))
			}
		}
		p.category[c.ID] = i
	}
	return faults
}

// laidFact is what a kind of item says about a fact.
type laidFact struct {
	at    int // place in the catalogue
	value Value
	over  bool // goes over an answer
}

func (p *Pack) layCategories() {
	p.laid = make([][]laidFact, len(p.doc.Categories))
	for i := range p.doc.Categories {
		c := &p.doc.Categories[i]
		for at := range p.doc.Facts {
			if v, ok := c.lays(p.doc.Facts[at].Name); ok {
				p.laid[i] = append(p.laid[i], laidFact{at, v, p.doc.Facts[at].Name == factPath && c.Harm != ""})
			}
		}
	}
}

// ID is the pack's short name.
func (p *Pack) ID() string { return p.doc.ID }

// Version is the pack's own version text.
func (p *Pack) Version() string { return p.doc.Version }

// Title is what the pack is called.
func (p *Pack) Title() string { return p.doc.Title }

// Hash is the SHA-256 of the canonical form, in hex. Two packs with one hash
// give the same findings on the same facts.
func (p *Pack) Hash() string { return p.hash }

// Canonical is the pack as one text that Parse reads back to the same hash:
// what a decision keeps so that it can be replayed.
func (p *Pack) Canonical() []byte { return bytes.Clone(p.canonical) }

// InForce tells whether the pack may be used on that day.
func (p *Pack) InForce(on Date) bool {
	return p.doc.From <= on && (p.doc.To == "" || on <= p.doc.To)
}

// Document is a copy of what the pack was made of. Its slices are shared: read them only.
func (p *Pack) Document() Document { return p.doc }

// Rule finds a rule by its id.
func (p *Pack) Rule(id string) (Rule, bool) {
	i, ok := p.byID[id]
	if !ok {
		return Rule{}, false
	}
	return p.rules[i].Rule, true
}

// Rules are all rules in the order of their findings: those of the document, then
// one for each row of its tables from which something follows.
func (p *Pack) Rules() []Rule {
	out := make([]Rule, len(p.rules))
	for i := range p.rules {
		out[i] = p.rules[i].Rule
	}
	return out
}

// RuleFacts are the names of the facts that a rule reads, sorted.
func (p *Pack) RuleFacts(id string) []string {
	i, ok := p.byID[id]
	if !ok {
		return nil
	}
	return p.rules[i].facts
}

// Fact finds an entry of the catalogue.
func (p *Pack) Fact(name string) (FactDef, bool) {
	i, ok := p.index[name]
	if !ok {
		return FactDef{}, false
	}
	return p.doc.Facts[i], true
}

// Category finds a kind of item by its id.
func (p *Pack) Category(id string) (Category, bool) {
	i, ok := p.category[id]
	if !ok {
		return Category{}, false
	}
	return p.doc.Categories[i], true
}

func scopeOf(name string) string {
	for i := range len(name) {
		if name[i] == '.' {
			return name[:i]
		}
	}
	return name
}
