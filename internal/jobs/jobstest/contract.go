// Package jobstest says what a store of jobs must do, as tests that every store
// runs, and has a store in memory for tests of everything else.
package jobstest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/jobs"
)

// start is when every test of the contract begins.
var start = time.Date(2026, 11, 22, 10, 0, 0, 123456000, time.UTC)

// Contract runs the tests. newStore gives an empty store each time.
func Contract(t *testing.T, newStore func(t *testing.T) jobs.Store) {
	t.Helper()
	for _, c := range []struct {
		name string
		run  func(*testing.T, jobs.Store)
	}{
		{"a job comes back as it was added", sameJob},
		{"a key is taken once, also after the job is done", keyOnce},
		{"only what is due, free and of a kind asked for is leased", onlyDue},
		{"the longest due comes first", longestDueFirst},
		{"a lease that ran out is given to another, and the first is told", leaseRunsOut},
		{"a lease can be extended", extend},
		{"a retry waits for its time", retry},
		{"a dead job stays until it is revived", deadAndRevived},
		{"done jobs are emptied and purged after a while", purge},
		{"the backlog is counted", backlog},
		{"no job is leased twice at the same time", noneTwice},
	} {
		t.Run(strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) { c.run(t, newStore(t)) })
	}
}

func add(t *testing.T, s jobs.Store, kind, key string, at time.Time) jobs.Job {
	t.Helper()
	j, err := jobs.New(kind, key, map[string]string{"name": "Ünïcode"}, start)
	if err != nil {
		t.Fatal(err)
	}
	j = j.At(at)
	if added, err := s.Enqueue(t.Context(), j); err != nil || !added {
		t.Fatalf("add: %v, %v", added, err)
	}
	return j
}

func lease(t *testing.T, s jobs.Store, now time.Time, n int, kinds ...string) []jobs.Job {
	t.Helper()
	list, err := s.Lease(t.Context(), kinds, now, now.Add(time.Minute), n)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// one leases the only job that there is to lease.
func one(t *testing.T, s jobs.Store, now time.Time) jobs.Job {
	t.Helper()
	list := lease(t, s, now, 10, "a", "b")
	if len(list) != 1 {
		t.Fatalf("leased %d jobs, want one: %+v", len(list), list)
	}
	return list[0]
}

func none(t *testing.T, s jobs.Store, now time.Time) {
	t.Helper()
	if list := lease(t, s, now, 10, "a", "b"); len(list) != 0 {
		t.Fatalf("leased %+v, want none", list)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func lost(t *testing.T, what string, err error) {
	t.Helper()
	if !errors.Is(err, jobs.ErrLost) {
		t.Errorf("%s: %v, want ErrLost", what, err)
	}
}

func sameJob(t *testing.T, s jobs.Store) {
	added := add(t, s, "a", "key/1", start)
	got := one(t, s, start)
	if got.ID != added.ID || got.Kind != "a" || got.Key != "key/1" || string(got.Body) != string(added.Body) {
		t.Errorf("got %+v, added %+v", got, added)
	}
	if got.State != jobs.Waiting || !got.RunAt.Equal(start) || got.Attempts != 1 || got.LastError != "" {
		t.Errorf("got %+v", got)
	}
	if !got.LeasedUntil.Equal(start.Add(time.Minute)) || got.RunAt.Location() != time.UTC {
		t.Errorf("leased until %v, due %v", got.LeasedUntil, got.RunAt)
	}
}

func keyOnce(t *testing.T, s jobs.Store) {
	add(t, s, "a", "", start)
	add(t, s, "a", "", start) // no key, no bound
	first := add(t, s, "b", "same", start)
	again, err := jobs.New("b", "same", nil, start)
	ok(t, err)
	added, err := s.Enqueue(t.Context(), again)
	if ok(t, err); added {
		t.Error("added twice while waiting")
	}
	got := lease(t, s, start, 10, "b")
	if len(got) != 1 || got[0].ID != first.ID {
		t.Fatalf("leased %+v", got)
	}
	ok(t, s.Done(t.Context(), first.ID, 1, start))
	added, err = s.Enqueue(t.Context(), again)
	if ok(t, err); added {
		t.Error("added again after it was done")
	}
}

func onlyDue(t *testing.T, s jobs.Store) {
	add(t, s, "a", "", start.Add(time.Microsecond))
	add(t, s, "unknown", "", start)
	none(t, s, start)
	one(t, s, start.Add(time.Microsecond))
	none(t, s, start.Add(time.Microsecond))
	if list := lease(t, s, start.Add(time.Hour), 10); len(list) != 0 {
		t.Errorf("asked for no kind, got %+v", list)
	}
}

func longestDueFirst(t *testing.T, s jobs.Store) {
	var want []string
	for i := range 5 {
		want = append(want, add(t, s, "a", "", start.Add(-time.Duration(i)*time.Minute)).ID)
	}
	slices.Reverse(want)
	first, second := lease(t, s, start, 2, "a"), lease(t, s, start, 10, "a")
	var got []string
	for _, j := range append(first, second...) {
		got = append(got, j.ID)
	}
	if len(first) != 2 || !slices.Equal(got, want) {
		t.Errorf("leased %d and %v, want 2 and %v", len(first), got, want)
	}
}

func leaseRunsOut(t *testing.T, s jobs.Store) {
	j := add(t, s, "a", "", start)
	one(t, s, start)
	none(t, s, start.Add(time.Minute-time.Microsecond))
	later := start.Add(time.Minute)
	if second := one(t, s, later); second.Attempts != 2 {
		t.Errorf("attempts %d, want 2", second.Attempts)
	}
	ctx := t.Context()
	lost(t, "extend", s.Extend(ctx, j.ID, 1, later))
	lost(t, "done", s.Done(ctx, j.ID, 1, later))
	lost(t, "retry", s.Retry(ctx, j.ID, 1, later, later, "x"))
	lost(t, "bury", s.Bury(ctx, j.ID, 1, later, "x"))
	lost(t, "a job that is not there", s.Done(ctx, "none", 1, later))
	ok(t, s.Done(ctx, j.ID, 2, later))
	lost(t, "done again", s.Done(ctx, j.ID, 2, later))
}

func extend(t *testing.T, s jobs.Store) {
	j := add(t, s, "a", "", start)
	one(t, s, start)
	ok(t, s.Extend(t.Context(), j.ID, 1, start.Add(time.Hour)))
	none(t, s, start.Add(time.Hour-time.Microsecond))
	one(t, s, start.Add(time.Hour))
}

func retry(t *testing.T, s jobs.Store) {
	j := add(t, s, "a", "", start)
	one(t, s, start)
	at := start.Add(5 * time.Second)
	ok(t, s.Retry(t.Context(), j.ID, 1, start, at, "the printer is on fire"))
	none(t, s, at.Add(-time.Microsecond))
	got := one(t, s, at)
	if got.Attempts != 2 || got.LastError != "the printer is on fire" || len(got.Body) == 0 {
		t.Errorf("got %+v", got)
	}
}

func deadAndRevived(t *testing.T, s jobs.Store) {
	ctx := t.Context()
	var ids []string
	for i := range 3 {
		j := add(t, s, "a", "", start)
		now := start.Add(time.Duration(i) * time.Second)
		one(t, s, now)
		ok(t, s.Bury(ctx, j.ID, 1, now, fmt.Sprintf("reason %d", i)))
		ids = append(ids, j.ID)
	}
	later := start.Add(time.Hour)
	none(t, s, later)
	dead, err := s.Dead(ctx, 2)
	ok(t, err)
	if len(dead) != 2 || dead[0].ID != ids[2] || dead[1].ID != ids[1] || dead[0].LastError != "reason 2" || dead[0].State != jobs.Dead {
		t.Errorf("dead: %+v", dead)
	}
	revived, err := s.Revive(ctx, ids[1], later)
	if ok(t, err); !revived {
		t.Error("not revived")
	}
	if got := one(t, s, later); got.ID != ids[1] || got.Attempts != 1 || len(got.Body) == 0 {
		t.Errorf("revived: %+v", got)
	}
	revived, err = s.Revive(ctx, ids[1], later)
	if ok(t, err); revived {
		t.Error("a waiting job was revived")
	}
}

func purge(t *testing.T, s jobs.Store) {
	ctx := t.Context()
	j := add(t, s, "a", "purged", start)
	one(t, s, start)
	ok(t, s.Done(ctx, j.ID, 1, start))
	none(t, s, start.Add(time.Hour))
	add(t, s, "a", "", start.Add(time.Hour)) // a waiting one stays
	n, err := s.Purge(ctx, start)
	if ok(t, err); n != 0 {
		t.Errorf("purged %d too early", n)
	}
	n, err = s.Purge(ctx, start.Add(time.Microsecond))
	if ok(t, err); n != 1 {
		t.Errorf("purged %d, want 1", n)
	}
	add(t, s, "a", "purged", start) // the key is free again
}

func backlog(t *testing.T, s jobs.Store) {
	ctx := t.Context()
	check := func(now time.Time, want jobs.Backlog) {
		t.Helper()
		got, err := s.Backlog(ctx, now)
		ok(t, err)
		if got.Due != want.Due || got.Dead != want.Dead || !got.Oldest.Equal(want.Oldest) {
			t.Errorf("backlog %+v, want %+v", got, want)
		}
	}
	check(start, jobs.Backlog{})
	first := add(t, s, "a", "", start)
	add(t, s, "b", "", start.Add(time.Second))
	add(t, s, "unknown", "", start.Add(time.Hour))
	check(start.Add(time.Second), jobs.Backlog{Due: 2, Oldest: start})
	lease(t, s, start, 1, "a")
	check(start.Add(time.Second), jobs.Backlog{Due: 1, Oldest: start.Add(time.Second)})
	ok(t, s.Bury(ctx, first.ID, 1, start, "x"))
	check(start.Add(time.Hour), jobs.Backlog{Due: 2, Oldest: start.Add(time.Second), Dead: 1})
}

func noneTwice(t *testing.T, s jobs.Store) {
	const total = 40
	for range total {
		add(t, s, "a", "", start)
	}
	var mu sync.Mutex
	seen := map[string]int{}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for {
				list, err := s.Lease(t.Context(), []string{"a"}, start, start.Add(time.Minute), 3)
				if err != nil {
					t.Error(err)
					return
				}
				if len(list) == 0 {
					return
				}
				mu.Lock()
				for _, j := range list {
					seen[j.ID]++
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	if len(seen) != total {
		t.Errorf("%d jobs leased, want %d", len(seen), total)
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("job %s was leased %d times", id, n)
		}
	}
}
