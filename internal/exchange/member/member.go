// Package member is who a node is among the states of a community: the keys it
// connects, witnesses and reads with, and the trust list it holds. Both lie in the
// node's folder of keys, apart from the database: a database restored from an
// older backup brings back neither an old key nor an old list.
package member

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"filippo.io/age"
	"github.com/google/uuid"

	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/tlog"
	"github.com/comity-project/comity/statement/trust"
)

const (
	folder   = "exchange" // in the node's folder of keys
	keysFile = "keys.json"
	listFile = "trust.json"
	format   = "comity-exchange-keys/1"
)

// ErrNone is given where a node was never made ready to exchange.
var ErrNone = errors.New("member: this node has no keys for the exchange: run comity exchange init")

// seed is 32 random bytes of which a key is made.
type seed []byte

func newSeed() seed {
	b := make(seed, 32)
	_, _ = rand.Read(b) // never fails
	return b
}

// keys is what the file of keys holds.
type keys struct {
	Format   string `json:"format"`
	State    string `json:"state"`
	Name     string `json:"name"`     // of the node
	Identity string `json:"identity"` // its STIX identity
	Address  string `json:"address"`  // where other nodes reach it
	Made     string `json:"made"`
	Witness  seed   `json:"witness"`
	Request  seed   `json:"request"`
	TLS      seed   `json:"tls"`
	Age      string `json:"age"`

	Next   *renewal `json:"next,omitempty"`
	Cursor seed     `json:"cursor,omitempty"` // the first request key: numbers were hidden with it
}

// Member is a node's part in the community.
type Member struct {
	dir  string
	keys keys
	age  *age.HybridIdentity
	now  *shown // what we have shown so far
	next *shown // what takes its place; nil where nothing is renewed
	uses atomic.Pointer[shown]
	list atomic.Pointer[held]
}

// held is the trust list as it was read, and the bytes that the roots signed.
type held struct {
	*trust.List
	sealed []byte
}

// Options say what a new member is.
type Options struct {
	State   string // its id in the trust list
	Name    string // the node's name
	Address string // https address at which other nodes reach it
	Now     time.Time
}

// Create draws a node's keys. It refuses where there are some.
func Create(keyFolder string, o Options) (*Member, error) {
	if o.State == "" || o.Name == "" || !strings.HasPrefix(o.Address, "https://") {
		return nil, errors.New("member: the node needs a name, a state and an address that begins with https://")
	}
	dir := filepath.Join(keyFolder, folder)
	if _, err := os.Stat(filepath.Join(dir, keysFile)); err == nil {
		return nil, fmt.Errorf("member: %s holds keys already: others know this node by them", dir)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	identity, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, err
	}
	k := keys{
		Format: format, State: o.State, Name: o.Name, Identity: "identity--" + uuid.NewString(), Address: strings.TrimSuffix(o.Address, "/"), Made: stamp(o.Now),
		Witness: newSeed(), Request: newSeed(), TLS: newSeed(), Age: identity.String(),
	}
	b, err := json.MarshalIndent(k, "", "  ")
	if err != nil {
		return nil, err
	}
	if err := write(filepath.Join(dir, keysFile), b); err != nil {
		return nil, err
	}
	return Open(keyFolder, o.Now)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// write puts a file in place whole, and on disk.
func write(name string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Open reads a node's keys and the trust list it holds, if any.
func Open(keyFolder string, now time.Time) (*Member, error) {
	m := &Member{dir: filepath.Join(keyFolder, folder)}
	b, err := os.ReadFile(filepath.Join(m.dir, keysFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &m.keys); err != nil || m.keys.Format != format {
		return nil, fmt.Errorf("member: %s is not a file of keys that this program knows", filepath.Join(m.dir, keysFile))
	}
	seeds := []seed{m.keys.Witness, m.keys.Request, m.keys.TLS}
	if n := m.keys.Next; n != nil {
		seeds = append(seeds, n.Request, n.TLS)
	}
	for _, s := range seeds {
		if len(s) != ed25519.SeedSize {
			return nil, errors.New("member: a seed has 32 bytes")
		}
	}
	if m.age, err = age.ParseHybridIdentity(m.keys.Age); err != nil {
		return nil, err
	}
	if err := m.show(); err != nil {
		return nil, err
	}
	return m, m.Reload(now)
}

// Reload reads the trust list again: a command may have installed another.
func (m *Member) Reload(now time.Time) error {
	sealed, err := os.ReadFile(filepath.Join(m.dir, listFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	s, err := envelope.Parse(sealed)
	if err != nil {
		return fmt.Errorf("member: the trust list held: %w", err)
	}
	l, err := trust.Pin(sealed, s.PayloadHash(), now)
	if l == nil {
		return fmt.Errorf("member: the trust list held: %w", err)
	}
	m.list.Store(&held{l, sealed}) // one that has run out still serves for reading
	m.choose(now)
	return nil
}

// Install takes a trust list: the first by the hash that people compared with
// one another, each later one because enough of the old and of the new roots
// signed it.
func (m *Member) Install(sealed []byte, pin string, now time.Time) (*trust.List, error) {
	var l *trust.List
	var err error
	if old := m.list.Load(); old != nil {
		l, err = old.Next(sealed, now)
	} else {
		var hash envelope.Hash
		if err := hash.UnmarshalText([]byte(pin)); err != nil {
			return nil, errors.New("member: the first list needs the hash that was agreed: 64 hexadecimal digits, as comity exchange trust show prints it")
		}
		l, err = trust.Pin(sealed, hash, now)
	}
	if err != nil {
		return nil, err
	}
	if err := write(filepath.Join(m.dir, listFile), sealed); err != nil {
		return nil, err
	}
	m.list.Store(&held{l, sealed})
	m.choose(now)
	return l, nil
}

// List is the trust list held; nil before the first was installed.
func (m *Member) List() *trust.List {
	if h := m.list.Load(); h != nil {
		return h.List
	}
	return nil
}

// Sealed is the trust list held, as the roots signed it.
func (m *Member) Sealed() ([]byte, error) {
	if h := m.list.Load(); h != nil {
		return h.sealed, nil
	}
	return nil, errors.New("member: no trust list is installed")
}

// State is the id of our state.
func (m *Member) State() string { return m.keys.State }

// Identity is the STIX identity of our state: the author of what it says.
func (m *Member) Identity() string { return m.keys.Identity }

// Cosigner signs others' checkpoints as a witness, at a time.
func (m *Member) Cosigner(at time.Time) (*tlog.Cosigner, error) {
	return tlog.NewCosigner(m.keys.Name+"/witness", m.keys.Witness, false, at)
}

// RequestKey signs HTTP requests and answers; RequestID names it.
func (m *Member) RequestKey() ed25519.PrivateKey { return m.uses.Load().sign }

// RequestID is the id of the request key: the public key itself, so that who
// has the trust list can check.
func (m *Member) RequestID() string { return m.uses.Load().id() }

// Cursors hides numbers from those who give them back.
func (m *Member) Cursors() cipher.Block {
	first := m.keys.Request
	if m.keys.Cursor != nil {
		first = m.keys.Cursor
	}
	key := sha256.Sum256(append([]byte("comity/cursor/v1\x00"), first...))
	b, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // 32 bytes
	}
	return b
}

// KeyID names a request key.
func KeyID(k ed25519.PublicKey) string { return base64.RawURLEncoding.EncodeToString(k) }

// KeyOf is the request key that an id names.
func KeyOf(id string) (ed25519.PublicKey, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(id)
	return b, err == nil && len(b) == ed25519.PublicKeySize
}

// Certificate is what the node shows on both sides of a connection. It signs
// itself: peers know it by its public key.
func (m *Member) Certificate() *tls.Certificate { return &m.uses.Load().cert }

// Pin is the hash of a certificate's public key, as the trust list holds it.
func Pin(c *x509.Certificate) envelope.Hash { return sha256.Sum256(c.RawSubjectPublicKeyInfo) }

func certificate(s seed, name string) (tls.Certificate, error) {
	key := ed25519.NewKeyFromSeed(s)
	// Peers look at the key alone: a certificate that ran out, or one that a slow
	// clock thinks is not valid yet, must not part nodes that trust each other.
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{name},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2120, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}
