package exporter

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

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
	for _, l := range lettersOf(page.view) {
		if l.Read.Document == id {
			page.sent = l
		}
	}
	p.caseFrame(w, r, &page, door.T(r, "exporter.letter."+string(page.view.Letters[at].Kind)))
	page.frame.Narrow = true
	ui.Render(w, r, http.StatusOK, letterView(page))
}

// sent is one letter in its forms.
type sent struct {
	licensing.LetterForms
	of string // the case
}

func (s sent) href(l *licensing.Letter) string { return casePath(s.of, "letters", l.Document) }

func lettersOf(v licensing.ApplicantView) []sent {
	var out []sent
	for _, f := range licensing.FormsOf(v.Letters) {
		out = append(out, sent{f, v.ID})
	}
	return out
}

// -- licences

// licencePage is one licence.
type licencePage struct {
	frame   ui.Frame
	licence store.HeldLicence
	held    *licensing.Licence
	view    licensing.ApplicantView
	now     time.Time

	contests []contest // measures that can be contested still
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
		return nil
	})
	if err == nil {
		page.held, _, err = p.App.HeldLicence(ctx, actor, page.licence.ID)
	}
	if err == nil {
		page.view, _, err = p.App.Application(ctx, actor, page.licence.Case)
	}
	if err == nil {
		page.contests, err = p.contests(ctx, page.view, page.held)
		page.contests = slices.DeleteFunc(page.contests, func(c contest) bool { return c.Measure == 0 }) // that is on the application's page
	}
	if err != nil {
		p.Fail(w, r, fault.Wrap(err, "exporter: licence"))
		return
	}
	page.frame = p.frame(w, r, page.licence.Reference, "licences")
	page.frame.Crumbs = []ui.Link{{Text: door.T(r, "exporter.licences.title"), Href: "/exporter/licences"}, {Text: page.licence.Reference}}
	ui.Render(w, r, http.StatusOK, licenceView(page))
}

// lineTitle is a line of an application by its id.
func lineTitle(p lang.Printer, a licensing.Application, id string) string {
	return nameIn(p, &a, id, "")
}
