// Package fetch gets one file from an address, bounded in size and time, and
// turns whatever goes wrong into a sentence that a person can act on. Being
// offline is an ordinary answer here, not an accident: what is in use stays so.
package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lists/sources"
)

// Bounds of one fetch.
const (
	DefaultLimit = 64 << 20        // bytes, when a request names none
	wholeTime    = 5 * time.Minute // from the first byte sent to the last one read
	connectTime  = 10 * time.Second
	answerTime   = 60 * time.Second // until the first byte of the answer
	maxRedirects = 5
)

// Client gets files. It is safe for concurrent use and implements sources.Fetcher.
type Client struct {
	http  *http.Client
	check func(address string) error // before anything is asked; nil where all may be
	agent string
	whole time.Duration
}

// New makes a client that names itself to servers as agent.
func New(agent string) *Client {
	transport := &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: connectTime}).DialContext,
		TLSHandshakeTimeout:    connectTime,
		TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12},
		ResponseHeaderTimeout:  answerTime,
		MaxResponseHeaderBytes: 64 << 10,
		MaxConnsPerHost:        2,
		IdleConnTimeout:        30 * time.Second,
		ForceAttemptHTTP2:      true,
	}
	return &Client{agent: agent, whole: wholeTime, http: &http.Client{Transport: transport, CheckRedirect: checkRedirect}}
}

var errRedirect = errors.New("redirected too often, or from https to http")

func checkRedirect(r *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects || via[0].URL.Scheme == "https" && r.URL.Scheme != "https" {
		return errRedirect
	}
	return nil
}

// Get gets a file. Packed transfer is unpacked on the way, and the limit counts
// unpacked bytes, so that a bomb ends at the limit. Faults are "unavailable"
// when it may work later, "too_large" over the limit, else "invalid".
func (c *Client) Get(ctx context.Context, r sources.Request) (sources.Fetched, error) {
	u, err := url.Parse(r.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return sources.Fetched{}, fault.New(fault.Invalid, "fetch.address", "url", r.URL)
	}
	if c.check != nil {
		if err := c.check(r.URL); err != nil {
			return sources.Fetched{}, err
		}
	}
	limit := r.Limit
	if limit <= 0 {
		limit = DefaultLimit
	}
	ctx, cancel := context.WithTimeout(ctx, c.whole)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return sources.Fetched{}, fault.New(fault.Invalid, "fetch.address", "url", r.URL).Because(err)
	}
	req.Header.Set("User-Agent", c.agent)
	if r.ETag != "" {
		req.Header.Set("If-None-Match", r.ETag)
	}
	if r.Modified != "" {
		req.Header.Set("If-Modified-Since", r.Modified)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return sources.Fetched{}, Unreachable(u.Host, err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotModified && (r.ETag != "" || r.Modified != "") {
		return sources.Fetched{NotModified: true, ETag: r.ETag, Modified: r.Modified}, nil
	}
	if err := status(resp); err != nil {
		return sources.Fetched{}, err
	}
	if resp.ContentLength > limit {
		return sources.Fetched{}, tooLarge(r.URL, limit)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	switch {
	case err != nil:
		return sources.Fetched{}, Unreachable(u.Host, err)
	case int64(len(body)) > limit:
		return sources.Fetched{}, tooLarge(r.URL, limit)
	case len(body) == 0:
		return sources.Fetched{}, fault.New(fault.Unavailable, "fetch.empty", "url", r.URL)
	}
	media, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return sources.Fetched{Body: body, ETag: resp.Header.Get("ETag"), Modified: resp.Header.Get("Last-Modified"), Type: media}, nil
}

func tooLarge(url string, limit int64) error {
	return fault.New(fault.TooLarge, "fetch.too_large", "url", url, "limit", limit)
}

// status tells what an answer that brings no file means for the keeper of a list.
func status(resp *http.Response) error {
	args := []any{"url", resp.Request.URL.String(), "status", resp.StatusCode}
	switch s := resp.StatusCode; {
	case s == http.StatusOK:
		return nil
	case s == http.StatusNotFound || s == http.StatusGone || s >= 300 && s < 400:
		return fault.New(fault.Invalid, "fetch.moved", args...)
	case s == http.StatusUnauthorized || s == http.StatusForbidden:
		return fault.New(fault.Invalid, "fetch.refused", args...)
	case s == http.StatusTooManyRequests:
		return fault.New(fault.Unavailable, "fetch.too_often", args...)
	}
	return fault.New(fault.Unavailable, "fetch.status", args...)
}

// Unreachable tells being offline from a server that is slow or not trusted.
func Unreachable(host string, err error) error {
	var (
		dns   *net.DNSError
		op    *net.OpError
		cert  *tls.CertificateVerificationError
		trust x509.UnknownAuthorityError
		slow  net.Error
	)
	key := "fetch.broken"
	switch {
	case errors.Is(err, context.Canceled):
		key = "fetch.stopped"
	case errors.Is(err, errRedirect):
		key = "fetch.redirects"
	case errors.Is(err, errInside):
		key = "fetch.inside"
	case errors.As(err, &cert), errors.As(err, &trust):
		key = "fetch.certificate"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &slow) && slow.Timeout():
		key = "fetch.slow"
	case errors.As(err, &dns), errors.As(err, &op) && op.Op == "dial":
		key = "fetch.offline"
	}
	return fault.New(fault.Unavailable, key, "host", host).Because(err)
}
