package member

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

// Encrypt writes what only the named state's node can read: with the hybrid of
// X25519 and ML-KEM-768, so that who records it now can't read it later.
func (m *Member) Encrypt(plain []byte, state string) ([]byte, error) {
	l := m.List()
	if l == nil {
		return nil, errors.New("member: no trust list is installed")
	}
	s, ok := l.State(state)
	if !ok || s.Age == "" {
		return nil, fmt.Errorf("member: the trust list has no age recipient of %s", state)
	}
	to, err := age.ParseHybridRecipient(s.Age)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(plain)
	err = errors.Join(err, w.Close()) // the end is written here
	return b.Bytes(), err
}

// Decrypt reads what was encrypted for us, up to a bound.
func (m *Member) Decrypt(secret []byte, limit int64) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(secret), m.age)
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(plain)) > limit {
		err = errors.New("member: more was encrypted than is taken")
	}
	return plain, err
}
