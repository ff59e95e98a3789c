package controls

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strings"
)

// Note is a note, technical note or cross-reference attached to an entry.
// Notes decide: a note with Release set takes items out of the entry.
type Note struct {
	Kind    string `json:"kind" yaml:"kind"`
	Text    string `json:"text" yaml:"text"`
	Release bool   `json:"release" yaml:"release"`
}

// ChartRow is one row of a licence table (United States): a reason for control
// and the column of the country chart that goes with it.
type ChartRow struct {
	Control string `json:"control"`
	Chart   string `json:"chart"`
}

// Exception is a licence exception and the words that limit it.
type Exception struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// Entry is one row of a control list: a heading, an entry or one of its
// paragraphs, as it stood in one version of the list.
type Entry struct {
	List     string   `json:"list"`
	Version  string   `json:"version"`
	Code     string   `json:"code"`
	Parent   string   `json:"parent,omitempty"`
	Depth    int      `json:"depth"`
	Text     string   `json:"text"`
	Notes    []Note   `json:"notes,omitempty"`
	Regime   string   `json:"regime,omitempty"`
	Reserved bool     `json:"reserved,omitempty"`
	Path     []string `json:"path,omitempty"`
	// Limits are the numbers the text sets, with unit, as written.
	Limits []string `json:"limits,omitempty"`
	// Reasons are the reasons for control (United States: NS, CC, SL ...).
	Reasons    []string    `json:"reasons,omitempty"`
	Chart      []ChartRow  `json:"chart,omitempty"`
	Exceptions []Exception `json:"exceptions,omitempty"`
	Related    string      `json:"related,omitempty"`
	// Destinations is the condition of destination under which the entry holds
	// (national lists); empty means: every destination.
	Destinations string   `json:"destinations,omitempty"`
	Lang         string   `json:"lang,omitempty"`
	Categories   []string `json:"categories,omitempty"`
	// Refs are codes that text and notes name and that exist in the same list.
	Refs []string `json:"refs,omitempty"`
}

// Releases returns the notes that take items out of the entry.
func (e Entry) Releases() []Note {
	var out []Note
	for _, n := range e.Notes {
		if n.Release {
			out = append(out, n)
		}
	}
	return out
}

// List is one dated version of one control list. Versions are never edited:
// a change of law is a new List.
type List struct {
	ID         string  `json:"id"`
	Version    string  `json:"version"`
	Publisher  string  `json:"publisher,omitempty"`
	LegalBasis string  `json:"legal_basis,omitempty"`
	Date       string  `json:"date,omitempty"` // YYYY-MM-DD, empty where the source gives none
	Lang       string  `json:"lang,omitempty"`
	Unverified bool    `json:"unverified,omitempty"` // read by an importer that was never run on an official file
	Entries    []Entry `json:"entries"`
	// Repeated are codes that the source gave more than once; their rows were merged.
	Repeated []string `json:"repeated,omitempty"`
	// Moved are codes that turned out to be items of a releasing note; they were
	// attached as notes to the entry they release from.
	Moved []string `json:"moved,omitempty"`

	byCode map[string]int
}

// Regime names the legal order a list belongs to: "EU", "US", "DE", or "" where
// the list's name does not say.
func (l *List) Regime() string { return regimeOf(l.ID) }

func regimeOf(id string) string {
	id = strings.ToLower(id)
	switch {
	case strings.HasPrefix(id, "eu"):
		return "EU"
	case strings.HasPrefix(id, "us"):
		return "US"
	case strings.HasPrefix(id, "de"):
		return "DE"
	}
	return ""
}

// Find returns the entry with exactly this code.
func (l *List) Find(code string) (Entry, bool) {
	i, ok := l.byCode[code]
	if !ok {
		return Entry{}, false
	}
	return l.Entries[i], true
}

// Nearest returns the entry with this code or, where the list does not hold it,
// the closest entry above it (5A001.f.9 gives 5A001.f).
func (l *List) Nearest(code string) (Entry, bool) {
	for code != "" {
		if e, ok := l.Find(code); ok {
			return e, true
		}
		i := strings.LastIndexByte(code, '.')
		if i < 0 {
			return Entry{}, false
		}
		code = code[:i]
	}
	return Entry{}, false
}

// Children returns the direct sub-entries of a code in list order.
func (l *List) Children(code string) []Entry {
	var out []Entry
	for _, e := range l.Entries {
		if e.Parent == code && e.Code != code {
			out = append(out, e)
		}
	}
	return out
}

// Under returns a code's entry and everything below it, in list order.
func (l *List) Under(code string) []Entry {
	var out []Entry
	for _, e := range l.Entries {
		if e.Code == code || below(e.Code, code) {
			out = append(out, e)
		}
	}
	return out
}

// Releases returns the releasing notes that reach a code: its own and those of
// the entries above it, nearest first.
func (l *List) Releases(code string) []Note {
	var out []Note
	for c := code; c != ""; {
		e, ok := l.Find(c)
		if ok {
			out = append(out, e.Releases()...)
		}
		i := strings.LastIndexByte(c, '.')
		if i < 0 {
			break
		}
		c = c[:i]
	}
	return out
}

// Hash is the SHA-256 of the list's content in a canonical form. Two files that
// say the same (whatever their order of fields) have the same hash.
func (l *List) Hash() string {
	h := sha256.New()
	enc := json.NewEncoder(h)
	enc.SetEscapeHTML(false)
	// Encoding these plain structs cannot fail.
	_ = enc.Encode([]string{l.ID, l.Version, l.Publisher, l.LegalBasis, l.Date, l.Lang})
	for i := range l.Entries {
		_ = enc.Encode(l.Entries[i])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// index builds the code index and resolves cross-references. It reports the
// first code that occurs twice.
func (l *List) index() error {
	l.byCode = make(map[string]int, len(l.Entries))
	for i, e := range l.Entries {
		if _, twice := l.byCode[e.Code]; twice {
			return fmt.Errorf("code %s occurs twice", e.Code)
		}
		l.byCode[e.Code] = i
	}
	for i := range l.Entries {
		l.Entries[i].Refs = l.refs(l.Entries[i])
	}
	return nil
}

var codePattern = regexp.MustCompile(`\b[0-9][A-E][0-9]{3}(?:\.[a-z]{1,2}(?:\.[0-9a-z]{1,2})*)?`)

func (l *List) refs(e Entry) []string {
	seen := map[string]bool{}
	add := func(text string) {
		for _, c := range codePattern.FindAllString(text, -1) {
			c = strings.TrimRight(c, ".")
			if near, ok := l.Nearest(c); ok && near.Code != e.Code {
				seen[near.Code] = true
			}
		}
	}
	add(e.Text)
	for _, n := range e.Notes {
		add(n.Text)
	}
	add(e.Related)
	if len(seen) == 0 {
		return nil
	}
	out := make([]string, 0, len(seen))
	for c := range seen {
		out = append(out, c)
	}
	sort.Strings(out)
	return out
}

var headPattern = regexp.MustCompile(`^[0-9][A-E][0-9]{3}`)

// Head returns the entry a code belongs to: "5A001.f.2" gives "5A001". Codes of
// other shapes (USML "XII(c)(2)") give their first two levels.
func Head(code string) string {
	if h := headPattern.FindString(code); h != "" {
		return h
	}
	if i := strings.IndexByte(code, '('); i > 0 {
		if j := strings.IndexByte(code, ')'); j > i {
			return code[:j+1]
		}
	}
	return code
}

// below reports whether code lies under head in the hierarchy.
func below(code, head string) bool {
	return len(code) > len(head) && strings.HasPrefix(code, head) &&
		(code[len(head)] == '.' || code[len(head)] == '(')
}
