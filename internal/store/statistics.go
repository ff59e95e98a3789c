package store

import (
	"sort"
	"strconv"
	"time"

	"github.com/comity-project/comity/internal/access"
)

// StatCount is how many cases or lines of a scope there are of one key that
// ended in one way.
type StatCount struct {
	Key, How string
	Apart    bool // of cases in a compartment
	N        int64
}

// StatSale is what one organisation was licensed to send to one destination, in
// minor units of a currency.
type StatSale struct {
	Destination, Currency, Org string
	Apart                      bool
	Amount                     int64
}

// Span is the cases in scope of a span of time: from and including the first
// instant, to the last and without it. Between lie the starts of its parts, for
// counts by month.
type Span struct {
	Scope  access.Scope
	Starts []time.Time // of each part; the last is the span's end
}

// where is the span over a column that holds an instant.
func (s Span) where(column string, args *[]any) string {
	mark := func(v any) string {
		*args = append(*args, v)
		return "$" + strconv.Itoa(len(*args))
	}
	from, to := s.Starts[0], s.Starts[len(s.Starts)-1]
	return scopeWhere(s.Scope, "c.org", "c.compartment", args) + " AND " + column + " >= " + mark(from.UnixMicro()) + " AND " + column + " < " + mark(to.UnixMicro())
}

// part is the number of the part, from 1, that an instant lies in.
func (s Span) part(micro int64) string {
	n := sort.Search(len(s.Starts), func(i int) bool { return s.Starts[i].UnixMicro() > micro })
	return strconv.Itoa(n)
}

// how says in which way a case ended, by its first decision: later ones are
// counted apart.
const how = `CASE c.first_outcome WHEN '' THEN 'withdrawn' WHEN 'needed' THEN 'answered' WHEN 'advised' THEN 'answered' ELSE c.first_outcome END`

func (t *Tx) statCounts(query string, args []any) (out []StatCount, err error) {
	err = t.each(query, args, func(scan func(...any) error) error {
		var c StatCount
		err := scan(&c.Key, &c.How, &c.Apart, &c.N)
		out = append(out, c)
		return err
	})
	return out, err
}

// StatReceived counts the cases that came, by the part of the span.
func (t *Tx) StatReceived(s Span) ([]StatCount, error) {
	return t.statParts(s, "c.submitted", `'received'`)
}

// StatEnded counts the cases that ended, by the part of the span and how.
func (t *Tx) StatEnded(s Span) ([]StatCount, error) { return t.statParts(s, "c.ended", how) }

// statParts counts by quarters of an hour: no part begins within one, as every
// zone of the world is whole quarters away from UTC.
func (t *Tx) statParts(s Span, column, kind string) ([]StatCount, error) {
	const quarter = int64(15 * time.Minute / time.Microsecond)
	var args []any
	where := s.where(column, &args)
	at := map[[2]string]int64{}
	err := t.each(`SELECT `+column+` / `+strconv.FormatInt(quarter, 10)+`, `+kind+`, count(*) FROM case_row c WHERE `+where+` GROUP BY 1, 2`, args,
		func(scan func(...any) error) error {
			var q, n int64
			var how string
			err := scan(&q, &how, &n)
			at[[2]string{s.part(q * quarter), how}] += n
			return err
		})
	var out []StatCount
	for k, n := range at {
		out = append(out, StatCount{Key: k[0], How: k[1], N: n})
	}
	sort.Slice(out, func(i, j int) bool {
		return out[i].Key < out[j].Key || out[i].Key == out[j].Key && out[i].How < out[j].How
	})
	return out, err
}

// StatOpen counts the cases that were open at an instant.
func (t *Tx) StatOpen(scope access.Scope, at time.Time) (n int64, err error) {
	var args []any
	where := scopeWhere(scope, "c.org", "c.compartment", &args)
	args = append(args, at.UnixMicro())
	mark := "$" + strconv.Itoa(len(args))
	_, err = t.row(`SELECT count(*) FROM case_row c WHERE `+where+` AND c.submitted < `+mark+` AND (c.ended IS NULL OR c.ended >= `+mark+`)`, args, &n)
	return n, err
}

// StatAgainst counts the decisions against the human-rights adviser.
func (t *Tx) StatAgainst(s Span) (n int64, err error) {
	var args []any
	_, err = t.row(`SELECT count(*) FROM case_row c WHERE `+s.where("c.ended", &args)+` AND c.against_adviser = 1`, args, &n)
	return n, err
}

// StatOutcomes counts what came after licences were given, by kind. Who may see a
// licence may see what became of it.
func (t *Tx) StatOutcomes(s Span) ([]StatCount, error) {
	args := []any{s.Starts[0].UnixMicro(), s.Starts[len(s.Starts)-1].UnixMicro()}
	where := ""
	if !s.Scope.Everything {
		own := scopeWhere(s.Scope, "''", "o.compartment", &args)
		where = " AND (o.licence_id = '' AND " + own + " OR o.licence_id IN (SELECT l.id FROM licence_row AS l WHERE " + scopeWhere(s.Scope, "l.org", "l.compartment", &args) + "))"
	}
	return t.statCounts("SELECT o.kind, 'measures', o.compartment <> '', count(*) FROM outcome_row AS o WHERE o.at >= $1 AND o.at < $2"+where+" GROUP BY 1, 2, 3 ORDER BY 1, 2, 3", args)
}

// StatDestinations counts the cases that ended, by destination and how.
func (t *Tx) StatDestinations(s Span) ([]StatCount, error) {
	var args []any
	where := s.where("c.ended", &args)
	return t.statCounts(`SELECT c.destination, `+how+`, c.compartment <> '', count(*) FROM case_row c WHERE `+where+` GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, args)
}

// StatKinds counts the cases that ended, by kind of case and how.
func (t *Tx) StatKinds(s Span) ([]StatCount, error) {
	var args []any
	where := s.where("c.ended", &args)
	return t.statCounts(`SELECT c.kind, `+how+`, c.compartment <> '', count(*) FROM case_row c WHERE `+where+` GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, args)
}

// StatItems counts the lines that were decided, by code as decided and outcome.
func (t *Tx) StatItems(s Span) ([]StatCount, error) {
	var args []any
	where := s.where("c.ended", &args)
	return t.statCounts(`SELECT l.code, l.first_outcome, c.compartment <> '', count(*) FROM case_row c JOIN case_line l ON l.case_id = c.id
		WHERE `+where+` AND l.first_outcome <> '' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, args)
}

// StatGrounds counts the lines that were refused, by ground.
func (t *Tx) StatGrounds(s Span) ([]StatCount, error) {
	var args []any
	where := s.where("c.ended", &args)
	return t.statCounts(`SELECT g.ground, 'refused', c.compartment <> '', count(*) FROM case_row c JOIN case_ground g ON g.case_id = c.id
		WHERE `+where+` AND g.decision = 1 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, args)
}

// StatLater counts the decisions after the first, by what they came of and how
// they decided.
func (t *Tx) StatLater(s Span) ([]StatCount, error) {
	var args []any
	where := s.where("x.at", &args)
	return t.statCounts(`SELECT x.way, CASE x.outcome WHEN 'needed' THEN 'answered' WHEN 'advised' THEN 'answered' ELSE x.outcome END, c.compartment <> '', count(*)
		FROM case_again x JOIN case_row c ON c.id = x.case_id WHERE `+where+` GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, args)
}

// StatAppeals counts the appeals that came to a word, by what it was.
func (t *Tx) StatAppeals(s Span) ([]StatCount, error) {
	var args []any
	where := s.where("x.ended", &args)
	return t.statCounts(`SELECT x.result, 'decided', c.compartment <> '', count(*)
		FROM case_appeal x JOIN case_row c ON c.id = x.case_id WHERE `+where+` AND x.result <> '' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`, args)
}

// StatDays counts the cases that were decided, by whole days from receipt.
func (t *Tx) StatDays(s Span) ([]StatCount, error) {
	const day = int64(24 * time.Hour / time.Microsecond)
	var args []any
	where := s.where("c.ended", &args)
	return t.statCounts(`SELECT CAST((c.ended - c.submitted) / `+strconv.FormatInt(day, 10)+` AS TEXT), 'decided', 1 = 0, count(*) FROM case_row c
		WHERE `+where+` AND c.first_outcome <> '' GROUP BY 1 ORDER BY 1`, args)
}

// StatSales sums what was licensed, by destination, currency and organisation.
func (t *Tx) StatSales(s Span) (out []StatSale, err error) {
	var args []any
	where := s.where("c.ended", &args)
	err = t.each(`SELECT c.destination, l.currency, c.org, c.compartment <> '', CAST(sum(l.value) AS BIGINT) FROM case_row c JOIN case_line l ON l.case_id = c.id
		WHERE `+where+` AND l.outcome = 'issue' AND l.currency <> '' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`, args,
		func(scan func(...any) error) error {
			var x StatSale
			err := scan(&x.Destination, &x.Currency, &x.Org, &x.Apart, &x.Amount)
			out = append(out, x)
			return err
		})
	return out, err
}

// EventsOf counts the ledger's entries of some types in a span of time. It reads
// the entries of the span alone: their times never go back.
func (t *Tx) EventsOf(from, to time.Time, types ...string) (map[string]int64, error) {
	out := map[string]int64{}
	wanted := map[string]bool{}
	for _, x := range types {
		wanted[x] = true
	}
	head, err := t.Head()
	if err != nil {
		return nil, err
	}
	var failed error
	first := sort.Search(int(head.Seq), func(i int) bool {
		e, _, found, err := t.Entry(int64(i) + 1)
		if err != nil {
			failed = err
		}
		return !found || e.Time >= from.UnixMicro()
	})
	if failed != nil {
		return nil, failed
	}
	for batch, err := range t.EntryBatches(int64(first)) {
		if err != nil {
			return nil, err
		}
		for i := range batch {
			if batch[i].Time >= to.UnixMicro() {
				return out, nil
			}
			if wanted[batch[i].Type] {
				out[batch[i].Type]++
			}
		}
	}
	return out, nil
}

// StatRun is a count of a year that somebody asked for: of the cases in their
// scope, or, made fit for the public, of all.
type StatRun struct {
	ID, Account  string
	Year         int
	Public       bool
	Began, Ended time.Time // Ended is zero while it runs
	Problem      string    // for the log's reader; "" where it went well
	Result       []byte    // JSON
}

// PutStatRun writes a run, or how it ended.
func (t *Tx) PutStatRun(r StatRun) error {
	var ended *int64
	if !r.Ended.IsZero() {
		at := r.Ended.UnixMicro()
		ended = &at
	}
	return t.exec(`INSERT INTO statistics_run (id, account, year, public, began, ended, problem, result) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (id) DO UPDATE SET ended = excluded.ended, problem = excluded.problem, result = excluded.result`,
		r.ID, r.Account, int64(r.Year), bit(r.Public), r.Began.UnixMicro(), ended, r.Problem, r.Result)
}

// LastStatRun is the latest run of a year that an account asked for.
func (t *Tx) LastStatRun(account string, year int, public bool) (r StatRun, found bool, err error) {
	r = StatRun{Account: account, Year: year, Public: public}
	var began int64
	var ended *int64
	found, err = t.row(`SELECT id, began, ended, problem, result FROM statistics_run WHERE account = $1 AND year = $2 AND public = $3 ORDER BY id DESC LIMIT 1`,
		[]any{account, int64(year), bit(public)}, &r.ID, &began, &ended, &r.Problem, &r.Result)
	r.Began, r.Ended = time.UnixMicro(began).UTC(), instant(ended)
	return r, found, err
}

// ForgetStatRuns forgets runs that began before a time.
func (t *Tx) ForgetStatRuns(before time.Time) error {
	return t.exec(`DELETE FROM statistics_run WHERE began < $1`, before.UnixMicro())
}

// StatYear is a year of which a report was published.
type StatYear struct {
	Year      string
	Editions  int64
	Published time.Time // the last edition
}

// StatYears lists the years with a published report, the latest first.
func (t *Tx) StatYears() (out []StatYear, err error) {
	err = t.each(`SELECT id, editions, published FROM statistics_row ORDER BY id DESC LIMIT 200`, nil, func(scan func(...any) error) error {
		var y StatYear
		var at int64
		err := scan(&y.Year, &y.Editions, &at)
		y.Published = time.UnixMicro(at).UTC()
		out = append(out, y)
		return err
	})
	return out, err
}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
