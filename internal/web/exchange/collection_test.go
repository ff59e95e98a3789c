package exchange_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

var lab = dispatch.Provenance{Source: "A laboratory", Licence: "CC-BY-4.0", Admiralty: "B2"}

// labBundle holds a name, an indicator that is not valid, and what is about both.
const labBundle = `{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000001","objects":[
{"type":"identity","spec_version":"2.1","id":"identity--00000000-0000-4000-8000-000000000001","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","name":"Halden Signals"},
{"type":"indicator","spec_version":"2.1","id":"indicator--00000000-0000-4000-8000-000000000002","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","pattern":"[app:id = 'x']","pattern_type":"stix","valid_from":"2026-01-01T00:00:00Z"},
{"type":"relationship","spec_version":"2.1","id":"relationship--00000000-0000-4000-8000-000000000003","created":"2026-01-01T00:00:00.000Z","modified":"2026-01-01T00:00:00.000Z","relationship_type":"indicates","source_ref":"indicator--00000000-0000-4000-8000-000000000002","target_ref":"identity--00000000-0000-4000-8000-000000000001"}]}`

// A point of contact opens a collection, takes a file in, sees what is held aside
// and why, lets a program in, takes everything away again byte for byte, and
// begins a report from a name; nothing goes to anybody by itself.
func TestWhatOthersPublish(t *testing.T) {
	both(t, func(t *testing.T, engine store.Engine, clock *nodetest.Clock) {
		xn := community(t, engine, clock, "XA", "XN")["XN"]
		f := xn.page("/exchange/collections", xn.Contact).Form("/exchange/collections")
		f.Set("title", "Spyware indicators")
		collection := "/exchange/collections/" + f.Get("id")
		xn.post(f, xn.Contact).Redirects(collection)
		xn.page("/exchange/collections/take", xn.Contact)
		answer := xn.take(map[string]string{"collection": f.Get("id"), "source": "A laboratory"}).Status(http.StatusUnprocessableEntity)
		answer.HasText(".govuk-error-summary", "Say under which licence")
		to := xn.take(map[string]string{"collection": f.Get("id"), "source": "A laboratory", "licence": "CC-BY-4.0", "admiralty": "B2"}).Status(http.StatusSeeOther).Header.Get("Location")
		page := xn.page(to, xn.Contact)
		page.HasText("#aside", `"id" is not the name`).HasText("#aside", "relationship--").HasText("#objects", "Halden Signals").HasText(".handling", "AMBER+STRICT")
		file := httptest.NewRequest(http.MethodGet, to+"/file", nil)
		if got := uitest.Ask(t, xn.site, file, xn.house.SignIn(xn.Contact)).Status(http.StatusOK).Body; got != labBundle {
			t.Errorf("it does not come out as it came: %s", got)
		}
		xn.page(page.Link("Write a report"), xn.Contact).HasText("body", "A laboratory (CC-BY-4.0)")
		var made node.NewProgram
		if err := xn.App.Do(t.Context(), access.System(), account.OpenProgram{
			ID: node.NewID(), Org: xn.Authority, Name: "Laboratory's client", Role: access.PointOfContact, About: "feeds", Expires: clock.Now().AddDate(0, 3, 0).Format(time.DateOnly),
		}, node.Into(&made)); err != nil {
			t.Fatal(err)
		}
		allow := xn.page(collection, xn.Contact).Form(collection + "/allow")
		allow.Set("account", made.ID)
		allow.Set("may", "write")
		allow.Set("source", "A laboratory")
		allow.Set("licence", "CC-BY-4.0")
		allow.Set("admiralty", "B2")
		xn.post(allow, xn.Contact).Redirects(collection)
		xn.page(collection, xn.Contact).HasText("#accounts", "Laboratory's client")
		xn.page(collection, xn.Adviser)
		for _, form := range []string{"stix", "misp", "csv"} {
			r := httptest.NewRequest(http.MethodGet, collection+"/file?as="+form, nil)
			if a := uitest.Ask(t, xn.site, r, xn.house.SignIn(xn.Adviser)).Status(http.StatusOK); len(a.Body) == 0 {
				t.Errorf("%s is empty", form)
			}
		}
		xn.post(xn.page(collection, xn.Contact).Form(collection+"/close"), xn.Contact).Redirects(collection)
	})
}

// take sends the form of a file.
func (s seat) take(fields map[string]string) *uitest.Answer {
	s.T.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	file, err := w.CreateFormFile("file", "lab.json")
	if err != nil {
		s.T.Fatal(err)
	}
	_, _ = file.Write([]byte(labBundle))
	for name, value := range fields {
		_ = w.WriteField(name, value)
	}
	_ = w.Close()
	r := httptest.NewRequest(http.MethodPost, "/exchange/collections/take", &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return uitest.Ask(s.T, s.site, r, s.house.SignIn(s.Contact))
}
