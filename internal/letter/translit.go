package letter

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/unicode/norm"
)

// printable is a run as the PDF can print it. Where the run holds letters of a
// script that no font of ours draws, they are written in Latin letters and mark
// says which script they come from, in the words of the letter. HTML does not
// need this: browsers bring fonts of their own.
func printable(r Run, labels Labels) (Run, string) {
	all, err := sources()
	if err != nil { // PDF reports the same error before it draws
		return r, ""
	}
	text := norm.NFC.String(clean(r.Text))
	r.Text = text
	if drawable(all, text) {
		return r, ""
	}
	// Compatibility forms (full-width letters, ligatures) often can be drawn.
	text = norm.NFKC.String(text)
	var out strings.Builder
	var from []string
	runes := []rune(text)
	japanese := strings.HasPrefix(r.Language, "ja") || strings.ContainsFunc(text, kana)
	for i := 0; i < len(runes); {
		if holds(all, runes[i]) || unicode.IsSpace(runes[i]) {
			out.WriteRune(runes[i])
			i++
			continue
		}
		j := i + 1
		code := scriptOf(runes[i])
		for j < len(runes) && !holds(all, runes[j]) && !unicode.IsSpace(runes[j]) && scriptOf(runes[j]) == code {
			j++
		}
		latin, ok := latinise(code, runes[i:j])
		switch {
		case !ok:
			out.WriteString(codePoints(runes[i:j]))
		case code != "":
			join(&out, latin)
			if japanese && (code == "Hani" || code == "Kana") {
				code = "Jpan"
			}
			from = appendNew(from, code)
		default:
			out.WriteString(latin)
		}
		i = j
	}
	r.Text = strings.Join(strings.Fields(out.String()), " ")
	if len(from) == 0 {
		return r, ""
	}
	names := make([]string, len(from))
	for i, code := range from {
		names[i] = labels.Scripts[code]
		if names[i] == "" {
			names[i] = labels.OtherScript
		}
	}
	mark := strings.ReplaceAll(labels.Transliterated, "{script}", strings.Join(names, ", "))
	if mark == "" {
		mark = "transliterated"
	}
	return r, mark
}

// drawable says whether every character of a text can be drawn as it is.
func drawable(all []*source, text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !holds(all, r) && !unicode.IsSpace(r) })
}

// join appends a transliterated stretch, with a space to what stands before it.
func join(out *strings.Builder, latin string) {
	if s := out.String(); s != "" {
		if last := []rune(s)[len([]rune(s))-1]; unicode.IsLetter(last) || unicode.IsDigit(last) {
			out.WriteByte(' ')
		}
	}
	out.WriteString(latin)
}

func appendNew(list []string, s string) []string {
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}

// codePoints names characters that stand for no sound, "[U+2713]".
func codePoints(runes []rune) string {
	var b strings.Builder
	const hex = "0123456789ABCDEF"
	for _, r := range runes {
		b.WriteString("[U+")
		digits := 4
		if r > 0xFFFF {
			digits = 5
		}
		if r > 0xFFFFF {
			digits = 6
		}
		for d := digits - 1; d >= 0; d-- {
			b.WriteByte(hex[(r>>(4*d))&0xF])
		}
		b.WriteByte(']')
	}
	return b.String()
}

func kana(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana) }

const longVowel = 0x30FC // the bar after a katakana syllable, shared by both syllabaries

// scripts by code (ISO 15924), in the order they are looked for. The names that
// people read are in the catalogue.
var scripts = []struct {
	code  string
	table *unicode.RangeTable
}{
	{"Hani", unicode.Han},
	{"Kana", unicode.Hiragana},
	{"Kana", unicode.Katakana},
	{"Hang", unicode.Hangul},
	{"Hebr", unicode.Hebrew},
	{"Thai", unicode.Thai},
	{"Laoo", unicode.Lao},
	{"Geor", unicode.Georgian},
	{"Armn", unicode.Armenian},
	{"Deva", unicode.Devanagari},
	{"Beng", unicode.Bengali},
	{"Guru", unicode.Gurmukhi},
	{"Gujr", unicode.Gujarati},
	{"Orya", unicode.Oriya},
	{"Taml", unicode.Tamil},
	{"Telu", unicode.Telugu},
	{"Knda", unicode.Kannada},
	{"Mlym", unicode.Malayalam},
	{"Sinh", unicode.Sinhala},
	{"Khmr", unicode.Khmer},
	{"Mymr", unicode.Myanmar},
	{"Ethi", unicode.Ethiopic},
	{"Tibt", unicode.Tibetan},
	{"Mong", unicode.Mongolian},
	{"Syrc", unicode.Syriac},
	{"Thaa", unicode.Thaana},
	{"Arab", unicode.Arabic}, // the few letters the Arabic font lacks
	{"Cyrl", unicode.Cyrillic},
	{"Grek", unicode.Greek},
}

// scriptOf is the code of a letter's script, "Zzzz" for a letter of a script we
// do not name, and empty for what is no letter.
func scriptOf(r rune) string {
	if r == longVowel {
		return "Kana"
	}
	for _, s := range scripts {
		if unicode.Is(s.table, r) {
			return s.code
		}
	}
	if unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) {
		return "Zzzz"
	}
	return ""
}

// latinise writes a stretch of one script in Latin letters. It answers false
// where it has no way to.
func latinise(code string, runes []rune) (string, bool) {
	var s string
	switch code {
	case "Hani":
		s = chinese(runes)
	case "Kana":
		s = capital(japaneseKana(runes))
	case "Hang":
		s = capital(korean(runes))
	case "Hebr", "Geor", "Armn":
		s = capital(byTable(alphabets[code], runes))
	case "Thai", "Laoo":
		s = capital(thai(runes))
	case "Deva", "Beng", "Guru", "Gujr", "Orya", "Taml", "Telu", "Knda", "Mlym":
		s = capital(indic(runes))
	default:
		s = unidecode.Unidecode(string(runes))
		if code != "" && s != "" {
			s = capital(strings.ToLower(s))
		}
	}
	s = strings.TrimSpace(s)
	if code != "" && strings.Contains(s, "[?]") {
		return "", false
	}
	return s, s != ""
}

// chinese writes each character by its first reading in pinyin, as passports do
// without tones. Which reading a name uses only its bearer knows; the mark that
// the text is transliterated stands beside it for that reason too.
func chinese(runes []rune) string {
	words := make([]string, 0, len(runes))
	args := pinyin.NewArgs()
	for _, r := range runes {
		if readings := pinyin.SinglePinyin(r, args); len(readings) > 0 {
			words = append(words, capital(readings[0]))
			continue
		}
		words = append(words, codePoints([]rune{r}))
	}
	return strings.Join(words, " ")
}

// capital makes the first letter of a name large.
func capital(s string) string {
	for i, r := range s {
		if unicode.IsLetter(r) {
			return s[:i] + string(unicode.ToUpper(r)) + s[i+len(string(r)):]
		}
	}
	return s
}

func byTable(table map[rune]string, runes []rune) string {
	var b strings.Builder
	for _, r := range runes {
		if s, ok := table[unicode.ToLower(r)]; ok {
			b.WriteString(s)
		} else {
			b.WriteString(unidecode.Unidecode(string(r)))
		}
	}
	return b.String()
}
