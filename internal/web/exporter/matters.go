package exporter

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/enforcement"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// matterRoutes are the exporter's side of enforcement: to say oneself that
// something went wrong, to answer, to appeal.
func (p pages) matterRoutes(in *http.ServeMux) {
	in.HandleFunc("GET /exporter/matters", p.matters)
	in.HandleFunc("POST /exporter/matters", p.disclose)
	in.HandleFunc("GET /exporter/matters/{matter}", p.matter)
	in.HandleFunc("POST /exporter/matters/{matter}/{act}", p.changeMatter)
}

func (p pages) matters(w http.ResponseWriter, r *http.Request) {
	p.drawMatters(w, r, http.StatusOK, ui.FormOf())
}

func (p pages) drawMatters(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	list, err := p.App.OwnMatters(r.Context(), door.Actor(r.Context()))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	frame := p.frame(w, r, door.T(r, "exporter.matters.title"), "matters")
	frame.Form = &form
	ui.Render(w, r, status, mattersView(frame, form, node.NewID(), list))
}

func (p pages) disclose(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	f, actor, id := r.PostForm, door.Actor(r.Context()), r.PostForm.Get("once")
	if len(id) != len(node.NewID()) {
		p.Fail(w, r, fault.New(fault.Invalid, "fault.bad_request"))
		return
	}
	cmd := enforcement.Disclose{OnMatter: enforcement.OnMatter{Matter: id}, Org: actor.Org, Words: enforcement.Words{Title: f.Get("title"), What: f.Get("what"), Cited: f.Get("cited")}}
	if err := p.App.Do(r.Context(), actor, cmd, node.Once(id)); err != nil {
		p.Again(w, r, err, func(status int, form ui.Form) { p.drawMatters(w, r, status, form) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "exporter.disclose.done"})
	seeOther(w, r, "/exporter/matters/"+id)
}

func (p pages) matter(w http.ResponseWriter, r *http.Request) {
	p.drawMatter(w, r, http.StatusOK, "", ui.FormOf())
}

func (p pages) drawMatter(w http.ResponseWriter, r *http.Request, status int, failed string, form ui.Form) {
	m, version, err := p.App.OwnMatter(r.Context(), door.Actor(r.Context()), r.PathValue("matter"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	frame := p.frame(w, r, m.Reference, "matters")
	frame.Crumbs = []ui.Link{{Text: door.T(r, "exporter.matters.title"), Href: "/exporter/matters"}, {Text: m.Reference}}
	frame.Form = &form
	late := m.Decided() != nil && p.App.Now().After(m.Decided().Until)
	ui.Render(w, r, status, matterView(frame, m, version, node.NewID(), failed, form, late))
}

// changeMatter answers the forms of an enforcement file: an answer, an appeal.
func (p pages) changeMatter(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	f, on, act := r.PostForm, enforcement.OnMatter{Matter: r.PathValue("matter")}, r.PathValue("act")
	question := f.Get("question")
	text := strings.TrimSpace(f.Get("text" + question))
	var cmd enforcement.Command
	switch act {
	case "reply":
		cmd = enforcement.Reply{OnMatter: on, ID: question, Text: text}
	case "object":
		cmd = enforcement.Object{OnMatter: on, Text: text}
	default:
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	seen, err := strconv.ParseInt(f.Get("seen"), 10, 64)
	once := f.Get("once")
	if err != nil || once == "" || len(once) > 90 {
		p.Fail(w, r, fault.New(fault.Invalid, "fault.bad_request"))
		return
	}
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), cmd, node.Expect(node.MatterStream(on.Matter), seen), node.Once(once)); err != nil {
		p.Again(w, r, door.Renamed(err, "text", "text"+question), func(status int, form ui.Form) { p.drawMatter(w, r, status, act+question, form) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "exporter.matters.sent"})
	seeOther(w, r, "/exporter/matters/"+on.Matter)
}
