package store

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
)

// scopeWhere turns a scope into SQL: the same rule as Scope.Holds, over the
// columns that say whose a thing is and in which compartment it lies. Every
// list, count and search of things in compartments uses it and nothing else.
func scopeWhere(s access.Scope, org, compartment string, args *[]any) string {
	if s.Everything {
		return "1 = 1"
	}
	mark := func(v string) string {
		*args = append(*args, v)
		return "$" + strconv.Itoa(len(*args))
	}
	var or []string
	if s.Anywhere {
		in := []string{"''"}
		for _, c := range s.Admitted {
			if c != "" {
				in = append(in, mark(c))
			}
		}
		or = append(or, compartment+" IN ("+strings.Join(in, ", ")+")")
	}
	if s.Org != "" {
		or = append(or, org+" = "+mark(s.Org))
	}
	if len(or) == 0 {
		return "1 = 0"
	}
	return "(" + strings.Join(or, " OR ") + ")"
}

// CaseList says which cases a list holds, and in which order.
type CaseList string

// The lists. Those of work are by when a decision is due, cases that wait with
// a standing clock last; the others by when something last happened.
const (
	MyTurn      CaseList = "turn"    // the next step is the reader's
	MyCases     CaseList = "mine"    // open and waiting cases of the reader
	OpenList    CaseList = "open"    //
	WaitingList CaseList = "waiting" // for the applicant
	ClosedList  CaseList = "closed"
	AllCases    CaseList = "all"
)

// Cases says which cases are wanted. Zero values narrow nothing but Scope, whose
// zero value holds nothing.
type Cases struct {
	Scope       access.Scope
	List        CaseList
	Me          string   // account of MyTurn and MyCases
	Turns       []string // turns that are the reader's besides the officer's, for MyTurn
	Kind        string
	Stage       string
	Turn        string
	Officer     string
	Destination string
	Outcome     string
	Severity    int
	Org         string
	Register    string    // a party of the case is this entry of the register
	Stopped     bool      // the clock stands
	DueFrom     time.Time // due at or after
	DueBefore   time.Time // due before
	Find        []string  // words as screening.Fold gives them, each the beginning of a word
	At          CasePlace // where the page begins; the zero value is the list's beginning
	Back        bool      // the page before At instead of the one after
	Limit       int
}

// CasePlace is a place in a list: the order's value of a case, and its id.
type CasePlace struct {
	ID string
	At int64 // due or changed in microseconds; 0 where nothing is due
}

// CaseRow is a case as lists show it.
type CaseRow struct {
	ID, Reference, Title, Kind, Stage, StageGroup, Turn string
	Org, OrgName, Officer, OfficerName                  string
	Destination, EndUser, Outcome, Licence, Currency    string
	Severity, Lines, Parties                            int
	Value                                               int64
	Assessed, Stale, Stopped, Erased                    bool
	Submitted, Changed, Due, Decided, WaitsSince        time.Time
	place                                               CasePlace
}

// Place is where the row stands in the list that gave it.
func (r CaseRow) Place() CasePlace { return r.place }

// maxFound bounds the cases that a search for words takes into its list: the
// latest ones.
const maxFound = 500

// caseSQL builds the statement of a list.
type caseSQL struct {
	q        Cases
	postgres bool
	args     []any
}

func (b *caseSQL) mark(v any) string {
	b.args = append(b.args, v)
	return "$" + strconv.Itoa(len(b.args))
}

// byDue tells whether the list is in the order of what is due.
func (q Cases) byDue() bool { return q.List != ClosedList && q.List != AllCases }

// branches are the parts of the list, each one stretch of an index: a list over
// several is merged from the first rows of each, never sorted as a whole.
func (b *caseSQL) branches() []string {
	q := b.q
	group := func(g string) string { return "case_row.stage_group = '" + g + "'" }
	switch q.List {
	case MyTurn:
		out := []string{"case_row.officer = " + b.mark(q.Me) + " AND " + group("open") + " AND case_row.whose_turn IN ('officer', 'reviewer')"}
		for _, t := range q.Turns {
			out = append(out, "case_row.whose_turn = "+b.mark(t))
		}
		return out
	case MyCases:
		me := "case_row.officer = " + b.mark(q.Me)
		return []string{me + " AND " + group("open"), me + " AND " + group("waiting")}
	case OpenList, WaitingList, ClosedList:
		return []string{group(string(q.List))}
	}
	return []string{"1 = 1"}
}

// narrow are the filters, the same in every branch.
func (b *caseSQL) narrow() string {
	q := b.q
	where := []string{scopeWhere(q.Scope, "case_row.org", "case_row.compartment", &b.args)}
	for _, f := range []struct{ column, value string }{
		{"kind", q.Kind}, {"stage", q.Stage}, {"whose_turn", q.Turn}, {"officer", q.Officer}, {"destination", q.Destination}, {"outcome", q.Outcome}, {"org", q.Org},
	} {
		if f.value != "" {
			where = append(where, "case_row."+f.column+" = "+b.mark(f.value))
		}
	}
	if q.Severity > 0 {
		where = append(where, "case_row.severity = "+b.mark(int64(q.Severity)))
	}
	if q.Stopped {
		where = append(where, "case_row.stopped = 1")
	}
	if !q.DueFrom.IsZero() {
		where = append(where, "case_row.due >= "+b.mark(q.DueFrom.UnixMicro()))
	}
	if !q.DueBefore.IsZero() {
		where = append(where, "case_row.due < "+b.mark(q.DueBefore.UnixMicro()))
	}
	return strings.Join(where, " AND ")
}

// from is the table of cases, or those of them that a search finds first. The
// join is written so that the search comes first: it is the narrow one.
func (b *caseSQL) from() string {
	switch {
	case len(b.q.Find) > 0:
		return "(" + b.found("case", b.q.Scope, b.q.Find, maxFound) + ") AS found CROSS JOIN case_row"
	case b.q.Register != "":
		return "(SELECT DISTINCT case_id AS id FROM case_party WHERE register = " + b.mark(b.q.Register) + ") AS found CROSS JOIN case_row"
	}
	return "case_row"
}

func (b *caseSQL) joined() string {
	if len(b.q.Find) > 0 || b.q.Register != "" {
		return " AND case_row.id = found.id"
	}
	return ""
}

// found is a search for things of a kind by words, the latest first, in scope.
// Words that stand in them whole are asked for first: where they are as many as
// are wanted, nobody looks for words that only begin so. The one is a walk from
// the latest; the other reads every place of all such words.
func (b *caseSQL) found(kind string, s access.Scope, words []string, limit int) string {
	scope := scopeWhere(s, "search.org", "search.compartment", &b.args)
	cut, most := strconv.Itoa(len(kind)+2), " LIMIT "+strconv.Itoa(limit)
	if b.postgres {
		// The kind stands in the text: each has an index of its own.
		return "SELECT substr(search.id, " + cut + ") AS id, search.n FROM search WHERE search.words @@ to_tsquery('simple', " + b.mark(tsQuery(words)) +
			") AND search.kind = '" + kind + "' AND " + scope + " ORDER BY search.n DESC" + most
	}
	matching := func(query string) string {
		return " FROM search_text CROSS JOIN search ON search.n = search_text.rowid WHERE search_text MATCH " + query + " AND " + scope + " ORDER BY search_text.rowid DESC" + most
	}
	whole, begun := b.mark(ftsQuery(kind, words, "")), b.mark(ftsQuery(kind, words, "*"))
	return "SELECT substr(search.id, " + cut + ") AS id, search.n" +
		matching("(SELECT CASE WHEN (SELECT COUNT(*) FROM (SELECT 1"+matching(whole)+")) = "+strconv.Itoa(limit)+" THEN "+whole+" ELSE "+begun+" END)")
}

// ftsQuery asks for rows of a kind that hold each word; with the end "*" also a
// word that begins with it.
func ftsQuery(kind string, words []string, end string) string {
	var b strings.Builder
	b.WriteString(`"§` + kind + `"`)
	for _, w := range words {
		b.WriteString(` "` + strings.ReplaceAll(w, `"`, `""`) + `"` + end)
	}
	return b.String()
}

func tsQuery(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = "'" + strings.NewReplacer(`'`, `''`, `\`, `\\`).Replace(w) + "':*"
	}
	return strings.Join(out, " & ")
}

const caseColumns = `id, reference, title, kind, stage, stage_group, whose_turn, org, officer, destination, end_user, severity, assessed, stale,
	due, stopped, value, currency, lines, parties, submitted, decided, changed, outcome, licence, erased`

// part is one stretch of one branch, in the list's order, from the place on.
func (b *caseSQL) part(branch, narrow, from, stretch, order string) string {
	return "SELECT * FROM (SELECT " + qualified("case_row", caseColumns) + " FROM " + from + " WHERE " + branch + b.joined() + " AND " + narrow + " AND " + stretch +
		" ORDER BY " + order + " LIMIT " + strconv.Itoa(b.q.Limit) + ") AS part"
}

func qualified(table, columns string) string {
	names := strings.Split(columns, ",")
	for i, n := range names {
		names[i] = table + "." + strings.TrimSpace(n)
	}
	return strings.Join(names, ", ")
}

// statement is the whole list: the first rows of each stretch, merged.
func (b *caseSQL) statement() string {
	var parts []string
	branches, narrow, from := b.branches(), b.narrow(), b.from()
	for _, branch := range branches {
		for _, s := range b.stretches() {
			parts = append(parts, b.part(branch, narrow, from, s.where, s.order))
		}
	}
	merged := "CASE WHEN due IS NULL THEN 1 ELSE 0 END, due, id"
	switch {
	case b.q.byDue() && b.q.Back:
		merged = "CASE WHEN due IS NULL THEN 1 ELSE 0 END DESC, due DESC, id DESC"
	case !b.q.byDue() && b.q.Back:
		merged = "changed, id"
	case !b.q.byDue():
		merged = "changed DESC, id DESC"
	}
	return "SELECT " + qualified("u", caseColumns) + `,
		COALESCE((SELECT org_row.name FROM org_row WHERE org_row.id = u.org), ''),
		COALESCE((SELECT account_row.display FROM account_row WHERE account_row.id = u.officer), ''),
		(SELECT MIN(case_rfi.asked) FROM case_rfi WHERE case_rfi.case_id = u.id AND case_rfi.closed IS NULL)
		FROM (` + strings.Join(parts, " UNION ALL ") + ") AS u ORDER BY " + merged + " LIMIT " + strconv.Itoa(b.q.Limit)
}

type stretch struct{ where, order string }

// stretches are the parts of a branch that lie after the place, or before it:
// rows with a due date and rows without have stretches of their own, because a
// comparison with NULL finds neither.
func (b *caseSQL) stretches() []stretch {
	at, back, from := b.q.At, b.q.Back, b.q.At.ID != ""
	if !b.q.byDue() {
		// Latest first: after means smaller.
		if back {
			return []stretch{{b.beyond("changed", ">", from), "case_row.changed, case_row.id"}}
		}
		return []stretch{{b.beyond("changed", "<", from), "case_row.changed DESC, case_row.id DESC"}}
	}
	sign, down := ">", ""
	if back {
		sign, down = "<", " DESC"
	}
	order := "case_row.due" + down + ", case_row.id" + down
	var out []stretch
	if !from || at.At != 0 || back {
		out = append(out, stretch{"case_row.due IS NOT NULL AND " + b.beyond("due", sign, from && at.At != 0), order})
	}
	if !from || at.At == 0 || !back {
		where := "case_row.due IS NULL"
		if from && at.At == 0 {
			where += " AND case_row.id " + sign + " " + b.mark(at.ID)
		}
		// All of them are alike in due; ordering by it names the index to read.
		out = append(out, stretch{where, order})
	}
	return out
}

func (b *caseSQL) beyond(column, sign string, bounded bool) string {
	if !bounded {
		return "1 = 1"
	}
	return "(case_row." + column + ", case_row.id) " + sign + " (" + b.mark(b.q.At.At) + ", " + b.mark(b.q.At.ID) + ")"
}

// maxRows bounds a page of a list.
const maxRows = 200

// ListCases reads a page of a list. One row more than Limit was asked for is
// never given: ask for one more to know whether there are more.
func (t *Tx) ListCases(q Cases) ([]CaseRow, error) {
	q.Limit = min(max(q.Limit, 1), maxRows)
	b := &caseSQL{q: q, postgres: t.conn.postgres}
	text := b.statement()
	var out []CaseRow
	err := t.each(text, b.args, func(scan func(...any) error) error {
		r, err := scanCase(scan)
		r.place = CasePlace{r.ID, r.Changed.UnixMicro()}
		if q.byDue() {
			r.place.At = 0
			if !r.Due.IsZero() {
				r.place.At = r.Due.UnixMicro()
			}
		}
		out = append(out, r)
		return err
	})
	if q.Back {
		slices.Reverse(out)
	}
	return out, err
}

func scanCase(scan func(...any) error) (r CaseRow, err error) {
	var due, decided, waits *int64
	var submitted, changed, assessed, stale, stopped, erased int64
	err = scan(&r.ID, &r.Reference, &r.Title, &r.Kind, &r.Stage, &r.StageGroup, &r.Turn, &r.Org, &r.Officer, &r.Destination, &r.EndUser, &r.Severity,
		&assessed, &stale, &due, &stopped, &r.Value, &r.Currency, &r.Lines, &r.Parties, &submitted, &decided, &changed, &r.Outcome, &r.Licence, &erased,
		&r.OrgName, &r.OfficerName, &waits)
	r.Assessed, r.Stale, r.Stopped, r.Erased = assessed == 1, stale == 1, stopped == 1, erased == 1
	r.Submitted, r.Changed = time.UnixMicro(submitted).UTC(), time.UnixMicro(changed).UTC()
	r.Due, r.Decided, r.WaitsSince = instant(due), instant(decided), instant(waits)
	return r, err
}

func instant(micro *int64) time.Time {
	if micro == nil {
		return time.Time{}
	}
	return time.UnixMicro(*micro).UTC()
}

// CountCap is where counting stops: a list says "1,000+" rather than make its
// reader wait for a figure that nobody needs.
const CountCap = 1000

// CountCases counts the cases of several lists in one statement, each up to one
// more than CountCap.
func (t *Tx) CountCases(lists []Cases) ([]int, error) {
	var all []any
	var counts []string
	for i, q := range lists {
		b := &caseSQL{q: q, postgres: t.conn.postgres, args: all}
		branches, narrow, from := b.branches(), b.narrow(), b.from()
		// In the list's order, though nobody sees it: so the counting reads the
		// list's own stretch of an index, and stops where it may.
		order := "case_row.changed, case_row.id"
		if q.byDue() {
			order = "case_row.due, case_row.id"
		}
		limit := " LIMIT " + strconv.Itoa(CountCap+1)
		var parts []string
		for _, branch := range branches {
			parts = append(parts, "SELECT * FROM (SELECT 1 AS one FROM "+from+" WHERE "+branch+b.joined()+" AND "+narrow+" ORDER BY "+order+limit+") AS part")
		}
		counts = append(counts, "(SELECT COUNT(*) FROM (SELECT one FROM ("+strings.Join(parts, " UNION ALL ")+") AS p"+strconv.Itoa(i)+limit+") AS c"+strconv.Itoa(i)+")")
		all = b.args
	}
	out := make([]int, len(lists))
	dest := make([]any, len(lists))
	for i := range out {
		dest[i] = &out[i]
	}
	_, err := t.row("SELECT "+strings.Join(counts, ", "), all, dest...)
	for i := range out {
		out[i] = min(out[i], CountCap+1)
	}
	return out, err
}

// SavedSearch is a list with filters that a person gave a name.
type SavedSearch struct {
	ID, Account, Name, Query string
}

// MaxSearches bounds the searches that one person keeps.
const MaxSearches = 40

// SavedSearches are a person's saved searches, by name.
func (t *Tx) SavedSearches(account string) (out []SavedSearch, err error) {
	err = t.each(`SELECT id, account, name, query FROM saved_search WHERE account = $1 ORDER BY name, id LIMIT $2`, []any{account, int64(MaxSearches)},
		func(scan func(...any) error) error {
			var s SavedSearch
			err := scan(&s.ID, &s.Account, &s.Name, &s.Query)
			out = append(out, s)
			return err
		})
	return out, err
}

// SaveSearch keeps a search; the same name takes the place of an earlier one.
func (t *Tx) SaveSearch(s SavedSearch) error {
	if err := t.exec(`DELETE FROM saved_search WHERE account = $1 AND name = $2`, s.Account, s.Name); err != nil {
		return err
	}
	return t.exec(`INSERT INTO saved_search (id, account, name, query) VALUES ($1, $2, $3, $4)`, s.ID, s.Account, s.Name, s.Query)
}

// DropSearch forgets a person's saved search.
func (t *Tx) DropSearch(account, id string) error {
	return t.exec(`DELETE FROM saved_search WHERE account = $1 AND id = $2`, account, id)
}

// Officers are the active people of the authorities who hold one of the roles, by
// name: whom a case may be given to.
func (t *Tx) Officers(roles ...access.Role) (out []AccountRow, err error) {
	b := &caseSQL{}
	err = t.each(`SELECT id, name, display, org, status, roles FROM account_row
		WHERE `+b.officials(roles)+` ORDER BY display, id LIMIT `+b.mark(int64(maxRows)),
		b.args, func(scan func(...any) error) error {
			var a AccountRow
			err := scan(&a.ID, &a.Name, &a.Display, &a.Org, &a.Status, &a.Roles)
			out = append(out, a)
			return err
		})
	return out, err
}

// officials picks the active people of the authorities with one of the roles.
func (b *caseSQL) officials(roles []access.Role) string {
	holds := make([]string, len(roles))
	for i, r := range roles {
		holds[i] = "(' ' || roles || ' ') LIKE " + b.mark("% "+string(r)+" %")
	}
	return "org IN (SELECT org_row.id FROM org_row WHERE org_row.kind = 'authority') AND status = 'active' AND (" + strings.Join(holds, " OR ") + ")"
}

// OfficersWithout are the accounts of such people, by id and after one, who have
// no stream of a kind under their account.
func (t *Tx) OfficersWithout(kind, after string, limit int, roles ...access.Role) (ids []string, err error) {
	b := &caseSQL{}
	err = t.each(`SELECT id FROM account_row WHERE `+b.officials(roles)+` AND id > `+b.mark(after)+`
		AND NOT EXISTS (SELECT 1 FROM stream WHERE stream.id = `+b.mark(kind+"/")+` || account_row.id) ORDER BY id LIMIT `+b.mark(int64(limit)),
		b.args, func(scan func(...any) error) error {
			var id string
			err := scan(&id)
			ids = append(ids, id)
			return err
		})
	return ids, err
}
