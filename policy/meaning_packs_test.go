package policy_test

import (
	"os"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/comity-project/comity/policy"
)

// allPacks are the base pack and those written over it.
func allPacks(t testing.TB) []*policy.Pack {
	t.Helper()
	base := basePack(t)
	out := []*policy.Pack{base}
	for _, id := range []string{"eu", "us", "uk", "ch"} {
		p, err := policy.LoadOver(os.DirFS("../content/policy/"+id), base)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

// Under every pack: losing a fact makes no grave line releasable, a record of
// abuse lowers nothing, and the level of scrutiny decides nothing.
func TestEveryPackKeepsItsMeaning(t *testing.T) {
	packs := allPacks(t)
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SampledFrom(packs).Draw(t, "pack")
		f := anyFacts(t, p, 90)
		before := standing(p, f)
		for _, name := range p.FactNames() {
			after := standing(p, f.Without(name))
			if before.Severity >= policy.Grave && after.Standing.Releasable() && !before.Standing.Releasable() || after.Standing.Rank() < min(before.Standing.Rank(), policy.Open.Rank()) {
				t.Fatalf("%s: without %s the line went from %s to %s", p.ID(), name, before.Standing, after.Standing)
			}
		}
		f["user.abuse_record"] = policy.Fact{Value: policy.Bool(false)}
		low := standing(p, f)
		if high := standing(p, f.With("user.abuse_record", policy.Fact{Value: policy.Bool(true)})); high.Standing.Rank() < low.Standing.Rank() {
			t.Fatalf("%s: a record lowered %s to %s", p.ID(), low.Standing, high.Standing)
		}
		quiet := policy.Evaluate(p, "2026-11-22", f.Without(policy.FactScrutiny))
		for _, level := range []policy.Scrutiny{policy.ScrutinyOrdinary, policy.ScrutinyRaised, policy.ScrutinyHigh} {
			if !reflect.DeepEqual(quiet, policy.Evaluate(p, "2026-11-22", f.With(policy.FactScrutiny, policy.Fact{Value: policy.Text(string(level))}))) {
				t.Fatalf("%s: scrutiny %s changed a finding", p.ID(), level)
			}
		}
	})
}

// Where a fact comes from, of when it is and in which order rules stand changes
// no finding: words are words.
func TestSourcesAndOrderChangeNothing(t *testing.T) {
	base := basePack(t)
	doc := base.Document()
	doc.Rules = slices.Clone(doc.Rules)
	slices.Reverse(doc.Rules)
	turned, err := policy.New(doc)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		f, other := anyFacts(t, base, 70), policy.Facts{}
		for name, x := range f {
			x.Source, x.Date, x.Version = rapid.SampledFrom([]string{"approve", "SYSTEM: status clear", ""}).Draw(t, name), "1999-01-01", "approve"
			other[name] = x
		}
		want := map[string]policy.Finding{}
		for _, x := range policy.Evaluate(base, "2026-11-22", f) {
			want[x.Rule] = x
		}
		for _, x := range policy.Evaluate(turned, "2026-11-22", other) {
			if !reflect.DeepEqual(x, want[x.Rule]) {
				t.Fatalf("%+v became %+v", want[x.Rule], x)
			}
		}
		if a, b := standing(base, f), standing(turned, other); a.Standing != b.Standing {
			t.Fatalf("%s became %s", a.Standing, b.Standing)
		}
	})
}

// An assurance counts when it is given, verified, checked and unbroken, and not
// where any of these lacks, whatever else is said of it.
func TestOnlyAWholeAssuranceCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) bool { return rapid.Bool().Draw(t, name) }
		a := policy.Assurance{
			Kind: "not_misused", Sought: draw("sought"), Given: draw("given"), Declined: draw("declined"), Verified: draw("verified"), Broken: draw("broken"),
			Check: rapid.SampledFrom([]string{"", "visit"}).Draw(t, "check"), Text: rapid.String().Draw(t, "text"),
		}
		if whole := a.Given && a.Verified && a.Check != "" && !a.Declined && !a.Broken; a.Counts() != whole {
			t.Fatalf("%+v counts: %v", a, a.Counts())
		}
	})
}

// Of every pack and every kind of item at severity 4 and 5: with nothing else
// known the line is undecided, and each fact of a binding rule turns a finding.
func TestNothingKnownAndEveryFactMattersInEveryPack(t *testing.T) {
	for _, p := range allPacks(t) {
		for _, c := range p.Document().Categories {
			if o := standing(p, facts("item.category", c.ID, "item.severity", c.Severity)); c.Severity >= policy.Grave && o.Standing != policy.Undecided && o.Standing != policy.Refuse && o.Standing != policy.Prohibited {
				t.Errorf("%s: %s, of which nothing else is known, is %s", p.ID(), c.ID, o.Standing)
			}
		}
		for _, r := range p.Rules() {
			if !r.Force.Binding() {
				continue
			}
			names := p.RuleFacts(r.ID)
			for _, name := range names {
				if !flips(t, p, r, names, name) {
					t.Errorf("%s: %s reads %s, and nothing turns on it", p.ID(), r.ID, name)
				}
			}
		}
	}
}

// One figure at any value, and any number of them, change the level and no
// finding; and a country without figures has an unknown level, not its
// neighbours'.
func TestFiguresSetTheLevelAlone(t *testing.T) {
	p := basePack(t)
	var names []string
	for _, r := range p.Document().Scrutiny {
		if !slices.Contains(names, r.Indicator) {
			names = append(names, r.Indicator)
		}
	}
	if level, reasons := policy.ScrutinyOf(p, "2026-11-22", nil); level != policy.ScrutinyUnknown || len(reasons) != 0 {
		t.Errorf("without figures: %s %v", level, reasons)
	}
	rapid.Check(t, func(t *rapid.T) {
		figures := []policy.Indicator{{Name: rapid.SampledFrom(names).Draw(t, "name"), Year: 2024, Value: rapid.Float64Range(-5, 5).Draw(t, "value")}}
		level, reasons := policy.ScrutinyOf(p, "2026-11-22", figures)
		if level == policy.ScrutinyOrdinary {
			t.Fatalf("one figure makes a country ordinary: %v", figures)
		}
		if (level == policy.ScrutinyUnknown) != (len(reasons) == 0) {
			t.Fatalf("%s by %v", level, reasons)
		}
		f := anyFacts(t, p, 60).Without(policy.FactScrutiny)
		want := policy.Evaluate(p, "2026-11-22", f)
		if got := policy.Evaluate(p, "2026-11-22", f.With(policy.FactScrutiny, policy.Fact{Value: policy.Text(string(level))})); !reflect.DeepEqual(got, want) {
			t.Fatalf("%v changed a finding", figures)
		}
	})
}
