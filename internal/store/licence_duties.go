package store

import (
	"strconv"

	"github.com/comity-project/comity/internal/access"
)

// LicenceDuty is a report that is due under a licence, or one that waits to be
// looked at.
type LicenceDuty struct {
	ID, Licence, Reference, Condition, Type, State, Due string
	Kind                                                string // "licence" or "undertaking"
}

// LicenceDuties says which are wanted: those of a state, of licences in scope,
// due by a day, after one, the earliest first.
type LicenceDuties struct {
	Scope    access.Scope
	State    string // "open" or "waiting"
	By       string // day; "" for all
	AfterDue string
	AfterID  string
	Limit    int
}

// LicenceDuties lists duties along an index: of one organisation by it, of all
// by their state.
func (t *Tx) LicenceDuties(q LicenceDuties) (out []LicenceDuty, err error) {
	var args []any
	mark := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	where := scopeWhere(q.Scope, "org", "compartment", &args) + " AND state = " + mark(q.State)
	if q.By != "" {
		where += " AND due <= " + mark(q.By)
	}
	if q.AfterID != "" {
		where += " AND (due, id) > (" + mark(q.AfterDue) + ", " + mark(q.AfterID) + ")"
	}
	err = t.each(`SELECT id, licence_id, reference, condition, type, state, due, kind FROM licence_duty WHERE `+where+` ORDER BY due, id LIMIT `+mark(int64(q.Limit)), args,
		func(scan func(...any) error) error {
			var d LicenceDuty
			err := scan(&d.ID, &d.Licence, &d.Reference, &d.Condition, &d.Type, &d.State, &d.Due, &d.Kind)
			out = append(out, d)
			return err
		})
	return out, err
}
