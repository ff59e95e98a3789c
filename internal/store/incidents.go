package store

import (
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
)

// IncidentRow is an incident as lists show it.
type IncidentRow struct {
	ID, Reference, Kind, Urgency, Title string
	Open                                bool
	Opened                              time.Time
}

// ListIncidents reads incidents in scope, the latest first; after is the id of the
// last one seen. With a kind of link and where it leads, those tied to that alone.
func (t *Tx) ListIncidents(scope access.Scope, open bool, kind, ref, after string, limit int) (out []IncidentRow, err error) {
	b := &caseSQL{postgres: t.conn.postgres}
	where := scopeWhere(scope, "''", "incident_row.compartment", &b.args)
	is := int64(0)
	if open {
		is = 1
	}
	where += " AND incident_row.open = " + b.mark(is)
	if kind != "" {
		where += " AND incident_row.id IN (SELECT k.incident_id FROM incident_link AS k WHERE k.kind = " + b.mark(kind) + " AND k.ref = " + b.mark(ref) + ")"
	}
	if after != "" {
		where += " AND (incident_row.opened, incident_row.id) < (SELECT k.opened, k.id FROM incident_row AS k WHERE k.id = " + b.mark(after) + ")"
	}
	err = t.each(`SELECT incident_row.id, incident_row.reference, incident_row.kind, incident_row.urgency, incident_row.title, incident_row.open, incident_row.opened FROM incident_row
		WHERE `+where+` ORDER BY incident_row.opened DESC, incident_row.id DESC LIMIT `+b.mark(int64(min(max(limit, 1), maxRows))), b.args, func(scan func(...any) error) error {
		var r IncidentRow
		var open, opened int64
		err := scan(&r.ID, &r.Reference, &r.Kind, &r.Urgency, &r.Title, &open, &opened)
		r.Open, r.Opened = open == 1, time.UnixMicro(opened).UTC()
		out = append(out, r)
		return err
	})
	return out, err
}

// Touching says what an incident is about: end users by entry of the register,
// items by control code or its beginning, destinations, and single licences and
// cases. Items and destinations together mean those items to those destinations.
type Touching struct {
	Scope                                       access.Scope
	Users, Items, Destinations, Licences, Cases []string
	Only                                        []string // of what is touched these alone, by id; nil: all
	After                                       string   // id of the last one seen
	Limit                                       int

	count bool // only how many
}

// none tells whether nothing is asked for.
func (q Touching) none() bool {
	return len(q.Users)+len(q.Items)+len(q.Destinations)+len(q.Licences)+len(q.Cases) == 0
}

// ids are the ids of what is touched: of licences, or of cases.
func (q Touching) ids(b *caseSQL, licences bool) string {
	row, lines, lineOf, caseOf := "case_row", "case_line", "case_id", "id"
	if licences {
		row, lines, lineOf, caseOf = "licence_row", "licence_line", "licence_id", "case_id"
	}
	var parts []string
	add := func(s string) { parts = append(parts, "SELECT x.id FROM "+row+" AS x WHERE "+s) }
	if len(q.Users) > 0 {
		add("x." + caseOf + " IN (SELECT p.case_id FROM case_party AS p WHERE p.register IN " + b.among(q.Users) + ")")
	}
	if len(q.Cases) > 0 {
		add("x." + caseOf + " IN " + b.among(q.Cases))
	}
	if len(q.Licences) > 0 && licences {
		add("x.id IN " + b.among(q.Licences))
	}
	var both []string
	if len(q.Destinations) > 0 {
		both = append(both, "x.destination IN "+b.among(q.Destinations))
	}
	if len(q.Items) > 0 {
		var codes []string
		code := "n.code"
		if b.postgres { // whatever the order of the database, beginnings are of bytes
			code += ` COLLATE "C"`
		}
		for _, c := range q.Items {
			codes = append(codes, code+" >= "+b.mark(c)+" AND "+code+" < "+b.mark(c+"~"))
		}
		both = append(both, "x.id IN (SELECT n."+lineOf+" FROM "+lines+" AS n WHERE "+strings.Join(codes, " OR ")+")")
	}
	if len(both) > 0 {
		add(strings.Join(both, " AND "))
	}
	return strings.Join(parts, " UNION ")
}

// statement reads what is touched, licences or cases, the latest first. It is found
// by the indexes of what it is about, never by reading all that is live.
func (q Touching) statement(postgres, licences bool) (string, []any) {
	b := &caseSQL{postgres: postgres}
	found := " FROM (" + q.ids(b, licences) + ") AS found CROSS JOIN "
	row, at, columns, live := "case_row", "submitted", "case_row.id, case_row.reference, case_row.title, case_row.destination, case_row.stage", "case_row.stage_group <> 'closed'"
	if licences {
		row, at, columns, live = "licence_row", "issued", licenceColumns, "licence_row.status IN ('valid', 'suspended', 'restricted', 'exhausted')"
	}
	text := found + row + " WHERE " + row + ".id = found.id AND " + scopeWhere(q.Scope, row+".org", row+".compartment", &b.args) + " AND " + live
	if q.Only != nil {
		text += " AND " + row + ".id IN " + b.among(q.Only)
	}
	if q.After != "" {
		text += " AND (" + row + "." + at + ", " + row + ".id) < (SELECT k." + at + ", k.id FROM " + row + " AS k WHERE k.id = " + b.mark(q.After) + ")"
	}
	if q.count {
		return "SELECT COUNT(*) FROM (SELECT 1" + text + " LIMIT " + b.mark(int64(q.Limit)) + ") AS counted", b.args
	}
	return "SELECT " + columns + text + " ORDER BY " + row + "." + at + " DESC, " + row + ".id DESC LIMIT " + b.mark(int64(q.Limit)), b.args
}

// CountTouched is how many live licences, or open cases, are touched: at most
// the limit.
func (t *Tx) CountTouched(q Touching, licences bool) (n int, err error) {
	if q.count = true; !licences {
		q.Licences = nil
	}
	if q.none() {
		return 0, nil
	}
	text, args := q.statement(t.conn.postgres, licences)
	_, err = t.row(text, args, &n)
	return n, err
}

// TouchedLicences are the live licences that are touched, the latest first.
func (t *Tx) TouchedLicences(q Touching) (out []LicenceRow, err error) {
	if q.none() {
		return nil, nil
	}
	text, args := q.statement(t.conn.postgres, true)
	err = t.each(text, args, func(scan func(...any) error) error {
		r, err := scanLicence(scan)
		out = append(out, r)
		return err
	})
	return out, err
}

// TouchedCase is an open case that is touched.
type TouchedCase struct{ ID, Reference, Title, Destination, Stage string }

// TouchedCases are the open cases that are touched, the latest first.
func (t *Tx) TouchedCases(q Touching) (out []TouchedCase, err error) {
	// A licence that is named says nothing of a case: its case is linked besides.
	if q.Licences = nil; q.none() {
		return nil, nil
	}
	text, args := q.statement(t.conn.postgres, false)
	err = t.each(text, args, func(scan func(...any) error) error {
		var c TouchedCase
		err := scan(&c.ID, &c.Reference, &c.Title, &c.Destination, &c.Stage)
		out = append(out, c)
		return err
	})
	return out, err
}

// IncidentOn is an open incident that is tied to a licence, or to a case.
func (t *Tx) IncidentOn(kind, ref string) (id string, found bool, err error) {
	found, err = t.row(`SELECT incident_id FROM incident_link WHERE kind = $1 AND ref = $2 AND open = 1 ORDER BY incident_id LIMIT 1`, []any{kind, ref}, &id)
	return id, found, err
}
