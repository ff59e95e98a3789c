package authority

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/policy"
)

// department is one that advises, with the role in which its people do.
type department struct {
	Name string
	Role access.Role
	Pack string // how the pack names the role in its advice
}

var departments = []department{
	{"human_rights", access.RightsAdviser, "human_rights_adviser"},
	{"technical", access.TechnicalAssessor, "technical_assessor"},
	{"foreign", access.AdvisingMinistry, "advising_ministry"},
	{"trade", access.AdvisingMinistry, ""},
	{"defence", access.AdvisingMinistry, ""},
	{"justice", access.AdvisingMinistry, ""},
	{"enforcement", access.EnforcementOfficer, ""},
}

// adviceRoutes are the tab with the advice and what is done on it.
func (p *pages) adviceRoutes(on on) {
	on("GET /cases/{case}/advice", func(w http.ResponseWriter, r *http.Request) { p.drawSheet(w, r, tabAdvice, adviceView) })
	p.caseForms(on, []caseForm{
		{name: "advice/ask", tab: tabAdvice, act: access.CaseRecommend, command: "case.ask_advice", view: askAdviceForm, cmd: askAdviceCommand, done: "deciding.ask.done", where: "advice"},
		{name: "advice/new", tab: tabAdvice, act: access.CaseAdvise, command: "case.give_advice", view: giveAdviceForm, cmd: giveAdviceCommand, done: "deciding.advise.done", where: "advice"},
		{name: "advice/confirm", tab: tabAdvice, act: access.CaseAdvise, command: "case.confirm_advice", view: confirmAdviceForm, cmd: confirmAdviceCommand, done: "deciding.confirm.done", where: "advice"},
	})
}

// needed are the departments whose advice the pack requires for any line, with
// its reasons.
func (s *sheet) needed() map[string][]string {
	out := map[string][]string{}
	for _, l := range s.in.Lines {
		for _, a := range policy.AdviceFor(s.Pack, assessment.FactsOf(s.Pack, &s.in, l.ID, s.Facts.Destinations)) {
			for _, d := range departments {
				if d.Pack == a.From && !slices.Contains(out[d.Name], a.Reason) {
					out[d.Name] = append(out[d.Name], a.Reason)
				}
			}
		}
	}
	return out
}

// own are the departments for which the reader can speak.
func (s *sheet) own() []department {
	var out []department
	for _, d := range departments {
		if s.Reader.Has(d.Role) {
			out = append(out, d)
		}
	}
	return out
}

// asked tells whether a department was asked, and answered.
func (s *sheet) asked(name string) (asked, answered bool) {
	for _, a := range s.Case.Asked {
		asked = asked || a.Department == name
	}
	for _, a := range s.Case.Advice {
		answered = answered || a.Department == name && !a.Superseded
	}
	return asked, answered
}

// stands tells whether advice rests on the case as it is now.
func (s *sheet) stands(a licensing.Advice) bool { return a.Basis >= s.Case.Basis }

// mayConfirm tells whether the reader can confirm this advice.
func (s *sheet) mayConfirm(a licensing.Advice) bool {
	return !a.Superseded && !s.stands(a) && s.takes(access.CaseAdvise, "case.confirm_advice") && (a.Person == s.Reader.Account || s.Reader.Has(a.Role))
}

func askAdviceCommand(_ *pages, s *sheet, r *http.Request) (any, error) {
	return licensing.AskAdvice{On: licensing.On{Case: s.ID()}, Departments: r.PostForm["departments"]}, nil
}

// adviceGrounds is how many grounds can be given for one line at once.
const adviceGrounds = 3

func giveAdviceCommand(_ *pages, s *sheet, r *http.Request) (any, error) {
	f := r.PostForm
	c := licensing.GiveAdvice{On: licensing.On{Case: s.ID()}, Advice: node.NewID(), Department: f.Get("department"), Text: strings.TrimSpace(f.Get("text"))}
	for _, d := range s.own() {
		if d.Name == c.Department {
			c.Role = d.Role
		}
	}
	bad := fault.New(fault.Invalid, "licensing.advice.views")
	if c.Role == "" {
		bad.Field("department", "deciding.advise.department_missing")
	}
	if c.Text == "" {
		bad.Field("text", "licensing.reason.missing")
	}
	keys := s.answered(f)
	for _, l := range s.Case.App().Lines {
		if v, ok := viewIn(f, "line."+keys[l.ID], bad); ok {
			v.Line = l.ID
			c.Views = append(c.Views, v)
		}
	}
	for _, p := range s.Case.App().Parties {
		if v, ok := viewIn(f, "party."+p.ID, bad); ok {
			v.Party = p.ID
			c.Views = append(c.Views, v)
		}
	}
	if len(c.Views) == 0 && len(bad.Fields) == 0 {
		bad.Field("line."+keys[s.Case.App().Lines[0].ID], "licensing.advice.views")
	}
	return c, bad.Or()
}

// viewIn reads what a department thinks of one line or party; nothing chosen is
// no view of it.
func viewIn(f map[string][]string, name string, bad *fault.Error) (licensing.View, bool) {
	get := func(n string) string {
		if x := f[n]; len(x) > 0 {
			return strings.TrimSpace(x[0])
		}
		return ""
	}
	v := licensing.View{Advice: licensing.AdviceKind(get(name)), Condition: get(name + ".condition")}
	for i := range adviceGrounds {
		n := strconv.Itoa(i + 1)
		if text := get(name + ".ground." + n); text != "" {
			v.Grounds = append(v.Grounds, licensing.Ground{ID: "G" + n + "-" + name, Rule: get(name + ".rule." + n), Text: text})
		}
	}
	switch v.Advice {
	case "":
		return v, false
	case licensing.Refuse:
		if len(v.Grounds) == 0 && !hasField(bad, name+".ground.1") {
			bad.Field(name+".ground.1", "licensing.advice.grounds")
		}
	case licensing.ApproveWithCondition:
		if v.Condition == "" && !hasField(bad, name+".condition") {
			bad.Field(name+".condition", "licensing.advice.condition")
		}
	}
	return v, true
}

func confirmAdviceCommand(_ *pages, s *sheet, r *http.Request) (any, error) {
	return licensing.ConfirmAdvice{On: licensing.On{Case: s.ID()}, Advice: r.PostForm.Get("id"), Note: strings.TrimSpace(r.PostForm.Get("note"))}, nil
}

// hidden counts the advice that is kept from the reader until they have spoken.
func (s *sheet) hidden() int { return len(s.Case.Advice) - len(s.Advice) }
