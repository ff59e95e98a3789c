package policy_test

import (
	"testing"

	"github.com/comity-project/comity/policy"
)

// interceptor is a complete set of facts: an IMSI catcher for a ministry that
// has a mandate, a court that authorises, and a record.
func interceptor(p *policy.Pack) policy.Facts {
	f := policy.Facts{}
	for _, d := range p.Document().Facts {
		switch d.Kind {
		case policy.KindBool:
			f[d.Name] = policy.Fact{Value: policy.Bool(false), Source: "test", Date: "2026-11-22"}
		case policy.KindInt:
			f[d.Name] = policy.Fact{Value: policy.Int(4), Source: "test", Date: "2026-11-22"}
		}
	}
	for _, name := range []string{"item.path_to_harm", "item.surveillance", "item.listed", "user.state", "user.identified", "user.mandate", "user.overseen", "use.prior_authorisation", "use.stated"} {
		f[name] = policy.Fact{Value: policy.Bool(true), Source: "test", Date: "2026-11-22"}
	}
	f["item.category"] = policy.Fact{Value: policy.Text("imsi_catcher"), Source: "test", Date: "2026-11-22"}
	f["user.kind"] = policy.Fact{Value: policy.Text("interior"), Source: "test", Date: "2026-11-22"}
	return f
}

func BenchmarkEvaluate(b *testing.B) {
	p := basePack(b)
	for _, c := range []struct {
		name  string
		facts policy.Facts
	}{{"known", interceptor(p)}, {"unknown", policy.Facts{}}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			rules := len(p.Document().Rules)
			for b.Loop() {
				policy.Evaluate(p, "2026-11-22", c.facts)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rules), "ns/rule")
		})
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		basePack(b)
	}
}
