package authority_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// The interview about a line goes on from answer to answer, in the address alone:
// nothing of the case changes, and other lines are not asked by it.
func TestInterviewAboutALine(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nodetest.NewClock())
	d := openRoom(t, app)
	a := d.Application(nodetest.Example(t, "01"))
	a.Lines[0].Description = "Jammer for mobile phones."
	id := d.Submit(a)
	path := "/cases/" + id + "/items"
	page := d.get(d.Technical, path)
	for _, l := range d.File(d.Technical, id).Case.App().Lines {
		asked := page.All("#line-" + l.ID + " form[method=get] input[type=radio]")
		if len(asked) == 0 {
			continue
		}
		name, _ := uitest.Attr(asked[0], "name")
		if !strings.HasPrefix(name, l.ID+".answer.") {
			t.Fatalf("an input is called %q", name)
		}
		after := d.get(d.Technical, path+"?"+url.Values{"line": {l.ID}, "from": {"0"}, name: {"yes"}, l.ID + ".answer.never.asked": {"yes"}}.Encode())
		after.HasText("#line-"+l.ID, "What was answered")
		after.Count("#line-"+l.ID+" form[method=get] input[type=radio][name="+name+"]", 0)
		after.Count("input[name="+l.ID+".answer.never.asked"+"]", 0)
		return
	}
	t.Fatal("no line has an open question")
}
