package policy_test

import (
	"os"
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
