package stix

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// schema is the part of JSON Schema (draft 2020-12) that our own schemas use.
// parseSchema refuses every keyword beyond it, so what is published is what is
// checked.
type schema struct {
	Comment    string             `json:"$comment,omitempty"`
	Dialect    string             `json:"$schema,omitempty"`
	ID         string             `json:"$id,omitempty"`
	Title      string             `json:"title,omitempty"`
	About      string             `json:"description,omitempty"`
	Type       string             `json:"type,omitempty"`
	Const      *string            `json:"const,omitempty"`
	Enum       []string           `json:"enum,omitempty"`
	Pattern    string             `json:"pattern,omitempty"`
	Format     string             `json:"format,omitempty"`
	MinLength  int                `json:"minLength,omitempty"`
	MaxLength  *int               `json:"maxLength,omitempty"`
	Minimum    *float64           `json:"minimum,omitempty"`
	Maximum    *float64           `json:"maximum,omitempty"`
	Items      *schema            `json:"items,omitempty"`
	MinItems   int                `json:"minItems,omitempty"`
	MaxItems   *int               `json:"maxItems,omitempty"`
	Unique     bool               `json:"uniqueItems,omitempty"`
	Properties map[string]*schema `json:"properties,omitempty"`
	Required   []string           `json:"required,omitempty"`
	Additional *bool              `json:"additionalProperties,omitempty"`

	pattern *regexp.Regexp
	kind    Kind
}

var schemaKinds = map[string]Kind{"object": Map, "array": List, "string": String, "boolean": Boolean, "integer": Number, "number": Number}

func parseSchema(b []byte) (*schema, error) {
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	var s schema
	if err := d.Decode(&s); err != nil {
		return nil, err
	}
	return &s, s.prepare()
}

func (s *schema) prepare() (err error) {
	kind, ok := schemaKinds[s.Type]
	if !ok {
		return fmt.Errorf("no such type %q", s.Type)
	}
	s.kind = kind
	if s.Pattern != "" {
		if s.pattern, err = regexp.Compile(s.Pattern); err != nil {
			return err
		}
	}
	if s.Format != "" && s.Format != "date" && s.Format != "date-time" && s.Format != "uri" {
		return fmt.Errorf("no such format %q", s.Format)
	}
	if s.Items != nil {
		if err := s.Items.prepare(); err != nil {
			return err
		}
	}
	for name, p := range s.Properties {
		if err := p.prepare(); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// schema holds a value against one of our schemas.
func (c *check) schema(v *Value, at *trail, s *schema) {
	if v.Kind != s.kind {
		c.fail(at, "kind", "correct the value", "want %s, not %s", s.kind, v.Kind)
		return
	}
	switch v.Kind {
	case Map:
		c.schemaMap(v, at, s)
	case List:
		c.schemaList(v, at, s)
	case String:
		c.schemaText(v.Text, at, s)
	case Number:
		f, err := strconv.ParseFloat(v.Text, 64)
		if err != nil || s.Type == "integer" && strings.ContainsAny(v.Text, ".eE") {
			c.fail(at, "kind", "write a whole number", "%s is not a whole number", shorten(v.Text))
		} else if s.Minimum != nil && f < *s.Minimum || s.Maximum != nil && f > *s.Maximum {
			c.fail(at, "value", "correct the number", "%s is out of bounds", v.Text)
		}
	case Boolean, Null:
	}
}

func (c *check) schemaMap(v *Value, at *trail, s *schema) {
	for _, name := range s.Required {
		if _, ok := v.Get(name); !ok {
			c.fail(at.in(name), "required", "add it", "%s must be there", name)
		}
	}
	for i := range v.Members {
		m := &v.Members[i]
		if p := s.Properties[m.Name]; p != nil {
			c.schema(&m.Value, at.in(m.Name), p)
		} else if s.Additional != nil && !*s.Additional {
			c.fail(at.in(m.Name), "name", "remove it", "no property of this name is defined here")
		}
	}
}

func (c *check) schemaList(v *Value, at *trail, s *schema) {
	if len(v.Items) < s.MinItems || s.MaxItems != nil && len(v.Items) > *s.MaxItems {
		c.fail(at, "empty", "correct the list", "%d entries are too few or too many", len(v.Items))
	}
	seen := map[string]bool{}
	for i := range v.Items {
		c.schema(&v.Items[i], at.at(i), s.Items)
		if s.Unique && seen[v.Items[i].Text] {
			c.fail(at.at(i), "twice", "remove one", "%q stands twice", shorten(v.Items[i].Text))
		}
		seen[v.Items[i].Text] = true
	}
}

func (c *check) schemaText(text string, at *trail, s *schema) {
	n := utf8.RuneCountInString(text)
	_, isTime := ParseTime(text)
	_, isDate := ParseTime(text + "T00:00:00Z")
	switch {
	case s.Const != nil && text != *s.Const:
		c.fail(at, "value", "write "+*s.Const, "%q is not allowed here", shorten(text))
	case s.Enum != nil && !slices.Contains(s.Enum, text):
		c.fail(at, "value", "choose one of "+strings.Join(s.Enum, ", "), "%q is not allowed here", shorten(text))
	case n < s.MinLength || s.MaxLength != nil && n > *s.MaxLength:
		c.fail(at, "value", "correct the text", "%d characters are too few or too many", n)
	case s.pattern != nil && !s.pattern.MatchString(text):
		c.fail(at, "value", "it must look like "+s.Pattern, "%q does not fit", shorten(text))
	case s.Format == "date-time" && !isTime:
		c.fail(at, "timestamp", "write UTC as 2006-01-02T15:04:05.000Z", "%q is not a timestamp", shorten(text))
	case s.Format == "date" && !isDate:
		c.fail(at, "timestamp", "write 2006-01-02", "%q is not a date", shorten(text))
	case s.Format == "uri" && !validURL(text):
		c.fail(at, "value", "begin with a scheme, such as https://", "%q is not a URL", shorten(text))
	}
}
