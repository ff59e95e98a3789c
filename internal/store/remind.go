package store

import (
	"time"
)

// FallsDue is a thing with a day, and who it concerns.
type FallsDue struct {
	ID, Stream  string
	Kind        string // of a duty
	About       string // reference; "" where a duty has only a title
	Case        string // id of its case, "" where it has none
	Account     string // whose it is, or the case's officer; "" where nobody has it
	Role        string // whose it is where it is no person's
	Compartment string
	Href        string
	Day         string // ISO; of an instant, in the zone of Between
}

// Between are the days after From and up to To, in a zone; After is the last thing
// of the page before.
type Between struct {
	From, To string
	Zone     *time.Location
	After    FallsDue
	Limit    int
}

// args are the bounds as days.
func (b Between) args() []any { return []any{b.From, b.To, b.After.Day, b.After.ID, int64(b.Limit)} }

// instants are the bounds as instants: from the end of the first day, or after the
// last thing, to the end of the last.
func (b Between) instants() ([]any, error) {
	end := func(day string) (int64, error) {
		d, err := time.ParseInLocation(time.DateOnly, day, b.Zone)
		return d.AddDate(0, 0, 1).UnixMicro(), err
	}
	from, err := end(b.From)
	if err != nil {
		return nil, err
	}
	to, err := end(b.To)
	return []any{from, to, b.After.ID, int64(b.Limit)}, err
}

// ReportsDue are reports under licences and undertakings, by their days.
func (t *Tx) ReportsDue(b Between) ([]FallsDue, error) {
	return t.fallDue(`SELECT licence_duty.id, licence_duty.stream, '', licence_duty.reference, case_row.id, case_row.officer, '', licence_duty.compartment, '/' || licence_duty.kind || 's/' || licence_duty.licence_id, licence_duty.due
		FROM licence_duty LEFT JOIN licence_row ON licence_row.id = licence_duty.licence_id JOIN case_row ON case_row.id = COALESCE(licence_row.case_id, licence_duty.licence_id)
		WHERE licence_duty.state = 'open' AND licence_duty.due > $1 AND licence_duty.due <= $2 AND (licence_duty.due, licence_duty.id) > ($3, $4)
		ORDER BY licence_duty.due, licence_duty.id LIMIT $5`, b.args()...)
}

// LicencesEnding are licences in force, by their last days.
func (t *Tx) LicencesEnding(b Between) ([]FallsDue, error) {
	return t.fallDue(`SELECT licence_row.id, licence_row.stream, '', licence_row.reference, licence_row.case_id, case_row.officer, '', licence_row.compartment, '/licences/' || licence_row.id, licence_row.valid_until
		FROM licence_row JOIN case_row ON case_row.id = licence_row.case_id
		WHERE licence_row.status IN ('valid', 'restricted', 'suspended') AND licence_row.valid_until > $1 AND licence_row.valid_until <= $2 AND (licence_row.valid_until, licence_row.id) > ($3, $4)
		ORDER BY licence_row.valid_until, licence_row.id LIMIT $5`, b.args()...)
}

// AssurancesEnding are assurances that something rests on, by the days until which
// they were given. Each clause has a row; the first stands for all.
func (t *Tx) AssurancesEnding(b Between) ([]FallsDue, error) {
	return t.fallDue(`SELECT case_assurance.case_id || '/' || case_assurance.assurance, case_assurance.stream, '', case_row.reference, case_row.id, case_row.officer, '', case_row.compartment, '/cases/' || case_row.id || '/assurances', case_assurance.expires
		FROM case_assurance JOIN case_row ON case_row.id = case_assurance.case_id
		WHERE case_assurance.expires <> '' AND case_assurance.expires > $1 AND case_assurance.expires <= $2
		AND (case_assurance.expires, case_assurance.case_id || '/' || case_assurance.assurance) > ($3, $4) AND (case_row.licence <> '' OR case_row.stage_group <> 'closed')
		GROUP BY case_assurance.case_id, case_assurance.assurance, case_assurance.stream, case_row.reference, case_row.id, case_row.officer, case_row.compartment, case_assurance.expires
		ORDER BY case_assurance.expires, 1 LIMIT $5`, b.args()...)
}

// DutiesDue are duties beside cases, by their days.
func (t *Tx) DutiesDue(b Between) ([]FallsDue, error) {
	return t.fallDue(`SELECT id, stream, kind, '', '', account, role, compartment, href, due FROM duty_row
		WHERE due > $1 AND due <= $2 AND (due, id) > ($3, $4) ORDER BY due, id LIMIT $5`, b.args()...)
}

// AnswersDue are requests that wait for the applicant, by the days of their ends.
func (t *Tx) AnswersDue(b Between) ([]FallsDue, error) {
	args, err := b.instants()
	if err != nil {
		return nil, err
	}
	return t.fallDueAt(b, `SELECT case_rfi.id, case_rfi.stream, '', case_row.reference, case_row.id, case_row.officer, '', case_row.compartment, '/cases/' || case_row.id, case_rfi.due
		FROM case_rfi JOIN case_row ON case_row.id = case_rfi.case_id
		WHERE case_rfi.closed IS NULL AND case_rfi.due >= $1 AND case_rfi.due < $2 AND case_rfi.id > $3 AND case_row.stage_group <> 'closed'
		ORDER BY case_rfi.id LIMIT $4`, args)
}

// CasesDue are cases of which a clock runs, by the days of the nearest one's end.
func (t *Tx) CasesDue(b Between) ([]FallsDue, error) {
	args, err := b.instants()
	if err != nil {
		return nil, err
	}
	return t.fallDueAt(b, `SELECT id, stream, '', reference, id, officer, '', compartment, '/cases/' || id, due FROM case_row
		WHERE stage_group <> 'closed' AND stopped = 0 AND due >= $1 AND due < $2 AND id > $3 ORDER BY id LIMIT $4`, args)
}

func (t *Tx) fallDue(query string, args ...any) (out []FallsDue, err error) {
	err = t.each(query, args, func(scan func(...any) error) error {
		var d FallsDue
		err := scan(&d.ID, &d.Stream, &d.Kind, &d.About, &d.Case, &d.Account, &d.Role, &d.Compartment, &d.Href, &d.Day)
		out = append(out, d)
		return err
	})
	return out, err
}

func (t *Tx) fallDueAt(b Between, query string, args []any) (out []FallsDue, err error) {
	err = t.each(query, args, func(scan func(...any) error) error {
		var d FallsDue
		var at int64
		err := scan(&d.ID, &d.Stream, &d.Kind, &d.About, &d.Case, &d.Account, &d.Role, &d.Compartment, &d.Href, &at)
		d.Day = time.UnixMicro(at).In(b.Zone).Format(time.DateOnly)
		out = append(out, d)
		return err
	})
	return out, err
}

// reminded is the counter that holds the day up to which people were reminded.
const reminded = "reminded"

// Reminded is the day up to which people were reminded; the zero time where they
// never were.
func (t *Tx) Reminded() (day time.Time, err error) {
	var n int64
	found, err := t.row(`SELECT value FROM counter WHERE name = $1`, []any{reminded}, &n)
	if err != nil || !found {
		return day, err
	}
	return time.Unix(n*86400, 0).UTC(), nil
}

// SetReminded notes it.
func (t *Tx) SetReminded(day time.Time) error {
	return t.exec(`INSERT INTO counter (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, reminded, day.Unix()/86400)
}
