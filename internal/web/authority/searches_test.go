package authority_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

func TestSearchesAreKeptForTheirOwner(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		save := func(name string) int {
			form := d.get(d.Officer, "/work?list=open&q=interior").Status(200).Form("/work/searches")
			form.Set("name", name)
			return d.post(d.Officer, form).Code
		}
		if code := save(" Ministries "); code != 303 {
			t.Fatalf("saving answers %d", code)
		}
		kept := d.get(d.Officer, "/work")
		if kept.Link("Ministries") != "/work?list=open&q=interior" {
			t.Error("the kept search leads elsewhere")
		}
		d.get(d.Second, "/work").LacksText("Ministries")

		// Another's search cannot be dropped; one's own can.
		drop := kept.Form("/work/searches/drop")
		d.post(d.Second, drop)
		d.get(d.Officer, "/work").HasText("#searches", "Ministries")
		d.post(d.Officer, drop)
		d.get(d.Officer, "/work").LacksText("Ministries")

		for name, want := range map[string]int{" ": 422, "bad\x00": 422} {
			if code := save(name); code != want {
				t.Errorf("%q answers %d", name, code)
			}
		}
		// What is refused comes back with the list, its filters and what was typed.
		form := d.get(d.Officer, "/cases?q=interior").Form("/work/searches")
		form.Set("name", strings.Repeat("long ", 20))
		again := d.post(d.Officer, form)
		again.HasText(".govuk-error-summary a", "Give the search a name of at most 80 characters.").HasText("h1", "Cases")
		if f := again.Form("/work/searches"); f.Get("name") != form.Get("name") || f.Get("query") != "q=interior" {
			t.Errorf("the form comes back with %v", f.Values)
		}
		form.Set("name", "All of them")
		d.post(d.Officer, form)
		if to := d.get(d.Officer, "/work").Link("All of them"); to != "/cases?q=interior" {
			t.Errorf("a search over all cases leads to %s", to)
		}
		for i := range store.MaxSearches {
			save(fmt.Sprint("Search ", i))
		}
		if code := save("One too many"); code != 422 {
			t.Errorf("one too many answers %d", code)
		}
		if code := save("Search 3"); code != 303 {
			t.Errorf("a name that is there answers %d", code)
		}
	})
}
