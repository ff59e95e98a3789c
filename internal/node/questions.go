package node

import (
	"context"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
)

// QuestionStream is the stream of a question, for Expect.
func QuestionStream(id string) event.Stream { return event.StreamOf(evidence.KindQuestion, id) }

func questionThing(q *evidence.Question) access.Thing {
	return access.Thing{Kind: evidence.KindQuestion, Compartment: q.Compartment}
}

// askQuestion puts a question. One for a case lies where the case does; whom it
// is about must be on the register.
func askQuestion(t *Tx, cmd evidence.Ask) error {
	q, _, err := load[*evidence.Question](t, cmd.Stream())
	if err != nil {
		return err
	}
	if err := t.Must("", access.EvidenceKeep, access.Thing{Kind: evidence.KindQuestion, Compartment: cmd.Compartment}); err != nil {
		return err
	}
	bad := fault.New(fault.Invalid, "evidence.invalid")
	if cmd.Case != "" {
		c, _, err := load[*licensing.Case](t, CaseStream(cmd.Case))
		if err != nil {
			return err
		}
		if c.ID == "" || !access.Can(t.Actor, access.CaseRead, thingOf(c)) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		if c.Compartment != cmd.Compartment {
			bad.Field("compartment", "evidence.question.case_elsewhere")
		}
	}
	if cmd.Party != "" {
		known, err := t.knowsParty(cmd.Party)
		if err != nil {
			return err
		}
		if !known {
			bad.Field("party", "evidence.party.unknown")
		}
	}
	if err := bad.Or(); err != nil {
		return err
	}
	events, err := evidence.DecideQuestion(q, cmd, t.Now())
	if err != nil {
		return err
	}
	return t.Append(events)
}

// onQuestion is the way of every other command on a question.
func onQuestion[C evidence.QuestionCommand](t *Tx, cmd C) error {
	q, _, err := load[*evidence.Question](t, cmd.Stream())
	if err != nil {
		return err
	}
	if err := t.Must(access.EvidenceRead, access.EvidenceKeep, questionThing(q)); err != nil {
		return err
	}
	events, err := evidence.DecideQuestion(q, cmd, t.Now())
	if err != nil {
		return err
	}
	return t.Append(events)
}

// takeAnswer takes an answer into the library: about what the question was about,
// from whom it was put to.
func takeAnswer(t *Tx, cmd evidence.TakeAnswer) error {
	q, _, err := load[*evidence.Question](t, cmd.Stream())
	if err != nil {
		return err
	}
	if err := onQuestion(t, cmd); err != nil {
		return err
	}
	item := cmd.Item
	item.Kind, item.Country, item.Party, item.Details.Source = evidence.Reply, q.Country, q.Party, q.Words.Whom
	return putItem(t, item)
}

// unanswered refuses a fact of a case that rests on nothing but a search while a
// question on it was put and not answered: silence is no answer, and no "nothing
// was found".
func (t *Tx) unanswered(cmd assessment.RecordFact) error {
	if !cmd.Answer.Value.Known() || cmd.Item != "" || cmd.Document != "" || strings.TrimSpace(cmd.Answer.Source) != "" {
		return nil
	}
	rows, err := t.ListQuestions(store.Questions{Scope: access.Scope{Everything: true}, Case: cmd.Case, Fact: cmd.Answer.Fact, Limit: 1, Unanswered: true})
	if err != nil || len(rows) == 0 {
		return err
	}
	return fault.New(fault.Invalid, "assessment.invalid").Field("searched", "evidence.question.silence")
}

// ConsultationDue is the day by which another state that is consulted now should
// answer, by the pack's period and this state's working days; zero where the pack
// has none.
func (a *App) ConsultationDue(ctx context.Context) (time.Time, error) {
	e, err := a.Engines(ctx)
	if err != nil {
		return time.Time{}, err
	}
	p := periodOf(e.Pack, "partner_consultation")
	if p.Days == 0 {
		return time.Time{}, nil
	}
	due, err := e.Calendar.After(a.Now(), p)
	return due.In(e.Calendar.Location()), err
}

// QuestionFile is a question as its page shows it.
type QuestionFile struct {
	*evidence.Question
	Version   int64
	Reference string       // of its case, "" where there is none or the reader may not see it
	On        *party.Entry // whom it is about; nil where nobody, or where the reader may not see them
	Names     map[string]string
}

// QuestionFile reads a question. What may not be seen does not exist.
func (a *App) QuestionFile(ctx context.Context, actor access.Actor, id string) (*QuestionFile, error) {
	f := &QuestionFile{Question: &evidence.Question{}}
	err := a.db.View(ctx, func(t *store.Tx) (err error) {
		if f.Version, err = t.Load(QuestionStream(id), f.Question); err != nil {
			return err
		}
		if f.Version == 0 || !access.Can(actor, access.EvidenceRead, questionThing(f.Question)) {
			return fault.New(fault.NotFound, "fault.not_found")
		}
		if f.Party != "" && access.Can(actor, access.PartyRead, access.Thing{Kind: party.StreamKind}) {
			f.On = &party.Entry{}
			if _, err = t.Load(event.StreamOf(party.StreamKind, f.Party), f.On); err != nil {
				return err
			}
		}
		if f.Case != "" {
			refs, err := t.References([]string{f.Case}, access.ScopeOf(actor, access.CaseRead))
			if err != nil {
				return err
			}
			f.Reference = refs[f.Case]
		}
		people := []string{f.Asked.Account, f.Ended.Account}
		for _, h := range f.Held {
			people = append(people, h.By.Account)
		}
		for _, c := range f.Chased {
			people = append(people, c.Account)
		}
		f.Names, err = t.Names(people)
		return err
	})
	return f, fault.Wrap(err, "node: question")
}
