package member

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// A witness's word is worth as much as its memory: one that cosigned a head and
// forgot it would cosign another beside it. So what was cosigned lies with the
// keys, and not in the database, which may be restored from an older backup.

func (m *Member) witnessFile(origin, suffix string) string {
	h := sha256.Sum256([]byte(origin))
	return filepath.Join(m.dir, "witness-"+hex.EncodeToString(h[:8])+suffix)
}

// Held is the last checkpoint cosigned of a log, by its listed origin; nil where
// there is none.
func (m *Member) Held(origin string) ([]byte, error) {
	b, err := os.ReadFile(m.witnessFile(origin, ".note"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return b, err
}

// Hold puts a checkpoint in place of the one that was held. It is on disk before
// anybody gets the cosignature.
func (m *Member) Hold(origin string, was, is []byte) error {
	now, err := m.Held(origin)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, was) {
		return errors.New("member: another checkpoint was cosigned meanwhile")
	}
	return write(m.witnessFile(origin, ".note"), is)
}

// Split keeps the proof that a log showed two histories: two checkpoints of one
// size that the log signed.
func (m *Member) Split(origin string, a, b []byte) error {
	name := m.witnessFile(origin, ".split")
	if _, err := os.Stat(name); err == nil {
		return nil // once is enough
	}
	return write(name, fmt.Appendf(nil, "%s\n%s", a, b))
}

// Splits are the proofs kept, each two checkpoints one after the other.
func (m *Member) Splits() (all [][]byte, err error) {
	names, err := filepath.Glob(filepath.Join(m.dir, "witness-*.split"))
	for _, name := range names {
		b, readErr := os.ReadFile(name)
		all, err = append(all, b), errors.Join(err, readErr)
	}
	return all, err
}
