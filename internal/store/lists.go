package store

// ListStates gives the states of lists by id, after one: each as its stream
// keeps it.
func (t *Tx) ListStates(after string, limit int) (states [][]byte, err error) {
	err = t.each(`SELECT stream.state FROM list_row JOIN stream ON stream.id = list_row.stream WHERE list_row.id > $1 ORDER BY list_row.id LIMIT $2`,
		[]any{after, int64(limit)}, func(scan func(...any) error) error {
			var body []byte
			err := scan(&body)
			states = append(states, body)
			return err
		})
	return states, err
}

// ListsKey says in one short text which versions of which lists are in use: it
// changes when one of them does. Processes watch it to know when to load anew.
func (t *Tx) ListsKey() (key string, err error) {
	err = t.each(`SELECT id, status, active FROM list_row ORDER BY id`, nil, func(scan func(...any) error) error {
		var id, status, active string
		err := scan(&id, &status, &active)
		key += id + " " + status + " " + active + "\n"
		return err
	})
	return key, err
}

// Disputed calls f for every entry of a list against which a correction or
// objection is on record, but those that were answered so.
func (t *Tx) Disputed(but string, f func(list, entry string)) error {
	return t.each(`SELECT DISTINCT list, entry FROM list_objection_row WHERE outcome <> $1`, []any{but}, func(scan func(...any) error) error {
		var list, entry string
		err := scan(&list, &entry)
		f(list, entry)
		return err
	})
}

// OpenCases gives ids of cases that are not closed, by id, after one.
func (t *Tx) OpenCases(after string, limit int) (ids []string, err error) {
	err = t.each(`SELECT id FROM case_row WHERE id > $1 AND stage_group <> 'closed' AND erased = 0 ORDER BY id LIMIT $2`,
		[]any{after, int64(limit)}, func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			ids = append(ids, id)
			return err
		})
	return ids, err
}

// Referenced is what access asks about a case or licence named by its reference.
type Referenced struct {
	ID, Org, Compartment string
}

// CaseReferenced finds a case by its reference.
func (t *Tx) CaseReferenced(reference string) (r Referenced, found bool, err error) {
	found, err = t.row(`SELECT id, org, compartment FROM case_row WHERE reference = $1`, []any{reference}, &r.ID, &r.Org, &r.Compartment)
	return r, found, err
}

// LicenceReferenced finds a licence by its reference.
func (t *Tx) LicenceReferenced(reference string) (r Referenced, found bool, err error) {
	found, err = t.row(`SELECT id, org, compartment FROM licence_row WHERE reference = $1`, []any{reference}, &r.ID, &r.Org, &r.Compartment)
	return r, found, err
}

// Copy is what a server said of the copy of a file that was fetched last.
type Copy struct {
	ETag, Modified string
}

// FetchedCopies gives what is known of a list's files, by the file's address.
func (t *Tx) FetchedCopies(list string) (map[string]Copy, error) {
	m := map[string]Copy{}
	err := t.each(`SELECT file, etag, modified FROM list_fetch WHERE list = $1`, []any{list}, func(scan func(...any) error) error {
		var file string
		var c Copy
		err := scan(&file, &c.ETag, &c.Modified)
		m[file] = c
		return err
	})
	return m, err
}

// RememberCopy notes what a server said of a file.
func (t *Tx) RememberCopy(list, file string, c Copy) error {
	return t.exec(`INSERT INTO list_fetch (list, file, etag, modified, fetched) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (list, file) DO UPDATE SET etag = excluded.etag, modified = excluded.modified, fetched = excluded.fetched`,
		list, file, c.ETag, c.Modified, t.now.UnixMicro())
}

// Volume is how much was screened outside cases in one month, by one role for
// one purpose.
type Volume struct {
	Month, Role, Purpose string // month as 2026-11
	People               int64  // different accounts
	Runs                 int64
	Queries              int64
	WithHits             int64
}

// ScreeningVolumes gives volumes of the months before one ("" for all), the
// latest first, at most months of them.
func (t *Tx) ScreeningVolumes(before string, months int) (out []Volume, err error) {
	err = t.each(`SELECT month, role, purpose, COUNT(DISTINCT account), CAST(SUM(runs) AS BIGINT), CAST(SUM(queries) AS BIGINT), CAST(SUM(with_hits) AS BIGINT) FROM screening_month
		WHERE month IN (SELECT DISTINCT month FROM screening_month WHERE $1 = '' OR month < $1 ORDER BY month DESC LIMIT $2)
		GROUP BY month, role, purpose ORDER BY month DESC, purpose, role`, []any{before, int64(months)},
		func(scan func(...any) error) error {
			var v Volume
			err := scan(&v.Month, &v.Role, &v.Purpose, &v.People, &v.Runs, &v.Queries, &v.WithHits)
			out = append(out, v)
			return err
		})
	return out, err
}
