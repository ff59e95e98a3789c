package letter

import (
	"strings"
	"unicode"
)

// The tables below follow the national or library romanisations that travel
// documents use, without diacritics. They serve recognition by a reader, not
// reversal: the letter as HTML keeps the original.

// alphabets are scripts where one letter is one sound, or nearly. Hebrew writes
// few vowels, so its names come out as consonants.
var alphabets = map[string]map[rune]string{
	"Hebr": pairUp("אבגדהוזחטיכךלמםנןסעפףצץקרשת", "a b g d h v z ch t y k kh l m m n n s a p f ts ts k r sh t"),
	"Geor": pairUp("აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ", "a b g d e v z t i k l m n o p zh r s t u p k gh q sh ch ts dz ts ch kh j h"),
	"Armn": pairUp("աբգդեզէըթժիլխծկհձղճմյնշոչպջռսվտրցւփքօֆև", "a b g d e z e y t zh i l kh ts k h dz gh ch m y n sh o ch p j r s v t r ts v p k o f ev"),
}

// pairUp pairs the letters of one string with the words of another.
func pairUp(letters, words string) map[rune]string {
	out := map[rune]string{}
	w := strings.Fields(words)
	for i, r := range []rune(letters) {
		out[r] = w[i]
	}
	return out
}

// korean writes syllables by the Revised Romanization, without the changes that
// sounds undergo between syllables (names are written so).
func korean(runes []rune) string {
	initial := strings.Split("g kk n d tt r m b pp s ss  j jj ch k t p h", " ")
	vowel := strings.Fields("a ae ya yae eo e yeo ye o wa wae oe yo u wo we wi yu eu ui i")
	final := strings.Split(" k k ks n nj nh t l lk lm lp ls lt lp lh m p ps t t ng t t k t p t", " ")
	var b strings.Builder
	for _, r := range runes {
		if r < 0xAC00 || r > 0xD7A3 {
			b.WriteString(codePoints([]rune{r}))
			continue
		}
		n := int(r - 0xAC00)
		b.WriteString(initial[n/588] + vowel[n/28%21] + final[n%28])
	}
	return b.String()
}

// hiragana in the order of the code chart, from U+3041 (Hepburn).
var hiragana = strings.Fields(`a a i i u u e e o o ka ga ki gi ku gu ke ge ko go sa za shi ji su zu se ze so zo
ta da chi ji tsu tsu zu te de to do na ni nu ne no ha ba pa hi bi pi fu bu pu he be pe ho bo po ma mi mu me mo
ya ya yu yu yo yo ra ri ru re ro wa wa i e o n vu ka ke`)

// japaneseKana writes both syllabaries: small ya, yu, yo merge with the syllable
// before, a small tsu doubles the consonant after, a bar lengthens.
func japaneseKana(runes []rune) string {
	var out []byte
	double := false
	for _, r := range runes {
		if r >= 0x30A1 && r <= 0x30F6 {
			r -= 0x60 // katakana in the same order
		}
		switch {
		case r == 0x3063:
			double = true
			continue
		case r == 0x30FC:
			if n := len(out); n > 0 {
				out = append(out, out[n-1])
			}
			continue
		case r < 0x3041 || r > 0x3096:
			continue // signs without a sound
		}
		syllable := hiragana[r-0x3041]
		if small := r == 0x3083 || r == 0x3085 || r == 0x3087; small && len(out) > 1 && out[len(out)-1] == 'i' {
			out = out[:len(out)-1]
			if s := string(out); strings.HasSuffix(s, "sh") || strings.HasSuffix(s, "ch") || strings.HasSuffix(s, "j") {
				syllable = syllable[1:]
			}
		}
		if double {
			if strings.HasPrefix(syllable, "ch") {
				out = append(out, 't')
			} else {
				out = append(out, syllable[0])
			}
			double = false
		}
		out = append(out, syllable...)
	}
	return string(out)
}

// The scripts of India share one layout, 128 code points each, so that one table
// of offsets serves them all.
var (
	indicVowels     = pairUp("\x05\x06\x07\x08\x09\x0a\x0b\x0f\x10\x13\x14\x0e\x12\x0d\x11", "a aa i ii u uu ri e ai o au e o e o")
	indicSigns      = pairUp("\x3e\x3f\x40\x41\x42\x43\x46\x47\x48\x4a\x4b\x4c\x45\x49\x57", "aa i ii u uu ri e e ai o o au e o au")
	indicConsonants = pairUp("\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x20\x21\x22\x23\x24\x25\x26\x27\x28\x29\x2a\x2b\x2c\x2d\x2e\x2f\x30\x31\x32\x33\x34\x35\x36\x37\x38\x39",
		"k kh g gh ng ch chh j jh ny t th d dh n t th d dh n n p ph b bh m y r r l l l v sh sh s h")
	indicNukta = map[rune]string{0x15: "q", 0x16: "kh", 0x17: "gh", 0x1c: "z", 0x21: "r", 0x22: "rh", 0x2b: "f", 0x2f: "y"}
)

const (
	indicVirama  = 0x4d
	indicNuktaAt = 0x3c
	indicZero    = 0x66
)

// northern scripts drop the unwritten vowel at the end of a word.
func northern(base rune) bool { return base >= 0x0900 && base < 0x0B00 }

func indic(runes []rune) string {
	var b strings.Builder
	pending := false // a consonant whose vowel is not known yet
	for i, r := range runes {
		base, off := r&^0x7f, r&0x7f
		switch {
		case indicConsonants[off] != "":
			if pending {
				b.WriteByte('a')
			}
			s := indicConsonants[off]
			if i+1 < len(runes) && runes[i+1]&0x7f == indicNuktaAt && indicNukta[off] != "" {
				s = indicNukta[off]
			}
			b.WriteString(s)
			pending = true
		case indicSigns[off] != "":
			b.WriteString(indicSigns[off])
			pending = false
		case off == indicVirama:
			pending = false
		case off == indicNuktaAt:
		default:
			if pending {
				b.WriteByte('a')
				pending = false
			}
			switch {
			case indicVowels[off] != "":
				b.WriteString(indicVowels[off])
			case off == 0x01 || off == 0x02 || (base == 0x0A00 && off == 0x70):
				b.WriteByte('n')
			case off == 0x03:
				b.WriteByte('h')
			case off >= indicZero && off < indicZero+10:
				b.WriteByte(byte('0' + off - indicZero))
			case unicode.IsLetter(r):
				b.WriteString(codePoints([]rune{r}))
			}
		}
		if pending && i == len(runes)-1 && !northern(base) {
			b.WriteByte('a')
		}
	}
	return b.String()
}

// Thai and Lao by the Royal system, letter by letter. Vowels that are written
// before their consonant move behind it; tones are not written.
var (
	thaiConsonants = pairUp("กขฃคฅฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ",
		"k kh kh kh kh kh ng ch ch ch s ch y d t th th th n d t th th th n b p ph f ph f ph m y r l w s s s h l - h")
	laoConsonants = pairUp("ກຂຄງຈສຊຍດຕຖທນບປຜຝພຟມຢຣລວຫອຮ", "k kh kh ng ch s x gn d t th th n b p ph f ph f m y r l v h - h")
	thaiVowels    = pairUp("\u0e30\u0e31\u0e32\u0e33\u0e34\u0e35\u0e36\u0e37\u0e38\u0e39\u0eb0\u0eb1\u0eb2\u0eb3\u0eb4\u0eb5\u0eb6\u0eb7\u0eb8\u0eb9\u0ebb\u0ebd",
		"a a a am i i ue ue u u a a a am i i ue ue u u o ia")
	thaiLeading = pairUp("เแโใไເແໂໃໄ", "e ae o ai ai e ae o ai ai")
)

func thai(runes []rune) string {
	var b strings.Builder
	held := ""
	consonant := func(r rune) (string, bool) {
		s, ok := thaiConsonants[r]
		if !ok {
			s, ok = laoConsonants[r]
		}
		return strings.TrimPrefix(s, "-"), ok
	}
	for i, r := range runes {
		c, isConsonant := consonant(r)
		switch {
		case thaiLeading[r] != "":
			b.WriteString(held)
			held = thaiLeading[r]
		case isConsonant:
			// A silenced letter (U+0E4C above it) is not spoken.
			if i+1 < len(runes) && runes[i+1] == 0x0E4C {
				continue
			}
			b.WriteString(c)
			b.WriteString(held)
			held = ""
		case thaiVowels[r] != "":
			b.WriteString(thaiVowels[r])
		case r >= 0x0E50 && r <= 0x0E59:
			b.WriteByte(byte('0' + r - 0x0E50))
		case r >= 0x0ED0 && r <= 0x0ED9:
			b.WriteByte(byte('0' + r - 0x0ED0))
		}
	}
	return b.String() + held
}
