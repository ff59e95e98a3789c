package authority

import (
	"context"
	"net/http"
	"slices"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui"
)

// earlierShown is how many earlier cases of the end user a page names, and how
// many of the item alone.
const earlierShown = 8

// earlier is what ties other cases to this one: its end user by register, listed
// entry and name, and its items by code.
func (v *caseView) earlier() store.Earlier {
	app := v.Case.App()
	q := store.Earlier{Scope: access.ScopeOf(v.Reader, access.CaseRead), Besides: v.ID(), Codes: v.codes(), Kinds: v.kinds(), Destination: app.EndUse.Country, Limit: earlierShown}
	user, ok := app.EndUser()
	if !ok {
		return q
	}
	if user.Register != "" {
		q.Registers = []string{user.Register}
	}
	for _, n := range user.Names {
		q.Names = append(q.Names, n.Text, n.Latin)
	}
	for _, i := range user.Identifiers {
		if mark := i.Key(user.Country); mark != "" && user.Kind != party.Person {
			q.Marks = append(q.Marks, mark)
		}
	}
	for _, h := range v.Assessment.Hits {
		if h.Party == user.ID && h.Outcome == assessment.SameParty {
			q.Listed = append(q.Listed, [2]string{h.List, h.Entry})
		}
	}
	return q
}

// codes are the control codes of the case's lines, confirmed or else claimed.
func (v *caseView) codes() []string {
	var out []string
	for _, l := range v.Case.App().Lines {
		codes := v.Assessment.Classified[l.ID].Codes
		if len(codes) == 0 && l.ClaimedCode != "" {
			codes = []string{l.ClaimedCode}
		}
		for _, c := range codes {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// kinds are the kinds of the case's items, confirmed or else claimed.
func (v *caseView) kinds() []string {
	var out []string
	for _, l := range v.Case.App().Lines {
		kinds := l.Categories
		if k := v.Assessment.Classified[l.ID].Category; k != "" {
			kinds = []string{k}
		}
		for _, k := range kinds {
			if !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
	}
	return out
}

// priorShown bounds the clauses of earlier assurances on the page.
const priorShown = 30

// promised is the tab with the assurances, and those given in other cases.
type promised struct {
	*sheet
	Prior []priorAssurance
}

// priorAssurance is a clause of an assurance that was given in another case.
type priorAssurance struct {
	store.PriorAssurance
	Units []string // of its giver, those that were to use the items
}

// elsewhere tells whether this case takes items that were assured to stay to
// another destination, while the assurance runs.
func (a priorAssurance) elsewhere(v *caseView, day deadline.Date) bool {
	given := a.Reply == string(licensing.Given) || a.Reply == string(licensing.Changed)
	runs := a.Expires == "" || deadline.Date(a.Expires) >= day
	stays := a.Clause == string(licensing.NoReexport) || a.Clause == string(licensing.NoTransfer)
	return given && runs && stays && len(a.Lines) > 0 && a.Destination != v.Case.App().EndUse.Country
}

func (p *pages) assurancesPage(w http.ResponseWriter, r *http.Request) {
	v, ok := p.open(w, r)
	if !ok {
		return
	}
	s, err := p.sheetOf(r.Context(), v)
	if err == nil {
		d := promised{sheet: s}
		if d.Prior, err = p.prior(r.Context(), v); err == nil {
			p.draw(w, r, http.StatusOK, v, tabAssurances, ui.FormOf(), assurancesView(d))
			return
		}
	}
	p.Fail(w, r, err)
}

// prior are the assurances that parties of the case gave in other cases, by their
// entry of the register, and those of closed cases of the same end user.
func (p *pages) prior(ctx context.Context, v *caseView) (out []priorAssurance, err error) {
	var registers []string
	for _, x := range v.Case.App().Parties {
		if x.Register != "" && !slices.Contains(registers, x.Register) {
			registers = append(registers, x.Register)
		}
	}
	q := v.earlier()
	err = p.App.Store().View(ctx, func(t *store.Tx) error {
		q.Destination = "" // the item alone is no tie of whoever gives his word
		found, err := t.EarlierCases(q)
		if err != nil {
			return err
		}
		var cases []string
		for _, c := range found {
			cases = append(cases, c.ID)
		}
		rows, err := t.PriorAssurances(q.Scope, v.ID(), registers, cases, q.Codes, priorShown)
		if err != nil {
			return err
		}
		units, err := unitsOf(t, rows)
		for _, a := range rows {
			out = append(out, priorAssurance{a, units[a.Case+"/"+a.Party]})
		}
		return err
	})
	return out, err
}

// unitsOf are the names of the units that were to use the items, by case and party.
func unitsOf(t *store.Tx, rows []store.PriorAssurance) (map[string][]string, error) {
	cases := map[event.Stream]*licensing.Case{}
	var streams []event.Stream
	for _, a := range rows {
		if s := node.CaseStream(a.Case); cases[s] == nil {
			cases[s], streams = &licensing.Case{}, append(streams, s)
		}
	}
	if err := t.LoadEach(streams, func(s event.Stream) event.State { return cases[s] }); err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for _, c := range cases {
		for _, x := range c.App().Parties {
			for _, u := range x.Tree {
				if u.Uses {
					out[c.ID+"/"+x.ID] = append(out[c.ID+"/"+x.ID], party.PrimaryName(u.Names))
				}
			}
		}
	}
	return out, nil
}
