package node

import (
	"context"
	"fmt"

	"github.com/comity-project/comity/internal/lists"
)

// LooseList is a list as files that no node has on record.
type LooseList struct {
	List      string // id of a source that ships
	Published string // ISO date, "" takes what the files say
	Files     []ListFile
}

// EnginesFrom makes engines of what ships and of loose files: for looking at a
// case on a command line without a node. Nothing is kept.
func EnginesFrom(ctx context.Context, loose []LooseList) (*Engines, error) {
	var parts []part
	for _, l := range loose {
		src := sourceOf(l.List)
		if src == nil {
			return nil, fmt.Errorf("node: no source is called %s", l.List)
		}
		r, err := readListFiles(src.Format, l.Published, l.Files)
		if err != nil {
			return nil, err
		}
		if r.published == "" {
			r.published = l.Published
		}
		doc := r.document
		if src.Kind == lists.Parties {
			p, err := lists.Prepare(&lists.State{ID: l.List, Definition: src.Definition()}, "loose", lists.Hash(), r.parties, nil)
			if err != nil {
				return nil, err
			}
			doc = p.Document
		}
		p := part{ListInUse: listInUse(l.List, src.Definition()), open: func() ([]byte, error) { return doc, nil }}
		p.Published, p.Document, p.Entries = r.published, lists.Hash(doc), r.entries
		parts = append(parts, p)
	}
	return buildEngines(ctx, parts, &indexes{})
}
