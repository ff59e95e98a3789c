package staff

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

func recordPath(seq int64) string { return "/record/" + strconv.FormatInt(seq, 10) }

func (p pages) record(w http.ResponseWriter, r *http.Request) {
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	rec, err := p.App.Record(r.Context(), door.Actor(r.Context()), before, pageSize)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v := recordPage{Record: rec, First: before <= 0, Pages: ui.Pages{Shown: len(rec.Entries)}}
	if before > 0 {
		v.Pages.Prev = "/record"
	}
	if n := len(rec.Entries); n > 0 && rec.Entries[n-1].Seq > 1 {
		v.Pages.Next = "/record?before=" + strconv.FormatInt(rec.Entries[n-1].Seq, 10)
	}
	ui.Render(w, r, http.StatusOK, recordView(p.frame(w, r, "record", door.T(r, "staff.record.title")), v))
}

func (p pages) askVerification(w http.ResponseWriter, r *http.Request) {
	added, err := p.App.AskVerification(r.Context(), door.Actor(r.Context()))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	key := "staff.record.asked"
	if !added {
		key = "staff.record.asked_before"
	}
	ui.SetFlash(w, r, ui.Flash{Key: key})
	ui.SeeOther(w, r, "/record")
}

// seq is the number in the address; anything else is no page of ours.
func seq(r *http.Request) (int64, error) {
	n, err := strconv.ParseInt(r.PathValue("seq"), 10, 64)
	if err != nil || n < 1 {
		return 0, fault.New(fault.NotFound, "fault.not_found")
	}
	return n, nil
}

func (p pages) entry(w http.ResponseWriter, r *http.Request) {
	n, err := seq(r)
	var e node.RecordEntry
	if err == nil {
		e, err = p.App.Entry(r.Context(), door.Actor(r.Context()), n)
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	frame := p.frame(w, r, "record", door.T(r, "staff.entry.title", "seq", n))
	frame.Crumbs = []ui.Link{{Text: door.T(r, "staff.record.title"), Href: "/record"}, {Text: frame.Title}}
	ui.Render(w, r, http.StatusOK, entryView(frame, e, p.App.Verifier().Name()))
}

func (p pages) proof(w http.ResponseWriter, r *http.Request) {
	n, err := seq(r)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	proof, err := p.App.ProveFor(r.Context(), door.Actor(r.Context()), n, r.URL.Query().Get("disclose") == "yes")
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	body, err := json.MarshalIndent(proof, "", "  ")
	if err != nil {
		p.Fail(w, r, fault.Wrap(err, "staff: proof of %d", n))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="entry-`+strconv.FormatInt(n, 10)+`.proof.json"`)
	_, _ = w.Write(append(body, '\n'))
}

// recordKey gives the public key to anybody: a proof is worth what its key is.
func (p pages) recordKey(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="checkpoint.pub"`)
	_, _ = w.Write([]byte(p.App.PublicKey() + "\n"))
}
