package assessment_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/policy"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// desk is an assessment being worked on: commands in, state out.
type desk struct {
	t     testing.TB
	state *assessment.State
	facts assessment.Facts
	log   []event.Recorded
}

const caseID = "0198c7c2-5a3e-7c7e-8f0a-3a1b2c3d4e5f"

func newDesk(t testing.TB, in *assessment.Input) *desk {
	t.Helper()
	c := *in
	c.Hits, c.Answers, c.Groups, c.Screened = nil, nil, nil, nil
	c.Lines = slices.Clone(in.Lines)
	for i := range c.Lines {
		c.Lines[i].Confirmed, c.Lines[i].Severity = nil, policy.Severity{}
	}
	return &desk{t: t, state: &assessment.State{}, facts: assessment.Facts{
		Now: noon, Actor: assessment.Actor{Account: "officer-1", Person: "person-1"}, Case: c, Basis: 1, Pack: basePack(t), Destinations: destinations(t),
	}}
}

// try gives a command and folds what it makes.
func (d *desk) try(c assessment.Command) ([]event.Event, error) {
	d.t.Helper()
	made, err := assessment.Decide(d.state, c, d.facts)
	if err != nil {
		return nil, err
	}
	var out []event.Event
	for _, n := range made {
		if n.Stream != event.StreamOf("assessment", caseID) {
			d.t.Fatalf("an event for %s", n.Stream)
		}
		d.facts.Now = d.facts.Now.Add(time.Minute)
		r := event.Recorded{Stream: n.Stream, Version: int64(len(d.log) + 1), Time: d.facts.Now, Actor: d.facts.Actor.Account, Event: n.Event}
		if err := d.state.Apply(r); err != nil {
			d.t.Fatal(err)
		}
		d.log = append(d.log, r)
		out = append(out, n.Event)
	}
	return out, nil
}

func (d *desk) do(c assessment.Command) []event.Event {
	d.t.Helper()
	out, err := d.try(c)
	if err != nil {
		d.t.Fatalf("%T: %v", c, err)
	}
	return out
}

// work carries out everything that an example file records, as an officer would.
func (d *desk) work(in *assessment.Input) {
	d.t.Helper()
	for _, l := range in.Lines {
		k := l.Confirmed
		d.do(assessment.Classify{Case: caseID, Line: l.ID, Category: k.Category, Listed: k.Listed, Codes: k.Codes, List: k.List, Place: 1})
		if l.Severity.Complete() {
			d.do(assessment.JudgeSeverity{Case: caseID, Line: l.ID, Severity: l.Severity, Reason: "as the sheet says"})
		}
	}
	d.screen(in)
	for _, h := range in.Hits {
		d.do(assessment.ResolveHit{Case: caseID, Hit: assessment.HitID(h.Party, h.List, h.Entry), Outcome: h.Outcome, Reason: h.Reason})
	}
	for i, a := range in.Answers {
		d.do(assessment.RecordFact{Case: caseID, ID: fmt.Sprintf("fact-%d", i), Answer: a})
	}
	if len(in.Groups) > 0 {
		d.do(assessment.StateGroups{Case: caseID, Groups: in.Groups, Reason: "from the reports on record"})
	}
}

func (d *desk) screen(in *assessment.Input) {
	d.t.Helper()
	c := assessment.RecordScreening{Case: caseID, Purpose: "case", Lists: searched(&assessment.Input{}).Screened, NotSearched: []string{"EU"}}
	for _, p := range in.Parties {
		c.Parties = append(c.Parties, p.ID)
	}
	for _, h := range in.Hits {
		h.Outcome = ""
		c.Hits = append(c.Hits, assessment.ScreenedHit{Hit: h, PartyHash: "p1", EntryHash: "e1"})
	}
	d.do(c)
}

// find makes a finding on every binding rule that applies, as the facts have it.
func (d *desk) find() {
	d.t.Helper()
	var c assessment.MakeFindings
	c.Case = caseID
	in := d.state.Input(d.facts.Case)
	for _, l := range in.Lines {
		f := assessment.FactsOf(d.facts.Pack, &in, l.ID, d.facts.Destinations)
		for _, g := range policy.Evaluate(d.facts.Pack, in.Day, f) {
			if g.Force.Binding() && g.Aside == "" {
				c.Findings = append(c.Findings, assessment.FindingInput{Line: l.ID, Rule: g.Rule, Status: g.Status, Search: "register, partners and UN findings"})
			}
		}
	}
	d.do(c)
}

func (d *desk) view() {
	d.t.Helper()
	actor := d.facts.Actor
	d.facts.Actor = assessment.Actor{Account: "adviser-1", Person: "person-2"}
	d.do(assessment.RecordView{Case: caseID, Likelihood: assessment.Likely, Severity: 5, Refuse: []string{d.facts.Case.Lines[0].ID}, Grounds: []assessment.ViewGround{{ID: "G1", Rule: "COC-R", Text: "No judge is asked."}}, Worry: "Everyone at a protest would be known."})
	d.facts.Actor = actor
}

func keys(items []fault.Item) string {
	var out []string
	for _, i := range items {
		out = append(out, strings.TrimPrefix(i.Key, "assessment.missing."))
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), " ")
}
