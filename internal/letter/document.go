// Package letter makes documents for people: what the authority asks, intends,
// refuses and licenses.
//
// A letter is a Document: typed content without looks. The builders
// (RequestForInformation, Refusal, Licence ...) make one from plain structs and
// from sentences of the message catalogue; HTML and PDF draw the same Document,
// accessible HTML first. Start reading at Document, then at one builder.
//
// Three promises. The same Document gives the same bytes. Nothing is in the file
// but what the Document holds. Nothing prints as an empty box: a passage in a
// script that the PDF has no font for is transliterated, and the page says so.
package letter

import "github.com/comity-project/comity/internal/deadline"

// Kind says what a letter is for. It names the catalogue keys of the letter and
// the class of its HTML article.
type Kind string

// The kinds of letter.
const (
	KindAcknowledgement Kind = "acknowledgement"
	KindReturn          Kind = "return"
	KindRequest         Kind = "request"
	KindIntention       Kind = "intention"
	KindRefusal         Kind = "refusal"
	KindLicence         Kind = "licence"
	KindNoLicence       Kind = "no_licence"
	KindInformed        Kind = "informed"

	KindAppeal         Kind = "appeal"          // an appeal has arrived
	KindAppealDecision Kind = "appeal_decision" // what became of it
	KindReopened       Kind = "reopened"        // the case is decided anew
	KindVariation      Kind = "variation"
	KindAnswer         Kind = "answer"
	KindCertificate    Kind = "certificate"
)

// Direction is the way a text runs.
type Direction string

// The directions. Auto is for passages: the first letter decides.
const (
	Auto Direction = ""
	LTR  Direction = "ltr"
	RTL  Direction = "rtl"
)

// Document is a letter as content.
type Document struct {
	Kind      Kind
	Reference string        // of the case, as people write it
	Date      deadline.Date // the date of the letter
	DateText  string        // the same day in words of the letter's language
	Language  string        // BCP 47 tag
	Direction Direction     // of the whole letter; Auto means LTR
	Authority Office        // who writes
	To        Addressee     // who is written to
	Title     string
	Blocks    []Block
	Labels    Labels
}

// Office is the authority that writes the letter.
type Office struct {
	Name  string   // "Norland Export Control Authority"
	Lines []string // address, telephone, e-mail: one line each
}

// Addressee is the person or organisation written to.
type Addressee struct {
	Name  Run
	Lines []Run // attention of, address
}

// Labels are the few words that drawing needs in the letter's language. Builders
// fill them from the catalogue.
type Labels struct {
	Reference, Date, To, From string
	Page                      string // with {page} and {pages}
	Transliterated            string // with {script}: "transliterated from {script} script"
	Scripts                   map[string]string
	OtherScript               string // what to call a script that Scripts does not name
	Checked, Unchecked        string // what a ticked and an empty box are called
}

// Run is a stretch of text in a block.
type Run struct {
	Text      string
	Strong    bool
	Language  string    // where it differs from the document's
	Direction Direction // where it differs from the document's
	Isolate   bool      // given by someone else: keep it from turning the text around it
}

// Block is one piece of a letter: Heading, Paragraph, List, Definitions, Table,
// Checkbox, Signature, Check or Notice.
type Block interface{ block() }

// Heading starts a section. Level 2 is a section of the letter (the title is
// level 1), 3 a section of a section.
type Heading struct {
	Level   int
	Text    string
	NewPage bool // starts a page of its own: an annex
}

// Paragraph is running text.
type Paragraph struct{ Runs []Run }

// List is a list of points; numbered where readers will refer to a point.
type List struct {
	Numbered bool
	Items    [][]Run
}

// Definitions are terms with what they stand for: "Valid until" - "1 May 2027".
type Definitions struct{ Items []Definition }

// Definition is one term and its meaning.
type Definition struct {
	Term string
	Runs []Run
}

// Table has a header row that is repeated on every page it reaches.
type Table struct {
	Caption string
	Columns []Column
	Rows    [][]Cell // each as long as Columns; the first cell heads its row
}

// Column is one column of a Table.
type Column struct {
	Header string
	Weight int  // share of the width; 0 means 1
	Figure bool // numbers: aligned to the end
}

// Cell is the content of one place in a Table.
type Cell []Run

// Checkbox is a statement with a box that is ticked or not.
type Checkbox struct {
	Checked bool
	Runs    []Run
}

// Signature closes a letter.
type Signature struct {
	Closing string // "For the authority"
	Name    string
	Role    string
}

// Check is the box that tells anyone how to check that a licence is genuine.
type Check struct {
	Title   string
	Text    string // what to do, and what the answer proves and does not prove
	Address string // where to enter the code
	Code    string // random; printed in groups as given
	AddressLabel,
	CodeLabel string
	Mark      string // what the square code carries; empty for none
	MarkLabel string // what the square code is, for those who can't see it
}

// Notice is a passage set apart: a right, a duty or a limit not to be overlooked.
type Notice struct {
	Title string
	Runs  []Run
}

func (Heading) block()     {}
func (Paragraph) block()   {}
func (List) block()        {}
func (Definitions) block() {}
func (Table) block()       {}
func (Checkbox) block()    {}
func (Signature) block()   {}
func (Check) block()       {}
func (Notice) block()      {}

// Text is one plain run, in the language of the letter.
func Text(s string) []Run { return []Run{{Text: s}} }

func (d Document) rtl() bool { return d.Direction == RTL }
