package node

import (
	"context"
	"sync"
	"time"

	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
)

// Kinds of jobs.
const (
	jobCheckpoint = "ledger.checkpoint"
	jobHousekeep  = "node.housekeep"
	jobRotate     = "vault.rotate"
	jobVerify     = "ledger.verify"
)

// Runner makes the runner of the node's jobs: what commands enqueued, and what
// is due again and again.
func (a *App) Runner() *jobs.Runner {
	return &jobs.Runner{
		Store: a.db.Jobs(), Now: a.Now, Log: a.log,
		Kinds: map[string]jobs.Kind{
			jobCheckpoint: {Run: func(ctx context.Context, _ jobs.Job) error {
				_, err := a.Checkpoint(ctx)
				return err
			}},
			jobAlert:      {Run: a.raiseAlerts},
			jobTouched:    {Run: a.touchCase},
			jobPublished:  {Run: a.raisePublished},
			jobFeeds:      {Run: a.feedsDue},
			jobFeed:       {Run: a.runFeed, Timeout: time.Hour},
			jobConsidered: {Run: a.tellConsidered},
			jobHousekeep:  {Run: a.housekeep},
			jobRotate:     {Run: a.rotate, Timeout: time.Hour},
			jobScreen:     {Run: a.screenCase},
			jobLetter:     {Run: a.writeLetter},
			jobMail:       {Run: a.sendMail, Attempts: mailAttempts, Timeout: 2 * time.Minute},
			jobDaily:      {Run: a.sendDaily},
			jobReminders:  {Run: a.sendReminders, Timeout: time.Hour},
			jobExpire:     {Run: a.expire, Timeout: time.Hour},
			jobVerify:     {Run: a.verifyJob, Timeout: 4 * time.Hour},
			jobScreenFile: {Run: a.screenFile, Timeout: time.Hour},
			jobRescreen:   {Run: a.rescreen, Timeout: time.Hour},
			jobReplay:     {Run: a.replayJob, Timeout: time.Hour},
			jobReopen:     {Run: a.reopenCases, Timeout: time.Hour},
			jobRemind:     {Run: a.remind},
			jobCarry:      {Run: a.carryIncident},
			jobTell:       {Run: a.tellIncident},
			jobLapse:      {Run: a.lapseIncident},
			jobStatistics: {Run: a.statisticsJob, Timeout: time.Hour},
		},
		Recurring: []jobs.Recurring{
			{Kind: jobCheckpoint, Every: 5 * time.Minute},
			{Kind: jobFeeds, Every: 5 * time.Minute},
			{Kind: jobHousekeep, Every: time.Hour},
			{Kind: jobExpire, Every: time.Hour},
			{Kind: jobReminders, Every: time.Hour},
			{Kind: jobDaily, Every: time.Hour},
			{Kind: jobRotate, Every: 24 * time.Hour},
			{Kind: jobVerify, Every: 24 * time.Hour},
			{Kind: jobRemind, Every: 24 * time.Hour},
		},
	}
}

// RunJobs runs the node's jobs until the context ends.
func (a *App) RunJobs(ctx context.Context) {
	var watching sync.WaitGroup
	watching.Go(func() { a.watchEngines(ctx) })
	a.Runner().Run(ctx)
	watching.Wait()
}

// housekeep forgets what has served: ended sessions, stored answers, uploads
// that no command cited, files of parties that were kept long enough.
func (a *App) housekeep(ctx context.Context, _ jobs.Job) error {
	if err := a.db.Update(ctx, func(t *store.Tx) error {
		if err := t.EndExpiredSessions(t.Now()); err != nil {
			return err
		}
		if err := t.ForgetReplayRuns(t.Now().AddDate(0, -1, 0)); err != nil {
			return err
		}
		if err := t.ForgetStatRuns(t.Now().AddDate(0, -1, 0)); err != nil {
			return err
		}
		if err := t.ForgetImportStatus(t.Now().AddDate(0, 0, -1)); err != nil {
			return err
		}
		if err := t.ForgetNotices(t.Now().AddDate(-2, 0, 0)); err != nil {
			return err
		}
		return t.ForgetAnswers(t.Now().Add(-7 * 24 * time.Hour))
	}); err != nil {
		return err
	}
	if err := a.dropOldScreenFiles(ctx); err != nil {
		return err
	}
	a.scrub(ctx)
	_, err := a.objects.Sweep(a.Now(), func(ciphers []string) (cited map[string]bool, err error) {
		err = a.db.View(ctx, func(t *store.Tx) error {
			cited, err = t.Cited(ciphers)
			return err
		})
		return cited, err
	})
	return err
}

// scrub cuts off what the database keeps of deleted keys.
func (a *App) scrub(ctx context.Context) {
	if err := a.db.Scrub(ctx); err != nil && ctx.Err() == nil {
		a.log.Warn("what was deleted may still lie in the database's log", "err", err)
	}
}

// rotateBatch bounds the keys wrapped anew in one transaction.
const rotateBatch = 2000

// rotate wraps all keys under a new epoch once the present one is old, and
// destroys epochs that have been out of use long enough.
func (a *App) rotate(ctx context.Context, _ jobs.Job) error {
	r := vault.Rotation{Keys: a.keys}
	if err := r.Begin(a.Now()); err != nil {
		return err
	}
	for {
		moved := 0
		if err := a.db.Update(ctx, func(t *store.Tx) (err error) {
			moved, err = r.Step(t, rotateBatch)
			return err
		}); err != nil {
			return err
		}
		if moved == 0 {
			break
		}
	}
	return a.db.View(ctx, func(t *store.Tx) error {
		gone, err := r.End(a.Now(), t)
		if len(gone) > 0 {
			a.log.Info("epoch keys destroyed", "epochs", gone)
		}
		return err
	})
}
