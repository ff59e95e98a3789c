package authority

import (
	"context"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/letter"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// writtenRoutes are the written assessment of a case and what is done on it.
func (p *pages) writtenRoutes(on on) {
	on("GET /cases/{case}/assessment/text", p.written)
	on("POST /cases/{case}/assessment/text", p.confirmSentences)
	on("POST /cases/{case}/assessment/text/dissent", p.recordDissent)
	on("POST /cases/{case}/assessment/text/sign", p.signText)
	on("GET /cases/{case}/assessment/text/{form}", p.writtenFile)
}

// writtenView is the written assessment on its page.
type writtenView struct {
	*caseView
	Text *node.Written
	Form ui.Form
}

// generated is a sentence as the program words it.
func generated(ctx context.Context, s assessment.Sentence) string {
	return keyText(ctx, s.Key, s.Args)
}

// lines are the ids of the lines that sentences are about, in order.
func (v *writtenView) lines() []string {
	var out []string
	for _, s := range v.Text.Sentences {
		if len(out) == 0 || out[len(out)-1] != s.Line {
			out = append(out, s.Line)
		}
	}
	return out
}

// current tells whether what was signed is what would be signed today.
func (v *writtenView) current() bool {
	s := v.Assessment.Signed
	if s == nil || s.Basis != v.Case.Basis || len(s.Sentences) != len(v.Text.Sentences) {
		return false
	}
	for i, x := range v.Text.Sentences {
		if s.Sentences[i] != x.ID {
			return false
		}
	}
	return true
}

func (p *pages) written(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.open(w, r); ok {
		p.drawWritten(w, r, http.StatusOK, v, ui.FormOf())
	}
}

func (p *pages) drawWritten(w http.ResponseWriter, r *http.Request, status int, v *caseView, form ui.Form) {
	text, err := p.App.Written(r.Context(), v.Reader, v.CaseFile)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	p.draw(w, r, status, v, tabAssessment, form, writtenPage(&writtenView{v, text, form}))
}

// textForm answers a form of the written assessment.
func (p *pages) textForm(w http.ResponseWriter, r *http.Request, done string, command func(v *caseView) (any, error)) {
	v, ok := p.answering(w, r)
	if !ok {
		return
	}
	again := func(status int, v *caseView, form ui.Form) { p.drawWritten(w, r, status, v, form) }
	cmd, err := command(v)
	if err != nil {
		p.refuse(w, r, v, err, again)
		return
	}
	p.send(w, r, v, cmd, done, "assessment/text", again)
}

// confirmSentences takes the sentences that were ticked, each in the words that
// stand in its box: other words than the generated ones make it the person's own.
func (p *pages) confirmSentences(w http.ResponseWriter, r *http.Request) {
	p.textForm(w, r, "written.confirmed", func(v *caseView) (any, error) {
		text, err := p.App.Written(r.Context(), v.Reader, v.CaseFile)
		if err != nil {
			return nil, err
		}
		own := map[string]string{}
		for _, s := range text.Sentences {
			own[s.ID] = generated(r.Context(), s)
		}
		cmd := assessment.ConfirmSentences{Case: v.ID()}
		for _, id := range r.PostForm["say"] {
			said := strings.TrimSpace(r.PostForm.Get("sentence." + id))
			cmd.Sentences = append(cmd.Sentences, assessment.SentenceSaid{ID: id, Text: said, Rewritten: said != own[id]})
		}
		return cmd, nil
	})
}

func (p *pages) recordDissent(w http.ResponseWriter, r *http.Request) {
	p.textForm(w, r, "written.dissented", func(v *caseView) (any, error) {
		return assessment.RecordDissent{Case: v.ID(), Text: r.PostForm.Get("dissent")}, nil
	})
}

func (p *pages) signText(w http.ResponseWriter, r *http.Request) {
	p.textForm(w, r, "written.signed", func(v *caseView) (any, error) { return assessment.SignText{Case: v.ID()}, nil })
}

// writtenFile sends the signed text as a file to keep.
func (p *pages) writtenFile(w http.ResponseWriter, r *http.Request) {
	doc, err := p.App.WrittenDocument(r.Context(), door.Actor(r.Context()), r.PathValue("case"), ui.P(r.Context()))
	if err == nil {
		err = sendLetter(w, doc, doc.Reference+"-assessment", r.PathValue("form"))
	}
	if err != nil {
		p.Fail(w, r, err)
	}
}

// documentForms are the files that a document can be had as.
var documentForms = map[string]struct {
	media string
	draw  func(letter.Document) ([]byte, error)
}{
	"pdf":  {vault.PDF, letter.PDF},
	"html": {"text/html; charset=utf-8", func(d letter.Document) ([]byte, error) { return letter.HTML(d, letter.Style{}), nil }},
	"docx": {"application/vnd.openxmlformats-officedocument.wordprocessingml.document", letter.DOCX},
}

// sendLetter sends a document as a file to keep.
func sendLetter(w http.ResponseWriter, doc letter.Document, name, form string) error {
	kind, ok := documentForms[form]
	if !ok {
		return fault.New(fault.NotFound, "fault.not_found")
	}
	body, err := kind.draw(doc)
	if err != nil {
		return fault.Wrap(err, "authority: a document as "+form)
	}
	h := w.Header()
	h.Set("Content-Type", kind.media)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name + "." + form}))
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(body)
	return nil
}
