package cli

import (
	"encoding/json"
	"fmt"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
)

type decisionCmd struct {
	Replay decisionReplay `cmd:"" help:"Evaluate a decision's recorded facts under its recorded pack again."`
}

type decisionReplay struct {
	Case  string `arg:"" help:"Reference or id of the case."`
	Again bool   `help:"Also put the same input to today's engines, lists and pack, and say what differs."`
	JSON  bool   `name:"json" help:"Write everything as JSON."`
}

// Run replays a decision. It ends with an error status when the findings are no
// longer the same.
func (c decisionReplay) Run(e *env) error {
	app, _, err := e.open()
	if err != nil {
		return err
	}
	defer app.Close()
	id := c.Case
	if err := app.Store().View(e, func(t *store.Tx) error {
		if found, ok, err := t.CaseByReference(c.Case); err != nil {
			return err
		} else if ok {
			id = found
		}
		return nil
	}); err != nil {
		return err
	}
	var r *node.Replayed
	var diffs []node.Difference
	if c.Again {
		r, diffs, err = app.ReplayAgain(e, access.System(), id)
	} else {
		r, err = app.Replay(e, access.System(), id)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		enc := json.NewEncoder(e.Stdout)
		enc.SetIndent("", "  ")
		if err := enc.Encode(struct {
			*node.Replayed
			Today []node.Difference `json:"today,omitempty"`
		}{r, diffs}); err != nil {
			return err
		}
	} else {
		c.tell(e, r, diffs)
	}
	if !r.Same && r.Gone == nil {
		return fault.New(fault.Blocked, "cli.replay_differs", "case", r.Case)
	}
	return nil
}

func (c decisionReplay) tell(e *env, r *node.Replayed, diffs []node.Difference) {
	if r.Gone != nil {
		fmt.Fprintf(e.Stdout, "%s: the facts were erased on %s under: %s\n", r.Case, r.Gone.Time.Format("2 January 2006"), r.Gone.Rule)
		return
	}
	fmt.Fprintf(e.Stdout, "%s rests on pack %.12s, control lists %.12s, facts %.12s\n", r.Case, r.Rests.PolicyPack, r.Rests.ControlList, r.Rests.Facts)
	for _, l := range r.Lines {
		fmt.Fprintf(e.Stdout, "  line %s: %s %v\n", l.Line, l.Outcome.Standing, l.Outcome.Because)
	}
	if r.Same {
		fmt.Fprintln(e.Stdout, "Same findings and outcome, byte for byte.")
	}
	for _, d := range r.Differ {
		fmt.Fprintf(e.Stdout, "line %s differs:\n  recorded %s\n  now      %s\n", d.Line, d.Recorded, d.Now)
	}
	if !c.Again {
		return
	}
	if len(diffs) == 0 {
		fmt.Fprintln(e.Stdout, "Today's lists and pack say the same.")
	}
	for _, d := range diffs {
		fmt.Fprintf(e.Stdout, "today: %s %s %s: was %q, is %q %s\n", d.What, d.Line, d.ID, d.Was, d.Now, d.Why)
	}
}
