package exchange

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/dispatch"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// formView is the form of a paper.
type formView struct {
	Kind       dispatch.Kind
	Form       ui.Form
	ID         string
	Version    int64 // 0 for a new one
	From       dispatch.From
	Members    []string
	States     []ui.StateOption
	Procedures []ui.Option
	Passes     string // title of the statement that is passed on
	To         string // where the form goes
}

func (p pages) newPaper(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	form := url.Values{"item": q["item"], "case": q["case"], "leaf": q["leaf"], "title": q["title"], "admiralty": q["admiralty"], "basis": q["basis"], "places": q["places"], "origin": {"state"}, "tlp": {"amber"}}
	ui.DateValues(form, "review_by", p.App.Now().AddDate(0, 6, 0))
	from := dispatch.From{Item: q.Get("item"), Case: q.Get("case"), Leaf: q.Get("leaf")}
	if from.Item != "" {
		f, err := p.App.EvidenceItem(r.Context(), door.Actor(r.Context()), from.Item, "")
		if err != nil {
			p.Fail(w, r, err)
			return
		}
		// Grade and origin go along, and nothing of the words.
		form.Set("admiralty", string(f.Grade))
		if f.Kind == "civil_society" {
			form.Set("origin", "reviewed-report")
		}
		if f.Country != "" {
			form.Set("places", f.Country)
		}
	}
	if from.Case != "" {
		f, err := p.App.CaseFile(r.Context(), door.Actor(r.Context()), from.Case)
		if err != nil {
			p.Fail(w, r, err)
			return
		}
		if user, ok := f.Case.App().EndUser(); ok && user.Kind != party.Person { // a natural person is named by somebody, never by the form
			partValues(form, &dispatch.Reporting{Named: []dispatch.Named{{Role: "end-user", Name: user.Name(), Country: user.Country}}})
		}
	}
	if from.Leaf != "" {
		s, err := p.App.Said(r.Context(), door.Actor(r.Context()), from.Leaf)
		if err != nil {
			p.Fail(w, r, err)
			return
		}
		form.Set("tlp", s.TLP)
		if r.PathValue("kind") == string(dispatch.Reply) {
			form["audience"] = append([]string{s.Issuer}, s.Version.Statement.Handling.Audience...) // those who have it
		} else {
			form.Set("title", s.Content.Title)
			form.Set("text", s.Content.Text)
			form.Set("origin", "partner")
			if rep := s.Content.Report; rep != nil {
				fillReport(form, rep, s.Parts)
			}
		}
	}
	p.draw(w, r, http.StatusOK, formView{Kind: dispatch.Kind(r.PathValue("kind")), ID: node.NewID(), From: from, Form: ui.NewForm(form, nil), To: r.URL.Path})
}

// fillReport begins a report from what another state reported.
func fillReport(form url.Values, rep *dispatch.Reporting, parts []node.SaidPart) {
	c := dispatch.Content{Report: rep}
	for _, x := range parts {
		if x.Named != nil {
			rep.Named = append(rep.Named, *x.Named)
		} else if len(x.Harms) > 0 {
			rep.Capabilities = append(rep.Capabilities, dispatch.Capability{Name: x.Name, Harms: x.Harms})
		}
	}
	for k, v := range contentValues(&c) {
		if v[0] != "" {
			form[k] = v
		}
	}
}

func (p pages) draw(w http.ResponseWriter, r *http.Request, status int, v formView) {
	if !can(r, access.ExchangeWrite) || !slices.Contains(dispatch.Kinds, v.Kind) && (v.Kind != dispatch.Reply || v.From.Leaf == "") {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	v.States = ui.States(ui.P(r.Context()), p.Door.States)
	if l := p.App.Trust(); l != nil {
		for _, s := range l.States {
			if s.ID != p.App.Config().State {
				v.Members = append(v.Members, s.ID)
			}
		}
	}
	procedures, err := p.App.Procedures(r.Context(), door.Actor(r.Context()))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	for id, rules := range procedures {
		v.Procedures = append(v.Procedures, ui.Option{Value: id, Text: rules.Number})
	}
	slices.SortFunc(v.Procedures, func(a, b ui.Option) int { return strings.Compare(a.Text, b.Text) })
	frame := p.frame(w, r, door.T(r, "exchange.write."+string(v.Kind)), p.home(r), ui.Link{Text: door.T(r, "exchange.out.title"), Href: "/exchange/out"})
	frame.Form = &v.Form
	ui.Render(w, r, status, paperFormPage(frame, v))
}

func (p pages) writePaper(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	form, kind := r.PostForm, dispatch.Kind(r.PathValue("kind"))
	from := dispatch.From{Item: form.Get("item"), Case: form.Get("case"), Leaf: form.Get("leaf")}
	p.write(w, r, formView{Kind: kind, ID: form.Get("id"), From: from, To: r.URL.Path}, nil)
}

// write gives the command of a paper's form, new or changed.
func (p pages) write(w http.ResponseWriter, r *http.Request, v formView, opts []node.Option) {
	form, bad := r.PostForm, fault.New(fault.Invalid, "dispatch.invalid")
	if v.Kind == dispatch.Report && form.Get("rows") != "" {
		p.redraw(w, r, v)
		return
	}
	cmd := dispatch.Write{OnPaper: dispatch.OnPaper{Paper: v.ID}, Kind: v.Kind, From: v.From, Content: contentIn(v.Kind, form, bad), Handling: handlingIn(form, bad)}
	err := bad.Or()
	if err == nil && cmd.Content.Reply != nil {
		var s node.SaidPage
		if s, err = p.App.Said(r.Context(), door.Actor(r.Context()), v.From.Leaf); err == nil {
			cmd.Content.Reply.Object, cmd.Content.Reply.Leaf = s.Object, v.From.Leaf
		}
	}
	if err == nil {
		err = p.App.Do(r.Context(), door.Actor(r.Context()), cmd, append(opts, node.Once(form.Get("once")))...)
	}
	if err != nil {
		// That it is about nothing is said at the first row that there is.
		err = door.Renamed(err, dispatch.Named{Role: "vendor"}.Input("name"), dispatch.Named{Role: "vendor", Part: rowsOf(form, "vendor")[0]}.Input("name"))
		p.Again(w, r, err, func(status int, f ui.Form) {
			v.Form = f
			p.draw(w, r, status, v)
		})
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "exchange.written"})
	ui.SeeOther(w, r, "/exchange/papers/"+url.PathEscape(v.ID))
}

// paperView is one paper.
type paperView struct {
	node.PaperPage
	Title        string
	Write, Issue bool
	Self         string
	Form         ui.Form
	Act          string
	Day          deadline.Date
}

func (v paperView) today() deadline.Date { return v.Day }

// reviewBy is the day by which the paper, or the procedure that it is, is looked
// at again.
func (v paperView) reviewBy() string {
	if r := v.Content.Procedure; r != nil {
		return string(r.ReviewBy)
	}
	return string(v.Handling.ReviewBy)
}

// answered counts the states that answered: to decline is an answer.
func (v paperView) answered() int {
	seen := map[string]bool{}
	for _, a := range v.Answers {
		if !a.Own {
			seen[a.Issuer] = true
		}
	}
	return len(seen)
}

// mayAsk tells whether what stands in the way is the consent of the state that
// the paper passes something on from.
func (v paperView) mayAsk() bool {
	var f *fault.Error
	return v.From.Leaf != "" && errors.As(v.Refused, &f) && (f.Key == "dispatch.procedure.onward" || f.Key == "dispatch.consent_needed")
}

func (v paperView) receiptStates() []string { return slices.Sorted(maps.Keys(v.Receipts)) }

// refusal is why something can't be done, in the reader's words.
func refusal(ctx context.Context, err error) string {
	problem := lang.Fault(ui.P(ctx), err)
	if len(problem.Fields) > 0 {
		return problem.Fields[0].Message
	}
	return problem.Message
}

func (v paperView) name(account string) string {
	if n := v.Names[account]; n != "" {
		return n
	}
	return account
}

func (v paperView) href(act string) string {
	return "/exchange/papers/" + url.PathEscape(v.ID) + "/" + act
}

// acts are what the reader can do with the paper as it stands, in their order.
func (v paperView) acts() (out []string) {
	state := v.State()
	if state == "dropped" || state == "revoked" || v.Content.Bare() {
		return nil
	}
	_, issued := v.Last()
	if v.Write && state != "issued" && (v.Check == nil || v.Check.Draft != v.Draft) {
		out = append(out, "check")
	}
	if v.Write && v.NeedsReader() {
		out = append(out, "read")
	}
	if v.Issue && state != "issued" {
		out = append(out, "issue")
	}
	if v.Write {
		out = append(out, "edit")
	}
	if v.Issue && issued {
		out = append(out, "narrow", "recall", "revoke")
	}
	if v.Write && !issued {
		out = append(out, "drop")
	}
	return out
}

func (p pages) load(w http.ResponseWriter, r *http.Request) (v paperView, ok bool) {
	x, err := p.App.Paper(r.Context(), door.Actor(r.Context()), r.PathValue("id"))
	if err != nil {
		p.Fail(w, r, err)
		return v, false
	}
	v = paperView{PaperPage: x, Title: x.Content.Title, Write: can(r, access.ExchangeWrite), Issue: can(r, access.ExchangeIssue), Self: p.App.Config().State, Day: p.today()}
	if v.Title == "" {
		v.Title = door.T(r, "exchange.kind."+string(x.Kind))
	}
	return v, true
}

func (p pages) paper(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.load(w, r); ok {
		ui.Render(w, r, http.StatusOK, paperPage(p.frame(w, r, v.Title, p.home(r), ui.Link{Text: door.T(r, "exchange.out.title"), Href: "/exchange/out"}), v))
	}
}

func (p pages) paperForm(w http.ResponseWriter, r *http.Request) {
	p.drawAct(w, r, http.StatusOK, ui.FormOf())
}

func (p pages) drawAct(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	v, ok := p.load(w, r)
	if !ok {
		return
	}
	v.Act, v.Form = r.PathValue("act"), form
	if !slices.Contains(v.acts(), v.Act) {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	if v.Act == "edit" {
		values := contentValues(&v.Content)
		h := v.Handling
		for k, list := range map[string][]string{"tlp": {h.TLP}, "pap": {h.PAP}, "origin": {h.Origin}, "procedure": {h.Procedure}, "audience": h.Audience, "purposes": h.Purposes} {
			values[k] = list
		}
		dateValues(values, "review_by", string(h.ReviewBy))
		if h.Notice {
			values.Set("notice", "yes")
		}
		p.draw(w, r, status, formView{Kind: v.Kind, ID: v.ID, Version: v.Version, From: v.From, Form: ui.NewForm(values, nil), To: v.href("edit")})
		return
	}
	frame := p.frame(w, r, door.T(r, "exchange."+v.Act+".title"), ui.Link{Text: v.Title, Href: "/exchange/papers/" + url.PathEscape(v.ID)})
	frame.Form = &form
	ui.Render(w, r, status, actPage(frame, v))
}

func (p pages) changePaper(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	id, form, act := r.PathValue("id"), r.PostForm, r.PathValue("act")
	on := dispatch.OnPaper{Paper: id}
	opts, err := seen(form, node.PaperStream(id))
	var cmd any
	switch act {
	case "edit":
		v, ok := p.load(w, r)
		if ok && err == nil {
			p.write(w, r, formView{Kind: v.Kind, ID: id, Version: v.Version, From: v.From, To: v.href("edit")}, opts)
		} else if ok {
			p.Fail(w, r, err)
		}
		return
	case "check":
		yes := func(name string) bool { return slices.Contains(form["found"], name) }
		cmd = dispatch.CheckHarm{OnPaper: on, Note: form.Get("note"), Answers: dispatch.Answers{
			Place: yes("place"), Date: yes("date"), Detail: yes("detail"), Population: yes("population"), Misuse: yes("misuse"),
			Consent: form.Get("consent"), Coarse: form.Get("coarse") != "",
		}}
	case "read":
		cmd = dispatch.ReadPerson{OnPaper: on}
	case "issue":
		cmd = dispatch.Issue{OnPaper: on}
	case "narrow":
		cmd = dispatch.Narrow{OnPaper: on, Audience: form["audience"]}
	case "recall":
		cmd = dispatch.Recall{OnPaper: on, From: form["from"], Disposal: form.Get("disposal"), Why: form.Get("why")}
	case "revoke":
		cmd = dispatch.Revoke{OnPaper: on}
	case "drop":
		cmd = dispatch.Drop{OnPaper: on}
	default:
		err = fault.New(fault.NotFound, "fault.not_found")
	}
	if err == nil {
		err = p.App.Do(r.Context(), door.Actor(r.Context()), cmd, opts...)
	}
	if err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawAct(w, r, status, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "exchange." + act + ".done"})
	ui.SeeOther(w, r, "/exchange/papers/"+url.PathEscape(id))
}
