package public_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"github.com/comity-project/comity/internal/genuine"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// What the square code of a licence says can be entered where the check code can;
// it is read offline with the authority's key, and the list of licences that do
// not hold names a licence once it is suspended. A changed mark is no licence's.
func TestTheSquareCodeOfALicence(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h, site := nodetest.Staff(t, app), handler(t, app)
		l := h.Licence()
		app.Runner().Drain(ctx)
		var mark []string
		for _, x := range h.File(h.Officer, l.Case).Case.Letters {
			d, body, err := app.OpenDocument(ctx, h.Applicant, l.Case, x.Document)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(body)
			if err != nil {
				t.Fatal(err)
			}
			if body.Close(); d.MediaType == node.LetterHTML {
				mark = append(mark, uitest.Parse(t, string(b)).Texts("p.letter-mark")...)
			}
		}
		if len(mark) != 1 {
			t.Fatalf("the licence has the marks %q", mark)
		}
		key, err := note.NewVerifier(strings.TrimSpace(uitest.Get(t, site, "/check/key").Body))
		if err != nil {
			t.Fatal(err)
		}
		m, err := genuine.Read(mark[0], key)
		if err != nil || m.Reference != l.Reference {
			t.Fatalf("offline it reads %+v, %v", m, err)
		}
		listed := func() bool {
			t.Helper()
			list, err := genuine.ReadList([]byte(uitest.Get(t, site, "/check/not-in-force").Body), key)
			if err != nil {
				t.Fatal(err)
			}
			return list.Has(licensing.CodeHash(m.Code))
		}
		check := func(code string) *uitest.Answer {
			f := uitest.Get(t, site, "/check").Form("/check")
			f.Set("code", code)
			return uitest.Post(t, site, f).Status(http.StatusOK)
		}
		check(mark[0]).HasText(".banner", "genuine").HasText(".banner", l.Reference+" was issued on").HasText("strong", "valid")
		check(strings.Replace(mark[0], l.Reference, "XN-L-2026-9999", 1)).HasText(".banner", "No licence has this code").LacksText("was issued on")
		if listed() {
			t.Error("a licence that holds is on the list of those that don't")
		}
		h.Do(h.Senior, licensing.Suspend{OnLicence: licensing.OnLicence{Licence: l.ID}, Ground: "incident", Why: "A report."})
		check(mark[0]).HasText("strong", "suspended")
		if !listed() {
			t.Error("a suspended licence is not on the list")
		}
	})
}
