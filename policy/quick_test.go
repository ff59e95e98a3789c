package policy

import (
	"os"
	"testing"

	"pgregory.net/rapid"
)

// Every condition of the pack has a quick form, which answers as CEL does
// whatever is known.
func TestQuickAnswersAsCELDoes(t *testing.T) {
	p, err := Load(os.DirFS("../content/policy/code-of-conduct"))
	if err != nil {
		t.Fatal(err)
	}
	doc := p.doc
	law := "code"
	for i, when := range []string{
		"item.bulk == true", "item.bulk != item.limited", "item.severity > 2 ? item.bulk : !item.limited",
		"(item.severity >= 4 && user.kind in ['police', 'court']) || user.kind == 'other'", "'police' == user.kind", "3 < item.severity", "true && item.bulk",
	} {
		doc.Rules = append(doc.Rules[:len(doc.Rules):len(doc.Rules)], Rule{ID: string(rune('a' + i)), Law: law, Source: "s", Force: Weigh, Question: "q", Finding: "f", When: when})
	}
	if p, err = New(doc); err != nil {
		t.Fatal(err)
	}
	conditions := append(append(append(p.advice[:0:0], p.advice...), p.counter...), p.conditions...)
	for i := range p.rules {
		conditions = append(conditions, p.rules[i].applies, p.rules[i].when, p.rules[i].both)
	}
	rapid.Check(t, func(t *rapid.T) {
		facts := Facts{}
		for _, d := range doc.Facts {
			var v Value
			switch rapid.IntRange(0, 2).Draw(t, d.Name) {
			case 0:
				continue
			case 1:
				v = Bool(true)
			}
			switch d.Kind {
			case KindBool:
				v = Bool(v.True())
			case KindInt:
				v = Int(rapid.Int64Range(0, 6).Draw(t, "n"))
			default:
				v = Text("x")
				if len(d.Values) > 0 {
					v = Text(rapid.SampledFrom(d.Values).Draw(t, "word"))
				}
			}
			facts[d.Name] = Fact{Value: v}
		}
		vars := p.bind(facts)
		for _, c := range conditions {
			if c.prog == nil {
				continue
			}
			if c.quick == nil {
				t.Fatalf("%s has no quick form", c.text)
			}
			if want, _ := c.eval(vars); c.quick(vars.values) != want {
				t.Fatalf("%s: CEL says %d, the quick form %d", c.text, want, c.quick(vars.values))
			}
		}
	})
}
