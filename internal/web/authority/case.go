package authority

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/deadline"
	"github.com/comity-project/comity/internal/enforcement"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// caseRoutes are the tabs of a case and what is done on them.
func (p *pages) caseRoutes(on on) {
	on("GET /cases/{case}", p.overviewTab)
	on("POST /cases/{case}/officer", p.assign)
	on("POST /cases/{case}/questions", p.askInformation)
	on("POST /cases/{case}/questions/{rfi}/close", p.closeInformation)
	on("POST /cases/{case}/questions/{rfi}/extend", p.extendInformation)
	on("GET /cases/{case}/items", p.itemsTab)
	on("POST /cases/{case}/items/{line}", p.confirmItem)
	on("GET /cases/{case}/parties", p.partiesTab)
	on("POST /cases/{case}/hits/{hit}", p.resolveHit)
	on("POST /cases/{case}/parties/{party}/register", p.linkParty)
	on("GET /cases/{case}/documents", p.documentsTab)
	on("GET /cases/{case}/documents/{document}", p.download)
	on("GET /cases/{case}/notes", p.notesTab)
	on("POST /cases/{case}/notes", p.writeNote)
	on("POST /cases/{case}/notes/read", p.readNotes)
	on("GET /cases/{case}/history", p.historyTab)
}

// overview is what the overview needs besides the case.
type overview struct {
	Form      ui.Form
	Officers  []store.AccountRow  // for assigning, where the reader may
	Touching  []store.InformedRow // informed letters of other cases that touch this one
	Asks      bool                // the reader may ask the applicant
	Closes    bool
	AskWanted bool                // the form for questions is open
	Record    *enforcement.Record // what is final about the exporter
	Days      int                 // period for an answer, as the pack has it
	Unit      deadline.Unit
	Reported  node.Reported // what is here about whom and what it names
}

func (p *pages) overviewTab(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.open(w, r); ok {
		p.drawOverview(w, r, http.StatusOK, v, ui.FormOf("questions", r.URL.Query().Get("ask")))
	}
}

func (p *pages) drawOverview(w http.ResponseWriter, r *http.Request, status int, v *caseView, form ui.Form) {
	o := overview{
		Form: form, Asks: v.takes(access.CaseAsk, "case.ask_information"), Closes: v.takes(access.CaseAsk, "case.close_information"),
		AskWanted: r.URL.Query().Has("ask") || form.Value("questions") != "",
	}
	engines, err := p.App.Engines(r.Context())
	if err == nil {
		v.Cited, err = p.App.Cited(r.Context(), v.Reader, v.Case.App().Cites(v.Kind))
	}
	if err == nil {
		o.Touching, err = p.App.InformedAbout(r.Context(), v.Reader, v.Case)
	}
	if err == nil {
		o.Reported, err = p.App.ReportedAbout(r.Context(), v.Reader, v.Case.App())
	}
	if err == nil {
		o.Record, err = p.App.ExporterRecord(r.Context(), v.Reader, v.Case.Org)
	}
	if err == nil {
		if x, found := engines.Pack.Period("rfi_limit"); found {
			o.Days, o.Unit = x.Days, deadline.CalendarDays
			if x.Working {
				o.Unit = deadline.WorkingDays
			}
		}
		if v.takes(access.CaseAssign, "case.assign") {
			err = p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
				o.Officers, err = t.Officers(access.LicensingOfficer)
				return err
			})
			if err == nil {
				v.Touching, err = p.App.InterestsIn(r.Context(), v.Reader, v.Case, append(accountsOf(o.Officers), v.Reader.Account, v.Case.Officer))
			}
		}
	}
	if err != nil {
		p.Fail(w, r, fault.Wrap(err, "authority: overview"))
		return
	}
	p.draw(w, r, status, v, tabOverview, form, overviewView(v, o))
}

func accountsOf(rows []store.AccountRow) (ids []string) {
	for _, a := range rows {
		ids = append(ids, a.ID)
	}
	return ids
}

// answering opens the case that a form is about and reads the form.
func (p *pages) answering(w http.ResponseWriter, r *http.Request) (*caseView, bool) {
	v, ok := p.open(w, r)
	return v, ok && p.ReadForm(w, r)
}

// again draws the overview with a form that was refused.
func (p *pages) again(w http.ResponseWriter, r *http.Request) func(int, *caseView, ui.Form) {
	return func(status int, v *caseView, form ui.Form) { p.drawOverview(w, r, status, v, form) }
}

// assign gives the case to an officer, or takes it away with a reason.
func (p *pages) assign(w http.ResponseWriter, r *http.Request) {
	v, ok := p.answering(w, r)
	if !ok {
		return
	}
	on := licensing.On{Case: v.ID()}
	if r.PostForm.Get("take") != "" {
		p.send(w, r, v, licensing.Unassign{On: on, Why: strings.TrimSpace(r.PostForm.Get("why"))}, "authority.officer.taken", "overview#officer", p.again(w, r))
		return
	}
	p.send(w, r, v, licensing.Assign{On: on, Officer: r.PostForm.Get("officer")}, "authority.officer.given", "overview#officer", p.again(w, r))
}

// maxQuestions bounds the questions of one request, as the domain does.
const maxQuestions = 100

// askInformation asks the applicant: a question a paragraph. Each gets an id, so
// that the answer can be laid beside it.
func (p *pages) askInformation(w http.ResponseWriter, r *http.Request) {
	v, ok := p.answering(w, r)
	if !ok {
		return
	}
	bad := fault.New(fault.Invalid, "licensing.rfi.questions")
	due, _ := ui.ParseDate(r.PostForm, "due", bad)
	cmd := licensing.AskInformation{On: licensing.On{Case: v.ID()}, RFI: r.PostForm.Get("rfi"), Questions: questionsIn(r.PostForm)}
	if !due.IsZero() {
		cmd.Due = deadline.DateOf(due, nil)
	}
	if len(cmd.Questions) > maxQuestions {
		bad.Field("questions", "licensing.rfi.questions")
	}
	if err := bad.Or(); err != nil {
		p.refuse(w, r, v, err, p.again(w, r))
		return
	}
	p.send(w, r, v, cmd, "authority.rfi.asked", "overview#rfi-"+cmd.RFI, p.again(w, r))
}

// questionsIn cuts what was typed into questions: a blank line between two.
func questionsIn(form url.Values) []licensing.Question {
	var out []licensing.Question
	for _, text := range strings.Split(strings.ReplaceAll(form.Get("questions"), "\r\n", "\n"), "\n\n") {
		if text = strings.TrimSpace(text); text != "" {
			out = append(out, licensing.Question{ID: "q" + strconv.Itoa(len(out)+1), Text: text})
		}
	}
	return out
}

func (p *pages) closeInformation(w http.ResponseWriter, r *http.Request) {
	v, ok := p.answering(w, r)
	if !ok {
		return
	}
	rfi := r.PathValue("rfi")
	cmd := licensing.CloseInformation{On: licensing.On{Case: v.ID()}, RFI: rfi, Unanswered: r.PostForm.Get("finding") == "unanswered", Why: strings.TrimSpace(r.PostForm.Get("close." + rfi))}
	p.aboutRequest(w, r, v, cmd, rfi, "authority.rfi.closed", "close.")
}

// extendInformation gives the applicant more time.
func (p *pages) extendInformation(w http.ResponseWriter, r *http.Request) {
	v, ok := p.answering(w, r)
	if !ok {
		return
	}
	rfi := r.PathValue("rfi")
	cmd := licensing.ExtendInformation{On: licensing.On{Case: v.ID()}, RFI: rfi, Why: strings.TrimSpace(r.PostForm.Get("extend." + rfi))}
	bad := fault.New(fault.Invalid, "licensing.rfi.due")
	cmd.Due = ui.ParseDay(r.PostForm, "until."+rfi, bad)
	if err := bad.Or(); err != nil {
		p.refuse(w, r, v, err, p.again(w, r))
		return
	}
	p.aboutRequest(w, r, v, cmd, rfi, "authority.rfi.extended", "extend.")
}

// aboutRequest gives a command about a request and goes back to it; the fields of
// the form are named by the request.
func (p *pages) aboutRequest(w http.ResponseWriter, r *http.Request, v *caseView, cmd any, rfi, done, why string) {
	opts, err := seenBy(r.PostForm, v.ID(), cmd)
	if err == nil {
		err = p.App.Do(r.Context(), v.Reader, cmd, opts...)
	}
	if err != nil {
		p.refuse(w, r, v, door.Renamed(door.Renamed(err, "why", why+rfi), "due", "until."+rfi), p.again(w, r))
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: done})
	ui.SeeOther(w, r, v.href("overview#rfi-"+rfi))
}

// historyTab is the case's history from the ledger, the latest first.
func (p *pages) historyTab(w http.ResponseWriter, r *http.Request) {
	v, ok := p.open(w, r)
	if !ok {
		return
	}
	history, err := p.App.Timeline(r.Context(), v.Reader, v.ID())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	events := make([]ui.Event, 0, len(history))
	proofs := !access.ScopeOf(v.Reader, access.LedgerRead).Empty()
	for i := len(history) - 1; i >= 0; i-- {
		events = append(events, eventOf(r, history[i], proofs))
	}
	p.draw(w, r, http.StatusOK, v, tabHistory, ui.FormOf(), historyView(events))
}

func eventOf(r *http.Request, m node.Moment, proofs bool) ui.Event {
	e := ui.Event{Text: sentence(r.Context(), m), Time: m.Time, By: byWhom(r.Context(), m.Actor), ID: "seq-" + strconv.FormatInt(m.Seq, 10)}
	if proofs {
		e.Proof = "/record/" + strconv.FormatInt(m.Seq, 10)
	}
	return e
}
