package exchange

import (
	"bytes"
	"net/http"

	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
)

// save gives a statement and what it is about as a bundle of STIX, each object
// as it was signed. What is saved stays when its originator takes it back: it is
// noted of every object first, so that the receipt lists it as kept.
func (p pages) save(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	ctx, actor, once := r.Context(), door.Actor(r.Context()), r.PostForm.Get("once")
	if once == "" || len(once) > 64 {
		p.Fail(w, r, fault.New(fault.Invalid, "fault.bad_request"))
		return
	}
	first, err := p.App.Statement(ctx, actor, r.PathValue("leaf"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	all := []node.SaidPage{first}
	for _, part := range first.Parts {
		if part.Leaf == "" {
			continue
		}
		s, err := p.App.Statement(ctx, actor, part.Leaf)
		if err != nil {
			p.Fail(w, r, err)
			return
		}
		all = append(all, s)
	}
	name := "statement-" + first.ID[:min(len(first.ID), 12)] + ".json"
	var b bytes.Buffer
	b.WriteString(`{"type":"bundle","id":"` + bundleID(first.ID) + `","objects":[`)
	for i, s := range all {
		if s.Version == nil || s.Own { // not for this reader, or not there any more; ours has a file of its own
			if i == 0 {
				p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
				return
			}
			continue
		}
		use := dispatch.NoteUse{Leaf: s.ID, What: "download", Ref: name, Why: dispatch.WhySaved}
		if err := p.App.Do(ctx, actor, use, node.Once(once+"/"+s.ID)); err != nil {
			p.Fail(w, r, err)
			return
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(s.Version.Object.Raw)
	}
	b.WriteString("]}\n")
	attach(w, stixType, name)
	_, _ = w.Write(b.Bytes()) // the reader is gone
}

// bundleID is the same for the same statement: its leaf, written as a UUID of
// version 4.
func bundleID(leaf string) string {
	return "bundle--" + leaf[:8] + "-" + leaf[8:12] + "-4" + leaf[12:15] + "-a" + leaf[15:18] + "-" + leaf[18:30]
}
