package lang

import (
	"cmp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Compare orders names as an alphabet lists them: without regard to capitals,
// marks on letters and what is no letter. Alphabets that give a letter with a
// mark a place of its own are not followed in it: the tables for that would be
// a megabyte of the program.
func Compare(a, b string) int {
	if c := cmp.Compare(orderKey(a), orderKey(b)); c != 0 {
		return c
	}
	return cmp.Compare(a, b)
}

func orderKey(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		case unicode.IsSpace(r), r == '.':
			return ' '
		case r == '-':
			return r
		}
		return -1
	}, norm.NFKD.String(s))
}
