package policy_test

import (
	"os"
	"testing"

	"pgregory.net/rapid"

	"github.com/comity-project/comity/policy"
)

// Routing says of every part what the functions say that carry it out, and why.
func TestRoutingAgreesWithWhatIsAsked(t *testing.T) {
	p, err := policy.LoadOver(os.DirFS("../content/policy/eu"), basePack(t))
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		f := anyFacts(t, p, rapid.SampledFrom([]int{0, 50, 100}).Draw(t, "known"))
		asked := map[string]bool{}
		for _, x := range policy.AdviceFor(p, f) {
			asked["advice "+x.ID] = true
		}
		for _, outcome := range []string{"approve", "refuse"} {
			for _, x := range policy.CountersignaturesFor(p, f, outcome) {
				asked["countersignature "+x.ID] = true
			}
			for _, x := range policy.SharingFor(p, f, outcome) {
				asked["sharing "+x.ID] = true
			}
		}
		for _, x := range policy.AssurancesFor(p, f) {
			asked["assurance "+x.ID] = true
		}
		for _, r := range policy.Routing(p, f) {
			if r.Asks != asked[r.Part+" "+r.ID] {
				t.Fatalf("%s %s asks %v, and is asked %v", r.Part, r.ID, r.Asks, asked[r.Part+" "+r.ID])
			}
			if r.Status == policy.Unknown && (len(r.Missing) == 0 || r.Residual == "") {
				t.Fatalf("%s is unknown and nothing says what is missing", r.ID)
			}
			if r.Status == policy.NotMet && len(r.Facts) == 0 {
				t.Fatalf("%s is not asked, and no fact says why", r.ID)
			}
			if r.Part == "sharing" && r.Asks && r.Status != policy.Met {
				t.Fatalf("%s is told although nobody knows", r.ID)
			}
		}
	})
}
