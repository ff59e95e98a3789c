package staff

import (
	"context"
	"encoding/json"
	"sort"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// What the views are given.
type (
	peopleList struct {
		Page     node.PeoplePage
		Form     ui.Form
		Orgs     []store.OrgRow
		MoreOrgs bool
		Pending  int
		Manage   bool
		Pages    ui.Pages
	}
	accountPage struct {
		node.AccountPage
		Manage, Own                      bool
		History                          []ui.Event
		Problem, Roles, Status, Password ui.Form
	}
	orgList struct {
		Rows   []store.OrgRow
		Form   ui.Form
		Manage bool
		Pages  ui.Pages
	}
	orgPage struct {
		node.OrgPage
		Form                     ui.Form
		Settle, Manage, Accounts bool
		History                  []ui.Event
	}
	recordPage struct {
		node.Record
		First bool
		Pages ui.Pages
	}
)

// nameOf is a person's name, or that it was erased.
func nameOf(ctx context.Context, a account.Account) string {
	if a.Erased != nil {
		return ui.T(ctx, "staff.erased_person")
	}
	return a.Profile.Name
}

// by is who did something, in words.
func by(ctx context.Context, actor, name string) string {
	switch {
	case actor == "system":
		return ui.T(ctx, "staff.by_node")
	case name == "":
		return ui.T(ctx, "staff.erased_person")
	}
	return name
}

// history is the history of an account or organisation, the latest first.
func history(ctx context.Context, past node.Past, proofs bool) []ui.Event {
	out := make([]ui.Event, 0, len(past.Events))
	for i := len(past.Events) - 1; i >= 0; i-- {
		r := past.Events[i]
		text, why := happened(ctx, r.Event)
		e := ui.Event{Text: text, Why: why, Time: r.Time, By: by(ctx, r.Actor, past.Names[r.Actor])}
		if proofs {
			e.Proof = recordPath(r.Seq)
		}
		out = append(out, e)
	}
	return out
}

// happened says an event of an account or organisation in plain words, and why.
func happened(ctx context.Context, ev event.Event) (text, why string) {
	switch e := ev.(type) {
	case account.OrgRegistered:
		if e.Status == account.Pending {
			return ui.T(ctx, "staff.past.org_came"), ""
		}
		return ui.T(ctx, "staff.past.org_registered"), ""
	case account.OrgSettled:
		why := e.Note.Value
		if e.Note.Erased != nil {
			why = ""
		}
		if e.Status == account.Active {
			return ui.T(ctx, "staff.past.org_activated"), why
		}
		return ui.T(ctx, "staff.past.org_turned_away"), why
	case account.Opened:
		return ui.T(ctx, "staff.past.opened", "roles", door.RoleNames(ctx, e.Roles)), ""
	case account.RolesChanged:
		if len(e.Compartments) > 0 {
			return ui.T(ctx, "staff.past.roles_compartments", "roles", door.RoleNames(ctx, e.Roles), "compartments", e.Compartments), e.Reason
		}
		return ui.T(ctx, "staff.past.roles", "roles", door.RoleNames(ctx, e.Roles)), e.Reason
	case account.StatusChanged:
		return ui.T(ctx, "staff.past.status."+string(e.Status)), e.Reason
	case account.CredentialSet:
		return ui.T(ctx, "staff.past.credential."+e.What), ""
	}
	return typeWords(ctx, ev.EventType()), ""
}

// typeWords says a type of event in plain words: "A case was submitted".
func typeWords(ctx context.Context, typ string) string { return ui.T(ctx, "staff.event."+typ) }

// thing says what a stream is: its kind in words, and its id.
func thing(ctx context.Context, s event.Stream) (kind, id string) {
	return ui.T(ctx, "staff.kind."+s.Kind()), s.ID()
}

// rolesFor are the roles that can be given on one side of the counter.
func rolesFor(ctx context.Context, side account.OrgKind) []ui.Option {
	var out []ui.Option
	for _, r := range access.Roles() {
		if side == "" || (r == access.ExporterUser) == (side == account.Exporter) {
			out = append(out, ui.Option{Value: string(r), Text: ui.T(ctx, "role."+string(r))})
		}
	}
	return out
}

func orgOptions(ctx context.Context, orgs []store.OrgRow, open bool) []ui.Option {
	var out []ui.Option
	for _, o := range orgs {
		if open && o.Status == string(account.Disabled) {
			continue
		}
		out = append(out, ui.Option{Value: o.ID, Text: o.Name})
	}
	return out
}

func statusChip(ctx context.Context, status string) (tone ui.Tone, text string) {
	switch account.Status(status) {
	case account.Pending:
		tone = ui.Needs
	case account.Disabled:
		tone = ui.Stopped
	}
	return tone, ui.T(ctx, "staff.status."+status)
}

// rolesSaid turns the roles of a row into the reader's language.
func rolesSaid(ctx context.Context, joined string) string {
	var roles []access.Role
	for _, r := range strings.Fields(joined) {
		roles = append(roles, access.Role(r))
	}
	return door.RoleNames(ctx, roles)
}

// rowName is the name in a row; an erased one says so.
func rowName(ctx context.Context, a store.AccountRow) string {
	if a.Display == "" {
		return ui.T(ctx, "staff.erased_person")
	}
	return a.Display
}

// keptRows are the top of an event's kept part as rows, by name.
func keptRows(kept []byte) []ui.SummaryRow {
	var fields map[string]json.RawMessage
	if json.Unmarshal(kept, &fields) != nil {
		return nil
	}
	names := make([]string, 0, len(fields))
	for n := range fields {
		names = append(names, n)
	}
	sort.Strings(names)
	rows := make([]ui.SummaryRow, 0, len(names))
	for _, n := range names {
		text := string(fields[n])
		var plain string
		if json.Unmarshal(fields[n], &plain) == nil {
			text = plain
		}
		rows = append(rows, ui.SummaryRow{Key: n, Text: shortened(text)})
	}
	return rows
}

// maxShown bounds one value on a page, in code points: a register of states is
// in its proof whole, not on the page.
const maxShown = 1200

func shortened(s string) string {
	if r := []rune(s); len(r) > maxShown {
		return string(r[:maxShown]) + " …"
	}
	return s
}

func roleNames(ctx context.Context, a account.Account) string { return door.RoleNames(ctx, a.Roles) }
