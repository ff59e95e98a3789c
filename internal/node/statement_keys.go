package node

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/statement/envelope"
	"github.com/comity-project/comity/statement/stix"
	"github.com/comity-project/comity/statement/trust"
)

// Files in the folder of keys: the seeds that statements are signed with, and
// the key of the log.
const (
	statementKeyFile = "statement.key"
	logKeyFile       = "log.key"
)

// saying is what a node needs to speak for its state.
type saying struct {
	plain, quantum *envelope.PrivateKey // one Ed25519 key, alone and with ML-DSA-65 beside it
	log            note.Signer
	logKey         string // verifier key of the log
	logSecret      string // signer key of the log
	marks          []byte // key of the hashes by which names are found
}

// openSaying reads the keys of statements and of the log, and makes those that
// are not there yet.
func (a *App) openSaying() error {
	seeds, err := a.keyFile(statementKeyFile, func() (string, error) {
		var b [2 * 32]byte
		_, err := rand.Read(b[:])
		return hex.EncodeToString(b[:]), err
	})
	if err != nil {
		return err
	}
	b, err := hex.DecodeString(seeds)
	if err != nil || len(b) != 64 {
		return fmt.Errorf("%s is damaged: bring it from where the keys are kept twice", statementKeyFile)
	}
	if a.saying.plain, err = envelope.NewKey(b[:32], nil); err != nil {
		return err
	}
	if a.saying.quantum, err = envelope.NewKey(b[:32], b[32:]); err != nil {
		return err
	}
	marks := sha256.Sum256(append([]byte("comity/marks/v1\x00"), b[:32]...))
	a.saying.marks = marks[:]
	lines, err := a.keyFile(logKeyFile, func() (string, error) {
		skey, vkey, err := note.GenerateKey(rand.Reader, a.signer.Name()+"/log")
		return skey + "\n" + vkey, err
	})
	if err != nil {
		return err
	}
	skey, vkey, _ := strings.Cut(lines, "\n")
	if a.saying.log, err = note.NewSigner(skey); err != nil {
		return fmt.Errorf("%s: %w", logKeyFile, err)
	}
	a.saying.logKey, a.saying.logSecret = vkey, skey
	return nil
}

// keyFile reads a file of the folder of keys, and makes it where it is missing.
func (a *App) keyFile(name string, fresh func() (string, error)) (string, error) {
	path := filepath.Join(a.cfg.Keys, name)
	text, err := fresh()
	if err != nil {
		return "", err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		_, err = f.WriteString(text + "\n")
		err = errors.Join(err, f.Sync(), f.Close())
	} else if errors.Is(err, os.ErrExist) {
		err = nil
	}
	if err != nil {
		return "", err
	}
	b, err := os.ReadFile(path)
	return strings.TrimSpace(string(b)), err
}

// StatementKeys are the public keys that a trust list may hold for this node:
// Ed25519 alone, and with ML-DSA-65 beside it. The list chooses.
func (a *App) StatementKeys() (plain, quantum envelope.PublicKey) {
	return a.saying.plain.Public(), a.saying.quantum.Public()
}

// LogKey is the verifier key of the node's log, for the trust list.
func (a *App) LogKey() string { return a.saying.logKey }

// Trust is the community's trust list as the node holds it; nil where it belongs
// to no community. It may have run out: see trust.List.Live.
func (a *App) Trust() *trust.List { return a.trust.Load() }

// UseTrust takes up a trust list that Pin or Next has read.
func (a *App) UseTrust(l *trust.List) { a.trust.Store(l) }

// speaker is the trust list in force and the key that it has of this node.
func (a *App) speaker(now time.Time) (*trust.List, *envelope.PrivateKey, error) {
	l := a.Trust()
	if l == nil {
		return nil, nil, fault.New(fault.Blocked, "dispatch.no_trust")
	}
	if l.Live(now) != nil {
		return nil, nil, fault.New(fault.Blocked, "dispatch.trust_expired", "expires", l.Expires)
	}
	for _, k := range []*envelope.PrivateKey{a.saying.quantum, a.saying.plain} {
		if id := k.Public().ID(); l.Counts(a.cfg.State, id, time.Time{}) {
			return l, k, nil
		}
	}
	return nil, nil, fault.New(fault.Blocked, "dispatch.no_key")
}

// header begins a payload of ours, with a fresh salt.
func header(l *trust.List, self string, k *envelope.PrivateKey) (envelope.Header, error) {
	h := envelope.Header{Community: l.Community, Issuer: self, Key: k.Public().ID(), Salt: make([]byte, envelope.SaltSize)}
	_, err := rand.Read(h.Salt)
	return h, err
}

func stixTime(t time.Time) string { return stix.FormatTime(t) }

// issue signs a payload of ours, keeps its envelope and addresses it. e says
// what it is about; payload completes it with the header.
func (t *Tx) issue(stream event.Stream, n int64, to []string, e store.Envelope, payload func(envelope.Header) any) (store.Envelope, error) {
	l, key, err := t.app.speaker(t.Now())
	if err != nil {
		return e, err
	}
	h, err := header(l, t.app.cfg.State, key)
	if err != nil {
		return e, err
	}
	b, err := envelope.Marshal(payload(h))
	if err != nil {
		return e, err
	}
	signed, err := envelope.Seal(envelope.Purpose(e.Purpose), b, key)
	if err != nil {
		return e, err
	}
	s, err := envelope.Parse(signed)
	if err != nil {
		return e, err
	}
	hash := s.PayloadHash()
	last, err := t.LastEnvelope()
	if err != nil {
		return e, err
	}
	e.Seq, e.ID, e.Stream, e.N, e.Own, e.Issuer, e.Payload, e.Came = last+1, leafOf(s), stream, n, true, t.app.cfg.State, hash[:], t.Now()
	if envelope.Purpose(e.Purpose) == envelope.ForRecall {
		e.Kind = hash.String() // by which its receipts name it
	}
	if e.Sealed, _, err = t.sealer().Seal(StatementStream(e.ID), s.Bytes); err != nil {
		return e, fault.Wrap(err, "node: seal an envelope")
	}
	return e, fault.Wrap(t.PutEnvelope(e, to), "node: keep an envelope")
}
