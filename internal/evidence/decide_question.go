package evidence

import (
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// OnQuestion names the question that a command is for.
type OnQuestion struct{ Question string }

// Stream is the question's stream.
func (o OnQuestion) Stream() event.Stream { return event.StreamOf(KindQuestion, o.Question) }

// QuestionCommand is one of the commands on questions.
type QuestionCommand interface{ Stream() event.Stream }

// Commands on a question.
type (
	// Ask puts a question to an embassy, a department or another state.
	Ask struct {
		OnQuestion
		Of          Asked
		Words       Asking
		Country     string
		Party       string
		Case        string
		Fact        string
		Marking     Marking
		Compartment string
		Due         deadline.Date
	}
	// Hold records a reply that answers nothing yet; Due is the day it promises.
	Hold struct {
		OnQuestion
		Note string
		Due  deadline.Date
	}
	// Chase records that the answer was asked for again.
	Chase struct{ OnQuestion }
	// TakeAnswer takes the answer into the library as an item of its own.
	TakeAnswer struct {
		OnQuestion
		Item Add
	}
	// GiveUp closes a question without an answer: what was asked stays unknown.
	GiveUp struct {
		OnQuestion
		Why string
	}
)

// DecideQuestion turns a command into events, or says why it can't be done. The
// events of an answer are those of the question alone: its item is added beside.
func DecideQuestion(q *Question, cmd QuestionCommand, now time.Time) ([]event.New, error) {
	_, asks := cmd.(Ask)
	switch {
	case asks && q.ID != "":
		return nil, fault.New(fault.Conflict, "evidence.question.exists")
	case !asks && q.ID == "":
		return nil, fault.New(fault.NotFound, "fault.not_found")
	case !asks && !q.Open():
		return nil, fault.New(fault.Blocked, "evidence.question.closed")
	}
	own, e := cmd.Stream(), invalid()
	today := deadline.DateOf(now, time.UTC)
	var ev event.Event
	switch c := cmd.(type) {
	case Ask:
		c.check(e, today)
		ev = QuestionAsked{c.Of, c.Country, c.Party, c.Case, c.Fact, c.Marking, c.Compartment, c.Due, event.P(own, Asking{strings.TrimSpace(c.Words.Whom), strings.TrimSpace(c.Words.Text)})}
	case Hold:
		want(e, "note", c.Note, maxText)
		if c.Due != "" && (!c.Due.Valid() || c.Due <= today || c.Due > today.Add(366)) {
			e.Field("due", "evidence.question.due")
		}
		ev = QuestionHeld{c.Due, event.P(own, strings.TrimSpace(c.Note))}
	case Chase:
		if n := len(q.Chased); n > 0 && deadline.DateOf(q.Chased[n-1].At, time.UTC) == today {
			return nil, nil // once a day is enough
		}
		ev = QuestionChased{}
	case TakeAnswer:
		if c.Item.Compartment != q.Compartment {
			return nil, invalid().Field("compartment", "evidence.question.elsewhere")
		}
		ev = QuestionAnswered{c.Item.Item}
	case GiveUp:
		want(e, "why", c.Why, maxText)
		ev = QuestionUnanswered{event.P(own, strings.TrimSpace(c.Why))}
	default:
		return nil, fault.New(fault.Internal, "fault.internal")
	}
	if err := e.Or(); err != nil {
		return nil, err
	}
	return []event.New{{Stream: own, Event: ev}}, nil
}

func (c Ask) check(e *fault.Error, today deadline.Date) {
	if !slices.Contains(Bodies, c.Of) {
		e.Field("of", "evidence.of.missing")
	}
	want(e, "whom", c.Words.Whom, maxTitle)
	want(e, "text", c.Words.Text, maxText)
	if !c.Due.Valid() || c.Due <= today || c.Due > today.Add(366) {
		e.Field("due", "evidence.question.due")
	}
	if c.Country != "" && !party.ValidCountry(c.Country) {
		e.Field("country", "party.country.unknown", "code", c.Country)
	}
	if !party.Bounded(c.Party, 64) || !party.Bounded(c.Case, 64) || !party.Bounded(c.Fact, 64) {
		e.Field("text", "evidence.question.about")
	}
	checkMarking(e, c.Marking, c.Compartment)
}
