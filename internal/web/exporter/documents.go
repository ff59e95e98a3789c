package exporter

import (
	"context"
	"errors"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// documentKinds are the kinds of documents that the forms offer. Paragraphs of
// the profile may ask for others; those are given on the page of the paragraph.
var documentKinds = []string{"technical_sheet", "contract", "end_use_statement", "legal_mandate", "ownership", "registration", "translation", "other"}

// accepted is what a browser offers to choose; the vault looks for itself.
const accepted = ".pdf,.png,.jpg,.jpeg,.txt,.csv,.docx,.xlsx,.odt"

func (p pages) limit() int64 {
	if n := p.App.Config().DocumentLimit; n > 0 {
		return n
	}
	return vault.DefaultLimit
}

// slack is what the rest of an upload may weigh besides the file, in bytes.
const slack = 2 << 20

// maxValueBytes bounds one plain input of an upload.
const maxValueBytes = 128 << 10

// receive reads an upload as it comes: plain inputs first, then the file, which
// goes to the vault without lying anywhere in between. keep says what it is.
func (p pages) receive(w http.ResponseWriter, r *http.Request, keep func(values map[string]string) node.Upload) (doc licensing.Document, values map[string]string, err error) {
	values = map[string]string{}
	r.Body = http.MaxBytesReader(w, r.Body, p.limit()+slack)
	defer func() {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			err = fault.New(fault.TooLarge, "vault.too_large", "limit", p.limit()).Field("file", "vault.too_large", "limit", p.limit())
		}
	}()
	if r.ContentLength > p.limit()+slack {
		return doc, values, &http.MaxBytesError{Limit: p.limit()}
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return doc, values, fault.New(fault.Invalid, "fault.bad_request").Because(err)
	}
	missing := fault.New(fault.Invalid, "exporter.file.missing").Field("file", "exporter.file.missing")
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return doc, values, missing
		}
		if err != nil {
			return doc, values, badPart(err)
		}
		if part.FormName() != "file" {
			b, err := io.ReadAll(io.LimitReader(part, maxValueBytes))
			if err != nil {
				return doc, values, badPart(err)
			}
			values[part.FormName()] = strings.TrimSpace(strings.ToValidUTF8(string(b), "\uFFFD"))
			continue
		}
		if part.FileName() == "" {
			return doc, values, missing
		}
		up := keep(values)
		up.Name = fileName(part)
		if doc, err = p.App.Upload(r.Context(), door.Actor(r.Context()), up, part); err != nil {
			return doc, values, onFile(err)
		}
		return doc, values, nil
	}
}

func fileName(part *multipart.Part) string {
	name := []rune(strings.ToValidUTF8(part.FileName(), "\uFFFD"))
	if len(name) > licensing.MaxShort {
		name = name[:licensing.MaxShort]
	}
	return strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return '_'
		}
		return r
	}, string(name))
}

func badPart(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return err
	}
	return fault.New(fault.Invalid, "fault.bad_request").Because(err)
}

// onFile points what is wrong with a document at the input it came from.
func onFile(err error) error {
	var f *fault.Error
	var large *http.MaxBytesError
	if errors.As(err, &large) || !errors.As(err, &f) || f.Code == fault.Internal || f.Code == fault.NotFound || len(f.Fields) > 0 {
		return err
	}
	c := *f
	c.Fields = nil
	return c.Field("file", f.Key, flat(f.Args)...)
}

func flat(m map[string]any) []any {
	var out []any
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, k, m[k])
	}
	return out
}

// filePage is a page that takes a file.
type filePage struct {
	frame     ui.Frame
	d         *draft
	form      ui.Form
	title     string
	about     string
	lead      string
	action    string
	kinds     []ui.Option // none: the kind is given
	kept      string      // name of the file that is there
	documents []ui.Document
	skip      string // where to go without a file
	max       int64
}

func (p pages) technicalSheet(w http.ResponseWriter, r *http.Request) {
	d, b, ok := p.open(w, r)
	if !ok {
		return
	}
	p.drawTechnicalSheet(w, r, http.StatusOK, d, b, ui.FormOf())
}

func (p pages) drawTechnicalSheet(w http.ResponseWriter, r *http.Request, status int, d *draft, b *builder, form ui.Form) {
	l, at := b.line(r.PathValue("line"))
	if at == len(d.app.Lines) {
		p.Fail(w, r, notFound())
		return
	}
	page := filePage{d: d, form: form, title: door.T(r, "exporter.sheet_file.title"), about: lineName(b.p, at, l), lead: door.T(r, "exporter.sheet_file.lead"), action: draftPath(d.ID, "items", l.ID, "sheet"), skip: draftPath(d.ID, "items"), max: p.limit()}
	if doc, ok := d.app.Document(l.Sheet); ok {
		page.kept = doc.Title
		page.documents = documentsOf(r.Context(), d, []licensing.Document{doc}, true)
	}
	p.drawFile(w, r, status, page, []string{"items"})
}

func (p pages) drawFile(w http.ResponseWriter, r *http.Request, status int, page filePage, back []string) {
	page.frame = p.draftFrame(w, r, page.d, page.title)
	page.frame.Narrow, page.frame.Form = true, &page.form
	if back != nil {
		page.frame.Back.Href = draftPath(page.d.ID, back...)
	}
	ui.Render(w, r, status, fileView(page))
}

func (p pages) uploadTechnicalSheet(w http.ResponseWriter, r *http.Request) {
	d, b, ok := p.open(w, r)
	if !ok {
		return
	}
	line := r.PathValue("line")
	if _, at := b.line(line); at == len(d.app.Lines) {
		p.Fail(w, r, notFound())
		return
	}
	doc, values, err := p.receive(w, r, func(v map[string]string) node.Upload {
		return node.Upload{Kind: "technical_sheet", Title: titled(v)}
	})
	if err == nil {
		_, err = p.change(r, d.ID, func(d *draft) error {
			d.app.Documents = append(d.app.Documents, doc)
			for i := range d.app.Lines {
				if d.app.Lines[i].ID == line {
					d.app.Lines[i].Sheet = doc.ID
				}
			}
			return nil
		})
	}
	if err != nil {
		p.fileAgain(w, r, err, values, func(status int, form ui.Form) { p.drawTechnicalSheet(w, r, status, d, b, form) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "exporter.file.received"})
	seeOther(w, r, draftPath(d.ID, "items"))
}

// fileAgain draws a page again whose file was refused, with what else was typed.
func (p pages) fileAgain(w http.ResponseWriter, r *http.Request, err error, values map[string]string, draw func(int, ui.Form)) {
	r.PostForm = map[string][]string{}
	for k, v := range values {
		r.PostForm[k] = []string{v}
	}
	p.Again(w, r, err, draw)
}

func (p pages) documents(w http.ResponseWriter, r *http.Request) {
	d, _, ok := p.open(w, r)
	if !ok {
		return
	}
	p.drawDocuments(w, r, http.StatusOK, d, ui.FormOf())
}

func (p pages) drawDocuments(w http.ResponseWriter, r *http.Request, status int, d *draft, form ui.Form) {
	page := filePage{d: d, form: form, title: door.T(r, "exporter.documents.title"), lead: door.T(r, "exporter.documents.lead"), action: draftPath(d.ID, "documents"), kinds: options(lang.From(r.Context()), "exporter.document_kind.", documentKinds...), documents: draftDocuments(r.Context(), d, true), skip: draftPath(d.ID), max: p.limit()}
	p.drawFile(w, r, status, page, nil)
}

func (p pages) uploadDocument(w http.ResponseWriter, r *http.Request) {
	d, _, ok := p.open(w, r)
	if !ok {
		return
	}
	doc, values, err := p.receive(w, r, func(v map[string]string) node.Upload {
		kind := "other"
		for _, k := range documentKinds {
			if v["kind"] == k {
				kind = k
			}
		}
		return node.Upload{Kind: kind, Title: titled(v)}
	})
	if err == nil {
		_, err = p.change(r, d.ID, func(d *draft) error {
			d.app.Documents = append(d.app.Documents, doc)
			return nil
		})
	}
	if err != nil {
		p.fileAgain(w, r, err, values, func(status int, form ui.Form) { p.drawDocuments(w, r, status, d, form) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "exporter.file.received"})
	seeOther(w, r, draftPath(d.ID, "documents"))
}

// uploadAnswer takes a document that answers a paragraph.
func (p pages) uploadAnswer(w http.ResponseWriter, r *http.Request) {
	d, b, ok := p.open(w, r)
	if !ok {
		return
	}
	path := restOf(r)
	s := b.sheet(path)
	if s == nil || path[0] != "questions" {
		p.Fail(w, r, notFound())
		return
	}
	g, _ := paragraph(b.profile, path[1])
	kind := g.Need.Document
	if kind == "" {
		kind = "answer"
	}
	doc, sent, err := p.receive(w, r, func(v map[string]string) node.Upload { return node.Upload{Kind: kind, Title: titled(v)} })
	typed := url.Values{}
	for _, f := range s.fields {
		if v := sent[f.name]; v != "" {
			typed.Set(f.name, v)
		}
	}
	if err == nil {
		_, err = p.change(r, d.ID, func(d *draft) error {
			b, err := p.builder(r.Context(), d)
			if err != nil {
				return err
			}
			d.app.Documents = append(d.app.Documents, doc)
			w := licensing.Answer{Paragraph: path[1]}
			if len(path) == 4 && path[2] == "line" {
				w.Line = path[3]
			} else if len(path) == 4 {
				w.Party = path[3]
			}
			for _, have := range d.app.Answers {
				if have.Paragraph == w.Paragraph && have.Line == w.Line && have.Party == w.Party {
					w = have
				}
			}
			w.Documents = append(append([]string(nil), w.Documents...), doc.ID)
			b.putAnswer(w)
			if s := b.sheet(path); s != nil && len(typed) > 0 {
				s.write(newInput(typed)) // what was typed beside the file
			}
			return nil
		})
	}
	if err != nil {
		seen := digest(b.shown(s))
		p.Again(w, r, err, func(status int, form ui.Form) {
			p.drawSheet(w, r, status, sheetPage{d: d, s: s, b: b, seen: seen, form: ui.NewForm(typed, form.Problem())})
		})
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "exporter.file.received"})
	seeOther(w, r, draftPath(d.ID, path...))
}

// draftDocuments are the documents of a draft, for a list.
func draftDocuments(ctx context.Context, d *draft, edit bool) []ui.Document {
	return documentsOf(ctx, d, d.app.Documents, edit)
}

func documentsOf(ctx context.Context, d *draft, docs []licensing.Document, edit bool) []ui.Document {
	var out []ui.Document
	for _, x := range docs {
		doc := ui.Document{Name: x.Title, Href: "/exporter/documents/" + x.ID, Kind: kindName(ctx, x.Kind), Size: x.Size}
		if d.Case != "" {
			doc.Href += "?case=" + d.Case
		}
		if edit {
			doc.Action = removeLink(draftPath(d.ID, "remove", "document", x.ID), x.Title)
		}
		out = append(out, doc)
	}
	return out
}

func kindName(ctx context.Context, kind string) string {
	for _, k := range documentKinds {
		if k == kind {
			return lang.From(ctx).T("exporter.document_kind." + k)
		}
	}
	return lang.From(ctx).T("exporter.document_kind.other")
}

// ownDocument serves a document of a draft: the organisation's own, or in an
// amendment one that the case has already.
func (p pages) ownDocument(w http.ResponseWriter, r *http.Request) {
	ctx, actor, id := r.Context(), door.Actor(r.Context()), r.PathValue("document")
	doc, body, err := p.App.OpenDocument(ctx, actor, "", id)
	if of := r.URL.Query().Get("case"); of != "" && fault.Is(err, fault.NotFound) {
		doc, body, err = p.App.OpenDocument(ctx, actor, of, id)
	}
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	serve(w, r, doc, body, id)
}

func (p pages) caseDocument(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("document")
	doc, body, err := p.App.OpenDocument(r.Context(), door.Actor(r.Context()), r.PathValue("case"), id)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	serve(w, r, doc, body, id)
}

// serve sends a document to be saved and never shown in the site's own name:
// what is inside was made by somebody else.
func serve(w http.ResponseWriter, r *http.Request, doc store.Document, body io.ReadCloser, name string) {
	defer body.Close()
	h := w.Header()
	h.Set("Content-Type", doc.MediaType)
	h.Set("Content-Disposition", `attachment; filename="`+vault.SaveName(name, doc.MediaType)+`"`)
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = io.Copy(w, body)
	}
}

// titled is the title that was typed for a document, cut to what may be kept.
func titled(v map[string]string) string {
	if r := []rune(v["title"]); len(r) > licensing.MaxShort {
		return string(r[:licensing.MaxShort])
	}
	return v["title"]
}
