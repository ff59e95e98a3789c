package tlog

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"filippo.io/mldsa"
	"golang.org/x/mod/sumdb/note"
)

// The kinds of key that a cosignature may be made with (C2SP tlog-cosignature).
const (
	witnessEd25519 = 0x04
	witnessMLDSA44 = 0x06
)

// Witness is the public key of a witness: it checks cosignatures and implements
// note.Verifier.
type Witness struct {
	name string
	kind byte
	key  []byte
}

// NewWitness makes the public key of a witness from an Ed25519 key of 32 bytes
// or an ML-DSA-44 key of 1,312.
func NewWitness(name string, key []byte) (*Witness, error) {
	if name == "" || len(name) > 255 || strings.ContainsAny(name, " +\n\t") {
		return nil, errors.New("tlog: a witness has a name without spaces and plus signs")
	}
	switch len(key) {
	case ed25519.PublicKeySize:
		return &Witness{name, witnessEd25519, key}, nil
	case mldsa.MLDSA44().PublicKeySize():
		return &Witness{name, witnessMLDSA44, key}, nil
	}
	return nil, errors.New("tlog: a witness has an Ed25519 or an ML-DSA-44 key")
}

// ParseWitness reads a verifier key: name+hash+base64.
func ParseWitness(vkey string) (*Witness, error) {
	name, rest, _ := strings.Cut(vkey, "+")
	hash, key, _ := strings.Cut(rest, "+")
	b, err := base64.StdEncoding.DecodeString(key)
	if err != nil || len(b) < 1 {
		return nil, errors.New("tlog: a verifier key is name+hash+base64")
	}
	w, err := NewWitness(name, b[1:])
	if err != nil {
		return nil, err
	}
	if w.kind != b[0] || fmt.Sprintf("%08x", w.KeyHash()) != hash {
		return nil, errors.New("tlog: the verifier key contradicts itself")
	}
	return w, nil
}

// String is the verifier key.
func (w *Witness) String() string {
	return fmt.Sprintf("%s+%08x+%s", w.name, w.KeyHash(), base64.StdEncoding.EncodeToString(append([]byte{w.kind}, w.key...)))
}

// Name is the witness's name.
func (w *Witness) Name() string { return w.name }

// KeyHash names the key within a note.
func (w *Witness) KeyHash() uint32 {
	h := sha256.New()
	h.Write([]byte(w.name + "\n"))
	h.Write([]byte{w.kind})
	h.Write(w.key)
	return binary.BigEndian.Uint32(h.Sum(nil))
}

// Verify checks a cosignature: eight bytes of time and a signature.
func (w *Witness) Verify(msg, sig []byte) bool {
	if len(sig) < 8 {
		return false
	}
	at := binary.BigEndian.Uint64(sig)
	text, err := cosignedText(w.name, w.kind, at, msg)
	if err != nil {
		return false
	}
	if w.kind == witnessEd25519 {
		return len(sig) == 8+ed25519.SignatureSize && ed25519.Verify(w.key, text, sig[8:])
	}
	pk, err := mldsa.NewPublicKey(mldsa.MLDSA44(), w.key)
	return err == nil && mldsa.Verify(pk, text, sig[8:], nil) == nil
}

// cosignedText is what a witness signs, for each kind of key.
func cosignedText(name string, kind byte, at uint64, msg []byte) ([]byte, error) {
	if at > 1<<63-1 {
		return nil, errors.New("tlog: a time beyond all times")
	}
	if kind == witnessEd25519 {
		return fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", at, msg), nil
	}
	c, err := ParseCheckpoint(string(msg))
	if err != nil || len(c.Origin) > 255 {
		return nil, errors.New("tlog: not a checkpoint")
	}
	b := append([]byte("subtree/v1\n\x00"), byte(len(name)))
	b = binary.BigEndian.AppendUint64(append(b, name...), at)
	b = append(append(b, byte(len(c.Origin))), c.Origin...)
	b = binary.BigEndian.AppendUint64(b, 0)
	b = binary.BigEndian.AppendUint64(b, uint64(c.Size))
	return append(b, c.Root[:]...), nil
}

func cosignedAt(line string) (int64, error) {
	b, err := base64.StdEncoding.DecodeString(line)
	if err != nil || len(b) < 12 {
		return 0, errors.New("tlog: a cosignature without its time")
	}
	return int64(binary.BigEndian.Uint64(b[4:])), nil //nolint:gosec // Verify refused what does not fit
}

// Cosigner is the private key of a witness at one time: it implements
// note.Signer.
type Cosigner struct {
	*Witness
	at   uint64
	sign func(text []byte) ([]byte, error)
}

// NewCosigner makes a cosigner from a seed of 32 bytes, with ML-DSA-44 where
// quantum is set, else with Ed25519. at is the time the cosignature states.
func NewCosigner(name string, seed []byte, quantum bool, at time.Time) (*Cosigner, error) {
	if len(seed) != 32 || at.Unix() < 0 {
		return nil, errors.New("tlog: a seed has 32 bytes and a time is after 1970")
	}
	c := &Cosigner{at: uint64(at.Unix())}
	var err error
	if quantum {
		key, err := mldsa.NewPrivateKey(mldsa.MLDSA44(), seed)
		if err != nil {
			return nil, err
		}
		c.sign = func(text []byte) ([]byte, error) { return key.SignDeterministic(text, nil) }
		c.Witness, err = NewWitness(name, key.PublicKey().Bytes())
		return c, err
	}
	key := ed25519.NewKeyFromSeed(seed)
	c.sign = func(text []byte) ([]byte, error) { return ed25519.Sign(key, text), nil }
	public, _ := key.Public().(ed25519.PublicKey)
	c.Witness, err = NewWitness(name, public)
	return c, err
}

// Sign cosigns the text of a checkpoint.
func (c *Cosigner) Sign(msg []byte) ([]byte, error) {
	text, err := cosignedText(c.name, c.kind, c.at, msg)
	if err != nil {
		return nil, err
	}
	sig, err := c.sign(text)
	return append(binary.BigEndian.AppendUint64(nil, c.at), sig...), err
}

// Cosign does what a witness does: it adds its cosignature to a checkpoint that
// continues the one it cosigned last. held is that one, zero at first.
func (c *Cosigner) Cosign(signed []byte, log note.Verifier, held Checkpoint, consistency []Hash) ([]byte, Checkpoint, error) {
	next, err := Open(signed, log)
	if err != nil {
		return nil, held, err
	}
	if held.Origin != "" {
		if held.Origin != next.Origin {
			return nil, held, errors.New("tlog: of another log")
		}
		if err := CheckConsistency(consistency, next.Size, next.Root, held.Size, held.Root); err != nil {
			return nil, held, fmt.Errorf("%w: %w", ErrSplit, err)
		}
	}
	n, err := note.Open(signed, note.VerifierList(log))
	if err != nil {
		return nil, held, err
	}
	b, err := note.Sign(n, c)
	return b, next.Checkpoint, err
}

// ErrSplit is wrapped where a log does not continue what it was.
var ErrSplit = errors.New("tlog: the log does not continue the one that was seen")

// WitnessedBy is when k witnesses had cosigned, or false where fewer have: the
// k-th of their times in order. One who lies about his time alone moves nothing
// as long as k counts more honest witnesses than liars.
func (o *Opened) WitnessedBy(k int) (time.Time, bool) {
	if k < 1 || len(o.Witnessed) < k {
		return time.Time{}, false
	}
	var times []int64
	for _, at := range o.Witnessed {
		times = append(times, at)
	}
	slices.Sort(times)
	return time.Unix(times[k-1], 0).UTC(), true
}

// Split tells whether two checkpoints prove that a log showed two histories:
// one size, two roots.
func Split(a, b Checkpoint) bool { return a.Origin == b.Origin && a.Size == b.Size && a.Root != b.Root }
