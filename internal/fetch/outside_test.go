package fetch

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"sync/atomic"
	"testing"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lists/sources"
)

func TestPublic(t *testing.T) {
	for address, want := range map[string]bool{
		"93.184.216.34": true, "8.8.8.8": true, "2606:4700::1111": true, "2a00:1450:4001::1": true,
		"127.0.0.1": false, "127.8.8.8": false, "0.0.0.0": false, "0.1.2.3": false, "10.0.0.1": false, "172.16.0.1": false, "172.31.255.255": false, "192.168.1.1": false,
		"169.254.169.254": false, "100.64.0.1": false, "100.100.100.200": false, "192.0.0.192": false, "198.18.0.1": false, "203.0.113.9": false,
		"224.0.0.1": false, "240.0.0.1": false, "255.255.255.255": false, "192.88.99.1": false,
		"::": false, "::1": false, "::127.0.0.1": false, "::ffff:127.0.0.1": false, "::ffff:8.8.8.8": false, "::ffff:0:8.8.8.8": false,
		"64:ff9b::7f00:1": false, "64:ff9b::808:808": false, "64:ff9b:1::a00:1": false, "2002:7f00:1::1": false, "2001:0:4136:e378::1": false,
		"fe80::1": false, "fe80::1%eth0": false, "2606:4700::1111%1": false, "fc00::1": false, "fd00:ec2::254": false, "fec0::1": false, "ff02::1": false, "2001:db8::1": false, "100::1": false, "5f00::1": false,
	} {
		if got := public(netip.MustParseAddr(address)); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}

func allowed(t *testing.T, all ...string) Allow {
	t.Helper()
	a, err := ParseAllow(all)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAllow(t *testing.T) {
	for _, bad := range []string{"", "http://x", "a b", "*.example", "10.0.0.0/99", "x:80"} {
		if _, err := ParseAllow([]string{bad}); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	a := allowed(t, "Feeds.example", "10.1.0.0/16", "::1")
	for address, want := range map[string]string{
		"https://public.example/a": "", "http://feeds.example/a": "", "https://10.1.2.3/": "", "http://10.1.2.3/": "", "http://[::1]:8080/": "", "https://8.8.8.8/": "",
		"http://public.example/": "fetch.plain", "http://feeds.example.evil.example/": "fetch.plain", "ftp://feeds.example/": "fetch.address", "file:///etc/passwd": "fetch.address", "https:///x": "fetch.address",
		"https://u:p@public.example/": "fetch.address", "https://public.example/#x": "fetch.address", "gopher://feeds.example": "fetch.address", "//feeds.example": "fetch.address",
		"https://10.2.0.1/": "fetch.inside", "https://127.0.0.1/": "fetch.inside", "https://[::ffff:127.0.0.1]/": "fetch.inside", "https://[::ffff:10.1.2.3]/": "fetch.inside", "https://[64:ff9b::a01:203]/": "fetch.inside", "https://169.254.169.254/latest/": "fetch.inside",
	} {
		err := a.Check(address)
		if want == "" && err != nil {
			t.Errorf("%s: %v", address, err)
		} else if want != "" {
			wantFault(t, err, fault.Invalid, want)
		}
	}
}

// server is one on loopback that counts who comes.
func server(t *testing.T, h http.HandlerFunc) (at *url.URL, asked *atomic.Int32) {
	t.Helper()
	asked = &atomic.Int32{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		h(w, r)
	}))
	t.Cleanup(s.Close)
	at, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return at, asked
}

func names(to map[string][]string) resolver {
	return func(_ context.Context, host string) (out []netip.Addr, err error) {
		for _, s := range to[host] {
			out = append(out, netip.MustParseAddr(s))
		}
		return out, nil
	}
}

// Names that lead inside are not asked, however they are written; numbers in odd
// bases are names, which nothing resolves but what is looked at.
func TestNamesThatLeadInside(t *testing.T) {
	at, asked := server(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("inside")) })
	find := names(map[string][]string{
		"inside.example": {"127.0.0.1"}, "both.example": {"8.8.8.8", "127.0.0.1"}, "six.example": {"::1"}, "mapped.example": {"::ffff:127.0.0.1"}, "nat.example": {"64:ff9b::7f00:1"},
		"0x7f000001": {"127.0.0.1"}, "2130706433": {"127.0.0.1"}, "127.1": {"127.0.0.1"},
	})
	c := outside("t", allowed(t), find)
	for _, host := range []string{"inside.example", "both.example", "six.example", "mapped.example", "nat.example", "0x7f000001", "2130706433", "127.1"} {
		_, err := c.Get(context.Background(), sources.Request{URL: "https://" + host + ":" + at.Port() + "/"})
		wantFault(t, err, fault.Unavailable, "fetch.inside")
	}
	if asked.Load() != 0 {
		t.Errorf("%d connections", asked.Load())
	}
	c = outside("t", allowed(t, "inside.example"), find)
	got, err := c.Get(context.Background(), sources.Request{URL: "http://inside.example:" + at.Port() + "/"})
	if err != nil || string(got.Body) != "inside" {
		t.Errorf("%q, %v", got.Body, err)
	}
}

// An answer of the name service that changes between looking and connecting
// changes nothing: there is one look for each connection.
func TestAnswersThatChange(t *testing.T) {
	at, asked := server(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		_, _ = w.Write([]byte("x"))
	})
	looks := 0
	c := outside("t", allowed(t, "127.0.0.0/8"), func(context.Context, string) ([]netip.Addr, error) {
		if looks++; looks == 1 {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		}
		return []netip.Addr{netip.MustParseAddr("::1")}, nil
	})
	ask := func() error {
		r, err := http.NewRequest(http.MethodGet, "http://changing.example:"+at.Port()+"/", nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := c.HTTP().Do(r)
		if err == nil {
			answer.Body.Close()
		}
		return err
	}
	if err := ask(); err != nil || looks != 1 {
		t.Fatalf("%v after %d looks", err, looks)
	}
	if err := ask(); err == nil || asked.Load() != 1 {
		t.Errorf("the second answer was followed: %d", asked.Load())
	}
}

// A redirect is looked at as a first address is.
func TestRedirectsInside(t *testing.T) {
	inside, reached := server(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("secret")) })
	to := ""
	first, _ := server(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/there" {
			_, _ = w.Write([]byte("there"))
			return
		}
		http.Redirect(w, r, to, http.StatusFound)
	})
	find := names(map[string][]string{"inside.example": {"127.0.0.1"}})
	// The first host alone is allowed, by name; what it points to is not.
	find = func(next resolver) resolver {
		return func(ctx context.Context, host string) ([]netip.Addr, error) {
			if host == "feeds.example" {
				return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
			}
			return next(ctx, host)
		}
	}(find)
	c := outside("t", allowed(t, "feeds.example"), find)
	at := "http://feeds.example:" + first.Port()
	for target, want := range map[string]string{
		"http://127.0.0.1:" + inside.Port() + "/":         "fetch.redirects",
		"http://inside.example:" + inside.Port() + "/":    "fetch.redirects",
		"https://inside.example:" + inside.Port() + "/":   "fetch.inside",
		"https://[::ffff:127.0.0.1]:" + inside.Port():     "fetch.redirects",
		"https://169.254.169.254/latest/meta-data/":       "fetch.redirects",
		"file:///etc/passwd":                              "fetch.redirects",
		"http://feeds.example:" + first.Port() + "/round": "fetch.redirects",
	} {
		to = target
		_, err := c.Get(context.Background(), sources.Request{URL: at + "/"})
		wantFault(t, err, fault.Unavailable, want)
	}
	to = "/there"
	if got, err := c.Get(context.Background(), sources.Request{URL: at + "/"}); err != nil || string(got.Body) != "there" {
		t.Errorf("%q, %v", got.Body, err)
	}
	if reached.Load() != 0 {
		t.Errorf("the inside was asked %d times", reached.Load())
	}
}
