package policy_test

import (
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/comity-project/comity/policy"
)

func names(s []policy.Support) []string {
	var out []string
	for _, x := range s {
		out = append(out, x.Name)
	}
	return out
}

func TestSupports(t *testing.T) {
	p := parse(t, "")
	refused := facts("item.category", "catcher", "item.severity", 4, "item.harm", true, "user.abuse", true, "user.overseen", false, "user.since", "2026-01-01")
	against, in := policy.Supports(p, "2026-11-22", refused, policy.Evaluate(p, "2026-11-22", refused))
	if !reflect.DeepEqual(names(against), []string{"user.abuse", "user.overseen"}) || len(in) != 0 {
		t.Errorf("against %v, for %v", names(against), names(in))
	}
	fine := refused.With("user.abuse", policy.Fact{Value: policy.Bool(false)}).With("user.overseen", policy.Fact{Value: policy.Bool(true)})
	against, in = policy.Supports(p, "2026-11-22", fine, policy.Evaluate(p, "2026-11-22", fine))
	if len(against) != 0 || !reflect.DeepEqual(names(in), []string{"user.abuse", "user.overseen"}) {
		t.Errorf("against %v, for %v", names(against), names(in))
	}
}

func TestTurns(t *testing.T) {
	p := parse(t, "")
	f := facts("item.harm", true, "user.abuse", true, "user.overseen", true)
	if got := policy.Turns(p, "2026-11-22", f); !reflect.DeepEqual(got, [][]string{{"user.abuse"}}) {
		t.Errorf("%v", got)
	}
	f = f.With("user.overseen", policy.Fact{Value: policy.Bool(false)})
	if got := policy.Turns(p, "2026-11-22", f); !reflect.DeepEqual(got, [][]string{{"user.abuse", "user.overseen"}}) {
		t.Errorf("%v", got)
	}
	if got := policy.Turns(p, "2026-11-22", facts("item.harm", false)); got != nil {
		t.Errorf("nothing is refused: %v", got)
	}
}

// What Supports finds by putting again only the rules that read a fact is what
// putting all of them again would find.
func TestSupportsAreThoseOfTheWholePack(t *testing.T) {
	p := basePack(t)
	const day = "2026-11-22"
	defs := p.Document().Facts
	r := rand.New(rand.NewPCG(7, 1))
	for range 60 {
		f := policy.Facts{}
		for _, d := range defs {
			switch d.Kind {
			case policy.KindBool:
				if n := r.IntN(3); n < 2 {
					f[d.Name] = policy.Fact{Value: policy.Bool(n == 1)}
				}
			case policy.KindInt:
				f[d.Name] = policy.Fact{Value: policy.Int(int64(1 + r.IntN(5)))}
			}
		}
		findings := policy.Evaluate(p, day, f)
		against, in := policy.Supports(p, day, f, findings)
		wantAgainst, wantIn := supportsOfAll(p, day, f, findings)
		if got := rulesOf(against); !maps.EqualFunc(got, wantAgainst, slices.Equal) {
			t.Errorf("against: %v, want %v", got, wantAgainst)
		}
		if got := rulesOf(in); !maps.EqualFunc(got, wantIn, slices.Equal) {
			t.Errorf("for: %v, want %v", got, wantIn)
		}
	}
}

// rulesOf are the rules that each fact carries, sorted.
func rulesOf(s []policy.Support) map[string][]string {
	out := map[string][]string{}
	for _, x := range s {
		out[x.Name] = slices.Sorted(slices.Values(x.Rules))
	}
	return out
}

// supportsOfAll is what Supports says of itself, word by word.
func supportsOfAll(p *policy.Pack, on policy.Date, facts policy.Facts, findings []policy.Finding) (against, in map[string][]string) {
	against, in = map[string][]string{}, map[string][]string{}
	bare := policy.Facts{}
	for name, f := range facts {
		if def, _ := p.Fact(name); def.Derived || def.Scope() == "item" {
			bare[name] = f
		}
	}
	alone := policy.Evaluate(p, on, bare)
	for name, f := range facts {
		if _, given := bare[name]; given {
			continue
		}
		with, without := policy.Evaluate(p, on, bare.With(name, f)), policy.Evaluate(p, on, facts.Without(name))
		for i, g := range findings {
			switch {
			case g.Status == policy.Met && (g.Force.Binding() || g.Force == policy.Weigh) && with[i].Status == policy.Met && alone[i].Status != policy.Met:
				against[name] = append(against[name], g.Rule)
			case g.Status == policy.NotMet && g.Force.Binding() && without[i].Status == policy.Unknown:
				in[name] = append(in[name], g.Rule)
			}
		}
	}
	for _, m := range []map[string][]string{against, in} {
		for _, rules := range m {
			slices.Sort(rules)
		}
	}
	return against, in
}
