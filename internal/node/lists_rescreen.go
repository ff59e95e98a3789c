package node

import (
	"context"

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

// rescreen follows a version of a list that came into use: for every case that
// is not closed it adds a job that screens the parties again. It first makes
// sure that this process searches the new version.
func (a *App) rescreen(ctx context.Context, j jobs.Job) error {
	var b rescreenBody
	if err := j.Decode(&b); err != nil {
		return err
	}
	if err := a.ReloadEngines(ctx); err != nil {
		return err
	}
	for after := ""; ; {
		var ids []string
		if err := a.db.Update(ctx, func(t *store.Tx) (err error) {
			if ids, err = t.OpenCases(after, rescreenPage); err != nil {
				return err
			}
			for _, id := range ids {
				// The key keeps a second run of this job from doing it twice.
				k, err := jobs.New(jobScreen, jobScreen+"/"+id+"/"+j.ID, screenJob{Case: id, Reason: "lists"}, t.Now())
				if err != nil {
					return err
				}
				if err := t.Enqueue(k); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		if len(ids) < rescreenPage {
			return nil
		}
		after = ids[len(ids)-1]
	}
}
