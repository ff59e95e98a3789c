package store

import (
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
)

// QuestionRow is a question as lists show it.
type QuestionRow struct {
	ID, State, Of, Whom, Text, Country, Party, Case, Fact, Marking, Compartment, Asker, Due string
	Changed                                                                                 time.Time
}

// Questions says which questions are wanted, the first due first. Zero values
// narrow nothing but Scope, whose zero value holds nothing.
type Questions struct {
	Scope      access.Scope
	State      string // "open", "answered", "unanswered"
	Unanswered bool   // open or closed without an answer
	Late       string // due before this day and open
	Asker      string
	Country    string
	Party      string
	Case       string
	Fact       string
	At         string // due of the last one seen, with After
	After      string
	Limit      int
}

// ListQuestions reads a page of questions.
func (t *Tx) ListQuestions(q Questions) ([]QuestionRow, error) {
	b := &caseSQL{}
	where := []string{scopeWhere(q.Scope, "''", "compartment", &b.args)}
	for _, f := range []struct{ column, value string }{{"state", q.State}, {"asker", q.Asker}, {"country", q.Country}, {"party", q.Party}, {"case_id", q.Case}, {"fact", q.Fact}} {
		if f.value != "" {
			where = append(where, f.column+" = "+b.mark(f.value))
		}
	}
	if q.Unanswered {
		where = append(where, "state <> 'answered'")
	}
	if q.Late != "" {
		where = append(where, "state = 'open' AND due < "+b.mark(q.Late))
	}
	if q.After != "" {
		where = append(where, "(due, id) > ("+b.mark(q.At)+", "+b.mark(q.After)+")")
	}
	var out []QuestionRow
	err := t.each(`SELECT id, state, asked_of, whom, text, country, party, case_id, fact, marking, compartment, asker, due, changed FROM question_row
		WHERE `+strings.Join(where, " AND ")+` ORDER BY due, id LIMIT `+b.mark(int64(min(max(q.Limit, 1), maxRows))), b.args,
		func(scan func(...any) error) error {
			var r QuestionRow
			var changed int64
			err := scan(&r.ID, &r.State, &r.Of, &r.Whom, &r.Text, &r.Country, &r.Party, &r.Case, &r.Fact, &r.Marking, &r.Compartment, &r.Asker, &r.Due, &changed)
			r.Changed = time.UnixMicro(changed).UTC()
			out = append(out, r)
			return err
		})
	return out, err
}
