package jobs_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/jobs/jobstest"
)

var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

func enqueue(t *testing.T, s jobs.Store, kind string) jobs.Job {
	t.Helper()
	j, err := jobs.New(kind, "", map[string]int{"n": 1}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Enqueue(t.Context(), j); err != nil {
		t.Fatal(err)
	}
	return j
}

// start runs the runner until the test ends, inside a synctest bubble.
func start(t *testing.T, r *jobs.Runner) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { r.Run(ctx); close(ended) }()
	return func() { cancel(); <-ended }
}

func middle() float64 { return 0.5 }

func TestFailuresAreTriedLessAndLessOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &jobstest.Memory{}
		began := time.Now()
		var at []time.Duration
		r := &jobs.Runner{Store: store, Log: quiet, Jitter: middle, Kinds: map[string]jobs.Kind{"a": {
			Attempts: 4,
			Run: func(context.Context, jobs.Job) error {
				at = append(at, time.Since(began).Truncate(time.Second))
				return errors.New("not yet")
			},
		}}}
		enqueue(t, store, "a")
		stop := start(t, r)
		time.Sleep(time.Hour)
		stop()
		// Pauses of 5, 10 and 20 s, each longer by an eighth, seen at the next poll.
		want := []time.Duration{0, 6 * time.Second, 18 * time.Second, 41 * time.Second}
		if len(at) != len(want) {
			t.Fatalf("tried at %v, want about %v", at, want)
		}
		for i := range want {
			if d := at[i] - want[i]; d < -time.Second || d > time.Second {
				t.Errorf("attempt %d at %v, want about %v", i+1, at[i], want[i])
			}
		}
		dead, _ := store.Dead(t.Context(), 10)
		if len(dead) != 1 || dead[0].LastError != "not yet" || dead[0].Attempts != 4 {
			t.Errorf("dead: %+v", dead)
		}
	})
}

func TestPanicIsContained(t *testing.T) {
	store := &jobstest.Memory{}
	done := 0
	r := &jobs.Runner{Store: store, Log: quiet, Kinds: map[string]jobs.Kind{
		"bad":  {Attempts: 1, Run: func(context.Context, jobs.Job) error { panic("a\x00b") }},
		"good": {Run: func(context.Context, jobs.Job) error { done++; return nil }},
	}}
	enqueue(t, store, "bad")
	enqueue(t, store, "good")
	if n := r.Drain(t.Context()); n != 2 || done != 1 {
		t.Errorf("%d attempts, %d done", n, done)
	}
	dead, _ := store.Dead(t.Context(), 10)
	if len(dead) != 1 || dead[0].LastError != "panic: ab" {
		t.Errorf("dead: %+v", dead)
	}
}

func TestPermanentErrorsAndUnreadableBodiesDieAtOnce(t *testing.T) {
	store := &jobstest.Memory{}
	r := &jobs.Runner{Store: store, Log: quiet, Kinds: map[string]jobs.Kind{"a": {
		Run: func(_ context.Context, j jobs.Job) error {
			var body []string
			return j.Decode(&body)
		},
	}}}
	enqueue(t, store, "a")
	r.Drain(t.Context())
	dead, _ := store.Dead(t.Context(), 10)
	if len(dead) != 1 || dead[0].Attempts != 1 || !strings.Contains(dead[0].LastError, "body of a ") {
		t.Errorf("dead: %+v", dead)
	}
}

// A job that ends the program each time must not go round for ever.
func TestPoisonDies(t *testing.T) {
	store := &jobstest.Memory{}
	j := enqueue(t, store, "a")
	now := time.Now()
	for range 2 { // two programs leased it and were never heard of again
		now = now.Add(time.Hour)
		if list, err := store.Lease(t.Context(), []string{"a"}, now, now.Add(time.Minute), 1); err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
	}
	now = now.Add(time.Hour)
	r := &jobs.Runner{Store: store, Log: quiet, Now: func() time.Time { return now }, Kinds: map[string]jobs.Kind{"a": {
		Attempts: 2,
		Run:      func(context.Context, jobs.Job) error { t.Error("was run once more"); return nil },
	}}}
	r.Drain(t.Context())
	if dead, _ := store.Dead(t.Context(), 10); len(dead) != 1 || dead[0].ID != j.ID {
		t.Errorf("dead: %+v", dead)
	}
}

func TestNoMoreAtOnceThanWorkers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &jobstest.Memory{}
		var now, most, total atomic.Int64
		r := &jobs.Runner{Store: store, Log: quiet, Workers: 3, Kinds: map[string]jobs.Kind{"a": {
			Run: func(context.Context, jobs.Job) error {
				if n := now.Add(1); n > most.Load() {
					most.Store(n)
				}
				time.Sleep(10 * time.Second)
				now.Add(-1)
				total.Add(1)
				return nil
			},
		}}}
		for range 10 {
			enqueue(t, store, "a")
		}
		began := time.Now()
		stop := start(t, r)
		for total.Load() < 10 {
			time.Sleep(time.Second)
		}
		if took := time.Since(began); took > 42*time.Second {
			t.Errorf("ten jobs of 10 s took %v on three workers", took)
		}
		stop()
		if most.Load() != 3 {
			t.Errorf("%d at once, want 3", most.Load())
		}
	})
}

// A long job keeps its lease; a second runner leaves it alone.
func TestLongJobKeepsItsLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &jobstest.Memory{}
		var runs atomic.Int64
		kinds := map[string]jobs.Kind{"a": {Timeout: time.Hour, Run: func(context.Context, jobs.Job) error {
			runs.Add(1)
			time.Sleep(10 * time.Minute)
			return nil
		}}}
		enqueue(t, store, "a")
		stop1 := start(t, &jobs.Runner{Store: store, Log: quiet, Kinds: kinds})
		stop2 := start(t, &jobs.Runner{Store: store, Log: quiet, Kinds: kinds})
		time.Sleep(30 * time.Minute)
		stop1()
		stop2()
		if runs.Load() != 1 {
			t.Errorf("ran %d times", runs.Load())
		}
	})
}

func TestHandlerIsStoppedWhenTheLeaseIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &jobstest.Memory{}
		stopped := make(chan time.Time, 1)
		j := enqueue(t, store, "a")
		stop := start(t, &jobs.Runner{Store: store, Log: quiet, Kinds: map[string]jobs.Kind{"a": {
			Run: func(ctx context.Context, _ jobs.Job) error {
				<-ctx.Done()
				stopped <- time.Now()
				return ctx.Err()
			},
		}}})
		synctest.Wait()
		began := time.Now()
		if err := store.Done(t.Context(), j.ID, 1, began); err != nil { // somebody else ended it
			t.Fatal(err)
		}
		if took := (<-stopped).Sub(began); took > time.Minute {
			t.Errorf("stopped after %v", took)
		}
		stop()
		if all := store.All(); all[0].State != jobs.Done {
			t.Errorf("the late report changed the job: %+v", all[0])
		}
	})
}

func TestStoppingGivesWorkBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &jobstest.Memory{}
		enqueue(t, store, "a")
		stop := start(t, &jobs.Runner{Store: store, Log: quiet, Kinds: map[string]jobs.Kind{"a": {
			Attempts: 1,
			Run:      func(ctx context.Context, _ jobs.Job) error { <-ctx.Done(); return ctx.Err() },
		}}})
		synctest.Wait()
		stop()
		b, _ := store.Backlog(t.Context(), time.Now())
		if b.Due != 1 || b.Dead != 0 {
			t.Errorf("after stopping: %+v", b)
		}
	})
}

func TestTimeoutFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &jobstest.Memory{}
		enqueue(t, store, "a")
		r := &jobs.Runner{Store: store, Log: quiet, Kinds: map[string]jobs.Kind{"a": {
			Attempts: 1, Timeout: 3 * time.Minute,
			Run: func(ctx context.Context, _ jobs.Job) error { <-ctx.Done(); return ctx.Err() },
		}}}
		r.Drain(t.Context())
		if dead, _ := store.Dead(t.Context(), 10); len(dead) != 1 || !strings.Contains(dead[0].LastError, "deadline") {
			t.Errorf("dead: %+v", dead)
		}
	})
}

func TestWakeDoesNotWaitForThePoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &jobstest.Memory{}
		done := make(chan time.Time, 1)
		r := &jobs.Runner{Store: store, Log: quiet, Poll: time.Hour, Kinds: map[string]jobs.Kind{"a": {
			Run: func(context.Context, jobs.Job) error { done <- time.Now(); return nil },
		}}}
		stop := start(t, r)
		defer stop()
		synctest.Wait()
		enqueue(t, store, "a")
		asked := time.Now()
		r.Wake()
		if took := (<-done).Sub(asked); took != 0 {
			t.Errorf("waited %v", took)
		}
	})
}

// Two processes and a restart: once in each span, and nothing made up for.
func TestRecurringOnceInEachSpan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &jobstest.Memory{}
		var runs atomic.Int64
		fresh := func() *jobs.Runner {
			return &jobs.Runner{
				Store: store, Log: quiet, Recurring: []jobs.Recurring{{Kind: "daily", Every: 24 * time.Hour}},
				Kinds: map[string]jobs.Kind{"daily": {Run: func(context.Context, jobs.Job) error { runs.Add(1); return nil }}},
				Poll:  time.Minute,
			}
		}
		stop1, stop2 := start(t, fresh()), start(t, fresh())
		time.Sleep(3*24*time.Hour - time.Hour) // the bubble begins at midnight
		if runs.Load() != 3 {
			t.Errorf("%d runs in three days", runs.Load())
		}
		stop1()
		stop2()
		time.Sleep(10 * 24 * time.Hour)
		stop := start(t, fresh())
		time.Sleep(30 * time.Minute)
		stop()
		if runs.Load() != 4 {
			t.Errorf("%d runs after ten days of nothing, want 4", runs.Load())
		}
		if n := len(store.All()); n != 1 {
			t.Errorf("%d jobs kept, want the last one only", n)
		}
	})
}

func TestUnknownKindsWait(t *testing.T) {
	store := &jobstest.Memory{}
	enqueue(t, store, "of another process")
	r := &jobs.Runner{Store: store, Log: quiet, Kinds: map[string]jobs.Kind{"a": {}}}
	if n := r.Drain(t.Context()); n != 0 {
		t.Errorf("%d attempts", n)
	}
	if b, _ := store.Backlog(t.Context(), time.Now()); b.Due != 1 {
		t.Errorf("%+v", b)
	}
}
