package policy_test

import (
	"strings"
	"testing"

	"github.com/comity-project/comity/policy"
)

// tabled is a small pack with one table.
func tabled(t testing.TB, table string) (*policy.Pack, error) {
	t.Helper()
	return policy.Parse([]byte(`
id: tabled
version: '1'
valid_from: 2026-01-01
laws: [national]
facts:
- {name: item.category, kind: text, derived: true, question: "What is it?"}
- {name: item.severity, kind: int, question: "How severe?"}
- {name: user.kind, kind: text, question: "Who?", values: [police, court, other]}
- {name: user.abuse_record, kind: bool, question: "A record?"}
- {name: user.mandate, kind: bool, question: "A mandate?"}
categories: [{id: camera, name: Cameras, severity: 3}, {id: spyware, name: Spyware, severity: 5}]
tables:
- id: T
  law: national
  source: Test act s. 1
  question: May this user have it?
` + table))
}

const whole = `
  inputs: [user.abuse_record, item.severity, user.kind]
  rows:
  - {id: record, cells: ["yes", "-", "-"], force: refuse_if, finding: "The user has a record."}
  - {id: grave, cells: ["no", ">= 4", "not court"], force: weigh, finding: "Grave, and not for a court."}
  - {id: court, cells: ["no", ">= 4", "court"], finding: "A court may have it."}
  - {id: small, cells: ["no", "< 4", "-"], finding: "Nothing follows."}
  tests:
  - {facts: {user.abuse_record: true}, want: record}
  - {facts: {user.abuse_record: false, item.severity: 5, user.kind: police}, want: grave}
  - {facts: {user.abuse_record: false, item.severity: 4, user.kind: court}, want: court}
  - {facts: {user.abuse_record: false, item.severity: 3}, want: small}
  - {facts: {user.abuse_record: false}, want: unknown}
`

func TestTableBecomesRules(t *testing.T) {
	p, err := tabled(t, whole)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Publishable(); err != nil {
		t.Fatal(err)
	}
	if n := len(p.Rules()); n != 2 {
		t.Errorf("%d rules, want those of the two rows from which something follows", n)
	}
	r, ok := p.Rule("T.grave")
	if !ok || r.When != "!user.abuse_record && item.severity >= 4 && !(user.kind in ['court'])" || r.Force != policy.Weigh {
		t.Errorf("%+v", r)
	}
	f := facts("item.category", "spyware", "item.severity", 5, "user.abuse_record", true)
	o := policy.Resolve(p, policy.Evaluate(p, "2026-11-22", f), f)
	if o.Standing != policy.Refuse || len(o.Because) != 1 || o.Because[0] != "T.record" {
		t.Errorf("%+v", o)
	}
	back, err := policy.Parse(p.Canonical())
	if err != nil || back.Hash() != p.Hash() {
		t.Errorf("the canonical form: %v", err)
	}
}

func TestTableShortfalls(t *testing.T) {
	for _, c := range []struct{ name, was, is, want string }{
		{"gap", `"< 4", "-"`, `"< 3", "-"`, "has a gap: no row for item.severity = 3, user.abuse_record = no"},
		{"overlap", `"< 4", "-"`, `"<= 4", "-"`, "has an overlap: rows grave, small for item.severity = 4"},
		{"gap of a word", `"not court"`, `"police"`, "no row for item.severity = 4, user.abuse_record = no, user.kind = other"},
		{"row without a test", `- {facts: {user.abuse_record: false, item.severity: 3}, want: small}`, ``, "row small has no test"},
		{"nothing unknown", `- {facts: {user.abuse_record: false}, want: unknown}`, ``, "leaves it unknown"},
		{"wrong row", `item.severity: 4, user.kind: court}, want: court`, `item.severity: 4, user.kind: other}, want: court`, "got grave, want court"},
	} {
		p, err := tabled(t, strings.Replace(whole, c.was, c.is, 1))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if err := p.Publishable(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

func TestTablesThatDoNotLoad(t *testing.T) {
	for _, c := range []struct{ name, was, is, want string }{
		{"unknown fact", "[user.abuse_record, item.severity, user.kind]", "[user.abuse_recrod, item.severity, user.kind]", `no fact "user.abuse_recrod"`},
		{"unknown fact in a test", "{user.abuse_record: true}", "{user.abuse_recrod: true}", `no fact "user.abuse_recrod"`},
		{"a word that the fact may not hold", `"not court"`, `"not ministry"`, `"ministry" is no word`},
		{"no number", `">= 4", "court"`, `">= four", "court"`, "no number or range"},
		{"an empty range", `"< 4"`, `"4..3"`, "holds no number"},
		{"too few cells", `["yes", "-", "-"]`, `["yes", "-"]`, "2 cells for 3 inputs"},
		{"no yes or no", `["yes", "-", "-"]`, `["true", "-", "-"]`, "not yes, no or -"},
		{"a force that there is not", "force: weigh", "force: maybe", "a force that there is"},
		{"a row that there is not", "want: small", "want: large", `wants row "large"`},
		{"an answer that breaks out", `"court"], finding: "A`, `"court' || true || 'x"], finding: "A`, "is no word"},
	} {
		if _, err := tabled(t, strings.Replace(whole, c.was, c.is, 1)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}

// The words of a table over kinds of items are those of the pack: a kind that is
// added one day leaves a gap until the table says something of it.
func TestTableOverKindsOfItems(t *testing.T) {
	p, err := tabled(t, `
  inputs: [item.category]
  rows:
  - {id: a, cells: ["spyware"], force: prohibit, finding: "No."}
  tests:
  - {facts: {item.category: spyware}, want: a}
  - {facts: {}, want: unknown}
`)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Publishable(); err == nil || !strings.Contains(err.Error(), "no row for item.category = camera") {
		t.Error(err)
	}
}

func TestDiffTellsWordsFromEffect(t *testing.T) {
	a, err := tabled(t, whole)
	if err != nil {
		t.Fatal(err)
	}
	if d := policy.Diff(a, a); len(d) != 0 {
		t.Errorf("%+v", d)
	}
	doc := a.Document()
	doc.Version = "2"
	doc.Facts = append(append([]policy.FactDef{}, doc.Facts...), policy.FactDef{Name: "user.new", Kind: policy.KindBool, Question: "New?"})
	doc.Facts[1].Question = "How severe is it?"
	doc.Tables = append([]policy.Table{}, doc.Tables...)
	doc.Tables[0].Applies = "user.mandate"
	doc.Categories = doc.Categories[:1]
	b, err := policy.New(doc)
	if err != nil {
		t.Fatal(err)
	}
	type short struct {
		part, id  string
		how       policy.How
		editorial bool
	}
	var got []short
	for _, c := range policy.Diff(a, b) {
		got = append(got, short{c.Part, c.ID, c.How, c.Editorial()})
	}
	want := []short{
		{"table", "T", policy.Changed, false},
		{"fact", "user.new", policy.Added, false},
		{"category", "spyware", policy.Removed, false},
		{"pack", "tabled", policy.Changed, true},
		{"fact", "item.severity", policy.Changed, true},
	}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
}
