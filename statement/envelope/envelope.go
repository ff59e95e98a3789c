// Package envelope signs and opens what one state says to others: a DSSE
// envelope over exact bytes, whose payload type names version and purpose, so
// that a signature made for one purpose never counts for another.
//
// A payload is JSON in its RFC 8785 form and is kept as it was signed; it names
// the community, the issuer, the key and a salt. Seal signs it with every
// algorithm the issuer's key has; Open demands every algorithm that the trust
// list asks of the key, so that a missing one is a failure.
package envelope

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Purpose is what a payload is for. It stands, with its version, in the signed
// bytes.
type Purpose string

// The purposes.
const (
	ForStatement  Purpose = "statement"  // a version of an object
	ForRecall     Purpose = "recall"     // take it back
	ForReceipt    Purpose = "receipt"    // what a receiver did about a recall
	ForGrant      Purpose = "grant"      // leave for a relay to pass a version on
	ForCheckpoint Purpose = "checkpoint" // the state of a node's case ledger
	ForLookup     Purpose = "lookup"     // a batch of private look-ups
	ForTrustList  Purpose = "trust-list" // who is in the community, with which keys
)

const (
	typePrefix = "application/vnd.comity."
	typeSuffix = "+json;v=1"
	maxBytes   = 2 << 20
	// HashSize is the length of a hash in bytes.
	HashSize = sha256.Size
)

// Type is the payload type of a purpose.
func (p Purpose) Type() string { return typePrefix + string(p) + typeSuffix }

func purposeOf(payloadType string) (Purpose, bool) {
	name, ok := strings.CutPrefix(payloadType, typePrefix)
	if !ok {
		return "", false
	}
	name, ok = strings.CutSuffix(name, typeSuffix)
	p := Purpose(name)
	switch p {
	case ForStatement, ForRecall, ForReceipt, ForGrant, ForCheckpoint, ForLookup, ForTrustList:
		return p, ok
	}
	return "", false
}

// Errors that callers tell apart.
var (
	ErrForm      = errors.New("not a well-formed envelope")
	ErrUnsigned  = errors.New("not signed")
	ErrSignature = errors.New("a signature does not hold")
	ErrKey       = errors.New("the key is not one of the issuer's")
)

// Hash is a SHA-256.
type Hash [HashSize]byte

// String is the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes hexadecimal.
func (h Hash) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, h[:]), nil }

// UnmarshalText reads 64 lower-case hexadecimal digits.
func (h *Hash) UnmarshalText(b []byte) error {
	if len(b) != 2*HashSize || !bytes.Equal(bytes.ToLower(b), b) {
		return errors.New("want 64 hexadecimal digits")
	}
	_, err := hex.Decode(h[:], b)
	return err
}

// Header is what every payload says of itself.
type Header struct {
	Community string `json:"community"`
	Issuer    string `json:"issuer"` // the state's id in the trust list
	Key       string `json:"key"`    // KeyID of the key that signs
	Salt      []byte `json:"salt"`   // 32 random bytes: nobody can guess the content from a hash
}

// SaltSize is the length of a salt in bytes.
const SaltSize = 32

// signature is one line of an envelope.
type signature struct {
	KeyID string `json:"keyid"` // KeyID, a slash, the algorithm
	Sig   []byte `json:"sig"`
}

// wire is an envelope as DSSE writes it in JSON.
type wire struct {
	Payload     []byte      `json:"payload"`
	PayloadType string      `json:"payloadType"`
	Signatures  []signature `json:"signatures"`
}

// Sealed is an envelope that was read. Only Open says that its signatures hold.
type Sealed struct {
	Purpose    Purpose
	Header     Header
	Payload    []byte // the signed bytes
	Bytes      []byte // the envelope as it came
	signatures []signature
}

// PayloadHash identifies the signed bytes. Two of one id and version number
// with different hashes prove that the issuer said two things.
func (s *Sealed) PayloadHash() Hash { return sha256.Sum256(s.Payload) }

// Hash identifies the envelope with its signatures.
func (s *Sealed) Hash() Hash { return sha256.Sum256(s.Bytes) }

// encode is what DSSE signs: type and body with their lengths.
func encode(payloadType string, payload []byte) []byte {
	b := make([]byte, 0, len(payload)+len(payloadType)+40)
	b = append(b, "DSSEv1 "...)
	b = strconv.AppendInt(b, int64(len(payloadType)), 10)
	b = append(append(b, ' '), payloadType...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(len(payload)), 10)
	return append(append(b, ' '), payload...)
}

// Marshal writes a payload in its canonical form.
func Marshal(payload any) ([]byte, error) {
	b, err := json.Marshal(payload, json.Deterministic(true))
	if err != nil {
		return nil, fmt.Errorf("envelope: %w", err)
	}
	v := jsontext.Value(b)
	if err := v.Canonicalize(); err != nil {
		return nil, fmt.Errorf("envelope: %w", err)
	}
	return v, nil
}

// Unmarshal reads a payload strictly: no member that it does not know, none
// twice, and only the canonical form.
func Unmarshal(payload []byte, to any) error {
	if err := canonical(payload); err != nil {
		return err
	}
	return decode(payload, to)
}

// decode reads what is known to be canonical.
func decode(payload []byte, to any) error {
	if err := json.Unmarshal(payload, to, json.RejectUnknownMembers(true)); err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	return nil
}

func canonical(b []byte) error {
	v := jsontext.Value(bytes.Clone(b))
	if err := v.Canonicalize(); err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	if !bytes.Equal(v, b) {
		return fmt.Errorf("%w: the bytes are not in their RFC 8785 form", ErrForm)
	}
	return nil
}

// Seal signs a payload (see Marshal) with every algorithm the key has. Trust
// lists alone are signed by several keys.
func Seal(purpose Purpose, payload []byte, keys ...*PrivateKey) ([]byte, error) {
	w := wire{Payload: payload, PayloadType: purpose.Type()}
	message := encode(w.PayloadType, payload)
	for _, k := range keys {
		lines, err := k.sign(message)
		if err != nil {
			return nil, err
		}
		w.Signatures = append(w.Signatures, lines...)
	}
	b := w.bytes()
	if _, err := Parse(b); err != nil {
		return nil, err
	}
	return b, nil
}

// Combine gathers the signatures of several envelopes over the same payload: so
// that roots sign a trust list each on their own machine.
func Combine(sealed ...[]byte) ([]byte, error) {
	var w wire
	for i, b := range sealed {
		s, err := Parse(b)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			w.Payload, w.PayloadType = s.Payload, s.Purpose.Type()
		} else if !bytes.Equal(w.Payload, s.Payload) || w.PayloadType != s.Purpose.Type() {
			return nil, fmt.Errorf("%w: not the same payload", ErrForm)
		}
		for _, line := range s.signatures {
			if !slices.ContainsFunc(w.Signatures, func(x signature) bool { return x.KeyID == line.KeyID }) {
				w.Signatures = append(w.Signatures, line)
			}
		}
	}
	b := w.bytes()
	_, err := Parse(b)
	return b, err
}

// bytes is the envelope in its RFC 8785 form. Names that need no escapes are
// all it may hold.
func (w *wire) bytes() []byte {
	b := make([]byte, 0, len(w.Payload)*4/3+400+len(w.Signatures)*200)
	b = base64.StdEncoding.AppendEncode(append(b, `{"payload":"`...), w.Payload)
	b = append(append(append(b, `","payloadType":"`...), w.PayloadType...), `","signatures":[`...)
	for i, line := range w.Signatures {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(append(append(b, `{"keyid":"`...), line.KeyID...), `","sig":"`...)
		b = append(base64.StdEncoding.AppendEncode(b, line.Sig), `"}`...)
	}
	return append(b, `]}`...)
}

// Parse reads an envelope without checking its signatures.
func Parse(b []byte) (*Sealed, error) {
	if len(b) > maxBytes {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrForm, len(b), maxBytes)
	}
	var w wire
	if err := json.Unmarshal(b, &w); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForm, err)
	}
	// One way to write it, down to the last bit of the base64: the log holds the
	// hash of these bytes.
	if !bytes.Equal(w.bytes(), b) {
		return nil, fmt.Errorf("%w: the bytes are not in their RFC 8785 form", ErrForm)
	}
	p, ok := purposeOf(w.PayloadType)
	if !ok {
		return nil, fmt.Errorf("%w: no such payload type %.80q", ErrForm, w.PayloadType)
	}
	if len(w.Signatures) == 0 {
		return nil, ErrUnsigned
	}
	if len(w.Signatures) > maxSignatures {
		return nil, fmt.Errorf("%w: %d signatures, at most %d", ErrForm, len(w.Signatures), maxSignatures)
	}
	if err := canonical(w.Payload); err != nil {
		return nil, err
	}
	s := &Sealed{Purpose: p, Payload: w.Payload, Bytes: b, signatures: w.Signatures}
	if err := json.Unmarshal(w.Payload, &s.Header); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForm, err)
	}
	if h := s.Header; h.Community == "" || h.Issuer == "" || h.Key == "" || len(h.Salt) != SaltSize {
		return nil, fmt.Errorf("%w: the payload lacks community, issuer, key or a salt of %d bytes", ErrForm, SaltSize)
	}
	return s, nil
}

const maxSignatures = 64

// Keyring finds public keys: a trust list is one.
type Keyring interface {
	// KeyOf gives a key of a state by its id.
	KeyOf(state, keyID string) (PublicKey, bool)
}

// Open reads an envelope and checks it: the key is one of the issuer's, and
// every algorithm that the key must use has signed.
func Open(b []byte, ring Keyring) (*Sealed, error) {
	s, err := Parse(b)
	if err != nil {
		return nil, err
	}
	key, ok := ring.KeyOf(s.Header.Issuer, s.Header.Key)
	if !ok {
		return nil, ErrKey
	}
	return s, s.VerifiedBy(key)
}

// VerifiedBy checks the signatures of one key: each algorithm that the key must
// use is there and holds.
func (s *Sealed) VerifiedBy(key PublicKey) error {
	message := encode(s.Purpose.Type(), s.Payload)
	for _, algorithm := range key.Algorithms() {
		found := false
		for _, line := range s.signatures {
			if line.KeyID != key.ID()+"/"+algorithm {
				continue
			}
			if found {
				return fmt.Errorf("%w: two signatures by %s", ErrForm, line.KeyID)
			}
			if found = key.verify(algorithm, message, line.Sig); !found {
				return fmt.Errorf("%w: %s", ErrSignature, algorithm)
			}
		}
		if !found {
			return fmt.Errorf("%w: %s is missing and the key must use it", ErrSignature, algorithm)
		}
	}
	return nil
}
