package assessment

import "github.com/comity-project/comity/policy"

// Classifier says what an item may be. It suggests; people confirm.
type Classifier interface {
	Classify(Item) Suggestions
}

// Screener says whom a party is like in the lists it holds.
type Screener interface {
	// Screen returns the listed parties that the names are like, best first.
	Screen(Subject) []Hit
	// Lists are the lists searched; NotSearched those that should have been.
	Lists() []Searched
	NotSearched() []string
}

// Item is what a classifier is told of a line. Text in it is data: instructions
// in a product sheet change nothing.
type Item struct {
	PartNumber, Description, Sheet, ClaimedCode string
}

// Suggestions are what an item may be.
type Suggestions struct {
	Status     string      `json:"status"`               // "listed", "not_listed", "needs_expert"; speaks of the lists used
	Candidates []Candidate `json:"candidates"`           // best first
	Categories []string    `json:"categories,omitempty"` // kinds of item it may be, best first
	CatchAll   string      `json:"catch_all,omitempty"`  // "yes", "maybe", "no"
	Protective []string    `json:"protective,omitempty"` // protective uses found, in words
	Questions  []string    `json:"questions,omitempty"`  // what would decide
	Reasons    []string    `json:"reasons,omitempty"`
	Lists      []string    `json:"lists,omitempty"` // control lists used, with version
}

// Candidate is one entry of a control list.
type Candidate struct {
	List     string   `json:"list,omitempty"`
	Code     string   `json:"code"`
	Score    float64  `json:"score"`
	Text     string   `json:"text,omitempty"`     // the deciding provision
	Question string   `json:"question,omitempty"` // that decides
	Releases []string `json:"releases,omitempty"` // notes that would take the item out
}

// Subject is what a screener is told of one name of a party.
type Subject struct {
	Party   string
	Name    string
	Aliases []string
	Person  bool
	Country string
	Address string
	IDs     []Ident
}

// Engines are what Assess works with. Pack is needed; without a Classifier
// nothing is suggested, and without a Screener nothing was searched.
type Engines struct {
	Pack         *policy.Pack
	Classifier   Classifier
	Screener     Screener
	Destinations Destinations
}
