package door

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/comity-project/comity/internal/fault"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/node"
	"github.com/comity-project/comity/internal/web/ui"
)

// Routes adds the pages of signing in and of one's own account.
func (d *Door) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /sign-in", d.signInPage)
	mux.HandleFunc("POST /sign-in", d.signIn)
	mux.HandleFunc("POST /sign-out", d.signOut)
	mux.HandleFunc("GET /account", d.accountPage)
	mux.HandleFunc("POST /account/password", d.changePassword)
	mux.HandleFunc("POST /account/second-factor", d.changeSecondFactor)
	mux.HandleFunc("GET /account/second-factor.png", d.secondFactorImage)
	mux.HandleFunc("POST /account/calendar", d.changeCalendar)
	mux.HandleFunc("POST /account/keys", d.changeKeys)
	mux.HandleFunc("GET /calendar/{token}", d.calendar)
	d.noticeRoutes(mux)
}

// kept is a form that was sent after the session had ended. It goes through the
// browser and comes back after the sign-in: nothing of it is stored here.
type kept struct {
	Path   string     `json:"p"`
	Values url.Values `json:"v"`
}

// maxKept bounds it, in bytes; base64 makes it a third larger.
const maxKept = 512 << 10

func (k kept) encode() string {
	b, err := json.Marshal(k)
	if err != nil || len(b) > maxKept {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func decodeKept(s string) (k kept, ok bool) {
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil || s == "" || json.Unmarshal(b, &k) != nil {
		return kept{}, false
	}
	return k, localPath(k.Path)
}

// localPath tells whether a path leads into this site and nowhere else.
func localPath(p string) bool {
	return strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "//") && !strings.ContainsAny(p, "\\\r\n\t")
}

func (d *Door) askToSignIn(w http.ResponseWriter, r *http.Request) {
	values := url.Values{}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		if r.URL.Path != "/" {
			values.Set("next", r.URL.RequestURI())
		}
		ui.SeeOther(w, r, "/sign-in?"+values.Encode())
		return
	}
	if readForm(w, r, FormLimit) == nil {
		values.Set("kept", kept{r.URL.RequestURI(), r.PostForm}.encode())
	}
	d.drawSignIn(w, r, http.StatusUnauthorized, ui.NewForm(values, lang.Fault(lang.From(r.Context()), fault.New(fault.SignIn, "fault.sign_in"))), false)
}

func (d *Door) signInPage(w http.ResponseWriter, r *http.Request) {
	if a := Actor(r.Context()); a.Account != "" {
		ui.SeeOther(w, r, HomeOf(a))
		return
	}
	d.drawSignIn(w, r, http.StatusOK, ui.FormOf("next", r.URL.Query().Get("next")), false)
}

func (d *Door) drawSignIn(w http.ResponseWriter, r *http.Request, status int, form ui.Form, code bool) {
	frame := d.Frame(w, r, ui.Public, lang.From(r.Context()).T("door.sign_in.title"))
	frame.Form, frame.Narrow = &form, true
	ui.Render(w, r, status, signInView(frame, form, d.People, code))
}

func (d *Door) signIn(w http.ResponseWriter, r *http.Request) {
	if !d.ReadForm(w, r) {
		return
	}
	name := strings.TrimSpace(r.PostForm.Get("name"))
	again := func(err error, code bool) {
		r.PostForm.Del("password")
		problem := lang.Fault(lang.From(r.Context()), err)
		d.drawSignIn(w, r, problem.Status, ui.NewForm(r.PostForm, problem), code)
	}
	byAddress, byName := "a"+Address(r), "n"+strings.ToLower(name)
	if !d.tries.may(byAddress) || !d.tries.may(byName) {
		again(fault.New(fault.TooMany, "fault.too_many"), false)
		return
	}
	token, err := d.App.SignIn(r.Context(), name, r.PostForm.Get("password"), strings.ReplaceAll(r.PostForm.Get("code"), " ", ""))
	if err != nil {
		// Only what fails counts; asking for the code is no failure.
		if !errors.Is(err, node.ErrSecondFactor) {
			d.tries.allow(byAddress)
			d.tries.allow(byName)
		}
		again(err, errors.Is(err, node.ErrSecondFactor) || r.PostForm.Has("code"))
		return
	}
	d.setToken(w, token)
	if k, ok := decodeKept(r.PostForm.Get("kept")); ok {
		frame := d.Frame(w, r, ui.Public, lang.From(r.Context()).T("door.kept.title"))
		frame.Narrow = true
		ui.Render(w, r, http.StatusOK, keptView(frame, k))
		return
	}
	next := r.PostForm.Get("next")
	if !localPath(next) {
		next = "/home"
	}
	ui.SeeOther(w, r, next)
}

func (d *Door) signOut(w http.ResponseWriter, r *http.Request) {
	if token, ok := d.token(r); ok {
		if err := d.App.SignOut(r.Context(), token); err != nil {
			d.Fail(w, r, err)
			return
		}
	}
	d.dropToken(w)
	ui.SetFlash(w, r, ui.Flash{Key: "door.signed_out"})
	ui.SeeOther(w, r, "/sign-in")
}
