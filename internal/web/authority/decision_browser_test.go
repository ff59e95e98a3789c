package authority_test

import (
	"net/http/httptest"
	"path/filepath"
	"testing"

	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

// The pages of the first worked case are accessible, fit a phone, and are drawn
// for people to look at (see COMITY_PICTURES).
func TestPagesOfAssessmentAndDecision(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nodetest.NewClock())
	d := newDesk(t, app)
	id, in := d.karsovia()
	d.Settle(id, in)
	server := httptest.NewServer(d.site)
	t.Cleanup(server.Close)
	b, pictures := browser.Start(t), browser.Pictures(t)

	look := func(who access.Actor, path, name string) {
		v := b.Visitor(t)
		c := d.SignIn(who)
		v.Open(server.URL + "/sign-in")
		v.Cookie(server.URL, c.Name, c.Value)
		v.Open(server.URL + path)
		v.Accessible()
		v.Screenshot(filepath.Join(pictures, name+".png"))
		v.Size(360, 740)
		v.NoSidewaysScroll()
		v.Screenshot(filepath.Join(pictures, name+"-phone.png"))
		v.Size(1280, 900)
		v.Dark(true)
		v.Accessible()
		v.Screenshot(filepath.Join(pictures, name+"-dark.png"))
	}
	look(d.Officer, "/cases/"+id+"/assessment", "assessment-open")
	look(d.Adviser, "/cases/"+id+"/assessment/view", "assessment-view")
	look(d.Officer, "/cases/"+id+"/assessment/fact?line=1&fact=user.abuse_record", "assessment-fact")
	d.Complete(id, in, "1", "2", "3")
	d.advise(id, true)
	look(d.Officer, "/cases/"+id+"/assessment", "assessment-complete")
	look(d.Officer, "/cases/"+id+"/assurances", "assurances")
	look(d.Officer, "/cases/"+id+"/advice", "advice")
	look(d.Adviser, "/cases/"+id+"/advice/new", "advice-new")
	look(d.Officer, "/cases/"+id+"/decision/recommend", "recommend")
	d.recommend(id, map[string]string{"1": "refuse", "2": "refuse", "3": "refuse"}, "CP2-a")
	look(d.Senior, "/cases/"+id+"/decision/decide", "decide")
}
