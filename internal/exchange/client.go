package exchange

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/comity-project/comity/internal/exchange/httpsig"
	"github.com/comity-project/comity/internal/exchange/member"
)

// Dial opens a connection, as net.Dialer does.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// client speaks to one peer. Its connections take that state's certificates and
// no other.
type client struct {
	http *http.Client
	mu   sync.Mutex
	run  string        // of the peer's node, which nonces begin with
	skew time.Duration // how far its clock is ahead
}

const (
	runHeader = "Comity-Run"
	mediaJSON = "application/json"
	mediaText = "text/plain; charset=utf-8"
)

// pinned takes a certificate whose key the trust list holds for the state.
func (p *Peers) pinned(state string) func(tls.ConnectionState) error {
	return func(c tls.ConnectionState) error {
		who, err := p.presented(c)
		if err == nil && who != state {
			err = fmt.Errorf("exchange: %s shows the certificate of %s", state, who)
		}
		return err
	}
}

// presented is the state whose certificate a connection showed.
func (p *Peers) presented(c tls.ConnectionState) (string, error) {
	l := p.member.List()
	if l == nil || len(c.PeerCertificates) == 0 {
		return "", errors.New("exchange: no certificate, or nobody is known here")
	}
	state, _ := l.Peer(member.Pin(c.PeerCertificates[0]), "")
	if state == "" {
		return "", fmt.Errorf("exchange: the trust list here, number %d, has no such certificate: where a state renewed its keys the next list says so; it comes from any other node, or by comity exchange trust install", l.Version)
	}
	return state, nil
}

func (p *Peers) client(state string) *client {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.clients[state]; ok {
		return c
	}
	dial := p.o.Dial
	if dial == nil {
		dial = (&net.Dialer{Timeout: min(p.o.Times.Wait, 10*time.Second)}).DialContext
	}
	c := &client{run: "-", http: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dial, TLSHandshakeTimeout: min(p.o.Times.Wait, 10*time.Second), MaxResponseHeaderBytes: 32 << 10,
			// A connection on which nothing comes any more is given up long before the
			// whole time of a request: on a bad line the next one is soon through.
			ResponseHeaderTimeout: p.o.Times.Wait,
			MaxConnsPerHost:       atOnce, MaxIdleConnsPerHost: atOnce, IdleConnTimeout: 90 * time.Second, DisableCompression: true,
			TLSClientConfig: &tls.Config{
				MinVersion: tls.VersionTLS13, GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return p.member.Certificate(), nil },
				// Names and authorities say nothing here: VerifyConnection holds the
				// key itself against the trust list.
				InsecureSkipVerify: true, VerifyConnection: p.pinned(state),
			},
		},
	}}
	p.clients[state] = c
	return c
}

// address is where a state's node is reached.
func (p *Peers) address(state string) (string, error) {
	if a := p.o.Addresses[state]; a != "" {
		return strings.TrimSuffix(a, "/"), nil
	}
	if l := p.member.List(); l != nil {
		if s, ok := l.State(state); ok && s.Address != "" {
			return s.Address, nil
		}
	}
	return "", fmt.Errorf("exchange: %s has no address: it is in the trust list, or in exchange.addresses", state)
}

// statusError is an answer that says no.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("exchange: the peer answers %d: %.300s", e.status, strings.TrimSpace(e.text))
}

// ask sends a signed request and gives the signed answer. Status 200 alone is
// no error.
func (p *Peers) ask(ctx context.Context, state, method, path, media string, body []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, p.o.Times.Whole)
	defer cancel()
	c := p.client(state)
	status, answer, err := p.once(ctx, c, state, method, path, media, body)
	if errors.Is(err, errRun) { // the peer has started anew since
		status, answer, err = p.once(ctx, c, state, method, path, media, body)
	}
	switch {
	case err != nil:
		return nil, err
	case status != http.StatusOK:
		return nil, &statusError{status, string(answer)}
	}
	return answer, nil
}

var errRun = errors.New("exchange: the peer has started anew")

func (p *Peers) once(ctx context.Context, c *client, state, method, path, media string, body []byte) (int, []byte, error) {
	base, err := p.address(state)
	if err != nil {
		return 0, nil, err
	}
	r, err := http.NewRequestWithContext(ctx, method, base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header.Set("Content-Type", media)
	c.mu.Lock()
	nonce := httpsig.New(c.run)
	c.mu.Unlock()
	asked := httpsig.Request(r)
	if err := httpsig.Sign(asked, body, p.member.RequestKey(), p.member.RequestID(), nonce, p.o.Now()); err != nil {
		return 0, nil, err
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return 0, nil, err
	}
	if len(answer) > maxAnswer {
		return 0, nil, fmt.Errorf("exchange: %s answers with more than %d bytes", state, maxAnswer)
	}
	if run := resp.Header.Get(runHeader); resp.StatusCode == http.StatusUnauthorized && run != "" && len(run) < 100 {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.run = run
		return 0, nil, errRun
	}
	in, err := httpsig.Verify(&httpsig.Message{Status: resp.StatusCode, Header: resp.Header, Asked: asked}, answer, p.keysOf(state), p.o.Now())
	var skew *httpsig.SkewError
	if errors.As(err, &skew) {
		c.setSkew(skew.Created.Sub(skew.Now))
	}
	if err != nil && resp.StatusCode >= 400 && resp.Header.Get("Signature") == "" {
		// It could not tell who asks, or something stands in between.
		return 0, nil, fmt.Errorf("%w (%d): %.300s", errUnsigned, resp.StatusCode, answer)
	}
	if err != nil {
		return 0, nil, fmt.Errorf("the answer of %s: %w", state, err)
	}
	if in.Params.Nonce != nonce {
		return 0, nil, fmt.Errorf("the answer of %s: %w", state, httpsig.ErrReplayed)
	}
	c.setSkew(time.Unix(in.Params.Created, 0).Sub(p.o.Now()))
	return resp.StatusCode, answer, nil
}

var errUnsigned = errors.New("exchange: the answer is not signed")

func (c *client) setSkew(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skew = d.Round(time.Second)
}

// keysOf finds the request keys of a state.
func (p *Peers) keysOf(state string) func(string) (ed25519.PublicKey, bool) {
	return func(id string) (ed25519.PublicKey, bool) {
		l := p.member.List()
		if l == nil {
			return nil, false
		}
		s, ok := l.State(state)
		if !ok || !slices.Contains(s.RequestKeys, id) {
			return nil, false
		}
		return member.KeyOf(id)
	}
}
