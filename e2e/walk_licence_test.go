package e2e

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

var code = regexp.MustCompile(`\b[0-9A-HJKMNP-TV-Z]{5}(-[0-9A-HJKMNP-TV-Z]{5}){3}\b`)

// A licence with conditions and a verified assurance: the company reads its
// letter, anybody checks its code, and its status changes with a word of the
// authority.
func TestWalkLicenceWithConditions(t *testing.T) {
	w := begin(t, "licence")
	base := start(t)

	liv := w.is("liv")
	liv.Open(base + "/cases?list=all")
	liv.Press("Mediation gateway")
	at := liv.URL()
	liv.Open(at + "/assurances")
	liv.Sees("verified", "log of the installed gateway inspected by video")
	w.looks(liv, "assurances")
	liv.Open(at + "/decision")
	liv.Sees("Capacity of at most 500 simultaneous targets.", "the identifier of a warrant is a mandatory field", "The analytics module searches everybody")
	w.looks(liv, "decision")

	wim := w.is("wim")
	wim.Open(base + "/exporter/applications")
	wim.Press("Mediation gateway")
	wim.Sees("a licence is issued for some items, others are refused", "Capacity of at most 500 simultaneous targets.")
	wim.Misses("Amira", "searches everybody")
	w.looks(wim, "case")
	wim.Press("Decision")
	wim.Sees("We refuse part of your application", "The module searches the communications of people who are named in no warrant.")
	wim.Misses("The audit log is kept")
	wim.Back()
	wim.Press("Licence")
	wim.Sees("The audit log is kept for three years")
	w.looks(wim, "letter")
	text := code.FindString(wim.Text())
	if text == "" {
		t.Fatal("the licence names no check code")
	}
	if pdf := download(t, "wim", strings.Replace(strings.TrimPrefix(at, base), "/cases/", "/exporter/cases/", 1)); !strings.HasPrefix(pdf, "%PDF-") {
		t.Errorf("the licence as PDF begins with %q", pdf[:min(20, len(pdf))])
	}

	anybody := w.b.Visitor(t)
	anybody.Scripts(false)
	check := func(want ...string) {
		t.Helper()
		anybody.Open(base + "/check")
		anybody.Fill("Check code", strings.ToLower(text))
		anybody.Press("Check")
		anybody.Sees(want...)
		anybody.Misses("BelmarTel", "gateway", "Westmark")
	}
	check("This licence is genuine", "valid")
	anybody.Fill("Check code", "00000-00000-00000-00000")
	anybody.Press("Check")
	anybody.Sees("No licence has this code")

	siri := w.is("siri")
	siri.Open(base + "/licences")
	siri.Press("XN-")
	siri.Press("Suspend")
	siri.Sees("The licence may not be used until it is reinstated.")
	siri.ChooseIn("Ground", "New facts on user or use")
	siri.Fill("Reason", "A report of use without a warrant is being looked into.")
	siri.Press("Suspend")
	siri.Sees("The licence is suspended.")
	w.looks(siri, "suspended")
	check("This licence is genuine", "suspended: it may not be used")
	wim.Open(base + "/exporter/licences")
	wim.Sees("Suspended")
}

// To the same Karsovia, an encryption product for a newspaper is decided without
// an extra step, and the page says why the destination did not decide.
func TestWalkEncryptionForANewspaper(t *testing.T) {
	w := begin(t, "newspaper")
	base := start(t)
	cyra := w.is("cyra")
	title := "Encryption for the newspaper Vedensky Listok, order of " + time.Now().Format("15:04:05")
	w.draft(cyra, title)
	cyra.Press("Items and services")
	cyra.Press("Add an item")
	cyra.Choose("Software")
	cyra.Fill("Description", "End-to-end encryption for mail and files with keys held by the users")
	cyra.Press("Save and continue")
	cyra.Choose("Information security products")
	cyra.Fill("Control code, in your view", "5D002")
	pick(cyra, "Of which list", "European Union, Annex I")
	cyra.Press("Save and continue")
	w.amount(cyra, "40", "Licences", "12000")
	cyra.Press("Save and go to the list")
	cyra.Press("Parties")
	cyra.Press("Add a party")
	cyra.Fill("Name, as it is written", "Веденский листок")
	cyra.Fill("Name in Latin letters", "Vedensky Listok")
	cyra.ChooseIn("What it does in this transaction", "End user")
	cyra.ChooseIn("Kind of party", "Organisation")
	cyra.ChooseIn("How it stands to a state", "Private")
	pick(cyra, "What kind of body it is", "Media")
	cyra.Select("Country", "Karsovia")
	cyra.Press("Save and go to the list")
	cyra.Press("End use")
	cyra.Fill("What it will be used for", "Protecting sources and correspondence")
	cyra.Fill("On whom it will be used", "The newspaper's own staff")
	cyra.Select("Country of use", "Karsovia")
	cyra.Fill("Place of use", "Editorial office, Veden")
	cyra.Press("Save and go to the list")
	cyra.Misses("Questions for this kind of item and end user", "Legal mandate")
	id := w.submit(cyra, "Cyra Holm")
	w.assign(id, "Liv Sandvik")

	liv, tone := w.is("liv"), w.is("tone")
	liv.Open(base + "/cases/" + id + "/parties")
	settled(t, liv, "Searched")
	w.resolve(liv)
	tone.Open(base + "/cases/" + id + "/items")
	tone.ChooseIn("What kind of item is it?", "Another kind of item")
	tone.Select("Which kind", "Information security products")
	tone.ChooseIn("Is it on a control list that applies?", "Yes")
	tone.Choose("5D002")
	tone.Fill("Reason", "The applicant's claim is right: keys stay with the users.")
	tone.Press("Confirm line 1")
	tone.Sees("Line 1 is confirmed.")

	liv.Open(base + "/cases/" + id + "/assessment")
	liv.Sees("Why the destination did not decide", "there is no known path from this item to harm", "It protects:")
	w.looks(liv, "assessment")
	w.findings(liv, id)
	liv.Open(base + "/cases/" + id + "/assessment")
	liv.Press("Complete the assessment")
	liv.Sees("The assessment is complete, under your name.")
	liv.Open(base + "/cases/" + id + "/decision/recommend")
	liv.Choose("issue")
	liv.Fill("Reasons", "The item protects those who use it. Nothing in the rules turns on the destination.")
	liv.Press("Recommend this")
	olav := w.is("olav")
	olav.Open(base + "/cases/" + id + "/decision")
	if strings.Contains(olav.Text(), "Countersign") {
		olav.Open(base + "/cases/" + id + "/decision/countersign")
		olav.Choose("I agree")
		olav.Press("Sign")
	}
	liv.Open(base + "/cases/" + id + "/decision/decide")
	liv.Choose("issue")
	liv.Fill("Reasons", "As recommended.")
	now := time.Now()
	liv.FillDate("First day of validity", now.Day(), int(now.Month()), now.Year())
	liv.FillDate("Last day of validity", now.Day(), int(now.Month()), now.Year()+2)
	w.looks(liv, "decide")
	liv.Press("Decide")
	liv.Sees("issued")
	cyra.Open(base + "/exporter/cases/" + id)
	cyra.Sees("a licence is issued")
}
