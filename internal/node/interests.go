package node

import (
	"context"
	"io/fs"
	"sync"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/interests"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
)

// interestRules are the rules that ship, read once.
var interestRules = sync.OnceValues(func() (interests.Rules, error) {
	raw, err := fs.ReadFile(content.FS, "interests.toml")
	if err != nil {
		return interests.Rules{}, err
	}
	return interests.ParseRules(raw)
})

func (a *App) registerInterests() {
	handlePrepared(a, ready, onInterests(func(c interests.Declare) string { return c.Account }))
	handlePrepared(a, ready, onInterests(func(c interests.End) string { return c.Account }))
	handlePrepared(a, ready, onInterests(func(c interests.Confirm) string { return c.Account }))
}

// onInterests is the way of every command on a register of interests.
func onInterests[C any](of func(C) string) func(*Tx, C, *Engines) error {
	return func(t *Tx, cmd C, e *Engines) error {
		who := of(cmd)
		if err := t.Must("", access.InterestOwn, access.Thing{Kind: interests.Kind, Account: who}); err != nil {
			return err
		}
		rules, err := interestRules()
		if err != nil {
			return err
		}
		r, _, err := load[*interests.Register](t, interests.StreamOf(who))
		if err != nil {
			return err
		}
		events, err := interests.Decide(r, cmd, rules, e.Calendar.Day(t.Now()))
		if err != nil {
			return err
		}
		return t.Append(events)
	}
}

// InterestsOf are what somebody declared, and the rules, for themselves and for
// those who may read every register.
func (a *App) InterestsOf(ctx context.Context, actor access.Actor, who string) (r *interests.Register, version int64, rules interests.Rules, err error) {
	r = &interests.Register{}
	if !access.Can(actor, access.InterestRead, access.Thing{Kind: interests.Kind, Account: who}) {
		return r, 0, rules, fault.New(fault.NotFound, "fault.not_found")
	}
	if rules, err = interestRules(); err != nil {
		return r, 0, rules, err
	}
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		version, err = t.Load(interests.StreamOf(who), r)
		return err
	})
	return r, version, rules, fault.Wrap(err, "node: interests")
}

// maxRegisters bounds the list of registers: a state has few such people.
const maxRegisters = 1000

// Registers are what all people declared, by account, for those who may read
// every register, and the people's names.
func (a *App) Registers(ctx context.Context, actor access.Actor) (all []*interests.Register, names map[string]string, err error) {
	if !access.Can(actor, access.InterestRead, access.Thing{Kind: interests.Kind}) {
		return nil, nil, nil
	}
	err = a.db.View(ctx, func(t *store.Tx) error {
		if err := t.LoadKind(interests.Kind, maxRegisters, func(event.Stream) event.State {
			all = append(all, &interests.Register{})
			return all[len(all)-1]
		}); err != nil {
			return err
		}
		ids := make([]string, 0, len(all))
		for _, r := range all {
			ids = append(ids, r.Account)
		}
		names, err = t.Names(ids)
		return err
	})
	return all, names, fault.Wrap(err, "node: registers of interests")
}

// subjectsOf are everybody whom a case names, its applicant first.
func subjectsOf(c *licensing.Case, applicant account.Org) []interests.Subject {
	out := []interests.Subject{{Names: []string{applicant.Name}}}
	if applicant.Registry != "" {
		out[0].Identifiers = []string{applicant.Registry}
	}
	return append(out, interests.SubjectsOf(c.App().Parties)...)
}

// registers are what some people declared, and the applicant with whom it is
// compared besides those whom the case names.
type registers struct {
	org *account.OrgState
	of  []*interests.Register
}

// registersOf puts the registers of people among the streams that are read.
func registersOf(c *licensing.Case, people []string, into map[event.Stream]event.State) registers {
	g := registers{org: &account.OrgState{}}
	into[event.StreamOf(account.KindOrg, c.Org)] = g.org
	for _, id := range people {
		if s := interests.StreamOf(id); id != "" && into[s] == nil {
			r := &interests.Register{}
			into[s], g.of = r, append(g.of, r)
		}
	}
	return g
}

// touching are the interests that agree with somebody in a case, by account.
func (g registers) touching(c *licensing.Case, day deadline.Date) (map[string][]interests.Agreement, error) {
	rules, err := interestRules()
	if err != nil {
		return nil, err
	}
	out, subjects := map[string][]interests.Agreement{}, subjectsOf(c, g.org.Org)
	for _, r := range g.of {
		if found := r.Touching(subjects, rules, day); len(found) > 0 {
			out[r.Account] = found
		}
	}
	return out, nil
}

// touchingBy reads which interests of some people agree with somebody in a case,
// by account, in one statement.
func touchingBy(t *store.Tx, c *licensing.Case, day deadline.Date, people []string) (map[string][]interests.Agreement, error) {
	into := map[event.Stream]event.State{}
	g := registersOf(c, people, into)
	if _, err := t.LoadMany(into); err != nil {
		return nil, err
	}
	return g.touching(c, day)
}

// keptApart refuses to let somebody act in a case, or be given it, in which they
// have an interest that the rules say keeps out. What the interest is stays with
// them and those who may read it.
func (t *Tx) keptApart(c *licensing.Case, cmd licensing.Command, day deadline.Date) error {
	who, key := []string{t.Actor.Account}, "interests.blocks.own"
	switch cmd := cmd.(type) {
	case licensing.Assign:
		who, key = []string{cmd.Officer}, "interests.blocks.other"
	case licensing.AssignReview:
		who, key = cmd.Reviewers, "interests.blocks.other"
	case licensing.GiveAdvice, licensing.Recommend, licensing.Countersign, licensing.IntendToRefuse, licensing.DecideCase, licensing.DecideAppeal, licensing.Reopen:
	default:
		return nil
	}
	if t.many != nil || t.Actor.System {
		return nil
	}
	found, err := touchingBy(t.Tx, c, day, who)
	if err != nil {
		return err
	}
	for _, agreements := range found {
		for _, a := range agreements {
			if a.Blocks {
				return fault.New(fault.Blocked, key)
			}
		}
	}
	return nil
}

// InterestsIn are the interests of people that agree with somebody in a case, by
// account: all of the reader's own, and of others for those who may read them.
// Of the rest of the people only their accounts come, without what agrees.
func (a *App) InterestsIn(ctx context.Context, actor access.Actor, c *licensing.Case, people []string) (map[string][]interests.Agreement, error) {
	if c.Stage.Group() == "closed" {
		return nil, nil // nothing is left to keep out of
	}
	e, err := a.Engines(ctx)
	if err != nil {
		return nil, err
	}
	var out map[string][]interests.Agreement
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		out, err = touchingBy(t, c, e.Calendar.Day(a.Now()), people)
		return err
	})
	return interestsShown(actor, out), fault.Wrap(err, "node: interests in a case")
}

func interestsShown(actor access.Actor, out map[string][]interests.Agreement) map[string][]interests.Agreement {
	for id := range out {
		if !access.Can(actor, access.InterestRead, access.Thing{Kind: interests.Kind, Account: id}) {
			out[id] = nil
		}
	}
	return out
}
