package stix

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"
)

// The ids that the standard's examples and other implementations give.
func TestObservableID(t *testing.T) {
	for id, src := range map[string]string{
		"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4":         `{"type":"ipv4-addr","value":"198.51.100.3"}`,
		"domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7":       `{"type":"domain-name","value":"example.com"}`,
		"domain-name--427e3664-0043-5865-b454-97df26649bde":       `{"type":"domain-name","value":"control.example.com"}`,
		"ipv4-addr--679c6c82-b4be-52e2-9c7a-198689f6f77b":         `{"type":"ipv4-addr","value":"127.0.0.1"}`,
		"ipv6-addr--6469e3a9-b053-5e34-a025-9396ae051d26":         `{"type":"ipv6-addr","value":"2001:db8::1"}`,
		"autonomous-system--3aa27478-50b5-5ab8-9da9-cdc12b657fff": `{"type":"autonomous-system","number":15139,"name":"Slime Industries"}`,
		"": `{"type":"process","pid":1}`,
	} {
		if got := ObservableID(&one(t, src).Root); got != id {
			t.Errorf("%s: got %s, want %s", src, got, id)
		}
	}
	// Of several hashes one counts, in a fixed order.
	a := ObservableID(&one(t, `{"type":"file","hashes":{"SHA-256":"aa","MD5":"bb"}}`).Root)
	b := ObservableID(&one(t, `{"type":"file","hashes":{"MD5":"bb"}}`).Root)
	if a == "" || a != b {
		t.Error(a, b)
	}
}

// The ids are frozen: a test that has to change is a mistake.
func TestOwnIDsAreFrozen(t *testing.T) {
	for id, name := range map[string][2]string{
		OwnIdentity:         {"identity", "identity"},
		ExtensionPAP:        {"extension-definition", "pap"},
		ExtensionProvenance: {"extension-definition", "provenance"},
		ExtensionHandling:   {"extension-definition", "handling"},
		ExtensionReport:     {"extension-definition", "report"},
		ExtensionVendor:     {"extension-definition", "vendor"},
		ExtensionCapability: {"extension-definition", "capability"},
		ExtensionEndUser:    {"extension-definition", "end-user"},
		ExtensionPractice:   {"extension-definition", "practice"},
		ExtensionDenial:     {"extension-definition", "denial"},
		ExtensionProcedure:  {"extension-definition", "procedure"},
		ExtensionReply:      {"extension-definition", "reply"},
		"marking-definition--34b67143-e557-50f7-b2ff-67de8a8418f3": {"marking-definition", "pap-clear"},
		"marking-definition--f6826acd-f4db-54c8-8e90-7ad1e51bc79f": {"marking-definition", "pap-green"},
		"marking-definition--ae0c375c-4101-5b88-a6d6-6e404ea914e5": {"marking-definition", "pap-amber"},
		"marking-definition--b8e43933-191b-5bf9-8d92-d6455f5c1e1a": {"marking-definition", "pap-red"},
	} {
		if got := ownID(name[0], name[1]); got != id {
			t.Errorf("%s: %s, want %s", name[1], got, id)
		}
	}
}

// What is published is valid STIX itself, and each schema is what is checked.
func TestWhatIsPublishedIsValid(t *testing.T) {
	all := [][]byte{OwnIdentityObject()}
	for l := Clear; l <= Red; l++ {
		all = append(all, TLPObject(l))
	}
	for l := PAPClear; l <= PAPRed; l++ {
		all = append(all, PAPObject(l))
	}
	if len(Extensions()) != len(ownSchemas()) {
		t.Error("two extensions share an id")
	}
	for _, e := range Extensions() {
		all = append(all, e.Object("https://node.example/schemas/"))
		var s map[string]any
		if err := json.Unmarshal(e.Schema(), &s); err != nil || s["title"] != e.Title {
			t.Errorf("%s: %v %v", e.Name, s["title"], err)
		}
	}
	for _, b := range all {
		if f := Check(one(t, string(b))); len(f) > 0 {
			t.Errorf("%s: %v", b, f)
		}
	}
}

func TestMarks(t *testing.T) {
	for _, c := range []struct {
		refs []string
		want Handling
	}{
		{nil, Handling{}},
		{[]string{Amber.ID()}, Handling{TLP: Amber}},
		{[]string{tlp1["white"]}, Handling{TLP: Clear, Old: true}},
		{[]string{tlp1["amber"], PAPRed.ID()}, Handling{TLP: Amber, PAP: PAPRed, Old: true}},
		{[]string{Clear.ID(), AmberStrict.ID()}, Handling{TLP: AmberStrict, Conflict: true}}, // MISP 2223: two colours at once
		{[]string{PAPRed.ID(), PAPClear.ID()}, Handling{PAP: PAPRed, Conflict: true}},
	} {
		if got := Marks(c.refs); got.TLP != c.want.TLP || got.PAP != c.want.PAP || got.Conflict != c.want.Conflict || got.Old != c.want.Old {
			t.Errorf("%v: %+v", c.refs, got)
		}
	}
	if got := Marks([]string{"marking-definition--x"}); got.TLP != Unmarked || len(got.Other) != 1 {
		t.Errorf("%+v", got)
	}
	for _, s := range []string{"TLP:AMBER+STRICT", "amber+strict", "tlp:Amber+Strict"} {
		if l, ok := ParseTLP(s); !ok || l != AmberStrict {
			t.Error(s)
		}
	}
	if _, ok := ParseTLP("ex:chr"); ok {
		t.Error("a level that is none")
	}
	if p, ok := ParsePAP("PAP:WHITE"); !ok || p != PAPClear {
		t.Error(p)
	}
}

func TestGranularMarkings(t *testing.T) {
	o := one(t, "{"+reportHead+`,"object_marking_refs":["`+Green.ID()+`"],"granular_markings":[{"marking_ref":"`+Red.ID()+`","selectors":["name","object_refs"]},{"marking_ref":"`+PAPAmber.ID()+`","selectors":["object_refs.[0]"]}]`+plainTail)
	for selector, want := range map[string]Handling{
		"published":       {TLP: Green},
		"name":            {TLP: Red},
		"object_refs.[0]": {TLP: Red, PAP: PAPAmber},
	} {
		if h := o.HandlingAt(selector); h.TLP != want.TLP || h.PAP != want.PAP || h.Conflict {
			t.Errorf("%s: %+v", selector, h)
		}
	}
	if s := o.Strictest(); s.TLP != Red || s.PAP != PAPAmber || s.Conflict {
		t.Errorf("%+v", s)
	}
}

func TestFollows(t *testing.T) {
	at := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	v := func(by string, created, modified int, revoked bool, raw string) Version {
		return Version{"report--1", by, at.Add(time.Duration(created) * time.Hour), at.Add(time.Duration(modified) * time.Hour), revoked, []byte(raw)}
	}
	held := v("a", 0, 5, false, "x")
	for _, c := range []struct {
		held, next Version
		want       Succession
	}{
		{held, v("a", 0, 6, false, "y"), Newer},
		{held, v("a", 0, 6, true, "y"), Newer},
		{held, v("a", 0, 4, false, "y"), Older},
		{held, v("a", 0, 5, false, "x"), Same},
		{held, v("a", 0, 5, false, "y"), Conflict},
		{held, v("b", 0, 6, false, "y"), Foreign}, // MISP 4911: another's object with a later time
		{held, v("b", 0, 6, true, "y"), Foreign},
		{held, v("a", 1, 6, false, "y"), Different},
		{v("a", 0, 5, true, "x"), v("a", 0, 6, false, "y"), Final},
		{v("a", 0, 5, true, "x"), v("a", 0, 4, false, "y"), Older},
		{Version{ID: "report--2"}, held, Different},
	} {
		if got := Follows(c.held, c.next); got != c.want {
			t.Errorf("%+v then %+v: %s, want %s", c.held, c.next, got, c.want)
		}
	}
	got := VersionOf(one(t, "{"+reportHead+`,"revoked":true,"created_by_ref":"identity--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3"`+plainTail))
	if !got.Revoked || got.CreatedBy == "" || FormatTime(got.Modified) != "2026-01-02T03:04:05.678Z" {
		t.Errorf("%+v", got)
	}
}

func TestTimes(t *testing.T) {
	for s, want := range map[string]string{
		"2026-01-02T03:04:05Z":              "2026-01-02T03:04:05.000Z",
		"2026-01-02T03:04:05.1Z":            "2026-01-02T03:04:05.100Z",
		"2026-01-02T03:04:05.123456789012Z": "2026-01-02T03:04:05.123456Z",
		"2016-12-31T23:59:60Z":              "2017-01-01T00:00:00.000Z",
		"2026-01-02T03:04:05+00:00":         "",
		"2026-01-02 03:04:05Z":              "",
		"2026-13-02T03:04:05Z":              "",
		"2026-00-02T03:04:05Z":              "",
		"2026-01-00T03:04:05Z":              "",
		"2026-01-02T24:04:05Z":              "",
		"2026-01-02T03:04:05.Z":             "",
		"2026-01-02T03:04:05.1x1Z":          "",
		"Z":                                 "",
	} {
		got, ok := ParseTime(s)
		if ok != (want != "") || ok && FormatTime(got) != want {
			t.Errorf("%s: %v %v", s, got, ok)
		}
	}
}

func TestCanonical(t *testing.T) {
	got, err := Canonical([]byte("{ \"b\": 1.50, \"a\": [ 1E2, \"\\u00e9\" ] }"))
	if err != nil || string(got) != `{"a":[100,"é"],"b":1.5}` {
		t.Errorf("%s %v", got, err)
	}
	if _, err := Canonical([]byte(`{"a":1,"a":2}`)); err == nil {
		t.Error("a name twice")
	}
}

// Whatever is read comes out as it went in, and checking it stops.
func FuzzRead(f *testing.F) {
	f.Add([]byte(plain))
	f.Add([]byte(`{"type":"bundle","id":"bundle--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3","objects":[` + plain + `]}`))
	f.Add([]byte(`[` + string(TLPObject(Red)) + `,{}]`))
	f.Add([]byte(sco("file", `"hashes":{"MD5":"x"},"extensions":{"ntfs-ext":{"sid":"1"}}`)))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := Read(b, Limits{})
		if err != nil {
			return
		}
		if !bytes.Equal(d.Export(), b) {
			t.Error("bytes changed")
		}
		CheckBundle(d)
		for i := range d.Objects {
			o := &d.Objects[i]
			Check(o)
			o.Strictest()
			ObservableID(&o.Root)
			if _, ok := o.Root.Get("objects"); ok {
				continue // alone, it would be read as a bundle
			}
			again, err := Read(o.Raw, Limits{Depth: 100})
			if err != nil {
				t.Fatalf("%q: %v", o.Raw, err)
			}
			if len(again.Objects) == 1 && !bytes.Equal(again.Objects[0].Raw, o.Raw) {
				t.Errorf("%q read again is %q", o.Raw, again.Objects[0].Raw)
			}
		}
	})
}
