package denial

import (
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// OnNotice names the notice that a command is for, by its case.
type OnNotice struct{ Case string }

// Stream is the notice's stream.
func (o OnNotice) Stream() event.Stream { return event.StreamOf(Kind, o.Case) }

// owner is whose key keeps what is private: it goes with the case.
func (o OnNotice) owner() event.Stream { return event.StreamOf("case", o.Case) }

// Command is one of the commands on a notice.
type Command interface{ Stream() event.Stream }

// Commands on a notice.
type (
	// Open opens the notice of a decision, or says what a later one makes of it.
	Open struct {
		OnNotice
		Reference, CaseRef, Officer, Within, Country string
		Content                                      Content
	}
	// Propose says who is to be told what; of a notice that partners had, why it
	// is changed.
	Propose struct {
		OnNotice
		To      []string // country codes
		Without []string // ids of parties that are not named
		Words   Words
	}
	// Return sends a proposal back.
	Return struct {
		OnNotice
		Why string
	}
	// Release lets a proposal go out.
	Release struct{ OnNotice }
	// Keep records that what partners were told was looked at and stands.
	Keep struct {
		OnNotice
		Why string
	}
	// TakeBack ends it: partners are to forget it.
	TakeBack struct {
		OnNotice
		Why string
	}
)

// Facts are what commands rest on beside the notice.
type Facts struct {
	Actor  string
	State  string        // our own
	Today  deadline.Date // of the authority's calendar
	Due    deadline.Date // by which partners are told of what is refused today
	Review deadline.Date // on which what they are told today is looked at again
}

// maxText bounds a text, maxStates whom a notice goes to.
const maxText, maxStates = 4000, 300

// allowed are the states of a notice in which each command may be given.
func allowed(cmd Command) []string {
	switch cmd.(type) {
	case Propose:
		return []string{"draft", "valid"}
	case Return, Release:
		return []string{"proposed"}
	case Keep:
		return []string{"valid"}
	}
	return []string{"draft", "proposed", "valid"}
}

// Decide turns a command into events, or says why it can't be done.
func Decide(n *Notice, cmd Command, f Facts) ([]event.New, error) {
	one := func(e event.Event) ([]event.New, error) { return []event.New{{Stream: cmd.Stream(), Event: e}}, nil }
	if c, ok := cmd.(Open); ok {
		if len(c.Content.Grounds) == 0 && (n.Case == "" || n.Ended != nil) {
			return nil, nil
		}
		if n.Case != "" {
			c.Reference = n.Reference
		}
		return one(Opened{c.Reference, c.Case, c.CaseRef, c.Officer, c.Within, c.Country, f.Today, f.Due, event.P(c.owner(), c.Content)})
	}
	switch {
	case n.Case == "":
		return nil, fault.New(fault.NotFound, "fault.not_found")
	case !slices.Contains(allowed(cmd), n.Status()):
		return nil, fault.New(fault.Blocked, "denial.status."+n.Status())
	}
	bad := fault.New(fault.Invalid, "denial.invalid")
	reason := func(owner event.Stream, text string) event.Private[string] {
		return event.P(owner, words(bad, "why", text, true))
	}
	var e event.Event
	switch c := cmd.(type) {
	case Propose:
		e = c.propose(n, f, bad)
	case Return:
		e = Returned{reason(c.owner(), c.Why)}
	case Release:
		if n.Draft.By.Account == f.Actor {
			return nil, fault.New(fault.Denied, "denial.second_person")
		}
		e = Released{f.Review}
	case Keep:
		e = Kept{f.Review, reason(c.owner(), c.Why)}
	case TakeBack:
		e = TakenBack{reason(c.owner(), c.Why)}
	default:
		return nil, fault.New(fault.Internal, "fault.internal")
	}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	return one(e)
}

func (c Propose) propose(n *Notice, f Facts, bad *fault.Error) event.Event {
	if len(n.Content.Grounds) == 0 {
		bad.Field("to", "denial.nothing")
	}
	to := slices.Clone(c.To)
	slices.Sort(to)
	to = slices.Compact(to)
	if len(to) == 0 || len(to) > maxStates {
		bad.Field("to", "denial.missing.to")
	}
	for _, s := range to {
		switch {
		case !party.ValidCountry(s):
			bad.Field("to", "party.country.unknown", "code", s)
		case s == f.State || s == n.Country:
			bad.Field("to", "denial.to_whom")
		}
	}
	var without []string
	for _, p := range n.Content.Parties {
		if slices.Contains(c.Without, p.ID) {
			without = append(without, p.ID)
		}
	}
	if len(n.Content.Parties) > 0 && len(without) == len(n.Content.Parties) {
		bad.Field("without", "denial.nobody")
	}
	due := f.Due
	if n.Stands == nil {
		due = n.Due
	}
	w := Words{words(bad, "use", c.Words.Use, true), words(bad, "how", c.Words.How, true), words(bad, "why", c.Words.Why, n.Stands != nil)}
	return Proposed{to, without, due, event.P(c.owner(), w)}
}

// words is a text, which may have to be there.
func words(bad *fault.Error, name, text string, must bool) string {
	text = strings.TrimSpace(text)
	switch {
	case text == "" && must:
		bad.Field(name, "denial.missing."+name)
	case !party.Bounded(text, maxText):
		bad.Field(name, "denial.long", "max", maxText)
	}
	return text
}
