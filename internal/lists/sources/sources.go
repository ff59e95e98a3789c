// Package sources describes where lists come from: official addresses, forms,
// bounds and limits, kept as data in content/sources.yaml with the day on which
// somebody last checked them. No address stands in code.
//
// It also says what an update has to do (Plan) and what it needs to do it
// (Fetcher), and does none of it: fetching is plumbing, reading is the work of
// screening/listfile, deciding is the domain's.
package sources

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/comity-project/comity/internal/lists"
)

// Schema names the form of the file.
const Schema = "comity.sources/v1"

// Source is one list's origin, and the record from which the list is defined.
type Source struct {
	ID         string     `yaml:"id"` // also the id of the list
	Title      string     `yaml:"title"`
	Publisher  string     `yaml:"publisher"`
	Kind       lists.Kind `yaml:"kind"`
	Format     string     `yaml:"format"` // "un-xml": for whoever picks the reader
	Files      []File     `yaml:"files"`
	LimitMiB   int        `yaml:"limit_mib"`  // bound on one file
	GoneLimit  int        `yaml:"gone_limit"` // thousandths of the entries in use that may be gone
	Unattended bool       `yaml:"unattended"`
	LegalBasis string     `yaml:"legal_basis"`
	Scope      string     `yaml:"scope"`
	ReviewBy   string     `yaml:"review_by"` // ISO date
	Checked    string     `yaml:"checked"`   // ISO date on which somebody saw that the address answers; "" for never
	Licence    string     `yaml:"licence"`
	Note       string     `yaml:"note"`
}

// File is one file of a source: at an address, or shipped with the program.
type File struct {
	Name    string `yaml:"name"`
	URL     string `yaml:"url"`
	Content string `yaml:"content"` // path under content/
}

// Limit is the bound on one file in bytes.
func (s Source) Limit() int64 { return int64(s.LimitMiB) << 20 }

// Shipped tells whether the files of the source come with the program.
func (s Source) Shipped() bool {
	return len(s.Files) > 0 && !slices.ContainsFunc(s.Files, func(f File) bool { return f.Content == "" })
}

// Definition is the record of the list that the source feeds.
func (s Source) Definition() lists.Definition {
	return lists.Definition{
		Title: s.Title, Kind: s.Kind, Format: s.Format, LegalBasis: s.LegalBasis, Publisher: s.Publisher, Scope: s.Scope,
		GoneLimit: s.GoneLimit, Unattended: s.Unattended, ReviewBy: s.ReviewBy,
	}
}

// Parse reads the description of sources. It is strict: a field that is not
// known, an address that is none, or a list that the domain would refuse is an
// error that names the source.
func Parse(raw []byte) ([]Source, error) {
	if len(raw) > 1<<20 {
		return nil, fmt.Errorf("sources: the file is longer than a mebibyte")
	}
	var file struct {
		Schema  string   `yaml:"schema"`
		AsOf    string   `yaml:"as_of"`
		Sources []Source `yaml:"sources"`
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(&file); err != nil {
		return nil, fmt.Errorf("sources: %w", err)
	}
	if file.Schema != Schema {
		return nil, fmt.Errorf("sources: the schema is %q, expected %q", file.Schema, Schema)
	}
	seen := map[string]bool{}
	for _, s := range file.Sources {
		if seen[s.ID] {
			return nil, fmt.Errorf("sources: %s stands twice", s.ID)
		}
		seen[s.ID] = true
		if err := s.check(); err != nil {
			return nil, fmt.Errorf("sources: %s: %w", s.ID, err)
		}
	}
	return file.Sources, nil
}

func (s Source) check() error {
	if _, err := lists.Decide(&lists.State{}, lists.DefineList{List: s.ID, Definition: s.Definition()}, lists.Facts{}); err != nil {
		return err
	}
	if s.Format == "" || s.LimitMiB < 1 || s.LimitMiB > 1024 {
		return fmt.Errorf("format and limit_mib (1 to 1024) are needed")
	}
	if s.Checked != "" {
		if _, err := time.Parse(time.DateOnly, s.Checked); err != nil {
			return fmt.Errorf("checked: %q is no date", s.Checked)
		}
	}
	names := map[string]bool{}
	for _, f := range s.Files {
		if f.Name == "" || names[strings.ToLower(f.Name)] {
			return fmt.Errorf("a file has no name of its own: %q", f.Name)
		}
		names[strings.ToLower(f.Name)] = true
		if (f.URL == "") == (f.Content == "") {
			return fmt.Errorf("%s: a file has either url or content", f.Name)
		}
		if f.URL != "" {
			if u, err := url.Parse(f.URL); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
				return fmt.Errorf("%s: %q is no address", f.Name, f.URL)
			}
		}
	}
	return nil
}

// Step is what an update does with one source.
type Step struct {
	Source Source
	Skip   Skip // why nothing is fetched; "" when it is
}

// Skip says why an update leaves a source alone.
type Skip string

// The reasons.
const (
	NoAddress Skip = "no_address" // its files are imported by hand
	FromHere  Skip = "shipped"    // its files come with the program
	NotWanted Skip = "not_wanted" // the update was asked for others
)

// Plan says what an update does, in the order of the file. only names the ids
// wanted; empty means all. An id that no source has is an error.
func Plan(all []Source, only []string) ([]Step, error) {
	for _, id := range only {
		if !slices.ContainsFunc(all, func(s Source) bool { return s.ID == id }) {
			return nil, fmt.Errorf("sources: there is no source %q", id)
		}
	}
	steps := make([]Step, len(all))
	for i, s := range all {
		steps[i] = Step{Source: s}
		switch {
		case len(only) > 0 && !slices.Contains(only, s.ID):
			steps[i].Skip = NotWanted
		case s.Shipped():
			steps[i].Skip = FromHere
		case len(s.Files) == 0:
			steps[i].Skip = NoAddress
		}
	}
	return steps, nil
}

// Request asks for one file.
type Request struct {
	URL      string
	Limit    int64  // bytes, unpacked
	ETag     string // of the copy at hand, "" for none
	Modified string // Last-Modified of the copy at hand, "" for none
}

// Fetched is the answer.
type Fetched struct {
	NotModified bool // the copy at hand is still right; there is no Body
	Body        []byte
	ETag        string
	Modified    string // Last-Modified as the server wrote it
	Type        string // media type
}

// Fetcher gets a file. Its errors are faults that a person can act on, and never
// a reason to stop: the version in use stays in use.
type Fetcher interface {
	Get(ctx context.Context, r Request) (Fetched, error)
}
