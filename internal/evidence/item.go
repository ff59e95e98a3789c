package evidence

import (
	"fmt"
	"time"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
)

// KindItem is the kind of the streams of items: "evidence/ID".
const KindItem = "evidence"

// Kind is what sort of source an item is. Most are Document: somebody published
// or wrote it.
type Kind string

// The kinds.
const (
	Document  Kind = ""
	Reply     Kind = "reply"             // of an embassy or a department that was asked
	Statement Kind = "partner_statement" // of another state
	Summary   Kind = "civil_society"     // of what civil society told us, reviewed
)

// Kinds in their order.
var Kinds = []Kind{Document, Reply, Statement, Summary}

// Origins say whom we asked for what a summary holds, as closely as is ever
// recorded: nobody can be found by it.
var Origins = []string{"organisations", "researchers", "unasked"}

// Item is one source.
type Item struct {
	ID          string        `json:"id"`
	Country     string        `json:"country,omitempty"` // that it is about, "" for none
	Party       string        `json:"party,omitempty"`   // entry of the register that it is about, "" for none
	Marking     Marking       `json:"marking"`
	Compartment string        `json:"compartment,omitempty"`
	Grade       Grade         `json:"grade"`
	Published   deadline.Date `json:"published"`         // the day on which the source said so
	Expires     deadline.Date `json:"expires,omitempty"` // last day on which it may be relied on
	Language    string        `json:"language,omitempty"`
	Kind        Kind          `json:"kind,omitempty"`
	Asked       string        `json:"asked,omitempty"`   // of a summary: whom we asked, no closer than Origins
	Partner     string        `json:"partner,omitempty"` // of a statement: the state that made it
	Leaf        string        `json:"leaf,omitempty"`    // of a statement that came by the exchange: which
	Copy        *Copy         `json:"copy,omitempty"`
	Details     Details       `json:"details"`

	Translation *Translation   `json:"translation,omitempty"`
	Withdrawn   *Withdrawal    `json:"withdrawn,omitempty"`
	Past        []Change       `json:"past,omitempty"` // changes of grade and of expiry, oldest first
	Added       By             `json:"added"`
	Changed     time.Time      `json:"changed"`
	Erased      *event.Erasure `json:"erased,omitempty"`
}

// Details are who said what, and where. They are sealed under the item's key, so
// that erasing a source erases it wherever it is cited.
type Details struct {
	Title   string `json:"title"`
	Source  string `json:"source"`            // who says so: the body, the author, the series
	Address string `json:"address,omitempty"` // on the web or in an archive
	Says    string `json:"says"`              // what it says that matters, in our words or quoted
}

// Copy is the archived copy in the vault.
type Copy struct {
	Document string `json:"document"`
	Hash     string `json:"hash"`
	Title    string `json:"title,omitempty"`
}

// Translation is what the source says in another language.
type Translation struct {
	Language string `json:"language"`
	Text     string `json:"text,omitempty"`
	Official bool   `json:"official,omitempty"` // by a sworn translator or the source itself
	By       By     `json:"by"`
}

// Withdrawal says why nobody may rest on the source any more.
type Withdrawal struct {
	Reason string `json:"reason,omitempty"`
	By     By     `json:"by"`
}

// Change is a grade or an expiry that was replaced.
type Change struct {
	Grade   Grade         `json:"grade,omitempty"`
	Expires deadline.Date `json:"expires,omitempty"`
	Reason  string        `json:"reason,omitempty"` // why it was replaced
	By      By            `json:"by"`
}

// By is who did something, and when.
type By = event.By

// Stands tells whether something new may rest on the item on a day.
func (i *Item) Stands(on deadline.Date) bool {
	return i.ID != "" && i.Withdrawn == nil && i.Erased == nil && !i.Expired(on)
}

// Expired tells whether the item is too old to be relied on, on a day.
func (i *Item) Expired(on deadline.Date) bool { return i.Expires != "" && i.Expires < on }

// Citation is the source in one line: what a fact that rests on it names.
func (i *Item) Citation() string {
	if i.Details.Source == "" || i.Details.Source == i.Details.Title {
		return i.Details.Title
	}
	return i.Details.Title + ", " + i.Details.Source
}

// Added puts an item into the library.
type Added struct {
	Country     string                 `json:"country,omitempty"`
	Party       string                 `json:"party,omitempty"`
	Marking     Marking                `json:"marking"`
	Compartment string                 `json:"compartment,omitempty"`
	Grade       Grade                  `json:"grade"`
	Published   deadline.Date          `json:"published"`
	Expires     deadline.Date          `json:"expires,omitempty"`
	Language    string                 `json:"language,omitempty"`
	Kind        Kind                   `json:"kind,omitempty"`
	Asked       string                 `json:"asked,omitempty"`
	Partner     string                 `json:"partner,omitempty"`
	Leaf        string                 `json:"leaf,omitempty"`
	Copy        *Copy                  `json:"copy,omitempty"`
	Details     event.Private[Details] `json:"details"`
}

// Regraded gives an item another grade.
type Regraded struct {
	Grade  Grade                 `json:"grade"`
	Reason event.Private[string] `json:"reason"`
}

// Prolonged moves the day until which an item may be relied on.
type Prolonged struct {
	Until  deadline.Date         `json:"until"`
	Reason event.Private[string] `json:"reason"`
}

// Translated adds a translation, or replaces one.
type Translated struct {
	Language string                `json:"language"`
	Official bool                  `json:"official,omitempty"`
	Text     event.Private[string] `json:"text"`
}

// Withdrawn says that nobody may rest on the item any more.
type Withdrawn struct {
	Reason event.Private[string] `json:"reason"`
}

// EventType is "evidence.added".
func (Added) EventType() string { return "evidence.added" }

// EventType is "evidence.regraded".
func (Regraded) EventType() string { return "evidence.regraded" }

// EventType is "evidence.prolonged".
func (Prolonged) EventType() string { return "evidence.prolonged" }

// EventType is "evidence.translated".
func (Translated) EventType() string { return "evidence.translated" }

// EventType is "evidence.withdrawn".
func (Withdrawn) EventType() string { return "evidence.withdrawn" }

// Apply folds one more event in.
func (i *Item) Apply(r event.Recorded) error {
	by := event.ByOf(r)
	i.Changed = r.Time
	switch e := r.Event.(type) {
	case Added:
		*i = Item{
			ID: r.Stream.ID(), Country: e.Country, Party: e.Party, Marking: e.Marking, Compartment: e.Compartment, Grade: e.Grade,
			Published: e.Published, Expires: e.Expires, Language: e.Language, Kind: e.Kind, Asked: e.Asked, Partner: e.Partner, Leaf: e.Leaf, Copy: e.Copy, Details: e.Details.Value, Erased: e.Details.Erased,
			Added: by, Changed: r.Time,
		}
	case Regraded:
		i.Past = append(i.Past, Change{Grade: i.Grade, Reason: e.Reason.Value, By: by})
		i.Grade = e.Grade
	case Prolonged:
		i.Past = append(i.Past, Change{Expires: i.Expires, Reason: e.Reason.Value, By: by})
		i.Expires = e.Until
	case Translated:
		i.Translation = &Translation{Language: e.Language, Text: e.Text.Value, Official: e.Official, By: by}
	case Withdrawn:
		i.Withdrawn = &Withdrawal{Reason: e.Reason.Value, By: by}
	default:
		return fmt.Errorf("evidence: an item does not know %q", r.Event.EventType())
	}
	return nil
}

// Rows are the item's list columns and its search text. Each table has id and
// stream besides these:
//
//	evidence_row  id = item id
//	  country text, party text, compartment text, marking text, kind text, grade text, title text, source text,
//	  published text, expires text ("9999-12-31" for never), withdrawn bool, changed time
//	search        id = stream
//	  kind "evidence", org "", compartment text, title text, text text
func (i *Item) Rows() []event.Row {
	if i.ID == "" {
		return nil
	}
	expires := i.Expires
	if expires == "" {
		expires = never
	}
	translated := ""
	if i.Translation != nil {
		translated = i.Translation.Text
	}
	rows := []event.Row{
		{Table: "evidence_row", ID: i.ID, Columns: []event.Column{
			event.C("country", i.Country), event.C("party", i.Party), event.C("compartment", i.Compartment), event.C("marking", string(i.Marking)),
			event.C("kind", string(i.Kind)), event.C("grade", string(i.Grade)), event.C("title", i.Details.Title), event.C("source", i.Details.Source),
			event.C("published", string(i.Published)), event.C("expires", string(expires)),
			event.C("withdrawn", i.Withdrawn != nil), event.C("changed", i.Changed),
		}},
		{Table: "search", ID: KindItem + "/" + i.ID, Columns: []event.Column{
			event.C("kind", KindItem), event.C("org", ""), event.C("compartment", i.Compartment), event.C("title", i.Details.Title),
			event.C("text", i.Details.Title+"\n"+i.Details.Source+"\n"+i.Details.Says+"\n"+translated),
		}},
	}
	if i.Expires != "" && i.Withdrawn == nil && i.Erased == nil {
		rows = append(rows, event.Row{Table: "duty_row", ID: KindItem + "/" + i.ID, Columns: []event.Column{
			event.C("account", i.Added.Account), event.C("role", ""), event.C("kind", KindItem), event.C("title", i.Details.Title),
			event.C("href", "/evidence/"+i.ID), event.C("compartment", i.Compartment), event.C("due", string(i.Expires)),
		}})
	}
	return rows
}

// never is a day that does not come: rows compare days as texts.
const never deadline.Date = "9999-12-31"
