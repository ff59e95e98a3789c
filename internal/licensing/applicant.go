package licensing

import "time"

// ApplicantView is all of a case that its applicant may see. Pages and mail for
// exporters are made from it and from nothing else, so that what is not here
// can't slip out: no advice, no assessment, no severity, no officer, no reasons
// but those released, and no stage that tells what the authority leans to.
type ApplicantView struct {
	ID        string           `json:"id"`
	Reference string           `json:"reference"`
	Standing  string           `json:"standing"` // "in_review", "your_turn", "intention", "decided", "withdrawn"
	Submitted time.Time        `json:"submitted"`
	Versions  []Version        `json:"versions"`
	RFIs      []RFI            `json:"rfis,omitempty"`
	Intention *IntendedRefusal `json:"intention,omitempty"`
	Decision  *Told            `json:"decision,omitempty"`
	Letters   []Letter         `json:"letters,omitempty"` // all letters of a case are written to its applicant
	Due       time.Time        `json:"due,omitzero"`      // decision target; zero while it waits for the applicant
}

// Told is a decision as the applicant is told it.
type Told struct {
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
		q.AskedBy, q.Why = "", Text{}
		v.RFIs = append(v.RFIs, q)
	}
	if n := c.Intended; n != nil {
		shown := *n
		shown.Replies = nil
		for _, r := range n.Replies {
			r.Weighed, r.WeighedBy, r.Weighing = false, "", Text{}
			shown.Replies = append(shown.Replies, r)
		}
		shown.Grounds = nil // those that may be told are in the reasons
		shown.Released.Reasons = withoutRests(shown.Released.Reasons)
		v.Intention = &shown
	}
	switch {
	case c.Stage == DecidedStage:
		v.Standing = "decided"
	case c.Stage == WithdrawnStage:
		v.Standing = "withdrawn"
	case c.OpenRFIs() > 0:
		v.Standing = "your_turn"
	case v.Intention != nil:
		v.Standing = "intention"
	}
	if d := c.Decision; d != nil {
		t := &Told{At: d.At, Outcome: d.Outcome, Conditions: d.Conditions, Reasons: withoutRests(d.Released.Reasons), Weighed: d.Released.Weighed, Withheld: d.Withheld, Redress: d.Redress, Licence: d.Licence}
		for _, l := range d.Lines {
			o := LineOutcome{Line: l.Line, Outcome: l.Outcome}
			for _, g := range l.Grounds {
				for _, r := range t.Reasons {
					if r.Ground == g {
						o.Grounds = append(o.Grounds, g)
						break
					}
				}
			}
			t.Lines = append(t.Lines, o)
		}
		v.Decision = t
	}
	return v
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
