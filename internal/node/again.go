package node

import (
	"context"
	"fmt"
	"sort"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/policy"
)

// Difference is one thing that today's engines, lists and pack say otherwise
// than those of the day of a decision.
type Difference struct {
	Line string `json:"line,omitempty"`
	What string `json:"what"` // "rule", "standing", "hit", "pack", "control_lists", "watch_lists", "indicators"
	ID   string `json:"id,omitempty"`
	Was  string `json:"was,omitempty"`
	Now  string `json:"now,omitempty"`
	Why  string `json:"why,omitempty"` // facts that changed, named
}

// ReplayAgain puts the input of a decision to today's engines, lists and pack,
// and says what differs. It changes nothing and judges nobody: lists and rules
// of today were not there on the day of the decision.
func (a *App) ReplayAgain(ctx context.Context, actor access.Actor, id string) (*Replayed, []Difference, error) {
	r, err := a.Replay(ctx, actor, id)
	if err != nil || r.Gone != nil {
		return r, nil, err
	}
	e, err := a.Engines(ctx)
	if err != nil {
		return nil, nil, err
	}
	var diffs []Difference
	for _, x := range []struct{ what, was, now string }{
		{"pack", r.Rests.PolicyPack, e.Pack.Hash()},
		{"control_lists", r.Rests.ControlList, e.ControlLists},
		{"watch_lists", fmt.Sprint(r.Rests.WatchLists), fmt.Sprint(e.WatchLists)},
		{"indicators", r.Rests.Indicators, e.Indicators},
	} {
		if x.was != x.now {
			diffs = append(diffs, Difference{What: x.what, Was: x.was, Now: x.now})
		}
	}
	in := r.input
	told := map[string]bool{}
	for _, h := range in.Hits {
		told[h.Party+"/"+h.Entry] = true
	}
	in.Day = policy.DateOf(a.Now())
	report := assessment.Assess(&in, e.Assess())
	for _, p := range report.Parties {
		for _, h := range p.Hits {
			if !h.Faint && !told[h.Party+"/"+h.Entry] {
				diffs = append(diffs, Difference{What: "hit", ID: h.Entry, Now: h.Shown, Why: h.Asked})
			}
		}
	}
	for _, l := range report.Lines {
		diffs = append(diffs, lineDifferences(r, l)...)
	}
	return r, diffs, nil
}

func lineDifferences(r *Replayed, now assessment.LineReport) []Difference {
	var out []Difference
	for _, was := range r.Lines {
		if was.Line != now.Line {
			continue
		}
		if was.Outcome.Standing != now.Outcome.Standing {
			out = append(out, Difference{Line: was.Line, What: "standing", Was: string(was.Outcome.Standing), Now: string(now.Outcome.Standing)})
		}
		status := map[string]policy.Finding{}
		for _, f := range was.Findings {
			status[f.Rule] = f
		}
		for _, f := range now.Findings {
			if old, ok := status[f.Rule]; !ok || old.Status != f.Status {
				out = append(out, Difference{Line: was.Line, What: "rule", ID: f.Rule, Was: string(old.Status), Now: string(f.Status), Why: changedFacts(was.Facts, now.Facts)})
			}
		}
	}
	return out
}

// changedFacts names the facts whose values differ.
func changedFacts(was, now policy.Facts) string {
	names := map[string]bool{}
	for n, f := range was {
		if now[n].Value != f.Value {
			names[n] = true
		}
	}
	for n, f := range now {
		if was[n].Value != f.Value {
			names[n] = true
		}
	}
	list := make([]string, 0, len(names))
	for n := range names {
		list = append(list, n)
	}
	sort.Strings(list)
	return fmt.Sprint(list)
}
