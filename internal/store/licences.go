package store

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
)

// Licences says which licences are wanted, the latest issued first. Zero values
// narrow nothing but Scope, whose zero value holds nothing.
type Licences struct {
	Scope  access.Scope
	Org    string
	Status string
	Case   string
	Cases  []string  // of any of these
	Find   []string  // words as screening.Fold gives them, each the beginning of a word
	At     CasePlace // place of the last one seen: issued in microseconds, and id
	Back   bool
	Limit  int
}

// LicenceRow is a licence as lists show it. From and Until are days, 2026-11-22.
type LicenceRow struct {
	ID, Reference, Case, CaseReference, Org, OrgName string
	Destination, Title, Status, From, Until          string
	Value                                            int64
	Currency                                         string
	Lines                                            int
	Issued, Changed                                  time.Time
	Erased                                           bool
}

// Place is where the row stands in the list.
func (r LicenceRow) Place() CasePlace { return CasePlace{r.ID, r.Issued.UnixMicro()} }

const licenceColumns = `licence_row.id, licence_row.reference, licence_row.case_id, licence_row.case_reference, licence_row.org, licence_row.destination,
	licence_row.title, licence_row.status, licence_row.valid_from, licence_row.valid_until, licence_row.value, licence_row.currency, licence_row.lines,
	licence_row.issued, licence_row.changed, licence_row.erased, COALESCE((SELECT org_row.name FROM org_row WHERE org_row.id = licence_row.org), '')`

// ListLicences reads a page of licences.
func (t *Tx) ListLicences(q Licences) ([]LicenceRow, error) {
	text, args := q.statement(t.conn.postgres)
	var out []LicenceRow
	err := t.each(text, args, func(scan func(...any) error) error {
		r, err := scanLicence(scan)
		out = append(out, r)
		return err
	})
	if q.Back {
		slices.Reverse(out)
	}
	return out, err
}

// scanLicence reads licenceColumns.
func scanLicence(scan func(...any) error) (r LicenceRow, err error) {
	var issued, changed, erased int64
	err = scan(&r.ID, &r.Reference, &r.Case, &r.CaseReference, &r.Org, &r.Destination, &r.Title, &r.Status, &r.From, &r.Until, &r.Value, &r.Currency, &r.Lines,
		&issued, &changed, &erased, &r.OrgName)
	r.Issued, r.Changed, r.Erased = time.UnixMicro(issued).UTC(), time.UnixMicro(changed).UTC(), erased == 1
	return r, err
}

func (q Licences) statement(postgres bool) (string, []any) {
	b := &caseSQL{postgres: postgres}
	from, where := "licence_row", []string{"1 = 1"}
	if len(q.Find) > 0 {
		from = "(" + b.found("licence", q.Scope, q.Find, maxFound) + ") AS found CROSS JOIN licence_row"
		where = []string{"licence_row.id = found.id"}
	}
	where = append(where, scopeWhere(q.Scope, "licence_row.org", "licence_row.compartment", &b.args))
	for _, f := range []struct{ column, value string }{{"org", q.Org}, {"status", q.Status}, {"case_id", q.Case}} {
		if f.value != "" {
			where = append(where, "licence_row."+f.column+" = "+b.mark(f.value))
		}
	}
	if q.Cases != nil {
		marks := []string{"''"}
		for _, id := range q.Cases {
			marks = append(marks, b.mark(id))
		}
		where = append(where, "licence_row.case_id IN ("+strings.Join(marks, ", ")+")")
	}
	sign, order := "<", "licence_row.issued DESC, licence_row.id DESC"
	if q.Back {
		sign, order = ">", "licence_row.issued, licence_row.id"
	}
	if q.At.ID != "" {
		where = append(where, "(licence_row.issued, licence_row.id) "+sign+" ("+b.mark(q.At.At)+", "+b.mark(q.At.ID)+")")
	}
	return "SELECT " + licenceColumns + " FROM " + from + " WHERE " + strings.Join(where, " AND ") + " ORDER BY " + order +
		" LIMIT " + strconv.Itoa(min(max(q.Limit, 1), maxRows)), b.args
}

// Parties says which entries of the register are wanted, by name. The register
// lies outside compartments: Scope holds all of it or nothing.
type Parties struct {
	Scope     access.Scope
	Objection bool     // only entries with an objection that waits for an answer
	Find      []string // words as screening.Fold gives them, each the beginning of a word
	After     string   // id of the last one seen
	Limit     int
}

// PartyRow is an entry of the register as lists show it.
type PartyRow struct {
	ID, Kind, Tie, Country, Name, RetainUntil string
	Objections                                int
	Registered, Changed                       time.Time
	Erased                                    bool
}

// ListParties reads a page of the register.
func (t *Tx) ListParties(q Parties) ([]PartyRow, error) {
	b := &caseSQL{postgres: t.conn.postgres}
	from, where := "party_row", []string{"1 = 1"}
	if len(q.Find) > 0 {
		from = "(" + b.found("party", q.Scope, q.Find, maxFound) + ") AS found CROSS JOIN party_row"
		where = []string{"party_row.id = found.id"}
	}
	if !q.Scope.Everything && !q.Scope.Anywhere {
		where = append(where, "1 = 0")
	}
	if q.Objection {
		where = append(where, "party_row.objections > 0")
	}
	if q.After != "" {
		where = append(where, "(party_row.name, party_row.id) > (SELECT p.name, p.id FROM party_row AS p WHERE p.id = "+b.mark(q.After)+")")
	}
	var out []PartyRow
	err := t.each("SELECT party_row.id, party_row.kind, party_row.tie, party_row.country, party_row.name, party_row.retain_until, party_row.objections, party_row.registered, party_row.changed, party_row.erased FROM "+
		from+" WHERE "+strings.Join(where, " AND ")+" ORDER BY party_row.name, party_row.id LIMIT "+strconv.Itoa(min(max(q.Limit, 1), maxRows)), b.args,
		func(scan func(...any) error) error {
			var r PartyRow
			var registered, changed, erased int64
			err := scan(&r.ID, &r.Kind, &r.Tie, &r.Country, &r.Name, &r.RetainUntil, &r.Objections, &registered, &changed, &erased)
			r.Registered, r.Changed, r.Erased = time.UnixMicro(registered).UTC(), time.UnixMicro(changed).UTC(), erased == 1
			out = append(out, r)
			return err
		})
	return out, err
}
