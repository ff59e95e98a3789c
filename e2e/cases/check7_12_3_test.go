package cases

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/incidents"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/verification"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// What stands in a closed compartment: nobody outside may read these words.
const (
	closedTitle  = "Sumpfohreule"
	closedUser   = "Wendehals"
	closedSource = "Kanarienvogel"
)

// asked are the pages that are asked with a word of what is closed, besides those
// that links lead to: search, lists with filters, exports, the record.
var asked = []string{
	"/home", "/work", "/cases", "/cases?list=all", "/cases?list=all&q=Ziegenmelker", "/cases?destination=XR&list=all", "/find?q=Ziegenmelker", "/parties", "/parties?q=Ziegenmelker", "/licences", "/licences?status=valid", "/licences/duties",
	"/verification", "/verification/plans", "/incidents", "/portfolio", "/evidence", "/evidence?q=Ziegenmelker", "/briefs", "/questions", "/record", "/screenings", "/statistics", "/reports", "/customs", "/stops", "/enforcement",
	"/exchange", "/exchange/out", "/people", "/erase", "/account", "/instruments", "/", "/states", "/register", "/exporter", "/exporter/applications?q=Ziegenmelker", "/exporter/licences",
}

// walkAll asks for every page that links lead to, for one person; many of one
// shape are looked at a few times. It gives the pages' texts by address.
func (s *stage) walkAll(who access.Actor) map[string]string {
	s.T.Helper()
	cookie := s.SignIn(who)
	queue, seen, shapes := append([]string(nil), asked...), map[string]string{}, map[string]int{}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if _, done := seen[path]; done || !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "/static/") {
			continue
		}
		parts := strings.SplitN(strings.TrimPrefix(path, "/"), "/", 3)
		if shape := parts[0] + strings.Repeat("/", len(parts)); len(parts) > 1 {
			if shapes[shape]++; shapes[shape] > 12 {
				continue
			}
		}
		a := uitest.Get(s.T, s.site, path, cookie)
		seen[path] = a.Body
		if a.Code != http.StatusOK {
			continue
		}
		if !strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
			continue
		}
		for _, link := range a.All("a[href]") {
			href, _ := uitest.Attr(link, "href")
			href, _, _ = strings.Cut(href, "#")
			queue = append(queue, href)
		}
	}
	return seen
}

// calendar is what a person's calendar program is told.
func (s *stage) calendar(who access.Actor) string {
	s.T.Helper()
	token, err := s.App.OpenCalendar(s.T.Context(), who)
	if err != nil {
		return "" // who has none
	}
	w := httptest.NewRecorder()
	s.site.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/calendar/"+token+".ics", nil))
	return w.Body.String()
}

// A case, its parties, its licence, its check and its source in a compartment
// are seen by nobody outside it, whatever their role: on no page, in no search,
// count, export, calendar or log.
func TestCheck7_12_3NothingIsSeenOutsidePurpose(t *testing.T) {
	var log bytes.Buffer
	clock := nodetest.NewClock()
	cfg := nodetest.Config(t, store.SQLite, clock)
	cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	s := set(t, nodetest.OpenAt(t, cfg), clock)
	in := nodetest.Example(t, "12")
	in.Title = closedTitle + " and Ziegenmelker"
	id := s.apply("individual", in, func(a *licensing.Application) {
		a.Parties[0].Names = []party.Name{{Text: closedUser + " Ziegenmelker"}}
		a.Lines[0].Tariff, a.Lines[0].TariffAsOf = nodetest.Tariff, "2026-01-01"
	})
	s.Settle(id, in)
	s.Complete(id, in)
	line := in.Lines[0].ID
	s.carry(id, "", map[string]licensing.Outcome{line: licensing.Issue}, nil)
	l := s.licence(id)
	s.sends(s.shipment(l, 1, line, 2))
	check := node.NewID()
	s.Do(s.Verifier, verification.Prepare{OnCheck: verification.OnCheck{Check: check}, Licence: l.ID, Reason: verification.Condition, Why: closedTitle, Checklist: "papers", Officer: s.Verifier.Account, Due: s.today().Add(5), Place: closedTitle})
	s.Do(s.Officer, licensing.WriteNote{On: licensing.On{Case: id}, Text: closedSource, Tell: []string{s.Second.Account}})
	s.Do(s.Senior, licensing.MoveCompartment{On: licensing.On{Case: id}, Compartment: "delta", Why: "A source at risk."})
	ref := s.File(access.System(), id).Case.Reference

	inside := s.person("inside", access.SeniorOfficer)
	s.Do(access.System(), account.ChangeRoles{ID: inside.Account, Roles: inside.Roles, Compartments: []string{"delta"}, Reason: "Works on it."})
	inside.Compartments = []string{"delta"}
	incident := node.NewID()
	var groups []incidents.On
	for _, g := range incidents.Groups {
		groups = append(groups, incidents.On{Group: g, Effect: incidents.Effects[len(incidents.Effects)-1]})
	}
	s.Do(inside, incidents.Open{
		OnIncident: incidents.OnIncident{Incident: incident}, Kind: "report", Origin: "outside", Urgency: "days", Received: s.today(), Compartment: "delta", Groups: groups,
		Links: []incidents.Link{{Kind: incidents.Destination, Ref: in.Destination}}, Words: incidents.Words{Title: closedTitle, What: closedTitle, StateCan: "Stop the updates."}, Raised: closedSource + ", of the press union",
	})
	s.settle()

	firm := nodetest.Org(t, s.App, account.Exporter, "Fjord Reagents")
	people := []access.Actor{nodetest.Person(t, s.App, firm, "rolf", access.ExporterUser), s.Officer, s.Second, s.Verifier, s.Senior}
	for _, r := range access.Roles() {
		if r != access.ExporterUser {
			people = append(people, s.person("as-"+strings.ReplaceAll(string(r), "_", "-"), r))
		}
	}
	closed := []string{closedTitle, closedUser, closedSource, ref, l.Reference, id, l.ID, check, incident}
	pages := 0
	for _, who := range people {
		seen := s.walkAll(who)
		seen["the calendar"] = s.calendar(who)
		for _, path := range []string{"/cases/" + id, "/cases/" + id + "/history", "/licences/" + l.ID, "/verification/checks/" + check, "/incidents/" + incident, "/exporter/cases/" + id, "/policy/routing/" + id} {
			if a := uitest.Get(t, s.site, path, s.SignIn(who)); a.Code == http.StatusOK {
				t.Errorf("%s reads %s", who.Name, path)
			}
		}
		for path, body := range seen {
			pages++
			for _, word := range closed {
				if strings.HasPrefix(path, "/record") && strings.Count(word, "-") == 4 {
					continue // the ledger numbers every stream: an id there says that something happened, and no more
				}
				if strings.Contains(body, word) {
					i := strings.Index(body, word)
					t.Errorf("%s, %s: says %q: …%s…", who.Name, path, word, body[max(0, i-120):min(len(body), i+80)])
				}
			}
		}
	}
	t.Logf("%d pages for %d people", pages, len(people))
	for _, word := range closed[:3] {
		if strings.Contains(log.String(), word) {
			t.Errorf("the log says %q", word)
		}
	}

	// The same words are found by who works inside: the walk would have met them.
	found := strings.Join([]string{s.page(inside, "/cases?list=all&q=Ziegenmelker").Body, s.page(inside, "/incidents/"+incident).Body, s.page(inside, "/cases/"+id+"/notes").Body}, "\n")
	for _, word := range []string{closedTitle, closedUser, closedSource, ref} {
		if !strings.Contains(found, word) {
			t.Errorf("who works inside does not see %q", word)
		}
	}
}

// Each disclosure to a partner is a record of who gave what to whom, which the
// ledger proves; a state that was not named has nothing.
func TestCheck7_12_3EachDisclosureIsARecord(t *testing.T) {
	clock := nodetest.NewClock()
	seats := nodetest.Community(t, store.SQLite, clock, "XA", "XN", "XW")
	alvania, norland, westmark := seats[0], seats[1], seats[2]
	paper := norland.Issue(nodetest.Said(clock.Now(), "Quiet Lens at a unit", "Special Department", "XA"))
	if got := alvania.From(norland); len(got) == 0 {
		t.Error("the partner that was named has nothing")
	}
	if got := westmark.From(norland); len(got) != 0 {
		t.Errorf("a partner that was not named has %+v", got)
	}
	s := set(t, norland.App, clock)
	s.page(norland.Contact, "/exchange/papers/"+paper).HasText("main", "Alvania").LacksText("Westmark")
	record := s.page(norland.Auditor, "/record?"+url.Values{"stream": {string(event.StreamOf("paper", paper))}}.Encode())
	record.HasText("main", "issued")
}
