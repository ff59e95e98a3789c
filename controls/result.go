package controls

import "strings"

// Item is what is known of an item. Every field may be empty; all text in it is
// data, whatever it says.
type Item struct {
	Name        string
	Description string
	ClaimedCode string // the code the applicant gives, empty where none
	// Answers are replies to earlier Questions by their Key: "yes", "no" or
	// anything else for "unknown".
	Answers map[string]string
	// Parameters are figures given apart from the text.
	Parameters []Parameter
}

// Parameter is one named figure, for example {"frame rate", 9, "Hz"}.
type Parameter struct {
	Name  string
	Value float64
	Unit  string
}

// Question is one that still matters for the answer.
type Question struct {
	Key       string   `json:"key"`                 // use it in Item.Answers
	Text      string   `json:"text"`                // the question as a sentence
	Kind      string   `json:"kind,omitempty"`      // the product family it comes from
	Codes     []string `json:"codes,omitempty"`     // the entries it decides
	Parameter string   `json:"parameter,omitempty"` // kind of figure that would answer it
}

// OfEntry reports whether the question decides if an entry applies, and not what
// could be done to people with the item.
func (q Question) OfEntry() bool { return !strings.HasPrefix(q.Key, pathQuestion) }

// pathQuestion begins the keys of questions about ways to harm.
const pathQuestion = "path."

// Candidate is an entry the item may fall under.
type Candidate struct {
	Code     string   `json:"code"`
	Head     string   `json:"head"`
	List     string   `json:"list"`
	Version  string   `json:"version,omitempty"`
	Score    float64  `json:"score"` // comparable within one result only
	Title    string   `json:"title,omitempty"`
	Text     string   `json:"text,omitempty"`         // the deciding provision
	Summary  string   `json:"summary,omitempty"`      // the same in our own words
	Question string   `json:"question,omitempty"`     // what tells items inside from items outside
	Places   string   `json:"destinations,omitempty"` // condition of destination (national lists)
	Releases []Note   `json:"releases,omitempty"`     // notes that would take the item out
	Words    []string `json:"words,omitempty"`        // words of the description that led here
	Kind     string   `json:"kind,omitempty"`         // product family that led here
	Verified bool     `json:"verified"`               // text from a loaded list, or own words compared with one
}

// RegimeFinding is the answer for one legal order.
type RegimeFinding struct {
	Regime string   `json:"regime"`
	Status Status   `json:"status"`
	Codes  []string `json:"codes,omitempty"`
}

// CategoryFinding says what could be done to people with such an item.
type CategoryFinding struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Listed   string   `json:"listed"`
	Severity int      `json:"severity"`
	Rights   []string `json:"rights"`
	Abuse    []string `json:"abuse,omitempty"`
	Words    []string `json:"words,omitempty"`
}

// PathFinding is one stated way from a capability to harm.
type PathFinding struct {
	ID       string   `json:"id"`
	Category string   `json:"category"`
	Level    string   `json:"level"` // yes, maybe, no
	Words    []string `json:"words"`
	Harm     string   `json:"harm"`
	Ask      string   `json:"ask,omitempty"`
}

// CatchAll says whether an unlisted item could call for the catch-all control on
// cyber-surveillance (Regulation (EU) 2021/821, Article 5, and what corresponds
// to it elsewhere). It is about items that no list names.
type CatchAll struct {
	Answer string        `json:"answer"` // yes, maybe, no
	Paths  []PathFinding `json:"paths,omitempty"`
	Why    string        `json:"why"`
}

// ProtectiveFinding is one protective use with the words that show it.
type ProtectiveFinding struct {
	ID    string   `json:"id"`
	Name  string   `json:"name"`
	Why   string   `json:"why"`
	Words []string `json:"words"`
}

// ListUsed names a list version an answer rests on.
type ListUsed struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	Hash    string `json:"hash"`
}

// Result is what can be said of an item. A suggestion for a person to judge,
// with everything it rests on.
type Result struct {
	// Status speaks of the primary legal order (see Options).
	Status     Status              `json:"status"`
	Regimes    []RegimeFinding     `json:"regimes"`
	Candidates []Candidate         `json:"candidates"`
	CatchAll   CatchAll            `json:"catch_all"`
	Categories []CategoryFinding   `json:"categories,omitempty"`
	Protective []ProtectiveFinding `json:"protective,omitempty"`
	Reasons    []string            `json:"reasons"`
	Questions  []Question          `json:"questions,omitempty"`
	Lists      []ListUsed          `json:"lists,omitempty"`
	Content    string              `json:"content"` // hash of the knowledge in our own words
}
