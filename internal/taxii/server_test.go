package taxii_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/comity-project/comity/internal/taxii"
)

// served is a server over a library.
type served struct {
	*library // in memory; nil where a node has it
	http.Handler
	t     testing.TB
	now   func() time.Time
	move  func(time.Duration)
	lib   taxii.Library
	shown func(raw string) string // what an object is given out as
}

// begin is when tests begin.
var begin = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func serve(t testing.TB) *served {
	l := newLibrary()
	return &served{
		library: l, Handler: server(l, func() time.Time { return l.now }), t: t,
		now: func() time.Time { return l.now }, move: func(d time.Duration) { l.now = l.now.Add(d) }, shown: func(raw string) string { return raw },
	}
}

func server(l taxii.Library, now func() time.Time) *taxii.Server {
	return taxii.NewServer(l, taxii.Options{
		Address: "https://node.example", Title: "Norland", Contact: "poc@node.example", MaxBytes: 64 << 10, Now: now,
		Log: slog.New(slog.DiscardHandler),
		Who: func(r *http.Request) (string, bool) {
			who, _, ok := r.BasicAuth()
			return who, ok && who != "nobody"
		},
	})
}

type answer struct {
	*httptest.ResponseRecorder
	t testing.TB
}

// do makes a request; headers are name, value pairs, and one with an empty value
// is left out.
func (s *served) do(method, path, body string, headers ...string) answer {
	s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.SetBasicAuth("lab", "x")
	r.Header.Set("Accept", taxii.MediaType)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", taxii.MediaType)
	}
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Del(headers[i]); headers[i+1] != "" {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if method != http.MethodHead && w.Header().Get("Content-Type") != taxii.MediaType {
		s.t.Errorf("%s %s: Content-Type %q", method, path, w.Header().Get("Content-Type"))
	}
	if w.Code >= 400 {
		var p taxii.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Title == "" || (w.Code == 400 || w.Code == 422) && p.Title != "ProcessingError" || p.HTTPStatus != fmt.Sprint(w.Code) {
			s.t.Errorf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
	}
	return answer{w, s.t}
}

func (a answer) into(v any) {
	a.t.Helper()
	if err := json.Unmarshal(a.Body.Bytes(), v); err != nil {
		a.t.Fatalf("%d %s: %v", a.Code, a.Body, err)
	}
}

func (a answer) want(status int) answer {
	a.t.Helper()
	if a.Code != status {
		a.t.Fatalf("%d, want %d: %s", a.Code, status, a.Body)
	}
	return a
}

type page struct {
	More     bool              `json:"more"`
	Next     string            `json:"next"`
	Objects  []json.RawMessage `json:"objects"`
	Versions []string          `json:"versions"`
}

func (a answer) page() (p page) {
	a.t.Helper()
	a.want(http.StatusOK).into(&p)
	return p
}

func (p page) ids() (all []string) {
	for _, o := range p.Objects {
		var head struct{ ID, Version, Modified string }
		if json.Unmarshal(o, &head) == nil {
			day := ""
			if at := head.Version + head.Modified; len(at) > 10 && !strings.HasPrefix(head.ID, "ipv4") {
				day = at[8:10]
			}
			all = append(all, strings.TrimLeft(head.ID[len(head.ID)-12:], "0")+"@"+day)
		}
	}
	return all
}

const (
	objects  = "/field/collections/" + shelf + "/objects/"
	manifest = "/field/collections/" + shelf + "/manifest/"
)

// fill puts objects 1 to n on the shelf, each with two versions, and an address.
func (s *served) fill(n int) {
	s.t.Helper()
	for v := 1; v <= 2; v++ {
		for i := 1; i <= n; i++ {
			s.move(time.Second)
			s.do("POST", objects, envelope(indicator(i, v))).want(http.StatusAccepted)
		}
	}
}

// Chapter 1.6 and 3.1: media types and their negotiation.
func TestMediaTypes(t *testing.T) { everywhere(t, testMediaTypes) }

func testMediaTypes(t *testing.T, s *served) {
	for accept, want := range map[string]int{
		taxii.MediaType:                           200,
		"application/taxii+json":                  200, // without a version: the latest
		"application/taxii+json; version=2.1":     200,
		`application/taxii+json;version="2.1"`:    200,
		"text/html, application/taxii+json;q=0.5": 200,
		"*/*":                                    200,
		"application/*":                          200,
		"application/taxii+json;version=2.0":     406,
		"application/taxii+json;version=9.9":     406,
		"application/vnd.oasis.taxii+json":       406,
		"application/json":                       406,
		"text/html":                              406,
		"application/taxii+json;version=2.1;q=0": 406,
	} {
		s.do("GET", "/taxii2/", "", "Accept", accept).want(want)
	}
	for contentType, want := range map[string]int{
		taxii.MediaType:                       202,
		"application/taxii+json; version=2.1": 202,
		"application/taxii+json":              415,
		"application/json":                    415,
		"application/stix+json;version=2.1":   415,
		"application/taxii+json;version=2.0":  415,
		"":                                    415,
	} {
		s.do("POST", objects, envelope(indicator(1, 1)), "Content-Type", contentType).want(want)
	}
}

// Chapter 4.1: discovery; 4.2: API root.
func TestDiscovery(t *testing.T) {
	s := serve(t)
	var d taxii.Discovery
	s.do("GET", "/taxii2/", "").want(200).into(&d)
	if d.Title != "Norland" || d.Contact == "" || d.Default != "https://node.example/field/" || len(d.Roots) != 2 {
		t.Errorf("%+v", d)
	}
	var r taxii.Root
	s.do("GET", "/field/", "").want(200).into(&r)
	if r.Title == "" || len(r.Versions) != 1 || r.Versions[0] != taxii.MediaType || r.MaxContentLength != 64<<10 {
		t.Errorf("%+v", r)
	}
	if b := s.do("GET", "/taxii2/", "", "Authorization", basic("guest")).want(200).Body.String(); strings.Contains(b, "api_roots") {
		t.Errorf("no roots are no list: %s", b)
	}
	s.do("GET", "/nowhere/", "").want(404)
	s.do("HEAD", "/taxii2/", "").want(200)
}

func basic(who string) string {
	r := httptest.NewRequest("GET", "/", nil)
	r.SetBasicAuth(who, "x")
	return r.Header.Get("Authorization")
}

// Chapter 1.6.7 and 3.6: who is asked, and what may not be seen.
func TestWhoMay(t *testing.T) { everywhere(t, testWhoMay) }

func testWhoMay(t *testing.T, s *served) {
	s.fill(1)
	for _, path := range []string{"/taxii2/", "/field/", objects, "/nowhere/"} {
		if a := s.do("GET", path, "", "Authorization", "").want(401); a.Header().Get("WWW-Authenticate") == "" {
			t.Error("401 without a challenge")
		}
	}
	other := []string{"Authorization", basic("other")}
	s.do("GET", "/field/collections/"+slot+"/objects/", "").want(403)
	s.do("GET", "/field/collections/"+slot+"/manifest/", "").want(403)
	s.do("POST", "/field/collections/"+slot+"/objects/", envelope(indicator(1, 1))).want(202)
	s.do("POST", "/field/collections/"+letters+"/objects/", envelope(indicator(1, 1))).want(403)
	s.do("DELETE", "/field/collections/"+letters+"/objects/"+idOf(1)+"/", "").want(403)
	// Another account's collection answers as one that does not exist.
	theirs := s.do("GET", "/field/collections/"+secret+"/", "").want(404).Body.String()
	if none := s.do("GET", "/field/collections/00000000-0000-4000-8000-000000000000/", "").want(404).Body.String(); none != theirs {
		t.Error("one can tell what one may not see")
	}
	s.do("GET", objects, "", other...).want(404)
	s.do("GET", "/field/collections/"+secret+"/", "", other...).want(200)
}

// Chapter 3: every address ends in a slash; methods a resource does not have.
func TestAddresses(t *testing.T) { everywhere(t, testAddresses) }

func testAddresses(t *testing.T, s *served) {
	for _, path := range []string{"/", "/field/nothing/", "/field/status/", objects + idOf(1) + "/nothing/", "//", "/field//", "//x", "/field//x"} {
		s.do("GET", path, "").want(404)
	}
	// Who forgets the slash is shown the way, with the parameters.
	for _, path := range []string{"/taxii2", "/field", "/field/collections", objects[:len(objects)-1], objects + idOf(1) + "/versions"} {
		if to := s.do("GET", path+"?limit=2", "").want(308).Header().Get("Location"); to != path+"/?limit=2" {
			t.Errorf("%s: to %s", path, to)
		}
	}
	for path, allow := range map[string]string{"/taxii2/": "GET", objects: "GET, POST", objects + idOf(1) + "/": "DELETE, GET", manifest: "GET"} {
		if a := s.do("PUT", path, "").want(405); a.Header().Get("Allow") != allow {
			t.Errorf("%s: Allow %q", path, a.Header().Get("Allow"))
		}
	}
}

// Chapter 5.1 and 5.2: collections.
func TestCollections(t *testing.T) {
	s := serve(t)
	var all struct{ Collections []taxii.Collection }
	s.do("GET", "/field/collections/", "").want(200).into(&all)
	if len(all.Collections) != 3 || all.Collections[0].MediaTypes[0] != taxii.ObjectType || !all.Collections[0].CanWrite {
		t.Errorf("%+v", all)
	}
	if b := s.do("GET", "/community/collections/", "").want(200).Body.String(); b != "{}" {
		t.Errorf("no collections are no list: %s", b)
	}
	var one taxii.Collection
	for _, name := range []string{shelf, "shelf", strings.ToUpper(shelf)} {
		if s.do("GET", "/field/collections/"+name+"/", "").want(200).into(&one); one.ID != shelf {
			t.Errorf("%+v", one)
		}
	}
}

// Chapter 5.4 and 4.3: adding objects, and the status that tells of it.
func TestAdd(t *testing.T) { everywhere(t, testAdd) }

func testAdd(t *testing.T, s *served) {
	var st taxii.Status
	s.do("POST", objects, envelope(indicator(1, 1), indicator(2, 1), strings.Replace(indicator(3, 1), `[domain-name:value`, `[app:id`, 1))).want(202).into(&st)
	if st.Status != "complete" || st.TotalCount != 3 || st.SuccessCount != 2 || st.FailureCount != 1 || st.PendingCount != 0 || !strings.Contains(st.Failures[0].Message, `"id" is not the name`) || st.Successes[0].Version != "2026-01-01T00:00:00.000Z" {
		t.Errorf("%+v", st)
	}
	var again taxii.Status
	s.do("GET", "/field/status/"+st.ID+"/", "").want(200).into(&again)
	if again.SuccessCount != 2 || again.ID != st.ID || again.Requested == "" {
		t.Errorf("%+v", again)
	}
	s.do("GET", "/field/status/"+st.ID+"/", "", "Authorization", basic("other")).want(404)
	s.do("GET", "/field/status/00000000-0000-4000-8000-000000000000/", "").want(404)
	// The same again changes nothing; the same version with other content is refused.
	s.do("POST", objects, envelope(indicator(1, 1))).want(202).into(&st)
	if all := s.do("GET", manifest+"?match[version]=all", "").page(); st.SuccessCount != 1 || len(all.Objects) != 2 {
		t.Errorf("%+v %+v", st, all)
	}
	s.do("POST", objects, envelope(strings.Replace(indicator(1, 1), "a1.example", "b.example", 1))).want(202).into(&st)
	if st.FailureCount != 1 {
		t.Errorf("%+v", st)
	}
	// 4911: another account raises the time of what it did not make.
	s.do("POST", objects, envelope(indicator(1, 9)), "Authorization", basic("partner")).want(202).into(&st)
	if st.FailureCount != 1 || !strings.Contains(st.Failures[0].Message, "originator") {
		t.Errorf("%+v", st)
	}
	for body, want := range map[string]int{
		``: 400, `{`: 400, `{"objects":[{}],"objects":[{}]}`: 400, `12`: 400,
		`{}`: 422, `{"objects":[]}`: 422, `[` + indicator(1, 1) + `]`: 422, indicator(1, 1): 422,
		`{"objects":[{"type":"indicator"}]}`: 422, `{"objects":[{"type":"tool","id":"` + idOf(1) + `"}]}`: 422,
		`{"type":"bundle","id":"bundle--00000000-0000-4000-8000-000000000000","objects":[` + indicator(1, 1) + `]}`: 422,
		`{"objects":[` + strings.Repeat(" ", 70<<10) + `]}`:                                                         413,
		`{"objects":[{"a":` + strings.Repeat("[", 60) + strings.Repeat("]", 60) + `}]}`:                             413,
	} {
		s.do("POST", objects, body).want(want)
	}
}

// Chapter 5.3, 5.4, 5.6, 5.7 and 5.8 with the filters of 3.4.
func TestFilters(t *testing.T) { everywhere(t, testFilters) }

func testFilters(t *testing.T, s *served) {
	s.fill(3)
	s.move(time.Second)
	s.do("POST", objects, envelope(`{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","value":"198.51.100.3"}`)).want(202)
	at := func(n int) string {
		return url.QueryEscape(begin.Add(time.Duration(n) * time.Second).Format(time.RFC3339))
	}
	for query, want := range map[string]string{
		"":                                     "1@02 2@02 3@02 b5bc3caf07c4@",
		"match[type]=indicator":                "1@02 2@02 3@02",
		"match[type]=indicator,ipv4-addr":      "1@02 2@02 3@02 b5bc3caf07c4@",
		"match[type]=tool":                     "",
		"match[id]=" + idOf(2):                 "2@02",
		"match[id]=" + idOf(2) + "," + idOf(3): "2@02 3@02",
		"match[type]=indicator&match[version]=first":                             "1@01 2@01 3@01",
		"match[type]=indicator&match[version]=last":                              "1@02 2@02 3@02",
		"match[type]=indicator&match[version]=all":                               "1@01 2@01 3@01 1@02 2@02 3@02",
		"match[type]=indicator&match[version]=first,last":                        "1@01 2@01 3@01 1@02 2@02 3@02",
		"match[type]=indicator&match[version]=2026-01-01T00:00:00Z":              "1@01 2@01 3@01",
		"match[type]=indicator&match[version]=2026-01-01T00:00:00.000000Z,last":  "1@01 2@01 3@01 1@02 2@02 3@02",
		"match[type]=indicator&match[version]=2020-01-01T00:00:00Z":              "",
		"match[type]=indicator&added_after=" + at(4):                             "2@02 3@02",
		"match[type]=indicator&added_after=" + at(2) + "&match[version]=first":   "3@01",
		"match[type]=indicator&match[spec_version]=2.1":                          "1@02 2@02 3@02",
		"match[type]=indicator&match[spec_version]=2.0":                          "",
		"match[type]=indicator&match[spec_version]=2.0,2.1&match[id]=" + idOf(1): "1@02",
	} {
		for _, path := range []string{objects, manifest} {
			p := s.do("GET", path+"?"+query, "").page()
			if got := strings.Join(p.ids(), " "); got != want || p.More || p.Next != "" {
				t.Errorf("%s?%s: got %q, want %q", path, query, got, want)
			}
		}
	}
	if b := s.do("GET", objects+"?match[type]=tool", "").want(200).Body.String(); b != "{}" {
		t.Errorf("nothing is no list: %s", b)
	}
	for _, bad := range []string{"limit=0", "limit=-20", "limit=x", "next=x", "next=MS4wMQ", "added_after=yesterday", "match[version]=blah", "match[version]=all,last", "match[id]=", "match[type]=a,,b", "limit=1&limit=2", "next="} {
		s.do("GET", objects+"?"+bad, "").want(400)
	}
	// One object, and its versions.
	if p := s.do("GET", objects+idOf(1)+"/", "").page(); strings.Join(p.ids(), " ") != "1@02" {
		t.Error(p.ids())
	}
	if p := s.do("GET", objects+idOf(1)+"/?match[version]=all", "").page(); len(p.Objects) != 2 {
		t.Error(p.ids())
	}
	if p := s.do("GET", objects+idOf(1)+"/versions/", "").page(); len(p.Versions) != 2 || p.Versions[0] != "2026-01-01T00:00:00.000Z" {
		t.Error(p)
	}
	s.do("GET", objects+idOf(9)+"/", "").want(404)
	s.do("GET", objects+idOf(9)+"/versions/", "").want(404)
	// What a resource does not know is passed over, as medallion does.
	for _, other := range []string{"match[pattern_type]=stix", "match[tlp]=green", "match[confidence-gte]=10", "foo=1"} {
		if p := s.do("GET", objects+"?match[type]=indicator&"+other, "").page(); len(p.Objects) != 3 {
			t.Errorf("%s: %d", other, len(p.Objects))
		}
	}
	s.do("DELETE", objects+idOf(1)+"/?match[tlp]=red", "").want(400)
	// An object that is there, and a filter that wants none of it.
	if b := s.do("GET", objects+idOf(1)+"/?added_after="+at(1000), "").want(200).Body.String(); b != "{}" {
		t.Error(b)
	}
	// The bytes are those that came.
	if p := s.do("GET", objects+idOf(1)+"/", "").page(); string(p.Objects[0]) != s.shown(indicator(1, 2)) {
		t.Errorf("%s", p.Objects[0])
	}
	// Two headers say when the first and the last of the page were added.
	a := s.do("GET", objects+"?match[type]=indicator", "")
	if first, last := a.Header().Get("X-TAXII-Date-Added-First"), a.Header().Get("X-TAXII-Date-Added-Last"); first != "2026-11-22T12:00:04.000Z" || last != "2026-11-22T12:00:06.000Z" {
		t.Error(first, last)
	}
	if a := s.do("GET", objects+"?match[type]=tool", ""); a.Header().Get("X-TAXII-Date-Added-First") != "" {
		t.Error("a date of nothing")
	}
}

// Chapter 5.6: deleting one object, or versions of it.
func TestDelete(t *testing.T) { everywhere(t, testDelete) }

func testDelete(t *testing.T, s *served) {
	s.fill(2)
	s.do("DELETE", objects+idOf(1)+"/?match[version]=2026-01-01T00:00:00.000Z", "").want(200)
	if p := s.do("GET", objects+idOf(1)+"/versions/", "").page(); len(p.Versions) != 1 {
		t.Error(p)
	}
	s.do("DELETE", objects+idOf(1)+"/", "").want(200)
	s.do("GET", objects+idOf(1)+"/", "").want(404)
	s.do("DELETE", objects+idOf(1)+"/", "").want(404)
	s.do("GET", objects+idOf(2)+"/", "").want(200)
	s.do("DELETE", objects+idOf(2)+"/?match[version]=blah", "").want(400)
	s.do("DELETE", objects+idOf(2)+"/?limit=1", "").want(400)
	// First, last, all, as medallion's tests have it.
	for v := 3; v <= 5; v++ {
		s.do("POST", objects, envelope(indicator(2, v))).want(202)
	}
	for _, c := range []struct {
		version string
		want    int
	}{{"first", 4}, {"last", 3}, {"2026-01-03T00:00:00.000Z", 2}} {
		s.do("DELETE", objects+idOf(2)+"/?match[version]="+c.version, "").want(200)
		if p := s.do("GET", objects+idOf(2)+"/versions/", "").page(); len(p.Versions) != c.want {
			t.Errorf("%s: %v", c.version, p.Versions)
		}
	}
	// Nobody deletes what another made.
	a := s.do("DELETE", objects+idOf(2)+"/", "", "Authorization", basic("partner")).want(403)
	if !strings.Contains(a.Body.String(), "originator") {
		t.Error(a.Body)
	}
}

// Paging by sequence: cti-taxii2 50, thousands of objects of one instant; pages
// stay whole while others write.
func TestCTITAXII50Paging(t *testing.T) { everywhere(t, testCTITAXII50Paging) }

func testCTITAXII50Paging(t *testing.T, s *served) {
	var batch []string
	for i := 1; i <= 2500; i++ { // all added at one time
		batch = append(batch, indicator(i, 1))
		if len(batch) == 100 {
			s.do("POST", objects, envelope(batch...)).want(202)
			batch = nil
		}
	}
	seen := map[string]int{}
	next, pages := "", 0
	for {
		path := objects + "?limit=300"
		if next != "" {
			path += "&next=" + next
		}
		p := s.do("GET", path, "").page()
		if pages++; pages > 20 {
			t.Fatal("it does not end")
		}
		for _, id := range p.ids() {
			seen[id]++
		}
		if pages == 3 { // a new object, and a new version of one already given
			s.do("POST", objects, envelope(indicator(9001, 1), indicator(5, 2))).want(202)
		}
		if !p.More {
			break
		}
		if p.Next == next || p.Next == "" {
			t.Fatal("next does not move on")
		}
		next = p.Next
	}
	if len(seen) != 2502 {
		t.Errorf("%d objects", len(seen))
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s came %d times", id, n)
		}
	}
	first := s.do("GET", objects+"?match[version]=all&limit=2", "").page()
	s.do("GET", objects+"?match[version]=all&limit=3&next="+first.Next, "").want(200)
	s.do("GET", objects+"?match[version]=first&limit=2&next="+first.Next, "").want(400)
	s.do("GET", objects+"?limit=2&next="+first.Next, "").want(400)
	if p := s.do("GET", objects+"?limit=99999", "").page(); len(p.Objects) != 1000 || !p.More {
		t.Errorf("a page holds %d", len(p.Objects))
	}
	if p := s.do("GET", objects+idOf(5)+"/versions/?limit=1", "").page(); len(p.Versions) != 1 || !p.More {
		t.Error(p)
	}
	if p := s.do("GET", manifest+"?limit=2", "").page(); len(p.Objects) != 2 || !p.More || p.Next == "" {
		t.Error(p)
	}
}

func TestWhatGoesWrongInsideStaysInside(t *testing.T) {
	s := serve(t)
	s.broken = errors.New("disk 7 of the archive is full")
	for _, path := range []string{"/taxii2/", "/field/", "/field/collections/", objects} {
		a := s.do("GET", path, "").want(500)
		if strings.Contains(a.Body.String(), "disk") || !strings.Contains(a.Body.String(), "error_id") {
			t.Error(a.Body)
		}
	}
}
