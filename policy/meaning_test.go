package policy_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/comity-project/comity/policy"
)

// anyFacts draws facts of the pack's catalogue, each known or not.
func anyFacts(t *rapid.T, p *policy.Pack, known int) policy.Facts {
	f := policy.Facts{}
	doc := p.Document()
	for _, d := range doc.Facts {
		if rapid.IntRange(1, 100).Draw(t, d.Name+"?") > known {
			continue
		}
		f[d.Name] = policy.Fact{Value: anyValue(t, p, d), Source: "drawn", Date: "2026-11-22"}
	}
	return f
}

func anyValue(t *rapid.T, p *policy.Pack, d policy.FactDef) policy.Value {
	switch {
	case d.Name == policy.FactCategory:
		return policy.Text(rapid.SampledFrom(p.Document().Categories).Draw(t, d.Name).ID)
	case d.Kind == policy.KindBool:
		return policy.Bool(rapid.Bool().Draw(t, d.Name))
	case d.Kind == policy.KindInt:
		return policy.Int(rapid.Int64Range(1, 5).Draw(t, d.Name))
	case len(d.Values) > 0:
		return policy.Text(rapid.SampledFrom(d.Values).Draw(t, d.Name))
	default:
		return policy.Text("x")
	}
}

func standing(p *policy.Pack, f policy.Facts) policy.Outcome {
	return policy.Resolve(p, policy.Evaluate(p, "2026-11-22", f), f)
}

// An answer that is certain stays so, whatever else becomes known. All other
// promises about unknown facts rest on this one.
func TestMoreFactsNeverContradict(t *testing.T) {
	p := basePack(t)
	rapid.Check(t, func(t *rapid.T) {
		some := anyFacts(t, p, 40)
		before := policy.Evaluate(p, "2026-11-22", some)
		all := anyFacts(t, p, 100)
		for name, fact := range some {
			all[name] = fact
		}
		for i, after := range policy.Evaluate(p, "2026-11-22", all) {
			if before[i].Status != policy.Unknown && before[i].Status != after.Status {
				t.Fatalf("%s was %s and became %s when more was known", after.Rule, before[i].Status, after.Status)
			}
			if after.Status == policy.Unknown {
				t.Fatalf("%s is unknown although everything is known", after.Rule)
			}
		}
	})
}

// Removing a fact never moves a line towards release. Where the stakes are grave
// it never makes a line releasable; below that the most it can leave is an open
// question, which needs a person's written reason.
func TestRemovingAFactNeverReleases(t *testing.T) {
	p := basePack(t)
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t, p, 90)
		before := standing(p, f)
		names := make([]string, 0, len(f))
		for n := range f {
			names = append(names, n)
		}
		slices.Sort(names)
		for _, name := range names {
			after := standing(p, f.Without(name))
			if after.Standing.Rank() >= before.Standing.Rank() || before.Standing == policy.Prohibited && after.Standing == policy.Refuse {
				continue
			}
			if before.Severity >= policy.Grave && after.Standing.Releasable() && !before.Standing.Releasable() {
				t.Fatalf("without %s the line went from %s to %s at severity %d", name, before.Standing, after.Standing, before.Severity)
			}
			if after.Standing.Rank() < policy.Open.Rank() {
				t.Fatalf("without %s the line went from %s to %s", name, before.Standing, after.Standing)
			}
		}
	})
}

// A higher severity, an abuse or a listed party never lowers the outcome.
func TestWorseNeverLowers(t *testing.T) {
	p := basePack(t)
	worse := []string{
		"user.abuse_record", "user.conduct_concern", "user.broke_assurance", "user.owner_concern", "user.client_concern", "user.resale_concern",
		"party.sanctioned", "party.entity_listed", "use.targets_protected", "use.repression_indicated", "use.diversion_signs",
		"use.ihl_violation_risk", "use.ihl_knowledge", "use.conflict_effect", "use.ill_treatment_grounds", "use.execution_grounds",
		"dest.embargo", "dest.conflict", "dest.violations_established", "dest.retains_death_penalty", "item.bulk", "item.torture_only",
	}
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t, p, 80)
		name := rapid.SampledFrom(worse).Draw(t, "worse")
		f[name] = policy.Fact{Value: policy.Bool(false)}
		before := standing(p, f)
		after := standing(p, f.With(name, policy.Fact{Value: policy.Bool(true)}))
		if after.Standing.Rank() < before.Standing.Rank() {
			t.Fatalf("%s lowered the line from %s to %s", name, before.Standing, after.Standing)
		}
		for n := int64(1); n < 5; n++ {
			low := standing(p, f.With(policy.FactSeverity, policy.Fact{Value: policy.Int(n)}))
			high := standing(p, f.With(policy.FactSeverity, policy.Fact{Value: policy.Int(n + 1)}))
			if high.Standing.Rank() < low.Standing.Rank() {
				t.Fatalf("severity %d gives %s and %d gives %s", n, low.Standing, n+1, high.Standing)
			}
		}
	})
}

func TestNothingKnownIsUndecided(t *testing.T) {
	p := basePack(t)
	if o := standing(p, policy.Facts{}); o.Standing != policy.Undecided || len(o.Unknown) == 0 {
		t.Errorf("%+v", o)
	}
	for _, c := range p.Document().Categories {
		f := facts("item.category", c.ID, "item.severity", c.Severity)
		o := standing(p, f)
		if c.Severity >= policy.Grave && o.Standing != policy.Undecided {
			t.Errorf("%s, of which nothing else is known, is %s", c.ID, o.Standing)
		}
		if o.Standing == policy.Clear {
			t.Errorf("%s, of which nothing else is known, is clear", c.ID)
		}
	}
}

// The level of scrutiny, at any value, meets, releases and skips nothing.
func TestScrutinyDecidesNothing(t *testing.T) {
	p := basePack(t)
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t, p, 70).Without(policy.FactScrutiny)
		want := policy.Evaluate(p, "2026-11-22", f)
		for _, level := range []policy.Scrutiny{policy.ScrutinyOrdinary, policy.ScrutinyRaised, policy.ScrutinyHigh, "none of them"} {
			if got := policy.Evaluate(p, "2026-11-22", f.With(policy.FactScrutiny, policy.Fact{Value: policy.Text(string(level))})); !reflect.DeepEqual(got, want) {
				t.Fatalf("scrutiny %s changed a finding", level)
			}
		}
	})
}

// Every fact that a binding rule reads matters: for some case, that fact alone
// turned round turns the finding round.
func TestEachFactOfABindingRuleMatters(t *testing.T) {
	p := basePack(t)
	for _, r := range p.Document().Rules {
		if !r.Force.Binding() {
			continue
		}
		names := p.RuleFacts(r.ID)
		for _, name := range names {
			if !flips(t, p, r, names, name) {
				t.Errorf("%s reads %s, and nothing turns on it", r.ID, name)
			}
		}
	}
}

// flips looks through every combination of the facts that a rule reads.
func flips(t *testing.T, p *policy.Pack, r policy.Rule, names []string, flip string) bool {
	t.Helper()
	if len(names) > 12 {
		t.Fatalf("%s reads %d facts", r.ID, len(names))
	}
	one, err := only(p, r)
	if err != nil {
		t.Fatal(err)
	}
	value := func(name string, on bool) policy.Value {
		def, _ := p.Fact(name)
		if def.Kind == policy.KindInt {
			if on {
				return policy.Int(5)
			}
			return policy.Int(1)
		}
		return policy.Bool(on)
	}
	for bits := range 1 << len(names) {
		f := policy.Facts{}
		for i, n := range names {
			f[n] = policy.Fact{Value: value(n, bits&(1<<i) != 0)}
		}
		a := policy.Evaluate(one, "2026-11-22", f)[0].Status
		f[flip] = policy.Fact{Value: value(flip, f[flip].Value != value(flip, true))}
		if b := policy.Evaluate(one, "2026-11-22", f)[0].Status; a != b {
			return true
		}
	}
	return false
}

// only is the pack with one rule, in force as its own law.
func only(p *policy.Pack, r policy.Rule) (*policy.Pack, error) {
	doc := p.Document()
	return policy.New(policy.Document{ID: "one", Version: "1", From: "2000-01-01", Laws: []string{r.Law}, Facts: doc.Facts, Rules: []policy.Rule{r}})
}

func TestFactsAreNotChanged(t *testing.T) {
	p := basePack(t)
	f := interceptor(p)
	before := fmt.Sprint(f)
	findings := policy.Evaluate(p, "2026-11-22", f)
	policy.Resolve(p, findings, f)
	policy.Questions(p, findings)
	f.Without("item.listed")
	f.With("item.listed", policy.Fact{})
	if fmt.Sprint(f) != before {
		t.Error("an evaluation changed its facts")
	}
}
