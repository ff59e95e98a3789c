package staff_test

import (
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

// TestInBrowser walks through every page with a real browser, checks each with
// axe-core and for sideways scrolling on a phone, and takes its picture.
func TestInBrowser(t *testing.T) {
	clock := nodetest.NewClock()
	app := nodetest.Open(t, store.SQLite, clock)
	h := newHouse(t, app)
	company := node.Register{Register: account.Register{
		Org: node.NewID(), Name: "Тронмарк ООД", Country: "XN", Registry: "R-77", Account: node.NewID(), Profile: account.Profile{Name: "Амира Тестова", Sign: "tronmark"},
	}, Password: password}
	if err := app.Do(ctx, access.Nobody(), company); err != nil {
		t.Fatal(err)
	}
	leaver := h.person(h.org, "leaver", access.LicensingOfficer)
	if err := app.Do(ctx, h.people["admin"], account.ChangeRoles{ID: leaver.Account, Roles: []access.Role{access.LicensingOfficer, access.TechnicalAssessor}, Compartments: []string{"delta"}, Reason: "Stands in for a colleague until March"}); err != nil {
		t.Fatal(err)
	}
	if _, err := app.Checkpoint(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := app.AskVerification(ctx, h.people["auditor"]); err != nil {
		t.Fatal(err)
	}
	app.Runner().Drain(ctx)
	clock.Move(time.Hour)

	server := httptest.NewServer(h.h)
	t.Cleanup(server.Close)
	b := browser.Start(t)
	pictures := browser.Pictures(t)
	visit := func(sign string) *browser.Visitor {
		t.Helper()
		v := b.Visitor(t)
		v.Open(server.URL + "/sign-in")
		v.Fill("Sign-in name", sign)
		v.Fill("Password", password)
		v.Press("Sign in")
		return v
	}
	look := func(v *browser.Visitor, name string) {
		t.Helper()
		v.Size(1280, 900)
		v.Screenshot(filepath.Join(pictures, "staff-"+name+".png"))
		v.Accessible()
		v.Size(360, 740)
		v.NoSidewaysScroll()
		v.Screenshot(filepath.Join(pictures, "staff-"+name+"-phone.png"))
		v.Size(1280, 900)
	}

	admin := visit("admin")
	for name, path := range map[string]string{
		"people": "/people", "account": "/people/" + leaver.Account, "orgs": "/people/orgs", "new-org": "/people/orgs/new", "record": "/record", "entry": "/record/2",
	} {
		admin.Open(server.URL + path)
		look(admin, name)
	}
	admin.Open(server.URL + "/people/new")
	admin.Fill("Name", "Nobody in particular")
	admin.Press("Open the account")
	admin.Sees("There is a problem", "Choose an organisation", "Choose at least one role")
	look(admin, "new-account")

	coordinator := visit("coordinator")
	coordinator.Open(server.URL + "/people/orgs/" + company.Org)
	look(coordinator, "org")
	coordinator.Choose("It is who it says: activate it")
	coordinator.Fill("Note", "Extract of 2 November compared")
	coordinator.Press("Record this")
	coordinator.Sees("The company is active")

	exporter := visit("tronmark")
	exporter.Open(server.URL + "/exporter/people")
	look(exporter, "colleagues")

	custodian := visit("custodian")
	custodian.Open(server.URL + "/erase/new")
	look(custodian, "erase-new")
	custodian.Choose("Account")
	custodian.Fill("Which one?", "leaver")
	custodian.Fill("Rule or request", "Staff records, two years after leaving")
	custodian.Press("See what this would do")
	look(custodian, "erase-confirm")
	custodian.Press("Erase for ever")
	custodian.Sees("Erased", "gone from this node")
	look(custodian, "erase-done")
	custodian.Open(server.URL + "/erase")
	look(custodian, "erasures")
}
