package letter

import (
	"slices"
	"strconv"

	"github.com/comity-project/comity/internal/deadline"
)

// LicenceLine is one line of a licence.
type LicenceLine struct {
	Number      int
	Description Given
	Code        string // of the control list; empty where none fits
	Quantity    string // the most that may leave, with its unit
	Value       string // with its currency
}

// LicenceParty is a party named in a licence, in its role.
type LicenceParty struct {
	Role    string // in the language of the letter: "End user"
	Name    Given
	Address Given
}

// ConditionKind says what a condition asks for, so that keeping it can be tested.
type ConditionKind string

// The kinds of condition. The name of each stands in the catalogue.
const (
	ConditionLimit     ConditionKind = "limit"     // a quantity, capacity or area not to be exceeded
	ConditionUse       ConditionKind = "use"       // who may use it, for what, under whose order
	ConditionFeature   ConditionKind = "feature"   // a function that must be there, or must not
	ConditionTransfer  ConditionKind = "transfer"  // no passing on
	ConditionRecords   ConditionKind = "records"   // keep, for how long
	ConditionReport    ConditionKind = "report"    // report, how often
	ConditionVisit     ConditionKind = "visit"     // allow and support checks on site
	ConditionBefore    ConditionKind = "before"    // before the first delivery
	ConditionAssurance ConditionKind = "assurance" // an assurance the licence rests on
	ConditionOtherwise ConditionKind = "other"     // none of these
	conditionKeyPrefix               = "letter.condition."
)

// Condition is one condition of a licence: who must do what, until when, how
// anyone can tell, and what follows if not.
type Condition struct {
	Number      int
	Kind        ConditionKind
	Text        Releasable
	Who         Given         // the holder or a party
	Lines       []int         // the lines it binds; empty means all
	Figure      string        // in the language of the letter, where there is one: "at most 500 items"
	Due         deadline.Date // last day; empty means as long as the licence runs
	Every       string        // how often, in the language of the letter, where it recurs
	Verify      Releasable    // how it is checked
	Consequence Releasable    // what follows a breach
}

// PublicCheck is how anyone can check that a licence is genuine.
type PublicCheck struct {
	Address string
	Code    string
	Mark    string // signed line for a square code; empty for none
}

// LicenceFacts are what a licence says.
type LicenceFacts struct {
	Head
	Number      string
	Version     string // in the language of the letter; empty for the first
	Holder      Given
	Type        string // in the language of the letter: "Individual licence"
	Law         string // the provision under which it is issued
	From, Until deadline.Date
	Destination string
	EndUse      Releasable
	Parties     []LicenceParty
	Lines       []LicenceLine
	Conditions  []Condition
	RefusedToo  bool      // other lines of the application are refused by a letter of their own
	Redress     []Redress // against the conditions
	Check       PublicCheck
	Contact     string
}

// annexFrom is the number of lines from which they stand in an annex, so that
// conditions and duties are not read last.
const annexFrom = 13

// Licence grants lines of an application, under conditions, for a time.
func Licence(t Texts, f LicenceFacts) Document {
	b := begin(t, KindLicence, f.Head, "number", f.Number)
	b.say("opening", "law", f.Law)
	facts := []Definition{
		{b.key("number"), []Run{{Text: f.Number, Strong: true, Isolate: true}}},
		{b.key("type"), []Run{{Text: f.Type}}},
		{b.key("holder"), []Run{f.Holder.run()}},
		{b.key("from"), Text(day(t, f.From))},
		{b.key("until"), []Run{{Text: day(t, f.Until), Strong: true}}},
		{t.T("letter.label.destination"), []Run{{Text: f.Destination, Isolate: true}}},
		{b.key("end_use"), cleared(f.EndUse)},
	}
	if f.Version != "" {
		facts = slices.Insert(facts, 1, Definition{b.key("version"), Text(f.Version)})
	}
	b.add(Definitions{Items: facts})
	b.parties(f.Parties)
	annex := len(f.Lines) >= annexFrom
	b.heading("lines.heading")
	if annex {
		b.say("lines.annex", "lines", strconv.Itoa(len(f.Lines)))
	} else {
		b.add(b.lines(f.Lines))
	}
	b.conditions(f.Conditions)
	if f.RefusedToo {
		b.say("refused_too")
	}
	b.heading("duties.heading")
	b.add(List{Items: [][]Run{
		Text(b.key("duties.within")), Text(b.key("duties.change")), Text(b.key("duties.misuse")), Text(b.key("duties.records")),
	}})
	b.say("revoke")
	b.redress(f.Redress)
	b.contact(f.Contact)
	doc := b.sign(f.Signatory)
	doc.Blocks = append(doc.Blocks, Check{
		Title: b.key("check.title"), Text: b.key("check"), Address: f.Check.Address, Code: f.Check.Code,
		AddressLabel: b.key("check.address"), CodeLabel: b.key("check.code"), Mark: f.Check.Mark, MarkLabel: b.key("check.mark"),
	})
	if annex {
		doc.Blocks = append(doc.Blocks, Heading{Level: 2, Text: b.key("annex.heading", "number", f.Number), NewPage: true}, b.lines(f.Lines))
	}
	return doc
}

func (b *builder) parties(parties []LicenceParty) {
	if len(parties) == 0 {
		return
	}
	rows := make([][]Cell, len(parties))
	for i, p := range parties {
		rows[i] = []Cell{Text(p.Role), {p.Name.run()}, {p.Address.run()}}
	}
	b.heading("parties.heading")
	b.add(Table{Columns: []Column{
		{Header: b.key("party.role"), Weight: 3},
		{Header: b.key("party.name"), Weight: 5},
		{Header: b.key("party.address"), Weight: 5},
	}, Rows: rows})
}

func (b *builder) lines(lines []LicenceLine) Table {
	rows := make([][]Cell, len(lines))
	for i, l := range lines {
		rows[i] = []Cell{
			Text(strconv.Itoa(l.Number)),
			{l.Description.run()},
			{{Text: l.Code, Isolate: true}},
			{{Text: l.Quantity, Isolate: true}},
			{{Text: l.Value, Isolate: true}},
		}
	}
	return Table{Columns: []Column{
		{Header: b.t.T("letter.table.line"), Weight: 2, Figure: true},
		{Header: b.t.T("letter.table.item"), Weight: 9},
		{Header: b.t.T("letter.table.code"), Weight: 4},
		{Header: b.t.T("letter.table.quantity"), Weight: 4, Figure: true},
		{Header: b.t.T("letter.table.value"), Weight: 5, Figure: true},
	}, Rows: rows}
}

func (b *builder) conditions(conditions []Condition) {
	b.heading("conditions.heading")
	if len(conditions) == 0 {
		b.say("conditions.none")
		return
	}
	b.say("conditions")
	for _, c := range conditions {
		b.condition(c)
	}
}

func (b *builder) condition(c Condition) {
	kind := c.Kind
	switch kind {
	case ConditionLimit, ConditionUse, ConditionFeature, ConditionTransfer, ConditionRecords,
		ConditionReport, ConditionVisit, ConditionBefore, ConditionAssurance:
	default:
		kind = ConditionOtherwise
	}
	say := func(key string, args ...any) string { return b.t.T(conditionKeyPrefix+key, args...) }
	lines, until := say("lines.all"), say("until.throughout")
	if len(c.Lines) > 0 {
		lines = numbers(c.Lines)
	}
	if c.Due != "" {
		until = day(b.t, c.Due)
	}
	d := Definitions{Items: []Definition{{say("who"), []Run{c.Who.run()}}, {say("lines"), Text(lines)}}}
	add := func(key string, runs []Run) {
		if runs[0].Text != "" {
			d.Items = append(d.Items, Definition{say(key), runs})
		}
	}
	add("figure", Text(c.Figure))
	add("until", Text(until))
	add("every", Text(c.Every))
	add("verify", cleared(c.Verify))
	add("consequence", cleared(c.Consequence))
	b.add(Heading{Level: 3, Text: strconv.Itoa(c.Number) + ". " + say("kind."+string(kind))}, Paragraph{Runs: cleared(c.Text)}, d)
}
