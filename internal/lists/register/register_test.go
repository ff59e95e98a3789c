package register

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/comity-project/comity/content"
)

const today = "2026-11-22"

func shipped(t testing.TB) Register {
	t.Helper()
	raw, err := content.FS.ReadFile("states/states.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestShippedRegister(t *testing.T) {
	r := shipped(t)
	if n := len(r.Subscribing(today)); n != 25 {
		t.Errorf("%d Subscribing States, want 25", n)
	}
	if n := len(r.Subscribing("2023-03-29")); n != 0 {
		t.Errorf("%d subscribed before the Code was published", n)
	}
	counts := map[string]int{}
	for _, s := range r.States {
		for _, m := range s.Memberships {
			counts[m.Of]++
			if m.From == Unknown && !m.Verify {
				t.Errorf("%s: %s: an unknown date is not marked", s.Code, m.Of)
			}
		}
		if len(s.Contacts) > 0 {
			t.Errorf("%s ships with a contact that it did not give", s.Code)
		}
	}
	if want := map[string]int{"wassenaar": 42, "australia_group": 42, "mtcr": 35, "nsg": 48, "eu": 27}; !reflect.DeepEqual(counts, want) {
		t.Errorf("memberships %v, want %v", counts, want)
	}
	fr, _ := r.State("FR")
	if fr.MemberOf("nsg", today) != Member || fr.MemberOf("nsg", "1960-01-01") != Unsure || fr.MemberOf("other", today) != NotRecorded {
		t.Errorf("France: %s, %s, %s", fr.MemberOf("nsg", today), fr.MemberOf("nsg", "1960-01-01"), fr.MemberOf("other", today))
	}
}

func TestDemonstrationStates(t *testing.T) {
	raw, err := content.FS.ReadFile("states/demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	real := shipped(t)
	for _, s := range r.States {
		if _, taken := real.State(s.Code); taken {
			t.Errorf("%s is a real state's code", s.Code)
		}
	}
	if len(r.States) != 7 || len(r.Subscribing(today)) != 3 || len(r.Subscribing("2023-12-31")) != 2 {
		t.Errorf("%d states, %d subscribe", len(r.States), len(r.Subscribing(today)))
	}
}

// TestN1EcuadorSubscribesWithoutAnyRegime: a state in none of the four regimes
// is recorded with date and document, names a contact and takes part in
// meetings; nothing asks it for a regime.
func TestN1EcuadorSubscribesWithoutAnyRegime(t *testing.T) {
	ec, ok := shipped(t).State("EC")
	if !ok || len(ec.Memberships) != 0 || !ec.Subscribes(today) {
		t.Fatalf("Ecuador in the shipped register: %+v", ec)
	}
	empty := Register{Schema: Schema, AsOf: today}
	r, err := empty.Subscribe("EC", "Ecuador", Subscription{From: "2023-03-30", Document: "press release of 30 March 2023"})
	if err != nil {
		t.Fatal(err)
	}
	r, err = r.Designate("EC", Contact{Office: "Ministry of Foreign Affairs", Email: "poc@example.org", From: "2024-01-01"})
	if err != nil {
		t.Fatal(err)
	}
	if list := r.Subscribing(today); len(list) != 1 || list[0].Code != "EC" {
		t.Errorf("the register shows %v", list)
	}
	ec, _ = r.State("EC")
	if c, ok := ec.ContactOn(today); !ok || c.Office != "Ministry of Foreign Affairs" {
		t.Errorf("contact: %+v", c)
	}
	if !ec.Subscribes("2024-06-01") || ec.Subscribes("2023-03-29") {
		t.Error("who takes part in a meeting is told by the subscription and nothing else")
	}
	for _, typ := range []reflect.Type{reflect.TypeFor[State](), reflect.TypeFor[Subscription](), reflect.TypeFor[Contact](), reflect.TypeFor[Meeting]()} {
		for i := range typ.NumField() {
			if strings.Contains(strings.ToLower(typ.Field(i).Name), "regime") {
				t.Errorf("%s has a field %s", typ, typ.Field(i).Name)
			}
		}
	}
	if _, err := empty.Subscribe("EC", "Ecuador", Subscription{From: "2023-03-30"}); err == nil {
		t.Error("a subscription without its document was taken")
	}
	if _, err := r.Subscribe("EC", "Ecuador", Subscription{From: "2024-03-30", Document: "again"}); err == nil {
		t.Error("a second subscription beside the first was taken")
	}
	if _, err := r.Designate("XX", Contact{Office: "x", From: today}); err == nil {
		t.Error("a contact of a state that does not subscribe was taken")
	}
	r, err = r.Designate("EC", Contact{Office: "Ministry of Trade", From: "2025-01-01"})
	if err != nil {
		t.Fatal(err)
	}
	ec, _ = r.State("EC")
	if c, _ := ec.ContactOn("2024-12-31"); c.Office != "Ministry of Foreign Affairs" || len(ec.Contacts) != 2 {
		t.Errorf("the contact before: %+v", ec.Contacts)
	}
}

// TestN2KosovoComesBackUnchanged: a code outside ISO 3166-1 travels like any
// other; so does the whole register, through JSON, CSV and both.
func TestN2KosovoComesBackUnchanged(t *testing.T) {
	r := shipped(t)
	before, ok := r.State("XK")
	if !ok || before.Code3 != "XKX" || !before.Subscribes(today) {
		t.Fatalf("Kosovo: %+v", before)
	}
	j, err := r.ExportJSON()
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.ExportCSV()
	if err != nil {
		t.Fatal(err)
	}
	fromJSON, err := ImportJSON(j)
	if err != nil {
		t.Fatal(err)
	}
	fromCSV, err := ImportCSV(c)
	if err != nil {
		t.Fatal(err)
	}
	for name, back := range map[string]Register{"JSON": fromJSON, "CSV": fromCSV} {
		after, _ := back.State("XK")
		if !reflect.DeepEqual(before, after) {
			t.Errorf("%s: before %+v\nafter %+v", name, before, after)
		}
		if !reflect.DeepEqual(r, back) {
			t.Errorf("%s: the register is not the same", name)
		}
		j2, err := back.ExportJSON()
		if err != nil {
			t.Fatal(err)
		}
		c2, err := back.ExportCSV()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(j, j2) || !bytes.Equal(c, c2) {
			t.Errorf("%s: the bytes are not the same", name)
		}
	}
}

func TestBadRegisters(t *testing.T) {
	for in, says := range map[string]string{
		`{`: "line 1, column 2", `{"schema":"x"}`: "schema", "{\n\"state\":1}": "line 2",
		`{"schema":"comity.states/v1","as_of":"today","states":[]}`:                                                                                                            "as_of",
		`{"schema":"comity.states/v1","as_of":"2026-01-01","states":[{"code":"xk","name":"a"}]}`:                                                                               "two capital letters",
		`{"schema":"comity.states/v1","as_of":"2026-01-01","states":[{"code":"XK","name":"a"},{"code":"XK","name":"a"}]}`:                                                      "stands twice",
		`{"schema":"comity.states/v1","as_of":"2026-01-01","states":[{"code":"XK","name":"a","memberships":[{"of":"eu","from":"once"}]}]}`:                                     "dates",
		`{"schema":"comity.states/v1","as_of":"2026-01-01","states":[{"code":"XK","name":"a","subscriptions":[{"from":"2023-01-01","document":"d","source":"nowhere"}]}]}`:     "not known",
		`{"schema":"comity.states/v1","as_of":"2026-01-01","states":[{"code":"XK","name":"a","subscriptions":[{"from":"2023-01-02","until":"2023-01-01","document":"d"}]}]} 7`: "follows",
	} {
		if _, err := ImportJSON([]byte(in)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", in, err)
		}
	}
	head := strings.Join(columns, ",") + "\n"
	for in, says := range map[string]string{
		"a,b\n": "wrong number", strings.Replace(head, "code3", "code4", 1): "line 1", head + "contact" + strings.Repeat(",", 16) + "\n": "line 2: the row does not follow",
		head + "x,y\n": "line 2", head + "state,XK,,K" + strings.Repeat(",", 13) + "\nghost,XK" + strings.Repeat(",", 15) + "\n": `line 3: "ghost"`,
	} {
		if _, err := ImportCSV([]byte(in)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", in, err)
		}
	}
	if _, err := Parse([]byte("schema: comity.states/v1\nas_of: '2026-01-01'\nregime: x\n")); err == nil || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("a field that is not known: %v", err)
	}
}

func FuzzImport(f *testing.F) {
	r := shipped(f)
	r.States = r.States[:2]
	j, _ := r.ExportJSON()
	c, _ := r.ExportCSV()
	f.Add(j)
	f.Add(c)
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, read := range []func([]byte) (Register, error){ImportJSON, ImportCSV} {
			r, err := read(raw)
			if err != nil {
				continue
			}
			if out, err := r.ExportJSON(); err != nil {
				t.Fatal(err)
			} else if back, err := ImportJSON(out); err != nil {
				t.Fatalf("%v of %s", err, out)
			} else if again, err := back.ExportJSON(); err != nil || !bytes.Equal(out, again) {
				t.Fatal("the bytes are not the same")
			}
		}
	})
}
