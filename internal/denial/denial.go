// Package denial is the domain of the refusals that other states are told of. A
// decision that refuses opens a notice: whom and what was refused and on which
// grounds, and neither who applied, nor a price, nor a natural person. An officer
// says who is told, another person looks at it, and it goes out within a period.
// What partners were told is looked at again after years: it is kept, changed or
// taken back. Each notice is a stream "denial/CASE".
package denial

import (
	"fmt"
	"slices"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/party"
)

// Kind is the kind of the streams of notices.
const Kind = "denial"

// Content is what was refused.
type Content struct {
	Parties []Refused `json:"parties,omitempty"`
	Items   []string  `json:"items,omitempty"`   // kinds of items, by their ids in the taxonomy
	Codes   []string  `json:"codes,omitempty"`   // of control lists
	Grounds []string  `json:"grounds,omitempty"` // ids of rules or criteria; none: nothing is refused any more
}

// Refused is one party of the transaction that was refused.
type Refused struct {
	ID      string             `json:"id"` // of the party in the application
	Role    string             `json:"role"`
	Names   []string           `json:"names"` // as written, the first one first; units after their body
	Country string             `json:"country,omitempty"`
	IDs     []party.Identifier `json:"ids,omitempty"`
}

// Words are what an officer wrote of a notice. Use alone goes to partners.
type Words struct {
	Use string `json:"use,omitempty"` // the stated use
	How string `json:"how"`           // by which way it goes
	Why string `json:"why,omitempty"` // what was told is changed
}

// Events on a notice.
type (
	// Opened opens a notice in the decision that refuses, or says what a later
	// decision on the case makes of it.
	Opened struct {
		Reference string                 `json:"reference"`
		Case      string                 `json:"case"`
		CaseRef   string                 `json:"case_ref"`
		Officer   string                 `json:"officer,omitempty"`
		Within    string                 `json:"within,omitempty"` // compartment of the case
		Country   string                 `json:"country"`          // destination
		Day       deadline.Date          `json:"day"`              // of the refusal
		Due       deadline.Date          `json:"due"`              // by which partners are told
		Content   event.Private[Content] `json:"content"`
	}
	// Proposed says who is to be told, and which parties are not named.
	Proposed struct {
		To      []string             `json:"to"`
		Without []string             `json:"without,omitempty"`
		Due     deadline.Date        `json:"due"`
		Words   event.Private[Words] `json:"words"`
	}
	// Returned sends it back to be proposed anew.
	Returned struct {
		Why event.Private[string] `json:"why"`
	}
	// Released lets it go out, and says until when it stands unread.
	Released struct {
		Review deadline.Date `json:"review"`
	}
	// Kept says that it was looked at again and stands.
	Kept struct {
		Review deadline.Date         `json:"review"`
		Why    event.Private[string] `json:"why"`
	}
	// TakenBack ends it.
	TakenBack struct {
		Why event.Private[string] `json:"why"`
	}
)

// EventType is "denial.opened".
func (Opened) EventType() string { return "denial.opened" }

// EventType is "denial.proposed".
func (Proposed) EventType() string { return "denial.proposed" }

// EventType is "denial.returned".
func (Returned) EventType() string { return "denial.returned" }

// EventType is "denial.released".
func (Released) EventType() string { return "denial.released" }

// EventType is "denial.kept".
func (Kept) EventType() string { return "denial.kept" }

// EventType is "denial.taken_back".
func (TakenBack) EventType() string { return "denial.taken_back" }

// Events are one zero value of each event of this package, for the registry.
func Events() []event.Event {
	return []event.Event{Opened{}, Proposed{}, Returned{}, Released{}, Kept{}, TakenBack{}}
}

// Notice is what the events of one "denial/CASE" add up to.
type Notice struct {
	Reference string         `json:"reference"`
	Case      string         `json:"case"`
	CaseRef   string         `json:"case_ref"`
	Officer   string         `json:"officer,omitempty"`
	Within    string         `json:"within,omitempty"` // compartment of what is to be done
	Country   string         `json:"country"`
	Day       deadline.Date  `json:"day"`
	Due       deadline.Date  `json:"due,omitempty"` // of what is to be done before it goes out
	Content   Content        `json:"content"`
	Erased    *event.Erasure `json:"erased,omitempty"`
	Draft     *Version       `json:"draft,omitempty"`  // waits for a second person
	Stands    *Version       `json:"stands,omitempty"` // what partners were told last
	Told      []Telling      `json:"told,omitempty"`
	Returned  *Looked        `json:"returned,omitempty"` // the last proposal
	Review    deadline.Date  `json:"review,omitempty"`
	Kept      []Looked       `json:"kept,omitempty"`
	Ended     *Looked        `json:"ended,omitempty"`
}

// Version is what partners are told: the content without some parties.
type Version struct {
	To      []string `json:"to"` // country codes
	Content Content  `json:"content"`
	Words   Words    `json:"words"`
	By      event.By `json:"by"`
}

// Telling is one time that a notice went out.
type Telling struct {
	To []string `json:"to"`
	By event.By `json:"by"`
}

// Looked is a look at a notice, with what came of it.
type Looked struct {
	Why event.Text `json:"why"`
	By  event.By   `json:"by"`
}

// Status is where a notice stands: "draft", "proposed", "valid", "ended".
func (n *Notice) Status() string {
	switch {
	case n.Ended != nil:
		return "ended"
	case n.Draft != nil:
		return "proposed"
	case n.Due != "":
		return "draft"
	}
	return "valid"
}

// Was are the states that were told, each once.
func (n *Notice) Was() (states []string) {
	for _, t := range n.Told {
		states = append(states, t.To...)
	}
	slices.Sort(states)
	return slices.Compact(states)
}

// Apply implements event.State.
func (n *Notice) Apply(r event.Recorded) error {
	by := event.ByOf(r)
	switch e := r.Event.(type) {
	case Opened:
		n.Reference, n.Case, n.CaseRef, n.Officer, n.Within, n.Country, n.Day, n.Due = e.Reference, e.Case, e.CaseRef, e.Officer, e.Within, e.Country, e.Day, e.Due
		n.Content, n.Erased, n.Draft, n.Returned, n.Ended = e.Content.Value, e.Content.Erased, nil, nil, nil
	case Proposed:
		v := &Version{To: e.To, Content: n.Content, Words: e.Words.Value, By: by}
		v.Content.Parties = slices.DeleteFunc(slices.Clone(n.Content.Parties), func(p Refused) bool { return slices.Contains(e.Without, p.ID) })
		n.Draft, n.Due, n.Returned = v, e.Due, nil
	case Returned:
		n.Draft, n.Returned = nil, &Looked{event.TextOf(e.Why), by}
	case Released:
		n.Told = append(n.Told, Telling{n.Draft.To, by})
		n.Stands, n.Draft, n.Due, n.Review = n.Draft, nil, "", e.Review
	case Kept:
		n.Review = e.Review
		n.Kept = append(n.Kept, Looked{event.TextOf(e.Why), by})
	case TakenBack:
		n.Ended = &Looked{event.TextOf(e.Why), by}
		n.Draft = nil
	default:
		return fmt.Errorf("denial: a notice does not know %q", r.Event.EventType())
	}
	return nil
}

// Rows are where it stands, whom it names, and what is to be done by a day. Each
// table has id and stream besides these:
//
//	denial_row   id = case id
//	  reference text, stands bool (partners have it), refused text (ISO date)
//	denial_name  id = case id/number, one for each name that was refused
//	  case_id text, role text, name_search text
func (n *Notice) Rows() []event.Row {
	if n.Case == "" {
		return nil
	}
	status := n.Status()
	rows := []event.Row{{Table: "denial_row", ID: n.Case, Columns: []event.Column{
		event.C("reference", n.Reference), event.C("stands", n.Stands != nil && n.Ended == nil), event.C("refused", string(n.Day)),
	}}}
	if status == "ended" {
		return rows
	}
	for _, p := range n.Content.Parties {
		for _, name := range p.Names {
			rows = append(rows, event.Row{Table: "denial_name", ID: fmt.Sprintf("%s/%d", n.Case, len(rows)), Columns: []event.Column{
				event.C("case_id", n.Case), event.C("role", p.Role), event.C("name_search", name),
			}})
		}
	}
	account, role, kind, due := n.Officer, "", "denial", n.Due
	switch status {
	case "proposed":
		account, role, kind = "", "senior_officer", "denial_look"
	case "valid":
		kind, due = "denial_review", n.Review
	}
	if account == "" && role == "" {
		role = "licensing_officer"
	}
	return append(rows, event.Row{Table: "duty_row", ID: Kind + "/" + n.Case, Columns: []event.Column{
		event.C("account", account), event.C("role", role), event.C("kind", kind), event.C("title", n.CaseRef),
		event.C("href", "/cases/"+n.Case+"/denial"), event.C("compartment", n.Within), event.C("due", string(due)),
	}})
}
