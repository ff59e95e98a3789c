package store

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/jobs"
)

// Jobs is the table of jobs as a jobs.Store: each method one transaction.
type Jobs struct{ db *DB }

// Jobs gives the table of jobs.
func (db *DB) Jobs() Jobs { return Jobs{db} }

var _ jobs.Store = Jobs{}

const jobColumns = `id, kind, key, body, state, run_at, leased_until, attempts, last_error, changed`

func scanJob(scan func(...any) error) (j jobs.Job, err error) {
	var key *string
	var runAt, changed, attempts int64
	var leased *int64
	var state string
	if err = scan(&j.ID, &j.Kind, &key, &j.Body, &state, &runAt, &leased, &attempts, &j.LastError, &changed); err != nil {
		return j, err
	}
	if key != nil {
		j.Key = *key
	}
	if leased != nil {
		j.LeasedUntil = time.UnixMicro(*leased).UTC()
	}
	j.State, j.Attempts = jobs.State(state), int(attempts)
	j.RunAt, j.Changed = time.UnixMicro(runAt).UTC(), time.UnixMicro(changed).UTC()
	return j, nil
}

// Enqueue adds a job in the transaction of the command that wants it; one whose
// key is there already is not added.
func (t *Tx) Enqueue(j jobs.Job) error {
	_, err := t.enqueue(j)
	return err
}

func (t *Tx) enqueue(j jobs.Job) (added bool, err error) {
	var key any
	if j.Key != "" {
		key = j.Key
	}
	var id string
	return t.row(`INSERT INTO job (`+jobColumns+`) VALUES ($1, $2, $3, $4, $5, $6, NULL, 0, '', $7) ON CONFLICT (key) DO NOTHING RETURNING id`,
		[]any{j.ID, j.Kind, key, j.Body, string(jobs.Waiting), j.RunAt.UnixMicro(), j.Changed.UnixMicro()}, &id)
}

// Enqueue implements jobs.Store.
func (s Jobs) Enqueue(ctx context.Context, j jobs.Job) (added bool, err error) {
	err = s.db.Update(ctx, func(t *Tx) error {
		added, err = t.enqueue(j)
		return err
	})
	return added, err
}

// Lease implements jobs.Store. It looks before it writes, so that an idle node
// writes nothing.
func (s Jobs) Lease(ctx context.Context, kinds []string, now, until time.Time, n int) (out []jobs.Job, err error) {
	if len(kinds) == 0 || n <= 0 {
		return nil, nil
	}
	args := []any{string(jobs.Waiting), now.UnixMicro(), int64(n)}
	marks := make([]string, len(kinds))
	for i, k := range kinds {
		args = append(args, k)
		marks[i] = "$" + strconv.Itoa(len(args))
	}
	find := `FROM job WHERE state = $1 AND run_at <= $2 AND (leased_until IS NULL OR leased_until <= $2) AND kind IN (` +
		strings.Join(marks, ", ") + `) ORDER BY run_at, id LIMIT $3`
	there := false
	if err := s.db.View(ctx, func(t *Tx) error {
		var id string
		var err error
		there, err = t.row(`SELECT id `+find, args, &id)
		return err
	}); err != nil || !there {
		return nil, err
	}
	err = s.db.Update(ctx, func(t *Tx) error {
		out = out[:0]
		if err := t.each(`SELECT `+jobColumns+` `+find, args, func(scan func(...any) error) error {
			j, err := scanJob(scan)
			out = append(out, j)
			return err
		}); err != nil {
			return err
		}
		for i := range out {
			out[i].Attempts++
			out[i].LeasedUntil = until.UTC().Truncate(time.Microsecond)
			if err := t.exec(`UPDATE job SET attempts = $2, leased_until = $3 WHERE id = $1`, out[i].ID, int64(out[i].Attempts), until.UnixMicro()); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// report changes a job that is still on this attempt.
func (s Jobs) report(ctx context.Context, set string, args ...any) error {
	return s.db.Update(ctx, func(t *Tx) error {
		var id string
		found, err := t.row(`UPDATE job SET `+set+` WHERE id = $1 AND attempts = $2 AND state = $3 AND leased_until IS NOT NULL RETURNING id`, args, &id)
		if err == nil && !found {
			return jobs.ErrLost
		}
		return err
	})
}

// Extend implements jobs.Store.
func (s Jobs) Extend(ctx context.Context, id string, attempt int, until time.Time) error {
	return s.report(ctx, `leased_until = $4`, id, int64(attempt), string(jobs.Waiting), until.UnixMicro())
}

// Done implements jobs.Store.
func (s Jobs) Done(ctx context.Context, id string, attempt int, now time.Time) error {
	return s.report(ctx, `state = $4, changed = $5, body = $6, leased_until = NULL`, id, int64(attempt), string(jobs.Waiting),
		string(jobs.Done), now.UnixMicro(), []byte{})
}

// Retry implements jobs.Store.
func (s Jobs) Retry(ctx context.Context, id string, attempt int, now, runAt time.Time, why string) error {
	return s.report(ctx, `run_at = $4, changed = $5, last_error = $6, leased_until = NULL`, id, int64(attempt), string(jobs.Waiting),
		runAt.UnixMicro(), now.UnixMicro(), why)
}

// Bury implements jobs.Store.
func (s Jobs) Bury(ctx context.Context, id string, attempt int, now time.Time, why string) error {
	return s.report(ctx, `state = $4, changed = $5, last_error = $6, leased_until = NULL`, id, int64(attempt), string(jobs.Waiting),
		string(jobs.Dead), now.UnixMicro(), why)
}

// Purge implements jobs.Store.
func (s Jobs) Purge(ctx context.Context, before time.Time) (removed int, err error) {
	err = s.db.Update(ctx, func(t *Tx) error {
		removed = 0
		return t.each(`DELETE FROM job WHERE state = $1 AND changed < $2 RETURNING id`, []any{string(jobs.Done), before.UnixMicro()},
			func(scan func(...any) error) error {
				var id string
				removed++
				return scan(&id)
			})
	})
	return removed, err
}

// Dead implements jobs.Store.
func (s Jobs) Dead(ctx context.Context, limit int) (out []jobs.Job, err error) {
	err = s.db.View(ctx, func(t *Tx) error {
		return t.each(`SELECT `+jobColumns+` FROM job WHERE state = $1 ORDER BY changed DESC, id DESC LIMIT $2`, []any{string(jobs.Dead), int64(limit)},
			func(scan func(...any) error) error {
				j, err := scanJob(scan)
				out = append(out, j)
				return err
			})
	})
	return out, err
}

// Revive implements jobs.Store.
func (s Jobs) Revive(ctx context.Context, id string, now time.Time) (revived bool, err error) {
	err = s.db.Update(ctx, func(t *Tx) error {
		var got string
		revived, err = t.row(`UPDATE job SET state = $2, run_at = $3, changed = $3, attempts = 0 WHERE id = $1 AND state = $4 RETURNING id`,
			[]any{id, string(jobs.Waiting), now.UnixMicro(), string(jobs.Dead)}, &got)
		return err
	})
	return revived, err
}

// Backlog implements jobs.Store.
func (s Jobs) Backlog(ctx context.Context, now time.Time) (b jobs.Backlog, err error) {
	err = s.db.View(ctx, func(t *Tx) error {
		var due, dead int64
		var oldest *int64
		if _, err := t.row(`SELECT count(*), min(run_at) FROM job WHERE state = $1 AND run_at <= $2 AND (leased_until IS NULL OR leased_until <= $2)`,
			[]any{string(jobs.Waiting), now.UnixMicro()}, &due, &oldest); err != nil {
			return err
		}
		if _, err := t.row(`SELECT count(*) FROM job WHERE state = $1`, []any{string(jobs.Dead)}, &dead); err != nil {
			return err
		}
		b.Due, b.Dead = int(due), int(dead)
		if oldest != nil {
			b.Oldest = time.UnixMicro(*oldest).UTC()
		}
		return nil
	})
	return b, err
}
