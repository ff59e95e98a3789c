package store

import (
	"fmt"
	"strconv"

	"github.com/comity-project/comity/internal/access"
)

// CustomsMessageRow is a customs message that was dealt with.
type CustomsMessageRow struct{ Licence, Use, Hash string }

// CustomsMessage finds a message by its sender and the sender's number.
func (t *Tx) CustomsMessage(sender string, number int64) (r CustomsMessageRow, found bool, err error) {
	found, err = t.row(`SELECT licence_id, use, hash FROM customs_message WHERE id = $1`, []any{fmt.Sprintf("%s/%d", sender, number)}, &r.Licence, &r.Use, &r.Hash)
	return r, found, err
}

// NoticeRow is a change of a licence that customs are told of: the licence's
// state as stored, and the place of the change in its history.
type NoticeRow struct {
	Number           int64
	Position         int
	State            []byte
	Holder, Registry string
}

// Notices are those after a number in scope, in order, and the number of the one
// before the first of them.
func (t *Tx) Notices(s access.Scope, after int64, limit int) (out []NoticeRow, previous int64, err error) {
	args := []any{after}
	scope := scopeWhere(s, "licence_row.org", "licence_row.compartment", &args)
	from := ` FROM licence_notice JOIN licence_row ON licence_row.id = licence_notice.licence_id `
	if _, err = t.row(`SELECT COALESCE(MAX(number), 0)`+from+`WHERE number <= $1 AND `+scope, args, &previous); err != nil {
		return nil, 0, err
	}
	err = t.each(`SELECT licence_notice.number, licence_notice.position, stream.state, COALESCE(org_row.name, ''), COALESCE(org_row.registry, '')`+from+`
		JOIN stream ON stream.id = licence_notice.stream LEFT JOIN org_row ON org_row.id = licence_row.org
		WHERE licence_notice.number > $1 AND `+scope+` ORDER BY licence_notice.number LIMIT `+strconv.Itoa(min(max(limit, 1), maxRows)), args,
		func(scan func(...any) error) error {
			var r NoticeRow
			err := scan(&r.Number, &r.Position, &r.State, &r.Holder, &r.Registry)
			out = append(out, r)
			return err
		})
	return out, previous, err
}

// RunOut are licences in use whose last day was before a day, at most limit of
// each status.
func (t *Tx) RunOut(day string, limit int) (ids []string, err error) {
	for _, status := range []string{"valid", "suspended", "restricted", "exhausted"} {
		if err = t.each(`SELECT id FROM licence_row WHERE status = $1 AND valid_until < $2 ORDER BY valid_until, id LIMIT $3`, []any{status, day, int64(limit)},
			func(scan func(...any) error) error {
				var id string
				err := scan(&id)
				ids = append(ids, id)
				return err
			}); err != nil {
			return nil, err
		}
	}
	return ids, nil
}
