package party

import (
	"time"
	"unicode/utf8"
)

// Bounded tells whether s is text of at most max characters: valid UTF-8 and
// without control characters other than line breaks and tabs. Text is kept as
// typed; it is never normalised on the way in.
func Bounded(s string, max int) bool {
	if len(s) > 4*max {
		return false
	}
	n := 0
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return false
			}
		}
		if (r < 0x20 && r != '\n' && r != '\r' && r != '\t') || r == 0x7f {
			return false
		}
		n++
	}
	return n <= max
}

func validDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// ValidSpan tells whether from and until are ISO dates, either may be empty, in
// that order.
func ValidSpan(from, until string) bool {
	if (from != "" && !validDate(from)) || (until != "" && !validDate(until)) {
		return false
	}
	return from == "" || until == "" || from <= until
}
