package misp

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/comity-project/comity/repotest"
	"github.com/comity-project/comity/statement/stix"
)

// converted writes events as STIX, sees that every object is valid, and reads
// them back.
func converted(t testing.TB, events []Event) (*stix.Document, Converted, Event, []string) {
	t.Helper()
	c, err := ToSTIX(events)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ToSTIX(events)
	if err != nil || string(again.Bytes) != string(c.Bytes) {
		t.Error("the same event gives other bytes")
	}
	d, err := stix.Read(c.Bytes, stix.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range d.Objects {
		if f := stix.Check(&d.Objects[i]); !stix.Valid(f) {
			t.Errorf("%s\n%v", d.Objects[i].Raw, f)
		}
	}
	e, left := FromSTIX(d)
	return d, c, e, left
}

// key is what of an attribute must survive there and back.
func key(a Attribute) string {
	var tags []string
	for _, t := range a.Tags {
		tags = append(tags, strings.ToLower(t.Name))
	}
	value := a.Value
	if strings.HasPrefix(a.Type, "regkey") { // STIX wants the hive in full
		value = registryKey(value)
	}
	if a.Type == "AS" && !strings.HasPrefix(value, "AS") {
		value = "AS" + value
	}
	return fmt.Sprint(a.UUID, a.Type, value, a.Category, a.Comment, a.ToIDs, a.Relation, a.Timestamp, tags)
}

func keys(e Event) (all []string) {
	for _, a := range e.Attributes {
		all = append(all, key(a))
	}
	for _, o := range e.Objects {
		for _, a := range o.Attributes {
			all = append(all, o.UUID+o.Name+o.Category+key(a))
		}
	}
	slices.Sort(all)
	return all
}

// MISP's own 80 examples of attributes, for detection and not: there and back
// without loss.
func TestAttributesThereAndBack(t *testing.T) {
	b, err := os.ReadFile(repotest.Data(t, "stix", "misp-stix-samples", "documentation", "mapping", "misp_attributes_to_stix21.json"))
	if err != nil {
		t.Fatal(err)
	}
	var samples map[string]struct {
		MISP Attribute `json:"MISP"`
	}
	if err := json.Unmarshal(b, &samples); err != nil {
		t.Fatal(err)
	}
	if len(samples) < 80 {
		t.Fatalf("%d samples", len(samples))
	}
	said := map[string]int{}
	for name, s := range samples {
		for _, ids := range []bool{true, false} {
			a := s.MISP
			a.ToIDs, a.Rest = ids, nil
			e := Event{UUID: "a6ef17d6-91cb-4a05-b10b-2f045daf874c", Info: "x", Timestamp: 1603642920, Attributes: []Attribute{a}}
			d, c, back, left := converted(t, []Event{e})
			if len(c.Left)+len(left) > 0 {
				t.Errorf("%s: left %v %v", name, c.Left, left)
			}
			if got, want := keys(back), keys(e); !reflect.DeepEqual(got, want) {
				t.Errorf("%s (to_ids %v):\n got %v\nwant %v\n%s", name, ids, got, want, c.Bytes)
			}
			if ids {
				said[d.Objects[0].Type()]++
			}
		}
	}
	if said["indicator"] < 45 {
		t.Errorf("of the samples meant for detection became: %v", said)
	}
	t.Logf("meant for detection: %v", said)
}

func TestCollectionsThereAndBack(t *testing.T) {
	names, err := filepath.Glob(repotest.Data(t, "stix", "misp-stix-samples", "tests", "test_*_collection_?.json"))
	if err != nil || len(names) < 6 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		events, err := Parse(b)
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
			continue
		}
		for _, e := range events {
			_, _, back, left := converted(t, []Event{e})
			if len(left) > 0 {
				t.Errorf("%s: left %v", filepath.Base(name), left)
			}
			if got, want := keys(back), keys(e); !reflect.DeepEqual(got, want) {
				t.Errorf("%s:\n got %v\nwant %v", filepath.Base(name), got, want)
			}
			if e.UUID != "" && (back.UUID != e.UUID || back.Info != e.Info || back.Timestamp != e.Timestamp) {
				t.Errorf("%s: %+v", filepath.Base(name), back)
			}
		}
	}
}

// The field's bundles as MISP attributes: every pattern arrives.
func TestTheFieldsBundlesAsMISP(t *testing.T) {
	b, err := os.ReadFile(repotest.Data(t, "stix", "amnesty", "2024-12-16_serbia_novispy", "novispy.stix2"))
	if err != nil {
		t.Fatal(err)
	}
	d, err := stix.Read(b, stix.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	e, left := FromSTIX(d)
	types := map[string]int{}
	for _, a := range e.Attributes {
		types[a.Type]++
	}
	if want := map[string]int{"domain": 7, "sha256": 4, "stix2-pattern": 7}; !reflect.DeepEqual(types, want) {
		t.Errorf("got %v, want %v", types, want)
	}
	if len(left) != 1+18 { // the malware and its relationships
		t.Errorf("%d left: %v", len(left), left)
	}
}

func TestMarksAndWhatIsLeft(t *testing.T) {
	events, err := Parse([]byte(`{"Event":{"uuid":"a6ef17d6-91cb-4a05-b10b-2f045daf874c","info":"Spyware","date":"2026-01-02","timestamp":1767312000,"published":true,"publish_timestamp":"1767312001",
		"distribution":"3","sharing_group_id":"5","Orgc":{"name":"CERT","uuid":"a0c22599-9e58-4da4-96ac-7051603fa951"},"Tag":[{"name":"tlp:amber+strict"},{"name":"PAP:RED"},{"name":"admiralty-scale:source-reliability=\"b\""}],
		"ShadowAttribute":[{"value":"x"}],
		"Attribute":[{"uuid":"91ae0a21-c7ae-4c7f-b84b-b84a7ce53d1f","type":"domain","value":"a.example","to_ids":true,"Tag":[{"name":"tlp:red"}]},{"type":"ip-dst","value":"2001:db8::1","to_ids":true},{"type":"ip-dst","value":"nonsense","to_ids":true},{"type":"text","value":"gone","deleted":true}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	d, c, back, _ := converted(t, events)
	by := map[string]*stix.Object{}
	for i := range d.Objects {
		by[d.Objects[i].Type()+" "+text(&d.Objects[i], "pattern")] = &d.Objects[i]
	}
	for what, want := range map[string]stix.TLP{"report ": stix.AmberStrict, "indicator [domain-name:value = 'a.example']": stix.Red, "indicator [ipv6-addr:value = '2001:db8::1']": stix.AmberStrict, "x-misp-attribute ": stix.AmberStrict} {
		o := by[what]
		if o == nil || o.Handling().TLP != want || o.CreatedBy() != "identity--a0c22599-9e58-4da4-96ac-7051603fa951" {
			t.Errorf("%s: %v", what, o)
		}
	}
	if h := by["report "].Handling(); h.PAP != stix.PAPRed || h.Conflict {
		t.Errorf("%+v", h)
	}
	want := []string{"attribute text : it is deleted", "event Spyware: ShadowAttribute", "event Spyware: sharing_group_id"}
	slices.Sort(c.Left)
	if !reflect.DeepEqual(c.Left, want) {
		t.Errorf("left %q", c.Left)
	}
	if back.Orgc == nil || back.Orgc.Name != "CERT" || len(back.Tags) != 3 {
		t.Errorf("%+v", back)
	}
	// Without a mark of its own nothing is invented: distribution is no mark.
	events[0].Tags = nil
	d, _, _, _ = converted(t, events)
	for i := range d.Objects {
		if o := &d.Objects[i]; o.Type() == "report" && o.Handling().TLP != stix.Unmarked {
			t.Error("a mark was invented")
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, s := range []string{``, `1`, `{}`, `{"Event":`, `[[[[[[]]]]]]`, `{"Event":{"info":1}}`, `{"Event":{"info":"a","info":"b"}}`, `{"Event":{"timestamp":"x"}}`, `{"response":{"response":{"response":{"response":{}}}}}`} {
		if _, err := Parse([]byte(s)); err == nil {
			t.Error(s)
		}
	}
}

func TestCSV(t *testing.T) {
	src := "uuid,event_id,category,type,value,comment,to_ids,date,object_relation,attribute_tag,object_uuid,object_name,object_meta_category\n" +
		"91ae0a21-c7ae-4c7f-b84b-b84a7ce53d1f,1,Network activity,domain,a.example,\"a, \"\"b\"\"\",1,1603642920,,\"tlp:green,PAP:RED\",,,\n" +
		"a0921e21-c7ae-4c7f-b84b-b84a7ce53d1f,1,Payload delivery,filename,oui,,0,,filename,,5e384ae7-672c-4250-9cda-3b4da964451a,file,file\n" +
		"b1ae0a21-c7ae-4c7f-b84b-b84a7ce53d1f,1,Payload delivery,md5,8764605c6f388c89096b534d33565802,,1,,md5,,5e384ae7-672c-4250-9cda-3b4da964451a,file,file\n"
	e, err := ReadCSV([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	if len(e.Attributes) != 1 || len(e.Objects) != 1 || len(e.Objects[0].Attributes) != 2 || len(e.Attributes[0].Tags) != 2 || !e.Attributes[0].ToIDs {
		t.Errorf("%+v", e)
	}
	e.UUID = "1"
	out, err := WriteCSV([]Event{e})
	if err != nil || string(out) != src {
		t.Errorf("%v\n%s", err, out)
	}
	for _, bad := range []string{"", "type\nx\n", "type,value,type\na,b,c\n", "type,value,colour\na,b,c\n", "type,value\na\n", "type,value\n,b\n", "type,value,to_ids\na,b,perhaps\n", "type,value,date\na,b,today\n", "type,value\n\"a,b\n"} {
		if _, err := ReadCSV([]byte(bad)); err == nil {
			t.Errorf("%q", bad)
		}
	}
}

// All taxonomies and galaxies there are.
func TestVocabularies(t *testing.T) {
	count := func(pattern []string, parse func([]byte) (*Vocabulary, error)) map[string]*Vocabulary {
		names, err := filepath.Glob(repotest.Data(t, pattern...))
		if err != nil || len(names) == 0 {
			t.Fatal(names, err)
		}
		all := map[string]*Vocabulary{}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			v, err := parse(b)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			all[v.Name] = v
			for _, term := range v.Terms {
				if _, ok := v.Find(term.Tag); !ok {
					t.Errorf("%s is not found", term.Tag)
				}
			}
		}
		return all
	}
	taxonomies := count([]string{"stix", "misp-taxonomies", "*", "machinetag.json"}, ParseTaxonomy)
	for tag, v := range map[string]string{`tlp:amber+strict`: "tlp", `pap:red`: "PAP", `admiralty-scale:source-reliability="b"`: "admiralty-scale", `estimative-language:likelihood-probability="almost-certain"`: "estimative-language"} {
		if term, ok := taxonomies[v].Find(tag); !ok || term.Title == "" {
			t.Errorf("%s: %+v", tag, term)
		}
	}
	galaxies := count([]string{"stix", "misp-galaxy", "clusters", "*.json"}, ParseGalaxy)
	vendors := galaxies["surveillance-vendor"]
	if len(vendors.Terms) != 615 {
		t.Errorf("%d vendors", len(vendors.Terms))
	}
	if term, ok := vendors.Find(`misp-galaxy:surveillance-vendor="nso group"`); !ok || len(term.References) == 0 {
		t.Errorf("%+v", term)
	}
	for _, bad := range []string{``, `{}`, `{"namespace":"x"}`, `{"type":"x"}`, `{"namespace":5,"predicates":[{}]}`} {
		if _, err := ParseTaxonomy([]byte(bad)); err == nil {
			t.Error(bad)
		}
		if _, err := ParseGalaxy([]byte(bad)); err == nil {
			t.Error(bad)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"Event":{"info":"x","timestamp":"1","Attribute":[{"type":"regkey|value","value":"HKLM\\a|b","to_ids":true},{"type":"AS","value":"AS1"}],"Object":[{"name":"file","Attribute":[{"type":"md5","value":"x"}]}]}}`))
	f.Add([]byte(`{"response":[{"Object":{"name":"a","Attribute":[{"type":"ip-dst|port","value":"1.2.3.4|5","to_ids":true}]}}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		events, err := Parse(b)
		if err != nil {
			return
		}
		converted(t, events)
	})
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte("type,value,object_uuid\ndomain,a,b\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, err := ReadCSV(b)
		if err != nil {
			return
		}
		out, err := WriteCSV([]Event{e})
		if err != nil {
			t.Fatal(err)
		}
		again, err := ReadCSV(out)
		if err != nil || !reflect.DeepEqual(keys(again), keys(e)) {
			t.Errorf("%v\n%q\n%q", err, b, out)
		}
	})
}
