// Package lang is the message catalogue: every sentence that a person reads is
// asked for here by a key that says what it means, with values for its
// placeholders, and comes back in the reader's language.
//
// Sentences live in flat TOML files, lang/<language>/<room>.toml:
//
//	"licensing.rfi.closed" = "This request was closed on {date}."
//
//	["licensing.days.left"]
//	one   = "{count} working day left"
//	other = "{count} working days left"
//
// A table is a plural: its forms are those of CLDR (zero, one, two, few, many,
// other), chosen by the value called "count", or by the one that "by" names. A
// placeholder may name a form of its value: {when:datetime}. A Printer answers
// for one reader: language, time zone and the numbers' shape. A key that is
// missing is never an empty place: it comes back in brackets and is counted.
package lang

import (
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
	"sync"

	"github.com/BurntSushi/toml"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Fallback is the language whose catalogue must be whole: a message that
// another language lacks is shown in it.
const Fallback = "en"

// maxFile bounds one catalogue file, in bytes.
const maxFile = 1 << 20

// message is one entry, already cut at its placeholders. A plain message has
// one form under plural.Other.
type message struct {
	forms  map[plural.Form][]piece
	by     string // name of the value that chooses the form; "" when plain
	source string // file, for the tests that look for what is missing
}

// piece is a run of text, or a placeholder when name is set.
type piece struct {
	text   string
	name   string
	format string
}

// Catalogue is all messages of all languages. It is read-only after Load and
// safe for use by many goroutines.
type Catalogue struct {
	langs   map[string]map[string]message
	codes   []string
	matcher language.Matcher

	mu      sync.Mutex
	missing map[string]int // guarded by mu
}

// Load reads lang/<code>/*.toml from the root of fsys. It fails on a file that
// is not flat TOML, on a key given twice in one language, on an unknown plural
// form and on a placeholder that is not closed; and when there is no Fallback.
func Load(fsys fs.FS) (*Catalogue, error) {
	files, err := fs.Glob(fsys, "lang/*/*.toml")
	if err != nil {
		return nil, fmt.Errorf("lang: %w", err)
	}
	sort.Strings(files)
	c := &Catalogue{langs: map[string]map[string]message{}, missing: map[string]int{}}
	for _, f := range files {
		code := path.Base(path.Dir(f))
		if _, err := language.Parse(code); err != nil {
			return nil, fmt.Errorf("lang: %s: folder is not a language: %w", f, err)
		}
		raw, err := fs.ReadFile(fsys, f)
		if err != nil {
			return nil, fmt.Errorf("lang: %w", err)
		}
		if len(raw) > maxFile {
			return nil, fmt.Errorf("lang: %s: larger than %d bytes", f, maxFile)
		}
		if c.langs[code] == nil {
			c.langs[code] = map[string]message{}
		}
		if err := parse(f, string(raw), c.langs[code]); err != nil {
			return nil, err
		}
	}
	if c.langs[Fallback] == nil {
		return nil, fmt.Errorf("lang: no catalogue for %q", Fallback)
	}
	// The matcher answers its first tag when nothing fits: the fallback.
	c.codes = []string{Fallback}
	for code := range c.langs {
		if code != Fallback {
			c.codes = append(c.codes, code)
		}
	}
	sort.Strings(c.codes[1:])
	tags := make([]language.Tag, len(c.codes))
	for i, code := range c.codes {
		tags[i] = language.Make(code)
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

var forms = map[string]plural.Form{
	"zero": plural.Zero, "one": plural.One, "two": plural.Two,
	"few": plural.Few, "many": plural.Many, "other": plural.Other,
}

func parse(file, raw string, into map[string]message) error {
	var doc map[string]any
	if _, err := toml.Decode(raw, &doc); err != nil {
		return fmt.Errorf("lang: %s: %w", file, err)
	}
	keys := make([]string, 0, len(doc))
	for k := range doc {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, key := range keys {
		if !strings.Contains(key, ".") {
			return fmt.Errorf("lang: %s: key %q has no room: write it quoted and dotted", file, key)
		}
		if old, ok := into[key]; ok {
			return fmt.Errorf("lang: %s: %q is also in %s", file, key, old.source)
		}
		m := message{forms: map[plural.Form][]piece{}, source: file}
		switch v := doc[key].(type) {
		case string:
			p, err := cut(v)
			if err != nil {
				return fmt.Errorf("lang: %s: %q: %w", file, key, err)
			}
			m.forms[plural.Other] = p
		case map[string]any:
			m.by = "count"
			for name, text := range v {
				s, ok := text.(string)
				if !ok {
					return fmt.Errorf("lang: %s: %q: %s is not text", file, key, name)
				}
				if name == "by" {
					m.by = s
					continue
				}
				form, ok := forms[name]
				if !ok {
					return fmt.Errorf("lang: %s: %q: unknown plural form %q", file, key, name)
				}
				p, err := cut(s)
				if err != nil {
					return fmt.Errorf("lang: %s: %q: %w", file, key, err)
				}
				m.forms[form] = p
			}
			if m.forms[plural.Other] == nil {
				return fmt.Errorf("lang: %s: %q: a plural needs the form \"other\"", file, key)
			}
		default:
			return fmt.Errorf("lang: %s: %q is neither text nor a plural", file, key)
		}
		into[key] = m
	}
	return nil
}

// cut splits a sentence at its placeholders.
func cut(s string) ([]piece, error) {
	out := []piece{}
	for s != "" {
		open := strings.IndexByte(s, '{')
		if open < 0 {
			return append(out, piece{text: s}), nil
		}
		if open > 0 {
			out = append(out, piece{text: s[:open]})
		}
		shut := strings.IndexByte(s[open:], '}')
		if shut < 0 {
			return nil, fmt.Errorf("placeholder is not closed")
		}
		name, format, _ := strings.Cut(s[open+1:open+shut], ":")
		if name == "" || strings.ContainsAny(name, " {") {
			return nil, fmt.Errorf("placeholder %q has no plain name", name)
		}
		out = append(out, piece{name: name, format: format})
		s = s[open+shut+1:]
	}
	return out, nil
}

// Codes lists the languages there are, the fallback first.
func (c *Catalogue) Codes() []string { return append([]string(nil), c.codes...) }

// Keys lists the keys of a language in order.
func (c *Catalogue) Keys(code string) []string {
	keys := make([]string, 0, len(c.langs[code]))
	for k := range c.langs[code] {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Has tells whether a key has a sentence in the fallback language.
func (c *Catalogue) Has(key string) bool {
	_, ok := c.langs[Fallback][key]
	return ok
}

// Placeholders lists the names that a sentence of the fallback language needs
// values for, in order, the one that chooses a plural form included.
func (c *Catalogue) Placeholders(key string) []string {
	m := c.langs[Fallback][key]
	names := map[string]bool{}
	if m.by != "" {
		names[m.by] = true
	}
	for _, form := range m.forms {
		for _, p := range form {
			if p.name != "" {
				names[p.name] = true
			}
		}
	}
	out := make([]string, 0, len(names))
	for n := range names {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Missing tells which keys were asked for and found nowhere, and how often,
// since the catalogue was loaded.
func (c *Catalogue) Missing() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make(map[string]int, len(c.missing))
	for k, n := range c.missing {
		out[k] = n
	}
	return out
}

func (c *Catalogue) find(code, key string) (message, string, bool) {
	if m, ok := c.langs[code][key]; ok {
		return m, code, true
	}
	if m, ok := c.langs[Fallback][key]; ok {
		return m, Fallback, true
	}
	c.mu.Lock()
	// Bounded: keys can be put together from data, and must not fill memory.
	if _, seen := c.missing[key]; seen || len(c.missing) < 1000 {
		c.missing[key]++
	}
	c.mu.Unlock()
	return message{}, "", false
}

// Match picks the best language for a list of preferences, each a code or the
// value of an Accept-Language header, the strongest first.
func (c *Catalogue) Match(preferences ...string) string {
	_, i := language.MatchStrings(c.matcher, preferences...)
	return c.codes[i]
}
