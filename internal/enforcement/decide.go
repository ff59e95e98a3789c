package enforcement

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// OnMatter names the matter that a command is for.
type OnMatter struct{ Matter string }

// Stream is the matter's stream.
func (o OnMatter) Stream() event.Stream { return event.StreamOf(KindMatter, o.Matter) }

// Command is one of the commands on matters.
type Command interface {
	Name() string
	Stream() event.Stream
}

// Commands on a matter.
type (
	// Open opens a matter on an exporter.
	Open struct {
		OnMatter
		Kind  Kind
		Org   string
		Words Words
	}
	// Disclose is an exporter's own word that something went wrong.
	Disclose struct {
		OnMatter
		Org   string
		Words Words
	}
	// Note is a note for those inside.
	Note struct {
		OnMatter
		Text string
	}
	// Ask asks the exporter.
	Ask struct {
		OnMatter
		ID, Text string
		Due      deadline.Date
	}
	// Reply answers a question.
	Reply struct {
		OnMatter
		ID, Text string
	}
	// Propose says what one person would decide.
	Propose struct {
		OnMatter
		ID        string
		Outcome   Outcome
		Amount    int64
		Currency  string
		Why, Told string
	}
	// Confirm is the second person's yes.
	Confirm struct {
		OnMatter
		ID string
	}
	// Return is the second person's no.
	Return struct {
		OnMatter
		ID, Why string
	}
	// Object is the exporter's appeal.
	Object struct {
		OnMatter
		Text string
	}
	// Rule says what the appeal came to.
	Rule struct {
		OnMatter
		Ruling   Ruling
		Outcome  Outcome
		Amount   int64
		Currency string
		Told     string
	}
	// RaiseGap says what the matter shows to be missing in law.
	RaiseGap struct {
		OnMatter
		ID, Element, What string
	}
	// Close ends the matter and puts what is final on the exporter's record.
	Close struct {
		OnMatter
		Why string
	}
)

// Name is "matter.open".
func (Open) Name() string { return "matter.open" }

// Name is "matter.disclose".
func (Disclose) Name() string { return "matter.disclose" }

// Name is "matter.note".
func (Note) Name() string { return "matter.note" }

// Name is "matter.ask".
func (Ask) Name() string { return "matter.ask" }

// Name is "matter.reply".
func (Reply) Name() string { return "matter.reply" }

// Name is "matter.propose".
func (Propose) Name() string { return "matter.propose" }

// Name is "matter.confirm".
func (Confirm) Name() string { return "matter.confirm" }

// Name is "matter.return".
func (Return) Name() string { return "matter.return" }

// Name is "matter.object".
func (Object) Name() string { return "matter.object" }

// Name is "matter.rule".
func (Rule) Name() string { return "matter.rule" }

// Name is "matter.raise_gap".
func (RaiseGap) Name() string { return "matter.raise_gap" }

// Name is "matter.close".
func (Close) Name() string { return "matter.close" }

// Acts are the acts that commands ask for. An exporter's are of its own matters.
var Acts = map[string]access.Act{
	"matter.open": access.MatterKeep, "matter.note": access.MatterKeep, "matter.ask": access.MatterKeep, "matter.propose": access.MatterKeep,
	"matter.raise_gap": access.MatterKeep, "matter.close": access.MatterKeep,
	"matter.confirm": access.MatterDecide, "matter.return": access.MatterDecide, "matter.rule": access.MatterDecide,
	"matter.disclose": access.MatterOwn, "matter.reply": access.MatterOwn, "matter.object": access.MatterOwn,
}

// Facts are what the caller gathered.
type Facts struct {
	Now       time.Time
	Zone      *time.Location
	Person    string
	Reference string
	Exporter  bool      // the organisation that is named is an exporter
	Element   bool      // the element that is named is one of the self-assessment
	Until     time.Time // to appeal against what is confirmed now
}

func (f Facts) today() deadline.Date { return deadline.DateOf(f.Now, f.Zone) }

// Decide turns a command into events, or says why it can't be done.
func Decide(m *Matter, cmd Command, f Facts) ([]event.New, error) {
	opens := cmd.Name() == "matter.open" || cmd.Name() == "matter.disclose"
	switch {
	case opens && m.ID != "":
		return nil, fault.New(fault.Conflict, "enforcement.sent")
	case !opens && m.ID == "":
		return nil, fault.New(fault.NotFound, "fault.not_found")
	case !opens && !m.Open():
		return nil, fault.New(fault.Conflict, "enforcement.closed")
	}
	bad := fault.New(fault.Invalid, "enforcement.invalid")
	e, err := m.decide(cmd, f, bad)
	if err == nil {
		err = bad.Or()
	}
	if err != nil {
		return nil, err
	}
	out := []event.New{{Stream: cmd.Stream(), Event: e}}
	if _, closes := cmd.(Close); closes && m.Holds() != "" {
		out = append(out, event.New{Stream: RecordStream(m.Org), Event: Entered{m.ID, m.Kind, m.Holds(), f.today()}})
	}
	return out, nil
}

func (m *Matter) decide(cmd Command, f Facts, bad *fault.Error) (event.Event, error) {
	own := cmd.Stream()
	private := func(field, text string) event.Private[string] { return event.P(own, words(bad, field, text)) }
	switch c := cmd.(type) {
	case Open:
		if !slices.Contains(Kinds, c.Kind) {
			bad.Field("kind", "enforcement.kind.missing")
		}
		if !f.Exporter {
			bad.Field("org", "enforcement.org")
		}
		return Opened{f.Reference, c.Kind, c.Org, event.P(own, about(bad, c.Words))}, nil
	case Disclose:
		return Opened{f.Reference, Disclosure, c.Org, event.P(own, about(bad, c.Words))}, nil
	case Note:
		return Noted{private("text", c.Text)}, nil
	case Ask:
		if !c.Due.Valid() || c.Due < f.today() {
			bad.Field("due", "enforcement.due")
		}
		if c.ID == "" || slices.ContainsFunc(m.Questions, func(q Question) bool { return q.ID == c.ID }) {
			return nil, fault.New(fault.Conflict, "enforcement.sent")
		}
		return Asked{c.ID, c.Due, private("text", c.Text)}, nil
	case Reply:
		if !slices.ContainsFunc(m.Questions, func(q Question) bool { return q.ID == c.ID && q.Answer == nil }) {
			return nil, fault.New(fault.Conflict, "enforcement.sent")
		}
		return Answered{c.ID, private("text", c.Text)}, nil
	case Propose:
		if m.Decided() != nil || slices.ContainsFunc(m.Decisions, Decision.Waits) || slices.ContainsFunc(m.Decisions, func(d Decision) bool { return d.ID == c.ID }) {
			return nil, fault.New(fault.Conflict, "enforcement.decided")
		}
		outcome(bad, c.Outcome, c.Amount, c.Currency)
		return Proposed{c.ID, f.Person, c.Outcome, c.Amount, c.Currency, private("why", c.Why), private("told", c.Told)}, nil
	case Confirm:
		d, err := m.second(c.ID, f)
		if err != nil {
			return nil, err
		}
		return Confirmed{d.ID, f.Person, f.Until}, nil
	case Return:
		d, err := m.second(c.ID, f)
		if err != nil {
			return nil, err
		}
		return Returned{d.ID, f.Person, private("why", c.Why)}, nil
	case Object:
		d := m.Decided()
		switch {
		case d == nil || m.Appeal != nil:
			return nil, fault.New(fault.Conflict, "enforcement.appeal.none")
		case f.Now.After(d.Until):
			return nil, fault.New(fault.Blocked, "enforcement.appeal.late", "until", d.Until)
		}
		return Appealed{private("text", c.Text)}, nil
	case Rule:
		return m.rule(c, f, bad)
	case RaiseGap:
		if !f.Element {
			bad.Field("element", "enforcement.element")
		}
		return GapRaised{c.ID, c.Element, private("what", c.What)}, nil
	case Close:
		d := m.Decided()
		switch {
		case slices.ContainsFunc(m.Decisions, Decision.Waits), m.Appeal != nil && m.Appeal.Ruling == "":
			return nil, fault.New(fault.Blocked, "enforcement.close.waits")
		case d == nil:
			return nil, fault.New(fault.Blocked, "enforcement.close.undecided")
		case m.Appeal == nil && f.Now.Before(d.Until):
			return nil, fault.New(fault.Blocked, "enforcement.close.appeal", "until", d.Until)
		}
		return Closed{private("why", c.Why)}, nil
	}
	return nil, fmt.Errorf("enforcement: no matter takes a %T", cmd)
}

// second finds the outcome that waits for a second person, who is not the first.
func (m *Matter) second(id string, f Facts) (*Decision, error) {
	n := slices.IndexFunc(m.Decisions, func(d Decision) bool { return d.ID == id && d.Waits() })
	switch {
	case n < 0:
		return nil, fault.New(fault.Conflict, "enforcement.decided")
	case m.Decisions[n].Person == f.Person:
		return nil, fault.New(fault.Blocked, "enforcement.same")
	}
	return &m.Decisions[n], nil
}

// rule decides an appeal. Whoever proposed or confirmed the outcome does not.
func (m *Matter) rule(c Rule, f Facts, bad *fault.Error) (event.Event, error) {
	if m.Appeal == nil || m.Appeal.Ruling != "" {
		return nil, fault.New(fault.Conflict, "enforcement.appeal.none")
	}
	if d := m.Decided(); d.Person == f.Person || d.Confirmed.Account == f.Person {
		return nil, fault.New(fault.Blocked, "enforcement.appeal.same")
	}
	if !slices.Contains(Rulings, c.Ruling) {
		bad.Field("ruling", "enforcement.ruling.missing")
	}
	e := Ruled{Ruling: c.Ruling, Person: f.Person, Told: event.P(c.Stream(), words(bad, "told", c.Told))}
	if c.Ruling == Varied {
		outcome(bad, c.Outcome, c.Amount, c.Currency)
		e.Outcome, e.Amount, e.Currency = c.Outcome, c.Amount, c.Currency
	}
	return e, nil
}

func outcome(bad *fault.Error, o Outcome, amount int64, currency string) {
	if !slices.Contains(Outcomes, o) {
		bad.Field("outcome", "enforcement.outcome.missing")
	}
	if (o == Penalty) != (amount > 0 && currency != "") {
		bad.Field("sum", "enforcement.sum")
	}
}

func about(bad *fault.Error, w Words) Words {
	w = Words{words(bad, "title", w.Title), words(bad, "what", w.What), strings.TrimSpace(w.Cited)}
	if !party.Bounded(w.Cited, maxText) {
		bad.Field("cited", "enforcement.long", "max", maxText)
	}
	return w
}

// maxText bounds a text, in characters.
const maxText = 20_000

// words trims a text that is asked for and says where it is missing or too long.
func words(bad *fault.Error, field, text string) string {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		bad.Field(field, "enforcement.missing."+field)
	case !party.Bounded(text, maxText):
		bad.Field(field, "enforcement.long", "max", maxText)
	}
	return text
}

// Told is a matter as its exporter may see it: what it said itself, what it was
// asked and told. No note, no reasons, no name, nothing that is not confirmed.
func (m *Matter) Told() Matter {
	out := Matter{ID: m.ID, Reference: m.Reference, Kind: m.Kind, Org: m.Org, Opened: By{At: m.Opened.At}, EndedBy: m.EndedBy}
	if m.Kind == Disclosure {
		out.Words, out.Erased = m.Words, m.Erased
	}
	for _, q := range m.Questions {
		q.Asked.By.Account = ""
		out.Questions = append(out.Questions, q)
	}
	if d := m.Decided(); d != nil {
		out.Decisions = []Decision{{ID: d.ID, Outcome: d.Outcome, Amount: d.Amount, Currency: d.Currency, Told: d.Told, Confirmed: By{Account: "authority", At: d.Confirmed.At}, Until: d.Until}}
	}
	if m.Appeal != nil {
		a := *m.Appeal
		a.Person, a.Ruled.Account = "", ""
		out.Appeal = &a
	}
	return out
}

// Shows tells whether the exporter knows of the matter at all: it began it, was
// asked, or was told an outcome.
func (m *Matter) Shows() bool {
	return m.Kind == Disclosure || len(m.Questions) > 0 || m.Decided() != nil
}
