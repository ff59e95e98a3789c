package authority

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/policy"
)

// assessmentForm is one form of the assessment, with an address of its own, so
// that what is wrong with it stands beside it and nothing typed is lost.
type assessmentForm struct {
	name  string
	act   access.Act
	view  func(a *assessed, f ui.Form) templ.Component
	cmd   func(a *assessed, v url.Values) (assessment.Command, error)
	done  string // message when it went well
	where string // fragment of the tab where its outcome is seen
}

var assessmentForms = []assessmentForm{
	{"fact", access.CaseAssess, factForm, factCommand, "assessing.fact.done", "facts"},
	{"withdraw", access.CaseAssess, withdrawForm, withdrawCommand, "assessing.withdraw.done", "facts"},
	{"severity", access.CaseAssess, severityForm, severityCommand, "assessing.severity.done", "severity"},
	{"groups", access.CaseAssess, groupsForm, groupsCommand, "assessing.groups.done", "groups"},
	{"mitigation", access.CaseAssess, mitigationForm, mitigationCommand, "assessing.mitigation.done", "mitigation"},
	{"view", access.CaseRights, viewForm, viewCommand, "assessing.view.done", "view"},
	{"bear", access.CaseRecommend, bearForm, bearCommand, "assessing.bear.done", "tests"},
}

func (p *pages) assessmentForm(f assessmentForm) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if v, ok := p.open(w, r); ok {
			p.drawAssessmentForm(w, r, http.StatusOK, v, f, ui.NewForm(r.URL.Query(), nil))
		}
	}
}

func (p *pages) drawAssessmentForm(w http.ResponseWriter, r *http.Request, status int, v *caseView, f assessmentForm, form ui.Form) {
	if !v.works(f.act) {
		p.Fail(w, r, fault.New(fault.Denied, "fault.denied"))
		return
	}
	a, err := p.assess(r.Context(), v, form.Value("line"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	if f.name == "fact" {
		if a.Library, err = p.readLibrary(r.Context(), a, true); err != nil {
			p.Fail(w, r, err)
			return
		}
	}
	p.draw(w, r, status, v, tabAssessment, form, f.view(a, form))
}

func (p *pages) answerAssessmentForm(f assessmentForm) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, ok := p.answering(w, r)
		if !ok {
			return
		}
		a, err := p.assess(r.Context(), v, r.PostForm.Get("line"))
		if err != nil {
			p.Fail(w, r, err)
			return
		}
		again := func(status int, v *caseView, form ui.Form) { p.drawAssessmentForm(w, r, status, v, f, form) }
		cmd, err := f.cmd(a, r.PostForm)
		if err != nil {
			p.refuse(w, r, v, err, again)
			return
		}
		p.send(w, r, v, cmd, f.done, "assessment?line="+queryEscape(a.Line.ID)+"#"+f.where, again)
	}
}

// factCommand reads a fact. The value is read by the kind that the pack gives
// the fact; "unknown" is an answer too, where one looked and could not tell.
func factCommand(a *assessed, v url.Values) (assessment.Command, error) {
	bad := fault.New(fault.Invalid, "assessment.invalid")
	c := assessment.RecordFact{Case: a.ID(), ID: node.NewID(), Replaces: v.Get("replaces"), Document: v.Get("document"), Grade: v.Get("grade"), Item: v.Get("item")}
	c.Answer = assessment.Answer{
		Fact: v.Get("fact"), Source: strings.TrimSpace(v.Get("source")), Searched: strings.TrimSpace(v.Get("searched")), Note: strings.TrimSpace(v.Get("note")),
	}
	def, _ := a.Pack.Fact(c.Answer.Fact)
	raw := strings.TrimSpace(v.Get("value"))
	switch {
	case def.Kind == policy.KindDay:
		if t, ok := ui.ParseDate(v, "value", bad); ok && !t.IsZero() {
			c.Answer.Value = policy.Day(policy.Date(t.Format(time.DateOnly)))
		} else if ok {
			bad.Field("value", "assessment.fact.value")
		}
	case raw == "":
		bad.Field("value", "assessment.fact.value")
	case raw == "unknown":
	case def.Kind == policy.KindBool:
		c.Answer.Value = policy.Bool(raw == "yes")
	case def.Kind == policy.KindInt:
		n, err := strconv.ParseInt(raw, 10, 64)
		if err != nil {
			bad.Field("value", "assessment.fact.value")
		}
		c.Answer.Value = policy.Int(n)
	default:
		c.Answer.Value = policy.Text(raw)
	}
	switch about := v.Get("about"); {
	case about == "line":
		c.Answer.Line = a.Line.ID
	case about == "party" && a.Report.User != "":
		c.Answer.Party = a.Report.User
	case about == "case":
	default:
		bad.Field("about", "assessing.fact.about_missing")
	}
	if c.Replaces != "" {
		for _, f := range a.Assessment.Facts {
			if f.ID == c.Replaces {
				c.Answer.Fact, c.Answer.Line, c.Answer.Party = f.Fact, f.Line, f.Party
			}
		}
	}
	if t, ok := ui.ParseDate(v, "date", bad); ok {
		c.Answer.Date = policy.Date(t.Format(time.DateOnly))
		if t.IsZero() {
			c.Answer.Date = ""
			bad.Field("date", "assessment.fact.date")
		}
	}
	if c.Document != "" {
		if _, ok := a.Case.App().Document(c.Document); !ok {
			bad.Field("document", "licensing.document.unknown")
		}
	}
	if c.Grade != "" && !slices.Contains(grades, c.Grade) {
		bad.Field("grade", "assessing.fact.grade_unknown")
	}
	return c, bad.Or()
}

// grades say how far a source has been reliable, by the letters in use.
var grades = []string{"A", "B", "C", "D", "E", "F"}

func withdrawCommand(a *assessed, v url.Values) (assessment.Command, error) {
	return assessment.WithdrawFact{Case: a.ID(), ID: v.Get("id"), Reason: v.Get("reason")}, nil
}

func severityCommand(a *assessed, v url.Values) (assessment.Command, error) {
	level := func(name string) int { n, _ := strconv.Atoi(v.Get(name)); return n }
	c := assessment.JudgeSeverity{
		Case: a.ID(), Line: a.Line.ID, Also: alsoIn(v), Reason: v.Get("reason"),
		Severity: policy.Severity{Scale: level("scale"), Scope: level("scope"), Irremediability: level("irremediability")},
	}
	bad := fault.New(fault.Invalid, "assessment.invalid")
	for _, name := range []string{"scale", "scope", "irremediability"} {
		if n := level(name); n < 1 || n > 5 {
			bad.Field(name, "assessing.severity.missing")
		}
	}
	if strings.TrimSpace(c.Reason) == "" {
		bad.Field("reason", "assessment.reason.missing")
	}
	return c, bad.Or()
}

func groupsCommand(a *assessed, v url.Values) (assessment.Command, error) {
	c := assessment.StateGroups{Case: a.ID(), Groups: map[assessment.Group]assessment.Affected{}, Reason: v.Get("reason")}
	for _, g := range assessment.Groups {
		c.Groups[g] = assessment.Affected(v.Get("groups." + string(g)))
	}
	return c, nil
}

// viewGrounds is how many grounds an adviser can give in the form at once.
const viewGrounds = 4

func viewCommand(a *assessed, v url.Values) (assessment.Command, error) {
	severity, _ := strconv.Atoi(v.Get("severity"))
	c := assessment.RecordView{Case: a.ID(), Likelihood: assessment.Likelihood(v.Get("likelihood")), Severity: severity, Refuse: v["refuse"], Worry: v.Get("worry")}
	for i := range viewGrounds {
		n := strconv.Itoa(i + 1)
		if text := strings.TrimSpace(v.Get("grounds." + n)); text != "" {
			c.Grounds = append(c.Grounds, assessment.ViewGround{ID: "G" + n, Rule: v.Get("grounds." + n + ".rule"), Text: text})
		}
	}
	bad := fault.New(fault.Invalid, "assessment.invalid")
	if c.Likelihood == "" {
		bad.Field("likelihood", "assessment.view.likelihood")
	}
	if c.Severity == 0 {
		bad.Field("severity", "assessment.view.severity")
	}
	if strings.TrimSpace(c.Worry) == "" {
		bad.Field("worry", "assessment.reason.missing")
	}
	if len(c.Refuse) > 0 && len(c.Grounds) == 0 {
		bad.Field("grounds.1", "assessment.view.grounds")
	}
	return c, bad.Or()
}

func bearCommand(a *assessed, v url.Values) (assessment.Command, error) {
	return assessment.BearUnknown{Case: a.ID(), Line: a.Line.ID, Also: alsoIn(v), Rule: v.Get("rule"), Reason: v.Get("reason")}, nil
}

// query writes name, value pairs as a query.
func query(pairs ...string) string {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	return v.Encode()
}

func queryEscape(s string) string { return url.QueryEscape(s) }
