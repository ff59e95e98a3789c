package ledger

import (
	"errors"
	"fmt"

	"github.com/comity-project/comity/internal/event"
)

// Verifier checks a ledger entry by entry: numbers, time, stream versions,
// chain, commitments and tree. Feed it every entry in order, then ask for Root
// and compare it with the checkpoints.
type Verifier struct {
	seal Sealer
	gone Erasures

	seq      int64
	time     int64
	prev     Hash
	versions map[streamKey]int64
	tree     Accumulator
	// unopened are owners whose parts could not be opened; each needs an
	// erasure in the ledger by the end.
	unopened map[event.Stream]int64
}

// streamKey stands for a stream's name while a ledger is checked: there are
// millions of streams, and half of a SHA-256 holds them apart as well as names
// do, in a quarter of the memory and with nothing for the collector to follow.
type streamKey [HashSize / 2]byte

func keyOf(s event.Stream) streamKey {
	h := hash([]byte(s))
	return streamKey(h[:])
}

// NewVerifier starts at the first entry. A nil Sealer leaves private parts
// unopened (an auditor without keys): their commitments then stay unchecked,
// and the chain still covers them.
func NewVerifier(seal Sealer, gone Erasures) *Verifier {
	return &Verifier{seal: seal, gone: gone, versions: map[streamKey]int64{}, unopened: map[event.Stream]int64{}}
}

// Damage is the first thing that does not fit, and where.
type Damage struct {
	Seq  int64
	What string
}

// Error names the place.
func (d *Damage) Error() string { return fmt.Sprintf("ledger: entry %d: %s", d.Seq, d.What) }

// Next checks the next entry.
func (v *Verifier) Next(e *Entry) error {
	bad := func(format string, args ...any) error {
		return &Damage{v.seq + 1, fmt.Sprintf(format, args...)}
	}
	if e.Seq != v.seq+1 {
		return bad("the next number stored is %d: entries are missing or out of order", e.Seq)
	}
	if e.Time < v.time {
		return bad("its time is before that of the entry ahead")
	}
	stream := keyOf(e.Stream)
	if want := v.versions[stream] + 1; e.Version != want {
		return bad("version %d of %s, want %d", e.Version, e.Stream, want)
	}
	if got := e.Link(v.prev); got != e.Hash {
		return bad("the chain hash does not fit: this entry or the one ahead was changed")
	}
	for i, p := range e.Parts {
		if v.seal == nil {
			break
		}
		_, commit, err := v.seal.Open(p.Owner, p.Sealed)
		switch {
		case errors.Is(err, ErrErased):
			v.unopened[p.Owner] = e.Seq
		case err != nil:
			return bad("private part %d cannot be opened: %v", i, err)
		case commit != p.Commit:
			return bad("private part %d is not what was committed to", i)
		}
	}
	v.seq, v.time, v.prev = e.Seq, e.Time, e.Hash
	v.versions[stream] = e.Version
	v.tree.Add(Leaf(e.Hash))
	return nil
}

// CheckAt compares the tree with a checkpoint of exactly this size.
func (v *Verifier) CheckAt(c Checkpoint) error {
	if c.Size != v.seq {
		return fmt.Errorf("ledger: checkpoint of size %d compared at %d", c.Size, v.seq)
	}
	if c.Root != v.tree.Root() {
		return &Damage{v.seq, fmt.Sprintf("the tree does not have the root that the checkpoint of size %d signed", c.Size)}
	}
	return nil
}

// Finish checks what only the end can tell: each part that could not be opened
// was erased by an event of this ledger.
func (v *Verifier) Finish() error {
	for owner, seq := range v.unopened {
		if _, ok := v.gone.Erased(owner); !ok {
			return &Damage{seq, fmt.Sprintf("a private part of %s cannot be opened and no erasure says why", owner)}
		}
	}
	return nil
}

// Size is how many entries were checked.
func (v *Verifier) Size() int64 { return v.seq }

// Head is the chain hash of the last entry checked.
func (v *Verifier) Head() Hash { return v.prev }
