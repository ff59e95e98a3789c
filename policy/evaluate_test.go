package policy_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/comity-project/comity/policy"
)

// small is a pack of one binding rule and one to weigh, to which tests add.
const small = `
id: small
version: "1"
title: Small
valid_from: 2026-01-01
laws: [here]
facts:
- {name: item.category, kind: text, question: "What is it?", derived: true}
- {name: item.severity, kind: int, question: "How severe?", derived: true}
- {name: item.harm, kind: bool, question: "Can it harm?"}
- {name: user.abuse, kind: bool, question: "Has the user abused such items?"}
- {name: user.overseen, kind: bool, question: "Does anyone oversee the user?"}
- {name: user.since, kind: day, question: "Since when is the user known?"}
- {name: user.kind, kind: text, question: "What is the user?", values: [police, hospital]}
- {name: dest.scrutiny, kind: text, question: "Which level?", derived: true}
categories:
- {id: catcher, name: Catcher, severity: 4, harm: "It listens."}
- {id: lens, name: Lens, severity: 2}
rules:
- {id: R1, law: here, source: "Act s. 1", force: refuse_if, question: "Would it?", applies: "item.harm", when: "user.abuse || !user.overseen", finding: "It would."}
- {id: W1, law: here, source: "Act s. 2", force: weigh, question: "Is it new?", when: "user.since > '2026-06-01'", finding: "It is."}
`

func parse(t testing.TB, more string) *policy.Pack {
	t.Helper()
	p, err := policy.Parse([]byte(small + more))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func facts(kv ...any) policy.Facts {
	f := policy.Facts{}
	for i := 0; i+1 < len(kv); i += 2 {
		var v policy.Value
		switch x := kv[i+1].(type) {
		case bool:
			v = policy.Bool(x)
		case int:
			v = policy.Int(int64(x))
		case string:
			v = policy.Text(x)
		}
		f[kv[i].(string)] = policy.Fact{Value: v}
	}
	return f
}

func find(fs []policy.Finding, id string) policy.Finding {
	i := slices.IndexFunc(fs, func(f policy.Finding) bool { return f.Rule == id })
	if i < 0 {
		return policy.Finding{}
	}
	return fs[i]
}

func TestEvaluate(t *testing.T) {
	p := parse(t, "")
	for _, c := range []struct {
		name    string
		facts   policy.Facts
		want    policy.Status
		aside   policy.Aside
		missing string
	}{
		{"one half is enough to meet it", facts("item.harm", true, "user.abuse", true), policy.Met, "", ""},
		{"one half is not enough to clear it", facts("item.harm", true, "user.abuse", false), policy.Unknown, "", "user.overseen"},
		{"both halves", facts("item.harm", true, "user.abuse", false, "user.overseen", true), policy.NotMet, "", ""},
		{"does not apply", facts("item.harm", false, "user.abuse", true), policy.NotMet, policy.NotForThis, ""},
		{"nobody knows whether it applies", facts("user.abuse", true), policy.Unknown, "", "item.harm"},
		{"nobody knows whether it applies, and it would not be met", facts("user.abuse", false, "user.overseen", true), policy.NotMet, "", ""},
		{"nothing known", policy.Facts{}, policy.Unknown, "", "item.harm user.abuse user.overseen"},
		{"a word where yes or no belongs is unknown", facts("item.harm", true, "user.abuse", "no", "user.overseen", true), policy.Unknown, "", "user.abuse"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := find(policy.Evaluate(p, "2026-11-22", c.facts), "R1")
			if got.Status != c.want || got.Aside != c.aside || strings.Join(got.Missing, " ") != c.missing {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestEvaluateByDate(t *testing.T) {
	p := parse(t, `
- {id: D1, law: here, source: s, force: weigh, valid_from: 2026-03-01, valid_to: 2026-04-30, question: q, when: "user.abuse", finding: f}
- {id: L1, law: elsewhere, source: s, force: refuse_if, question: q, when: "user.abuse", finding: f}
`)
	f := facts("user.abuse", true)
	for day, want := range map[policy.Date]policy.Status{"2026-02-28": policy.NotMet, "2026-03-01": policy.Met, "2026-04-30": policy.Met, "2026-05-01": policy.NotMet} {
		got := find(policy.Evaluate(p, day, f), "D1")
		if got.Status != want || (got.Aside == policy.NotInForce) != (want == policy.NotMet) {
			t.Errorf("%s: %+v", day, got)
		}
	}
	if got := find(policy.Evaluate(p, "2026-11-22", f), "L1"); got.Aside != policy.OtherLaw || got.Status != policy.NotMet {
		t.Errorf("a rule of another law: %+v", got)
	}
	for _, day := range []policy.Date{"2025-12-31", ""} {
		got := policy.Evaluate(p, day, f)
		if r := find(got, "R1"); r.Aside != policy.NotInForce || r.Status != policy.Unknown {
			t.Errorf("a day on which the pack says nothing: %+v", r)
		}
		known := facts("item.category", "lens", "item.severity", 2, "item.harm", false)
		if o := policy.Resolve(p, policy.Evaluate(p, day, known), known); o.Standing != policy.Open {
			t.Errorf("a day on which the pack says nothing: %s", o.Standing)
		}
	}
}

func TestDaysAndWords(t *testing.T) {
	p := parse(t, "")
	for since, want := range map[string]policy.Status{"2026-06-02": policy.Met, "2026-06-01": policy.NotMet, "soon": policy.Unknown, "2026-13-01": policy.Unknown} {
		if got := find(policy.Evaluate(p, "2026-11-22", facts("user.since", since)), "W1"); got.Status != want {
			t.Errorf("%s: %s, want %s", since, got.Status, want)
		}
	}
}

func TestExplain(t *testing.T) {
	p := parse(t, "")
	f := facts("item.harm", true, "user.abuse", false)
	f["item.harm"] = policy.Fact{Value: policy.Bool(true), Source: "technical sheet", Date: "2026-05-01"}
	r := policy.Explain(p, f, find(policy.Evaluate(p, "2026-11-22", f), "R1"))
	if r.Residual != "!user.overseen" {
		t.Errorf("residual %q", r.Residual)
	}
	if len(r.Facts) != 2 || r.Facts[0].Name != "item.harm" || r.Facts[0].Source != "technical sheet" || r.Facts[0].Date != "2026-05-01" {
		t.Errorf("facts %+v", r.Facts)
	}
	if r.Source != "Act s. 1" || r.Text != "" {
		t.Errorf("%+v", r)
	}
	f["user.abuse"] = policy.Fact{Value: policy.Bool(true)}
	if r = policy.Explain(p, f, find(policy.Evaluate(p, "2026-11-22", f), "R1")); r.Text != "It would." || r.Residual != "" {
		t.Errorf("%+v", r)
	}
}

func TestQuestions(t *testing.T) {
	p := basePack(t)
	f := policy.Facts{}
	qs := policy.Questions(p, policy.Evaluate(p, "2026-11-22", f))
	if len(qs) == 0 || !qs[0].Binding || qs[0].Text == "" {
		t.Fatalf("%+v", qs)
	}
	seen, free := map[string]bool{}, false
	for _, q := range qs {
		if seen[q.Fact] {
			t.Errorf("%s is asked twice", q.Fact)
		}
		seen[q.Fact] = true
		if free && q.Binding {
			t.Errorf("%s waits for a refusal and is asked late", q.Fact)
		}
		free = free || !q.Binding
	}
	// One answer settles what it settles: without a path to harm most of it is gone.
	fewer := policy.Questions(p, policy.Evaluate(p, "2026-11-22", facts("item.path_to_harm", false)))
	if len(fewer) >= len(qs) {
		t.Errorf("%d questions before, %d after", len(qs), len(fewer))
	}
}

func TestResolve(t *testing.T) {
	p := parse(t, `
- {id: P1, law: here, source: s, force: prohibit, question: q, when: "user.kind == 'police'", finding: f}
`)
	base := facts("item.category", "catcher", "item.severity", 4, "item.harm", true, "user.abuse", false, "user.overseen", true, "user.since", "2026-01-01", "user.kind", "hospital")
	low := base.With("item.category", policy.Fact{Value: policy.Text("lens")}).With("item.severity", policy.Fact{Value: policy.Int(2)})
	for _, c := range []struct {
		name string
		f    policy.Facts
		want policy.Standing
	}{
		{"all known and fine", base, policy.Clear},
		{"to be weighed", base.With("user.since", policy.Fact{Value: policy.Text("2026-10-01")}), policy.Weighing},
		{"what would be weighed is unknown", base.Without("user.since"), policy.Weighing},
		{"a refusal test is met", base.With("user.abuse", policy.Fact{Value: policy.Bool(true)}), policy.Refuse},
		{"a prohibition goes before a refusal", base.With("user.abuse", policy.Fact{Value: policy.Bool(true)}).With("user.kind", policy.Fact{Value: policy.Text("police")}), policy.Prohibited},
		{"unknown at severity 4", base.Without("user.overseen"), policy.Undecided},
		{"unknown at severity 2", low.Without("user.overseen"), policy.Open},
		{"unknown where the kind of item is", low.Without("user.overseen").Without("item.category"), policy.Undecided},
		{"nobody says how severe", low.Without("user.overseen").Without("item.severity"), policy.Undecided},
		{"the kind of item is not known", base.Without("item.category"), policy.Undecided},
		{"the category's severity is the least", base.With("item.severity", policy.Fact{Value: policy.Int(1)}).Without("user.overseen"), policy.Undecided},
		{"met goes before unknown", base.With("user.abuse", policy.Fact{Value: policy.Bool(true)}).Without("user.kind"), policy.Refuse},
		{"nothing known", policy.Facts{}, policy.Undecided},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := policy.Resolve(p, policy.Evaluate(p, "2026-11-22", c.f), c.f)
			if o.Standing != c.want {
				t.Errorf("%+v, want %s", o, c.want)
			}
		})
	}
}

func TestSeverityIsTheMaximum(t *testing.T) {
	if s := (policy.Severity{Scale: 2, Scope: 2, Irremediability: 5}).Max(); s != 5 {
		t.Errorf("severity %d: it is never an average", s)
	}
	for _, s := range []policy.Severity{{}, {Scale: 3, Scope: 3}, {Scale: 3, Scope: 3, Irremediability: 6}, {Scale: -1, Scope: 3, Irremediability: 3}} {
		if s.Complete() {
			t.Errorf("%+v is complete", s)
		}
	}
}

func TestAssuranceCounts(t *testing.T) {
	good := policy.Assurance{Kind: "not_misused", Sought: true, Given: true, Verified: true, Check: "visit"}
	if !good.Counts() {
		t.Error("a verified assurance with a check counts")
	}
	for name, spoil := range map[string]func(*policy.Assurance){
		"unverified": func(a *policy.Assurance) { a.Verified = false }, "broken": func(a *policy.Assurance) { a.Broken = true },
		"no check": func(a *policy.Assurance) { a.Check = "" }, "declined": func(a *policy.Assurance) { a.Declined = true },
		"not given": func(a *policy.Assurance) { a.Given = false },
	} {
		a := good
		spoil(&a)
		if a.Counts() {
			t.Errorf("%s: counts as absent", name)
		}
	}
}

func TestScrutiny(t *testing.T) {
	p := basePack(t)
	free := []policy.Indicator{{Name: "v2csreprss", Year: 2025, Value: 2}, {Name: "v2x_libdem", Year: 2025, Value: 0.9}}
	for _, c := range []struct {
		name string
		in   []policy.Indicator
		want policy.Scrutiny
		why  int
	}{
		{"no figure is unknown, not the lowest", nil, policy.ScrutinyUnknown, 0},
		{"a figure that no row asks for is none", []policy.Indicator{{Name: "rainfall", Year: 2025, Value: 1}}, policy.ScrutinyUnknown, 0},
		{"one good figure says little", []policy.Indicator{{Name: "v2x_libdem", Year: 2025, Value: 0.9}}, policy.ScrutinyUnknown, 0},
		{"free", []policy.Indicator{{Name: "v2x_clphy", Year: 2025, Value: 0.9}}, policy.ScrutinyOrdinary, 0},
		{"the latest year counts", []policy.Indicator{{Name: "v2x_clphy", Year: 2025, Value: 0.9}, {Name: "v2x_clphy", Year: 2019, Value: 0.1}}, policy.ScrutinyOrdinary, 0},
		{"a later year than the day asked about does not", []policy.Indicator{{Name: "v2x_clphy", Year: 2030, Value: 0.1}, {Name: "v2x_clphy", Year: 2019, Value: 0.9}}, policy.ScrutinyOrdinary, 0},
		{"at the bound", []policy.Indicator{{Name: "v2x_clphy", Year: 2025, Value: 0.7}}, policy.ScrutinyRaised, 1},
		{"one row is enough, and rows don't add up", []policy.Indicator{{Name: "v2x_clphy", Year: 2025, Value: 0.6}, {Name: "v2xcl_rol", Year: 2025, Value: 0.6}, {Name: "v2x_jucon", Year: 2025, Value: 0.5}}, policy.ScrutinyRaised, 3},
		{"the highest row of an indicator", []policy.Indicator{{Name: "v2x_clphy", Year: 2021, Value: 0.2}}, policy.ScrutinyHigh, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := c.in
			if len(in) > 0 && c.want != policy.ScrutinyUnknown {
				in = append(slices.Clone(in), free...)
			}
			got, why := policy.ScrutinyOf(p, "2026-11-22", in)
			if got != c.want || len(why) != c.why {
				t.Errorf("%s %+v", got, why)
			}
			for _, w := range why {
				if w.Age != 2026-w.Indicator.Year {
					t.Errorf("age %d of a figure of %d", w.Age, w.Indicator.Year)
				}
			}
		})
	}
}
