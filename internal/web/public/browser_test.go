package public_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

// TestInBrowser registers a company, without scripts and with them, looks at the
// register of states and takes one in; every page is checked with axe-core, and
// for sideways scrolling on a phone.
func TestInBrowser(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nodetest.NewClock())
	h := handler(t, app)
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	b := browser.Start(t)
	pictures := browser.Pictures(t)
	look := func(v *browser.Visitor, name string) {
		t.Helper()
		v.Size(1280, 900)
		v.Screenshot(filepath.Join(pictures, "public-"+name+".png"))
		v.Accessible()
		v.Size(360, 740)
		v.NoSidewaysScroll()
		v.Screenshot(filepath.Join(pictures, "public-"+name+"-phone.png"))
		v.Size(1280, 900)
	}
	for _, scripts := range []bool{false, true} {
		v := b.Visitor(t)
		v.Scripts(scripts)
		sign := "plain"
		if scripts {
			sign = "scripted"
		}
		v.Open(server.URL + "/")
		v.Press("Register your company")
		v.Fill("Name of the company", "Тронмарк "+sign)
		v.Press("Go on")
		v.Sees("There is a problem", "Choose a country")
		if scripts {
			look(v, "register-company")
		}
		v.Select("Country in which it is registered", "Norland")
		v.Fill("Number in the companies register", "R-"+sign)
		v.Press("Go on")
		v.Fill("Your name", "Амира Тестова")
		if scripts {
			look(v, "register-person")
		}
		v.Press("Go on")
		v.Fill("Sign-in name", sign)
		v.Fill("Password", "short")
		v.Press("Register")
		v.Sees("A password has 12 to 200 characters")
		v.Fill("Password", password)
		if scripts {
			look(v, "register-sign")
		}
		v.Press("Register")
		v.Sees("Your company is registered", "draft your first application")
		if scripts {
			look(v, "registered")
		}
	}

	v := b.Visitor(t)
	v.Open(server.URL + "/states")
	v.Sees("25 states subscribe", "Ecuador")
	look(v, "states")
	v.Fill("Part of a name, or a code", "kosovo")
	v.Click("Show")
	v.Sees("1 state")
	v.Press("Kosovo")
	v.Sees("Code XK")
	look(v, "state")
	v.Open(server.URL + "/states/FR")
	look(v, "state-france")

	org := nodetest.Org(t, app, account.Authority, "Authority")
	keeper := nodetest.Person(t, app, org, "keeper", access.ListKeeper)
	if err := app.Do(ctx, access.System(), node.SetPassword{Account: keeper.Account, New: password}); err != nil {
		t.Fatal(err)
	}
	changed := parsed(t, exported(t, h, "/states.json"))
	changed.AsOf = "2026-11-23"
	for i := range changed.States {
		if changed.States[i].Code == "XK" {
			changed.States[i].Note = "Changed for this test."
		}
	}
	file := filepath.Join(t.TempDir(), "states.json")
	if err := os.WriteFile(file, written(t, changed), 0o600); err != nil {
		t.Fatal(err)
	}
	v.Open(server.URL + "/sign-in?next=/states/import")
	v.Fill("Sign-in name", "keeper")
	v.Fill("Password", password)
	v.Press("Sign in")
	v.Press("See what differs")
	v.Sees("Choose a file", "Say where this version comes from")
	look(v, "import")
	v.Upload("File", file)
	v.Fill("Why, and where it comes from", "Letter of the ministry, 3 November 2026")
	v.Press("See what differs")
	v.Sees("Kosovo", "Changed for this test", "Take it in")
	look(v, "preview")
	v.Press("Take it in")
	v.Sees("The register is taken in")
}
