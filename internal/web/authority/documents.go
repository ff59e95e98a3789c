package authority

import (
	"context"
	"io"
	"mime"
	"net/http"
	"strconv"
	"time"

	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// document is a document of a case with where it came from.
type document struct {
	ID, Kind, Title, Hash string
	Size                  int64
	Type                  string
	Source                string // message key of where it came from
	At                    time.Time
	By                    string // account id, "" where the node wrote it
	Erased                *event.Erasure
}

// The forms of a letter.
var letterForms = [3]string{"html", "pdf", licensing.FormDOCX}

// documents are all documents of a case, the latest version of each, in the
// order in which they came.
func (v *caseView) documents(ctx context.Context) []document {
	var out []document
	seen := map[string]bool{}
	add := func(d document) {
		if d.ID == "" || seen[d.ID] {
			return
		}
		seen[d.ID] = true
		if d.Title == "" {
			d.Title = ui.T(ctx, "authority.document.untitled")
		}
		out = append(out, d)
	}
	facts := func(docs []licensing.DocumentFact, titles []string, source string, at time.Time, by string, gone *event.Erasure) {
		for i, d := range docs {
			x := document{ID: d.ID, Kind: d.Kind, Hash: d.Hash, Size: d.Size, Source: source, At: at, By: by, Erased: gone}
			if i < len(titles) {
				x.Title = titles[i]
			}
			add(x)
		}
	}
	for i := range v.Case.Versions {
		n := &v.Case.Versions[i]
		for _, d := range n.App.Documents {
			add(document{d.ID, d.Kind, d.Title, d.Hash, d.Size, d.Type, "application", n.At, n.By, n.Erased})
		}
		facts(n.Documents, nil, "application", n.At, n.By, n.Erased)
	}
	for _, q := range v.Case.RFIs {
		for _, a := range q.Answers {
			facts(a.Documents, a.Answer.Titles, "rfi", a.At, a.By, a.Erased)
		}
	}
	for _, a := range v.Case.Assurances {
		if a.Answer != nil && a.Answer.Document != nil {
			facts([]licensing.DocumentFact{*a.Answer.Document}, []string{a.Answer.Text.Title}, "assurance", a.Answer.At, a.Answer.By, nil)
		}
		for _, k := range a.Checks {
			facts(k.Documents, nil, "check", k.At, k.By, nil)
		}
	}
	for _, n := range v.Case.Intentions() {
		for _, r := range n.Replies {
			facts(r.Documents, r.Text.Titles, "reply", r.At, r.By, r.Erased)
		}
	}
	for _, a := range v.Case.Appeals {
		facts(a.Documents, a.Text.Titles, "appeal", a.At, a.By, a.Erased)
	}
	for _, l := range licensing.FormsOf(v.Case.Letters) {
		for i, x := range []*licensing.Letter{l.Read, l.Save, l.Word} {
			if x != nil {
				add(document{ID: x.Document, Type: letterForms[i], Hash: x.Hash, Title: ui.T(ctx, "authority.letter."+string(x.Kind)), Source: "letter", At: x.At})
			}
		}
	}
	return out
}

func (p *pages) documentsTab(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.open(w, r); ok {
		p.draw(w, r, http.StatusOK, v, tabDocuments, ui.FormOf(), documentsView(v, v.documents(r.Context())))
	}
}

// closed is what a document may do once it is at the reader's: nothing.
const closed = "default-src 'none'; sandbox"

// download sends a document as a file to keep.
func (p *pages) download(w http.ResponseWriter, r *http.Request) {
	p.document(w, r, func(string) (how, policy string) { return "attachment", closed })
}

// read sends a document to be shown, in a frame of ours or alone: nothing in it
// runs, and nothing is fetched for it. Browsers show a PDF with a reader of their
// own, which works in no sandboxed frame and is kept apart from the site by
// itself. What a browser does not show is sent to keep.
func (p *pages) read(w http.ResponseWriter, r *http.Request) {
	p.document(w, r, func(media string) (how, policy string) {
		switch {
		case !readable(media):
			return "attachment", closed
		case media == vault.PDF:
			return "inline", "default-src 'none'; frame-ancestors 'self'"
		}
		return "inline", closed + "; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
	})
}

func (p *pages) document(w http.ResponseWriter, r *http.Request, served func(media string) (how, policy string)) {
	d, body, err := p.App.OpenDocument(r.Context(), door.Actor(r.Context()), r.PathValue("case"), r.PathValue("document"))
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	defer body.Close()
	title := r.PathValue("document")
	if file, err := p.App.CaseFile(r.Context(), door.Actor(r.Context()), r.PathValue("case")); err == nil {
		v := &caseView{CaseFile: file}
		for _, x := range v.documents(r.Context()) {
			if x.ID == title {
				title = x.Title
				break
			}
		}
	}
	how, policy := served(d.MediaType)
	h := w.Header()
	h.Set("Content-Type", d.MediaType)
	h.Set("Content-Length", strconv.FormatInt(d.Size, 10))
	h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": vault.SaveName(title, d.MediaType)}))
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusOK)
	_, _ = io.Copy(w, body)
}
