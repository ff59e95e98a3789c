package policy

import (
	"fmt"
	"strings"
	"unicode"
)

// persons are words for what a rule may never ask about a person. A word counts
// as a whole, so that "racecourse" and "country of origin" of goods pass.
var persons = map[string]bool{
	"nationality": true, "nationalities": true, "citizenship": true, "citizenships": true, "citizen": true,
	"ethnic": true, "ethnicity": true, "ethnicities": true, "ethnically": true, "ethnos": true,
	"race": true, "races": true, "racial": true, "skin": true,
	"religion": true, "religions": true, "religious": true, "faith": true, "confession": true, "denomination": true,
	"caste": true, "tribe": true, "tribal": true, "descent": true, "ancestry": true, "ancestral": true,
	"birthplace": true, "mothertongue": true, "surname": true, "forename": true,
}

// pairs are words that are harmless alone and not together.
var pairs = [][2]string{
	{"name", "origin"},
	{"names", "origin"},
	{"name", "script"},
	{"national", "origin"},
	{"place", "birth"},
	{"country", "birth"},
	{"mother", "tongue"},
	{"native", "language"},
}

// discriminates finds everything in a pack that would let a test turn on who a
// person is: names of facts, the words facts may hold, their questions, and
// every condition with the values it compares.
func (d *Document) discriminates() []error {
	var faults []error
	look := func(where, text string) {
		if w := personal(text); w != "" {
			faults = append(faults, fmt.Errorf("%s names %q: no rule may use the nationality, ethnicity or religion of a person, or where a name comes from", where, w))
		}
	}
	for _, f := range d.Facts {
		look("fact "+f.Name, f.Name)
		look("the question of "+f.Name, f.Question)
		for _, v := range f.Values {
			look("a value of "+f.Name, v)
		}
	}
	for _, r := range d.Rules {
		look("the condition of rule "+r.ID, r.Applies)
		look("the condition of rule "+r.ID, r.When)
	}
	for _, t := range d.Tables {
		look("table "+t.ID, t.Applies)
		for _, r := range t.Rows {
			look("row "+r.ID+" of table "+t.ID, strings.Join(r.Cells, " "))
		}
	}
	for _, s := range d.Sharing {
		look("the condition of sharing "+s.ID, s.When)
	}
	for _, p := range d.Profiles {
		for _, g := range p.Paragraphs {
			look("paragraph "+g.ID, g.Title+" "+g.Text)
		}
	}
	for _, a := range d.Advice {
		look("the condition of advice "+a.ID, a.When)
	}
	for _, c := range d.Countersignatures {
		look("the condition of countersignature "+c.ID, c.When)
	}
	for _, a := range d.Assurances {
		look("the condition of assurance "+a.ID, a.When)
	}
	for _, c := range d.Conditions {
		look("the condition of licence condition "+c.ID, c.When)
	}
	for _, s := range d.Scrutiny {
		look("a scrutiny row", s.Indicator)
	}
	return faults
}

// personal gives the first word or pair of words of text that may not stand there.
func personal(text string) string {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) })
	has := make(map[string]bool, len(words))
	for _, w := range words {
		if persons[w] {
			return w
		}
		has[w] = true
	}
	for _, p := range pairs {
		if has[p[0]] && has[p[1]] {
			return p[0] + " … " + p[1]
		}
	}
	return ""
}
