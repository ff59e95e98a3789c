package screening

// letterTable holds the letters that are read alike wherever they stand.
// Cyrillic follows the romanisations met in passports and registers; where
// they differ the key (key.go) folds the difference.
var letterTable = map[rune]string{
	// Latin letters that do not decompose.
	'ß': "ss", 'ø': "o", 'ł': "l", 'đ': "d", 'æ': "ae", 'œ': "oe", 'þ': "th", 'ð': "d", 'ı': "i", 'ə': "a", 'ŋ': "ng", 'ħ': "h", 'ŧ': "t", 'ɓ': "b", 'ɗ': "d", 'ƙ': "k",
	// Cyrillic: Russian, Ukrainian, Belarusian, Bulgarian, Serbian, Macedonian, and those of Central Asia.
	'а': "a", 'б': "b", 'в': "v", 'г': "g", 'д': "d", 'е': "e", 'ё': "e", 'ж': "zh", 'з': "z", 'и': "i", 'й': "y",
	'к': "k", 'л': "l", 'м': "m", 'н': "n", 'о': "o", 'п': "p", 'р': "r", 'с': "s", 'т': "t", 'у': "u", 'ф': "f",
	'х': "kh", 'ц': "ts", 'ч': "ch", 'ш': "sh", 'щ': "shch", 'ъ': "", 'ы': "y", 'ь': "", 'э': "e", 'ю': "yu", 'я': "ya",
	'ґ': "g", 'є': "ye", 'і': "i", 'ї': "yi", 'ў': "u", 'ђ': "dj", 'ѓ': "gj", 'ѕ': "dz", 'ј': "j", 'љ': "lj", 'њ': "nj", 'ћ': "ch", 'ќ': "kj", 'џ': "dzh",
	'ә': "a", 'ғ': "gh", 'қ': "q", 'ң': "ng", 'ө': "o", 'ұ': "u", 'ү': "u", 'һ': "h", 'җ': "zh", 'ҳ': "h", 'ҷ': "j", 'ӣ': "i", 'ӯ': "u", 'ѐ': "e", 'ѝ': "i", 'ԥ': "p",
	// Greek.
	'α': "a", 'β': "v", 'γ': "g", 'δ': "d", 'ε': "e", 'ζ': "z", 'η': "i", 'θ': "th", 'ι': "i", 'κ': "k", 'λ': "l", 'μ': "m", 'ν': "n", 'ξ': "x",
	'ο': "o", 'π': "p", 'ρ': "r", 'σ': "s", 'ς': "s", 'τ': "t", 'υ': "y", 'φ': "f", 'χ': "kh", 'ψ': "ps", 'ω': "o",
	// Hebrew: consonants; vowels are not written.
	'א': "a", 'ב': "b", 'ג': "g", 'ד': "d", 'ה': "h", 'ו': "v", 'ז': "z", 'ח': "kh", 'ט': "t", 'י': "i", 'כ': "k", 'ך': "k", 'ל': "l", 'מ': "m", 'ם': "m",
	'נ': "n", 'ן': "n", 'ס': "s", 'ע': "a", 'פ': "p", 'ף': "f", 'צ': "ts", 'ץ': "ts", 'ק': "k", 'ר': "r", 'ש': "sh", 'ת': "t",
	// Georgian.
	'ა': "a", 'ბ': "b", 'გ': "g", 'დ': "d", 'ე': "e", 'ვ': "v", 'ზ': "z", 'თ': "t", 'ი': "i", 'კ': "k", 'ლ': "l", 'მ': "m", 'ნ': "n", 'ო': "o", 'პ': "p",
	'ჟ': "zh", 'რ': "r", 'ს': "s", 'ტ': "t", 'უ': "u", 'ფ': "p", 'ქ': "k", 'ღ': "gh", 'ყ': "q", 'შ': "sh", 'ჩ': "ch", 'ც': "ts", 'ძ': "dz", 'წ': "ts", 'ჭ': "ch", 'ხ': "kh", 'ჯ': "j", 'ჰ': "h",
	// Armenian.
	'ա': "a", 'բ': "b", 'գ': "g", 'դ': "d", 'ե': "e", 'զ': "z", 'է': "e", 'ը': "y", 'թ': "t", 'ժ': "zh", 'ի': "i", 'լ': "l", 'խ': "kh", 'ծ': "ts", 'կ': "k", 'հ': "h", 'ձ': "dz", 'ղ': "gh",
	'ճ': "ch", 'մ': "m", 'յ': "y", 'ն': "n", 'շ': "sh", 'ո': "o", 'չ': "ch", 'պ': "p", 'ջ': "j", 'ռ': "r", 'ս': "s", 'վ': "v", 'տ': "t", 'ր': "r", 'ց': "ts", 'ւ': "v", 'փ': "p", 'ք': "k", 'օ': "o", 'ֆ': "f", 'և': "ev",
	// Arabic, Persian, Urdu, Pashto, Kurdish: letters as written; vowels are mostly not.
	'ا': "a", 'آ': "a", 'أ': "a", 'إ': "i", 'ٱ': "a", 'ب': "b", 'پ': "p", 'ت': "t", 'ٹ': "t", 'ث': "th", 'ج': "j", 'چ': "ch", 'ح': "h", 'خ': "kh", 'د': "d", 'ڈ': "d", 'ذ': "dh", 'ر': "r", 'ڑ': "r", 'ز': "z", 'ژ': "zh",
	'س': "s", 'ش': "sh", 'ص': "s", 'ض': "d", 'ط': "t", 'ظ': "z", 'ع': "a", 'غ': "gh", 'ف': "f", 'ڤ': "v", 'ق': "q", 'ك': "k", 'ک': "k", 'گ': "g", 'ل': "l", 'ڵ': "l", 'م': "m", 'ن': "n", 'ں': "n", 'ڼ': "n",
	'ه': "h", 'ھ': "h", 'ہ': "h", 'ۀ': "h", 'ۂ': "h", 'ة': "a", 'و': "w", 'ۆ': "o", 'ؤ': "u", 'ي': "y", 'ی': "y", 'ى': "a", 'ې': "e", 'ۍ': "i", 'ے': "e", 'ۓ': "e", 'ئ': "i", 'ء': "", 'ټ': "t", 'ډ': "d", 'ړ': "r", 'ږ': "g", 'ښ': "kh", 'ځ': "z", 'څ': "ts", 'ە': "a", 'ێ': "e", 'ڕ': "r",
}

var (
	hangulInitial = []string{"k", "k", "n", "t", "t", "r", "m", "p", "p", "s", "s", "", "ch", "ch", "ch", "k", "t", "p", "h"}
	hangulVowel   = []string{"a", "ae", "ya", "yae", "o", "e", "yo", "ye", "o", "wa", "wae", "oe", "yo", "u", "wo", "we", "wi", "yu", "u", "ui", "i"}
	hangulFinal   = []string{"", "k", "k", "k", "n", "n", "n", "t", "l", "k", "m", "l", "l", "l", "p", "l", "m", "p", "p", "t", "t", "ng", "t", "t", "k", "t", "p", "t"}
)

// romaniseHangul writes Korean as the registers of both Koreas mostly do:
// closer to McCune-Reischauer than to the newer spelling, without its marks.
func romaniseHangul(runes []rune) string {
	var b []byte
	for i, r := range runes {
		s := int(r - 0xAC00)
		if s < 0 || s >= 11172 {
			continue
		}
		ini, vow, fin := s/588, s%588/28, s%28
		if i > 0 {
			b = append(b, ' ')
		}
		in := hangulInitial[ini]
		if i == 0 && r == '이' && len(runes) <= 4 {
			b = append(b, "ri"...)
			continue
		}
		b = append(b, in...)
		b = append(b, hangulVowel[vow]...)
		b = append(b, hangulFinal[fin]...)
	}
	return string(b)
}

var kanaTable = map[rune]string{
	'あ': "a", 'い': "i", 'う': "u", 'え': "e", 'お': "o", 'か': "ka", 'き': "ki", 'く': "ku", 'け': "ke", 'こ': "ko",
	'が': "ga", 'ぎ': "gi", 'ぐ': "gu", 'げ': "ge", 'ご': "go", 'さ': "sa", 'し': "shi", 'す': "su", 'せ': "se", 'そ': "so",
	'ざ': "za", 'じ': "ji", 'ず': "zu", 'ぜ': "ze", 'ぞ': "zo", 'た': "ta", 'ち': "chi", 'つ': "tsu", 'て': "te", 'と': "to",
	'だ': "da", 'ぢ': "ji", 'づ': "zu", 'で': "de", 'ど': "do", 'な': "na", 'に': "ni", 'ぬ': "nu", 'ね': "ne", 'の': "no",
	'は': "ha", 'ひ': "hi", 'ふ': "fu", 'へ': "he", 'ほ': "ho", 'ば': "ba", 'び': "bi", 'ぶ': "bu", 'べ': "be", 'ぼ': "bo",
	'ぱ': "pa", 'ぴ': "pi", 'ぷ': "pu", 'ぺ': "pe", 'ぽ': "po", 'ま': "ma", 'み': "mi", 'む': "mu", 'め': "me", 'も': "mo",
	'や': "ya", 'ゆ': "yu", 'よ': "yo", 'ら': "ra", 'り': "ri", 'る': "ru", 'れ': "re", 'ろ': "ro", 'わ': "wa", 'ゐ': "i", 'ゑ': "e", 'を': "o", 'ん': "n", 'ゔ': "vu",
	'ぁ': "a", 'ぃ': "i", 'ぅ': "u", 'ぇ': "e", 'ぉ': "o",
}

// romaniseKana writes Japanese syllables in Hepburn spelling.
func romaniseKana(runes []rune) string {
	var b []byte
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		if r >= 0x30A1 && r <= 0x30F6 {
			r -= 0x60
		}
		switch r {
		case 'ゃ', 'ゅ', 'ょ':
			v := map[rune]string{'ゃ': "ya", 'ゅ': "yu", 'ょ': "yo"}[r]
			if n := len(b); n > 0 && b[n-1] == 'i' {
				b = b[:n-1]
				if n > 1 && (b[n-2] == 'h' || b[n-2] == 'j') {
					v = v[1:]
				}
			}
			b = append(b, v...)
		case 'っ':
			if i+1 < len(runes) {
				nx := runes[i+1]
				if nx >= 0x30A1 && nx <= 0x30F6 {
					nx -= 0x60
				}
				if t := kanaTable[nx]; t != "" {
					b = append(b, t[0])
				}
			}
		default:
			b = append(b, kanaTable[r]...)
		}
	}
	return string(b)
}

var thaiConsonant = map[rune]string{
	'ก': "k", 'ข': "kh", 'ฃ': "kh", 'ค': "kh", 'ฅ': "kh", 'ฆ': "kh", 'ง': "ng", 'จ': "ch", 'ฉ': "ch", 'ช': "ch", 'ซ': "s", 'ฌ': "ch", 'ญ': "y", 'ฎ': "d", 'ฏ': "t", 'ฐ': "th", 'ฑ': "th", 'ฒ': "th", 'ณ': "n", 'ด': "d", 'ต': "t", 'ถ': "th", 'ท': "th", 'ธ': "th", 'น': "n",
	'บ': "b", 'ป': "p", 'ผ': "ph", 'ฝ': "f", 'พ': "ph", 'ฟ': "f", 'ภ': "ph", 'ม': "m", 'ย': "y", 'ร': "r", 'ฤ': "rue", 'ล': "l", 'ว': "w", 'ศ': "s", 'ษ': "s", 'ส': "s", 'ห': "h", 'ฬ': "l", 'อ': "o", 'ฮ': "h",
}

var thaiVowel = map[rune]string{
	'ะ': "a", 'ั': "a", 'า': "a", 'ำ': "am", 'ิ': "i", 'ี': "i", 'ึ': "ue", 'ื': "ue", 'ุ': "u", 'ู': "u", 'เ': "e", 'แ': "ae", 'โ': "o", 'ใ': "ai", 'ไ': "ai",
}

// romaniseThai writes Thai letter by letter; a vowel written before its
// consonant is spoken after it. Unwritten vowels stay unwritten.
func romaniseThai(runes []rune) string {
	var b []byte
	held := ""
	for _, r := range runes {
		if v, ok := thaiVowel[r]; ok {
			if r >= 'เ' && r <= 'ไ' {
				held = v
			} else {
				b = append(b, v...)
			}
			continue
		}
		b = append(b, thaiConsonant[r]...)
		b = append(b, held...)
		held = ""
	}
	return string(append(b, held...))
}
