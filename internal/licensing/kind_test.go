package licensing_test

import (
	"os"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/licensing"
)

func manifest(t testing.TB, id string) string {
	t.Helper()
	b, err := os.ReadFile("../../content/kinds/" + id + ".toml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// A manifest that does not hold together is refused with a word that finds it.
func TestManifestsAreStrict(t *testing.T) {
	good := manifest(t, "temporary")
	for _, c := range []struct{ name, old, instead, want string }{
		{"unknown key", `order = 50`, "order = 50\ncolour = \"red\"", "unknown colour"},
		{"no date", `version = "2026-11-22"`, `version = "one"`, "dated version"},
		{"unknown outcome", `"issue", "refuse", "not_required"`, `"issue", "maybe"`, `"maybe"`},
		{"twice the same section", `sections = ["items",`, `sections = ["items", "items",`, `section "items"`},
		{"nobody begins it", `starts = ["applicant"]`, `starts = []`, "somebody must be able"},
		{"nothing it is about", `must = ["lines", `, `must = [`, "about lines"},
		{"a licence without paper", `paper = "Licence for temporary export"`, ``, "has a paper"},
		{"no licence, yet a paper", `outcomes = ["issue", "refuse", "not_required"]`, `outcomes = ["needed"]`, "has a paper"},
		{"endless", `months = 12`, `months = 500`, "out of bounds"},
		{"a day that nobody asks for", `until = "TMP-1"`, `until = "TMP-9"`, `no paragraph "TMP-9"`},
		{"a day read as words", `need = {answer = true, as = "day"}`, `need = {answer = true}`, `no paragraph "TMP-1"`},
		{"an answer that can't be read", `as = "day"`, `as = "number"`, "can't be read"},
		{"two needs", `need = {answer = true}`, `need = {answer = true, field = "route"}`, "one need"},
		{"unknown condition", `type = "return"`, `type = "promise"`, `"promise"`},
		{"a condition without consequence", `consequence = "The exporter`, `consequence = ""` + "\n#", "what follows"},
		{"a party that no message asks for", `lines = ["goods"`, `roles = ["forwarder"]` + "\n" + `lines = ["goods"`, `"forwarder"`},
	} {
		bad := strings.Replace(good, c.old, c.instead, 1)
		if bad == good {
			t.Fatalf("%s: nothing was changed", c.name)
		}
		if _, err := licensing.ParseKind([]byte(bad)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// The kinds that the law and practice know are there, and each says for whom it
// is.
func TestTheKindsThatShip(t *testing.T) {
	all := kinds(t)
	for _, id := range []string{
		"individual", "global", "open", "general", "temporary", "exhibition", "brokering", "technical_assistance", "transit", "reexport", "transfer",
		"government", "source_code", "remote_access", "renewal", "company_transfer", "enquiry", "advice", "notification", "informed",
	} {
		if _, ok := all.Of(id); !ok {
			t.Errorf("there is no kind %q", id)
		}
	}
	if n := len(all.For(true)); n != len(all)-1 {
		t.Errorf("an applicant may begin %d of %d", n, len(all))
	}
	for _, k := range all.For(false) {
		if k.ID != "informed" {
			t.Errorf("the authority begins %q by itself", k.ID)
		}
	}
}

func FuzzParseKind(f *testing.F) {
	for _, id := range []string{"individual", "temporary", "enquiry"} {
		f.Add([]byte(manifest(f, id)))
	}
	f.Add([]byte(`[[paragraph]]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		k, err := licensing.ParseKind(raw)
		if err == nil && (k.Title == "" || len(k.Outcomes) == 0) {
			t.Fatalf("%+v", k)
		}
	})
}

// What was applied for as a wide kind can be recommended and issued as a narrower
// one that its manifest names, under that one's bounds, and as no other.
func TestANarrowerKindMayBeGranted(t *testing.T) {
	w := newWorld(t)
	verified(w)
	rec := recommend(licensing.Issue)
	rec.Grant = "narrow"
	if _, err := w.try(officer, rec); !says(err, "licensing.grant.kind") {
		t.Errorf("a kind that the manifest does not name: %v", err)
	}
	wider := func(f *licensing.Facts) { f.Kind.Narrower = []string{"narrow"} }
	granted := func(f *licensing.Facts) { wider(f); f.Granted = licensing.Kind{ID: "narrow", Months: 3} }
	w.do(adviser, advise("adv-1", licensing.Approve))
	w.do(officer, rec, wider)
	w.do(second, licensing.Countersign{On: on, Agree: true})
	cmd := decide(licensing.Issue)
	cmd.Licence.Until = cmd.Licence.From.AddMonths(4)
	if _, err := w.try(officer, cmd, granted); !says(err, "licensing.licence.long") {
		t.Errorf("longer than the narrower kind lasts: %v", err)
	}
	cmd.Licence.Until = cmd.Licence.From.AddMonths(3)
	w.do(officer, cmd, granted)
	if w.l.Kind != "narrow" {
		t.Errorf("the licence is of the kind %q", w.l.Kind)
	}
}
