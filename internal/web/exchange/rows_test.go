package exchange_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// One report names several vendors, capabilities, end users, abuses and pieces of
// evidence. A row more or less keeps what was typed, a mistake stands at its own
// row, and everything goes out, is looked at for harm, is linked and is found on the
// case that it touches; what is taken out later is revoked, and the rest stays what
// it was.
func TestSeveralInOneReport(t *testing.T) {
	both(t, func(t *testing.T, engine store.Engine, clock *nodetest.Clock) {
		all := community(t, engine, clock, "XA", "XN")
		xn, xa := all["XN"], all["XA"]
		h := nodetest.Staff(t, xn.App)
		app := h.Application(nodetest.Example(t, "01"))
		c := h.Submit(app)
		user, _ := app.EndUser()

		const path = "/exchange/new/report"
		press := func(f uitest.Form, button string) uitest.Form {
			t.Helper()
			f.Set("rows", button)
			return xa.post(f, xa.Contact).Status(http.StatusOK).Form(f.Action)
		}
		f := xa.page(path, xa.Contact).LacksText("Remove vendor").Form(path)
		for name, value := range map[string]string{
			"title": "Three firms and two units", "text": "They sell and use it together.", "report_kind": "threat", "likelihood": "likely",
			"evidence": "corroborated", "admiralty": "B2", "basis": "A court file\nTwo audits", "purposes": "licensing", "audience": "XN",
			"vendor.1.name": "Quiet Lens Ltd", "vendor.1.country": "XA", "vendor.1.kind": "developer", "vendor.1.registration": "77",
			"capability.1.name": "Quiet Lens", "capability.1.harms": "device-intrusion", "user.1.name": "Special Telecommunications Unit", "user.1.kind": "police",
		} {
			f.Set(name, value)
		}
		f.Values["abuses"] = []string{"censorship", "torture"}
		id := f.Get("id")
		f = press(f, "add vendor")
		f.Set("vendor.2.name", "Left Out Ltd")
		f = press(f, "add vendor")
		f.Set("vendor.3.country", "XR")
		f = press(f, "add capability")
		f.Set("capability.2.name", "Night Lens")
		f = press(f, "add user")
		f.Set("user.2.name", user.Name())
		f = press(f, "remove vendor 2")
		if f.Get("id") != id || f.Get("text") == "" || len(f.Values["abuses"]) != 2 || f.Get("vendor.1.registration") != "77" || f.Get("capability.1.harms") != "device-intrusion" || f.Get("user.2.name") != user.Name() || f.Get("vendor.3.country") != "XR" || f.Get("vendor.2.name") != "" {
			t.Fatalf("what was typed is lost: %v", f.Values)
		}
		bad := xa.post(f, xa.Contact).Status(http.StatusUnprocessableEntity)
		for _, at := range []string{"vendor-3-name", "vendor-3-kind", "capability-2-harms", "user-2-kind"} {
			bad.Count(`.govuk-error-summary a[href="#f-`+at+`"]`, 1).Count("#f-"+at+"-error", 1)
		}
		bad.Count(".govuk-error-message", 4)
		f = bad.Form(path)
		f.Set("vendor.3.name", "Right Ltd")
		f.Set("vendor.3.kind", "reseller")
		f.Set("capability.2.harms", "interception")
		f.Set("user.2.kind", "military")
		paper := "/exchange/papers/" + id
		xa.post(f, xa.Contact).Redirects(paper)
		names := []string{"Quiet Lens Ltd", "Right Ltd", "Quiet Lens: ", "Night Lens: ", "Special Telecommunications Unit", user.Name(), "censorship", "torture", "A court file; Two audits"}
		look := xa.page(paper+"/check", xa.Adviser)
		for _, n := range names {
			look.HasText("main", n)
		}
		xa.issue(paper)
		out, _, err := xa.App.Outgoing(context.Background(), "XN", 0, 100)
		if err != nil || len(out) != 7 {
			t.Fatalf("%d objects go out (%v)", len(out), err)
		}

		xn.From(xa.Seat)
		xn.App.Runner().Drain(context.Background())
		n := seat{xn.Seat, h, xn.site}
		said := n.page("/cases/"+c, h.Officer).HasText("#reported", "Three firms and two units").Link("Three firms and two units")
		got := n.page(said, h.Officer).HasText("#alert", h.File(h.Officer, c).Case.Reference)
		for _, x := range names {
			got.HasText("#says", x)
		}
		linked := xn.page("/exchange/graph", xn.Contact)
		for _, x := range []string{"Quiet Lens Ltd", "Right Ltd", "Night Lens", user.Name()} {
			linked.HasText("details", x)
		}

		// Taking out the first vendor leaves the others what they were.
		before := xa.objects(id)
		clock.Move(time.Minute)
		f = press(xa.page(paper+"/edit", xa.Contact).Form(paper+"/edit"), "remove vendor 1")
		xa.post(f, xa.Contact).Redirects(paper)
		xa.issue(paper)
		xn.From(xa.Seat)
		n.page(n.page("/cases/"+c, h.Officer).Link("Three firms and two units"), h.Officer).HasText("#says", "Right Ltd").LacksText("Quiet Lens Ltd")
		if after := xa.objects(id); len(after) != len(before)-1 || slices.ContainsFunc(after, func(id string) bool { return !slices.Contains(before, id) }) {
			t.Errorf("%v became %v", before, after)
		}

		// There is an end to it, and it is said.
		f = xa.page(path, xa.Contact).Form(path)
		for i := range dispatch.MaxParts {
			f.Values["vendor"] = append(f.Values["vendor"], fmt.Sprint(i+2))
		}
		f.Set("rows", "add vendor")
		xa.post(f, xa.Contact).Status(http.StatusUnprocessableEntity).HasText(".govuk-error-summary a", "At most 50")
		f.Set("rows", "add country")
		xa.post(f, xa.Contact).Status(http.StatusUnprocessableEntity)
	})
}

// objects are the STIX ids of what an issued report is about.
func (s seat) objects(paper string) (ids []string) {
	s.T.Helper()
	p, err := s.App.Paper(context.Background(), s.Contact, paper)
	if err != nil {
		s.T.Fatal(err)
	}
	for _, o := range dispatch.Objects(p.Paper, &p.Content, &dispatch.Plan{Issued: dispatch.Issued{Handling: p.Handling}}) {
		if strings.HasPrefix(o.ID, "identity") || strings.HasPrefix(o.ID, "tool") {
			ids = append(ids, o.ID)
		}
	}
	return ids
}
