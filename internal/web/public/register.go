package public

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/comity-project/comity/internal/account"
	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// The pages on which a company comes in by itself ask one thing each. What was
// typed before travels along in hidden inputs: nothing of it is stored, and
// nobody's address is in a link, before the last page is sent. The password is
// asked last, and never written back into a page.
type step struct {
	name   string
	fields []string // in the order of the page
}

var steps = []step{
	{"company", []string{"company", "country", "country.typed", "registry"}},
	{"person", []string{"name", "email"}},
	{"sign", []string{"sign", "password"}},
}

// The rate for each address: three pages for one company, with room for
// mistakes and for several companies behind one address.
const (
	registerEvery = 20 * time.Second
	registerBurst = 30
)

func (p pages) registerPage(w http.ResponseWriter, r *http.Request) {
	p.drawStep(w, r, http.StatusOK, 0, ui.FormOf("id", node.NewID(), "org", node.NewID()))
}

func (p pages) drawStep(w http.ResponseWriter, r *http.Request, status, n int, form ui.Form) {
	frame := p.frame(w, r, "public.register."+steps[n].name)
	frame.Form, frame.Narrow = &form, true
	ui.Render(w, r, status, registerView(frame, form, n, ui.States(ui.P(r.Context()), p.States)))
}

func (p pages) register(w http.ResponseWriter, r *http.Request) {
	if !p.ReadForm(w, r) {
		return
	}
	v := r.PostForm
	n := stepOf(v.Get("step"))
	if v.Get("back") != "" {
		p.drawStep(w, r, http.StatusOK, max(n-1, 0), ui.NewForm(v, nil))
		return
	}
	cmd := node.Register{
		Register: account.Register{
			Org: uuidOr(v.Get("org")), Name: v.Get("company"), Country: v.Get("country"), Registry: v.Get("registry"),
			Account: uuidOr(v.Get("id")), Profile: account.Profile{Name: v.Get("name"), Email: v.Get("email"), Sign: v.Get("sign")},
		},
		Password: v.Get("password"),
	}
	if n < len(steps)-1 {
		if err := upTo(n, cmd.Check()); err != nil {
			p.stepAgain(w, r, err, n)
			return
		}
		p.drawStep(w, r, http.StatusOK, n+1, ui.NewForm(v, nil))
		return
	}
	if err := p.App.Do(r.Context(), door.Actor(r.Context()), cmd, node.Once("register/"+cmd.Account)); err != nil {
		p.stepAgain(w, r, err, n)
		return
	}
	ui.SeeOther(w, r, "/register/done")
}

// stepAgain draws the page of the first input that is wrong, with what is wrong
// on it. What is wrong on later pages is said there.
func (p pages) stepAgain(w http.ResponseWriter, r *http.Request, err error, n int) {
	r.PostForm.Del("password")
	var f *fault.Error
	if errors.As(err, &f) && len(f.Fields) > 0 {
		for i := range steps {
			if e := upTo(i, err); e != nil {
				n, err = i, e
				break
			}
		}
	}
	p.Again(w, r, err, func(status int, form ui.Form) { p.drawStep(w, r, status, n, form) })
}

// upTo keeps what is wrong with the pages up to one of them.
func upTo(n int, err error) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	out := *f
	out.Fields = nil
	for _, s := range steps[:n+1] {
		for _, name := range s.fields {
			for _, field := range f.Fields {
				if field.Name == name {
					out.Fields = append(out.Fields, field)
				}
			}
		}
	}
	return out.Or()
}

func stepOf(name string) int {
	for i, s := range steps {
		if s.name == name {
			return i
		}
	}
	return 0
}

func uuidOr(id string) string {
	if len(id) == 36 && strings.Trim(id, "0123456789abcdef-") == "" {
		return id
	}
	return node.NewID()
}

// carried are the inputs of the other pages, to travel along.
func carried(form ui.Form, n int) url.Values {
	v := url.Values{}
	for _, name := range []string{"id", "org"} {
		v.Set(name, form.Value(name))
	}
	for i, s := range steps {
		for _, name := range s.fields {
			if i != n && name != "password" && form.Value(name) != "" {
				v.Set(name, form.Value(name))
			}
		}
	}
	return v
}

func (p pages) registered(w http.ResponseWriter, r *http.Request) {
	ui.Render(w, r, http.StatusOK, registeredView(p.frame(w, r, "public.register.done")))
}

// tooMany answers who comes too often.
func (p pages) tooMany(w http.ResponseWriter, r *http.Request) {
	p.Fail(w, r, fault.New(fault.TooMany, "fault.too_many"))
}
