package dispatch

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// KindCollection is the kind of the streams of import collections:
// "collection/ID".
const KindCollection = "collection"

// Provenance is what is forced on everything that comes into a collection: who
// published it, under which licence, how far source and content are trusted.
type Provenance struct {
	Source    string `json:"source"`
	URL       string `json:"url,omitempty"`
	Licence   string `json:"licence"`
	Admiralty string `json:"admiralty"` // A1 to F6
}

var admiralty = regexp.MustCompile(`^[A-F][1-6]$`)

// uuid is what TAXII wants a collection to be called.
var uuid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

const (
	maxSource = 300 // characters of a source, as statement/field has it
	maxRight  = 200 // of a licence
)

// check says what of a provenance is missing.
func (p *Provenance) check(e *fault.Error) {
	p.Source, p.URL, p.Licence, p.Admiralty = strings.TrimSpace(p.Source), strings.TrimSpace(p.URL), strings.TrimSpace(p.Licence), strings.ToUpper(strings.TrimSpace(p.Admiralty))
	if p.Source == "" || !party.Bounded(p.Source, maxSource) {
		e.Field("source", "dispatch.import.source", "max", maxSource)
	}
	if p.Licence == "" || !party.Bounded(p.Licence, maxRight) {
		e.Field("licence", "dispatch.import.licence", "max", maxRight)
	}
	if !admiralty.MatchString(p.Admiralty) {
		e.Field("admiralty", "dispatch.import.admiralty")
	}
	if !party.Bounded(p.URL, party.MaxText) {
		e.Field("url", "dispatch.import.url", "max", party.MaxText)
	}
}

// Events on a collection.
type (
	// CollectionOpened begins a collection. Its number is where its objects lie.
	CollectionOpened struct {
		Number int64  `json:"number"`
		Title  string `json:"title"`
		About  string `json:"about,omitempty"`
	}
	// Allowed says what a named account may do, and the provenance that is
	// forced on what it brings. Neither reading nor writing ends it.
	Allowed struct {
		Allowance
	}
	// CollectionClosed ends it: nothing comes in, and accounts read nothing.
	CollectionClosed struct{}
)

// EventType implements event.Event.
func (CollectionOpened) EventType() string { return "collection.opened" }

// EventType implements event.Event.
func (Allowed) EventType() string { return "collection.allowed" }

// EventType implements event.Event.
func (CollectionClosed) EventType() string { return "collection.closed" }

// Allowance is what an account may do in a collection.
type Allowance struct {
	Account string     `json:"account"`
	Read    bool       `json:"read,omitempty"`
	Write   bool       `json:"write,omitempty"`
	From    Provenance `json:"from,omitzero"` // of what it brings
}

// Collection is a place of this node for what others publish: local, handled as
// TLP:AMBER+STRICT, left only by a statement that an officer issues.
type Collection struct {
	ID      string      `json:"id"`
	Number  int64       `json:"number"`
	Title   string      `json:"title"`
	About   string      `json:"about,omitempty"`
	Allowed []Allowance `json:"allowed,omitempty"`
	Opened  By          `json:"opened"`
	Closed  *By         `json:"closed,omitempty"`
}

// Apply implements event.State.
func (c *Collection) Apply(r event.Recorded) error {
	by := event.ByOf(r)
	switch e := r.Event.(type) {
	case CollectionOpened:
		c.ID, c.Number, c.Title, c.About, c.Opened = r.Stream.ID(), e.Number, e.Title, e.About, by
	case Allowed:
		c.Allowed = slices.DeleteFunc(c.Allowed, func(a Allowance) bool { return a.Account == e.Account })
		if e.Read || e.Write {
			c.Allowed = append(c.Allowed, e.Allowance)
		}
	case CollectionClosed:
		c.Closed = &by
	default:
		return fmt.Errorf("dispatch: a collection does not know %q", r.Event.EventType())
	}
	return nil
}

// Of is what an account may do; nothing where it is not named, or once the
// collection is closed.
func (c *Collection) Of(account string) Allowance {
	if i := slices.IndexFunc(c.Allowed, func(a Allowance) bool { return a.Account == account }); i >= 0 && c.Closed == nil {
		return c.Allowed[i]
	}
	return Allowance{Account: account}
}

// Rows are the collection and who may use it. Each table has id and stream
// besides these:
//
//	collection_row      number int, title text, about text, closed bool
//	collection_account  collection text, account text
func (c *Collection) Rows() []event.Row {
	rows := []event.Row{{Table: "collection_row", ID: c.ID, Columns: []event.Column{
		event.C("number", c.Number), event.C("title", c.Title), event.C("about", c.About), event.C("closed", c.Closed != nil),
	}}}
	for _, a := range c.Allowed {
		rows = append(rows, event.Row{Table: "collection_account", ID: c.ID + "/" + a.Account, Columns: []event.Column{
			event.C("collection", c.ID), event.C("account", a.Account),
		}})
	}
	return rows
}

// Commands on a collection.
type (
	// OpenCollection opens one. Collection is a fresh UUID, Number set by the
	// node.
	OpenCollection struct {
		Collection, Title, About string
		Number                   int64
	}
	// Allow says what an account may do; neither reading nor writing ends it.
	Allow struct {
		Collection string
		Allowance
	}
	// CloseCollection ends it.
	CloseCollection struct{ Collection string }
)

// CollectionCommand is a command on a collection.
type CollectionCommand interface{ Stream() event.Stream }

// Stream is the collection's stream.
func (c OpenCollection) Stream() event.Stream { return event.StreamOf(KindCollection, c.Collection) }

// Stream is the collection's stream.
func (c Allow) Stream() event.Stream { return event.StreamOf(KindCollection, c.Collection) }

// Stream is the collection's stream.
func (c CloseCollection) Stream() event.Stream { return event.StreamOf(KindCollection, c.Collection) }

// maxAllowed bounds the accounts of a collection.
const maxAllowed = 200

// DecideCollection turns a command into events.
func DecideCollection(s *Collection, cmd CollectionCommand) ([]event.New, error) {
	one := func(e event.Event) ([]event.New, error) {
		return []event.New{{Stream: cmd.Stream(), Event: e}}, nil
	}
	bad := fault.New(fault.Invalid, "dispatch.invalid")
	if c, ok := cmd.(OpenCollection); ok {
		if s.ID != "" {
			return nil, fault.New(fault.Conflict, "dispatch.collection.exists")
		}
		if !uuid.MatchString(c.Collection) {
			return nil, fault.New(fault.Invalid, "fault.bad_request")
		}
		c.Title, c.About = strings.TrimSpace(c.Title), strings.TrimSpace(c.About)
		if c.Title == "" || !party.Bounded(c.Title, party.MaxText) {
			bad.Field("title", "dispatch.collection.title", "max", party.MaxText)
		}
		if !party.Bounded(c.About, maxText) {
			bad.Field("about", "dispatch.long", "max", maxText)
		}
		if err := bad.Or(); err != nil {
			return nil, err
		}
		return one(CollectionOpened{Number: c.Number, Title: c.Title, About: c.About})
	}
	if s.ID == "" {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	if s.Closed != nil {
		return nil, fault.New(fault.Conflict, "dispatch.collection.closed")
	}
	switch c := cmd.(type) {
	case Allow:
		if c.Write {
			c.From.check(bad)
		} else {
			c.From = Provenance{}
		}
		if len(s.Allowed) >= maxAllowed && s.Of(c.Account) == (Allowance{Account: c.Account}) {
			bad.Field("account", "dispatch.collection.accounts", "max", maxAllowed)
		}
		if err := bad.Or(); err != nil {
			return nil, err
		}
		if s.Of(c.Account) == c.Allowance {
			return nil, nil
		}
		return one(Allowed{c.Allowance})
	case CloseCollection:
		return one(CollectionClosed{})
	}
	return nil, fmt.Errorf("dispatch: no such command on a collection: %T", cmd)
}
