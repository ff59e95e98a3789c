package httpsig

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
	"sync"
	"time"
)

// Nonces remembers what was sent, so that nothing counts twice. It keeps each
// until after the signature has run out by any clock that is allowed.
//
// A node that starts anew has forgotten them. Instead of a table on disk, each
// run of a node has a name of its own, which every nonce must begin with: what
// was signed for another run is refused, and the answer names the present one.
// To refuse what was signed before the start would not do: with clocks five
// minutes apart nobody knows what was.
type Nonces struct {
	run string
	max int

	mu    sync.Mutex
	seen  map[string]struct{}
	order []nonce // as they came: their ends differ by a few minutes
}

type nonce struct {
	text string
	end  time.Time
}

// NewNonces makes an empty memory, for at most max nonces at once.
func NewNonces(max int) *Nonces { return &Nonces{run: random(), max: max, seen: map[string]struct{}{}} }

func random() string {
	b := make([]byte, 12)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// Run is the name of this run.
func (n *Nonces) Run() string { return n.run }

// New makes a nonce for a peer's run.
func New(run string) string { return run + "." + random() }

// Use takes a nonce and says whether it is fresh.
func (n *Nonces) Use(in *Input, now time.Time) error {
	if run, _, _ := strings.Cut(in.Params.Nonce, "."); run != n.run {
		return ErrRun
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	gone := 0
	for gone < len(n.order) && n.order[gone].end.Before(now) {
		delete(n.seen, n.order[gone].text)
		gone++
	}
	n.order = n.order[gone:]
	key := in.Params.KeyID + " " + in.Params.Nonce
	if _, ok := n.seen[key]; ok {
		return ErrReplayed
	}
	if len(n.order) >= n.max {
		return ErrFull
	}
	n.seen[key] = struct{}{}
	// One that ends later keeps those behind it a little longer, never shorter.
	n.order = append(n.order, nonce{key, now.Add(Life + 2*Skew)})
	return nil
}
