package policy_test

import (
	"reflect"
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
