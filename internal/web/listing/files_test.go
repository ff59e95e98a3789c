package listing_test

import (
	"bytes"
	"encoding/csv"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// send sends a file with the form's other inputs.
func (h *house) send(sign, name, content string, values ...string) *uitest.Answer {
	h.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i < len(values); i += 2 {
		if err := w.WriteField(values[i], values[i+1]); err != nil {
			h.t.Fatal(err)
		}
	}
	if name != "" {
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			h.t.Fatal(err)
		}
		if _, err := io.WriteString(part, content); err != nil {
			h.t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		h.t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/screen/files", &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return uitest.Ask(h.t, h.h, r, h.as(sign))
}

const customers = "no,name,country\n1,Zarvanik Optronics Works,XR\n2,Qwertop Nobody Limited,\n3,,\n"

func TestAFileOfPartiesComesBackWithResults(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		h := newHouse(t, app)
		h.stock()
		h.get("officer", "/screen").Status(200).HasText("#main", "Search with a file")
		h.get("officer", "/screen/files").Status(200).NothingChosen("purpose").HasText("#main", "No file yet")

		duty := []string{"purpose", "duty", "about", "Export control act, section 4"}
		h.send("officer", "", "", duty...).Status(422)
		h.send("officer", "parties.csv", customers).Status(422).HasText("#f-purpose-error", "Choose")
		h.send("officer", "parties.pdf", customers, duty...).Status(422).HasText("#f-file-error", ".xlsx")
		h.send("officer", "parties.xlsx", customers, duty...).Status(422).HasText("#f-file-error", ".xlsx")
		h.send("officer", "parties.xlsx", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", duty...).Status(422).HasText("#f-file-error", "locked with a password")
		h.send("officer", "parties.csv", "a,b\n1,2\n", duty...).Status(422).HasText("#f-file-error", "name the columns")
		h.send("officer", "parties.csv", "name\n\"a\n", duty...).Status(422).HasText("#f-file-error", "Line 2")
		h.send("officer", "parties.csv", "name\n", duty...).Status(422).HasText("#f-file-error", "holds nothing")
		h.send("auditor", "parties.csv", customers, duty...).Status(404)

		at := h.send("officer", "parties.csv", customers, duty...).Status(303).Header.Get("Location")
		waiting := h.get("officer", at).Status(200)
		waiting.HasText("#main", "0 of 3").Count("progress", 1)
		h.get("exporter", at).Status(404)
		h.get("officer", at+"/results").Status(404)
		app.Runner().Drain(ctx)

		done := h.get("officer", at).Status(200)
		done.HasText("#main", "Done").HasText("#main", "Export control act, section 4").Count("progress", 0)
		rows := h.table("officer", at+"/results")
		if len(rows) != 4 || rows[0][3] != "result" || rows[1][3] == "none close" || rows[1][4] == "0" || rows[2][3] != "none close" || rows[3][3] != "no name" {
			t.Errorf("%q", rows)
		}
		h.get("exporter", at+"/results").Status(404)
		// The auditor sees how many, for what, by whom: no name of a party or file.
		h.get("auditor", "/screenings").HasText("tbody tr", "A duty under law").LacksText("Zarvanik").LacksText("parties.csv")

		// An exporter's file is held against public lists alone.
		own := h.send("exporter", "customers.csv", customers, "purpose", "customers").Status(303).Header.Get("Location")
		app.Runner().Drain(ctx)
		if rows := h.table("exporter", own+"/results"); rows[1][3] != "none close" {
			t.Errorf("an exporter is told of a list that is not public: %q", rows[1])
		}
		h.get("officer", own).Status(404)

		form := h.get("officer", at).Form(at + "/remove")
		h.post("officer", form).Redirects("/screen/files")
		h.get("officer", at).Status(404)
		h.get("officer", at+"/results").Status(404)

		// What nobody removes goes after a month.
		clock.Move(node.KeepScreenFile + 1e9)
		app.Runner().Drain(ctx)
		if _, err := app.ScreenFile(ctx, h.people["exporter"], strings.TrimPrefix(own, "/screen/files/")); err == nil {
			t.Error("a file is still there after its time")
		}
	})
}

// table reads a table of results.
func (h *house) table(sign, path string) [][]string {
	h.t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.AddCookie(h.as(sign))
	h.h.ServeHTTP(w, r)
	rows, err := csv.NewReader(w.Body).ReadAll()
	if err != nil || w.Code != http.StatusOK || !strings.Contains(w.Header().Get("Content-Disposition"), "-screened.csv") {
		h.t.Fatalf("%d %v %v", w.Code, w.Header(), err)
	}
	return rows
}

func TestOnlySoManyFilesWaitAtOnce(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := newHouse(t, app)
		for range 5 {
			h.send("exporter", "customers.csv", customers, "purpose", "customers").Status(303)
		}
		h.send("exporter", "customers.csv", customers, "purpose", "customers").Status(429)
		app.Runner().Drain(ctx)
		h.send("exporter", "customers.csv", customers, "purpose", "customers").Status(303)
	})
}
