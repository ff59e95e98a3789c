package evidence

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// briefsView is a page of briefs.
type briefsView struct {
	Rows  []store.BriefRow
	Next  string
	Form  ui.Form
	Today string
	May   bool
}

func (p pages) briefs(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	v := briefsView{Form: ui.NewForm(q, nil), Today: string(p.today()), May: keeps(r, "")}
	ask := store.Briefs{
		Scope: access.ScopeOf(door.Actor(r.Context()), access.EvidenceRead), About: q.Get("about"), At: q.Get("at"), After: q.Get("after"), Limit: pageSize + 1,
	}
	if q.Get("overdue") != "" {
		ask.Overdue = v.Today
	}
	err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		v.Rows, err = t.ListBriefs(ask)
		return err
	})
	if err != nil {
		p.Fail(w, r, fault.Wrap(err, "evidence: briefs"))
		return
	}
	if len(v.Rows) > pageSize {
		v.Rows = v.Rows[:pageSize]
		last := v.Rows[pageSize-1]
		next := url.Values{"after": {last.ID}, "at": {last.ReviewBy}}
		for _, k := range []string{"about", "overdue"} {
			if x := q.Get(k); x != "" {
				next.Set(k, x)
			}
		}
		v.Next = "/briefs?" + next.Encode()
	}
	ui.Render(w, r, http.StatusOK, briefsPage(p.frame(w, r, door.T(r, "evidence.briefs.title"), ui.Link{Text: door.T(r, "evidence.title"), Href: "/evidence"}), v))
}

// briefName is what a brief is called: its country or party.
func briefName(ctx context.Context, b store.BriefRow) string {
	switch {
	case b.About == string(evidence.Destination):
		return ui.T(ctx, "evidence.brief.of.destination", "name", ui.P(ctx).Country(b.Subject))
	case b.Name == "":
		return ui.T(ctx, "evidence.brief.of.nameless")
	}
	return ui.T(ctx, "evidence.brief.of.end_user", "name", b.Name)
}

// newBriefView is the form by which a brief begins.
type newBriefView struct {
	Form         ui.Form
	ID           string
	States       []ui.StateOption
	Compartments []ui.Option
	Party        string // name of the end user; "" for a destination
}

func (p pages) newBrief(w http.ResponseWriter, r *http.Request) {
	p.drawNewBrief(w, r, http.StatusOK, node.NewID(), ui.NewForm(r.URL.Query(), nil))
}

func (p pages) drawNewBrief(w http.ResponseWriter, r *http.Request, status int, id string, form ui.Form) {
	if !keeps(r, "") {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	v := newBriefView{Form: form, ID: id, States: ui.States(ui.P(r.Context()), p.Door.States), Compartments: compartments(r)}
	if form.Value("party") != "" {
		if v.Party = p.partyName(r, form.Value("party")); v.Party == "" {
			p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
			return
		}
	}
	frame := p.frame(w, r, door.T(r, "evidence.brief.new"), ui.Link{Text: door.T(r, "evidence.briefs.title"), Href: "/briefs"})
	frame.Form = &v.Form
	ui.Render(w, r, status, newBriefPage(frame, v))
}

func (p pages) openBrief(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	form, bad := r.PostForm, fault.New(fault.Invalid, "evidence.invalid")
	cmd := evidence.Open{
		OnBrief: evidence.OnBrief{Brief: form.Get("id")}, About: evidence.Destination, Subject: form.Get("subject"),
		Marking: evidence.Marking(form.Get("marking")), Compartment: form.Get("compartment"), ReviewBy: ui.ParseDay(form, "review_by", bad),
	}
	if register := form.Get("party"); register != "" {
		cmd.About, cmd.Subject = evidence.EndUser, register
	}
	err := bad.Or()
	if err == nil {
		err = p.App.Do(r.Context(), door.Actor(r.Context()), cmd, node.Once(cmd.Brief))
	}
	if err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawNewBrief(w, r, status, cmd.Brief, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "evidence.brief.opened"})
	ui.SeeOther(w, r, "/briefs/"+url.PathEscape(cmd.Brief))
}

// briefView is one brief.
type briefView struct {
	*node.BriefFile
	Today string
	May   bool
	Title string
}

func (v briefView) name(account string) string {
	if n := v.Names[account]; n != "" {
		return n
	}
	return account
}

func (v briefView) href(part string) string {
	return "/briefs/" + url.PathEscape(v.ID) + "/" + part
}

// load reads the brief that the address names, or answers.
func (p pages) load(w http.ResponseWriter, r *http.Request) (v briefView, ok bool) {
	f, err := p.App.BriefFile(r.Context(), door.Actor(r.Context()), r.PathValue("brief"))
	if err != nil {
		p.Fail(w, r, err)
		return v, false
	}
	v = briefView{BriefFile: f, Today: string(p.today()), May: keeps(r, f.Compartment)}
	row := store.BriefRow{About: string(f.About), Subject: f.Subject}
	if f.User != nil {
		row.Name = entryName(f.User.Entry)
	}
	v.Title = briefName(r.Context(), row)
	return v, true
}

func (p pages) briefFrame(w http.ResponseWriter, r *http.Request, v briefView, title string) ui.Frame {
	crumbs := []ui.Link{{Text: door.T(r, "evidence.briefs.title"), Href: "/briefs"}}
	if title != v.Title {
		crumbs = append(crumbs, ui.Link{Text: v.Title, Href: "/briefs/" + url.PathEscape(v.ID)})
	}
	return p.frame(w, r, title, crumbs...)
}

func (p pages) brief(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.load(w, r); ok {
		ui.Render(w, r, http.StatusOK, briefPage(p.briefFrame(w, r, v, v.Title), v))
	}
}

// briefFormView is the form of one part of a brief: a section, a part of the
// law, or a review.
type briefFormView struct {
	briefView
	Part    string // "section-situation", "law-judge", "review"
	Form    ui.Form
	Once    string
	Choices []ui.Option // sources that may be cited
}

func (p pages) briefForm(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.load(w, r); ok {
		p.drawBriefForm(w, r, http.StatusOK, v, v.filled(r.PathValue("part")))
	}
}

// filled is the form with what stands in the brief.
func (v briefView) filled(part string) ui.Form {
	if s, ok := strings.CutPrefix(part, "section-"); ok {
		return formWith(url.Values{"text": {v.Passages[s].Text}, "items": v.Passages[s].Items})
	}
	name, ok := strings.CutPrefix(part, "law-")
	if !ok {
		return ui.FormOf()
	}
	l := v.Law[evidence.Part(name)]
	form := url.Values{
		"paper": {string(l.Paper)}, "paper_text": {l.Words.Text}, "paper_source": {l.Words.Provision},
		"practice": {string(l.Practice)}, "practice_text": {l.Words.Practice}, "practice_source": {l.Words.Source}, "items": l.Items,
	}
	if l.Verified {
		form.Set("verified", "yes")
	}
	for name, day := range map[string]string{"paper_date": string(l.Date), "practice_date": string(l.PracticeDate)} {
		if parts := strings.Split(day, "-"); len(parts) == 3 {
			form.Set(name+".year", parts[0])
			form.Set(name+".month", strings.TrimPrefix(parts[1], "0"))
			form.Set(name+".day", strings.TrimPrefix(parts[2], "0"))
		}
	}
	return formWith(form)
}

func formWith(v url.Values) ui.Form { return ui.NewForm(v, nil) }

// known tells whether a brief has that part.
func (v briefView) known(part string) bool {
	if s, ok := strings.CutPrefix(part, "section-"); ok {
		return slices.Contains(evidence.Sections[v.About], s)
	}
	if s, ok := strings.CutPrefix(part, "law-"); ok {
		return v.About == evidence.Destination && slices.Contains(evidence.Parts, evidence.Part(s))
	}
	return part == "review"
}

func (p pages) drawBriefForm(w http.ResponseWriter, r *http.Request, status int, v briefView, form ui.Form) {
	part := r.PathValue("part")
	if !v.known(part) || !v.May {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	f := briefFormView{briefView: v, Part: part, Form: form, Once: node.NewID()}
	if part != "review" {
		var err error
		if f.Choices, err = p.citable(r, v, form); err != nil {
			p.Fail(w, r, err)
			return
		}
	}
	frame := p.briefFrame(w, r, v, partTitle(r.Context(), part))
	frame.Form = &f.Form
	ui.Render(w, r, status, briefFormPage(frame, f))
}

// citable are the standing sources on the brief's subject that may be cited in
// it, and those that are cited already.
func (p pages) citable(r *http.Request, v briefView, form ui.Form) (out []ui.Option, err error) {
	actor := door.Actor(r.Context())
	ask := store.Evidence{Scope: access.ScopeOf(actor, access.EvidenceRead), State: "standing", Today: v.Today, Limit: 2 * pageSize}
	if v.About == evidence.Destination {
		ask.Country = v.Subject
	} else {
		ask.Party = v.Subject
	}
	var rows []store.EvidenceRow
	err = p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		rows, err = t.ListEvidence(ask)
		return err
	})
	for _, id := range form.Values("items") {
		if row, ok := v.Sources[id]; ok && !slices.ContainsFunc(rows, func(x store.EvidenceRow) bool { return x.ID == id }) {
			rows = append(rows, row)
		}
	}
	for _, row := range rows {
		if row.Compartment != "" && row.Compartment != v.Compartment {
			continue // others read the brief who may not read the source
		}
		out = append(out, ui.Option{Value: row.ID, Text: row.Title, Hint: sourceLine(r.Context(), row, v.Today)})
	}
	return out, fault.Wrap(err, "evidence: sources to cite")
}

// sourceLine is a source in one line: who, when, how good, and whether it still
// stands.
func sourceLine(ctx context.Context, r store.EvidenceRow, today string) string {
	parts := []string{r.Source, ui.P(ctx).DayOf(r.Published), r.Grade}
	if tone, word := state(ctx, r, today); tone != ui.Plain {
		parts = append(parts, word)
	}
	return strings.Join(parts, " · ")
}

// changeBrief gives one of the commands on a brief.
func (p pages) changeBrief(w http.ResponseWriter, r *http.Request) {
	v, ok := p.load(w, r)
	if !ok || !p.ReadForm(w, r) {
		return
	}
	part, form, bad := r.PathValue("part"), r.PostForm, fault.New(fault.Invalid, "evidence.invalid")
	on := evidence.OnBrief{Brief: v.ID}
	var cmd evidence.BriefCommand
	section, isSection := strings.CutPrefix(part, "section-")
	law, isLaw := strings.CutPrefix(part, "law-")
	switch {
	case isSection:
		cmd = evidence.Write{OnBrief: on, Section: section, Text: form.Get("text"), Items: form["items"]}
	case isLaw:
		text := func(name string) string { return strings.TrimSpace(form.Get(name)) }
		cmd = evidence.SetLaw{OnBrief: on, Part: evidence.Part(law), Items: form["items"], Safeguard: evidence.Safeguard{
			Paper: evidence.Answer(form.Get("paper")), Date: ui.ParseDay(form, "paper_date", bad),
			Practice: evidence.Answer(form.Get("practice")), PracticeDate: ui.ParseDay(form, "practice_date", bad), Verified: form.Get("verified") != "",
			Words: evidence.LawWords{Provision: text("paper_source"), Text: text("paper_text"), Practice: text("practice_text"), Source: text("practice_source")},
		}}
	case part == "review":
		cmd = evidence.ReviewBrief{OnBrief: on, Note: form.Get("note"), Next: ui.ParseDay(form, "next", bad)}
	default:
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	opts, err := seen(form, node.BriefStream(v.ID))
	if err == nil {
		err = bad.Or()
	}
	if err == nil {
		err = p.App.Do(r.Context(), door.Actor(r.Context()), cmd, opts...)
	}
	if err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawBriefForm(w, r, status, v, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "evidence.brief.done"})
	ui.SeeOther(w, r, "/briefs/"+url.PathEscape(v.ID)+"#"+part)
}

// partTitle names a part of a brief.
func partTitle(ctx context.Context, part string) string {
	return ui.T(ctx, "evidence.brief.part."+strings.ReplaceAll(part, "-", "."))
}
