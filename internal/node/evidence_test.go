package node_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/policy"
)

// source adds an item to the library and gives its id.
func source(h *nodetest.House, actor access.Actor, change func(*evidence.Add)) string {
	h.T.Helper()
	c := evidence.Add{
		OnItem: evidence.OnItem{Item: node.NewID()}, Country: "XR", Marking: evidence.Amber, Grade: "B2", Published: "2026-04-11", Language: "en",
		Details: evidence.Details{Title: "Visit to Karsovia", Source: "UN special procedure", Says: "Phones were read at two assemblies."},
	}
	if change != nil {
		change(&c)
	}
	h.Do(actor, c)
	return c.Item
}

// cite records a fact of the first example's end user that rests on an item.
func cite(id, item string) assessment.RecordFact {
	return assessment.RecordFact{Case: id, ID: node.NewID(), Item: item, Answer: assessment.Answer{
		Fact: "user.abuse_record", Value: policy.Bool(true), Date: "2026-04-11",
	}}
}

// assessed is the first example, complete, with a fact that rests on an item.
func assessedOn(h *nodetest.House, item string) string {
	h.T.Helper()
	in := nodetest.Example(h.T, "01")
	id := h.Submit(h.Application(in))
	h.Settle(id, in)
	h.Do(h.Officer, cite(id, item))
	h.Complete(id, in, "1", "2", "3")
	return id
}

// A source that is withdrawn opens the open cases that rest on it again: their
// facts no longer stand and their assessments are stale. Decided ones are listed
// and left alone.
func TestAWithdrawnSourceReopensOpenCases(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		h := nodetest.Staff(t, app)
		ctx := context.Background()
		item := source(h, h.Adviser, nil)
		open, decided := assessedOn(h, item), assessedOn(h, item)
		h.Do(h.Officer, cite(open, item)) // twice, for another reader
		h.Do(h.Officer, assessment.Complete{Case: open})
		h.Do(h.Applicant, licensing.Withdraw{On: licensing.On{Case: decided}, Why: "The order was cancelled."})

		f := h.File(h.Officer, open)
		if got := lastFact(f); got.Source() != "Visit to Karsovia, UN special procedure" || got.Grade != "B" {
			t.Errorf("the fact names %q, grade %q", got.Source(), got.Grade)
		}
		before, err := app.EvidenceItem(ctx, h.Officer, item, "")
		if err != nil || len(before.Resting) != 3 {
			t.Fatalf("%d facts rest on the item, %v", len(before.Resting), err)
		}

		h.Do(h.Adviser, evidence.Withdraw{OnItem: evidence.OnItem{Item: item}, Reason: "The author took it back."})
		app.Runner().Drain(ctx)
		f = h.File(h.Officer, open)
		if lastFact(f).Stands() || f.Assessment.Completion != nil {
			t.Error("the fact still stands, or the assessment is still complete")
		}
		if ok, missing := f.Assessment.Complete(f.Case.Basis); ok || missing[0].Args["what"] != "assessment.source_lost" {
			t.Errorf("what is missing: %v", missing)
		}
		if lastFact(h.File(h.Officer, decided)).Stands() != true {
			t.Error("a closed case was changed")
		}
		after, err := app.EvidenceItem(ctx, h.Officer, item, "")
		if err != nil {
			t.Fatal(err)
		}
		standing := 0
		for _, r := range after.Resting {
			if r.Stands {
				standing++
			}
			if r.Stands && r.Group != "closed" {
				t.Errorf("a fact of the open case %s still stands", r.Reference)
			}
		}
		if standing != 1 || len(after.Resting) != 3 {
			t.Errorf("%d of %d facts stand", standing, len(after.Resting))
		}
		// Nothing may newly rest on it, and running again changes nothing.
		if err := app.Do(ctx, h.Officer, cite(open, item)); !fault.Is(err, fault.Invalid) {
			t.Errorf("a fact on a withdrawn source: %v", err)
		}
	})
}

func lastFact(f *node.CaseFile) assessment.FactState {
	for i := len(f.Assessment.Facts) - 1; i >= 0; i-- {
		if f.Assessment.Facts[i].Item != "" {
			return f.Assessment.Facts[i]
		}
	}
	return assessment.FactState{}
}

// What lies in a compartment answers as if it did not exist for who was not
// admitted: the item, its copy, lists, searches, and what rests on it.
func TestACompartmentHidesSources(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := nodetest.Staff(t, app)
		ctx := context.Background()
		in := h.Adviser
		in.Compartments = []string{"north"}
		id := node.NewID()
		copied, err := app.ArchiveCopy(ctx, in, id, "report.txt", strings.NewReader("What the source said.\n"))
		if err != nil {
			t.Fatal(err)
		}
		closed := func(c *evidence.Add) {
			c.Item, c.Compartment, c.Marking, c.Copy, c.Details.Title = id, "north", evidence.Red, copied, "A source at risk"
		}
		var refusedAdd evidence.Add
		closed(&refusedAdd)
		if err := app.Do(ctx, h.Officer, refusedAdd); !fault.Is(err, fault.NotFound) {
			t.Errorf("added into a compartment by who is not in it: %v", err)
		}
		source(h, in, closed)
		open := source(h, h.Officer, nil)

		list := func(a access.Actor, find ...string) (titles []string) {
			t.Helper()
			if err := app.Store().View(ctx, func(tx *store.Tx) error {
				rows, err := tx.ListEvidence(store.Evidence{Scope: access.ScopeOf(a, access.EvidenceRead), Find: find, Limit: 10})
				for _, r := range rows {
					titles = append(titles, r.Title)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return titles
		}
		if got := list(in); len(got) != 2 {
			t.Errorf("the admitted see %q", got)
		}
		if got := list(h.Officer); len(got) != 1 || got[0] != "Visit to Karsovia" {
			t.Errorf("others see %q", got)
		}
		if got := list(in, "risk"); len(got) != 1 {
			t.Errorf("the admitted find %q", got)
		}
		if got := list(h.Officer, "risk"); len(got) != 0 {
			t.Errorf("others find %q", got)
		}
		if got := list(h.Applicant); len(got) != 0 {
			t.Errorf("an applicant sees %q", got)
		}
		if _, err := app.EvidenceItem(ctx, h.Officer, id, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("the item: %v", err)
		}
		if _, _, err := app.OpenCopy(ctx, h.Officer, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("the copy: %v", err)
		}
		_, r, err := app.OpenCopy(ctx, in, id)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(r)
		_ = r.Close()
		if string(body) != "What the source said.\n" {
			t.Errorf("the copy says %q", body)
		}
		if err := app.Do(ctx, h.Officer, evidence.Withdraw{OnItem: evidence.OnItem{Item: id}, Reason: "Guessed its id."}); !fault.Is(err, fault.NotFound) {
			t.Errorf("withdrawn by who may not see it: %v", err)
		}
		// A case outside can't rest on it, and a brief outside neither.
		ex := nodetest.Example(t, "01")
		c := h.Submit(h.Application(ex))
		h.Settle(c, ex)
		if err := app.Do(ctx, in, cite(c, id)); !fault.Is(err, fault.Invalid) {
			t.Errorf("cited where others read: %v", err)
		}
		h.Do(in, cite(c, open))
		brief := node.NewID()
		h.Do(h.Adviser, evidence.Open{OnBrief: evidence.OnBrief{Brief: brief}, About: evidence.Destination, Subject: "XR", Marking: evidence.Amber, ReviewBy: "2027-05-01"})
		for who, want := range map[string]error{id: fault.New(fault.Invalid, ""), open: nil} {
			err := app.Do(ctx, in, evidence.Write{OnBrief: evidence.OnBrief{Brief: brief}, Section: "situation", Text: "Assemblies are watched.", Items: []string{who}})
			if (err == nil) != (want == nil) {
				t.Errorf("a brief that rests on %s: %v", who, err)
			}
		}
		// Erased, it is gone wherever it is cited.
		custodian := nodetest.Person(t, app, h.Authority, "custodian", access.Custodian)
		h.Do(custodian, node.Erase{What: event.StreamOf(evidence.KindItem, open), Rule: "request of the source"})
		if got := lastFact(h.File(h.Officer, c)).Source(); !strings.Contains(got, "erased on") {
			t.Errorf("after the erasure the fact names %q", got)
		}
		if got := list(h.Officer, "karsovia"); len(got) != 0 {
			t.Errorf("after the erasure a search finds %q", got)
		}
	})
}

// What a brief says of a law is what rules read, paper apart from practice, and
// a change opens complete assessments with that destination again.
func TestRulesReadTheLawOfABrief(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		h := nodetest.Staff(t, app)
		ctx := context.Background()
		in := nodetest.Example(t, "01")
		id := h.Submit(h.Application(in))
		h.Settle(id, in)
		h.Complete(id, in, "1", "2", "3")
		on := evidence.OnBrief{Brief: node.NewID()}
		h.Do(h.Adviser, evidence.Open{OnBrief: on, About: evidence.Destination, Subject: in.Destination, Marking: evidence.Amber, ReviewBy: "2027-05-01"})
		if err := app.Do(ctx, h.Adviser, evidence.Open{OnBrief: evidence.OnBrief{Brief: node.NewID()}, About: evidence.Destination, Subject: in.Destination, Marking: evidence.Amber, ReviewBy: "2027-05-01"}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second brief on the same destination: %v", err)
		}
		fact := func() policy.Value {
			t.Helper()
			if err := app.ReloadEngines(ctx); err != nil {
				t.Fatal(err)
			}
			e, err := app.Engines(ctx)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range e.Destinations[in.Destination].Law {
				if s.Fact == "dest.law_prior_authorisation" {
					return s.Holds()
				}
			}
			return policy.Value{}
		}
		if !fact().False() {
			t.Fatal("the shipped profile says that nobody authorises")
		}
		set := func(part evidence.Part, practice evidence.Answer) {
			t.Helper()
			s := evidence.Safeguard{Paper: evidence.Yes, Date: "2026-10-01", Words: evidence.LawWords{Provision: "Surveillance Act 2026 s. 3", Text: "A judge decides first."}}
			if practice != "" {
				s.Practice, s.PracticeDate, s.Words.Practice, s.Words.Source = practice, "2026-11-01", "Courts keep a register.", "embassy"
			}
			h.Do(h.Adviser, evidence.SetLaw{OnBrief: on, Part: part, Safeguard: s})
		}
		set(evidence.Warrant, "")
		if fact().Known() {
			t.Error("a law whose practice nobody looked at is not unknown")
		}
		set(evidence.Warrant, evidence.Yes)
		set(evidence.Judge, evidence.Yes)
		if !fact().True() {
			t.Error("a law that is kept to does not hold")
		}
		app.Runner().Drain(ctx)
		f := h.File(h.Officer, id)
		if f.Assessment.Completion != nil {
			t.Error("the assessment is still complete on another law")
		}
		clock.Move(time.Hour)
		file, err := app.BriefFile(ctx, h.Officer, on.Brief)
		if err != nil || len(file.Law) != 2 || file.Dest == nil || file.Dest.Scrutiny == policy.ScrutinyUnknown {
			t.Errorf("%+v, %v", file, err)
		}
		if _, err := app.BriefFile(ctx, h.Applicant, on.Brief); !fault.Is(err, fault.NotFound) {
			t.Errorf("an applicant reads a brief: %v", err)
		}
	})
}
