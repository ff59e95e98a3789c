package exporter

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// useRoutes are the pages on which the holder says what left, that it arrived,
// and gives a licence back.
func (p pages) useRoutes(in *http.ServeMux) {
	const licence = "/exporter/licences/{licence}"
	in.HandleFunc("GET "+licence+"/uses", p.uses)
	in.HandleFunc("GET "+licence+"/use", p.heldForm(useForm))
	in.HandleFunc("POST "+licence+"/use", p.heldPost(useForm, p.returned))
	in.HandleFunc("GET "+licence+"/uses/{use}/delivery", p.heldForm(deliveryForm))
	in.HandleFunc("POST "+licence+"/uses/{use}/delivery", p.heldPost(deliveryForm, delivered))
	p.dutyRoutes(in)
	in.HandleFunc("GET "+licence+"/surrender", p.heldForm(surrenderForm))
	in.HandleFunc("POST "+licence+"/surrender", p.heldPost(surrenderForm, surrendered))
}

// usesShown is how many uses the licence's page shows, and a page of all.
const (
	usesShown = 10
	usesPaged = 100
)

// heldPage is a page about a licence of one's own.
type heldPage struct {
	frame   ui.Frame
	form    ui.Form
	licence *licensing.Licence
	version int64
	use     *licensing.Use  // where the address names one
	duty    *licensing.Duty // the open duty of the condition that the address names
	uses    []licensing.Use
	pages   ui.Pages
	once    string
	files   []licensing.Document // received for a report that was not sent yet
	max     int64
}

func heldPath(id string, more ...string) string {
	return strings.Join(append([]string{"/exporter/licences/" + id}, more...), "/")
}

// ownPath is the address of a page about a licence, or about an undertaking.
func ownPath(l *licensing.Licence, more ...string) string {
	if l.Kind == licensing.KindUndertaking {
		return strings.Join(append([]string{"/exporter/undertakings/" + l.ID}, more...), "/")
	}
	return heldPath(l.ID, more...)
}

// latestUses are the last of the first n uses, the latest first, and how many
// there are before them.
func latestUses(l *licensing.Licence, n, limit int) (uses []licensing.Use, more int) {
	n = min(max(n, 0), len(l.Uses))
	more = max(0, n-limit)
	uses = slices.Clone(l.Uses[more:n])
	slices.Reverse(uses)
	return uses, more
}

// held reads a licence of one's own; where there is none it has answered.
func (p pages) held(w http.ResponseWriter, r *http.Request) (heldPage, bool) {
	page := heldPage{once: node.NewID()}
	var err error
	read := p.App.HeldLicence
	if strings.HasPrefix(r.URL.Path, "/exporter/undertakings/") {
		read = p.App.HeldUndertaking
	}
	if page.licence, page.version, err = read(r.Context(), door.Actor(r.Context()), r.PathValue("licence")); err == nil {
		if id := r.PathValue("use"); id != "" {
			if page.use = page.licence.Use(id); page.use == nil {
				err = notFound()
			}
		}
		if id := r.PathValue("condition"); id != "" {
			if page.duty = openDuty(page.licence, id); page.duty == nil {
				err = notFound()
			}
		}
	}
	if err != nil {
		p.Fail(w, r, err)
		return page, false
	}
	return page, true
}

// openDuty is the duty of a condition that waits for a report; nil where none does.
func openDuty(l *licensing.Licence, condition string) *licensing.Duty {
	if c := l.Condition(condition); c != nil {
		if d, open := l.Open(c); open {
			return &d
		}
	}
	return nil
}

func (p pages) heldFrame(w http.ResponseWriter, r *http.Request, page *heldPage, title string) {
	page.frame = p.frame(w, r, title+" · "+page.licence.Reference, "licences")
	page.frame.Form = &page.form
	page.frame.Crumbs = []ui.Link{{Text: door.T(r, "exporter.licences.title"), Href: "/exporter/licences"}, {Text: page.licence.Reference, Href: ownPath(page.licence)}, {Text: title}}
}

func (p pages) uses(w http.ResponseWriter, r *http.Request) {
	page, ok := p.held(w, r)
	if !ok {
		return
	}
	n, err := strconv.Atoi(r.URL.Query().Get("before"))
	if err != nil {
		n = len(page.licence.Uses)
	}
	var more int
	page.uses, more = latestUses(page.licence, n, usesPaged)
	page.pages.Shown = len(page.uses)
	if more > 0 {
		page.pages.Next = heldPath(page.licence.ID, "uses?before="+strconv.Itoa(more))
	}
	if n < len(page.licence.Uses) {
		page.pages.Prev = heldPath(page.licence.ID, "uses")
	}
	p.heldFrame(w, r, &page, door.T(r, "exporter.held.title"))
	ui.Render(w, r, http.StatusOK, heldUsesView(page))
}

// heldView draws a form on a licence.
type heldView struct {
	title string // key
	done  string // key
	draw  func(heldPage) templ.Component
}

// heldForm draws a form on a licence.
func (p pages) heldForm(v heldView) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if page, ok := p.held(w, r); ok {
			p.drawHeld(w, r, http.StatusOK, v, page, ui.FormOf())
		}
	}
}

func (p pages) drawHeld(w http.ResponseWriter, r *http.Request, status int, v heldView, page heldPage, form ui.Form) {
	page.form = form
	p.heldFrame(w, r, &page, door.T(r, v.title))
	page.frame.Narrow = true
	ui.Render(w, r, status, v.draw(page))
}

// heldPost answers a form on a licence with the command that read makes of it,
// over the version that the person saw, and once.
func (p pages) heldPost(v heldView, read func(*http.Request, heldPage) (licensing.LicenceCommand, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !p.ReadForm(w, r) {
			return
		}
		page, ok := p.held(w, r)
		if !ok {
			return
		}
		cmd, err := read(r, page)
		if err == nil {
			seen, bad := strconv.ParseInt(r.PostForm.Get("seen"), 10, 64)
			if bad != nil {
				seen = page.version
			}
			err = p.App.Do(r.Context(), door.Actor(r.Context()), cmd, append(onceOf(r), node.Expect(cmd.Stream(), seen))...)
		}
		if err != nil {
			p.blockedHere(w, r, err, func(status int, form ui.Form) { p.drawHeld(w, r, status, v, page, form) })
			return
		}
		ui.SetFlash(w, r, ui.Flash{Key: v.done})
		seeOther(w, r, ownPath(page.licence))
	}
}

// returned reads what left by the holder's word: of each line how much, and
// which serial numbers.
func (p pages) returned(r *http.Request, page heldPage) (licensing.LicenceCommand, error) {
	f, bad := r.PostForm, fault.New(fault.Invalid, "licensing.use.invalid")
	c := licensing.DrawDown{
		OnLicence: licensing.OnLicence{Licence: page.licence.ID}, Use: node.NewID(), Declaration: strings.TrimSpace(f.Get("declaration")), Note: strings.TrimSpace(f.Get("note")),
	}
	day, ok := ui.ParseDate(f, "day", bad)
	if ok && day.IsZero() {
		bad.Field("day.day", "ui.date.missing.day")
	}
	if e, err := p.App.Engines(r.Context()); err != nil {
		return nil, err
	} else if ok && !day.IsZero() {
		c.Left = p.whenOn(deadline.DateOf(day, nil), e.Calendar, page.licence.Issued)
	}
	for i, l := range page.licence.Lines {
		n := strconv.Itoa(i)
		typed := strings.TrimSpace(f.Get("quantity." + n))
		if typed == "" {
			continue
		}
		q, err := licensing.ParseQuantity(typed)
		if err != nil || q <= 0 {
			bad.Field("quantity."+n, "licensing.use.quantity")
		}
		c.Lines = append(c.Lines, licensing.UsedLine{Line: l.Line, Quantity: q, Unit: l.Unit})
		if numbers := strings.Fields(f.Get("serials." + n)); len(numbers) > 0 {
			c.Serials = append(c.Serials, licensing.LineSerials{Line: l.Line, Numbers: numbers})
		}
	}
	if len(c.Lines) == 0 {
		bad.Field("quantity.0", "licensing.use.quantity")
	}
	return c, bad.Or()
}

// whenOn is an instant of a day on which something left: now where it is today,
// else the day's end, and not before the licence was issued on its first day.
func (p pages) whenOn(d deadline.Date, c *deadline.Calendar, issued time.Time) time.Time {
	now := p.App.Now()
	if d == c.Day(now) {
		return now
	}
	if end := c.EndOf(d).Add(-time.Second); d != c.Day(issued) || end.After(issued) {
		return end
	}
	return issued
}

func delivered(r *http.Request, page heldPage) (licensing.LicenceCommand, error) {
	f, bad := r.PostForm, fault.New(fault.Invalid, "licensing.use.invalid")
	c := licensing.ReportDelivery{OnLicence: licensing.OnLicence{Licence: page.licence.ID}, Use: page.use.ID, Evidence: strings.TrimSpace(f.Get("evidence"))}
	day, ok := ui.ParseDate(f, "day", bad)
	switch {
	case ok && day.IsZero():
		bad.Field("day.day", "ui.date.missing.day")
	case ok:
		c.Day = deadline.DateOf(day, nil)
	}
	if c.Evidence == "" {
		bad.Field("evidence", "exporter.held.evidence_missing")
	}
	return c, bad.Or()
}

func surrendered(r *http.Request, page heldPage) (licensing.LicenceCommand, error) {
	why := strings.TrimSpace(r.PostForm.Get("why"))
	return licensing.Surrender{OnLicence: licensing.OnLicence{Licence: page.licence.ID}, Why: why}, nil
}

// The forms on a licence.
var (
	useForm       = heldView{"exporter.held.report", "exporter.held.reported", heldUseView}
	deliveryForm  = heldView{"exporter.held.delivery", "exporter.held.delivery_reported", deliveryView}
	surrenderForm = heldView{"exporter.held.surrender", "exporter.held.surrendered", surrenderView}
)
