package authority

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/assessment"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/event"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// tab is one of the views on a case, by the last part of its address.
type tab string

// The tabs, in their order. The overview is the case's own address.
const (
	tabOverview   tab = ""
	tabItems      tab = "items"
	tabParties    tab = "parties"
	tabAssessment tab = "assessment"
	tabAssurances tab = "assurances"
	tabAdvice     tab = "advice"
	tabDocuments  tab = "documents"
	tabDecision   tab = "decision"
	tabNotes      tab = "notes"
	tabHistory    tab = "history"
)

var tabs = []tab{tabOverview, tabItems, tabParties, tabAssessment, tabAssurances, tabAdvice, tabDocuments, tabDecision, tabNotes, tabHistory}

func (t tab) key() string {
	if t == tabOverview {
		return "overview"
	}
	return string(t)
}

// caseView is a case as one reader's page shows it.
type caseView struct {
	*node.CaseFile
	Reader    access.Actor
	Now       time.Time
	Calendar  *deadline.Calendar
	Calendars map[string]*deadline.Calendar // by id, of periods of laws
	Clock     ui.Clock                      // the nearest
	Kind      licensing.Kind
	Kinds     licensing.Kinds   // all there are
	Cited     map[string]string // licences that the application cites and the reader may read: id by reference
	Once      string            // key of the forms on this page: sent twice, they do their work once
	Since     []node.Moment     // what others did since the person saw the page; after a conflict
}

// ID is the case's id.
func (v *caseView) ID() string { return v.Case.ID }

// may tells whether the reader may do an act to this case.
func (v *caseView) may(act access.Act) bool {
	if v.keptOut() != nil && act != access.CaseRead {
		return false
	}
	return access.Can(v.Reader, act, access.Thing{Kind: licensing.KindCase, Org: v.Case.Org, Compartment: v.Case.Compartment})
}

// takes tells whether the reader may give a command and the case's stage takes it.
func (v *caseView) takes(act access.Act, command string) bool {
	return v.may(act) && v.Case.May(command)
}

// open tells whether the case is still being worked on.
func (v *caseView) open() bool { return v.Case.Stage.Group() != "closed" }

// href is the address of a place in this case: a tab, with a fragment or
// without, as faults name it ("assessment#complete").
func (v *caseView) href(where string) string { return caseHref(v.ID(), where) }

func caseHref(id, where string) string {
	where = strings.TrimPrefix(where, "overview")
	path := "/cases/" + url.PathEscape(id)
	if where == "" || where[0] == '#' || where[0] == '?' {
		return path + where
	}
	return path + "/" + where
}

// open loads the case that the address names for whoever asks. Where it may not
// be seen the answer was given and ok is false.
func (p *pages) open(w http.ResponseWriter, r *http.Request) (v *caseView, ok bool) {
	actor := door.Actor(r.Context())
	file, err := p.App.CaseFile(r.Context(), actor, r.PathValue("case"))
	if err != nil {
		p.Fail(w, r, err)
		return nil, false
	}
	engines, err := p.App.Engines(r.Context())
	if err != nil {
		p.Fail(w, r, err)
		return nil, false
	}
	v = &caseView{CaseFile: file, Reader: actor, Now: p.App.Now(), Calendar: engines.Calendar, Calendars: engines.Calendars, Once: node.NewID()}
	if v.Kinds, err = p.App.Kinds(); err == nil {
		v.Kind, err = p.App.KindOf(file.Case.Kind)
	}
	if err != nil {
		p.Fail(w, r, err)
		return nil, false
	}
	near := file.Case.Nearest()
	v.Clock = clockOf(near.Clock, v.calendarOf(near), v.Now, waitsFor(r.Context(), file.Case))
	return v, true
}

// draw answers with a tab of a case.
func (p *pages) draw(w http.ResponseWriter, r *http.Request, status int, v *caseView, t tab, form ui.Form, content templ.Component) {
	frame := p.frame(w, r, "cases", v.Case.Reference+" · "+ui.T(r.Context(), "authority.tab."+t.key())+" · "+v.title())
	frame.Crumbs = []ui.Link{{Text: ui.T(r.Context(), "authority.cases.title"), Href: "/cases"}, {Text: v.Case.Reference}}
	frame.Form = &form
	ui.Render(w, r, status, casePage(frame, v, t, form, content))
}

// title is what the case is called; its content may have been erased.
func (v *caseView) title() string {
	if t := v.Case.App().Title; t != "" {
		return t
	}
	return v.Case.Reference
}

// send answers a form of a case page with a command: over the versions that the
// person saw, and once. Where it goes well the person is told what happened
// (key of the message) and goes to a place in the case; where it is refused,
// again draws the page with what was typed.
func (p *pages) send(w http.ResponseWriter, r *http.Request, v *caseView, cmd any, done string, where string, again func(status int, v *caseView, form ui.Form)) {
	opts, err := seenBy(r.PostForm, v.ID(), cmd)
	if err == nil {
		err = p.App.Do(r.Context(), v.Reader, cmd, opts...)
	}
	if err == nil {
		ui.SetFlash(w, r, ui.Flash{Key: done})
		ui.SeeOther(w, r, v.href(where))
		return
	}
	p.refuse(w, r, v, inForm(err, cmd, v.answered(r.PostForm)), again)
}

// refuse draws a form again with what is wrong with it; where somebody changed
// the case meanwhile, with what they did.
func (p *pages) refuse(w http.ResponseWriter, r *http.Request, v *caseView, err error, again func(status int, v *caseView, form ui.Form)) {
	err = placed(err, v.ID())
	if stream, seen, moved := movedSince(err); moved {
		fresh, ok := p.open(w, r)
		if !ok {
			return
		}
		history, herr := p.App.Timeline(r.Context(), v.Reader, v.ID())
		if herr != nil {
			p.Fail(w, r, herr)
			return
		}
		v, v.Since = fresh, nil
		fresh.Since = since(history, stream, seen)
	}
	p.Again(w, r, err, func(status int, form ui.Form) { again(status, v, form) })
}

// seenBy is what a form says of the page that it was on: the versions shown,
// and the key under which it counts once. A form without them is not ours.
func seenBy(form url.Values, id string, cmd any) ([]node.Option, error) {
	name, stream := "seen.case", node.CaseStream(id)
	if _, ok := cmd.(assessment.Command); ok {
		name, stream = "seen.assessment", node.AssessmentStream(id)
	}
	version, err := strconv.ParseInt(form.Get(name), 10, 64)
	once := form.Get("once")
	if err != nil || once == "" || len(once) > 64 {
		return nil, fault.New(fault.Invalid, "fault.bad_request")
	}
	return []node.Option{node.Expect(stream, version), node.Once(once)}, nil
}

// movedSince tells from a refusal which stream moved past which version.
func movedSince(err error) (event.Stream, int64, bool) {
	var f *fault.Error
	if !errors.As(err, &f) || f.Code != fault.Conflict {
		return "", 0, false
	}
	stream, ok := f.Args["stream"].(string)
	seen, ok2 := f.Args["seen"].(int64)
	return event.Stream(stream), seen, ok && ok2
}

// since is what was recorded in a stream after a version of it.
func since(history []node.Moment, stream event.Stream, seen int64) []node.Moment {
	var out []node.Moment
	n := int64(0)
	for _, m := range history {
		if m.Stream != stream {
			continue
		}
		if n++; n > seen {
			out = append(out, m)
		}
	}
	return out
}

// placed turns the places that a refusal names into addresses.
func placed(err error, id string) error {
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Items) == 0 {
		return err
	}
	copied := *f
	copied.Items = placedItems(f.Items, id)
	return &copied
}

func placedItems(items []fault.Item, id string) []fault.Item {
	out := append([]fault.Item(nil), items...)
	for i := range out {
		if out[i].Where != "" {
			out[i].Where = caseHref(id, ofLine(out[i]))
		}
	}
	return out
}

// links are things in the way as links, in the reader's words.
func links(ctx context.Context, items []fault.Item, id string) []ui.Link {
	var out []ui.Link
	for _, i := range placedItems(items, id) {
		out = append(out, ui.Link{Text: lang.From(ctx).Text(i.Key, i.Args), Href: i.Where})
	}
	return out
}

// waitsFor is whom a stopped clock waits for, in words.
func waitsFor(ctx context.Context, c *licensing.Case) string {
	return ui.T(ctx, "licensing.name.turn."+c.WhoseTurn())
}

// clockOf is a case's clock as a page shows it.
func clockOf(k deadline.Clock, cal *deadline.Calendar, now time.Time, waits string) ui.Clock {
	out := ui.Clock{Due: k.Due, For: waits, Calendar: k.Unit == deadline.CalendarDays}
	switch {
	case !k.Ended.IsZero():
		out.Done, out.DaysLeft, out.Due, out.For = k.Remaining >= 0, k.Remaining, k.Ended, ""
	case k.Stopped():
		out.Stopped, out.Since = true, k.Stops[len(k.Stops)-1].From
	case out.Calendar:
		out.DaysLeft = cal.Day(now).Until(cal.Day(k.Due))
	default:
		out.DaysLeft = daysLeft(cal, now, k.Due)
	}
	return out
}

// maxDaysShown bounds the count of days in a chip.
const maxDaysShown = 400

// daysLeft counts the working days after today up to the day on which something
// is due: 0 is today, below zero is late.
func daysLeft(cal *deadline.Calendar, now, due time.Time) int {
	if due.IsZero() {
		return 0
	}
	today, last, sign := cal.Day(now), cal.Day(due), 1
	if last < today {
		today, last, sign = last, today, -1
	}
	n := 0
	for d := today.Add(1); d <= last && n < maxDaysShown; d = d.Add(1) {
		if working, err := cal.Working(d); err == nil && working {
			n++
		}
	}
	if sign < 0 && n == 0 {
		n = 1 // due on a free day before today: late all the same
	}
	return sign * n
}

// versionIn is the version of an entry of the register that a form was made of.
func versionIn(form url.Values) (int64, error) {
	n, err := strconv.ParseInt(form.Get("seen"), 10, 64)
	if once := form.Get("once"); err != nil || once == "" || len(once) > 64 {
		return 0, fault.New(fault.Invalid, "fault.bad_request")
	}
	return n, nil
}
