// Package register is the register of states: who subscribes to the Code of
// Conduct, who was invited, who takes part in which regime, where a state's
// authority is, and which meetings there were. Everything political is a record
// with dates, never a yes or no: subscriptions begin and end, and an old case is
// read with the register of its day.
//
// A state is known by a code of two letters. Codes outside ISO 3166-1 that
// states use, such as XK for Kosovo, are codes like any other. No record is
// required: a state in none of the regimes may subscribe, name a contact and
// take part in meetings, and nothing here asks it for a regime.
//
// The register travels as JSON and as CSV and comes back the same.
package register

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Schema names the form of the register's files.
const Schema = "comity.states/v1"

// Unknown is what stands in place of a date that nobody knows.
const Unknown = "unknown"

// Register is all of it.
type Register struct {
	Schema   string    `json:"schema" yaml:"schema"`
	AsOf     string    `json:"as_of" yaml:"as_of"` // ISO date
	Notice   string    `json:"notice,omitempty" yaml:"notice"`
	Sources  []Source  `json:"sources,omitempty" yaml:"sources"`
	Meetings []Meeting `json:"meetings,omitempty" yaml:"meetings"`
	States   []State   `json:"states" yaml:"states"`
}

// Source is where a record is from.
type Source struct {
	ID    string   `json:"id" yaml:"id"`
	What  string   `json:"what" yaml:"what"`
	Where []string `json:"where,omitempty" yaml:"where"`
}

// State is one state and its records.
type State struct {
	Code          string         `json:"code" yaml:"code"`             // two letters
	Code3         string         `json:"code3,omitempty" yaml:"code3"` // three letters
	Name          string         `json:"name" yaml:"name"`
	Note          string         `json:"note,omitempty" yaml:"note"`
	Role          string         `json:"role,omitempty" yaml:"role"` // its part in the beginning of the initiative
	Subscriptions []Subscription `json:"subscriptions,omitempty" yaml:"subscriptions"`
	Memberships   []Membership   `json:"memberships,omitempty" yaml:"memberships"`
	Invitations   []Invitation   `json:"invitations,omitempty" yaml:"invitations"`
	Authority     *Authority     `json:"authority,omitempty" yaml:"authority"`
	Contacts      []Contact      `json:"contacts,omitempty" yaml:"contacts"`
}

// Subscription says that a state subscribes to the Code, since when, and by
// which document. Until is empty while it does.
type Subscription struct {
	From     string `json:"from" yaml:"from"` // ISO date
	Until    string `json:"until,omitempty" yaml:"until"`
	Document string `json:"document" yaml:"document"`
	Source   string `json:"source,omitempty" yaml:"source"`
	Note     string `json:"note,omitempty" yaml:"note"`
}

// Membership says that a state takes part in a regime or union.
type Membership struct {
	Of     string `json:"of" yaml:"of"`     // "wassenaar", "australia_group", "mtcr", "nsg", "eu"
	From   string `json:"from" yaml:"from"` // ISO date or Unknown
	Until  string `json:"until,omitempty" yaml:"until"`
	Seen   string `json:"seen,omitempty" yaml:"seen"` // ISO date on which the source said so
	Source string `json:"source,omitempty" yaml:"source"`
	Verify bool   `json:"verify,omitempty" yaml:"verify"` // rests on general knowledge: check before it is shown as fact
}

// Invitation says that a state was invited to what the Code is open to.
type Invitation struct {
	To     string `json:"to" yaml:"to"`
	From   string `json:"from" yaml:"from"` // ISO date or year
	Source string `json:"source,omitempty" yaml:"source"`
	Verify bool   `json:"verify,omitempty" yaml:"verify"`
}

// Authority is the office of a state that licenses exports.
type Authority struct {
	Name       string `json:"name" yaml:"name"`
	Parent     string `json:"parent,omitempty" yaml:"parent"`
	Confidence string `json:"confidence,omitempty" yaml:"confidence"` // "high", "medium", "none": of the record, not of the office
	Source     string `json:"source,omitempty" yaml:"source"`
	Page       string `json:"page,omitempty" yaml:"page"`
	Note       string `json:"note,omitempty" yaml:"note"`
}

// Contact is the point of contact that a Subscribing State designated: an
// office, which may name a person.
type Contact struct {
	Office string `json:"office" yaml:"office"`
	Person string `json:"person,omitempty" yaml:"person"`
	Email  string `json:"email,omitempty" yaml:"email"`
	From   string `json:"from" yaml:"from"` // ISO date
	Until  string `json:"until,omitempty" yaml:"until"`
	Source string `json:"source,omitempty" yaml:"source"`
}

// Meeting is a meeting of the Subscribing States.
type Meeting struct {
	ID     string `json:"id" yaml:"id"`
	Kind   string `json:"kind" yaml:"kind"`
	From   string `json:"from" yaml:"from"`
	Until  string `json:"until" yaml:"until"`
	Place  string `json:"place,omitempty" yaml:"place"`
	Host   string `json:"host,omitempty" yaml:"host"` // code of a state
	Note   string `json:"note,omitempty" yaml:"note"`
	Source string `json:"source,omitempty" yaml:"source"`
}

// State gives a state by its code.
func (r Register) State(code string) (State, bool) {
	for _, s := range r.States {
		if s.Code == code {
			return s, true
		}
	}
	return State{}, false
}

// Subscribing are the states that subscribe on a date (ISO), by code.
func (r Register) Subscribing(on string) []State {
	var out []State
	for _, s := range r.States {
		if s.Subscribes(on) {
			out = append(out, s)
		}
	}
	return out
}

// Subscribes tells whether a subscription covers a date. Only Subscribing
// States designate contacts and take part in meetings as such.
func (s State) Subscribes(on string) bool {
	return slices.ContainsFunc(s.Subscriptions, func(x Subscription) bool { return covers(x.From, x.Until, on) })
}

// Standing is an answer about a membership. "Not recorded" is no "no": the
// register may be incomplete.
type Standing string

// The answers.
const (
	Member      Standing = "member"
	NotRecorded Standing = "not_recorded"
	Unsure      Standing = "unsure" // there is a record, but not whether it reaches back to the date
)

// MemberOf says what the register knows about a membership on a date.
func (s State) MemberOf(of, on string) Standing {
	answer := NotRecorded
	for _, m := range s.Memberships {
		switch {
		case m.Of != of || m.Until != "" && on >= m.Until:
		case m.From == Unknown && (m.Seen == "" || on < m.Seen):
			answer = Unsure
		case m.From == Unknown || on >= m.From:
			return Member
		}
	}
	return answer
}

// ContactOn is the contact designated on a date.
func (s State) ContactOn(on string) (Contact, bool) {
	for _, c := range s.Contacts {
		if covers(c.From, c.Until, on) {
			return c, true
		}
	}
	return Contact{}, false
}

func covers(from, until, on string) bool { return from <= on && (until == "" || on < until) }

// Subscribe records that a state subscribed: date and document are needed, and
// nothing else. A state that is not in the register yet is added.
func (r Register) Subscribe(code, name string, s Subscription) (Register, error) {
	out := r.clone()
	i := slices.IndexFunc(out.States, func(x State) bool { return x.Code == code })
	if i < 0 {
		out.States = append(out.States, State{Code: code, Name: name})
		i = len(out.States) - 1
	}
	if out.States[i].Subscribes(s.From) {
		return r, fmt.Errorf("register: %s subscribes on %s already", code, s.From)
	}
	out.States[i].Subscriptions = append(out.States[i].Subscriptions, s)
	slices.SortStableFunc(out.States, func(a, b State) int { return strings.Compare(a.Code, b.Code) })
	if err := out.Check(); err != nil {
		return r, err
	}
	return out, nil
}

// Designate records the contact of a Subscribing State; the one before ends on
// the day on which the new one begins.
func (r Register) Designate(code string, c Contact) (Register, error) {
	out := r.clone()
	i := slices.IndexFunc(out.States, func(x State) bool { return x.Code == code })
	if i < 0 || !out.States[i].Subscribes(c.From) {
		return r, fmt.Errorf("register: %s does not subscribe on %s", code, c.From)
	}
	s := &out.States[i]
	for k := range s.Contacts {
		if s.Contacts[k].Until == "" || s.Contacts[k].Until > c.From {
			s.Contacts[k].Until = c.From
		}
	}
	s.Contacts = append(s.Contacts, c)
	if err := out.Check(); err != nil {
		return r, err
	}
	return out, nil
}

func (r Register) clone() Register {
	out := r
	out.States = slices.Clone(r.States)
	for i := range out.States {
		s := &out.States[i]
		s.Subscriptions, s.Contacts = slices.Clone(s.Subscriptions), slices.Clone(s.Contacts)
	}
	return out
}

var (
	codeForm  = regexp.MustCompile(`^[A-Z]{2}$`)
	code3Form = regexp.MustCompile(`^[A-Z]{3}$`)
)

// Check says what is wrong with a register: codes, dates, sources that are
// named and not there. It asks no state for any record.
func (r Register) Check() error {
	if r.Schema != Schema {
		return fmt.Errorf("register: the schema is %q, expected %q", r.Schema, Schema)
	}
	if !isDay(r.AsOf) {
		return fmt.Errorf("register: as_of: %q is no date", r.AsOf)
	}
	sources := map[string]bool{"": true}
	for _, s := range r.Sources {
		if s.ID == "" || sources[s.ID] {
			return fmt.Errorf("register: the source %q has no id or stands twice", s.ID)
		}
		sources[s.ID] = true
	}
	seen := map[string]bool{}
	for _, s := range r.States {
		if !codeForm.MatchString(s.Code) || s.Code3 != "" && !code3Form.MatchString(s.Code3) {
			return fmt.Errorf("register: %q/%q: a code has two capital letters, a long one three", s.Code, s.Code3)
		}
		if seen[s.Code] {
			return fmt.Errorf("register: %s stands twice", s.Code)
		}
		seen[s.Code] = true
		if s.Name == "" {
			return fmt.Errorf("register: %s has no name", s.Code)
		}
		if err := s.check(sources); err != nil {
			return err
		}
	}
	for _, m := range r.Meetings {
		if m.ID == "" || !isDay(m.From) || !isDay(m.Until) || m.Until < m.From || !sources[m.Source] {
			return fmt.Errorf("register: the meeting %q needs an id, dates in order and a known source", m.ID)
		}
	}
	return nil
}

func (s State) check(sources map[string]bool) error {
	span := func(what, from, until, source string) error {
		if !isDay(from) && from != Unknown || until != "" && !isDay(until) || isDay(from) && until != "" && until < from {
			return fmt.Errorf("register: %s: %s: dates %q to %q", s.Code, what, from, until)
		}
		if !sources[source] {
			return fmt.Errorf("register: %s: %s: the source %q is not known", s.Code, what, source)
		}
		return nil
	}
	for _, x := range s.Subscriptions {
		if err := span("subscription", x.From, x.Until, x.Source); err != nil {
			return err
		}
		if x.From == Unknown || x.Document == "" {
			return fmt.Errorf("register: %s: a subscription needs a date and a document", s.Code)
		}
	}
	for _, x := range s.Memberships {
		if err := span("membership", x.From, x.Until, x.Source); err != nil {
			return err
		}
		if x.Of == "" || x.Seen != "" && !isDay(x.Seen) {
			return fmt.Errorf("register: %s: a membership names what it is of, and the date on which it was seen", s.Code)
		}
	}
	for _, x := range s.Invitations {
		if x.To == "" || len(x.From) != 4 && !isDay(x.From) || !sources[x.Source] {
			return fmt.Errorf("register: %s: an invitation names what it is to, a year or date and a known source", s.Code)
		}
	}
	for _, x := range s.Contacts {
		if err := span("contact", x.From, x.Until, x.Source); err != nil {
			return err
		}
		if x.Office == "" || x.From == Unknown {
			return fmt.Errorf("register: %s: a contact is an office with a date", s.Code)
		}
	}
	if s.Authority != nil && (s.Authority.Name == "" || !sources[s.Authority.Source]) {
		return fmt.Errorf("register: %s: the authority needs a name and a known source", s.Code)
	}
	return nil
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}
