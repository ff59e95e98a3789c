package licensing

import (
	"slices"
	"time"
)

// ApplicantView is all of a case that its applicant may see. Pages and mail for
// exporters are made from it and from nothing else, so that what is not here
// can't slip out: no advice, no assessment, no severity, no officer, no reasons
// but those released, and no stage that tells what the authority leans to.
type ApplicantView struct {
	ID        string            `json:"id"`
	Reference string            `json:"reference"`
	Standing  string            `json:"standing"` // "in_review", "your_turn", "intention", "decided", "withdrawn", "appeal", "again"
	Submitted time.Time         `json:"submitted"`
	Versions  []Version         `json:"versions"`
	RFIs      []RFI             `json:"rfis,omitempty"`
	Intention *IntendedRefusal  `json:"intention,omitempty"`
	Heard     []IntendedRefusal `json:"heard,omitempty"` // intentions before an earlier decision
	Decision  *Told             `json:"decision,omitempty"`
	Letters   []Letter          `json:"letters,omitempty"`  // all letters of a case are written to its applicant
	Due       time.Time         `json:"due,omitzero"`       // decision target; zero while it waits for the applicant
	Former    []Told            `json:"former,omitempty"`   // decisions that are no longer in force, the first first
	Appeals   []CaseAppeal      `json:"appeals,omitempty"`  // without reviewers and what they wrote inside
	Reopened  *Again            `json:"reopened,omitempty"` // where the case is decided anew
}

// Told is a decision as the applicant is told it.
type Told struct {
	Number     int              `json:"number"`
	Contest    time.Time        `json:"contest,omitzero"` // the last instant for an appeal
	At         time.Time        `json:"at"`
	Outcome    Outcome          `json:"outcome"`
	Lines      []LineOutcome    `json:"lines"`
	Conditions []Condition      `json:"conditions,omitempty"`
	Reasons    []ReleasedReason `json:"reasons,omitempty"`
	Weighed    []WeighedPoint   `json:"weighed,omitempty"`
	Withheld   []Withheld       `json:"withheld,omitempty"`
	Redress    string           `json:"redress,omitempty"`
	Licence    string           `json:"licence,omitempty"`
}

// ForApplicant is the case as its applicant may see it.
func (c *Case) ForApplicant() ApplicantView {
	v := ApplicantView{ID: c.ID, Reference: c.Reference, Standing: "in_review", Submitted: c.Submitted, Letters: c.Letters, Due: c.Clock.Due}
	for _, ver := range c.Versions {
		ver.App = ver.App.clone()
		for i := range ver.App.Parties {
			ver.App.Parties[i].Register = "" // which entry of our register a party is
		}
		ver.Parties = nil
		if ver.By != c.Versions[0].By || c.Opened {
			ver.By = ""
		}
		v.Versions = append(v.Versions, ver)
	}
	for _, q := range c.RFIs {
		q.AskedBy, q.Why, q.Extended = "", Text{}, nil
		v.RFIs = append(v.RFIs, q)
	}
	for _, n := range c.Heard {
		v.Heard = append(v.Heard, n.told())
	}
	if c.Intended != nil {
		shown := c.Intended.told()
		v.Intention = &shown
	}
	switch {
	case c.Stage == DecidedStage:
		v.Standing = "decided"
	case c.Stage == WithdrawnStage:
		v.Standing = "withdrawn"
	case c.Stage == AppealStage:
		v.Standing = "appeal"
	case c.OpenRFIs() > 0:
		v.Standing = "your_turn"
	case v.Intention != nil:
		v.Standing = "intention"
	case c.Again() != nil:
		v.Standing = "again"
	}
	if d := c.Decision; d != nil {
		told := d.told()
		v.Decision = &told
	}
	for i := range c.Former {
		v.Former = append(v.Former, c.Former[i].told())
	}
	for _, a := range c.Appeals {
		a.Reviewers, a.Person, a.Words.Reasons = nil, "", ""
		v.Appeals = append(v.Appeals, a)
	}
	if a := c.Again(); a != nil {
		shown := *a
		shown.By, shown.Words.Why, shown.Outcomes = "", "", nil
		v.Reopened = &shown
	}
	return v
}

// told is an intended refusal as the applicant is told it.
func (n IntendedRefusal) told() IntendedRefusal {
	replies := n.Replies
	n.Replies = nil
	for _, r := range replies {
		r.Weighed, r.WeighedBy, r.Weighing = false, "", Text{}
		n.Replies = append(n.Replies, r)
	}
	n.Grounds = nil // those that may be told are in the reasons
	n.Released.Reasons = withoutRests(n.Released.Reasons)
	return n
}

// told is a decision as the applicant is told it.
func (d *Decision) told() Told {
	t := Told{
		Number: d.number(), Contest: d.Contest, At: d.At, Outcome: d.Outcome, Conditions: d.Conditions, Reasons: withoutRests(d.Released.Reasons),
		Weighed: d.Released.Weighed, Withheld: d.Withheld, Redress: d.Redress, Licence: d.Licence,
	}
	for _, l := range d.Lines {
		o := LineOutcome{Line: l.Line, Outcome: l.Outcome}
		for _, g := range l.Grounds {
			if slices.ContainsFunc(t.Reasons, func(r ReleasedReason) bool { return r.Ground == g }) {
				o.Grounds = append(o.Grounds, g)
			}
		}
		t.Lines = append(t.Lines, o)
	}
	return t
}

// withoutRests leaves out which findings a reason was drawn from.
func withoutRests(reasons []ReleasedReason) []ReleasedReason {
	var out []ReleasedReason
	for _, r := range reasons {
		r.Rests = nil
		out = append(out, r)
	}
	return out
}

// FormDOCX is the form of a letter for word processors and for readers who need
// to change how a text looks.
const FormDOCX = "docx"

// LetterForms are the documents of one letter: to read, to keep, and for word
// processors, as far as there are.
type LetterForms struct{ Read, Save, Word *Letter }

// FormsOf puts the documents of each letter together: they follow one another,
// the one to read first.
func FormsOf(letters []Letter) (out []LetterForms) {
	for i := 0; i < len(letters); i++ {
		f := LetterForms{Read: &letters[i]}
		next := func(form string) *Letter {
			if i+1 >= len(letters) || letters[i+1].Kind != f.Read.Kind || letters[i+1].Form != form {
				return nil
			}
			i++
			return &letters[i]
		}
		f.Save = next("")
		f.Word = next(FormDOCX)
		out = append(out, f)
	}
	return out
}
