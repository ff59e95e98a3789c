package evidence

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
)

// KindBrief is the kind of the streams of briefs: "brief/ID".
const KindBrief = "brief"

// About is what a brief is about.
type About string

// The kinds of briefs.
const (
	Destination About = "destination"
	EndUser     About = "end_user"
)

// Sections of a brief, in their order. The last says what is not known, so that
// nobody takes silence for "fine".
var Sections = map[About][]string{
	Destination: {"situation", "bodies", "groups", "practice", "open"},
	EndUser:     {"mandate", "structure", "conduct", "open"},
}

// Part is one part of a law on surveillance.
type Part string

// The parts, in their order.
const (
	Warrant   Part = "warrant"    // a decision in the single case, before the measure
	Judge     Part = "judge"      // taken by a judge or another independent body
	Necessity Part = "necessity"  // only where necessary and proportionate
	TimeLimit Part = "time_limit" // for a limited time
	Notice    Part = "notice"     // who was watched is told afterwards
	Oversight Part = "oversight"  // an independent body looks on
	Remedy    Part = "remedy"     // who was watched can have it stopped and put right
)

// Parts in their order.
var Parts = []Part{Warrant, Judge, Necessity, TimeLimit, Notice, Oversight, Remedy}

// Answer says whether something is so; empty is unknown, which is never fine.
type Answer string

// The answers.
const (
	Yes Answer = "yes"
	No  Answer = "no"
)

// Safeguard is one part of the law: what the text says, and what is known of
// practice, kept apart.
type Safeguard struct {
	Paper        Answer        `json:"paper,omitempty"`
	Date         deadline.Date `json:"date,omitempty"` // the day as of which the text is so
	Practice     Answer        `json:"practice,omitempty"`
	PracticeDate deadline.Date `json:"practice_date,omitempty"`
	Verified     bool          `json:"verified,omitempty"` // somebody read the text of the law itself
	Words        LawWords      `json:"words"`
}

// LawWords are the words of a safeguard.
type LawWords struct {
	Provision string `json:"provision,omitempty"` // "Security Bodies Act s. 14"
	Text      string `json:"text,omitempty"`      // what it says, in our own words
	Practice  string `json:"practice,omitempty"`  // what is known of practice
	Source    string `json:"source,omitempty"`    // of what is known of practice
}

// Holds tells whether the law has the safeguard and practice keeps to it. A law
// whose practice nobody has looked at is unknown.
func (s Safeguard) Holds() Answer {
	switch {
	case s.Paper == No, s.Practice == No:
		return No
	case s.Paper == Yes && s.Practice == Yes:
		return Yes
	}
	return ""
}

// Passage is one section of a brief with the sources it rests on.
type Passage struct {
	Text  string   `json:"text"`
	Items []string `json:"items,omitempty"` // ids of items
	By    By       `json:"by"`
}

// LawPart is a safeguard as it stands in a brief.
type LawPart struct {
	Safeguard
	Items []string `json:"items,omitempty"`
	By    By       `json:"by"`
}

// Review is one look at a brief: still so, and when to look again.
type Review struct {
	Note string        `json:"note,omitempty"`
	Next deadline.Date `json:"next"`
	By   By            `json:"by"`
}

// Brief is what is known of a destination or of an end user.
type Brief struct {
	ID          string             `json:"id"`
	About       About              `json:"about"`
	Subject     string             `json:"subject"` // country code, or id of the register's entry
	Marking     Marking            `json:"marking"`
	Compartment string             `json:"compartment,omitempty"`
	Passages    map[string]Passage `json:"passages,omitempty"`
	Law         map[Part]LawPart   `json:"law,omitempty"`
	Reviews     []Review           `json:"reviews,omitempty"` // oldest first
	ReviewBy    deadline.Date      `json:"review_by"`
	LawVersion  int64              `json:"law_version,omitempty"` // of the last event that set a part of the law
	Opened      By                 `json:"opened"`
	Changed     By                 `json:"changed"`
	Erased      *event.Erasure     `json:"erased,omitempty"`
}

// Overdue tells whether somebody should have looked at the brief before a day.
func (b *Brief) Overdue(on deadline.Date) bool { return b.ReviewBy < on }

// Items are the sources that anything in the brief rests on, sorted.
func (b *Brief) Items() []string {
	seen := map[string]bool{}
	for _, p := range b.Passages {
		for _, i := range p.Items {
			seen[i] = true
		}
	}
	for _, l := range b.Law {
		for _, i := range l.Items {
			seen[i] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// Opened begins a brief.
type Opened struct {
	About       About         `json:"about"`
	Subject     string        `json:"subject"`
	Marking     Marking       `json:"marking"`
	Compartment string        `json:"compartment,omitempty"`
	ReviewBy    deadline.Date `json:"review_by"`
}

// Written says what a section of a brief says from now on.
type Written struct {
	Section string                `json:"section"`
	Items   []string              `json:"items,omitempty"`
	Text    event.Private[string] `json:"text"`
}

// LawSet says what is known of one part of the law from now on.
type LawSet struct {
	Part         Part                    `json:"part"`
	Paper        Answer                  `json:"paper,omitempty"`
	Date         deadline.Date           `json:"date,omitempty"`
	Practice     Answer                  `json:"practice,omitempty"`
	PracticeDate deadline.Date           `json:"practice_date,omitempty"`
	Verified     bool                    `json:"verified,omitempty"`
	Items        []string                `json:"items,omitempty"`
	Words        event.Private[LawWords] `json:"words"`
}

// Reviewed says that somebody looked at the whole brief.
type Reviewed struct {
	Next deadline.Date         `json:"next"`
	Note event.Private[string] `json:"note"`
}

// EventType is "brief.opened".
func (Opened) EventType() string { return "brief.opened" }

// EventType is "brief.written".
func (Written) EventType() string { return "brief.written" }

// EventType is "brief.law_set".
func (LawSet) EventType() string { return "brief.law_set" }

// EventType is "brief.reviewed".
func (Reviewed) EventType() string { return "brief.reviewed" }

// Events are one zero value of each event of this package, for the registry.
func Events() []event.Event {
	return []event.Event{Added{}, Regraded{}, Prolonged{}, Translated{}, Withdrawn{}, Opened{}, Written{}, LawSet{}, Reviewed{}, QuestionAsked{}, QuestionHeld{}, QuestionChased{}, QuestionAnswered{}, QuestionUnanswered{}}
}

// Apply folds one more event in.
func (b *Brief) Apply(r event.Recorded) error {
	by := event.ByOf(r)
	switch e := r.Event.(type) {
	case Opened:
		*b = Brief{ID: r.Stream.ID(), About: e.About, Subject: e.Subject, Marking: e.Marking, Compartment: e.Compartment, ReviewBy: e.ReviewBy, Opened: by}
	case Written:
		if b.Passages == nil {
			b.Passages = map[string]Passage{}
		}
		b.Passages[e.Section] = Passage{Text: e.Text.Value, Items: e.Items, By: by}
		b.gone(e.Text.Erased)
	case LawSet:
		if b.Law == nil {
			b.Law = map[Part]LawPart{}
		}
		b.Law[e.Part] = LawPart{Safeguard{e.Paper, e.Date, e.Practice, e.PracticeDate, e.Verified, e.Words.Value}, e.Items, by}
		b.LawVersion = r.Version
		b.gone(e.Words.Erased)
	case Reviewed:
		b.Reviews = append(b.Reviews, Review{e.Note.Value, e.Next, by})
		b.ReviewBy = e.Next
	default:
		return fmt.Errorf("evidence: a brief does not know %q", r.Event.EventType())
	}
	b.Changed = by
	return nil
}

func (b *Brief) gone(at *event.Erasure) {
	if at != nil {
		b.Erased = at
	}
}

// Rows are the brief's list columns, one row for each source that it rests on,
// and its search text. Each table has id and stream besides these:
//
//	brief_row     id = brief id
//	  about text, subject text, place text (unique: one brief a subject and compartment), compartment text, marking text,
//	  review_by text, law int (parts answered), law_version int, changed time
//	brief_source  id = brief id/item id
//	  brief text, item text
//	search        id = stream
//	  kind "brief", org "", compartment text, title "", text text
func (b *Brief) Rows() []event.Row {
	if b.ID == "" {
		return nil
	}
	var words []string
	for _, s := range slices.Sorted(maps.Keys(b.Passages)) {
		words = append(words, b.Passages[s].Text)
	}
	rows := []event.Row{
		{Table: "brief_row", ID: b.ID, Columns: []event.Column{
			event.C("about", string(b.About)), event.C("subject", b.Subject), event.C("place", string(b.About)+"/"+b.Subject+"/"+b.Compartment),
			event.C("compartment", b.Compartment), event.C("marking", string(b.Marking)), event.C("review_by", string(b.ReviewBy)),
			event.C("law", int64(len(b.Law))), event.C("law_version", b.LawVersion), event.C("changed", b.Changed.At),
		}},
		{Table: "search", ID: KindBrief + "/" + b.ID, Columns: []event.Column{
			event.C("kind", KindBrief), event.C("org", ""), event.C("compartment", b.Compartment), event.C("title", ""), event.C("text", strings.Join(words, "\n")),
		}},
	}
	if b.Erased == nil {
		// It is every adviser's, so that it outlives whoever wrote it.
		rows = append(rows, event.Row{Table: "duty_row", ID: KindBrief + "/" + b.ID, Columns: []event.Column{
			event.C("account", ""), event.C("role", "rights_adviser"), event.C("kind", KindBrief+"_"+string(b.About)), event.C("title", b.Subject),
			event.C("href", "/briefs/"+b.ID), event.C("compartment", b.Compartment), event.C("due", string(b.ReviewBy)),
		}})
	}
	for _, item := range b.Items() {
		rows = append(rows, event.Row{Table: "brief_source", ID: b.ID + "/" + item, Columns: []event.Column{event.C("brief", b.ID), event.C("item", item)}})
	}
	return rows
}
