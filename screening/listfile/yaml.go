package listfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"

	"gopkg.in/yaml.v3"
)

// ReadYAML reads the project's own form as YAML: the header's fields, and
// "parties" with the entries. Anchors and aliases are refused: a list is read by
// people, and an alias can make a small file very large.
func ReadYAML(f File, lim Limits) (Result, error) {
	in, err := open(f, lim)
	if err != nil {
		return Result{}, err
	}
	raw, err := io.ReadAll(in)
	if err != nil {
		if e, ok := own(err); ok {
			return Result{}, e
		}
		return Result{}, in.reading(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return Result{}, yamlFault(in, err)
	}
	if len(doc.Content) == 0 {
		return Result{}, in.fault(Structure, 1, 1, "the file is empty", "see the description of the form")
	}
	if err := plain(in, &doc, 0); err != nil {
		return Result{}, err
	}
	var file struct {
		ownHeader `yaml:",inline"`
		Parties   []yaml.Node `yaml:"parties"`
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil {
		return Result{}, yamlFault(in, err)
	}
	b := newBuilder()
	if problem := b.header(file.ownHeader); problem != "" {
		return Result{}, in.fault(Structure, 1, 1, problem, "see the description of the form")
	}
	if len(file.Parties) > in.lim.Rows {
		return Result{}, in.fault(TooLarge, 1, 1, fmt.Sprintf("there are more than %d entries", in.lim.Rows), "raise the limit")
	}
	for i := range file.Parties {
		n := &file.Parties[i]
		var p ownParty
		if err := known(in, n, partyFields); err != nil {
			return Result{}, err
		}
		if err := n.Decode(&p); err != nil {
			return Result{}, yamlFault(in, err)
		}
		if problem := b.addOwn(file.ownHeader, p); problem != "" {
			return Result{}, in.fault(Value, n.Line, n.Column, problem, "correct the entry")
		}
	}
	return b.finish(), nil
}

// shape tells which fields a mapping may have, and what lies below them.
type shape map[string]shape

var partyFields = shape{
	"id": nil, "list": nil, "type": nil, "births": nil, "countries": nil, "addresses": nil, "program": nil, "listed": nil,
	"remarks": nil, "url": nil, "refused": nil,
	"names":  {"text": nil, "kind": nil},
	"ids":    {"kind": nil, "value": nil, "country": nil},
	"ground": {"role": nil, "source": nil, "purpose": nil, "retain_until": nil},
}

// known refuses a field that the form does not have: a misspelt one would
// otherwise be lost in silence.
func known(in *input, n *yaml.Node, s shape) error {
	switch n.Kind {
	case yaml.SequenceNode:
		for _, c := range n.Content {
			if err := known(in, c, s); err != nil {
				return err
			}
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			below, ok := s[key.Value]
			if !ok {
				return in.fault(Value, key.Line, key.Column, fmt.Sprintf("the field %q is not known", key.Value), "correct its name or take it away")
			}
			if below != nil {
				if err := known(in, n.Content[i+1], below); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// plain refuses anchors, aliases and deep nesting.
func plain(in *input, n *yaml.Node, depth int) error {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return in.fault(Structure, n.Line, n.Column, "anchors and aliases are not allowed", "write the value out")
	}
	if depth > in.lim.Depth {
		return in.fault(TooLarge, n.Line, n.Column, fmt.Sprintf("values are nested deeper than %d", in.lim.Depth), "correct the entry")
	}
	if len(n.Value) > in.lim.Cell {
		return in.fault(TooLarge, n.Line, n.Column, fmt.Sprintf("a text is longer than %d bytes", in.lim.Cell), "shorten it")
	}
	for _, c := range n.Content {
		if err := plain(in, c, depth+1); err != nil {
			return err
		}
	}
	return nil
}

var yamlLine = regexp.MustCompile(`line (\d+): (.*)`)

// yamlFault finds the line in the library's message; it tells no column, so
// the first one is named.
func yamlFault(in *input, err error) error {
	text := err.Error()
	var t *yaml.TypeError
	if errors.As(err, &t) && len(t.Errors) > 0 {
		text = t.Errors[0]
	}
	line, problem := 1, text
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		line, _ = strconv.Atoi(m[1])
		problem = m[2]
	}
	e := in.fault(Syntax, line, 1, "the YAML is broken: "+problem, "correct the line")
	e.Cause = err
	return e
}
