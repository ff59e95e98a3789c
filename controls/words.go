package controls

import (
	"strings"
	"unicode"
)

// word is one word of a text, folded for comparison, with what the grammar
// around it says: negated ("no search"), or part of a sentence that speaks to
// the reader instead of about the product.
type word struct {
	text     string // folded, singular
	stem     string // shorter still: for ranking only
	sentence int
	negated  bool
	aside    bool
	head     bool // in the part of a sentence that names the thing, before what it does and to whom
	extra    bool // in a sentence about what comes along ("a bag is included")
	guarded  bool // what the thing guards against or works in spite of ("during shutdowns")
	purpose  bool // inside what the thing is for ("for surveying and drones"), not what it is
}

// MaxText bounds the part of a description that is read, in bytes. Longer
// descriptions are cut and the result says so.
const MaxText = 64 << 10

// fold lowers a text and writes British and American spelling, hyphens and
// typographic signs in one way.
func foldWord(w string) string {
	if v, ok := spelling[w]; ok {
		return v
	}
	w = singular(w)
	if v, ok := spelling[w]; ok {
		return v
	}
	if len(w) > 5 {
		for _, s := range [...][2]string{{"isation", "ization"}, {"ising", "izing"}, {"ised", "ized"}, {"iser", "izer"}, {"ise", "ize"}, {"yser", "yzer"}, {"yse", "yze"}} {
			if strings.HasSuffix(w, s[0]) {
				return w[:len(w)-len(s[0])] + s[1]
			}
		}
	}
	return w
}

var spelling = map[string]string{
	"fibre": "fiber", "fibres": "fiber", "centre": "center", "centres": "center", "colour": "color", "colours": "color",
	"aluminium": "aluminum", "licence": "license", "grey": "gray", "metre": "meter", "litre": "liter", "calibre": "caliber",
	"sulphide": "sulfide", "sulphur": "sulfur", "programme": "program", "defence": "defense", "analogue": "analog",
	"tyre": "tire", "vapour": "vapor", "armour": "armor", "modelling": "modeling", "labelling": "labeling",
	"wifi": "wlan", "spyware": "spyware", "gas": "gas", "gases": "gas", "lens": "lens", "bus": "bus", "gps": "gps", "gnss": "gnss",
	"ims": "ims", "series": "series", "apparatus": "apparatus", "analysis": "analysis", "analyses": "analysis", "this": "this", "its": "its",
	"is": "is", "has": "has", "was": "was", "does": "does", "as": "as", "us": "us", "class": "class", "glass": "glass",
	"atlas": "atlas", "basis": "basis", "mas": "mas", "mems": "mems", "fps": "fps", "police": "police", "devices": "device", "axes": "axis",
	"matrices": "matrix", "antennae": "antenna", "people": "person", "persons": "person", "women": "woman", "men": "man",
	"children": "child", "knives": "knife", "lives": "life", "leaves": "leaf", "wireless": "wireless", "access": "access", "process": "process", "press": "press",
	"mass": "mass", "loss": "loss", "cross": "cross", "less": "less", "address": "address", "express": "express", "business": "business", "virus": "virus", "nexus": "nexus",
	"rebreathers": "rebreather", "canvas": "canvas", "stress": "stress", "harness": "harness", "witness": "witness", "ss7": "ss7", "imsi": "imsi", "osint": "osint",
}

// singular takes the plural ending off an English word.
func singular(w string) string {
	n := len(w)
	if n < 4 || w[n-1] != 's' {
		return w
	}
	switch {
	case strings.HasSuffix(w, "ies") && n > 4:
		return w[:n-3] + "y"
	case strings.HasSuffix(w, "sses"), strings.HasSuffix(w, "xes"), strings.HasSuffix(w, "ches"), strings.HasSuffix(w, "shes"):
		return w[:n-2]
	case strings.HasSuffix(w, "ss"), strings.HasSuffix(w, "us"), strings.HasSuffix(w, "is"):
		return w
	}
	return w[:n-1]
}

// stemOf shortens a word for ranking, where a near miss costs little.
func stemOf(w string) string {
	for _, s := range [...]string{"ational", "ization", "ations", "ation", "ments", "ment", "ings", "ing", "ers", "ors", "able", "ible", "ance", "ence", "ive", "ion", "ed", "er", "or", "al", "ly", "e"} {
		if strings.HasSuffix(w, s) && len(w)-len(s) >= 4 {
			return w[:len(w)-len(s)]
		}
	}
	return w
}

// token is a word before grammar is looked at, with its place in the text.
type token struct {
	raw        string
	start, end int
	sentence   int
}

// tokens cuts a text into words and sentences. A full stop inside a number or a
// code ("6A003.b", "1.5") does not end a sentence.
func tokens(text string) []token {
	out := make([]token, 0, len(text)/5)
	sentence, start := 0, -1
	flush := func(end int) {
		if start >= 0 {
			out = append(out, token{text[start:end], start, end, sentence})
			start = -1
		}
	}
	for i, r := range text {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '#' || r == '°' || r == '%' || r == '+' && start >= 0 {
			if start < 0 {
				start = i
			}
			continue
		}
		flush(i)
		switch r {
		case '.', '!', '?', '\n', ';':
			if r != '.' || i+1 >= len(text) || text[i+1] == ' ' || text[i+1] == '\n' || text[i+1] == '\r' || text[i+1] == ')' || text[i+1] == '"' {
				sentence++
			}
		}
	}
	flush(len(text))
	return out
}

var negators = map[string]int{
	"no": 4, "not": 4, "without": 4, "non": 1, "cannot": 4, "never": 4, "excluding": 3, "excludes": 3, "neither": 4, "nor": 4,
	"lacks": 3, "except": 3, "doesn": 4, "isn": 4, "can't": 4, "unable": 4, "instead": 3,
}

// purposeEnds are words that, after a comma, turn from what a thing is for back
// to what it is.
var purposeEnds = map[string]bool{
	"with": true, "carrying": true, "supplied": true, "delivered": true, "including": true, "which": true, "that": true, "designed": true,
	"a": true, "an": true, "the": true, "it": true, "up": true, "has": true, "having": true, "rated": true, "sold": true, "made": true, "based": true, "using": true,
}

// headEnds are words after which a sentence no longer says what the thing is but
// what is done with it: "a pod locating mobile phones" is no mobile phone.
var headEnds = func() map[string]bool {
	out := map[string]bool{}
	for _, t := range tokens("for with carrying featuring including incorporating of from to by which that who whose on onto into against than where when locating collecting reading intercepting tracking copying extracting unlocking breaking transmitting analysing analyzing searching identifying recording listening targeting blocking jamming infecting joining scraping predicting comparing allowing enabling capturing reconstructing finding following seizing opening guessing bypassing simulating emulating pretending disguised hidden built integrated inside behind between after before during under used capable able reads records finds locates tracks blocks collects intercepts detects extracts copies lets lists maps scrapes searches predicts") {
		out[t.raw] = true
	}
	return out
}()

// extraSentences finds the sentences about what comes along with the thing.
func extraSentences(toks []token) map[int]bool {
	var out map[int]bool
	for i, t := range toks {
		low := strings.ToLower(t.raw)
		first := i == 0 || toks[i-1].sentence != t.sentence
		part := low == "part" && i > 0 && i+1 < len(toks) && toks[i+1].raw == "of" && (toks[i-1].raw == "is" || toks[i-1].raw == "are")
		if part || low == "included" || low == "enclosed" || low == "also" || low == "too" || first && t.sentence > 0 && (low == "comes" || low == "supplied" || low == "accessories") {
			if out == nil {
				out = map[int]bool{}
			}
			out[t.sentence] = true
		}
	}
	return out
}

// guards are words after which a text names what the thing protects from.
var guards = map[string]bool{"against": true, "despite": true, "during": true, "evades": true, "evading": true, "resists": true, "circumvents": true, "bypasses": true, "circumvent": true, "bypass": true, "documents": true, "exposes": true, "ignores": true, "ignoring": true, "avoids": true, "avoiding": true, "counters": true}

// detecting stands before threats that a thing shows to those they are aimed at.
var detecting = map[string]bool{"find": true, "finds": true, "finding": true, "detect": true, "detects": true, "detecting": true, "reveal": true, "reveals": true, "revealing": true, "locates": true, "locating": true, "spots": true, "spotting": true, "warns": true, "detection": true, "detector": true, "finder": true, "measures": true, "measuring": true, "measurement": true, "documents": true, "documenting": true, "shows": true}

var threats = map[string]bool{"camera": true, "cameras": true, "bug": true, "bugs": true, "tracker": true, "trackers": true, "spyware": true, "stalkerware": true, "microphone": true, "microphones": true, "catcher": true, "catchers": true, "trojan": true, "trojans": true, "implants": true, "keyloggers": true, "wiretaps": true, "surveillance": true, "eavesdropping": true, "throttling": true, "throttled": true, "blocking": true, "censorship": true, "shutdowns": true, "dpi": true, "drones": true, "spying": true}

// countered stands after a threat that a thing is made against.
var countered = map[string]bool{"removal": true, "detection": true, "detector": true, "protection": true, "scanner": true, "checker": true, "defence": true, "defense": true, "prevention": true, "awareness": true, "finder": true, "alert": true, "warning": true}

// threatAhead reports whether a threat follows closely in the sentence.
func threatAhead(toks []token, i int) bool {
	for k := i + 1; k < len(toks) && k <= i+3 && toks[k].sentence == toks[i].sentence; k++ {
		if threats[strings.ToLower(toks[k].raw)] {
			return true
		}
	}
	return false
}

var bookish = map[string]bool{"book": true, "novel": true, "yearbook": true, "audiobook": true, "encyclopedia": true}

// adversity stands after "when" where a text tells in what hard times a thing
// still works.
var adversity = map[string]bool{"police": true, "authorities": true, "government": true, "governments": true, "state": true, "regime": true, "network": true, "networks": true, "internet": true, "operators": true, "mobile": true}

// suffered stands before "by" and those who threaten the people a thing is for.
var suffered = map[string]bool{"threatened": true, "attacked": true, "hacked": true, "raided": true, "searched": true, "infected": true, "guarded": true, "censored": true, "harassed": true, "altered": true, "tampered": true, "implanted": true, "compromised": true, "blocked": true, "banned": true, "bugged": true, "spied": true, "persecuted": true, "abused": true, "tortured": true, "beaten": true}

// about reports whether the words so far end in what makes the rest a subject
// and not a product: "report on", "disclosure of".
func about(ws []word) bool {
	n := len(ws)
	if n < 2 || n > 1 && ws[n-2].sentence != ws[n-1].sentence {
		return false
	}
	switch ws[n-1].text {
	case "on", "of", "about":
	default:
		return false
	}
	switch ws[n-2].text {
	case "report", "disclosure", "study", "audit", "documentation", "survey", "research", "article", "book":
		return true
	}
	return false
}

// hides reports whether the sentence so far keeps something from someone.
func hides(ws []word) bool {
	for i := len(ws) - 1; i >= 0 && i > len(ws)-10 && ws[i].sentence == ws[len(ws)-1].sentence; i-- {
		switch ws[i].text {
		case "hide", "protect", "shield", "keep", "prevent", "defend", "safe", "secure":
			return true
		}
	}
	return false
}

// measureWords stand before the thing itself: "a kit of", "a bulk order of".
var measureWords = map[string]bool{"order": true, "set": true, "kit": true, "rack": true, "batch": true, "pair": true, "shipment": true, "bag": true, "box": true, "pack": true, "number": true, "range": true, "type": true, "line": true, "container": true, "pallet": true}

var clauseEnds = map[string]bool{"but": true, "that": true, "which": true, "with": true, "for": true, "while": true, "although": true, "only": true}

// words prepares a text for matching.
func words(text string) []word {
	toks := tokens(text)
	asides := asideSentences(text, toks)
	extras := extraSentences(toks)
	out := make([]word, 0, len(toks))
	left, sentence, purpose, head, guard := 0, -1, false, true, 0
	for i, t := range toks {
		low := strings.ToLower(t.raw)
		if t.sentence != sentence {
			sentence, left, purpose, head, guard = t.sentence, 0, false, true, 0
		}
		if i > 0 && headEnds[low] && !(low == "of" && measureWords[out[i-1].text]) {
			head = false
		}
		if commaBefore(text, toks, i) && purposeEnds[low] {
			purpose = false
		}
		w := foldWord(low)
		if left > 0 && (clauseEnds[low] || commaBefore(text, toks, i)) {
			left = 0
		}
		out = append(out, word{text: w, stem: stemOf(w), sentence: t.sentence, negated: left > 0, aside: asides[t.sentence], purpose: purpose, head: head && !extras[t.sentence], extra: extras[t.sentence], guarded: guard > 0})
		guard--
		switch {
		case about(out):
			guard = len(toks) // a report on a thing is not the thing
		case guards[low] || low == "from" && hides(out):
			guard = max(guard, 6)
		case i == 0 && bookish[low]:
			guard = len(toks) // what a book tells of is not what it does
		case low == "when" && i+1 < len(toks) && adversity[strings.ToLower(toks[i+1].raw)]:
			guard = max(guard, 8) // "works when police switch off the network"
		case detecting[low] && threatAhead(toks, i):
			guard = max(guard, 5) // "finds hidden cameras"
		case threats[low] && i+1 < len(toks) && countered[strings.ToLower(toks[i+1].raw)]:
			out[i].guarded = true // "stalkerware removal"
		case low == "of" && i > 0 && (out[i-1].text == "victim" || out[i-1].text == "survivor"):
			guard = max(guard, 4)
		case low == "by" && i > 0 && suffered[out[i-1].text]:
			guard = max(guard, 6)
		case low == "under" || low == "hit" || low == "targeted" || low == "attacked" || low == "watched":
			guard = max(guard, 3)
		}
		if (low == "for" || low == "between") && i > 0 {
			purpose = true
		}
		if left > 0 {
			left--
		}
		if n, ok := negators[low]; ok && !(low == "not" && i+1 < len(toks) && strings.EqualFold(toks[i+1].raw, "only")) {
			left = n
		}
	}
	return out
}

func commaBefore(text string, toks []token, i int) bool {
	return i > 0 && strings.ContainsAny(text[toks[i-1].end:toks[i].start], ",:(")
}
