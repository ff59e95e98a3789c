package exporter_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// A hundred items come from a file, all or none; the table changes them.
func TestAHundredItems(t *testing.T) {
	f := newFirm(t, nodetest.Open(t, store.SQLite, nodetest.NewClock()))
	d := f.begin()
	var rows strings.Builder
	rows.WriteString("kind,description,quantity,unit,value,currency,claimed_code,categories,dispatch\n")
	for i := range 100 {
		fmt.Fprintf(&rows, "goods,Radio %d,%d,items,1500.50,EUR,5A001,other,XN\n", i+1, i+1)
	}
	bad := strings.Replace(rows.String(), "Radio 57,57,", "Radio 57,many,", 1)
	refused := f.upload(d+"/items/file", "items.csv", bad).Status(http.StatusUnprocessableEntity).Sound()
	refused.HasText(".govuk-error-summary a[href=#f-file]", "Line 58, column 16")
	f.page(d+"/items").Count("#items tbody tr", 0)
	f.upload(d+"/items/file", "items.csv", rows.String()).Redirects(d + "/items")
	f.page(d+"/items").Count("#items tbody tr", 100).HasText("strong", "150,050.00")
	f.page(d + "/check")
	f.page(d)

	table := d + "/items/table"
	form := f.page(table).Form(table)
	id := form.Values["id"][2]
	fresh := form.Values["id"][100]
	f.send(form, "row."+id+".quantity", "7.5", "row."+fresh+".description", "Antenna", "row."+fresh+".kind", "goods", "row."+fresh+".quantity", "2", "row."+fresh+".unit", "items", "row."+fresh+".value.amount", "10").Redirects(d + "/items")
	f.send(form, "row."+id+".quantity", "7.5", "row."+fresh+".description", "Antenna", "row."+fresh+".kind", "goods", "row."+fresh+".quantity", "2", "row."+fresh+".unit", "items", "row."+fresh+".value.amount", "10").Redirects(d + "/items")
	f.page(d+"/items").Count("#items tbody tr", 101).HasText("td", "7.5 items").HasText("th", "Antenna")
	wrong := f.fill(table, "row."+id+".quantity", "lots").Status(http.StatusUnprocessableEntity).Sound()
	if got := wrong.Form(table).Get("row." + id + ".quantity"); got != "lots" {
		t.Errorf("typed into the table: %q", got)
	}
	if got := f.page(table).Form(table).Get("row." + id + ".quantity"); got != "lots" {
		t.Errorf("kept of the table: %q", got)
	}
	remove := d + "/remove/line/" + id
	f.page(remove).HasText("main", "Radio 3")
	uitest.Post(t, f.site, uitest.Form{Action: remove}, f.ada).Redirects(d + "/items")
	uitest.Post(t, f.site, uitest.Form{Action: remove}, f.ada).Redirects(d + "/items")
	f.page(d+"/items").Count("#items tbody tr", 100)

	paste := f.page(d + "/items/file").Form(d + "/items/paste")
	f.send(paste, "rows", "kind\tdescription\ngoods\tX\n").Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary", "missing")
	f.page(d+"/items/file").HasText("textarea", "kind")
	uitest.Get(t, f.site, d+"/items/columns.csv", f.ada).Status(http.StatusOK)
}

// Files that are too large, empty, or of a kind that is not taken are refused
// with a word, and nothing else goes with them.
func TestFilesAreRefusedWithAWord(t *testing.T) {
	cfg := nodetest.Config(t, store.SQLite, nodetest.NewClock())
	cfg.DocumentLimit = 1 << 20
	f := newFirm(t, nodetest.OpenAt(t, cfg))
	d := f.begin()
	f.upload(d+"/documents", "a.exe", "MZ\x90\x00", "kind", "contract", "title", "The contract").Status(http.StatusUnprocessableEntity).Sound().HasText(".govuk-error-summary a[href=#f-file]", "not taken")
	f.upload(d+"/documents", "a.txt", "", "title", "x").Status(http.StatusUnprocessableEntity).HasText("main", "empty")
	f.upload(d+"/documents", "", "").Status(http.StatusUnprocessableEntity).HasText("main", "Choose a file")
	big := f.upload(d+"/documents", "big.txt", strings.Repeat("x", 2<<20), "title", "Big one").Status(http.StatusRequestEntityTooLarge).Sound()
	big.HasText(".govuk-error-summary", "larger than")
	r := httptest.NewRequest(http.MethodPost, d+"/documents", strings.NewReader("x"))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=b")
	r.ContentLength = 2 << 30
	uitest.Ask(t, f.site, r, f.ada).Status(http.StatusRequestEntityTooLarge)
	kept := f.upload(d+"/documents", "law.txt", "text\n", "kind", "legal_mandate", "title", "The law").Redirects(d + "/documents")
	_ = kept
	page := f.page(d+"/documents").HasText(".docs a", "The law").HasText(".docs .meta", "Legal mandate")
	file := uitest.Get(t, f.site, page.Link("The law"), f.ada).Status(http.StatusOK)
	if file.Body != "text\n" || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") || file.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("%q as %v", file.Body, file.Header)
	}
}
