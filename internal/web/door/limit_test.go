package door

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// What succeeds does not count; what fails does.
func TestOnlyFailuresCount(t *testing.T) {
	l := newLimiter(time.Hour, 3)
	for range 10 {
		if !l.may("a") {
			t.Fatal("an act that succeeded counted")
		}
	}
	for range 3 {
		if !l.allow("a") {
			t.Fatal("refused within the burst")
		}
	}
	if l.may("a") {
		t.Fatal("allowed over the burst")
	}
	if !l.allow("b") {
		t.Fatal("another key pays for this one")
	}
}

// A proxy's word is the last one.
func TestBehindAProxy(t *testing.T) {
	for forwarded, want := range map[string]string{
		"": "192.0.2.1", "203.0.113.7": "203.0.113.7", "198.51.100.1, 203.0.113.7": "203.0.113.7", "nonsense": "192.0.2.1",
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil) // from 192.0.2.1
		if forwarded != "" {
			r.Header.Set("X-Forwarded-For", forwarded)
		}
		got := ""
		Behind(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = Address(r) })).ServeHTTP(httptest.NewRecorder(), r)
		if got != want {
			t.Errorf("%q: address %s, want %s", forwarded, got, want)
		}
	}
}
