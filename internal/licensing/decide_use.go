package licensing

import (
	"fmt"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// DrawDown counts what leaves against the licence. Of a customs message, what
// can't be counted becomes an event all the same, so that the message is
// answered alike each time; a return of the holder is refused with a fault.
type DrawDown struct {
	OnLicence
	Use         string // id of the use, from the caller
	Message     *Message
	Declaration string
	Office      string
	Document    string
	Left        time.Time // when it left, or is to leave
	Lines       []UsedLine
	Serials     []LineSerials
	Note        string
}

// CancelUse takes a use back.
type CancelUse struct {
	OnLicence
	Use     string
	Message *Message
	Why     string
}

// Surrender gives the licence back.
type Surrender struct {
	OnLicence
	Why string
}

// ReportDelivery is the holder's word that a use arrived.
type ReportDelivery struct {
	OnLicence
	Use      string
	Day      deadline.Date
	Evidence string
}

// VerifyDelivery is what the authority found of it.
type VerifyDelivery struct {
	OnLicence
	Use      string
	Day      deadline.Date
	Result   DeliveryResult
	Evidence string
}

// Name is "licence.draw_down" for customs and "licence.return" for the holder.
func (c DrawDown) Name() string {
	if c.Message == nil {
		return "licence.return"
	}
	return "licence.draw_down"
}

// Name is "licence.cancel_use".
func (CancelUse) Name() string { return "licence.cancel_use" }

// Name is "licence.surrender".
func (Surrender) Name() string { return "licence.surrender" }

// Name is "licence.report_delivery".
func (ReportDelivery) Name() string { return "licence.report_delivery" }

// Name is "licence.verify_delivery".
func (VerifyDelivery) Name() string { return "licence.verify_delivery" }

// Why a use can't be counted.
const (
	WhyUseStatus    = "licensing.use.status." // with the status
	WhyUseLine      = "licensing.use.line"
	WhyUseUnit      = "licensing.use.unit"
	WhyUseTooMuch   = "licensing.use.too_much"
	WhyUseTwice     = "licensing.use.declaration"
	WhyUseNoSerials = "licensing.use.serials"
	WhyUseSerial    = "licensing.use.serial_twice"
)

func (l *Licence) drawDown(c DrawDown, f Facts) ([]event.Event, error) {
	if err := l.formOfUse(c, f); err != nil {
		return nil, err
	}
	lines := append([]UsedLine(nil), c.Lines...)
	why := l.refusal(c, f)
	for i := range lines {
		lines[i].Left = l.Left(lines[i].Line)
		if why == "" {
			lines[i].Left = max(0, lines[i].Left-lines[i].Quantity)
		}
	}
	left := c.Left.UTC().Truncate(time.Microsecond)
	switch {
	case why != "" && c.Message == nil:
		return nil, fault.New(fault.Blocked, why).Field("lines", why)
	case why != "":
		return []event.Event{LicenceUseRefused{
			Use: c.Use, Message: *c.Message, Declaration: c.Declaration, Office: c.Office, Document: c.Document, Left: left, Lines: lines, Why: why,
		}}, nil
	}
	e := LicenceUsed{Use: c.Use, Message: c.Message, Declaration: c.Declaration, Office: c.Office, Document: c.Document, Left: left, Lines: lines}
	if len(c.Serials) > 0 || c.Note != "" {
		e.Text = event.P(c.Stream(), UseText{Serials: c.Serials, Note: c.Note})
	}
	events := []event.Event{e}
	after := *l
	after.Drawn = map[string]Quantity{}
	for line, q := range l.Drawn {
		after.Drawn[line] = q
	}
	after.draw(lines, 1)
	if now := l.Now(); after.usedUp() && (now == Valid || now == Restricted) {
		events = append(events, LicenceExhausted{})
	}
	return events, nil
}

// formOfUse refuses what could never be counted: a fault of the form.
func (l *Licence) formOfUse(c DrawDown, f Facts) error {
	bad := fault.New(fault.Invalid, "licensing.use.invalid")
	if err := newID("use", c.Use, l.Use(c.Use) != nil); err != nil {
		return err
	}
	for _, x := range []struct{ name, text string }{{"declaration", c.Declaration}, {"office", c.Office}, {"document", c.Document}} {
		if !party.Bounded(x.text, 64) {
			bad.Field(x.name, "licensing.text.bound", "max", 64)
		}
	}
	if !party.Bounded(c.Note, MaxLong) {
		bad.Field("note", "licensing.text.bound", "max", MaxLong)
	}
	if m := c.Message; m != nil && (m.Sender == "" || len(m.Sender) > 64 || m.Number < 1 || !isHash(m.Hash)) {
		bad.Field("number", "licensing.use.message")
	}
	if c.Left.IsZero() || c.Left.After(f.Now) || c.Left.Before(l.Issued) {
		bad.Field("left", "licensing.use.left")
	}
	seen := map[string]bool{}
	for _, n := range c.Lines {
		if n.Quantity <= 0 || seen[n.Line] || n.Line == "" || len(n.Line) > 64 {
			bad.Field("lines", "licensing.use.quantity")
		}
		seen[n.Line] = true
	}
	serials, numbers := 0, map[string]bool{}
	for _, s := range c.Serials {
		for _, n := range s.Numbers {
			key := s.Line + "\x00" + n
			if strings.TrimSpace(n) == "" || !party.Bounded(n, 64) || !seen[s.Line] || numbers[key] {
				bad.Field("serials", "licensing.use.serial_form")
			}
			numbers[key] = true
			serials++
		}
	}
	if len(c.Lines) == 0 || len(c.Lines) > MaxLines || serials > MaxSerials {
		bad.Field("lines", "licensing.use.quantity")
	}
	if len(l.Uses) >= MaxUses {
		bad.Field("lines", "licensing.use.most", "max", MaxUses)
	}
	return bad.Or()
}

// refusal is why a use can't be counted; empty where it can. What the licence
// was worth when the goods left decides, so that a message that comes late, or
// again after it was lost, counts as it would have on its day. A return of the
// holder is held against what the holder knows: a refusal would tell of a
// suspension before its time. Customs know it, and refuse.
func (l *Licence) refusal(c DrawDown, f Facts) string {
	known := l
	if c.Message == nil {
		known = l.ForHolder()
	}
	for _, n := range c.Lines {
		have := l.Line(n.Line)
		if have == nil {
			return WhyUseLine
		}
		if s := known.LineStatusAt(n.Line, c.Left, f.zone()); s != Valid && s != Exhausted {
			return WhyUseStatus + string(s)
		}
		if n.Unit != have.Unit {
			return WhyUseUnit
		}
		if n.Quantity > l.allowedAt(n.Line, c.Left)-l.Used(n.Line) {
			return WhyUseTooMuch
		}
		for _, u := range l.Uses {
			for _, m := range u.Lines {
				if u.Counts() && c.Declaration != "" && u.Declaration == c.Declaration && m.Line == n.Line {
					return WhyUseTwice
				}
			}
		}
		if why := l.serialsRefused(n, c.Serials); why != "" {
			return why
		}
	}
	return ""
}

// serialsRefused holds the serial numbers of one line against its conditions
// and against what left before.
func (l *Licence) serialsRefused(n UsedLine, serials []LineSerials) string {
	given := map[string]bool{}
	for _, s := range serials {
		if s.Line == n.Line {
			for _, x := range s.Numbers {
				given[x] = true
			}
		}
	}
	for _, k := range l.Conditions {
		if k.Type == Serials && (len(k.Lines) == 0 || contains(k.Lines, n.Line)) && Quantity(len(given))*1000 != n.Quantity {
			return WhyUseNoSerials
		}
	}
	if len(given) == 0 {
		return ""
	}
	for _, u := range l.Uses {
		for _, s := range u.Text.Serials {
			for _, x := range s.Numbers {
				if u.Counts() && s.Line == n.Line && given[x] {
					return WhyUseSerial
				}
			}
		}
	}
	return ""
}

func (l *Licence) cancelUse(c CancelUse) ([]event.Event, error) {
	u := l.Use(c.Use)
	if u == nil || !u.Counts() {
		return nil, fault.New(fault.Conflict, "licensing.use.not_counted")
	}
	if err := text("why", c.Why, c.Message == nil); err != nil {
		return nil, err
	}
	e := LicenceUseCancelled{Use: c.Use, Message: c.Message}
	if c.Why != "" {
		e.Why = event.P(c.Stream(), c.Why)
	}
	events := []event.Event{e}
	if l.Now() == Exhausted {
		events = append(events, LicenceReplenished{})
	}
	return events, nil
}

func (l *Licence) delivery(use string, day deadline.Date, evidence string, f Facts) error {
	if u := l.Use(use); u == nil || !u.Counts() {
		return fault.New(fault.Conflict, "licensing.use.not_counted")
	}
	if !day.Valid() || day > deadline.DateOf(f.Now, f.zone()) {
		return fault.New(fault.Invalid, "licensing.date").Field("day", "licensing.date")
	}
	return text("evidence", evidence, true)
}

// reachOf holds what a revocation says of what can still be stopped: every lever
// once, and in words how, or why not.
func reachOf(stream event.Stream, said []ReachSaid) ([]Reach, error) {
	bad := fault.New(fault.Invalid, "licensing.reach.missing")
	by := map[Lever]ReachSaid{}
	for _, s := range said {
		by[s.Lever] = s
	}
	var out []Reach
	for _, lever := range Levers {
		s, field := by[lever], "reach."+string(lever)
		r := Reach{Lever: lever, State: s.State}
		switch s.State {
		case NotPart:
		case CanStop, CannotStop:
			if strings.TrimSpace(s.How) == "" || !party.Bounded(s.How, MaxLong) {
				bad.Field(field+".how", "licensing.reach.how")
			}
			r.How = event.P(stream, s.How)
		default:
			bad.Field(field, "licensing.reach.missing")
		}
		out = append(out, r)
	}
	if len(said) != len(by) || len(by) > len(Levers) {
		bad.Field("reach", "licensing.reach.missing")
	}
	return out, bad.Or()
}

// ReachSaid is what the revoking person says of one lever.
type ReachSaid struct {
	Lever Lever
	State ReachState
	How   string // how it can be stopped and by whom, or why it can't
}

func messageRow(licence, use string, m Message) event.Row {
	return event.Row{Table: "customs_message", ID: fmt.Sprintf("%s/%d", m.Sender, m.Number), Columns: []event.Column{
		event.C("licence_id", licence), event.C("use", use), event.C("hash", m.Hash),
	}}
}

// fmtSeq is a number as a row's id, in an order that is also that of the texts.
func fmtSeq(n int64) string { return fmt.Sprintf("%016d", n) }
