package store

import (
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"math"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/ledger"
)

// Bounds of one read of the ledger: a long scan is many short queries, each read
// whole before the caller sees it, so that the caller may ask other things of
// the same transaction meanwhile.
const (
	entryBatch = 2000
	batchBytes = 8 << 20 // of records, after which a batch ends early
)

var errFull = errors.New("store: the batch is full")

// entries is a batch of entries whose bytes lie in one buffer that the next
// batch uses again: a long scan then makes little garbage.
type entries struct {
	list []ledger.Entry
	buf  []byte
	ends []int
	seq  int64 // of the last entry read, in this batch or one before
}

// read runs a query for at most entryBatch records, and tells whether there may
// be more. further are where the columns after the record go; row is called for
// each row when they are filled.
func (b *entries) read(t *Tx, query string, args []any, row func(), further ...any) (more bool, err error) {
	b.list, b.buf, b.ends = b.list[:0], b.buf[:0], b.ends[:0]
	var record sql.RawBytes
	dest := append([]any{&record}, further...)
	err = t.each(query, args, func(scan func(...any) error) error {
		if len(b.buf) >= batchBytes {
			return errFull
		}
		if err := scan(dest...); err != nil {
			return err
		}
		b.buf = append(b.buf, record...)
		b.ends = append(b.ends, len(b.buf))
		if row != nil {
			row()
		}
		return nil
	})
	full := errors.Is(err, errFull)
	if err != nil && !full {
		return false, fmt.Errorf("store: read the ledger: %w", err)
	}
	from := 0
	for _, to := range b.ends {
		e, err := ledger.DecodeRecord(b.buf[from:to:to])
		if err != nil {
			return false, fmt.Errorf("store: the record after entry %d: %w", b.seq, err)
		}
		b.list, b.seq = append(b.list, e), e.Seq
		from = to
	}
	return full || len(b.list) == entryBatch, nil
}

// EntryBatches gives the entries after a number, in order, to the end, some at
// a time. A batch and the bytes of its entries are good until the next.
func (t *Tx) EntryBatches(after int64) iter.Seq2[[]ledger.Entry, error] {
	return func(yield func([]ledger.Entry, error) bool) {
		b := entries{seq: after}
		for more := true; more; {
			var err error
			more, err = b.read(t, `SELECT record FROM ledger_event WHERE seq > $1 ORDER BY seq LIMIT $2`, []any{after, int64(entryBatch)}, nil)
			if err == nil && len(b.list) > 0 && b.seq <= after {
				err = &ledger.Damage{Seq: after + 1, What: fmt.Sprintf("the record there is of entry %d", b.seq)}
			}
			if err != nil {
				yield(nil, err)
				return
			}
			after = b.seq
			if len(b.list) > 0 && !yield(b.list, nil) {
				return
			}
		}
	}
}

// Entries gives the entries after a number, in order, to the end. The bytes of
// an entry are good until the next is asked for.
func (t *Tx) Entries(after int64) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		for batch, err := range t.EntryBatches(after) {
			if err != nil {
				yield(ledger.Entry{}, err)
				return
			}
			for _, e := range batch {
				if !yield(e, nil) {
					return
				}
			}
		}
	}
}

// EntriesByStream gives all entries stream after stream, those of each in their
// order, some at a time: the streams come in the order of Streams. A batch and
// the bytes of its entries are good until the next. It fails where an entry is
// not filed under the stream and version that it says.
func (t *Tx) EntriesByStream() iter.Seq2[[]ledger.Entry, error] {
	type place struct {
		stream  string
		version int64
	}
	return func(yield func([]ledger.Entry, error) bool) {
		var b entries
		var at place
		var filed []place
		after := place{"", math.MaxInt64}
		for more := true; more; {
			filed = filed[:0]
			var err error
			more, err = b.read(t, `SELECT record, stream, version FROM ledger_event WHERE (stream, version) > ($1, $2) ORDER BY stream, version LIMIT $3`,
				[]any{after.stream, after.version, int64(entryBatch)}, func() { filed = append(filed, at) }, &at.stream, &at.version)
			if err != nil {
				yield(nil, err)
				return
			}
			for i, e := range b.list {
				if after = filed[i]; e.Stream != event.Stream(after.stream) || e.Version != after.version {
					yield(nil, &ledger.Damage{Seq: e.Seq, What: fmt.Sprintf("it is version %d of %s, and filed as version %d of %s", e.Version, e.Stream, after.version, after.stream)})
					return
				}
			}
			if len(b.list) > 0 && !yield(b.list, nil) {
				return
			}
		}
	}
}
