package letter

import (
	"strconv"

	"github.com/comity-project/comity/internal/deadline"
)

// RefusedLine is one line that is, or may be, refused.
type RefusedLine struct {
	Number      int
	Description Given
	Quantity    string // with its unit, as people write it
	EndUser     Given
}

// Ground is a rule on which a refusal rests.
type Ground struct {
	Provision string // the rule, as it is cited
	Text      Releasable
}

// Withheld says that something weighed in the decision and cannot be told. What
// it is stays out: its category and the law that forbids telling are named.
type Withheld struct {
	Category Releasable // such as "information received from another state"
	Basis    string     // the provision that forbids disclosing it
}

// IntentionFacts are what an intention to refuse says.
type IntentionFacts struct {
	Head
	Lines    []RefusedLine
	Whole    bool // the whole application, not some lines of it
	Grounds  []Ground
	Reasons  []Releasable
	Withheld []Withheld
	Law      string        // the provision that gives the right to be heard
	ReplyBy  deadline.Date // last day of the reply period
	Address  string        // where to reply
	Contact  string
}

// IntentionToRefuse hears the applicant before a refusal: what is intended, on
// what grounds, and until when a reply is weighed.
func IntentionToRefuse(t Texts, f IntentionFacts) Document {
	b := begin(t, KindIntention, f.Head)
	b.scope(f.Reference, f.Whole)
	b.add(Notice{Title: b.key("by.title", "date", day(t, f.ReplyBy)), Runs: Text(b.key("by", "law", f.Law))})
	b.refused(f.Lines)
	b.grounds(f.Grounds, f.Reasons, f.Withheld)
	b.heading("reply.heading")
	b.say("reply")
	b.address(f.Address)
	b.add(List{Items: [][]Run{Text(b.key("may.facts")), Text(b.key("may.narrow")), Text(b.key("may.heard")), Text(b.key("may.time"))}})
	b.say("silent")
	b.contact(f.Contact)
	return b.sign(f.Signatory)
}

// Redress is a way to have a decision looked at again.
type Redress struct {
	Body    string // who decides on it
	How     Releasable
	Address string
	Until   deadline.Date // last day
	Source  string        // the provision that gives it
}

// Weighed is a point of the applicant's reply and what became of it.
type Weighed struct {
	Point, Answer Releasable
}

// RefusalFacts are what a refusal says.
type RefusalFacts struct {
	Head
	Lines         []RefusedLine
	Whole         bool
	Grounds       []Ground
	Reasons       []Releasable
	Withheld      []Withheld
	ReplyReceived deadline.Date // empty where the applicant did not reply
	Weighed       []Weighed     // the points of the reply
	Redress       []Redress
	Contact       string
}

// Refusal refuses an application or lines of it: grounds, reasons that can be
// told, what became of the reply, and where and until when it can be contested.
func Refusal(t Texts, f RefusalFacts) Document {
	b := begin(t, KindRefusal, f.Head)
	b.scope(f.Reference, f.Whole)
	b.refused(f.Lines)
	b.grounds(f.Grounds, f.Reasons, f.Withheld)
	b.heading("reply.heading")
	switch {
	case f.ReplyReceived == "":
		b.say("reply.none")
	case len(f.Weighed) == 0:
		b.say("reply.received", "date", day(t, f.ReplyReceived))
	default:
		b.say("reply.weighed", "date", day(t, f.ReplyReceived))
		b.add(List{Numbered: true, Items: weighed(f.Weighed)})
	}
	b.redress(f.Redress)
	b.say("meanwhile")
	b.contact(f.Contact)
	return b.sign(f.Signatory)
}

// redress says how the decision can be contested: who decides, until when, where,
// and which provision gives it.
func (b *builder) redress(ways []Redress) {
	if len(ways) == 0 {
		return
	}
	say := func(key string) string { return b.t.T("letter.redress." + key) }
	b.add(Heading{Level: 2, Text: say("heading")}, Paragraph{Runs: Text(say("about"))})
	for _, r := range ways {
		items := []Definition{{say("body"), []Run{{Text: r.Body, Isolate: true, Strong: true}}}}
		if r.Until != "" {
			items = append(items, Definition{say("until"), []Run{{Text: day(b.t, r.Until), Strong: true}}})
		}
		for _, x := range []struct{ key, text string }{{"address", r.Address}, {"how", string(r.How)}, {"source", r.Source}} {
			if x.text != "" {
				items = append(items, Definition{say(x.key), []Run{{Text: x.text, Isolate: true}}})
			}
		}
		b.add(Definitions{Items: items})
	}
}

// weighed gives each point in the applicant's words, and the answer to it.
func weighed(points []Weighed) [][]Run {
	out := make([][]Run, len(points))
	for i, p := range points {
		out[i] = append([]Run{{Text: string(p.Point), Isolate: true, Strong: true}, {Text: " "}}, cleared(p.Answer)...)
	}
	return out
}

func (b *builder) scope(reference string, whole bool) {
	if whole {
		b.say("opening.whole", "reference", reference)
	} else {
		b.say("opening.lines", "reference", reference)
	}
}

func (b *builder) refused(lines []RefusedLine) {
	rows := make([][]Cell, len(lines))
	for i, l := range lines {
		rows[i] = []Cell{Text(strconv.Itoa(l.Number)), {l.Description.run()}, {{Text: l.Quantity, Isolate: true}}, {l.EndUser.run()}}
	}
	if len(rows) == 0 {
		return
	}
	b.add(Table{Caption: b.key("table"), Columns: []Column{
		{Header: b.t.T("letter.table.line"), Weight: 2, Figure: true},
		{Header: b.t.T("letter.table.item"), Weight: 9},
		{Header: b.t.T("letter.table.quantity"), Weight: 4, Figure: true},
		{Header: b.t.T("letter.table.end_user"), Weight: 7},
	}, Rows: rows})
}

func (b *builder) grounds(grounds []Ground, reasons []Releasable, withheld []Withheld) {
	b.add(Heading{Level: 2, Text: b.t.T("letter.grounds.heading")})
	items := make([]Definition, len(grounds))
	for i, g := range grounds {
		items[i] = Definition{g.Provision, cleared(g.Text)}
	}
	b.add(Definitions{Items: items})
	if len(reasons)+len(withheld) > 0 {
		b.add(Heading{Level: 2, Text: b.t.T("letter.reasons.heading")})
	}
	b.reasons(reasons)
	for _, w := range withheld {
		runs := Text(b.t.T("letter.withheld.text") + " ")
		runs = append(runs, cleared(w.Category)...)
		runs = append(runs, Run{Text: " " + b.t.T("letter.withheld.basis") + " "}, Run{Text: w.Basis, Isolate: true, Strong: true})
		b.add(Notice{Title: b.t.T("letter.withheld.title"), Runs: runs})
	}
}
