package register

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// KindRegister is the kind of the register's stream. A node has one.
const KindRegister = "register"

// Stream is where the register's versions are told.
const Stream = event.Stream(KindRegister + "/states")

// maxNote bounds what is said about a version, in code points.
const maxNote = 2000

// Adopted: the register is this from now on. The whole of it is kept, so that
// an old case is read with the register of its day; who a contact is named as,
// and their address, are private parts of that person.
type Adopted struct {
	Register Register              `json:"register"` // without names and addresses of people
	Source   string                `json:"source"`   // hash of the file it came from, "sha256:..."
	Note     event.Private[string] `json:"note"`
	People   []Named               `json:"people,omitempty"`
}

// Named is a contact's person. State, Office and From say which contact.
type Named struct {
	State  string                `json:"state"`
	Office string                `json:"office"`
	From   string                `json:"from"`
	Person event.Private[Person] `json:"person"`
}

// Person is what a register says of a person.
type Person struct {
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
}

// EventType implements event.Event.
func (Adopted) EventType() string { return "register.adopted" }

// Events lists one of each event, for the registry.
func Events() []event.Event { return []event.Event{Adopted{}} }

// Adopt makes a register the one in use.
type Adopt struct {
	Register Register
	Source   string   // hash of the file, "sha256:..."
	Note     string   // why, and where it comes from
	Fresh    []string // one fresh id for each contact with a person, to own what is said of them
}

// Contacts counts the contacts that name a person or an address.
func (r Register) Contacts() int {
	n := 0
	for _, s := range r.States {
		for _, c := range s.Contacts {
			if c.Person != "" || c.Email != "" {
				n++
			}
		}
	}
	return n
}

// WithoutPeople is the register with its offices, and without the names and
// addresses of people: what anybody may have.
func (r Register) WithoutPeople() Register {
	out := r.clone()
	for i := range out.States {
		for k := range out.States[i].Contacts {
			out.States[i].Contacts[k].Person, out.States[i].Contacts[k].Email = "", ""
		}
	}
	return out
}

// InUse is the stream of the register: the version in use.
type InUse struct {
	Register Register          `json:"register"`
	Version  int64             `json:"version"` // 0 before the first
	Time     time.Time         `json:"time"`
	Actor    string            `json:"actor"`
	Source   string            `json:"source"`
	Owners   map[string]string `json:"owners,omitempty"` // by key of contact: owner of what is said of its person
}

// contactKey names a contact within a register.
func contactKey(state, office, from string) string {
	return strings.Join([]string{state, from, office}, "\x1f")
}

// Apply implements event.State.
func (s *InUse) Apply(r event.Recorded) error {
	e, ok := r.Event.(Adopted)
	if !ok {
		return fmt.Errorf("register: %T in the stream of the register", r.Event)
	}
	s.Register, s.Version, s.Time, s.Actor, s.Source = e.Register.clone(), r.Version, r.Time, r.Actor, e.Source
	s.Owners = nil
	people := map[string]Named{}
	for _, n := range e.People {
		people[contactKey(n.State, n.Office, n.From)] = n
	}
	for i := range s.Register.States {
		st := &s.Register.States[i]
		for k := range st.Contacts {
			c := &st.Contacts[k]
			key := contactKey(st.Code, c.Office, c.From)
			n, there := people[key]
			if !there {
				continue
			}
			if s.Owners == nil {
				s.Owners = map[string]string{}
			}
			s.Owners[key] = string(n.Person.Owner)
			if n.Person.Erased == nil {
				c.Person, c.Email = n.Person.Value.Name, n.Person.Value.Email
			}
		}
	}
	return nil
}

// Rows implements event.State: the register is read whole.
func (s *InUse) Rows() []event.Row { return nil }

// Decide decides to adopt a register. Whoever is named in it as before stays
// under the key they had, so that erasing them once erases them everywhere.
func Decide(s *InUse, c Adopt) ([]event.New, error) {
	bad := fault.New(fault.Invalid, "register.invalid")
	if err := c.Register.Check(); err != nil {
		bad.Field("file", "register.unsound", "problem", strings.TrimPrefix(err.Error(), "register: "))
	}
	if n := utf8.RuneCountInString(strings.TrimSpace(c.Note)); n == 0 || n > maxNote {
		bad.Field("note", "register.note_length", "max", maxNote)
	}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	if s.Version > 0 {
		same, err := equal(s.Register, c.Register)
		if err != nil {
			return nil, err
		}
		if same {
			return nil, fault.New(fault.Conflict, "register.same")
		}
	}
	if len(c.Fresh) < c.Register.Contacts() {
		return nil, fmt.Errorf("register: %d fresh ids for %d people", len(c.Fresh), c.Register.Contacts())
	}
	e := Adopted{Register: c.Register.WithoutPeople(), Source: c.Source, Note: event.P(Stream, strings.TrimSpace(c.Note))}
	fresh := c.Fresh
	for _, st := range c.Register.States {
		for _, x := range st.Contacts {
			if x.Person == "" && x.Email == "" {
				continue
			}
			owner := event.StreamOf("person", fresh[0])
			fresh = fresh[1:]
			before, named := s.named(st.Code, x)
			if named {
				owner = before
			}
			e.People = append(e.People, Named{st.Code, x.Office, x.From, event.P(owner, Person{x.Person, x.Email})})
		}
	}
	return []event.New{{Stream: Stream, Event: e}}, nil
}

// equal compares two registers as they travel.
func equal(a, b Register) (bool, error) {
	x, err := a.ExportJSON()
	if err != nil {
		return false, err
	}
	y, err := b.ExportJSON()
	return bytes.Equal(x, y), err
}

// named gives the owner of a contact's person where the register in use names
// the same one. Where it was erased it names nobody, and a new owner is made.
func (s *InUse) named(state string, c Contact) (event.Stream, bool) {
	old, ok := s.Register.State(state)
	if !ok {
		return "", false
	}
	for _, x := range old.Contacts {
		if x.Office == c.Office && x.From == c.From && x.Person == c.Person && x.Email == c.Email {
			owner := s.Owners[contactKey(state, x.Office, x.From)]
			return event.Stream(owner), owner != ""
		}
	}
	return "", false
}
