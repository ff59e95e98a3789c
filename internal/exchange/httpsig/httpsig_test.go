package httpsig

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// The key of RFC 9421, appendix B.1.4.
func rfcKey(t testing.TB) (ed25519.PublicKey, ed25519.PrivateKey) {
	t.Helper()
	der, err := base64.StdEncoding.DecodeString("MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF")
	if err != nil {
		t.Fatal(err)
	}
	k, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		t.Fatal(err)
	}
	private, _ := k.(ed25519.PrivateKey)
	public, _ := private.Public().(ed25519.PublicKey)
	if base64.StdEncoding.EncodeToString(public) != "JrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=" {
		t.Fatal("not the key of the appendix")
	}
	return public, private
}

// RFC 9421, appendices B.2.6 and B.4, and the header of B.2's request.
func TestVectors(t *testing.T) {
	public, private := rfcKey(t)
	for name, c := range map[string]struct {
		m                  Message
		input, sig, signed string
	}{
		"B.2.6": {
			Message{Method: "POST", Target: "https://example.com/foo?param=Value&Pet=dog", Host: "example.com", Header: http.Header{
				"Date": {"Tue, 20 Apr 2021 02:07:55 GMT"}, "Content-Type": {"application/json"}, "Content-Length": {"18"},
			}},
			`sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`,
			"sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
			`"date": Tue, 20 Apr 2021 02:07:55 GMT
"@method": POST
"@path": /foo
"@authority": example.com
"content-type": application/json
"content-length": 18
"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519"`,
		},
		"B.4": {
			Message{Method: "GET", Target: "https://example.org/demo?name1=Value1&Name2=value2", Host: "example.org", Header: http.Header{
				"Date": {"Fri, 15 Jul 2022 14:24:55 GMT"}, "Accept": {"application/json", "*/*"},
			}},
			`transform=("@method" "@path" "@authority" "accept");created=1618884473;keyid="test-key-ed25519"`,
			"transform=:ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA==:",
			`"@method": GET
"@path": /demo
"@authority": example.org
"accept": application/json, */*
"@signature-params": ("@method" "@path" "@authority" "accept");created=1618884473;keyid="test-key-ed25519"`,
		},
	} {
		in, err := ParseInput(c.input)
		if err != nil {
			t.Fatal(name, err)
		}
		if base, err := in.base(&c.m); err != nil || base != c.signed {
			t.Errorf("%s: %v\n%s", name, err, base)
		}
		label, sig, err := ParseSignature(c.sig)
		if err != nil || label != in.Label {
			t.Fatal(name, err)
		}
		if err := in.verify(&c.m, sig, public); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if base, _ := in.base(&c.m); base64.StdEncoding.EncodeToString(ed25519.Sign(private, []byte(base))) != base64.StdEncoding.EncodeToString(sig) {
			t.Errorf("%s: we sign otherwise", name)
		}
		c.m.Method = "PUT"
		if err := in.verify(&c.m, sig, public); !errors.Is(err, ErrSignature) {
			t.Error(name, err)
		}
	}
}

// RFC 9530, appendix D, and RFC 9421, appendix B.2.
func TestDigest(t *testing.T) {
	if got := Digest([]byte(`{"hello": "world"}`)); got != "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:" {
		t.Error(got)
	}
}

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// exchange is a signed request as it arrives, and what checks it.
func exchange(t testing.TB, body string) (*http.Request, func(string) (ed25519.PublicKey, bool)) {
	t.Helper()
	public, private := rfcKey(t)
	r, err := http.NewRequest(http.MethodPost, "https://b.example:8443/ex/v1/hint?x=a%20b&y=%C3%A9", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if err := Sign(Request(r), []byte(body), private, "k", "run.n1", noon); err != nil {
		t.Fatal(err)
	}
	arrived := httptest.NewRequest(r.Method, r.URL.String(), strings.NewReader(body))
	arrived.RequestURI = r.URL.RequestURI()
	arrived.Header = r.Header
	return arrived, func(id string) (ed25519.PublicKey, bool) { return public, id == "k" }
}

func TestRequest(t *testing.T) {
	const body = `{"a":1}`
	for name, c := range map[string]struct {
		change func(*http.Request)
		body   string
		at     time.Duration
		want   error
	}{
		"as sent":                       {func(*http.Request) {}, body, 0, nil},
		"by a clock five minutes early": {func(*http.Request) {}, body, -Skew, nil},
		"by a clock five minutes late":  {func(*http.Request) {}, body, Skew + Life, nil},
		"another method":                {func(r *http.Request) { r.Method = "PUT" }, body, 0, ErrSignature},
		"another path":                  {func(r *http.Request) { r.RequestURI = "/ex/v1/other" }, body, 0, ErrSignature},
		"for another node":              {func(r *http.Request) { r.Host = "c.example" }, body, 0, ErrSignature},
		"another media type":            {func(r *http.Request) { r.Header.Set("Content-Type", "text/html") }, body, 0, ErrSignature},
		"no media type":                 {func(r *http.Request) { r.Header.Del("Content-Type") }, body, 0, ErrForm},
		"another body":                  {func(*http.Request) {}, body + " ", 0, ErrDigest},
		"no digest":                     {func(r *http.Request) { r.Header.Del("Content-Digest") }, body, 0, ErrDigest},
		"two digests":                   {func(r *http.Request) { r.Header.Add("Content-Digest", Digest([]byte("x"))) }, body, 0, ErrDigest},
		"no signature":                  {func(r *http.Request) { r.Header.Del("Signature") }, body, 0, ErrForm},
		"two signatures":                {func(r *http.Request) { r.Header.Add("Signature", r.Header.Get("Signature")) }, body, 0, ErrForm},
		"another key": {func(r *http.Request) {
			r.Header.Set("Signature-Input", strings.Replace(r.Header.Get("Signature-Input"), `keyid="k"`, `keyid="j"`, 1))
		}, body, 0, ErrKey},
		"another nonce": {func(r *http.Request) {
			r.Header.Set("Signature-Input", strings.Replace(r.Header.Get("Signature-Input"), "run.n1", "run.n2", 1))
		}, body, 0, ErrSignature},
		"less is covered": {func(r *http.Request) {
			r.Header.Set("Signature-Input", strings.Replace(r.Header.Get("Signature-Input"), ` "content-digest"`, "", 1))
		}, body, 0, ErrCovered},
		"in force for a year": {func(r *http.Request) {
			in, err := ParseInput(r.Header.Get("Signature-Input"))
			if err != nil {
				t.Fatal(err)
			}
			in.Params.Expires += 365 * 24 * 3600
			r.Header.Set("Signature-Input", in.String())
		}, body, 0, &SkewError{}},
		"too early": {func(*http.Request) {}, body, -Skew - 2*time.Second, &SkewError{}},
		"too late":  {func(*http.Request) {}, body, Skew + Life + 2*time.Second, &SkewError{}},
	} {
		r, find := exchange(t, body)
		c.change(r)
		_, err := Verify(Received(r), []byte(c.body), find, noon.Add(c.at))
		var skew *SkewError
		if errors.As(c.want, &skew) {
			if !errors.As(err, &skew) || !strings.Contains(err.Error(), "allowed") {
				t.Errorf("%s: %v", name, err)
			}
		} else if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

// An answer belongs to its request: it can't be given to another.
func TestAnswer(t *testing.T) {
	public, private := rfcKey(t)
	find := func(string) (ed25519.PublicKey, bool) { return public, true }
	ask := func(target string) *Message {
		h := http.Header{"Content-Type": {"application/json"}}
		m := &Message{Method: "GET", Target: target, Header: h}
		if err := Sign(m, nil, private, "k", "run.n", noon); err != nil {
			t.Fatal(err)
		}
		return m
	}
	one := ask("https://b.example/ex/v1/outbox?after=1")
	answer := Message{Status: 200, Header: http.Header{"Content-Type": {"application/json"}}, Asked: one}
	if err := Sign(&answer, []byte("[]"), private, "k", "run.n", noon); err != nil {
		t.Fatal(err)
	}
	if in, err := Verify(&answer, []byte("[]"), find, noon); err != nil || in.Params.Nonce != "run.n" {
		t.Fatal(err)
	}
	answer.Asked = ask("https://b.example/ex/v1/outbox?after=2")
	if _, err := Verify(&answer, []byte("[]"), find, noon); !errors.Is(err, ErrSignature) {
		t.Error(err)
	}
	answer.Asked, answer.Status = one, 404
	if _, err := Verify(&answer, []byte("[]"), find, noon); !errors.Is(err, ErrSignature) {
		t.Error(err)
	}
}

func TestNonces(t *testing.T) {
	n := NewNonces(3)
	use := func(nonce string, at time.Duration) error {
		return n.Use(&Input{Params: Params{Nonce: nonce, KeyID: "k"}}, noon.Add(at))
	}
	one, two, three, four := New(n.Run()), New(n.Run()), New(n.Run()), New(n.Run())
	for i, c := range []struct {
		nonce string
		at    time.Duration
		want  error
	}{
		{one, 0, nil},
		{one, time.Minute, ErrReplayed},
		{one, Life + 2*Skew - time.Second, ErrReplayed}, // past the end of its signature by every clock
		{New(NewNonces(1).Run()), 0, ErrRun},
		{"", 0, ErrRun},
		{two, time.Minute, nil},
		{three, time.Minute, nil},
		{four, time.Minute, ErrFull},
		{four, Life + 2*Skew + time.Second, nil}, // the first was forgotten
		{two, Life + 2*Skew + time.Second, ErrReplayed},
	} {
		if err := use(c.nonce, c.at); !errors.Is(err, c.want) {
			t.Errorf("%d: %v, want %v", i, err, c.want)
		}
	}
}

func TestInputsAreStrict(t *testing.T) {
	for _, bad := range []string{
		"", "comity", "comity=", `comity=("@method"`, `comity=("@method");created=01`, `comity=("@method");created=1;created=2`, `comity=( "@method")`, `comity=("@method" "@method")`,
		`comity=("@METHOD")`, `comity=("a";sf)`, `Comity=("a")`, `comity=("a");keyid="k";created=1`, `comity=("a");created="1"`, `comity=("a");nonce=""`, `comity=("a");nonce="a"b"`,
		`comity=("a");tag="x"`, `comity=("a"), other=("b")`, `comity=("a") `, "comity=(\"a\")\n", `comity=("a")x`, `comity=(@method)`, strings.Repeat("a", maxHeader+1),
	} {
		if _, err := ParseInput(bad); !errors.Is(err, ErrForm) {
			t.Errorf("%.60q: %v", bad, err)
		}
	}
	for _, bad := range []string{"", "a=x", "a=:x:", "a=:eA==", "a=:eB==:", "A=:eA==:", "a=:eA\n==:"} {
		if _, _, err := ParseSignature(bad); !errors.Is(err, ErrForm) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func FuzzInput(f *testing.F) {
	f.Add(`comity=("@method" "@target-uri" "content-type" "content-digest");created=1618884473;expires=1618884533;nonce="run.abc";keyid="k";alg="ed25519"`, "comity=:eA==:")
	f.Add(`sig-b26=("date" "@status" "content-length";req);created=1618884473`, "a=::")
	f.Fuzz(func(t *testing.T, s, sig string) {
		if in, err := ParseInput(s); err == nil {
			if in.String() != s {
				t.Errorf("%q is written %q", s, in.String())
			}
			_, _ = in.base(&Message{Method: "GET", Target: "https://a/b?c", Header: http.Header{}, Asked: &Message{}})
		}
		if label, b, err := ParseSignature(sig); err == nil && label+"=:"+base64.StdEncoding.EncodeToString(b)+":" != sig {
			t.Errorf("%q is written otherwise", sig)
		}
	})
}

func BenchmarkRequest(b *testing.B) {
	r, find := exchange(b, `{"a":1}`)
	m := Received(r)
	for b.Loop() {
		if _, err := Verify(m, []byte(`{"a":1}`), find, noon); err != nil {
			b.Fatal(err)
		}
	}
}
