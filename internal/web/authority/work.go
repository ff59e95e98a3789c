package authority

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/party"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
	"github.com/comity-project/comity/screening"
)

func (p *pages) workRoutes(on on) {
	on("GET /work", p.work)
	on("GET /cases", p.work)
	on("GET /cases/procedure", p.procedure)
	on("POST /work/bulk", p.bulk)
	on("POST /work/searches", p.saveSearch)
	on("POST /work/searches/drop", p.dropSearch)
}

// casesPerPage is how many cases a page of a list shows.
const casesPerPage = 30

// soonDays is within how many working days a case is due soon.
const soonDays = 5

// workLists are the lists of the work page, in their order.
var workLists = []store.CaseList{store.MyTurn, store.MyCases, store.OpenList, store.WaitingList, store.ClosedList}

// narrowing are the names of the filters in an address, in the order of the form.
var narrowing = []string{"q", "kind", "stage", "turn", "officer", "destination", "severity", "clock", "outcome"}

// workView is a page of a work list.
type workView struct {
	Path     string // "/work" or "/cases"
	Query    url.Values
	List     store.CaseList
	Counts   []int
	Rows     []store.CaseRow
	Prev     string
	Next     string
	Saved    []store.SavedSearch
	Officers []store.AccountRow
	Calendar *deadline.Calendar
	Now      time.Time
	States   []ui.StateOption
	Reader   access.Actor
	Kinds    licensing.Kinds
	Duties   []store.Duty // beside cases: reviews, actions, questions
}

// dutiesShown is how many duties beside cases the list shows, and dutyDays how
// far ahead it looks.
const (
	dutiesShown = 20
	dutyDays    = 14
)

// work shows a work list. Every filter is in the address, so that a list can be
// kept, sent to a colleague and walked back to.
func (p *pages) work(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	p.drawWork(w, r, http.StatusOK, r.URL.Path, query, ui.NewForm(query, nil))
}

func (p *pages) drawWork(w http.ResponseWriter, r *http.Request, status int, path string, query url.Values, form ui.Form) {
	actor := door.Actor(r.Context())
	engines, err := p.App.Engines(r.Context())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v := &workView{
		Path: path, Query: query, Calendar: engines.Calendar, Now: p.App.Now(), Reader: actor,
		States: ui.States(ui.P(r.Context()), p.Door.States), List: listIn(path, query.Get("list")),
	}
	if v.Kinds, err = p.App.Kinds(); err != nil {
		p.Fail(w, r, err)
		return
	}
	wanted := casesIn(query, actor, v.List, v.Calendar, v.Now)
	wanted.Limit = casesPerPage + 1
	err = p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		if v.Rows, err = t.ListCases(wanted); err != nil {
			return err
		}
		if v.Path == "/work" {
			var lists []store.Cases
			for _, l := range workLists {
				lists = append(lists, casesIn(url.Values{}, actor, l, v.Calendar, v.Now))
			}
			if v.Counts, err = t.CountCases(lists); err != nil {
				return err
			}
			if v.Duties, err = t.Duties(actor, string(v.Calendar.Day(v.Now.AddDate(0, 0, dutyDays))), dutiesShown); err != nil {
				return err
			}
		}
		if v.Saved, err = t.SavedSearches(actor.Account); err != nil {
			return err
		}
		v.Officers, err = t.Officers(access.LicensingOfficer)
		return err
	})
	if err != nil {
		p.Fail(w, r, fault.Wrap(err, "authority: work list"))
		return
	}
	v.turnPages(wanted)
	place, title := "work", "authority.work.title"
	if v.Path == "/cases" {
		place, title = "cases", "authority.cases.title"
	}
	frame := p.frame(w, r, place, ui.T(r.Context(), title))
	frame.Form = &form
	ui.Render(w, r, status, workPage(frame, v, form))
}

// listIn is the list that an address means.
func listIn(path, name string) store.CaseList {
	if path == "/cases" {
		return store.AllCases
	}
	for _, l := range workLists {
		if string(l) == name {
			return l
		}
	}
	return store.MyTurn
}

// casesIn reads the filters of an address. What it does not know it leaves out:
// an old bookmark is no error.
func casesIn(q url.Values, actor access.Actor, list store.CaseList, cal *deadline.Calendar, now time.Time) store.Cases {
	c := store.Cases{
		Scope: access.ScopeOf(actor, access.CaseRead), List: list, Me: actor.Account, Turns: turnsOf(actor),
		Kind: q.Get("kind"), Stage: q.Get("stage"), Turn: q.Get("turn"), Officer: q.Get("officer"), Destination: q.Get("destination"), Outcome: q.Get("outcome"),
		Find: wordsOf(q.Get("q")),
	}
	c.Severity, _ = strconv.Atoi(q.Get("severity"))
	switch q.Get("clock") {
	case "late":
		c.DueBefore = now
	case "soon":
		c.DueFrom = now
		if due, err := cal.After(now, deadline.Period{Days: soonDays, Unit: deadline.WorkingDays}); err == nil {
			c.DueBefore = due.Add(time.Second)
		}
	case "stopped":
		c.Stopped = true
	}
	if at, ok := placeIn(q.Get("before")); ok {
		c.At, c.Back = at, true
	} else if at, ok := placeIn(q.Get("after")); ok {
		c.At = at
	}
	return c
}

// maxWords bounds the words of a search.
const maxWords = 12

// wordsOf folds what was typed into a search box.
func wordsOf(typed string) []string {
	if !party.Bounded(typed, 200) {
		return nil
	}
	words := screening.Fold(typed)
	return words[:min(len(words), maxWords)]
}

// turnsOf are the turns, besides the officer's, that are the actor's.
func turnsOf(a access.Actor) []string {
	var out []string
	may := func(act access.Act) bool { return access.Can(a, act, access.Thing{}) }
	if may(access.CaseAssign) {
		out = append(out, "coordinator")
	}
	if may(access.CaseAdvise) {
		out = append(out, "adviser")
	}
	if may(access.CaseCountersign) {
		out = append(out, "countersigner")
	}
	if may(access.CaseDecide) {
		out = append(out, "decider")
	}
	return out
}

func placeText(p store.CasePlace) string { return strconv.FormatInt(p.At, 10) + "." + p.ID }

func placeIn(text string) (store.CasePlace, bool) {
	at, id, ok := strings.Cut(text, ".")
	n, err := strconv.ParseInt(at, 10, 64)
	return store.CasePlace{ID: id, At: n}, ok && err == nil && id != "" && len(id) <= 64
}

// turnPages cuts the row too many off and says where the pages before and after
// begin.
func (v *workView) turnPages(q store.Cases) {
	more := len(v.Rows) > casesPerPage
	if more && q.Back {
		v.Rows = v.Rows[1:]
	} else if more {
		v.Rows = v.Rows[:casesPerPage]
	}
	if len(v.Rows) == 0 {
		return
	}
	first, last := v.Rows[0].Place(), v.Rows[len(v.Rows)-1].Place()
	if q.At.ID != "" && (!q.Back || more) {
		v.Prev = v.with("before", placeText(first))
	}
	if more && !q.Back || q.Back {
		v.Next = v.with("after", placeText(last))
	}
}

// with is the address of the list with one value changed, at its beginning; ""
// takes the value out.
func (v *workView) with(name, value string) string {
	q := url.Values{}
	for _, k := range append([]string{"list"}, narrowing...) {
		if x := v.Query.Get(k); x != "" {
			q.Set(k, x)
		}
	}
	q.Set(name, value)
	if value == "" {
		q.Del(name)
	}
	if len(q) == 0 {
		return v.Path
	}
	return v.Path + "?" + q.Encode()
}

// clear is the list without filters.
func (v *workView) clear() string {
	if l := v.Query.Get("list"); l != "" {
		return v.Path + "?" + url.Values{"list": {l}}.Encode()
	}
	return v.Path
}

// filtered tells whether a filter narrows the list.
func (v *workView) filtered() bool {
	for _, k := range narrowing {
		if v.Query.Get(k) != "" {
			return true
		}
	}
	return false
}

// active names the filters in use, each with the list without it.
func (v *workView) active(ctx context.Context) []ui.Link {
	var out []ui.Link
	for _, k := range narrowing {
		value := v.Query.Get(k)
		if value == "" {
			continue
		}
		out = append(out, ui.Link{Text: ui.T(ctx, "authority.filter."+k) + ": " + v.filterText(ctx, k, value), Href: v.with(k, "")})
	}
	return out
}

// filterText is a filter's value in words; a value that no form offers is shown
// as it stands in the address.
func (v *workView) filterText(ctx context.Context, name, value string) string {
	for _, o := range v.options(ctx, name) {
		if o.Value == value {
			return o.Text
		}
	}
	if name == "destination" {
		return ui.P(ctx).Country(value)
	}
	return value
}

var stagesOf = map[string][]licensing.Stage{
	"open":    {licensing.SubmittedStage, licensing.Assessment, licensing.AdviceStage, licensing.RecommendStage, licensing.Countersignature, licensing.Intention, licensing.AppealStage},
	"waiting": {licensing.Waiting},
	"closed":  {licensing.DecidedStage, licensing.WithdrawnStage},
}

// options are the values of a filter.
func (v *workView) options(ctx context.Context, name string) []ui.Option {
	var out []ui.Option
	add := func(prefix string, values ...string) {
		for _, x := range values {
			out = append(out, ui.Option{Value: x, Text: ui.T(ctx, prefix+x)})
		}
	}
	switch name {
	case "stage":
		for _, group := range []string{"open", "waiting", "closed"} {
			for _, s := range stagesOf[group] {
				add("licensing.name.stage.", string(s))
			}
		}
	case "kind":
		for _, k := range v.Kinds {
			out = append(out, ui.Option{Value: k.ID, Text: k.Title})
		}
	case "turn":
		add("licensing.name.turn.", "coordinator", "officer", "applicant", "adviser", "countersigner", "decider")
	case "officer":
		for _, o := range v.Officers {
			out = append(out, ui.Option{Value: o.ID, Text: o.Display})
		}
	case "severity":
		for n := 5; n > 0; n-- {
			out = append(out, ui.Option{Value: strconv.Itoa(n), Text: strconv.Itoa(n)})
		}
	case "clock":
		add("authority.clock.", "late", "soon", "stopped")
	case "outcome":
		add("licensing.name.outcome.", "issued", "refused", "split", "not_required", "needed", "advised")
	}
	return out
}

// duties are what the reader has to do beside cases.
func (v *workView) duties(ctx context.Context) []ui.Duty {
	today := string(v.Calendar.Day(v.Now))
	var out []ui.Duty
	for _, d := range v.Duties {
		title := d.Title
		if i := slices.IndexFunc(v.States, func(s ui.StateOption) bool { return s.Code == title }); i >= 0 {
			title = v.States[i].Name // a brief is on a state
		}
		out = append(out, ui.Duty{Text: ui.T(ctx, "authority.duty."+d.Kind, "what", title), Href: d.Href, Due: d.Due, Late: d.Due < today})
	}
	return out
}

// rowClock is a case's clock in a list.
func (v *workView) rowClock(ctx context.Context, r store.CaseRow) ui.Clock {
	switch {
	case r.StageGroup == "closed":
		return ui.Clock{Done: true}
	case r.Stopped:
		return ui.Clock{Stopped: true, Since: r.WaitsSince, For: ui.T(ctx, "licensing.name.turn.applicant")}
	}
	return ui.Clock{Due: r.Due, DaysLeft: daysLeft(v.Calendar, v.Now, r.Due)}
}

func (p *pages) saveSearch(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	query, err := url.ParseQuery(r.PostForm.Get("query"))
	if err != nil {
		p.Fail(w, r, fault.New(fault.Invalid, "fault.bad_request").Because(err))
		return
	}
	query.Del("after")
	query.Del("before")
	if r.PostForm.Get("path") == "/cases" {
		query.Set("list", string(store.AllCases))
	}
	if err := p.App.SaveSearch(r.Context(), door.Actor(r.Context()), r.PostForm.Get("name"), query); err != nil {
		p.Again(w, r, err, func(status int, form ui.Form) {
			path, query := savedAt(query)
			p.drawWork(w, r, status, path, query, form.With(query))
		})
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "authority.search.saved"})
	ui.SeeOther(w, r, savedHref(query.Encode()))
}

// savedAt is the page and the filters that a saved search means: one over all
// cases names that list.
func savedAt(query url.Values) (path string, filters url.Values) {
	if query.Get("list") != string(store.AllCases) {
		return "/work", query
	}
	query.Del("list")
	return "/cases", query
}

func savedHref(saved string) string {
	query, err := url.ParseQuery(saved)
	if err != nil {
		return "/work" // saved by us, so it can be read
	}
	path, filters := savedAt(query)
	return path + "?" + filters.Encode()
}

func (p *pages) dropSearch(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	if err := p.App.DropSearch(r.Context(), door.Actor(r.Context()), r.PostForm.Get("id")); err != nil {
		p.Fail(w, r, err)
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "authority.search.dropped"})
	ui.SeeOther(w, r, "/work")
}
