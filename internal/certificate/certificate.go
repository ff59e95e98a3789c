// Package certificate is what an end user is given to sign: an end-use
// certificate with the assurances of the Code of Conduct in it, made from what a
// case says. It comes back as a signed paper, or is signed electronically by
// whoever holds its code. Either way it is what somebody said: whether they may
// bind the end user, and what the word is worth, is found by an officer.
package certificate

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// Kind is the kind of the streams of certificates: one for each case, under its id.
const Kind = "certificate"

// StreamOf is the stream of a case's certificates.
func StreamOf(caseID string) event.Stream { return event.StreamOf(Kind, caseID) }

// owner is whose key keeps what is private: it goes with the case.
func owner(caseID string) event.Stream { return event.StreamOf("case", caseID) }

const (
	// MaxPapers bounds the certificates of a case.
	MaxPapers = 200
	// Valid is for how long a code can be signed with.
	Valid = 30 * 24 * time.Hour
	// maxText bounds each text of a signature, in bytes.
	maxText = 2000
)

// Paper is what a certificate says.
type Paper struct {
	Party     string   `json:"party"` // id, in the case
	Name      string   `json:"name"`  // of the end user, as written
	Country   string   `json:"country"`
	Address   string   `json:"address,omitempty"`
	Applicant string   `json:"applicant"`
	Place     string   `json:"place,omitempty"`
	Use       string   `json:"use,omitempty"`
	Items     []Item   `json:"items"`
	Clauses   []Clause `json:"clauses"`
	Wording   string   `json:"wording,omitempty"` // what was asked for beyond them
}

// Item is one line of what is supplied.
type Item struct {
	Line     string `json:"line"`
	What     string `json:"what"`
	Quantity string `json:"quantity"`
	Unit     string `json:"unit,omitempty"` // as lines name it
}

// Clause is one assurance: its id and the words of the pack in force that day.
type Clause struct {
	ID   string `json:"id"`
	Text string `json:"text"`
}

// Hash names the text of a paper: SHA-256 of its JSON, hexadecimal. It is printed
// on it, so that a scan can be held against what was sent.
func (p Paper) Hash() string {
	b, err := json.Marshal(p)
	if err != nil {
		panic(err) // texts alone
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Signature is what whoever signs says of themselves and of each clause.
type Signature struct {
	Name     string   `json:"name"`
	Function string   `json:"function"`
	Basis    string   `json:"basis"` // on what they say they may bind the end user
	Gives    []string `json:"gives"` // clauses; the others are declined
	Remarks  string   `json:"remarks,omitempty"`
}

// Commands on certificates.
type (
	// Make makes one.
	Make struct {
		Case, ID, Reference, Assurance string
		Paper                          Paper
	}
	// OpenCode gives one a code by which it is signed; an earlier code ends.
	OpenCode struct{ Case, ID, CodeHash string }
	// Sign signs one with its code.
	Sign struct {
		Case, ID, CodeHash string
		Signature          Signature
	}
	// End takes one back: it can be signed no more.
	End struct{ Case, ID string }
)

// Events on certificates.
type (
	// Made is a new certificate.
	Made struct {
		ID        string               `json:"id"`
		Reference string               `json:"reference"`
		Assurance string               `json:"assurance"`
		Hash      string               `json:"hash"`
		Paper     event.Private[Paper] `json:"paper"`
	}
	// Opened is a code for one: its hash alone is stored.
	Opened struct {
		ID       string    `json:"id"`
		CodeHash string    `json:"code_hash"`
		Until    time.Time `json:"until"`
	}
	// Signed is a signature with the code. Hash names the text that was signed.
	Signed struct {
		ID        string                   `json:"id"`
		Hash      string                   `json:"hash"`
		Signature event.Private[Signature] `json:"signature"`
	}
	// Ended is one taken back.
	Ended struct {
		ID string `json:"id"`
	}
)

// EventType implements event.Event.
func (Made) EventType() string { return "certificate.made" }

// EventType implements event.Event.
func (Opened) EventType() string { return "certificate.opened" }

// EventType implements event.Event.
func (Signed) EventType() string { return "certificate.signed" }

// EventType implements event.Event.
func (Ended) EventType() string { return "certificate.ended" }

// Events are one of each.
func Events() []event.Event { return []event.Event{Made{}, Opened{}, Signed{}, Ended{}} }

// Certificate is one, as it stands.
type Certificate struct {
	ID        string         `json:"id"`
	Reference string         `json:"reference"`
	Assurance string         `json:"assurance"`
	Hash      string         `json:"hash"`
	Paper     Paper          `json:"paper"`
	Erased    *event.Erasure `json:"erased,omitempty"`
	By        event.By       `json:"by"`
	CodeHash  string         `json:"code_hash,omitempty"`
	Until     time.Time      `json:"until,omitzero"` // for how long it can be signed with its code
	Signature *Signature     `json:"signature,omitempty"`
	SignedAt  time.Time      `json:"signed_at,omitzero"`
	Ended     bool           `json:"ended,omitempty"`
}

// Open says whether it can be signed with its code.
func (c *Certificate) Open(now time.Time) bool {
	return c.CodeHash != "" && !c.Ended && c.Signature == nil && now.Before(c.Until)
}

// Book are the certificates of a case. It implements event.State.
type Book struct {
	Case string         `json:"case"`
	All  []*Certificate `json:"all,omitempty"`
}

// Of is a certificate by its id; nil for none.
func (b *Book) Of(id string) *Certificate {
	i := slices.IndexFunc(b.All, func(c *Certificate) bool { return c.ID == id })
	if i < 0 {
		return nil
	}
	return b.All[i]
}

// Coded is the certificate that can be signed with a code; nil for none.
func (b *Book) Coded(hash string, now time.Time) *Certificate {
	i := slices.IndexFunc(b.All, func(c *Certificate) bool { return c.CodeHash == hash && c.Open(now) })
	if i < 0 {
		return nil
	}
	return b.All[i]
}

// Decide answers a command with what follows. A code that is unknown, used or
// past its time is answered alike, as if there were nothing.
func Decide(b *Book, cmd any, now time.Time) ([]event.New, error) {
	none := fault.New(fault.NotFound, "fault.not_found")
	add := func(caseID string, e event.Event) ([]event.New, error) {
		return []event.New{{Stream: StreamOf(caseID), Event: e}}, nil
	}
	switch c := cmd.(type) {
	case Make:
		if len(c.Paper.Clauses) == 0 || len(c.Paper.Items) == 0 || c.ID == "" || b.Of(c.ID) != nil {
			return nil, fault.New(fault.Invalid, "certificate.empty")
		}
		if len(b.All) >= MaxPapers {
			return nil, fault.New(fault.Blocked, "certificate.many", "max", MaxPapers)
		}
		return add(c.Case, Made{ID: c.ID, Reference: c.Reference, Assurance: c.Assurance, Hash: c.Paper.Hash(), Paper: event.P(owner(c.Case), c.Paper)})
	case OpenCode:
		switch x := b.Of(c.ID); {
		case x == nil || x.Erased != nil:
			return nil, none
		case x.Ended || x.Signature != nil:
			return nil, fault.New(fault.Blocked, "certificate.closed")
		}
		return add(c.Case, Opened{ID: c.ID, CodeHash: c.CodeHash, Until: now.Add(Valid)})
	case End:
		switch x := b.Of(c.ID); {
		case x == nil:
			return nil, none
		case x.Ended || x.Signature != nil:
			return nil, fault.New(fault.Blocked, "certificate.closed")
		}
		return add(c.Case, Ended{ID: c.ID})
	case Sign:
		x := b.Coded(c.CodeHash, now)
		if x == nil || x.ID != c.ID {
			return nil, none
		}
		s := c.Signature
		bad := fault.New(fault.Invalid, "certificate.invalid")
		for _, f := range []struct {
			name string
			text *string
			need bool
		}{{"name", &s.Name, true}, {"function", &s.Function, true}, {"basis", &s.Basis, true}, {"remarks", &s.Remarks, false}} {
			*f.text = strings.TrimSpace(*f.text)
			switch {
			case f.need && *f.text == "":
				bad.Field(f.name, "certificate.missing."+f.name)
			case len(*f.text) > maxText:
				bad.Field(f.name, "certificate.long", "max", maxText)
			}
		}
		s.Gives = slices.Compact(slices.Sorted(slices.Values(s.Gives)))
		for _, g := range s.Gives {
			if !slices.ContainsFunc(x.Paper.Clauses, func(k Clause) bool { return k.ID == g }) {
				bad.Field("gives", "certificate.unknown_clause")
			}
		}
		if err := bad.Or(); err != nil {
			return nil, err
		}
		return add(c.Case, Signed{ID: x.ID, Hash: x.Hash, Signature: event.P(owner(c.Case), s)})
	}
	return nil, fmt.Errorf("certificate: no command is a %T", cmd)
}

// Apply implements event.State.
func (b *Book) Apply(rec event.Recorded) error {
	b.Case = rec.Stream.ID()
	switch e := rec.Event.(type) {
	case Made:
		b.All = append(b.All, &Certificate{ID: e.ID, Reference: e.Reference, Assurance: e.Assurance, Hash: e.Hash, Paper: e.Paper.Value, Erased: e.Paper.Erased, By: event.ByOf(rec)})
	case Opened:
		if c := b.Of(e.ID); c != nil {
			c.CodeHash, c.Until = e.CodeHash, e.Until
		}
	case Signed:
		if c := b.Of(e.ID); c != nil {
			s := e.Signature.Value
			c.Signature, c.SignedAt, c.CodeHash = &s, rec.Time, ""
		}
	case Ended:
		if c := b.Of(e.ID); c != nil {
			c.Ended, c.CodeHash = true, ""
		}
	default:
		return fmt.Errorf("certificate: %T among certificates", rec.Event)
	}
	return nil
}

// Rows implements event.State: the codes with which something can be signed.
func (b *Book) Rows() []event.Row {
	var rows []event.Row
	for _, c := range b.All {
		if c.CodeHash != "" {
			rows = append(rows, event.Row{Table: "certificate_code", ID: c.CodeHash, Columns: []event.Column{event.C("case_id", b.Case)}})
		}
	}
	return rows
}
