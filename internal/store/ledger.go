package store

import (
	"fmt"
	"math"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/ledger"
)

// Append gives entries their places at the ledger's end and writes them. Each
// entry's Version must already be the next of its stream.
func (t *Tx) Append(entries []ledger.Entry) error {
	for i := range entries {
		e := &entries[i]
		e.Seq = t.head.Seq + 1
		e.Time = max(t.now.UnixMicro(), t.head.Time)
		e.Hash = e.Link(t.head.Hash)
		if err := t.exec(`INSERT INTO ledger_event (seq, stream, version, record) VALUES ($1, $2, $3, $4)`,
			e.Seq, string(e.Stream), e.Version, e.Record()); err != nil {
			return err
		}
		t.head.Seq, t.head.Time, t.head.Hash = e.Seq, e.Time, e.Hash
	}
	return nil
}

// Restore writes an entry of an imported ledger as it is, after the caller has
// verified that it follows the one before. It notes the owners of its parts.
func (t *Tx) Restore(e ledger.Entry) error {
	if err := t.exec(`INSERT INTO ledger_event (seq, stream, version, record) VALUES ($1, $2, $3, $4)`,
		e.Seq, string(e.Stream), e.Version, e.Record()); err != nil {
		return err
	}
	for _, p := range e.Parts {
		if p.Owner != e.Stream {
			if err := t.SealedIn(p.Owner, e.Stream); err != nil {
				return err
			}
		}
	}
	t.head.Seq, t.head.Time, t.head.Hash = e.Seq, e.Time, e.Hash
	return nil
}

func scanEntry(scan func(...any) error) (ledger.Entry, error) {
	var record []byte
	if err := scan(&record); err != nil {
		return ledger.Entry{}, err
	}
	return ledger.DecodeRecord(record)
}

// StreamEntries gives the entries of one stream after a version, in order.
func (t *Tx) StreamEntries(s event.Stream, after int64) ([]ledger.Entry, error) {
	var out []ledger.Entry
	err := t.each(`SELECT record FROM ledger_event WHERE stream = $1 AND version > $2 ORDER BY version`, []any{string(s), after},
		func(scan func(...any) error) error {
			e, err := scanEntry(scan)
			out = append(out, e)
			return err
		})
	return out, err
}

// Entry reads one entry and the chain hash of the one ahead.
func (t *Tx) Entry(seq int64) (e ledger.Entry, prev ledger.Hash, found bool, err error) {
	err = t.each(`SELECT record FROM ledger_event WHERE seq IN ($1, $2) ORDER BY seq`, []any{seq - 1, seq},
		func(scan func(...any) error) error {
			x, err := scanEntry(scan)
			if err != nil {
				return err
			}
			if x.Seq == seq {
				e, found = x, true
			} else {
				prev = x.Hash
			}
			return nil
		})
	return e, prev, found, err
}

// ChainHashes reads at most n chain hashes after a number.
func (t *Tx) ChainHashes(after int64, n int) ([]ledger.Hash, error) {
	out := make([]ledger.Hash, 0, n)
	err := t.each(`SELECT record FROM ledger_event WHERE seq > $1 ORDER BY seq LIMIT $2`, []any{after, int64(n)},
		func(scan func(...any) error) error {
			e, err := scanEntry(scan)
			out = append(out, e.Hash)
			return err
		})
	return out, err
}

// Block implements ledger.Blocks.
func (t *Tx) Block(n int64) (b []byte, err error) {
	_, err = t.row(`SELECT hashes FROM ledger_block WHERE n = $1`, []any{n}, &b)
	return b, err
}

// PutBlock implements ledger.Blocks.
func (t *Tx) PutBlock(n int64, hashes []byte) error {
	return t.exec(`INSERT INTO ledger_block (n, hashes) VALUES ($1, $2) ON CONFLICT (n) DO UPDATE SET hashes = excluded.hashes`, n, hashes)
}

// Checkpoint is a stored checkpoint.
type Checkpoint struct {
	Size int64
	Root tlog.Hash
	Note []byte // signed
	Time int64  // UTC, microseconds
}

// PutCheckpoint stores a checkpoint.
func (t *Tx) PutCheckpoint(c Checkpoint) error {
	return t.exec(`INSERT INTO ledger_checkpoint (size, root, note, time) VALUES ($1, $2, $3, $4) ON CONFLICT (size) DO NOTHING`,
		c.Size, c.Root[:], string(c.Note), t.now.UnixMicro())
}

// Checkpoints gives all checkpoints by size.
func (t *Tx) Checkpoints() ([]Checkpoint, error) {
	var out []Checkpoint
	err := t.each(`SELECT size, root, note, time FROM ledger_checkpoint ORDER BY size`, nil, func(scan func(...any) error) error {
		c, err := scanCheckpoint(scan)
		out = append(out, c)
		return err
	})
	return out, err
}

// LastCheckpoint is the newest one; Size 0 where there is none.
func (t *Tx) LastCheckpoint() (c Checkpoint, err error) {
	err = t.each(`SELECT size, root, note, time FROM ledger_checkpoint ORDER BY size DESC LIMIT 1`, nil, func(scan func(...any) error) error {
		c, err = scanCheckpoint(scan)
		return err
	})
	return c, err
}

func scanCheckpoint(scan func(...any) error) (c Checkpoint, err error) {
	var root []byte
	var text string
	if err = scan(&c.Size, &root, &text, &c.Time); err != nil {
		return c, err
	}
	if len(root) != len(c.Root) {
		return c, fmt.Errorf("store: the checkpoint of size %d is damaged", c.Size)
	}
	c.Root, c.Note = tlog.Hash(root), []byte(text)
	return c, nil
}

// LastCheckpoints gives the newest checkpoints, the newest first.
func (t *Tx) LastCheckpoints(n int) ([]Checkpoint, error) {
	var out []Checkpoint
	err := t.each(`SELECT size, root, note, time FROM ledger_checkpoint ORDER BY size DESC LIMIT $1`, []any{int64(n)}, func(scan func(...any) error) error {
		c, err := scanCheckpoint(scan)
		out = append(out, c)
		return err
	})
	return out, err
}

// EntriesBefore gives at most n entries before a number, the latest first; 0
// begins at the end.
func (t *Tx) EntriesBefore(seq int64, n int) ([]ledger.Entry, error) {
	if seq <= 0 {
		seq = math.MaxInt64
	}
	var out []ledger.Entry
	err := t.each(`SELECT record FROM ledger_event WHERE seq < $1 ORDER BY seq DESC LIMIT $2`, []any{seq, int64(n)},
		func(scan func(...any) error) error {
			e, err := scanEntry(scan)
			out = append(out, e)
			return err
		})
	return out, err
}
