package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/comity-project/comity/internal/event"
)

// An entry is stored as one record: reading a million of them is then one
// column a row. Its bytes, version 1: the number 1; seq, time and version as
// unsigned varints; stream, type, actor, command, salt and kept, each as its
// length (varint) and its bytes; the number of parts (varint) and for each its
// owner, its commitment (32 bytes) and its sealed bytes; the chain hash.

const (
	recordVersion = 1
	// maxParts bounds what DecodeRecord accepts: an application with 60 natural
	// persons among its parties stays far below it.
	maxParts = 4096
)

var errRecord = errors.New("ledger: the stored record is damaged")

// Record is the entry as it is stored.
func (e *Entry) Record() []byte {
	n := 96 + len(e.Stream) + len(e.Type) + len(e.Actor) + len(e.Command) + len(e.Salt) + len(e.Kept)
	for _, p := range e.Parts {
		n += 48 + len(p.Owner) + len(p.Sealed)
	}
	b := make([]byte, 0, n)
	b = append(b, recordVersion)
	b = binary.AppendUvarint(b, uint64(e.Seq))
	b = binary.AppendUvarint(b, uint64(e.Time))
	b = binary.AppendUvarint(b, uint64(e.Version))
	b = appendChunk(b, string(e.Stream))
	b = appendChunk(b, e.Type)
	b = appendChunk(b, e.Actor)
	b = appendChunk(b, e.Command)
	b = appendChunk(b, e.Salt)
	b = appendChunk(b, e.Kept)
	b = binary.AppendUvarint(b, uint64(len(e.Parts)))
	for _, p := range e.Parts {
		b = appendChunk(b, string(p.Owner))
		b = append(b, p.Commit[:]...)
		b = appendChunk(b, p.Sealed)
	}
	return append(b, e.Hash[:]...)
}

// DecodeRecord is the reverse of Record. Byte fields alias b.
func DecodeRecord(b []byte) (Entry, error) {
	if len(b) == 0 || b[0] != recordVersion {
		return Entry{}, fmt.Errorf("%w: it is not of version %d", errRecord, recordVersion)
	}
	r := reader{rest: b[1:]}
	e := Entry{
		Seq: r.number(), Time: r.number(), Version: r.number(), Stream: event.Stream(r.chunk()),
		Type: string(r.chunk()), Actor: string(r.chunk()), Command: string(r.chunk()), Salt: r.chunk(), Kept: r.chunk(),
	}
	n := r.number()
	if n < 0 || n > maxParts {
		return Entry{}, errRecord
	}
	if n > 0 {
		e.Parts = make([]Part, n)
	}
	for i := range e.Parts {
		e.Parts[i] = Part{Owner: event.Stream(r.chunk()), Commit: r.hash(), Sealed: r.chunk()}
	}
	e.Hash = r.hash()
	if r.bad || len(r.rest) != 0 {
		return Entry{}, errRecord
	}
	return e, nil
}

// reader reads fields one after another and remembers whether one did not fit.
type reader struct {
	rest []byte
	bad  bool
}

func (r *reader) number() int64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 || v > 1<<62 {
		r.bad, r.rest = true, nil
		return 0
	}
	r.rest = r.rest[n:]
	return int64(v)
}

func (r *reader) chunk() []byte {
	n := r.number()
	if n > int64(len(r.rest)) {
		r.bad, r.rest = true, nil
		return nil
	}
	c := r.rest[:n:n]
	r.rest = r.rest[n:]
	return c
}

func (r *reader) hash() (h Hash) {
	if len(r.rest) < HashSize {
		r.bad, r.rest = true, nil
		return h
	}
	copy(h[:], r.rest)
	r.rest = r.rest[HashSize:]
	return h
}

func appendChunk[T ~string | ~[]byte](b []byte, s T) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}
