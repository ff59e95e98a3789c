package screening

// EngineVersion names the rules of folding, finding and scoring. Two answers
// of one version, one index hash and one set of settings are byte-identical.
const EngineVersion = "comity-screening/2"

// Query asks who a party is like. Name alone is enough; so is one identifier.
type Query struct {
	Name    string   `json:"name"`
	Aliases []string `json:"aliases,omitempty"` // other names of the same party
	Type    Type     `json:"type,omitempty"`
	Country string   `json:"country,omitempty"` // ISO alpha-2 where known, or a country's English name
	Birth   string   `json:"birth,omitempty"`   // "1961", "1961-05" or "1961-05-07"
	IDs     []Ident  `json:"ids,omitempty"`
	Address string   `json:"address,omitempty"`
}

// Fields says what of a query is used.
type Fields string

// The settings of Fields. The zero value means FieldsAll.
const (
	FieldsAll  Fields = "all"
	FieldsName Fields = "name"
)

// SearchOptions bound and tune one search.
type SearchOptions struct {
	Fields   Fields  `json:"fields,omitempty"`
	Limit    int     `json:"limit,omitempty"`     // most hits; 0 means 20, never above 100
	MinScore float64 `json:"min_score,omitempty"` // hits below are left out; 0 keeps all
}

// Band is the strength of a hit in one word, by its alert rate.
type Band string

// The bands. Strong: at most one ordinary name in a thousand looks as much like
// a listed one, and the score is at least 0.5; possible: at most one in fifty,
// and at least 0.25; weak: the rest. An ambiguous hit is possible at most.
const (
	Strong   Band = "strong"
	Possible Band = "possible"
	Weakly   Band = "weak"
)

// Hit is one listed party that the query is like.
type Hit struct {
	EntityID  string   `json:"id"`
	Score     float64  `json:"score"`      // 0 to 1, higher is stronger
	AlertRate float64  `json:"alert_rate"` // estimated share of ordinary names that score as high against this index
	Band      Band     `json:"band"`
	Ambiguous bool     `json:"ambiguous,omitempty"` // the name agrees but many people bear it: alone it may not block or refuse
	AskFor    []string `json:"ask_for,omitempty"`   // what would settle it: "birth", "country", "id", "address", "full_name"
	List      string   `json:"list"`
	Type      Type     `json:"type,omitempty"`
	Shown     string   `json:"shown"`               // the entity's first primary name
	Matched   string   `json:"matched"`             // the listed name that agrees best; empty for an identifier alone
	ByID      bool     `json:"by_id,omitempty"`     // an identifier agrees
	Qualifies []string `json:"qualifies,omitempty"` // what agreed, contradicted or was missing: "birth:agrees", "country:contradicts", ...
}

// Searched says what was searched and how, so that an answer can be replayed.
type Searched struct {
	IndexHash string        `json:"index"`  // hash of the entities indexed
	Engine    string        `json:"engine"` // EngineVersion
	Rules     string        `json:"rules"`  // hash of the word lists and the numbers of the scoring
	Rates     string        `json:"rates"`  // hash of the index that the alert rates were estimated with
	Options   SearchOptions `json:"options"`
	Entities  int           `json:"entities"`
	Names     int           `json:"names"`
	Lists     []string      `json:"lists"`               // short names of the lists searched, sorted
	Truncated bool          `json:"truncated,omitempty"` // the name was longer than is read
	Unread    bool          `json:"unread,omitempty"`    // nothing in the name could be read: no answer is not "no match"
}

// Answer is what a search found.
type Answer struct {
	Hits     []Hit    `json:"hits"`
	Searched Searched `json:"searched"`
}

// Span is a stretch of a text in bytes, [Start, End).
type Span struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// WordMatch says how words of the query met words of a listed name.
type WordMatch struct {
	Query  []Span  `json:"query"`  // in the query's name
	Listed []Span  `json:"listed"` // in the listed name
	How    How     `json:"how"`
	Gain   float64 `json:"gain"`   // what the agreement adds, in nats of surprise
	Weight float64 `json:"weight"` // what full agreement on this word would have added
	As     string  `json:"as"`     // the words as compared: "aleksandr = aleksandr"
}

// How names the kind of a word's agreement.
type How string

// The kinds of agreement between words.
const (
	Same       How = "same"       // the same sounds
	Similar    How = "similar"    // spelt a little differently
	Translated How = "translated" // the same meaning, or the same given name in another language
	Initial    How = "initial"    // an initial that fits
	Joined     How = "joined"     // written as one word here and as several there
)

// Leftover is a word that met nothing.
type Leftover struct {
	Span   Span    `json:"span"`
	Word   string  `json:"word"`
	Weight float64 `json:"weight"`              // what it takes away, in nats
	Kind   string  `json:"kind"`                // "plain", "common", "trade", "given", "patronymic", "number", "initial", "title", "particle", "legal"
	Else   bool    `json:"elsewhere,omitempty"` // another name of the same party holds it
}

// Alignment lays one reading of the query beside one listed name.
type Alignment struct {
	QueryText  string      `json:"query_text"`
	ListedText string      `json:"listed_text"`
	ListedKind NameKind    `json:"listed_kind"`
	Score      float64     `json:"score"`     // by this name alone, before the entity's rivals and qualifiers are weighed
	Agreement  float64     `json:"agreement"` // nats of surprise that the words agree on
	Matches    []WordMatch `json:"matches"`
	QueryOver  []Leftover  `json:"query_leftover"`
	ListedOver []Leftover  `json:"listed_leftover"`
	Notes      []string    `json:"notes,omitempty"` // why it is not stronger, in plain English
}

// Qualifier says what a fact beside the name did.
type Qualifier struct {
	Field  string `json:"field"`  // "id", "birth", "country", "type", "address"
	Effect string `json:"effect"` // "agrees", "close", "contradicts", "missing in query", "missing in list"
	Query  string `json:"query,omitempty"`
	Listed string `json:"listed,omitempty"`
}

// Explanation says why an entity was or was not found.
type Explanation struct {
	EntityID   string      `json:"id"`
	Found      bool        `json:"found"` // the entity is in the index
	Score      float64     `json:"score"`
	AlertRate  float64     `json:"alert_rate"`
	Band       Band        `json:"band"`
	Ambiguous  bool        `json:"ambiguous,omitempty"`
	AskFor     []string    `json:"ask_for,omitempty"`
	Alignments []Alignment `json:"alignments"` // best first, at most five
	Qualifiers []Qualifier `json:"qualifiers"`
	Notes      []string    `json:"notes,omitempty"`
	Searched   Searched    `json:"searched"`
}
