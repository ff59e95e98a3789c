package exchange

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// feedRoutes adds the pages on what is fetched again and again.
func feedRoutes(p pages, page func(string, http.HandlerFunc)) {
	page("GET /exchange/feeds", p.feeds)
	page("POST /exchange/feeds", p.subscribe)
	page("GET /exchange/feeds/{id}", p.feed)
	page("POST /exchange/feeds/{id}/{act}", p.changeFeed)
}

// feedsView is all feeds, with the form for another.
type feedsView struct {
	collectionsView
	Feeds []store.FeedRow
}

func (p pages) feeds(w http.ResponseWriter, r *http.Request) {
	p.drawFeeds(w, r, http.StatusOK, ui.FormOf("form", dispatch.FeedFile, "hours", "24"))
}

func (p pages) drawFeeds(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	rows, err := p.App.Feeds(r.Context(), door.Actor(r.Context()))
	v := feedsView{Feeds: rows}
	if err == nil {
		v.collectionsView, err = p.collectionsOf(r, "", form)
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	frame := p.frame(w, r, door.T(r, "exchange.feeds.title"), p.home(r), p.published(r))
	frame.Form = &form
	ui.Render(w, r, status, feedsPage(frame, v))
}

func (p pages) subscribe(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	form := r.PostForm
	id := form.Get("id")
	hours, _ := strconv.Atoi(form.Get("hours")) // nothing is refused as 0 hours are
	quota := int64(0)
	if form.Get("quota") != "" {
		if quota, _ = strconv.ParseInt(form.Get("quota"), 10, 64); quota == 0 {
			quota = -1
		}
	}
	cmd := dispatch.Subscribe{Feed: id, Collection: form.Get("collection"), Form: form.Get("form"), Hours: hours, Quota: quota, From: provenanceIn(form)}
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), cmd, node.Once(id)); err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawFeeds(w, r, status, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "exchange.feed.done"})
	ui.SeeOther(w, r, "/exchange/feeds/"+url.PathEscape(id))
}

// feedView is one feed.
type feedView struct {
	dispatch.Feed
	Version int64
	Take    bool
}

func (p pages) feed(w http.ResponseWriter, r *http.Request) {
	f, version, err := p.App.Feed(r.Context(), door.Actor(r.Context()), r.PathValue("id"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	feeds := ui.Link{Text: door.T(r, "exchange.feeds.title"), Href: "/exchange/feeds"}
	frame := p.frame(w, r, f.From.Source, p.home(r), feeds)
	ui.Render(w, r, http.StatusOK, feedPage(frame, feedView{f, version, can(r, access.ExchangeTake)}))
}

func (p pages) changeFeed(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	id := r.PathValue("id")
	var cmd any
	opts, err := seen(r.PostForm, node.FeedStream(id))
	switch r.PathValue("act") {
	case "fetch":
		cmd, opts = node.FetchFeed{Feed: id}, []node.Option{node.Once(r.PostForm.Get("once"))}
	case "stop":
		cmd = dispatch.StopFeed{Feed: id}
	default:
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err == nil {
		err = p.App.Do(r.Context(), door.Actor(r.Context()), cmd, opts...)
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "exchange.feed.done"})
	ui.SeeOther(w, r, "/exchange/feeds/"+url.PathEscape(id))
}
