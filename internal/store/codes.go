package store

import (
	"strconv"

	"github.com/comity-project/comity/internal/access"
)

// CodeUse is a line of a licence that lives, or of a case, with a code of a control
// list.
type CodeUse struct {
	Licence   string // id; "" for a line of a case
	Case      string // id
	Reference string // of the licence, else of the case
	Line      string
	Code      string
	Confirmed bool // somebody classified the line; else the exporter claims the code
	Closed    bool // the case is closed: what was classified, and nothing goes on
}

// CodesUsed are the lines with one of the codes: of live licences first, then of
// open cases, then those classified in closed cases, each by reference, at most
// limit of each, in three statements.
func (t *Tx) CodesUsed(licences, cases access.Scope, codes []string, limit int) ([]CodeUse, error) {
	if len(codes) == 0 {
		return nil, nil
	}
	var out []CodeUse
	for i, text := range []func(b *caseSQL) string{
		func(b *caseSQL) string { return b.licencesWith(licences, codes, limit) },
		func(b *caseSQL) string { return b.openWith(cases, codes, limit) },
		func(b *caseSQL) string { return b.closedWith(cases, codes, limit) },
	} {
		b := &caseSQL{}
		query := text(b)
		err := t.each(query, b.args, func(scan func(...any) error) error {
			var u CodeUse
			var confirmed int64
			err := scan(&u.Licence, &u.Case, &u.Reference, &u.Line, &u.Code, &confirmed)
			u.Confirmed, u.Closed = confirmed == 1, i == 2
			out = append(out, u)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// licencesWith finds lines of licences that are in force, to come or suspended.
func (b *caseSQL) licencesWith(scope access.Scope, codes []string, limit int) string {
	among := b.among(codes)
	return `SELECT licence_row.id, licence_row.case_id, licence_row.reference, licence_line.line, licence_line.code, 1
		FROM licence_line CROSS JOIN licence_row
		WHERE licence_line.code IN ` + among + ` AND licence_row.id = licence_line.licence_id
		AND licence_row.status IN ('not_yet_valid', 'valid', 'suspended', 'restricted') AND ` + scopeWhere(scope, "licence_row.org", "licence_row.compartment", &b.args) + `
		ORDER BY licence_row.reference, licence_line.line LIMIT ` + strconv.Itoa(limit)
}

// openWith finds lines of cases that are not closed: by the codes they were
// classified by, else by the one claimed.
func (b *caseSQL) openWith(scope access.Scope, codes []string, limit int) string {
	among := b.among(codes)
	return `SELECT '', case_row.id, case_row.reference, found.line, found.code, found.confirmed
		FROM (SELECT case_id, line, code, 1 AS confirmed FROM assessment_code WHERE code IN ` + among + `
			UNION ALL SELECT case_id, line, claimed_code, 0 FROM case_line WHERE claimed_code IN ` + among + `
			AND NOT EXISTS (SELECT 1 FROM assessment_code AS c WHERE c.case_id = case_line.case_id AND c.line = case_line.line)) AS found CROSS JOIN case_row
		WHERE case_row.id = found.case_id AND case_row.stage_group <> 'closed' AND ` + scopeWhere(scope, "case_row.org", "case_row.compartment", &b.args) + `
		ORDER BY case_row.reference, found.line, found.code LIMIT ` + strconv.Itoa(limit)
}

// closedWith finds lines of closed cases by the codes they were classified by.
func (b *caseSQL) closedWith(scope access.Scope, codes []string, limit int) string {
	among := b.among(codes)
	return `SELECT '', case_row.id, case_row.reference, assessment_code.line, assessment_code.code, 1
		FROM assessment_code CROSS JOIN case_row
		WHERE assessment_code.code IN ` + among + ` AND case_row.id = assessment_code.case_id
		AND case_row.stage_group = 'closed' AND ` + scopeWhere(scope, "case_row.org", "case_row.compartment", &b.args) + `
		ORDER BY case_row.reference, assessment_code.line, assessment_code.code LIMIT ` + strconv.Itoa(limit)
}
