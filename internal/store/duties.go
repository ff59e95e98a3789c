package store

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
)

// Duty is something that a person, or everybody in a role, has to do by a day,
// beside cases.
type Duty struct{ ID, Kind, Title, Href, Due string }

// Duties lists what an actor has to do by a day, and whom they have to tell of a
// refusal whenever that is due, the most urgent first. What lies in a compartment
// that they are not admitted to is not among it.
func (t *Tx) Duties(a access.Actor, by string, limit int) (out []Duty, err error) {
	b := &caseSQL{}
	whose := "account = " + b.mark(a.Account)
	if len(a.Roles) > 0 {
		marks := make([]string, len(a.Roles))
		for i, r := range a.Roles {
			marks[i] = b.mark(string(r))
		}
		whose = "(" + whose + " OR role IN (" + strings.Join(marks, ", ") + "))"
	}
	admitted := access.Scope{Anywhere: true, Admitted: a.Compartments}
	within := scopeWhere(admitted, "''", "duty_row.compartment", &b.args)
	// A check, a notice of refusal and the answer to an alert lie where their case
	// lies today.
	within += ` AND NOT EXISTS (SELECT 1 FROM case_row WHERE case_row.id = CASE WHEN duty_row.kind IN ('alert', 'denial', 'denial_look', 'denial_review') THEN substr(duty_row.id, length(duty_row.id) - 35)
		ELSE (SELECT check_row.case_id FROM check_row WHERE check_row.id = substr(duty_row.stream, 7) AND duty_row.stream = 'check/' || check_row.id) END AND NOT ` + scopeWhere(admitted, "''", "case_row.compartment", &b.args) + ")"
	err = t.each(`SELECT id, kind, title, href, due FROM duty_row WHERE `+whose+` AND `+within+` AND (due <= `+b.mark(by)+` OR kind IN ('denial', 'denial_look')) ORDER BY due, id LIMIT `+b.mark(int64(limit)), b.args,
		func(scan func(...any) error) error {
			var d Duty
			err := scan(&d.ID, &d.Kind, &d.Title, &d.Href, &d.Due)
			out = append(out, d)
			return err
		})
	return out, err
}

// DutiesBefore gives the streams with a duty of a kind that was due before a day,
// by id of the duty, after one.
func (t *Tx) DutiesBefore(kind, day, after string, limit int) (ids []string, streams []event.Stream, err error) {
	err = t.each(`SELECT id, stream FROM duty_row WHERE kind = $1 AND due < $2 AND id > $3 ORDER BY id LIMIT $4`, []any{kind, day, after, int64(limit)}, func(scan func(...any) error) error {
		var id, stream string
		err := scan(&id, &stream)
		ids, streams = append(ids, id), append(streams, event.Stream(stream))
		return err
	})
	return ids, streams, err
}

// LoadKind reads the states of all streams of a kind, by id, at most limit of
// them: for kinds of which a state has few. into gives what each is read into.
func (t *Tx) LoadKind(kind string, limit int, into func(event.Stream) event.State) error {
	return t.each(`SELECT id, state FROM stream WHERE kind = $1 ORDER BY id LIMIT $2`, []any{kind, int64(limit)}, func(scan func(...any) error) error {
		var id string
		var body []byte
		if err := scan(&id, &body); err != nil {
			return err
		}
		if err := json.Unmarshal(body, into(event.Stream(id))); err != nil {
			return fmt.Errorf("store: state of %s: %w", id, err)
		}
		return nil
	})
}

// CaseNamed finds a case by its reference: its id, compartment and group of
// stages; "" where there is none.
func (t *Tx) CaseNamed(reference string) (id, compartment, group string, err error) {
	_, err = t.row(`SELECT id, compartment, stage_group FROM case_row WHERE reference = $1`, []any{reference}, &id, &compartment, &group)
	return id, compartment, group, err
}

// References are the references of cases in scope, by id.
func (t *Tx) References(ids []string, s access.Scope) (map[string]string, error) {
	out := map[string]string{}
	if len(ids) == 0 {
		return out, nil
	}
	b := &caseSQL{}
	marks := make([]string, len(ids))
	for i, id := range ids {
		marks[i] = b.mark(id)
	}
	scope := scopeWhere(s, "org", "compartment", &b.args)
	err := t.each(`SELECT id, reference FROM case_row WHERE id IN (`+strings.Join(marks, ", ")+`) AND `+scope, b.args, func(scan func(...any) error) error {
		var id, reference string
		err := scan(&id, &reference)
		out[id] = reference
		return err
	})
	return out, err
}
