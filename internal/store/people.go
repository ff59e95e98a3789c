package store

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
)

// People narrows a list of accounts or organisations. The zero values narrow
// nothing but Scope, whose zero value holds nothing.
type People struct {
	Scope  access.Scope
	Org    string // accounts of one organisation
	Status string
	Kind   string // kind of organisations
	Find   string // part of a name, folded as account.Folded does
	After  string // id of the last one seen
	Limit  int
}

// maxPeople bounds a page.
const maxPeople = 200

// where is the rule of access for accounts and organisations: neither lies in a
// compartment. id and org name the columns.
func where(s access.Scope, id, org string, args *[]any) string {
	var any []string
	if s.Everything || s.Anywhere {
		any = append(any, "1 = 1")
	}
	mark := func(v string) string {
		*args = append(*args, v)
		return "$" + strconv.Itoa(len(*args))
	}
	if s.Org != "" && org != "" {
		any = append(any, org+" = "+mark(s.Org))
	}
	if s.Account != "" && id != "" {
		any = append(any, id+" = "+mark(s.Account))
	}
	if len(any) == 0 {
		return "1 = 0"
	}
	return "(" + strings.Join(any, " OR ") + ")"
}

func (p People) limit() int64 { return int64(min(max(p.Limit, 1), maxPeople)) }

// contains is the pattern of LIKE for a part of a text; \ is its escape.
func contains(part string) string {
	if part == "" {
		return "%"
	}
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(part) + "%"
}

// ListAccounts lists the accounts of people by their name.
func (t *Tx) ListAccounts(p People) ([]AccountRow, error) {
	args := []any{p.Org, p.Status, contains(p.Find), p.After, p.limit()}
	scope := where(p.Scope, "id", "org", &args)
	var out []AccountRow
	err := t.each(`SELECT id, name, display, org, status, roles FROM account_row
		WHERE ($1 = '' OR org = $1) AND ($2 = '' OR status = $2) AND find LIKE $3 ESCAPE '\'
		AND id NOT IN (SELECT id FROM program_row) AND ($4 = '' OR (display, id) > (SELECT display, id FROM account_row WHERE id = $4)) AND `+scope+`
		ORDER BY display, id LIMIT $5`, args, func(scan func(...any) error) error {
		var a AccountRow
		err := scan(&a.ID, &a.Name, &a.Display, &a.Org, &a.Status, &a.Roles)
		out = append(out, a)
		return err
	})
	return out, err
}

// OrgRow is an organisation as lists show it.
type OrgRow struct {
	ID, Name, Kind, Country, Registry, Status string
}

// ListOrgs lists organisations by their name.
func (t *Tx) ListOrgs(p People) ([]OrgRow, error) {
	args := []any{p.Kind, p.Status, contains(p.Find), p.After, p.limit()}
	scope := where(p.Scope, "", "id", &args)
	var out []OrgRow
	err := t.each(`SELECT id, name, kind, country, registry, status FROM org_row
		WHERE ($1 = '' OR kind = $1) AND ($2 = '' OR status = $2) AND find LIKE $3 ESCAPE '\'
		AND ($4 = '' OR (name, id) > (SELECT name, id FROM org_row WHERE id = $4)) AND `+scope+`
		ORDER BY name, id LIMIT $5`, args, func(scan func(...any) error) error {
		o, err := scanOrg(scan)
		out = append(out, o)
		return err
	})
	return out, err
}

func scanOrg(scan func(...any) error) (o OrgRow, err error) {
	var registry *string
	if err = scan(&o.ID, &o.Name, &o.Kind, &o.Country, &registry, &o.Status); err != nil || registry == nil {
		return o, err
	}
	_, o.Registry, _ = strings.Cut(*registry, ":") // stored as COUNTRY:NUMBER
	return o, nil
}

// PendingOrgs counts organisations that wait to be looked at, up to limit.
func (t *Tx) PendingOrgs(limit int) (n int64, err error) {
	_, err = t.row(`SELECT count(*) FROM (SELECT id FROM org_row WHERE status = 'pending' LIMIT $1) AS waiting`, []any{int64(limit)}, &n)
	return n, err
}

// EndSessionsOf removes all sessions of an organisation's people, and the tokens
// of its programs.
func (t *Tx) EndSessionsOf(org string) error {
	if err := t.exec(`DELETE FROM api_token WHERE account IN (SELECT id FROM account_row WHERE org = $1)`, org); err != nil {
		return err
	}
	return t.exec(`DELETE FROM session WHERE account IN (SELECT id FROM account_row WHERE org = $1)`, org)
}

// Verification is one run of the check of the whole ledger: working state.
type Verification struct {
	ID                            string
	Began, Ended                  time.Time
	Entries, Checkpoints, Streams int64
	Head                          []byte
	Damage                        string // what was found, for the auditor; "" when everything holds
}

// keepVerifications is how many runs are remembered.
const keepVerifications = 60

// PutVerification stores a run and forgets the oldest.
func (t *Tx) PutVerification(v Verification) error {
	if err := t.exec(`INSERT INTO verification (id, began, ended, entries, checkpoints, streams, head, damage) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		v.ID, v.Began.UnixMicro(), v.Ended.UnixMicro(), v.Entries, v.Checkpoints, v.Streams, v.Head, v.Damage); err != nil {
		return err
	}
	return t.exec(`DELETE FROM verification WHERE id NOT IN (SELECT id FROM verification ORDER BY id DESC LIMIT $1)`, int64(keepVerifications))
}

// LastVerification is the latest run; its ID is empty where there was none.
func (t *Tx) LastVerification() (v Verification, err error) {
	var began, ended int64
	found, err := t.row(`SELECT id, began, ended, entries, checkpoints, streams, head, damage FROM verification ORDER BY id DESC LIMIT 1`, nil,
		&v.ID, &began, &ended, &v.Entries, &v.Checkpoints, &v.Streams, &v.Head, &v.Damage)
	if found {
		v.Began, v.Ended = time.UnixMicro(began).UTC(), time.UnixMicro(ended).UTC()
	}
	return v, err
}

// ErasedRow is one erasure as lists show it.
type ErasedRow struct {
	Owner event.Stream
	Time  time.Time
	Rule  string
	Seq   int64 // the entry that says so
}

// ListErased lists erasures, the latest first, before an entry's number; 0
// begins at the latest.
func (t *Tx) ListErased(before int64, limit int) ([]ErasedRow, error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	var out []ErasedRow
	err := t.each(`SELECT owner, time, rule, seq FROM erased WHERE seq < $1 ORDER BY seq DESC LIMIT $2`, []any{before, int64(limit)},
		func(scan func(...any) error) error {
			var e ErasedRow
			var owner string
			var at int64
			err := scan(&owner, &at, &e.Rule, &e.Seq)
			e.Owner, e.Time = event.Stream(owner), time.UnixMicro(at).UTC()
			out = append(out, e)
			return err
		})
	return out, err
}

// DocumentsOf counts an owner's living documents.
func (t *Tx) DocumentsOf(owner event.Stream) (n int64, err error) {
	_, err = t.row(`SELECT count(*) FROM vault_object WHERE owner = $1 AND destroyed IS NULL`, []any{string(owner)}, &n)
	return n, err
}

// CaseByReference finds the id of a case by the reference people use.
func (t *Tx) CaseByReference(reference string) (id string, found bool, err error) {
	found, err = t.row(`SELECT id FROM case_row WHERE reference = $1`, []any{reference}, &id)
	return id, found, err
}
