package door

import (
	"context"
	"net/http"
	"strconv"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/notice"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui"
)

// noticesPerPage is how many notices a page shows.
const noticesPerPage = 40

func (d *Door) noticeRoutes(mux *http.ServeMux) {
	own := func(pattern string, f http.HandlerFunc) { mux.Handle(pattern, d.Require(f, access.Roles()...)) }
	own("GET /notices", d.notices)
	own("GET /notices/{id}", d.openNotice)
	own("POST /notices/{id}", d.unmarkNotice)
	own("POST /notices", d.readNotices)
	own("GET /notices/settings", d.noticeSettings)
	own("POST /notices/settings", d.setNotices)
	mux.HandleFunc("GET /notices/fewer/{token}", d.fewerPage)
	mux.HandleFunc("POST /notices/fewer/{token}", d.fewer)
	mux.Handle("GET /people/mail", d.Require(http.HandlerFunc(d.mailPage), access.Roles()...))
}

// ownFrame is the frame of a page for whoever is signed in, of either side.
func (d *Door) ownFrame(w http.ResponseWriter, r *http.Request, title string) ui.Frame {
	who := Person(r.Context())
	f := d.Frame(w, r, audienceOf(who), title)
	if f.Audience == ui.Exporter {
		f.Nav = ExporterNav()
	} else {
		f.Nav = Nav(who.Actor)
	}
	return f
}

func (d *Door) notices(w http.ResponseWriter, r *http.Request) {
	unread := r.URL.Query().Get("unread") != ""
	list, next, err := d.App.NoticesOf(r.Context(), Actor(r.Context()), r.URL.Query().Get("before"), unread, noticesPerPage)
	if err != nil {
		d.Fail(w, r, err)
		return
	}
	ui.Render(w, r, http.StatusOK, noticesView(d.ownFrame(w, r, T(r, "notice.title")), list, next, unread, Person(r.Context()).Unread))
}

// openNotice leads to what a notice is about, and notes that it was read.
func (d *Door) openNotice(w http.ResponseWriter, r *http.Request) {
	n, err := d.App.OpenNotice(r.Context(), Actor(r.Context()), r.PathValue("id"))
	if err != nil {
		d.Fail(w, r, err)
		return
	}
	ui.SeeOther(w, r, n.Href)
}

func (d *Door) unmarkNotice(w http.ResponseWriter, r *http.Request) {
	if err := d.App.MarkNotice(r.Context(), Actor(r.Context()), r.PathValue("id")); err != nil {
		d.Fail(w, r, err)
		return
	}
	ui.SeeOther(w, r, "/notices")
}

// readNotices marks what the person saw as read, and nothing that came since.
func (d *Door) readNotices(w http.ResponseWriter, r *http.Request) {
	if !d.ReadForm(w, r) {
		return
	}
	if err := d.App.ReadNotices(r.Context(), Actor(r.Context()), r.PostForm.Get("to")); err != nil {
		d.Fail(w, r, err)
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "notice.marked"})
	ui.SeeOther(w, r, "/notices")
}

// settingsView is what the page of the settings shows beside them.
type settingsView struct {
	Kinds []notice.Kind
	Last  store.Mail
	Email string // of the person
	Mails bool   // the node sends any
	Codes []string
}

func (d *Door) noticeSettings(w http.ResponseWriter, r *http.Request) {
	s, _, err := d.App.NoticeSettings(r.Context(), Actor(r.Context()))
	rules, bad := d.App.NoticeRules()
	if err == nil {
		err = bad
	}
	if err != nil {
		d.Fail(w, r, err)
		return
	}
	pairs := []string{"language", s.Language, "zone", s.Zone, "hour", strconv.Itoa(s.Hour), "quiet_from", strconv.Itoa(s.QuietFrom), "quiet_to", strconv.Itoa(s.QuietTo)}
	for _, k := range rules.Kinds {
		pairs = append(pairs, "way."+k.ID, string(s.Way(k)))
	}
	d.drawSettings(w, r, http.StatusOK, ui.FormOf(pairs...))
}

func (d *Door) drawSettings(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	who := Person(r.Context())
	rules, err := d.App.NoticeRules()
	v := settingsView{Email: who.Account.Profile.Email, Mails: d.App.Config().Mail.Server != ""}
	if err == nil {
		v.Codes, err = d.App.Languages()
	}
	if err == nil {
		_, v.Last, err = d.App.NoticeSettings(r.Context(), who.Actor)
	}
	if err != nil {
		d.Fail(w, r, err)
		return
	}
	for _, k := range rules.Kinds {
		if k.For(audienceOf(who) == ui.Exporter) {
			v.Kinds = append(v.Kinds, k)
		}
	}
	frame := d.ownFrame(w, r, T(r, "notice.settings"))
	frame.Crumbs = []ui.Link{{Text: T(r, "notice.title"), Href: "/notices"}, {Text: T(r, "notice.settings")}}
	frame.Form, frame.Narrow = &form, true
	ui.Render(w, r, status, settingsPage(frame, form, v))
}

func (d *Door) setNotices(w http.ResponseWriter, r *http.Request) {
	if !d.ReadForm(w, r) {
		return
	}
	rules, err := d.App.NoticeRules()
	if err != nil {
		d.Fail(w, r, err)
		return
	}
	hour := func(name string) int {
		n, err := strconv.Atoi(r.PostForm.Get(name))
		if err != nil {
			return -1
		}
		return n
	}
	s := notice.Settings{Language: r.PostForm.Get("language"), Zone: r.PostForm.Get("zone"), Hour: hour("hour"), QuietFrom: hour("quiet_from"), QuietTo: hour("quiet_to"), Ways: map[string]notice.Way{}}
	for _, k := range rules.Kinds {
		if w := r.PostForm.Get("way." + k.ID); w != "" {
			s.Ways[k.ID] = notice.Way(w)
		}
	}
	if err := d.App.SetNotices(r.Context(), Actor(r.Context()), s); err != nil {
		d.Again(w, r, err, func(status int, f ui.Form) { d.drawSettings(w, r, status, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "notice.settings.saved"})
	ui.SeeOther(w, r, "/notices/settings")
}

// fewerPage and fewer turn mail down for whoever has the address from a mail. They
// name nobody: whoever else comes by the address learns nothing.
func (d *Door) fewerPage(w http.ResponseWriter, r *http.Request) {
	d.drawFewer(w, r, false)
}

func (d *Door) drawFewer(w http.ResponseWriter, r *http.Request, done bool) {
	frame := d.Frame(w, r, ui.Public, T(r, "notice.fewer.title"))
	frame.Who, frame.Narrow = nil, true
	ui.Render(w, r, http.StatusOK, fewerView(frame, done))
}

// fewer also answers mail programs, which send the one-click form of RFC 8058.
func (d *Door) fewer(w http.ResponseWriter, r *http.Request) {
	if !d.ReadForm(w, r) {
		return
	}
	if err := d.App.FewerMails(r.Context(), r.PathValue("token"), r.PostForm.Get("how") != "daily"); err != nil {
		d.Fail(w, r, err)
		return
	}
	d.drawFewer(w, r, true)
}

// mailView says whether mail goes out.
type mailView struct {
	Server string
	Health store.MailHealth
	Lists  []mailList
}

type mailList struct {
	State store.MailState
	Mails []store.Mail
}

// mailsShown is how many mails of each state the operator's page lists.
const mailsShown = 50

func (d *Door) mailPage(w http.ResponseWriter, r *http.Request) {
	actor := Actor(r.Context())
	if !access.Can(actor, access.NodeOperate, access.Thing{}) {
		d.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	v, err := d.mails(r.Context(), actor)
	if err != nil {
		d.Fail(w, r, err)
		return
	}
	frame := d.ownFrame(w, r, T(r, "mail.title"))
	frame.Current = "people"
	ui.Render(w, r, http.StatusOK, mailPageView(frame, v))
}

func (d *Door) mails(ctx context.Context, actor access.Actor) (v mailView, err error) {
	v.Server = d.App.Config().Mail.Server
	if v.Health, err = d.App.MailHealth(ctx); err != nil {
		return v, err
	}
	for _, state := range []store.MailState{store.MailRefused, store.MailFailed, store.MailUnsure} {
		list, err := d.App.Mails(ctx, actor, state, mailsShown)
		if err != nil {
			return v, err
		}
		v.Lists = append(v.Lists, mailList{state, list})
	}
	return v, nil
}

// hours are the hours of a day to choose from.
func hours(ctx context.Context) (out []ui.Option) {
	for h := range 24 {
		out = append(out, ui.Option{Value: strconv.Itoa(h), Text: ui.T(ctx, "notice.oclock", "hour", h)})
	}
	return out
}

// saidOf is what a notice says, with the reference where there is one.
func saidOf(ctx context.Context, n store.Notice) string {
	what := ui.T(ctx, "notice.said."+n.Said)
	if n.About == "" {
		return what
	}
	return ui.T(ctx, "notice.of", "what", what, "reference", n.About)
}

// wayChoice asks how one wants to be told of a kind of notice.
func wayChoice(ctx context.Context, k notice.Kind) ui.Choice {
	c := ui.Choice{Name: "way." + k.ID, Label: ui.T(ctx, "notice.kind."+k.ID), Inline: true}
	if k.Must {
		c.Hint = ui.T(ctx, "notice.must")
	}
	for _, w := range k.Ways() {
		c.Options = append(c.Options, ui.Option{Value: string(w), Text: ui.T(ctx, "notice.way."+string(w))})
	}
	return c
}
