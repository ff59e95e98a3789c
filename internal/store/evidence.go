package store

import (
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
)

// EvidenceRow is an item of the library as lists show it.
type EvidenceRow struct {
	ID, Country, Party, Compartment, Marking, Kind, Grade, Title, Source, Published, Expires string // Expires "" for never
	Withdrawn                                                                                bool
	Changed                                                                                  time.Time
}

// Evidence says which items are wanted, the latest changed first. Zero values
// narrow nothing but Scope, whose zero value holds nothing.
type Evidence struct {
	Scope    access.Scope
	Find     []string // words as screening.Fold gives them
	Country  string
	Party    string
	Kind     string
	State    string // "standing", "expired", "withdrawn"
	Today    string // ISO date, for State
	IDs      []string
	At       time.Time // changed of the last one seen, with After; zero begins at the latest
	After    string
	Limit    int
	Everyone bool // in no compartment
}

// neverExpires is what stands in the column where an item never expires.
const neverExpires = "9999-12-31"

// ListEvidence reads a page of the library.
func (t *Tx) ListEvidence(q Evidence) ([]EvidenceRow, error) {
	q.Limit = min(max(q.Limit, 1), maxRows)
	b := &caseSQL{postgres: t.conn.postgres}
	from := "evidence_row"
	where := []string{}
	if len(q.Find) > 0 {
		from = "(" + b.found("evidence", q.Scope, q.Find, maxFound) + ") AS found CROSS JOIN evidence_row"
		where = append(where, "evidence_row.id = found.id")
	}
	where = append(where, scopeWhere(q.Scope, "''", "evidence_row.compartment", &b.args))
	for _, f := range []struct{ column, value string }{{"country", q.Country}, {"party", q.Party}, {"kind", q.Kind}} {
		if f.value != "" {
			where = append(where, "evidence_row."+f.column+" = "+b.mark(f.value))
		}
	}
	switch q.State {
	case "standing":
		where = append(where, "evidence_row.withdrawn = 0 AND evidence_row.expires >= "+b.mark(q.Today))
	case "expired":
		where = append(where, "evidence_row.withdrawn = 0 AND evidence_row.expires < "+b.mark(q.Today))
	case "withdrawn":
		where = append(where, "evidence_row.withdrawn = 1")
	}
	if q.Everyone {
		where = append(where, "evidence_row.compartment = ''")
	}
	if len(q.IDs) > 0 {
		marks := make([]string, len(q.IDs))
		for i, id := range q.IDs {
			marks[i] = b.mark(id)
		}
		where = append(where, "evidence_row.id IN ("+strings.Join(marks, ", ")+")")
	}
	if q.After != "" {
		where = append(where, "(evidence_row.changed, evidence_row.id) < ("+b.mark(q.At.UnixMicro())+", "+b.mark(q.After)+")")
	}
	text := `SELECT ` + qualified("evidence_row", "id, country, party, compartment, marking, kind, grade, title, source, published, expires, withdrawn, changed") +
		` FROM ` + from + ` WHERE ` + strings.Join(where, " AND ") + ` ORDER BY evidence_row.changed DESC, evidence_row.id DESC LIMIT ` + strconv.Itoa(q.Limit)
	var out []EvidenceRow
	err := t.each(text, b.args, func(scan func(...any) error) error {
		var r EvidenceRow
		var withdrawn, changed int64
		err := scan(&r.ID, &r.Country, &r.Party, &r.Compartment, &r.Marking, &r.Kind, &r.Grade, &r.Title, &r.Source, &r.Published, &r.Expires, &withdrawn, &changed)
		r.Withdrawn, r.Changed = withdrawn == 1, time.UnixMicro(changed).UTC()
		if r.Expires == neverExpires {
			r.Expires = ""
		}
		out = append(out, r)
		return err
	})
	return out, err
}

// Resting is a fact of a case that rests on an item of the library.
type Resting struct {
	ID, Case, Reference, Title, Group, Outcome, Fact string
	Stands                                           bool
	Decided                                          time.Time // zero while it is not
}

// RestingOn lists the facts of cases in scope that rest on an item, by id, after
// one.
func (t *Tx) RestingOn(item string, s access.Scope, after string, limit int) (out []Resting, err error) {
	args := []any{item, after}
	scope := scopeWhere(s, "case_row.org", "case_row.compartment", &args)
	err = t.each(`SELECT assessment_source.id, case_row.id, case_row.reference, case_row.title, case_row.stage_group, case_row.outcome, assessment_source.name, assessment_source.stands, case_row.decided
		FROM assessment_source JOIN case_row ON case_row.id = assessment_source.case_id
		WHERE assessment_source.item = $1 AND assessment_source.id > $2 AND `+scope+` ORDER BY assessment_source.id LIMIT `+strconv.Itoa(limit), args,
		func(scan func(...any) error) error {
			var r Resting
			var stands int64
			var decided *int64
			err := scan(&r.ID, &r.Case, &r.Reference, &r.Title, &r.Group, &r.Outcome, &r.Fact, &stands, &decided)
			r.Stands, r.Decided = stands == 1, instant(decided)
			out = append(out, r)
			return err
		})
	return out, err
}

// OpenCasesOn gives the ids of cases that are not closed and of which a fact
// rests on an item, by id, after one.
func (t *Tx) OpenCasesOn(item, after string, limit int) (ids []string, err error) {
	err = t.each(`SELECT DISTINCT assessment_source.case_id FROM assessment_source JOIN case_row ON case_row.id = assessment_source.case_id
		WHERE assessment_source.item = $1 AND assessment_source.case_id > $2 AND assessment_source.stands = 1 AND case_row.stage_group <> 'closed'
		ORDER BY assessment_source.case_id LIMIT $3`, []any{item, after, int64(limit)}, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// OpenCasesTo gives the ids of cases that are not closed and that a country
// plays a part in, as destination or as a party's, by id, after one.
func (t *Tx) OpenCasesTo(country, after string, limit int) (ids []string, err error) {
	err = t.each(`SELECT id FROM case_row WHERE stage_group <> 'closed' AND erased = 0 AND id > $1
		AND (destination = $2 OR EXISTS (SELECT 1 FROM case_party WHERE case_party.case_id = case_row.id AND case_party.country = $2))
		ORDER BY id LIMIT $3`, []any{after, country, int64(limit)}, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// BriefRow is a brief as lists show it.
type BriefRow struct {
	ID, About, Subject, Name, Compartment, Marking, ReviewBy string // Name is a party's
	Law                                                      int    // parts of the law answered
	Changed                                                  time.Time
}

// Briefs says which briefs are wanted, the first to be looked at again first.
type Briefs struct {
	Scope    access.Scope
	About    string
	Subjects []string // of these alone
	Overdue  string   // to be looked at again before this day
	Item     string   // resting on this item of the library
	At       string   // review_by of the last one seen, with After
	After    string
	Limit    int
}

// ListBriefs reads a page of briefs.
func (t *Tx) ListBriefs(q Briefs) ([]BriefRow, error) {
	q.Limit = min(max(q.Limit, 1), maxRows)
	b := &caseSQL{}
	where := []string{scopeWhere(q.Scope, "''", "brief_row.compartment", &b.args)}
	if q.About != "" {
		where = append(where, "brief_row.about = "+b.mark(q.About))
	}
	if q.Subjects != nil {
		marks := []string{"''"}
		for _, s := range q.Subjects {
			marks = append(marks, b.mark(s))
		}
		where = append(where, "brief_row.subject IN ("+strings.Join(marks, ", ")+")")
	}
	if q.Overdue != "" {
		where = append(where, "brief_row.review_by < "+b.mark(q.Overdue))
	}
	if q.Item != "" {
		where = append(where, "brief_row.id IN (SELECT brief FROM brief_source WHERE item = "+b.mark(q.Item)+")")
	}
	if q.After != "" {
		where = append(where, "(brief_row.review_by, brief_row.id) > ("+b.mark(q.At)+", "+b.mark(q.After)+")")
	}
	var out []BriefRow
	err := t.each(`SELECT `+qualified("brief_row", "id, about, subject, compartment, marking, review_by, law, changed")+`, COALESCE(party_row.name, '')
		FROM brief_row LEFT JOIN party_row ON brief_row.about = 'end_user' AND party_row.id = brief_row.subject
		WHERE `+strings.Join(where, " AND ")+` ORDER BY brief_row.review_by, brief_row.id LIMIT `+strconv.Itoa(q.Limit), b.args,
		func(scan func(...any) error) error {
			var r BriefRow
			var changed int64
			err := scan(&r.ID, &r.About, &r.Subject, &r.Compartment, &r.Marking, &r.ReviewBy, &r.Law, &changed, &r.Name)
			r.Changed = time.UnixMicro(changed).UTC()
			out = append(out, r)
			return err
		})
	return out, err
}

// LawKey says in one short text which briefs that everybody may read hold a law:
// it changes when one of their laws does.
func (t *Tx) LawKey() (string, error) {
	var n, versions int64
	_, err := t.row(`SELECT count(*), CAST(COALESCE(SUM(law_version), 0) AS BIGINT) FROM brief_row WHERE compartment = '' AND law > 0`, nil, &n, &versions)
	return strconv.FormatInt(n, 10) + "/" + strconv.FormatInt(versions, 10), err
}

// LawBriefs gives the ids of the destinations' briefs that everybody may read and
// that hold a law, by id.
func (t *Tx) LawBriefs() (ids []string, err error) {
	err = t.each(`SELECT id FROM brief_row WHERE compartment = '' AND law > 0 AND about = 'destination' ORDER BY id`, nil, func(scan func(...any) error) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// AssuranceRow is one clause of an assurance that a party of the register gave
// or was asked for.
type AssuranceRow struct {
	Case, Reference, Clause, Reply, Result, Expires string
	Sought                                          time.Time
}

// AssurancesOf lists what an entry of the register promised in cases in scope,
// the latest sought first.
func (t *Tx) AssurancesOf(register string, s access.Scope, limit int) (out []AssuranceRow, err error) {
	args := []any{register}
	scope := scopeWhere(s, "case_row.org", "case_row.compartment", &args)
	err = t.each(`SELECT case_row.id, case_row.reference, case_assurance.clause, case_assurance.reply, case_assurance.result, case_assurance.expires, case_assurance.sought
		FROM case_assurance JOIN case_row ON case_row.id = case_assurance.case_id
		WHERE case_assurance.register = $1 AND `+scope+` ORDER BY case_assurance.sought DESC, case_assurance.id LIMIT `+strconv.Itoa(limit), args,
		func(scan func(...any) error) error {
			var r AssuranceRow
			var sought int64
			err := scan(&r.Case, &r.Reference, &r.Clause, &r.Reply, &r.Result, &r.Expires, &sought)
			r.Sought = time.UnixMicro(sought).UTC()
			out = append(out, r)
			return err
		})
	return out, err
}

// Portion is how many cases there are of one destination, severity and outcome.
type Portion struct {
	Destination, Group, Outcome string
	Severity                    int // 1 to 5; 0 not known
	Cases                       int64
}

// Portfolio counts the cases in scope, by destination, severity and where they
// ended. It reads one index and no case.
func (t *Tx) Portfolio(s access.Scope) (out []Portion, err error) {
	var args []any
	scope := scopeWhere(s, "org", "compartment", &args)
	err = t.each(`SELECT destination, severity, stage_group, outcome, count(*) FROM case_row WHERE `+scope+`
		GROUP BY destination, severity, stage_group, outcome ORDER BY destination, severity, stage_group, outcome`, args,
		func(scan func(...any) error) error {
			var p Portion
			err := scan(&p.Destination, &p.Severity, &p.Group, &p.Outcome, &p.Cases)
			out = append(out, p)
			return err
		})
	return out, err
}
