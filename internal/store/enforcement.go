package store

import (
	"time"

	"github.com/comity-project/comity/internal/access"
)

// Matters says which enforcement files are wanted, of those in scope, the latest
// first.
type Matters struct {
	Scope access.Scope
	Open  bool
	Any   bool   // open or not
	After string // id of the last one seen
	Limit int
}

// MatterRow is an enforcement file as lists show it. Outcome is the one that
// holds; empty where none does.
type MatterRow struct {
	ID, Reference, Kind, Org, OrgName, Title, Outcome string
	Open                                              bool
	Opened                                            time.Time
}

// ListMatters reads a page of enforcement files.
func (t *Tx) ListMatters(q Matters) (out []MatterRow, err error) {
	b := &caseSQL{postgres: t.conn.postgres}
	where := scopeWhere(q.Scope, "matter_row.org", "matter_row.compartment", &b.args)
	if !q.Any {
		open := int64(0)
		if q.Open {
			open = 1
		}
		where += " AND matter_row.open = " + b.mark(open)
	}
	if q.After != "" {
		where += " AND (matter_row.opened, matter_row.id) < (SELECT m.opened, m.id FROM matter_row AS m WHERE m.id = " + b.mark(q.After) + ")"
	}
	err = t.each(`SELECT matter_row.id, matter_row.reference, matter_row.kind, matter_row.org, COALESCE((SELECT org_row.name FROM org_row WHERE org_row.id = matter_row.org), ''),
		matter_row.title, matter_row.outcome, matter_row.open, matter_row.opened FROM matter_row WHERE `+where+` ORDER BY matter_row.opened DESC, matter_row.id DESC LIMIT `+b.mark(int64(min(max(q.Limit, 1), maxRows))), b.args,
		func(scan func(...any) error) error {
			var r MatterRow
			var open, opened int64
			err := scan(&r.ID, &r.Reference, &r.Kind, &r.Org, &r.OrgName, &r.Title, &r.Outcome, &open, &opened)
			r.Open, r.Opened = open == 1, time.UnixMicro(opened).UTC()
			out = append(out, r)
			return err
		})
	return out, err
}

// MatterCount is how many files in scope that are closed ended one way.
type MatterCount struct {
	Kind, Outcome string
	Count         int64
}

// MatterCounts counts the closed files in scope by how they began and ended.
func (t *Tx) MatterCounts(s access.Scope) (out []MatterCount, err error) {
	var args []any
	err = t.each(`SELECT kind, outcome, COUNT(*) FROM matter_row WHERE open = 0 AND `+scopeWhere(s, "org", "compartment", &args)+` GROUP BY kind, outcome ORDER BY kind, outcome`, args,
		func(scan func(...any) error) error {
			var c MatterCount
			err := scan(&c.Kind, &c.Outcome, &c.Count)
			out = append(out, c)
			return err
		})
	return out, err
}

// OrgByName finds an exporter by its name or registry number, as typed; "" where
// there is none, or several.
func (t *Tx) OrgByName(name string) (id string, err error) {
	n := 0
	err = t.each(`SELECT id FROM org_row WHERE kind = 'exporter' AND (name = $1 OR registry = $1) ORDER BY id LIMIT 2`, []any{name}, func(scan func(...any) error) error {
		n++
		return scan(&id)
	})
	if n != 1 {
		return "", err
	}
	return id, err
}
