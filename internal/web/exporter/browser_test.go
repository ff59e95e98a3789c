package exporter_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
)

// look is a visitor of the exporter's pages and where its pictures go.
type look struct {
	*browser.Visitor
	pictures string
}

// at checks a page with axe-core and for its shape on a phone, and takes its
// picture wide, small and dark.
func (l look) at(name string) {
	l.Size(1280, 900)
	l.Screenshot(filepath.Join(l.pictures, "exporter-"+name+".png"))
	l.Accessible()
	l.Size(360, 740)
	l.NoSidewaysScroll()
	l.Screenshot(filepath.Join(l.pictures, "exporter-"+name+"-small.png"))
	l.Dark(true)
	l.Accessible()
	l.Screenshot(filepath.Join(l.pictures, "exporter-"+name+"-dark.png"))
	l.Dark(false)
	l.Size(1280, 900)
}

// The exporter's walk in a real browser: an interception system for a ministry,
// from the empty home page to the submission, an answer and a withdrawal.
func TestWalkInBrowser(t *testing.T) {
	f := newFirm(t, nodetest.Open(t, store.SQLite, nodetest.NewClock()))
	server := httptest.NewServer(f.site)
	t.Cleanup(server.Close)
	v := look{browser.Start(t).Visitor(t), browser.Pictures(t)}
	sheet := filepath.Join(t.TempDir(), "sheet.txt")
	if err := os.WriteFile(sheet, []byte("Collects IMSI and IMEI.\n"), 0o600); err != nil {
		t.Fatal(err)
	}

	v.Open(server.URL + "/exporter")
	v.Fill("Sign-in name", "ada")
	v.Fill("Password", nodetest.Password)
	v.Press("Sign in")
	v.Sees("Apply for your first licence")
	v.at("home-empty")
	v.Press("Start an application")
	v.Press("Individual licence")
	draft := v.URL()
	v.at("tasks-new")

	v.Press("About this application")
	v.Fill("Title", "IMSI catchers for the Ministry of Interior of Karsovia")
	v.at("about")
	v.Press("Save and continue")

	v.Press("Items and services")
	v.at("items-empty")
	v.Press("Add an item")
	v.Choose("Goods")
	v.Fill("Description", "Vehicle-mounted IMSI catcher, 2G to 5G")
	v.Fill("Part number", "NRS-400V")
	v.at("item-what")
	v.Press("Save and continue")
	v.Choose("Mobile interception, IMSI catchers")
	v.Fill("Control code, in your view", "5A001.f")
	v.Choose("European Union, Annex I")
	v.at("item-does")
	v.Press("Save and continue")
	v.Fill("Quantity", "six")
	v.Select("Unit", "Items")
	v.Press("Save and continue")
	v.Sees("There is a problem", "saved as it is")
	v.at("item-amount-wrong")
	v.Fill("Quantity", "6")
	v.Select("Currency", "EUR")
	v.Fill("Amount", "3,100,000")
	v.Select("Country from which it leaves", "Norland")
	v.Press("Save and continue")
	v.at("item-sheet")
	v.Upload("File", sheet)
	v.Press("Send the file")
	v.Sees("The file is received")
	v.at("items")

	v.Open(draft + "/parties")
	v.Press("Add a party")
	v.Fill("Name, as it is written", "Министерство внутренних дел Карсовии")
	v.Fill("Name in Latin letters", "Ministry of Interior of Karsovia")
	v.Choose("End user")
	v.ChooseIn("Kind of party", "Organ of a state")
	v.ChooseIn("How it stands to a state", "Organ of a state")
	v.Select("What kind of body it is", "Interior ministry")
	v.Select("Country", "Karsovia")
	v.at("party-who")
	v.Press("Save and continue")
	v.at("party-names")
	v.Press("Save and continue")
	v.at("party-where")
	v.Press("Save and continue")
	v.Press("Add a unit or site")
	v.Fill("Name, as it is written", "МВД")
	v.Choose("Ministry")
	v.Press("Save and continue")
	v.Press("Add a unit or site")
	v.Fill("Name, as it is written", "Особый отдел")
	v.Choose("Unit")
	v.Select("It belongs to", "МВД")
	v.Choose("This unit will operate the items")
	v.at("unit")
	v.Press("Save and continue")
	v.Sees("operates the items")
	v.at("units")
	v.Press("Done with units")
	v.at("parties")

	v.Open(draft + "/use")
	v.Fill("What it will be used for", "Locating suspects")
	v.Fill("On whom it will be used", "Mobile telephones near the vehicle")
	v.Select("Country of use", "Karsovia")
	v.Fill("Place of use", "Veden and other towns")
	v.at("use")
	v.Press("Save and continue")
	v.Sees("Legal mandate of the end user", "First everything that is missing")
	v.at("tasks")
	v.Press("What is missing")
	v.Sees("INT-2", "INT-3")
	v.at("missing")
	v.Open(draft + "/questions/INT-2")
	v.at("question")
	v.Upload("File", sheet)
	v.Press("Send the file")
	v.Open(draft + "/questions/INT-3")
	v.Fill("Answer in words", "The head of the department signs each use. No court is asked.")
	v.Press("Save and continue")
	v.Sees("Nothing is missing")

	// Two windows on one page.
	other := look{browser.Start(t).Visitor(t), v.pictures}
	other.Open(server.URL + "/exporter")
	other.Fill("Sign-in name", "ada")
	other.Fill("Password", nodetest.Password)
	other.Press("Sign in")
	other.Open(draft + "/use")
	v.Open(draft + "/use")
	other.Fill("What it will be used for", "Finding missing people")
	other.Press("Save and continue")
	v.Fill("What it will be used for", "Locating suspects in towns")
	v.Press("Save and continue")
	v.Sees("saved in another window", "Finding missing people", "Locating suspects in towns")
	v.at("clash")
	v.Press("Save what is typed here")

	v.Press("Check your answers")
	v.Sees("Locating suspects in towns", "Особый отдел")
	v.at("check")
	v.Press("Continue to the declaration")
	v.Choose("I make this declaration")
	v.Fill("Your full name", "Ada Quill")
	v.at("declaration")
	other.Open(draft + "/declaration")
	other.Choose("I make this declaration")
	other.Fill("Your full name", "Ada Quill")
	v.Press("Submit the application")
	v.Sees("Application submitted", "XX-2026-0001")
	v.at("submitted")
	other.Press("Submit the application") // a page that was left open
	other.Sees("Application submitted", "XX-2026-0001")
	v.Press("See where it stands")
	id := filepath.Base(v.URL())

	on := licensing.On{Case: id}
	f.Do(f.Senior, licensing.Assign{On: on, Officer: f.Officer.Account})
	f.Do(f.Officer, licensing.AskInformation{On: on, RFI: node.NewID(), Questions: []licensing.Question{{ID: "q1", Text: "Which unit of the ministry will operate the vehicles, and where?"}, {ID: "q2", Text: "Who keeps the record of each use?"}}})
	f.letters()
	v.Open(server.URL + "/exporter")
	v.at("home")
	v.Press("IMSI catchers for the Ministry")
	v.Sees("waits for your answer")
	v.at("standing")
	v.Press("Answer")
	v.at("request")
	v.Fill("Question 1", "The Special Department, in Veden.")
	v.Press("Send the answer")
	v.Sees("Sent to the authority")
	v.Press("Request for information")
	v.Sees("Which unit of the ministry")
	v.at("letter")
	v.Open(server.URL + "/exporter/applications")
	v.at("applications")
	v.Open(server.URL + "/exporter/cases/" + id + "/withdraw")
	v.at("withdraw")
	v.Fill("Why you withdraw it", "The contract was cancelled.")
	v.Press("Withdraw")
	v.Sees("The application is withdrawn")

	v.Open(server.URL + "/exporter")
	v.Press("Start an application")
	v.Press("Individual licence")
	draft = v.URL()
	v.Open(draft + "/items/table")
	v.at("table")
	v.Open(draft + "/items/file")
	v.at("file")
	v.Open(draft + "/route")
	v.at("route")

	// Without scripts everything works the same.
	v.Scripts(false)
	v.Open(draft)
	v.Press("End use")
	v.Select("Country of use", "Karsovia")
	v.Press("Save and continue")
	v.Sees("2 things missing")
	v.Press("End use")
	v.Sees("Karsovia")
}
