package authority_test

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// The written assessment is held until the adviser has spoken, each sentence
// waits for a person, and only a signed text can be exported.
func TestTheWrittenAssessmentIsSignedOnItsPage(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		id, in := d.karsovia()
		d.Settle(id, in)
		officer, adviser := d.SignIn(d.Officer), d.SignIn(d.Adviser)
		text := "/cases/" + id + "/assessment/text"
		d.page(text, officer).HasText(".banner", "No draft is shown before the human-rights adviser")
		d.Complete(id, in, "1", "2", "3")
		page := d.page(text, officer).HasText("article", "generated: nobody has said this yet").HasText("article", "Line 1 has to be refused.")
		page.HasText("article", "No change of four facts or fewer would lift the refusal of line 1.").HasText("article li", "Has this end user used such items")
		page.LacksText("Sign the written assessment")
		uitest.Get(t, d.site, text+"/pdf", officer).Status(http.StatusConflict)
		uitest.Get(t, d.site, text+"/docx", d.SignIn(d.Customs)).Status(http.StatusNotFound)

		form := page.Form(text)
		uitest.Post(t, d.site, form, officer).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary", "Tick at least one sentence.")
		facts, err := app.AssessFacts(t.Context(), d.Officer, d.File(d.Officer, id))
		if err != nil {
			t.Fatal(err)
		}
		sentences := d.File(d.Officer, id).Assessment.Draft(facts)
		for _, s := range sentences {
			form.Values["say"] = append(form.Values["say"], s.ID)
		}
		form.Set("sentence."+sentences[0].ID, "It reads every phone within two kilometres.")
		uitest.Post(t, d.site, form, officer).Redirects(text)
		d.page(text, officer).HasText("article", "It reads every phone within two kilometres.").HasText("article", "in a person's own words").HasText("article", "confirmed")
		dissent := d.page(text, adviser).Form(text + "/dissent")
		dissent.Set("dissent", "The second report is older than it looks.")
		uitest.Post(t, d.site, dissent, adviser).Redirects(text)
		uitest.Post(t, d.site, d.page(text, officer).Form(text+"/sign"), officer).Redirects(text)
		d.page(text, officer).HasText("#dissent", "older than it looks").LacksText("changed since it was signed")
		d.page(text, officer).LacksText("Sign the written assessment")
		copies := map[string]string{}
		for kind, begins := range map[string]string{"pdf": "%PDF-", "docx": "PK", "html": "<!DOCTYPE html>"} {
			file := uitest.Get(t, d.site, text+"/"+kind, officer).Status(http.StatusOK)
			if copies[kind] = file.Body; !strings.HasPrefix(file.Body, begins) {
				t.Errorf("the %s begins with %q", kind, file.Body[:5])
			}
		}
		copies["docx"] = wordText(t, copies["docx"])
		for _, kind := range []string{"docx", "html"} {
			for _, want := range []string{"It reads every phone within two kilometres.", "older than it looks", "TLP:AMBER"} {
				if !strings.Contains(copies[kind], want) {
					t.Errorf("the %s lacks %q", kind, want)
				}
			}
		}
		d.Do(d.Officer, assessment.JudgeSeverity{Case: id, Line: "1", Severity: in.Lines[0].Severity, Reason: "Looked at again."})
		d.page(text, officer).HasText("#signed", "changed since it was signed")
	})
}

// wordText is the text of a document as a word processor reads it.
func wordText(t *testing.T, file string) string {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	f, err := z.Open("word/document.xml")
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for d := xml.NewDecoder(f); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		if c, ok := tok.(xml.CharData); ok {
			out.Write(c)
		}
	}
}

func TestWrittenAssessmentInBrowser(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nodetest.NewClock())
	d := newDesk(t, app)
	id, in := d.karsovia()
	d.Settle(id, in)
	d.Complete(id, in, "1", "2", "3")
	d.SignIn(d.Officer)
	server := httptest.NewServer(d.site)
	t.Cleanup(server.Close)
	pictures := browser.Pictures(t)
	v := browser.Start(t).Visitor(t)
	v.Open(server.URL + "/sign-in")
	v.Fill("Sign-in name", "officer")
	v.Fill("Password", nodetest.Password)
	v.Press("Sign in")
	v.Forgive()
	v.Open(server.URL + "/cases/" + id + "/assessment/text")
	v.Size(1280, 900)
	v.Screenshot(filepath.Join(pictures, "written.png"))
	v.Accessible()
	v.Size(360, 740)
	v.NoSidewaysScroll()
	v.Screenshot(filepath.Join(pictures, "written-phone.png"))
}
