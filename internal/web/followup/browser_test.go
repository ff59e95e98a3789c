package followup_test

import (
	"net/http/httptest"
	"path/filepath"
	"testing"
	"time"

	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/enforcement"
	"github.com/comity-project/comity/internal/incidents"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/verification"
)

// A check is made on a phone abroad, without scripts; every page is accessible,
// fits 360 px, and is drawn for people to look at (see COMITY_PICTURES).
func TestOneCheckOnAPhoneAbroad(t *testing.T) {
	clock := nodetest.NewClock()
	d := newDesk(t, nodetest.Open(t, store.SQLite, clock))
	l := d.Licence(licensing.Condition{ID: "c1", Type: licensing.Serials, Who: "licensee", What: "The numbers stay at the named site.", Verify: "Count on site", Consequence: "Revocation"})
	clock.Move(time.Hour)
	d.left(l, 1, "K-1", "K-2", "K-3")
	today := d.day()
	plan := node.NewID()
	d.Do(d.Verifier, verification.DrawPlan{Plan: plan, From: today.Add(-30), To: today, Wanted: 1, Purpose: "Sample of the year"})
	on := verification.OnCheck{Check: node.NewID()}
	d.Do(d.Verifier, verification.Prepare{OnCheck: on, Licence: l.ID, Reason: verification.Drawn, Plan: plan, Why: "The yearly sample.", Checklist: "serials", Officer: d.Verifier.Account, Due: today.Add(9), Place: "Veden, 1 Main Street", Note: "Two sites; begin with the north."})
	d.Do(d.Verifier, verification.RecordConsent{OnCheck: on, Day: today, Answer: verification.Given, Said: "Clause 4 of the certificate."})

	server := httptest.NewServer(d.site)
	t.Cleanup(server.Close)
	chromium, pictures := browser.Start(t), browser.Pictures(t)
	enter := func(who access.Actor) *browser.Visitor {
		v, c := chromium.Visitor(t), d.SignIn(who)
		v.Open(server.URL + "/sign-in")
		v.Cookie(server.URL, c.Name, c.Value)
		return v
	}
	look := func(v *browser.Visitor, name string) {
		t.Helper()
		v.Size(1280, 900)
		v.Accessible()
		v.Screenshot(filepath.Join(pictures, "followup-"+name+".png"))
		v.Size(360, 740)
		v.NoSidewaysScroll()
		v.Screenshot(filepath.Join(pictures, "followup-"+name+"-phone.png"))
		v.Size(1280, 900)
	}
	phone := enter(d.Verifier)
	phone.Scripts(false)
	phone.Size(360, 740)
	check := server.URL + "/verification/checks/" + on.Check
	phone.Open(check)
	phone.ChooseIn("Are plates and seals on the items whole, and the numbers the maker's?", "Yes")
	phone.ChooseIn("Are they at the sites that the licence names?", "No")
	phone.ChooseIn("Is what is missing accounted for by papers (repair, destruction, return)?", "Could not be seen")
	phone.Fill("Serial numbers found", "K-1")
	phone.Press("Save what was seen")
	phone.Sees("Saved.")
	phone.ChooseIn("What was found?", "Unsatisfactory")
	phone.Fill("Why", "Two of three are not at the site.")
	phone.Press("Record the finding")
	phone.Sees("The finding is recorded", "K-2, K-3")

	v := enter(d.Verifier)
	v.Open(check)
	look(v, "check")
	for name, path := range map[string]string{"checks": "/verification", "plans": "/verification/plans", "plan-new": "/verification/plans/new", "plan": "/verification/plans/" + plan, "check-new": "/verification/checks/new?licence=" + l.ID, "licence": "/licences/" + l.ID} {
		v.Open(server.URL + path)
		look(v, name)
	}
	other := verification.OnCheck{Check: node.NewID()}
	d.Do(d.Verifier, verification.Prepare{OnCheck: other, Licence: l.ID, Reason: verification.Officer, Why: "A new technique.", Checklist: "site", Officer: d.Verifier.Account, Due: today.Add(9), Place: "Veden"})
	d.Do(d.Verifier, verification.RecordConsent{OnCheck: other, Day: today, Answer: verification.Given, Said: "Clause 4 of the certificate."})
	v.Open(server.URL + "/verification/checks/" + other.Check)
	look(v, "check-open")
}

// An incident's pages are accessible, fit a phone, and are drawn for people to
// look at.
func TestIncidentInABrowser(t *testing.T) {
	clock := nodetest.NewClock()
	d := newDesk(t, nodetest.Open(t, store.SQLite, clock))
	l := d.Licence()
	d.Submit(d.Application(nodetest.Example(t, "12")))
	page := d.happened(d.destination(l), "hour")
	on := incidents.OnIncident{Incident: page[len("/incidents/"):]}
	server := httptest.NewServer(d.site)
	t.Cleanup(server.Close)
	chromium, pictures := browser.Start(t), browser.Pictures(t)
	v, c := chromium.Visitor(t), d.SignIn(d.Senior)
	v.Open(server.URL + "/sign-in")
	v.Cookie(server.URL, c.Name, c.Value)
	look := func(name string) {
		t.Helper()
		v.Size(1280, 900)
		v.Accessible()
		v.Screenshot(filepath.Join(pictures, "followup-"+name+".png"))
		v.Size(360, 740)
		v.NoSidewaysScroll()
		v.Screenshot(filepath.Join(pictures, "followup-"+name+"-phone.png"))
	}
	v.Open(server.URL + page)
	look("incident")
	d.Do(d.Officer, incidents.Propose{OnIncident: on, ID: node.NewID(), Steps: []incidents.Step{{Licence: l.ID, Do: incidents.Suspend}}, Ground: "new_facts", Duties: []incidents.Duty{incidents.Stop}, Told: "Use has to end.", Why: "Well founded."})
	for name, path := range map[string]string{"incident-waits": page, "incidents": "/incidents", "incident-new": "/incidents/new"} {
		v.Open(server.URL + path)
		look(name)
	}
}

// The pages of enforcement, inside and for the exporter.
func TestEnforcementInABrowser(t *testing.T) {
	clock := nodetest.NewClock()
	d := newDesk(t, nodetest.Open(t, store.SQLite, clock))
	keeper, first := d.admitted("keeper", access.EnforcementOfficer), d.admitted("first", access.SeniorOfficer)
	on := enforcement.OnMatter{Matter: node.NewID()}
	d.Do(d.Applicant, enforcement.Disclose{OnMatter: on, Org: d.Firm, Words: enforcement.Words{Title: "Two units too many", What: "Eight left where six were licensed; we stopped the rest.", Cited: "XX-L-2026-0001"}})
	d.Do(keeper, enforcement.Ask{OnMatter: on, ID: "q1", Text: "Who signed the declaration?", Due: d.day().Add(9)})
	server := httptest.NewServer(d.site)
	t.Cleanup(server.Close)
	chromium, pictures := browser.Start(t), browser.Pictures(t)
	look := func(who access.Actor, name, path string) {
		t.Helper()
		v, c := chromium.Visitor(t), d.SignIn(who)
		v.Open(server.URL + "/sign-in")
		v.Cookie(server.URL, c.Name, c.Value)
		v.Open(server.URL + path)
		v.Size(1280, 900)
		v.Accessible()
		v.Screenshot(filepath.Join(pictures, "followup-"+name+".png"))
		v.Size(360, 740)
		v.NoSidewaysScroll()
		v.Screenshot(filepath.Join(pictures, "followup-"+name+"-phone.png"))
	}
	look(d.Applicant, "matter-own", "/exporter/matters/"+on.Matter)
	look(d.Applicant, "matters-own", "/exporter/matters")
	d.Do(d.Applicant, enforcement.Reply{OnMatter: on, ID: "q1", Text: "Our forwarder."})
	look(keeper, "matter", "/enforcement/"+on.Matter)
	look(keeper, "matters", "/enforcement")
	look(keeper, "matter-new", "/enforcement/new")
	d.Do(keeper, enforcement.Propose{OnMatter: on, ID: "d1", Outcome: enforcement.Warning, Why: "They said so.", Told: "A warning."})
	look(first, "matter-waits", "/enforcement/"+on.Matter)
}
