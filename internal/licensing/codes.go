package licensing

import (
	"bytes"
	"fmt"

	"github.com/BurntSushi/toml"

	"github.com/comity-project/comity/internal/party"
)

// DocumentCode is one code under which a document is cited in a declaration.
type DocumentCode struct {
	Code    string   `toml:"code"`
	Kinds   []string `toml:"kinds"`   // kinds of licences that go by it
	Licence bool     `toml:"licence"` // false: it says that no licence is needed
	Title   string   `toml:"title"`
}

// DocumentCodes are the document codes of a customs territory. They are data of
// a pack: another territory has others.
type DocumentCodes struct {
	ID        string         `toml:"id"`
	Version   string         `toml:"version"`
	Title     string         `toml:"title"`
	Source    string         `toml:"source"`
	Verified  bool           `toml:"verified"` // somebody compared them with the source
	Documents []DocumentCode `toml:"document"`
}

// ParseDocumentCodes reads a pack of document codes, strictly.
func ParseDocumentCodes(b []byte) (*DocumentCodes, error) {
	var c DocumentCodes
	if len(b) > 1<<20 {
		return nil, fmt.Errorf("licensing: document codes of %d bytes", len(b))
	}
	meta, err := toml.NewDecoder(bytes.NewReader(b)).Decode(&c)
	if err != nil {
		return nil, fmt.Errorf("licensing: document codes: %w", err)
	}
	if unknown := meta.Undecoded(); len(unknown) > 0 {
		return nil, fmt.Errorf("licensing: document codes: unknown %s", unknown[0])
	}
	if c.ID == "" || c.Version == "" || c.Source == "" {
		return nil, fmt.Errorf("licensing: document codes need an id, a version and a source")
	}
	codes, kinds := map[string]bool{}, map[string]bool{}
	for _, d := range c.Documents {
		if d.Code == "" || !party.Bounded(d.Code, 16) || codes[d.Code] || d.Title == "" {
			return nil, fmt.Errorf("licensing: document code %q is empty, twice there or untitled", d.Code)
		}
		codes[d.Code] = true
		for _, k := range d.Kinds {
			if kinds[k] || !d.Licence {
				return nil, fmt.Errorf("licensing: document code %q: kind %q has another code, or goes without licence", d.Code, k)
			}
			kinds[k] = true
		}
	}
	return &c, nil
}

// Of is the code by which a kind of licence goes; empty where the pack has none.
func (c *DocumentCodes) Of(kind string) string {
	for _, d := range c.Documents {
		if contains(d.Kinds, kind) {
			return d.Code
		}
	}
	return ""
}

// Licence tells whether a code cites a licence.
func (c *DocumentCodes) Licence(code string) bool {
	for _, d := range c.Documents {
		if d.Code == code {
			return d.Licence
		}
	}
	return false
}
