package incidents

import (
	"fmt"
	"slices"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
)

// KindIncident is the kind of the streams of incidents: "incident/ID".
const KindIncident = "incident"

// Kind is what happened.
type Kind string

// The kinds, in the order in which they are offered.
const (
	Report Kind = "report"
	Coup   Kind = "coup"
	Breach Kind = "breach"
	Other  Kind = "other"
)

// Kinds are all of them.
var Kinds = []Kind{Report, Coup, Breach, Other}

// Origin is the kind of source it came from. Names are in a part of their own.
type Origin string

// The origins, in the order in which they are offered.
const (
	Outside Origin = "outside" // a person or organisation who may be at risk
	State   Origin = "state"
	Press   Origin = "press"
	Holder  Origin = "holder" // the licensee
	Own     Origin = "own"    // the authority's own checks and reviews
)

// Origins are all of them.
var Origins = []Origin{Outside, State, Press, Holder, Own}

// Urgency is how soon something has to be done.
type Urgency string

// The urgencies.
const (
	Hour    Urgency = "hour" // life or liberty: within the hour
	Days    Urgency = "days"
	Routine Urgency = "routine"
)

// Urgencies are all of them.
var Urgencies = []Urgency{Hour, Days, Routine}

// Groups are those of the Code of Conduct who may be affected.
var Groups = []string{"opposition", "dissidents", "journalists", "defenders", "civil_society", "vulnerable"}

// Effect says whether a group is affected. What nobody knows is unknown.
type Effect string

// The answers.
const (
	Affected    Effect = "affected"
	NotAffected Effect = "not_affected"
	Unknown     Effect = "unknown"
)

// Effects are all of them.
var Effects = []Effect{Affected, NotAffected, Unknown}

// On says of one group whether it is affected.
type On struct {
	Group  string `json:"group"`
	Effect Effect `json:"effect"`
}

// LinkKind is what a link leads to.
type LinkKind string

// The kinds of links.
const (
	User        LinkKind = "user"        // entry of the register of parties
	Item        LinkKind = "item"        // control code, or its beginning
	Destination LinkKind = "destination" // country
	ToLicence   LinkKind = "licence"     // id
	ToCase      LinkKind = "case"        // id
)

// Link ties an incident to what it is about.
type Link struct {
	Kind LinkKind `json:"kind"`
	Ref  string   `json:"ref"`
}

// Words are what happened, in words.
type Words struct {
	Title    string `json:"title"`
	What     string `json:"what"`
	StateCan string `json:"state_can"` // what the state can still do
}

// Doing is what is done about one licence or case.
type Doing string

// What may be done about a licence, and about a case.
const (
	Suspend Doing = "suspend"
	Vary    Doing = "vary" // the lines with the incident's items are suspended, the others stay
	Revoke  Doing = "revoke"
	Check   Doing = "check"  // a check after shipment is planned
	Reopen  Doing = "reopen" // an open case: what it rests on has changed
	Watch   Doing = "watch"
)

// ForLicence and ForCase are what may be done, in the order in which it is offered.
var (
	ForLicence = []Doing{Suspend, Vary, Revoke, Check, Watch}
	ForCase    = []Doing{Reopen, Watch}
)

// Duty is what a licensee must do.
type Duty string

// The duties.
const (
	Stop    Duty = "stop"    // updates, keys, support, training
	Support Duty = "support" // the inquiry and those affected
	Remedy  Duty = "remedy"
)

// Duties are all of them.
var Duties = []Duty{Stop, Support, Remedy}

// Step is one licence or case of an act, and what is done about it.
type Step struct {
	Licence string `json:"licence,omitempty"`
	Case    string `json:"case,omitempty"`
	Do      Doing  `json:"do"`
}

// Reach says of one lever by which items can still be reached whether it can be
// stopped, for the licences that an act revokes.
type Reach struct {
	Lever string `json:"lever"`
	State string `json:"state"`
	How   string `json:"how,omitempty"`
}

// Events.
type (
	// Opened opens an incident.
	Opened struct {
		Reference   string                `json:"reference"`
		Kind        Kind                  `json:"kind"`
		Origin      Origin                `json:"origin"`
		Urgency     Urgency               `json:"urgency"`
		Received    deadline.Date         `json:"received"`
		Compartment string                `json:"compartment,omitempty"`
		Links       []Link                `json:"links,omitempty"`
		Groups      []On                  `json:"groups,omitempty"`
		Words       event.Private[Words]  `json:"words"`
		Raised      event.Private[string] `json:"raised"` // by whom
	}
	// Linked ties it to more.
	Linked struct {
		Links []Link                `json:"links"`
		Why   event.Private[string] `json:"why"`
	}
	// Weighed says anew how urgent it is, who is affected and what can be done.
	Weighed struct {
		Urgency Urgency              `json:"urgency"`
		Groups  []On                 `json:"groups"`
		Words   event.Private[Words] `json:"words"`
	}
	// ActProposed is what one person would do.
	ActProposed struct {
		ID      string                 `json:"id"`
		Person  string                 `json:"person"`
		Steps   []Step                 `json:"steps"`
		Ground  string                 `json:"ground"`
		Duties  []Duty                 `json:"duties,omitempty"`
		Presume []string               `json:"presume,omitempty"` // destinations
		From    deadline.Date          `json:"from,omitempty"`
		Reach   event.Private[[]Reach] `json:"reach"` // where something is revoked
		Told    event.Private[string]  `json:"told"`  // to the licensees
		Why     event.Private[string]  `json:"why"`
	}
	// ActConfirmed is the second person's yes; the act takes effect at an instant.
	ActConfirmed struct {
		ID     string    `json:"id"`
		Person string    `json:"person"`
		Effect time.Time `json:"effect"`
	}
	// ActReturned is the second person's no.
	ActReturned struct {
		ID     string                `json:"id"`
		Person string                `json:"person"`
		Why    event.Private[string] `json:"why"`
	}
	// ActDone says that it took effect, and for what it could not.
	ActDone struct {
		ID     string `json:"id"`
		Failed []Step `json:"failed,omitempty"`
	}
	// EmergencySuspended says that one senior officer suspended licences at once.
	EmergencySuspended struct {
		ID       string                `json:"id"`
		Person   string                `json:"person"`
		Licences []string              `json:"licences"`
		Lapses   time.Time             `json:"lapses"`
		Tells    time.Time             `json:"tells,omitzero"` // when the holders are told; they were at once where it is none
		Told     event.Private[string] `json:"told"`
		Why      event.Private[string] `json:"why"`
	}
	// EmergencyTold says that the holders were told.
	EmergencyTold struct {
		ID string `json:"id"`
	}
	// EmergencyConfirmed is the second senior officer's yes.
	EmergencyConfirmed struct {
		ID     string                `json:"id"`
		Person string                `json:"person"`
		Why    event.Private[string] `json:"why"`
	}
	// EmergencyLapsed says that nobody confirmed it in time.
	EmergencyLapsed struct {
		ID string `json:"id"`
	}
	// RaiserAnswered is what those who raised it were told.
	RaiserAnswered struct {
		Day  deadline.Date         `json:"day"`
		Text event.Private[string] `json:"text"`
	}
	// Closed ends it.
	Closed struct {
		Why event.Private[string] `json:"why"`
	}
)

// EventType is "incident.opened".
func (Opened) EventType() string { return "incident.opened" }

// EventType is "incident.linked".
func (Linked) EventType() string { return "incident.linked" }

// EventType is "incident.weighed".
func (Weighed) EventType() string { return "incident.weighed" }

// EventType is "incident.act_proposed".
func (ActProposed) EventType() string { return "incident.act_proposed" }

// EventType is "incident.act_confirmed".
func (ActConfirmed) EventType() string { return "incident.act_confirmed" }

// EventType is "incident.act_returned".
func (ActReturned) EventType() string { return "incident.act_returned" }

// EventType is "incident.act_done".
func (ActDone) EventType() string { return "incident.act_done" }

// EventType is "incident.emergency_suspended".
func (EmergencySuspended) EventType() string { return "incident.emergency_suspended" }

// EventType is "incident.emergency_told".
func (EmergencyTold) EventType() string { return "incident.emergency_told" }

// EventType is "incident.emergency_confirmed".
func (EmergencyConfirmed) EventType() string { return "incident.emergency_confirmed" }

// EventType is "incident.emergency_lapsed".
func (EmergencyLapsed) EventType() string { return "incident.emergency_lapsed" }

// EventType is "incident.raiser_answered".
func (RaiserAnswered) EventType() string { return "incident.raiser_answered" }

// EventType is "incident.closed".
func (Closed) EventType() string { return "incident.closed" }

// Events are one zero value of each event of this package, for the registry.
func Events() []event.Event {
	return []event.Event{
		Opened{},
		Linked{},
		Weighed{},
		ActProposed{},
		ActConfirmed{},
		ActReturned{},
		ActDone{},
		EmergencySuspended{},
		EmergencyTold{},
		EmergencyConfirmed{},
		EmergencyLapsed{},
		RaiserAnswered{},
		Closed{},
		PresumptionSet{},
		PresumptionLifted{},
		CaseExempted{},
	}
}

// By is who did something, and when.
type By = event.By

// Text is a private text as the state holds it.
type Text = event.Text

// Act is what is done about all that an incident touches.
type Act struct {
	ID        string        `json:"id"`
	Emergency bool          `json:"emergency,omitempty"`
	Steps     []Step        `json:"steps"`
	Ground    string        `json:"ground"`
	Duties    []Duty        `json:"duties,omitempty"`
	Presume   []string      `json:"presume,omitempty"`
	From      deadline.Date `json:"from,omitempty"`
	Reach     []Reach       `json:"reach,omitempty"`
	Told      Text          `json:"told"`
	Why       Text          `json:"why"`
	Person    string        `json:"person"`
	By        By            `json:"by"`
	Confirmed By            `json:"confirmed,omitzero"`
	Effect    time.Time     `json:"effect,omitzero"`
	Returned  By            `json:"returned,omitzero"`
	Answer    Text          `json:"answer,omitzero"` // of the second person
	Done      time.Time     `json:"done,omitzero"`
	Failed    []Step        `json:"failed,omitempty"`
	Tells     time.Time     `json:"tells,omitzero"` // of an emergency: when the holders are told
	Announced time.Time     `json:"announced,omitzero"`
	Lapses    time.Time     `json:"lapses,omitzero"` // of an emergency that nobody confirmed
	Lapsed    time.Time     `json:"lapsed,omitzero"`
}

// Waits tells whether the act waits for the second person.
func (a Act) Waits() bool {
	return a.Confirmed.Account == "" && a.Returned.Account == "" && a.Lapsed.IsZero()
}

// Answered is what those who raised it were told.
type Answered struct {
	Day  deadline.Date `json:"day"`
	Text Text          `json:"text"`
	By   By            `json:"by"`
}

// Incident is what the events of one incident add up to.
type Incident struct {
	ID          string         `json:"id"`
	Reference   string         `json:"reference"`
	Kind        Kind           `json:"kind"`
	Origin      Origin         `json:"origin"`
	Urgency     Urgency        `json:"urgency"`
	Received    deadline.Date  `json:"received"`
	Compartment string         `json:"compartment,omitempty"`
	Links       []Link         `json:"links,omitempty"`
	Groups      []On           `json:"groups,omitempty"`
	Words       Words          `json:"words"`
	Erased      *event.Erasure `json:"erased,omitempty"`
	Raised      Text           `json:"raised"`
	Opened      By             `json:"opened"`
	Acts        []Act          `json:"acts,omitempty"`
	Answers     []Answered     `json:"answers,omitempty"`
	Ended       Text           `json:"ended,omitzero"`
	EndedBy     By             `json:"ended_by,omitzero"`
}

// Open tells whether the incident is open.
func (i *Incident) Open() bool { return i.ID != "" && i.EndedBy.Account == "" }

// Of are the references that links of a kind lead to.
func (i *Incident) Of(kind LinkKind) (out []string) {
	for _, l := range i.Links {
		if l.Kind == kind {
			out = append(out, l.Ref)
		}
	}
	return out
}

// Act finds an act by its id; nil where there is none.
func (i *Incident) Act(id string) *Act {
	if n := slices.IndexFunc(i.Acts, func(a Act) bool { return a.ID == id }); n >= 0 {
		return &i.Acts[n]
	}
	return nil
}

// Apply implements event.State.
func (i *Incident) Apply(r event.Recorded) error {
	by := event.ByOf(r)
	switch e := r.Event.(type) {
	case Opened:
		*i = Incident{
			ID: r.Stream.ID(), Reference: e.Reference, Kind: e.Kind, Origin: e.Origin, Urgency: e.Urgency, Received: e.Received, Compartment: e.Compartment, Links: e.Links,
			Groups: e.Groups, Words: e.Words.Value, Erased: e.Words.Erased, Raised: event.TextOf(e.Raised), Opened: by,
		}
	case Linked:
		i.Links = append(i.Links, e.Links...)
	case Weighed:
		i.Urgency, i.Groups, i.Words, i.Erased = e.Urgency, e.Groups, e.Words.Value, e.Words.Erased
	case ActProposed:
		i.Acts = append(i.Acts, Act{
			ID: e.ID, Steps: e.Steps, Ground: e.Ground, Duties: e.Duties, Presume: e.Presume, From: e.From, Reach: e.Reach.Value, Told: event.TextOf(e.Told), Why: event.TextOf(e.Why), Person: e.Person, By: by,
		})
	case ActConfirmed:
		a := i.Act(e.ID)
		a.Confirmed, a.Effect = by, e.Effect
	case ActReturned:
		a := i.Act(e.ID)
		a.Returned, a.Answer = by, event.TextOf(e.Why)
	case ActDone:
		a := i.Act(e.ID)
		a.Done, a.Failed = r.Time, e.Failed
	case EmergencySuspended:
		a := Act{ID: e.ID, Emergency: true, Ground: "emergency", Told: event.TextOf(e.Told), Why: event.TextOf(e.Why), Person: e.Person, By: by, Effect: r.Time, Done: r.Time, Lapses: e.Lapses, Tells: e.Tells}
		for _, l := range e.Licences {
			a.Steps = append(a.Steps, Step{Licence: l, Do: Suspend})
		}
		i.Acts = append(i.Acts, a)
	case EmergencyTold:
		i.Act(e.ID).Announced = r.Time
	case EmergencyConfirmed:
		a := i.Act(e.ID)
		a.Confirmed, a.Answer = by, event.TextOf(e.Why)
	case EmergencyLapsed:
		i.Act(e.ID).Lapsed = r.Time
	case RaiserAnswered:
		i.Answers = append(i.Answers, Answered{e.Day, event.TextOf(e.Text), by})
	case Closed:
		i.Ended, i.EndedBy = event.TextOf(e.Why), by
	default:
		return fmt.Errorf("incidents: an incident does not know %q", r.Event.EventType())
	}
	return nil
}

// Rows implements event.State.
func (i *Incident) Rows() []event.Row {
	if i.ID == "" {
		return nil
	}
	rows := []event.Row{{Table: "incident_row", ID: i.ID, Columns: []event.Column{
		event.C("reference", i.Reference), event.C("kind", string(i.Kind)), event.C("urgency", string(i.Urgency)), event.C("title", i.Words.Title),
		event.C("compartment", i.Compartment), event.C("open", i.Open()), event.C("opened", i.Opened.At),
	}}}
	for _, l := range i.Links {
		rows = append(rows, event.Row{Table: "incident_link", ID: i.ID + "/" + string(l.Kind) + "/" + l.Ref, Columns: []event.Column{
			event.C("incident_id", i.ID), event.C("kind", string(l.Kind)), event.C("ref", l.Ref), event.C("open", i.Open()),
		}})
	}
	for _, a := range i.Acts {
		if a.Waits() && i.Open() {
			due, kind := deadline.DateOf(a.By.At, time.UTC), "act"
			if a.Emergency {
				due, kind = deadline.DateOf(a.Lapses, time.UTC), "emergency"
			}
			rows = append(rows, event.Row{Table: "duty_row", ID: kind + "/" + a.ID, Columns: []event.Column{
				event.C("account", ""), event.C("role", "senior_officer"), event.C("kind", kind), event.C("title", i.Reference), event.C("href", "/incidents/"+i.ID),
				event.C("compartment", i.Compartment), event.C("due", string(due)),
			}})
		}
	}
	return rows
}
