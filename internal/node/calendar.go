package node

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/store"
)

// A person's deadlines can be followed in a calendar program by an address that
// holds a token. The calendar lies with whoever runs that program: it says which
// case or licence has a date, by reference, and never what or whom it is about.

// CalendarDay is one date in a person's calendar.
type CalendarDay struct {
	ID   string // the same as long as the thing is there
	Kind string // "case", "review", "question", "answer", "report", "licence" ...
	What string // reference; empty where the thing has none that may be told
	Href string // of its page
	Day  deadline.Date
}

// calendarDays bounds each kind of date in a calendar; calendarAhead is how many
// days ahead duties are looked for.
const (
	calendarDays  = 200
	calendarAhead = 400
)

// OpenCalendar gives a person a new token for their calendar; an earlier one ends.
// The token is told here and never again. It is working state, as a session is.
func (a *App) OpenCalendar(ctx context.Context, actor access.Actor) (string, error) {
	if actor.Account == "" || actor.Program != "" {
		return "", fault.New(fault.NotFound, "fault.not_found")
	}
	var token Token
	if _, err := rand.Read(token[:]); err != nil {
		return "", err
	}
	err := a.db.Update(ctx, func(t *store.Tx) error { return t.PutToken(actor.Account, token.hash()) })
	return base64.RawURLEncoding.EncodeToString(token[:]), fault.Wrap(err, "node: open a calendar")
}

// CloseCalendar ends it.
func (a *App) CloseCalendar(ctx context.Context, actor access.Actor) error {
	if actor.Account == "" || actor.Program != "" {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	return fault.Wrap(a.db.Update(ctx, func(t *store.Tx) error { return t.EndToken(actor.Account) }), "node: close a calendar")
}

// HasCalendar tells whether a person's calendar can be followed.
func (a *App) HasCalendar(ctx context.Context, actor access.Actor) (has bool, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		has, err = t.HasToken(actor.Account)
		return err
	})
	return has, fault.Wrap(err, "node: calendar")
}

// Calendar gives the dates of whoever's calendar a token opens, as they may see
// them today. A token that opens none is answered as a page that is not there.
func (a *App) Calendar(ctx context.Context, token string) ([]CalendarDay, error) {
	none := fault.New(fault.NotFound, "fault.not_found")
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) != len(Token{}) {
		return nil, none
	}
	e, err := a.Engines(ctx)
	if err != nil {
		return nil, err
	}
	var out []CalendarDay
	err = a.db.View(ctx, func(t *store.Tx) error {
		state, _, found, err := t.TokenAccount(Token(b).hash())
		if err != nil {
			return err
		}
		var who account.Account
		if !found || json.Unmarshal(state, &who) != nil || who.Status != account.Active || who.Program != nil {
			return none
		}
		c := calendar{t: t, cal: e.Calendar, actor: who.Actor()}
		if err := c.staff(a); err != nil {
			return err
		}
		err = c.holder()
		out = c.days
		return err
	})
	return out, err
}

type calendar struct {
	t     *store.Tx
	cal   *deadline.Calendar
	actor access.Actor
	days  []CalendarDay
}

func (c *calendar) add(kind, id, what, href string, day deadline.Date) {
	if day != "" {
		c.days = append(c.days, CalendarDay{ID: kind + "-" + id, Kind: kind, What: what, Href: href, Day: day})
	}
}

// staff adds the cases that are the person's, and what they have to do beside.
func (c *calendar) staff(a *App) error {
	if cases := access.ScopeOf(c.actor, access.CaseRead); !cases.Empty() {
		rows, err := c.t.ListCases(store.Cases{Scope: cases, List: store.MyCases, Me: c.actor.Account, Limit: calendarDays})
		if err != nil {
			return err
		}
		for _, r := range rows {
			if !r.Due.IsZero() {
				c.add("case", r.ID, r.Reference, "/cases/"+r.ID, c.cal.Day(r.Due))
			}
		}
	}
	duties, err := c.t.Duties(c.actor, string(c.cal.Day(a.Now().AddDate(0, 0, calendarAhead))), calendarDays)
	for _, d := range duties {
		c.add("duty", d.ID, "", d.Href, deadline.Date(d.Due)) // its title may name somebody
	}
	return err
}

// holder adds what an exporter owes and what ends.
func (c *calendar) holder() error {
	if own := access.ScopeOf(c.actor, access.ApplicationRead); !own.Empty() {
		wanted, err := c.t.AnswersWanted(own, calendarDays)
		if err != nil {
			return err
		}
		for _, w := range wanted {
			c.add("answer", w.Case, w.Reference, "/exporter/cases/"+w.Case, c.cal.Day(w.Due))
		}
	}
	own := access.ScopeOf(c.actor, access.LicenceReadOwn)
	if own.Empty() {
		return nil
	}
	reports, err := c.t.LicenceDuties(store.LicenceDuties{Scope: own, State: "open", Limit: calendarDays})
	if err != nil {
		return err
	}
	for _, d := range reports {
		c.add("report", d.ID, d.Reference, "/exporter/"+d.Kind+"s/"+d.Licence, deadline.Date(d.Due))
	}
	held, err := c.t.ListHeldLicences(store.HeldLicences{Scope: own, Limit: calendarDays})
	for _, l := range held {
		if l.Status == "valid" || l.Status == "restricted" {
			c.add("licence", l.ID, l.Reference, "/exporter/licences/"+l.ID, deadline.Date(l.Until))
		}
	}
	return err
}
