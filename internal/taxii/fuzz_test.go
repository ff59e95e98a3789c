package taxii_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/comity-project/comity/internal/taxii"
)

func FuzzRequest(f *testing.F) {
	f.Add("/field/collections/"+shelf+"/objects/", "match[version]=all&limit=1&next=MS4x", `{"objects":[`+indicator(1, 1)+`]}`)
	f.Add("/field/status/x/", "", "")
	f.Fuzz(func(t *testing.T, path, query, body string) {
		u := &url.URL{Path: "/" + path, RawQuery: query}
		s := serve(t)
		for _, method := range []string{"GET", "POST", "DELETE"} {
			r := httptest.NewRequest(method, "/", io.NopCloser(bytes.NewBufferString(body)))
			r.URL = u
			r.SetBasicAuth("lab", "x")
			r.Header.Set("Content-Type", taxii.MediaType)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code >= 500 || w.Header().Get("Content-Type") != taxii.MediaType || w.Body.Len() > 0 && !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s %s: %d %s", method, u, w.Code, w.Body)
			}
		}
	})
}
