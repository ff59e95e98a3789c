package stix

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-json-experiment/json/jsontext"
)

// Kind is what sort of JSON value a Value is.
type Kind byte

// The kinds of JSON values.
const (
	Null Kind = iota
	Boolean
	Number
	String
	List
	Map
)

// String names the kind as a person would.
func (k Kind) String() string {
	return [...]string{"null", "true or false", "a number", "a string", "a list", "an object"}[k]
}

// Value is one JSON value of an object that was read.
type Value struct {
	Kind    Kind
	Text    string // of a string: its content; of a number: its literal
	True    bool
	Items   []Value
	Members []Member
}

// Member is a name with its value, in the order of the source.
type Member struct {
	Name  string
	Value Value
}

// Get gives a member by name.
func (v *Value) Get(name string) (*Value, bool) {
	for i := range v.Members {
		if v.Members[i].Name == name {
			return &v.Members[i].Value, true
		}
	}
	return nil, false
}

// text is the string under a name, or "".
func (v *Value) text(name string) string {
	if m, ok := v.Get(name); ok && m.Kind == String {
		return m.Text
	}
	return ""
}

// texts is the list of strings under a name.
func (v *Value) texts(name string) (out []string) {
	m, ok := v.Get(name)
	if !ok {
		return nil
	}
	for _, item := range m.Items {
		if item.Kind == String {
			out = append(out, item.Text)
		}
	}
	return out
}

// Limits bounds what is read. A zero field means the default.
type Limits struct {
	Bytes       int // of the whole input
	ObjectBytes int // of one object
	Objects     int // in a bundle
	Depth       int // of nesting, within one object
	Values      int // in one object
	Text        int // bytes of one string
}

// DefaultLimits is what a node takes from strangers.
func DefaultLimits() Limits {
	return Limits{Bytes: 64 << 20, ObjectBytes: 1 << 20, Objects: 200_000, Depth: 24, Values: 20_000, Text: 512 << 10}
}

func (l Limits) filled() Limits {
	d := DefaultLimits()
	for _, f := range []struct{ have, want *int }{
		{&l.Bytes, &d.Bytes},
		{&l.ObjectBytes, &d.ObjectBytes},
		{&l.Objects, &d.Objects},
		{&l.Depth, &d.Depth},
		{&l.Values, &d.Values},
		{&l.Text, &d.Text},
	} {
		if *f.have <= 0 {
			*f.have = *f.want
		}
	}
	return l
}

// ErrTooLarge is wrapped by every error that a limit causes.
var ErrTooLarge = errors.New("larger than is accepted")

// SyntaxError says where the bytes are not strict JSON.
type SyntaxError struct {
	Offset int64
	Line   int
	Cause  error
}

// Error says line and byte.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not strict JSON at line %d (byte %d): %v", e.Line, e.Offset, e.Cause)
}

// Unwrap gives what the JSON reader said.
func (e *SyntaxError) Unwrap() error { return e.Cause }

// scanner reads values with the limits applied as it goes: nothing is built
// that a limit forbids.
type scanner struct {
	src    []byte
	dec    *jsontext.Decoder
	limits Limits
	values int // left for the object being read
}

func newScanner(src []byte, l Limits) *scanner {
	return &scanner{src: src, dec: jsontext.NewDecoder(bytes.NewBuffer(src)), limits: l}
}

func (s *scanner) syntax(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	at := s.dec.InputOffset()
	var where *jsontext.SyntacticError
	if errors.As(err, &where) {
		at = where.ByteOffset
	}
	at = min(at, int64(len(s.src)))
	return &SyntaxError{Offset: at, Line: 1 + bytes.Count(s.src[:at], []byte("\n")), Cause: err}
}

// object reads one object with a fresh budget and gives its exact bytes.
func (s *scanner) object() (Value, []byte, error) {
	before := s.dec.InputOffset()
	if k := s.dec.PeekKind(); k != '{' {
		if k == 0 {
			_, err := s.dec.ReadToken()
			return Value{}, nil, s.syntax(err)
		}
		return Value{}, nil, s.syntax(errors.New("want an object"))
	}
	s.values = s.limits.Values
	v, err := s.value(0)
	if err != nil {
		return Value{}, nil, err
	}
	// Only spaces and a comma stand ahead of it.
	start := before + int64(bytes.IndexByte(s.src[before:], '{'))
	return v, s.src[start:s.dec.InputOffset()], nil
}

func (s *scanner) value(depth int) (Value, error) {
	if depth > s.limits.Depth {
		return Value{}, fmt.Errorf("%w: nested deeper than %d levels at byte %d", ErrTooLarge, s.limits.Depth, s.dec.InputOffset())
	}
	if s.values--; s.values < 0 {
		return Value{}, fmt.Errorf("%w: more than %d values in one object at byte %d", ErrTooLarge, s.limits.Values, s.dec.InputOffset())
	}
	t, err := s.dec.ReadToken()
	if err != nil {
		return Value{}, s.syntax(err)
	}
	switch t.Kind() {
	case 'n':
		return Value{Kind: Null}, nil
	case 't', 'f':
		return Value{Kind: Boolean, True: t.Bool()}, nil
	case '0':
		return Value{Kind: Number, Text: t.String()}, nil
	case '"':
		text := t.String()
		if len(text) > s.limits.Text {
			return Value{}, fmt.Errorf("%w: a string of %d bytes ends at byte %d; at most %d", ErrTooLarge, len(text), s.dec.InputOffset(), s.limits.Text)
		}
		return Value{Kind: String, Text: text}, nil
	case '[':
		v := Value{Kind: List}
		for s.dec.PeekKind() != ']' {
			item, err := s.value(depth + 1)
			if err != nil {
				return Value{}, err
			}
			v.Items = append(v.Items, item)
		}
		return v, s.end()
	default: // '{': the decoder gives no other kind here
		v := Value{Kind: Map, Members: make([]Member, 0, 12)}
		for s.dec.PeekKind() != '}' {
			name, err := s.dec.ReadToken()
			if err != nil {
				return Value{}, s.syntax(err)
			}
			m := Member{Name: name.String()}
			if m.Value, err = s.value(depth + 1); err != nil {
				return Value{}, err
			}
			v.Members = append(v.Members, m)
		}
		v.Members = slices.Clip(v.Members)
		return v, s.end()
	}
}

// end reads the bracket that closes a list or an object.
func (s *scanner) end() error {
	if _, err := s.dec.ReadToken(); err != nil {
		return s.syntax(err)
	}
	return nil
}
