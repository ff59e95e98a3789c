package genuine

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// A list of licences that do not hold is a signed note:
//
//	comity/not-in-force/v1
//	the authority's name
//	2026-11-22T10:00:00Z
//	32 hexadecimal digits a line, sorted: the first half of the hash of a check code
//
// Who has a licence finds it there; nobody else learns a code from it, nor why a
// licence does not hold. Entries that belong to no licence fill it up to a bucket,
// so that its length does not tell how many there are; they are the same each time,
// so that a list changes only where a licence did.

const (
	listDomain = "comity/not-in-force/v1"
	bucket     = 64
	half       = sha256.Size / 2
)

// MaxList bounds a list, in bytes.
const MaxList = 64 << 20

// List is a list that was read.
type List struct {
	At      time.Time
	entries []string
}

// WriteList signs the list of check codes' hashes (hexadecimal, as
// licensing.CodeHash gives them) as of a time.
func WriteList(hashes []string, at time.Time, signer note.Signer) ([]byte, error) {
	var entries []string
	for _, h := range hashes {
		if b, err := hex.DecodeString(h); err != nil || len(b) != sha256.Size {
			return nil, fmt.Errorf("genuine: %q is not the hash of a code", h)
		}
		entries = append(entries, h[:2*half])
	}
	for i := 0; len(entries)%bucket != 0 || i == 0 && len(entries) == 0; i++ {
		// The signature of a number is known to the signer alone, and always the same.
		raw, err := sign(fmt.Sprintf("%s filling %d\n", listDomain, i), signer)
		if err != nil {
			return nil, err
		}
		h := sha256.Sum256(raw)
		entries = append(entries, hex.EncodeToString(h[:half]))
	}
	slices.Sort(entries)
	text := strings.Join(append([]string{listDomain, signer.Name(), at.UTC().Format(time.RFC3339)}, entries...), "\n") + "\n"
	b, err := note.Sign(&note.Note{Text: text}, signer)
	if err != nil {
		return nil, fmt.Errorf("genuine: sign the list: %w", err)
	}
	return b, nil
}

// ReadList reads a list: ErrForm, ErrSignature.
func ReadList(b []byte, key note.Verifier) (*List, error) {
	if len(b) > MaxList {
		return nil, ErrForm
	}
	n, err := note.Open(b, note.VerifierList(key))
	if err != nil {
		return nil, ErrSignature
	}
	lines := strings.Split(strings.TrimSuffix(n.Text, "\n"), "\n")
	if len(lines) < 4 || lines[0] != listDomain || lines[1] != key.Name() {
		return nil, ErrForm
	}
	l := &List{entries: lines[3:]}
	if l.At, err = time.Parse(time.RFC3339, lines[2]); err != nil || !slices.IsSorted(l.entries) {
		return nil, ErrForm
	}
	for _, e := range l.entries {
		if b, err := hex.DecodeString(e); err != nil || len(b) != half {
			return nil, ErrForm
		}
	}
	return l, nil
}

// Has tells whether a licence stands in the list, by the hash of its check code.
func (l *List) Has(hash string) bool {
	if len(hash) != 2*sha256.Size {
		return false
	}
	_, found := slices.BinarySearch(l.entries, hash[:2*half])
	return found
}
