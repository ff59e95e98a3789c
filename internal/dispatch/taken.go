package dispatch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/party"
)

// KindStatement is the kind of the streams of what we did with statements that
// we took in: "statement/LEAF".
const KindStatement = "statement"

// Uses are what a statement may have gone into.
var Uses = []string{"decision", "export", "download"}

// Used says that a statement went into something that stays.
type Used struct {
	What string `json:"what"` // one of Uses
	Ref  string `json:"ref"`  // of the case or the file
	Why  string `json:"why"`  // word for why it stays: "record"
}

// EventType implements event.Event.
func (Used) EventType() string { return "statement.used" }

// By is who did something, and when.
type By = event.By

// Use is one thing that a statement went into.
type Use struct {
	Used
	By By `json:"by"`
}

// Taken is what we did with a statement that we took in.
type Taken struct {
	Leaf string `json:"leaf"`
	Uses []Use  `json:"uses,omitempty"` // oldest first
}

// Apply implements event.State.
func (s *Taken) Apply(r event.Recorded) error {
	s.Leaf = r.Stream.ID()
	e, ok := r.Event.(Used)
	if !ok {
		return fmt.Errorf("dispatch: a statement does not know %q", r.Event.EventType())
	}
	s.Uses = append(s.Uses, Use{e, event.ByOf(r)})
	return nil
}

// Rows implements event.State: uses are read with the statement alone.
func (s *Taken) Rows() []event.Row { return nil }

// Kept is what stays when the statement is recalled.
func (s *Taken) Kept() (kept []Kept) {
	for _, u := range s.Uses {
		i := slices.IndexFunc(kept, func(k Kept) bool { return k.What == u.What && k.Reason == u.Why })
		if i < 0 {
			kept = append(kept, Kept{What: u.What, Reason: u.Why})
			i = len(kept) - 1
		}
		kept[i].Count++
	}
	return kept
}

// Why something stays, as the receipt says it to the issuer, where the program
// itself notes the use. None tells which case it was.
const (
	WhyCited    = "cited in the assessment of a case, whose record stays"
	WhyTold     = "stands behind reasons that an applicant was told, on record"
	WhyLibrary  = "noted as a source in the library of the authority"
	WhyDownload = "in a written assessment that was saved as a file"
	WhySaved    = "saved as a file of STIX"
)

// NoteUse notes that a statement went into something that stays. Ref names it: the
// case of a decision, the file of an export.
type NoteUse struct {
	Leaf string
	What string
	Ref  string
	Why  string // why it stays, in a few words: the receipt says it to the issuer
}

// Stream is the statement's stream.
func (c NoteUse) Stream() event.Stream { return event.StreamOf(KindStatement, c.Leaf) }

// maxWhy bounds the reason on a receipt, in characters.
const maxWhy = 200

// DecideTaken turns the command into an event. A use is noted once.
func DecideTaken(s *Taken, c NoteUse) ([]event.New, error) {
	e := fault.New(fault.Invalid, "dispatch.invalid")
	if !slices.Contains(Uses, c.What) {
		e.Field("what", "dispatch.use.unknown")
	}
	if c.Why = strings.TrimSpace(c.Why); c.Why == "" || !party.Bounded(c.Why, maxWhy) {
		e.Field("why", "dispatch.use.why", "max", maxWhy)
	}
	if !party.Bounded(c.Ref, maxWhy) {
		e.Field("ref", "dispatch.long", "max", maxWhy)
	}
	if err := e.Or(); err != nil {
		return nil, err
	}
	u := Used{What: c.What, Ref: c.Ref, Why: c.Why}
	if slices.ContainsFunc(s.Uses, func(x Use) bool { return x.Used == u }) {
		return nil, nil
	}
	return []event.New{{Stream: c.Stream(), Event: u}}, nil
}

// Events are one zero value of each event of this package, for the registry.
func Events() []event.Event {
	return []event.Event{
		Received{},
		Disposed{},
		Granted{},
		Contradicted{},
		Used{},
		Settled{},
		Written{},
		Checked{},
		Read{},
		Issued{},
		Recalled{},
		Dropped{},
		FeedSubscribed{},
		FeedFetched{},
		FeedFailed{},
		FeedStopped{},
		Raised{},
		Considered{},
		NothingToReport{},
		CollectionOpened{},
		Allowed{},
		CollectionClosed{},
		ImportBegan{},
		ImportBrought{},
		ImportRemoved{},
	}
}
