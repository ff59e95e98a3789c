package incidents

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// Bounds of an incident.
const (
	MaxLinks = 200
	MaxSteps = 500
)

// OnIncident names the incident that a command is for.
type OnIncident struct{ Incident string }

// Stream is the incident's stream.
func (o OnIncident) Stream() event.Stream { return event.StreamOf(KindIncident, o.Incident) }

// Command is one of the commands on incidents.
type Command interface {
	Name() string
	Stream() event.Stream
}

// Commands on an incident.
type (
	// Open opens an incident.
	Open struct {
		OnIncident
		Kind        Kind
		Origin      Origin
		Urgency     Urgency
		Received    deadline.Date
		Compartment string
		Links       []Link
		Groups      []On
		Words       Words
		Raised      string
	}
	// Tie links it to more.
	Tie struct {
		OnIncident
		Links []Link
		Why   string
	}
	// Weigh says anew how urgent it is, who is affected and what can be done.
	Weigh struct {
		OnIncident
		Urgency Urgency
		Groups  []On
		Words   Words
	}
	// Propose says what to do about all that it touches.
	Propose struct {
		OnIncident
		ID      string
		Steps   []Step
		Ground  string
		Duties  []Duty
		Presume []string
		From    deadline.Date
		Reach   []Reach
		Told    string
		Why     string
	}
	// Confirm is the second person's yes.
	Confirm struct {
		OnIncident
		ID string
	}
	// Return is the second person's no.
	Return struct {
		OnIncident
		ID, Why string
	}
	// Carry has a confirmed act take effect; a job gives it.
	Carry struct {
		OnIncident
		ID string
	}
	// Halt suspends licences at once, in an emergency.
	Halt struct {
		OnIncident
		ID        string
		Licences  []string
		Told, Why string
	}
	// Tell tells the holders of an emergency suspension; a job gives it.
	Tell struct {
		OnIncident
		ID string
	}
	// Uphold is the second senior officer's yes to an emergency.
	Uphold struct {
		OnIncident
		ID, Why string
	}
	// Lapse ends an emergency that nobody confirmed; a job gives it.
	Lapse struct {
		OnIncident
		ID string
	}
	// Answer records what those who raised it were told.
	Answer struct {
		OnIncident
		Day  deadline.Date
		Text string
	}
	// Close ends the incident.
	Close struct {
		OnIncident
		Why string
	}
)

// Name is "incident.open".
func (Open) Name() string { return "incident.open" }

// Name is "incident.tie".
func (Tie) Name() string { return "incident.tie" }

// Name is "incident.weigh".
func (Weigh) Name() string { return "incident.weigh" }

// Name is "incident.propose".
func (Propose) Name() string { return "incident.propose" }

// Name is "incident.confirm".
func (Confirm) Name() string { return "incident.confirm" }

// Name is "incident.return".
func (Return) Name() string { return "incident.return" }

// Name is "incident.carry".
func (Carry) Name() string { return "incident.carry" }

// Name is "incident.halt".
func (Halt) Name() string { return "incident.halt" }

// Name is "incident.tell".
func (Tell) Name() string { return "incident.tell" }

// Name is "incident.uphold".
func (Uphold) Name() string { return "incident.uphold" }

// Name is "incident.lapse".
func (Lapse) Name() string { return "incident.lapse" }

// Name is "incident.answer".
func (Answer) Name() string { return "incident.answer" }

// Name is "incident.close".
func (Close) Name() string { return "incident.close" }

// Acts are the acts that commands ask for; the empty one is the node's own.
var Acts = map[string]access.Act{
	"incident.open": access.IncidentKeep, "incident.tie": access.IncidentKeep, "incident.weigh": access.IncidentKeep, "incident.propose": access.IncidentKeep,
	"incident.answer": access.IncidentKeep, "incident.close": access.IncidentKeep,
	"incident.confirm": access.IncidentAct, "incident.return": access.IncidentAct, "incident.halt": access.IncidentAct, "incident.uphold": access.IncidentAct,
	"incident.carry": "", "incident.tell": "", "incident.lapse": "",
}

// Facts are what the caller gathered.
type Facts struct {
	Now       time.Time
	Zone      *time.Location
	Person    string // behind the account
	Reference string
	Unknown   []Link    // of the command's links, those that lead nowhere
	Outside   []Step    // of the command's steps, those that the incident does not touch
	Levers    []string  // each of which a revocation speaks of
	Effect    time.Time // when an act confirmed now takes effect
	Lapses    time.Time // when an emergency of now lapses
	Tells     time.Time // when the holders are told of it
	Failed    []Step    // of Carry: steps that could not be taken
}

func (f Facts) today() deadline.Date { return deadline.DateOf(f.Now, f.Zone) }

// Decide turns a command into events, or says why it can't be done.
func Decide(i *Incident, cmd Command, f Facts) ([]event.New, error) {
	_, opens := cmd.(Open)
	switch {
	case opens && i.ID != "":
		return nil, fault.New(fault.Conflict, "incidents.sent")
	case !opens && i.ID == "":
		return nil, fault.New(fault.NotFound, "fault.not_found")
	case !opens && !i.Open():
		return nil, fault.New(fault.Conflict, "incidents.closed")
	}
	e, err := i.decide(cmd, f)
	if e == nil || err != nil {
		return nil, err
	}
	return []event.New{{Stream: cmd.Stream(), Event: e}}, nil
}

func (i *Incident) decide(cmd Command, f Facts) (e event.Event, err error) {
	own, bad := cmd.Stream(), fault.New(fault.Invalid, "incidents.invalid")
	private := func(field, text string) event.Private[string] { return event.P(own, words(bad, field, text)) }
	switch c := cmd.(type) {
	case Open:
		if !slices.Contains(Kinds, c.Kind) {
			bad.Field("kind", "incidents.kind.missing")
		}
		if !slices.Contains(Origins, c.Origin) {
			bad.Field("origin", "incidents.origin.missing")
		}
		if !c.Received.Valid() || c.Received > f.today() {
			bad.Field("received", "incidents.received")
		}
		if !party.Bounded(c.Raised, maxText) {
			bad.Field("raised", "incidents.long", "max", maxText)
		}
		f.links(bad, nil, c.Links)
		e = Opened{
			Reference: f.Reference, Kind: c.Kind, Origin: c.Origin, Urgency: urgency(bad, c.Urgency), Received: c.Received, Compartment: c.Compartment, Links: c.Links,
			Groups: groups(bad, c.Groups), Words: event.P(own, weighed(bad, c.Words)), Raised: event.P(own, strings.TrimSpace(c.Raised)),
		}
	case Tie:
		if len(c.Links) == 0 {
			bad.Field("links", "incidents.links.missing")
		}
		f.links(bad, i.Links, c.Links)
		e = Linked{c.Links, private("why", c.Why)}
	case Weigh:
		e = Weighed{urgency(bad, c.Urgency), groups(bad, c.Groups), event.P(own, weighed(bad, c.Words))}
	case Propose:
		return i.propose(c, f)
	case Halt:
		return i.halt(c, f)
	case Confirm:
		a, err := i.second(c.ID, f, false)
		if err != nil {
			return nil, err
		}
		e = ActConfirmed{a.ID, f.Person, f.Effect}
	case Return:
		a, err := i.second(c.ID, f, false)
		if err != nil {
			return nil, err
		}
		e = ActReturned{a.ID, f.Person, private("why", c.Why)}
	case Uphold:
		a, err := i.second(c.ID, f, true)
		if err != nil {
			return nil, err
		}
		e = EmergencyConfirmed{a.ID, f.Person, private("why", c.Why)}
	case Carry:
		a := i.Act(c.ID)
		if a == nil || a.Emergency || a.Confirmed.Account == "" || !a.Done.IsZero() || f.Now.Before(a.Effect) {
			return nil, nil
		}
		e = ActDone{a.ID, f.Failed}
	case Tell:
		a := i.Act(c.ID)
		if a == nil || !a.Emergency || a.Tells.IsZero() || !a.Announced.IsZero() || !a.Lapsed.IsZero() || f.Now.Before(a.Tells) {
			return nil, nil
		}
		e = EmergencyTold{a.ID}
	case Lapse:
		a := i.Act(c.ID)
		if a == nil || !a.Emergency || !a.Waits() || f.Now.Before(a.Lapses) {
			return nil, nil
		}
		e = EmergencyLapsed{a.ID}
	case Answer:
		if !c.Day.Valid() || c.Day > f.today() {
			bad.Field("day", "incidents.received")
		}
		e = RaiserAnswered{c.Day, private("text", c.Text)}
	case Close:
		if err := i.closable(); err != nil {
			return nil, err
		}
		e = Closed{private("why", c.Why)}
	default:
		return nil, fmt.Errorf("incidents: no incident takes a %T", cmd)
	}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	return e, nil
}

func urgency(bad *fault.Error, u Urgency) Urgency {
	if !slices.Contains(Urgencies, u) {
		bad.Field("urgency", "incidents.urgency.missing")
	}
	return u
}

// groups asks for a word on each group: unknown is one.
func groups(bad *fault.Error, said []On) []On {
	for _, g := range Groups {
		n := slices.IndexFunc(said, func(o On) bool { return o.Group == g })
		if n < 0 || !slices.Contains(Effects, said[n].Effect) {
			bad.Field("group."+g, "incidents.group.missing")
		}
	}
	if len(said) != len(Groups) {
		bad.Field("group."+Groups[0], "incidents.group.missing")
	}
	return said
}

func weighed(bad *fault.Error, w Words) Words {
	return Words{words(bad, "title", w.Title), words(bad, "what", w.What), words(bad, "state_can", w.StateCan)}
}

// links checks what an incident is tied to.
func (f Facts) links(bad *fault.Error, have, more []Link) {
	if len(have)+len(more) > MaxLinks {
		bad.Field("links", "incidents.links.many", "max", MaxLinks)
	}
	for n, l := range more {
		if slices.Contains(have, l) || slices.Contains(more[:n], l) {
			bad.Field(string(l.Kind), "incidents.links.twice", "what", l.Ref)
		}
		if slices.Contains(f.Unknown, l) {
			bad.Field(string(l.Kind), "incidents.links.unknown", "what", l.Ref)
		}
		if l.Kind == Item && (len(l.Ref) < 3 || !party.Bounded(l.Ref, 40)) {
			bad.Field(string(l.Kind), "incidents.links.unknown", "what", l.Ref)
		}
		if l.Kind == Destination && !party.ValidCountry(l.Ref) {
			bad.Field(string(l.Kind), "incidents.links.unknown", "what", l.Ref)
		}
	}
}

// told checks a text for licensees: it names nobody who raised the incident.
func (i *Incident) told(bad *fault.Error, text string) string {
	text = words(bad, "told", text)
	for _, word := range strings.FieldsFunc(strings.ToLower(i.Raised.Value), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if len([]rune(word)) >= 4 && slices.Contains(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), word) {
			bad.Field("told", "incidents.told.hint", "word", word)
			break
		}
	}
	return text
}

func (i *Incident) propose(c Propose, f Facts) (event.Event, error) {
	own, bad := c.Stream(), fault.New(fault.Invalid, "incidents.invalid")
	if c.ID == "" || i.Act(c.ID) != nil {
		return nil, fault.New(fault.Conflict, "incidents.sent")
	}
	if slices.ContainsFunc(i.Acts, Act.Waits) {
		return nil, fault.New(fault.Blocked, "incidents.act.waits")
	}
	if len(c.Steps) == 0 && len(c.Presume) == 0 || len(c.Steps) > MaxSteps {
		bad.Field("steps", "incidents.steps.missing", "max", MaxSteps)
	}
	for _, s := range c.Steps {
		known := s.Licence != "" && s.Case == "" && slices.Contains(ForLicence, s.Do) || s.Case != "" && s.Licence == "" && slices.Contains(ForCase, s.Do)
		if !known || slices.Contains(f.Outside, s) {
			bad.Field("do."+s.Licence+s.Case, "incidents.steps.outside")
		}
		if s.Do == Vary && len(i.Of(Item)) == 0 {
			bad.Field("do."+s.Licence, "incidents.steps.vary")
		}
	}
	if slices.ContainsFunc(c.Steps, func(s Step) bool { return s.Do == Revoke }) {
		for _, lever := range f.Levers {
			n := slices.IndexFunc(c.Reach, func(r Reach) bool { return r.Lever == lever })
			switch {
			case n < 0 || !slices.Contains([]string{"can_stop", "cannot_stop", "not_part"}, c.Reach[n].State):
				bad.Field("reach."+lever, "incidents.reach")
			case c.Reach[n].State != "not_part" && strings.TrimSpace(c.Reach[n].How) == "":
				bad.Field("how."+lever, "incidents.reach.how")
			}
		}
	}
	if c.Ground == "" || !party.Bounded(c.Ground, 100) {
		bad.Field("ground", "incidents.ground.missing")
	}
	for _, d := range c.Duties {
		if !slices.Contains(Duties, d) {
			bad.Field("duties", "incidents.duties")
		}
	}
	for _, p := range c.Presume {
		if !party.ValidCountry(p) || !slices.Contains(i.Of(Destination), p) {
			bad.Field("presume", "incidents.presume")
		}
	}
	if len(c.Presume) > 0 && !c.From.Valid() {
		bad.Field("from", "incidents.from")
	}
	e := ActProposed{
		ID: c.ID, Person: f.Person, Steps: c.Steps, Ground: c.Ground, Duties: c.Duties, Presume: c.Presume, From: c.From, Reach: event.P(own, c.Reach),
		Told: event.P(own, i.told(bad, c.Told)), Why: event.P(own, words(bad, "why", c.Why)),
	}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	return e, nil
}

func (i *Incident) halt(c Halt, f Facts) (event.Event, error) {
	own, bad := c.Stream(), fault.New(fault.Invalid, "incidents.invalid")
	if c.ID == "" || i.Act(c.ID) != nil {
		return nil, fault.New(fault.Conflict, "incidents.sent")
	}
	if len(c.Licences) == 0 || len(c.Licences) > MaxSteps || len(f.Outside) > 0 {
		bad.Field("licences", "incidents.steps.outside")
	}
	e := EmergencySuspended{c.ID, f.Person, c.Licences, f.Lapses, f.Tells, event.P(own, i.told(bad, c.Told)), event.P(own, words(bad, "why", c.Why))}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	return e, nil
}

// second finds the act that waits for a second person, who is not the first.
func (i *Incident) second(id string, f Facts, emergency bool) (*Act, error) {
	a := i.Act(id)
	switch {
	case a == nil || !a.Waits() || a.Emergency != emergency:
		return nil, fault.New(fault.Conflict, "incidents.act.over")
	case a.Person == f.Person:
		return nil, fault.New(fault.Blocked, "incidents.act.same")
	}
	return a, nil
}

// closable says what is still open.
func (i *Incident) closable() error {
	stop := fault.New(fault.Blocked, "incidents.close.blocked")
	for _, a := range i.Acts {
		if a.Waits() || a.Confirmed.Account != "" && a.Done.IsZero() {
			stop.Item("#acts", "incidents.close.act")
		}
	}
	if i.Origin == Outside && len(i.Answers) == 0 {
		stop.Item("#answer", "incidents.close.answer")
	}
	if len(stop.Items) > 0 {
		return stop
	}
	return nil
}
