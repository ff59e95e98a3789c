package authority_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

const bulkAt = "/work/bulk"

// submitted are n cases that wait for an officer.
func (d *room) submitted(n int) []string {
	d.t.Helper()
	var ids []string
	for range n {
		a := d.Application(nodetest.Example(d.t, "01"))
		d.Do(d.Applicant, licensing.Submit{On: licensing.On{Case: a.ID}, Application: a})
		ids = append(ids, a.ID)
	}
	return ids
}

// pick picks cases on a list and goes on with an act.
func (d *room) pick(who access.Actor, act string, ids ...string) *uitest.Answer {
	d.t.Helper()
	form := d.get(who, "/work?list=open").Status(200).Form(bulkAt)
	form.Values["case"] = ids
	form.Set("act", act)
	return d.post(who, form)
}

func (d *room) events(id, kind string) (n int) {
	d.t.Helper()
	history, err := d.App.Timeline(d.t.Context(), d.Auditor, id)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, m := range history {
		if m.Type == kind {
			n++
		}
	}
	return n
}

// Cases are given to an officer many at a time: what is wrong with one is said
// before and leaves the others alone, and sent twice it is done once.
func TestManyCasesAreGivenToAnOfficer(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		ids := d.submitted(4)
		d.Do(d.Second, licensing.Recuse{On: licensing.On{Case: ids[1]}, Person: d.Second.Account, Ground: "family", Why: "A cousin works there"})
		d.Do(d.Coordinator, licensing.MoveCompartment{On: licensing.On{Case: ids[3]}, Compartment: "sealed", Why: "A matter of another department"})

		list := d.get(d.Coordinator, "/work?list=open&q=interior")
		form := list.Form(bulkAt)
		d.post(d.Coordinator, form).Status(422).HasText(".govuk-error-summary", "Pick at least one case").HasText(".active", "interior")
		form.Set("all", "all")
		form.Set("act", "assign")
		fill := d.post(d.Coordinator, form).Status(200).Sound()
		if n := len(fill.All("table.t tbody tr")); n != 3 {
			t.Fatalf("%d cases are picked with all on the page", n)
		}
		d.post(d.Coordinator, func() uitest.Form { f := fill.Form(bulkAt); f.Set("officer", ""); return f }()).Status(422).HasText(".govuk-error-summary", "officer")

		// A case that one may not see is not there, whatever the form says.
		look := fill.Form(bulkAt)
		look.Values["case"] = append(look.Values["case"], ids[3], "none")
		look.Set("officer", d.Second.Account)
		page := d.post(d.Coordinator, look).Status(200).Sound()
		page.HasText("table.t", "Will be done").HasText("table.t", "Will be left out").HasText("table.t", "keeps out").HasText("form", "2 cases of 3")
		if d.File(d.Coordinator, ids[0]).Case.Officer != "" {
			t.Fatal("looking gave a case away")
		}
		do := page.Form(bulkAt)
		if got := do.Get("query"); got != "list=open&q=interior" {
			t.Errorf("the way back is %q", got)
		}
		// Meanwhile somebody gives one of them to another officer.
		d.Do(d.Senior, licensing.Assign{On: licensing.On{Case: ids[2]}, Officer: d.Officer.Account})
		for range 2 {
			said := d.post(d.Coordinator, do).Status(200).Sound()
			said.HasText("[role=status]", "1 case of 3").HasText("table.t", "meanwhile")
		}
		for i, want := range []string{d.Second.Account, "", d.Officer.Account, ""} {
			who := d.Coordinator
			if i == 3 {
				who = d.Senior
				who.Compartments = []string{"sealed"}
			}
			if got := d.File(who, ids[i]).Case.Officer; got != want {
				t.Errorf("case %d is with %q, want %q", i, got, want)
			}
		}
		if n := d.events(ids[0], "case.assigned"); n != 1 {
			t.Errorf("%d events for one assignment", n)
		}
		// An officer may give no case away: the act is not offered and not taken.
		own := d.get(d.Officer, "/work?list=open")
		for _, o := range own.All("#f-act option") {
			if strings.Contains(uitest.Text(o), "Give to an officer") {
				t.Error("an officer is offered what a coordinator does")
			}
		}
		d.pick(d.Officer, "assign", ids[0]).Status(422)
		d.get(d.Auditor, "/work?list=open").Count("#bulk", 0)
	})
}

// Two officers ask the departments about the same cases at once: each case is
// asked once, and who came second is told of each.
func TestTwoOfficersAtTheSameCases(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		ids := d.submitted(3)
		for _, id := range ids {
			d.Do(d.Coordinator, licensing.Assign{On: licensing.On{Case: id}, Officer: d.Officer.Account})
		}
		var forms []uitest.Form
		both := []access.Actor{d.Officer, d.Second}
		for _, who := range both {
			fill := d.pick(who, "advice", ids...).Status(200).Form(bulkAt)
			fill.Values["departments"] = []string{"human_rights", "foreign"}
			forms = append(forms, d.post(who, fill).Status(200).Form(bulkAt))
			d.as(who)
		}
		var wait sync.WaitGroup
		answers := make([]*uitest.Answer, 2)
		for i, who := range both {
			wait.Go(func() { answers[i] = d.post(who, forms[i]) })
		}
		wait.Wait()
		done := 0
		for _, a := range answers {
			a.Status(200)
			for _, cell := range a.Texts("table.t td") {
				if cell == "Done" {
					done++
				}
			}
		}
		if done != len(ids) {
			t.Errorf("the two were told that %d of %d were done", done, len(ids))
		}
		for _, id := range ids {
			if n := d.events(id, "case.advice_asked"); n != 1 {
				t.Errorf("a case was asked %d times", n)
			}
		}
	})
}

// The other acts: notes and keeping out, one event a case.
func TestNotesAndRecusalsForManyCases(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := openRoom(t, app)
		ids := d.submitted(2)
		do := func(act string, values url.Values) {
			fill := d.pick(d.Officer, act, ids...).Status(200).Form(bulkAt)
			for k, v := range values {
				fill.Values[k] = v
			}
			d.post(d.Officer, d.post(d.Officer, fill).Status(200).Form(bulkAt)).Status(200).HasText("[role=status]", "2 cases of 2")
		}
		do("note", url.Values{"text": {"The ministry was moved in May."}})
		do("recuse", url.Values{"ground": {"family"}, "why": {"My sister directs the unit"}})
		for _, id := range ids {
			if n, r := d.events(id, "case.note_written"), d.events(id, "case.recused"); n != 1 || r != 1 {
				t.Errorf("%d notes, %d recusals", n, r)
			}
		}
		d.pick(d.Officer, "note", ids...).Status(200).HasText("table.t", "Refused")
	})
}
