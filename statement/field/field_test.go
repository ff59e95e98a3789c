package field

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/repotest"
	"github.com/comity-project/comity/statement/stix"
)

var given = Provenance{Source: "Amnesty International Security Lab", URL: "https://github.com/AmnestyTech/investigations", Licence: "CC-BY-4.0", Admiralty: "A2", Retrieved: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}

// The 16 bundles of Amnesty and MVT: every object is accounted for, those with
// broken patterns are held aside with their relationships, the bytes stay.
func TestTheFieldsBundles(t *testing.T) {
	var names []string
	for _, folder := range []string{"amnesty", "mvt-indicators"} {
		found, err := filepath.Glob(repotest.Data(t, "stix", folder, "*", "*.stix2"))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	if len(names) != 16 {
		t.Fatalf("%d bundles", len(names))
	}
	objects, broken, held, waiting := 0, 0, 0, 0
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		in, err := Take(b, given, stix.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !bytes.Equal(in.Export(), b) {
			t.Errorf("%s: bytes changed", name)
		}
		objects += len(in.Parts)
		held += in.Count(Quarantined)
		waiting += in.Count(Waiting)
		if in.Count(Quarantined) > 0 {
			broken++
		}
		if in.Count(Accepted)+in.Count(Quarantined)+in.Count(Waiting) != len(in.Document.Objects) {
			t.Errorf("%s: an object is not accounted for", name)
		}
		for _, p := range in.Parts {
			if p.State != Accepted && len(p.Findings) == 0 {
				t.Errorf("%s: %s is held without a reason", name, p.ID)
			}
		}
		checkBundle(t, in)
		record, err := in.Record()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Open(b, record, stix.Limits{})
		if err != nil || again.Digest != in.Digest || again.Count(Quarantined) != in.Count(Quarantined) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if objects != 11_443 || broken != 7 {
		t.Errorf("%d objects, %d bundles with invalid patterns; want 11,443 and 7", objects, broken)
	}
	t.Logf("%d objects: %d held aside, %d waiting with them", objects, held, waiting)
}

// checkBundle reads what the node would show: valid, marked, with provenance.
func checkBundle(t *testing.T, in *Intake) {
	t.Helper()
	d, err := stix.Read(in.Bundle(), stix.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Objects) != in.Count(Accepted)+1 {
		t.Errorf("%d objects in the bundle, want %d", len(d.Objects), in.Count(Accepted)+1)
	}
	for i := range d.Objects {
		o := &d.Objects[i]
		if f := stix.Check(o); !stix.Valid(f) {
			t.Fatalf("%s: %v", o.Raw, f)
		}
		if o.Type() != "marking-definition" && o.Handling().TLP != stix.AmberStrict {
			t.Fatalf("%s: %v", o.ID(), o.Handling())
		}
	}
}

func TestProvenanceIsForced(t *testing.T) {
	for _, p := range []Provenance{
		{},
		{Source: " ", Licence: "MIT", Admiralty: "A1", Retrieved: given.Retrieved},
		{Source: "x", Admiralty: "A1", Retrieved: given.Retrieved},
		{Source: "x", Licence: "MIT", Admiralty: "A7", Retrieved: given.Retrieved},
		{Source: "x", Licence: "MIT", Admiralty: "A1"},
	} {
		if _, err := Take([]byte(`[]`), p, stix.Limits{}); !errors.Is(err, ErrProvenance) {
			t.Errorf("%+v: %v", p, err)
		}
	}
	if _, err := Take([]byte(`{`), given, stix.Limits{}); err == nil {
		t.Error("half a file was taken")
	}
}

const tool = `{"type":"tool","spec_version":"2.1","id":"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"2026-01-02T03:04:05.678Z","modified":"2026-01-02T03:04:05.678Z","name":"x"`

func TestWhatIsHeldAside(t *testing.T) {
	relationship := strings.NewReplacer("tool--8e2e", "relationship--8e2e", `"tool"`, `"relationship"`).Replace(tool) + `,"relationship_type":"uses","source_ref":"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","target_ref":"malware--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"}`
	for name, c := range map[string]struct {
		src                        string
		accepted, held, waitingFor int
	}{
		"two of one version":          {"[" + tool + "}," + tool + `,"labels":["a"]}]`, 0, 2, 0},
		"the same twice":              {"[" + tool + "}," + tool + "}]", 2, 0, 0},
		"two versions":                {"[" + tool + "}," + strings.Replace(tool, `"modified":"2026`, `"modified":"2027`, 1) + "}]", 2, 0, 0},
		"a relationship of the held":  {"[" + relationship + "," + strings.Replace(tool, `"name":"x"`, `"name":5`, 1) + "}]", 0, 1, 1},
		"a relationship of the valid": {"[" + relationship + "," + tool + "}]", 2, 0, 0},
		"an object of no type":        {`[{"id":"x"}]`, 0, 1, 0},
	} {
		in, err := Take([]byte(c.src), given, stix.Limits{})
		if err != nil {
			t.Fatal(name, err)
		}
		if in.Count(Accepted) != c.accepted || in.Count(Quarantined) != c.held || in.Count(Waiting) != c.waitingFor {
			t.Errorf("%s: %+v", name, in.Parts)
		}
	}
}

// A stricter mark stays, a milder one does not loosen ours.
func TestMarked(t *testing.T) {
	for mark, want := range map[stix.TLP]stix.TLP{stix.Clear: stix.AmberStrict, stix.Red: stix.Red} {
		in, err := Take([]byte(tool+`,"object_marking_refs":["`+mark.ID()+`","`+stix.PAPGreen.ID()+`"],"extensions":{"extension-definition--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3":{"extension_type":"property-extension","x_a":1}}}`), given, stix.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		d, err := stix.Read(in.Marked(0), stix.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		h := d.Objects[0].Handling()
		if e, _ := d.Objects[0].Root.Get("extensions"); h.TLP != want || h.PAP != stix.PAPGreen || len(e.Members) != 2 || h.Conflict {
			t.Errorf("%s", d.Raw)
		}
		if o := in.Document.Objects[0]; o.Handling().TLP != mark {
			t.Error("the object itself was changed")
		}
	}
}

func TestOpenRefusesAnotherFile(t *testing.T) {
	in, err := Take([]byte("["+tool+"}]"), given, stix.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	record, err := in.Record()
	if err != nil {
		t.Fatal(err)
	}
	for src, r := range map[string]string{"[]": string(record), "[" + tool + "}]": strings.Replace(string(record), "/v1", "/v9", 1), " [" + tool + "}]": "{"} {
		if _, err := Open([]byte(src), []byte(r), stix.Limits{}); err == nil {
			t.Error(src)
		}
	}
}

func FuzzTake(f *testing.F) {
	f.Add([]byte("[" + tool + "}]"))
	f.Add([]byte(`{"type":"bundle","id":"bundle--1","objects":[` + tool + `,"object_marking_refs":["x"],"granular_markings":[{"selectors":["name"],"marking_ref":"y"}]}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		in, err := Take(b, given, stix.Limits{})
		if err != nil {
			return
		}
		if !bytes.Equal(in.Export(), b) {
			t.Error("bytes changed")
		}
		checkBundle(t, in)
	})
}

// An object is marked by its bytes as it is by what they mean, and then is valid.
func TestMarkBytes(t *testing.T) {
	p := Provenance{Source: "A lab", Licence: "CC0-1.0", Admiralty: "B2", Retrieved: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}
	for _, raw := range []string{
		`{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","value":"198.51.100.3"}`,
		`{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","value":"198.51.100.3","object_marking_refs":["` + stix.Red.ID() + `"]}`,
		`{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","value":"198.51.100.3","\u0065xtensions":{}}`,
	} {
		out, err := p.Marker("").Mark([]byte(raw))
		if err != nil {
			t.Fatal(err)
		}
		d, err := stix.Read(out, stix.Limits{})
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		o := &d.Objects[0]
		if f := stix.Check(o); !stix.Valid(f) {
			t.Errorf("%v: %s", f, out)
		}
		want := stix.AmberStrict
		if strings.Contains(raw, stix.Red.ID()) {
			want = stix.Red
		}
		if o.Strictest().TLP != want || !strings.Contains(string(out), "A lab") {
			t.Errorf("%s", out)
		}
	}
}
