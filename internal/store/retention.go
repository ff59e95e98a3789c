package store

import "strconv"

// OverdueRow is a natural person whose details were to be kept until a day that
// is past: who owns them, where they are held, and no more than that.
type OverdueRow struct {
	Owner string // id of the stream of kind "party" that owns the details
	Held  string // "register" or "case"
	Roles string // in the case, comma separated: those of party.Role, "owner", "signatory"
	Until string // ISO date
	Place string // for the next page, with Until
}

// ListOverdue lists natural persons whose retention date lies before a day, the
// longest overdue first, after a place.
func (t *Tx) ListOverdue(today, until, place string, limit int) ([]OverdueRow, error) {
	limit = min(max(limit, 1), maxRows)
	part := func(held, owner, roles, table, where string) string {
		at := "'" + held + "/' || id"
		return `SELECT * FROM (SELECT ` + owner + ` AS owner, '` + held + `' AS held, ` + roles + ` AS roles, retain_until, ` + at + ` AS place FROM ` + table + `
			WHERE ` + where + `erased = 0 AND retain_until > '' AND retain_until < $1 AND retain_until >= $2 AND (retain_until > $2 OR ` + at + ` > $3)
			ORDER BY retain_until, id LIMIT ` + strconv.Itoa(limit) + `) AS ` + held + `_part`
	}
	var out []OverdueRow
	err := t.each(`SELECT owner, held, roles, retain_until, place FROM (`+part("case", "owner", "roles", "case_person", "")+` UNION ALL `+part("register", "id", "''", "party_row", `"natural" = 1 AND `)+`) AS due
		ORDER BY retain_until, place LIMIT `+strconv.Itoa(limit), []any{today, until, place}, func(scan func(...any) error) error {
		var r OverdueRow
		err := scan(&r.Owner, &r.Held, &r.Roles, &r.Until, &r.Place)
		out = append(out, r)
		return err
	})
	return out, err
}
