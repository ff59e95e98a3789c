package store

import (
	"slices"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/screening"
)

// InformedRow is an informed letter as lists show it.
type InformedRow struct {
	ID, Reference, Case, CaseReference, Org, Destination string
	Items, Users, Told, Basis, From, Until               string
}

// InformedQuery says which letters are wanted: those that are in force on Day and
// touch any of what is given; where nothing is given, all of them.
type InformedQuery struct {
	Scope       access.Scope
	Day         string   // ISO
	Reference   string   // of the letter or its case
	Tariffs     []string // codes, however typed: one that begins with, or is the beginning of, a letter's
	Names       []string // of end users, whole
	Party       []string // words as screening.Fold gives them, each the beginning of a word of a name
	Destination string   // leaves out letters on another one
	Org         string   // leaves out letters to another exporter
	Besides     string   // a case of which no letter is wanted
}

// Informed is what customs' question means for informed letters; nil where it
// means nothing.
func (q CustomsQuery) Informed(day string) *InformedQuery {
	out := &InformedQuery{Scope: q.Scope, Day: day, Reference: q.Reference, Party: q.Party}
	if q.Tariff != "" {
		out.Tariffs = []string{q.Tariff}
	}
	if out.all() {
		return nil // by declaration: a letter knows of none
	}
	return out
}

// maxInformed bounds the letters that are looked through: a state has few.
const maxInformed = 2000

// Informed are the letters that touch something, the latest first.
func (t *Tx) Informed(q InformedQuery) ([]InformedRow, error) {
	var args []any
	mark := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	where := []string{"i.lifted = 0", "(i.valid_until = '' OR i.valid_until >= " + mark(q.Day) + ")"}
	if q.Org == "" {
		where = append(where, scopeWhere(q.Scope, "i.org", "i.compartment", &args))
	} else {
		where = append(where, "(i.org = "+mark(q.Org)+" OR i.org = '' AND i.compartment = '')")
	}
	if q.Destination != "" {
		where = append(where, "i.destination IN ('', "+mark(q.Destination)+")")
	}
	if q.Besides != "" {
		where = append(where, "i.case_id <> "+mark(q.Besides))
	}
	var out []InformedRow
	err := t.each(`SELECT i.id, i.reference, i.case_id, i.case_reference, i.org, i.destination, i.items, i.users, i.told, i.basis, i.valid_from, i.valid_until
		FROM informed_row i WHERE `+strings.Join(where, " AND ")+` ORDER BY i.id DESC LIMIT `+strconv.Itoa(maxInformed), args, func(scan func(...any) error) error {
		var r InformedRow
		err := scan(&r.ID, &r.Reference, &r.Case, &r.CaseReference, &r.Org, &r.Destination, &r.Items, &r.Users, &r.Told, &r.Basis, &r.From, &r.Until)
		out = append(out, r)
		return err
	})
	if err != nil || len(out) == 0 || q.all() {
		return out, err
	}
	covers, err := t.covered(out)
	return slices.DeleteFunc(out, func(r InformedRow) bool { return !q.touches(r, covers[r.ID]) }), err
}

// all tells whether nothing narrows the question.
func (q InformedQuery) all() bool {
	return q.Reference == "" && len(q.Tariffs)+len(q.Names)+len(q.Party) == 0
}

// covered is what letters are about: names as searched for, and tariff codes.
type covered struct{ names, digits []string }

func (t *Tx) covered(rows []InformedRow) (map[string]covered, error) {
	b := &caseSQL{postgres: t.conn.postgres}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	among := b.among(ids)
	out := map[string]covered{}
	err := t.each("SELECT informed_id, name_search, '' FROM informed_name WHERE informed_id IN "+among+" UNION ALL SELECT informed_id, '', digits FROM informed_tariff WHERE informed_id IN "+among, b.args,
		func(scan func(...any) error) error {
			var id, name, digits string
			if err := scan(&id, &name, &digits); err != nil {
				return err
			}
			c := out[id]
			if name != "" {
				c.names = append(c.names, name)
			}
			if digits != "" {
				c.digits = append(c.digits, digits)
			}
			out[id] = c
			return nil
		})
	return out, err
}

// touches tells whether a letter is about what is asked for. One that names end
// users is not about others, whatever they buy.
func (q InformedQuery) touches(r InformedRow, c covered) bool {
	if q.Reference != "" {
		return q.Reference == r.Reference || q.Reference == r.CaseReference
	}
	if len(q.Party) > 0 {
		return slices.ContainsFunc(c.names, func(n string) bool { return beginIn(q.Party, n) })
	}
	item := slices.ContainsFunc(q.Tariffs, func(code string) bool {
		digits := strings.NewReplacer(".", "", " ", "").Replace(code)
		return digits != "" && slices.ContainsFunc(c.digits, func(d string) bool { return strings.HasPrefix(digits, d) || strings.HasPrefix(d, digits) })
	})
	user := slices.ContainsFunc(q.Names, func(name string) bool {
		folded := strings.Join(screening.Fold(name), " ")
		return folded != "" && slices.Contains(c.names, folded)
	})
	switch {
	case len(q.Names) == 0:
		return item
	case len(c.names) > 0:
		return user
	}
	return item || len(c.digits) == 0
}
