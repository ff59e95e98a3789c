package licensing

import (
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/party"
)

// Assurance is what a party was asked to assure, what it answered, and what
// came of checking it.
type Assurance struct {
	ID       string           `json:"id"`
	From     string           `json:"from"` // id of the party
	Clauses  []Clause         `json:"clauses"`
	Lines    []string         `json:"lines,omitempty"` // none: all
	SoughtAt time.Time        `json:"sought_at"`
	SoughtBy string           `json:"sought_by"`
	Sought   SoughtText       `json:"sought"`
	Erased   *event.Erasure   `json:"erased,omitempty"` // what was asked
	Answer   *AssuranceReply  `json:"answer,omitempty"` // nil while there is none; the last one recorded
	Earlier  []AssuranceReply `json:"earlier,omitempty"`
	Checks   []AssuranceCheck `json:"checks,omitempty"`
}

// AssuranceReply is what was recorded of the answer.
type AssuranceReply struct {
	At              time.Time      `json:"at"`
	By              string         `json:"by"`
	Replies         []ClauseReply  `json:"replies"`
	Authority       bool           `json:"authority"`
	HasCheck        bool           `json:"has_check"`
	Expires         deadline.Date  `json:"expires,omitempty"`
	Text            RecordedText   `json:"text"`
	Erased          *event.Erasure `json:"erased,omitempty"`
	Document        *DocumentFact  `json:"document,omitempty"`
	Signatory       party.Details  `json:"signatory"`
	SignatoryErased *event.Erasure `json:"signatory_erased,omitempty"`
	Person          string         `json:"person,omitempty"` // id of the stream that owns the signatory's details
	Retain          string         `json:"retain,omitempty"` // until when
}

// AssuranceCheck is one check that was made.
type AssuranceCheck struct {
	At        time.Time      `json:"at"`
	By        string         `json:"by"`
	Day       deadline.Date  `json:"day"`
	Clauses   []Clause       `json:"clauses"`
	Result    CheckResult    `json:"result"`
	Documents []DocumentFact `json:"documents,omitempty"`
	Evidence  Text           `json:"evidence"`
}

// Covers tells whether the assurance was sought for a line.
func (a Assurance) Covers(line string) bool { return len(a.Lines) == 0 || contains(a.Lines, line) }

// Reply is what was answered to a clause; Unanswered where nothing was.
func (a Assurance) Reply(c Clause) Reply {
	if a.Answer != nil {
		for _, r := range a.Answer.Replies {
			if r.Clause == c {
				return r.Reply
			}
		}
	}
	return Unanswered
}

// Result is what the checks of a clause came to: Broken once and for all,
// Verified, or empty.
func (a Assurance) Result(c Clause) CheckResult {
	var got CheckResult
	for _, k := range a.Checks {
		for _, have := range k.Clauses {
			switch {
			case have != c:
			case k.Result == Broken:
				return Broken
			case k.Result == Verified && a.Answer != nil && !k.At.Before(a.Answer.At):
				got = Verified
			}
		}
	}
	return got
}

// Standing is what one clause of one assurance is worth.
type Standing struct {
	Assurance string `json:"assurance"`
	From      string `json:"from"` // id of the party
	Clause    Clause `json:"clause"`
	Reply     Reply  `json:"reply"`
	Counts    bool   `json:"counts"`          // it may lower the risk
	Why       string `json:"why,omitempty"`   // message key: why it does not count
	Other     string `json:"other,omitempty"` // the other case in which an assurance was broken
}

// The reasons for which an assurance counts as absent.
const (
	WhyUnanswered      = "licensing.standing.unanswered"
	WhyDeclined        = "licensing.standing.declined"
	WhyBroken          = "licensing.standing.broken"
	WhyBrokenElsewhere = "licensing.standing.broken.elsewhere"
	WhyAuthority       = "licensing.standing.authority"
	WhyNoCheck         = "licensing.standing.check"
	WhyExpired         = "licensing.standing.expired"
	WhyUnverified      = "licensing.standing.unverified"
)

// Standings says of every clause of every assurance of the case whether it
// counts on a day, and if not, why. Unverified, broken, expired, without check
// or without authority on record counts as absent; so does anything given by
// someone who broke an assurance in another case.
func (c *Case) Standings(day deadline.Date, broken []BrokenElsewhere) []Standing {
	var out []Standing
	for _, a := range c.Assurances {
		for _, cl := range a.Clauses {
			s := Standing{Assurance: a.ID, From: a.From, Clause: cl, Reply: a.Reply(cl)}
			s.Why, s.Other = a.why(cl, day, broken)
			s.Counts = s.Why == ""
			out = append(out, s)
		}
	}
	return out
}

func (a Assurance) why(cl Clause, day deadline.Date, broken []BrokenElsewhere) (why, other string) {
	switch a.Reply(cl) {
	case Declined:
		return WhyDeclined, ""
	case Unanswered:
		return WhyUnanswered, ""
	}
	if a.Result(cl) == Broken {
		return WhyBroken, ""
	}
	for _, b := range broken {
		if b.Party == a.From {
			return WhyBrokenElsewhere, b.Case
		}
	}
	switch {
	case !a.Answer.Authority:
		return WhyAuthority, ""
	case !a.Answer.HasCheck:
		return WhyNoCheck, ""
	case a.Answer.Expires != "" && a.Answer.Expires < day:
		return WhyExpired, ""
	case a.Result(cl) != Verified:
		return WhyUnverified, ""
	}
	return "", ""
}

// Safeguarded tells whether a clause that counts covers a line.
func (c *Case) Safeguarded(line string, clause Clause, day deadline.Date, broken []BrokenElsewhere) bool {
	for _, s := range c.Standings(day, broken) {
		if s.Counts && s.Clause == clause && c.Assurance(s.Assurance).Covers(line) {
			return true
		}
	}
	return false
}

// Sought tells whether any of the Code's assurances was sought for a line.
func (c *Case) Sought(line string) bool {
	for _, a := range c.Assurances {
		if a.Covers(line) {
			return true
		}
	}
	return false
}

// Assurance finds an assurance by its id; nil where there is none.
func (c *Case) Assurance(id string) *Assurance {
	for i := range c.Assurances {
		if c.Assurances[i].ID == id {
			return &c.Assurances[i]
		}
	}
	return nil
}

// Finding is something that the assurances say by themselves and that the
// assessment and the decision page have to show.
type Finding struct {
	Key       string `json:"key"` // message
	Assurance string `json:"assurance,omitempty"`
	From      string `json:"from,omitempty"`
	Clause    Clause `json:"clause,omitempty"`
	Line      string `json:"line,omitempty"`
	Other     string `json:"other,omitempty"` // reference of another case
}

// Findings names each clause that was declined, broken or never sought. A
// declined clause is a finding whatever else was given.
func (c *Case) Findings(day deadline.Date, broken []BrokenElsewhere) []Finding {
	var out []Finding
	for _, s := range c.Standings(day, broken) {
		key := ""
		switch s.Why {
		case WhyDeclined:
			key = "licensing.finding.declined"
		case WhyBroken:
			key = "licensing.finding.broken"
		case WhyBrokenElsewhere:
			key = "licensing.finding.broken.elsewhere"
		default:
			continue
		}
		out = append(out, Finding{Key: key, Assurance: s.Assurance, From: s.From, Clause: s.Clause, Other: s.Other})
	}
	for _, l := range c.App().Lines {
		for _, cl := range Clauses {
			if !c.soughtClause(l.ID, cl) {
				out = append(out, Finding{Key: "licensing.finding.not.sought", Clause: cl, Line: l.ID})
			}
		}
	}
	return out
}

func (c *Case) soughtClause(line string, clause Clause) bool {
	for _, a := range c.Assurances {
		if !a.Covers(line) {
			continue
		}
		for _, have := range a.Clauses {
			if have == clause {
				return true
			}
		}
	}
	return false
}
