package ledger

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/comity-project/comity/internal/event"
)

// maxParts bounds what DecodeParts accepts: an application with 60 natural
// persons among its parties stays far below it.
const maxParts = 4096

var errParts = errors.New("ledger: the stored private parts are damaged")

// EncodeParts packs parts into the bytes that one column holds; none is nil.
func EncodeParts(parts []Part) []byte {
	if len(parts) == 0 {
		return nil
	}
	b := binary.AppendUvarint(nil, uint64(len(parts)))
	for _, p := range parts {
		b = binary.AppendUvarint(b, uint64(len(p.Owner)))
		b = append(b, p.Owner...)
		b = append(b, p.Commit[:]...)
		b = binary.AppendUvarint(b, uint64(len(p.Sealed)))
		b = append(b, p.Sealed...)
	}
	return b
}

// DecodeParts is the reverse of EncodeParts. Sealed parts alias b.
func DecodeParts(b []byte) ([]Part, error) {
	if len(b) == 0 {
		return nil, nil
	}
	n, b, err := uvarint(b)
	if err != nil || n == 0 || n > maxParts {
		return nil, errParts
	}
	parts := make([]Part, 0, n)
	for range n {
		var owner, sealed []byte
		if owner, b, err = chunk(b); err != nil {
			return nil, err
		}
		p := Part{Owner: event.Stream(owner)}
		if len(b) < HashSize {
			return nil, errParts
		}
		copy(p.Commit[:], b)
		if sealed, b, err = chunk(b[HashSize:]); err != nil {
			return nil, err
		}
		p.Sealed = sealed
		parts = append(parts, p)
	}
	if len(b) != 0 {
		return nil, fmt.Errorf("%w: %d bytes too many", errParts, len(b))
	}
	return parts, nil
}

func uvarint(b []byte) (uint64, []byte, error) {
	v, n := binary.Uvarint(b)
	if n <= 0 {
		return 0, nil, errParts
	}
	return v, b[n:], nil
}

func chunk(b []byte) ([]byte, []byte, error) {
	n, b, err := uvarint(b)
	if err != nil || n > uint64(len(b)) {
		return nil, nil, errParts
	}
	return b[:n], b[n:], nil
}
