package screening

import "strings"

// readWords reads one name.
func readWords(text string) ([]word, bool) {
	raws, cut := segment(text)
	raws = joinDotted(raws)
	ws := make([]word, 0, len(raws)+2)
	for _, r := range raws {
		ws = append(ws, wordsOf(r)...)
	}
	repairForms(ws)
	ws = replacePhrases(ws)
	out := ws[:0]
	for _, w := range ws {
		if w.key != "" {
			out = append(out, w)
		}
	}
	if len(out) > maxWords {
		out, cut = out[:maxWords], true
	}
	return out, cut
}

// joinDotted joins letters parted by dots alone into one word where there are
// three or more, or where they are a legal form: "S.A.R.L.", "K.H.K.".
func joinDotted(raws []rawWord) []rawWord {
	out := raws[:0:0]
	for i := 0; i < len(raws); i++ {
		j := i
		for j < len(raws) && len(raws[j].runes) == 1 && raws[j].script != scriptDigit && raws[j].script != scriptHan &&
			(j == i || raws[j-1].after == '.' && raws[j].start-raws[j-1].end <= 1) {
			j++
		}
		if j-i == 1 { // "O N C U": three single letters apart are one word too
			k := i + 1
			for k < len(raws) && len(raws[k].runes) == 1 && raws[k].script == raws[i].script && raws[k-1].after == ' ' && raws[k].start-raws[k-1].end <= 1 {
				k++
			}
			if k-i >= 3 && raws[k-1].after != '.' {
				j = k
			}
		}
		if n := j - i; n >= 2 {
			w := rawWord{start: raws[i].start, end: raws[j-1].end, script: raws[i].script, after: raws[j-1].after}
			for k := i; k < j; k++ {
				w.runes = append(w.runes, raws[k].runes...)
			}
			_, known := lex().phraseKey(latinKey(transliterate(w)))
			if n >= 3 || known {
				out = append(out, w)
				i = j - 1
				continue
			}
		}
		out = append(out, raws[i])
	}
	return out
}

// phraseKey gives the key that stands for a one-word legal form.
func (l *lexicon) phraseKey(key string) (string, bool) {
	k, ok := l.phrases[key]
	return k, ok
}

// wordsOf turns a run of letters into the words it is compared as.
func wordsOf(r rawWord) []word {
	w := word{start: r.start, end: r.end, script: r.script, after: r.after}
	switch r.script {
	case scriptHan:
		ws := readHan(r)
		for i := range ws {
			ws[i].key = latinKey(ws[i].text)
		}
		return ws
	case scriptHangul:
		at := r.start
		var out []word
		for i, s := range strings.Fields(transliterate(r)) {
			size := 3
			out = append(out, word{text: s, key: latinKey(s), start: at, end: min(at+size, r.end), script: r.script, after: ' '})
			at += size
			_ = i
		}
		return out
	case scriptArabic, scriptHebrew:
		return semiticWords(r, w)
	}
	w.text = transliterate(r)
	if w.text == "" {
		return nil
	}
	if n, ok := ordinal(w.text); ok {
		w.key = n
		return []word{w}
	}
	w.key = latinKey(w.text)
	if ws := splitCompound(w); ws != nil {
		return ws
	}
	return []word{w}
}

// semiticWords keys an Arabic or Hebrew word; the article is a word of its own.
func semiticWords(r rawWord, w word) []word {
	w.text = transliterate(r)
	runes := r.runes
	if r.script == scriptArabic && len(runes) >= 4 && runes[0] == 'ا' && runes[1] == 'ل' && string(runes) != "الله" {
		art := w
		art.text, art.key = "al", "al"
		art.end = art.start + len("ال")
		w.start = art.end
		w.text = transliterate(rawWord{runes: runes[2:], script: r.script})
		w.key = semiticKey(runes[2:])
		return []word{art, w}
	}
	if r.script == scriptArabic && len(runes) >= 5 && string(runes[:3]) == "عبد" {
		a, b := w, w
		a.text, a.key, a.end = "abd", "abd", a.start+6
		rest := runes[3:]
		if len(rest) > 3 && rest[0] == 'ا' && rest[1] == 'ل' && string(rest) != "الله" {
			rest = rest[2:]
		}
		b.start, b.text, b.key = a.end, transliterate(rawWord{runes: rest, script: r.script}), semiticKey(rest)
		return []word{a, b}
	}
	if r.script == scriptArabic && len(runes) >= 6 && (string(runes[:3]) == "ابو" || string(runes[:3]) == "أبو") {
		a, b := w, w
		a.text, a.key, a.end = "abu", "abu", a.start+6
		rest := runes[3:]
		if len(rest) > 4 && rest[0] == 'ا' && rest[1] == 'ل' {
			rest = rest[2:]
		}
		b.start, b.text, b.key = a.end, transliterate(rawWord{runes: rest, script: r.script}), semiticKey(rest)
		return []word{a, b}
	}
	if n := len(runes); r.script == scriptArabic && n >= 7 && string(runes[n-4:]) == "الله" {
		a, b := w, w
		a.text, a.key = transliterate(rawWord{runes: runes[:n-4], script: r.script}), semiticKey(runes[:n-4])
		a.end = a.start + len(string(runes[:n-4]))
		b.start, b.text, b.key = a.end, "allah", "ala"
		return []word{a, b}
	}
	switch string(runes) {
	case "عبد":
		w.key = "abd"
	case "الله", "اللہ":
		w.key = "ala"
	case "ابو", "أبو":
		w.key = "abu"
	case "بن", "ابن":
		w.key = "bin"
	default:
		w.key = semiticKey(runes)
	}
	if len(w.key) < 2 {
		return nil
	}
	return []word{w}
}

// splitCompound parts names that are written joined or apart: Abd al-Rahman,
// Abdulrahman; Jalal al-Din, Jalaluddin; Rahmat Allah, Rahmatullah.
func splitCompound(w word) []word {
	k := w.key
	cut := func(a, b string) []word {
		x, y := w, w
		x.key, y.key = a, b
		x.text, y.text = a, b
		x.after = ' '
		return []word{x, y}
	}
	switch {
	case k == "abdul" || k == "abdel" || k == "abdal" || k == "abdol" || k == "abdur" || k == "abdil" || k == "abid" && false:
		w.key = "abd"
		return []word{w}
	case len(k) > 6 && k[:3] == "abd" && strings.IndexByte("aeiou", k[3]) >= 0:
		rest := k[4:]
		if k[4] == 'l' {
			rest = k[5:]
			if k[3] != 'i' && (strings.HasPrefix(rest, "a") && len(rest) <= 3) { // Abdullah, Abdallah
				return cut("abd", "ala")
			}
		} else if strings.IndexByte("rsnzdtx", k[4]) < 0 {
			return nil
		}
		if len(rest) >= 3 {
			return cut("abd", rest)
		}
	case len(k) >= 7 && (strings.HasPrefix(k, "abul") || strings.HasPrefix(k, "abol")):
		return cut("abu", k[4:])
	case len(k) >= 9 && strings.HasPrefix(k, "abual"):
		return cut("abu", k[5:])
	case k == "abo" || k == "abou":
		w.key = "abu"
		return []word{w}
	case k == "abdula" || k == "abdala" || k == "abdola":
		return cut("abd", "ala")
	case len(k) >= 7:
		for _, s := range []string{"ula", "ola", "ala"} {
			if strings.HasSuffix(k, s) && (strings.HasSuffix(w.text, "llah") || strings.HasSuffix(w.text, "lah") || strings.HasSuffix(w.text, "lla")) {
				return cut(k[:len(k)-3], "ala")
			}
		}
		for _, s := range []string{"udin", "edin", "aldin", "eldin", "odin", "uldin", "adin"} {
			if strings.HasSuffix(k, s) && len(k)-len(s) >= 3 && strings.Contains(w.text[max(0, len(w.text)-6):], "d") && (strings.Contains(w.text, "dd") || strings.Contains(s, "l")) {
				return cut(k[:len(k)-len(s)], "din")
			}
		}
	}
	return nil
}

// ordinal reads "35th", "2nd", "1-y" and Roman numerals of two letters or more
// as numbers; leading zeros fall.
func ordinal(t string) (string, bool) {
	n := 0
	for n < len(t) && t[n] >= '0' && t[n] <= '9' {
		n++
	}
	if n > 0 {
		switch t[n:] {
		case "", "th", "st", "nd", "rd", "y", "i", "go", "oi", "ya", "e", "o":
			t = strings.TrimLeft(t[:n], "0")
			if t == "" {
				t = "0"
			}
			return t[:min(len(t), maxKey)], true
		}
		return "", false
	}
	switch t {
	case "ii":
		return "2", true
	case "iii":
		return "3", true
	case "iv":
		return "4", true
	case "vi":
		return "6", true
	case "vii":
		return "7", true
	case "viii":
		return "8", true
	case "ix":
		return "9", true
	case "xii":
		return "12", true
	}
	return "", false
}

// formWords are the words of legal forms and of trade that are long enough to
// be known when misspelt.
var formWords = []string{
	"joint", "stock", "limited", "liability", "company", "companies", "corporation", "incorporated", "partnership", "enterprise", "enterprises",
	"korporatsiya", "obshchestvo", "ogranichennoi", "otvetstvennostyu", "aktsionernoe", "predpriyatie",
	"international", "technology", "technologies", "trading", "industry", "industries", "industrial", "general", "services", "holding", "holdings", "management", "investment", "electronics",
}

// repairForms puts the right key for a misspelt word of a legal form, so that
// "Compqny" weighs as little as "Company".
func repairForms(ws []word) {
	for i := range ws {
		k, t := ws[i].key, ws[i].text
		if len(t) < 5 || len(t) > 18 || k == "" || k[0] == '~' || k[0] == '=' {
			continue
		}
		if lex().starts[k] > 0 || lex().meaningOf(k).class != classPlain {
			continue
		}
		for _, f := range formWords {
			if d := len(f) - len(t); d > 2 || d < -2 {
				continue
			}
			most := 100
			switch {
			case len(f) >= 9:
				most = 150
			case len(f) == 5: // only letters changed about
				most = costSwap
			}
			if editCost(t, f, most) <= most {
				ws[i].key = latinKey(f)
				break
			}
		}
	}
}

// replacePhrases puts one word for legal forms and set phrases.
func replacePhrases(ws []word) []word {
	out := ws[:0:0]
	var b []byte
	for i := 0; i < len(ws); {
		most := lex().starts[ws[i].key]
		hit, key := 0, ""
		b = b[:0]
		for n := 1; n <= most && i+n <= len(ws); n++ {
			if n > 1 {
				b = append(b, ' ')
			}
			b = append(b, ws[i+n-1].key...)
			if k, ok := lex().phrases[string(b)]; ok {
				hit, key = n, k
			}
		}
		if hit == 0 {
			out = append(out, ws[i])
			i++
			continue
		}
		w := ws[i]
		w.key, w.end, w.after = key, ws[i+hit-1].end, ws[i+hit-1].after
		if hit > 1 {
			t := w.text
			for _, x := range ws[i+1 : i+hit] {
				t += " " + x.text
			}
			w.text = t
		}
		out = append(out, w)
		i += hit
	}
	return out
}
