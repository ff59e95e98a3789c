package exchange_test

import (
	"net/http"
	"testing"

	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// Others leave a statement as it is and answer with an opinion on the standard's
// scale, a sighting or a note of their own, after a second person's look, to those
// who have the statement and nobody else. Its originator sees them under it and in
// the graph.
func TestAnswersOfTheirOwn(t *testing.T) {
	both(t, func(t *testing.T, engine store.Engine, clock *nodetest.Clock) {
		all := community(t, engine, clock, "XA", "XN", "XR", "XS")
		xn, xa, xr, xs := all["XN"], all["XA"], all["XR"], all["XS"]
		xa.Issue(nodetest.Said(clock.Now(), "Our warning about the unit", "Special Telecommunications Unit", "XN", "XR"))
		xn.From(xa.Seat)
		xr.From(xa.Seat)
		said := xn.only("Our warning about the unit")
		write := xn.page(said, xn.Contact).Link("Answer with an opinion, a sighting or a note")
		path := "/exchange/new/reply"
		begin := func() uitest.Form {
			t.Helper()
			return xn.page(write, xn.Contact).NothingChosen("as").LacksText("Review").Form(path)
		}
		f := begin()
		if a := f.Values["audience"]; len(a) != 2 || a[0] != "XA" || a[1] != "XR" {
			t.Errorf("the form begins with the audience %v", a)
		}
		f.Set("text", "Our embassy found no such unit.")
		xn.post(f, xn.Contact).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "Choose one of the list")
		f.Set("as", "opinion")
		f.Set("opinion", "strongly-disagree")
		f.Set("tlp", "green")
		paper := "/exchange/papers/" + f.Get("id")
		xn.post(f, xn.Contact).Redirects(paper)
		xn.check(paper)
		xn.page(paper, xn.Contact).HasText("#who", "can't be marked lower")
		edit := xn.page(paper+"/edit", xn.Contact).Form(paper + "/edit")
		edit.Set("tlp", "amber")
		edit.Values["audience"] = []string{"XA", "XR", "XS"}
		xn.post(edit, xn.Contact).Redirects(paper)
		xn.check(paper)
		xn.page(paper, xn.Contact).HasText("#who", "does not have what this answers")
		edit = xn.page(paper+"/edit", xn.Contact).Form(paper + "/edit")
		edit.Values["audience"] = []string{"XA", "XR"}
		edit.Set("as", "note")
		xn.post(edit, xn.Contact).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "stays one")
		edit.Set("as", "opinion")
		xn.post(edit, xn.Contact).Redirects(paper)
		xn.page(paper, xn.Contact).HasText("#who", "second person has to look first")
		xn.issue(paper)

		f = begin()
		f.Set("as", "sighting")
		f.Set("count", "3")
		date(f, "first", "1", "10", "2026")
		date(f, "until", "1", "9", "2026")
		xn.post(f, xn.Contact).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "the last not before the first")
		date(f, "until", "2", "10", "2026")
		seen := "/exchange/papers/" + f.Get("id")
		f.Set("text", "In three offers to our exporters.")
		xn.post(f, xn.Contact).Redirects(seen)
		xn.issue(seen)
		f = begin()
		f.Set("as", "note")
		f.Set("text", "It was renamed in May.")
		note := "/exchange/papers/" + f.Get("id")
		xn.post(f, xn.Contact).Redirects(note)
		xn.issue(note)

		if n := news(xa.From(xn.Seat)); n != 3 {
			t.Fatalf("Alvania got %d", n)
		}
		xr.From(xn.Seat)
		if got := xs.From(xn.Seat); got != nil {
			t.Fatalf("who does not have it got %+v", got)
		}
		own := xa.page(xa.page("/exchange/out", xa.Contact).Link("Our warning about the unit"), xa.Contact).HasText("#answers", "strongly disagree").HasText("#answers", "Seen there too").HasText("#answers", "Note")
		xa.page(own.Link("strongly disagree"), xa.Contact).HasText("#says", "Our embassy found no such unit.").HasText("#says", "strongly disagree")
		xa.page(own.Link("Seen there too"), xa.Contact).HasText("#says", "In three offers").HasText("#says", "1 October 2026").HasText("#says", "2 October 2026").HasText("#says", "3")
		xa.page("/exchange/graph", xa.Contact).HasText("svg", "Opinion: Norland").HasText("svg", "Sighting: Norland").HasText("details", "Note: Norland")
		xr.page(xr.only("Our warning about the unit"), xr.Contact).HasText("#replies", "strongly disagree")
	})
}
