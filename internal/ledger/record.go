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
	r := reader{b: b, at: 1}
	e := Entry{Seq: r.number(), Time: r.number(), Version: r.number()}
	// The four names stand next to each other: one string holds them all.
	first := r.at
	stream, kind, actor, command := r.span(), r.span(), r.span(), r.span()
	names := string(b[first:r.at])
	name := func(s span) string { return names[s.from-first : s.to-first] }
	e.Stream, e.Type, e.Actor, e.Command = event.Stream(name(stream)), name(kind), name(actor), name(command)
	e.Salt, e.Kept = r.chunk(), r.chunk()
	n := r.number()
	if n < 0 || n > maxParts {
		return Entry{}, errRecord
	}
	if n > 0 {
		e.Parts = make([]Part, n)
	}
	for i := range e.Parts {
		owner := e.Stream // of most parts: the string is there
		if o := r.chunk(); string(o) != string(owner) {
			owner = event.Stream(o)
		}
		e.Parts[i] = Part{Owner: owner, Commit: r.hash(), Sealed: r.chunk()}
	}
	e.Hash = r.hash()
	if r.bad || r.at != len(b) {
		return Entry{}, errRecord
	}
	return e, nil
}

// reader reads fields one after another and remembers whether one did not fit:
// from then on it stands at the end.
type reader struct {
	b   []byte
	at  int
	bad bool
}

// span is where a field's bytes are.
type span struct{ from, to int }

func (r *reader) fail() { r.bad, r.at = true, len(r.b) }

func (r *reader) number() int64 {
	v, n := binary.Uvarint(r.b[r.at:])
	if n <= 0 || v > 1<<62 {
		r.fail()
		return 0
	}
	r.at += n
	return int64(v)
}

func (r *reader) span() span {
	n := r.number()
	if n > int64(len(r.b)-r.at) {
		r.fail()
		return span{r.at, r.at}
	}
	from := r.at
	r.at += int(n)
	return span{from, r.at}
}

func (r *reader) chunk() []byte {
	s := r.span()
	return r.b[s.from:s.to:s.to]
}

func (r *reader) hash() (h Hash) {
	if len(r.b)-r.at < HashSize {
		r.fail()
		return h
	}
	copy(h[:], r.b[r.at:])
	r.at += HashSize
	return h
}

func appendChunk[T ~string | ~[]byte](b []byte, s T) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}
