package controls

import (
	"fmt"
	"sort"
	"strings"
	"unicode"
)

// What a Change is about.
const (
	Added    = "added"    // a code that the older version does not hold
	Removed  = "removed"  // a code that the newer version does not hold
	Reworded = "text"     // the provision itself
	Renoted  = "notes"    // a note that does not release
	Release  = "release"  // a note that takes items out came, went or changed
	Reserve  = "reserved" // the code was emptied or came into use
	Reasons  = "reasons"  // reasons for control or the licence table
	Places   = "destinations"
)

// Change is one difference between two versions of a list. Editorial changes
// (hyphens, quotation marks, spelling, the way a number is written) alter no
// one's duties; everything else is substantive, and a change of a number always
// is.
type Change struct {
	Code      string   `json:"code"`
	Kind      string   `json:"kind"`
	Editorial bool     `json:"editorial"`
	Old       string   `json:"old,omitempty"`
	New       string   `json:"new,omitempty"`
	Why       string   `json:"why"`
	Words     []string `json:"words,omitempty"` // words that came (+) or went (-)
}

// Diff compares two versions of a list, by code, in the order of the codes.
func Diff(older, newer *List) []Change {
	old, now := map[string]Entry{}, map[string]Entry{}
	var codes []string
	for _, e := range older.Entries {
		old[e.Code] = e
		codes = append(codes, e.Code)
	}
	for _, e := range newer.Entries {
		now[e.Code] = e
		if _, ok := old[e.Code]; !ok {
			codes = append(codes, e.Code)
		}
	}
	sort.Slice(codes, func(i, j int) bool { return lessCode(codes[i], codes[j]) })
	var out []Change
	for _, code := range codes {
		a, had := old[code]
		b, has := now[code]
		switch {
		case !had:
			out = append(out, Change{Code: code, Kind: Added, New: b.Text, Editorial: b.Reserved, Why: added(b)})
		case !has:
			out = append(out, Change{Code: code, Kind: Removed, Old: a.Text, Editorial: a.Reserved, Why: removed(a)})
		default:
			out = append(out, compare(a, b)...)
		}
	}
	return out
}

func added(e Entry) string {
	if e.Reserved {
		return "A code without content was added."
	}
	return "A provision was added: items it describes need a licence from the date of this version."
}

func removed(e Entry) string {
	if e.Reserved {
		return "A code without content was dropped."
	}
	return "The provision is no longer in the list: licences and conditions that rest on it must be looked at."
}

func compare(a, b Entry) []Change {
	var out []Change
	put := func(kind, x, y string) {
		if x == y {
			return
		}
		editorial, why, ws := judge(x, y)
		out = append(out, Change{Code: a.Code, Kind: kind, Editorial: editorial, Old: x, New: y, Why: why, Words: ws})
	}
	if a.Reserved != b.Reserved {
		out = append(out, Change{Code: a.Code, Kind: Reserve, Old: a.Text, New: b.Text, Why: "The code was emptied or came into use."})
	} else {
		put(Reworded, a.Text, b.Text)
	}
	put(Release, joinNotes(a, true), joinNotes(b, true))
	put(Renoted, joinNotes(a, false), joinNotes(b, false))
	put(Reasons, strings.Join(a.Reasons, ", ")+chart(a), strings.Join(b.Reasons, ", ")+chart(b))
	put(Places, a.Destinations, b.Destinations)
	return out
}

func chart(e Entry) string {
	var sb strings.Builder
	for _, r := range e.Chart {
		sb.WriteString("; " + r.Control + ": " + r.Chart)
	}
	return sb.String()
}

func joinNotes(e Entry, release bool) string {
	var parts []string
	for _, n := range e.Notes {
		if n.Release == release {
			parts = append(parts, n.Text)
		}
	}
	return strings.Join(parts, "\n")
}

// judge tells an editorial difference from a substantive one.
func judge(x, y string) (editorial bool, why string, changed []string) {
	a, b := plainWords(x), plainWords(y)
	came, went := missing(b, a), missing(a, b)
	for _, w := range went {
		changed = append(changed, "-"+w)
	}
	for _, w := range came {
		changed = append(changed, "+"+w)
	}
	if len(changed) > 24 {
		changed = changed[:24]
	}
	if strings.Join(a, "") == strings.Join(b, "") {
		return true, "Only signs, spelling or the way numbers are written differ.", nil
	}
	for _, w := range append(came, went...) {
		if strings.ContainsFunc(w, unicode.IsDigit) {
			return false, "A number or a reference changed.", changed
		}
	}
	for _, w := range append(append([]string{}, came...), went...) {
		if !fillers[w] {
			return false, fmt.Sprintf("The words changed (%s).", strings.Join(changed, " ")), changed
		}
	}
	if len(came) == 0 && len(went) == 0 {
		return false, "The order of the words changed.", nil
	}
	return true, "Only words without content of their own differ.", changed
}

// fillers carry no content: their coming or going alone changes no one's duties.
// "and", "or", "all", "any", "not" are none of them.
var fillers = map[string]bool{"the": true, "a": true, "an": true, "of": true, "for": true, "purpose": true, "following": true, "therefor": true, "i": true, "e": true, "ie": true, "eg": true, "g": true, "note": true, "see": true, "also": true, "above": true, "below": true, "in": true, "nb": true}

// plainWords writes a text so that only what it says is left: lower case, one
// spelling, no quotation marks, hyphens or list signs, decimal points for commas.
func plainWords(s string) []string {
	s = strings.NewReplacer("²", "2", "³", "3", "µ", "u", "μ", "u", "º", "", "˚", "", "°", "", " oC", " C", "oC", "C", "×", " ", " x 10", " 10", "(- ", "(-", "( ", "(", "’", "'", "–", "-", "−", "-", "—", "-", "\u00a0", " ", "\u202f", " ").Replace(s)
	var out []string
	toks := tokens(s)
	for i := 0; i < len(toks); i++ {
		raw := strings.ToLower(toks[i].raw)
		if v, used, rest, ok := numberAt(s, toks, i); ok {
			sign := ""
			if toks[i].start > 0 && s[toks[i].start-1] == '-' && (toks[i].start == 1 || !isWordByte(s[toks[i].start-2]|0x20)) {
				sign = "-"
			}
			out = append(out, sign+fmt.Sprintf("%g", v))
			if rest != "" {
				out = append(out, strings.ToLower(rest))
			}
			i += used - 1
			continue
		}
		out = append(out, foldWord(raw))
	}
	clean := out[:0]
	for _, w := range out {
		if w != "" {
			clean = append(clean, w)
		}
	}
	return clean
}

// missing lists the words of a that b lacks, counting repeats.
func missing(a, b []string) []string {
	count := map[string]int{}
	for _, w := range b {
		count[w]++
	}
	var out []string
	for _, w := range a {
		if count[w] > 0 {
			count[w]--
			continue
		}
		out = append(out, w)
	}
	return out
}

// lessCode orders codes as a reader expects: a.2 before a.10.
func lessCode(a, b string) bool {
	x, y := strings.FieldsFunc(a, codeCut), strings.FieldsFunc(b, codeCut)
	for i := 0; i < len(x) && i < len(y); i++ {
		if x[i] == y[i] {
			continue
		}
		if len(x[i]) != len(y[i]) && allDigits(x[i]) && allDigits(y[i]) {
			return len(x[i]) < len(y[i])
		}
		return x[i] < y[i]
	}
	if len(x) != len(y) {
		return len(x) < len(y)
	}
	return a < b
}

func codeCut(r rune) bool { return r == '.' || r == '(' || r == ')' }

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// Touched says which of the given codes (of live licences, open cases, recorded
// classifications) a set of changes concerns: the code itself, anything above it
// or anything below it. Editorial changes touch nothing. The answer maps each
// touched code to the changes, in order.
func Touched(changes []Change, codes []string) map[string][]Change {
	out := map[string][]Change{}
	for _, code := range codes {
		if _, done := out[code]; done {
			continue
		}
		for _, ch := range changes {
			if !ch.Editorial && (ch.Code == code || below(code, ch.Code) || below(ch.Code, code)) {
				out[code] = append(out[code], ch)
			}
		}
	}
	return out
}
