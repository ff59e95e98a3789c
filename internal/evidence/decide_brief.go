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

// OnBrief names the brief that a command is for.
type OnBrief struct{ Brief string }

// Stream is the brief's stream.
func (o OnBrief) Stream() event.Stream { return event.StreamOf(KindBrief, o.Brief) }

// BriefCommand is one of the commands on briefs.
type BriefCommand interface{ Stream() event.Stream }

// Open begins a brief.
type Open struct {
	OnBrief
	About       About
	Subject     string
	Marking     Marking
	Compartment string
	ReviewBy    deadline.Date
}

// Write says what a section says, and on which sources it rests.
type Write struct {
	OnBrief
	Section string
	Text    string
	Items   []string
}

// SetLaw says what is known of one part of the law on surveillance.
type SetLaw struct {
	OnBrief
	Part Part
	Safeguard
	Items []string
}

// ReviewBrief records a look at the whole brief, and when to look again.
type ReviewBrief struct {
	OnBrief
	Note string
	Next deadline.Date
}

// BriefFacts are what the caller gathered for a command on a brief.
type BriefFacts struct {
	Now   time.Time
	Items map[string]*Item // those that the command names and that exist for the actor, by id
	Known bool             // of Open: the subject exists
}

// maxItems bounds what one passage can rest on.
const maxItems = 100

// DecideBrief turns a command into events, or says why it can't be done.
func DecideBrief(b *Brief, cmd BriefCommand, f BriefFacts) ([]event.New, error) {
	_, opens := cmd.(Open)
	switch {
	case opens && b.ID != "":
		return nil, fault.New(fault.Conflict, "evidence.brief.exists")
	case !opens && b.ID == "":
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	own, e := cmd.Stream(), invalid()
	var ev event.Event
	switch c := cmd.(type) {
	case Open:
		if c.About != Destination && c.About != EndUser {
			e.Field("about", "evidence.brief.about")
		} else if !f.Known {
			e.Field("subject", "evidence.brief.subject."+string(c.About))
		}
		checkMarking(e, c.Marking, c.Compartment)
		f.ahead(e, "review_by", c.ReviewBy)
		ev = Opened{c.About, c.Subject, c.Marking, c.Compartment, c.ReviewBy}
	case Write:
		if !slices.Contains(Sections[b.About], c.Section) {
			e.Field("section", "evidence.brief.section")
		}
		want(e, "text", c.Text, maxText)
		ev = Written{c.Section, f.rests(e, b, c.Items), event.P(own, strings.TrimSpace(c.Text))}
	case SetLaw:
		if b.About != Destination {
			return nil, fault.New(fault.Blocked, "evidence.brief.no_law")
		}
		c.check(e, f.Now)
		ev = LawSet{c.Part, c.Paper, c.Date, c.Practice, c.PracticeDate, c.Verified, f.rests(e, b, c.Items), event.P(own, c.Words)}
	case ReviewBrief:
		want(e, "note", c.Note, maxText)
		f.ahead(e, "next", c.Next)
		ev = Reviewed{c.Next, event.P(own, strings.TrimSpace(c.Note))}
	default:
		return nil, fault.New(fault.Internal, "fault.internal")
	}
	if err := e.Or(); err != nil {
		return nil, err
	}
	return []event.New{{Stream: own, Event: ev}}, nil
}

// ahead asks for a day to come, within five years.
func (f BriefFacts) ahead(e *fault.Error, field string, d deadline.Date) {
	today := deadline.DateOf(f.Now, time.UTC)
	if !d.Valid() || d <= today || d > today.Add(5*366) {
		e.Field(field, "evidence.brief.next")
	}
}

// rests checks that a passage may rest on items: they are there, stand, and lie
// where whoever reads the brief may look.
func (f BriefFacts) rests(e *fault.Error, b *Brief, ids []string) []string {
	out := slices.Clone(ids)
	slices.Sort(out)
	out = slices.Compact(out)
	if len(out) > maxItems {
		e.Field("items", "evidence.items.many", "max", maxItems)
	}
	for _, id := range out {
		if err := MayRest(f.Items[id], b.Compartment, deadline.DateOf(f.Now, time.UTC)); err != nil {
			e.Field("items", err.Key)
		} else if f.Items[id].Marking.Stricter(b.Marking) {
			e.Field("items", "evidence.item.stricter") // the brief may be passed on, the source may not
		}
	}
	return out
}

// MayRest says why nothing in a compartment may newly rest on an item, nil where
// it may. item is nil where there is none for the actor.
func MayRest(item *Item, compartment string, on deadline.Date) *fault.Error {
	switch {
	case item == nil || item.ID == "" || item.Erased != nil:
		return fault.New(fault.Invalid, "evidence.item.unknown")
	case item.Withdrawn != nil:
		return fault.New(fault.Invalid, "evidence.item.withdrawn")
	case item.Expired(on):
		return fault.New(fault.Invalid, "evidence.item.expired")
	case item.Compartment != "" && item.Compartment != compartment:
		return fault.New(fault.Invalid, "evidence.item.elsewhere")
	}
	return nil
}

func (c SetLaw) check(e *fault.Error, now time.Time) {
	if !slices.Contains(Parts, c.Part) {
		e.Field("part", "evidence.law.part")
	}
	today := deadline.DateOf(now, time.UTC).Add(1)
	answer := func(field string, a Answer, date deadline.Date, words, where string) {
		switch {
		case a != "" && a != Yes && a != No:
			e.Field(field, "evidence.law.answer")
		case a == "":
			return
		}
		if !date.Valid() || date > today {
			e.Field(field+"_date", "evidence.law.date")
		}
		if strings.TrimSpace(words) == "" {
			e.Field(field+"_text", "evidence.law.text")
		}
		if strings.TrimSpace(where) == "" {
			e.Field(field+"_source", "evidence.law.source")
		}
	}
	answer("paper", c.Paper, c.Date, c.Words.Text, c.Words.Provision)
	answer("practice", c.Practice, c.PracticeDate, c.Words.Practice, c.Words.Source)
	for _, s := range []string{c.Words.Text, c.Words.Provision, c.Words.Practice, c.Words.Source} {
		if !party.Bounded(s, maxText) {
			e.Field("paper_text", "evidence.long", "max", maxText)
		}
	}
}
