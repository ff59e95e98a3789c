package jobstest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/comity-project/comity/internal/jobs"
)

// Memory keeps jobs in memory, for tests of what runs jobs rather than of what
// stores them. The zero value is ready.
type Memory struct {
	mu   sync.Mutex // guards list
	list []jobs.Job
}

var _ jobs.Store = (*Memory)(nil)

// All gives a copy of every job, in the order they were added.
func (m *Memory) All() []jobs.Job {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.list)
}

// Enqueue implements jobs.Store.
func (m *Memory) Enqueue(_ context.Context, j jobs.Job) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, have := range m.list {
		if j.Key != "" && have.Key == j.Key {
			return false, nil
		}
	}
	m.list = append(m.list, j)
	return true, nil
}

// Lease implements jobs.Store.
func (m *Memory) Lease(_ context.Context, kinds []string, now, until time.Time, n int) ([]jobs.Job, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var due []*jobs.Job
	for i := range m.list {
		j := &m.list[i]
		if j.State == jobs.Waiting && !j.RunAt.After(now) && !j.LeasedUntil.After(now) && slices.Contains(kinds, j.Kind) {
			due = append(due, j)
		}
	}
	slices.SortFunc(due, func(a, b *jobs.Job) int {
		if c := a.RunAt.Compare(b.RunAt); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	var leased []jobs.Job
	for _, j := range due[:min(n, len(due))] {
		j.LeasedUntil, j.Changed = until, now
		j.Attempts++
		leased = append(leased, *j)
	}
	return leased, nil
}

// held finds a job whose latest attempt this is.
func (m *Memory) held(id string, attempt int) (*jobs.Job, error) {
	for i := range m.list {
		j := &m.list[i]
		if j.ID == id && j.Attempts == attempt && j.State == jobs.Waiting && !j.LeasedUntil.IsZero() {
			return j, nil
		}
	}
	return nil, jobs.ErrLost
}

// Extend implements jobs.Store.
func (m *Memory) Extend(_ context.Context, id string, attempt int, until time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	j, err := m.held(id, attempt)
	if err == nil {
		j.LeasedUntil = until
	}
	return err
}

// Done implements jobs.Store.
func (m *Memory) Done(_ context.Context, id string, attempt int, now time.Time) error {
	return m.end(id, attempt, now, func(j *jobs.Job) { j.State, j.Body = jobs.Done, nil })
}

// Retry implements jobs.Store.
func (m *Memory) Retry(_ context.Context, id string, attempt int, now, runAt time.Time, why string) error {
	return m.end(id, attempt, now, func(j *jobs.Job) { j.RunAt, j.LastError = runAt, why })
}

// Bury implements jobs.Store.
func (m *Memory) Bury(_ context.Context, id string, attempt int, now time.Time, why string) error {
	return m.end(id, attempt, now, func(j *jobs.Job) { j.State, j.LastError = jobs.Dead, why })
}

func (m *Memory) end(id string, attempt int, now time.Time, change func(*jobs.Job)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	j, err := m.held(id, attempt)
	if err != nil {
		return err
	}
	j.LeasedUntil, j.Changed = time.Time{}, now
	change(j)
	return nil
}

// Purge implements jobs.Store.
func (m *Memory) Purge(_ context.Context, before time.Time) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := len(m.list)
	m.list = slices.DeleteFunc(m.list, func(j jobs.Job) bool { return j.State == jobs.Done && j.Changed.Before(before) })
	return n - len(m.list), nil
}

// Dead implements jobs.Store.
func (m *Memory) Dead(_ context.Context, limit int) ([]jobs.Job, error) {
	var dead []jobs.Job
	for _, j := range m.All() {
		if j.State == jobs.Dead {
			dead = append(dead, j)
		}
	}
	slices.SortStableFunc(dead, func(a, b jobs.Job) int { return b.Changed.Compare(a.Changed) })
	return dead[:min(limit, len(dead))], nil
}

// Revive implements jobs.Store.
func (m *Memory) Revive(_ context.Context, id string, now time.Time) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.list {
		if j := &m.list[i]; j.ID == id && j.State == jobs.Dead {
			j.State, j.Attempts, j.RunAt, j.Changed = jobs.Waiting, 0, now, now
			return true, nil
		}
	}
	return false, nil
}

// Backlog implements jobs.Store.
func (m *Memory) Backlog(_ context.Context, now time.Time) (jobs.Backlog, error) {
	var b jobs.Backlog
	for _, j := range m.All() {
		switch {
		case j.State == jobs.Dead:
			b.Dead++
		case j.State == jobs.Waiting && !j.RunAt.After(now) && !j.LeasedUntil.After(now):
			if b.Due++; b.Oldest.IsZero() || j.RunAt.Before(b.Oldest) {
				b.Oldest = j.RunAt
			}
		}
	}
	return b, nil
}
