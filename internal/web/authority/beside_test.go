package authority_test

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
)

// On a case a document stands beside another or beside the case's own facts, in
// a frame in which nothing can run; what changed between two versions is told
// fact by fact.
func TestReadingSideBySide(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		in := nodetest.Example(t, "01")
		a := d.Application(in)
		text := a.Documents[0].ID
		for name, body := range map[string]string{"contract.pdf": "%PDF-1.7\nmade up", "plate.png": "\x89PNG\r\n\x1a\nmade up"} {
			doc, err := app.Upload(context.Background(), d.Applicant, node.Upload{Kind: "contract", Title: name, Name: name}, bytes.NewReader([]byte(body)))
			if err != nil {
				t.Fatal(err)
			}
			a.Documents = append(a.Documents, doc)
		}
		id := d.Submit(a)
		d.Screen(id, in)
		tab, page := "/cases/"+id, "/cases/"+id+"/beside"
		for _, doc := range a.Documents[3:] {
			shown := d.get(d.Officer, page+"?right="+doc.ID)
			file := d.get(d.Officer, tab+"/documents/"+doc.ID+"/read").Status(http.StatusOK)
			rules := file.Header.Get("Content-Security-Policy")
			if !strings.HasPrefix(rules, "default-src 'none'") || strings.Contains(rules, "script") || !strings.HasSuffix(rules, "frame-ancestors 'self'") || file.Header.Get("X-Content-Type-Options") != "nosniff" || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "inline") {
				t.Errorf("%s is shown with %v", doc.Title, file.Header)
			}
			if doc.Title == "plate.png" {
				shown.Count("#side-right img.paper", 1).Count("iframe", 0)
			} else if shown.Count("#side-right iframe.paper", 1); !strings.Contains(shown.Header.Get("Content-Security-Policy"), "frame-src 'self'") {
				t.Error("the page may not show its frame")
			}
		}
		both := d.get(d.Officer, page).HasText("#side-left dl", "What for").Count("#side-right iframe[sandbox]", 1)
		d.get(d.Officer, both.Link("Change sides")).HasText("#side-right dl", "What for").Count("#side-left iframe[sandbox]", 1)
		d.get(d.Officer, page+"?left=items&right=parties").HasText("#side-left", in.Lines[0].Description).HasText("#side-right", a.Parties[0].Names[0].Text)
		d.get(d.Officer, page+"?left=answers&right=tests-"+in.Lines[0].ID).HasText("#side-right table", "Where it stands")
		for _, wrong := range []string{"?left=nothing", "?right=tests-none", "?right=assurance-none"} {
			d.get(d.Officer, page+wrong).Status(http.StatusNotFound)
		}
		if rules := d.get(d.Officer, tab+"/documents/"+text+"/read").Header.Get("Content-Security-Policy"); !strings.Contains(rules, "sandbox;") {
			t.Errorf("a text is shown with %q", rules)
		}
		for _, path := range []string{page, tab + "/documents/" + text + "/read", tab + "/changes"} {
			d.get(d.Applicant, path).Status(http.StatusNotFound)
		}

		// One version has nothing to be compared with.
		d.get(d.Officer, tab+"/changes").Status(http.StatusNotFound)
		a.EndUse.Purpose, a.Lines[0].Quantity = "Border posts only", licensing.Quantity(2000)
		a.Parties[0].Names[0].Text = "Ministry of Borders"
		d.Do(d.Applicant, licensing.Amend{On: licensing.On{Case: id}, Application: a, Why: "Fewer are wanted."})
		changes := d.get(d.Officer, tab).Link("What changed from version 1 to version 2")
		answer := d.get(d.Officer, changes)
		got := answer.HasText("#changes", "Fewer are wanted.")
		for _, told := range []string{"Border posts only", "6 items", "2 items", "Ministry of Borders"} {
			got.HasText("#changes table", told)
		}
		if n := strings.Count(answer.Body, "<tr>"); n > 12 {
			t.Errorf("%d rows tell three changes", n)
		}
	})
}
