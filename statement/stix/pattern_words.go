package stix

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"
)

// tokenKind is a kind of word of the patterning language.
type tokenKind byte

const (
	tokEnd tokenKind = iota
	tokName
	tokHyphenName // only as the type of an object
	tokKeyword
	tokString
	tokHex
	tokBinary
	tokTime
	tokInt
	tokFloat
	tokBool
	tokSign // operators and brackets
)

type token struct {
	kind tokenKind
	text string // of a string its content, else as it stands
	at   int
}

func (t token) String() string {
	switch t.kind {
	case tokEnd:
		return "the end"
	case tokString:
		return "'" + shorten(t.text) + "'"
	}
	return "'" + shorten(t.text) + "'"
}

var patternKeywords = map[string]bool{
	"AND": true, "OR": true, "NOT": true, "FOLLOWEDBY": true, "LIKE": true, "MATCHES": true, "ISSUPERSET": true, "ISSUBSET": true,
	"EXISTS": true, "LAST": true, "IN": true, "START": true, "STOP": true, "SECONDS": true, "WITHIN": true, "REPEATS": true, "TIMES": true,
}

// PatternError says where a pattern breaks the grammar.
type PatternError struct {
	At      int // byte in the pattern, from 0
	Message string
}

// Error says where and why.
func (e *PatternError) Error() string { return fmt.Sprintf("at character %d: %s", e.At+1, e.Message) }

func patternError(at int, format string, args ...any) *PatternError {
	return &PatternError{at, fmt.Sprintf(format, args...)}
}

// patternWords splits a pattern into words.
func patternWords(s string) (all []token, _ error) {
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case strings.ContainsRune(patternSpaces, r):
			i += size
		case strings.HasPrefix(s[i:], "/*"):
			end := strings.Index(s[i+2:], "*/")
			if end < 0 {
				return nil, patternError(i, "the comment has no end")
			}
			i += end + 4
		case strings.HasPrefix(s[i:], "//"):
			end := strings.IndexAny(s[i:], "\r\n")
			if end < 0 {
				end = len(s) - i
			}
			i += end
		default:
			t, n, err := patternWord(s, i)
			if err != nil {
				return nil, err
			}
			all = append(all, t)
			i += n
		}
	}
	return append(all, token{tokEnd, "", len(s)}), nil
}

const patternSpaces = " \t\r\n\u000B\u000C\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"

func isLetter(b byte) bool { return b == '_' || b|0x20 >= 'a' && b|0x20 <= 'z' }
func isDigit(b byte) bool  { return b >= '0' && b <= '9' }

func patternWord(s string, i int) (token, int, error) {
	b := s[i]
	if i+1 < len(s) && s[i+1] == '\'' && (b == 't' || b == 'h' || b == 'b') {
		return literal(s, i)
	}
	switch {
	case b == '\'':
		text, n, ok := quoted(s[i:])
		if !ok {
			return token{}, 0, patternError(i, "the string has no end, or a \\ stands ahead of something other than ' and \\")
		}
		return token{tokString, text, i}, n, nil
	case isLetter(b):
		n := 1
		hyphen := false
		for i+n < len(s) && (isLetter(s[i+n]) || isDigit(s[i+n]) || s[i+n] == '-') {
			hyphen = hyphen || s[i+n] == '-'
			n++
		}
		word := s[i : i+n]
		switch {
		case hyphen:
			return token{tokHyphenName, word, i}, n, nil
		case word == "true" || word == "false":
			return token{tokBool, word, i}, n, nil
		case patternKeywords[word]:
			return token{tokKeyword, word, i}, n, nil
		}
		return token{tokName, word, i}, n, nil
	case isDigit(b) || b == '+' || b == '-' || b == '.':
		if t, n, ok := numeral(s, i); ok {
			return t, n, nil
		}
	}
	for _, sign := range []string{"==", "!=", "<>", "<=", ">=", "=", "<", ">", ":", ".", ",", "(", ")", "[", "]", "*"} {
		if strings.HasPrefix(s[i:], sign) {
			return token{tokSign, sign, i}, len(sign), nil
		}
	}
	r, _ := utf8.DecodeRuneInString(s[i:])
	return token{}, 0, patternError(i, "%q has no meaning here", r)
}

func numeral(s string, i int) (token, int, bool) {
	n := 0
	if s[i] == '+' || s[i] == '-' {
		n++
	}
	whole := n
	for i+n < len(s) && isDigit(s[i+n]) {
		n++
	}
	if i+n+1 < len(s) && s[i+n] == '.' && isDigit(s[i+n+1]) {
		for n++; i+n < len(s) && isDigit(s[i+n]); n++ {
		}
		return token{tokFloat, s[i : i+n], i}, n, true
	}
	if n == whole {
		return token{}, 0, false
	}
	if s[i+whole] == '0' {
		n = whole + 1 // a zero stands alone
	}
	return token{tokInt, s[i : i+n], i}, n, true
}

// quoted reads a string: ' and \ stand in it only behind a \.
func quoted(s string) (text string, n int, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\'':
			return b.String(), i + 1, true
		case '\\':
			if i++; i == len(s) || s[i] != '\'' && s[i] != '\\' {
				return "", 0, false
			}
		}
		b.WriteByte(s[i])
	}
	return "", 0, false
}

// literal reads t'…', h'…' and b'…'.
func literal(s string, i int) (token, int, error) {
	text, n, ok := quoted(s[i+1:])
	if !ok {
		return token{}, 0, patternError(i, "the value has no end")
	}
	switch s[i] {
	case 't':
		if _, ok := ParseTime(text); !ok {
			return token{}, 0, patternError(i, "t'%s' is not a timestamp", shorten(text))
		}
		return token{tokTime, text, i}, n + 1, nil
	case 'h':
		if len(text)%2 != 0 || strings.Trim(text, "0123456789abcdefABCDEF") != "" {
			return token{}, 0, patternError(i, "h'%s' is not hexadecimal", shorten(text))
		}
		return token{tokHex, text, i}, n + 1, nil
	}
	if _, err := base64.StdEncoding.DecodeString(text); err != nil || text == "" {
		return token{}, 0, patternError(i, "b'%s' is not base64", shorten(text))
	}
	return token{tokBinary, text, i}, n + 1, nil
}
