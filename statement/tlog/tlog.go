// Package tlog is the log in which a node commits to everything it says: a
// Merkle tree of RFC 6962 whose leaves are salted, so that others can witness
// it without learning anything; checkpoints and cosignatures as C2SP writes
// them; tiles to publish it; and proofs that hold offline.
package tlog

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Hash is a node of the tree.
type Hash = tlog.Hash

// leafDomain sets the leaves of this log apart from every other use of SHA-256.
const leafDomain = "comity/leaf/v1"

// Leaf is the leaf of an envelope: SHA-256(0x00, "comity/leaf/v1", salt,
// SHA-256(envelope)), which is the RFC 6962 leaf hash of what follows the zero.
// Without salt and envelope it says nothing, also after both are erased.
func Leaf(salt, envelopeHash [sha256.Size]byte) Hash {
	data := make([]byte, 0, len(leafDomain)+2*sha256.Size)
	data = append(data, leafDomain...)
	data = append(data, salt[:]...)
	return tlog.RecordHash(append(data, envelopeHash[:]...))
}

// Dummy is a leaf about nothing, made of 64 random bytes: it looks as every
// other leaf does.
func Dummy(random [2 * sha256.Size]byte) Hash {
	return Leaf([sha256.Size]byte(random[:sha256.Size]), [sha256.Size]byte(random[sha256.Size:]))
}

// Padding is how many dummies bring size up to a multiple of bucket; at least
// one bucket is filled between two checkpoints, so that silence looks as talk
// does. before is the size at the last checkpoint.
func Padding(before, size, bucket int64) int64 {
	if bucket <= 0 || before < 0 || size < before {
		return 0
	}
	buckets := max(1, (size-before+bucket-1)/bucket)
	return before + buckets*bucket - size
}

// Nodes keeps the tree's hashes in the order of tlog.StoredHashIndex.
type Nodes interface {
	tlog.HashReader
	// Append adds hashes at the end.
	Append(hashes []Hash) error
}

// Add appends leaves to a tree of the given size.
func Add(nodes Nodes, size int64, leaves []Hash) (int64, error) {
	r := &recent{nodes: nodes, from: tlog.StoredHashCount(size)}
	for _, leaf := range leaves {
		hashes, err := tlog.StoredHashesForRecordHash(size, leaf, r)
		if err != nil {
			return 0, fmt.Errorf("tlog: %w", err)
		}
		r.new = append(r.new, hashes...)
		size++
	}
	return size, nodes.Append(r.new)
}

// recent reads what was just made ahead of what is stored.
type recent struct {
	nodes Nodes
	from  int64
	new   []Hash
}

// ReadHashes implements tlog.HashReader.
func (r *recent) ReadHashes(indexes []int64) ([]Hash, error) {
	out := make([]Hash, len(indexes))
	var old, at []int64
	for i, x := range indexes {
		if x >= r.from {
			out[i] = r.new[x-r.from]
			continue
		}
		old, at = append(old, x), append(at, int64(i))
	}
	if len(old) == 0 {
		return out, nil
	}
	hashes, err := r.nodes.ReadHashes(old)
	for i, h := range hashes {
		out[at[i]] = h
	}
	return out, err
}

// Root is the root of the first size leaves.
func Root(nodes tlog.HashReader, size int64) (Hash, error) { return tlog.TreeHash(size, nodes) }

// Inclusion proves that a leaf is under a root.
func Inclusion(nodes tlog.HashReader, size, index int64) ([]Hash, error) {
	if index < 0 || index >= size {
		return nil, fmt.Errorf("tlog: no leaf %d in a tree of %d", index, size)
	}
	return tlog.ProveRecord(size, index, nodes)
}

// CheckInclusion checks a proof of Inclusion.
func CheckInclusion(path []Hash, size int64, root Hash, index int64, leaf Hash) error {
	if index < 0 || index >= size || len(path) > 64 {
		return errors.New("tlog: the index is outside the tree")
	}
	return tlog.CheckRecord(path, size, root, index, leaf)
}

// Consistency proves that the tree of size was the beginning of the tree of
// later.
func Consistency(nodes tlog.HashReader, later, size int64) ([]Hash, error) {
	if size < 0 || size > later {
		return nil, fmt.Errorf("tlog: %d is not before %d", size, later)
	}
	if size == 0 || size == later {
		return nil, nil
	}
	return tlog.ProveTree(later, size, nodes)
}

// CheckConsistency checks a proof of Consistency. The empty tree is the
// beginning of every one.
func CheckConsistency(path []Hash, later int64, laterRoot Hash, size int64, root Hash) error {
	switch {
	case size < 0 || size > later || len(path) > 2*bits.UintSize:
		return errors.New("tlog: the sizes are not one before the other")
	case size == 0 || size == later:
		empty, err := tlog.TreeHash(0, nil)
		if err != nil {
			return err
		}
		if len(path) != 0 || size == 0 && root != empty || size == later && root != laterRoot {
			return errors.New("tlog: the trees differ")
		}
		return nil
	}
	return tlog.CheckTree(path, later, laterRoot, size, root)
}

// Checkpoint is the head of a log, as C2SP tlog-checkpoint writes it.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   Hash
}

// Text is what is signed.
func (c Checkpoint) Text() string { return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, c.Root) }

// ParseCheckpoint reads the text of a checkpoint. Lines beyond the third are
// allowed by C2SP and not by us: nobody would know what they say.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] == "" {
		return Checkpoint{}, errors.New("tlog: a checkpoint has three lines: origin, size, root")
	}
	c := Checkpoint{Origin: lines[0]}
	var err error
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 || strconv.FormatInt(c.Size, 10) != lines[1] {
		return Checkpoint{}, errors.New("tlog: the size of a checkpoint is a number without leading zeros")
	}
	if c.Root, err = tlog.ParseHash(lines[2]); err != nil || c.Root.String() != lines[2] {
		return Checkpoint{}, errors.New("tlog: the root of a checkpoint is a hash in base64")
	}
	return c, nil
}

// maxNote bounds a checkpoint with its cosignatures.
const maxNote = 1 << 20

// Sign writes a checkpoint as a note signed by the log itself.
func (c Checkpoint) Sign(log note.Signer) ([]byte, error) {
	if log.Name() != c.Origin {
		return nil, errors.New("tlog: a log signs under its origin")
	}
	return note.Sign(&note.Note{Text: c.Text()}, log)
}

// Opened is a checkpoint whose signature by the log holds, with the witnesses
// whose cosignatures hold too.
type Opened struct {
	Checkpoint
	// Witnessed is when each witness cosigned, in seconds since 1970.
	Witnessed map[string]int64
}

// Open checks a signed checkpoint. Cosignatures by others than the given
// witnesses are passed over; a wrong one by a given witness is an error.
func Open(signed []byte, log note.Verifier, witnesses ...*Witness) (*Opened, error) {
	if len(signed) > maxNote {
		return nil, fmt.Errorf("tlog: a checkpoint of %d bytes, at most %d", len(signed), maxNote)
	}
	known := []note.Verifier{log}
	byKey := map[string]*Witness{}
	for _, w := range witnesses {
		known = append(known, w)
		byKey[fmt.Sprint(w.Name(), w.KeyHash())] = w
	}
	n, err := note.Open(signed, note.VerifierList(known...))
	if err != nil {
		return nil, fmt.Errorf("tlog: checkpoint: %w", err)
	}
	c, err := ParseCheckpoint(n.Text)
	if err != nil {
		return nil, err
	}
	o := &Opened{Checkpoint: c, Witnessed: map[string]int64{}}
	byLog := false
	for _, s := range n.Sigs {
		if s.Name == log.Name() && s.Hash == log.KeyHash() {
			byLog = true
		} else if w := byKey[fmt.Sprint(s.Name, s.Hash)]; w != nil {
			o.Witnessed[w.Name()], err = cosignedAt(s.Base64)
			if err != nil {
				return nil, err
			}
		}
	}
	if !byLog || log.Name() != c.Origin {
		return nil, errors.New("tlog: the checkpoint is not signed by its log")
	}
	return o, nil
}
