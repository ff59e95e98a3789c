// Package fault is the one vocabulary of errors. A fault has a code that doors
// turn into a status, a message key that the catalogue turns into a sentence a
// person can act on, and a cause that is logged and never shown.
package fault

import (
	"errors"
	"fmt"
	"sort"
)

// Code says what kind of thing went wrong.
type Code string

// The codes, and the one table of what each means to a door.
const (
	Invalid     Code = "invalid"     // what was given is wrong: fix it and send again
	NotFound    Code = "not_found"   // is not there, or may not be seen: the same answer
	Denied      Code = "denied"      // may be seen, may not be done
	Conflict    Code = "conflict"    // someone else changed this meanwhile, or it is taken
	Blocked     Code = "blocked"     // a rule forbids it until what is named is done
	SignIn      Code = "sign_in"     // nobody is signed in, or the session ended
	TooLarge    Code = "too_large"   // over a stated bound
	TooMany     Code = "too_many"    // over a rate limit: wait
	Unavailable Code = "unavailable" // something this needs is not reachable now
	Internal    Code = "internal"    // our mistake
)

var doors = map[Code]struct{ http, exit int }{
	Invalid: {422, 2}, NotFound: {404, 3}, Denied: {403, 4}, Conflict: {409, 5}, Blocked: {409, 6},
	SignIn: {401, 7}, TooLarge: {413, 2}, TooMany: {429, 8}, Unavailable: {503, 9}, Internal: {500, 1},
}

// Error is a fault. Key and Args make the sentence; Fields point into the form.
type Error struct {
	Code   Code
	Key    string         // key in the message catalogue
	Args   map[string]any // values for the message
	Fields []Field        // which inputs are meant, in the order of the form
	Items  []Item         // what is missing or in the way, for "blocked"
	Cause  error          // logged, never shown
}

// Field is one input that is wrong.
type Field struct {
	Name string         // name of the input, "lines.2.quantity"
	Key  string         // message key
	Args map[string]any // values for the message
}

// Item is one thing that stands in the way, with where it is solved.
type Item struct {
	Key   string         // message key
	Args  map[string]any // values for the message
	Where string         // fragment or tab that solves it, "assessment#rule-COC-R"
}

// New makes a fault with a message key and key, value pairs for its message.
func New(code Code, key string, args ...any) *Error {
	return &Error{Code: code, Key: key, Args: pairs(args)}
}

// Wrap makes an internal fault of a cause; nil stays nil, a fault stays itself.
func Wrap(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	var f *Error
	if errors.As(err, &f) {
		return err
	}
	return &Error{Code: Internal, Key: "fault.internal", Cause: fmt.Errorf(format+": %w", append(args, err)...)}
}

// Field adds an input that is wrong and returns the fault.
func (e *Error) Field(name, key string, args ...any) *Error {
	e.Fields = append(e.Fields, Field{name, key, pairs(args)})
	return e
}

// Item adds a thing in the way and returns the fault.
func (e *Error) Item(where, key string, args ...any) *Error {
	e.Items = append(e.Items, Item{Key: key, Args: pairs(args), Where: where})
	return e
}

// Because sets the cause and returns the fault.
func (e *Error) Because(cause error) *Error { e.Cause = cause; return e }

// Or returns nil when nothing was found wrong: a collecting fault without
// fields and items is no fault.
func (e *Error) Or() error {
	if len(e.Fields) == 0 && len(e.Items) == 0 {
		return nil
	}
	return e
}

// Error is for logs and tests, not for people.
func (e *Error) Error() string {
	s := string(e.Code) + ": " + e.Key
	keys := make([]string, 0, len(e.Args))
	for k := range e.Args {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		s += fmt.Sprintf(" %s=%v", k, e.Args[k])
	}
	for _, f := range e.Fields {
		s += fmt.Sprintf(" [%s: %s]", f.Name, f.Key)
	}
	for _, i := range e.Items {
		s += fmt.Sprintf(" (%s: %s)", i.Where, i.Key)
	}
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap gives the cause to errors.Is and errors.As.
func (e *Error) Unwrap() error { return e.Cause }

// CodeOf is the code of an error; anything that is not a fault is Internal.
func CodeOf(err error) Code {
	var f *Error
	if errors.As(err, &f) {
		return f.Code
	}
	return Internal
}

// Is tells whether err is a fault of that code.
func Is(err error, code Code) bool { return err != nil && CodeOf(err) == code }

// HTTPStatus is the status a door answers with.
func HTTPStatus(err error) int {
	if err == nil {
		return 200
	}
	return doors[CodeOf(err)].http
}

// ExitStatus is the status the command line ends with.
func ExitStatus(err error) int {
	if err == nil {
		return 0
	}
	return doors[CodeOf(err)].exit
}

func pairs(args []any) map[string]any {
	if len(args) == 0 {
		return nil
	}
	m := make(map[string]any, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i].(string)] = args[i+1]
	}
	return m
}
