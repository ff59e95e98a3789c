package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"sync"
	"time"
)

// Private is a part of an event that belongs to somebody and can be erased.
// Its value is never in the kept part: the ledger seals it under the owner's
// key and keeps a salted commitment.
type Private[T any] struct {
	// Owner is the stream on whose key the part is sealed, for instance the
	// person, the party or the case. Erasing that owner erases the part.
	Owner Stream
	Value T
	// Erased says when and why the value is gone; nil while it is there.
	Erased *Erasure
}

// Erasure is the answer to "where did it go?".
type Erasure struct {
	Time time.Time `json:"time"` // UTC
	Rule string    `json:"rule"` // retention rule or request under which it was erased
}

// P makes a Private part.
func P[T any](owner Stream, value T) Private[T] { return Private[T]{Owner: owner, Value: value} }

// MarshalJSON writes the owner only: the kept part holds no private value.
func (p Private[T]) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Owner Stream `json:"owner"`
	}{p.Owner})
}

// UnmarshalJSON reads the owner; the value comes from the sealed part. What
// MarshalJSON wrote of a plain name is read as it stands: a ledger has millions.
func (p *Private[T]) UnmarshalJSON(b []byte) error {
	if rest, ok := bytes.CutPrefix(b, []byte(`{"owner":"`)); ok {
		if name, ok := bytes.CutSuffix(rest, []byte(`"}`)); ok && plain(name) {
			p.Owner = Stream(name)
			return nil
		}
	}
	var v struct {
		Owner Stream `json:"owner"`
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return err
	}
	p.Owner = v.Owner
	return nil
}

// plain tells whether a JSON string of these bytes means these bytes.
func plain(b []byte) bool {
	for _, c := range b {
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

// Part gives the ledger access to a Private field whatever its type.
type Part interface {
	PartOwner() Stream
	Plaintext() ([]byte, error)  // JSON of the value
	SetPlaintext(b []byte) error // the reverse
	SetErased(e Erasure)
}

// PartOwner is the stream whose key seals the part.
func (p *Private[T]) PartOwner() Stream { return p.Owner }

// Plaintext is the value as JSON.
func (p *Private[T]) Plaintext() ([]byte, error) { return json.Marshal(p.Value) }

// SetPlaintext fills the value from JSON.
func (p *Private[T]) SetPlaintext(b []byte) error { return json.Unmarshal(b, &p.Value) }

// SetErased marks the value as gone.
func (p *Private[T]) SetErased(e Erasure) { p.Erased = &e }

// Parts finds the Private fields of an event that have an owner, in the order
// of their declaration, through structs, pointers, slices and arrays (not maps,
// whose order is not fixed). ev must be a pointer to the event's struct.
func Parts(ev any) ([]Part, error) {
	v := reflect.ValueOf(ev)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return nil, fmt.Errorf("event.Parts: want a pointer to an event, got %T", ev)
	}
	if !holdsPart(v.Type()) {
		return nil, nil
	}
	var parts []Part
	collect(v, &parts)
	return parts, nil
}

var (
	partType = reflect.TypeFor[Part]()
	holds    sync.Map // reflect.Type -> bool
)

// holdsPart tells by type alone whether a walk can find anything, so that
// events without private parts cost nothing.
func holdsPart(t reflect.Type) bool {
	if known, ok := holds.Load(t); ok {
		return known.(bool)
	}
	holds.Store(t, false) // a type that contains itself adds nothing by that
	found := false
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		found = t.Implements(partType) || holdsPart(t.Elem())
	case reflect.Struct:
		if reflect.PointerTo(t).Implements(partType) {
			found = true
			break
		}
		for i := range t.NumField() {
			if t.Field(i).IsExported() && holdsPart(t.Field(i).Type) {
				found = true
				break
			}
		}
	}
	holds.Store(t, found)
	return found
}

func collect(v reflect.Value, parts *[]Part) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			collect(v.Elem(), parts)
		}
	case reflect.Slice, reflect.Array:
		if holdsPart(v.Type()) {
			for i := range v.Len() {
				collect(v.Index(i), parts)
			}
		}
	case reflect.Struct:
		if v.CanAddr() {
			if p, ok := v.Addr().Interface().(Part); ok {
				if p.PartOwner() != "" {
					*parts = append(*parts, p)
				}
				return
			}
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && holdsPart(v.Field(i).Type()) {
				collect(v.Field(i), parts)
			}
		}
	}
}

// Text is a private text as a state holds it.
type Text struct {
	Value  string   `json:"value,omitempty"`
	Erased *Erasure `json:"erased,omitempty"`
}

// TextOf takes a private text out of its event.
func TextOf(p Private[string]) Text { return Text{p.Value, p.Erased} }

// By is who did something, and when.
type By struct {
	Account string    `json:"account"`
	At      time.Time `json:"at"`
}

// ByOf is who caused an event, and when.
func ByOf(r Recorded) By { return By{Account: r.Actor, At: r.Time} }
