package authority_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

// TestInBrowser walks an officer through a case with a real browser, checks each
// page with axe-core and for sideways scrolling on a phone, and takes pictures.
func TestInBrowser(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nodetest.NewClock())
	d := openRoom(t, app)
	id := d.imsi()
	waiting := d.imsi()
	amended := d.Application(nodetest.Example(t, "01"))
	changed := d.Submit(amended)
	amended.Lines[0].Quantity, amended.Parties[0].Names[0].Text = licensing.Quantity(2000), "Ministry of Borders"
	d.Do(d.Applicant, licensing.Amend{On: licensing.On{Case: changed}, Application: amended, Why: "Fewer are wanted."})
	d.Do(d.Officer, licensing.AskInformation{On: licensing.On{Case: waiting}, RFI: "rfi-1", Questions: []licensing.Question{{ID: "q1", Text: "Who orders each use of the equipment?"}}})
	unassigned := d.Application(nodetest.Example(t, "12"))
	d.Do(d.Applicant, licensing.Submit{On: licensing.On{Case: unassigned.ID}, Application: unassigned})
	d.as(d.Officer)
	d.as(d.Technical)

	opened := make(chan string, 1000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/cases/") {
			opened <- r.URL.Path
		}
		d.h.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	b := browser.Start(t)
	pictures := browser.Pictures(t)
	visit := func(sign string) *browser.Visitor {
		t.Helper()
		v := b.Visitor(t)
		v.Open(server.URL + "/sign-in")
		v.Fill("Sign-in name", sign)
		v.Fill("Password", nodetest.Password)
		v.Press("Sign in")
		return v
	}
	look := func(v *browser.Visitor, name string) {
		t.Helper()
		v.Size(1280, 900)
		v.Screenshot(filepath.Join(pictures, "authority-"+name+".png"))
		v.Accessible()
		v.Size(360, 740)
		v.NoSidewaysScroll()
		v.Screenshot(filepath.Join(pictures, "authority-"+name+"-phone.png"))
		v.Size(1280, 900)
		v.Dark(true)
		v.Accessible()
		v.Screenshot(filepath.Join(pictures, "authority-"+name+"-dark.png"))
		v.Dark(false)
	}
	officer := visit("officer")
	officer.Open(server.URL + "/work?list=open")
	officer.Sees("In assessment")
	look(officer, "work")
	// The keys walk the list.
	officer.Open(server.URL + "/work?list=open")
	officer.Type("j")
	officer.Type("\r")
	select {
	case <-opened:
	case <-time.After(20 * time.Second):
		t.Fatal("Enter opened no case")
	}
	// x picks a row; ? tells the keys; they can be turned off.
	officer.Open(server.URL + "/work?list=open")
	officer.Type("j")
	officer.Type("x")
	if n := len(officer.Texts("input[name=case]:checked")); n != 1 {
		t.Errorf("x picked %d cases", n)
	}
	officer.Type("?")
	if n := len(officer.Texts("details.keys[open]")); n != 1 {
		t.Error("? does not tell the keys")
	}
	officer.Accessible()
	officer.Press("Turn these keys off in this browser")
	officer.Type("j")
	officer.Type("x")
	if n := len(officer.Texts("input[name=case]:checked")); n != 0 {
		t.Error("keys that were turned off pick")
	}
	officer.Open(server.URL + "/account")
	officer.Click("Keys")
	officer.Press("Turn single keys on")
	officer.Open(server.URL + "/cases/" + id)
	officer.Sees("What is asked")
	look(officer, "overview")

	path := server.URL + "/cases/" + id
	officer.Open(path + "/parties")
	officer.Sees("Who is this like?", "by chance")
	look(officer, "parties")
	officer.Open(path + "/documents")
	look(officer, "documents")
	officer.Press("Read side by side Technical sheet")
	officer.Sees("Side by side", "Change sides")
	look(officer, "beside")
	officer.Open(server.URL + "/cases/" + changed + "/changes")
	officer.Sees("Fewer are wanted.")
	look(officer, "changes")
	officer.Open(path + "/history")
	look(officer, "history")
	officer.Open(server.URL + "/cases/" + waiting)
	officer.Sees("Who orders each use")
	look(officer, "waiting")

	technical := visit("technical")
	technical.Open(path + "/items")
	look(technical, "items")
	// Refused without a word on it; nothing is lost; then confirmed.
	technical.Press("Confirm line 1")
	technical.Sees("There is a problem")
	look(technical, "items-refused")
	technical.Scripts(false)
	technical.Open(path + "/items")
	technical.Sees("What it may be")
	technical.Scripts(true)

	officer.Open(server.URL + "/find?q=interior")
	look(officer, "find")
	officer.Open(server.URL + "/parties")
	look(officer, "register")
}
