package public

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/lists/register"
	"github.com/comity-project/comity/internal/web/ui"
)

// What the views of the register are given.
type (
	stateList struct {
		Register    register.InUse
		Shown       []register.State
		Subscribing int
		Form        ui.Form
		On          string // ISO date
		Keeper      bool
	}
	statePage struct {
		State    register.State
		Register register.Register
		On       string
		People   bool // names and addresses of contacts may be shown
	}
	previewPage struct {
		Diff                                  []register.Difference
		AsOf, Note, Version, Source, Register string
	}
)

// maxDiffs bounds the states whose differences are drawn.
const maxDiffs = 250

// day reads an ISO date; the zero time for anything else.
func day(iso string) time.Time {
	t, err := time.Parse(time.DateOnly, iso)
	if err != nil {
		return time.Time{}
	}
	return t
}

// date says an ISO date in the reader's form, and an unknown one as unknown.
func date(ctx context.Context, iso string) string {
	switch {
	case iso == "":
		return ""
	case iso == register.Unknown:
		return ui.T(ctx, "public.states.unknown")
	case day(iso).IsZero():
		return iso // a year alone
	}
	d := day(iso)
	return ui.P(ctx).Day(d.Year(), d.Month(), d.Day())
}

func span(ctx context.Context, from, until string) string {
	if until == "" || until == from {
		return date(ctx, from)
	}
	return ui.T(ctx, "public.states.span", "from", date(ctx, from), "until", date(ctx, until))
}

// since is since when a state subscribes, or that it is not on record.
func since(ctx context.Context, s register.State, on string) string {
	for _, x := range s.Subscriptions {
		if x.From <= on && (x.Until == "" || on < x.Until) {
			return date(ctx, x.From)
		}
	}
	return ui.T(ctx, "public.states.not_subscribing")
}

func regime(ctx context.Context, of string) string {
	if slices.Contains(regimes, of) {
		return ui.T(ctx, "public.regime."+of)
	}
	return of
}

// memberships are what the register has on a date, whether or not it knows since
// when.
func memberships(ctx context.Context, s register.State, on string) string {
	var names []string
	for _, of := range regimes {
		if s.MemberOf(of, on) != register.NotRecorded {
			names = append(names, regime(ctx, of))
		}
	}
	if len(names) == 0 {
		return ui.T(ctx, "public.states.none_recorded")
	}
	return ui.P(ctx).List(names)
}

// toCheck says what is not sure about a state's memberships.
func toCheck(ctx context.Context, s register.State, on string) string {
	open, undated := false, false
	for _, m := range s.Memberships {
		if m.Until == "" || on < m.Until {
			open, undated = open || m.Verify, undated || m.From == register.Unknown
		}
	}
	switch {
	case open && undated:
		return ui.T(ctx, "public.states.to_check_undated")
	case open:
		return ui.T(ctx, "public.states.to_check")
	case undated:
		return ui.T(ctx, "public.states.unknown")
	}
	return ""
}

func codes(s register.State) string {
	if s.Code3 == "" {
		return s.Code
	}
	return s.Code + ", " + s.Code3
}

func titled(ctx context.Context, keys []string) []ui.Column {
	out := make([]ui.Column, len(keys))
	for i, k := range keys {
		out[i] = ui.Column{Title: ui.T(ctx, k)}
	}
	return out
}

// source is a cell that leads to a source's own line on the page.
func source(id string) ui.Cell {
	if id == "" {
		return ui.Cell{}
	}
	return ui.Cell{Text: id, Href: "#source-" + id}
}

func verify(ctx context.Context, yes bool) string {
	if yes {
		return ui.T(ctx, "public.states.to_check")
	}
	return ""
}

func subscriptionRows(ctx context.Context, v statePage) [][]ui.Cell {
	var rows [][]ui.Cell
	for _, x := range v.State.Subscriptions {
		rows = append(rows, []ui.Cell{{Text: x.Document, Sub: x.Note}, {Text: date(ctx, x.From)}, {Text: date(ctx, x.Until)}, source(x.Source)})
	}
	return rows
}

func membershipRows(ctx context.Context, v statePage) [][]ui.Cell {
	var rows [][]ui.Cell
	for _, x := range v.State.Memberships {
		rows = append(rows, []ui.Cell{
			{Text: regime(ctx, x.Of), Sub: verify(ctx, x.Verify)}, {Text: date(ctx, x.From)}, {Text: date(ctx, x.Until)}, {Text: date(ctx, x.Seen)}, source(x.Source),
		})
	}
	return rows
}

func invitationRows(ctx context.Context, v statePage) [][]ui.Cell {
	var rows [][]ui.Cell
	for _, x := range v.State.Invitations {
		rows = append(rows, []ui.Cell{{Text: x.To, Sub: verify(ctx, x.Verify)}, {Text: date(ctx, x.From)}, source(x.Source)})
	}
	return rows
}

func contactRows(ctx context.Context, v statePage) [][]ui.Cell {
	var rows [][]ui.Cell
	for _, x := range v.State.Contacts {
		office := ui.Cell{Text: x.Office}
		if v.People && x.Person+x.Email != "" {
			office.Sub = strings.TrimSpace(x.Person + " " + x.Email)
		}
		rows = append(rows, []ui.Cell{office, {Text: date(ctx, x.From)}, {Text: date(ctx, x.Until)}, source(x.Source)})
	}
	return rows
}

// confidence is how sure the record of an authority is; a word of its own where
// the register gives none.
func confidence(c string) string {
	if slices.Contains([]string{"high", "medium"}, c) {
		return c
	}
	return "none"
}

// usedSources are the sources that a state's records name, in their order.
func usedSources(v statePage) []register.Source {
	used := map[string]bool{}
	for _, x := range v.State.Subscriptions {
		used[x.Source] = true
	}
	for _, x := range v.State.Memberships {
		used[x.Source] = true
	}
	for _, x := range v.State.Invitations {
		used[x.Source] = true
	}
	for _, x := range v.State.Contacts {
		used[x.Source] = true
	}
	if v.State.Authority != nil {
		used[v.State.Authority.Source] = true
	}
	var out []register.Source
	for _, s := range v.Register.Sources {
		if used[s.ID] {
			out = append(out, s)
		}
	}
	return out
}

// said is one record of a difference in words: what it is, then what it says.
func said(ctx context.Context, r register.Record) string {
	parts := make([]string, 0, len(r.Cells)+1)
	if r.Code != "" {
		parts = append(parts, r.Code)
	}
	for _, c := range r.Cells {
		value := c.Value
		switch c.Column {
		case "from", "until", "seen":
			value = date(ctx, value)
		case "kind":
			value = regime(ctx, value)
		}
		parts = append(parts, ui.T(ctx, "public.column."+c.Column)+" "+value)
	}
	return ui.T(ctx, "public.record."+r.Kind, "what", strings.Join(parts, ", "))
}

func differenceTitle(ctx context.Context, d register.Difference) string {
	switch {
	case d.Code == "":
		return ui.T(ctx, "public.states.itself")
	case d.Came:
		return ui.T(ctx, "public.states.came", "name", d.Name)
	case d.Went:
		return ui.T(ctx, "public.states.went", "name", d.Name)
	}
	return d.Name + " (" + d.Code + ")"
}
