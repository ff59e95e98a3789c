package controls

import (
	"fmt"
	"regexp"
	"strings"
)

// Doubt is something about a list that a person should look at before the list
// is put to use. Blocking doubts say that the file is not what it claims to be.
type Doubt struct {
	Code     string `json:"code,omitempty"`
	Blocking bool   `json:"blocking"`
	Text     string `json:"text"`
}

var (
	spreadsheetDamage = regexp.MustCompile(`^[0-9]\.?[0-9]*[eE]\+[0-9]+$|^#REF|^#NAME`)
	noteItem          = regexp.MustCompile(`(?i)^(?:debuggers|items limited to logical|data extraction items using|items specially designed and limited to jail|billing purposes|network quality of service|quality of experience|mediation devices|mobile payment|marketing purpose|equipment designed for mobile telecommunications network operators)`)
)

// Check holds a list against what is known to go wrong in reading such files:
// items of a releasing note filed as controls (an exporter would be told the
// opposite of the law), codes damaged by a spreadsheet, rows whose parent is
// missing, entries without text, a list far too short.
func Check(l *List) []Doubt {
	var out []Doubt
	block := func(code, format string, args ...any) {
		out = append(out, Doubt{Code: code, Blocking: true, Text: fmt.Sprintf(format, args...)})
	}
	warn := func(code, format string, args ...any) {
		out = append(out, Doubt{Code: code, Text: fmt.Sprintf(format, args...)})
	}
	releases, heads, mixed := 0, 0, l.ID == relevantID
	for _, e := range l.Entries {
		if len(e.Releases()) > 0 {
			releases++
		}
		if Head(e.Code) == e.Code {
			heads++
		}
		if spreadsheetDamage.MatchString(e.Code) {
			block(e.Code, "The code was damaged by a spreadsheet: %s.", e.Code)
		}
		if noteItem.MatchString(strings.TrimSpace(e.Text)) {
			block(e.Code, "An item of a releasing note is filed as a control: %q.", cutText(e.Text, 80))
		}
		if strings.TrimSpace(e.Text) == "" && !e.Reserved {
			warn(e.Code, "The entry has no text.")
		}
		if e.Parent != "" && !mixed {
			if _, ok := l.Find(e.Parent); !ok && headPattern.MatchString(e.Parent) {
				if _, near := l.Nearest(e.Parent); near {
					warn(e.Code, "Its parent %s is not in the list; the entry above that is.", e.Parent)
				} else {
					block(e.Code, "Neither its parent %s nor anything above it is in the list.", e.Parent)
				}
			}
			if headPattern.MatchString(e.Code) && strings.HasPrefix(e.Parent, e.Code) && e.Parent != e.Code {
				block(e.Code, "Its parent %s lies below it.", e.Parent)
			}
		}
	}
	if n := len(l.Repeated); n > 0 {
		warn("", "%d rows repeat a code and were merged, the first %s.", n, l.Repeated[0])
	}
	if heads > 300 && releases == 0 {
		block("", "Not one note releases anything: the notes were lost in reading.")
	}
	if n := len(l.Moved); n > 0 {
		warn("", "%d items of releasing notes were filed as controls in the source and were put back, the first %s.", n, l.Moved[0])
	}
	if l.Unverified {
		warn("", "Read by an importer that was never run on an official file of this form.")
	}
	return out
}

// MissingCodes lists the codes that a list does not hold exactly.
func MissingCodes(l *List, codes []string) []string {
	var out []string
	for _, c := range codes {
		if _, ok := l.Find(c); !ok {
			out = append(out, c)
		}
	}
	return out
}

func cutText(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + " ..."
}
