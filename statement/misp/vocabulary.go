package misp

import (
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
)

// Vocabulary is a taxonomy or a galaxy of MISP: words with a meaning, each of
// which has a machine tag.
type Vocabulary struct {
	Name        string // the namespace of a taxonomy, the type of a galaxy
	Galaxy      bool
	Title       string
	Description string
	Version     int
	Exclusive   bool // one term at most may be chosen
	Terms       []Term

	byTag map[string]int
}

// Term is one word of a vocabulary.
type Term struct {
	Tag         string // as MISP writes it: tlp:red, misp-galaxy:tool="X"
	UUID        string
	Title       string
	Description string
	Synonyms    []string
	Countries   []string
	References  []string
	Value       int // numerical_value of a taxonomy, such as of likelihood
}

const maxTerms = 50_000

// Find gives the term of a tag. Tags are compared without regard to case, as
// MISP does.
func (v *Vocabulary) Find(tag string) (Term, bool) {
	i, ok := v.byTag[strings.ToLower(tag)]
	if !ok {
		return Term{}, false
	}
	return v.Terms[i], true
}

func (v *Vocabulary) add(t Term) error {
	if len(v.Terms) == maxTerms {
		return fmt.Errorf("misp: more than %d terms", maxTerms)
	}
	if _, twice := v.byTag[strings.ToLower(t.Tag)]; !twice { // galaxies name some things twice
		v.byTag[strings.ToLower(t.Tag)] = len(v.Terms)
	}
	v.Terms = append(v.Terms, t)
	return nil
}

type entry struct {
	Value       string  `json:"value"`
	Expanded    string  `json:"expanded"`
	Description string  `json:"description"`
	UUID        string  `json:"uuid"`
	Number      float64 `json:"numerical_value"`
}

// ParseTaxonomy reads a machinetag.json of misp-taxonomies.
func ParseTaxonomy(src []byte) (*Vocabulary, error) {
	var f struct {
		Namespace   string  `json:"namespace"`
		Expanded    string  `json:"expanded"`
		Description string  `json:"description"`
		Version     int     `json:"version"`
		Exclusive   bool    `json:"exclusive"`
		Predicates  []entry `json:"predicates"`
		Values      []struct {
			Predicate string  `json:"predicate"`
			Entry     []entry `json:"entry"`
		} `json:"values"`
	}
	if err := parse(src, &f); err != nil {
		return nil, err
	}
	if f.Namespace == "" || len(f.Predicates) == 0 {
		return nil, errors.New("misp: a taxonomy has a namespace and predicates")
	}
	v := &Vocabulary{Name: f.Namespace, Title: f.Expanded, Description: f.Description, Version: f.Version, Exclusive: f.Exclusive, byTag: map[string]int{}}
	valued := map[string][]entry{}
	for _, p := range f.Values {
		valued[p.Predicate] = append(valued[p.Predicate], p.Entry...)
	}
	for _, p := range f.Predicates {
		if len(valued[p.Value]) == 0 {
			if err := v.add(Term{Tag: f.Namespace + ":" + p.Value, UUID: p.UUID, Title: p.Expanded, Description: p.Description, Value: int(p.Number)}); err != nil {
				return nil, err
			}
		}
		for _, e := range valued[p.Value] {
			t := Term{Tag: f.Namespace + ":" + p.Value + `="` + e.Value + `"`, UUID: e.UUID, Title: e.Expanded, Description: e.Description, Value: int(e.Number)}
			if err := v.add(t); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}

// ParseGalaxy reads a cluster file of misp-galaxy.
func ParseGalaxy(src []byte) (*Vocabulary, error) {
	var f struct {
		Type        string `json:"type"`
		Name        string `json:"name"`
		Description string `json:"description"`
		Version     int    `json:"version"`
		Values      []struct {
			Value       string         `json:"value"`
			Description string         `json:"description"`
			UUID        string         `json:"uuid"`
			Meta        map[string]any `json:"meta"`
		} `json:"values"`
	}
	if err := parse(src, &f); err != nil {
		return nil, err
	}
	if f.Type == "" || len(f.Values) == 0 {
		return nil, errors.New("misp: a galaxy has a type and values")
	}
	v := &Vocabulary{Name: f.Type, Galaxy: true, Title: f.Name, Description: f.Description, Version: f.Version, byTag: map[string]int{}}
	for _, c := range f.Values {
		t := Term{Tag: "misp-galaxy:" + f.Type + `="` + c.Value + `"`, UUID: c.UUID, Title: c.Value, Description: c.Description}
		t.Synonyms = append(words(c.Meta["synonyms"]), words(c.Meta["synomyms"])...) // MISP's own file misspells it
		t.Countries = words(c.Meta["country"])
		t.References = append(words(c.Meta["refs"]), words(c.Meta["official-refs"])...)
		if err := v.add(t); err != nil {
			return nil, err
		}
	}
	return v, nil
}

func parse(src []byte, to any) error {
	if len(src) > MaxBytes {
		return fmt.Errorf("misp: %d bytes, at most %d", len(src), MaxBytes)
	}
	if err := json.Unmarshal(src, to); err != nil {
		return fmt.Errorf("misp: %w", err)
	}
	return nil
}

// words reads a member that is a string in some files and a list in others.
func words(v any) (out []string) {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		for _, item := range v {
			if s, ok := item.(string); ok {
				out = append(out, s)
			}
		}
	}
	return out
}
