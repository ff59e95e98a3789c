package authority

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/policy"
)

// decisionRoutes are the tab with the decision: what is proposed, the second
// person's word, what the applicant is told, and the decision itself.
func (p *pages) decisionRoutes(on on) {
	on("GET /cases/{case}/decision", func(w http.ResponseWriter, r *http.Request) {
		p.drawDecision(w, r, http.StatusOK, ui.FormOf(), decisionTab)
	})
	on("GET /cases/{case}/decision/replay", p.replay)
	for from, to := range map[string]string{"countersignature": "decision#proposal", "intention": "decision#intention"} {
		on("GET /cases/{case}/"+from, func(w http.ResponseWriter, r *http.Request) { ui.SeeOther(w, r, caseHref(r.PathValue("case"), to)) })
	}
	p.caseForms(on, []caseForm{
		{name: "decision/recommend", tab: tabDecision, act: access.CaseRecommend, command: "case.recommend", view: recommendForm, cmd: recommendCommand, done: "deciding.recommend.done", where: "decision"},
		{name: "decision/countersign", tab: tabDecision, act: access.CaseCountersign, command: "case.countersign", view: countersignForm, cmd: countersignCommand, done: "deciding.sign.done", where: "decision"},
		{name: "decision/intend", tab: tabDecision, act: access.CaseIntend, command: "case.intend_to_refuse", view: intendForm, cmd: intendCommand, done: "deciding.intend.done", where: "decision#intention"},
		{name: "decision/weigh", tab: tabDecision, act: access.CaseIntend, command: "case.weigh_reply", view: weighForm, cmd: weighCommand, done: "deciding.weigh.done", where: "decision#intention"},
	})
	decide := caseForm{tab: tabDecision, act: access.CaseDecide, command: "case.decide", name: "decision/decide", done: "deciding.decide.done", where: "decision", cmd: decideCommand}
	on("GET /cases/{case}/decision/decide", func(w http.ResponseWriter, r *http.Request) {
		p.drawDecision(w, r, http.StatusOK, ui.NewForm(r.URL.Query(), nil), decideView)
	})
	decide.draw = func(w http.ResponseWriter, r *http.Request, status int, v *caseView, form ui.Form) {
		p.drawDecisionOf(w, r, status, v, form, decideView)
	}
	on("POST /cases/{case}/decision/decide", func(w http.ResponseWriter, r *http.Request) { p.answerCaseForm(w, r, decide) })
}

// decisionSheet is everything that a decision looks at, on one screen.
type decisionSheet struct {
	*sheet
	Earlier  []store.EarlierCase
	Licences []store.LicenceRow
	Checks   []store.CheckRow // after shipment
	Day      policy.Date
}

func (p *pages) drawDecision(w http.ResponseWriter, r *http.Request, status int, form ui.Form, view func(*decisionSheet, ui.Form) templ.Component) {
	if v, ok := p.open(w, r); ok {
		p.drawDecisionOf(w, r, status, v, form, view)
	}
}

func (p *pages) drawDecisionOf(w http.ResponseWriter, r *http.Request, status int, v *caseView, form ui.Form, view func(*decisionSheet, ui.Form) templ.Component) {
	d, err := p.decisionSheet(r.Context(), v)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	p.draw(w, r, status, v, tabDecision, form, view(d, form))
}

func (p *pages) decisionSheet(ctx context.Context, v *caseView) (*decisionSheet, error) {
	s, err := p.sheetOf(ctx, v)
	if err != nil {
		return nil, err
	}
	d := &decisionSheet{sheet: s, Day: policy.DateOf(v.Now)}
	err = p.App.Store().View(ctx, func(t *store.Tx) (err error) {
		if d.Earlier, err = t.EarlierCases(v.earlier()); err != nil {
			return err
		}
		if v.Case.Decision != nil && v.Case.Decision.Licence != "" {
			if d.Licences, err = t.ListLicences(store.Licences{Scope: access.ScopeOf(v.Reader, access.LicenceRead), Case: v.ID(), Limit: 2}); err != nil {
				return err
			}
			d.Checks, err = t.ListChecks(store.Checks{Scope: access.ScopeOf(v.Reader, access.CheckRead), Case: v.ID(), Any: true, Limit: checksShown})
		}
		return err
	})
	return d, err
}

// proposed is the outcome proposed for a line, empty where there is none or the
// reader must not see it yet.
func (s *sheet) proposed(line string) licensing.LineOutcome {
	if s.Held || s.Case.Proposal == nil {
		return licensing.LineOutcome{}
	}
	for _, o := range s.Case.Proposal.Outcomes {
		if o.Line == line {
			return o
		}
	}
	return licensing.LineOutcome{}
}

// strongest are the strongest fact against the outcome that is proposed for a
// line, and the strongest for it; where nothing is proposed, against an approval
// and for it.
func (d *decisionSheet) strongest(l assessment.LineReport) (against, in *policy.Support) {
	bad, good := policy.Supports(d.Pack, d.Day, l.Facts, l.Findings)
	if d.proposed(l.Line).Outcome == licensing.RefuseLine {
		bad, good = good, bad
	}
	if len(bad) > 0 {
		against = &bad[0]
	}
	if len(good) > 0 {
		in = &good[0]
	}
	return against, in
}

// adviser is the human-rights adviser's advice that stands, nil where there is
// none.
func (s *sheet) adviser() *licensing.Advice {
	for i := len(s.Case.Advice) - 1; i >= 0; i-- {
		if a := &s.Case.Advice[i]; a.Role == access.RightsAdviser && !a.Superseded {
			return a
		}
	}
	return nil
}

// objection is one ground of the adviser that an approval goes against.
type objection struct {
	Advice, Ground, Rule, Text string
	Lines                      []string
}

// name is the input in which a senior officer answers it.
func (o objection) name() string { return "ground." + o.Ground }

// objections are the adviser's grounds, each once: those of the advice, or where
// there is none those of the adviser's own view.
func (s *sheet) objections() []objection {
	var out []objection
	add := func(o objection, line string) {
		for i := range out {
			if out[i].Advice == o.Advice && out[i].Ground == o.Ground {
				out[i].Lines = append(out[i].Lines, line)
				return
			}
		}
		o.Lines = []string{line}
		out = append(out, o)
	}
	if a := s.adviser(); a != nil {
		for _, v := range a.Text.Views {
			switch v.Advice {
			case licensing.Refuse:
				for _, g := range v.Grounds {
					add(objection{Advice: a.ID, Ground: g.ID, Rule: g.Rule, Text: g.Text}, v.Line)
				}
			case licensing.ApproveWithCondition:
				add(objection{Advice: a.ID, Ground: "condition", Text: v.Condition}, v.Line)
			}
		}
		return out
	}
	if v := s.Assessment.AdviserView(); v != nil {
		for _, line := range v.Refuse {
			for _, g := range v.Grounds {
				add(objection{Ground: g.ID, Rule: g.Rule, Text: g.Text}, line)
			}
		}
	}
	return out
}

// title is an objection by its number, and the test that it rests on.
func (o objection) title(ctx context.Context) string {
	n, _, _ := strings.Cut(strings.TrimPrefix(o.Ground, "G"), "-")
	if _, err := strconv.Atoi(n); err != nil {
		return ui.T(ctx, "deciding.advice.condition_title")
	}
	return groundText(ctx, ui.T(ctx, "deciding.ground", "n", n), o.Rule)
}

// opposed are the objections that the recommended outcome goes against; where
// nothing is recommended, all.
func (s *sheet) opposed() []objection {
	return slices.DeleteFunc(s.objections(), func(o objection) bool {
		return s.Case.Proposal != nil && !slices.ContainsFunc(o.Lines, func(line string) bool {
			return line == "" && len(s.refusedLines()) < len(s.Case.Proposal.Outcomes) || line != "" && s.proposed(line).Outcome != licensing.RefuseLine
		})
	})
}

// refusedGrounds are the grounds of the lines that are proposed for refusal.
func (s *sheet) refusedGrounds() []string {
	var out []string
	add := func(outcomes []licensing.LineOutcome) {
		for _, o := range outcomes {
			for _, g := range o.Grounds {
				if o.Outcome == licensing.RefuseLine && !slices.Contains(out, g) {
					out = append(out, g)
				}
			}
		}
	}
	if s.Case.Proposal != nil {
		add(s.Case.Proposal.Outcomes)
	}
	if x := s.Case.Direction(); x != nil {
		add(x.Outcomes)
	}
	return out
}

// refusedLines are the lines that are proposed for refusal.
func (s *sheet) refusedLines() []string { return s.linesWith(licensing.RefuseLine) }

// answers tells whether the applicant asked a question, which is answered in
// words.
func (s *sheet) answers() bool {
	return s.Kind.Gives(licensing.LicenceNeeded) || s.Kind.Gives(licensing.Advised)
}

func (s *sheet) linesWith(outcome licensing.Outcome) []string {
	var out []string
	add := func(outcomes []licensing.LineOutcome) {
		for _, o := range outcomes {
			if o.Outcome == outcome && !slices.Contains(out, o.Line) {
				out = append(out, o.Line)
			}
		}
	}
	if s.Case.Proposal != nil {
		add(s.Case.Proposal.Outcomes)
	}
	if x := s.Case.Direction(); x != nil {
		add(x.Outcomes)
	}
	return out
}

// toldIn reads what the applicant is told of each ground, and the legal bases
// on which the rest is kept.
func toldIn(f url.Values, grounds []string) (reasons []licensing.ReleasedReason, withheld []licensing.Withheld) {
	for _, g := range grounds {
		if text := strings.TrimSpace(f.Get("told." + g)); text != "" {
			reasons = append(reasons, licensing.ReleasedReason{Ground: g, Text: text, Rests: []string{g}})
		}
	}
	for _, basis := range f["withheld"] {
		if basis = strings.TrimSpace(basis); basis != "" {
			withheld = append(withheld, licensing.Withheld{Basis: basis})
		}
	}
	return reasons, withheld
}

// rule is a rule of the pack by its id, with the id where there is none.
func (s *sheet) rule(id string) string {
	if r, ok := s.Pack.Rule(id); ok {
		return r.Finding
	}
	return id
}

// replay puts the recorded facts of a decision to its recorded pack again.
func (p *pages) replay(w http.ResponseWriter, r *http.Request) {
	v, ok := p.open(w, r)
	if !ok {
		return
	}
	again, err := p.App.Replay(r.Context(), door.Actor(r.Context()), v.ID())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	p.draw(w, r, http.StatusOK, v, tabDecision, ui.FormOf(), replayView(v, again))
}
