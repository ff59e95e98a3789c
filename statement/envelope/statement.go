package envelope

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/comity-project/comity/statement/stix"
)

// Statement is one version of one object as a state says it.
type Statement struct {
	Header
	ID      string `json:"id"`      // of the object
	Version int64  `json:"version"` // 1, 2, 3 ...
	// Previous is the hash of the signed bytes of the version before; zero for
	// the first. With it nobody can be told two histories unseen.
	Previous Hash           `json:"previous"`
	Issued   string         `json:"issued"` // STIX timestamp
	Handling Handling       `json:"handling"`
	Object   jsontext.Value `json:"object"`
}

// Handling is how the statement is to be handled: it is signed with the object,
// so that it can't be taken off on the way.
type Handling struct {
	TLP string `json:"tlp"`           // clear, green, amber, amber+strict, red
	PAP string `json:"pap,omitempty"` // clear, green, amber, red
	// Audience is the states that may have it, sorted. Empty means nobody.
	Audience []string `json:"audience"`
	ReviewBy string   `json:"review_by,omitempty"` // date
}

// Recall takes versions back from those named: all up to and with Version.
type Recall struct {
	Header
	ID       string   `json:"id"`
	Version  int64    `json:"version"`
	From     []string `json:"from"` // states, sorted
	Issued   string   `json:"issued"`
	Disposal Disposal `json:"disposal"`
}

// Disposal is what receivers are asked to do.
type Disposal string

// The disposals.
const (
	Erase        Disposal = "erase"
	Withhold     Disposal = "withhold"      // show it to nobody, keep it
	KeepMetadata Disposal = "keep-metadata" // erase the content, keep that it was there
)

// Receipt is a receiver's signed word on a recall. It is not proof.
type Receipt struct {
	Header
	ID      string `json:"id"`
	Version int64  `json:"version"`
	Recall  Hash   `json:"recall"` // of the recall's signed bytes
	// Leaves are those of the disposed versions in the originator's log: a
	// receipt never names a hash of content.
	Leaves []Hash   `json:"leaves"`
	Issued string   `json:"issued"`
	Done   Disposal `json:"done"`
	Kept   []Kept   `json:"kept,omitempty"`
}

// Kept is what went into something before the recall and stays, with its reason.
type Kept struct {
	What   string `json:"what"` // decision, export, download
	Count  int64  `json:"count"`
	Reason string `json:"reason"`
}

// Grant lets a relay pass one version on to the named recipients for ten
// minutes.
type Grant struct {
	Header
	ID         string   `json:"id"`
	Version    int64    `json:"version"`
	Payload    Hash     `json:"payload"` // of the version's signed bytes
	Relay      string   `json:"relay"`
	Recipients []string `json:"recipients"`
	Issued     string   `json:"issued"`
}

// LedgerCheckpoint is the state of a node's own case ledger: it goes into the
// witnessed log, so that the node's history can't be rewritten unseen.
type LedgerCheckpoint struct {
	Header
	Epoch      int64  `json:"epoch"`
	Checkpoint string `json:"checkpoint"` // the signed note
	// Lost says, at the start of an epoch, what the one before had that this
	// node does not: the node was restored from an older backup.
	Lost string `json:"lost,omitempty"`
}

// bounds on lists of a payload.
const (
	maxStates = 300
	maxKept   = 100
	maxLeaves = 10_000
)

// check holds names of states to their form: sorted, none twice.
func checkStates(states []string) error {
	if len(states) > maxStates {
		return fmt.Errorf("%w: %d states, at most %d", ErrForm, len(states), maxStates)
	}
	for i, s := range states {
		if s == "" || len(s) > 100 || i > 0 && states[i-1] >= s {
			return fmt.Errorf("%w: states are listed by id, sorted, none twice", ErrForm)
		}
	}
	return nil
}

// Said reads the statement of a sealed envelope and checks what can be checked
// without anything else: its form, that its object is valid and canonical, that
// the marks on the object are those of the handling.
func (s *Sealed) Said() (*Statement, *stix.Object, error) {
	var st Statement
	if err := s.read(ForStatement, &st); err != nil {
		return nil, nil, err
	}
	if st.Version < 1 || (st.Version == 1) != (st.Previous == Hash{}) {
		return nil, nil, fmt.Errorf("%w: the first version names none before it, each other one does", ErrForm)
	}
	if _, ok := stix.ParseTime(st.Issued); !ok {
		return nil, nil, fmt.Errorf("%w: issued is no timestamp", ErrForm)
	}
	if err := checkStates(st.Handling.Audience); err != nil {
		return nil, nil, err
	}
	if st.Handling.ReviewBy != "" {
		if _, ok := stix.ParseTime(st.Handling.ReviewBy + "T00:00:00Z"); !ok {
			return nil, nil, fmt.Errorf("%w: review_by is no date", ErrForm)
		}
	}
	o, err := st.object()
	if err != nil {
		return nil, nil, err
	}
	return &st, o, st.marked(o)
}

// object reads the STIX object of a statement.
func (st *Statement) object() (*stix.Object, error) {
	d, err := stix.Read(st.Object, stix.Limits{})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForm, err)
	}
	if len(d.Objects) != 1 || d.Bundle != nil {
		return nil, fmt.Errorf("%w: a statement is about one object", ErrForm)
	}
	o := &d.Objects[0]
	if o.ID() != st.ID {
		return nil, fmt.Errorf("%w: the id is not the object's", ErrForm)
	}
	for _, f := range stix.Check(o) {
		if !f.Warning {
			return nil, fmt.Errorf("%w: the object is not valid: %s", ErrForm, f)
		}
	}
	return o, nil
}

// ErrMarks is wrapped where the marks on the object are missing, contradict
// each other or are not those of the signed handling.
var ErrMarks = errors.New("the object is not marked as its handling says")

func (st *Statement) marked(o *stix.Object) error {
	tlp, ok := stix.ParseTLP(st.Handling.TLP)
	if !ok || tlp.String() != "TLP:"+strings.ToUpper(st.Handling.TLP) {
		return fmt.Errorf("%w: the handling has no TLP level", ErrMarks)
	}
	pap := stix.NoPAP
	if st.Handling.PAP != "" {
		if pap, ok = stix.ParsePAP(st.Handling.PAP); !ok || pap.String() != "PAP:"+strings.ToUpper(st.Handling.PAP) {
			return fmt.Errorf("%w: no such PAP level", ErrMarks)
		}
	}
	strict := o.Strictest()
	switch {
	case strict.TLP == stix.Unmarked:
		return fmt.Errorf("%w: the object has no TLP mark", ErrMarks)
	case strict.Conflict:
		return fmt.Errorf("%w: the object has two levels at once", ErrMarks)
	case strict.Old:
		return fmt.Errorf("%w: TLP 1 is not used between states; mark it anew", ErrMarks)
	case strict.TLP != tlp || strict.PAP != pap:
		return fmt.Errorf("%w: %s and %s on the object, %s and %s signed", ErrMarks, strict.TLP, strict.PAP, tlp, pap)
	}
	return nil
}

func (s *Sealed) read(want Purpose, to any) error {
	if s.Purpose != want {
		return fmt.Errorf("%w: a %s where a %s is wanted", ErrForm, s.Purpose, want)
	}
	return decode(s.Payload, to) // Parse saw that it is canonical
}

// Recalled reads a recall.
func (s *Sealed) Recalled() (*Recall, error) {
	var r Recall
	if err := s.read(ForRecall, &r); err != nil {
		return nil, err
	}
	if !stix.ValidID(r.ID) || r.Version < 1 || len(r.From) == 0 || !slices.Contains([]Disposal{Erase, Withhold, KeepMetadata}, r.Disposal) {
		return nil, fmt.Errorf("%w: a recall names object, version, disposal and from whom", ErrForm)
	}
	return &r, s.dated(r.Issued, r.From)
}

// Receipted reads a receipt.
func (s *Sealed) Receipted() (*Receipt, error) {
	var r Receipt
	if err := s.read(ForReceipt, &r); err != nil {
		return nil, err
	}
	if !stix.ValidID(r.ID) || r.Version < 1 || r.Recall == (Hash{}) || len(r.Leaves) > maxLeaves || len(r.Kept) > maxKept {
		return nil, fmt.Errorf("%w: a receipt names object, version and recall", ErrForm)
	}
	for _, k := range r.Kept {
		if !slices.Contains([]string{"decision", "export", "download"}, k.What) || k.Count < 1 || k.Reason == "" {
			return nil, fmt.Errorf("%w: what is kept has a kind, a number and a reason", ErrForm)
		}
	}
	return &r, s.dated(r.Issued, nil)
}

// Granted reads a grant.
func (s *Sealed) Granted() (*Grant, error) {
	var g Grant
	if err := s.read(ForGrant, &g); err != nil {
		return nil, err
	}
	if !stix.ValidID(g.ID) || g.Version < 1 || g.Payload == (Hash{}) || g.Relay == "" || len(g.Recipients) == 0 {
		return nil, fmt.Errorf("%w: a grant names object, version, relay and recipients", ErrForm)
	}
	return &g, s.dated(g.Issued, g.Recipients)
}

func (s *Sealed) dated(issued string, states []string) error {
	if _, ok := stix.ParseTime(issued); !ok {
		return fmt.Errorf("%w: issued is no timestamp", ErrForm)
	}
	return checkStates(states)
}

// IssuedAt is the time in a payload's issued.
func IssuedAt(issued string) time.Time {
	t, _ := stix.ParseTime(issued)
	return t
}
