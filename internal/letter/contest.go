package letter

import "github.com/comity-project/comity/internal/deadline"

// ContestFacts are what a letter says about an appeal, or about a decision that
// the authority takes anew.
type ContestFacts struct {
	Head
	Kind    Kind          // KindAppeal, KindAppealDecision or KindReopened
	On      deadline.Date // the day on which the appeal came
	Measure bool          // it is against a measure on the licence
	By      deadline.Date // the day by which the reviewers aim to answer
	Result  string        // "upheld", "varied" or "annulled"
	Told    Releasable    // why, as it may be told
	Anew    bool          // another decision follows
	Contact string
}

// Contest tells an applicant that an appeal has arrived, what became of it, or
// that the case is decided anew.
func Contest(t Texts, f ContestFacts) Document {
	b := begin(t, f.Kind, f.Head)
	b.say("opening", "reference", f.Reference, "date", day(t, f.On))
	switch {
	case f.Result != "":
		b.add(Notice{Title: b.key("result." + f.Result), Runs: Text(b.key("by_others"))})
	case f.Measure:
		b.say("measure")
	}
	if f.Told != "" {
		b.heading("why.heading")
		b.add(Paragraph{Runs: cleared(f.Told)})
	}
	b.heading("next.heading")
	switch {
	case f.By != "":
		b.say("next", "date", day(t, f.By))
	case f.Anew:
		b.say("anew")
	default:
		b.say("stands")
	}
	b.contact(f.Contact)
	return b.sign(f.Signatory)
}
