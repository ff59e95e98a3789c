package store

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/screening"
)

// Tie is why an earlier case is shown beside another.
type Tie string

// The ties, strongest first. A name is a likeness and no identity; the item
// alone ties cases of different end users in one destination.
const (
	TieRegister Tie = "register" // a party of it is the same entry of the register
	TieListed   Tie = "listed"   // a party of it was found to be the same listed entry
	TieMark     Tie = "mark"     // its end user bears the same identifier: a number of a register, of a tax office
	TieName     Tie = "name"     // its end user bears the same name
	TieItem     Tie = "item"     // the same control code went, or was to go, to the same destination
	TieKind     Tie = "kind"     // the same kind of item was, under whatever code
)

var ties = []Tie{TieRegister, TieListed, TieMark, TieName, TieItem, TieKind}

// ofItem tells whether a tie is by the item alone.
func (t Tie) ofItem() bool { return t == TieItem || t == TieKind }

// Earlier says of which case the earlier ones are wanted.
type Earlier struct {
	Scope       access.Scope
	Besides     string      // the case itself
	Registers   []string    // entries of the register that its end user is
	Listed      [][2]string // list and entry that its end user was found to be
	Names       []string    // of its end user, as typed
	Marks       []string    // its identifiers, by their keys
	Codes       []string    // of its items
	Kinds       []string    // of its items
	Destination string
	Limit       int // of cases tied by their user, and of those tied by the item alone
}

// EarlierCase is a closed case, why it is shown, and its lines.
type EarlierCase struct {
	ID, Reference, Title, Destination, EndUser, Outcome string
	Decided                                             time.Time // zero where it was withdrawn
	Ties                                                []Tie
	Lines                                               []EarlierLine // those with a code that was asked for; all where none was
}

// EarlierLine is a line of an earlier case: its code as decided, else as claimed.
type EarlierLine struct{ Line, Code, Outcome string }

// Bounds of what is looked through: the latest cases of each entry and name, the
// latest of a destination for the item, and what all ways together may find.
const (
	userBound    = 100
	nearBound    = 300
	earlierBound = 400
	lineBound    = 500
)

// EarlierCases finds closed cases of the same end user, by register, listed
// entry, identifier and name, and of the same item in the same destination, in two
// statements. Those of the same user come first, then the latest.
func (t *Tx) EarlierCases(q Earlier) ([]EarlierCase, error) {
	b := &caseSQL{}
	text := b.earlier(q)
	if text == "" {
		return nil, nil
	}
	at := map[string]int{}
	var found []EarlierCase
	err := t.each(text, b.args, func(scan func(...any) error) error {
		var c EarlierCase
		var decided *int64
		var tie Tie
		if err := scan(&c.ID, &c.Reference, &c.Title, &c.Destination, &c.EndUser, &c.Outcome, &decided, &tie); err != nil {
			return err
		}
		i, ok := at[c.ID]
		if !ok {
			i = len(found)
			c.Decided = instant(decided)
			at[c.ID], found = i, append(found, c)
		}
		if !slices.Contains(found[i].Ties, tie) {
			found[i].Ties = append(found[i].Ties, tie)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	found = foremost(found, q.Limit)
	ids := make([]string, len(found))
	for i, c := range found {
		ids[i] = c.ID
	}
	lines, err := t.linesWith(ids, q.Codes)
	for i := range found {
		found[i].Lines = lines[found[i].ID]
	}
	return found, err
}

// earlier is the statement over all ties; empty where there is nothing to go by.
func (b *caseSQL) earlier(q Earlier) string {
	closed := "case_row.stage_group = 'closed' AND case_row.id <> " + b.mark(q.Besides) + " AND " + scopeWhere(q.Scope, "case_row.org", "case_row.compartment", &b.args)
	parts := b.ways(q, closed)
	if len(parts) == 0 {
		return ""
	}
	return `SELECT case_row.id, case_row.reference, case_row.title, case_row.destination, case_row.end_user, case_row.outcome, case_row.decided, found.tie
		FROM (` + strings.Join(parts, " UNION ALL ") + `) AS found CROSS JOIN case_row
		WHERE case_row.id = found.id AND ` + closed + `
		ORDER BY case_row.changed DESC, case_row.id DESC LIMIT ` + strconv.Itoa(earlierBound)
}

// ways are the searches by each tie. Those by the user each walk their own
// stretch of an index, the latest case first, up to so many closed cases in
// scope: a user with thousands of cases costs no more than one with a hundred.
// The case is looked at in a subquery, where no planner can turn the walk round.
func (b *caseSQL) ways(q Earlier, closed string) []string {
	var parts []string
	user := func(tie Tie, table, where string) {
		parts = append(parts, "SELECT id, '"+string(tie)+"' AS tie FROM (SELECT case_id AS id FROM "+table+" WHERE "+where+
			" AND (SELECT 1 FROM case_row WHERE case_row.id = case_id AND "+closed+") IS NOT NULL ORDER BY case_id DESC LIMIT "+strconv.Itoa(userBound)+") AS of_user")
	}
	for _, r := range q.Registers {
		user(TieRegister, "case_party", "register = "+b.mark(r))
	}
	for _, l := range q.Listed {
		user(TieListed, "assessment_hits", "list = "+b.mark(l[0])+" AND entry = "+b.mark(l[1])+" AND outcome = 'same'")
	}
	for _, name := range nameKeys(q.Names) {
		user(TieName, "case_user_name", "name_search = "+b.mark(name))
	}
	for _, mark := range q.Marks {
		user(TieMark, "case_user_mark", "mark = "+b.mark(mark))
	}
	if len(q.Codes)+len(q.Kinds) > 0 && q.Destination != "" {
		near := "SELECT id FROM case_row WHERE destination = " + b.mark(q.Destination) + " ORDER BY changed DESC, id DESC LIMIT " + strconv.Itoa(nearBound)
		item := func(tie Tie, where string) {
			parts = append(parts, "SELECT case_line.case_id AS id, '"+string(tie)+"' AS tie FROM ("+near+") AS near CROSS JOIN case_line WHERE case_line.case_id = near.id AND ("+where+")")
		}
		if len(q.Codes) > 0 {
			codes := b.among(q.Codes)
			item(TieItem, "case_line.code IN "+codes+" OR case_line.code = '' AND case_line.claimed_code IN "+codes)
		}
		for _, kind := range q.Kinds {
			item(TieKind, "case_line.categories LIKE "+b.mark("% "+kind+" %"))
		}
	}
	return parts
}

// nameKeys are the normal forms of names as they are stored, each once.
func nameKeys(names []string) []string {
	var out []string
	for _, n := range names {
		if key := strings.Join(screening.Fold(n), " "); key != "" && !slices.Contains(out, key) {
			out = append(out, key)
		}
	}
	return out
}

// foremost sorts cases by their strongest tie and keeps so many of the same user
// and so many of the same item alone.
func foremost(found []EarlierCase, limit int) []EarlierCase {
	for i := range found {
		slices.SortFunc(found[i].Ties, func(a, b Tie) int { return cmp.Compare(slices.Index(ties, a), slices.Index(ties, b)) })
	}
	var user, item []EarlierCase
	for _, c := range found {
		switch {
		case !c.Ties[0].ofItem() && len(user) < limit:
			user = append(user, c)
		case c.Ties[0].ofItem() && len(item) < limit:
			item = append(item, c)
		}
	}
	return append(user, item...)
}

// linesWith are the lines of cases with one of the codes, all where none is named.
func (t *Tx) linesWith(cases, codes []string) (map[string][]EarlierLine, error) {
	if len(cases) == 0 {
		return nil, nil
	}
	b, out := &caseSQL{}, map[string][]EarlierLine{}
	err := t.each(`SELECT case_id, line, CASE WHEN code = '' THEN claimed_code ELSE code END, outcome FROM case_line
		WHERE case_id IN `+b.among(cases)+` ORDER BY case_id, position LIMIT `+strconv.Itoa(lineBound), b.args, func(scan func(...any) error) error {
		var id string
		var l EarlierLine
		err := scan(&id, &l.Line, &l.Code, &l.Outcome)
		if len(codes) == 0 || slices.Contains(codes, l.Code) {
			out[id] = append(out[id], l)
		}
		return err
	})
	return out, err
}

// among are values as a list of SQL.
func (b *caseSQL) among(values []string) string {
	marks := make([]string, len(values))
	for i, v := range values {
		marks[i] = b.mark(v)
	}
	return "(" + strings.Join(marks, ", ") + ")"
}

// PriorAssurance is a clause of an assurance of another case.
type PriorAssurance struct {
	Case, Reference, Destination   string
	Assurance, Party, Register     string
	Giver                          string
	Clause, Reply, Result, Expires string
	Sought                         time.Time
	Lines                          []EarlierLine // of that case, with a code that was asked for
}

// PriorAssurances are the assurances that entries of the register gave in other
// cases, or that were given in those cases, the latest first, in two statements.
func (t *Tx) PriorAssurances(scope access.Scope, besides string, registers, cases, codes []string, limit int) ([]PriorAssurance, error) {
	if len(registers)+len(cases) == 0 {
		return nil, nil
	}
	b := &caseSQL{}
	text := b.prior(scope, besides, registers, cases, limit)
	var out []PriorAssurance
	var found []string
	err := t.each(text, b.args, func(scan func(...any) error) error {
		var a PriorAssurance
		var sought *int64
		err := scan(&a.Case, &a.Reference, &a.Destination, &a.Assurance, &a.Party, &a.Register, &a.Giver, &a.Clause, &a.Reply, &a.Result, &a.Expires, &sought)
		a.Sought = instant(sought)
		if !slices.Contains(found, a.Case) {
			found = append(found, a.Case)
		}
		out = append(out, a)
		return err
	})
	if err != nil || len(codes) == 0 {
		return out, err
	}
	lines, err := t.linesWith(found, codes)
	for i := range out {
		out[i].Lines = lines[out[i].Case]
	}
	return out, err
}

// prior is the statement of PriorAssurances: of each entry no more than the
// limit are looked at, the latest of those in scope.
func (b *caseSQL) prior(scope access.Scope, besides string, registers, cases []string, limit int) string {
	other := "case_row.id = case_assurance.case_id AND case_row.id <> " + b.mark(besides) + " AND " + scopeWhere(scope, "case_row.org", "case_row.compartment", &b.args)
	var parts []string
	for _, r := range registers {
		parts = append(parts, "SELECT id FROM (SELECT id FROM case_assurance WHERE register = "+b.mark(r)+" AND (SELECT 1 FROM case_row WHERE "+other+
			") IS NOT NULL ORDER BY sought DESC, id DESC LIMIT "+strconv.Itoa(limit)+") AS of_giver")
	}
	if len(cases) > 0 {
		parts = append(parts, "SELECT id FROM case_assurance WHERE case_id IN "+b.among(cases))
	}
	return `SELECT case_row.id, case_row.reference, case_row.destination, case_assurance.assurance, case_assurance.party, case_assurance.register,
		COALESCE((SELECT case_party.name FROM case_party WHERE case_party.id = case_row.id || '/' || case_assurance.party), ''),
		case_assurance.clause, case_assurance.reply, case_assurance.result, case_assurance.expires, case_assurance.sought
		FROM case_assurance CROSS JOIN case_row
		WHERE case_assurance.id IN (` + strings.Join(parts, " UNION ALL ") + `) AND ` + other + `
		ORDER BY case_assurance.sought DESC, case_assurance.id LIMIT ` + strconv.Itoa(limit)
}
