package authority

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/policy"
)

// assessmentRoutes are the tab with the assessment and what is done on it.
func (p *pages) assessmentRoutes(on on) {
	on("GET /cases/{case}/assessment", p.assessmentTab)
	on("POST /cases/{case}/assessment/findings", p.makeFindings)
	on("POST /cases/{case}/assessment/complete", p.completeAssessment)
	for _, f := range assessmentForms {
		on("GET /cases/{case}/assessment/"+f.name, p.assessmentForm(f))
		on("POST /cases/{case}/assessment/"+f.name, p.answerAssessmentForm(f))
	}
}

// assessed is one line of a case as its assessment has it today: what the rules
// say by themselves, and what people found.
type assessed struct {
	*caseView
	Facts  assessment.Facts
	Pack   *policy.Pack
	Line   licensing.Line
	Report assessment.LineReport
	Dest   *assessment.DestinationReport
	Tests  []test // binding ones that were put to the line
	Others []test // those that weigh, and steps that are due
	Views  []assessment.LineView
	// Held says that the reader advises on human rights and has not recorded a
	// view of their own: what others judged is kept from them until then.
	Held    bool
	Missing []fault.Item
	Library library

	in assessment.Input // the case with all its lines
}

// alike are the other lines of which the same is known.
func (a *assessed) alike() []string {
	return assessment.Alike(a.Pack, &a.in, a.Line.ID, a.Facts.Destinations)
}

// alsoIn are the further lines for which a form gives the same answer: those
// that were ticked, and all of which the page said that the same is known.
func alsoIn(f url.Values) []string {
	out := slices.Clone(f["also"])
	if f.Get("all") != "" {
		out = append(out, f["alike"]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// test is one rule as it was put to a line.
type test struct {
	policy.Reason
	Rule  policy.Rule
	Now   policy.Status // the stricter of what the facts give and what a person found
	Made  *assessment.FindingMade
	Moved bool // the facts have changed since the person's finding
	Borne *assessment.Bearing
}

// assess puts one line of the case to the rules. Lists are not searched again:
// the hits on record are what people answered.
func (p *pages) assess(ctx context.Context, v *caseView, line string) (*assessed, error) {
	facts, err := p.App.AssessFacts(ctx, v.Reader, v.CaseFile)
	if err != nil {
		return nil, err
	}
	missing := v.Assessment.Missing(facts)
	held := v.held()
	v = v.blinded()
	a := &assessed{caseView: v, Facts: facts, Pack: facts.Pack, Held: held, Missing: missing}
	lines := v.Case.App().Lines
	if len(lines) == 0 {
		return nil, fault.New(fault.NotFound, "fault.not_found")
	}
	a.Line = lines[0]
	if l, ok := v.Case.App().Line(line); ok {
		a.Line = l
	}
	in := p.App.Input(v.CaseFile)
	a.in = in
	in.Lines = slices.DeleteFunc(slices.Clone(in.Lines), func(l assessment.Line) bool { return l.ID != a.Line.ID })
	report := assessment.Assess(&in, assessment.Engines{Pack: facts.Pack, Destinations: facts.Destinations})
	a.Report = report.Lines[0]
	if len(report.Destinations) > 0 {
		a.Dest = &report.Destinations[0]
	}
	a.Views = v.Assessment.LineViews(facts)
	for _, r := range a.Report.Reasons {
		t := a.test(r)
		if r.Force.Binding() {
			a.Tests = append(a.Tests, t)
		} else {
			a.Others = append(a.Others, t)
		}
	}
	return a, nil
}

func (a *assessed) test(r policy.Reason) test {
	t := test{Reason: r, Now: r.Status}
	t.Rule, _ = a.Pack.Rule(r.Finding.Rule)
	if made, ok := a.Assessment.Findings[a.Line.ID][r.Finding.Rule]; ok && !a.Held {
		t.Made, t.Moved = &made, made.Computed != r.Status
		t.Now = stricter(r.Status, made.Status)
	}
	if borne, ok := a.Assessment.Borne[a.Line.ID][r.Finding.Rule]; ok && !a.Held {
		t.Borne = &borne
	}
	return t
}

// stricter is met before unknown before not met.
func stricter(a, b policy.Status) policy.Status {
	for _, s := range []policy.Status{policy.Met, policy.Unknown} {
		if a == s || b == s {
			return s
		}
	}
	return policy.NotMet
}

// held tells whether the reader advises on human rights and has no view of
// their own on record yet.
func (v *caseView) held() bool { return v.Reader.Has(access.RightsAdviser) && !v.OwnView }

// blinded is the case without what others judged, for a reader who advises on
// human rights and has not spoken yet; for everybody else it is the case itself.
// Facts and answered hits stay: they are what the view is formed on.
func (v *caseView) blinded() *caseView {
	if !v.held() {
		return v
	}
	state, file, out := *v.Assessment, *v.CaseFile, *v
	state.Severity, state.Findings, state.Borne, state.Groups, state.Views, state.Mitigations = nil, nil, nil, nil, nil, nil
	file.Assessment, out.CaseFile = &state, &file
	return &out
}

// works tells whether the reader may do such a thing to an assessment now.
func (v *caseView) works(act access.Act) bool { return v.may(act) && v.open() }

// view is where the line stands with what people found.
func (a *assessed) view() assessment.LineView {
	for _, l := range a.Views {
		if l.Line == a.Line.ID {
			return l
		}
	}
	return assessment.LineView{Line: a.Line.ID}
}

// grave tells whether the stakes of the line are those of severity 4 and 5.
func (a *assessed) grave() bool {
	s := a.Report.Outcome.Severity
	return a.Report.Outcome.Category == "" || s == 0 || s >= policy.Grave
}

// to is the address of a form of this tab about this line.
func (a *assessed) to(form string, pairs ...string) string {
	return a.href("assessment/" + form + "?" + query(append([]string{"line", a.Line.ID}, pairs...)...))
}

func (p *pages) assessmentTab(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.open(w, r); ok {
		p.drawAssessment(w, r, http.StatusOK, v, ui.FormOf("line", r.URL.Query().Get("line")))
	}
}

func (p *pages) drawAssessment(w http.ResponseWriter, r *http.Request, status int, v *caseView, form ui.Form) {
	a, err := p.assess(r.Context(), v, form.Value("line"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	if a.Library, err = p.readLibrary(r.Context(), a, false); err != nil {
		p.Fail(w, r, err)
		return
	}
	p.draw(w, r, status, v, tabAssessment, form, assessmentView(a, form))
}

// makeFindings takes the findings that were answered on the form; those left
// open stay open. The same answers may be given for further lines.
func (p *pages) makeFindings(w http.ResponseWriter, r *http.Request) {
	v, ok := p.answering(w, r)
	if !ok {
		return
	}
	a, err := p.assess(r.Context(), v, r.PostForm.Get("line"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	cmd := assessment.MakeFindings{Case: v.ID()}
	for _, line := range append([]string{a.Line.ID}, alsoIn(r.PostForm)...) {
		for _, t := range a.Tests {
			name := "findings." + a.Line.ID + "." + t.Rule.ID
			status := r.PostForm.Get(name)
			if status == "" {
				continue
			}
			f := assessment.FindingInput{
				Line: line, Rule: t.Rule.ID, Status: policy.Status(status),
				Search: strings.TrimSpace(r.PostForm.Get(name + ".search")), Reason: strings.TrimSpace(r.PostForm.Get(name + ".reason")),
			}
			if r.PostForm.Get(name+".facts") != "" {
				f.Facts = t.dated()
			}
			cmd.Findings = append(cmd.Findings, f)
		}
	}
	p.send(w, r, v, cmd, "assessing.findings.done", "assessment?line="+queryEscape(a.Line.ID)+"#tests", func(status int, v *caseView, form ui.Form) {
		p.drawAssessment(w, r, status, v, form)
	})
}

// dated are the names of the dated facts that the test read.
func (t *test) dated() []string {
	var out []string
	for _, f := range t.Facts {
		if f.Date != "" {
			out = append(out, f.Name)
		}
	}
	return out
}

// read parts the facts that the test read: those that are about somebody or
// something beyond the item itself stand in sight where the test is met or
// unknown and can refuse; the rest is folded away.
func (t *test) read() (shown, folded []policy.NamedFact) {
	for _, f := range t.Facts {
		if t.Now == policy.NotMet || !t.Force.Binding() || strings.HasPrefix(f.Name, "item.") {
			folded = append(folded, f)
		} else {
			shown = append(shown, f)
		}
	}
	return shown, folded
}

func (p *pages) completeAssessment(w http.ResponseWriter, r *http.Request) {
	v, ok := p.answering(w, r)
	if !ok {
		return
	}
	p.send(w, r, v, assessment.Complete{Case: v.ID()}, "assessing.complete.done", "assessment#complete", func(status int, v *caseView, form ui.Form) {
		p.drawAssessment(w, r, status, v, form)
	})
}

// changedAfter is what changed in the case after a basis on which something rested.
func (v *caseView) changedAfter(basis int) []licensing.BasisChange {
	var out []licensing.BasisChange
	for _, c := range v.Case.Changes {
		if c.Basis > basis {
			out = append(out, c)
		}
	}
	return out
}

// restedOn is the basis on which the assessment was last completed, 0 for never.
func (v *caseView) restedOn() int {
	s := v.Assessment
	switch {
	case s.Completion != nil:
		return s.Completion.Basis
	case len(s.Earlier) > 0:
		return s.Earlier[len(s.Earlier)-1].Basis
	}
	return 0
}

// factsOf are the recorded facts that bear on the line: of the case, of the
// line, and of the party that uses it.
func (a *assessed) factsOf() []assessment.FactState {
	var out []assessment.FactState
	for _, f := range a.Assessment.Facts {
		if f.Line != "" && f.Line != a.Line.ID || f.Party != "" && f.Party != a.Report.User {
			continue
		}
		out = append(out, f)
	}
	return out
}

// question is what a fact answers, in the pack's words.
func (a *assessed) question(fact string) string {
	if def, ok := a.Pack.Fact(fact); ok {
		return def.Question
	}
	return fact
}

// ageText says how old a day is: facts get old.
func ageText(ctx context.Context, day string, now time.Time) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	days := int(now.Sub(t).Hours() / 24)
	switch {
	case days < 0:
		return ""
	case days == 0:
		return ui.T(ctx, "assessing.age.today")
	case days < 60:
		return ui.T(ctx, "assessing.age.days", "count", days)
	case days < 730:
		return ui.T(ctx, "assessing.age.months", "count", days/30)
	}
	return ui.T(ctx, "assessing.age.years", "count", days/365)
}

// valueText is an answer in words.
func valueText(ctx context.Context, v policy.Value) string {
	switch {
	case v.True():
		return ui.T(ctx, "assessing.value.yes")
	case v.False():
		return ui.T(ctx, "assessing.value.no")
	case !v.Known():
		return ui.T(ctx, "assessing.value.unknown")
	case v.Kind() == policy.KindDay:
		return ui.P(ctx).DayOf(v.Word())
	}
	return strings.ReplaceAll(v.String(), "_", " ")
}

// sourceText is where a fact comes from, as of when, and how old that is.
func sourceText(ctx context.Context, f policy.Fact, now time.Time) string {
	parts := []string{}
	if f.Source != "" {
		parts = append(parts, f.Source)
	}
	if f.Date != "" {
		parts = append(parts, ui.P(ctx).DayOf(string(f.Date)))
		if age := ageText(ctx, string(f.Date), now); age != "" {
			parts = append(parts, age)
		}
	} else {
		parts = append(parts, ui.T(ctx, "assessing.fact.undated"))
	}
	return strings.Join(parts, " · ")
}

// keyText is a message with its values.
func keyText(ctx context.Context, key string, args map[string]any) string {
	return lang.From(ctx).Text(key, args)
}

// ofLine is where an item is solved; the assessment shows one line at a time, so
// its places need the line too.
func ofLine(i fault.Item) string {
	line, _ := i.Args["line"].(string)
	if fragment, ok := strings.CutPrefix(i.Where, "assessment#"); ok && line != "" {
		return "assessment?line=" + queryEscape(line) + "#" + fragment
	}
	return i.Where
}
