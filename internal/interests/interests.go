// Package interests is the register of what people of the authority have of
// their own in companies, parties and organs of states: declared by themselves,
// confirmed every year, and compared with the parties of the cases that they
// would act in. It decides nothing of a case; which interests keep somebody out
// is said by the rules of the state, as data.
package interests

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/screening"
)

// Kind is the kind of the streams of the register: one for each person, under
// the id of their account.
const Kind = "interests"

// StreamOf is the stream of a person's interests.
func StreamOf(account string) event.Stream { return event.StreamOf(Kind, account) }

// Nature is what ties somebody to whom they declare.
type Nature struct {
	ID     string `toml:"id"`
	Blocks bool   `toml:"blocks"` // keeps out of assigning, advising, signing and deciding; else it warns
	After  int    `toml:"after"`  // days for which it counts after its end
}

// Rules are what a state has laid down about interests.
type Rules struct {
	ConfirmDays int      `toml:"confirm_days"` // after which the register is to be confirmed again
	RemindDays  int      `toml:"remind_days"`  // after which somebody who never opened theirs is reminded again
	Natures     []Nature `toml:"nature"`
}

// maxRules bounds the file of rules.
const maxRules = 64 << 10

// ParseRules reads the rules, strictly.
func ParseRules(raw []byte) (r Rules, err error) {
	if len(raw) > maxRules {
		return r, fmt.Errorf("interests: rules of %d bytes", len(raw))
	}
	meta, err := toml.NewDecoder(bytes.NewReader(raw)).Decode(&r)
	if err != nil {
		return r, fmt.Errorf("interests: %w", err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return r, fmt.Errorf("interests: unknown %s", unknown[0])
	}
	if r.ConfirmDays < 1 || r.ConfirmDays > 3660 || r.RemindDays < 1 || r.RemindDays > 366 || len(r.Natures) == 0 {
		return r, fmt.Errorf("interests: rules without periods or natures")
	}
	for i, n := range r.Natures {
		if n.ID == "" || n.After < 0 || n.After > 36600 || slices.ContainsFunc(r.Natures[:i], func(x Nature) bool { return x.ID == n.ID }) {
			return r, fmt.Errorf("interests: nature %q", n.ID)
		}
	}
	return r, nil
}

// Of is a nature by its id.
func (r Rules) Of(id string) (Nature, bool) {
	i := slices.IndexFunc(r.Natures, func(n Nature) bool { return n.ID == id })
	if i < 0 {
		return Nature{}, false
	}
	return r.Natures[i], true
}

// About is whom an interest is in and what it is, sealed under the person's
// stream.
type About struct {
	Name       string `json:"name"`
	Identifier string `json:"identifier,omitempty"` // registration number, tax number: as written
	Text       string `json:"text,omitempty"`
}

// Interest is one entry of a person's register.
type Interest struct {
	ID     string         `json:"id"`
	Nature string         `json:"nature"`
	From   deadline.Date  `json:"from,omitempty"`
	Until  deadline.Date  `json:"until,omitempty"` // empty: it lasts
	About  About          `json:"about,omitzero"`
	Erased *event.Erasure `json:"erased,omitempty"`
	By     event.By       `json:"by"`
}

// Commands on a register. Each is given by the person whose register it is.
type (
	// Declare adds an interest.
	Declare struct {
		Account, ID, Nature string
		From, Until         deadline.Date
		About               About
	}
	// End says on which day an interest ended.
	End struct {
		Account, ID string
		Until       deadline.Date
	}
	// Confirm says that the register is whole, also when it is empty.
	Confirm struct{ Account string }
)

// Events on a register.
type (
	// Declared is a new interest.
	Declared struct {
		ID     string               `json:"id"`
		Nature string               `json:"nature"`
		From   deadline.Date        `json:"from,omitempty"`
		Until  deadline.Date        `json:"until,omitempty"`
		About  event.Private[About] `json:"about"`
		Due    deadline.Date        `json:"due"` // by when the register is to be confirmed
	}
	// Ended is the end of one.
	Ended struct {
		ID    string        `json:"id"`
		Until deadline.Date `json:"until"`
	}
	// Confirmed says that it was whole, and by when it is to be confirmed again.
	Confirmed struct {
		Standing int           `json:"standing"` // interests that had not ended
		Due      deadline.Date `json:"due"`
	}
)

// EventType implements event.Event.
func (Declared) EventType() string { return "interests.declared" }

// EventType implements event.Event.
func (Ended) EventType() string { return "interests.ended" }

// EventType implements event.Event.
func (Confirmed) EventType() string { return "interests.confirmed" }

// Events are one of each.
func Events() []event.Event { return []event.Event{Declared{}, Ended{}, Confirmed{}} }

// Register is what one person declared.
type Register struct {
	Account   string        `json:"account"`
	Interests []Interest    `json:"interests,omitempty"`
	Confirmed event.By      `json:"confirmed,omitzero"`
	Due       deadline.Date `json:"due,omitempty"`
}

// MaxInterests bounds a register.
const MaxInterests = 200

// Decide answers a command on a register with what follows; today is the day in
// the state's calendar.
func Decide(r *Register, cmd any, rules Rules, today deadline.Date) ([]event.New, error) {
	var account string
	var e event.Event
	switch c := cmd.(type) {
	case Declare:
		bad := fault.New(fault.Invalid, "interests.invalid")
		if _, ok := rules.Of(c.Nature); !ok {
			bad.Field("nature", "interests.nature")
		}
		c.About.Name, c.About.Identifier, c.About.Text = strings.TrimSpace(c.About.Name), strings.TrimSpace(c.About.Identifier), strings.TrimSpace(c.About.Text)
		if len(screening.Fold(c.About.Name)) == 0 || !party.Bounded(c.About.Name, party.MaxText) {
			bad.Field("name", "interests.unnamed")
		}
		if !party.Bounded(c.About.Identifier, party.MaxText) {
			bad.Field("identifier", "interests.long")
		}
		if !party.Bounded(c.About.Text, party.MaxText) {
			bad.Field("text", "interests.long")
		}
		if c.From != "" && !c.From.Valid() || c.From > today {
			bad.Field("from", "interests.from")
		}
		if c.Until != "" && (!c.Until.Valid() || c.Until < c.From) {
			bad.Field("until", "interests.until")
		}
		if err := bad.Or(); err != nil {
			return nil, err
		}
		if c.ID == "" || len(c.ID) > 64 || r.of(c.ID) != nil || len(r.Interests) >= MaxInterests {
			return nil, fault.New(fault.Conflict, "interests.many", "max", MaxInterests)
		}
		due := r.Due
		if due == "" {
			due = today // nobody has said yet that it is whole
		}
		account, e = c.Account, Declared{ID: c.ID, Nature: c.Nature, From: c.From, Until: c.Until, About: event.P(StreamOf(c.Account), c.About), Due: due}
	case End:
		i := r.of(c.ID)
		if i == nil || i.Until != "" {
			return nil, fault.New(fault.NotFound, "fault.not_found")
		}
		if !c.Until.Valid() || c.Until < i.From || c.Until > today {
			return nil, fault.New(fault.Invalid, "interests.invalid").Field("until", "interests.ended")
		}
		account, e = c.Account, Ended{ID: c.ID, Until: c.Until}
	case Confirm:
		account, e = c.Account, Confirmed{Standing: len(r.Standing()), Due: today.Add(rules.ConfirmDays)}
	default:
		return nil, fmt.Errorf("interests: no command is a %T", cmd)
	}
	return []event.New{{Stream: StreamOf(account), Event: e}}, nil
}

func (r *Register) of(id string) *Interest {
	for i := range r.Interests {
		if r.Interests[i].ID == id {
			return &r.Interests[i]
		}
	}
	return nil
}

// Standing are the interests that have not ended.
func (r *Register) Standing() []Interest {
	return slices.DeleteFunc(slices.Clone(r.Interests), func(i Interest) bool { return i.Until != "" })
}

// Apply implements event.State.
func (r *Register) Apply(rec event.Recorded) error {
	r.Account = rec.Stream.ID()
	switch e := rec.Event.(type) {
	case Declared:
		r.Interests = append(r.Interests, Interest{ID: e.ID, Nature: e.Nature, From: e.From, Until: e.Until, About: e.About.Value, Erased: e.About.Erased, By: event.ByOf(rec)})
		r.Due = e.Due
	case Ended:
		if i := r.of(e.ID); i != nil {
			i.Until = e.Until
		}
	case Confirmed:
		r.Confirmed, r.Due = event.ByOf(rec), e.Due
	default:
		return fmt.Errorf("interests: %T in a register", rec.Event)
	}
	return nil
}

// Rows implements event.State: what the person has to do. Nothing of what was
// declared lies in a table, so that no list, search or export can come upon it.
func (r *Register) Rows() []event.Row {
	if r.Account == "" {
		return nil
	}
	return []event.Row{{Table: "duty_row", ID: Kind + "/" + r.Account, Columns: []event.Column{
		event.C("account", r.Account), event.C("role", ""), event.C("kind", Kind), event.C("title", ""), event.C("href", "/interests"),
		event.C("compartment", ""), event.C("due", string(r.Due)),
	}}}
}
