package verification

import (
	"bytes"
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

// Method is how a check is made.
type Method string

// The methods.
const (
	Visit  Method = "visit"
	Remote Method = "remote"
	Papers Method = "papers"
)

// Factor is something that makes it more worth while to look at a licence.
type Factor struct {
	ID     string `yaml:"id"`
	Weight int    `yaml:"weight"`
	Text   string `yaml:"text"`
}

// Item is one question of a checklist. Yes is the answer that was promised; one
// that must be answered so rules out a favourable finding where it is not.
type Item struct {
	ID       string `yaml:"id"`
	Question string `yaml:"question"`
	Must     bool   `yaml:"must"`
}

// Checklist is what is looked at in one kind of check.
type Checklist struct {
	ID      string `yaml:"id"`
	Title   string `yaml:"title"`
	Method  Method `yaml:"method"`
	Consent bool   `yaml:"consent"` // nothing is answered before those visited have consented
	Serials bool   `yaml:"serials"` // serial numbers are compared
	Hash    bool   `yaml:"hash"`    // the hash of a configuration is compared
	Items   []Item `yaml:"items"`
}

// Rules are the factors and checklists in use, with the day of their wording.
type Rules struct {
	Version    string      `yaml:"version"`
	Source     string      `yaml:"source"`
	Factors    []Factor    `yaml:"factors"`
	Checklists []Checklist `yaml:"checklists"`
}

// ParseRules reads them. What is not known, given twice or out of bounds is an
// error; a factor must be one that Record can answer.
func ParseRules(raw []byte) (Rules, error) {
	var r Rules
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&r); err != nil {
		return Rules{}, fmt.Errorf("verification: rules: %w", err)
	}
	seen := map[string]bool{}
	for _, f := range r.Factors {
		if factors[f.ID] == nil || seen[f.ID] || f.Weight < 1 || f.Weight > 100 || f.Text == "" {
			return Rules{}, fmt.Errorf("verification: the factor %q is not known, given twice, without words, or its weight is not from 1 to 100", f.ID)
		}
		seen[f.ID] = true
	}
	lists := map[string]bool{}
	for _, c := range r.Checklists {
		if c.ID == "" || lists[c.ID] || c.Title == "" || len(c.Items) == 0 || !slices.Contains([]Method{Visit, Remote, Papers}, c.Method) {
			return Rules{}, fmt.Errorf("verification: the checklist %q lacks an id of its own, a title, a method or questions", c.ID)
		}
		lists[c.ID] = true
		items := map[string]bool{}
		for _, i := range c.Items {
			if i.ID == "" || items[i.ID] || i.Question == "" {
				return Rules{}, fmt.Errorf("verification: a question of the checklist %q lacks an id of its own or its words", c.ID)
			}
			items[i.ID] = true
		}
	}
	if r.Version == "" || r.Source == "" || len(r.Factors) == 0 || len(r.Checklists) == 0 {
		return Rules{}, fmt.Errorf("verification: rules without version, source, factors or checklists")
	}
	return r, nil
}

// Checklist finds a checklist by its id.
func (r Rules) Checklist(id string) (Checklist, bool) {
	for _, c := range r.Checklists {
		if c.ID == id {
			return c, true
		}
	}
	return Checklist{}, false
}

// Factor finds a factor by its id.
func (r Rules) Factor(id string) (Factor, bool) {
	for _, f := range r.Factors {
		if f.ID == id {
			return f, true
		}
	}
	return Factor{}, false
}

// Record is all that weights can look at: what is on record of the licence. It
// holds no country, no party and no name, so that no weight can rest on them.
type Record struct {
	Severity   int  // of its case; 0: not known
	Breach     bool // a condition was found broken
	Short      bool // the last check was less than favourable
	Late       bool // a report is overdue
	Checked    bool // somebody has concluded a check
	Unverified bool // something left whose arrival nobody verified
	OnSite     bool // a condition that can be seen on site only
}

// factors answer each factor from the record. Severity that is not known counts
// as grave: unknown is never fine.
var factors = map[string]func(Record) bool{
	"breach":   func(r Record) bool { return r.Breach },
	"short":    func(r Record) bool { return r.Short },
	"severe":   func(r Record) bool { return r.Severity < 1 || r.Severity >= 4 },
	"late":     func(r Record) bool { return r.Late },
	"unseen":   func(r Record) bool { return !r.Checked },
	"delivery": func(r Record) bool { return r.Unverified },
	"site":     func(r Record) bool { return r.OnSite },
}

// Weigh makes a candidate of a licence's record: one chance, and the weight of
// each factor that holds.
func (r Rules) Weigh(id string, rec Record) Candidate {
	c := Candidate{ID: id, Weight: 1}
	for _, f := range r.Factors {
		if factors[f.ID](rec) {
			c.Weight += f.Weight
			c.Why = append(c.Why, f.ID)
		}
	}
	return c
}
