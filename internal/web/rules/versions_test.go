package rules_test

import (
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/policy"
)

// An editor writes a version and looks at what it would change; a senior officer
// has past decisions put to it and publishes it for a day. The pages are looked
// at wide and narrow, and checked for accessibility.
func TestAVersionOfTheRulesInABrowser(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nil)
	decidedOnce(t, app)
	org := nodetest.Org(t, app, account.Authority, "Policy unit")
	people := map[string]access.Role{"eda": access.PolicyEditor, "hed": access.SeniorOfficer, "ivo": access.LicensingOfficer}
	for sign, role := range people {
		who := nodetest.Person(t, app, org, sign, role)
		if err := app.Do(t.Context(), access.System(), node.SetPassword{Account: who.Account, New: nodetest.Password}); err != nil {
			t.Fatal(err)
		}
	}
	cat, err := lang.Load(content.FS)
	if err != nil {
		t.Fatal(err)
	}
	site, err := web.Site(door.New(app), web.Options{Catalogue: cat, Zone: time.UTC})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(site)
	defer server.Close()
	b, pictures := browser.Start(t), browser.Pictures(t)
	enter := func(sign string) *browser.Visitor {
		v := b.Visitor(t)
		v.Open(server.URL + "/sign-in")
		v.Fill("Sign-in name", sign)
		v.Fill("Password", nodetest.Password)
		v.Press("Sign in")
		v.Forgive() // the page after signing in belongs to another door
		return v
	}
	look := func(v *browser.Visitor, name string) {
		t.Helper()
		for _, width := range []int{1280, 360} {
			v.Size(width, 900)
			v.Accessible()
			v.NoSidewaysScroll()
			v.Screenshot(filepath.Join(pictures, "rules-"+name+map[int]string{1280: "-wide.png", 360: "-narrow.png"}[width]))
		}
		v.Size(1280, 900)
	}
	editor := enter("eda")
	editor.Open(server.URL + "/policy/versions")
	look(editor, "none")
	editor.Open(server.URL + "/policy/versions/new")
	text := editor.Value("The pack as YAML")
	text = strings.Replace(text, "2026-11-22", "2027-01", 1)
	editor.Fill("The pack as YAML", strings.Replace(text, "user.abuse_record || ", "user.abuse_recrod || ", 1))
	editor.Press("Look at changes and tests")
	editor.Sees("doesn't load", "user.abuse_recrod")
	editor.Forgive() // a refused form answers 422
	editor.Fill("The pack as YAML", strings.Replace(text, "The use would not be lawful", "This use would not be lawful", 1))
	editor.Press("Look at changes and tests")
	editor.Sees("words only", "No table has a gap")
	look(editor, "edit")
	editor.Fill("Why is the pack changed?", "Plainer words.")
	editor.Press("Put forward")
	editor.Sees("The version was put forward", "put forward", "COC-R")
	at := editor.URL()

	senior := enter("hed")
	senior.Open(at)
	senior.Press("Run the replay")
	senior.Sees("of 0 cases")
	app.Runner().Drain(t.Context())
	senior.Open(at)
	senior.Sees("1 case would stand elsewhere", "By destination", "clear", "undecided", "COC-4a is unknown")
	look(senior, "moves")
	day := app.Now()
	senior.FillDate("In force from", day.Day(), int(day.Month()), day.Year())
	senior.Press("Publish")
	senior.Sees("past decisions that nobody acknowledged")
	senior.Forgive()
	senior.Fill("Why may these decisions move?", "Nothing was known of them.")
	senior.Press("Acknowledge")
	senior.Sees("acknowledged that 1 case would move", "Nothing was known of them.")
	senior.FillDate("In force from", 1, 1, 2020)
	senior.Press("Publish")
	senior.Sees("days that are over")
	senior.Forgive()
	look(senior, "refused")
	senior.FillDate("In force from", day.Day(), int(day.Month()), day.Year())
	senior.Press("Publish")
	senior.Sees("Published.", "in force")
	look(senior, "version")
	senior.Open(server.URL + "/policy/versions")
	look(senior, "versions")

	officer := enter("ivo")
	officer.Open(at)
	officer.Sees("Plainer words.")
	officer.Misses("Withdraw this version")
}

// decidedOnce keeps of a case that it was decided as clear, on nothing known but
// what the item is: any pack moves it.
func decidedOnce(t *testing.T, app *node.App) {
	t.Helper()
	h := nodetest.Staff(t, app)
	id := h.Submit(h.Application(nodetest.Example(t, "01")))
	e, err := app.Engines(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	values := policy.PackValues(e.Pack, policy.Facts{
		policy.FactCategory: {Value: policy.Text("imsi_catcher")}, policy.FactSeverity: {Value: policy.Int(5)},
	})
	nodetest.Decided(t, app, id, e.Pack, policy.Kept{Line: "1", Destination: "XA", Standing: policy.Clear, Values: values})
}
