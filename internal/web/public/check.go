package public

import (
	"net/http"
	"time"

	"github.com/comity-project/comity/internal/genuine"
	"github.com/comity-project/comity/internal/lang"
	"github.com/comity-project/comity/internal/licensing"
	"github.com/comity-project/comity/internal/web/door"
	"github.com/comity-project/comity/internal/web/ui"
)

// checkTime is how long an answer of the public check takes at least: longer
// than the look-up, so that a code that is unknown, one that is revoked and one
// over the rate limit can't be told apart by their timing.
const checkTime = 150 * time.Millisecond

// check answers whether a licence is genuine. The code comes in a form, never
// in an address, so that it is in no log and no history.
func (p pages) checkRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /check", func(w http.ResponseWriter, r *http.Request) { p.drawCheck(w, r, ui.FormOf(), nil, nil) })
	mux.HandleFunc("GET /check/not-in-force", p.notInForce)
	mux.HandleFunc("GET /check/key", p.checkKey)
	limited := func(w http.ResponseWriter, r *http.Request) { p.answerCheck(w, r, true) }
	mux.Handle("POST /check", door.Limit(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.answerCheck(w, r, false) }),
		2*time.Second, 20, limited))
}

func (p pages) answerCheck(w http.ResponseWriter, r *http.Request, limited bool) {
	done := time.After(checkTime)
	if !p.ReadForm(w, r) {
		return
	}
	// Whoever asks too fast gets the answer for an unknown code.
	code := r.PostForm.Get("code")
	if limited {
		code = ""
	}
	var mark *genuine.Mark
	if genuine.Is(code) {
		m, err := p.App.ReadMark(code)
		if code = ""; err == nil {
			mark, code = &m, m.Code
		}
	}
	answer, err := p.App.PublicCheck(r.Context(), code)
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	select {
	case <-done:
	case <-r.Context().Done():
		return
	}
	p.drawCheck(w, r, ui.NewForm(r.PostForm, nil), &answer, mark)
}

// notInForce gives the list for those who check without a network, and the key
// that it and every licence's square code are signed with.
func (p pages) notInForce(w http.ResponseWriter, r *http.Request) {
	list, err := p.App.NotInForce(r.Context())
	if err != nil {
		p.Fail(w, r, err)
		return
	}
	plainFile(w, "not-in-force.txt", list)
}

func (p pages) checkKey(w http.ResponseWriter, _ *http.Request) {
	plainFile(w, "licences.pub", []byte(p.App.PublicKey()+"\n"))
}

func plainFile(w http.ResponseWriter, name string, body []byte) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	w.Header().Set("Cache-Control", "public, max-age=300")
	_, _ = w.Write(body)
}

func (p pages) drawCheck(w http.ResponseWriter, r *http.Request, form ui.Form, answer *licensing.PublicAnswer, mark *genuine.Mark) {
	frame := p.frame(w, r, "public.check.title")
	frame.Narrow = true
	ui.Render(w, r, http.StatusOK, checkView(frame, form, answer, mark, lang.From(r.Context()).Date(p.App.Now())))
}
