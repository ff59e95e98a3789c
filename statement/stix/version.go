package stix

import (
	"bytes"
	"time"
)

// Version is which version of an object a set of bytes is.
type Version struct {
	ID        string
	CreatedBy string
	Created   time.Time
	Modified  time.Time // zero for what has no versions: observables, markings
	Revoked   bool
	Raw       []byte
}

// VersionOf reads the version of an object. Marking-definitions have only
// created and never change; observables have no times.
func VersionOf(o *Object) Version {
	v := Version{ID: o.ID(), CreatedBy: o.CreatedBy(), Raw: o.Raw}
	v.Created, _ = ParseTime(o.Root.text("created"))
	v.Modified, _ = ParseTime(o.Root.text("modified"))
	if r, ok := o.Root.Get("revoked"); ok {
		v.Revoked = r.True
	}
	return v
}

// Succession is what a version that comes in is to the one that is held.
type Succession string

// What a version can be to the one held.
const (
	Newer     Succession = "newer"     // takes its place
	Older     Succession = "older"     // is kept as history
	Same      Succession = "same"      // the same bytes again
	Conflict  Succession = "conflict"  // one version, two contents
	Foreign   Succession = "foreign"   // not by the author of the object
	Final     Succession = "final"     // the object was revoked, and that is final
	Different Succession = "different" // another object, or another creation time
)

// Follows says what next is to held. Only the author of an object revises or
// revokes it (STIX 2.1, 3.6); revocation is final; created never changes.
func Follows(held, next Version) Succession {
	switch {
	case held.ID != next.ID:
		return Different
	case held.CreatedBy != next.CreatedBy:
		return Foreign
	case bytes.Equal(held.Raw, next.Raw):
		return Same
	case !held.Created.Equal(next.Created):
		return Different
	case next.Modified.Equal(held.Modified):
		return Conflict
	case next.Modified.Before(held.Modified):
		return Older
	case held.Revoked:
		return Final
	}
	return Newer
}
