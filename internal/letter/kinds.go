package letter

import (
	"strconv"

	"github.com/comity-project/comity/internal/deadline"
)

// ReceiptFacts are what an acknowledgement of receipt says.
type ReceiptFacts struct {
	Head
	Received  deadline.Date
	Lines     int // lines of goods, software, technology or services
	Documents int
	DecideBy  deadline.Date // the day the authority aims at; empty where none is set
	Contact   string
}

// Acknowledgement tells the applicant that the application has arrived and what
// comes next. It is no judgement on the application.
func Acknowledgement(t Texts, f ReceiptFacts) Document {
	b := begin(t, KindAcknowledgement, f.Head)
	b.say("opening", "reference", f.Reference, "date", day(t, f.Received))
	b.add(Definitions{Items: []Definition{
		{b.key("lines"), Text(strconv.Itoa(f.Lines))},
		{b.key("documents"), Text(strconv.Itoa(f.Documents))},
		{b.key("received"), Text(day(t, f.Received))},
	}})
	b.heading("next.heading")
	b.say("next")
	if f.DecideBy != "" {
		b.say("by", "date", day(t, f.DecideBy))
	}
	b.contact(f.Contact)
	b.say("no_export")
	return b.sign(f.Signatory)
}

func (b *builder) contact(contact string) {
	if contact != "" {
		b.add(Paragraph{Runs: []Run{{Text: b.t.T("letter.label.contact") + " "}, {Text: contact, Isolate: true}}})
	}
}

// ReturnFacts are what a letter says that returns an incomplete application.
type ReturnFacts struct {
	Head
	Missing []Releasable // what has to be added or put right, point by point
	Address string       // where to send it again
	Contact string
}

// Return sends an incomplete application back: what is missing, and that no clock
// has begun to run.
func Return(t Texts, f ReturnFacts) Document {
	b := begin(t, KindReturn, f.Head)
	b.say("opening", "reference", f.Reference)
	b.heading("missing.heading")
	b.add(List{Numbered: true, Items: points(f.Missing)})
	b.heading("again.heading")
	b.say("again")
	b.address(f.Address)
	b.contact(f.Contact)
	return b.sign(f.Signatory)
}

func (b *builder) address(address string) {
	if address != "" {
		b.add(Paragraph{Runs: []Run{{Text: address, Strong: true, Isolate: true}}})
	}
}

// Question is one question of a request for information.
type Question struct {
	Text Releasable
	Why  Releasable // why the answer matters; may be empty
}

// RequestFacts are what a request for information says.
type RequestFacts struct {
	Head
	Questions  []Question
	ReplyBy    deadline.Date
	ClockStops bool   // the time until the reply does not count towards the authority's period
	Address    string // where to answer
	Contact    string
}

// RequestForInformation asks the applicant for what a decision still needs.
func RequestForInformation(t Texts, f RequestFacts) Document {
	b := begin(t, KindRequest, f.Head)
	b.say("opening", "reference", f.Reference)
	b.heading("questions.heading")
	items := make([][]Run, len(f.Questions))
	for i, q := range f.Questions {
		items[i] = cleared(q.Text)
		if q.Why != "" {
			items[i] = append(items[i], Run{Text: " " + b.key("why") + " "})
			items[i] = append(items[i], cleared(q.Why)...)
		}
	}
	b.add(List{Numbered: true, Items: items})
	b.heading("reply.heading")
	b.add(Notice{Title: b.key("by.title", "date", day(t, f.ReplyBy)), Runs: Text(b.key("by"))})
	b.say("reply")
	b.address(f.Address)
	if f.ClockStops {
		b.say("clock")
	}
	b.contact(f.Contact)
	return b.sign(f.Signatory)
}

// ExemptLine is one line for which no licence is needed.
type ExemptLine struct {
	Number      int
	Description Given
	Code        string // the code it was checked against; empty means none fits
}

// NoLicenceFacts are what a letter says by which no licence is required.
type NoLicenceFacts struct {
	Head
	Lines       []ExemptLine
	Destination string
	EndUser     Given
	AsOf        deadline.Date
	Lists       []string     // the lists looked at, each with its date
	Undertaken  []Releasable // what holds only as long as it is kept
	Reasons     []Releasable // why no entry and no duty applies
	Redress     []Redress
}

// NoLicenceRequired tells that the listed lines need no licence on that day, and
// what would change that.
func NoLicenceRequired(t Texts, f NoLicenceFacts) Document {
	b := begin(t, KindNoLicence, f.Head)
	b.say("opening", "reference", f.Reference, "date", day(t, f.AsOf))
	b.exempt(f.Lines)
	b.add(Definitions{Items: []Definition{
		{b.t.T("letter.label.destination"), []Run{{Text: f.Destination, Isolate: true}}},
		{b.t.T("letter.label.end_user"), []Run{f.EndUser.run()}},
	}})
	if len(f.Undertaken) > 0 {
		b.heading("undertaking.heading")
		b.say("undertaking")
		b.reasons(f.Undertaken)
	}
	if len(f.Reasons)+len(f.Lists) > 0 {
		b.heading("why.heading")
	}
	b.reasons(f.Reasons)
	if len(f.Lists) > 0 {
		b.say("lists")
		items := make([][]Run, len(f.Lists))
		for i, l := range f.Lists {
			items[i] = []Run{{Text: l, Isolate: true}}
		}
		b.add(List{Items: items})
	}
	b.add(Notice{Title: b.key("limit.title"), Runs: Text(b.key("limit"))})
	b.redress(f.Redress)
	return b.sign(f.Signatory)
}

// exempt adds lines with the code that each was checked against.
func (b *builder) exempt(lines []ExemptLine) {
	rows := make([][]Cell, len(lines))
	for i, l := range lines {
		code := l.Code
		if code == "" {
			code = b.t.T("letter.no_licence.no_code")
		}
		rows[i] = []Cell{Text(strconv.Itoa(l.Number)), {l.Description.run()}, {{Text: code, Isolate: true}}}
	}
	b.add(Table{Caption: b.t.T("letter.table.lines"), Columns: []Column{
		{Header: b.t.T("letter.table.line"), Weight: 1, Figure: true},
		{Header: b.t.T("letter.table.item"), Weight: 6},
		{Header: b.t.T("letter.table.code"), Weight: 2},
	}, Rows: rows})
}

// InformedFacts are what a letter says by which a licence is needed though no
// control list says so.
type InformedFacts struct {
	Head
	Number      string // of the letter
	Items       Releasable
	Users       Releasable // end users that it is about; empty: any
	Destination string     // country; empty: any
	Text        Releasable // why, as far as it may be told
	Basis       Releasable // the provision
	Contact     string
}

// Informed tells an exporter that a licence is needed, for what, and what to do
// now.
func Informed(t Texts, f InformedFacts) Document {
	b := begin(t, KindInformed, f.Head)
	b.say("opening", "number", f.Number)
	items := []Definition{{b.key("items"), cleared(f.Items)}}
	if f.Users != "" {
		items = append(items, Definition{b.key("users"), cleared(f.Users)})
	}
	if f.Destination != "" {
		items = append(items, Definition{b.key("destination"), Text(f.Destination)})
	}
	b.add(Definitions{Items: append(items, Definition{b.key("basis"), cleared(f.Basis)})})
	b.heading("why.heading")
	b.add(Paragraph{Runs: cleared(f.Text)})
	b.heading("now.heading")
	b.say("now")
	b.contact(f.Contact)
	return b.sign(f.Signatory)
}
