package node

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/denial"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/screening"
	"github.com/comity-project/comity/screening/listfile"
)

// Days within which partners are told of a refusal, and after which what they were
// told is looked at again, where the pack has no periods for them.
const (
	denialNotice = 30
	denialReview = 3 * 365
)

// denialsAtOnce bounds the notices of which a file holds the states at once.
const denialsAtOnce = 500

// maxNamings bounds the earlier refusals that a page of parties shows.
const maxNamings = 60

func (a *App) registerDenials() {
	handlePrepared(a, ready, onDenial[denial.Propose])
	handlePrepared(a, ready, onDenial[denial.Return])
	handlePrepared(a, ready, onDenial[denial.Release])
	handlePrepared(a, ready, onDenial[denial.Keep])
	handlePrepared(a, ready, onDenial[denial.TakeBack])
}

func (t *Tx) denialFacts(e *Engines) denial.Facts {
	today := e.Calendar.Day(t.Now())
	days := func(id string, otherwise int) int {
		if p, ok := e.Pack.Period(id); ok {
			return p.Days
		}
		return otherwise
	}
	return denial.Facts{
		Actor: t.Actor.Account, State: t.app.cfg.State, Today: today,
		Due: today.Add(days("denial_notice", denialNotice)), Review: today.Add(days("denial_review", denialReview)),
	}
}

// openDenial opens the notice of a decision that refuses, in its transaction, and
// says what a later decision on the case makes of it.
func (t *Tx) openDenial(c *licensing.Case, e *Engines) error {
	cmd := denial.Open{OnNotice: denial.OnNotice{Case: c.ID}, CaseRef: c.Reference, Officer: c.Officer, Within: c.Compartment, Country: c.App().EndUse.Country, Content: t.app.refusedIn(c)}
	n, version, err := load[*denial.Notice](t, cmd.Stream())
	if err != nil {
		return err
	}
	if version == 0 && len(cmd.Content.Grounds) > 0 {
		year := t.Now().In(e.Calendar.Location()).Year()
		number, err := t.Next(fmt.Sprintf("denial %d", year))
		if err != nil {
			return fault.Wrap(err, "node: reference")
		}
		cmd.Reference = fmt.Sprintf("%s-D-%d-%04d", t.app.cfg.prefix(), year, number)
	}
	events, err := denial.Decide(n, cmd, t.denialFacts(e))
	if err != nil {
		return err
	}
	return t.Append(events)
}

// refusedIn is what a decision refused. It names no natural person and nobody of
// this state, the applicant least of all, and no price.
func (a *App) refusedIn(c *licensing.Case) (out denial.Content) {
	add := func(to *[]string, s string) {
		if s != "" && !slices.Contains(*to, s) {
			*to = append(*to, s)
		}
	}
	for _, l := range c.Decision.Lines {
		if l.Outcome != licensing.RefuseLine {
			continue
		}
		add(&out.Items, l.Category)
		add(&out.Codes, l.Code)
		for _, g := range l.Grounds {
			add(&out.Grounds, g)
		}
	}
	if len(out.Grounds) == 0 {
		return denial.Content{}
	}
	for _, p := range c.App().Parties {
		if p.Kind == party.Person || len(p.Roles) == 0 || p.Country == a.cfg.State {
			continue
		}
		r := denial.Refused{ID: p.ID, Role: string(p.Roles[0]), Country: p.Country, IDs: p.Identifiers}
		names := slices.Clone(p.Names)
		for _, u := range p.Tree {
			names = append(names, u.Names...)
		}
		for _, n := range names {
			add(&r.Names, n.Text)
			add(&r.Names, n.Latin)
		}
		out.Parties = append(out.Parties, r)
	}
	return out
}

// onDenial is the way of every command on a notice, which lies where its case
// does. Who lets one out signs for it, as for a decision.
func onDenial[C denial.Command](t *Tx, cmd C, e *Engines) error {
	n, _, err := load[*denial.Notice](t, cmd.Stream())
	if err != nil {
		return err
	}
	c, _, err := load[*licensing.Case](t, event.StreamOf(kindCase, cmd.Stream().ID()))
	if err != nil {
		return err
	}
	act := access.CaseIntend
	switch any(cmd).(type) {
	case denial.Release, denial.Return:
		act = access.CaseCountersign
	}
	if err := t.Must(access.CaseRead, act, thingOf(c)); err != nil {
		return err
	}
	events, err := denial.Decide(n, cmd, t.denialFacts(e))
	if err != nil {
		return err
	}
	return t.Append(events)
}

// Denial reads the notice of a case that was refused, which whoever reads the
// case may read.
func (a *App) Denial(ctx context.Context, id string) (*denial.Notice, error) {
	n := &denial.Notice{}
	err := a.db.View(ctx, func(t *store.Tx) error {
		version, err := t.Load(denial.OnNotice{Case: id}.Stream(), n)
		if err == nil && version == 0 {
			err = fault.New(fault.NotFound, "fault.not_found")
		}
		return err
	})
	return n, fault.Wrap(err, "node: denial")
}

// DenialsNaming are the refusals of ours that name somebody, but a case's own, by
// name.
func (a *App) DenialsNaming(ctx context.Context, actor access.Actor, names []string, besides string) (out map[string][]store.DenialNaming, err error) {
	err = a.db.View(ctx, func(t *store.Tx) error {
		out, err = t.DenialsNaming(access.ScopeOf(actor, access.CaseRead), names, besides, maxNamings)
		return err
	})
	return out, fault.Wrap(err, "node: refusals that name somebody")
}

// DenialFile is every refusal of ours that a state was told of and that stands, as
// a list of parties in the form in which any node reads what a partner refused. It
// is the whole list, since a list that is read takes the place of the one before:
// what was taken back is gone with the next.
func (a *App) DenialFile(ctx context.Context, actor access.Actor, state string) ([]byte, error) {
	var entities []screening.Entity
	scope := access.ScopeOf(actor, access.CaseRead)
	err := a.db.View(ctx, func(t *store.Tx) error {
		for after := ""; ; {
			streams, err := t.StandingDenials(scope, after, denialsAtOnce)
			if err != nil || len(streams) == 0 {
				return err
			}
			after = streams[len(streams)-1].ID()
			notices := map[event.Stream]*denial.Notice{}
			if err := t.LoadEach(streams, func(s event.Stream) event.State {
				notices[s] = &denial.Notice{}
				return notices[s]
			}); err != nil {
				return err
			}
			for _, s := range streams {
				if n := notices[s]; n != nil && n.Stands != nil && slices.Contains(n.Stands.To, state) {
					entities = append(entities, a.refusedParties(n)...)
				}
			}
		}
	})
	if err != nil {
		return nil, fault.Wrap(err, "node: refusals that a partner was told of")
	}
	var b bytes.Buffer
	err = listfile.WriteEntities(&b, a.denialList(), string(deadline.DateOf(a.Now(), time.UTC)), entities)
	return b.Bytes(), fault.Wrap(err, "node: file of refusals")
}

func (a *App) denialList() string { return strings.ToUpper(a.cfg.prefix()) + "-DENIALS" }

// refusedParties are the parties of a notice as a list names them.
func (a *App) refusedParties(n *denial.Notice) (out []screening.Entity) {
	c := n.Stands.Content
	for i, p := range n.Content.Parties {
		if !slices.ContainsFunc(c.Parties, func(x denial.Refused) bool { return x.ID == p.ID }) {
			continue
		}
		e := screening.Entity{
			ID: strings.ToLower(n.Reference) + ":" + strconv.Itoa(i+1), List: a.denialList(), Type: screening.Organisation, Program: "Refused " + strings.ReplaceAll(p.Role, "_", " "),
			Listed: string(n.Day), Refused: c.Items, Remarks: strings.Join(slices.Concat(c.Codes, c.Grounds, []string{n.Stands.Words.Use}), "; "),
		}
		for j, name := range p.Names {
			kind := screening.Alias
			if j == 0 {
				kind = screening.Primary
			}
			e.Names = append(e.Names, screening.Name{Text: name, Kind: kind})
		}
		if len(p.Country) == 2 {
			e.Countries = []string{p.Country}
		}
		for _, id := range p.IDs {
			e.IDs = append(e.IDs, screening.Ident{Kind: id.Kind, Value: id.Value, Country: id.Country})
		}
		if len(e.Names) > 0 {
			out = append(out, e)
		}
	}
	return out
}
