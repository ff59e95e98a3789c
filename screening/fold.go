package screening

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Bounds of one name. What lies beyond is not read, and the answer says so:
// a name of ten thousand letters costs no more than one of six hundred.
const (
	maxRunes = 600
	maxWords = 40
	maxKey   = 40 // letters of one word's key
)

// script is the writing system of a word, as far as reading it differs.
type script uint8

const (
	scriptOther script = iota
	scriptLatin
	scriptCyrillic
	scriptGreek
	scriptArabic
	scriptHebrew
	scriptHan
	scriptHangul
	scriptKana
	scriptThai
	scriptDigit
)

// rawWord is a run of letters of one script, before it is transliterated.
type rawWord struct {
	runes      []rune
	start, end int // byte positions in the source text
	script     script
	upper      int  // how many of the letters are capitals
	mixed      bool // Latin and Cyrillic letters in one word
	after      rune // the separator that followed: '.', '-', ' ' or another
}

// word is one word of a name in the form the engine compares.
type word struct {
	text       string // readable transliteration, lower case
	key        string // what is compared: sounds rather than spellings
	start, end int    // byte positions in the source text
	script     script
	after      rune
}

// Fold returns the words of a text as the engine folds them: lower case,
// without marks, transliterated into Latin letters. Chinese and Japanese
// characters and Thai, which are written without spaces, come as overlapping
// pairs of characters in their own script, so that any two adjacent characters
// of a text can be found in it. It is the fold used for full-text search too;
// its output for a given text changes only with EngineVersion.
func Fold(text string) []string {
	raws, _ := segment(text)
	out := make([]string, 0, len(raws))
	for _, r := range raws {
		switch r.script {
		case scriptHan, scriptKana, scriptThai:
			if len(r.runes) == 1 {
				out = append(out, string(r.runes))
			}
			for i := 0; i+1 < len(r.runes); i++ {
				out = append(out, string(r.runes[i:i+2]))
			}
		default:
			if t := transliterate(r); t != "" {
				out = append(out, t)
			}
		}
	}
	return out
}

func scriptOf(r rune) script {
	switch {
	case r < 0x80:
		if r >= '0' && r <= '9' {
			return scriptDigit
		}
		return scriptLatin
	case r < 0x250 || (r >= 0x1E00 && r < 0x1F00):
		return scriptLatin
	case r >= 0x370 && r < 0x400 || r >= 0x1F00 && r < 0x2000:
		return scriptGreek
	case r >= 0x400 && r < 0x530:
		return scriptCyrillic
	case r >= 0x590 && r < 0x600:
		return scriptHebrew
	case r >= 0x600 && r < 0x780 || r >= 0x8A0 && r < 0x900 || r >= 0xFB50 && r < 0xFE00 || r >= 0xFE70 && r < 0xFEFF:
		return scriptArabic
	case r >= 0xE00 && r < 0xE80:
		return scriptThai
	case r >= 0x3040 && r < 0x3100 || r >= 0x31F0 && r < 0x3200:
		return scriptKana
	case r >= 0xAC00 && r < 0xD7A4:
		return scriptHangul
	case r >= 0x3400 && r < 0xA000 || r >= 0xF900 && r < 0xFB00 || r >= 0x20000 && r < 0x32000:
		return scriptHan
	}
	return scriptOther
}

// invisible runes neither part nor join words.
func invisible(r rune) bool {
	return r == 0xAD || r == 0x200B || r >= 0x200D && r <= 0x200F || r >= 0x202A && r <= 0x202E ||
		r >= 0x2060 && r <= 0x206F || r == 0xFEFF || r == 0x640 || r == 0x61C
}

// apostrophe runes inside a word belong to its spelling and are passed over.
func apostrophe(r rune) bool {
	switch r {
	case '\'', '’', '‘', 'ʼ', 'ʻ', 'ʿ', 'ʾ', '`', '´', '′', 'ˈ', 'ʹ', 'ʺ':
		return true
	}
	return false
}

// segment cuts a text into words of one script. The second result says
// whether the text was longer than is read.
func segment(text string) ([]rawWord, bool) {
	var out []rawWord
	var cur rawWord
	cut := false
	n := 0
	flush := func(end int, sep rune) {
		if len(cur.runes) > 0 {
			cur.end, cur.after = end, sep
			out = append(out, cur)
			cur = rawWord{}
		} else if len(out) > 0 && out[len(out)-1].after == '.' && sep == ' ' {
			out[len(out)-1].after = sep
		}
	}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		n++
		if n > maxRunes || len(out) >= 2*maxWords {
			cut = true
			flush(i, ' ')
			return out, cut
		}
		switch {
		case r == utf8.RuneError && size == 1:
			flush(i, ' ')
		case invisible(r):
		case unicode.Is(unicode.Mn, r) && scriptOf(r) != scriptThai:
		case apostrophe(r):
			next, _ := utf8.DecodeRuneInString(text[i+size:])
			if len(cur.runes) == 0 || !unicode.IsLetter(next) {
				flush(i, r)
			}
		case unicode.IsLetter(r) || unicode.IsDigit(r) || scriptOf(r) == scriptThai && unicode.Is(unicode.Mn, r):
			if caseBreak(cur, text, i, r, size) {
				flush(i, 0)
			}
			if unicode.IsUpper(r) {
				cur.upper++
			}
			for _, c := range foldRune(r) {
				s := scriptOf(c)
				if len(cur.runes) > 0 && s != cur.script && !joins(cur.script, s) {
					flush(i, 0)
				}
				if len(cur.runes) == 0 {
					cur.start, cur.script = i, s
				} else if s != cur.script {
					if s != scriptDigit && cur.script != scriptDigit {
						cur.mixed = true
					}
					if cur.script == scriptDigit {
						cur.script = s
					}
				}
				cur.runes = append(cur.runes, c)
			}
		case r == '&' || r == '+':
			flush(i, ' ')
			out = append(out, rawWord{runes: []rune("and"), start: i, end: i + size, script: scriptLatin, after: ' '})
		default:
			flush(i, r)
		}
		i += size
	}
	flush(len(text), ' ')
	return strayLetters(out), cut
}

// caseBreak says that a capital begins a new word in a run of letters:
// "NasiruddinHAQQANI", "LLCFibersense". Inner capitals of other kinds
// (GosNIIP, McDonald) do not.
func caseBreak(cur rawWord, text string, i int, r rune, size int) bool {
	if !unicode.IsUpper(r) {
		return false
	}
	n := len(cur.runes)
	rest := text[i+size:]
	switch {
	case n >= 4 && cur.upper <= 1: // small letters before: capitals must follow to the end
		upper := 1
		for _, c := range rest {
			if !unicode.IsLetter(c) {
				break
			}
			if !unicode.IsUpper(c) {
				return false
			}
			upper++
		}
		return upper >= 3
	case n >= 3 && n <= 4 && cur.upper == n: // a short run of capitals before: small letters must follow
		small := 0
		for _, c := range rest {
			if !unicode.IsLower(c) {
				break
			}
			small++
		}
		return small >= 4
	}
	return false
}

// strayLetters reads a lone Latin letter among Cyrillic words as the Cyrillic
// letter it looks like: keyboards mix them in "OOO" and "C".
func strayLetters(ws []rawWord) []rawWord {
	for i := range ws {
		if ws[i].script != scriptLatin || len(ws[i].runes) > 3 {
			continue
		}
		if !(i > 0 && ws[i-1].script == scriptCyrillic) && !(i+1 < len(ws) && ws[i+1].script == scriptCyrillic) {
			continue
		}
		back := make([]rune, len(ws[i].runes))
		ok := true
		for k, r := range ws[i].runes {
			back[k], ok = lookalikesBack[r], ok && lookalikesBack[r] != 0
		}
		if ok {
			ws[i].runes, ws[i].script = back, scriptCyrillic
		}
	}
	return ws
}

// joins says whether letters of two scripts may stand in one word: digits go
// with letters, and Latin, Cyrillic and Greek letters are mixed by forgers and
// by keyboards.
func joins(a, b script) bool {
	alpha := func(s script) bool { return s == scriptLatin || s == scriptCyrillic || s == scriptGreek }
	if a == scriptDigit || b == scriptDigit {
		o := a
		if a == scriptDigit {
			o = b
		}
		return alpha(o)
	}
	return alpha(a) && alpha(b)
}

// foldRune decomposes a rune, drops its marks and lowers it.
func foldRune(r rune) []rune {
	if r < 0x80 {
		if r >= 'A' && r <= 'Z' {
			r += 32
		}
		return asciiRunes[r : r+1]
	}
	if r >= 0x400 && r < 0x460 || r == 0x490 || r == 0x491 {
		// Cyrillic letters with a mark (й, ї, ё) are letters of their own.
		return []rune{unicode.ToLower(r)}
	}
	if r >= 0xE00 && r < 0xE80 || r >= 0xAC00 && r < 0xD7A4 || r >= 0x4E00 && r < 0xA000 || r >= 0x3040 && r < 0x3100 {
		return []rune{r}
	}
	if r >= 0x622 && r <= 0x626 || r == 0x6C2 || r == 0x6D3 {
		return []rune{r}
	}
	var out []rune
	for _, c := range norm.NFKD.String(string(r)) {
		if unicode.Is(unicode.Mn, c) || !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			continue
		}
		out = append(out, unicode.ToLower(c))
	}
	return out
}

var asciiRunes = func() []rune {
	t := make([]rune, 128)
	for i := range t {
		t[i] = rune(i)
	}
	return t
}()

// transliterate writes a word in lower-case Latin letters and digits.
func transliterate(w rawWord) string {
	runes := w.runes
	if w.mixed {
		runes, w.script = unmix(runes)
	}
	var b strings.Builder
	b.Grow(len(runes) + 8)
	if w.script == scriptGreek && len(runes) > 2 {
		// Greek has no letters for b, d and g, and writes them with two at the
		// beginning of a word.
		if c := greekOnset[[2]rune{runes[0], runes[1]}]; c != 0 {
			b.WriteByte(c)
			runes = runes[2:]
		}
	}
	switch w.script {
	case scriptHangul:
		return romaniseHangul(runes)
	case scriptKana:
		return romaniseKana(runes)
	case scriptHan:
		return pinyinOf(runes)
	case scriptThai:
		return romaniseThai(runes)
	}
	for _, r := range runes {
		switch {
		case r < 0x80:
			b.WriteByte(byte(r))
		case unicode.IsDigit(r):
			b.WriteByte(byte('0' + digitValue(r)))
		default:
			if t, ok := letterTable[r]; ok {
				b.WriteString(t)
			} else if l, ok := lookalikes[r]; ok {
				b.WriteRune(l)
			} else if unicode.IsLetter(r) {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

var greekOnset = map[[2]rune]byte{{'μ', 'π'}: 'b', {'ν', 'τ'}: 'd', {'γ', 'κ'}: 'g'}

// digitValue gives the value of a decimal digit of any script.
func digitValue(r rune) int {
	for d := 0; d < 10; d++ {
		if !unicode.IsDigit(r - rune(d) - 1) {
			return d
		}
		if (r-rune(d))&0xF == 0 || (r-rune(d))&0xF == 6 && !unicode.IsDigit(r-rune(d)-1) {
			return d
		}
	}
	return 0
}

// lookalikes maps Cyrillic and Greek letters to the Latin ones they look like.
var lookalikes = map[rune]rune{
	'а': 'a', 'в': 'b', 'с': 'c', 'е': 'e', 'н': 'h', 'і': 'i', 'ј': 'j', 'к': 'k', 'м': 'm', 'о': 'o',
	'р': 'p', 'ѕ': 's', 'т': 't', 'у': 'y', 'х': 'x', 'ԁ': 'd', 'ԛ': 'q', 'ԝ': 'w', 'һ': 'h', 'ь': 'b',
	'α': 'a', 'ο': 'o', 'ν': 'v', 'ρ': 'p', 'ι': 'i', 'κ': 'k', 'τ': 't', 'υ': 'u', 'χ': 'x', 'ε': 'e', 'η': 'n', 'β': 'b', 'μ': 'm', 'ζ': 'z',
}

var lookalikesBack = func() map[rune]rune {
	m := map[rune]rune{}
	for c, l := range lookalikes {
		if c >= 0x400 && c < 0x500 {
			if _, ok := m[l]; !ok || c < m[l] {
				m[l] = c
			}
		}
	}
	return m
}()

// unmix reads a word whose letters are of several scripts as the one script
// it was meant to look like.
func unmix(runes []rune) ([]rune, script) {
	latin, foreign, foreignAlike, latinAlike := 0, 0, 0, 0
	for _, r := range runes {
		switch scriptOf(r) {
		case scriptLatin:
			latin++
			if _, ok := lookalikesBack[r]; ok {
				latinAlike++
			}
		case scriptCyrillic, scriptGreek:
			foreign++
			if _, ok := lookalikes[r]; ok {
				foreignAlike++
			}
		}
	}
	out := make([]rune, len(runes))
	copy(out, runes)
	switch {
	case foreignAlike == foreign && (latin >= foreign || latinAlike < latin):
		for i, r := range out {
			if l, ok := lookalikes[r]; ok {
				out[i] = l
			}
		}
		return out, scriptLatin
	case latinAlike == latin:
		for i, r := range out {
			if c, ok := lookalikesBack[r]; ok {
				out[i] = c
			}
		}
		return out, scriptCyrillic
	}
	return out, scriptLatin
}
