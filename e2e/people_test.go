package e2e

import (
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/comity-project/comity/e2e/browser"
	"github.com/comity-project/comity/internal/demo"
)

var linked = regexp.MustCompile(`href="(/[^"#]*)"`)

// client is a sample person who asks without a browser, and the path of their
// first page. Each person asks from a loopback address of their own, since
// sign-ins are limited for each address.
func client(t *testing.T, sign string) (*http.Client, string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	n := slices.IndexFunc(demo.People, func(p demo.Person) bool { return p.Sign == sign })
	from := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(n+1))}}
	c := &http.Client{Jar: jar, Transport: &http.Transport{DialContext: from.DialContext}}
	t.Cleanup(c.CloseIdleConnections)
	r, err := c.PostForm(start(t)+"/sign-in", url.Values{"name": {sign}, "password": {demo.Password}})
	if err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if r.StatusCode != http.StatusOK || r.Request.URL.Path == "/sign-in" {
		t.Fatalf("%s can't sign in: status %d at %s", sign, r.StatusCode, r.Request.URL.Path)
	}
	return c, r.Request.URL.Path
}

var printed = regexp.MustCompile(`href="(/[^"]*)"[^>]*>Download as PDF`)

// download fetches the newest letter that a page offers as a PDF.
func download(t *testing.T, sign, page string) string {
	t.Helper()
	c, _ := client(t, sign)
	r, err := c.Get(start(t) + page)
	if err != nil {
		t.Fatal(err)
	}
	all := printed.FindAllStringSubmatch(read(t, r), -1)
	if len(all) == 0 {
		t.Fatalf("%s offers no PDF", page)
	}
	r, err = c.Get(start(t) + all[len(all)-1][1])
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Header.Get("Content-Type"); got != "application/pdf" {
		t.Errorf("%s is %s", all[len(all)-1][1], got)
	}
	return read(t, r)
}

// Every link that any sample person can reach from their home leads to a page,
// and none to a page that says it does not exist.
func TestEveryPersonsLinksLead(t *testing.T) {
	base := start(t)
	for _, p := range demo.People {
		t.Run(p.Sign, func(t *testing.T) {
			c, home := client(t, p.Sign)
			seen := map[string]bool{}
			queue := []string{home}
			for len(queue) > 0 && len(seen) < 150 {
				path := queue[0]
				queue = queue[1:]
				if seen[path] || strings.HasPrefix(path, "/static/") {
					continue
				}
				seen[path] = true
				r, err := c.Get(base + path)
				if err != nil {
					t.Fatal(err)
				}
				body := read(t, r)
				if r.StatusCode != http.StatusOK {
					t.Errorf("%s leads to status %d", path, r.StatusCode)
				}
				for _, m := range linked.FindAllStringSubmatch(body, -1) {
					queue = append(queue, strings.ReplaceAll(m[1], "&amp;", "&"))
				}
			}
			t.Logf("%d pages, from %s", len(seen), home)
		})
	}
}

// The first page of each kind of person is accessible and keeps its shape on a
// phone.
func TestHomes(t *testing.T) {
	b := browser.Start(t)
	for _, sign := range []string{"kari", "liv", "amira", "ada", "audun", "cora", "lotte"} {
		t.Run(sign, func(t *testing.T) {
			v := as(t, b, sign)
			v.Accessible()
			v.Screenshot(filepath.Join(browser.Pictures(t), "home-"+sign+".png"))
			v.Size(360, 740)
			v.NoSidewaysScroll()
		})
	}
}
