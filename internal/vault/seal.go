package vault

import (
	"crypto/cipher"
	"fmt"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/ledger"
)

// KeyRows are the wrapped keys of owners, as the transaction of a command or of
// a view sees them.
type KeyRows interface {
	// SealKey reads an owner's wrapped key and the epoch it is wrapped under.
	SealKey(owner event.Stream) (epoch string, wrapped []byte, found bool, err error)
	// PutSealKey writes it.
	PutSealKey(owner event.Stream, epoch string, wrapped []byte) error
	// Erased tells whether, when and why an owner's key was destroyed.
	Erased(owner event.Stream) (event.Erasure, bool)
}

// sealVersion is the first byte of every sealed part.
const sealVersion = 1

// openKeys bounds how many unwrapped keys a Sealer holds; unwrapping one again
// costs about a microsecond and one row.
const openKeys = 4096

// Sealer seals and opens private parts, each under its owner's key. It lives no
// longer than the savepoint of one command, or than one view: a key that it
// made is lost when its rows are rolled back. It serves one goroutine.
//
// Sealed bytes are: the version, 1; then nonce (12 bytes), ciphertext and tag
// (16) of AES-256-GCM over salt (16 random bytes) and plaintext, with the
// owner's name as additional data.
type Sealer struct {
	keys KeyStore
	rows KeyRows
	open map[event.Stream]cipher.AEAD
}

var _ ledger.Sealer = (*Sealer)(nil)

// NewSealer makes a Sealer over the rows of one transaction.
func NewSealer(keys KeyStore, rows KeyRows) *Sealer {
	return &Sealer{keys: keys, rows: rows, open: map[event.Stream]cipher.AEAD{}}
}

// Seal encrypts a part and commits to it. An owner without a key gets one; an
// owner whose key was destroyed does not: that is ledger.ErrErased.
func (s *Sealer) Seal(owner event.Stream, plaintext []byte) ([]byte, ledger.Hash, error) {
	aead, err := s.key(owner, true)
	if err != nil {
		return nil, ledger.Hash{}, err
	}
	salted := append(random(saltSize), plaintext...)
	sealed := make([]byte, 1, 1+len(salted)+aead.Overhead())
	sealed[0] = sealVersion
	return aead.Seal(sealed, nil, salted, []byte(owner)), ledger.CommitPart(salted[:saltSize], plaintext), nil
}

// Open gives a part back with the commitment that it fits. ledger.ErrErased
// means that the owner's key has been destroyed, ErrDamaged that the bytes are
// not what was sealed.
func (s *Sealer) Open(owner event.Stream, sealed []byte) ([]byte, ledger.Hash, error) {
	o, err := s.Opener(owner)
	if err != nil {
		return nil, ledger.Hash{}, err
	}
	return o.Open(sealed)
}

// Opener opens the parts of one owner. Unlike its Sealer it serves many
// goroutines at once, and sees nothing of a key that is destroyed later on.
type Opener struct {
	owner event.Stream
	bound []byte // the owner, as a part is bound to it
	aead  cipher.AEAD
}

// Opener reads an owner's key. ledger.ErrErased means that it has been destroyed.
func (s *Sealer) Opener(owner event.Stream) (Opener, error) {
	aead, err := s.key(owner, false)
	return Opener{owner, []byte(owner), aead}, err
}

// Open gives a part back as Sealer.Open does.
func (o Opener) Open(sealed []byte) ([]byte, ledger.Hash, error) {
	salted, err := o.salted(nil, sealed)
	if err != nil {
		return nil, ledger.Hash{}, err
	}
	return salted[saltSize:], ledger.CommitPart(salted[:saltSize], salted[saltSize:]), nil
}

// Read gives f a part that is to be shown, not proved: without its commitment,
// and only until f returns. Room is where it is laid; Read gives it back for the
// next part, grown where it was too small.
func (o Opener) Read(room, sealed []byte, f func(part []byte) error) ([]byte, error) {
	salted, err := o.salted(room[:0], sealed)
	if err != nil {
		return room, err
	}
	return salted, f(salted[saltSize:])
}

func (o Opener) salted(room, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 || sealed[0] != sealVersion {
		return nil, fmt.Errorf("%w: a part of %s", ErrDamaged, o.owner)
	}
	salted, err := o.aead.Open(room, nil, sealed[1:], o.bound)
	if err != nil || len(salted) < saltSize {
		return nil, fmt.Errorf("%w: a part of %s", ErrDamaged, o.owner)
	}
	return salted, nil
}

// Forget drops an owner's key from memory. Call it with the command that
// destroys the row, so that what follows in the same command sees it gone.
func (s *Sealer) Forget(owner event.Stream) { delete(s.open, owner) }

func (s *Sealer) key(owner event.Stream, mayMake bool) (cipher.AEAD, error) {
	if aead, ok := s.open[owner]; ok {
		return aead, nil
	}
	epoch, wrapped, found, err := s.rows.SealKey(owner)
	if err != nil {
		return nil, fmt.Errorf("vault: the key of %s: %w", owner, err)
	}
	var key []byte
	if found {
		if key, err = s.keys.Unwrap(epoch, wrapped, boundToOwner(owner)); err != nil {
			return nil, err
		}
	} else {
		if _, erased := s.rows.Erased(owner); erased || !mayMake {
			return nil, fmt.Errorf("%w: %s", ledger.ErrErased, owner)
		}
		key = random(keySize)
		if epoch, wrapped, err = s.keys.Wrap(key, boundToOwner(owner)); err != nil {
			return nil, err
		}
		if err := s.rows.PutSealKey(owner, epoch, wrapped); err != nil {
			return nil, fmt.Errorf("vault: keep the key of %s: %w", owner, err)
		}
	}
	aead, err := newAEAD(key)
	clear(key)
	if err != nil {
		return nil, err
	}
	if len(s.open) >= openKeys {
		clear(s.open)
	}
	s.open[owner] = aead
	return aead, nil
}

func boundToOwner(owner event.Stream) string { return "owner " + string(owner) }
