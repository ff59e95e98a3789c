package assessment_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/policy"
)

// C1-4: what is missing is named, and completion is refused until nothing is.
func TestCompletion(t *testing.T) {
	in := example(t, "01-imsi-catcher-interior-ministry")
	d := newDesk(t, in)
	if ok, items := d.state.Complete(1); ok || keys(items) != "completion" {
		t.Errorf("an empty assessment: %v", items)
	}
	if got := keys(d.state.Missing(d.facts)); got != "category finding groups screening severity view" {
		t.Errorf("at first: %s", got)
	}
	if _, err := d.try(assessment.Complete{Case: caseID}); !fault.Is(err, fault.Blocked) {
		t.Errorf("completed with nothing done: %v", err)
	}
	d.work(in)
	if got := keys(d.state.Missing(d.facts)); got != "finding view" {
		t.Errorf("after the facts: %s", got)
	}
	d.find()
	if got := keys(d.state.Missing(d.facts)); got != "view" {
		t.Errorf("after the findings: %s", got)
	}
	d.view()
	made := d.do(assessment.Complete{Case: caseID})[0].(assessment.Completed)
	if made.Basis != 1 || made.Again || made.Person != "person-1" || len(made.Lines) != 3 || made.Pack != d.facts.Pack.Hash() {
		t.Errorf("%+v", made)
	}
	for _, l := range made.Lines {
		if l.Standing != policy.Refuse || l.Severity != 5 || !slices.Contains(l.Met, "CP2-a") {
			t.Errorf("%+v", l)
		}
	}
	if ok, items := d.state.Complete(1); !ok || items != nil {
		t.Errorf("%v", items)
	}
	if d.state.Author() != "person-1" {
		t.Error("the author is who completed it")
	}
	if _, err := d.try(assessment.Complete{Case: caseID}); !fault.Is(err, fault.Conflict) {
		t.Errorf("completed twice: %v", err)
	}
}

// C1-6: a completion is stale when the basis moved, and when anything that it
// was said of changes.
func TestStaleness(t *testing.T) {
	in := example(t, "01-imsi-catcher-interior-ministry")
	d := newDesk(t, in)
	d.work(in)
	d.find()
	d.view()
	d.do(assessment.Complete{Case: caseID})
	if ok, items := d.state.Complete(2); ok || keys(items) != "stale" {
		t.Errorf("on another basis: %v", items)
	}
	d.facts.Basis = 2
	if made := d.do(assessment.Complete{Case: caseID})[0].(assessment.Completed); !made.Again || made.Basis != 2 {
		t.Errorf("%+v", made)
	}
	if ok, _ := d.state.Complete(2); !ok {
		t.Error("confirmed again, and still stale")
	}
	d.do(assessment.RecordFact{Case: caseID, ID: "late", Answer: assessment.Answer{Fact: "use.stability_effect", Value: policy.Bool(true), Source: "foreign ministry", Date: "2026-11-22"}})
	if ok, items := d.state.Complete(2); ok || keys(items) != "changed" {
		t.Errorf("after a new fact: %v", items)
	}
	d.do(assessment.Complete{Case: caseID})
	d.do(assessment.ReopenHits{Case: caseID, List: "ALVANIA", Entry: "alvania-denials:0001", Why: "listing_changed"})
	if ok, _ := d.state.Complete(2); ok {
		t.Error("a hit was opened again")
	}
	if got := keys(d.state.Missing(d.facts)); got != "hit" {
		t.Errorf("missing %s", got)
	}
	if len(d.state.Earlier) != 3 {
		t.Errorf("%d earlier completions are kept", len(d.state.Earlier))
	}
}

func TestSameAnswerAgainChangesNothing(t *testing.T) {
	in := example(t, "01-imsi-catcher-interior-ministry")
	d := newDesk(t, in)
	d.work(in)
	d.find()
	d.view()
	d.do(assessment.Complete{Case: caseID})
	seen := int64(len(d.log))
	d.screen(in)
	if ok, items := d.state.Complete(1); !ok || d.state.MovedAt(nil) > seen {
		t.Errorf("the lists gave the same answer: complete %v, in the way %v, moved at %d, seen %d", ok, items, d.state.MovedAt(nil), seen)
	}
	in.Hits = in.Hits[:len(in.Hits)-1]
	d.screen(in)
	if ok, items := d.state.Complete(1); ok || keys(items) != "changed" || d.state.MovedAt(nil) <= seen {
		t.Errorf("an entry is gone from a list: complete %v, in the way %v, moved at %d, seen %d", ok, items, d.state.MovedAt(nil), seen)
	}
}

func TestFindingsRest(t *testing.T) {
	in := example(t, "06-water-cannon-gendarmerie")
	d := newDesk(t, in)
	d.work(in)
	for _, c := range []struct {
		name string
		f    assessment.FindingInput
		says string // empty: it is taken
	}{
		{"no ground", assessment.FindingInput{Line: "kit", Rule: "CP2-a", Status: policy.Met}, "assessment.finding.ground"},
		{"a dated fact", assessment.FindingInput{Line: "kit", Rule: "CP2-a", Status: policy.Met, Facts: []string{"user.abuse_record"}}, ""},
		{"a stated search", assessment.FindingInput{Line: "vehicles", Rule: "CP3", Status: policy.NotMet, Search: "conflict register"}, ""},
		{"a fact that nobody knows", assessment.FindingInput{Line: "vehicles", Rule: "CP2-a", Status: policy.Unknown, Facts: []string{"user.abuse_record"}, Search: "x"}, "assessment.finding.fact_unknown"},
		{"against the facts", assessment.FindingInput{Line: "kit", Rule: "CP2-a", Status: policy.NotMet, Search: "x", Reason: "I think not"}, "assessment.finding.facts_meet"},
		{"not met while unknown", assessment.FindingInput{Line: "vehicles", Rule: "CP2-a", Status: policy.NotMet, Search: "x"}, "assessment.finding.fact_missing"},
		{"unknown as the facts have it", assessment.FindingInput{Line: "vehicles", Rule: "CP2-a", Status: policy.Unknown, Search: "x"}, ""},
		{"stricter without a reason", assessment.FindingInput{Line: "vehicles", Rule: "CP3", Status: policy.Met, Search: "x"}, "assessment.finding.stricter"},
		{"stricter with one", assessment.FindingInput{Line: "vehicles", Rule: "CP3", Status: policy.Met, Search: "x", Reason: "The border conflict has begun."}, ""},
		{"no such rule", assessment.FindingInput{Line: "kit", Rule: "CP99", Status: policy.Met, Search: "x"}, "assessment.rule.unknown"},
		{"no such line", assessment.FindingInput{Line: "boat", Rule: "CP3", Status: policy.Met, Search: "x"}, "assessment.line.unknown"},
		{"no such answer", assessment.FindingInput{Line: "kit", Rule: "CP3", Status: "maybe", Search: "x"}, "assessment.finding.status"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := assessment.Decide(d.state, assessment.MakeFindings{Case: caseID, Findings: []assessment.FindingInput{c.f}}, d.facts)
			if c.says == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %s", err, c.says)
			}
		})
	}
	// A person who is stricter than the facts is heard.
	d.do(assessment.MakeFindings{Case: caseID, Findings: []assessment.FindingInput{{Line: "vehicles", Rule: "CP3", Status: policy.Met, Search: "x", Reason: "The border conflict has begun."}}})
	for _, v := range d.state.LineViews(d.facts) {
		if v.Line == "vehicles" && (v.Standing != policy.Refuse || len(v.Met) != 1 || v.Met[0].ID != "CP3" || len(v.Undecided) == 0) {
			t.Errorf("%+v", v)
		}
	}
}

func TestHits(t *testing.T) {
	in := example(t, "01-imsi-catcher-interior-ministry")
	d := newDesk(t, in)
	d.screen(in)
	if d.state.OpenHits() != 2 {
		t.Fatalf("%d open hits", d.state.OpenHits())
	}
	id := assessment.HitID("ministry", "ALVANIA", "alvania-denials:0001")
	if _, err := d.try(assessment.ResolveHit{Case: caseID, Hit: id, Outcome: assessment.SameParty}); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := d.try(assessment.ResolveHit{Case: caseID, Hit: "x", Outcome: assessment.SameParty, Reason: "r"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such hit: %v", err)
	}
	d.do(assessment.ResolveHit{Case: caseID, Hit: id, Outcome: assessment.CantTell, Reason: "asked"})
	if d.state.OpenHits() != 2 {
		t.Error("can't tell is no answer")
	}
	d.do(assessment.ResolveHit{Case: caseID, Hit: id, Outcome: assessment.Different, Reason: "other number"})
	if h, _ := d.state.Hit(id); d.state.OpenHits() != 1 || h.By.Account != "officer-1" || h.Reason.Value != "other number" {
		t.Errorf("%+v", h)
	}
	d.screen(in) // the same again: the answer stands
	if d.state.OpenHits() != 1 {
		t.Error("the same screening took an answer back")
	}
	for what, c := range map[string][2]string{"party_changed": {"p2", "e1"}, "listing_changed": {"p1", "e2"}} {
		other := newDesk(t, in)
		other.screen(in)
		other.do(assessment.ResolveHit{Case: caseID, Hit: id, Outcome: assessment.Different, Reason: "other number"})
		again := assessment.RecordScreening{Case: caseID, Purpose: "case", Parties: []string{"ministry"}, Hits: []assessment.ScreenedHit{{Hit: in.Hits[0], PartyHash: c[0], EntryHash: c[1]}}}
		other.do(again)
		if h, _ := other.state.Hit(id); h.Outcome != "" || h.Reopened != what {
			t.Errorf("%s: %+v", what, h)
		}
	}
	// A hit that is no longer found asks for nothing.
	d.do(assessment.RecordScreening{Case: caseID, Purpose: "case", Parties: []string{"delta"}})
	if d.state.OpenHits() != 0 {
		t.Errorf("%d open hits", d.state.OpenHits())
	}
}

// A party that nobody has screened leaves the question of sanctions open, and so
// does one that was looked for in fewer lists.
func TestScreeningCoversEveryParty(t *testing.T) {
	in := example(t, "01-imsi-catcher-interior-ministry")
	d := newDesk(t, in)
	sanctioned := func() policy.Value {
		joined := d.state.Input(d.facts.Case)
		return assessment.FactsOf(d.facts.Pack, &joined, "1", d.facts.Destinations).Value("party.sanctioned")
	}
	both := searched(&assessment.Input{}).Screened
	screen := func(lists []assessment.Searched, parties ...string) {
		d.do(assessment.RecordScreening{Case: caseID, Purpose: "case", Lists: lists, Parties: parties})
	}
	screen(both, "ministry")
	if sanctioned().Known() {
		t.Error("the integrator was never screened")
	}
	screen(both[:1], "delta")
	if sanctioned().Known() {
		t.Error("the integrator was not looked for in a list of sanctions")
	}
	screen(both, "delta")
	if !sanctioned().False() {
		t.Error("both were looked for in both lists")
	}
	if len(d.state.Screenings) != 2 {
		t.Errorf("%d screenings are kept", len(d.state.Screenings))
	}
	if got := keys(d.state.Missing(d.facts)); strings.Contains(got, "screening") {
		t.Error(got)
	}
}

func TestFactsDisagree(t *testing.T) {
	d := newDesk(t, example(t, "01-imsi-catcher-interior-ministry"))
	record := func(id string, value bool, replaces string) error {
		_, err := d.try(assessment.RecordFact{Case: caseID, ID: id, Replaces: replaces, Answer: assessment.Answer{Fact: "user.mandate", Value: policy.Bool(value), Source: "law " + id, Date: "2026-05-12"}})
		return err
	}
	value := func() policy.Fact {
		in := d.state.Input(d.facts.Case)
		return assessment.FactsOf(d.facts.Pack, &in, "1", d.facts.Destinations)["user.mandate"]
	}
	if err := record("a", true, ""); err != nil || !value().Value.True() {
		t.Fatal(err, value())
	}
	if err := record("b", false, ""); err != nil || value().Value.Known() || !strings.Contains(value().Source, "disagree") {
		t.Errorf("two facts that disagree leave it unknown: %v %+v", err, value())
	}
	d.do(assessment.WithdrawFact{Case: caseID, ID: "b", Reason: "an earlier text"})
	if !value().Value.True() {
		t.Errorf("%+v", value())
	}
	if err := record("c", false, "a"); err != nil || !value().Value.False() {
		t.Errorf("%v %+v", err, value())
	}
	if err := record("e", true, "a"); err == nil {
		t.Error("a fact that no longer stands was replaced")
	}
	if _, err := d.try(assessment.WithdrawFact{Case: caseID, ID: "b", Reason: "again"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("withdrawn twice: %v", err)
	}
}

func TestRecordFactRefuses(t *testing.T) {
	d := newDesk(t, example(t, "01-imsi-catcher-interior-ministry"))
	good := assessment.Answer{Fact: "user.mandate", Value: policy.Bool(true), Source: "law", Date: "2026-05-12"}
	for name, spoil := range map[string]func(*assessment.RecordFact){
		"assessment.fact.unknown":  func(c *assessment.RecordFact) { c.Answer.Fact = "user.shoe_size" },
		"assessment.fact.derived":  func(c *assessment.RecordFact) { c.Answer.Fact = "party.sanctioned" },
		"assessment.fact.value":    func(c *assessment.RecordFact) { c.Answer.Value = policy.Int(3) },
		"assessment.fact.date":     func(c *assessment.RecordFact) { c.Answer.Date = "" },
		"assessment.fact.future":   func(c *assessment.RecordFact) { c.Answer.Date = "2027-01-01" },
		"assessment.fact.source":   func(c *assessment.RecordFact) { c.Answer.Source = " " },
		"assessment.fact.id":       func(c *assessment.RecordFact) { c.ID = "" },
		"assessment.line.unknown":  func(c *assessment.RecordFact) { c.Answer.Line = "9" },
		"assessment.party.unknown": func(c *assessment.RecordFact) { c.Answer.Party = "nobody" },
		"assessment.fact.replaces": func(c *assessment.RecordFact) { c.Replaces = "nothing" },
		"assessment.reason.long":   func(c *assessment.RecordFact) { c.Answer.Note = strings.Repeat("x", 30_000) },
	} {
		c := assessment.RecordFact{Case: caseID, ID: "f", Answer: good}
		spoil(&c)
		if _, err := d.try(c); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("got %v, want %s", err, name)
		}
	}
	// "Unknown, and this is where we looked" is a fact too.
	d.do(assessment.RecordFact{Case: caseID, ID: "g", Answer: assessment.Answer{Fact: "user.mandate", Searched: "law gazette", Date: "2026-05-12"}})
}

// PRE-2: each group is answered, and unknown is an answer that is carried on.
func TestGroups(t *testing.T) {
	in := example(t, "01-imsi-catcher-interior-ministry")
	d := newDesk(t, in)
	some := map[assessment.Group]assessment.Affected{assessment.Journalists: assessment.IsAffected}
	if _, err := d.try(assessment.StateGroups{Case: caseID, Groups: some, Reason: "r"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("five groups are left out: %v", err)
	}
	d.do(assessment.StateGroups{Case: caseID, Groups: in.Groups, Reason: "from the reports"})
	joined := d.state.Input(d.facts.Case)
	joined.Lines[0].Confirmed = in.Lines[0].Confirmed
	r := assessment.Assess(&joined, plain(t))
	if len(r.Groups) != 6 || r.Groups[5].Group != assessment.Vulnerable || r.Groups[5].Affected != assessment.AffectedUnknown {
		t.Errorf("%+v", r.Groups)
	}
}

// The adviser's own view stands first: who has none sees no draft.
func TestOwnView(t *testing.T) {
	d := newDesk(t, example(t, "01-imsi-catcher-interior-ministry"))
	if d.state.OwnView("person-2") || d.state.AdviserView() != nil {
		t.Error("nobody has a view yet")
	}
	if _, err := d.try(assessment.RecordView{Case: caseID, Likelihood: "sure", Severity: 6, Refuse: []string{"1"}}); err == nil ||
		!strings.Contains(err.Error(), "likelihood") || !strings.Contains(err.Error(), "severity") || !strings.Contains(err.Error(), "grounds") || !strings.Contains(err.Error(), "worry") {
		t.Errorf("%v", err)
	}
	d.view()
	v := d.state.AdviserView()
	if !d.state.OwnView("person-2") || d.state.OwnView("person-1") || v.Person != "person-2" || v.Worry.Value == "" || len(v.Grounds) != 1 {
		t.Errorf("%+v", v)
	}
}

func TestBearUnknown(t *testing.T) {
	in := example(t, "08-thermal-cameras-border-guard")
	in.Answers = slices.DeleteFunc(in.Answers, func(a assessment.Answer) bool { return a.Fact == "use.repression_indicated" })
	d := newDesk(t, in)
	d.work(in)
	bear := assessment.BearUnknown{Case: caseID, Line: "cores", Rule: "CP2-a", Reason: "Cameras at posts; the monitor reports each month."}
	d.do(bear)
	bear.Rule = "CP1"
	if _, err := d.try(bear); !fault.Is(err, fault.Conflict) {
		t.Errorf("CP1 is known: %v", err)
	}
	for _, v := range d.state.LineViews(d.facts) {
		if v.Standing != policy.Open || len(v.Unknowns) != 1 || len(v.Undecided) != 0 {
			t.Fatalf("%+v", v)
		}
		if (v.Unknowns[0].Reason != "") != (v.Line == "cores") {
			t.Errorf("%+v", v)
		}
	}
	bear.Rule, bear.Also = "CP2-a", []string{"cores", "nowhere"}
	if _, err := d.try(bear); !fault.Is(err, fault.Invalid) {
		t.Errorf("a line that is not there: %v", err)
	}
	for _, l := range in.Lines {
		bear.Also = append(bear.Also, l.ID)
	}
	bear.Also = bear.Also[2:]
	d.do(bear)
	for _, v := range d.state.LineViews(d.facts) {
		if v.Unknowns[0].Reason == "" {
			t.Errorf("not borne on %s", v.Line)
		}
	}
	grave := newDesk(t, example(t, "06-water-cannon-gendarmerie"))
	grave.work(example(t, "06-water-cannon-gendarmerie"))
	if _, err := grave.try(assessment.BearUnknown{Case: caseID, Line: "vehicles", Rule: "CP2-a", Reason: "r"}); !fault.Is(err, fault.Blocked) {
		t.Errorf("an unknown was borne at severity 5: %v", err)
	}
}

// The casework comes to what the file says: same facts, same outcome.
func TestCaseworkEqualsFile(t *testing.T) {
	e := plain(t)
	for _, name := range names(t) {
		in := searched(example(t, name))
		d := newDesk(t, in)
		d.facts.Now = noon.AddDate(2, 0, 0) // after every date in the files
		d.work(in)
		joined := d.state.Input(d.facts.Case)
		want, got := standings(assessment.Assess(in, e)), standings(assessment.Assess(&joined, e))
		if !reflect.DeepEqual(want, got) {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

func TestStateSurvives(t *testing.T) {
	in := example(t, "01-imsi-catcher-interior-ministry")
	d := newDesk(t, in)
	d.work(in)
	d.find()
	d.view()
	d.do(assessment.Complete{Case: caseID})
	b, err := json.Marshal(d.state)
	if err != nil {
		t.Fatal(err)
	}
	var back assessment.State
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if again, _ := json.Marshal(&back); string(again) != string(b) {
		t.Error("the state does not survive JSON")
	}
	var fold assessment.State
	for _, r := range d.log {
		if err := fold.Apply(r); err != nil {
			t.Fatal(err)
		}
	}
	if again, _ := json.Marshal(&fold); string(again) != string(b) {
		t.Error("a second fold differs")
	}
	rows := d.state.Rows()
	ids := map[string]bool{}
	for _, r := range rows {
		if ids[r.Table+r.ID] {
			t.Errorf("two rows %s %s", r.Table, r.ID)
		}
		ids[r.Table+r.ID] = true
	}
	if len(rows) != 6 || rows[0].Table != "assessments" || rows[5].Table != "assessment_code" {
		t.Errorf("%+v", rows)
	}
}

// Free text is private: nothing that a person typed is in the kept part.
func TestKeptPartHoldsNoText(t *testing.T) {
	in := example(t, "01-imsi-catcher-interior-ministry")
	d := newDesk(t, in)
	d.work(in)
	d.find()
	d.view()
	for _, r := range d.log {
		b, err := json.Marshal(r.Event)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"Special Department", "square", "Особый", "Delta", "judge", "protest", "registration number", "partners"} {
			if strings.Contains(string(b), secret) {
				t.Errorf("%s keeps %q: %s", r.Event.EventType(), secret, b)
			}
		}
	}
}

func TestSamplesAreDistinct(t *testing.T) {
	event.NewRegistry(assessment.Samples()...) // panics on two shapes of one name
	for _, s := range assessment.Samples() {
		if !strings.HasPrefix(s.EventType(), "assessment.") {
			t.Error(s.EventType())
		}
	}
}

func FuzzParseInput(f *testing.F) {
	for _, name := range names(f) {
		f.Add(read(f, "examples/"+name+".yaml"))
	}
	f.Add([]byte("lines: [{id: a}]\nparties: [{id: b, names: [c]}]\nday: 2026-01-01"))
	e := plain(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		in, err := assessment.ParseInput(b)
		if err == nil {
			assessment.Assess(in, e)
		}
	})
}
