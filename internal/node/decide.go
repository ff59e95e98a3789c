package node

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/policy"
)

// factsFormat is the form of the document of facts that a decision rests on.
const factsFormat = "comity/decision-facts/v1"

// DecisionFacts is the document of facts: everything a decision rested on, so
// that its findings can be computed again by any later version of the program.
type DecisionFacts struct {
	Format       string           `json:"format"`
	Case         string           `json:"case"` // reference
	Day          policy.Date      `json:"day"`
	Pack         string           `json:"pack"` // hash of the pack's canonical form
	ControlLists string           `json:"control_lists"`
	WatchLists   []string         `json:"watch_lists"`
	NotSearched  []string         `json:"not_searched,omitempty"`
	Indicators   string           `json:"indicators"`
	Input        assessment.Input `json:"input"` // the case with classifications, resolved hits and recorded facts
	Lines        []LineFacts      `json:"lines"`
}

// LineFacts are the facts of one line with what the pack made of them.
type LineFacts struct {
	Line     string           `json:"line"`
	Facts    policy.Facts     `json:"facts"`
	Findings []policy.Finding `json:"findings"`
	Outcome  policy.Outcome   `json:"outcome"`
}

// rested is a decision's preparation: the documents it rests on, in the vault,
// and the versions of the streams they were made of.
type rested struct {
	engines    *Engines
	rests      licensing.Rests
	objects    []vault.Object
	pack       *vault.Object // nil where the vault holds this pack already
	kept       kept
	caseAt     int64
	assessedAt int64
}

// restOn gathers what a decision will rest on and writes it to the vault before
// the transaction. If case or assessment moves meanwhile, it is gathered again.
func restOn(ctx context.Context, a *App, actor access.Actor, cmd licensing.DecideCase) (*rested, error) {
	e, err := a.Engines(ctx)
	if err != nil {
		return nil, err
	}
	r := &rested{engines: e}
	var c licensing.Case
	var s assessment.State
	var broken []licensing.BrokenElsewhere
	havePack := false
	packOwner := event.StreamOf("pack", e.Pack.Hash())
	err = a.db.View(ctx, func(t *store.Tx) (err error) {
		if r.caseAt, err = t.Load(cmd.Stream(), &c); err != nil {
			return err
		}
		if r.assessedAt, err = t.Load(AssessmentStream(cmd.Case), &s); err != nil {
			return err
		}
		if broken, err = brokenElsewhere(t, &c); err != nil {
			return err
		}
		_, havePack, err = t.DocumentOf(packOwner)
		return err
	})
	if err != nil {
		return nil, fault.Wrap(err, "node: decision")
	}
	if r.caseAt == 0 || !access.Can(actor, access.CaseDecide, thingOf(&c)) {
		// The command itself gives the precise answer.
		return r, nil
	}
	day := policy.DateOf(a.Now())
	doc := DecisionFacts{
		Format: factsFormat, Case: c.Reference, Day: day, Pack: e.Pack.Hash(), ControlLists: e.ControlLists, WatchLists: e.WatchLists,
		NotSearched: e.NotSearched, Indicators: e.Indicators, Input: s.Input(CaseInput(&c, day, broken)),
	}
	doc.Lines = linesOf(e, day, &doc.Input)
	r.kept = keptOf(e.Pack, day, &doc.Input, doc.Lines)
	body, err := json.Marshal(doc)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(body)
	obj, err := a.putInternal(ctx, cmd.Stream(), body)
	if err != nil {
		return nil, err
	}
	r.objects = append(r.objects, obj)
	if !havePack {
		p, err := a.putInternal(ctx, packOwner, e.Pack.Canonical())
		if err != nil {
			return nil, err
		}
		r.pack = &p
	}
	r.rests = licensing.Rests{
		PolicyPack: e.Pack.Hash(), ControlList: e.ControlLists, WatchLists: e.WatchLists, Indicators: e.Indicators,
		Facts: hex.EncodeToString(sum[:]), Document: obj.ID, NotSearched: e.NotSearched,
	}
	return r, nil
}

// linesOf are the facts of each line with what the pack makes of them.
func linesOf(e *Engines, day policy.Date, in *assessment.Input) []LineFacts {
	var out []LineFacts
	for _, l := range in.Lines {
		facts := assessment.FactsOf(e.Pack, in, l.ID, e.Destinations)
		findings := policy.Evaluate(e.Pack, day, facts)
		out = append(out, LineFacts{l.ID, facts, findings, policy.Resolve(e.Pack, findings, facts)})
	}
	return out
}

// putInternal stores a document of our own making, compressed and as text, so
// that the vault takes it like any other.
func (a *App) putInternal(ctx context.Context, owner event.Stream, body []byte) (vault.Object, error) {
	return a.objects.Put(ctx, vault.Upload{Owner: owner, Name: "record.json", Size: int64(len(body)), Own: "application/json"}, bytes.NewReader(body))
}

func decide(t *Tx, cmd licensing.DecideCase, r *rested) error {
	c, version, err := load[*licensing.Case](t, cmd.Stream())
	if err != nil {
		return err
	}
	if err := t.Must(access.CaseRead, access.CaseDecide, thingOf(c)); err != nil {
		return err
	}
	_, assessedAt, err := load[*assessment.State](t, AssessmentStream(cmd.Case))
	if err != nil {
		return err
	}
	if version != r.caseAt || assessedAt != r.assessedAt {
		return errMoved
	}
	facts, err := t.caseFacts(c, cmd, r.engines)
	if err != nil {
		return err
	}
	if facts.Decision, err = t.decisionFacts(c, r.engines, r.rests, cmd.Outcomes); err != nil {
		return err
	}
	if cmd.Licence != nil {
		year := t.Now().In(r.engines.Calendar.Location()).Year()
		n, err := t.Next(fmt.Sprintf("licence %d", year))
		if err != nil {
			return fault.Wrap(err, "node: reference")
		}
		facts.LicenceReference = fmt.Sprintf("%s-L-%d-%04d", t.app.cfg.prefix(), year, n)
	}
	if err := t.decideCase(c, cmd, facts); err != nil {
		return err
	}
	if err := t.openDenial(c, r.engines); err != nil {
		return err
	}
	if err := keepFacts(t.Tx, c.ID, t.Now(), r.kept); err != nil {
		return err
	}
	for _, o := range r.objects {
		if err := t.PutObject(o); err != nil {
			return err
		}
	}
	if r.pack != nil {
		return t.PutObject(*r.pack)
	}
	return nil
}

// decide is what the domain makes of a command, from somebody whom no interest of
// their own keeps out.
func (t *Tx) decide(c *licensing.Case, cmd licensing.Command, facts licensing.Facts) ([]event.New, error) {
	if err := t.keptApart(c, cmd, facts.Calendar.Day(facts.Now)); err != nil {
		return nil, err
	}
	return licensing.Decide(c, cmd, facts)
}

// decideCase lets the domain decide, appends, and starts what must follow.
func (t *Tx) decideCase(c *licensing.Case, cmd licensing.Command, facts licensing.Facts) error {
	before := c.Basis
	if err := t.mayTell(c, cmd); err != nil {
		return err
	}
	events, err := t.decide(c, cmd, facts)
	if err != nil {
		return err
	}
	if err := t.Append(events); err != nil {
		return err
	}
	if err := t.follow(c, cmd, events); err != nil {
		return err
	}
	if c.Basis != before && !c.AtRest() {
		return t.screenLater(c.ID, c.Basis)
	}
	return nil
}

// decisionFacts is what the assessment says, for the domain that decides.
func (t *Tx) decisionFacts(c *licensing.Case, e *Engines, rests licensing.Rests, outcomes []licensing.LineOutcome) (*licensing.DecisionFacts, error) {
	s, _, err := load[*assessment.State](t, AssessmentStream(c.ID))
	if err != nil {
		return nil, err
	}
	broken, err := brokenElsewhere(t.Tx, c)
	if err != nil {
		return nil, err
	}
	af := assessFacts(t, c, e, broken)
	out := &licensing.DecisionFacts{Author: s.Author(), Rests: rests, Broken: broken}
	presumption, err := presumed(t, c.App().EndUse.Country)
	if err != nil {
		return nil, err
	}
	if presumption.Holds(c.ID, e.Calendar.Day(t.Now())) {
		out.Presumed = presumption.From
	}
	out.Complete, out.Missing = s.Complete(c.Basis)
	if s.Completion != nil {
		out.Basis = s.Completion.Basis
	} else if n := len(s.Earlier); n > 0 {
		out.Basis = s.Earlier[n-1].Basis
	}
	if out.Complete && s.Completion.Pack != e.Pack.Hash() {
		// Another pack came into force since: what it asks and nobody answered.
		out.Missing = s.Missing(af)
		out.Complete = len(out.Missing) == 0
	} else if !out.Complete {
		out.Missing = append(out.Missing, s.Missing(af)...)
	}
	in := s.Input(af.Case)
	undercut, err := t.undercuts(c.ID, e, in)
	if err != nil {
		return nil, err
	}
	for _, l := range s.LineViews(af) {
		lf := licensing.LineFacts{Undercuts: slices.Contains(undercut, l.Line), Line: l.Line, Category: l.Category, Severity: l.Severity, Undecided: ruleRefs(l.Undecided), Met: ruleRefs(l.Met)}
		if len(l.Codes) > 0 {
			lf.Code = l.Codes[0]
		}
		for _, u := range l.Unknowns {
			lf.Unknowns = append(lf.Unknowns, licensing.Unknown{Rule: licensing.Rule{ID: u.ID, Title: u.Title}, Reason: u.Reason})
		}
		out.Lines = append(out.Lines, lf)
		for _, r := range append(append([]assessment.RuleView{}, l.Met...), l.Weigh...) {
			out.Release = append(out.Release, r.ID) // that a rule is met is told; what it rests on is not, unless released
		}
	}
	out.Second = second(e, in, outcomes)
	if v := s.AdviserView(); v != nil {
		view := &licensing.AdviserView{Person: v.Person, Refuse: v.Refuse, Text: v.Worry.Value}
		for _, g := range v.Grounds {
			view.Grounds = append(view.Grounds, licensing.Ground{ID: g.ID, Rule: g.Rule, Text: g.Text})
		}
		out.Adviser = view
	}
	return out, nil
}

// undercuts are the lines with a party that a person found to be one that was
// refused before, while no other state was consulted for the case and nobody
// recorded whether one was. A record has its source or search, so that either
// leaves why.
func (t *Tx) undercuts(id string, e *Engines, in assessment.Input) (lines []string, err error) {
	for _, l := range in.Lines {
		facts := assessment.FactsOf(e.Pack, &in, l.ID, e.Destinations)
		if facts.Value("party.denied").True() && !facts.Value("case.denial_consulted").Known() {
			lines = append(lines, l.ID)
		}
	}
	if len(lines) == 0 {
		return nil, nil
	}
	asked, err := t.ListQuestions(store.Questions{Scope: access.Scope{Everything: true}, Case: id, Limit: 100})
	if err != nil || slices.ContainsFunc(asked, func(q store.QuestionRow) bool { return q.Of == string(evidence.Partner) }) {
		return nil, err
	}
	return lines, nil
}

// second is whose signature the pack asks for under these outcomes. Nothing is
// asked of the pack where no outcome is proposed: then anybody's second word.
func second(e *Engines, in assessment.Input, outcomes []licensing.LineOutcome) *licensing.Second {
	if len(outcomes) == 0 {
		return nil
	}
	out := &licensing.Second{}
	for _, o := range outcomes {
		word := "approve"
		switch {
		case o.Outcome == licensing.RefuseLine:
			word = "refuse"
		case !o.Outcome.LetsGo():
			continue
		}
		facts := assessment.FactsOf(e.Pack, &in, o.Line, e.Destinations)
		for _, s := range policy.CountersignaturesFor(e.Pack, facts, word) {
			if role := access.Role(s.By); !slices.Contains(out.By, role) {
				out.By = append(out.By, role)
			}
		}
	}
	return out
}

func ruleRefs(views []assessment.RuleView) []licensing.Rule {
	var out []licensing.Rule
	for _, v := range views {
		out = append(out, licensing.Rule{ID: v.ID, Title: v.Title})
	}
	return out
}
