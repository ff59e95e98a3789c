package store

import (
	"strconv"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/event"
)

// DenialNaming is a refusal of ours that names somebody.
type DenialNaming struct{ Case, Reference, Refused, Role, Name string }

// DenialsNaming gives the refusals that stand, but one case's own, of whom one of
// these names is, the latest first, by the name as it is asked.
func (t *Tx) DenialsNaming(scope access.Scope, names []string, besides string, limit int) (out map[string][]DenialNaming, err error) {
	asked, keys := map[string][]string{}, nameKeys(names)
	for _, n := range names {
		for _, key := range nameKeys([]string{n}) {
			asked[key] = append(asked[key], n)
		}
	}
	if len(keys) == 0 || scope.Empty() {
		return nil, nil
	}
	b := &caseSQL{}
	out = map[string][]DenialNaming{}
	err = t.each(`SELECT denial_row.id, denial_row.reference, denial_row.refused, denial_name.role, denial_name.name_search
		FROM denial_name JOIN denial_row ON denial_row.id = denial_name.case_id JOIN case_row ON case_row.id = denial_name.case_id
		WHERE denial_name.name_search IN (`+marks(&b.args, keys)+`) AND denial_name.case_id <> `+b.mark(besides)+` AND `+scopeWhere(scope, "case_row.org", "case_row.compartment", &b.args)+`
		ORDER BY denial_name.case_id DESC, denial_name.id LIMIT `+strconv.Itoa(limit), b.args, func(scan func(...any) error) error {
		var d DenialNaming
		err := scan(&d.Case, &d.Reference, &d.Refused, &d.Role, &d.Name)
		for _, n := range asked[d.Name] {
			out[n] = append(out[n], d)
		}
		return err
	})
	return out, err
}

// StandingDenials gives the streams of the refusals that partners were told of and
// that stand, by id after one.
func (t *Tx) StandingDenials(scope access.Scope, after string, limit int) (streams []event.Stream, err error) {
	b := &caseSQL{}
	err = t.each(`SELECT denial_row.stream FROM denial_row JOIN case_row ON case_row.id = denial_row.id
		WHERE denial_row.stands = 1 AND denial_row.id > `+b.mark(after)+` AND `+scopeWhere(scope, "case_row.org", "case_row.compartment", &b.args)+`
		ORDER BY denial_row.id LIMIT `+strconv.Itoa(limit), b.args, func(scan func(...any) error) error {
		var stream string
		err := scan(&stream)
		streams = append(streams, event.Stream(stream))
		return err
	})
	return streams, err
}
