package controls

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strings"
	"unicode/utf8"
)

// Bounds of what a list file may hold. They are far above every real list.
const (
	MaxLine    = 1 << 20 // bytes in a line
	MaxEntries = 50_000  // rows in a list
	MaxNotes   = 400     // notes of one entry
	MaxDepth   = 16      // levels below a heading
)

// ParseError says where a list file is wrong and why.
type ParseError struct {
	Line  int    // 1 for the first line
	Field string // the field at fault, empty where the whole line is
	Why   string
}

// Error gives the line, the field and the reason in one sentence.
func (e *ParseError) Error() string {
	if e.Field == "" {
		return fmt.Sprintf("line %d: %s", e.Line, e.Why)
	}
	return fmt.Sprintf("line %d, field %q: %s", e.Line, e.Field, e.Why)
}

// rawNote and rawEntry mirror the JSONL forms; a field that none of the forms
// knows is an error, so that a changed format is noticed.
type rawNote struct {
	Kind    string `json:"kind"`
	Text    string `json:"text"`
	Release *bool  `json:"release"`
}

type rawChart struct {
	Control string `json:"control"`
	Chart   string `json:"countryChart"`
	Single  any    `json:"singleCellRow"`
	Missing any    `json:"requirementCellEmptyInSource"`
}

type rawEntry struct {
	List        string            `json:"list"`
	Version     string            `json:"version"`
	Code        string            `json:"code"`
	Parent      *string           `json:"parent"`
	Depth       *int              `json:"depth"`
	Text        string            `json:"text"`
	Notes       json.RawMessage   `json:"notes"`
	Regime      string            `json:"regime"`
	Reserved    bool              `json:"reserved"`
	Path        []string          `json:"path_text"`
	Thresholds  []string          `json:"thresholds"`
	Reasons     []string          `json:"reasons_for_control"`
	Chart       []rawChart        `json:"country_chart"`
	Exceptions  map[string]string `json:"licence_exceptions"`
	Related     *string           `json:"related_controls"`
	Eccn        string            `json:"eccn"`
	In2026      *bool             `json:"in_2026_07_23"`
	Heading     string            `json:"heading_2026"`
	Changed     *bool             `json:"heading_changed_since"`
	Lang        string            `json:"lang"`
	Destination *string           `json:"destination_condition"`
	Categories  []string          `json:"categories"`
	Releases    []json.RawMessage `json:"releases"`
	Sub         []json.RawMessage `json:"sub"`
	Unverified  bool              `json:"unverified"` // of lists that WriteJSONL wrote from XML
}

// ParseJSONL reads a control list with one JSON object a line. It knows the
// forms of the EU annex, the United States lists (hierarchy, eCFR, munitions
// list), national lists with conditions of destination, and the short list of
// entries relevant to human rights. The error is a *ParseError naming the line.
func ParseJSONL(r io.Reader) (*List, error) {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 0, 64<<10), MaxLine)
	l := &List{}
	at := map[string]int{}
	line := 0
	for sc.Scan() {
		line++
		b := bytes.TrimSpace(sc.Bytes())
		if line == 1 {
			b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf"))
		}
		if len(b) == 0 {
			continue
		}
		if len(l.Entries) >= MaxEntries {
			return nil, &ParseError{Line: line, Why: fmt.Sprintf("more than %d rows", MaxEntries)}
		}
		if !utf8.Valid(b) {
			return nil, &ParseError{Line: line, Why: "not UTF-8"}
		}
		raw, err := decodeRow(b)
		if err != nil {
			return nil, &ParseError{Line: line, Why: plainJSON(err)}
		}
		e, perr := raw.entry()
		if perr != nil {
			perr.Line = line
			return nil, perr
		}
		if len(l.Entries) == 0 {
			l.ID, l.Version, l.Lang = e.List, e.Version, e.Lang
			if raw.List == "" {
				l.ID, l.Version = relevantID, ""
			}
		}
		l.Unverified = l.Unverified || raw.Unverified
		if raw.List != "" && (e.List != l.ID || e.Version != l.Version) {
			return nil, &ParseError{
				Line: line, Field: "version",
				Why: fmt.Sprintf("the file mixes %s %s with %s %s", l.ID, l.Version, e.List, e.Version),
			}
		}
		if raw.List == "" { // codes of several legal orders in one file
			e.List, e.Code = relevantID, e.Regime+":"+e.Code
		}
		if first, twice := at[e.Code]; twice {
			l.merge(first, e)
			continue
		}
		at[e.Code] = len(l.Entries)
		l.Entries = append(l.Entries, e)
	}
	if err := sc.Err(); err != nil {
		why := err.Error()
		if errors.Is(err, bufio.ErrTooLong) {
			why = fmt.Sprintf("line longer than %d bytes", MaxLine)
		}
		return nil, &ParseError{Line: line + 1, Why: why}
	}
	if len(l.Entries) == 0 {
		return nil, &ParseError{Line: 1, Why: "the file holds no entry"}
	}
	l.describe()
	l.fillDepth()
	l.moveNoteItems()
	if err := l.index(); err != nil {
		return nil, &ParseError{Line: 1, Why: err.Error()}
	}
	return l, nil
}

func decodeRow(b []byte) (rawEntry, error) {
	var raw rawEntry
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&raw); err != nil {
		return raw, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return raw, errors.New("more than one JSON value on the line")
	}
	return raw, nil
}

func plainJSON(err error) string { return strings.TrimPrefix(err.Error(), "json: ") }

// relevantID is the identity of the short list of human-rights-relevant entries
// drawn from several lists.
const relevantID = "human-rights-relevant"

func (raw rawEntry) entry() (Entry, *ParseError) {
	e := Entry{
		List: raw.List, Version: raw.Version, Code: strings.TrimSpace(raw.Code), Text: strings.TrimSpace(raw.Text),
		Regime: raw.Regime, Reserved: raw.Reserved, Path: raw.Path, Limits: raw.Thresholds,
		Reasons: raw.Reasons, Lang: raw.Lang, Categories: raw.Categories, Depth: -1,
	}
	if e.Code == "" {
		return e, &ParseError{Field: "code", Why: "missing"}
	}
	if len(e.Code) > 64 {
		return e, &ParseError{Field: "code", Why: "longer than 64 bytes"}
	}
	if raw.List == "" && raw.Regime == "" {
		return e, &ParseError{Field: "list", Why: "missing"}
	}
	if raw.Version == "" {
		return e, &ParseError{Field: "version", Why: "missing"}
	}
	if raw.Parent != nil {
		e.Parent = *raw.Parent
	}
	if raw.Depth != nil {
		if *raw.Depth < 0 || *raw.Depth > MaxDepth {
			return e, &ParseError{Field: "depth", Why: fmt.Sprintf("%d is not between 0 and %d", *raw.Depth, MaxDepth)}
		}
		e.Depth = *raw.Depth
	}
	if raw.Related != nil {
		e.Related = *raw.Related
	}
	if raw.Destination != nil {
		e.Destinations = *raw.Destination
	}
	for _, c := range raw.Chart {
		e.Chart = append(e.Chart, ChartRow{c.Control, c.Chart})
	}
	for name, text := range raw.Exceptions {
		e.Exceptions = append(e.Exceptions, Exception{name, text})
	}
	sort.Slice(e.Exceptions, func(i, j int) bool { return e.Exceptions[i].Name < e.Exceptions[j].Name })
	return e, raw.notes(&e)
}

// notes reads both shapes of notes: objects, and (in the short list) plain text
// with the releases repeated in a field of their own.
func (raw rawEntry) notes(e *Entry) *ParseError {
	var objects []rawNote
	var plain []string
	switch {
	case len(raw.Notes) == 0 || string(raw.Notes) == "null":
	case json.Unmarshal(raw.Notes, &objects) == nil:
	case json.Unmarshal(raw.Notes, &plain) == nil:
		released := map[string]bool{}
		for _, r := range raw.Releases {
			var s string
			if json.Unmarshal(r, &s) == nil {
				released[s] = true
			}
		}
		for _, s := range plain {
			is := released[s]
			objects = append(objects, rawNote{Kind: "Note", Text: s, Release: &is})
		}
	default:
		return &ParseError{Field: "notes", Why: "neither a list of notes nor a list of texts"}
	}
	if len(objects) > MaxNotes {
		return &ParseError{Field: "notes", Why: fmt.Sprintf("more than %d notes", MaxNotes)}
	}
	for _, n := range objects {
		note := Note{Kind: n.Kind, Text: n.Text}
		if n.Release != nil {
			note.Release = *n.Release
		} else {
			note.Release = IsRelease(n.Text)
		}
		e.Notes = append(e.Notes, note)
	}
	return nil
}

var releasePattern = regexp.MustCompile(`(?i)\b(?:do(?:es)? not (?:control|apply to|include|cover)|is not controlled by|are not controlled by|erfasst? nicht|nicht erfasst)`)

// IsRelease reports whether the words of a note take items out of an entry
// ("does not control"). Imports use it where the source carries no mark.
func IsRelease(text string) bool { return releasePattern.MatchString(text) }

// describe fills publisher, legal basis and date for the lists we know by name.
func (l *List) describe() {
	known := map[string][2]string{
		"eu-dual-use-annex-i": {"European Union", "Regulation (EU) 2021/821, Annex I"},
		"us-ccl":              {"United States, Bureau of Industry and Security", "15 CFR part 774, Supplement No. 1"},
		"us-usml":             {"United States, Directorate of Defense Trade Controls", "22 CFR part 121"},
		"de-ausfuhrliste-I-B": {"Germany", "Außenwirtschaftsverordnung, Anlage AL, Teil I Abschnitt B"},
		relevantID:            {"several", "entries of several lists, gathered for human-rights review"},
	}
	if k, ok := known[l.ID]; ok {
		l.Publisher, l.LegalBasis = k[0], k[1]
	}
	l.Date = dateIn(l.Version)
}

var (
	isoDate     = regexp.MustCompile(`\b(20[0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\b`)
	compactDate = regexp.MustCompile(`-(20[0-9]{2})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])$`)
)

func dateIn(version string) string {
	if m := isoDate.FindStringSubmatch(version); m != nil {
		return m[1] + "-" + m[2] + "-" + m[3]
	}
	if m := compactDate.FindStringSubmatch(version); m != nil {
		return m[1] + "-" + m[2] + "-" + m[3]
	}
	return ""
}

// fillDepth computes depth where the source gives none and links entries of the
// munitions list whose parent is a category.
func (l *List) fillDepth() {
	for i := range l.Entries {
		e := &l.Entries[i]
		if e.Depth < 0 {
			e.Depth = strings.Count(e.Code, ".") + 2
		}
	}
}

// merge adds a row whose code the list already holds. Official files do this
// (a page break inside an entry, EAR99 at the end of each category), so it is a
// finding of Check and not an error; no text is lost.
func (l *List) merge(first int, e Entry) {
	have := &l.Entries[first]
	if e.Text != have.Text && !strings.Contains(have.Text, e.Text) {
		have.Text += "\n" + e.Text
	}
	for _, n := range e.Notes {
		if len(have.Notes) < MaxNotes {
			have.Notes = append(have.Notes, n)
		}
	}
	l.Repeated = append(l.Repeated, e.Code)
}

// moveNoteItems takes rows that are items of a releasing note ("Debuggers,
// hypervisors") out of the controls, where readers of official files tend to put
// them, and attaches them to the entry they release from.
func (l *List) moveNoteItems() {
	at := map[string]int{}
	for i, e := range l.Entries {
		at[e.Code] = i
	}
	kept := make([]Entry, 0, len(l.Entries))
	notes := map[string][]Note{}
	for _, e := range l.Entries {
		home := parentOf(e.Code)
		for home != "" {
			if _, ok := at[home]; ok {
				break
			}
			home = parentOf(home)
		}
		if noteItem.MatchString(e.Text) && home != "" {
			notes[home] = append(notes[home], Note{Kind: "Note (item)", Text: "Does not control: " + e.Text, Release: true})
			l.Moved = append(l.Moved, e.Code)
			continue
		}
		kept = append(kept, e)
	}
	for i := range kept {
		kept[i].Notes = append(kept[i].Notes, notes[kept[i].Code]...)
	}
	l.Entries = kept
}
