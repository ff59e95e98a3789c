package rules

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/rulebook"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/policy"
)

// versionsPage is every version that was put forward, the latest first.
type versionsPage struct {
	Versions []rulebook.Version
	InForce  *rulebook.Version // nil: the pack that ships
	Today    deadline.Date
	MayEdit  bool
}

func (p pages) today() deadline.Date { return deadline.Date(policy.DateOf(p.App.Now())) }

func (p pages) versions(w http.ResponseWriter, r *http.Request) {
	actor := door.Actor(r.Context())
	s, err := p.App.Rulebook(r.Context(), actor)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v := versionsPage{Versions: slices.Clone(s.Versions), Today: p.today(), MayEdit: access.Can(actor, access.PolicyEdit, access.Thing{})}
	v.InForce = s.On(v.Today)
	slices.Reverse(v.Versions)
	f := p.frame(w, r, door.T(r, "policy.versions"))
	f.Crumbs = []ui.Link{{Text: door.T(r, "policy.title"), Href: "/policy"}, {Text: door.T(r, "policy.versions")}}
	ui.Render(w, r, http.StatusOK, versionsView(f, v))
}

// editPage is the form in which a pack is written, with what a look at it gave.
type editPage struct {
	Form       ui.Form
	Looked     bool
	Shortfalls []string
	Changes    []policy.Change
}

func (p pages) edit(w http.ResponseWriter, r *http.Request) {
	pack := p.inUse(w, r)
	if pack == nil {
		return
	}
	text, err := node.PackText(pack)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	p.drawEdit(w, r, http.StatusOK, editPage{Form: ui.FormOf("text", string(text), "id", node.NewID())})
}

func (p pages) drawEdit(w http.ResponseWriter, r *http.Request, status int, v editPage) {
	if !access.Can(door.Actor(r.Context()), access.PolicyEdit, access.Thing{}) {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	f := p.frame(w, r, door.T(r, "policy.edit"))
	f.Form = &v.Form
	f.Crumbs = []ui.Link{{Text: door.T(r, "policy.title"), Href: "/policy"}, {Text: door.T(r, "policy.versions"), Href: "/policy/versions"}, {Text: door.T(r, "policy.edit")}}
	ui.Render(w, r, status, editView(f, v))
}

// propose takes a pack as text or as a file; "look" only says what it would
// change and what it falls short of.
func (p pages) propose(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	if file, _, err := r.FormFile("file"); err == nil {
		b, err := io.ReadAll(io.LimitReader(file, door.FormLimit))
		_ = file.Close()
		if err != nil {
			p.Fail(w, r, fault.New(fault.Invalid, "policy.publish.invalid").Because(err))
			return
		}
		if len(b) > 0 {
			r.PostForm.Set("text", string(b))
		}
	}
	form := r.PostForm
	if form.Get("do") == "look" {
		p.look(w, r, form)
		return
	}
	id := form.Get("id")
	err := p.App.Do(r.Context(), door.Actor(r.Context()), node.ProposePack{ID: id, Text: []byte(form.Get("text")), Note: form.Get("note")})
	if err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawEdit(w, r, status, editPage{Form: f}) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Tone: ui.Info, Key: "policy.versions.put_forward"})
	ui.SeeOther(w, r, versionHref(id))
}

func (p pages) look(w http.ResponseWriter, r *http.Request, form url.Values) {
	in := p.inUse(w, r)
	if in == nil {
		return
	}
	pack, err := policy.Parse([]byte(form.Get("text")))
	if err != nil {
		bad := fault.New(fault.Invalid, "policy.publish.invalid").Field("text", "policy.publish.does_not_load", "why", err.Error())
		p.Again(w, r, bad, func(status int, f ui.Form) { p.drawEdit(w, r, status, editPage{Form: f}) })
		return
	}
	p.drawEdit(w, r, http.StatusOK, editPage{Form: ui.NewForm(form, nil), Looked: true, Shortfalls: texts(pack.Shortfalls()), Changes: policy.Diff(in, pack)})
}

func texts(errs []error) []string {
	out := make([]string, len(errs))
	for i, e := range errs {
		out[i] = e.Error()
	}
	return out
}

// versionPage is one version: what it changes, what its tests say, which past
// decisions it would move, and who may put it in force.
type versionPage struct {
	*node.PackVersion
	Names      map[string]string // of accounts
	Today      deadline.Date
	InForce    bool
	Shortfalls []string
	Compared   string // version of the pack it is compared with; "" where that is not held
	Changes    []policy.Change
	Run        *node.ReplayRun // the reader's own latest replay
	Asked      []string        // compartments in which something moves unacknowledged, by that replay
	MayReplay  bool
	MayRead    bool // cases
	MayAck     bool
	MayPublish bool
	Own        bool // the reader is its author
	MayEdit    bool
	Forms      map[string]ui.Form // by what they do
}

func versionHref(id string) string { return "/policy/versions/" + url.PathEscape(id) }

func (p pages) version(w http.ResponseWriter, r *http.Request) {
	p.drawVersion(w, r, http.StatusOK, "", ui.FormOf())
}

func (p pages) drawVersion(w http.ResponseWriter, r *http.Request, status int, which string, form ui.Form) {
	ctx, actor := r.Context(), door.Actor(r.Context())
	pv, err := p.App.PackVersion(ctx, actor, r.PathValue("id"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v := versionPage{PackVersion: pv, Today: p.today(), Shortfalls: texts(pv.Pack.Shortfalls()), Forms: map[string]ui.Form{which: form}, Own: pv.Author == actor.Account}
	waits := pv.Withdrawn == nil && pv.From == ""
	can := func(act access.Act) bool { return access.Can(actor, act, access.Thing{}) }
	v.MayEdit = can(access.PolicyEdit) && pv.Withdrawn == nil && (pv.From == "" || pv.From > v.Today)
	v.MayReplay, v.MayRead = can(access.CaseReplay), can(access.CaseRead)
	v.MayAck = waits && (can(access.PolicyEdit) || can(access.PolicyAdopt))
	v.MayPublish = waits && can(access.PolicyAdopt)
	if now := pv.State.On(v.Today); now != nil {
		v.InForce = now.ID == pv.ID
	}
	base, err := p.App.PackOfHash(ctx, pv.State, pv.Base)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	if base != nil {
		v.Compared, v.Changes = base.ID()+" "+base.Version(), policy.Diff(base, pv.Pack)
	}
	if v.Run, err = p.App.PackReplayOf(ctx, actor, pv.ID); err != nil {
		p.Fail(w, r, err)
		return
	}
	if v.Run != nil && v.Run.Result != nil && v.Run.Since == "" {
		v.Asked = pv.Unacknowledged(v.Run.Result.Moves)
	}
	people := []string{pv.Author, pv.Publisher}
	for _, a := range pv.Acks {
		people = append(people, a.By)
	}
	if v.Names, err = p.App.NamesOf(ctx, people); err != nil {
		p.Fail(w, r, err)
		return
	}
	f := p.frame(w, r, pv.Pack.Title())
	f.Form = &form
	f.Crumbs = []ui.Link{{Text: door.T(r, "policy.title"), Href: "/policy"}, {Text: door.T(r, "policy.versions"), Href: "/policy/versions"}, {Text: pv.Version.Pack.Version}}
	ui.Render(w, r, status, versionView(f, v))
}

func (v versionPage) form(name string) ui.Form {
	if f, ok := v.Forms[name]; ok {
		return f
	}
	return ui.FormOf()
}

// settle carries out what a form on a version's page asks for.
func (p pages) settle(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	id, do, form := r.PathValue("id"), r.PathValue("do"), r.PostForm
	var cmd any
	var err error
	switch do {
	case "replay":
		cmd = node.StartReplay{ID: node.NewID(), Version: id, Since: policy.Date(isoDay(form, "since"))}
	case "acknowledge":
		cmd, err = p.acknowledgement(r, id, form.Get("reason"))
	case "publish":
		cmd = rulebook.Publish{ID: id, From: deadline.Date(isoDay(form, "from"))}
	case "withdraw":
		cmd = rulebook.Withdraw{ID: id, Reason: form.Get("reason")}
	default:
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err == nil {
		err = p.App.Do(r.Context(), door.Actor(r.Context()), cmd)
	}
	if err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawVersion(w, r, status, do, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Tone: ui.Info, Key: "policy.versions.done." + do})
	ui.SeeOther(w, r, versionHref(id))
}

// acknowledgement is of what the person's own latest replay of all decisions
// showed, and of nothing else.
func (p pages) acknowledgement(r *http.Request, id, reason string) (any, error) {
	run, err := p.App.PackReplayOf(r.Context(), door.Actor(r.Context()), id)
	if err != nil {
		return nil, err
	}
	if run == nil || run.Result == nil || run.Since != "" {
		return nil, fault.New(fault.Blocked, "policy.versions.replay_first")
	}
	return rulebook.Acknowledge{ID: id, Moves: run.Result.Moves, Cases: int(run.Result.Moved), Reason: reason}, nil
}

// text gives the pack as it was written.
func (p pages) text(w http.ResponseWriter, r *http.Request) {
	v, err := p.App.PackVersion(r.Context(), door.Actor(r.Context()), r.PathValue("id"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="pack.yaml"`)
	_, _ = w.Write(v.Text)
}

// isoDay joins the three inputs of a date. What is no date stays something that
// the domain refuses.
func isoDay(form url.Values, name string) string {
	bad := fault.New(fault.Invalid, "")
	t, ok := ui.ParseDate(form, name, bad)
	if !ok {
		return form.Get(name+".year") + "-" + form.Get(name+".month") + "-" + form.Get(name+".day")
	}
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}

// day is a date of the rulebook in the reader's words.
func day(p lang.Printer, d deadline.Date) string { return p.DayOf(string(d)) }
