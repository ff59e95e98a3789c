package instruments

import (
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// Bounds, in characters, of a line and of a text.
const (
	maxLine = 300
	maxText = 20_000
)

// OnInstrument names the instrument that a command is for.
type OnInstrument struct{ Instrument string }

// Stream is the instrument's stream.
func (o OnInstrument) Stream() event.Stream { return event.StreamOf(KindInstrument, o.Instrument) }

// InstrumentCommand is one of the commands on instruments.
type InstrumentCommand interface{ Stream() event.Stream }

// Commands on an instrument.
type (
	// Enter puts an instrument on the register.
	Enter struct {
		OnInstrument
		Kind     Kind
		Owner    string
		ReviewBy deadline.Date
		Version  Version
	}
	// Amend adds a version. One from a day to come changes nothing before it.
	Amend struct {
		OnInstrument
		Version Version
	}
	// End says until which day the instrument is in force.
	End struct {
		OnInstrument
		To     deadline.Date
		Reason string
	}
	// ReviewInstrument records a look at the whole instrument.
	ReviewInstrument struct {
		OnInstrument
		Note string
		Next deadline.Date
	}
	// HandOver gives the instrument another owner.
	HandOver struct {
		OnInstrument
		Owner string
	}
	// NoticeOverdue has owner and contacts told of an overdue review, once.
	NoticeOverdue struct{ OnInstrument }
)

// InstrumentFacts are what the caller gathered for a command on an instrument.
type InstrumentFacts struct {
	Now      time.Time
	Elements Elements
	Owner    bool // whom the command names is somebody who can have it
	Every    int  // days within which an instrument is read again
}

func invalid() *fault.Error { return fault.New(fault.Invalid, "instruments.invalid") }

// DecideInstrument turns a command into events, or says why it can't be done.
func DecideInstrument(i *Instrument, cmd InstrumentCommand, f InstrumentFacts) ([]event.New, error) {
	_, enters := cmd.(Enter)
	switch {
	case enters && i.ID != "":
		return nil, fault.New(fault.Conflict, "instruments.exists")
	case !enters && i.ID == "":
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	own, bad := cmd.Stream(), invalid()
	today := deadline.DateOf(f.Now, time.UTC)
	var e event.Event
	switch c := cmd.(type) {
	case Enter:
		if !slices.Contains(Kinds, c.Kind) {
			bad.Field("kind", "instruments.kind.missing")
		}
		f.owner(bad)
		f.next(bad, "review_by", c.ReviewBy, today)
		e = Entered{c.Kind, c.Owner, c.ReviewBy, f.version(bad, own, c.Version, today)}
	case Amend:
		d := f.version(bad, own, c.Version, today)
		if c.Version.From.Valid() && c.Version.From < i.Latest().From {
			bad.Field("from", "instruments.from.before", "from", string(i.Latest().From))
		}
		e = Amended{d}
	case End:
		if !c.To.Valid() || c.To < i.Latest().From {
			bad.Field("to", "instruments.to.before", "from", string(i.Latest().From))
		}
		e = Ended{c.To, event.P(own, words(bad, "reason", c.Reason, maxText))}
	case ReviewInstrument:
		f.next(bad, "next", c.Next, today)
		e = Reviewed{c.Next, event.P(own, words(bad, "note", c.Note, maxText))}
	case HandOver:
		f.owner(bad)
		if c.Owner == i.Owner {
			return nil, nil
		}
		e = HandedOver{c.Owner}
	case NoticeOverdue:
		if !i.Overdue(today) || !i.Noticed.IsZero() || i.Latest().To != "" {
			return nil, nil
		}
		e = OverdueNoticed{i.ReviewBy}
	default:
		return nil, fault.New(fault.Internal, "fault.internal")
	}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	return []event.New{{Stream: own, Event: e}}, nil
}

func (f InstrumentFacts) owner(bad *fault.Error) {
	if !f.Owner {
		bad.Field("owner", "instruments.owner.unknown")
	}
}

// next asks for a day to come that is no later than the period of the rules.
func (f InstrumentFacts) next(bad *fault.Error, field string, d, today deadline.Date) {
	if !d.Valid() || d <= today || d > today.Add(f.Every+1) {
		bad.Field(field, "instruments.review.next", "days", f.Every)
	}
}

// version checks a version and gives it as events hold it.
func (f InstrumentFacts) version(bad *fault.Error, own event.Stream, v Version, today deadline.Date) Dated {
	if !v.From.Valid() {
		bad.Field("from", "instruments.from.missing")
	}
	if v.To != "" && (!v.To.Valid() || v.To < v.From) {
		bad.Field("to", "instruments.to.before", "from", string(v.From))
	}
	if !v.SourceDate.Valid() || v.SourceDate > today {
		bad.Field("source_date", "instruments.source_date.missing")
	}
	for _, u := range v.CatchAll {
		if !slices.Contains(Uses, u) {
			bad.Field("catch_all", "instruments.catch_all.unknown")
		}
	}
	for _, id := range v.Covers {
		if _, ok := f.Elements.Element(id); !ok {
			bad.Field("covers", "instruments.element.unknown")
		}
	}
	w := Words{
		Title: words(bad, "title", v.Words.Title, maxLine), Citation: words(bad, "citation", v.Words.Citation, maxLine), Source: words(bad, "source", v.Words.Source, 2*maxLine),
		Agency: strings.TrimSpace(v.Words.Agency), Scope: strings.TrimSpace(v.Words.Scope),
	}
	if !party.Bounded(w.Agency, maxLine) {
		bad.Field("agency", "instruments.long", "max", maxLine)
	}
	if !party.Bounded(w.Scope, maxText) {
		bad.Field("scope", "instruments.long", "max", maxText)
	}
	return Dated{v.From, v.To, v.SourceDate, sorted(v.CatchAll), sorted(v.Covers), event.P(own, w)}
}

func sorted[T ~string](in []T) []T {
	out := slices.Clone(in)
	slices.Sort(out)
	return slices.Compact(out)
}

// words trims a text that is asked for and says where it is missing or too long.
func words(bad *fault.Error, field, text string, limit int) string {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		bad.Field(field, "instruments.missing."+field)
	case !party.Bounded(text, limit):
		bad.Field(field, "instruments.long", "max", limit)
	}
	return text
}
