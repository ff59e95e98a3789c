package listing

import (
	"net/http"
	"strings"

	"github.com/comity-project/comity/controls"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/web/classified"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// classifyPage asks what a described item may be and, once that was asked, answers.
type classifyPage struct {
	Form ui.Form
	Item *classified.Interview
}

// Inputs of the page.
const (
	inputText = "text"
	inputName = "name"
	inputCode = "code"
)

func (p pages) classifyForm(w http.ResponseWriter, r *http.Request) {
	p.drawClassify(w, r, http.StatusOK, classifyPage{Form: ui.FormOf()})
}

func (p pages) drawClassify(w http.ResponseWriter, r *http.Request, status int, v classifyPage) {
	frame := p.frame(w, r, "controls", door.T(r, "listing.classify.title"))
	frame.Crumbs = []ui.Link{{Text: door.T(r, "listing.controls.title"), Href: "/controls"}, {Text: frame.Title}}
	frame.Form = &v.Form
	ui.Render(w, r, status, classifyView(frame, v))
}

// classify answers. The description travels in the body of the request and is
// kept nowhere.
func (p pages) classify(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	f := r.PostForm
	it := controls.Item{
		Name: strings.TrimSpace(f.Get(inputName)), Description: strings.TrimSpace(f.Get(inputText)),
		ClaimedCode: strings.TrimSpace(f.Get(inputCode)), Answers: classified.Answers(f, ""),
	}
	if it.Description == "" {
		err := fault.New(fault.Invalid, "listing.classify.invalid").Field(inputText, "listing.classify.empty")
		p.Again(w, r, err, func(status int, form ui.Form) { p.drawClassify(w, r, status, classifyPage{Form: form}) })
		return
	}
	e, err := p.engines(r)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	v := classifyPage{Form: ui.NewForm(f, nil), Item: &classified.Interview{Method: "post", Action: "/controls/classify#answer"}}
	for _, name := range []string{inputText, inputName, inputCode} {
		v.Item.Hidden = append(v.Item.Hidden, classified.Hidden{Name: name, Value: f.Get(name)})
	}
	v.Item.Result, v.Item.Answered = e.Controls.Interview(it)
	p.drawClassify(w, r, http.StatusOK, v)
}
