package controls

import (
	"encoding/json"
	"io"
)

// writtenNote and writtenEntry are what WriteJSONL writes: the fields of the
// JSONL forms that a list read from XML fills.
type writtenNote struct {
	Kind    string `json:"kind"`
	Text    string `json:"text"`
	Release bool   `json:"release"`
}

type writtenEntry struct {
	List       string        `json:"list"`
	Version    string        `json:"version"`
	Code       string        `json:"code"`
	Parent     string        `json:"parent,omitempty"`
	Depth      int           `json:"depth"`
	Text       string        `json:"text"`
	Notes      []writtenNote `json:"notes"`
	Reserved   bool          `json:"reserved,omitempty"`
	Reasons    []string      `json:"reasons_for_control,omitempty"`
	Related    string        `json:"related_controls,omitempty"`
	Lang       string        `json:"lang,omitempty"`
	Unverified bool          `json:"unverified,omitempty"`
}

// WriteJSONL writes a list read from XML in the form ParseJSONL reads, so that
// every list is kept in one form. The same list gives the same bytes.
func WriteJSONL(w io.Writer, l *List) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, e := range l.Entries {
		row := writtenEntry{
			List: l.ID, Version: l.Version, Code: e.Code, Parent: e.Parent, Depth: e.Depth, Text: e.Text, Notes: []writtenNote{},
			Reserved: e.Reserved, Reasons: e.Reasons, Related: e.Related, Lang: e.Lang, Unverified: l.Unverified,
		}
		for _, n := range e.Notes {
			row.Notes = append(row.Notes, writtenNote(n))
		}
		if err := enc.Encode(row); err != nil {
			return err
		}
	}
	return nil
}
