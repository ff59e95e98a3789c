package authority

import (
	"context"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/policy"
)

// sheet is a case with what the rules say of every line: what assurances,
// advice and the decision need.
type sheet struct {
	*caseView
	Facts  assessment.Facts
	Pack   *policy.Pack
	Views  []assessment.LineView
	Held   bool
	Groups *assessment.GroupsAnswer

	in      assessment.Input
	reports []assessment.LineReport

	Reviewers []store.AccountRow // who may review the open appeal, where a form asks
	Contested *licensing.Licence // on which a measure is contested
}

// lines is what the rules say of every line. It is asked for where it is
// needed: of a hundred lines it takes a while.
func (s *sheet) lines() []assessment.LineReport {
	if s.reports == nil {
		s.reports = assessment.Assess(&s.in, assessment.Engines{Pack: s.Pack, Destinations: s.Facts.Destinations}).Lines
	}
	return s.reports
}

// sheetOf puts every line of the case to the rules.
func (p *pages) sheetOf(ctx context.Context, v *caseView) (*sheet, error) {
	facts, err := p.App.AssessFacts(ctx, v.Reader, v.CaseFile)
	if err != nil {
		return nil, err
	}
	held := v.held()
	v = v.blinded()
	in := p.App.Input(v.CaseFile)
	return &sheet{
		caseView: v, Facts: facts, Pack: facts.Pack, in: in, Views: v.Assessment.LineViews(facts), Held: held, Groups: v.Assessment.Groups,
	}, nil
}

// day is today in the authority's calendar.
func (s *sheet) day() deadline.Date { return s.Calendar.Day(s.Now) }

// caseForm is one form about a case, with an address of its own.
type caseForm struct {
	name    string // the address after the case's: "assurances/new"
	tab     tab
	act     access.Act
	command string // in the table of what may happen to a case
	view    func(s *sheet, f ui.Form) templ.Component
	cmd     func(p *pages, s *sheet, r *http.Request) (any, error)
	done    string
	where   string
	// draw draws it again where it is part of a larger page; nil: view alone.
	draw func(w http.ResponseWriter, r *http.Request, status int, v *caseView, form ui.Form)
}

func (p *pages) caseForms(on on, forms []caseForm) {
	for _, f := range forms {
		on("GET /cases/{case}/"+f.name, func(w http.ResponseWriter, r *http.Request) {
			if v, ok := p.open(w, r); ok {
				p.drawCaseForm(w, r, http.StatusOK, v, f, ui.NewForm(r.URL.Query(), nil))
			}
		})
		on("POST /cases/{case}/"+f.name, func(w http.ResponseWriter, r *http.Request) { p.answerCaseForm(w, r, f) })
	}
}

func (p *pages) drawCaseForm(w http.ResponseWriter, r *http.Request, status int, v *caseView, f caseForm, form ui.Form) {
	if status == http.StatusOK && !v.takes(f.act, f.command) {
		p.Fail(w, r, fault.New(fault.Blocked, "licensing.stage."+string(v.Case.Stage), "command", f.command))
		return
	}
	s, err := p.sheetOf(r.Context(), v)
	if err == nil {
		err = p.loadReviewers(s, r)
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	p.draw(w, r, status, v, f.tab, form, f.view(s, form))
}

func (p *pages) answerCaseForm(w http.ResponseWriter, r *http.Request, f caseForm) {
	v, ok := p.answeringFiles(w, r)
	if !ok {
		return
	}
	again := func(status int, v *caseView, form ui.Form) {
		if f.draw != nil {
			f.draw(w, r, status, v, form)
			return
		}
		p.drawCaseForm(w, r, status, v, f, form)
	}
	if r.PostForm.Get("part") != "" { // lines are taken out of a question: nothing is answered yet
		again(http.StatusOK, v, ui.NewForm(r.PostForm, nil))
		return
	}
	s, err := p.sheetOf(r.Context(), v)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	cmd, err := f.cmd(p, s, r)
	if err != nil {
		p.refuse(w, r, v, err, again)
		return
	}
	p.send(w, r, v, cmd, f.done, f.where, again)
}

// maxUpload bounds what a form with files may hold, in bytes.
const maxUpload = 64 << 20

// answeringFiles is answering for forms that may carry files.
func (p *pages) answeringFiles(w http.ResponseWriter, r *http.Request) (*caseView, bool) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		return p.answering(w, r)
	}
	v, ok := p.open(w, r)
	return v, ok && p.ReadFiles(w, r, maxUpload)
}

// received takes the file of a form into the vault, or the one that was
// received with it before. It is noted in the form, so that a refusal does not
// lose it.
func (p *pages) received(r *http.Request, v *caseView, kind string) (*licensing.Document, error) {
	var file *multipart.FileHeader
	if r.MultipartForm != nil && len(r.MultipartForm.File["document"]) > 0 {
		file = r.MultipartForm.File["document"][0]
	}
	if file == nil || file.Size == 0 {
		id := r.PostForm.Get("kept")
		if id == "" {
			return nil, nil
		}
		row, body, err := p.App.OpenDocument(r.Context(), v.Reader, v.ID(), id)
		if err != nil {
			return nil, err
		}
		defer body.Close()
		return &licensing.Document{ID: row.ID, Kind: kind, Title: r.PostForm.Get("kept.name"), Hash: row.Commitment.String(), Size: row.Size, Type: row.MediaType}, nil
	}
	f, err := file.Open()
	if err != nil {
		return nil, fault.Wrap(err, "authority: document")
	}
	defer f.Close()
	d, err := p.App.Upload(r.Context(), v.Reader, node.Upload{Case: v.ID(), Kind: kind, Title: file.Filename, Name: file.Filename, Size: file.Size}, f)
	if err != nil {
		return nil, err
	}
	r.PostForm.Set("kept", d.ID)
	r.PostForm.Set("kept.name", d.Title)
	return &d, nil
}

// assuranceRoutes are the tab with the assurances and what is done on it.
func (p *pages) assuranceRoutes(on on) {
	on("GET /cases/{case}/assurances", p.assurancesPage)
	p.caseForms(on, []caseForm{
		{name: "assurances/new", tab: tabAssurances, act: access.CaseAssurance, command: "case.seek_assurance", view: seekForm, cmd: seekCommand, done: "deciding.seek.done", where: "assurances"},
		{name: "assurances/reply", tab: tabAssurances, act: access.CaseAssurance, command: "case.record_assurance", view: replyForm, cmd: replyCommand, done: "deciding.reply.done", where: "assurances"},
		{name: "assurances/check", tab: tabAssurances, act: access.CaseVerify, command: "case.verify_assurance", view: checkForm, cmd: checkCommand, done: "deciding.check.done", where: "assurances"},
	})
}

// drawSheet answers with a tab that needs every line and has no form of its own.
func (p *pages) drawSheet(w http.ResponseWriter, r *http.Request, t tab, view func(*sheet) templ.Component) {
	v, ok := p.open(w, r)
	if !ok {
		return
	}
	s, err := p.sheetOf(r.Context(), v)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	p.draw(w, r, http.StatusOK, v, t, ui.FormOf(), view(s))
}

func seekCommand(_ *pages, s *sheet, r *http.Request) (any, error) {
	f := r.PostForm
	c := licensing.SeekAssurance{
		On: licensing.On{Case: s.ID()}, Assurance: node.NewID(), From: f.Get("from"), Lines: f["lines"], How: f.Get("how"), Text: strings.TrimSpace(f.Get("text")),
	}
	for _, x := range f["clauses"] {
		c.Clauses = append(c.Clauses, licensing.Clause(x))
	}
	bad := fault.New(fault.Invalid, "assessment.invalid")
	if c.From == "" {
		bad.Field("from", "deciding.seek.from_missing")
	}
	if len(c.Clauses) == 0 {
		bad.Field("clauses", "deciding.seek.clauses_missing")
	}
	if strings.TrimSpace(c.How) == "" {
		bad.Field("how", "licensing.assurance.how")
	}
	if c.Text == "" {
		bad.Field("text", "deciding.seek.text_missing")
	}
	return c, bad.Or()
}

func replyCommand(p *pages, s *sheet, r *http.Request) (any, error) {
	f := r.PostForm
	a := s.Case.Assurance(f.Get("id"))
	if a == nil {
		return nil, fault.New(fault.NotFound, "licensing.assurance.unknown")
	}
	bad := fault.New(fault.Invalid, "assessment.invalid")
	c := licensing.RecordAssurance{On: licensing.On{Case: s.ID()}, Assurance: a.ID, Text: strings.TrimSpace(f.Get("text")), Check: strings.TrimSpace(f.Get("check"))}
	given := false
	for _, cl := range a.Clauses {
		reply := licensing.Reply(f.Get("reply." + string(cl)))
		if reply == "" {
			bad.Field("reply."+string(cl), "deciding.reply.missing")
		}
		given = given || reply == licensing.Given || reply == licensing.Changed
		c.Replies = append(c.Replies, licensing.ClauseReply{Clause: cl, Reply: reply})
	}
	c.Expires = dayIn(f, "expires", bad)
	if given || f.Get("signatory") != "" {
		c.Signatory = signatoryIn(f, bad)
		if c.Text == "" {
			bad.Field("text", "licensing.assurance.text")
		}
	}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	doc, err := p.received(r, s.caseView, "assurance")
	c.Document = doc
	return c, err
}

// signatoryIn is who signed. It is a natural person: the record says from whom
// we know of them, and until when they are kept.
func signatoryIn(f url.Values, bad *fault.Error) *licensing.Signatory {
	x := &licensing.Signatory{
		ID: node.NewID(), Names: []party.Name{{Text: strings.TrimSpace(f.Get("signatory"))}}, Authority: strings.TrimSpace(f.Get("authority")),
		Record: &party.Record{Function: strings.TrimSpace(f.Get("function")), Source: strings.TrimSpace(f.Get("source")), Purpose: "assurance"},
	}
	if x.Names[0].Text == "" {
		bad.Field("signatory", "deciding.reply.signatory_missing")
	}
	if x.Record.Function == "" {
		bad.Field("function", "deciding.reply.function_missing")
	}
	if x.Record.Source == "" {
		bad.Field("source", "deciding.reply.source_missing")
	}
	if x.Record.RetainUntil = string(dayIn(f, "retain", bad)); x.Record.RetainUntil == "" {
		bad.Field("retain", "deciding.reply.retain_missing")
	}
	return x
}

// dayIn reads a day; empty is none.
func dayIn(f url.Values, name string, bad *fault.Error) deadline.Date {
	t, ok := ui.ParseDate(f, name, bad)
	if !ok || t.IsZero() {
		return ""
	}
	return deadline.Date(t.Format(time.DateOnly))
}

func checkCommand(p *pages, s *sheet, r *http.Request) (any, error) {
	f := r.PostForm
	bad := fault.New(fault.Invalid, "assessment.invalid")
	c := licensing.VerifyAssurance{
		On: licensing.On{Case: s.ID()}, Assurance: f.Get("id"), Result: licensing.CheckResult(f.Get("result")), Evidence: strings.TrimSpace(f.Get("evidence")), Day: dayIn(f, "day", bad),
	}
	for _, x := range f["clauses"] {
		c.Clauses = append(c.Clauses, licensing.Clause(x))
	}
	if len(c.Clauses) == 0 {
		bad.Field("clauses", "deciding.check.clauses_missing")
	}
	if c.Result == "" {
		bad.Field("result", "deciding.check.result_missing")
	}
	if c.Evidence == "" {
		bad.Field("evidence", "deciding.check.evidence_missing")
	}
	if c.Day == "" {
		bad.Field("day", "deciding.check.day_missing")
	}
	if err := bad.Or(); err != nil {
		return nil, err
	}
	doc, err := p.received(r, s.caseView, "check")
	if doc != nil {
		c.Documents = []licensing.Document{*doc}
	}
	return c, err
}

// line is what the rules say of one line.
func (s *sheet) line(id string) assessment.LineReport {
	for _, l := range s.lines() {
		if l.Line == id {
			return l
		}
	}
	return assessment.LineReport{Line: id}
}

// view is where a line stands with what people found.
func (s *sheet) view(id string) assessment.LineView {
	for _, l := range s.Views {
		if l.Line == id {
			return l
		}
	}
	return assessment.LineView{Line: id}
}

// partyName is a party of the case by its id.
func (v *caseView) partyName(id string) string {
	if p, ok := v.Case.App().Party(id); ok && p.Name() != "" {
		return p.Name()
	}
	return id
}
