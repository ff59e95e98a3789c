package evidence

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/access"
	"github.com/comity-project/comity/internal/evidence"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/store"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// questionsView is a page of questions.
type questionsView struct {
	Rows  []store.QuestionRow
	Next  string
	Form  ui.Form
	Today string
	May   bool
}

func (p pages) questions(w http.ResponseWriter, r *http.Request) {
	q, actor := r.URL.Query(), door.Actor(r.Context())
	v := questionsView{Form: ui.NewForm(q, nil), Today: string(p.today()), May: keeps(r, "")}
	ask := store.Questions{Scope: access.ScopeOf(actor, access.EvidenceRead), State: q.Get("state"), Country: q.Get("country"), Party: q.Get("party"), At: q.Get("at"), After: q.Get("after"), Limit: pageSize + 1}
	if q.Get("mine") != "" {
		ask.Asker = actor.Account
	}
	if q.Get("late") != "" {
		ask.Late = v.Today
	}
	err := p.App.Store().View(r.Context(), func(t *store.Tx) (err error) {
		v.Rows, err = t.ListQuestions(ask)
		return err
	})
	if err != nil {
		p.Fail(w, r, fault.Wrap(err, "evidence: questions"))
		return
	}
	if len(v.Rows) > pageSize {
		v.Rows = v.Rows[:pageSize]
		last := v.Rows[pageSize-1]
		next := url.Values{"after": {last.ID}, "at": {last.Due}}
		for _, k := range []string{"state", "country", "party", "mine", "late"} {
			if x := q.Get(k); x != "" {
				next.Set(k, x)
			}
		}
		v.Next = "/questions?" + next.Encode()
	}
	ui.Render(w, r, http.StatusOK, questionsPage(p.frame(w, r, door.T(r, "evidence.questions.title"), ui.Link{Text: door.T(r, "evidence.title"), Href: "/evidence"}), v))
}

// newQuestionView is the form by which a question is put. What it is about comes
// along from where it was asked.
type newQuestionView struct {
	Form         ui.Form
	ID           string
	States       []ui.StateOption
	Compartments []ui.Option
	Party        string // name of the register's entry that it is about
	Reference    string // of the case that it is asked for
}

func (p pages) newQuestion(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("of") == string(evidence.Partner) {
		if due, err := p.App.ConsultationDue(r.Context()); err != nil {
			p.Fail(w, r, err)
			return
		} else if !due.IsZero() {
			ui.DateValues(q, "due", due)
		}
	}
	p.drawNewQuestion(w, r, http.StatusOK, node.NewID(), ui.NewForm(q, nil))
}

func (p pages) drawNewQuestion(w http.ResponseWriter, r *http.Request, status int, id string, form ui.Form) {
	if !keeps(r, "") {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	v := newQuestionView{Form: form, ID: id, States: ui.States(ui.P(r.Context()), p.Door.States), Compartments: compartments(r)}
	if register := form.Value("party"); register != "" {
		v.Party = p.partyName(r, register)
	}
	if c := form.Value("case"); c != "" {
		err := p.App.Store().View(r.Context(), func(t *store.Tx) error {
			refs, err := t.References([]string{c}, access.ScopeOf(door.Actor(r.Context()), access.CaseRead))
			v.Reference = refs[c]
			return err
		})
		if err == nil && v.Reference == "" {
			err = fault.New(fault.NotFound, "fault.not_found")
		}
		if err != nil {
			p.Fail(w, r, err)
			return
		}
	}
	frame := p.frame(w, r, door.T(r, "evidence.ask.title"), ui.Link{Text: door.T(r, "evidence.questions.title"), Href: "/questions"})
	frame.Form = &v.Form
	ui.Render(w, r, status, newQuestionPage(frame, v))
}

func (p pages) ask(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	form, bad := r.PostForm, fault.New(fault.Invalid, "evidence.invalid")
	cmd := evidence.Ask{
		OnQuestion: evidence.OnQuestion{Question: form.Get("id")}, Of: evidence.Asked(form.Get("of")), Words: evidence.Asking{Whom: form.Get("whom"), Text: form.Get("text")},
		Country: form.Get("country"), Party: form.Get("party"), Case: form.Get("case"), Fact: form.Get("fact"),
		Marking: evidence.Marking(form.Get("marking")), Compartment: form.Get("compartment"), Due: ui.ParseDay(form, "due", bad),
	}
	err := bad.Or()
	if err == nil {
		err = p.App.Do(r.Context(), door.Actor(r.Context()), cmd, node.Once(cmd.Question))
	}
	if err != nil {
		p.Again(w, r, err, func(status int, f ui.Form) { p.drawNewQuestion(w, r, status, cmd.Question, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "evidence.ask.done"})
	ui.SeeOther(w, r, "/questions/"+url.PathEscape(cmd.Question))
}

// questionView is one question.
type questionView struct {
	*node.QuestionFile
	Today string
	May   bool // the reader may act on it, and it is open
	Clock ui.Clock
}

func (v questionView) name(account string) string {
	if n := v.Names[account]; n != "" {
		return n
	}
	return account
}

func (v questionView) href(act string) string {
	return "/questions/" + url.PathEscape(v.ID) + "/" + act
}

// questionActs are what can be done to an open question, in their order.
var questionActs = []string{"hold", "chase", "answer", "give-up"}

func (p pages) openQuestionFile(w http.ResponseWriter, r *http.Request) (v questionView, ok bool) {
	f, err := p.App.QuestionFile(r.Context(), door.Actor(r.Context()), r.PathValue("question"))
	if err != nil {
		p.Fail(w, r, err)
		return v, false
	}
	v = questionView{QuestionFile: f, Today: string(p.today()), May: keeps(r, f.Compartment) && f.Open() && f.Erased == nil}
	v.Clock = dueClock(string(f.Due), v.Today, !f.Open())
	return v, true
}

// dueClock is how a day that an answer is due stands, in calendar days: the body
// that answers has free days of its own.
func dueClock(due, today string, done bool) ui.Clock {
	d, errD := time.Parse(time.DateOnly, due)
	t, errT := time.Parse(time.DateOnly, today)
	if errD != nil || errT != nil {
		return ui.Clock{}
	}
	return ui.Clock{Due: d, DaysLeft: int(d.Sub(t).Hours() / 24), Calendar: true, Done: done}
}

func (p pages) question(w http.ResponseWriter, r *http.Request) {
	if v, ok := p.openQuestionFile(w, r); ok {
		ui.Render(w, r, http.StatusOK, questionPage(p.questionFrame(w, r, v, questionTitle(r.Context(), v)), v))
	}
}

func questionTitle(ctx context.Context, v questionView) string {
	return ui.T(ctx, "evidence.question.to", "whom", v.Words.Whom)
}

func (p pages) questionFrame(w http.ResponseWriter, r *http.Request, v questionView, title string) ui.Frame {
	crumbs := []ui.Link{{Text: door.T(r, "evidence.questions.title"), Href: "/questions"}}
	if own := questionTitle(r.Context(), v); own != title {
		crumbs = append(crumbs, ui.Link{Text: own, Href: "/questions/" + url.PathEscape(v.ID)})
	}
	return p.frame(w, r, title, crumbs...)
}

func (p pages) questionForm(w http.ResponseWriter, r *http.Request) {
	p.drawQuestionForm(w, r, http.StatusOK, ui.FormOf("marking", "", "item", node.NewID()))
}

func (p pages) drawQuestionForm(w http.ResponseWriter, r *http.Request, status int, form ui.Form) {
	v, ok := p.openQuestionFile(w, r)
	if !ok {
		return
	}
	act := r.PathValue("act")
	if !slices.Contains(questionActs, act) || !v.May {
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	frame := p.questionFrame(w, r, v, door.T(r, "evidence."+act+".title"))
	frame.Form = &form
	ui.Render(w, r, status, questionFormPage(frame, v, act, form))
}

func (p pages) changeQuestion(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	v, ok := p.openQuestionFile(w, r)
	if !ok {
		return
	}
	act, form, bad := r.PathValue("act"), r.PostForm, fault.New(fault.Invalid, "evidence.invalid")
	on, to := evidence.OnQuestion{Question: v.ID}, "/questions/"+url.PathEscape(v.ID)
	var cmd evidence.QuestionCommand
	switch act {
	case "hold":
		cmd = evidence.Hold{OnQuestion: on, Note: form.Get("note"), Due: ui.ParseDay(form, "due", bad)}
	case "chase":
		cmd = evidence.Chase{OnQuestion: on}
	case "give-up":
		cmd = evidence.GiveUp{OnQuestion: on, Why: form.Get("why")}
	case "answer":
		item := evidence.Add{
			OnItem: evidence.OnItem{Item: form.Get("item")}, Marking: evidence.Marking(form.Get("marking")), Compartment: v.Compartment,
			Grade: evidence.Grade(form.Get("reliability") + form.Get("credibility")), Published: ui.ParseDay(form, "published", bad), Expires: ui.ParseDay(form, "expires", bad),
			Language: strings.TrimSpace(form.Get("language")), Details: evidence.Details{Title: form.Get("title"), Says: form.Get("says")},
		}
		cmd, to = evidence.TakeAnswer{OnQuestion: on, Item: item}, "/evidence/"+url.PathEscape(item.Item)
	default:
		p.Fail(w, r, fault.New(fault.NotFound, "fault.not_found"))
		return
	}
	opts, err := seen(form, node.QuestionStream(v.ID))
	if err == nil {
		err = bad.Or()
	}
	if err == nil {
		err = p.App.Do(r.Context(), door.Actor(r.Context()), cmd, opts...)
	}
	if err != nil {
		p.Again(w, r, door.Renamed(err, "grade", "reliability"), func(status int, f ui.Form) { p.drawQuestionForm(w, r, status, f) })
		return
	}
	ui.SetFlash(w, r, ui.Flash{Key: "evidence." + act + ".done"})
	ui.SeeOther(w, r, to)
}
