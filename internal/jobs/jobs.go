// Package jobs does work that must not be lost and need not be done at once:
// letters, notifications, checkpoints, fetching lists, rotating keys. A job is a
// row, written in the transaction of the command that wants it, so there is
// never one without the other. A Runner leases due rows, runs the handler of
// their kind, and tries again later, less and less often, when it fails. After
// its last attempt a job is dead: it stays, with what went wrong, until a person
// revives it.
//
// A handler may be run more than once for one job: the program may end between
// the work and the note that it is done. Handlers make that harmless, by sending
// a command with an idempotency key (the job's id serves) or by looking first.
package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Job is one piece of work.
type Job struct {
	ID   string // UUIDv7
	Kind string // chooses the handler: "letter.send"
	// Key, where not empty, makes the job unique: a second job with the same
	// key is not added while the first is kept, done ones included.
	Key  string
	Body []byte // JSON, the handler's own; emptied when the job is done

	State       State
	RunAt       time.Time // UTC, microseconds: not before then
	LeasedUntil time.Time // zero when no runner has it
	// Attempts counts how often the job was leased. It also fences: whoever
	// reports on an attempt that is not the latest is told ErrLost.
	Attempts  int
	LastError string // for the administrator; never shown to others
	Changed   time.Time
}

// State is where a job stands.
type State string

// The states. A leased job is a waiting one with LeasedUntil set.
const (
	Waiting State = "waiting"
	Done    State = "done"
	Dead    State = "dead"
)

// New makes a job that is due at once. body is encoded as JSON; key may be empty.
func New(kind, key string, body any, now time.Time) (Job, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return Job{}, fmt.Errorf("jobs: the body of a %s: %w", kind, err)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Job{}, fmt.Errorf("jobs: %w", err)
	}
	now = now.UTC().Truncate(time.Microsecond)
	return Job{ID: id.String(), Kind: kind, Key: key, Body: b, State: Waiting, RunAt: now, Changed: now}, nil
}

// At sets when the job is due and returns it.
func (j Job) At(t time.Time) Job {
	j.RunAt = t.UTC().Truncate(time.Microsecond)
	return j
}

// Decode reads the body. A body that can't be read never will: the error is
// permanent.
func (j Job) Decode(into any) error {
	if err := json.Unmarshal(j.Body, into); err != nil {
		return Permanent(fmt.Errorf("jobs: the body of %s %s: %w", j.Kind, j.ID, err))
	}
	return nil
}

// Store keeps jobs. Each method is one transaction; a command enqueues in its
// own instead. jobstest.Contract says precisely what is expected.
type Store interface {
	// Enqueue adds a waiting job, unless one with its key is kept; it tells which.
	Enqueue(ctx context.Context, j Job) (added bool, err error)
	// Lease takes up to n waiting jobs of these kinds that are due and not
	// leased by anybody beyond now, the longest due first, counts an attempt
	// on each, and marks them leased until the given time.
	Lease(ctx context.Context, kinds []string, now, until time.Time, n int) ([]Job, error)
	// Extend moves the end of a lease.
	Extend(ctx context.Context, id string, attempt int, until time.Time) error
	// Done ends a job and empties its body.
	Done(ctx context.Context, id string, attempt int, now time.Time) error
	// Retry gives a job back, due at a later time, with what went wrong.
	Retry(ctx context.Context, id string, attempt int, now, runAt time.Time, why string) error
	// Bury marks a job dead, with what went wrong.
	Bury(ctx context.Context, id string, attempt int, now time.Time, why string) error
	// Purge removes done jobs that have not changed since a time.
	Purge(ctx context.Context, before time.Time) (removed int, err error)
	// Dead lists dead jobs, the latest first.
	Dead(ctx context.Context, limit int) ([]Job, error)
	// Revive makes a dead job due now, its attempts counted from zero. It tells
	// whether there was one.
	Revive(ctx context.Context, id string, now time.Time) (revived bool, err error)
	// Backlog counts what is due and what is dead.
	Backlog(ctx context.Context, now time.Time) (Backlog, error)
}

// Backlog says whether work piles up.
type Backlog struct {
	Due    int       // waiting, due and not leased
	Oldest time.Time // since when the longest due is; zero when none
	Dead   int
}

// ErrLost is the answer to a report on an attempt that is not the job's latest:
// the lease ran out and another runner has the job, or it was ended.
var ErrLost = errors.New("jobs: the lease on this job was lost")

// Permanent marks an error that no further attempt can cure: the job dies at once.
func Permanent(err error) error { return &permanent{err} }

type permanent struct{ error }

func (p *permanent) Unwrap() error { return p.error }
