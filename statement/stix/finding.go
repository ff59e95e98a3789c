package stix

import (
	"fmt"
	"strconv"
	"strings"
)

// Finding is one thing that is wrong with an object, or that should be looked at.
type Finding struct {
	// Warning is set where the standard advises ("should") and does not demand.
	Warning bool `json:"warning,omitempty"`
	// Code is a word for programs: required, type, value, reference, ...
	Code string `json:"code"`
	// Object is the id of the object, or its place ("object 3") where it has none.
	Object string `json:"object"`
	// Path is where in the object: "external_references[0].url".
	Path string `json:"path,omitempty"`
	// Message says what is wrong, Advice what to do about it.
	Message string `json:"message"`
	Advice  string `json:"advice,omitempty"`
}

// String is the finding on one line.
func (f Finding) String() string {
	s := f.Object
	if f.Path != "" {
		s += " " + f.Path
	}
	s += ": " + f.Message
	if f.Advice != "" {
		s += " (" + f.Advice + ")"
	}
	if f.Warning {
		s = "warning: " + s
	}
	return s
}

// maxFindings is how many findings one object may give; what is wrong beyond
// that is wrong in the same way.
const maxFindings = 50

// trail is the path to the value looked at, as a chain on the stack: it costs
// nothing until something is wrong.
type trail struct {
	up    *trail
	name  string
	index int // where name is ""
}

func (t *trail) in(name string) *trail { return &trail{up: t, name: name} }
func (t *trail) at(index int) *trail   { return &trail{up: t, index: index} }

func (t *trail) String() string {
	if t == nil {
		return ""
	}
	above := t.up.String()
	switch {
	case t.name == "":
		return above + "[" + strconv.Itoa(t.index) + "]"
	case above == "":
		return t.name
	}
	return above + "." + t.name
}

func (c *check) fail(at *trail, code, advice, format string, args ...any) {
	c.add(Finding{Code: code, Advice: advice}, at, format, args...)
}

func (c *check) warn(at *trail, code, advice, format string, args ...any) {
	c.add(Finding{Warning: true, Code: code, Advice: advice}, at, format, args...)
}

func (c *check) add(f Finding, at *trail, format string, args ...any) {
	if len(c.findings) >= maxFindings {
		return
	}
	f.Object, f.Path, f.Message = c.label(), at.String(), fmt.Sprintf(format, args...)
	c.findings = append(c.findings, f)
}

func (c *check) label() string {
	if id := c.object.ID(); id != "" {
		return shorten(id)
	}
	if c.object.Index >= 0 {
		return "object " + strconv.Itoa(c.object.Index)
	}
	return "the object"
}

// shorten keeps what a stranger wrote from filling the page.
func shorten(s string) string {
	const most = 100
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
