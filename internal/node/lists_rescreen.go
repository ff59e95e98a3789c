package node

import (
	"context"
	"slices"

	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/store"
)

// jobRescreen follows a version of a list of parties that came into use.
const jobRescreen = "lists.rescreen"

type rescreenBody struct {
	List    string `json:"list"`
	Version string `json:"version"`
}

// rescreenPage bounds the jobs that are added in one transaction.
const rescreenPage = 500

// rescreen follows a version of a list that came into use. Cases whose parties
// are like what came, went or changed come first, decided ones with a licence in
// force or a refusal among them; then every other case that is not closed, so
// that its record names the lists in use. It first makes sure that this process
// searches the new version.
func (a *App) rescreen(ctx context.Context, j jobs.Job) error {
	var b rescreenBody
	if err := j.Decode(&b); err != nil {
		return err
	}
	if err := a.ReloadEngines(ctx); err != nil {
		return err
	}
	affected, err := a.affected(ctx, b.List, b.Version)
	if err != nil {
		return err
	}
	for page := range slices.Chunk(affected, rescreenPage) {
		if err := a.screenAgain(ctx, j, func(*store.Tx) ([]string, error) { return page, nil }); err != nil {
			return err
		}
	}
	for after := ""; ; {
		var ids []string
		if err := a.screenAgain(ctx, j, func(t *store.Tx) (_ []string, err error) {
			ids, err = t.OpenCases(after, rescreenPage)
			return ids, err
		}); err != nil {
			return err
		}
		if len(ids) < rescreenPage {
			return nil
		}
		after = ids[len(ids)-1]
	}
}

// screenAgain adds a job for each case. Its key keeps a case from being screened
// twice for one change.
func (a *App) screenAgain(ctx context.Context, j jobs.Job, cases func(*store.Tx) ([]string, error)) error {
	return a.db.Update(ctx, func(t *store.Tx) error {
		ids, err := cases(t)
		if err != nil {
			return err
		}
		for _, id := range ids {
			k, err := jobs.New(jobScreen, jobScreen+"/"+id+"/"+j.ID, screenJob{Case: id, Reason: "lists"}, t.Now())
			if err != nil {
				return err
			}
			if err := t.Enqueue(k); err != nil {
				return err
			}
		}
		return nil
	})
}
