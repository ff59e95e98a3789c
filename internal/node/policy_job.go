package node

import (
	"context"
	"encoding/json"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/rulebook"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/policy"
)

// StartReplay has past decisions put to a version of the rulebook, beside other
// work; PackReplayOf tells how far it is.
type StartReplay struct {
	ID      string // fresh UUIDv7
	Version string
	Since   policy.Date
}

const jobReplay = "policy.replay"

// listedFlips is how many flips are kept of a replay that a page shows; all are
// counted, and the command line names more.
const listedFlips = 1000

func startReplay(t *Tx, c StartReplay) error {
	if err := t.Must(access.PolicyRead, access.CaseReplay, access.Thing{}); err != nil {
		return err
	}
	if _, err := dayStart(c.Since); err != nil {
		return err
	}
	s, _, err := load[*rulebook.State](t, rulebook.Stream)
	if err != nil {
		return err
	}
	if s.Version(c.Version) == nil {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	run := store.ReplayRun{ID: c.ID, Account: t.Actor.Account, Version: c.Version, Since: string(c.Since), Began: t.Now()}
	if err := t.PutReplayRun(run); err != nil {
		return fault.Wrap(err, "node: replay")
	}
	return t.enqueue(jobReplay, jobReplay+"/"+c.ID, run)
}

// replayJob carries a replay out for the account that asked, with the roles and
// compartments that it has now.
func (a *App) replayJob(ctx context.Context, j jobs.Job) error {
	var run store.ReplayRun
	if err := j.Decode(&run); err != nil {
		return err
	}
	who, err := a.actorNow(ctx, run.Account)
	if err != nil {
		return err
	}
	put := func() error { return a.db.Update(ctx, func(t *store.Tx) error { return t.PutReplayRun(run) }) }
	last := a.Now()
	r, err := a.replayVersion(ctx, who, run, func(done, total int64) {
		if now := a.Now(); now.Sub(last) >= time.Second {
			last, run.Done, run.Total = now, done, total
			if err := put(); err != nil {
				a.log.Warn("how far a replay is was not written", "error", err)
			}
		}
	})
	if err != nil {
		run.Problem = err.Error()
	} else if run.Result, err = json.Marshal(r); err != nil {
		return err
	} else {
		run.Done, run.Total = r.Cases, r.Cases
	}
	run.Ended = a.Now()
	return put()
}

// actorNow is who an account acts as now: what somebody asked for earlier is done
// with the roles and compartments that they have when it is done.
func (a *App) actorNow(ctx context.Context, id string) (access.Actor, error) {
	var who account.State
	err := a.db.View(ctx, func(t *store.Tx) error {
		_, err := t.Load(event.StreamOf(account.KindAccount, id), &who)
		return err
	})
	return who.Actor(), err
}

func (a *App) replayVersion(ctx context.Context, actor access.Actor, run store.ReplayRun, progress Progress) (*PackReplay, error) {
	v, err := a.PackVersion(ctx, actor, run.Version)
	if err != nil {
		return nil, err
	}
	r, err := a.ReplayPack(ctx, actor, v.Pack, policy.Date(run.Since), progress)
	if err == nil && len(r.Flips) > listedFlips {
		r.Lost += int64(len(r.Flips) - listedFlips)
		r.Flips = r.Flips[:listedFlips]
	}
	return r, err
}

// ReplayRun is a replay that a person asked for.
type ReplayRun struct {
	store.ReplayRun
	Result *PackReplay // nil while it runs, and where it failed
}

// PackReplayOf is the latest replay under a version that the actor asked for; nil
// where there is none.
func (a *App) PackReplayOf(ctx context.Context, actor access.Actor, version string) (*ReplayRun, error) {
	var r ReplayRun
	var found bool
	err := a.db.View(ctx, func(t *store.Tx) (err error) {
		r.ReplayRun, found, err = t.LastReplayRun(actor.Account, version)
		return err
	})
	if err != nil || !found {
		return nil, fault.Wrap(err, "node: replay")
	}
	if len(r.ReplayRun.Result) > 0 {
		r.Result = &PackReplay{}
		if err := json.Unmarshal(r.ReplayRun.Result, r.Result); err != nil {
			return nil, fault.Wrap(err, "node: replay")
		}
	}
	return &r, nil
}

// PackOfHash finds a pack that is or was in force, or was put forward: the one
// that ships, or a version of the rulebook. Nil where there is none.
func (a *App) PackOfHash(ctx context.Context, s *rulebook.State, hash string) (*policy.Pack, error) {
	base, err := shippedBase()
	if err != nil {
		return nil, err
	}
	if base.Pack.Hash() == hash {
		return base.Pack, nil
	}
	for i := range s.Versions {
		if s.Versions[i].Pack.Hash == hash {
			_, p, err := a.packText(ctx, &s.Versions[i])
			return p, err
		}
	}
	return nil, nil
}
