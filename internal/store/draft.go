package store

import (
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/fault"
)

// Draft is working state: an application before it is submitted. Body is sealed.
type Draft struct {
	ID, Org, Account, Case, Kind, Title string
	Body                                []byte
	Version                             int64 // counts savings; what one saw must be the last
	Changed                             time.Time
}

const draftColumns = `id, org, account, case_id, kind, title, body, version, changed`

func scanDraft(scan func(...any) error) (d Draft, err error) {
	var changed int64
	err = scan(&d.ID, &d.Org, &d.Account, &d.Case, &d.Kind, &d.Title, &d.Body, &d.Version, &changed)
	d.Changed = time.UnixMicro(changed).UTC()
	return d, err
}

// PutDraft saves a draft over the version that its author saw; 0 is a new one.
func (t *Tx) PutDraft(d Draft) (version int64, err error) {
	if d.Version == 0 {
		err = t.exec(`INSERT INTO draft (`+draftColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8)`,
			d.ID, d.Org, d.Account, d.Case, d.Kind, d.Title, d.Body, t.now.UnixMicro())
		return 1, err
	}
	found, err := t.row(`UPDATE draft SET account = $2, title = $3, body = $4, version = version + 1, changed = $5 WHERE id = $1 AND version = $6 AND org = $7 RETURNING version`,
		[]any{d.ID, d.Account, d.Title, d.Body, t.now.UnixMicro(), d.Version, d.Org}, &version)
	if err == nil && !found {
		return 0, fault.New(fault.Conflict, "fault.changed_meanwhile")
	}
	return version, err
}

// Draft reads a draft.
func (t *Tx) Draft(id string) (d Draft, found bool, err error) {
	err = t.each(`SELECT `+draftColumns+` FROM draft WHERE id = $1`, []any{id}, func(scan func(...any) error) error {
		found = true
		d, err = scanDraft(scan)
		return err
	})
	return d, found, err
}

// Drafts lists an organisation's drafts, the latest first, without bodies.
func (t *Tx) Drafts(org string, limit int) (out []Draft, err error) {
	err = t.each(`SELECT id, org, account, case_id, kind, title, version, changed FROM draft WHERE org = $1 ORDER BY changed DESC, id DESC LIMIT $2`, []any{org, int64(limit)},
		func(scan func(...any) error) error {
			var d Draft
			var changed int64
			err := scan(&d.ID, &d.Org, &d.Account, &d.Case, &d.Kind, &d.Title, &d.Version, &changed)
			d.Changed = time.UnixMicro(changed).UTC()
			out = append(out, d)
			return err
		})
	return out, err
}

// EndDraft removes a draft: it was submitted, or given up.
func (t *Tx) EndDraft(id string) error { return t.exec(`DELETE FROM draft WHERE id = $1`, id) }

// BrokenAssurances are references of other cases in which parties of the
// register broke an assurance, by entry of the register: one statement, however
// many parties a case has.
func (t *Tx) BrokenAssurances(registers []string, besides string) (map[string][]string, error) {
	if len(registers) == 0 {
		return nil, nil
	}
	args := []any{besides}
	marks := make([]string, len(registers))
	for i, r := range registers {
		args = append(args, r)
		marks[i] = "$" + strconv.Itoa(len(args))
	}
	refs := map[string][]string{}
	err := t.each(`SELECT DISTINCT case_assurance.register, case_row.reference FROM case_assurance JOIN case_row ON case_row.id = case_assurance.case_id
		WHERE case_assurance.register IN (`+strings.Join(marks, ", ")+`) AND case_assurance.result = 'broken' AND case_assurance.case_id <> $1
		ORDER BY case_assurance.register, case_row.reference`, args, func(scan func(...any) error) error {
		var register, ref string
		err := scan(&register, &ref)
		refs[register] = append(refs[register], ref)
		return err
	})
	return refs, err
}

// NotInForce are the hashes of the check codes of licences whose time is not over
// on a day and that do not hold in full: of each status given.
func (t *Tx) NotInForce(day string, statuses ...string) (hashes []string, err error) {
	b := &caseSQL{}
	by := b.mark(day)
	err = t.each(`SELECT code_hash FROM licence_row WHERE shown IN `+b.among(statuses)+` AND valid_until >= `+by+`
		UNION SELECT id FROM licence_code WHERE valid_until >= `+by+` ORDER BY 1`, b.args, func(scan func(...any) error) error {
		var h string
		err := scan(&h)
		hashes = append(hashes, h)
		return err
	})
	return hashes, err
}

// CaseOfCertificateCode finds the case in which something can be signed with a
// code, by the code's hash.
func (t *Tx) CaseOfCertificateCode(hash string) (id string, found bool, err error) {
	found, err = t.row(`SELECT case_id FROM certificate_code WHERE id = $1`, []any{hash}, &id)
	return id, found, err
}

// LicenceByCode finds a licence by the hash of its check code, or of one of an
// earlier version.
func (t *Tx) LicenceByCode(hash string) (id string, found bool, err error) {
	found, err = t.row(`SELECT id FROM licence_row WHERE code_hash = $1 UNION ALL SELECT licence_id FROM licence_code WHERE id = $1`, []any{hash}, &id)
	return id, found, err
}
