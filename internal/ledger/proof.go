package ledger

import (
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/comity-project/comity/internal/event"
)

// Proof shows, without the ledger, that an entry is under a signed checkpoint.
// It discloses the header and, where the prover chooses, the kept part; never a
// private one.
type Proof struct {
	Format     string       `json:"format"` // "comity/proof/v1"
	Prev       []byte       `json:"prev"`   // chain hash of the entry ahead
	Seq        int64        `json:"seq"`
	Time       int64        `json:"time"` // UTC, microseconds
	Stream     event.Stream `json:"stream"`
	Version    int64        `json:"version"`
	Type       string       `json:"type"`
	Actor      string       `json:"actor"`
	Command    string       `json:"command"`
	Kept       []byte       `json:"kept,omitempty"`   // empty when not disclosed
	Salt       []byte       `json:"salt,omitempty"`   // with Kept
	Commit     []byte       `json:"commit,omitempty"` // commitment to the kept part where it is not disclosed
	Parts      []ProofPart  `json:"parts,omitempty"`
	Path       []tlog.Hash  `json:"path"`
	Checkpoint string       `json:"checkpoint"` // signed note
}

// ProofPart is what a proof says of a private part.
type ProofPart struct {
	Owner  event.Stream `json:"owner"`
	Commit []byte       `json:"commit"`
}

const (
	proofFormat   = "comity/proof/v1"
	maxProofBytes = 4 << 20
)

// Prove makes the proof that e, which follows prev, is under a checkpoint of
// the given size. disclose says whether the kept part goes into it.
func Prove(blocks Blocks, e Entry, prev Hash, size int64, checkpoint []byte, disclose bool) (Proof, error) {
	if e.Seq < 1 || e.Seq > size {
		return Proof{}, fmt.Errorf("ledger: entry %d is not under the checkpoint of size %d: wait for the next one", e.Seq, size)
	}
	path, err := tlog.ProveRecord(size, e.Seq-1, newBlockReader(blocks))
	if err != nil {
		return Proof{}, fmt.Errorf("ledger: prove %d: %w", e.Seq, err)
	}
	p := Proof{
		Format: proofFormat, Prev: prev[:], Seq: e.Seq, Time: e.Time, Stream: e.Stream, Version: e.Version,
		Type: e.Type, Actor: e.Actor, Command: e.Command, Path: path, Checkpoint: string(checkpoint),
	}
	if disclose {
		p.Kept, p.Salt = e.Kept, e.Salt
	} else {
		c := e.CommitKept()
		p.Commit = c[:]
	}
	for _, part := range e.Parts {
		p.Parts = append(p.Parts, ProofPart{part.Owner, part.Commit[:]})
	}
	return p, nil
}

// CheckProof checks a proof offline against the ledger's public key and
// returns it with the checkpoint it rests on.
func CheckProof(b []byte, verifier note.Verifier) (Proof, Checkpoint, error) {
	fail := func(err error) (Proof, Checkpoint, error) { return Proof{}, Checkpoint{}, err }
	if len(b) > maxProofBytes {
		return fail(errors.New("ledger: a proof is at most 4 MiB"))
	}
	var p Proof
	if err := json.Unmarshal(b, &p); err != nil {
		return fail(fmt.Errorf("ledger: proof: %w", err))
	}
	if p.Format != proofFormat {
		return fail(fmt.Errorf("ledger: proof: want the format %s, got %q", proofFormat, p.Format))
	}
	cp, err := OpenCheckpoint([]byte(p.Checkpoint), verifier)
	if err != nil {
		return fail(err)
	}
	header, err := p.header()
	if err != nil {
		return fail(err)
	}
	chain := hash(chainDomain, p.Prev, header)
	if p.Seq < 1 || p.Seq > cp.Size {
		return fail(errors.New("ledger: proof: the entry's number is outside the checkpoint"))
	}
	if err := tlog.CheckRecord(p.Path, cp.Size, cp.Root, p.Seq-1, Leaf(chain)); err != nil {
		return fail(fmt.Errorf("ledger: proof: the entry is not under this checkpoint: %w", err))
	}
	return p, cp, nil
}

func (p Proof) header() ([]byte, error) {
	if len(p.Prev) != HashSize {
		return nil, errors.New("ledger: proof: the hash ahead has the wrong size")
	}
	e := Entry{
		Seq: p.Seq, Time: p.Time, Stream: p.Stream, Version: p.Version, Type: p.Type, Actor: p.Actor, Command: p.Command,
		Kept: p.Kept, Salt: p.Salt,
	}
	for _, part := range p.Parts {
		if len(part.Commit) != HashSize {
			return nil, errors.New("ledger: proof: a commitment has the wrong size")
		}
		e.Parts = append(e.Parts, Part{Owner: part.Owner, Commit: Hash(part.Commit)})
	}
	if len(p.Kept) > 0 {
		return e.Header(), nil
	}
	if len(p.Commit) != HashSize {
		return nil, errors.New("ledger: proof: neither the kept part nor its commitment is there")
	}
	return e.appendHeader(nil, Hash(p.Commit)), nil
}
