package node_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/lists"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/node/nodetest"
	"github.com/comity-project/comity/screening"
)

// ownList is a list of an authority's own, with a company and a person.
const ownList = `schema: comity.parties/v1
list: NORLAND
title: Norland's own list
published: '2026-11-01'
parties:
- {id: 'n:1', type: organisation, names: [{text: Zarvanik Optronics Works, kind: primary}], countries: [XK]}
- id: n:2
  type: person
  names: [{text: Jorun Tasvakelli, kind: primary}]
  ground: {role: agent, source: register, purpose: test, retain_until: '2027-01-01'}
`

var ownDefinition = lists.Definition{
	Title: "Own list", Kind: lists.Parties, Format: "comity-yaml", LegalBasis: "Export control act", Publisher: "Norland",
	Scope: "Screening", GoneLimit: 100, ReviewBy: "2027-11-01",
}

func importOwn(text string) node.ImportList {
	return node.ImportList{List: "own", Files: []node.ListFile{{Name: "own.yaml", Bytes: []byte(text)}}}
}

func TestListsFromFileToSearch(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		org := nodetest.Org(t, app, account.Authority, "Licensing authority")
		keeper := nodetest.Person(t, app, org, "keeper", access.ListKeeper)
		admin := nodetest.Person(t, app, org, "admin", access.Administrator)
		officer := nodetest.Person(t, app, org, "officer", access.LicensingOfficer)
		do := func(actor access.Actor, cmd any, into ...any) error {
			t.Helper()
			if len(into) == 1 {
				return app.Do(ctx, actor, cmd, node.Into(into[0]))
			}
			return app.Do(ctx, actor, cmd)
		}
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		if err := do(officer, lists.DefineList{List: "own", Definition: ownDefinition}); !fault.Is(err, fault.Denied) {
			t.Fatalf("an officer defines no list: %v", err)
		}
		must(do(keeper, lists.DefineList{List: "own", Definition: ownDefinition}))
		var in node.ImportedList
		must(do(keeper, importOwn(ownList), &in))
		if in.Number != 1 || in.Status != lists.Waiting || in.Figures.Entries != 2 || in.Published != "2026-11-01" {
			t.Fatalf("%+v", in)
		}
		screen := func(name string) node.Screened {
			t.Helper()
			must(app.ReloadEngines(ctx))
			s, err := app.Screen(ctx, officer, node.ScreenRequest{Query: screening.Query{Name: name}, Purpose: node.ForDuty, About: "EU 2021/821 Art. 4"})
			must(err)
			return s
		}
		if s := screen("Zarvanik Optronics Works"); len(s.Hits) > 0 && s.Hits[0].EntityID == "n:1" {
			t.Fatal("a version that waits is searched")
		}
		must(do(keeper, lists.ActivateVersion{List: "own", ID: in.Version}))
		s := screen("Zarvanik Optronics Works")
		if len(s.Hits) == 0 || s.Hits[0].EntityID != "n:1" || s.Hits[0].List.ID != "own" || s.Hits[0].Entity().Countries[0] != "XK" {
			t.Fatalf("%+v", s.Hits)
		}
		t.Run("the same again changes nothing", func(t *testing.T) {
			var again node.ImportedList
			must(do(keeper, importOwn(ownList), &again))
			if !again.Unchanged {
				t.Errorf("%+v", again)
			}
		})
		t.Run("an entry is objected to", func(t *testing.T) {
			cmd := lists.Object{List: "own", ID: node.NewID(), Entry: "n:1", Kind: lists.Correction, Received: "2026-11-09", Text: lists.ObjectionText{From: "Zarvanik", Text: "We moved."}}
			must(do(keeper, cmd))
			if s := screen("Zarvanik Optronics Works"); !s.Hits[0].Disputed {
				t.Error("the hit does not say that it is disputed")
			}
			cmd.ID, cmd.Entry = node.NewID(), "n:99"
			if err := do(keeper, cmd); !fault.Is(err, fault.Invalid) {
				t.Errorf("an entry that is not there: %v", err)
			}
		})
		t.Run("a version that loses half waits for an administrator", func(t *testing.T) {
			var less node.ImportedList
			must(do(keeper, importOwn(strings.SplitAfter(ownList, "[XK]}\n")[0]), &less))
			if less.Status != lists.Suspicious || less.Figures.Removed != 1 {
				t.Fatalf("%+v", less)
			}
			if err := do(keeper, lists.ActivateVersion{List: "own", ID: less.Version}); !fault.Is(err, fault.Blocked) {
				t.Errorf("activated: %v", err)
			}
			if err := do(keeper, lists.ForceVersion{List: "own", ID: less.Version, Reason: "checked"}); !fault.Is(err, fault.Denied) {
				t.Errorf("forced by the keeper: %v", err)
			}
			must(do(admin, lists.ForceVersion{List: "own", ID: less.Version, Reason: "The person left the register."}))
			if s := screen("Jorun Tasvakelli"); len(s.Hits) > 0 && s.Hits[0].EntityID == "n:2" {
				t.Error("who was taken off is still found")
			}
		})
		t.Run("a broken file names its place and changes nothing", func(t *testing.T) {
			err := do(keeper, importOwn("schema: comity.parties/v1\nlist: N\ntitle: T\npublished: '2026-11-01'\nparties:\n- {id: 'x', type: nonsense}\n"))
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("%v", err)
			}
		})
		t.Run("retired, it is no longer searched", func(t *testing.T) {
			must(do(keeper, lists.RecordReview{List: "own", Keep: false, Note: "No longer needed"}))
			if s := screen("Zarvanik Optronics Works"); len(s.Hits) > 0 && s.Hits[0].EntityID == "n:1" {
				t.Error("a retired list is searched")
			}
		})
	})
}

func TestScreeningIsOnRecordWithoutNames(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, clock *nodetest.Clock) {
		authority := nodetest.Org(t, app, account.Authority, "Licensing authority")
		officer := nodetest.Person(t, app, authority, "officer", access.LicensingOfficer)
		auditor := nodetest.Person(t, app, authority, "auditor", access.Auditor)
		exporter := nodetest.Person(t, app, nodetest.Org(t, app, account.Exporter, "Exporter"), "exporter", access.ExporterUser)
		q := screening.Query{Name: "Ministry of Interior of Karsovia"}
		for _, bad := range []node.ScreenRequest{
			{Query: q}, {Query: q, Purpose: node.ForCustomers}, {Query: q, Purpose: node.ForDuty}, {Query: q, Purpose: node.ForCase, About: "XN-1"}, {Purpose: node.ForDuty, About: "x"},
		} {
			if _, err := app.Screen(ctx, officer, bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		if _, err := app.Screen(ctx, auditor, node.ScreenRequest{Query: q, Purpose: node.ForDuty, About: "x"}); !fault.Is(err, fault.NotFound) {
			t.Errorf("an auditor screens nobody: %v", err)
		}
		if _, err := app.Screen(ctx, officer, node.ScreenRequest{Query: q, Purpose: node.ForDuty, About: "Art. 4"}); err != nil {
			t.Fatal(err)
		}
		clock.Move(40 * 24 * 3600 * 1e9)
		own, err := app.Screen(ctx, exporter, node.ScreenRequest{Query: q, Purpose: node.ForCustomers})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range own.Searched {
			if !l.Public {
				t.Errorf("an exporter is told of %s", l.ID)
			}
		}
		for _, h := range own.Hits {
			if !h.List.Public {
				t.Errorf("an exporter is told of a hit on %s", h.List.ID)
			}
		}
		if len(own.NotSearched) == 0 {
			t.Error("nobody is told which lists are missing")
		}
		v, err := app.ScreeningVolumes(ctx, auditor, "")
		if err != nil || len(v) != 2 || v[0].Month != "2026-12" || v[0].Purpose != "customers" || v[0].Role != "exporter_user" || v[1].Queries != 1 {
			t.Errorf("%+v, %v", v, err)
		}
		if _, err := app.ScreeningVolumes(ctx, officer, ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("an officer audits: %v", err)
		}
		var out strings.Builder
		if err := app.ExportLedger(ctx, &out, false); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(out.String(), "Karsovia") {
			t.Error("the ledger holds a name that was searched")
		}
	})
}

// TestANewListReachesOpenCases activates a list that names a party of a case:
// the case has a hit to resolve without anybody asking.
func TestANewListReachesOpenCases(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := nodetest.Staff(t, app)
		in := nodetest.Example(t, "01")
		id := h.Submit(h.Application(in))
		app.Runner().Drain(ctx)
		before := len(h.File(h.Officer, id).Assessment.Hits)
		h.Do(access.System(), lists.DefineList{List: "own", Definition: ownDefinition})
		text := "schema: comity.parties/v1\nlist: NORLAND\ntitle: T\npublished: '2026-11-01'\nparties:\n" +
			"- {id: 'n:9', type: organisation, names: [{text: '" + in.Parties[0].Names[0] + "', kind: primary}]}\n"
		cmd := importOwn(text)
		cmd.Activate = true
		h.Do(access.System(), cmd)
		for range 3 { // a job that adds jobs
			app.Runner().Drain(ctx)
		}
		hits := h.File(h.Officer, id).Assessment.Hits
		found := false
		for _, x := range hits {
			found = found || x.Entry == "n:9"
		}
		if !found {
			t.Errorf("%d hits before, %d after, none on the new list", before, len(hits))
		}
	})
}

// TestAnObjectionCanBeErased destroys what an objector wrote: that there was an
// objection, and its outcome, stays.
func TestAnObjectionCanBeErased(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		org := nodetest.Org(t, app, account.Authority, "Licensing authority")
		keeper := nodetest.Person(t, app, org, "keeper", access.ListKeeper)
		custodian := nodetest.Person(t, app, org, "custodian", access.Custodian)
		id := node.NewID()
		cmd := importOwn(ownList)
		cmd.Activate = true
		for _, c := range []any{
			lists.DefineList{List: "own", Definition: ownDefinition},
			cmd,
			lists.Object{List: "own", ID: id, Entry: "n:2", Kind: lists.Protest, Received: "2026-11-09", Text: lists.ObjectionText{From: "Jorun", Text: "I am not that person."}},
			lists.DecideObjection{List: "own", ID: id, Outcome: lists.Upheld, Answer: "Taken off."},
		} {
			if err := app.Do(ctx, keeper, c); err != nil {
				t.Fatal(err)
			}
		}
		if err := app.Do(ctx, custodian, node.Erase{What: event.StreamOf("objection", id), Rule: "Data protection act, article 17"}); err != nil {
			t.Fatal(err)
		}
		s, err := app.List(ctx, keeper, "own")
		if err != nil {
			t.Fatal(err)
		}
		if o := s.Objections[0]; o.Text.Text != "" || o.Answer != "" || o.Outcome != lists.Upheld || o.Erased == nil {
			t.Errorf("%+v", o)
		}
	})
}

// TestBadFilesNameTheirPlace gives every form a file that is broken: line and
// column are named where they can be, and nothing changes.
func TestBadFilesNameTheirPlace(t *testing.T) {
	app := nodetest.Open(t, "sqlite", nodetest.NewClock())
	for _, x := range []struct {
		list, name, text string
		line             int
	}{
		{"us-csl", "consolidated.json", "{\"results\": [\n {\"name\": }]}", 2},
		{"ofac-sdn", "SDN.CSV", "306,\"A\",\"individual\",\"X\",-0-,-0-,-0-,-0-,-0-,-0-,-0-,-0-\n307,\"B\"x,\"y\"\n", 2},
		{"un-sc", "consolidated.xml", "<CONSOLIDATED_LIST>\n<INDIVIDUALS><INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>", 2},
		{"eu-annexes", "32001R2580.csv", "a,b,c\n1,2,3\n", 1},
		{"us-entity-list", "el.jsonl", "{\"name\":1\n", 2},
		{"eu-annex-i", "annex.jsonl", "{\"list\":\"eu-dual-use-annex-i\",\"version\":\"1\",\"code\":\"1A\",\"text\":\"x\"}\n{broken\n", 2},
		{"country-indicators", "indicators.csv", "country,country_name,year,indicator,value,source\nABW,Aruba,twenty,v2x,1,s\n", 2},
		{"us-country-chart", "chart.csv", "\xff\xfe", 1},
	} {
		err := app.Do(ctx, access.System(), node.ImportList{List: x.list, Files: []node.ListFile{{Name: x.name, Bytes: []byte(x.text)}}})
		var f *fault.Error
		if !errors.As(err, &f) || f.Args["file"] != x.name || f.Args["line"] != x.line {
			t.Errorf("%s: %v", x.list, err)
			continue
		}
		if s, err := app.List(ctx, access.System(), x.list); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: on record after a file that could not be read: %+v", x.list, s)
		}
	}
}

// TestAChangeOfAControlListNamesItsCases changes the entry that a case claims,
// once in substance and once in a hyphen alone: the first names the case.
func TestAChangeOfAControlListNamesItsCases(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := nodetest.Staff(t, app)
		a := h.Application(nodetest.Example(t, "01"))
		a.Lines[0].ClaimedCode = "5A001.f.2"
		id := h.Submit(a)
		row := func(text string) []byte {
			var b strings.Builder
			for _, r := range [][3]string{{"5A001", "", "Telephone gear of a made-up kind"}, {"5A001.f", "5A001", "Gear that overhears solid state phones"}, {"5A001.f.2", "5A001.f", text}} {
				fmt.Fprintf(&b, `{"list":"norland-national","version":"1","code":%q,"parent":%q,"text":%q,"notes":[]}`+"\n", r[0], r[1], r[2])
			}
			return []byte(b.String())
		}
		h.Do(access.System(), lists.DefineList{List: "national", Definition: lists.Definition{
			Title: "National control list", Kind: lists.Controls, Format: node.FormatControls, LegalBasis: "Export control act", Publisher: "Norland",
			Scope: "Classification", GoneLimit: 100, ReviewBy: "2027-10-01",
		}})
		for _, text := range []string{"Names of solid state telephones", "Names of solid-state telephones", "Names and places of solid-state telephones"} {
			h.Do(access.System(), node.ImportList{List: "national", Published: "2026-11-01", Files: []node.ListFile{{Name: "national.jsonl", Bytes: row(text)}}})
		}
		for _, tc := range []struct {
			from, to string
			want     int
		}{{"1", "2", 0}, {"2", "3", 2}, {"1", "3", 2}} {
			_, touched, more, err := app.ControlTouched(ctx, h.Officer, "national", tc.from, tc.to)
			if err != nil || more || len(touched) != tc.want {
				t.Fatalf("%s to %s: %+v, %v, %v", tc.from, tc.to, touched, more, err)
			}
			for _, x := range touched {
				// The line that claims the entry, and one that claims what it stands under.
				if x.Case != id || x.Code != "5A001.f.2" && x.Code != "5A001.f" || x.Confirmed || len(x.Changes) != 1 {
					t.Errorf("%+v", x)
				}
			}
		}
		if _, _, _, err := app.ControlTouched(ctx, h.Applicant, "national", "2", "3"); err == nil {
			t.Error("an exporter may ask")
		}

		// Classified and then closed, the case is still named, with the code as confirmed.
		h.Do(h.Technical, assessment.Classify{
			Case: id, Line: a.Lines[0].ID, Category: "imsi_catcher", Listed: new(true),
			Codes: []string{"5A001.f.2"}, List: "national 1", Reason: "As the technical sheet says.",
		})
		h.Do(h.Applicant, licensing.Withdraw{On: licensing.On{Case: id}, Why: "The order was cancelled."})
		_, touched, _, err := app.ControlTouched(ctx, h.Officer, "national", "2", "3")
		if err != nil || len(touched) != 1 || touched[0].Case != id || touched[0].Code != "5A001.f.2" || !touched[0].Closed || !touched[0].Confirmed {
			t.Errorf("closed: %+v, %v", touched, err)
		}
	})
}

// TestAControlListFromXML keeps a list read from XML as all others are kept,
// with its mark, and asks for the date that the files do not give.
func TestAControlListFromXML(t *testing.T) {
	nodetest.Both(t, func(t *testing.T, app *node.App, _ *nodetest.Clock) {
		h := nodetest.Staff(t, app)
		f, err := os.ReadFile(filepath.Join("..", "..", "controls", "testdata", "formex.xml"))
		if err != nil {
			t.Fatal(err)
		}
		h.Do(access.System(), lists.DefineList{List: "journal", Definition: lists.Definition{
			Title: "List of the journal", Kind: lists.Controls, Format: node.FormatFormex, LegalBasis: "Export control act", Publisher: "Norland",
			Scope: "Classification", GoneLimit: 100, ReviewBy: "2027-10-01",
		}})
		cmd := node.ImportList{List: "journal", Files: []node.ListFile{{Name: "formex.xml", Bytes: f}}}
		if err := app.Do(ctx, access.System(), cmd); fault.CodeOf(err) != fault.Invalid {
			t.Fatalf("without a date: %v", err)
		}
		var in node.ImportedList
		cmd.Published, cmd.Activate = "2026-11-01", true
		h.Do(access.System(), cmd, node.Into(&in))
		if in.Figures.Entries == 0 || len(in.Doubts) == 0 || !strings.Contains(in.Doubts[len(in.Doubts)-1].Text, "never run on an official file") {
			t.Errorf("%+v", in)
		}
		if err := app.ReloadEngines(ctx); err != nil {
			t.Fatal(err)
		}
		x, err := app.Engines(ctx)
		if err != nil {
			t.Fatal(err)
		}
		l, _, ok := x.ControlList("journal")
		if !ok || !l.Unverified || len(l.Releases("5A001.f.1")) != 1 {
			t.Errorf("%v %+v", ok, l)
		}
		cmd.Files[0].Bytes = []byte(strings.Replace(string(f), "Voices;", "Voices and tunes;", 1)) // a second one is compared with it
		h.Do(access.System(), cmd, node.Into(&in))
		if in.Figures.Changed != 1 {
			t.Errorf("%+v", in.Figures)
		}
	})
}
