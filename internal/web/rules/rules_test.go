package rules_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web"
	"github.com/comity-project/comity/internal/web/door"
)

// The pack is there to be read by whoever works with it, and by nobody else.
func TestThePackCanBeRead(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nil)
	org := nodetest.Org(t, app, account.Authority, "Licensing authority")
	trade := nodetest.Org(t, app, account.Exporter, "Company")
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
	for _, c := range []struct {
		role   access.Role
		org    string
		path   string
		status int
	}{
		{access.RightsAdviser, org, "/policy", 200},
		{access.RightsAdviser, org, "/policy?law=eu", 200},
		{access.RightsAdviser, org, "/policy/COC-R", 200},
		{access.RightsAdviser, org, "/policy/NONE", 404},
		{access.ExporterUser, trade, "/policy", 404},
		{access.CustomsOfficer, org, "/policy/COC-R", 404},
	} {
		sign := "p-" + node.NewID()
		who := nodetest.Person(t, app, c.org, sign, c.role)
		if err := app.Do(t.Context(), access.System(), node.SetPassword{Account: who.Account, New: "a long enough password"}); err != nil {
			t.Fatal(err)
		}
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Jar: jar}
		r, err := client.PostForm(server.URL+"/sign-in", url.Values{"name": {sign}, "password": {"a long enough password"}})
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if r, err = client.Get(server.URL + c.path); err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if r.StatusCode != c.status {
			t.Errorf("%s asks for %s: status %d, want %d", c.role, c.path, r.StatusCode, c.status)
		}
	}
}
