package authority_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// A notice leads to what it is about and is read then; others' notices are not
// there; everybody chooses how they are told.
func TestNoticesInTheProgram(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		id := d.imsi()
		d.Do(d.Officer, licensing.WriteNote{On: licensing.On{Case: id}, Text: "Look at the annex.", Tell: []string{d.Second.Account}})
		page := d.get(d.Second, "/notices").Status(200)
		page.HasText("main", "A note names you: XX-2026-0001")
		page.HasText(".who", "Notices (1)")
		page.LacksText("annex")
		list, _, err := app.NoticesOf(t.Context(), d.Second, "", true, 10)
		if err != nil || len(list) != 1 {
			t.Fatalf("%v, %v", list, err)
		}
		d.get(d.Officer, "/notices/"+list[0].ID).Status(404)
		d.get(d.Second, "/notices/"+list[0].ID).Redirects("/cases/" + id + "/notes#note-1")
		page = d.get(d.Second, "/notices")
		page.LacksText("Notices (1)")
		page.HasText("main", "Mark as unread")
		d.post(d.Second, page.Form("/notices/"+list[0].ID)).Redirects("/notices")
		d.post(d.Second, d.get(d.Second, "/notices?unread=yes").Form("/notices")).Redirects("/notices")
		d.get(d.Second, "/notices?unread=yes").HasText("main", "Nothing here")

		// The applicant's own, with the words of their side alone.
		d.get(d.Applicant, "/notices").Status(200).HasText("main", "News on your application: XX-2026-0001")
		settings := d.get(d.Applicant, "/notices/settings").Status(200)
		settings.HasText("main", "Reports under licences")
		settings.LacksText("What others do in your cases")

		f := d.get(d.Second, "/notices/settings").Form("/notices/settings")
		f.Set("way.work", "never")
		f.Set("quiet_from", "20")
		f.Set("quiet_to", "7")
		f.Set("zone", "Nowhere/Land")
		d.post(d.Second, f).Status(http.StatusUnprocessableEntity).HasText("main", "No time zone has this name")
		f.Set("zone", "Europe/Oslo")
		d.post(d.Second, f).Redirects("/notices/settings")
		again := d.get(d.Second, "/notices/settings").Form("/notices/settings")
		if again.Values.Get("way.work") != "never" || again.Values.Get("quiet_from") != "20" || again.Values.Get("zone") != "Europe/Oslo" {
			t.Errorf("kept: %v", again.Values)
		}
		f.Set("way.guarded", "never")
		d.post(d.Second, f).Status(http.StatusUnprocessableEntity)
	})
}

// The address in a mail turns mail down without a word of whose it is, by a
// person's click and by a mail program's; looking at it changes nothing.
func TestFewerMails(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		s, _, err := app.NoticeSettings(t.Context(), d.Second)
		if err != nil {
			t.Fatal(err)
		}
		if err := app.SetNotices(t.Context(), d.Second, s); err != nil {
			t.Fatal(err)
		}
		var token string
		if err := app.Store().View(t.Context(), func(tx *store.Tx) (err error) {
			_, token, _, _, err = tx.NoticeSetting(d.Second.Account)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		path := "/notices/fewer/" + token
		page := uitest.Get(t, d.h, path).Status(200)
		page.LacksText("Person second")
		if now, _, _ := app.NoticeSettings(t.Context(), d.Second); len(now.Ways) != 0 {
			t.Error("looking changed something")
		}
		post := func(path, how string) int {
			r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(url.Values{"how": {how}}.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			return uitest.Ask(t, d.h, r).Code
		}
		if code := post(path, "daily"); code != 200 {
			t.Fatalf("status %d", code)
		}
		if now, _, _ := app.NoticeSettings(t.Context(), d.Second); now.Ways["work"] != "daily" {
			t.Errorf("daily: %v", now.Ways)
		}
		r := httptest.NewRequest(http.MethodPost, path, strings.NewReader("List-Unsubscribe=One-Click"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		uitest.Ask(t, d.h, r).Status(200)
		if now, _, _ := app.NoticeSettings(t.Context(), d.Second); now.Ways["work"] != "never" || now.Ways["guarded"] != "daily" {
			t.Errorf("one click: %v", now.Ways)
		}
		if code := post("/notices/fewer/nonsense", "daily"); code != 404 {
			t.Errorf("nonsense: %d", code)
		}
	})
}

// Those who keep the node see whether mail goes out, and nobody else does.
func TestTheOperatorsPageOfMail(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		admin := nodetest.Person(t, app, d.Authority, "admin", access.Administrator)
		page := d.get(admin, "/people/mail").Status(200)
		page.HasText("main", "No mail server is configured")
		page.HasText("#refused", "Refused")
		for _, who := range []access.Actor{d.Officer, d.Applicant, d.Auditor} {
			d.get(who, "/people/mail").Status(404)
		}
	})
}
