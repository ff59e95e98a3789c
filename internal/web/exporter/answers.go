package exporter

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

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
	p.caseFrame(w, r, &page, door.T(r, "exporter.request.title", "number", page.request.Number))
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
	if !p.ReadForm(w, r) {
		return
	}
	page, ok := p.requestPage(w, r)
	if !ok {
		return
	}
	p.sendAnswer(w, r, page, draftOfRequest(page), answerNames(page.request), "exporter.answer.sent", func(kept answerDraft) any {
		cmd := licensing.AnswerInformation{
			On: licensing.On{Case: page.view.ID}, RFI: page.request.ID, Holding: r.PostForm.Get("how") == "holding",
			Text: kept.Values.Get("text"), Documents: kept.Documents,
		}
		for _, x := range page.request.Questions {
			if s := kept.Values.Get("answer." + x.ID); s != "" {
				cmd.Answers = append(cmd.Answers, licensing.QuestionAnswer{Question: x.ID, Text: s})
			}
		}
		return cmd
	}, p.drawRequest)
}

// drawCase draws a page about a case with a form.
type drawCase func(w http.ResponseWriter, r *http.Request, status int, page casePage, form ui.Form)

// sendAnswer keeps what was typed, and sends it unless it is for later. What was
// refused is drawn again.
func (p pages) sendAnswer(w http.ResponseWriter, r *http.Request, page casePage, id string, names []string, done string, command func(answerDraft) any, draw drawCase) {
	ctx, actor := r.Context(), door.Actor(r.Context())
	kept, stored, err := p.answerDraft(ctx, actor, id)
	if err == nil {
		kept.Values = pick(r.PostForm, names)
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
		seeOther(w, r, page.back())
		return
	}
	if err := p.App.Do(ctx, actor, command(kept), onceOf(r)...); err != nil {
		p.blockedHere(w, r, err, func(status int, form ui.Form) {
			draw(w, r, status, page, ui.NewForm(kept.Values, form.Problem()))
		})
		return
	}
	_ = p.App.DropDraft(ctx, actor, stored.ID) // what was sent is in the case now
	ui.SetFlash(w, r, ui.Flash{Key: done})
	seeOther(w, r, page.back())
}

// back is where an answer leads back to.
func (p casePage) back() string {
	if p.home != "" {
		return p.home
	}
	return casePath(p.view.ID)
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
	p.uploadTo(w, r, page, draftOfRequest(page), casePath(page.view.ID, "requests", page.request.ID), "answer", p.drawRequest)
}

func (p pages) uploadTo(w http.ResponseWriter, r *http.Request, page casePage, id, back, kind string, draw drawCase) {
	ctx, actor := r.Context(), door.Actor(r.Context())
	kept, stored, err := p.answerDraft(ctx, actor, id)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	doc, sent, err := p.receive(w, r, func(v map[string]string) node.Upload {
		return node.Upload{Case: page.view.ID, Kind: kind, Title: titled(v)}
	})
	names := answerNames(page.request)
	for name := range sent {
		if !slices.Contains(names, name) {
			delete(sent, name)
		}
	}
	if len(sent) > 0 { // what was typed beside the file
		kept.Values = url.Values{}
		for name, v := range sent {
			kept.Values.Set(name, v)
		}
	}
	if err == nil {
		kept.Documents = append(kept.Documents, doc)
		stored.Case, stored.Kind = page.view.ID, "answer"
		_, err = p.keepAnswer(ctx, actor, stored, kept)
	}
	if err != nil {
		page.files = kept.Documents
		p.Again(w, r, err, func(status int, form ui.Form) { draw(w, r, status, page, ui.NewForm(kept.Values, form.Problem())) })
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
	kept, _, err := p.answerDraft(r.Context(), door.Actor(r.Context()), draftOfReply(page))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	page.files = kept.Documents
	p.drawIntention(w, r, http.StatusOK, page, ui.NewForm(kept.Values, nil))
}

func draftOfReply(page casePage) string { return "reply-" + page.view.ID }

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
	p.caseFrame(w, r, &page, door.T(r, "exporter.intention.title"))
	page.frame.Narrow = true
	ui.Render(w, r, status, intentionView(page))
}

func (p pages) reply(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	page, ok := p.intentionPage(w, r)
	if !ok {
		return
	}
	p.sendAnswer(w, r, page, draftOfReply(page), []string{"text"}, "exporter.reply.sent", func(kept answerDraft) any {
		return licensing.ApplicantReplies{On: licensing.On{Case: page.view.ID}, Text: kept.Values.Get("text"), Documents: kept.Documents}
	}, p.drawIntention)
}

func (p pages) uploadToReply(w http.ResponseWriter, r *http.Request) {
	page, ok := p.intentionPage(w, r)
	if !ok {
		return
	}
	p.uploadTo(w, r, page, draftOfReply(page), casePath(page.view.ID, "intention"), "reply", p.drawIntention)
}
