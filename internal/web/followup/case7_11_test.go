package followup_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
)

// drafted is an application that its exporter has written so far.
func (d desk) drafted(a licensing.Application) string {
	d.T.Helper()
	a.Declaration = licensing.Declaration{}
	body, err := json.Marshal(a)
	if err == nil {
		_, err = d.App.SaveDraft(d.T.Context(), d.Applicant, node.Draft{ID: a.ID, Kind: "application", Title: a.Title, Body: body})
	}
	if err != nil {
		d.T.Fatal(err)
	}
	return "/exporter/drafts/" + a.ID
}

// A firm without a state behind it is asked for its owners, its clients, the
// licence of its trade and resale, paragraph by paragraph, before anybody
// looks at the case.
func TestCase7_11AFirmIsAskedWhoOwnsIt(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		a := d.applied(nodetest.Example(t, "11"))
		a.Answers = nil
		for i := range a.Parties {
			a.Parties[i].Ownership = party.Ownership{}
		}
		draft := d.drafted(a)
		missing := d.page(draft+"/missing", d.Applicant)
		for _, asked := range []string{"NST-1", "NST-2", "NST-3", "NST-4"} {
			missing.HasText("section.finding", asked)
		}
		missing.HasText("section.finding h3", "Owners").HasText("section.finding h3", "Clients").HasText("section.finding h3", "Licensing of its trade").HasText("section.finding h3", "Resale")
	})
}

// A hidden owner is an unknown that nobody can bear at severity 4 and 5, though
// nothing else speaks against the user, and no figure of its country stands in
// for it.
func TestCase7_11AHiddenOwnerBlocks(t *testing.T) {
	app := nodetest.Open(t, store.SQLite, nodetest.NewClock())
	d := newDesk(t, app)
	in := nodetest.Example(t, "11")
	in.Hits, in.Lines = nil, slices.DeleteFunc(in.Lines, func(l assessment.Line) bool { return l.ID != "research" })
	in.Answers = slices.DeleteFunc(in.Answers, func(a assessment.Answer) bool { return a.Party == "helm" || a.Fact == "user.owner_concern" })
	in.Parties = slices.DeleteFunc(in.Parties, func(p assessment.Party) bool { return p.ID == "helm" })
	for i := range in.Parties {
		if in.Parties[i].ID == "lab" {
			in.Parties[i].Hidden, in.Parties[i].Roles = true, []string{"end_user"}
		}
	}
	id := d.Submit(d.applied(in))
	d.Settle(id, in)
	d.page("/cases/"+id+"/parties", d.Officer).HasText("#party-lab .chip", "The owners were asked for and not told.")
	d.page("/cases/"+id+"/assessment", d.Officer).HasText("main", "owner")
	sheet := d.page("/cases/"+id+"/decision", d.Officer)
	sheet.HasText("main", "COC-4a").HasText("main", "can't be borne at this severity")
	d.recommended(id, map[string]string{"research": "issue"}, "site-use")
	no := d.post(d.deciding(id, map[string]string{"research": "issue"}), d.Senior).Status(http.StatusConflict)
	no.HasText(".govuk-error-summary a", "COC-4a")
	if d.File(d.Officer, id).Case.Decision != nil {
		t.Error("it was decided")
	}
}

// The firm is refused and the laboratory gets its kit for its own site and named
// staff; the page tells both outcomes with the facts that part them.
func TestCase7_11PrivateFirmAndLaboratory(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		d := newDesk(t, app)
		in := nodetest.Example(t, "11")
		id := d.Submit(d.applied(in))
		d.Settle(id, in)
		d.page("/cases/"+id, d.Officer).HasText("main", "One match with a listed party waits for a person's answer.")
		d.page("/cases/"+id+"/parties", d.Officer).HasText("#party-helm .chip", "The owners were asked for and not told.").HasText("#party-helm li", "Marqab Holding SAL").HasText("#party-helm", "It stays unknown, and the case can't go on until it is answered.")
		for _, h := range d.File(d.Officer, id).Assessment.Hits {
			if h.Party == "helm" && h.Outcome != assessment.SameParty {
				f := d.page("/cases/"+id+"/parties", d.Officer).Form("/cases/" + id + "/hits/" + h.ID)
				f.Set("hit."+h.ID+".outcome", string(assessment.SameParty))
				f.Set("hit."+h.ID+".reason", "The shares are held for the listed holding.")
				d.post(f, d.Officer).Status(http.StatusSeeOther)
			}
		}
		d.Complete(id, in, "tracking", "extraction")
		outcomes := map[string]string{"tracking": "refuse", "extraction": "refuse", "research": "issue"}
		d.page("/cases/"+id+"/decision/recommend", d.Officer).NothingChosen("outcome.tracking", "outcome.research")
		l := d.decided(id, outcomes, "site-use", "serial-tracking")
		if len(l.Lines) != 1 || l.Lines[0].Line != "research" {
			t.Fatalf("the licence lets go %+v", l.Lines)
		}
		sheet := d.page("/cases/"+id+"/decision", d.Auditor).HasText("#decided", "refused").HasText("main", "a mining company whose guards were convicted")
		sheet.HasText("main", "at its own site, by named staff")
		d.page("/licences/"+l.ID, d.Officer).HasText("#conditions li", "at its own site, by named staff")
		d.App.Runner().Drain(t.Context())
		d.page("/exporter/cases/"+id, d.Applicant).HasText("#decision", "refused").HasText("#decision", "1 phone extraction kit").HasText("#decision", "named staff").LacksText("convicted")
		d.page("/cases/"+id+"/decision/replay", d.Auditor).HasText("#replay", "Same findings and outcome")
	})
}
