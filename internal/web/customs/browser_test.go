package customs_test

import (
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

// The pages of the border are accessible, fit a phone, and are drawn for people
// to look at (see COMITY_PICTURES).
func TestPagesInABrowser(t *testing.T) {
	clock := nodetest.NewClock()
	app := nodetest.Open(t, store.SQLite, clock)
	b := newBorder(t, app)
	l := b.Licence(licensing.Condition{ID: "c1", Type: licensing.ModulesDisabled, Who: "licensee", What: "The search module is left out.", Verify: "Hash of the installed configuration", Consequence: "Suspension"})
	b.NotRequired()
	clock.Move(time.Hour)
	b.Do(b.Customs, node.TakeMessage{CustomsMessage: b.usage(l, 1, "2")})
	b.Do(b.Customs, node.TakeMessage{CustomsMessage: b.usage(l, 2, "5")})
	stop := node.NewID()
	b.Do(b.Customs, licensing.Hold{
		OnStop: licensing.OnStop{Stop: stop}, Declaration: "26XN000077", Office: "XN000100", Tariff: "8517.62",
		Text: licensing.StopText{Goods: "Two racks of traffic probes, unmarked", Exporter: "Alvania Flowgate", Question: "No licence was presented. Does this need one?"},
	})
	server := httptest.NewServer(b.site)
	t.Cleanup(server.Close)
	chromium, pictures := browser.Start(t), browser.Pictures(t)
	look := func(v *browser.Visitor, name string) {
		t.Helper()
		v.Accessible()
		v.Screenshot(filepath.Join(pictures, "customs-"+name+".png"))
		v.Size(360, 740)
		v.NoSidewaysScroll()
		v.Screenshot(filepath.Join(pictures, "customs-"+name+"-phone.png"))
		v.Size(1280, 900)
		v.Dark(true)
		v.Accessible()
		v.Dark(false)
	}
	enter := func(who access.Actor) *browser.Visitor {
		v, c := chromium.Visitor(t), b.SignIn(who)
		v.Open(server.URL + "/sign-in")
		v.Cookie(server.URL, c.Name, c.Value)
		return v
	}
	customs := enter(b.Customs)
	customs.Open(server.URL + "/customs")
	customs.Choose("Tariff code")
	customs.Fill("What to look up", "8523.49")
	customs.Choose("A declaration before me")
	customs.Fill("Which one?", "26XN000003")
	customs.Press("Look up")
	customs.Sees("4 items may leave under it", "no licence required", "The search module is left out.")
	look(customs, "look")
	customs.Open(server.URL + "/stops/new")
	look(customs, "hold")
	officer := enter(b.Officer)
	officer.Open(server.URL + "/stops")
	look(officer, "stops")
	officer.Open(server.URL + "/stops/" + stop)
	look(officer, "stop")
	officer.Open(server.URL + "/licences/" + l.ID)
	look(officer, "licence")
	officer.Open(server.URL + "/licences/" + l.ID + "/uses/" + b.Issued(l.ID).Uses[0].ID)
	look(officer, "use")
	holder := enter(b.Applicant)
	holder.Open(server.URL + "/exporter/licences/" + l.ID)
	look(holder, "held")
	holder.Open(server.URL + "/exporter/licences/" + l.ID + "/use")
	look(holder, "held-use")
	senior := enter(b.Senior)
	senior.Open(server.URL + "/licences/" + l.ID + "/revoke")
	look(senior, "revoke")
}
