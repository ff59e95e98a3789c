package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
)

// Kind says how jobs of one kind are run.
type Kind struct {
	// Run does the work. Its context ends with the Timeout, when the lease is
	// lost, and when the program is asked to stop.
	Run      func(ctx context.Context, j Job) error
	Attempts int           // until the job is dead; 0 means 12, about half a day
	Timeout  time.Duration // for one attempt; 0 means 10 minutes
}

// Recurring is a job that is due once in every span of time, whichever process
// comes first. Spans begin at whole multiples of Every since the year 1, UTC: a
// daily one at midnight. Spans in which no program ran are not made up for.
type Recurring struct {
	Kind  string
	Every time.Duration
}

const (
	defaultAttempts = 12
	defaultTimeout  = 10 * time.Minute
	defaultLease    = time.Minute
	defaultPoll     = time.Second
	defaultWorkers  = 2

	firstPause = 5 * time.Second
	longPause  = 2 * time.Hour

	keepDone = 7 * 24 * time.Hour // and at least two spans of every Recurring
	maxError = 1000               // bytes of LastError
)

// Runner runs jobs. Set its fields before Run or Drain and leave them then.
type Runner struct {
	Store     Store
	Kinds     map[string]Kind // only jobs of these kinds are leased
	Recurring []Recurring
	Workers   int              // how many at once; 0 means 2
	Lease     time.Duration    // how long a crashed program holds a job back; 0 means a minute
	Poll      time.Duration    // how often to look unasked; 0 means a second
	Now       func() time.Time // nil means time.Now
	Jitter    func() float64   // in [0,1), spreads retries; nil means math/rand
	Log       *slog.Logger     // nil means slog.Default

	setUp sync.Once
	wake  chan struct{}
	kinds []string // sorted
	// scheduled holds the latest span (time.Time) added for each recurring
	// kind, and under "" the latest day of purging. Only Run or Drain, of
	// which one is called at a time, touches it.
	scheduled map[string]time.Time
}

func (r *Runner) init() {
	r.setUp.Do(func() {
		r.wake = make(chan struct{}, 1)
		r.scheduled = map[string]time.Time{}
		for k := range r.Kinds {
			r.kinds = append(r.kinds, k)
		}
		slices.Sort(r.kinds)
		r.Workers = or(r.Workers, defaultWorkers)
		r.Lease = or(r.Lease, defaultLease)
		r.Poll = or(r.Poll, defaultPoll)
		if r.Now == nil {
			r.Now = time.Now
		}
		if r.Jitter == nil {
			r.Jitter = rand.Float64
		}
		if r.Log == nil {
			r.Log = slog.Default()
		}
	})
}

func or[T int | time.Duration](v, otherwise T) T {
	if v > 0 {
		return v
	}
	return otherwise
}

// Wake makes a running Runner look at once: call it after a commit that added a
// job. Without it the job waits for the next poll.
func (r *Runner) Wake() {
	r.init()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run runs jobs until the context ends. Then it takes no more, asks the handlers
// to stop, waits for them and gives back what they did not finish.
func (r *Runner) Run(ctx context.Context) {
	r.init()
	var running sync.WaitGroup
	defer running.Wait()
	free := make(chan struct{}, r.Workers)
	for range r.Workers {
		free <- struct{}{}
	}
	poll := time.NewTicker(r.Poll)
	defer poll.Stop()
	for {
		r.schedule(ctx)
		full := r.take(ctx, free, &running)
		if full {
			// All workers are busy: the next thing that matters is one of them
			// coming free.
			select {
			case <-ctx.Done():
				return
			case f := <-free:
				free <- f
			}
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-r.wake:
		case <-poll.C:
		}
	}
}

// take leases as many jobs as there are free workers and starts them. It tells
// whether there may be more than it could take.
func (r *Runner) take(ctx context.Context, free chan struct{}, running *sync.WaitGroup) (full bool) {
	n := len(free)
	if n == 0 {
		return true
	}
	leased := r.lease(ctx, n)
	for _, j := range leased {
		<-free
		running.Go(func() {
			defer func() { free <- struct{}{} }()
			r.one(ctx, j)
		})
	}
	return len(leased) == n
}

// Drain runs every job that is due, one after another, and those that become
// due by them, and tells how many attempts it made. Tests and programs that do
// one thing and end use it in place of Run.
func (r *Runner) Drain(ctx context.Context) (attempts int) {
	r.init()
	r.schedule(ctx)
	for ctx.Err() == nil {
		leased := r.lease(ctx, 1)
		if len(leased) == 0 {
			break
		}
		r.one(ctx, leased[0])
		attempts++
	}
	return attempts
}

func (r *Runner) lease(ctx context.Context, n int) []Job {
	now := r.now()
	leased, err := r.Store.Lease(ctx, r.kinds, now, now.Add(r.Lease), n)
	if err != nil && ctx.Err() == nil {
		r.Log.Error("jobs can't be leased", "error", err)
	}
	return leased
}

func (r *Runner) now() time.Time { return r.Now().UTC().Truncate(time.Microsecond) }

// one runs one attempt and reports on it.
func (r *Runner) one(ctx context.Context, j Job) {
	kind := r.Kinds[j.Kind]
	most := or(kind.Attempts, defaultAttempts)
	log := r.Log.With("job", j.ID, "kind", j.Kind, "attempt", j.Attempts)
	// The report must get through even while the program is asked to stop.
	report, cancel := context.WithTimeout(context.WithoutCancel(ctx), or(kind.Timeout, defaultTimeout)+time.Minute)
	defer cancel()

	var err error
	if j.Attempts > most {
		// Each lease counts before the work begins, so a job that takes the
		// program down with it ends here instead of going round for ever.
		err = Permanent(errors.New("the program ended during each attempt; last known: " + j.LastError))
	} else {
		err = r.attempt(ctx, j, or(kind.Timeout, defaultTimeout))
	}
	now := r.now()
	var final *permanent
	switch {
	case err == nil:
		err = r.Store.Done(report, j.ID, j.Attempts, now)
	case ctx.Err() != nil:
		log.Info("job given back: the program is stopping")
		err = r.Store.Retry(report, j.ID, j.Attempts, now, now, bounded(err))
	case errors.As(err, &final) || j.Attempts >= most:
		log.Error("job is dead", "error", err)
		err = r.Store.Bury(report, j.ID, j.Attempts, now, bounded(err))
	default:
		next := now.Add(r.pause(j.Attempts))
		log.Warn("job failed, will be tried again", "error", err, "at", next)
		err = r.Store.Retry(report, j.ID, j.Attempts, now, next, bounded(err))
	}
	if err != nil {
		// Nothing is lost: the lease runs out and the job is taken again.
		log.Error("the end of a job could not be noted", "error", err)
	}
}

// attempt runs the handler once, holding the lease meanwhile.
func (r *Runner) attempt(ctx context.Context, j Job, timeout time.Duration) (err error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var holding sync.WaitGroup
	defer holding.Wait()
	ended := make(chan struct{})
	defer close(ended)
	holding.Go(func() { r.hold(ctx, cancel, j, ended) })
	defer func() {
		if p := recover(); p != nil {
			r.Log.Error("a job's handler panicked", "job", j.ID, "kind", j.Kind, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return r.Kinds[j.Kind].Run(ctx, j)
}

// hold extends the lease while the handler works, and stops the handler when
// another runner has taken the job.
func (r *Runner) hold(ctx context.Context, stop context.CancelFunc, j Job, ended <-chan struct{}) {
	tick := time.NewTicker(r.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := r.Store.Extend(ctx, j.ID, j.Attempts, r.now().Add(r.Lease))
		if errors.Is(err, ErrLost) {
			stop()
			return
		}
		if err != nil && ctx.Err() == nil {
			r.Log.Warn("a lease could not be extended", "job", j.ID, "error", err)
		}
	}
}

// pause is how long to wait after a failed attempt: 5 s, 10 s, 20 s, up to two
// hours, each longer by up to a quarter so that what failed together is not
// tried again together.
func (r *Runner) pause(attempt int) time.Duration {
	p := longPause
	if attempt < 12 { // 5 s * 2^11 is over two hours
		p = min(firstPause<<(attempt-1), longPause)
	}
	return p + time.Duration(r.Jitter()*float64(p)/4).Truncate(time.Microsecond)
}

// schedule adds the recurring jobs of the present spans and drops what was done
// long ago.
func (r *Runner) schedule(ctx context.Context) {
	now := r.now()
	for _, rec := range r.Recurring {
		span := now.Truncate(rec.Every)
		if r.scheduled[rec.Kind].Equal(span) {
			continue
		}
		j, err := New(rec.Kind, rec.Kind+"@"+span.Format(time.RFC3339Nano), struct{}{}, now)
		if err == nil {
			_, err = r.Store.Enqueue(ctx, j)
		}
		if err == nil {
			r.scheduled[rec.Kind] = span
		} else if ctx.Err() == nil {
			r.Log.Error("a recurring job can't be added", "kind", rec.Kind, "error", err)
		}
	}
	if day := now.Truncate(24 * time.Hour); !r.scheduled[""].Equal(day) {
		// A done job's key is what keeps another process from adding it again.
		keep := keepDone
		for _, rec := range r.Recurring {
			keep = max(keep, 2*rec.Every)
		}
		if _, err := r.Store.Purge(ctx, now.Add(-keep)); err == nil {
			r.scheduled[""] = day
		} else if ctx.Err() == nil {
			r.Log.Error("done jobs can't be removed", "error", err)
		}
	}
}

func bounded(err error) string {
	s := err.Error()
	if len(s) > maxError {
		s = s[:maxError]
	}
	// PostgreSQL takes no zero byte in a text.
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
}
