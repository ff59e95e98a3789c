package policy

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"gopkg.in/yaml.v3"
)

// Date is a day as "2026-11-22". The empty date is "no date given". Days compare
// as strings.
type Date string

// DateOf is the day of t in t's own time zone.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// Valid tells whether d is a day of the calendar.
func (d Date) Valid() bool {
	_, err := time.Parse(time.DateOnly, string(d))
	return err == nil
}

// Kind is the type of a fact's value.
type Kind string

// The kinds of values. A day is kept as text in the form of Date.
const (
	KindUnknown Kind = ""
	KindBool    Kind = "bool"
	KindInt     Kind = "int"
	KindText    Kind = "text"
	KindDay     Kind = "day"
)

// Value is a typed scalar. The zero Value is "unknown". In JSON and YAML it is
// written as the scalar itself, and unknown as null (YAML also takes the word
// unknown).
type Value struct {
	kind Kind
	text string
	num  int64 // the number, or 1 for true
}

// Bool makes a yes or no.
func Bool(b bool) Value {
	if b {
		return Value{kind: KindBool, num: 1}
	}
	return Value{kind: KindBool}
}

// Int makes a whole number.
func Int(n int64) Value { return Value{kind: KindInt, num: n} }

// Text makes a word or a code.
func Text(s string) Value { return Value{kind: KindText, text: s} }

// Day makes a day.
func Day(d Date) Value { return Value{kind: KindDay, text: string(d)} }

// Kind is the type of the value, KindUnknown for the zero Value.
func (v Value) Kind() Kind { return v.kind }

// Known tells whether there is a value.
func (v Value) Known() bool { return v.kind != KindUnknown }

// True tells whether the value is a known yes.
func (v Value) True() bool { return v.kind == KindBool && v.num == 1 }

// False tells whether the value is a known no. Unknown is neither True nor False.
func (v Value) False() bool { return v.kind == KindBool && v.num == 0 }

// Number is the whole number, and false where the value is none.
func (v Value) Number() (int64, bool) { return v.num, v.kind == KindInt }

// Word is the text or day, and "" where the value is neither.
func (v Value) Word() string { return v.text }

// String is for logs and plain output: "yes", "no", "unknown", or the value.
func (v Value) String() string {
	switch v.kind {
	case KindBool:
		if v.num == 1 {
			return "yes"
		}
		return "no"
	case KindInt:
		return strconv.FormatInt(v.num, 10)
	case KindText, KindDay:
		return v.text
	default:
		return "unknown"
	}
}

// MarshalJSON writes the scalar.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.kind {
	case KindBool:
		return strconv.AppendBool(nil, v.num == 1), nil
	case KindInt:
		return strconv.AppendInt(nil, v.num, 10), nil
	case KindText, KindDay:
		return json.Marshal(v.text)
	default:
		return []byte("null"), nil
	}
}

// UnmarshalJSON reads the scalar. A day comes back as text: which of the two a
// fact holds is the catalogue's to say, and Evaluate takes one for the other.
func (v *Value) UnmarshalJSON(b []byte) error {
	var raw any
	if err := json.Unmarshal(b, &raw); err != nil {
		return err
	}
	switch x := raw.(type) {
	case nil:
		*v = Value{}
	case bool:
		*v = Bool(x)
	case string:
		*v = wordValue(x)
	case float64:
		n, err := strconv.ParseInt(string(b), 10, 64)
		if err != nil {
			return fmt.Errorf("policy: %s is not a whole number", b)
		}
		*v = Int(n)
	default:
		return fmt.Errorf("policy: a fact is a single value, not %s", b)
	}
	return nil
}

// MarshalYAML writes the scalar.
func (v Value) MarshalYAML() (any, error) {
	switch v.kind {
	case KindBool:
		return v.num == 1, nil
	case KindInt:
		return v.num, nil
	case KindText, KindDay:
		return v.text, nil
	default:
		return nil, nil
	}
}

// UnmarshalYAML reads the scalar.
func (v *Value) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return fmt.Errorf("line %d: a fact is a single value", n.Line)
	}
	switch n.Tag {
	case "!!null":
		*v = Value{}
	case "!!bool":
		var b bool
		if err := n.Decode(&b); err != nil {
			return err
		}
		*v = Bool(b)
	case "!!int":
		var i int64
		if err := n.Decode(&i); err != nil {
			return fmt.Errorf("line %d: %q is not a whole number", n.Line, n.Value)
		}
		*v = Int(i)
	case "!!str", "!!timestamp":
		*v = wordValue(n.Value)
	default:
		return fmt.Errorf("line %d: a fact is yes or no, a whole number, a word or a day, not %q", n.Line, n.Value)
	}
	return nil
}

func wordValue(s string) Value {
	if s == "unknown" || s == "" {
		return Value{}
	}
	return Text(s)
}

// Fact is what is known about one question. A Fact whose value is unknown is a
// question that was asked and not answered; a name without a Fact was not asked.
// Both evaluate alike.
type Fact struct {
	Value   Value  `json:"value" yaml:"value"`
	Source  string `json:"source,omitempty" yaml:"source,omitempty"`   // where it comes from, in words a reader can follow up
	Date    Date   `json:"date,omitempty" yaml:"date,omitempty"`       // the day as of which it holds
	Version string `json:"version,omitempty" yaml:"version,omitempty"` // version of the list, pack or document it was taken from
}

// Facts are the facts of one line of one case, by name.
type Facts map[string]Fact

// Value is the value of the named fact, unknown where there is none.
func (f Facts) Value(name string) Value { return f[name].Value }

// With returns a copy in which the named fact is another.
func (f Facts) With(name string, fact Fact) Facts {
	g := make(Facts, len(f)+1)
	for k, v := range f {
		g[k] = v
	}
	g[name] = fact
	return g
}

// Without returns a copy that lacks the named fact.
func (f Facts) Without(name string) Facts {
	g := make(Facts, len(f))
	for k, v := range f {
		if k != name {
			g[k] = v
		}
	}
	return g
}
