package evidence

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/screening"
)

// libraryView is a page of the library.
type libraryView struct {
	Rows   []store.EvidenceRow
	Next   string
	Form   ui.Form
	States []ui.StateOption
	Today  string
	May    bool
	Narrow bool // something narrows the list
}

func (p pages) library(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	v := libraryView{Form: ui.NewForm(q, nil), States: ui.States(ui.P(r.Context()), p.Door.States), Today: string(p.today()), May: keeps(r, "")}
	ask := store.Evidence{
		Scope: access.ScopeOf(door.Actor(r.Context()), access.EvidenceRead), Country: q.Get("country"), Kind: q.Get("kind"), State: q.Get("state"), Today: v.Today,
		After: q.Get("after"), Limit: pageSize + 1,
	}
	if words := strings.TrimSpace(q.Get("q")); words != "" {
		ask.Find = screening.Fold(words)
	}
	if at, err := strconv.ParseInt(q.Get("at"), 10, 64); err == nil {
		ask.At = time.UnixMicro(at)
	}
	v.Narrow = len(ask.Find) > 0 || ask.Country != "" || ask.Kind != "" || ask.State != ""
	err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		v.Rows, err = t.ListEvidence(ask)
		return err
	})
	if err != nil {
		p.Fail(w, r, fault.Wrap(err, "evidence: library"))
		return
	}
	if len(v.Rows) > pageSize {
		v.Rows = v.Rows[:pageSize]
		last := v.Rows[pageSize-1]
		next := url.Values{"after": {last.ID}, "at": {strconv.FormatInt(last.Changed.UnixMicro(), 10)}}
		for _, k := range []string{"q", "country", "kind", "state"} {
			if x := q.Get(k); x != "" {
				next.Set(k, x)
			}
		}
		v.Next = "/evidence?" + next.Encode()
	}
	ui.Render(w, r, http.StatusOK, libraryPage(p.frame(w, r, door.T(r, "evidence.title")), v))
}

// newItemView is the form by which a source comes in.
type newItemView struct {
	Form         ui.Form
	ID           string
	Copy         *evidence.Copy // received before a refusal
	Max          int64
	States       []ui.StateOption
	Compartments []ui.Option
	Party        string // name of the register's entry that it is about
}

func (p pages) newItem(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if leaf := q.Get("leaf"); leaf != "" {
		s, err := p.App.Said(r.Context(), door.Actor(r.Context()), leaf)
		if err != nil {
			p.Fail(w, r, err)
			return
		}
		q.Set("kind", string(evidence.Statement))
		q.Set("partner", s.Issuer)
		q.Set("title", s.Content.Title)
		if rep := s.Content.Report; rep != nil && len(rep.Admiralty) == 2 {
			q.Set("reliability", rep.Admiralty[:1])
			q.Set("credibility", rep.Admiralty[1:])
		}
	}
	p.drawNewItem(w, r, http.StatusOK, node.NewID(), nil, ui.NewForm(q, nil))
}

func (p pages) drawNewItem(w http.ResponseWriter, r *http.Request, status int, id string, kept *evidence.Copy, form ui.Form) {
	if !keeps(r, "") {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	v := newItemView{Form: form, ID: id, Copy: kept, Max: p.limit(), States: ui.States(ui.P(r.Context()), p.Door.States), Compartments: compartments(r)}
	if register := form.Value("party"); register != "" {
		v.Party = p.partyName(r, register)
	}
	frame := p.frame(w, r, door.T(r, "evidence.new.title"), ui.Link{Text: door.T(r, "evidence.title"), Href: "/evidence"})
	frame.Form = &v.Form
	ui.Render(w, r, status, newItemPage(frame, v))
}

// partyName is the name of an entry of the register, "" where the reader may not
// see it.
func (p pages) partyName(r *http.Request, id string) string {
	if !access.Can(door.Actor(r.Context()), access.PartyRead, access.Thing{Kind: party.StreamKind}) {
		return ""
	}
	var e party.Entry
	_ = p.App.Store().View(r.Context(), func(t *store.Tx) error {
		_, err := t.Load(partyStream(id), &e)
		return err
	})
	return party.PrimaryName(e.Details.Names)
}

func (p pages) limit() int64 {
	if n := p.App.Config().DocumentLimit; n > 0 {
		return n
	}
	return vault.DefaultLimit
}

// addItem takes the form in: the copy first, so that it need not be sent again
// where something else is wrong.
func (p pages) addItem(w http.ResponseWriter, r *http.Request) {
	if !keeps(r, "") {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	if !p.ReadFiles(w, r, p.limit()+door.FormLimit) {
		return
	}
	form, actor := r.PostForm, door.Actor(r.Context())
	cmd := evidence.Add{
		OnItem: evidence.OnItem{Item: form.Get("id")}, Country: form.Get("country"), Party: form.Get("party"), Marking: evidence.Marking(form.Get("marking")),
		Compartment: form.Get("compartment"), Grade: evidence.Grade(form.Get("reliability") + form.Get("credibility")), Language: strings.TrimSpace(form.Get("language")),
		Kind: evidence.Kind(strings.TrimSuffix(form.Get("kind"), "document")), Asked: form.Get("asked"), Partner: form.Get("partner"), Leaf: form.Get("leaf"), Reviewed: form.Get("reviewed") != "",
		Details: evidence.Details{Title: form.Get("title"), Source: form.Get("source"), Address: form.Get("address"), Says: form.Get("says")},
	}
	if form.Get("copy") != "" {
		cmd.Copy = &evidence.Copy{Document: form.Get("copy"), Hash: form.Get("copy_hash"), Title: form.Get("copy_title")}
	}
	again := func(status int, f ui.Form) { p.drawNewItem(w, r, status, cmd.Item, cmd.Copy, f) }
	if file, head, err := r.FormFile("file"); err == nil {
		defer file.Close()
		kept, err := p.App.ArchiveCopy(r.Context(), actor, cmd.Item, head.Filename, file)
		if err != nil {
			p.Again(w, r, onFile(err), again)
			return
		}
		cmd.Copy = kept
	}
	bad := fault.New(fault.Invalid, "evidence.invalid")
	cmd.Published, cmd.Expires = ui.ParseDay(form, "published", bad), ui.ParseDay(form, "expires", bad)
	err := bad.Or()
	if err == nil {
		err = p.App.Do(r.Context(), actor, cmd, node.Once(form.Get("id")))
	}
	if err != nil {
		p.Again(w, r, door.Renamed(err, "grade", "reliability"), again)
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "evidence.new.done"})
	ui.SeeOther(w, r, "/evidence/"+url.PathEscape(cmd.Item))
}

// onFile points what is wrong with a document at the input it came from.
func onFile(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.Invalid && f.Code != fault.TooLarge {
		return err
	}
	out := *f
	out.Fields = []fault.Field{{Name: "file", Key: f.Key, Args: f.Args}}
	return &out
}

// itemView is one source.
type itemView struct {
	*node.ItemFile
	Today string
	May   bool
	Tells bool   // the reader may draft what other states are told
	Next  string // of what rests on it
	Title string
}

// name is a person's name by account.
func (v itemView) name(account string) string {
	if n := v.Names[account]; n != "" {
		return n
	}
	return account
}

func (v itemView) href(act string) string { return "/evidence/" + url.PathEscape(v.ID) + "/" + act }

// acts are what can be done to a source that stands, in their order.
var acts = []string{"regrade", "prolong", "translate", "withdraw"}

// loadItem reads the source that the address names, or answers.
func (p pages) loadItem(w http.ResponseWriter, r *http.Request) (v itemView, ok bool) {
	f, err := p.App.EvidenceItem(r.Context(), door.Actor(r.Context()), r.PathValue("item"), r.URL.Query().Get("after"))
	if err != nil {
		p.Fail(w, r, err)
		return v, false
	}
	v = itemView{ItemFile: f, Today: string(p.today()), May: keeps(r, f.Compartment) && f.Withdrawn == nil && f.Erased == nil, Title: f.Details.Title}
	v.Tells = v.May && access.Can(door.Actor(r.Context()), access.ExchangeWrite, access.Thing{})
	if f.More {
		v.Next = "/evidence/" + url.PathEscape(f.ID) + "?after=" + url.QueryEscape(f.Resting[len(f.Resting)-1].ID) + "#resting"
	}
	if v.Title == "" {
		v.Title = door.T(r, "evidence.erased.title")
	}
	return v, true
}

func (p pages) item(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.loadItem(w, r); ok {
		ui.Render(w, r, http.StatusOK, itemPage(p.frame(w, r, v.Title, ui.Link{Text: door.T(r, "evidence.title"), Href: "/evidence"}), v))
	}
}

func (p pages) itemForm(w http.ResponseWriter, r *http.Request) {
	p.drawItemForm(w, r, http.StatusOK, ui.FormOf())
}

func (p pages) drawItemForm(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	v, ok := p.loadItem(w, r)
	if !ok {
		return
	}
	act := r.PathValue("act")
	if !slices.Contains(acts, act) || !v.May {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	frame := p.frame(w, r, door.T(r, "evidence."+act+".title"), ui.Link{Text: door.T(r, "evidence.title"), Href: "/evidence"}, ui.Link{Text: v.Title, Href: "/evidence/" + url.PathEscape(v.ID)})
	frame.Form = &form
	ui.Render(w, r, status, itemFormPage(frame, v, act, form))
}

// changeItem gives one of the commands on a source.
func (p pages) changeItem(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	id, act, form := r.PathValue("item"), r.PathValue("act"), r.PostForm
	on, bad := evidence.OnItem{Item: id}, fault.New(fault.Invalid, "evidence.invalid")
	var cmd evidence.ItemCommand
	switch act {
	case "regrade":
		cmd = evidence.Regrade{OnItem: on, Grade: evidence.Grade(form.Get("reliability") + form.Get("credibility")), Reason: form.Get("reason")}
	case "prolong":
		cmd = evidence.Prolong{OnItem: on, Until: ui.ParseDay(form, "until", bad), Reason: form.Get("reason")}
	case "translate":
		cmd = evidence.Translate{OnItem: on, Language: strings.TrimSpace(form.Get("language")), Text: form.Get("text"), Official: form.Get("official") != ""}
	case "withdraw":
		cmd = evidence.Withdraw{OnItem: on, Reason: form.Get("reason")}
	default:
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	opts, err := seen(form, node.ItemStream(id))
	if err == nil {
		err = bad.Or()
	}
	if err == nil {
		err = p.App.Do(r.Context(), door.Actor(r.Context()), cmd, opts...)
	}
	if err != nil {
		p.Again(w, r, door.Renamed(err, "grade", "reliability"), func(status int, f ui.Form) { p.drawItemForm(w, r, status, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "evidence." + act + ".done"})
	ui.SeeOther(w, r, "/evidence/"+url.PathEscape(id))
}

// copied sends the archived copy as a file to keep: never shown inside the site.
func (p pages) copied(w http.ResponseWriter, r *http.Request) {
	actor, id := door.Actor(r.Context()), r.PathValue("item")
	d, body, err := p.App.OpenCopy(r.Context(), actor, id)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	defer body.Close()
	name := id
	if f, err := p.App.EvidenceItem(r.Context(), actor, id, ""); err == nil && f.Copy.Title != "" {
		name = f.Copy.Title
	}
	h := w.Header()
	h.Set("Content-Type", d.MediaType)
	h.Set("Content-Length", strconv.FormatInt(d.Size, 10))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": vault.SaveName(name, d.MediaType)}))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusOK)
	_, _ = io.Copy(w, body)
}

// state is where a row of the library stands, with its tone.
func state(ctx context.Context, r store.EvidenceRow, today string) (ui.Tone, string) {
	switch {
	case r.Withdrawn:
		return ui.Bad, ui.T(ctx, "evidence.state.withdrawn")
	case r.Expires != "" && r.Expires < today:
		return ui.Needs, ui.T(ctx, "evidence.state.expired")
	}
	return ui.Plain, ui.T(ctx, "evidence.state.standing")
}
