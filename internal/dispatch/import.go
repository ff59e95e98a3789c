package dispatch

import (
	"fmt"
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
)

// KindImport is the kind of the streams of what came into collections:
// "import/ID", one for each file and, where an account posts, one for its day.
const KindImport = "import"

// The ways in which objects come into a collection.
const (
	ByFile  = "file"
	ByTAXII = "taxii"
	ByFeed  = "feed"
)

// Origin is where an import came from, in words.
type Origin struct {
	Provenance
	Name string `json:"name,omitempty"` // of the file, or of the account
}

// Events on an import.
type (
	// ImportBegan begins one. Its number marks its objects.
	ImportBegan struct {
		Number     int64                 `json:"number"`
		Collection string                `json:"collection"`
		Way        string                `json:"way"`
		By         string                `json:"by"`                 // who may revise what came: an account, or the source by its name's hash
		Document   string                `json:"document,omitempty"` // the file as it came
		Digest     string                `json:"digest,omitempty"`   // of it
		Total      int64                 `json:"total,omitempty"`    // objects in it
		From       event.Private[Origin] `json:"from"`
	}
	// ImportBrought says that objects were kept: count of them, of which some
	// are held aside as invalid and some wait for those. Head chains the
	// commitments of all that the import brought so far.
	ImportBrought struct {
		Count   int64  `json:"count"`
		Held    int64  `json:"held,omitempty"`
		Waiting int64  `json:"waiting,omitempty"`
		Had     int64  `json:"had,omitempty"`     // here already, the same
		Refused int64  `json:"refused,omitempty"` // not kept
		Head    string `json:"head"`
	}
	// ImportRemoved says that versions of an object were removed: the account
	// that brought them asked for it.
	ImportRemoved struct {
		Object string  `json:"object"`
		Places []int64 `json:"places"` // of the versions in the import
	}
)

// EventType implements event.Event.
func (ImportBegan) EventType() string { return "import.began" }

// EventType implements event.Event.
func (ImportBrought) EventType() string { return "import.brought" }

// EventType implements event.Event.
func (ImportRemoved) EventType() string { return "import.removed" }

// Import is what came into a collection in one go, or from one account in a day.
type Import struct {
	ID         string         `json:"id"`
	Number     int64          `json:"number"`
	Collection string         `json:"collection"`
	Way        string         `json:"way"`
	By         string         `json:"by"`
	From       Origin         `json:"from"`
	Document   string         `json:"document,omitempty"`
	Digest     string         `json:"digest,omitempty"`
	Total      int64          `json:"total,omitempty"`
	Count      int64          `json:"count"`
	Held       int64          `json:"held,omitempty"`
	Waiting    int64          `json:"waiting,omitempty"`
	Had        int64          `json:"had,omitempty"`
	Refused    int64          `json:"refused,omitempty"`
	Removed    int64          `json:"removed,omitempty"`
	Head       string         `json:"head,omitempty"`
	Began      event.By       `json:"began"`
	Last       time.Time      `json:"last"`
	Erased     *event.Erasure `json:"erased,omitempty"`
}

// Apply implements event.State.
func (m *Import) Apply(r event.Recorded) error {
	switch e := r.Event.(type) {
	case ImportBegan:
		*m = Import{
			ID: r.Stream.ID(), Number: e.Number, Collection: e.Collection, Way: e.Way, By: e.By, From: e.From.Value, Document: e.Document, Digest: e.Digest,
			Total: e.Total, Began: event.ByOf(r), Erased: e.From.Erased,
		}
	case ImportBrought:
		m.Count, m.Held, m.Waiting, m.Had, m.Refused, m.Head = m.Count+e.Count, m.Held+e.Held, m.Waiting+e.Waiting, m.Had+e.Had, m.Refused+e.Refused, e.Head
	case ImportRemoved:
		m.Removed += int64(len(e.Places))
	default:
		return fmt.Errorf("dispatch: an import does not know %q", r.Event.EventType())
	}
	m.Last = r.Time
	return nil
}

// Whole tells whether all that a file holds was gone through.
func (m *Import) Whole() bool { return m.Total == 0 || m.Count+m.Had+m.Refused >= m.Total }

// Rows is the import in lists. It has id and stream besides:
//
//	import_row  number int, collection text, way text, owner text, source text, licence text, admiralty text, name text,
//	            document text, total int, count int, held int, removed int, last time
func (m *Import) Rows() []event.Row {
	return []event.Row{{Table: "import_row", ID: m.ID, Columns: []event.Column{
		event.C("number", m.Number), event.C("collection", m.Collection), event.C("way", m.Way), event.C("owner", m.By),
		event.C("source", m.From.Source), event.C("licence", m.From.Licence), event.C("admiralty", m.From.Admiralty), event.C("name", m.From.Name),
		event.C("document", m.Document), event.C("total", m.Total), event.C("count", m.Count), event.C("held", m.Held+m.Waiting), event.C("removed", m.Removed),
		event.C("last", m.Last),
	}}}
}

// CheckOrigin says what of an origin is missing.
func CheckOrigin(o *Origin) error {
	bad := fault.New(fault.Invalid, "dispatch.invalid")
	o.check(bad)
	return bad.Or()
}
