package listfile

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// jsonReader reads JSON value by value: duplicate names and wrong UTF-8 are
// errors, and every error has its line and column.
type jsonReader struct {
	in *input
	d  *jsontext.Decoder
	n  int
}

func openJSON(f File, lim Limits) (*jsonReader, error) {
	in, err := open(f, lim)
	if err != nil {
		return nil, err
	}
	return &jsonReader{in: in, d: jsontext.NewDecoder(in)}, nil
}

func (j *jsonReader) place() (line, column int) { return j.in.place(j.d.InputOffset()) }

func (j *jsonReader) fault(k Kind, problem, todo string) error {
	line, column := j.place()
	return j.in.fault(k, line, column, problem, todo)
}

// broken turns a decoder's error into one with a place. base is the offset at
// which the value began, for errors that count from there.
func (j *jsonReader) broken(err error, base int64) error {
	if e, ok := own(err); ok {
		return e
	}
	off, problem, kind := base, err.Error(), Syntax
	var s *jsontext.SyntacticError
	var m *json.SemanticError
	switch {
	case errors.As(err, &m):
		off, kind = base+m.ByteOffset, Value
		problem = fmt.Sprintf("the value at %q is not of the kind expected", string(m.JSONPointer))
	case errors.As(err, &s):
		off = base + s.ByteOffset
		problem = "the JSON is broken"
		if errors.Is(s.Err, io.ErrUnexpectedEOF) {
			problem = "the JSON ends in the middle"
		} else if s.Err != nil {
			problem += ": " + s.Err.Error()
		}
		if s.JSONPointer != "" {
			problem += fmt.Sprintf(" at %q", string(s.JSONPointer))
		}
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		off, problem = j.in.off, "the JSON ends in the middle"
	}
	line, column := j.in.place(off)
	e := j.in.fault(kind, line, column, problem, fetchAgain)
	e.Cause = err
	return e
}

// token reads the next token of the file.
func (j *jsonReader) token() (jsontext.Token, error) {
	t, err := j.d.ReadToken()
	if err != nil {
		return t, j.broken(err, 0)
	}
	if j.d.StackDepth() > j.in.lim.Depth {
		return t, j.fault(TooLarge, fmt.Sprintf("values are nested deeper than %d", j.in.lim.Depth), fetchAgain)
	}
	return t, nil
}

// skip passes over the next value, within the bounds.
func (j *jsonReader) skip() error {
	base := j.d.StackDepth()
	for {
		if _, err := j.token(); err != nil {
			return err
		}
		if j.d.StackDepth() <= base {
			return nil
		}
	}
}

// value reads the next value into v, within the bounds.
func (j *jsonReader) value(v any) error {
	raw, err := j.d.ReadValue()
	if err != nil {
		return j.broken(err, 0)
	}
	base := j.d.InputOffset() - int64(len(raw))
	if deep(raw) > j.in.lim.Depth {
		return j.fault(TooLarge, fmt.Sprintf("values are nested deeper than %d", j.in.lim.Depth), fetchAgain)
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return j.broken(err, base)
	}
	return nil
}

// row counts a record and holds the limit.
func (j *jsonReader) row() error {
	if j.n++; j.n > j.in.lim.Rows {
		return j.fault(TooLarge, fmt.Sprintf("there are more than %d entries", j.in.lim.Rows), "look at what was fetched, or raise the limit")
	}
	return nil
}

// each calls take for every element of the array that follows.
func (j *jsonReader) each(take func() error) error {
	if err := j.begin('['); err != nil {
		return err
	}
	for j.d.PeekKind() != ']' {
		if err := take(); err != nil {
			return err
		}
	}
	_, err := j.token()
	return err
}

// members calls take with every name of the object that follows; take reads
// the value.
func (j *jsonReader) members(take func(name string) error) error {
	if err := j.begin('{'); err != nil {
		return err
	}
	for {
		t, err := j.token()
		if err != nil {
			return err
		}
		if t.Kind() == '}' {
			return nil
		}
		if err := take(t.String()); err != nil {
			return err
		}
	}
}

func (j *jsonReader) begin(kind jsontext.Kind) error {
	t, err := j.token()
	if err != nil {
		return err
	}
	if t.Kind() != kind {
		return j.fault(Structure, fmt.Sprintf("here is a %v, expected %v", t.Kind(), kind), "this is another kind of file, or its form has changed: tell the keeper of the list")
	}
	return nil
}

// end holds that nothing follows.
func (j *jsonReader) end() error {
	_, err := j.d.ReadToken()
	if err == io.EOF {
		return nil
	}
	if err != nil {
		return j.broken(err, 0)
	}
	return j.fault(Syntax, "something follows after the end of the list", fetchAgain)
}

// deep is the greatest nesting in a valid JSON value.
func deep(raw []byte) int {
	depth, most, text := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case text && c == '\\':
			i++
		case c == '"':
			text = !text
		case text:
		case c == '{' || c == '[':
			depth++
			most = max(most, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return most
}
