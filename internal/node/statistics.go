package node

import (
	"cmp"
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/statistics"
	"github.com/comity-project/comity/internal/store"
)

const jobStatistics = "statistics.count"

// registerStatistics wires the room of figures in.
func (a *App) registerStatistics() {
	handle(a, countYear)
	handle(a, publishStatistics)
}

// CountYear has a year counted, beside other work: of the cases that the actor
// may read, or, for the public, of all, made fit to be told.
type CountYear struct {
	ID     string // fresh UUIDv7
	Year   int
	Public bool
}

func countYear(t *Tx, c CountYear) error {
	act := access.StatisticsRead
	if c.Public {
		act = access.StatisticsPublish
	}
	if err := t.Must(access.StatisticsRead, act, access.Thing{}); err != nil {
		return err
	}
	// The year is the authority's own; nowhere is it a day ahead of UTC.
	if last := t.Now().AddDate(0, 0, 1).Year(); c.Year < last-100 || c.Year > last {
		return fault.New(fault.Invalid, "statistics.invalid").Field("year", "statistics.year", "last", strconv.Itoa(last))
	}
	run := store.StatRun{ID: c.ID, Account: t.Actor.Account, Year: c.Year, Public: c.Public, Began: t.Now()}
	if err := t.PutStatRun(run); err != nil {
		return fault.Wrap(err, "node: statistics")
	}
	return t.enqueue(jobStatistics, jobStatistics+"/"+c.ID, run)
}

// countedYear is what a run leaves.
type countedYear struct {
	Figures     *statistics.Figures     `json:"figures,omitempty"` // for who asked
	Report      *statistics.Report      `json:"report,omitempty"`  // for the public
	Differences []statistics.Difference `json:"differences,omitempty"`
}

// statisticsJob counts for the account that asked, with the roles and
// compartments that it has now.
func (a *App) statisticsJob(ctx context.Context, j jobs.Job) error {
	var run store.StatRun
	if err := j.Decode(&run); err != nil {
		return err
	}
	who, err := a.actorNow(ctx, run.Account)
	if err != nil {
		return err
	}
	scope := access.ScopeOf(who, access.StatisticsRead)
	if run.Public {
		scope = access.ScopeOf(access.System(), access.StatisticsRead)
	}
	out, err := a.countYear(ctx, scope, run)
	if err == nil {
		run.Result, err = json.Marshal(out)
	}
	if err != nil {
		run.Problem = err.Error()
	}
	run.Ended = a.Now()
	return a.db.Update(ctx, func(t *store.Tx) error { return t.PutStatRun(run) })
}

func (a *App) countYear(ctx context.Context, scope access.Scope, run store.StatRun) (countedYear, error) {
	c, err := a.Counted(ctx, scope, run.Year)
	if err != nil {
		return countedYear{}, err
	}
	f := statistics.Compile(c.Counted)
	if !run.Public {
		return countedYear{Figures: f}, nil
	}
	return countedYear{Report: statistics.Publishable(c.Counted, cmp.Or(a.cfg.Limits, statistics.DefaultLimits)), Differences: c.differences(f)}, nil
}

// CheckYear counts a year exactly, over all cases, and tells where that differs
// from the ledger's own events.
func (a *App) CheckYear(ctx context.Context, actor access.Actor, year int) (*statistics.Figures, []statistics.Difference, error) {
	scope := access.ScopeOf(actor, access.StatisticsRead)
	if !scope.Everything {
		return nil, nil, fault.New(fault.NotFound, "fault.not_found")
	}
	if year < 1 || year > 9999 {
		return nil, nil, fault.New(fault.Invalid, "statistics.invalid").Field("year", "statistics.year", "last", strconv.Itoa(a.Now().Year()))
	}
	c, err := a.Counted(ctx, scope, year)
	if err != nil {
		return nil, nil, err
	}
	f := statistics.Compile(c.Counted)
	return f, c.differences(f), nil
}

// counted is a year as counted, with what the ledger's own events come to.
type counted struct {
	statistics.Counted
	submitted, decided, withdrawn, appeals int64
	events                                 map[string]int64 // by type, of what came after licences were given
}

// differences are where figures say something else than the ledger's own events.
func (c counted) differences(f *statistics.Figures) []statistics.Difference {
	return append(f.Reconcile(c.submitted, c.decided, c.withdrawn, c.appeals), f.ReconcileOutcomes(c.events)...)
}

// Counted counts a year of the cases in scope, in one view of the database. The
// ledger's own events are counted where the scope is everything.
func (a *App) Counted(ctx context.Context, scope access.Scope, year int) (c counted, err error) {
	e, err := a.Engines(ctx)
	if err != nil {
		return c, err
	}
	now, zone := a.Now(), e.Calendar.Location()
	span := store.Span{Scope: scope}
	for month := time.January; month <= 13; month++ {
		span.Starts = append(span.Starts, time.Date(year, month, 1, 0, 0, 0, 0, zone))
	}
	from, to := span.Starts[0], span.Starts[12]
	c.Year, c.At, c.Complete = year, now, !now.Before(to)
	var received, ended []store.StatCount
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		head, err := t.Head()
		if err != nil {
			return err
		}
		c.Entry = head.Seq
		for _, q := range []struct {
			into *[]store.StatCount
			ask  func(store.Span) ([]store.StatCount, error)
		}{{&received, t.StatReceived}, {&ended, t.StatEnded}} {
			if *q.into, err = q.ask(span); err != nil {
				return err
			}
		}
		for _, q := range []struct {
			into *[]statistics.Count
			ask  func(store.Span) ([]store.StatCount, error)
		}{{&c.Destinations, t.StatDestinations}, {&c.Kinds, t.StatKinds}, {&c.Items, t.StatItems}, {&c.Grounds, t.StatGrounds}, {&c.Days, t.StatDays}, {&c.Later, t.StatLater}, {&c.Appeals, t.StatAppeals}, {&c.Outcomes, t.StatOutcomes}} {
			rows, err := q.ask(span)
			if err != nil {
				return err
			}
			*q.into = statCounts(rows)
		}
		for i := range c.Items {
			c.Items[i].Key, c.Items[i].Column = statistics.Entry(c.Items[i].Key), lineEnding[c.Items[i].Column]
		}
		sales, err := t.StatSales(span)
		if err != nil {
			return err
		}
		for _, s := range sales {
			c.Sales = append(c.Sales, statistics.Sale(s))
		}
		c.OpenBefore, err = t.StatOpen(scope, from)
		if err == nil {
			c.OpenAfter, err = t.StatOpen(scope, to)
		}
		if err == nil {
			c.Against, err = t.StatAgainst(span)
		}
		if err != nil || !scope.Everything {
			return err
		}
		events, err := t.EventsOf(from, to, append(statistics.OutcomeEvents(), "case.submitted", "case.decided", "case.withdrawn", "case.directed", "case.appeal_decided")...)
		c.events = events
		c.Directed = events["case.directed"]
		c.submitted, c.decided, c.withdrawn, c.appeals = events["case.submitted"], events["case.decided"], events["case.withdrawn"], events["case.appeal_decided"]
		return err
	})
	c.Months = append(statCounts(received), statCounts(ended)...)
	for i := range c.Months {
		if k := c.Months[i].Key; len(k) == 1 {
			c.Months[i].Key = "0" + k
		}
	}
	return c, fault.Wrap(err, "node: statistics")
}

// lineEnding is the column of a line's outcome.
var lineEnding = map[string]string{"issue": statistics.Issued, "refuse": statistics.Refused, "not_required": statistics.NotRequired, "undertaking": statistics.NotRequired, "needed": statistics.Answered, "advised": statistics.Answered}

func statCounts(rows []store.StatCount) []statistics.Count {
	out := make([]statistics.Count, len(rows))
	for i, r := range rows {
		out[i] = statistics.Count{Key: r.Key, Column: r.How, Apart: r.Apart, N: r.N}
	}
	return out
}

// YearCount is a count that a person asked for; Figures, or Report where it is
// for the public, are nil while it runs and where it failed.
type YearCount struct {
	store.StatRun
	countedYear
}

// YearCountOf is the latest count of a year that the actor asked for; nil where
// there is none.
func (a *App) YearCountOf(ctx context.Context, actor access.Actor, year int, public bool) (*YearCount, error) {
	if !access.Can(actor, access.StatisticsRead, access.Thing{}) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	var c YearCount
	var found bool
	err := a.db.View(ctx, func(t *store.Tx) (err error) {
		c.StatRun, found, err = t.LastStatRun(actor.Account, year, public)
		return err
	})
	if err != nil || !found {
		return nil, fault.Wrap(err, "node: statistics")
	}
	if len(c.Result) > 0 {
		if err := json.Unmarshal(c.Result, &c.countedYear); err != nil {
			return nil, fault.Wrap(err, "node: statistics")
		}
	}
	return &c, nil
}

// PublishStatistics tells the public what the actor's last count for the public
// of a year came to, exactly as they saw it.
type PublishStatistics struct {
	Run  string // of the count that was looked at
	Year int
	Note string
}

func publishStatistics(t *Tx, c PublishStatistics) error {
	if err := t.Must(access.StatisticsRead, access.StatisticsPublish, access.Thing{}); err != nil {
		return err
	}
	if err := t.inOwnWords(c.Note); err != nil {
		return err
	}
	run, found, err := t.LastStatRun(t.Actor.Account, c.Year, true)
	if err != nil {
		return fault.Wrap(err, "node: statistics")
	}
	var seen countedYear
	if found && len(run.Result) > 0 {
		if err := json.Unmarshal(run.Result, &seen); err != nil {
			return fault.Wrap(err, "node: statistics")
		}
	}
	if run.ID != c.Run || seen.Report == nil {
		return fault.New(fault.Conflict, "statistics.other_count")
	}
	s, _, err := load[*statistics.State](t, statistics.Stream(c.Year))
	if err != nil {
		return err
	}
	events, err := statistics.Decide(s, statistics.Publish{Report: seen.Report, Note: c.Note}, seen.Differences)
	if err != nil {
		return err
	}
	return t.Append(events)
}

// PublishedYears lists the years with a published report, the latest first.
// Anybody may read them.
func (a *App) PublishedYears(ctx context.Context) (out []store.StatYear, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		out, err = t.StatYears()
		return err
	})
	return out, fault.Wrap(err, "node: statistics")
}

// PublishedReport is one edition of a year's report, or with 0 the last.
func (a *App) PublishedReport(ctx context.Context, year, number int) (e *statistics.Edition, err error) {
	var s statistics.State
	err = a.db.View(ctx, func(t *store.Tx) error {
		_, err := t.Load(statistics.Stream(year), &s)
		return err
	})
	if err != nil {
		return nil, fault.Wrap(err, "node: statistics")
	}
	number = cmp.Or(number, len(s.Editions))
	if number < 1 || number > len(s.Editions) {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	return &s.Editions[number-1], nil
}
