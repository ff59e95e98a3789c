// Package evidence is the door to what assessments rest on: the library of
// sources with what rests on each, the questions put to embassies and departments, the briefs on destinations and end users, and
// the pictures of the portfolio.
package evidence

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

type pages struct{ *door.Door }

// pageSize is how many rows a page shows at once.
const pageSize = 50

// Routes adds the pages.
func Routes(mux *http.ServeMux, d *door.Door) {
	p := pages{d}
	page := func(pattern string, f http.HandlerFunc) {
		mux.Handle(pattern, d.Require(p.readers(f), access.Roles()...))
	}
	page("GET /evidence", p.library)
	page("GET /evidence/new", p.newItem)
	page("POST /evidence/new", p.addItem)
	page("GET /evidence/{item}", p.item)
	page("GET /evidence/{item}/copy", p.copied)
	page("GET /evidence/{item}/{act}", p.itemForm)
	page("POST /evidence/{item}/{act}", p.changeItem)

	page("GET /questions", p.questions)
	page("GET /questions/new", p.newQuestion)
	page("POST /questions/new", p.ask)
	page("GET /questions/{question}", p.question)
	page("GET /questions/{question}/{act}", p.questionForm)
	page("POST /questions/{question}/{act}", p.changeQuestion)

	page("GET /portfolio", p.portfolio)

	page("GET /briefs", p.briefs)
	page("GET /briefs/new", p.newBrief)
	page("POST /briefs/new", p.openBrief)
	page("GET /briefs/{brief}", p.brief)
	page("GET /briefs/{brief}/{part}", p.briefForm)
	page("POST /briefs/{brief}/{part}", p.changeBrief)
}

// readers lets in who may read the library anywhere; the node asks again for
// each thing.
func (p pages) readers(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if access.ScopeOf(door.Actor(r.Context()), access.EvidenceRead).Empty() {
			p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
			return
		}
		next(w, r)
	})
}

// keeps tells whether the reader may add and change things that lie in a
// compartment, or anywhere.
func keeps(r *http.Request, compartment string) bool {
	return access.Can(door.Actor(r.Context()), access.EvidenceKeep, access.Thing{Compartment: compartment})
}

func (p pages) frame(w http.ResponseWriter, r *http.Request, title string, crumbs ...ui.Link) ui.Frame {
	f := p.Frame(w, r, ui.Authority, title)
	f.Nav, f.Current = door.Nav(door.Actor(r.Context())), "evidence"
	if len(crumbs) > 0 {
		f.Crumbs = append(crumbs, ui.Link{Text: title})
	}
	return f
}

// seen are the options of a command given by a form: over the version of a thing
// that the person saw, and once.
func seen(form url.Values, thing event.Stream) ([]node.Option, error) {
	once := form.Get("once")
	version, err := strconv.ParseInt(form.Get("seen"), 10, 64)
	if err != nil || once == "" || len(once) > 64 {
		return nil, fault.New(fault.Invalid, "fault.bad_request")
	}
	return []node.Option{node.Expect(thing, version), node.Once(once)}, nil
}

// today is the day by the node's clock.
func (p pages) today() deadline.Date { return deadline.DateOf(p.App.Now(), time.UTC) }

// compartments are those the reader was admitted to, as options.
func compartments(r *http.Request) []ui.Option {
	var out []ui.Option
	for _, c := range door.Actor(r.Context()).Compartments {
		out = append(out, ui.Option{Value: c, Text: c})
	}
	return out
}

func markings(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, m := range evidence.Markings {
		out = append(out, ui.Option{Value: string(m), Text: ui.T(ctx, "evidence.marking."+strings.ReplaceAll(string(m), "+", "_"))})
	}
	return out
}

// kindOptions are the sorts of sources that are added by themselves.
func kindOptions(ctx context.Context) []ui.Option {
	return []ui.Option{{Value: string(evidence.Statement), Text: ui.T(ctx, "evidence.kind.partner_statement")}, {Value: string(evidence.Summary), Text: ui.T(ctx, "evidence.kind.civil_society")}}
}

// originOptions are whom a summary's matter came from, as closely as is recorded.
func originOptions(ctx context.Context) []ui.Option {
	var out []ui.Option
	for _, o := range evidence.Origins {
		out = append(out, ui.Option{Value: o, Text: ui.T(ctx, "evidence.origin."+o)})
	}
	return out
}

// kindText is what sort of source it is, "" for a document.
func kindText(ctx context.Context, k evidence.Kind) string {
	if k == evidence.Document {
		return ""
	}
	return ui.T(ctx, "evidence.kind."+string(k))
}

// gradeOptions are the two halves of an admiralty grade.
func gradeOptions(ctx context.Context, half, marks string) []ui.Option {
	var out []ui.Option
	for _, c := range marks {
		out = append(out, ui.Option{Value: string(c), Text: ui.T(ctx, "evidence.grade."+half+"."+string(c))})
	}
	return out
}
