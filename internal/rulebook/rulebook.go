// Package rulebook is how a pack of rules comes into force: somebody proposes a
// version, the past decisions that it would move are looked at and acknowledged,
// and another person publishes it for a day. Versions that were in force stay,
// since decisions rest on them.
//
// The domain sees packs by id and hash alone; what a pack says, whether it may
// be published and what it would move are facts that the node gathers.
package rulebook

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// Kind is the kind of the one stream, Stream its name: a state has one order in
// which its packs come into force.
const (
	Kind   = "rulebook"
	Stream = event.Stream(Kind + "/node")
)

// Pack is a pack as the rulebook knows it.
type Pack struct {
	ID      string        `json:"id"`
	Version string        `json:"version"`
	Title   string        `json:"title"`
	Hash    string        `json:"hash"`   // of its canonical form
	Object  string        `json:"object"` // the vault's id of its text as written
	From    deadline.Date `json:"from"`   // its own first day
	To      deadline.Date `json:"to,omitempty"`
}

// Moves are the past decisions that a pack would move, by the compartment of
// their cases ("" for none): a digest of every line that would stand elsewhere.
type Moves map[string]string

// Commands.
type (
	// Propose puts a version forward.
	Propose struct {
		ID   string // fresh UUIDv7
		Pack Pack
		Base string // hash of the pack in force that it was compared with
		Note string // why
	}
	// Acknowledge says that the past decisions that the version would move were
	// looked at.
	Acknowledge struct {
		ID     string
		Moves  Moves // those that the person saw
		Cases  int
		Reason string
	}
	// Publish sets the day from which the version is in force.
	Publish struct {
		ID   string
		From deadline.Date
	}
	// Withdraw takes a version back that is not in force yet.
	Withdraw struct{ ID, Reason string }
)

// Facts are what the node found out about the version that a command names.
type Facts struct {
	Actor      string
	Today      deadline.Date
	Shortfalls []string // what keeps the pack from being published
	Moves      Moves    // as past decisions stand now
}

// Events.
type (
	// Proposed: a version was put forward.
	Proposed struct {
		ID   string                `json:"id"`
		Pack Pack                  `json:"pack"`
		Base string                `json:"base"`
		Note event.Private[string] `json:"note"`
	}
	// Acknowledged: the past decisions that it would move were looked at.
	Acknowledged struct {
		ID     string                `json:"id"`
		Moves  Moves                 `json:"moves"`
		Cases  int                   `json:"cases"`
		Reason event.Private[string] `json:"reason"`
	}
	// Published: from that day on the version is in force.
	Published struct {
		ID   string        `json:"id"`
		From deadline.Date `json:"from"`
	}
	// Withdrawn: the version will not come into force.
	Withdrawn struct {
		ID     string                `json:"id"`
		Reason event.Private[string] `json:"reason"`
	}
)

// EventType implements event.Event.
func (Proposed) EventType() string { return "rulebook.proposed" }

// EventType implements event.Event.
func (Acknowledged) EventType() string { return "rulebook.acknowledged" }

// EventType implements event.Event.
func (Published) EventType() string { return "rulebook.published" }

// EventType implements event.Event.
func (Withdrawn) EventType() string { return "rulebook.withdrawn" }

// Events are one zero value of each event, for the registry.
func Events() []event.Event {
	return []event.Event{Proposed{}, Acknowledged{}, Published{}, Withdrawn{}}
}

// Version is a version and what became of it.
type Version struct {
	ID        string          `json:"id"`
	Pack      Pack            `json:"pack"`
	Base      string          `json:"base"`
	Author    string          `json:"author"`
	At        time.Time       `json:"at"`
	Note      string          `json:"note,omitempty"`
	Erased    *event.Erasure  `json:"erased,omitempty"` // of the note
	Acks      []Ack           `json:"acks,omitempty"`
	From      deadline.Date   `json:"from,omitempty"` // in force from then; "" while it is not published
	Publisher string          `json:"publisher,omitempty"`
	Published time.Time       `json:"published,omitzero"`
	Withdrawn *WithdrawnState `json:"withdrawn,omitempty"`
}

// Ack is one acknowledgement.
type Ack struct {
	Moves  Moves     `json:"moves"`
	Cases  int       `json:"cases"`
	Reason string    `json:"reason,omitempty"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
}

// WithdrawnState is who took a version back, and why.
type WithdrawnState struct {
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Reason string    `json:"reason,omitempty"`
}

// State is what the stream adds up to. Versions are in the order of proposal.
type State struct {
	Versions []Version `json:"versions,omitempty"`
}

// Version finds a version by its id; nil where there is none.
func (s *State) Version(id string) *Version {
	for i := range s.Versions {
		if s.Versions[i].ID == id {
			return &s.Versions[i]
		}
	}
	return nil
}

// On is the version in force on a day: of those that began by then the one that
// began last, and of two from one day the one published later. Nil where no
// version was published: then the pack that ships is.
func (s *State) On(day deadline.Date) *Version {
	var best *Version
	for i := range s.Versions {
		v := &s.Versions[i]
		if v.From == "" || v.From > day || v.Withdrawn != nil {
			continue
		}
		if best == nil || v.From > best.From || v.From == best.From && v.Published.After(best.Published) {
			best = v
		}
	}
	return best
}

// Unacknowledged are the compartments in which past decisions would move that
// nobody acknowledged as they stand.
func (v *Version) Unacknowledged(now Moves) []string {
	var out []string
	for _, c := range slices.Sorted(maps.Keys(now)) {
		if !slices.ContainsFunc(v.Acks, func(a Ack) bool { return a.Moves[c] == now[c] }) {
			out = append(out, c)
		}
	}
	return out
}

// Apply implements event.State.
func (s *State) Apply(r event.Recorded) error {
	switch e := r.Event.(type) {
	case Proposed:
		s.Versions = append(s.Versions, Version{ID: e.ID, Pack: e.Pack, Base: e.Base, Author: r.Actor, At: r.Time, Note: e.Note.Value, Erased: e.Note.Erased})
	case Acknowledged:
		if v := s.Version(e.ID); v != nil {
			v.Acks = append(v.Acks, Ack{Moves: e.Moves, Cases: e.Cases, Reason: e.Reason.Value, By: r.Actor, At: r.Time})
		}
	case Published:
		if v := s.Version(e.ID); v != nil {
			v.From, v.Publisher, v.Published = e.From, r.Actor, r.Time
		}
	case Withdrawn:
		if v := s.Version(e.ID); v != nil {
			v.Withdrawn = &WithdrawnState{By: r.Actor, At: r.Time, Reason: e.Reason.Value}
		}
	default:
		return fmt.Errorf("rulebook: unknown event %T", r.Event)
	}
	return nil
}

// Rows implements event.State: few versions are ever made, and they are read
// together.
func (s *State) Rows() []event.Row { return nil }

// maxText bounds a note or reason.
const maxText = 4000

// Decide decides commands on the rulebook.
func Decide(s *State, cmd any, f Facts) ([]event.New, error) {
	switch c := cmd.(type) {
	case Propose:
		return propose(s, c, f)
	case Acknowledge:
		return acknowledge(s, c, f)
	case Publish:
		return publish(s, c, f)
	case Withdraw:
		return withdraw(s, c, f)
	}
	return nil, fmt.Errorf("rulebook: %T is not a command on the rulebook", cmd)
}

func one(e event.Event) []event.New { return []event.New{{Stream: Stream, Event: e}} }

// text trims a text that is asked for and says where it is missing or too long.
func text(bad *fault.Error, field, value string) string {
	value = strings.TrimSpace(value)
	if n := utf8.RuneCountInString(value); n == 0 {
		bad.Field(field, "policy.publish."+field)
	} else if n > maxText {
		bad.Field(field, "policy.publish.long", "max", maxText)
	}
	return value
}

func propose(s *State, c Propose, f Facts) ([]event.New, error) {
	if c.ID == "" || s.Version(c.ID) != nil {
		// A form that was sent before: it begins anew with an id of its own.
		return nil, fault.New(fault.Conflict, "policy.publish.sent")
	}
	bad := fault.New(fault.Invalid, "policy.publish.invalid")
	note := text(bad, "note", c.Note)
	for _, v := range s.Versions {
		if v.Withdrawn == nil && v.Pack.Hash == c.Pack.Hash {
			bad.Field("text", "policy.publish.same", "version", v.Pack.Version)
			break
		}
		if v.Withdrawn == nil && v.Pack.ID == c.Pack.ID && v.Pack.Version == c.Pack.Version {
			bad.Field("text", "policy.publish.twice", "version", v.Pack.Version)
			break
		}
	}
	if c.Pack.Hash == c.Base {
		bad.Field("text", "policy.publish.same", "version", c.Pack.Version)
	}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	return one(Proposed{ID: c.ID, Pack: c.Pack, Base: c.Base, Note: event.P(owner(f), note)}), nil
}

// owner is whose key seals what a person wrote.
func owner(f Facts) event.Stream { return event.StreamOf("account", f.Actor) }

// waiting is a version that is neither published nor withdrawn.
func waiting(s *State, id string) (*Version, error) {
	v := s.Version(id)
	switch {
	case v == nil:
		return nil, fault.New(fault.NotFound, "fault.not_found")
	case v.Withdrawn != nil:
		return nil, fault.New(fault.Blocked, "policy.publish.withdrawn")
	case v.From != "":
		return nil, fault.New(fault.Blocked, "policy.publish.published", "from", string(v.From))
	}
	return v, nil
}

func acknowledge(s *State, c Acknowledge, f Facts) ([]event.New, error) {
	v, err := waiting(s, c.ID)
	if err != nil {
		return nil, err
	}
	bad := fault.New(fault.Invalid, "policy.publish.invalid")
	reason := text(bad, "reason", c.Reason)
	if err := bad.Or(); err != nil {
		return nil, err
	}
	if len(c.Moves) == 0 || len(v.Unacknowledged(c.Moves)) == 0 {
		return nil, fault.New(fault.Blocked, "policy.publish.nothing_moves")
	}
	for compartment, digest := range c.Moves {
		if f.Moves[compartment] != digest {
			return nil, fault.New(fault.Conflict, "policy.publish.moved")
		}
	}
	return one(Acknowledged{ID: c.ID, Moves: c.Moves, Cases: c.Cases, Reason: event.P(owner(f), reason)}), nil
}

func publish(s *State, c Publish, f Facts) ([]event.New, error) {
	v, err := waiting(s, c.ID)
	if err != nil {
		return nil, err
	}
	if f.Actor == v.Author {
		return nil, fault.New(fault.Blocked, "policy.publish.own")
	}
	bad := fault.New(fault.Invalid, "policy.publish.invalid")
	switch {
	case !c.From.Valid():
		bad.Field("from", "policy.publish.from")
	case c.From < f.Today:
		bad.Field("from", "policy.publish.past")
	case c.From < v.Pack.From || v.Pack.To != "" && c.From > v.Pack.To:
		bad.Field("from", "policy.publish.outside", "from", string(v.Pack.From))
	}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	stop := fault.New(fault.Blocked, "policy.publish.blocked")
	for _, x := range f.Shortfalls {
		stop.Item("#test", "policy.publish.shortfall", "text", x)
	}
	for _, compartment := range v.Unacknowledged(f.Moves) {
		key := "policy.publish.unacknowledged"
		if compartment != "" {
			key = "policy.publish.unacknowledged_compartment"
		}
		stop.Item("#replay", key)
	}
	if len(stop.Items) > 0 {
		return nil, stop
	}
	return one(Published(c)), nil
}

func withdraw(s *State, c Withdraw, f Facts) ([]event.New, error) {
	v := s.Version(c.ID)
	switch {
	case v == nil:
		return nil, fault.New(fault.NotFound, "fault.not_found")
	case v.Withdrawn != nil:
		return nil, fault.New(fault.Blocked, "policy.publish.withdrawn")
	case v.From != "" && v.From <= f.Today:
		return nil, fault.New(fault.Blocked, "policy.publish.in_force", "from", string(v.From))
	}
	bad := fault.New(fault.Invalid, "policy.publish.invalid")
	reason := text(bad, "reason", c.Reason)
	if err := bad.Or(); err != nil {
		return nil, err
	}
	return one(Withdrawn{ID: c.ID, Reason: event.P(owner(f), reason)}), nil
}
