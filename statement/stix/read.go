package stix

import (
	"errors"
	"fmt"
	"io"
)

// Object is one STIX object as it was read.
type Object struct {
	// Raw is the exact bytes it was read from.
	Raw []byte
	// Index is its place in the bundle or list, from 0; -1 where it stood alone.
	Index int
	Root  Value
}

// Type is the object's type, or "" where it states none.
func (o *Object) Type() string { return o.Root.text("type") }

// ID is the object's id, or "".
func (o *Object) ID() string { return o.Root.text("id") }

// CreatedBy is the id of who made the object, or "".
func (o *Object) CreatedBy() string { return o.Root.text("created_by_ref") }

// Document is a bundle, a list of objects or one object.
type Document struct {
	// Raw is the exact input. Export gives it back.
	Raw []byte
	// Bundle is the bundle around the objects without its objects, or nil.
	Bundle  *Value
	Objects []Object
}

// Export is the document as it came, byte for byte.
func (d *Document) Export() []byte { return d.Raw }

// Read reads a bundle, a list of objects, or one object. It refuses what is not
// strict JSON (duplicate names, invalid UTF-8, anything after the end) and what
// is beyond the limits. It does not check the objects: Check does.
func Read(src []byte, limits Limits) (*Document, error) {
	l := limits.filled()
	if len(src) > l.Bytes {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrTooLarge, len(src), l.Bytes)
	}
	s := newScanner(src, l)
	d := &Document{Raw: src}
	var err error
	switch s.dec.PeekKind() {
	case '[':
		err = d.list(s)
	case '{':
		err = d.single(s)
	default:
		// The decoder says better than we what it met.
		if _, err = s.dec.ReadToken(); err == nil {
			return nil, &SyntaxError{Offset: 0, Line: 1, Cause: errors.New("want an object or a list of objects")}
		}
		return nil, s.syntax(err)
	}
	if err != nil {
		return nil, err
	}
	if _, err := s.dec.ReadToken(); !errors.Is(err, io.EOF) {
		if err == nil {
			err = errors.New("something follows the end")
		}
		return nil, s.syntax(err)
	}
	return d, nil
}

// single reads an object: a bundle's objects are read one by one, each with a
// budget of its own; anything else is one object.
func (d *Document) single(s *scanner) error {
	if _, err := s.dec.ReadToken(); err != nil {
		return s.syntax(err)
	}
	root := Value{Kind: Map}
	start := s.dec.InputOffset() - 1
	s.values = s.limits.Values
	for s.dec.PeekKind() != '}' {
		name, err := s.dec.ReadToken()
		if err != nil {
			return s.syntax(err)
		}
		m := Member{Name: name.String()}
		if m.Name == "objects" && s.dec.PeekKind() == '[' { // those of observed data are no list
			before := s.values
			if err := d.list(s); err != nil {
				return err
			}
			s.values = before
			continue
		}
		if m.Value, err = s.value(1); err != nil {
			return err
		}
		root.Members = append(root.Members, m)
	}
	if err := s.end(); err != nil {
		return err
	}
	raw := d.Raw[start:s.dec.InputOffset()]
	if d.Objects != nil || root.text("type") == "bundle" {
		d.Bundle = &root // or the envelope of TAXII, which has no type
		return nil
	}
	if len(raw) > s.limits.ObjectBytes {
		return fmt.Errorf("%w: an object of %d bytes, at most %d", ErrTooLarge, len(raw), s.limits.ObjectBytes)
	}
	d.Objects = []Object{{Raw: raw, Index: -1, Root: root}}
	return nil
}

func (d *Document) list(s *scanner) error {
	if _, err := s.dec.ReadToken(); err != nil {
		return s.syntax(err)
	}
	d.Objects = make([]Object, 0, min(len(d.Raw)/300+1, s.limits.Objects))
	for s.dec.PeekKind() != ']' {
		if len(d.Objects) == s.limits.Objects {
			return fmt.Errorf("%w: more than %d objects", ErrTooLarge, s.limits.Objects)
		}
		v, raw, err := s.object()
		if err != nil {
			return err
		}
		if len(raw) > s.limits.ObjectBytes {
			return fmt.Errorf("%w: object %d has %d bytes, at most %d", ErrTooLarge, len(d.Objects), len(raw), s.limits.ObjectBytes)
		}
		d.Objects = append(d.Objects, Object{Raw: raw, Index: len(d.Objects), Root: v})
	}
	return s.end()
}
