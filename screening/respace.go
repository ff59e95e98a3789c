package screening

import (
	"cmp"
	"math"
	"slices"
)

// respaced reads a query's words with other spaces, where a word that the
// list does not know falls into two that it knows, or two words that it does
// not know make one: "Nuriindustries", "Nu ri". Nil if there is no such
// reading. It uses what gather found, so it is called after it.
func (x *Index) respaced(s *scratch, ws []word) []word {
	var out []word
	for i := 0; i < len(ws); i++ {
		w := ws[i]
		if i+1 < len(ws) {
			if j, ok := x.joined(w, ws[i+1]); ok {
				if out == nil {
					out = append(make([]word, 0, len(ws)+2), ws[:i]...)
				}
				out = append(out, j)
				i++
				continue
			}
		}
		if i < len(s.qwords) && s.qwords[i].id < 0 {
			if a, b, ok := x.split(w); ok {
				if out == nil {
					out = append(make([]word, 0, len(ws)+2), ws[:i]...)
				}
				out = append(out, a, b)
				continue
			}
		}
		if out != nil {
			out = append(out, w)
		}
	}
	if len(out) > maxWords {
		out = out[:maxWords]
	}
	if out == nil {
		return nil
	}
	return replacePhrases(out)
}

// joined makes one word of two where the list knows the whole and not both
// halves. Syllables of Mandarin are joined whether it knows them or not: one
// person writes Xue Liang, another Xueliang.
func (x *Index) joined(a, b word) (word, bool) {
	if len(a.key) > 2 && len(b.key) > 2 && a.key[0] == '~' && b.key[0] == '~' {
		k := a.key + b.key[1:]
		if len(k) > maxKey || !x.soundsKnown(k) {
			return word{}, false
		}
		return word{text: a.text + b.text, key: k, start: a.start, end: b.end, script: a.script, after: b.after}, true
	}
	if !spelt(a) || !spelt(b) || a.after != ' ' || b.start-a.end > 1 || len(a.text)+len(b.text) < 4 {
		return word{}, false
	}
	_, ka := x.vocab.find(a.key)
	_, kb := x.vocab.find(b.key)
	if ka && kb && len(a.key) > 2 && len(b.key) > 2 && len(a.key)+len(b.key) > 6 && !(isSyllable(a.text) && isSyllable(b.text)) {
		return word{}, false
	}
	t := a.text + b.text
	k := latinKey(t)
	if _, ok := x.vocab.find(k); !ok && lex().starts[k] == 0 {
		return word{}, false
	}
	return word{text: t, key: k, start: a.start, end: b.end, script: a.script, after: b.after}, true
}

// soundsKnown says whether the list has a word that a word without vowels may
// be, nearly for certain.
func (x *Index) soundsKnown(k string) bool {
	known := false
	skeletons(k, func(bones string) {
		h := hashKey(bones)
		at, _ := slices.BinarySearchFunc(x.vocab.bones, h, func(b boneEntry, h uint32) int { return cmp.Compare(b.hash, h) })
		for n := 0; at < len(x.vocab.bones) && x.vocab.bones[at].hash == h && n < maxBucket && !known; at, n = at+1, n+1 {
			if w := x.vocab.key(x.vocab.bones[at].word); w[0] != '~' {
				known = semiticEdit(k, w, 45) < farApart
			}
		}
	})
	return known
}

// split makes two words of one, where the list knows both: the cut that leaves
// the most weight.
func (x *Index) split(w word) (a, b word, ok bool) {
	if !spelt(w) || len(w.text) < 5 || len(w.text) > maxKey {
		return a, b, false
	}
	if al := w.text[:2]; (al == "al" || al == "el") && len(w.text) >= 6 {
		if k, _ := x.known(w.text[2:]); k != "" {
			a, b = w, w
			a.text, a.key, a.after = al, al, ' '
			b.text, b.key = w.text[2:], k
			return a, b, true
		}
	}
	best := 0.0
	for i := 2; i+2 <= len(w.text); i++ {
		ka, wa := x.known(w.text[:i])
		if ka == "" {
			continue
		}
		kb, wb := x.known(w.text[i:])
		if kb == "" || ka[0] == '=' && len(kb) < 5 || kb[0] == '=' && len(ka) < 5 || len(w.text) < 7 {
			continue
		}
		if x.trade(ka) && x.trade(kb) {
			continue // a word made of two words of trade is one of its own
		}
		if g := wa + wb + .1*float64(min(i, len(w.text)-i)); g > best {
			best, ok = g, true
			a, b = w, w
			a.text, a.key, a.after = w.text[:i], ka, ' '
			b.text, b.key = w.text[i:], kb
		}
	}
	return a, b, ok
}

// trade says whether a word is one of trade or a legal form.
func (x *Index) trade(k string) bool {
	id, ok := x.vocab.find(k)
	return !ok || x.vocab.class[id] == classTrade
}

// known gives the key of a text that the list or the legal forms know.
func (x *Index) known(t string) (string, float64) {
	k := latinKey(t)
	if f, ok := lex().phrases[k]; ok && len(k) >= 3 {
		return f, 3
	}
	if id, ok := x.vocab.find(k); ok && len(k) >= 3 && x.vocab.class[id] < classNumber {
		return k, math.Min(float64(x.vocab.weight[id]), 1.4*float64(len(k)))
	}
	return "", 0
}

// spelt says whether a word is written with letters that spell sounds.
func spelt(w word) bool { return w.key != "" && w.key[0] != '~' && w.key[0] != '=' && !isNumber(w.key) }
