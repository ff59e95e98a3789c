// Package vault keeps what must be able to disappear: the private parts of
// events, and documents. Each owner and each document has a key of its own;
// destroying that key erases what it protects, wherever copies of it lie.
//
// Three layers, outermost last:
//
//   - data: private parts (Sealer) and documents (Objects), each encrypted under
//     the key of its owner or of its own;
//   - those keys, wrapped, as rows in the database beside what they protect;
//   - epoch keys, which wrap them, in a KeyStore apart from the database and
//     from its backups. An epoch key is replaced every 30 days (Rotation) and
//     destroyed some time after.
//
// So an erasure has two dates. When the row with the wrapped key is deleted the
// data are gone from this node. A backup made before still holds the row, and
// is of no use once the epoch key is destroyed. Rotation.Gone tells both.
//
// The hashes that stay behind are commitments under a salt that is encrypted
// together with the data or with its key: when the key is gone, so is the salt,
// and the hash can't be used to test a guess.
package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
)

const (
	keySize  = 32 // AES-256
	saltSize = 16
)

// ErrDamaged is the answer when bytes are not what was once written: changed,
// cut short, or encrypted under another key.
var ErrDamaged = errors.New("vault: the stored bytes are damaged")

// newAEAD makes AES-256-GCM that draws its own random nonce and puts it ahead
// of the ciphertext. A key of ours seals far fewer messages than the 2^32 for
// which random nonces of 96 bits are safe.
func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("vault: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// random draws n bytes. crypto/rand never fails: it ends the program instead.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}
