package policy_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/comity-project/comity/policy"
)

func TestLoadRefuses(t *testing.T) {
	rule := func(extra string) string {
		return "- {id: X1, law: here, source: s, force: weigh, question: q, finding: f, " + extra + "}\n"
	}
	for _, c := range []struct{ name, more, says string }{
		{"a misspelt fact", rule(`when: "user.abuze"`), "user.abuze"},
		{"a comparison of two kinds", rule(`when: "item.severity > 'high'"`), "no matching overload"},
		{"a number for a condition", rule(`when: "item.severity"`), "yes or no"},
		{"arithmetic, which may fail", rule(`when: "item.severity + 1 > 3"`), "may not be used"},
		{"a call", rule(`when: "user.kind.startsWith('p')"`), "may not be used"},
		{"a loop", rule(`when: "['a'].exists(x, x == user.kind)"`), "X1"},
		{"an index, which may fail", rule(`when: "['a', 'b'][item.severity] == user.kind"`), "may not be used"},
		{"a long condition", rule(`when: "user.abuse` + strings.Repeat(" || user.abuse", 200) + `"`), "X1"},
		{"a costly condition", rule(`when: "` + strings.Repeat("user.kind > user.kind || ", 38) + `user.abuse"`), "cost"},
		{"the level of scrutiny in a test", rule(`when: "dest.scrutiny == 'high'"`), "indicators"},
		{"an unknown force", "- {id: X1, law: here, source: s, force: maybe, question: q, finding: f, when: user.abuse}\n", "force"},
		{"an id twice", "- {id: R1, law: here, source: s, force: weigh, question: q, finding: f, when: user.abuse}\n", "twice"},
		{"no finding text", "- {id: X1, law: here, source: s, force: weigh, question: q, when: user.abuse}\n", "needed"},
		{"an unknown key", rule(`when: user.abuse, colour: red`), "colour"},
		{"a test about a fact that is not there", rule(`when: user.abuse, tests: [{facts: {user.age: true}, want: met}]`), "user.age"},
		{"a day that is none", rule(`when: user.abuse, valid_from: "2026-02-30"`), "no day"},
		{"a category beyond five", "categories:\n- {id: z, name: Z, severity: 6}\n", "already defined"},
		{"a second document", "---\nid: other\n", "one document"},
		{"an assurance that nothing checks", "assurances:\n- {id: a, text: t, source: s, checks: []}\n", "no check"},
		{"a period without a source", "periods:\n- {id: p, days: 3, text: t}\n", "source"},
		{"a scrutiny row with two bounds", "scrutiny:\n- {indicator: x, at_most: 1, at_least: 0, level: high, text: t}\n", "one bound"},
		{"a scrutiny row that lowers", "scrutiny:\n- {indicator: x, at_most: 1, level: ordinary, text: t}\n", "above ordinary"},
		{"a paragraph that nothing can meet", "profiles:\n- {id: p, title: t, paragraphs: [{id: P1, title: t, text: t, source: s, need: {}}]}\n", "one of answer"},
		{"a paragraph about a category that is not there", "profiles:\n- {id: p, title: t, paragraphs: [{id: P1, title: t, text: t, source: s, when: {categories: [zebra]}, need: {answer: true}}]}\n", "zebra"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := policy.Parse([]byte(small + c.more))
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want %q", err, c.says)
			}
		})
	}
}

// No rule may turn on who a person is.
func TestLoadRefusesPersons(t *testing.T) {
	const pack = `
id: p
version: "1"
valid_from: 2026-01-01
laws: [here]
facts:
- {name: %NAME, kind: text, question: "%QUESTION", values: [%VALUE, other]}
rules:
- {id: R, law: here, source: s, force: weigh, question: q, finding: f, when: "%WHEN"}
`
	load := func(name, question, value, when string) error {
		_, err := policy.Parse([]byte(strings.NewReplacer("%NAME", name, "%QUESTION", question, "%VALUE", value, "%WHEN", when).Replace(pack)))
		return err
	}
	if err := load("user.form", "What is the country of origin of the goods?", "racecourse", "user.form == 'racecourse'"); err != nil {
		t.Errorf("goods have an origin too: %v", err)
	}
	for _, c := range [][4]string{
		{"user.nationality", "q?", "x", "user.nationality == 'x'"},
		{"user.signatory_nationality", "q?", "x", "user.signatory_nationality == 'x'"},
		{"user.ethnic_group", "q?", "x", "user.ethnic_group == 'x'"},
		{"user.religion", "q?", "x", "user.religion == 'x'"},
		{"user.name_origin", "q?", "x", "user.name_origin == 'x'"},
		{"user.group", "What is the Nationality of the director?", "x", "user.group == 'x'"},
		{"user.group", "From where is the origin of the person's name?", "x", "user.group == 'x'"},
		{"user.group", "Where is the place of birth of the owner?", "x", "user.group == 'x'"},
		{"user.group", "q?", "religious", "user.group == 'religious'"},
		{"user.group", "q?", "x", "user.group == 'Ethnicity: x'"},
	} {
		err := load(c[0], c[1], c[2], c[3])
		if err == nil || !strings.Contains(err.Error(), "no rule may use the nationality, ethnicity or religion") {
			t.Errorf("%v: %v", c, err)
		}
	}
}

func TestPublishable(t *testing.T) {
	ok := `
- {id: X1, law: here, source: s, force: weigh, question: q, finding: f, when: user.abuse, tests: [{facts: {user.abuse: true}, want: met}, {facts: {user.abuse: false}, want: not_met}]}
`
	tested := strings.NewReplacer(
		`finding: "It would."}`, `finding: "It would.", tests: [{facts: {item.harm: true, user.abuse: true}, want: met}, {facts: {item.harm: false}, want: not_met}, {facts: {}, want: unknown}]}`,
		`finding: "It is."}`, `finding: "It is.", tests: [{facts: {user.since: 2026-10-01}, want: met}, {facts: {user.since: 2026-01-01}, want: not_met}]}`,
	).Replace(small)
	p, err := policy.Parse([]byte(tested + ok))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Publishable(); err != nil {
		t.Fatal(err)
	}
	if err := parse(t, ok).Publishable(); err == nil || !strings.Contains(err.Error(), "R1") || !strings.Contains(err.Error(), "W1") {
		t.Errorf("a pack with untested rules: %v", err)
	}
	for _, c := range []struct{ name, rule, says string }{
		{"a test that comes out otherwise", "- {id: X1, law: here, source: s, force: weigh, question: q, finding: f, when: user.abuse, tests: [{facts: {user.abuse: true}, want: not_met}, {facts: {user.abuse: false}, want: met}]}\n", "got met, want not_met"},
		{"a refusal without its unknown", "- {id: X1, law: here, source: s, force: refuse_if, question: q, finding: f, when: user.abuse, tests: [{facts: {user.abuse: true}, want: met}, {facts: {user.abuse: false}, want: not_met}]}\n", "leaves it unknown"},
		{"a test with an answer of another kind", "- {id: X1, law: here, source: s, force: weigh, question: q, finding: f, when: user.abuse, tests: [{facts: {user.abuse: 3}, want: unknown}]}\n", "can't be 3"},
	} {
		p, err := policy.Parse([]byte(tested + c.rule))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Publishable(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestLoadFolder(t *testing.T) {
	good := fstest.MapFS{
		"a.yaml": {Data: []byte("id: p\nversion: \"1\"\nvalid_from: 2026-01-01\nlaws: [here]\n")},
		"b.yaml": {Data: []byte("facts:\n- {name: user.abuse, kind: bool, question: q}\n")}, "notes.txt": {Data: []byte("not read")},
	}
	if _, err := policy.Load(good); err != nil {
		t.Fatal(err)
	}
	good["c.yaml"] = &fstest.MapFile{Data: []byte("id: again\nversion: \"1\"\nvalid_from: 2026-01-01\n")}
	if _, err := policy.Load(good); err == nil || !strings.Contains(err.Error(), "c.yaml") {
		t.Errorf("two headers: %v", err)
	}
	if _, err := policy.Load(fstest.MapFS{}); err == nil {
		t.Error("an empty folder is no pack")
	}
	if _, err := policy.Load(fstest.MapFS{"a.yaml": {Data: bytes.Repeat([]byte("# "), 1<<20)}}); err == nil {
		t.Error("a file beyond the bound was read")
	}
}

func TestCanonical(t *testing.T) {
	p := basePack(t)
	q, err := policy.Parse(p.Canonical())
	if err != nil {
		t.Fatal(err)
	}
	if p.Hash() != q.Hash() || !bytes.Equal(p.Canonical(), q.Canonical()) {
		t.Error("the canonical form does not read back to itself")
	}
	again, err := policy.Load(os.DirFS("../content/policy/code-of-conduct"))
	if err != nil || again.Hash() != p.Hash() {
		t.Error("two loads of one folder differ")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("id: x\nrules: [{id: a, when: \"true\"}]"))
	f.Add([]byte("{}"))
	f.Add([]byte("id: &a [*a]"))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := policy.Parse(b)
		if err != nil {
			return
		}
		q, err := policy.Parse(p.Canonical())
		if err != nil || q.Hash() != p.Hash() {
			t.Fatalf("a pack that loads reads back to itself: %v", err)
		}
		policy.Evaluate(p, "2026-11-22", policy.Facts{})
		_ = p.Publishable()
	})
}
