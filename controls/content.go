package controls

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"sort"
	"strings"

	"gopkg.in/yaml.v3"
)

// Status is what a list says of an item.
type Status string

// The three answers. There is no fourth: what is not known is a matter for an
// expert, never "fine".
const (
	Listed      Status = "listed"
	NotListed   Status = "not_listed"
	NeedsExpert Status = "needs_expert"
)

func (s Status) valid() bool { return s == Listed || s == NotListed || s == NeedsExpert }

// Summary is one control entry in our own words: what it is about, the question
// that decides, and what releases an item. Verified says whether the wording was
// compared with the text of the list version named in Source.
type Summary struct {
	Code       string   `yaml:"code"`
	List       string   `yaml:"list"` // EU, US, DE, TORT
	Title      string   `yaml:"title"`
	Summary    string   `yaml:"summary"`
	Question   string   `yaml:"question"`
	Releases   []string `yaml:"releases,omitempty"`
	Notes      []string `yaml:"notes,omitempty"`
	Categories []string `yaml:"categories,omitempty"`
	Cues       []string `yaml:"cues,omitempty"`
	Source     string   `yaml:"source"`
	Verified   bool     `yaml:"verified"`
}

// Category is one capability of the taxonomy: what can be done to people with
// such an item, and how grave that is.
type Category struct {
	ID             string              `yaml:"id"`
	Name           string              `yaml:"name"`
	Listed         string              `yaml:"listed"` // yes, partly, no
	Codes          map[string][]string `yaml:"codes"`
	Includes       []string            `yaml:"includes,omitempty"`
	NotIncluded    []string            `yaml:"not_included,omitempty"`
	Cues           []string            `yaml:"cues,omitempty"`
	Not            []string            `yaml:"not,omitempty"` // words that take an item out of the category
	Discriminators []string            `yaml:"discriminators,omitempty"`
	Abuse          []string            `yaml:"abuse"`
	Rights         []string            `yaml:"rights"`
	Severity       int                 `yaml:"severity"` // default severity of typical misuse, 1 to 5
	Note           string              `yaml:"note,omitempty"`
	Rule           string              `yaml:"rule,omitempty"`
}

// Kind is a family of products as the trade describes it, with the tests that
// decide what it is under the lists. It is a decision table: rules are read in
// order, the first that is met decides; one that cannot be answered yet leaves
// its question open.
type Kind struct {
	ID         string   `yaml:"id"`
	Name       string   `yaml:"name"`
	Cues       []string `yaml:"cues"`          // any of these brings the kind into play
	And        []string `yaml:"and,omitempty"` // and one alternative of each of these
	Not        []string `yaml:"not,omitempty"` // and none of these
	EU         []string `yaml:"eu,omitempty"`
	US         []string `yaml:"us,omitempty"`
	DE         []string `yaml:"de,omitempty"` // German national entries, where one may apply
	Categories []string `yaml:"categories,omitempty"`
	Rules      []Rule   `yaml:"rules,omitempty"`
	Else       Status   `yaml:"else"`
	Why        string   `yaml:"why"`
	Ask        string   `yaml:"ask,omitempty"`
	Yes        Status   `yaml:"yes,omitempty"` // what the answer yes to Ask makes of it
	No         Status   `yaml:"no,omitempty"`
	Over       []string `yaml:"over,omitempty"` // kinds that this one displaces
	Weight     float64  `yaml:"weight,omitempty"`
	Anywhere   bool     `yaml:"anywhere,omitempty"` // clears wherever its words stand, not only where they name the thing
}

// Rule is one row of a kind's decision table.
type Rule struct {
	If     []string `yaml:"if,omitempty"` // comparisons: "frequency[frame,fps] <= 9 Hz"
	Any    []string `yaml:"any,omitempty"`
	And    []string `yaml:"and,omitempty"`
	Not    []string `yaml:"not,omitempty"`
	Then   Status   `yaml:"then"`
	EU     []string `yaml:"eu,omitempty"`
	US     []string `yaml:"us,omitempty"`
	Why    string   `yaml:"why"`
	Ask    string   `yaml:"ask,omitempty"`
	Silent string   `yaml:"silent,omitempty"` // "no": a text that gives no number does not meet the rule
}

// HarmPath is a way from a capability to harm done to people. It carries the
// catch-all: no flag is raised without one.
type HarmPath struct {
	ID       string   `yaml:"id"`
	Category string   `yaml:"category"`
	Cues     []string `yaml:"cues,omitempty"`
	And      []string `yaml:"and,omitempty"`
	Not      []string `yaml:"not,omitempty"`
	Level    string   `yaml:"level"`           // yes, maybe or no: what the capability alone gives
	Raise    []string `yaml:"raise,omitempty"` // words or contexts ("@security") that make it yes
	Lower    []string `yaml:"lower,omitempty"` // words or contexts that make it no
	Harm     string   `yaml:"harm"`            // the path, as a sentence
	Ask      string   `yaml:"ask,omitempty"`
}

// Conduct is what is done to people, in plain words: an act of one class beside
// an object of another. It leads to harm with its circumstances only: a service
// of force does it, people at risk bear it, they do not know, arrest follows.
type Conduct struct {
	ID       string   `yaml:"id"`
	Category string   `yaml:"category"`
	Marks    []string `yaml:"marks"`            // what shows it where no phrase does: one of each group ("a_take|a_listen")
	Acts     []string `yaml:"acts"`             // contexts ("@takes") or cues
	Objects  []string `yaml:"objects"`          // what it is done to
	Enough   []string `yaml:"enough,omitempty"` // further circumstances that lead this one to harm
	Not      []string `yaml:"not,omitempty"`    // words that make it another thing
	Harm     string   `yaml:"harm"`
	Ask      string   `yaml:"ask"`
}

// Example is a description in our own words of which is known whether it leads to
// harm, and if not, whether it protects people or is of everyday use. A description
// is read by what it has in common with examples.
type Example struct {
	Text           string
	Harm, Everyday bool
}

// ProtectiveUse is a use that protects people; finding one is a result of its
// own, because refusing such an item can do harm.
type ProtectiveUse struct {
	ID      string   `yaml:"id"`
	Name    string   `yaml:"name"`
	Cues    []string `yaml:"cues,omitempty"`
	And     []string `yaml:"and,omitempty"`
	Acts    []string `yaml:"acts,omitempty"` // instead of cues: what is done ("@detects")
	Objects []string `yaml:"objects,omitempty"`
	Not     []string `yaml:"not,omitempty"`
	Why     string   `yaml:"why"`
}

// Content is the knowledge in our own words that the engine works with.
type Content struct {
	Version    string
	Summaries  []Summary
	Categories []Category
	Kinds      []Kind
	Paths      []HarmPath
	Conducts   []Conduct
	Protective []ProtectiveUse
	Contexts   map[string][]string // named groups of cues, referred to as "@name"
	Marks      map[string]string   // what words show, by name: alternatives with bars
	Examples   []Example

	hash string
}

// Hash is the SHA-256 over the files the content was read from.
func (c *Content) Hash() string { return c.hash }

// Category returns a category of the taxonomy by its id.
func (c *Content) Category(id string) (Category, bool) {
	for _, k := range c.Categories {
		if k.ID == id {
			return k, true
		}
	}
	return Category{}, false
}

// Summary returns the entry in our own words for a code of a legal order.
func (c *Content) Summary(list, code string) (Summary, bool) {
	for _, s := range c.Summaries {
		if s.List == list && s.Code == code {
			return s, true
		}
	}
	return Summary{}, false
}

// protectiveWords are the name of a protective use and why it is one.
func (c *Content) protectiveWords(id string) (name, why string) {
	for _, p := range c.Protective {
		if p.ID == id && p.Name != "" {
			return p.Name, p.Why
		}
	}
	return id, ""
}

const maxContentFile = 4 << 20

// LoadContent reads taxonomy.yaml, controls/entries/*.yaml, controls/kinds/*.yaml,
// controls/paths.yaml, controls/techniques.yaml and controls/conduct.yaml.
// It is strict: an unknown field, a category that the taxonomy does not hold, a
// status that does not exist or a code given twice is an error naming the file.
func LoadContent(fsys fs.FS) (*Content, error) {
	c := &Content{Contexts: map[string][]string{}}
	sum := sha256.New()
	read := func(name string, into any) error {
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return err
		}
		if len(b) > maxContentFile {
			return fmt.Errorf("%s: larger than %d bytes", name, maxContentFile)
		}
		fmt.Fprintf(sum, "%s %d\n", name, len(b))
		sum.Write(b)
		dec := yaml.NewDecoder(bytes.NewReader(b))
		dec.KnownFields(true)
		if err := dec.Decode(into); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	}
	var tax struct {
		Version    string     `yaml:"version"`
		Categories []Category `yaml:"categories"`
	}
	if err := read("taxonomy.yaml", &tax); err != nil {
		return nil, err
	}
	c.Version, c.Categories = tax.Version, tax.Categories
	err := each(fsys, "controls/entries", func(name string) error {
		var file struct {
			Source  string    `yaml:"source"`
			List    string    `yaml:"list"`
			Entries []Summary `yaml:"entries"`
		}
		if err := read(name, &file); err != nil {
			return err
		}
		for _, e := range file.Entries {
			if e.Source == "" {
				e.Source = file.Source
			}
			if e.List == "" {
				e.List = file.List
			}
			c.Summaries = append(c.Summaries, e)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = each(fsys, "controls/kinds", func(name string) error {
		var file struct {
			Kinds []Kind `yaml:"kinds"`
		}
		if err := read(name, &file); err != nil {
			return err
		}
		c.Kinds = append(c.Kinds, file.Kinds...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, name := range []string{"controls/paths.yaml", "controls/techniques.yaml", "controls/conduct.yaml"} {
		var file struct {
			Contexts   map[string][]string `yaml:"contexts"`
			Paths      []HarmPath          `yaml:"paths"`
			Conducts   []Conduct           `yaml:"conducts"`
			Protective []ProtectiveUse     `yaml:"protective"`
		}
		if err := read(name, &file); err != nil {
			return nil, err
		}
		for context, cues := range file.Contexts {
			if _, ok := c.Contexts[context]; ok {
				return nil, fmt.Errorf("%s: context %q is given twice", name, context)
			}
			c.Contexts[context] = cues
		}
		c.Paths = append(c.Paths, file.Paths...)
		c.Conducts = append(c.Conducts, file.Conducts...)
		c.Protective = append(c.Protective, file.Protective...)
	}
	var marks struct {
		Marks map[string]string `yaml:"marks"`
	}
	if err := read("controls/marks.yaml", &marks); err != nil {
		return nil, err
	}
	c.Marks = marks.Marks
	var examples struct {
		Harm       []string `yaml:"harm"`
		Protective []string `yaml:"protective"`
		Ordinary   []string `yaml:"ordinary"`
	}
	if err := read("controls/examples.yaml", &examples); err != nil {
		return nil, err
	}
	for i, list := range [][]string{examples.Harm, examples.Protective, examples.Ordinary} {
		for _, text := range list {
			c.Examples = append(c.Examples, Example{Text: text, Harm: i == 0, Everyday: i == 2})
		}
	}
	c.hash = hex.EncodeToString(sum.Sum(nil))
	return c, c.check()
}

func each(fsys fs.FS, dir string, do func(name string) error) error {
	files, err := fs.ReadDir(fsys, dir)
	if err != nil {
		return err
	}
	sort.Slice(files, func(i, j int) bool { return files[i].Name() < files[j].Name() })
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".yaml") {
			continue
		}
		if err := do(path.Join(dir, f.Name())); err != nil {
			return err
		}
	}
	return nil
}

// check holds the content to its own promises.
func (c *Content) check() error {
	category := map[string]bool{}
	for _, k := range c.Categories {
		if k.ID == "" || k.Name == "" || k.Severity < 1 || k.Severity > 5 || len(k.Rights) == 0 {
			return fmt.Errorf("taxonomy: category %q needs a name, rights and a severity from 1 to 5", k.ID)
		}
		category[k.ID] = true
	}
	known := func(where string, ids []string) error {
		for _, id := range ids {
			if !category[id] {
				return fmt.Errorf("%s: the taxonomy has no category %q", where, id)
			}
		}
		return nil
	}
	seen := map[string]bool{}
	for _, s := range c.Summaries {
		key := s.List + ":" + s.Code
		if seen[key] {
			return fmt.Errorf("entry %s is given twice", key)
		}
		seen[key] = true
		if s.Code == "" || s.List == "" || s.Title == "" || s.Summary == "" || s.Question == "" || s.Source == "" {
			return fmt.Errorf("entry %s needs list, title, summary, question and source", key)
		}
		if err := known("entry "+key, s.Categories); err != nil {
			return err
		}
	}
	kinds := map[string]bool{}
	for _, k := range c.Kinds {
		if k.ID == "" || kinds[k.ID] {
			return fmt.Errorf("kind %q is given twice or has no id", k.ID)
		}
		kinds[k.ID] = true
		if k.Name == "" || len(k.Cues) == 0 || !k.Else.valid() || k.Why == "" {
			return fmt.Errorf("kind %s needs a name, cues, an outcome and a reason", k.ID)
		}
		for i, r := range k.Rules {
			if !r.Then.valid() || r.Why == "" {
				return fmt.Errorf("kind %s, rule %d needs an outcome and a reason", k.ID, i+1)
			}
		}
		if err := known("kind "+k.ID, k.Categories); err != nil {
			return err
		}
	}
	for _, k := range c.Kinds {
		for _, o := range k.Over {
			if !kinds[o] {
				return fmt.Errorf("kind %s stands over %q, which does not exist", k.ID, o)
			}
		}
	}
	for _, p := range c.Paths {
		if err := known("path "+p.ID, []string{p.Category}); err != nil {
			return err
		}
		if len(p.Cues) == 0 {
			return fmt.Errorf("path %s has no cues", p.ID)
		}
		if p.Harm == "" || (p.Level != "yes" && p.Level != "maybe" && p.Level != "no") {
			return fmt.Errorf("path %s needs the harm it leads to and a level", p.ID)
		}
	}
	protects := map[string]bool{}
	for _, p := range c.Protective {
		protects[p.ID] = protects[p.ID] || p.Name != "" && p.Why != ""
		if !protects[p.ID] || len(p.Cues) == 0 && (len(p.Acts) == 0 || len(p.Objects) == 0) {
			return fmt.Errorf("protective use %q needs a name, a reason, and cues or acts with objects", p.ID)
		}
	}
	for _, p := range c.Conducts {
		if err := known("conduct "+p.ID, []string{p.Category}); err != nil {
			return err
		}
		if p.ID == "" || len(p.Acts) == 0 || len(p.Objects) == 0 || p.Harm == "" || p.Ask == "" {
			return fmt.Errorf("conduct %q needs acts, objects, the harm it leads to and a question", p.ID)
		}
		for _, m := range strings.Split(strings.Join(p.Marks, "|"), "|") {
			if _, ok := c.Marks[m]; m != "" && !ok {
				return fmt.Errorf("conduct %s: no mark %q", p.ID, m)
			}
		}
	}
	return nil
}
