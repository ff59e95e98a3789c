package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/screening"
)

// Bounds of requests.
const (
	maxRequest = 64 << 10
	maxLines   = 1000    // parties in one request of lines
	maxBody    = 2 << 20 // of lines
)

// screenRequest asks whom a party is like.
type screenRequest struct {
	screening.Query
	Purpose node.Purpose `json:"purpose"` // "case", "licence", "customers" or "duty": on record, without the name
	About   string       `json:"about"`   // reference of the case or licence, or the duty
	Top     int          `json:"top"`     // most hits; 0 means 20
	Explain bool         `json:"explain"` // with the reasons for the hits that somebody must look at
}

// screenAnswer is the answer of the library, with what the node knows of the
// lists. No hits means "nothing like this in the lists searched".
type screenAnswer struct {
	Hits        []screenHit        `json:"hits"`
	Lists       []screenList       `json:"lists"`
	NotSearched []string           `json:"not_searched"` // lists that ought to be searched and are not loaded
	Searched    screening.Searched `json:"searched"`
}

type screenHit struct {
	screening.Hit
	MustLook bool                   `json:"must_look"` // more alike than ordinary names are: somebody must look
	Means    string                 `json:"means"`     // what it means to stand on the list: "sanctions", "restricted", "denials", "watch"
	Disputed bool                   `json:"disputed,omitempty"`
	Why      *screening.Explanation `json:"why,omitempty"`
}

type screenList struct {
	ID        string `json:"id"`
	Title     string `json:"title"`
	Published string `json:"published,omitempty"` // ISO date
	Document  string `json:"document"`            // hash of what the version says
}

func answerOf(s *node.Screened) screenAnswer {
	out := screenAnswer{Hits: make([]screenHit, len(s.Hits)), Lists: listsOf(s.Searched), NotSearched: s.NotSearched, Searched: s.Index}
	for i := range s.Hits {
		h := &s.Hits[i]
		out.Hits[i] = screenHit{Hit: h.Hit, MustLook: node.MustLook(h.Hit), Means: string(h.Means), Disputed: h.Disputed}
		if h.Why.EntityID != "" {
			out.Hits[i].Why = &h.Why
		}
	}
	return out
}

func listsOf(in []node.ListInUse) []screenList {
	out := make([]screenList, len(in))
	for i, l := range in {
		out[i] = screenList{l.ID, l.Title, l.Published, l.Document}
	}
	return out
}

// bound gives the purpose of a request: that of the program's account where the
// request names none. Another than the account's is refused on record.
func bound(actor access.Actor, purpose node.Purpose, about string) (node.Purpose, string) {
	if actor.Program != "" && purpose == "" && about == "" {
		return node.Purpose(actor.Program), actor.About
	}
	return purpose, about
}

func nothing(screening.Hit) bool { return false }

// screen answers one party.
func (d *Door) screen(w http.ResponseWriter, r *http.Request) {
	actor, err := d.who(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	var in screenRequest
	if err := read(w, r, maxRequest, &in); err != nil {
		d.fail(w, r, err)
		return
	}
	if err := d.calls.take(actor, 1, d.App.Now()); err != nil {
		d.fail(w, r, err)
		return
	}
	in.Purpose, in.About = bound(actor, in.Purpose, in.About)
	why := nothing
	if in.Explain {
		why = node.MustLook
	}
	s, err := d.App.Screen(r.Context(), actor, node.ScreenRequest{Query: in.Query, Purpose: in.Purpose, About: in.About, Top: in.Top, Why: why})
	if err != nil {
		d.fail(w, r, err)
		return
	}
	send(w, http.StatusOK, "application/json", answerOf(&s))
}

// screenLines answers many parties, one JSON object a line, with one line for
// each, in order; a line that can't be read gets a line that says so. Purpose
// and the rest stand in the address, since they are of all lines; names do not.
func (d *Door) screenLines(w http.ResponseWriter, r *http.Request) {
	actor, err := d.who(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	f := r.URL.Query()
	ask := node.LinesRequest{Explain: f.Get("explain") == "true"}
	ask.Purpose, ask.About = bound(actor, node.Purpose(f.Get("purpose")), f.Get("about"))
	if ask.Top, err = strconv.Atoi(f.Get("top")); f.Has("top") && err != nil {
		d.fail(w, r, fault.New(fault.Invalid, "api.broken", "why", "top is no number"))
		return
	}
	var body bytes.Buffer
	if _, err := body.ReadFrom(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
		d.fail(w, r, fault.New(fault.TooLarge, "fault.too_large", "limit", int64(maxBody)))
		return
	}
	lines := bytes.Split(bytes.TrimSpace(body.Bytes()), []byte("\n"))
	if len(lines) > maxLines {
		d.fail(w, r, fault.New(fault.TooLarge, "api.lines", "max", maxLines))
		return
	}
	if err := d.calls.take(actor, len(lines), d.App.Now()); err != nil {
		d.fail(w, r, err)
		return
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	// What was searched goes on record even when the caller turned away.
	err = d.App.ScreenLines(context.WithoutCancel(r.Context()), actor, ask, lines, func(l node.LineAnswered) error {
		if l.Problem != "" {
			return enc.Encode(lineAnswer{QID: l.QID, Error: l.Problem})
		}
		a := answerOf(l.Answer)
		return enc.Encode(lineAnswer{QID: l.QID, Hits: &a.Hits, Unread: a.Searched.Unread, Index: a.Searched.IndexHash})
	})
	if err != nil {
		d.fail(w, r, err)
		return
	}
	write(w, http.StatusOK, "application/x-ndjson", out.Bytes())
}

// lineAnswer is the answer to one line.
type lineAnswer struct {
	QID    string       `json:"qid,omitempty"`
	Hits   *[]screenHit `json:"hits,omitempty"`
	Unread bool         `json:"unread,omitempty"` // nothing in the name could be read: no hits is not "no match"
	Index  string       `json:"index,omitempty"`  // hash of what was searched
	Error  string       `json:"error,omitempty"`
}
