// Package field takes in what others publish without author or marks: the
// bundles of Amnesty, of MVT, of research labs. Take forces provenance on them
// (source, licence, how far both are trusted), holds aside what is not valid and
// says why, and loses nothing: Export gives the very bytes back. What is taken
// in is handled as TLP:AMBER+STRICT until someone issues it as a statement.
package field

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/comity-project/comity/statement/stix"
)

// Provenance is where a file came from. All but URL must be given.
type Provenance struct {
	Source    string    `json:"source"`        // who published it
	URL       string    `json:"url,omitempty"` // where, if it has an address
	Licence   string    `json:"licence"`       // SPDX identifier, or the source's words
	Admiralty string    `json:"admiralty"`     // A1 to F6: reliability of the source, credibility of the content
	Retrieved time.Time `json:"retrieved"`
}

var admiraltyCode = regexp.MustCompile(`^[A-F][1-6]$`)

// ErrProvenance is wrapped by every error about provenance.
var ErrProvenance = errors.New("provenance is incomplete")

// Check says what of the provenance is missing or can't be.
func (p Provenance) Check() error {
	var missing []string
	for _, f := range []struct {
		ok   bool
		what string
	}{
		{strings.TrimSpace(p.Source) != "" && len(p.Source) <= 300, "the source: who published it"},
		{strings.TrimSpace(p.Licence) != "" && len(p.Licence) <= 200, "the licence, as SPDX names it, or \"unknown\""},
		{admiraltyCode.MatchString(p.Admiralty), "the admiralty code, A1 to F6 (F6: neither can be judged)"},
		{!p.Retrieved.IsZero(), "when it was retrieved"},
	} {
		if !f.ok {
			missing = append(missing, f.what)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%w: give %s", ErrProvenance, strings.Join(missing, "; "))
	}
	return nil
}

// State is what became of an object.
type State string

// What becomes of an object.
const (
	Accepted    State = "accepted"
	Quarantined State = "quarantined" // not valid
	Waiting     State = "waiting"     // valid, and about an object that is quarantined
)

// Part is one object of the file.
type Part struct {
	Index    int            `json:"index"`
	ID       string         `json:"id"`
	Type     string         `json:"type"`
	State    State          `json:"state"`
	Findings []stix.Finding `json:"findings,omitempty"`
}

// Intake is a file that was taken in.
type Intake struct {
	Provenance Provenance
	Digest     string // "sha256:" and hexadecimal, of the file
	Document   *stix.Document
	Around     []stix.Finding // about the bundle itself
	Parts      []Part         // one for each object, in their order
}

// Take reads a file and judges each of its objects. It fails where provenance
// is missing and where the file can't be read at all; nothing is taken then.
func Take(src []byte, p Provenance, limits stix.Limits) (*Intake, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	d, err := stix.Read(src, limits)
	if err != nil {
		return nil, err
	}
	in := &Intake{Provenance: p, Digest: Digest(src), Document: d, Around: stix.CheckBundle(d), Parts: make([]Part, len(d.Objects))}
	held := map[string]bool{}
	versions := map[string]int{}
	found := checkAll(d)
	for i := range d.Objects {
		o := &d.Objects[i]
		part := Part{Index: i, ID: o.ID(), Type: o.Type(), State: Accepted, Findings: found[i]}
		if !stix.Valid(part.Findings) {
			part.State = Quarantined
		}
		in.Parts[i] = part
		version := o.ID() + "\x00" + stix.FormatTime(stix.VersionOf(o).Modified)
		if first, twice := versions[version]; twice && o.ID() != "" && !bytes.Equal(d.Objects[first].Raw, o.Raw) {
			in.twice(first, i)
		} else if !twice {
			versions[version] = i
		}
	}
	for _, part := range in.Parts {
		if part.State == Quarantined {
			held[part.ID] = true
		}
	}
	in.wait(held)
	return in, nil
}

// checkAll checks the objects on all processors, in their order.
func checkAll(d *stix.Document) [][]stix.Finding {
	found := make([][]stix.Finding, len(d.Objects))
	workers := runtime.GOMAXPROCS(0)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(found); i += workers {
				found[i] = stix.Check(&d.Objects[i])
			}
		})
	}
	wg.Wait()
	return found
}

// twice holds both of two contents that claim to be one version: which one the
// author meant can't be told.
func (in *Intake) twice(first, second int) {
	for _, i := range []int{first, second} {
		in.Parts[i].State = Quarantined
		in.Parts[i].Findings = append(in.Parts[i].Findings, stix.Finding{
			Code: "twice", Object: in.Parts[i].ID, Path: "modified",
			Message: fmt.Sprintf("objects %d and %d have one id and one version and differ", first, second),
			Advice:  "ask the author which one counts",
		})
	}
}

// wait keeps relationships and sightings with what they are about.
func (in *Intake) wait(held map[string]bool) {
	for changed := true; changed; {
		changed = false
		for i := range in.Parts {
			part := &in.Parts[i]
			if part.State != Accepted || part.Type != "relationship" && part.Type != "sighting" {
				continue
			}
			root := &in.Document.Objects[i].Root
			for _, name := range []string{"source_ref", "target_ref", "sighting_of_ref"} {
				ref, ok := root.Get(name)
				if !ok || !held[ref.Text] {
					continue
				}
				part.State = Waiting
				part.Findings = append(part.Findings, stix.Finding{
					Code: "waiting", Object: part.ID, Path: name, Message: "it is about " + ref.Text + ", which is held aside",
					Advice: "it comes in with that object",
				})
				held[part.ID], changed = true, true
				break
			}
		}
	}
}

// Export is the file as it came, byte for byte.
func (in *Intake) Export() []byte { return in.Document.Export() }

// Count is how many objects are in a state.
func (in *Intake) Count(s State) (n int) {
	for _, p := range in.Parts {
		if p.State == s {
			n++
		}
	}
	return n
}

// Marked is an object as the node shows it: with the provenance as extension
// and the marks TLP:AMBER+STRICT and whatever stricter it came with. The
// object's own bytes stay as they are in Document.
func (in *Intake) Marked(i int) []byte {
	return in.Provenance.Marker(in.Digest).mark(&in.Document.Objects[i])
}

// Marker forces handling and provenance on objects that others published.
type Marker struct {
	from   Provenance
	digest string // of the file; "": of each object's own bytes
	end    []byte // what an object gets that has neither marks nor extensions
	at     int    // where in end the digest stands
}

// Marker makes one. Digest is that of the file the objects came in, "" where each
// came by itself.
func (p Provenance) Marker(digest string) *Marker {
	m := &Marker{from: p, digest: digest}
	m.end = m.finish(stix.Value{Kind: stix.Map}, []string{stix.AmberStrict.ID()}, noDigest).JSON()
	m.end[0] = ','
	m.at = bytes.LastIndex(m.end, []byte(noDigest))
	return m
}

// noDigest has the length of a digest, and its place is that of one.
var noDigest = Digest(nil)

// Digest names bytes: "sha256:" and hexadecimal.
func Digest(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// finish puts marks and provenance into an object.
func (m *Marker) finish(root stix.Value, refs []string, digest string) *stix.Value {
	if m.digest != "" {
		digest = m.digest
	}
	set(&root, "object_marking_refs", list(refs))
	extensions := stix.Value{Kind: stix.Map}
	if e, ok := root.Get("extensions"); ok {
		extensions.Members = slices.Clone(e.Members)
	}
	set(&extensions, stix.ExtensionProvenance, m.from.extension(digest))
	set(&root, "extensions", extensions)
	return &root
}

// Mark marks an object by its bytes. One without marks and extensions gets both
// at its end and is not read for it: a page of a thousand is made in no time.
func (m *Marker) Mark(raw []byte) ([]byte, error) {
	if len(raw) > 2 && raw[len(raw)-1] == '}' && !holds(raw, "object_marking_refs", 'j') && !holds(raw, "extensions", 'x') && !holds(raw, `\u`, '\\') {
		out := append(append(make([]byte, 0, len(raw)+len(m.end)), raw[:len(raw)-1]...), m.end...)
		if m.digest == "" && m.at >= 0 {
			sum := sha256.Sum256(raw)
			hex.Encode(out[len(raw)-1+m.at+len("sha256:"):], sum[:])
		}
		return out, nil
	}
	d, err := stix.Read(raw, stix.Limits{})
	if err != nil {
		return nil, err
	}
	if len(d.Objects) != 1 {
		return nil, fmt.Errorf("field: %d objects where one was to be marked", len(d.Objects))
	}
	return m.mark(&d.Objects[0]), nil
}

// holds says whether bytes hold a word, sought by its letter that is rarest in
// STIX: many times faster than by the first one.
func holds(b []byte, word string, letter byte) bool {
	in := strings.IndexByte(word, letter)
	for from := 0; ; {
		at := bytes.IndexByte(b[from:], letter)
		if at < 0 {
			return false
		}
		if start := from + at - in; start >= 0 && len(b)-start >= len(word) && string(b[start:start+len(word)]) == word {
			return true
		}
		from += at + 1
	}
}

func (m *Marker) mark(o *stix.Object) []byte {
	root := o.Root // a copy; its members are copied before they change
	root.Members = slices.Clone(root.Members)
	refs := []string{max(stix.AmberStrict, o.Strictest().TLP).ID()}
	h := o.Handling()
	if h.PAP != stix.NoPAP {
		refs = append(refs, h.PAP.ID())
	}
	return m.finish(root, append(refs, h.Other...), Digest(o.Raw)).JSON()
}

func (p Provenance) extension(digest string) stix.Value {
	e := stix.Value{Kind: stix.Map}
	for _, f := range [][2]string{
		{"extension_type", "property-extension"},
		{"source", p.Source},
		{"url", p.URL},
		{"licence", p.Licence},
		{"admiralty", p.Admiralty},
		{"retrieved", stix.FormatTime(p.Retrieved)},
		{"digest", digest},
	} {
		if f[1] != "" {
			e.Members = append(e.Members, stix.Member{Name: f[0], Value: stix.Value{Kind: stix.String, Text: f[1]}})
		}
	}
	return e
}

func list(texts []string) stix.Value {
	v := stix.Value{Kind: stix.List}
	for _, t := range texts {
		v.Items = append(v.Items, stix.Value{Kind: stix.String, Text: t})
	}
	return v
}

// set puts a member in place of the one of its name, or at the end.
func set(v *stix.Value, name string, to stix.Value) {
	for i := range v.Members {
		if v.Members[i].Name == name {
			v.Members[i].Value = to
			return
		}
	}
	v.Members = append(v.Members, stix.Member{Name: name, Value: to})
}

// Bundle is the accepted objects with their marks and provenance, and the
// marking-definition they name, as one bundle.
func (in *Intake) Bundle() []byte {
	objects := [][]byte{stix.TLPObject(stix.AmberStrict)}
	for i, part := range in.Parts {
		if part.State == Accepted {
			objects = append(objects, in.Marked(i))
		}
	}
	return stix.Bundle(objects)
}

// Record is what is written down of an intake beside the file itself.
type Record struct {
	Format     string         `json:"format"` // comity/intake/v1
	Provenance Provenance     `json:"provenance"`
	Digest     string         `json:"digest"`
	Handling   string         `json:"handling"`
	Around     []stix.Finding `json:"around,omitempty"`
	Parts      []Part         `json:"parts"`
}

const recordFormat = "comity/intake/v1"

// Record writes down what was taken, from whom, and what became of each object.
func (in *Intake) Record() ([]byte, error) {
	b, err := json.MarshalIndent(Record{recordFormat, in.Provenance, in.Digest, stix.AmberStrict.String(), in.Around, in.Parts}, "", " ")
	return append(b, '\n'), err
}

// Open takes a file in again from its record: the file must be the one that the
// record is about.
func Open(src, record []byte, limits stix.Limits) (*Intake, error) {
	var r Record
	if err := json.Unmarshal(record, &r); err != nil {
		return nil, fmt.Errorf("field: record: %w", err)
	}
	if r.Format != recordFormat {
		return nil, fmt.Errorf("field: record: want the format %s, got %q", recordFormat, r.Format)
	}
	in, err := Take(src, r.Provenance, limits)
	if err != nil {
		return nil, err
	}
	if in.Digest != r.Digest {
		return nil, errors.New("field: the file is not the one the record is about")
	}
	return in, nil
}
