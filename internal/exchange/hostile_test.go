package exchange

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/comity-project/comity/internal/exchange/httpsig"
	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/stix"
	"github.com/comity-project/comity/statement/tlog"
)

// raw sends a request with the certificate of one and the request key of
// another, changed before it leaves.
func (c *community) raw(from, key, to, method, path string, body []byte, change func(*http.Request)) (int, string) {
	c.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{
		MinVersion: tls.VersionTLS13, InsecureSkipVerify: true, Certificates: []tls.Certificate{*c.nodes[from].m.Certificate()},
	}}}
	r, err := http.NewRequest(method, "https://"+c.address(to)+path, bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Content-Type", mediaJSON)
	k := c.nodes[key].m
	if err := httpsig.Sign(httpsig.Request(r), body, k.RequestKey(), k.RequestID(), httpsig.New(c.nodes[to].peers.nonces.Run()), time.Now()); err != nil {
		c.t.Fatal(err)
	}
	if change != nil {
		change(r)
	}
	resp, err := client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

// What a peer may send and what is refused, before anything is looked at.
func TestHostileRequests(t *testing.T) {
	c := newCommunity(t, "XA", "XB", "XC")
	stranger := newCommunity(t, "XB")
	a := c.start("XA")
	a.issue(object+"1", stix.Amber, "amber", "XB")
	if status, body := c.raw("XB", "XB", "XA", "GET", pathOutbox, nil, nil); status != http.StatusOK || !strings.Contains(body, `"envelope"`) {
		t.Fatal("an honest request: ", status, body)
	}
	if status, body := c.raw("XC", "XC", "XA", "GET", pathOutbox, nil, nil); status != http.StatusOK || strings.Contains(body, `"envelope"`) {
		t.Fatal("what is for XB alone: ", status, body)
	}
	var first *http.Request
	for name, f := range map[string]struct {
		from, key string
		change    func(*http.Request)
		body      []byte
		want      int
	}{
		"a certificate of one, a key of another": {"XB", "XC", nil, nil, http.StatusForbidden},
		"our own certificate":                    {"XA", "XA", nil, nil, http.StatusForbidden},
		"another path than was signed":           {"XB", "XB", func(r *http.Request) { r.URL.RawQuery = "after=0" }, nil, http.StatusForbidden},
		"for another node":                       {"XB", "XB", func(r *http.Request) { r.Host = "xc.example" }, nil, http.StatusForbidden},
		"a signature changed":                    {"XB", "XB", func(r *http.Request) { r.Header.Set("Signature", "comity=:AAAA:") }, nil, http.StatusForbidden},
		"no signature":                           {"XB", "XB", func(r *http.Request) { r.Header.Del("Signature-Input") }, nil, http.StatusForbidden},
		"a body without end":                     {"XB", "XB", nil, make([]byte, maxAsked+1), http.StatusRequestEntityTooLarge},
		"a nonce of another run": {"XB", "XB", func(r *http.Request) {
			k := c.nodes["XB"].m
			if err := httpsig.Sign(httpsig.Request(r), nil, k.RequestKey(), k.RequestID(), httpsig.New("before"), time.Now()); err != nil {
				t.Fatal(err)
			}
		}, nil, http.StatusUnauthorized},
		"six minutes ago": {"XB", "XB", func(r *http.Request) {
			k := c.nodes["XB"].m
			if err := httpsig.Sign(httpsig.Request(r), nil, k.RequestKey(), k.RequestID(), httpsig.New(a.peers.nonces.Run()), time.Now().Add(-7*time.Minute)); err != nil {
				t.Fatal(err)
			}
		}, nil, http.StatusForbidden},
		"a place of another's outbox": {"XB", "XB", func(r *http.Request) {
			r.URL.RawQuery = "after=" + a.peers.cursor("XC", 1, 1)
			k := c.nodes["XB"].m
			if err := httpsig.Sign(httpsig.Request(r), nil, k.RequestKey(), k.RequestID(), httpsig.New(a.peers.nonces.Run()), time.Now()); err != nil {
				t.Fatal(err)
			}
		}, nil, http.StatusBadRequest},
		"as it should be": {"XB", "XB", func(r *http.Request) { first = r.Clone(context.Background()) }, nil, http.StatusOK},
	} {
		if status, body := c.raw(f.from, f.key, "XA", "GET", pathOutbox, f.body, f.change); status != f.want {
			t.Errorf("%s: %d %s, want %d", name, status, body, f.want)
		}
	}
	if status, body := c.raw("XB", "XB", "XA", "GET", pathOutbox, nil, func(r *http.Request) { r.Header = first.Header }); status != http.StatusForbidden || !strings.Contains(body, "before") {
		t.Error("replayed: ", status, body)
	}
	c.nodes["XX"] = stranger.nodes["XB"]
	if status, _ := c.raw("XX", "XX", "XA", "GET", pathOutbox, nil, nil); status != 0 {
		t.Error("a stranger was answered")
	}
	if r, err := http.Get("http://" + c.address("XA") + pathOutbox); err == nil {
		defer r.Body.Close()
		if r.StatusCode != http.StatusBadRequest {
			t.Error("without TLS: ", r.Status)
		}
	}
}

// A peer that asks without end is answered so much and no more.
func TestQuota(t *testing.T) {
	c := newCommunity(t, "XA", "XB", "XC")
	a := c.start("XA")
	many := 0
	for range 3 * burst {
		if done, ok := a.peers.admit("XB"); ok {
			done()
		} else {
			many++
		}
	}
	if many == 0 {
		t.Error("no end")
	}
	if done, ok := a.peers.admit("XC"); !ok {
		t.Error("XC pays for XB")
	} else {
		done()
	}
	for range atOnce {
		if _, ok := a.peers.admit("XC"); !ok {
			t.Fatal("fewer at once than agreed")
		}
	}
	if _, ok := a.peers.admit("XC"); ok {
		t.Error("more at once than agreed")
	}
}

// answers makes XB a node that signs whatever it is told to.
func (c *community) answers(state string, outbox handler) *node {
	c.t.Helper()
	n := c.nodes[state]
	n.peers = New(n.m, n.inside, Options{Times: quick, Log: slog.New(slog.DiscardHandler)})
	server := n.peers.Server()
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { n.peers.serve(w, r, outbox) })
	listen := n.listen
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.ServeTLS(listen, "", "")
	}()
	c.t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return n
}

// What a peer may answer, and what comes of it: an error for the log and a
// pause; nothing of it is taken in.
func TestHostileAnswers(t *testing.T) {
	c := newCommunity(t, "XA", "XB", "XC")
	type told struct {
		answer
		wait time.Duration
	}
	var say atomic.Pointer[told]
	b := c.answers("XB", func(ctx context.Context, _ string, _ *http.Request, _ []byte) (answer, error) {
		next := say.Load()
		select {
		case <-time.After(next.wait):
		case <-ctx.Done():
		}
		return next.answer, nil
	})
	a := c.nodes["XA"]
	times := quick
	times.Whole = 400 * time.Millisecond
	a.peers = New(a.m, a.inside, Options{Times: times, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(a.peers.Close)
	b.issue(object+"1", stix.Amber, "amber", "XA")
	b.issue(object+"2", stix.Amber, "amber", "XC")
	b.issue(object+"3", stix.Amber, "amber", "XA")
	b.issue(object+"3", stix.Amber, "amber", "XA")
	pages := func(items ...wireItem) answer {
		out, err := json.Marshal(page{Items: items, Next: fmt.Sprint("place", len(items)), Trust: 1})
		if err != nil {
			t.Fatal(err)
		}
		return answer{http.StatusOK, mediaJSON, out}
	}
	good := wireItem{Envelope: b.own[0].item.Envelope}
	deep := strings.Repeat(`[`, 100_000) + strings.Repeat(`]`, 100_000)
	for _, f := range []struct {
		name  string
		next  answer
		wait  time.Duration
		fails bool
		taken int
	}{
		{"more without end", answer{200, mediaJSON, []byte(`{"items":[],"next":"x","more":true,"trust":1}`)}, 0, true, 0},
		{"too much", answer{200, mediaJSON, bytes.Repeat([]byte(" "), maxAnswer+1)}, 0, true, 0},
		{"too deep", answer{200, mediaJSON, []byte(`{"items":` + deep + `,"next":"x","trust":1}`)}, 0, true, 0},
		{"too many", pages(make([]wireItem, maxItems+1)...), 0, true, 0},
		{"no end", answer{200, mediaJSON, []byte(`{"items":[],"trust":1}`)}, 0, true, 0},
		{"a name twice", answer{200, mediaJSON, []byte(`{"items":[],"next":"x","next":"y","trust":1}`)}, 0, true, 0},
		{"a member that is not ours", answer{200, mediaJSON, []byte(`{"items":[],"next":"x","trust":1,"x":1}`)}, 0, true, 0},
		{"an item that is nothing", pages(wireItem{}), 0, true, 0},
		{"an envelope too large", pages(wireItem{Envelope: make([]byte, maxEnvelope+1)}), 0, true, 0},
		{"a redirect", answer{http.StatusFound, mediaJSON, nil}, 0, true, 0},
		{"an error", answer{http.StatusInternalServerError, mediaText, bytes.Repeat([]byte("x"), 10000)}, 0, true, 0},
		{"slow", pages(good), time.Second, true, 0},
		{"forged", pages(wireItem{Envelope: bytes.Replace(good.Envelope, []byte("A"), []byte("B"), 1)}), 0, false, 0},
		{"not for us", pages(wireItem{Envelope: b.own[1].item.Envelope}), 0, false, 0},
		{"not readable for us", pages(wireItem{Age: []byte("age-encryption.org/v1\n")}), 0, false, 0},
		{"another's", pages(wireItem{Envelope: c.nodes["XC"].signed(object+"9", "XA")}), 0, false, 0},
		{"the later version first", pages(wireItem{Envelope: b.own[3].item.Envelope}, wireItem{Envelope: b.own[2].item.Envelope}), 0, false, 1},
		{"as it should be", pages(good, good), 0, false, 2},
		{"again", pages(good), 0, false, 2},
	} {
		say.Store(&told{f.next, f.wait})
		_ = a.KeepPeer(context.Background(), Peer{State: "XB"})
		_, err := a.peers.pullPage(context.Background(), "XB")
		if (err != nil) != f.fails || len(a.taken) != f.taken {
			t.Errorf("%s: %.200v, taken %v", f.name, err, a.taken)
		}
		if p, _ := a.Peer(context.Background(), "XB"); f.fails && p.Cursor != "" {
			t.Errorf("%s: the place was moved to %q", f.name, p.Cursor)
		}
	}
}

// signed is a statement of a state that nobody was given yet.
func (n *node) signed(id, to string) []byte {
	n.issue(id, stix.Amber, "amber", to)
	return n.own[len(n.own)-1].item.Envelope
}

// Two statements of one number: both are kept as proof and the alarm is raised.
func TestEquivocation(t *testing.T) {
	c := newCommunity(t, "XA", "XB", "XC")
	b := c.nodes["XB"]
	b.issue(object+"1", stix.Amber, "amber", "XA")
	b.held = newInside(t, b.m, b.key, b.clock.now).held // it forgets what it said
	b.issue(object+"1", stix.Green, "green", "XA", "XC")
	a := c.start("XA")
	b.own[0].v, b.own[1].v = nil, nil // and asks no rule
	c.start("XB")
	until(t, "the alarm", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.alarms == 1
	})
}

// A log that shows one witness one history and goes on with another is not
// cosigned, and the proof is kept.
func TestSplitLog(t *testing.T) {
	c := newCommunity(t, "XA", "XB")
	a, b := c.start("XA"), c.nodes["XB"]
	b.peers = New(b.m, b.inside, Options{Times: quick, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(b.peers.Close)
	ctx := context.Background()
	if err := b.AdvanceLog(ctx); err != nil {
		t.Fatal(err)
	}
	first := b.head
	if _, err := b.ask(t, "XA", "POST", pathAdd, addBody(0, nil, first)); err != nil {
		t.Fatal(err)
	}
	b.nodes, b.size = hashes{}, 0
	if err := b.AdvanceLog(ctx); err != nil {
		t.Fatal(err)
	}
	var no *statusError
	if _, err := b.ask(t, "XA", "POST", pathAdd, addBody(b.size, nil, b.head)); !errors.As(err, &no) || no.status != http.StatusConflict {
		t.Error(err)
	}
	if proofs, err := a.m.Splits(); err != nil || len(proofs) != 1 || !bytes.Contains(proofs[0], first[:40]) {
		t.Error(proofs, err)
	}
	// A longer one that does not contain what was seen.
	if err := b.AdvanceLog(ctx); err != nil {
		t.Fatal(err)
	}
	path, err := tlog.Consistency(&b.nodes, b.size, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.ask(t, "XA", "POST", pathAdd, addBody(1, path, b.head)); !errors.As(err, &no) || no.status != http.StatusUnprocessableEntity {
		t.Error(err)
	}
	for name, body := range map[string]string{"nothing": "", "no size": "old x\n\nx", "too long": "old 1\n" + strings.Repeat("AAAA\n", 100) + "\nx", "no hash": "old 1\nAAAA\n\nx"} {
		if _, err := b.ask(t, "XA", "POST", pathAdd, []byte(body)); !errors.As(err, &no) || no.status != http.StatusBadRequest {
			t.Error(name, err)
		}
	}
	// Another state's log.
	if _, err := b.ask(t, "XA", "POST", pathAdd, addBody(0, nil, c.nodes["XA"].inside.signedHead())); !errors.As(err, &no) || no.status != http.StatusForbidden {
		t.Error(err)
	}
}

func (n *inside) signedHead() []byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.head == nil {
		_ = n.add(nil)
	}
	return n.head
}

// The wire of TLP:RED is read by the receiving node alone.
func TestRed(t *testing.T) {
	c := newCommunity(t, "XA", "XB")
	a := c.start("XA")
	a.issue(object+"1", stix.Red, "red", "XB")
	_, body := c.raw("XB", "XB", "XA", "GET", pathOutbox, nil, nil)
	var got page
	if err := json.Unmarshal([]byte(body), &got); err != nil || len(got.Items) != 1 || got.Items[0].Envelope != nil {
		t.Fatal(err, body)
	}
	plain, err := c.nodes["XB"].m.Decrypt(got.Items[0].Age, maxEnvelope)
	if err != nil || !bytes.Equal(plain, a.own[0].item.Envelope) {
		t.Error(err)
	}
	if s, err := envelope.Parse(plain); err != nil || s.Header.Issuer != "XA" {
		t.Error(err)
	}
	c.start("XB")
	until(t, "the statement", func() bool { return c.nodes["XB"].has(object + "1 1") })
}

func FuzzPage(f *testing.F) {
	f.Add([]byte(`{"items":[{"envelope":"e30="},{"age":"e30=","proof":"e30="}],"next":"x","more":true,"trust":1}`))
	f.Fuzz(func(_ *testing.T, b []byte) { _, _ = readPage(b) })
}

func FuzzAdd(f *testing.F) {
	f.Add([]byte("old 3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\na\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\u2014 a AAAA\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		old, proof, signed, err := parseAdd(b)
		if err == nil && !bytes.Equal(addBody(old, proof, signed), b) {
			t.Errorf("%q is written otherwise", b)
		}
	})
}

var _ Inside = (*inside)(nil)
