package ledger

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/bits"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The Merkle tree is that of RFC 6962: leaf i is the hash of the chain hash of
// entry i+1. Its node hashes are stored in the order of tlog.StoredHashIndex,
// packed into blocks so that advancing it touches few rows.

// BlockSize is how many node hashes one stored block holds.
const BlockSize = 512

// Leaf is the tree's leaf for an entry's chain hash: tlog.RecordHash of it,
// without that function's allocations.
func Leaf(chain Hash) tlog.Hash {
	var leaf [1 + HashSize]byte // RFC 6962: a zero before a leaf
	copy(leaf[1:], chain[:])
	return sha256.Sum256(leaf[:])
}

// Blocks keeps the node hashes of the tree: the store implements it.
type Blocks interface {
	// Block reads block n: a multiple of 32 bytes, empty where there is none.
	Block(n int64) ([]byte, error)
	// PutBlock writes block n.
	PutBlock(n int64, hashes []byte) error
}

// blockReader reads node hashes through a small cache of blocks.
type blockReader struct {
	blocks Blocks
	cache  map[int64][]byte
	dirty  map[int64]bool
}

func (r *blockReader) block(n int64) ([]byte, error) {
	if b, ok := r.cache[n]; ok {
		return b, nil
	}
	b, err := r.blocks.Block(n)
	if err != nil {
		return nil, err
	}
	r.cache[n] = b
	return b, nil
}

// ReadHashes implements tlog.HashReader.
func (r *blockReader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		b, err := r.block(x / BlockSize)
		if err != nil {
			return nil, err
		}
		at := (x % BlockSize) * HashSize
		if int64(len(b)) < at+HashSize {
			return nil, fmt.Errorf("ledger: tree node %d is not stored", x)
		}
		copy(out[i][:], b[at:])
	}
	return out, nil
}

func (r *blockReader) append(x int64, h tlog.Hash) error {
	n := x / BlockSize
	b, err := r.block(n)
	if err != nil {
		return err
	}
	if int64(len(b)) != (x%BlockSize)*HashSize {
		return fmt.Errorf("ledger: tree node %d does not follow what is stored", x)
	}
	if !r.dirty[n] {
		b = append(make([]byte, 0, BlockSize*HashSize), b...) // the store's bytes stay as they are
	}
	r.cache[n] = append(b, h[:]...)
	r.dirty[n] = true
	return nil
}

func newBlockReader(blocks Blocks) *blockReader {
	return &blockReader{blocks, map[int64][]byte{}, map[int64]bool{}}
}

// Advance adds the leaves of further entries to a stored tree of the given
// size and returns the new size and root.
func Advance(blocks Blocks, size int64, chain []Hash) (int64, tlog.Hash, error) {
	r := newBlockReader(blocks)
	for _, c := range chain {
		hashes, err := tlog.StoredHashesForRecordHash(size, Leaf(c), r)
		if err != nil {
			return 0, tlog.Hash{}, fmt.Errorf("ledger: advance the tree: %w", err)
		}
		x := tlog.StoredHashIndex(0, size)
		for i, h := range hashes {
			if err := r.append(x+int64(i), h); err != nil {
				return 0, tlog.Hash{}, err
			}
		}
		size++
	}
	root, err := tlog.TreeHash(size, r)
	if err != nil {
		return 0, tlog.Hash{}, fmt.Errorf("ledger: root: %w", err)
	}
	for n := range r.dirty {
		if err := blocks.PutBlock(n, r.cache[n]); err != nil {
			return 0, tlog.Hash{}, err
		}
	}
	return size, root, nil
}

// Root computes the root of the first size leaves from stored blocks.
func Root(blocks Blocks, size int64) (tlog.Hash, error) {
	return tlog.TreeHash(size, newBlockReader(blocks))
}

// Accumulator computes a root leaf by leaf without storage: what verify uses
// to see that the stored tree says the same.
type Accumulator struct {
	size  int64
	stack []tlog.Hash // one complete subtree for each bit of size, largest first
}

// Add takes the next leaf.
func (a *Accumulator) Add(leaf tlog.Hash) {
	a.size++
	for range bits.TrailingZeros64(uint64(a.size)) {
		last := len(a.stack) - 1
		leaf = tlog.NodeHash(a.stack[last], leaf)
		a.stack = a.stack[:last]
	}
	a.stack = append(a.stack, leaf)
}

// Root is the root of all leaves added so far; of none it is the empty hash.
func (a *Accumulator) Root() tlog.Hash {
	if len(a.stack) == 0 {
		var none tlog.Hash
		h, err := tlog.TreeHash(0, nil)
		if err != nil {
			return none
		}
		return h
	}
	h := a.stack[len(a.stack)-1]
	for i := len(a.stack) - 2; i >= 0; i-- {
		h = tlog.NodeHash(a.stack[i], h)
	}
	return h
}

// Checkpoint is a signed statement of size and root, in the C2SP form.
type Checkpoint struct {
	Origin string // the ledger's name, a line without spaces at its ends
	Size   int64
	Root   tlog.Hash
}

// Sign writes the checkpoint as a signed note.
func (c Checkpoint) Sign(signer note.Signer) ([]byte, error) {
	if c.Origin == "" || strings.ContainsAny(c.Origin, "\n") {
		return nil, errors.New("ledger: a checkpoint needs the ledger's name on one line")
	}
	return note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root)}, signer)
}

// OpenCheckpoint checks the signature and reads the checkpoint.
func OpenCheckpoint(signed []byte, verifier note.Verifier) (Checkpoint, error) {
	n, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("ledger: checkpoint: %w", err)
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 {
		return Checkpoint{}, errors.New("ledger: checkpoint: want three lines: name, size, root")
	}
	c := Checkpoint{Origin: lines[0]}
	if _, err := fmt.Sscanf(lines[1], "%d", &c.Size); err != nil || c.Size < 0 || fmt.Sprint(c.Size) != lines[1] {
		return Checkpoint{}, errors.New("ledger: checkpoint: the size is not a number")
	}
	if c.Root, err = tlog.ParseHash(lines[2]); err != nil {
		return Checkpoint{}, fmt.Errorf("ledger: checkpoint: root: %w", err)
	}
	return c, nil
}

// String is the hash in hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }
