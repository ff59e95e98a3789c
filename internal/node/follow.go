package node

import (
	"context"
	"fmt"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/policy"
)

// Kinds of jobs of casework.
const (
	jobScreen = "case.screen"
	jobLetter = "case.letter"
)

// screenJob asks for a screening of a case's parties. It is keyed by case and
// basis or list generation, so that one change asks for it once.
type screenJob struct {
	Case   string `json:"case"`
	Reason string `json:"reason"` // "submitted", "changed", "lists", "varied"

	Licence   string `json:"licence,omitempty"` // whose variation gives a party another address
	Variation string `json:"variation,omitempty"`
}

// letterJob asks for a letter about a case as it stood after entry Seq. Code is
// a new licence's check code: the letter is the only place where it stands in
// clear, and the job's body is emptied when the letter is written.
type letterJob struct {
	Case string               `json:"case"`
	Kind licensing.LetterKind `json:"kind"`
	Seq  int64                `json:"seq"`
	Code string               `json:"code,omitempty"`
}

// enqueue adds a job in this transaction, once for its key.
func (t *Tx) enqueue(kind, key string, body any) error {
	if t.many != nil {
		return nil
	}
	j, err := jobs.New(kind, key, body, t.Now())
	if err != nil {
		return err
	}
	return fault.Wrap(t.Enqueue(j), "node: enqueue %s", kind)
}

// screenLater has the parties screened once this transaction is done, and has
// looked up what others said of them before.
func (t *Tx) screenLater(id string, basis int) error {
	if err := t.enqueue(jobTouched, fmt.Sprintf("%s/%s/%d", jobTouched, id, basis), touchedJob{Case: id}); err != nil {
		return err
	}
	return t.enqueue(jobScreen, fmt.Sprintf("%s/%s/%d", jobScreen, id, basis), screenJob{Case: id, Reason: "changed"})
}

// screenCase screens a case's parties against the lists in use and records what
// was found. What a person said about a hit stands while party and listing are
// as they were.
func (a *App) screenCase(ctx context.Context, j jobs.Job) error {
	var job screenJob
	if err := j.Decode(&job); err != nil {
		return err
	}
	// Another process may have activated the version that asks for this.
	if err := a.ReloadEngines(ctx); err != nil {
		return err
	}
	if err := a.ScreenCase(ctx, job.Case); err != nil || job.Licence == "" {
		return err
	}
	return a.variationSearched(ctx, job)
}

// ScreenCase screens a case's parties now. Of a decided case it raises what has
// come up since.
func (a *App) ScreenCase(ctx context.Context, id string) error {
	e, err := a.Engines(ctx)
	if err != nil {
		return err
	}
	var c licensing.Case
	var version int64
	var moved []assessment.Party
	if err := a.db.View(ctx, func(t *store.Tx) (err error) {
		if version, err = t.Load(CaseStream(id), &c); err == nil {
			moved, err = movedParties(t, &c)
		}
		return err
	}); err != nil {
		return err
	}
	switch {
	case version == 0 || c.Stage == licensing.WithdrawnStage:
		return nil // nothing to screen any more
	case c.AtRest():
		return a.watchDecided(ctx, e, &c, moved)
	}
	in := CaseInput(&c, policy.DateOf(a.Now()), nil)
	in.Parties = append(in.Parties, moved...)
	engines := e.Assess()
	parties, hits := assessment.ScreenParties(in, engines.Screener, func(id string) (any, bool) {
		x, ok := e.Index.Entity(id)
		return x, ok
	})
	return a.Do(ctx, access.System(), assessment.RecordScreening{
		Case: id, Purpose: "case", Index: e.Index.Hash(), Lists: engines.Screener.Lists(), NotSearched: engines.Screener.NotSearched(),
		Parties: parties, Hits: hits,
	}, Expect(CaseStream(id), version))
}
