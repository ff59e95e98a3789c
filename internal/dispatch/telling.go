package dispatch

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// KindTelling is the kind of the streams of what other states' facts stand
// behind what we tell of a case: "telling/CASE".
const KindTelling = "telling"

// What can go for another state's fact in what we tell of a case.
const (
	LeftOut   = "left_out"  // nothing that is told rests on it
	Rests     = "rests"     // something does: it waits for the originator's consent through the exchange
	Consented = "consented" // something does, and the originator consented otherwise; how is on record
)

// Standings are all of them, in the order in which they are offered.
var Standings = []string{LeftOut, Rests, Consented}

// Settled says what goes for a fact of another state in what is told of a case.
type Settled struct {
	Fact     string                `json:"fact"` // stream of the statement or of the source in the library
	Issuer   string                `json:"issuer"`
	Standing string                `json:"standing"`
	How      event.Private[string] `json:"how"` // of consent that came otherwise; the case's
}

// EventType implements event.Event.
func (Settled) EventType() string { return "telling.settled" }

// Settlement is what goes for a fact, by whose word.
type Settlement struct {
	Standing string `json:"standing"`
	How      string `json:"how,omitempty"`
	By       By     `json:"by"`
}

// Telling is what goes for other states' facts in what is told of a case.
type Telling struct {
	Case  string                `json:"case"`
	Facts map[string]Settlement `json:"facts,omitempty"` // by stream
}

// Apply implements event.State.
func (s *Telling) Apply(r event.Recorded) error {
	e, ok := r.Event.(Settled)
	if !ok {
		return fmt.Errorf("dispatch: what is told of a case does not know %q", r.Event.EventType())
	}
	s.Case = r.Stream.ID()
	facts := maps.Clone(s.Facts)
	if facts == nil {
		facts = map[string]Settlement{}
	}
	facts[e.Fact] = Settlement{e.Standing, e.How.Value, event.ByOf(r)}
	s.Facts = facts
	return nil
}

// Rows implements event.State: it is read with the case alone.
func (s *Telling) Rows() []event.Row { return nil }

// Fact is something that another state told us about whom or what a case names.
type Fact struct {
	Ref     event.Stream // of the statement, or of the source in the library
	Issuer  string
	Words   string // its own
	Shut    bool   // for named people: who works on the case has not read it
	Consent bool   // its originator consented through the exchange
}

// Settle says what goes for a fact in what is told of a case.
type Settle struct {
	Case     string
	Fact     event.Stream
	Standing string
	How      string // who consented, when and by what; for Consented alone
}

// Stream is the stream of what is told of the case.
func (c Settle) Stream() event.Stream { return event.StreamOf(KindTelling, c.Case) }

// DecideSettle turns the command into an event; owner is the case's stream, under
// whose key the words lie. Facts are those that the case has.
func DecideSettle(c Settle, facts []Fact, owner event.Stream) ([]event.New, error) {
	i := slices.IndexFunc(facts, func(f Fact) bool { return f.Ref == c.Fact })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	e := invalid()
	oneOf(e, "standing", c.Standing, Standings)
	if c.Standing == Consented {
		want(e, "how", c.How, maxText)
	} else {
		c.How = ""
	}
	if err := e.Or(); err != nil {
		return nil, err
	}
	return []event.New{{Stream: c.Stream(), Event: Settled{string(c.Fact), facts[i].Issuer, c.Standing, event.P(owner, strings.TrimSpace(c.How))}}}, nil
}

// MayTell says whether texts may go to somebody outside the authority: none may
// repeat another state's words, and where they give reasons, each fact was left
// out or its originator has consented. What the reader could not read stands
// behind nothing unless somebody said that it does.
func (s *Telling) MayTell(facts []Fact, texts []string, reasons bool) error {
	for _, f := range facts {
		for _, text := range texts {
			if Repeats(text, f.Words) {
				return fault.New(fault.Blocked, "dispatch.telling.words", "state", f.Issuer)
			}
		}
		if !reasons {
			continue
		}
		switch s.Facts[string(f.Ref)].Standing {
		case LeftOut, Consented:
		case Rests:
			if !f.Consent {
				return fault.New(fault.Blocked, "dispatch.telling.consent", "state", f.Issuer)
			}
		default:
			if !f.Shut {
				return fault.New(fault.Blocked, "dispatch.telling.unsettled", "state", f.Issuer)
			}
		}
	}
	return nil
}

// copied is how many characters in a row make a text a copy of another.
const copied = 40

// Repeats tells whether a text repeats another's words: copied characters of
// them in a row, whatever the case and the spaces. Its time grows with the
// lengths, not with their product: a hundred facts are held against every letter.
func Repeats(text, said string) bool {
	in := map[string]bool{}
	for run := range runs(text) {
		in[run] = true
	}
	for run := range runs(said) {
		if in[run] {
			return true
		}
	}
	return false
}

// runs are all copied characters in a row of a text, folded.
func runs(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		s := strings.Join(strings.Fields(strings.ToLower(text)), " ")
		var starts []int
		for i := range s {
			starts = append(starts, i)
		}
		starts = append(starts, len(s))
		for i := 0; i+copied < len(starts); i++ {
			if !yield(s[starts[i]:starts[i+copied]]) {
				return
			}
		}
	}
}
