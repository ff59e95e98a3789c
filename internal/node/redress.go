package node

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/letter"
	"github.com/comity-project/comity/internal/licensing"
)

// Redress is one way to have a decision looked at again, as the law of the state
// gives it. A node has as many as it needs: an objection, then a court.
type Redress struct {
	For     []string // outcomes of lines: "refuse", "issue", "not_required"; none means a refusal
	Body    string   // who decides on it
	How     string
	Address string // empty: where the node is reached
	Days    int    // from the decision
	Working bool   // working days, else calendar days
	Source  string // the provision that gives it
}

// maxRedressDays bounds a deadline: ten years is no time limit but a mistake.
const maxRedressDays = 3660

// Check says what is wrong with it.
func (r Redress) Check() error {
	for _, o := range r.For {
		if !slices.Contains([]string{string(licensing.RefuseLine), string(licensing.Issue), string(licensing.LineNotNeeded)}, o) {
			return fmt.Errorf("redress of %q: there is no outcome %q; use refuse, issue or not_required", r.Body, o)
		}
	}
	if strings.TrimSpace(r.Body) == "" || strings.TrimSpace(r.Source) == "" || r.Days < 1 || r.Days > maxRedressDays {
		return fmt.Errorf("redress of %q: it needs a body, a source and days from 1 to %d", r.Body, maxRedressDays)
	}
	return nil
}

// against tells whether it is open against an outcome of a line.
func (r Redress) against(o licensing.Outcome) bool {
	return len(r.For) == 0 && o == licensing.RefuseLine || slices.Contains(r.For, string(o))
}

// AppealPeriod tells until when what was done at a time can be contested, by the
// pack in force.
func (a *App) AppealPeriod(ctx context.Context) (func(at time.Time) time.Time, error) {
	e, err := a.Engines(ctx)
	if err != nil {
		return nil, err
	}
	p := periodOf(e.Pack, "appeal_period")
	return func(at time.Time) time.Time { return licensing.AppealUntil(at, e.Calendar, p) }, nil
}

// redress is how a decision with lines of that outcome can be contested. Where
// the node says nothing of a refusal, it is the appeal that the pack gives time
// for.
func (w *letterWriter) redress(d *licensing.Told, o licensing.Outcome) []letter.Redress {
	var out []letter.Redress
	for _, r := range w.a.cfg.Redress {
		if !r.against(o) {
			continue
		}
		unit := deadline.CalendarDays
		if r.Working {
			unit = deadline.WorkingDays
		}
		x := letter.Redress{Body: r.Body, How: letter.Releasable(r.How), Address: r.Address, Source: r.Source}
		if x.Address == "" {
			x.Address = w.a.cfg.URL
		}
		if until, err := w.e.Calendar.After(d.At, deadline.Period{Days: r.Days, Unit: unit}); err == nil {
			x.Until = w.day(until)
		}
		out = append(out, x)
	}
	if len(out) > 0 || o != licensing.RefuseLine {
		return out
	}
	r := letter.Redress{Body: w.p.T("node.letter.redress_body"), How: letter.Releasable(w.p.T("node.letter.redress_how")), Address: w.a.cfg.URL}
	if until, err := w.e.Calendar.After(d.At, periodOf(w.e.Pack, "appeal_period")); err == nil {
		r.Until = w.day(until)
	}
	return []letter.Redress{r}
}
