package stix

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

const (
	reportHead = `"type":"report","spec_version":"2.1","id":"report--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3","created":"2026-01-02T03:04:05.678Z","modified":"2026-01-02T03:04:05.678Z"`
	plainTail  = `,"name":"n","published":"2026-01-02T00:00:00Z","object_refs":["tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"]}`
	plain      = "{" + reportHead + plainTail
)

func sco(typ, rest string) string {
	return `{"type":"` + typ + `","id":"` + typ + `--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3",` + rest + `}`
}

func sdo(typ, rest string) string {
	return `{"type":"` + typ + `","spec_version":"2.1","id":"` + typ + `--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3","created":"2026-01-02T03:04:05.678Z","modified":"2026-01-02T03:04:05.678Z",` + rest + `}`
}

func one(t testing.TB, src string) *Object {
	t.Helper()
	d, err := Read([]byte(src), Limits{})
	if err != nil {
		t.Fatalf("%s: %v", src, err)
	}
	if len(d.Objects) != 1 {
		t.Fatalf("%s: %d objects", src, len(d.Objects))
	}
	return &d.Objects[0]
}

func TestCheck(t *testing.T) {
	const indicator = `"pattern_type":"stix","valid_from":"2026-01-02T00:00:00Z","pattern":`
	const kv = `"extensions":{"` + ExtensionReport + `":{"extension_type":"property-extension",`
	for name, c := range map[string]struct{ src, want string }{ // want: "code path" of the first error, "" for none
		"a report":                           {plain, ""},
		"no name":                            {strings.Replace(plain, `"name":"n",`, "", 1), "required name"},
		"no type":                            {`{"id":"x"}`, "required type"},
		"null":                               {"{" + reportHead + `,"lang":null` + plainTail, "kind lang"},
		"null in what nobody defines":        {"{" + reportHead + `,"x_acme":null` + plainTail, "null x_acme"},
		"an empty list":                      {"{" + reportHead + `,"labels":[]` + plainTail, "empty labels"},
		"no list":                            {"{" + reportHead + `,"labels":"a"` + plainTail, "kind labels"},
		"the name of a property in capitals": {"{" + reportHead + `,"Foo":"a"` + plainTail, "name Foo"},
		"a name too short":                   {"{" + reportHead + `,"ab":"a"` + plainTail, "name ab"},
		"a reserved name":                    {"{" + reportHead + `,"severity":"a"` + plainTail, "name severity"},
		"modified ahead of created":          {strings.Replace(plain, `"modified":"2026`, `"modified":"2025`, 1), "order modified"},
		"a time without milliseconds":        {strings.Replace(plain, `"created":"2026-01-02T03:04:05.678Z"`, `"created":"2026-01-02T03:04:05Z"`, 1), "timestamp created"},
		"30 February":                        {strings.Replace(plain, `"published":"2026-01-02`, `"published":"2026-02-30`, 1), "timestamp published"},
		"another type's id":                  {strings.Replace(plain, `"id":"report--`, `"id":"tool--`, 1), "id id"},
		"an id that is none":                 {strings.Replace(plain, `44ea-4bcd`, `44ea-9bcd`, 1), "id id"},
		"a reference that is none":           {strings.Replace(plain, `tool--8e2e`, `tool-8e2e`, 1), "id object_refs[0]"},
		"confidence beyond 100":              {"{" + reportHead + `,"confidence":101` + plainTail, "value confidence"},
		"confidence with a point":            {"{" + reportHead + `,"confidence":1.0` + plainTail, "kind confidence"},
		"a number beyond 2^53":               {"{" + reportHead + `,"x_acme_n":9007199254740993` + plainTail, "value x_acme_n"},
		"a language that is none":            {"{" + reportHead + `,"lang":"no such"` + plainTail, "value lang"},
		"a CVE number that is none":          {"{" + reportHead + `,"external_references":[{"source_name":"cve","external_id":"2020-1"}]` + plainTail, "value external_references[0].external_id"},
		"a reference that says nothing":      {"{" + reportHead + `,"external_references":[{"source_name":"x"}]` + plainTail, "required external_references[0].description"},
		"created_by_ref of a tool":           {"{" + reportHead + `,"created_by_ref":"tool--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3"` + plainTail, "reference created_by_ref"},

		"a selector that points at nothing": {"{" + reportHead + `,"granular_markings":[{"marking_ref":"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487","selectors":["labels.[0]"]}]` + plainTail, "selector granular_markings[0].selectors[0]"},
		"a selector beyond the list":        {"{" + reportHead + `,"granular_markings":[{"marking_ref":"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487","selectors":["object_refs.[1]"]}]` + plainTail, "selector granular_markings[0].selectors[0]"},
		"a selector that points":            {"{" + reportHead + `,"granular_markings":[{"marking_ref":"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487","selectors":["object_refs.[0]","name"]}]` + plainTail, ""},
		"a granular marking of nothing":     {"{" + reportHead + `,"granular_markings":[{"selectors":["name"]}]` + plainTail, "required granular_markings[0].lang"},

		"a pattern":                    {sdo("indicator", indicator+`"[domain-name:value = 'a']"`), ""},
		"a pattern with a short name":  {sdo("indicator", indicator+`"[app:id='a']"`), "pattern pattern"},
		"a pattern that breaks off":    {sdo("indicator", indicator+`"[domain-name:value = "`), "pattern pattern"},
		"a pattern of another kind":    {sdo("indicator", `"pattern_type":"yara","valid_from":"2026-01-02T00:00:00Z","pattern":"rule x"`), ""},
		"valid until it begins":        {sdo("indicator", indicator+`"[a-b:ccc=1]","valid_until":"2026-01-02T00:00:00Z"`), "order valid_until"},
		"a family without a name":      {sdo("malware", `"is_family":true`), "required name"},
		"malware alone":                {sdo("malware", `"is_family":false`), ""},
		"a place with half a position": {sdo("location", `"latitude":1.5`), "required latitude"},
		"a place off the globe":        {sdo("location", `"latitude":91,"longitude":0`), "value latitude"},
		"a precision of nothing":       {sdo("location", `"country":"CH","precision":5`), "required latitude"},
		"an opinion of one's own":      {sdo("opinion", `"opinion":"maybe","object_refs":["tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"]`), "value opinion"},
		"a relationship of marks":      {sdo("relationship", `"relationship_type":"uses","source_ref":"marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487","target_ref":"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"`), "reference source_ref"},
		"a relationship in capitals":   {sdo("relationship", `"relationship_type":"Uses","source_ref":"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","target_ref":"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"`), "value relationship_type"},
		"observed data of a report":    {sdo("observed-data", `"first_observed":"2026-01-02T00:00:00Z","last_observed":"2026-01-02T00:00:00Z","number_observed":1,"object_refs":["report--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"]`), "reference object_refs[0]"},
		"observed data of old":         {sdo("observed-data", `"first_observed":"2026-01-02T00:00:00Z","last_observed":"2026-01-02T00:00:00Z","number_observed":1,"objects":{"0":{"type":"file","name":"a","parent_directory_ref":"1"},"1":{"type":"directory","path":"/"}}`), "required objects.0.id"},

		"an address":             {sco("ipv4-addr", `"value":"198.51.100.3"`), ""},
		"a range":                {sco("ipv4-addr", `"value":"198.51.100.0/24"`), ""},
		"no address":             {sco("ipv4-addr", `"value":"198.51.100"`), "value value"},
		"the other address":      {sco("ipv4-addr", `"value":"2001:db8::1"`), "value value"},
		"a MAC in capitals":      {sco("mac-addr", `"value":"D2:FB:49:24:37:18"`), "value value"},
		"a file of nothing":      {sco("file", `"size":1`), "required hashes"},
		"a hash cut short":       {sco("file", `"hashes":{"SHA-256":"abc"}`), "value hashes.SHA-256"},
		"a file with streams":    {sco("file", `"name":"a","extensions":{"ntfs-ext":{"alternate_data_streams":[{"size":1}]}}`), "required extensions.ntfs-ext.alternate_data_streams[0].name"},
		"a short hive":           {sco("windows-registry-key", `"key":"HKLM\\Foo"`), "value key"},
		"traffic from nowhere":   {sco("network-traffic", `"protocols":["tcp"]`), "required src_ref"},
		"traffic active to end":  {sco("network-traffic", `"protocols":["tcp"],"src_ref":"ipv4-addr--ff26c055-6336-5bc5-b98d-13d6226742dd","is_active":true,"end":"2026-01-02T00:00:00Z"`), "both end"},
		"mail in parts":          {sco("email-message", `"is_multipart":true,"body":"x"`), "both is_multipart"},
		"an artifact twice":      {sco("artifact", `"payload_bin":"aGk=","url":"https://a.example/","hashes":{"MD5":"d41d8cd98f00b204e9800998ecf8427e"}`), "both payload_bin"},
		"an artifact by address": {sco("artifact", `"url":"https://a.example/"`), "required hashes"},

		"TLP 2.0":                        {string(TLPObject(AmberStrict)), ""},
		"TLP 2.0 with other content":     {strings.Replace(string(TLPObject(Red)), `"tlp_2_0":"red"`, `"tlp_2_0":"clear"`, 1), "value extensions"},
		"TLP 1 under an id of one's own": {`{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3","created":"2017-01-20T00:00:00.000Z","definition_type":"tlp","definition":{"tlp":"red"}}`, "value id"},
		"PAP":                            {string(PAPObject(PAPAmber)), ""},
		"a mark of nothing":              {`{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3","created":"2017-01-20T00:00:00.000Z"}`, "required definition_type"},

		"our extension":                     {"{" + reportHead + "," + kv + `"kind":"risk","abuses":["torture"],"evidence":"corroborated","admiralty":"B2","likelihood":"likely"}}` + plainTail, ""},
		"our extension without its grade":   {"{" + reportHead + "," + kv + `"kind":"risk","abuses":["torture"],"evidence":"corroborated","likelihood":"likely"}}` + plainTail, "required extensions." + ExtensionReport + ".admiralty"},
		"our extension with another grade":  {"{" + reportHead + "," + kv + `"kind":"risk","abuses":["torture"],"evidence":"corroborated","admiralty":"G2","likelihood":"likely"}}` + plainTail, "value extensions." + ExtensionReport + ".admiralty"},
		"our extension with something else": {"{" + reportHead + "," + kv + `"kind":"risk","abuses":["torture"],"evidence":"corroborated","admiralty":"B2","likelihood":"likely","more":1}}` + plainTail, "name extensions." + ExtensionReport + ".more"},
		"our extension where it can't be":   {sdo("tool", kv+`"kind":"risk","abuses":["torture"],"evidence":"corroborated","admiralty":"B2","likelihood":"likely"}},"name":"x"`), "reference extensions." + ExtensionReport},
		"an extension without its type":     {"{" + reportHead + `,"extensions":{"extension-definition--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3":{"x_acme":1}}` + plainTail, "value extensions.extension-definition--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3.extension_type"},
		"a denial":                          {sdo("x-comity-denial", `"extensions":{"`+ExtensionDenial+`":{"extension_type":"new-sdo"}},"reference":"1/2026","state":"CH","denied_on":"2026-01-02","destination":"XX","items":[{"description":"d"}],"criteria":["c"],"status":"in-force","review_by":"2028-01-02"`), ""},
		"a denial without its end":          {sdo("x-comity-denial", `"extensions":{"`+ExtensionDenial+`":{"extension_type":"new-sdo"}},"reference":"1/2026","state":"CH","denied_on":"2026-01-02","destination":"XX","items":[{"description":"d"}],"criteria":["c"],"status":"in-force"`), "required review_by"},
		"a type of one's own":               {sdo("x-acme-thing", `"anything":1`), ""},
		"a bundle in a bundle":              {`{"type":"bundle","objects":[{"type":"bundle","id":"bundle--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3"}]}`, "type type"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			for _, f := range Check(one(t, c.src)) {
				if f.Message == "" || f.Object == "" || !f.Warning && f.Advice == "" {
					t.Errorf("a finding that helps nobody: %+v", f)
				}
				if !f.Warning && got == "" {
					got = f.Code + " " + f.Path
				}
			}
			if got != c.want {
				t.Errorf("got %q, want %q\n%s", got, c.want, c.src)
			}
		})
	}
}

func TestWarnings(t *testing.T) {
	for name, c := range map[string]struct{ src, want string }{
		"a property of one's own":    {"{" + reportHead + `,"x_acme":1` + plainTail, "custom x_acme"},
		"with an extension for it":   {"{" + reportHead + `,"x_acme":1,"extensions":{"extension-definition--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3":{"extension_type":"toplevel-property-extension"}}` + plainTail, ""},
		"a word of one's own":        {"{" + reportHead + `,"report_types":["rumour"]` + plainTail, "vocabulary report_types[0]"},
		"a pattern of unknown types": {sdo("indicator", `"pattern_type":"stix","valid_from":"2026-01-02T00:00:00Z","pattern":"[android-property:name='a']"`), "pattern pattern"},
	} {
		got := ""
		for _, f := range Check(one(t, c.src)) {
			if !f.Warning {
				t.Errorf("%s: %v", name, f)
			}
			got = f.Code + " " + f.Path
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	for name, c := range map[string]struct {
		src   string
		large bool
	}{
		"nothing":              {"", false},
		"a number":             {"12", false},
		"a word":               {"null", false},
		"an end that lacks":    {`{"type":"report"`, false},
		"a comma too many":     {`{"a":1,}`, false},
		"two objects":          {`{} {}`, false},
		"a name twice":         {`{"type":"report","type":"tool"}`, false},
		"a name twice, within": {`{"a":{"b":1,"b":2}}`, false},
		"bytes that are no text": {
			"{\"a\":\"\xff\"}", false,
		},
		"a list of numbers":            {`[1]`, false},
		"a list that breaks off":       {`[{"a":1}`, false},
		"objects that are none":        {`{"type":"bundle","objects":[[]]}`, false},
		"too deep":                     {deep, true},
		"too long a text":              {`{"a":"` + strings.Repeat("x", 600<<10) + `"}`, true},
		"too many values":              {`{"a":[` + strings.Repeat("1,", 30_000) + `1]}`, true},
		"too large an object":          {`{"a":["` + strings.Repeat(strings.Repeat("x", 300<<10)+`","`, 5) + `"]}`, true},
		"too large an object in a row": {`[{"a":["` + strings.Repeat(strings.Repeat("x", 300<<10)+`","`, 5) + `"]}]`, true},
	} {
		_, err := Read([]byte(c.src), Limits{})
		if err == nil || errors.Is(err, ErrTooLarge) != c.large {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read([]byte(`[{},{},{}]`), Limits{Objects: 2}); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if _, err := Read([]byte(`[{},{},{}]`), Limits{Bytes: 5}); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	var where *SyntaxError
	if _, err := Read([]byte("{\n\"a\":1,\n}"), Limits{}); !errors.As(err, &where) || where.Line != 2 {
		t.Error(err)
	}
}

func TestObjectsKeepTheirBytes(t *testing.T) {
	src := "{\"type\":\"bundle\", \"objects\" : [\n { \"b\" : 1.50,\"a\":\"\\u00e9\" } ,\n{\"c\":2}] ,\"id\":\"x\"}\n"
	d, err := Read([]byte(src), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if string(d.Objects[0].Raw) != `{ "b" : 1.50,"a":"\u00e9" }` || string(d.Objects[1].Raw) != `{"c":2}` || string(d.Export()) != src {
		t.Errorf("%q %q", d.Objects[0].Raw, d.Objects[1].Raw)
	}
}

func TestCheckBundle(t *testing.T) {
	for src, want := range map[string]string{
		`{"type":"bundle","id":"bundle--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3"}`: "",
		`{"type":"report","objects":[]}`:                                        "value type",
		`{"type":"bundle","id":"1","objects":[]}`:                               "id id",
		`{"more":false,"objects":[]}`:                                           "",
		`[]`:                                                                    "",
		`{"type":"bundle","id":"bundle--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3","spec_version":"2.0","objects":[]}`:                                                           "custom spec_version",
		`{"type":"bundle","id":"bundle--84e4d88f-44ea-4bcd-bbf3-b2c1c320bcb3","objects":[{"id":"a--1","modified":"x","name":"a"},{"id":"a--1","modified":"x","name":"b"}]}`: "twice objects[1]",
	} {
		d, err := Read([]byte(src), Limits{})
		if err != nil {
			t.Fatal(src, err)
		}
		got := ""
		for _, f := range CheckBundle(d) {
			if got == "" {
				got = f.Code + " " + f.Path
			}
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", src, got, want)
		}
	}
}

// What one object may say about itself is bounded, whatever it holds.
func TestFindingsAreBounded(t *testing.T) {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, `"Wrong%d":null,`, i)
	}
	if n := len(Check(one(t, "{"+b.String()+reportHead+plainTail))); n != maxFindings {
		t.Errorf("%d findings", n)
	}
}
