package vault

import (
	"errors"
	"time"
)

// KeyStore wraps and unwraps keys under epoch keys that never leave it. Folder
// keeps them in files; a hardware module can stand in its place.
//
// Its methods may be called by several goroutines at once.
type KeyStore interface {
	// Wrap encrypts a key under the newest epoch. What it is bound to (the
	// owner, the document) must be given again to unwrap it, so that one row's
	// key is of no use in another's.
	Wrap(key []byte, boundTo string) (epoch string, wrapped []byte, err error)
	// Unwrap is the reverse. It answers ErrNoEpoch when that epoch's key is not
	// there and ErrDamaged when the bytes don't open.
	Unwrap(epoch string, wrapped []byte, boundTo string) (key []byte, err error)
	// Epochs lists what is there, oldest first.
	Epochs() []Epoch
	// Begin makes a new epoch, which Wrap uses from then on.
	Begin(now time.Time) (Epoch, error)
	// Retire notes that no living key is wrapped under an epoch any more.
	Retire(epoch string, now time.Time) error
	// Destroy removes an epoch's key for good. Whatever is still wrapped under
	// it, in old backups for instance, can never be opened again.
	Destroy(epoch string) error
}

// Epoch says which keys are there, and nothing of the keys themselves.
type Epoch struct {
	ID      string
	Created time.Time // UTC
	Retired time.Time // UTC; zero while keys may be wrapped under it
}

// ErrNoEpoch is the answer when a key is wrapped under an epoch whose key is
// not in the key store: destroyed after its time, or the wrong store.
var ErrNoEpoch = errors.New("vault: the epoch key for this is not in the key store")
