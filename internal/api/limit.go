package api

import (
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
)

// limiter bounds what one account asks for. Accounts are named and few, so all
// are remembered; those that have been quiet are forgotten now and then.
type limiter struct {
	mu       sync.Mutex
	accounts map[string]*rate.Limiter // guarded by mu
}

const maxAccounts = 10_000

func newLimiter() *limiter { return &limiter{accounts: map[string]*rate.Limiter{}} }

// take asks for n parties at once.
func (l *limiter) take(a access.Actor, n int, now time.Time) error {
	perSecond := authorityRate
	if a.Has(access.ExporterUser) {
		perSecond = companyRate
	}
	l.mu.Lock()
	k, ok := l.accounts[a.Account]
	if !ok {
		if len(l.accounts) >= maxAccounts {
			clear(l.accounts)
		}
		k = rate.NewLimiter(rate.Limit(perSecond), 10*perSecond)
		l.accounts[a.Account] = k
	}
	l.mu.Unlock()
	if !k.AllowN(now, n) {
		return fault.New(fault.TooMany, "fault.too_many")
	}
	return nil
}
