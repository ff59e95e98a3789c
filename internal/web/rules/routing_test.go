package rules_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web"
	"github.com/comity-project/comity/internal/web/door"
)

// Whoever works on a case can read whom the pack asks, whom it does not, and the
// facts by which it does; nobody else can.
func TestRoutingOfACase(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nodetest.NewClock())
	h := nodetest.Staff(t, app)
	in := nodetest.Example(t, "01")
	id := h.Submit(h.Application(in))
	h.Settle(id, in)
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
	path := "/policy/routing/" + id
	for _, c := range []struct {
		who    access.Actor
		path   string
		status int
	}{
		{h.Officer, path, 200}, {h.Auditor, path, 200}, {h.Applicant, path, 404}, {h.Customs, path, 404}, {h.Officer, "/policy/routing/none", 404},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.AddCookie(h.SignIn(c.who))
		r, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = r.Body.Close()
		if r.StatusCode != c.status {
			t.Errorf("%s asks for %s: %d, want %d", c.who.Name, c.path, r.StatusCode, c.status)
		}
	}
	v := browser.Start(t).Visitor(t)
	cookie := h.SignIn(h.Officer)
	v.Cookie(server.URL, cookie.Name, cookie.Value)
	v.Open(server.URL + path)
	v.Sees("Asked", "Human-rights adviser", "item.severity >= 4 && item.path_to_harm", "In every case.")
	for _, width := range []int{1280, 360} {
		v.Size(width, 900)
		v.Accessible()
		v.NoSidewaysScroll()
		v.Screenshot(filepath.Join(browser.Pictures(t), map[int]string{1280: "routing-wide.png", 360: "routing-narrow.png"}[width]))
	}
	// The newspaper's encryption: the refusal's second signature alone is asked,
	// and of everybody else the page says why not.
	newspaper := nodetest.Example(t, "12")
	id = h.Submit(h.Application(newspaper))
	h.Settle(id, newspaper)
	v.Open(server.URL + "/policy/routing/" + id)
	v.Sees("Not asked", "Human-rights adviser", "Is there a stated path from what the item can do to harm to people? no")
}
