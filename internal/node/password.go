package node

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// argon2id with 19 MiB, two passes, one lane: the first of the settings that
// the OWASP password storage guide names as equal in strength; about 30 ms.
const (
	argonTime   = 2
	argonMemory = 19 * 1024 // KiB
	argonLanes  = 1
	argonSalt   = 16
	argonKey    = 32
)

// hashing bounds how many passwords are worked on at once, and so the memory
// that a flood of sign-ins can take.
var hashing = make(chan struct{}, 4)

func hashPassword(password string) string {
	salt := make([]byte, argonSalt)
	if _, err := rand.Read(salt); err != nil {
		panic(err) // crypto/rand does not fail on the systems we run on
	}
	hashing <- struct{}{}
	key := argon2.IDKey([]byte(password), salt, argonTime, argonMemory, argonLanes, argonKey)
	<-hashing
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

// nobody's password: what is worked on when there is no account, so that the
// answer takes as long.
var nobodys = hashPassword("no account has this password")

func checkPassword(stored, password string) bool {
	missing := stored == ""
	if missing {
		stored = nobodys
	}
	if len(password) > 4*maxPassword {
		password = "" // bounded work; it cannot be right
	}
	var version int
	var memory, passes uint32
	var lanes uint8
	f := strings.Split(stored, "$")
	if len(f) != 6 || f[1] != "argon2id" {
		return false
	}
	if _, err := fmt.Sscanf(f[2], "v=%d", &version); err != nil || version != argon2.Version {
		return false
	}
	if _, err := fmt.Sscanf(f[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil {
		return false
	}
	salt, err := base64.RawStdEncoding.DecodeString(f[4])
	if err != nil {
		return false
	}
	want, err := base64.RawStdEncoding.DecodeString(f[5])
	if err != nil {
		return false
	}
	hashing <- struct{}{}
	got := argon2.IDKey([]byte(password), salt, passes, memory, lanes, uint32(len(want)))
	<-hashing
	return subtle.ConstantTimeCompare(got, want) == 1 && !missing
}
