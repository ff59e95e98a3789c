package exchange

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

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/statement/stix"
)

// collectionRoutes adds the pages on what others publish.
func collectionRoutes(p pages, page func(string, http.HandlerFunc)) {
	page("GET /exchange/collections", p.collections)
	page("POST /exchange/collections", p.openCollection)
	page("GET /exchange/collections/take", p.takeForm)
	page("POST /exchange/collections/take", p.takeFile)
	page("GET /exchange/collections/{id}", p.collection)
	page("POST /exchange/collections/{id}/{act}", p.changeCollection)
	page("GET /exchange/collections/{id}/file", p.writeCollection)
	page("GET /exchange/imports/{id}", p.imported)
	page("GET /exchange/imports/{id}/file", p.importFile)
	page("POST /exchange/imports/{id}/considered", p.considered)
}

// collectionsView is what others publish.
type collectionsView struct {
	All    []store.CollectionRow
	Rows   []store.ImportRow
	Titles map[string]string
	Next   string
	Take   bool
	Form   ui.Form
	// Of one collection:
	One      *dispatch.Collection
	Version  int64
	Programs []store.ProgramRow
}

func (v collectionsView) options() (out []ui.Option) {
	for _, c := range v.All {
		if !c.Closed {
			out = append(out, ui.Option{Value: c.ID, Text: c.Title})
		}
	}
	return out
}

func (p pages) collectionsOf(r *http.Request, id string, form ui.Form) (v collectionsView, err error) {
	before, _ := strconv.ParseInt(r.URL.Query().Get("before"), 10, 64)
	v = collectionsView{Take: can(r, access.ExchangeTake), Form: form, Titles: map[string]string{}}
	more := false
	if v.All, v.Rows, more, err = p.App.Collections(r.Context(), door.Actor(r.Context()), id, before, pageSize); err != nil {
		return v, err
	}
	for _, c := range v.All {
		v.Titles[c.ID] = c.Title
	}
	if more {
		v.Next = "?before=" + strconv.FormatInt(v.Rows[len(v.Rows)-1].Number, 10)
	}
	return v, nil
}

func (p pages) published(r *http.Request) ui.Link {
	return ui.Link{Text: door.T(r, "exchange.published.title"), Href: "/exchange/collections"}
}

func (p pages) collections(w http.ResponseWriter, r *http.Request) {
	p.drawCollections(w, r, http.StatusOK, ui.FormOf())
}

func (p pages) drawCollections(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	v, err := p.collectionsOf(r, "", form)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	frame := p.frame(w, r, door.T(r, "exchange.published.title"), p.home(r))
	frame.Form = &form
	ui.Render(w, r, status, collectionsPage(frame, v))
}

func (p pages) openCollection(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	form := r.PostForm
	id := form.Get("id")
	cmd := dispatch.OpenCollection{Collection: id, Title: form.Get("title"), About: form.Get("about")}
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), cmd, node.Once(id)); err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawCollections(w, r, status, f) })
		return
	}
	ui.SeeOther(w, r, "/exchange/collections/"+url.PathEscape(id))
}

func (p pages) takeForm(w http.ResponseWriter, r *http.Request) {
	p.drawTake(w, r, http.StatusOK, ui.FormOf())
}

func (p pages) drawTake(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	v, err := p.collectionsOf(r, "", form)
	if err == nil && !v.Take {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	frame := p.frame(w, r, door.T(r, "exchange.take.title"), p.home(r), p.published(r))
	frame.Form = &form
	ui.Render(w, r, status, takePage(frame, v))
}

// maxTaken bounds a file, and what the rest of its form may weigh.
var maxTaken = int64(stix.DefaultLimits().Bytes)

const slack = 1 << 20

func (p pages) takeFile(w http.ResponseWriter, r *http.Request) {
	if !p.ReadFiles(w, r, maxTaken+slack) {
		return
	}
	in := node.TakeFile{Import: node.NewID(), Collection: r.PostFormValue("collection"), From: provenanceIn(r.PostForm)}
	f, head, err := r.FormFile("file")
	if err == nil {
		in.Name = strings.ToValidUTF8(head.Filename, "\uFFFD")
		in.Bytes, err = io.ReadAll(io.LimitReader(f, maxTaken))
		err = errors.Join(err, f.Close())
	} else if errors.Is(err, http.ErrMissingFile) {
		err = fault.New(fault.Invalid, "dispatch.invalid").Field("file", "exchange.take.missing")
	}
	if err == nil && in.Collection == "" {
		err = fault.New(fault.Invalid, "dispatch.invalid").Field("collection", "dispatch.choose")
	}
	if err == nil {
		_, err = p.App.TakeFile(r.Context(), door.Actor(r.Context()), in)
	}
	if err != nil {
		p.Again(w, r, err, func(status int, form ui.Form) { p.drawTake(w, r, status, form) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "exchange.take.done"})
	ui.SeeOther(w, r, "/exchange/imports/"+in.Import)
}

func provenanceIn(form url.Values) dispatch.Provenance {
	return dispatch.Provenance{Source: form.Get("source"), URL: form.Get("url"), Licence: form.Get("licence"), Admiralty: form.Get("admiralty")}
}

func (p pages) collection(w http.ResponseWriter, r *http.Request) {
	p.drawCollection(w, r, http.StatusOK, ui.FormOf())
}

func (p pages) drawCollection(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	id := r.PathValue("id")
	c, version, programs, err := p.App.Collection(r.Context(), door.Actor(r.Context()), id)
	var v collectionsView
	if err == nil {
		v, err = p.collectionsOf(r, id, form)
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v.One, v.Version, v.Programs = &c, version, programs
	frame := p.frame(w, r, c.Title, p.home(r), p.published(r))
	frame.Form = &form
	ui.Render(w, r, status, collectionPage(frame, v))
}

func (p pages) changeCollection(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	id, form := r.PathValue("id"), r.PostForm
	opts, err := seen(form, node.CollectionStream(id))
	var cmd any
	switch r.PathValue("act") {
	case "allow":
		may := form["may"]
		cmd = dispatch.Allow{Collection: id, Allowance: dispatch.Allowance{
			Account: form.Get("account"), Read: slices.Contains(may, "read"), Write: slices.Contains(may, "write"), From: provenanceIn(form),
		}}
	case "close":
		cmd = dispatch.CloseCollection{Collection: id}
	default:
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err == nil {
		err = p.App.Do(r.Context(), door.Actor(r.Context()), cmd, opts...)
	}
	if err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawCollection(w, r, status, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "exchange.collection.done"})
	ui.SeeOther(w, r, "/exchange/collections/"+url.PathEscape(id))
}

// writeCollection gives what a collection holds as a file to take away.
func (p pages) writeCollection(w http.ResponseWriter, r *http.Request) {
	id, form := r.PathValue("id"), r.URL.Query().Get("as")
	kind := map[string][2]string{"stix": {stixType, ".json"}, "misp": {"application/json", ".misp.json"}, "csv": {"text/csv", ".csv"}}[form]
	c, _, _, err := p.App.Collection(r.Context(), door.Actor(r.Context()), id)
	if err == nil && kind[0] == "" {
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	out := &late{w: w, begin: func() { attach(w, kind[0], c.Title+kind[1]) }}
	if _, err := p.App.WriteCollection(r.Context(), door.Actor(r.Context()), id, form, out); err != nil {
		if !out.begun {
			p.Fail(w, r, err)
			return
		}
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
}

const stixType = "application/stix+json;version=2.1"

// late writes the head of an answer once there is something to write after it.
type late struct {
	w     http.ResponseWriter
	begin func()
	begun bool
}

// Write implements io.Writer.
func (l *late) Write(b []byte) (int, error) {
	if !l.begun {
		l.begun = true
		l.begin()
	}
	return l.w.Write(b)
}

func attach(w http.ResponseWriter, kind, name string) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
}

// importView is one import.
type importView struct {
	node.ImportPage
	Form         ui.Form
	Write, Keeps bool
	More         string
}

func (p pages) imported(w http.ResponseWriter, r *http.Request) {
	p.drawImport(w, r, http.StatusOK, ui.FormOf())
}

func (p pages) drawImport(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	after, err := strconv.ParseInt(r.URL.Query().Get("after"), 10, 64)
	if err != nil {
		after = -1
	}
	m, err := p.App.Import(r.Context(), door.Actor(r.Context()), r.PathValue("id"), after)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v := importView{ImportPage: m, Form: form, Write: can(r, access.ExchangeWrite), Keeps: can(r, access.IncidentKeep)}
	if m.Next > 0 {
		v.More = "?after=" + strconv.FormatInt(m.Next, 10)
	}
	title := m.From.Name
	if title == "" {
		title = m.From.Source
	}
	frame := p.frame(w, r, title, p.home(r), p.published(r))
	frame.Form = &v.Form
	ui.Render(w, r, status, importPage(frame, v))
}

// considered notes that a case which the import touches was looked at.
func (p pages) considered(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	id, form := r.PathValue("id"), r.PostForm
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), considers(id, form), node.Once(form.Get("once"))); err != nil {
		p.Again(w, r, atCase(err, form), func(status int, f ui.Form) { p.drawImport(w, r, status, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "exchange.collection.done"})
	ui.SeeOther(w, r, "/exchange/imports/"+url.PathEscape(id))
}

// importFile gives the file as it came, byte for byte.
func (p pages) importFile(w http.ResponseWriter, r *http.Request) {
	name, body, err := p.App.OpenImport(r.Context(), door.Actor(r.Context()), r.PathValue("id"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	defer body.Close()
	attach(w, "application/octet-stream", name)
	_, _ = io.Copy(w, body)
}

// reportFrom is the address of a report begun from what an object names; the
// person writes it in words of their own, and it goes the way of every draft.
func (v importView) reportFrom(o node.ImportedObject) string {
	return "/exchange/new/report?" + url.Values{
		"title": {o.Name}, "admiralty": {v.From.Admiralty}, "basis": {v.From.Source + " (" + v.From.Licence + "), " + o.Object},
	}.Encode()
}

// why is why an object is held, in its findings or in a word.
func why(ctx context.Context, o node.AsideObject) (out []string) {
	for _, f := range o.Findings {
		out = append(out, f.String())
	}
	if len(out) == 0 {
		out = append(out, ui.T(ctx, "exchange.aside."+o.Code))
	}
	return out
}
