package instruments

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/party"
)

// Schema names the form of a published self-assessment.
const Schema = "comity.self-assessment/v1"

// Sheet is a self-assessment as a state publishes it. An element that it did not
// publish is there without answers.
type Sheet struct {
	Schema   string         `json:"schema"`
	State    string         `json:"state"`
	Day      deadline.Date  `json:"day"`
	Wording  string         `json:"wording"` // version of the questions
	Elements []SheetElement `json:"elements"`
}

// SheetElement is one element of a published self-assessment.
type SheetElement struct {
	ID        string        `json:"id"`
	Clause    string        `json:"clause"`
	Title     string        `json:"title"`
	Published bool          `json:"published"`
	Answers   []SheetAnswer `json:"answers,omitempty"`
}

// SheetAnswer is one published answer. Instrument is empty for all together.
type SheetAnswer struct {
	Instrument string        `json:"instrument,omitempty"`
	Citation   string        `json:"citation,omitempty"`
	Answer     Answer        `json:"answer"`
	Provision  string        `json:"provision,omitempty"`
	Date       deadline.Date `json:"date,omitempty"` // of the answer; none for unknown that nobody has answered
	Evidence   []Reference   `json:"evidence,omitempty"`
}

// Reference is a source that may be named to everybody.
type Reference struct {
	Title   string `json:"title"`
	Address string `json:"address,omitempty"`
}

// Sheet is what everybody may see of a matrix. refer gives the sources of an
// answer that may be named to everybody.
func (m Matrix) Sheet(state, wording string, refer func(items []string) []Reference) Sheet {
	s := Sheet{Schema: Schema, State: state, Day: m.Day, Wording: wording}
	for _, r := range m.Rows {
		e := SheetElement{ID: r.ID, Clause: r.Clause, Title: r.Title, Published: r.Element.Public(m.At)}
		if e.Published {
			e.Answers = append(e.Answers, shown(r.Together, nil, refer))
			for n, c := range r.Cells {
				if c.Covers {
					e.Answers = append(e.Answers, shown(c.Judged, m.Instruments[n].On(m.Day), refer))
				}
			}
		}
		s.Elements = append(s.Elements, e)
	}
	return s
}

func shown(j Judged, v *Version, refer func([]string) []Reference) SheetAnswer {
	a := SheetAnswer{Answer: j.Answer, Provision: j.Provision, Evidence: refer(j.Items)}
	if v != nil {
		a.Instrument, a.Citation = v.Words.Title, v.Words.Citation
	}
	if !j.By.At.IsZero() {
		a.Date = deadline.DateOf(j.By.At, nil)
	}
	return a
}

// Bounds of a sheet that comes in.
const (
	maxSheet    = 2 << 20 // bytes
	maxElements = 200
	maxAnswers  = 500 // of one element
)

// ParseSheet reads what a state published. Anything that the form does not know
// is an error.
func ParseSheet(raw []byte) (Sheet, error) {
	var s Sheet
	if len(raw) > maxSheet {
		return s, fmt.Errorf("instruments: a self-assessment of more than %d bytes", maxSheet)
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return Sheet{}, fmt.Errorf("instruments: self-assessment: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Sheet{}, fmt.Errorf("instruments: something follows the self-assessment")
	}
	return s, s.check()
}

func (s Sheet) check() error {
	switch {
	case s.Schema != Schema:
		return fmt.Errorf("instruments: %q is no self-assessment that is known", s.Schema)
	case !party.ValidCountry(s.State) || !s.Day.Valid():
		return fmt.Errorf("instruments: a self-assessment needs its state and day")
	case len(s.Elements) == 0 || len(s.Elements) > maxElements:
		return fmt.Errorf("instruments: a self-assessment of %d elements", len(s.Elements))
	}
	seen := map[string]bool{}
	for _, e := range s.Elements {
		if e.ID == "" || seen[e.ID] || !bounded(e.ID, e.Clause, e.Title) || len(e.Answers) > maxAnswers || !e.Published && len(e.Answers) > 0 {
			return fmt.Errorf("instruments: element %q of a self-assessment", e.ID)
		}
		seen[e.ID] = true
		for _, a := range e.Answers {
			if !slices.Contains(Answers, a.Answer) || !bounded(a.Instrument, a.Citation, a.Provision) || a.Date != "" && !a.Date.Valid() || len(a.Evidence) > maxItems {
				return fmt.Errorf("instruments: an answer under element %q of a self-assessment", e.ID)
			}
			for _, r := range a.Evidence {
				if !bounded(r.Title, r.Address) {
					return fmt.Errorf("instruments: a source under element %q of a self-assessment", e.ID)
				}
			}
		}
	}
	return nil
}

func bounded(texts ...string) bool {
	return !slices.ContainsFunc(texts, func(s string) bool { return !party.Bounded(s, 2*maxLine) })
}

// KindPeer is the kind of the streams of what other states published: "peer_sheet/XA".
const KindPeer = "peer_sheet"

// Peer is what another state published, as it was last taken in.
type Peer struct {
	Sheet  Sheet  `json:"sheet"`
	Source string `json:"source"` // where it was published
	By     By     `json:"by"`
}

// TakePeer takes in what another state published.
type TakePeer struct {
	Sheet  Sheet
	Source string
}

// Stream is the stream of the state whose sheet it is.
func (c TakePeer) Stream() event.Stream { return event.StreamOf(KindPeer, c.Sheet.State) }

// PeerTaken says what another state published.
type PeerTaken struct {
	Sheet  Sheet  `json:"sheet"`
	Source string `json:"source"`
}

// EventType implements event.Event.
func (PeerTaken) EventType() string { return "peer_sheet.taken" }

// DecidePeer takes in a sheet of another state that is newer than the one held.
func DecidePeer(p *Peer, c TakePeer, own string) ([]event.New, error) {
	bad := invalid()
	if err := c.Sheet.check(); err != nil {
		bad.Field("file", "instruments.sheet.unreadable").Because(err)
	} else if c.Sheet.State == own {
		bad.Field("file", "instruments.sheet.own")
	} else if c.Sheet.Day < p.Sheet.Day {
		bad.Field("file", "instruments.sheet.older", "day", string(p.Sheet.Day))
	}
	source := words(bad, "source", c.Source, 2*maxLine)
	if err := bad.Or(); err != nil {
		return nil, err
	}
	return []event.New{{Stream: c.Stream(), Event: PeerTaken{c.Sheet, source}}}, nil
}

// Apply implements event.State.
func (p *Peer) Apply(r event.Recorded) error {
	e, ok := r.Event.(PeerTaken)
	if !ok {
		return fmt.Errorf("instruments: a sheet of another state does not know %q", r.Event.EventType())
	}
	*p = Peer{e.Sheet, e.Source, event.ByOf(r)}
	return nil
}

// Rows implements event.State: few states publish one, and they are read together.
func (p *Peer) Rows() []event.Row { return nil }
