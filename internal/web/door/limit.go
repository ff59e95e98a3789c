package door

import (
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxKeys bounds how many addresses and names are remembered at once.
const maxKeys = 50000

// limiter allows each key a burst and then one act every interval.
type limiter struct {
	every time.Duration
	burst int

	mu   sync.Mutex
	keys map[string]*rate.Limiter // guarded by mu
}

func newLimiter(every time.Duration, burst int) *limiter {
	return &limiter{every: every, burst: burst, keys: map[string]*rate.Limiter{}}
}

// allow tells whether a key may act now.
func (l *limiter) allow(key string) bool { return l.of(key).Allow() }

// may tells whether a key may act, and counts nothing: for acts that count only
// when they fail, by a call of allow.
func (l *limiter) may(key string) bool { return l.of(key).Tokens() >= 1 }

func (l *limiter) of(key string) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	k, ok := l.keys[key]
	if !ok {
		if len(l.keys) >= maxKeys {
			// A flood of keys forgets those that have recovered, and if none
			// has, all: memory stays bounded, and the flood is slowed elsewhere.
			for name, k := range l.keys {
				if k.Tokens() >= float64(l.burst) {
					delete(l.keys, name)
				}
			}
			if len(l.keys) >= maxKeys {
				clear(l.keys)
			}
		}
		k = rate.NewLimiter(rate.Every(l.every), l.burst)
		l.keys[key] = k
	}
	return k
}

// Limit refuses requests over the rate for each address: fail answers them.
func Limit(next http.Handler, every time.Duration, burst int, fail http.HandlerFunc) http.Handler {
	l := newLimiter(every, burst)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !l.allow(Address(r)) {
			fail(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// Address is who is asking, as far as a rate limit cares: an IPv4 address or
// the /64 of an IPv6 one, since a household has a whole /64.
func Address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	ip := net.ParseIP(host)
	if ip == nil || ip.To4() != nil {
		return host
	}
	return ip.Mask(net.CIDRMask(64, 128)).String()
}

// Behind takes the address of who asks from the proxy in front, which appends it
// to X-Forwarded-For. Only the last entry is the proxy's own word; those before
// it are whatever the browser claimed.
func Behind(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if all := r.Header.Values("X-Forwarded-For"); len(all) > 0 {
			last := all[len(all)-1]
			last = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
			if net.ParseIP(last) != nil {
				r.RemoteAddr = net.JoinHostPort(last, "0")
			}
		}
		next.ServeHTTP(w, r)
	})
}
