package node

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/interests"
	"github.com/comity-project/comity/internal/jobs"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/notice"
	"github.com/comity-project/comity/internal/store"
)

const (
	jobReminders = "notice.remind"
	jobDaily     = "notice.daily"
	remindPage   = 100
	remindGap    = 31 // days that are made up for after the node was down
)

// sendReminders reminds people of what falls due by the stages of the rules. It
// goes through the days since the last time, each stage's own; what it says is
// keyed by thing, day and stage, so that running twice says nothing twice. Of
// several stages that were missed together only the last is told.
func (a *App) sendReminders(ctx context.Context, _ jobs.Job) error {
	rules, err := noticeRules()
	if err != nil {
		return err
	}
	e, err := a.Engines(ctx)
	if err != nil {
		return err
	}
	zone := e.Calendar.Location()
	today := deadline.DateOf(a.Now(), zone)
	end, err := time.Parse(time.DateOnly, string(today))
	if err != nil {
		return err
	}
	var last time.Time
	if err := a.db.View(ctx, func(t *store.Tx) error {
		last, err = t.Reminded()
		return err
	}); err != nil {
		return fault.Wrap(err, "node: reminders")
	}
	switch {
	case last.IsZero():
		last = end.AddDate(0, 0, -1)
	case end.Sub(last) > remindGap*24*time.Hour:
		last = end.AddDate(0, 0, -remindGap)
	case !last.Before(end):
		return nil
	}
	done := map[string]bool{} // things of which a later stage was told
	for _, x := range rules.Reminders {
		for _, s := range slices.Backward(x.Stages) {
			b := store.Between{From: string(deadline.DateOf(last, time.UTC).Add(-s.Days)), To: string(today.Add(-s.Days)), Zone: zone, Limit: remindPage}
			if err := a.remindStage(ctx, rules, x, s, b, done); err != nil {
				return fault.Wrap(err, "node: reminders of %s", x.Of)
			}
		}
	}
	if err := a.remindUndeclared(ctx, end); err != nil {
		return fault.Wrap(err, "node: reminders of interests")
	}
	return a.db.Update(ctx, func(t *store.Tx) error { return t.SetReminded(end) })
}

// remindUndeclared reminds people who never opened their register of interests:
// one without any is declared too, by confirming it.
func (a *App) remindUndeclared(ctx context.Context, today time.Time) error {
	rules, err := interestRules()
	if err != nil {
		return err
	}
	var roles []access.Role
	for _, r := range access.Roles() {
		if access.Can(access.Actor{Account: "someone", Roles: []access.Role{r}}, access.InterestOwn, access.Thing{Kind: interests.Kind, Account: "someone"}) {
			roles = append(roles, r)
		}
	}
	turn := today.Unix() / int64(24*time.Hour/time.Second) / int64(rules.RemindDays)
	for after := ""; ; {
		var people []string
		if err := a.db.Update(ctx, func(t *store.Tx) (err error) {
			if people, err = t.OfficersWithout(interests.Kind, after, remindPage, roles...); err != nil {
				return err
			}
			for _, id := range people {
				s := interests.StreamOf(id)
				if err := a.notify(t, store.Notice{Account: id, Key: fmt.Sprintf("remind/%s/%d", s, turn), Kind: "due", Said: "interests", Stream: string(s), Href: "/interests"}); err != nil {
					return err
				}
			}
			return nil
		}); err != nil || len(people) < remindPage {
			return err
		}
		after = people[len(people)-1]
	}
}

// remindStage tells one stage of one rule, a page of things at a time.
func (a *App) remindStage(ctx context.Context, rules notice.Rules, x notice.Reminder, s notice.Stage, b store.Between, done map[string]bool) error {
	for {
		var rows []store.FallsDue
		if err := a.db.Update(ctx, func(t *store.Tx) (err error) {
			if rows, err = dueOf(t, x.Of, b); err != nil {
				return err
			}
			for _, d := range rows {
				thing := x.Of + "/" + d.ID + "/" + d.Day
				if done[thing] {
					continue
				}
				if x.Of == notice.OfDuty {
					if own, _ := rules.OfDuty(d.Kind); own.Kind != x.Kind || !slices.Equal(own.Duties, x.Duties) {
						continue
					}
				}
				if err := a.remindOf(t, x, s, d, fmt.Sprintf("remind/%s/%d", thing, s.Days)); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
		for _, d := range rows {
			done[x.Of+"/"+d.ID+"/"+d.Day] = true
		}
		if len(rows) < b.Limit {
			return nil
		}
		b.After = rows[len(rows)-1]
	}
}

func dueOf(t *store.Tx, of string, b store.Between) ([]store.FallsDue, error) {
	switch of {
	case notice.OfReport:
		return t.ReportsDue(b)
	case notice.OfLicence:
		return t.LicencesEnding(b)
	case notice.OfAssurance:
		return t.AssurancesEnding(b)
	case notice.OfAnswer:
		return t.AnswersDue(b)
	case notice.OfCase:
		return t.CasesDue(b)
	case notice.OfDuty:
		return t.DutiesDue(b)
	}
	return nil, fmt.Errorf("node: nothing is called %q", of)
}

// remindOf tells one thing to everybody whom a stage names, each once.
func (a *App) remindOf(t *store.Tx, x notice.Reminder, s notice.Stage, d store.FallsDue, key string) error {
	phase := "before"
	if s.Days == 0 {
		phase = "today"
	} else if s.Days > 0 {
		phase = "late"
	}
	n := store.Notice{Kind: x.Kind, Said: x.Of + "." + phase, About: d.About, Stream: d.Stream, Due: d.Day}
	told := map[string]bool{}
	tell := func(ids []string, compartment, href string) error {
		for _, id := range ids {
			if told[id] {
				continue
			}
			told[id] = true
			n.Account, n.Key, n.Compartment, n.Href = id, key+"/"+id, compartment, href
			if err := a.notify(t, n); err != nil {
				return err
			}
		}
		return nil
	}
	for _, to := range s.To {
		if to != notice.Holder {
			ids, err := officials(t, to, d)
			if err != nil {
				return err
			}
			if err := tell(ids, d.Compartment, d.Href); err != nil {
				return err
			}
			continue
		}
		var c licensing.Case
		if _, err := t.Load(CaseStream(d.Case), &c); err != nil {
			return err
		}
		ids, err := holders(t, &c)
		if err != nil {
			return err
		}
		// An applicant is never told that their case lies in a compartment.
		if err := tell(ids, "", "/exporter"+d.Href); err != nil {
			return err
		}
	}
	return nil
}

// officials are the people of the authority whom a word of a stage names, of those
// who may see the thing: whoever has it, or the roles that have what nobody has.
func officials(t *store.Tx, to string, d store.FallsDue) (out []string, err error) {
	role := access.Role(to)
	if to == notice.Officer {
		switch {
		case d.Account != "":
			role = ""
			out = append(out, d.Account)
		case d.Role != "":
			role = access.Role(d.Role)
		default:
			role = access.CaseCoordinator
		}
	}
	if role != "" {
		rows, err := t.Officers(role)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out = append(out, r.ID)
		}
	}
	var may []string
	for _, id := range out {
		var acc account.State
		if _, err := t.Load(event.StreamOf(account.KindAccount, id), &acc); err != nil {
			return nil, err
		}
		if acc.Status == account.Active && (d.Compartment == "" || slices.Contains(acc.Compartments, d.Compartment)) {
			may = append(may, id)
		}
	}
	return may, nil
}
