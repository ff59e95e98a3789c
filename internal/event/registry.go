package event

import (
	"fmt"
	"reflect"
)

// Registry knows the event types of all domains, so that the ledger can give
// stored bytes back as the structs they were.
type Registry struct {
	types map[string]reflect.Type
}

// NewRegistry takes one zero value of each event type. Two types of one name
// are a mistake in the program and panic.
func NewRegistry(samples ...Event) *Registry {
	r := &Registry{types: map[string]reflect.Type{}}
	for _, s := range samples {
		t := reflect.TypeOf(s)
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if _, twice := r.types[s.EventType()]; twice {
			panic("event: two shapes for " + s.EventType())
		}
		r.types[s.EventType()] = t
	}
	return r
}

// New returns a pointer to an empty event of that type.
func (r *Registry) New(typ string) (any, error) {
	t, ok := r.types[typ]
	if !ok {
		return nil, fmt.Errorf("event: no shape is registered for %q: the ledger was written by a newer program", typ)
	}
	return reflect.New(t).Interface(), nil
}

// Value turns the pointer that New gave into the event as domains know it.
func Value(p any) Event { return reflect.ValueOf(p).Elem().Interface().(Event) }

// Pointer copies an event to where its parts can be reached.
func Pointer(ev Event) any {
	v := reflect.ValueOf(ev)
	if v.Kind() == reflect.Pointer {
		return ev
	}
	p := reflect.New(v.Type())
	p.Elem().Set(v)
	return p.Interface()
}

// Types lists the registered names.
func (r *Registry) Types() []string {
	names := make([]string, 0, len(r.types))
	for n := range r.types {
		names = append(names, n)
	}
	return names
}
