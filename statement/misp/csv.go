package misp

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// columns are those of MISP's own CSV export, in its order.
var columns = []string{"uuid", "event_id", "category", "type", "value", "comment", "to_ids", "date", "object_relation", "attribute_tag", "object_uuid", "object_name", "object_meta_category"}

// ReadCSV reads MISP's CSV: a first row of names, of which type and value must
// be there, in any order. Rows of one object_uuid become one object; all go
// into one event without a name.
func ReadCSV(src []byte) (Event, error) {
	if len(src) > MaxBytes {
		return Event{}, fmt.Errorf("misp: %d bytes, at most %d", len(src), MaxBytes)
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(src, []byte("\ufeff"))))
	r.ReuseRecord = true
	head, err := r.Read()
	if err != nil {
		return Event{}, fmt.Errorf("misp: first row: %w", err)
	}
	at := map[string]int{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(name))
		if _, twice := at[name]; twice {
			return Event{}, fmt.Errorf("misp: the column %q stands twice", name)
		}
		if !slices.Contains(columns, name) {
			return Event{}, fmt.Errorf("misp: no column is named %q; known are %s", name, strings.Join(columns, ", "))
		}
		at[name] = i
	}
	for _, must := range []string{"type", "value"} {
		if _, ok := at[must]; !ok {
			return Event{}, fmt.Errorf("misp: the first row must name the column %s", must)
		}
	}
	var e Event
	groups := map[string]int{}
	for rows := 0; ; rows++ {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return e, nil
		}
		if err != nil {
			return Event{}, fmt.Errorf("misp: %w", err)
		}
		if rows == maxAttributes {
			return Event{}, fmt.Errorf("misp: more than %d rows", maxAttributes)
		}
		cell := func(name string) string {
			if i, ok := at[name]; ok {
				return strings.Clone(row[i])
			}
			return ""
		}
		a := Attribute{UUID: cell("uuid"), Category: cell("category"), Type: cell("type"), Value: cell("value"), Comment: cell("comment"), Relation: cell("object_relation")}
		line, _ := r.FieldPos(0)
		if a.Type == "" || a.Value == "" {
			return Event{}, fmt.Errorf("misp: line %d has no type or no value", line)
		}
		if a.ToIDs, err = truth(cell("to_ids")); err != nil {
			return Event{}, fmt.Errorf("misp: line %d: to_ids: %w", line, err)
		}
		if date := cell("date"); date != "" {
			n, err := strconv.ParseInt(date, 10, 64)
			if err != nil {
				return Event{}, fmt.Errorf("misp: line %d: date: want seconds since 1970", line)
			}
			a.Timestamp = Number(n)
		}
		for _, tag := range strings.Split(cell("attribute_tag"), ",") {
			if tag = strings.TrimSpace(tag); tag != "" {
				a.Tags = append(a.Tags, Tag{Name: tag})
			}
		}
		if object := cell("object_uuid"); object != "" {
			i, ok := groups[object]
			if !ok {
				i = len(e.Objects)
				groups[object] = i
				e.Objects = append(e.Objects, Object{UUID: object, Name: cell("object_name"), Category: cell("object_meta_category")})
			}
			e.Objects[i].Attributes = append(e.Objects[i].Attributes, a)
			continue
		}
		e.Attributes = append(e.Attributes, a)
	}
}

func truth(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "", "0", "false":
		return false, nil
	case "1", "true":
		return true, nil
	}
	return false, errors.New("want 0 or 1")
}

// WriteCSV writes the attributes of events as MISP's CSV.
func WriteCSV(events []Event) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.Write(columns); err != nil {
		return nil, err
	}
	row := func(e *Event, a *Attribute, o *Object) error {
		var tags []string
		for _, t := range a.Tags {
			tags = append(tags, t.Name)
		}
		ids, date := "0", ""
		if a.ToIDs {
			ids = "1"
		}
		if a.Timestamp != 0 {
			date = strconv.FormatInt(int64(a.Timestamp), 10)
		}
		return w.Write([]string{a.UUID, e.UUID, a.Category, a.Type, a.Value, a.Comment, ids, date, a.Relation, strings.Join(tags, ","), o.UUID, o.Name, o.Category})
	}
	for i := range events {
		e := &events[i]
		for j := range e.Attributes {
			if err := row(e, &e.Attributes[j], &Object{}); err != nil {
				return nil, err
			}
		}
		for j := range e.Objects {
			for k := range e.Objects[j].Attributes {
				if err := row(e, &e.Objects[j].Attributes[k], &e.Objects[j]); err != nil {
					return nil, err
				}
			}
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}
