package lists

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/screening/listfile"
)

const ownList = `schema: comity.parties/v1
list: T
title: Test
published: '2026-11-01'
parties:
- {id: 't:1', type: organisation, names: [{text: One, kind: primary}]}
- id: t:2
  type: person
  names: [{text: Two, kind: primary}]
  ground: {role: agent, source: register, purpose: test, retain_until: '2027-01-01'}
`

func TestPrepareAndDecideTwoVersions(t *testing.T) {
	s := history(t, def)
	var stored []listfile.Result
	for i, text := range []string{ownList, strings.Replace(ownList, "text: One", "text: Uno", 1)} {
		res, err := listfile.Read(listfile.YAML, listfile.Limits{}, listfile.File{Name: "t.yaml", Reader: strings.NewReader(text)})
		if err != nil {
			t.Fatal(err)
		}
		id := []string{"v1", "v2"}[i]
		var old listfile.Result
		if i > 0 {
			old = stored[i-1]
		}
		p, err := Prepare(s, id, Hash([]byte(text)), res, old.Entities)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Prepare(s, id, Hash([]byte(text)), res, old.Entities)
		if err != nil || !bytes.Equal(p.Document, again.Document) || !bytes.Equal(p.Report, again.Report) {
			t.Error("the same input gave other bytes")
		}
		back, err := listfile.ReadJSONL(listfile.File{Name: "stored", Reader: bytes.NewReader(p.Document)}, listfile.Limits{})
		if err != nil || !reflect.DeepEqual(back.Entities, res.Entities) {
			t.Errorf("stored entities: %v", err)
		}
		stored = append(stored, back)
		var rep Report
		if err := json.Unmarshal(p.Report, &rep); err != nil || len(rep.Grounds) != 1 || len(rep.Delta.Changed) != i {
			t.Errorf("report %s, %v", p.Report, err)
		}
		events, err := Decide(s, p.Command, Facts{})
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, event.New{Stream: "list/demo", Event: VersionActivated{ID: id}})
		for _, ev := range events {
			if err := s.Apply(event.Recorded{Stream: ev.Stream, Time: day0, Event: ev.Event}); err != nil {
				t.Fatal(err)
			}
		}
	}
	v := s.ActiveVersion()
	if v.ID != "v2" || v.Base != "v1" || v.Figures != (Figures{Entries: 2, Changed: 1}) || v.Published != "2026-11-01" {
		t.Errorf("%+v", v)
	}
}

func TestHashAndOverdue(t *testing.T) {
	if Hash([]byte("ab"), []byte("c")) == Hash([]byte("a"), []byte("bc")) {
		t.Error("bytes moved between files unseen")
	}
	if got := Hash([]byte("abc")); got != "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" {
		t.Error(got)
	}
	g := []listfile.Ground{{Entity: "a", RetainUntil: "2026-11-22"}, {Entity: "b", RetainUntil: "2026-11-23"}}
	if out := Overdue(g, "2026-11-22"); len(out) != 1 || out[0].Entity != "a" {
		t.Errorf("%+v", out)
	}
}

// TestEventShapesStay holds the shapes of released events: an event written by
// an earlier program is read by this one, and means the same.
func TestEventShapesStay(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("testdata", "events.json"))
	if err != nil {
		t.Fatal(err)
	}
	var golden []struct {
		Type string          `json:"type"`
		Kept json.RawMessage `json:"kept"`
	}
	if err := json.Unmarshal(raw, &golden); err != nil {
		t.Fatal(err)
	}
	r, seen := event.NewRegistry(Events()...), map[string]bool{}
	for _, g := range golden {
		seen[g.Type] = true
		p, err := r.New(g.Type)
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(bytes.NewReader(g.Kept))
		d.DisallowUnknownFields()
		if err := d.Decode(p); err != nil {
			t.Errorf("%s: %v", g.Type, err)
		}
		out, err := json.Marshal(event.Value(p))
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		if err := json.Compact(&want, g.Kept); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(out, want.Bytes()) {
			t.Errorf("%s:\ngot  %s\nwant %s", g.Type, out, want.Bytes())
		}
	}
	for _, name := range r.Types() {
		if !seen[name] {
			t.Errorf("%s has no golden shape", name)
		}
	}
}
