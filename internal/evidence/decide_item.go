package evidence

import (
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// Bounds, in characters.
const (
	maxTitle = 300
	maxText  = 20_000
)

// OnItem names the item that a command is for.
type OnItem struct{ Item string }

// Stream is the item's stream.
func (o OnItem) Stream() event.Stream { return event.StreamOf(KindItem, o.Item) }

// ItemCommand is one of the commands on items.
type ItemCommand interface{ Stream() event.Stream }

// Add puts a source into the library.
type Add struct {
	OnItem
	Country     string
	Party       string
	Marking     Marking
	Compartment string
	Grade       Grade
	Published   deadline.Date
	Expires     deadline.Date
	Language    string
	Kind        Kind
	Asked       string // of a summary: one of Origins
	Partner     string // of a statement: country code of the state that made it
	Leaf        string // of a statement that came by the exchange: which; the node holds it against what is here
	Reviewed    bool   // of a summary: somebody looked that no detail points to a person
	Copy        *Copy
	Details     Details
}

// Regrade gives a source another grade, with a reason.
type Regrade struct {
	OnItem
	Grade  Grade
	Reason string
}

// Prolong moves the day until which a source may be relied on, with a reason. A
// day that has passed ends it.
type Prolong struct {
	OnItem
	Until  deadline.Date
	Reason string
}

// Translate adds a translation.
type Translate struct {
	OnItem
	Language string
	Text     string
	Official bool
}

// Withdraw says that nobody may rest on the source any more, and why.
type Withdraw struct {
	OnItem
	Reason string
}

func invalid() *fault.Error { return fault.New(fault.Invalid, "evidence.invalid") }

// want asks for a text of at most limit characters.
func want(e *fault.Error, field, text string, limit int) {
	switch {
	case strings.TrimSpace(text) == "":
		e.Field(field, "evidence."+field+".missing")
	case !party.Bounded(text, limit):
		e.Field(field, "evidence.long", "max", limit)
	}
}

// DecideItem turns a command into events, or says why it can't be done. now is
// the time of the command.
func DecideItem(i *Item, cmd ItemCommand, now time.Time) ([]event.New, error) {
	add, adds := cmd.(Add)
	switch {
	case adds && i.ID != "":
		return nil, fault.New(fault.Conflict, "evidence.exists")
	case !adds && i.ID == "":
		return nil, fault.New(fault.NotFound, "fault.not_found")
	case !adds && i.Erased != nil:
		return nil, fault.New(fault.Blocked, "evidence.erased")
	case !adds && i.Withdrawn != nil:
		return nil, fault.New(fault.Blocked, "evidence.withdrawn_already")
	}
	own, e := cmd.Stream(), invalid()
	sealed := func(s string) event.Private[string] { return event.P(own, strings.TrimSpace(s)) }
	var ev event.Event
	switch c := cmd.(type) {
	case Add:
		add.check(e, now)
		if err := e.Or(); err != nil {
			return nil, err
		}
		d := add.Details
		d.Title, d.Source, d.Address, d.Says = strings.TrimSpace(d.Title), strings.TrimSpace(d.Source), strings.TrimSpace(d.Address), strings.TrimSpace(d.Says)
		if add.Kind == Summary {
			add.Published = add.Published[:len("2006-01")] + "-01" // the month is close enough
		}
		ev = Added{
			Country: add.Country, Party: add.Party, Marking: add.Marking, Compartment: add.Compartment, Grade: add.Grade, Published: add.Published, Expires: add.Expires,
			Language: add.Language, Kind: add.Kind, Asked: add.Asked, Partner: add.Partner, Leaf: add.Leaf, Copy: add.Copy, Details: event.P(own, d),
		}
	case Regrade:
		want(e, "reason", c.Reason, maxText)
		if !c.Grade.Valid() {
			e.Field("grade", "evidence.grade.missing")
		} else if c.Grade == i.Grade {
			e.Field("grade", "evidence.grade.same")
		}
		ev = Regraded{c.Grade, sealed(c.Reason)}
	case Prolong:
		want(e, "reason", c.Reason, maxText)
		if !c.Until.Valid() {
			e.Field("until", "evidence.day")
		}
		ev = Prolonged{c.Until, sealed(c.Reason)}
	case Translate:
		want(e, "text", c.Text, maxText)
		want(e, "language", c.Language, 35)
		if i.Kind == Summary {
			e.Field("language", "evidence.summary.protects")
		}
		ev = Translated{c.Language, c.Official, sealed(c.Text)}
	case Withdraw:
		want(e, "reason", c.Reason, maxText)
		ev = Withdrawn{sealed(c.Reason)}
	default:
		return nil, fault.New(fault.Internal, "fault.internal")
	}
	if err := e.Or(); err != nil {
		return nil, err
	}
	return []event.New{{Stream: own, Event: ev}}, nil
}

func (c Add) check(e *fault.Error, now time.Time) {
	want(e, "title", c.Details.Title, maxTitle)
	c.checkKind(e)
	want(e, "says", c.Details.Says, maxText)
	if !party.Bounded(c.Details.Address, 2*maxTitle) {
		e.Field("address", "evidence.long", "max", 2*maxTitle)
	}
	today := deadline.DateOf(now, time.UTC).Add(1) // it may be tomorrow where the source is
	switch {
	case !c.Published.Valid():
		e.Field("published", "evidence.published.missing")
	case c.Published > today:
		e.Field("published", "evidence.published.future")
	}
	if c.Expires != "" && (!c.Expires.Valid() || c.Expires < c.Published) {
		e.Field("expires", "evidence.expires.before")
	}
	if !c.Grade.Valid() {
		e.Field("grade", "evidence.grade.missing")
	}
	if c.Country != "" && !party.ValidCountry(c.Country) {
		e.Field("country", "party.country.unknown", "code", c.Country)
	}
	if !party.Bounded(c.Party, 64) {
		e.Field("party", "evidence.party.unknown")
	}
	checkMarking(e, c.Marking, c.Compartment)
	if c.Copy != nil && (c.Copy.Document == "" || c.Copy.Hash == "" || !party.Bounded(c.Copy.Title, maxTitle)) {
		e.Field("copy", "evidence.copy.unknown")
	}
}

// checkKind holds each kind to what it may say of where it comes from. A summary
// of what civil society told us says no more than what nobody can be found by:
// no name, address, language, file or day, and it is told to nobody outside.
func (c Add) checkKind(e *fault.Error) {
	if !slices.Contains(Kinds, c.Kind) {
		e.Field("kind", "evidence.kind.unknown")
	}
	if c.Kind != Statement && c.Partner != "" || c.Kind != Summary && c.Asked != "" {
		e.Field("kind", "evidence.kind.origin")
	}
	if c.Kind == Statement && !party.ValidCountry(c.Partner) {
		e.Field("partner", "evidence.partner.missing")
	}
	if c.Kind != Summary {
		want(e, "source", c.Details.Source, maxTitle)
		return
	}
	if !slices.Contains(Origins, c.Asked) {
		e.Field("asked", "evidence.asked.missing")
	}
	if !c.Reviewed {
		e.Field("reviewed", "evidence.reviewed.missing")
	}
	for _, x := range []struct {
		field string
		said  bool
	}{{"source", c.Details.Source != ""}, {"address", c.Details.Address != ""}, {"language", c.Language != ""}, {"file", c.Copy != nil}} {
		if x.said {
			e.Field(x.field, "evidence.summary.protects")
		}
	}
	if c.Marking == Clear || c.Marking == Green {
		e.Field("marking", "evidence.summary.marking")
	}
}

func checkMarking(e *fault.Error, m Marking, compartment string) {
	known := false
	for _, x := range Markings {
		known = known || m == x
	}
	switch {
	case !known:
		e.Field("marking", "evidence.marking.missing")
	case m.Closed() && compartment == "":
		e.Field("compartment", "evidence.marking.closed")
	}
}
