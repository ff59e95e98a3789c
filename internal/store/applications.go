package store

import (
	"strconv"
	"time"

	"github.com/comity-project/comity/internal/access"
)

// ApplicationRow is a case as its applicant's lists show it: nothing that tells
// who works on it, how far, or what they lean to.
type ApplicationRow struct {
	ID, Reference, Title, Destination string
	Standing                          string // as licensing.ApplicantView says it
	Outcome                           string // "" until decided
	Submitted                         time.Time
	Decided                           time.Time // zero until decided
	Due                               time.Time // zero while it stands or is closed
	Turn                              bool      // the applicant has to act next
}

// Applications narrows a list of applications.
type Applications struct {
	Scope access.Scope // of access.ApplicationRead; the zero value holds nothing
	Find  string       // part of title or reference, as typed
	After string       // id of the last one seen
	Limit int
}

// standing is what an applicant may know of a stage. Sorting goes by submission
// and never by the last change: that would tell when somebody works on a case.
const standing = `CASE WHEN stage = 'decided' THEN 'decided' WHEN stage = 'withdrawn' THEN 'withdrawn' WHEN stage = 'waiting' THEN 'your_turn' WHEN stage = 'intention' THEN 'intention' WHEN stage = 'appeal' THEN 'appeal' WHEN outcome <> '' THEN 'again' ELSE 'in_review' END`

// turn sorts those first in which the applicant has to act.
const turn = `CASE WHEN whose_turn = 'applicant' THEN 0 ELSE 1 END`

// ListApplications lists applications: first those in which the applicant has to
// act, then the latest submitted.
func (t *Tx) ListApplications(q Applications) ([]ApplicationRow, error) {
	args := []any{contains(q.Find), q.After, int64(min(max(q.Limit, 1), maxPeople))}
	scope := scopeWhere(applicantScope(q.Scope), "org", "compartment", &args)
	var out []ApplicationRow
	err := t.each(`SELECT id, reference, title, destination, `+standing+`, outcome, submitted, decided, due, `+turn+` FROM case_row
		WHERE (lower(title) LIKE lower($1) ESCAPE '\' OR lower(reference) LIKE lower($1) ESCAPE '\') AND `+scope+`
		AND ($2 = '' OR `+turn+` > (SELECT `+turn+` FROM case_row WHERE id = $2)
			OR (`+turn+` = (SELECT `+turn+` FROM case_row WHERE id = $2) AND (submitted, id) < (SELECT submitted, id FROM case_row WHERE id = $2)))
		ORDER BY `+turn+`, submitted DESC, id DESC LIMIT $3`, args, func(scan func(...any) error) error {
		var a ApplicationRow
		var submitted, waits int64
		var decided, due *int64
		err := scan(&a.ID, &a.Reference, &a.Title, &a.Destination, &a.Standing, &a.Outcome, &submitted, &decided, &due, &waits)
		a.Submitted, a.Decided, a.Due, a.Turn = time.UnixMicro(submitted).UTC(), instant(decided), instant(due), waits == 0
		out = append(out, a)
		return err
	})
	return out, err
}

// applicantScope keeps an applicant's list to the applicant's organisation: a
// role that reads cases anywhere does so on the authority's pages.
func applicantScope(s access.Scope) access.Scope {
	return access.Scope{Everything: s.Everything, Org: s.Org}
}

// Wanted is an answer that an applicant is asked for by a time.
type Wanted struct {
	Case, Reference string
	Due             time.Time
}

// AnswersWanted are the open requests for information to an organisation, the
// first due first.
func (t *Tx) AnswersWanted(s access.Scope, limit int) (out []Wanted, err error) {
	var args []any
	scope := scopeWhere(applicantScope(s), "case_row.org", "case_row.compartment", &args)
	args = append(args, int64(limit))
	err = t.each(`SELECT case_row.id, case_row.reference, case_rfi.due FROM case_row JOIN case_rfi ON case_rfi.case_id = case_row.id
		WHERE `+scope+` AND case_row.stage = 'waiting' AND case_rfi.closed IS NULL ORDER BY case_rfi.due, case_rfi.id LIMIT $`+strconv.Itoa(len(args)), args, func(scan func(...any) error) error {
		var w Wanted
		var due int64
		err := scan(&w.Case, &w.Reference, &due)
		w.Due = time.UnixMicro(due).UTC()
		out = append(out, w)
		return err
	})
	return out, err
}

// HeldLicence is a licence as its holder's lists show it.
type HeldLicence struct {
	ID, Reference, Case, CaseReference, Title, Destination, Status string
	From, Until                                                    string // ISO dates
	Issued                                                         time.Time
	Lines                                                          int64
}

// HeldLicences narrows a list of licences.
type HeldLicences struct {
	Scope access.Scope // of access.LicenceReadOwn
	ID    string       // one licence
	After string       // id of the last one seen
	Limit int
}

// ListHeldLicences lists an organisation's licences, the latest first.
func (t *Tx) ListHeldLicences(q HeldLicences) ([]HeldLicence, error) {
	args := []any{q.ID, q.After, int64(min(max(q.Limit, 1), maxPeople))}
	scope := scopeWhere(applicantScope(q.Scope), "org", "compartment", &args)
	var out []HeldLicence
	err := t.each(`SELECT id, reference, case_id, case_reference, title, destination, shown, valid_from, valid_until, issued, lines FROM licence_row
		WHERE ($1 = '' OR id = $1) AND `+scope+` AND ($2 = '' OR (issued, id) < (SELECT issued, id FROM licence_row WHERE id = $2))
		ORDER BY issued DESC, id DESC LIMIT $3`, args, func(scan func(...any) error) error {
		var l HeldLicence
		var issued int64
		err := scan(&l.ID, &l.Reference, &l.Case, &l.CaseReference, &l.Title, &l.Destination, &l.Status, &l.From, &l.Until, &issued, &l.Lines)
		l.Issued = time.UnixMicro(issued).UTC()
		out = append(out, l)
		return err
	})
	return out, err
}

// Used is a party or an item of an earlier application, to be used again.
type Used struct {
	Case, CaseReference, ID, Name, Sub, Country string // Sub: the name in Latin letters; the part number
}

// maxEarlier bounds how many are offered at once.
const maxEarlier = 60

// EarlierParties are the parties of an organisation's own earlier applications,
// the latest first, each name, as it was written, and country once. Erased ones are not in it.
func (t *Tx) EarlierParties(s access.Scope, find string) ([]Used, error) {
	return t.earlier(s, find, `case_party.party, case_party.name, case_party.latin, case_party.country FROM case_party JOIN case_row ON case_row.id = case_party.case_id`,
		`case_party.erased = 0 AND case_party.name <> '' AND (lower(case_party.name) LIKE lower($1) ESCAPE '\' OR lower(case_party.latin) LIKE lower($1) ESCAPE '\')`, `case_party.id`)
}

// EarlierItems are the lines of an organisation's own earlier applications, the
// latest first, each description and part number once.
func (t *Tx) EarlierItems(s access.Scope, find string) ([]Used, error) {
	return t.earlier(s, find, `case_line.line, case_line.description, case_line.part_number, '' FROM case_line JOIN case_row ON case_row.id = case_line.case_id`,
		`case_line.description <> '' AND (lower(case_line.description) LIKE lower($1) ESCAPE '\' OR lower(case_line.part_number) LIKE lower($1) ESCAPE '\')`, `case_line.id`)
}

func (t *Tx) earlier(s access.Scope, find, columns, where, id string) ([]Used, error) {
	args := []any{contains(find)}
	scope := scopeWhere(applicantScope(s), "case_row.org", "case_row.compartment", &args)
	args = append(args, int64(4*maxEarlier))
	var out []Used
	seen := map[string]bool{}
	err := t.each(`SELECT case_row.id, case_row.reference, `+columns+` WHERE `+scope+` AND `+where+`
		ORDER BY case_row.submitted DESC, `+id+` LIMIT $`+strconv.Itoa(len(args)), args, func(scan func(...any) error) error {
		var e Used
		if err := scan(&e.Case, &e.CaseReference, &e.ID, &e.Name, &e.Sub, &e.Country); err != nil {
			return err
		}
		if key := e.Name + "\x00" + e.Sub + "\x00" + e.Country; !seen[key] && len(out) < maxEarlier {
			seen[key] = true
			out = append(out, e)
		}
		return nil
	})
	return out, err
}
