package policy_test

import (
	"bytes"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/comity-project/comity/policy"
)

// anyLine draws facts as a case gives them: what follows from the kind of item
// is laid down by the pack, the rest is known or not.
func anyLine(t *rapid.T, p *policy.Pack, known int) policy.Facts {
	f := anyFacts(t, p, known)
	c, ok := p.Category(f.Value(policy.FactCategory).Word())
	if !ok {
		return f
	}
	for name, v := range c.Facts {
		f[name] = policy.Fact{Value: v, Version: p.Version()}
	}
	if c.Harm != "" {
		f["item.path_to_harm"] = policy.Fact{Value: policy.Bool(true), Version: p.Version()}
	}
	if n, ok := f.Value(policy.FactSeverity).Number(); ok && int(n) < c.Severity {
		f[policy.FactSeverity] = policy.Fact{Value: policy.Int(int64(c.Severity))}
	}
	return f
}

func keep(p *policy.Pack, f policy.Facts) policy.Kept {
	o := standing(p, f)
	return policy.Kept{Line: "1", Destination: "XA", Standing: o.Standing, Because: o.Because, Values: policy.PackValues(p, f)}
}

// Under its own pack no line moves, whatever is known of it.
func TestReplayUnderTheSamePackMovesNothing(t *testing.T) {
	p := basePack(t)
	r := policy.NewReplay(p, p.FactNames())
	rapid.Check(t, func(t *rapid.T) {
		f := anyLine(t, p, rapid.SampledFrom([]int{0, 40, 80, 100}).Draw(t, "known"))
		flip, other, err := r.Line("2026-11-22", keep(p, f))
		if err != nil || flip != nil || other {
			t.Fatalf("%v %+v %v", err, flip, other)
		}
	})
}

// Under another pack a line stands where evaluating its facts puts it, and the
// reasons are the rules that put it there.
func TestReplayUnderAnotherPackIsEvaluation(t *testing.T) {
	p := basePack(t)
	doc := p.Document()
	doc.Version, doc.Laws = "next", []string{"code", "un", "ch", "us"}
	doc.Facts = slices.Clone(doc.Facts)
	slices.Reverse(doc.Facts) // another order of facts
	next, err := policy.New(doc)
	if err != nil {
		t.Fatal(err)
	}
	r := policy.NewReplay(next, p.FactNames())
	rapid.Check(t, func(t *rapid.T) {
		f := anyLine(t, p, rapid.IntRange(50, 100).Draw(t, "known"))
		k := keep(p, f)
		want := standing(next, f)
		flip, other, err := r.Line("2026-11-22", k)
		if err != nil {
			t.Fatal(err)
		}
		if flip == nil {
			if want.Standing != k.Standing || other != !slices.Equal(want.Because, k.Because) {
				t.Fatalf("it stays at %s and is %+v", k.Standing, want)
			}
			return
		}
		var rules []string
		for _, x := range flip.Rules {
			rules = append(rules, x.Rule)
			if x.Status == policy.Unknown && (len(x.Missing) == 0 || x.Residual == "") {
				t.Fatalf("%s is unknown and nothing says what is missing", x.Rule)
			}
		}
		if flip.Now != want.Standing || !slices.Equal(rules, want.Because) {
			t.Fatalf("%+v, want %+v", flip, want)
		}
	})
}

// A pack that says more about a kind of item is taken at its word.
func TestReplayTakesTheNewWordOnAKindOfItem(t *testing.T) {
	p := basePack(t)
	doc := p.Document()
	doc.Version, doc.Categories = "next", slices.Clone(doc.Categories)
	i := slices.IndexFunc(doc.Categories, func(c policy.Category) bool { return c.ID == "encryption" })
	c := doc.Categories[i]
	c.Facts = map[string]policy.Value{"item.torture_only": policy.Bool(true)}
	doc.Categories[i] = c
	next, err := policy.New(doc)
	if err != nil {
		t.Fatal(err)
	}
	f := policy.Facts{policy.FactCategory: {Value: policy.Text("encryption"), Version: p.Version()}, policy.FactSeverity: {Value: policy.Int(1), Version: p.Version()}}
	old, _ := p.Category("encryption")
	for name, v := range old.Facts {
		f[name] = policy.Fact{Value: v, Version: p.Version()}
	}
	flip, _, err := policy.NewReplay(next, p.FactNames()).Line("2026-11-22", keep(p, f))
	if err != nil || flip == nil || flip.Now != policy.Prohibited || flip.Rules[0].Rule != "TORT-II" || flip.Category != "encryption" {
		t.Errorf("%v %+v", err, flip)
	}
}

func TestKeptComesBack(t *testing.T) {
	var b []byte
	want := []policy.Kept{
		{Line: "1", Destination: "XA", Standing: policy.Refuse, Because: []string{"CP2-a", "COC-R"}, Values: []byte{1, 2, 0}},
		{Line: "tuning", Standing: policy.Clear, Values: []byte{}},
	}
	for _, k := range want {
		b = policy.AppendKept(b, k)
	}
	got, err := policy.ReadKept(b)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v %+v", err, got)
	}
}

func FuzzReadKept(f *testing.F) {
	f.Add([]byte(nil))
	f.Add(policy.AppendKept(nil, policy.Kept{Line: "1", Destination: "XA", Standing: policy.Refuse, Because: []string{"R"}, Values: []byte{2, 3, 8, 4, 1, 'x'}}))
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f})
	p := basePack(f)
	r := policy.NewReplay(p, p.FactNames()[:6])
	f.Fuzz(func(t *testing.T, b []byte) {
		lines, err := policy.ReadKept(b)
		if err != nil {
			return
		}
		var again []byte
		for _, k := range lines {
			again = policy.AppendKept(again, k)
			_, _, _ = r.Line("2026-11-22", k)
		}
		if back, err := policy.ReadKept(again); err != nil || len(back) != len(lines) || !bytes.Equal(again, encode(back)) {
			t.Fatal("it does not come back")
		}
	})
}

func encode(lines []policy.Kept) (b []byte) {
	for _, k := range lines {
		b = policy.AppendKept(b, k)
	}
	return b
}

func BenchmarkReplayLine(b *testing.B) {
	p := basePack(b)
	f := interceptor(p)
	half := policy.Facts{}
	i := 0
	for _, n := range p.FactNames() {
		if i++; i%3 != 0 {
			half[n] = f[n]
		}
	}
	for name, facts := range map[string]policy.Facts{"known": f, "third-unknown": half, "unknown": {}} {
		b.Run(name, func(b *testing.B) {
			r, k := policy.NewReplay(p, p.FactNames()), keep(p, facts)
			b.ReportMetric(float64(len(k.Values)), "bytes/line")
			for b.Loop() {
				if _, _, err := r.Line("2026-11-22", k); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
