package store

import "time"

// ReplayRun is a replay of past decisions that somebody asked for.
type ReplayRun struct {
	ID, Account, Version string // version of the rulebook
	Since                string
	Began, Ended         time.Time // Ended is zero while it runs
	Done, Total          int64
	Problem              string // for the log's reader; "" where it went well
	Result               []byte // JSON
}

// PutReplayRun writes a run, or how far it has come.
func (t *Tx) PutReplayRun(r ReplayRun) error {
	var ended *int64
	if !r.Ended.IsZero() {
		at := r.Ended.UnixMicro()
		ended = &at
	}
	return t.exec(`INSERT INTO policy_replay (id, account, version, since, began, ended, done, total, problem, result) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (id) DO UPDATE SET ended = excluded.ended, done = excluded.done, total = excluded.total, problem = excluded.problem, result = excluded.result`,
		r.ID, r.Account, r.Version, r.Since, r.Began.UnixMicro(), ended, r.Done, r.Total, r.Problem, r.Result)
}

// LastReplayRun is the latest run of a version that an account asked for.
func (t *Tx) LastReplayRun(account, version string) (r ReplayRun, found bool, err error) {
	r.Account, r.Version = account, version
	var began int64
	var ended *int64
	found, err = t.row(`SELECT id, since, began, ended, done, total, problem, result FROM policy_replay WHERE account = $1 AND version = $2 ORDER BY id DESC LIMIT 1`,
		[]any{account, version}, &r.ID, &r.Since, &began, &ended, &r.Done, &r.Total, &r.Problem, &r.Result)
	r.Began, r.Ended = time.UnixMicro(began).UTC(), instant(ended)
	return r, found, err
}

// ForgetReplayRuns forgets runs that began before a time.
func (t *Tx) ForgetReplayRuns(before time.Time) error {
	return t.exec(`DELETE FROM policy_replay WHERE began < $1`, before.UnixMicro())
}
