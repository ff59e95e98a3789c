package screening

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Bounds of the line formats.
const (
	maxLine     = 1 << 20
	maxEntities = 5_000_000
)

// corpusLine is one entity of a corpus file, the plain format in which lists
// are exchanged for comparisons: one JSON object a line.
type corpusLine struct {
	ID      string `json:"id"`
	List    string `json:"list"`
	Type    string `json:"type"`
	Name    string `json:"name"`
	Aliases []struct {
		Name string `json:"name"`
		Kind string `json:"kind"`
	} `json:"aliases"`
	DOB       []string   `json:"dob"`
	Countries []string   `json:"countries"`
	IDs       []corpusID `json:"ids"`
	Addresses []string   `json:"addresses"`
	Program   string     `json:"program"`
}

type corpusID struct {
	Type    string `json:"type"`
	Value   string `json:"value"`
	Country string `json:"country"`
}

// ReadCorpus reads a corpus file: one JSON object a line with id, list, type,
// name, aliases, dob, countries, ids, addresses, program. A line it can't read
// is an error with its number.
func ReadCorpus(r io.Reader) ([]Entity, error) {
	sc := bufio.NewScanner(r)
	sc.Buffer(make([]byte, 64<<10), maxLine)
	var out []Entity
	for n := 1; sc.Scan(); n++ {
		line := bytes.TrimSpace(sc.Bytes())
		if len(line) == 0 {
			continue
		}
		if len(out) >= maxEntities {
			return nil, fmt.Errorf("screening: more than %d entities", maxEntities)
		}
		var c corpusLine
		if err := json.Unmarshal(line, &c); err != nil {
			return nil, fmt.Errorf("screening: line %d: %w", n, err)
		}
		if c.ID == "" || c.Name == "" {
			return nil, fmt.Errorf("screening: line %d: an entity needs id and name", n)
		}
		e := Entity{ID: c.ID, List: c.List, Type: ParseType(c.Type), Births: c.DOB, Countries: c.Countries, Addresses: c.Addresses, Program: c.Program}
		e.Names = append(e.Names, Name{Text: c.Name, Kind: Primary})
		for _, a := range c.Aliases {
			k := Alias
			switch a.Kind {
			case "weak":
				k = Weak
			case "fka":
				k = Former
			}
			e.Names = append(e.Names, Name{Text: a.Name, Kind: k})
		}
		for _, id := range c.IDs {
			e.IDs = append(e.IDs, Ident{Kind: kindOf(id.Type), Value: id.Value, Country: id.Country})
		}
		out = append(out, e)
	}
	if err := sc.Err(); err != nil {
		return nil, fmt.Errorf("screening: %w", err)
	}
	return out, nil
}

// ParseType reads what files and people call a kind of party; Unknown where the
// word is another.
func ParseType(s string) Type {
	switch strings.ToLower(s) {
	case "person", "individual":
		return Person
	case "organization", "organisation", "entity", "company", "business":
		return Organisation
	case "vessel", "ship":
		return Vessel
	case "aircraft":
		return Aircraft
	}
	return Unknown
}

func kindOf(s string) string {
	if s == "reg" {
		return "registration"
	}
	return s
}
