package authority

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/vault"
	"github.com/comity-project/comity/internal/web/ui"
)

// What can stand on one side besides a document, which is named by its id.
const (
	besideAsked     = "asked"
	besideItems     = "items"
	besideParties   = "parties"
	besideAnswers   = "answers"
	besideAssurance = "assurance-" // and its id
	besideTests     = "tests-"     // and the line's id
)

// besideRoutes are the pages for reading one thing against another.
func (p *pages) besideRoutes(on on) {
	on("GET /cases/{case}/beside", p.besidePage)
	on("GET /cases/{case}/changes", p.changesPage)
	on("GET /cases/{case}/documents/{document}/read", p.read)
}

// side is what stands on one side: a document or facts of the case.
type side struct {
	Key   string // "left" or "right"
	Value string // of the address
	Title string

	Document  *document // its facts below are set where it is one
	Media     string    // "" where nothing of it is left
	Parts     []part
	Assurance *licensing.Assurance
	Sheet     *sheet
	Tests     *assessed
}

// besideView is two things of a case that are read together.
type besideView struct {
	*caseView
	Sides   [2]*side
	Choices []ui.Option
	Form    ui.Form
}

// other is the address of the page with the sides changed over.
func (b *besideView) other() string {
	return b.href("beside?" + query("left", b.Sides[1].Value, "right", b.Sides[0].Value))
}

// besideHref is the address of something of a case beside something else.
func (v *caseView) besideHref(left, right string) string {
	return v.href("beside?" + query("left", left, "right", right))
}

// besideChoices names all that can be read beside something else.
func (v *caseView) besideChoices(ctx context.Context, docs []document) []ui.Option {
	var out []ui.Option
	for _, d := range docs {
		if d.Erased == nil {
			out = append(out, ui.Option{Value: d.ID, Text: ui.T(ctx, "authority.beside.document", "title", d.Title, "about", documentSub(ctx, d))})
		}
	}
	out = append(
		out, ui.Option{Value: besideAsked, Text: ui.T(ctx, "authority.asked.title")}, ui.Option{Value: besideItems, Text: ui.T(ctx, "authority.tab.items")},
		ui.Option{Value: besideParties, Text: ui.T(ctx, "authority.tab.parties")}, ui.Option{Value: besideAnswers, Text: ui.T(ctx, "authority.changes.answers")},
	)
	for _, a := range v.Case.Assurances {
		out = append(out, ui.Option{Value: besideAssurance + a.ID, Text: ui.T(ctx, "deciding.assurance.from", "party", v.partyName(a.From))})
	}
	for _, l := range v.Case.App().Lines {
		out = append(out, ui.Option{Value: besideTests + l.ID, Text: ui.T(ctx, "authority.beside.tests", "line", lineName(ctx, l.ID, l.Description))})
	}
	return out
}

// besidePage shows two things of a case side by side, as its address names them:
// by itself what is applied for and the first document.
func (p *pages) besidePage(w http.ResponseWriter, r *http.Request) {
	v, ok := p.open(w, r)
	if !ok {
		return
	}
	docs := v.documents(r.Context())
	b := &besideView{caseView: v, Choices: v.besideChoices(r.Context(), docs)}
	named := [2]string{r.URL.Query().Get("left"), r.URL.Query().Get("right")}
	if named[1] == "" {
		named[1] = besideParties
		if i := slices.IndexFunc(docs, func(d document) bool { return d.Erased == nil && d.ID != named[0] }); i >= 0 {
			named[1] = docs[i].ID
		}
	}
	if named[0] == "" {
		named[0] = besideAsked
	}
	for i, key := range []string{"left", "right"} {
		s, err := p.side(r.Context(), v, key, named[i], docs)
		if err != nil {
			p.Fail(w, r, err)
			return
		}
		b.Sides[i] = s
		if at := slices.IndexFunc(b.Choices, func(o ui.Option) bool { return o.Value == s.Value }); at >= 0 {
			s.Title = b.Choices[at].Text
		}
	}
	b.Form = ui.FormOf("left", named[0], "right", named[1])
	title := ui.T(r.Context(), "authority.beside.title")
	frame := p.frame(w, r, "cases", v.Case.Reference+" · "+title)
	frame.Crumbs = []ui.Link{{Text: ui.T(r.Context(), "authority.cases.title"), Href: "/cases"}, {Text: v.Case.Reference, Href: v.href("")}, {Text: title}}
	ui.FrameOwn(w)
	ui.Render(w, r, http.StatusOK, besideSheet(frame, b))
}

// side reads what stands on one side. What is not there, or may not be seen, is
// not found.
func (p *pages) side(ctx context.Context, v *caseView, key, value string, docs []document) (*side, error) {
	s := &side{Key: key, Value: value}
	missing := fault.New(fault.NotFound, "fault.not_found")
	if i := slices.IndexFunc(docs, func(d document) bool { return d.ID == value }); i >= 0 {
		s.Document, s.Title = &docs[i], docs[i].Title
		err := p.App.Store().View(ctx, func(t *store.Tx) error {
			row, found, err := t.Document(value)
			if found && len(row.Wrapped) > 0 {
				s.Media = row.MediaType
			}
			return err
		})
		return s, fault.Wrap(err, "authority: a document beside another")
	}
	if id, ok := strings.CutPrefix(value, besideAssurance); ok {
		if s.Assurance = v.Case.Assurance(id); s.Assurance == nil {
			return nil, missing
		}
		var err error
		s.Sheet, err = p.sheetOf(ctx, v)
		return s, err
	}
	if id, ok := strings.CutPrefix(value, besideTests); ok {
		if _, known := v.Case.App().Line(id); !known {
			return nil, missing
		}
		var err error
		s.Tests, err = p.assess(ctx, v, id)
		return s, err
	}
	if !slices.Contains([]string{besideAsked, besideItems, besideParties, besideAnswers}, value) {
		return nil, missing
	}
	parts, err := p.parts(ctx, v)
	for _, x := range parts {
		if x.Of == value {
			s.Parts = append(s.Parts, x)
		}
	}
	return s, err
}

// picture tells whether the page itself draws the document.
func (s *side) picture() bool { return s.Media == vault.PNG || s.Media == vault.JPEG }

// readable are the kinds of documents that a browser shows by itself, and that
// can do nothing where scripts are shut out.
func readable(media string) bool {
	return slices.Contains([]string{vault.PDF, vault.PNG, vault.JPEG, vault.Text, vault.CSV, node.LetterHTML}, media)
}
