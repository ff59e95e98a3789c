package instruments

import (
	"bytes"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

// Question is one element of the Code as it is put to a state's tools.
type Question struct {
	ID       string `yaml:"id"`
	Clause   string `yaml:"clause"`    // commitment of the Code
	Title    string `yaml:"title"`     //
	Question string `yaml:"question"`  //
	Met      string `yaml:"met"`       // what "met" means
	CatchAll Use    `yaml:"catch_all"` // end use that an instrument's catch-all must name to be more than a gap
	Used     bool   `yaml:"used"`      // more than a gap only with a case that used it
}

// Elements are the questions in use, with the day of their wording.
type Elements struct {
	Version string     `yaml:"version"`
	Source  string     `yaml:"source"`
	List    []Question `yaml:"elements"`
}

// ParseElements reads the questions. A key or an end use that is not known is an
// error, as is an id given twice.
func ParseElements(raw []byte) (Elements, error) {
	var e Elements
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&e); err != nil {
		return Elements{}, fmt.Errorf("instruments: elements: %w", err)
	}
	seen := map[string]bool{}
	for _, q := range e.List {
		switch {
		case q.ID == "" || seen[q.ID]:
			return Elements{}, fmt.Errorf("instruments: element %q has no id, or one that is taken", q.ID)
		case q.Clause == "" || q.Title == "" || q.Question == "" || q.Met == "":
			return Elements{}, fmt.Errorf("instruments: element %q lacks its clause, title, question or meaning", q.ID)
		case q.CatchAll != "" && !slices.Contains(Uses, q.CatchAll):
			return Elements{}, fmt.Errorf("instruments: element %q names the end use %q", q.ID, q.CatchAll)
		}
		seen[q.ID] = true
	}
	if e.Version == "" || e.Source == "" || len(e.List) == 0 {
		return Elements{}, fmt.Errorf("instruments: elements without version, source or list")
	}
	return e, nil
}

// Element finds a question by its id.
func (e Elements) Element(id string) (Question, bool) {
	for _, q := range e.List {
		if q.ID == id {
			return q, true
		}
	}
	return Question{}, false
}
