package licensing

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// codeLetters is Crockford's base 32: no I, L, O or U, so that a code survives
// being read out. Each letter carries 5 bits.
const codeLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// minCode letters are 80 bits, too many to guess one by one.
const minCode = 16

// NormalCode brings a check code to the form that is hashed: upper case, without
// spaces and hyphens, look-alikes resolved. It answers false for what can't be
// a code.
func NormalCode(s string) (string, bool) {
	if len(s) > 128 {
		return "", false
	}
	var b strings.Builder
	for _, r := range strings.ToUpper(s) {
		switch r {
		case ' ', '-', '\u00a0', '\u2010', '\u2011', '\u2013':
			continue
		case 'O':
			r = '0'
		case 'I', 'L':
			r = '1'
		}
		if !strings.ContainsRune(codeLetters, r) {
			return "", false
		}
		b.WriteRune(r)
	}
	if b.Len() < minCode || b.Len() > 64 {
		return "", false
	}
	return b.String(), true
}

// CodeHash is what is stored of a code, and what the public check looks up.
func CodeHash(normal string) string {
	h := sha256.Sum256([]byte("comity/licence-code/v1\x00" + normal))
	return hex.EncodeToString(h[:])
}

// zone is the authority's time zone.
func (f Facts) zone() *time.Location {
	if f.Calendar == nil {
		return time.UTC
	}
	return f.Calendar.Location()
}
