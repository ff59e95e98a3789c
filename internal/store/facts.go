package store

import (
	"time"

	"github.com/comity-project/comity/internal/access"
)

// DecidedFacts is what a decided case rested on, in the form of policy.Kept.
type DecidedFacts struct {
	Case    string // id
	Decided time.Time
	Day     string // as of which rules and lists applied
	Pack    string // hash
	Names   string // key of the names in whose order values are packed
	Lines   []byte
}

// KeepFacts keeps what a decided case rested on, in place of what was kept of
// it before.
func (t *Tx) KeepFacts(d DecidedFacts) error {
	return t.exec(`INSERT INTO decided_facts (case_id, decided, day, pack, names, lines) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (case_id) DO UPDATE SET decided = excluded.decided, day = excluded.day, pack = excluded.pack, names = excluded.names, lines = excluded.lines`,
		d.Case, d.Decided.UnixMicro(), d.Day, d.Pack, d.Names, d.Lines)
}

// ForgetFacts forgets what a case rested on: its facts were erased.
func (t *Tx) ForgetFacts(caseID string) error {
	return t.exec(`DELETE FROM decided_facts WHERE case_id = $1`, caseID)
}

// KeepNames keeps an order of names under its key, once.
func (t *Tx) KeepNames(key, names string) error {
	return t.exec(`INSERT INTO fact_names (hash, names) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING`, key, names)
}

// FactNames gives every order of names that was kept, by its key.
func (t *Tx) FactNames() (map[string]string, error) {
	m := map[string]string{}
	err := t.each(`SELECT hash, names FROM fact_names`, nil, func(scan func(...any) error) error {
		var key, names string
		err := scan(&key, &names)
		m[key] = names
		return err
	})
	return m, err
}

// DecidedCase is a decided case as it is read in bulk.
type DecidedCase struct {
	DecidedFacts
	Reference, Outcome, Compartment string
}

// Decided reads decided cases in the order of their decisions.
type Decided struct {
	Scope access.Scope // of access.CaseReplay
	Since time.Time    // decided then or later; zero for all
	After DecidedCase  // the last one seen; zero to begin
	Limit int
}

// DecidedCases gives decided cases of which facts are kept.
func (t *Tx) DecidedCases(q Decided) ([]DecidedCase, error) {
	// One place in the index to go on from, so that the last batch costs no more
	// than the first.
	from, id := max(q.Since.UnixMicro(), 0), ""
	if q.After.Case != "" {
		from, id = q.After.Decided.UnixMicro(), q.After.Case
	}
	args := []any{from, id, int64(q.Limit)}
	scope := scopeWhere(q.Scope, "c.org", "c.compartment", &args)
	out := make([]DecidedCase, 0, q.Limit)
	err := t.each(`SELECT d.case_id, d.decided, d.day, d.pack, d.names, d.lines, c.reference, c.outcome, c.compartment
		FROM decided_facts d JOIN case_row c ON c.id = d.case_id
		WHERE (d.decided, d.case_id) > ($1, $2) AND `+scope+` ORDER BY d.decided, d.case_id LIMIT $3`, args,
		func(scan func(...any) error) error {
			var d DecidedCase
			var decided int64
			err := scan(&d.Case, &decided, &d.Day, &d.Pack, &d.Names, &d.Lines, &d.Reference, &d.Outcome, &d.Compartment)
			d.Decided = time.UnixMicro(decided).UTC()
			out = append(out, d)
			return err
		})
	return out, err
}

// LastDecided is when the last decision was made of which facts are kept; zero
// where there is none.
func (t *Tx) LastDecided() (time.Time, error) {
	var at *int64
	if _, err := t.row(`SELECT MAX(decided) FROM decided_facts`, nil, &at); err != nil {
		return time.Time{}, err
	}
	return instant(at), nil
}

// CountDecided counts the decided cases in scope: those of which facts are kept,
// and all.
func (t *Tx) CountDecided(scope access.Scope, since time.Time) (kept, all int64, err error) {
	args := []any{max(since.UnixMicro(), 0)}
	where := scopeWhere(scope, "c.org", "c.compartment", &args)
	_, err = t.row(`SELECT COUNT(d.case_id), COUNT(*) FROM case_row c LEFT JOIN decided_facts d ON d.case_id = c.id
		WHERE c.stage = 'decided' AND c.decided >= $1 AND `+where, args, &kept, &all)
	return kept, all, err
}
