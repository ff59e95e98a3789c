package instruments

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/instruments"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// registerView is the list of the state's tools.
type registerView struct {
	view
	Form   ui.Form
	Duties []store.Duty
}

// dutiesShown is how many duties a page shows, and dutyDays how far ahead.
const (
	dutiesShown = 50
	dutyDays    = 14
)

func (p pages) register(w http.ResponseWriter, r *http.Request) {
	v, ok := p.view(w, r)
	if !ok {
		return
	}
	out := registerView{view: v, Form: ui.NewForm(r.URL.Query(), nil)}
	if err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		out.Duties, err = t.Duties(v.Reader, string(p.today().Add(dutyDays)), dutiesShown)
		return err
	}); err != nil {
		p.Fail(w, r, fault.Wrap(err, "instruments: duties"))
		return
	}
	ui.Render(w, r, http.StatusOK, registerPage(p.frame(w, r, door.T(r, "instruments.title")), out))
}

// listed are the instruments in the order of the list: in force first, by kind
// and name, then those to come and those that ended.
func (v view) listed() []*instruments.Instrument {
	out := slices.Clone(v.Instruments)
	for _, i := range v.All {
		if i.On(v.Day) == nil {
			out = append(out, i)
		}
	}
	return out
}

// shownVersion is the version that a list shows of an instrument: the one in
// force on the day, or else the latest.
func (v view) shownVersion(i *instruments.Instrument) *instruments.Version {
	if on := i.On(v.Day); on != nil {
		return on
	}
	return i.Latest()
}

// gapsShown bounds the gaps on the page of an instrument.
const gapsShown = 20

// instrumentView is one instrument.
type instrumentView struct {
	view
	I    *instruments.Instrument
	Gaps []store.StopGap // that stops at the border revealed
}

func (v instrumentView) href(act string) string {
	return "/instruments/" + url.PathEscape(v.I.ID) + "/" + act
}

// owns tells whether the reader answers for the instrument.
func (v instrumentView) owns() bool { return v.I.Owner == v.Reader.Account }

// acts are what the reader can do to the instrument, in their order.
func (v instrumentView) acts() []string {
	switch {
	case v.May:
		return []string{"review", "amend", "owner", "end"}
	case v.owns():
		return []string{"review"}
	}
	return nil
}

func (p pages) open(w http.ResponseWriter, r *http.Request) (out instrumentView, ok bool) {
	v, ok := p.view(w, r)
	if !ok {
		return out, false
	}
	if out = (instrumentView{view: v, I: v.one(r.PathValue("id"))}); out.I == nil {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return out, false
	}
	if access.Can(v.Reader, access.StopRead, access.Thing{Kind: licensing.KindStop}) {
		if err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
			out.Gaps, err = t.GapsIn(out.I.ID, gapsShown)
			return err
		}); err != nil {
			p.Fail(w, r, err)
			return out, false
		}
	}
	return out, true
}

func (v instrumentView) crumbs(ctx context.Context) []ui.Link {
	return []ui.Link{{Text: ui.T(ctx, "instruments.title"), Href: "/instruments"}}
}

func (p pages) instrument(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.open(w, r); ok {
		ui.Render(w, r, http.StatusOK, instrumentPage(p.frame(w, r, v.shownVersion(v.I).Words.Title, v.crumbs(r.Context())...), v))
	}
}

// versionForm is a form of one version, for a new instrument or an amendment.
type versionForm struct {
	view
	Form   ui.Form
	ID     string
	Owners []ui.Option
	I      *instruments.Instrument // nil for a new one
	Act    string
}

func (p pages) newInstrument(w http.ResponseWriter, r *http.Request) {
	p.drawNew(w, r, http.StatusOK, node.NewID(), ui.FormOf())
}

func (p pages) drawNew(w http.ResponseWriter, r *http.Request, status int, id string, form ui.Form) {
	v, ok := p.view(w, r)
	if !ok {
		return
	}
	if !v.May {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	owners, err := p.owners(r)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	frame := p.frame(w, r, door.T(r, "instruments.new.title"), ui.Link{Text: door.T(r, "instruments.title"), Href: "/instruments"})
	frame.Form = &form
	ui.Render(w, r, status, instrumentFormPage(frame, versionForm{view: v, Form: form, ID: id, Owners: owners, Act: "new"}))
}

// versionIn reads a version from a form.
func versionIn(form url.Values, bad *fault.Error) instruments.Version {
	v := instruments.Version{
		From: ui.ParseDay(form, "from", bad), To: ui.ParseDay(form, "to", bad), SourceDate: ui.ParseDay(form, "source_date", bad), Covers: form["covers"],
		Words: instruments.Words{Title: form.Get("title"), Citation: form.Get("citation"), Agency: form.Get("agency"), Source: form.Get("source"), Scope: form.Get("scope")},
	}
	for _, u := range form["catch_all"] {
		v.CatchAll = append(v.CatchAll, instruments.Use(u))
	}
	return v
}

func (p pages) enter(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	form, bad := r.PostForm, fault.New(fault.Invalid, "instruments.invalid")
	cmd := instruments.Enter{
		OnInstrument: instruments.OnInstrument{Instrument: form.Get("id")}, Kind: instruments.Kind(form.Get("kind")), Owner: form.Get("owner"),
		ReviewBy: ui.ParseDay(form, "review_by", bad), Version: versionIn(form, bad),
	}
	err := bad.Or()
	if err == nil {
		err = p.App.Do(r.Context(), door.Actor(r.Context()), cmd, node.Once(cmd.Instrument))
	}
	if err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawNew(w, r, status, cmd.Instrument, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "instruments.new.done"})
	ui.SeeOther(w, r, "/instruments/"+url.PathEscape(cmd.Instrument))
}

func (p pages) instrumentForm(w http.ResponseWriter, r *http.Request) {
	p.drawInstrumentForm(w, r, http.StatusOK, nil)
}

// drawInstrumentForm draws the form of an act; without values an amendment begins
// from the latest version.
func (p pages) drawInstrumentForm(w http.ResponseWriter, r *http.Request, status int, given *ui.Form) {
	v, ok := p.open(w, r)
	if !ok {
		return
	}
	act := r.PathValue("act")
	if !slices.Contains(v.acts(), act) {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	f := versionForm{view: v.view, I: v.I, Act: act, ID: node.NewID(), Form: ui.FormOf()}
	if given != nil {
		f.Form = *given
	} else if act == "amend" {
		f.Form = ui.NewForm(versionValues(v.I.Latest()), nil)
	}
	var err error
	if f.Version, err = p.version(r, node.InstrumentStream(v.I.ID), &instruments.Instrument{}); err == nil && act == "owner" {
		f.Owners, err = p.owners(r)
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	crumbs := append(v.crumbs(r.Context()), ui.Link{Text: v.shownVersion(v.I).Words.Title, Href: "/instruments/" + url.PathEscape(v.I.ID)})
	frame := p.frame(w, r, door.T(r, "instruments."+act+".title"), crumbs...)
	frame.Form = &f.Form
	ui.Render(w, r, status, instrumentFormPage(frame, f))
}

// versionValues are the inputs of a version, without its days: those are new.
func versionValues(v *instruments.Version) url.Values {
	form := url.Values{
		"title": {v.Words.Title}, "citation": {v.Words.Citation}, "agency": {v.Words.Agency}, "source": {v.Words.Source}, "scope": {v.Words.Scope}, "covers": v.Covers,
	}
	for _, u := range v.CatchAll {
		form.Add("catch_all", string(u))
	}
	return form
}

func (p pages) changeInstrument(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	id, act, form, bad := r.PathValue("id"), r.PathValue("act"), r.PostForm, fault.New(fault.Invalid, "instruments.invalid")
	on := instruments.OnInstrument{Instrument: id}
	var cmd instruments.InstrumentCommand
	switch act {
	case "review":
		cmd = instruments.ReviewInstrument{OnInstrument: on, Note: form.Get("note"), Next: ui.ParseDay(form, "next", bad)}
	case "amend":
		cmd = instruments.Amend{OnInstrument: on, Version: versionIn(form, bad)}
	case "owner":
		cmd = instruments.HandOver{OnInstrument: on, Owner: form.Get("owner")}
	case "end":
		cmd = instruments.End{OnInstrument: on, To: ui.ParseDay(form, "to", bad), Reason: form.Get("reason")}
	default:
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	opts, err := seen(form, node.InstrumentStream(id))
	if err == nil {
		err = bad.Or()
	}
	if err == nil {
		err = p.App.Do(r.Context(), door.Actor(r.Context()), cmd, opts...)
	}
	if err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawInstrumentForm(w, r, status, &f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "instruments." + act + ".done"})
	ui.SeeOther(w, r, "/instruments/"+url.PathEscape(id))
}

// inForce says from when to when a version is in force, in words: until its last
// day, the next version, or without end.
func (v view) inForce(ctx context.Context, i *instruments.Instrument, x *instruments.Version) string {
	to := x.To
	for n := range i.Versions {
		if next := i.Versions[n].From; next > x.From && (to == "" || next <= to) {
			to = next.Add(-1)
		}
	}
	if to == "" {
		return ui.T(ctx, "instruments.in_force.from", "from", dayText(ctx, x.From))
	}
	return ui.T(ctx, "instruments.in_force.from_to", "from", dayText(ctx, x.From), "to", dayText(ctx, to))
}

// standing is where an instrument stands on the day of the page: in a word.
func (v view) standing(ctx context.Context, i *instruments.Instrument) (ui.Tone, string) {
	switch latest := i.Latest(); {
	case i.On(v.Day) != nil && latest.From > v.Day:
		return ui.Info, ui.T(ctx, "instruments.standing.changes", "day", dayText(ctx, latest.From))
	case i.On(v.Day) != nil:
		return ui.Plain, ui.T(ctx, "instruments.standing.in_force")
	case latest.From > v.Day:
		return ui.Info, ui.T(ctx, "instruments.standing.to_come", "day", dayText(ctx, latest.From))
	}
	return ui.Plain, ui.T(ctx, "instruments.standing.ended")
}

// uses are end uses in words.
func uses(ctx context.Context, list []instruments.Use) string {
	if len(list) == 0 {
		return ui.T(ctx, "instruments.catch_all.none")
	}
	out := make([]string, len(list))
	for i, u := range list {
		out[i] = ui.T(ctx, "instruments.use."+string(u))
	}
	return strings.Join(out, ", ")
}

func isOverdue(i *instruments.Instrument, today string) bool {
	return i.Overdue(deadline.Date(today)) && i.Latest().To == ""
}
