package evidence

import (
	"fmt"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
)

// KindQuestion is the kind of the streams of questions: "question/ID".
const KindQuestion = "question"

// Asked is what sort of body a question is put to.
type Asked string

// The bodies that questions are put to. A partner is another state: asking it is
// a consultation, and tells it what the question says.
const (
	Embassy    Asked = "embassy"
	Department Asked = "department"
	Partner    Asked = "partner"
)

// Bodies are all of them, in the order in which they are offered.
var Bodies = []Asked{Embassy, Department, Partner}

// Question is something that an embassy, a department or another state was asked, with
// the day by which it should answer. While nobody has, what was asked is unknown;
// closed without an answer it stays so.
type Question struct {
	ID          string         `json:"id"`
	Of          Asked          `json:"of"`
	Country     string         `json:"country,omitempty"` // that it is about, "" for none
	Party       string         `json:"party,omitempty"`   // entry of the register that it is about, "" for none
	Case        string         `json:"case,omitempty"`    // case that it was asked for, "" for none
	Fact        string         `json:"fact,omitempty"`    // fact of the rules that the answer would settle, "" for none
	Marking     Marking        `json:"marking"`
	Compartment string         `json:"compartment,omitempty"`
	Words       Asking         `json:"words"`
	Due         deadline.Date  `json:"due"`
	Asked       By             `json:"asked"`
	Chased      []By           `json:"chased,omitempty"` // oldest first
	Held        []Holding      `json:"held,omitempty"`   // oldest first
	Answer      string         `json:"answer,omitempty"` // id of the item that holds it
	Ended       By             `json:"ended,omitzero"`
	Why         string         `json:"why,omitempty"` // closed without an answer: why
	Changed     time.Time      `json:"changed"`
	Erased      *event.Erasure `json:"erased,omitempty"`
}

// Asking is who is asked what.
type Asking struct {
	Whom string `json:"whom"` // "Embassy in Karsovia"
	Text string `json:"text"`
}

// Holding is a reply that answers nothing yet, with the day it promises, if any.
type Holding struct {
	Note string        `json:"note"`
	Due  deadline.Date `json:"due,omitempty"`
	By   By            `json:"by"`
}

// Open tells whether an answer is still waited for.
func (q *Question) Open() bool { return q.ID != "" && q.Ended.At.IsZero() }

// State is where a question stands: "open", "answered", "unanswered".
func (q *Question) State() string {
	switch {
	case q.Open():
		return "open"
	case q.Answer != "":
		return "answered"
	}
	return "unanswered"
}

// Late tells whether the answer should have come before a day.
func (q *Question) Late(on deadline.Date) bool { return q.Open() && q.Due < on }

// Events on a question.
type (
	// QuestionAsked puts a question to a body.
	QuestionAsked struct {
		Of          Asked                 `json:"of"`
		Country     string                `json:"country,omitempty"`
		Party       string                `json:"party,omitempty"`
		Case        string                `json:"case,omitempty"`
		Fact        string                `json:"fact,omitempty"`
		Marking     Marking               `json:"marking"`
		Compartment string                `json:"compartment,omitempty"`
		Due         deadline.Date         `json:"due"`
		Words       event.Private[Asking] `json:"words"`
	}
	// QuestionHeld is a reply that answers nothing yet.
	QuestionHeld struct {
		Due  deadline.Date         `json:"due,omitempty"`
		Note event.Private[string] `json:"note"`
	}
	// QuestionChased says that the answer was asked for again.
	QuestionChased struct{}
	// QuestionAnswered says which item of the library holds the answer.
	QuestionAnswered struct {
		Item string `json:"item"`
	}
	// QuestionUnanswered closes a question without an answer: unknown.
	QuestionUnanswered struct {
		Why event.Private[string] `json:"why"`
	}
)

// EventType implements event.Event.
func (QuestionAsked) EventType() string { return "question.asked" }

// EventType implements event.Event.
func (QuestionHeld) EventType() string { return "question.held" }

// EventType implements event.Event.
func (QuestionChased) EventType() string { return "question.chased" }

// EventType implements event.Event.
func (QuestionAnswered) EventType() string { return "question.answered" }

// EventType implements event.Event.
func (QuestionUnanswered) EventType() string { return "question.unanswered" }

// Apply folds one more event in.
func (q *Question) Apply(r event.Recorded) error {
	by := event.ByOf(r)
	switch e := r.Event.(type) {
	case QuestionAsked:
		*q = Question{
			ID: r.Stream.ID(), Of: e.Of, Country: e.Country, Party: e.Party, Case: e.Case, Fact: e.Fact, Marking: e.Marking, Compartment: e.Compartment,
			Words: e.Words.Value, Due: e.Due, Asked: by, Erased: e.Words.Erased,
		}
	case QuestionHeld:
		q.Held = append(q.Held, Holding{e.Note.Value, e.Due, by})
		if e.Due != "" {
			q.Due = e.Due
		}
	case QuestionChased:
		q.Chased = append(q.Chased, by)
	case QuestionAnswered:
		q.Answer, q.Ended = e.Item, by
	case QuestionUnanswered:
		q.Why, q.Ended = e.Why.Value, by
	default:
		return fmt.Errorf("evidence: a question does not know %q", r.Event.EventType())
	}
	q.Changed = r.Time
	return nil
}

// Rows are the question's list columns, its search text, and while it is open
// the duty of who asked it. Each table has id and stream besides these:
//
//	question_row  id = question id
//	  state text, asked_of text, whom text, text text, country text, party text, case_id text, fact text,
//	  marking text, compartment text, asker text, due text, changed time
//	duty_row      id = "question/" and the question's id
//	search        id = stream
func (q *Question) Rows() []event.Row {
	if q.ID == "" {
		return nil
	}
	rows := []event.Row{
		{Table: "question_row", ID: q.ID, Columns: []event.Column{
			event.C("state", q.State()), event.C("asked_of", string(q.Of)), event.C("whom", q.Words.Whom), event.C("text", q.Words.Text), event.C("country", q.Country),
			event.C("party", q.Party), event.C("case_id", q.Case), event.C("fact", q.Fact), event.C("marking", string(q.Marking)), event.C("compartment", q.Compartment),
			event.C("asker", q.Asked.Account), event.C("due", string(q.Due)), event.C("changed", q.Changed),
		}},
		{Table: "search", ID: KindQuestion + "/" + q.ID, Columns: []event.Column{
			event.C("kind", KindQuestion), event.C("org", ""), event.C("compartment", q.Compartment), event.C("title", q.Words.Whom), event.C("text", strings.Join([]string{q.Words.Whom, q.Words.Text, q.Why}, "\n")),
		}},
	}
	if q.Open() {
		rows = append(rows, event.Row{Table: "duty_row", ID: KindQuestion + "/" + q.ID, Columns: []event.Column{
			event.C("account", q.Asked.Account), event.C("role", ""), event.C("kind", KindQuestion), event.C("title", q.Words.Whom),
			event.C("href", "/questions/"+q.ID), event.C("compartment", q.Compartment), event.C("due", string(q.Due)),
		}})
	}
	return rows
}
