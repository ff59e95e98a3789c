package screening

import (
	"strings"
	"unicode/utf8"
)

// variant is one way to read a name: a text may hold several names of one
// party ("X (a.k.a. Y)"), and each is compared on its own.
type variant struct {
	words []word
	part  bool // only a part of the text: what stood in brackets, for example
}

// maxVariants bounds how many names one text is read as.
const maxVariants = 6

// readName reads a text as names. The second result says whether the text was
// longer than is read.
func readName(text string) ([]variant, bool) {
	if len(text) > 4*maxRunes {
		n := 4 * maxRunes
		for n > 0 && !utf8.RuneStart(text[n]) {
			n--
		}
		vs, _ := readName(text[:n])
		return vs, true
	}
	parts := splitNames(text)
	var out []variant
	cut := false
	for i, p := range parts {
		ws, c := readWords(p)
		cut = cut || c
		if len(ws) == 0 || i > 0 && !worthReading(ws) {
			continue
		}
		dup := false
		for _, v := range out {
			if sameKeys(v.words, ws) {
				dup = true
			}
		}
		if !dup && len(out) < maxVariants {
			out = append(out, variant{words: ws, part: i > 0})
		}
	}
	if len(out) > 0 {
		out = byScript(out)
		out = byForms(text, out)
	}
	return out, cut
}

// byScript adds a reading for each of two scripts that stand side by side,
// since one is then most often the other written again.
func byScript(out []variant) []variant {
	ws := out[0].words
	var sem, lat []word
	for _, w := range ws {
		if w.script == scriptArabic || w.script == scriptHebrew || w.script == scriptHan || w.script == scriptHangul {
			sem = append(sem, w)
		} else if w.script != scriptDigit {
			lat = append(lat, w)
		}
	}
	if len(sem) >= 2 && len(lat) >= 2 && len(out)+2 <= maxVariants {
		out = append(out, variant{words: lat, part: true}, variant{words: sem, part: true})
	}
	return out
}

// byForms adds a reading for each piece between commas that has a legal form
// of its own: "AO Alpha, JSC Beta" are two names.
func byForms(text string, out []variant) []variant {
	ws := out[0].words
	if len(ws) < 4 || !strings.Contains(text, ",") {
		return out
	}
	var pieces [][]word
	from, forms, n := 0, 0, 0
	for i, w := range ws {
		if w.key[0] == '=' && lex().words[w.key].class == classLegal {
			n++
		}
		if w.after == ',' || i+1 == len(ws) {
			if i+1-from > n && n > 0 {
				forms++
			}
			if worthReading(ws[from : i+1]) {
				pieces = append(pieces, ws[from:i+1])
			}
			from, n = i+1, 0
		}
	}
	if forms < 2 && !(forms == 1 && len(pieces) == 2 && min(len(pieces[0]), len(pieces[1])) >= 2) || len(pieces) < 2 {
		return out
	}
	for _, p := range pieces {
		if len(out) < maxVariants {
			out = append(out, variant{words: p, part: true})
		}
	}
	return out
}

// worthReading keeps out parts that are no name: single letters, bare numbers,
// legal forms and titles.
func worthReading(ws []word) bool {
	for _, w := range ws {
		switch lex().meaningOf(w.key).class {
		case classPlain, classGiven, classCommon:
			if len(w.key) >= 3 {
				return true
			}
		}
	}
	return false
}

func sameKeys(a, b []word) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].key != b[i].key {
			return false
		}
	}
	return true
}

// aliasMarks part the names of one party in running text.
var aliasMarks = []string{"a.k.a.", "f.k.a.", "n.k.a.", " aka ", " fka ", "also known as", "formerly known as", " alias ", "(aka ", "(alias ", " formerly ", " d/b/a ", "trading as", "original script:", "good quality", "low quality", "date of birth", " dob ", "nationality:", "place of birth"}

// splitNames cuts a text into the names it holds. Each result has the length
// of the text, with blanks where it is not concerned, so that positions stay.
func splitNames(text string) []string {
	if !strings.ContainsAny(text, "([{（【/;:") && !hasMark(text) {
		return []string{text}
	}
	lower := strings.ToLower(text)
	if len(lower) != len(text) {
		lower = text
	}
	main := []byte(text)
	var parts []string
	blank := func(from, to int) {
		for i := from; i < to; i++ {
			main[i] = ' '
		}
	}
	keep := func(from, to int) {
		if from >= to || len(parts) >= maxVariants {
			return
		}
		parts = append(parts, strings.Repeat(" ", from)+text[from:to]+strings.Repeat(" ", len(text)-to))
	}
	depth, open := 0, 0
	for i, r := range text {
		switch r {
		case '(', '[', '{', '（', '【':
			if depth == 0 {
				open = i
			}
			depth++
		case ')', ']', '}', '）', '】':
			if depth--; depth == 0 {
				keep(open+1, i)
				blank(open, i+utf8.RuneLen(r))
			}
			depth = max(depth, 0)
		}
	}
	if depth > 0 {
		keep(open+1, len(text))
		blank(open, len(text))
	}
	// What is left is parted at marks of aliases, slashes and semicolons.
	rest := string(main)
	lowerMain := lower
	if len(rest) == len(lower) {
		b := []byte(lower)
		for i := range main {
			if main[i] == ' ' {
				b[i] = ' '
			}
		}
		lowerMain = string(b)
	}
	var pieces []string
	from := 0
	cutAt := func(i, n int) {
		pieces = append(pieces, strings.Repeat(" ", from)+rest[from:i]+strings.Repeat(" ", len(rest)-i))
		from = i + n
	}
	for i := 0; i < len(rest); i++ {
		switch {
		case rest[i] == ';' || rest[i] == '/' && i > 0 && i+1 < len(rest) && (rest[i-1] == ' ' || rest[i+1] == ' '):
			cutAt(i, 1)
		default:
			for _, m := range aliasMarks {
				if strings.HasPrefix(lowerMain[i:], m) {
					cutAt(i, len(m))
					i += len(m) - 1
					break
				}
			}
		}
		if len(pieces) > maxVariants {
			break
		}
	}
	pieces = append(pieces, strings.Repeat(" ", from)+rest[from:])
	return append(pieces, parts...)
}

func hasMark(text string) bool {
	if len(text) < 12 {
		return false
	}
	lower := strings.ToLower(text)
	for _, m := range aliasMarks {
		if strings.Contains(lower, m) {
			return true
		}
	}
	return false
}
