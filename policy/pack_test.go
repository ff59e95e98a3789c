package policy_test

import (
	"os"
	"slices"
	"testing"

	"github.com/comity-project/comity/policy"
)

// basePack is the pack that ships with the program.
func basePack(t testing.TB) *policy.Pack {
	t.Helper()
	p, err := policy.Load(os.DirFS("../content/policy/code-of-conduct"))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestBasePackIsPublishable(t *testing.T) {
	p := basePack(t)
	if err := p.Publishable(); err != nil {
		t.Fatal(err)
	}
	if n := len(p.Document().Rules); n != 56 {
		t.Errorf("%d rules, want 56", n)
	}
}

// The packs modelled on states' laws are whole and publishable, apply their own
// law and not each other's, and say of every part where it comes from.
func TestNationalPacksArePublishable(t *testing.T) {
	base := basePack(t)
	for _, c := range []struct{ id, law, table string }{
		{"eu", "eu", "DU-5"}, {"us", "us", "US-742.7b-REVIEW"}, {"uk", "uk", "UK-C2b"}, {"ch", "ch", "CH-VIM"},
	} {
		p, err := policy.LoadOver(os.DirFS("../content/policy/"+c.id), base)
		if err != nil {
			t.Error(err)
			continue
		}
		if err := p.Publishable(); err != nil {
			t.Error(err)
		}
		doc := p.Document()
		for _, other := range []string{"eu", "us", "uk", "ch"} {
			if got := slices.Contains(doc.Laws, other); got != (other == c.law) {
				t.Errorf("%s applies %s: %v", c.id, other, got)
			}
		}
		if !slices.Contains(doc.Laws, "code") {
			t.Errorf("%s does not apply the Code", c.id)
		}
		if !slices.ContainsFunc(doc.Tables, func(x policy.Table) bool { return x.ID == c.table && x.Law == c.law }) {
			t.Errorf("%s has no table %s", c.id, c.table)
		}
		back, err := policy.Parse(p.Canonical())
		if err != nil || back.Hash() != p.Hash() {
			t.Errorf("%s is not whole without its base: %v", c.id, err)
		}
	}
	if _, err := policy.Load(os.DirFS("../content/policy/ch")); err == nil {
		t.Error("a pack that is written over another loads without it")
	}
}

// One case under the laws of four states: each gives the reason in its own law.
func TestOneCaseUnderFourLaws(t *testing.T) {
	base := basePack(t)
	f := interceptor(base)
	f["user.abuse_record"] = policy.Fact{Value: policy.Bool(true), Source: "court judgment", Date: "2026-05-01"}
	f["item.crime_control"] = policy.Fact{Value: policy.Bool(true)}
	f["dest.crime_control_marked"] = policy.Fact{Value: policy.Bool(true)}
	for id, want := range map[string]string{"eu": "CP2-a", "us": "US-742.7b-REVIEW.user", "uk": "UK-C2a", "ch": "CH-VIM.user"} {
		p, err := policy.LoadOver(os.DirFS("../content/policy/"+id), base)
		if err != nil {
			t.Fatal(err)
		}
		o := policy.Resolve(p, policy.Evaluate(p, "2026-11-22", f), f)
		if !slices.Contains(slices.Concat(o.Because, o.Weigh), want) {
			t.Errorf("%s: %+v lacks %s", id, o, want)
		}
	}
}
