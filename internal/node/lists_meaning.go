package node

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/comity-project/comity/content"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/lists/sources"
)

// meaning is what it means to stand on a list: a record of content/, because it
// is law and policy, not code.
type meaning struct {
	List   string                         `yaml:"list"`
	Means  assessment.ListKind            `yaml:"means"`
	Public bool                           `yaml:"public"`
	Within string                         `yaml:"within"`
	Names  map[string]assessment.ListKind `yaml:"names"`
	Rename map[string]string              `yaml:"rename"`
}

// of is the meaning of one short name within the list.
func (m meaning) of(name string) assessment.ListKind {
	if k, ok := m.Names[name]; ok {
		return k
	}
	if m.Means == "" {
		return assessment.Watch
	}
	return m.Means
}

// meanings are the records that ship, by list.
var meanings = sync.OnceValues(func() (map[string]meaning, error) {
	b, err := fs.ReadFile(content.FS, "meanings.yaml")
	if err != nil {
		return nil, err
	}
	var file struct {
		Schema string    `yaml:"schema"`
		Lists  []meaning `yaml:"lists"`
	}
	d := yaml.NewDecoder(bytes.NewReader(b))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("node: meanings of lists: %w", err)
	}
	out := map[string]meaning{}
	for _, m := range file.Lists {
		out[m.List] = m
	}
	return out, nil
})

// withOwn adds what lists of one's own say of themselves to the records that ship,
// which stand.
func withOwn(shipped map[string]meaning, parts []part) map[string]meaning {
	out := maps.Clone(shipped)
	for _, p := range parts {
		if _, known := out[p.ID]; !known && p.Means != "" {
			out[p.ID] = meaning{List: p.ID, Means: p.Means}
		}
	}
	return out
}

// Sources are the origins of lists that ship with the program, in their order.
var Sources = sync.OnceValues(func() ([]sources.Source, error) {
	b, err := fs.ReadFile(content.FS, "sources.yaml")
	if err != nil {
		return nil, err
	}
	return sources.Parse(b)
})

// sourceOf is the shipped origin of a list, nil when there is none.
func sourceOf(id string) *sources.Source {
	all, err := Sources()
	if err != nil {
		return nil
	}
	for i := range all {
		if all[i].ID == id {
			return &all[i]
		}
	}
	return nil
}
