package assessment

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"gopkg.in/yaml.v3"

	"github.com/comity-project/comity/policy"
)

// Bounds of one case as input.
const (
	MaxInputBytes = 1 << 20
	MaxLines      = 500
	MaxParties    = 200
	MaxAnswers    = 5000
)

// Input is a case as the rules see it. Its field names are the keys of the YAML
// files that "comity assess" reads; all are optional but lines and parties.
type Input struct {
	Case        string             `json:"case,omitempty"`  // reference, for the reader
	Title       string             `json:"title,omitempty"` //
	Day         policy.Date        `json:"day,omitempty"`   // the day as of which rules and lists apply
	Kind        string             `json:"kind,omitempty"`  // "individual" or "global"
	Exporter    string             `json:"exporter,omitempty"`
	Destination string             `json:"destination,omitempty"` // code of the country of use
	EndUse      EndUse             `json:"end_use,omitzero"`
	Lines       []Line             `json:"lines"`
	Parties     []Party            `json:"parties"`
	Assurances  []Assurance        `json:"assurances,omitempty"`
	Screened    []Searched         `json:"screened,omitempty"` // lists searched before; the screener adds its own
	Unsearched  []string           `json:"not_searched,omitempty"`
	Hits        []Hit              `json:"hits,omitempty"` // hits that a person resolved, or that came from elsewhere
	Answers     []Answer           `json:"answers,omitempty"`
	Groups      map[Group]Affected `json:"groups,omitempty"`
	Notes       []string           `json:"notes,omitempty"` // for the reader; no rule looks at them
}

// EndUse is what the items are said to be for, where, and on whom.
type EndUse struct {
	Purpose string `json:"purpose,omitempty"`
	OnWhom  string `json:"on_whom,omitempty"`
	Place   string `json:"place,omitempty"`
}

// Line is one item or service.
type Line struct {
	ID          string          `json:"id"`
	Kind        string          `json:"kind,omitempty"` // "goods", "software", "technology", "service"
	PartNumber  string          `json:"part_number,omitempty"`
	Description string          `json:"description"`
	Sheet       string          `json:"sheet,omitempty"` // text of the technical sheet
	ClaimedCode string          `json:"claimed_code,omitempty"`
	Service     string          `json:"service,omitempty"`     // "updates", "training", "remote_support", ...
	User        string          `json:"user,omitempty"`        // id of the party that uses it in the end; empty: the last end user of the case
	Destination string          `json:"destination,omitempty"` // where another than the case's
	Confirmed   *Classification `json:"confirmed,omitempty"`   // what an officer confirmed; nil: nobody has
	Severity    policy.Severity `json:"severity,omitzero"`     // as an officer judged it
}

// Classification is what an officer confirmed an item to be.
type Classification struct {
	Category string      `json:"category"`         // id of a category of the pack
	Listed   *bool       `json:"listed,omitempty"` // on a control list that applies; nil: not settled
	Codes    []string    `json:"codes,omitempty"`
	List     string      `json:"list,omitempty"` // list and version
	By       string      `json:"by,omitempty"`
	Date     policy.Date `json:"date,omitempty"`
	Reason   string      `json:"reason,omitempty"`
}

// Party is one party as the rules see it. Names stand in their own script.
type Party struct {
	ID      string   `json:"id"`
	Roles   []string `json:"roles"` // "end_user", "ultimate_end_user", "consignee", ...
	Names   []string `json:"names"` // the first is shown; every one is screened
	Kind    string   `json:"kind,omitempty"`
	Tie     string   `json:"tie,omitempty"`  // "state", "state_owned", "non_state", "unknown"
	Body    string   `json:"body,omitempty"` // what kind of body: a value of the fact user.kind
	Country string   `json:"country,omitempty"`
	Address string   `json:"address,omitempty"`
	IDs     []Ident  `json:"ids,omitempty"`
	Units   []string `json:"units,omitempty"`  // the end user's tree from the top: ministry, directorate, unit, site
	Owners  []string `json:"owners,omitempty"` // names of owners and controllers, screened too
	Hidden  bool     `json:"owners_hidden,omitempty"`
	Lines   []string `json:"lines,omitempty"` // that reach their user through this party; empty: all
}

// Ident is an identifying number of a party.
type Ident struct {
	Kind    string `json:"kind"`
	Value   string `json:"value"`
	Country string `json:"country,omitempty"`
}

// Uses tells whether the party uses the item in the end.
func (p Party) Uses() bool {
	for _, r := range p.Roles {
		if r == "end_user" || r == "ultimate_end_user" {
			return true
		}
	}
	return false
}

// Name is the name that is shown.
func (p Party) Name() string {
	if len(p.Names) == 0 {
		return p.ID
	}
	return p.Names[0]
}

// Answer is a fact with whom it is about and how it was found.
type Answer struct {
	ID       string       `json:"id,omitempty"` // in casework
	Fact     string       `json:"fact"`
	Value    policy.Value `json:"value"`
	Line     string       `json:"line,omitempty"`  // of this line only
	Party    string       `json:"party,omitempty"` // of this party only
	Source   string       `json:"source"`
	Date     policy.Date  `json:"date"`
	Searched string       `json:"searched,omitempty"` // where one looked and found none
	Note     string       `json:"note,omitempty"`
}

// Assurance is a promise with whom it is from and for which lines.
type Assurance struct {
	policy.Assurance
	Party string   `json:"party,omitempty"` // who gives it; empty: the end user
	Lines []string `json:"lines,omitempty"` // for these lines; empty: all
}

// Searched is one list that was searched.
type Searched struct {
	List    string      `json:"list"`
	Kind    ListKind    `json:"kind"`
	Date    policy.Date `json:"date,omitempty"`    // of the list's version
	Version string      `json:"version,omitempty"` // hash
}

// ListKind says what it means to be on a list.
type ListKind string

// The kinds of lists. A watch list raises questions and meets no rule by itself.
const (
	Sanctions  ListKind = "sanctions"  // binds here
	Restricted ListKind = "restricted" // exports to the entity are restricted by the law that made it
	Denials    ListKind = "denials"    // refused before, by this or a partner state
	Watch      ListKind = "watch"
)

// Hit is one listed party that a party of the case is like.
type Hit struct {
	Party    string   `json:"party"`
	List     string   `json:"list"`
	Kind     ListKind `json:"kind,omitempty"`
	Entry    string   `json:"entry"`             // id of the entry in its list
	Shown    string   `json:"shown,omitempty"`   // the entry's name
	Matched  string   `json:"matched,omitempty"` // the listed name that agrees best
	Asked    string   `json:"asked,omitempty"`   // the name of the party that it is like
	Score    float64  `json:"score,omitempty"`
	Band     string   `json:"band,omitempty"`
	Evidence []string `json:"evidence,omitempty"` // what agrees and what does not
	AskFor   []string `json:"ask_for,omitempty"`  // what would settle it
	Faint    bool     `json:"faint,omitempty"`    // no more alike than many ordinary names
	Outcome  Same     `json:"outcome,omitempty"`  // a person's answer
	By       string   `json:"by,omitempty"`
	Reason   string   `json:"reason,omitempty"`
}

// Same is a person's answer to a hit; empty while nobody has answered.
type Same string

// The answers to a hit.
const (
	SameParty Same = "same"
	Different Same = "different"
	CantTell  Same = "cannot_tell" // ask: it stays unknown
)

// Group is one of the groups that the Code names.
type Group string

// The groups, in the order in which they are asked.
const (
	Opposition   Group = "opposition"
	Dissidents   Group = "dissidents"
	Journalists  Group = "journalists"
	Defenders    Group = "defenders" // human-rights defenders
	CivilSociety Group = "civil_society"
	Vulnerable   Group = "vulnerable"
)

// Groups are all of them.
var Groups = []Group{Opposition, Dissidents, Journalists, Defenders, CivilSociety, Vulnerable}

// Affected is the answer for one group; empty while nobody has answered.
type Affected string

// The answers for a group. Unknown is carried to the decision.
const (
	IsAffected      Affected = "affected"
	NotAffected     Affected = "not_affected"
	AffectedUnknown Affected = "unknown"
)

// ParseInput reads one case from YAML. It is strict: unknown keys, answers given
// twice and references to lines or parties that are not there are errors.
func ParseInput(b []byte) (*Input, error) {
	if len(b) > MaxInputBytes {
		return nil, fmt.Errorf("assessment: more than %d bytes", MaxInputBytes)
	}
	dec := yaml.NewDecoder(bytes.NewReader(b))
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return nil, fmt.Errorf("assessment: %w", err)
	}
	if err := dec.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, errors.New("assessment: a file holds one case")
	}
	plain, err := plainTree(tree, 0)
	if err != nil {
		return nil, fmt.Errorf("assessment: %w", err)
	}
	text, err := json.Marshal(plain)
	if err != nil {
		return nil, fmt.Errorf("assessment: %w", err)
	}
	js := json.NewDecoder(bytes.NewReader(text))
	js.DisallowUnknownFields()
	in := &Input{}
	if err := js.Decode(in); err != nil {
		return nil, fmt.Errorf("assessment: %w", err)
	}
	return in, in.Check()
}

// Check finds what would make the case ambiguous.
func (in *Input) Check() error {
	var faults []error
	bad := func(format string, args ...any) { faults = append(faults, fmt.Errorf("assessment: "+format, args...)) }
	if len(in.Lines) == 0 || len(in.Lines) > MaxLines || len(in.Parties) == 0 || len(in.Parties) > MaxParties || len(in.Answers) > MaxAnswers {
		bad("a case has 1 to %d lines, 1 to %d parties and at most %d answers", MaxLines, MaxParties, MaxAnswers)
	}
	if in.Day != "" && !in.Day.Valid() {
		bad("%q is no day", in.Day)
	}
	lines, parties := map[string]bool{"": true}, map[string]bool{"": true}
	for _, p := range in.Parties {
		if p.ID == "" || parties[p.ID] || len(p.Names) == 0 {
			bad("party %q stands twice or lacks id or name", p.ID)
		}
		parties[p.ID] = true
	}
	for _, l := range in.Lines {
		if l.ID == "" || lines[l.ID] {
			bad("line %q stands twice or lacks its id", l.ID)
		}
		lines[l.ID] = true
		if !parties[l.User] {
			bad("line %s: no party %q", l.ID, l.User)
		}
	}
	for _, p := range in.Parties {
		for _, l := range p.Lines {
			if !lines[l] {
				bad("party %s: no line %q", p.ID, l)
			}
		}
	}
	for _, h := range in.Hits {
		if !parties[h.Party] || h.Party == "" {
			bad("hit %s: no party %q", h.Entry, h.Party)
		}
	}
	seen := map[[3]string]bool{}
	for _, a := range in.Answers {
		if !lines[a.Line] || !parties[a.Party] {
			bad("answer %s: no line %q or party %q", a.Fact, a.Line, a.Party)
		}
		if a.Date != "" && !a.Date.Valid() {
			bad("answer %s: %q is no day", a.Fact, a.Date)
		}
		key := [3]string{a.Fact, a.Line, a.Party}
		if seen[key] {
			bad("answer %s is given twice", a.Fact)
		}
		seen[key] = true
	}
	for _, a := range in.Assurances {
		if !parties[a.Party] {
			bad("assurance %s: no party %q", a.Kind, a.Party)
		}
		for _, l := range a.Lines {
			if !lines[l] {
				bad("assurance %s: no line %q", a.Kind, l)
			}
		}
	}
	return errors.Join(faults...)
}

// userOf is the party that uses the line in the end: the one the line names,
// else the last ultimate end user, else the last end user.
func (in *Input) userOf(l *Line) *Party {
	var end, ultimate *Party
	for i := range in.Parties {
		p := &in.Parties[i]
		if p.ID == l.User && l.User != "" {
			return p
		}
		for _, r := range p.Roles {
			switch r {
			case "end_user":
				end = p
			case "ultimate_end_user":
				ultimate = p
			}
		}
	}
	if ultimate != nil {
		return ultimate
	}
	return end
}

// chain tells whether the party has a hand in the line: it uses it, or stands on
// the way to its user. The user of other lines alone has none.
func (in *Input) chain(p *Party, l *Line, user *Party) bool {
	if user != nil && user.ID == p.ID {
		return true
	}
	if len(p.Lines) > 0 {
		return contains(p.Lines, l.ID)
	}
	for _, other := range in.Lines {
		if other.User == p.ID && l.User != "" {
			return false
		}
	}
	return true
}

// destinationOf is the country of use of the line.
func (in *Input) destinationOf(l *Line) string {
	if l.Destination != "" {
		return l.Destination
	}
	return in.Destination
}

// plainTree turns what YAML gives into what JSON takes, with days as text.
func plainTree(v any, depth int) (any, error) {
	if depth > 20 {
		return nil, errors.New("nested too deep")
	}
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			p, err := plainTree(e, depth+1)
			if err != nil {
				return nil, err
			}
			x[k] = p
		}
		return x, nil
	case []any:
		for i, e := range x {
			p, err := plainTree(e, depth+1)
			if err != nil {
				return nil, err
			}
			x[i] = p
		}
		return x, nil
	case dayLike:
		return x.Format("2006-01-02"), nil
	case map[any]any:
		return nil, errors.New("keys are words")
	default:
		return v, nil
	}
}

type dayLike interface{ Format(string) string }
