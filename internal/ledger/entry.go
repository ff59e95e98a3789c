// Package ledger is the memory that can be checked: what an event looks like in
// storage, the hash chain through all of them, the Merkle tree above them with
// signed checkpoints, proofs that one event is in it, and the check of it all.
// It knows formats and arithmetic; the store keeps the bytes, the vault the keys.
//
// The formats are specified, with test vectors, in docs/ledger-format.md.
package ledger

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/comity-project/comity/internal/event"
)

// HashSize is the size of every hash and commitment here: SHA-256.
const HashSize = sha256.Size

// Hash is a SHA-256 value.
type Hash [HashSize]byte

// Domain separation: no hash of one kind can be passed off as another.
var (
	keptDomain  = []byte("comity/kept/v1\x00")
	partDomain  = []byte("comity/part/v1\x00")
	chainDomain = []byte("comity/chain/v1\x00")
)

// Entry is one event as it is stored.
type Entry struct {
	Seq     int64        // place in the ledger, from 1
	Time    int64        // UTC, microseconds since 1970; never before the entry ahead
	Stream  event.Stream //
	Version int64        // place in its stream, from 1
	Type    string       // event type
	Actor   string       // account id, or "system"
	Command string       // id of the command that caused it
	Salt    []byte       // 16 random bytes for the commitment to Kept
	Kept    []byte       // JSON, stays for ever
	Parts   []Part       // sealed parts, in the order of their declaration
	Hash    Hash         // over the entry ahead and this one
}

// Part is a sealed private part. The chain covers Owner and Commit; Sealed can
// become unreadable without breaking it.
type Part struct {
	Owner  event.Stream
	Commit Hash   // salted: says nothing about the plaintext once the salt is gone
	Sealed []byte // the salt is inside
}

// ErrErased is what a Sealer answers when the owner's key has been destroyed.
var ErrErased = errors.New("ledger: the key of this part has been destroyed")

// Sealer seals and opens private parts under their owner's key. A new owner
// gets a key at its first Seal; an owner whose key was destroyed never again.
type Sealer interface {
	Seal(owner event.Stream, plaintext []byte) (sealed []byte, commit Hash, err error)
	// Open answers ErrErased when the key is gone.
	Open(owner event.Stream, sealed []byte) (plaintext []byte, commit Hash, err error)
}

// CommitPart is the commitment to a private part.
func CommitPart(salt, plaintext []byte) Hash { return hash(partDomain, salt, plaintext) }

// CommitKept is the commitment to the kept part.
func (e *Entry) CommitKept() Hash { return hash(keptDomain, e.Salt, e.Kept) }

// Header is what the chain covers: everything but the parts' contents, which
// it covers by their commitments. All integers are big-endian; a string is its
// length in four bytes and then its bytes.
func (e *Entry) Header() []byte { return e.appendHeader(nil, e.CommitKept()) }

func (e *Entry) appendHeader(b []byte, kept Hash) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(e.Seq))
	b = binary.BigEndian.AppendUint64(b, uint64(e.Time))
	b = appendString(b, string(e.Stream))
	b = binary.BigEndian.AppendUint64(b, uint64(e.Version))
	b = appendString(b, e.Type)
	b = appendString(b, e.Actor)
	b = appendString(b, e.Command)
	b = append(b, kept[:]...)
	b = binary.BigEndian.AppendUint32(b, uint32(len(e.Parts)))
	for _, p := range e.Parts {
		b = appendString(b, string(p.Owner))
		b = append(b, p.Commit[:]...)
	}
	return b
}

// Link computes the chain hash of the entry after prev.
func (e *Entry) Link(prev Hash) Hash {
	var room [hashRoom]byte
	b := append(room[:0], chainDomain...)
	b = append(b, prev[:]...)
	return sha256.Sum256(e.appendHeader(b, e.CommitKept()))
}

// Encode turns a new event into an entry without its place: Seq, Version, Time
// and Hash are set when it is appended.
func Encode(n event.New, actor, command string, seal Sealer) (Entry, error) {
	e := Entry{Stream: n.Stream, Type: n.Event.EventType(), Actor: actor, Command: command, Salt: make([]byte, 16)}
	if _, err := rand.Read(e.Salt); err != nil {
		return Entry{}, fmt.Errorf("ledger: salt: %w", err)
	}
	p := event.Pointer(n.Event)
	kept, err := json.Marshal(p)
	if err != nil {
		return Entry{}, fmt.Errorf("ledger: encode %s: %w", e.Type, err)
	}
	e.Kept = kept
	parts, err := event.Parts(p)
	if err != nil {
		return Entry{}, err
	}
	for _, part := range parts {
		plain, err := part.Plaintext()
		if err != nil {
			return Entry{}, fmt.Errorf("ledger: encode a private part of %s: %w", e.Type, err)
		}
		sealed, commit, err := seal.Seal(part.PartOwner(), plain)
		if err != nil {
			return Entry{}, fmt.Errorf("ledger: seal a private part of %s: %w", e.Type, err)
		}
		e.Parts = append(e.Parts, Part{Owner: part.PartOwner(), Commit: commit, Sealed: sealed})
	}
	return e, nil
}

// Erasures answers when and why an owner's key was destroyed.
type Erasures interface {
	Erased(owner event.Stream) (event.Erasure, bool)
}

// Decode gives an entry back as the event it was. A part whose key is gone is
// marked erased; a key that is gone without an erasure is an error.
func Decode(e Entry, reg *event.Registry, seal Sealer, gone Erasures) (event.Recorded, error) {
	p, err := reg.New(e.Type)
	if err != nil {
		return event.Recorded{}, err
	}
	if err := json.Unmarshal(e.Kept, p); err != nil {
		return event.Recorded{}, fmt.Errorf("ledger: decode %s at %d: %w", e.Type, e.Seq, err)
	}
	if len(e.Parts) > 0 {
		parts, err := event.Parts(p)
		if err != nil {
			return event.Recorded{}, err
		}
		if len(parts) != len(e.Parts) {
			return event.Recorded{}, fmt.Errorf("ledger: %s at %d has %d private parts, its shape has %d", e.Type, e.Seq, len(e.Parts), len(parts))
		}
		for i, part := range parts {
			plain, _, err := seal.Open(e.Parts[i].Owner, e.Parts[i].Sealed)
			switch {
			case errors.Is(err, ErrErased):
				era, ok := gone.Erased(e.Parts[i].Owner)
				if !ok {
					return event.Recorded{}, fmt.Errorf("ledger: part %d of %s at %d cannot be opened and no erasure says why", i, e.Type, e.Seq)
				}
				part.SetErased(era)
			case err != nil:
				return event.Recorded{}, fmt.Errorf("ledger: open part %d of %s at %d: %w", i, e.Type, e.Seq, err)
			default:
				if err := part.SetPlaintext(plain); err != nil {
					return event.Recorded{}, fmt.Errorf("ledger: decode part %d of %s at %d: %w", i, e.Type, e.Seq, err)
				}
			}
		}
	}
	return event.Recorded{
		Seq: e.Seq, Stream: e.Stream, Version: e.Version, Time: time.UnixMicro(e.Time).UTC(),
		Actor: e.Actor, Event: event.Value(p),
	}, nil
}

// hashRoom is what a hash takes from the stack for what it hashes: most headers
// and kept parts fit, and checking a ledger then allocates nothing for them.
const hashRoom = 768

func hash(pieces ...[]byte) Hash {
	// One buffer and one Sum256 are faster than a streaming hash for the few
	// hundred bytes that a header has; more would have to be copied to the heap.
	size := 0
	for _, p := range pieces {
		size += len(p)
	}
	if size > hashRoom {
		var h Hash
		d := sha256.New()
		for _, p := range pieces {
			d.Write(p)
		}
		d.Sum(h[:0])
		return h
	}
	var room [hashRoom]byte
	buf := room[:0]
	for _, p := range pieces {
		buf = append(buf, p...)
	}
	return sha256.Sum256(buf)
}

func appendString(b []byte, s string) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(len(s)))
	return append(b, s...)
}
