package authority

import (
	"context"
	"strconv"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/web/ui"
)

// scripted is a name with the language it is in.
type scripted struct{ Text, Lang string }

// nameOf is a party's name as written, with its language.
func nameOf(names []party.Name) scripted {
	text := party.PrimaryName(names)
	for _, n := range names {
		if n.Text == text {
			code := n.Language
			if code == "" && n.Script != "" {
				code = "und-" + n.Script
			}
			if code == "" {
				code = "und"
			}
			return scripted{text, code}
		}
	}
	return scripted{text, "und"}
}

// chain is by whose hands the items go to whom: consignee, then end user.
func (v *caseView) chain() []scripted {
	a := v.Case.App()
	user, found := a.EndUser()
	var out []scripted
	for _, p := range a.Parties {
		if p.Is(party.Consignee) && (!found || p.ID != user.ID) && p.Name() != "" {
			out = append(out, nameOf(p.Names))
			break
		}
	}
	if found && user.Name() != "" {
		out = append(out, nameOf(user.Names))
	}
	return out
}

// mine tells whether the next step is the reader's.
func (v *caseView) mine() bool {
	c := v.Case
	switch c.WhoseTurn() {
	case "coordinator":
		return v.may(access.CaseAssign)
	case "officer":
		return c.Officer == v.Reader.Account
	case "adviser":
		return v.may(access.CaseAdvise)
	case "countersigner":
		return v.may(access.CaseCountersign) && (c.Proposal == nil || c.Proposal.Person != v.Reader.Account)
	case "reviewer":
		return v.reviews()
	case "decider":
		return v.may(access.CaseDecide)
	}
	return false
}

// strip is the case in five facts.
func (v *caseView) strip(ctx context.Context) []ui.Fact {
	c, a := v.Case, v.Case.App()
	turn := ui.T(ctx, "licensing.name.turn."+c.WhoseTurn())
	switch {
	case v.mine():
		turn = ui.T(ctx, "authority.turn.you")
	case c.WhoseTurn() == "officer":
		turn = v.Name(c.Officer)
	}
	where := ui.P(ctx).Country(a.EndUse.Country)
	if a.EndUse.Place != "" {
		where = a.EndUse.Place + ", " + where
	}
	value, currency := a.Value()
	money := ""
	if currency != "" {
		money = ui.P(ctx).MoneyShort(value, currency)
	}
	what := ui.T(ctx, "authority.lines", "count", len(a.Lines))
	if len(a.Lines) == 1 {
		what = amountText(ctx, a.Lines[0])
	}
	if money != "" {
		what += " · " + money
	}
	stage := ui.T(ctx, "licensing.name.stage."+string(c.Stage))
	if c.Stage == licensing.DecidedStage {
		stage = ui.T(ctx, "licensing.name.outcome."+string(c.Decision.Outcome))
	}
	return []ui.Fact{
		{Label: ui.T(ctx, "authority.strip.stage"), Text: stage},
		{Label: ui.T(ctx, "authority.strip.clock"), Value: clockChip(v.Clock)},
		{Label: ui.T(ctx, "authority.strip.turn"), Text: turn},
		{Label: ui.T(ctx, "authority.strip.where"), Text: where},
		{Label: ui.T(ctx, "authority.strip.what"), Text: what},
	}
}

// tabs are the views on the case, each with how much is in it.
func (v *caseView) tabs(ctx context.Context, current tab) []ui.Tab {
	a := v.Case.App()
	count := map[tab]int{
		tabItems: len(a.Lines), tabParties: len(a.Parties), tabAssurances: len(v.Case.Assurances), tabAdvice: len(v.Advice), tabDocuments: len(v.documents(ctx)),
	}
	if !v.held() {
		count[tabNotes] = len(v.Case.Notes)
	}
	var out []ui.Tab
	for _, t := range tabs {
		out = append(out, ui.Tab{Text: ui.T(ctx, "authority.tab."+t.key()), Href: v.href(string(t)), Count: count[t], Current: t == current})
	}
	return out
}

// blocks is what stands in the way of the next step, each with where it is
// solved. It is read from what people settled, without asking the engines: the
// assessment's own tab names every part.
func (v *caseView) blocks(ctx context.Context) []ui.Link {
	return links(ctx, v.inTheWay(), v.ID())
}

func (v *caseView) inTheWay() []fault.Item {
	c, s := v.Case, v.Assessment
	out := fault.New(fault.Blocked, "authority.blocks.title")
	add := func(where, key string, args ...any) { out.Item(where, key, args...) }
	switch c.Stage {
	case licensing.SubmittedStage:
		add("overview#officer", "authority.blocks.nobody")
		return out.Items
	case licensing.AppealStage:
		if a := c.Appeal(); a != nil && len(a.Reviewers) == 0 {
			add("decision#appeals", "authority.blocks.reviewers")
		}
		return out.Items
	case licensing.DecidedStage, licensing.WithdrawnStage, licensing.Draft:
		return nil
	}
	if today := v.Calendar.Day(v.Now); v.Presumed.Holds(c.ID, today) {
		add("overview", "licensing.line.presumed", "from", string(v.Presumed.From))
	}
	if c.Officer == "" {
		add("overview#officer", "authority.blocks.no_officer")
	}
	for _, q := range c.RFIs {
		if q.Open() {
			add("overview#rfi-"+q.ID, "authority.blocks.rfi", "number", q.Number, "due", q.Due)
		}
	}
	if n, first := v.unclassified(); n > 0 {
		add("items"+atLine(v, first), "authority.blocks.items", "count", n)
	}
	if n := len(c.App().Parties) - len(s.Screened); n > 0 {
		add("parties", "authority.blocks.unscreened", "count", n)
	}
	for _, h := range s.Hits {
		if h.Open() {
			add("parties#hit-"+h.ID, "authority.blocks.hits", "count", s.OpenHits())
			break
		}
	}
	if ok, items := s.Complete(c.Basis); !ok {
		out.Items = append(out.Items, items...)
	}
	for _, d := range c.Outstanding() {
		add("advice", "authority.blocks.advice", "department", d)
	}
	if c.Stage == licensing.Countersignature && c.Signature() == nil {
		add("decision#countersign", "authority.blocks.signature")
	}
	if c.Intended != nil {
		for _, r := range c.Intended.Replies {
			if !r.Weighed {
				add("decision#reply", "authority.blocks.reply")
				break
			}
		}
	}
	return out.Items
}

// unclassified counts the lines that nobody has confirmed and names the first.
func (v *caseView) unclassified() (n int, first int) {
	for i, l := range v.Case.App().Lines {
		if _, ok := v.Assessment.Classified[l.ID]; !ok {
			if n == 0 {
				first = i
			}
			n++
		}
	}
	return n, first
}

// atLine is where on the items tab a line is, by its place: lines are paged.
func atLine(v *caseView, place int) string {
	lines := v.Case.App().Lines
	if place < 0 || place >= len(lines) {
		return ""
	}
	page := ""
	if n := place / linesPerPage; n > 0 {
		page = "?from=" + strconv.Itoa(n*linesPerPage)
	}
	return page + "#line-" + lines[place].ID
}

// linesPerPage keeps a case of 100 lines bearable.
const linesPerPage = 10

// step is the one thing to do next.
type step struct {
	Text  string
	Where string
	Tab   tab // on which it is done: the button is not shown there
}

// next is the reader's next step in the case, nil where it is not theirs.
func (v *caseView) next(ctx context.Context) *step {
	c := v.Case
	do := func(t tab, where, key string) *step {
		return &step{ui.T(ctx, "authority.next."+key), where, t}
	}
	n, first := v.unclassified()
	switch {
	case !v.open():
		return nil
	case v.takes(access.CaseAssign, "case.assign") && c.Officer == "":
		return do(tabOverview, "overview#officer", "assign")
	case c.Stage == licensing.AppealStage:
		if c.WhoseTurn() == "coordinator" && v.takes(access.CaseAssign, "case.assign_review") {
			return do(tabDecision, "decision#appeals", "review")
		}
		if v.reviews() {
			return do(tabDecision, "decision#appeals", "appeal")
		}
		return nil
	case c.Stage == licensing.SubmittedStage, c.Stage == licensing.Waiting:
		return nil
	case n > 0 && v.may(access.CaseClassify):
		return do(tabItems, "items"+atLine(v, first), "classify")
	case v.Assessment.OpenHits() > 0 && v.may(access.CaseResolve):
		return do(tabParties, "parties"+v.firstHit(), "resolve")
	case v.may(access.CaseRights) && len(v.Assessment.Views) == 0:
		return do(tabAssessment, "assessment#view", "view")
	case c.Officer == v.Reader.Account && !v.assessed():
		return do(tabAssessment, "assessment", "assess")
	case c.WhoseTurn() == "adviser" && v.may(access.CaseAdvise):
		return do(tabAdvice, "advice", "advise")
	case c.Stage == licensing.Countersignature && v.mine(), c.Stage == licensing.Intention && v.mine():
		return do(tabDecision, "decision", "decide")
	case c.Officer == v.Reader.Account && c.May("case.recommend"):
		return do(tabDecision, "decision", "recommend")
	}
	return nil
}

func (v *caseView) assessed() bool {
	ok, _ := v.Assessment.Complete(v.Case.Basis)
	return ok
}

// firstHit is the place of the first hit that waits for a person.
func (v *caseView) firstHit() string {
	for _, h := range v.Assessment.Hits {
		if h.Open() {
			return "#hit-" + h.ID
		}
	}
	return ""
}

// amountText is how much of a line is asked for; a question or a notice need not
// say.
func amountText(ctx context.Context, l licensing.Line) string {
	if l.Unit == "" {
		return ui.T(ctx, "authority.asked.no_amount")
	}
	return l.Quantity.String() + " " + ui.T(ctx, "authority.unit."+l.Unit)
}
