package letter

import "github.com/comity-project/comity/internal/deadline"

// VariationFacts are what a letter says by which a licence is varied.
type VariationFacts struct {
	Head
	Number  string // of the licence
	Version string
	From    deadline.Date
	Changes []Definition // what changes, each with what it is from now on
	Told    Releasable   // why, as far as it may be told
	Redress []Redress
	Contact string
}

// Variation tells the holder of a licence what changes in it, and that the
// licence paper of before counts no more.
func Variation(t Texts, f VariationFacts) Document {
	b := begin(t, KindVariation, f.Head, "number", f.Number)
	b.say("opening", "number", f.Number, "version", f.Version, "date", day(t, f.From))
	b.heading("changes.heading")
	b.add(Definitions{Items: f.Changes})
	b.heading("why.heading")
	b.add(Paragraph{Runs: cleared(f.Told)})
	b.heading("now.heading")
	b.say("now")
	b.redress(f.Redress)
	b.contact(f.Contact)
	return b.sign(f.Signatory)
}

// AnswerFacts are what a letter says that answers a question about the law.
type AnswerFacts struct {
	Head
	Needed      []ExemptLine // lines for which a licence has to be applied for
	Advised     []ExemptLine // lines answered in words
	Destination string
	EndUser     Given
	Answers     []Releasable
	Address     string // where to apply
	Contact     string
}

// Answer answers whether a licence is needed, or an enquiry for advice. It lets
// nothing leave.
func Answer(t Texts, f AnswerFacts) Document {
	b := begin(t, KindAnswer, f.Head)
	b.say("opening", "reference", f.Reference, "date", day(t, f.Date))
	items := []Definition{{t.T("letter.label.destination"), []Run{{Text: f.Destination, Isolate: true}}}}
	if f.EndUser.Text != "" {
		items = append(items, Definition{t.T("letter.label.end_user"), []Run{f.EndUser.run()}})
	}
	b.add(Definitions{Items: items})
	if len(f.Needed) > 0 {
		b.heading("needed.heading")
		b.say("needed")
		b.exempt(f.Needed)
		b.address(f.Address)
	}
	if len(f.Advised) > 0 {
		b.heading("advised.heading")
		b.exempt(f.Advised)
	}
	if len(f.Answers) > 0 {
		b.heading("answer.heading")
		for _, a := range f.Answers {
			b.add(Paragraph{Runs: cleared(a)})
		}
	}
	b.say("limits")
	b.contact(f.Contact)
	return b.sign(f.Signatory)
}
