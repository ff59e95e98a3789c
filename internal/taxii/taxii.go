// Package taxii speaks TAXII 2.1 (OASIS Standard, 10 June 2021): the server that
// foreign tools read from and write to without a change of theirs, and a client.
// It is the protocol alone: who may do what, and where objects lie, is behind
// the small interface Library.
//
// Pages are cut by sequence: next names the last object that was given, never a
// time or an offset, so that reading a million objects of one second costs on
// every page what it costs on the first, and nothing is given twice or left out
// while others write.
package taxii

import (
	"context"
	"errors"
	"time"

	"github.com/comity-project/comity/statement/stix"
)

// MediaType is what every message of TAXII 2.1 is; ObjectType is what its
// objects are.
const (
	MediaType  = "application/taxii+json;version=2.1"
	ObjectType = "application/stix+json;version=2.1"
)

// ErrNotFound is what a Library answers for what is not there and for what the
// caller may not know of.
var ErrNotFound = errors.New("taxii: not found")

// Discovery is what the server says of itself.
type Discovery struct {
	Title       string   `json:"title"`
	Description string   `json:"description,omitempty"`
	Contact     string   `json:"contact,omitempty"`
	Default     string   `json:"default,omitempty"`
	Roots       []string `json:"api_roots,omitempty"`
}

// Root is a group of collections under one address.
type Root struct {
	Title            string   `json:"title"`
	Description      string   `json:"description,omitempty"`
	Versions         []string `json:"versions"`
	MaxContentLength int64    `json:"max_content_length"`
}

// Collection is a place objects lie in, as the caller may use it.
type Collection struct {
	ID          string   `json:"id"` // a UUID
	Title       string   `json:"title"`
	Description string   `json:"description,omitempty"`
	Alias       string   `json:"alias,omitempty"`
	CanRead     bool     `json:"can_read"`
	CanWrite    bool     `json:"can_write"`
	MediaTypes  []string `json:"media_types,omitempty"`
}

// Record is one version of one object in a collection.
type Record struct {
	// Seq is the order in which versions came in; it never repeats.
	Seq     int64
	ID      string
	Version time.Time // modified, else created, else when it was added
	Added   time.Time
	// First and Last say whether it is the object's first or last version here.
	First, Last bool
	Raw         []byte
}

// Filter is what of a collection is asked for. Empty lists ask for all.
type Filter struct {
	After      time.Time // added after; zero for any time
	IDs, Types []string
	// Versions: where none is named, the last of each object. First, Last and
	// All are the words of the standard; Exact are times.
	First, Last, All bool
	Exact            []time.Time
	// Spec names the versions of STIX; empty means the latest of each object.
	Spec []string
	// Heads asks for ids and times without the objects; else Raw and Added are
	// what is needed.
	Heads bool
}

// Wants says whether a record passes the filter: what a Library turns into a
// query, and the meaning of that query.
func (f *Filter) Wants(r *Record) bool {
	has := func(list []string, s string) bool {
		for _, x := range list {
			if x == s {
				return true
			}
		}
		return len(list) == 0
	}
	if !f.After.IsZero() && !r.Added.After(f.After) || !has(f.IDs, r.ID) || !has(f.Types, typeOf(r.ID)) || !has(f.Spec, "2.1") {
		return false
	}
	if f.All || f.First && r.First || f.Last && r.Last {
		return true
	}
	for _, t := range f.Exact {
		if t.Equal(r.Version) {
			return true
		}
	}
	return !f.First && !f.Last && len(f.Exact) == 0 && r.Last
}

func typeOf(id string) string {
	for i := range len(id) - 1 {
		if id[i:i+2] == "--" {
			return id[:i]
		}
	}
	return ""
}

// Outcome is what became of one object that was added.
type Outcome struct {
	// Refused says why it was not taken; "" where it was, or was there already.
	Refused string
	// Message is said with an object that was taken.
	Message string
	Version time.Time
}

// Library is what the server serves. Every method is given the caller, and
// answers ErrNotFound for what the caller may not know of.
type Library interface {
	// Roots names the API roots the caller may see, in their order, by the name
	// they have in the address.
	Roots(ctx context.Context, who string) ([]string, error)
	// Root describes one.
	Root(ctx context.Context, who, root string) (Root, error)
	// Collections lists those the caller may read or write.
	Collections(ctx context.Context, who, root string) ([]Collection, error)
	// Page gives records after a sequence number that the filter wants, in the
	// order of Seq, at most limit; more says that others follow.
	Page(ctx context.Context, collection string, f Filter, after int64, limit int) (records []Record, more bool, err error)
	// Add takes objects in, all in one go, and keeps what became of the request,
	// which status makes of an outcome for each: both or neither is on disk.
	Add(ctx context.Context, who, root, collection string, objects []stix.Object, status func([]Outcome) Status) error
	// Delete removes the versions of an object that the filter wants, and says
	// how many there were. It may refuse with an error of Refuse.
	Delete(ctx context.Context, who, collection, id string, f Filter) (int, error)
	// Status is what became of a request, for the one who made it.
	Status(ctx context.Context, who, root, id string) (Status, error)
}

// Refuse is an error of a Library that the caller is told: what it asks for is
// forbidden to it, with the reason.
type Refuse string

// Error is the reason.
func (r Refuse) Error() string { return string(r) }

// Status is what became of a request that added objects.
type Status struct {
	ID           string       `json:"id"`
	Status       string       `json:"status"` // complete, pending
	Requested    string       `json:"request_timestamp,omitempty"`
	TotalCount   int          `json:"total_count"`
	SuccessCount int          `json:"success_count"`
	Successes    []StatusItem `json:"successes,omitempty"`
	FailureCount int          `json:"failure_count"`
	Failures     []StatusItem `json:"failures,omitempty"`
	PendingCount int          `json:"pending_count"`
	Pendings     []StatusItem `json:"pendings,omitempty"`
}

// StatusItem is one object of a status.
type StatusItem struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	Message string `json:"message,omitempty"`
}

// ManifestItem is one version in a manifest.
type ManifestItem struct {
	ID        string `json:"id"`
	DateAdded string `json:"date_added"`
	Version   string `json:"version"`
	MediaType string `json:"media_type,omitempty"`
}

// Problem is TAXII's error message.
type Problem struct {
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	ErrorID     string `json:"error_id,omitempty"`
	Code        string `json:"error_code,omitempty"`
	HTTPStatus  string `json:"http_status,omitempty"`
}

// Error is the problem on one line.
func (p *Problem) Error() string {
	s := "taxii: " + p.HTTPStatus + " " + p.Title
	if p.Description != "" {
		s += ": " + p.Description
	}
	return s
}
