package listing

import (
	"net/http"
	"strconv"
	"time"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// watchesPage is the decided cases with something that came to light.
type watchesPage struct {
	Rows  []store.WatchRow
	Next  string
	First bool
}

func (p pages) watches(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	micro, _ := strconv.ParseInt(q.Get("since"), 10, 64)
	v := watchesPage{First: q.Get("after") == ""}
	var err error
	if v.Rows, err = p.App.Watches(r.Context(), door.Actor(r.Context()), time.UnixMicro(micro), q.Get("after"), pageSize); err != nil {
		p.Fail(w, r, err)
		return
	}
	if len(v.Rows) == pageSize {
		last := v.Rows[pageSize-1]
		v.Next = "/watch?since=" + strconv.FormatInt(last.Since.UnixMicro(), 10) + "&after=" + last.Case
	}
	frame := p.frame(w, r, "lists", door.T(r, "screen.watch.title"))
	frame.Crumbs = []ui.Link{{Text: door.T(r, "listing.title"), Href: "/lists"}, {Text: frame.Title}}
	ui.Render(w, r, http.StatusOK, watchesView(frame, v))
}

// watchPage is what came to light about one case; refused is the hit whose form
// comes back.
type watchPage struct {
	node.WatchView
	Refused string
	Form    ui.Form
}

func (p pages) watch(w http.ResponseWriter, r *http.Request) {
	p.drawWatch(w, r, http.StatusOK, "", ui.FormOf())
}

func (p pages) drawWatch(w http.ResponseWriter, r *http.Request, status int, refused string, form ui.Form) {
	view, err := p.App.Watch(r.Context(), door.Actor(r.Context()), r.PathValue("case"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	frame := p.frame(w, r, "lists", view.Title)
	frame.Form = &form
	frame.Crumbs = []ui.Link{{Text: door.T(r, "listing.title"), Href: "/lists"}, {Text: door.T(r, "screen.watch.title"), Href: "/watch"}, {Text: view.Reference}}
	ui.Render(w, r, status, watchView(frame, watchPage{view, refused, form}))
}

func (p pages) settleWatch(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	hit := r.PostForm.Get("hit")
	cmd := node.SettleWatch{
		Case: r.PathValue("case"), Hit: hit, Outcome: assessment.Same(r.PostForm.Get(input(hit, "outcome"))), Reason: r.PostForm.Get(input(hit, "reason")),
	}
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), cmd); err != nil {
		for _, name := range []string{"outcome", "reason"} {
			err = door.Renamed(err, name, input(hit, name))
		}
		p.Again(w, r, err, func(status int, form ui.Form) { p.drawWatch(w, r, status, hit, form) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "screen.watch.settled"})
	ui.SeeOther(w, r, "/watch/"+cmd.Case)
}

// input names an input of one hit's form.
func input(hit, name string) string { return "hit." + hit + "." + name }
