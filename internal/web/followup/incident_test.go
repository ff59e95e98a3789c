package followup_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/incidents"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui/uitest"
)

// senior is a second senior officer.
func (d desk) senior() access.Actor {
	return nodetest.Person(d.T, d.App, d.Authority, "highest", access.SeniorOfficer)
}

// happened opens an incident about a destination, and says its page.
func (d desk) happened(country string, urgency string) string {
	d.T.Helper()
	f := d.page("/incidents/new", d.Officer).NothingChosen("open.kind", "open.urgency", "open.origin", "open.group.journalists").Form("/incidents/open")
	bad := d.post(f, d.Officer).Status(http.StatusUnprocessableEntity)
	bad.HasText(".govuk-error-summary a", "Not known is an answer").HasText(".govuk-error-summary a", "Say what the state can still do")
	for name, value := range map[string]string{
		"kind": "report", "title": "Kits sold on", "what": "Two kits were used on reporters.", "urgency": urgency, "state_can": "Stop updates and keys.", "origin": "outside",
		"raised": "Veden Press Union, Maryam Testova", "destination": country,
	} {
		f.Set("open."+name, value)
	}
	for _, g := range incidents.Groups {
		f.Set("open.group."+g, "unknown")
	}
	f.Set("open.group.journalists", "affected")
	date(f, "open.received", d.App.Now())
	id := f.Get("open.id")
	d.post(f, d.Officer).Redirects("/incidents/" + id)
	return "/incidents/" + id
}

// destination is where the licence of the house goes.
func (d desk) destination(l *licensing.Licence) string {
	return d.File(d.Officer, l.Case).Case.App().EndUse.Country
}

// An incident lists what it touches; one act on all of it is proposed by one and
// confirmed by another, takes effect at a fixed hour of a later day, tells the
// licensees what to do and nothing of who raised it, and presumes denial.
func TestOneActOnAllThatAnIncidentTouches(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		l := d.Licence()
		country := d.destination(l)
		open := d.Submit(d.Application(nodetest.Example(t, "12")))
		ref := d.File(d.Officer, open).Case.Reference
		highest := d.senior()
		page := d.happened(country, "days")
		id := page[len("/incidents/"):]

		d.page(page, d.Officer).HasText("#touched th", l.Reference).HasText("#touched th", ref).HasText("#what dd", "Veden Press Union").Count("#halt", 0)
		report := d.page(d.page(page, d.Officer).Link("Report it to other states"), d.Officer).Form("/exchange/new/report")
		if user, _ := d.File(d.Officer, open).Case.App().EndUser(); report.Get("user.1.name") != user.Name() || report.Get("case") != open || report.Get("text") != "" {
			t.Errorf("the report begins with %v", report.Values)
		}
		d.page(page, d.Verifier).LacksText("Veden Press Union").LacksText("who may be at risk")
		d.gone(page, d.Applicant)
		d.gone(page, d.Technical)

		f := d.page(page, d.Officer).NothingChosen("propose.ground").Form(page + "/propose")
		f.Set("propose.licence."+l.ID, "revoke")
		f.Set("propose.case."+open, "reopen")
		f.Values["propose.presume"] = []string{country}
		date(f, "propose.from", clock.Now())
		f.Set("propose.ground", "new_facts")
		f.Values["propose.duties"] = []string{"stop", "remedy"}
		f.Set("propose.why", "The report is well founded.")
		f.Set("propose.told", "Maryam says it was used on reporters.")
		bad := d.post(f, d.Officer).Status(http.StatusUnprocessableEntity)
		bad.HasText(".govuk-error-summary a", "“maryam” is a word of who raised it").HasText(".govuk-error-summary a", "whether this can still be stopped")
		for _, lever := range licensing.Levers {
			f.Set("propose.reach."+string(lever), "cannot_stop")
			f.Set("propose.how."+string(lever), "It is not supplied by the licensee.")
		}
		f.Set("propose.told", "Use of the item has to end.")
		d.post(f, d.Officer).Redirects(page)
		d.page(page, d.Officer).HasText("#waiting li", l.Reference+": Revoke").Count("#confirm", 0)
		d.page("/work", d.Senior).HasText("a", "Confirm what is proposed in XX-I-")
		if err := app.Do(t.Context(), d.Officer, incidents.Confirm{OnIncident: incidents.OnIncident{Incident: id}}); err == nil {
			t.Error("an officer confirmed an act")
		}

		f = d.page(page, d.Senior).HasText("#confirm", "so that it does not point back").Form(page + "/confirm")
		d.post(f, d.Senior).Redirects(page)
		app.Runner().Drain(t.Context())
		if s := d.Issued(l.ID).Now(); s != licensing.Valid {
			t.Fatalf("the licence is %s minutes after the report", s)
		}
		d.page("/exporter/licences/"+l.ID, d.Applicant).Count("#told", 0)
		d.page(page, d.Officer).HasText("#acts", "takes effect")

		d.Later(clock, 72*time.Hour)
		app.Runner().Drain(t.Context())
		done := d.Issued(l.ID)
		if done.Now() != licensing.Revoked || len(done.Told) != 1 || !slices.Equal(done.Told[0].Duties, []string{"stop", "remedy"}) {
			t.Fatalf("%s, told %+v", done.Now(), done.Told)
		}
		// It took effect at a fixed hour of a working day, at the day after next or later.
		zone := done.History[len(done.History)-1].At
		if zone.Sub(l.Issued) < 30*time.Hour {
			t.Errorf("it took effect %s after the report", zone.Sub(l.Issued))
		}
		held := d.page("/exporter/licences/"+l.ID, d.Applicant).HasText("#told", "Use of the item has to end.").HasText("#told li", "Stop: no updates")
		held.LacksText("Veden Press Union").LacksText("Maryam").LacksText("XX-I-")
		if !slices.ContainsFunc(d.File(d.Officer, open).Case.Changes, func(c licensing.BasisChange) bool { return c.What == licensing.BasisIncident }) {
			t.Error("the open case does not rest on the incident")
		}
		d.page("/cases/"+open, d.Officer).Status(http.StatusOK)
		d.page(page, d.Officer).HasText("#about dd", "denial is presumed from").HasText("#acts", "took effect")

		// Denial is presumed, until a senior officer exempts the case with reasons.
		if file := d.File(d.Officer, open); !file.Presumed.Holds(open, d.day()) {
			t.Error("denial is not presumed")
		}
		f = d.page(page, highest).Form(page + "/exempt")
		f.Set("exempt.country", country)
		f.Set("exempt.case", ref)
		f.Set("exempt.why", "A newspaper's own protection.")
		d.post(f, highest).Redirects(page)
		if file := d.File(d.Officer, open); file.Presumed.Holds(open, d.day()) {
			t.Error("the case is not exempted")
		}

		f = d.page(page, d.Officer).Form(page + "/end")
		f.Set("end.why", "Done.")
		d.post(f, d.Officer).HasText(".govuk-error-summary", "Whoever raised it has had no answer")
		f = d.page(page, d.Officer).Form(page + "/answer")
		f.Set("answer.text", "We acted on it; we cannot say how.")
		date(f, "answer.day", clock.Now())
		d.post(f, d.Officer).Redirects(page)
		f = d.page(page, d.Officer).Form(page + "/end")
		f.Set("end.why", "Done.")
		d.post(f, d.Officer).Redirects(page)
		d.page("/incidents?show=closed", d.Auditor).HasText("tbody th", "XX-I-")
	})
}

// One senior officer suspends: customs let nothing leave from that minute, and
// neither the holder nor the public sees a change before the fixed hour of the next
// working day, when the holder is told. Unless a second confirms within two working
// days it lapses, and the licence is valid again; what lapsed before its hour is
// never told.
func TestAnEmergencyHoldsAtOnceIsToldAtItsHourAndLapses(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		first, second, third := d.Licence(), d.Licence(), d.Licence()
		highest := d.senior()
		page := d.happened(d.destination(first), "hour")
		halt := func(l *licensing.Licence) {
			t.Helper()
			f := d.page(page, d.Senior).HasText("#halt", "or it lapses").HasText("#halt", "all are told at that hour").Form(page + "/halt")
			f.Values["halt.licences"] = []string{l.ID}
			f.Set("halt.told", "Your licence is suspended while we look into a matter.")
			f.Set("halt.why", "Life is at risk.")
			d.post(f, d.Senior).Redirects(page)
			if s := d.Issued(l.ID); s.Now() != licensing.Suspended || s.Shown() != licensing.Valid {
				t.Fatalf("%s, shown as %s, right after", s.Now(), s.Shown())
			}
		}
		customs := func(l *licensing.Licence, want licensing.LicenceStatus) {
			t.Helper()
			out, err := app.LookUp(t.Context(), d.Customs, node.LookUp{By: node.ByLicence, Text: l.Reference, Purpose: "declaration", About: "26XN000001"})
			if err != nil || len(out.Found) != 1 || out.Found[0].Worth != want || out.Found[0].MayLeave() != (want == licensing.Valid) {
				t.Fatalf("customs find %+v, %v", out, err)
			}
		}
		holder := func(l *licensing.Licence, want string) {
			t.Helper()
			d.page("/exporter/licences", d.Applicant).HasText("td", want)
			held, _, err := app.HeldLicence(t.Context(), d.Applicant, l.ID)
			if err != nil || string(held.Now()) != strings.ToLower(want) {
				t.Fatalf("the holder sees %s, %v", held.Now(), err)
			}
			public, err := app.PublicCheck(t.Context(), "0123456789ABCDEF"+l.ID[len(l.ID)-8:])
			if err != nil || !public.Genuine || string(public.Status) != strings.ToLower(want) {
				t.Fatalf("the public sees %+v, %v", public, err)
			}
			list, err := app.NotInForce(t.Context())
			if err != nil || strings.Contains(string(list), l.CodeHash[:32]) != (want == "Suspended") {
				t.Fatalf("the list of what is not in force: %s, %v", list, err)
			}
		}
		d.page(page, d.Officer).Count("#halt", 0)
		halt(first)
		customs(first, licensing.Suspended)
		holder(first, "Valid")
		d.page("/exporter/licences/"+first.ID, d.Applicant).Count("#told", 0).LacksText("uspended")
		d.page(page, d.Officer).HasText("#waiting dd", "Until then say nothing of it to them")
		notices, err := app.Notices(t.Context(), d.Customs, 0, 50)
		if err != nil || notices[len(notices)-1].Licence != first.Reference || notices[len(notices)-1].Kind != licensing.NoticeCancel {
			t.Fatalf("customs are told %+v, %v", notices, err)
		}
		if raw, _ := json.Marshal(notices); strings.Contains(string(raw), "emergency") || strings.Contains(string(raw), "-I-") {
			t.Errorf("customs are told why: %s", raw)
		}

		// Told at its hour: the same one for what was suspended hours later.
		d.page(page, d.Senior).Count("#uphold", 0)
		d.page("/work", highest).HasText("a", "Confirm the emergency suspension in XX-I-")
		d.Later(clock, 2*time.Hour)
		halt(second)
		d.Later(clock, 24*time.Hour)
		app.Runner().Drain(t.Context())
		holder(first, "Suspended")
		holder(second, "Suspended")
		d.page("/exporter/licences/"+first.ID, d.Applicant).HasText("#told", "while we look into a matter").LacksText("XX-I-").LacksText("Veden Press Union")
		var told []time.Time
		for _, l := range []*licensing.Licence{first, second} {
			told = append(told, d.Issued(l.ID).Told[0].At)
		}
		if !told[0].Equal(told[1]) && told[1].Sub(told[0]) > time.Minute {
			t.Errorf("told %s apart", told[1].Sub(told[0]))
		}
		f := d.page(page, highest).Form(page + "/uphold")
		f.Set("uphold.why", "Agreed.")
		d.post(f, highest).Redirects(page)

		// One is confirmed, the other is not; a third lapses before anybody was told.
		d.Later(clock, 6*24*time.Hour)
		app.Runner().Drain(t.Context())
		states := map[licensing.LicenceStatus]int{}
		for _, l := range []*licensing.Licence{first, second} {
			states[d.Issued(l.ID).Now()]++
		}
		if states[licensing.Suspended] != 1 || states[licensing.Valid] != 1 {
			t.Fatalf("%v after a week in which one was confirmed", states)
		}
		d.page(page, d.Officer).HasText("#acts", "nobody confirmed it")

		halt(third)
		act := d.incident(page).Acts[2]
		d.Later(clock, act.Lapses.Sub(clock.Now()))
		d.Do(access.System(), incidents.Lapse{OnIncident: incidents.OnIncident{Incident: page[len("/incidents/"):]}, ID: act.ID})
		app.Runner().Drain(t.Context())
		if l := d.Issued(third.ID); l.Now() != licensing.Valid || len(l.Told) != 0 || len(l.ForHolder().History) != 1 {
			t.Errorf("%s, told %v, the holder sees %+v", l.Now(), l.Told, l.ForHolder().History)
		}
		customs(third, licensing.Valid)
		d.page(page, d.Officer).HasText("#acts dd", "Never: it lapsed before they were told.")
	})
}

// incident is an incident as it stands.
func (d desk) incident(page string) *incidents.Incident {
	d.T.Helper()
	f, err := d.App.IncidentFile(d.T.Context(), d.Senior, page[len("/incidents/"):], node.TouchedAt{})
	if err != nil {
		d.T.Fatal(err)
	}
	return &f.Incident
}

// End users are found in the register by name and chosen, without scripts: nothing
// typed is lost, and who was chosen stays chosen while others are looked for.
func TestEndUsersAreChosenFromTheRegister(t *testing.T) {
	clock := nodetest.NewClock()
	d := newDesk(t, nodetest.Open(t, store.SQLite, clock))
	entry := node.NewID()
	l := d.licensed(d.sworn(entry, false))
	f := d.page("/incidents/new", d.Officer).Form("/incidents/open")
	f.Set("open.title", "Kits sold on")
	f.Set("open.find", "nobody")
	f.Set("find", "open")
	none := d.post(f, d.Officer).Status(http.StatusOK)
	none.HasText(".govuk-hint", "The register has nobody with these words")
	f = none.Form("/incidents/open")
	if f.Get("open.title") != "Kits sold on" {
		t.Error("what was typed is lost")
	}
	f.Set("open.find", "Vedensky")
	f.Set("find", "open")
	found := d.post(f, d.Officer).Status(http.StatusOK).HasText("label", "Веденский листок").HasText(".govuk-hint", "Karsovia")
	f = found.Form("/incidents/open")
	f.Values["open.user"] = []string{entry}
	f.Set("open.find", "nobody")
	f.Set("find", "open")
	f = d.post(f, d.Officer).HasText("label", "Веденский листок").Form("/incidents/open")
	if f.Get("open.user") != entry {
		t.Fatal("who was chosen is not chosen any more")
	}
	for name, value := range map[string]string{"kind": "report", "what": "Two kits were used on reporters.", "urgency": "days", "state_can": "Stop updates.", "origin": "press"} {
		f.Set("open."+name, value)
	}
	for _, g := range incidents.Groups {
		f.Set("open.group."+g, "unknown")
	}
	date(f, "open.received", clock.Now())
	page := "/incidents/" + f.Get("open.id")
	d.post(f, d.Officer).Redirects(page)
	d.page(page, d.Officer).HasText("#about dd", "Веденский листок").HasText("#touched th", l.Reference)
	f = d.page(page, d.Officer).Form(page + "/tie")
	f.Set("tie.find", "Vedensky")
	f.Set("find", "tie")
	d.post(f, d.Officer).Status(http.StatusOK).HasText("#tie label", "Веденский листок")
}

// C4-4, C4-8: a breach opens an incident of its own, tied to the licence, the
// case and the end user, once.
func TestC4_4_ABreachOpensAnIncident(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		d := newDesk(t, app)
		entry := node.NewID()
		l := d.licensed(d.sworn(entry, false), licensing.Condition{ID: "c1", Type: licensing.WithoutReexport, Who: "licensee", What: "Nothing is re-exported.", Verify: "Customs data", Consequence: "Revocation"})
		clock.Move(time.Hour)
		for range 2 {
			d.Do(d.Verifier, licensing.FindBreach{OnLicence: licensing.OnLicence{Licence: l.ID}, Condition: "c1", Why: "Seen in Alvania."})
		}
		a := d.File(d.Officer, l.Case).Case.Assurances[0]
		d.Do(d.Verifier, licensing.VerifyAssurance{On: licensing.On{Case: l.Case}, Assurance: a.ID, Result: licensing.Broken, Evidence: "Seen in Alvania.", Day: d.day()})
		shown := d.page("/incidents", d.Officer).Count("tbody tr", 1).HasText("tbody td", "Breach of a condition")
		page := shown.Link("XX-I-2026-0001")
		d.page(page, d.Officer).HasText("#touched th", l.Reference).HasText("#about dt", "End user").HasText("#what", "Seen in Alvania.")
		uitest.Get(t, d.site, page, d.SignIn(d.Customs)).Status(http.StatusNotFound)
	})
}
