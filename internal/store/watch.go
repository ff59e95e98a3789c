package store

import (
	"time"

	"github.com/comity-project/comity/internal/access"
)

// WatchRow is a decided case with hits that came up after the decision.
type WatchRow struct {
	Case, Reference, Title string
	Open                   int64
	Since                  time.Time // of the oldest that waits
}

// OpenWatches gives decided cases with hits that wait for a person, the longest
// waiting first, after one. Scope is of the cases.
func (t *Tx) OpenWatches(scope access.Scope, since time.Time, after string, limit int) (out []WatchRow, err error) {
	args := []any{since.UnixMicro(), after, int64(limit)}
	where := scopeWhere(scope, "case_row.org", "case_row.compartment", &args)
	err = t.each(`SELECT watch_row.case_id, case_row.reference, case_row.title, watch_row.open, watch_row.since FROM watch_row JOIN case_row ON case_row.id = watch_row.case_id
		WHERE watch_row.open > 0 AND (watch_row.since, watch_row.case_id) > ($1, $2) AND `+where+`
		ORDER BY watch_row.since, watch_row.case_id LIMIT $3`, args, func(scan func(...any) error) error {
		var r WatchRow
		var since int64
		err := scan(&r.Case, &r.Reference, &r.Title, &r.Open, &since)
		r.Since = time.UnixMicro(since).UTC()
		out = append(out, r)
		return err
	})
	return out, err
}

// ChangedCase is a case and when it last changed.
type ChangedCase struct {
	ID      string
	Changed time.Time
}

// ChangedCases gives cases in the order in which they last changed, after one.
func (t *Tx) ChangedCases(after ChangedCase, limit int) (out []ChangedCase, err error) {
	err = t.each(`SELECT id, changed FROM case_row WHERE (changed, id) > ($1, $2) ORDER BY changed, id LIMIT $3`,
		[]any{after.Changed.UnixMicro(), after.ID, int64(limit)}, func(scan func(...any) error) error {
			var c ChangedCase
			var changed int64
			err := scan(&c.ID, &changed)
			c.Changed = time.UnixMicro(changed).UTC()
			out = append(out, c)
			return err
		})
	return out, err
}

// InForce counts the licences of a case: those not revoked and not past their
// last day, and all.
func (t *Tx) InForce(caseID, revoked, today string) (inForce, all int64, err error) {
	_, err = t.row(`SELECT COALESCE(SUM(CASE WHEN status <> $2 AND valid_until >= $3 THEN 1 ELSE 0 END), 0), COUNT(*) FROM licence_row WHERE case_id = $1`,
		[]any{caseID, revoked, today}, &inForce, &all)
	return inForce, all, err
}
