package e2e

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/e2e/browser"
)

// An exporter applies to send IMSI catchers to an interior ministry, and the
// case is carried to its refusal by everyone who has a word in it.
func TestWalkFromApplicationToRefusal(t *testing.T) {
	w := begin(t, "refusal")
	base := start(t)
	id := w.interception()
	liv := w.is("liv")
	w.assign(id, "Liv Sandvik")

	// The partner's denial is met in another script, and answered by a person.
	liv.Open(base + "/cases/" + id + "/parties")
	settled(t, liv, "ALVANIA")
	w.looks(liv, "hit")
	liv.Sees("Особый отдел", "In the application")
	w.resolve(liv)

	// What the item is.
	tone := w.is("tone")
	tone.Open(base + "/cases/" + id + "/items")
	w.looks(tone, "items")
	tone.ChooseIn("What kind of item is it?", "Mobile interception, IMSI catchers")
	tone.ChooseIn("Is it on a control list that applies?", "Yes")
	tone.Choose("5A001.f")
	tone.Fill("Reason", "By the technical sheet.")
	tone.Press("Confirm line 1")
	tone.Sees("Line 1 is confirmed.")

	w.asks(id)
	w.assesses(id)
	w.assures(id)
	w.advises(id)
	w.refuses(id)
}

// interception writes the application; the legal mandate is missing at first.
func (w *walk) interception() string {
	t, kari := w.t, w.is("kari")
	title := "IMSI catchers for the Ministry of Interior of Karsovia, contract of " + time.Now().Format("15:04:05")
	w.draft(kari, title)
	kari.Press("Items and services")
	kari.Press("Add an item")
	kari.Choose("Goods")
	kari.Fill("Description", "Vehicle-mounted IMSI catcher, 2G to 5G: collects IMSI and IMEI and locates handsets")
	kari.Fill("Part number", "NRS-400V")
	kari.Press("Save and continue")
	kari.Choose("Mobile interception, IMSI catchers")
	kari.Fill("Control code, in your view", "5A001.f")
	pick(kari, "Of which list", "European Union, Annex I")
	kari.Press("Save and continue")
	w.amount(kari, "6", "Items", "3100000")
	kari.Fill("Customs tariff code", "8517.62")
	kari.FillDate("Tariff code looked up on", 1, 11, 2026)
	w.looks(kari, "amount")
	kari.Press("Save and continue")
	kari.Upload("File", w.paper("sheet.txt", "Collects IMSI and IMEI of all handsets near the vehicle.\n"))
	kari.Press("Send the file")
	kari.Press("To the list of tasks")

	kari.Press("Parties")
	kari.Press("Add a party")
	kari.Fill("Name, as it is written", "Министерство внутренних дел Карсовии")
	kari.Fill("Name in Latin letters", "Ministry of Interior of Karsovia")
	kari.ChooseIn("What it does in this transaction", "End user")
	kari.ChooseIn("Kind of party", "Organ of a state")
	kari.ChooseIn("How it stands to a state", "Organ of a state")
	pick(kari, "What kind of body it is", "Interior ministry")
	kari.Select("Country", "Karsovia")
	w.looks(kari, "party")
	kari.Press("Save and continue")
	kari.Press("Save and continue")
	kari.Fill("Address", "1 Square of May")
	kari.Fill("Town or city", "Veden")
	kari.Select("Country of the address", "Karsovia")
	kari.Press("Save and continue")
	kari.Press("Add a unit or site")
	kari.Fill("Name, as it is written", "Особый отдел МВД Карсовии")
	kari.Fill("Name in Latin letters", "Special Department")
	pick(kari, "What it is", "Unit")
	kari.Choose("This unit will operate the items")
	kari.Press("Save and continue")
	kari.Press("Done with units")
	kari.Press("To the list of tasks")

	kari.Press("End use")
	kari.Fill("What it will be used for", "Locating suspects")
	kari.Fill("On whom it will be used", "Mobile telephones near the vehicle")
	kari.Select("Country of use", "Karsovia")
	kari.Fill("Place of use", "Veden and other towns")
	kari.Press("Save and go to the list")
	kari.Press("Route")
	kari.Select("Through", "Norland")
	kari.Fill("Port, airport or town", "Port of Nordhavn")
	kari.Press("Save and go to the list")
	w.looks(kari, "tasks")

	kari.Press("What is missing")
	kari.Sees("INT-2, Legal mandate of the end user")
	w.looks(kari, "missing")
	for range 8 { // whatever else is asked is answered in words, paragraph by paragraph
		if !strings.Contains(kari.Text(), "Go to the page") {
			break
		}
		kari.Press("Go to the page")
		if strings.Contains(kari.Text(), "Answer in words") {
			kari.Fill("Answer in words", "The head of the department signs each use. No court is asked.")
			kari.Press("Save and continue")
			continue
		}
		kari.Upload("File", w.paper("law.txt", "Security Bodies Act, section 9.\n"))
		kari.Press("Send the file")
		kari.Sees("law.txt")
		kari.Press("Save and go to the list")
		kari.Press("What is missing")
	}
	kari.Sees("Nothing is missing")
	id := w.submit(kari, "Kari Nordahl")
	w.looks(kari, "submitted")

	// Going back and sending it again makes no second case.
	kari.Back()
	kari.Forward()
	kari.Open(start(t) + "/exporter/applications")
	if n := strings.Count(kari.Text(), title); n != 1 {
		t.Errorf("the application stands %d times in the list", n)
	}
	kari.Open(start(t) + "/exporter/cases/" + id)
	kari.Sees("Being reviewed")
	return id
}

// resolve answers every open match: Alvania's denial of the same unit is the
// same party, all others are not.
func (w *walk) resolve(v *browser.Visitor) {
	w.t.Helper()
	for range 12 {
		if !strings.Contains(v.Text(), "Save the answer") {
			return
		}
		v.Choose("Another party")
		if first := v.Texts("details[open] form")[0]; strings.Contains(first, "?") && strings.Contains(v.Texts(".match:has(details[open])")[0], "Особый отдел") {
			v.Choose("The same party")
		}
		v.Fill("Why", "Compared name, unit and address with the partner's notice.")
		v.Press("Save the answer")
	}
}

// asks has the officer ask and the exporter answer.
func (w *walk) asks(id string) {
	liv, kari := w.is("liv"), w.is("kari")
	liv.Open(start(w.t) + "/cases/" + id)
	liv.Click("Ask the applicant")
	liv.Fill("Questions", "Which unit of the ministry will operate the vehicles, and where?")
	liv.Press("Send the questions")
	liv.Sees("The questions were sent and the clock stands")
	w.looks(liv, "overview")
	kari.Open(start(w.t) + "/exporter/cases/" + id)
	kari.Sees("Request 1 waits for your answer")
	kari.Press("Answer")
	kari.Fill("Question 1", "The Special Department, in Veden.")
	w.looks(kari, "request")
	kari.Press("Send the answer")
	kari.Sees("Sent to the authority.")
	liv.Reload()
	liv.Sees("The Special Department, in Veden.")
	liv.Open(start(w.t) + "/cases/" + id + "/parties")
	w.resolve(liv) // what the answer brought up
}

func (w *walk) assesses(id string) {
	base, liv, amira := start(w.t), w.is("liv"), w.is("amira")
	w.fact(liv, id, "user.identified", "yes", "answer to our request", 20, 11)
	w.fact(liv, id, "user.abuse_record", "yes", "report of a UN special procedure: telephones traced around the May square", 11, 4)
	w.fact(liv, id, "use.targets_protected", "yes", "the same report, chapter 2", 11, 4)
	w.fact(liv, id, "use.repression_indicated", "yes", "the same report, chapter 2", 11, 4)

	liv.Open(base + "/cases/" + id + "/assessment/severity")
	liv.ChooseIn("Scale: how grave is it for those whom it hits?", "4: arrest, dismissal, flight or fear for life")
	liv.ChooseIn("Scope: how many does it reach?", "5: a whole population or group")
	liv.ChooseIn("Irremediable: how far can it be put right?", "4: hardly, and not for all")
	liv.Fill("Reason, in your own words", "It reaches every telephone near the vehicle.")
	liv.Press("Record the severity")
	liv.Sees("The severity is on record.")

	liv.Open(base + "/cases/" + id + "/assessment/groups")
	for _, g := range []string{"Opposition", "Dissidents", "Journalists", "Human-rights defenders", "Other civil society"} {
		liv.ChooseIn(g, "affected")
	}
	liv.ChooseIn("Vulnerable groups", "unknown")
	liv.Fill("Reason, in your own words", "By the report.")
	liv.Press("Record the answers")
	liv.Sees("The answers are on record.")

	// The adviser speaks before seeing what others judged.
	amira.Open(base + "/cases/" + id + "/assessment")
	amira.Sees("Your own view comes first")
	amira.Misses("It reaches every telephone near the vehicle.")
	amira.Press("Record your own view")
	amira.Choose("Harm is likely")
	amira.ChooseIn("How severe would it be?", "5: torture, disappearance or death")
	amira.Fill("What worries you most?", "Whole crowds can be identified; nobody authorises it beforehand.")
	amira.Choose("Line ")
	amira.Fill("Ground 1, in words", "The unit traced telephones around an assembly.")
	w.looks(amira, "view")
	amira.Press("Record my view")
	amira.Sees("Your view is on record.")

	if n := w.findings(liv, id); n < 5 {
		w.t.Errorf("%d findings are asked", n)
	}
	w.looks(liv, "assessment")
	liv.Press("Complete the assessment")
	liv.Sees("The assessment is complete, under your name.")
}

func (w *walk) assures(id string) {
	liv := w.is("liv")
	liv.Open(start(w.t) + "/cases/" + id + "/assurances/new")
	liv.ChooseIn("From whom", "Министерство внутренних дел Карсовии")
	liv.Choose("The item will not be misused.")
	liv.Choose("The item will not be re-exported.")
	liv.Choose("The item will not be transferred.")
	liv.Fill("How it is asked for", "note verbale")
	liv.Fill("The wording asked for", "The item will not be misused, re-exported or transferred.")
	liv.Press("Record that it was sought")
	liv.Press("Record the reply")
	for _, c := range []string{"The item will not be misused.", "The item will not be re-exported.", "The item will not be transferred."} {
		liv.ChooseIn(c, "given")
	}
	liv.Fill("The wording given", "The ministry will obey the law of Karsovia.")
	liv.Fill("Who signed", "Orest Vydran")
	liv.Fill("Function", "deputy minister")
	liv.Fill("From whom we know of the signatory", "the paper itself")
	liv.FillDate("Keep the signatory's details until", 31, 12, 2036)
	liv.Fill("The check that would verify it", "Visit to the site of use")
	liv.Press("Record the reply")
	liv.Sees("counts as absent")
	w.looks(liv, "assurances")
}

func (w *walk) advises(id string) {
	base, liv, amira := start(w.t), w.is("liv"), w.is("amira")
	// What came in since the assessment has to be confirmed.
	liv.Open(base + "/cases/" + id + "/assessment")
	liv.Sees("Since it was completed, this changed:")
	w.findings(liv, id)
	liv.Press("Confirm the assessment again")
	liv.Sees("The assessment is complete, under your name.")
	liv.Open(base + "/cases/" + id + "/advice/ask")
	liv.Choose("Human-rights adviser")
	liv.Press("Ask them")
	liv.Sees("The departments were asked.")
	amira.Open(base + "/cases/" + id + "/advice/new")
	amira.Choose("Human-rights adviser")
	amira.Choose("refuse")
	amira.Fill("Ground 1 to refuse", "The unit traced telephones around an assembly.")
	amira.Fill("Your words", "Clear risk of internal repression.")
	amira.Press("Give this advice")
	amira.Sees("Your advice is on record.")
	w.looks(amira, "advice")
}

var ref = regexp.MustCompile(`XN-2026-\d+`)

func (w *walk) refuses(id string) {
	t, base, liv, siri, kari := w.t, start(w.t), w.is("liv"), w.is("siri"), w.is("kari")
	liv.Open(base + "/cases/" + id + "/decision/recommend")
	liv.Choose("refuse")
	liv.Choose("CP2-a")
	liv.Fill("Reasons", "The unit has a record, and no court authorises the use.")
	w.looks(liv, "recommend")
	liv.Press("Recommend this")
	liv.Sees("The recommendation waits for a second person.")
	siri.Open(base + "/cases/" + id + "/decision/countersign")
	siri.Choose("I agree")
	siri.Press("Sign")
	siri.Sees("Your word is on record.")

	const told = "There is a clear risk that the items might be used for internal repression."
	liv.Open(base + "/cases/" + id + "/decision/intend")
	liv.Choose("Line ")
	liv.Fill("What the applicant is told of CP2-a", told)
	liv.Fill("Legal basis for information that can't be disclosed", "Norland Export Control Act, section 21")
	w.looks(liv, "intend")
	liv.Press("Tell the applicant")
	liv.Sees("The applicant is told, and has time to reply.")

	kari.Open(base + "/exporter/cases/" + id)
	kari.Sees("A refusal is intended.")
	settled(t, kari, "Intention to refuse")
	kari.Press("Intention to refuse")
	kari.Sees(told, "cannot be disclosed")
	kari.Misses("report of a UN special procedure", "traced telephones", "ALVANIA")
	w.looks(kari, "intention")
	kari.Open(base + "/exporter/cases/" + id)
	kari.Press("Read and reply")
	kari.Fill("Your reply", "The ministry has promised in writing to obey the law of Karsovia.")
	kari.Press("Send the reply")
	kari.Sees("Your reply is sent.")

	liv.Open(base + "/cases/" + id + "/decision/weigh")
	liv.Fill("How it was weighed, point by point", "A promise to obey a law that asks for no warrant changes nothing in the test.")
	liv.ChooseIn("Does it bring facts that assessment and advice have not seen?", "no")
	liv.Press("Record how it was weighed")
	liv.Sees("How the reply was weighed is on record.")

	siri.Open(base + "/cases/" + id + "/decision/decide")
	siri.Sees("Strongest fact against the outcome recommended", "Strongest fact for it", "report of a UN special procedure",
		"The unit traced telephones around an assembly.", "What refusing would harm", "What may be told, and to whom", "Earlier decisions for this end user")
	siri.ChooseIn("Line ", "refuse")
	siri.Fill("Reasons", "As recommended; the reply was weighed.")
	siri.Fill("Point 1: what the applicant said", "The ministry promised in writing to obey the law.")
	siri.Fill("Point 1: how it was weighed", "That law asks for no order of a court.")
	siri.Fill("What the applicant is told of CP2-a", told)
	siri.Fill("Legal basis for information that can't be disclosed", "Norland Export Control Act, section 21")
	w.looks(siri, "decide")
	siri.Press("Decide")
	siri.Sees("refused")
	reference := ref.FindString(siri.Title())

	kari.Open(base + "/exporter/cases/" + id)
	kari.Sees("refused")
	settled(t, kari, "Decision · ")
	kari.Misses("traced telephones", "UN special procedure", "Amira")
	kari.Press("Decision")
	kari.Sees(reference, told, "Norland Export Control Act, section 21", "The ministry promised in writing", "That law asks for no order of a court.")
	kari.Misses("changes nothing in the test")
	w.looks(kari, "letter")
	pdf := download(t, "kari", "/exporter/cases/"+id)
	if !strings.HasPrefix(pdf, "%PDF-") {
		t.Errorf("the letter as PDF begins with %q", pdf[:min(20, len(pdf))])
	}

	liv.Open(base + "/cases/" + id + "/history")
	liv.Sees("Findings on tests were made.", "A match with a listed party was answered.")
	w.looks(liv, "history")

	audun := w.is("audun")
	audun.Open(base + "/cases/" + id + "/decision/replay")
	audun.Sees("Same findings and outcome")

	// A refusal can't be checked by the public: it knows no such code.
	anybody := w.b.Visitor(t)
	anybody.Open(base + "/check")
	anybody.Fill("Check code", reference)
	anybody.Press("Check")
	anybody.Sees("No licence has this code")
	anybody.Misses("refused", "Karsovia")
}
