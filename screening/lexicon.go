package screening

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
)

// class says what a word is for the weighing.
type class uint8

const (
	classPlain class = iota
	classCommon
	classTrade
	classGiven
	classPatronymic
	classNumber
	classInitial
	classTitle
	classParticle
	classLegal
)

// lexiconFiles are hand-written word lists; see the head of each file.
//
//go:embed lexicon/*.txt
var lexiconFiles embed.FS

// meaning is what the lexicon knows of a key.
type meaning struct {
	class   class
	concept uint16 // 0: none; words of one concept translate each other
}

// lexicon is the whole of the word lists, keyed as words are keyed.
type lexicon struct {
	words    map[string]meaning
	stems    map[string]meaning // stems of at least three letters
	stemMin  int
	stemMax  int
	phrases  map[string]string // words joined by spaces -> key of the one word that stands for them
	starts   map[string]int    // first words of phrases -> most words of one
	concepts []string          // names, for explanations
}

// lex gives the lexicon, read at first use; the files are part of the program,
// so reading cannot fail.
var lex = sync.OnceValue(loadLexicon)

// lexiconSum identifies the word lists and the numbers of the scoring.
var lexiconSum = sync.OnceValue(func() string {
	h := sha256.New()
	for _, name := range []string{"forms", "small", "trade", "given", "common", "background"} {
		b, err := lexiconFiles.ReadFile("lexicon/" + name + ".txt")
		if err != nil {
			panic("screening: " + err.Error())
		}
		h.Write(b)
	}
	fmt.Fprintf(h, "%+v", tune)
	return hex.EncodeToString(h.Sum(nil)[:12])
})

func loadLexicon() *lexicon {
	l := &lexicon{words: map[string]meaning{}, stems: map[string]meaning{}, phrases: map[string]string{}, starts: map[string]int{}, concepts: []string{""}, stemMin: 99}
	read := func(name string) []string {
		b, err := lexiconFiles.ReadFile("lexicon/" + name + ".txt")
		if err != nil {
			panic("screening: " + err.Error())
		}
		var out []string
		for line := range strings.Lines(string(b)) {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
				out = append(out, line)
			}
		}
		return out
	}
	for _, line := range read("small") {
		name, list, _ := strings.Cut(line, ":")
		c := classParticle
		switch name {
		case "title":
			c = classTitle
		case "formword":
			c = classLegal
		}
		for w := range strings.SplitSeq(list, ",") {
			if ks := bareKeys(w); len(ks) == 1 {
				l.put(ks[0], meaning{class: c})
			}
		}
	}
	l.loadForms(read("forms"))
	l.loadTrade(read("trade"))
	for _, line := range read("given") {
		fields := strings.Fields(line)
		m := meaning{class: classGiven}
		if fields[0] == "*" { // many names, not one
			fields = fields[1:]
		} else {
			l.concepts = append(l.concepts, fields[0])
			m.concept = uint16(len(l.concepts) - 1)
		}
		for _, w := range fields {
			for _, k := range bareKeys(w) {
				l.put(k, m)
			}
		}
	}
	for _, line := range read("common") {
		for w := range strings.FieldsSeq(line) {
			for _, k := range bareKeys(w) {
				if l.meaningOf(k).concept == 0 { // a trade word stays one
					l.put(k, meaning{class: classCommon})
				}
			}
		}
	}
	return l
}

// put keeps the first meaning of a key: lists are read from the weightless to
// the common.
func (l *lexicon) put(key string, m meaning) {
	if _, ok := l.words[key]; !ok && len(key) > 1 { // one letter is an initial
		l.words[key] = m
	}
}

func (l *lexicon) phrase(keys []string, to string) {
	l.phrases[strings.Join(keys, " ")] = to
	if n := l.starts[keys[0]]; n < len(keys) {
		l.starts[keys[0]] = len(keys)
	}
}

func (l *lexicon) loadForms(lines []string) {
	for _, line := range lines {
		name, list, _ := strings.Cut(line, ":")
		l.concepts = append(l.concepts, name)
		m := meaning{class: classLegal, concept: uint16(len(l.concepts) - 1)}
		key := "=" + name
		l.put(key, m)
		for w := range strings.SplitSeq(list, ",") {
			if ks := bareKeys(w); len(ks) > 1 || len(ks) == 1 && len(ks[0]) > 1 { // "kk" would be any k
				l.phrase(ks, key)
			}
		}
	}
}

func (l *lexicon) loadTrade(lines []string) {
	for _, line := range lines {
		name, list, _ := strings.Cut(line, ":")
		l.concepts = append(l.concepts, name)
		m := meaning{class: classTrade, concept: uint16(len(l.concepts) - 1)}
		for w := range strings.SplitSeq(list, ",") {
			w = strings.TrimSpace(w)
			isStem := strings.HasSuffix(w, "*")
			ks := bareKeys(strings.TrimSuffix(w, "*"))
			switch {
			case len(ks) == 0:
			case len(ks) > 1:
				l.put("="+name, m)
				l.phrase(ks, "="+name)
			case isStem && len(ks[0]) >= 3:
				if _, ok := l.stems[ks[0]]; !ok {
					l.stems[ks[0]] = m
				}
				l.stemMin, l.stemMax = min(l.stemMin, len(ks[0])), max(l.stemMax, len(ks[0]))
			default:
				l.put(ks[0], m)
			}
		}
	}
}

// meaningOf classifies a key.
func (l *lexicon) meaningOf(key string) meaning {
	if m, ok := l.words[key]; ok {
		return m
	}
	if key == "" || key[0] == '=' {
		return meaning{}
	}
	if isNumber(key) {
		return meaning{class: classNumber}
	}
	if len(key) == 1 && key[0] < 0x80 {
		return meaning{class: classInitial}
	}
	if isPatronymic(key) {
		return meaning{class: classPatronymic}
	}
	for n := min(l.stemMax, len(key)); n >= l.stemMin; n-- {
		if m, ok := l.stems[key[:n]]; ok && inflects(n, key[n:]) {
			return m
		}
	}
	return meaning{}
}

// inflects says whether a stem of n letters may end so: a short stem only in
// an inflection, a long one in anything short.
func inflects(n int, end string) bool {
	if n >= 5 {
		return len(end) <= 5
	}
	return inflections[end]
}

var inflections = func() map[string]bool {
	m := map[string]bool{"": true}
	for e := range strings.FieldsSeq("a e i o u ai aia oe oie ie ii ogo oi om ik ih im ov ovi ovaia ovoi ovoe ovogo ovih evoi evaia n ni nii naia noe nogo ski skii skaia skoe skogo s es ing al er ers nik niki stvo eni eniia ennii") {
		m[e] = true
	}
	return m
}()

func isNumber(key string) bool {
	for i := 0; i < len(key); i++ {
		if key[i] < '0' || key[i] > '9' {
			return false
		}
	}
	return key != ""
}

// isPatronymic knows the father's names of East Slavic naming by their endings.
func isPatronymic(key string) bool {
	if len(key) < 6 {
		return false
	}
	for _, s := range patronymicEndings {
		if strings.HasSuffix(key, s) {
			return true
		}
	}
	return false
}

// Keys, so ch is c: -ovich, -evich, -ovna, -evna and their neighbours.
var patronymicEndings = []string{"ovic", "evic", "avic", "ovna", "evna", "auna", "ivna", "ovits", "inicna", "iovic", "ovyc", "avna", "vovic"}

// bareKeys gives the keys of the words of a lexicon entry.
func bareKeys(text string) []string {
	raws, _ := segment(text)
	var out []string
	for _, r := range raws {
		for _, w := range wordsOf(r) {
			if w.key != "" {
				out = append(out, w.key)
			}
		}
	}
	return out
}
