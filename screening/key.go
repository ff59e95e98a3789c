package screening

import "strings"

// A key is a word reduced to sounds, so that the spellings of one name in
// different conventions meet: one byte a sound. Letters keep their meaning
// except c = "ch", x = "sh", q = "ts", j = "zh" and the English j; y and w
// become i and v; marks of length and doubled letters vanish. Words written
// in Arabic or Hebrew letters, where vowels are missing, have keys of their
// own kind that begin with '~' and hold one byte a written letter.

// latinKey reduces a transliterated word to its key.
func latinKey(t string) string {
	if len(t) > 3*maxKey {
		t = t[:3*maxKey]
	}
	var b [3*maxKey + 4]byte
	n := 0
	put := func(c byte) {
		if n > 0 && b[n-1] == c && (c < '0' || c > '9') {
			return
		}
		if n < len(b) {
			b[n] = c
			n++
		}
	}
	at := func(i int) byte {
		if i >= 0 && i < len(t) {
			return t[i]
		}
		return 0
	}
	vowel := func(c byte) bool { return c == 'a' || c == 'e' || c == 'i' || c == 'o' || c == 'u' || c == 'y' }
	for i := 0; i < len(t); i++ {
		c, d := t[i], at(i+1)
		switch c {
		case 's':
			switch {
			case strings.HasPrefix(t[i:], "shch"):
				put('x')
				i += 3
			case strings.HasPrefix(t[i:], "sch"):
				put('x')
				i += 2
			case d == 'h' || d == 'j' && at(i+2) == 0:
				put('x')
				i++
			case d == 'z' && i+2 < len(t):
				put('x')
				i++
			default:
				put('s')
			}
		case 'c':
			switch {
			case d == 'h' || d == 'z':
				put('c')
				i++
			case d == 'k':
				put('k')
				i++
			case d == 0 && n > 1 && b[n-1] == 'i' && b[n-2] == 'v': // Petrovic, Petrovich
				put('c')
			case d == 'e' || d == 'i' || d == 'y':
				put('s')
			default:
				put('k')
			}
		case 't':
			switch {
			case strings.HasPrefix(t[i:], "tch") || strings.HasPrefix(t[i:], "tsch"):
				put('c')
				i += strings.Index(t[i:], "h")
			case d == 's' && at(i+2) == 0 && i > 0 && !vowel(t[i-1]): // an English plural
				put('t')
			case d == 's' && at(i+2) != 'h' || d == 'z':
				put('q')
				i++
			case d == 'h':
				put('t')
				i++
			default:
				put('t')
			}
		case 'd':
			switch {
			case d == 'z' && at(i+2) == 'h':
				put('j')
				i += 2
			case d == 'j':
				put('j')
				i++
			case d == 'h':
				put('d')
				i++
			default:
				put('d')
			}
		case 'z':
			if d == 'h' {
				put('j')
				i++
			} else {
				put('z')
			}
		case 'k':
			switch d {
			case 'h':
				put('h')
				i++
			case 's':
				put('k')
			default:
				put('k')
			}
		case 'g', 'b', 'r':
			put(c)
			if d == 'h' {
				i++
			}
		case 'p':
			if d == 'h' {
				put('f')
				i++
			} else {
				put('p')
			}
		case 'q':
			put('k')
		case 'x':
			if i == 0 {
				put('x')
			} else {
				put('k')
				put('s')
			}
		case 'w':
			put('v')
		case 'v':
			put('v')
		case 'y':
			put('i')
		case 'i':
			put('i')
		case 'e':
			switch {
			case d == 'e' && at(i+2) == 'v': // -eevich is not English
				put('e')
				i++
			case d == 'e':
				put('i')
				i++
			default:
				if n > 0 && b[n-1] == 'i' && i > 0 && (t[i-1] == 'y' || t[i-1] == 'i') && !(i >= 2 && !vowel(t[i-2]) && t[i-1] == 'i' && i+1 == len(t)) {
					// "ye" and "ie" are one vowel: Yevgeny, Evgeny, Evgeniy.
					b[n-1] = 'e'
					if n > 1 && b[n-2] == 'e' {
						n--
					}
				} else {
					put('e')
				}
			}
		case 'a':
			put('a')
			if d == 'e' {
				i++
			}
		case 'o':
			switch {
			case d == 'u':
				if i == 0 && vowel(at(2)) {
					put('v')
				} else {
					put('u')
				}
				i++
			case d == 'o':
				put('u')
				i++
			case d == 'e' && i+2 < len(t):
				put('o')
				i++
			default:
				put('o')
			}
		case 'u':
			put('u')
			if d == 'e' && i+2 < len(t) && n > 1 && b[n-2] != 'g' && b[n-2] != 'k' {
				i++
			}
		case 'h':
			if i+1 == len(t) && n > 0 && vowel(b[n-1]) {
				break
			}
			put('h')
		case ' ':
		default:
			put(c)
		}
	}
	if n == 1 && len(t) > 1 && b[0] >= 'a' { // "Yi" is a word, not an initial
		b[1] = b[0]
		n = 2
	}
	if n > maxKey {
		n = maxKey
	}
	return string(b[:n])
}

// semiticKey is the key of a word written in Arabic or Hebrew letters.
func semiticKey(runes []rune) string {
	b := make([]byte, 1, len(runes)+1)
	b[0] = '~'
	for i, r := range runes {
		var c byte
		switch {
		case (r == 'ة' || r == 'ه' || r == 'ہ' || r == 'ה' || r == 'ە') && i+1 == len(runes):
			c = 'H' // a final h may be a, at, ah or nothing
		default:
			c = semiticLetters[r]
		}
		if c == 0 {
			if r < 0x80 && (r >= 'a' && r <= 'z' || r >= '0' && r <= '9') {
				c = byte(r)
			} else {
				continue
			}
		}
		if len(b) > 1 && b[len(b)-1] == c {
			continue
		}
		if len(b) > maxKey {
			break
		}
		b = append(b, c)
	}
	return string(b)
}

// semiticLetters maps written letters to key letters: A a carrier of a vowel
// or long a, W and Y letters that may be consonant or vowel, E the ayn,
// T, D, Z, S letters that romanisations write in several ways.
var semiticLetters = map[rune]byte{
	'ا': 'A', 'آ': 'A', 'أ': 'A', 'إ': 'A', 'ٱ': 'A', 'ى': 'Y', 'ب': 'b', 'پ': 'p', 'ت': 't', 'ٹ': 't', 'ټ': 't', 'ث': 'T', 'ج': 'j', 'چ': 'c', 'ح': 'h', 'خ': 'h', 'د': 'd', 'ڈ': 'd', 'ډ': 'd', 'ذ': 'Z', 'ر': 'r', 'ڑ': 'r', 'ړ': 'r', 'ڕ': 'r', 'ز': 'z', 'ژ': 'j', 'ځ': 'z', 'څ': 'q',
	'س': 's', 'ش': 'x', 'ښ': 'x', 'ص': 's', 'ض': 'D', 'ط': 't', 'ظ': 'D', 'ع': 'E', 'غ': 'g', 'ف': 'f', 'ڤ': 'v', 'ق': 'K', 'ك': 'k', 'ک': 'k', 'گ': 'g', 'ږ': 'g', 'ل': 'l', 'ڵ': 'l', 'م': 'm', 'ن': 'n', 'ں': 'n', 'ڼ': 'n', 'ه': 'h', 'ھ': 'h', 'ہ': 'h', 'ۀ': 'H', 'ۂ': 'H', 'ة': 'H', 'ە': 'H',
	'و': 'W', 'ؤ': 'W', 'ۆ': 'W', 'ي': 'Y', 'ی': 'Y', 'ې': 'Y', 'ۍ': 'Y', 'ے': 'Y', 'ۓ': 'Y', 'ئ': 'Y', 'ێ': 'Y', 'ء': 0,
	'א': 'A', 'ב': 'b', 'ג': 'g', 'ד': 'd', 'ה': 'h', 'ו': 'W', 'ז': 'z', 'ח': 'h', 'ט': 't', 'י': 'Y', 'כ': 'k', 'ך': 'k', 'ל': 'l', 'מ': 'm', 'ם': 'm', 'נ': 'n', 'ן': 'n', 'ס': 's', 'ע': 'E', 'פ': 'p', 'ף': 'p', 'צ': 'q', 'ץ': 'q', 'ק': 'k', 'ר': 'r', 'ש': 'x', 'ת': 't',
}

// skeleton reduces a key of either kind to the consonants that survive every
// romanisation, in coarse classes, so that words written with and without
// vowels meet in one bucket. Empty for words that have too few.
func skeleton(key string) string {
	var b [maxKey + 1]byte
	n := 0
	for i := 0; i < len(key); i++ {
		var c byte
		switch key[i] {
		case 'b', 'p':
			c = 'b'
		case 'd', 't', 'T', 'D':
			c = 't'
		case 's', 'z', 'Z', 'q':
			c = 's'
		case 'x', 'c':
			c = 'x'
		case 'g', 'j':
			c = 'g'
		case 'k', 'K':
			c = 'k'
		case 'f':
			c = 'f'
		case 'l', 'm', 'n', 'r':
			c = key[i]
		default:
			continue
		}
		// z, dh and d are written for one letter; keep them apart only as s and t.
		if n > 0 && b[n-1] == c {
			continue
		}
		b[n] = c
		n++
	}
	return string(b[:n])
}
