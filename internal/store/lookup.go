package store

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/screening"
)

// CustomsQuery says which lines customs want to see; one of Declaration,
// Reference, Tariff and Party is given.
type CustomsQuery struct {
	Scope       access.Scope
	Declaration string
	Reference   string   // of a licence or a case
	CodeHash    string   // of a licence's check code; besides Reference
	Tariff      string   // digits, from the first on
	Party       []string // words as screening.Fold gives them, each the beginning of a word
	After       string   // place of the last one seen
	Limit       int
}

// CustomsLine is a line of a licence, or one that was found to need none: then
// Licence is empty and Reference is that of the case.
type CustomsLine struct {
	ID, Licence, Reference, Holder, Destination string
	Line, Kind, Code, Tariff, Description, Unit string
	Status, From, Until                         string
	Quantity, Used                              int64 // thousandths
	Suspended                                   bool
	Decided                                     time.Time // when it was found that none is needed
	digits                                      string
}

// Place is where the line stands in the answer.
func (l CustomsLine) Place() string { return l.digits + "|" + l.ID }

const (
	licenceDigits = "replace(replace(licence_line.tariff, '.', ''), ' ', '')"
	caseDigits    = "replace(replace(case_line.tariff, '.', ''), ' ', '')"
)

// CustomsLines answers a look-up: in the order of tariff codes, so that a page
// of many is read from the index, licences and findings side by side.
func (t *Tx) CustomsLines(q CustomsQuery) ([]CustomsLine, error) {
	var cases []string
	if len(q.Party) > 0 {
		var err error
		if cases, err = t.casesOfParty(q); err != nil || len(cases) == 0 {
			return nil, err
		}
	}
	b := &caseSQL{postgres: t.conn.postgres}
	limit := strconv.Itoa(min(max(q.Limit, 1), maxRows))
	after, id, _ := strings.Cut(q.After, "|")
	part := func(columns, from, digits, key, scope string, narrow []string) string {
		where := append(narrow, scope)
		if q.Tariff != "" {
			where = append(where, digits+" BETWEEN "+b.mark(q.Tariff)+" AND "+b.mark(q.Tariff+"99999999999999"))
		}
		if q.After != "" {
			where = append(where, "("+digits+", "+key+") > ("+b.mark(after)+", "+b.mark(id)+")")
		}
		return "SELECT * FROM (SELECT " + columns + ", " + digits + " AS digits FROM " + from + " WHERE " + strings.Join(where, " AND ") + " ORDER BY " + digits + ", " + key + " LIMIT " + limit + ") AS part"
	}
	licences := part(`licence_line.id, licence_row.id AS licence, licence_row.reference, licence_row.org, licence_row.destination, licence_line.line, licence_line.kind, licence_line.code,
		licence_line.tariff, licence_line.description, licence_line.unit, licence_row.status, licence_row.valid_from, licence_row.valid_until, licence_line.quantity, licence_line.used, licence_line.suspended, 0 AS decided`,
		"licence_line JOIN licence_row ON licence_row.id = licence_line.licence_id", licenceDigits, "licence_line.id",
		scopeWhere(q.Scope, "licence_row.org", "licence_row.compartment", &b.args), q.licences(b, cases))
	text := licences
	if q.Declaration == "" {
		text += " UNION ALL " + part(`case_line.id, '' AS licence, case_row.reference, case_row.org, case_row.destination, case_line.line, case_line.kind, case_line.code,
		case_line.tariff, case_line.description, case_line.unit, 'not_required' AS status, '' AS valid_from, '' AS valid_until, case_line.quantity, 0 AS used, 0 AS suspended, case_row.decided`,
			"case_line JOIN case_row ON case_row.id = case_line.case_id", caseDigits, "case_line.id",
			scopeWhere(q.Scope, "case_row.org", "case_row.compartment", &b.args), q.findings(b, cases))
	}
	var out []CustomsLine
	err := t.each("SELECT u.*, COALESCE((SELECT org_row.name FROM org_row WHERE org_row.id = u.org), '') FROM ("+text+") AS u ORDER BY u.digits, u.id LIMIT "+limit, b.args,
		func(scan func(...any) error) error {
			var l CustomsLine
			var org string
			var suspended, decided int64
			err := scan(&l.ID, &l.Licence, &l.Reference, &org, &l.Destination, &l.Line, &l.Kind, &l.Code, &l.Tariff, &l.Description, &l.Unit,
				&l.Status, &l.From, &l.Until, &l.Quantity, &l.Used, &suspended, &decided, &l.digits, &l.Holder)
			l.Suspended = suspended != 0
			if decided != 0 {
				l.Decided = time.UnixMicro(decided).UTC()
			}
			out = append(out, l)
			return err
		})
	return out, err
}

// licences narrow the lines of licences to what is asked for.
func (q CustomsQuery) licences(b *caseSQL, cases []string) []string {
	switch {
	case q.Declaration != "":
		return []string{"licence_line.licence_id IN (SELECT licence_id FROM licence_use WHERE declaration = " + b.mark(q.Declaration) + ")"}
	case q.Reference != "":
		return []string{"(licence_row.reference = " + b.mark(q.Reference) + " OR licence_row.code_hash = " + b.mark(q.CodeHash) + ")"}
	case len(cases) > 0:
		return []string{"licence_row.case_id IN " + b.among(cases)}
	}
	return []string{"1 = 1"}
}

// findings narrow the lines that need no licence to what is asked for.
func (q CustomsQuery) findings(b *caseSQL, cases []string) []string {
	where := []string{"case_line.outcome IN ('not_required', 'undertaking')"}
	switch {
	case q.Reference != "":
		where = append(where, "case_row.reference = "+b.mark(q.Reference))
	case len(cases) > 0:
		where = append(where, "case_line.case_id IN "+b.among(cases))
	}
	return where
}

// maxPartyCases bounds the cases that a party's name leads customs to: the
// latest ones.
const maxPartyCases = 50

// casesOfParty are the latest cases of which a party bears all the words. The
// search for words knows more of a case than its parties' names; what else it
// finds is left out here.
func (t *Tx) casesOfParty(q CustomsQuery) ([]string, error) {
	b := &caseSQL{postgres: t.conn.postgres}
	var out []string
	err := t.each("SELECT found.id, case_party.names FROM ("+b.found("case", q.Scope, q.Party, maxFound)+") AS found CROSS JOIN case_party WHERE case_party.case_id = found.id AND case_party.erased = 0 ORDER BY found.n DESC", b.args,
		func(scan func(...any) error) error {
			var id, names string
			if err := scan(&id, &names); err != nil {
				return err
			}
			if len(out) < maxPartyCases && !slices.Contains(out, id) && beginIn(q.Party, names) {
				out = append(out, id)
			}
			return nil
		})
	return out, err
}

// beginIn tells whether each word is the beginning of a word of the name.
func beginIn(words []string, name string) bool {
	have := screening.Fold(name)
	for _, w := range words {
		if !slices.ContainsFunc(have, func(h string) bool { return strings.HasPrefix(h, w) }) {
			return false
		}
	}
	return true
}

// LicenceStates are the states of licences as stored, by id.
func (t *Tx) LicenceStates(ids []string) (map[string][]byte, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	b := &caseSQL{postgres: t.conn.postgres}
	streams := make([]string, len(ids))
	for i, id := range ids {
		streams[i] = "licence/" + id
	}
	out := map[string][]byte{}
	err := t.each("SELECT id, state FROM stream WHERE id IN "+b.among(streams), b.args, func(scan func(...any) error) error {
		var id string
		var state []byte
		err := scan(&id, &state)
		out[strings.TrimPrefix(id, "licence/")] = state
		return err
	})
	return out, err
}

// StopRow is a stopped shipment as lists show it.
type StopRow struct {
	ID, Reference, Status, Declaration, Goods string
	Due                                       time.Time
	Gaps                                      int64
}

// StopGap is a gap in an instrument of the register that a stop revealed.
type StopGap struct {
	Stop, Reference string
	At              time.Time
}

// GapsIn lists what stops revealed to be missing in an instrument, the latest first.
func (t *Tx) GapsIn(instrument string, limit int) (out []StopGap, err error) {
	err = t.each(`SELECT stop, reference, at FROM stop_gap WHERE instrument = $1 ORDER BY at DESC, id DESC LIMIT $2`, []any{instrument, int64(min(max(limit, 1), maxRows))},
		func(scan func(...any) error) error {
			var g StopGap
			var at int64
			err := scan(&g.Stop, &g.Reference, &at)
			g.At = time.UnixMicro(at).UTC()
			out = append(out, g)
			return err
		})
	return out, err
}

// ListStops are stopped shipments, open ones the longest due first, ended ones
// the latest due first; after is the id of the last one seen.
func (t *Tx) ListStops(open bool, after string, limit int) (out []StopRow, err error) {
	sign, down, is := ">", "", int64(1)
	if !open {
		sign, down, is = "<", " DESC", 0
	}
	err = t.each(`SELECT id, reference, status, declaration, goods, due, gaps FROM stop_row WHERE open = $1
		AND ($2 = '' OR (due, id) `+sign+` (SELECT s.due, s.id FROM stop_row AS s WHERE s.id = $2)) ORDER BY due`+down+`, id`+down+` LIMIT `+strconv.Itoa(min(max(limit, 1), maxRows)),
		[]any{is, after}, func(scan func(...any) error) error {
			var r StopRow
			var due int64
			err := scan(&r.ID, &r.Reference, &r.Status, &r.Declaration, &r.Goods, &due, &r.Gaps)
			r.Due = time.UnixMicro(due).UTC()
			out = append(out, r)
			return err
		})
	return out, err
}
