package enforcement

import (
	"fmt"
	"slices"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
)

// KindMatter is the kind of the streams of matters: "matter/ID".
const KindMatter = "matter"

// Compartment is where all matters lie.
const Compartment = "enforcement"

// Kind is how a matter began.
type Kind string

// The kinds. Exporters give the first, the authority the others.
const (
	Disclosure Kind = "disclosure"
	Breach     Kind = "breach"
	Stop       Kind = "stop"
	Audit      Kind = "audit"
)

// Kinds are those that the authority opens.
var Kinds = []Kind{Breach, Stop, Audit}

// Outcome is what came of a matter.
type Outcome string

// The outcomes.
const (
	InOrder  Outcome = "in_order"
	Warning  Outcome = "warning"
	Penalty  Outcome = "penalty"
	Referral Outcome = "referral" // to those who prosecute
)

// Outcomes are all of them.
var Outcomes = []Outcome{InOrder, Warning, Penalty, Referral}

// Ruling is what an appeal came to.
type Ruling string

// The rulings.
const (
	Upheld   Ruling = "upheld"
	Varied   Ruling = "varied"
	Annulled Ruling = "annulled"
)

// Rulings are all of them.
var Rulings = []Ruling{Upheld, Varied, Annulled}

// Words are what a matter is about.
type Words struct {
	Title string `json:"title"`
	What  string `json:"what"`
	Cited string `json:"cited,omitempty"` // licences, declarations, the incident, as typed
}

// Events.
type (
	// Opened opens a matter.
	Opened struct {
		Reference string               `json:"reference"`
		Kind      Kind                 `json:"kind"`
		Org       string               `json:"org"`
		Words     event.Private[Words] `json:"words"`
	}
	// Noted is a note for those inside.
	Noted struct {
		Text event.Private[string] `json:"text"`
	}
	// Asked is a question to the exporter.
	Asked struct {
		ID   string                `json:"id"`
		Due  deadline.Date         `json:"due"`
		Text event.Private[string] `json:"text"`
	}
	// Answered is the exporter's answer.
	Answered struct {
		ID   string                `json:"id"`
		Text event.Private[string] `json:"text"`
	}
	// Proposed is what one person would decide.
	Proposed struct {
		ID       string                `json:"id"`
		Person   string                `json:"person"`
		Outcome  Outcome               `json:"outcome"`
		Amount   int64                 `json:"amount,omitempty"` // minor units
		Currency string                `json:"currency,omitempty"`
		Why      event.Private[string] `json:"why"`
		Told     event.Private[string] `json:"told"`
	}
	// Confirmed is the second person's yes: the exporter is told.
	Confirmed struct {
		ID     string    `json:"id"`
		Person string    `json:"person"`
		Until  time.Time `json:"until"` // to appeal
	}
	// Returned is the second person's no.
	Returned struct {
		ID     string                `json:"id"`
		Person string                `json:"person"`
		Why    event.Private[string] `json:"why"`
	}
	// Appealed is the exporter's appeal.
	Appealed struct {
		Text event.Private[string] `json:"text"`
	}
	// Ruled is what the appeal came to.
	Ruled struct {
		Ruling   Ruling                `json:"ruling"`
		Person   string                `json:"person"`
		Outcome  Outcome               `json:"outcome"` // that holds now
		Amount   int64                 `json:"amount,omitempty"`
		Currency string                `json:"currency,omitempty"`
		Told     event.Private[string] `json:"told"`
	}
	// GapRaised says what the matter shows to be missing in law.
	GapRaised struct {
		ID      string                `json:"id"`
		Element string                `json:"element"` // of the self-assessment
		What    event.Private[string] `json:"what"`    // for those who keep the instruments
	}
	// Closed ends the matter.
	Closed struct {
		Why event.Private[string] `json:"why"`
	}
	// Entered puts a final outcome on an exporter's record.
	Entered struct {
		Matter  string        `json:"matter"`
		Kind    Kind          `json:"kind"`
		Outcome Outcome       `json:"outcome"`
		Day     deadline.Date `json:"day"`
	}
)

// EventType is "matter.opened".
func (Opened) EventType() string { return "matter.opened" }

// EventType is "matter.noted".
func (Noted) EventType() string { return "matter.noted" }

// EventType is "matter.asked".
func (Asked) EventType() string { return "matter.asked" }

// EventType is "matter.answered".
func (Answered) EventType() string { return "matter.answered" }

// EventType is "matter.proposed".
func (Proposed) EventType() string { return "matter.proposed" }

// EventType is "matter.confirmed".
func (Confirmed) EventType() string { return "matter.confirmed" }

// EventType is "matter.returned".
func (Returned) EventType() string { return "matter.returned" }

// EventType is "matter.appealed".
func (Appealed) EventType() string { return "matter.appealed" }

// EventType is "matter.ruled".
func (Ruled) EventType() string { return "matter.ruled" }

// EventType is "matter.gap_raised".
func (GapRaised) EventType() string { return "matter.gap_raised" }

// EventType is "matter.closed".
func (Closed) EventType() string { return "matter.closed" }

// EventType is "record.entered".
func (Entered) EventType() string { return "record.entered" }

// Events are one zero value of each event of this package, for the registry.
func Events() []event.Event {
	return []event.Event{
		Opened{}, Noted{}, Asked{}, Answered{}, Proposed{}, Confirmed{}, Returned{}, Appealed{}, Ruled{}, GapRaised{}, Closed{}, Entered{},
	}
}

// By is who did something, and when.
type By = event.By

// Text is a private text as the state holds it.
type Text = event.Text

// Said is a text by somebody.
type Said struct {
	Text Text `json:"text"`
	By   By   `json:"by"`
}

// Question is one question to the exporter.
type Question struct {
	ID     string        `json:"id"`
	Due    deadline.Date `json:"due"`
	Asked  Said          `json:"asked"`
	Answer *Said         `json:"answer,omitempty"`
}

// Decision is one outcome that was proposed.
type Decision struct {
	ID        string    `json:"id"`
	Outcome   Outcome   `json:"outcome"`
	Amount    int64     `json:"amount,omitempty"`
	Currency  string    `json:"currency,omitempty"`
	Why       Text      `json:"why"`
	Told      Text      `json:"told"`
	Person    string    `json:"person"`
	By        By        `json:"by"`
	Confirmed By        `json:"confirmed,omitzero"`
	Until     time.Time `json:"until,omitzero"`
	Returned  By        `json:"returned,omitzero"`
	Answer    Text      `json:"answer,omitzero"`
}

// Waits tells whether it waits for the second person.
func (d Decision) Waits() bool { return d.Confirmed.Account == "" && d.Returned.Account == "" }

// Appeal is the exporter's appeal and what it came to.
type Appeal struct {
	Said
	Ruling   Ruling  `json:"ruling,omitempty"`
	Person   string  `json:"person,omitempty"`
	Outcome  Outcome `json:"outcome,omitempty"`
	Amount   int64   `json:"amount,omitempty"`
	Currency string  `json:"currency,omitempty"`
	Told     Text    `json:"told,omitzero"`
	Ruled    By      `json:"ruled,omitzero"`
}

// Gap is what the matter shows to be missing in law.
type Gap struct {
	ID      string `json:"id"`
	Element string `json:"element"`
	What    Said   `json:"what"`
}

// Matter is what the events of one matter add up to.
type Matter struct {
	ID        string         `json:"id"`
	Reference string         `json:"reference"`
	Kind      Kind           `json:"kind"`
	Org       string         `json:"org"`
	Words     Words          `json:"words"`
	Erased    *event.Erasure `json:"erased,omitempty"`
	Opened    By             `json:"opened"`
	Notes     []Said         `json:"notes,omitempty"`
	Questions []Question     `json:"questions,omitempty"`
	Decisions []Decision     `json:"decisions,omitempty"`
	Appeal    *Appeal        `json:"appeal,omitempty"`
	Gaps      []Gap          `json:"gaps,omitempty"`
	Ended     Text           `json:"ended,omitzero"`
	EndedBy   By             `json:"ended_by,omitzero"`
}

// Open tells whether the matter is open.
func (m *Matter) Open() bool { return m.ID != "" && m.EndedBy.Account == "" }

// Decided is the outcome that was confirmed; nil where there is none.
func (m *Matter) Decided() *Decision {
	for n := range m.Decisions {
		if m.Decisions[n].Confirmed.Account != "" {
			return &m.Decisions[n]
		}
	}
	return nil
}

// Holds is the outcome that holds: the ruling's where there is one; empty where
// nothing was decided, or it was annulled.
func (m *Matter) Holds() Outcome {
	d := m.Decided()
	switch {
	case d == nil:
		return ""
	case m.Appeal != nil && m.Appeal.Ruling == Annulled:
		return ""
	case m.Appeal != nil && m.Appeal.Ruling == Varied:
		return m.Appeal.Outcome
	}
	return d.Outcome
}

// Apply implements event.State.
func (m *Matter) Apply(r event.Recorded) error {
	by := event.ByOf(r)
	decision := func(id string) *Decision {
		return &m.Decisions[slices.IndexFunc(m.Decisions, func(d Decision) bool { return d.ID == id })]
	}
	switch e := r.Event.(type) {
	case Opened:
		*m = Matter{ID: r.Stream.ID(), Reference: e.Reference, Kind: e.Kind, Org: e.Org, Words: e.Words.Value, Erased: e.Words.Erased, Opened: by}
	case Noted:
		m.Notes = append(m.Notes, Said{event.TextOf(e.Text), by})
	case Asked:
		m.Questions = append(m.Questions, Question{ID: e.ID, Due: e.Due, Asked: Said{event.TextOf(e.Text), by}})
	case Answered:
		m.Questions[slices.IndexFunc(m.Questions, func(q Question) bool { return q.ID == e.ID })].Answer = &Said{event.TextOf(e.Text), by}
	case Proposed:
		m.Decisions = append(m.Decisions, Decision{ID: e.ID, Outcome: e.Outcome, Amount: e.Amount, Currency: e.Currency, Why: event.TextOf(e.Why), Told: event.TextOf(e.Told), Person: e.Person, By: by})
	case Confirmed:
		d := decision(e.ID)
		d.Confirmed, d.Until = by, e.Until
	case Returned:
		d := decision(e.ID)
		d.Returned, d.Answer = by, event.TextOf(e.Why)
	case Appealed:
		m.Appeal = &Appeal{Said: Said{event.TextOf(e.Text), by}}
	case Ruled:
		a := m.Appeal
		a.Ruling, a.Person, a.Outcome, a.Amount, a.Currency, a.Told, a.Ruled = e.Ruling, e.Person, e.Outcome, e.Amount, e.Currency, event.TextOf(e.Told), by
	case GapRaised:
		m.Gaps = append(m.Gaps, Gap{e.ID, e.Element, Said{event.TextOf(e.What), by}})
	case Closed:
		m.Ended, m.EndedBy = event.TextOf(e.Why), by
	default:
		return fmt.Errorf("enforcement: a matter does not know %q", r.Event.EventType())
	}
	return nil
}

// Rows implements event.State. What is to be done is told to those admitted to the
// compartment alone; a gap, whose words are for them, to those who keep the
// instruments while the matter is open.
func (m *Matter) Rows() []event.Row {
	if m.ID == "" {
		return nil
	}
	rows := []event.Row{{Table: "matter_row", ID: m.ID, Columns: []event.Column{
		event.C("reference", m.Reference), event.C("kind", string(m.Kind)), event.C("org", m.Org), event.C("compartment", Compartment), event.C("title", m.Words.Title),
		event.C("outcome", string(m.Holds())), event.C("open", m.Open()), event.C("opened", m.Opened.At),
	}}}
	if holds := m.Holds(); !m.Open() && holds != "" {
		rows = append(rows, event.Row{Table: "outcome_row", ID: m.ID, Columns: []event.Column{
			event.C("kind", string(holds)), event.C("licence_id", ""), event.C("compartment", Compartment), event.C("at", m.EndedBy.At),
		}})
	}
	duty := func(kind, id, role, title, href, compartment string, due deadline.Date) {
		rows = append(rows, event.Row{Table: "duty_row", ID: kind + "/" + id, Columns: []event.Column{
			event.C("account", ""), event.C("role", role), event.C("kind", kind), event.C("title", title), event.C("href", href), event.C("compartment", compartment), event.C("due", string(due)),
		}})
	}
	if !m.Open() {
		return rows
	}
	for _, g := range m.Gaps {
		duty("gap", g.ID, "policy_editor", g.What.Text.Value, "/self-assessment/"+g.Element, "", deadline.DateOf(g.What.By.At, time.UTC))
	}
	for _, d := range m.Decisions {
		if d.Waits() {
			duty("outcome", d.ID, "senior_officer", m.Reference, "/enforcement/"+m.ID, Compartment, deadline.DateOf(d.By.At, time.UTC))
		}
	}
	for _, q := range m.Questions {
		if q.Answer == nil {
			duty("question_due", q.ID, "enforcement_officer", m.Reference, "/enforcement/"+m.ID, Compartment, q.Due)
		}
	}
	return rows
}

// KindRecord is the kind of the streams of exporters' records: "record/ORG".
const KindRecord = "record"

// Entry is one final outcome on an exporter's record.
type Entry struct {
	Kind    Kind          `json:"kind"`
	Outcome Outcome       `json:"outcome"`
	Day     deadline.Date `json:"day"`
}

// Record is what is final about one exporter: no reasons, and no matter that is
// open.
type Record struct {
	Org     string  `json:"org"`
	Entries []Entry `json:"entries,omitempty"`
}

// RecordStream is the stream of an exporter's record.
func RecordStream(org string) event.Stream { return event.StreamOf(KindRecord, org) }

// Apply implements event.State.
func (c *Record) Apply(r event.Recorded) error {
	e, ok := r.Event.(Entered)
	if !ok {
		return fmt.Errorf("enforcement: a record does not know %q", r.Event.EventType())
	}
	c.Org = r.Stream.ID()
	c.Entries = append(c.Entries, Entry{e.Kind, e.Outcome, e.Day})
	return nil
}

// Rows implements event.State.
func (c *Record) Rows() []event.Row { return nil }
