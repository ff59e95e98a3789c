package store

import (
	"time"

	"github.com/comity-project/comity/internal/access"
)

// Checks says which checks after shipment are wanted, of licences in scope: open
// ones by their day, ended ones the latest first.
type Checks struct {
	Scope   access.Scope
	Open    bool
	Any     bool // open or not
	Licence string
	Case    string
	Plan    string
	Account string
	After   string // id of the last one seen
	Limit   int
}

// CheckRow is a check as lists show it. Result is empty while nothing was found.
type CheckRow struct {
	ID, Reference, Licence, LicenceRef, Case, Plan, Account, Officer, Checklist, Status, Result, Due string
}

// ListChecks reads a page of checks.
func (t *Tx) ListChecks(q Checks) (out []CheckRow, err error) {
	b := &caseSQL{postgres: t.conn.postgres}
	where := scopeWhere(q.Scope, "licence_row.org", "licence_row.compartment", &b.args)
	sign, order := ">", "check_row.due, check_row.id"
	if !q.Open {
		sign, order = "<", "check_row.due DESC, check_row.id DESC"
	}
	if !q.Any {
		open := int64(0)
		if q.Open {
			open = 1
		}
		where += " AND check_row.open = " + b.mark(open)
	}
	for _, f := range []struct{ column, value string }{{"licence_id", q.Licence}, {"case_id", q.Case}, {"plan", q.Plan}, {"account", q.Account}} {
		if f.value != "" {
			where += " AND check_row." + f.column + " = " + b.mark(f.value)
		}
	}
	if q.After != "" {
		where += " AND (check_row.due, check_row.id) " + sign + " (SELECT k.due, k.id FROM check_row AS k WHERE k.id = " + b.mark(q.After) + ")"
	}
	err = t.each(`SELECT check_row.id, check_row.reference, check_row.licence_id, licence_row.reference, check_row.case_id, check_row.plan, check_row.account,
		COALESCE((SELECT account_row.display FROM account_row WHERE account_row.id = check_row.account), ''), check_row.checklist, check_row.status, check_row.result, check_row.due
		FROM check_row JOIN licence_row ON licence_row.id = check_row.licence_id WHERE `+where+` ORDER BY `+order+` LIMIT `+b.mark(int64(min(max(q.Limit, 1), maxRows))), b.args,
		func(scan func(...any) error) error {
			var r CheckRow
			err := scan(&r.ID, &r.Reference, &r.Licence, &r.LicenceRef, &r.Case, &r.Plan, &r.Account, &r.Officer, &r.Checklist, &r.Status, &r.Result, &r.Due)
			out = append(out, r)
			return err
		})
	return out, err
}

// PlanRow is a draw of licences as lists show it.
type PlanRow struct {
	ID, Purpose string
	Drawn       time.Time
	Pool, Picks int64
}

// ListPlans reads draws, the latest first; after is the id of the last one seen.
func (t *Tx) ListPlans(after string, limit int) (out []PlanRow, err error) {
	err = t.each(`SELECT id, purpose, drawn, pool, picks FROM plan_row WHERE $1 = '' OR (drawn, id) < (SELECT p.drawn, p.id FROM plan_row AS p WHERE p.id = $1)
		ORDER BY drawn DESC, id DESC LIMIT $2`, []any{after, int64(min(max(limit, 1), maxRows))}, func(scan func(...any) error) error {
		var r PlanRow
		var drawn int64
		err := scan(&r.ID, &r.Purpose, &drawn, &r.Pool, &r.Picks)
		r.Drawn = time.UnixMicro(drawn).UTC()
		out = append(out, r)
		return err
	})
	return out, err
}

// Checkable is a licence that could be checked: something left under it.
type Checkable struct {
	ID       string
	Severity int    // of its case; 0: not known
	Result   string // of its last check; "" where nobody checked
}

// Checkables are the licences under which something left from one instant to
// before another, by id. Those in a compartment are not among them.
func (t *Tx) Checkables(from, to time.Time, limit int) (out []Checkable, err error) {
	err = t.each(`SELECT licence_row.id, case_row.severity,
		COALESCE((SELECT k.result FROM check_row AS k WHERE k.licence_id = licence_row.id AND k.result <> '' ORDER BY k.due DESC, k.id DESC LIMIT 1), '')
		FROM (SELECT DISTINCT licence_id FROM licence_use WHERE outcome = 'accepted' AND left_at >= $1 AND left_at < $2) AS used
		JOIN licence_row ON licence_row.id = used.licence_id JOIN case_row ON case_row.id = licence_row.case_id
		WHERE licence_row.compartment = '' ORDER BY licence_row.id LIMIT $3`, []any{from.UnixMicro(), to.UnixMicro(), int64(limit)}, func(scan func(...any) error) error {
		var c Checkable
		err := scan(&c.ID, &c.Severity, &c.Result)
		out = append(out, c)
		return err
	})
	return out, err
}

// LicenceReferences are the references of licences in scope, by id.
func (t *Tx) LicenceReferences(ids []string, s access.Scope) (map[string]string, error) {
	out := map[string]string{}
	if len(ids) == 0 {
		return out, nil
	}
	b := &caseSQL{postgres: t.conn.postgres}
	in := b.among(ids)
	scope := scopeWhere(s, "org", "compartment", &b.args)
	err := t.each(`SELECT id, reference FROM licence_row WHERE id IN `+in+` AND `+scope, b.args, func(scan func(...any) error) error {
		var id, reference string
		err := scan(&id, &reference)
		out[id] = reference
		return err
	})
	return out, err
}
