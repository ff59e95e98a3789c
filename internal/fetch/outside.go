package fetch

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/fault"
)

// Allow names what a client made by Outside may reach besides public addresses by
// https: hosts by name, and networks.
type Allow struct {
	hosts map[string]bool
	nets  []netip.Prefix
}

// ParseAllow reads hosts, addresses and networks such as 10.1.0.0/16.
func ParseAllow(all []string) (Allow, error) {
	a := Allow{hosts: map[string]bool{}}
	for _, s := range all {
		if p, err := netip.ParsePrefix(s); err == nil {
			a.nets = append(a.nets, p.Masked())
		} else if ip, err := netip.ParseAddr(s); err == nil {
			a.nets = append(a.nets, netip.PrefixFrom(ip.Unmap(), ip.Unmap().BitLen()))
		} else if s == "" || strings.ContainsAny(s, "/:@ *") {
			return a, fmt.Errorf("%q is neither a host nor a network", s)
		} else {
			a.hosts[strings.ToLower(s)] = true
		}
	}
	return a, nil
}

func (a Allow) address(ip netip.Addr) bool {
	for _, n := range a.nets {
		if n.Contains(ip) {
			return true
		}
	}
	return false
}

// host tells whether a host is named, by name or as an address in a network.
func (a Allow) host(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && a.address(ip) || a.hosts[strings.ToLower(host)]
}

// Check tells whether an address may be asked for at all: https, or a host that
// the operator names. Where it leads is looked at with each connection.
func (a Allow) Check(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "" || u.Scheme != "https" && u.Scheme != "http" {
		return fault.New(fault.Invalid, "fetch.address", "url", address)
	}
	if u.Scheme == "http" && !a.host(u.Hostname()) {
		return fault.New(fault.Invalid, "fetch.plain", "url", address)
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !a.address(ip) && !public(ip) {
		return fault.New(fault.Invalid, "fetch.inside", "host", u.Hostname())
	}
	return nil
}

// inner are the addresses of IPv4 that belong to no public host.
var inner = prefixes("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
	"192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3")

// Of IPv6 only what is given out to public hosts is reached; in that lie forms
// that hold an address of IPv4, and examples.
var (
	outer = netip.MustParsePrefix("2000::/3")
	odd   = prefixes("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)

func prefixes(all ...string) (out []netip.Prefix) {
	for _, s := range all {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

// public tells whether an address is a public host's. An address of IPv4 in the
// clothes of IPv6 is not: whoever means it writes it plainly.
func public(ip netip.Addr) bool {
	none := inner
	if !ip.Is4() {
		if none = odd; !outer.Contains(ip) || ip.Zone() != "" {
			return false
		}
	}
	for _, p := range none {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// errInside says that a name leads to where no feed is fetched from.
var errInside = errors.New("the address is not a public one")

// resolver finds the addresses of a host; tests have their own.
type resolver func(ctx context.Context, host string) ([]netip.Addr, error)

func resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	for i, ip := range found {
		found[i] = ip.Unmap() // the resolver gives IPv4 in either form
	}
	return found, err
}

// Outside makes a client for addresses that people typed: nothing it is told
// makes it ask a host of the inner network. Each connection, that of a redirect
// too, goes to an address that was looked at, and not by the name once more; if
// one of a name's addresses is not a public one, none is used. No proxy is asked.
func Outside(agent string, allow Allow) *Client { return outside(agent, allow, resolve) }

func outside(agent string, allow Allow, find resolver) *Client {
	dialer := &net.Dialer{Timeout: connectTime}
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		var found []netip.Addr
		if ip, err := netip.ParseAddr(host); err == nil {
			found = []netip.Addr{ip}
		} else if found, err = find(ctx, host); err != nil {
			return nil, err
		}
		for _, ip := range found {
			if !public(ip) && !allow.address(ip) && !allow.hosts[strings.ToLower(host)] {
				return nil, errInside
			}
		}
		err = &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
		for _, ip := range found {
			var conn net.Conn
			if conn, err = dialer.DialContext(ctx, network, net.JoinHostPort(ip.String(), port)); err == nil {
				return conn, nil
			}
		}
		return nil, err
	}
	transport := &http.Transport{
		DialContext: dial, TLSHandshakeTimeout: connectTime, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		ResponseHeaderTimeout: answerTime, MaxResponseHeaderBytes: 64 << 10, MaxConnsPerHost: 2, IdleConnTimeout: 30 * time.Second, ForceAttemptHTTP2: true,
	}
	redirect := func(r *http.Request, via []*http.Request) error {
		if len(via) > maxRedirects || via[0].URL.Scheme == "https" && r.URL.Scheme != "https" || allow.Check(r.URL.String()) != nil {
			return errRedirect
		}
		return nil
	}
	return &Client{agent: agent, whole: wholeTime, check: allow.Check, http: &http.Client{Transport: transport, CheckRedirect: redirect}}
}

// HTTP is the client itself, for protocols of their own.
func (c *Client) HTTP() *http.Client { return c.http }
