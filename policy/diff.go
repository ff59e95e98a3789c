package policy

import (
	"encoding/json"
	"slices"
)

// Change is one difference between two packs.
type Change struct {
	Part   string        `json:"part"` // "rule", "table", "fact", "category", "advice", ...
	ID     string        `json:"id"`
	How    How           `json:"how"`
	Fields []FieldChange `json:"fields,omitempty"` // of a changed one
}

// How says what happened to a part of a pack.
type How string

// The ways.
const (
	Added   How = "added"
	Removed How = "removed"
	Changed How = "changed"
)

// FieldChange is one key of a part that says otherwise.
type FieldChange struct {
	Field     string `json:"field"`
	Was       string `json:"was,omitempty"`
	Now       string `json:"now,omitempty"`
	Editorial bool   `json:"editorial,omitempty"` // it changes no outcome: words for a reader, or tests
}

// Editorial tells whether the change alters no outcome.
func (c Change) Editorial() bool {
	return c.How == Changed && !slices.ContainsFunc(c.Fields, func(f FieldChange) bool { return !f.Editorial })
}

// words are the keys, by part, that are there for a reader or for the tests. Any
// other key has effect.
var words = map[string][]string{
	"pack":     {"title", "version"},
	"rule":     {"source", "question", "finding", "definition", "note", "evidence", "verify", "tests"},
	"table":    {"source", "question", "note", "verify", "tests"},
	"fact":     {"question", "help"},
	"category": {"name", "harm", "rights", "protects", "refusing"},
	"advice":   {"reason"}, "countersignature": {"reason"}, "sharing": {"reason", "source", "verify"},
	"period": {"text", "source", "verify"}, "assurance": {"source"}, "scrutiny": {"text"},
	"paragraph": {"title", "source"}, "profile": {"title"},
}

// Diff says what b has otherwise than a, part by part, those with effect first.
func Diff(a, b *Pack) []Change {
	was, now := parts(a), parts(b)
	var out []Change
	for _, p := range partNames {
		for _, id := range was[p].order {
			if _, still := now[p].fields[id]; !still {
				out = append(out, Change{Part: p, ID: id, How: Removed})
			}
		}
		for _, id := range now[p].order {
			old, had := was[p].fields[id]
			if !had {
				out = append(out, Change{Part: p, ID: id, How: Added})
			} else if fields := fieldChanges(p, old, now[p].fields[id]); len(fields) > 0 {
				out = append(out, Change{Part: p, ID: id, How: Changed, Fields: fields})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Change) int {
		switch {
		case a.Editorial() == b.Editorial():
			return 0
		case b.Editorial():
			return -1
		}
		return 1
	})
	return out
}

func fieldChanges(part string, was, now map[string]json.RawMessage) []FieldChange {
	var keys []string
	for k := range was {
		keys = append(keys, k)
	}
	for k := range now {
		if _, had := was[k]; !had {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	var out []FieldChange
	for _, k := range keys {
		f := FieldChange{Field: k, Was: shown(was[k]), Now: shown(now[k])}
		if f.Was == f.Now {
			continue
		}
		f.Editorial = slices.Contains(words[part], k) && (k != "harm" || (f.Was == "") == (f.Now == ""))
		out = append(out, f)
	}
	return out
}

// shown is a value for a reader: a text without its quotes, anything else as JSON.
func shown(b json.RawMessage) string {
	var s string
	if json.Unmarshal(b, &s) == nil {
		return s
	}
	return string(b)
}

// partNames are the parts of a pack in the order in which a diff tells them.
var partNames = []string{"pack", "rule", "table", "fact", "category", "advice", "countersignature", "sharing", "period", "assurance", "condition", "scrutiny", "profile", "paragraph"}

// keyed are the parts of one kind by id, with their keys and values.
type keyed struct {
	order  []string
	fields map[string]map[string]json.RawMessage
}

// parts takes a pack apart. It goes through the JSON of each part, so that a key
// which is added to a part one day is compared too.
func parts(p *Pack) map[string]*keyed {
	out := map[string]*keyed{}
	for _, name := range partNames {
		out[name] = &keyed{fields: map[string]map[string]json.RawMessage{}}
	}
	add := func(part, id string, v any, but ...string) {
		var fields map[string]json.RawMessage
		b, err := json.Marshal(v)
		if err == nil {
			err = json.Unmarshal(b, &fields)
		}
		if err != nil {
			return // every part of a loaded pack is an object
		}
		for _, k := range but {
			delete(fields, k)
		}
		out[part].order = append(out[part].order, id)
		out[part].fields[id] = fields
	}
	d := p.doc
	add("pack", d.ID, Document{ID: d.ID, Version: d.Version, Title: d.Title, From: d.From, To: d.To, Laws: d.Laws})
	each(d.Rules, func(x Rule) { add("rule", x.ID, x) })
	each(d.Tables, func(x Table) { add("table", x.ID, x) })
	each(d.Facts, func(x FactDef) { add("fact", x.Name, x) })
	each(d.Categories, func(x Category) { add("category", x.ID, x) })
	each(d.Advice, func(x Advice) { add("advice", x.ID, x) })
	each(d.Countersignatures, func(x Countersignature) { add("countersignature", x.ID, x) })
	each(d.Sharing, func(x Sharing) { add("sharing", x.ID, x) })
	each(d.Periods, func(x Period) { add("period", x.ID, x) })
	each(d.Assurances, func(x AssuranceKind) { add("assurance", x.ID, x) })
	each(d.Conditions, func(x Condition) { add("condition", x.ID, x) })
	each(d.Scrutiny, func(x ScrutinyRow) { add("scrutiny", x.Indicator+" "+string(x.Level), x) })
	each(d.Profiles, func(x Profile) {
		add("profile", x.ID, x, "paragraphs")
		each(x.Paragraphs, func(g Paragraph) { add("paragraph", g.ID, g) })
	})
	return out
}

func each[T any](list []T, f func(T)) {
	for _, x := range list {
		f(x)
	}
}
