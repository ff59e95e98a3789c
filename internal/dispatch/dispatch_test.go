package dispatch_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/statement/stix"
)

var record = flag.Bool("record", false, "write the shapes of events where there are none")

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func draft() dispatch.Write {
	return dispatch.Write{
		OnPaper: dispatch.OnPaper{Paper: "p1"}, Kind: dispatch.Report,
		Content: dispatch.Content{Title: "Tool against journalists", Text: "The unit uses the tool against people who publish.", Report: &dispatch.Reporting{
			Kind: "threat", Abuses: []string{"torture"}, Evidence: "corroborated", Admiralty: "B2", Likelihood: "likely", Places: []string{"XR"},
			Named: []dispatch.Named{
				{Role: "vendor", Name: "Quiet Lens Ltd", Country: "XA", Kind: "developer", Registration: "77"},
				{Role: "end-user", Name: "Unit 4", Country: "XR", Kind: "police"},
			},
			Capabilities: []dispatch.Capability{{Name: "Quiet Lens", Harms: []string{"device-intrusion"}}},
		}},
		Handling: dispatch.Handling{TLP: "amber", PAP: "amber", Audience: []string{"XA", "XR"}, ReviewBy: "2027-05-22", Purposes: []string{"licensing"}, Origin: "state"},
	}
}

// fold applies events as the ledger would.
func fold(t *testing.T, p *dispatch.Paper, actor string, events []event.New) {
	t.Helper()
	for _, e := range events {
		if err := p.Apply(event.Recorded{Stream: e.Stream, Actor: actor, Time: now, Event: e.Event}); err != nil {
			t.Fatal(err)
		}
	}
}

func do(t *testing.T, p *dispatch.Paper, actor string, cmd dispatch.PaperCommand, f dispatch.Facts) error {
	t.Helper()
	f.Actor, f.Now = actor, now
	events, err := dispatch.DecidePaper(p, cmd, f)
	fold(t, p, actor, events)
	return err
}

func keys(err error) (out []string) {
	var f *fault.Error
	if !errors.As(err, &f) {
		return nil
	}
	out = append(out, f.Key)
	for _, x := range f.Fields {
		out = append(out, x.Name+" "+x.Key)
	}
	return out
}

func TestWhatAPaperNeeds(t *testing.T) {
	person := func(change func(*dispatch.Named)) func(*dispatch.Write) {
		return func(w *dispatch.Write) {
			n := dispatch.Named{Role: "end-user", Name: "A. Person", Kind: "police", Person: true, Category: "office-holder", Grade: "corroborated", Expires: "2027-11-01"}
			change(&n)
			w.Content.Report.Named = append(w.Content.Report.Named, n)
		}
	}
	for name, c := range map[string]struct {
		change  func(*dispatch.Write)
		summary string
		want    string
	}{
		"as it is":                  {func(*dispatch.Write) {}, "", ""},
		"nobody yet":                {func(w *dispatch.Write) { w.Handling.Audience = nil }, "", ""},
		"the word all":              {func(w *dispatch.Write) { w.Handling.Audience = []string{"all"} }, "", "audience dispatch.audience"},
		"a state twice":             {func(w *dispatch.Write) { w.Handling.Audience = []string{"XA", "XA"} }, "", "audience dispatch.audience"},
		"no marking":                {func(w *dispatch.Write) { w.Handling.TLP = "" }, "", "tlp dispatch.choose"},
		"no grade":                  {func(w *dispatch.Write) { w.Content.Report.Admiralty = "G9" }, "", "admiralty dispatch.admiralty"},
		"about nothing":             {func(w *dispatch.Write) { w.Content.Report.Named, w.Content.Report.Capabilities = nil, nil }, "", "vendor.1.name dispatch.about_nothing"},
		"a person in office":        {person(func(*dispatch.Named) {}), "", ""},
		"a victim":                  {person(func(n *dispatch.Named) { n.Category = "victim" }), "", "user.1.category dispatch.person.protected"},
		"a source":                  {person(func(n *dispatch.Named) { n.Category = "source" }), "", "user.1.category dispatch.person.protected"},
		"a person without a reason": {person(func(n *dispatch.Named) { n.Category = "" }), "", "user.1.category dispatch.person.category"},
		"a person by hearsay":       {person(func(n *dispatch.Named) { n.Grade = "alleged" }), "", "user.1.grade dispatch.person.grade"},
		"a person for ever":         {person(func(n *dispatch.Named) { n.Expires = "2040-01-01" }), "", "user.1.expires dispatch.person.expires"},
		"a summary's origin":        {func(w *dispatch.Write) { w.Handling.Origin = "partner" }, "said in confidence", "origin dispatch.summary.origin"},
		"a summary's words":         {func(w *dispatch.Write) { w.Handling.Origin = "reviewed-report" }, "they said: THE UNIT  uses the tool against people who publish.", "text dispatch.summary.text"},
		"a summary marked green":    {func(w *dispatch.Write) { w.Handling.Origin, w.Handling.TLP = "reviewed-report", "green" }, "said in confidence", "tlp dispatch.summary.tlp"},
		"a summary with what is under": {func(w *dispatch.Write) {
			w.Handling.Origin, w.Content.Report.Basis = "reviewed-report", []string{"A letter"}
		}, "said in confidence", "basis dispatch.summary.basis"},
	} {
		w := draft()
		c.change(&w)
		got := keys(do(t, &dispatch.Paper{}, "writer", w, dispatch.Facts{Summary: c.summary}))
		if c.want == "" && len(got) > 0 || c.want != "" && !slices.Contains(got, c.want) {
			t.Errorf("%s: %v, want %q", name, got, c.want)
		}
	}
}

// Who may hand a paper on to whom, by its marking and its procedure.
func TestMayRelay(t *testing.T) {
	under := func(onward, status string) *dispatch.Rules { return &dispatch.Rules{Onward: onward, Status: status} }
	both := []string{"XA", "XB"}
	for name, c := range map[string]struct {
		tlp, procedure string
		rules          *dispatch.Rules
		accepted       []string
		consent, want  bool
	}{
		"amber, no procedure":            {tlp: "amber", want: true},
		"for named people":               {tlp: "red", consent: true},
		"a procedure that is not here":   {tlp: "amber", procedure: "p", accepted: both},
		"free":                           {tlp: "amber", procedure: "p", rules: under("free", "in-force"), accepted: both, want: true},
		"free, but it ended":             {tlp: "amber", procedure: "p", rules: under("free", "ended"), accepted: both},
		"free, not accepted by one":      {tlp: "amber", procedure: "p", rules: under("free", "in-force"), accepted: both[:1]},
		"not accepted by the relay":      {tlp: "amber", procedure: "p", rules: under("free", "in-force"), accepted: both[1:]},
		"with consent, not given":        {tlp: "amber", procedure: "p", rules: under("consent", "in-force"), accepted: both},
		"with consent, given":            {tlp: "amber", procedure: "p", rules: under("consent", "in-force"), accepted: both, consent: true, want: true},
		"never, though consent is given": {tlp: "amber", procedure: "p", rules: under("no", "in-force"), accepted: both, consent: true},
	} {
		h := dispatch.Handling{TLP: c.tlp, Procedure: c.procedure}
		if got := dispatch.MayRelay(h, c.rules, c.accepted, c.consent, "XA", "XB"); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestIssuing(t *testing.T) {
	rules := &dispatch.Rules{Number: "1.2", Onward: "consent", LowestTLP: "amber", Purposes: []string{"licensing"}, Paragraphs: []dispatch.Paragraph{{Number: "3.1", Text: "Nothing is passed on.", Rule: "onward"}}}
	facts := dispatch.Facts{Now: now, Members: []string{"XA", "XR"}, Procedure: rules, Accepted: []string{"XA"}}
	ready := func(change func(*dispatch.Write)) *dispatch.Paper {
		p, w := &dispatch.Paper{}, draft()
		change(&w)
		if err := do(t, p, "writer", w, dispatch.Facts{}); err != nil {
			t.Fatal(err)
		}
		if err := do(t, p, "checker", dispatch.CheckHarm{OnPaper: w.OnPaper, Answers: dispatch.Answers{Consent: "given", Coarse: true}}, dispatch.Facts{}); err != nil {
			t.Fatal(err)
		}
		return p
	}
	for name, c := range map[string]struct {
		change func(*dispatch.Write)
		facts  func(*dispatch.Facts)
		want   string
		to     []string
	}{
		"to its audience":          {func(*dispatch.Write) {}, nil, "", []string{"XA", "XR"}},
		"to nobody":                {func(w *dispatch.Write) { w.Handling.Audience = nil }, nil, "audience dispatch.nobody", nil},
		"to a stranger":            {func(w *dispatch.Write) { w.Handling.Audience = []string{"XX"} }, nil, "audience dispatch.not_member", nil},
		"under a procedure":        {func(w *dispatch.Write) { w.Handling.Procedure = "course-of-action--x" }, nil, "", []string{"XA"}},
		"marked below a procedure": {func(w *dispatch.Write) { w.Handling.Procedure, w.Handling.TLP = "course-of-action--x", "green" }, nil, "dispatch.procedure.tlp", nil},
		"beyond a procedure": {func(w *dispatch.Write) {
			w.Handling.Procedure, w.Handling.Purposes = "course-of-action--x", []string{"outreach"}
		}, nil, "dispatch.procedure.purpose", nil},
		"passed on":                {func(*dispatch.Write) {}, func(f *dispatch.Facts) { f.Passes = &dispatch.Passing{Issuer: "XA", TLP: "amber"} }, "dispatch.consent_needed", nil},
		"passed on against a rule": {func(*dispatch.Write) {}, func(f *dispatch.Facts) { f.Passes = &dispatch.Passing{Issuer: "XA", TLP: "amber", Procedure: rules} }, "dispatch.procedure.onward", nil},
		"passed on with consent":   {func(*dispatch.Write) {}, func(f *dispatch.Facts) { f.Passes = &dispatch.Passing{Issuer: "XA", TLP: "amber", Consent: true} }, "", []string{"XA", "XR"}},
		"back to its issuer":       {func(w *dispatch.Write) { w.Handling.Audience = []string{"XA"} }, func(f *dispatch.Facts) { f.Passes = &dispatch.Passing{Issuer: "XA", TLP: "red"} }, "", []string{"XA"}},
		"marked down on the way":   {func(*dispatch.Write) {}, func(f *dispatch.Facts) { f.Passes = &dispatch.Passing{Issuer: "XB", TLP: "red"} }, "tlp dispatch.marked_down", nil},
	} {
		p, f := ready(c.change), facts
		if c.facts != nil {
			c.facts(&f)
		}
		plan, err := dispatch.PlanIssue(p, dispatch.Issue{OnPaper: dispatch.OnPaper{Paper: "p1"}}, f)
		if got := keys(err); c.want != "" && !slices.Contains(got, c.want) || c.want == "" && err != nil {
			t.Errorf("%s: %v, want %q", name, got, c.want)
			continue
		}
		if err == nil && !slices.Equal(plan.Handling.Audience, c.to) {
			t.Errorf("%s: to %v, want %v", name, plan.Handling.Audience, c.to)
		}
	}
}

// What is issued is valid STIX once its author stands in it, and reads back as it
// was written.
func TestObjectsAreValid(t *testing.T) {
	p := &dispatch.Paper{}
	if err := do(t, p, "writer", draft(), dispatch.Facts{}); err != nil {
		t.Fatal(err)
	}
	plan, err := dispatch.PlanIssue(p, dispatch.Issue{OnPaper: dispatch.OnPaper{Paper: "p1"}}, dispatch.Facts{Now: now, Members: []string{"XA", "XR"}, Dry: true})
	if err != nil || len(plan.Objects) != 4 {
		t.Fatal(plan, err)
	}
	for _, o := range plan.Objects {
		d, err := stix.Read([]byte(strings.Replace(string(o.Raw), "{", `{"created_by_ref":"`+stix.OwnIdentity+`",`, 1)), stix.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if f := stix.Check(&d.Objects[0]); !stix.Valid(f) {
			t.Errorf("%s: %v", o.ID, f)
		}
		c := dispatch.ReadReport(&d.Objects[0])
		if d.Objects[0].Type() == "report" && (o.ID != dispatch.MainID(p) || c.Title != p.Content.Title || c.Report.Admiralty != "B2" || c.Text != p.Content.Text) {
			t.Errorf("read back: %+v", c)
		}
	}
}

// TestEventShapes holds the kept part of each event to the recorded one. Events
// are kept for ever: they may gain optional fields and change in nothing else.
func TestEventShapes(t *testing.T) {
	own := event.StreamOf("paper", "p1")
	h := draft().Handling
	h.Procedure, h.Notice = "course-of-action--x", true
	shapes := []event.Event{
		dispatch.Received{Sender: "XA", Count: 2, Root: "00", Refused: 1},
		dispatch.Disposed{Recall: "l1", Issuer: "XA", Object: "o", Version: 2, Done: "erase", Count: 2, Kept: []dispatch.Kept{{What: "decision", Count: 1, Reason: "record"}}, Receipt: "l2"},
		dispatch.Contradicted{Issuer: "XA", Object: "o", Version: 2, Leaves: []string{"l1", "l2"}},
		dispatch.Granted{Relay: "XA", To: "XB", Versions: []string{"l1"}, Leaves: []string{"l2"}},
		dispatch.Used{What: "decision", Ref: "c1", Why: "record"},
		dispatch.Settled{Fact: "statement/l1", Issuer: "XA", Standing: "rests", How: event.P("case/c1", "h")},
		dispatch.Written{Kind: dispatch.Report, From: dispatch.From{Item: "i1", Case: "c1", Leaf: "l1"}, Handling: h, Content: event.P(own, draft().Content)},
		dispatch.Checked{Draft: 1, Passed: true, Answers: dispatch.Answers{Place: true, Date: true, Detail: true, Population: true, Misuse: true, Consent: "given", Coarse: true}, Note: event.P(own, "n")},
		dispatch.Read{Draft: 1},
		dispatch.Issued{Number: 1, Draft: 1, Handling: h, Created: now, Modified: now, Leaves: []string{"l1"}, Left: []string{"XR"}, Revoked: true},
		dispatch.Recalled{From: []string{"XA"}, Disposal: "erase", Leaves: []string{"l1"}, Why: event.P(own, "w")},
		dispatch.Dropped{},
		dispatch.Raised{Issuer: "XA", Object: "o", Due: "2026-11-22", Touches: []dispatch.Touch{{Case: "c1", Reference: "R", Licence: true, Officer: "a1", Compartment: "north", Agrees: []string{"name/consignee"}}}},
		dispatch.Considered{Case: "c1", Finding: "same", Why: event.P("case/c1", "w")},
		dispatch.NothingToReport{},
		dispatch.CollectionOpened{Number: 1, Title: "t", About: "a"},
		dispatch.Allowed{Allowance: dispatch.Allowance{Account: "a1", Read: true, Write: true, From: dispatch.Provenance{Source: "s", URL: "u", Licence: "l", Admiralty: "B2"}}},
		dispatch.CollectionClosed{},
		dispatch.ImportBegan{Number: 1, Collection: "c", Way: "file", By: "b", Document: "d", Digest: "h", Total: 9, From: event.P(own, dispatch.Origin{Name: "n"})},
		dispatch.ImportBrought{Count: 5, Held: 1, Waiting: 1, Had: 1, Refused: 1, Head: "h"},
		dispatch.ImportRemoved{Object: "o", Places: []int64{1}},
		dispatch.FeedSubscribed{Collection: "c", Form: "misp", Hours: 6, Quota: 9, From: event.P(own, dispatch.Provenance{Source: "s"})},
		dispatch.FeedFetched{Got: dispatch.Got{Imports: []string{"i"}, Objects: 3, Accepted: 1, Held: 1, Had: 1}, Cursor: dispatch.Cursor{ETag: "e", Modified: "m", After: "a", Digest: "d"}},
		dispatch.FeedFailed{Got: dispatch.Got{Objects: 1}, Why: event.P(own, "w")},
		dispatch.FeedStopped{},
	}
	if len(shapes) != len(dispatch.Events()) {
		t.Fatalf("%d shapes of %d events", len(shapes), len(dispatch.Events()))
	}
	var got bytes.Buffer
	for _, e := range shapes {
		b, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		got.WriteString(e.EventType() + " " + string(b) + "\n")
	}
	const path = "testdata/events.txt"
	if _, err := os.Stat(path); err != nil && *record {
		if err := os.WriteFile(path, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("a kept part changed:\n%s", got.Bytes())
	}
}
