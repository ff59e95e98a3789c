package node

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
	keys      []speaking // the first one first
	log       note.Signer
	logKey    string // verifier key of the log
	logSecret string // signer key of the log
	marks     []byte // key of the hashes by which names are found
}

// speaking is one Ed25519 key, alone and with ML-DSA-65 beside it.
type speaking struct {
	plain, quantum *envelope.PrivateKey
	made           string    // "" for the first
	use            time.Time // from when on it is used, once the trust list has it
}

// openSaying reads the keys of statements and of the log, and makes those that
// are not there yet.
func (a *App) openSaying() error {
	lines, err := a.keyFile(statementKeyFile, freshSeeds)
	if err != nil {
		return err
	}
	damaged := fmt.Errorf("%s is damaged: bring it from where the keys are kept twice", statementKeyFile)
	for i, line := range strings.Split(lines, "\n") {
		seeds, times, _ := strings.Cut(line, " ")
		b, err := hex.DecodeString(seeds)
		if err != nil || len(b) != 64 || (times == "") != (i == 0) {
			return damaged
		}
		var k speaking
		if k.plain, err = envelope.NewKey(b[:32], nil); err != nil {
			return err
		}
		if k.quantum, err = envelope.NewKey(b[:32], b[32:]); err != nil {
			return err
		}
		if i == 0 {
			// Names are found by the first key whatever others follow.
			marks := sha256.Sum256(append([]byte("comity/marks/v1\x00"), b[:32]...))
			a.saying.marks = marks[:]
		} else {
			var use string
			k.made, use, _ = strings.Cut(times, " ")
			var ok1, ok2 bool
			_, ok1 = stix.ParseTime(k.made)
			if k.use, ok2 = stix.ParseTime(use); !ok1 || !ok2 {
				return damaged
			}
		}
		a.saying.keys = append(a.saying.keys, k)
	}
	lines, err = a.keyFile(logKeyFile, func() (string, error) {
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

// freshSeeds are the seeds of a new key of statements.
func freshSeeds() (string, error) {
	var b [2 * 32]byte
	_, err := rand.Read(b[:])
	return hex.EncodeToString(b[:]), err
}

// RenewStatementKey makes a new key of statements, which is used from a time on
// once the trust list has it. The old ones stay: what they signed is read by
// them. A node that runs takes it up when it starts again.
func (a *App) RenewStatementKey(use time.Time) error {
	path := filepath.Join(a.cfg.Keys, statementKeyFile)
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	seeds, err := freshSeeds()
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(a.cfg.Keys, ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = fmt.Fprintf(f, "%s\n%s %s %s\n", strings.TrimSpace(string(b)), seeds, stixTime(a.Now()), stixTime(use))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	a.saying.keys = nil
	return a.openSaying()
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

// StatementKey is a key that a trust list may hold for this node: Ed25519 alone,
// or with ML-DSA-65 beside it. The list chooses.
type StatementKey struct {
	Plain, Quantum envelope.PublicKey
	Made           string // "" for the first
}

// StatementKeys are the node's keys of statements, the first one first.
func (a *App) StatementKeys() (all []StatementKey) {
	for _, k := range a.saying.keys {
		all = append(all, StatementKey{k.plain.Public(), k.quantum.Public(), k.made})
	}
	return all
}

// LogKey is the verifier key of the node's log, for the trust list.
func (a *App) LogKey() string { return a.saying.logKey }

// Trust is the community's trust list as the node holds it; nil where it belongs
// to no community. It may have run out: see trust.List.Live.
func (a *App) Trust() *trust.List { return a.trust.Load() }

// UseTrust takes up a trust list that Pin or Next has read.
func (a *App) UseTrust(l *trust.List) { a.trust.Store(l) }

// speaker is the trust list in force and the newest key that it has of this node.
func (a *App) speaker(now time.Time) (*trust.List, *envelope.PrivateKey, error) {
	l := a.Trust()
	if l == nil {
		return nil, nil, fault.New(fault.Blocked, "dispatch.no_trust")
	}
	if l.Live(now) != nil {
		return nil, nil, fault.New(fault.Blocked, "dispatch.trust_expired", "expires", l.Expires)
	}
	for _, s := range slices.Backward(a.saying.keys) {
		for _, k := range []*envelope.PrivateKey{s.quantum, s.plain} {
			if !now.Before(s.use) && l.Counts(a.cfg.State, k.Public().ID(), time.Time{}, now) {
				return l, k, nil
			}
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
