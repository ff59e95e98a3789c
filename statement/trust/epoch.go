package trust

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// A node that lost the end of its log can't go on with it: witnesses hold what
// it no longer has. It begins a new log under the same key, whose origin is the
// listed one with the number of the epoch behind it.

const epochMark = "/epoch/"

// Origin is the origin of a state's log in an epoch. The first is as listed.
func Origin(listed string, epoch int64) string {
	if epoch <= 1 {
		return listed
	}
	return listed + epochMark + strconv.FormatInt(epoch, 10)
}

// EpochOf is the epoch that an origin names, and the origin as it is listed.
func EpochOf(origin string) (listed string, epoch int64, err error) {
	listed, n, found := strings.Cut(origin, epochMark)
	if !found {
		return origin, 1, nil
	}
	epoch, err = strconv.ParseInt(n, 10, 64)
	if err != nil || epoch < 2 || strconv.FormatInt(epoch, 10) != n {
		return "", 0, fmt.Errorf("trust: %q is no origin of an epoch", origin)
	}
	return listed, epoch, nil
}

// LogKey is the key of a state's log in an epoch.
func (s *State) LogKey(epoch int64) (note.Verifier, error) {
	listed, err := note.NewVerifier(s.Log)
	if err != nil || epoch <= 1 {
		return listed, err
	}
	_, rest, _ := strings.Cut(s.Log, "+")
	_, encoded, _ := strings.Cut(rest, "+")
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(key) != 1+ed25519.PublicKeySize {
		return nil, errors.New("trust: the key of a log is Ed25519")
	}
	vkey, err := note.NewEd25519VerifierKey(Origin(listed.Name(), epoch), key[1:])
	if err != nil {
		return nil, err
	}
	return note.NewVerifier(vkey)
}

// LogOf is the key that a checkpoint of the state's log must be signed with, by
// the origin in its first line.
func (s *State) LogOf(checkpoint []byte) (note.Verifier, error) {
	origin, _, _ := strings.Cut(string(checkpoint), "\n")
	_, epoch, err := EpochOf(origin)
	if err != nil {
		return nil, err
	}
	return s.LogKey(epoch)
}
