package exporter

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// casePage is a page about a submitted application.
type casePage struct {
	frame   ui.Frame
	view    licensing.ApplicantView
	version int64 // of the case's stream: what this page has seen
	form    ui.Form
	once    string
	now     time.Time
	b       *builder
	shown   licensing.Version
	request licensing.RFI
	files   []licensing.Document // received for an answer that was not sent yet
	max     int64
	letter  templ.Component
	pdf     string
}

// view reads what the applicant may see of a case. It answers the request
// itself where there is nothing to see.
func (p pages) view(w http.ResponseWriter, r *http.Request) (casePage, bool) {
	view, version, err := p.App.Application(r.Context(), door.Actor(r.Context()), r.PathValue("case"))
	if err != nil {
		p.Fail(w, r, err)
		return casePage{}, false
	}
	page := casePage{view: view, version: version, once: node.NewID(), now: p.App.Now(), max: p.limit()}
	return page, true
}

// caseFrame is the frame of a page beneath a case.
func (p pages) caseFrame(w http.ResponseWriter, r *http.Request, page *casePage, title string) {
	page.frame = p.frame(w, r, title, "applications")
	page.frame.Form = &page.form
	page.frame.Back = &ui.Link{Text: say(r, "exporter.case.back", "reference", page.view.Reference), Href: casePath(page.view.ID)}
}

// latest is the application as last submitted.
func latest(v licensing.ApplicantView) licensing.Application {
	if len(v.Versions) == 0 {
		return licensing.Application{}
	}
	return v.Versions[len(v.Versions)-1].App
}

func (p pages) standing(w http.ResponseWriter, r *http.Request) {
	page, ok := p.view(w, r)
	if !ok {
		return
	}
	app := latest(page.view)
	d := &draft{app: app}
	b, err := p.builder(r.Context(), d)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	page.b = b
	title := titleOr(r.Context(), app.Title)
	page.frame = p.frame(w, r, title, "applications")
	page.frame.Crumbs = []ui.Link{{Text: say(r, "exporter.applications.title"), Href: "/exporter/applications"}, {Text: page.view.Reference}}
	ui.Render(w, r, http.StatusOK, standingView(page))
}

func (p pages) version(w http.ResponseWriter, r *http.Request) {
	page, ok := p.view(w, r)
	if !ok {
		return
	}
	n, err := strconv.Atoi(r.PathValue("version"))
	if err != nil || n < 1 || n > len(page.view.Versions) {
		p.Fail(w, r, notFound())
		return
	}
	page.shown = page.view.Versions[n-1]
	d := &draft{app: page.shown.App}
	d.Case = page.view.ID
	if page.b, err = p.builder(r.Context(), d); err != nil {
		p.Fail(w, r, err)
		return
	}
	p.caseFrame(w, r, &page, say(r, "exporter.version.title", "number", n))
	ui.Render(w, r, http.StatusOK, versionView(page))
}

// -- requests for information

// answerDraft keeps, while an answer is written, what was typed and which
// documents were received: nothing is lost between two visits.
type answerDraft struct {
	Values    url.Values           `json:"values"`
	Documents []licensing.Document `json:"documents,omitempty"`
}

func (p pages) request(w http.ResponseWriter, r *http.Request) {
	page, ok := p.requestPage(w, r)
	if !ok {
		return
	}
	kept, _, err := p.answerDraft(r.Context(), door.Actor(r.Context()), draftOfRequest(page))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	page.files = kept.Documents
	p.drawRequest(w, r, http.StatusOK, page, ui.NewForm(kept.Values, nil))
}

func draftOfRequest(page casePage) string { return "rfi-" + page.request.ID }

func (p pages) requestPage(w http.ResponseWriter, r *http.Request) (casePage, bool) {
	page, ok := p.view(w, r)
	if !ok {
		return page, false
	}
	for _, q := range page.view.RFIs {
		if q.ID == r.PathValue("request") {
			page.request = q
			return page, true
		}
	}
	p.Fail(w, r, notFound())
	return page, false
}

func (p pages) drawRequest(w http.ResponseWriter, r *http.Request, status int, page casePage, form ui.Form) {
	page.form = form
	p.caseFrame(w, r, &page, say(r, "exporter.request.title", "number", page.request.Number))
	page.frame.Narrow = true
	ui.Render(w, r, status, requestView(page))
}

// answerNames are the inputs of an answer.
func answerNames(q licensing.RFI) []string {
	names := []string{"text"}
	for _, x := range q.Questions {
		names = append(names, "answer."+x.ID)
	}
	return names
}

func pick(sent url.Values, names []string) url.Values {
	out := url.Values{}
	for _, n := range names {
		if v := sent.Get(n); v != "" {
			out.Set(n, v)
		}
	}
	return out
}

func (p pages) answer(w http.ResponseWriter, r *http.Request) {
	if err := door.ReadForm(w, r); err != nil {
		p.Fail(w, r, err)
		return
	}
	page, ok := p.requestPage(w, r)
	if !ok {
		return
	}
	ctx, actor := r.Context(), door.Actor(r.Context())
	values := pick(r.PostForm, answerNames(page.request))
	kept, stored, err := p.answerDraft(ctx, actor, draftOfRequest(page))
	if err == nil {
		kept.Values = values
		stored.Case, stored.Kind = page.view.ID, "answer"
		stored, err = p.keepAnswer(ctx, actor, stored, kept)
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	page.files = kept.Documents
	how := r.PostForm.Get("how")
	if how == "later" {
		ui.SetFlash(w, r, ui.Flash{Key: "exporter.answer.kept"})
		seeOther(w, r, casePath(page.view.ID))
		return
	}
	cmd := licensing.AnswerInformation{On: licensing.On{Case: page.view.ID}, RFI: page.request.ID, Holding: how == "holding", Text: values.Get("text"), Documents: kept.Documents}
	for _, x := range page.request.Questions {
		if s := values.Get("answer." + x.ID); s != "" {
			cmd.Answers = append(cmd.Answers, licensing.QuestionAnswer{Question: x.ID, Text: s})
		}
	}
	if err := p.App.Do(ctx, actor, cmd, onceOf(r)...); err != nil {
		p.blockedHere(w, r, err, func(status int, form ui.Form) {
			p.drawRequest(w, r, status, page, ui.NewForm(values, form.Problem()))
		})
		return
	}
	_ = p.App.DropDraft(ctx, actor, stored.ID) // what was sent is in the case now
	ui.SetFlash(w, r, ui.Flash{Key: "exporter.answer.sent"})
	seeOther(w, r, casePath(page.view.ID))
}

// answerDraft reads what is kept of an answer; nothing is kept at first.
func (p pages) answerDraft(ctx context.Context, actor access.Actor, id string) (answerDraft, node.Draft, error) {
	stored, err := p.App.Draft(ctx, actor, id)
	if fault.Is(err, fault.NotFound) {
		return answerDraft{}, node.Draft{ID: id}, nil
	}
	if err != nil {
		return answerDraft{}, stored, err
	}
	var a answerDraft
	return a, stored, decode(stored.Body, &a)
}

func (p pages) keepAnswer(ctx context.Context, actor access.Actor, d node.Draft, a answerDraft) (node.Draft, error) {
	for n := 1; ; n++ {
		var err error
		if d.Body, err = encode(a); err != nil {
			return d, err
		}
		version, err := p.App.SaveDraft(ctx, actor, d)
		if err == nil || n == attempts || !fault.Is(err, fault.Conflict) {
			d.Version = version
			return d, err
		}
		// Another window kept something meanwhile: what this one says goes in
		// over it, with the documents of both.
		there, stored, err := p.answerDraft(ctx, actor, d.ID)
		if err != nil {
			return d, err
		}
		a.Documents = union(there.Documents, a.Documents)
		d.Version = stored.Version
	}
}

func union(a, b []licensing.Document) []licensing.Document {
	out := append([]licensing.Document(nil), a...)
	for _, x := range b {
		there := false
		for _, have := range a {
			there = there || have.ID == x.ID
		}
		if !there {
			out = append(out, x)
		}
	}
	return out
}

// uploadToRequest takes a document for an answer that is being written.
func (p pages) uploadToRequest(w http.ResponseWriter, r *http.Request) {
	page, ok := p.requestPage(w, r)
	if !ok {
		return
	}
	p.uploadTo(w, r, page, draftOfRequest(page), casePath(page.view.ID, "requests", page.request.ID), "answer", func(status int, kept answerDraft, form ui.Form) {
		page.files = kept.Documents
		p.drawRequest(w, r, status, page, ui.NewForm(kept.Values, form.Problem()))
	})
}

func (p pages) uploadTo(w http.ResponseWriter, r *http.Request, page casePage, id, back, kind string, again func(int, answerDraft, ui.Form)) {
	ctx, actor := r.Context(), door.Actor(r.Context())
	kept, stored, err := p.answerDraft(ctx, actor, id)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	doc, _, err := p.receive(w, r, func(v map[string]string) node.Upload {
		return node.Upload{Case: page.view.ID, Kind: kind, Title: titled(v)}
	})
	if err == nil {
		kept.Documents = append(kept.Documents, doc)
		stored.Case, stored.Kind = page.view.ID, "answer"
		_, err = p.keepAnswer(ctx, actor, stored, kept)
	}
	if err != nil {
		p.Again(w, r, err, func(status int, form ui.Form) { again(status, kept, form) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "exporter.file.received"})
	seeOther(w, r, back)
}

// -- intention to refuse

func (p pages) intention(w http.ResponseWriter, r *http.Request) {
	page, ok := p.intentionPage(w, r)
	if !ok {
		return
	}
	kept, _, err := p.answerDraft(r.Context(), door.Actor(r.Context()), "reply-"+page.view.ID)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	page.files = kept.Documents
	p.drawIntention(w, r, http.StatusOK, page, ui.NewForm(kept.Values, nil))
}

func (p pages) intentionPage(w http.ResponseWriter, r *http.Request) (casePage, bool) {
	page, ok := p.view(w, r)
	if ok && page.view.Intention == nil {
		p.Fail(w, r, notFound())
		return page, false
	}
	return page, ok
}

func (p pages) drawIntention(w http.ResponseWriter, r *http.Request, status int, page casePage, form ui.Form) {
	page.form = form
	p.caseFrame(w, r, &page, say(r, "exporter.intention.title"))
	page.frame.Narrow = true
	ui.Render(w, r, status, intentionView(page))
}

func (p pages) reply(w http.ResponseWriter, r *http.Request) {
	if err := door.ReadForm(w, r); err != nil {
		p.Fail(w, r, err)
		return
	}
	page, ok := p.intentionPage(w, r)
	if !ok {
		return
	}
	ctx, actor := r.Context(), door.Actor(r.Context())
	values := pick(r.PostForm, []string{"text"})
	kept, stored, err := p.answerDraft(ctx, actor, "reply-"+page.view.ID)
	if err == nil {
		kept.Values = values
		stored.Case, stored.Kind = page.view.ID, "answer"
		stored, err = p.keepAnswer(ctx, actor, stored, kept)
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	page.files = kept.Documents
	if r.PostForm.Get("how") == "later" {
		ui.SetFlash(w, r, ui.Flash{Key: "exporter.answer.kept"})
		seeOther(w, r, casePath(page.view.ID))
		return
	}
	cmd := licensing.ApplicantReplies{On: licensing.On{Case: page.view.ID}, Text: values.Get("text"), Documents: kept.Documents}
	if err := p.App.Do(ctx, actor, cmd, onceOf(r)...); err != nil {
		p.blockedHere(w, r, err, func(status int, form ui.Form) {
			p.drawIntention(w, r, status, page, ui.NewForm(values, form.Problem()))
		})
		return
	}
	_ = p.App.DropDraft(ctx, actor, stored.ID)
	ui.SetFlash(w, r, ui.Flash{Key: "exporter.reply.sent"})
	seeOther(w, r, casePath(page.view.ID))
}

func (p pages) uploadToReply(w http.ResponseWriter, r *http.Request) {
	page, ok := p.intentionPage(w, r)
	if !ok {
		return
	}
	p.uploadTo(w, r, page, "reply-"+page.view.ID, casePath(page.view.ID, "intention"), "reply", func(status int, kept answerDraft, form ui.Form) {
		page.files = kept.Documents
		p.drawIntention(w, r, status, page, ui.NewForm(kept.Values, form.Problem()))
	})
}

// -- withdrawing

func (p pages) askWithdraw(w http.ResponseWriter, r *http.Request) {
	page, ok := p.view(w, r)
	if !ok {
		return
	}
	p.drawWithdraw(w, r, http.StatusOK, page, ui.FormOf())
}

func (p pages) drawWithdraw(w http.ResponseWriter, r *http.Request, status int, page casePage, form ui.Form) {
	page.form = form
	p.caseFrame(w, r, &page, say(r, "exporter.withdraw.title"))
	page.frame.Narrow = true
	ui.Render(w, r, status, withdrawView(page))
}

func (p pages) withdraw(w http.ResponseWriter, r *http.Request) {
	if err := door.ReadForm(w, r); err != nil {
		p.Fail(w, r, err)
		return
	}
	page, ok := p.view(w, r)
	if !ok {
		return
	}
	cmd := licensing.Withdraw{On: licensing.On{Case: page.view.ID}, Why: strings.TrimSpace(r.PostForm.Get("why"))}
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), cmd, onceOf(r)...); err != nil {
		p.blockedHere(w, r, err, func(status int, form ui.Form) { p.drawWithdraw(w, r, status, page, form) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "exporter.withdraw.done"})
	seeOther(w, r, casePath(page.view.ID))
}

// -- letters

// maxLetter bounds a letter that is shown in a page, in bytes.
const maxLetter = 4 << 20

// letter shows a letter, or sends its PDF. Letters of a case are written to its
// applicant; what is none of them is not found.
func (p pages) letter(w http.ResponseWriter, r *http.Request) {
	page, ok := p.view(w, r)
	if !ok {
		return
	}
	id := r.PathValue("document")
	at := -1
	for i, l := range page.view.Letters {
		if l.Document == id {
			at = i
		}
	}
	if at < 0 {
		p.Fail(w, r, notFound())
		return
	}
	doc, body, err := p.App.OpenDocument(r.Context(), door.Actor(r.Context()), page.view.ID, id)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	if !strings.HasPrefix(doc.MediaType, "text/html") {
		serve(w, r, doc, body, page.view.Reference+"-"+string(page.view.Letters[at].Kind))
		return
	}
	defer body.Close()
	raw, err := io.ReadAll(io.LimitReader(body, maxLetter))
	if err != nil {
		p.Fail(w, r, fault.Wrap(err, "exporter: letter"))
		return
	}
	// The letter was written by this node from typed content, every text of it
	// escaped; the page's policy lets no script or style of it run all the same.
	page.letter = templ.Raw(string(raw))
	if l := page.view.Letters; at+1 < len(l) && l[at+1].Kind == l[at].Kind {
		page.pdf = casePath(page.view.ID, "letters", l[at+1].Document)
	}
	p.caseFrame(w, r, &page, say(r, "exporter.letter."+string(page.view.Letters[at].Kind)))
	page.frame.Narrow = true
	ui.Render(w, r, http.StatusOK, letterView(page))
}

// sent is one letter in its two forms.
type sent struct {
	kind       licensing.LetterKind
	at         time.Time
	read, save string
}

// lettersOf puts the forms of each letter together: one to read, then one to
// keep.
func lettersOf(v licensing.ApplicantView) []sent {
	var out []sent
	for i := 0; i < len(v.Letters); i++ {
		l := v.Letters[i]
		s := sent{kind: l.Kind, at: l.At, read: casePath(v.ID, "letters", l.Document)}
		if i+1 < len(v.Letters) && v.Letters[i+1].Kind == l.Kind {
			i++
			s.save = casePath(v.ID, "letters", v.Letters[i].Document)
		}
		out = append(out, s)
	}
	return out
}

// -- licences

// licencePage is one licence.
type licencePage struct {
	frame   ui.Frame
	licence store.HeldLicence
	lines   []store.HeldLicenceLine
	view    licensing.ApplicantView
	now     time.Time
}

func (p pages) licence(w http.ResponseWriter, r *http.Request) {
	ctx, actor := r.Context(), door.Actor(r.Context())
	page := licencePage{now: p.App.Now()}
	err := p.App.Store().View(ctx, func(t *store.Tx) error {
		list, err := t.ListHeldLicences(store.HeldLicences{Scope: access.ScopeOf(actor, access.LicenceReadOwn), ID: r.PathValue("licence"), Limit: 1})
		if err != nil {
			return err
		}
		if len(list) == 0 || r.PathValue("licence") == "" {
			return notFound()
		}
		page.licence = list[0]
		page.lines, err = t.HeldLicenceLines(page.licence.ID)
		return err
	})
	if err == nil {
		page.view, _, err = p.App.Application(ctx, actor, page.licence.Case)
	}
	if err != nil {
		p.Fail(w, r, fault.Wrap(err, "exporter: licence"))
		return
	}
	page.frame = p.frame(w, r, page.licence.Reference, "licences")
	page.frame.Crumbs = []ui.Link{{Text: say(r, "exporter.licences.title"), Href: "/exporter/licences"}, {Text: page.licence.Reference}}
	ui.Render(w, r, http.StatusOK, licenceView(page))
}

// lineTitle is a line of an application by its id.
func lineTitle(p lang.Printer, a licensing.Application, id string) string {
	return nameIn(p, &a, id, "")
}
