package envelope

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"filippo.io/mldsa"
)

// The algorithms a key may have.
const (
	Ed25519 = "ed25519"
	MLDSA65 = "ml-dsa-65"
)

// PublicKey is a state's key: Ed25519, and ML-DSA-65 beside it where the trust
// list gives one. A key that has both must use both.
type PublicKey struct {
	Ed25519 []byte `json:"ed25519"`
	MLDSA65 []byte `json:"ml_dsa_65,omitempty"`
}

// Check says whether the key can be one.
func (k PublicKey) Check() error {
	if len(k.Ed25519) != ed25519.PublicKeySize {
		return errors.New("envelope: an Ed25519 key has 32 bytes")
	}
	if len(k.MLDSA65) > 0 {
		if _, err := mldsa.NewPublicKey(mldsa.MLDSA65(), k.MLDSA65); err != nil {
			return fmt.Errorf("envelope: ML-DSA-65: %w", err)
		}
	}
	return nil
}

// ID names the key: it follows from all its parts, so that a part can't be
// dropped.
func (k PublicKey) ID() string {
	h := sha256.New()
	h.Write([]byte("comity/key/v1\x00"))
	h.Write(k.Ed25519)
	h.Write(k.MLDSA65)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Algorithms is what every signature of the key must consist of.
func (k PublicKey) Algorithms() []string {
	if len(k.MLDSA65) > 0 {
		return []string{Ed25519, MLDSA65}
	}
	return []string{Ed25519}
}

func (k PublicKey) verify(algorithm string, message, sig []byte) bool {
	switch algorithm {
	case Ed25519:
		return len(k.Ed25519) == ed25519.PublicKeySize && ed25519.Verify(k.Ed25519, message, sig)
	case MLDSA65:
		pk, err := mldsa.NewPublicKey(mldsa.MLDSA65(), k.MLDSA65)
		return err == nil && mldsa.Verify(pk, message, sig, nil) == nil
	}
	return false
}

// PrivateKey signs. It is made from seeds, which the caller draws and keeps.
type PrivateKey struct {
	public  PublicKey
	ed25519 ed25519.PrivateKey
	mldsa   *mldsa.PrivateKey
}

// NewKey makes a key from random seeds of 32 bytes; without a second seed the
// key has no ML-DSA.
func NewKey(seed, mldsaSeed []byte) (*PrivateKey, error) {
	if len(seed) != ed25519.SeedSize {
		return nil, errors.New("envelope: a seed has 32 bytes")
	}
	k := &PrivateKey{ed25519: ed25519.NewKeyFromSeed(seed)}
	public, _ := k.ed25519.Public().(ed25519.PublicKey)
	k.public.Ed25519 = public
	if mldsaSeed == nil {
		return k, nil
	}
	var err error
	if k.mldsa, err = mldsa.NewPrivateKey(mldsa.MLDSA65(), mldsaSeed); err != nil {
		return nil, fmt.Errorf("envelope: %w", err)
	}
	k.public.MLDSA65 = k.mldsa.PublicKey().Bytes()
	return k, nil
}

// Public is the key that others know.
func (k *PrivateKey) Public() PublicKey { return k.public }

// sign gives one line for each algorithm; the same bytes always give the same
// lines.
func (k *PrivateKey) sign(message []byte) ([]signature, error) {
	id := k.public.ID()
	lines := []signature{{id + "/" + Ed25519, ed25519.Sign(k.ed25519, message)}}
	if k.mldsa == nil {
		return lines, nil
	}
	sig, err := k.mldsa.SignDeterministic(message, nil)
	if err != nil {
		return nil, fmt.Errorf("envelope: %w", err)
	}
	return append(lines, signature{id + "/" + MLDSA65, sig}), nil
}
