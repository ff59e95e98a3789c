package authority

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
)

// procedureRoutes are what stands beside a case's own way: who keeps out of it,
// what the committee came to, what was directed, and what people hold against it.
func (p *pages) procedureRoutes(on on) {
	p.caseForms(on, []caseForm{
		{name: "recuse", tab: tabOverview, act: access.CaseRecuse, command: "case.recuse", view: recuseForm, cmd: recuseCommand, done: "authority.recuse.done", where: "overview"},
		{name: "recusal/lift", tab: tabOverview, act: access.CaseAssign, command: "case.lift_recusal", view: liftRecusalForm, cmd: liftRecusalCommand, done: "authority.recusal.lifted", where: "overview"},
		{name: "decision/escalate", tab: tabDecision, act: access.CaseEscalate, command: "case.escalate", view: escalateForm, cmd: escalateCommand, done: "deciding.escalate.done", where: "decision#committee"},
		{name: "decision/minute", tab: tabDecision, act: access.CaseMinute, command: "case.minute", view: minuteForm, cmd: minuteCommand, done: "deciding.minute.done", where: "decision#committee"},
		{name: "decision/direct", tab: tabDecision, act: access.CaseDirect, command: "case.direct", view: directForm, cmd: directCommand, done: "deciding.direct.done", where: "decision#directed"},
		{name: "decision/dissent", tab: tabDecision, act: access.CaseDissent, command: "case.lodge_dissent", view: dissentForm, cmd: dissentCommand, done: "deciding.dissent.done", where: "decision#dissents"},
		{name: "decision/close-dissent", tab: tabDecision, act: access.CaseCloseDissent, command: "case.close_dissent", view: closeDissentForm, cmd: closeDissentCommand, done: "deciding.dissent.closed", where: "decision#dissents"},
	})
}

func field(r *http.Request, name string) string { return strings.TrimSpace(r.PostForm.Get(name)) }

func recuseCommand(_ *pages, s *sheet, r *http.Request) (any, error) {
	c := licensing.Recuse{On: licensing.On{Case: s.ID()}, Person: field(r, "person"), Ground: licensing.RecusalGround(field(r, "ground")), Why: field(r, "why")}
	if c.Person == "" {
		c.Person = s.Reader.Account
	}
	return c, nil
}

func liftRecusalCommand(_ *pages, s *sheet, r *http.Request) (any, error) {
	return licensing.LiftRecusal{On: licensing.On{Case: s.ID()}, Person: field(r, "person"), Why: field(r, "why")}, nil
}

func escalateCommand(_ *pages, s *sheet, r *http.Request) (any, error) {
	return licensing.Escalate{On: licensing.On{Case: s.ID()}, Escalation: node.NewID(), Question: field(r, "question")}, nil
}

// outcomesIn reads an outcome for every line, with the tests on which a refusal
// could rest as its grounds.
func outcomesIn(s *sheet, r *http.Request, bad *fault.Error) []licensing.LineOutcome {
	var out []licensing.LineOutcome
	keys := s.answered(r.PostForm)
	for _, l := range s.Case.App().Lines {
		o := licensing.LineOutcome{Line: l.ID, Outcome: licensing.Outcome(r.PostForm.Get("outcome." + keys[l.ID]))}
		switch {
		case o.Outcome == "":
			outcomeMissing(bad, keys[l.ID])
		case o.Outcome == s.proposed(l.ID).Outcome:
			o.Grounds = s.proposed(l.ID).Grounds
		case o.Outcome == licensing.RefuseLine:
			o.Grounds = s.refusable(l.ID)
		}
		out = append(out, o)
	}
	return out
}

// committeeSeats is how many members the form of minutes takes.
const committeeSeats = 7

func minuteCommand(_ *pages, s *sheet, r *http.Request) (any, error) {
	bad := fault.New(fault.Invalid, "assessment.invalid")
	c := licensing.Minute{On: licensing.On{Case: s.ID()}, Text: field(r, "text"), Outcomes: outcomesIn(s, r, bad)}
	if x := s.Case.BeforeCommittee(); x != nil {
		c.Escalation = x.ID
	}
	for i := range committeeSeats {
		name := "member." + strconv.Itoa(i+1)
		if who := field(r, name); who != "" {
			c.Positions = append(c.Positions, licensing.Position{Name: who, Vote: licensing.Vote(field(r, name+".vote")), Dissent: field(r, name+".dissent")})
		}
	}
	return c, bad.Or()
}

func directCommand(_ *pages, s *sheet, r *http.Request) (any, error) {
	bad := fault.New(fault.Invalid, "assessment.invalid")
	c := licensing.Direct{
		On: licensing.On{Case: s.ID()}, Direction: node.NewID(), Office: licensing.Office(field(r, "office")), Who: field(r, "who"), Day: dayIn(r.PostForm, "day", bad),
		Outcomes: outcomesIn(s, r, bad), Text: field(r, "text"),
	}
	return c, bad.Or()
}

func dissentCommand(_ *pages, s *sheet, r *http.Request) (any, error) {
	return licensing.LodgeDissent{On: licensing.On{Case: s.ID()}, Dissent: node.NewID(), Text: field(r, "text")}, nil
}

func closeDissentCommand(_ *pages, s *sheet, r *http.Request) (any, error) {
	return licensing.CloseDissent{On: licensing.On{Case: s.ID()}, Dissent: field(r, "dissent"), Why: field(r, "why")}, nil
}

// keptOut is the reader's own recusal; nil where there is none.
func (v *caseView) keptOut() *licensing.Recusal { return v.Case.RecusalOf(v.Reader.Account) }
