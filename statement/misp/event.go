// Package misp reads and writes what MISP shares: events as JSON and attributes
// as CSV, to and from STIX 2.1, and its galaxies and taxonomies as
// vocabularies. What can't be carried over is named, never dropped in silence.
package misp

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// MaxBytes is the largest file that is read.
const MaxBytes = 64 << 20

// maxAttributes bounds what one file may hold.
const maxAttributes = 200_000

// Event is a MISP event, as far as it is carried over.
type Event struct {
	UUID         string         `json:"uuid,omitzero"`
	Info         string         `json:"info"`
	Date         string         `json:"date,omitzero"`
	Timestamp    Number         `json:"timestamp,omitzero"`
	PublishedAt  Number         `json:"publish_timestamp,omitzero"`
	Published    bool           `json:"published"`
	ThreatLevel  Number         `json:"threat_level_id,omitzero"`
	Analysis     Number         `json:"analysis,omitzero"`
	Distribution Number         `json:"distribution,omitzero"`
	Orgc         *Organisation  `json:"Orgc,omitzero"`
	Tags         []Tag          `json:"Tag,omitempty"`
	Attributes   []Attribute    `json:"Attribute,omitempty"`
	Objects      []Object       `json:"Object,omitempty"`
	Rest         jsontext.Value `json:",unknown"`
}

// Organisation is who created an event.
type Organisation struct {
	UUID string         `json:"uuid,omitzero"`
	Name string         `json:"name"`
	Rest jsontext.Value `json:",unknown"`
}

// Tag is a machine tag: "tlp:amber", `admiralty-scale:source-reliability="b"`.
type Tag struct {
	Name string         `json:"name"`
	Rest jsontext.Value `json:",unknown"`
}

// Attribute is one fact of an event.
type Attribute struct {
	UUID      string         `json:"uuid,omitzero"`
	Type      string         `json:"type"`
	Category  string         `json:"category,omitzero"`
	Value     string         `json:"value"`
	Comment   string         `json:"comment,omitzero"`
	Timestamp Number         `json:"timestamp,omitzero"`
	ToIDs     bool           `json:"to_ids"`
	Relation  string         `json:"object_relation,omitzero"`
	FirstSeen string         `json:"first_seen,omitzero"`
	LastSeen  string         `json:"last_seen,omitzero"`
	Deleted   bool           `json:"deleted,omitzero"`
	Tags      []Tag          `json:"Tag,omitempty"`
	Rest      jsontext.Value `json:",unknown"`
}

// Object groups attributes that belong together.
type Object struct {
	UUID       string         `json:"uuid,omitzero"`
	Name       string         `json:"name"`
	Category   string         `json:"meta-category,omitzero"`
	About      string         `json:"description,omitzero"`
	Comment    string         `json:"comment,omitzero"`
	Timestamp  Number         `json:"timestamp,omitzero"`
	Deleted    bool           `json:"deleted,omitzero"`
	Attributes []Attribute    `json:"Attribute,omitempty"`
	Rest       jsontext.Value `json:",unknown"`
}

// Number is an integer that MISP writes as a number or as a string.
type Number int64

// UnmarshalJSON reads 1, "1" and "".
func (n *Number) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "" || s == "null" || s == "false" {
		return nil
	}
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return errors.New("want a whole number")
	}
	*n = Number(v)
	return nil
}

// MarshalJSON writes a string, as MISP does.
func (n Number) MarshalJSON() ([]byte, error) {
	return strconv.AppendQuote(nil, strconv.FormatInt(int64(n), 10)), nil
}

// wrapped is the ways in which MISP wraps what it exports.
type wrapped struct {
	Event      *Event         `json:"Event"`
	Response   jsontext.Value `json:"response"`
	Attributes []Attribute    `json:"Attribute"`
	Objects    []Object       `json:"Object"`
}

// Parse reads MISP's JSON: one event, a list of them, a response with events,
// attributes or objects. What stands outside an event is put in one without a
// name.
func Parse(src []byte) ([]Event, error) {
	if len(src) > MaxBytes {
		return nil, fmt.Errorf("misp: %d bytes, at most %d", len(src), MaxBytes)
	}
	var events []Event
	var loose Event
	if err := unwrap(src, &events, &loose, 0); err != nil {
		return nil, err
	}
	if len(loose.Attributes)+len(loose.Objects) > 0 {
		events = append(events, loose)
	}
	if len(events) == 0 {
		return nil, errors.New("misp: no event, attribute or object in it")
	}
	n := 0
	for i := range events {
		n += len(events[i].Attributes)
		for _, o := range events[i].Objects {
			n += len(o.Attributes) + 1
		}
	}
	if n > maxAttributes {
		return nil, fmt.Errorf("misp: %d attributes, at most %d", n, maxAttributes)
	}
	return events, nil
}

func unwrap(src []byte, events *[]Event, loose *Event, depth int) error {
	src = bytes.TrimSpace(src)
	if depth > 3 || len(src) == 0 {
		return errors.New("misp: want an event, a list of events or a response")
	}
	if src[0] == '[' {
		var items []jsontext.Value
		if err := json.Unmarshal(src, &items); err != nil {
			return fmt.Errorf("misp: %w", err)
		}
		for _, item := range items {
			if err := unwrap(item, events, loose, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	// "Object" is one object in a list of objects, and a list in a response.
	var single struct {
		Object jsontext.Value `json:"Object"`
	}
	if err := json.Unmarshal(src, &single); err != nil {
		return fmt.Errorf("misp: %w", err)
	}
	if single.Object.Kind() == '{' {
		var o Object
		if err := json.Unmarshal(single.Object, &o); err != nil {
			return fmt.Errorf("misp: %w", err)
		}
		loose.Objects = append(loose.Objects, o)
		return nil
	}
	var w wrapped
	if err := json.Unmarshal(src, &w); err != nil {
		return fmt.Errorf("misp: %w", err)
	}
	loose.Attributes = append(loose.Attributes, w.Attributes...)
	loose.Objects = append(loose.Objects, w.Objects...)
	if w.Event != nil {
		*events = append(*events, *w.Event)
	}
	if len(w.Response) > 0 {
		return unwrap(w.Response, events, loose, depth+1)
	}
	return nil
}

// Write writes events as MISP takes them in: one as {"Event": ...}, several as
// a list.
func Write(events []Event) ([]byte, error) {
	type one struct {
		Event Event `json:"Event"`
	}
	var all []one
	for _, e := range events {
		all = append(all, one{e})
	}
	var v any = all
	if len(all) == 1 {
		v = all[0]
	}
	b, err := json.Marshal(v, json.Deterministic(true), jsontext.WithIndent(" "))
	return append(b, '\n'), err
}

// left names the members of a value that nothing here reads.
func left(v jsontext.Value) (names []string) {
	if len(v) == 0 {
		return nil
	}
	var members map[string]jsontext.Value
	if json.Unmarshal(v, &members) != nil {
		return nil
	}
	for name, value := range members {
		if s := string(value); s != "null" && s != `""` && s != "[]" && s != "{}" && s != "false" && s != `"0"` {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
