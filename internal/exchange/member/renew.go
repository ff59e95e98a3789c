package member

import (
	"crypto/ed25519"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/comity-project/comity/statement/envelope"
)

// renewal is what a node will show in place of what it shows.
type renewal struct {
	Made    string `json:"made"`
	Use     string `json:"use"` // from when on
	Request seed   `json:"request"`
	TLS     seed   `json:"tls"`
}

// shown is what others know a node by on a connection.
type shown struct {
	sign ed25519.PrivateKey // of requests
	cert tls.Certificate
	use  time.Time
}

func (s *shown) id() string {
	k, _ := s.sign.Public().(ed25519.PublicKey)
	return KeyID(k)
}

func (s *shown) pin() envelope.Hash { return Pin(s.cert.Leaf) }

// show makes what is shown of the seeds.
func (m *Member) show() (err error) {
	m.now, m.next = &shown{sign: ed25519.NewKeyFromSeed(m.keys.Request)}, nil
	if m.now.cert, err = certificate(m.keys.TLS, m.keys.Name); err != nil {
		return err
	}
	if n := m.keys.Next; n != nil {
		m.next = &shown{sign: ed25519.NewKeyFromSeed(n.Request)}
		if m.next.use, err = time.Parse(time.RFC3339, n.Use); err != nil {
			return fmt.Errorf("member: since when the renewed keys are used: %w", err)
		}
		if m.next.cert, err = certificate(n.TLS, m.keys.Name); err != nil {
			return err
		}
	}
	m.uses.Store(m.now)
	return nil
}

func (m *Member) all() []*shown {
	if m.next == nil {
		return []*shown{m.now}
	}
	return []*shown{m.now, m.next}
}

// choose takes the renewed keys into use once their day has come and the trust
// list knows them: others that hold the list know them too.
func (m *Member) choose(now time.Time) {
	if m.next != nil && !now.Before(m.next.use) && m.announced() {
		m.uses.Store(m.next)
	}
}

func (m *Member) announced() bool {
	l := m.List()
	if l == nil {
		return false
	}
	id, ok := l.Peer(m.next.pin(), m.next.id())
	return ok && id == m.keys.State
}

// Reasons for which keys are not renewed.
var (
	errNotAnnounced = errors.New("the trust list does not know the renewed keys yet: give the card to the roots, and install the list that they sign")
	errRenewing     = errors.New("member: keys are being renewed already: end that first, with --finish")
)

// Renewing says since when, or from when on, renewed keys are used, and whether
// they are; zero where nothing is renewed.
func (m *Member) Renewing() (use time.Time, inUse bool) {
	if m.next == nil {
		return time.Time{}, false
	}
	return m.next.use, m.uses.Load() == m.next
}

// Renew draws new keys for connections and requests, which are shown from a time
// on once the trust list knows them. The old ones stay until Finish.
func (m *Member) Renew(use, now time.Time) error {
	if m.keys.Next != nil {
		return errRenewing
	}
	m.keys.Next = &renewal{Made: stamp(now), Use: stamp(use), Request: newSeed(), TLS: newSeed()}
	return m.keep(now)
}

// Finish forgets the old keys.
func (m *Member) Finish(now time.Time) error {
	switch {
	case m.next == nil:
		return errors.New("member: no keys are being renewed")
	case now.Before(m.next.use):
		return fmt.Errorf("member: the old keys are in use until %s", m.keys.Next.Use)
	case !m.announced():
		return errNotAnnounced
	}
	if m.keys.Cursor == nil {
		m.keys.Cursor = m.keys.Request
	}
	m.keys.Request, m.keys.TLS, m.keys.Next = m.keys.Next.Request, m.keys.Next.TLS, nil
	return m.keep(now)
}

// keep writes the keys and takes them up.
func (m *Member) keep(now time.Time) error {
	b, err := json.MarshalIndent(m.keys, "", "  ")
	if err != nil {
		return err
	}
	if err := write(filepath.Join(m.dir, keysFile), b); err != nil {
		return err
	}
	if err := m.show(); err != nil {
		return err
	}
	m.choose(now)
	return nil
}
