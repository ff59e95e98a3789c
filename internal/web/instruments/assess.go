package instruments

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/instruments"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

func (p pages) matrix(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.view(w, r); ok {
		ui.Render(w, r, http.StatusOK, matrixPage(p.frame(w, r, door.T(r, "instruments.matrix.title"), ui.Link{Text: door.T(r, "instruments.title"), Href: "/instruments"}), v, ui.NewForm(r.URL.Query(), nil)))
	}
}

// tally counts how the elements stand, all instruments together. It is four
// counts side by side: they are never made one figure.
func (v view) tally() map[instruments.Answer]int {
	out := map[instruments.Answer]int{}
	for _, r := range v.Rows {
		out[r.Together.Answer]++
	}
	return out
}

// openGaps are the gaps of all elements, and bare how many of them nobody has
// said anything about.
func (v view) openGaps() (gaps, bare int) {
	for _, r := range v.Rows {
		for _, g := range r.Gaps {
			gaps++
			if g.Bare() {
				bare++
			}
		}
	}
	return gaps, bare
}

// elementView is one element.
type elementView struct {
	view
	instruments.Row
}

func (v elementView) href(act string, pairs ...string) string {
	q := url.Values{}
	for n := 0; n+1 < len(pairs); n += 2 {
		q.Set(pairs[n], pairs[n+1])
	}
	out := "/self-assessment/" + url.PathEscape(v.Row.ID) + "/" + act
	if len(q) > 0 {
		out += "?" + q.Encode()
	}
	return out
}

// public tells whether the answers are public on the day of the page.
func (v elementView) public() bool { return v.Element.Public(v.At) }

// earlier are the answers for an instrument before the one that stands, the
// latest first.
func (v elementView) earlier(instrument string) []instruments.Judged {
	var out []instruments.Judged
	for _, j := range v.Element.Judged {
		if j.Instrument == instrument && !j.By.At.After(v.At) {
			out = append(out, j)
		}
	}
	slices.Reverse(out)
	if len(out) > 0 {
		out = out[1:]
	}
	return out
}

func (p pages) openElement(w http.ResponseWriter, r *http.Request) (out elementView, ok bool) {
	v, ok := p.view(w, r)
	if !ok {
		return out, false
	}
	n := slices.IndexFunc(v.Rows, func(x instruments.Row) bool { return x.ID == r.PathValue("element") })
	if n < 0 {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return out, false
	}
	return elementView{v, v.Rows[n]}, true
}

func elementCrumbs(ctx context.Context) []ui.Link {
	return []ui.Link{{Text: ui.T(ctx, "instruments.title"), Href: "/instruments"}, {Text: ui.T(ctx, "instruments.matrix.title"), Href: "/self-assessment"}}
}

func (p pages) element(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.openElement(w, r); ok {
		ui.Render(w, r, http.StatusOK, elementPage(p.frame(w, r, v.Title, elementCrumbs(r.Context())...), v))
	}
}

// elementForm is the form of one act on an element.
type elementFormView struct {
	elementView
	Act     string
	Form    ui.Form
	Once    string
	Owners  []ui.Option
	Sources []ui.Option
	For     string // the instrument that it is about, "" for all together
	Action  *instruments.Action
}

// forActs are the acts on an element; all but closing one's own action are the
// keeper's.
var forActs = []string{"judge", "plan", "leave", "close", "publish", "unpublish"}

func (p pages) elementForm(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	p.drawElementForm(w, r, http.StatusOK, ui.NewForm(url.Values{"instrument": {q.Get("instrument")}, "action": {q.Get("action")}}, nil))
}

func (p pages) drawElementForm(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	v, ok := p.openElement(w, r)
	if !ok {
		return
	}
	f := elementFormView{elementView: v, Act: r.PathValue("act"), Form: form, Once: node.NewID(), For: form.Value("instrument")}
	if f.Act == "close" {
		if n := slices.IndexFunc(v.Element.Actions, func(a instruments.Action) bool { return a.ID == form.Value("action") && a.Open() }); n >= 0 {
			f.Action = &v.Element.Actions[n]
		}
	}
	mine := f.Action != nil && f.Action.Owner == v.Reader.Account
	if !slices.Contains(forActs, f.Act) || !v.May && !mine || f.Act == "close" && f.Action == nil || f.For != "" && v.one(f.For) == nil {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	var err error
	if f.Version, err = p.version(r, node.ElementStream(v.Row.ID), &instruments.Element{}); err == nil && f.Act == "plan" {
		f.Owners, err = p.owners(r)
	}
	if err == nil && f.Act == "judge" {
		f.Sources, err = p.citable(r, v)
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	frame := p.frame(w, r, door.T(r, "instruments."+f.Act+".title"), append(elementCrumbs(r.Context()), ui.Link{Text: v.Title, Href: "/self-assessment/" + url.PathEscape(v.Row.ID)})...)
	frame.Form = &f.Form
	ui.Render(w, r, status, elementFormPage(frame, f))
}

// sourcesOffered is how many sources a form offers.
const sourcesOffered = 100

// citable are the standing sources that every reader of the register may be told
// of: those in no compartment.
func (p pages) citable(r *http.Request, v elementView) (out []ui.Option, err error) {
	scope := access.ScopeOf(v.Reader, access.EvidenceRead)
	if scope.Empty() {
		return nil, nil
	}
	var rows []store.EvidenceRow
	err = p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		rows, err = t.ListEvidence(store.Evidence{Scope: scope, State: "standing", Today: v.Today, Everyone: true, Limit: sourcesOffered})
		return err
	})
	for _, s := range rows {
		out = append(out, ui.Option{Value: s.ID, Text: s.Title, Hint: s.Source})
	}
	return out, fault.Wrap(err, "instruments: sources")
}

func (p pages) changeElement(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	id, act, form, bad := r.PathValue("element"), r.PathValue("act"), r.PostForm, fault.New(fault.Invalid, "instruments.invalid")
	on := instruments.OnElement{Element: id}
	opts, err := seen(form, node.ElementStream(id))
	var cmd instruments.ElementCommand
	switch act {
	case "judge":
		cmd = instruments.Judge{
			OnElement: on, Instrument: form.Get("instrument"), Answer: instruments.Answer(form.Get("answer")), Provision: form.Get("provision"),
			Items: form["items"], Case: strings.TrimSpace(form.Get("case")), Reason: form.Get("reason"),
		}
	case "plan":
		cmd = instruments.Plan{OnElement: on, ID: form.Get("once"), Instrument: form.Get("instrument"), What: form.Get("what"), Owner: form.Get("owner"), Due: ui.ParseDay(form, "due", bad)}
	case "leave":
		cmd = instruments.LeaveGap{OnElement: on, Instrument: form.Get("instrument"), Reason: form.Get("reason")}
	case "close":
		cmd = instruments.CloseAction{OnElement: on, ID: form.Get("action"), Done: form.Get("done")}
	case "publish", "unpublish":
		cmd = instruments.Publish{OnElement: on, Public: act == "publish"}
	default:
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	if err == nil {
		err = bad.Or()
	}
	if err == nil {
		err = p.App.Do(r.Context(), door.Actor(r.Context()), cmd, opts...)
	}
	if err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawElementForm(w, r, status, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "instruments." + act + ".done"})
	ui.SeeOther(w, r, "/self-assessment/"+url.PathEscape(id))
}
