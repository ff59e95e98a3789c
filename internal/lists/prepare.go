package lists

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/comity-project/comity/screening"
	"github.com/comity-project/comity/screening/listfile"
)

// Report is the document that goes with every version of a list of parties:
// what was counted, what was kept aside, why natural persons are held, and the
// whole difference to the version before.
type Report struct {
	Counts  listfile.Counts     `json:"counts"`
	Aside   []listfile.AsideRow `json:"aside,omitempty"`
	Grounds []listfile.Ground   `json:"grounds,omitempty"`
	Delta   Delta               `json:"delta"`
}

// Prepared is an import before it is recorded: the command, and the two
// documents that the vault has to keep first. Whoever stores them puts their
// places into Command.Object and Command.ReportAt.
type Prepared struct {
	Command  ImportVersion
	Document []byte // the entities, JSON lines, sorted: listfile.ReadJSONL reads them
	Report   []byte // a Report as JSON
}

// Prepare turns what was read into an import. id is a fresh UUIDv7; source is
// Hash of the files' bytes; old are the entities of the version in use, nil when
// there is none. Same input, same bytes.
func Prepare(s *State, id, source string, res listfile.Result, old []screening.Entity) (Prepared, error) {
	var doc bytes.Buffer
	if err := listfile.WriteEntities(&doc, s.Title, res.Published, res.Entities); err != nil {
		return Prepared{}, fmt.Errorf("lists: %w", err)
	}
	c := ImportVersion{
		List: s.ID, ID: id, Published: res.Published, Source: source, Document: Hash(doc.Bytes()),
		Entries: len(res.Entities), Aside: len(res.Aside), Delta: Diff(old, res.Entities),
	}
	rep := Report{Counts: res.Counts, Aside: res.Aside, Grounds: res.Grounds, Delta: c.Delta}
	if v := s.ActiveVersion(); v != nil {
		c.Base = v.ID
	} else {
		rep.Delta = Delta{} // everything is new: the document says it
		c.Delta = Delta{}
	}
	report, err := json.Marshal(rep)
	if err != nil {
		return Prepared{}, fmt.Errorf("lists: %w", err)
	}
	c.Report = Hash(report)
	return Prepared{c, doc.Bytes(), report}, nil
}

// Hash names bytes: "sha256:" and the digest in hexadecimal. Several files are
// hashed in the order given, each with its length, so that bytes can't move from
// one file to the next unseen.
func Hash(files ...[]byte) string {
	h := sha256.New()
	for _, f := range files {
		if len(files) > 1 {
			fmt.Fprintf(h, "%d\n", len(f))
		}
		h.Write(f)
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// Overdue are the natural persons of a list of our own whose retention date has
// come: each is reviewed or taken from the next version. today is an ISO date.
func Overdue(grounds []listfile.Ground, today string) []listfile.Ground {
	var out []listfile.Ground
	for _, g := range grounds {
		if g.RetainUntil <= today {
			out = append(out, g)
		}
	}
	return out
}
